--- CPU usage by thread, by CPU, and in total.
-- --fold prints folded stacks for flame graphs: the CPU time of each thread by system call.
--
--   lttnga-run cputop my-trace/
--   lttnga-run cputop --limit 3 --cpu 0,1 --timerange 15:36:38..15:36:40.5 my-trace/
--   lttnga-run cputop --fold my-trace/ | flamegraph.pl --countname ns > cpu.svg
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Per-TID Usage (3 of 32)
--   Process                CPU usage  Migrations  Priorities
--   --------------------------------------------------------------------------------
--   lttng-consumerd (244)    35.29 %           4    [20]      ██████████████████████
--   ls (389)                 19.63 %           0    [20]      ████████████▎
--   rcu_preempt (15)          9.80 %          15    [20]      ██████▏
--
--   Per-CPU Usage
--          CPU usage
--   --------------------------------------------------------------------------------
--   CPU 0    57.63 %  ████████████████████████████████████████████████████▋
--   CPU 1    67.88 %  ██████████████████████████████████████████████████████████████
--
--   Total CPU Usage: 62.76%

local analysis = require "lttnga.analysis"
local filters = require "lttnga.filters"
local fold = require "lttnga.fold"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local priorities = require "lttnga.priorities"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"

local function percent(ratio)
  return ("%.2f"):format(ratio * 100)
end

--- What part of the window a time is.
local function ratio(w, time)
  local length = w.time
  return length > 0 and time / length or 0
end

--- What is written behind a usage: where events are missing, nobody knows who ran.
local function doubt(unknown)
  if unknown <= 0 then
    return ""
  end
  local written = percent(unknown)
  return (" (not known for %s %%)"):format(written == "0.00" and "less than 0.01" or written)
end

--- Rows of the CPUs that were asked for: how long each was busy, and how long that is not known.
local function cpu_rows(w)
  local asked, rows, of = filters.set(w.options.cpu), {}, {}
  for _, cpu in ipairs(w.cpus) do
    if not w.options.cpu or asked[cpu] then
      of[cpu] = { cpu = cpu, busy = 0, unknown = 0 }
      rows[#rows + 1] = of[cpu]
    end
  end
  for slice in w.slices:by("cpu", "busy", "tid", "procname"):each() do
    local row = of[slice.cpu]
    if row and slice.busy then
      row.busy = row.busy + slice.duration
    elseif row and slice.busy == nil then
      row.unknown = row.unknown + slice.duration
    end
  end
  for _, row in ipairs(rows) do
    row.usage, row.not_known = ratio(w, row.busy), ratio(w, row.unknown)
  end
  return rows
end

--- The row of all CPUs together.
local function total(w)
  local busy, unknown, n = 0, 0, math.max(#w.cpu_rows, 1)
  for _, row in ipairs(w.cpu_rows) do
    busy, unknown = busy + row.busy, unknown + row.unknown
  end
  return { usage = ratio(w, busy) / n, not_known = ratio(w, unknown) / n }
end

--- Adds moves of a thread to another CPU to those before.
local function add_moves(move, n, pid, procname)
  move.n, move.pid, move.procname = move.n + n, pid or move.pid, procname or move.procname
end

--- Rows of threads: those that ran, and those that were only moved to another CPU.
local function thread_rows(w)
  local function wanted_tid(slice)
    return slice.busy and slice.tid or nil
  end
  local rows = sums.by(w.slices, { of = { "tid", "procname", "busy" }, key = wanted_tid,
    last = { "pid", "procname" } })
  for slice in w.slices:by("tid", "procname", "busy", "prio"):each() do
    if wanted_tid(slice) then
      w.priorities:of(slice.tid):seen(slice.prio)
    end
  end
  for _, move in ipairs(w.moves.list) do
    local row = rows.of[move.tid]
    if not row then
      row = move
      row.duration, rows[#rows + 1] = 0, row
    end
    row.migrations = move.n
  end
  for _, row in ipairs(rows) do
    row.migrations, row.usage = row.migrations or 0, ratio(w, row.duration)
    row.priorities = w.priorities:of(row.tid):list()
  end
  return rows
end

--- The time of threads by what it was spent on, as stacks.
local function stacks(w, add)
  for _, row in ipairs(sums.by(w.spent, { of = { "busy", "tid", "mode", "syscall" },
      last = { "pid", "procname", "process" } })) do
    if row.busy and row.tid then
      local process, label = fold.thread(w, row)
      add(row.duration, process, label, row.syscall or ("[%s]"):format(row.mode or "unknown"))
    end
  end
end

return analysis {
  title = "CPU usage",
  options = { "process", "cpu", "limit", { name = "top", hidden = true },
    fold.option "process;thread;call" },
  -- Where it is not known who ran, it may have been one of those who were asked for.
  selects = { sched_slice = { unless = "busy" }, cpu_time = { unless = "busy" }, migration = {} },

  begin = function(w)
    w.slices, w.spent = stats.totals(), stats.totals()
    w.priorities = ordered.new(priorities.new)
    w.moves = ordered.new(function(tid) return { tid = tid, n = 0 } end, function(move, more)
      add_moves(move, more.n, more.pid, more.procname)
    end)
  end,

  collect = function(options)
    return {
      { "sched_slice", "cpu", "busy", "tid", "pid", "procname", "prio", "duration",
        into = "slices" },
      options.fold and { "cpu_time", "busy", "tid", "pid", "procname", "process", "mode", "syscall",
        "duration", into = "spent" } or nil,
    }
  end,

  on = {
    migration = function(w, tid, pid, procname)
      add_moves(w.moves:of(tid), 1, pid, procname)
    end,

    prio_change = function(w, tid, prio, old_prio)
      w.priorities:of(tid):change(prio, old_prio)
    end,
  },

  finish = function(w)
    w.cpu_rows = cpu_rows(w)
  end,

  tables = {
    { "per-process", "Per-TID Usage",
      { { "Process", "process", thread.fields, width = -25 },
        { "Migrations", "number", "migrations", width = 10, compare = "sum" }, priorities.column,
        { "CPU usage", "ratio", "usage", compare = "share" } },
      by = "duration", needs = { "sched_slice" },
      rows = thread_rows,
      text = graph.bars { value = "cpu_usage", format = percent, unit = "%",
        show = { "process", "migrations", "priorities" } } },

    { "per-cpu", "Per-CPU Usage",
      { { "CPU", "cpu", "cpu" }, { "CPU usage", "ratio", "usage", compare = "share" },
        { "Unknown", "ratio", "not_known" } },
      needs = { "sched_slice" },
      rows = function(w) return w.cpu_rows end,
      text = graph.bars { value = "cpu_usage", format = percent, unit = "%",
        label = function(row) return ("CPU %d%s"):format(row.cpu, doubt(row.not_known)) end } },

    { "total", "Total CPU Usage",
      { { "CPU usage", "ratio", "usage", compare = "share" }, { "Unknown", "ratio", "not_known" } },
      needs = { "sched_slice" },
      rows = function(w) return { total(w) } end,
      text = function(result)
        local row = result.rows[1].record
        return ("Total CPU Usage: %s%%%s\n"):format(percent(row.usage), doubt(row.not_known))
      end },

    fold.table { "CPU time as stacks", needs = { "cpu_time" }, stacks = stacks },
  },
}
