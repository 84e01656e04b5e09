--- Where the time of each thread went: running, waiting for a CPU, sleeping, blocked.
--
--   lttnga-run schedstates my-trace/
--   lttnga-run schedstates --procname postgres --limit 3 my-trace/
--
-- Woken is the time from a wakeup until the thread got a CPU, preempted the time after it had
-- lost one. Asleep is waiting for something that may take forever, blocked for something that
-- should not (most often a disk), other is stopped or traced. States are cut at the borders of
-- the window. Time in which events were lost is in no column. "Blocked for" and "Asleep for" give
-- the causes: ongoing is a wait that had not ended; idle kernel threads are left out.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Time of threads (3 of 32)
--   Process                Running    Woken  Preempted  Blocked   Asleep    Other
--   -----------------------------------------------------------------------------
--   lttng-consumerd (244)  1.37 s   7.99 ms    74.6 ms  47.3 ms  2.29 s   0.00 us
--   ls (389)                761 ms  8.95 ms    3.31 ms  8.24 ms  0.00 us  0.00 us
--   rcu_preempt (15)        380 ms   339 ms    27.2 ms  0.00 us  2.98 s   0.00 us
--   Columns not shown: Blocked for, Asleep for (use --width N for wider lines)

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

--- Causes with their share, the largest ones: "disk 83%, lock 12%".
local function shares(causes)
  local all, parts = 0, {}
  for _, cause in ipairs(causes) do
    all = all + cause[2]
  end
  for i, cause in ipairs(causes) do
    parts[i] = i <= 3 and ("%s %.0f%%"):format(cause[1], 100 * cause[2] / all) or nil
  end
  return table.concat(parts, ", ")
end

local function columns()
  local list = { { "Process", "process", thread.fields, width = -25 } }
  for i, state in ipairs(states) do
    list[i + 1] = { state, "duration", state, compare = "sum" }
  end
  table.move({
    { "Blocked for", "counts", "uninterruptible", text = shares, width = -30 },
    { "Asleep for", "counts", "interruptible", text = shares, width = -30 },
  }, 1, 2, #list + 1, list)
  return list
end

--- By what threads are ranked: all the time in which they would have gone on, if they could.
local function wanted(row)
  return row.Running + row.Woken + row.Preempted + row.Blocked
end

--- Causes are shown in the order of their time, then by name.
local function longer(a, b)
  if a[2] ~= b[2] then
    return a[2] > b[2]
  end
  return a[1] < b[1]
end

return analysis {
  title = "Time of threads",
  options = { "process", "cpu", "limit" },

  begin = function(w)
    w.times = stats.totals()
  end,

  collect = {
    { "thread_state", "tid", "pid", "procname", "state", "cause", "duration", into = "times" },
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
    -- What threads waited for, the longest first. What goes on when the window ends has no cause yet.
    for _, row in ipairs(w.threads) do
      row.uninterruptible, row.interruptible = {}, {}
    end
    for time in w.times:by("tid", "state", "cause"):each() do
      local causes = w.threads.of[time.tid][time.state]
      if causes then
        causes[#causes + 1] = { time.cause or "ongoing", time.duration }
      end
    end
    for _, row in ipairs(w.threads) do
      table.sort(row.uninterruptible, longer)
      table.sort(row.interruptible, longer)
    end
  end,

  tables = {
    { "per-thread-states", "Time of threads", columns, by = wanted,
      text = "grid", heading = "%s (usec):", needs = { "thread_state" },
      rows = function(w) return w.threads end },
  },
}
