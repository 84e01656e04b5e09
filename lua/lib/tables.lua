--- Result tables: how an analysis declares them, and what becomes of their rows.
--
-- A table is declared as { ID, TITLE, COLUMNS, rows = function(w) ... end, ... }: see
-- lttnga.columns, and docs/script-reference.md. When a window closes each gives one result, or
-- several (`each`).
--
-- A result is what renderers get. It has
--
--     id, title, class    its name, its title, and the title of all results of the table
--     columns             list of { title, class, name, unit, ... }, see lttnga.columns
--     group               for those of `each`: columns of what its rows have in common, or nil, and
--     group_cells         their cells
--     rows                list of rows: each a list of cells, and `record`, what it was made of; or
--     log                 what makes the rows in C, if there are many, see lttnga.log: in the
--                         format of the renderer (`format`), each once
--     host                the name of its machine, if it is known
--     has_hosts           whether its rows have host and trace themselves
--     dynamic             whether the columns differ from those that the analysis declares
--     text, classic       how it looks as text, and with --classic if that differs: see
--                         render_text
--     total               how many rows there would be without a limit
--     unlimited           whether nothing limits the rows
--     limit               the limit that was given, if one was
--     limited             whether a limit that was not given would hold, too
--     most                how many rows are shown at most; nil or 0: all
--     flat                for those of `each`: the field that text ranks the rows of all by
--     is_chosen           whether --columns named its columns
--     heading, above, unit, widths    what stands above it there
--     optional            whether people need not see that it has no rows
--     says                sentences about its rows, for a page; or nil
--     bare                its text is for other programs: no time range stands above it
--     parts               what names its rows if they are parts of a whole, see lttnga.keys, or nil
--     charts              its pictures, see lttnga.chart_field, or nil
--     ranked              the field that its rows are ranked by, or nil
--
-- A renderer is a file render_NAME.lua, found by its name (--output NAME):
--
--     new(write, about)       -> object; write takes text, or what has a method write(file); about:
--                             gmt, date (how times are shown), width, classic, color (how text
--                             looks, see lttnga.terminal), windows (whether there are several),
--                             hosts (whether rows tell host and trace), machines (whether there
--                             are results of several), spreadsheet, classes (what LAMI's metadata
--                             tell, see render_lami)
--     :window(results, first, last)    the results of a window, and its begin and end (ns)
--     :finish(about)          the end: about.warnings (texts), .trace (the table "trace", see
--                             lttnga.trace_table, or nil), .single (whether there is one table
--                             beside it), .lost (streams that have lost something)
--     :log_spec(one, columns) how lttnga.log writes the rows of a table, see there
--
-- SPDX-License-Identifier: MIT

local chart_field = require "lttnga.chart_field"
local columns = require "lttnga.columns"
local fault = require "lttnga.fault"
local keys = require "lttnga.keys"
local log = require "lttnga.log"
local top = require "lttnga.top"

local tables = {
  -- How many ranked rows are shown by default.
  LIMIT = 10,
}

-- ---- Declarations ----

--- The keys of a table: the types that each may have.
local fields = keys.types(keys.table)

--- Names that a sorted table can't have in the window: it has them already.
local reserved = keys.types(keys.window)

--- Where a function of the script is: "script.lua:17".
local function where_is(f)
  local info = debug.getinfo(f, "S")
  return ("%s:%d"):format(info.short_src, info.linedefined)
end

--- How a table looks as text: "grid", "none", a function that is checked to return a string, or the
-- parts of one.
local function read_layout(given, where, check)
  if type(given) == "table" then
    local headings = { string = true, ["function"] = true }
    check(headings[type(given.heading)] and (type(given.row) == "function"
      or type(given.line) == "table"), "%s: `text` must be a function, or { heading = text, "
      .. "row = function(row, about) }", where)
  elseif type(given) == "string" then
    check(given == "grid" or given == "none", "%s: `text` must be \"grid\", \"none\", a function, "
      .. "or { heading = text, row = function(row, about) }, not '%s'", where, given)
  elseif type(given) == "function" then
    return function(result, about)
      local written = given(result, about)
      if type(written) ~= "string" then
        fault.raise("%s: %s: `text` must return a string, not %s", where_is(given), where,
          columns.kind_of(written))
      end
      return written
    end
  end
  return given
end

--- The columns of a table with these options: a list, or what a function of the options returns.
local function columns_with(given, where, values, check, group)
  return columns.read(type(given) == "function" and given(values) or given, where, check, group)
end

--- Classes that rows made in C can't have.
local not_in_logs = { list = true, counts = true }

