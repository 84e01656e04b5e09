---@meta lttnga.remarks

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What stands out in what a machine did, each in a line, with the command that shows more. The
---rules are data: the table in docs/overview.md is made from this list.
---
---Each rule is applied to each interval (usually of 1 s). It has
---
---    name      for machines, and docs
---    each      function(row) -> the things that it is about, by name, each with remarks of its
---              own; without it: the row itself
---    figure    function(thing, row) -> the number that counts, or nil
---    least     a remark is made if the number is at least this,
---    seconds   for so long (without it: in any interval)
---    says      what was found, for the docs, and `measure`: in which figure, with `least` as text
---    text      function(found) -> the remark; found has `rows` (those in which the rule applied),
---              `things` of these, `key`, and most(f), mean(f), sum(f) of a function of both
---    command   the analysis that shows more, or function(found) -> it, and its options
---
---Successive intervals make one remark, even if one between them is below.
local remarks = {}

---A command line for a part of the time of a window.
---@param source table w.source
---@param command string|table the analysis and its options; `whole`: it takes no time range; `from`: when it starts, if not with the remark
---@param from integer ns
---@param to integer ns
---@return string
function remarks.command(source, command, from, to) end

---What stands out in rows of lttnga.activity, in order of time.
---@param rows table
---@param source table w.source
---@return table # list of { rule, begin, time, text, command, rank = among those of the rule }
function remarks.of(rows, source) end

return remarks
