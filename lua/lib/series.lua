--- The results of many windows in one picture after them (--refresh): a sparkline for each of the
-- largest rows of a table, and a heat map for a distribution.
--
-- However many windows, tables and rows there are, what is kept is bounded: beyond SLOTS windows
-- two neighbours become one, and beyond KEYS rows of a table the smallest ones are forgotten.
--
-- SPDX-License-Identifier: MIT

local graph = require "lttnga.graph"
local layout = require "lttnga.layout"
local render = require "lttnga.render_text"
local text = require "lttnga.text"
local time = require "lttnga.time"

local Series = {}
Series.__index = Series

local series = {}

local SLOTS, KEYS, TABLES = 128, 500, 50

--- Rows of a table that get a line, and the least windows that make a picture.
local ROWS, LEAST = 5, 3

--- The width of a picture, in columns, and what the labels beside it take.
local PICTURE, LABELS = 48, 46

--- Classes that are shown over time, the most useful ones first.
local measures = { { "ratio", "duration", "size", "bitrate" }, { "number" } }

--- Classes of columns that don't say what a row is, even if they are its first one.
local no_names = { ratio = true, duration = true, size = true, bitrate = true }

function series.new()
  return setmetatable({ n = 0, each = 1, tables = {} }, Series)
end

local function is_name(column)
  return column.is_key and not no_names[column.class]
end

--- The column that is shown over time: what rows are ranked by, else the first that is telling.
local function measure_of(result)
  for c, column in ipairs(result.columns) do
    if column.field ~= nil and column.field == result.by and not is_name(column) then
      return c
    end
  end
  for _, classes in ipairs(measures) do
    for c, column in ipairs(result.columns) do
      for _, class in ipairs(classes) do
        if column.class == class and not is_name(column) then
          return c
        end
      end
    end
  end
end

