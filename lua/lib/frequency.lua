--- Frequency distributions: how many values are in each of several ranges, which are equally wide,
-- or each twice as wide as the one before.
--
-- SPDX-License-Identifier: MIT

local graph = require "lttnga.graph"
local top = require "lttnga.top"
local units = require "lttnga.units"

local frequency = {}

--- The smallest and the largest value of several statistics together.
-- @tparam table list of Statistics, some perhaps without values
-- @treturn ?integer nil if there is no value
-- @treturn ?integer
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

--- Counts values in equally wide ranges; the last one includes its upper bound. There are no rows
-- without values, or if all are the same.
-- @tparam Statistics stats made with `keep`
-- @tparam integer resolution number of ranges
-- @tparam[opt] integer low lowest bound (default: the smallest value)
-- @tparam[opt] integer high highest bound (default: the largest value)
-- @treturn table list of { low =, high =, count = }
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

--- Ranges that double from 1 us on, since short values matter as much: from the one that `low` is
-- in to the one that `high` is in. If there are few, each can be divided by four.
-- @treturn table list of { low =, high = }; what is `high` is in the next range
local function doubling_ranges(low, high, is_fine)
  local ranges, from, to = {}, 0, 1000
  while from <= high and from < to do
    if to > low then
      ranges[#ranges + 1] = { low = from, high = to }
    end
    from, to = to, to > math.maxinteger // 2 and math.maxinteger or to * 2
  end
  if not is_fine or #ranges > 4 then
    return ranges
  end
  local parts = {}
  for _, range in ipairs(ranges) do
    local step = (range.high - range.low) // 4
    for from_here = range.low, range.high - step, step do
      if from_here + step > low and from_here <= high then
        parts[#parts + 1] = { low = from_here, high = from_here + step }
      end
    end
  end
  return parts
end

--- Rows { low =, high =, count = } of such ranges.
local function count_ranges(stats, ranges)
  local rows = {}
  for i, range in ipairs(ranges) do
    rows[i] = { low = range.low, high = range.high,
      count = stats:histogram(range.low, range.high - 1, 1)[1] }
  end
  return rows
end

--- Counts values in ranges that double from 1 us on; the first range has values.
-- @tparam Statistics stats made with `keep`
-- @treturn table list of { low =, high =, count = }
function frequency.doubling(stats)
  return stats:count() > 0 and count_ranges(stats, doubling_ranges(stats:min(), stats:max())) or {}
end

--- The columns of a table of such rows.
-- @tparam string counted what is counted: "Requests"
-- @treturn table
function frequency.columns(counted)
  return {
    { "Duration (lower bound)", "duration", "low", key = true },
    { "Duration (upper bound)", "duration", "high" },
    { counted, "number", "count", compare = "sum" },
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

--- Beyond so many distributions people get a line for each.
local PICTURES = 3

--- One table of many distributions, a line for each, those with the most values first.
local function together(title, list, ranges)
  local rows = {}
  for _, one in ipairs(list) do
    local counts = {}
    for i, row in ipairs(count_ranges(one.stats, ranges)) do
      counts[i] = row.count
    end
    rows[#rows + 1] = { name = one.name, count = one.stats:count(), p50 = one.stats:quantile(0.5),
      p99 = one.stats:quantile(0.99), max = one.stats:max(), counts = counts, ranges = ranges }
  end
  rows = top.most(rows, "count")
  title = title:gsub(" for$", ""):gsub("[%s:-]+$", "")
  return { title = title, rows = rows, top = true, columns = {
    { "Of", "string", "name" }, { "Count", "number", "count" },
    { "P50", "duration", "p50" }, { "P99", "duration", "p99" }, { "Max", "duration", "max" },
  } }
end

--- Makes the tables of several distributions: one for each, or one for all with --freq-series,
-- which is for machines. For people ranges double unless --freq-linear is given; for machines they
-- are equally wide unless --freq-log is given.
-- @tparam string title what they have in common; the name of each follows
-- @tparam table list { name =, stats =, group = fields for the table's `group` } of each
-- @tparam table options values of the options, those of the group "frequency" among them
-- @tparam[opt] table range { low =, high = }, bounds that were asked for; linear, log: ranges are
-- always equally wide, or always double; whole: they are not divided if they are few
-- @treturn table for `each` of a table
function frequency.tables(title, list, options, range)
  range = range or {}
  local doubles = range.log or options["freq-log"] and not range.linear
  local series = options["freq-series"] and not range.log
  -- Those of several windows can be compared only if their ranges are the same.
  local for_people = options["for people"]
  local is_fine = for_people and not (options.refresh or range.whole)
  local all, some = {}, {}
  for _, one in ipairs(list) do
    if one.stats:count() > 0 then
      some[#some + 1], all[#all + 1] = one, one.stats
    end
  end
  local is_uniform = series or options["freq-uniform"]
  local is_together = doubles and for_people and #some > PICTURES and not options["freq-log given"]
  local low, high
  if is_uniform or is_together then
    low, high = frequency.bounds(all)
  end
  if is_together then
    return { together(title, some, doubling_ranges(low, high, is_fine)) }
  end
  if not doubles then
    low, high = range.low or low, range.high or high
  end
  local results = {}
  for i, one in ipairs(some) do
    results[i] = { name = one.name, title = title .. " " .. one.name, group = one.group,
      rows = doubles and count_ranges(one.stats, doubling_ranges(low or one.stats:min(),
          high or one.stats:max(), is_fine))
        or frequency.rows(one.stats, options["freq-resolution"], low, high) }
  end
  if not series or options.output == "text" then
    return results
  end
  return { series_of(title .. "s", results) }
end

local one_picture = graph.frequency("µs", units.us)

--- How such a table looks as text, for `text` of a table.
-- @tparam table result
-- @tparam table about
-- @treturn string
function frequency.text(result, about)
  local first = result.rows[1]
  if first and first.record and first.record.counts then
    return graph.distributions(result, about)
  end
  return one_picture(result, about)
end

--- The picture of such a table on an HTML page, for `chart`.
frequency.chart = { kind = "histogram", x = "duration_lower_bound" }

return frequency
