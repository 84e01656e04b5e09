--- Durations and sizes as people write and read them. Everywhere else durations are integer
-- nanoseconds, and sizes are bytes.
--
-- SPDX-License-Identifier: MIT

local formats = require "lttnga.formats"

local units = {}

--- Splits "1.5ms" into digits before and after the point, and the unit.
local function split(value)
  local whole, fraction, unit = value:match("^(%d+)%.?(%d*)%s*([^%d%s.]*)$")
  if not whole then
    whole, fraction, unit = value:match("^()%.(%d+)%s*([^%d%s.]*)$")
    whole = whole and "0"
  end
  return whole, fraction, unit
end

--- whole.fraction times `factor`, cut to an integer; nil if that is too large. Exact where the
-- factor is a power of ten.
local function scale(whole, fraction, factor)
  local number = #whole <= 19 and math.tointeger(tonumber(whole))
  if not number then
    return nil
  end
  local part = math.floor(tonumber("0." .. fraction .. "0") * factor)
  local zeros = tostring(factor):match("^10*$")
  if zeros then
    local digits = fraction:sub(1, #zeros - 1)
    part = tonumber(digits .. ("0"):rep(#zeros - 1 - #digits)) or 0
  end
  if number > (math.maxinteger - part) // factor then
    return nil
  end
  return number * factor + math.tointeger(part)
end

local durations = {
  [""] = 1000000000, s = 1000000000, ms = 1000000, us = 1000, ["µs"] = 1000, ns = 1,
}

--- Reads a duration: a number with s, ms, us, µs or ns.
-- @tparam string value "1.5ms"
-- @tparam[opt="s"] string default unit of a number without one
-- @treturn ?integer ns; nil if it is wrong
-- @treturn ?string message
function units.parse_duration(value, default)
  local whole, fraction, unit = split(value)
  local factor = whole and durations[unit == "" and default or unit]
  if not factor then
    return nil, ("invalid duration '%s': use a number with s, ms, us or ns"):format(value)
  end
  local ns = scale(whole, fraction, factor)
  if not ns then
    return nil, ("'%s' is too long"):format(value)
  end
  return ns
end

local letters = "KMGTPE"

--- Bytes in a unit, or nil: K and KiB are 1024, KB is 1000.
local function unit_size(unit)
  if unit == "" or unit == "B" then
    return 1
  end
  local letter, rest = unit:match("^(%u)(.*)$")
  local power = letter and letters:find(letter, 1, true)
  local base = ({ [""] = 1024, iB = 1024, B = 1000 })[rest]
  return power and base and math.tointeger(base ^ power)
end

--- Reads a size: a number with B (or nothing), KiB, MiB, ... (1024), or KB, MB, ... (1000).
-- @tparam string value "4KiB"
-- @treturn ?integer bytes; nil if it is wrong
-- @treturn ?string message
function units.parse_size(value)
  local whole, fraction, unit = split(value)
  local factor = whole and unit_size(unit)
  if not factor then
    return nil, ("invalid size '%s': use a number with B, KiB, MiB, ... or KB, MB, ...")
      :format(value)
  end
  local bytes = scale(whole, fraction, factor)
  if not bytes then
    return nil, ("'%s' is too large"):format(value)
  end
  return bytes
end

--- A size as text: "42   B", "1.50 KiB".
-- @tparam number bytes
-- @treturn string
units.format_size = formats.size

--- A duration in microseconds with three decimals.
-- @tparam number ns
-- @treturn string
function units.us(ns)
  if math.type(ns) == "integer" and ns >= 0 then
    return formats.us(ns)
  end
  return ("%.3f"):format(ns / 1000)
end

return units
