--- Requests: definitions of what begins and ends, made into a plan for the events of a trace.
--
-- A definition is { name =, parent = NAME, begins = SIDES, ends = SIDES, captures = LIST,
-- end_captures = LIST, key = VALUES, policy = "all", "newest" or "oldest", again = "add", "keep" or
-- "replace", last = BOOLEAN }; all but the sides can be left out: see host/requests/plan.h.
-- `given` takes the place of sides: a function of the machines that returns requests that are known
-- before the trace is read, see host/requests/given.h.
-- A side is { tree = TREE, event = a derived event, or nil, drops = BOOLEAN, numbers = { time =,
-- begin =, port =, size =, error = names of fields } }; trees and values are those of
-- lttnga.conditions. A list has { key = NAME, value = VALUE }. What begins with a side that has
-- numbers.begin is a request by itself.
--
-- A plan is what host/requests/plan.c reads. It finds open requests by what must be equal in the
-- event that ends them and in the one that began them: it costs the same however many are open.
--
-- SPDX-License-Identifier: MIT

local conditions = require "lttnga.conditions"
local fault = require "lttnga.fault"
local glob = require "lttnga.glob"
local host = require "lttnga.host"
local text = require "lttnga.text"

local requests = {}

--- So many requests may be open at once.
local OPEN_MAX = 1000000

--- A field that no event has.
local NO_FIELD = "-"

--- How messages call a definition.
local function called(definition)
  return definition.name and ("'%s'"):format(definition.name) or "(unnamed)"
end

--- The key of a value that is kept.
local function id_of(value)
  return value.is_name and "$name"
    or ("%s.%s.%s"):format(value.scope or "", value.field, value.without or "")
end

-- ---- Planning ----

local Planner = {}
Planner.__index = Planner

