---@meta lttnga.priorities

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Priorities
local Priorities = {}

---The priorities that a thread has had, and a column that shows them: "[20 (2 times), 39]".
local priorities = {}

---Makes an empty list of priorities.
---@return lttnga.Priorities
function priorities.new() end

---Notes that the thread got another priority.
---@param prio integer 20 is nice 0, those below 0 are real time
---@param old? integer the one before
function Priorities:change(prio, old) end

---Notes that the thread was seen with a priority, which counts if it is a new one.
---@param prio integer
function Priorities:seen(prio) end

---What it holds, as plain Lua, for merge().
---@return table
function Priorities:save() end

---Adds what a later one has saved: that of a later part of the window.
---@param saved table
function Priorities:merge(saved) end

---All priorities, the highest (the lowest number) first.
---@return table # list of { prio =, times = }
function Priorities:list() end

---A list of priorities as text.
---@param list table
---@return string
function priorities.text(list) end

---A column for rows with the field `priorities`, from list().
---@type table
priorities.column = {}

return priorities
