--- Things by key, in the order in which they came; the thing of a new key is made.
--
-- SPDX-License-Identifier: MIT

local saved = require "lttnga.saved"

local ordered = {}

local Ordered = {}
Ordered.__index = Ordered

--- Makes an empty collection.
-- @tparam function make make(key) returns the thing for a new key
-- @tparam[opt] function join join(thing, other) adds the thing of the same key that a later part of
-- the window has, as plain Lua; not needed if things have the methods save() and merge(saved)
-- @treturn Ordered `list` has all things
function ordered.new(make, join)
  return setmetatable({ make = make, join = join, by_key = {}, list = {}, keys = {} }, Ordered)
end

--- The thing of a key, which is made if it is new.
-- @tparam any key not nil
-- @treturn any
function Ordered:of(key)
  local thing = self.by_key[key]
  if thing == nil then
    thing = self.make(key)
    self.by_key[key] = thing
    self.list[#self.list + 1] = thing
    self.keys[#self.keys + 1] = key
  end
  return thing
end

--- What it holds, as plain Lua, for merge().
-- @treturn table
function Ordered:save()
  local things = {}
  for i, key in ipairs(self.keys) do
    things[i] = { key, saved.of(self.by_key[key]) }
  end
  return things
end

--- Adds what a later one has saved: that of a later part of the window.
-- @tparam table things
function Ordered:merge(things)
  for _, one in ipairs(things) do
    local thing = self:of(one[1])
    if self.join then
      self.join(thing, one[2])
    elseif saved.is_object(thing) then
      thing:merge(one[2])
    else
      error("what is in an `ordered` cannot be merged: give it a function `join`", 2)
    end
  end
end

return ordered
