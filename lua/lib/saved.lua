--- What windows have found, as plain Lua: numbers, strings, booleans, and tables of them. Objects
-- with the methods save() and merge() become what they save.
--
-- SPDX-License-Identifier: MIT

local saved = {}

local function has_methods(value)
  return type(value.save) == "function" and type(value.merge) == "function"
end

--- Whether a value is an object that can be saved and merged.
-- @treturn boolean
function saved.is_object(value)
  if type(value) == "userdata" then
    local ok, has = pcall(has_methods, value)
    return ok and has
  end
  return type(value) == "table" and has_methods(value)
end

--- A value as plain Lua; what can't be saved is left out.
-- @tparam any value
-- @treturn any
function saved.of(value)
  local kind = type(value)
  if saved.is_object(value) then
    return saved.of(value:save())
  elseif kind == "table" then
    local made = {}
    for key, one in pairs(value) do
      made[key] = saved.of(one)
    end
    return made
  end
  if kind == "number" or kind == "string" or kind == "boolean" then
    return value
  end
end

--- Whether two values as plain Lua are the same.
-- @treturn boolean
function saved.is_same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not saved.is_same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

return saved
