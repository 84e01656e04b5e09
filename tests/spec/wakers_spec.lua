--- Who wakes whom: on a trace made by hand, and recomputed from what `babeltrace2` prints.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"
local json = require "dkjson"

local example = (os.getenv("BUILD") or "build") .. "/example-trace"
local installed = host.shell("command -v babeltrace2").status == 0

local function rows_of(...)
  return (host.rows("wakers", "--no-cache", "--output", "json", ...))
end

--- A waker as a text.
local function waker_of(row)
  return row.waker and (row.waker.tid or row.waker.name)
    or row.softirq or row.irq or row.irq_name or row.waker_context
end

-- ---- By hand ----

local us = 1000
local switch, waking = sched.switch, sched.waking

--- 10 wakes 20, which sleeps and is woken by interrupt 5; 10 wakes it again, and an hrtimer does.
local function small()
  return host.trace { streams = { { cpu = 0,
    switch(100, 0, 0, 10), waking(110, 20), switch(130, 10, 0, 20), -- 20 us
    switch(140, 20, 1, 10),
    { 150 * us, "irq_handler_entry", { irq = 5, name = "disk" } }, waking(150, 20),
    { 155 * us, "irq_handler_exit", { irq = 5, ret = 1 } },
    switch(160, 10, 0, 20), -- slept 10 us, waited 10
    switch(170, 20, 2, 10), waking(200, 20), switch(203, 10, 1, 20), -- slept 30 us, waited 3
    switch(210, 20, 1, 0),
    { 250 * us, "hrtimer_expire_entry", { hrtimer = 1, ["function"] = 2, now = 3 } },
    waking(250, 10), { 251 * us, "hrtimer_expire_exit", { hrtimer = 1 } },
    switch(252, 0, 0, 10), -- slept 47 us, waited 2
  } } }
end

describe("wakers", function()
  it("says who wakes whom, how often, and what that ended", function()
    local found = {}
    for _, row in ipairs(rows_of(small())) do
      found[("%s %d"):format(waker_of(row), row.wakee.tid)] = { row.wakeups, row.latency,
        row.average_latency, row.max_latency, row.sleeps, row.slept, row.longest_sleep }
    end
    assert.same({
      ["10 20"] = { 2, 23 * us, 11.5 * us, 20 * us, 1, 30 * us, 30 * us },
      ["5 20"] = { 1, 10 * us, 10 * us, 10 * us, 1, 10 * us, 10 * us },
      ["timer 10"] = { 1, 2 * us, 2 * us, 2 * us, 1, 47 * us, 47 * us },
    }, found)
  end)

  it("ranks by how often, and takes filters for the wakee and for the waker", function()
    assert.equal(10, rows_of(small())[1].waker.tid)
    assert.equal(1, #rows_of("--tid", "10", small()))
    assert.equal(1, #rows_of("--filter", "waker_tid == 10", small()))
    assert.equal(2, #rows_of("--limit", "2", small()))
  end)

  it("brings processes of one name together", function()
    local pairs_of, by_process, wakings = rows_of("--limit", "0", example), {}, 0
    for _, row in ipairs(rows_of("--limit", "0", "--by-process", example)) do
      local key = ("%s %s"):format(waker_of(row), row.wakee.name)
      assert.is_nil(row.wakee.tid)
      assert.is_nil(by_process[key], key)
      by_process[key] = row
      wakings = wakings + row.wakeups
    end
    for _, row in ipairs(pairs_of) do
      wakings = wakings - row.wakeups
    end
    assert.equal(0, wakings)
  end)

  it("calls no thread of unknown PID by the name of another process", function()
    for _, row in ipairs(rows_of("--limit", "0", "--by-process", small())) do
      assert.matches("^p[12]0$", row.wakee.name)
    end
  end)

  it("has no times of what there is none", function()
    local row = rows_of("--timerange", "[00:00:00.000251,00:00:00.000253]", "--gmt", small())[1]
    assert.equal(0, row.sleeps)
    assert.is_nil(row.slept)
  end)
end)

-- ---- Recomputed ----

local softirqs = { [0] = "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED",
  "HRTIMER", "RCU" }

--- How a name of an event ends a context of its CPU, or begins one.
local function context_of(name, field)
  local what, step = name:match "(irq_handler)_(%l+)$"
  if what then
    return step, field "irq"
  end
  what, step = name:match "(softirq)_(%l+)$"
  if what then
    return step, softirqs[field "vec"]
  end
  return name:match "hrtimer_expire_(%l+)$", "timer"
end

--- Sleeps that ended by "waker wakee": how many, and how long they were.
local function recompute(folder, first, last)
  local running, off, stacks, early, found = {}, {}, {}, {}, {}
  for line in io.popen("babeltrace2 --clock-seconds " .. host.quote(folder)):lines() do
    local seconds, ns, name, cpu = line:match("^%[(%d+)%.(%d+)%].* ([%w_]+): { cpu_id = (%d+) }")
    local time = math.tointeger(tonumber(seconds)) * 1000000000 + math.tointeger(tonumber(ns))
    local function field(key)
      return math.tointeger(tonumber(line:match(".*[ {]" .. key .. " = (%-?%d+)")))
    end
    local stack = stacks[cpu] or {}
    stacks[cpu] = stack
    local step, context = context_of(name, field)
    if step == "entry" then
      table.insert(stack, context)
    elseif step == "exit" then
      table.remove(stack)
    elseif name == "sched_switch" then
      local prev, next_tid = field "prev_tid", field "next_tid"
      off[prev] = field "prev_state" & 0xff ~= 0 and time or nil
      off[next_tid], early[next_tid], running[cpu], stacks[cpu] = nil, nil, next_tid, nil
    elseif name == "sched_waking" or name == "sched_wakeup" then
      local tid = field "tid"
      local waker = stack[#stack] or running[cpu] == 0 and "irq" or running[cpu]
      if tid == running["0"] or tid == running["1"] then
        early[tid] = name == "sched_waking" and waker or nil
      elseif off[tid] then
        local key = ("%s %d"):format(name == "sched_wakeup" and early[tid] or waker, tid)
        if time >= first and time <= last then
          found[key] = found[key] or { 0, 0 }
          found[key][1], found[key][2] = found[key][1] + 1, found[key][2] + time - off[tid]
        end
        off[tid] = nil
      end
    end
  end
  return found
end

describe("who wakes whom, from babeltrace2's text", function()
  it("is the same", function()
    if not installed then
      pending("babeltrace2 is not installed")
      return
    end
    local result = host.run("info", "--output", "json", example).out
    local range = json.decode(result:match '{"table":"trace","what":"range"[^\n]+')
    local found = {}
    for _, row in ipairs(rows_of("--limit", "0", example)) do
      if row.sleeps > 0 then
        local key = ("%s %d"):format(waker_of(row), row.wakee.tid)
        local one = found[key] or { 0, 0 }
        found[key] = { one[1] + row.sleeps, one[2] + row.slept }
      end
    end
    assert.same(recompute(example, range.begin, range["end"]), found)
  end)
end)
