--- Expressions: the language that says which events are wanted.
--
--     procname == "nginx" and duration > 1ms and path ~ "/var/*"
--
-- Its words are in docs/expressions.md. A text is parsed into a tree, and the tree compiled for an
-- event, whose fields and their types are known then, into what host/lua/expression.h evaluates.
-- A tree can be made without a text, too.
--
-- A node of a tree is { op = OP, ... }:
--     "and", "or": two nodes       "not": a node         "constant": value = boolean
--     "test": left, cmp, right; an operand is { field = NAME } or a literal, { type = "number",
--       "string", "boolean", "time" or "nil", value =, unit = "ns", "bytes" or nil }, or a list of
--       literals (of "in", "~"); without `cmp` the left one is a boolean field
--     "having": field, and a node that does not count where an event has no such field
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local time = require "lttnga.time"
local units = require "lttnga.units"

local expression = {}

--- An expression is no longer than so many bytes.
local LENGTH_MAX = 10000

--- A mistake in an expression, which is raised here and becomes a message.
local Mistake = {}

local function wrong(message, ...)
  error(setmetatable({ message = message:format(...) }, Mistake), 0)
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

-- ---- Reading ----

local durations = { ns = true, us = true, ["µs"] = true, ms = true, s = true }

--- The literal of a number, such as "-1.5ms".
local function number(sign, digits, unit)
  local hex = digits:match("^0[xX]%x+$")
  local value, message, kind
  if unit == "" then
    value = math.tointeger(tonumber(digits))
    message = hex or not digits:find(".", 1, true) and ("'%s' is too large"):format(digits)
      or ("'%s' has a fraction and needs a unit"):format(digits)
  elseif durations[unit] then
    value, message = units.parse_duration(digits .. unit)
    kind = "ns"
  else
    value, message = units.parse_size(digits .. unit)
    kind = "bytes"
  end
  if not value then
    wrong("%s", message)
  end
  return { type = "number", value = sign == "-" and -value or value, unit = kind,
    written = sign .. digits .. unit }
end

local escapes = { n = "\n", t = "\t", ["\\"] = "\\", ['"'] = '"', ["'"] = "'" }

--- Nodes that are joined by the same word.
local function joined(op)
  return function(first, ...)
    local node = first
    for _, other in ipairs { ... } do
      node = { op = op, node, other }
    end
    return node
  end
end

local function test(left, cmp, right)
  if cmp == nil and not left.field then
    wrong("'%s' is not a condition: compare it with a field", left.written)
  end
  return { op = "test", left = left, cmp = cmp, right = right }
end

--- How far a text has been understood: where its next word would be.
local reached

--- The grammar; made when the first text is parsed.
local grammar

local function make_grammar()
  local lpeg, message = require "lttnga.lpeg".load()
  if not lpeg then
    wrong("%s", message)
  end
  lpeg.setmaxstack(2 * LENGTH_MAX)
  local P, R, S, V, C = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C
  local Cc, Cs, Ct = lpeg.Cc, lpeg.Cs, lpeg.Ct
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
    return P(what) * -inner * blanks
  end
  local function either(list)
    local all = P(false)
    for _, one in ipairs(list) do
      all = all + one
    end
    return all
  end

  local keyword = either { "and", "or", "not", "in", "nil", "true", "false" } * -inner
  local name = C(first * inner ^ 0 * ("." * first * inner ^ 0) ^ 0) - keyword
  local function quoted(quote)
    local escape = P "\\" * C(S "nt\\\"'") / escapes
    return quote * Cs((escape + (1 - S(quote .. "\\"))) ^ 0) * quote
  end
  local unit = either { "ns", "us", "µs", "ms", "s" }
    + S "KMGTPE" * (P "iB" + "B") ^ -1 + "B"
  local two = digit * digit
  local clock = two * ":" * two * (":" * two * ("." * digit ^ 1) ^ -1) ^ -1
  local date = two * two * "-" * two * "-" * two
  local moment = (date * S " T" ) ^ -1 * clock * P "Z" ^ -1 + date
  local digits = "0" * S "xX" * R("09", "af", "AF") ^ 1 + digit ^ 1 * ("." * digit ^ 1) ^ -1

  local literal = mark(
    (quoted '"' + quoted "'") / function(value)
      return { type = "string", value = value, written = ('"%s"'):format(value) }
    end
    + C(moment) * -inner / function(value)
      return { type = "time", value = value, written = value }
    end
    + C(S "+-" ^ -1) * C(digits) * (S " \t" ^ 0 * C(unit) * -inner + Cc "" * -(inner + "."))
      / number
    + P "nil" * -inner / function() return { type = "nil", written = "nil" } end
    + C(P "true" + "false") * -inner / function(value)
      return { type = "boolean", value = value == "true", written = value }
    end)
  local field = mark(name / function(value) return { field = value, written = value } end)
  local operand = literal + field
  local set = Ct(mark "{" * literal * (mark "," * literal) ^ 0 * mark "}")
  local compare = mark(C(either { "==", "!=", "<=", ">=", "!~" } + P "~" * -P "=" + "<" + ">"))
  local among = word "not" * word "in" * Cc "not in" + word "in" * Cc "in"

  return blanks * P {
    "either",
    either = V "both" * (word "or" * V "both") ^ 0 / joined "or",
    both = V "one" * (word "and" * V "one") ^ 0 / joined "and",
    one = word "not" * V "one" / function(node) return { op = "not", node } end
      + mark "(" * V "either" * mark ")" + V "test",
    test = operand * (among * set + compare * (set + operand)) ^ -1 / test,
  } * -1
