-- Writes lua/meta/lttnga/*.lua: definitions from which editors with LuaLS, the Lua language server,
-- complete and check scripts. They are made from lua/lib/keys.lua, the comments of lua/lib and of
-- methods in host/, and the list of events. Run by `make docs`; $META names another folder.
--
-- SPDX-License-Identifier: MIT

local comments = dofile "tools/doc_comments.lua"
local host = require "lttnga.host"
local keys = require "lttnga.keys"

local folder = (os.getenv "META" or "lua/meta") .. "/lttnga"

local methods = comments.methods()

-- ---- Annotations ----

--- Classes that our comments name without "lttnga.".
local classes = { Drop = true }
for class in pairs(methods) do
  classes[class] = true
end

--- A type of a comment as LuaLS has it.
local function type_of(given, self)
  local kind, optional = given:gsub("^%?", "")
  kind = kind:gsub("%f[%w_.]self%f[%W]", "lttnga." .. tostring(self))
    :gsub("%f[%w_.](%u%w*)", function(name)
      return classes[name] and "lttnga." .. name
    end)
  return kind .. (optional > 0 and "?" or "")
end

--- A text in one line, without links.
local function line_of(text)
  return (text:gsub("%s+", " "):gsub("%[([^%]]*)%]%([^%)]*%)", "%1"))
end

local function add(lines, format, ...)
  lines[#lines + 1] = format:format(...)
end

--- A class with fields: { NAME, TYPE, MEANING, type of LuaLS }.
-- @tparam table required set of the fields that are always there
local function add_class(lines, class, text, list, required)
  add(lines, "---%s", text)
  add(lines, "---@class %s", class)
  for _, key in ipairs(list) do
    local name = (required or {})[key[1]] and key[1] or key[1] .. "?"
    local kind = key[4] or key[2]:gsub(" or ", "|")
    add(lines, "---@field %s %s %s", name, kind, line_of(key[3]))
  end
end

--- A function, with nothing in it.
local function add_function(lines, one, owner, self)
  for _, line in ipairs(one.text) do
    add(lines, "---%s", line)
  end
  local names = {}
  for i, parameter in ipairs(one.parameters) do
    names[i] = parameter.name
    add(lines, "---@param %s%s %s %s", parameter.name, parameter.optional and "?" or "",
      type_of(parameter.type, self), parameter.text)
  end
  for _, value in ipairs(one.returns) do
    add(lines, "---@return %s%s", type_of(value.type, self),
      value.text ~= "" and " # " .. value.text or "")
  end
  add(lines, "function %s%s%s(%s) end\n", owner, one.is_method and ":" or ".", one.name,
    table.concat(names, ", "))
end

-- ---- Libraries ----

--- A value of a library that is no function with a comment of its own.
local function add_value(lines, one, value)
  for _, line in ipairs(one.text) do
    add(lines, "---%s", line)
  end
  local kind = math.type(value) or type(value)
  if kind == "function" then
    add(lines, "---@param ... any\n---@return any\nfunction %s.%s(...) end\n", one.owner, one.name)
  else
    add(lines, "---@type %s\n%s.%s = %s\n", kind, one.owner, one.name,
      ({ table = "{}", string = '""' })[kind] or value)
  end
end

--- The definitions of a library; its functions, or those that are named.
local function library_lines(name, chosen)
  local library = comments.library(name)
  local made = require("lttnga." .. name)
  local lines, own = {}, {}
  for _, one in ipairs(library.functions) do
    if one.is_method and not chosen and not methods[one.owner] and not own[one.owner] then
      own[one.owner], classes[one.owner] = true, true
      add(lines, "---@class lttnga.%s", one.owner)
      add(lines, "local %s = {}\n", one.owner)
    elseif one.is_method and methods[one.owner] and not own[one.owner] then
      own[one.owner] = true
      add(lines, "---@class lttnga.%s", one.owner)
      add(lines, "local %s = {}\n", one.owner)
    end
  end
  for _, line in ipairs(library.text) do
    add(lines, "---%s", line)
  end
  add(lines, "local %s = {}\n", library.exports)
  for _, one in ipairs(library.functions) do
    local is_wanted = not chosen or (" " .. chosen .. " "):find(" " .. one.name .. " ", 1, true)
    if one.is_method and not chosen then
      add_function(lines, one, one.owner, one.owner)
    elseif one.owner == library.exports and is_wanted and one.is_value then
      add_value(lines, one, made[one.name])
    elseif one.owner == library.exports and is_wanted then
      add_function(lines, one, one.owner)
    end
  end
  add(lines, "return %s", library.exports)
  return lines
end

-- ---- What scripts write, and get ----

--- Types of fields of events.
local field_types = { integer = "integer", string = "string", boolean = "boolean" }

--- The hooks by event, and a class for the parameter `event` of each.
local function add_events(lines)
  local hooks = {}
  for i, event in ipairs(host.hooks()) do
    local names = {}
    for k, field in ipairs(event.fields) do
      names[k] = field.name
    end
    hooks[i] = { event.name, "function",
      ("%s Fields: %s"):format(event.doc, table.concat(names, ", ")) }
  end
  add_class(lines, "lttnga.Hooks", "Hooks by event: the names of the parameters are the fields "
    .. "that they get. Events of the trace have their own names.", hooks)
  add(lines, "---@field [string] function\n")
  for _, event in ipairs(host.hooks()) do
    add(lines, "---%s", event.doc)
    add(lines, "---@class lttnga.event.%s: lttnga.Event", event.name)
    for _, field in ipairs(event.fields) do
      add(lines, "---@field %s? %s %s", field.name, assert(field_types[field.type], field.type),
        line_of((field.unit ~= "" and field.unit .. "; " or "") .. field.doc))
    end
    add(lines, "")
  end
end

--- Classes that have members by place before those by name.
local function add_placed(lines, class, text, places, list, required)
  add_class(lines, class, text, list, required)
  for i, place in ipairs(places) do
    add(lines, "---@field [%d] %s", i, place)
  end
  add(lines, "")
end

local function class_lines()
  local lines, readers, column_classes = {}, {}, {}
  for i, reader in ipairs(keys.readers) do
    readers[i] = ("---| '\"%s\"' # %s; the script gets %s"):format(reader[1], reader[2], reader[3])
  end
  for i, class in ipairs(keys.classes) do
    column_classes[i] = ("---| '\"%s\"' # %s"):format(class[1], class[2])
  end
  add(lines, "---How the value of an option is read.\n---@alias lttnga.Reader\n%s\n",
    table.concat(readers, "\n"))
  add(lines, "---What the cells of a column are.\n---@alias lttnga.Class\n%s\n",
    table.concat(column_classes, "\n"))
  add_class(lines, "lttnga.Analysis", "What a script gives to `analysis`.", keys.analysis,
    { title = true })
  add(lines, "")
  add_class(lines, "lttnga.About", "What `run` of an analysis gets beside the options.",
    keys.about)
  add(lines, "")
  add_class(lines, "lttnga.Window", "The window: a table for the script's own values, and these.",
    keys.window)
  add(lines, "---@field [string] any\n")
  add_class(lines, "lttnga.Option", "An option of a script.", keys.option, { name = true })
  add(lines, "")
  add_class(lines, "lttnga.Collect", "{ EVENT, FIELD, ..., NAME = FIELD, into = NAME }",
    keys.collect, { into = true })
  add(lines, "---@field [integer] string\n---@field [string] string\n")
  add_placed(lines, "lttnga.Table", "{ ID, TITLE, COLUMNS, rows = function(w) ... end }",
    { "string", "string", "lttnga.Column[]|fun(options: table): lttnga.Column[]" }, keys.table)
  add_placed(lines, "lttnga.Column", "{ TITLE, CLASS, FIELD }",
    { "string", "lttnga.Class?", "string|table|fun(row: table, w: lttnga.Window): any" },
    keys.column)
  add_class(lines, "lttnga.Result", "One of the results that `each` of a table returns.",
    keys.result, { rows = true })
  add(lines, "")
  add_class(lines, "lttnga.Chart", "A picture of a table on an HTML page.", keys.chart,
    { kind = true })
  add(lines, "")
  local names = {}
  for class in pairs(methods) do
    names[#names + 1] = class
  end
  table.sort(names)
  add(lines, "---@class lttnga.Drop\n")
  for _, class in ipairs(names) do
    add(lines, "---@class lttnga.%s", class)
    add(lines, "local %s = {}\n", class)
    for _, one in ipairs(methods[class]) do
      add_function(lines, one, class, class)
    end
  end
  add_events(lines)
  return lines
end

-- ---- Files ----

os.execute("mkdir -p '" .. folder .. "' && rm -f '" .. folder .. "'/*.lua")

--- Writes a file of definitions.
-- @tparam string module what it is required as; "_": it is not
local function write(name, module, lines)
  local file <close> = assert(io.open(("%s/%s.lua"):format(folder, name), "w"))
  file:write("---@meta ", module, "\n\n-- Made by `make docs`: see tools/luals.lua.\n--\n"
    .. "-- SPDX-License-Identifier: MIT\n\n", table.concat(lines, "\n"):gsub(" +\n", "\n"), "\n")
end

local page <close> = assert(io.open "docs/script-reference.md")
for name, chosen in page:read("a"):gmatch "<!%-%- library ([%w_]+):? ?([%w_ ]-) %-%->" do
  write(name, "lttnga." .. name, library_lines(name, chosen ~= "" and chosen or nil))
end
write("classes", "_", class_lines())
write("analysis", "lttnga.analysis", {
  "---@class lttnga.analysis",
  "---@field unknown table the cell of what is not known",
  "---@field is fun(value: any): boolean whether a value is an analysis",
  "---@overload fun(given: lttnga.Analysis): table",
  "local analysis = {}", "", "return analysis",
})
write("options", "lttnga.options", {
  "local options = {}", "",
  "---The readers of option values, by name.",
  "---@type table<lttnga.Reader, fun(value: string): any, string?>",
  "options.readers = {}", "", "return options",
})
write("perfetto", "lttnga.perfetto", {
  "local perfetto = {}", "",
  "---Opens a file for timelines; stdout if the path is nil.",
  "---@param path? string", "---@param options? { gzip: boolean }",
  "---@return lttnga.TimelineFile?", "---@return string? # message",
  "function perfetto.open(path, options) end", "", "return perfetto",
})
os.exit(0)
