---@meta lttnga.wait_family

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What the analyses of waits share: their options, what a wait was for, and how a wait is shown.
local family = {}

---The analyses of the family, in the order of their results, for `family`: each takes the flags
---that add the results of the others.
---@type table
family.members = {}

---The options of the analysis with a flag: see options.of_family.
---@param ... any
---@return any
function family.options_of(...) end

---The fields of sleep_end that say what a wait was for.
---@type table
family.object_fields = {}

---What a wait was for: the disk, the futex, the file, ...
---@param wait table fields of sleep_end
---@param cause? string instead of its own
---@return string? # nil if it is not known
function family.object(wait, cause) end

---The fields of waits that are collected to be summed, in addition to the cause.
---@type table
family.summed = {}

---Waits summed by thread or process, call, cause, and the object waited for, whichever field has
---that.
---@param totals object
---@param by_process? boolean
---@return table # rows
function family.by(totals, by_process) end

---Adds to such rows the object, and the present names of threads.
function family.name() end

---Such rows (`w.rows`) as stacks, for fold.table.
---@param field string that has their time
function family.stacks(field) end

---Whether a wait counts, by the options: a thread that had nothing to do waits only with --idle.
---@param given table values of the options
---@param cause string
---@return boolean
function family.counts(given, cause) end

---The causes that count, for `only` of a collect.
---@param given table values of the options
---@return table
function family.only(given) end

---The columns of a table of waits. Waits that began before the time that is analysed are "out of
---range".
---@type table
family.columns = {}

---What such tables need, for `needs`.
---@type table
family.needs = {}

---The fields of sleep_end that their rows are made of.
---@type table
family.fields = {}

---How such tables look as text, for `text`.
---@type table
family.text = {}

return family
