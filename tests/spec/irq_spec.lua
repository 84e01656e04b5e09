--- Interrupts on traces made by hand.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000

local function raise(at, vec)
  return { at * ms, "irq_softirq_raise", { vec = vec } }
end

local function enter(at, vec)
  return { at * ms, "irq_softirq_entry", { vec = vec } }
end

local function leave(at, vec)
  return { at * ms, "irq_softirq_exit", { vec = vec } }
end

--- Softirqs on three CPUs, and a disk's interrupt that raises one.
local function mixed_trace()
  local disk = { leave(1003, 4) } -- its entry was not seen
  for i = 0, 5 do
    local at = 1016 + 5 * i
    table.move({ { at * ms, "irq_handler_entry", { irq = 41, name = "ahci" } }, raise(at + 1, 4),
      { (at + 2) * ms, "irq_handler_exit", { irq = 41, ret = 1 } }, enter(at + 3, 4),
      leave(at + 4, 4) }, 1, 5, #disk + 1, disk)
  end
  local function whole(cpu, events)
    events.from, events.to = 999 * ms, 1050 * ms
    return { cpu = cpu, packets = { events } }
  end
  return host.trace { streams = {
    whole(0, disk),
    whole(1, { raise(1000, 1), raise(1002, 9), enter(1007, 1), leave(1008, 1), enter(1010, 9),
      leave(1012, 9) }),
    whole(3, { raise(1001, 1), raise(1004, 9), raise(1005, 7), enter(1006, 1), leave(1009, 1),
      enter(1011, 7), leave(1013, 7), enter(1014, 9), leave(1015, 9) }),
  } }
end

describe("irqstats", function()
  it("shows durations, and raise latencies of softirqs", function()
    local result = host.run("irqstats", "--gmt", mixed_trace())
    assert.equal("", result.err)
    -- luacheck: push no max line length
    assert.equal([[
Timerange: [1970-01-01 00:00:01.000000000, 1970-01-01 00:00:01.045000000]

Hard IRQ                                             Duration (us)
                       count          min          avg          max        stdev
----------------------------------------------------------------------------------|
41: <ahci>                 6     2000.000     2000.000     2000.000        0.000  |

Soft IRQ                                             Duration (us)                                        Raise latency (us)
                       count          min          avg          max        stdev  |  count          min          avg          max        stdev
----------------------------------------------------------------------------------|------------------------------------------------------------
1:  <TIMER_SOFTIRQ>        2     1000.000     2000.000     3000.000     1414.214  |      2     5000.000     6000.000     7000.000     1414.214
4:  <BLOCK_SOFTIRQ>        6     1000.000     1000.000     1000.000        0.000  |      6     2000.000     2000.000     2000.000        0.000
7:  <SCHED_SOFTIRQ>        1     2000.000     2000.000     2000.000            ?  |      1     6000.000     6000.000     6000.000            ?
9:  <RCU_SOFTIRQ>          2     1000.000     1500.000     2000.000      707.107  |      2     8000.000     9000.000    10000.000     1414.214
]], result.out)
    -- luacheck: pop
  end)

  it("shows those that were asked for", function()
    local trace = mixed_trace()
    local out = host.run("irqstats", "--irq", "41", trace).out
    assert.is_nil(out:find("Soft IRQ", 1, true))
    out = host.run("irqstats", "--softirq", "9,1", trace).out
    assert.is_nil(out:find("Hard IRQ", 1, true))
    assert.matches("\n1: .*\n9: ", out)
    assert.is_nil(out:find("\n4: ", 1, true))
    out = host.run("irqstats", "--softirq", "4", "--irq", "40,41", "--min", "1ms", "--cpu", "0",
      trace).out
    assert.matches("\n41: <ahci> .*\n4: ", out)
    out = host.run("irqstats", "--irq", "7", trace).out
    assert.equal(1, select(2, out:gsub("\n", "")))
    out = host.run("irqstats", "--max", "1500", trace).out
    assert.is_nil(out:find("ahci", 1, true))
    assert.equal(2, host.run("irqstats", "--irq", "x", trace).status)
  end)

  it("stays in line, whatever the numbers are", function()
    local events = { cpu = 0 }
    for i = 0, 1 do
      events[#events + 1] = { i * 90000000 * ms, "irq_handler_entry",
        { irq = 1234567, name = "a-device-with-a-long-name" } }
      events[#events + 1] = { (i * 90000000 + 80000000) * ms, "irq_handler_exit",
        { irq = 1234567, ret = 1 } }
    end
    local out = host.run("irqstats", host.trace { streams = { events } }).out
    local lines = {}
    for line in out:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.equal(lines[3]:find("stdev$") + 5 + 2, lines[4]:find("|", 1, true))
    assert.equal(lines[4]:find("|", 1, true), lines[5]:find("|", 1, true))
  end)

  it("shows vectors of x86, where there are some", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1 * ms, "x86_irq_vectors_local_timer_entry", { vector = 236 } },
      { 2 * ms, "x86_irq_vectors_local_timer_exit", { vector = 236 } },
      { 3 * ms, "irq_handler_entry", { irq = 1, name = "x" } },
      { 4 * ms, "irq_handler_exit", { irq = 1, ret = 1 } } } } }
    local result = host.run("irqstats", trace)
    assert.matches("\nIRQ vector .*\n236: <local_timer> +1 +1000%.000", result.out)
    assert.matches("'Software interrupt statistics' may be empty", result.err)
    assert.is_nil(result.err:find("vector", 1, true))
    assert.matches("irqlog: 'Interrupt log' will be incomplete: ", host.run("irqlog", trace).err)
    local csv = host.run("irqstats", "--output", "csv", trace).out
    assert.matches('"local_timer",236,true,', csv)
    local out = host.run("irqlog", trace).out
    assert.matches("1000%.000    0  Vector     236  local_timer\n", out)
  end)

  it("leaves out what has no number, and takes names of any length", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1, "irq_softirq_raise", { other = 1 } }, { 2, "irq_softirq_entry", { other = 1 } },
      { 3, "irq_softirq_exit", { other = 1 } },
      { 4, "irq_handler_entry", { irq = 7, name = ("x"):rep(20000) } },
      { 5, "irq_handler_exit", { irq = 7, ret = 1 } } } } }
    for _, name in ipairs { "irqstats", "irqfreq", "irqlog" } do
      local result = host.run(name, trace)
      assert.equal(0, result.status, result.err)
    end
    assert.matches("\n7:  <xxx", host.run("irqstats", trace).out)
  end)

  it("leaves out what began before a gap", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      { { 1 * ms, "irq_handler_entry", { irq = 1, name = "x" } }, raise(2, 3) },
      { lost = 5, to = 6 * ms, { 3 * ms, "irq_handler_entry", { irq = 2, name = "y" } } },
      { { 7 * ms, "irq_handler_exit", { irq = 2, ret = 1 } }, enter(8, 3), leave(9, 3),
        { 10 * ms, "irq_handler_exit", { irq = 1, ret = 1 } } },
    } } } }
    local result = host.run("irqstats", trace)
    assert.matches("5 events lost", result.err)
    assert.is_nil(result.out:find("Hard IRQ", 1, true))
    assert.matches("\n3:  <NET_RX_SOFTIRQ> +1 .*|\n$", result.out)
    local csv = host.run("irqstats", "--output", "csv", trace).out
    assert.matches('"NET_RX_SOFTIRQ",3,false,1,', csv)
  end)
