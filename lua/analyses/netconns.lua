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
--   Columns not shown: Sent, Calls, Connect, Answers, Average, Max, Closed (use
--     --width N for wider lines)
--
--   Connections by process, side and port
--   Process  Side    Port  Connections  Failed    Received      Sent  Max conn.
--   ---------------------------------------------------------------------------
--   cli      client  7101            4       0  494.59 KiB  6.31 KiB    50.8 ms
--   lab      client  7100            2       0    8.44 KiB  8.44 KiB     291 us
--   Columns not shown: Answers, Min, Average, Max (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local top = require "lttnga.top"

-- Of a connect that goes on: EINPROGRESS, EALREADY, EINTR; of one that is there already: EISCONN.
local GOES_ON, IS_THERE = { [115] = true, [114] = true, [4] = true }, 106

-- ---- Connections, and the descriptors that processes have for them ----

--- What a window counts of a connection.
local function count_anew(conn, w)
  conn.window, conn.received, conn.sent, conn.calls = w.number, 0, 0, 0
  conn.answers, conn.answered, conn.longest, conn.connected = 0, 0, nil, nil
  conn.service = nil
end

--- A descriptor of a connection is closed; with its last one the connection is.
local function close_fd(w, conn, fd, time)
  local of = w.run.processes[conn.upid]
  conn.fds[fd] = nil
  if of.fds[fd] == conn then
    of.fds[fd] = nil
  end
  if next(conn.fds) then
    return
  end
  conn.closed, of.conns[conn.key] = time, nil
  if not next(of.conns) then
    w.run.processes[conn.upid] = nil
  end
  if conn.window == w.number then
    w.touched[conn] = nil
    w:tell(conn)
  end
end

--- A connection has a descriptor: what else it stood for is closed, by no call that was seen.
local function use_fd(w, of, conn, call)
  local before = of.fds[call.fd]
  if before ~= conn then
    conn.fds[call.fd], of.fds[call.fd] = true, conn
    if before then
      close_fd(w, before, call.fd, call.begin)
    end
  end
end

--- The connection that a call is about.
-- @tparam boolean make whether it is made, if it is new
local function conn_of(w, call, make)
  local upid = call.upid or call.tid
  local of = w.run.processes[upid or false]
  -- A socket is told apart by when it was made, or else by its first descriptor: below 0, which is
  -- no time.
  local key = call.opened or call.fd and -1 - call.fd
  local conn = of and of.conns[key]
  if conn or not (make and upid and key and call.fd) then
    return conn, of
  end
  of = of or { conns = {}, fds = {} }
  w.run.processes[upid], w.run.n = of, w.run.n + 1
  conn = { number = w.run.n, upid = upid, key = key, fds = {}, fd = call.fd, opened = call.opened }
  of.conns[key] = conn
  return conn, of
end

--- Which side a socket is whose begin was not seen: its peer's port is that of who serves, or not.
local function side_by_port(conn)
  if conn.peer and conn.port then
    return conn.peer:match "%d+$" == tostring(conn.port) and "client" or "server"
  end
end

--- Notes that a call is about a connection, and what it says of it.
local function touch(w, call, make)
  local conn, of = conn_of(w, call, make)
  if not conn then
    return nil
  end
  use_fd(w, of, conn, call)
  conn.pid, conn.tid = call.pid, not call.pid and call.tid or nil
  conn.process = call.process or call.procname or conn.process
  -- It may be a socket within the machine, whose family was not told.
  conn.is_net = conn.is_net or call.peer ~= nil or call.file_type == "net"
  conn.port = conn.port or call.port
  -- Who is not connected may write to several.
  conn.peer = conn.peer and call.peer and conn.peer ~= call.peer and "several" or conn.peer
    or call.peer
  conn.side = call.side ~= "unknown" and call.side or conn.side or side_by_port(conn)
  if conn.window ~= w.number then
    count_anew(conn, w)
  end
  w.touched[conn] = true
  return conn
end

--- The service that a connection belongs to in a window: as its process was called when it was
-- first counted.
local function service_of(w, conn)
  if not conn.service then
    local name, side, port = conn.process or "unknown", conn.side or "unknown", conn.port
    conn.service = w.services:of(("%s %s %s"):format(name, side, port))
    conn.service.process, conn.service.side, conn.service.port = name, side, port
  end
  return conn.service
end

-- ---- Calls ----

--- The program has learned that it is connected.
local function end_connect(conn, time)
  if conn.connecting then
    conn.connect, conn.connecting, conn.connected = time - conn.connecting, nil, true
  end
end

local function add_answer(w, conn, duration)
  conn.answers, conn.answered = conn.answers + 1, conn.answered + duration
  conn.longest = math.max(conn.longest or 0, duration)
  service_of(w, conn).stats:add(duration)
end

--- Adds a call, and what it moved.
-- @treturn boolean whether that was anything
local function add_call(conn, call, direction)
  local size = call.error == 0 and call.size or 0
  conn.calls = conn.calls + 1
  conn[direction] = conn[direction] + size
  if size > 0 then
    end_connect(conn, call.begin)
  end
  return size > 0
end

local calls = {}

function calls.connect(w, call)
  local is_there = call.error == 0 or call.error == IS_THERE
  local conn = call.error and touch(w, call, true)
  if not conn then
    return
  end
  conn.side = "client"
  if not is_there and not GOES_ON[call.error] then
    conn.connecting = nil
    local service = service_of(w, conn)
    service.failed = service.failed + 1
    return
  end
  if not conn.connect then
    conn.connecting = conn.connecting or call.begin
  end
  if is_there then
    end_connect(conn, call.time)
  end
end

function calls.accept(w, call)
  if call.error == 0 then
    touch(w, call, true)
  end
end

function calls.read(w, call)
  local conn = touch(w, call, true)
  if not conn or not add_call(conn, call, "received") then
    return
  end
  -- Who has neither connected nor accepted before our eyes serves, if it is asked first.
  conn.side = conn.side or "server"
  if conn.side == "server" then
    conn.asked = call.time
  elseif conn.asked then
    add_answer(w, conn, call.time - conn.asked)
    conn.asked = nil
  end
end

function calls.write(w, call)
  local conn = touch(w, call, true)
  if not conn or not add_call(conn, call, "sent") then
    return
  end
  conn.side = conn.side or "client"
  if conn.side == "client" then
    conn.asked = call.begin
  elseif conn.asked then
    -- Another thread may write already while one still reads.
    add_answer(w, conn, math.max(call.begin - conn.asked, 0))
    conn.asked = nil
  end
end

--- Copies of descriptors; a socket that was only made is nothing yet.
function calls.open(w, call)
  if call.error == 0 then
    touch(w, call, false)
  end
end

function calls.close(w, call)
  local conn = conn_of(w, call, false)
  if conn and conn.fds[call.fd] then
    close_fd(w, conn, call.fd, call.time)
  end
end

--- A process has exited: its descriptors are closed.
local function close_all(w, upid, time)
  local list = {}
  for _, conn in pairs(w.run.processes[upid].conns) do
    list[#list + 1] = conn
  end
  table.sort(list, function(a, b) return a.number < b.number end)
  for _, conn in ipairs(list) do
    conn.fds = {}
    close_fd(w, conn, conn.fd, time)
  end
end

--- The fields of calls, as they are collected.
local FIELDS = { "upid", "pid", "tid", "procname", "process", "fd", "peer", "port", "side",
  "opened", "begin", "time", "error", "size", "file_type" }

--- An object for a `collect` that hands calls on as tables of fields.
local function feed(w)
  return { add = function(_, kind, ...)
    local values, call = { ... }, {}
    for i, name in ipairs(FIELDS) do
      call[name] = values[i]
    end
    calls[kind](w, call)
  end }
end

--- A collect of calls on sockets; `kind` is the field that says what they do.
local function collect(event, kind, kinds)
  local one = { event, kind, into = "calls",
    only = { [kind] = kinds, side = { "client", "server", "unknown" } } }
  return table.move(FIELDS, 1, #FIELDS, 3, one)
end

-- ---- Rows ----

--- What a window has of a connection: a row, and what it adds to its service.
local function tell(w, conn)
  if not conn.is_net or conn.calls == 0 and not conn.connected then
    return
  end
  local service, moved = service_of(w, conn), conn.received + conn.sent
  service.n = service.n + 1
  service.received, service.sent = service.received + conn.received, service.sent + conn.sent
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
  { "Port", "number", "port", width = 6, unknown = true },
  { "Side", "string", "side", width = -6, unknown = true },
  { "Received", "size", "received", width = 10 }, { "Sent", "size", "sent", width = 10 },
  { "Calls", "number", "calls", width = 7 },
  time_column("Time to connect", "connect", "Connect"),
  { "Answers", "number", "answers", width = 7 },
  time_column("Average answer", "mean", "Average"), time_column("Longest answer", "longest", "Max"),
  { "Opened", "timestamp", "opened", width = -18, key = true },
  { "Closed", "timestamp", "closed", width = -18 },
  { "File descriptor", "fd", "fd", heading = "FD", width = 4, key = true },
}

local function service_columns(options)
  local list = {
    { "Process", "string", "process", width = -24, key = true },
    { "Side", "string", "side", width = -6, key = true },
    { "Port", "number", "port", width = 6, unknown = true, key = true },
    { "Connections", "number", "n", width = 11 }, { "Failed", "number", "failed", width = 6 },
    { "Received", "size", "received", width = 10 }, { "Sent", "size", "sent", width = 10 },
    time_column("Longest connect", "connect", "Max conn."),
    { "Answers", "number", "count", width = 7 },
  }
  for _, column in ipairs(stats.columns()(options)) do
    if column[3] ~= "count" and column[3] ~= "stdev" then
      list[#list + 1] = time_column(column[1], column[3], nil, "answered")
    end
  end
  return list
end

return analysis {
  title = "Connections",
  options = { "process", "cpu", "limit", "percentiles" },

  -- Connections that are open, by process: from one window to the next.
  run = function() return { processes = {}, n = 0, windows = 0 } end,

  begin = function(w)
    w.run.windows = w.run.windows + 1
    w.number, w.touched, w.tell, w.calls = w.run.windows, {}, tell, feed(w)
    w.rows = top.new(w.options.limit)
    w.services = ordered.new(function()
      return { n = 0, failed = 0, received = 0, sent = 0, stats = stats.new(w.options.percentiles) }
    end)
  end,

  collect = {
    collect("io_end", "io_class", { "read", "write", "accept", "open", "close" }),
    collect("syscall_exit", "name", { "connect" }),
  },

  on = {
    process_exit = function(w, time, tid, pid, upid)
      local key = upid or tid
      if key and (tid == pid or not pid) and w.run.processes[key] then
        close_all(w, key, time)
      end
    end,
  },

  finish = function(w)
    local list = {}
    for conn in pairs(w.touched) do
      list[#list + 1] = conn
    end
    table.sort(list, function(a, b) return a.number < b.number end)
    for _, conn in ipairs(list) do
      tell(w, conn)
    end
    for _, service in ipairs(stats.rows(w.services.list)) do
      service.answered = service.count > 0 or nil
      service.moved = service.received + service.sent
    end
  end,

  tables = {
    { "connections", "Connections", connection_columns, needs = { "io_end" }, limit = true,
      text = "grid", heading = "%s (times in ms)",
      rows = function(w) return w.rows:rows() end },
    { "services", "Connections by process, side and port", service_columns,
      needs = { "io_end" }, by = "moved", text = "grid", heading = "%s (times in ms)",
      rows = function(w) return w.services.list end },
  },
}
