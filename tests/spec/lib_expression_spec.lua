--- Expressions: what is understood, what each holds for, and what is said of mistakes. They are
-- evaluated here as the host does it, from what has been compiled.
--
-- SPDX-License-Identifier: MIT

local expression = require "lttnga.expression"
local glob = require "lttnga.glob"

local fields = {
  procname = { type = "string", unit = "" }, path = { type = "string", unit = "" },
  duration = { type = "integer", unit = "ns" }, time = { type = "integer", unit = "ns" },
  size = { type = "integer", unit = "bytes" }, count = { type = "integer", unit = "bytes" },
  tid = { type = "integer", unit = "" }, ret = { type = "integer", unit = "" },
  busy = { type = "boolean", unit = "" },
}

--- Whether a test of a compiled expression holds for an event.
local function holds(code, test, event)
  local value, other = event[code.fields[test.field]], event[code.fields[test.other or 1]]
  if type(value) == "boolean" then
    value = value and 1 or 0
  end
  if test.kind == "absent" then
    return value == nil
  elseif value == nil then
    return false
  elseif test.kind == "range" then
    return (test.low or math.mininteger) <= value and value <= (test.high or math.maxinteger)
  elseif test.kind == "equal" then
    return value == other
  elseif test.kind == "below" then
    return other ~= nil and value < other
  end
  for _, one in ipairs(test.globs or test.integers) do
    if value == one or test.kind == "texts" and glob.matches(one, value) then
      return true
    end
  end
  return false
end

local function evaluate(code, event)
  local at = code.entry
  while at > 0 do
    local test = code[at]
    assert(test.yes < at and test.no < at, "it goes round")
    at = holds(code, test, event) and test.yes or test.no
  end
  return at == -1
end

local function compile(source, event)
  local node, message = expression.parse(source)
  if not node then
    return nil, message
  end
  return expression.compile(node, event or { fields = fields },
    { first = 1763908800000000000, last = 1763908900000000000, gmt = true })
end

--- Whether a text holds for an event.
local function passes(source, event)
  return evaluate(assert(compile(source)), event)
end

