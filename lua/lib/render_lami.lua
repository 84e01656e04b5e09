--- Result tables as LAMI 1.0: one JSON object for machines, with integers exact to 64 bits.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cells = require "lttnga.cells"
local fault = require "lttnga.fault"
local json = require "dkjson"

local render = {}

--- Keys of a data object in the order in which they are written.
local order = { "class", "name", "pid", "tid", "value", "begin", "end", "path", "fd", "hard", "nr",
  "id" }

local function object(class, fields)
  fields.class = class
  return setmetatable(fields, { __jsonorder = order })
end

local exact = cells.json

local function plain(class, key)
  return function(value)
    return object(class, { [key] = exact(value) })
  end
end

local function range(first, last)
  return object("time-range", {
    begin = object("timestamp", { value = first }), ["end"] = object("timestamp", { value = last }),
  })
end

--- How a cell of each data class is written.
local writers = {
  string = function(value) return exact(tostring(value)) end,
  mixed = exact,
  process = function(value)
    return object("process", { name = exact(value.name), pid = value.pid, tid = value.tid })
  end,
  ["time-range"] = function(value) return range(value[1], value[2]) end,
  irq = function(value)
    return object("irq", { hard = value.hard, nr = value.nr, name = exact(value.name) })
  end,
  path = plain("path", "path"),
  fd = plain("fd", "fd"),
  cpu = plain("cpu", "id"),
}
for _, class in ipairs { "number", "bool", "ratio", "timestamp", "duration", "size", "bitrate" } do
  writers[class] = plain(class, "value")
end
for _, class in ipairs { "syscall", "disk", "part", "netif" } do
  writers[class] = plain(class, "name")
end

local function cell(column, value)
  if value == nil then
    return json.null
  elseif value == analysis.unknown then
    return object("unknown", {})
  end
  return writers[column.class](value)
end

local function row_json(columns, row)
  local data = {}
  for c, column in ipairs(columns) do
    data[c] = json.encode(cell(column, row[c]))
  end
  return "[" .. table.concat(data, ",") .. "]"
end

local function describe(columns)
  local list = {}
  for c, column in ipairs(columns) do
    list[c] = setmetatable({ title = column.title, class = column.class, unit = column.unit },
      { __jsonorder = { "title", "class", "unit" } })
  end
  return list
end

--- What a result table says of its class: the name of one that the metadata tell, with a title of
-- its own if it has one; or all of it, where columns depend on options.
local function class_of(result)
  if result.dynamic then
    return setmetatable({
      title = result.title, ["column-descriptions"] = describe(result.columns),
    }, { __jsonorder = { "title", "column-descriptions" } })
  elseif result.title ~= result.class then
    return setmetatable({ inherit = result.id, title = result.title },
      { __jsonorder = { "inherit", "title" } })
  end
  return result.id
end

local Lami = {}
Lami.__index = Lami

--- A renderer. Nothing is written before the end: until then, results wait in a file.
-- @tparam function write takes text
function render.new(write)
  return setmetatable({ write = write }, Lami)
end

--- A function that writes the rows of a table, one by one.
function Lami.row_writer(_, spec)
  return function(row)
    return row_json(spec.columns, row)
  end
end

function Lami:hold(text)
  if not self.held then
    self.held = io.tmpfile() or fault.raise("cannot keep results in a temporary file")
  end
  if not self.held:write(text) then
    fault.raise("cannot keep results in a temporary file: the disk is full")
  end
end

--- Takes the results of one window.
-- @tparam table results list of tables, from Analysis:close
function Lami:window(results, first, last)
  for _, result in ipairs(results) do
    local lines = result.lines
    local next_line = lines and lines()
    if next_line or result.rows and #result.rows > 0 then
      self:hold((self.held and "," or "") .. ('{"class":%s,"time-range":%s,"data":['):format(
        json.encode(class_of(result)), json.encode(range(first, last))))
      for i, row in ipairs(result.rows or {}) do
        self:hold((i > 1 and "," or "") .. row_json(result.columns, row))
      end
      local comma = ""
      while next_line do
        self:hold(comma .. next_line)
        next_line, comma = lines(), ","
      end
      self:hold("]}")
    end
  end
end

--- The end of the output.
-- @tparam table about { warnings = texts, lost = streams with gaps }
function Lami:finish(about)
  local lost = setmetatable({}, { __jsontype = "array" })
  for i, stream in ipairs(about.lost) do
    lost[i] = setmetatable({
      stream = exact(stream.name), cpu = stream.cpu, events = stream.lost_events,
      packets = stream.lost_packets, ["time-range"] = range(stream.lost_begin, stream.lost_end),
    }, { __jsonorder = { "stream", "cpu", "events", "packets", "time-range" } })
  end
  local warnings = setmetatable({}, { __jsontype = "array" })
  for i, warning in ipairs(about.warnings) do
    warnings[i] = exact(warning)
  end
  self.write('{"results":[')
  if self.held then
    self.held:seek("set")
    for piece in function() return self.held:read(65536) end do
      self.write(piece)
    end
  end
  self.write(('],"lost":%s,"warnings":%s}\n'):format(json.encode(lost), json.encode(warnings)))
end

--- The metadata of an analysis: what it is called, and what tables it can give.
-- @tparam string title
-- @tparam string description
-- @tparam table specs list of the tables of all its scripts
-- @tparam string version ours
function render.metadata(title, description, specs, version)
  local classes, ids = {}, {}
  for _, spec in ipairs(specs) do
    if not classes[spec.id] then
      ids[#ids + 1] = spec.id
      classes[spec.id] = setmetatable({
        title = spec.class, ["column-descriptions"] = describe(spec.columns),
      }, { __jsonorder = { "title", "column-descriptions" } })
    end
  end
  local major, minor, patch = version:match("^(%d+)%.(%d+)%.(%d+)")
  return json.encode(setmetatable({
    ["mi-version"] = { major = 1, minor = 0 },
    version = setmetatable({ major = tonumber(major), minor = tonumber(minor),
      patch = tonumber(patch), extra = "" }, { __jsonorder = { "major", "minor", "patch" } }),
    title = title, description = description, authors = { "the lttnga developers" },
    tags = { "linux-kernel", "lttnga" },
    ["table-classes"] = setmetatable(classes, { __jsonorder = ids }),
  }, { __jsonorder = { "mi-version", "version", "title", "description", "authors", "tags",
    "table-classes" } })) .. "\n"
end

--- An error, as LAMI tells it.
function render.error(message)
  return json.encode { ["error-message"] = exact(message) } .. "\n"
end

return render
