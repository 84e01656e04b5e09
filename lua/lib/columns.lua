--- The columns of result tables: their classes, and how a row becomes cells.
--
-- A column is { TITLE, CLASS, FIELD, ... }. The class says what its cells are (see `classes`); the
-- field, where they come from:
--
--     "size"                                      the row's field of that name
--     { name = "procname", tid = "tid", ... }     the parts of a cell that has several
--     function(row, w) return ... end             what it returns
--     nothing                                     the row is a list: the cell at the column's place
--
-- The other keys of a column are in lttnga.keys.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local keys = require "lttnga.keys"
local text = require "lttnga.text"

-- Asked for each cell of each row.
local type, math_type = type, math.type

local columns = {}

--- The cell of a value that exists but is not known.
columns.unknown = setmetatable({}, { __name = "unknown" })

local unknown = columns.unknown

-- ---- Classes ----

local function is_maybe(kind, value)
  return value == nil or type(value) == kind
end

local function is_maybe_integer(value)
  return value == nil or math_type(value) == "integer"
end

local function is_time(value)
  return math_type(value) == "integer"
end

local text_class = { what = "a string", is = function(value)
  return type(value) == "string" or type(value) == "number" or type(value) == "boolean"
end }

local number_class = { what = "a number", is = function(value)
  return type(value) == "number"
end }

local list_class = { what = "a list or table of strings and numbers", is = function(value)
  return type(value) == "table"
end }

--- The classes that a column can have, as in LAMI (except list and counts): a word for a cell,
-- whether a value is one, and the names of its parts if it has several. lttnga.keys describes them.
columns.classes = {
  string = text_class, path = text_class, syscall = text_class, disk = text_class,
  part = text_class, netif = text_class, mixed = text_class,
  number = number_class, ratio = number_class, duration = number_class, size = number_class,
  bitrate = number_class, cpu = number_class, fd = number_class,
  list = list_class, counts = list_class,
  timestamp = { what = "an integer (ns)", is = is_time },
  bool = { what = "a boolean", is = function(value)
    return type(value) == "boolean"
  end },
  ["time-range"] = { what = "{ begin, end } in integer ns", parts = { "begin", "end" },
    is = function(value)
      return type(value) == "table" and is_time(value[1]) and is_time(value[2])
    end },
  process = { what = "{ name =, tid =, pid = }", parts = { "name", "tid", "pid" },
    is = function(value)
      return type(value) == "table" and is_maybe("string", value.name)
        and is_maybe_integer(value.tid) and is_maybe_integer(value.pid)
    end },
  irq = { what = "{ nr =, name =, hard = }", parts = { "nr", "name", "hard" },
    is = function(value)
      return type(value) == "table" and math_type(value.nr) == "integer"
        and is_maybe("string", value.name) and is_maybe("boolean", value.hard)
    end },
}

local classes = columns.classes

--- The names of all classes, sorted.
function columns.class_names()
  local names = {}
  for name in pairs(classes) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- ---- Reading ----

--- What a value is, for "must be ..., not ...".
function columns.kind_of(value)
  return value == nil and "nil" or type(value) == "number" and tostring(value)
    or "a " .. type(value)
end

--- The names of columns for machines: "Out of range" -> "out_of_range", "Priority: -5" ->
-- "priority_minus_5". Each is unique, also among those of another list, if there is one.
local function name_columns(list, beside)
  local taken = { table = true, window = true, host = true, trace = true, [""] = true }
  for _, column in ipairs(beside or {}) do
    taken[column.name] = true
  end
  for c, column in ipairs(list) do
    local name = column.title:lower():gsub("%f[%w-]%-(%d)", "minus_%1")
      :gsub("[^%w\x80-\xff]+", "_"):gsub("^_", ""):gsub("_$", "")
    if taken[name] or not utf8.len(name) then
      name = "column_" .. c
    end
    while taken[name] do
      name = name .. "_"
    end
    column.name, taken[name] = name, true
  end
end

