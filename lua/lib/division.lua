--- How a run is divided: over several processes (--jobs), or into partial results that are merged
-- later (--partial, --slice).
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local later = require "lttnga.later"
local parts = later "lttnga.parts"
local time = require "lttnga.time"

local division = {}

--- How a run is divided.
-- @tparam table jobs see run.go
-- @tparam table values options of the run
-- @tparam table limits of the run
-- @tparam ?table plan of requests
-- @tparam function say takes a kind ("note: ") and a text for the user: why it is not divided
-- @treturn ?table for parts.run; nil: it is not divided
function division.parts_of(jobs, values, limits, plan, say)
  local workers = values.jobs
  if not workers or workers < 2 or limits.is_captured then
    return nil
  end
  local function refuse(why, ...)
    say("note: ", ("--jobs: one process reads the trace: " .. why):format(...))
  end
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    if analysis.merge == false or analysis.trace then
      return refuse("%s can't be divided", job.script.name)
    end
    local why = analysis.undivided and analysis.undivided(job.values)
    if why then
      return refuse("%s", why)
    end
  end
  if limits.slice or values.count then
    return refuse("--%s asks for a part of it", limits.slice and "slice" or "count")
  elseif limits.spans or plan then
    return refuse("requests and periods are looked for in order")
  elseif not limits.checkpoints or #limits.checkpoints:times() == 0 then
    return refuse(limits.make_checkpoints
      and "it has no saved states yet (this run saves some)"
      or "it has no saved states (`lttnga-run index` makes them)")
  end
  return { workers = workers, jobs = jobs, from = limits.from, begin = limits.begin,
    ending = limits.ending, refresh = limits.refresh, times = limits.checkpoints:times() }
end

--- The part of a run that a slice is.
-- @param trace from run.open
-- @tparam table options for trace:run
-- @tparam table limits of the run
-- @tparam ?table plan of requests
-- @treturn ?table `segment` of trace:run; nil: all of it
function division.slice_of(trace, options, limits, plan)
  local slice = limits.slice
  if not slice then
    return nil
  end
  -- After the run has ended, nothing follows: at a later state, what was in progress then is over.
  local after = slice.after and math.min(slice.after, limits.ending)
  local segment, seen = { after = after, stop = slice.stop }, parts.look(trace, options)
  local times = limits.checkpoints and limits.checkpoints:times() or {}
  local number = after and parts.last_before(times, after + 1)
  -- The window is that of the whole run: what is before the slice is gone through, but others tell.
  options.begin = seen.first
  -- Requests that are open are not in a saved state.
  if number and seen.fits and not plan then
    segment.checkpoint = number
    segment.window = seen.first <= times[number].time and seen.first or nil
  end
  return segment
end

