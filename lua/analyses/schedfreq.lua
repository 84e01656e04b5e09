--- Distributions of how long threads waited for a CPU after a wakeup.
--
--   lttnga-run schedfreq --total my-trace/
--   lttnga-run schedfreq --tid 2092 --max 1ms --freq-resolution 50 my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Scheduling latency frequency distribution - total
--        From  Latencies   Share
--   --------------------------------------------------------------------------------
--     18.9 us        540  91.4 %  ██████████████████████████████████████████████████
--    5.346 ms         32   5.4 %  ███
--   10.673 ms         11   1.9 %  █
--   16.001 ms          3   0.5 %  ▎
--   21.328 ms          5   0.8 %  ▌

local analysis = require "lttnga.analysis"
local family = require "lttnga.sched_family"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"
local thread = require "lttnga.thread"

local TITLE = "Scheduling latency frequency distribution"

return analysis {
  title = "Scheduling latency distributions",
  options = family.options_of "freq",
  family = family.members,

  begin = function(w)
    w.waits = stats.keyed(true)
  end,

  collect = family.collect,

  tables = {
    { "freq", TITLE, frequency.columns "Latencies", needs = { "wakeup_latency" },
      group = { { "Thread", "process", thread.fields, with = "tid" },
        { "Priority", "number", "prio" } },
      text = frequency.text, chart = frequency.chart,
      each = function(w)
        local asked, results = family.asked(w.options), {}
        local function add(list)
          local tables = frequency.tables(TITLE .. " -", list, w.options,
            { low = w.options.min, high = w.options.max })
          table.move(tables, 1, #tables, #results + 1, results)
        end
        if asked.total then
          add { { name = "total", stats = family.total(w.waits, true), group = {} } }
        end
        local threads, prios = {}, {}
        for i, one in ipairs(asked.tid and family.by_name(w.waits, w.renamed) or {}) do
          local name = ("TID: %d (%s)"):format(one.tid, one.procname or "unknown")
          threads[i] = { name = name, stats = one.stats, group = one }
        end
        for i, one in ipairs(asked.prio and family.by_prio(w.waits) or {}) do
          local name = ("Priority: %d"):format(one.prio)
          prios[i] = { name = name, stats = one.stats, group = one }
        end
        add(threads)
        add(prios)
        return results
      end },
  },
}
