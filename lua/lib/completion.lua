--- Completion of Lua at the prompt: names, fields, methods, and values where a function says what
-- its arguments are. Values are looked at, no function of theirs is called.
--
-- SPDX-License-Identifier: MIT

local pretty = require "lttnga.pretty"

local completion = {}

local reserved = {}
for _, word in ipairs(pretty.reserved) do
  reserved[word] = true
end

-- ---- What stands before the cursor ----

--- Reads tokens up to the cursor. Its state:
-- at: where the next token begins
-- chain: the names of "a.b:c" if that is what comes last, else nil
-- separator: "." or ":" if that comes last
-- calls: the open brackets, { callee = chain or nil, argument = number, texts = by argument }; in
-- those of a table also `of`, the call of which it is an argument, and `key`, if its value follows
-- word: the name or number that is being typed, see scan()
local Scanner = {}
Scanner.__index = Scanner

function Scanner:on_name(name)
  self.word = { from = self.at, object = self.separator and self.chain, separator = self.separator }
  if self.separator and self.chain then
    local chain = table.move(self.chain, 1, #self.chain, 1, {})
    chain[#chain + 1] = name
    self.chain = chain
  else
    self.chain = not self.separator and not reserved[name] and { name } or nil
  end
  self.separator = nil
end

function Scanner:on_mark(mark)
  local calls = self.calls
  local top = calls[#calls]
  if mark == "." or mark == ":" then
    self.separator = mark
    return
  elseif mark == "(" then
    calls[#calls + 1] = { callee = self.chain, argument = 1, texts = {} }
  elseif mark == "{" then
    calls[#calls + 1] = { argument = 1, texts = {}, of = top and top.callee and top }
  elseif mark == "[" then
    calls[#calls + 1] = { argument = 1, texts = {} }
  elseif mark == "=" and top and self.chain then
    top.key = self.chain[1]
  elseif mark == ")" or mark == "}" or mark == "]" then
    calls[#calls] = nil
  elseif mark == "," and top then
    top.argument, top.key = top.argument + 1, nil
  end
  self.chain, self.separator = nil, nil
end

--- Goes to the end of a string that begins here; false if it is not closed.
function Scanner:skip_string(quote)
  local at = self.at + 1
  while at <= #self.line do
    local byte = self.line:sub(at, at)
    if byte == quote then
      local top = self.calls[#self.calls]
      if top then
        top.texts[top.argument] = self.line:sub(self.at + 1, at - 1)
      end
      self.at, self.chain, self.separator = at + 1, nil, nil
      return true
    end
    at = at + (byte == "\\" and 2 or 1)
  end
  return false
end

--- Goes to the end of a long string or comment; false if it is not closed.
function Scanner:skip_long(from, level)
  local _, last = self.line:find("]" .. level .. "]", from, true)
  if last then
    self.at, self.chain, self.separator = last + 1, nil, nil
  end
  return last ~= nil
end

--- Goes over a comment; false if it is not over.
function Scanner:skip_comment()
  local level, from = self.line:match("^%-%-%[(=*)%[()", self.at)
  if level then
    return self:skip_long(from, level)
  end
  local _, last = self.line:find("\n", self.at, true)
  self.at = last and last + 1
  return last ~= nil
end

--- Reads one token. Returns the context if the line ends in a string or a comment.
function Scanner:step()
  local line, at = self.line, self.at
  local token = line:match("^%s+", at)
  if token then
    self.at = at + #token
    return nil
  end
  self.word = nil
  local level, inside = line:match("^%[(=*)%[()", at)
  local quote = line:match("^[\"']", at)
  if line:find("^%-%-", at) then
    return not self:skip_comment() and {} or nil
  elseif level then
    return not self:skip_long(inside, level) and {} or nil
  elseif quote then
    local callee = self.chain and { callee = self.chain, argument = 1, texts = {} }
    return not self:skip_string(quote) and {
      quote = quote, from = at + 1, call = callee or self.calls[#self.calls] } or nil
  end
  token = line:match("^[%a_][%w_]*", at)
  if token then
    self:on_name(token)
  else
    token = line:match("^%.?%d[%w_.]*", at)
    if token then
      self.word, self.chain, self.separator = { from = at, is_number = true }, nil, nil
    else
      token = line:match("^%.%.+", at) or line:match("^::", at) or line:sub(at, at)
      self:on_mark(token)
    end
  end
  self.at = at + #token
  return nil
end

--- What is being typed at the end of a text.
-- @tparam string line
-- @treturn table from: where it begins; call: { callee = names or nil, argument = number } or nil;
-- quote: in a string, its quote; else object: names before `separator`; is_number. Nothing of it in
-- a comment.
local function scan(line)
  local scanner = setmetatable({ line = line, at = 1, calls = {} }, Scanner)
  while scanner.at <= #line do
    local context = scanner:step()
    if context then
      return context
    end
  end
  local word = scanner.word
  if not word or line:find("%s$") then
    word = { from = #line + 1, object = scanner.separator and scanner.chain,
      separator = scanner.separator }
  end
  word.call = scanner.calls[#scanner.calls]
  return word
end

-- ---- What could stand there ----

--- So many tables are followed from one metatable to the next.
local PARENTS = 10

--- The tables in which members of a value are found: itself, and what its metatables say.
local function places(value)
  local list = {}
  while value ~= nil and #list < PARENTS do
    if type(value) == "table" then
      list[#list + 1] = value
    end
    local meta = debug.getmetatable(value)
    local parent = meta and rawget(meta, "__index")
    value = type(parent) == "table" and parent or nil
  end
  return list
end

local function member(list, name)
  for _, place in ipairs(list) do
    local value = rawget(place, name)
    if value ~= nil then
      return value
    end
  end
  return nil
end

--- Adds the names that start with the word. Those that start with "_" are hidden unless it does,
-- too.
local function add_names(found, list, word, after, methods)
  for _, place in ipairs(list) do
    for name, value in next, place do
      if pretty.is_name(name) and name:sub(1, #word) == word and found[name] == nil
        and (word ~= "" or name:sub(1, 1) ~= "_") then
        local is_function = type(value) == "function"
        found[name] = (is_function or not methods)
          and name .. (is_function and after:sub(1, 1) ~= "(" and "(" or "")
      end
    end
  end
end

local function sorted(found)
  local list = {}
  for _, candidate in pairs(found) do
    if candidate then
      list[#list + 1] = candidate
    end
  end
  table.sort(list)
  return list
end

local Completion = {}
Completion.__index = Completion

--- Candidates for a name after "a.b." or "a.b:".
function Completion:members(context, word, after)
  local list = self.globals
  for _, name in ipairs(context.object or {}) do
    list = places(member(list, name))
  end
  local found = {}
  if context.object then
    add_names(found, list, word, after, context.separator == ":")
  end
  return sorted(found)
end

--- Candidates for a name that begins an expression.
function Completion:names(word, after)
  local found = {}
  add_names(found, self.globals, word, after)
  for _, keyword in ipairs(word ~= "" and pretty.reserved or {}) do
    if keyword:sub(1, #word) == word then
      found[keyword] = keyword
    end
  end
  return sorted(found)
end

--- What kind of thing an argument is, as `arguments` says it; nil if that is not known.
function Completion:kind_of(call)
  local kinds = call and call.callee and self.arguments[table.concat(call.callee, ".")]
  return kinds and kinds[call.argument]
end

--- The values that an argument could have, as they are; none if it is not known what it is. In a
-- table that is an argument: those of a key, or without one the keys.
function Completion:values(call, prefix)
  local of = call and call.of or call
  local kind = self:kind_of(of)
  local list = {}
  for _, value in ipairs(kind and self.complete
    and self.complete(kind, prefix, { texts = of.texts, key = call.key }) or {}) do
    if tostring(value):sub(1, #prefix) == prefix then
      list[#list + 1] = tostring(value)
    end
  end
  return list
end

--- Candidates for what is in a string: with its end, unless that is there.
function Completion:texts(context, word, after)
  local list = self:values(context.call, (word:gsub("\\(.)", "%1")))
  for i, value in ipairs(list) do
    local escaped = pretty.escape(value)
    if context.quote == "'" then
      escaped = escaped:gsub("'", "\\'")
    end
    list[i] = escaped .. (after:sub(1, 1) ~= context.quote and context.quote or "")
  end
  return list
end

--- Candidates for an argument outside of a string: numbers as they are, texts with quotes.
function Completion:bare_values(context, word)
  local list = self:values(context.call, word)
  for i, value in ipairs(list) do
    list[i] = value:find("^%-?%d+$") and value or pretty.quote(value)
  end
  return list
end

--- What could stand before the cursor.
-- @tparam string before the text up to the cursor
-- @tparam string after the text from there on
-- @treturn table list of texts
-- @treturn integer where in `before` begins what each of them would replace
function Completion:candidates(before, after)
  local context = scan(before)
  if not context.from then
    return {}, #before + 1
  end
  local word = before:sub(context.from)
  if context.quote then
    return self:texts(context, word, after), context.from
  elseif context.separator then
    return self:members(context, word, after), context.from
  end
  local call = context.call
  if call and call.of and not call.key and self:kind_of(call.of) and not context.is_number then
    local keys = self:values(call, word)
    for i, key in ipairs(keys) do
      keys[i] = key .. " = "
    end
    return keys, context.from
  end
  local list = self:bare_values(context, word)
  if not context.is_number and (word ~= "" or #list == 0) then
    local names = self:names(word, after)
    table.move(names, 1, #names, #list + 1, list)
  end
  return list, context.from
end

--- A completion.
-- @tparam table env the globals
-- @tparam[opt] table inherited what is found if it is not in env
-- @tparam[opt] table arguments what the arguments of functions are: { name = { kind, ... } }
-- @tparam[opt] function complete takes a kind, the begin of a value, and { texts = of the call's
-- arguments, key = in a table that is an argument }; returns a list of values
function completion.new(env, inherited, arguments, complete)
  return setmetatable({
    globals = { env, inherited }, arguments = arguments or {}, complete = complete,
  }, Completion)
end

return completion
