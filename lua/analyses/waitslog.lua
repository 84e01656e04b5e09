--- Every wait of a thread off the CPU, in the order in which they ended.
--
--   lttnga-run waitslog my-trace/
--   lttnga-run waitslog --procname postgres --cause lock --min 5ms my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Log of waits:
--   Begin and end                               Duration (us)   Thread                  Cause    Syscall          Object                    Waker
--   [15:36:39.011452360, 15:36:39.011719900]         267.540    dd (390)                disk     execve           vda                       irq 25 (virtio3-req.0), from dd (390)
--   [15:36:39.083934790, 15:36:39.084230710]         295.920    dd (390)                page     fsync            f                         kworker/u4:0 (9)
--   [15:36:39.092366970, 15:36:39.092784790]         417.820    dd (390)                lock     fsync            jbd2/vda-8                jbd2/vda-8 (151)

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
