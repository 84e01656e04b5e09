---@meta lttnga.render_text

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Result tables as text for people: columns that fit, durations and sizes with their unit, local
---time. With --classic it looks as in lttng-analyses, see lttnga.classic.
---
---A table can choose its look: nothing (title, headings, a line, rows), "grid" (the same; in the
---classic look no line, and the widths of the columns), "none" (it is for machines), a function
---that makes the whole text, or { heading =, row = function(row, about) or line = columns for
---lttnga.log, footer = } for one line at a time. Its `classic` is for that look only.
local render = {}

---A cell as text.
---@param column table of the result, see lttnga.columns
---@param value any
---@param about? table gmt, date, classic
---@param row? table what the row was made of
---@return string
function render.cell(column, value, about, row) end

---The headings and the cells of a table as lists of texts, for a `text` of your own.
---@param result table
---@param about table
---@return table # lines: the headings, then the rows
---@return table # the least widths of the columns
function render.cells(result, about) end

return render
