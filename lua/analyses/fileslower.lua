--- Reads, writes, opens and syncs of files that took longer than 10 ms, or --min.
--
--   lttnga-run fileslower my-trace/
--   lttnga-run fileslower --min 1ms --path '/var/*' my-trace/
--
-- TIME is when the call returned; D is R(ead), W(rite), O(pen) or S(ync). iolatencytop and pageflush
-- show why a call took so long. Calls in progress at the end come last ("> 1.3 s").
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Slow calls on files
--   TIME                COMM           D        BYTES            LAT  FILENAME
--   15:36:37.911216520  bash           O                   58.918 ms  /out/t…iny.txt
--   15:36:39.093697320  dd             S                   14.016 ms  f
--   15:36:40.525753690  bash           O                   73.828 ms  /out/t…iny.txt
--   15:36:40.541556640  bash           W       62   B      15.388 ms  /out/t…iny.txt
--   15:36:40.697563340  bash           O                   58.116 ms  /out/t…iny.txt
--   15:36:40.739506960  bash           O                   19.964 ms  /out/t…iny.txt
--   15:36:40.863561830  bash           O                   30.285 ms  /out/t…top.log
--   Columns not shown: TID (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local files = require "lttnga.files"

return analysis {
  title = "Slow calls on files",
  options = { "process", "path", "cpu",
    { name = "min", value = "USEC", read = "microseconds", default = 10000000,
      filter = { "duration", ">=" },
      help = "only what took at least this long (default: 10ms)" },
    "duration", "size", "limit", files.option },

  collect = function(options)
    local list = {}
    for _, class in ipairs { "read", "write", "open", "sync" } do
      local call = { "io_end", "time", "procname", "tid", "size", "duration", "path", "fd",
        into = "log", set = { open = false, direction = class:sub(1, 1):upper() },
        only = { io_class = { class }, name = class == "open" and files.opens or nil,
          file_type = class ~= "sync" and files.types(options) or nil } }
      list[#list + 1] = call
      list[#list + 1] = ends.collect(call, "io_open", { size = true })
    end
    return list
  end,

  tables = {
    { "log", "Slow calls on files",
      { { "TIME", "timestamp", "time" }, { "COMM", "string", "procname", width = -16, spare = 3 },
        { "TID", "number", "tid", spare = 1 },
        { "D", "string", "direction", width = -1 }, { "BYTES", "size", "size", spare = 2 },
        { "LAT", "duration", "duration" },
        { "FILENAME", "path", "path", unknown = "fd", width = -24 }, ends.column },
      unit = "usec", needs = { "io_end" }, sorted = "log" },
  },
}
