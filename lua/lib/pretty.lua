--- Values as text for people: in the syntax of Lua as far as it has one, with keys in order, on one
-- line if that is wide enough, and not more of them than one wants to read.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"

local pretty = {}

--- What is shown of a value, unless the caller says otherwise.
pretty.limits = {
  depth = 5, -- tables within each other
  items = 100, -- of one table
  total = 2000, -- items of all tables
  bytes = 4000, -- of a string
}

--- Words that can't be the name of a field.
local reserved = {}
pretty.reserved = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}
for _, word in ipairs(pretty.reserved) do
  reserved[word] = true
end

--- Whether a value can be written as a name in Lua.
function pretty.is_name(value)
  return type(value) == "string" and value:find("^[%a_][%w_]*$") ~= nil and not reserved[value]
end

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r" }

--- What stands between the quotes of a string in Lua; safe for a terminal.
-- @tparam string value
-- @treturn string
function pretty.escape(value)
  return text.clean((value:gsub('[\\"\n\t\r]', escapes)))
end

--- A string in the syntax of Lua.
-- @tparam string value
-- @treturn string
function pretty.quote(value)
  return '"' .. pretty.escape(value) .. '"'
end

--- A whole number with commas: "1,234,567".
-- @tparam integer number
-- @treturn string
function pretty.count(number)
  local reversed = ("%d"):format(number):reverse():gsub("(%d%d%d)", "%1,")
  return (reversed:reverse():gsub("^(%-?),", "%1"))
end

--- Text of several lines made safe.
local function clean_lines(value)
  return (value:gsub("[^\n\t]+", text.clean))
end

--- The text that a value has for itself, by its metatable; nil if it has none.
local function own_text(value, width)
  local meta = type(value) ~= "string" and debug.getmetatable(value)
  if not meta then
    return nil
  end
  local own = rawget(meta, "__pretty")
  local result
  if own then
    result = own(value, width)
  elseif rawget(meta, "__tostring") then
    result = tostring(value)
  end
  return result and (clean_lines(tostring(result)):gsub("\n$", ""))
end

