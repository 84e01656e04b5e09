--- Each signal sent by kill, tgkill and similar system calls, like bcc's killsnoop.
--
--   lttnga-run killsnoop my-trace/
--   lttnga-run killsnoop --filter 'signal == "SIGTERM"' my-trace/
--
-- TPID is the target as passed to the call: a PID (for tkill and tgkill a TID), in the caller's PID
-- namespace if it runs in a container. 0 or a negative number is a process group. For
-- pidfd_send_signal it needs the event signal_generate.
--
--   Timerange: [2026-11-23 15:37:31.000000000, 15:37:31.900000000] UTC, 900.000 ms
--
--   Signals sent
--   TIME                    PID  COMM           SIG             TPID  RESULT
--   15:37:31.166050000      641  python3        SIGKILL          642  0
--   15:37:31.332050000      641  python3        SIGTERM          643  0
--   15:37:31.498050000      641  python3        SIGSTOP          644  0
--   15:37:31.664050000      641  python3        SIGCONT          645  0
--   15:37:31.700050000      641  python3        SIGKILL          642  -3 ESRCH
--   15:37:31.750050000      641  python3        SIGUSR2          645  0
--   15:37:31.810050000      671  worker         SIGABRT          671  0
--   15:37:31.820050000      671  worker         SIGRTMIN+2       641  0
--   15:37:31.830050000      671  worker         0                  0  0

local analysis = require "lttnga.analysis"

return analysis {
  title = "Signals sent",
  options = { "process" },

  collect = {
    { "signal_send", "time", "pid", "procname", "sig", "signal", "target", "ret", "error_name",
      into = "log" },
  },

  tables = {
    -- Signals go to w.log as they are sent.
    { "signals", "Signals sent",
      { { "TIME", "timestamp", "time", width = -18 },
        { "PID", "number", "pid", line = "{pid}|?" },
        { "COMM", "string", "procname", width = -16 },
        { "SIG", "number", "sig", width = -11, line = "{signal}|{sig}" },
        { "TPID", "number", "target", line = "{target}|?" },
        { "RESULT", "number", "ret", width = -9, line = "{ret} {error_name}|{ret}" },
        { "SIGNAL", "string", "signal", hidden = true } },
      sorted = "log", needs = { "signal_send" } },
  },
}