--- What columns of sorted tables can't have, since no function of Lua sees their rows.
local function check_sorted_column(column, where, check)
  local field, parts = column.field, columns.classes[column.class].parts
  local what = ("%s is sorted: its column '%s' "):format(where, column.title)
  check(type(field) == (parts and "table" or "string"), "%smust name %s", what,
    parts and "the fields of its parts" or "its field")
  for _, part in pairs(parts and field or {}) do
    check(type(part) == "string", "%smust name the fields of its parts", what)
  end
  check(not not_in_logs[column.class], "%scannot be a %s", what, column.class)
  check(parts or column.unknown ~= true, "%smust have `unknown = FIELD`", what)
  for _, name in ipairs { "default", "text", "indent", parts and "unknown" or "with" } do
    check(column[name] == nil, "%scannot have `%s`", what, name)
  end
end

local function check_sorted(one, where, check)
  check(not reserved[one.sorted], "%s: `sorted` must not be '%s': every window has a field of "
    .. "this name", where,
    one.sorted)
  check(not one.rows and not one.each, "%s is sorted: it cannot have `%s`", where,
    one.rows and "rows" or "each")
  check(not one.text or one.text == "none" or type(one.text) == "table",
    "%s is sorted: its `text` must be \"none\", or { heading = text, line = { ... } }", where)
  for _, column in ipairs(one.columns) do
    check_sorted_column(column, where, check)
  end
end

--- Reads a table.
-- @tparam table given see above
-- @tparam integer number which one of the analysis it is
-- @tparam table defaults options as they are if none is given
-- @tparam function check check(condition, format, ...) raises an error of the script
-- @treturn table what tables.fill and tables.open_log take
function tables.read(given, number, defaults, check)
  local where = ("table %d"):format(number)
  check(type(given) == "table" and type(given[1]) == "string" and type(given[2]) == "string"
    and (type(given[3]) == "table" or type(given[3]) == "function"),
    "%s must be { id, title, columns, rows = function(w) }", where)
  where = ("table '%s'"):format(given[1])
  columns.check_fields(given, fields, where, check)
  check(given.rows or given.each or given.sorted, "%s needs a function `rows`", where)
  for key, need in pairs(given.needs or {}) do
    check(math.type(key) == "integer" and type(need) == "string",
      "%s: `needs` must be a list of hook names", where)
  end
  local one = {}
  for name in pairs(fields) do
    one[name] = given[name]
  end
  one.id, one.title, one.where = given[1], given[2], where
  one.class = given.class or given[2]
  one.given_columns = given[3]
  one.group = given.group and columns.read(given.group, where .. " (group)", check)
  one.columns = columns_with(given[3], where, defaults, check, one.group)
  one.text = read_layout(given.text, where, check)
  one.charts = chart_field.read(given.chart, type(given[3]) == "table" and one.columns or nil,
    tables.find_column, where, check)
  one.classic = read_layout(given.classic, where, check)
  if one.sorted then
    check_sorted(one, where, check)
  end
  for _, column in ipairs(one.columns) do
    check(one.sorted or not column.line, "%s: its column '%s' can't have `line`: it is not sorted",
      where, column.title)
  end
  return one
end

--- The columns of a table with these options. `dynamic`: they are not those that are declared.
function tables.columns_for(one, values, check)
  local list = columns_with(one.given_columns, one.where, values, check, one.group)
  list.dynamic = #list ~= #one.columns
  for c, column in ipairs(list) do
    local declared = one.columns[c]
    list.dynamic = list.dynamic or declared.title ~= column.title
      or declared.class ~= column.class
  end
  return list
end

-- ---- What was asked for: --sort, --limit, --columns ----

--- Finds a column by its name, as --columns has it, or by its title.
-- @tparam table list columns of a result
-- @tparam string name
-- @treturn ?integer its number; nil if there is none
function tables.find_column(list, name)
  for c, column in ipairs(list) do
    if column.name == name or column.title:lower() == name:lower() then
      return c
    end
  end
  return nil
end