local function string_text(value, limits)
  if #value <= limits.bytes then
    return pretty.quote(value)
  end
  return ("%s... %s more bytes"):format(pretty.quote(value:sub(1, limits.bytes)),
    pretty.count(#value - limits.bytes))
end

local function function_text(value)
  local info = debug.getinfo(value, "S")
  if info.what == "C" then
    return "<function>"
  end
  return ("<function at %s:%d>"):format(text.clean(info.short_src), info.linedefined)
end

--- What is neither a table nor has a text of its own.
local function plain_text(value, limits)
  local kind = type(value)
  if kind == "string" then
    return string_text(value, limits)
  elseif kind == "function" then
    return function_text(value)
  elseif kind == "userdata" or kind == "thread" then
    local meta = debug.getmetatable(value)
    local name = meta and rawget(meta, "__name")
    return ("<%s>"):format(text.clean(type(name) == "string" and name or kind))
  end
  return tostring(value)
end

-- ---- Tables ----

--- How many values a table has from 1 on without a gap.
local function list_length(value)
  local n = 0
  while rawget(value, n + 1) ~= nil do
    n = n + 1
  end
  return n
end

local function before(a, b)
  if type(a) ~= type(b) then
    return type(a) < type(b)
  end
  return type(a) == "boolean" and not a and b
end

--- The keys beyond the list, in order: numbers, texts, then the rest.
local function other_keys(value, length)
  local numbers, names, rest = {}, {}, {}
  for key in next, value do
    local kind = math.type(key)
    if kind ~= "integer" or key < 1 or key > length then
      local keys = kind and numbers or type(key) == "string" and names or rest
      keys[#keys + 1] = key
    end
  end
  table.sort(numbers)
  table.sort(names)
  table.sort(rest, before)
  table.move(names, 1, #names, #numbers + 1, numbers)
  return table.move(rest, 1, #rest, #numbers + 1, numbers)
end

local function key_text(key, limits)
  if pretty.is_name(key) then
    return key
  elseif type(key) == "table" then
    return "[<table>]"
  end
  return "[" .. plain_text(key, limits) .. "]"
end

--- Short texts as lines of several, as many as fit.
local function fill(parts, room)
  local lines, line = {}, nil
  for _, part in ipairs(parts) do
    local longer = line and line .. ", " .. part
    if longer and text.width(longer) < room then
      line = longer
    else
      lines[#lines + 1] = line
      line = part
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- The members of a table as its text.
-- @tparam table parts texts
-- @tparam string indent what stands before its last line
-- @tparam integer room columns for it, if it is one line
-- @tparam integer width columns of a line
-- @tparam boolean fills whether several members may share a line
local function lay_out(parts, indent, room, width, fills)
  local columns = 2
  for _, part in ipairs(parts) do
    columns = part:find("\n", 1, true) and math.huge or columns + text.width(part) + 2
  end
  if columns <= room then
    return "{ " .. table.concat(parts, ", ") .. " }"
  end
  local inner = indent .. "  "
  local lines = fills and columns < math.huge and fill(parts, width - #inner) or parts
  return "{\n" .. inner .. table.concat(lines, ",\n" .. inner) .. "\n" .. indent .. "}"
end

--- Gives a table a text of its own: at the prompt, and for print() and tostring().
-- @tparam table value
-- @tparam function own takes the value and a width in columns (nil: any); returns its text
-- @treturn table value
function pretty.shown(value, own)
  return setmetatable(value, {
    __pretty = own, __tostring = function(self) return own(self) end,
  })
end

local render

--- The texts of a table's members, and whether they are a list of plain values.
local function render_members(state, value, indent)
  local limits = state.limits
  local length = list_length(value)
  local others = other_keys(value, length)
  local parts, shown, simple = {}, 0, #others == 0
  local inner = indent .. "  "
  while shown < length + #others and shown < limits.items and state.left > 0 do
    shown, state.left = shown + 1, state.left - 1
    local key = shown <= length and shown or others[shown - length]
    local name = shown <= length and "" or key_text(key, limits) .. " = "
    local member = rawget(value, key)
    simple = simple and type(member) ~= "table"
    parts[shown] = name .. render(state, member, inner, state.width - #inner - text.width(name) - 1)
  end
  if shown < length + #others then
    parts[shown + 1] = ("... %s more"):format(pretty.count(length + #others - shown))
  end
  return parts, simple
end

local function render_table(state, value, indent, room)
  if next(value) == nil then
    return "{}"
  elseif state.open[value] then
    return "<cycle>"
  elseif state.depth >= state.limits.depth then
    return "{...}"
  end
  state.open[value], state.depth = true, state.depth + 1
  local parts, simple = render_members(state, value, indent)
  state.open[value], state.depth = nil, state.depth - 1
  return lay_out(parts, indent, room, state.width, simple)
end

--- The text of one value; its lines but the first begin with `indent`.
function render(state, value, indent, room)
  local own = own_text(value, room)
  if own then
    return (own:gsub("\n", "\n" .. indent))
  elseif type(value) == "table" then
    return render_table(state, value, indent, room)
  end
  return plain_text(value, state.limits)
end

--- A value as text, without the end of the last line. What has `__pretty` (a function of the value
-- and a width, which returns a text) or `__tostring` in its metatable is shown as that says;
-- nothing else of it is called.
-- @param value anything
-- @tparam[opt=80] integer width columns of a line; what can't be shorter is longer
-- @tparam[opt] table limits see pretty.limits; what is not in it is as there
-- @treturn string
function pretty.format(value, width, limits)
  width = width or 80
  limits = setmetatable(limits or {}, { __index = pretty.limits })
  local state = { width = width, limits = limits, left = limits.total, open = {}, depth = 0 }
  return render(state, value, "", width)
end

--- Columns from one tab stop to the next.
local TAB = 8

--- Several values: in one line, separated by tabs, if they fit; else line by line.
-- @tparam table values from table.pack
-- @tparam[opt=80] integer width columns of a line
-- @treturn string
function pretty.values(values, width)
  width = width or 80
  local parts, columns = {}, 0
  for i = 1, values.n do
    parts[i] = pretty.format(values[i], width)
    columns = parts[i]:find("\n", 1, true) and math.huge
      or columns + text.width(parts[i]) // TAB * TAB + TAB
  end
  return table.concat(parts, columns - TAB < width and "\t" or "\n")
end

return pretty
