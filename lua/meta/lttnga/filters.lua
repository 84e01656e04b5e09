---@meta lttnga.filters

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---The filters of the command line, for analyses that must see everything: whether a thread or a
---path was asked for.
local filters = {}

---The values of a list as a set, with `true` for each; empty without a list.
---@param list? table
---@return table
function filters.set(list) end

---The values of a set, sorted.
---@param set table
---@return table
function filters.sorted(set) end

---Makes a function that says whether a name was asked for. A glob after "!" excludes.
---@param globs? string|table one, or a list; nil accepts every name, and one that is not known
---@return function # of a name
function filters.names(globs) end

---Makes a function that says whether a thread was asked for.
---@param options table values of the options, those of the group "process" among them
---@return function # of a TID and a name
function filters.threads(options) end

---Says that no thread was asked for, and which there are, as a warning for `w.missed`.
---@param options table values of the options, as in filters.threads
---@param threads table list of { tid =, procname = } of those that there are
---@return string
function filters.no_thread(options, threads) end

---Makes a function that says whether a path was asked for, see filters.names.
---@param ... any
---@return any
function filters.paths(...) end

return filters
