--- The priorities that a thread has had, and a column that shows them: "[20 (2 times), 39]".
--
-- SPDX-License-Identifier: MIT

local priorities = {}

local Priorities = {}
Priorities.__index = Priorities

--- Those of a thread that none is known of yet.
function priorities.new()
  return setmetatable({ known = {}, times = {} }, Priorities)
end

--- The thread has got another priority.
-- @tparam integer prio 20 is nice 0, those below 0 are real time
-- @tparam[opt] integer old the one before
function Priorities:change(prio, old)
  self:seen(old)
  if not self.times[prio] then
    self.known[#self.known + 1] = prio
  end
  self.times[prio] = (self.times[prio] or 0) + 1
end

--- The thread has been seen with a priority: it counts if it has not had it before.
function Priorities:seen(prio)
  if prio and not self.times[prio] then
    self:change(prio)
  end
end

--- All of them, the highest priority (the lowest number) first.
-- @treturn table list of { prio =, times = }
function Priorities:list()
  local list = {}
  table.sort(self.known)
  for i, prio in ipairs(self.known) do
    list[i] = { prio = prio, times = self.times[prio] }
  end
  return list
end

--- A list of priorities as text.
function priorities.text(list)
  local parts = {}
  for i, one in ipairs(list) do
    parts[i] = one.times > 1 and ("%d (%d times)"):format(one.prio, one.times)
      or tostring(one.prio)
  end
  return "[" .. table.concat(parts, ", ") .. "]"
end

--- A column of a table whose rows have them as field `priorities`.
priorities.column = { "Priorities", "list", "priorities", width = -12, indent = 2,
  text = priorities.text }

return priorities
