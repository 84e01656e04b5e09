--- How long open, read, write and sync calls took, and how long disks took to serve requests.
--
--   lttnga-run iolatencystats my-trace/
--   lttnga-run iolatencystats --min 1000 --procname postgres my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Syscalls latency statistics (usec):
--   Type                    Count            Min        Average            Max          Stdev
--   -----------------------------------------------------------------------------------------
--   Open                      184          3.670       1498.389      73828.030       8526.738
--   Read                      110          7.940      30893.293    2863783.270     274008.768
--   Write                     154         52.430       1067.733      44521.930       4071.868
--   Sync                      178          8.300       2440.311      34423.460       5168.691
--
--   Disk latency statistics (usec):
--   Name                    Count            Min        Average            Max          Stdev
--   -----------------------------------------------------------------------------------------
--   vda                       232         64.100        219.454       3788.600        360.242
--   vdb                        89        111.220       3845.378      19574.120       4995.849

local analysis = require "lttnga.analysis"
local disks = require "lttnga.disks"
local family = require "lttnga.io_family"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

return analysis {
  title = "I/O latency statistics",
  options = family.options_of "stats",
  family = family.members,

  begin = function(w)
    w.calls = stats.group(family.classes, w.options.percentiles)
    w.requests = stats.keyed(w.options.percentiles)
  end,

  collect = {
    { "io_end", "io_class", "duration", into = "calls", only = { io_class = family.classes } },
    { "disk_request_end", "host", "dev", "disk", "duration", into = "requests" },
  },

  tables = {
    { "syscall-latency-stats", "Syscalls latency statistics",
      stats.columns { "Type", "string", "key" }, unit = "usec", needs = { "io_end" },
      rows = function(w) return w.calls:rows(text.capitalize) end },

    { "disk-latency-stats", "Disk latency statistics",
      stats.columns { "Name", "disk", "name" }, unit = "usec", needs = { "disk_request_end" },
      rows = function(w) return stats.rows(disks.rows(w.requests)) end },
  },
}
