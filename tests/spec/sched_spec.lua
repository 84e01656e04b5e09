--- Scheduling latencies on traces made by hand.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

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

--- The rows of the analysis' own tables.
local function rows_of(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  local rows = {}
  for line in result.out:gmatch("[^\n]+") do
    local row = assert(json.decode(line))
    rows[#rows + 1] = row.table ~= "trace" and row or nil
  end
  return rows
end

describe("schedlog", function()
  it("shows all in the order in which threads got their CPU", function()
    -- luacheck: push no max line length
    assert.equal([[
Timerange: [1970-01-01 00:00:00.000100000, 1970-01-01 00:00:00.000350000]

Scheduling log:
Wakeup               Switch                 Latency (us)   Priority  CPU   Wakee                       Waker
[00:00:00.000110000, 00:00:00.000130000]          20.000         20    0   job (20)                    shell (10)
[00:00:00.000140000, 00:00:00.000145000]           5.000        -51    0   rt (30)                     job (20)
[00:00:00.000300000, 00:00:00.000340000]          40.000         20    0   job (20)                    Unknown (N/A)
]], host.run("schedlog", "--gmt", small()).out)
    -- luacheck: pop
  end)

  it("takes the filters", function()
    local trace = small()
    local function latencies(...)
      local list = {}
      for i, row in ipairs(rows_of("schedlog", "--output", "json", trace, ...)) do
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

describe("schedtop", function()
  it("shows the longest", function()
    local rows = rows_of("schedtop", "--output", "json", "--limit", "2", small())
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
    local rows = rows_of("schedfreq", "--output", "json", "--per-prio", "--freq-series", trace)
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
    local rows = rows_of("schedstates", "--output", "json", small())
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
    local rows = rows_of("schedlog", "--output", "json", trace)
    assert.equal(20, rows[1].priority)
  end)
end)
