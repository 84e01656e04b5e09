--- The longest times that threads were off the CPU because they waited for something, and who ended
-- them.
--
--   lttnga-run waitstop my-trace/
--   lttnga-run waitstop --procname postgres --cause disk --limit 3 my-trace/
--
-- SAMPLE

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"
local top = require "lttnga.top"

return analysis {
  title = "Longest waits",
  options = family.options_of "top",
  family = family.members,

  begin = function(w)
    w.longest = top.new(w.options.limit)
  end,

  on = {
    sleep_end = function(w, event, duration, cause)
      -- Most waits are too short to matter: nothing is kept of them.
      if w.longest:takes(duration) and family.counts(w.options, cause) then
        w.longest:add(duration, event:copy())
      end
    end,
  },

  tables = {
    { "top", "Longest waits", family.columns, text = family.text, needs = family.needs,
      rows = function(w) return w.longest:rows() end },
  },
}
