--- Faults: errors that are the user's to mend, not the program's. They end the run with a message
-- and an exit status, without a traceback.
--
-- SPDX-License-Identifier: MIT

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
  return setmetatable({ status = status, message = text:format(...) }, Fault)
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

return fault
