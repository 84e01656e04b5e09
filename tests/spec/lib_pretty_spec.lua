--- Checks values as text for people: everything in order, nothing endless, nothing unsafe.
--
-- SPDX-License-Identifier: MIT

local pretty = require "lttnga.pretty"

local function shows(expected, value, width, limits)
  assert.equal(expected, pretty.format(value, width, limits))
end

describe("pretty.format", function()
  it("writes what is no table as Lua does", function()
    shows("nil", nil)
    shows("true", true)
    shows("12", 12)
    shows("9223372036854775807", math.maxinteger)
    shows("1.5", 1.5)
    shows('"a"', "a")
    shows("<thread>", coroutine.create(print))
    shows("<function>", print)
    shows("<FILE*>", setmetatable({}, { __tostring = function() return "<FILE*>" end }))
    assert.matches("^<function at .*lib_pretty_spec.lua:%d+>$", pretty.format(shows))
  end)

  it("quotes texts so that Lua reads them as they were, and a terminal is safe", function()
    local all = {}
    for byte = 0, 255 do
      all[#all + 1] = string.char(byte)
    end
    for _, value in ipairs { 'a"b\\c', "\n\r\t\0", "\27[31m", "\u{202e}x", "µs 中", "\\n",
      table.concat(all), "\0001", "\x1b9" } do
      local shown = pretty.format(value)
      assert.is_nil(shown:find("%c"))
      assert.equal(value, load("return " .. shown)())
    end
    shows([["say \"\\\"\n"]], 'say "\\"\n')
    shows([["\x1b[0m"]], "\27[0m")
  end)

  it("cuts long texts", function()
    shows(('"%s"... 1,000 more bytes'):format(("x"):rep(4000)), ("x"):rep(5000))
    shows('"ab"... 1 more bytes', "abc", 80, { bytes = 2 })
  end)

  it("writes short tables on a line, with their keys in order", function()
    shows("{}", {})
    shows("{ 1, 2, 3 }", { 1, 2, 3 })
    shows('{ "x", a = 1, b = { c = true } }', { b = { c = true }, a = 1, "x" })
    shows("{ [-1] = 1, [0] = 2, [1.5] = 3, [7] = 4, a = 5, b = 6, [false] = 7, [true] = 8 }",
      { [true] = 8, b = 6, [7] = 4, [0] = 2, [1.5] = 3, [-1] = 1, a = 5, [false] = 7 }, 100)
    shows('{ ["a b"] = 1, ["end"] = 2, x_1 = 3 }', { ["a b"] = 1, ["end"] = 2, x_1 = 3 })
    shows("{ [<table>] = 1 }", { [{}] = 1 })
    shows("{ 1, 2, [4] = 4 }", { 1, 2, [4] = 4 })
  end)

  it("indents what does not fit on a line", function()
    shows('{\n  alpha = 1,\n  beta = { 1, 2 },\n  gamma = "0123456789"\n}',
      { alpha = 1, beta = { 1, 2 }, gamma = "0123456789" }, 30)
    shows('{\n  a = {\n    bbbbbbbb = 1,\n    cccccccc = 2\n  }\n}',
      { a = { bbbbbbbb = 1, cccccccc = 2 } }, 20)
    for _, width in ipairs { 20, 30, 79, 80 } do
      local list = {}
      for i = 1, 90 do
        list[i] = i * 1000
      end
      for line in pretty.format({ list, list, x = { list } }, width):gmatch("[^\n]+") do
        assert.is_true(#line <= width, line)
      end
    end
  end)

  it("fills lines with the plain values of a list", function()
    shows("{\n  11, 22, 33,\n  44, 55, 66\n}", { 11, 22, 33, 44, 55, 66 }, 14)
    shows("{ 11, 22, 33 }", { 11, 22, 33 }, 14)
    shows("{\n  11, 22, 33\n}", { 11, 22, 33 }, 13)
  end)

  it("shows so many items, so deep, and counts the rest", function()
    local many = {}
    for i = 1, 1334 do
      many[i] = i
    end
    assert.matches("99, 100,%s+%.%.%. 1,234 more\n}$", pretty.format(many))
    shows("{ 1, 2, ... 1 more }", { 1, 2, 3 }, 80, { items = 2 })
    shows("{ a = 1, ... 2 more }", { a = 1, b = 2, c = 3 }, 80, { items = 1 })
    shows("{ { {...} }, {} }", { { { 1 } }, {} }, 80, { depth = 2 })
    local wide = {}
    for i = 1, 90 do
      wide[i] = many
    end
    assert.is_true(#pretty.format(wide) < 40000)
  end)

  it("survives cycles, and shows what occurs twice twice", function()
    local cycle = { 1 }
    cycle.me = cycle
    shows("{ 1, me = <cycle> }", cycle)
    local twice = { 1 }
    shows("{ { 1 }, { 1 } }", { twice, twice })
  end)

  it("asks values that say how they look", function()
    local Size = { __pretty = function(value, width)
      return ("%d of %d"):format(value[1], width)
    end }
    shows("7 of 40", setmetatable({ 7 }, Size), 40)
    shows("{ a = 7 of 33 }", { a = setmetatable({ 7 }, Size) }, 40)
    local Table = { __tostring = function() return "TID  NAME\n1    init\27\n" end }
    shows("TID  NAME\n1    init\\x1b", setmetatable({}, Table))
    shows("{\n  a = TID  NAME\n  1    init\\x1b\n}", { a = setmetatable({}, Table) })
  end)

  it("calls nothing else", function()
    local trap = setmetatable({ x = 1 }, {
      __index = error, __len = error, __pairs = error, __eq = error, __lt = error, __name = 5 })
    shows("{ x = 1 }", trap)
  end)

  it("is fast with large tables", function()
    local list, keyed = {}, {}
    for i = 1, 100000 do
      list[i], keyed["k" .. i] = { i }, i
    end
    local begin = os.clock()
    pretty.format(list)
    pretty.format(keyed)
    assert.is_true(os.clock() - begin < 5)
  end)
end)

describe("pretty.values", function()
  local function shows_all(expected, ...)
    assert.equal(expected, pretty.values(table.pack(...), 40))
  end

  it("separates by tabs what fits on a line", function()
    shows_all("1\tnil\t\"a\"", 1, nil, "a")
    shows_all("nil", nil)
    shows_all("")
    shows_all(('"%s"\n"%s"'):format(("a"):rep(20), ("b"):rep(20)), ("a"):rep(20), ("b"):rep(20))
  end)
end)

describe("pretty.count", function()
  it("groups digits", function()
    for expected, number in pairs { ["0"] = 0, ["999"] = 999, ["1,000"] = 1000,
      ["-123,456"] = -123456, ["1,234,567"] = 1234567 } do
      assert.equal(expected, pretty.count(number))
    end
  end)
end)
