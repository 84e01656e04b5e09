--- All I/O calls, in the order in which they started.
--
--   lttnga-run iolog my-trace/
--   lttnga-run iolog --tid 363 --timerange [15:36:40.3,15:36:40.5] my-trace/
--   lttnga-run iolog --output json my-trace/ | jq 'select(.path == "/etc/passwd")'
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   I/O operations log
--   Begin               Name                 Duration  Process        File
--   15:36:40.238637070  dup2               25.200 us   bash           pipe (fd=0)
--   15:36:40.238672250  close              12.980 us   bash           pipe (fd=3)
--   15:36:40.295601040  openat            155.620 us   wc             /etc/ld…(fd=3)
--   15:36:40.296010090  close              14.880 us   wc             /etc/ld…(fd=3)
--   15:36:40.296648790  openat             66.670 us   wc             /lib/x8…(fd=3)
--   15:36:40.296747330  read               51.230 us   wc             /lib/x8…(fd=3)
--   15:36:40.296912160  pread64            20.530 us   wc             /lib/x8…(fd=3)
--   15:36:40.297288930  pread64             9.240 us   wc             /lib/x8…(fd=3)
--   15:36:40.310294640  close              11.420 us   wc             /lib/x8…(fd=3)
--   15:36:40.384767300  read              568.590 us   wc             pipe (fd=0)
--   15:36:40.390489290  read                7.232 ms   wc             pipe (fd=0)
--   15:36:40.397759420  read               84.280 us   wc             pipe (fd=0)
--   15:36:40.397852620  read               50.390 us   wc             pipe (fd=0)
--   15:36:40.397910770  read               40.970 us   wc             pipe (fd=0)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.io_family"

--- Calls that have returned; those in progress when a window ends are collected beside them.
local call = { "io_end", into = "log", set = ends.over, table.unpack(family.fields) }

return analysis {
  title = "I/O operations log",
  options = family.options_of "log",
  family = family.members,

  collect = { call, family.open(call) },

  tables = {
    -- Calls go to w.log as they come, and out sorted by when they began.
    { "log", "I/O operations log", family.columns, sorted = "log", text = family.text,
      unit = "usec", needs = { "io_end" } },
  },
}
