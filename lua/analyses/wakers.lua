--- Which threads and interrupts wake which threads: how often, after what sleep, with what latency.
--
--   lttnga-run wakers my-trace/
--   lttnga-run wakers --procname postgres --by-process --sort slept my-trace/
--
-- The waker is the thread that did the wakeup, or the interrupt, softirq or timer; a thread that an
-- interrupt happened to interrupt is not the waker. Wakeups are those after which the thread got a CPU,
-- and the latency is the time until then; sleeps are those that ended (a new thread has not slept).
-- --tid and --procname choose who is woken, --filter 'waker_tid == 1234' by whom; --by-process
-- groups threads by the name of their process.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Who wakes whom (4 of 91)
--   Waker         Wakee          Wakeups  Latency  Average      Max      P99  Sleeps
--   --------------------------------------------------------------------------------
--   softirq RCU   rcu_pre… (15)      124   295 ms  2.38 ms  24.1 ms  21.5 ms     123
--   softir…TIMER  rcu_pre… (15)      108  44.2 ms   409 us  9.43 ms  9.42 ms     108
--   irq 26…eq.1)  ls (389)            76  7.64 ms   101 us  2.64 ms  2.64 ms      76
--   irq 28…eq.0)  kworker/… (9)       52  63.1 ms  1.21 ms  23.9 ms  23.9 ms      52
--   Columns not shown: Slept, Longest, Causes (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local text = require "lttnga.text"
local thread = require "lttnga.thread"

--- What says who woke.
local waker = { "waker_tid", "waker_pid", "waker_procname", "context", "irq", "irq_name",
  "softirq" }

--- An event or a field, those fields, and more.
local function with_waker(first, ...)
  local list, more = { first, table.unpack(waker) }, { ... }
  return table.move(more, 1, #more, #list + 1, list)
end

--- What threads are called: with --by-process as their processes are, of those that ran.
local function names_of(w)
  local process = {}
  for one in w.ran:by("pid", "process"):each "last" do
    process[one.pid or false] = one.process
  end
  return function(pid, procname)
    return pid and process[pid] or procname or "unknown"
  end
end

--- What rows are told apart by: who woke, and who was woken.
local function key_of(w, name)
  local by_process = w.options["by-process"]
  return function(one)
    local from, to = one.waker_tid, one.utid
    if by_process then
      from = from and name(one.waker_pid, one.waker_procname)
      to = name(one.pid, one.procname)
    end
    return ("%s\0%s\0%s\0%s\0%s"):format(to, from, not from and one.context,
      not from and one.irq, not from and (one.softirq or one.irq_name))
  end
end

--- Adds what is to be said of some statistics to a row: no times, if there are none.
local function add_statistics(row, one, name)
  row["n_" .. name] = one and one:count() or 0
  row[name], row["max_" .. name] = one and one:sum(), one and one:max()
end

--- Rows of pairs of who woke, and who was woken.
local function pair_rows(w)
  local name = names_of(w)
  local key = key_of(w, name)
  local spec = { of = with_waker("utid", "pid", "procname"), key = key,
    last = { "tid", "pid", "procname", "waker_procname" } }
  local rows = sums.by(w.latencies, spec)
  for _, row in ipairs(rows) do
    row.latencies, row.stats = row.stats, nil
  end
  for _, row in ipairs(sums.by(w.sleeps, spec, rows)) do
    add_statistics(row, row.latencies, "latency")
    add_statistics(row, row.stats, "slept")
    if row.latencies then
      row.average, row.p99 = row.latencies:mean(), row.latencies:quantile(0.99)
      row.rounded = math.floor(row.average + 0.5)
    end
    if w.options["by-process"] then
      row.procname, row.tid, row.pid = name(row.pid, row.procname), nil, nil
      row.waker_procname = row.waker_tid and name(row.waker_pid, row.waker_procname)
      row.waker_tid, row.waker_pid = nil, nil
    end
  end
  sums.count(rows, w.sleeps, { of = with_waker("utid", "pid", "procname"), key = key,
    what = "cause", otherwise = "unknown", as = "causes" })
  for _, row in ipairs(rows) do
    row.why, row.stats = sums.counts_text(row.causes), row.latencies
  end
  return rows
end

--- Of the texts between bars, that of the first whose fields are all there.
local WIDTHS = { -28, -26, 7, 13, 11, 12, 12, 7, 15, 12, -16 }

local TITLES = { "Waker", "Wakee", "Wakeups", "Latency", "Average", "Max", "P99", "Sleeps", "Slept",
  "Longest", " Causes" }

local line = {}
for i, cell in ipairs {
  "{waker_procname} ({waker_tid})|{waker_procname}|irq {irq} ({irq_name})|{irq_name}"
    .. "|softirq {softirq}|{context}|unknown",
  "{procname} ({tid})|{procname}|unknown ({tid})|unknown", "{n_latency}", "{latency:us}|",
  "{rounded:us}|", "{max_latency:us}|", "{p99:us}|", "{n_slept}", "{slept:us}|",
  "{max_slept:us}|", " {why}",
} do
  line[i] = { WIDTHS[i], cell, TITLES[i] }
end

return analysis {
  title = "Wakers",
  options = { "process", "cpu", "limit",
    { name = "by-process", help = "group threads by the name of their process" } },
  selects = { wakeup_latency = {}, sleep_end = {} },

  begin = function(w)
    w.latencies, w.sleeps, w.ran = stats.keyed(true), stats.keyed(), stats.totals()
  end,

  collect = function(options)
    local list = {
      with_waker("wakeup_latency", "utid", "tid", "pid", "procname", "duration"),
      with_waker("sleep_end", "utid", "tid", "pid", "procname", "cause", "duration"),
      -- What the process of a waker is called, nothing else tells.
      options["by-process"] and { "sched_slice", "pid", "process", "duration", into = "ran" }
        or nil,
    }
    list[1].into, list[2].into = "latencies", "sleeps"
    return list
  end,

  tables = {
    { "wakers", "Who wakes whom",
      { { "Waker", "process",
          { name = "waker_procname", tid = "waker_tid", pid = "waker_pid" }, key = true,
          with = "waker_procname" },
        { "Waker context", "string", "context", key = true },
        { "IRQ", "number", "irq", key = true },
        { "IRQ name", "string", "irq_name", key = true },
        { "Softirq", "string", "softirq", key = true },
        { "Wakee", "process", thread.fields, key = true },
        { "Wakeups", "number", "n_latency", compare = "sum" },
        { "Latency", "duration", "latency", compare = "sum" },
        { "Average latency", "duration", "average" }, { "Max latency", "duration", "max_latency" },
        { "P99 latency", "duration", "p99" }, { "Sleeps", "number", "n_slept", compare = "sum" },
        { "Slept", "duration", "slept", compare = "sum" },
        { "Longest sleep", "duration", "max_slept" },
        { "Causes", "counts", "causes", text = sums.counts_text } },
      by = function(row) return math.max(row.n_latency, row.n_slept) end,
      needs = { "sleep_end", "sleep_end.context" }, rows = pair_rows,
      text = { heading = text.columns(WIDTHS, table.unpack(TITLES)), line = line } },
  },
}
