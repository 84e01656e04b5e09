--- Reads what comments say of our functions: those of lua/lib/*.lua, and those of methods that are
-- written in C. For tools/script-page.lua and tools/luals.lua, which are run where `make` is.
--
-- A function is { name, parameters = { { name, type, optional, text }, ... }, returns = { { type,
-- text }, ... }, text = lines, is_method }; what is no function has `is_value`.
--
-- SPDX-License-Identifier: MIT

local comments = {}

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

--- Adds a line of a comment to the tag or text that it belongs to.
local function add_line(one, tag, line)
  if tag then
    tag.text = tag.text == "" and line or tag.text .. " " .. line
  else
    one.text[#one.text + 1] = line
  end
end

local function read_tparam(how, rest)
  local kind, name, text = rest:match "^(%S+) (%S+) ?(.*)$"
  local value = how:match "^%[opt=?(.*)%]$"
  if value and value ~= "" then
    text = text .. (text == "" and "" or " ") .. ("(default: %s)"):format(value)
  end
  return { name = name, type = kind, optional = value ~= nil, text = text }
end

--- Reads the lines of a comment, without what makes them comments.
local function read_comment(lines)
  local one = { text = {}, parameters = {}, returns = {} }
  local tag
  for _, line in ipairs(lines) do
    line = line:gsub("^@param ", "@tparam any "):gsub("^@return ", "@treturn any ")
    local how, rest = line:match "^@tparam(%S*) (.*)$"
    local kind, text = line:match "^@treturn (%S+) ?(.*)$"
    if how then
      tag = read_tparam(how, rest)
      table.insert(one.parameters, tag)
    elseif kind then
      tag = { type = kind, text = text }
      table.insert(one.returns, tag)
    elseif line:find "^@" then
      error("unknown tag: " .. line)
    else
      add_line(one, tag, line)
    end
  end
  return one
end

--- What a line of Lua defines: "stats.new", "Top:add"; its parameters, if it is a function.
local function defined(line)
  local name, list = line:match "^function ([%w_]+[.:][%w_]+)%((.-)%)"
  if not name then
    name = line:match "^([%w_]+%.[%w_]+) = "
  end
  return name, list
end

--- Reads a library.
-- @treturn table text = lines of the comment at its head, functions = list, exports = name of the
-- table that it returns
function comments.library(name)
  local library = { name = name, functions = {} }
  local pending
  local source = read(("lua/lib/%s.lua"):format(name))
  library.exports = source:match "\nreturn ([%a_]+)\n$" or name
  for line in source:gmatch "([^\n]*)\n" do
    local text = line:match "^%-%-%-? ?(.*)$"
    if line:find "^%-%-%- " then
      pending = { text }
    elseif text and pending then
      if text:find "^SPDX" then
        library.text = read_comment(pending).text
        pending = nil
      else
        pending[#pending + 1] = text
      end
    else
      local what, list = defined(line)
      if what and pending then
        local one = read_comment(pending)
        one.owner, one.method, one.name = what:match "^(.-)([.:])(.*)$"
        one.is_method = one.method == ":"
        -- What is made in C says its parameters by tags alone.
        one.is_value = not list and #one.parameters == 0 and #one.returns == 0
        if list or one.owner == library.exports then
          table.insert(library.functions, one)
        end
      end
      pending = nil
    end
  end
  while library.text and library.text[#library.text] == "" do
    table.remove(library.text)
  end
  return library
end

-- ---- C ----

--- The classes of objects whose methods C comments describe: by what they are called there.
local classes = {
  stats = { "Statistics" }, group = { "Group" }, table = { "Totals", "Keyed", "Series" },
  grid = { "Grid" }, series = { "Series" }, curve = { "Curve" }, graph = { "Graph" },
  culprits = { "Culprits" }, top = { "Largest" }, log = { "Log" }, file = { "TimelineFile" },
  timeline = { "Timeline" }, slices = { "Slices" }, counter = { "Counter" },
  kernel = { "Kernel" }, event = { "Event" },
}

--- Splits at commas that are not in brackets.
local function split(list)
  local parts, depth, from = {}, 0, 1
  for at, char in list:gmatch "()(.)" do
    depth = depth + (char:find "[(<{]" and 1 or char:find "[)>}]" and -1 or 0)
    if char == "," and depth == 0 then
      parts[#parts + 1] = list:sub(from, at - 1):match "^%s*(.-)%s*$"
      from = at + 1
    end
  end
  parts[#parts + 1] = list:sub(from):match "^%s*(.-)%s*$"
  return parts
end

--- Reads "stats:quantile(q: number) -> integer?; what it is".
local function read_method(text)
  local object, name, list, rest = text:match "^(%l+):(%l+)(%b())(.*)$"
  local returns, what = rest:match "^ %-> ([^;]*); (.*)$"
  what = what or rest:match "^; (.*)$"
  if not what or not classes[object] then
    error("a comment of a method is OBJECT:NAME(PARAMETER: TYPE) -> TYPE; TEXT: " .. text)
  end
  local one = { object = object, name = name, is_method = true, parameters = {}, returns = {},
    text = { what } }
  for _, part in ipairs(list == "()" and {} or split(list:sub(2, -2))) do
    local parameter, optional, kind = part:match "^([%w_.]-)(%??): (.*)$"
    table.insert(one.parameters, { name = parameter, type = kind, optional = optional == "?",
      text = "" })
  end
  for _, kind in ipairs(returns and split(returns) or {}) do
    table.insert(one.returns, { type = kind, text = "" })
  end
  return one
end

--- Reads the methods of objects that are made in C.
-- @treturn table by class: list of functions, sorted by name
function comments.methods()
  local methods = {}
  for path in io.popen "ls host/*/*.c":lines() do
    local source = read(path)
    for comment, at in source:gmatch "/%*(.-)%*/()" do
      local text = comment:gsub("\n%s*%*?%s*", " "):match "^%s*(.-)%s*$"
      local object = text:match "^(%l+):%l+%("
      local is_function = object and source:find("^\n[^\n]*int [%w_]+%(lua_State", at)
      for _, class in ipairs(is_function and classes[object] or {}) do
        methods[class] = methods[class] or {}
        table.insert(methods[class], read_method(text))
      end
    end
  end
  for _, list in pairs(methods) do
    table.sort(list, function(a, b) return a.name < b.name end)
  end
  return methods
end

return comments
