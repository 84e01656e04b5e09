--- Values of the trace's own events, whose types depend on the trace.
--
-- SPDX-License-Identifier: MIT

local values = {}

--- The value if it is an integer, else nil.
-- @tparam any value
-- @treturn ?integer
function values.integer(value)
  return math.type(value) == "integer" and value or nil
end

--- The value if it is a string, else nil.
-- @tparam any value
-- @treturn ?string
function values.string(value)
  return type(value) == "string" and value or nil
end

--- The fields of an event by name.
-- @tparam Event event the parameter `event` of a hook
-- @treturn table
function values.by_name(event)
  local fields, list = {}, event:list()
  for i = 1, list.n, 2 do
    fields[list[i]] = list[i + 1]
  end
  return fields
end

--- A value as text: structures look like { a = 1 }, arrays like [1, 2].
local function value_text(value)
  if type(value) == "string" and not value:find("^0x%x+$") then
    return '"' .. value:gsub('[\\"]', "\\%0") .. '"'
  elseif type(value) ~= "table" then
    return value == nil and "?" or tostring(value)
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = value_text(item)
  end
  if #parts > 0 or next(value) == nil then
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = name .. " = " .. value_text(value[name])
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

--- All fields of an event as text: "{ pid = 363, procname = "bash" }, { fd = 3, count = 4096 }",
-- contexts first.
-- @tparam Event event the parameter `event` of a hook
-- @treturn string
function values.text(event)
  local contexts, fields, list = {}, {}, event:list()
  for i = 1, list.n, 2 do
    local context = list[i]:match("^ctx%.(.*)")
    local into = context and contexts or fields
    into[#into + 1] = ("%s = %s"):format(context or list[i], value_text(list[i + 1]))
  end
  local parts = {}
  for _, one in ipairs { contexts, fields } do
    if #one > 0 then
      parts[#parts + 1] = "{ " .. table.concat(one, ", ") .. " }"
    end
  end
  return table.concat(parts, ", ")
end

return values
