--- Faults: what ends the run with a message and an exit status. Those that are raised as such are
-- the user's to mend and have no traceback; other errors are made into faults that have one.
--
-- SPDX-License-Identifier: MIT

-- Kept here: what scripts do to the libraries must not keep the message back.
local format, get_info, get_metatable, gmatch, gsub, sub, traceback =
  string.format, debug.getinfo, debug.getmetatable, string.gmatch, string.gsub, string.sub,
  debug.traceback

local fault = {}

local Fault = {}
Fault.__index = Fault
Fault.__tostring = function(self)
  return (self.where and self.where .. ": " or "") .. self.message
end

--- What the names of our own files begin with.
local OURS = get_info(1, "S").source:match("^(.*)lib/[^/]*$") or "@"

--- Whether a function is in a file of the user's, by what debug.getinfo says of it.
local function is_users(info)
  return sub(info.source, 1, 1) == "@" and sub(info.source, 1, #OURS) ~= OURS
end

--- Where in a file of the user's that function is which has called ours, and the file; or nil.
local function caller()
  local level = 3
  while true do
    local info = get_info(level, "Sl")
    if not info then
      return nil
    elseif is_users(info) then
      local file = sub(info.source, 2)
      return format("%s:%d", file, info.currentline), file
    end
    level = level + 1
  end
end

--- Notes where a fault is, unless its message says so already.
local function located(problem, where, file)
  problem.where = where and sub(problem.message, 1, #file + 1) ~= file .. ":" and where or nil
  return problem
end

--- So many levels are all in a traceback.
local LEVELS = 20

--- How many lines of a traceback from a level on are about the user's files, and what these have
-- called; nil if none is: what has called the user's files is all ours.
local function count_lines(level)
  local lines, count = 0, nil
  for i = level + 1, level + LEVELS do
    local info = get_info(i, "St")
    if not info then
      return count
    end
    lines = lines + 1
    count = is_users(info) and lines or count
    lines = lines + (info.istailcall and 1 or 0)
  end
  return nil
end

--- The first lines of a traceback, behind its heading.
local function first_lines(text, count)
  local n = 0
  for at in gmatch(text, "()\n") do
    if n == count then
      return sub(text, 1, at - 1)
    end
    n = n + 1
  end
  return text
end

--- Exit statuses.
fault.RUN = 1 -- the run failed
fault.USAGE = 2 -- the command line is wrong

--- A new fault object.
-- @tparam integer status exit status
-- @tparam string text message, with the formats of string.format
-- @param ... what goes into the formats
function fault.new(status, text, ...)
  return setmetatable({ status = status, message = format(text, ...) }, Fault)
end

--- Raises a fault of a run that failed.
function fault.raise(text, ...)
  error(located(fault.new(fault.RUN, text, ...), caller()), 0)
end

--- Raises a fault of the command line.
function fault.usage(text, ...)
  error(located(fault.new(fault.USAGE, text, ...), caller()), 0)
end

--- Whether a value is a fault.
function fault.is(value)
  return getmetatable(value) == Fault
end

--- The text of whatever was raised, or a text that says that there is none.
-- @treturn string
function fault.text_of(err)
  local kind = type(err)
  if kind == "string" then
    -- Lua's own messages of several lines are lists.
    return (gsub(err, "\n\t", "; "))
  elseif kind == "number" then
    return tostring(err)
  end
  local meta = get_metatable(err)
  if meta and meta.__tostring then
    local ok, text = pcall(tostring, err)
    if ok then
      return text
    end
  end
  return err == nil and "error without a message" or format("error without a message (a %s)", kind)
end

--- Makes a fault of whatever was raised, with a traceback. To be called by the message handler.
-- @param err what was raised; a fault is returned as it is
-- @tparam[opt=""] string place where the run was, for the end of the message
function fault.caught(err, place)
  if fault.is(err) then
    return err
  end
  local caught = fault.new(fault.RUN, "%s%s", fault.text_of(err), place or "")
  local lines = count_lines(3)
  caught.traceback = traceback(nil, 3)
  if lines then
    caught.traceback = first_lines(caught.traceback, lines)
  end
  return caught
end

return fault
