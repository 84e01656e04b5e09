--- CPU usage, memory and system calls on traces made by hand.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local ms = 1000000

--- A packet that lasts from one time to another, in ms.
local function packet(from, to, events)
  events.from, events.to = from * ms, to * ms
  return events
end

local function switch(at, prev, prev_comm, next_tid, next_comm, state)
  return { at * ms, "sched_switch", { prev_tid = prev, prev_comm = prev_comm, prev_prio = 20,
    prev_state = state or 1, next_tid = next_tid, next_comm = next_comm, next_prio = 20 } }
end

local function bars(text)
  return (text:gsub("█", ""):gsub("\n +", "\n"))
end

--- A program that uses a CPU every other 100 ms.
local function every_other(cpu, from, to, tid, comm)
  local events = {}
  local swapper = "swapper/" .. cpu
  for at = from, to, 200 do
    events[#events + 1] = switch(at, 0, swapper, tid, comm)
    events[#events + 1] = switch(at + 100, tid, comm, 0, swapper)
  end
  return { cpu = cpu, packets = { packet(1000, 11000, events) } }
end

--- CPU 5 is busy all the time, CPU 0 for 2 of 10 s, CPU 1 for 2.5 s: both were idle before.
local function cputop_trace()
  return host.trace { streams = {
    every_other(0, 1100, 4900, 30664, "prog20pc-cpu0"),
    every_other(1, 5100, 9900, 30665, "prog25pc-cpu1"),
    { cpu = 5, packets = { packet(1000, 11000, {
      switch(1000, 0, "swapper/5", 42, "prog100pc-cpu5"),
      switch(11000, 42, "prog100pc-cpu5", 0, "swapper/5") }) } } } }
end

describe("cputop", function()
  it("counts a CPU as idle until its first switch, if it was", function()
    local result = host.run("cputop", "--gmt", cputop_trace())
    assert.equal("", result.err)
    assert.equal([[
Timerange: [1970-01-01 00:00:01.000000000, 1970-01-01 00:00:11.000000000]

Per-TID UsageProcess                   Migrations   Priorities
#
100.00 % prog100pc-cpu5 (42)                0   [20]
25.00 % prog25pc-cpu1 (30665)              0   [20]
20.00 % prog20pc-cpu0 (30664)              0   [20]

Per-CPU Usage
#
20.00 % CPU 0
25.00 % CPU 1
100.00 % CPU 5

Total CPU Usage: 48.33%
]], (bars(result.out):gsub("#+", "#"):gsub("Usage +Proc", "UsageProc")))
  end)

  it("counts only what was asked for", function()
    local trace = cputop_trace()
    local rows = host.rows("cputop", "--output", "json", "--tid", "30664", trace)
    assert.equal(1 + 3 + 1, #rows)
    assert.equal(30664, rows[1].process.tid)
    assert.near(0.2, rows[1].cpu_usage, 1e-12)
    assert.near(0.2 / 3, rows[5].cpu_usage, 1e-12)
    rows = host.rows("cputop", "--output", "json", "--procname", "prog25pc-cpu1", trace)
    assert.equal(30665, rows[1].process.tid)
    assert.is_nil(rows[6])
    rows = host.rows("cputop", "--output", "json", "--cpu", "1,5", trace)
    assert.equal(2 + 2 + 1, #rows)
    assert.near(0.625, rows[5].cpu_usage, 1e-12)
    rows = host.rows("cputop", "--output", "json", "--limit", "1", trace)
    assert.equal(1 + 3 + 1, #rows)
  end)

  it("cuts what runs at the borders of windows", function()
    local trace = cputop_trace()
    local rows = host.rows("cputop", "--output", "json", "--refresh", "2.5", trace)
    -- Four windows of 2.5 s; the last one has the last event, too.
    local usage = {}
    for _, row in ipairs(rows) do
      if row.cpu == 5 then
        usage[#usage + 1] = row.cpu_usage
      end
    end
    assert.same({ 1, 1, 1, 1 }, table.move(usage, 1, 4, 1, {}))
    rows = host.rows("cputop", "--output", "json", "--gmt", "--begin", "00:00:01.15",
      "--end", "00:00:01.65", "--cpu", "0", trace)
    -- Events from 1.2 to 1.6 s: it runs from 1.3 to 1.4, and from 1.5 to 1.6.
    assert.near(0.5, rows[#rows].cpu_usage, 1e-12)
  end)

  it("has no window after the last event", function()
    -- The stream goes on for 9 s without one.
    local trace = host.trace { streams = { { cpu = 0, packets = {
      packet(1000, 11000, { switch(1000, 0, "swapper/0", 7, "job"),
        switch(2000, 7, "job", 8, "other") }) } } } }
    local out = host.run("cputop", "--gmt", "--refresh", "0.6", trace).out
    local windows = {}
    for range in out:gmatch("Timerange: ([^\n]+)") do
      windows[#windows + 1] = range:gsub("1970%-01%-01 00:00:", "")
    end
    assert.same({ "[01.000000000, 01.600000000]", "[01.600000000, 02.000000000]" }, windows)
  end)

  it("says for how long it is not known who ran", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      packet(1000, 1100, { switch(1000, 0, "swapper/0", 7, "job") }),
      { lost = 4, from = 1100 * ms, to = 1500 * ms, switch(1250, 7, "job", 8, "other") },
      packet(1500, 3000, { switch(2500, 9, "third", 0, "swapper/0"),
        switch(3000, 0, "swapper/0", 7, "job") }),
    } } } }
    local result = host.run("cputop", trace)
    assert.matches("4 events lost", result.err)
    -- Lost between the last event of the second packet and its end: 0.25 of 2 s.
    assert.matches(" 50.00 %% third %(9%)", result.out)
    assert.matches(" 12.50 %% job %(7%)", result.out)
    assert.is_nil(result.out:find("other", 1, true))
    assert.matches(" 62.50 %% CPU 0 %(not known for 12.50 %%%)", result.out)
    assert.matches("Total CPU Usage: 62.50%% %(not known for 12.50 %%%)\n", result.out)
  end)

  it("says so, too, where the gap goes on beyond the time that counts", function()
    local trace = host.trace { streams = {
      { cpu = 0, packets = {
        packet(1000, 1100, { switch(1000, 0, "swapper/0", 7, "job") }),
        { lost = 4, from = 1100 * ms, to = 5000 * ms, switch(1250, 7, "job", 8, "other") } } },
      { cpu = 1, packets = { packet(1000, 3000, { switch(1000, 0, "swapper/1", 9, "busy"),
        switch(1500, 9, "busy", 0, "swapper/1"), switch(3000, 0, "swapper/1", 9, "busy") }) } } } }
    -- Of 0.6 s, and of the 2 s that both streams have.
    local out = host.run("cputop", "--gmt", "--end", "00:00:01.6", trace).out
    assert.matches(" 41.67 %% CPU 0 %(not known for 58.33 %%%)\n", out)
    assert.matches(" 83.33 %% CPU 1\n", out)
    out = host.run("cputop", trace).out
    assert.matches(" 12.50 %% CPU 0 %(not known for 87.50 %%%)\n", out)
  end)

  it("does not call what is not known nothing, however little it is", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      packet(1000, 1100, { switch(1000, 0, "swapper/0", 7, "job") }),
      { lost = 4, from = 1100 * ms, to = 1500 * ms, switch(1499.99, 7, "job", 8, "other") },
      packet(1500, 3000, { switch(2500, 9, "third", 0, "swapper/0"),
        switch(3000, 0, "swapper/0", 7, "job") }),
    } } } }
    local out = host.run("cputop", trace).out
    assert.matches(" CPU 0 %(not known for less than 0.01 %%%)\n", out)
  end)

  it("says so, too, of threads that were asked for: they may have run then", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      packet(1000, 1100, { switch(1000, 0, "swapper/0", 7, "job") }),
      { lost = 4, from = 1100 * ms, to = 1500 * ms, switch(1250, 7, "job", 8, "other") },
      packet(1500, 3000, { switch(2500, 9, "third", 0, "swapper/0"),
        switch(3000, 0, "swapper/0", 7, "job") }),
    } } } }
    local out = host.run("cputop", "--procname", "job", trace).out
    assert.matches(" 12.50 %% CPU 0 %(not known for 12.50 %%%)\n", out)
    assert.is_nil(out:find("third", 1, true))
    assert.matches(" 50.00 %% third %(9%)", host.run("cputop", "--tid", "9", trace).out)
  end)

  it("knows all priorities that a thread has run with", function()
    local function run(at, prev, prev_prio, next_tid, next_prio)
      return { at * ms, "sched_switch", { prev_tid = prev, prev_comm = "t" .. prev,
        prev_prio = prev_prio, prev_state = 1, next_tid = next_tid, next_comm = "t" .. next_tid,
        next_prio = next_prio } }
    end
    local trace = host.trace { streams = { { cpu = 0,
      run(1, 0, 20, 7, 20),
      { 2 * ms, "sched_pi_setprio", { comm = "t7", tid = 7, oldprio = 20, newprio = -51 } },
      run(3, 7, -51, 8, 30), run(4, 8, 30, 0, 20),
      -- It is somebody else that has this TID now.
      { 5 * ms, "sched_process_fork", { parent_comm = "t1", parent_tid = 1, parent_pid = 1,
        child_comm = "new", child_tid = 8, child_pid = 8 } },
      run(6, 0, 20, 8, 25), run(7, 8, 25, 0, 20) } } }
    local out = host.run("cputop", trace).out
    assert.matches("t7 %(7%) +0   %[%-51, 20%]\n", out)
    assert.matches("t8 %(8%) +0   %[25, 30%]\n", out)
  end)

  it("tells machines apart, and warns of numbers that mean none", function()
    local traces = {}
    for i, name in ipairs { "web1", "db1" } do
      local stream = { cpu = 0, switch(1000, 0, "x", 7, name), switch(2000, 7, name, 0, "x") }
      traces[i] = host.trace { env = { domain = "kernel", hostname = name },
        streams = { stream } }
    end
    local result = host.run("cputop", "--cpu", "0,3,9", traces[1], traces[2])
    assert.equal("lttnga-run: warning: --cpu: the trace has no CPU 3, 9\n", result.err)
    assert.matches("Host: web1\n.* 100.00 %% web1 %(7%).*Host: db1\n.* 100.00 %% db1 %(7%)",
      result.out)
    for _, name in ipairs { "db1", "d*", "!web1", "*,!w*" } do
      local one = host.run("cputop", "--host", name, traces[1], traces[2])
      assert.matches(" 100.00 %% db1 %(7%)", one.out)
      assert.is_nil(one.out:find("web1", 1, true))
    end
    assert.equal(2, host.run("cputop", "--host", "nobody", traces[1], traces[2]).status)
    assert.equal("", host.run("info", traces[1], traces[2]).err)
    -- What is told of all machines is no single one's.
    for line in host.run("info", "--output", "json", traces[1], traces[2]).out:gmatch("[^\n]+") do
      assert.is_true(line:find('"table":"trace"', 1, true) ~= nil
        or line:find('"host":null', 1, true) ~= nil, line)
    end
    assert.is_nil(host.run("info", traces[1], traces[2]).out:find("Host: ", 1, true))
    assert.matches("Host: web1\n.*Host: all\n\nTrace:.*Host: db1\n",
      host.run("cputop,info", traces[1], traces[2]).out)
  end)

  it("has columns in line whatever is in a name", function()
    local trace = host.trace { streams = { { cpu = 0,
      switch(1, 0, "swapper/0", 7, "日本語"), switch(2, 7, "日本語", 8, "ev\27[31mil"),
      switch(3, 8, "ev\27[31mil", 9, "plain"), switch(4, 9, "plain", 0, "swapper/0") } } }
    local places = {}
    for line in host.run("cputop", trace).out:gmatch("[^\n]+") do
      local before = line:match("^(.* %(%d%).*)%[20%]$")
      if before then
        -- Three letters of two columns each.
        places[#places + 1] = utf8.len(before) + (before:find("日本語", 1, true) and 3 or 0)
      end
    end
    assert.same({ places[1], places[1], places[1] }, places)
  end)

  it("finds migrations without their event", function()
    local trace = host.trace { streams = {
      { cpu = 0, packets = { packet(1, 10, { switch(1, 0, "swapper/0", 7, "job"),
        switch(3, 7, "job", 0, "swapper/0") }) } },
      { cpu = 1, packets = { packet(1, 10, { switch(5, 0, "swapper/1", 7, "job"),
        switch(6, 7, "job", 0, "swapper/1") }) } } } }
    local rows = host.rows("cputop", "--output", "json", trace)
    assert.equal(1, rows[1].migrations)
  end)

  it("says what is missing in a trace without switches", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1, "sched_process_exit", { comm = "app", tid = 7 } } } } }
    local result = host.run("cputop", trace)
    assert.equal(0, result.status)
    assert.matches("cputop: 'Per%-TID Usage', .* may be empty: the trace has no sched_switch",
      result.err)
    -- Also where not the script hooks them, but what it counts with.
    result = host.run("criticalpath", trace)
    assert.matches("criticalpath: .* may be empty: the trace has no .*sched_switch", result.err)
  end)
