--- Checks that points in time are read in every form, refused if there is no such moment, and
-- written well, in UTC and in local time.
--
-- SPDX-License-Identifier: MIT

local time = require "lttnga.time"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."

local SECOND = 1000000000
local DAY = 86400 * SECOND

-- 2026-11-23 12:18:50 UTC
local NOON = 1795436330 * SECOND
-- 2026-11-23 00:00:00 UTC
local MIDNIGHT = NOON - (12 * 3600 + 18 * 60 + 50) * SECOND

local gmt = { gmt = true }
local on_day = { gmt = true, first = NOON, last = NOON + 60 * SECOND }

--- Checks that a text means this many ns, as an integer.
local function reads(given, expected, ref)
  local ns, message = time.parse(given, ref or gmt)
  assert.equal(expected, ns, ("%s: %s"):format(given, message))
  assert.equal("integer", math.type(ns))
end

--- Checks that a text is refused with this message.
local function refuses(given, expected, ref)
  local ns, message = time.parse(given, ref or gmt)
  assert.is_nil(ns, given)
  assert.is_truthy(message:find(expected, 1, true), message)
end

local NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"

--- Runs code with `time` in another time zone; what it writes.
local function in_zone(zone, code)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(("dofile '%s/helper.lua' local time = require 'lttnga.time'\n"):format(here), code)
  file:close()
  local child = assert(io.popen(("TZ='%s' lua5.4 %s 2>&1"):format(zone, path)))
  local output = child:read("a")
  child:close()
  os.remove(path)
  return output
end

