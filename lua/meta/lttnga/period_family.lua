---@meta lttnga.period_family

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What the analyses of periods share: their options, what they look for, and its names.
local family = {}

---The analyses of the family, in the order of their results, for `family`: each takes the flags
---that add the results of the others.
---@type table
family.members = {}

---The options of the analysis with a flag: see options.of_family.
---@param ... any
---@return any
function family.options_of(...) end

---The definitions that the options ask for.
---@param given table values of the options
---@return table # list, see lttnga.period_language; the same one for the same options
function family.definitions(given) end

---For `requests` of an analysis.
---@param given table values of the options
---@return table
function family.requests(given) end

---For `finish` of an analysis: sets w.missed if there is no period to look for.
---@param w table the window
function family.finish(w) end

---For `selects` of an analysis.
---@type table
family.selects = {}

---The definitions as a tree, depth first, sorted by name below the same parent.
---@param definitions table
---@return table # list of { name =, path =, depth =, parent = path or nil, number = in the list }
function family.tree(definitions) end

---The last name of a path.
---@param path string
---@return string
function family.name(path) end

---Whether a name is among those of an option; all are if it was not given.
---@param list? table
---@param name string
---@return boolean
function family.is_among(list, name) end

---Captures as a table.
---@param source? string a field `captures`
---@return table # by name; what was not there is json.null
function family.captures(source) end

---One value as text.
---@param value any
---@return string
function family.value(value) end

---Captures as texts "name = value", sorted by name, the last one first.
---@param source? string a field `captures`
---@return table
function family.capture_lines(source) end

---The columns of a table of periods that is not sorted: captures are shown as people read them.
---@param name string "name" or "path": how they are called there
---@return table
function family.top_columns(name) end

---The columns of a table of periods.
---@param name string "name" or "path": how they are called there
---@return table
function family.columns(name) end

---How a table of periods looks as text, with further captures in lines of their own.
---@param name string "name" or "path"
---@return table
function family.text(name) end

---The same for a log, line by line; `mark` is "*" if events were lost meanwhile.
---@type table
family.log_text = {}

return family
