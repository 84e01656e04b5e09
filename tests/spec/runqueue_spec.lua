--- Queues of CPUs, and who ran while others waited: on traces made by hand, and recomputed from
-- what `babeltrace2` prints.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"
local json = require "dkjson"

local example = (os.getenv("BUILD") or "build") .. "/example-trace"
local installed = host.shell("command -v babeltrace2").status == 0

--- The rows of each table; "trace" is one of them.
local function tables_of(...)
  local rows, _, about = host.rows("runqueue", "--no-cache", "--limit", "0", "--output", "json",
    ...)
  local tables = { trace = about }
  for _, row in ipairs(rows) do
    tables[row.table] = tables[row.table] or {}
    table.insert(tables[row.table], row)
  end
  return tables
end

-- ---- By hand ----

local us = 1000
local switch, waking = sched.switch, sched.waking

--- 20 is woken on the queue of CPU 0 at 110, moved to that of CPU 1 at 130, and runs there at 159.
-- CPU 1 runs 11 until 140, and is idle then.
local function small()
  return host.trace { streams = {
    { cpu = 0, switch(100, 0, 0, 10), waking(110, 20), waking(111, 20, 0, "sched_wakeup"),
      { 130 * us, "sched_migrate_task",
        { comm = "p20", tid = 20, prio = 20, orig_cpu = 0, dest_cpu = 1 } },
      switch(190, 10, 1, 0) },
    { cpu = 1, switch(100, 0, 0, 11), switch(140, 11, 1, 0), switch(159, 0, 0, 20),
      switch(180, 20, 1, 0) },
  } }
end

