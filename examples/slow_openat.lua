-- Which files took longest to open.
local analysis, top = require "lttnga.analysis", require "lttnga.top"

return analysis {
  title = "Slowest openat calls",
  begin = function(w) w.slowest = top.new(5) end,
  on = {
    syscall_exit = function(w, name, duration, procname, path)
      if name == "openat" then
        w.slowest:add(duration, { path = path, duration = duration, procname = procname })
      end
    end,
  },
  tables = { { "slow-openat", "Slowest openat calls",
    { { "Path", "path", "path" }, { "Duration", "duration", "duration" },
      { "Process", "string", "procname" } },
    rows = function(w) return w.slowest:rows() end } },
}
