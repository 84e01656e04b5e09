--- Checks that durations and sizes are read exactly, refused if they are wrong, and written well.
--
-- SPDX-License-Identifier: MIT

local units = require "lttnga.units"

--- Checks that each text gives its integer.
local function reads(parse, cases)
  for given, expected in pairs(cases) do
    local value, message = parse(given)
    assert.equal(expected, value, ("%s: %s"):format(given, message))
    assert.equal("integer", math.type(value), given)
  end
end

--- Checks that each text is refused with a message that quotes it.
local function refuses(parse, what, cases)
  for _, given in ipairs(cases) do
    local value, message = parse(given)
    assert.is_nil(value, given)
    assert.is_truthy(message:find("'" .. given .. "'", 1, true), message)
    assert.is_truthy(message:find(what, 1, true), message)
  end
end

describe("units.parse_duration", function()
  it("reads each unit", function()
    reads(units.parse_duration, {
      ["1"] = 1000000000, ["1s"] = 1000000000, ["1ms"] = 1000000, ["1us"] = 1000, ["1µs"] = 1000,
      ["1ns"] = 1, ["0"] = 0, ["0ns"] = 0, ["007ms"] = 7000000,
    })
  end)

  it("reads fractions exactly", function()
    reads(units.parse_duration, {
      ["0.1us"] = 100, ["0.1"] = 100000000, ["1.5ms"] = 1500000, [".5ms"] = 500000,
      [".5"] = 500000000, ["0.001us"] = 1, ["1.000000001s"] = 1000000001, ["1.50s"] = 1500000000,
      ["0.3s"] = 300000000, ["0.7us"] = 700, ["1.001ms"] = 1001000, ["8.123456789"] = 8123456789,
      ["4.35ms"] = 4350000, ["1.1us"] = 1100, ["2.675µs"] = 2675, ["0.000000001"] = 1,
    })
  end)

  it("reads large ones without loss", function()
    reads(units.parse_duration, {
      ["9007199254740993ns"] = 9007199254740993,
      ["9007199.254740993s"] = 9007199254740993,
      ["9223372036854775807ns"] = math.maxinteger,
      ["9223372036854775.807us"] = math.maxinteger,
      ["9223372036.854775807"] = math.maxinteger,
      ["0009223372036854775ns"] = 9223372036854775,
    })
  end)

  it("allows blanks before the unit", function()
    reads(units.parse_duration, { ["5 ms"] = 5000000, ["1.5   us"] = 1500, ["5\tns"] = 5 })
  end)

  it("cuts what is less than a nanosecond", function()
    reads(units.parse_duration, { ["1.5ns"] = 1, ["0.9ns"] = 0, [".999999999999999ns"] = 0 })
    -- These have only zeros among the digits that count.
    reads(units.parse_duration, { ["1.0000000004s"] = 1000000000, ["3.0004us"] = 3000 })
  end)

  it("counts a fraction once if it has more digits than the unit", function()
    reads(units.parse_duration, {
      ["1.0000000015s"] = 1000000001, ["0.1234us"] = 123, ["1.2345us"] = 1234,
      ["0.1234567891s"] = 123456789, ["0.9999999999s"] = 999999999, ["2.5000000ms"] = 2500000,
      ["0.1000us"] = 100, ["1.5000000000000000000000001s"] = 1500000000,
    })
  end)

  it("refuses what is no duration", function()
    refuses(units.parse_duration, "invalid duration", {
      "", " ", "m", "ms", "s", ".", ".ms", "1m", "1h", "1min", "1e3", "1e3s", "-1", "-1ms", "+1",
      "inf", "nan", "0x10", "1.5.2", "1..5", "1,5", "1 2", "1 2ms", "1.5ms2", "1ms ", " 1ms",
      "1MS", "1Ms", "1S", "1s1ms", "1ms1", "1ps", "1 . 5", "1. 5ms", "µs",
    })
  end)

  it("refuses what 64 bits do not hold", function()
    refuses(units.parse_duration, "is too long", {
      "9223372036854775808ns", "9223372037s", "9223372036854776us", "99999999999999999999ns",
      "99999999999999999999999999999999s", "9999999999999999999ns", "10000000000000000000",
    })
  end)

  it("refuses what a fraction carries beyond 64 bits", function()
    refuses(units.parse_duration, "is too long", {
      "9223372036.854775808s", "9223372036.999999999s", "9223372036854775.808us",
    })
  end)
end)

