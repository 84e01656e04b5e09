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

--- The hooks without which a table stays empty: those it names, or all of its analysis.
local function needs_of(analysis, one)
  return one.needs or sorted_keys(analysis.on)
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

--- The hooks that something depends on: not those of optional tables, nor those that no table
-- needs, if all tables say what they need.
local function hooks_of(analysis)
  local needed, optional, all_say = {}, {}, #analysis.tables > 0
  for _, one in ipairs(analysis.tables) do
    all_say = all_say and one.needs ~= nil
    for _, hook in ipairs(one.needs or {}) do
      local set = one.optional and optional or needed
      set[hook] = true
    end
  end
  local hooks = {}
  for _, hook in ipairs(sorted_keys(analysis.on)) do
    if needed[hook] or not all_say and not optional[hook] then
      hooks[#hooks + 1] = hook
    end
  end
  return hooks
end

--- Warnings about hooks that can't be called for want of events.
-- @tparam table loaded script from scripts.load
-- @tparam table missing from trace:missing()
-- @treturn table list of texts
function inventory.warnings(loaded, missing)
  local warnings, told = {}, {}
  for _, hook in ipairs(hooks_of(loaded.analysis)) do
    local what, partly = {}, false
    for _, one in ipairs(missing[hook] and loaded.analysis.tables or {}) do
      local needs, there = false, false
      for _, need in ipairs(one.needs or {}) do
        needs = needs or need == hook
        there = there or not missing[need]
      end
      if needs then
        what[#what + 1] = ("'%s'"):format(one.title)
        partly = partly or there
      end
    end
    if missing[hook] then
      local warning = ("%s: %s %s: the trace has no %s events"):format(
        loaded.name, #what > 0 and table.concat(what, ", ") or "hook " .. hook,
        partly and "cannot be complete" or "cannot be filled",
        table.concat(missing[hook], ", no "))
      warnings[#warnings + 1] = not told[warning] and warning or nil
      told[warning] = true
    end
  end
  return warnings
end

--- Whether an analysis can run: "fully", "partly", "no".
-- @treturn string, list of the events that are missing
local function ability(analysis, missing)
  local possible, absent, seen = 0, {}, {}
  for _, one in ipairs(analysis.tables) do
    local able = not one.optional and is_possible(analysis, one, missing)
    possible = possible + (able and 1 or 0)
  end
  for _, hook in ipairs(hooks_of(analysis)) do
    for _, event in ipairs(missing[hook] or {}) do
      absent[#absent + 1] = not seen[event] and event or nil
      seen[event] = true
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
    if ok and next(loaded.analysis.on) then
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
