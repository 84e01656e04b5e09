---@meta lttnga.slow

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Which of several durations are slow: those above a limit, or above the p95.
local slow = {}

---The least number of durations of which a percentile says which are slow.
---@type integer
slow.FEW = 20

---The limit above which durations are slow.
---@param sorted table durations (ns), the shortest first
---@param given? integer ns, if the user has set a limit
---@return integer? # ns: what was given, or the p95; nil if there are fewer than slow.FEW
function slow.limit(sorted, given) end

return slow
