--- What was asked for, for analyses that have to see the rest, too: threads, and paths.
--
-- SPDX-License-Identifier: MIT

local chooser = {}

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do
    set[value] = true
  end
  return set
end

--- A function that says whether a thread was asked for.
-- @tparam table options of the command line: the group "process"
-- @treturn function(tid, procname)
function chooser.threads(options)
  local tids = options.tid and set_of(options.tid)
  local names = options.procname and set_of(options.procname)
  return function(tid, procname)
    return (not tids or tids[tid or -1]) and (not names or names[procname or ""])
  end
end

--- A function that says whether a path is what a shell would take for it: `*` and `?` stand for
-- anything, `[a-z]` for one of these letters.
-- @tparam[opt] string glob nil takes every path, even one that is not known
-- @treturn function(path)
function chooser.paths(glob)
  if not glob then
    return function() return true end
  end
  local pattern = glob:gsub("[%^%$%(%)%%%.%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".")
    :gsub("%[!", "[^"):gsub("(%[[^%]]-)%%%-", "%1-")
  local ok = pcall(string.find, "", pattern)
  pattern = ok and "^" .. pattern .. "$"
  return function(path)
    return path ~= nil and (path == glob or ok and path:find(pattern) ~= nil)
  end
end

return chooser
