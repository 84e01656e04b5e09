--- Definitions of requests as Lua: lua/requests/NAME.lua, and those of the user. A file returns
--
--     {
--       begin = SIDE, ["end"] = SIDE, drop = SIDE, -- or each = SIDE: one event is one
--       key = { "upid", "fd" },                    -- what both events have, and is the same
--       captures = { "peer", bytes = "size" },      -- fields of the event that begins it
--       end_captures = { "ret" },                   -- of the one that ends it
--       parent = "NAME", parent_key = { "utid" },   -- what it is part of
--       policy = "newest", again = "keep", last = true,
--     }
--
-- or { given = function(machines) }, for requests that are known before the trace is read, such as
-- spans (see lttnga.otlp), `spans` being the path of their file; or a list of such tables; or a
-- function of the word after the colon in --request NAME:WORD that returns one. A side is
-- { EVENT, where = EXPRESSION, time =, port =, size =, error = FIELD,
-- strip = { FIELD = TEXT }, key = another key } or a list of sides; EVENT is a derived event or one
-- of the trace. A key may name the fields of both sides: { parent_tid = "tid" }.
--
-- SPDX-License-Identifier: MIT

local expression = require "lttnga.expression"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local scripts = require "lttnga.scripts"
local text = require "lttnga.text"
local xdg = require "lttnga.xdg"

local definitions = {}

--- Where our Lua files are.
local HOME = debug.getinfo(1, "S").source:match "^@(.*)/lib/[^/]*$"

-- ---- Expressions as conditions ----

local to_condition

local kinds = { ["=="] = "equal", ["<"] = "below", ["<="] = "within", ["~"] = "glob" }
local turned = { [">"] = "<", [">="] = "<=" }
local contrary = { ["!="] = "==", ["!~"] = "~", ["not in"] = "in" }

--- An operand of an expression as a value.
local function to_value(operand)
  if operand.field then
    return { space = "event", field = operand.field, written = operand.field }
  elseif operand.type == "time" then
    error(("times cannot be compared here ('%s')"):format(operand.written), 0)
  end
  local value = operand.value
  if type(value) == "boolean" then
    value = value and 1 or 0
  end
  return { constant = value, written = operand.written }
end

local function either(list)
  local node = list[1]
  for i = 2, #list do
    node = { op = "or", node, list[i] }
  end
  return node
end

local function test_to_condition(node)
  local left, cmp, right = node.left, node.cmp, node.right
  if not cmp then
    return { op = "test", kind = "equal", a = to_value(left), b = { constant = 1 } }
  elseif contrary[cmp] then
    return { op = "not", to_condition({ op = "test", left = left, cmp = contrary[cmp],
      right = right }) }
  elseif turned[cmp] then
    left, cmp, right = right, turned[cmp], left
  end
  local list = (right.type or right.field) and { right } or right
  local tests = {}
  for i, one in ipairs(list) do
    if one.type == "nil" then
      tests[i] = { op = "not", { op = "test", kind = "there", a = to_value(left) } }
    else
      tests[i] = { op = "test", kind = kinds[cmp == "in" and "==" or cmp],
        a = to_value(left), b = to_value(one) }
    end
  end
  return either(tests)
end

--- A tree of lttnga.expression as one of lttnga.conditions.
function to_condition(node)
  if node.op == "test" then
    return test_to_condition(node)
  elseif node.op == "constant" then
    return node
  elseif node.op == "not" then
    return { op = "not", to_condition(node[1]) }
  end
  return { op = node.op, to_condition(node[1]), to_condition(node[2]) }
end

-- ---- Sides ----

--- Derived events by name: their fields.
local derived = {}
for _, hook in ipairs(host.hooks()) do
  local fields = {}
  for _, field in ipairs(hook.fields) do
    fields[field.name] = true
  end
  derived[hook.name] = fields
end

--- The keys of a side, beside its event.
local side_fields = { where = "string", time = "string", begin = "string", port = "string",
  size = "string", error = "string", strip = "table", key = "table" }

local numbers = { "time", "begin", "port", "size", "error" }

