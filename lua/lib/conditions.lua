--- Conditions of requests: trees, made simpler for one class of events, and compiled to what
-- host/requests/program.h evaluates.
--
-- A tree is { op = "and" | "or", A, B }, { op = "not", A }, { op = "constant", value = BOOLEAN } or
-- { op = "test", kind =, a = VALUE, b = VALUE }, with the kinds "equal", "below" (a < b), "within"
-- (a <= b), "glob" (b is a pattern) and "there" (there is an a). A value is { constant = TEXT or
-- number }, or { space = "event" | "begin" | "parent", field = NAME, scope = WHERE or nil,
-- is_name = whether it is the name of the event, without = what the text is without at its end, or
-- nil }: a field of the event at hand, of the one that began the request, or of the one that began
-- what this is part of.
--
-- SPDX-License-Identifier: MIT

local glob = require "lttnga.glob"

local conditions = {}

local TRUE = { op = "constant", value = true }
local FALSE = { op = "constant", value = false }

local function is(node, value)
  return node.op == "constant" and node.value == value
end

--- What each event has beside its own fields; and how contexts of packets are called here.
local builtins = { time = true, cpu = true, tid = true, pid = true, procname = true,
  event_name = true }
local aliases = { cpu_id = "cpu" }

--- Where a field is in a class of events, as the host calls it.
-- @tparam table class { name =, fields = { NAME, ... }, derived = boolean }; gets `has`, a set
-- @tparam table value
-- @treturn string name, or nil if the class has none
function conditions.find(class, value)
  if value.is_name then
    return "event_name"
  end
  if not class.has then
    class.has = {}
    for _, name in ipairs(class.fields) do
      class.has[name] = true
    end
  end
  local name, scope = value.field, value.scope
  local plain = (not scope or scope == "payload") and class.has[name] and name
  if plain or class.derived then
    return plain or nil
  end
  local context = (not scope or scope == "ctx" or scope == "stream_ctx")
    and class.has["ctx." .. name] and "ctx." .. name
  if context then
    return context
  end
  local builtin = builtins[name] and name or aliases[name]
  if not builtin or scope == "payload" or scope == "header" or scope == "pkt_header"
    or scope == "pkt_ctx" and builtin ~= "cpu" or scope and scope ~= "pkt_ctx" and builtin == "cpu"
  then
    return nil
  end
  -- Not that of another field of this name.
  return scope and "current_" .. builtin or builtin
end

-- ---- Simpler ----

--- What a test of constants gives.
local function decide(kind, a, b)
  if kind == "there" then
    return true
  elseif kind == "glob" then
    return type(a) == "string" and glob.matches(b, a)
  elseif type(a) ~= type(b) then
    return false
  elseif kind == "equal" then
    return a == b
  elseif kind == "below" then
    return a < b
  end
  return a <= b
end

--- A value of a test for a class: the name of the event is known, fields are there or not.
local function resolve(value, class)
  if value.constant ~= nil or value.space ~= "event" then
    return value
  elseif value.is_name then
    return { constant = class.name, written = value.written, was = value }
  end
  local name = conditions.find(class, value)
  return name and { space = "event", name = name, without = value.without,
    written = value.written }
end

local function simplify_test(node, class)
  local a, b = resolve(node.a, class), node.b and resolve(node.b, class)
  if not a or node.b and not b then
    return FALSE -- what is not there
  elseif a.constant ~= nil and (not b or b.constant ~= nil) then
    return decide(node.kind, a.constant, b and b.constant) and TRUE or FALSE
  end
  -- What is known is on the right; a name that is compared with one of another event is a value.
  if a.constant ~= nil and node.kind == "equal" then
    a, b = b, a
  elseif a.constant ~= nil then
    a = a.was and { space = "event", name = "event_name" } or a
  end
  if b and b.was and node.kind == "equal" then
    b = { space = "event", name = "event_name" }
  end
  return { op = "test", kind = node.kind, a = a, b = b }
end

--- What is left of a condition for the events of one class.
-- @tparam table node
-- @tparam table class see conditions.find
-- @treturn table tree; values of the event have `name`, as the host calls the field
function conditions.simplify(node, class)
  local op = node.op
  if op == "constant" then
    return node
  elseif op == "test" then
    return simplify_test(node, class)
  elseif op == "not" then
    local one = conditions.simplify(node[1], class)
    return one.op == "constant" and (one.value and FALSE or TRUE) or { op = "not", one }
  end
  local stops = op == "or" -- the value that decides
  local a = conditions.simplify(node[1], class)
  if is(a, stops) then
    return a
  end
  local b = conditions.simplify(node[2], class)
  if is(b, stops) or is(a, not stops) then
    return b
  end
  return is(b, not stops) and a or { op = op, a, b }
end

--- Splits a condition into those that must all hold.
-- @treturn table list of trees; empty if it always holds
function conditions.split(node, list)
  list = list or {}
  if node.op == "and" then
    conditions.split(node[1], list)
    conditions.split(node[2], list)
  elseif not is(node, true) then
    list[#list + 1] = node
  end
  return list
end

--- The only event for which a tree can hold, if it names one; else nil.
function conditions.only_event(node)
  if node.op == "and" then
    return conditions.only_event(node[1]) or conditions.only_event(node[2])
  elseif node.op == "test" and node.kind == "equal" then
    local a, b = node.a, node.b
    return a.is_name and a.space == "event" and b.constant
      or b.is_name and b.space == "event" and a.constant or nil
  end
  return nil
end

--- Calls a function with each value of a tree.
function conditions.each_value(node, f)
  if node.op == "test" then
    f(node.a)
    if node.b then
      f(node.b)
    end
  end
  for _, child in ipairs(node) do
    conditions.each_value(child, f)
  end
end

--- Whether a tree looks at the event at hand only.
function conditions.is_of_event(node)
  local own = true
  conditions.each_value(node, function(value)
    own = own and (value.constant ~= nil or value.space == "event")
  end)
  return own
end

--- Puts conditions together that must all hold.
function conditions.all(list)
  local node = list[1] or TRUE
  for i = 2, #list do
    node = { op = "and", node, list[i] }
  end
  return node
end

--- A copy of a tree in which values are others.
-- @tparam function f value -> value
function conditions.map(node, f)
  local copy = { op = node.op, kind = node.kind, value = node.value, a = node.a and f(node.a),
    b = node.b and f(node.b) }
  for i, child in ipairs(node) do
    copy[i] = conditions.map(child, f)
  end
  return copy
end

-- ---- Compiling ----

--- What a test is with its sides changed: the host has constants on the right.
local turned = { equal = "equal", below = "above", within = "from" }

--- Compiles a condition.
-- @tparam table node whose values, but constants, have been mapped to operands of the host
-- @treturn table what host/requests/program.h reads; nil if it always holds
function conditions.compile(node)
  local code = {}
  local function add(one, yes, no)
    if one.op == "constant" then
      return one.value and yes or no
    elseif one.op == "not" then
      return add(one[1], no, yes)
    elseif one.op == "and" then
      return add(one[1], add(one[2], yes, no), no)
    elseif one.op == "or" then
      return add(one[1], yes, add(one[2], yes, no))
    end
    local a, b, kind = one.a, one.b, one.kind
    if a.constant ~= nil then
      a, b, kind = b, a, turned[kind]
    end
    code[#code + 1] = { kind = kind, a = a, b = b and b.constant == nil and b or nil,
      value = b and b.constant, yes = yes, no = no }
    return #code
  end
  code.entry = add(node, -1, 0)
  return code.entry ~= -1 and code or nil
end

return conditions
