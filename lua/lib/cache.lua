--- What is saved of traces: where it is, when it is used, when it is made, and what goes. These are
-- states, which runs start from, and the tables of `sql` (lttnga.saved_tables).
--
-- All files are in one folder, which has a limit. What is over it goes: what is of no use first,
-- then what has not been used for the longest time.
--
-- Runs that save in passing say nothing if that fails: they lose nothing but time, and every later
-- run would say it again. Those that were asked for states do: see `asked`.
--
-- SPDX-License-Identifier: MIT

local later = require "lttnga.later"

local clocks = later "lttnga.clocks"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local saved_tables = require "lttnga.saved_tables"
local text = require "lttnga.text"
local units = require "lttnga.units"
local xdg = require "lttnga.xdg"

local cache = {}

--- Smaller traces are read from the beginning faster than anything else could be done.
local SMALL = 16 * 1024 * 1024

--- The limit of a folder, unless the environment has another one.
local LIMIT = 1 << 30

--- Of the limit, what is left for what a file has beside states.
local HEAD_PART = 16

-- ---- Where ----

--- How many bytes the files in a folder may take together.
function cache.limit()
  local given = os.getenv "LTTNGA_CACHE_SIZE"
  if not given or given == "" then
    return LIMIT
  elseif given == "unlimited" then
    return math.maxinteger
  end
  local size, message = units.parse_size(given)
  if not size then
    fault.usage("LTTNGA_CACHE_SIZE: %s; or unlimited", message)
  end
  return size
end

--- The folder of saved states; nil if there is none.
-- @tparam table values options of the run
function cache.folder(values)
  return values.cache or xdg.folder "CACHE"
end

--- Whether traces of user space are among those that were opened.
local function has_user_space(trace)
  for _, one in ipairs(trace:traces()) do
    if one.domain == "ust" then
      return true
    end
  end
  return false
end

