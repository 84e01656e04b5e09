--- Every single request, in the order in which they began.
--
--   lttnga-run requestslog --port 6379 --min 50ms my-trace/
--   lttnga-run requestslog --request fsync my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Request log:
--   Begin and end                               Duration (us) Request        Process                        Port  Error        Size Captures
--   [15:36:37.240860410, 15:36:37.258144760]        17284.350 fsync          lttng-consumerd (244)             -      0           - {"fd":35,"name":"sync_file_range","path":"/traces/tiny/kernel/metadata"}
--   [15:36:37.266826270, 15:36:37.276212200]         9385.930 fsync          lttng-consumerd (244)             -      0           - {"fd":35,"name":"sync_file_range","path":"/traces/tiny/kernel/metadata"}

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.request_family"

--- Requests that have ended; those that have not are collected beside them.
local request = { "request_end", "duration", into = "log", set = ends.over }
table.move(family.fields, 1, #family.fields, #request + 1, request)

local open = ends.collect(request, "request_open")
open.only = family.open

return analysis {
  title = "Request log",
  options = family.options_of "log",
  family = family.members,
  requests = family.requests,
  selects = family.selects,

  collect = { request, open },

  tables = {
    { "log", "Request log", family.columns, sorted = "log", order = "begin", needs = {},
      text = family.text },
  },
}
