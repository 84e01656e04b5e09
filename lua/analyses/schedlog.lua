--- All waits of threads for a CPU after a wakeup, in the order in which they got it.
--
--   lttnga-run schedlog my-trace/
--   lttnga-run schedlog --procname postgres --min 5ms my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Scheduling log
--   Begin                     Latency  CPU  Wakee          Cause      Waker
--   15:36:40.221222150      16.510 ms    1  bash (393)     thread     bash (363)
--   15:36:40.398501500      96.110 us    1  wc (393)       pipe       cat (392)
--   15:36:40.412233170      92.850 us    1  wc (393)       pipe       cat (392)
--   Columns not shown: Prio (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.sched_family"

--- Waits that are over; those that go on when a window ends are collected beside them.
local latency = { "wakeup_latency", into = "log", set = ends.over, table.unpack(family.fields) }

return analysis {
  title = "Scheduling log",
  options = family.options_of "log",
  family = family.members,

  collect = { latency, ends.collect(latency, "wakeup_open") },

  tables = {
    -- Latencies go to w.log as they come.
    { "log", "Scheduling log", family.columns, sorted = "log", text = family.text,
      needs = family.needs },
  },
}
