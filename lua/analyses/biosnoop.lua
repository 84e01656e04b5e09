--- Each disk request, in order of completion: who issued it, what it was, how long it took.
--
--   lttnga-run biosnoop my-trace/
--   lttnga-run biosnoop --min 10ms --filter 'disk == "vda" and op == "write"' my-trace/
--
-- TIME is when the request was completed, LAT the time since it was issued to the disk. COMM and PID
-- are the thread that issued it: for data that a file system writes later, a kernel thread. T has the
-- letters of blktrace: R(ead), W(rite), D(iscard); then S for synchronous, M for metadata, A for
-- read-ahead, F for FUA. Requests still in flight at the end come last ("> 1.3 ms").
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Disk requests
--   TIME                COMM              DISK     T           BYTES            LAT
--   15:36:39.006359610  bash              vda      RA      16.00 KiB     290.900 us
--   15:36:39.011698600  dd                vda      RA      68.00 KiB     341.060 us
--   15:36:39.034344640  dd                vda      RA       4.00 KiB       2.288 ms
--   15:36:39.082591410  dd                vda      WS    1020.00 KiB     893.180 us
--   15:36:39.083747170  dd                vda      WS     260.00 KiB     229.720 us
--   Columns not shown: PID, SECTOR (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"

local request = { "disk_request_end", "time", "procname", "pid", "tid", "disk", "flags", "sector",
  "size", "duration", into = "log", set = ends.over }

return analysis {
  title = "Disk requests",
  options = { "process", "cpu", "duration", "size", "limit" },

  -- Requests in flight when the window ends are collected beside those that have been completed.
  collect = { request, ends.collect(request, "disk_request_open") },

  tables = {
    { "log", "Disk requests",
      { { "TIME", "timestamp", "time" }, { "COMM", "string", "procname", width = -16 },
        { "PID", "number", "pid", unknown = "tid", spare = 2 },
        { "DISK", "disk", "disk", width = -7 }, { "T", "string", "flags", width = -4, spare = 4 },
        { "SECTOR", "number", "sector", spare = 1 }, { "BYTES", "size", "size", spare = 3 },
        { "LAT", "duration", "duration" }, ends.column },
      unit = "usec", needs = { "disk_request_end" }, sorted = "log" },
  },
}
