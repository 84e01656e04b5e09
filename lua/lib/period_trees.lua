--- Periods that ended, with those that are part of them: trees, each passed on as soon as its root
-- has ended. Parts of what never ends are in no tree.
--
-- SPDX-License-Identifier: MIT

local family = require "lttnga.period_family"

local trees = {}

local Trees = {}
Trees.__index = Trees

--- What outlives a window, for `run` of an analysis: the parts of periods that have not ended yet.
-- @treturn table by number of the period
function trees.run()
  return {}
end

--- Makes an object that gathers periods as they end.
-- @tparam table waiting from trees.run
-- @tparam function take take(root) is called with each tree: what ended() was given, with `parts`,
-- a list in the order in which they ended
-- @treturn Trees
function trees.new(waiting, take)
  return setmetatable({ waiting = waiting, take = take }, Trees)
end

--- Takes in a period that ended.
-- @tparam table period its fields: number, parent, ...
-- @tparam boolean selected whether it counts; if not, neither do its parts
function Trees:ended(period, selected)
  local parts = self.waiting[period.number]
  self.waiting[period.number] = nil
  if not selected then
    return
  end
  period.parts = parts or {}
  if not period.parent then
    self.take(period)
    return
  end
  local others = self.waiting[period.parent]
  if not others then
    others = {}
    self.waiting[period.parent] = others
  end
  others[#others + 1] = period
end

--- Drops a period that will not end: its parts are in no tree.
-- @tparam integer number
function Trees:left_open(number)
  self.waiting[number] = nil
end

--- The hooks that gather periods in `w[name]`, for `on` of an analysis.
-- @tparam string name
-- @treturn table
function trees.hooks(name)
  return {
    request_end = function(w, selected, number, parent, path, begin, time, duration, captures,
      end_captures, lost)
      if w[name] then
        w[name]:ended({ number = number, parent = parent, path = path or "None", begin = begin,
          time = time, duration = duration, captures = captures, end_captures = end_captures,
          lost = lost }, selected)
      end
    end,
    request_open = function(w, number)
      if w[name] then
        w[name]:left_open(number)
      end
    end,
  }
end

--- Calls a function with each period of a tree and those that it is part of, the outermost first.
-- @tparam table root
-- @tparam function f
function trees.walk(root, f)
  local above = {}
  local function walk(period)
    f(period, above)
    above[#above + 1] = period
    for _, part in ipairs(period.parts) do
      walk(part)
    end
    above[#above] = nil
  end
  walk(root)
end

-- ---- Groups ----

--- The values of a period's own captures that groups are made of: by "PERIOD.CAPTURE".
local function own_values(period, asked)
  local values, name = {}, family.name(period.path)
  for _, one in ipairs(asked) do
    if one[1] == name then
      local at_end = family.captures(period.end_captures)[one[2]]
      local value = at_end == nil and family.captures(period.captures)[one[2]] or at_end
      values[one[1] .. "." .. one[2]] = value
    end
  end
  return values
end

local function merged(a, b)
  local both = {}
  for _, values in ipairs { a, b } do
    for name, value in pairs(values) do
      both[name] = value
    end
  end
  return both
end

--- The name of a combination, "a.x = 1, b.y = 2", and how many values it has.
local function key_of(values)
  local names = {}
  for name in pairs(values) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    names[i] = ("%s = %s"):format(name, family.value(values[name]))
  end
  return table.concat(names, ", "), #names
end

--- How many different periods groups are made from.
local function count_names(asked)
  local n, seen = 0, {}
  for _, one in ipairs(asked) do
    n = n + (seen[one[1]] and 0 or 1)
    seen[one[1]] = true
  end
  return n
end

--- Every period is in the one group that has no name.
local ALL = { "" }
local in_all = setmetatable({}, { __index = function() return ALL end })

--- Says in which groups each period of a tree is: those of its own captures, of what it is part of,
-- and of each combination of its parts.
-- @tparam table root
-- @tparam[opt] table asked list of { period, capture }; nil: all are in one group without a name
-- @treturn table by period: a list of names of groups
function trees.groups(root, asked)
  if not asked then
    return in_all
  end
  local below, found, needed = {}, {}, count_names(asked)
  local function combine(period)
    local own, list, seen = own_values(period, asked), {}, {}
    local function add(values)
      local key = key_of(values)
      list[#list + 1] = not seen[key] and values or nil
      seen[key] = true
    end
    for _, part in ipairs(period.parts) do
      for _, values in ipairs(combine(part)) do
        add(merged(values, own))
      end
    end
    if not list[1] then
      list[1] = own
    end
    below[period] = list
    return list
  end
  combine(root)
  local function name(period, above)
    local groups, seen = {}, {}
    for _, values in ipairs(below[period]) do
      local key, n = key_of(merged(values, above))
      if n >= needed and not seen[key] then
        seen[key] = true
        groups[#groups + 1] = key
      end
    end
    found[period] = groups
    local own = merged(above, own_values(period, asked))
    for _, part in ipairs(period.parts) do
      name(part, own)
    end
  end
  name(root, {})
  return found
end

return trees
