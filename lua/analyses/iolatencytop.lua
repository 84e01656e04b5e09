local analysis = require "lttnga.analysis"
local family = require "lttnga.io_family"
local top = require "lttnga.top"

return analysis {
  title = "Longest I/O calls",
  options = family.options,
  family = family.members,

  begin = function(w)
    w.slowest = {}
    for _, io_class in ipairs(family.classes) do
      w.slowest[io_class] = top.new(w.options.limit)
    end
  end,

  on = {
    io_end = function(w, io_class, begin, time, duration, name, size, procname, pid, tid, path, fd)
      local slowest = w.slowest[io_class]
      -- Most calls are too short to matter: no row is made for them.
      if slowest and slowest:takes(duration) then
        slowest:add(duration,
          family.row(w, begin, time, duration, name, size, procname, pid, tid, path, fd))
      end
    end,
  },

  tables = {
    { "top-syscall", "Top system call latencies", family.columns, text = family.text,
      needs = { "io_end" },
      each = function(w)
        local results = {}
        for i, io_class in ipairs(family.classes) do
          results[i] = {
            title = ("Top system call latencies %s (usec)"):format(io_class),
            rows = w.slowest[io_class]:rows(),
          }
        end
        return results
      end },
  },
}
