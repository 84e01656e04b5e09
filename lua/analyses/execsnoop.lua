--- Every program that was executed, and by whom: execsnoop of bcc.
--
--   lttnga-run execsnoop my-trace/
--   lttnga-run execsnoop --fails --path '/usr/bin/*' my-trace/
--
-- PCOMM and PPID are the parent's; they are "?" once it has exited, for a trace does not tell who
-- takes its place. FILE is instead of ARGS: a trace has no arguments. RET is 0, or the error number,
-- below 0, of those that failed.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Programs that were executed
--   TIME                PCOMM                PID     PPID      RET  FILE
--   15:36:37.400197600  bash                 386      363        0  /usr/bin/cut
--   15:36:37.616229180  bash                 387      363        0  /usr/bin/date
--   15:36:37.947971450  bash                 388      363        0  /usr/bin/date
--   15:36:38.224243060  bash                 389      363        0  /usr/bin/ls

local analysis = require "lttnga.analysis"

--- What is collected of each exec, beside what it returned.
local fields = { "time", "parent_procname", "pid", "ppid", "path" }

return analysis {
  title = "Programs that were executed",
  options = { "process", "path",
    { name = "fails", short = "x", help = "also those that could not be executed" } },

  collect = function(given)
    return {
      { "process_exec", into = "log", set = { ret = 0 }, table.unpack(fields) },
      given.fails and { "exec_fail", "ret", into = "log", table.unpack(fields) } or nil,
    }
  end,

  tables = {
    -- They go to w.log as they come.
    { "execs", "Programs that were executed",
      { { "TIME", "timestamp", "time", width = -18 },
        { "PCOMM", "string", "parent_procname", width = -16, spare = 2,
          line = "{parent_procname}|?" },
        { "PID", "number", "pid", line = "{pid}|?" },
        { "PPID", "number", "ppid", spare = 1, line = "{ppid}|?" },
        { "RET", "number", "ret" }, { "FILE", "path", "path" } },
      sorted = "log", order = "time", needs = { "process_exec" } },
  },
}
