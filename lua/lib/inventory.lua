--- What can be done with a trace: which events are missing for which analyses.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local scripts = require "lttnga.scripts"

local inventory = {}

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- The events that an analysis takes.
local function events_of(analysis)
  local events = {}
  for event in pairs(analysis.on) do
    events[event] = true
  end
  for _, collect in ipairs(analysis.collect) do
    events[collect[1]] = true
  end
  return sorted_keys(events)
end

--- The hooks without which a table stays empty: those it names, or all of its analysis.
local function needs_of(analysis, one)
  if not one.needs then
    return events_of(analysis)
  end
  local hooks = {}
  for _, need in ipairs(one.needs) do
    hooks[#hooks + 1] = not need:find(".", 1, true) and need or nil
  end
  return hooks
end

--- What can be wrong in a table for want of events though its hooks are called, by the fields that
-- it needs ("sleep_end.cause").
local doubts = {
  { field = "context", how = "may name a waker that was only interrupted" },
  { field = "cause", how = "may not know the causes of waits" },
}

--- The fields of one kind that a table needs and that can be wrong for want of events.
local function doubtful_of(one, doubt, missing)
  local fields = {}
  for _, need in ipairs(not one.optional and one.needs or {}) do
    local hook, field = need:match("^(.*)%.(.*)$")
    fields[#fields + 1] = field == doubt.field and missing[need] and not missing[hook] and need
      or nil
  end
  return fields
end

--- Whether a table can be filled: one of the hooks that it takes has all its events.
local function is_possible(analysis, one, missing)
  local needs = needs_of(analysis, one)
  for _, hook in ipairs(needs) do
    if not missing[hook] then
      return true
    end
  end
  return #needs == 0
end

--- The hooks that something depends on: those that tables need which are not optional, and, unless
-- all tables say what they need, the others that the analysis takes.
local function hooks_of(analysis)
  local hooks, optional, all_say = {}, {}, #analysis.tables > 0
  for _, one in ipairs(analysis.tables) do
    all_say = all_say and one.needs ~= nil
    for _, hook in ipairs(one.needs and needs_of(analysis, one) or {}) do
      local set = one.optional and optional or hooks
      set[hook] = true
    end
  end
  for _, hook in ipairs(all_say and {} or events_of(analysis)) do
    hooks[hook] = hooks[hook] or not optional[hook] or nil
  end
  return sorted_keys(hooks)
end

--- What is missing for some hooks, as "no a, no b"; nil if nothing is. And whether one of them has
-- all that it needs.
local function lack_of(hooks, missing)
  local absent, seen, some = {}, {}, false
  for _, hook in ipairs(hooks) do
    some = some or not missing[hook]
    for _, event in ipairs(missing[hook] or {}) do
      if not seen[event] then
        seen[event] = true
        absent[#absent + 1] = "no " .. event
      end
    end
  end
  return #absent > 0 and table.concat(absent, ", ") or nil, some
end

--- Warnings about hooks that can't be called for want of events.
-- @tparam table loaded script from scripts.load
-- @tparam table missing from trace:missing()
-- @treturn table list of texts
function inventory.warnings(loaded, missing)
  for _, hook in ipairs(hooks_of(loaded.analysis)) do
    if missing[hook] and missing[hook][1] == "cpu_id" then
      return { ("%s: the trace does not record the CPU of its events (cpu_id), so they cannot "
        .. "be assigned to threads"):format(loaded.name) }
    end
  end
  local needed, groups, by_end = {}, {}, {}
  local function add(what, how, lack)
    local ending = ("%s: the trace has %s events (lttnga-record records them)"):format(how, lack)
    if not by_end[ending] then
      by_end[ending] = {}
      groups[#groups + 1] = ending
    end
    table.insert(by_end[ending], what)
  end
  local hooks = {}
  for _, hook in ipairs(hooks_of(loaded.analysis)) do
    hooks[hook] = true
  end
  for _, one in ipairs(loaded.analysis.tables) do
    local needs = {}
    for _, hook in ipairs(one.needs or {}) do
      needed[hook] = true
      needs[#needs + 1] = hooks[hook] and hook or nil
    end
    local lack, some = lack_of(needs, missing)
    if lack then
      add(("'%s'"):format(one.title), some and "will be incomplete" or "may be empty", lack)
    end
    for _, doubt in ipairs(doubts) do
      local absent = lack_of(doubtful_of(one, doubt, missing), missing)
      if absent then
        add(("'%s'"):format(one.title), doubt.how, absent)
      end
    end
  end
  for _, hook in ipairs(sorted_keys(hooks)) do
    local lack = not needed[hook] and lack_of({ hook }, missing)
    if lack then
      add("hook " .. hook, "may not be called", lack)
    end
  end
  local warnings = {}
  for i, ending in ipairs(groups) do
    warnings[i] = ("%s: %s %s"):format(loaded.name, table.concat(by_end[ending], ", "), ending)
  end
  return warnings
end

--- Whether an analysis can run: "fully", "partly", "no".
-- @treturn string, list of the events that are missing
local function ability(analysis, missing)
  local possible, absent, seen, some = 0, {}, {}, false
  for _, one in ipairs(analysis.tables) do
    some = some or not one.optional
  end
  for _, one in ipairs(analysis.tables) do
    local able = not (one.optional and some) and is_possible(analysis, one, missing)
    possible = possible + (able and 1 or 0)
  end
  local function add(events)
    for _, event in ipairs(events or {}) do
      absent[#absent + 1] = not seen[event] and event or nil
      seen[event] = true
    end
  end
  for _, hook in ipairs(hooks_of(analysis)) do
    add(missing[hook])
  end
  for _, one in ipairs(analysis.tables) do
    for _, doubt in ipairs(doubts) do
      for _, field in ipairs(doubtful_of(one, doubt, missing)) do
        add(missing[field])
      end
    end
  end
  table.sort(absent)
  if #analysis.tables > 0 and possible == 0 then
    return "no", absent
  end
  return #absent == 0 and "fully" or "partly", absent
end

--- Whether any table of an analysis can be filled.
function inventory.can_run(analysis, missing)
  return (ability(analysis, missing)) ~= "no"
end

--- Rows { name, ability, missing events } of all analyses there are.
-- @tparam string folder where our Lua files are
-- @tparam table missing from trace:missing()
function inventory.analyses(folder, missing)
  local rows = {}
  for _, entry in ipairs(scripts.list(folder)) do
    local ok, loaded = pcall(scripts.load, folder, entry.path)
    if ok and #events_of(loaded.analysis) > 0 then
      local able, absent = ability(loaded.analysis, missing)
      rows[#rows + 1] = { entry.name, able, table.concat(absent, ", ") }
    elseif not ok then
      rows[#rows + 1] = { entry.name, "no",
        fault.is(loaded) and loaded.message or fault.text_of(loaded) }
    end
  end
  return rows
end

return inventory
