--- How the durations of interrupt handlers are distributed, for each interrupt.
--
--   lttnga-run irqfreq my-trace/
--   lttnga-run irqfreq --timerange [16:05:42,16:05:45] --irq 44 --stats my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Handler duration frequency distribution virtio4-req.1 (29) (µs)
--   ################################################################################
--     80.600 ████████████████████████████████████████████████████████████████████████ 12
--   1634.082                                                                           0
--   3187.564                                                                           0
--   4741.046                                                                           0
--   6294.528 ██████                                                                    1

local analysis = require "lttnga.analysis"
local family = require "lttnga.irq_family"
local frequency = require "lttnga.frequency"

return analysis {
  title = "Interrupt duration distributions",
  options = family.options,
  family = family.members,

  begin = function(w)
    w.interrupts = family.interrupts(w.options, true)
  end,

  on = {
    irq_end = function(w, irq, name, duration)
      w.interrupts:add("hard", irq, name, duration)
    end,
    softirq_end = function(w, vec, name, duration)
      w.interrupts:add("soft", vec, name, duration)
    end,
    irq_vector_end = function(w, vector, name, duration)
      w.interrupts:add("vector", vector, name, duration)
    end,
  },

  tables = {
    { "freq", "Handler duration frequency distribution", frequency.columns "Interrupts",
      needs = { "irq_end", "softirq_end" }, text = frequency.text,
      each = function(w)
        local list = {}
        for _, kind in ipairs(family.kinds) do
          for _, one in ipairs(w.interrupts:sorted(kind)) do
            list[#list + 1] = {
              name = ("%s (%d)"):format(one.name, one.number), stats = one.durations,
            }
          end
        end
        return frequency.tables("Handler duration frequency distribution", list, w.options,
          { low = w.options.min, high = w.options.max })
      end },
  },
}
