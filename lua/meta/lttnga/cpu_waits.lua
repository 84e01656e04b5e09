---@meta lttnga.cpu_waits

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What analyses of waits for a CPU share, both after a wakeup and after a preemption.
local cpu_waits = {}

---The option that selects waits after a wakeup.
---@type table
cpu_waits.woken = {}

---The option that selects waits after a preemption.
---@type table
cpu_waits.preempted = {}

---The hooks that report them, for `needs` of a table.
---@type table
cpu_waits.needs = {}

---The collects of the selected waits.
---@param given table options
---@param one table a collect without its event
---@param open? boolean include those that have not ended when a window ends, see lttnga.ends
---@return table
function cpu_waits.collect(given, one, open) end

return cpu_waits
