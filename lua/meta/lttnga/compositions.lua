---@meta lttnga.compositions

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Composition
local Composition = {}

---What the time of many requests consists of: how much of it each wait takes, and, within a wait,
---what went on meanwhile. Rows have nothing that is of one trace only, such as a TID, so that
---comparisons can match them.
---
---There are rows of three levels: "all" is the time as a whole, "wait" what was waited for (or that
---the thread ran), and "cause" what went on during such a wait. Those of one level add up to the
---one above.
local compositions = {}

---A thread's name without numbers that are others in another trace: "kworker/0:1" is
---"kworker/*:*", "worker-12" is "worker-*"; "python3" stays.
---@param name string?
---@return string?
function compositions.name(name) end

---A part as it is in any trace.
---@param part table see paths.part_of
---@return table # level, wait, cause, via, name, object
function compositions.stable(part) end

---Makes one of requests that belong together.
---@param label string what they are called
---@return lttnga.Composition
function compositions.new(label) end

---Adds a request.
---@param duration integer ns
---@param parts table list of them, see paths.add
function Composition:add(duration, parts) end

---The rows: the whole, and each wait before its causes. `stats` has the times of the requests that
---have that part, `average` is per request, also of those that don't.
---@return table # list of { level =, wait =, cause =, via =, name =, object =, stats =, requests =, average =, p99 =, share = }
function Composition:rows() end

---What a row is, as text.
---@param row table
---@return string
function compositions.label(row) end

---Says how much more, or less, of a request's time a wait takes: "2.9 ms more waiting for a lock,
---while holder runs".
---@param row table of the level "wait"
---@param difference number ns
---@param causes table rows of its causes that make up most of that
---@return string
function compositions.reason(row, difference, causes) end

return compositions
