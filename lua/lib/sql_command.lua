--- `lttnga-run sql`: makes tables of a trace once, and asks them.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cache = require "lttnga.cache"
local cells = require "lttnga.cells"
local clocks = require "lttnga.clocks"
local facts = require "lttnga.facts"
local fault = require "lttnga.fault"
local help = require "lttnga.help"
local host = require "lttnga.host"
local options = require "lttnga.options"
local render_csv = require "lttnga.render_csv"
local render_text = require "lttnga.render_text"
local run = require "lttnga.run"
local saved_tables = require "lttnga.saved_tables"
local scripts = require "lttnga.scripts"
local sqlite = require "lttnga.sqlite"
local tables = require "lttnga.tables"
local terminal = require "lttnga.terminal"
local text = require "lttnga.text"
local views = require "lttnga.fact_views"

local command = {}

--- Rows that text shows unless --limit is given: it has to know all of them to be aligned.
local SHOWN = 1000

local listed = help.options_of "sql"
command.options = options.set(listed[1], listed[2])

-- ---- Answers ----

--- A cell of SQL as text. NULL is empty, as in sqlite3.
local function cell_text(value)
  if value == nil then
    return ""
  end
  return math.type(value) and (cells.number(value) or tostring(value)) or value
end

--- Text: a table with these columns; those of numbers are padded on the left.
local function show_table(names, rows, values, write)
  local columns = {}
  for i, name in ipairs(names) do
    local has_text, whole = false, true
    for _, row in ipairs(rows) do
      has_text = has_text or type(row[i]) == "string"
      whole = whole and math.type(row[i]) == "integer"
    end
    -- Integers are never shortened.
    columns[i] = { name, whole and "number" or "string", whole and function(row) return row[i] end
      or function(row) return cell_text(row[i]) end, width = has_text and -1 or 1 }
  end
  local made = analysis { title = "SQL", on = {}, selects = {}, tables = {
    { "answer", "Answer", columns, text = "grid", rows = function() return rows end },
  } }
  local result = tables.fill(made.tables[1], made:columns_for {}[1],
    { options = {}, rows = rows })[1]
  result.unlimited, result.title = false, ""
  -- No title stands above it.
  write((render_text.table(result, terminal.of(values)):gsub("^[^\n]*\n", "")))
end

local writers = {}

