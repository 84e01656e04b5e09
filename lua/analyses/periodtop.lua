--- The periods that took longest, with what was captured of them.
--
--   lttnga-run periodtop --period "$OPEN" --period-captures 'open : file = $evt.filename :
--     ret = $evt.ret' --limit 3 my-trace/
--
-- docs/periods.md tells how periods are said, such as $OPEN.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Period top
--   Begin and end                               Duration (us) Name                      Begin capture                       End capture
--   [15:36:40.451925660, 15:36:40.525753690]        73828.030 open                      file = /out/traces/tiny.txt         ret = 3
--   [15:36:37.852298180, 15:36:37.911216520]        58918.340 open                      file = /out/traces/tiny.txt         ret = 3
--   [15:36:40.639447560, 15:36:40.697563340]        58115.780 open                      file = /out/traces/tiny.txt         ret = 3
--

local analysis = require "lttnga.analysis"
local family = require "lttnga.period_family"
local top = require "lttnga.top"

return analysis {
  title = "Longest periods",
  options = family.options_of "top",
  family = family.members,
  requests = family.requests,
  selects = family.selects,
  finish = family.finish,

  begin = function(w)
    w.longest = top.new(w.options.limit)
  end,

  on = {
    request_end = function(w, duration, name, begin, time, captures, end_captures, lost)
      if w.longest:takes(duration) and family.is_among(w.options.select, name) then
        w.longest:add(duration, { duration = duration, name = name or "None", begin = begin,
          time = time, captures = captures, end_captures = end_captures, lost = lost })
      end
    end,
  },

  tables = {
    { "top", "Period top", family.columns "name", needs = {},
      rows = function(w) return w.longest:rows() end, text = family.text "name" },
  },
}
