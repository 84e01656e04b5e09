--- Clocks of several machines: how the times of each are corrected when the traces are opened, by
-- hand (--clock-offset), and by the packets that they exchanged (--sync).
--
-- A clock is a table: { machine =, offset =, from =, rate = }. All times of the machine's traces
-- become `offset` ns later; then, for each ns between `from` and that, rate / 2^62 ns more.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local machines = require "lttnga.machines"
local units = require "lttnga.units"

local clocks = {}

--- By how much a time is corrected for the rate of a clock, ns.
local function drift(time, clock)
  return math.floor((time - clock.from) * (clock.rate / 2 ^ 62))
end

--- A time that a machine's clock showed, as it is in its trace.
-- @tparam integer time ns
-- @tparam ?table clock as above
-- @treturn integer ns
function clocks.corrected(time, clock)
  if not clock or not clock.offset then
    return time
  end
  time = time + clock.offset
  return time + drift(time, clock)
end

--- What the machine's clock showed at a time of its trace: the opposite, to within a ns.
function clocks.shown(time, clock)
  if not clock or not clock.offset then
    return time
  end
  -- The rate is small: the second step is exact.
  local before = time - drift(time, clock)
  return time - drift(before, clock) - clock.offset
end

--- Reads "HOST=+1.5ms".
-- @treturn table a list of one { host =, offset = ns }; or nil and a message
function clocks.read_offset(value)
  local name, sign, span = value:match "^(.+)=([+-]?)([^=]*)$"
  if not name then
    return nil, ("must be HOST=OFFSET, such as web1=+1.5ms, not '%s'"):format(value)
  end
  local ns, message = units.parse_duration(span, "s")
  if not ns then
    return nil, message
  end
  return { { host = name, offset = sign == "-" and -ns or ns } }
end

--- The offsets of --clock-offset, by number of the machine.
local function by_hand(all, values)
  local offsets, given = {}, {}
  for _, one in ipairs(values["clock-offset"] or {}) do
    for _, machine in ipairs(machines.named(all, "clock-offset", one.host)) do
      if given[machine.number] then
        fault.usage("--clock-offset: %s has two offsets (%s and %s)", machine.name,
          given[machine.number], one.host)
      end
      given[machine.number], offsets[machine.number] = one.host, one.offset
    end
  end
  return offsets
end

--- Whether the times of a trace are still integers of 64 bits when they are shifted.
local function fits(trace, offset)
  if not trace.begin then
    return true
  end
  return offset < 0 and trace.begin >= math.mininteger - offset
    or offset >= 0 and trace["end"] <= math.maxinteger - offset
end

--- Clocks for each trace of machines that are corrected so.
-- @param trace open
-- @tparam table list clocks by number of the machine, or nil
local function for_traces(trace, list)
  local result = {}
  for number, machine in ipairs(trace:machines()) do
    local one = list[number] or { offset = 0, from = 0, rate = 0 }
    for _, at in ipairs(machine.traces) do
      result[at] = { machine = number, offset = one.offset, from = one.from, rate = one.rate }
    end
  end
  return result
end

--- The clocks of --clock-offset, by number of the machine.
local function shifts(trace, all, values)
  local offsets = by_hand(all, values)
  local list, traces = {}, trace:traces()
  for number, machine in ipairs(trace:machines()) do
    for _, one in ipairs(machine.traces) do
      if not fits(traces[one], offsets[number] or 0) then
        fault.usage("--clock-offset: times of %s would be before 1677 or after 2262",
          machine.name or "unknown")
      end
    end
    list[number] = { offset = offsets[number] or 0, from = 0, rate = 0 }
  end
  return list
end

--- Whether one machine comes before another one, by name.
local function before(a, b)
  return a.name < b.name or a.name == b.name and a.number < b.number
end

