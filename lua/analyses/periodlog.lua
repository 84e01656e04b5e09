--- All periods, in the order in which they started, with their captures.
--
--   lttnga-run periodlog --period "$OPEN" --period-captures 'open : file = $evt.filename :
--     ret = $evt.ret' my-trace/
--   lttnga-run periodlog --period "$OUTER" --period "$INNER" --select inner --aggregate-by outer
--     my-trace/
--
-- docs/periods.md shows how to define periods such as $OPEN. With --select there is a row for
-- each period of --aggregate-by instead, with statistics of its parts. `*`: events were lost
-- during the period.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Period log
--   Begin                   Duration  Name            Begin capture   End capture
--   15:36:37.440620340    380.710 us  open            file = ….cache  ret = 3
--   15:36:37.483471200    219.030 us  open            file = …c.so.6  ret = 3
--   15:36:37.558326260    255.020 us  open            file = …uptime  ret = 3
--   15:36:37.654198710    214.660 us  open            file = ….cache  ret = 3
--   15:36:37.655717030     95.410 us  open            file = …c.so.6  ret = 3
--   15:36:37.768981250    233.470 us  open            file = …altime  ret = 3
--   15:36:37.852298180     58.918 ms  open            file = …ny.txt  ret = 3
--   15:36:38.031364980    193.320 us  open            file = ….cache  ret = 3
--   15:36:38.032631090     73.900 us  open            file = …c.so.6  ret = 3
--   15:36:38.120505310    152.340 us  open            file = …o/UTC0  ret = -2
--   15:36:38.210319040      3.729 ms  open            file = ls.txt   ret = 3
--   15:36:38.294207990    255.320 us  open            file = ….cache  ret = 3
--   15:36:38.302947800    194.270 us  open            file = …x.so.1  ret = 3
--   15:36:38.306367340    121.910 us  open            file = …c.so.6  ret = 3

local analysis = require "lttnga.analysis"
local family = require "lttnga.period_family"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local trees = require "lttnga.period_trees"
local units = require "lttnga.units"

--- So many periods of one tree have places of their own in the log.
local TREE_MAX = 1 << 24

-- ---- The log ----

