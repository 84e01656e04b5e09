--- Each time slice of each thread, and how long it waited before, like perf sched timehist.
--
--   lttnga-run timehist my-trace/
--   lttnga-run timehist --state --tid 390 --timerange 15:36:39,15:36:39.2 my-trace/
--   lttnga-run timehist --filter busy my-trace/
--
-- As in perf, time is when the thread left the CPU. Wait time is the whole time that it was off the
-- CPU before; sch delay is the part of it in which it was runnable, since it was woken up or
-- preempted. "-" is unknown; a new thread has no wait time. Slices are cut at the limits of the time
-- range. --filter busy leaves out idle CPUs.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Slices of CPU time
--                            task name
--   time                cpu  [tid/pid]           wait time    sch delay     run time
--   15:36:40.261818280    1  wc[393/393]                 -    16.510 ms    24.086 ms
--   15:36:40.390037860    1  wc[393/393]        629.600 us   629.600 us   127.590 ms
--   15:36:40.398059570    1  wc[393/393]        303.640 us   303.640 us     7.718 ms
--   15:36:40.411307380    1  wc[393/393]        538.040 us    96.110 us    12.710 ms
--   15:36:40.425574510    1  wc[393/393]          1.019 ms    92.850 us    13.248 ms
--   15:36:40.450146500    1  wc[393/393]        320.580 us   320.580 us    24.251 ms

local analysis = require "lttnga.analysis"
local thread = require "lttnga.thread"

--- What is collected of each slice.
local fields = { "time", "cpu", "procname", "tid", "pid", "wait", "delay", "duration", "state" }

--- A collect of the slices that are busy, or idle.
local function slices(busy, idle)
  return { "sched_slice", into = "log", only = { busy = { busy } }, set = { idle = idle },
    table.unpack(fields) }
end

return analysis {
  title = "Slices of CPU time",
  options = { "process", "cpu", "duration",
    { name = "state", short = "S", help = "show the state in which the thread left the CPU" } },

  collect = { slices(true), slices(false, "<idle>") },

  tables = {
    -- Slices go to w.log as they end.
    { "slices", "Slices of CPU time", function(given)
        return { { "time", "timestamp", "time", width = -18 }, { "cpu", "cpu", "cpu", width = 4 },
          { "task name", "process", thread.fields, width = -29, heading = "task name [tid/pid]",
            line = "{idle}|{procname}[{tid}/{pid}]|{procname}[{tid}]|[{tid}]" },
          { "wait time", "duration", "wait", line = "{wait:us}|-", spare = 1 },
          { "sch delay", "duration", "delay", line = "{delay:us}|-" },
          { "run time", "duration", "duration" },
          given.state and { "state", "string", "state", width = -15 } or nil }
      end,
      sorted = "log", needs = { "sched_slice", "wakeup" } },
  },
}
