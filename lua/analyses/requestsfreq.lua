--- Distributions of the durations of requests, by process and port, in ranges that double.
--
--   lttnga-run requestsfreq --request disk --group-by op my-trace/
--   lttnga-run requestsfreq --request fsync my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Distribution of requests - fsync: lttng-consumerd (237)
--        From  Requests   Share
--   --------------------------------------------------------------------------------
--        8 us        35  19.8 %  █████████████████████████████████████████████▊
--       16 us        39  22.0 %  ███████████████████████████████████████████████████
--       32 us         5   2.8 %  ██████▌
--       64 us         0   0.0 %
--      128 us         2   1.1 %  ██▋
--      256 us        23  13.0 %  ██████████████████████████████▏
--      512 us        31  17.5 %  ████████████████████████████████████████▌
--    1.024 ms         7   4.0 %  █████████▏
--    2.048 ms         6   3.4 %  ███████▉
--    4.096 ms         9   5.1 %  ███████████▊
--    8.192 ms        17   9.6 %  ██████████████████████▎
--   16.384 ms         2   1.1 %  ██▋
--   32.768 ms         1   0.6 %  █▎

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
        local list = {}
        for i, row in ipairs(family.rows(w, { stats = "durations" })) do
          list[i] = { name = family.label(row), stats = row.stats, group = row }
        end
        return frequency.tables("Distribution of requests -", list, w.options, { log = true })
      end },
  },
}
