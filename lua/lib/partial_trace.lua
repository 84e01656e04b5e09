--- A trace of which only partial results are there: what run.go() takes in place of one that it has
-- opened. Its run puts the windows together that the files have.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local option_lists = require "lttnga.options"
local parts = require "lttnga.parts"
local time = require "lttnga.time"

local PartialTrace = {}
PartialTrace.__index = PartialTrace

local partial_trace = {}

--- The time of a file: after the first moment, up to the second one; all numbers if it is open.
local function span_of(file)
  local slice = file.meta.slice or {}
  return slice.after or math.mininteger, slice.stop or math.maxinteger
end

--- A time as text, without its end: events at `stop` are the last ones in it.
local function range_text(after, stop)
  local function moment(ns)
    return time.format(ns + 1, { gmt = true, date = true }) .. " UTC"
  end
  if after == math.mininteger then
    return stop == math.maxinteger and "the whole trace" or "the time before " .. moment(stop)
  elseif stop == math.maxinteger then
    return "the time from " .. moment(after) .. " on"
  end
  return ("the time from %s to %s"):format(moment(after), moment(stop))
end

--- Checks that files are one whole trace: no slice is missing, and none is there twice.
local function check_whole(files)
  local before
  local known = math.mininteger -- up to here, all is there
  for _, file in ipairs(files) do
    local after, stop = span_of(file)
    if before and after < known then
      fault.raise("%s: %s is in both %s and %s", file.meta.name,
        range_text(after, math.min(known, stop)), before.path, file.path)
    elseif after > known then
      fault.raise("%s: %s is missing", file.meta.name, range_text(known, after))
    end
    before, known = file, stop
  end
  if known < math.maxinteger then
    fault.raise("%s: %s is missing", before.meta.name, range_text(known, math.maxinteger))
  end
end

--- Refuses what a file says of where to write, or what to start: only the command line does. Its
-- options are in its arguments, or behind the name of its script. --partial writes no such file.
local function check_command(files, jobs)
  local path = files[1].path
  local lists = { option_lists.run, option_lists.spans, option_lists.other }
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    lists[#lists + 1] = analysis.options
    if analysis.merge == false then
      fault.raise("%s: damaged: %s has no partial results", path, job.script.name)
    end
    for _, option in ipairs(analysis.options) do
      if option.writes and job.values[option.name] then
        fault.raise("%s: damaged: partial results have no --%s", path, option.name)
      end
    end
  end
  local set = option_lists.set(table.unpack(lists))
  for _, file in ipairs(files) do
    for _, one in ipairs(option_lists.words(set, file.meta.command.arguments)) do
      if set.by_name[one.name].writes then
        fault.raise("%s: damaged: partial results have no --%s", file.path, one.name)
      end
    end
  end
end

--- Makes a trace of files that are all of one.
-- @tparam table files list from partial.open
-- @tparam table jobs see run.go
function partial_trace.new(files, jobs)
  table.sort(files, function(a, b) return span_of(a) < span_of(b) end)
  check_whole(files)
  check_command(files, jobs)
  return setmetatable({ files = files, jobs = jobs, facts = files[1].meta.facts }, PartialTrace)
end

for _, name in ipairs { "machines", "traces", "classes", "missing", "misses", "size",
  "reader" } do
  PartialTrace[name] = function(self)
    return self.facts[name]
  end
end

function PartialTrace:range()
  return table.unpack(self.facts.range)
end

function PartialTrace:streams()
  return self.read_streams or self.facts.streams
end

--- What --by container has found, see by_container.find.
function PartialTrace:containers()
  return self.files[1].meta.containers or fault.raise("%s: damaged: it has no containers",
    self.files[1].path)
end

function PartialTrace.can_seek()
  return false
end

function PartialTrace.close()
end

--- See trace:run.
function PartialTrace:run(options)
  local whole = parts.whole(options, function(streams) self.read_streams = streams end)
  local player = host.player(options.scripts)
  for _, file in ipairs(self.files) do
    whole:begin_part(file.meta)
    file:add_to(whole, self.jobs, player)
    whole:end_part(file.meta.seen)
  end
  return whole.seen
end

return partial_trace
