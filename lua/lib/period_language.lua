--- The language of --period and --period-captures: read into what lttnga.requests takes.
--
--     NAME (PARENT) : BEGIN : END
--     NAME : CAPTURE, ... : CAPTURE, ...
--
-- Conditions are trees, see lttnga.conditions. Words and precedence are those of lttng-analyses;
-- what is more: texts may have slashes, names are compared with names, values may stand on both
-- sides, numbers may be hexadecimal, and exists(VALUE) asks whether there is one.
--
-- SPDX-License-Identifier: MIT

local conditions = require "lttnga.conditions"

local language = {}

--- A definition is no longer than so many bytes.
local LENGTH_MAX = 10000

--- A mistake, which is raised while a text is read and becomes a message.
local Mistake = {}

local function wrong(message, ...)
  error(setmetatable({ message = message:format(...) }, Mistake), 0)
end

-- ---- What is read ----

--- A comparison; a missing value is equal to nothing, and different from nothing.
local comparisons = {}

local function test(kind, a, b)
  return { op = "test", kind = kind, a = a, b = b }
end

comparisons["=="] = function(a, b) return test("equal", a, b) end
comparisons["<"] = function(a, b) return test("below", a, b) end
comparisons["<="] = function(a, b) return test("within", a, b) end
comparisons[">"] = function(a, b) return test("below", b, a) end
comparisons[">="] = function(a, b) return test("within", b, a) end
comparisons["=*"] = function(a, b) return test("glob", a, b) end
comparisons["!="] = function(a, b)
  local node = { op = "not", test("equal", a, b) }
  for _, value in ipairs { a, b } do
    node = value.constant == nil and { op = "and", test("there", value), node } or node
  end
  return node
end

local function is_text(value)
  return type(value.constant) == "string"
end

local function compared(a, cmp, b)
  if a.constant ~= nil and b.constant ~= nil then
    wrong("'%s %s %s' compares two constants", a.written, cmp, b.written)
  elseif cmp == "=*" and not is_text(b) then
    wrong("=* must be followed by a quoted pattern, not %s", b.written)
  elseif cmp ~= "==" and cmp ~= "!=" and cmp ~= "=*" and (is_text(a) or is_text(b)) then
    wrong("strings can only be compared with ==, != and =*, not with %s", cmp)
  end
  return comparisons[cmp](a, b)
end

local function joined(op)
  return function(first, ...)
    local node = first
    for _, other in ipairs { ... } do
      node = { op = op, node, other }
    end
    return node
  end
end

-- ---- Grammar ----

--- Where a field is looked for; without one everywhere.
local scopes = { "payload", "stream_ctx", "ctx", "header", "pkt_ctx", "pkt_header" }

--- How far a text has been understood.
local reached

local grammars

local function make_grammars()
  local lpeg, message = require "lttnga.lpeg".load()
  if not lpeg then
    wrong("%s", message)
  end
  lpeg.setmaxstack(2 * LENGTH_MAX)
  local P, R, S, V, C = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C
  local Cc, Cg, Cs, Ct = lpeg.Cc, lpeg.Cg, lpeg.Cs, lpeg.Ct
  local digit, first = R "09", R("az", "AZ") + "_"
  local inner = first + digit
  local blanks = S " \t\r\n" ^ 0 * P(function(_, at)
    reached = math.max(reached, at)
    return true
  end)
  local function mark(what)
    return what * blanks
  end
  local function word(what)
    return mark(P "$" * what * -inner)
  end

  local dot = mark "."
  local name = mark(C(first * inner ^ 0))
  local event = word "evt"
  local source = word "parent" * dot * word "begin" * dot * event * Cg(Cc "parent", "space")
    + word "parent" * dot * event * Cg(Cc "parent event", "space")
    + word "begin" * dot * event * Cg(Cc "begin", "space")
    + event * Cg(Cc "event", "space")
  local scope = P(false)
  for _, one in ipairs(scopes) do
    scope = scope + word(one) * Cg(Cc(one), "scope")
  end
  local function written(pattern)
    return C(pattern) / function(all, value)
      value.written = all:match "^(.-)%s*$"
      return value
    end
  end
  local field = written(Ct(source * dot * (word "name" * Cg(Cc(true), "is_name")
    + (scope * dot) ^ -1 * Cg(name, "field"))))

  local exponent = S "eE" * S "+-" ^ -1 * digit ^ 1
  local number = mark(C(S "+-" ^ -1 * (P "0" * S "xX" * R("09", "af", "AF") ^ 1
    + digit ^ 1 * ("." * digit ^ 0) ^ -1 * exponent ^ -1)) * -inner) / function(digits)
      local value = tonumber((digits:gsub("^%+", "")))
      return { constant = math.tointeger(value) or value, written = digits }
    end
  local quoted = mark('"' * Cs((P '\\"' / '"' + P "\\\\" / "\\" + (1 - P '"')) ^ 0) * '"')
    / function(value) return { constant = value, written = ('"%s"'):format(value) } end
  local value = number + quoted + field
  local compare = mark(C(P "==" + "!=" + "=*" + "<=" + ">=" + "<" + ">"))

  local condition = P {
    "either",
    either = V "both" * (mark "||" * V "both") ^ 0 / joined "or",
    both = V "one" * (mark "&&" * V "one") ^ 0 / joined "and",
    one = mark "!" * V "one" / function(node) return { op = "not", node } end
      + mark "(" * V "either" * mark ")"
      + mark "exists" * mark "(" * field * mark ")" / function(a) return test("there", a) end
      + value * compare * value / compared,
  }
  local head = Cg(name, "name") * (mark "(" * Cg(name, "parent") * mark ")") ^ -1
  local definition = Ct(blanks * head ^ -1 * mark ":" * Cg(condition, "begin")
    * (mark ":" * Cg(condition, "finish")) ^ -1 * -1)

  local capture = Ct((Cg(name, "key") * mark "=" * -P "=") ^ -1 * Cg(field, "value"))
  local list = Ct(capture * (mark "," * capture) ^ 0) + Ct(P(true))
  local captures = Ct(blanks * Cg(name, "name") * mark ":" * Cg(list, "begin")
    * (mark ":" * Cg(list, "finish")) ^ -1 * -1)
  return { definition = definition, captures = captures, condition = blanks * condition * -1 }
