--- Latencies of I/O calls, disk requests and waits for a CPU, as a heat map over time.
--
--   lttnga-run latencymap my-trace/
--   lttnga-run latencymap --procname postgres --output html my-trace/ > map.html
--
-- Each duration range is twice as wide as the one before. The darker a cell, the more there were.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Latencies over time: open
--     524.288 us                              ░                             1
--     262.144 us                              ░                             1
--     131.072 us                             █                              2
--      65.536 us                                                            0
--      32.768 us                                                            0
--      16.384 us                              ░                             1
--       8.192 us                              ░                             1

local analysis = require "lttnga.analysis"
local family = require "lttnga.io_family"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

--- Columns of a map at most.
local BINS = 200

--- The range of a duration, as the power of two that is its lower bound: those below 1 us are one.
local function range_of(duration)
  local low = 1024
  while low <= duration do
    low = low * 2
  end
  return low == 1024 and 0 or low // 2, low
end

--- Rows of a curve: one for each column and range that has something.
local function rows_of(w, curve)
  local begin, width, n = w.grid:range()
  local rows, map = {}, { first = begin, last = begin + n * width }
  for i = 1, n do
    local last
    for _, bucket in ipairs(curve:histogram(i, i)) do
      local low, high = range_of(bucket.from)
      if not last or last.low ~= low then
        local from = begin + (i - 1) * width
        last = { from = from, to = from + width, low = low, high = high, n = 0,
          map = map }
        rows[#rows + 1] = last
      end
      last.n = last.n + bucket.n
    end
  end
  return rows
end

--- What there are maps of: { what =, curve = }, in order.
local function maps_of(w)
  local list, calls = {}, {}
  for one in w.calls:each() do
    calls[one.io_class] = one.curve
  end
  for _, io_class in ipairs(family.classes) do
    list[#list + 1] = calls[io_class] and { what = io_class, curve = calls[io_class] } or nil
  end
  local disks, names = {}, {}
  for one in w.requests:each() do
    names[one.dev] = one.disk -- the last one: it may become known late
  end
  for one in w.requests:by("dev"):each() do
    disks[#disks + 1] = { what = "disk: " .. names[one.dev], curve = one.curve }
  end
  table.sort(disks, function(a, b) return a.what < b.what end)
  table.move(disks, 1, #disks, #list + 1, list)
  list[#list + 1] = { what = "waits for a CPU", curve = w.waits:all() }
  return list
end

-- ---- As text ----

--- Columns of a map as text at most, those of what stands beside it, and its shades.
local COLUMNS, BESIDE, SHADES = 72, 22, { "░", "▒", "▓", "█" }

--- The lower bounds of a map, the longest durations first; counts by these and the column of text.
local function lines_of(rows, columns)
  local least, most, lows, counts = math.huge, 0, {}, {}
  for _, row in ipairs(rows) do
    local r = row.record
    local column = (r.from - r.map.first) * columns // (r.map.last - r.map.first) + 1
    counts[r.low] = counts[r.low] or {}
    counts[r.low][column] = (counts[r.low][column] or 0) + r.n
    least, most = math.min(least, r.low), math.max(most, r.low)
  end
  local low = least
  while low <= most do
    table.insert(lows, 1, low)
    low = select(2, range_of(low))
  end
  return lows, counts
end

local function map_text(result, about)
  if #result.rows == 0 then
    return ""
  end
  local columns = math.max(1, math.min(COLUMNS, (about.width or COLUMNS + BESIDE) - BESIDE))
  local lows, counts = lines_of(result.rows, columns)
  local most, lines = 1, { text.clean(result.title) }
  for _, low in ipairs(lows) do
    for _, n in pairs(counts[low] or {}) do
      most = math.max(most, n)
    end
  end
  for _, low in ipairs(lows) do
    local places, sum = {}, 0
    for column = 1, columns do
      local n = counts[low] and counts[low][column]
      local shade = n and most > 1 and math.floor(3 * math.log(n) / math.log(most)) + 1 or 4
      places[column], sum = n and SHADES[shade] or " ", sum + (n or 0)
    end
    lines[#lines + 1] = ("%12s %s %d"):format(text.duration(low), table.concat(places), sum)
  end
  return text.join(lines)
end

return analysis {
  title = "Latencies over time",
  options = { "process", "cpu", "duration" },

  begin = function(w)
    w.grid = stats.grid { width = 1000000, bins = BINS, within = w }
    w.calls = stats.series(w.grid, "values")
    w.requests = stats.series(w.grid, "values")
    w.waits = stats.series(w.grid, "values")
  end,

  collect = {
    { "io_end", "io_class", "time", "duration", into = "calls",
      only = { io_class = family.classes } },
    { "disk_request_end", "dev", "disk", "time", "duration", into = "requests" },
    { "wakeup_latency", "time", "duration", into = "waits" },
  },

  finish = function(w)
    w.grid:close(w.first, w.last)
  end,

  tables = {
    { "map", "Latencies over time",
      { { "Time", "time-range", { "from", "to" }, key = true },
        { "Duration (lower bound)", "duration", "low", key = true },
        { "Duration (upper bound)", "duration", "high" },
        { "Count", "number", "n", compare = "sum" } },
      group = { { "What", "string", "what" } },
      needs = { "io_end", "disk_request_end", "wakeup_latency" },
      chart = { kind = "heat", x = "time", y = "duration_lower_bound", value = "count" },
      text = map_text,
      each = function(w)
        local results = {}
        for i, one in ipairs(maps_of(w)) do
          results[i] = { title = "Latencies over time: " .. one.what, group = one,
            rows = rows_of(w, one.curve) }
        end
        return results
      end },
  },
}
