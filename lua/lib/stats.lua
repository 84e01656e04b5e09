--- Statistics of integers, such as durations in ns: count, least, average, largest, and standard
-- deviation. Sums are kept exactly: neither order nor number of the values changes the result.
--
-- SPDX-License-Identifier: MIT

local accumulators = require "lttnga.accumulators"
local analysis = require "lttnga.analysis"

local stats = {}

--- New statistics without values.
-- Their methods are add(value), count(), sum(), min(), max(), mean() and stdev(); what needs more
-- values than there are gives nil.
-- @treturn object
stats.new = accumulators.stats

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
-- @param key anything
-- @tparam integer value
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
      label and label(key) or key, one:count(), one:min() or 0, one:mean() or 0, one:max() or 0,
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
