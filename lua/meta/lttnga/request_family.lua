---@meta lttnga.request_family

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What the analyses of requests share: their options, what they look for, and how a request is
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

---The definitions that the options ask for, and the periods, if the analysis has --period; the
---same list for the same options.
---@param given table values of the options
---@return table
function family.definitions(given) end

---For `requests` of an analysis.
---@param given table values of the options
---@return table
function family.requests(given) end

---For `selects` of an analysis.
---@type table
family.selects = {}

---For `only` of a collect of request_open: those that may still end, so not those that began again
---or were dropped.
---@type table
family.open = {}

---A collect of requests by what tells groups apart.
---@param given table values of the options
---@param event string
---@param number string the field that is counted
---@param into string
---@return table
function family.collect(given, event, number, into) end

---What tells groups apart: definition, process, port, and group.
---@param w table the window
---@param one table fields of request_end: name, upid, pid, process, port, captures
---@return string # key
---@return table # row, with its name, process, pid, port and group
function family.key(w, one) end

---Rows, one for each definition, process, port and group, those that took the most time first.
---@param w table the window
---@param from table by field of a row: the name of what was collected, statistics or totals
---@return table # list of { name =, process =, pid =, port =, group =, stats =, ... }
function family.rows(w, from) end

---The columns that identify such a row.
---@type table
family.key_columns = {}

---For `finish` of an analysis: sets w.missed if no request was found.
---@param w table the window
---@param ... any tables with an entry for each group of requests
function family.finish(w, ...) end

---Who served the requests of a row: "nginx (319)".
---@param row table
---@return string
function family.who(row) end

---The same after the name of the definition, with port and group: "server: nginx (319) port 80".
---@param row table
---@return string
function family.label(row) end

---The same of all processes of that name: "server: nginx port 80".
---@param row table
---@return string
function family.label_of_all(row) end

---The columns of a table of requests.
---@type table
family.columns = {}

---The fields of request_end that their rows are made of, beside the duration.
---@type table
family.fields = {}

---How such tables look as text, for `text`.
---@type table
family.text = {}

return family
