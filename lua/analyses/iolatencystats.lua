--- How long open, read, write and sync calls took, and how long disks took to serve requests.
--
--   lttnga-run iolatencystats my-trace/
--   lttnga-run iolatencystats --min 1000 --procname postgres my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Syscalls latency statistics
--   Type   Count        Min    Average        Max       Stdev
--   ---------------------------------------------------------
--   Open     184   3.670 us   1.498 ms  73.828 ms    8.527 ms
--   Read     110   7.940 us  30.893 ms   2.864 s   274.009 ms
--   Write    154  52.430 us   1.068 ms  44.522 ms    4.072 ms
--   Sync     178   8.300 us   2.440 ms  34.423 ms    5.169 ms
--
--   Disk latency statistics
--   Name  Count         Min     Average        Max       Stdev
--   ----------------------------------------------------------
--   vda     232   64.100 us  219.454 us   3.789 ms  360.242 us
--   vdb      89  111.220 us    3.845 ms  19.574 ms    4.996 ms

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
