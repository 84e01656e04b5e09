--- Which parts of a trace are analysed, if it is not all of it: the time of each period or request,
-- one by one; or of all of them, or the slow ones, together.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local slow = require "lttnga.slow"
local text = require "lttnga.text"

local spans = {}

--- So many results of their own are allowed, and so many of them at the same time.
local RESULTS_MAX, LAYERS_MAX = 10000, 100

--- An analysis that gathers what definitions find.
-- @tparam table definitions see lttnga.requests
-- @tparam string what how messages call them
-- @tparam table found list that is filled with { begin =, from =, time =, duration =, name =,
-- captures =, end_captures =, number = }
function spans.gather(definitions, what, found)
  return analysis {
    title = "Periods",
    requests = function() return definitions, { what = what } end,
    on = {
      request_end = function(w, begin, time, duration, path, captures, end_captures, number)
        -- What began before the time that was asked for is analysed from its start on.
        found[#found + 1] = { begin = begin, time = time, duration = duration,
          from = math.max(begin, w.from or begin),
          name = path or "None", captures = captures, end_captures = end_captures,
          number = number }
      end,
    },
    tables = {},
  }
end

local function by_begin(a, b)
  if a.from ~= b.from then
    return a.from < b.from
  end
  return a.number < b.number
end

--- Those of a list that took longer than most.
-- @tparam table list
-- @tparam[opt] integer slower ns; without it the 95th percentile of those of the same name
-- @treturn table list; and in words how they were chosen
function spans.slow(list, slower)
  local durations, chosen = {}, {}
  for _, one in ipairs(list) do
    durations[one.name] = durations[one.name] or {}
    table.insert(durations[one.name], one.duration)
  end
  local limits, words = {}, {}
  for name, own in pairs(durations) do
    table.sort(own)
    limits[name] = slow.limit(own, slower)
    if not limits[name] then
      fault.usage("%s: only %d found, too few for a percentile: use --slower", name,
        #own)
    end
    words[#words + 1] = ("%s above %s"):format(name, text.duration(limits[name]))
  end
  table.sort(words)
  for _, one in ipairs(list) do
    chosen[#chosen + 1] = one.duration > limits[one.name] and one or nil
  end
  return chosen, table.concat(words, ", ")
end

--- The time that is in any of a list, as one set of spans.
-- @treturn table list of { begin, end }, in order and apart; and how long they are, all in all (ns)
function spans.united(list)
  table.sort(list, by_begin)
  local united, total = {}, 0
  for _, one in ipairs(list) do
    local last = united[#united]
    if last and one.from <= last[2] then
      last[2] = math.max(last[2], one.time)
    else
      united[#united + 1] = { one.from, one.time }
    end
  end
  for _, span in ipairs(united) do
    total = total + span[2] - span[1]
  end
  return united, total
end

--- Spans that overlap are analysed in passes of their own.
-- @treturn table list of layers: lists of { begin, end, of = what it is of }, in order and apart
function spans.layers(list)
  if #list > RESULTS_MAX then
    fault.usage("too many results: %d (at most %d): use --during all for a single "
      .. "result", #list, RESULTS_MAX)
  end
  table.sort(list, by_begin)
  local layers, ends = {}, {}
  for _, one in ipairs(list) do
    local layer = 1
    -- What is at the end of one is not in the next one, too.
    while ends[layer] and ends[layer] >= one.from do
      layer = layer + 1
    end
    if layer > LAYERS_MAX then
      fault.usage("more than %d overlap: use --during all for a single result",
        LAYERS_MAX)
    end
    layers[layer] = layers[layer] or {}
    table.insert(layers[layer], { one.from, one.time, of = one })
    ends[layer] = one.time
  end
  return layers
end

-- ---- Passes ----

--- What writes nothing.
local nowhere = {
  window = function() end, finish = function() end, log_spec = function() end,
}

--- Finds what --period and --request ask for.
local function find(values, world, pass)
  local asked, what = {}, "--period"
  if values.period then
    asked = require "lttnga.period_family".definitions(values)
  end
  if values.request then
    local own = require "lttnga.request_family".definitions(values)
    asked = table.move(own, 1, #own, #asked + 1, table.move(asked, 1, #asked, 1, {}))
    what = values.period and "period or request" or "--request"
  end
  local found = {}
  local script = { name = what, analysis = spans.gather(asked, what, found), source = "" }
  pass({}, nowhere, {
    jobs = { { script = script, values = script.analysis.defaults } },
    values = setmetatable({ refresh = false, output = "text" }, { __index = values }),
    flush = function() end,
    -- The others come with the next pass.
    say = function(kind, message)
      if message:find(what, 1, true) == 1 then
        world.say(kind, message)
      end
    end,
  })
  return found
end

--- Gathers results of several passes, to write them in order of time.
local function gatherer(renderer)
  local all = { results = {} }
  function all:window(results, first, last, of)
    local place = #self.results + 1
    self.results[place] = { results, first, last, of, place = place }
  end
  function all:finish(about)
    self.about = self.about or about
  end
  function all.log_spec(_, ...)
    return renderer:log_spec(...)
  end
  function all:write()
    table.sort(self.results, function(a, b)
      return a[2] < b[2] or a[2] == b[2] and a.place < b.place
    end)
    for _, one in ipairs(self.results) do
      renderer:window(table.unpack(one))
    end
    renderer:finish(self.about)
  end
  return all
end

--- One result for the time of all that was found, or of the slow ones.
local function go_together(found, values, renderer, world, pass)
  local chosen, words = found, nil
  if values.during == "slow" then
    chosen, words = spans.slow(found, values.slower)
  end
  local list, total = spans.united(chosen)
  local what = not values.period and "requests" or values.request and "periods and requests"
    or "periods"
  world.say("note: ", ("analysed %d of %d %s%s, %s in total"):format(#chosen, #found, what,
    words and (" (%s)"):format(words) or "", text.duration(total)))
  pass({ spans = list, united = total }, renderer, { say = world.say })
end

--- Leaves out those that took no time: there is nothing to analyse.
local function with_time(list, world)
  local chosen = {}
  for _, one in ipairs(list) do
    chosen[#chosen + 1] = one.time > one.from and one or nil
  end
  if #chosen < #list then
    world.say("note: ", ("%d of %d ignored: they have no duration"):format(#list - #chosen,
      #list))
  end
  return chosen
end

--- Analyses the time of periods and requests: finds them in a first pass, then makes one pass for
-- all of them, or for all that don't overlap.
-- @tparam table values options of the run
-- @param renderer
-- @tparam table world see run.go
-- @tparam function pass pass(limits, renderer, how) goes through the trace: limits are `spans`,
-- `united` or `labels`; how has `say`, and `jobs`, `values`, `flush` where they are others
function spans.go(values, renderer, world, pass)
  local found = with_time(find(values, world, pass), world)
  if not found[1] then
    world.say("warning: ", "no periods or requests found; no results")
    return
  elseif values.during then
    go_together(found, values, renderer, world, pass)
    return
  end
  local layers = spans.layers(found)
  local to = layers[2] and gatherer(renderer) or renderer
  for i, layer in ipairs(layers) do
    local labels = {}
    for _, span in ipairs(layer) do
      labels[span[1]], labels[span[2]] = span.of, span.of
    end
    pass({ spans = layer, labels = labels }, to,
      { say = i == 1 and world.say or function() end })
  end
  if layers[2] then
    to:write()
  end
end

return spans
