--- The longest waits of threads for a CPU after a wakeup.
--
--   lttnga-run schedtop my-trace/
--   lttnga-run schedtop --limit 3 --procname postgres my-trace/
--
-- The waker is a thread only if it did the wakeup itself, not if an interrupt did it while the
-- thread ran. In a trace without interrupt events, the waker may be a thread that was only
-- interrupted.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Scheduling top
--   Begin               Latency  Prio  CPU  Wakee            Cause  Waker
--   --------------------------------------------------------------------------------
--   15:36:37.919164530  26.7 ms    20    0  kworker/u… (25)  work   irq 29 (…-req.1)
--   15:36:37.661717150  24.1 ms    20    1  rcu_preem… (15)  work   softirq RCU
--   15:36:37.477885850  23.9 ms    20    0  kworker/u… (25)  work   irq 28 (…-req.0)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.sched_family"
local top = require "lttnga.top"

return analysis {
  title = "Scheduling top",
  options = family.options_of "top",
  family = family.members,

  begin = function(w)
    w.longest, w.open = top.new(w.options.limit), top.new(w.options.limit)
  end,

  on = {
    wakeup_latency = function(w, event, duration)
      -- Most latencies are too short to matter: nothing is kept of them.
      if w.longest:takes(duration) then
        w.longest:add(duration, ends.mark(event:copy(), ends.over))
      end
    end,

    -- Those who still wait when the window ends stand below them.
    wakeup_open = function(w, event, duration)
      if w.open:takes(duration) then
        w.open:add(duration, ends.mark(event:copy(), ends.open))
      end
    end,
  },

  tables = {
    { "top", "Scheduling top", family.columns, text = family.text,
      needs = family.needs,
      rows = function(w)
        local rows, open = w.longest:rows(), w.open:rows()
        return table.move(open, 1, #open, #rows + 1, rows)
      end },
  },
}
