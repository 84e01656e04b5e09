---@meta lttnga.sums

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Rows of totals: one for each thread, file, disk, ..., with a sum for each kind of thing that it
---did.
---
---    begin   = function(w) w.calls = stats.totals() end,
---    collect = { { "io_end", "tid", "pid", "procname", "io_class", "size", into = "calls" } },
---    finish  = function(w)
---      w.threads = sums.by(w.calls, { of = { "tid" }, split = { "io_class" },
---        last = { "pid", "procname" } })
---    end
---
---gives rows { tid = 363, procname = "bash", size = 5000, read = 4096, write = 904, n = 7, ... }.
local sums = {}

---Makes rows of totals, or of statistics by keys, in the order in which they came first.
---The specification has
---
---    of      the fields that a row is about
---    key     function(total) that returns what tells rows apart, if these fields alone do not; a
---            total for which it returns nil is left out
---    split   fields whose values name further sums: { "io_class", "file_type" } gives `read`,
---            `read_disk`, ...; with `counts = true` also `n_read`, ..., the numbers of events
---    as      the name of the sum (default: that of the field that was added up)
---    last    fields of which the row has the last known value, as names change; with
---            `name = function(total)` what it returns
---@param totals lttnga.Totals|lttnga.Keyed from stats.totals or stats.keyed
---@param spec table
---@param rows? table from an earlier call, to add to
---@return table # list of rows: tables of these fields, the sums, `n` (the number of events), and for statistics `stats`; `rows.of[key]` is the row of a key
function sums.by(totals, spec, rows) end

---Adds to rows what part they have of a sum: the field `share`, from 0 to 1.
---@param rows table
---@param field string what is added up
---@return table # the rows
function sums.share(rows, field) end

---Adds to rows how often they had which value, for a column of the class "counts": a list of
---{ value, count }, the most frequent first. The field `n_...` has how many these are.
---@param rows table from sums.by
---@param totals object or statistics by keys
---@param spec table of, key: as for sums.by; what: the field whose values are counted; otherwise: what counts instead where it has none; as: the field of the row
function sums.count(rows, totals, spec) end

---Such a cell as text: "disk 12, lock 3".
function sums.counts_text() end

return sums
