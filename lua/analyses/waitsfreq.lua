--- Distributions of how long threads waited off the CPU, one for each cause.
--
--   lttnga-run waitsfreq my-trace/
--   lttnga-run waitsfreq --procname postgres --cause disk my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Distribution of waits for disk (µs)
--   ################################################################################
--      34.660 ████████████████████████████████████████████████████████████████████████ 83
--    2929.636                                                                           0
--    5824.612                                                                           0
--    8719.588                                                                           0
--   11614.564                                                                           1

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
