--- Waits for locks: on traces made by hand, and recomputed from what `babeltrace2` prints.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"

local installed = host.shell("command -v babeltrace2").status == 0

--- The rows of a table.
local function rows_of(name, ...)
  local rows = {}
  for _, row in ipairs((host.rows("locks", "--no-cache", "--output", "json", ...))) do
    rows[#rows + 1] = row.table == name and row or nil
  end
  return rows
end

-- ---- By hand ----

local us = 1000
local switch, waking = sched.switch, sched.waking

local function enter(at, uaddr)
  return { at * us, "syscall_entry_futex",
    { uaddr = uaddr, op = 128, val = 0, utime = 0, uaddr2 = 0, val3 = 0 } }
end

local function leave(at, ret)
  return { at * us, "syscall_exit_futex", { ret = ret, uaddr = 0, uaddr2 = 0 } }
end

local function process(tid)
  return { 90 * us, "lttng_statedump_process_state",
    { tid = tid, pid = 10, ppid = 1, name = "p" .. tid } }
end

local function trace(...)
  return host.trace { streams = { { cpu = 0, ... } } }
end

--- 12 holds what 11 waits for, and 11 what 10 does; then come calls of 10 that do not count.
local function convoy()
  return trace(process(10), process(11), process(12), switch(100, 0, 0, 10),
    enter(110, 0x1000), switch(120, 10, 1, 11),
    enter(125, 0x2000), switch(130, 11, 1, 12),
    enter(200, 0x2000), waking(205, 11), leave(206, 1), switch(210, 12, 1, 11), leave(211, 0),
    enter(220, 0x1000), waking(225, 10), leave(226, 1), switch(230, 11, 1, 10), leave(231, 0),
    -- The futex has changed; the time is up; a signal comes.
    enter(240, 0x1000), leave(241, -11),
    enter(250, 0x1000), switch(255, 10, 1, 0),
    { 300 * us, "hrtimer_expire_entry", { hrtimer = 1, ["function"] = 2, now = 3 } },
    waking(300, 10),
    { 301 * us, "hrtimer_expire_exit", { hrtimer = 1 } }, switch(305, 0, 0, 10), leave(306, -110),
    enter(320, 0x3000), switch(325, 10, 1, 12), waking(330, 10), switch(335, 12, 1, 10),
    leave(336, -512), switch(340, 10, 1, 0))
end

describe("locks", function()
  it("says who waited for whom, and for how long", function()
    local rows = rows_of("Locks", convoy())
    assert.equal(2, #rows)
    local first, second = rows[1], rows[2]
    assert.equal("futex 0x1000", first.lock)
    assert.same({ name = "p10", pid = 10 }, first.process)
    assert.same({ 1, 1, 1, 105 * us, 105 * us }, { first.waits, first.waiters, first.wakers,
      first.total, first.max })
    assert.same({ 10, 11, 120 * us }, { first.waiter.tid, first.released_by.tid,
      first.longest_from })
    assert.equal("p10 (10) 105.000 us > p11 (11) 75.000 us > p12 (12)", first.chain)
    assert.equal("futex 0x2000", second.lock)
    assert.equal("p11 (11) 75.000 us > p12 (12)", second.chain)
  end)

  it("takes the filters for who waits; chains have all", function()
    local rows = rows_of("Locks", "--tid", "10", convoy())
    assert.equal(1, #rows)
    assert.equal("p10 (10) 105.000 us > p11 (11) 75.000 us > p12 (12)", rows[1].chain)
    assert.equal(1, #rows_of("Locks", "--max", "80us", convoy()))
    assert.equal("futex 0x1000", rows_of("Locks", "--min", "80us", convoy())[1].lock)
  end)

  it("tells of a window what ended in it", function()
    local rows = rows_of("Locks", "--refresh", "125us", convoy())
    assert.same({ "futex 0x2000", "futex 0x1000" }, { rows[1].lock, rows[2].lock })
    assert.is_true(rows[1].window["end"] <= rows[2].window.begin)
    assert.equal("p10 (10) 105.000 us > p11 (11) 75.000 us > p12 (12)", rows[2].chain)
  end)

  it("shows locks of the kernel, where a trace has them", function()
    local function contention(at, step, addr, flags, ret)
      return { at * us, "contention_" .. step, { lock_addr = addr, flags = flags, ret = ret } }
    end
    local rows = rows_of("Kernel locks", trace(switch(100, 0, 0, 10),
      -- A mutex: spinning, then asleep. An interrupt meanwhile waits for a spinlock.
      contention(110, "begin", 0xa000, 33), contention(112, "begin", 0xb000, 1),
      contention(115, "end", 0xb000, nil, 0), contention(120, "begin", 0xa000, 32),
      switch(125, 10, 2, 11), contention(130, "begin", 0xa000, 32),
      contention(150, "end", 0xa000, nil, -4), waking(160, 10), switch(170, 11, 1, 10),
      contention(180, "end", 0xa000, nil, 0)))
    assert.equal(2, #rows)
    assert.same({ "0xa000", "mutex", 2, 2, 1, 90 * us, 70 * us }, { rows[1].lock, rows[1].kind,
      rows[1].waits, rows[1].waiters, rows[1].failed, rows[1].total, rows[1].max })
    assert.same({ "0xb000", "spinlock", 1, 3 * us },
      { rows[2].lock, rows[2].kind, rows[2].waits, rows[2].total })
  end)

  it("takes the events of kernels with lockdep, too", function()
    local function lock(at, event, addr, name)
      return { at * us, "lock_" .. event, { name = name, lockdep_addr = addr } }
    end
    local rows = rows_of("Kernel locks", trace(switch(100, 0, 0, 10),
      lock(110, "acquired", 0xc000, "rq"), lock(120, "contended", 0xd000, "&mm->mmap_lock"),
      lock(125, "acquired", 0xc000, "rq"), lock(140, "acquired", 0xd000, "&mm->mmap_lock"),
      lock(150, "acquired", 0xd000, "&mm->mmap_lock")))
    assert.equal(1, #rows)
    assert.same({ "0xd000", "&mm->mmap_lock", 1, 20 * us },
      { rows[1].lock, rows[1].name, rows[1].waits, rows[1].total })
  end)
end)

-- ---- Recomputed ----

--- Waits for futexes by address: how many, and how long they were.
local function recompute(folder)
  local running, off, stacks, early, calls, last, found = {}, {}, {}, {}, {}, {}, {}
  for line in io.popen("babeltrace2 --clock-seconds " .. host.quote(folder)):lines() do
    local seconds, ns, name, cpu = line:match("^%[(%d+)%.(%d+)%].* ([%w_]+): { cpu_id = (%d+) }")
    local time = seconds and math.tointeger(tonumber(seconds)) * 1000000000
      + math.tointeger(tonumber(ns))
    local function field(key)
      return math.tointeger(tonumber(line:match(".*[ {]" .. key .. " = (%-?%d+)")))
    end
    local stack, tid = stacks[cpu] or {}, running[cpu]
    name = name or ""
    if name:find "^irq_handler_entry" or name:find "softirq_entry" or name:find "expire_entry" then
      stacks[cpu] = stack
      table.insert(stack, true)
    elseif name:find "^irq_handler_exit" or name:find "softirq_exit" or name:find "expire_exit" then
      table.remove(stack)
    elseif name:find "^syscall_entry" and tid then
      calls[tid] = { futex = name == "syscall_entry_futex" and field "uaddr", begin = time }
    elseif name == "syscall_exit_futex" and calls[tid] and field "ret" < 0 and last[tid]
        and last[tid].time >= calls[tid].begin then
      last[tid].count, last[tid].sum = 0, 0
    elseif name == "sched_switch" then
      local prev, next_tid = field "prev_tid", field "next_tid"
      off[prev] = field "prev_state" & 0xff ~= 0 and time or nil
      off[next_tid], early[next_tid], running[cpu], stacks[cpu] = nil, nil, next_tid, nil
    elseif name == "sched_waking" or name == "sched_wakeup" then
      local woken, on_cpu = field "tid", false
      for _, other in pairs(running) do
        on_cpu = on_cpu or other == woken
      end
      local by_thread = not stack[1] and tid and tid > 0
      if on_cpu then
        early[woken] = name == "sched_waking" and { by_thread } or nil
      elseif off[woken] then
        if name == "sched_wakeup" then
          by_thread = early[woken] and early[woken][1]
        end
        if by_thread and calls[woken] and calls[woken].futex then
          last[woken] = { time = time, futex = ("futex 0x%x"):format(calls[woken].futex),
            count = 1, sum = time - off[woken] }
          found[#found + 1] = last[woken]
        end
        off[woken] = nil
      end
    end
  end
  local sums = {}
  for _, wait in ipairs(found) do
    local one = sums[wait.futex] or { 0, 0 }
    sums[wait.futex] = wait.count > 0 and { one[1] + 1, one[2] + wait.sum } or sums[wait.futex]
  end
  return sums
end

describe("futexes that threads waited for, from babeltrace2's text", function()
  it("are the same", function()
    if not installed then
      pending("babeltrace2 is not installed")
      return
    end
    local folder, found = host.path("ust-and-kernel"), {}
    assert(host.shell(("mkdir %s && tar -C %s --strip-components=1 -xJf tests/traces/%s.tar.xz")
      :format(folder, folder, "ust-and-kernel")).status == 0)
    for _, row in ipairs(rows_of("Locks", "--limit", "0", "--no-intersection", folder)) do
      if row.lock:find "^futex" then
        local one = found[row.lock] or { 0, 0 }
        found[row.lock] = { one[1] + row.waits, one[2] + row.total }
      end
    end
    assert.is_truthy(next(found))
    assert.same(recompute(folder .. "/kernel"), found)
  end)
end)
