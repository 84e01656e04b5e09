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
---@param join? function join(thing, other) adds the thing of the same key that a later part of the window has, as plain Lua; not needed if things have the methods save() and merge(saved)
---@return lttnga.Ordered # `list` has all things
function ordered.new(make, join) end

---The thing of a key, which is made if it is new.
---@param key any not nil
---@return any
function Ordered:of(key) end

---What it holds, as plain Lua, for merge().
---@return table
function Ordered:save() end

---Adds what a later one has saved: that of a later part of the window.
---@param things table
function Ordered:merge(things) end

return ordered
