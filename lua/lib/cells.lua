--- Cells of result tables for machines: numbers with all their digits, texts that are always UTF-8.
--
-- SPDX-License-Identifier: MIT

local later = require "lttnga.later"

local json = later "dkjson"
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

--- A text, number, boolean or nil as JSON. Texts are UTF-8, whatever is in a trace; what is not
-- becomes \xNN.
-- @treturn string
function cells.json(value)
  local kind = type(value)
  if kind == "string" then
    return json.quotestring(utf8.len(value) and value or text.clean(value))
  elseif kind == "number" then
    return cells.number(value) or "null"
  elseif kind == "boolean" then
    return tostring(value)
  end
  return "null"
end

--- Any value as JSON, a table as a list or (without a member 1) as an object, its keys sorted.
function cells.any(value)
  if type(value) ~= "table" then
    return cells.json(value)
  end
  local parts = {}
  if value[1] ~= nil or next(value) == nil then
    for i, item in ipairs(value) do
      parts[i] = cells.any(item)
    end
    return cells.list(parts)
  end
  for key in pairs(value) do
    parts[#parts + 1] = tostring(key)
  end
  table.sort(parts)
  for i, key in ipairs(parts) do
    parts[i] = { key, cells.any(value[key]) }
  end
  return cells.object(parts)
end

--- An object as JSON: members that are nil are left out.
-- @tparam table members list of { key, value as JSON or nil }
-- @treturn string
function cells.object(members)
  local parts = {}
  for _, member in ipairs(members) do
    if member[2] then
      parts[#parts + 1] = cells.json(member[1]) .. ":" .. member[2]
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- A list as JSON.
-- @tparam table items each as JSON
function cells.list(items)
  return "[" .. table.concat(items, ",") .. "]"
end

return cells