end

--- Reads a text by a grammar; a mistake of its form is "MALFORMED: TEXT".
local function read(which, source, malformed)
  if #source > LENGTH_MAX then
    wrong("%s: longer than %d bytes", malformed, LENGTH_MAX)
  end
  grammars = grammars or make_grammars()
  reached = 1
  local ok, result = pcall(grammars[which].match, grammars[which], source)
  if not ok and type(result) == "string" then
    wrong("%s '%s': nested too deeply", malformed, source)
  elseif not ok then
    error(result, 0)
  elseif not result then
    local rest = source:sub(reached)
    wrong("%s '%s': %s", malformed, source, rest == "" and "incomplete"
      or ("syntax error at '%s'"):format(#rest > 30 and rest:sub(1, 30) .. "..." or rest))
  end
  return result
end

--- Calls a function; a mistake becomes nil and a message.
local function trying(f, ...)
  local ok, result = pcall(f, ...)
  if ok then
    return result
  elseif getmetatable(result) == Mistake then
    return nil, result.message
  end
  error(result, 0)
end

-- ---- Checks ----

--- Whose event a value may be of.
local function check_space(value, what, has_parent)
  if value.space == "parent event" then
    wrong("%s: a parent's value must be written $parent.$begin.$evt.FIELD, not %s", what,
      value.written)
  elseif value.space == "parent" and not has_parent then
    wrong("%s: %s needs a period with a parent", what,
      value.written)
  end
end

local function read_definition(source)
  local one = read("definition", source, "invalid definition")
  for _, node in ipairs { one.begin, one.finish } do
    conditions.each_value(node, function(value)
      check_space(value, "invalid definition", one.parent)
    end)
  end
  return { name = one.name, parent = one.parent, begins = { { tree = one.begin } },
    ends = { { tree = one.finish or one.begin } } }
end

local function read_captures(source)
  local one = read("captures", source, "invalid captures")
  for _, list in ipairs { one.begin, one.finish or {} } do
    local seen = {}
    for _, capture in ipairs(list) do
      capture.key = capture.key or capture.value.written
      if seen[capture.key] then
        wrong("invalid captures: duplicate name '%s'",
          capture.key)
      end
      seen[capture.key] = true
    end
  end
  one.finish = one.finish or {}
  return one
end

--- Reads a definition.
-- @tparam string source
-- @treturn table see lttnga.requests; or nil and a message
function language.definition(source)
  return trying(read_definition, source)
end

--- Reads captures.
-- @tparam string source
-- @treturn table name, begin, finish (lists of { key =, value = }); or nil and a message
function language.captures(source)
  return trying(read_captures, source)
end

--- Reads all that a command line says of periods.
-- @tparam table definitions texts
-- @tparam table captures texts
-- @treturn table list of definitions, for lttnga.requests; or nil and a message
function language.read(definitions, captures)
  return trying(function()
    local list, by_name = {}, {}
    for _, source in ipairs(definitions) do
      local one = read_definition(source)
      if one.name and by_name[one.name] then
        wrong("period '%s' is already defined: '%s'", one.name,
          source)
      elseif one.parent and not by_name[one.parent] then
        wrong("unknown parent '%s' of period '%s': define it first: '%s'", one.parent, one.name,
          source)
      end
      one.captures, one.end_captures = {}, {}
      list[#list + 1] = one
      by_name[one.name or {}] = one
    end
    local told = {}
    for _, source in ipairs(captures) do
      local one = read_captures(source)
      local of = by_name[one.name]
      if told[one.name] then
        wrong("captures of period '%s' are given twice", one.name)
      elseif not of then
        wrong("captures of an unknown period '%s'", one.name)
      end
      told[one.name] = true
      for _, all in ipairs { one.begin, one.finish } do
        for _, capture in ipairs(all) do
          check_space(capture.value, "invalid captures", of.parent)
        end
      end
      of.captures, of.end_captures = one.begin, one.finish
    end
    return list
  end)
end

return language
