--- Result tables as LAMI 1.0: one JSON object for machines, with integers exact to 64 bits.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local json = require "dkjson"
local text = require "lttnga.text"

local render = {}

--- Keys of a data object in the order in which they are written.
local order = { "class", "name", "pid", "tid", "value", "begin", "end", "path", "fd", "hard", "nr",
  "id" }

local function object(class, fields)
  fields.class = class
  return setmetatable(fields, { __jsonorder = order })
end

--- A float with all its digits: dkjson alone writes 14.
local Float = {
  __tojson = function(self)
    local digits = ("%.17g"):format(self.value)
    return digits:find("[^%d.e+-]") and "null" or digits -- there is no infinity in JSON
  end,
}

--- A value as JSON can have it: texts are UTF-8, whatever a trace holds.
local function exact(value)
  if type(value) == "string" and not utf8.len(value) then
    return text.clean(value)
  elseif math.type(value) == "float" then
    return setmetatable({ value = value }, Float)
  end
  return value
end

local function plain(class, key)
  return function(value)
    return object(class, { [key] = exact(value) })
  end
end

--- How a cell of each data class is written.
local cells = {
  string = function(value) return exact(tostring(value)) end,
  mixed = exact,
  process = function(value)
    return object("process", { name = exact(value.name), pid = value.pid, tid = value.tid })
  end,
  ["time-range"] = function(value)
    return object("time-range", {
      begin = object("timestamp", { value = value[1] }),
      ["end"] = object("timestamp", { value = value[2] }),
    })
  end,
  irq = function(value)
    return object("irq", { hard = value.hard, nr = value.nr, name = exact(value.name) })
  end,
  path = plain("path", "path"),
  fd = plain("fd", "fd"),
  cpu = plain("cpu", "id"),
}
for _, class in ipairs { "number", "bool", "ratio", "timestamp", "duration", "size", "bitrate" } do
  cells[class] = plain(class, "value")
end
for _, class in ipairs { "syscall", "disk", "part", "netif" } do
  cells[class] = plain(class, "name")
end

local function cell(column, value)
  if value == nil then
    return json.null
  elseif value == analysis.unknown then
    return object("unknown", {})
  end
  return cells[column.class](value)
end

local function table_object(result)
  local data = {}
  for r, row in ipairs(result.rows) do
    data[r] = {}
    for c, column in ipairs(result.columns) do
      data[r][c] = cell(column, row[c])
    end
  end
  return setmetatable({
    class = result.id,
    ["time-range"] = cells["time-range"] { result.first, result.last },
    data = data,
  }, { __jsonorder = { "class", "time-range", "data" } })
end

--- The whole output of a run.
-- @tparam table windows list of lists of lists: tables of each script of each window
-- @tparam table about { warnings = texts, lost = streams with gaps }
-- @treturn string one line of JSON
function render.results(windows, about)
  local results = setmetatable({}, { __jsontype = "array" })
  for _, scripts in ipairs(windows) do
    for _, tables in ipairs(scripts) do
      for _, result in ipairs(tables) do
        if #result.rows > 0 then
          results[#results + 1] = table_object(result)
        end
      end
    end
  end
  local lost = setmetatable({}, { __jsontype = "array" })
  for i, stream in ipairs(about.lost) do
    lost[i] = setmetatable({
      stream = exact(stream.name), cpu = stream.cpu, events = stream.lost_events,
      packets = stream.lost_packets,
      ["time-range"] = cells["time-range"] { stream.lost_begin, stream.lost_end },
    }, { __jsonorder = { "stream", "cpu", "events", "packets", "time-range" } })
  end
  local warnings = setmetatable({}, { __jsontype = "array" })
  for i, warning in ipairs(about.warnings) do
    warnings[i] = exact(warning)
  end
  return json.encode(setmetatable({
    results = results, lost = lost, warnings = warnings,
  }, { __jsonorder = { "results", "lost", "warnings" } })) .. "\n"
end

--- An error, as LAMI tells it.
function render.error(message)
  return json.encode { ["error-message"] = exact(message) } .. "\n"
end

return render