--- Only the columns that were asked for, in that order; nil if this table has none of them.
-- @treturn table list of columns; list of their numbers
local function choose_columns(list, names)
  local chosen, numbers, taken = { dynamic = true }, {}, {}
  for _, name in ipairs(names) do
    local c = tables.find_column(list, name)
    if c and not taken[c] then
      taken[c] = true
      chosen[#chosen + 1], numbers[#numbers + 1] = list[c], c
    end
  end
  return #chosen > 0 and chosen or nil, numbers
end

--- Classes that are sorted from the least on; the others from the largest on.
local ascending = { timestamp = true, ["time-range"] = true }

--- Sorts rows by a column: numbers from the largest on, strings and times from the first on; a "-"
-- before the name reverses that.
-- @tparam table rows lists of cells, each with `record`
-- @tparam table list their columns
-- @tparam string given name of a column; if there is none, nothing is sorted
function tables.sort(rows, list, given)
  local turned = given:sub(1, 1) == "-"
  local c = tables.find_column(list, turned and given:sub(2) or given)
  if not c then
    return
  end
  local ranks, places = {}, {}
  for i, row in ipairs(rows) do
    ranks[row], places[row] = columns.rank_of(row[c], list[c]), i
  end
  table.sort(rows, function(a, b)
    local x, y = ranks[a], ranks[b]
    if x == y then
      return places[a] < places[b]
    elseif x == nil or y == nil then
      return y == nil
    elseif type(x) ~= type(y) then
      return (type(x) == "number") ~= turned
    end
    local first = x < y
    if type(x) == "number" and not ascending[list[c].class] then
      first = x > y
    end
    return first ~= turned
  end)
end

--- Orders rows of several results of a table, as --sort says, or else as each of them is.
-- @tparam table rows lists of cells
-- @tparam table list their columns
-- @tparam table result one of them
-- @tparam table values options
function tables.order(rows, list, result, values)
  if values.sort then
    tables.sort(rows, list, values.sort)
    return
  end
  local by, ranks, places = result.by, {}, {}
  for i, row in ipairs(rows) do
    if type(by) == "function" then
      ranks[row] = by(row.record)
    elseif by then
      ranks[row] = row.record[by]
    end
    ranks[row] = ranks[row] == ranks[row] and ranks[row] or nil
    places[row] = i
  end
  table.sort(rows, function(a, b)
    local x, y = ranks[a], ranks[b]
    if x == y then
      return places[a] < places[b]
    end
    return x ~= nil and (y == nil or x > y)
  end)
end

--- How many rows of a table are shown, if that is limited: tables that rank their rows have a limit
-- of their own; with others it must have been given, see cli.lua.
local function limit_of(one, values)
  if one.by or one.limit then
    return values.limit
  end
  return values[one.sorted and "limit of logs" or "limit of all"]
end

-- ---- Results ----

--- Rows without those beyond the limit.
function tables.cut(rows, limit)
  if limit and limit > 0 and #rows > limit then
    return table.move(rows, 1, limit, 1, {})
  end
  return rows
end

--- Which tables are shown with these options: those that are `alone` only with their option, and
-- without the others.
-- @tparam table list from tables.read
-- @treturn table booleans by number
function tables.shown(list, values)
  local alone, shown = false, {}
  for _, one in ipairs(list) do
    alone = alone or one.alone and values[one.alone] or false
  end
  for i, one in ipairs(list) do
    shown[i] = (one.alone and values[one.alone] or false) == alone and (alone or not one.alone)
  end
  return shown
end

--- What is common to all results of a table.
local function new_result(one, list)
  return {
    id = one.id, class = one.class, title = one.title, columns = list, dynamic = list.dynamic,
    text = one.text, classic = one.classic, by = one.by, flat = one.flat, unit = one.unit,
    heading = one.heading, bare = one.bare, parts = one.parts, optional = one.optional,
    charts = one.charts,
    ranked = type(one.by) == "string" and one.by or nil,
    limited = (one.by or one.limit or one.flat) and true or false,
  }
end

--- Columns, and cells of rows, as --columns says; nil if that leaves nothing.
local function narrow(result, names)
  local chosen, numbers = choose_columns(result.columns, names)
  if not chosen then
    return nil
  end
  for r, row in ipairs(result.rows) do
    local cells = { record = row.record }
    for i, c in ipairs(numbers) do
      cells[i] = row[c]
    end
    result.rows[r] = cells
  end
  result.columns, result.dynamic = chosen, true
  for _, look in ipairs { "text", "classic" } do
    result[look] = (result[look] == "grid" or result[look] == "none") and result[look] or nil
  end
  result.is_chosen = true
  return result
end

tables.narrow = narrow

--- What rows are ranked by: a function of the row, which is checked to give a number, if anything.
local function ranked_by(one, where)
  local by = one.by
  return function(row)
    local value = row[by]
    if type(by) == "function" then
      value = by(row)
    end
    if value ~= nil and type(value) ~= "number" then
      fault.raise("%s: `by` must be a number, not %s", where, columns.kind_of(value))
    end
    return value
  end
end

--- One result of rows.
-- @tparam table part title, rows, columns, group, above, says: what is not as in the table as a
-- whole; top: whether its rows are ranked
local function result_of(one, list, part, f, w)
  local where, values = ("%s: %s"):format(where_is(f), one.where), w.options
  if type(part) ~= "table" then
    fault.raise("%s: `each` must return a list of { title =, rows = }, not of %s", where,
      columns.kind_of(part))
  elseif type(part.rows) ~= "table" then
    fault.raise("%s: `rows` must return a list of rows, not %s", where, columns.kind_of(part.rows))
  elseif part.title and type(part.title) ~= "string" then
    fault.raise("%s: `title` must be a string, not %s", where, columns.kind_of(part.title))
  elseif part.group and type(part.group) ~= "table" then
    fault.raise("%s: `group` must be a table of fields, not %s", where,
      columns.kind_of(part.group))
  end
  if part.columns then
    list = columns.read(part.columns, one.where, function(ok, message, ...)
      if not ok then
        fault.raise("%s", message:format(...))
      end
    end, one.group)
    list.dynamic = true
  end
  local rows, limit, total = part.rows, limit_of(one, values), nil
  if part.top then
    limit = limit or tables.LIMIT
  end
  if one.by then
    columns.check_rows(rows, where)
    rows, total = top.most(rows, ranked_by(one, where), values.sort and 0 or limit, one.over)
  end
  local result = new_result(one, list)
  result.total, result.unlimited = total or rows.total,
    limit == nil or limit == 0 and not values["limit given"]
  result.title, result.above, result.says = part.title or one.title, part.above, part.says
  result.from, result.rows = w.from, columns.cells(rows, list, w, where)
  if values.sort then
    tables.sort(result.rows, list, values.sort)
  end
  result.total = math.max(result.total or 0, #result.rows)
  result.limit = values["limit given"] and values.limit
  result.rows, result.most = tables.cut(result.rows, limit), limit
  if one.group and part.group then
    result.group = one.group
    result.group_cells = columns.cells({ part.group }, one.group, w, where)[1]
  end
  return values.columns and narrow(result, values.columns) or not values.columns and result or nil
end

--- Columns as lttnga.log takes them: parts of a cell as { PART = FIELD }, or { value = FIELD }.
function tables.log_columns(list)
  local specs = {}
  for c, column in ipairs(list) do
    local parts = type(column.field) == "table" and column.field or { value = column.field }
    specs[c] = { key = column.name, class = column.class, parts = parts, with = column.with,
      unknown = column.unknown }
  end
  return specs
end

--- Opens what takes the rows of a sorted table.
-- @tparam table one from tables.read
-- @tparam table list its columns
-- @tparam table values options
-- @param renderer see above
-- @tparam[opt] integer from begin of the time that was asked for, ns
-- @treturn object see lttnga.log
-- @treturn string the format of its rows
function tables.open_log(one, list, values, renderer, from)
  local chosen = values.columns and choose_columns(list, values.columns)
  local spec = renderer:log_spec(one, chosen or list, chosen ~= nil)
  local limit = limit_of(one, values)
  spec.from, spec.sort, spec.limit = from, one.order, limit and limit > 0 and limit or nil
  local name = values.sort and values.sort:gsub("^%-", "")
  local c = name and tables.find_column(list, name)
  if c then
    local column = list[c]
    local field = type(column.field) == "table" and column.field["begin"] or column.field
    local is_number = columns.classes[column.class] == columns.classes.number
    if type(field) ~= "string" or not (is_number or ascending[column.class]) then
      fault.usage("--sort: '%s' can only be sorted by numbers and times, not by '%s'", one.title,
        name)
    end
    spec.sort, spec.may_lack = field, true
    spec.descending = (not ascending[column.class]) ~= (values.sort:sub(1, 1) == "-")
  end
  local ok, made = pcall(log.new, spec)
  if not ok then
    fault.raise("%s: %s", one.where, made)
  end
  return made, spec.format
end

--- The results of a table.
-- @tparam table one from tables.read
-- @tparam table list its columns
-- @tparam table w the window
-- @tparam[opt] object rows its log, if it has one, and the format of its rows
-- @treturn table list of results
function tables.fill(one, list, w, rows, format)
  if rows then
    local chosen = w.options.columns and choose_columns(list, w.options.columns)
    local result = new_result(one, chosen or list)
    result.log, result.format, result.is_chosen = rows, format, chosen ~= nil
    result.text, result.classic = not chosen and one.text or nil, not chosen and one.classic or nil
    result.from, result.most = w.from, limit_of(one, w.options)
    return (chosen or not w.options.columns) and { result } or {}
  elseif one.rows then
    return { result_of(one, list, { rows = one.rows(w) }, one.rows, w) }
  end
  local parts, results = one.each(w), {}
  if type(parts) ~= "table" then
    fault.raise("%s: %s: `each` must return a list, not %s", where_is(one.each), one.where,
      columns.kind_of(parts))
  end
  for _, part in ipairs(parts) do
    results[#results + 1] = result_of(one, list, part, one.each, w)
  end
  return results
end

return tables
