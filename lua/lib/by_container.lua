--- --by container: what each container has to do with a result.
--
-- A first pass over the trace finds out which containers the events of each analysis are of. Then
-- the analysis runs once for each of them, all in one pass, and gets the events of that one only:
-- the same that --container would let through. The rows of all become one table, which says whose
-- they are, see lttnga.together. Containers of the same name are one, as in --container; what is in
-- none that is known is "unknown", so that nothing is missing.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"

local by_container = {}

--- Derived events that say in which container they were.
local has_container = {}
for _, hook in ipairs(host.hooks()) do
  for _, field in ipairs(hook.fields) do
    has_container[hook.name] = has_container[hook.name] or field.name == "container_id"
  end
end

--- The events of an analysis, each once, in order.
local function events_of(one, values)
  local list, seen = {}, {}
  local function add(name)
    list[#list + 1] = not seen[name] and name or nil
    seen[name] = true
  end
  for name in pairs(one.on) do
    add(name)
  end
  for _, collect in ipairs(one:collects(values)) do
    add(collect[1])
  end
  table.sort(list)
  return list
end

--- Why an analysis can't be asked for each container; nil if it can.
local function why_not(one, values)
  local takes_container = false
  for _, option in ipairs(one.filters) do
    takes_container = takes_container or option.name == "container"
  end
  if not takes_container then
    return "does not tell containers apart"
  elseif one.merge == false then
    return "writes events, not a result of them"
  end
  for _, name in ipairs(events_of(one, values)) do
    if not has_container[name] then
      return ("needs %s, which does not say in which container it was"):format(name)
    end
  end
  for _, table in ipairs(one.tables) do
    if table.alone and values[table.alone] then
      return ("--%s has no rows"):format(table.alone)
    end
    for _, column in ipairs(table.columns) do
      if column.name == "container" then
        return "has a row for each container anyway"
      end
    end
  end
end

--- Refuses what makes no sense.
-- @tparam table jobs see run.go
-- @tparam table values options of the run
-- @tparam boolean is_live whether the trace is still being recorded
function by_container.check(jobs, values, is_live)
  if is_live then
    fault.usage "--by container needs a recorded trace: a live one can be read only once"
  elseif values.period or values.request then
    fault.usage "--by container cannot be used with --period or --request"
  end
  for _, job in ipairs(jobs) do
    local why = why_not(job.script.analysis, job.values)
    if why then
      fault.usage("--by container: %s %s", job.script.name, why)
    end
  end
end

--- What notes the containers of the events of an analysis that --container filters.
local function noting(one, values)
  local list = {}
  for _, name in ipairs(events_of(one, values)) do
    if not one.selects or one.selects[name] then
      list[#list + 1] = { name, "container_id", "container", "time", into = "seen" }
    end
  end
  return list
end

--- An analysis with the filters of another one, which only notes the containers of its events.
-- @tparam table found gets lists of { id =, name = } by number of the machine
local function finder_of(one, found)
  local finder = analysis {
    title = one.title, collect = function(values) return noting(one, values) end,
    run = function(_, about) return about.number end,
    begin = function(w) w.seen = stats.totals() end,
    finish = function(w)
      found[w.run] = {}
      local rows = sums.by(w.seen, { of = { "container_id" }, last = { "container" } })
      for i, row in ipairs(rows) do
        found[w.run][i] = { id = row.container_id, name = row.container or "unknown" }
      end
    end,
  }
  finder.options, finder.filters, finder.selects = one.options, one.filters, one.selects
  return finder
end

--- The containers of all machines, by name, in the order of their numbers.
-- @treturn table list of { name =, ids = lists by number of the machine }
local function named(found)
  local list, by_name, numbers = {}, {}, {}
  for number in pairs(found) do
    numbers[#numbers + 1] = number
  end
  table.sort(numbers)
  for _, number in ipairs(numbers) do
    -- What is not known comes last.
    table.sort(found[number], function(a, b)
      return a.id ~= 0 and (b.id == 0 or a.id < b.id)
    end)
    for _, one in ipairs(found[number]) do
      local entry = by_name[one.name]
      if not entry then
        entry = { name = one.name, ids = {} }
        by_name[one.name], list[#list + 1] = entry, entry
      end
      entry.ids[number] = entry.ids[number] or {}
      table.insert(entry.ids[number], one.id)
    end
  end
  return list
end

--- Finds out which containers the events of jobs are of.
-- @tparam table jobs see run.go
-- @tparam function go lets a trace go through jobs, with a renderer
-- @treturn table a list for each job, see `named`
function by_container.find(jobs, go)
  local finders, found, lists = {}, {}, {}
  for i, job in ipairs(jobs) do
    found[i] = {}
    local script = setmetatable({ analysis = finder_of(job.script.analysis, found[i]) },
      { __index = job.script })
    finders[i] = { script = script, values = job.values }
  end
  local nothing = function() end
  go(finders, { log_spec = nothing, window = nothing, finish = nothing })
  for i in ipairs(jobs) do
    lists[i] = named(found[i])
  end
  return lists
end

--- Jobs for each container; a job for which there is none stays as it is.
-- @tparam table jobs see run.go
-- @tparam table lists from by_container.find
-- @treturn table each with `container`, see `named`, and `of`: the number of its job
function by_container.jobs(jobs, lists)
  local all = {}
  for i, job in ipairs(jobs) do
    for k, one in ipairs(lists[i] or {}) do
      all[#all + 1] = setmetatable({ container = one, of = i, is_more = k > 1 },
        { __index = job })
      -- Columns and limits are noted by these.
      all[#all].values = setmetatable({}, { __index = job.values })
    end
    if not (lists[i] and lists[i][1]) then
      all[#all + 1] = setmetatable({ of = i }, { __index = job })
    end
  end
  return all
end

return by_container