end)

describe("irqlog", function()
  it("shows all in the order in which they ended", function()
    local out = host.run("irqlog", "--gmt", mixed_trace()).out
    local lines = {}
    for line in out:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.equal(3 + 17, #lines)
    assert.equal("[00:00:01.007000000, 00:00:01.008000000]        1000.000    1  SoftIRQ      1  "
      .. "TIMER_SOFTIRQ (raised at 00:00:01.000000000)", lines[4])
    assert.equal("[00:00:01.016000000, 00:00:01.018000000]        2000.000    0  IRQ         41  "
      .. "ahci", lines[9])
    local order = {}
    for i = 4, 8 do
      order[#order + 1] = lines[i]:match("(%d) +SoftIRQ +%d+") .. lines[i]:match("SoftIRQ +(%d+)")
    end
    assert.same({ "11", "31", "19", "37", "39" }, order)
  end)

  it("has rows for machines", function()
    local rows = {}
    local out = host.run("irqlog", "--output", "json", "--softirq", "7", mixed_trace()).out
    for line in out:gmatch("[^\n]+") do
      rows[#rows + 1] = json.decode(line)
    end
    assert.equal(1 + 2, #rows)
    assert.equal("trace", rows[2].table)
    assert.equal(2 * ms, rows[1].duration)
    assert.equal(7, rows[1].interrupt.nr)
    assert.equal(1005 * ms, rows[1].raised)
  end)
end)

describe("irqfreq", function()
  it("shows a distribution for each, and the statistics beside", function()
    local events = { cpu = 0 }
    for i, took in ipairs { 100, 200, 900, 1100 } do
      events[#events + 1] = { i * 10 * ms, "irq_handler_entry", { irq = 44, name = "eth0" } }
      events[#events + 1] = { i * 10 * ms + took * 1000, "irq_handler_exit",
        { irq = 44, ret = 1 } }
    end
    local trace = host.trace { streams = { events } }
    local out = host.run("irqfreq", "--irq", "44", "--stats", "--freq-resolution", "2", trace).out
    assert.matches("\n44: <eth0> +4 +100%.000 +575%.000 +1100%.000 ", out)
    assert.matches("\nHandler duration frequency distribution eth0 %(44%) %(µs%)\n#+\n"
      .. "100%.000  2\n600%.000  2\n$", (out:gsub("█", "")))
    -- Of 31.1 ms.
    assert.matches("\n44 %(eth0%) +4 +2%.300 ms +7%.40 %% +100%.000 us ",
      host.run_as_is("irqstats", trace).out)
    -- The bounds are those that were asked for.
    out = host.run("irqfreq", "--min", "50", "--max", "1050", "--freq-resolution", "2", trace).out
    assert.matches("\n 50%.000  2\n550%.000 +1\n$", (out:gsub("█", "")))
  end)
end)

describe("streams that have no time in common", function()
  it("are read only if that is asked for", function()
    local trace = host.trace { streams = {
      { cpu = 3, raise(1005, 1), enter(1006, 1), leave(1009, 1) }, { cpu = 2, leave(1010, 7) } } }
    local result = host.run("irqstats", trace)
    assert.equal(1, result.status)
    assert.matches("no time in common", result.err)
    result = host.run("irqstats", "--no-intersection", trace)
    assert.matches("\n1:  <TIMER_SOFTIRQ>        1     3000%.000     3000%.000     3000%.000"
      .. "            %?  |      1     1000%.000 ", result.out)
  end)
end)
