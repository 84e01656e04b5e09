--- A report of everything: one page for a browser, with pictures and tables that sort and filter.
--
--   lttnga-run report my-trace/ -o report.html
--   lttnga-run report --timerange [12:18:50,12:18:55.5] --tid 4321 my-trace/ > report.html
--
-- It is a list of sections: of which analyses, with which options. Copy it (--show report), leave
-- out what you don't need, and add analyses of your own. With --output text, csv or json the same
-- tables come in another form.

local analysis = require "lttnga.analysis"

return analysis {
  title = "Report",

  sections = {
    { "Overview", "What stands out, and what the machine did over time.",
      { "overview", tables = { "remarks", "overview-total", "overview" } } },

    { "Requests", "How many requests there were, how long they took, and the longest ones.",
      "requests:--limit=30", "requeststop:--limit=20" },

    { "Why the slow ones are slow", "What the time of slow requests consists of, and how that "
      .. "differs from typical ones.", "why:--limit=5" },

    { "CPUs", "Who used the CPUs, who waited for them, and who ran meanwhile.",
      "cputop:--limit=50", "runqueue:--limit=30", "schedstates:--limit=30" },

    { "Flame graphs", "What CPUs did, by process, thread and call; and what threads waited for.",
      "cputop:--fold", "waits:--fold" },

    { "Waits", "What threads waited for while they did not run.", "waits:--limit=30",
      "waitsfreq", "locks:--limit=20" },

    { "Latencies", "How long system calls, disk requests and waits for a CPU took, over time and "
      .. "in all.", "latencymap", "iolatencystats", "iolatencyfreq", "iolatencytop:--limit=20" },

    { "Who used what", "Bytes that were read and written, by process, file, disk and interface; "
      .. "memory that was allocated and freed.", "iousagetop:--limit=20", "memtop:--limit=20" },

    { "Network", "Connections, what went through them, and how long answers took.",
      "netconns:--limit=30" },

    { "Page cache", "Who made pages dirty, who wrote them, and who had to wait for that.",
      "dirtytop:--limit=20", "writeback", { "pageflush:--limit=20", tables = { "calls" } } },

    { "System calls", "How often each thread made which call, how long these took, and how they "
      .. "ended.", { "syscallstats:--limit=40", tables = { "per-tid", "open" } } },

    { "Interrupts", "How often interrupts and softirqs came, and how long their handlers took.",
      "irqstats", "irqfreq" },

    { "What was recorded", "By whom, when, which events, and what can be analysed.", "info" },
  },
}
