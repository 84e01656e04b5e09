--- compare: rows are matched whatever their keys are, chance is told from change, and nothing is
-- said to be judged that is not.
--
-- With LTTNGA_TEST_SPLITS=100 the experiment of docs/compare.md is made in full; else a part of it.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"
local rank_test = require "lttnga.rank_test"
local scripts = require "lttnga.scripts"
local stationary = require "tests.spec.stationary"
local stats = require "lttnga.stats"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local splits = tonumber(os.getenv "LTTNGA_TEST_SPLITS") or 12

--- Runs compare; asserts its exit status.
local function run(status, ...)
  local result = host.run_as_is("compare", "--no-cache", ...)
  assert.equal(status, result.status, result.err)
  return result
end

--- Rows of a comparison: all of them; the summaries by table; the changes by table.
local function compared(...)
  local summary, lines = {}, {}
  for line in run(0, "--output", "json", ...).out:gmatch "[^\n]+" do
    local row = assert(json.decode(line))
    if row.table == "Comparison" then
      summary[row.of] = row
    elseif row.table ~= "Compared" then
      lines[#lines + 1] = row
    end
  end
  return summary, lines
end

--- A script whose rows are what Lua says, for traces in which a file of its name is opened.
local function script_of(before, after)
  return host.script(([[
    local rows = { ["/before"] = %s, ["/after"] = %s }
    local stats = require "lttnga.stats"
    return require "lttnga.analysis" { title = "Made",
      begin = function(w) w.rows = {} end,
      on = { fd_open = function(w, path)
        for _, row in ipairs(rows[path] or {}) do
          for i, value in ipairs(row.values or {}) do
            row.stats = row.stats or stats.new()
            row.stats:add(value)
            row.n = i
          end
          w.rows[#w.rows + 1] = row.values and stats.fields(row.stats, row) or row
        end
      end },
      tables = { { "made", "Made", { { "Key", "string", "key", key = true },
        { "Other", "mixed", "other", key = true }, { "Time", "duration", "time" },
        { "Bytes", "size", "bytes", compare = "sum" }, { "Average", "duration", "average" },
        { "PID", "number", "pid", compare = "none" } },
        rows = function(w) return w.rows end } },
    }]]):format(before, after))
end

--- A trace of one second in which a file is opened.
local function marked(path)
  return host.trace { streams = { { cpu = 0,
    { 1000000, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
    { 2000000, "syscall_entry_openat", { dfd = -100, filename = path, flags = 0 } },
    { 3000000, "syscall_exit_openat", { ret = 3 } },
    { 1001000000, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper/0" } } } } }
end

local before, after = marked "/before", marked "/after"

local function of(values)
  local one = stats.new(true)
  for _, value in ipairs(values) do
    one:add(value)
  end
  return rank_test.sample(one)
end

describe("rank tests", function()
  --- All ways to divide the values of both samples, in Python.
  local EXACT = [[
import itertools, sys
a, b = ([int(x) for x in line.split()] for line in open(sys.argv[1]))
both = sorted(a + b)
rank = {v: sum(1 for x in both if x < v) + (sum(1 for x in both if x == v) + 1) / 2 for v in both}
def p_of(values, score):
    mine = score(values)
    below = above = n = 0
    for some in itertools.combinations(range(len(both)), len(values)):
        s = score([both[i] for i in some])
        n, below, above = n + 1, below + (s <= mine), above + (s >= mine)
    return min(1, 2 * min(below, above) / n)
median = both[-(-len(both) // 2) - 1]
print(p_of(b, lambda v: sum(rank[x] for x in v)),
      p_of(b, lambda v: sum(1 for x in v if x > median)))
]]

  it("give what counting all ways to divide the values gives", function()
    local program = host.write(EXACT, "exact.py")
    for _, one in ipairs { { "1 2 3 4 5", "6 7 8 9 10" }, { "1 2 2 3 9", "2 3 3 5 6 6" },
      { "5 5 5 5", "5 5 5 6" }, { "1 10 100 1000 2 3", "4 50 60 -70" } } do
      local data, samples = host.write(one[1] .. "\n" .. one[2] .. "\n", "samples"), {}
      for i, line in ipairs(one) do
        samples[i] = {}
        for number in line:gmatch "%S+" do
          table.insert(samples[i], math.tointeger(tonumber(number)))
        end
      end
      local exact = host.shell(("python3 %s %s"):format(program, data))
      local ranks, median = exact.out:match "(%S+) (%S+)"
      local pair = rank_test.pair(of(samples[1]), of(samples[2]))
      assert.near(tonumber(ranks), (rank_test.mann_whitney(pair)), 1e-9, one[1])
      assert.near(tonumber(median), (rank_test.quantile(pair, 0.5)), 1e-9, one[1])
    end
  end)

  it("are right at the border between exact and normal distributions", function()
    local a, b = {}, {}
    for i = 1, 20 do
      a[i], b[i] = i * 2, i * 2 + 9
    end
    local exact = rank_test.mann_whitney(rank_test.pair(of(a), of(b)))
    a[21] = 21
    local normal = rank_test.mann_whitney(rank_test.pair(of(a), of(b)))
    assert.near(exact, normal, 0.01)
  end)

  it("take little more time where they are exact", function()
    local a, b, thousands = {}, {}, 0
    for i = 1, 20 do
      a[i], b[i] = i * 200, i * 201 + 9
    end
    local pair = rank_test.pair(of(a), of(b))
    debug.sethook(function() thousands = thousands + 1 end, "", 1000)
    rank_test.mann_whitney(pair)
    debug.sethook()
    assert.is_true(thousands < 500, thousands)
  end)

  it("say nothing of equal values, and of no values", function()
    local same = rank_test.pair(of { 7, 7, 7 }, of { 7, 7 })
    assert.same({ 1, 0.5 }, { rank_test.mann_whitney(same) })
    assert.equal(1, (rank_test.quantile(same, 0.99)))
    assert.equal(1, (rank_test.mann_whitney(rank_test.pair(of {}, of { 1 }))))
    assert.equal(1, rank_test.counts(0, 0, 1, 1))
  end)

  it("take what is counted in ranges", function()
    local coarse = { value = { 1024, 2048 }, n = { 5, 5 }, total = 10, exact = false }
    local pair = rank_test.pair(of { 1024, 1024, 1024, 2049, 2048 }, coarse)
    assert.same({ { 3, 5 }, { 2, 5 } }, { pair[1], pair[2] })
  end)

  it("are corrected for their number as Holm says", function()
    assert.same({ 0.03, 0.06, 0.06 }, rank_test.holm { 0.01, 0.04, 0.03 })
    assert.same({ 1, 1 }, rank_test.holm { 0.9, 0.8 })
    assert.same({}, rank_test.holm {})
  end)

  it("call a difference by chance so as rarely as they say", function()
    local random, found = select(2, stationary.calls(5, 1)), 0
    for _ = 1, 2000 do
      local a, b = {}, {}
      for i = 1, 30 do
        a[i], b[i] = math.floor(random() * 50), math.floor(random() * 50)
      end
      if rank_test.mann_whitney(rank_test.pair(of(a), of(b))) <= 0.05 then
        found = found + 1
      end
    end
    assert.is_true(found > 60 and found < 140, found)
  end)
end)

describe("compare", function()
  --- Analyses that run together, and those that run by themselves, each with their options.
  local function stock()
    local alone, writes = { info = {}, trackprocess = { "--tid", "300" } }, { export = true,
      timeline = true, report = true }
    local runs, together = {}, {}
    for _, entry in ipairs(scripts.list(io.popen("pwd"):read "l" .. "/lua")) do
      if alone[entry.name] then
        runs[#runs + 1] = { entry.name, table.unpack(alone[entry.name]) }
      elseif not writes[entry.name] then
        together[#together + 1] = entry.name
      end
    end
    runs[#runs + 1] = { table.concat(together, ",") }
    assert.is_true(#together > 50)
    return runs
  end

  it("finds no difference between a trace and itself, in any analysis", function()
    local count = 0
    for _, one in ipairs(stock()) do
      local summary, lines = compared(example, example, "--", table.unpack(one))
      for title, row in pairs(summary) do
        assert.equal("same", row.verdict, one[1] .. ": " .. title)
        count = count + 1
      end
      assert.same({}, lines, one[1])
      local text = run(0, example, example, "--", table.unpack(one)).out
      assert.matches("\nComparison\n", text, one[1])
      assert.is_nil(text:find("changed", 1, true), one[1])
    end
    assert.is_true(count > 80, count)
  end)

  it("compares any table of any analysis", function()
    for _, one in ipairs(stock()) do
      local summary, lines = compared("--all", "--limit", "0", "--baseline", "[+6s,+1.5s]",
        example, "--", table.unpack(one))
      for _, line in ipairs(lines) do
        assert.is_not_nil(summary[line.table], line.table)
        assert.is_string(line.value)
        assert.is_true(line.before ~= nil or line.after ~= nil, line.table)
      end
      local text = run(0, "--baseline", "[+6s,+1.5s]", example, "--", table.unpack(one)).out
      assert.is_nil(text:find "[^\n -~\x80-\xff]", one[1])
    end
  end)

  --- Fields of a line of a comparison that do not say of which row it is.
  local is_result = { before = true, after = true, difference = true, ratio = true, p = true,
    judgement = true, unit = true }

  --- What is not divided by the time: before and after, by which number of which row it is.
  local function undivided(name, ...)
    local found = {}
    local _, lines = compared("--all", "--limit", "0", "--baseline",
      "[1795448197097854430,1795448199000000000]", example, "--", name, "--timerange", ...)
    for _, line in ipairs(lines) do
      local key = {}
      for field, value in pairs(line) do
        key[#key + 1] = not is_result[field] and field .. "=" .. (type(value) == "table"
          and json.encode(value, { keyorder = { "name", "pid", "tid" } }) or tostring(value)) or nil
      end
      table.sort(key)
      if not line.value:find "/s$" then
        found[table.concat(key, " ")] = { line.before, line.after,
          name = line.table .. ": " .. line.value }
      end
    end
    return found
  end

  it("divides by the time all numbers of stock analyses that are added up", function()
    -- The last ones are those that run together.
    local all = stock()
    local names = all[#all][1]
    local second = undivided(names, "[1795448199000000001,1795448200973702410]")
    local whole, sums = undivided(names, "[1795448197097854430,1795448200973702410]"), {}
    -- A sum of the whole is the sum of its parts; a mean or a maximum of many rows is not.
    for key, pair in pairs(whole) do
      local first, other, sum = pair[1] or 0, second[key] and second[key][2] or 0, pair[2] or 0
      if first > 0 and other > 0 then
        local is_sum = math.abs(first + other - sum) <= 0.001 * sum
        sums[pair.name] = sums[pair.name] ~= false and is_sum
      end
    end
    local count = 0
    for name, is_sum in pairs(sums) do
      assert.is_false(is_sum, name .. " needs compare = \"sum\"")
      count = count + 1
    end
    assert.is_true(count > 50, count)
    -- Text for people has more columns.
    local text = run(0, "--all", "--baseline", "[+6s,+1.5s]", example, "--", "irqstats").out
    assert.is_truthy(text:find("total/s", 1, true))
    assert.is_nil(text:find(" total ", 1, true))
  end)

  it("tells noise: parts of a load that does not change, divided at random", function()
    local verdicts = {}
    for seed = 1, splits do
      local calls, random = stationary.calls(seed, 1000)
      local one, other = stationary.split(calls, random)
      local summary = compared((stationary.trace(one)), (stationary.trace(other)), "--",
        "iolatencystats,syscalls")
      for title, row in pairs(summary) do
        local good = row.verdict == "noise" or row.rows == 0
        verdicts[title] = (verdicts[title] or 0) + (good and 1 or 0)
      end
    end
    for title, good in pairs(verdicts) do
      assert.is_true(good >= 0.95 * splits - 0.5, ("%s: %d of %d"):format(title, good, splits))
    end
  end)

  it("finds a call that has become 20 % slower, and puts it first", function()
    local calls, random = stationary.calls(77, 4000)
    local one, other = stationary.split(calls, random)
    for i, call in ipairs(other) do
      other[i] = { name = call.name, pause = call.pause,
        duration = call.name == "write" and call.duration * 6 // 5 or call.duration }
    end
    local slow, fast = (stationary.trace(other)), (stationary.trace(one))
    for script, key in pairs { iolatencystats = "type", syscalls = "syscall" } do
      local summary, lines = compared(fast, slow, "--", script)
      local row, ratios = summary["Syscalls latency statistics"] or summary["System calls"], {}
      assert.same({ "changed", 1 }, { row.verdict, row.changed })
      assert.equal("write", lines[1][key]:lower())
      for _, line in ipairs(lines) do
        if line.judgement == "changed" then
          assert.equal("write", line[key]:lower())
          ratios[line.value] = line.ratio
        end
      end
      assert.is_true(not ratios.p50 or math.abs(ratios.p50 - 1.2) < 0.1, ratios.p50)
      assert.is_true(ratios.p50 ~= nil or ratios.avg ~= nil)
    end
    -- It is no change for those who do not mind 60 %.
    local summary = compared("--min-effect", "60%", fast, slow, "--", "iolatencystats")
    assert.equal(0, summary["Syscalls latency statistics"].changed)
  end)

  it("matches rows whatever is in their keys", function()
    local keys = { [["a"]], [["a\0b"]], [["\27[31mred"]], [["-"]], [["?"]], [["s1:a"]], [[""]],
      [["\xff\xfe"]], [["a,b|c\n"]] }
    local rows_before, rows_after = {}, {}
    for i, key in ipairs(keys) do
      rows_before[i] = ("{ key = %s, time = %d }"):format(key, i * 1000)
      rows_after[#keys + 1 - i] = ("{ key = %s, time = %d }"):format(key, i * 2000)
    end
    -- A number is not its text, nothing is not the empty text; and neither is what is unknown.
    for i, other in ipairs { "1", '"1"', "nil", "true", '"true"', "1.5" } do
      rows_before[#rows_before + 1] = ("{ key = 'x', other = %s, time = %d }"):format(other, i * 7)
      rows_after[#rows_after + 1] = ("{ key = 'x', other = %s, time = %d }"):format(other, i * 14)
    end
    local script = script_of("{" .. table.concat(rows_before, ",") .. "}",
      "{" .. table.concat(rows_after, ",") .. "}")
    local summary, lines = compared("--all", "--limit", "0", before, after, "--", script)
    assert.equal(15, summary.Made.rows)
    assert.equal(15, #lines)
    for _, line in ipairs(lines) do
      assert.equal(2, line.ratio)
    end
    local text = run(0, before, after, "--", script).out
    assert.is_nil(text:find "[\0\27\xff]")
  end)

  it("takes rows with the same key together", function()
    local script = script_of([[{ { key = "a", time = 10, bytes = 100, pid = 1 },
        { key = "a", time = 20, bytes = 50, pid = 2 }, { key = "b", values = { 10, 30 } } }]],
      [[{ { key = "a", time = 30, bytes = 600, pid = 9 },
        { key = "b", values = { 10 } }, { key = "b", values = { 20, 60 } } }]])
    local _, lines = compared("--all", "--totals", before, after, "--", script)
    local values = {}
    for _, line in ipairs(lines) do
      values[line.key .. " " .. line.value] = { line.before, line.after }
    end
    assert.same({ ["a time"] = { 15, 30 }, ["a bytes"] = { 150, 600 }, ["b average"] = { 20, 30 } },
      values)
  end)

  it("shows rows that are new or gone", function()
    local script = script_of([[{ { key = "old", bytes = 5 }, { key = "both", bytes = 1 } }]],
      [[{ { key = "both", bytes = 1 }, { key = "young", bytes = 7 } }]])
    local summary, lines = compared(before, after, "--", script)
    assert.same({ 1, 1, 1 }, { summary.Made.new, summary.Made.gone, summary.Made.same })
    assert.equal("not judged", summary.Made.verdict)
    local found = {}
    for _, line in ipairs(lines) do
      found[line.key] = line.judgement
    end
    assert.same({ old = "gone", young = "new" }, found)
  end)

  it("does not judge what has no distribution, and says so", function()
    local script = script_of([[{ { key = "a", time = 10 } }]], [[{ { key = "a", time = 20 } }]])
    local out = run(0, before, after, "--", script).out
    assert.matches("Not judged: a difference of at least 5 %%", out)
    assert.is_nil(out:find("rank test", 1, true))
    assert.matches("a +time +10 ns +20 ns +%+10 ns +2.00x +not judged", (out:gsub("0.010 us",
      "10 ns"):gsub("0.020 us", "20 ns")))
  end)

  it("compares counts and sums per second, so that ranges may differ in length", function()
    local calls = {}
    for i = 1, 300 do
      calls[i] = { name = "read", duration = 1000, pause = 999000 }
    end
    local trace = stationary.trace(calls)
    local range = { "--baseline", "[1000000,101000000]", trace, "--", "iolatencystats", "--begin",
      "101000000" }
    local _, lines = compared("--all", table.unpack(range))
    local found = {}
    for _, line in ipairs(lines) do
      found[line.type .. " " .. line.value] = line
    end
    local count = found["Read count/s"]
    assert.near(1000, count.before, 11)
    assert.near(1000, count.after, 11)
    assert.equal("/s", count.unit)
    _, lines = compared("--all", "--totals", table.unpack(range))
    for _, line in ipairs(lines) do
      if line.type == "Read" and line.value == "count" then
        assert.near(100, line.before, 1)
        assert.near(200, line.after, 1)
      end
    end
  end)

  it("matches threads by TID within a trace, by name otherwise", function()
    local function trace_of(tid)
      return host.trace { streams = { { cpu = 0,
        { 1000000, "sched_switch", { prev_tid = 0, next_tid = tid, next_comm = "worker" } },
        { 5000000, "sched_switch", { prev_tid = tid, next_tid = tid + 1, next_comm = "worker" } },
        { 8000000, "sched_switch", { prev_tid = tid + 1, next_tid = 0, next_comm = "swapper/0" } },
        { 11000000, "sched_switch", { prev_tid = 0, next_tid = 5, next_comm = "x" } } } } }
    end
    local one, other = trace_of(20), trace_of(30)
    local summary = compared("--table", "comparison", one, other, "--", "cputop")
    assert.same({ 1, 0, 0 }, { summary["Per-TID Usage"].rows, summary["Per-TID Usage"].new,
      summary["Per-TID Usage"].gone })
    summary = compared("--match", "tid", one, other, "--", "cputop")
    assert.equal(2, summary["Per-TID Usage"].new)
    summary = compared(one, one, "--", "cputop")
    assert.equal(2, summary["Per-TID Usage"].rows)
    -- So it is if one of them has been saved.
    local file = host.path "threads.json"
    assert.equal(0, host.run_as_is("cputop", "--partial", file, one).status)
    for _, list in ipairs { { file, one }, { one, file }, { file, file } } do
      assert.equal(2, compared(table.unpack(list))["Per-TID Usage"].rows)
    end
    assert.equal(1, compared(file, other)["Per-TID Usage"].rows)
  end)

  it("takes partial results, and knows what they lack", function()
    local plain, kept = host.path "plain.json", host.path "kept.json"
    assert.equal(0, host.run_as_is("iolatencystats", "--partial", plain, example).status)
    assert.equal(0, host.run_as_is("iolatencystats", "--percentiles", "--partial", kept,
      example).status)
    local out = run(0, plain, example).out
    assert.matches("written with %-%-percentiles", out)
    assert.matches("Syscalls latency statistics +same", out)
    out = run(0, "--all", kept, example, "--", "iolatencystats").out
    assert.matches("rank test", out)
    assert.matches("different options", run(1, plain, kept).err)
    assert.matches("results of another analysis", run(1, kept, example, "--", "cputop").err)
  end)

  it("fails with status 3 if a condition holds", function()
    local script = script_of([[{ { key = "a\27", time = 1000 }, { key = "b", time = 1000 } }]],
      [[{ { key = "a\27", time = 1300 }, { key = "b", time = 1000 } }]])
    local result = run(3, "--fail-if", "time > 1.2x", before, after, "--", script)
    assert.equal("lttnga-run: failed: Made: Key a\\x1b, Other : time > 1.2x, before 1.000 us, "
      .. "after 1.300 us\n", result.err)
    assert.matches("Comparison", result.out)
    run(0, "--fail-if", "time > 1.4x", before, after, "--", script)
    run(3, "--fail-if", "time >= 1.3us", before, after, "--", script)
    run(0, "--fail-if", "time > 1.3us", "--fail-if", "time < 0.5x", before, after, "--", script)
    for condition, message in pairs {
      ["tim > 1.2x"] = "unknown column 'tim' %(did you mean 'time'", ["time"] = "must be COLUMN",
      ["time > 1.2q"] = "neither a ratio", ["time > "] = "neither a ratio",
    } do
      assert.matches(message, run(2, "--fail-if", condition, before, after, "--", script).err)
    end
  end)

  it("takes conditions on amounts only", function()
    for condition, script in pairs { ["name > 1.2x"] = "iolatencystats", ["process > 5"] = "cputop",
      ["type >= 1.2x"] = "iolatencystats" } do
      assert.matches("is no amount",
        run(2, "--fail-if", condition, example, example, "--", script).err)
    end
    run(0, "--fail-if", "rows > 1.2x", example, example, "--", "iolatencystats")
  end)

  it("takes the sums of what is gone as 0", function()
    local script = script_of([[{ { key = "old", time = 10, bytes = 5 },
      { key = "b", bytes = 1 } }]], [[{ { key = "b", bytes = 1 } }]])
    for _, condition in ipairs { "bytes < 0.5x", "bytes < 1" } do
      local err = run(3, "--totals", "--fail-if", condition, before, after, "--", script).err
      assert.matches("Key old, Other : bytes < [%d.x]+, before 5 B, after nothing", err)
      assert.is_nil(err:find("Key b", 1, true))
    end
    run(0, "--fail-if", "time < 0.5x", before, after, "--", script)
  end)

  it("has a word for what most values contradict, and conditions hold for it", function()
    local function row(least, most)
      local values = { most }
      for i = 2, 40 do
        values[i] = least + i
      end
      return ("{ { key = 'a', values = { %s } } }"):format(table.concat(values, ", "))
    end
    local script = script_of(row(1000, 1000), row(900, 20000))
    local summary, lines = compared("--all", before, after, "--", script)
    assert.same({ "mixed", 1, 0 }, { summary.Made.verdict, summary.Made.mixed, summary.Made.noise })
    local found = {}
    for _, line in ipairs(lines) do
      found[line.value] = line
    end
    assert.equal("mixed", found.average.judgement)
    assert.is_true(found.average.p < 0.0001 and found.average.ratio > 1.3)
    run(3, "--fail-if", "average > 1.1x", before, after, "--", script)
    assert.is_nil(run(0, example, example, "--", "iolatencystats").out:find("Mixed", 1, true))
    assert.matches("Mixed", run(0, before, after, "--", script).out)
  end)

  it("does not fail because of noise", function()
    local calls, random = stationary.calls(3, 1000)
    local one, other = stationary.split(calls, random)
    one, other = (stationary.trace(one)), (stationary.trace(other))
    run(0, "--fail-if", "p99 > 0.01x", one, other, "--", "iolatencystats")
    -- A value is what it is.
    run(3, "--fail-if", "p99 > 1us", one, other, "--", "iolatencystats")
    run(3, "--alpha", "1", "--min-effect", "0", "--fail-if", "p99 > 0.01x", one, other, "--",
      "iolatencystats")
  end)

  it("compares each host with all others", function()
    local traces, files = {}, {}
    for i, name in ipairs { "web1", "web2", "web3" } do
      local calls = stationary.calls(100 + i, 1500)
      for k, call in ipairs(i == 2 and calls or {}) do
        calls[k].duration = call.name == "read" and call.duration * 3 // 2 or call.duration
      end
      traces[i] = (stationary.trace(calls, name))
      files[i] = host.path(name .. ".json")
      local made = host.run_as_is("iolatencystats", "--percentiles", "--partial", files[i],
        traces[i])
      assert.equal(0, made.status, made.err)
    end
    for _, list in ipairs { { traces[1], traces[2], traces[3], "--", "iolatencystats" }, files } do
      local out = run(0, "--by", "host", "--output", "json", table.unpack(list)).out
      local first, changed = nil, {}
      for line in out:gmatch "[^\n]+" do
        local row = json.decode(line)
        if row.table == "Syscalls latency statistics" then
          first = first or row
        elseif row.table == "Comparison" and row.of == "Syscalls latency statistics" then
          changed[row.host] = row.changed
        end
      end
      assert.equal(1, changed.web2)
      assert.same({ "web2", "Read" }, { first.host, first.type })
    end
    assert.matches("there is web1", run(2, "--by", "host", traces[1], "--", "cputop").err)
    assert.matches("not both", run(2, "--by", "host", traces[1], files[2]).err)
    assert.matches("results of web1 already", run(1, "--by", "host", files[1], files[1]).err)
  end)

  it("divides by the time of each host, whenever it was recorded", function()
    local traces, files = {}, {}
    for i, n in ipairs { 300, 600, 300 } do
      local calls = {}
      for k = 1, n do
        calls[k] = { name = "read", duration = 1000, pause = (i == 3 and 499000 or 999000) }
      end
      traces[i] = (stationary.trace(calls, "web" .. i, 1000000 + (i - 1) * 3600 * 1000000000))
      files[i] = host.path("own" .. i .. ".json")
      assert.equal(0, host.run_as_is("iolatencystats", "--percentiles", "--partial", files[i],
        traces[i]).status)
    end
    local function counts(...)
      local _, lines = compared("--by", "host", "--all", ...)
      local found = {}
      for _, line in ipairs(lines) do
        if line.type == "Read" and line.value:find "^count" then
          found[line.host] = { math.floor(line.before + 0.5), math.floor(line.after + 0.5) }
        end
      end
      return found
    end
    -- 300 calls in 0.3 s, 600 in 0.6 s, and 300 in 0.15 s.
    local rates = { web1 = { 1200, 1000 }, web2 = { 1333, 1000 }, web3 = { 1000, 2000 } }
    local all = { traces[1], traces[2], traces[3], "--", "iolatencystats" }
    assert.same(rates, counts(table.unpack(all)))
    assert.same(rates, counts("--jobs", "2", table.unpack(all)))
    assert.same(rates, counts(table.unpack(files)))
    -- As they are, they are compared with the mean of the others.
    local totals = { web1 = { 450, 300 }, web2 = { 300, 600 }, web3 = { 450, 300 } }
    assert.same(totals, counts("--totals", table.unpack(all)))
    assert.same(totals, counts("--totals", table.unpack(files)))
  end)

  it("writes what it finds as CSV and as a page, too", function()
    local range = { "--baseline", "[+6s,+1.5s]", example, "--", "iolatencystats" }
    local csv = host.csv(run(0, "--output", "csv", table.unpack(range)).out)
    assert.is_true(#csv > 5)
    local page = run(0, "--output", "html", table.unpack(range)).out
    for _, text in ipairs { "Judgement", "1 % per table, Holm", "15.388 ms" } do
      assert.is_not_nil(page:find(text, 1, true), text)
    end
  end)

  it("keeps what is said of rows where lines are short", function()
    for width, least in pairs { ["80"] = { "Difference", "Ratio", "Judgement" },
      ["60"] = { "Ratio", "Judgement" }, ["50"] = { "Judgement" } } do
      local out = run(0, "--width", width, "--baseline", "[+6s,+1.5s]", example, "--",
        "iolatencystats").out
      local heading = out:match "\n(Type +Value[^\n]*)"
      for _, title in ipairs(least) do
        assert.is_not_nil(heading:find(title, 1, true), width .. ": " .. heading)
      end
      assert.is_true(width ~= "80" or not out:find "Columns not shown", out)
    end
  end)

  it("says what is wrong with a command line", function()
    for message, arguments in pairs {
      ["must stand before its options"] = { example, example, "--", "--min", "5", "cputop" },
      ["%-%-baseline '%[%+1s,%+0s%]' has no time in it"] = { "--baseline", "[+1s,+0s]", example,
        "--", "cputop" },
      ["%-%-baseline: invalid time range 'foo'"] = { "--baseline", "foo", example, "--", "cputop" },
      ["nothing follows the baseline, which ends at"] = { "--baseline", "[+1s,+100s]", example,
        "--", "cputop" },
      ["the baseline starts at .* after the end of the trace"] = { "--baseline", "[+99s,+1s]",
        example, "--", "cputop" },
      ["no analysis given"] = { example, example },
      ["two traces, or one and %-%-baseline"] = { example, "--", "cputop" },
      ["stands behind %-%-"] = { example, example, "cputop" },
      ["before %-%-"] = { example, example, "--", "cputop", example },
      ["%-%-refresh cannot be used"] = { example, example, "--", "cputop", "--refresh", "1" },
      ["report cannot be compared"] = { example, example, "--", "report" },
      ["timeline cannot be compared"] = { example, example, "--", "timeline" },
      ["export cannot be compared"] = { example, example, "--", "export", "--to",
        host.path "exported" },
      ["'5' must be above 0, and at most 1"] = { "--alpha", "5", example, example, "--", "cputop" },
      ["'0' must be above 0"] = { "--alpha", "0", example, example, "--", "cputop" },
      ["'101%%' must be above 0"] = { "--alpha", "101%", example, example, "--", "cputop" },
      ["%-%-all must stand before %-%-"] = { example, example, "--", "cputop", "--all" },
      ["%-%-alpha must stand before %-%-"] = { example, example, "--", "cputop", "--alpha=1" },
      ["must be a number such as"] = { "--alpha", "x", example, example, "--", "cputop" },
      ["unknown name 'nme'"] = { "--columns", "nme", example, example, "--", "iolatencystats" },
      ["lami cannot be used"] = { "--output", "lami", example, example, "--", "cputop" },
    } do
      local result = run(2, table.unpack(arguments))
      assert.matches(message, result.err)
      assert.is_nil(result.out:find "Comparison")
    end
    assert.is_nil(io.open(host.path "exported"))
  end)
end)
