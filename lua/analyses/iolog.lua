local analysis = require "lttnga.analysis"
local family = require "lttnga.io_family"

return analysis {
  title = "I/O operations log",
  options = family.options,
  family = family.members,

  on = {
    io_end = function(w, begin, time, duration, name, size, procname, pid, tid, path, fd)
      w.log:add(begin,
        family.row(w, begin, time, duration, name, size, procname, pid, tid, path, fd))
    end,
  },

  tables = {
    -- Rows go to w.log as they come, and out sorted by when the calls began.
    { "log", "I/O operations log (usec)", family.columns, text = family.text, sorted = "log",
      needs = { "io_end" } },
  },
}
