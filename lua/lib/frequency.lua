--- Frequency distributions: how many values are in each of several equal ranges.
--
-- SPDX-License-Identifier: MIT

local graph = require "lttnga.graph"
local units = require "lttnga.units"

local frequency = {}

--- The least and the largest value of several statistics together.
-- @tparam table list of statistics, some perhaps without values
-- @treturn integer, integer; nothing if there is no value
function frequency.bounds(list)
  local low, high
  for _, stats in ipairs(list) do
    if stats:count() > 0 then
      low = math.min(low or stats:min(), stats:min())
      high = math.max(high or stats:max(), stats:max())
    end
  end
  return low, high
end

--- Rows { low =, high =, count = }: `resolution` ranges of equal width. The last one has
-- its upper bound too. Without a range (no value, or all the same) there are no rows.
-- @tparam object stats that keep their values (stats.new(true))
-- @tparam integer resolution number of ranges
-- @tparam[opt] integer low, high bounds of all; by default those of the values
function frequency.rows(stats, resolution, low, high)
  low, high = low or stats:min(), high or stats:max()
  if not low or low >= high then
    return {}
  end
  local step = (high - low) / resolution
  local rows = {}
  for i, count in ipairs(stats:histogram(low, high, resolution)) do
    rows[i] = { low = low + (i - 1) * step, high = low + i * step, count = count }
  end
  return rows
end

--- Rows as above, of ranges that double from 1 us on, as the shortest values matter as much. There
-- are none before the first range with values.
-- @tparam object stats that keep their values
function frequency.doubling(stats)
  local rows, low, high = {}, 0, 1000
  while stats:count() > 0 and low < high and low <= stats:max() do
    local count = stats:histogram(low, high - 1, 1)[1]
    if count > 0 or #rows > 0 then
      rows[#rows + 1] = { low = low, high = high, count = count }
    end
    low, high = high, high > math.maxinteger // 2 and math.maxinteger or high * 2
  end
  return rows
end

--- The columns of a table of such rows.
-- @tparam string counted what is counted: "Requests"
function frequency.columns(counted)
  return {
    { "Duration (lower bound)", "duration", "low", key = true },
    { "Duration (upper bound)", "duration", "high" }, { counted, "number", "count" },
  }
end

--- One table for several distributions with the same bounds: a column of counts for each.
local function series_of(title, results)
  local columns, rows = frequency.columns "", {}
  columns[3] = nil
  for k, one in ipairs(results) do
    columns[k + 2] = { one.name, "number", "count " .. k }
    for i, row in ipairs(one.rows) do
      rows[i] = rows[i] or { low = row.low, high = row.high }
      rows[i]["count " .. k] = row.count
    end
  end
  return { title = title, columns = columns, rows = rows }
end

--- The tables of several distributions: one for each, or one for all with --freq-series, where only
-- the numbers are of interest.
-- @tparam string title what they have in common; the name of each follows
-- @tparam table list { name =, stats =, group = fields of the table's group } of each
-- @tparam table options of the command line: the group "frequency"
-- @tparam[opt] table range { low =, high = } what bounds were asked for
-- @treturn table for `each` of an analysis' table
function frequency.tables(title, list, options, range)
  local resolution = options["freq-resolution"]
  local series = options["freq-series"]
  local all, low, high = {}, nil, nil
  for i, one in ipairs(list) do
    all[i] = one.stats
  end
  if series or options["freq-uniform"] then
    low, high = frequency.bounds(all)
  end
  if range then
    low, high = range.low or low, range.high or high
  end
  local results = {}
  for _, one in ipairs(list) do
    if one.stats:count() > 0 then
      results[#results + 1] = {
        name = one.name, title = title .. " " .. one.name, group = one.group,
        rows = frequency.rows(one.stats, resolution, low, high),
      }
    end
  end
  if not series or options.output == "text" then
    return results
  end
  return { series_of(title .. "s", results) }
end

--- The picture of such a table, on a page and in text.
frequency.chart = { kind = "histogram", x = "duration_lower_bound" }
frequency.text = graph.frequency("µs", units.us)

return frequency
