-- Who writes in small pieces.
--
--   lttnga-run examples/small_writes.lua build/example-trace
--   lttnga-run examples/small_writes.lua --below 64 build/example-trace
local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"

return analysis {
  title = "Small writes",
  options = { "process", "path",
    { name = "below", value = "BYTES", read = "size", default = 4096,
      help = "count writes of less than this (bytes, or 4KiB)" } },
  begin = function(w) w.writes = stats.group() end,
  on = {
    io_end = function(w, io_class, size, procname, duration)
      if io_class == "write" and size and size < w.options.below then
        w.writes:add(procname or "unknown", duration)
      end
    end,
  },
  tables = {
    { "small-writes", "Small writes", stats.columns { "Process", "string", "key" },
      by = "count", needs = { "io_end" }, rows = function(w) return w.writes:rows() end },
  },
}
