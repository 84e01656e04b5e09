--- A trace of which only partial results are there: what run.go() takes in place of one that it has
-- opened. Its run puts the windows together that the files have.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local parts = require "lttnga.parts"
local time = require "lttnga.time"

local PartialTrace = {}
PartialTrace.__index = PartialTrace

local partial_trace = {}

--- Where a part of a trace begins, for sorting.
local function place(file)
  return file.meta.slice and file.meta.slice.after or math.mininteger
end

--- Checks that files are one whole trace: no slice is missing, and none is there twice.
local function check_whole(files)
  local before
  for _, file in ipairs(files) do
    local slice = file.meta.slice or {}
    local stop = before and before.meta.slice and before.meta.slice.stop
    if before and (not stop or slice.after == nil or slice.after < stop) then
      fault.raise("%s and %s have the same time of %s", before.path, file.path,
        file.meta.name)
    elseif before and slice.after > stop or not before and slice.after then
      fault.raise("%s: the time %s %s is missing", file.meta.name,
        before and ("between %s and"):format(time.format(stop, { gmt = true, date = true }))
        or "before", time.format(slice.after, { gmt = true, date = true }))
    end
    before = file
  end
  local stop = before.meta.slice and before.meta.slice.stop
  if stop then
    fault.raise("%s: the time after %s is missing", before.meta.name,
      time.format(stop, { gmt = true, date = true }))
  end
end

--- Makes a trace of files that are all of one.
-- @tparam table files list from partial.open
-- @tparam table jobs see run.go
function partial_trace.new(files, jobs)
  table.sort(files, function(a, b) return place(a) < place(b) end)
  check_whole(files)
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
