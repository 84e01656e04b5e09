--- An analysis: hooks that collect, and tables that show.
--
--     local analysis = require "lttnga.analysis"
--     return analysis {
--       title  = "What it is called",
--       begin  = function(w) w.count = 0 end,                  -- a window opens
--       on     = { io_end = function(w) w.count = w.count + 1 end },
--       tables = { { "count", "I/O calls", { { "Calls", "number" } },
--                    rows = function(w) return { { w.count } } end } },
--     }
--
-- A hook that only passes fields to an object can be a `collect`, which takes no call of Lua:
--
--       collect = { { "io_end", "io_class", "duration", into = "calls" } },
--
-- is the same as io_end = function(w, io_class, duration) w.calls:add(io_class, duration) end.
--
-- The keys of an analysis, what its window `w` has, and what its function `run` gets, are listed in
-- lttnga.keys; docs/script-reference.md has them all. `requests` returns definitions for hooks of
-- request_end, request_open and request_part: see lttnga.requests. An analysis with `sections`
-- instead of hooks is a report of others: see lttnga.report. lttnga.windows opens and closes the
-- windows.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"
local keys = require "lttnga.keys"
local options = require "lttnga.options"
local report = require "lttnga.report"
local tables = require "lttnga.tables"
local text = require "lttnga.text"

local Analysis = {}
Analysis.__index = Analysis

--- The types that the keys of an analysis may have.
local fields = {}
for _, key in ipairs(keys.analysis) do
  fields[key[1]] = key[2]
end

