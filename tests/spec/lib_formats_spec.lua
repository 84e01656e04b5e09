--- The small steps of every line of output: columns, and the extremes of numbers.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local units = require "lttnga.units"

describe("text.columns", function()
  it("fills up at the left or at the right, and cuts nothing", function()
    assert.equal("  a b   c", text.columns({ 3, -3, 0 }, "a", "b", "c"))
    assert.equal("long longer", text.columns({ 2, -2 }, "long", "longer"))
    assert.equal("1 -9223372036854775808", text.columns({ 1, 1 }, 1, math.mininteger))
    assert.equal("", text.columns({}))
    assert.equal("x y", text.columns({}, "x", "y"))
  end)

  it("leaves no blanks at the end", function()
    assert.equal("a    b", text.columns({ -4, -4 }, "a", "b"))
  end)

  it("makes texts safe, and counts what a terminal shows", function()
    assert.equal("\\x1b|", text.columns({ 5 }, "\27|"))
    assert.equal("中  |", text.columns({ -3, 0 }, "中", "|"))
    assert.equal("  \\xff", text.columns({ 6 }, "\xff"))
  end)

  it("refuses widths that make no sense", function()
    for _, width in ipairs { math.mininteger, math.maxinteger, 10001, -10001 } do
      assert.has_error(function() text.columns({ width }, "x") end)
    end
    assert.has_error(function() text.columns("x", "y") end)
  end)
end)

describe("text.shorten", function()
  it("leaves what fits, and puts dots in the middle of the rest", function()
    for width, shown in pairs { [0] = "", [1] = "…", [2] = "a…", [3] = "a…k", [6] = "abc…jk",
      [10] = "abcde…hijk", [11] = "abcdefghijk", [99] = "abcdefghijk" } do
      assert.equal(shown, text.shorten("abcdefghijk", width))
    end
    assert.equal("abcdefg…jk", text.shorten("abcdefghijk", 10, 7))
    assert.equal("abcdefghi…", text.shorten("abcdefghijk", 10, 10))
    assert.equal("", text.shorten("", 3))
    assert.equal("", text.shorten("abc", -1))
  end)

  it("never takes more columns than it may, nor parts a mark from its letter", function()
    local mixed = "e\u{301}漢字a\u{308}\u{301}b한글o\u{302}"
    for width = 0, 20 do
      for before = 0, 20 do
        local short = text.shorten(mixed, width, before)
        assert.is_true(text.width(short) <= width)
        assert.is_truthy(utf8.len(short))
        assert.is_nil(short:find "…\u{301}" or short:find "…\u{308}" or short:find "…\u{302}")
      end
    end
  end)
end)

describe("durations", function()
  local formats = require "lttnga.formats"

  it("have a unit, and are what text.duration says", function()
    for ns, shown in pairs { [0] = "0.000 us", [1] = "0.001 us", [999999] = "999.999 us",
      [1000000] = "1.000 ms", [12345678] = "12.346 ms", [1815500000] = "1.815 s ",
      [math.maxinteger] = "9223372036.855 s ", [-5] = "-0.005 us",
      [math.mininteger] = "-9223372036.855 s " } do
      assert.equal(shown, formats.duration(ns))
    end
    math.randomseed(1)
    for _ = 1, 20000 do
      local ns = math.random(0, 10 ^ math.random(1, 18) // 1 | 0)
      assert.equal(text.duration(ns), text.trim(formats.duration(ns)))
      -- Ties round as printf has it.
      ns = ns // 1000 * 1000 + 500
      assert.equal(text.duration(ns), text.trim(formats.duration(ns)))
    end
  end)
end)

describe("numbers", function()
  it("are written whole, however large", function()
    assert.equal("9223372036854775.807", units.us(math.maxinteger))
    assert.equal("0.000", units.us(0))
    assert.matches("^%d+%.00 EiB$", units.format_size(1e308))
    assert.equal("8.00 EiB", units.format_size(math.maxinteger))
  end)
end)
