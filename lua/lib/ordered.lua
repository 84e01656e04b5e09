--- Things by key, in the order in which they came; what is new is made.
--
-- SPDX-License-Identifier: MIT

local ordered = {}

local Ordered = {}
Ordered.__index = Ordered

--- No things yet.
-- @tparam function make make(key) makes the thing for a new key
-- @treturn object `list` has all things
function ordered.new(make)
  return setmetatable({ make = make, by_key = {}, list = {} }, Ordered)
end

--- The thing for a key.
-- @param key anything but nil
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
