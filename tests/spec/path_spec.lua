--- Critical paths: pieces are exactly the time that was asked for, whatever that is and however the
-- trace is read; and what they are in a small trace.
--
-- `TRACES="folder folder" make check` does so for more traces.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"

local folders = { (os.getenv "BUILD" or "build") .. "/example-trace" }
for folder in (os.getenv "TRACES" or ""):gmatch "%S+" do
  folders[#folders + 1] = folder
end

--- An analysis that asks a graph for paths of any threads in any intervals, and sums them up.
local random_paths = [[
  local analysis = require "lttnga.analysis"
  local stats = require "lttnga.stats"
  local stock = dofile "lua/analyses/criticalpath.lua"
  local function check(w, one, from, to)
    local at, sum = from, 0
    for i, piece in ipairs(w.graph:path(one, from, to)) do
      assert(piece.begin == at and piece["end"] > at, i)
      assert(piece.duration == piece["end"] - piece.begin and piece.state)
      at, sum = piece["end"], (sum * 31 + piece.duration + (piece.utid or 0)) % 1000003
    end
    assert(at == to, at)
    return sum
  end
  return analysis {
    title = "Random paths",
    begin = function(w) w.graph = stats.graph(tonumber(os.getenv "GRAPH_LIMIT")) end,
    collect = stock:collects { tid = { 1 } },
    finish = function(w)
      math.randomseed(tonumber(os.getenv "SEED"))
      local threads, length, sum = w.graph:threads(), w.last - w.first, 0
      for i = 1, 1000 do
        local one = threads[math.random(#threads)]
        local from = w.first + math.random(0, length) - 1000
        local to = from + math.random(0, i % 10 == 0 and length or length // 20)
        sum = (sum * 31 + check(w, one.utid, from, to)) % 1000003
        check(w, one.tid, from, from)
      end
      w.sum, w.n = sum, #threads
    end,
    tables = { { "sum", "Sum", { { "Sum", "number", "sum" }, { "Threads", "number", "n" } },
      rows = function(w) return { w } end } },
  }
]]

--- What rows of JSON say, as tables.
--- A folder in which the states of a trace are saved.
local function index(folder)
  local cache = host.path "cache"
  assert.equal(0, host.run("index", "--cache", cache, folder).status)
  return cache
end

--- Runs the analysis above with a seed, and so many bytes of memory for the graph.
local function run_random(seed, limit, setting, folder, ...)
  local words = { "--output", "json", host.script(random_paths), folder, ... }
  for i, word in ipairs(words) do
    words[i] = host.quote(word)
  end
  return host.shell(("TZ=UTC SEED=%d GRAPH_LIMIT=%d %s %s/lttnga-run %s"):format(seed, limit,
    setting, os.getenv "BUILD" or "build", table.concat(words, " ")))
end

describe("pieces of a path", function()
  for _, folder in ipairs(folders) do
    it("are the time that was asked for, of any threads and intervals: " .. folder, function()
      local seed = os.time()
      local function run(limit, ...)
        local result = run_random(seed, limit, "", folder, ...)
        assert.equal(0, result.status, result.err)
        return assert(result.out:match '("sum":%d+,"threads":%d+)')
      end
      local cache = index(folder)
      local sums = { run(64 << 20), run(64 << 20, "--reader", "babeltrace2", "--no-cache"),
        run(64 << 20, "--threads", "2", "--no-cache"), run(0, "--no-cache"),
        run(64 << 20, "--cache", cache) }
      for i, sum in ipairs(sums) do
        assert.equal(sums[1], sum, ("run %d with the seed %d"):format(i, seed))
      end
    end)

    it("of the analysis are, too: " .. folder, function()
      local cache = index(folder)
      local all, _, about = host.rows("criticalpath", "--output", "json", "--no-cache",
        "--limit", "0", folder)
      local range, tids = nil, {}
      for _, row in ipairs(all) do
        tids[#tids + 1] = row.process.tid
      end
      for _, row in ipairs(about) do
        range = row.what == "range" and row or range
      end
      math.randomseed(os.time())
      for i = 1, 8 do
        local tid = tostring(tids[math.random(#tids)])
        local from = range["begin"] + math.random(0, (range["end"] - range["begin"]) // 2)
        local to = from + math.random(0, (range["end"] - range["begin"]) // 3)
        local span = ("%d,%d"):format(from, to)
        local function run(...)
          return host.rows("criticalpath", "--tid", tid, "--timerange", span, "--output", "json",
            "--limit", "0", folder, ...)
        end
        local ways = { { "--no-cache", "--reader", "babeltrace2" }, { "--cache", cache },
          { "--no-cache", "--threads", "2" } }
        local rows, result = run "--no-cache"
        local _, other = run(table.unpack(ways[i % 3 + 1]))
        local said = ("--tid %s --timerange %s"):format(tid, span)
        assert.equal(result.out, other.out, said)
        local at, sum, sums = nil, 0, 0
        for _, row in ipairs(rows) do
          if row.table == "Critical path" then
            assert.equal(at or row["begin"], row["begin"], said)
            assert.is_true(row["begin"] >= from and row["end"] <= to, said)
            at, sum = row["end"], sum + row.duration
          elseif row.share then
            assert.is_nil(row["begin"])
            sums = sums + row.duration
          end
        end
        assert.equal(sum, sums, said)
      end
    end)
  end
end)

describe("a graph", function()
  it("for which there is no room says so", function()
    local result = run_random(1, 0, "TMPDIR=/nonexistent", folders[1], "--no-cache")
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: cannot write a temporary file: No such file or "
      .. "directory %(set TMPDIR to a directory with more room%)[^\n]*\n$", result.err)
  end)
end)

-- ---- A small trace ----

local us = 1000
local switch, waking = sched.switch, sched.waking

local function call(at, name, fields)
  return { at * us, "syscall_entry_" .. name, fields }
end

local function done(at, name)
  return { at * us, "syscall_exit_" .. name, { ret = 0 } }
end

local FUTEX_WAIT, FUTEX_WAKE = 128, 129

local function futex(at, op)
  return call(at, "futex", { uaddr = 0xbeef00, op = op, val = 1, utime = 0, uaddr2 = 0, val3 = 0 })
end

--- Thread 10 waits for a lock that 20 holds, which waits for a disk meanwhile; then for a child of
-- its own, and is still asleep when the trace ends. 30 runs where 10 would.
local function holder()
  return host.trace { streams = {
    { cpu = 0, switch(0, 0, 0, 10), futex(10, FUTEX_WAIT), switch(20, 10, 1, 30),
      switch(100, 30, 1, 10), done(110, "futex"),
      { 120 * us, "sched_process_fork", { parent_comm = "p10", parent_tid = 10, parent_pid = 10,
        child_comm = "p10", child_tid = 40, child_pid = 40 } },
      waking(120, 40), call(125, "wait4", { upid = -1, options = 0 }), switch(130, 10, 1, 0),
      switch(200, 0, 0, 30), switch(210, 30, 1, 0) },
    { cpu = 1, switch(1, 0, 0, 20), { 30 * us, "block_rq_issue", { dev = 8388608, sector = 8,
        nr_sector = 8, bytes = 4096, rwbs = 0, tid = 20, comm = "p20" } },
      switch(35, 20, 2, 0), { 60 * us, "irq_handler_entry", { irq = 5, name = "disk" } },
      { 61 * us, "block_rq_complete", { dev = 8388608, sector = 8, nr_sector = 8, error = 0 } },
      waking(62, 20), { 63 * us, "irq_handler_exit", { irq = 5, ret = 1 } }, switch(65, 0, 0, 20),
      futex(70, FUTEX_WAKE), waking(75, 10), done(76, "futex"), switch(80, 20, 1, 0),
      switch(140, 0, 0, 40), { 189 * us, "sched_process_exit", { comm = "p40", tid = 40 } },
      switch(190, 40, 16, 0), switch(205, 0, 0, 30) },
  } }
end

--- Pieces as "TID STATE FROM-TO CAUSE DETAIL", in us.
local function pieces(folder, ...)
  local list = {}
  for _, row in ipairs(host.rows("criticalpath", "--no-cache", "--output", "json", folder, ...)) do
    if row.table == "Critical path" then
      list[#list + 1] = ("%d %s %d-%d %s %s"):format(row.tid, row.state, row["begin"] // us,
        row["end"] // us, tostring(row.cause), tostring(row.detail))
    end
  end
  return list
end

describe("the path of a thread", function()
  local folder = holder()

  it("is that of what it waits for", function()
    assert.same({
      "10 running 1-20 nil nil",
      "20 running 20-35 lock nil",
      "20 disk 35-62 lock (8,0)",
      "20 runnable 62-65 lock nil",
      "20 running 65-75 lock nil",
      "10 runnable 75-100 nil p30 (30)",
      "10 running 100-130 nil nil",
      "10 unknown 130-205 nil still asleep at the end",
    }, pieces(folder, "--tid", "10"))
  end)

  it("is cut at the borders of windows, and is followed within them", function()
    assert.same({
      "20 disk 40-62 lock (8,0)",
      "20 runnable 62-65 lock nil",
      "20 running 65-75 lock nil",
      -- It is not known which CPU it will get.
      "10 runnable 75-90 nil nil",
    }, pieces(folder, "--tid", "10", "--timerange", "40000,90000"))
    assert.same({ "10 unknown 40-70 nil still asleep at the end" },
      pieces(folder, "--tid", "10", "--timerange", "40000,70000"))
  end)

  it("begins with its making, and ends with its exit", function()
    assert.same({ "40 runnable 120-140 nil nil", "40 running 140-190 nil nil" },
      pieces(folder, "--procname", "p10,p40", "--tid", "40"))
  end)

  it("is that of each thread which has had the TID", function()
    local function fork(at)
      return { at * us, "sched_process_fork", { parent_comm = "p10", parent_tid = 10,
        parent_pid = 10, child_comm = "p40", child_tid = 40, child_pid = 40 } }
    end
    local function exit(at)
      return { at * us, "sched_process_exit", { comm = "p40", tid = 40 } }
    end
    assert.same({ "40 runnable 10-20 nil nil", "40 running 20-30 nil nil",
      "40 runnable 40-50 nil p10 (10)", "40 running 50-60 nil nil" },
      pieces(host.trace { streams = {
        { cpu = 0, switch(0, 0, 0, 10), fork(10), waking(10, 40), fork(40), waking(40, 40),
          switch(50, 10, 0, 40), exit(59), switch(60, 40, 16, 10), switch(70, 10, 1, 0) },
        { cpu = 1, switch(1, 30, 1, 0), switch(20, 0, 0, 40), exit(29), switch(30, 40, 16, 0),
          { 31 * us, "sched_process_free", { comm = "p40", tid = 40 } }, switch(70, 0, 0, 30) },
      } }, "--tid", "40"))
  end)

  it("is asked for by a TID that is there", function()
    local result = host.run("criticalpath", "--no-cache", "--tid", "77", folder)
    assert.equal(0, result.status)
    assert.is_truthy(result.err:find("--tid: no thread has tid 77 (found: ", 1, true))
    result = host.run("criticalpath", "--no-cache", "--procname", "nobody", folder)
    assert.is_truthy(result.err:find("--procname: no thread has procname nobody (found: ", 1, true))
  end)

  it("is that of who had a TID then, if others had it before", function()
    local reused = host.trace { streams = { { cpu = 0, switch(0, 0, 0, 50),
      { 9 * us, "sched_process_exit", { comm = "p50", tid = 50 } }, switch(10, 50, 16, 10),
      { 40 * us, "sched_process_fork", { parent_comm = "p10", parent_tid = 10, parent_pid = 10,
        child_comm = "p10", child_tid = 50, child_pid = 50 } },
      switch(50, 10, 1, 50), switch(60, 50, 1, 0) } } }
    local script = host.script [[
      local stock = dofile "lua/analyses/criticalpath.lua"
      return require "lttnga.analysis" {
        title = "Paths of a TID",
        run = stock.run, begin = stock.begin, collect = stock:collects { tid = { 50 } },
        finish = function(w)
          local function at(us)
            local piece = w.graph:path(50, us * 1000, us * 1000 + 1000)[1]
            return ("%s %d"):format(piece.state, piece.utid)
          end
          w.row = { before = at(5), now = at(55) }
        end,
        tables = { { "paths", "Paths", { { "Before", "string", "before" },
          { "Now", "string", "now" } }, rows = function(w) return { w.row } end } },
      }
    ]]
    local _, result = host.rows(script, "--no-cache", "--output", "json", reused)
    assert.equal('"running 50","running 4194354"',
      (result.out:match '"Paths","before":(.-)}':gsub('"now":', "")))
  end)

  it("of those who waited longest is offered", function()
    local rows = host.rows("criticalpath", "--no-cache", "--output", "json", folder)
    assert.same({ 10, 1, 55000, 55000 }, { rows[1].process.tid, rows[1].waits,
      rows[1].waited, rows[1].longest })
  end)

  it("takes no filter of events", function()
    assert.equal(2, host.run("criticalpath", "--filter", "cpu == 1", folder).status)
  end)
end)
