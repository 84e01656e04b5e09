--- Statistics of integers, such as durations in ns: count, least, average, largest, standard
-- deviation, and percentiles. Sums are kept exactly: neither order nor number of the values changes
-- the result.
--
-- SPDX-License-Identifier: MIT

local accumulators = require "lttnga.accumulators"

local stats = {}

--- New statistics without values.
-- Their methods are add(value), count(), sum(), min(), max(), mean() and stdev(); what needs more
-- values than there are gives nil. With `keep` the values themselves are kept (8 bytes each; above
-- 10 million of them, counted in ranges of at most 0.1 % of their size), and there are also
-- quantile(q), with q from 0 to 1, and histogram(low, high, n).
-- @tparam[opt] boolean keep
-- @treturn object
stats.new = accumulators.stats

--- Sums, for a `collect`: it adds up the last of its fields for each combination of the others.
-- `for total in totals:each() do` goes through the combinations in the order in which they came:
-- total is a table of the fields, and `n`, how many events there were; each("last") goes through
-- them in the order in which they came for the last time.
-- totals:by(FIELD, ...) gives the totals for each combination of these fields only, and
-- totals:only(FIELD, values) those in which a field has one of the values of a list; without a
-- list, those in which it has none.
-- @treturn object
stats.totals = accumulators.totals

--- Statistics by several keys, for a `collect`: it makes statistics of the last of the fields for
-- each combination of the others. Events in which that field is absent are left out.
-- Its methods are those of stats.totals; in `for one in keyed:each() do` one is a table of the
-- fields but the last, with `n`, how many numbers there were, and `stats`, their statistics (see
-- stats.new). keyed:by(FIELD, ...) merges statistics exactly.
-- @tparam[opt] boolean keep the values, see stats.new
-- @treturn object
stats.keyed = accumulators.keyed

--- Bins of time that series share.
-- They are `width` ns long (1 s if left out), and begin at multiples of that since the Epoch, or
-- with the window `within`; what was before that is left out. There are never more than `bins`
-- (2,000), nor do they take more than about `bytes` (64 MB): neighbours become one, so that bins
-- are twice as wide, or up to five times if that is a rounder width. Nothing needs to know the end
-- in advance. grid:close(from, to) says which time is shown, and goes on with levels until then; an
-- event at `to` is in the last bin. grid:range() gives the begin of the first bin, the width, and
-- how many bins there are; grid:asked() the width that was asked for; grid:coarsen(n) makes n bins
-- one.
-- @tparam[opt] table options width, bins, bytes, within
-- @treturn object
stats.grid = accumulators.grid

--- Values over time, in the bins of a grid, for a `collect` that gives a field `time`.
--
--     w.grid = stats.grid { width = 1000000000, within = w }
--     w.busy = stats.series(w.grid, "time")
--     ...
--     { "sched_slice", "cpu", "begin", "time", into = "busy", only = { busy = { true } } },
--
-- What is in a bin depends on the kind:
--
--   "time"     how much of the time from `begin` to `time` is in it: all bins add up to the whole
--   "sum"      sum and number of the last of the fields
--   "spread"   the same, where the number is spread evenly over the time from `begin` to `time`
--   "values"   the same, the largest one, and a histogram, for quantiles and heat maps
--   "level"    the last field is what is so from `begin` to `time`; without `begin`: from `time`
--              on, until the next one. Its mean over time, and the largest one
--   "changes"  the same, where the field `change` is by how much it changes (set = { change = 1 }).
--              It never was below 0: what had begun before the first one is found out by that
--   "largest"  the event with the largest last field, and those of its fields that `kept` names
--
-- There is a curve for each combination of the other fields: methods are those of stats.totals, in
-- `for one in series:each() do` one is a table of these fields, with `curve`. series:all() is the
-- curve of all of them together (of levels: the average). A curve's methods give lists with a value
-- for each bin that the grid shows: time() of times; n(), sum() of sums and values; max(), mean()
-- of values and levels (nil where there are none); known() of levels, the time for which they are;
-- quantiles(q) of values; largest() of the largest: { value =, time =, FIELD = ... }, or nil.
-- curve:quantile(q, first, last) and curve:histogram(first, last), a list of { from =, to =, n = },
-- are of values in several bins (all, if left out). Quantiles are exact to 1/64.
-- @tparam object grid
-- @tparam string kind
-- @tparam[opt] table kept names of fields
-- @treturn object
stats.series = accumulators.series

