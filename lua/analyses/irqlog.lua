--- Every single interrupt, in the order in which their handlers ended.
--
--   lttnga-run irqlog my-trace/
--   lttnga-run irqlog --softirq 3 --min 100 --output csv my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Interrupt log:
--   Begin                End                   Duration (us)  CPU  Type         #  Name
--   [15:36:37.249867960, 15:36:37.257715970]        7848.010    1  IRQ         29  virtio4-req.1
--   [15:36:37.281708620, 15:36:37.281854020]         145.400    1  IRQ         29  virtio4-req.1
--   [15:36:37.919105360, 15:36:37.919273210]         167.850    1  IRQ         29  virtio4-req.1

local analysis = require "lttnga.analysis"
local clock = require "lttnga.time"
local family = require "lttnga.irq_family"
local text = require "lttnga.text"
local units = require "lttnga.units"

--- What is wide enough for all columns; times with their date are wider.
local HEADING = { -20, -19, 15, 4, -10, 4, -22 }
local DATED_HEADING = { -31, -30, 15, 4, -10, 4, -22 }
local ROW = { -40, 15, 4, -10, 4, -22 }

local kinds = { hard = " IRQ", soft = " SoftIRQ", vector = " Vector" }

return analysis {
  title = "Interrupt log",
  options = family.options,
  family = family.members,

  begin = function(w)
    w.wanted = family.wanted(w.options)
  end,

  on = {
    irq_end = function(w, begin, time, duration, cpu, irq, name)
      if w.wanted("hard", irq) then
        w.log:add(time, { { begin, time }, nil, cpu, { nr = irq, name = name, hard = true },
          duration, "hard" })
      end
    end,
    softirq_end = function(w, begin, time, duration, raise, cpu, vec, name)
      if w.wanted("soft", vec) then
        w.log:add(time, { { begin, time }, raise or analysis.unknown, cpu,
          { nr = vec, name = name, hard = false }, duration, "soft" })
      end
    end,
    irq_vector_end = function(w, begin, time, duration, cpu, vector, name)
      if w.wanted("vector", vector) then
        w.log:add(time, { { begin, time }, nil, cpu, { nr = vector, name = name, hard = true },
          duration, "vector" })
      end
    end,
  },

  tables = {
    -- Rows go to w.log as they come.
    { "log", "Interrupt log",
      { { "Time range", "time-range" }, { "Raised", "timestamp" }, { "CPU", "cpu" },
        { "Interrupt", "irq" }, { "Duration", "duration" }, { "Kind" } },
      needs = { "irq_end", "softirq_end" }, sorted = "log",
      text = {
        heading = function(about)
          return text.columns(about.date and DATED_HEADING or HEADING,
            "Begin", "End", "Duration (us)", "CPU", " Type", "#", " Name")
        end,
        row = function(row, about)
          local range, irq, raised = row[1], row[4], row[2]
          local name = irq.name or "unknown"
          if raised and raised ~= analysis.unknown then
            name = ("%s (raised at %s)"):format(name, clock.format(raised, about))
          end
          return text.columns(ROW,
            "[" .. clock.format(range[1], about) .. ", " .. clock.format(range[2], about) .. "]",
            units.us(row[5]), row[3] or "?", kinds[row[6]], irq.nr, " " .. name)
        end,
      } },
  },
}
