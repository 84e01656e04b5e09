--- compare -- why: why requests became slower, of traces that are made so that it is known. What
-- was done to them is found, first, and to the ns; what was not is noise; and all parts add up.
--
-- With LTTNGA_TEST_SPLITS=100 the experiment of docs/compare.md is made in full; else a part of it.
--
-- SPDX-License-Identifier: MIT

local compositions = require "lttnga.compositions"
local host = require "tests.spec.host"
local json = require "dkjson"
local service = require "tests.spec.service"
local stationary = require "tests.spec.stationary"

local splits = tonumber(os.getenv "LTTNGA_TEST_SPLITS") or 12
local us = 1000

--- A load that does not change: half of the requests read from the disk, a third wait for a lock, a
-- tenth loses its CPU for a while.
local function load(seed, n)
  local random, list = select(2, stationary.calls(seed, 1)), {}
  local function part(probability, mean)
    local chosen, spread = random() < probability, 0.5 + random() + (random() < 0.02 and 10 or 0)
    return chosen and math.floor(mean * spread) or nil
  end
  for i = 1, n do
    list[i] = { run = part(1, 300 * us), disk = part(0.5, 600 * us), lock = part(0.33, 200 * us),
      hog = part(0.1, 100 * us), pause = math.floor(random() * 300 * us) }
  end
  return list, random
end

--- The same requests, each changed by a function.
local function changed(list, change)
  local copies = {}
  for i, one in ipairs(list) do
    local copy = {}
    for name, value in pairs(one) do
      copy[name] = value
    end
    change(copy, i)
    copies[i] = copy
  end
  return copies
end

--- Another trace has other numbers.
local OTHER = { tid = 300, holder = "holder/7" }

local function before(list)
  return (service.trace(list, { holder = "holder/3" }))
end

local function after(list)
  return (service.trace(list, OTHER))
end

--- Runs compare; asserts its exit status.
local function run(status, ...)
  local result = host.run_as_is("compare", "--no-cache", ...)
  assert.equal(status, result.status, result.err)
  return result
end

local WHY = { "--", "why", "--request", "logger" }

--- Adds a row of a table of parts to its whole.
local function add_part(of, row)
  if row.level == "all" then
    of[row.value] = row
  else
    table.insert(row.level == "wait" and of.waits or of.causes, row)
  end
end