describe("time.parse of a date and time", function()
  it("reads it with a blank or a T between", function()
    reads("2026-11-23 12:18:50", NOON)
    reads("2026-11-23T12:18:50", NOON)
    reads("2026-11-23t12:18:50", NOON)
  end)

  it("reads one to nine digits of a fraction", function()
    local digits, value = "", 0
    for n = 1, 9 do
      digits = digits .. n
      value = value + n * math.tointeger(10 ^ (9 - n))
      reads("2026-11-23 12:18:50." .. digits, NOON + value)
    end
    reads("2026-11-23 12:18:50.000000001", NOON + 1)
    reads("2026-11-23 12:18:50.999999999", NOON + 999999999)
    reads("2026-11-23 12:18:50.0", NOON)
    reads("2026-11-23T12:18:50.08", NOON + 80000000)
  end)

  it("refuses ten digits, none, and other signs in a fraction", function()
    for _, fraction in ipairs { ".1234567890", ".", ".1x", ".-1", ".+1", ".1 ", ",5", ".1.2" } do
      refuses("2026-11-23 12:18:50" .. fraction, "': use 12:18:50.43")
    end
  end)

  it("knows the calendar", function()
    reads("1970-01-01 00:00:00", 0)
    reads("2024-02-29 00:00:00", 1709164800 * SECOND)
    reads("2000-02-29 23:59:59", 951868799 * SECOND)
    reads("2100-02-28 23:59:59", 4107542399 * SECOND)
    reads("2100-03-01 00:00:00", 4107542400 * SECOND)
    reads("2026-12-31 23:59:59.999999999", 1798761600 * SECOND - 1)
    reads("2027-01-01 00:00:00", 1798761600 * SECOND)
  end)

  it("reads dates before the Epoch", function()
    reads("1969-12-31 23:59:59", -SECOND)
    reads("1969-12-31 23:59:59.75", -250000000)
    reads("1900-03-01 00:00:00", -2203891200 * SECOND)
  end)

  it("agrees with the C library on every day of many years", function()
    for day = 0, 50000, 7 do
      local seconds = day * 86400 + 3661
      reads(os.date("!%Y-%m-%d %H:%M:%S", seconds), seconds * SECOND)
    end
  end)

  it("refuses moments that do not exist", function()
    for _, given in ipairs {
      "2026-02-30 12:00:00", "2026-02-29 12:00:00", "2100-02-29 12:00:00", "1900-02-29 12:00:00",
      "2026-04-31 00:00:00", "2026-13-01 00:00:00", "2026-00-01 00:00:00", "2026-01-00 00:00:00",
      "2026-01-32 00:00:00", "2026-11-23 24:00:00", "2026-11-23 12:60:00", "2026-11-23 12:00:60",
      "2026-11-23 99:99:99", "2026-99-99 00:00:00",
    } do
      refuses(given, "invalid date or time '" .. given .. "'")
      refuses(given, "invalid date or time '" .. given .. "'", {})
    end
  end)

  it("refuses other forms", function()
    for _, given in ipairs {
      "", " ", "now", "2026-11-23", "2026-11-23 ", "2026-11-23 1:18", "2026-11-23  12:18:50",
      "2026-11-2 12:18:50", "26-11-23 12:18:50", "2026/11/23 12:18:50", "23-11-2026 12:18:50",
      "2026-11-23T12:18:50+01:00", "2026-11-23 1:18:50", "12:1", "1:2:3", "2026-11-23Z", "5Z",
      "12:18:50 ", " 12:18:50", "12:18:5", "012:18:50", "12:18:50.", "1.5", "1e9", "12:18:50ZZ",
      "0x10", "2026-11-23_12:18:50", "x2026-11-23 12:18:50", "2026-11-2312:18:50",
    } do
      refuses(given, "invalid time '" .. given .. "'", on_day)
    end
  end)

  it("takes Z for UTC, and needs no seconds", function()
    local output = in_zone("UTC-1", [[
      local ref = { first = 1795436330000000000, last = 1795436390000000000 }
      for _, one in ipairs { "12:18:50Z", "13:18:50", "2026-11-23 12:18:50.5Z", "13:18", "12:18Z",
        "2026-11-23T13:18" } do
        print(time.parse(one, ref))
      end]])
    assert.equal("1795436330000000000\n1795436330000000000\n1795436330500000000\n"
      .. "1795436280000000000\n1795436280000000000\n1795436280000000000\n", output)
  end)

  it("takes + for after the begin, and - for before the end of the trace", function()
    reads("+1s", NOON + SECOND, on_day)
    reads("+1.5", NOON + 1500000000, on_day)
    reads("-200ms", NOON + 60 * SECOND - 200000000, on_day)
    reads("+ 1us", NOON + 1000, on_day)
    reads("+1s", 5 + SECOND, { first = 0, last = 9, from = 5 })
    refuses("+1x", "invalid duration '1x'", on_day)
    refuses("+1s", "'+1s' is relative to the trace, which contains no events", {})
    reads("-0s", NOON + 60 * SECOND, on_day)
    refuses("+9223372036s", "'+9223372036s' is out of range", on_day)
    refuses("-9223372036s", "is out of range", { first = -SECOND, last = -SECOND })
  end)

  it("reads the last moment that 64 bits hold", function()
    reads("2262-04-11 23:47:16.854775807", math.maxinteger)
  end)

  it("refuses moments beyond what 64 bits hold", function()
    for _, given in ipairs {
      "2262-04-11 23:47:16.854775808", "2262-04-11 23:47:17", "2263-01-01 00:00:00",
      "9999-12-31 23:59:59", "1600-01-01 00:00:00", "0000-01-01 00:00:00",
    } do
      local ns, message = time.parse(given, gmt)
      assert.is_nil(ns, given)
      assert.equal("string", type(message))
    end
  end)
end)

describe("time.parse of ns since the Epoch", function()
  it("reads any that 64 bits hold", function()
    reads("0", 0)
    reads("1", 1)
    reads("007", 7)
    reads("1795436330432156789", 1795436330432156789)
    reads("9007199254740993", 9007199254740993)
    reads("9223372036854775807", math.maxinteger)
    reads("5", 5, {})
  end)

  it("refuses more", function()
    refuses("9223372036854775808", "'9223372036854775808' is out of range")
    refuses("9999999999999999999", "is out of range")
    refuses("18446744073709551616", "is out of range")
    refuses(("9"):rep(400), "is out of range")
  end)
end)

