--- What is missing from what has been read of a trace: lost events, damaged packets, time that was
-- not recorded.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local time = require "lttnga.time"

local gaps = {}

--- How many of all events were lost, as text.
local function share(lost, recorded)
  local percent = 100 * lost / (lost + recorded)
  return percent < 0.05 and "less than 0.1 %" or ("%.1f %%"):format(percent)
end

--- "7 events lost (1.5 %), 1 packet lost": whole packets are those that were overwritten, or not
-- copied; nobody knows what was in them.
local function describe_lost(events, packets, recorded)
  local what = {}
  if events > 0 then
    what[#what + 1] = ("%s lost (%s)"):format(text.plural(events, "event"), share(events, recorded))
  end
  if packets > 0 then
    what[#what + 1] = text.plural(packets, "packet") .. " lost"
  end
  return table.concat(what, ", ")
end

--- Tells of packets that could not be read, or not to their end.
local function tell_damage(trace, say)
  for _, stream in ipairs(trace:streams()) do
    if stream.damaged > 0 then
      local one = stream.damaged == 1
      say("warning: ", ("%s of %s %s damaged; the rest of %s is skipped: %s%s"):format(
        text.plural(stream.damaged, "packet"),
        stream.cpu and "CPU " .. stream.cpu or "stream " .. stream.name,
        one and "is" or "are", one and "it" or "each", stream.damage, one and "" or " (the first)"))
    end
  end
end

local function lost_streams(trace)
  local lost = {}
  for _, stream in ipairs(trace:streams()) do
    if stream.lost_events > 0 or stream.lost_packets > 0 then
      lost[#lost + 1] = stream
    end
  end
  return lost
end

local function tell_lost(trace, lost, show, say)
  local events, packets, recorded = 0, 0, 0
  for _, stream in ipairs(lost) do
    events, packets = events + stream.lost_events, packets + stream.lost_packets
  end
  for _, stream in ipairs(trace:streams()) do
    recorded = recorded + stream.events
  end
  if #lost == 0 then
    return
  end
  say("warning: ", describe_lost(events, packets, recorded) .. ": results may be incomplete")
  for _, stream in ipairs(lost) do
    say("", ("  %s: %s between %s and %s"):format(
      stream.cpu and "CPU " .. stream.cpu or "stream " .. stream.name,
      describe_lost(stream.lost_events, stream.lost_packets, stream.events),
      time.format(stream.lost_begin, show), time.format(stream.lost_end, show)))
  end
end

local function tell_late(trace, say)
  local late = 0
  for _, stream in ipairs(trace:streams()) do
    late = late + (stream.late or 0)
  end
  if late > 0 then
    say("warning: ", ("%s written too late and not counted: --patience with a longer time waits "
      .. "for such"):format(late == 1 and "1 event was" or late .. " events were"))
  end
end

--- Tells of all that is missing from what has been read of a trace.
-- @param trace from run.open
-- @tparam table show how times are written, see lttnga.time
-- @tparam function say takes a kind ("warning: ") and a text for the user
-- @treturn table list of the streams that have lost something
function gaps.tell(trace, show, say)
  local lost = lost_streams(trace)
  tell_damage(trace, say)
  tell_lost(trace, lost, show, say)
  tell_late(trace, say)
  return lost
end

--- More context switches than one in so many that contradict the one before are no accident.
local CONTRADICTS = 20

--- Reports time that was not recorded, although nothing is lost.
-- @tparam table unrecorded by number of the machine, see trace:run
-- @tparam table machines those that are analysed, see run.go
-- @tparam table show
-- @tparam function say
function gaps.tell_unrecorded(unrecorded, machines, show, say)
  for _, machine in ipairs(machines) do
    local of = unrecorded[machine.number]
    local where = machines.several and " on " .. machine.name or ""
    if of.holes > 0 then
      say("warning: ", ("nothing was recorded%s for %s between %s and %s: what happened then is "
        .. "unknown"):format(where, text.duration(of.time), time.format(of.begin, show),
        time.format(of["end"], show)))
    end
    if of.contradicts * CONTRADICTS > of.switches and of.contradicts > 2 then
      say("warning: ", ("%d of %d context switches%s do not match the one before: not all were "
        .. "recorded (a filter, or lttng track?), so which threads ran in between is "
        .. "unknown"):format(of.contradicts, of.switches, where))
    end
  end
end

return gaps
