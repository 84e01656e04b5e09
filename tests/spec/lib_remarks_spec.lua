--- Remarks follow their rules, and what they say to run next can be run; lines fit.
--
-- SPDX-License-Identifier: MIT

local activity_text = require "lttnga.activity_text"
local host = require "tests.spec.host"
local remarks = require "lttnga.remarks"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local SECOND, MS = 1000000000, 1000000

--- Seconds in which nothing happens: two CPUs, all idle.
local function quiet(n)
  local rows = {}
  for i = 1, n do
    rows[i] = { begin = i * SECOND, time = (i + 1) * SECOND, length = SECOND, n_cpus = 2, busy = 0,
      idle = 2 * SECOND, unknown = 0, user = 0, system = 0, irq = 0, softirq = 0, waiting = 0,
      blocked = 0, read = 0, written = 0, n_read = 0, n_written = 0, requests = 0, dirty = 0,
      dirty_most = 0, received = 0, sent = 0, forks = 0, throttled = 0, lost_events = 0,
      lost_packets = 0, lost_time = 0, has_calls = true,
      cpus = { [0] = { busy = 0, idle = SECOND, unknown = 0, waiting = 0 },
        { busy = 0, idle = SECOND, unknown = 0, waiting = 0 } },
      disks = { vda = { n = 100, failed = 0, errors = {}, in_flight = 1, p99 = MS, max = MS } } }
  end
  return rows
end

--- What makes each rule speak, in the 3rd to the 5th of 8 seconds.
local function one(value)
  return { value = value, time = 5 * SECOND, procname = "app", tid = 7, name = "fsync",
    kind = "softirq", cpu = 1 }
end
local cases = {
  lost = { function(row) row.lost_events, row.lost_time = 4, MS end, "^12 events lost" },
  unrecorded = { function(row) row.unknown, row.unrecorded = 2 * SECOND, true end,
    "^nothing was recorded for 3%.000 s$" },
  ["cpu-unknown"] = { function(row)
    row.unknown, row.cpus[1].unknown, row.cpus[1].idle = SECOND, SECOND, 0
  end, "^CPU 1 was offline, or not recorded, for 3%.000 s" },
  ["cpu-queue"] = { function(row) row.busy, row.idle, row.waiting = 2 * SECOND, 0, 13 end,
    "^13%.0 threads waited for a CPU %(2 CPUs, 100 %% busy%)$" },
  ["cpu-one"] = { function(row)
    row.busy, row.idle, row.waiting = 1.1 * SECOND, 0.9 * SECOND, 0.6
    row.cpus[1] = { busy = SECOND, idle = 0, unknown = 0, waiting = 0.6 }
  end, "^CPU 1 was 100 %% busy, and 0%.6 threads waited for it, while another .* 100 %% idle$" },
  ["cpu-limit"] = { function(row) row.waiting = 1.5 end,
    "^1%.5 threads waited for a CPU while CPUs were 100 %% idle" },
  interrupts = { function(row) row.irq, row.softirq = 0.2 * SECOND, 0.4 * SECOND end,
    "interrupt handlers took 10 %% of the CPU time, softirqs 20 %%" },
  ["irq-long"] = { function(row) row.longest_irq = one(60 * MS) end,
    "^softirq fsync took 60%.000 ms on CPU 1$" },
  ["disk-errors"] = { function(row)
    row.disks.vda.failed, row.disks.vda.errors = 2, { EIO = 2 }
  end, "^vda: 6 requests failed %(EIO%)$" },
  ["disk-slow"] = { function(row) row.disks.vda.p99, row.disks.vda.max = 200 * MS, 300 * MS end,
    "^vda: p99 of 300 requests up to 200%.000 ms, longest 300%.000 ms$" },
  ["disk-queue"] = { function(row) row.disks.vda.in_flight = 20 end,
    "^vda: 20 requests in flight$" },
  throttled = { function(row) row.throttled, row.dirty_most = 300 * MS, 2097152 end,
    "throttled for 900%.000 ms, with 2%.00 MiB dirty$" },
  reclaim = { function(row) row.reclaim = { direct = { n = 3, time = MS } } end,
    "reclaim some themselves 9 times, for 3%.000 ms$" },
  kswapd = { function(row) row.reclaim = { kswapd = { n = 1, time = 60 * MS } } end,
    "kswapd reclaimed some 3 times, active for 180%.000 ms$" },
  blocked = { function(row) row.longest_blocked = one(2 * SECOND) end,
    "^app %(7%) was blocked %(uninterruptible%) for 2%.000 s$" },
  ["cpu-starved"] = { function(row) row.longest_queued = one(600 * MS) end,
    "^app %(7%) could have run, but waited for a CPU for 600%.000 ms$" },
  ["slow-call"] = { function(row) row.slowest = one(2 * SECOND) end,
    "^fsync of app %(7%) took 2%.000 s$" },
  forks = { function(row) row.forks = 1500 end,
    "^4,500 threads or processes created in 3%.000 s$" },
  ["io-errors"] = { function(row) row.failed = { ["write EIO"] = 1 } end,
    "^calls failed: write EIO 3 times$" },
  exhausted = { function(row) row.failed = { ["open EMFILE"] = 1, ["write EPIPE"] = 1 } end,
    "^calls failed: open EMFILE 3 times$" },
  failing = { function(row) row.failed = { ["connect ECONNREFUSED"] = 50 } end,
    "^calls failed: connect ECONNREFUSED 150 times$" },
}

