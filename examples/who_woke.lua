-- What ended the waits of threads for disks and locks, and how long they had waited.
--
--   lttnga-run examples/who_woke.lua build/example-trace
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Waits for disks and locks
--   Woken                            Count         Min     Average         Max       Stdev
--   --------------------------------------------------------------------------------------
--   Client manageme by kworker/1:0       1   13.099 ms   13.099 ms   13.099 ms           ?
--   Client manageme by RCU               1   27.497 ms   27.497 ms   27.497 ms           ?
--   bash by virtio1-requests            45   16.590 us  488.384 us    7.675 ms    1.299 ms
--   lttng-consumerd by kworker/u4:0      4    2.687 ms   11.816 ms   26.742 ms   11.336 ms
--   date by virtio1-requests             7   41.670 us  482.234 us    2.384 ms  851.077 us
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
    needs = { "sleep_end", "sleep_end.context" },
    rows = function(w) return w.waits:rows() end } },
}
