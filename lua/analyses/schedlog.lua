--- Every single time that a thread was woken and waited for a CPU, as they got it.
--
--   lttnga-run schedlog my-trace/
--   lttnga-run schedlog --procname postgres --min 5ms my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Scheduling log:
--   Wakeup               Switch                 Latency (us)   Priority  CPU   Wakee                       Cause     Waker
--   [15:36:40.221222150, 15:36:40.237731870]       16509.720         20    1   bash (393)                  thread    bash (363)
--   [15:36:40.398501500, 15:36:40.398597610]          96.110         20    1   wc (393)                    pipe      cat (392)
--   [15:36:40.412233170, 15:36:40.412326020]          92.850         20    1   wc (393)                    pipe      cat (392)

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
