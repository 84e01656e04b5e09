--- How long open, read, write and sync calls took, and how long disks took to serve requests.
--
--   lttnga-run iolatencystats my-trace/
--   lttnga-run iolatencystats --min 1000 --procname postgres my-trace/
--
-- TO BE FILLED

local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

return analysis {
  title = "I/O latency statistics",
  options = { "duration", "size", "process", "cpu" },

  begin = function(w)
    w.calls = stats.group { "open", "read", "write", "sync" }
    w.disks = stats.group()
    w.disk_names = {}
  end,

  on = {
    io_end = function(w, io_class, duration)
      if io_class ~= "close" then
        w.calls:add(io_class, duration)
      end
    end,
    -- A disk's name may become known later than its number: the last one counts.
    disk_request_end = function(w, dev, disk, duration)
      w.disks:add(dev, duration)
      w.disk_names[dev] = disk
    end,
  },

  tables = {
    { "syscall-latency-stats", "Syscalls latency statistics (usec)", stats.columns "Type",
      needs = { "io_end" },
      rows = function(w) return w.calls:rows(text.capitalize) end },
    { "disk-latency-stats", "Disk latency statistics (usec)", stats.columns("Name", "disk"),
      needs = { "disk_request_end" },
      rows = function(w) return w.disks:rows(function(dev) return w.disk_names[dev] end) end },
  },
}
