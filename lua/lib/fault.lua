--- Faults: what ends the run with a message and an exit status. Those that are raised as such are
-- the user's to mend and have no traceback; other errors are made into faults that have one.
--
-- SPDX-License-Identifier: MIT

-- Kept here: what scripts do to the libraries must not keep the message back.
local format, gsub, get_metatable, traceback =
  string.format, string.gsub, debug.getmetatable, debug.traceback

local fault = {}

local Fault = {}
Fault.__index = Fault
Fault.__tostring = function(self)
  return self.message
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
  error(fault.new(fault.RUN, text, ...), 0)
end

--- Raises a fault of the command line.
function fault.usage(text, ...)
  error(fault.new(fault.USAGE, text, ...), 0)
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
  caught.traceback = traceback(nil, 3)
  return caught
end

return fault
