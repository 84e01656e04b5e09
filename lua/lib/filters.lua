--- The filters of the command line, for analyses that must see everything: whether a thread or a
-- path was asked for.
--
-- SPDX-License-Identifier: MIT

local glob = require "lttnga.glob"
local text = require "lttnga.text"

local filters = {}

--- The values of a list as a set, with `true` for each; empty without a list.
-- @tparam[opt] table list
-- @treturn table
function filters.set(list)
  local set = {}
  for _, value in ipairs(list or {}) do
    set[value] = true
  end
  return set
end

--- The values of a set, sorted.
-- @tparam table set
-- @treturn table
function filters.sorted(set)
  local list = {}
  for value in pairs(set) do
    list[#list + 1] = value
  end
  table.sort(list)
  return list
end

--- So many names are remembered.
local NAMES_MAX = 10000

--- Makes a function that says whether a name was asked for. A glob after "!" excludes.
-- @tparam[opt] string|table globs one, or a list; nil accepts every name, and one that is not known
-- @treturn function of a name
function filters.names(globs)
  local wanted, unwanted, known, count = {}, {}, {}, 0
  for _, one in ipairs(type(globs) == "string" and { globs } or globs or {}) do
    local other = one:match "^!(.*)"
    table.insert(other and unwanted or wanted, other or one)
  end
  local function is_among(list, name)
    for _, one in ipairs(list) do
      if glob.matches(one, name) then
        return true
      end
    end
    return false
  end
  return function(name)
    if not globs then
      return true
    elseif not name then
      return #wanted == 0
    elseif known[name] == nil then
      if count == NAMES_MAX then
        known, count = {}, 0
      end
      count = count + 1
      known[name] = (#wanted == 0 or is_among(wanted, name)) and not is_among(unwanted, name)
    end
    return known[name]
  end
end

--- Makes a function that says whether a thread was asked for.
-- @tparam table options values of the options, those of the group "process" among them
-- @treturn function of a TID and a name
function filters.threads(options)
  local tids, is_named = options.tid and filters.set(options.tid), filters.names(options.procname)
  return function(tid, procname)
    return (not tids or tids[tid or -1] or false) and is_named(procname)
  end
end

--- Says that no thread was asked for, and which there are, as a warning for `w.missed`.
-- @tparam table options values of the options, as in filters.threads
-- @tparam table threads list of { tid =, procname = } of those that there are
-- @treturn string
function filters.no_thread(options, threads)
  local tids, names = {}, {}
  local is_asked = filters.threads { tid = options.tid }
  for _, one in ipairs(threads) do
    tids[one.tid or 0] = one.tid and true
    names[one.procname or 0] = is_asked(one.tid) and one.procname and true or nil
  end
  if next(names) and options.procname then
    return ("--procname: no thread has procname %s%s"):format(table.concat(options.procname, ", "),
      text.nearest(options.procname, filters.sorted(names)))
  end
  return ("--tid: no thread has tid %s%s"):format(table.concat(options.tid or {}, ", "),
    text.nearest(options.tid or {}, filters.sorted(tids)))
end

--- Makes a function that says whether a path was asked for, see filters.names.
filters.paths = filters.names

return filters
