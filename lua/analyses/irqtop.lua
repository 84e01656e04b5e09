--- Which interrupt handlers took longest: those of devices, and softirqs.
--
--   lttnga-run irqtop my-trace/
--   lttnga-run irqtop --limit 20 --irq 34 --softirq 1,3 --min 100us my-trace/
--
-- The raise latency of a softirq is the time from its raise until its handler was called. The duration
-- of a handler includes the handlers that interrupted it.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Longest interrupt handlers
--   Begin                Duration  CPU  Type      #  Raise latency  Name
--   --------------------------------------------------------------------------------
--   15:36:37.921621650  23.992 ms    0  SoftIRQ   1      66.040 us  TIMER_SOFTIRQ
--   15:36:37.887636900  21.962 ms    0  IRQ      34                 virtio1-requests
--   15:36:37.857717400  21.194 ms    0  IRQ      34                 virtio1-requests

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.irq_family"
local top = require "lttnga.top"

--- What is taken of each: the longest ones of each kind.
local fields = { "kind", "duration", "begin", "time", "cpu", "name" }
local soft_fields = { "kind", "duration", "begin", "time", "cpu", "name", "raise_latency" }

return analysis {
  title = "Longest interrupt handlers",
  options = { "limit", table.unpack(family.options_of "top") },
  family = family.members,

  begin = function(w) w.longest = top.of_each(w.options.limit) end,

  collect = function(options)
    return family.collect_all(options, "longest", fields, soft_fields)
  end,

  tables = {
    { "top", "Longest interrupt handlers",
      { { "Time range", "time-range", { "begin", "time" } }, { "Duration", "duration", "duration" },
        { "CPU", "cpu", "cpu" }, { "Type", "string", "label" }, { "Interrupt", "irq", family.cell },
        { "Raise latency", "duration", "raise_latency", unknown = "is_soft" }, ends.column },
      unit = "usec", needs = { "irq_end", "softirq_end" }, limit = true,
      rows = function(w)
        local all = top.new(w.options.limit)
        for _, kind in ipairs(family.kinds) do
          for _, row in ipairs(w.longest:rows(kind)) do
            all:add(row.duration, row)
          end
        end
        return all:rows()
      end,
      text = family.text {
        { 19, "{raise_latency:us}|", "Raise latency", "Raise latency (us)" },
        { -22, " {name}| unknown", "Name", " Name" },
      } },
  },
}