--- A comparison: wholes by group, each with `mean`, `p99`, and `waits` and `causes` in their order;
-- the summary.
local function compared(...)
  local words, wholes, summary = { "--output", "json", ... }, {}, nil
  local is_whole = false
  for _, word in ipairs(words) do
    is_whole = is_whole or word == "--"
  end
  table.move(is_whole and {} or WHY, 1, is_whole and 0 or #WHY, #words + 1, words)
  for line in run(0, table.unpack(words)).out:gmatch "[^\n]+" do
    local row = assert(json.decode(line))
    if row.table == "Comparison" then
      summary = row
    elseif row.table == "Compared" or not row.process then
      -- Spans that are of the other trace: there is no process of theirs.
      assert.is_true(row.table == "Compared" or row.request:find "both$" ~= nil)
    elseif row.table == "Why requests changed" then
      wholes[row.group or row.request] = { whole = row, waits = {}, causes = {} }
    elseif row.table == "Time per request" then
      add_part(wholes[row.group or row.request], row)
    end
  end
  return wholes, summary
end

--- Asserts that parts add up: waits to the whole, causes to their waits.
local function adds_up(of)
  for _, number in ipairs { "before", "after", "difference", "part" } do
    local sum, waits = 0, {}
    for _, wait in ipairs(of.waits) do
      sum, waits[wait.wait] = sum + (wait[number] or 0), wait[number] or 0
    end
    assert.near(of.average[number] or sum, sum, 1e-6, number)
    for _, cause in ipairs(of.causes) do
      waits[cause.wait] = waits[cause.wait] - (cause[number] or 0)
    end
    for name, left in pairs(waits) do
      assert.near(0, left, 1e-6, name .. " " .. number)
    end
  end
  assert.near(of.average.after - of.average.before, of.average.difference, 1e-6)
  assert.near(of.whole.difference, of.average.difference, 1e-6)
end

--- The mean of a part of requests, ns.
local function mean(list, ...)
  local sum = 0
  for _, one in ipairs(list) do
    for _, name in ipairs { ... } do
      sum = sum + (one[name] or 0)
    end
  end
  return sum / #list
end

--- How much a wait has changed, without the time in which its thread is awake but does not run yet.
local function moved(list, other, name)
  local function of(some)
    local waits = 0
    for _, one in ipairs(some) do
      waits = waits + (one[name] and service.LATENCY or 0)
    end
    return mean(some, name) - waits / #some
  end
  return of(other) - of(list)
end

describe("compare -- why", function()
  it("finds a disk that has become slower, and says by how much", function()
    local list = load(1, 400)
    local slow = changed(list, function(one) one.disk = one.disk and one.disk * 2 end)
    local a, b = before(list), after(slow)
    local found, summary = compared(a, b)
    local of = found.req
    assert.equal("changed", summary.verdict)
    assert.same({ 400, 400 }, { of.whole.requests_before, of.whole.requests_after })
    assert.near(mean(list, "run", "disk", "lock", "hog"), of.average.before, 1e-6)
    assert.near(mean(slow, "run", "disk", "lock", "hog"), of.average.after, 1e-6)
    local first = of.waits[1]
    assert.same({ "disk (8,0)", "changed" }, { first.wait, first.judgement })
    assert.near(moved(list, slow, "disk"), first.difference, 1e-6)
    assert.near(1, first.part, 1e-9)
    for i = 2, #of.waits do
      assert.same({ 0, "same" }, { of.waits[i].difference, of.waits[i].judgement })
    end
    adds_up(of)
    assert.matches("^logger: app req: requests became [%d.]+ us slower on the average %([%d.]+ us "
      .. "%-> [%d.]+ ms, p < 0.0001; p99 [^)]*%): [%d.]+ us more waiting for disk %(8,0%) "
      .. "%(100 %%%)%.$", of.whole.why)
    assert.matches(("became %.3f us slower"):format(of.average.difference / 1000), of.whole.why)
    local text = run(0, a, b, table.unpack(WHY)).out
    assert.is_not_nil(text:find(of.whole.why, 1, true))
    assert.is_true(text:find(of.whole.why, 1, true) < text:find("\nComparison\n", 1, true))
    -- The other way round it has become faster.
    assert.matches("requests became [%d.]+ us faster .* [%d.]+ us less waiting for disk %(8,0%)",
      compared(b, a).req.whole.why)
  end)

  it("finds a lock that is held longer, by a thread with other numbers", function()
    local list = load(2, 600)
    local other = load(3, 600)
    local slow = changed(other, function(one) one.lock = one.lock and one.lock * 3 end)
    local of = compared(before(list), after(slow)).req
    local first = of.waits[1]
    assert.same({ "lock", "changed" }, { first.wait, first.judgement })
    assert.near(moved(list, slow, "lock"), first.difference, 1e-6)
    for _, cause in ipairs(of.causes) do
      if cause.wait == "lock" then
        assert.same({ "cpu", "lock", "holder/*" }, { cause.cause, cause.via, cause.who })
        assert.equal(first.difference, cause.difference)
      end
    end
    adds_up(of)
    assert.matches(": [%d.]+ us more waiting for a lock, while holder/%* runs %(%d+ %%%)",
      of.whole.why)
  end)

  it("finds a thread that takes the CPU, and says that it is new", function()
    local list = changed(load(4, 400), function(one) one.hog = nil end)
    local slow = changed(load(5, 400), function(one, i)
      one.hog = i % 2 == 0 and 900 * us or nil
    end)
    local of = compared(before(list), after(slow)).req
    assert.equal("runqueue", of.waits[1].wait)
    for _, cause in ipairs(of.causes) do
      if cause.who == "hog" then
        assert.same({ 0, 450 * us, "new" }, { cause.before, cause.after, cause.judgement })
      else
        assert.not_equal("new", cause.judgement)
      end
    end
    adds_up(of)
    assert.matches(": [%d.]+ us more waiting for a CPU, while hog runs there", of.whole.why)
    of = compared(after(slow), before(list)).req
    for _, cause in ipairs(of.causes) do
      assert.equal(cause.who == "hog", cause.judgement == "gone")
    end
    assert.matches("requests became .* faster .*: [%d.]+ us less waiting for a CPU, while hog runs",
      of.whole.why)
  end)

  it("finds no difference between a trace and itself", function()
    local trace = before((load(6, 200)))
    local found, summary = compared(trace, trace)
    assert.same({}, found)
    assert.equal("same", summary.verdict)
    local text = run(0, trace, trace, table.unpack(WHY)).out
    assert.is_nil(text:find("requests", 1, true))
    adds_up(compared("--all", trace, trace).req)
  end)

  it("tells noise: parts of a load that does not change, divided at random", function()
    local good = 0
    for seed = 1, splits do
      local list, random = load(100 + seed, 600)
      local one, other = stationary.split(list, random)
      local found, summary = compared(before(one), after(other))
      good = good + (summary.verdict == "noise" and 1 or 0)
      if summary.verdict == "noise" then
        assert.matches("requests took as long as before, as far as can be told",
          found.req.whole.why)
        assert.is_nil(found.req.average)
      end
    end
    assert.is_true(good >= 0.95 * splits - 0.5, ("%d of %d"):format(good, splits))
  end)

  it("adds up whatever the requests are", function()
    for seed = 1, 5 do
      local list, other = load(200 + seed, 30 * seed), load(300 + seed, 100)
      local found = compared("--all", before(list), after(other))
      adds_up(found.req)
      assert.near(mean(list, "run", "disk", "lock", "hog"), found.req.average.before, 1e-6)
      assert.near(mean(other, "run", "disk", "lock", "hog"), found.req.average.after, 1e-6)
    end
  end)

  it("keeps kinds of requests apart, however many there are of each", function()
    local function mix(seed, n, of_reads)
      local list, random = load(seed, n)
      for _, one in ipairs(list) do
        one.name = random() < of_reads and "get" or "put"
      end
      return list
    end
    local list = mix(7, 600, 0.8)
    local slow = changed(mix(8, 600, 0.3), function(one)
      one.lock = one.name == "put" and (one.lock or 0) + 500 * us or one.lock
    end)
    local found, summary = compared("--all", before(list), after(slow))
    assert.equal("changed", summary.verdict)
    assert.equal("noise", found.get.whole.judgement)
    assert.matches("^logger: app get: requests took as long as before", found.get.whole.why)
    assert.same({ "changed", "lock" }, { found.put.whole.judgement, found.put.waits[1].wait })
    adds_up(found.get)
    adds_up(found.put)
    -- What has changed stands first.
    local text = run(0, before(list), after(slow), table.unpack(WHY)).out
    assert.is_true(text:find("app put: requests", 1, true)
      < text:find("app get: requests", 1, true))
    assert.is_nil(text:find("Time per request - logger: app get", 1, true))
  end)

  it("says what has changed if the time as a whole has not", function()
    local list = load(9, 400)
    local moved_time = changed(list, function(one)
      one.run, one.lock = one.run - 100 * us, (one.lock or 0) + 100 * us
    end)
    local of = compared(before(list), after(moved_time)).req
    assert.same({ "same", "changed" }, { of.average.judgement, of.whole.judgement })
    assert.matches("requests took as long as before: [^;]*; what they wait for has changed: ",
      of.whole.why)
    assert.matches("less running", of.whole.why)
    assert.matches("more waiting for a lock, while holder/%* runs", of.whole.why)
    adds_up(of)
  end)

  it("says that the slowest became slower if only they did", function()
    local function tail(times)
      return changed(load(10, 3000), function(one, i)
        one.disk = i % 25 == 0 and (5 + i % 7) * times * 1000 * us or nil
      end)
    end
    local list, slow = tail(1), tail(5)
    local of = compared(before(list), after(slow)).req
    assert.same({ "changed", "changed" }, { of.p99.judgement, of.average.judgement })
    assert.near(moved(list, slow, "disk"), of.average.difference, 1e-6)
    assert.matches("requests became [%d.]+ ms slower on the average, though most took as long as "
      .. "before %([%d.]+ us %-> [%d.]+ ms; p99 [%d.]+ ms %-> [%d.]+ ms%): [%d.]+ ms more waiting "
      .. "for disk %(8,0%) %(100 %%%)%.", of.whole.why)
    adds_up(of)
    -- By so little that it hardly matters for the mean.
    local function few(lock)
      local some, random = {}, select(2, stationary.calls(30, 1))
      for i = 1, 2000 do
        some[i] = { run = 1000 * us + math.floor(random() * 100 * us),
          lock = i % 50 == 0 and lock or nil }
      end
      return some
    end
    of = compared(before(few(1000 * us)), after(few(3000 * us))).req
    assert.same({ "noise", "changed" }, { of.average.judgement, of.p99.judgement })
    assert.matches("may be chance %(p = [%d.]+%), but the slowest became slower: p99 2.[%d.]+ ms "
      .. "%-> 4.[%d.]+ ms %(p < 0.0001%); what they wait for has changed: 40.000 us more waiting "
      .. "for a lock, while holder/%* runs%.", of.whole.why)
  end)

  it("says if there are too few requests to tell, or only on one side", function()
    local list = load(11, 60)
    local few = compared("--all", before { list[1], list[2] }, after { list[3], list[4] }).req
    assert.equal("too few", few.whole.judgement)
    assert.matches("too few requests to tell %(2 before, 2 after%)", few.whole.why)
    local named = changed(list, function(one) one.name = "job" end)
    local found, summary = compared(before(list), after(named))
    assert.equal("not judged", summary.verdict)
    assert.same({ "gone", "new" }, { found.req.whole.judgement, found.job.whole.judgement })
    assert.matches("60 requests after, none before: [%d.]+ us on the average%.",
      found.job.whole.why)
    assert.matches("60 requests before, none after", found.req.whole.why)
  end)

  it("compares two ranges of one trace, and what partial results have", function()
    local list = load(12, 400)
    for i = 201, 400 do
      list[i].disk = list[i].disk and list[i].disk * 3
    end
    local time = 1000600
    for i = 1, 200 do
      local one = list[i]
      time = time + one.pause + (one.run or 0) + (one.disk or 0) + (one.lock or 0) + (one.hog or 0)
    end
    local trace = before(list)
    local of = compared("--baseline", ("[1000000,%d]"):format(time), trace).req
    assert.same({ 200, 200 }, { of.whole.requests_before, of.whole.requests_after })
    assert.same({ "disk (8,0)", "changed" }, { of.waits[1].wait, of.waits[1].judgement })
    adds_up(of)
    local half = table.move(list, 1, 200, 1, {})
    local first, second = before(half), after(table.move(list, 201, 400, 1, {}))
    local whole = compared(first, second).req
    local file = host.path "before.json"
    assert.equal(0, host.run_as_is("why", "--request", "logger", "--partial", file, first).status)
    local from_file = compared(file, second, "--", "why").req
    assert.same(whole, from_file)
    local other = host.path "after.json"
    assert.equal(0, host.run_as_is("why", "--request", "logger", "--partial", other, second).status)
    assert.same(whole, compared(file, other, "--", "why", "--request", "logger").req)
  end)

  it("takes periods, calls, and spans of both traces in one file", function()
    local list = load(16, 200)
    local slow = changed(list, function(one) one.lock = one.lock and one.lock * 3 end)
    local one, begun = service.trace(list, { holder = "holder/3" })
    local other, begun_there = service.trace(slow, OTHER)
    local whole, lines = compared(one, other).req, {}
    for tid, times in pairs { [10] = begun, [300] = begun_there } do
      local spans = {}
      for i, time in ipairs(times) do
        spans[i] = { traceId = ("%032x"):format(tid), spanId = ("%016x"):format(i), name = "req",
          kind = 2, startTimeUnixNano = ("%d"):format(time[1]),
          endTimeUnixNano = ("%d"):format(time[2]) }
      end
      lines[#lines + 1] = json.encode { resourceSpans = { {
        resource = { attributes = {
          { key = "process.pid", value = { intValue = tostring(tid) } } } },
        scopeSpans = { { scope = { name = "test" }, spans = spans } } } } }
    end
    local path = host.write(table.concat(lines, "\n") .. "\n", "both.jsonl")
    local of = compared(one, other, "--", "why", "--request", "spans:" .. path).req
    adds_up(of)
    for i, wait in ipairs(whole.waits) do
      for _, name in ipairs { "wait", "before", "after", "judgement" } do
        assert.equal(wait[name], of.waits[i][name])
      end
    end
    -- A call, and the same as a period.
    local call = compared(one, other, "--", "why", "--request", "syscall:futex")
    local period = compared(one, other, "--", "why", "--period", 'wait : '
      .. '$evt.$name == "syscall_entry_futex" : $evt.$name == "syscall_exit_futex" '
      .. "&& $evt.tid == $begin.$evt.tid")
    local by_call, by_period = call["syscall:futex"], period.wait
    adds_up(by_call)
    assert.equal("lock", by_call.waits[1].wait)
    assert.matches("^wait: app: requests became ", by_period.whole.why)
    for name in pairs { difference = true, before = true, p = true } do
      assert.equal(by_call.whole[name], by_period.whole[name])
    end
  end)

  it("compares threads that are asked for, and requests as such, by what is stable", function()
    local list = load(17, 200)
    local slow = changed(list, function(one) one.lock = one.lock and one.lock * 3 end)
    local one, other = before(list), after(slow)
    local summary
    for line in run(0, "--output", "json", one, other, "--", "requests", "--request",
      "logger").out:gmatch "[^\n]+" do
      local row = json.decode(line)
      summary = row.table == "Comparison" and row or summary
    end
    assert.same({ 1, 0, 0 }, { summary.rows, summary.new, summary.gone })
    local time = 0
    local here = service.trace(list)
    local there = service.trace(slow, { holder = "holder" })
    for line in run(0, "--output", "json", "--all", "--totals", "--limit", "0", here, there, "--",
      "why", "--tid", "10").out:gmatch "[^\n]+" do
      local row = json.decode(line)
      if row.value == "time" then
        assert.is_not_nil(row.before)
        time = time + row.difference
        if row.cause == "cpu" then
          assert.same({ "lock", "holder" }, { row.via, row.who })
          assert.near(200 * moved(list, slow, "lock"), row.difference, 1e-6)
        end
      end
    end
    assert.near(200 * moved(list, slow, "lock"), time, 1e-6)
  end)

  it("says that most became faster if only few made the average worse", function()
    local function of(own, lock)
      local list = {}
      for i = 1, 500 do
        list[i] = { run = own + i % 50 * us, lock = i % 20 == 0 and (lock + i) * us or nil }
      end
      return list
    end
    local found = compared(before(of(1000 * us, 100)), after(of(940 * us, 9000))).req
    assert.equal("changed", found.average.judgement)
    assert.matches("requests became [%d.]+ us slower on the average, though most became faster "
      .. "%([^)]*%): [%d.]+ us more waiting for a lock, while holder/%* runs %(%d+ %%%), 60.000 us "
      .. "less running %(%-%d+ %%%)%.", found.whole.why)
    adds_up(found)
  end)

  it("compares each host with all others", function()
    local traces = {}
    for i, name in ipairs { "web1", "web2", "web3" } do
      local list = changed(load(20 + i, 300), function(one)
        one.lock = i == 2 and (one.lock or 0) + 300 * us or one.lock
      end)
      traces[i] = service.trace(list, { hostname = name, tid = 10 * i, holder = "holder/" .. i })
    end
    local wholes, rows = {}, {}
    for line in run(0, "--by", "host", "--output", "json", traces[1], traces[2], traces[3],
      table.unpack(WHY)).out:gmatch "[^\n]+" do
      local row = json.decode(line)
      wholes[#wholes + 1] = row.table == "Why requests changed" and row or nil
      rows[#rows + 1] = row.table == "Time per request" and row.host == "web2" and row or nil
    end
    assert.same({ "web2", 600, 300 }, { wholes[1].host, wholes[1].requests_before,
      wholes[1].requests_after })
    local of = { whole = wholes[1], waits = {}, causes = {} }
    for _, row in ipairs(rows) do
      add_part(of, row)
    end
    assert.equal("lock", of.waits[1].wait)
    adds_up(of)
    local text = run(0, "--by", "host", traces[1], traces[2], traces[3], table.unpack(WHY)).out
    assert.matches("\nweb2, logger: app req: requests became [%d.]+ us slower", text)
    assert.matches("\nTime per request %- web2, logger: app req\n", text)
  end)

  it("fails with status 3 if a condition holds, of the whole or of a part", function()
    local list = load(13, 300)
    local slow = changed(list, function(one) one.disk = one.disk and one.disk * 4 end)
    local a, b = before(list), after(slow)
    local err = run(3, "--fail-if", "average > 1.5x", a, b, table.unpack(WHY)).err
    assert.matches("failed: Time per request: logger: app req: average > 1.5x, before [%d.]+ us, "
      .. "after [%d.]+ ms\n", err)
    assert.matches("failed: Time per request: logger: app req, disk %(8,0%): average > 1.5x", err)
    assert.equal("", run(0, "--fail-if", "average > 9x", a, b, table.unpack(WHY)).err)
    assert.matches("warning: %-%-fail%-if 'typical > 2x': no row that is compared has this column",
      run(0, "--fail-if", "typical > 2x", a, b, table.unpack(WHY)).err)
    run(0, "--fail-if", "average > 1.001x", "--fail-if", "p99 > 1.001x", a, a, table.unpack(WHY))
    local one, other = stationary.split(load(14, 600))
    run(0, "--fail-if", "average > 1.001x", before(one), after(other),
      table.unpack(WHY))
  end)

  it("takes a part as small by what it is of the whole difference", function()
    local list = load(18, 400)
    local slow = changed(list, function(one)
      one.disk = one.disk and one.disk * 2
      one.hog = one.hog and one.hog * 5
    end)
    local a, b = before(list), after(slow)
    local function said(...)
      local found = {}
      for _, wait in ipairs(compared(...).req.waits) do
        found[wait.wait] = wait.judgement
      end
      return found
    end
    -- The hog makes about 8 % of the difference, and shows in few of those that waited for a CPU.
    assert.equal("changed", said(a, b).runqueue)
    assert.not_equal("changed", said("--min-effect", "10%", a, b).runqueue)
    assert.equal("changed", said("--min-effect", "10%", a, b)["disk (8,0)"])
  end)

  it("writes what it finds as CSV and as a page, too", function()
    local list = load(15, 300)
    local slow = changed(list, function(one) one.disk = one.disk and one.disk * 4 end)
    local a, b = before(list), after(slow)
    local why = compared(a, b).req.whole.why
    local csv, found = host.csv(run(0, "--output", "csv", a, b, table.unpack(WHY)).out), false
    for _, row in ipairs(csv) do
      for _, cell in ipairs(row) do
        found = found or cell == why
      end
    end
    assert.is_true(found)
    local page = run(0, "--output", "html", a, b, table.unpack(WHY)).out
    for _, text in ipairs { "more waiting for disk (8,0)", "Time per request", "Judgement" } do
      assert.is_not_nil(page:find(text, 1, true), text)
    end
    for line in run(0, "--width", "60", a, b, table.unpack(WHY)).out:gmatch "[^\n]+" do
      assert.is_true(line:find "^Before" ~= nil or line:find "^After" ~= nil
        or utf8.len(line) <= 60, line)
    end
  end)
end)

describe("what a wait is called", function()
  it("is said with who was behind it", function()
    for words, one in pairs {
      ["2.000 ms more waiting for a lock, while disk sda works"] = { "lock", 2e6,
        { { cause = "disk", via = "lock", object = "sda" } } },
      ["3.000 us less waiting for disk sda"] = { "disk sda", -3e3,
        { { cause = "disk", object = "sda" } } },
      ["2.000 ms more waiting for a socket, while db runs and another thread waits for the network"]
        = { "socket", 2e6, { { cause = "cpu", via = "socket", name = "db" },
        { cause = "net", via = "socket" } } },
      ["2.000 ms less running"] = { "own", -2e6, { { cause = "own" } } },
      ["2.000 ms more sleeping"] = { "timer", 2e6, { { cause = "timer" } } },
      ["2.000 ms more waiting for a CPU, while hog runs there"] = { "runqueue", 2e6,
        { { cause = "runqueue", name = "hog" } } },
      ["2.000 ms more waiting for the network"] = { "net", 2e6, {} },
      ["2.000 ms more of unknown time"] = { "unknown", 2e6, {} },
    } do
      assert.equal(words, compositions.reason({ level = "wait", wait = one[1] }, one[2], one[3]))
    end
  end)
end)

describe("names of threads in compositions", function()
  it("have no numbers of one trace", function()
    for name, stable in pairs { ["kworker/0:1"] = "kworker/*:*", ["kworker/1:2H"] = "kworker/*:*H",
      ["kworker/u4:0"] = "kworker/u4:*", ["ksoftirqd/1"] = "ksoftirqd/*",
      ["iou-wrk-272"] = "iou-wrk-*", ["worker-12"] = "worker-*", ["jbd2/vda-8"] = "jbd2/vda-*",
      python3 = "python3", dd = "dd", ["irq/5-eth0"] = "irq/*-eth0" } do
      assert.equal(stable, compositions.name(name))
    end
  end)
end)
