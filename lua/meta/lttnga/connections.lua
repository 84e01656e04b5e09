---@meta lttnga.connections

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Connections: which sockets processes have, what calls do with them, and how long they live.
---
---    begin = function(w) connections.begin(w, { life = add }) end,
---    run = connections.run, selects = connections.selects, collect = connections.collect,
---    on = connections.on, finish = connections.finish,
---
---A connection is a socket of one process, which may have several descriptors for it. A life is the
---socket itself: a process that forks shares it with its child. A script gives functions, which are
---called with the window and with what they are about:
---
---    conn      a connection that did something in the window, when it is closed or the window
---              ends: process, pid, tid, fd, peer, port, side, is_net, opened, closed; connect
---              (how long that took); and for the window received, sent, calls, answers, answered
---              (their sum), longest, connected (whether it was made then), notes (the script's)
---    failed    a connection that could not be made
---    answered  a connection, and how long an answer took
---    life      a life that ends, or goes on when the window ends: process, pid, tid, peer,
---              address, protocol, received, sent; began (if that was seen), first (when anything
---              was), ended; is_made (whether it was ever connected); is_whole (whether it was
---              seen from its start)
local connections = {}

---The connections of a process, by number.
function connections.of() end

---Address and port of "192.0.2.1:80" or "[2001:db8::1]:80"; nil for anything else.
function connections.split() end

---The collects of calls on sockets, for `collect`.
---@type table
connections.collect = {}

---The hooks that follow sockets, for `on`.
---@type table
connections.on = {}

---The events that filters apply to, for `selects`; the others belong to what these selected.
---@type table
connections.selects = {}

---What is kept from window to window: the connections of processes.
function connections.run() end

---A window opens.
---@param w table
---@param told table the functions that are called, see above
function connections.begin(w, told) end

---The window closes.
function connections.finish() end

return connections