--- Parts of a cell as { PART = FIELD }; a time range can be written as { BEGIN, END }.
local function parts_of(class, given)
  if class.parts and given[1] and not given[class.parts[1]] then
    local parts = {}
    for i, part in ipairs(class.parts) do
      parts[part] = given[i]
    end
    return parts
  end
  return given
end

--- The keys of a column: the types that each may have.
local fields = keys.types(keys.column)

--- Whether a value is of one of several types.
local function is_of(value, types)
  for _, one in ipairs(types) do
    if type(value) == one or math_type(value) == one then
      return true
    end
  end
  return false
end

--- Checks the keys of a column or a table.
-- @tparam table given as the script has it
-- @tparam table known by name: list of the types that it may have, or true
-- @tparam string where for messages
-- @tparam function check check(condition, format, ...) raises an error of the script
function columns.check_fields(given, known, where, check)
  for name, value in pairs(given) do
    if type(name) == "string" and not known[name] then
      local names = {}
      for other in pairs(known) do
        names[#names + 1] = other
      end
      table.sort(names)
      check(false, "%s: unknown field '%s'%s", where, name, text.did_you_mean(name, names))
    elseif type(name) == "string" and known[name] ~= true then
      check(is_of(value, known[name]), "%s: `%s` must be a%s %s, not %s", where, name,
        known[name][1] == "integer" and "n" or "", table.concat(known[name], " or a "),
        columns.kind_of(value))
    end
  end
end

--- Checks the field of a column: for a class of several parts it can be a table of them.
local function check_field(field, class, where, check)
  check(field == nil or type(field) == "string" or type(field) == "function"
    or type(field) == "table" and class.parts, "%s: the field must be a name or a function, "
    .. "not %s", where, columns.kind_of(field))
  local parts = {}
  for i, part in ipairs(type(field) == "table" and class.parts or {}) do
    parts[part], parts[i] = true, true
  end
  for part, value in pairs(type(field) == "table" and field or {}) do
    check(parts[part], "%s: unknown part '%s'%s", where, tostring(part),
      text.did_you_mean(tostring(part), class.parts))
    check(type(value) == "string" or type(value) == "function",
      "%s: part '%s' must be a field name or a function, not %s", where, tostring(part),
      columns.kind_of(value))
  end
end

--- What a comparison can be told of a column, see lttnga.keys.
local comparable = { sum = true, share = true, mean = true, none = true }

--- Reads one column.
-- @tparam table given see above
-- @tparam integer number which one it is
-- @tparam string where the table that it is of, for messages
-- @tparam function check check(condition, format, ...) raises an error of the script
local function read_column(given, number, where, check)
  check(type(given) == "table" and type(given[1]) == "string",
    "%s: column %d must be { title, class, field }", where, number)
  local class, field = given[2] or "string", given[3]
  if not classes[class] then
    check(false, "%s: column '%s': unknown class '%s'%s", where, given[1], tostring(class),
      text.did_you_mean(tostring(class), columns.class_names()))
  end
  local what = ("%s: column '%s' (%s)"):format(where, given[1], class)
  columns.check_fields(given, fields, what, check)
  check_field(field, classes[class], what, check)
  check(given.compare == nil or comparable[given.compare], "%s: `compare` must be \"sum\", "
    .. "\"share\", \"mean\" or \"none\", not '%s'", what, tostring(given.compare))
  return {
    title = given[1], class = class, unit = given.unit, width = given.width,
    heading = (" "):rep(given.indent or 0) .. (given.heading or given[1]),
    text = given.text, line = given.line, indent = given.indent, hidden = given.hidden,
    spare = given.spare,
    with = given.with, default = given.default, unknown = given.unknown, compare = given.compare,
    is_key = given.key or false,
    field = type(field) == "table" and parts_of(classes[class], field) or field,
  }
end

--- Reads a list of columns.
-- @tparam table given see above
-- @tparam string where the table that they are of, for messages
-- @tparam function check check(condition, format, ...) raises an error of the script
-- @tparam[opt] table beside columns that rows have, too: no name is one of theirs
-- @treturn table list of { title, class, name (for machines), field, ... }
function columns.read(given, where, check, beside)
  check(type(given) == "table" and #given > 0, "%s has no columns", where)
  local list, has_key = {}, false
  for i, column in ipairs(given) do
    list[i] = read_column(column, i, where, check)
    has_key = has_key or list[i].is_key
  end
  list[1].is_key = list[1].is_key or not has_key
  name_columns(list, beside)
  return list
end

-- ---- Cells ----

--- A field that rows made in C have as "{begin:early}".
local EARLY = "^(.*):early$"

--- The value of a field: "begin:early" is whether `begin` is before the time that was asked for.
local function value_of(row, field, w)
  local value = row[field]
  if value == nil then
    local early = field:match(EARLY)
    if early then
      return row[early] ~= nil and row[early] < (w.from or row[early])
    end
  end
  return value
end

--- A cell of several parts.
local function composed(row, column, w)
  local cell = {}
  for i, part in ipairs(classes[column.class].parts) do
    local field = column.field[part]
    local value = nil
    if type(field) == "function" then
      value = field(row, w)
    elseif field then
      value = value_of(row, field, w)
    end
    cell[column.class == "time-range" and i or part] = value
  end
  return cell
end

--- The cell of a row in a column.
function columns.cell(row, column, c, w)
  local field, value = column.field, row[c]
  if column.with and row[column.with] == nil then
    return nil
  elseif type(field) == "string" then
    value = value_of(row, field, w)
  elseif type(field) == "function" then
    value = field(row, w)
  elseif field then
    value = composed(row, column, w)
  end
  local lack = column.unknown
  if value == nil and column.default ~= nil then
    return column.default
  elseif value == nil and lack and (lack == true or row[lack] ~= nil) then
    return unknown
  end
  return value
end

--- Raises a fault if a row does not fit its columns.
-- @tparam table row a list of cells
-- @tparam integer number of the row
-- @tparam table list the columns
-- @tparam string where the script makes the row
local function check_cells(row, number, list, where)
  for c, column in ipairs(list) do
    local value = row[c]
    if value ~= nil and value ~= unknown and not classes[column.class].is(value) then
      fault.raise("%s: row %d: column '%s' (%s): expected %s, not %s", where, number, column.title,
        column.class, classes[column.class].what, columns.kind_of(value))
    end
  end
end

--- Raises a fault if a row is not a table.
-- @tparam table rows as the script gives them
-- @tparam string where the script makes the rows
function columns.check_rows(rows, where)
  for r, row in ipairs(rows) do
    if type(row) ~= "table" then
      fault.raise("%s: row %d must be a table of fields or a list of cells, not %s", where, r,
        columns.kind_of(row))
    end
  end
end

--- Raises a fault if rows are lists of cells and one has more cells than there are columns.
local function check_lengths(rows, list, where)
  for _, column in ipairs(list) do
    if column.field then
      return
    end
  end
  for r, row in ipairs(rows) do
    if row[#list + 1] ~= nil then
      fault.raise("%s: row %d has %d cells, but there %s %d column%s", where, r, #row,
        #list == 1 and "is" or "are", #list, #list == 1 and "" or "s")
    end
  end
end

--- Rows as lists of cells, checked; each has the row that it was made of as `record`.
-- @tparam table rows as the script gives them
-- @tparam table list the columns
-- @tparam table w the window
-- @tparam string where the script makes the rows
function columns.cells(rows, list, w, where)
  local cells = {}
  columns.check_rows(rows, where)
  check_lengths(rows, list, where)
  for r, row in ipairs(rows) do
    local made = { record = row }
    for c, column in ipairs(list) do
      made[c] = columns.cell(row, column, c, w)
    end
    check_cells(made, r, list, where)
    cells[r] = made
  end
  return cells
end

--- What a cell is sorted by: a number or a string; nil if it has no order.
function columns.rank_of(value, column)
  if type(value) == "boolean" then
    return value and 1 or 0
  elseif value == unknown or value ~= value then
    return nil
  elseif type(value) ~= "table" then
    return value
  end
  return column.class == "time-range" and value[1] or value.name or value.nr or value.tid
    or value.pid
end

return columns
