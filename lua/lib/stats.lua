--- Statistics of integers, such as durations in ns: count, least, average, largest, and standard
-- deviation. Sums are kept exactly: neither order nor number of the values changes the result.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"

local stats = {}

--- The square of what is not larger than this fits in 64 bits without sign.
local SQUARE_FITS = 0xffffffff

--- The product of two integers as 128 bits (high, low), both operands without sign.
local function multiply(a, b)
  local a1, a0 = a >> 32, a & 0xffffffff
  local b1, b0 = b >> 32, b & 0xffffffff
  local low, middle = a0 * b0, a1 * b0
  middle = middle + (low >> 32)
  local carry = (middle >> 32)
  middle = (middle & 0xffffffff) + a0 * b1
  return a1 * b1 + carry + (middle >> 32), middle << 32 | low & 0xffffffff
end

--- 128 bits as a number, rounded.
local function to_float(high, low)
  local unsigned = low >= 0 and low + 0.0 or low + 0x1p64
  return high * 0x1p64 + unsigned
end

local Stats = {}
Stats.__index = Stats

--- New statistics without values.
-- They have the fields count, sum, min and max (nil without values).
function stats.new()
  return setmetatable({ count = 0, sum = 0, high = 0, low = 0 }, Stats)
end

--- Takes a value into account.
-- @tparam integer value not negative
function Stats:add(value)
  if self.count == 0 then
    self.min, self.max = value, value
  elseif value < self.min then
    self.min = value
  elseif value > self.max then
    self.max = value
  end
  self.count = self.count + 1
  self.sum = self.sum + value
  -- The sum of squares, in 128 bits.
  local high, low
  if value <= SQUARE_FITS then
    high, low = 0, value * value
  else
    high, low = multiply(value, value)
  end
  self.low = self.low + low
  self.high = self.high + high
  if math.ult(self.low, low) then
    self.high = self.high + 1
  end
end

--- The average; nil without values.
-- @treturn number
function Stats:mean()
  if self.count == 0 then
    return nil
  end
  -- Whole and rest apart: a sum can have more digits than a floating point number.
  return self.sum // self.count + self.sum % self.count / self.count
end

--- The standard deviation of the sample; nil for fewer than two values.
-- @treturn number
function Stats:stdev()
  local n = self.count
  if n < 2 then
    return nil
  end
  -- With m, the average cut to an integer, the sum of (v - m)^2 is
  -- sum of v^2 - 2 m sum + n m^2 = sum of v^2 - m (2 sum - n m), exactly.
  local m = self.sum // n
  local high, low = multiply(m, 2 * self.sum - n * m)
  local borrow = math.ult(self.low, low) and 1 or 0
  local squares = to_float(self.high - high - borrow, self.low - low)
  -- What was cut off the average comes off again.
  local rest = self.sum - n * m
  return math.sqrt(math.max(0, (squares - rest * rest / n) / (n - 1)))
end

local Group = {}
Group.__index = Group

--- Statistics for each of several keys.
-- @tparam[opt] table keys those that are there even without values, in this order; others follow as
-- they come
function stats.group(keys)
  local group = setmetatable({ keys = {}, by_key = {} }, Group)
  for _, key in ipairs(keys or {}) do
    group:of(key)
  end
  return group
end

--- The statistics of one key, new if it is.
function Group:of(key)
  local one = self.by_key[key]
  if not one then
    one = stats.new()
    self.by_key[key] = one
    self.keys[#self.keys + 1] = key
  end
  return one
end

--- Takes a value of one key into account.
function Group:add(key, value)
  local one = self.by_key[key] or self:of(key)
  one:add(value)
end

--- Rows for the columns of stats.columns(), one for each key.
-- @tparam[opt] function label what to write for a key; the key itself if left out
function Group:rows(label)
  local rows = {}
  for i, key in ipairs(self.keys) do
    local one = self.by_key[key]
    rows[i] = {
      label and label(key) or key, one.count, one.min or 0, one:mean() or 0, one.max or 0,
      one:stdev() or analysis.unknown,
    }
  end
  return rows
end

--- The columns of a table of statistics of durations.
-- @tparam string title of the first column
-- @tparam[opt="string"] string class of the first column
function stats.columns(title, class)
  return {
    { title, class }, { "Count", "number" }, { "Min", "duration" }, { "Average", "duration" },
    { "Max", "duration" }, { "Stdev", "duration" },
  }
end

return stats
