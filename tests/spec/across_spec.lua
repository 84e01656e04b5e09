--- Critical paths and requests that lead from one machine to another: to the thread that has sent
-- the packet which was waited for.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local u8, u16, u32, u64 = ctf.u(8), ctf.u(16), ctf.u(32), ctf.u(64)
local i32, comm = ctf.i(32), ctf.array(16, ctf.u(8, { text = true }))
local us = 1000
local BEGIN = 1000000000 * 1000

-- ---- Traces of two machines ----

local tcp = ctf.struct { { "source_port", u16 }, { "dest_port", u16 }, { "seq", u32 },
  { "ack_seq", u32 }, { "flags", u16 } }
local packet = ctf.struct { { "skbaddr", u64 }, { "len", u32 }, { "name", ctf.str() },
  { "network_header", ctf.struct { { "version", u8 }, { "protocol", u8 },
    { "saddr", ctf.array(4, u8) }, { "daddr", ctf.array(4, u8) }, { "transport_header", tcp } } } }

local classes = {
  { "sched_switch", ctf.struct { { "prev_comm", comm }, { "prev_tid", i32 }, { "prev_prio", i32 },
    { "prev_state", i32 }, { "next_comm", comm }, { "next_tid", i32 }, { "next_prio", i32 } } },
  { "sched_waking", ctf.struct { { "comm", comm }, { "tid", i32 }, { "prio", i32 },
    { "target_cpu", i32 } } },
  { "sched_process_fork", ctf.struct { { "parent_comm", comm }, { "parent_tid", i32 },
    { "parent_pid", i32 }, { "child_comm", comm }, { "child_tid", i32 }, { "child_pid", i32 } } },
  { "irq_handler_entry", ctf.struct { { "irq", i32 }, { "name", ctf.str() } } },
  { "irq_handler_exit", ctf.struct { { "irq", i32 }, { "ret", i32 } } },
  { "softirq_raise", ctf.struct { { "vec", u32 } } },
  { "softirq_entry", ctf.struct { { "vec", u32 } } },
  { "softirq_exit", ctf.struct { { "vec", u32 } } },
  -- Without these it would not be known that a thread sends, and not an interrupt.
  { "hrtimer_expire_entry", ctf.struct { { "hrtimer", u64 } } },
  { "hrtimer_expire_exit", ctf.struct { { "hrtimer", u64 } } },
  { "net_dev_queue", packet },
  { "net_if_receive_skb", packet },
  { "syscall_entry_socket", ctf.struct { { "family", i32 }, { "type", i32 },
    { "protocol", i32 } } },
  { "syscall_exit_socket", ctf.struct { { "ret", i32 } } },
  { "syscall_entry_connect", ctf.struct { { "fd", i32 } } },
  { "syscall_exit_connect", ctf.struct { { "ret", i32 } } },
  { "syscall_entry_accept", ctf.struct { { "fd", i32 } } },
  { "syscall_exit_accept", ctf.struct { { "ret", i32 } } },
  { "syscall_entry_read", ctf.struct { { "fd", u32 }, { "count", u64 } } },
  { "syscall_exit_read", ctf.struct { { "ret", i32 } } },
  { "syscall_entry_write", ctf.struct { { "fd", u32 }, { "count", u64 } } },
  { "syscall_exit_write", ctf.struct { { "ret", i32 } } },
}

local stream = { id = 0, events = {} }
for i, class in ipairs(classes) do
  stream.events[i] = { id = i - 1, name = class[1], fields = class[2] }
end

--- Writes the trace of a machine, on whose clock all is so many us later.
local function machine(name, later, ...)
  local files, first, last = {}, math.maxinteger, 0
  for _, events in ipairs { ... } do
    for _, event in ipairs(events) do
      event[1] = BEGIN + (event[1] + later) * us
      first, last = math.min(first, event[1]), math.max(last, event[1])
    end
  end
  for cpu, events in ipairs { ... } do
    events.from, events.to = first, last
    events.cpu_id = cpu - 1
    files[cpu] = { "chan_" .. cpu - 1, stream = 0, instance = cpu - 1, cpu = cpu - 1,
      packets = { events } }
  end
  local digits = ("%-16s"):format(name):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  return ctf.write({ uuid = digits:gsub("^(........)(....)(....)(....)", "%1-%2-%3-%4-"),
    env = { domain = "kernel", hostname = name, tracer_name = "lttng-modules", tracer_major = 2,
      tracer_minor = 13, kernel_release = "6.1.0-amd64" },
    streams = { stream }, files = files }, "tsdl")
end