--- Adds a period: for people, further captures stand in lines of their own.
local function add(w, period, place)
  local log = w.log
  period.place = place
  if w.options.output ~= "text" then
    log:add(period)
    return
  end
  local first, last = family.capture_lines(period.captures),
    family.capture_lines(period.end_captures)
  for i = 1, math.max(1, #first, #last) do
    log:add { place = place, begin = i == 1 and period.begin or nil,
      time = i == 1 and period.time or nil, duration = i == 1 and period.duration or nil,
      path = i == 1 and period.path or nil, mark = i == 1 and period.lost > 0 and "*" or nil,
      captures = first[i], end_captures = last[i] }
  end
end

--- Adds a tree: each period before its parts, in the order in which these ended.
local function add_tree(w, root)
  local n = 0
  trees.walk(root, function(period)
    add(w, period, root.number * TREE_MAX + math.min(n, TREE_MAX - 1))
    n = n + 1
  end)
end

-- ---- The aggregated log ----

--- Adds what a period had of those of --select: a row for each of these names, of each group that
-- both are in.
local function add_row_of(w, period, groups)
  local found = {}
  for _, name in ipairs(groups[period]) do
    found[name] = ordered.new(function(path)
      return { path = period.path, part = path, begin = period.begin, time = period.time,
        duration = period.duration, captures = period.captures, number = period.number,
        stats = stats.new() }
    end)
  end
  trees.walk(period, function(part)
    if part ~= period and family.is_among(w.options.select, family.name(part.path)) then
      for _, name in ipairs(groups[part]) do
        if found[name] then
          found[name]:of(part.path).stats:add(part.duration)
        end
      end
    end
  end)
  for _, name in ipairs(groups[period]) do
    for _, row in ipairs(found[name].list) do
      stats.fields(row.stats, row)
      row.runtime = row.stats:sum()
      local rows = w.aggregated:of(name).rows
      rows[#rows + 1] = row
    end
  end
end

--- Adds what periods of a tree, with a name of --aggregate-by, had of those of --select.
local function aggregate(w, root)
  local groups = trees.groups(root, w.options["group-by"])
  trees.walk(root, function(period)
    if family.is_among(w.options["aggregate-by"], family.name(period.path)) then
      add_row_of(w, period, groups)
    end
  end)
end

local function aggregated_captures(row)
  local lines = {}
  for i, line in ipairs(family.capture_lines(row.captures)) do
    lines[i] = ("%s.%s"):format(family.name(row.path), line)
  end
  return lines[1] and table.concat(lines, ", ") or "None"
end

local function us(value)
  return value and units.us(math.floor(value + 0.5)) or "?"
end

local AGGREGATED = { -20, -19, 18, -15, -24, 12, 12, 12, 12, 13, 12, 12 }

local function aggregated_text(result, about)
  if #result.rows == 0 then
    return ""
  end
  local time = require "lttnga.time"
  local show = { gmt = about.gmt, date = about.date }
  local lines = { "Aggregated log", result.title,
    (" "):rep(35) .. "Parent" .. (" "):rep(35) .. " | " .. (" "):rep(60) .. "Durations (us)",
    text.columns(AGGREGATED, "Begin", "End",
    "Duration (us)", "Name", "| Child name", "Count", "Min", "Avg", "Max", "Stdev", "Runtime",
    " | Parent captures") }
  for _, row in ipairs(result.rows) do
    local r = row.record
    lines[#lines + 1] = text.columns(AGGREGATED,
      ("[%s,"):format(time.format(r.begin, show)), ("%s]"):format(time.format(r.time, show)),
      us(r.duration), r.path, "| " .. r.part, r.count, us(r.min), us(r.average), us(r.max),
      us(r.stdev), us(r.runtime), " | " .. aggregated_captures(r))
  end
  return text.join(lines)
end

--- Whether it is the aggregated log that is asked for.
local function is_aggregated(options)
  return options.select and options["order-by"] ~= "hierarchy"
end

local hooks = trees.hooks "trees"

return analysis {
  title = "Period log",
  options = family.options_of "log",
  family = family.members,
  requests = family.requests,
  selects = family.selects,
  finish = family.finish,
  run = trees.run,

  begin = function(w)
    w.aggregated = ordered.new(function(name) return { name = name, rows = {} } end)
    if is_aggregated(w.options) then
      w.trees = trees.new(w.run, function(root) aggregate(w, root) end)
    elseif w.options["order-by"] == "hierarchy" then
      w.trees = trees.new(w.run, function(root) add_tree(w, root) end)
    end
  end,

  on = {
    request_open = hooks.request_open,
    request_end = function(w, selected, number, parent, path, begin, time, duration, captures,
      end_captures, lost)
      local period = { number = number, parent = parent, path = path or "None", begin = begin,
        time = time, duration = duration, captures = captures, end_captures = end_captures,
        lost = lost }
      if w.trees then
        w.trees:ended(period, selected)
      elseif selected then
        add(w, period, number)
      end
    end,
  },

  merge = "replay",

  tables = {
    { "log", "Period log", family.columns "path", sorted = "log", order = "place", needs = {},
      optional = true, text = family.log_text },
    { "aggregated_log", "Aggregated log",
      { { "Parent begin", "timestamp", "begin" },
        { "Parent end", "timestamp", "time", spare = 1 },
        { "Parent duration", "duration", "duration" }, { "Parent", "string", "path" },
        { "Child", "string", "part" }, { "Count", "number", "count" },
        { "Min", "duration", "min" }, { "Average", "duration", "average" },
        { "Max", "duration", "max" }, { "Stdev", "duration", "stdev", unknown = true },
        { "Runtime", "duration", "runtime" }, { "Parent captures", "string", "captures" } },
      group = { { "Group", "string", "name" } }, needs = {}, optional = true,
      classic = aggregated_text,
      each = function(w)
        local results, given = {}, w.options
        local limit = given["limit of logs"] or 0
        for i, group in ipairs(w.aggregated.list) do
          table.sort(group.rows, function(a, b)
            return a.number < b.number or a.number == b.number and a.part < b.part
          end)
          results[i] = { group = given["group-by"] and group,
            rows = limit > 0 and table.move(group.rows, 1, limit, 1, {}) or group.rows,
            title = ("Aggregation of (%s) by %s%s"):format(table.concat(given.select, ", "),
              table.concat(given["aggregate-by"] or { "all" }, ", "),
              given["group-by"] and ", group: " .. group.name or "") }
        end
        return results
      end },
  },
}
