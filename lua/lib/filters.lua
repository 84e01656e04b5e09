--- What was asked for, for analyses that have to see the rest, too: threads, and paths.
--
-- SPDX-License-Identifier: MIT

local filters = {}

--- The values of a list as a set; an empty one without a list.
function filters.set(list)
  local set = {}
  for _, value in ipairs(list or {}) do
    set[value] = true
  end
  return set
end

--- The values of a set of texts, sorted.
function filters.sorted(set)
  local list = {}
  for value in pairs(set) do
    list[#list + 1] = value
  end
  table.sort(list)
  return list
end

--- A function that says whether a thread was asked for.
-- @tparam table options of the command line: the group "process"
-- @treturn function(tid, procname)
function filters.threads(options)
  local tids = options.tid and filters.set(options.tid)
  local names = options.procname and filters.set(options.procname)
  return function(tid, procname)
    return (not tids or tids[tid or -1]) and (not names or names[procname or ""])
  end
end

--- The set of bytes that "[a-z0-9]" stands for, and where it ends; nil if it is no such set.
local function read_set(glob, at)
  local first = glob:find("^[!^]", at + 1) and at + 2 or at + 1
  local set, i = { negated = first > at + 1 }, first
  while i <= #glob do
    local byte = glob:byte(i)
    if byte == ("]"):byte() and i > first then
      return set, i
    end
    local last = glob:find("^%-[^%]]", i + 1) and glob:byte(i + 2) or byte
    for one = byte, last do
      set[one] = true
    end
    i = i + (last ~= byte and 3 or 1)
  end
end

--- A glob as a list: bytes, sets of bytes, "any" and "many".
local function read_glob(glob)
  local list, i = {}, 1
  while i <= #glob do
    local char, set, last = glob:sub(i, i), nil, nil
    if char == "[" then
      set, last = read_set(glob, i)
    end
    list[#list + 1] = set or char == "*" and "many" or char == "?" and "any" or glob:byte(i)
    i = (last or i) + 1
  end
  return list
end

local function fits(part, byte)
  if type(part) == "table" then
    return (part[byte] or false) ~= part.negated
  end
  return part == "any" or part == byte
end

--- Whether a text is what a glob stands for. If it goes wrong behind a `*`, only the last one is
-- tried with more: the time does not grow beyond length times length.
local function matches(list, value)
  local at, i, star, from = 1, 1, nil, nil
  while i <= #value do
    local part = list[at]
    if part == "many" then
      star, from = at, i
      at = at + 1
    elseif part and fits(part, value:byte(i)) then
      at, i = at + 1, i + 1
    elseif star then
      from = from + 1
      at, i = star + 1, from
    else
      return false
    end
  end
  while list[at] == "many" do
    at = at + 1
  end
  return at > #list
end

--- A function that says whether a path is what a glob stands for, as in a shell: `*` and `?` are
-- anything (a slash, too), `[a-z]` is one of these bytes, `[!a-z]` another one.
-- @tparam[opt] string glob nil takes every path, even one that is not known
-- @treturn function(path)
function filters.paths(glob)
  local list = glob and read_glob(glob)
  return function(path)
    return not list or path ~= nil and matches(list, path)
  end
end

return filters
