--- Activity of a machine as text: a line for each interval, as in vmstat, and totals.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local thread = require "lttnga.thread"
local time = require "lttnga.time"
local units = require "lttnga.units"

local activity_text = {}

local SECOND, MS = 1000000000, 1000000

-- ---- Lines ----

--- A number in few characters: "0", "85", "1.2K", "340M".
local function short(number, base)
  local letters, i = { "", "K", "M", "G", "T", "P", "E" }, 1
  while number >= 999.5 and i < #letters do
    number, i = number / base, i + 1
  end
  if i == 1 or number >= 9.95 then
    return ("%.0f%s"):format(number, letters[i])
  end
  return ("%.1f%s"):format(number, letters[i])
end

--- A duration in few characters: "85us", "1.2ms", "340ms", "2.1s".
local function short_time(ns)
  for _, unit in ipairs { { SECOND, "s" }, { MS, "ms" }, { 1000, "us" } } do
    if ns >= 0.9995 * unit[1] or unit[1] == 1000 then
      local number = ns / unit[1]
      return (number >= 9.95 and "%.0f%s" or "%.1f%s"):format(number, unit[2])
    end
  end
end

--- A share of the time of all CPUs, in percent.
local function cpu_percent(field)
  return function(row)
    local whole = row.n_cpus * row.length
    if not row[field] or whole == 0 then
      return nil
    end
    return ("%.0f"):format(100 * row[field] / whole)
  end
end

--- Bytes, or a count, per second.
local function per_second(field, base)
  return function(row)
    return row[field] and short(row[field] * SECOND / row.length, base or 1024)
  end
end

local function mean(field)
  return function(row)
    return row[field] and (row[field] >= 9.95 and "%.0f" or "%.1f"):format(row[field])
  end
end

local function sum(a, b, show)
  return function(row)
    return row[a] and row[b] and show(setmetatable({ both = row[a] + row[b] }, { __index = row }))
  end
end

--- The slowest call; its end is left out if there is no room.
local function slowest(row, room)
  local one, line = row.slowest, ""
  for _, word in ipairs(one and { short_time(one.value), one.name,
    text.clean(one.procname or one.tid and ("TID %d"):format(one.tid) or "?") } or {}) do
    local longer = line == "" and word or line .. " " .. word
    if room and text.width(longer) > room then
      break
    end
    line = longer
  end
  return line
end

--- The columns of lines: heading, least width, text. `wide`: where there is room for it, `narrow`:
-- where there is not; where there is even less, those with the least `drop` are left out first. So
-- is one that says nothing in any line.
local shown = {
  { "busy%", 5, cpu_percent "busy" },
  { "usr%", 4, cpu_percent "user", wide = true },
  { "sys%", 4, cpu_percent "system", drop = 4 },
  { "irq%", 4, cpu_percent "irq", wide = true },
  { "sirq%", 5, cpu_percent "softirq", wide = true },
  { "unkn%", 5, function(row)
    return row.unknown and (row.unknown > 0 and cpu_percent("unknown")(row) or "")
  end },
  { "wait", 4, mean "waiting" },
  { "blkd", 4, mean "blocked", drop = 5 },
  { "read/s", 6, per_second "read" },
  { "writ/s", 6, per_second "written" },
  { "req/s", 5, per_second("requests", 1000), drop = 1 },
  { "p99", 6, function(row)
    return row.requests and (row.p99 and short_time(row.p99) or "-")
  end, drop = 7 },
  { "dirty", 5, function(row) return row.dirty and short(row.dirty, 1024) end, drop = 6 },
  { "recv/s", 6, per_second "received", wide = true },
  { "sent/s", 6, per_second "sent", wide = true },
  { "net/s", 5, sum("received", "sent", per_second "both"), narrow = true, drop = 3 },
  { "forks", 5, function(row) return row.forks and short(row.forks, 1000) end, drop = 2 },
  { "lost", 5, function(row)
    local lost = row.lost_events + row.lost_packets
    return lost > 0 and short(lost, 1000) or row.lost_time > 0 and "some" or ""
  end },
}

--- Lines narrower than this get the narrow columns.
local WIDE = 120

--- The least room for slowest calls, in narrow and wide lines; columns up to this `drop` are left
-- out for them.
local ROOM, WIDE_ROOM, FIRST = 12, 24, 3

--- The texts of a column, or nil if there are none.
local function texts_of(column, rows)
  local texts, any = {}, false
  for i, row in ipairs(rows) do
    texts[i] = column[3](row)
    any = any or (texts[i] or "") ~= ""
  end
  return any and texts or nil
end

