--- How long threads were off the CPU, in which system calls, and what they waited for.
-- --fold prints folded stacks for flame graphs.
--
--   lttnga-run waits my-trace/
--   lttnga-run waits --procname postgres --cause disk,lock --top my-trace/
--   lttnga-run waits --fold my-trace/ | flamegraph.pl --countname ns > waits.svg
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Waits by cause
--   Cause    Share  Count       Total        Mean         P99         Max
--   ---------------------------------------------------------------------
--   irq    81.31 %      7    4.270 ms  609.999 us    3.696 ms    3.696 ms
--   lock    7.96 %      1  417.820 us  417.820 us  417.820 us  417.820 us
--   page    5.64 %      1  295.920 us  295.920 us  295.920 us  295.920 us
--   disk    5.09 %      1  267.540 us  267.540 us  267.540 us  267.540 us

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"
local fold = require "lttnga.fold"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"

--- Columns of statistics.
local function statistics(...)
  local list = { ... }
  for _, column in ipairs {
    { "Count", "number", "count", width = 8, compare = "sum" },
    { "Total", "duration", "total", width = 15, compare = "sum" },
    { "Mean", "duration", "average", width = 13 }, { "P99", "duration", "p99", width = 13 },
    { "Max", "duration", "max", width = 13 },
  } do
    list[#list + 1] = column
  end
  return list
end

--- Rows with their statistics as fields.
local function rows_of(rows)
  for _, row in ipairs(stats.rows(rows)) do
    row.p99 = row.stats:quantile(0.99)
  end
  return rows
end

return analysis {
  title = "Waits",
  options = family.options_of "stats",
  family = family.members,

  begin = function(w)
    w.waits = stats.keyed(true)
  end,

  collect = function(options)
    return { { "sleep_end", "cause", into = "waits", only = family.only(options),
      table.unpack(family.summed) } }
  end,

  finish = function(w)
    w.rows = rows_of(family.name(family.by(w.waits), w))
    w.causes = sums.share(rows_of(sums.by(w.waits, { of = { "cause" } })), "total")
  end,

  tables = {
    { "per-cause", "Waits by cause", statistics({ "Cause", "string", "cause", width = -10 },
      { "Share", "ratio", "share", width = 8, compare = "share" }), by = "total", text = "grid",
      heading = "%s (usec)", needs = family.needs,
      rows = function(w) return w.causes end },

    { "per-thread", "Waits by thread, call and object", statistics(
      { "Process", "process", thread.fields, width = -25 },
      { "Cause", "string", "cause", key = true, width = -8 },
      { "Syscall", "syscall", "syscall", key = true, width = -16 },
      { "Object", "string", "object", key = true, width = -22 }), by = "total", text = "grid",
      heading = "%s (usec)", needs = family.needs,
      rows = function(w) return w.rows end },

    fold.table { "Waits as stacks", needs = family.needs, stacks = family.stacks "total" },
  },
}
