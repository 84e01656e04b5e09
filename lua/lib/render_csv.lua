--- Result tables as CSV (RFC 4180), for databases and spreadsheets: durations and times in ns,
-- sizes in bytes. Texts are always quoted, numbers never; what is absent or unknown is empty.
--
-- Each table has one heading, however many windows there are: the first table is written as it
-- comes, others wait until the end. Tables of the same columns (what was read, what was
-- written) share theirs.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local held = require "lttnga.held"
local tables = require "lttnga.tables"
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

local whole = { { "", function(value) return value end } }

local Csv = {}
Csv.__index = Csv

--- A renderer, see lttnga.tables.
function render.new(write, about)
  return setmetatable({ write = write, about = about, blocks = {} }, Csv)
end

function Csv:log_spec(_, list)
  return { format = "csv", columns = tables.log_columns(list),
    spreadsheet = self.about.spreadsheet, hosts = self.about.hosts ~= nil }
end

--- A value. A spreadsheet takes texts that begin like this for formulas.
function Csv:field(value)
  if value == nil or value == columns.unknown then
    return ""
  elseif type(value) == "number" then
    return cells.number(value) or ""
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  value = text.clean(tostring(value))
  if self.about.spreadsheet and value:find("^[=+%-@]") then
    value = "'" .. value
  end
  return '"' .. value:gsub('"', '""') .. '"'
end

function Csv:add_titles(titles, list)
  for _, column in ipairs(list) do
    for _, part in ipairs(parts[column.class] or whole) do
      local unit = column.unit or units[column.class]
      local title = column.title .. part[1]
      titles[#titles + 1] = self:field(unit and ("%s (%s)"):format(title, unit) or title)
    end
  end
end

function Csv:add_fields(fields, list, row)
  for c, column in ipairs(list) do
    local value = row[c]
    if column.text and (column.class == "list" or column.class == "counts") and value then
      value = column.text(value)
    end
    for _, part in ipairs(parts[column.class] or whole) do
      local known = value ~= nil and value ~= columns.unknown
      local item
      if known then
        item = part[2](value)
      end
      fields[#fields + 1] = self:field(item)
    end
  end
end

--- The heading of a table.
function Csv:heading(result, has_window)
  local titles = { self:field("Table") }
  if has_window then
    titles[2], titles[3] = self:field("Window begin (ns)"), self:field("Window end (ns)")
  end
  if has_window and self.about.periods then
    for _, title in ipairs { "Period", "Period begin (ns)", "Period duration (ns)",
      "Begin captures", "End captures" } do
      titles[#titles + 1] = self:field(title)
    end
  end
  if self.about.hosts and not result.has_hosts then
    titles[#titles + 1], titles[#titles + 2] = self:field("Host"), self:field("Trace")
  end
  self:add_titles(titles, result.group or {})
  self:add_titles(titles, result.columns)
  return table.concat(titles, ",") .. "\r\n"
end

--- Writes to where a table's rows go, with its heading before the first one.
local function writer_of(self, result, has_window)
  local heading = self:heading(result, has_window)
  local key = result.id .. "\n" .. heading
  local block = self.blocks[key]
  if not block then
    block = { held = #self.blocks > 0 and held.new() or nil }
    self.blocks[key] = block
    self.blocks[#self.blocks + 1] = block
    self:put(block, heading)
  end
  return block
end

--- Writes to a block: a text, or what has a method write(file).
function Csv:put(block, what, before)
  if block.held then
    block.held:put(what, before)
  else
    self.write(what, before)
  end
end

--- Writes one result.
-- @tparam[opt] integer first, last begin and end of its window, if there are several
-- @tparam[opt] table of the period that it is of, see lttnga.spans
function Csv:result(result, first, last, of)
  -- A log without rows has its heading: databases do not take an empty file.
  if not result.log and #result.rows == 0 then
    return
  end
  local block = writer_of(self, result, first ~= nil)
  local before = { self:field(result.group and result.class or result.title) }
  if first then
    before[2], before[3] = self:field(first), self:field(last)
  end
  if of then
    for _, name in ipairs { "name", "begin", "duration", "captures", "end_captures" } do
      before[#before + 1] = self:field(of[name])
    end
  end
  if result.log then
    self:put(block, result.log, table.concat(before, ",") .. ",")
    return
  end
  if self.about.hosts and not result.has_hosts then
    before[#before + 1], before[#before + 2] = self:field(result.host or self.about.hosts.host),
      self:field(result.trace)
  end
  if result.group then
    self:add_fields(before, result.group, result.group_cells)
  end
  local count = #before
  for _, row in ipairs(result.rows) do
    local fields = table.move(before, 1, count, 1, {})
    self:add_fields(fields, result.columns, row)
    self:put(block, table.concat(fields, ",") .. "\r\n")
  end
end

function Csv:window(results, first, last, of)
  for _, result in ipairs(results) do
    if self.about.windows then
      self:result(result, first, last, of)
    else
      self:result(result)
    end
  end
end

--- The end: tables that have waited are written.
function Csv:finish(about)
  if about.trace and not about.single then
    self:result(about.trace)
  end
  for _, block in ipairs(self.blocks) do
    if block.held then
      self.write("\r\n")
      block.held:pass_on(self.write)
    end
  end
end

return render
