---@meta lttnga.disks

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Rows by disk. A disk's name may become known later than its number: rows have its last name.
local disks = {}

---Makes a row for each disk, sorted by name; with several machines the name starts with that of
---the machine.
---@param totals lttnga.Totals|lttnga.Keyed collected with the fields host, dev and disk
---@param as? string name of the sum, see sums.by
---@param rows? table from an earlier call, to add to
---@return table # list of rows: `name`, `disk`, `dev`, `host`, and those of sums.by
function disks.rows(totals, as, rows) end

---What disks were called last, by number.
---@param totals object or statistics by keys: collected with the fields dev and disk
function disks.names(totals) end

return disks
