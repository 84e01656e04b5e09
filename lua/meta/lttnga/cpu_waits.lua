---@meta lttnga.cpu_waits

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What analyses of all waits for a CPU share: those after a wakeup, and those of threads that had
---lost their CPU while they could have gone on.
local cpu_waits = {}

---The option for waits after a wakeup only.
---@type table
cpu_waits.woken = {}

---The option for waits after a preemption only.
---@type table
cpu_waits.preempted = {}

---The hooks that tell them, for `needs` of a table.
---@type table
cpu_waits.needs = {}

---The collects of the waits that were asked for.
---@param given table options
---@param one table a collect without its event
---@param open? boolean also those that are not over when a window ends, see lttnga.ends
---@return table
function cpu_waits.collect(given, one, open) end

return cpu_waits
