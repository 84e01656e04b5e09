--- The priorities that a thread has had, as a text: "[20 (2 times), 39]".
--
-- SPDX-License-Identifier: MIT

local priorities = {}

local Priorities = {}
Priorities.__index = Priorities

--- Those of a thread that none is known of yet.
function priorities.new()
  return setmetatable({ list = {}, times = {} }, Priorities)
end

--- The thread has got another priority.
-- @tparam integer prio 20 is nice 0, those below 0 are real time
function Priorities:add(prio)
  if not self.times[prio] then
    self.list[#self.list + 1] = prio
  end
  self.times[prio] = (self.times[prio] or 0) + 1
end

--- The thread has been seen with a priority: it counts if it has not had it before.
function Priorities:seen(prio)
  if prio and not self.times[prio] then
    self:add(prio)
  end
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
