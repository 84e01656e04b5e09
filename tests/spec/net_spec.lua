--- The network: connections (netconns), and the other side of calls, on a trace made by hand.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local us = 1000

--- Rows by title of the table; cells as plain values.
local function tables(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  local found = {}
  for line in result.out:gmatch("[^\n]+") do
    local row = json.decode(line, 1, nil)
    found[row.table] = found[row.table] or {}
    table.insert(found[row.table], row)
  end
  return found
end

--- A call, from one time to another, us.
local function call(list, from, to, name, entry, exit)
  list[#list + 1] = { from * us, "syscall_entry_" .. name, entry }
  list[#list + 1] = { to * us, "syscall_exit_" .. name, exit }
end

local function switch(list, time, from, to, comm)
  list[#list + 1] = { time * us, "sched_switch",
    { prev_tid = from, next_tid = to, next_comm = comm } }
end

local function connect(list, from, to, fd, port, ret)
  call(list, from, to, "connect", { fd = fd, family = 2, dport = port, v4addr = { 10, 0, 0, 2 },
    v6addr = {} }, { ret = ret })
end

--- A client connects without waiting, asks twice, and reads the first answer in two parts; what it
-- connects after that is refused. The server answers, makes a child that writes on, and exits.
local function trace()
  local client, server = {}, {}
  switch(client, 1000, 0, 10, "app")
  call(client, 1100, 1110, "socket", { family = 2, type = 1 }, { ret = 4 })
  connect(client, 2000, 2010, 4, 80, -115)
  connect(client, 2500, 2510, 4, 80, 0)
  call(client, 3000, 3010, "write", { fd = 4, count = 100 }, { ret = 100 })
  call(client, 3020, 3021, "read", { fd = 4, count = 600 }, { ret = -11 })
  call(client, 3480, 3500, "read", { fd = 4, count = 600 }, { ret = 600 })
  call(client, 3510, 3520, "read", { fd = 4, count = 600 }, { ret = 400 })
  call(client, 3600, 3610, "dup", { fildes = 4 }, { ret = 6 })
  call(client, 3620, 3630, "close", { fd = 4 }, { ret = 0 })
  call(client, 3640, 3650, "write", { fd = 6, count = 50 }, { ret = 50 })
  call(client, 4100, 4110, "read", { fd = 6, count = 50 }, { ret = 7 })
  call(client, 4200, 4210, "close", { fd = 6 }, { ret = 0 })
  call(client, 4300, 4310, "socket", { family = 2, type = 1 }, { ret = 4 })
  connect(client, 4400, 4410, 4, 81, -111)

  switch(server, 1000, 0, 20, "srv")
  call(server, 1100, 1110, "socket", { family = 2, type = 1 }, { ret = 3 })
  call(server, 1120, 3000, "accept4", { fd = 3, flags = 0 },
    { ret = 5, family = 2, sport = 40000, v4addr = { 10, 0, 0, 1 }, v6addr = {} })
  call(server, 3050, 3100, "read", { fd = 5, count = 100 }, { ret = 100 })
  call(server, 3400, 3420, "write", { fd = 5, count = 1000 }, { ret = 1000 })
  call(server, 3700, 3710, "read", { fd = 5, count = 100 }, { ret = 50 })
  server[#server + 1] = { 3800 * us, "sched_process_fork", { parent_tid = 20, parent_pid = 20,
    child_tid = 21, child_pid = 21, child_comm = "srv" } }
  switch(server, 3900, 20, 21, "srv")
  call(server, 4000, 4010, "write", { fd = 5, count = 7 }, { ret = 7 })
  switch(server, 4320, 21, 20, "srv")
  server[#server + 1] = { 4350 * us, "sched_process_exit", { tid = 20, comm = "srv" } }
  -- Both streams last as long.
  switch(server, 4420, 20, 0, "swapper")
  switch(client, 4420, 10, 0, "swapper")
  client.cpu, server.cpu = 0, 1
  return host.trace { streams = { client, server } }
end

--- A row as a text, for those of its fields that are named.
local function text(row, ...)
  local parts = {}
  for i, name in ipairs { ... } do
    local value = row[name]
    parts[i] = tostring(type(value) == "table" and (value.pid or value.tid) or value)
  end
  return table.concat(parts, " ")
end

describe("netconns", function()
  it("leaves out sockets within the machine, their answers, too", function()
    local list = {}
    switch(list, 1000, 0, 20, "srv")
    call(list, 1100, 1110, "socket", { family = 1, type = 1 }, { ret = 3 })
    call(list, 1120, 1200, "accept4", { fd = 3, flags = 0 }, { ret = 5, family = 1, sport = 0,
      v4addr = {}, v6addr = {} })
    for at = 1300, 1500, 100 do
      call(list, at, at + 10, "read", { fd = 5, count = 100 }, { ret = 100 })
      call(list, at + 20, at + 30, "write", { fd = 5, count = 100 }, { ret = 100 })
    end
    list.cpu = 0
    local found = tables("netconns", "--output", "json", host.trace { streams = { list } })
    assert.is_nil(found.Connections)
    assert.is_nil(found["Connections by process, side and port"])
  end)

  local made = trace()

  local function rows(title, fields, ...)
    local list = {}
    for i, row in ipairs(tables("netconns", "--no-cache", "--output", "json", ...)[title] or {}) do
      list[i] = text(row, table.unpack(fields))
    end
    return list
  end

  local who = { "process", "peer", "port", "side", "received", "sent", "calls" }
  local when = { "process", "time_to_connect", "answers", "average_answer", "opened", "closed",
    "file_descriptor" }

  it("tells both sides of a connection, and who goes on with it", function()
    assert.same({ "10 10.0.0.2:80 80 client 1007 150 6", "20 10.0.0.1:40000 nil server 150 1000 3",
      "21 10.0.0.1:40000 nil server 0 7 1" }, rows("Connections", who, made))
  end)

  it("tells when they were opened and closed, and how long answers took", function()
    assert.same({
      "10 510000 2 485000 1110000 4210000 4",
      "20 nil 1 300000 3000000 4350000 5",
      "21 nil 0 nil 3000000 nil 5" }, rows("Connections", when, made))
  end)

  it("counts by process, side and port, and what was refused", function()
    local fields = { "process", "side", "port", "connections", "failed", "answers", "max",
      "longest_connect" }
    -- Of what was refused there is no connection.
    assert.same({ "app client 80 1 0 2 500000 510000", "srv server nil 2 0 1 300000 nil",
      "app client 81 0 1 0 nil nil" },
      rows("Connections by process, side and port", fields, made))
  end)

  it("honours options", function()
    assert.same({ "10 10.0.0.2:80 80 client 1007 150 6" },
      rows("Connections", who, "--limit", "1", made))
    assert.same({ "21 10.0.0.1:40000 nil server 0 7 1" },
      rows("Connections", who, "--tid", "21", made))
    assert.same({ "10 10.0.0.2:80 80 client 1007 150 6" },
      rows("Connections", who, "--procname", "app", made))
  end)

  it("gives each window its part", function()
    -- From 1 ms: to 2, 3, 4 and 5 ms.
    local list = {}
    for _, row in ipairs(tables("netconns", "--no-cache", "--output", "json", "--refresh", "1ms",
      made)["Connections"]) do
      list[#list + 1] = ("%d: %s"):format(row.window.begin // 1000000, text(row, "process",
        "received", "sent", "calls", "answers", "closed"))
    end
    assert.same({ "2: 10 0 0 0 0 nil", "3: 10 1000 150 5 1 nil", "3: 20 150 1000 3 1 nil",
      "4: 10 7 0 1 1 4210000", "4: 21 0 7 1 0 nil" }, list)
  end)
end)

describe("calls on sockets", function()
  it("can be selected by the other side", function()
    local script = host.script([[
      local analysis = require "lttnga.analysis"
      local stats = require "lttnga.stats"
      return analysis {
        title = "Peers", options = {},
        begin = function(w) w.peers = stats.totals() end,
        collect = { { "io_end", "peer", "port", "side", "size", into = "peers",
          only = { io_class = { "read", "write" } } } },
        tables = { { "peers", "Peers", { { "Peer", "string", "peer" }, { "Port", "number", "port" },
          { "Side", "string", "side" }, { "Size", "size", "sum" } },
          rows = function(w)
            local rows = {}
            for total in w.peers:each() do
              total.sum = total.size
              rows[#rows + 1] = total
            end
            return rows
          end } },
      }]], "peers.lua")
    local made = trace()
    local function found(...)
      local list = {}
      for i, row in ipairs(tables(script, "--no-cache", "--output", "json", made, ...).Peers) do
        list[i] = text(row, "peer", "port", "side", "size")
      end
      return list
    end
    assert.same({ "10.0.0.2:80 80 client 1157", "10.0.0.1:40000 nil server 1157" }, found())
    assert.same({ "10.0.0.1:40000 nil server 1157" }, found("--filter", 'peer ~ "10.0.0.1:*"'))
  end)
end)

-- ---- A second way to the same numbers ----

local READS, WRITES = { read = true, recvfrom = true }, { write = true, sendto = true }

--- Connections of clients, as babeltrace2 prints calls: "PID FD SENT RECEIVED CALLS ANSWERS
-- LONGEST".
local function recount(folder)
  local entered, open, list = {}, {}, {}
  for line in io.popen("babeltrace2 --clock-seconds " .. host.quote(folder)):lines() do
    local seconds, ns, way, name = line:match
      "^%[(%d+)%.(%d+)%].- syscall_(e[nx][ti][rt]y?)_([%w_]+): "
    local time = seconds and math.tointeger(seconds * 1000000000 // 1 + ns)
    local function field(key)
      local value = line:match("[ {]" .. key .. " = (%-?%d+)")
      return value and math.tointeger(tonumber(value))
    end
    local tid, pid = field "tid", field "pid"
    local began = way == "exit" and entered[tid]
    if way == "entry" then
      entered[tid] = { name = name, time = time, fd = field "fd", family = field "family" }
    elseif began and began.name == name then
      local key, ret = ("%d %d"):format(pid, began.fd or -1), field "ret"
      local conn = open[key]
      if name == "connect" and began.family == 2 and not conn then
        conn = { key = key, sent = 0, received = 0, calls = 0, answers = 0, longest = 0 }
        open[key], list[#list + 1] = conn, conn
      elseif name == "close" then
        open[key] = nil
      elseif conn and (READS[name] or WRITES[name]) then
        conn.calls = conn.calls + 1
        if ret > 0 and READS[name] then
          conn.received = conn.received + ret
          if conn.asked then
            conn.answers, conn.longest = conn.answers + 1, math.max(conn.longest, time - conn.asked)
            conn.asked = nil
          end
        elseif ret > 0 then
          conn.sent, conn.asked = conn.sent + ret, began.time
        end
      end
    end
  end
  for i, conn in ipairs(list) do
    list[i] = ("%s %d %d %d %d %d"):format(conn.key, conn.sent, conn.received, conn.calls,
      conn.answers, conn.longest)
  end
  table.sort(list)
  return list
end

describe("netconns on a real trace", function()
  local folder = host.real_trace "twohosts-a"
  local options = { "netconns", "--no-cache", "--output", "json", "--limit", "0" }

  if host.shell("command -v babeltrace2").status == 0 then
    it("finds what babeltrace2 prints", function()
      local list, words = {}, { table.unpack(options) }
      words[#words + 1] = folder
      for i, row in ipairs(tables(table.unpack(words)).Connections) do
        list[i] = text(row, "process", "file_descriptor", "sent", "received", "calls", "answers",
          "longest_answer")
      end
      table.sort(list)
      assert.same(recount(folder), list)
      assert.equal(6, #list)
    end)
  end

  it("gives the same whichever reader there is, and with a thread that decodes ahead", function()
    local function output(option, value)
      local words = table.move({ option, value, folder }, 1, 3, #options + 1,
        { table.unpack(options) })
      local result = host.run(table.unpack(words))
      assert.equal(0, result.status, result.err)
      return result.out
    end
    local native = output("--threads", "1")
    assert.equal(native, output("--threads", "2"))
    assert.equal(native, output("--reader", "babeltrace2"))
  end)
end)