local function named(tid)
  local name = tid == 0 and "swapper/0" or "p" .. tid
  local bytes = { name:byte(1, -1) }
  for i = #bytes + 1, 16 do
    bytes[i] = 0
  end
  return bytes
end

local function switch(at, prev_tid, prev_state, next_tid)
  return { at, "sched_switch", { prev_comm = named(prev_tid), prev_tid = prev_tid, prev_prio = 20,
    prev_state = prev_state, next_comm = named(next_tid), next_tid = next_tid, next_prio = 20 } }
end

local function waking(at, tid)
  return { at, "sched_waking", { comm = named(tid), tid = tid, prio = 20, target_cpu = 0 } }
end

local function softirq(at, what)
  return { at, "softirq_" .. what, { vec = 3 } }
end

--- Packets between 10.0.0.1:40000 and 10.0.0.2:80.
local function sight(at, event, forth, seq, flags)
  local client, server = { 10, 0, 0, 1 }, { 10, 0, 0, 2 }
  return { at, event, { skbaddr = 4096 + seq, len = 120, name = "eth0", network_header = {
    version = 4, protocol = 6, saddr = forth and client or server,
    daddr = forth and server or client, transport_header = {
      source_port = forth and 40000 or 80, dest_port = forth and 80 or 40000,
      seq = seq, ack_seq = 1, flags = flags or 24 } } } }
end

local function sent(at, forth, seq)
  return sight(at, "net_dev_queue", forth, seq)
end

local function received(at, forth, seq)
  return sight(at, "net_if_receive_skb", forth, seq)
end

local function call(at, name, fields)
  return { at, "syscall_entry_" .. name, fields }
end

local function done(at, name, ret)
  return { at, "syscall_exit_" .. name, { ret = ret } }
end

--- The case "network exchange" that is known of Trace Compass: a client, which another thread waits
-- for in the end, and a server, each on a machine of its own.
local function client(later)
  return machine("a", later or 0, { switch(7, 202, 1, 201), switch(10, 201, 0, 200),
    sent(13, true, 1), switch(15, 200, 1, 201),
    { 50, "irq_handler_entry", { irq = 5, name = "eth0" } }, softirq(52, "raise"),
    { 53, "irq_handler_exit", { irq = 5, ret = 1 } }, softirq(60, "entry"),
    received(65, false, 2), waking(70, 200), softirq(72, "exit"), switch(75, 201, 0, 200),
    call(80, "read", { fd = 3, count = 9 }), done(83, "read", 9), waking(90, 202),
    switch(95, 200, 0, 202) })
end

local function server(later)
  return machine("b", later or 0, { switch(5, 100, 1, 101),
    { 20, "irq_handler_entry", { irq = 15, name = "eth0" } }, softirq(22, "raise"),
    { 25, "irq_handler_exit", { irq = 15, ret = 1 } }, softirq(30, "entry"),
    received(33, true, 1), waking(35, 100), softirq(38, "exit"), switch(40, 101, 0, 100),
    sent(45, false, 2), switch(55, 100, 1, 101), switch(96, 101, 0, 0) })
end