local function names_of(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Our own files that a script calls.
local ours = {}
for _, f in ipairs { names_of, columns.read, report.check, tables.read } do
  ours[debug.getinfo(f, "S").source] = true
end

--- Where the script called us: "script.lua:17: ". Empty if the script ends with
-- `return analysis { ... }`: Lua forgets the caller of a tail call, and lttnga.scripts names the
-- script.
local function place()
  local level, last = 2, nil
  local info = debug.getinfo(level, "Slt")
  while info and ours[info.source] do
    last = info
    level = level + 1
    info = debug.getinfo(level, "Slt")
  end
  if not info or last and last.istailcall then
    return ""
  end
  return ("%s:%d: "):format(info.short_src, info.currentline)
end

local function check(condition, message, ...)
  if not condition then
    error(place() .. message:format(...), 0)
  end
end

--- Checks that a name is a key of a map; the message ends with it, and with a suggestion.
local function check_known(map, name, message)
  if not map[name] then
    check(false, "%s '%s'%s", message, tostring(name),
      text.did_you_mean(tostring(name), names_of(map)))
  end
end

--- Names that an option of a script can't have.
local taken = options.set(options.run, options.other).by_name
-- What writes a file by itself has its own.
taken["output-file"] = nil

--- The options of a group, without those for which the script has one of its own.
local function options_of(group, given)
  local list, own = {}, {}
  for _, option in ipairs(given) do
    own[type(option) == "table" and option.name or ""] = true
  end
  for _, option in ipairs(group) do
    list[#list + 1] = not own[option.name] and option or nil
  end
  return list
end

--- Reads the options of a script, and whether it has a limit of its own. Every script has --filter
-- unless it has another option of that name.
-- @tparam[opt] boolean whole whether nothing filters events
local function read_options(given, whole)
  local list, has_limit, has_filter = {}, false, whole
  for _, option in ipairs(given or {}) do
    if type(option) == "string" then
      check_known(options.groups, option, "unknown option group")
      local group = options_of(options.groups[option], given)
      table.move(group, 1, #group, #list + 1, list)
      has_limit = has_limit or option == "limit"
    else
      check(type(option) == "table" and type(option.name) == "string",
        "an option must be the name of a group, or { name = ..., help = ... }")
      check(not taken[option.name], "the option name '%s' is reserved: choose another",
        option.name)
      if option.value then
        local read = option.read or "text"
        check(type(read) == "function" or options.readers[read],
          "option '%s': unknown `read`", option.name)
        option.read = options.readers[read] or read
      end
      list[#list + 1] = option
      has_limit = has_limit or option.name == "limit"
      has_filter = has_filter or option.name == "filter"
    end
  end
  if not has_limit then
    list[#list + 1] = options.groups.rows[1]
  end
  if not has_filter then
    list[#list + 1] = options.groups.filter[1]
  end
  return list, has_limit
end

--- Checks a list of collects.
local function check_collects(list)
  check(type(list) == "table", "`collect` must return a list")
  for i, one in ipairs(list) do
    check(type(one) == "table" and type(one[1]) == "string" and type(one.into) == "string",
      "collect %d must be { EVENT, FIELD, ..., into = NAME }", i)
  end
  return list
end

--- The values of options that are not given.
local function defaults_of(list)
  local defaults = { output = "text" }
  for _, option in ipairs(list) do
    defaults[option.name] = option.default
  end
  return defaults
end

local function read_tables(given, defaults)
  local list, sorted = {}, {}
  for i, one in ipairs(given or {}) do
    list[i] = tables.read(one, i, defaults, check)
    local name = list[i].sorted
    check(not name or not sorted[name], "two tables have sorted = '%s'", name)
    sorted[name or ""] = true
  end
  return list
end

local function nothing()
end

--- Makes an analysis; raises an error that blames the caller if something is wrong with it.
-- @tparam table given see lttnga.keys
-- @treturn Analysis
local function analysis(given)
  check(type(given) == "table", "analysis() expects a table")
  for key, value in pairs(given) do
    check_known(fields, key, "unknown field of an analysis:")
    check(fields[key]:find(type(value), 1, true), "'%s' must be a %s, not a %s", key, fields[key],
      type(value))
  end
  check(given.on or given.collect or given.sections, "an analysis needs `on`, `collect` or "
    .. "`sections`")
  if given.sections then
    report.check(given.sections, check)
  end
  check(given.title, "an analysis needs a title")
  local self = setmetatable({}, Analysis)
  self.title = given.title
  self.on = given.on or {}
  self.run = given.run or nothing
  self.begin = given.begin or nothing
  self.finish = given.finish or nothing
  self.merge = given.merge
  check(type(given.merge) ~= "string" or given.merge == "replay",
    "`merge` must be a function, \"replay\" or false")
  self.undivided = given.undivided
  local whole = given.trace or given.selects and not next(given.selects)
  self.options, self.has_limit = read_options(given.options, whole)
  self.given_collect = given.collect
  self.defaults = defaults_of(self.options)
  self.collect = self:collects(self.defaults)
  self.family = given.family
  for _, member in ipairs(given.family or {}) do
    check(type(member) == "table" and type(member.script) == "string"
      and type(member.flags) == "table", "a member of a family must be { script =, flags = { ... "
        .. "} }")
  end
  self.trace = given.trace
  self.intervals = given.intervals
  self.in_order = given.in_order
  self.writes = given.writes
  self.requests = given.requests
  self.sections = given.sections
  self.filters = given.filters and read_options(given.filters, whole) or self.options
  self.selects = given.selects
  self.tables = read_tables(given.tables, self.defaults)
  return self
end

--- Whether a value is an analysis.
local function is(value)
  return getmetatable(value) == Analysis
end

--- The collects with these options.
-- @tparam table values option values by name
function Analysis:collects(values)
  local given = self.given_collect
  return check_collects(type(given) == "function" and given(values) or given or {})
end

--- Notes how many rows of which tables are shown. Tables that rank their rows have the limit of the
-- analysis; so have the others if it is for nothing else. Logs are cut off only if a limit was
-- given.
-- @tparam table values option values by name, which get three more
-- @tparam boolean is_given whether there was a --limit
function Analysis:note_limits(values, is_given)
  values["limit of all"] = (not self.has_limit or is_given and values.limit == 0) and values.limit
    or nil
  values["limit given"] = is_given or nil
  values["limit of logs"] = (not self.has_limit or is_given) and values.limit or nil
end

--- The columns of all tables with some options; read once.
local columns_with = setmetatable({}, { __mode = "k" })

--- @treturn table by number of the table: its columns, see tables.columns_for
function Analysis:columns_for(values)
  local known = columns_with[values]
  if known and known[self] then
    return known[self]
  end
  known = known or setmetatable({}, { __mode = "k" })
  columns_with[values] = known
  known[self] = {}
  for i, one in ipairs(self.tables) do
    known[self][i] = tables.columns_for(one, values, check)
  end
  return known[self]
end

return setmetatable({ is = is, unknown = columns.unknown }, {
  __call = function(_, given)
    local made = analysis(given) -- no tail call: see place()
    return made
  end,
})
