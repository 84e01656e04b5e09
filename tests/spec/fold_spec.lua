--- --fold: folded stacks, and what time they are of.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"

local example = (os.getenv("BUILD") or "build") .. "/example-trace"
local switch, waking = sched.switch, sched.waking

--- The stacks of an analysis, { stack = time }, as text.
local function folded(...)
  local words = { ... }
  table.insert(words, 2, "--fold")
  table.insert(words, 3, "--no-cache")
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, result.err)
  local stacks = {}
  for line in result.out:gmatch "([^\n]*)\n" do
    local stack, time = line:match "^(.-) (%d+)$"
    assert.is_truthy(stack, line)
    assert.is_nil(stacks[stack], line)
    stacks[stack] = math.tointeger(tonumber(time))
  end
  return stacks, result.out
end

--- Their sums by a part of the stack.
local function sums_by(stacks, pattern)
  local sums = {}
  for stack, time in pairs(stacks) do
    local key = stack:match(pattern)
    sums[key] = (sums[key] or 0) + time
  end
  return sums
end

local function call(at, name, is_exit)
  return { at * 1000, ("syscall_%s_%s"):format(is_exit and "exit" or "entry", name),
    is_exit and { ret = 0 } or { fd = 3, count = 1 } }
end

--- Thread 20 calls and runs, and sleeps in a call until 10 wakes it.
local function small(comm, hostname)
  local trace = { streams = { { cpu = 0,
    switch(100, 0, 0, 20), call(110, "read"), call(130, "read", true), call(140, "write"),
    { 150000, "irq_handler_entry", { irq = 5, name = "disk" } },
    { 153000, "irq_handler_exit", { irq = 5, ret = 1 } },
    switch(160, 20, 1, 10), waking(170, 20), switch(180, 10, 1, 20), call(190, "write", true),
    switch(200, 20, 1, 0),
  } } }
  for _, event in ipairs(trace.streams[1]) do
    for _, name in ipairs { "comm", "prev_comm", "next_comm" } do
      event[3][name] = event[3][name] == "p20" and comm or event[3][name]
    end
  end
  trace.env = hostname and { domain = "kernel", hostname = hostname }
  return host.trace(trace)
end

