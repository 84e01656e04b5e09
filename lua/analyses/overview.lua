--- What the machine did over time, as in vmstat: CPUs, disks, page cache, network, slow calls.
--
--   lttnga-run overview my-trace/
--   lttnga-run overview --refresh 1 --timerange 15:36:38..15:36:40.5 my-trace/
--
-- Remarks below the table name what stands out, each with a command that shows more;
-- docs/overview.md has the rules. --refresh sets the length of the intervals (default: one that
-- gives 12 to 30 of them).
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Overview, 200.000 ms each:
--   begin        busy% sys% wait blkd read/s writ/s    p99 dirty net/s  slowest
--   15:36:37.097    74   29  0.3  0.2      0    40K  5.6ms  1.1K     0  17ms
--   15:36:37.297    95   61  0.5  0.0      0   120K   13ms    64     0  14ms
--   15:36:37.497   100   57  0.7  0.0      0   160K   14ms   119     0  16ms
--   15:36:37.697   100   60  0.6  0.0      0   200K   15ms    94     0  15ms
--   15:36:37.897    99   52  0.8  0.2      0   140K   15ms   255     0  59ms openat
--   15:36:38.097    99   61  0.5  0.0      0   180K   15ms    96     0  16ms
--   15:36:38.297    96   48  0.2  0.1      0   380K   20ms   419     0  23ms
--   15:36:38.497    96   62  0.3  0.0   340K   560K   11ms  1.3K     0  12ms
--   15:36:38.697    60   44  0.0  0.0   2.4M      0  422us   34K     0  2.6ms close
--   15:36:38.897    64   42  0.1  0.0   2.0M   6.7M  2.3ms  155K     0  14ms fsync
--   15:36:39.097    32   14  0.0  0.0   220K      0  314us  176K     0  4.0ms write
--   15:36:39.297     0    0  0.0  0.0      0      0      -  176K     0
--   15:36:39.497     0    0  0.0  0.0      0      0      -  176K     0
--   15:36:39.697     0    0  0.0  0.0      0      0      -  176K     0

local activity = require "lttnga.activity"
local activity_text = require "lttnga.activity_text"
local analysis = require "lttnga.analysis"
local remarks = require "lttnga.remarks"
local text = require "lttnga.text"
local time = require "lttnga.time"

local SECOND = 1000000000

--- So many lines there are at most, unless --refresh asks for more.
local LINES = 30

--- The same on a page, where they are steps of pictures.
local STEPS_OF_PAGE = 300

--- With --refresh there are more; beyond these, intervals become longer than was asked for.
local LINES_MAX = 100000

