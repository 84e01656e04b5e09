--- Which events the hooks of an analysis get: the options that filter events, and --filter, as an
-- expression for each event, which the host evaluates before it calls Lua.
--
-- An option that filters has `filter = { FIELD, CMP }`, a flag `{ FIELD, CMP, VALUE }`; with
-- `unless = true` in it, it filters if the flag is not given. It does not exclude an event that
-- lacks the field; --filter does: a missing value is equal to nothing.
--
-- SPDX-License-Identifier: MIT

local later = require "lttnga.later"
local expression = later "lttnga.expression"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local options = require "lttnga.options"
local text = require "lttnga.text"

local selection = {}

-- ---- What events have ----

--- Derived events by name: their fields by name.
local derived = {}
for _, hook in ipairs(host.hooks()) do
  local fields = {}
  for _, field in ipairs(hook.fields) do
    fields[field.name] = field
  end
  derived[hook.name] = fields
end

--- The fields of every event of a trace beside its own.
local everywhere = { "time", "cpu", "tid", "pid", "procname", "container", "container_id",
  "container_ns", "event_name" }

--- The fields of a raw event, of types that are not known; all fields there are if no class of the
-- trace has its name, since it may be another name of one.
local function raw_fields(event, classes)
  local fields, own = {}, {}
  for _, class in ipairs(classes) do
    own[#own + 1] = class.name == event and class or nil
  end
  for _, name in ipairs(everywhere) do
    fields[name], fields["current_" .. name] = {}, {}
  end
  for _, class in ipairs(own[1] and own or classes) do
    for _, name in ipairs(class.fields) do
      local context = name:match "^ctx%.(.*)"
      fields[name] = {}
      if context then
        fields[context], fields["current_" .. context] = {}, {}
      end
    end
  end
  return fields
end

--- The events of an analysis' hooks.
-- @tparam function classes see selection.of
-- @treturn table list of { name =, fields =, as = renamed fields or nil, unless = field or nil,
-- raw = boolean }
local function events_of(analysis, values, classes)
  local list, seen = {}, {}
  local function add(name)
    local how = not analysis.selects and {} or analysis.selects[name]
    if how and type(name) == "string" and not seen[name] then
      seen[name] = true
      list[#list + 1] = {
        name = name, fields = derived[name] or raw_fields(name, classes()), as = how.as,
        unless = how.unless, raw = not derived[name],
      }
    end
  end
  for name in pairs(analysis.on) do
    add(name)
  end
  for _, collect in ipairs(analysis:collects(values)) do
    add(collect[1])
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

-- ---- Options as expressions ----

--- Splits { "a*", "!b" } into what is included and what is excluded.
local function split_globs(list)
  local wanted, unwanted = {}, {}
  for _, glob in ipairs(list) do
    local other = glob:match "^!(.*)"
    table.insert(other and unwanted or wanted, other or glob)
  end
  return wanted, unwanted
end

local makers = {}

makers["in"] = function(field, list)
  return expression.test(field, "in", list)
end

function makers.globs(field, list)
  local wanted, unwanted = split_globs(list)
  local nodes = {}
  nodes[#nodes + 1] = wanted[1] and expression.test(field, "~", wanted) or nil
  nodes[#nodes + 1] = unwanted[1] and expression.test(field, "!~", unwanted) or nil
  return expression.all(nodes)
end

--- Containers by their names, or by the numbers of their namespaces.
function makers.containers(field, list)
  local numbers, others, nodes = {}, {}, {}
  local namespace = field .. "_ns"
  for _, one in ipairs(list) do
    local number = math.tointeger(tonumber(one:match "^!?(%d+)$" or one:match "%[(%d+)%]$"))
    table.insert(one:find "^!" and others or numbers, number)
  end
  local wanted, unwanted = split_globs(list)
  if wanted[1] then
    local named = expression.test(field, "~", wanted)
    nodes[1] = numbers[1] and { op = "or", named, expression.test(namespace, "in", numbers) }
      or named
  end
  nodes[#nodes + 1] = unwanted[1] and expression.test(field, "!~", unwanted) or nil
  nodes[#nodes + 1] = others[1] and { op = "not", expression.test(namespace, "in", others) }
    or nil
  return expression.all(nodes)
end

-- A call that has no duration, or no size, is not too long, nor too large.
makers[">="] = function(field, value)
  return { op = "not", expression.test(field, "<", value) }
end
makers["<="] = function(field, value)
  return { op = "not", expression.test(field, ">", value) }
end

-- This does not hold for what is not known.
makers[">"] = function(field, value)
  return expression.test(field, ">", value)
end

--- The names of the options that filter, for raw events: they are about the thread in which these
-- happened, whatever fields they have.
local raw_names = { tid = "current_tid", procname = "current_procname", cpu = "current_cpu",
  container = "current_container" }

--- The expressions of the options that filter.
local function of_options(analysis, values, is_raw)
  local nodes = {}
  for _, option in ipairs(analysis.filters) do
    local filter, value = option.filter, values[option.name]
    local field = filter and (not is_raw and filter[1] or raw_names[filter[1]])
    if field and (value ~= nil) ~= (filter.unless or false) then
      local node = makers[filter[2]](field, filter[3] or value)
      nodes[#nodes + 1] = { op = "having", field = field, node, option = option }
    end
  end
  return nodes
end

--- Adds to each test of a tree from which option it is.
local function mark(node, option)
  node.option = option
  for _, child in ipairs(node) do
    mark(child, option)
  end
end

-- ---- --filter ----

--- Checks that some event has each field; warns of events that lack one.
-- @tparam[opt] string script its name, for the message
local function check_fields(node, events, notes, script)
  for _, name in ipairs(expression.fields(node)) do
    local names, without, is_known = {}, {}, false
    for _, event in ipairs(events) do
      local there = event.as and event.as[name] or name
      is_known = is_known or event.fields[there] ~= nil
      -- Events of what is still open have fewer fields: no warning.
      local lacks = not event.fields[there] and not event.name:find("_open$")
      without[#without + 1] = lacks and event.name or nil
      for field in pairs(event.fields) do
        names[#names + 1] = field
      end
    end
    table.sort(names)
    if not is_known then
      fault.usage("--filter: %s%s", script and script .. ": " or "",
        expression.unknown_field(node, name, names))
    elseif without[1] then
      notes[#notes + 1] = ("--filter: %s %s no field '%s': it counts as nil there"):format(
        table.concat(without, ", "), #without > 1 and "have" or "has", name)
    end
  end
end

local function read_filter(source, events, notes, script)
  local node, message = expression.parse(source)
  if not node then
    fault.usage("--filter: %s", message)
  end
  check_fields(node, events, notes, script)
  mark(node, { name = "filter" })
  return node
end

--- Compiles an expression for one event.
-- @tparam string source
-- @tparam string name a derived event, or one of the trace
-- @tparam table about see selection.of
-- @treturn table what host/lua/expression.h reads; or nil and a message
function selection.of_event(source, name, about)
  local node, message = expression.parse(source)
  local event = { fields = derived[name] or raw_fields(name, about.classes()) }
  for _, field in ipairs(node and expression.fields(node) or {}) do
    if not event.fields[field] then
      local names = {}
      for known in pairs(event.fields) do
        names[#names + 1] = known
      end
      table.sort(names)
      return nil, name .. ": " .. expression.unknown_field(node, field, names)
    end
  end
  if not node then
    return nil, message
  end
  return expression.compile(node, event, about.ref)
end

--- Whether --filter is ours, and not a script's own.
local function takes_filter(analysis)
  for _, option in ipairs(analysis.options) do
    if option == options.groups.filter[1] then
      return true
    end
  end
  return false
end

--- The test of the container that events are to be of.
local function of_containers(ids)
  local node = expression.test("container_id", "in", ids)
  mark(node, { name = "by" })
  return node
end

--- What is selected for an analysis.
-- @tparam table analysis
-- @tparam table values option values by name
-- @tparam[opt] table about classes: a function that gives those of the trace, see trace:classes(),
-- of which many traces have millions: it is called if they are needed; ref: see time.parse;
-- script: its name, if there are several; owner: whose requests it gets, if not all; containers:
-- numbers of those whose events it gets, if not all
-- @treturn table by event: what host/lua/expression.h reads; table list of notes for the user
function selection.of(analysis, values, about)
  about = about or {}
  local events = events_of(analysis, values, about.classes or function() return {} end)
  local selected, notes = {}, {}
  local filter = takes_filter(analysis) and values.filter
    and read_filter(values.filter, events, notes, about.script)
  for _, event in ipairs(events) do
    local nodes = of_options(analysis, values, event.raw)
    for _, node in ipairs(nodes) do
      mark(node, node.option)
    end
    nodes[#nodes + 1] = filter
    if about.containers and event.fields.container_id then
      nodes[#nodes + 1] = of_containers(about.containers)
    end
    if about.owner and event.fields.owner then
      nodes[#nodes + 1] = expression.test("owner", "==", about.owner)
      mark(nodes[#nodes], { name = "request" })
    end
    if nodes[1] then
      local node = expression.all(nodes)
      if event.unless then
        node = { op = "or", node, { op = "and", expression.absent(event.unless),
          expression.may(node) } }
      end
      local code, message = expression.compile(node, event, about.ref)
      if not code then
        fault.usage("--filter: %s", message)
      end
      -- What is always so need not be looked at.
      selected[event.name] = code.entry ~= -1 and code or nil
    end
  end
  return selected, notes
end

-- ---- Nothing has passed ----

--- The values of a test.
local function asked_of(test)
  return test.globs or test.integers or { test.low }
end

--- The options that filter, as a message names them: "--min", "all of --filter, --min".
local function filters_of(selected, misses)
  local names, seen = {}, {}
  for _, one in ipairs(misses) do
    for _, test in ipairs(selected[one.event]) do
      -- What a script asks for by itself is no option; what compares two fields is no node.
      local option = test.node and test.node.option
      local name = option and "--" .. option.name
      names[#names + 1] = not seen[name or ""] and name or nil
      seen[name or ""] = true
    end
  end
  table.sort(names)
  return names[1] and (names[2] and "all of " or "") .. table.concat(names, ", ")
    or "all filters"
end

--- Why no event has passed: the tests that none has fulfilled, with what there was instead.
-- @tparam table selected from selection.of
-- @tparam table misses see hooks_push_misses() in host/lua/hooks.h: those of one analysis
-- @treturn table list of messages; empty if some event has passed, or there was none
function selection.misses(selected, misses)
  local told, messages, is_cpu = {}, {}, false
  for _, one in ipairs(misses) do
    if not one.misses then
      return {}
    end
    for _, miss in ipairs(one.misses) do
      local test = selected[one.event][miss.test]
      local is_needed = test.no == 0 and not miss.held
      -- There is a warning about CPUs that the trace lacks anyway.
      is_cpu = is_cpu or is_needed and test.node.option.name == "cpu"
      if is_needed and not is_cpu then
        local asked = asked_of(test)
        local message = ("--%s: no event has %s %s"):format(test.node.option.name,
          test.node.left.field, table.concat(asked, ", "))
        messages[#messages + 1] = not told[message] and message .. text.nearest(asked, miss.values)
          or nil
        told[message] = true
      end
    end
  end
  if misses[1] and not messages[1] and not is_cpu then
    messages[1] = "no event matches " .. filters_of(selected, misses)
  end
  return messages
end

return selection
