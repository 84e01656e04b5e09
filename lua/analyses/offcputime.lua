--- Off-CPU time by thread and by what it waited for, like bcc's offcputime.
--
--   lttnga-run offcputime my-trace/
--   lttnga-run offcputime --per-process --min 1ms --limit 20 my-trace/
--   lttnga-run offcputime --fold my-trace/ | flamegraph.pl --countname ns > offcpu.svg
--
-- Traces have no stacks. Instead there are the cause, the system call and the object waited for (a
-- disk, file, lock, thread, ...). TIME lasts from when the thread leaves the CPU until it runs again,
-- so it includes the wait for a CPU after the wakeup. It counts when the thread runs again. Unlike in
-- bcc, kernel workers that had no work are left out; --idle includes them.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Off-CPU time (5 of 90)
--   COMM             TID  CAUSE   SYSCALL          OBJECT            TIME  COUNT
--   ----------------------------------------------------------------------------
--   Client manageme  214  socket  epoll_wait       socket        3.662 s       1
--   kcompactd0        32  timer                                  3.605 s       7
--   lttng-consumerd  242  timer   rt_sigtimedwait                2.973 s       3
--   Notification     210  pipe    epoll_wait       pipe:[12093]  2.966 s       3
--   sed              364  pipe    read             pipe:[1593]   2.829 s       1

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"
local fold = require "lttnga.fold"
local stats = require "lttnga.stats"

local needs = { "off_cpu", "off_cpu.cause" }

return analysis {
  title = "Off-CPU time",
  options = { "process", "cpu", "duration", "limit",
    { name = "per-process", short = "P", help = "processes instead of threads" },
    { name = "idle", help = "include kernel workers that had no work (cause work)" },
    fold.option "process;thread;call;cause;object" },

  begin = function(w) w.times = stats.totals() end,

  collect = function(given)
    return {
      { "off_cpu", "cause", into = "times", only = family.only(given),
        table.unpack(family.summed) },
      { "off_cpu", into = "times", only = { state = { "runnable" } },
        set = { cause = "preempted" }, table.unpack(family.summed) },
    }
  end,

  finish = function(w)
    w.rows = family.name(family.by(w.times, w.options["per-process"]), w)
  end,

  tables = {
    { "off-cpu", "Off-CPU time", function(given)
        local name, who = given["per-process"] and "process" or "procname",
          given["per-process"] and "PID" or "TID"
        return { { "COMM", "string", name, key = true },
          { who, "number", who:lower(), key = true, unknown = true },
          { "CAUSE", "string", "cause", key = true },
          { "SYSCALL", "syscall", "syscall", key = true },
          { "OBJECT", "string", "object", key = true },
          { "TIME", "duration", "duration", compare = "sum" },
          { "COUNT", "number", "n", compare = "sum" } }
      end,
      by = "duration", needs = needs, rows = function(w) return w.rows end },

    fold.table { "Off-CPU time as stacks", needs = needs, stacks = family.stacks "duration" },
  },
}