--- Checks that a key of a side or a definition is known.
local function check_known(known, name, what, where)
  if not known[name] then
    local names = {}
    for one in pairs(known) do
      names[#names + 1] = one
    end
    table.sort(names)
    fault.raise("%s: %s '%s'%s", where, what, tostring(name),
      text.did_you_mean(tostring(name), names))
  end
end

--- Checks that a derived event has the fields that are named.
local function check_fields(event, names, where)
  for _, name in ipairs(derived[event] and names or {}) do
    check_known(derived[event], name, event .. " has no field", where)
  end
end

--- A key as a list of { field of the begin, field of the end }, by name.
local function read_key(given, where)
  local list = {}
  for name, other in pairs(given or {}) do
    if type(other) ~= "string" then
      fault.raise("%s must be { FIELD, ... } or { FIELD = FIELD of the other event }", where)
    end
    list[#list + 1] = { type(name) == "string" and name or other, other }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

--- Reads one side.
-- @tparam table given { EVENT, where =, ... }
-- @tparam string where for messages
-- @treturn table see lttnga.requests; with `name` of the event, and `strip`
local function read_side(given, where)
  if type(given) ~= "table" or type(given[1]) ~= "string" then
    fault.raise("%s must be { EVENT, where = EXPRESSION, ... }", where)
  end
  for name, value in pairs(given) do
    if math.type(name) and name ~= 1 then
      fault.raise("%s: with several events, each must be a table: { { EVENT }, { EVENT } }", where)
    elseif name ~= 1 then
      check_known(side_fields, name, "unknown field", where)
      if type(value) ~= side_fields[name] then
        fault.raise("%s: '%s' must be a %s", where, name, side_fields[name])
      end
    end
  end
  if given[1]:find "^request_" and derived[given[1]] then
    fault.raise("%s: requests cannot consist of %s events", where, given[1])
  end
  for field, ending in pairs(given.strip or {}) do
    if type(field) ~= "string" or type(ending) ~= "string" then
      fault.raise("%s: 'strip' must be { FIELD = STRING, ... }", where)
    end
  end
  local side = { name = given[1], event = derived[given[1]] and given[1], numbers = {},
    strip = given.strip or {}, key = given.key and read_key(given.key, where) }
  for _, name in ipairs(numbers) do
    side.numbers[name] = given[name]
    check_fields(side.name, { given[name] }, where)
  end
  local nodes = {}
  if not side.event then
    nodes[1] = { op = "test", kind = "equal", a = { space = "event", is_name = true,
      written = "event name" }, b = { constant = side.name } }
  end
  if given.where then
    local tree, message = expression.parse(given.where)
    if not tree then
      fault.raise("%s: where '%s': %s", where, given.where, message)
    end
    check_fields(side.name, expression.fields(tree), where)
    local is_fine, node = pcall(to_condition, tree)
    if not is_fine then
      fault.raise("%s: %s", where, node)
    end
    nodes[#nodes + 1] = node
  end
  side.tree = nodes[2] and { op = "and", nodes[1], nodes[2] } or nodes[1]
    or { op = "constant", value = true }
  return side
end

--- Reads a side, or a list of them.
local function read_sides(given, where)
  local sides = {}
  for i, one in ipairs(given and (type(given[1]) == "table" and given or { given }) or {}) do
    sides[i] = read_side(one, where)
  end
  return sides
end

-- ---- Definitions ----

--- The keys of a definition.
local fields = { name = "string", begin = "table", ["end"] = "table", drop = "table",
  each = "table", key = "table", captures = "table", end_captures = "table", parent = "string",
  parent_key = "table", policy = "string", again = "string", last = "boolean", group = "function",
  given = "function", spans = "string" }

local choices = {
  policy = { all = true, newest = true, oldest = true },
  again = { add = true, keep = true, replace = true },
}

--- Adds what must be equal to the condition of a side.
-- @tparam table side
-- @tparam string space which event has the other value
-- @tparam table pairs_of list of { own field, other field }
-- @tparam table strip of the other side
local function join(side, space, pairs_of, strip)
  for _, pair in ipairs(pairs_of) do
    side.tree = { op = "and", side.tree, { op = "test", kind = "equal",
      a = { space = "event", field = pair[1], without = side.strip[pair[1]], written = pair[1] },
      b = { space = space, field = pair[2], without = strip[pair[2]], written = pair[2] } } }
  end
end

--- Captures as a list, by name.
local function read_captures(given, space, strip, where)
  local list = {}
  for name, field in pairs(given or {}) do
    if type(field) ~= "string" then
      fault.raise("%s must be { FIELD, NAME = FIELD, ... }", where)
    end
    list[#list + 1] = { key = type(name) == "string" and name or field,
      value = { space = space, field = field, without = strip[field], written = field } }
  end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list
end

--- Reads a definition.
-- @tparam table given
-- @tparam string name what it is called, if it does not say
-- @tparam string path of the file, for messages
local function read(given, name, path)
  local function where(what)
    return ("%s: %s"):format(path, what)
  end
  if type(given) ~= "table" then
    fault.raise("%s does not return a definition: end it with `return { begin = ..., ... }`", path)
  end
  for key, value in pairs(given) do
    check_known(fields, key, "unknown field", path)
    if type(value) ~= fields[key] then
      fault.raise("%s: '%s' must be a %s", path, key, fields[key])
    elseif choices[key] then
      check_known(choices[key], value, ("invalid %s"):format(key), path)
    end
  end
  local begins = read_sides(given.begin or given.each, where(given.each and "each" or "begin"))
  local ends, drops = read_sides(given["end"], where "end"), read_sides(given.drop, where "drop")
  if given.given and (begins[1] or ends[1] or drops[1]) then
    fault.raise("%s: a definition with `given` has no `begin`, `end`, `each` and `drop`", path)
  elseif not given.given and (not begins[1] or not given.each == not ends[1]
    or given.each and given.begin) then
    fault.raise("%s: a definition needs either `begin` and `end`, or `each`", path)
  end
  local key, strip = read_key(given.key, where "key"), begins[1] and begins[1].strip or {}
  for _, side in ipairs(given.each and begins or {}) do
    if not side.event and not side.numbers.begin then
      fault.raise("%s: %s is an event of the trace: give the field with its start "
        .. "(begin = FIELD), or use `begin` and `end`", where "each", side.name)
    end
    side.numbers.begin = side.numbers.begin or "begin"
    check_fields(side.name, { side.numbers.begin }, where "each")
  end
  for _, side in ipairs(drops) do
    side.drops = true
    ends[#ends + 1] = side
  end
  for _, side in ipairs(ends) do
    local joined = {}
    for i, pair in ipairs(side.key or key) do
      joined[i] = { pair[2], pair[1] }
      check_fields(side.name, { pair[2] }, where "key")
    end
    join(side, "begin", joined, strip)
  end
  local key_values = {}
  for i, pair in ipairs(key) do
    key_values[i] = { space = "begin", field = pair[1], without = strip[pair[1]] }
    check_fields(begins[1].name, { pair[1] }, where "key")
  end
  local parent_key = {}
  for i, pair in ipairs(read_key(given.parent_key, where "parent_key")) do
    parent_key[i] = { pair[2], pair[1] }
  end
  for _, side in ipairs(given.parent and begins or {}) do
    join(side, "parent", parent_key, {})
  end
  return {
    name = given.name or name, parent = given.parent, begins = begins, ends = ends,
    key = key_values, policy = given.policy, again = given.again, last = given.last,
    captures = read_captures(given.captures, "begin", strip, where "captures"),
    end_captures = read_captures(given.end_captures, "event", ends[1] and ends[1].strip or {},
      where "end_captures"),
    group = given.group, given = given.given, spans = given.spans,
  }
end

-- ---- Files ----

local function folders()
  local own, stock = xdg.folder "DATA", HOME .. "/requests"
  return own and { own .. "/requests", stock } or { stock }
end

--- All definitions; the user's own hide stock ones of the same name.
-- @treturn table list of { name, path, summary }, sorted by name
function definitions.list()
  return scripts.list_in(folders())
end

--- Loads what --request names.
-- @tparam string asked NAME, NAME:ARGUMENT, or the path of a file
-- @treturn table list of definitions, for `requests` of an analysis
function definitions.load(asked)
  local name, argument = asked:match "^([^:]*):(.*)$"
  name = name or asked
  local path = name:find("/", 1, true) and name or name:find "%.lua$" and name
  local names = {}
  for _, entry in ipairs(definitions.list()) do
    names[#names + 1] = entry.name
    path = path or entry.name == name and entry.path
  end
  if not path then
    fault.usage("--request: unknown definition '%s'%s; known: %s", name,
      text.did_you_mean(name, names), table.concat(names, ", "))
  end
  local made = scripts.run_file(path)
  if type(made) == "function" then
    made = made(argument)
    if made == nil then
      fault.usage("--request: %s needs an argument: %s:ARGUMENT", name, name)
    end
  elseif argument then
    fault.usage("--request: %s takes no argument", name)
  end
  local list = {}
  name = name:match "([^/]*)$":gsub("%.lua$", "")
  for i, one in ipairs(type(made) == "table" and made[1] and made or { made or false }) do
    list[i] = read(one, argument and ("%s:%s"):format(name, argument) or name, path)
  end
  return list
end

return definitions
