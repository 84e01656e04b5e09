--- The overview: its numbers are those of other analyses. (Its rules: lib_remarks_spec.)
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local SECOND, MS = 1000000000, 1000000

--- Rows of JSON by table: those of the lines, the one of all, remarks.
local function overview(trace, ...)
  local rows, result = host.rows("overview", "--output", "json", "--gmt", "--no-cache", trace, ...)
  local by = { Overview = {}, ["In total"] = {}, ["What stands out"] = {} }
  for _, row in ipairs(rows) do
    table.insert(by[row.table], row)
  end
  return by.Overview, by["In total"][1], by["What stands out"], result
end

local function sum(rows, field)
  local all = 0
  for _, row in ipairs(rows) do
    all = all + (row[field] or 0)
  end
  return all
end

describe("the overview", function()
  for _, refresh in ipairs { "200ms", "333ms", "1s", "10s" } do
    it("has what other analyses have in the same intervals, of " .. refresh, function()
      local lines = overview(example, "--refresh", refresh)
      local busy, unknown, waited = {}, {}, {}
      for _, row in ipairs((host.rows("cputop,runqueue", "--output", "json", "--limit", "0",
        "--no-cache", "--refresh", refresh, example))) do
        local begin, length = row.window.begin, row.window["end"] - row.window.begin
        if row.table == "Per-CPU Usage" then
          busy[begin] = (busy[begin] or 0) + row.cpu_usage * length
          unknown[begin] = (unknown[begin] or 0) + row.unknown * length
        elseif row.table == "Run queues" then
          waited[begin] = (waited[begin] or 0) + row.waited
        end
      end
      local n = 0
      for _, line in ipairs(lines) do
        n = n + 1
        assert.equal(math.floor(busy[line.begin] + 0.5), line.busy)
        assert.near(unknown[line.begin] / (2 * line.length), line.cpu_unknown, 1e-12)
        assert.near(waited[line.begin] / line.length, line.waiting, 1e-9)
        -- Whatever interrupts an idle CPU makes it no busier.
        assert.truthy(line.user + line.system <= line.cpu_busy + 1e-9)
      end
      for _ in pairs(busy) do
        n = n - 1
      end
      assert.equal(0, n)
    end)
  end

  it("has what is recomputed from events", function()
    local script = host.script [[
      return require "lttnga.analysis" { title = "t",
        begin = function(w) w.list = {} end,
        on = {
          disk_request_end = function(w, time, duration, op, size)
            w.list[#w.list + 1] = { "disk", time, duration, op, size }
          end,
          sched_process_fork = function(w, time)
            w.list[#w.list + 1] = { "fork", time, 0, "", 0 }
          end,
          cpu_time = function(w, time, duration, mode)
            w.list[#w.list + 1] = { "cpu " .. tostring(mode), time, duration, "", 0 }
          end,
        },
        tables = { { "t", "T", { { "what" }, { "time", "number" }, { "d", "number" }, { "op" },
          { "size", "number" } }, rows = function(w) return w.list end } } }]]
    local lines, whole = overview(example)
    local modes, disks = {}, { all = {} }
    for _, row in ipairs((host.rows(script, "--output", "json", example))) do
      if row.what:find "^cpu" then
        modes[row.what] = (modes[row.what] or 0) + row.d
      end
      for i, line in ipairs(lines) do
        if row.time >= line.begin and (row.time < line.begin + line.length or i == #lines) then
          local of = disks[i] or { n = 0, forks = 0, read = 0, write = 0, times = {} }
          disks[i] = of
          if row.what == "disk" then
            of.n, of[row.op] = of.n + 1, of[row.op] + row.size
            table.insert(of.times, row.d)
            table.insert(disks.all, row.d)
          elseif row.what == "fork" then
            of.forks = of.forks + 1
          end
        end
      end
    end
    local function check_p99(times, p99)
      table.sort(times)
      local exact = times[math.ceil(0.99 * #times)]
      assert.truthy(not exact and p99 == nil or math.abs(exact - p99) <= exact / 64)
    end
    for i, line in ipairs(lines) do
      local of = disks[i]
      assert.same({ of.n, of.forks, of.read, of.write },
        { line.requests, line.forks, line.read, line.written })
      check_p99(of.times, line.p99)
    end
    check_p99(disks.all, whole.p99)
    assert.equal(#disks.all, whole.requests)
    for _, field in ipairs { "requests", "forks", "read", "written", "busy" } do
      assert.equal(whole[field], sum(lines, field), field)
    end
    local all = 2 * whole.length
    assert.near(modes["cpu user"] / all, whole.user, 1e-9)
    assert.near((modes["cpu syscall"] + modes["cpu kernel"]) / all, whole.system, 1e-9)
    assert.near(modes["cpu softirq"] / all, whole.softirq, 1e-9)
    assert.equal("openat", whole.slowest_call)
  end)

  it("has as many lines as fit a screen, or as are asked for", function()
    local lines = overview(example)
    assert.equal(20, #lines)
    assert.equal(200 * MS, lines[1].length)
    assert.equal(3, #(overview(example, "--timerange", "15:36:38..15:36:38.003")))
    lines = overview(example, "--refresh", "10ms")
    assert.equal(388, #lines)
    assert.equal(10 * MS, lines[1].length)
    local text = host.run("overview", "--refresh", "1", example).out
    assert.matches("\nOverview, 1%.000 s each:\n", text)
    -- Beside an analysis that has windows it has a line in each.
    local rows = host.rows("cputop,overview", "--refresh", "1", "--output", "json", example)
    local n = 0
    for _, row in ipairs(rows) do
      n = n + (row.table == "Overview" and row.window and 1 or 0)
    end
    assert.equal(4, n)
  end)

  it("says nothing of a quiet trace", function()
    local _, _, found = overview(example)
    assert.same({}, found)
    assert.matches("\nWhat stands out: nothing\n", host.run("overview", example).out)
  end)

  it("is told of a trace alone, after what that is", function()
    local text = host.run("--gmt", example).out
    local first = text:find "\nHost +labguest\n"
    assert.truthy(first and first < text:find("\nOverview, ", 1, true))
    assert.is_nil(text:find("\nEvent  ", 1, true))
    local result = host.run("--refresh", "1", example)
    assert.equal(0, result.status, result.err)
    assert.equal(1, select(2, result.out:gsub("\nOverview, ", "")))
  end)

  it("knows nothing where nothing was recorded", function()
    local lines, _, found = overview(example, "--refresh", "1", "--timerange", "+1s..+7s")
    assert.equal(1, lines[1].cpu_unknown)
    assert.same({}, { lines[1].busy, lines[1].read, lines[1].forks, lines[1].waiting })
    assert.same({ "unrecorded", "nothing was recorded for 4.000 s", 1 },
      { found[1].rule, found[1].remark, #found })
    local text = host.run("overview", "--gmt", "--refresh", "1", "--timerange", "+1s..+7s",
      example).out
    assert.matches("\n15:36:32 +%?[ ?]+100[ ?]+\n", text)
  end)

  it("leaves out what the trace can't tell, and says so", function()
    local trace = host.trace { streams = { { cpu = 0,
      { SECOND, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
      { 3 * SECOND, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper/0" } },
      { 4 * SECOND, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
    } } }
    local lines, whole, _, result = overview(trace, "--refresh", "1")
    assert.matches("overview: 'Overview', .* will be incomplete: the trace has no ", result.err)
    assert.same({ 1, 1, 0 }, { lines[1].cpu_busy, lines[2].cpu_busy, lines[3].cpu_busy })
    assert.same({}, { whole.read, whole.forks, whole.dirty, whole.waiting, whole.p99 })
    local text = host.run("overview", "--gmt", "--refresh", "1", trace).out
    assert.matches("\nbegin    busy%%\n00:00:01   100\n00:00:02   100\n00:00:03     0\n", text)
  end)

  it("tells what was lost", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      { from = SECOND, to = 2 * SECOND,
        { SECOND, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } },
      { from = 3 * SECOND, to = 9 * SECOND, lost = 7,
        { 3 * SECOND, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
        { 9 * SECOND, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper/0" } } },
    } } } }
    local lines, whole, found = overview(trace, "--refresh", "1")
    assert.equal(7, sum(lines, "lost_events"))
    assert.truthy(whole.cpu_unknown > 0)
    assert.equal("lost", found[#found].rule)
    assert.matches("^7 events lost", found[#found].remark)
  end)
end)
