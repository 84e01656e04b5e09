---@meta lttnga.irq_family

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What the analyses of interrupts share: their options, which interrupts are wanted, and
---statistics by interrupt.
local family = {}

---The analyses of the family, in the order of their results, for `family`: each takes the flags
---that add the results of the others.
---@type table
family.members = {}

---The options of the analysis with a flag: see options.of_family.
---@param ... any
---@return any
function family.options_of(...) end

---The options that all of them take.
---@type table
family.options = {}

---Kinds of interrupts, in the order in which they are shown: of devices, softirqs, and x86's own
---vectors.
---@type table
family.kinds = {}

---The collects of the interrupts that --irq and --softirq ask for, with `number`, `kind`, `label`,
---`is_hard`, and for softirqs `is_soft`.
---@param options table values of the options
---@param into string the object to feed
---@param fields table further fields
---@param soft_fields? table further fields of softirqs, if they differ
---@return table
function family.collect(options, into, fields, soft_fields) end

---The same with `open`, and with interrupts that are still in progress when a window ends.
---@param ... any as for family.collect
---@return table
function family.collect_all(...) end

---The rows of the interrupts of a kind, by number: number, kind, name (an interrupt that devices
---share has several), `stats`.
---@param durations lttnga.Keyed by kind, number and name, among others
---@param kind string
---@return table
function family.rows(durations, kind) end

---The parts of a column of the class `irq`.
---@type table
family.cell = {}

---How tables of single interrupts are written as text.
---@param last table columns, see lttnga.lines; as fourth value, what stands above them in the classic text
---@return table # for `text` of a table
function family.text(last) end

return family
