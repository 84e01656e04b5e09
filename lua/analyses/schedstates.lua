--- Where the time of each thread went: running, waiting for a CPU, sleeping, blocked.
--
--   lttnga-run schedstates my-trace/
--   lttnga-run schedstates --procname postgres --limit 3 my-trace/
--
-- Woken is the time from a wakeup until the thread got a CPU, preempted the time after it had lost
-- one; asleep it waited for something that may take for ever, blocked for something that should not
-- (a disk, most often), other is stopped or traced. What goes on over a border of the window counts
-- within it. Where events are missing, what a thread did is in no column.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Time of threads (usec):
--   Process                          Running          Woken      Preempted        Blocked         Asleep          Other
--   lttng-consumerd (244)        1367623.380       7990.940      74561.400      47262.990    2293099.900          0.000
--   ls (389)                      760851.970       8949.280       3304.550       8243.760          0.000          0.000
--   rcu_preempt (15)              379846.430     338848.980      27155.070          0.000    2982181.940          0.000

local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"

--- What a thread can be doing, in the order of the columns.
local states = { "Running", "Woken", "Preempted", "Blocked", "Asleep", "Other" }

--- As which of them the states of thread_state count; others are "Other".
local columns_of = {
  running = "Running", woken = "Woken", preempted = "Preempted", uninterruptible = "Blocked",
  interruptible = "Asleep", idle = "Asleep",
}

local function columns()
  local list = { { "Process", "process", thread.fields, width = -25 } }
  for i, state in ipairs(states) do
    list[i + 1] = { state, "duration", state }
  end
  return list
end

--- By what threads are ranked: all the time in which they would have gone on, if they could.
local function wanted(row)
  return row.Running + row.Woken + row.Preempted + row.Blocked
end

return analysis {
  title = "Time of threads",
  options = { "process", "cpu", "limit" },

  begin = function(w)
    w.times = stats.totals()
  end,

  collect = {
    { "thread_state", "tid", "pid", "procname", "state", "duration", into = "times" },
  },

  finish = function(w)
    w.threads = sums.by(w.times, { of = { "tid" }, last = { "pid", "procname" } })
    for _, row in ipairs(w.threads) do
      for _, state in ipairs(states) do
        row[state] = 0
      end
    end
    for time in w.times:by("tid", "state"):each() do
      local row, state = w.threads.of[time.tid], columns_of[time.state] or "Other"
      row[state] = row[state] + time.duration
    end
  end,

  tables = {
    { "per-thread-states", "Time of threads", columns, by = wanted,
      text = "grid", heading = "%s (usec):", needs = { "thread_state" },
      rows = function(w) return w.threads end },
  },
}
