--- Which threads waited longest for a CPU after they had been woken.
--
--   lttnga-run schedtop my-trace/
--   lttnga-run schedtop --limit 3 --procname postgres my-trace/
--

local analysis = require "lttnga.analysis"
local family = require "lttnga.sched_family"
local top = require "lttnga.top"

return analysis {
  title = "Scheduling top",
  options = family.options,
  family = family.members,

  begin = function(w)
    w.longest = top.new(w.options.limit)
  end,

  on = {
    wakeup_latency = function(w, begin, time, duration, prio, cpu, tid, pid, procname, waker_tid,
        waker_pid, waker_procname)
      -- Most latencies are too short to matter: no row is made for them.
      if w.longest:takes(duration) then
        w.longest:add(duration, family.row(begin, time, duration, prio, cpu, tid, pid, procname,
          waker_tid, waker_pid, waker_procname))
      end
    end,
  },

  tables = {
    { "top", "Scheduling top", family.columns, text = family.text,
      needs = { "wakeup_latency" },
      rows = function(w) return w.longest:rows() end },
  },
}
