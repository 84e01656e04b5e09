--- The native reader of CTF, on traces that are written byte by byte: what it makes of them is what
-- was written, and what libbabeltrace2 makes of them, where that can read them. Each trace is also
-- described by the JSON of CTF 2, which is to make no difference.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

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

--- The dumps of ctf.dumps(), in which folders are called by their numbers.
local function dumps(runs)
  local results = ctf.dumps(runs)
  for n, result in ipairs(results) do
    for k, folder in ipairs(runs[n]) do
      for _, key in ipairs { "out", "err" } do
        result[key] = result[key]:gsub(plain(folder) .. "%f[%D]", "FOLDER" .. k)
      end
    end
  end
  return results
end

--- The traces that `make(order)` describes, written in one language.
local function written(make, order, language, absolute)
  local traces, folders = make(order), {}
  traces = traces.streams and { traces } or traces
  for n, trace in ipairs(traces) do
    trace.order, trace.absolute = trace.order or order, absolute
    folders[n] = ctf.write(trace, language)
  end
  return folders, traces
end

local function run(reader, folders, env)
  return { reader = reader, env = env or "", table.unpack(folders) }
end

--- Checks traces, which `make(order)` describes, in both orders and languages; the paths of CTF 2
-- are relative or absolute. `options`: `alone` is why libbabeltrace2 is not asked, `only` a
-- language, `env` variables for the readers, `lost` what is to be told of the first stream ("events
-- packets begin end"), `expected` describes what several folders hold together.
local function check(make, options)
  options = options or {}
  local env, runs, checks = options.env, {}, {}
  local function add(what, checks_it)
    runs[#runs + 1], checks[#checks + 1] = what, checks_it
  end
  for _, order in ipairs { "le", "be" } do
    local first
    local function add_language(language, absolute)
      local folders, traces = written(make, order, language, absolute)
      add(run("native", folders, env), function(result)
        same("", result.err, "the native reader's words")
        first = first or result.out
        same(first, result.out, "CTF 2")
        same(table.concat(ctf.lines(table.unpack(
          options.expected and { ctf.complete(options.expected) } or traces)), "\n"),
          table.concat(ctf.events(result.out), "\n"), "events")
        assert.equal(options.lost, options.lost
          and result.out:match("\nstream 0: [^\n]* lost (%S+ %S+ %S+ %S+)\n"))
      end)
      return folders
    end
    if options.only ~= "json" then
      local folders = add_language("tsdl")
      -- Those that nobody wants are skipped in other ways.
      add(run("native", folders, "SKIP_ALL=1 " .. (env or "")), function(result)
        same("", result.err, "the native reader's words while skipping")
        same(ctf.without(first, "%-?%d"), ctf.without(result.out, "%-?%d"), "skipping")
      end)
      if not options.alone then
        add(run("babeltrace2", folders, env), function(result)
          same("", result.err, "libbabeltrace2's words")
          same(result.out, first, "libbabeltrace2")
        end)
      end
    end
    if options.only ~= "tsdl" then
      add_language("json", order == "be")
      if order == "le" then
        add_language("json", true)
      end
    end
  end
  for n, result in ipairs(dumps(runs)) do
    checks[n](result)
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
  ["lengths in the structures of variants"] = {
    fields = struct { { "tag", kinds }, { "v", ctf.variant("tag", {
      { "num", struct { { "n", u8 }, { "a", array("n", u16) } }, { 1, 4 }, { 10, 20 } },
      { "list", array(2, struct { { "n", u8 }, { "a", array("n", u16) } }), { 7, 7 } } }) } },
    values = { { tag = 1, v = { "num", { n = 2, a = { 1, 2 } } } },
      { tag = 7, v = { "list", { { n = 1, a = { 3 } }, { n = 0, a = {} } } } },
      { tag = 20, v = { "num", { n = 0, a = {} } } } } },
  ["names with underscores"] = {
    fields = struct { { "_x", u8 }, { "__y", u8 }, { "z_", u8 }, { "_n", u8 },
      { "_q", array("_n", u8) }, { "_", u8 } },
    values = { { _x = 1, __y = 2, z_ = 3, _n = 1, _q = { 4 }, _ = 5 } } },
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

  for _, id in ipairs { 0, 5 } do
    it("of a time only, of one event class with id " .. id, function()
      check(function()
        return { streams = { { header = struct { { "timestamp", u(64, ts) } },
          events = { { id = id, name = "event", fields = struct { { "a", u8 } } } } } },
          files = { { "chan_0",
            packets = { { { 1, "event", { a = 1 } }, { 9, "event", { a = 2 } } } } } } }
      end)
    end)
  end
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
    { 10, 20, to = 30 }, { from = 30, to = 40, discarded = 2 },
    { from = 45, to = 50, discarded = 5 }, { 85, discarded = 5 } } },
  ["events of a counter that falls to 0 once"] = { "15 0 40 90", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 7 }, { 50, to = 55 },
    { 60, to = 65, discarded = 10 }, { 70, to = 90, discarded = 15 } } },
  ["events of a counter that falls to 0 for several packets"] = { "500 0 20 75", {
    { 10, to = 11 }, { 20, to = 25, discarded = 459 }, { 30, to = 35 }, { 40, to = 45 },
    { 50, to = 55 }, { 60, to = 65, discarded = 459 }, { 70, to = 75, discarded = 500 },
    { 80, discarded = 500 } } },
  ["events of a counter that was reset, and grows beyond what it was"] = { "18 0 40 95", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 7 }, { 50, to = 55 }, { 57, to = 58 },
    { 60, to = 70, discarded = 3 }, { 80, to = 95, discarded = 11 }, { 98, discarded = 11 } } },
  ["events of a counter that was reset"] = { "10 0 40 70", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 7 }, { 50, to = 55 },
    { 60, to = 70, discarded = 3 }, { 80, discarded = 3 } } },
  ["events of a counter of 32 bits"] = { "70000 0 40 45", {
    { 10, 20, to = 30 }, { 40, to = 45, discarded = 70000 }, { 50, discarded = 70000 } },
    bits = 32 },
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
  it("of UUID 0, as LTTng 2.14 to 2.16 write those without events", function()
    check(function()
      return ticking { { 5, 6 }, { from = 7, to = 9, set = { uuid = ("\0"):rep(16) } }, { 10, 11 } }
    end)
  end)

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

