--- Writes CTF traces byte by byte, and what a reader must make of them. The types of a trace are
-- described once, as tables; from them come metadata (TSDL of CTF 1.8, or the JSON of CTF 2), the
-- bytes of packets, and the lines of tests/dump.
--
-- A trace is a table; all of it but streams and files has defaults (those of LTTng):
--     { order = "le", uuid = "...", env = { ... }, clock = { name, freq, offset_s, offset },
--       header = STRUCT or false,
--       streams = { { id = 0, context = STRUCT or false, header = STRUCT, common = STRUCT,
--         events = { { id = 0, name = "x", context = STRUCT, fields = STRUCT }, ... } }, ... },
--       files = { { "chan_0", stream = 0, instance = 0, cpu = 0,
--         packets = { { from = time, to = time, EVENT... }, ... } }, ... } }
-- An EVENT is { time, "name", { field = value }, context = { ... }, common = { ... } }; with
-- extended = true its header is the tracer's longer one, and `header` has what else is in it. A
-- packet's `set` puts values into its header and context; `content` (bits), `size` and `pad` are
-- its sizes; `bytes` is a function that changes its data, or that of a file. Of events and
-- packets that are `hidden`, the reader is to make nothing.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local ctf = {}

local ABSENT = math.mininteger

-- ---- Types ----

local function int(size, is_signed, more)
  local type = { kind = "int", size = size, signed = is_signed }
  for key, value in pairs(more or {}) do
    type[key] = value
  end
  return type
end

--- An unsigned integer; more: align, order, clock, text.
function ctf.u(size, more)
  return int(size, false, more)
end

function ctf.i(size, more)
  return int(size, true, more)
end

--- An integer whose values have names: { { "name", low, high }, ... }.
function ctf.enum(container, labels)
  local type = int(container.size, container.signed, container)
  type.labels = labels
  return type
end

--- A floating-point number of 32 or 64 bits.
function ctf.real(size, more)
  local type = int(size, true, more)
  type.kind = "real"
  return type
end

function ctf.str()
  return { kind = "string" }
end

--- An array, or a sequence if instead of a length it has a path: the names of a field in the same
-- structure or one around it ("n"), or from the begin ("event.fields.n").
function ctf.array(length, element)
  return { kind = "array", length = length, element = element }
end

function ctf.text(length)
  return ctf.array(length, ctf.u(8, { text = true }))
end

--- Bytes: an array that has a name of its own in CTF 2.
function ctf.blob(length)
  local type = ctf.array(length, ctf.u(8))
  type.blob = true
  return type
end

--- { { "name", type }, ..., align = 8 }
function ctf.struct(members)
  members.kind = "struct"
  return members
end

--- { { "name", type, { low, high }... }, ... }: TSDL takes the ranges from the selector's labels. A
-- value of it is { "name", value }.
function ctf.variant(path, options)
  options.kind = "variant"
  options.path = path
  return options
end

--- A field that may be there or not (CTF 2): with no ranges, if the selector is not 0.
function ctf.optional(path, element, ranges)
  return { kind = "optional", path = path, element = element, ranges = ranges }
end

local function align_of(type)
  local align = type.align or 1
  if type.kind == "int" or type.kind == "real" then
    return type.align or (type.size % 8 == 0 and 8 or 1)
  elseif type.kind == "string" then
    return 8
  elseif type.kind == "array" then
    return math.max(align, align_of(type.element))
  elseif type.kind == "struct" then
    for _, member in ipairs(type) do
      align = math.max(align, align_of(member[2]))
    end
  end
  return align
end

--- The same type as tracers on other machines lay it out: whole integers at multiples of their
-- size, but of `most` bits at most.
function ctf.natural(type, most)
  if type == nil or _G.type(type) ~= "table" then
    return type
  end
  local copy = {}
  for key, value in pairs(type) do
    copy[key] = ctf.natural(value, most)
  end
  if type.kind == "int" and (type.size == 16 or type.size == 32 or type.size == 64) then
    copy.align = math.min(type.size, most)
  end
  return copy
end

local ts = { clock = true }

--- The tracer's headers of events, for few and for many event classes.
function ctf.compact(align)
  return ctf.struct { align = align or 8, tracer = { bits = 27, extended = 31 },
    { "id", ctf.enum(ctf.u(5), { { "compact", 0, 30 }, { "extended", 31, 31 } }) },
    { "v", ctf.variant("id", {
      { "compact", ctf.struct { { "timestamp", ctf.u(27, ts) } }, { 0, 30 } },
      { "extended", ctf.struct { { "id", ctf.u(32) }, { "timestamp", ctf.u(64, ts) } },
        { 31, 31 } } }) } }
