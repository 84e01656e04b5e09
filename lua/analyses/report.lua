--- A report of everything: one page for a browser, with charts, and tables that sort and filter.
--
--   lttnga-run report my-trace/ -o report.html
--   lttnga-run report --timerange 15:36:38..15:36:40.5 --tid 4321 my-trace/ > report.html
--
-- The script is a list of sections: analyses with their options. Copy it (--show report), remove
-- what you don't need, and add analyses of your own. --output text, csv or json writes the same
-- tables in another form.

local analysis = require "lttnga.analysis"

return analysis {
  title = "Report",

  sections = {
    { "Overview", "What stands out, and what the machine did over time.",
      { "overview", tables = { "remarks", "overview-total", "overview" } } },

    { "Requests", "How many requests there were, how long they took, and the longest ones.",
      "requests:--limit=30", "requeststop:--limit=20" },

    { "Why slow requests are slow", "Where the time of slow requests went, compared with typical "
      .. "ones.", "why:--limit=5" },

    { "CPUs", "Which threads used the CPUs, which waited, and which ran meanwhile.",
      "cputop:--limit=50", "runqueue:--limit=30", "schedstates:--limit=30" },

    { "Flame graphs", "CPU time by process, thread and call; and what threads waited for.",
      "cputop:--fold", "waits:--fold" },

    { "Waits", "What threads waited for while they did not run.", "waits:--limit=30",
      "waitsfreq", "locks:--limit=20" },

    { "Latencies", "How long system calls, disk requests and waits for a CPU took, over time and "
      .. "in total.", "latencymap", "iolatencystats", "iolatencyfreq", "iolatencytop:--limit=20" },

    { "I/O and memory", "Bytes read and written, by process, file, disk and interface; "
      .. "memory allocated and freed.", "iousagetop:--limit=20", "memtop:--limit=20" },

    { "Network", "Connections, how much they carried, and how long answers took.",
      "netconns:--limit=30" },

    { "Page cache", "Which processes dirtied pages, which wrote them, and which had to wait.",
      "dirtytop:--limit=20", "writeback", { "pageflush:--limit=20", tables = { "calls" } } },

    { "System calls", "Which calls each thread made, how often, how long they took, and what they "
      .. "returned.", { "syscallstats:--limit=40", tables = { "per-tid", "open" } } },

    { "Interrupts", "How many interrupts and softirqs there were, and how long handlers took.",
      "irqstats", "irqfreq" },

    { "What was recorded", "Who recorded it and when, which events, and what can be analysed.",
      "info" },
  },
}