-- ---- Files, streams, traces ----

local other_uuid = "11111111-2222-3333-4444-555555555555"

--- A trace whose files are { "name", instance, packets, index = ... }.
local function filed(files, more)
  local trace = ticking({}, more)
  trace.files = {}
  for n, file in ipairs(files) do
    for _, packet in ipairs(file[3]) do
      ticks(packet)
    end
    trace.files[n] = { file[1], instance = file[2], cpu = file[2], packets = file[3],
      index = file.index, bytes = file.bytes }
  end
  return trace
end

describe("files:", function()
  it("several of one stream, as a rotation leaves them, in order of time", function()
    check(function()
      return filed { { "chan_0_2", 0, { { 10, 11, number = 0 }, { 20, number = 1 } } },
        { "chan_0_1", 0, { { 30, 31, number = 2 }, { 40, number = 3 } } },
        { "chan_0_0", 0, { { 50, 60, number = 4 } } } }
    end)
  end)

  it("several of one stream, of which a packet is missing between them", function()
    check(function()
      return filed { { "chan_0_0", 0, { { 10, 11, number = 0 }, { 20, to = 25, number = 1 } } },
        { "chan_0_1", 0, { { 30, 31, number = 4 }, { 40, number = 5 } } } }
    end, { lost = "0 2 25 30" })
  end)

  local function snapshots()
    local first, second, third = { 10, 11, number = 0 }, { 20, 21, number = 1 },
      { 30, 31, number = 2 }
    return filed({ { "chan_0", 0, { copy(first), copy(second) } }, { "chan_1", 1, { { 12 } } } }),
      filed({ { "chan_0", 0, { copy(second), copy(third) } },
        { "chan_1", 1, { { 13 }, { 14 } } } }),
      filed({ { "chan_0", 0, { first, second, third } },
        { "chan_1", 1, { { 12 }, { 13 }, { 14 } } } })
  end

  it("of snapshots that have the same packet", function()
    check(function()
      return { (snapshots()), (select(2, snapshots())) }
    end, { expected = select(3, snapshots()), env = "NO_INTERSECTION=1" })
  end)

  for name, change in pairs {
    ["that is right"] = true,
    ["of places that are not in the file"] = function(fields)
      fields[1] = fields[1] + 1000000
    end,
    ["of places within packets"] = function(fields)
      fields[1] = fields[1] + 8
    end,
    ["of other times"] = function(fields)
      fields[4], fields[5] = fields[4] + 3, fields[5] + 5
    end,
  } do
    it("with an index " .. name, function()
      check(function()
        return filed { { "chan_0", 0, { { 10, 11, number = 0 }, { 20, number = 1, pad = 100 },
          { 30, to = 35, number = 2 } }, index = change }, { "chan_1", 1, { { 5, 36, to = 40 } } } }
      end, { alone = change ~= true and "libbabeltrace2 believes an index",
        env = "NO_INTERSECTION=1" })
    end)
  end

  it("with an index of a file that is missing, and others that nobody knows", function()
    check(function()
      local trace = filed { { "chan_0", 0, { { 10, 11 } }, index = true },
        { "chan_1", 1, { { 12 } }, index = true, bytes = function() return "" end } }
      trace.files[2].packets.hidden = true
      return trace
    end)
  end)
end)

describe("streams:", function()
  it("of several classes, with ids, headers and contexts of their own", function()
    check(function()
      local packets = {}
      for n = 0, 3 do
        packets[n] = { { 10 + n, "a", { x = n }, common = { tid = n } },
          { 1000 - n, "a", { x = 255 }, common = { tid = -1 } } }
      end
      for n = 4, 11 do
        packets[n] = { { 10 + n, "b", { s = "text" .. n } }, { 1000, "c", { i = -n } }, from = n }
      end
      local trace = { streams = {
        { id = 2, header = ctf.large(), common = struct { { "tid", i(32) } },
          events = { { id = 7, name = "a", fields = struct { { "x", u8 } } } } },
        { id = 5, context = ctf.packet_context(32), events = {
          { id = 0, name = "b", fields = struct { { "s", ctf.str() } } },
          { id = 7, name = "c", fields = struct { { "i", i(64) } } } } } }, files = {} }
      for n = 0, 11 do
        trace.files[n + 1] = { "chan_" .. n, stream = n < 4 and 2 or 5, instance = n, cpu = 11 - n,
          packets = { packets[n] } }
      end
      return trace
    end, { env = "NO_INTERSECTION=1" })
  end)

  it("with time in common, and without", function()
    local function make()
      return filed { { "chan_0", 0, { { 10, 20 }, { 30, 50 } } },
        { "chan_1", 1, { { 10, 25, 30 }, { 40, 50 } } } }
    end
    check(make)
    local trace = filed { { "chan_0", 0, { { 10, 20 } } }, { "chan_1", 1, { { 30, 40 } } } }
    local folder = ctf.write(trace)
    assert.matches("no time in common", dumps({ run("native", { folder }) })[1].err)
    check(function()
      return copy(trace)
    end, { env = "NO_INTERSECTION=1" })
  end)
end)

