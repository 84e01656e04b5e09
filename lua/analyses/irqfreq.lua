--- Distributions of the durations of interrupt handlers, one for each interrupt.
--
--   lttnga-run irqfreq my-trace/
--   lttnga-run irqfreq --timerange 15:36:38..15:36:40.5 --irq 29 --stats my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Handler duration frequency distribution virtio4-req.1 (29)
--       From  Interrupts   Share
--   --------------------------------------------------------------------------------
--    80.6 us          12  92.3 %  ██████████████████████████████████████████████████
--   1.634 ms           0   0.0 %
--   3.188 ms           0   0.0 %
--   4.741 ms           0   0.0 %
--   6.295 ms           1   7.7 %  ████▏

local analysis = require "lttnga.analysis"
local family = require "lttnga.irq_family"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"

local TITLE = "Handler duration frequency distribution"

return analysis {
  title = "Interrupt duration distributions",
  options = family.options_of "freq",
  family = family.members,

  begin = function(w)
    w.durations = stats.keyed(true)
  end,

  collect = function(options)
    return family.collect(options, "durations", { "name", "duration" })
  end,

  tables = {
    { "freq", TITLE, frequency.columns "Interrupts", needs = { "irq_end", "softirq_end" },
      group = { { "Interrupt", "irq", family.cell } },
      text = frequency.text, chart = frequency.chart,
      each = function(w)
        local list = {}
        for _, kind in ipairs(family.kinds) do
          for _, one in ipairs(family.rows(w.durations, kind)) do
            local name = ("%s (%d)"):format(one.name, one.number)
            list[#list + 1] = { name = name, stats = one.stats, group = one }
          end
        end
        return frequency.tables(TITLE, list, w.options,
          { low = w.options.min, high = w.options.max })
      end },
  },
}