local function columns_of(rows, width)
  local columns = {}
  for _, column in ipairs(shown) do
    local narrow = width and width < WIDE
    local texts = not (narrow and column.wide or not narrow and column.narrow)
      and texts_of(column, rows)
    if texts then
      local most = math.max(column[2], #column[1])
      for i, row in ipairs(rows) do
        texts[i] = texts[i] or row.unrecorded and "?" or ""
        most = math.max(most, #texts[i])
      end
      columns[#columns + 1] = { heading = column[1], width = most, texts = texts,
        drop = column.drop }
    end
  end
  return columns
end

--- How wide columns are, with blanks before them.
local function width_of(columns)
  local width = 0
  for _, column in ipairs(columns) do
    width = width + 1 + column.width
  end
  return width
end

--- Leaves out columns until they fit, or there are only those that stay.
local function drop(columns, room, last)
  for rank = 1, last do
    for i = #columns, 1, -1 do
      if columns[i].drop == rank and width_of(columns) > room then
        table.remove(columns, i)
      end
    end
  end
end

--- The lines of rows of lttnga.activity, with a heading.
-- @tparam table rows
-- @tparam integer step length of their intervals except the last one, ns
-- @tparam table about gmt, date; width: columns (nil: not limited)
-- @treturn string
function activity_text.lines(rows, step, about)
  local digits = step % SECOND == 0 and 0 or step % MS == 0 and 3 or 9
  local function clock(ns)
    local whole = time.format(ns, { gmt = about.gmt, date = about.date })
    return digits == 9 and whole or whole:sub(1, #whole - (digits == 0 and 10 or 6))
  end
  local columns, begin = columns_of(rows, about.width), #clock(rows[1].begin)
  local has_calls = rows[1].has_calls
  local least = about.width and about.width >= WIDE and WIDE_ROOM or ROOM
  if about.width then
    drop(columns, about.width - begin - (has_calls and 2 + least or 0), FIRST)
    drop(columns, about.width - begin, #shown)
  end
  local room = about.width and about.width - begin - width_of(columns) - 2
  has_calls = has_calls and (not room or room >= ROOM)
  local heading = { text.pad_right("begin", begin) }
  for i, column in ipairs(columns) do
    heading[i + 1] = text.pad_left(column.heading, column.width)
  end
  heading[#heading + 1] = has_calls
    and (room and room < 23 and " slowest" or " slowest call on a file") or nil
  local lines = { table.concat(heading, " ") }
  for r, row in ipairs(rows) do
    local parts = { clock(row.begin) }
    for i, column in ipairs(columns) do
      parts[i + 1] = text.pad_left(column.texts[r], column.width)
    end
    parts[#parts + 1] = has_calls and " " .. slowest(row, room) or nil
    lines[r + 1] = table.concat(parts, " ")
  end
  return text.join(lines)
end

--- Breaks a text between words into lines that fit.
-- @tparam string line
-- @tparam table about width, or nil
-- @tparam string first what the first line starts with
-- @tparam string rest what the other lines start with
-- @tparam[opt] string tail what all lines but the last end with
-- @treturn string
function activity_text.wrap(line, about, first, rest, tail)
  tail = tail or ""
  local lines, at = {}, first
  local empty = true
  for word in line:gmatch "%S+" do
    local longer = empty and at .. word or at .. " " .. word
    if about.width and not empty and text.width(longer) + #tail > about.width then
      lines[#lines + 1] = at .. tail
      longer = rest .. word
    end
    at, empty = longer, false
  end
  lines[#lines + 1] = at
  return table.concat(lines, "\n")
end

-- ---- Totals ----

local function line_of(row, fields)
  local parts = {}
  for _, field in ipairs(fields) do
    local written = field(row)
    parts[#parts + 1] = written
  end
  return table.concat(parts, ", ")
end

local function bytes(field, word)
  return function(row)
    return row[field] and ("%s %s"):format(text.trim(units.format_size(row[field])), word)
  end
end

local function number(field, word)
  return function(row) return row[field] and ("%d %s"):format(row[field], word) end
end

local function some(field, word)
  return function(row) return row[field] > 0 and ("%d %s"):format(row[field], word) or nil end
end

local totals = {
  { "CPUs", {
    function(row)
      return row.busy and ("%d, %.2f %% busy"):format(row.n_cpus,
        100 * row.busy / (row.n_cpus * row.length))
    end,
    function(row)
      return row.unknown and row.unknown > 0 and ("%.2f %% unknown"):format(
        100 * row.unknown / (row.n_cpus * row.length)) or nil
    end,
    function(row)
      return row.user and ("user %.2f %%, system %.2f %%"):format(
        100 * row.user / (row.n_cpus * row.length), 100 * row.system / (row.n_cpus * row.length))
    end,
    function(row)
      return row.irq and ("irq %.2f %%, softirq %.2f %%"):format(
        100 * row.irq / (row.n_cpus * row.length), 100 * row.softirq / (row.n_cpus * row.length))
    end } },
  { "Threads", {
    function(row) return row.waiting and ("%.2f waiting for a CPU"):format(row.waiting) end,
    function(row) return row.blocked and ("%.2f blocked"):format(row.blocked) end,
    number("forks", "made") } },
  { "Disks", {
    bytes("read", "read"), bytes("written", "written"), number("requests", "requests"),
    function(row) return row.p99 and "p99 " .. text.duration(row.p99) end } },
  { "Page cache", {
    function(row)
      return row.dirty and ("%s dirty on average, at most %s"):format(
        text.trim(units.format_size(math.floor(row.dirty))),
        text.trim(units.format_size(row.dirty_most)))
    end } },
  { "Network", { bytes("received", "received"), bytes("sent", "sent") } },
  { "Slowest call", {
    function(row)
      local one = row.slowest
      return one and ("%s of %s, %s"):format(one.name,
        thread.label { name = one.procname, tid = one.tid }, text.duration(one.value))
    end } },
  { "Lost", { some("lost_events", "events"), some("lost_packets", "packets") } },
}

--- The totals of a row, in sentences.
-- @tparam table row
-- @tparam table about width, or nil
-- @treturn string
function activity_text.totals(row, about)
  local lines = {}
  for _, total in ipairs(totals) do
    local written = line_of(row, total[2])
    lines[#lines + 1] = written ~= "" and activity_text.wrap(text.clean(written), about,
      ("  %-13s "):format(total[1]), (" "):rep(16)) or nil
  end
  return table.concat(lines, "\n") .. "\n"
end

return activity_text
