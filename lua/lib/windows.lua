--- Windows of time of an analysis: they open, take what hooks collect, and close with results.
--
-- SPDX-License-Identifier: MIT

local keys = require "lttnga.keys"
local saved = require "lttnga.saved"
local tables = require "lttnga.tables"

local windows = {}

--- The logs of each window, by number of the table.
local logs_of = setmetatable({}, { __mode = "k" })

--- What windows had in plain Lua when they opened, beside what all have.
local opened_with = setmetatable({}, { __mode = "k" })

-- ---- Saving and merging ----

--- What a window has in plain Lua, beside what all have.
local function plain_of(w, given)
  local plain = {}
  for name, value in pairs(w) do
    if not given[name] and not saved.is_object(value) then
      plain[name] = saved.of(value)
    end
  end
  return plain
end

--- The logs of a window that are merged, in the order of their tables: hooks that are replayed add
-- all rows there.
-- @tparam Analysis analysis
-- @tparam table w
-- @treturn table
function windows.logs(analysis, w)
  local list = {}
  if analysis.merge == "replay" then
    return list
  end
  for i = 1, #logs_of[w] + 64 do
    list[#list + 1] = logs_of[w][i] and logs_of[w][i][1]
  end
  return list
end

--- What a window has gathered, before it is closed, without its logs; for windows.merge().
-- @treturn table objects; plain: what is in plain Lua; fault: why it can't be merged, or nil
function windows.save(analysis, w)
  local found, known = { objects = {} }, opened_with[w]
  local is_replayed = analysis.merge == "replay"
  for name, value in pairs(w) do
    if not known.given[name] and saved.is_object(value) then
      found.objects[name] = value:save()
    elseif is_replayed then
      -- Its hooks have not been called.
      goto continue
    elseif type(value) == "userdata" and not known.given[name] then
      found.fault = ("w.%s cannot be merged"):format(name)
    end
    ::continue::
  end
  if is_replayed then
    return found
  end
  local plain = plain_of(w, known.given)
  if analysis.merge then
    found.plain = plain
  else
    for name, value in pairs(plain) do
      if not saved.is_same(value, known.plain[name]) then
        found.fault = ("w.%s is plain Lua, and the analysis has no function `merge`"):format(name)
      end
    end
  end
  return found
end

--- Adds what a later part of a window has gathered.
-- @tparam table found from windows.save()
function windows.merge(analysis, w, found)
  for name, one in pairs(found.objects) do
    w[name]:merge(one)
  end
  if type(analysis.merge) == "function" then
    analysis.merge(w, found.plain)
  end
end

--- Which calls of an analysis can be put off, for another process to make: of its functions, and of
-- what it collects into objects that can't be merged.
-- @tparam Analysis analysis
-- @tparam table collects its collects
-- @tparam table w a window
-- @treturn table for each collect, whether it is put off; nil: nothing is
function windows.deferred(analysis, collects, w)
  if analysis.merge ~= "replay" then
    return nil
  end
  local list = {}
  for i, collect in ipairs(collects) do
    list[i] = not saved.is_object(w[collect.into])
  end
  return list
end

-- ---- Opening and closing ----

--- Opens a window.
-- @tparam Analysis analysis
-- @tparam table values options by name
-- @tparam object renderer says what logs make of their rows
-- @tparam[opt] integer from start of the time that was asked for, ns
-- @tparam any run what the function `run` of the analysis returned
-- @tparam[opt] table facts what else is known: interval, missing, source (see lttnga.keys)
-- @tparam[opt] boolean is_part whether it will be saved, and merged with others
-- @treturn table the window
function windows.open(analysis, values, renderer, from, run, facts, is_part)
  local w, logs = { options = values, from = from, run = run }, {}
  for name, fact in pairs(facts or {}) do
    w[name] = fact
  end
  for i, one in ipairs(analysis.tables) do
    if one.sorted then
      logs[i] = { tables.open_log(one, analysis:columns_for(values)[i], values, renderer, from) }
      w[one.sorted] = logs[i][1]
    end
  end
  logs_of[w] = logs
  local given = {}
  for name in pairs(is_part and w or {}) do
    given[name] = true
  end
  analysis.begin(w)
  if is_part then
    for _, key in ipairs(keys.window) do
      given[key[1]] = true
    end
    opened_with[w] = { given = given, plain = plain_of(w, given) }
  end
  return w
end

--- Closes a window.
-- @treturn table list of results, see lttnga.tables
function windows.close(analysis, w)
  analysis.finish(w)
  local results, lists = {}, analysis:columns_for(w.options)
  local shown = tables.shown(analysis.tables, w.options)
  for i, one in ipairs(analysis.tables) do
    if shown[i] then
      local filled = tables.fill(one, lists[i], w, table.unpack(logs_of[w][i] or {}))
      table.move(filled, 1, #filled, #results + 1, results)
    end
  end
  return results
end

return windows
