--- The table "trace": what a program that reads the results has to know of the trace they are from:
-- the time that was looked at, lost events, damage.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"

local trace_table = {}

local list = columns.read({
  { "What", "string", "what" }, { "Host", "string", "hostname" }, { "Trace", "path", "path" },
  { "Stream", "string", "stream" }, { "CPU", "cpu", "cpu" },
  { "Begin", "timestamp", "begin" }, { "End", "timestamp", "end" },
  { "Events", "number", "events" }, { "Packets", "number", "packets" },
  { "Message", "string", "message" },
}, "table 'trace'", function(ok, message) assert(ok, message) end)

-- These names are kept for whose row it is: here they are columns like others.
list[2].name, list[3].name = "host", "trace"

--- A row of one trace: all of it, whether it was analysed or not.
local function add_trace(rows, trace)
  rows[#rows + 1] = { what = "trace", hostname = trace.hostname, path = trace.path,
    begin = trace.begin, ["end"] = trace["end"] }
end

--- Rows of one stream: what it has lost, and what could not be read of it.
local function add_stream(rows, stream, traces)
  local of = traces[stream.trace] or {}
  local function add(row)
    row.hostname, row.path, row.stream, row.cpu = of.hostname, of.path, stream.name, stream.cpu
    rows[#rows + 1] = row
  end
  if stream.lost_events > 0 or stream.lost_packets > 0 then
    add { what = "lost", begin = stream.lost_begin, ["end"] = stream.lost_end,
      events = stream.lost_events, packets = stream.lost_packets }
  end
  if stream.damaged > 0 then
    add { what = "damage", packets = stream.damaged, message = stream.damage }
  end
end

--- The table, as a result for renderers.
-- @param trace from run.open
-- @tparam integer first, last the time that was looked at, ns
function trace_table.result(trace, first, last)
  local rows, traces = { { what = "range", begin = first, ["end"] = last } }, trace:traces()
  for _, one in ipairs(traces) do
    add_trace(rows, one)
  end
  for _, stream in ipairs(trace:streams()) do
    add_stream(rows, stream, traces)
  end
  return { id = "trace", title = "trace", class = "trace", columns = list, has_hosts = true,
    rows = columns.cells(rows, list, {}, "table 'trace'") }
end

return trace_table
