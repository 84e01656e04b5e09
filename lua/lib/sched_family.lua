--- What the analyses of scheduling latencies share: their options, statistics by thread and by
-- priority, and how a latency is shown.
--
-- SPDX-License-Identifier: MIT

local of_family = require("lttnga.options").of_family
local ends = require "lttnga.ends"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local text = require "lttnga.text"
local thread = require "lttnga.thread"

local family = {}

--- The analyses of the family, in the order of their results, for `family`: each takes the flags
-- that add the results of the others.
family.members = {
  { flags = { "stats" }, script = "schedstats" },
  { flags = { "freq" }, script = "schedfreq" },
  { flags = { "log" }, script = "schedlog" },
  { flags = { "top" }, script = "schedtop" },
}

--- The options of the analysis with a flag: see options.of_family.
family.options_of = of_family({
  { name = "stats", help = "also latency statistics (schedstats)" },
  { name = "freq", help = "also latency distributions (schedfreq)" },
  { name = "log", help = "also a log of all latencies (schedlog)" },
  { name = "top", help = "also the longest latencies (schedtop)" },
}, {
  { "duration", "process", "cpu" }, { "limit", of = { "top", "log" } },
  { "percentiles", of = { "stats" } }, { "frequency", of = { "freq" } },
  { { name = "total", help = "all threads together" },
    { name = "per-tid", help = "by thread (default unless --total or --per-prio is given)" },
    { name = "per-prio", help = "by priority" }, of = { "stats", "freq" } },
})

--- The options that all of them take.
family.options = family.options_of()

--- Which statistics the options ask for.
-- @tparam table options values of the options
-- @treturn table booleans: total, tid, prio
function family.asked(options)
  local others = options.total or options["per-prio"]
  return { total = options.total, prio = options["per-prio"],
    tid = options["per-tid"] or not others }
end

-- ---- Statistics ----

--- The collects of latencies, into `w.waits`: statistics by keys.
family.collect = {
  { "wakeup_latency", "tid", "pid", "procname", "prio", "duration", into = "waits" },
}

--- The statistics of all latencies together.
-- @tparam Keyed waits
-- @tparam[opt] boolean keep see stats.new
-- @treturn Statistics
function family.total(waits, keep)
  local row = sums.by(waits, { of = {} })[1]
  return row and row.stats or stats.new(keep)
end

--- Rows of threads, with `stats`, sorted by name, then by TID.
-- @tparam Keyed waits
-- @tparam table renamed w.renamed
-- @treturn table
function family.by_name(waits, renamed)
  local rows = sums.by(waits, { of = { "tid" }, last = { "pid", "procname" } })
  for _, row in ipairs(rows) do
    row.procname = renamed[row.tid] or row.procname
    row.name = (row.procname or ""):lower()
  end
  table.sort(rows, function(a, b)
    if a.name ~= b.name then
      return a.name < b.name
    end
    return a.tid < b.tid
  end)
  return rows
end

--- Rows of priorities, with `stats`, the highest (lowest number) first.
-- @tparam Keyed waits
-- @treturn table
function family.by_prio(waits)
  local rows = {}
  for _, row in ipairs(sums.by(waits, { of = { "prio" } })) do
    rows[#rows + 1] = row.prio and row or nil
  end
  table.sort(rows, function(a, b) return a.prio < b.prio end)
  return rows
end

-- ---- A latency as a row ----

--- The columns of a table of latencies.
family.columns = {
  { "Wakeup", "timestamp", "begin" }, { "Switch", "timestamp", "time" },
  { "Latency", "duration", "duration" }, { "Priority", "number", "prio" }, { "CPU", "cpu", "cpu" },
  { "Wakee", "process", thread.fields },
  { "Waker", "process", { name = "waker_procname", tid = "waker_tid", pid = "waker_pid" },
    with = "waker_tid" },
  { "Waker context", "string", "context" }, { "IRQ", "number", "irq" },
  { "IRQ name", "string", "irq_name" }, { "Softirq", "string", "softirq" },
  { "Cause", "string", "cause" }, ends.column,
}

--- What such tables need, for `needs`.
family.needs = { "wakeup_latency", "wakeup_latency.context" }

--- The fields of wakeup_latency that their rows are made of.
family.fields = { "time", "begin", "duration", "prio", "cpu", "tid", "pid", "procname",
  "waker_tid", "waker_pid", "waker_procname", "context", "irq", "irq_name", "softirq", "cause" }

--- Times with their date are wider.
local HEADING = { -20, -19, 15, 10, 4, -26, -10, -27 }
local DATED_HEADING = { -31, -30, 15, 10, 4, -26, -10, -27 }

--- How such tables look as text, for `text`.
family.text = {
  heading = function(about)
    return text.columns(about.date and DATED_HEADING or HEADING,
      "Wakeup", "Switch", "Latency (us)", "Priority", " CPU", "  Wakee", "   Cause",
      "  Waker")
  end,
  -- Widths, and what is in the columns: of the texts between bars, the first one whose fields are
  -- all there.
  line = {
    { -40, ends.range, "Wakeup and switch", shorter = ends.shorter },
    { 15, ends.duration, "Latency" }, { 10, "{prio}|?", "Prio", spare = 1 },
    { 4, "{cpu}|?", "CPU" },
    { -27, "  {procname} ({tid})|  unknown ({tid})|  unknown (?)", "Wakee" },
    { -9, "  {cause}|  -", "Cause" },
    { -27, "  {waker_procname} ({waker_tid})|  unknown ({waker_tid})|  irq {irq} ({irq_name})|"
      .. "  {irq_name}|  softirq {softirq}|  {context}|  Unknown (N/A)", "Waker" },
  },
}

return family
