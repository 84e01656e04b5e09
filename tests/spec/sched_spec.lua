--- Scheduling latencies on traces made by hand.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local us = 1000

local function switch(at, prev, state, next_tid, next_comm, prio)
  local prev_prio = prev == 30 and -51 or 20
  return { at * us, "sched_switch", { prev_tid = prev, prev_comm = "p" .. prev,
    prev_prio = prev_prio, prev_state = state,
    next_tid = next_tid, next_comm = next_comm, next_prio = prio or 20 } }
end

local function wake(at, tid, comm, prio, event)
  return { at * us, event or "sched_waking",
    { comm = comm, tid = tid, prio = prio or 20, target_cpu = 0 } }
end

--- TID 10 ("shell") wakes 20 ("job") and 30 ("rt", prio -51); an idle CPU wakes 20 once more.
local function small()
  return host.trace { env = { domain = "kernel", hostname = "box", tracer_name = "lttng-modules",
      tracer_major = 2, tracer_minor = 13, tracer_patchlevel = 9, kernel_release = "6.1.0" },
    streams = { { cpu = 0,
      switch(100, 0, 0, 10, "shell"),
      wake(110, 20, "job"), wake(112, 20, "job", 20, "sched_wakeup"),
      switch(130, 10, 1, 20, "job"), -- 20 us
      wake(140, 30, "rt", -51),
      switch(145, 20, 256, 30, "rt", -51), -- 5 us; 20 is preempted
      switch(155, 30, 2, 20, "job"), -- after 10 us
      switch(160, 20, 2, 0, "swapper/0"),
      wake(300, 20, "job"), -- has slept 140 us
      switch(340, 0, 0, 20, "job"), -- 40 us
      switch(350, 20, 1, 0, "swapper/0"),
    } } }
end

describe("schedlog", function()
  it("shows all in the order in which threads got their CPU", function()
    -- luacheck: push no max line length
    assert.equal([[
Timerange: [1970-01-01 00:00:00.000100000, 1970-01-01 00:00:00.000350000]

Scheduling log:
Wakeup               Switch                 Latency (us)   Priority  CPU   Wakee                       Cause     Waker
[00:00:00.000110000, 00:00:00.000130000]          20.000         20    0   job (20)                    thread    shell (10)
[00:00:00.000140000, 00:00:00.000145000]           5.000        -51    0   rt (30)                     thread    job (20)
[00:00:00.000300000, 00:00:00.000340000]          40.000         20    0   job (20)                    unknown   Unknown (N/A)
]], host.run("schedlog", "--gmt", small()).out)
    -- luacheck: pop
  end)

  it("takes the filters", function()
    local trace = small()
    local function latencies(...)
      local list = {}
      for i, row in ipairs(host.rows("schedlog", "--output", "json", trace, ...)) do
        list[i] = row.latency // us
      end
      return list
    end
    assert.same({ 20, 5, 40 }, latencies())
    assert.same({ 20, 40 }, latencies("--tid", "20"))
    assert.same({ 5 }, latencies("--procname", "rt"))
    assert.same({ 20 }, latencies("--min", "20", "--max", "30"))
    assert.same({}, latencies("--cpu", "1"))
    -- The wakeup was before the begin: it counts where it ends.
    assert.same({ 5, 40 }, latencies("--gmt", "--begin", "00:00:00.000135"))
  end)
end)

