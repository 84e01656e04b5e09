--- Things by key, in the order in which they came; the thing of a new key is made.
--
-- SPDX-License-Identifier: MIT

local ordered = {}

local Ordered = {}
Ordered.__index = Ordered

--- Makes an empty collection.
-- @tparam function make make(key) returns the thing for a new key
-- @treturn Ordered `list` has all things
function ordered.new(make)
  return setmetatable({ make = make, by_key = {}, list = {} }, Ordered)
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
  end
  return thing
end

return ordered
