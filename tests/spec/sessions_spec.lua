--- Several traces in one run: which of them tell of the same kernel at the same time; and what a
-- trace knows from before the time that counts.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"

local ms = 1000000

--- TID 10 enters a read at `at` (ms), and returns from one at `back` if that is given.
local function reader(at, back)
  local events = { cpu = 0,
    { (at - 1) * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
    { at * ms, "syscall_entry_read", { fd = 0, count = 1 } } }
  if back then
    events[#events + 1] = { back * ms, "syscall_exit_read", { ret = 1 } }
  end
  return events
end

local function reads(...)
  local result = host.run("iolatencystats", "--no-intersection", ...)
  assert.equal(0, result.status, result.err)
  return result.out:match("Read +(%d+)"), result.out
end

describe("two traces of a machine", function()
  it("one after the other: no call goes from the first to the second", function()
    local first = host.trace { streams = { reader(10) } }
    local second = host.trace { streams = { { cpu = 0,
      { 5000 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
      { 5001 * ms, "syscall_exit_read", { ret = 1 } } } } }
    assert.equal("0", reads(first, second))
  end)

  it("at the same time, of the same events, without a boot ID: each is for itself", function()
    local _, out = reads(host.trace { streams = { reader(10, 20) } },
      host.trace { streams = { reader(10, 20) } })
    local _, n = out:gsub("\nRead +1 ", "")
    assert.equal(2, n)
    assert.matches("\nHost: box\n.*\nHost: box %(2%)\n", out)
  end)

  it("at the same time, each with events of its own: they make one picture", function()
    local switches = host.trace { streams = { { cpu = 0,
      { 10 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
      { 50 * ms, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper" } } } } }
    local calls = host.trace { streams = { { cpu = 0,
      { 11 * ms, "syscall_entry_read", { fd = 0, count = 1 } },
      { 12 * ms, "syscall_exit_read", { ret = 1 } } } } }
    local count, out = reads("--procname", "app", switches, calls)
    assert.equal("1", count, out)
  end)

  it("of different machines do not meet", function()
    local other = host.trace { env = { domain = "kernel", hostname = "other" },
      streams = { { cpu = 0, { 11 * ms, "syscall_exit_read", { ret = 1 } } } } }
    assert.equal("0", reads(host.trace { streams = { reader(10) } }, other))
  end)
end)

describe("disks of two machines", function()
  local function machine(name, disk, took)
    return host.trace { env = { domain = "kernel", hostname = name }, streams = { { cpu = 0,
      { 1 * ms, "lttng_statedump_block_device", { dev = 5, diskname = disk } },
      { 2 * ms, "block_rq_issue",
        { dev = 5, sector = 8, nr_sector = 8, rwbs = 1, tid = 7, comm = "app" } },
      { 2 * ms + took, "block_rq_complete", { dev = 5, sector = 8, nr_sector = 8, error = 0 } },
    } } }
  end

  it("are told apart, though they have the same number", function()
    local one, other = machine("a", "sda", 1000), machine("b", "vda", 5000)
    local result = host.run("iolatencystats", "--no-intersection", one, other)
    assert.matches("\nHost: a\n.*\nsda +1 +1%.000 .*\nHost: b\n.*\nvda +1 +5%.000 ", result.out)
    assert.matches("\nsda +1 ", host.run("iolatencystats", one).out)
  end)
end)

describe("before the time that all streams have in common", function()
  -- CPU 1 begins 5 ms after CPU 0.
  local trace = host.trace { streams = {
    { cpu = 0,
      { 1 * ms, "lttng_statedump_block_device", { dev = 5, diskname = "sda" } },
      { 2 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
      { 3 * ms, "syscall_entry_read", { fd = 0, count = 1 } },
      { 4 * ms, "syscall_exit_read", { ret = 1 } },
      { 10 * ms, "syscall_entry_read", { fd = 0, count = 1 } },
      { 11 * ms, "syscall_exit_read", { ret = 1 } },
      { 12 * ms, "block_rq_issue",
        { dev = 5, sector = 8, nr_sector = 8, rwbs = 1, tid = 10, comm = "app" } },
      { 13 * ms, "block_rq_complete", { dev = 5, sector = 8, nr_sector = 8, error = 0 } },
      { 20 * ms, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper" } } },
    { cpu = 1,
      { 5 * ms, "sched_switch", { prev_tid = 0, next_tid = 20, next_comm = "x" } },
      { 20 * ms, "sched_switch", { prev_tid = 20, next_tid = 0, next_comm = "swapper" } } },
  } }

  it("nothing counts, but what is known of it stays known", function()
    local result = host.run("iolatencystats", trace)
    assert.matches("^Timerange: %[1970%-01%-01 00:00:00%.005000000, ", result.out)
    assert.matches("Read +1 +1000%.000 ", result.out)
    assert.matches("\nsda +1 ", result.out)
  end)

  it("lost events are no loss", function()
    local lossy = host.trace { streams = {
      { cpu = 0, packets = {
        { { 100, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper" } } },
        { lost = 7, from = 1 * ms, to = 3 * ms,
          { 2 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } },
        { from = 4 * ms, to = 20 * ms,
          { 10 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } } } },
      { cpu = 1, packets = { { from = 5 * ms, to = 20 * ms,
        { 6 * ms, "sched_switch", { prev_tid = 0, next_tid = 20, next_comm = "x" } } } } } } }
    assert.is_nil(host.run("iolatencystats", lossy).err:find("lost"))
    assert.matches("7 events lost", host.run("iolatencystats", "--no-intersection", lossy).err)
  end)
end)

describe("why a thread does not go on", function()
  local us = 1000
  local switch, waking = sched.switch, sched.waking

  --- 20 waits for a futex; 10, which wakes it, sleeps until a timer goes off.
  local function convoy()
    return host.trace { streams = { { cpu = 0,
      { 1 * us, "irq_handler_entry", { irq = 1, name = "i8042" } },
      { 2 * us, "irq_handler_exit", { irq = 1, ret = 1 } },
      { 3 * us, "irq_softirq_entry", { vec = 1 } }, { 4 * us, "irq_softirq_exit", { vec = 1 } },
      switch(10, 0, 0, 10), { 12 * us, "syscall_entry_clock_nanosleep", { which_clock = 1 } },
      switch(15, 10, 1, 20),
      { 20 * us, "syscall_entry_futex", { uaddr = 4096, op = 0, val = 0, utime = 0 } },
      switch(25, 20, 1, 0),
      { 100 * us, "timer_hrtimer_expire_entry", { hrtimer = 1 } },
      waking(101, 10), { 102 * us, "timer_hrtimer_expire_exit", { hrtimer = 1 } },
      switch(110, 0, 0, 10),
      { 120 * us, "syscall_exit_clock_nanosleep", { ret = 0 } },
      { 130 * us, "syscall_entry_futex", { uaddr = 4096, op = 1, val = 1, utime = 0 } },
      waking(131, 20), { 132 * us, "syscall_exit_futex", { ret = 1 } },
      switch(150, 10, 1, 20), switch(160, 20, 1, 0) } } }
  end

  --- What a session prints.
  local function session(trace, ...)
    local lines = host.write(table.concat({ ... }, "\n") .. "\n", "commands")
    return host.shell(("%s/lttnga-run -i --gmt --no-cache %s <%s"):format(
      os.getenv "BUILD" or "build", trace, lines)).out
  end

  it("is told along the chain, and the session stays where it is", function()
    local out = session(convoy(), 'go "00:00:00.000050"', "now()", "t = why(20)",
      'print(#t, t[1].cause, t[1].futex or t[1].object, t[1].source_tid, t[2].cause, t[2].tid)',
      "now()", 'go "00:00:00.000140"', "t = why(20)", "print(#t, t[1].state, t[2].tid, t[2].state)")
    assert.matches("2\tlock\tfutex 0x1000\t10\ttimer\t10", out, 1, true)
    local _, places = out:gsub("00:00:00.000050000, event 9", "")
    assert.equal(3, places)
    assert.matches("2\trunnable\t10\trunning", out, 1, true)
  end)

  it("is a path, of a call", function()
    local out = session(convoy(), 'until_("syscall_exit", \'name == "clock_nanosleep"\')',
      "print(path(_.event)[1].title)")
    assert.matches("Critical path of p10 (10)", out, 1, true)
  end)

  it("is an error for who is not there", function()
    local result = host.shell(('echo "why(77)" | %s/lttnga-run -i --no-cache %s'):format(
      os.getenv "BUILD" or "build", convoy()))
    assert.matches("thread 77 does not exist at this time", result.err .. result.out, 1, true)
  end)
end)