describe("several traces:", function()
  it("of different clocks, orders of bytes and layouts, in one order of time", function()
    check(function()
      local packets = { { 5000, 7000, 1 << 29 }, { (1 << 29) + 5, (1 << 30) + 7 } }
      local late = { { 1, 2000, 3000 }, { 5000, (1 << 29) + 3, (1 << 30) } }
      return {
        ticking(copy(packets), { order = "be", uuid = other_uuid,
          clock = { name = "mono", offset_s = 1700000000, offset = 5 } }),
        ticking(late, { order = "le", uuid = false, header = false,
          clock = { offset_s = 1699999999, offset = 1000001007 } },
          { header = struct { { "timestamp", u(64, ts) } } }),
        { order = "le", clock = { offset_s = 1700000000, offset = 0 }, streams = { { id = 0,
          header = natural(ctf.compact(32), 64),
          events = { { id = 40, name = "tick", fields = struct { { "x", u(5) } } } } } },
          files = { { "chan_0", packets = {
            { { 5005, "tick", { x = 1 } }, { 7006, "tick", { x = 2 } } } } } } } }
    end, { env = "NO_INTERSECTION=1" })
  end)

  it("of one clock are not one trace", function()
    check(function()
      local more = { uuid = false, header = false, clock = { uuid = other_uuid } }
      local other = copy(more)
      other.env = { hostname = "other", domain = "kernel" }
      return { ticking({ { 10, 30 } }, more, {}),
        ticking({ { 11, 29 } }, other, { header = ctf.large() }) }
    end)
  end)
end)