--- What threads did, and what they waited for, for collects of thread_state, process_start and
-- process_exit (with `set = { exits = true }`): see criticalpath.lua. Threads are told by `utid`,
-- or by TID: of several that had one it is the first, if that lived in the time at hand, or else
-- the one that has lived longest in that.
--
-- graph:path(thread, from, to) gives a list of pieces, in the order of time, which are exactly the
-- time from `from` to `to` (ns). A piece is whatever kept the thread from being further on: itself,
-- what it waited for, what that waited for, and so on. Its fields are `begin`, `end`, `duration`,
-- `utid`, `tid`, `pid`, `procname` (whose piece it is), `state` ("running"; "runnable" or
-- "preempted": it waits for a CPU; what it waits for, if that is no thread that can be followed:
-- "disk", "net", "timer", ...; "unknown"), `cause` (of the wait that led to this thread; where a
-- thread was not waited for, of its own), `detail` (what a wait was about; who ran instead) and
-- `cpu`.
-- `for piece in graph:pieces(thread, from, to) do` goes through them one by one, which takes less
-- memory.
-- graph:threads() gives a list of { utid, tid, pid, procname, process, first, last, born, exited }:
-- something is known of each thread from `first` (when it was made, if it is `born`) until `last`
-- (then it was gone, if it has `exited`).
-- graph:forget(before) drops what is about earlier times only; graph:size() gives the bytes in
-- memory, and those in the temporary file. Graphs can not be saved and merged: they are as long as
-- what they tell of.
-- @tparam[opt] integer limit bytes of memory (64 MB if left out); what is beyond is in a file
-- @treturn object
stats.graph = accumulators.graph

--- Who ran while others waited, for two `collect`s:
--
--     { "sched_slice", "cpu", "begin", "time", "busy", culprit = "utid", into = "culprits" },
--     { "thread_state", "cpu", "begin", "time", victim = "utid", into = "culprits",
--       only = { state = { "woken", "preempted" } } },
--
-- `for victim, culprit, time in culprits:each() do` tells how long each thread has waited while
-- each other one ran on the CPU that it waited for; for what no thread did, the culprit is "idle",
-- "unknown", or "others" (what is too long ago in a wait of more than 1,024 slices, or beyond a
-- quarter of a million pairs). The times of a victim add up to those that it waited.
-- @treturn object
stats.culprits = accumulators.culprits

--- An object for a `collect` that drops what it gets: to measure what events cost by themselves.
-- @treturn object
stats.drop = accumulators.drop

--- Statistics for each of several keys.
-- Their methods are add(key, value), of(key), which gives the statistics of one key, keys(), and
-- rows().
-- @tparam[opt] table keys those that are there even without values, in this order; others follow as
-- they come
-- @tparam[opt] boolean keep see stats.new
-- @treturn object
function stats.group(keys, keep)
  local group = accumulators.group(keep)
  for _, key in ipairs(keys or {}) do
    group:of(key)
  end
  return group
end

local percentiles = {
  { "P50", "p50", 0.5 }, { "P90", "p90", 0.9 }, { "P99", "p99", 0.99 },
  { "P99.9", "p99_9", 0.999 },
}

--- Puts what statistics say into a row, for the columns of stats.columns(): `count`, `total`,
-- `min`, `average`, `max`, `stdev`, and percentiles, if the values are kept.
-- @tparam object one statistics
-- @tparam[opt] table row what else it has
-- @treturn table the row
function stats.fields(one, row)
  row = row or {}
  row.count, row.total = one:count(), one:sum()
  row.min, row.average = one:min() or 0, one:mean() or 0
  row.max, row.stdev = one:max() or 0, one:stdev()
  for _, percentile in ipairs(one:keeps() and percentiles or {}) do
    row[percentile[2]] = one:quantile(percentile[3])
  end
  return row
end

--- Rows with statistics as field `stats`, each with the fields of these.
-- @tparam table rows, which are changed
-- @treturn table the rows
function stats.rows(rows)
  for _, row in ipairs(rows) do
    stats.fields(row.stats, row)
  end
  return rows
end

--- The standard deviation of the average, as part of it: how well that is known. It is what perf
-- calls stddev; nil if there are too few values.
-- @tparam table row from stats.fields
function stats.spread(row)
  return row.stdev and row.average > 0 and row.stdev / row.count ^ 0.5 / row.average or nil
end

local Group = accumulators.group_methods

--- Rows for the columns of stats.columns(), one for each key, which is the field `key`.
-- @tparam[opt] function label what to write for a key; the key itself if left out
function Group:rows(label)
  local rows = {}
  for i, key in ipairs(self:keys()) do
    rows[i] = stats.fields(self:of(key), { key = label and label(key) or key })
  end
  return rows
end

--- The columns of a table of statistics of durations; with --percentiles, some more.
-- @tparam[opt] table first the column before them
-- @tparam[opt] table last the column behind them
-- @treturn function(options) -> columns, for the table of an analysis
function stats.columns(first, last)
  return function(options)
    local columns = {
      { "Count", "number", "count" }, { "Min", "duration", "min" },
      { "Average", "duration", "average" }, { "Max", "duration", "max" },
      { "Stdev", "duration", "stdev", unknown = true },
    }
    for _, percentile in ipairs(options.percentiles and percentiles or {}) do
      columns[#columns + 1] = { percentile[1], "duration", percentile[2], unknown = true }
    end
    if first then
      table.insert(columns, 1, first)
    end
    columns[#columns + 1] = last
    return columns
  end
end

return stats
