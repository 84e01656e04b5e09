--- What the analyses of interrupts share: their options, which interrupts are wanted, and
-- statistics by interrupt.
--
-- SPDX-License-Identifier: MIT

local of_family = require("lttnga.options").of_family
local ends = require "lttnga.ends"
local sums = require "lttnga.sums"
local text = require "lttnga.text"

local family = {}

--- The analyses of the family, in the order of their results, for `family`: each takes the flags
-- that add the results of the others.
family.members = {
  { flags = { "stats" }, script = "irqstats" },
  { flags = { "top" }, script = "irqtop" },
  { flags = { "freq" }, script = "irqfreq" },
  { flags = { "log" }, script = "irqlog" },
}

--- The options of the analysis with a flag: see options.of_family.
family.options_of = of_family({
  { name = "stats", help = "also duration statistics (irqstats)" },
  { name = "top", help = "also the longest handlers (irqtop)" },
  { name = "freq", help = "also duration distributions (irqfreq)" },
  { name = "log", help = "also a log of all interrupts (irqlog)" },
}, {
  { "duration", "cpu" }, { "percentiles", of = { "stats" } }, { "frequency", of = { "freq" } },
  { { name = "irq", value = "N,...", read = "numbers", list = true,
      help = "only these hard interrupts (and the softirqs of --softirq; default: all)" },
    { name = "softirq", value = "N,...", read = "numbers", list = true,
      help = "only these softirqs (and the interrupts of --irq; default: all)" } },
})

--- The options that all of them take.
family.options = family.options_of()

--- Kinds of interrupts, in the order in which they are shown: of devices, softirqs, and x86's own
-- vectors.
family.kinds = { "hard", "soft", "vector" }

--- The events of each kind of interrupt, and their field with its number.
local events = {
  { "irq_end", "irq", "hard" }, { "softirq_end", "vec", "soft" },
  { "irq_vector_end", "vector", "vector" },
}

--- What each kind is called.
local labels = { hard = "IRQ", soft = "SoftIRQ", vector = "Vector" }

--- The collects of the interrupts that --irq and --softirq ask for, with `number`, `kind`, `label`,
-- `is_hard`, and for softirqs `is_soft`.
-- @tparam table options values of the options
-- @tparam string into the object to feed
-- @tparam table fields further fields
-- @tparam[opt] table soft_fields further fields of softirqs, if they differ
-- @treturn table
function family.collect(options, into, fields, soft_fields)
  local list, asked = {}, { hard = options.irq, soft = options.softirq }
  local is_asked = options.irq or options.softirq
  for i, event in ipairs(events) do
    local kind = event[3]
    -- Kinds that are not wanted name their fields as well: a log needs them.
    list[i] = {
      event[1], number = event[2], into = into,
      only = is_asked and { [event[2]] = asked[kind] or {} },
      set = { kind = kind, label = labels[kind], is_hard = kind ~= "soft",
        is_soft = kind == "soft" or nil },
    }
    local own = kind == "soft" and soft_fields or fields
    table.move(own, 1, #own, 2, list[i])
  end
  return list
end

--- The same with `open`, and with interrupts that are still in progress when a window ends.
-- @tparam any ... as for family.collect
-- @treturn table
function family.collect_all(...)
  local list = family.collect(...)
  for i, event in ipairs(events) do
    list[#list + 1] = ends.collect(list[i], (event[1]:gsub("_end$", "_open")))
    ends.mark(list[i].set, ends.over)
  end
  return list
end

--- The rows of the interrupts of a kind, by number: number, kind, name (an interrupt that devices
-- share has several), `stats`.
-- @tparam Keyed durations by kind, number and name, among others
-- @tparam string kind
-- @treturn table
function family.rows(durations, kind)
  local rows = sums.by(durations:only("kind", { kind }), { of = { "kind", "number" } })
  for _, row in ipairs(rows) do
    row.names, row.is_hard = {}, kind ~= "soft"
  end
  for one in durations:only("kind", { kind }):by("kind", "number", "name"):each() do
    local row = one.name and rows.of[kind .. "\0" .. one.number]
    if row then
      table.insert(row.names, one.name)
    end
  end
  for _, row in ipairs(rows) do
    row.name = #row.names > 0 and table.concat(row.names, ", ") or "unknown"
  end
  table.sort(rows, function(a, b) return a.number < b.number end)
  return rows
end

--- The parts of a column of the class `irq`.
family.cell = { nr = "number", name = "name", hard = "is_hard" }

-- ---- An interrupt as a line ----

--- What is wide enough for the columns that all lines have; times with their date are wider.
local HEADING = { -20, -19, 15, 4, -10, 4 }
local DATED_HEADING = { -31, -30, 15, 4, -10, 4 }

--- How tables of single interrupts are written as text.
-- @tparam table last columns, see lttnga.lines; as fourth value, what stands above them in the
-- classic text
-- @treturn table for `text` of a table
function family.text(last)
  local line = {
    { -40, ends.range, "Begin and end", shorter = ends.shorter },
    { 15, ends.duration, "Duration" }, { 4, "{cpu}|?", "CPU" }, { -10, " {label}", "Type" },
    { 4, "{number}", "#" },
  }
  local widths, titles = {}, { "Begin", "End", "Duration (us)", "CPU", " Type", "#" }
  for i, column in ipairs(last) do
    line[#line + 1], widths[i], titles[#titles + 1] = column, column[1], column[4] or column[3]
  end
  return {
    heading = function(about)
      local all = table.move(about.date and DATED_HEADING or HEADING, 1, 6, 1, {})
      return text.columns(table.move(widths, 1, #widths, 7, all), table.unpack(titles))
    end,
    line = line,
  }
end

return family
