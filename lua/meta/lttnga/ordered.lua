---@meta lttnga.ordered

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Ordered
local Ordered = {}

---Things by key, in the order in which they came; the thing of a new key is made.
local ordered = {}

---Makes an empty collection.
---@param make function make(key) returns the thing for a new key
---@return lttnga.Ordered # `list` has all things
function ordered.new(make) end

---The thing of a key, which is made if it is new.
---@param key any not nil
---@return any
function Ordered:of(key) end

return ordered
