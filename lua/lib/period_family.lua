--- What the analyses of periods share: their options, what they look for, and its names.
--
-- SPDX-License-Identifier: MIT

local ends = require "lttnga.ends"
local fault = require "lttnga.fault"
local json = require "dkjson"
local language = require "lttnga.period_language"
local options = require "lttnga.options"
local text = require "lttnga.text"
local time = require "lttnga.time"
local units = require "lttnga.units"

local family = {}

--- The analyses of the family, in the order of their results, for `family`: each takes the flags
-- that add the results of the others.
family.members = {
  { flags = { "log" }, script = "periodlog" },
  { flags = { "top" }, script = "periodtop" },
  { flags = { "stats" }, script = "periodstats" },
  { flags = { "freq" }, script = "periodfreq" },
}

--- What --order-by takes.
local function read_order(value)
  if value ~= "time" and value ~= "hierarchy" then
    return nil, ("must be 'time' or 'hierarchy', not '%s'"):format(value)
  end
  return value
end

--- Names of periods; of a path the last one counts.
local function read_names(value)
  local list, message = options.readers.names(value)
  for i, name in ipairs(list or {}) do
    list[i] = name:match "([^/]*)$"
  end
  return list, message
end

--- PERIOD.CAPTURE, separated by commas: a list of { period, capture }.
local function read_groups(value)
  local list, message = options.readers.names(value)
  for i, name in ipairs(list or {}) do
    local period, capture = name:match "([^/.]*)%.(.+)$"
    if not period or period == "" then
      return nil, ("must be PERIOD.CAPTURE, not '%s'"):format(name)
    end
    list[i] = { period, capture }
  end
  return list, message
end

--- The options of the analysis with a flag: see options.of_family.
family.options_of = options.of_family({
  { name = "stats", help = "also duration statistics (periodstats)" },
  { name = "freq", help = "also duration distributions (periodfreq)" },
  { name = "log", help = "also a log of all periods (periodlog)" },
  { name = "top", help = "also the longest periods (periodtop)" },
}, {
  { { name = "period", value = "DEF", read = options.readers.item, list = true,
      help = "define a period, NAME[(PARENT)] : BEGIN [: END] (docs/periods.md); may be repeated\n"
        .. "(default: none)" },
    { name = "period-captures", value = "DEF", read = options.readers.item, list = true,
      help = "values of a period to show, NAME : AT BEGIN [: AT END], such as\n"
        .. "'open : file = $evt.filename : ret = $evt.ret'; may be repeated (default: none)" } },
  { { name = "min-duration", value = "USEC", read = options.readers.microseconds,
      filter = { "duration", ">=" },
      help = "only periods that took at least this long (default: 0)" },
    { name = "max-duration", value = "USEC", read = options.readers.microseconds,
      filter = { "duration", "<=" }, least = "min-duration",
      help = "only periods that took at most this long (default: no limit)" },
    { name = "select", value = "NAME,...", read = read_names, list = true,
      help = "only periods with these names (default: all)" },
    { name = "aggregate-by", value = "NAME,...", read = read_names, list = true,
      help = "of parts, only those in parents with these names (default: all)" } },
  { { name = "group-by", value = "NAME.CAPTURE,...", read = read_groups, list = true,
      help = "separate results for each combination of these captures (default: none)" },
    of = { "stats", "freq", "log" } },
  { { name = "order-by", value = "WHAT", read = read_order, default = "time",
      help = "time (default), or hierarchy: each period followed by its parts" },
    of = { "log" } },
  { "limit", of = { "top", "log" } }, { "frequency", of = { "freq" } },
  { { name = "min", value = "USEC", read = options.readers.microseconds,
      help = "lower bound of distributions (default: the smallest value)" },
    { name = "max", value = "USEC", read = options.readers.microseconds, least = "min",
      help = "upper bound of distributions (default: the largest value)" }, of = { "freq" } },
  { "percentiles", of = { "stats" } },
})

--- Definitions that were read, by their text.
local known = {}

--- The definitions that the options ask for.
-- @tparam table given values of the options
-- @treturn table list, see lttnga.period_language; the same one for the same options
function family.definitions(given)
  local periods, captures = given.period or {}, given["period-captures"] or {}
  local key = table.concat(periods, "\0") .. "\0\0" .. table.concat(captures, "\0")
  if not known[key] then
    local list, message = language.read(periods, periods[1] and captures or {})
    if not list then
      fault.usage("--period: %s", message)
    end
    known[key] = list
  end
  return known[key]
end

--- Refuses names in options that no definition has.
local function check_names(given, definitions)
  local is_there, names = {}, {}
  for i, one in ipairs(definitions) do
    names[i] = one.name or "None"
    is_there[names[i]] = true
  end
  for _, option in ipairs { "select", "aggregate-by", "group-by" } do
    for _, asked in ipairs(given[option] or {}) do
      local name = type(asked) == "table" and asked[1] or asked
      if not is_there[name] then
        fault.usage("--%s: unknown period '%s'%s", option, name,
          text.did_you_mean(name, names))
      end
    end
  end
end

--- For `requests` of an analysis.
-- @tparam table given values of the options
-- @treturn table
function family.requests(given)
  local list = family.definitions(given)
  if not list[1] then
    return nil
  end
  check_names(given, list)
  return list, { what = "--period", min = given["min-duration"], max = given["max-duration"] }
end

--- For `finish` of an analysis: sets w.missed if there is no period to look for.
-- @tparam table w the window
function family.finish(w)
  if not (w.options.period or {})[1] then
    w.missed = "no periods are defined: use --period (see docs/periods.md)"
  end
