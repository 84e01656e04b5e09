--- The longest waits of threads off the CPU, and what ended them.
--
--   lttnga-run waitstop my-trace/
--   lttnga-run waitstop --procname postgres --cause disk --limit 3 my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Longest waits
--   Begin               Duration  Thread            Cause   Object       Waker
--   --------------------------------------------------------------------------------
--   15:36:37.302554460    3.66 s  Client ma… (214)  socket  socket       lttng (396)
--   15:36:37.598192130    2.83 s  sed (364)         pipe    pipe:[1593]  wc (393)
--   15:36:39.146757640    1.05 s  bash (363)        child   -            sleep (391)
--   Columns not shown: Syscall (use --width N for wider lines)

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
