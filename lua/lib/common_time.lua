--- The time that all streams of a trace have in common, which is all that is read unless
-- --no-intersection is given; and a word to the user if that leaves out much; and how long each
-- machine was recorded.
--
-- SPDX-License-Identifier: MIT

local time = require "lttnga.time"

local common_time = {}

local SECOND = 1000000000

--- What is left out is told if it is more than this part of the time, and than this many ns: the
-- streams of a trace never begin at the same moment.
local MUCH, LEAST = 0.1, SECOND // 10

--- The part of [first, last] that was asked for.
local function cut(first, last, from, to)
  return math.max(first, from or first), math.min(last, to or last)
end

--- Of the streams of each trace: the latest begin and the earliest end, and whose those are.
local function common_of(streams)
  local all = {}
  for _, stream in ipairs(streams) do
    local of = all[stream.trace] or {}
    all[stream.trace] = of
    if stream.from and (not of.begins or stream.from > of.begins.from) then
      of.begins = stream
    end
    if stream.to and (not of.ends or stream.to < of.ends.to) then
      of.ends = stream
    end
    of.unknown = of.unknown or not stream.from
  end
  return all
end

--- How long a machine was recorded within some ranges: from its first event to its last one.
-- @tparam object trace that has been read
-- @tparam table machine from trace:machines()
-- @tparam table ranges list of { first, last }, ns
-- @treturn ?integer ns; nil if it has no events there
function common_time.length(trace, machine, ranges)
  local is_its, traces, begin, ending = {}, trace:traces(), nil, nil
  for _, number in ipairs(machine.traces) do
    is_its[number] = traces[number].domain ~= "ust"
  end
  for _, stream in ipairs(trace:streams()) do
    -- Partial results can have anything.
    if is_its[stream.trace] and math.type(stream.first) == "integer"
      and math.type(stream.last) == "integer" then
      begin = math.min(begin or stream.first, stream.first)
      ending = math.max(ending or stream.last, stream.last)
    end
  end
  local length = 0
  for _, range in ipairs(begin and ranges or {}) do
    local first, last = cut(begin, ending, range[1], range[2])
    length = length + math.max(last - first, 0)
  end
  return begin and length
end

--- "CPU 1 was recorded only from 12:00:01", of the stream that cuts off most.
local function culprit(of, whole_first, whole_last, show)
  local function name(stream)
    return stream.first_cpu and "CPU " .. stream.first_cpu or "stream " .. stream.name
  end
  if of.begins.from - whole_first >= whole_last - of.ends.to then
    return ("%s was recorded only from %s"):format(name(of.begins),
      time.format(of.begins.from, show))
  end
  return ("%s was recorded only until %s"):format(name(of.ends), time.format(of.ends.to, show))
end

--- A note if much of the time that was asked for is left out because not all streams have it; or
-- nil.
-- @tparam object trace
-- @tparam[opt] integer from, to what was asked for, ns
-- @tparam table show how times are written
function common_time.note(trace, from, to, show)
  local traces, worst = trace:traces(), nil
  for number, of in pairs(common_of(trace:streams())) do
    local one = traces[number]
    if one.begin and not of.unknown and one.domain ~= "ust" then
      local first, last = cut(one.begin, one["end"], from, to)
      local read_first, read_last = cut(of.begins.from, of.ends.to, from, to)
      local all, read = last - first, math.max(read_last - read_first, 0)
      local left = all - read
      if left > all * MUCH and left > LEAST and (not worst or left > worst.left) then
        worst = { left = left, text = ("only %.1f of %.1f s%s are read: %s; use "
          .. "--no-intersection to read everything"):format(read / SECOND, all / SECOND,
          #traces > 1 and " of " .. one.path or "", culprit(of, first, last, show)) }
      end
    end
  end
  return worst and worst.text
end

return common_time
