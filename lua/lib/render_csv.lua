--- Result tables as CSV (RFC 4180), for spreadsheets: durations and times in ns, sizes in bytes.
-- Each table has a heading of its own, and an empty line before it.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cells = require "lttnga.cells"
local text = require "lttnga.text"

local render = {}

local units = { duration = "ns", timestamp = "ns", size = "bytes" }

--- Data classes that take several columns: what is added to the title, and how to take a value
-- apart.
local parts = {
  ["time-range"] = {
    { " begin (ns)", function(value) return value[1] end },
    { " end (ns)", function(value) return value[2] end },
  },
  process = {
    { "", function(value) return value.name end },
    { " PID", function(value) return value.pid end },
    { " TID", function(value) return value.tid end },
  },
  irq = {
    { "", function(value) return value.name end },
    { " number", function(value) return value.nr end },
    { " hard", function(value) return value.hard end },
  },
}

local function field(value)
  if value == nil or value == analysis.unknown then
    return ""
  elseif type(value) == "number" then
    return cells.number(value) or ""
  end
  value = text.clean(tostring(value))
  return value:find('[",]') and '"' .. value:gsub('"', '""') .. '"' or value
end

local function heading(columns)
  local titles = {}
  for _, column in ipairs(columns) do
    for _, part in ipairs(parts[column.class] or { { "" } }) do
      local unit = column.unit or units[column.class]
      local title = column.title .. part[1]
      titles[#titles + 1] = field(unit and ("%s (%s)"):format(title, unit) or title)
    end
  end
  return titles
end

local function fields(columns, row)
  local list = {}
  for c, column in ipairs(columns) do
    local value = row[c]
    if parts[column.class] then
      for _, part in ipairs(parts[column.class]) do
        local known = type(value) == "table" and value ~= analysis.unknown
        local item
        if known then
          item = part[2](value)
        end
        list[#list + 1] = field(item)
      end
    else
      list[#list + 1] = field(value)
    end
  end
  return list
end

local function line(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return table.concat(all, ",") .. "\r\n"
end

local Csv = {}
Csv.__index = Csv

--- A renderer.
-- @tparam function write takes text
-- @tparam table about windows: whether there are several
function render.new(write, about)
  return setmetatable({ write = write, about = about }, Csv)
end

--- A function that writes the rows of a table, one by one.
function Csv.row_writer(_, spec)
  return function(row)
    return line(fields(spec.columns, row))
  end
end

--- Writes the results of one window.
-- @tparam table results list of tables, from Analysis:close
function Csv:window(results, first, last)
  for _, result in ipairs(results) do
    if result.lines or #result.rows > 0 then
      local title = { field("Table") }
      local before = { field(result.title) }
      if self.about.windows then
        title = { "Table", "Window begin (ns)", "Window end (ns)" }
        before = { field(result.title), field(first), field(last) }
      end
      self.write(self.written and "\r\n" or "")
      self.write(line(title, heading(result.columns)))
      self.written = true
      local start = table.concat(before, ",") .. ","
      for _, row in ipairs(result.rows or {}) do
        self.write(start .. line(fields(result.columns, row)))
      end
      if result.lines then
        for written in result.lines do
          self.write(start .. written)
        end
      end
    end
  end
end

--- The end of the output. Warnings are on stderr.
function Csv.finish()
end

return render
