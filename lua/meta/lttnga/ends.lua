---@meta lttnga.ends

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Rows of what has ended in a window, and of what is still open when the window ends: calls,
---wakeups, interrupts. Open ones come from the events *_open, are rows of their own in logs and
---tops, and count in no statistics.
local ends = {}

---The fields of a row of what has ended, for `set` of a collect.
---@type table
ends.over = {}

---The fields of a row of what is open, for `set` of a collect.
---@type table
ends.open = {}

---The column that says whether a row is open, for machines.
---@type table
ends.column = {}

---A template for `line` of a table: from when to when it was.
---@type string
ends.range = ""

---What takes the place of ends.range if lines are short, for `shorter`.
---@type table
ends.shorter = {}

---A template for `line` of a table: how long it took, or has taken so far.
---@type string
ends.duration = ""

---Marks a row (a copy of an event).
---@param row table
---@param as table ends.over or ends.open
---@return table # the row
function ends.mark(row, as) end

---Makes the collect of what is open out of that of what has ended.
---@param given table the collect of the other event
---@param event string name of the event *_open
---@param without? table set of the fields that this event does not have
---@return table
function ends.collect(given, event, without) end

return ends