end

function ctf.large(align)
  return ctf.struct { align = align or 8, tracer = { bits = 32, extended = 65535 },
    { "id", ctf.enum(ctf.u(16), { { "compact", 0, 65534 }, { "extended", 65535, 65535 } }) },
    { "v", ctf.variant("id", {
      { "compact", ctf.struct { { "timestamp", ctf.u(32, ts) } }, { 0, 65534 } },
      { "extended", ctf.struct { { "id", ctf.u(32) }, { "timestamp", ctf.u(64, ts) } },
        { 65535, 65535 } } }) } }
end

function ctf.packet_header()
  return ctf.struct { { "magic", ctf.u(32) }, { "uuid", ctf.blob(16) }, { "stream_id", ctf.u(32) },
    { "stream_instance_id", ctf.u(64) } }
end

--- `discarded`: bits of the counter of lost events.
function ctf.packet_context(discarded)
  return ctf.struct { { "timestamp_begin", ctf.u(64, ts) }, { "timestamp_end", ctf.u(64, ts) },
    { "content_size", ctf.u(64) }, { "packet_size", ctf.u(64) }, { "packet_seq_num", ctf.u(64) },
    { "events_discarded", ctf.u(discarded or 64) }, { "cpu_id", ctf.u(32) } }
end

-- ---- Bytes ----

-- What nobody should read is not 0.
local JUNK = 0xa5

local Bits = {}
Bits.__index = Bits

local function new_bits()
  return setmetatable({ at = 0 }, Bits)
end

function Bits:align(align)
  self.at = (self.at + align - 1) // align * align
  for i = #self + 1, (self.at + 7) // 8 do
    self[i] = JUNK
  end
end

--- Puts the low `size` bits of a number; the first bit of a byte is its lowest or its highest one.
function Bits:put(value, size, order)
  for i = 0, size - 1 do
    local at = self.at + i
    local byte, place, bit = at // 8 + 1, at % 8, i
    if order == "be" then
      place, bit = 7 - place, size - 1 - i
    end
    self[byte] = (self[byte] or JUNK) & ~(1 << place) | (value >> bit & 1) << place
  end
  self.at = self.at + size
end

