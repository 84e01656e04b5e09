---@meta lttnga.sched_family

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What the analyses of scheduling latencies share: their options, statistics by thread and by
---priority, and how a latency is shown.
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

---Which statistics the options ask for.
---@param options table values of the options
---@return table # booleans: total, tid, prio
function family.asked(options) end

---The collects of latencies, into `w.waits`: statistics by keys.
---@type table
family.collect = {}

---The statistics of all latencies together.
---@param waits lttnga.Keyed
---@param keep? boolean see stats.new
---@return lttnga.Statistics
function family.total(waits, keep) end

---Rows of threads, with `stats`, sorted by name, then by TID.
---@param waits lttnga.Keyed
---@param renamed table w.renamed
---@return table
function family.by_name(waits, renamed) end

---Rows of priorities, with `stats`, the highest (lowest number) first.
---@param waits lttnga.Keyed
---@return table
function family.by_prio(waits) end

---The columns of a table of latencies.
---@type table
family.columns = {}

---What such tables need, for `needs`.
---@type table
family.needs = {}

---The fields of wakeup_latency that their rows are made of.
---@type table
family.fields = {}

---How such tables look as text, for `text`.
---@type table
family.text = {}

return family
