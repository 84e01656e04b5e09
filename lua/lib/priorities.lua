--- The priorities that a thread has had, as a text: "[20 (2 times), 39]".
--
-- SPDX-License-Identifier: MIT

local priorities = {}

local Priorities = {}
Priorities.__index = Priorities

--- Those of a thread that has just been seen.
-- @tparam[opt] integer prio the first one, if it is known
function priorities.new(prio)
  local self = setmetatable({ list = {}, times = {} }, Priorities)
  if prio then
    self:add(prio)
  end
  return self
end

--- The thread has got another priority.
-- @tparam integer prio 20 is nice 0, those below 0 are real time
function Priorities:add(prio)
  if not self.times[prio] then
    self.list[#self.list + 1] = prio
  end
  self.times[prio] = (self.times[prio] or 0) + 1
end

--- All of them, the highest priority (the lowest number) first.
function Priorities:text()
  local parts = {}
  table.sort(self.list)
  for i, prio in ipairs(self.list) do
    local times = self.times[prio]
    parts[i] = times > 1 and ("%d (%d times)"):format(prio, times) or tostring(prio)
  end
  return "[" .. table.concat(parts, ", ") .. "]"
end

return priorities
