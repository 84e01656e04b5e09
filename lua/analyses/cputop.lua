--- Who used the CPUs: threads, the CPUs one by one, and all of them together.
--
--   lttnga-run cputop my-trace/
--   lttnga-run cputop --limit 3 --cpu 0,1 --timerange [12:18:50,12:18:55.5] my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Per-TID Usage                                                                            Process                   Migrations   Priorities
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████ 35.29 % lttng-consumerd (244)              4   [20]
--   ████████████████████████████████████████████                                     19.63 % ls (389)                           0   [20]
--   ██████████████████████                                                            9.80 % rcu_preempt (15)                  15   [20]
--
--   Per-CPU Usage
--   ################################################################################
--   ███████████████████████████████████████████████████████████████████              57.63 % CPU 0
--   ████████████████████████████████████████████████████████████████████████████████ 67.88 % CPU 1
--
--   Total CPU Usage: 62.76%

local analysis = require "lttnga.analysis"
local chooser = require "lttnga.chooser"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local priorities = require "lttnga.priorities"
local text = require "lttnga.text"
local top = require "lttnga.top"

--- Widths of what is behind the bars; see text.columns.
local WIDTHS = { -25, 10, 0 }

local function percent(ratio)
  return ("%.2f"):format(ratio * 100)
end

--- What part of the window a time is.
local function ratio(w, time)
  local length = w.last - w.first
  return length > 0 and time / length or 0
end

--- The thread with this TID, with the name that it has now.
local function thread_of(w, tid, pid, procname)
  local thread = w.threads:of(tid)
  local process = thread.process
  process.tid, process.pid = tid, pid or process.pid
  process.name = procname or process.name
  return thread
end

--- The CPUs that were asked for.
local function cpus_of(w)
  local asked, list = chooser.set(w.options.cpu), {}
  for _, cpu in ipairs(w.cpus) do
    if not w.options.cpu or asked[cpu] then
      list[#list + 1] = cpu
    end
  end
  return list
end

--- The row of all CPUs together.
local function total(w)
  local busy, unknown, cpus = 0, 0, cpus_of(w)
  for _, cpu in ipairs(cpus) do
    busy = busy + w.by_cpu:of(cpu).busy
    unknown = unknown + w.by_cpu:of(cpu).unknown
  end
  local n = math.max(#cpus, 1)
  return { ratio(w, busy) / n, ratio(w, unknown) / n }
end

--- What is written behind a usage: where events are missing, nobody knows who ran.
local function doubt(unknown)
  return unknown > 0 and (" (not known for %s %%)"):format(percent(unknown)) or ""
end

return analysis {
  title = "CPU usage",
  options = { "process", "cpu", "limit", { name = "top", hidden = true } },
  -- Where it is not known who ran, it may have been one of those who were asked for: threads are
  -- chosen here.
  filters = { "cpu" },

  begin = function(w)
    w.is_wanted = chooser.threads(w.options)
    w.threads = ordered.new(function()
      return { process = {}, time = 0, migrations = 0 }
    end)
    w.priorities = ordered.new(priorities.new)
    w.by_cpu = ordered.new(function() return { busy = 0, unknown = 0 } end)
  end,

  on = {
    sched_slice = function(w, cpu, tid, pid, procname, duration, busy, prio)
      local one = w.by_cpu:of(cpu)
      if busy and w.is_wanted(tid, procname) then
        local thread = thread_of(w, tid, pid, procname)
        thread.time = thread.time + duration
        w.priorities:of(tid):seen(prio)
        one.busy = one.busy + duration
      elseif busy == nil then
        one.unknown = one.unknown + duration
      end
    end,

    migration = function(w, tid, pid, procname)
      if w.is_wanted(tid, procname) then
        local thread = thread_of(w, tid, pid, procname)
        thread.migrations = thread.migrations + 1
      end
    end,

    prio_change = function(w, tid, prio, old_prio)
      local had = w.priorities:of(tid)
      had:seen(old_prio)
      had:add(prio)
    end,
  },

  tables = {
    { "per-process", "Per-TID Usage",
      { { "Process", "process" }, { "Migrations", "number" }, { "Priorities" },
        { "CPU usage", "ratio" } },
      needs = { "sched_slice" },
      rows = function(w)
        local best = top.new(w.options.limit)
        for _, thread in ipairs(w.threads.list) do
          best:add(thread.time, { thread.process, thread.migrations,
            w.priorities:of(thread.process.tid):text(), ratio(w, thread.time) })
        end
        return best:rows()
      end,
      text = graph.bars { value = 4, format = percent, unit = "%",
        header = text.columns(WIDTHS, "Process", "Migrations", "  Priorities"),
        label = function(row)
          return text.columns(WIDTHS, graph.process(row[1]), row[2], "  " .. row[3])
        end } },

    { "per-cpu", "Per-CPU Usage",
      { { "CPU", "cpu" }, { "CPU usage", "ratio" }, { "Unknown", "ratio" } },
      needs = { "sched_slice" },
      rows = function(w)
        local rows = {}
        for i, cpu in ipairs(cpus_of(w)) do
          local one = w.by_cpu:of(cpu)
          rows[i] = { cpu, ratio(w, one.busy), ratio(w, one.unknown) }
        end
        return rows
      end,
      text = graph.bars { value = 2, format = percent, unit = "%",
        label = function(row) return ("CPU %d%s"):format(row[1], doubt(row[3])) end } },

    { "total", "Total CPU Usage", { { "CPU usage", "ratio" }, { "Unknown", "ratio" } },
      needs = { "sched_slice" },
      rows = function(w) return { total(w) } end,
      text = function(result)
        local row = result.rows[1]
        return ("Total CPU Usage: %s%%%s\n"):format(percent(row[1]), doubt(row[2]))
      end },
  },
}
