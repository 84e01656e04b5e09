--- What an analysis is: hooks that collect, and tables that show.
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
-- What a hook does with each event is often no more than to hand some of its fields to an object.
-- Then it can be said, and is done without a call of Lua:
--
--       collect = { { "io_end", "io_class", "duration", into = "calls" } },
--
-- is the same as io_end = function(w, io_class, duration) w.calls:add(io_class, duration) end. With
-- `only = { io_class = { "read", "write" } }` it is done for some events only.
--
-- The window `w` is a plain table for the script's own use. These fields are there already:
-- `w.options`, the values of the command line's options by name; `w.from`, the begin of the time
-- that was asked for, if any; and once the window closes `w.first` and `w.last`, the times of its
-- first and last event, and `w.cpus`, the numbers of the CPUs that were recorded.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local log = require "lttnga.log"
local options = require "lttnga.options"
local sorted = require "lttnga.sorted"
local text = require "lttnga.text"

-- Asked for each cell of each row.
local type, math_type = type, math.type

local Analysis = {}
Analysis.__index = Analysis

local keys = {
  title = "string", description = "string", options = "table", begin = "function", on = "table",
  collect = "table", finish = "function", tables = "table", family = "table", filters = "table",
  trace = "boolean",
}

local unknown = setmetatable({}, { __name = "unknown" })

-- What the cells of a data class are: words for it, and whether a value is that.

local function is_maybe(kind, value)
  return value == nil or type(value) == kind
end

local text_cell = { what = "a text", is = function(value)
  return type(value) == "string" or type(value) == "number" or type(value) == "boolean"
end }

local number_cell = { what = "a number", is = function(value)
  return type(value) == "number"
end }

local time_cell = { what = "whole ns", is = function(value)
  return math_type(value) == "integer"
end }

local function is_maybe_integer(value)
  return value == nil or math_type(value) == "integer"
end

--- The data classes that a column can have, as in LAMI.
local classes = {
  string = text_cell, path = text_cell, syscall = text_cell, disk = text_cell, part = text_cell,
  netif = text_cell, mixed = text_cell,
  number = number_cell, ratio = number_cell, duration = number_cell, size = number_cell,
  bitrate = number_cell, cpu = number_cell, fd = number_cell,
  timestamp = time_cell,
  bool = { what = "true or false", is = function(value)
    return type(value) == "boolean"
  end },
  ["time-range"] = { what = "{ begin, end } in whole ns", is = function(value)
    return type(value) == "table" and time_cell.is(value[1]) and time_cell.is(value[2])
  end },
  process = { what = "{ name =, tid =, pid = }", is = function(value)
    return type(value) == "table" and is_maybe("string", value.name)
      and is_maybe_integer(value.tid) and is_maybe_integer(value.pid)
  end },
  irq = { what = "{ nr =, name =, hard = }", is = function(value)
    return type(value) == "table" and math_type(value.nr) == "integer"
      and is_maybe("string", value.name) and is_maybe("boolean", value.hard)
  end },
}

