--- Every single I/O call, in the order in which they began.
--
--   lttnga-run iolog my-trace/
--   lttnga-run iolog --tid 363 --timerange [15:36:40.3,15:36:40.5] my-trace/
--   lttnga-run iolog --output json my-trace/ | jq 'select(.path == "/etc/passwd")'
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   I/O operations log (usec):
--   Begin                End                  Name             Duration (usec)         Size  Proc                     PID      TID      Filename
--   [15:36:40.238637070, 15:36:40.238662270]  dup2                       25.200          N/A  bash                     393      393      pipe (fd=0)
--   [15:36:40.238672250, 15:36:40.238685230]  close                      12.980          N/A  bash                     393      393      pipe (fd=3)
--   [15:36:40.295601040, 15:36:40.295756660]  openat                    155.620          N/A  wc                       393      393      /etc/ld.so.cache (fd=3)
--   [15:36:40.296010090, 15:36:40.296024970]  close                      14.880          N/A  wc                       393      393      /etc/ld.so.cache (fd=3)
--   [15:36:40.296648790, 15:36:40.296715460]  openat                     66.670          N/A  wc                       393      393      /lib/x86_64-linux-gnu/libc.so.6 (fd=3)

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
