--- Distributions of the durations of periods, and of their share of parent periods.
--
--   lttnga-run periodfreq --period "$OPEN" --freq-resolution 4 my-trace/
--   lttnga-run periodfreq --period "$OPEN" --min 0 --max 1ms --freq-resolution 50 my-trace/
--
-- docs/periods.md shows how to define periods such as $OPEN.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Duration of period: open
--        From  Periods   Share
--   --------------------------------------------------------------------------------
--    28.72 us      155  96.9 %  ████████████████████████████████████████████████████
--   18.479 ms        2   1.2 %  ▋
--   36.928 ms        0   0.0 %
--   55.378 ms        3   1.9 %  █

local analysis = require "lttnga.analysis"
local family = require "lttnga.period_family"
local frequency = require "lttnga.frequency"
local graph = require "lttnga.graph"
local period_sums = require "lttnga.period_sums"
local trees = require "lttnga.period_trees"

local GROUP = { { "Period", "string", "path" }, { "Parent", "string", "whole", with = "whole" },
  { "Group", "string", "name", with = "name" } }

--- What stands behind a title: the group.
local function of_group(group)
  return group and (" (%s)"):format(group.name) or ""
end

--- Distributions of durations.
local function durations(w)
  local list = {}
  for _, group in ipairs(period_sums.each_group(w)) do
    for _, row in ipairs(period_sums.periods(w, group or nil)) do
      list[#list + 1] = { name = row.path .. of_group(group), stats = row.stats,
        group = { path = row.path, name = group and group.name or nil } }
    end
  end
  return frequency.tables("Duration of period:", list, w.options,
    { low = w.options.min, high = w.options.max })
end

--- Distributions of what parts are of periods.
local function parts(kind, what)
  return function(w)
    local results = {}
    for _, all in ipairs { false, true } do
      local list = {}
      for _, group in ipairs(period_sums.each_group(w)) do
        for _, row in ipairs(period_sums.parts(w, kind, all, group or nil)) do
          list[#list + 1] = { stats = row.stats,
            name = ("%s per %s%s"):format(row.part, row.path, of_group(group)),
            group = { path = row.part, whole = row.path, name = group and group.name or nil } }
        end
      end
      local own = frequency.tables(all and "Global " .. what or what:gsub("^%l", string.upper),
        list, w.options, { linear = kind ~= "sum" })
      table.move(own, 1, #own, #results + 1, results)
    end
    return results
  end
end

--- Numbers of parts, and percents, have other bounds than durations.
local function columns(class, counted)
  local list = frequency.columns(counted)
  list[1] = { "Duration (lower bound)", class, "low", key = true }
  list[2] = { "Duration (upper bound)", class, "high" }
  return list
end

local function percent(value)
  return ("%.3f"):format(value / 10000000)
end

local function plain(value)
  return ("%.3f"):format(value)
end

return analysis {
  title = "Period distributions",
  options = family.options_of "freq",
  family = family.members,
  requests = family.requests,
  selects = family.selects,
  finish = family.finish,
  run = trees.run,

  begin = function(w)
    period_sums.begin(w, true)
  end,

  on = period_sums.on,
  collect = period_sums.collect,

  merge = "replay",

  tables = {
    { "freq_duration", "Period duration frequency distribution", frequency.columns "Periods",
      group = GROUP, needs = {}, text = frequency.text, chart = frequency.chart, each = durations },
    { "freq_duration_per_parent", "Period duration frequency distribution, per parent",
      frequency.columns "Periods", group = GROUP, needs = {},
      text = frequency.text, chart = frequency.chart,
      each = parts("sum", "duration of") },
    { "freq_ratio", "Period usage ratio frequency distribution", columns("number", "Periods"),
      group = GROUP, needs = {}, text = graph.frequency("%", percent),
      each = parts("share", "usage ratio of") },
    { "freq_count", "Period count frequency distribution", columns("number", "Periods"),
      group = GROUP, needs = {}, text = graph.frequency("periods", plain),
      each = parts("count", "number of") },
  },
}
