---@meta lttnga.fault

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Faults: what ends the run with a message and an exit status. Those that are raised as such are
---the user's to mend, and have no traceback; other errors become faults that have one.
local fault = {}

---Ends the run with a message in one line, exit status 1.
---@param text string message, with the formats of string.format
---@param ... any values for the formats
function fault.raise(text, ...) end

---Ends the run because the command line is wrong, exit status 2.
---@param text string message, with the formats of string.format
---@param ... any values for the formats
function fault.usage(text, ...) end

---Whether a value is a fault.
---@param value any
---@return boolean
function fault.is(value) end

return fault
