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

describe("numbers", function()
  it("are written whole, however large", function()
    assert.equal("9223372036854775.807", units.us(math.maxinteger))
    assert.equal("0.000", units.us(0))
    assert.matches("^%d+%.00 EiB$", units.format_size(1e308))
    assert.equal("8.00 EiB", units.format_size(math.maxinteger))
  end)
end)
