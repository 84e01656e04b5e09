--- Faults: what ends the run with a message and an exit status. Those that are raised as such are
-- the user's to mend, and have no traceback; other errors become faults that have one.
--
-- SPDX-License-Identifier: MIT

-- Kept here: what scripts do to the libraries must not keep the message back.
local find, format, get_info, get_metatable, gsub, match, max, sub, traceback =
  string.find, string.format, debug.getinfo, debug.getmetatable, string.gsub, string.match,
  math.max, string.sub, debug.traceback

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

--- Of more levels the first and the last ones are shown.
local FIRST, LAST = 10, 11

--- So many of the outermost levels may be ours.
local OURS_MAX = 100

--- The outermost level, from one on that there is. (To go to a level takes time in proportion to
-- its number, so a deep stack is not gone through one by one.)
local function outermost(level)
  local there, missing = level, 2 * level
  while get_info(missing + 1, "S") do
    there, missing = missing, 2 * missing
  end
  while missing - there > 1 do
    local middle = (there + missing) // 2
    if get_info(middle + 1, "S") then
      there = middle
    else
      missing = middle
    end
  end
  return there
end

--- The last level that is in a file of the user's, from one on; nil if none is: what has called the
-- user's files is all ours.
local function last_level(level)
  local last = outermost(level + 1)
  for i = last, max(level + 1, last - OURS_MAX), -1 do
    if is_users(get_info(i, "S")) then
      return i - 1
    end
  end
  return nil
end

--- What a traceback has of one level.
local function line_of(level)
  local first, rest = match(traceback(nil, level + 1), "^[^\n]*\n([^\n]*)\n?([^\n]*)")
  return find(rest, "(...tail calls...)", 1, true) and first .. "\n" .. rest or first
end

--- A traceback from a level to the last one in a file of the user's; a whole one if none is.
local function traceback_of(level)
  local last = last_level(level + 1)
  if not last then
    return traceback(nil, level + 1)
  end
  local lines, count = "stack traceback:", last - level
  for i = level + 1, last do
    local n = i - level
    if count <= FIRST + LAST or n <= FIRST or n > count - LAST then
      lines = lines .. "\n" .. line_of(i)
    elseif n == FIRST + 1 then
      lines = lines .. format("\n\t... (skipping %d levels)", count - FIRST - LAST)
    end
  end
  return lines
end

--- Exit statuses.
fault.RUN = 1 -- the run failed
fault.USAGE = 2 -- the command line is wrong

--- Makes a fault without raising it.
-- @tparam integer status exit status
-- @tparam string text message, with the formats of string.format
-- @tparam any ... values for the formats
-- @treturn table
function fault.new(status, text, ...)
  return setmetatable({ status = status, message = format(text, ...) }, Fault)
end

--- Ends the run with a message in one line, exit status 1.
-- @tparam string text message, with the formats of string.format
-- @tparam any ... values for the formats
function fault.raise(text, ...)
  error(located(fault.new(fault.RUN, text, ...), caller()), 0)
end

--- Ends the run because the command line is wrong, exit status 2.
-- @tparam string text message, with the formats of string.format
-- @tparam any ... values for the formats
function fault.usage(text, ...)
  error(located(fault.new(fault.USAGE, text, ...), caller()), 0)
end

--- Raises a fault that was raised in another process.
-- @tparam table fields those that it has
function fault.again(fields)
  error(setmetatable(fields, Fault), 0)
end

--- Whether a value is a fault.
-- @tparam any value
-- @treturn boolean
function fault.is(value)
  return getmetatable(value) == Fault
end

--- The text of whatever was raised, or a text that says that there is none.
-- @tparam any err
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

--- Makes a fault with a traceback of whatever was raised; message handlers call this.
-- @tparam any err what was raised; a fault is returned as it is
-- @tparam[opt=""] string place where the run was, for the end of the message
-- @treturn table
function fault.caught(err, place)
  if fault.is(err) then
    return err
  end
  local caught = fault.new(fault.RUN, "%s%s", fault.text_of(err), place or "")
  caught.traceback = traceback_of(3)
  return caught
end

return fault