--- Where the states of a trace are.
-- @tparam table paths folders of the traces
-- @tparam table values options of the run
-- @param trace from run.open: with traces of user space its streams are others
-- @treturn table folder, name; path: both; origin: of which traces they are, for the file; limit:
-- of the folder, bytes; room: how many bytes states may take; asked: whether the user has asked for
-- states to be there. nil if there is no place for them
function cache.place(paths, values, trace)
  local folder = not values["no-cache"] and cache.folder(values)
  if not folder then
    return nil
  end
  local origin = { whole = values["no-intersection"] or false, user = has_user_space(trace) }
  for i, path in ipairs(paths) do
    origin[i] = host.real_path(path)
  end
  -- A state has times, which are corrected.
  local corrected = clocks.text(trace)
  origin.clocks = corrected ~= "" and corrected or nil
  local what = (origin.whole and "all\n" or "common\n") .. (origin.user and "user\n" or "")
    .. corrected
  local called = paths[1]:gsub("/+$", ""):match("([^/]*)$"):gsub("[^%w._-]", "_")
  local name = ("%s-%s.state"):format(called:sub(1, 64), host.digest(paths, what):sub(1, 20))
  local limit = cache.limit()
  return {
    folder = folder, name = name, path = folder .. "/" .. name, origin = origin, limit = limit,
    room = math.max(limit - limit // HEAD_PART, 1), asked = values.cache ~= nil,
  }
end

--- A size in a sentence.
function cache.size_text(size)
  return (text.trim(units.format_size(size)):gsub("%s+", " "))
end

-- ---- Using and saving ----

--- Says what is wrong with a place, if the user has asked for it; the same thing only once.
local function complain(place, say, format, ...)
  local message = format:format(...)
  if place.asked and place.told ~= message then
    place.told = message
    say("note: ", message)
  end
end

--- The checkpoints of a trace that are saved.
-- @param trace from run.open
-- @tparam table place from cache.place, or nil
-- @tparam function say takes a kind and a text for the user
-- @treturn object; nil if there are none that are of use
function cache.load(trace, place, say)
  if not place or not trace:can_seek() then
    return nil
  end
  local checkpoints, why, message = trace:read_checkpoints(place.path)
  if why == "unreadable" then
    complain(place, say, "saved states of this trace are ignored: %s", message)
  elseif not checkpoints and why ~= "none" and os.remove(place.path) then
    complain(place, say, "saved states of this trace are removed: %s", message)
  end
  return checkpoints
end

--- Whether a run is worth saving.
function cache.is_worth(trace)
  return trace:can_seek() and trace:size() >= SMALL
end

--- Whether the traces that a file is of are there, as far as their folders tell.
local function has_traces(file)
  for _, path in ipairs(file.origin) do
    local _, is_there = host.real_path(path)
    if not is_there then
      return false
    end
  end
  return true
end

--- All files in a folder that are ours, see host.saved_states. `tables`: they are those of sql.
-- @treturn string why nothing can be saved there, or nil
local function files_of(folder)
  local files, trouble = host.saved_states(folder)
  for _, file in ipairs(saved_tables.files(folder)) do
    files[#files + 1] = file
  end
  return files, trouble
end

--- Removes a file; true, or nil and a message.
function cache.remove(folder, file)
  local from = file.tables and saved_tables or host
  return (from.remove_saved)(folder, file.name)
end

--- What goes first: what is of other versions, then what is of traces that are gone.
local function worth_of(file)
  return file.kind ~= "current" and 0 or has_traces(file) and 2 or 1
end

--- Removes files of a folder until the others take no more than so many bytes. What can't be
-- removed stays: that is not what the run is for.
-- @tparam string folder
-- @tparam integer room bytes
-- @tparam[opt] string keep the name of one that stays, and does not count
-- @treturn integer how many are removed
-- @treturn integer how much they took
function cache.make_room(folder, room, keep)
  local files, total, removed, size = {}, 0, 0, 0
  for _, file in ipairs((files_of(folder))) do
    -- What is being written will be looked at by those who write it.
    if file.name ~= keep and file.kind ~= "unfinished" and file.kind ~= "left" then
      files[#files + 1], total = file, total + file.size
    end
  end
  if total <= room then
    return 0, 0
  end
  for _, file in ipairs(files) do
    file.worth = worth_of(file)
  end
  table.sort(files, function(a, b)
    if a.worth ~= b.worth then
      return a.worth < b.worth
    elseif a.used ~= b.used then
      return a.used < b.used
    end
    return a.name < b.name
  end)
  for _, file in ipairs(files) do
    if total - size <= room then
      break
    elseif cache.remove(folder, file) then
      removed, size = removed + 1, size + file.size
    end
  end
  return removed, size
end

--- Saves states; that this fails costs nothing but time.
-- @treturn boolean whether they have been saved
function cache.save(checkpoints, place, say)
  local size = checkpoints:file_size(place.origin)
  if size > place.limit then
    complain(place, say, "states of this trace are not saved: they take %s, and all saved states "
      .. "may take %s (LTTNGA_CACHE_SIZE)", cache.size_text(size), cache.size_text(place.limit))
    return false
  end
  cache.make_room(place.folder, place.limit - size, place.name)
  local ok, message = checkpoints:write(place.path, place.origin)
  if not ok then
    complain(place, say, "states of this trace cannot be saved: %s", message)
  else
    -- Others may have saved something meanwhile.
    cache.make_room(place.folder, place.limit - size, place.name)
  end
  return ok or false
end

--- Keeps a folder within its limit, now that there is a file in it: what is larger than that goes
-- itself.
-- @tparam string name of the file
-- @tparam boolean asked whether the user has asked for files to be there
-- @tparam function say takes a kind and a text for the user
function cache.keep_within(folder, name, asked, say)
  local limit = cache.limit()
  for _, file in ipairs(saved_tables.files(folder)) do
    if file.name == name and file.size <= limit then
      cache.make_room(folder, limit - file.size, name)
    elseif file.name == name and cache.remove(folder, file) and asked then
      say("note: ", ("the tables of this trace are not saved: they take %s, and all that "
        .. "is saved may take %s (LTTNGA_CACHE_SIZE)"):format(cache.size_text(file.size),
        cache.size_text(limit)))
    end
  end
end

-- ---- What there is ----

--- What trace:read_checkpoints() says, in the words of cache.list.
local found = { other = "changed", broken = "damaged", unreadable = "damaged", none = "none" }

--- Whether a file is of use, or why it is not.
local function state_of(folder, file)
  if file.kind ~= "current" then
    return file.kind
  elseif not has_traces(file) then
    return "gone"
  end
  local trace = host.open(file.origin, { intersection = not file.origin.whole,
    user = file.origin.user, threads = 1,
    clocks = clocks.parse(file.origin.clocks or "") })
  if not trace then
    return "unreadable"
  elseif file.tables then
    local is_same = file.origin.identity == saved_tables.identity(trace)
    trace:close()
    return is_same and "good" or "changed"
  end
  local checkpoints, why = trace:read_checkpoints(folder .. "/" .. file.name)
  trace:close()
  return checkpoints and "good" or found[why]
end

--- All that is saved in a folder, what was used last first.
-- @treturn table list of { name, path, size, used, tables, origin (nil: not known), state }. The
-- state is one of "good", "other" (version of the program), "damaged", "gone" (the trace),
-- "changed", "unreadable", "unfinished" (being written), "left" (by a program that was killed)
-- @treturn string why nothing can be saved there, or nil
function cache.list(folder)
  local files, trouble = files_of(folder)
  local list = {}
  for _, file in ipairs(files) do
    file.path, file.state = folder .. "/" .. file.name, state_of(folder, file)
    -- Others may have removed it meanwhile.
    list[#list + 1] = file.state ~= "none" and file or nil
  end
  table.sort(list, function(a, b)
    if a.used ~= b.used then
      return a.used > b.used
    end
    return a.name < b.name
  end)
  return list, trouble
end

return cache