describe("runqueue", function()
  it("says on whose queue a thread waited, and who ran there", function()
    local tables = tables_of(small())
    local queues, pairs_of = tables["Run queues"], {}
    assert.same({ 20 * us, 29 * us }, { queues[1].waited, queues[2].waited })
    assert.same({ 1, 1 }, { queues[1].max_length, queues[2].max_length })
    assert.equal(20 / 80, queues[1].mean_length)
    for _, row in ipairs(tables["Who ran while others waited"]) do
      assert.equal(20, row.waited.tid)
      pairs_of[row.ran.name] = row.time
    end
    assert.same({ p10 = 20 * us, p11 = 10 * us, idle = 19 * us }, pairs_of)
    local victims = tables["Who waited for a CPU"]
    assert.equal(1, #victims)
    assert.equal(49 * us, victims[1].woken)
    assert.equal("p10 (10) 41%, idle 39%, p11 (11) 20%", victims[1].who_ran_instead)
  end)

  it("takes the filters for who waits, not for who ran", function()
    local tables = tables_of("--tid", "20", "--cpu", "1", small())
    assert.equal(1, #tables["Run queues"])
    assert.equal(29 * us, tables["Who waited for a CPU"][1].woken)
    assert.equal(2, #tables["Who ran while others waited"])
    assert.is_nil(tables_of("--tid", "10", small())["Who ran while others waited"])
  end)

  it("remembers as much of a long wait as it can", function()
    local list = { cpu = 0, switch(100, 0, 0, 10), waking(110, 20) }
    for i = 1, 1500 do
      list[#list + 1] = switch(110 + i, 10 + (i + 1) % 2, 0, 10 + i % 2)
    end
    list[#list + 1] = switch(1611, 10, 0, 20)
    list[#list + 1] = switch(1700, 20, 1, 10)
    local folder, times = host.trace { streams = { list } }, {}
    for _, row in ipairs(tables_of("--tid", "20", folder)["Who ran while others waited"]) do
      times[row.ran.name] = row.time
    end
    assert.same({ p10 = 512 * us, p11 = 512 * us, others = (1501 - 1024) * us }, times)
  end)

  it("adds up to what schedstates says of each thread, and of each CPU", function()
    local tables, states, sums = tables_of(example), {}, {}
    local result = host.run("schedstates", "--no-cache", "--limit", "0", "--output", "json",
      example)
    for line in result.out:gmatch('{"table":"Time of threads[^\n]+') do
      local row = json.decode(line)
      states[row.process.tid] = row.woken + row.preempted
    end
    for _, row in ipairs(tables["Who ran while others waited"]) do
      sums[row.waited.tid] = (sums[row.waited.tid] or 0) + row.time
    end
    local n, all, waited = 0, 0, 0
    for tid, time in pairs(states) do
      n = n + (time > 0 and 1 or 0)
      assert.equal(time, sums[tid] or 0, tid)
      all = all + time
    end
    assert.is_true(n > 20)
    for _, row in ipairs(tables["Run queues"]) do
      waited = waited + row.waited
      assert.equal(0, row.unknown)
    end
    assert.equal(all, waited)
  end)

  it("adds up on each CPU, too, and by process", function()
    for _, cpu in ipairs { "0", "1" } do
      local tables, sum = tables_of("--cpu", cpu, example), 0
      for _, row in ipairs(tables["Who ran while others waited"]) do
        sum = sum + row.time
      end
      assert.equal(tables["Run queues"][1].waited, sum)
      local by_process = 0
      for _, row in ipairs(tables_of("--cpu", cpu, "--by-process", example)
          ["Who ran while others waited"]) do
        by_process = by_process + row.time
      end
      assert.equal(sum, by_process)
    end
  end)
end)

-- ---- Recomputed ----

--- Time that threads waited, by "victim culprit" (a culprit of 0 is idle), up to `last`.
local function recompute(folder, last)
  local running, queued, blamed, time = {}, {}, {}, nil
  local function leave(tid)
    queued[tid] = nil
  end
  --- Up to now, who ran on each CPU is blamed by all who wait for it.
  local function pass(now)
    for tid, cpu in pairs(queued) do
      local key = ("%d %s"):format(tid, running[cpu] or "?")
      blamed[key] = (blamed[key] or 0) + now - time
    end
    time = now
  end
  for line in io.popen("babeltrace2 --clock-seconds " .. host.quote(folder)):lines() do
    local seconds, ns, name, cpu = line:match("^%[(%d+)%.(%d+)%].* ([%w_]+): { cpu_id = (%d+) }")
    local now = math.tointeger(tonumber(seconds)) * 1000000000 + math.tointeger(tonumber(ns))
    local function field(key)
      return math.tointeger(tonumber(line:match(".*[ {]" .. key .. " = (%-?%d+)")))
    end
    cpu = math.tointeger(tonumber(cpu))
    if now > last then
      break
    elseif name == "sched_switch" then
      pass(now)
      local prev, next_tid = field "prev_tid", field "next_tid"
      leave(next_tid)
      if prev > 0 and field "prev_state" & 0xff == 0 then
        queued[prev] = cpu
      end
      running[cpu] = next_tid
    elseif name == "sched_waking" or name == "sched_wakeup" or name == "sched_wakeup_new" then
      pass(now)
      local tid = field "tid"
      -- It may be running where nothing was seen yet.
      local known = running[0] and running[1]
      if known and tid ~= running[0] and tid ~= running[1] then
        queued[tid] = field "target_cpu"
      end
    elseif name == "sched_migrate_task" and queued[field "tid"] then
      pass(now)
      queued[field "tid"] = field "dest_cpu"
    end
  end
  pass(last)
  return blamed
end

describe("who ran while others waited, from babeltrace2's text", function()
  it("is the same", function()
    if not installed then
      pending("babeltrace2 is not installed")
      return
    end
    local tables, found = tables_of(example), {}
    local range = tables.trace[1]
    for _, row in ipairs(tables["Who ran while others waited"]) do
      found[("%d %d"):format(row.waited.tid, row.ran.tid or 0)] = row.time
    end
    assert.same(recompute(example, range["end"]), found)
  end)
end)
