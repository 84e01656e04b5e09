--- Each program that was executed, like bcc's execsnoop.
--
--   lttnga-run execsnoop my-trace/
--   lttnga-run execsnoop --fails --path '/usr/bin/*' my-trace/
--
-- PCOMM and PPID are the parent's name and PID, "?" once it has exited (traces do not show which
-- process adopts its children). FILE takes the place of ARGS: traces have no arguments. RET is 0, or
-- the negated error number of an exec that failed (shown with --fails).
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Executed programs
--   TIME                PCOMM                PID     PPID      RET  FILE
--   15:36:37.400197600  bash                 386      363        0  /usr/bin/cut
--   15:36:37.616229180  bash                 387      363        0  /usr/bin/date
--   15:36:37.947971450  bash                 388      363        0  /usr/bin/date
--   15:36:38.224243060  bash                 389      363        0  /usr/bin/ls

local analysis = require "lttnga.analysis"

--- What is collected of each exec, in addition to what it returned.
local fields = { "time", "parent_procname", "pid", "ppid", "path" }

return analysis {
  title = "Executed programs",
  options = { "process", "path",
    { name = "fails", short = "x", help = "include failed execs" } },

  collect = function(given)
    return {
      { "process_exec", into = "log", set = { ret = 0 }, table.unpack(fields) },
      given.fails and { "exec_fail", "ret", into = "log", table.unpack(fields) } or nil,
    }
  end,

  tables = {
    -- Execs go to w.log as they happen.
    { "execs", "Executed programs",
      { { "TIME", "timestamp", "time", width = -18 },
        { "PCOMM", "string", "parent_procname", width = -16, spare = 2,
          line = "{parent_procname}|?" },
        { "PID", "number", "pid", line = "{pid}|?" },
        { "PPID", "number", "ppid", spare = 1, line = "{ppid}|?" },
        { "RET", "number", "ret" }, { "FILE", "path", "path" } },
      sorted = "log", order = "time", needs = { "process_exec" } },
  },
}