--- The place of a value among those that requests of a definition keep; from 1.
function Planner:kept(number, value)
  local kept, id = self.kept_of[number], id_of(value)
  if not kept[id] then
    kept[#kept + 1] = value
    kept[id] = #kept
  end
  return kept[id]
end

--- The operand of a value that is not of the event at hand.
function Planner:kept_operand(number, value)
  if value.space == "begin" then
    return { "begin", self:kept(number, value) }
  end
  return { "parent", self:kept(self.parents[number], value) }
end

--- The number of a key of a definition, from 1. A key is a list of operands.
function Planner:key(number, operands)
  local keys, words = self.definitions[number].keys, {}
  for i, operand in ipairs(operands) do
    words[i] = table.concat(operand, " ")
  end
  local id = table.concat(words, ",")
  self.key_ids[number][id] = self.key_ids[number][id] or #keys + 1
  keys[self.key_ids[number][id]] = operands
  return self.key_ids[number][id]
end

--- The operand of a field of an event.
-- @tparam table event
-- @tparam string name as the host calls it
-- @tparam[opt] string without what it is without at its end
local function field_operand(event, name, without)
  local id = name .. "\0" .. (without or "")
  if not event.at[id] then
    event.fields[#event.fields + 1] = without and { name, without } or name
    event.at[id] = #event.fields
  end
  return { "event", event.at[id] }
end

--- The operand of a value of the event at hand.
local function value_operand(event, class, value)
  return field_operand(event, conditions.find(class, value) or NO_FIELD, value.without)
end

--- A tree whose values are operands.
function Planner:operands(number, event, node)
  return conditions.map(node, function(value)
    if value.constant ~= nil then
      return value
    elseif value.space == "event" then
      return field_operand(event, value.name, value.without)
    end
    return self:kept_operand(number, value)
  end)
end

--- What a test of equality makes equal: a field of the event, and a value that was kept.
local function sides_of(node)
  if node.op ~= "test" or node.kind ~= "equal" then
    return nil
  end
  local a, b = node.a, node.b
  if a.constant ~= nil or b.constant ~= nil then
    return nil
  elseif a.space == "event" and b.space ~= "event" then
    return a, b
  elseif b.space == "event" and a.space ~= "event" then
    return b, a
  end
  return nil
end

--- Makes a rule of a condition for one class of events.
-- @tparam integer number of the definition
-- @tparam integer of whose requests are looked for: itself, or its parent; nil: none are
function Planner:rule(number, of, event, node)
  local gates, rests, pairs_of, seen = {}, {}, {}, {}
  for _, one in ipairs(conditions.split(node)) do
    local own, kept = sides_of(one)
    local operand = own and self:kept_operand(number, kept)
    -- In the words of those that are looked for.
    if operand and of ~= number then
      operand[1] = "begin"
    end
    local id = operand and table.concat(operand, " ")
    if operand and not seen[id] then
      seen[id] = true
      pairs_of[#pairs_of + 1] = { id = id, kept = operand,
        own = field_operand(event, own.name, own.without) }
    elseif conditions.is_of_event(one) then
      gates[#gates + 1] = one
    else
      rests[#rests + 1] = one
    end
  end
  table.sort(pairs_of, function(a, b) return a.id < b.id end)
  local parts, key = {}, {}
  for i, pair in ipairs(pairs_of) do
    parts[i], key[i] = pair.own, pair.kept
  end
  return {
    definition = number, key = of and self:key(of, key) or nil, parts = of and parts or {},
    gate = conditions.compile(self:operands(number, event, conditions.all(gates))),
    rest = conditions.compile(self:operands(number, event, conditions.all(rests))),
    kept = {}, captures = {},
  }
end

--- What events of a class can do; made when it is first needed.
function Planner:event(class)
  local event = self.events[class.key]
  if not event then
    event = { fields = {}, at = {}, begins = {}, ends = {}, class = class }
    self.events[class.key] = event
  end
  return event
end

--- The fields that tell numbers of a side, into a rule.
local function add_numbers(rule, event, class, side)
  for name, field in pairs(side.numbers or {}) do
    rule[name] = value_operand(event, class, { field = field })[2]
  end
end

local function to_event(value)
  if value.space == "begin" then
    return { space = "event", field = value.field, scope = value.scope, is_name = value.is_name,
      written = value.written, without = value.without }
  end
  return value
end

--- Whether a class is one that a side of a definition may be about.
-- @tparam table side with `only`, see conditions.only_event
local function may_be(class, side)
  if class.derived or side.event then
    return class.derived and class.name == side.event
  end
  return not side.only or class.name == side.only
end

--- What is left of a side's condition for a class; nil if it can't hold.
local function condition_of(side, class)
  local node = may_be(class, side) and conditions.simplify(side.tree, class)
  return node and not (node.op == "constant" and not node.value) and node or nil
end

function Planner:add_begin(number, side, class)
  local node = condition_of(side, class)
  if node then
    local event = self:event(class)
    local rule = self:rule(number, self.parents[number], event, node)
    add_numbers(rule, event, class, side)
    event.begins[#event.begins + 1] = rule
  end
end

function Planner:add_end(number, definition, side, class)
  local node = condition_of(side, class)
  if not node then
    return
  end
  local event = self:event(class)
  local rule = self:rule(number, number, event, node)
  add_numbers(rule, event, class, side)
  rule.drops = side.drops
  for i, capture in ipairs(not side.drops and definition.end_captures or {}) do
    local value = capture.value
    rule.captures[i] = { capture.key, value.space == "event" and value_operand(event, class, value)
      or self:kept_operand(number, value) }
  end
  event.ends[#event.ends + 1] = rule
end

--- What a definition captures when it begins, and what its key is.
function Planner:add_definition(number, definition)
  local own = self.definitions[number]
  for i, capture in ipairs(definition.captures or {}) do
    local value = capture.value
    own.captures[i] = { capture.key, value.space == "parent" and self:kept_operand(number, value)
      or { "begin", self:kept(number, value) } }
  end
  if definition.key then
    local key = {}
    for i, value in ipairs(definition.key) do
      key[i] = { "begin", self:kept(number, value) }
    end
    self:key(number, key)
  end
end

--- Lets what begins requests keep what is asked for: known once all rules are made.
function Planner:fill_kept()
  for _, event in pairs(self.events) do
    for _, rule in ipairs(event.begins) do
      for i, value in ipairs(self.kept_of[rule.definition]) do
        rule.kept[i] = value_operand(event, event.class, value)
      end
    end
    event.at, event.class = nil, nil
  end
  for number, definition in ipairs(self.definitions) do
    definition.kept = #self.kept_of[number]
    if not definition.keys[1] then
      definition.keys[1] = {}
    end
  end
end

--- Adds requests that are known already, if definitions have some.
-- @treturn ?table what is left out, how many by reason; nil if nothing is given
function Planner:add_given(definitions, machines)
  local left
  for number, definition in ipairs(definitions) do
    if definition.given then
      local own
      self.definitions[number].given, own = definition.given(machines)
      left = left or {}
      for reason, count in pairs(own) do
        left[reason] = (left[reason] or 0) + count
      end
    end
  end
  return left
end

--- The classes that definitions may be about: those of the trace, and derived events.
local function all_classes(classes)
  local list = {}
  for i, class in ipairs(classes) do
    list[i] = { name = class.name, fields = class.fields, key = i - 1 }
  end
  for _, hook in ipairs(host.hooks()) do
    local fields = {}
    for i, field in ipairs(hook.fields) do
      fields[i] = field.name
    end
    list[#list + 1] = { name = hook.name, fields = fields, key = hook.name, derived = true }
  end
  return list
end

--- Definitions are not larger than the host takes.
local PARTS_MAX, KEPT_MAX, DEPTH_MAX, DEFINITIONS_MAX = 64, 250, 32, 1000

local function check_sizes(self, depths)
  local function check(n, most, what)
    if n > most then
      fault.usage("too many %s: %d (at most %d)", what, n, most)
    end
  end
  for number, definition in ipairs(self.definitions) do
    check(depths[number], DEPTH_MAX, "nested definitions")
    check(#self.kept_of[number], KEPT_MAX, "values kept from the event that begins a request")
    for _, key in ipairs(definition.keys) do
      check(#key, PARTS_MAX, "values that must be equal")
    end
  end
end

--- Makes a plan.
-- @tparam table definitions list, parents before what is part of them; with `owner`, a number, and
-- min, max: durations (ns) with which they count as parts
-- @tparam table classes those of the trace, from trace:classes()
-- @tparam[opt] integer limit how many may be open
-- @tparam table machines those that are analysed, see run.lua
-- @treturn table for trace:run; `left`: what was given and can't be requests of these machines, how
-- many by reason
function requests.plan(definitions, classes, limit, machines)
  local self = setmetatable({ definitions = {}, parents = {}, kept_of = {}, key_ids = {},
    begins = {}, events = {} }, Planner)
  local numbers, order, depths = {}, {}, {}
  if #definitions > DEFINITIONS_MAX then
    fault.usage("too many definitions: %d (at most %d)", #definitions, DEFINITIONS_MAX)
  end
  for number, definition in ipairs(definitions) do
    local owner = definition.owner or 1
    numbers[owner] = numbers[owner] or {}
    local parent = definition.parent and numbers[owner][definition.parent]
    if definition.name then
      numbers[owner][definition.name] = number
    end
    if definition.parent and not parent then
      fault.usage("%s is part of '%s', which must be defined before it", called(definition),
        definition.parent)
    end
    local path = parent and self.definitions[parent].path .. "/" .. definition.name
      or definition.name
    self.definitions[number] = { name = definition.name, path = path, owner = owner,
      parent = parent, policy = definition.policy, again = definition.again,
      last = definition.last, min = definition.min, max = definition.max, keys = {},
      captures = {} }
    self.parents[number], self.kept_of[number], self.key_ids[number] = parent, {}, {}
    depths[number] = parent and depths[parent] + 1 or 0
    self.begins[number] = {}
    for i, side in ipairs(definition.begins) do
      local tree = conditions.map(side.tree, to_event)
      self.begins[number][i] = { tree = tree, event = side.event, numbers = side.numbers,
        only = conditions.only_event(tree) }
    end
    for _, side in ipairs(definition.ends) do
      side.only = conditions.only_event(side.tree)
    end
    order[number] = number
  end
  table.sort(order, function(a, b)
    return depths[a] > depths[b] or depths[a] == depths[b] and a < b
  end)
  for number, definition in ipairs(definitions) do
    self:add_definition(number, definition)
  end
  for _, class in ipairs(all_classes(classes)) do
    for _, number in ipairs(order) do
      for _, side in ipairs(definitions[number].ends) do
        self:add_end(number, definitions[number], side, class)
      end
    end
    for number in ipairs(definitions) do
      for _, side in ipairs(self.begins[number]) do
        self:add_begin(number, side, class)
      end
    end
  end
  self:fill_kept()
  check_sizes(self, depths)
  local left = self:add_given(definitions, machines)
  for key, event in pairs(self.events) do
    if #event.fields > 64 then
      fault.usage("definitions use too many fields of %s: %d (at most 64)",
        type(key) == "string" and key or classes[key + 1].name, #event.fields)
    end
  end
  return { definitions = self.definitions, events = self.events,
    limit = limit or OPEN_MAX, left = left }
end

-- ---- What a trace lacks ----

--- Whether a tree can hold for the events of a class, whatever their fields: true, false, or nil
-- where that depends on them.
local function may_hold(node, class)
  local op = node.op
  if op == "constant" then
    return node.value
  elseif op == "test" then
    local one = conditions.simplify(node, { name = class.name, fields = {}, derived = true })
    local names = node.a.is_name or node.b and node.b.is_name
    if names and one.op == "constant" then
      return one.value
    end
    return nil
  elseif op == "not" then
    local one = may_hold(node[1], class)
    if one == nil then
      return nil
    end
    return not one
  end
  local a, b = may_hold(node[1], class), may_hold(node[2], class)
  local stops = op == "or"
  if a == stops or b == stops then
    return stops
  elseif a == nil or b == nil then
    return nil
  end
  return not stops
end

--- The classes for whose events a side may hold.
local function classes_of(sides, classes)
  local list = {}
  for _, side in ipairs(sides) do
    side.only = conditions.only_event(side.tree)
    for _, class in ipairs(classes) do
      if may_be(class, side) and may_hold(side.tree, class) ~= false then
        list[#list + 1] = class
      end
    end
  end
  return list
end

local function warn_of_names(node, classes, where, warn)
  local function check(one)
    local name = one.a.is_name and one.b and one.b.constant or one.b and one.b.is_name
      and one.a.constant
    if type(name) ~= "string" then
      return
    end
    local names = {}
    for _, class in ipairs(classes) do
      names[#names + 1] = not class.derived and class.name or nil
      if class.name == name or one.kind == "glob" and not class.derived
        and glob.matches(name, class.name) then
        return
      end
    end
    warn(("%s: the trace has no event '%s'%s"):format(where, name,
      one.kind == "glob" and "" or text.did_you_mean(name, names)))
  end
  local function walk(one)
    if one.op == "test" then
      check(one)
    end
    for _, child in ipairs(one) do
      walk(child)
    end
  end
  walk(node)
end

--- Warns if no class of a list has a field.
local function warn_of_field(value, classes, where, warn)
  local names = {}
  for _, class in ipairs(classes) do
    if conditions.find(class, value) then
      return
    end
    for _, name in ipairs(class.fields) do
      names[#names + 1] = name:match "^ctx%.(.*)" or name
    end
  end
  if classes[1] then
    local lacks = #classes == 1 and classes[1].name .. " has no" or "none of its events has a"
    warn(("%s: %s field '%s'%s"):format(where, lacks, value.field,
      text.did_you_mean(value.field, names)))
  end
end

--- The events that definitions need and a trace does not have.
-- @tparam table definitions
-- @tparam table classes those of the trace
-- @tparam string what how messages call a definition: "--period"
-- @treturn table list of messages
function requests.misses(definitions, classes, what)
  local messages, told, begins_of = {}, {}, {}
  local all = all_classes(classes)
  local function warn(message)
    messages[#messages + 1] = not told[message] and message or nil
    told[message] = true
  end
  for _, definition in ipairs(definitions) do
    local where = what .. " " .. called(definition)
    local begins, ends = classes_of(definition.begins, all), classes_of(definition.ends, all)
    if definition.name then
      begins_of[definition.name] = begins
    end
    local function check(value, own)
      local of = value.space == "event" and own or value.space == "begin" and begins
        or begins_of[definition.parent]
      if value.field then
        warn_of_field(value, of or {}, where, warn)
      end
    end
    local begin_lacks = definition.begins[2] and not begins[1]
    if begin_lacks or definition.ends[2] and not ends[1] then
      warn(("%s: the trace has no event that can %s it"):format(where,
        begin_lacks and "begin" or "end"))
    end
    for _, sides in ipairs { definition.begins, definition.ends } do
      for _, side in ipairs(sides) do
        local own = classes_of({ side }, all)
        -- Of several there need not be all.
        if not sides[2] then
          warn_of_names(side.tree, all, where, warn)
        end
        conditions.each_value(side.tree, function(value) check(value, own) end)
        for _, field in pairs(side.numbers or {}) do
          check({ space = "event", field = field }, own)
        end
      end
    end
    for _, capture in ipairs(definition.captures or {}) do
      check(capture.value, begins)
    end
    for _, capture in ipairs(definition.end_captures or {}) do
      check(capture.value, ends)
    end
  end
  return messages
end

return requests
