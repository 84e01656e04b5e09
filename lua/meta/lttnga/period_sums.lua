---@meta lttnga.period_sums

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Statistics of periods: how long they took, and which share of others those took that are part of
---them; of all periods, or of each group of captures.
---
---They are made of what the host has counted, or, for groups and for parts that have parts, of
---trees (see lttnga.period_trees). Of trees, only what is in periods that ended counts as a part.
local period_sums = {}

---The figures that parts of a period have: how long they took, which share of it, how many.
---@type table
period_sums.kinds = {}

---The collects, for `collect` of an analysis.
---@param given table values of the options
---@return table
function period_sums.collect(given) end

---The hooks, for `on` of an analysis.
---@type table
period_sums.on = {}

---Makes the objects of a window.
---@param w table the window
---@param keep boolean keep the values, see stats.new
function period_sums.begin(w, keep) end

---Statistics of periods, in the order of their definitions; what has never ended is left out.
---@param w table the window
---@param group? table one of period_sums.each_group
---@return table # list of { path =, stats =, open = }
function period_sums.periods(w, group) end

---The parts that periods had, as far as the options ask for them.
---@param w table the window
---@param kind string one of period_sums.kinds
---@param all boolean also of periods that had no such part
---@param group? table one of period_sums.each_group
---@return table # list of { part =, path =, stats = }, by definition of the part, then of the whole
function period_sums.parts(w, kind, all, group) end

---The groups, or { false } if there are none.
---@param w table the window
---@return table
function period_sums.each_group(w) end

return period_sums
