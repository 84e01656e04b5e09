--- Clocks of several machines, aligned by the TCP packets that they exchanged (--sync).
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local u8, u16, u32, u64 = ctf.u(8), ctf.u(16), ctf.u(32), ctf.u(64)
local us, ms, second = 1000, 1000000, 1000000000
local BEGIN = 1000000 * second

--- Headers as the tracer has them, but without what nobody asks for.
local tcp = ctf.struct { { "source_port", u16 }, { "dest_port", u16 }, { "seq", u32 },
  { "ack_seq", u32 }, { "flags", u16 } }
local function packet_fields(bytes, protocol)
  return ctf.struct { { "skbaddr", u64 }, { "len", u32 }, { "name", ctf.str() },
    { "network_header", ctf.struct { { "version", u8 }, { protocol, u8 },
      { "saddr", ctf.array(bytes, bytes == 4 and u8 or u16) },
      { "daddr", ctf.array(bytes, bytes == 4 and u8 or u16) }, { "transport_header", tcp } } } }
end

--- Stream classes: packets of IPv4 and of IPv6.
local function stream_class(id, bytes, protocol)
  return { id = id, events = {
    { id = 0, name = "net_dev_queue", fields = packet_fields(bytes, protocol) },
    { id = 1, name = "net_if_receive_skb", fields = packet_fields(bytes, protocol) },
    { id = 2, name = "syscall_entry_read", fields = ctf.struct { { "fd", u32 } } },
    { id = 3, name = "syscall_exit_read", fields = ctf.struct { { "ret", u64 } } },
  } }
end

