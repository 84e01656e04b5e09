--- What has to wait until the end of a run: texts, and logs. A little of it is kept in memory, more
-- in a temporary file.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"

local held = {}

local Held = {}
Held.__index = Held

--- From this size on it is in a file.
local ROOM = 1048576

--- @treturn object
function held.new()
  return setmetatable({ parts = {}, size = 0 }, Held)
end

local function check(ok, message)
  if not ok then
    fault.raise("cannot write a temporary file: %s", message or "no space left")
  end
end

--- Goes on in a file.
local function open_file(self)
  local file, message = host.temporary_file()
  if not file then
    fault.raise("%s", message)
  end
  self.file = file
  check(file:write(table.concat(self.parts)))
  self.parts = nil
end

--- Adds something at the end.
-- @param what a text, or an object with a method write(file, before), as a log
-- @tparam[opt] string before what that puts before each row
function Held:put(what, before)
  local is_text = type(what) == "string"
  if not self.file and (not is_text or self.size + #what > ROOM) then
    open_file(self)
  end
  if not is_text then
    check(what:write(self.file, before))
  elseif self.file then
    check(self.file:write(what))
  else
    self.parts[#self.parts + 1] = what
    self.size = self.size + #what
  end
end

--- Hands all of it over, and lets it go.
-- @tparam function write takes texts
function Held:pass_on(write)
  if not self.file then
    write(table.concat(self.parts))
    return
  end
  -- What is still in a buffer of the file is written now.
  check(self.file:seek("set"))
  local piece, message = self.file:read(65536)
  while piece do
    write(piece)
    piece, message = self.file:read(65536)
  end
  if message then
    fault.raise("cannot read a temporary file: %s", message)
  end
  self.file:close()
end

return held