end

--- For `selects` of an analysis.
family.selects = { request_end = {}, request_part = {}, request_open = {} }

-- ---- Names ----

--- The definitions as a tree, depth first, sorted by name below the same parent.
-- @tparam table definitions
-- @treturn table list of { name =, path =, depth =, parent = path or nil, number = in the list }
function family.tree(definitions)
  local list = {}
  local function add(parent, path, depth)
    local below = {}
    for number, one in ipairs(definitions) do
      if one.parent == parent then
        below[#below + 1] = { name = one.name or "None", depth = depth, parent = path,
          number = number, path = path and path .. "/" .. one.name or one.name or "None" }
      end
    end
    if parent then
      table.sort(below, function(a, b) return a.name < b.name end)
    end
    for _, one in ipairs(below) do
      list[#list + 1] = one
      local definition = definitions[one.number]
      if definition.name then
        add(definition.name, one.path, depth + 1)
      end
    end
  end
  add(nil, nil, 0)
  return list
end

--- The last name of a path.
-- @tparam string path
-- @treturn string
function family.name(path)
  return path and path:match "([^/]*)$"
end

--- Whether a name is among those of an option; all are if it was not given.
-- @tparam[opt] table list
-- @tparam string name
-- @treturn boolean
function family.is_among(list, name)
  if not list then
    return true
  end
  for _, one in ipairs(list) do
    if one == name then
      return true
    end
  end
  return false
end

-- ---- Captures ----

--- Captures that have been read, by their text.
local texts, n_texts = {}, 0

--- Captures as a table.
-- @tparam[opt] string source a field `captures`
-- @treturn table by name; what was not there is json.null
function family.captures(source)
  if not source then
    return {}
  end
  local found = texts[source]
  if not found then
    n_texts = n_texts + 1
    if n_texts > 100000 then
      texts, n_texts = {}, 0
    end
    found = json.decode(source, 1, json.null) or {}
    texts[source] = found
  end
  return found
end

--- One value as text.
-- @tparam any value
-- @treturn string
function family.value(value)
  if value == nil or value == json.null then
    return "None"
  elseif math.type(value) == "float" and value % 1 == 0 and math.tointeger(value) then
    return ("%d"):format(value)
  end
  return tostring(value)
end

--- Captures as texts "name = value", sorted by name, the last one first.
-- @tparam[opt] string source a field `captures`
-- @treturn table
function family.capture_lines(source)
  local names, lines = {}, {}
  local values = family.captures(source)
  for name in pairs(values) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b) return a > b end)
  for i, name in ipairs(names) do
    lines[i] = ("%s = %s"):format(name, family.value(values[name]))
  end
  return lines
end

-- ---- A period as a row ----

--- How captures look in a cell.
local function captures_text(source)
  return table.concat(family.capture_lines(source), ", ")
end

--- The columns of a table of periods that is not sorted: captures are shown as people read them.
-- @tparam string name "name" or "path": how they are called there
-- @treturn table
function family.top_columns(name)
  local list = family.columns(name)
  for _, column in ipairs(list) do
    column.text = column[1]:find "captures" and captures_text or nil
  end
  return list
end

--- The columns of a table of periods.
-- @tparam string name "name" or "path": how they are called there
-- @treturn table
function family.columns(name)
  return {
    { "Begin", "timestamp", "begin" }, { "End", "timestamp", "time", spare = 1 },
    { "Duration", "duration", "duration" }, { "Period", "string", name },
    { "Begin captures", "string", "captures" }, { "End captures", "string", "end_captures" },
    { "Lost events", "number", "lost" },
  }
end

--- Widths of the columns; times with their date are wider.
local WIDTHS = { -41, 15, -25, -35, 0 }
local DATED = { -63, 15, -25, -35, 0 }

local function heading(about)
  return text.columns(about.date and DATED or WIDTHS, "Begin and end", "Duration (us)", "Name",
    "Begin capture", "End capture")
end

--- How a table of periods looks as text, with further captures in lines of their own.
-- @tparam string name "name" or "path"
-- @treturn table
function family.text(name)
  return function(result, about)
    local lines, marked = { "Period top", heading(about) }, false
    local widths = about.date and DATED or WIDTHS
    for _, row in ipairs(result.rows) do
      local r = row.record
      local first, last = family.capture_lines(r.captures), family.capture_lines(r.end_captures)
      local lost = r.lost > 0
      marked = marked or lost
      for i = 1, math.max(1, #first, #last) do
        lines[#lines + 1] = i == 1
          and text.columns(widths, ("[%s, %s]"):format(time.format(r.begin, about),
            time.format(r.time, about)), units.us(r.duration) .. (lost and "*" or ""),
            r[name] or "None", first[i] or "", last[i] or "")
          or text.columns(widths, "", "", "", first[i] or "", last[i] or "")
      end
    end
    lines[#lines + 1] = marked and "*: events were lost during the period" or nil
    return text.join(lines)
  end
end

--- The same for a log, line by line; `mark` is "*" if events were lost meanwhile.
family.log_text = {
  heading = heading,
  line = {
    { -41, "[{begin:time}, {time:time}]|", "Begin and end", shorter = ends.shorter },
    { 15, "{duration:us}{mark}|{duration:us}|", "Duration" }, { -25, "{path}|", "Name" },
    { -35, "{captures}|", "Begin capture" }, { 0, "{end_captures}|", "End capture" },
  },
}

return family
