--- Points in time as people write and read them. Everywhere else they are integer nanoseconds since
-- the Epoch.
--
-- SPDX-License-Identifier: MIT

local formats = require "lttnga.formats"
local units = require "lttnga.units"

local time = {}

local SECOND = 1000000000
local DAY = 24 * 60 * 60

--- The calendar of a moment.
-- @tparam integer ns
-- @tparam boolean gmt UTC instead of local time
-- @treturn table as from os.date("*t")
local function calendar(ns, gmt)
  return os.date(gmt and "!*t" or "*t", ns // SECOND)
end

--- Days from the Epoch to a date of the Gregorian calendar.
local function days_to(year, month, day)
  -- Years begin in March here, so that the leap day is the last of the year.
  local shifted = month > 2 and year or year - 1
  local since_march = (month + 9) % 12
  local day_of_year = (153 * since_march + 2) // 5 + day - 1
  local era_days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400
  return era_days + day_of_year - 719468
end

--- Whether a moment is this date and time of day: February 30 turns into something else.
local function is_moment(seconds, date, gmt)
  local back = os.date(gmt and "!*t" or "*t", seconds)
  for _, part in ipairs { "year", "month", "day", "hour", "min", "sec" } do
    if back[part] ~= date[part] then
      return false
    end
  end
  return true
end

--- The moments (seconds since the Epoch) of a date and time of day: none if it does not exist, two
-- where clocks are set back.
local function moments(date, gmt)
  if gmt then
    local seconds = days_to(date.year, date.month, date.day) * DAY + date.hour * 3600
      + date.min * 60 + date.sec
    return is_moment(seconds, date, true) and { seconds } or {}
  end
  local found = {}
  for _, summer in ipairs { false, true } do
    local ok, seconds = pcall(os.time, {
      year = date.year, month = date.month, day = date.day, hour = date.hour, min = date.min,
      sec = date.sec, isdst = summer,
    })
    if ok and seconds ~= found[1] and is_moment(seconds, date, false) then
      found[#found + 1] = seconds
    end
  end
  return found
end

--- How far a moment is outside the trace (ns; 0 inside, or if its range is not known).
local function distance(ns, ref)
  return ref.first and math.max(ref.first - ns, ns - ref.last, 0) or 0
end

--- The moment of one of several dates, with a time of day, that lies in the trace or nearest to it.
-- @treturn integer ns; nil if there is none
local function nearest(dates, clock, ref)
  local best, least
  for _, date in ipairs(dates) do
    local full = {
      year = date.year, month = date.month, day = date.day,
      hour = clock.hour, min = clock.min, sec = clock.sec,
    }
    for _, seconds in ipairs(moments(full, ref.gmt)) do
      local ns = seconds * SECOND + clock.ns
      local off = distance(ns, ref)
      -- Beyond what 64 bits hold it has wrapped around.
      if ns // SECOND == seconds and (not least or off < least) then
        best, least = ns, off
      end
    end
  end
  return best
end

--- Reads "12:18", "12:18:50" or "12:18:50.43".
local function read_clock(text)
  local hour, min, sec, fraction = text:match("^(%d%d):(%d%d):(%d%d)(.*)$")
  if not hour then
    hour, min = text:match("^(%d%d):(%d%d)$")
    sec, fraction = "00", ""
  end
  local digits = fraction and fraction:match("^%.(%d+)$")
  if not hour or fraction ~= "" and (not digits or #digits > 9) then
    return nil
  end
  return {
    hour = tonumber(hour), min = tonumber(min), sec = tonumber(sec),
    ns = digits and math.tointeger(tonumber(digits .. ("0"):rep(9 - #digits))) or 0,
  }
end

--- A time of day without a date: that day of the trace on which it lies.
local function on_trace_day(text, clock, ref)
  if not ref.first then
    return nil, ("'%s' needs a date, such as 2026-11-23 %s"):format(text, text)
  end
  if ref.last - ref.first >= DAY * SECOND then
    return nil, ("'%s' needs a date: the trace is longer than a day"):format(text)
  end
  -- A trace over midnight has two such times, and a day may have only 23 hours.
  local dates = {}
  for _, ns in ipairs { ref.first, ref.first + (ref.last - ref.first) // 2, ref.last } do
    dates[#dates + 1] = calendar(ns, ref.gmt)
  end
  local best = nearest(dates, clock, ref)
  if not best then
    return nil, ("invalid time of day '%s'"):format(text)
  end
  return best
end

--- Reads "+1s", after the begin, or "-2s", before the end of the trace; nil if it is neither.
local function read_distance(text, ref)
  local sign, span = text:match("^%s*([+-])%s*(.+)$")
  if not sign then
    return nil
  end
  local ns, message = units.parse_duration(span, "s")
  local from = sign == "+" and (ref.from or ref.first) or ref.last
  if not ns or not from then
    return nil, message or ("'%s' is relative to the trace, which contains no events"):format(text)
  end
  local at = sign == "+" and from + ns or from - ns
  if (at < from) ~= (sign == "-" and ns > 0) then
    return nil, ("'%s' is out of range"):format(text)
  end
  return at
end

--- Reads a point in time: "2026-11-23 12:18:50.43", "12:18:50.43" or "12:18" (on the day of the
-- trace), ns since the Epoch, "+1s" after the start of the trace, or "-2s" before its end. A
-- fraction has one to nine digits. A time of day with a "Z" after it is UTC.
-- @tparam string text
-- @tparam table ref first, last: the trace's range (ns), nil if unknown; gmt: times are UTC; from:
-- what "+1s" is after, instead of the start of the trace
-- @treturn ?integer ns; nil if it is wrong
-- @treturn ?string message
function time.parse(text, ref)
  local ns, message = read_distance(text, ref)
  if ns or message then
    return ns, message
  end
  local utc = text:match("^(.*:.*%d)[Zz]$")
  if utc then
    text, ref = utc, { first = ref.first, last = ref.last, gmt = true }
  end
  if text:match("^%d+$") then
    ns = #text <= 19 and math.tointeger(tonumber(text))
    if not ns then
      return nil, ("'%s' is out of range"):format(text)
    end
    return ns
  end
  local clock = read_clock(text)
  if clock then
    return on_trace_day(text, clock, ref)
  end
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[%sTt](.*)$")
  clock = rest and read_clock(rest)
  if not clock then
    return nil, ("invalid time '%s': use 12:18:50.43, 2026-11-23 12:18:50, +1s, -2s, or ns since "
      .. "the Epoch"):format(text)
  end
  local date = { year = tonumber(year), month = tonumber(month), day = tonumber(day) }
  ns = nearest({ date }, clock, ref)
  if not ns then
    return nil, ("invalid date or time '%s'"):format(text)
  end
  return ns
end

--- The two ends of "B,E" or "B..E", with or without brackets; nil if it is no range.
local function split_range(text)
  local inner = text:match("^%s*%[(.*)%]%s*$") or not text:find("[%[%]]") and text or ""
  local first, last = inner:match("^%s*([^,]-)%s*,%s*([^,]-)%s*$")
  if not first then
    first, last = inner:match("^%s*([^,]-)%s*%.%.%s*([^,]-)%s*$")
  end
  return first, last
end

--- Reads a range: "[B,E]", "B,E" or "B..E", with two points in time. An end "+1s" is after the
-- start of the range.
-- @tparam string text
-- @tparam table ref see time.parse
-- @treturn ?integer start, ns; nil if it is wrong
-- @treturn integer|string end, ns; or the message
function time.parse_range(text, ref)
  local first, last = split_range(text)
  if not first then
    return nil, ("invalid time range '%s': use 12:18:50,12:18:55.5"):format(text)
  end
  local from, to, message
  from, message = time.parse(first, ref)
  if not from then
    return nil, message
  end
  to, message = time.parse(last, { first = ref.first, last = ref.last, gmt = ref.gmt, from = from })
  if not to then
    return nil, message
  end
  return from, to
end

--- The last second that was written, and how: local, UTC, local and UTC with the date.
local written = { {}, {}, {}, {} }

--- A point in time as text: "12:18:50.432156789".
-- @tparam integer ns
-- @tparam[opt] table opts gmt: UTC; date: with the date before it
-- @treturn string
function time.format(ns, opts)
  local gmt, date = opts and opts.gmt, opts and opts.date
  local second = ns // SECOND
  -- Most times that are written lie within the same second as the one before.
  local last = written[1 + (gmt and 1 or 0) + (date and 2 or 0)]
  if last.second ~= second then
    last.second = second
    last.text = os.date((gmt and "!" or "") .. (date and "%F " or "") .. "%T", second)
  end
  return formats.fraction(last.text, ns % SECOND)
end

--- A range as text: "[B, E]".
-- @tparam integer first ns
-- @tparam integer last ns
-- @tparam[opt] table opts see time.format
-- @treturn string
function time.format_range(first, last, opts)
  return ("[%s, %s]"):format(time.format(first, opts), time.format(last, opts))
end

--- The name of the time zone at a point in time.
-- @tparam integer ns
-- @tparam boolean gmt UTC instead of local time
-- @treturn string
function time.zone(ns, gmt)
  return gmt and "UTC" or os.date("%Z", ns // SECOND)
end

--- Whether two points in time are on different days.
-- @tparam integer first ns
-- @tparam integer last ns
-- @tparam boolean gmt UTC instead of local time
-- @treturn boolean
function time.is_multi_day(first, last, gmt)
  local format = gmt and "!%F" or "%F"
  return os.date(format, first // SECOND) ~= os.date(format, last // SECOND)
end

return time