describe("time.parse of a time of day", function()
  it("takes the trace's day", function()
    reads("12:18:50", NOON, on_day)
    reads("12:18:50.43", NOON + 430000000, on_day)
    reads("12:18:50.000000001", NOON + 1, on_day)
  end)

  it("takes it even outside of the trace", function()
    reads("00:00:00", MIDNIGHT, on_day)
    reads("23:59:59.999999999", MIDNIGHT + DAY - 1, on_day)
    -- The day before would be nearer.
    local early = { gmt = true, first = MIDNIGHT + SECOND, last = MIDNIGHT + 2 * SECOND }
    reads("23:59:59", MIDNIGHT + DAY - SECOND, early)
  end)

  it("takes the day on which it lies in a trace over midnight", function()
    local over = { gmt = true, first = MIDNIGHT - 600 * SECOND, last = MIDNIGHT + 600 * SECOND }
    reads("23:50:00", MIDNIGHT - 600 * SECOND, over)
    reads("23:59:59.999999999", MIDNIGHT - 1, over)
    reads("00:00:00", MIDNIGHT, over)
    reads("00:10:00", MIDNIGHT + 600 * SECOND, over)
  end)

  it("takes the nearest in a trace over midnight if it lies in none", function()
    local over = { gmt = true, first = MIDNIGHT - 600 * SECOND, last = MIDNIGHT + 600 * SECOND }
    reads("23:49:59", MIDNIGHT - 601 * SECOND, over)
    reads("00:10:01", MIDNIGHT + 601 * SECOND, over)
    reads("20:00:00", MIDNIGHT - 4 * 3600 * SECOND, over)
    reads("04:00:00", MIDNIGHT + 4 * 3600 * SECOND, over)
  end)

  it("works in a trace of just less than a day", function()
    local ref = { gmt = true, first = NOON, last = NOON + DAY - 1 }
    reads("12:18:50", NOON, ref)
    reads("12:18:49.999999999", NOON + DAY - 1, ref)
    reads("00:00:00", MIDNIGHT + DAY, ref)
  end)

  it("works over the end of a year", function()
    local year = 1798761600 * SECOND
    local ref = { gmt = true, first = year - SECOND, last = year + SECOND }
    reads("23:59:59.5", year - SECOND // 2, ref)
    reads("00:00:00.5", year + SECOND // 2, ref)
  end)

  it("works in a trace of a single moment", function()
    reads("12:18:51", NOON + SECOND, { gmt = true, first = NOON, last = NOON })
  end)

  it("needs a date if the trace is a day long or longer", function()
    local message = "'12:18:50' needs a date: the trace is longer than a day"
    refuses("12:18:50", message, { gmt = true, first = NOON, last = NOON + DAY })
    refuses("12:18:50", message, { gmt = true, first = NOON, last = NOON + 30 * DAY })
  end)

  it("needs a date if the trace's range is unknown", function()
    refuses("12:18:50", "'12:18:50' needs a date, such as 2026-11-23 12:18:50", gmt)
    refuses("12:18:50.5", "'12:18:50.5' needs a date", {})
  end)

  it("refuses times that do not exist", function()
    for _, given in ipairs { "24:00:00", "12:60:00", "12:00:60", "99:00:00" } do
      refuses(given, "invalid time of day '" .. given .. "'", on_day)
    end
    refuses("12:18:50.1234567890", "invalid time '", on_day)
  end)
end)

describe("time.parse of local time", function()
  it("differs from UTC", function()
    assert.equal("1795436330000000000 1795454330000000000\n", in_zone(NEW_YORK, [[
      print(time.parse("2026-11-23 12:18:50", { gmt = true }) .. " "
        .. time.parse("2026-11-23 12:18:50", {}))
    ]]))
  end)

  it("knows daylight saving", function()
    -- 2026-07-01 12:00:00 UTC is 08:00:00 in New York, and 13:00:00 in winter's time + 5 hours.
    assert.equal("1782907200000000000\n", in_zone(NEW_YORK, [[
      print(time.parse("2026-07-01 08:00:00", {}))
    ]]))
    assert.equal("2026-07-01 08:00:00.000000007\n", in_zone(NEW_YORK, [[
      print(time.format(1782907200000000007, { date = true }))
    ]]))
  end)

  it("refuses what daylight saving skips", function()
    assert.equal("1772953199000000000 nil nil 1772953200000000000\n"
      .. "invalid date or time '2026-03-08 02:30:00'\n", in_zone(NEW_YORK, [[
      print(table.concat({
        tostring(time.parse("2026-03-08 01:59:59", {})),
        tostring((time.parse("2026-03-08 02:00:00", {}))),
        tostring((time.parse("2026-03-08 02:59:59", {}))),
        tostring(time.parse("2026-03-08 03:00:00", {})),
      }, " "))
      print((select(2, time.parse("2026-03-08 02:30:00", {}))))
    ]]))
    -- In UTC nothing is skipped.
    assert.equal("1772937000000000000\n", in_zone(NEW_YORK, [[
      print(time.parse("2026-03-08 02:30:00", { gmt = true }))
    ]]))
  end)

  it("refuses a time of day that daylight saving skips", function()
    assert.equal("nil invalid time of day '02:30:00'\n", in_zone(NEW_YORK, [[
      local ref = { first = 1772953100000000000, last = 1772953300000000000 }
      local ns, message = time.parse("02:30:00", ref)
      print(tostring(ns) .. " " .. message)
    ]]))
  end)

  it("reads one of the two moments when the clock goes back", function()
    local output = in_zone(NEW_YORK, [[
      local ns = time.parse("2026-11-01 01:30:00.5", {})
      print(ns, time.format(ns, { date = true }))
    ]])
    local ns, written = output:match("^(%d+)\t(.*)\n$")
    assert.equal("2026-11-01 01:30:00.500000000", written)
    assert.is_truthy(ns == "1793511000500000000" or ns == "1793514600500000000")
  end)

  it("takes that of the two moments that lies in the trace", function()
    -- Twice from 01:10:00 to 01:50:00: before and after the clock goes back.
    assert.equal("1793511000000000000\n1793514600000000000\n", in_zone(NEW_YORK, [[
      local first, last = 1793509800000000000, 1793512200000000000
      print(time.parse("01:30:00", { first = first, last = last }))
      local hour = 3600000000000
      print(time.parse("01:30:00", { first = first + hour, last = last + hour }))
    ]]))
  end)

  it("takes the local day of the trace", function()
    -- 2026-11-24 02:00:00 UTC is the evening of the 23rd in New York.
    assert.equal("1795485600000000000 1795572000000000000\n", in_zone(NEW_YORK, [[
      local first = 1795485600000000000
      print(time.parse("21:00:00", { first = first, last = first + 1 }) .. " "
        .. time.parse("02:00:00", { first = first, last = first + 1, gmt = true })
          + 86400000000000)
    ]]))
  end)

  it("takes the nearest over a local midnight", function()
    -- Midnight of 2026-11-24 in New York is 05:00:00 UTC.
    assert.equal("1795496390000000000 1795496410000000000\n", in_zone(NEW_YORK, [[
      local midnight = 1795496400000000000
      local ref = { first = midnight - 60000000000, last = midnight + 60000000000 }
      print(time.parse("23:59:50", ref) .. " " .. time.parse("00:00:10", ref))
    ]]))
  end)

  it("finds the day between, if it has only 23 hours", function()
    -- From 2026-03-07 23:45:00 to 2026-03-09 00:15:00 it is only 23.5 hours.
    assert.equal("1772985600000000000\n", in_zone(NEW_YORK, [[
      local ref = { first = 1772945100000000000, last = 1773029700000000000 }
      print(time.parse("12:00:00", ref))
    ]]))
  end)

  it("reads dates before the Epoch", function()
    assert.equal("-2000000000\n-500000000000000\n", in_zone("UTC0", [[
      print(time.parse("1969-12-31 23:59:58", {}))
      print(time.parse("1969-12-26 05:06:40", {}))
    ]]))
  end)
end)

describe("time.parse_range", function()
  it("reads two points in time", function()
    assert.same({ NOON, NOON + 5500000000 },
      { time.parse_range("[12:18:50,12:18:55.5]", on_day) })
    assert.same({ 5, 9223372036854775807 }, { time.parse_range("[5,9223372036854775807]", gmt) })
    assert.same({ NOON, NOON + 1 },
      { time.parse_range("[2026-11-23 12:18:50,2026-11-23T12:18:50.000000001]", gmt) })
    assert.same({ MIDNIGHT, NOON }, { time.parse_range("[00:00:00,1795436330000000000]", on_day) })
  end)

  it("does not mind blanks", function()
    for _, given in ipairs {
      "[12:18:50, 12:18:55]", "[ 12:18:50 , 12:18:55 ]", "  [12:18:50,12:18:55]  ",
      "\t[12:18:50\t,\t12:18:55]",
    } do
      assert.same({ NOON, NOON + 5 * SECOND }, { time.parse_range(given, on_day) })
    end
  end)

  it("reads what format_range writes", function()
    local first, last = NOON + 123456789, NOON + DAY + 1
    local written = time.format_range(first, last, { gmt = true, date = true })
    assert.same({ first, last }, { time.parse_range(written, gmt) })
  end)

  it("needs no brackets, and takes two points for a comma", function()
    for _, given in ipairs { "12:18:50.5,12:18:51", "12:18:50.5..12:18:51", "+0.5s..+0.5",
      " 12:18:50.5 .. -59s ", "[12:18:50.5..12:18:51]", "12:18:50.5, +500ms" } do
      assert.same({ NOON + SECOND // 2, NOON + SECOND }, { time.parse_range(given, on_day) }, given)
    end
  end)

  it("refuses what is no range", function()
    for _, given in ipairs {
      "", "[]", "[12:18:50]", "[12:18:50 12:18:55]", "[12:18:50,12:18:55", "12:18:50,12:18:55]",
      "x[1,2]", "[1,2]x", "[1-2]", "[1,2,3]", "1,2,3", "1.2",
    } do
      local from, message = time.parse_range(given, on_day)
      assert.is_nil(from, given)
      assert.equal(("invalid time range '%s': use 12:18:50,12:18:55.5"):format(given), message)
    end
  end)

  it("tells which of the two is wrong", function()
    for given, expected in pairs {
      ["[x,12:18:55]"] = "invalid time 'x'", ["[12:18:50,y]"] = "invalid time 'y'",
      ["(1,2)"] = "invalid time '(1'", ["[,5]"] = "invalid time ''", ["[5,]"] = "invalid time ''",
      ["[24:00:00,5]"] = "invalid time of day '24:00:00'",
      ["[5,9999999999999999999]"] = "'9999999999999999999' is out of",
      ["[[1,2]]"] = "invalid time '[1'",
    } do
      local from, message = time.parse_range(given, on_day)
      assert.is_nil(from, given)
      assert.equal(expected, message:sub(1, #expected))
    end
  end)
end)

describe("time.format", function()
  it("writes the time of day with nine digits", function()
    assert.equal("12:18:50.000000000", time.format(NOON, gmt))
    assert.equal("12:18:50.432156789", time.format(NOON + 432156789, gmt))
    assert.equal("12:18:50.000000001", time.format(NOON + 1, gmt))
    assert.equal("23:59:59.999999999", time.format(MIDNIGHT - 1, gmt))
    assert.equal("00:00:00.000000000", time.format(MIDNIGHT, gmt))
  end)

  it("writes the date before it if asked", function()
    local opts = { gmt = true, date = true }
    assert.equal("2026-11-23 12:18:50.430000000", time.format(NOON + 430000000, opts))
    assert.equal("2024-02-29 00:00:00.000000000", time.format(1709164800 * SECOND, opts))
    assert.equal("1970-01-01 00:00:00.000000000", time.format(0, opts))
    assert.equal("2262-04-11 23:47:16.854775807", time.format(math.maxinteger, opts))
  end)

  it("writes dates before 1970", function()
    local opts = { gmt = true, date = true }
    assert.equal("1969-12-31 23:59:59.999999999", time.format(-1, opts))
    assert.equal("1969-12-31 23:59:59.000000000", time.format(-SECOND, opts))
    assert.equal("1969-12-31 23:59:58.999999999", time.format(-SECOND - 1, opts))
    assert.equal("1900-03-01 00:00:00.250000000",
      time.format(-2203891200 * SECOND + 250000000, opts))
    assert.equal("23:59:59.999999999", time.format(-1, gmt))
    assert.equal("1677-09-21 00:12:43.145224192", time.format(math.mininteger, opts))
  end)

  it("writes local time without options", function()
    assert.equal("07:18:50.000000000\n2026-11-23 07:18:50.000000000\n12:18:50.000000000\n",
      in_zone(NEW_YORK, [[
        print(time.format(1795436330000000000))
        print(time.format(1795436330000000000, { date = true }))
        print(time.format(1795436330000000000, { gmt = true }))
      ]]))
    assert.equal("2026-11-24 02:03:50.000000000\n", in_zone("XXX-13:45", [[
      print(time.format(1795436330000000000, { date = true }))
    ]]))
  end)

  it("is read back as it was", function()
    for _, ns in ipairs { 0, 1, NOON + 7, MIDNIGHT - 1, 951868799999999999, -1, -DAY } do
      reads(time.format(ns, { gmt = true, date = true }), ns)
    end
  end)
end)

describe("time.format_range", function()
  it("writes both ends", function()
    assert.equal("[12:18:50.000000000, 12:18:55.500000000]",
      time.format_range(NOON, NOON + 5500000000, gmt))
    assert.equal("[2026-11-22 23:59:59.999999999, 2026-11-23 00:00:00.000000000]",
      time.format_range(MIDNIGHT - 1, MIDNIGHT, { gmt = true, date = true }))
  end)
end)

describe("time.is_multi_day", function()
  it("tells whether the days differ", function()
    assert.is_false(time.is_multi_day(NOON, NOON, true))
    assert.is_false(time.is_multi_day(MIDNIGHT, MIDNIGHT + DAY - 1, true))
    assert.is_true(time.is_multi_day(MIDNIGHT - 1, MIDNIGHT, true))
    assert.is_true(time.is_multi_day(NOON, NOON + DAY, true))
    assert.is_true(time.is_multi_day(NOON, NOON + 365 * DAY, true))
    assert.is_true(time.is_multi_day(-1, 0, true))
  end)

  it("knows local days", function()
    -- Local midnight is at 05:00:00 UTC.
    assert.equal("false true true false\n", in_zone(NEW_YORK, [[
      local utc, own = 1795478400000000000, 1795496400000000000
      print(tostring(time.is_multi_day(utc - 1, utc)) .. " "
        .. tostring(time.is_multi_day(own - 1, own)) .. " "
        .. tostring(time.is_multi_day(utc - 1, utc, true)) .. " "
        .. tostring(time.is_multi_day(own - 1, own, true)))
    ]]))
  end)
end)
