--- Connections: which sockets processes have, what calls do with them, and how long they live.
--
--     begin = function(w) connections.begin(w, { life = add }) end,
--     run = connections.run, selects = connections.selects, collect = connections.collect,
--     on = connections.on, finish = connections.finish,
--
-- A connection is a socket of one process, which may have several descriptors for it. A life is the
-- socket itself: a process that forks shares it with its child. A script gives functions, which are
-- called with the window and with what they are about:
--
--     conn      a connection that did something in the window, when it is closed or the window
--               ends: process, pid, tid, fd, peer, port, side, is_net, opened, closed; connect
--               (how long that took); and for the window received, sent, calls, answers, answered
--               (their sum), longest, connected (whether it was made then), notes (the script's)
--     failed    a connection that could not be made
--     answered  a connection, and how long an answer took
--     life      a life that ends, or goes on when the window ends: process, pid, tid, peer,
--               address, protocol, received, sent; began (if that was seen), first (when anything
--               was), ended; is_made (whether it was ever connected); is_whole (whether it was
--               seen from its start)
--
-- SPDX-License-Identifier: MIT

local connections = {}

-- Errors of a connect that continues (EINPROGRESS, EALREADY, EINTR), and of one done (EISCONN).
local GOES_ON, IS_THERE = { [115] = true, [114] = true, [4] = true }, 106

local function by_number(a, b)
  return a.number < b.number
end

-- ---- Connections, and the descriptors that processes have for them ----

--- Calls the script's function, if there is one.
local function tell(w, name, ...)
  if w.told[name] then
    w.told[name](w, ...)
  end
end

--- Resets what is counted per window.
local function count_anew(conn, w)
  conn.window, conn.received, conn.sent, conn.calls = w.number, 0, 0, 0
  conn.answers, conn.answered, conn.longest, conn.connected = 0, 0, nil, nil
  conn.notes = {}
end

--- Adds a connection to a process; `life` is the parent's, if the process inherits it.
local function add_conn(w, upid, key, call, life)
  local of = w.run.processes[upid] or { conns = {}, fds = {} }
  w.run.processes[upid], w.run.n = of, w.run.n + 1
  life = life or { number = w.run.n, holders = 0, received = 0, sent = 0, first = call.begin }
  life.holders = life.holders + 1
  local conn = { number = w.run.n, upid = upid, key = key, fds = {}, fd = call.fd,
    opened = call.opened, life = life }
  of.conns[key] = conn
  return conn, of
end

--- The last process that had a connection has closed it.
local function end_life(w, life, time)
  life.ended = time
  tell(w, "life", life)
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
    tell(w, "conn", conn)
  end
  conn.life.holders = conn.life.holders - 1
  if conn.life.holders == 0 then
    end_life(w, conn.life, time)
  end
end

--- A connection has a descriptor: if that was another one's, that was closed unseen.
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
-- @tparam boolean make whether to add it, if it is new
local function conn_of(w, call, make)
  local upid = call.upid or call.tid
  local of = w.run.processes[upid or false]
  -- The key of a socket is when it was created, or else its first descriptor, as a negative number.
  local key = call.opened or call.fd and -1 - call.fd
  local conn = of and of.conns[key]
  if conn or not (make and upid and key and call.fd) then
    return conn, of
  end
  return add_conn(w, upid, key, call)
end

--- The side of a socket whose start was not seen, by the server's port.
local function side_by_port(conn)
  if conn.peer and conn.port then
    return conn.peer:match "%d+$" == tostring(conn.port) and "client" or "server"
  end
end

--- Notes a call on a connection, and what it shows of it.
local function touch(w, call, make)
  w.run.from = w.run.from or w.first
  local conn, of = conn_of(w, call, make)
  if not conn then
    return nil
  end
  local life = conn.life
  use_fd(w, of, conn, call)
  conn.pid, conn.tid = call.pid, not call.pid and call.tid or nil
  conn.process = call.process or call.procname or conn.process
  -- It may be a local socket, whose family is unknown.
  conn.is_net = conn.is_net or call.peer ~= nil or call.file_type == "net"
  conn.port = conn.port or call.port
  -- An unconnected socket may send to several peers.
  conn.peer = conn.peer and call.peer and conn.peer ~= call.peer and "several" or conn.peer
    or call.peer
  conn.side = call.side ~= "unknown" and call.side or conn.side or side_by_port(conn)
  life.process, life.pid, life.tid, life.peer = conn.process, conn.pid, conn.tid, conn.peer
  life.address, life.protocol = call.address or life.address, call.protocol or life.protocol
  -- An accept may have started before the trace.
  if not life.began and call.side == "server" and call.opened then
    life.began, life.is_whole = call.opened, call.opened >= w.run.from
  end
  if conn.window ~= w.number then
    count_anew(conn, w)
  end
  w.touched[conn] = true
  return conn
end

-- ---- Calls ----

--- The program has learned that it is connected.
local function end_connect(conn, time)
  if conn.connecting then
    conn.connect, conn.connecting, conn.connected = time - conn.connecting, nil, true
    conn.life.is_made = true
  end
end

local function add_answer(w, conn, duration)
  conn.answers, conn.answered = conn.answers + 1, conn.answered + duration
  conn.longest = math.max(conn.longest or 0, duration)
  tell(w, "answered", conn, duration)
end

--- Adds a call, and the bytes that it transferred.
-- @treturn boolean whether there were any
local function add_call(conn, call, direction)
  local size = call.error == 0 and call.size or 0
  conn.calls = conn.calls + 1
  conn[direction] = conn[direction] + size
  conn.life[direction] = conn.life[direction] + size
  if size > 0 then
    conn.life.is_made = true
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
  local life = conn.life
  conn.side = "client"
  if not is_there and not GOES_ON[call.error] then
    conn.connecting, life.began, life.is_whole = nil, nil, nil
    tell(w, "failed", conn)
    return
  end
  if not conn.connect then
    conn.connecting = conn.connecting or call.begin
    life.began, life.is_whole = life.began or call.begin, life.is_whole or not life.is_made
  end
  if is_there then
    end_connect(conn, call.time)
  end
end

function calls.accept(w, call)
  local conn = call.error == 0 and touch(w, call, true)
  if conn then
    conn.life.is_made = true
  end
end

function calls.read(w, call)
  local conn = touch(w, call, true)
  if not conn or not add_call(conn, call, "received") then
    return
  end
  -- Without a connect or accept, the side that receives first is the server.
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
    -- One thread may write while another one is still reading.
    add_answer(w, conn, math.max(call.begin - conn.asked, 0))
    conn.asked = nil
  end
end

--- Copies of descriptors; a new socket is no connection yet.
function calls.open(w, call)
  if call.error == 0 then
    touch(w, call, false)
  end
end

-- ---- Processes ----

--- A process has closed a descriptor, with any call.
local function close(w, upid, fd, time)
  local of = w.run.processes[upid]
  local conn = of and of.fds[fd]
  if conn then
    close_fd(w, conn, fd, time)
  end
end

--- A new process has copies of its parent's descriptors.
local function inherit(w, parent, upid)
  for _, conn in ipairs(connections.of(w.run.processes[parent])) do
    local copy, of = add_conn(w, upid, conn.key, conn, conn.life)
    for _, field in ipairs { "is_net", "port", "peer", "side" } do
      copy[field] = conn[field]
    end
    for fd in pairs(conn.fds) do
      copy.fds[fd], of.fds[fd] = true, copy
    end
  end
end

--- A process has exited: its descriptors are closed.
local function close_all(w, upid, time)
  for _, conn in ipairs(connections.of(w.run.processes[upid])) do
    conn.fds = {}
    close_fd(w, conn, conn.fd, time)
  end
end

--- The connections of a process, by number.
function connections.of(process)
  local list = {}
  for _, conn in pairs(process and process.conns or {}) do
    list[#list + 1] = conn
  end
  table.sort(list, by_number)
  return list
end

-- ---- For an analysis ----

--- Address and port of "192.0.2.1:80" or "[2001:db8::1]:80"; nil for anything else.
function connections.split(address)
  local host, port = (address or ""):match "^%[?(.-)%]?:(%d+)$"
  return host, math.tointeger(tonumber(port))
end

--- The fields of calls, as they are collected.
local FIELDS = { "upid", "pid", "tid", "procname", "process", "fd", "peer", "port", "side",
  "opened", "address", "protocol", "begin", "time", "error", "size", "file_type" }

--- An object for `collect` that passes calls on as tables of fields.
local function feed(w)
  return { add = function(_, kind, ...)
    local values, call = { ... }, {}
    for i, name in ipairs(FIELDS) do
      call[name] = values[i]
    end
    calls[kind](w, call)
  end }
end

--- A collect of calls on sockets; the field `kind` selects them.
local function collect(event, kind, kinds)
  local one = { event, kind, into = "calls",
    only = { [kind] = kinds, side = { "client", "server", "unknown" } } }
  return table.move(FIELDS, 1, #FIELDS, 3, one)
end

--- The collects of calls on sockets, for `collect`.
connections.collect = {
  collect("io_end", "io_class", { "read", "write", "accept", "open" }),
  collect("syscall_exit", "name", { "connect" }),
  { "fd_close", "upid", "tid", "fd", "time", into = "closes",
    only = { side = { "client", "server", "unknown" } } },
}

--- The hooks that follow sockets, for `on`.
connections.on = {
  process_start = function(w, upid, parent_upid, shares_files)
    if not shares_files and w.run.processes[parent_upid or false] then
      inherit(w, parent_upid, upid)
    end
  end,

  process_exit = function(w, time, tid, pid, upid)
    local key = upid or tid
    if key and (tid == pid or not pid) and w.run.processes[key] then
      close_all(w, key, time)
    end
  end,
}

--- The events that filters apply to, for `selects`; the others belong to what these selected.
connections.selects = { io_end = {}, syscall_exit = {} }

--- What is kept from window to window: the connections of processes.
function connections.run()
  return { processes = {}, n = 0, windows = 0 }
end

--- A window opens.
-- @tparam table w
-- @tparam table told the functions that are called, see above
function connections.begin(w, told)
  w.run.windows = w.run.windows + 1
  w.number, w.touched, w.told, w.calls = w.run.windows, {}, told, feed(w)
  w.closes = { add = function(_, upid, tid, fd, time) close(w, upid or tid, fd, time) end }
end

--- The window closes.
function connections.finish(w)
  local touched, lives, seen = {}, {}, {}
  for conn in pairs(w.touched) do
    touched[#touched + 1] = conn
  end
  table.sort(touched, by_number)
  for _, conn in ipairs(touched) do
    tell(w, "conn", conn)
  end
  for _, process in pairs(w.told.life and w.run.processes or {}) do
    for _, conn in pairs(process.conns) do
      lives[#lives + 1] = not seen[conn.life] and conn.life or nil
      seen[conn.life] = true
    end
  end
  table.sort(lives, by_number)
  for _, life in ipairs(lives) do
    tell(w, "life", life)
  end
end

return connections
