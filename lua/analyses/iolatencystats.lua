--- How long open, read, write and sync calls took, and how long disks took to serve requests.
--
--   lttnga-run iolatencystats my-trace/
--   lttnga-run iolatencystats --min 1000 --procname postgres my-trace/
--
-- TO BE FILLED

local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"

return analysis {
  title = "I/O latency statistics",
  options = { "duration", "size", "process", "cpu" },

  begin = function(w)
    w.calls = stats.group { "open", "read", "write", "sync" }
    w.disks = stats.group()
  end,

  on = {
    io_end = function(w, io_class, duration)
      if io_class ~= "close" then
        w.calls:add(io_class, duration)
      end
    end,
    disk_request_end = function(w, disk, duration)
      w.disks:add(disk, duration)
    end,
  },

  tables = {
    { "syscall-latency-stats", "Syscalls latency statistics (usec)", stats.columns "Type",
      needs = { "io_end" },
      rows = function(w) return stats.rows(w.calls) end },
    { "disk-latency-stats", "Disk latency statistics (usec)", stats.columns("Name", "disk"),
      needs = { "disk_request_end" },
      rows = function(w) return stats.rows(w.disks) end },
  },
}