function writers.text(db, names, values, write)
  local limit, rows, more = values.limit or SHOWN, {}, 0
  local row, message = db:row()
  while row do
    if limit == 0 or #rows < limit then
      rows[#rows + 1] = row
    else
      more = more + 1
    end
    row, message = db:row()
  end
  if message then
    return message
  end
  if #rows > 0 then
    show_table(names, rows, values, write)
  end
  if more > 0 then
    write(("%d more row%s: use --limit\n"):format(more, more == 1 and "" or "s"))
  elseif #rows == 0 then
    write "no rows\n"
  end
  return nil
end

--- One row after the other, as functions of the names and values write them.
local function write_rows(db, values, write_row)
  local count, limit = 0, values.limit or 0
  local row, message = db:row()
  while row and (limit == 0 or count < limit) do
    write_row(row)
    count = count + 1
    row, message = db:row()
  end
  return message
end

function writers.csv(db, names, values, write)
  local csv = render_csv.new(write, { spreadsheet = values["csv-spreadsheet"] })
  local function line(list)
    local fields = {}
    for i = 1, #names do
      fields[i] = csv:field(list[i])
    end
    write(table.concat(fields, ",") .. "\r\n")
  end
  line(names)
  return write_rows(db, values, line)
end

function writers.json(db, names, values, write)
  return write_rows(db, values, function(row)
    local members = {}
    for i, name in ipairs(names) do
      members[i] = { name, cells.json(row[i]) }
    end
    write(cells.object(members) .. "\n")
  end)
end

--- Answers a question of a file.
local function ask(path, question, values, world)
  local db, message = sqlite.open(path)
  local names
  if db then
    names, message = db:ask(question)
  end
  if names then
    message = writers[values.output](db, names, values, world.write)
  end
  if message then
    fault.raise("sql: %s", message)
  end
end

-- ---- Questions about the tables themselves ----

local function all_tables()
  local list = table.move(facts.tables, 1, #facts.tables, 1, {})
  return table.move(facts.dimensions, 1, #facts.dimensions, #list + 1, list)
end

--- Documentation as plain text.
local function plain(doc)
  return (doc:gsub("`", ""))
end

--- A list of things with names, and what they are, as text that fits the terminal.
local function list_text(list, width)
  local longest, lines = 0, {}
  for _, one in ipairs(list) do
    longest = math.max(longest, #one.name)
  end
  for i, one in ipairs(list) do
    local head = ("%-" .. longest .. "s  "):format(one.name)
    head = one.type and head .. ("%-7s  "):format(one.type) or head
    local indent = "\n" .. (" "):rep(#head)
    lines[i] = head .. text.fold(one.doc, math.max(width - #head, 20)):gsub("\n", indent) .. "\n"
  end
  return table.concat(lines)
end

--- Writes such a list.
local function write_list(list, values, write)
  local plain_list, rows, names = {}, {}, { "name", "type", "description" }
  for i, one in ipairs(list) do
    plain_list[i] = { name = one.name, type = one.type, doc = plain(one.doc) }
    rows[i] = { one.name, one.type, plain(one.doc) }
  end
  if values.output == "text" then
    write(list_text(plain_list, terminal.of(values).width or 80))
    return
  end
  local at = 0
  writers[values.output]({ row = function()
    at = at + 1
    return rows[at]
  end }, names, values, write)
end

local function describe(question, values, world)
  local word, name = question:match "^%s*%.(%a+)%s*(.-)%s*;?%s*$"
  if word == "tables" and name == "" then
    write_list(all_tables(), values, world.write)
    return
  elseif word ~= "schema" then
    fault.usage("unknown question '%s': use .tables, .schema TABLE, or SQL", question)
  end
  local known = {}
  for _, one in ipairs(all_tables()) do
    known[#known + 1] = one.name
    if one.name == name then
      write_list(views.columns(one), values, world.write)
      return
    elseif name == "" then
      world.write((#known > 1 and "\n" or "") .. text.fold(("%s: %s"):format(one.name,
        plain(one.doc)), terminal.of(values).width or 80) .. "\n")
      write_list(views.columns(one), values, world.write)
    end
  end
  if name ~= "" then
    fault.usage("there is no table '%s'%s", name, text.did_you_mean(name, known))
  end
end

-- ---- The tables of a trace ----

--- What keeps the results of the export, of which nothing is shown.
local silent = { new = function()
  local function nothing() end
  return { window = nothing, finish = nothing, log_spec = nothing }
end }

--- Makes the tables of traces as a file.
local function make(path, paths, values, origin, world)
  local script = scripts.load(world.folder, "export")
  local defaults = options.parse(options.set(options.run, options.spans, options.other,
    script.analysis.options), {})
  local own = setmetatable({ to = path, force = true, request = values.request,
    ["more sql"] = saved_tables.origin_sql(origin) }, { __index = defaults })
  local of_run = setmetatable({ ["no-intersection"] = values["no-intersection"],
    reader = values.reader, threads = values.threads, cache = values.cache,
    ["no-cache"] = values["no-cache"], ["no-progress"] = values["no-progress"],
    ["clock-offset"] = values["clock-offset"], sync = values.sync, clocks = values.clocks,
  }, { __index = defaults })
  run.go({ { script = script, values = own } }, of_run, paths,
    setmetatable({ renderer = silent, write = function() end, flush = function() end },
      { __index = world }))
end

--- The file for the tables of traces: where it is, and what it has to say of itself.
-- @treturn string the folder, or nil if nothing is saved; string the name; table the origin
local function place_of(paths, values)
  local origin = { whole = values["no-intersection"], user = false }
  for i, path in ipairs(paths) do
    origin[i] = host.real_path(path)
  end
  values["user space"] = false
  local trace = run.open(paths, values, function() end)
  origin.identity = saved_tables.identity(trace)
  local corrected = clocks.text(trace)
  origin.clocks = corrected ~= "" and corrected or nil
  trace:close()
  local folder = not values["no-cache"] and cache.folder(values) or nil
  local what = table.concat({ "tables", origin.whole and "all" or "common", corrected,
    table.unpack(values.request or {}) }, "\n")
  local called = paths[1]:gsub("/+$", ""):match("([^/]*)$"):gsub("[^%w._-]", "_")
  return folder, ("%s-%s.db"):format(called:sub(1, 64), host.digest(paths, what):sub(1, 20)),
    origin
end

--- Whether a file has the tables of this trace as it is now, made by this program.
local function is_good(path, origin)
  local found, is_current = saved_tables.origin(path)
  return found and is_current and origin.identity ~= "" and found.identity == origin.identity
end

--- Makes tables that are not kept, asks them, and removes them.
local function ask_once(question, paths, values, origin, world)
  local folder, message = sqlite.temporary_folder()
  if not folder then
    fault.raise("sql: %s", message)
  end
  local path = folder .. "/tables.db"
  local ok, problem = xpcall(function()
    make(path, paths, values, origin, world)
    ask(path, question, values, world)
  end, world.on_error)
  os.remove(path)
  os.remove(folder)
  if not ok then
    error(problem, 0)
  end
end

--- Asks the tables of traces.
-- @tparam table values of command.options
-- @tparam table arguments traces, then the question
-- @tparam table world see run.go
function command.go(values, arguments, world)
  local question = table.remove(arguments)
  -- A trace alone is no question.
  if not question or not arguments[1] and select(2, host.real_path(question)) then
    fault.usage "no question given: lttnga-run sql TRACE \"select ...\""
  elseif question:find "^%s*%." then
    describe(question, values, world)
    return
  elseif not arguments[1] then
    fault.usage("no trace given: lttnga-run sql TRACE \"%s\"", question)
  end
  local folder, name, origin = place_of(arguments, values)
  local path = folder and folder .. "/" .. name
  local trouble = not folder or not sqlite.make_folder(folder)
    or select(2, host.saved_states(folder))
  if trouble then
    ask_once(question, arguments, values, origin, world)
    return
  end
  if is_good(path, origin) then
    sqlite.touch(path)
  else
    make(path, arguments, values, origin, world)
  end
  ask(path, question, values, world)
  cache.keep_within(folder, name, values.cache ~= nil, world.say)
end

return command