--- Compares the clocks of the machines by their packets. Of those that exchanged some, the clock
-- of the first one by name is taken to be right, whichever are analysed: so a trace always has the
-- same times.
-- @param trace open, and not read; its clocks are not corrected, or by hand
-- @treturn table what trace:sync() returns; `names` of machines, by number
local function compare(trace)
  local all, order, names = machines.all(trace), {}, {}
  table.sort(all, before)
  for i, machine in ipairs(all) do
    order[i], names[machine.number] = machine.number, machine.name
  end
  for number in ipairs(trace:machines()) do
    order[#order + 1] = not names[number] and number or nil
  end
  local found, message = trace:sync(order)
  if not found then
    fault.raise("%s", message)
  end
  found.names = names
  return found
end

--- Why the clock of a machine can't be told.
local reasons = {
  ABSENT = "no TCP packet is in both traces",
  INCOMPLETE = "too few TCP packets are in both traces, or all of them went the same way",
  FAIL = "the packets contradict each other: one of the clocks was set meanwhile, or does not go "
    .. "evenly",
}

--- Of the pairs of a machine, what stands in the way of telling its clock.
local function reason_of(found, number)
  local worst
  for _, pair in ipairs(found.pairs) do
    if pair.first == number or pair.second == number then
      worst = (worst == "FAIL" or pair.quality == "FAIL") and "FAIL" or pair.quality
    end
  end
  if found.seen == 0 then
    return "the traces have no TCP packets with their headers (net_dev_queue and "
      .. "net_if_receive_skb, since LTTng 2.9)"
  end
  return reasons[worst or "ABSENT"] or "it exchanged packets only with machines whose clocks "
    .. "cannot be told"
end

--- A difference of times in s, without its sign.
local function seconds(ns)
  ns = math.abs(ns)
  return ("%d.%09d s"):format(ns // 1000000000, ns % 1000000000)
end

--- How many packets arrived too early.
local function early(violations)
  return violations.count == 0 and "none" or ("%d, by up to %s"):format(violations.count,
    seconds(violations.worst))
end

--- What was found, for people: two lines for each pair of machines by which a clock is corrected.
local function tell(found, reference, say)
  for _, pair in ipairs(found.pairs) do
    local first, second = found.names[pair.first], found.names[pair.second]
    if pair.used and found.machines[pair.first].reference == reference then
      local rate = not pair.rate_known and pair.excess == 0 and "as fast" or ("%.3f ppm %s"):format(
        math.abs(pair.excess) * 1e6, pair.excess < 0 and "slower" or "faster")
      rate = pair.rate_known and "goes " .. rate or "is taken to go " .. rate
        .. " (too few packets tell its rate, or in too short a time)"
      say("note: ", ("--sync: the clock of %s is %s %s that of %s, and %s; to within %s (%s)")
        :format(second, seconds(pair.ahead), pair.ahead < 0 and "behind" or "ahead of", first, rate,
        seconds(pair.uncertain), pair.quality))
      say("note: ", ("--sync: TCP packets from %s to %s: %d, back: %d%s. Arrived before they were "
        .. "sent: %s; aligned: %s"):format(first, second, pair.forth, pair.back,
        found.each > 1 and (" (1 of %d looked at)"):format(found.each) or "", early(pair.before),
        early(pair.after)))
    end
  end
  say("note: ", ("--sync: all times are those of the clock of %s"):format(
    found.names[reference]))
end

--- Adds what packets tell to the clocks of machines; a fault if that of one that is analysed can't
-- be told.
-- @treturn integer the machine whose clock is taken to be right
local function align(list, found, chosen)
  table.sort(chosen, before)
  local reference = found.machines[chosen[1].number].reference
  for _, machine in ipairs(chosen) do
    if found.machines[machine.number].reference ~= reference then
      fault.raise("--sync: the clock of %s cannot be aligned with that of %s: %s. Leave it out "
        .. "with --host, or align it by hand with --clock-offset instead of --sync",
        machine.name, found.names[reference], reason_of(found, machine.number))
    end
  end
  for number, one in ipairs(found.machines) do
    if one.reference == reference then
      list[number] = { offset = list[number].offset + one.offset, from = one.from,
        rate = one.rate }
    end
  end
  return reference
end

--- How the clocks of traces are to be corrected, with --clock-offset or --sync.
-- @param trace opened without that
-- @tparam table values options of the run; `clocks` is set, and used the next time: what was found
-- @tparam function reopen takes clocks for each trace, and opens them again
-- @tparam function say takes a kind ("note: ") and a text for the user
-- @treturn table a clock for each trace
function clocks.of(trace, values, reopen, say)
  local list = values["clocks"] or shifts(trace, machines.all(trace), values)
  if values.sync and not values["clocks"] then
    if not trace:machines()[2] then
      fault.usage("--sync needs traces of several machines; all of these are of %s",
        trace:machines()[1].name or "one")
    end
    local shifted = reopen(for_traces(trace, list))
    local found = compare(shifted)
    shifted:close()
    tell(found, align(list, found, machines.chosen(trace, values)), say)
  end
  values["clocks"] = list
  return for_traces(trace, list)
end

--- The clocks of an open trace as a text; "" if none is corrected.
-- @param trace from run.open
function clocks.text(trace)
  local lines, is_corrected, traces = {}, false, trace:traces()
  for number, machine in ipairs(trace:machines()) do
    for _, one in ipairs(machine.traces) do
      local of = traces[one]
      is_corrected = is_corrected or of.offset ~= 0 or of.rate ~= 0
      lines[one] = ("%d %d %d %d"):format(number, of.offset, of.from, of.rate)
    end
  end
  return is_corrected and table.concat(lines, "\n") or ""
end

--- What clocks.text has written; nil for "".
function clocks.parse(text)
  local list = {}
  for machine, offset, from, rate in text:gmatch "(%d+) (%-?%d+) (%-?%d+) (%-?%d+)" do
    list[#list + 1] = { machine = math.tointeger(tonumber(machine)),
      offset = math.tointeger(tonumber(offset)), from = math.tointeger(tonumber(from)),
      rate = math.tointeger(tonumber(rate)) }
  end
  return list[1] and list
end

return clocks
