--- How many threads waited for each CPU, how long, and who ran instead.
--
--   lttnga-run runqueue my-trace/
--   lttnga-run runqueue --tid 1234 --refresh 1s my-trace/
--
-- A waiting thread is runnable but has no CPU: it was woken, or it was preempted. It waits on the
-- queue of one CPU; the thread that ran there meanwhile is named as the culprit. "idle" means
-- that there was none: the CPU was still waking up, or the thread's cgroup had used up its quota
-- (cpu.max). --tid and --procname choose the waiting threads; --by-process groups threads by the
-- name of their process. The mean length is weighted by time. With --refresh it shows how this
-- changes over time. A wait is on no queue if nothing was seen of the thread before it was woken,
-- or if it is unknown which thread ran then (events were lost, or a CPU was offline): only Waits
-- and Longest count it.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Run queues
--   CPU  Mean length  Max length  Not empty      Waited  Unknown
--   ------------------------------------------------------------
--   0          0.119           5    10.17 %  459.376 ms   0.00 %
--   1          0.128           3    11.66 %  495.357 ms   0.00 %
--
--   Who waited for a CPU (3 of 32)
--   Process                  Woken  Preempted  Waits  Longest  Who ran instead
--   --------------------------------------------------------------------------------
--   rcu_preempt (15)        339 ms    27.2 ms    239  24.1 ms   date (387… (389) 15%
--   kworker/u4:0 (9)        121 ms    36.1 ms     72  36.1 ms   lttng-con…%, idle 1%
--   lttng-consumerd (244)  7.99 ms    74.6 ms    101  28.0 ms   lttng (38…t (15) 10%

local analysis = require "lttnga.analysis"
local filters = require "lttnga.filters"
local frequency = require "lttnga.frequency"
local graph = require "lttnga.graph"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"
local top = require "lttnga.top"

--- So many culprits are named beside each victim.
local NAMED = 3

--- Those that are no threads, by what stats.culprits calls them.
local nobody = { idle = "idle", unknown = "unknown", others = "others" }

local function ratio(part, whole)
  return whole > 0 and part / whole or 0
end

-- ---- Queues ----

--- Rows of the CPUs that were asked for, with the time that each length of their queue took.
local function queue_rows(w)
  local asked, rows, of = filters.set(w.options.cpu), {}, {}
  for _, cpu in ipairs(w.cpus) do
    if not w.options.cpu or asked[cpu] then
      of[cpu] = { cpu = cpu, known = 0, unknown = 0, busy = 0, waited = 0, max = 0, lengths = {} }
      rows[#rows + 1] = of[cpu]
    end
  end
  for one in w.queues:by("cpu", "length"):each() do
    local row, length, time = of[one.cpu], one.length, one.duration
    if row and length then
      row.known, row.waited = row.known + time, row.waited + length * time
      row.busy = row.busy + (length > 0 and time or 0)
      row.max = math.max(row.max, length)
      table.insert(row.lengths, { length = length, time = time })
    elseif row then
      row.unknown = row.unknown + time
    end
  end
  for _, row in ipairs(rows) do
    row.mean, row.occupied = ratio(row.waited, row.known), ratio(row.busy, row.known)
    row.not_known = ratio(row.unknown, row.known + row.unknown)
    table.sort(row.lengths, function(a, b) return a.length < b.length end)
    for _, one in ipairs(row.lengths) do
      one.share = ratio(one.time, row.known)
    end
  end
  return rows
end

local function percent(share)
  return ("%.2f"):format(share * 100)
end

-- ---- Waits ----

--- How many waits were how long.
local function distribution(w)
  local one = sums.by(w.waits, { of = {} })[1]
  return one and frequency.doubling(one.stats) or {}
end

-- ---- Who waited, and who ran ----

--- What threads are brought together by, and how they are called.
local function owners(w)
  local spec = { of = { "utid" }, last = { "tid", "pid", "procname", "process" } }
  local by_process = w.options["by-process"]
  local of = sums.by(w.ran, spec, sums.by(w.times, spec)).of
  return function(utid)
    local one = nobody[utid] and { procname = nobody[utid] } or of[utid] or {}
    if by_process or nobody[utid] then
      local name = nobody[utid] or one.process or one.procname or "unknown"
      return (nobody[utid] and "" or "=") .. name, { procname = name }
    end
    return utid, one
  end
end

--- Rows of those who waited, each with its culprits, the worst first.
local function victim_rows(w)
  local owner, rows, of = owners(w), {}, {}
  local function row_of(utid)
    local key, one = owner(utid)
    if not of[key] then
      of[key] = { tid = one.tid, pid = one.pid, procname = one.procname, woken = 0, preempted = 0,
        waited = 0, count = 0, max = 0, culprits = {}, by = {} }
      rows[#rows + 1] = of[key]
    end
    return of[key]
  end
  for time in w.times:by("utid", "state"):each() do
    local row = row_of(time.utid)
    row[time.state] = row[time.state] + time.duration
    row.waited = row.waited + time.duration
  end
  for wait in w.waits:by("utid"):each() do
    local row = row_of(wait.utid)
    row.count, row.max = row.count + wait.n, math.max(row.max, wait.stats:max())
  end
  for victim, culprit, time in w.culprits:each() do
    local row, key, one = row_of(victim), owner(culprit)
    local pair = row.by[key]
    if not pair then
      pair = { victim = row, culprit = one, time = 0 }
      row.by[key], row.culprits[#row.culprits + 1] = pair, pair
    end
    pair.time = pair.time + time
  end
  for _, row in ipairs(rows) do
    row.culprits = top.most(row.culprits, "time")
  end
  return rows
end

--- The worst culprits of a victim.
local function named(row)
  local list = {}
  for i = 1, math.min(NAMED, #row.culprits) do
    local pair = row.culprits[i]
    list[i] = ("%s %.0f%%"):format(thread.known_label { name = pair.culprit.procname,
      tid = pair.culprit.tid }, ratio(pair.time, row.waited) * 100)
  end
  return table.concat(list, ", ")
end

local function pair_rows(w)
  local rows = {}
  for _, row in ipairs(w.victims) do
    for _, pair in ipairs(row.culprits) do
      rows[#rows + 1] = { procname = row.procname, tid = row.tid, pid = row.pid,
        culprit = pair.culprit.procname, culprit_tid = pair.culprit.tid,
        culprit_pid = pair.culprit.pid, time = pair.time, share = ratio(pair.time, row.waited) }
    end
  end
  return rows
end

local function label(process)
  return thread.known_label(process)
end

local victim = { "Process", "process", thread.fields, text = label, width = -25 }
local waiting = { state = { "woken", "preempted" } }

return analysis {
  title = "Run queues",
  options = { "process", "cpu", "limit",
    { name = "by-process", help = "group threads by the name of their process" } },
  -- Whoever waits, all may be culprits.
  selects = { thread_state = {}, wakeup_latency = {}, preempt_latency = {} },

  begin = function(w)
    w.queues, w.times, w.ran = stats.totals(), stats.totals(), stats.totals()
    w.waits, w.culprits = stats.keyed(true), stats.culprits()
  end,

  collect = {
    { "run_queue", "cpu", "length", "duration", into = "queues" },
    { "thread_state", "utid", "tid", "pid", "procname", "process", "state", "duration",
      into = "times", only = waiting },
    { "wakeup_latency", "utid", "duration", into = "waits" },
    { "preempt_latency", "utid", "duration", into = "waits" },
    { "thread_state", "cpu", "begin", "time", victim = "utid", into = "culprits", only = waiting },
    { "sched_slice", "cpu", "begin", "time", "busy", culprit = "utid", into = "culprits" },
    { "sched_slice", "utid", "tid", "pid", "procname", "process", "duration", into = "ran",
      only = { busy = { true } } },
  },

  finish = function(w)
    w.cpu_queues, w.victims = queue_rows(w), victim_rows(w)
  end,

  merge = "replay",

  tables = {
    { "run-queues", "Run queues",
      { { "CPU", "cpu", "cpu" }, { "Mean length", "number", "mean", width = 12,
          text = function(mean) return ("%.3f"):format(mean) end },
        { "Max length", "number", "max", width = 11 },
        { "Not empty", "ratio", "occupied", width = 10 },
        { "Waited", "duration", "waited", width = 16, compare = "sum" },
        { "Unknown", "ratio", "not_known", width = 8 } },
      text = "grid", heading = "%s (usec):", needs = { "run_queue" },
      rows = function(w) return w.cpu_queues end },

    { "waiting", "Who waited for a CPU",
      { victim, { "Woken", "duration", "woken", width = 14, compare = "sum" },
        { "Preempted", "duration", "preempted", width = 14, compare = "sum" },
        { "Waits", "number", "count", width = 7, compare = "sum" },
        { "Longest", "duration", "max", width = 12 },
        { "Who ran instead", "string", named, indent = 1, width = -15 } },
      text = "grid", heading = "%s (usec):", by = "waited", needs = { "thread_state" },
      rows = function(w) return w.victims end },

    { "culprits", "Who ran while others waited",
      { { "Waited", "process", thread.fields, text = label, key = true, width = -25 },
        { "Ran", "process", { name = "culprit", tid = "culprit_tid", pid = "culprit_pid" },
          text = label, key = true, width = -25 },
        { "Time", "duration", "time", width = 14, compare = "sum" },
        { "Share", "ratio", "share", width = 8, compare = "share" } },
      text = "grid", heading = "%s (usec):", by = "time", needs = { "thread_state" },
      rows = pair_rows },

    { "run-queue-lengths", "Length of run queues", class = "Length of a run queue",
      { { "Length", "number", "length" }, { "Time", "duration", "time", compare = "sum" },
        { "Share", "ratio", "share", compare = "share" } },
      group = { { "CPU", "cpu", "cpu" } }, needs = { "run_queue" },
      each = function(w)
        local results = {}
        for i, row in ipairs(w.cpu_queues) do
          results[i] = { title = ("Length of the run queue of CPU %d"):format(row.cpu),
            rows = row.lengths, group = row }
        end
        return results
      end,
      text = graph.bars { value = "share", format = percent, unit = "%",
        label = function(row) return ("%d waiting"):format(row.length) end } },

    { "waits", "Waits for a CPU", frequency.columns "Waits", needs = { "wakeup_latency" },
      rows = distribution, text = frequency.text, chart = frequency.chart },
  },
}
