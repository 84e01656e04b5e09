---@meta lttnga.layout

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Columns of text that fit into lines: how wide each becomes, which are shortened, and which left
---out.
---
---As far as needed, headings are broken into several lines, texts are shortened in the middle,
---columns take their shorter form, and columns are left out, from the right on, except those that
---tell rows apart. Numbers are never cut. Without a width none of this is done.
local layout = {}

---A bar for a share of a width; any share above 0 can be seen.
---@param part number 0 to 1
---@param width integer columns
---@return string
function layout.bar(part, width) end

---Breaks a text at spaces into lines that fit.
---@param line string clean
---@param about table width
---@param indent integer spaces before all lines but the first one
---@return table # lines
function layout.wrap(line, about, indent) end

---Cuts one line at its end if it is too wide.
---@param line string
---@param about table width
---@return string
function layout.cut(line, about) end

---Makes finished lines fit: folds sentences, narrows blank columns, then shortens cells. The
---renderer does this with whatever `text` of a table returns.
---@param written string
---@param about table width
---@return string
function layout.clip(written, about) end

return layout
