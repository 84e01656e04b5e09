--- The native reader of CTF, on traces that are written byte by byte: what it makes of them is what
-- was written, and what libbabeltrace2 makes of them, where that can read them. Each trace is also
-- described by the JSON of CTF 2, which is to make no difference.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"

local u, i, array, text, struct = ctf.u, ctf.i, ctf.array, ctf.text, ctf.struct
local u8, u16, u32, u64 = u(8), u(16), u(32), u(64)
local ts = { clock = true }

--- Both texts are the same; if not, tells the first lines that differ.
local function same(expected, actual, what)
  if expected == actual then
    return
  end
  local n, other = 0, (actual .. "\n"):gmatch("([^\n]*)\n")
  for line in (expected .. "\n"):gmatch("([^\n]*)\n") do
    n = n + 1
    local it = other()
    if line ~= it then
      error(("%s, line %d:\nexpected %s\ngot      %s"):format(what, n, line, it), 2)
    end
  end
  error(("%s: there is more: %s"):format(what, other()), 2)
end

local function plain(pattern)
  return (pattern:gsub("%p", "%%%0"))
end

local function list(folders)
  return type(folders) == "table" and folders or { folders }
end

--- A dump in which folders are called by their numbers.
local function dump(reader, folders, env)
  local result = ctf.dump(reader, folders, env)
  for n, folder in ipairs(list(folders)) do
    for _, key in ipairs { "out", "err" } do
      result[key] = result[key]:gsub(plain(folder), "FOLDER" .. n)
    end
  end
  return result
end

--- What the native reader makes of folders is what was written, and no damage.
local function reads(folders, traces, env)
  local native = dump("native", folders, env)
  same("", native.err, "the native reader's words")
  same(table.concat(ctf.lines(table.unpack(traces)), "\n"),
    table.concat(ctf.events(native.out), "\n"), "events")
  -- Those that nobody wants are skipped in other ways.
  local skipped = dump("native", folders, "SKIP_ALL=1 " .. (env or ""))
  same("", skipped.err, "the native reader's words while skipping")
  same(ctf.without(native.out, "%-?%d"), ctf.without(skipped.out, "%-?%d"), "skipping")
  return native.out
end

--- The old reader makes the same of it.
local function agrees(folders, native, env)
  local old = dump("babeltrace2", folders, env)
  same("", old.err, "libbabeltrace2's words")
  same(old.out, native, "libbabeltrace2")
end

local languages = { { "tsdl" }, { "json" }, { "json", absolute = true } }

