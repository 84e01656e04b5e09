--- Result tables as LAMI 1.0: one JSON object for machines, with integers exact to 64 bits.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local held = require "lttnga.held"
local tables = require "lttnga.tables"

local render = {}

local encode = cells.json

--- A data object: its class, and members as JSON.
local function object(class, ...)
  return cells.object { { "class", encode(class) }, ... }
end

local function optional(value)
  return value ~= nil and encode(value) or nil
end

local function range(first, last)
  return object("time-range", { "begin", object("timestamp", { "value", encode(first) }) },
    { "end", object("timestamp", { "value", encode(last) }) })
end

--- What is not known. Clients refuse an object that lacks what they need, and all that is with it.
local UNKNOWN = object "unknown"

--- Objects of a number; one that is none is nothing.
local function number(class, key)
  local head = ('{"class":"%s","%s":'):format(class, key)
  return function(value)
    local written = cells.number(value)
    return written and head .. written .. "}" or "null"
  end
end

--- Objects of a name.
local function named(class, key)
  return function(value)
    return object(class, { key, encode(tostring(value)) })
  end
end

--- How a cell of each data class is written.
local writers = {
  string = function(value) return encode(tostring(value)) end,
  mixed = encode,
  bool = function(value) return object("bool", { "value", encode(value) }) end,
  process = function(value)
    return (value.name or value.pid or value.tid) and object("process",
      { "name", optional(value.name) }, { "pid", optional(value.pid) },
      { "tid", optional(value.tid) }) or UNKNOWN
  end,
  ["time-range"] = function(value) return range(value[1], value[2]) end,
  irq = function(value)
    return object("irq", { "name", optional(value.name) }, { "hard", optional(value.hard) },
      { "nr", optional(value.nr) })
  end,
  path = named("path", "path"), fd = number("fd", "fd"), cpu = number("cpu", "id"),
}
for _, class in ipairs { "number", "ratio", "timestamp", "duration", "size", "bitrate" } do
  writers[class] = number(class, "value")
end
for _, class in ipairs { "syscall", "disk", "part", "netif" } do
  writers[class] = named(class, "name")
end

--- Classes that LAMI does not have: they are texts there.
local texts = { list = true, counts = true }

local function row_json(list, row)
  local data = {}
  for c, column in ipairs(list) do
    local value = row[c]
    if value == nil then
      data[c] = "null"
    elseif value == columns.unknown then
      data[c] = UNKNOWN
    elseif texts[column.class] then
      data[c] = encode(column.text and column.text(value) or cells.any(value))
    else
      data[c] = writers[column.class](value)
    end
  end
  return cells.list(data)
end

--- Lists of columns as JSON, of those that were described.
local known = setmetatable({}, { __mode = "k" })

local function describe(list)
  local described = {}
  for c, column in ipairs(known[list] and {} or list) do
    described[c] = cells.object { { "title", encode(column.title) },
      { "class", encode(texts[column.class] and "string" or column.class) },
      { "unit", optional(column.unit) } }
  end
  known[list] = known[list] or cells.list(described)
  return known[list]
end

--- The classes of tables that metadata can tell: of several tables with one id the first one, as
-- several scripts may have.
-- @tparam table specs list of the tables of all scripts
-- @treturn table list of { id, title, columns: as JSON }, each also by its id
function render.classes(specs)
  local classes = {}
  for _, spec in ipairs(specs) do
    if not classes[spec.id] then
      classes[#classes + 1] = { id = spec.id, title = spec.class, columns = describe(spec.columns) }
      classes[spec.id] = classes[#classes]
    end
  end
  return classes
end

--- The class of a result table: the name of one in the metadata, with a title of its own if it has
-- one; or the whole class if its columns depend on options, or the metadata have another script's
-- class of that name.
-- @tparam[opt] table classes those of the metadata, from render.classes
local function class_of(result, host, classes)
  local title = host and ("%s (%s)"):format(result.title, host) or result.title
  local told = classes and classes[result.id]
  local class_title = told and told.title or result.class
  if result.dynamic or classes and (not told or told.columns ~= describe(result.columns)) then
    return cells.object { { "title", encode(title) },
      { "column-descriptions", describe(result.columns) } }
  elseif title ~= class_title then
    return cells.object { { "inherit", encode(result.id) }, { "title", encode(title) } }
  end
  return encode(result.id)
end

local Lami = {}
Lami.__index = Lami

--- A renderer, see lttnga.tables. Nothing is written before the end: until then, results are held.
function render.new(write, about)
  return setmetatable({ write = write, about = about or {}, held = held.new() }, Lami)
end

function Lami.log_spec(_, _, list)
  return { format = "lami", columns = tables.log_columns(list) }
end

function Lami:window(results, first, last)
  for _, result in ipairs(results) do
    if result.log and result.log:count() > 0 or result.rows and #result.rows > 0 then
      self.held:put((self.any and "," or "") .. ('{"class":%s,"time-range":%s,"data":['):format(
        class_of(result, self.about.machines and result.host, self.about.classes),
        range(first, last)))
      self.any = true
      if result.log then
        self.held:put(result.log)
      end
      for i, row in ipairs(result.rows or {}) do
        self.held:put((i > 1 and "," or "") .. row_json(result.columns, row))
      end
      self.held:put("]}")
    end
  end
end

function Lami:finish(about)
  local lost, warnings = {}, {}
  for i, stream in ipairs(about.lost) do
    lost[i] = cells.object { { "stream", encode(stream.name) }, { "cpu", optional(stream.cpu) },
      { "events", encode(stream.lost_events) }, { "packets", encode(stream.lost_packets) },
      { "time-range", range(stream.lost_begin, stream.lost_end) } }
  end
  for i, warning in ipairs(about.warnings) do
    warnings[i] = encode(warning)
  end
  self.write('{"results":[')
  self.held:pass_on(self.write)
  self.write(('],"lost":%s,"warnings":%s}\n'):format(cells.list(lost), cells.list(warnings)))
end

--- The metadata of an analysis: its name, and the tables that it can give.
-- @tparam string title
-- @tparam string description
-- @tparam table classes from render.classes
-- @tparam string version ours
function render.metadata(title, description, classes, version)
  local members = {}
  for i, class in ipairs(classes) do
    members[i] = { class.id, cells.object { { "title", encode(class.title) },
      { "column-descriptions", class.columns } } }
  end
  local major, minor, patch = version:match("^(%d+)%.(%d+)%.(%d+)")
  return cells.object {
    { "mi-version", '{"major":1,"minor":0}' },
    { "version", cells.object { { "major", major }, { "minor", minor }, { "patch", patch },
      { "extra", '""' } } },
    { "title", encode(title) }, { "description", encode(description) },
    { "authors", '["the lttnga developers"]' }, { "tags", '["linux-kernel","lttnga"]' },
    { "table-classes", cells.object(members) },
  } .. "\n"
end

--- An error in LAMI.
function render.error(message)
  return cells.object { { "error-message", encode(message) } } .. "\n"
end

return render