describe("wakers", function()
  local function event(at, name, fields)
    return { at * us, name, fields }
  end

  --- Threads 21 to 25 are woken while 10 runs: by an interrupt, a timer, a softirq, an interrupt of
  -- the CPU's own, and by 10; 26 while the CPU is idle. `without`: a pattern of events that the
  -- trace does not have.
  local function interrupted(without)
    local all, some = {
      switch(100, 0, 0, 10, "shell"),
      event(110, "irq_handler_entry", { irq = 28, name = "virtio4-req.0" }),
      wake(111, 21, "a"),
      event(112, "irq_handler_exit", { irq = 28, ret = 1 }),
      event(120, "timer_hrtimer_expire_entry", { hrtimer = 4096, now = 1, ["function"] = 1 }),
      wake(121, 22, "b"),
      event(122, "timer_hrtimer_expire_exit", { hrtimer = 4096 }),
      event(130, "irq_softirq_entry", { vec = 3 }),
      wake(131, 23, "c"),
      event(132, "irq_softirq_exit", { vec = 3 }),
      event(140, "x86_irq_vectors_irq_work_entry", { vector = 246 }),
      wake(141, 24, "d"),
      event(142, "x86_irq_vectors_irq_work_exit", { vector = 246 }),
      wake(150, 25, "e"),
      switch(160, 10, 1, 0, "swapper/0"),
      wake(165, 26, "f"),
      switch(170, 0, 0, 21, "a"), switch(171, 21, 1, 22, "b"), switch(172, 22, 1, 23, "c"),
      switch(173, 23, 1, 24, "d"), switch(174, 24, 1, 25, "e"), switch(175, 25, 1, 26, "f"),
    }, { cpu = 0 }
    for _, one in ipairs(all) do
      some[#some + 1] = not (without and one[2]:find(without)) and one or nil
    end
    return host.trace { streams = { some } }
  end

  local function wakers_in(result)
    local wakers = {}
    for wakee, waker in result.out:gmatch(" ([a-f]) %(2%d%) +%w+ +(.-)\n") do
      wakers[#wakers + 1] = wakee .. " " .. waker
    end
    return table.concat(wakers, "; ")
  end

  it("are threads only if a thread did it", function()
    local trace = interrupted()
    for _, name in ipairs { "schedlog", "schedtop" } do
      local result = host.run(name, trace)
      assert.equal("", result.err)
      local expected = "a irq 28 (virtio4-req.0); b timer; c softirq NET_RX; d irq_work; "
        .. "e shell (10); f irq"
      assert.equal(expected, wakers_in(result))
    end
  end)

  it("have columns for machines", function()
    local trace, seen = interrupted(), {}
    for i, row in ipairs(host.rows("schedlog", "--output", "json", trace)) do
      seen[i] = ("%s %s %s %s %s"):format(row.waker and row.waker.tid, row.waker_context, row.irq,
        row.irq_name, row.softirq)
    end
    assert.same({ "nil irq 28 virtio4-req.0 nil", "nil hrtimer nil timer nil",
      "nil softirq nil nil NET_RX", "nil irq nil irq_work nil", "10 thread nil nil nil",
      "nil irq nil nil nil" }, seen)
    local csv = host.run("schedlog", "--output", "csv", "--table", "log", trace).out
    assert.matches(',"Waker context","IRQ","IRQ name","Softirq","Cause","Open"\r\n', csv, 1, true)
    assert.matches(',,,"irq",28,"virtio4-req.0",,"irq",false\r\n', csv, 1, true)
  end)

  it("may only have been interrupted, where that is not recorded: a warning says so", function()
    for _, name in ipairs { "schedlog", "schedtop" } do
      local result = host.run(name, interrupted "irq")
      assert.equal("a shell (10); b timer; c shell (10); d shell (10); e shell (10); "
        .. "f Unknown (N/A)", wakers_in(result))
      assert.matches("warning: " .. name .. ": '[^']*' may name a waker that was only interrupted: "
        .. "the trace has no irq_handler_entry, no irq_handler_exit, no softirq_entry, "
        .. "no softirq_exit events %(lttnga%-record records them%)\n$", result.err)
    end
    -- Where the waker is not shown, it does not matter.
    assert.equal("", host.run("schedstats", interrupted "irq").err)
    local info = host.run("info", interrupted "irq").out
    assert.matches("\nschedtop +partly +irq_handler_entry, irq_handler_exit, softirq_entry", info)
    assert.matches("\nschedstats +fully\n", info)
    assert.matches("\nschedtop +fully\n", host.run("info", interrupted()).out)
  end)

  it("have causes that may be unknown, where calls and disks are not recorded", function()
    local trace = interrupted()
    local info = host.run("info", trace).out
    for name in ("waits waitstop waitslog waitsfreq locks why criticalpath offcputime")
        :gmatch "%S+" do
      assert.matches("\n" .. name .. " +partly +block_rq_complete, block_rq_issue,[^\n]* "
        .. "syscall_entry, syscall_exit *\n", info)
    end
    assert.equal("lttnga-run: warning: offcputime: 'Off-CPU time' may not "
      .. "know the causes of waits: the trace has no syscall_entry, no syscall_exit, "
      .. "no block_rq_issue, no block_rq_complete events (lttnga-record records them)\n",
      host.run("offcputime", trace).err)
  end)
end)

describe("schedtop", function()
  it("shows the longest", function()
    local rows = host.rows("schedtop", "--output", "json", "--limit", "2", small())
    assert.equal(2, #rows)
    assert.equal(40 * us, rows[1].latency)
    assert.equal(20 * us, rows[2].latency)
    assert.equal(10, rows[2].waker.tid)
    assert.is_nil(rows[1].waker)
  end)
end)

describe("schedstats", function()
  it("has all threads, or priorities, or everything", function()
    local trace = small()
    local out = host.run("schedstats", trace).out
    assert.matches("\nScheduling latency stats %(per%-TID%) %(us%)\nProcess +Count +Min +Average "
      .. "+Max +Stdev +Priorities\njob %(20%) +2 +20%.000 +30%.000 +40%.000 +14%.142   %[20%]\n"
      .. "rt %(30%) +1 +5%.000 +5%.000 +5%.000 +%?   %[%-51%]\n$", out)
    out = host.run("schedstats", "--total", "--per-prio", trace).out
    assert.matches("\nScheduling latency stats %(total%) %(us%)\n +Count .*\n +3 +5%.000 ", out)
    assert.matches("%(per%-prio%) %(us%)\nPrio .*\n %-51 +1 .*\n  20 +2 ", out)
    assert.is_nil(out:find("per-TID", 1, true))
    out = host.run("schedstats", "--percentiles", "--total", trace).out
    assert.matches("P50 +P90 +P99 +P99%.9\n.* 20%.000 +40%.000 +40%.000 +40%.000\n", out)
  end)
end)

describe("schedfreq", function()
  it("has a distribution for each", function()
    local trace = small()
    local out = host.run("schedfreq", "--freq-resolution", "2", trace).out:gsub("█", "")
    assert.matches("distribution %- TID: 20 %(job%) %(µs%)\n#+\n 20%.000  1\n 30%.000  1\n$", out)
    out = host.run("schedfreq", "--total", "--freq-resolution", "2", "--max", "25", trace).out
    assert.matches("distribution %- total %(µs%)\n#+\n  5%.000  1\n 15%.000  1\n",
      (out:gsub("█", "")))
    local rows = host.rows("schedfreq", "--output", "json", "--per-prio", "--freq-series", trace)
    assert.equal(20, #rows)
    local counts = { 0, 0 }
    for _, row in ipairs(rows) do
      counts[1] = counts[1] + row["priority_minus_51"]
      counts[2] = counts[2] + row["priority_20"]
    end
    assert.same({ 1, 2 }, counts)
  end)
end)

describe("schedstates", function()
  it("says where the time of threads went", function()
    local rows = host.rows("schedstates", "--output", "json", small())
    assert.equal(20, rows[1].process.tid)
    assert.equal(30 * us, rows[1].running)
    assert.equal(60 * us, rows[1].woken)
    assert.equal(10 * us, rows[1].preempted)
    assert.equal(140 * us, rows[1].blocked)
    assert.equal(0, rows[1].asleep)
  end)
end)

describe("a trace without wakeups", function()
  it("gives a warning, not nothing", function()
    local trace = host.trace { streams = { { cpu = 0, switch(1, 0, 0, 10, "shell"),
      switch(2, 10, 1, 0, "swapper/0") } } }
    for _, name in ipairs { "schedlog", "schedtop", "schedstats", "schedfreq" } do
      local result = host.run(name, trace)
      assert.equal(0, result.status)
      assert.matches("the trace has no sched_waking events", result.err)
    end
  end)
end)

describe("LTTng before 2.7.1", function()
  it("tells priorities of wakeups that are 100 too high", function()
    local trace = host.trace { env = { domain = "kernel", hostname = "box",
        tracer_name = "lttng-modules", tracer_major = 2, tracer_minor = 7, tracer_patchlevel = 0 },
      streams = { { cpu = 0, switch(1, 0, 0, 10, "shell"), wake(2, 20, "job", 120, "sched_wakeup"),
        switch(3, 10, 1, 20, "job"), switch(4, 20, 1, 0, "swapper/0") } } }
    assert.matches("%[20%]\n$", host.run("schedstats", trace).out)
    local rows = host.rows("schedlog", "--output", "json", trace)
    assert.equal(20, rows[1].priority)
  end)
end)
