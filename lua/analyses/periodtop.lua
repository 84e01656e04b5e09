--- The longest periods, with their captures.
--
--   lttnga-run periodtop --period "$OPEN" --period-captures 'open : file = $evt.filename :
--     ret = $evt.ret' --limit 3 my-trace/
--
-- docs/periods.md shows how to define periods such as $OPEN.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Period top
--                                                                   End         Lost
--   Begin               Duration  Period  Begin captures            captures  events
--   --------------------------------------------------------------------------------
--   15:36:40.451925660   73.8 ms  open    file = /out/…es/tiny.txt  ret = 3        0
--   15:36:37.852298180   58.9 ms  open    file = /out/…es/tiny.txt  ret = 3        0
--   15:36:40.639447560   58.1 ms  open    file = /out/…es/tiny.txt  ret = 3        0
--   Columns not shown: End (use --width N for wider lines)
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

  merge = "replay",

  tables = {
    { "top", "Period top", family.top_columns "name", needs = {},
      rows = function(w) return w.longest:rows() end, classic = family.text "name" },
  },
}
