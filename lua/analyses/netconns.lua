--- Network connections: peers, bytes, and how long connecting and answers took.
--
--   lttnga-run netconns my-trace/
--   lttnga-run netconns --limit 3 --procname nginx,postgres --percentiles my-trace/
--
-- The first table lists connections, those with the most bytes first; the second sums them up by
-- process, side and port. A connection is a socket of one process. The port is that of the
-- server, the side that accepted. Connect is the time that connect took or, for a non-blocking
-- one, the time until the next connect, read or write that succeeded. Answer is, for a client,
-- the time from the start of its last write to the end of the first read with data; for a server,
-- from the end of its last read with data to the start of its first write. Addresses come from
-- connect and accept, or else from packets that the process sent; without packets, the port of a
-- server is unknown. Bytes moved by sendmmsg, recvmmsg and io_uring are not counted, as the calls
-- do not report them.
--
--   Timerange: [2026-11-30 11:42:03.731536930, 11:42:08.613722370] UTC, 4.882 s
--
--   Connections
--   Process        Peer             Port  Side      Received  Opened              FD
--   --------------------------------------------------------------------------------
--   cli (PID 295)  192.168….2:7101  7101  client  138.34 KiB  11:42:07.294821020   4
--   cli (PID 295)  192.168….2:7101  7101  client  118.75 KiB  11:42:04.813314270   4
--   Columns not shown: Sent, Calls, Connect, Answers, Avg answer, Max answer, Closed
--     (use --width N for wider lines)
--
--   Connections by process, side and port
--   Process  Side    Port  Connections  Failed    Received      Sent  Max connect
--   -----------------------------------------------------------------------------
--   cli      client  7101            4       0  494.59 KiB  6.31 KiB      50.8 ms
--   lab      client  7100            2       0    8.44 KiB  8.44 KiB       291 us
--   Columns not shown: Answers, Min answer, Avg answer, Max answer (use --width N
--     for wider lines)

local analysis = require "lttnga.analysis"
local connections = require "lttnga.connections"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local top = require "lttnga.top"

--- The service that a connection belongs to in a window: as its process was called when it was
-- first counted.
local function service_of(w, conn)
  local notes = conn.notes
  if not notes.service then
    local name, side, port = conn.process or "unknown", conn.side or "unknown", conn.port
    notes.service = w.services:of(("%s %s %s"):format(name, side, port))
    notes.service.process, notes.service.side, notes.service.port = name, side, port
  end
  return notes.service
end

--- What is told of connections, see lttnga.connections.
local told = {}

function told.failed(w, conn)
  local service = service_of(w, conn)
  service.failed = service.failed + 1
end

-- Whether it is a connection of the network may show later.
function told.answered(w, conn, duration)
  local notes = conn.notes
  notes.answers = notes.answers or stats.new(w.options.percentiles)
  notes.answers:add(duration)
end

--- What a window has of a connection: a row, and what it adds to its service.
function told.conn(w, conn)
  if not conn.is_net or conn.calls == 0 and not conn.connected then
    return
  end
  local service, moved = service_of(w, conn), conn.received + conn.sent
  service.n = service.n + 1
  service.received, service.sent = service.received + conn.received, service.sent + conn.sent
  if conn.notes.answers then
    service.stats:merge(conn.notes.answers)
  end
  if conn.connected then
    service.connect = math.max(service.connect or 0, conn.connect)
  end
  if w.rows:takes(moved) then
    w.rows:add(moved, {
      process = conn.process, pid = conn.pid, tid = conn.tid, fd = conn.fd, peer = conn.peer,
      port = conn.port, side = conn.side, received = conn.received, sent = conn.sent,
      calls = conn.calls, connect = conn.connect, answers = conn.answers,
      mean = conn.answers > 0 and conn.answered / conn.answers or nil, longest = conn.longest,
      opened = conn.opened, closed = conn.closed,
    })
  end
end

-- ---- Columns ----

--- In the classic text they are in ms.
local function milliseconds(ns, about)
  return about.classic and ("%.3f"):format(ns / 1000000) or text.duration(ns)
end

local function time_column(title, field, heading, with)
  return { title, "duration", field, heading = heading, with = with, width = 10,
    text = milliseconds }
end

local connection_columns = {
  { "Process", "process", { name = "process", pid = "pid", tid = "tid" }, width = -24, key = true },
  { "Peer", "string", "peer", width = -21, unknown = true, key = true },
  { "Port", "number", "port", width = 6, unknown = true, compare = "none" },
  { "Side", "string", "side", width = -6, unknown = true },
  { "Received", "size", "received", width = 10, compare = "sum" },
  { "Sent", "size", "sent", width = 10, compare = "sum" },
  { "Calls", "number", "calls", width = 7, compare = "sum" },
  time_column("Time to connect", "connect", "Connect"),
  { "Answers", "number", "answers", width = 7, compare = "sum" },
  time_column("Average answer", "mean", "Avg answer"),
  time_column("Longest answer", "longest", "Max answer"),
  { "Opened", "timestamp", "opened", width = -18, key = true },
  { "Closed", "timestamp", "closed", width = -18 },
  { "File descriptor", "fd", "fd", heading = "FD", width = 4, key = true },
}

local function service_columns(options)
  local list = {
    { "Process", "string", "process", width = -24, key = true },
    { "Side", "string", "side", width = -6, key = true },
    { "Port", "number", "port", width = 6, unknown = true, key = true },
    { "Connections", "number", "n", width = 11, compare = "sum" },
    { "Failed", "number", "failed", width = 6, compare = "sum" },
    { "Received", "size", "received", width = 10, compare = "sum" },
    { "Sent", "size", "sent", width = 10, compare = "sum" },
    time_column("Longest connect", "connect", "Max connect"),
    { "Answers", "number", "count", width = 7, compare = "sum" },
  }
  for _, column in ipairs(stats.columns()(options)) do
    if column[3] ~= "count" and column[3] ~= "stdev" then
      list[#list + 1] = time_column(column[1], column[3],
        (column[1] == "Average" and "Avg" or column[1]) .. " answer", "answered")
    end
  end
  return list
end

return analysis {
  title = "Connections",
  options = { "process", "cpu", "limit", "percentiles" },

  selects = connections.selects,
  run = connections.run,

  begin = function(w)
    connections.begin(w, told)
    w.rows = top.new(w.options.limit)
    w.services = ordered.new(function()
      return { n = 0, failed = 0, received = 0, sent = 0, stats = stats.new(w.options.percentiles) }
    end)
  end,

  collect = connections.collect,
  on = connections.on,

  finish = function(w)
    connections.finish(w)
    for _, service in ipairs(stats.rows(w.services.list)) do
      service.answered = service.count > 0 or nil
      service.moved = service.received + service.sent
    end
  end,

  merge = "replay",

  tables = {
    { "connections", "Connections", connection_columns, needs = { "io_end" }, limit = true,
      text = "grid", heading = "%s (times in ms)",
      rows = function(w) return w.rows:rows() end },
    { "services", "Connections by process, side and port", service_columns,
      needs = { "io_end" }, by = "moved", text = "grid", heading = "%s (times in ms)",
      rows = function(w) return w.services.list end },
  },
}