--- The classes of events of the trace itself that are to be known when files are merged: those that
-- hooks name, as others have no filters.
local function hooked_classes(trace, jobs)
  local list = {}
  for _, class in ipairs(trace:classes()) do
    for _, job in ipairs(jobs) do
      local on = job.script.analysis.on
      list[#list + 1] = (on[class.name] or on["*"]) and list[#list] ~= class and class or nil
    end
  end
  return list
end

--- What is to be known of partial results.
-- @param trace from run.open
-- @tparam table jobs see run.go
-- @tparam table limits of the run
-- @tparam table seen what trace:run returned
-- @tparam table options what it was given
-- @tparam table command how it was called
-- @treturn table see partial.lua
function division.meta_of(trace, jobs, limits, seen, options, command)
  -- Of a live one, what has been read.
  local first, last = trace:range()
  first, last = first or seen.first, last or seen.last
  local machines, names, traces = trace:machines(), {}, trace:traces()
  for i, machine in ipairs(machines) do
    names[i] = machine.name or "unknown"
  end
  local uuids, lost_events, lost_packets, damaged = {}, 0, 0, 0
  for i, one in ipairs(traces) do
    uuids[i] = one.uuid or one.path
  end
  for _, stream in ipairs(trace:streams()) do
    lost_events, lost_packets = lost_events + stream.lost_events, lost_packets + stream.lost_packets
    damaged = damaged + stream.damaged
  end
  return {
    program = host.version, command = command, slice = limits.slice,
    name = table.concat(names, " and "), hosts = names, uuids = uuids, paths = limits.paths,
    begin = limits.begin or first,
    ["end"] = limits.ending or last, lost_events = lost_events, lost_packets = lost_packets,
    damaged_packets = damaged, containers = limits.containers,
    seen = seen, filtered = options.filtered, streams = trace:streams(),
    facts = { machines = machines, traces = traces, classes = hooked_classes(trace, jobs),
      misses = options.misses, missing = trace:missing(), size = trace:size(),
      reader = trace:reader(),
      range = { first, last }, streams = trace:streams() },
  }
end

--- A trace that has been gone through in parts.
-- @param trace from run.open
-- @tparam table streams what there was in its streams
-- @return what has the methods of a trace
function division.trace_read(trace, streams)
  return setmetatable({ streams = function() return streams end }, { __index = function(_, name)
    return function(_, ...) return trace[name](trace, ...) end
  end })
end

--- Lets all events of a trace go through the hooks: see trace:run.
-- @param trace from run.open
-- @tparam table options
-- @tparam[opt] table divided see parts.divide
-- @tparam function say
-- @treturn table what trace:run returns
function division.read(trace, options, divided, say)
  local is_divided, why
  if divided then
    is_divided, why = parts.divide(trace, options, divided)
  end
  if is_divided then
    local seen, message, at = parts.run(trace, options, divided)
    if type(message) ~= "table" then
      return seen, message, at
    end
    why = message.fault
    parts.reopen(options)
    divided.read(nil)
  end
  if why then
    say("note: ", ("--jobs: one process reads the trace: %s"):format(why))
  end
  return trace:run(options)
end

--- The slice of the run that --slice asks for.
-- @tparam table values options of the run
-- @tparam table limits of the run
-- @tparam table ref what times of day are of, see lttnga.time
-- @treturn ?table its events are later than `after`, and not later than `stop`, ns, each nil if it
-- is open there; nil: all of the run
function division.read_slice(values, limits, ref)
  local slice = values.slice
  if not slice then
    return nil
  end
  if not limits.begin then
    fault.usage("--slice needs a recorded trace, whose packets have times")
  end
  local length = limits.ending - limits.begin
  local function border(i)
    return limits.begin + i * (length // slice.of) + i * (length % slice.of) // slice.of
  end
  local function moment(written)
    if written == "" then
      return nil
    end
    local at, message = time.parse(written, ref)
    return at or fault.usage("--slice: %s", message)
  end
  local n, of = slice.number, slice.of
  local first, ending
  if of then
    first, ending = n > 1 and border(n - 1) or nil, n < of and border(n) or nil
  else
    first, ending = moment(slice.first), moment(slice.ending)
    if first and ending and first >= ending then
      fault.usage("--slice: the part from %s to %s is empty", slice.first, slice.ending)
    end
  end
  return { number = n, of = of, after = first and first - 1, stop = ending and ending - 1 }
end

--- Refuses partial results where they can't be merged.
-- @tparam table jobs see run.go
-- @tparam table values options of the run
-- @tparam table limits of the run
-- @tparam boolean in_spans whether there are results for periods or requests
function division.check_partial(jobs, values, limits, in_spans)
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    if analysis.merge == false or analysis.trace then
      fault.usage("--partial: the results of %s can't be merged", job.script.name)
    end
    for _, option in ipairs(analysis.options) do
      if option.writes and job.values[option.name] then
        fault.usage("--%s cannot be used with --partial", option.name)
      end
    end
  end
  if in_spans then
    fault.usage("--partial cannot be used with --period or --request")
  elseif values.slice and limits.refresh then
    fault.usage("--slice cannot be used with --refresh")
  end
end

return division
