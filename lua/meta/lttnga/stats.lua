---@meta lttnga.stats

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Group
local Group = {}

---Statistics of integers, such as durations in ns, and the other objects that collects feed. Sums
---are exact: neither the order nor the number of the values changes a result.
local stats = {}

---Lets all statistics keep their numbers, for comparisons.
---@param on boolean
function stats.keep_all(on) end

---Makes statistics of numbers: count, sum, minimum, maximum, mean, standard deviation.
---@param keep? boolean keep the numbers as well, for quantiles and histograms: 8 bytes each; above 10 million of them, they are counted in ranges of at most 0.1 % of their size
---@return lttnga.Statistics
function stats.new(keep) end

---Makes sums for a `collect`: it adds up the last of its fields for each combination of the
---others. An entry, as `each` gives it, is a table of those fields, with the sum as the field that
---was added up, and `n`, the number of events.
---@return lttnga.Totals
function stats.totals() end

---Makes statistics by several keys for a `collect`: of the last of its fields, for each
---combination of the others. Events without the last field are left out. An entry, as `each` gives
---it, is a table of the other fields, with `stats`, their Statistics, and `n`, the number of
---values. `by` merges statistics exactly.
---@param keep? boolean keep the numbers, see stats.new
---@return lttnga.Keyed
function stats.keyed(keep) end

---Makes the bins of time that series share. They are `width` ns long (default: 1 s), and start at
---multiples of that since the Epoch, or with the window `within`; what was before that is left
---out. There are at most `bins` of them (default: 2,000), and they take about `bytes` of memory at
---most (default: 64 MB). If there would be more, neighbours become one bin: bins are then twice as
---wide, or up to five times if that is a rounder width. The end need not be known in advance.
---@param options? table width, bins, bytes, within
---@return lttnga.Grid
function stats.grid(options) end

---Makes values over time, in the bins of a grid, for a `collect` that has a field `time`.
---
---    w.grid = stats.grid { width = 1000000000, within = w }
---    w.busy = stats.series(w.grid, "time")
---    ...
---    { "sched_slice", "cpu", "begin", "time", into = "busy", only = { busy = { true } } },
---
---The kind says what a bin has:
---
---    "time"     how much of the time from `begin` to `time` is in it: all bins add up to the whole
---    "sum"      sum and number of the last field
---    "spread"   the same, the number being spread evenly over the time from `begin` to `time`
---    "values"   the same, the largest one, and a histogram for quantiles and heat maps
---    "level"    the last field holds from `begin` to `time`; without `begin` from `time` until the
---               next one: the mean over time, and the maximum
---    "changes"  the same, where the field `change` says by how much the level changes
---               (set = { change = 1 }). The level is taken to have never been below 0, which gives
---               its value before the first change
---    "largest"  the event with the largest last field, with those of its fields that `kept` names
---
---There is a curve for each combination of the other fields. An entry, as `each` gives it, is a
---table of these fields with `curve`. The methods of a curve give lists with a value for each bin
---that the grid shows. Quantiles are exact to 1/64.
---@param grid lttnga.Grid
---@param kind string
---@param kept? table names of fields
---@return lttnga.Series
function stats.series(grid, kind, kept) end

---Makes a graph of what threads did and what they waited for. Collects of thread_state,
---process_start and process_exit (with `set = { exits = true }`) feed it: see criticalpath.lua.
---A thread is named by its `utid`, or its TID: of several threads that had the TID it is the first
---one if that was alive in the time in question, else the one that was alive for longest of it.
---
---A path is a list of pieces which add up exactly to the time that was asked for. A piece is what
---kept the thread from getting on: itself, what it waited for, what that waited for, and so on. It
---has `begin`, `end` and `duration` (ns); whose it is: `utid`, `tid`, `pid`, `procname`; `state`:
---"running", "runnable" or "preempted" (waiting for a CPU), "unknown", or what was waited for if
---that is no thread that can be followed ("disk", "net", "timer", ...); `cause`, of the wait that
---led to this thread (or of its own wait); `detail`, what the wait was about, or who ran instead;
---and `cpu`.
---
---`threads` says of each thread what is known of it: from `first`, when it was made if it is
---`born`, until `last`, when it was gone if it has `exited`. Graphs can't be saved and merged: they
---are as long as the trace.
---@param limit? integer bytes of memory (default: 64 MB); the rest is in a file
---@return lttnga.Graph
function stats.graph(limit) end

---Makes sums of who ran while others waited, for two collects:
---
---    { "sched_slice", "cpu", "begin", "time", "busy", culprit = "utid", into = "culprits" },
---    { "thread_state", "cpu", "begin", "time", victim = "utid", into = "culprits",
---      only = { state = { "woken", "preempted" } } },
---
---For each thread it has how long it waited while each other thread ran on the CPU that it waited
---for. Where no thread ran, the culprit is "idle" or "unknown"; it is "others" for what is too long
---ago in a wait of more than 1,024 slices, and beyond 250,000 pairs. The times of a victim add up
---to the time that it waited, unless what is short is left out.
---@param least? integer ns (default: 0): shorter times, of one wait while one slice lasted, are left out
---@return lttnga.Culprits
function stats.culprits(least) end

---Makes an object for a `collect` that drops what it gets: to measure what the events alone cost.
---@return lttnga.Drop
function stats.drop() end

---Makes statistics by one key.
---@param keys? table the keys that have a row even without values, in this order; others follow in the order in which they come
---@param keep? boolean keep the numbers, see stats.new
---@return lttnga.Group
function stats.group(keys, keep) end

---Puts statistics into a row, for the columns of stats.columns: `count`, `total`, `min`,
---`average`, `max`, `stdev`, percentiles (`p50`, `p90`, `p99`, `p99_9`) if the numbers are kept,
---and `stats`, the statistics, by which comparisons judge them.
---@param one lttnga.Statistics
---@param row? table the row to add them to
---@return table # the row
function stats.fields(one, row) end

---Puts the field `stats` of each row into the row, see stats.fields.
---@param rows table they are changed
---@return table # the rows
function stats.rows(rows) end

---The standard deviation of the average, as part of it: how well that is known. It is what perf
---calls stddev; nil if there are too few values.
---@param row table from stats.fields
function stats.spread(row) end

---The rows for the columns of stats.columns, one for each key, which is the field `key`.
---@param label? function label(key) gives what to show for a key (default: the key)
---@return table # list of rows
function Group:rows(label) end

---The columns of a table of statistics of durations; with --percentiles there are more.
---@param first? table a column to put before them
---@param last? table a column to put after them
---@return function # for the columns of a table
function stats.columns(first, last) end

return stats
