--- Which files were read and written most, and by whom.
--
--   lttnga-run filetop my-trace/
--   lttnga-run filetop --sort w_bytes --path '/var/*' my-trace/
--
-- READS and WRITES are calls that succeeded, R_BYTES and W_BYTES the bytes that they transferred, be
-- it from a disk or from memory. T is the type: file (on a disk, as far as is known), virtual (/proc,
-- tmpfs), or unknown; with --all also device, net and local (pipes). I/O through mapped memory and
-- io_uring is not counted, as it makes no such calls.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Files by bytes read and written (4 of 40)
--   TID  COMM            READS  WRITES    R_BYTES     W_BYTES  T     FILE
--   --------------------------------------------------------------------------------
--   390  dd                  0      20      0   B    1.25 MiB  file  f
--   244  lttng-c…sumerd      0      89      0   B  356.00 KiB  file  /traces…etadata
--   389  ls                  0      21      0   B   82.65 KiB  file  ls.txt
--   392  cat                 2       0  82.65 KiB       0   B  file  ls.txt

local analysis = require "lttnga.analysis"
local files = require "lttnga.files"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"

return analysis {
  title = "Files by bytes read and written",
  options = { "process", "path", "cpu", "duration", "size", "limit", files.option },

  begin = function(w) w.calls = stats.totals() end,

  collect = function(options)
    return { { "io_end", "utid", "tid", "procname", "path", "file_type", "io_class", "size",
      only = { io_class = { "read", "write" }, file_type = files.types(options) },
      into = "calls" } }
  end,

  tables = {
    { "files", "Files by bytes read and written",
      { { "TID", "number", "tid", key = true, compare = "none" },
        { "COMM", "string", function(row, w) return w.renamed[row.tid] or row.procname end },
        { "READS", "number", "n_read", default = 0, spare = 1, compare = "sum" },
        { "WRITES", "number", "n_write", default = 0, spare = 2, compare = "sum" },
        { "R_BYTES", "size", "read", default = 0, compare = "sum" },
        { "W_BYTES", "size", "write", default = 0, compare = "sum" },
        { "T", "string", "file_type", spare = 3 },
        { "FILE", "path", "path", unknown = "file_type", key = true } },
      by = "size", needs = { "io_end" },
      rows = function(w)
        return sums.by(w.calls, { of = { "utid", "path" }, split = { "io_class" }, counts = true,
          last = { "tid", "procname", "file_type" } })
      end },
  },
}