--- What a row is called: its keys.
local function name_of(result, row, about)
  local parts = {}
  for c, column in ipairs(result.columns) do
    local cell = is_name(column) and text.trim(render.cell(column, row[c], about)) or ""
    parts[#parts + 1] = cell ~= "" and (column.class == "cpu" and "CPU " .. cell or cell) or nil
  end
  return table.concat(parts, "  ")
end

--- Forgets the smaller half of what has been kept of a table.
local function forget(one)
  local sums = {}
  for _, kept in pairs(one.keys) do
    sums[#sums + 1] = kept.sum
  end
  table.sort(sums, function(a, b) return a > b end)
  local least = sums[KEYS // 2]
  one.n = 0
  for name, kept in pairs(one.keys) do
    if kept.sum <= least then
      one.keys[name] = nil
    else
      one.n = one.n + 1
    end
  end
end

--- Adds a value of a row to the slot at hand.
local function add(self, one, name, value, low)
  local kept = one.keys[name]
  if not kept then
    if one.n >= KEYS then
      forget(one)
    end
    kept = { name = name, sum = 0, low = low }
    one.keys[name], one.n = kept, one.n + 1
  end
  local slot = self.n // self.each + 1
  kept[slot] = (kept[slot] or 0) + value
  kept.sum = kept.sum + value
  kept.least = math.min(kept.least or value, value)
  kept.most = math.max(kept.most or value, value)
end

--- Makes two slots one.
local function halve(self)
  self.each = self.each * 2
  for _, one in ipairs(self.tables) do
    for _, kept in pairs(one.keys) do
      for slot = 1, SLOTS // 2 do
        local a, b = kept[2 * slot - 1], kept[2 * slot]
        kept[slot] = (a or b) and (a or 0) + (b or 0)
      end
      for slot = SLOTS // 2 + 1, SLOTS do
        kept[slot] = nil
      end
    end
  end
end

--- Notes the results of one window.
-- @tparam table results see lttnga.tables
-- @tparam integer first, last begin and end of the window
function Series:add(results, first, last, about)
  self.first, self.last = self.first or first, last
  for _, result in ipairs(results) do
    local key = ("%s\0%s\0%s"):format(result.id, result.title, result.host or "")
    local range = result.columns[1].name == "duration_lower_bound"
      and result.columns[1].class == "duration"
    local c = range and 3 or measure_of(result)
    local one = self.tables[key]
    if not one and c and #self.tables < TABLES and result.text ~= "none" and not result.log then
      one = { result = result, column = result.columns[c], keys = {}, n = 0, is_heat = range }
      self.tables[key], self.tables[#self.tables + 1] = one, one
    end
    for _, row in ipairs(one and c and result.rows or {}) do
      local value = row[c]
      if type(value) == "number" and value == value then
        add(self, one, range and graph.bound(row[1]) or name_of(result, row, about), value,
          range and row[1])
      end
    end
  end
  self.n = self.n + 1
  if self.n >= SLOTS * self.each then
    halve(self)
  end
end

--- Values of slots in so many columns.
local function spread(kept, slots, columns)
  local list = {}
  for c = 1, columns do
    local from = (c - 1) * slots // columns + 1
    local sum, n = 0, 0
    for slot = from, math.max(from, c * slots // columns) do
      sum, n = sum + (kept[slot] or 0), n + 1
    end
    list[c] = sum / n
  end
  return list
end

local function largest(lists)
  local most = 0
  for _, list in ipairs(lists) do
    most = math.max(most, table.unpack(list))
  end
  return most
end

--- The rows of a table that get a line.
local function chosen(one)
  local list = {}
  for _, kept in pairs(one.keys) do
    list[#list + 1] = kept
  end
  table.sort(list, function(a, b)
    if one.is_heat then
      return a.low > b.low
    end
    return a.sum > b.sum or a.sum == b.sum and a.name < b.name
  end)
  return table.move(list, 1, one.is_heat and #list or math.min(#list, ROWS), 1, {})
end

--- The picture of one table.
local function draw(self, one, about)
  local slots = (self.n - 1) // self.each + 1
  local room = math.max(10, about.width and about.width - LABELS or PICTURE)
  local columns = slots >= room and room or slots * math.max(1, math.min(room, PICTURE) // slots)
  local list, rows, values = chosen(one), {}, {}
  for i, kept in ipairs(list) do
    values[i] = spread(kept, slots, columns)
  end
  local most = largest(values)
  for i, kept in ipairs(list) do
    rows[i] = { kept.name,
      one.is_heat and tostring(math.floor(kept.sum)) or render.cell(one.column, kept.least, about),
      one.is_heat and "" or render.cell(one.column, kept.most, about),
      one.is_heat and graph.shade(values[i], columns, most)
        or graph.spark(values[i], columns, largest { values[i] }) }
  end
  local title = graph.ends(time.format(self.first, about):sub(1, -11),
    time.format(self.last, about):sub(1, -11), columns):gsub(" ", "\u{a0}")
  local head = {
    { title = one.is_heat and "From" or "", left = not one.is_heat, cuts = not one.is_heat,
      keeps = true },
    { title = one.is_heat and text.clean(one.column.heading) or "Least" }, { title = "Most" },
    { title = title, left = true, keeps = true },
  }
  if one.is_heat then
    table.remove(head, 3)
    for _, row in ipairs(rows) do
      table.remove(row, 3)
    end
  end
  local what = one.is_heat and "" or ": " .. one.column.heading
  local name = text.clean(one.result.title:gsub(":$", "") .. what .. " over time")
  return (render.lines(table.concat(layout.wrap(name, about, 2), "\n"), head, rows, about)
    :gsub("\u{a0}", " "))
end

--- The pictures of all tables; nothing if there were too few windows.
-- @treturn string
function Series:text(about)
  local parts = {}
  for _, one in ipairs(self.n >= LEAST and self.tables or {}) do
    if next(one.keys) then
      parts[#parts + 1] = "\n" .. draw(self, one, about)
    end
  end
  return table.concat(parts)
end

return series
