--- Partial results: merged, they are the results of the whole, however the time was divided; and
-- files that can't be merged are refused.
--
-- TRACES=FOLDER... compares all stock analyses on other traces, too; SEEDS=N... divides them
-- elsewhere.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

local OPEN = 'open:$evt.$name=="syscall_entry_openat":$evt.$name=="syscall_exit_openat"'
  .. "&&$evt.tid==$begin.$evt.tid"

local OPTIONS = { requests = { "--request", "fsync" }, requestsfreq = { "--request", "fsync" },
  requestslog = { "--request", "fsync" }, requeststop = { "--request", "fsync" },
  periodfreq = { "--period", OPEN }, periodlog = { "--period", OPEN },
  periodstats = { "--period", OPEN }, periodtop = { "--period", OPEN } }

--- Those whose results can't be merged, as --partial says.
local ORDERED = { info = true, timeline = true, trackprocess = true }

--- Those that write no results.
local LEFT_OUT = { export = true, report = true }

local function index(trace)
  local folder = host.path "cache"
  assert.equal(0, host.run("index", "--cache", folder, trace).status)
  return folder
end

--- A run of an analysis, with its options.
local function run(name, ...)
  local words = { name, "--no-progress" }
  for _, list in ipairs { OPTIONS[name] or {}, { ... } } do
    table.move(list, 1, #list, #words + 1, words)
  end
  return host.run_as_is(table.unpack(words))
end

--- Partial results of a slice: its path.
local function slice(name, part, folder, trace, ...)
  local path = host.path "slice.json"
  local result = run(name, "--partial", path, "--slice", part, "--cache", folder, trace, ...)
  assert.equal(0, result.status, name .. ": " .. result.err)
  assert.equal("", result.out)
  return path
end

--- Partial results of N slices of a trace: paths.
local function slices(name, n, folder, trace, ...)
  local paths = {}
  for k = 1, n do
    paths[k] = slice(name, ("%d/%d"):format(k, n), folder, trace, ...)
  end
  return paths
end

--- Partial results of the slices between some moments: paths.
local function slices_between(name, moments, folder, trace, ...)
  local paths = {}
  for i = 0, #moments do
    paths[#paths + 1] = slice(name, ("[%s,%s)"):format(moments[i] or "", moments[i + 1] or ""),
      folder, trace, ...)
  end
  return paths
end

--- The times of all events of a trace, in order.
local function times_of(trace)
  local script = host.script([[
    local analysis = require "lttnga.analysis"
    return analysis {
      title = "Times", begin = function() end,
      on = { ["*"] = function(time) print(time) end },
      tables = { { "none", "None", { { "Time", "number", "time" } },
        rows = function() return {} end } },
    }
  ]], "times.lua")
  local times = {}
  for line in host.run(script, "--no-cache", trace, "--output", "csv").out:gmatch "[^\n]+" do
    times[#times + 1] = math.tointeger(tonumber(line))
  end
  table.sort(times)
  return times
end

--- From 1 to 49 moments, in order: of events, between two of them, anywhere, and outside.
local function moments_in(times)
  local moments, seen, n = {}, {}, math.random(49)
  local first, last = times[1], times[#times]
  while #moments < n do
    local i = math.random(#times - 1)
    for _, moment in ipairs(({ { times[i] }, { times[i] + 1 }, { times[i], times[i] + 1 },
      { times[i] + 1, (times[i] + times[i + 1]) // 2, times[i + 1] },
      { math.random(first, last) }, { math.random(first, last) },
      { first - math.random(0, 1000000) }, { last + math.random(0, 1000000) } })[math.random(8)]) do
      moments[#moments + 1] = not seen[moment] and #moments < n and moment or nil
      seen[moment] = true
    end
  end
  table.sort(moments)
  return moments
end

local function shuffle(list)
  for i = #list, 2, -1 do
    local k = math.random(i)
    list[i], list[k] = list[k], list[i]
  end
end

local function merge(paths, ...)
  local words = { "merge" }
  table.move({ ... }, 1, select("#", ...), 2, words)
  table.move(paths, 1, #paths, #words + 1, words)
  return host.run_as_is(table.unpack(words))
end

local traces = { example }
for folder in (os.getenv "TRACES" or ""):gmatch "%S+" do
  traces[#traces + 1] = folder
end

for _, trace in ipairs(traces) do
  describe("slices of " .. trace:match "[^/]*$", function()
    local folder = index(trace)

    for _, name in ipairs(host.analyses(setmetatable({}, { __index = function(_, name)
      return ORDERED[name] or LEFT_OUT[name]
    end }))) do
      it("are the whole: " .. name, function()
        local whole = run(name, "--cache", folder, trace)
        for _, n in ipairs { 1, 2, 7 } do
          local paths = slices(name, n, folder, trace)
          local merged = merge(paths)
          assert.equal("", merged.err:gsub("lttnga%-run: warning: [^\n]*\n", "")
            :gsub("lttnga%-run:   [^\n]*\n", ""))
          assert.equal(whole.out, merged.out, name .. " in " .. n)
          if n == 7 then
            assert.equal(run(name, "--cache", folder, "--output", "json", trace).out,
              merge(paths, "--output", "json").out)
          end
        end
      end)
    end

    local times

    for seed in (os.getenv "SEEDS" or "1 2 3"):gmatch "%d+" do
      it("may begin and end at any moment: seed " .. seed, function()
        times = times or times_of(trace)
        assert.is_true(#times > 1000)
        math.randomseed(math.tointeger(tonumber(seed)))
        local names = host.analyses(setmetatable({}, { __index = function(_, name)
          return ORDERED[name] or LEFT_OUT[name]
        end }))
        shuffle(names)
        for i = 1, trace == example and 4 or #names do
          local moments = moments_in(times)
          -- Slices may be outside of what is analysed.
          local range = i % 2 == 0 and { "--begin", tostring(times[#times // 4] + 1), "--end",
            tostring(times[#times * 3 // 4]) } or {}
          local paths = slices_between(names[i], moments, folder, trace, table.unpack(range))
          shuffle(paths)
          local about = ("%s, seed %s, slices at %s"):format(names[i], seed,
            table.concat(moments, " "))
          for _, format in ipairs { "text", "json" } do
            local merged = merge(paths, "--output", format)
            assert.equal(0, merged.status, about .. ": " .. merged.err)
            local whole = run(names[i], "--output", format, "--cache", folder, trace,
              table.unpack(range))
            assert.equal(whole.out, merged.out, about)
          end
        end
      end)
    end

    it("are the whole without saved states, and of a part of the trace", function()
      for _, name in ipairs { "iolatencystats", "cputop", "schedlog", "overview" } do
        local range = { "--begin", "+6s", "--end", "+2s" }
        local whole = run(name, "--no-cache", trace, table.unpack(range))
        local paths = slices(name, 3, host.path "empty", trace, table.unpack(range))
        assert.equal(whole.out, merge(paths).out)
      end
    end)

    it("are many, if need be", function()
      local whole = run("syscallstats", "--cache", folder, trace, "--percentiles")
      assert.equal(whole.out, merge(slices("syscallstats", 50, folder, trace, "--percentiles")).out)
    end)
  end)
end

describe("partial results", function()
  local folder = index(example)

  it("have the look that merge is given", function()
    local paths = slices("iolatencystats", 2, folder, example)
    for _, format in ipairs { "csv", "json", "lami", "html" } do
      local whole = run("iolatencystats", "--output", format, "--cache", folder, example)
      local merged = merge(paths, "--output", format)
      assert.equal(0, merged.status, merged.err)
      if format ~= "html" then
        assert.equal(whole.out, merged.out)
      end
    end
    local one = merge(paths, "--table", "disk-latency-stats", "--columns", "name,count")
    assert.equal(run("iolatencystats", "--table", "disk-latency-stats", "--columns", "name,count",
      "--cache", folder, example).out, one.out)
    assert.matches("unknown option", merge(paths, "--min", "5").err)
  end)

  it("may come from several processes, but not slices", function()
    local path = host.path "jobs.json"
    local whole = run("iolog", "--cache", folder, example)
    local result = run("iolog", "--jobs", "3", "--partial", path, "--cache", folder, example)
    assert.equal("", result.err)
    assert.equal(whole.out, merge({ path }).out)
    result = run("iolog", "--jobs", "3", "--partial", path, "--slice", "1/2", "--cache", folder,
      example)
    assert.matches("note: %-%-jobs: one process reads the trace", result.err)
    local other = slices("iolog", 2, folder, example)[2]
    assert.equal(whole.out, merge({ path, other }).out)
  end)

  it("keep windows of --refresh", function()
    local path = host.path "refresh.json"
    run("cputop", "--refresh", "0.5", "--partial", path, "--cache", folder, example)
    assert.equal(run("cputop", "--refresh", "0.5", "--cache", folder, example).out,
      merge({ path }).out)
    local refused = run("cputop", "--refresh", "0.5", "--partial", path, "--slice", "1/2", example)
    assert.equal(2, refused.status)
    assert.matches("%-%-slice cannot be used with %-%-refresh", refused.err)
  end)

  it("are lines of JSON with exact numbers", function()
    local path = host.path "plain.json"
    run("iolatencystats", "--partial", path, "--cache", folder, example)
    local meta, rows, lines = nil, {}, 0
    for line in io.lines(path) do
      local value = assert(json.decode(line))
      lines, meta = lines + 1, meta or value.meta
      if value["in"] == "calls" then
        rows[value.key.key] = value
      end
      if value.lines then
        assert.equal(lines, value.lines)
      end
    end
    assert.equal(1, meta.version)
    assert.same({ "iolatencystats", {} }, { meta.command.script, meta.command.arguments })
    assert.equal(0, meta.lost_events)
    -- The table says 184, 3.670 us, 73.828 ms, 1.498 ms on average.
    assert.equal(184, rows.open.count)
    assert.equal(3670, rows.open.min)
    assert.equal("1498", ("%.0f"):format(tonumber(rows.open.sum) / 184 / 1000))
  end)

  it("of several traces are shown apart", function()
    local other = host.trace { env = { hostname = "other" }, streams = { { cpu = 0,
      { 1000, "syscall_entry_fsync", { fd = 3 } }, { 9000, "syscall_exit_fsync", { ret = 0 } } } } }
    local paths = { host.path "a.json", host.path "b.json" }
    run("iolatencystats", "--partial", paths[1], "--cache", folder, example)
    run("iolatencystats", "--partial", paths[2], "--no-cache", other)
    local merged = merge(paths, "--output", "json")
    assert.matches("may be empty: the trace has no sched_switch events", merged.err)
    local counts = {}
    for line in merged.out:gmatch "[^\n]+" do
      local row = json.decode(line)
      if row.type == "Sync" then
        counts[row.host] = row.count
      end
    end
    assert.equal(178, counts.labguest)
    assert.equal(1, counts.other)
    assert.matches("labguest", merge(paths).out)
    assert.matches("other", merge(paths).out)
    local csv = merge(paths, "--output", "csv").out
    assert.equal(csv, merge({ paths[2], paths[1] }, "--output", "csv").out)
    assert.matches('"trace","trace","labguest"', csv)
    assert.matches('"trace","trace","other"', csv)
    assert.truthy(json.decode(merge(paths, "--output", "lami").out))
  end)

  it("of several hosts are one table with --together", function()
    local paths, fsyncs = {}, { a = { 9, 2 }, b = { 5, 4, 3, 1 }, c = { 8 } }
    local function trace(name, list)
      local stream, now = { cpu = 0 }, 1000
      for _, duration in ipairs(list) do
        stream[#stream + 1] = { now, "syscall_entry_fsync", { fd = 3 } }
        stream[#stream + 1] = { now + duration * 1000, "syscall_exit_fsync", { ret = 0 } }
        now = now + 100000
      end
      return host.trace { env = { hostname = name }, streams = { stream } }
    end
    local function results(analysis, ...)
      for name, list in pairs(fsyncs) do
        paths[name] = host.path(name .. ".json")
        local result = run(analysis, "--partial", paths[name], "--no-cache", trace(name, list), ...)
        assert.equal(0, result.status, result.err)
      end
      return { paths.b, paths.c, paths.a }
    end
    local function rows_of(files, ...)
      local rows = {}
      local result = merge(files, "--together", "--output", "json", ...)
      assert.equal(0, result.status, result.err)
      for line in result.out:gmatch "[^\n]+" do
        local row = json.decode(line)
        if row.table ~= "trace" and (row.type or "Sync") == "Sync" then
          rows[#rows + 1] = ("%s %d"):format(row.host, (row.duration or row.max) / 1000)
        end
      end
      return table.concat(rows, ", ")
    end
    local stats = results("iolatencystats", "--percentiles")
    assert.equal("a 9, b 5, c 8", rows_of(stats, "--table", "syscall-latency-stats"))
    assert.equal("a 9, c 8, b 5", rows_of(stats, "--table", "syscall-latency-stats", "--sort",
      "p99"))
    assert.equal("b 5, c 8, a 9", rows_of(stats, "--table", "syscall-latency-stats", "--sort",
      "-max"))
    local text = merge(stats, "--together", "--sort", "p99").out
    assert.equal(1, select(2, text:gsub("Timerange", "")))
    assert.matches("\nHost +Type +Count", text)
    assert.is_nil(text:find "Host:")
    assert.matches('"Table","Host","Type"', merge(stats, "--together", "--output", "csv").out)
    for _, format in ipairs { "lami", "html" } do
      assert.equal(0, merge(stats, "--together", "--output", format).status)
    end
    local tops = results "iolatencytop"
    assert.equal("a 9, c 8, b 5", rows_of(tops, "--sort", "duration", "--limit", "3"))
    assert.equal("a 9, a 2, b 5, b 4, b 3, b 1, c 8", rows_of(tops))
    local logs = results "iolog"
    assert.equal("a 9, c 8", rows_of(logs, "--sort", "duration", "--limit", "2"))
    assert.matches("\n *c +%[", merge(logs, "--together").out)
    -- The second one of a name is another host.
    local twin = host.path "twin.json"
    run("iolog", "--partial", twin, "--no-cache", trace("a", { 7 }))
    assert.equal("a 9, c 8, a (2) 7", rows_of({ logs[1], logs[2], logs[3], twin }, "--sort",
      "duration", "--limit", "3"))
    assert.equal(2, merge(logs, "--limit", "2").status)
    local intervals = results("cputop", "--refresh", "1ms")
    local refused = merge(intervals, "--together")
    assert.equal(2, refused.status)
    assert.matches("^lttnga%-run: %-%-together: ", refused.err)
  end)

  it("are refused if they do not belong together", function()
    local paths = slices("iolatencystats", 3, folder, example)
    local function fails(pattern, ...)
      local result = merge(...)
      assert.equal(1, result.status)
      assert.equal("", result.out)
      assert.matches(pattern, result.err)
      assert.equal(1, select(2, result.err:gsub("\n", "")))
    end
    local whole = slices("iolatencystats", 1, folder, example)[1]
    fails("the time from .* to .* is missing", { paths[1], paths[3] })
    fails("the time before .* is missing", { paths[2], paths[3] })
    fails("the time from .* on is missing", { paths[1], paths[2] })
    fails("the time from .* to .* is in both .* and ", { paths[1], paths[2], paths[2], paths[3] })
    fails("the whole trace is in both .* and ", { whole, whole })
    -- Those that are made by time.
    local parts = {}
    for name, part in pairs { a = "[,+1s)", b = "[+1s,+2s)", c = "[ +2s , )", e = "[+1.5s,+1.7s)",
      before = "[+1s,)", after = "[,+2s)", all = "[,)", late = "[+100s,)" } do
      parts[name] = slice("iolatencystats", part, folder, example)
    end
    local text = merge({ whole }).out
    assert.equal(text, merge({ parts.c, parts.a, parts.b }).out)
    assert.equal(text, merge({ parts.all }).out)
    fails("the time from 2026%-11%-23 15:36:32%.688509930 UTC to 2026%-11%-23 "
      .. "15:36:33%.688509930 UTC is missing", { parts.a, parts.c })
    fails("the time before 2026%-11%-23 15:36:32%.688509930 UTC is missing", { parts.before })
    fails("the time from 2026%-11%-23 15:36:33%.688509930 UTC on is missing", { parts.after })
    fails("the time from 2026%-11%-23 15:36:33%.188509930 UTC to 2026%-11%-23 "
      .. "15:36:33%.388509930 UTC is in both .* and ", { parts.e, parts.c, parts.b, parts.a })
    fails("the time from .* to .* is in both .* and ", { parts.after, parts.before })
    fails("the time from .* on is in both .* and ", { whole, parts.late })
    fails("the time before .* is in both .* and ", { whole, parts.a })
    for _, bad in ipairs { "[+2s,+1s)", "[+1s,+1s)", "[+1s,+2s]", "+1s,+2s", "[x,)", "[,)x", "" } do
      local result = run("cputop", "--partial", host.path "bad.json", "--slice", bad, example)
      assert.equal(2, result.status)
      assert.matches("^lttnga%-run: %-%-slice: ", result.err)
    end
    local other = slices("iolatencystats", 1, folder, example, "--min", "5")
    fails("made with different options", { paths[1], other[1] })
    fails("results of different analyses", { paths[1], slices("cputop", 1, folder, example)[1] })
    fails("not a file of partial results", { host.write("{}\n", "no.json") })
    fails("not a file of partial results", { host.write("hello", "no.json") })
    fails("No such file", { "/nonexistent.json" })
    text = host.read(whole)
    fails("not whole", { host.write(text:sub(1, -20):match "^(.*\n)", "cut.json") })
    fails("damaged", { host.write(text:sub(1, -20), "cut.json") })
    -- What is in a file is believed only as far as it makes sense.
    for pattern, instead in pairs {
      ['"count":184'] = '"count":-1', ['"sum":"'] = '"sum":"x',
      ['"squares":"%d+"'] = '"squares":{}',
      ['"first":%d+'] = '"first":"now"', ['"window":{"first":%d+'] = '"window":{"first":"now"',
      ['"job":1'] = '"job":7', ['"machine":1'] = '"machine":[]',
      ['"object":"calls"'] = '"object":"nothing"', ['"fields":%[%['] = '"fields":[[1,',
      ['"arguments":%[%]'] = '"arguments":{"a":1}', ['"streams":%['] = '"streams":[1,',
      ['"key":{"key":"open"}'] = '"key":{"key":[]}', ['"last":(%d+),"max"'] = '"last":0,"max"',
    } do
      local damaged, n = text:gsub(pattern, instead, 1)
      assert.equal(1, n, pattern)
      fails("damaged%.json:%d+: damaged", { host.write(damaged, "damaged.json") })
    end
    local kept = slices("iolatencystats", 1, folder, example, "--percentiles")[1]
    local damaged, n = host.read(kept):gsub('"n":%[%d+', '"n":[9223372036854775807', 1)
    assert.equal(1, n)
    fails("damaged", { host.write(damaged, "damaged.json") })
  end)

  it("are refused in one line if values are missing, renamed, or of another type", function()
    math.randomseed(5)
    local values = { "-1", "0", "1.5", "99999999999999999999", "9223372036854775807", "1e999",
      "NaN", '"x"', '""', "null", "true", "{}", "[]", "[[1,2]]", '{"#":[1]}', '{"#":[[null,1]]}' }
    local names = { '"x"', '"in"', '"key"', '"window"', '"log"', '"fields"', '"first"', '"time"' }
    local refused = 0
    for _, name in ipairs { "iolatencystats", "cputop", "schedlog", "overview" } do
      local lines, path = {}, slices(name, 1, folder, example)[1]
      for line in io.lines(path) do
        lines[#lines + 1] = line
      end
      for i = 1, 40 do
        -- Some lines are the only ones of their kind.
        local k = math.random(3) == 1 and 1 or math.random(#lines)
        local parts = {}
        for at, what, after in lines[k]:gmatch '()("?[%w_.%-]+"?)()' do
          parts[#parts + 1] = { at, after, what:find '^"' and lines[k]:sub(after, after) == ":" }
        end
        local part = parts[math.random(#parts)]
        local from = part[3] and names or values
        local changed = lines[k]:sub(1, part[1] - 1) .. from[math.random(#from)]
          .. lines[k]:sub(part[2])
        local whole = lines[k]
        lines[k] = changed
        local result = merge { host.write(table.concat(lines, "\n") .. "\n", "changed.json") }
        lines[k] = whole
        local about = ("%s %d, line %d: %s\n%s"):format(name, i, k, changed:sub(1, 2000),
          result.err)
        assert.is_true(result.status == 0 or result.status == 1, about)
        local err = result.err:gsub("lttnga%-run: warning: [^\n]*\n", "")
          :gsub("lttnga%-run: note: [^\n]*\n", ""):gsub("lttnga%-run:   [^\n]*\n", "")
        assert.equal(result.status, select(2, err:gsub("\n", "")), about)
        assert.is_nil(err:find "%.lua" or err:find "attempt to", about)
        refused = refused + result.status
      end
    end
    assert.is_true(refused > 80)
  end)

  it("say what is missing", function()
    local path = host.path "here.json"
    run("iolatencystats", "--partial", path, "--cache", folder, example)
    local list = host.write("labguest\nweb17\n\ndb3\n", "hosts")
    local result = merge({ path }, "--expect", list)
    assert.equal(1, result.status)
    assert.equal("", result.out)
    assert.equal("lttnga-run: 2 missing: web17, db3 (--allow-missing shows the others)\n",
      result.err)
    result = merge({ path }, "--expect", list, "--allow-missing")
    assert.equal(0, result.status)
    assert.matches("warning: 2 missing: web17, db3", result.err)
    assert.equal(0, merge({ path }, "--expect", host.write(path .. "\n", "list")).status)
  end)

  it("never say where to write, or what to start", function()
    local path, victim = host.path "plain.json", host.write("mine\n", "victim.txt")
    local result = run("why", "--partial", path, "--request", "spans:examples/spans.jsonl",
      "--spans-to", victim, "--cache", folder, example)
    assert.same({ 2, "lttnga-run: --spans-to cannot be used with --partial" },
      { result.status, result.err:match "^[^\n]*" })
    assert.is_nil(io.open(path))
    result = run("why", "--partial", path, "--request", "spans:examples/spans.jsonl", "--cache",
      folder, example)
    assert.equal(0, result.status, result.err)
    local plain = host.read(path)
    local function check(evil, about)
      local changed = host.write(evil, "evil.json")
      for _, command in ipairs { { "merge", changed }, { "compare", changed, changed },
        { "compare", changed, example } } do
        result = host.run(table.unpack(command))
        assert.is_true(result.status == 1 or command[1] == "compare" and result.status == 2,
          about .. ": " .. result.err)
        assert.equal("", result.out)
        assert.equal("mine\n", host.read(victim), about)
        assert.is_truthy(result.err:find "damaged: partial results have no %-%-"
          or result.err:find "damaged: timeline has no partial results"
          or result.err:find "has results of another analysis: timeline"
          or result.err:find "timeline cannot be compared"
          or result.err:find "cannot be used with compare", about .. ": " .. result.err)
      end
    end
    for _, words in ipairs { { "--spans-to=" .. victim }, { "--spans-t", victim },
      { "--output-file=" .. victim }, { "-o", victim },
      { "--when=sched_slice", "--do=echo yours > " .. victim },
      { "--when=sched_slice", "--keep=1s", "--keep-to=" .. victim } } do
      local evil, n = plain:gsub('"arguments":%[', '%0"' .. table.concat(words, '","') .. '",', 1)
      assert.equal(1, n)
      check(evil, table.concat(words, " "))
    end
    for _, script in ipairs { "why:--spans-to=" .. victim, "timeline:--output-file=" .. victim } do
      local evil, n = plain:gsub('"script":"why"', '"script":"' .. script .. '"', 1)
      assert.equal(1, n)
      check(evil, script)
    end
  end)

  it("are not made of what can't be merged, nor where there is no place", function()
    local path = host.path "none.json"
    for name in pairs(ORDERED) do
      local result = run(name, "--partial", path, example)
      assert.is_true(result.status > 0, name)
      assert.matches("^lttnga%-run: %-%-partial: ", result.err, 1, name)
      assert.is_nil(io.open(path))
    end
    local result = run("cputop", "--partial", "/nonexistent/x.json", "--no-cache", example)
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: %-%-partial: cannot write /nonexistent", result.err)
    -- A pipe stands for all that is no file: root could even replace /dev/null.
    local pipe = host.path "pipe"
    assert.equal(0, host.shell("mkfifo " .. pipe).status)
    for _, no_file in ipairs { pipe, host.path "folder" .. "/..", "/nonexistent/.." } do
      result = run("cputop", "--partial", no_file, "--no-cache", example)
      assert.equal(1, result.status)
      assert.matches("^lttnga%-run: %-%-partial: cannot write ", result.err)
    end
    assert.equal(0, host.shell("test -p " .. pipe).status)
    assert.equal(2, run("cputop", "--slice", "1/2", example).status)
    assert.equal(2, run("cputop", "--partial", path, "--slice", "3/2", example).status)
    assert.equal("", host.shell("ls " .. path:match "^(.*)/" .. " | grep '[.]part$'").out)
  end)
end)