describe("an expression", function()
  it("compares", function()
    local event = { procname = "nginx", duration = 1500000, size = 4096, tid = 7, busy = true,
      count = 4096, ret = -2, path = "/var/log/a \"b\"" }
    for source, expected in pairs {
      ['procname == "nginx"'] = true, ["procname == 'nginx'"] = true,
      ['procname != "nginx"'] = false, ['"nginx" == procname'] = true,
      ["duration > 1ms"] = true, ["duration > 1.5ms"] = false, ["duration >= 1.5 ms"] = true,
      ["duration < 1500us"] = false, ["duration <= 1500000ns"] = true, ["2ms > duration"] = true,
      ["size == 4KiB"] = true, ["size == 4K"] = true, ["size > 4KB"] = true,
      ["size == 4096"] = true,
      ["size >= count"] = true, ["size > count"] = false, ["size == count"] = true,
      ["size <= count and size >= count"] = true, ["size != count"] = false,
      ["tid in { 1, 7 }"] = true, ["tid not in {1,7}"] = false, ["tid == 0x7"] = true,
      ["ret == -2"] = true, ["ret < -2"] = false, ["ret > -3"] = true,
      ["busy"] = true, ["not busy"] = false, ["busy == false"] = false, ["busy != false"] = true,
      ['path ~ "/var/*"'] = true, ['path !~ "/var/*"'] = false,
      ['path ~ { "x", "*[a-c]?" }'] = true,
      [ [[path == "/var/log/a \"b\""]] ] = true, ['procname in { "a", "nginx" }'] = true,
      ["duration > 0"] = true, ["tid < 0x7fffffffffffffff"] = true,
      ["tid > 9223372036854775807"] = false,
    } do
      assert.equal(expected, passes(source, event), source)
    end
  end)

  it("joins", function()
    -- All values of three conditions, and what Lua makes of the same words.
    for _, source in ipairs {
      "A and B or C", "A and (B or C)", "not A and B or not C", "not (A or B) and C",
      "not (A and not (B or C))", "A or B and C or not A", "not not A and not (not B or C)",
    } do
      local written = source:gsub("A", "tid == 1"):gsub("B", "ret == 2"):gsub("C", "busy")
      for bits = 0, 7 do
        local a, b, c = bits & 1 ~= 0, bits & 2 ~= 0, bits & 4 ~= 0
        local expected = load("local A, B, C = ... return " .. source)(a, b, c)
        local event = { tid = a and 1 or 5, ret = b and 2 or 5, busy = c }
        assert.equal(expected, passes(written, event), written .. " " .. bits)
      end
    end
  end)

  it("takes what is not there for equal to nothing", function()
    for source, expected in pairs {
      ['path == "x"'] = false, ['path != "x"'] = true, ['path ~ "*"'] = false,
      ['path !~ "*"'] = true, ["size > 0"] = false, ["size <= 0"] = false,
      ["not (size > 0)"] = true,
      ["size == nil"] = true, ["size != nil"] = false, ["tid in { 1 }"] = false,
      ["tid not in { 1 }"] = true, ["busy"] = false, ["not busy"] = true, ["size < count"] = false,
      ["size == count"] = false, ["nil == size"] = true,
    } do
      assert.equal(expected, passes(source, {}), source)
    end
  end)

  it("does the same where an event has no such field", function()
    local code = assert(compile('path == "x" or size > 1', { fields = {} }))
    assert.same({ fields = {}, entry = 0 }, code)
    assert.equal(-1, compile("path == nil", { fields = {} }).entry)
    assert.equal(1, #compile('path != "x" and tid == 1', { fields = { tid = fields.tid } }))
  end)

  it("takes what fields of raw events are compared with", function()
    local raw = { fields = { a = {}, ["ctx.b"] = {} } }
    assert.is_true(evaluate(assert(compile('a > 1ms and ctx.b ~ "x*"', raw)),
      { a = 2000000, ["ctx.b"] = "xy" }))
  end)

  it("can call fields otherwise", function()
    local code = assert(compile("tid == 5", { fields = { owner = fields.tid },
      as = { tid = "owner" } }))
    assert.same({ "owner" }, code.fields)
  end)

  it("knows times of day", function()
    assert.is_true(passes("time >= 14:40:01", { time = 1763908801000000000 }))
    assert.is_false(passes("time >= 14:40:01.5", { time = 1763908801000000000 }))
    assert.is_true(passes("time < 2025-11-23 14:40:02", { time = 1763908801000000000 }))
  end)

  it("says what is not understood, and what to do", function()
    for source, message in pairs {
      ["tid = 1"] = "syntax error at '= 1': use == to test for equality",
      ["tid ~= 1"] = "syntax error at '~= 1': use != to test for inequality",
      ["tid == 1 && busy"] = "syntax error at '&& busy': use `and`",
      ["busy || busy"] = "syntax error at '|| busy': use `or`",
      ["!busy"] = "syntax error at '!busy': use `not`",
      ['path ~ "x'] = "syntax error at '\"x': the closing quote is missing",
      ["1 < tid < 5"] = "syntax error at '< 5': only two values can be compared",
      ["(busy"] = "the expression is incomplete", [""] = "the expression is incomplete",
      ["tid == 1.5"] = "'1.5' has a fraction and needs a unit",
      ["tid == 99999999999999999999"] = "'99999999999999999999' is too large",
      ["duration > 5"] = "'duration' is a duration, not 5: use 5ns, 5us, 5ms or 5s",
      ["duration > 4KiB"] = "'duration' is a duration, not 4KiB",
      ["size > 5ms"] = "'size' is a size, not 5ms", ["tid == 5ms"] = "'tid' is a number, not 5ms",
      ["procname == 5"] = "'procname' is a string, not 5: use \"5\"",
      ["tid == 'x'"] = "'tid' is a number, not \"x\"",
      ["procname"] = "'procname' is a string: compare it with a value",
      ["procname < 'x'"] = "'procname' <: strings can only be compared with ==, !=, ~, !~ and in",
      ["tid ~ 'x'"] = "'tid' is a number, not \"x\"",
      ["busy > true"] = "'busy' is a boolean: it can only be compared with == and !=",
      ["5"] = "'5' is not a condition: compare it with a field",
      ["5 == 6"] = "'5 == 6' needs a field on the left",
      ["tid == { 1, 2 }"] = "'==' compares with a single value: use `in` for a list",
      ["size == tid"] = "'size' is a size, but 'tid' is a number",
      ["path ~ procname"] = "path ~: a pattern must be a quoted string",
      ["tid < nil"] = "nil can only be compared with == and !=",
      ["time > '12:00:00'"] = "'time' is a point in time, not \"12:00:00\": write a time without "
        .. "quotes",
      ["duration > 12:00:00"] = "'duration' is a duration, not 12:00:00",
    } do
      local code, told = compile(source)
      assert.is_nil(code, source)
      assert.is_truthy(told:find(message, 1, true), source .. ": " .. told)
    end
  end)

  it("may be long and deep, but not too much", function()
    assert.truthy(compile(("("):rep(50) .. "busy" .. (")"):rep(50)))
    assert.truthy(compile("tid == 1" .. (" or tid == 1"):rep(500)))
    for _, source in ipairs { ("("):rep(9000), ("not "):rep(2400) .. "busy", ("x"):rep(10001) } do
      local code, message = compile(source)
      assert.is_nil(code)
      assert.matches("^the expression is nested too deeply$",
        (message:gsub("longer than 10000 bytes", "nested too deeply")))
    end
  end)

  it("tells which fields it has, and which may be meant", function()
    local node = assert(expression.parse("a == 1 and (b or not a) or c < b"))
    assert.same({ "a", "b", "c" }, expression.fields(node))
    node = assert(expression.parse("procname == nginx and procnam == 'x'"))
    assert.equal("unknown field 'nginx'; put strings in quotes: \"nginx\"",
      expression.unknown_field(node, "nginx", { "procname" }))
    assert.equal("unknown field 'procnam' (did you mean 'procname'?)",
      expression.unknown_field(node, "procnam", { "procname" }))
  end)

  it("can say what may hold if what is not there could be anything", function()
    for source, expected in pairs {
      ["tid == 1 and ret == 2"] = false, ["tid == 1 and ret == 1"] = true,
      ["not (tid == 1 or ret == 1)"] = false, ["not (tid == 1) and ret != 2"] = true,
      ["not (tid == 1 and ret == 1)"] = true,
    } do
      local node = expression.may(assert(expression.parse(source)))
      local code = assert(expression.compile(node, { fields = fields }))
      assert.equal(expected, evaluate(code, { ret = 1 }), source)
    end
  end)
end)

describe("a glob", function()
  it("stands for texts as in a shell", function()
    for _, one in ipairs {
      { "", "", true }, { "", "a", false }, { "*", "", true }, { "*", "/a/b", true },
      { "a*c", "abbc", true }, { "a*c", "abcd", false }, { "?", "a", true }, { "?", "", false },
      { "[a-c]x", "bx", true }, { "[!a-c]x", "bx", false }, { "[^a-c]x", "dx", true },
      { "[]a]", "]", true }, { "[a-]", "-", true }, { "[", "[", true }, { "[a", "[a", true },
      { "*.[ch]", "x/y.h", true }, { "*a*b*", "xxaxxbx", true }, { "*a*b", "xbxa", false },
      { "socket:[1]", "socket:[1]", true }, { "**", "x", true }, { "a", "", false },
    } do
      assert.equal(one[3], glob.matches(one[1], one[2]), one[1] .. " " .. one[2])
    end
  end)

  it("takes no time that grows beyond length times length", function()
    assert.is_false(glob.matches(("*a"):rep(30) .. "*b", ("a"):rep(20000)))
  end)
end)