describe("units.parse_size", function()
  it("reads each unit", function()
    reads(units.parse_size, {
      ["0"] = 0, ["42"] = 42, ["42B"] = 42,
      ["1K"] = 1024, ["1KiB"] = 1024, ["1KB"] = 1000,
      ["1M"] = 1 << 20, ["1MiB"] = 1 << 20, ["1MB"] = 1000000,
      ["1G"] = 1 << 30, ["1GiB"] = 1 << 30, ["1GB"] = 1000000000,
      ["1T"] = 1 << 40, ["1TiB"] = 1 << 40, ["1TB"] = 1000000000000,
      ["1P"] = 1 << 50, ["1PiB"] = 1 << 50, ["1PB"] = 1000000000000000,
      ["1E"] = 1 << 60, ["1EiB"] = 1 << 60, ["1EB"] = 1000000000000000000,
    })
  end)

  it("reads fractions", function()
    reads(units.parse_size, {
      ["1.5K"] = 1536, ["1.5KiB"] = 1536, ["1.5KB"] = 1500, [".5MiB"] = 524288,
      ["0.25 KiB"] = 256, ["1.234KB"] = 1234, ["0.1GiB"] = 107374182, ["1.5"] = 1, ["1.9B"] = 1,
      ["1.000001MB"] = 1000001, ["4.5 GB"] = 4500000000, ["0.0001K"] = 0,
    })
  end)

  it("reads large ones without loss", function()
    reads(units.parse_size, {
      ["9223372036854775807"] = math.maxinteger, ["9007199254740993"] = 9007199254740993,
      ["7E"] = 7 << 60, ["9EB"] = 9000000000000000000, ["8191PiB"] = 8191 << 50,
    })
  end)

  it("allows blanks before the unit", function()
    reads(units.parse_size, { ["4 KiB"] = 4096, ["5 B"] = 5 })
  end)

  it("counts a fraction once if it has more digits than the unit", function()
    reads(units.parse_size, { ["1.2345KB"] = 1234, ["0.5000KB"] = 500, ["1.1234567MB"] = 1123456 })
  end)

  it("refuses what is no size", function()
    refuses(units.parse_size, "invalid size", {
      "", "K", "KiB", "B", ".", "1k", "1kB", "1kib", "1Kib", "1Ki", "1b", "1KiBB", "1BB", "1iB",
      "1ZiB", "1YB", "1BiB", "-1", "-1K", "1e3", "0x10", "1.5.2", "1,5K", " 1K", "1K ", "1K1",
      "inf", "1ms", "1µ", "1%",
    })
  end)

  it("refuses what 64 bits do not hold", function()
    refuses(units.parse_size, "is too large", {
      "8E", "8EiB", "10EB", "9223372036854775808", "8192PiB", "18446744073709551616",
      "99999999999999999999999999K",
    })
  end)

  it("refuses what a fraction carries beyond 64 bits", function()
    refuses(units.parse_size, "is too large", { "9.5EB", "7.9999999999999999999EiB" })
  end)
end)

describe("units.format_size", function()
  it("writes bytes as they are", function()
    assert.equal("0   B", units.format_size(0))
    assert.equal("42   B", units.format_size(42))
    assert.equal("1023   B", units.format_size(1023))
    assert.equal("3   B", units.format_size(3.0))
    assert.equal("3   B", units.format_size(3.4))
  end)

  it("writes two digits and the unit from 1024 on", function()
    assert.equal("1.00 KiB", units.format_size(1024))
    assert.equal("1.50 KiB", units.format_size(1536))
    assert.equal("1023.00 KiB", units.format_size(1023 * 1024))
    assert.equal("1.00 MiB", units.format_size(1 << 20))
    assert.equal("1.00 GiB", units.format_size(1 << 30))
    assert.equal("2.25 GiB", units.format_size(9 << 28))
    assert.equal("1.00 TiB", units.format_size(1 << 40))
    assert.equal("1.00 PiB", units.format_size(1 << 50))
    assert.equal("1.00 EiB", units.format_size(1 << 60))
    assert.equal("8.00 EiB", units.format_size(math.maxinteger))
    assert.equal("1.46 KiB", units.format_size(1500.0))
  end)

  it("does not run out of units", function()
    assert.equal("1024.00 EiB", units.format_size(2.0 ^ 70))
  end)
end)

describe("units.us", function()
  it("writes three digits after the point", function()
    assert.equal("0.000", units.us(0))
    assert.equal("0.001", units.us(1))
    assert.equal("0.999", units.us(999))
    assert.equal("1.000", units.us(1000))
    assert.equal("1.050", units.us(1050))
    assert.equal("1234567.891", units.us(1234567891))
  end)

  it("is exact for any integer", function()
    assert.equal("9007199254740.993", units.us(9007199254740993))
    assert.equal("9223372036854775.807", units.us(math.maxinteger))
    assert.equal("9223372036854775.806", units.us(math.maxinteger - 1))
  end)

  it("rounds floating point numbers", function()
    assert.equal("1.500", units.us(1500.0))
    assert.equal("1.234", units.us(1234.4))
    assert.equal("1.235", units.us(1234.6))
    assert.equal("0.000", units.us(0.25))
    assert.equal("0.333", units.us(1000 / 3))
    assert.equal("1000000000000.000", units.us(1e15))
  end)

  it("writes negative ones", function()
    assert.equal("-0.001", units.us(-1))
    assert.equal("-1.500", units.us(-1500))
    assert.equal("-1.500", units.us(-1500.0))
  end)
end)
