--- Result tables as JSON, one object for each row, on a line of its own: for jq and the like.
-- Durations and times are in ns, sizes in bytes. `table` says which table it is; with several
-- windows, `window` says which one.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cells = require "lttnga.cells"
local json = require "dkjson"

local render = {}

--- "Out of range" -> "out_of_range"
local function key_of(title)
  return (title:lower():gsub("%W+", "_"):gsub("^_", ""):gsub("_$", ""))
end

local function object(order, fields)
  return setmetatable(fields, { __jsonorder = order, __jsontype = "object" })
end

--- How values of some data classes are written; others as they are.
local values = {
  ["time-range"] = function(value)
    return object({ "begin", "end" }, { begin = value[1], ["end"] = value[2] })
  end,
  process = function(value)
    return object({ "name", "pid", "tid" },
      { name = cells.json(value.name), pid = value.pid, tid = value.tid })
  end,
  irq = function(value)
    return object({ "name", "nr", "hard" },
      { name = cells.json(value.name), nr = value.nr, hard = value.hard })
  end,
}

local function members(columns, row)
  local fields, order = {}, {}
  for c, column in ipairs(columns) do
    local value = row[c]
    local key = key_of(column.title)
    order[c] = key
    if value == nil or value == analysis.unknown then
      value = json.null
    elseif values[column.class] then
      value = values[column.class](value)
    else
      value = cells.json(value)
    end
    fields[key] = value
  end
  return json.encode(object(order, fields)):sub(2) -- without the brace
end

local Json = {}
Json.__index = Json

--- A renderer; see render_csv.
function render.new(write, about)
  return setmetatable({ write = write, about = about }, Json)
end

function Json.row_writer(_, spec)
  return function(row)
    return members(spec.columns, row)
  end
end

function Json:window(results, first, last)
  for _, result in ipairs(results) do
    local start = ('{"table":%s,'):format(json.encode(cells.json(result.title)))
    if self.about.windows then
      start = start .. ('"window":{"begin":%d,"end":%d},'):format(first, last)
    end
    for _, row in ipairs(result.rows or {}) do
      self.write(start .. members(result.columns, row) .. "\n")
    end
    if result.lines then
      for written in result.lines do
        self.write(start .. written .. "\n")
      end
    end
  end
end

function Json.finish()
end

return render
