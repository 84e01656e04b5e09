---@meta lttnga.io_family

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What the analyses of I/O share: their options, which calls wait for data, and how a call is
---shown.
local family = {}

---The analyses of the family, in the order of their results, for `family`: each takes the flags
---that add the results of the others.
---@type table
family.members = {}

---The options of the analysis with a flag: see options.of_family.
---@param ... any
---@return any
function family.options_of(...) end

---The options that all of them take.
---@type table
family.options = {}

---The classes of calls whose latency counts, in the order in which they are shown. The others do
---not wait for data: accept waits for a peer, io_uring for other calls.
---@type table
family.classes = {}

---The columns of a table of calls. Calls that began before the time that is analysed are "out of
---range".
---@type table
family.columns = {}

---The fields of io_end that its rows are made of.
---@type table
family.fields = {}

---The collect of calls that are still in progress, which have no size yet.
---@param given table the collect of io_end
---@param into? string where to, if elsewhere
---@param without? table list of further fields that io_open does not have
---@return table
function family.open(given, into, without) end

---How such tables look as text, for `text`.
---@type table
family.text = {}

---The same with one more column before the file name.
---@param width integer
---@param title string
---@param cell string its template
---@return table # for `text` of a table
function family.text_with(width, title, cell) end

return family