end

--- The message about a place that is not understood, by what begins there.
local hints = {
  { "^=", "use == to test for equality" }, { "^~=", "use != to test for inequality" },
  { "^&&?", "use `and`" }, { "^||?", "use `or`" }, { "^!", "use `not`" },
  { "^[\"']", "the closing quote is missing" },
  { "^[<>=!~]", "only two values can be compared; join comparisons with `and`" },
  { "^$", "the expression is incomplete" },
}

local function parse(source)
  if #source > LENGTH_MAX then
    wrong("the expression is longer than %d bytes", LENGTH_MAX)
  end
  grammar = grammar or make_grammar()
  reached = 1
  local ok, node = pcall(grammar.match, grammar, source)
  if not ok and type(node) == "string" then
    wrong("the expression is nested too deeply")
  elseif not ok then
    error(node, 0)
  elseif node then
    return node
  end
  local rest, why = source:sub(reached), nil
  for _, hint in ipairs(hints) do
    why = why or rest:find(hint[1]) and hint[2]
  end
  if rest == "" then
    wrong("%s", why)
  end
  wrong("syntax error at '%s'%s", #rest > 30 and rest:sub(1, 30) .. "..." or rest,
    why and ": " .. why or "")
end

--- Parses a text.
-- @tparam string source
-- @treturn table tree; or nil and a message
function expression.parse(source)
  return trying(parse, source)
end

-- ---- Making trees ----

--- @treturn table a node that holds where all of a list do
function expression.all(nodes)
  local node = nodes[1] or { op = "constant", value = true }
  for i = 2, #nodes do
    node = { op = "and", node, nodes[i] }
  end
  return node
end

--- A literal: a text, an integer or a boolean.
local function literal_of(value)
  local kind = type(value)
  return { type = kind, value = value, written = tostring(value) }
end

--- A test of a field.
-- @tparam string field
-- @tparam string cmp "==", "<", "in", "~", ...
-- @param value a text, an integer (with its unit: that of the field), a boolean, or a list of them
function expression.test(field, cmp, value)
  local right
  if type(value) == "table" then
    right = {}
    for i, one in ipairs(value) do
      right[i] = literal_of(one)
    end
  else
    right = literal_of(value)
  end
  return { op = "test", left = { field = field, written = field }, cmp = cmp, right = right,
    plain = true }
end

local function absent(field)
  return { op = "test", left = { field = field, written = field }, cmp = "==",
    right = { type = "nil", written = "nil" } }
end

expression.absent = absent

--- What may hold, if each value that is not there could be anything.
-- @tparam table node
-- @tparam[opt] boolean negated whether it is behind a `not`
function expression.may(node, negated)
  local op = node.op
  if op == "not" then
    return expression.may(node[1], not negated)
  elseif op == "and" or op == "or" then
    local other = op == "and" and "or" or "and"
    return { op = negated and other or op, expression.may(node[1], negated),
      expression.may(node[2], negated) }
  elseif op == "having" then
    return { op = "having", field = node.field, expression.may(node[1], negated) }
  end
  local own = negated and { op = "not", node } or node
  for _, operand in ipairs { node.left or {}, node.right or {} } do
    own = operand.field and { op = "or", absent(operand.field), own } or own
  end
  return own
end

