--- The N largest of many values.
--
-- SPDX-License-Identifier: MIT

local accumulators = require "lttnga.accumulators"
local saved = require "lttnga.saved"

local top = {}

--- Makes an object for a `collect` that keeps the events with the largest numbers for each key: it
-- takes a string, a number, and any fields to keep.
-- @tparam[opt=10] integer limit how many to keep for each key; 0 keeps all
-- @treturn Largest
top.of_each = accumulators.top

local Top = {}
Top.__index = Top

--- A limit that is as good as none.
local MANY = 1000000000

--- Makes a ranking that hooks fill.
-- @tparam[opt=10] integer limit how many rows to keep; 0 keeps all
-- @treturn Top
function top.new(limit)
  limit = limit or 10
  if limit >= MANY then
    limit = 0
  end
  return setmetatable({
    limit = limit, entries = {}, added = 0,
    -- Rows are thrown away many at a time, when this many have gathered.
    room = limit == 0 and math.huge or 2 * limit + 64,
  }, Top)
end

local function before(a, b)
  if a.value ~= b.value then
    return a.value > b.value
  end
  return a.number < b.number
end

local function prune(self)
  local entries = self.entries
  table.sort(entries, before)
  if self.limit == 0 then
    return
  end
  for i = #entries, self.limit + 1, -1 do
    entries[i] = nil
  end
  self.least = #entries == self.limit and entries[#entries].value or nil
end

--- Whether a row with this value would be among the largest so far: saves making rows in vain.
-- @tparam number value
-- @treturn boolean
function Top:takes(value)
  return not self.least or value > self.least
end

--- Adds a row if it is among the largest so far.
-- @tparam number value what it is ranked by
-- @tparam any row
function Top:add(value, row)
  if self.least and value <= self.least then
    return
  end
  self.added = self.added + 1
  self.entries[#self.entries + 1] = { value = value, row = row, number = self.added }
  if #self.entries >= self.room then
    prune(self)
  end
end

--- The rows, the largest first; equal ones in the order in which they came.
-- @treturn table
function Top:rows()
  prune(self)
  local rows = {}
  for i, entry in ipairs(self.entries) do
    rows[i] = entry.row
  end
  return rows
end

--- What it holds, as plain Lua, for merge().
-- @treturn table
function Top:save()
  prune(self)
  local rows = {}
  for i, entry in ipairs(self.entries) do
    rows[i] = { entry.value, saved.of(entry.row), entry.number }
  end
  table.sort(rows, function(a, b) return a[3] < b[3] end)
  return rows
end

--- Adds what a later one has saved: that of a later part of the window.
-- @tparam table rows
function Top:merge(rows)
  for _, one in ipairs(rows) do
    self:add(one[1], one[2])
  end
end

--- The rows of a list with the largest values, the largest first; equal ones in their order.
-- @tparam table rows
-- @tparam string|function by the field, or a function of the row
-- @tparam[opt=0] integer limit how many; 0: all
-- @tparam[opt] number over leave out rows that are not above this
-- @treturn table rows
-- @treturn integer how many there are without the limit
function top.most(rows, by, limit, over)
  local best, total = top.new(limit or 0), 0
  for _, row in ipairs(rows) do
    local value = row[by]
    if type(by) == "function" then
      value = by(row)
    end
    -- NaN (0/0) is ranked like a missing value.
    value = value == value and value or 0
    if not over or value > over then
      best:add(value, row)
      total = total + 1
    end
  end
  return best:rows(), total
end

return top
