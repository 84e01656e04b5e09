--- Distributions of how long threads waited off the CPU, one for each cause.
--
--   lttnga-run waitsfreq my-trace/
--   lttnga-run waitsfreq --procname postgres --cause disk my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Distribution of waits for disk
--        From  Waits   Share
--   --------------------------------------------------------------------------------
--    34.66 us     83  98.8 %  ██████████████████████████████████████████████████████
--     2.93 ms      0   0.0 %
--    5.825 ms      0   0.0 %
--     8.72 ms      0   0.0 %
--   11.615 ms      1   1.2 %  ▋

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"

local TITLE = "Distribution of waits for"

return analysis {
  title = "Distributions of waits",
  options = family.options_of "freq",
  family = family.members,

  begin = function(w)
    w.waits = stats.keyed(true)
  end,

  collect = function(options)
    return { { "sleep_end", "cause", "duration", into = "waits", only = family.only(options) } }
  end,

  tables = {
    { "freq", TITLE, frequency.columns "Waits", needs = family.needs,
      text = frequency.text, chart = frequency.chart,
      group = { { "Cause", "string", "cause" } },
      each = function(w)
        local list = sums.by(w.waits, { of = { "cause" } })
        for _, row in ipairs(list) do
          row.name, row.group = row.cause, row
        end
        table.sort(list, function(a, b) return a.cause < b.cause end)
        return frequency.tables(TITLE, list, w.options,
          { low = w.options.min, high = w.options.max })
      end },
  },
}
