--- How long disks took to serve requests, as a histogram whose ranges double.
--
--   lttnga-run biolatency my-trace/
--   lttnga-run biolatency --per-disk --filter 'op == "read"' my-trace/
--
-- Latency is from when a request was issued to the disk until it was completed. The time before
-- that, in a queue of the kernel, is not included. Requests without data (cache flushes) are not
-- counted: pageflush shows the waits for these.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Disk latency: all disks
--        From  Requests   Share
--   --------------------------------------------------------------------------------
--       64 us        92  28.7 %  █████████████████████████████████████▉
--      128 us       124  38.6 %  ███████████████████████████████████████████████████
--      256 us        52  16.2 %  █████████████████████▍
--      512 us         7   2.2 %  ██▉
--    1.024 ms         2   0.6 %  ▉
--    2.048 ms        13   4.0 %  █████▍
--    4.096 ms        17   5.3 %  ███████
--    8.192 ms        13   4.0 %  █████▍
--   16.384 ms         1   0.3 %  ▍

local analysis = require "lttnga.analysis"
local disks = require "lttnga.disks"
local frequency = require "lttnga.frequency"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local text = require "lttnga.text"

return analysis {
  title = "Disk latency",
  options = { "process", "cpu", "duration", "size",
    { name = "per-disk", short = "D", help = "a histogram for each disk" },
    { name = "per-flag", short = "F",
      help = "a histogram for each set of flags: WS is a synchronous write" } },

  begin = function(w) w.requests = stats.keyed(true) end,

  collect = function(options)
    return { { "disk_request_end", "duration", into = "requests",
      dev = options["per-disk"] and "dev", disk = options["per-disk"] and "disk",
      flags = options["per-flag"] and "flags" } }
  end,

  tables = {
    { "latency", "Disk latency", frequency.columns "Requests", needs = { "disk_request_end" },
      group = { { "Disk", "disk", "disk" }, { "Flags", "string", "flags" } },
      text = frequency.text, chart = frequency.chart,
      each = function(w)
        local of, list, names = {}, {}, {}
        if w.options["per-disk"] then
          of[1], names = "dev", disks.names(w.requests)
        end
        of[#of + 1] = w.options["per-flag"] and "flags" or nil
        for i, row in ipairs(sums.by(w.requests, { of = of })) do
          row.disk = names[row.dev]
          local name = text.trim((row.disk and row.disk .. " " or "") .. (row.flags or ""))
          list[i] = { name = of[1] and name or "all disks", stats = row.stats, group = row }
        end
        return frequency.tables("Disk latency:", list, w.options, { log = true, whole = true })
      end },
  },
}
