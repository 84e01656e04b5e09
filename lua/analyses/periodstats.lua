--- How long periods took, and what share of their parent periods.
-- A period starts with one event and ends with another.
--
--   lttnga-run periodstats --period 'open : $evt.$name == "syscall_entry_openat" :
--     $evt.$name == "syscall_exit_openat" && $evt.tid == $begin.$evt.tid' my-trace/
--   lttnga-run periodstats --period "$OPEN" --period-captures 'open : p = $evt.procname'
--     --group-by open.p my-trace/
--
-- docs/periods.md shows how to define them. For periods with parts, `With active children` covers
-- those that had any, `Globally` covers all.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Period tree:
--   open
--
--   Period statistics
--   Period  Count        Min   Average        Max     Stdev     Runtime  Open
--   -------------------------------------------------------------------------
--   open      160  28.720 us  1.711 ms  73.828 ms  9.128 ms  273.803 ms     0

local analysis = require "lttnga.analysis"
local family = require "lttnga.period_family"
local period_sums = require "lttnga.period_sums"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local trees = require "lttnga.period_trees"
local units = require "lttnga.units"

-- ---- How the tables look ----

local WIDTHS = { -25, 8, 14, 12, 12, 12, 12, 8, 12, 12, 12, 12 }

--- A mean, or a standard deviation, in microseconds; those of less than two values are not known.
local function us(value)
  return value and units.us(math.floor(value + 0.5)) or "?"
end

--- Definitions as a tree.
local function tree_text(result)
  local lines = { "Period tree:" }
  for _, row in ipairs(result.rows) do
    local one = row.record
    lines[#lines + 1] = one.depth == 0 and one.name
      or (" "):rep(4 * (one.depth - 1)) .. "|-- " .. one.name
  end
  return text.join(lines)
end

local function periods_text(result)
  local lines = { result.title .. " (us)" }
  local heading = { "Period", "Count", "Min", "Avg", "Max", "Stdev", "Runtime", "Open" }
  local percentiles = {}
  for _, column in ipairs(result.columns) do
    if column.name:find "^p%d" then
      percentiles[#percentiles + 1], heading[#heading + 1] = column.name, column.heading
    end
  end
  lines[#lines + 1] = text.columns(WIDTHS, table.unpack(heading))
  for _, row in ipairs(result.rows) do
    local r = row.record
    local cells = { r.path, r.count, us(r.min), us(r.average), us(r.max), us(r.stdev),
      us(r.runtime), r.open }
    for _, name in ipairs(percentiles) do
      cells[#cells + 1] = us(r[name])
    end
    lines[#lines + 1] = text.columns(WIDTHS, table.unpack(cells))
  end
  return text.join(lines)
end

--- How numbers of each kind are written: the least and the largest one, and means.
local shows = {
  sum = { " (us)", us, us },
  share = { " (%)", function(value) return ("%d"):format(value // 10000000) end,
    function(value) return value and ("%.3f"):format(value / 10000000) or "?" end },
  count = { "", function(value) return ("%d"):format(value) end,
    function(value) return value and ("%.3f"):format(value) or "?" end },
}

local function parts_text(kind)
  local show = shows[kind]
  return function(result)
    if #result.rows == 0 then
      return ""
    end
    local lines = { result.title .. show[1], text.columns({ -25, -25, 14, 12, 12, 12 }, "Period",
      "Parent", "Min", "Avg", "Max", "Stdev") }
    for _, row in ipairs(result.rows) do
      local r = row.record
      lines[#lines + 1] = text.columns({ -25, -25, 14, 12, 12, 12 }, r.part, r.path,
        show[2](r.min), show[3](r.average), show[2](r.max), show[3](r.stdev))
    end
    return text.join(lines)
  end
end

-- ---- Tables ----

--- One result for all, or one for each group.
local function each(title, rows)
  return function(w)
    local results = {}
    for i, group in ipairs(period_sums.each_group(w)) do
      results[i] = { rows = rows(w, group or nil), group = group and { name = group.name } or nil,
        title = group and ("%s, %s"):format(title, group.name) or title }
    end
    return results
  end
end

local GROUP = { { "Group", "string", "name" } }

--- Rows of parts.
local function part_rows(kind, all)
  return function(w, group)
    return stats.rows(period_sums.parts(w, kind, all, group))
  end
end

local titles = { sum = "Per-parent period duration statistics",
  share = "Per-parent duration ratio", count = "Per-parent period count statistics" }
local ids = { sum = "per_parent_stats", share = "per_parent_ratio", count = "per_parent_count" }

--- The columns of a table of parts; shares are parts of 1.
local function part_columns(kind)
  local class = kind == "sum" and "duration" or kind == "share" and "ratio" or "number"
  local list = { { "Period", "string", "part", key = true },
    { "Parent", "string", "path", key = true } }
  for _, one in ipairs { { "Min", "min" }, { "Average", "average" }, { "Max", "max" },
    { "Stdev", "stdev" } } do
    local name = one[2]
    list[#list + 1] = { one[1], class, kind ~= "share" and name
      or function(row) return row[name] and row[name] / 1000000000 end, unknown = name == "stdev" }
  end
  return list
end

local tables = {
  { "tree", "Period tree", { { "Period", "string", "path" }, { "Name", "string", "name" },
      { "Parent", "string", "parent" } },
    needs = {}, rows = function(w) return w.tree end, text = tree_text },
  { "per_period_stats", "Period statistics",
    function(options)
      local columns = stats.columns({ "Period", "string", "path", key = true },
        { "Runtime", "duration", "runtime", compare = "sum" })(options)
      columns[#columns + 1] = { "Open", "number", "open" }
      return columns
    end,
    needs = {}, group = GROUP, classic = periods_text,
    each = each("Period statistics", function(w, group)
      local rows = stats.rows(period_sums.periods(w, group))
      for _, row in ipairs(rows) do
        row.runtime = row.stats:sum()
      end
      return rows
    end) },
}
for _, all in ipairs { false, true } do
  for _, kind in ipairs(period_sums.kinds) do
    local title = ("%s - %s"):format(titles[kind], all and "Globally" or "With active children")
    tables[#tables + 1] = { ids[kind] .. (all and "_globally" or ""), title, part_columns(kind),
      class = titles[kind], group = GROUP, needs = {}, classic = parts_text(kind),
      each = each(title, part_rows(kind, all)) }
  end
end

return analysis {
  title = "Period statistics",
  options = family.options_of "stats",
  family = family.members,
  requests = family.requests,
  selects = family.selects,
  finish = family.finish,
  run = trees.run,

  begin = function(w)
    period_sums.begin(w, w.options.percentiles)
  end,

  on = period_sums.on,
  collect = period_sums.collect,
  merge = "replay",

  tables = tables,
}