end)

describe("memtop", function()
  it("counts pages, and times", function()
    local trace = host.trace { streams = { { cpu = 0,
      switch(1, 0, "swapper/0", 7, "job"),
      { 2 * ms, "kmem_mm_page_alloc", { page = 4096, order = 0 } },
      { 3 * ms, "kmem_mm_page_alloc", { page = 4096, order = 4 } },
      { 4 * ms, "kmem_mm_page_alloc", { page = 0, order = 9 } },
      switch(5, 7, "job", 0, "swapper/0"),
      { 6 * ms, "kmem_mm_page_free", { page = 4096, order = 4 } },
    } } }
    local result = host.run("memtop", trace)
    assert.matches("17 pages job %(7%) +2\n", result.out)
    assert.matches("16 pages swapper %(0%) +1\n", result.out)
    assert.matches("\n%- 17 pages allocated %(2 times%)\n", result.out)
    assert.matches("\n%- 16 pages freed %(1 times%)\n", result.out)
  end)
end)

describe("syscallstats", function()
  local function call(at, took, name, ret, id)
    return { at * ms, "syscall_entry_" .. name, id and { id = id } or { arg = 0 } },
      { at * ms + took, "syscall_exit_" .. name, { ret = ret, id = id } }
  end

  local function trace(extra)
    local events = { cpu = 0, switch(1, 0, "swapper/0", 7, "job") }
    local function add(...)
      for _, event in ipairs { ... } do
        events[#events + 1] = event
      end
    end
    add(call(2, 1000, "getpid", 7))
    add(call(3, 2000, "access", -2))
    add(call(4, 4000, "access", 0))
    add(call(5, 4000, "access", -2))
    add(call(6, 1000, "mmap", -1225396224)) -- an address, not an error
    add(call(7, 1000, "futex", -512))
    add(call(8, 1000, "sched_yield", -3000))
    add(call(9, 1000, "unknown", -38, 991))
    for _, event in ipairs(extra or {}) do
      events[#events + 1] = event
    end
    return host.trace { streams = { events } }
  end

  it("counts each return once, by name", function()
    local out = host.run("syscallstats", trace()).out
    assert.matches("\njob %(%?, TID: 7%) +Count", out)
    assert.matches("\n %- access +3 +2%.000 +3%.333 +4%.000 +1%.155  {'ENOENT': 2, 'success': 1}\n",
      out)
    assert.matches("\n %- mmap .* {'success': 1}\n", out)
    assert.matches("\n %- futex .* {'ERESTARTSYS': 1}\n", out)
    assert.matches("\n %- sched_yield .* {'3000': 1}\n", out)
    assert.matches("\n %- unknown_991 .* {'ENOSYS': 1}\n", out)
    assert.matches("\nTotal: +8\n", out)
    assert.matches("\nTotal syscalls: 8\n$", out)
  end)

  it("shows threads by number of calls, as many as are asked for", function()
    local busy = { switch(20, 7, "job", 9, "busy") }
    for i = 1, 20 do
      table.move({ call(20 + i, 100, "getpid", 9) }, 1, 2, #busy + 1, busy)
    end
    local folder = trace(busy)
    local out = host.run("syscallstats", folder).out
    assert.is_true(out:find("busy (?, TID: 9)", 1, true) < out:find("job (?, TID: 7)", 1, true))
    out = host.run("syscallstats", "--limit", "1", folder).out
    assert.is_nil(out:find("job", 1, true))
    assert.matches("Total syscalls: 28\n$", out)
    out = host.run("syscallstats", "--tid", "7", "--min", "2", folder).out
    assert.matches("Total: +3\n", out)
  end)
end)
