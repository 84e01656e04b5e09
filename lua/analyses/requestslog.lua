--- All requests, in the order in which they started.
--
--   lttnga-run requestslog --port 6379 --min 50ms my-trace/
--   lttnga-run requestslog --request fsync my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Request log
--   Begin                    Duration  Request        Process           Port   Error
--   15:36:37.240860410      17.284 ms  fsync          lttng-c… (244)       -       0
--   15:36:37.266826270       9.386 ms  fsync          lttng-c… (244)       -       0
--   15:36:37.276247130      53.750 us  fsync          lttng-c… (244)       -       0
--   15:36:37.324071600      14.083 ms  fsync          lttng-c… (244)       -       0
--   15:36:37.338508800      32.410 us  fsync          lttng-c… (244)       -       0
--   15:36:37.354132870      13.066 ms  fsync          lttng-c… (244)       -       0
--   15:36:37.367526570      27.590 us  fsync          lttng-c… (244)       -       0
--   15:36:37.398351250       7.689 ms  fsync          lttng-c… (244)       -       0
--   15:36:37.406344400      27.410 us  fsync          lttng-c… (244)       -       0
--   15:36:37.430267600       1.036 ms  fsync          lttng-c… (244)       -       0
--   15:36:37.431555000      18.990 us  fsync          lttng-c… (244)       -       0
--   15:36:37.446180700     966.510 us  fsync          lttng-c… (244)       -       0
--   15:36:37.447376190      18.910 us  fsync          lttng-c… (244)       -       0
--   15:36:37.470421460     568.990 us  fsync          lttng-c… (244)       -       0

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
