---@meta lttnga.time

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Points in time as people write and read them. Everywhere else they are integer nanoseconds since
---the Epoch.
local time = {}

---Reads a point in time: "2026-11-23 12:18:50.43", "12:18:50.43" or "12:18" (on the day of the
---trace), ns since the Epoch, "+1s" after the start of the trace, or "-2s" before its end. A
---fraction has one to nine digits. A time of day with a "Z" after it is UTC.
---@param text string
---@param ref table first, last: the trace's range (ns), nil if unknown; gmt: times are UTC; from: what "+1s" is after, instead of the start of the trace
---@return integer? # ns; nil if it is wrong
---@return string? # message
function time.parse(text, ref) end

---Reads a range: "[B,E]", "B,E" or "B..E", with two points in time. An end "+1s" is after the
---start of the range.
---@param text string
---@param ref table see time.parse
---@return integer? # start, ns; nil if it is wrong
---@return integer|string # end, ns; or the message
function time.parse_range(text, ref) end

---A point in time as text: "12:18:50.432156789".
---@param ns integer
---@param opts? table gmt: UTC; date: with the date before it
---@return string
function time.format(ns, opts) end

---A range as text: "[B, E]".
---@param first integer ns
---@param last integer ns
---@param opts? table see time.format
---@return string
function time.format_range(first, last, opts) end

---The name of the time zone at a point in time.
---@param ns integer
---@param gmt boolean UTC instead of local time
---@return string
function time.zone(ns, gmt) end

---Whether two points in time are on different days.
---@param first integer ns
---@param last integer ns
---@param gmt boolean UTC instead of local time
---@return boolean
function time.is_multi_day(first, last, gmt) end

return time
