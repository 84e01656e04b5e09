---@meta lttnga.analysis

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.analysis
---@field unknown table the cell of what is not known
---@field is fun(value: any): boolean whether a value is an analysis
---@overload fun(given: lttnga.Analysis): table
local analysis = {}

return analysis
