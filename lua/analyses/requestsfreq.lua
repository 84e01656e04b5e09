--- How many requests took how long, in ranges that double, by process and port.
--
--   lttnga-run requestsfreq --request disk --group-by op my-trace/
--   lttnga-run requestsfreq --request fsync my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Distribution of requests - fsync: lttng-consumerd (237) (µs)
--   ################################################################################
--       8.000 ████████████████████████████████████████████████████████████████         35
--      16.000 ████████████████████████████████████████████████████████████████████████ 39
--      32.000 █████████                                                                 5
--      64.000                                                                           0
--     128.000 ███                                                                       2
--     256.000 ██████████████████████████████████████████                               23
--     512.000 █████████████████████████████████████████████████████████                31
--    1024.000 ████████████                                                              7

local analysis = require "lttnga.analysis"
local family = require "lttnga.request_family"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"

return analysis {
  title = "Request distributions",
  options = family.options_of "freq",
  family = family.members,
  requests = family.requests,
  selects = family.selects,

  begin = function(w)
    w.durations = stats.keyed(true)
  end,

  collect = function(given)
    return { family.collect(given, "request_end", "duration", "durations") }
  end,

  finish = function(w)
    family.finish(w, w.durations)
  end,

  tables = {
    { "freq", "Distribution of requests", frequency.columns "Requests", needs = {},
      group = family.key_columns, text = frequency.text, chart = frequency.chart,
      each = function(w)
        local results = {}
        for i, row in ipairs(family.rows(w, { stats = "durations" })) do
          results[i] = { title = "Distribution of requests - " .. family.label(row), group = row,
            rows = frequency.doubling(row.stats) }
        end
        return results
      end },
  },
}
