--- Each open of a file, including failed ones: by whom, of which file, with what result.
--
--   lttnga-run opensnoop my-trace/
--   lttnga-run opensnoop --failed --path '/etc/*' my-trace/
--
-- TIME is when the call returned. A path relative to a directory descriptor (openat) is shown below
-- the path of that directory; others are shown as they were passed to the call. A path in a page that
-- was not in memory yet is not recorded ("?"). Neither are the flags of openat2, nor files that
-- io_uring opens.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Opened files
--   TIME                    PID  COMM               FD  ERR      PATH
--   15:36:37.911216520      388  bash                3           /out/trac…/tiny.txt
--   15:36:38.031558300      388  date                3           /etc/ld.so.cache
--   15:36:38.032704990      388  date                3           /lib/x86_…libc.so.6
--   15:36:38.120657650      388  date                   ENOENT   /usr/shar…info/UTC0
--   Columns not shown: FLAGS (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local files = require "lttnga.files"

return analysis {
  title = "Opened files",
  options = { "process", "path", "cpu", "duration", "limit",
    { name = "failed", short = "x", filter = { "error", ">", 0 },
      help = "only opens that failed" } },

  collect = {
    { "syscall_exit", "time", "pid", "procname", "fd", "error", "error_name", "flags", "path",
      "tid", into = "log", only = { name = files.opens } },
  },

  tables = {
    { "log", "Opened files",
      { { "TIME", "timestamp", "time" }, { "PID", "number", "pid", unknown = "tid", spare = 2 },
        { "COMM", "string", "procname", width = -16 }, { "FD", "fd", "fd", width = 3 },
        { "ERR", "string", "error_name", width = -7 },
        { "FLAGS", "string", "flags", width = -27, spare = 1 },
        { "PATH", "path", "path", unknown = "tid", width = -30 } },
      needs = { "syscall_exit" }, sorted = "log" },
  },
}
