--- All waits of threads off the CPU, in the order in which they ended.
--
--   lttnga-run waitslog my-trace/
--   lttnga-run waitslog --procname postgres --cause lock --min 5ms my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Log of waits
--   Begin                   Duration  Thread             Cause     Waker
--   15:36:39.011452360   267.540 us   dd (390)           disk      irq 25 (…dd (390)
--   15:36:39.083934790   295.920 us   dd (390)           page      kworker/u4:0 (9)
--   15:36:39.092366970   417.820 us   dd (390)           lock      jbd2/vda-8 (151)
--   15:36:39.099533740   225.560 us   dd (390)           irq       irq 34 (…equests)
--   15:36:39.107198890    87.550 us   dd (390)           irq       irq 34 (…equests)
--   15:36:39.109873310     3.696 ms   dd (390)           irq       irq 34 (…equests)
--   15:36:39.114701990   146.950 us   dd (390)           irq       irq 34 (…equests)
--   15:36:39.117495620    19.130 us   dd (390)           irq       irq 34 (…equests)
--   15:36:39.123042770    72.060 us   dd (390)           irq       irq 34 (…equests)
--   15:36:39.129559810    22.900 us   dd (390)           irq       irq 34 (…equests)
--   Columns not shown: Syscall, Object (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"

return analysis {
  title = "Log of waits",
  options = family.options_of "log",
  family = family.members,

  collect = function(options)
    local one = { "sleep_end", into = "log", only = family.only(options) }
    return { table.move(family.fields, 1, #family.fields, 2, one) }
  end,

  tables = {
    -- Waits go to w.log as they end.
    { "log", "Log of waits", family.columns, sorted = "log", text = family.text,
      needs = family.needs },
  },
}
