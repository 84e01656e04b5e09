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

--- Statistics for each of several keys.
-- Their methods are add(key, value), of(key), which gives the statistics of one key, keys(), and
-- rows().
-- @tparam[opt] table keys those that are there even without values, in this order; others follow as
-- they come
-- @treturn object
function stats.group(keys)
  local group = accumulators.group()
  for _, key in ipairs(keys or {}) do
    group:of(key)
  end
  return group
end

local Group = accumulators.group_methods

--- Rows for the columns of stats.columns(), one for each key.
-- @tparam[opt] function label what to write for a key; the key itself if left out
function Group:rows(label)
  local rows = {}
  for i, key in ipairs(self:keys()) do
    local one = self:of(key)
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
