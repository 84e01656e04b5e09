--- Distributions of the durations of I/O calls, by class, and of disk requests, by disk.
--
--   lttnga-run iolatencyfreq my-trace/
--   lttnga-run iolatencyfreq --max 1ms --freq-resolution 50 --freq-uniform my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   I/O request latency distribution open
--         From  Requests   Share
--   --------------------------------------------------------------------------------
--      3.67 us       148  84.1 %  ██████████████████████████████████████████████████
--   162.078 us        20  11.4 %  ██████▊
--   320.486 us         4   2.3 %  █▍
--   478.894 us         2   1.1 %  ▋
--   637.302 us         2   1.1 %  ▋

local analysis = require "lttnga.analysis"
local disks = require "lttnga.disks"
local family = require "lttnga.io_family"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"

return analysis {
  title = "I/O request latency distributions",
  options = family.options_of "freq",
  family = family.members,

  begin = function(w)
    w.calls = stats.group(family.classes, true)
    w.requests = stats.keyed(true)
  end,

  collect = {
    { "io_end", "io_class", "duration", into = "calls", only = { io_class = family.classes } },
    { "disk_request_end", "host", "dev", "disk", "duration", into = "requests" },
  },

  tables = {
    { "freq", "I/O request latency distribution", frequency.columns "Requests",
      group = { { "Class", "string", "io_class" }, { "Disk", "disk", "disk" } },
      needs = { "io_end", "disk_request_end" }, text = frequency.text, chart = frequency.chart,
      each = function(w)
        local list = {}
        for _, io_class in ipairs(family.classes) do
          list[#list + 1] = {
            name = io_class, stats = w.calls:of(io_class), group = { io_class = io_class },
          }
        end
        for _, disk in ipairs(disks.rows(w.requests)) do
          list[#list + 1] = {
            name = "disk: " .. disk.name, stats = disk.stats, group = { disk = disk.name },
          }
        end
        return frequency.tables("I/O request latency distribution", list, w.options)
      end },
  },
}
