---@meta lttnga.activity_text

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Activity of a machine as text: a line for each interval, as in vmstat, and totals.
local activity_text = {}

---The lines of rows of lttnga.activity, with a heading.
---@param rows table
---@param step integer length of their intervals except the last one, ns
---@param about table gmt, date; width: columns (nil: not limited)
---@return string
function activity_text.lines(rows, step, about) end

---Breaks a text between words into lines that fit.
---@param line string
---@param about table width, or nil
---@param first string what the first line starts with
---@param rest string what the other lines start with
---@param tail? string what all lines but the last end with
---@return string
function activity_text.wrap(line, about, first, rest, tail) end

---The totals of a row, in sentences.
---@param row table
---@param about table width, or nil
---@return string
function activity_text.totals(row, about) end

return activity_text
