---@meta lttnga.frequency

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Frequency distributions: how many values are in each of several ranges, which are equally wide,
---or each twice as wide as the one before.
local frequency = {}

---The smallest and the largest value of several statistics together.
---@param list table of Statistics, some perhaps without values
---@return integer? # nil if there is no value
---@return integer?
function frequency.bounds(list) end

---Counts values in equally wide ranges; the last one includes its upper bound. There are no rows
---without values, or if all are the same.
---@param stats lttnga.Statistics made with `keep`
---@param resolution integer number of ranges
---@param low? integer lowest bound (default: the smallest value)
---@param high? integer highest bound (default: the largest value)
---@return table # list of { low =, high =, count = }
function frequency.rows(stats, resolution, low, high) end

---Counts values in ranges that double from 1 us on; the first range has values.
---@param stats lttnga.Statistics made with `keep`
---@return table # list of { low =, high =, count = }
function frequency.doubling(stats) end

---The columns of a table of such rows.
---@param counted string what is counted: "Requests"
---@return table
function frequency.columns(counted) end

---Makes the tables of several distributions: one for each, or one for all with --freq-series,
---which is for machines. For people ranges double unless --freq-linear is given; for machines they
---are equally wide unless --freq-log is given.
---@param title string what they have in common; the name of each follows
---@param list table { name =, stats =, group = fields for the table's `group` } of each
---@param options table values of the options, those of the group "frequency" among them
---@param range? table { low =, high = }, bounds that were asked for; linear, log: ranges are always equally wide, or always double; whole: they are not divided if they are few
---@return table # for `each` of a table
function frequency.tables(title, list, options, range) end

---How such a table looks as text, for `text` of a table.
---@param result table
---@param about table
---@return string
function frequency.text(result, about) end

---The picture of such a table on an HTML page, for `chart`.
---@type table
frequency.chart = {}

return frequency
