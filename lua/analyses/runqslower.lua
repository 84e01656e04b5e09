--- Each long wait for a CPU, and which thread had the CPU before, like bcc's runqslower.
--
--   lttnga-run runqslower my-trace/
--   lttnga-run runqslower --min 1ms --procname postgres my-trace/
--
-- The default threshold is 10 ms; set another one with --min. TIME is when the thread got the CPU.
-- Waits are those of runqlat. ">" marks a wait that had not ended at the end of the time range.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Long waits for a CPU
--                                                                               PREV
--   TIME                COMM              TID            LAT  PREV COMM          TID
--   15:36:37.317652570  lttng-…umerd      244      28.001 ms  lttng              385
--   15:36:37.945819620  kworker/u4:1       25      26.655 ms  date               388
--   15:36:37.945954120  kworker/u4:0        9      36.140 ms  ksoftirqd/0         14

local analysis = require "lttnga.analysis"
local cpu_waits = require "lttnga.cpu_waits"
local ends = require "lttnga.ends"

return analysis {
  title = "Long waits for a CPU",
  options = { "process", "cpu", cpu_waits.woken, cpu_waits.preempted,
    { name = "min", value = "USEC", read = "microseconds", default = 10000000,
      filter = { "duration", ">=" },
      help = "only what took at least this long (default: 10ms)" } },

  collect = function(given)
    return cpu_waits.collect(given, { "time", "procname", "tid", "duration", "prev_procname",
      "prev_tid", into = "log" }, true)
  end,

  tables = {
    -- Waits go to w.log as they come.
    { "waits", "Long waits for a CPU",
      { { "TIME", "timestamp", "time", width = -18 }, { "COMM", "string", "procname", width = -16 },
        { "TID", "number", "tid" }, { "LAT", "duration", "duration", line = ends.duration },
        { "PREV COMM", "string", "prev_procname", width = -16 },
        { "PREV TID", "number", "prev_tid" }, { "Open", "bool", "open", hidden = true } },
      sorted = "log", needs = cpu_waits.needs },
  },
}
