--- Reads timelines as far as we write them: a second, simple way from bytes to what is drawn. Field
-- numbers are those of Perfetto's protos/perfetto/trace/.
--
-- SPDX-License-Identifier: MIT

local perfetto = {}

--- A number at a place; and the place behind it.
local function varint(bytes, at)
  local value, shift = 0, 0
  repeat
    local byte = bytes:byte(at)
    value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
  until byte < 128
  return value, at
end

--- The fields of a message: each with a list of its values, numbers or bytes.
local function message(bytes)
  local fields, at = {}, 1
  while at <= #bytes do
    local key, value, length
    key, at = varint(bytes, at)
    local field, kind = key >> 3, key & 7
    if kind == 0 then
      value, at = varint(bytes, at)
    elseif kind == 1 then
      value, at = string.unpack("<i8", bytes, at)
    else
      assert(kind == 2, "an unknown type of field")
      length, at = varint(bytes, at)
      value, at = bytes:sub(at, at + length - 1), at + length
      assert(#value == length, "a field is cut off")
    end
    fields[field] = fields[field] or {}
    table.insert(fields[field], value)
  end
  return fields
end

local function first(fields, number)
  return fields[number] and fields[number][1]
end

--- Numbers that are packed into one field.
local function packed(bytes)
  local list, at = {}, 1
  while bytes and at <= #bytes do
    list[#list + 1], at = varint(bytes, at)
  end
  return list
end

--- Texts that have numbers, of a kind.
local function learn(known, fields, kind)
  for _, entry in ipairs(fields[kind] or {}) do
    local of = message(entry)
    known[kind][first(of, 1)] = first(of, 2)
  end
end

local function arguments(event, known)
  local args = {}
  for _, bytes in ipairs(event[4] or {}) do
    local arg = message(bytes)
    local name = first(arg, 10) or known[3][first(arg, 1)]
    args[assert(name, "an argument without a name")] = first(arg, 6) or first(arg, 4)
      or first(arg, 17) and assert(known[29][first(arg, 17)]) or first(arg, 2) == 1
  end
  return args
end

--- Switches and wakings of a bundle.
local function read_bundle(bytes, trace)
  local bundle = message(bytes)
  local cpu = first(bundle, 1)
  for _, given in ipairs(bundle[2] or {}) do
    local event = message(given)
    local one = { time = first(event, 1), cpu = cpu }
    if event[4] then
      local switch = message(first(event, 4))
      one.tid, one.state = first(switch, 6), first(switch, 4)
      table.insert(trace.switches, one)
    elseif event[36] or event[24] then
      trace.handlers = trace.handlers + 1
    end
  end
  local compact = bundle[4] and message(first(bundle, 4)) or {}
  local times, tids = packed(first(compact, 1)), packed(first(compact, 3))
  local states, time = packed(first(compact, 2)), 0
  for i, more in ipairs(times) do
    time = time + more
    table.insert(trace.switches, { time = time, cpu = cpu, tid = tids[i], state = states[i] })
  end
  trace.wakings = trace.wakings + #packed(first(compact, 7))
end

--- Reads a timeline.
-- @tparam string bytes
-- @treturn table tracks: by number { name =, parent =, tid =, pid =, is_counter = }; slices: list
-- of { track =, begin =, time = (nil: no end), name =, args =, from =, to = }; values: list of {
-- track =, time =, value = }; switches: list of { time =, cpu =, tid =, state = } in order;
-- wakings, handlers: how many; threads, processes: names by number
function perfetto.read(bytes)
  local trace = { tracks = {}, slices = {}, values = {}, switches = {}, wakings = 0, handlers = 0,
    threads = {}, processes = {} }
  local known = { [2] = {}, [3] = {}, [29] = {} }
  for _, packet in ipairs(message(bytes)[1] or {}) do
    local fields = message(packet)
    assert(first(fields, 10), "a packet without a sequence")
    if (first(fields, 13) or 0) & 1 == 1 then
      known = { [2] = {}, [3] = {}, [29] = {} }
    end
    local interned = fields[12] and message(first(fields, 12)) or {}
    for kind in pairs(known) do
      learn(known, interned, kind)
    end
    if fields[1] then
      read_bundle(first(fields, 1), trace)
    elseif fields[2] then
      local tree = message(first(fields, 2))
      for _, one in ipairs(tree[1] or {}) do
        local process = message(one)
        trace.processes[first(process, 1)] = first(process, 3)
      end
      for _, one in ipairs(tree[2] or {}) do
        local thread = message(one)
        trace.threads[first(thread, 1)] = first(thread, 2)
      end
    elseif fields[60] then
      local track = message(first(fields, 60))
      local thread = track[4] and message(first(track, 4)) or {}
      trace.tracks[first(track, 1)] = { name = first(track, 2), parent = first(track, 5),
        pid = first(thread, 1), tid = first(thread, 2), is_counter = track[8] ~= nil }
    elseif fields[11] then
      local event, time = message(first(fields, 11)), first(fields, 8)
      local kind, number = first(event, 9), first(event, 11)
      assert(trace.tracks[number], "an event on no track")
      if kind == 4 then
        table.insert(trace.values, { track = number, time = time, value = first(event, 30) })
      elseif kind == 2 then
        -- Ours are written right behind their begins.
        trace.slices[#trace.slices].time = time
      else
        local one = { track = number, begin = time, time = kind == 3 and time or nil,
          name = first(event, 23) or known[2][first(event, 10)], args = arguments(event, known),
          from = first(event, 47), to = first(event, 48) }
        assert(one.name, "a slice without a name")
        table.insert(trace.slices, one)
      end
    end
  end
  table.sort(trace.switches, function(a, b)
    return a.cpu < b.cpu or a.cpu == b.cpu and a.time < b.time
  end)
  return trace
end

return perfetto
