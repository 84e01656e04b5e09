--- Faults: what ends the run with a message and an exit status. Those that are raised as such are
-- the user's to mend and have no traceback; other errors are made into faults that have one.
--
-- SPDX-License-Identifier: MIT

-- Kept here: what scripts do to the libraries must not keep the message back.
local find, format, get_info, get_metatable, gmatch, gsub, sub, traceback =
  string.find, string.format, debug.getinfo, debug.getmetatable, string.gmatch, string.gsub,
  string.sub, debug.traceback

local fault = {}

local Fault = {}
Fault.__index = Fault
Fault.__tostring = function(self)
  return (self.where and self.where .. ": " or "") .. self.message
end

--- What the names of our own files begin with.
local OURS = get_info(1, "S").source:match("^(.*)lib/[^/]*$") or "@"

--- Where in a file of the user's the function is that has called ours; nil if it is in none.
local function caller()
  local level = 3
  while true do
    local info = get_info(level, "Sl")
    if not info then
      return nil
    elseif sub(info.source, 1, 1) == "@" and sub(info.source, 1, #OURS) ~= OURS then
      return format("%s:%d", sub(info.source, 2), info.currentline)
    end
    level = level + 1
  end
end

--- Notes where a fault is, unless its message says so already.
local function located(problem, where)
  problem.where = not find(problem.message, "^[^ ]+:%d+: ") and where or nil
  return problem
end

--- A traceback without what has called the user's files: that is all ours.
local function user_traceback(text)
  local last
  for at, line in gmatch(text, "()\n([^\n]*)") do
    if not find(line, "[C]", 1, true) and not find(line, sub(OURS, 2), 1, true)
      and find(line, "^%s") then
      last = at + #line
    end
  end
  return sub(text, 1, last or #text)
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
  caught.traceback = user_traceback(traceback(nil, 3))
  return caught
end

return fault
