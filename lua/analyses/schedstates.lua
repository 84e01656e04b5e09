--- Where the time of each thread went: running, waiting for a CPU, sleeping, blocked.
--
--   lttnga-run schedstates my-trace/
--   lttnga-run schedstates --procname postgres --limit 3 my-trace/
--
-- Woken is the time from a wakeup until the thread got a CPU, preempted the time after it had lost
-- one; asleep it waited for something that may take for ever, blocked for something that should not
-- (a disk, most often), other is stopped or traced. Waits count where they end: one that began
-- before the window counts whole, one that goes on beyond it does not.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Time of threads (usec):
--   Process                          Running          Woken      Preempted        Blocked         Asleep          Other
--   lttng-consumerd (244)        1367623.380      10326.330      74561.400      47262.990          0.000          0.000
--   ls (389)                      760851.970       8949.280       3304.550       8243.760          0.000          0.000
--   rcu_preempt (15)              379846.430     338848.980      27155.070          0.000    2975703.500          0.000

local analysis = require "lttnga.analysis"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local text = require "lttnga.text"
local top = require "lttnga.top"
local units = require "lttnga.units"

--- What a thread can be doing, in the order of the columns.
local states = { "Running", "Woken", "Preempted", "Blocked", "Asleep", "Other" }

--- As which of them a sleep counts.
local sleeps = { interruptible = "Asleep", idle = "Asleep", uninterruptible = "Blocked" }

local function add(w, state, tid, pid, procname, duration)
  local thread = w.threads:of(tid)
  local process = thread.process
  process.tid, process.pid = tid, pid or process.pid
  process.name = procname or process.name
  thread[state] = thread[state] + duration
end

local function columns()
  local list = { { "Process", "process" } }
  for i, state in ipairs(states) do
    list[i + 1] = { state, "duration" }
  end
  return list
end

--- By what threads are ranked: all the time in which they would have gone on, if they could.
local function wanted(thread)
  return thread.Running + thread.Woken + thread.Preempted + thread.Blocked
end

local function write(result)
  if #result.rows == 0 then
    return ""
  end
  local lines, widths = { { "Process" } }, { -25 }
  for i, state in ipairs(states) do
    lines[1][i + 1] = state
    widths[i + 1] = 14
  end
  for r, row in ipairs(result.rows) do
    lines[r + 1] = { graph.process(row[1]) }
    for i = 1, #states do
      lines[r + 1][i + 1] = units.us(row[i + 1])
    end
  end
  return result.title .. " (usec):\n" .. text.join(text.grid(widths, lines))
end

return analysis {
  title = "Time of threads",
  options = { "process", "cpu", "limit" },

  begin = function(w)
    w.threads = ordered.new(function()
      local thread = { process = {} }
      for _, state in ipairs(states) do
        thread[state] = 0
      end
      return thread
    end)
  end,

  on = {
    sched_slice = function(w, busy, tid, pid, procname, duration)
      if busy then
        add(w, "Running", tid, pid, procname, duration)
      end
    end,
    wakeup_latency = function(w, tid, pid, procname, duration)
      add(w, "Woken", tid, pid, procname, duration)
    end,
    preempt_latency = function(w, tid, pid, procname, duration)
      add(w, "Preempted", tid, pid, procname, duration)
    end,
    sleep_end = function(w, tid, pid, procname, duration, state)
      add(w, sleeps[state] or "Other", tid, pid, procname, duration)
    end,
  },

  tables = {
    { "per-thread-states", "Time of threads", columns, text = write,
      needs = { "sched_slice", "wakeup_latency", "preempt_latency", "sleep_end" },
      rows = function(w)
        local best = top.new(w.options.limit)
        for _, thread in ipairs(w.threads.list) do
          local row = { thread.process }
          for i, state in ipairs(states) do
            row[i + 1] = thread[state]
          end
          best:add(wanted(thread), row)
        end
        return best:rows()
      end },
  },
}
