--- Every single time that a thread was woken and waited for a CPU, in the order in which they got
-- it.
--
--   lttnga-run schedlog my-trace/
--   lttnga-run schedlog --procname postgres --min 5ms my-trace/
--

local analysis = require "lttnga.analysis"
local family = require "lttnga.sched_family"

return analysis {
  title = "Scheduling log",
  options = family.options,
  family = family.members,

  on = {
    wakeup_latency = function(w, begin, time, duration, prio, cpu, tid, pid, procname, waker_tid,
        waker_pid, waker_procname)
      w.log:add(time, family.row(begin, time, duration, prio, cpu, tid, pid, procname, waker_tid,
        waker_pid, waker_procname))
    end,
  },

  tables = {
    -- Rows go to w.log as they come.
    { "log", "Scheduling log", family.columns, text = family.text, sorted = "log",
      needs = { "wakeup_latency" } },
  },
}
