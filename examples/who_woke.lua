-- By whom threads were woken that waited for a disk or a lock, and how long they had waited.
--
--   lttnga-run examples/who_woke.lua build/example-trace
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Waits for disks and locks (usec):
--   Woken                                    Count            Min        Average            Max          Stdev
--   ----------------------------------------------------------------------------------------------------------
--   Client manageme by kworker/1:0               1      13099.470      13099.470      13099.470              ?
--   Client manageme by RCU                       1      27496.950      27496.950      27496.950              ?
--   bash by virtio1-requests                    45         16.590        488.384       7674.550       1298.555
--   lttng-consumerd by kworker/u4:0              4       2687.000      11815.747      26742.200      11335.711
--   date by virtio1-requests                     7         41.670        482.234       2383.930        851.077
--   ...

local analysis, stats = require "lttnga.analysis", require "lttnga.stats"

return analysis {
  title = "Who ended waits",
  begin = function(w) w.waits = stats.group() end,
  on = {
    sleep_end = function(w, state, duration, procname, waker_procname, irq_name, softirq)
      if state == "uninterruptible" then
        local pair = ("%s by %s"):format(procname or "?", waker_procname
          or irq_name or softirq or "?")
        w.waits:add(pair, duration)
      end
    end,
  },
  tables = { { "waits", "Waits for disks and locks", stats.columns { "Woken", "string", "key" },
    unit = "usec", needs = { "sleep_end", "sleep_end.context" },
    rows = function(w) return w.waits:rows() end } },
}
