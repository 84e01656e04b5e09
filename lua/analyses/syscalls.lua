--- Which system calls took most time, how often they were made, and how often and why they failed.
--
--   lttnga-run syscalls my-trace/
--   lttnga-run syscalls --by-process --procname 'postgres*' --sort calls my-trace/
--
-- The table is like those of strace -c and perf trace -s, for all threads together. Times are from
-- entry to return, including waits (strace -c shows CPU time, unless -w is given). Stddev is that of
-- the average, in percent of it, as in perf.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   System calls (6 of 52)
--   Syscall         % time  Calls  Errors    Total      Avg      Max  By name
--   --------------------------------------------------------------------------------
--   epoll_wait     34.81 %      4       0  6.65 s   1.66 s   3.68 s
--   read           17.71 %     85       0  3.38 s   39.8 ms  2.86 s
--   rt_sig…edwait  15.57 %      3       0  2.97 s    991 ms  1.00 s
--   wait4          13.66 %     20      10  2.61 s    130 ms  1.05 s   ECHILD 10
--   clock_…osleep   5.24 %      1       0  1.00 s   1.00 s   1.00 s
--   ioctl           5.06 %    563       3   966 ms  1.72 ms  37.7 ms  ENOTTY …GAIN 1
--   Columns not shown: Min, Stddev (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"

--- Calls of all processes whose PID is not known are one row.
local process = { "Process", "process",
  { name = function(row) return row.pid and row.process end, pid = "pid" }, key = true }

local columns = {
  { "Syscall", "syscall", "syscall", key = true },
  { "Share", "ratio", "share", heading = "% time", compare = "share" },
  { "Calls", "number", "count", compare = "sum" },
  { "Errors", "number", "n_errors", compare = "sum" },
  { "Total", "duration", "total", compare = "sum" }, { "Min", "duration", "min", spare = 2 },
  { "Avg", "duration", "average" }, { "Max", "duration", "max" },
  { "Stddev", "ratio", stats.spread, spare = 1, compare = "none" },
  { "Errors by name", "counts", "errors", heading = "By name", text = sums.counts_text },
}

return analysis {
  title = "System calls",
  options = { "process", "path", "cpu", "duration", "limit",
    { name = "by-process", help = "a row for each process and call" } },

  begin = function(w) w.calls = stats.keyed() end,

  collect = function(options)
    local whose = options["by-process"] or nil
    return { { "syscall_exit", "error_name", "duration", syscall = "name", into = "calls",
      pid = whose and "pid", process = whose and "process" } }
  end,

  tables = {
    { "syscalls", "System calls",
      function(options) return options["by-process"] and { process, table.unpack(columns) }
        or columns end,
      by = "total", unit = "usec", needs = { "syscall_exit" },
      rows = function(w)
        local whose = w.options["by-process"]
        local spec = { of = { "syscall", whose and "pid" }, last = { whose and "process" },
          what = "error_name", as = "errors" }
        local rows = stats.rows(sums.by(w.calls, spec))
        sums.count(rows, w.calls, spec)
        return sums.share(rows, "total")
      end },
  },
}
