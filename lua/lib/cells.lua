--- Cells of result tables for machines: numbers with all their digits, texts that are always UTF-8.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"

local cells = {}

--- A number as short as it can be without losing a digit; nil if it is none (0/0, 1/0).
-- @tparam number value
-- @treturn string
function cells.number(value)
  if math.type(value) == "integer" then
    return ("%d"):format(value)
  end
  if value ~= value or value == math.huge or value == -math.huge then
    return nil
  end
  for digits = 15, 17 do
    local written = ("%%.%dg"):format(digits):format(value)
    if tonumber(written) == value then
      return written
    end
  end
end

--- A float for dkjson, which alone writes 14 digits.
local Float = {
  __tojson = function(self)
    return cells.number(self.value) or "null"
  end,
}

--- A value as JSON can have it: texts are UTF-8, whatever a trace holds.
function cells.json(value)
  if type(value) == "string" and not utf8.len(value) then
    return text.clean(value)
  elseif math.type(value) == "float" then
    return setmetatable({ value = value }, Float)
  end
  return value
end

return cells
