--- Every single time that a thread was off the CPU because it waited for something, as they end.
--
--   lttnga-run waitslog my-trace/
--   lttnga-run waitslog --procname postgres --cause lock --min 5ms my-trace/
--
-- SAMPLE

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"

return analysis {
  title = "Log of waits",
  options = family.options_of "log",
  family = family.members,

  collect = function(options)
    local one = { "sleep_end", into = "log", only = family.only(options) }
    return { table.move(family.fields, 1, #family.fields, 2, one) }
  end,

  tables = {
    -- Waits go to w.log as they end.
    { "log", "Log of waits", family.columns, sorted = "log", text = family.text,
      needs = family.needs },
  },
}
