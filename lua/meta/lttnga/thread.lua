---@meta lttnga.thread

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Threads and processes in tables: who a row is about, and how that is shown.
local thread = {}

---The parts of a column of the class `process`: the fields of a row that say which thread it is.
---@type table
thread.fields = {}

---The fields that tell threads apart, for `of` of sums.by. A TID may be lost.
---@type table
thread.of = {}

---The fields of a thread of which the last value counts, for `last` of sums.by: threads are
---renamed. The row also gets `name`: the thread's, or if it has none, that of its process.
---@type table
thread.last = {}

---The parts of a column of the class `process`, with the `name` that thread.last makes.
---@type table
thread.named = {}

---The key of a thread, for sums.by: its TID; where events were lost only the process may be known.
---@param row table fields tid, pid
---@return any
function thread.key(row) end

---The key of a process, for sums.by: its PID, or the thread if that is not known.
---@param row table fields pid, tid
---@return any
function thread.process_key(row) end

---Makes a function like `process_key`, for sums.by, that also assigns what a thread did before its
---process was known to that process.
---@param totals object with the fields tid and pid
---@return function
function thread.process_keys(totals) end

---A thread as text: "bash (363)".
---@param process table name, tid; pid stands for a TID that is not known
---@return string
function thread.label(process) end

---The same for rows that may stand for all kernel threads of one name, and have no TID then:
---"bash (363)", "kworker".
---@param process table name, tid, pid
---@return string
function thread.known_label(process) end

return thread