describe("the rules", function()
  local source = { paths = { example }, gmt = true }

  it("say nothing where nothing happens", function()
    assert.same({}, remarks.of(quiet(5), source))
  end)

  for _, rule in ipairs(remarks.rules) do
    it("speak when they should, once, and of nothing else: " .. rule.name, function()
      local case, rows = assert(cases[rule.name]), quiet(8)
      for i = 3, 5 do
        case[1](rows[i])
      end
      local found = remarks.of(rows, source)
      assert.equal(1, #found)
      assert.same({ rule.name, 3 * SECOND, 6 * SECOND },
        { found[1].rule, found[1].begin, found[1].time })
      assert.matches(case[2], found[1].text)
    end)

    it("are quiet below what they say: " .. rule.name, function()
      local rows = quiet(8)
      cases[rule.name][1](rows[3])
      local found = remarks.of(rows, source)
      assert.equal((rule.seconds or 0) > 1 and 0 or 1, #found)
    end)
  end

  it("make one remark of intervals in a row, with a gap of one, and two where there are more",
    function()
      local rows = quiet(12)
      for _, i in ipairs { 1, 2, 4, 8 } do
        rows[i].forks = 500
      end
      local found = remarks.of(rows, source)
      assert.equal(2, #found)
      assert.same({ 1 * SECOND, 5 * SECOND, 8 * SECOND, 9 * SECOND },
        { found[1].begin, found[1].time, found[2].begin, found[2].time })
      assert.same({ 1, 2 }, { found[1].rank, found[2].rank })
    end)

  it("suggest commands that run", function()
    local first = 1795448197 * SECOND
    for _, rule in ipairs(remarks.rules) do
      local rows = quiet(3)
      for i, row in ipairs(rows) do
        cases[rule.name][1](row)
        row.begin, row.time = first + i * SECOND, first + (i + 1) * SECOND
      end
      for _, row in ipairs(rows) do
        local longest = row.longest_blocked or row.longest_queued
        if longest then
          longest.time, longest.tid = row.time, 393
        end
      end
      local command = remarks.of(rows, source)[1].command
      local whole = type(rule.command) == "table" and rule.command.whole
      assert.matches(whole and "^lttnga%-run info %S+$"
        or "^lttnga%-run [%w-]+ .*%-%-timerange ", command)
      local result = host.shell(("PATH=%s:$PATH; cd . && %s"):format(
        build:find "^/" and build or "$PWD/" .. build, command))
      assert.equal(0, result.status, command .. "\n" .. result.err)
    end
  end)

  it("quote what a shell would not take as it is", function()
    local command = remarks.command({ paths = { "-a b/it's" }, host = "x*", gmt = true, date = true,
      all = true }, { "irqlog", "--min", "1ms" }, 1795448197000000001, 1795448198000000001)
    assert.equal("lttnga-run irqlog --min 1ms --gmt --host 'x*' --no-intersection --timerange "
      .. "2026-11-23T15:36:37.000..2026-11-23T15:36:38.001 './-a b/it'\\''s'", command)
  end)

  it("are explained beside lines that are real", function()
    local page, printed = host.read "docs/overview.md", host.run("overview", example).out
    local shown = page:match("\n```\n(Overview, .-)%.%.%.\n")
    assert.truthy(#shown > 400 and printed:find(shown, 1, true))
    -- All columns are.
    for _, name in ipairs { "unkn%", "net/s", "lost" } do
      assert.truthy(page:find("`" .. name .. "`", 1, true), name)
    end
    for name in shown:match("\nbegin +(.-)  slowest"):gmatch "%S+" do
      assert.truthy(page:find("`" .. name .. "`", 1, true), name)
    end
  end)

  it("are those of the docs", function()
    local page = host.read "docs/overview.md"
    assert.truthy(page:find(remarks.markdown(), 1, true),
      "docs/overview.md should have:\n" .. remarks.markdown())
  end)
end)

describe("lines of the overview", function()
  local rows = quiet(3)
  rows[2].slowest = one(1234567)
  rows[2].slowest.procname = "a name that is rather long"
  rows[2].read, rows[2].p99, rows[2].busy = 123456789, 17 * MS, SECOND

  it("fit into the width that there is, and show more in a wider one", function()
    local before = 0
    for _, width in ipairs { 40, 60, 80, 100, 120, 160, 200 } do
      local text, longest = activity_text.lines(rows, SECOND, { gmt = true, width = width }), 0
      for line in text:gmatch "[^\n]+" do
        longest = math.max(longest, #line)
      end
      assert.truthy(longest <= width, width .. ":\n" .. text)
      assert.truthy(longest >= before)
      before = longest
    end
    assert.matches("\n00:00:02    50 .* 118M .* 17ms .* 1%.2ms fsync a name that is rather long\n",
      activity_text.lines(rows, SECOND, { gmt = true }))
    assert.matches(" 1%.2ms fsync\n", activity_text.lines(rows, SECOND, { gmt = true, width = 80 }))
  end)
end)
