---@meta lttnga.period_trees

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Trees
local Trees = {}

---Periods that ended, with those that are part of them: trees, each passed on as soon as its root
---has ended. Parts of what never ends are in no tree.
local trees = {}

---What outlives a window, for `run` of an analysis: the parts of periods that have not ended yet.
---@return table # by number of the period
function trees.run() end

---Makes an object that gathers periods as they end.
---@param waiting table from trees.run
---@param take function take(root) is called with each tree: what ended() was given, with `parts`, a list in the order in which they ended
---@return lttnga.Trees
function trees.new(waiting, take) end

---Takes in a period that ended.
---@param period table its fields: number, parent, ...
---@param selected boolean whether it counts; if not, neither do its parts
function Trees:ended(period, selected) end

---Drops a period that will not end: its parts are in no tree.
---@param number integer
function Trees:left_open(number) end

---The hooks that gather periods in `w[name]`, for `on` of an analysis.
---@param name string
---@return table
function trees.hooks(name) end

---Calls a function with each period of a tree and those that it is part of, the outermost first.
---@param root table
---@param f function
function trees.walk(root, f) end

---Says in which groups each period of a tree is: those of its own captures, of what it is part of,
---and of each combination of its parts.
---@param root table
---@param asked? table list of { period, capture }; nil: all are in one group without a name
---@return table # by period: a list of names of groups
function trees.groups(root, asked) end

return trees
