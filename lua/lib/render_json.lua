--- Result tables as JSON, one object for each row, on a line of its own: for jq and the like.
-- Durations and times are in ns, sizes in bytes. `table` says which table it is; with several
-- windows, `window` says which one.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cells = require "lttnga.cells"

local render = {}

local encode = cells.json

--- The keys of a row's members: "Out of range" -> "out_of_range", "Priority: -5" ->
-- "priority_minus_5". Each is there once.
local function keys_of(columns)
  local keys, taken = {}, { table = true, window = true, [""] = true }
  for c, column in ipairs(columns) do
    local key = column.title:lower():gsub("%f[%w-]%-(%d)", "minus_%1")
      :gsub("[^%w\x80-\xff]+", "_"):gsub("^_", ""):gsub("_$", "")
    if taken[key] or not utf8.len(key) then
      key = "column_" .. c
    end
    keys[c], taken[key] = key, true
  end
  return keys
end

--- How values of some data classes are written; others as they are.
local writers = {
  ["time-range"] = function(value)
    return cells.object { { "begin", encode(value[1]) }, { "end", encode(value[2]) } }
  end,
  process = function(value)
    return cells.object { { "name", encode(value.name) }, { "pid", encode(value.pid) },
      { "tid", encode(value.tid) } }
  end,
  irq = function(value)
    return cells.object { { "name", encode(value.name) }, { "nr", encode(value.nr) },
      { "hard", encode(value.hard) } }
  end,
}

--- The members of an object for one row, without the brace before them.
local function members(columns, keys, row)
  local list = {}
  for c, column in ipairs(columns) do
    local value = row[c]
    if value == analysis.unknown then
      value = nil
    end
    local write = value ~= nil and writers[column.class] or encode
    list[c] = { keys[c], write(value) }
  end
  return cells.object(list):sub(2)
end

local Json = {}
Json.__index = Json

--- A renderer; see render_csv.
function render.new(write, about)
  return setmetatable({ write = write, about = about }, Json)
end

function Json.row_writer(_, spec)
  local keys = keys_of(spec.columns)
  return function(row)
    return members(spec.columns, keys, row)
  end
end

function Json:window(results, first, last)
  for _, result in ipairs(results) do
    local start = ('{"table":%s,'):format(encode(result.title))
    if self.about.windows then
      start = start .. ('"window":{"begin":%d,"end":%d},'):format(first, last)
    end
    local keys = keys_of(result.columns)
    for _, row in ipairs(result.rows or {}) do
      self.write(start .. members(result.columns, keys, row) .. "\n")
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