--- The names of the fields in a tree, each once, in order.
-- @treturn table list
function expression.fields(node)
  local names, seen = {}, {}
  local function add(operand)
    if operand and operand.field and not seen[operand.field] then
      seen[operand.field] = true
      names[#names + 1] = operand.field
    end
  end
  local function walk(one)
    add(one.left)
    add(one.right)
    for _, child in ipairs(one) do
      walk(child)
    end
  end
  walk(node)
  return names
end

-- ---- Compiling ----

--- Fields of ns that are points in time; the others are durations.
local points = { time = true, begin = true, raise = true, call_begin = true }

local Compiler = {}
Compiler.__index = Compiler

--- A field of the event, or nil if it has none of that name; and its name there.
function Compiler:field(name)
  local there = self.as[name] or name
  return self.known[there], there
end

--- The number of a field in the compiled expression.
function Compiler:number_of(name)
  local _, there = self:field(name)
  local fields = self.code.fields
  if not self.numbers[there] then
    fields[#fields + 1] = there
    self.numbers[there] = #fields
  end
  return self.numbers[there]
end

--- Adds a test and returns its number. It comes after those that it continues with.
function Compiler:add(one, yes, no)
  if yes == no then
    return yes
  end
  one.yes, one.no = yes, no
  table.insert(self.code, one)
  return #self.code
end

--- How a field is described in messages.
local function described(operand, field)
  local what = field.type == "string" and "a string" or field.type == "boolean" and "a boolean"
    or field.unit == "bytes" and "a size"
    or field.unit == "ns" and (points[operand.field] and "a point in time" or "a duration")
    or "a number"
  return ("'%s' is %s"):format(operand.field, what)
end

--- The value of a literal that is compared with a field: an integer or a text.
function Compiler:value(operand, field, literal)
  local kind, unit = literal.type, literal.unit
  local function no(hint)
    wrong("%s, not %s%s", described(operand, field), literal.written, hint and ": " .. hint or "")
  end
  if kind == "time" then
    if field.type and not (field.unit == "ns" and points[operand.field]) then
      no()
    end
    local ns, message = time.parse(literal.value, self.ref)
    return ns or wrong("%s", message)
  elseif field.type == "string" and kind ~= "string" then
    no(('use "%s"'):format(literal.written))
  elseif field.type == "boolean" and kind ~= "boolean" then
    no()
  elseif field.type == "integer" and kind ~= "number" then
    no(kind == "string" and points[operand.field] and "write a time without quotes" or nil)
  elseif field.type == "integer" and unit and unit ~= field.unit then
    no()
  elseif field.unit == "ns" and not unit and literal.value ~= 0 and not points[operand.field] then
    no(("use %sns, %sus, %sms or %ss"):format(literal.value, literal.value, literal.value,
      literal.value))
  end
  return literal.value
end

--- Values of a literal, or of a list of them.
function Compiler:values(node, field)
  local list = node.right.type and { node.right } or node.right
  local values = {}
  for i, literal in ipairs(list) do
    if literal.type == "nil" then
      wrong("nil can only be compared with == and !=")
    end
    local value = literal.value
    if not node.plain then
      value = self:value(node.left, field, literal)
    end
    -- For the host booleans are integers.
    values[i] = value == true and 1 or value ~= false and value or 0
  end
  return values
end

--- What is within bounds: { low, high } of a comparison with an integer.
local bounds = {
  ["<"] = function(value) return math.mininteger, value - 1 end,
  ["<="] = function(value) return math.mininteger, value end,
  [">"] = function(value) return value + 1, math.maxinteger end,
  [">="] = function(value) return value, math.maxinteger end,
}

--- What a comparison is that is turned round, and what it is the contrary of.
local turned = { ["<"] = ">", ["<="] = ">=", [">"] = "<", [">="] = "<=", ["=="] = "==",
  ["!="] = "!=" }
local contrary = { ["!="] = "==", ["!~"] = "~", ["not in"] = "in" }

--- Compares a field with one value, or several.
function Compiler:compare(node, yes, no)
  local cmp, field = node.cmp, self:field(node.left.field)
  local list = self:values(node, field or {})
  if not field then
    return no -- what is not there is equal to nothing
  end
  local is_text = type(list[1]) == "string"
  local one = { field = self:number_of(node.left.field), node = node }
  if cmp == "~" and not is_text then
    wrong("%s: `~` is only for strings", described(node.left, field))
  elseif #node.right > 0 and cmp ~= "in" and cmp ~= "~" then
    wrong("'%s' compares with a single value: use `in` for a list", cmp)
  elseif is_text then
    if cmp ~= "~" and cmp ~= "==" and cmp ~= "in" then
      wrong("'%s' %s: strings can only be compared with ==, !=, ~, !~ and in",
        node.left.written, cmp)
    end
    one.kind, one.globs = cmp == "~" and "texts" or "exact", list
  elseif cmp == "in" then
    one.kind, one.integers = "among", list
  elseif bounds[cmp] then
    if field.type == "boolean" then
      wrong("%s: it can only be compared with == and !=", described(node.left, field))
    end
    one.kind = "range"
    one.low, one.high = bounds[cmp](list[1])
    -- Beyond the largest and the smallest integer there is nothing.
    if cmp == "<" and list[1] == math.mininteger or cmp == ">" and list[1] == math.maxinteger then
      return no
    end
  else
    one.kind, one.low, one.high = "range", list[1], list[1]
  end
  return self:add(one, yes, no)
end

--- Compares two fields.
function Compiler:compare_fields(node, yes, no)
  local left, right = self:field(node.left.field), self:field(node.right.field)
  if not left or not right then
    return no
  elseif left.type ~= right.type or left.unit ~= right.unit then
    wrong("%s, but %s", described(node.left, left), described(node.right, right))
  end
  local a, b, cmp = self:number_of(node.left.field), self:number_of(node.right.field), node.cmp
  if cmp ~= "==" and left.type ~= "integer" and left.type then
    wrong("%s: it can only be compared with == and !=", described(node.left, left))
  elseif cmp == "==" then
    return self:add({ kind = "equal", field = a, other = b }, yes, no)
  elseif cmp == ">" or cmp == ">=" then
    a, b = b, a
  end
  local equal = (cmp == "<=" or cmp == ">=")
    and self:add({ kind = "equal", field = a, other = b }, yes, no) or no
  return self:add({ kind = "below", field = a, other = b }, yes, equal)
end

--- Compiles a test; `yes` and `no` are the tests that it continues with.
function Compiler:test(node, yes, no)
  local left, cmp, right = node.left, node.cmp, node.right
  if contrary[cmp] then
    local one = { left = left, cmp = contrary[cmp], right = right, plain = node.plain }
    return self:test(one, no, yes)
  elseif not left.field then
    if not right.field or not turned[cmp] then
      wrong("'%s %s %s' needs a field on the left", left.written, cmp, right.written or "{ ... }")
    end
    return self:test({ left = right, cmp = turned[cmp], right = left }, yes, no)
  elseif not cmp then
    local field = self:field(left.field)
    if field and field.type and field.type ~= "boolean" then
      wrong("%s: compare it with a value", described(left, field))
    end
    return self:compare(expression.test(left.field, "==", true), yes, no)
  elseif right.type == "nil" then
    if cmp ~= "==" then
      wrong("nil can only be compared with == and !=")
    end
    return self:field(left.field)
      and self:add({ kind = "absent", field = self:number_of(left.field) }, yes, no) or yes
  elseif right.field then
    if cmp == "~" then
      wrong("%s %s: a pattern must be a quoted string", left.written, cmp)
    end
    return self:compare_fields(node, yes, no)
  end
  return self:compare(node, yes, no)
end

--- Compiles a node: tests that come later are made first.
function Compiler:node(node, yes, no)
  local op = node.op
  if op == "and" then
    return self:node(node[1], self:node(node[2], yes, no), no)
  elseif op == "or" then
    return self:node(node[1], yes, self:node(node[2], yes, no))
  elseif op == "not" then
    return self:node(node[1], no, yes)
  elseif op == "constant" then
    return node.value and yes or no
  elseif op == "having" then
    return self:field(node.field) and self:node(node[1], yes, no) or yes
  end
  return self:test(node, yes, no)
end

local function compile(node, event, ref)
  local self = setmetatable({ code = { fields = {} }, numbers = {}, known = event.fields,
    as = event.as or {}, ref = ref or {} }, Compiler)
  self.code.entry = self:node(node, -1, 0)
  return self.code
end

--- Compiles a tree for an event.
-- @tparam table node
-- @tparam table event fields: by name { type =, unit = }, as host.hooks() has them; of raw events
-- both are nil, and a field is what it is compared with; as: by name how a field is called there
-- @tparam[opt] table ref see time.parse, for times of day
-- @treturn table what host/lua/expression.h reads; its tests have `node`, the one that they are of;
-- or nil and a message
function expression.compile(node, event, ref)
  return trying(compile, node, event, ref)
end

--- The message that no event has a field, with what may be meant.
-- @tparam table node that has the field
-- @tparam string name
-- @tparam table names those that there are
function expression.unknown_field(node, name, names)
  local is_value = false
  local function walk(one)
    is_value = is_value or one.right and one.right.field == name
    for _, child in ipairs(one) do
      walk(child)
    end
  end
  walk(node)
  local hint = text.did_you_mean(name, names)
  return ("unknown field '%s'%s"):format(name, hint ~= "" and hint
    or is_value and ('; put strings in quotes: "%s"'):format(name) or "")
end

return expression
