---@meta lttnga.values

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Values of the trace's own events, whose types depend on the trace.
local values = {}

---The value if it is an integer, else nil.
---@param value any
---@return integer?
function values.integer(value) end

---The value if it is a string, else nil.
---@param value any
---@return string?
function values.string(value) end

---The fields of an event by name.
---@param event lttnga.Event the parameter `event` of a hook
---@return table
function values.by_name(event) end

---All fields of an event as text: "{ pid = 363, procname = "bash" }, { fd = 3, count = 4096 }",
---contexts first.
---@param event lttnga.Event the parameter `event` of a hook
---@return string
function values.text(event) end

return values
