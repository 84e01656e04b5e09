--- How long threads waited for a CPU after a wakeup.
--
--   lttnga-run schedstats my-trace/
--   lttnga-run schedstats --total --per-prio --percentiles my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Scheduling latency stats (per-TID)
--   Process   Count        Min     Average         Max       Stdev  Priorities
--   --------------------------------------------------------------------------
--   dd (390)     10  33.080 us  125.262 us  484.710 us  139.187 us    [20]
--   ls (389)     76  49.070 us  100.513 us    2.644 ms  296.583 us    [20]
--   wc (393)      2  92.850 us   94.480 us   96.110 us    2.305 us    [20]

local analysis = require "lttnga.analysis"
local family = require "lttnga.sched_family"
local ordered = require "lttnga.ordered"
local priorities = require "lttnga.priorities"
local stats = require "lttnga.stats"
local thread = require "lttnga.thread"

--- Columns of statistics with the widths that they have here.
local function columns(first, last)
  return function(options)
    local list = stats.columns(first, last)(options)
    for _, column in ipairs(list) do
      column.width = column.width or column[3] == "count" and 8 or 13
    end
    return list
  end
end

return analysis {
  title = "Scheduling latency statistics",
  options = family.options_of "stats",
  family = family.members,

  begin = function(w)
    w.waits = stats.keyed(w.options.percentiles)
    w.priorities = ordered.new(priorities.new)
    w.asked = family.asked(w.options)
  end,

  collect = family.collect,

  on = {
    prio_change = function(w, tid, prio, old_prio)
      w.priorities:of(tid):change(prio, old_prio)
    end,
  },

  finish = function(w)
    for one in w.waits:by("tid", "prio"):each() do
      w.priorities:of(one.tid):seen(one.prio)
    end
  end,

  tables = {
    { "total_stats", "Scheduling latency stats (total)", columns(), text = "grid",
      heading = "%s (us)", needs = { "wakeup_latency" },
      rows = function(w)
        local total = w.asked.total and family.total(w.waits, w.options.percentiles)
        return total and { stats.fields(total) } or {}
      end },

    { "per_tid_stats", "Scheduling latency stats (per-TID)", text = "grid",
      heading = "%s (us)", needs = { "wakeup_latency" },
      columns({ "Process", "process", thread.fields, width = -25 }, priorities.column),
      rows = function(w)
        local rows = stats.rows(w.asked.tid and family.by_name(w.waits, w.renamed) or {})
        for _, row in ipairs(rows) do
          row.priorities = w.priorities:of(row.tid):list()
        end
        return rows
      end },

    { "per_prio_stats", "Scheduling latency stats (per-prio)", text = "grid",
      heading = "%s (us)", needs = { "wakeup_latency" },
      columns { "Prio", "number", "prio", width = 4 },
      rows = function(w)
        return stats.rows(w.asked.prio and family.by_prio(w.waits) or {})
      end },
  },
}
