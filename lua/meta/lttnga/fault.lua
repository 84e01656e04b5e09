---@meta lttnga.fault

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Faults: what ends the run with a message and an exit status. Those that are raised as such are
---the user's to mend, and have no traceback; other errors become faults that have one.
---
---Functions are kept in locals here, so that a script that changes a library can't hide a message.
local fault = {}

---Exit statuses.
---@type integer
fault.RUN = 1

---Makes a fault without raising it.
---@param status integer exit status
---@param text string message, with the formats of string.format
---@param ... any values for the formats
---@return table
function fault.new(status, text, ...) end

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

---The text of whatever was raised, or a text that says that there is none.
---@param err any
---@return string
function fault.text_of(err) end

---Makes a fault with a traceback of whatever was raised; message handlers call this.
---@param err any what was raised; a fault is returned as it is
---@param place? string where the run was, for the end of the message (default: "")
---@return table
function fault.caught(err, place) end

return fault