describe("--fold", function()
  it("tells what threads spent their time on CPUs with, and nothing else", function()
    local _, out = folded("cputop", small "dd")
    assert.equal("dd;dd (20);[irq] 3000\n"
      .. "dd;dd (20);[unknown] 10000\n"
      .. "dd;dd (20);[user] 20000\n"
      .. "dd;dd (20);read 20000\n"
      .. "dd;dd (20);write 27000\n"
      .. "p10;p10 (10);[unknown] 20000\n", out)
  end)

  it("tells what threads waited for", function()
    assert.same({ ["dd;dd (20);write;thread;p10"] = 10000 }, (folded("waits", small "dd")))
  end)

  it("tells both, one after the other", function()
    assert.equal(select(2, folded("cputop", small "dd")) .. select(2, folded("waits", small "dd")),
      select(2, folded("cputop,waits", small "dd")))
  end)

  it("has names in which nothing is a border", function()
    local stacks = folded("cputop", small "a;b c\n1 2\27[31m")
    local n = 0
    for stack in pairs(stacks) do
      n = n + 1
      assert.is_nil(stack:find "%c")
      assert.equal(2, select(2, stack:gsub(";", ";")), stack)
    end
    assert.equal(6, n)
    assert.equal(80000, sums_by(stacks, "^[^;]*")["a:b c\\x0a1 2\\x1b[31m"])
  end)

  it("begins with the machine, if there are several", function()
    local stacks = folded("cputop", small("dd", "web1"), small("dd", "db;1"))
    assert.equal(20000, stacks["web1;dd;dd (20);read"])
    assert.equal(20000, stacks["db:1;dd;dd (20);read"])
  end)

  it("is a table for machines", function()
    local out = host.run("cputop", "--fold", "--output", "csv", "--sort", "time", "--limit", "1",
      small "dd").out
    assert.matches('"CPU time as stacks","dd;dd %(20%);write",27000\r?\n', out)
    for line in out:gmatch "[^\r\n]+" do
      assert.is_nil(line:find("Usage", 1, true))
    end
    out = host.run("cputop", "--fold", "--output", "json", "--refresh", "100us", "--no-cache",
      small "dd").out
    assert.matches('"window":{[^}]*},"stack":"dd;dd %(20%);read"', out)
  end)

  it("prints nothing if there is nothing, and refuses what can't be told apart", function()
    assert.equal("", host.run("waits", "--fold", "--tid", "10", small "dd").out)
    local trace = small "dd"
    for _, words in ipairs { { "cputop", "--refresh", "1" }, { "cputop,iolog" },
      { "waits", "--top" }, { "criticalpath" }, { "cputop", "--request", "fsync" } } do
      table.insert(words, 2, "--fold")
      words[#words + 1] = trace
      local result = host.run(table.unpack(words))
      assert.equal(2, result.status, words[1])
      assert.equal("", result.out)
      assert.matches("^lttnga%-run: %-%-fold:? [^\n]+\n", result.err)
    end
  end)

  it("needs no more than a table in a script of one's own", function()
    local script = host.read("docs/flamegraphs.md"):match "```lua\n(.-)```"
    local stacks = folded(host.script(script), example)
    local all = 0
    for _, time in pairs(stacks) do
      all = all + time
    end
    assert.is_true(stacks["vda;dd"] > 0)
    local sum = 0
    for _, row in ipairs((host.rows("iolatencystats", "--output", "json", example))) do
      if row.table == "Disk latency statistics" then
        sum = sum + row.count * row.average
      end
    end
    assert.is_true(math.abs(all - sum) < 100, ("%d, not %f"):format(all, sum))
  end)
end)

describe("--fold of the example", function()
  it("is the CPU time of each thread", function()
    local rows, _, about = host.rows("cputop", "--limit", "0", "--output", "json", example)
    local length
    for _, row in ipairs(about) do
      length = row.what == "range" and row["end"] - row.begin or length
    end
    local threads, n = sums_by(folded("cputop", example), "^[^;]*;([^;]*);"), 0
    for _, row in ipairs(rows) do
      if row.table == "Per-TID Usage" then
        local label = ("%s (%d)"):format(row.process.name, row.process.tid)
        assert.equal(row.cpu_usage, (threads[label] or 0) / length, label)
        threads[label], n = nil, n + 1
      end
    end
    assert.is_nil(next(threads))
    assert.is_true(n > 20)
  end)

  it("is the time of all waits", function()
    local sums = sums_by(folded("waits", example), "^[^;]*;([^;]*;[^;]*;[^;]*)")
    for _, row in ipairs((host.rows("waits", "--limit", "0", "--output", "json", example))) do
      if row.syscall or row.object then
        local key = ("%s (%d);%s;%s"):format(row.process.name, row.process.tid,
          row.syscall or "-", row.cause)
        sums[key] = sums[key] - row.total
      end
    end
    for key, rest in pairs(sums) do
      assert.equal(0, key:find ";%-;" and 0 or rest, key)
    end
  end)

  it("is as long as the path, and as the calls that flushed", function()
    local function sum_of(rows, title)
      local sum = 0
      for _, row in ipairs(rows) do
        sum = sum + (row.table == title and not row.open and row.duration or 0)
      end
      assert.is_true(sum > 0)
      return sum
    end
    local rows = host.rows("criticalpath", "--tid", "393", "--output", "json", example)
    assert.equal(sum_of(rows, "Critical path"),
      sums_by(folded("criticalpath", "--tid", "393", example), "^wc %(393%)")["wc (393)"])
    rows = host.rows("pageflush", "--limit", "0", "--output", "json", example)
    assert.equal(sum_of(rows, "Calls that wrote or synced files"),
      sums_by(folded("pageflush", example), "")[""])
  end)
end)
