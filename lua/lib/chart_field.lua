--- The picture of a table: `chart = { kind =, x =, y = }`, or a list of such. The keys, and the
-- kinds with what they need, are in lttnga.keys. Columns are named as for --columns.
--
-- SPDX-License-Identifier: MIT

local keys = require "lttnga.keys"
local text = require "lttnga.text"

local chart_field = {}

--- The types of the keys of a picture, and the keys that each kind must have.
local types, kinds = {}, {}
for _, key in ipairs(keys.chart) do
  types[key[1]] = key[2]
end
for _, kind in ipairs(keys.chart_kinds) do
  kinds[kind[1]] = kind[2]
end

--- Kinds whose x is a time.
local over_time = { line = true, area = true, heat = true }
local is_time = { timestamp = true, ["time-range"] = true }

local function names_of(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The columns that a chart names, as a list.
local function columns_of(chart)
  local list = {}
  for _, name in ipairs { "x", "by", "value" } do
    list[#list + 1] = chart[name]
  end
  for _, name in ipairs(type(chart.y) == "table" and chart.y or { chart.y }) do
    list[#list + 1] = name
  end
  return list
end

local function check_one(chart, list, find, where, check)
  check(type(chart) == "table", "%s must be { kind =, x =, y = }", where)
  for name, value in pairs(chart) do
    if not types[name] then
      check(false, "%s: unknown field '%s'%s", where, tostring(name),
        text.did_you_mean(tostring(name), names_of(types)))
    end
    check(types[name]:find(type(value), 1, true), "%s: `%s` must be a %s, not a %s", where, name,
      types[name], type(value))
  end
  local needs = kinds[chart.kind or ""]
  if not needs then
    check(false, "%s: `kind` must be one of %s%s", where, table.concat(names_of(kinds), ", "),
      text.did_you_mean(tostring(chart.kind), names_of(kinds)))
  end
  for _, name in ipairs(needs) do
    check(chart[name], "%s: %s needs `%s`, the name of a column", where, chart.kind, name)
  end
  for _, name in ipairs(list and columns_of(chart) or {}) do
    check(type(name) == "string", "%s: `y` must be a list of column names", where)
    if not find(list, name) then
      local known = {}
      for i, column in ipairs(list) do
        known[i] = column.name
      end
      check(false, "%s: unknown column '%s'%s", where, name,
        text.did_you_mean(name, known))
    end
  end
  local x = list and over_time[chart.kind] and list[find(list, chart.x)]
  check(not x or is_time[x.class], "%s: `x` of %s must be a column of times, not '%s'", where,
    chart.kind, chart.x)
end

--- Reads the field `chart` of a table.
-- @param given see above, or nil
-- @tparam table|nil list the columns of the table, nil if they depend on options
-- @tparam function find tables.find_column
-- @tparam string where the table, for messages
-- @tparam function check check(condition, format, ...) raises an error of the script
-- @treturn table list of charts, or nil
function chart_field.read(given, list, find, where, check)
  if given == nil then
    return nil
  end
  local charts = given[1] ~= nil and given or { given }
  for i, chart in ipairs(charts) do
    check_one(chart, list, find, where .. (#charts > 1 and (": chart %d"):format(i) or ": chart"),
      check)
  end
  return charts
end

return chart_field