--- Lengths of intervals that people like.
local STEPS = {}
for power = 6, 8 do
  for _, digit in ipairs { 1, 2, 5 } do
    STEPS[#STEPS + 1] = digit * math.tointeger(10 ^ power)
  end
end
for _, seconds in ipairs { 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600,
  43200, 86400 } do
  STEPS[#STEPS + 1] = seconds * SECOND
end

--- How long the lines' intervals are: as asked for, or round, with LINES of them at most.
local function step_of(w)
  local _, width, n = w.grid:range()
  if w.interval then
    return width
  end
  local most = w.options.output == "html" and STEPS_OF_PAGE or LINES
  for _, step in ipairs(STEPS) do
    if step % width == 0 and (w.last - w.first + step - 1) // step <= most then
      return step
    end
  end
  return width * math.max(1, (n + most - 1) // most)
end

--- Rows of intervals that are so long.
local function rows_with(w, length)
  local _, width = w.grid:range()
  w.grid:coarsen(length // width)
  return activity.rows(w)
end

--- How long the intervals are in which remarks are looked for: 1 s, as far as that is possible.
local function remarks_step(w, step)
  local _, width = w.grid:range()
  local unit = step < SECOND and step or width
  return (SECOND + unit - 1) // unit * unit
end

--- Rows for lines, remarks and totals: intervals only become longer.
local function finish(w)
  w.grid:close(w.first, w.last)
  w.step = step_of(w)
  local own = remarks_step(w, w.step)
  local short = own < w.step and rows_with(w, own)
  w.lines = rows_with(w, w.step)
  w.remarks = remarks.of(short or rows_with(w, own), w.source)
  local _, width, n = w.grid:range()
  w.whole = rows_with(w, width * n)[1]
end

-- ---- As text ----

local function records_of(result)
  local records = {}
  for i, row in ipairs(result.rows) do
    records[i] = row.record
  end
  return records
end

local function lines_text(result, about)
  local rows = records_of(result)
  local step, asked = rows[1].step, rows[1].asked
  return ("%s, %s each%s:\n"):format(result.title, text.duration(step),
    asked and asked ~= step and (" (%s would be too many)"):format(text.duration(asked)) or "")
    .. activity_text.lines(rows, step, about)
end

local function total_text(result, about)
  local row = result.rows[1].record
  return ("In total, %s:\n"):format(text.duration(row.length)) .. activity_text.totals(row, about)
end

--- So many remarks of one rule are shown as text.
local ALIKE = 3

local function remarks_text(result, about)
  if #result.rows == 0 then
    return "What stands out: nothing\n"
  end
  local lines, told, more = { "What stands out:" }, {}, {}
  local function clock(ns)
    return (time.format(ns, { gmt = about.gmt, date = about.date }):gsub("%.%d+$", ""))
  end
  for _, one in ipairs(records_of(result)) do
    if one.rank <= ALIKE then
      local from, to = clock(one.begin), clock(one.time)
      lines[#lines + 1] = activity_text.wrap(("%s: %s"):format(
        from == to and from or from .. " to " .. to, text.clean(one.text)), about, "  ", "    ")
      lines[#lines + 1] = activity_text.wrap(text.clean(one.command), about, "      ", "        ",
        " \\")
    else
      more[#more + 1] = not told[one.rule] and one.rule or nil
      told[one.rule] = (told[one.rule] or 0) + 1
    end
  end
  for i, rule in ipairs(more) do
    more[i] = ("%d more of %s"):format(told[rule], rule)
  end
  if #more > 0 then
    lines[#lines + 1] = activity_text.wrap(("(%s: use --table remarks --output json to see "
      .. "all)"):format(
      table.concat(more, ", ")), about, "  ", "   ")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- ---- Tables ----

local function ratio(field)
  return function(row)
    local whole = row.n_cpus * row.length
    return row[field] and whole > 0 and row[field] / whole or nil
  end
end

local columns = {
  { "Begin", "timestamp", "begin" }, { "Length", "duration", "length", compare = "sum" },
  { "CPU busy", "ratio", ratio "busy" }, { "CPU unknown", "ratio", ratio "unknown" },
  { "Busy", "duration", "busy", compare = "sum" },
  { "User", "ratio", ratio "user" }, { "System", "ratio", ratio "system" },
  { "Irq", "ratio", ratio "irq" }, { "Softirq", "ratio", ratio "softirq" },
  { "Waiting", "number", "waiting", compare = "mean" },
  { "Blocked", "number", "blocked", compare = "mean" },
  { "Read", "size", "read", compare = "sum" }, { "Written", "size", "written", compare = "sum" },
  { "Reads", "number", "n_read", compare = "sum" },
  { "Writes", "number", "n_written", compare = "sum" },
  { "Requests", "number", "requests", compare = "sum" }, { "P99", "duration", "p99" },
  { "Dirty", "size", function(row) return row.dirty and math.floor(row.dirty) end },
  { "Dirty max", "size", "dirty_most" },
  { "Received", "size", "received", compare = "sum" },
  { "Sent", "size", "sent", compare = "sum" }, { "Forks", "number", "forks", compare = "sum" },
  { "Lost events", "number", "lost_events", compare = "sum" },
  { "Lost packets", "number", "lost_packets", compare = "sum" },
  { "Slowest call", "syscall", function(row) return row.slowest and row.slowest.name end },
  { "Slowest process", "process", function(row)
    local one = row.slowest
    return one and { name = one.procname, tid = one.tid }
  end },
  { "Slowest duration", "duration", function(row) return row.slowest and row.slowest.value end },
}

--- Its lines as pictures.
local charts = {
  { kind = "line", x = "begin", y = { "cpu_busy", "cpu_unknown" },
    title = "CPUs: busy and unknown time" },
  { kind = "area", x = "begin", y = { "user", "system", "irq", "softirq" },
    title = "CPUs: busy time by kind" },
  { kind = "line", x = "begin", y = { "waiting", "blocked" },
    title = "Threads waiting for a CPU, and blocked threads" },
  { kind = "area", x = "begin", y = { "read", "written" },
    title = "Bytes read from disks and written in each interval" },
  { kind = "line", x = "begin", y = "p99", title = "p99 of disk request latency" },
  { kind = "line", x = "begin", y = { "dirty", "dirty_max" }, title = "Dirty pages" },
  { kind = "area", x = "begin", y = { "received", "sent" },
    title = "Bytes received and sent in each interval" },
  { kind = "line", x = "begin", y = "slowest_duration", title = "The slowest call on a file" },
  { kind = "line", x = "begin", y = "lost_events", title = "Lost events" },
}

return analysis {
  title = "Overview",
  selects = {},
  -- One table with a line for each interval of --refresh.
  intervals = true,

  begin = function(w)
    activity.begin(w, { width = w.interval, bins = w.interval and LINES_MAX })
  end,

  collect = activity.collect,
  finish = finish,

  tables = {
    { "overview", "Overview", columns, needs = activity.needs, text = lines_text, chart = charts,
      rows = function(w)
        w.lines[1].step, w.lines[1].asked = w.step, w.interval
        return w.lines
      end },
    { "overview-total", "In total", columns, needs = activity.needs, text = total_text,
      rows = function(w) return { w.whole } end },
    { "remarks", "What stands out",
      { { "Rule", "string", "rule" }, { "Time", "time-range", { "begin", "time" } },
        { "Remark", "string", "text" }, { "Command", "string", "command" } },
      needs = activity.needs, text = remarks_text,
      rows = function(w) return w.remarks end },
  },
}