describe("clocks:", function()
  for _, clock in ipairs { { offset_s = 1700000000 }, { offset_s = 1700000000, offset = 123456789 },
    { offset = 1700000000123456789 }, { offset_s = -5 }, { offset_s = 1, offset = 5000000000 } } do
    it(("of ns, which begins at %s s and %s"):format(clock.offset_s or 0, clock.offset or 0),
      function()
        check(function()
          return ticking({ { 0, 1, 999999999 }, { 1000000000, 1 << 40 } }, { clock = clock })
        end)
      end)
  end

  for _, clock in ipairs { { offset = -500000000 }, { offset_s = -1, offset = -3 },
    { freq = 3000000000, offset = -7 }, { offset_s = 1700000000, offset = -5000000001 } } do
    for _, form in ipairs { "%d", "%u" } do
      it(("that begin at %d cycles, as %s"):format(clock.offset, form == "%d" and "a number below 0"
        or "2^64 - n, as old tracers write it"), function()
        check(function()
          return ticking({ { 0, 1, 999999999 }, { 1000000000, 1 << 40 } }, { clock = clock,
            metadata = function(trace, language)
              local tenth = (clock.offset >> 1) // 5
              local unsigned = ("%d%d"):format(tenth, clock.offset - tenth * 10)
              return (ctf[language](trace):gsub(("%d"):format(clock.offset):gsub("%p", "%%%0"),
                form == "%d" and "%0" or unsigned, 1))
            end })
        end, { alone = "libbabeltrace2 2.0 refuses them" })
      end)
    end
  end

  for _, freq in ipairs { 1, 3, 1000, 32768, 1000000, 2399998123, 3000000000, 1 << 32 } do
    it(("of %d Hz"):format(freq), function()
      local top = freq << 30
      local values = { 0, 1, 7, freq // 3, freq, freq + 1, freq + freq // 7, top // 3, top // 2 - 1,
        top - 1, top }
      table.sort(values)
      check(function()
        return ticking({ copy(values) },
          { clock = { freq = freq, offset_s = 1600000000, offset = freq // 2 } })
      end, { alone = "libbabeltrace2 computes with floating-point numbers" })
    end)
  end

  it("of another frequency, where floating-point numbers are exact", function()
    check(function()
      return ticking({ { 0, 1, 5 }, { 1000, 123456 } }, { clock = { freq = 1000000 } })
    end)
  end)
end)

-- ---- Metadata ----

-- How LTTng writes it; %s is the order of bytes.
local lttng_metadata = [[
/* CTF 1.8 */
typealias integer { size = 8; align = 8; signed = false; } := uint8_t;
typealias integer { size = 16; align = 8; signed = false; } := uint16_t;
typealias integer { size = 32; align = 8; signed = false; } := uint32_t;
typealias integer { size = 64; align = 8; signed = false; } := uint64_t;
typealias integer { size = 64; align = 8; signed = false; } := unsigned long;
typealias integer { size = 5; align = 1; signed = false; } := uint5_t;
typealias integer { size = 27; align = 1; signed = false; } := uint27_t;

trace {
	major = 1;
	minor = 8;
	uuid = "2a6422d0-6cee-11e0-8c08-cb07d7b3a564";
	byte_order = %s;
	packet.header := struct {
		uint32_t magic;
		uint8_t  uuid[16];
		uint32_t stream_id;
		uint64_t stream_instance_id;
	};
};

env {
	hostname = "box";
	domain = "kernel";
	sysname = "Linux";
	kernel_release = "6.1.0-amd64";
	kernel_version = "#1 SMP PREEMPT_DYNAMIC Debian \"6.1\"";
	tracer_name = "lttng-modules";
	tracer_major = 2;
	tracer_minor = 13;
	tracer_patchlevel = 8;
};

clock {
	name = "monotonic";
	uuid = "c1a2f4a6-7f0b-4b38-8a1e-3f0cbd0a1d0e";
	description = "Monotonic Clock";
	freq = 1000000000; /* Frequency, in Hz */
	/* clock value offset from Epoch is: offset * (1/freq) */
	offset = 1700000000123456789;
};

typealias integer {
	size = 27; align = 1; signed = false;
	map = clock.monotonic.value;
} := uint27_clock_monotonic_t;

typealias integer {
	size = 32; align = 8; signed = false;
	map = clock.monotonic.value;
} := uint32_clock_monotonic_t;

typealias integer {
	size = 64; align = 8; signed = false;
	map = clock.monotonic.value;
} := uint64_clock_monotonic_t;

struct packet_context {
	uint64_clock_monotonic_t timestamp_begin;
	uint64_clock_monotonic_t timestamp_end;
	uint64_t content_size;
	uint64_t packet_size;
	uint64_t packet_seq_num;
	unsigned long events_discarded;
	uint32_t cpu_id;
};

struct event_header_compact {
	enum : uint5_t { compact = 0 ... 30, extended = 31 } id;
	variant <id> {
		struct {
			uint27_clock_monotonic_t timestamp;
		} compact;
		struct {
			uint32_t id;
			uint64_clock_monotonic_t timestamp;
		} extended;
	} v;
} align(8);

stream {
	id = 0;
	event.header := struct event_header_compact;
	packet.context := struct packet_context;
	event.context := struct {
		integer { size = 32; align = 8; signed = 1; encoding = none; base = 10; } _tid;
		integer { size = 8; align = 8; signed = 1; encoding = UTF8; base = 10; } _procname[16];
	};
};

event {
	name = "syscall_entry_openat";
	id = 35;
	stream_id = 0;
	fields := struct {
		integer { size = 32; align = 8; signed = 1; encoding = none; base = 10; } _dfd;
		string _filename;
		integer { size = 32; align = 8; signed = 0; encoding = none; base = 10; } __list_length;
		integer { size = 16; align = 8; signed = 0; base = 16; } _list[ __list_length ];
		enum : integer { size = 8; align = 8; signed = 0; base = 10; } { "AF" = 0 ... 1, "IP" = 2 }
			_family;
		variant <_family> {
			struct { } align(8) AF;
			struct {
				integer { size = 16; align = 8; signed = 0; base = 10; byte_order = be; } _port;
			} align(8) IP;
		} _address;
	};
};
]]

-- All that the language has, and LTTng does not use. The event has the fields of `spelled`.
local spelled_metadata = [[
/* CTF 1.8 */
// A comment of one line; then one that looks like code: /* trace { }; */
env { domain = "kernel"; hostname = "b\"o\\x"; tracer_major = 0x2; tracer_minor = 015; "quoted" = 1;
  negative = -5; };
trace { byte_order = %s; minor = 0x8; major = 01; packet.header := struct { integer { size = 32;
  align = 0x8; } magic; }; };
clock { freq = 0x3b9aca00; name = "c"; offset_s = 010; absolute = true; precision = 1; };
typealias integer { size = 8; } := byte; /* its alignment is that of bytes */
typealias integer { size = 64; map = clock.c.value; } := stamp;
typealias integer { size = 16; byte_order = network; signed = true; } := short int;
typealias integer { size = 4; signed = TRUE; } := nibble;
typealias byte := octet;
typedef integer { size = 32; byte_order = native; } word;
typedef byte pair[2];
struct point { byte x, y; /* two at once */ short int z; };
enum color : byte { red, green = 5, blue, "dark red" = 10 ... 20, last };
variant shape { struct point red; string green; nibble blue; };
typealias enum color := paint;
callsite { name = "x"; func = "y"; line = 5; };
stream {
  typealias integer { size = 16; } := byte; // hides the other one in here
  packet.context := struct { stamp timestamp_begin; stamp timestamp_end; };
  event.header := struct { byte id; stamp timestamp; };
  event.context := struct { byte wide; };
};
event {
  name = some_event.of_mine; id = 0x7; loglevel = 13; model.emf.uri = "http://x/y";
  fields := struct {
    octet  a , b[2] , c[0x2][ 03 ];
    pair d; word e; struct point f; enum color g;
    variant shape <g> h;
    variant <g> { octet red; nibble green; octet blue; octet last; } i;
    struct inner { octet a; } align(16) j; struct inner k[2];
    paint l;
    struct { nibble low, high; } align(32) m;
    floating_point { exp_dig = 11; mant_dig = 53; byte_order = be; align = 8; } n;
    string { encoding = ASCII; } o;
  };
};
]]

local function spelled()
  local color = ctf.enum(u8, { { "red", 0, 0 }, { "green", 5, 5 }, { "blue", 6, 6 },
    { "dark red", 10, 20 }, { "last", 21, 21 } })
  local dot = struct { { "x", u8 }, { "y", u8 }, { "z", i(16, { order = "be" }) } }
  local inner = struct { align = 16, { "a", u8 } }
  return struct { { "a", u8 }, { "b", array(2, u8) }, { "c", array(2, array(3, u8)) },
    { "d", array(2, u8) }, { "e", u32 }, { "f", dot }, { "g", color },
    { "h", ctf.variant("g", { { "red", dot }, { "green", ctf.str() }, { "blue", i(4) } }) },
    { "i", ctf.variant("g", { { "red", u8 }, { "green", i(4) }, { "blue", u8 } }) },
    { "j", inner }, { "k", array(2, inner) }, { "l", color },
    { "m", struct { align = 32, { "low", i(4) }, { "high", i(4) } } },
    { "n", ctf.real(64, { order = "be" }) }, { "o", ctf.str() } }
end

--- Metadata that is in packets.
local function packets_of(order, size, pad)
  return function(trace, language)
    return ctf.packetized(ctf[language](trace), trace.uuid, order or trace.order,
      language == "json" and 2 or 1, size, pad)
  end
end

describe("metadata:", function()
  it("as LTTng writes it", function()
    check(function(order)
      local family = ctf.enum(u8, { { "AF", 0, 1 }, { "IP", 2, 2 } })
      return { clock = { offset = 1700000000123456789 },
        metadata = function() return lttng_metadata:format(order) end,
        streams = { { id = 0, common = struct { { "tid", i(32) }, { "procname", text(16) } },
          events = { { id = 35, name = "syscall_entry_openat", fields = struct { { "dfd", i(32) },
            { "filename", ctf.str() }, { "_list_length", u32 },
            { "list", array("_list_length", u16) }, { "family", family },
            { "address", ctf.variant("family", { { "AF", struct { align = 8 } },
              { "IP", struct { align = 8, { "port", u(16, { order = "be" }) } } } }) } } } } } },
        files = { { "chan_0", packets = { { { 5, "syscall_entry_openat", { dfd = -100,
          filename = "/etc", _list_length = 2, list = { 1, 65535 }, family = 2,
          address = { "IP", { port = 80 } } },
          common = { tid = 5, procname = "app" .. ("\0"):rep(13) } } } } } } }
    end, { only = "tsdl" })
  end)

  it("of all that the language has", function()
    check(function(order)
      local function values(color, h, n)
        return { a = 1, b = { 2, 3 }, c = { { 1, 2, 3 }, { 4, 5, 6 } }, d = { 7, 8 }, e = 9,
          f = { x = 1, y = 2, z = -3 }, g = color, h = h, i = { h[1], n }, j = { a = 1 },
          k = { { a = 2 }, { a = 3 } }, l = 255, m = { low = -8, high = 7 }, n = 0.5, o = "end" }
      end
      local common = { wide = 65535 }
      return { uuid = false, clock = { name = "c", offset_s = 8 },
        metadata = function() return spelled_metadata:format(order) end,
        header = struct { { "magic", u32 } },
        streams = { { context = struct { { "timestamp_begin", u64 }, { "timestamp_end", u64 } },
          header = struct { { "id", u16 }, { "timestamp", u64 } },
          common = struct { { "wide", u16 } },
          events = { { id = 7, name = "some_event.of_mine", fields = spelled() } } } },
        files = { { "chan_0", packets = { {
          { 1, "some_event.of_mine", values(0, { "red", { x = 1, y = 2, z = 3 } }, 200),
            common = common },
          { 2, "some_event.of_mine", values(5, { "green", "text" }, -1), common = common },
          { 3, "some_event.of_mine", values(6, { "blue", -8 }, 100), common = common } } } } } }
    end, { only = "tsdl" })
  end)

  for name, way in pairs { ["in one packet"] = { nil, 16384, 100 },
    ["in packets that are full"] = { nil, 300, 0 }, ["in small packets"] = { nil, 64, 20 },
    ["in big-endian packets"] = { "be", 4096, 1000 },
    ["in little-endian packets"] = { "le", 4096, 1 } } do
    it(name, function()
      check(function()
        return ticking({ { 1, 2 } }, { metadata = packets_of(table.unpack(way, 1, 3)) })
      end)
    end)
  end

  for name, change in pairs {
    ["with no clock for the times"] = { "map = clock.monotonic.value;", "" },
    ["with no stream class for the event classes"] = { "stream_id = 3;", "" },
    ["with no id for the only event class"] = { 'name = "tick";\nid = 0;', 'name = "tick";' },
    ["with an enumeration that counts by itself"] = {
      "integer { size = 8; align = 8; signed = false; } _n;",
      "enum : integer { size = 8; signed = false; } { a, b, c = 5, d } _n;" },
  } do
    it(name, function()
      check(function()
        local trace = ticking({ { 1, 2 } }, { metadata = function(trace)
          local changed, n = ctf.tsdl(trace):gsub(plain(change[1]), change[2])
          assert.is_true(n > 0)
          return changed
        end }, { id = 3 })
        trace.streams[1].events[1].fields = struct { { "n", u8 } }
        trace.files[1].stream = 3
        return trace
      end, { only = "tsdl" })
    end)
  end

  it("of CTF 2 without roles, by names", function()
    check(function()
      return ticking({ { 1, 2, number = 1 }, { 5, number = 3, discarded = 5 } }, { roles = false })
    end)
  end)

  it("of CTF 2 over several lines", function()
    check(function()
      return ticking({ { 1, 2 } }, { metadata = function(trace)
        return (ctf.json(trace):gsub("[{,]", "%0\n  "))
      end })
    end, { only = "json" })
  end)
end)

describe("the CPU of events", function()
  local function trace(scope, more)
    local event = { id = 0, name = "tick", fields = struct { { "n", u32 } } }
    local stream = { context = ctf.struct { { "timestamp_begin", u(64, ts) },
      { "timestamp_end", u(64, ts) }, { "packet_size", u32 }, { "content_size", u32 },
      { "events_discarded", u32 } }, events = { event } }
    if scope == "fields" then
      table.insert(event.fields, { "cpu_id", u32 })
    elseif scope == "context" then
      event.context = struct { { "s", ctf.str() }, { "cpu_id", u8 } }
    elseif scope == "common" then
      stream.common = struct { { "cpu_id", i(16) } }
    end
    local packets = {}
    for n = 1, 3 do
      local packet = { from = 100 * n, to = 100 * n + 90, discarded = more and n * 5 or 0 }
      for k = 1, 4 do
        local cpu = k % (n + 1)
        packet[k] = { 100 * n + 10 * k, "tick", { n = k, cpu_id = cpu }, cpu = cpu,
          context = { cpu_id = cpu, s = "x" }, common = { cpu_id = cpu } }
      end
      packets[n] = packet
    end
    return { streams = { stream }, files = { { "chan_0", packets = packets } } }
  end

  for _, scope in ipairs { "fields", "context", "common" } do
    it("may be told by a field of theirs: " .. scope, function()
      check(function() return trace(scope) end)
      check(function() return trace(scope, true) end)
      local result = dumps({ run("native", { ctf.write(trace(scope, true)) }) })[1].out
      -- Each CPU begins with its first event, and again after each gap; the gap is told once.
      local stream_begin = tonumber(result:match("\n%d+ 0 %-1 kind (%d+)\n"))
      for cpu = 0, 3 do
        local _, begins = result:gsub((" %d kind %d\n"):format(cpu, stream_begin), "")
        local _, gaps = result:gsub((" %d kind %d "):format(cpu, stream_begin + 2), "")
        assert.is_true(begins == gaps + 1, result)
      end
    end)
  end
end)

describe("a trace of CTF 2", function()
  local enter, leave = struct { { "fd", u32 }, { "count", u64 } }, struct { { "ret", i(64) } }
  local function kernel(more)
    local trace = { streams = { { id = 0, events = {
      { id = 2, name = "sched_switch", fields = struct { { "prev_comm", text(16) },
        { "prev_tid", i(32) }, { "prev_state", i(64) }, { "next_comm", text(16) },
        { "next_tid", i(32) } } },
      { id = 40, name = "syscall_entry_read", fields = enter },
      { id = 41, name = "syscall_exit_read", fields = leave } } } },
      files = { { "chan_0", packets = { {
        { 1000, "sched_switch", { prev_comm = "swapper/0\0\0\0\0\0\0\0", prev_tid = 0,
          prev_state = 0, next_comm = "app" .. ("\0"):rep(13), next_tid = 10 } },
        { 2000, "syscall_entry_read", { fd = 0, count = 5 } },
        { 5000, "syscall_exit_read", { ret = 5 } } } } } } }
    for key, value in pairs(more or {}) do
      trace[key] = value
    end
    return trace
  end

  it("is analysed like one of CTF 1.8", function()
    local old = host.run("iolatencystats", ctf.write(kernel()))
    for _, metadata in ipairs { ctf.json, packets_of("le", 512, 30) } do
      local new = host.run("iolatencystats", ctf.write(kernel { metadata = metadata }, "json"))
      assert.equal(old.err, new.err)
      assert.equal(old.out, new.out)
      assert.matches("Read +1 +0*3%.000", new.out)
    end
  end)

  it("or CTF 1.8 that the native reader does not know is left to the library", function()
    local trace = kernel()
    -- Elements that may be empty.
    table.insert(trace.streams[1].events, { id = 50, name = "other",
      fields = struct { { "n", u8 }, { "a", array(2, array("n", u8)) } } })
    local folder = ctf.write(trace)
    local result = host.run("iolatencystats", folder)
    assert.equal(0, result.status)
    assert.matches("note: using libbabeltrace2, which is slower: [^\n]*: metadata, "
      .. "field \"a\": its elements may have size 0\n", result.err)
    assert.equal(host.run("iolatencystats", ctf.write(kernel())).out, result.out)
    result = host.run("iolatencystats", "--reader", "native", folder)
    assert.equal(1, result.status)
    assert.matches("its elements may have size 0\n$", result.err)
  end)

  it("of user space is nothing to analyses of the kernel", function()
    local ust = ctf.write(kernel { env = { domain = "ust", hostname = "box" }, uuid = other_uuid },
      "json")
    local result = host.run("iolatencystats", ctf.write(kernel(), "json"), ust)
    assert.equal(0, result.status)
    assert.equal(host.run("iolatencystats", ctf.write(kernel(), "json")).out, result.out)
    assert.matches("only a user%-space trace", host.run("iolatencystats", ust).err)
  end)

  it("is refused where only a library is asked that does not know it", function()
    local folder = ctf.write(kernel(), "json")
    local result = host.run("iolatencystats", "--reader", "babeltrace2", folder)
    if result.status ~= 0 then
      assert.matches("is a CTF 2 trace, which libbabeltrace2 %S+ cannot read: install", result.err)
    end
    -- Numbers of variable length are what the native reader leaves to the library.
    local other = ctf.write(kernel { metadata = function(trace)
      return ctf.json(trace) .. '\x1e{"type":"event-record-class","id":50,"name":"x",'
        .. '"data-stream-class-id":0,"payload-field-class":{"type":"structure","member-classes":'
        .. '[{"name":"v","field-class":{"type":"variable-length-unsigned-integer"}}]}}'
    end }, "json")
    result = host.run("iolatencystats", other)
    if result.status ~= 0 then
      assert.matches("^lttnga%-run: cannot read [^\n]*: a field class in the metadata is not "
        .. "supported; [^\n]* is a CTF 2 trace, which libbabeltrace2 %S+ cannot read: "
        .. "install[^\n]*\n$", result.err)
    end
  end)
end)

-- ---- Damage ----

--- A trace of three packets of 4096 bytes, of which the one in the middle is changed.
local function damaged(middle, event, fields)
  local packets = { { 10, 20, number = 1, size = 4096 }, middle,
    { 50, 60, number = 3, size = 4096 } }
  local trace = ticking(packets)
  middle.size, middle.number = middle.size or 4096, 2
  if fields then
    table.insert(trace.streams[1].events, { id = 5, name = "event", fields = fields })
    middle[#middle + 1] = event
  end
  return trace
end

local function hidden(time, more)
  local event = { time, "tick", { n = time }, hidden = true }
  for key, value in pairs(more or {}) do
    event[key] = value
  end
  return event
end

-- What is wrong with the packet in the middle; the reader's words; its event, of fields.
local damages = {
  ["an id of no event class"] = { "the metadata does not describe the event's class",
    { 30, hidden(31, { header = { id = 9 } }), hidden(32), to = 40 } },
  ["a string without end"] = { "an event extends past the end of its packet",
    { 30, to = 40, content = 8 * 112 },
    { 31, "event", { s = ("x"):rep(2000) }, hidden = true }, struct { { "s", ctf.str() } } },
  ["a sequence that is longer than the packet"] = { "an event extends past the end of its packet",
    { 30, to = 40 }, { 31, "event", { n = -1, a = { 1 } }, hidden = true },
    struct { { "n", u64 }, { "a", array("n", u8) } } },
  ["a sequence whose bits are more than 64 bits count"] = {
    "an event extends past the end of its packet",
    { 30, to = 40 }, { 31, "event", { n = 1 << 61, a = { 1 } }, hidden = true },
    struct { { "n", u64 }, { "a", array("n", u64) } } },
  ["a selector without an option"] = { "an event extends past the end of its packet",
    { 30, to = 40 }, { 31, "event", { tag = 99, v = { "x", 1 } }, hidden = true },
    struct { { "tag", ctf.enum(u8, { { "x", 1, 1 } }) }, { "v", ctf.variant("tag",
      { { "x", u8, { 1, 1 } } }) } } },
  ["time that goes back"] = { "time goes back",
    { 30, hidden(29, { extended = true }), hidden(32), to = 40 } },
  ["time beyond what 64 bits hold"] = { "a timestamp is out of range",
    { 30, hidden(-2, { extended = true }), to = 40 } },
  ["time after the packet's end"] = { "an event is later than the end of its packet",
    { 30, hidden(4000000000, { extended = true }), to = 40 } },
  ["content that ends within an event's header"] = { "an event extends past the end of its packet",
    { 30, hidden(31), to = 40, content = 8 * (84 + 8 + 2) } },
  ["content that ends within an event"] = { "an event extends past the end of its packet",
    { 30, hidden(31), to = 40, content = 8 * (84 + 8 + 6) } },
  ["more content than packet"] = { "the sizes of a packet are invalid",
    { hidden(30), to = 40, set = { content_size = 8 * 4096 + 8 } } },
  ["content that ends before the header does"] = { "the sizes of a packet are invalid",
    { hidden(30), to = 40, set = { content_size = 8 * 50 } } },
  ["a packet of no size"] = { "the sizes of a packet are invalid",
    { hidden(30), to = 40, set = { content_size = 0, packet_size = 0 } } },
  ["a packet that is longer than the file"] = { "a packet is larger than its file",
    { 30, to = 40, set = { packet_size = 8 << 40 } }, lost = "0 0" },
  ["a packet that has more than the file"] = { "a packet is larger than its file",
    { 30, to = 40, set = { packet_size = 8 << 40, content_size = 8 << 40 } } },
  ["a broken magic"] = { "no packet header where a packet should start",
    { hidden(30), to = 40, set = { magic = 0xc1fc1fc0 } } },
  ["zeroes"] = { "no packet header where a packet should start",
    { hidden(30), to = 40, bytes = function(data) return ("\0"):rep(#data) end } },
  ["a packet of another trace"] = {
    "the packet belongs to another trace: its UUID differs from the metadata's",
    { hidden(30), to = 40, set = { uuid = ("u"):rep(16) } } },
  ["a packet of no stream class"] = { "the metadata does not describe the packet's stream",
    { hidden(30), to = 40, set = { stream_id = 5 } } },
}

describe("damage:", function()
  for name, case in pairs(damages) do
    it(name, function()
      for _, order in ipairs { "le", "be" } do
        local trace = damaged(copy(case[2]), copy(case[3]), case[4])
        trace.order = order
        local folder = ctf.write(trace)
        for _, env in ipairs { "", "SKIP_ALL=1" } do
          local result = dumps({ run("native", { folder }, env) })[1]
          local byte, why = result.err:match("^damage: FOLDER1/chan_0, byte (%d+): ([^\n]*)\n$")
          assert.equal(case[1], why, result.err)
          assert.is_true(tonumber(byte) >= 4096 and tonumber(byte) <= 8192, byte)
          if env == "" then
            same(table.concat(ctf.lines(trace), "\n"), table.concat(ctf.events(result.out), "\n"),
              "events")
          end
          assert.matches("\ncount tick " .. #ctf.lines(trace) .. "\n", result.out)
          assert.equal(case.lost or "0 1",
            result.out:match("\nstream 0: [^\n]* lost (%d+ %d+)"))
        end
      end
    end)
  end

  it("no file is a stream", function()
    local trace = damaged { 30 }
    trace.files[1].bytes = function() return "rubbish" end
    local result = dumps({ run("native", { ctf.write(trace) }) })[1]
    assert.matches("^error: FOLDER1 contains no events: FOLDER1/chan_0 is ignored: not a stream "
      .. "of this trace: [^\n]*\n$", result.err)
  end)

  -- Of a file: what is cut off or added, and whether the last packet is read.
  for name, case in pairs {
    ["the file is cut behind the content of the last packet"] = { nil, function(data)
      return data:sub(1, 3 * 4096 - 100)
    end },
    ["the file is cut in the middle of an event"] = {
      "byte %d+: the file ends in the middle of a packet", function(data)
        return data:sub(1, 2 * 4096 + 84 + 8 + 5)
      end, 1 },
    ["the file is cut in the middle of a header"] = {
      "byte 8192: the file ends in the middle of a packet header", function(data)
        return data:sub(1, 2 * 4096 + 30)
      end, 2 },
    ["the file is cut between packets"] = { nil, function(data)
      return data:sub(1, 2 * 4096)
    end, 2 },
    ["the file goes on with rubbish"] = { "byte 12288: no packet header where a packet should "
      .. "start",
      function(data)
        return data .. ("rubbish"):rep(1000)
      end },
    ["the first packet is broken"] = { "byte 0: no packet header where a packet should start",
      function(data)
        return "xxxx" .. data:sub(5)
      end, first = true },
  } do
    it(name, function()
      for _, order in ipairs { "le", "be" } do
        local trace = damaged { 30, 40 }
        trace.order = order
        local packets = trace.files[1].packets
        trace.files[1].bytes = case[2]
        for n = 0, (case[3] or 0) - 1 do
          packets[3][2 - n].hidden = true
        end
        if case.first then
          packets[1][1].hidden, packets[1][2].hidden = true, true
        end
        local result = dumps({ run("native", { ctf.write(trace) }, "NO_INTERSECTION=1") })[1]
        if case[1] then
          assert.matches("^damage: FOLDER1/chan_0, " .. case[1] .. "[^\n]*\n$", result.err)
        else
          assert.equal("", result.err)
        end
        same(table.concat(ctf.lines(trace), "\n"), table.concat(ctf.events(result.out), "\n"),
          "events")
      end
    end)
  end
end)

describe("what is inside of fields", function()
  --- What a packet's header looks like in a trace of LTTng: variants in structures in variants.
  local function header(words, order)
    local transport = ctf.variant("transport_type", {
      { "unknown", struct {}, { 0, 0 } },
      { "tcp", struct { { "port", u(16, { order = order }) },
        { "reserved", u(3, { order = order }) }, { "flags", u(9, { order = order }) },
        { "rest", u(4, { order = order }) } }, { 1, 1 } },
      { "number", u32, { 2, 2 } } })
    return struct { { "version", u(4, { order = order }) }, { "length", u(4, { order = order }) },
      { "saddr", array(words == u8 and 4 or 8, words) },
      { "transport_type",
        ctf.enum(u8, { { "unknown", 0, 0 }, { "tcp", 1, 1 }, { "number", 2, 2 } }) },
      { "transport", transport } }
  end

  local function trace(order)
    local fields = struct { { "before", u8 },
      { "type", ctf.enum(u8, { { "none", 0, 0 }, { "v4", 1, 1 }, { "v6", 2, 2 } }) },
      { "header", ctf.variant("type", { { "none", struct {}, { 0, 0 } },
        { "v4", header(u8, order), { 1, 1 } },
        { "v6", header(u(16, { order = order }), order), { 2, 2 } } }) },
      { "plain", struct { { "x", u16 }, { "y", i(16) }, { "name", ctf.str() } } },
      { "bytes", array(3, u8) }, { "n", u8 }, { "list", array("n", u16) }, { "after", u8 } }
    local rest = { before = 1, plain = { x = 5, y = -5, name = "abc" }, bytes = { 1, 2, 3 }, n = 2,
      list = { 7, 8 }, after = 9 }
    local function event(time, type, what)
      local values = { type = type, header = what }
      for key, value in pairs(rest) do
        values[key] = value
      end
      return { time, "event", values }
    end
    return { order = order, streams = { { id = 0,
        events = { { id = 1, name = "event", fields = fields } } } },
      files = { { "chan_0", packets = { {
        event(1000, 0, { "none", {} }),
        event(2000, 1, { "v4", { version = 4, length = 5, saddr = { 10, 0, 2, 255 },
          transport_type = 1,
          transport = { "tcp", { port = 40000, reserved = 7, flags = 0x102, rest = 0 } } } }),
        event(3000, 2, { "v6", { version = 6, length = 0,
          saddr = { 0xfe80, 0, 0, 0, 0x8000, 0, 1, 2 }, transport_type = 2,
          transport = { "number", 77 } } }),
        event(4000, 1, { "v4", { version = 4, length = 15, saddr = { 0, 0, 0, 1 },
          transport_type = 0, transport = { "unknown", {} } } }) } } } } }
  end

  local names = { "header.version", "header.saddr", "header.saddr[0:4]", "header.saddr[4:8]",
    "header.saddr[3]", "header.saddr[0:5]", "header.saddr[3:2]", "header.transport",
    "header.transport.port", "header.transport.flags", "header.transport.missing", "header.missing",
    "missing.version", "plain.x", "plain.y", "plain.name", "plain.x.x", "bytes", "bytes[1:3]",
    "list", "list[1]", "list[2]", "before.x", "after" }

  -- Those that are everywhere are at the end.
  local always = " plain.x=5 plain.y=-5 bytes=66051 bytes[1:3]=515 list=1800 list[1]=8 after=9"
  local expected = {
    always,
    " header.version=4 header.saddr=167772927 header.saddr[0:4]=167772927 header.saddr[3]=255"
      .. " header.transport.port=40000 header.transport.flags=258" .. always,
    -- 0xfe80 << 48 and 0x8000 << 48 | 1 << 16 | 2; the latter as a signed number.
    " header.version=6 header.saddr=" .. (0x80 << 56 | 0x102)
      .. " header.saddr[0:4]=" .. (0xfe80 << 48) .. " header.saddr[4:8]="
      .. (0x8000 << 48 | 1 << 16 | 2) .. " header.saddr[3]=0 header.transport=77" .. always,
    " header.version=4 header.saddr=1 header.saddr[0:4]=1 header.saddr[3]=1" .. always }

  for _, order in ipairs { "le", "be" } do
    it("is bound by name, for both readers: " .. order, function()
      local env = ('NESTED="%s"'):format(table.concat(names, " "))
      local runs = { run("native", { ctf.write(trace(order)) }, env),
        run("native", { ctf.write(trace(order), "json") }, env),
        run("babeltrace2", { ctf.write(trace(order)) }, env) }
      for n, result in ipairs(dumps(runs)) do
        assert.equal("", result.err)
        for k, line in ipairs(ctf.events(result.out)) do
          local found = line:match(" after=9,(.*)$") or line
          assert.equal(expected[k], found, ("run %d, event %d"):format(n, k))
        end
      end
    end)
  end
end)
