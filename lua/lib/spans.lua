--- Which parts of a trace are analysed, if it is not all of it: the time of each period or request,
-- one by one; or of all of them, or the slow ones, together.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local text = require "lttnga.text"

local spans = {}

--- So many results of their own are allowed, and so many of them at the same time.
local RESULTS_MAX, LAYERS_MAX = 10000, 100

--- An analysis that gathers what definitions find.
-- @tparam table definitions see lttnga.requests
-- @tparam string what how messages call them
-- @tparam table found list that is filled with { begin =, time =, duration =, name =, captures =,
-- end_captures =, number = }
function spans.gather(definitions, what, found)
  return analysis {
    title = "Periods",
    requests = function() return definitions, { what = what } end,
    on = {
      request_end = function(begin, time, duration, path, captures, end_captures, number)
        found[#found + 1] = { begin = begin, time = time, duration = duration,
          name = path or "None", captures = captures, end_captures = end_captures,
          number = number }
      end,
    },
    tables = {},
  }
end

local function by_begin(a, b)
  if a.begin ~= b.begin then
    return a.begin < b.begin
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
    limits[name] = slower or own[math.ceil(#own * 0.95)]
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
    if last and one.begin <= last[2] then
      last[2] = math.max(last[2], one.time)
    else
      united[#united + 1] = { one.begin, one.time }
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
    fault.usage("there are %d: a result for each would be too many (%d are allowed); --during all "
      .. "gives one for all of them", #list, RESULTS_MAX)
  end
  table.sort(list, by_begin)
  local layers, ends = {}, {}
  for _, one in ipairs(list) do
    local layer = 1
    while ends[layer] and ends[layer] > one.begin do
      layer = layer + 1
    end
    if layer > LAYERS_MAX then
      fault.usage("more than %d of them go on at once: --during all gives one result for all of "
        .. "them", LAYERS_MAX)
    end
    layers[layer] = layers[layer] or {}
    table.insert(layers[layer], { one.begin, one.time, of = one })
    ends[layer] = math.max(one.time, one.begin + 1)
  end
  return layers
end

return spans