function Bits:bytes(size)
  self:align(8)
  for i = #self + 1, size or 0 do
    self[i] = JUNK
  end
  local parts = {}
  for i = 1, #self, 4096 do
    parts[#parts + 1] = string.char(table.unpack(self, i, math.min(i + 4095, #self)))
  end
  return table.concat(parts)
end

local put

local puts = {
  int = function(bits, type, value, order)
    assert(math.type(value) == "integer", "an integer is missing")
    bits:put(value, type.size, type.order or order)
  end,
  real = function(bits, type, value, order)
    local form = type.size == 32 and { "<f", "<I4" } or { "<d", "<i8" }
    bits:put(string.unpack(form[2], string.pack(form[1], value)), type.size, type.order or order)
  end,
  string = function(bits, _, value)
    for i = 1, #value do
      bits:put(value:byte(i), 8, "le")
    end
    bits:put(0, 8, "le")
  end,
  array = function(bits, type, value, order)
    if _G.type(value) == "string" then
      value = { value:byte(1, -1) }
    end
    assert(math.type(type.length) ~= "integer" or #value == type.length, "a length is wrong")
    for _, element in ipairs(value) do
      put(bits, type.element, element, order)
    end
  end,
  struct = function(bits, type, value, order)
    for _, member in ipairs(type) do
      local field = value[member[1]]
      assert(field ~= nil or member[2].kind == "optional" or member[2].kind == "struct",
        member[1] .. " is missing")
      put(bits, member[2], field or member[2].kind == "struct" and {} or nil, order)
    end
  end,
  variant = function(bits, type, value, order)
    for _, option in ipairs(type) do
      if option[1] == value[1] then
        put(bits, option[2], value[2], order)
        return
      end
    end
  end,
  optional = function(bits, type, value, order)
    if value ~= nil then
      put(bits, type.element, value, order)
    end
  end,
}

function put(bits, type, value, order)
  bits:align(align_of(type))
  puts[type.kind](bits, type, value, order)
end

-- ---- Metadata: TSDL ----

local function attributes(list)
  local parts = {}
  for _, pair in ipairs(list) do
    if pair[2] ~= nil then
      parts[#parts + 1] = ("%s = %s;"):format(pair[1], pair[2])
    end
  end
  return table.concat(parts, " ")
end

-- What a path can begin with, in both languages.
local origins = {
  { "stream.event.context.", "event-record-common-context" },
  { "event.context.", "event-record-specific-context" },
  { "event.fields.", "event-record-payload" },
}

-- A path of CTF 2 can leave out structures: { up = how many, "n" }.

--- A path as its begin (or ""), the number of that in `origins`, and its names.
local function split(path)
  for i, origin in ipairs(origins) do
    if path:sub(1, #origin[1]) == origin[1] then
      return origin[1], i, path:sub(#origin[1] + 1)
    end
  end
  return "", nil, path
end

local function tsdl_path(path, prefix)
  local origin, _, names = split(path)
  return origin .. (prefix .. names:gsub("%.", "." .. prefix))
end

local tsdl

local function tsdl_number(value)
  return ("%d"):format(value)
end

local function tsdl_integer(type, clock)
  return "integer { " .. attributes {
    { "size", type.size }, { "align", type.align or align_of(type) }, { "signed", type.signed },
    { "byte_order", type.order }, { "map", type.clock and ("clock.%s.value"):format(clock) },
    { "encoding", type.text and "UTF8" or nil }, { "base", type.base },
  } .. " }"
end

--- A field's declaration; `name` is how it is called there.
local function tsdl_field(name, type, prefix, clock)
  local brackets = ""
  while type.kind == "array" do
    brackets = ("%s[%s]"):format(brackets, math.type(type.length) and type.length
      or tsdl_path(type.length, prefix))
    type = type.element
  end
  return ("%s %s%s;\n"):format(tsdl(type, prefix, clock), name, brackets)
end

local function tsdl_members(list, before, prefix, clock)
  local parts = {}
  for i, member in ipairs(list) do
    parts[i] = tsdl_field(before .. member[1], member[2], prefix, clock)
  end
  return table.concat(parts)
end

local tsdls = {
  int = function(type, _, clock)
    if not type.labels then
      return tsdl_integer(type, clock)
    end
    local labels = {}
    for _, label in ipairs(type.labels) do
      labels[#labels + 1] = ('"%s" = %s ... %s'):format(label[1], tsdl_number(label[2]),
        tsdl_number(label[3]))
    end
    return ("enum : %s { %s }"):format(tsdl_integer(type, clock), table.concat(labels, ", "))
  end,
  real = function(type)
    return "floating_point { " .. attributes {
      { "exp_dig", type.size == 32 and 8 or 11 }, { "mant_dig", type.size == 32 and 24 or 53 },
      { "align", align_of(type) }, { "byte_order", type.order } } .. " }"
  end,
  string = function()
    return "string"
  end,
  struct = function(type, prefix, clock)
    return ("struct {\n%s}%s"):format(tsdl_members(type, prefix, prefix, clock),
      type.align and (" align(%d)"):format(type.align) or "")
  end,
  variant = function(type, prefix, clock)
    -- Options have the names of the selector's labels, as they are.
    return ("variant <%s> {\n%s}"):format(tsdl_path(type.path, prefix),
      (tsdl_members(type, "", prefix, clock)))
  end,
}

--- A type in words. `prefix` is what LTTng puts before the names of fields, but not of headers.
function tsdl(type, prefix, clock)
  return tsdls[type.kind](type, prefix, clock)
end

local function tsdl_block(name, lines)
  return ("%s {\n%s};\n\n"):format(name, table.concat(lines))
end

local function sorted_keys(list)
  local keys = {}
  for key in pairs(list) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

function ctf.tsdl(trace)
  local clock, prefix, parts = trace.clock.name, trace.prefix, { "/* CTF 1.8 */\n\n" }
  local function add(name, lines)
    parts[#parts + 1] = tsdl_block(name, lines)
  end
  local function scope(name, type, before)
    return type and ("%s := %s;\n"):format(name, tsdl(type, before, clock)) or ""
  end
  add("trace", { "major = 1; minor = 8; byte_order = ", trace.order, ";\n",
    trace.uuid and ('uuid = "%s";\n'):format(trace.uuid) or "",
    scope("packet.header", trace.header, "") })
  local env = {}
  for i, key in ipairs(sorted_keys(trace.env)) do
    local value = trace.env[key]
    env[i] = (type(value) == "string" and '%s = "%s";\n' or "%s = %d;\n"):format(key, value)
  end
  add("env", env)
  add("clock", { attributes { { "name", clock },
    { "uuid", trace.clock.uuid and ('"%s"'):format(trace.clock.uuid) },
    { "freq", trace.clock.freq }, { "offset_s", trace.clock.offset_s },
    { "offset", trace.clock.offset } }, "\n" })
  for _, stream in ipairs(trace.streams) do
    add("stream", { stream.id and ("id = %d;\n"):format(stream.id) or "",
      scope("packet.context", stream.context, ""), scope("event.header", stream.header, ""),
      scope("event.context", stream.common, prefix) })
    for _, event in ipairs(stream.events) do
      add("event", { ('name = "%s";\n'):format(event.name),
        event.id and ("id = %d;\n"):format(event.id) or "",
        stream.id and ("stream_id = %d;\n"):format(stream.id) or "",
        scope("context", event.context, prefix), scope("fields", event.fields, prefix) })
    end
  end
  return table.concat(parts)
end

-- ---- Metadata: JSON ----

local null = {}

local function json(value)
  if value == null then
    return "null"
  elseif type(value) == "table" and (value[1] ~= nil or value.list) then
    local parts = {}
    for i, element in ipairs(value) do
      parts[i] = json(element)
    end
    return "[" .. table.concat(parts, ",") .. "]"
  elseif type(value) == "table" then
    local parts = {}
    for i, key in ipairs(sorted_keys(value)) do
      parts[i] = json(key) .. ":" .. json(value[key])
    end
    return "{" .. table.concat(parts, ",") .. "}"
  elseif type(value) == "string" then
    return '"' .. value:gsub('[%c"\\]', function(c)
      return ("\\u%04x"):format(c:byte())
    end) .. '"'
  end
  return tostring(value)
end

local roles = {
  header = { magic = "packet-magic-number", uuid = "metadata-stream-uuid",
    stream_id = "data-stream-class-id", stream_instance_id = "data-stream-id" },
  context = { timestamp_begin = "default-clock-timestamp",
    timestamp_end = "packet-end-default-clock-timestamp", content_size = "packet-content-length",
    packet_size = "packet-total-length", packet_seq_num = "packet-sequence-number",
    events_discarded = "discarded-event-record-counter-snapshot" },
  event = { id = "event-record-class-id", timestamp = "default-clock-timestamp" },
}

--- Where a length or a selector is: from the innermost structure on, or from the begin. The stack
-- has the structures around: their members, and the names from the begin to it.
local function location(path, stack)
  local up = type(path) == "table" and path.up or 0
  local _, origin, names = split(type(path) == "table" and path[1] or path)
  local list, first = {}, names:match("^[^.]+")
  for _ = 1, up do
    list[#list + 1] = null
  end
  for i = #stack - up, origin and #stack + 1 or 1, -1 do
    local found = false
    for _, member in ipairs(stack[i].type) do
      found = found or member[1] == first
    end
    if found then
      if stack.absolute then
        origin, list = true, table.move(stack[i].names, 1, #stack[i].names, 1, {})
      end
      break
    end
    list[#list + 1] = null
  end
  for name in names:gmatch("[^.]+") do
    list[#list + 1] = name
  end
  return { origin = origin and (origins[origin] or { nil, stack.origin })[2], path = list }
end

local class

local function scalar(name, type, order, role)
  return { type = name, length = type.size, alignment = align_of(type),
    ["byte-order"] = (type.order or order) == "be" and "big-endian" or "little-endian",
    roles = role and { role } }
end

local classes = {
  int = function(type, order, _, role)
    local result = scalar(type.signed and "fixed-length-signed-integer"
      or "fixed-length-unsigned-integer", type, order, role)
    for _, label in ipairs(type.labels or {}) do
      local mappings = result.mappings or {}
      mappings[label[1]] = mappings[label[1]] or {}
      table.insert(mappings[label[1]], { label[2], label[3] })
      result.mappings = mappings
    end
    return result
  end,
  real = function(type, order)
    return scalar("fixed-length-floating-point-number", type, order)
  end,
  string = function()
    return { type = "null-terminated-string" }
  end,
  array = function(type, order, stack, role)
    local fixed = math.type(type.length) == "integer"
    local what = (type.blob or role) and "blob" or type.element.text and "string" or "array"
    return { type = (fixed and "static-length-" or "dynamic-length-") .. what,
      length = fixed and type.length or nil, roles = role and { role },
      ["length-field-location"] = not fixed and location(type.length, stack) or nil,
      ["element-field-class"] = what == "array" and class(type.element, order, stack) or nil }
  end,
  struct = function(type, order, stack, _, names)
    local list, frame = { list = true }, { type = type, names = { table.unpack(stack.names) } }
    stack[#stack + 1] = frame
    for i, member in ipairs(type) do
      stack.names[#frame.names + 1] = member[1]
      list[i] = { name = member[1],
        ["field-class"] = class(member[2], order, stack, names and names[member[1]], names) }
      stack.names[#frame.names + 1] = nil
    end
    stack[#stack] = nil
    return { type = "structure", ["member-classes"] = list, ["minimum-alignment"] = type.align }
  end,
  variant = function(type, order, stack, _, names)
    local list = {}
    for i, option in ipairs(type) do
      list[i] = { name = option[1], ["field-class"] = class(option[2], order, stack, nil, names),
        ["selector-field-ranges"] = table.move(option, 3, #option, 1, {}) }
    end
    return { type = "variant", options = list,
      ["selector-field-location"] = location(type.path, stack) }
  end,
  optional = function(type, order, stack)
    return { type = "optional", ["field-class"] = class(type.element, order, stack),
      ["selector-field-location"] = location(type.path, stack),
      ["selector-field-ranges"] = type.ranges }
  end,
}

function class(type, order, stack, role, names)
  return classes[type.kind](type, order, stack, role, names)
end

local function uuid_bytes(uuid)
  return (uuid:gsub("-", ""):gsub("%x%x", function(byte)
    return string.char(tonumber(byte, 16))
  end))
end

function ctf.json(trace)
  local parts = {}
  local function add(type, fragment)
    fragment.type = type
    parts[#parts + 1] = "\x1e" .. json(fragment) .. "\n"
  end
  local function scope(type, origin, names)
    return type and class(type, trace.order, { absolute = trace.absolute, origin = origin,
      names = {} }, nil, trace.roles and names) or nil
  end
  --- A class that is known by its name, as the kernel's tracer does it.
  local function alias(name, type, origin, names)
    if not type then
      return nil
    end
    add("field-class-alias", { name = name, ["field-class"] = scope(type, origin, names) })
    return name
  end
  add("preamble", { version = 2,
    uuid = trace.uuid and { uuid_bytes(trace.uuid):byte(1, -1) } or nil })
  add("trace-class", { environment = trace.env,
    ["packet-header-field-class"] = alias("pkt-header", trace.header,
      "packet-header", roles.header) })
  add("clock-class", { id = trace.clock.name, name = trace.clock.name,
    frequency = trace.clock.freq, origin = "unix-epoch",
    ["offset-from-origin"] = { seconds = trace.clock.offset_s, cycles = trace.clock.offset } })
  for _, stream in ipairs(trace.streams) do
    add("data-stream-class", { id = stream.id or 0, ["default-clock-class-id"] = trace.clock.name,
      ["packet-context-field-class"] = alias("pkt-ctx", stream.context, "packet-context",
        roles.context),
      ["event-record-header-field-class"] = alias("er-header", stream.header,
        "event-record-header", roles.event),
      ["event-record-common-context-field-class"] = scope(stream.common,
        "event-record-common-context") })
    for _, event in ipairs(stream.events) do
      add("event-record-class", { id = event.id or 0, name = event.name,
        ["data-stream-class-id"] = stream.id or 0,
        ["specific-context-field-class"] = scope(event.context,
          "event-record-specific-context"),
        ["payload-field-class"] = scope(event.fields, "event-record-payload") })
    end
  end
  return table.concat(parts)
end

--- Metadata in packets of `size` bytes, of which the last `pad` are not used.
function ctf.packetized(text, uuid, order, version, size, pad)
  local parts, room = {}, size - 37 - pad
  local sign = order == "be" and ">" or "<"
  for at = 1, #text, room do
    local piece = text:sub(at, at + room - 1)
    parts[#parts + 1] = (sign .. "I4c16I4I4I4BBBBB"):pack(0x75d11d57, uuid_bytes(uuid), 0,
      8 * (37 + #piece), 8 * size, 0, 0, 0, version, version == 2 and 0 or 8) .. piece
      .. ("\xa5"):rep(room - #piece + pad)
  end
  return table.concat(parts)
end

-- ---- Packets ----

local function event_class(stream, name)
  for _, event in ipairs(stream.events) do
    if event.name == name then
      return event
    end
  end
  error("there is no event class " .. name)
end

--- Puts what `set` has into `values`.
local function with(values, set)
  for key, value in pairs(set or {}) do
    values[key] = value
  end
  return values
end

local function put_event(bits, trace, stream, event, last)
  local description = event_class(stream, event[2])
  local id, time, tracer = description.id or 0, event[1], stream.header.tracer
  local header = { id = id, timestamp = time }
  if tracer then
    local extended = event.extended or id >= tracer.extended or time - last >= 1 << tracer.bits
    header = { id = extended and tracer.extended or id,
      v = { extended and "extended" or "compact", { id = id, timestamp = time } } }
  end
  put(bits, stream.header, with(header, event.header), trace.order)
  for _, scope in ipairs { { stream.common, event.common }, { description.context, event.context },
    { description.fields, event[3] } } do
    if scope[1] then
      put(bits, scope[1], scope[2] or {}, trace.order)
    end
  end
end

local function put_packet(trace, stream, file, packet, content, size)
  local bits = new_bits()
  if trace.header then
    put(bits, trace.header, with({ magic = 0xc1fc1fc1, uuid = trace.uuid and uuid_bytes(trace.uuid),
      stream_id = stream.id or 0, stream_instance_id = file.instance or 0 }, packet.set),
      trace.order)
  end
  if stream.context then
    put(bits, stream.context, with({ timestamp_begin = packet.from, timestamp_end = packet.to,
      content_size = content, packet_size = 8 * size, packet_seq_num = packet.number or 0,
      events_discarded = packet.discarded or 0, cpu_id = file.cpu or 0 }, packet.set), trace.order)
  end
  local last = packet.from
  for _, event in ipairs(packet) do
    put_event(bits, trace, stream, event, last)
    last = event[1]
  end
  return bits
end

--- The bytes of one packet.
local function make_packet(trace, stream, file, packet)
  packet.from = packet.from or packet[1] and packet[1][1] or 0
  packet.to = packet.to or packet[1] and packet[#packet][1] or packet.from
  local content = packet.content or put_packet(trace, stream, file, packet, 0, 0).at
  local size = packet.size or (content + 7) // 8 + (packet.pad or 0)
  packet.content, packet.size = content, size
  local bytes = put_packet(trace, stream, file, packet, content, size):bytes(size)
  return packet.bytes and packet.bytes(bytes) or bytes
end

local function write(path, data)
  local file = assert(io.open(path, "wb"))
  file:write(data)
  file:close()
end

local function stream_of(trace, file)
  for _, stream in ipairs(trace.streams) do
    if (stream.id or 0) == (file.stream or 0) then
      return stream
    end
  end
  error("there is no stream class " .. tostring(file.stream))
end

--- The index of a file; `entry(fields)` may change what it says of a packet.
local function index(file, entry)
  local parts, offset = { (">I4I4I4I4"):pack(0xc1f1dcc1, 1, 1, 72) }, 0
  for _, packet in ipairs(file.packets) do
    local fields = { offset, 8 * packet.size, packet.content, packet.from, packet.to,
      packet.discarded or 0, file.stream or 0, file.instance or 0, packet.number or 0 }
    if entry then
      entry(fields)
    end
    parts[#parts + 1] = (">i8i8i8i8i8i8i8i8i8"):pack(table.unpack(fields))
    offset = offset + packet.size
  end
  return table.concat(parts)
end

local defaults = {
  order = "le", prefix = "_", roles = true, header = ctf.packet_header(),
  uuid = "2a6422d0-6cee-11e0-8c08-cb07d7b3a564",
  env = { hostname = "box", domain = "kernel", tracer_name = "lttng-modules", tracer_major = 2,
    tracer_minor = 13, tracer_patchlevel = 8, kernel_release = "6.1.0-amd64",
    kernel_version = "#1 SMP" },
  clock = {},
}

local clock_defaults = { name = "monotonic", freq = 1000000000, offset_s = 0, offset = 0 }

local function with_defaults(trace, values)
  for key, value in pairs(values) do
    if trace[key] == nil then
      trace[key] = value
    end
  end
  return trace
end

--- Gives a description what it does not say.
function ctf.complete(trace)
  with_defaults(trace, defaults)
  trace.clock = with_defaults(with({}, trace.clock), clock_defaults)
  for _, stream in ipairs(trace.streams) do
    with_defaults(stream, { context = ctf.packet_context(), header = ctf.compact() })
  end
  return trace
end

local folders = 0

--- A new folder with an index folder in it; many of them are made at once.
local function new_folder()
  local parent = host.path("ctf"):gsub("/[^/]*$", "/ctf")
  if folders % 64 == 0 then
    local names = {}
    for n = folders, folders + 63 do
      names[#names + 1] = ("%s/%d/index"):format(parent, n)
    end
    os.execute("mkdir -p " .. table.concat(names, " "))
  end
  folders = folders + 1
  return ("%s/%d"):format(parent, folders - 1)
end

--- Writes a trace; returns its folder. `language` is "tsdl" or "json".
function ctf.write(trace, language)
  ctf.complete(trace)
  local folder = new_folder()
  local metadata = trace.metadata and trace.metadata(trace, language)
    or ctf[language or "tsdl"](trace)
  write(folder .. "/metadata", metadata)
  for _, file in ipairs(trace.files) do
    local parts = {}
    for i, packet in ipairs(file.packets) do
      parts[i] = make_packet(trace, stream_of(trace, file), file, packet)
    end
    local data = table.concat(parts)
    write(folder .. "/" .. file[1], file.bytes and file.bytes(data) or data)
    if file.index then
      write(("%s/index/%s.idx"):format(folder, file[1]),
        index(file, type(file.index) == "function" and file.index))
    end
  end
  return folder
end

-- ---- What a reader makes of it ----

local function unsigned(value)
  if value >= 0 then
    return ("%d"):format(value)
  end
  local tenth = (value >> 1) // 5
  return ("%d%d"):format(tenth, value - tenth * 10)
end

local function quoted(text)
  return '"' .. text:gsub("%z.*", ""):gsub('[%c"\\\x80-\xff]', function(c)
    return c == "\x7f" and c or ("\\%03o"):format(c:byte())
  end) .. '"'
end

local function is_text(type)
  return type.kind == "string" or (type.kind == "array" and type.element.text)
end

local function is_length(name)
  return name:match("^_.*_length$")
end

local shown

local shows = {
  int = function(type, value)
    return type.signed and ("%d"):format(value) or unsigned(value)
  end,
  real = function(type, value)
    local form = type.size == 32 and "f" or "d"
    return ("%.17g"):format((string.unpack(form, string.pack(form, value))))
  end,
  string = function(_, value)
    return quoted(value)
  end,
  array = function(type, value)
    if is_text(type) then
      return quoted(value)
    end
    local parts = {}
    for i, element in ipairs(_G.type(value) == "string" and { value:byte(1, -1) } or value) do
      parts[i] = shown(type.element, element) .. ";"
    end
    return "[" .. table.concat(parts) .. "]"
  end,
  struct = function(type, value)
    local parts = {}
    for _, member in ipairs(type) do
      if not is_length(member[1]) then
        local field = value[member[1]]
        if field == nil and member[2].kind == "struct" then
          field = {}
        end
        parts[#parts + 1] = ("%s=%s;"):format(member[1], shown(member[2], field))
      end
    end
    return "[" .. table.concat(parts) .. "]"
  end,
  variant = function(type, value)
    for _, option in ipairs(type) do
      if option[1] == value[1] then
        return shown(option[2], value[2])
      end
    end
  end,
  optional = function(type, value)
    return value == nil and "nil" or shown(type.element, value)
  end,
}

function shown(type, value)
  return shows[type.kind](type, value)
end

--- Of arrays: up to 8 elements as one number, and the elements as such.
local function numbers(type, value)
  if type.kind ~= "array" or is_text(type) then
    return "", ""
  end
  value = _G.type(value) == "string" and { value:byte(1, -1) } or value
  local sum, parts = #value > 0 and #value <= 8 and 0 or ABSENT, {}
  for i = 1, math.min(#value, 8) do
    local one = type.element.kind == "int" and value[i] or ABSENT
    sum = sum ~= ABSENT and type.element.kind == "int" and sum << 8 | one & 255 or ABSENT
    parts[i] = (",%d"):format(one)
  end
  return sum ~= ABSENT and ("%d,"):format(sum) or "", table.concat(parts)
end

local function field_line(name, type, value)
  if type.kind == "int" then
    return (" %s=%d,"):format(name, value)
  end
  local one, all = numbers(type, value)
  local text = shown(type, value)
  return (" %s=%s%s%s%s"):format(name, one, text, is_text(type) and "," .. text or "", all)
end

--- Nanoseconds since the Epoch: value * 10^9 / freq without loss, for values below 2^63.
function ctf.ns(clock, value)
  local function scaled(cycles)
    return cycles // clock.freq * 1000000000 + cycles % clock.freq * 1000000000 // clock.freq
  end
  return clock.offset_s * 1000000000 + scaled(clock.offset) + scaled(value)
end

local function has_cpu(stream)
  for _, member in ipairs(stream.context or {}) do
    if member[1] == "cpu_id" then
      return true
    end
  end
  return false
end

--- The lines of events, each with its time, in the order of one stream.
local function file_lines(trace, file, number)
  local lines, stream = {}, stream_of(trace, file)
  for _, packet in ipairs(file.packets.hidden and {} or file.packets) do
    for _, event in ipairs(packet) do
      if not event.hidden then
        local description = event_class(stream, event[2])
        local time = ctf.ns(trace.clock, event[1])
        local parts = { ("%d %d %d %s:"):format(time, number,
          has_cpu(stream) and (file.cpu or 0) or event.cpu or -1, event[2]) }
        for _, scope in ipairs { { description.fields, event[3], "" },
          { description.context, event.context, "ctx." }, { stream.common, event.common, "ctx." } }
        do
          for _, member in ipairs(scope[1] or {}) do
            if not is_length(member[1]) then
              local value = scope[2] and scope[2][member[1]]
              if value == nil and member[2].kind == "struct" then
                value = {}
              end
              parts[#parts + 1] = field_line(scope[3] .. member[1], member[2], value)
            end
          end
        end
        lines[#lines + 1] = { time, number, table.concat(parts), packet.from, #lines }
      end
    end
  end
  return lines
end

--- The lines that a reader's dump has for the events of traces, in order. The numbers of streams
-- are those of the order of files, where two of the same instance are one stream.
function ctf.lines(...)
  local all, n = {}, 0
  for _, trace in ipairs { ... } do
    local known = {}
    for _, file in ipairs(trace.files) do
      local key = trace.header and ("%d %d"):format(file.stream or 0, file.instance or 0) or file[1]
      if not known[key] then
        known[key], n = n, n + 1
      end
      for _, line in ipairs(file_lines(trace, file, known[key])) do
        all[#all + 1] = line
      end
    end
  end
  -- Sorts by time, stream, packet, place.
  table.sort(all, function(a, b)
    for _, key in ipairs { 1, 2, 4, 5 } do
      if a[key] ~= b[key] then
        return a[key] < b[key]
      end
    end
    return false
  end)
  local lines = {}
  for i, line in ipairs(all) do
    lines[i] = line[3]
  end
  return lines
end

local build = os.getenv("BUILD") or "build"

--- Runs tests/dump for each of { reader = "native" or "babeltrace2", env = variables, folders... },
-- all in one shell; returns lists of what they say: { out, err }.
function ctf.dumps(runs)
  local commands, results = {}, {}
  for n, run in ipairs(runs) do
    local out, err = host.path("out"), host.path("err")
    commands[n] = ("%s %s/tests/dump %s %s >%s 2>%s"):format(run.env or "", build, run.reader,
      table.concat(run, " "), out, err)
    results[n] = { out, err }
  end
  host.shell(table.concat(commands, "\n"))
  for n, paths in ipairs(results) do
    results[n] = { out = host.read(paths[1]), err = host.read(paths[2]) }
  end
  return results
end

--- The lines of events in a dump, as in ctf.lines().
function ctf.events(dump)
  local lines = {}
  for line in dump:gmatch("[^\n]+") do
    local head, fields = line:match("^(%-?%d+ %d+ %-?%d+ [^\n]-) %d+ %d+:(.*)$")
    if head and not line:match("^%-?%d+ %d+ %-?%d+ kind %d") then
      lines[#lines + 1] = head .. ":" .. fields
    end
  end
  return lines
end

--- Leaves out of a dump what begins with one of these words.
function ctf.without(dump, ...)
  for _, word in ipairs { ... } do
    dump = ("\n" .. dump):gsub("\n" .. word .. "[^\n]*", ""):sub(2)
  end
  return dump
end

return ctf
