---@meta lttnga.units

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Durations and sizes as people write and read them. Everywhere else durations are integer
---nanoseconds, and sizes are bytes.
local units = {}

---Reads a duration: a number with s, ms, us, µs or ns.
---@param value string "1.5ms"
---@param default? string unit of a number without one (default: "s")
---@return integer? # ns; nil if it is wrong
---@return string? # message
function units.parse_duration(value, default) end

---Reads a size: a number with B (or nothing), KiB, MiB, ... (1024), or KB, MB, ... (1000).
---@param value string "4KiB"
---@return integer? # bytes; nil if it is wrong
---@return string? # message
function units.parse_size(value) end

---A size as text: "42   B", "1.50 KiB".
---@param bytes number
---@return string
function units.format_size(bytes) end

---A duration in microseconds with three decimals.
---@param ns number
---@return string
function units.us(ns) end

return units