local function names_of(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Where the script called us: "script.lua:17: ". Empty if it ends with `return analysis { ... }`:
-- Lua forgets who made such a call, and lttnga.scripts says which script it is.
local function place()
  local own = debug.getinfo(1, "S").source
  local level, ours = 2, nil
  local info = debug.getinfo(level, "Slt")
  while info and info.source == own do
    ours = info
    level = level + 1
    info = debug.getinfo(level, "Slt")
  end
  if not info or ours and ours.istailcall then
    return ""
  end
  return ("%s:%d: "):format(info.short_src, info.currentline)
end

local function check(condition, message, ...)
  if not condition then
    error(place() .. message:format(...), 0)
  end
end

--- Checks that a name is a key of a map; the message ends with it, and with what may be meant.
local function check_known(map, name, message)
  if not map[name] then
    check(false, "%s '%s'%s", message, tostring(name),
      text.did_you_mean(tostring(name), names_of(map)))
  end
end

--- A column as { title, class, unit = }: checked, and with names for its parts.
local function read_column(column, where)
  check(type(column) == "table" and type(column[1]) == "string",
    "%s: a column is { title, class }", where)
  local class = column[2] or "string"
  check_known(classes, class, where .. ": column '" .. column[1] .. "' has an unknown class")
  check(column.width == nil or math_type(column.width) == "integer",
    "%s: the width of column '%s' must be a whole number", where, column[1])
  return {
    title = column[1], class = class, unit = column.unit, width = column.width,
    lami = column.lami or column[1],
  }
end

--- What a value is, for "must be ..., not ...".
local function kind_of(value)
  return value == nil and "nil" or type(value) == "number" and tostring(value)
    or "a " .. type(value)
end

--- Where a function of the script is: "script.lua:17".
local function where_is(f)
  local info = debug.getinfo(f, "S")
  return ("%s:%d"):format(info.short_src, info.linedefined)
end

--- The columns of a table: a list of them, or a function of the options that returns one.
local function read_columns(given, where, values)
  local list = type(given) == "function" and given(values) or given
  check(type(list) == "table" and #list > 0, "%s has no columns", where)
  local columns = {}
  for i, column in ipairs(list) do
    columns[i] = read_column(column, where)
  end
  return columns
end

--- How a table is written as text: a function that is held to return a text, or the parts of one.
local function read_layout(given, where)
  if type(given) ~= "function" then
    local headings = { string = true, ["function"] = true }
    check(given == nil or type(given) == "table" and headings[type(given.heading)]
      and (type(given.row) == "function" or type(given.line) == "table"), "%s: `text` must be a "
      .. "function, or { heading = text, row = function(row, about) }, not %s", where,
      kind_of(given))
    return given
  end
  return function(result, about)
    local written = given(result, about)
    if type(written) ~= "string" then
      fault.raise("%s: %s: `text` must return a string, not %s", where_is(given), where,
        kind_of(written))
    end
    return written
  end
end

--- Names that a sorted table can't have in the window.
local reserved = { options = true, from = true, cpus = true, first = true, last = true,
  trace = true }

--- A table as { id, title, columns, rows = function(w) }; instead of `rows`, `each` for several
-- tables, or `sorted` for one whose rows come as they are added.
local function read_table(given, number, defaults)
  local where = ("table %d"):format(number)
  check(type(given) == "table" and type(given[1]) == "string" and type(given[2]) == "string"
    and (type(given[3]) == "table" or type(given[3]) == "function"),
    "%s must be { id, title, columns, rows = function(w) }", where)
  where = ("table '%s'"):format(given[1])
  check(type(given.rows or given.each) == "function" or type(given.sorted) == "string",
    "%s has no function `rows`", where)
  local layout = read_layout(given.text, where)
  check(not reserved[given.sorted], "%s: `sorted` can't be '%s': the window has that already",
    where, given.sorted)
  check(not given.sorted or type(layout) == "table",
    "%s is sorted: its `text` must be { heading = text, row = function(row, about) }", where)
  check(given.row == nil or given.sorted and type(given.row) == "function",
    "%s: `row` must be a function, and is for sorted tables", where)
  check(not given.sorted or layout.row or given.row,
    "%s is sorted, and its `text` has a `line`: it needs a function `row`, too", where)
  check(given.unit == nil or type(given.unit) == "string", "%s: `unit` must be a text, not %s",
    where, kind_of(given.unit))
  check(given.needs == nil or type(given.needs) == "table",
    "%s: `needs` must be a list of hooks, not %s", where, kind_of(given.needs))
  check(given.optional == nil or type(given.optional) == "boolean",
    "%s: `optional` must be true or false", where)
  for key, need in pairs(given.needs or {}) do
    check(math_type(key) == "integer" and type(need) == "string",
      "%s: `needs` must be a list of names of hooks", where)
  end
  return {
    id = given[1], title = given[2], class = given.class or given[2], where = where,
    columns = read_columns(given[3], where, defaults), given_columns = given[3],
    rows = given.rows, each = given.each, sorted = given.sorted, row = given.row,
    text = layout,
    unit = given.unit, needs = given.needs, optional = given.optional,
  }
end

--- Names that an option of a script can't have.
local taken = options.set(options.run, options.other).by_name

local function read_options(given)
  local list = {}
  for _, option in ipairs(given or {}) do
    if type(option) == "string" then
      local group = options.groups[option]
      check_known(options.groups, option, "unknown option group")
      table.move(group, 1, #group, #list + 1, list)
    else
      check(type(option) == "table" and type(option.name) == "string",
        "an option is the name of a group, or { name = ..., help = ... }")
      check(not taken[option.name], "every run has an option '%s': give yours another name",
        option.name)
      if option.value then
        local read = option.read or "text"
        check(type(read) == "function" or options.readers[read],
          "option '%s' has an unknown `read`", option.name)
        option.read = options.readers[read] or read
      end
      list[#list + 1] = option
    end
  end
  return list
end

--- Makes an analysis; raises an error that blames the caller if something is wrong with it.
-- @tparam table given see above
-- @treturn Analysis
local function analysis(given)
  check(type(given) == "table", "analysis takes a table")
  for key, value in pairs(given) do
    check_known(keys, key, "an analysis has no")
    check(type(value) == keys[key], "'%s' must be a %s, not a %s", key, keys[key], type(value))
  end
  check(given.on or given.collect, "an analysis needs `on`, a table of hooks")
  check(given.title, "an analysis needs a title")
  local self = setmetatable({}, Analysis)
  self.title = given.title
  self.on = given.on or {}
  self.collect = given.collect or {}
  for i, one in ipairs(self.collect) do
    check(type(one) == "table" and type(one[1]) == "string" and type(one.into) == "string",
      "collect %d must be { EVENT, FIELD, ..., into = NAME }", i)
  end
  self.begin = given.begin or function() end
  self.finish = given.finish or function() end
  self.options = read_options(given.options)
  self.family = given.family
  for _, member in ipairs(given.family or {}) do
    check(type(member) == "table" and type(member.script) == "string"
      and type(member.flags) == "table", "a member of a family is { script =, flags = { ... } }")
  end
  self.trace = given.trace
  self.filters = given.filters and read_options(given.filters) or self.options
  local defaults, sorted_names = { output = "text" }, {}
  for _, option in ipairs(self.options) do
    defaults[option.name] = option.default
  end
  self.tables = {}
  for i, one in ipairs(given.tables or {}) do
    self.tables[i] = read_table(one, i, defaults)
    local name = self.tables[i].sorted
    check(not name or not sorted_names[name], "two tables are sorted = '%s'", name)
    sorted_names[name or ""] = true
  end
  return self
end

--- Whether a value is an analysis.
local function is(value)
  return getmetatable(value) == Analysis
end

--- What the script wants to be spared, for the host: the options that are filters.
-- @tparam table values option values by name
function Analysis:filter(values)
  local filter = {}
  for _, option in ipairs(self.filters) do
    if option.filter then
      filter[option.filter] = values[option.name]
    end
  end
  return filter
end

--- Raises a fault if a row does not fit the columns of a table.
-- @tparam string where the script makes the row
local function check_row(row, number, columns, where)
  local function expect(condition, message, ...)
    if not condition then
      fault.raise("%s: %s", where, message:format(...))
    end
  end
  expect(type(row) == "table", "row %d must be a list of cells, not %s", number, kind_of(row))
  for c, column in ipairs(columns) do
    local value = row[c]
    expect(value == nil or value == unknown or classes[column.class].is(value),
      "row %d: column '%s' (%s) must have %s, not %s", number, column.title, column.class,
      classes[column.class].what, kind_of(value))
  end
end

local function check_rows(rows, columns, where)
  if type(rows) ~= "table" then
    fault.raise("%s: `rows` must return a list of rows, not %s", where, kind_of(rows))
  end
  for r, row in ipairs(rows) do
    check_row(row, r, columns, where)
  end
  return rows
end

--- The columns of all tables with these options; read once.
local columns_with = setmetatable({}, { __mode = "k" })

--- @treturn table by number of the table: a list of columns, `dynamic` if they are not those that
-- the metadata tell
function Analysis:columns_for(values)
  local known = columns_with[values]
  if known and known[self] then
    return known[self]
  end
  known = known or setmetatable({}, { __mode = "k" })
  columns_with[values] = known
  known[self] = {}
  for i, one in ipairs(self.tables) do
    local columns = read_columns(one.given_columns, one.where, values)
    columns.dynamic = #columns ~= #one.columns
    for c, column in ipairs(columns) do
      local told = one.columns[c]
      columns.dynamic = columns.dynamic or told.title ~= column.title
        or told.class ~= column.class
    end
    known[self][i] = columns
  end
  return known[self]
end

--- What values of a class are most often, and whether that is enough to know.
local usual = {}
for class, cell in pairs(classes) do
  usual[class] = cell == text_cell and { kind = "string" }
    or cell == number_cell and { kind = "number" } or { kind = "", is = cell.is }
end

local Stream = {}
Stream.__index = Stream

--- The streams of each window, by number of the table.
local streams_of = setmetatable({}, { __mode = "k" })

--- Values by their names.
local function fields_of(names, ...)
  local fields = {}
  for i, name in ipairs(names) do
    fields[name] = (select(i, ...))
  end
  return fields
end

--- Adds a row to a sorted table.
-- @tparam integer key by which rows are sorted; equal ones stay as they came
-- @param row the row; or, if the table has a function `row`, what that makes it of beside the key
function Stream:add(key, row, ...)
  if self.make then
    local fields = self.names and fields_of(self.names, key, row, ...)
    row = self.make(self.window, key, row, ...)
    row.fields = fields or row.fields
  end
  self.count = self.count + 1
  -- Once for each row of tables that may be as long as the trace: no more work than is needed.
  local kinds, fits = self.kinds, self.fits
  for c = 1, #kinds do
    local value = row[c]
    if value ~= nil and type(value) ~= kinds[c] and not (fits[c] and fits[c](value)) then
      check_row(row, self.count, self.columns, ("table '%s'"):format(self.id))
      break
    end
  end
  local ok, message = self.texts:add(key, self.write(row))
  if not ok then
    fault.raise("%s", message)
  end
end

local function new_stream(one, columns, renderer, w, names)
  local stream = setmetatable({
    id = one.id, columns = columns, count = 0, make = one.row, window = w,
  }, Stream)
  stream.kinds, stream.fits = {}, {}
  for c, column in ipairs(columns) do
    stream.kinds[c], stream.fits[c] = usual[column.class].kind, usual[column.class].is
  end
  stream.texts = sorted.new()
  local wants_fields
  stream.write, stream.about, wants_fields =
    renderer:row_writer { id = one.id, columns = columns, text = one.text, from = w.from }
  stream.names = wants_fields and names or nil
  return stream
end

--- The fields that a `collect` puts into an object of the window; nil if none does.
local function collected(self, into)
  for _, one in ipairs(self.collect) do
    if one.into == into then
      return { table.unpack(one, 2) }
    end
  end
end

--- A new window.
-- @tparam table values option values by name
-- @tparam table renderer writes the rows of sorted tables
function Analysis:open(values, renderer, from)
  local w, streams = { options = values, from = from }, {}
  streams_of[w] = streams
  for i, one in ipairs(self.tables) do
    if one.sorted then
      -- What lines of text are made of can be said: then that is done in C.
      if renderer.line_about and type(one.text) == "table" and one.text.line then
        streams[i] = { about = renderer:line_about(from) }
        w[one.sorted] = log.new(one.text.line, streams[i].about)
        streams[i].lines = w[one.sorted]
      else
        streams[i] = new_stream(one, self:columns_for(values)[i], renderer, w,
          collected(self, one.sorted))
        w[one.sorted] = streams[i]
      end
    end
  end
  self.begin(w)
  return w
end

--- One result of a table: `part` has what is not as in the table as a whole.
local function result_of(one, columns, part, f)
  local where = ("%s: %s"):format(where_is(f), one.where)
  if type(part) ~= "table" then
    fault.raise("%s: `each` must return a list of { title =, rows = }, not of %s", where,
      kind_of(part))
  end
  columns = part.columns and read_columns(part.columns, one.where) or columns
  return {
    id = one.id, class = one.class, title = part.title or one.title, columns = columns,
    dynamic = part.columns ~= nil or columns.dynamic,
    text = one.text, unit = one.unit, above = part.above,
    rows = check_rows(part.rows, columns, where),
  }
end

--- Closes a window: returns its tables, filled.
-- @treturn table list of { id, class, title, columns, dynamic, text, unit, rows or lines }
function Analysis:close(w)
  self.finish(w)
  local results, columns = {}, self:columns_for(w.options)
  for i, one in ipairs(self.tables) do
    local stream = streams_of[w][i]
    if one.each then
      local parts = one.each(w)
      if type(parts) ~= "table" then
        fault.raise("%s: %s: `each` must return a list, not %s", where_is(one.each), one.where,
          kind_of(parts))
      end
      for _, part in ipairs(parts) do
        results[#results + 1] = result_of(one, columns[i], part, one.each)
      end
    elseif stream then
      local result = {
        id = one.id, class = one.class, title = one.title, columns = columns[i],
        dynamic = columns[i].dynamic, text = one.text, unit = one.unit, about = stream.about,
      }
      if stream.lines then
        stream.about.marked = stream.lines:early()
        result.log = stream.lines
      else
        local next_text, texts = stream.texts:each()
        result.lines = function() return next_text(texts) end
      end
      results[#results + 1] = result
    else
      results[#results + 1] = result_of(one, columns[i], { rows = one.rows(w) }, one.rows)
    end
  end
  return results
end

return setmetatable({ is = is, unknown = unknown }, {
  __call = function(_, given)
    local made = analysis(given) -- no tail call: see place()
    return made
  end,
})