--- Writes the trace of a machine.
-- @tparam string name
-- @tparam table sightings list of { time, "sent" or "received", packet }
-- @tparam[opt] table six whether packets are of IPv6
local function machine(name, sightings, six)
  table.sort(sightings, function(a, b) return a[1] < b[1] end)
  local events = { from = sightings[1] and sightings[1][1] - ms or BEGIN,
    to = sightings[1] and sightings[#sightings][1] + ms or BEGIN + second }
  for _, one in ipairs(sightings) do
    local p = one[3]
    events[#events + 1] = { one[1], one[2] == "sent" and "net_dev_queue" or "net_if_receive_skb",
      { skbaddr = p.skb or 4096, len = 60, name = p.device or "eth0", network_header = {
        version = six and 6 or 4, [six and "nexthdr" or "protocol"] = p.protocol or 6,
        saddr = p.from, daddr = p.to, transport_header = { source_port = p.sport or 1000,
          dest_port = p.dport or 2000, seq = p.seq, ack_seq = p.ack or 1, flags = p.flags or 16 } },
      } }
  end
  events[1] = events[1] or { BEGIN, "syscall_entry_read", { fd = 3 } }
  local digits = ("%-16s"):format(name):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  return ctf.write({ uuid = digits:gsub("^(........)(....)(....)(....)", "%1-%2-%3-%4-"),
    env = { domain = "kernel", hostname = name, tracer_name = "lttng-modules", tracer_major = 2,
      tracer_minor = 13, kernel_release = "6.1.0-amd64" },
    streams = { six and stream_class(0, 8, "nexthdr") or stream_class(0, 4, "protocol") },
    files = { { "chan_0", stream = 0, instance = 0, cpu = 0, packets = { events } } } }, "tsdl")
end

--- Packets between machines whose clocks differ, as each of them sees them.
-- @tparam table clocks by name: { offset, ppb }: what a machine shows at a true time
-- @tparam table routes list of { from, to }: names
local function exchange(clocks, routes, count, seed)
  math.randomseed(seed)
  local seen, names = {}, {}
  for name in pairs(clocks) do
    names[#names + 1] = name
  end
  table.sort(names)
  local function shows(name, at)
    local clock = clocks[name]
    return BEGIN + at + clock[1] + at * clock[2] // 1000000000
  end
  for i, name in ipairs(names) do
    seen[name], seen[i] = {}, name
  end
  local function address(name)
    return { 10, 0, 0, name:byte() }
  end
  for _, route in ipairs(routes) do
    for i = 1, count do
      for way = 1, 2 do
        local from, to = route[way], route[3 - way]
        local at = i * 10 * second // count + math.random(0, ms)
        local p = { from = address(from), to = address(to), seq = math.random(0, 1 << 30),
          ack = i, skb = math.random(1, 1 << 40) }
        table.insert(seen[from], { shows(from, at), "sent", p })
        table.insert(seen[to], { shows(to, at + 50 * us + math.random(0, 1 << 20)), "received", p })
      end
    end
  end
  return seen
end

local function run(...)
  return host.run_as_is("info", "--short", "--no-cache", "--sync", ...)
end

--- What is said of a machine: ns that its clock is ahead of another one, ppm faster, ns to within,
-- the quality; then its packets.
local function found(result, of, from)
  local ahead, where, ppm, speed, within, quality = result.err:match(
    ("the clock of %s is ([%%d.]+) s (%%a+)[%%a ]* that of %s, and goes ([%%d.]+) ppm (%%a+); "
      .. "to within ([%%d.]+) s %%((%%a+)%%)"):format(of, from))
  assert(ahead, result.err)
  local function ns(text)
    local whole, rest = text:match "(%d+)%.(%d+)"
    return tonumber(whole .. rest) // 1 | 0
  end
  local there, back, before, after = result.err:match(
    ("from %s to %s: (%%d+), back: (%%d+).-%%. Arrived before they were sent: (.-); aligned: "
      .. "([^\n]+)"):format(from, of))
  return { ahead = (where == "behind" and -1 or 1) * ns(ahead), within = ns(within),
    ppm = (speed == "slower" and -1 or 1) * tonumber(ppm), quality = quality,
    there = tonumber(there), back = tonumber(back), before = before, after = after }
end

--- The traces of some machines, in the order of their names.
local function traces_of(seen)
  local folders = {}
  for i, name in ipairs(seen) do
    folders[i] = machine(name, seen[name])
  end
  return folders
end

describe("--sync", function()
  -- Clocks that are made up have to be found again.
  for seed, clock in ipairs { { 0, 0 }, { -7412594465, 0 }, { 7412594465, 58000 },
    { 3600 * second, -4000 }, { -86400 * second, 120 }, { 1, 1000000 } } do
    for _, reader in ipairs { "native", "babeltrace2" } do
      it(("finds a clock: %d ns, %d ppb; %s"):format(clock[1], clock[2], reader), function()
        local seen = exchange({ alpha = { 0, 0 }, beta = clock }, { { "alpha", "beta" } }, 200,
          seed)
        local folders = traces_of(seen)
        local result = run("--reader", reader, folders[1], folders[2])
        assert.equal(0, result.status, result.err)
        local of = found(result, "beta", "alpha")
        assert.equal("ACCURATE", of.quality)
        assert.same({ 200, 200 }, { of.there, of.back })
        assert.equal("none", of.after)
        -- It is told in the middle of the exchange.
        local truth = clock[1] + 5 * second * clock[2] // 1000000000
        assert.truthy(math.abs(of.ahead - truth) <= of.within + 2 * us * (1 + clock[2] / 1e5),
          ("%d, not %d, to within %d"):format(of.ahead, truth, of.within))
        assert.truthy(of.within < 200 * us, of.within)
        assert.truthy(math.abs(of.ppm - clock[2] / 1000) < 60, of.ppm)
        assert.truthy(result.err:find("all times are those of the clock of alpha", 1, true))
        -- The order of traces does not matter.
        assert.same(of, found(run("--reader", reader, folders[2], folders[1]), "beta", "alpha"))
      end)
    end
  end

  it("makes times those of the first machine by name", function()
    local seen = exchange({ alpha = { 0, 0 }, beta = { -5 * second, 30000 } },
      { { "alpha", "beta" } }, 300, 7)
    local folders = traces_of(seen)
    local script = host.script [[
      local analysis = require "lttnga.analysis"
      return analysis { title = "Packets",
        begin = function(w) w.list = {} end,
        on = { net_dev_queue = function(w, time, skbaddr) w.list[#w.list + 1] =
            { "sent", time, skbaddr } end,
          net_if_receive_skb = function(w, time, skbaddr) w.list[#w.list + 1] =
            { "received", time, skbaddr } end },
        tables = { { "packets", "Packets", { { "What" }, { "Time", "timestamp" },
          { "Number", "number" } }, rows = function(w) return w.list end } } }]]
    for _, reader in ipairs { "native", "babeltrace2" } do
      local sent, n = {}, 0
      local rows = host.rows(script, "--sync", "--no-cache", "--no-intersection", "--reader",
        reader, "--output", "json", folders[1], folders[2])
      for _, row in ipairs(rows) do
        sent[row.number] = row.what == "sent" and row.time or sent[row.number]
      end
      for _, row in ipairs(rows) do
        if row.what == "received" then
          n = n + 1
          local took = row.time - sent[row.number]
          assert.truthy(took >= 0 and took < 2 * ms, took)
        end
      end
      assert.equal(600, n)
    end
  end)

  it("goes from machine to machine, on the least uncertain ways", function()
    local clocks = { a = { 0, 0 }, b = { 3 * second, 10000 }, c = { -2 * second, -5000 },
      d = { 40 * ms, 70 } }
    local folders = traces_of(exchange(clocks,
      { { "a", "b" }, { "b", "c" }, { "c", "d" } }, 150, 3))
    local result = run(table.unpack(folders))
    assert.equal(0, result.status, result.err)
    for _, pair in ipairs { { "b", "a" }, { "c", "b" }, { "d", "c" } } do
      local of = found(result, pair[1], pair[2])
      assert.equal("none", of.after)
      assert.truthy(math.abs(of.ahead - (clocks[pair[1]][1] - clocks[pair[2]][1])) < 300 * us)
    end
    -- All four end together, within what is uncertain.
    local ends = {}
    for ending in result.out:gmatch "Recorded +%[[^,]+, [%d-]+ [%d:]+:(%d+%.%d+)%]" do
      ends[#ends + 1] = tonumber(ending)
    end
    assert.equal(4, #ends, result.out)
    for i = 2, 4 do
      assert.truthy(math.abs(ends[i] - ends[1]) < 0.2, ends[i])
    end
  end)

  it("is not misled by packets that were sent or received again", function()
    local seen = exchange({ alpha = { 0, 0 }, beta = { 10 * ms, 0 } }, { { "alpha", "beta" } },
      100, 5)
    local plain = found(run(table.unpack(traces_of(seen))), "beta", "alpha")
    local a, b = { 10, 0, 0, 97 }, { 10, 0, 0, 98 }
    local function add(name, at, what, p)
      table.insert(seen[name], { BEGIN + at + (name == "beta" and 10 * ms or 0), what, p })
    end
    -- Lost, and sent again 200 ms later, in the same buffer.
    local lost = { from = a, to = b, seq = 1, skb = 99 }
    add("alpha", second, "sent", lost)
    add("alpha", second + 200 * ms, "sent", lost)
    add("beta", second + 200 * ms + 300 * us, "received", lost)
    -- The first of two acknowledgements that look the same was before the recording.
    local twin = { from = b, to = a, seq = 2, ack = 3 }
    add("alpha", 2 * second, "received", twin)
    add("beta", 2 * second + 40 * ms, "sent", twin)
    add("alpha", 2 * second + 41 * ms, "received", twin)
    -- Received by a device, and handed on to a bridge: one packet, at the first of these times.
    local bridged = { from = a, to = b, seq = 4, skb = 7 }
    add("alpha", 3 * second, "sent", bridged)
    add("beta", 3 * second + 1 * ms, "received", bridged)
    add("beta", 3 * second + 900 * ms, "received", { from = a, to = b, seq = 4, skb = 7,
      device = "br0" })
    -- Loopback, and what is no TCP: the same on both machines.
    for i, name in ipairs { "alpha", "beta" } do
      add(name, 4 * second + i * 300 * ms, "sent", { from = { 127, 0, 0, 1 },
        to = { 127, 0, 0, 1 }, seq = 5 })
      add(name, 4 * second - i * 300 * ms, "received", { from = { 127, 0, 0, 1 },
        to = { 127, 0, 0, 1 }, seq = 5 })
      add(name, 5 * second + i * 300 * ms, i == 1 and "received" or "sent", { from = a, to = b,
        seq = 6, protocol = 17 })
    end
    -- The same numbers on another connection.
    add("alpha", 6 * second, "received", { from = b, to = a, seq = 8, sport = 1 })
    add("beta", 6 * second + 500 * ms, "sent", { from = b, to = a, seq = 8, sport = 2 })
    local again = found(run(table.unpack(traces_of(seen))), "beta", "alpha")
    assert.equal(plain.there + 1, again.there)
    again.there = plain.there
    assert.same(plain, again)
  end)

  it("does not tell the rate of a clock by a short exchange", function()
    local sightings = { alpha = {}, beta = {} }
    local a, b = { 10, 0, 0, 97 }, { 10, 0, 0, 98 }
    local function add(name, at, what, p)
      table.insert(sightings[name], { BEGIN + at + (name == "beta" and 3 * second or 0), what, p })
    end
    for i = 1, 20 do
      local there, back = { from = a, to = b, seq = i }, { from = b, to = a, seq = i }
      -- The slower packets get there, the earlier: the lines lean to one side.
      add("alpha", i * 100 * us, "sent", there)
      add("beta", i * 100 * us + 100 * us + i * us, "received", there)
      add("beta", i * 100 * us + 20 * us, "sent", back)
      add("alpha", i * 100 * us + 120 * us + (20 - i) * us, "received", back)
    end
    -- An hour later, and seen on one machine only.
    add("beta", 3600 * second, "sent", { from = b, to = { 10, 0, 0, 99 }, seq = 77 })
    add("alpha", 3600 * second, "sent", { from = a, to = { 10, 0, 0, 99 }, seq = 78 })
    local result = run(machine("alpha", sightings.alpha), machine("beta", sightings.beta))
    assert.equal(0, result.status, result.err)
    assert.truthy(result.err:find("is taken to go as fast", 1, true), result.err)
    assert.truthy(result.err:find("aligned: none", 1, true), result.err)
    local ends = {}
    for ending in result.out:gmatch "Recorded +%[[^,]+, [%d-]+ ([%d:.]+)%]" do
      ends[#ends + 1] = ending:sub(1, -6)
    end
    assert.equal(2, #ends, result.out)
    assert.equal(ends[1]:sub(1, 11), ends[2]:sub(1, 11))
  end)

  it("says how little packets tell that went there long after they went back", function()
    local sightings = { alpha = {}, beta = {} }
    local a, b = { 10, 0, 0, 97 }, { 10, 0, 0, 98 }
    -- The clock of beta is slow: what all packets allow is not that both go equally fast.
    local function shows(at) return BEGIN + at - at // 20000 + 7 * second end
    for i = 0, 3 do
      local at, later = i * second, (3600 + i) * second
      local back, there = { from = b, to = a, seq = i }, { from = a, to = b, seq = i }
      table.insert(sightings.beta, { shows(at), "sent", back })
      table.insert(sightings.alpha, { BEGIN + at + 100 * us, "received", back })
      table.insert(sightings.alpha, { BEGIN + later, "sent", there })
      table.insert(sightings.beta, { shows(later + 100 * us), "received", there })
    end
    local result = run("--no-intersection", machine("alpha", sightings.alpha),
      machine("beta", sightings.beta))
    local ahead, within, quality = result.err:match(
      "beta is ([%d.]+) s ahead of that of alpha, and is taken to go 49.9%d+ ppm slower "
        .. ".*to within ([%d.]+) s %((%a+)%)")
    assert.equal("APPROXIMATE", quality, result.err)
    -- Times are rounded.
    assert.is_true(result.err:find("aligned: none", 1, true) ~= nil
      or result.err:find("aligned: %d, by up to 0.000000001 s") ~= nil, result.err)
    assert.is_true(math.abs(ahead - 6.90992) < 0.001, ahead)
    assert.is_true(tonumber(within) > 1)
  end)

  it("reads packets of IPv6", function()
    local sightings, n = { {}, {} }, 100
    for i = 1, n do
      for way = 1, 2 do
        local p = { from = { 0xfe80, 0, 0, 0, 0, 0, 0, way }, seq = i * 2 + way,
          to = { 0xfe80, 0, 0, 0, 0, 0, 0, 3 - way } }
        local at = BEGIN + i * 50 * ms + way * ms
        table.insert(sightings[way], { at + (way == 2 and second or 0), "sent", p })
        table.insert(sightings[3 - way], { at + 100 * us + (way == 1 and second or 0), "received",
          p })
      end
    end
    local of = found(run(machine("alpha", sightings[1], true), machine("beta", sightings[2], true)),
      "beta", "alpha")
    assert.same({ n, n, second, "none" }, { of.there, of.back, of.ahead, of.after })
  end)

  --- The reason why machines can't be aligned.
  local function refusal(...)
    local result = run(...)
    assert.equal(1, result.status, result.err)
    assert.equal("", result.out)
    return result.err:match "the clock of %a+ cannot be aligned with that of %a+: ([^\n]-)%. Leave"
  end

  it("says why it can't tell", function()
    local there, back, nothing = { alpha = {}, beta = {} }, { alpha = {}, beta = {} }, {}
    local a, b = { 10, 0, 0, 97 }, { 10, 0, 0, 98 }
    for i = 1, 50 do
      local forth, p = { from = a, to = b, seq = i }, { from = b, to = a, seq = i }
      table.insert(there.alpha, { BEGIN + i * ms, "sent", forth })
      table.insert(there.beta, { BEGIN + i * ms + 50, "received", forth })
      -- The clock of beta is set by a second in between.
      local set = i > 25 and second or 0
      table.insert(back.alpha, { BEGIN + i * ms, "sent", forth })
      table.insert(back.beta, { BEGIN + i * ms + 50 + set, "received", forth })
      table.insert(back.beta, { BEGIN + i * ms + 60 + set, "sent", p })
      table.insert(back.alpha, { BEGIN + i * ms + 70, "received", p })
    end
    assert.matches("^too few TCP packets", refusal(machine("alpha", there.alpha),
      machine("beta", there.beta)))
    assert.matches("^the packets contradict each other", refusal(machine("alpha", back.alpha),
      machine("beta", back.beta)))
    assert.matches("^no TCP packet is in both", refusal(machine("alpha", there.alpha),
      machine("beta", back.alpha)))
    assert.matches("^the traces have no TCP packets", refusal(machine("alpha", nothing),
      machine("beta", nothing)))
    -- Who is not analysed need not be aligned.
    local seen = exchange({ alpha = { 0, 0 }, beta = { ms, 0 } }, { { "alpha", "beta" } }, 50, 1)
    local other = machine("other", { { BEGIN, "sent", { from = a, to = b, seq = 1 } } })
    local folders = traces_of(seen)
    assert.matches("^no TCP packet", refusal(folders[1], folders[2], other))
    local result = host.run("cputop", "--sync", "--host", "!other", folders[1], folders[2], other)
    assert.equal(0, result.status, result.err)
    -- Times are the same then: still those of alpha.
    local alone = host.run("cputop", "--sync", "--host", "beta", folders[1], folders[2])
    assert.truthy(alone.err:find("all times are those of the clock of alpha", 1, true), alone.err)
    for _, words in ipairs { { folders[1] }, { "--follow", folders[1] } } do
      local wrong = host.run("cputop", "--sync", table.unpack(words))
      assert.equal(2, wrong.status)
      assert.matches("%-%-sync needs", wrong.err)
    end
  end)

  it("begins with what is known by hand", function()
    local seen = exchange({ alpha = { 0, 0 }, beta = { 90 * second, 0 } }, { { "alpha", "beta" } },
      100, 9)
    local folders = traces_of(seen)
    local plain = found(run(table.unpack(folders)), "beta", "alpha")
    local helped = run("--clock-offset", "beta=-89s", folders[1], folders[2])
    local of = found(helped, "beta", "alpha")
    assert.equal(plain.ahead - 89 * second, of.ahead)
    assert.equal(run(table.unpack(folders)).out:match "Recorded[^\n]+", helped.out:match
      "Recorded[^\n]+")
    -- Both come to the same.
    local function without(text)
      return (text:gsub("Clock[^\n]+\n", ""))
    end
    assert.equal(without(run(table.unpack(folders)).out), without(helped.out))
  end)

  it("finds the clocks of two real machines, as they compared them", function()
    local a, b = host.real_trace "twohosts-a", host.real_trace "twohosts-b"
    local of = found(run(a, b), "hostb", "hosta")
    assert.equal("ACCURATE", of.quality)
    assert.equal("none", of.after)
    assert.same({ 219, 245 }, { of.there, of.back })
    -- As they found it themselves, by 320 exchanges over UDP: to within 314,575 ns.
    assert.truthy(math.abs(of.ahead - -7412594465) < 314575, of.ahead)
    -- What is saved of one clock is of use to that clock only.
    local cache = host.path "cache"
    local function states(...)
      local result = host.run("schedstates", "--output", "json", "--begin", "11:42:06", ...)
      assert.equal(0, result.status, result.err)
      return result.out
    end
    local whole = states("--no-cache", "--sync", a, b)
    assert.equal(0, host.run("index", "--cache", cache, "--sync", a, b).status)
    assert.equal(0, host.run("index", "--cache", cache, a, b).status)
    assert.equal(whole, states("--cache", cache, "--sync", a, b))
    assert.equal(whole, states("--cache", cache, "--sync", "--jobs", "2", a, b))
    assert.equal(whole, states("--no-cache", "--sync", "--reader", "babeltrace2", a, b))
    assert.equal(states("--no-cache", a, b), states("--cache", cache, a, b))
  end)
end)
