--- How long threads waited for a CPU after they had been woken.
--
--   lttnga-run schedstats my-trace/
--   lttnga-run schedstats --total --per-prio --percentiles my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Scheduling latency stats (per-TID) (us)
--   Process                      Count           Min       Average           Max         Stdev   Priorities
--   dd (390)                        10        33.080       125.262       484.710       139.187   [20]
--   ls (389)                        76        49.070       100.513      2644.280       296.583   [20]
--   wc (393)                         2        92.850        94.480        96.110         2.305   [20]

local analysis = require "lttnga.analysis"
local family = require "lttnga.sched_family"
local graph = require "lttnga.graph"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local units = require "lttnga.units"

--- The columns of statistics, with one before them, and perhaps one behind.
local function columns(before, behind)
  return function(options)
    local list = stats.columns(before[1], before[2])(options)
    list[#list + 1] = behind
    return list
  end
end

--- The same without one before them.
local function total_columns(options)
  local list = stats.columns("")(options)
  table.remove(list, 1)
  return list
end

local function total_row(w)
  local row = stats.row("", w.waits.total)
  table.remove(row, 1)
  return row
end

-- ---- How the tables look ----

--- What is written for a cell; what is not listed is written as it is.
local writers = { process = graph.process, duration = units.us }

local widths = { Count = 8, Process = -25, Prio = 4, Priorities = -12 }

--- Texts stand a bit apart from the numbers before them.
function writers.string(value)
  return "  " .. value
end

local function write(result)
  if #result.rows == 0 then
    return ""
  end
  local lines, least = { {} }, {}
  for c, column in ipairs(result.columns) do
    lines[1][c] = column.class == "string" and writers.string(column.title) or column.title
    least[c] = widths[column.title] or 13
  end
  for r, row in ipairs(result.rows) do
    lines[r + 1] = {}
    for c, column in ipairs(result.columns) do
      local to_text = writers[column.class] or tostring
      lines[r + 1][c] = row[c] == analysis.unknown and "?" or to_text(row[c])
    end
  end
  return result.title .. " (us)\n" .. text.join(text.grid(least, lines))
end

return analysis {
  title = "Scheduling latency statistics",
  options = family.options,
  family = family.members,

  begin = function(w)
    w.waits = family.latencies(w.options.percentiles)
  end,

  on = {
    wakeup_latency = function(w, tid, pid, procname, prio, duration)
      w.waits:add(tid, pid, procname, prio, duration)
    end,
    prio_change = function(w, tid, prio, old_prio)
      w.waits:change_prio(tid, prio, old_prio)
    end,
  },

  tables = {
    { "total_stats", "Scheduling latency stats (total)", total_columns, text = write,
      needs = { "wakeup_latency" },
      rows = function(w) return family.asked(w.options).total and { total_row(w) } or {} end },

    { "per_tid_stats", "Scheduling latency stats (per-TID)", text = write,
      columns({ "Process", "process" }, { "Priorities" }), needs = { "wakeup_latency" },
      rows = function(w)
        local rows = {}
        for i, thread in ipairs(family.asked(w.options).tid and w.waits:by_name() or {}) do
          rows[i] = stats.row(thread.process, thread.latencies)
          table.insert(rows[i], thread.priorities:text())
        end
        return rows
      end },

    { "per_prio_stats", "Scheduling latency stats (per-prio)", text = write,
      columns { "Prio", "number" }, needs = { "wakeup_latency" },
      rows = function(w)
        local rows = {}
        for i, one in ipairs(family.asked(w.options).prio and w.waits:by_prio() or {}) do
          rows[i] = stats.row(one.prio, one.latencies)
        end
        return rows
      end },
  },
}
