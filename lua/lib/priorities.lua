--- The priorities that a thread has had, and a column that shows them: "[20 (2 times), 39]".
--
-- SPDX-License-Identifier: MIT

local priorities = {}

local Priorities = {}
Priorities.__index = Priorities

--- Makes an empty list of priorities.
-- @treturn Priorities
function priorities.new()
  -- `found`: those that the thread had when it was first seen with them.
  return setmetatable({ known = {}, times = {}, found = {} }, Priorities)
end

--- Notes that the thread got another priority.
-- @tparam integer prio 20 is nice 0, those below 0 are real time
-- @tparam[opt] integer old the one before
function Priorities:change(prio, old)
  self:seen(old)
  if not self.times[prio] then
    self.known[#self.known + 1] = prio
  end
  self.times[prio] = (self.times[prio] or 0) + 1
end

--- Notes that the thread was seen with a priority, which counts if it is a new one.
-- @tparam integer prio
function Priorities:seen(prio)
  if prio and not self.times[prio] then
    self:change(prio)
    self.found[prio] = true
  end
end

--- What it holds, as plain Lua, for merge().
-- @treturn table
function Priorities:save()
  return { known = self.known, times = self.times, found = self.found }
end

--- Adds what a later one has saved: that of a later part of the window.
-- @tparam table saved
function Priorities:merge(saved)
  for _, prio in ipairs(saved.known) do
    local times = saved.times[prio]
    if not self.times[prio] then
      self.known[#self.known + 1] = prio
      self.found[prio] = saved.found[prio]
    elseif saved.found[prio] then
      times = times - 1
    end
    self.times[prio] = (self.times[prio] or 0) + times
  end
end

--- All priorities, the highest (the lowest number) first.
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
-- @tparam table list
-- @treturn string
function priorities.text(list)
  local parts = {}
  for i, one in ipairs(list) do
    parts[i] = one.times > 1 and ("%d (%d times)"):format(one.prio, one.times)
      or tostring(one.prio)
  end
  return "[" .. table.concat(parts, ", ") .. "]"
end

--- A column for rows with the field `priorities`, from list().
priorities.column = { "Priorities", "list", "priorities", width = -12, indent = 2,
  text = priorities.text }

return priorities
