---@meta lttnga.graph

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Pictures made of text: bars beside values, frequency distributions, heat maps and sparklines,
---for `text` of a table.
local graph = {}

---Draws a line for each row, with labels, the value, and a bar that takes the rest of the line.
---@param spec table value: name of the column with the values; format: function(value) (default: a plain number); unit: follows the value; show: names of the columns to show beside it, below their headings; or label: function(row, cells) that returns what to show, and header: the line above
---@return function # for `text` of a table
function graph.bars(spec) end

---A bound of a range of durations: "1 us", "2.048 ms".
---@param ns integer
---@return string
function graph.bound(ns) end

---Draws a frequency distribution: the table has the columns "Duration (lower bound)", that of the
---upper bound, and the counts.
---@param unit string of the bounds, in the title
---@param format function writes a bound
---@return function # for `text` of a table
function graph.frequency(unit, format) end

---A sparkline: a line that goes up and down with the values.
---@param values table numbers
---@param n integer how many there are
---@param most number the largest one
---@return string
function graph.spark(values, n, most) end

---A line that is darker where the values are larger, for heat maps.
---@param values table numbers
---@param n integer how many there are
---@param most number the largest one
---@return string
function graph.shade(values, n, most) end

---Two texts at the ends of a line of some columns; one if there is no room for both.
---@param first string
---@param last string
---@param columns integer
---@return string
function graph.ends(first, last, columns) end

---Draws many distributions with the same ranges, a line for each: its columns, and how its values
---are spread over the ranges. Counts are relative to the largest one of their line.
---@param result table
---@param about table
---@return string
function graph.distributions(result, about) end

return graph