--- Checks traces, which `make(order)` describes, in both orders and languages; the paths of CTF 2
-- are relative or absolute. `options`: `alone` is why libbabeltrace2 is not asked, `only` a
-- language, `env` variables for the readers, `lost` what is to be told of the first stream ("events
-- packets begin end"), `expected` describes what several folders hold together.
local function check(make, options)
  options = options or {}
  for _, order in ipairs { "le", "be" } do
    local first
    for _, language in ipairs(languages) do
      if not options.only or options.only == language[1] then
        local traces, folders = make(order), {}
        traces = traces.streams and { traces } or traces
        for n, trace in ipairs(traces) do
          trace.order, trace.absolute = trace.order or order, language.absolute
          folders[n] = ctf.write(trace, language[1])
        end
        local expected = options.expected and { ctf.complete(options.expected) } or traces
        local out = reads(folders, expected, options.env)
        if options.lost then
          assert.equal(options.lost, out:match("\nstream 0: [^\n]* lost (%S+ %S+ %S+ %S+)\n"))
        end
        if language[1] == "tsdl" and not options.alone then
          agrees(folders, out, options.env)
        end
        first = first or out
        same(first, out, "CTF 2")
      end
    end
  end
end

-- ---- Payloads ----

--- A trace of one event class, with one event for each value.
local function payload(case)
  return function()
    local packet = {}
    for n, value in ipairs(case.values) do
      packet[n] = { 1000 * n, "event", value, context = (case.contexts or {})[n],
        common = (case.commons or {})[n] }
    end
    return { prefix = case.prefix,
      streams = { { id = 0, common = case.common,
        events = { { id = 1, name = "event", context = case.context, fields = case.fields } } } },
      files = { { "chan_0", packets = { packet } } } }
  end
end

--- Integers of all sizes, and values of them: their lowest, highest, and others.
local function all_sizes(more)
  local fields, values = struct {}, { {}, {}, {}, {} }
  for size = 1, 64 do
    local mask = size == 64 and -1 or (1 << size) - 1
    for n, bits in ipairs { 0, -1, 0x0123456789abcdef, 0x5a5a5a5a5a5a5a5a } do
      local value = bits & mask
      values[n]["u" .. size] = value
      values[n]["i" .. size] = size < 64 and value >> size - 1 == 1 and value - (1 << size) or value
    end
    fields[#fields + 1] = { "u" .. size, u(size, more) }
    fields[#fields + 1] = { "i" .. size, i(size, more) }
  end
  return { fields = fields, values = values }
end

local point = struct { { "x", u8 }, { "y", i(32) } }
local kinds = ctf.enum(u8, { { "none", 0, 0 }, { "num", 1, 4 }, { "num", 10, 20 },
  { "text", 5, 5 }, { "point", 6, 6 }, { "list", 7, 7 } })

--- A variant of all kinds of fields, by the enumeration above.
local function any(path, n)
  return ctf.variant(path, { { "none", struct {}, { 0, 0 } },
    { "num", i(32), { 1, 4 }, { 10, 20 } }, { "text", ctf.str(), { 5, 5 } },
    { "point", point, { 6, 6 } }, { "list", array(n, u16), { 7, 7 } } })
end

local cases = {
  ["integers of all sizes"] = all_sizes(),
  ["integers of all sizes, bit by bit"] = all_sizes { align = 1 },
  ["integers of all sizes at bytes"] = all_sizes { align = 8 },
  ["integers of all sizes, little-endian"] = all_sizes { align = 8, order = "le" },
  ["integers of all sizes, big-endian"] = all_sizes { align = 8, order = "be" },
  ["bit fields across bytes"] = {
    fields = struct { { "a", u(3) }, { "b", i(7) }, { "c", u(13) }, { "d", i(33) },
      { "e", u(64, { align = 1 }) }, { "f", u(1) }, { "g", u(16, { align = 1 }) }, { "h", u8 },
      { "i", u(4) }, { "j", u(12) } },
    values = {
      { a = 5, b = -64, c = 8191, d = -1, e = math.mininteger, f = 1, g = 0x1234, h = 255, i = 9,
        j = 0xabc },
      { a = 0, b = 63, c = 1, d = 4294967295, e = -1, f = 0, g = 0, h = 0, i = 0, j = 4095 } } },
  ["orders of bytes side by side"] = {
    fields = struct { { "a", u(16, { order = "be" }) }, { "b", u(16, { order = "le" }) },
      { "c", i(32, { order = "be" }) }, { "d", i(32, { order = "le" }) },
      { "e", i(64, { order = "be" }) }, { "f", i(64, { order = "le" }) }, { "g", u32 },
      { "h", array(4, u(16, { order = "be" })) }, { "i", array(4, u(16, { order = "le" })) },
      { "j", ctf.real(64, { order = "be" }) }, { "k", ctf.real(32, { order = "le" }) } },
    values = { { a = 1, b = 2, c = -3, d = -4, e = -5, f = -6, g = 7, h = { 1, 2, 3, 65535 },
      i = { 256, 3, 2, 1 }, j = -1.5, k = 0.25 } } },
  ["enumerations"] = {
    fields = struct {
      { "a", ctf.enum(u8, { { "zero", 0, 0 }, { "many", 1, 200 } }) },
      { "b", ctf.enum(i(16), { { "low", -32768, -1 }, { "zero", 0, 0 }, { "high", 1, 5 } }) },
      { "c", ctf.enum(u(5), { { "x", 3, 3 } }) }, { "d", ctf.enum(i(3), { { "x", -4, -4 } }) },
      { "e", ctf.enum(u64, { { "x", 0, math.maxinteger } }) },
      { "f", ctf.enum(i(64), { { "x", math.mininteger, 0 } }) } },
    values = { { a = 0, b = -32768, c = 3, d = -4, e = math.maxinteger, f = math.mininteger },
      { a = 255, b = 5, c = 31, d = 3, e = -1, f = -1 } } },
  ["strings"] = {
    fields = struct { { "a", ctf.str() }, { "b", u(3) }, { "c", ctf.str() }, { "d", ctf.str() } },
    values = { { a = "", b = 5, c = "", d = "" },
      { a = "hello", b = 2, c = "w\"\\\1\xc3\xa9", d = "" },
      { a = ("long"):rep(3000), b = 7, c = "x", d = ("y"):rep(257) },
      { a = "", b = 0, c = "", d = "z" } } },
  ["arrays of text"] = {
    fields = struct { { "a", text(8) }, { "b", u(1) }, { "c", text(1) }, { "d", text(16) } },
    values = { { a = "12345678", b = 1, c = "x", d = "0123456789abcdef" },
      { a = "abc\0defg", b = 0, c = "\0", d = ("\0"):rep(16) },
      { a = "1234567\0", b = 0, c = "y", d = "swapper/0\0\0\0\0\0\0\0" } } },
  ["sequences of text"] = {
    fields = struct { { "_a_length", u32 }, { "a", text("_a_length") }, { "n", u8 },
      { "b", text("n") }, { "c", text("n") } },
    values = { { _a_length = 3, a = "abc", n = 0, b = "", c = "" },
      { _a_length = 5, a = "ab\0cd", n = 2, b = "xy", c = "\0z" },
      { _a_length = 0, a = "", n = 255, b = ("b"):rep(255), c = ("c"):rep(255) } } },
  ["arrays of integers"] = {
    fields = struct { { "a", array(3, u8) }, { "b", array(0, u32) }, { "c", array(2, i(64)) },
      { "d", array(9, u(3)) }, { "e", array(8, u8) }, { "f", array(5, i(13)) },
      { "g", array(12, u16) }, { "h", array(2, kinds) }, { "i", ctf.blob(6) } },
    values = { { a = { 1, 2, 255 }, b = {}, c = { math.mininteger + 1, -1 },
      d = { 0, 1, 2, 3, 4, 5, 6, 7, 0 }, e = { 255, 254, 253, 252, 251, 250, 249, 248 },
      f = { -4096, 4095, -1, 0, 1 }, g = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 65535 },
      h = { 5, 99 }, i = { 1, 2, 3, 4, 5, 6 } } } },
  ["arrays of structures and texts"] = {
    fields = struct { { "a", array(2, point) }, { "b", array(2, ctf.str()) },
      { "c", array(2, struct { { "n", u8 }, { "q", array("n", u16) } }) },
      { "d", array(2, text(4)) }, { "e", array(3, struct { { "bit", u(1) }, align = 16 }) } },
    values = { { a = { { x = 1, y = -2 }, { x = 3, y = -4 } }, b = { "one", "" },
      c = { { n = 2, q = { 1, 2 } }, { n = 0, q = {} } }, d = { "abcd", "x\0y\0" },
      e = { { bit = 1 }, { bit = 0 }, { bit = 1 } } } } },
  ["arrays in arrays"] = {
    fields = struct { { "a", array(2, array(3, u8)) }, { "n", u8 },
      { "b", array("n", array(2, u16)) },
      { "c", array("n", array(3, array(2, i(5)))) } },
    values = { { a = { { 1, 2, 3 }, { 4, 5, 6 } }, n = 2, b = { { 1, 2 }, { 3, 4 } },
      c = { { { -1, 2 }, { 3, -16 }, { 0, 0 } }, { { 5, 6 }, { 7, 8 }, { 9, 10 } } } },
      { a = { { 0, 0, 0 }, { 1, 1, 1 } }, n = 0, b = {}, c = {} } } },
  ["sequences by a length in the same structure"] = {
    fields = struct { { "_a_length", u8 }, { "a", array("_a_length", u32) }, { "n", u(5) },
      { "b", array("n", u64) }, { "c", array("n", u(3)) }, { "d", u8 }, { "e", ctf.blob("n") } },
    values = { { _a_length = 2, a = { 1, 2 }, n = 1, b = { -1 }, c = { 7 }, d = 1, e = { 9 } },
      { _a_length = 0, a = {}, n = 0, b = {}, c = {}, d = 2, e = {} },
      { _a_length = 1, a = { 5 }, n = 9, b = { 1, 2, 3, 4, 5, 6, 7, 8, 9 },
        c = { 1, 2, 3, 4, 5, 6, 7, 0, 1 }, d = 3, e = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } } } },
  ["sequences by a length around them"] = {
    fields = struct { { "n", u8 }, { "m", u16 }, { "s", struct { { "a", array("n", u8) },
      { "t", struct { { "n", u8 }, { "b", array("n", u8) }, { "c", array("m", u16) } } },
      { "d", array("t.n", u8) } } } },
    values = { { n = 1, m = 2, s = { a = { 1 }, t = { n = 3, b = { 1, 2, 3 }, c = { 4, 5 } },
      d = { 7, 8, 9 } } } } },
  ["sequences by a length in a context"] = {
    common = struct { { "k", u8 }, { "in", struct { { "deep", u8 } } }, { "v", array("k", u8) } },
    context = struct { { "m", u16 } },
    fields = struct { { "n", u8 }, { "a", array("stream.event.context.k", u8) },
      { "b", array("event.context.m", u8) }, { "c", array("event.fields.n", u8) },
      { "d", array("stream.event.context.in.deep", u(7)) },
      { "s", struct { { "e", array("event.fields.n", u8) } } } },
    commons = { { k = 1, ["in"] = { deep = 2 }, v = { 5 } },
      { k = 0, ["in"] = { deep = 0 }, v = {} } },
    contexts = { { m = 3 }, { m = 0 } },
    values = { { n = 2, a = { 1 }, b = { 1, 2, 3 }, c = { 4, 5 }, d = { 100, 101 },
      s = { e = { 6, 7 } } }, { n = 0, a = {}, b = {}, c = {}, d = {}, s = { e = {} } } } },
  ["sequences of an event's own context"] = {
    options = { alone = "libbabeltrace2 fails an assertion" },
    common = struct { { "k", u8 } }, commons = { { k = 2 }, { k = 0 } },
    context = struct { { "m", u16 }, { "v", array("m", u8) },
      { "w", array("stream.event.context.k", u16) } },
    contexts = { { m = 1, v = { 7 }, w = { 1, 2 } }, { m = 0, v = {}, w = {} } },
    values = { {}, {} } },
  ["structures in structures"] = {
    fields = struct { { "a", u(3) }, { "s", struct { { "b", u8 }, { "t", struct { { "c", u(5) },
      { "d", ctf.str() } } }, { "e", u16 } } }, { "f", u(1) }, { "g", struct { { "h", u32 } } } },
    values = { { a = 1, s = { b = 2, t = { c = 3, d = "x" }, e = 4 }, f = 1, g = { h = 5 } } } },
  ["structures that only align"] = {
    fields = struct { { "a", u8 }, { "p", struct { align = 32 } }, { "b", u8 },
      { "q", struct { align = 8 } }, { "s", ctf.str() }, { "r", struct { align = 64 } },
      { "c", u8 } },
    values = { { a = 1, b = 2, s = "x", c = 3 }, { a = 4, b = 5, s = "four", c = 6 } } },
  ["alignment of all kinds"] = {
    fields = struct { align = 64, { "a", u8 }, { "b", u(32, { align = 32 }) },
      { "c", u(64, { align = 64 }) }, { "d", u(7, { align = 4 }) }, { "e", u(5, { align = 2 }) },
      { "f", ctf.real(32, { align = 32 }) }, { "g", u8 }, { "h", struct { align = 16,
        { "i", u8 }, { "j", u8 } } }, { "k", array(2, u(16, { align = 32 })) }, { "l", ctf.str() },
      { "m", array(2, struct { { "n", u8 }, { "o", u(16, { align = 16 }) } }) },
      { "p", u(8, { align = 128 }) } },
    values = { { a = 1, b = 2, c = 3, d = 100, e = 31, f = 1.5, g = 4, h = { i = 5, j = 6 },
      k = { 7, 8 }, l = "text", m = { { n = 9, o = 10 }, { n = 11, o = 12 } }, p = 13 },
      { a = 1, b = 2, c = 3, d = 0, e = 0, f = -1.5, g = 4, h = { i = 5, j = 6 },
        k = { 7, 8 }, l = "", m = { { n = 9, o = 10 }, { n = 11, o = 12 } }, p = 255 } } },
  ["variants"] = {
    fields = struct { { "n", u8 }, { "tag", kinds }, { "v", any("tag", "n") }, { "after", u8 } },
    values = { { n = 3, tag = 1, v = { "num", -1 }, after = 1 },
      { n = 3, tag = 4, v = { "num", -4 }, after = 2 },
      { n = 3, tag = 15, v = { "num", 5 }, after = 3 },
      { n = 3, tag = 5, v = { "text", "abc" }, after = 4 },
      { n = 3, tag = 6, v = { "point", { x = 1, y = 2 } }, after = 5 },
      { n = 3, tag = 7, v = { "list", { 1, 2, 3 } }, after = 6 },
      { n = 3, tag = 0, v = { "none", {} }, after = 7 } } },
  ["variants in structures and arrays"] = {
    fields = struct { { "n", u8 }, { "tag", kinds },
      { "s", struct { { "bit", u(1) }, { "v", any("tag", "n") }, { "w", any("tag", "n") } } },
      { "a", array(2, ctf.variant("tag", { { "text", ctf.str(), { 5, 5 } },
        { "num", u8, { 1, 4 }, { 10, 20 } } })) },
      { "b", array("n", struct { { "tag", kinds }, { "v", any("tag", "n") } }) } },
    values = { { n = 2, tag = 5, s = { bit = 1, v = { "text", "x" }, w = { "text", "" } },
      a = { { "text", "one" }, { "text", "two" } },
      b = { { tag = 6, v = { "point", { x = 1, y = 2 } } }, { tag = 12, v = { "num", 9 } } } },
      { n = 0, tag = 20, s = { bit = 0, v = { "num", -1 }, w = { "num", 1 } },
        a = { { "num", 3 }, { "num", 4 } }, b = {} } } },
  ["variants by negative selectors"] = {
    fields = struct { { "tag", ctf.enum(i(16), { { "neg", -100, -1 }, { "pos", 0, 100 } }) },
      { "v", ctf.variant("tag", { { "neg", i(16), { -100, -1 } }, { "pos", u64, { 0, 100 } } }) } },
    values = { { tag = -100, v = { "neg", -5 } }, { tag = 0, v = { "pos", 5 } } } },
  ["variants by selectors in a context"] = {
    options = { alone = "libbabeltrace2's grammar has no such selectors" },
    common = struct { { "tag", ctf.enum(i(16), { { "neg", -100, -1 }, { "pos", 0, 100 } }) } },
    fields = struct { { "v", ctf.variant("stream.event.context.tag",
      { { "neg", i(16), { -100, -1 } }, { "pos", u64, { 0, 100 } } }) } },
    commons = { { tag = -100 }, { tag = 0 }, { tag = -1 } },
    values = { { v = { "neg", -5 } }, { v = { "pos", 5 } }, { v = { "neg", -32768 } } } },
  ["floating-point numbers"] = {
    fields = struct { { "a", ctf.real(32) }, { "b", ctf.real(64) }, { "c", u(3) },
      { "d", ctf.real(64) }, { "e", array(2, ctf.real(32)) } },
    values = { { a = 1.1, b = 1.1, c = 1, d = -0.0, e = { 1e30, -1e-30 } },
      { a = math.huge, b = -math.huge, c = 0, d = 5e-324, e = { 0.0, 3.0 } } } },
  ["contexts of all events and of one class"] = {
    common = struct { { "tid", i(32) }, { "procname", text(16) }, { "bit", u(1) } },
    context = struct { { "pid", i(32) }, { "own", ctf.str() } },
    fields = struct { { "pid", i(32) }, { "x", u8 } },
    commons = { { tid = 1, procname = "init\0\0\0\0\0\0\0\0\0\0\0\0", bit = 1 } },
    contexts = { { pid = 2, own = "two" } },
    values = { { pid = 3, x = 4 } } },
  ["an event without fields"] = { fields = struct {}, values = { {}, {} } },
  ["an event with a context only"] = {
    context = struct { { "a", u8 } }, contexts = { { a = 1 }, { a = 2 } }, values = { {}, {} } },
  ["names as they are"] = {
    prefix = "", fields = struct { { "a", u8 }, { "n", u8 }, { "b", array("n", u8) } },
    values = { { a = 1, n = 2, b = { 3, 4 } } } },
}

describe("payloads:", function()
  for name, case in pairs(cases) do
    it(name, function()
      check(payload(case), case.options)
    end)
  end

  it("a length in the structure around, with one of that name inside, in CTF 2", function()
    check(payload { fields = struct { { "n", u8 }, { "s", struct { { "n", u8 },
      { "t", struct { { "n", u8 }, { "a", array({ up = 2, "n" }, u8) },
        { "b", array({ up = 1, "n" }, u8) }, { "c", array("n", u8) } } } } } },
      values = { { n = 1,
        s = { n = 2, t = { n = 3, a = { 1 }, b = { 1, 2 }, c = { 1, 2, 3 } } } } } },
      { only = "json" })
  end)

  it("fields that may be there or not, in CTF 2", function()
    check(payload { fields = struct { { "n", u8 }, { "a", ctf.optional("n", u32) },
      { "b", ctf.optional("n", ctf.str(), { { 3, 4 }, { 7, 7 } }) }, { "c", u8 } },
      values = { { n = 0, c = 1 }, { n = 1, a = 5, c = 2 }, { n = 3, a = 6, b = "three", c = 3 },
        { n = 7, a = 7, b = "", c = 4 }, { n = 255, a = 8, c = 5 } } }, { only = "json" })
  end)
end)

-- ---- Headers of events ----

local natural = ctf.natural

--- What stands before events, and the ids of three classes that are different in it.
local headers = {
  ["compact"] = { ctf.compact(), { 0, 30, 31 } },
  ["large"] = { ctf.large(), { 0, 65534, 65535 } },
  ["compact, naturally aligned"] = { natural(ctf.compact(32), 64), { 1, 2, 40 }, most = 64 },
  ["large, naturally aligned"] = { natural(ctf.large(16), 64), { 1, 2, 65535 }, most = 64 },
  ["compact, aligned to 32 bits at most"] = {
    natural(ctf.compact(32), 32), { 1, 2, 40 }, most = 32 },
  ["large, aligned to 32 bits at most"] = {
    natural(ctf.large(16), 32), { 1, 2, 65535 }, most = 32 },
  ["of an id and a time"] = {
    struct { { "id", u16 }, { "timestamp", u(64, ts) } }, { 0, 1, 300 } },
  ["of an id of 64 bits"] = {
    struct { { "id", u64 }, { "timestamp", u(64, ts) } }, { 0, 1, 300 } },
  ["of a time before an id"] = {
    struct { { "timestamp", u(64, ts) }, { "id", u8 } }, { 0, 1, 255 } },
  ["of a time of 32 bits"] = { struct { { "id", u8 }, { "timestamp", u(32, ts) } }, { 0, 1, 255 },
    near = 32 },
  ["of bits that end within a byte"] = {
    struct { { "id", u(5) }, { "timestamp", u(30, ts) } }, { 0, 1, 31 }, near = 30 },
  ["of bits that fill a byte"] = {
    struct { { "id", u(3) }, { "timestamp", u(29, ts) } }, { 0, 1, 7 }, near = 29 },
  ["with more than is needed"] = { struct { { "magic", ctf.str() }, { "id", u8 }, { "pad", u(4) },
    { "timestamp", u(64, ts) } }, { 0, 1, 2 }, more = { magic = "x", pad = 1 } },
}

--- Times that make the tracers' low bits wrap around, and some far away from each other; no step
-- takes more than `bits`.
local function times(bits)
  local all = { 5, 5, 6 }
  for _, shift in ipairs { 27, 28, 29, 30, 31, 32, 33, 40, 60 } do
    for _, more in ipairs { -1, 0, 3, (1 << 27) - 1 } do
      local time = (1 << shift) + more
      if time - all[#all] < 1 << bits then
        all[#all + 1] = time
      end
    end
  end
  return all
end

describe("headers of events:", function()
  for name, case in pairs(headers) do
    it(name, function()
      check(function()
        local header, ids = case[1], case[2]
        local fields = { struct { { "a", u32 }, { "s", ctf.str() } }, struct { { "b", u8 } },
          struct { { "c", u64 }, { "bits", u(3) } } }
        local stream = { id = 1, header = header,
          context = natural(ctf.packet_context(), case.most or 8), events = {} }
        for n, id in ipairs(ids) do
          stream.events[n] = { id = id, name = "event" .. n,
            fields = natural(fields[n], case.most or 8) }
        end
        local values = { { a = 1, s = "x" }, { b = 2 }, { c = -1, bits = 5 } }
        local packets = { {}, {} }
        for n, time in ipairs(times(case.near or 62)) do
          local packet = packets[n < 9 and 1 or 2]
          packet[#packet + 1] = { time, "event" .. n % 3 + 1, values[n % 3 + 1],
            header = case.more, extended = n == 3 }
        end
        return { header = natural(ctf.packet_header(), case.most or 8), streams = { stream },
          files = { { "chan_0", stream = 1, cpu = 2, packets = packets } } }
      end)
    end)
  end

  it("of a time only, of one event class", function()
    check(function()
      return { streams = { { header = struct { { "timestamp", u(64, ts) } },
        events = { { name = "event", fields = struct { { "a", u8 } } } } } },
        files = { { "chan_0",
          packets = { { { 1, "event", { a = 1 } }, { 9, "event", { a = 2 } } } } } } }
    end)
  end)
end)

-- ---- Packets ----

--- A packet from numbers: each is the time of an event, and in it.
local function ticks(packet)
  for n, time in ipairs(packet) do
    packet[n] = type(time) == "table" and time or { time, "tick", { n = time & 0xffffffff } }
  end
  return packet
end

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, member in pairs(value) do
    result[key] = copy(member)
  end
  return result
end

--- A trace of one event class whose packets have such events; `more` are parts of the trace and of
-- its stream class.
local function ticking(packets, more, stream)
  stream = stream or { id = 0 }
  stream.events = { { id = 0, name = "tick", fields = struct { { "n", u32 } } } }
  local trace = { streams = { stream }, files = { { "chan_0", cpu = 1, packets = packets } } }
  for key, value in pairs(more or {}) do
    trace[key] = value
  end
  for _, packet in ipairs(packets) do
    ticks(packet)
  end
  return trace
end

--- Packet headers and contexts that are not the tracer's, for one packet each.
local odd = {
  ["no context: one packet, up to the end of the file"] = { nil, false },
  ["no header: no magic, no UUID"] = { false },
  ["neither header nor context"] = { false, false },
  ["a header of a magic only"] = { struct { { "magic", u32 } } },
  ["a header of a stream class only"] = { struct { { "stream_id", u8 } } },
  ["a header of a UUID only"] = { struct { { "uuid", ctf.blob(16) } } },
  ["a header of a magic and a stream"] = { struct { { "magic", u32 }, { "stream_id", u64 },
    { "stream_instance_id", u8 } } },
  ["a context of times only"] = { nil, struct { { "timestamp_begin", u(64, ts) },
    { "timestamp_end", u(64, ts) } } },
  ["a context of a CPU only"] = { nil, struct { { "cpu_id", u8 } } },
  ["a context of sizes only"] = { nil, struct { { "packet_size", u32 },
    { "content_size", u32 } } },
  ["a context of one size only"] = { nil, struct { { "content_size", u32 } } },
  ["a context of other fields, too"] = { nil, struct { { "n", u8 }, { "seq", array("n", u8) },
    { "timestamp_begin", u(64, ts) }, { "s", struct { { "text", ctf.str() } } },
    { "timestamp_end", u(64, ts) }, { "content_size", u64 }, { "packet_size", u64 } },
    { n = 2, seq = { 1, 2 }, s = { text = "x" } } },
}

-- What is lost, packets, and how the reader must tell it. A packet's counter is of the events that
-- came when it was full, after its last one.
local lost = {
  ["packets that are missing"] = { "0 5 30 95", {
    { 10, 20, to = 30, number = 7 }, { 50, 60, to = 70, number = 10 },
    { 75, to = 80, number = 11 }, { 96, from = 95, number = 15 } } },
  ["none, by numbers of packets that go back"] = { "0 0 0 0", {
    { 10, number = 7 }, { 50, number = 3 }, { 75, number = 3 } },
    alone = "libbabeltrace2 loses -5 packets" },
  ["an unknown number of events in the first packet"] = { "1 0 10 40", {
    { 10, to = 40, discarded = 9 }, { 50, discarded = 9 } } },
  ["events"] = { "12 0 50 80", {
    { 10, 20, to = 30 }, { 40, 50, to = 60, discarded = 5 }, { 65, to = 70, discarded = 5 },
    { 75, to = 80, discarded = 12 }, { 85, discarded = 12 } } },
  ["events, in packets without any"] = { "5 0 30 50", {
    { 10, 20, to = 30 }, { from = 30, to = 40, discarded = 2 }, { from = 45, to = 50, discarded = 5 },
    { 85, discarded = 5 } } },
  ["events of a counter that falls to 0 once"] = { "15 0 40 90", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 7 }, { 50, to = 55 },
    { 60, to = 65, discarded = 10 }, { 70, to = 90, discarded = 15 } } },
  ["events of a counter that was reset"] = { "10 0 40 70", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 7 }, { 50, to = 55 },
    { 60, to = 70, discarded = 3 }, { 80, discarded = 3 } } },
  ["events of a counter of 32 bits"] = { "70000 0 40 45", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 70000 }, { 50, discarded = 70000 } }, bits = 32 },
  ["events of a counter of 32 bits that wraps around"] = { "13 0 10 45", {
    { 10, to = 20, discarded = (1 << 32) - 8 }, { 30, to = 35, discarded = (1 << 32) - 3 },
    { 40, to = 45, discarded = 4 }, { 50, to = 55, discarded = 4 } }, bits = 32,
    alone = "libbabeltrace2 takes the step of the wrap as one of 64 bits" },
  ["events of a counter of 8 bits that wraps around"] = { "300 0 30 60", {
    { 10, to = 20 }, { 30, to = 40, discarded = 100 }, { 45, to = 50, discarded = 200 },
    { 55, to = 60, discarded = 300 & 255 }, { 70, to = 80, discarded = 300 & 255 } }, bits = 8,
    alone = "libbabeltrace2 takes the step of the wrap as one of 64 bits" },
}

