--- Run queue latency as power-of-two histograms, like bcc's runqlat.
--
--   lttnga-run runqlat my-trace/
--   lttnga-run runqlat --per-process --procname postgres my-trace/
--
-- The latency is the time from when a thread becomes runnable (woken up, created or preempted) until
-- it runs. As in bcc, all of these count; --woken and --preempted select one kind. Unlike in bcc, a
-- wakeup counts from sched_waking, some microseconds before the thread is queued.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Run queue latency - all threads
--        From  Count   Share
--   --------------------------------------------------------------------------------
--       16 us      9   1.1 %  █▊
--       32 us    175  21.4 %  █████████████████████████████████▊
--       64 us    280  34.2 %  ██████████████████████████████████████████████████████
--      128 us    167  20.4 %  ████████████████████████████████▎
--      256 us     66   8.1 %  ████████████▊
--      512 us     21   2.6 %  ████
--    1.024 ms     16   2.0 %  ███▏
--    2.048 ms     14   1.7 %  ██▊
--    4.096 ms     38   4.6 %  ███████▍
--    8.192 ms     20   2.4 %  ███▉
--   16.384 ms     12   1.5 %  ██▍
--   32.768 ms      1   0.1 %  ▎

local analysis = require "lttnga.analysis"
local cpu_waits = require "lttnga.cpu_waits"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"

return analysis {
  title = "Run queue latency",
  options = { "process", "cpu", "duration", cpu_waits.woken, cpu_waits.preempted,
    { name = "per-process", short = "P", help = "a histogram of each process" },
    { name = "per-thread", short = "L", help = "a histogram of each thread" } },

  begin = function(w)
    w.waits = stats.keyed(true)
  end,

  collect = function(given)
    return cpu_waits.collect(given, { "pid", "tid", "process", "procname", "duration",
      into = "waits" })
  end,

  tables = {
    { "latency", "Run queue latency", frequency.columns "Count", needs = cpu_waits.needs,
      group = { { "Process", "process", { name = "process", pid = "pid" },
          with = "by_pid" }, { "Thread", "process", thread.fields, with = "by_tid" } },
      text = frequency.text, chart = frequency.chart,
      each = function(w)
        local of = w.options["per-thread"] and "tid" or w.options["per-process"] and "pid"
        local list = sums.by(w.waits, { of = of and { "tid", "pid" } or {},
          key = of == "tid" and thread.key or of and thread.process_keys(w.waits),
          last = { "tid", "pid", "process", "procname" } })
        for _, one in ipairs(list) do
          local name = w.renamed[one[of]] or of == "tid" and one.procname or one.process
          one.name = of and ("%s (%s %s)"):format(name or "unknown", of:upper(), one[of] or "?")
            or "all threads"
          one.group = of == "tid" and one or of and { process = name, pid = one.pid } or {}
          one.group["by_" .. (of or "")] = true
        end
        return frequency.tables("Run queue latency -", list, w.options, { log = true })
      end },
  },
}
