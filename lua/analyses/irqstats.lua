--- How long interrupt handlers took, and how long raised softirqs waited for theirs.
--
--   lttnga-run irqstats my-trace/
--   lttnga-run irqstats --irq 44 --softirq 1,3 --freq my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Hardware interrupt statistics
--                                            CPU
--   Interrupt             Count    Total    time      Min  Average      Max    Stdev
--   --------------------------------------------------------------------------------
--   4 (ttyS0)                 6  4.29 ms  0.06 %  1.87 us   716 us  4.19 ms  1.70 ms
--   25 (virtio3-req.0)       13  1.84 ms  0.02 %  30.0 us   141 us   692 us   169 us
--   26 (virtio3-req.1)      221  9.16 ms  0.12 %  15.1 us  41.5 us   307 us  25.8 us
--   28 (virtio4-req.0)       74  8.89 ms  0.11 %  48.8 us   120 us   248 us  43.2 us
--   29 (virtio4-req.1)       13  9.46 ms  0.12 %  80.6 us   728 us  7.85 ms  2.14 ms
--   34 (virtio…requests)     81   251 ms  3.23 %  4.43 us  3.10 ms  22.0 ms  4.86 ms

local analysis = require "lttnga.analysis"
local family = require "lttnga.irq_family"
local render = require "lttnga.render_text"
local stats = require "lttnga.stats"
local tables = require "lttnga.tables"
local text = require "lttnga.text"

--- The columns of a table of one half: interrupts, and statistics of durations. Text for
-- people has some more than lttng-analyses.
local function one_half(options)
  local columns = stats.columns { "Interrupt", "irq", family.cell }(options)
  if options["for people"] then
    table.insert(columns, 3, { "Total", "duration", "total", compare = "sum" })
    table.insert(columns, 4, { "Share", "ratio", "share", heading = "CPU time",
      compare = "share" })
  end
  return columns
end

--- Those with a second half: the statistics of raise latencies.
local function both_halves(options)
  local columns = one_half(options)
  for _, column in ipairs(stats.columns()(options)) do
    columns[#columns + 1] = { "Raise " .. column[1]:lower(), column[2],
      "raise_" .. column[3], unknown = column.unknown, compare = column.compare }
  end
  return columns
end

local function rows_of(w, kind)
  local rows = stats.rows(family.rows(w.durations, kind))
  local cpu_time = w.time * #w.cpus
  for _, row in ipairs(rows) do
    row.total = row.stats:sum()
    row.share = cpu_time > 0 and row.total / cpu_time or nil
  end
  local latencies = family.rows(w.latencies, kind)
  for _, row in ipairs(kind == "soft" and rows or {}) do
    local latency = latencies.of[row.key]
    local own = latency and latency.stats or stats.new(row.stats:keeps())
    for name, value in pairs(stats.fields(own)) do
      row["raise_" .. name] = value
    end
  end
  return rows
end

-- ---- How the tables look ----

--- What stands above the columns of a half.
local words = { "count", "min", "avg", "max", "stdev", "p50", "p90", "p99", "p99.9" }

--- Lines with the words and the interrupts' statistics that are in the columns from..to. Where
-- there was nothing to count, a line stays empty.
local function half(result, about, from, to, count_width)
  local lines, widths = { {} }, {}
  for c = 1, to - from + 1 do
    lines[1][c] = words[c] or result.columns[from + c - 1].heading
    widths[c] = c == 1 and count_width or 12
  end
  for r, row in ipairs(result.rows) do
    lines[r + 1] = {}
    for c = from, to do
      lines[r + 1][c - from + 1] = row[from] == 0 and "" or render.cell(result.columns[c],
        row[c], about)
    end
  end
  return text.grid(widths, lines)
end

--- A function that writes a table. Its second half, if it has one, stands behind a bar.
local function layout(title, has_latencies)
  return function(result, about)
    if #result.rows == 0 then
      return ""
    end
    local names = { { "", "" } }
    for r, row in ipairs(result.rows) do
      names[r + 1] = { row[1].nr .. ":", "<" .. row[1].name .. ">" }
    end
    names = text.grid({ -3, -18 }, names)
    local second = has_latencies and tables.find_column(result.columns, "raise_count")
    local durations = half(result, about, 2, second and second - 1 or #result.columns, 5)
    local latencies = second and half(result, about, second, #result.columns, 6)

    local lines = {}
    for r, name in ipairs(names) do
      local bar = (r > 1 or latencies) and "|" or ""
      lines[r] = name .. " " .. durations[r] .. "  " .. bar
        .. (latencies and " " .. latencies[r] or "")
    end
    local left = text.width(names[1]) + 1 + text.width(durations[1]) + 2
    local head = text.pad_right(title, 53) .. "Duration (us)"
    local rule = ("-"):rep(left) .. "|"
    if latencies then
      head = text.pad_right(head, left + 24) .. "Raise latency (us)"
      rule = rule .. ("-"):rep(text.width(latencies[1]) + 2)
    end
    table.insert(lines, 1, head)
    table.insert(lines, 3, rule)
    return text.join(lines)
  end
end

return analysis {
  title = "Interrupt statistics",
  options = family.options_of "stats",
  family = family.members,

  begin = function(w)
    w.durations = stats.keyed(w.options.percentiles)
    w.latencies = stats.keyed(w.options.percentiles)
  end,

  collect = function(options)
    local list = family.collect(options, "durations", { "name", "duration" })
    for _, one in ipairs(family.collect(options, "latencies", {}, { "name", "raise_latency" })) do
      list[#list + 1] = #one > 1 and one or nil
    end
    return list
  end,

  tables = {
    { "hard-stats", "Hardware interrupt statistics", one_half, needs = { "irq_end" },
      rows = function(w) return rows_of(w, "hard") end, classic = layout("Hard IRQ") },
    { "soft-stats", "Software interrupt statistics", both_halves, needs = { "softirq_end" },
      rows = function(w) return rows_of(w, "soft") end, classic = layout("Soft IRQ", true) },
    -- Interrupts that a CPU makes itself, such as that of its timer. Few traces have them.
    { "vector-stats", "Interrupt vector statistics", one_half, needs = { "irq_vector_end" },
      optional = true,
      rows = function(w) return rows_of(w, "vector") end, classic = layout("IRQ vector") },
  },
}