describe("packets:", function()
  it("with room behind their content, and empty ones", function()
    check(function()
      return ticking { { from = 1, to = 2, pad = 64 }, { 5, 6, 7, pad = 4000 },
        { from = 8, to = 9 }, { from = 9, to = 9, pad = 1 }, { 10, 11, size = 4096 },
        { 12, content = nil }, { from = 20, to = 25, size = 8192 } }
    end)
  end)

  it("of bits that end within a byte", function()
    check(function()
      return { streams = { { id = 0, header = struct { { "id", u(3) }, { "timestamp", u(29, ts) } },
        events = { { id = 0, name = "tick", fields = struct { { "n", u(3) } } } } } },
        files = { { "chan_0", packets = { { { 1, "tick", { n = 1 } }, { 2, "tick", { n = 2 } } },
          { { 3, "tick", { n = 7 } } } } } } }
    end)
  end)

  for name, case in pairs(odd) do
    it("with " .. name, function()
      check(function()
        return ticking({ { 5, 6, 1 << 28, set = case[3] } },
          { header = case[1], uuid = case[1] ~= false and nil }, { context = case[2] })
      end)
    end)
  end

  for name, case in pairs(lost) do
    it("between which are lost: " .. name, function()
      check(function()
        return ticking(copy(case[2]), nil, { context = ctf.packet_context(case.bits) })
      end, { lost = case[1], alone = case.alone })
    end)
  end

  it("that overlap: the next begins before the last one ends", function()
    check(function()
      return ticking { { 10, 50, to = 60 }, { 55, 70, from = 45, to = 80 }, { 81, from = 75 } }
    end, { alone = "libbabeltrace2 refuses them" })
  end)

  it("that end before their last event, as old tracers say", function()
    check(function()
      return ticking { { 10, 50, to = 40 }, { 55, 70, to = 80 } }
    end)
  end)
end)