--- Pieces as "MACHINE TID STATE FROM-TO CAUSE DETAIL", in us.
local function pieces(...)
  local list = {}
  for _, row in ipairs(host.rows("criticalpath", "--no-cache", "--output", "json", "--limit", "0",
    "--no-intersection", ...)) do
    if row.table == "Critical path" then
      list[#list + 1] = ("%s %d %s %d-%d %s"):format(row.machine, row.tid, row.state,
        (row["begin"] - BEGIN) // us, (row["end"] - BEGIN) // us, tostring(row.cause))
    end
  end
  return list
end

local whole = {
  "a 200 running 10-15 nil",
  "b 100 net 15-35 net",
  "b 100 runnable 35-40 net",
  "b 100 running 40-45 net",
  "a 200 net 45-70 net",
  "a 200 runnable 70-75 nil",
  "a 200 running 75-95 nil",
}

--- Of a thread, without what is not known: before it ran, and after it has.
local function path_of(tid, ...)
  local list = {}
  for _, line in ipairs(pieces("--tid", tid, ...)) do
    list[#list + 1] = not line:find " unknown " and line or nil
  end
  return list
end

describe("a critical path", function()
  it("leads to the thread of another machine that sent what was waited for, and back", function()
    assert.same(whole, path_of("200", client(), server()))
    -- Each of them waits for the other one.
    local other = table.concat(path_of("100", client(), server()), "\n")
    assert.truthy(other:find("a 200 running 10-13 net\nb 100 net 13-35 net\n", 1, true), other)
  end)

  it("does so in whatever order and way traces are read", function()
    local a, b = client(), server()
    for _, words in ipairs { { b, a }, { "--reader", "babeltrace2", a, b },
      { "--threads", "2", a, b } } do
      assert.same(whole, path_of("200", table.unpack(words)))
    end
  end)

  it("does so among many machines", function()
    local traces = { client() }
    for i = 1, 10 do
      traces[#traces + 1] = machine("other" .. i, 0, { switch(6, 0, 0, 7), switch(90, 7, 1, 0) })
    end
    traces[#traces + 1] = server()
    assert.same(whole, path_of("200", table.unpack(traces)))
  end)

  it("does so with clocks that are aligned", function()
    assert.same(whole, path_of("200", "--clock-offset", "b=-700us", client(), server(700)))
    assert.same(whole, path_of("200", "--clock-offset", "b=700us", client(), server(-700)))
  end)

  it("ends at the network where packets arrive before they are sent, or machines are left out",
    function()
      local alone = { "a 200 running 10-15 nil", "a 200 net 15-70 net", "a 200 runnable 70-75 nil",
        "a 200 running 75-95 nil" }
      local machine_of = {}
      for i, line in ipairs(alone) do
        machine_of[i] = line:gsub("^a ", "nil ")
      end
      assert.same(machine_of, path_of("200", client()))
      assert.same(machine_of, path_of("200", "--host", "a", client(), server()))
      assert.same(alone, path_of("200", client(), server(70)))
    end)

  it("says so where clocks differ", function()
    local result = host.run("criticalpath", "--tid", "200", "--no-cache", client(), server(70))
    assert.matches("note: 1 packet between machines arrived before it was sent, as their clocks "
      .. "tell: %-%-sync aligns them\n", result.err)
    result = host.run("criticalpath", "--tid", "200", "--no-cache", client(), server())
    assert.is_nil(result.err:find("note", 1, true))
  end)

  it("is cut at the borders of windows, and followed within each", function()
    local rows = pieces("--tid", "200", "--refresh", "20us", client(), server())
    local sum = 0
    for _, line in ipairs(rows) do
      local from, to = line:match " (%d+)%-(%d+) "
      sum = sum + to - from
    end
    assert.equal(96 - 5, sum)
  end)

  it("has other machines in its sums, as text and as stacks", function()
    local a, b = client(), server()
    local result = host.run("criticalpath", "--tid", "200", "--no-intersection", a, b)
    assert.matches("p100 %(100%) on b +running +net ", result.out)
    local wide = host.run("criticalpath", "--tid", "200", "--no-intersection", "--width", "150",
      a, b)
    assert.matches("Machine +TID +Procname", wide.out)
    local narrow = host.run("criticalpath", "--tid", "200", "--no-intersection", "--width", "80",
      a, b).out
    assert.matches("\nBegin +Duration +Machine +TID +Procname", narrow)
    assert.matches("\nMachine +TID +Procname", narrow)
    local one = host.run("criticalpath", "--tid", "200", "--no-intersection", a)
    assert.is_nil(one.out:find("Machine", 1, true))
    local stacks = host.run("criticalpath", "--tid", "200", "--fold", "--no-intersection", a, b)
    assert.matches("p200 %(200%);net;p100 %(100%) on b;running 5000", stacks.out)
    local sum = 0
    for line in stacks.out:gmatch "p200 %(200%);[^\n]+" do
      sum = sum + tonumber(line:match "(%d+)$")
    end
    assert.equal((96 - 5) * us, sum)
  end)

  it("goes on from saved states and in parts as from the beginning", function()
    local a, b = client(), server()
    local cache = host.path "cache"
    assert.equal(0, host.run("index", "--cache", cache, a, b).status)
    local words = { "--tid", "200", "--output", "json", "--timerange", ("%d,%d"):format(
      BEGIN + 14 * us, BEGIN + 90 * us) }
    local function run(...)
      local all = table.move(words, 1, #words, 2, { "criticalpath" })
      local result = host.run(table.unpack(table.move({ ... }, 1, select("#", ...), #all + 1, all)))
      assert.equal(0, result.status, result.err)
      return result.out
    end
    local plain = run("--no-cache", a, b)
    assert.equal(plain, run("--cache", cache, a, b))
    assert.equal(plain, run("--cache", cache, "--jobs", "2", a, b))
    local part = host.path "part.jsonl"
    assert.equal(0, host.run("criticalpath", "--tid", "200", "--partial", part, a, b).status)
    assert.equal(
      host.run("criticalpath", "--tid", "200", "--no-cache", "--output", "json", a, b).out,
      host.run("merge", "--output", "json", part).out)
  end)
end)

--- An analysis that walks paths of any threads in any time, and sums them up.
local random_paths = [[
  local paths = require "lttnga.paths"
  return require "lttnga.analysis" {
    title = "Random paths",
    run = function(_, about) return about end,
    begin = function(w) w.graph = paths.graph(w.run) end,
    collect = paths.collect,
    finish = function(w)
      math.randomseed(tonumber(os.getenv "SEED"))
      local threads, length, sum, elsewhere = w.graph:threads(), w.last - w.first, 0, 0
      for i = 1, 500 do
        local from = w.first + math.random(0, length) - 1000
        local to = from + math.random(0, i % 10 == 0 and length or length // 20)
        local at = from
        for piece in w.graph:pieces(threads[math.random(#threads)].utid, from, to) do
          assert(piece.begin == at and piece["end"] == at + piece.duration and piece.duration > 0)
          at = piece["end"]
          sum = (sum * 31 + piece.duration + (piece.utid or 0)) % 1000003
          elsewhere = elsewhere + (piece.host and 1 or 0)
        end
        assert(at == to)
      end
      assert(elsewhere > 100, elsewhere)
      io.write(w.run.name, " ", sum, "\n")
    end,
    tables = {},
  }
]]

describe("a graph of two machines", function()
  it("forgets what none of them needs", function()
    local result = host.run(host.script [[
      local paths = require "lttnga.paths"
      return require "lttnga.analysis" {
        title = "Forgetting",
        run = function(_, about) return about end,
        begin = function(w) w.graph = paths.graph(w.run) end,
        collect = paths.collect,
        finish = function(w)
          local shared = w.run.shared
          shared[w.run.number] = w.graph
          if w.run.number < 2 then
            return
          end
          local function first()
            return shared[1]:path(200, w.first, w.last)[1]["end"] - w.first
          end
          local before = first()
          w.graph:forget(w.first + 30000)
          local one = first()
          shared[1]:forget(w.first + 20000)
          print(before, one, first())
        end,
        tables = {},
      }
    ]], "--no-cache", "--no-intersection", client(), server())
    assert.equal(0, result.status, result.err)
    assert.matches("^5000%s+5000%s+20000\n", result.out)
  end)
end)

describe("pieces of paths over two machines", function()
  it("are the time that was asked for, of any threads and intervals", function()
    local a, b = host.real_trace "twohosts-a", host.real_trace "twohosts-b"
    local script, seed = host.script(random_paths), os.time()
    local function run(words)
      local result = host.shell(("SEED=%d %s/lttnga-run %s --no-cache --no-progress --sync %s")
        :format(seed, os.getenv "BUILD" or "build", script, words))
      assert.equal(0, result.status, ("SEED=%d: %s"):format(seed, result.err))
      return result.out
    end
    local sums = run(a .. " " .. b)
    assert.matches("hosta %d+\nhostb %d+", sums)
    assert.equal(sums, run("--reader babeltrace2 " .. a .. " " .. b))
    assert.equal(sums, run("--threads 2 " .. a .. " " .. b))
  end)
end)

-- ---- Requests ----

--- A client asks ten times; the last time the server works longer.
local function conversation()
  local asks = { call(1, "socket", { family = 2, type = 1, protocol = 0 }), done(2, "socket", 3),
    call(3, "connect", { fd = 3 }), done(4, "connect", 0) }
  local answers = { call(1, "accept", { fd = 4 }), done(4, "accept", 5) }
  for tid, list in pairs { [200] = asks, [100] = answers } do
    table.insert(list, 1, { -1, "sched_process_fork", { parent_comm = named(1), parent_tid = 1,
      parent_pid = 1, child_comm = named(tid), child_tid = tid, child_pid = tid } })
    table.insert(list, 2, switch(0, 0, 0, tid))
  end
  local function add(list, ...)
    table.move({ ... }, 1, select("#", ...), #list + 1, list)
  end
  for i = 1, 30 do
    local t, work = i * 1000, i > 25 and 500 or 100
    add(answers, call(t - 300, "read", { fd = 5, count = 9 }), switch(t - 200, 100, 1, 0),
      softirq(t + 30, "entry"), received(t + 31, true, i * 100), waking(t + 32, 100),
      softirq(t + 33, "exit"), switch(t + 40, 0, 0, 100), done(t + 41, "read", 9),
      call(t + 40 + work, "write", { fd = 5, count = 7 }), sent(t + 42 + work, false, i * 100),
      done(t + 44 + work, "write", 7))
    add(asks, call(t, "write", { fd = 3, count = 9 }), sent(t + 5, true, i * 100),
      done(t + 8, "write", 9), call(t + 9, "read", { fd = 3, count = 9 }),
      switch(t + 10, 200, 1, 0), softirq(t + 60 + work, "entry"),
      received(t + 61 + work, false, i * 100), waking(t + 62 + work, 200),
      softirq(t + 63 + work, "exit"), switch(t + 70 + work, 0, 0, 200),
      done(t + 75 + work, "read", 7))
  end
  return machine("web", 0, asks), machine("db", 0, answers)
end

describe("requests of clients", function()
  local web, db = conversation()

  it("are from when something is to be written until the answer is read", function()
    local rows = host.rows("requests", "--request", "client", "--log", "--table", "log",
      "--output", "json", "--no-cache", web, db)
    assert.equal(30, #rows)
    for i, row in ipairs(rows) do
      assert.same({ BEGIN + i * 1000 * us, (75 + (i > 25 and 500 or 100)) * us, "web" },
        { row["begin"], row.duration, row.host })
    end
  end)

  it("are explained by what the server did meanwhile", function()
    local rows = host.rows("why", "--request", "client", "--slower", "300us", "--output", "json",
      "--no-cache", web, db)
    local of, sum = {}, { typical = 0, slow = 0 }
    for _, row in ipairs(rows) do
      of[("%s %s"):format(row.cause, row.host == "web" and row.who and row.who.name or "")] = row
      if row.cause ~= "total" then
        sum.typical, sum.slow = sum.typical + row.typical, sum.slow + row.slow
      end
    end
    assert.same({ 175 * us, 575 * us }, { of["total "].typical, of["total "].slow })
    assert.same({ typical = 175 * us, slow = 575 * us }, sum)
    assert.same({ 100 * us + 2 * us, 500 * us + 2 * us },
      { of["cpu p100"].typical, of["cpu p100"].slow })
    local text = host.run("why", "--request", "client", "--slower", "300us", "--no-cache", web, db)
    assert.truthy(text.out:find("CPU of p100 (100) on db, behind the network", 1, true), text.out)
    assert.truthy(text.out:find("the slow ones wait 400.000 us longer for the network, while p100 "
      .. "(100) on db runs", 1, true), text.out)
  end)

  it("of two real machines are those that the client has noted, and lead to the server",
    function()
      local a, b = host.real_trace "twohosts-a", host.real_trace "twohosts-b"
      local rows = host.rows("requests", "--request", "client", "--port", "7101", "--log",
        "--table", "log", "--output", "json", "--no-cache", "--sync", a, b)
      local ahead = -7412646138 -- the server's clock, to within 0.3 ms
      local script = host.script [[
        local paths = require "lttnga.paths"
        return require "lttnga.analysis" {
          title = "Paths from and to given times",
          run = function(_, about) return about end,
          begin = function(w) w.graph = paths.graph(w.run) end,
          collect = paths.collect,
          finish = function(w)
            for line in io.lines(w.run.name == "hosta" and os.getenv "LOG" or "/dev/null") do
              local from, to = line:match "^(%d+) (%d+)"
              from, to = math.tointeger(from), math.tointeger(to)
              local at, last = from, 0
              for piece in w.graph:pieces(295, from or 0, to or 0) do
                assert(piece.begin == at and piece["end"] == at + piece.duration)
                at = piece["end"]
                last = piece.host == "hostb" and at or last
              end
              assert(at == to)
              io.write(from and last .. "\n" or "")
            end
          end,
          tables = {},
        }
      ]]
      local log = "tests/traces/twohosts.log"
      local ends = host.shell(("LOG=%s %s/lttnga-run %s --no-cache --no-progress --sync %s %s")
        :format(log, os.getenv "BUILD" or "build", script, a, b))
      assert.equal(0, ends.status, ends.err)
      local next_end = ends.out:gmatch "%f[%d](%d+)\n"
      local found, led, close = 0, 0, 0
      for line in io.lines(log) do
        local begin, stop, answered = line:match "^(%d+) %d+ (%d+) %d+ (%d+)"
        for _, row in ipairs(begin and rows or {}) do
          local before, after = row["begin"] - begin, stop - row["end"]
          found = found + (before > 0 and before < 1e6 and after > 0 and after < 1e6 and 1 or 0)
        end
        local last = begin and math.tointeger(next_end()) or 0
        if last > 0 then
          local later = last - (answered - ahead)
          assert.truthy(later > -3e5 and later < 4e6, later)
          led, close = led + 1, close + (later < 6e5 and 1 or 0)
        end
      end
      assert.equal(100, found)
      -- The first answer was on its way before the client waited for it.
      assert.same({ 99, 98 }, { led, close })
    end)
end)
