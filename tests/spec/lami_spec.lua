--- The machine interface, as Trace Compass uses it: tests/lami.py calls commands in the same ways,
-- and reads what they say as strictly.
--
-- `TRACES="folder folder" make check` does the same with more traces.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- Where `make install COMPAT=1` has put it; the names that it has made.
local prefix = host.path("installed")
local installed = host.shell(("make -s -o all install COMPAT=1 PREFIX=%s BUILD=%s"):format(
  prefix, build))
local names = {}
for name in host.shell("ls " .. prefix .. "/bin").out:gmatch("%S+") do
  names[name] = true
end

--- Runs an installed command.
local function run(name, ...)
  local words = { "TZ=UTC", prefix .. "/bin/" .. name }
  for _, word in ipairs { ... } do
    words[#words + 1] = host.quote(word)
  end
  return host.shell(table.concat(words, " "))
end

--- Has the client do its jobs, in each of which all must be right; what came of them.
local function client(...)
  local result = host.shell(("TZ=UTC python3 tests/lami.py <%s"):format(
    host.write(json.encode { ... })))
  assert(result.status == 0, result.err)
  local reports = json.decode(result.out)
  for i, report in ipairs(reports) do
    assert.same({}, report.faults, (select(i, ...)).command)
  end
  return table.unpack(reports)
end

--- The analyses that lttng-analyses has.
local commands = { "cputop", "iolatencyfreq", "iolatencystats", "iolatencytop", "iolog",
  "iousagetop", "irqfreq", "irqlog", "irqstats", "memtop", "periodfreq", "periodlog",
  "periodstats", "periodtop", "schedfreq", "schedlog", "schedstats", "schedtop", "syscallstats" }

--- The names of all analyses, and a folder where each is a command of the machine interface.
local analyses, aliases = {}, host.path "aliases"
host.shell("mkdir " .. aliases)
for name in host.shell("ls lua/analyses").out:gmatch "(%S+)%.lua\n" do
  analyses[#analyses + 1] = name
  host.shell(("ln -s $(realpath %s)/lttnga-run %s/lttng-%s-mi"):format(build, aliases, name))
end

--- Properties of a user-defined analysis: a file with a name and a command.
local function properties(command)
  return host.write(("# A comment\nname=Mine\ncommand=%s/lttnga-run %s\n"):format(build,
    command:gsub("\\", "\\\\")), "mine.properties")
end

-- As a user types it: quotes are a word's, and have a backslash before them in it.
local OPEN = [[--period "open : $evt.$name == \"syscall_entry_openat\" : $evt.$name ==]]
  .. [[ \"syscall_exit_openat\" && $evt.tid == $begin.$evt.tid"]]
local TREE = [[--period "run : $evt.$name == \"sched_switch\" : $evt.$name == \"sched_switch\" &&]]
  .. [[ $evt.cpu_id == $begin.$evt.cpu_id" --period "irq(run) : $evt.$name ==]]
  .. [[ \"irq_handler_entry\" : $evt.$name == \"irq_handler_exit\" && $evt.cpu_id ==]]
  .. [[ $begin.$evt.cpu_id"]]
local CAPTURES = [[ --period-captures "run : comm = $evt.next_comm : $evt.prev_state"]]
  .. [[ --period-captures "irq : irq = $evt.irq"]]

--- What an analysis can't do without.
local needed = { periodstats = OPEN, periodtop = OPEN, periodlog = OPEN, periodfreq = OPEN,
  timeline = "-o " .. host.path "timeline", export = "--force --to " .. host.path "tables" }

--- What --refresh can't be for.
local whole = { info = true, timeline = true, export = true }

describe("make install COMPAT=1", function()
  it("makes the old names of the analyses there are", function()
    assert.equal(0, installed.status, installed.err)
    for _, name in ipairs(commands) do
      assert.is_true(names["lttng-" .. name] and names["lttng-" .. name .. "-mi"], name)
    end
    assert.is_nil(names["lttng-info-mi"])
    local result = run("lttng-iolatencystats", "--no-progress", "--skip-validation", example)
    assert.equal(host.run("iolatencystats", example).out, result.out)
  end)

  it("is not what plain `make install` does", function()
    local plain = host.path("plain")
    host.shell(("make -s -o all install PREFIX=%s BUILD=%s"):format(plain, build))
    assert.equal("lttnga-containers\nlttnga-record\nlttnga-run\nlttnga-top\n",
      host.shell("ls " .. plain .. "/bin").out)
  end)
end)

describe("results that have to be held until the end", function()
  it("are not lost where there is no room for them", function()
    -- No file may be written: what is held in memory is still there, and whole.
    local result = host.shell(("( trap '' XFSZ; ulimit -f 0; %s/bin/lttng-iolatencystats-mi %s ) "
      .. "| cat"):format(prefix, example))
    assert.matches('"class":"disk%-latency%-stats"', result.out)
  end)
end)


--- How many rows tables have: those that JSON has of the same.
local function json_rows(name, words, trace)
  local result = host.shell(("TZ=UTC %s/lttnga-run %s --output json %s %s"):format(build, name,
    words, trace))
  local rows = 0
  for line in result.out:gmatch "[^\n]+" do
    rows = rows + (line:find('{"table":"trace"', 1, true) and 0 or 1)
  end
  return rows
end

--- The time that all analyses look at.
local function range_of(trace)
  local _, _, about = host.rows("cputop", "--output", "json", "--table", "trace", trace)
  for _, row in ipairs(about) do
    if row.what == "range" then
      return row.begin, row["end"]
    end
  end
end

local folders = { example }
for folder in (os.getenv "TRACES" or ""):gmatch "%S+" do
  folders[#folders + 1] = folder
end

for _, trace in ipairs(folders) do
  describe("Trace Compass, with " .. trace:match "[^/]*$" .. ",", function()
    local first, last = range_of(trace)
    local middle, more = first + (last - first) // 3, (last - first) // 8
    for _, name in ipairs(analyses) do
      it("has " .. name, function()
        local words = needed[name] or ""
        local refresh = not whole[name] and (" --refresh %dns"):format(more * 2) or ""
        local one, mine = client({
          command = ("%s/lttng-%s-mi"):format(aliases, name), trace = trace,
          runs = {
            { extra = words, expect = "any" },
            { extra = words, expect = "any", range = { middle, middle + more }, mixed = true },
            { extra = words, expect = "outside", range = { first - 2, first - 1 } },
            { extra = words .. " --no-such-option", expect = "error" },
          },
        }, {
          properties = properties(name), trace = trace,
          runs = { { extra = words .. refresh, expect = "any" } },
        })
        if one.incompatible then
          -- What such an analysis needs was not recorded.
          assert.matches("cannot be filled: the trace has no", one.incompatible)
          assert.not_equal(example, trace)
        end
        assert.same(one.classes, mine.classes)
        -- All rows are there.
        if not words:find '"' then
          assert.equal(json_rows(name, words, trace), one.runs[1].rows)
        end
        assert.matches("no%-such%-option", one.runs[4].error)
      end)
    end
  end)
end

describe("Trace Compass", function()
  it("has periods, their parts, captures and groups", function()
    local function of(name, extra, expect)
      return { command = ("%s/bin/lttng-%s-mi"):format(prefix, name), trace = example,
        runs = { { extra = TREE .. CAPTURES .. extra, expect = expect, mixed = true },
          { extra = TREE .. CAPTURES .. extra, expect = "any",
            range = { 1795448198000000000, 1795448199000000000 } } } }
    end
    local stats, all, groups, logs, hierarchy, selected, freq, series = client(
      of("periodstats", ""), of("periodstats", " --freq --log --top --percentiles"),
      of("periodstats", " --group-by run.comm --freq"), of("periodlog", " --top"),
      of("periodlog", " --order-by hierarchy"),
      of("periodlog", " --select irq --aggregate-by run --group-by run.comm"), of("periodfreq", ""),
      of("periodfreq", " --group-by run.comm --freq-series"))
    local tables = stats.runs[1].tables
    for _, class in ipairs { "tree", "per_period_stats", "per_parent_stats", "per_parent_ratio",
      "per_parent_count", "per_parent_stats_globally", "per_parent_ratio_globally",
      "per_parent_count_globally" } do
      assert.is_true((tables[class] or 0) > 0, class)
    end
    assert.equal(2, tables.per_period_stats)
    tables = all.runs[1].tables
    for _, class in ipairs { "log", "top", "freq_duration", "freq_count", "freq_ratio" } do
      assert.is_true((tables[class] or 0) > 0, class)
    end
    -- Columns that an option adds are not those of the metadata.
    assert.is_true(all.runs[1].dynamic > 0)
    assert.is_true((groups.runs[1].tables.per_period_stats or 0) > 4)
    local titles = table.concat(groups.runs[1].titles, "\n")
    assert.matches("Period statistics, run%.comm = bash", titles)
    assert.is_true(logs.runs[1].tables.log > 100 and logs.runs[1].tables.top > 0)
    assert.equal(logs.runs[1].tables.log, hierarchy.runs[1].tables.log)
    assert.is_true(selected.runs[1].tables.aggregated_log > 10)
    assert.is_true(freq.runs[1].tables.freq_duration > 20)
    assert.is_true(series.runs[1].dynamic > 0)
  end)

  it("has other analyses of the time of each period, or of all", function()
    local jobs = {}
    for i, name in ipairs { "cputop", "iolog", "schedstats", "syscallstats" } do
      jobs[i] = { command = ("%s/lttng-%s-mi"):format(aliases, name), trace = example,
        runs = { { extra = OPEN }, { extra = OPEN .. " --during slow" },
          { extra = "--request fsync --during all" } } }
    end
    for _, report in ipairs { client(table.unpack(jobs)) } do
      assert.is_true(report.runs[1].count > report.runs[2].count)
    end
  end)

  it("has user-defined analyses: several at once, with options, reports, own ones", function()
    local log = host.script([[
-- Everything that a table can have.
local analysis = require "lttnga.analysis"
return analysis {
  title = "Odd", on = { sched_switch = function(w) w.any = true end },
  tables = { { "log", "Odd values", { { "Text" }, { "Number", "number" }, { "Ratio", "ratio" },
      { "Process", "process", { name = "procname", tid = "tid" } }, { "Path", "path", "path" },
      { "Mixed", "mixed", "mixed" }, { "Unknown", "size", "size", unknown = true },
      { "List", "list", "list" }, { "Counts", "counts", "counts" } },
    rows = function()
      return { { "\xff\u{2028}\u{85}\0\"\\", 0 / 0, 1 / 0 }, { "", math.mininteger, -0.5 },
        { "{", 1e300, 0, path = "/\n{", mixed = "{", list = { 1, "{" }, counts = { { "a", 1 } } },
        { "x", path = 5, mixed = true, tid = 0 } }
    end } } }]], "odd.lua")
    local both, options, report, own, odd = client(
      { properties = properties "iolog,schedlog,waitslog", trace = example,
        runs = { {}, { extra = "--refresh 1 --limit 3" } } },
      { properties = properties 'iolatencystats:--log,irqstats:--log --procname "a b*,ls,bash"',
        trace = example, runs = { {} } },
      { properties = properties "report --output lami", trace = example,
        runs = { {}, { extra = "--refresh 1" } } },
      { properties = properties "examples/slow_openat.lua", trace = example, runs = { {} } },
      { properties = properties(log .. ",iolog"), trace = example, runs = { { mixed = true } } })
    assert.equal("I/O operations log, Scheduling log, Log of waits", both.title)
    -- One class of that name is told, the others come with what they are.
    assert.equal(2, both.runs[1].dynamic)
    assert.is_true(both.runs[1].tables.log > 100)
    assert.is_true(options.runs[1].tables["hard-stats"] > 0)
    assert.equal("Report", report.title)
    assert.is_true(report.runs[1].count > 20)
    assert.is_true(own.runs[1].tables["slow-openat"] == 5)
    assert.equal(4, odd.runs[1].tables.log)
    assert.equal(1, odd.runs[1].dynamic)
  end)

  it("sees why a trace does not do, and what went wrong", function()
    local bare = host.trace { streams = { { cpu = 0,
      { 1, "sched_process_exit", { comm = "app", tid = 7 } } } } }
    for _, trace in ipairs { "/nowhere", bare } do
      local jobs = {}
      for i, name in ipairs { "cputop", "iolog", "periodstats", "waits", "report" } do
        jobs[i] = { command = ("%s/lttng-%s-mi"):format(aliases, name), trace = trace,
          runs = { trace == bare and { expect = "any" } or { expect = "error" } } }
      end
      for i, report in ipairs { client(table.unpack(jobs)) } do
        if trace == bare then
          -- Periods are made of any events; and of a report a section is enough.
          assert.equal(i ~= 3 and i ~= 5, (report.incompatible or ""):find "has no" ~= nil)
        else
          assert.equal("Error: cannot open /nowhere: No such file or directory",
            report.incompatible)
          assert.equal(report.incompatible, report.runs[1].error)
        end
      end
    end
  end)

  it("gets as much from an analysis under its own name", function()
    for _, name in ipairs(commands) do
      local own = host.run(name, "--output", "lami", "--end", "15:36:38", example)
      local result = run("lttng-" .. name .. "-mi", "--end", "15:36:38", example)
      assert.equal(own.out, result.out)
    end
  end)
end)

describe("the client of these tests", function()
  --- A command that answers as it is told: what it says to each question.
  local function liar(answers)
    local lines = { "#!/bin/sh" }
    for question, answer in pairs(answers) do
      lines[#lines + 1] = ("case \"$*\" in *%s*) printf '%%b' %s; exit %d;; esac"):format(question,
        host.quote((answer[1]:gsub("\\", "\\\\"))), answer[2] or 0)
    end
    local path = host.write(table.concat(lines, "\n") .. "\n", "liar")
    host.shell("chmod +x " .. path)
    return path
  end

  local metadata = '{"mi-version":{"major":1,"minor":0},"title":"T","table-classes":{"c":{'
    .. '"title":"C","column-descriptions":[{"title":"A","class":"duration"},'
    .. '{"title":"B","class":"string"}]}}}'
  local RANGE = '{"class":"time-range","begin":{"class":"timestamp","value":1},'
    .. '"end":{"class":"timestamp","value":2}}'

  --- What a result says whose only row is this.
  local function result(row, class)
    return ('0 Begin\n1 Done!\n{"results":[{"class":%s,"time-range":%s,"data":[[%s]]}]}\n')
      :format(class or '"c"', RANGE, row)
  end

  --- What it finds wrong.
  local function faults(answers)
    local all = { ["--mi-version"] = { "1.0\n" }, ["--metadata"] = { metadata .. "\n" },
      ["--test-compatibility"] = { "" },
      ["--output-progress"] = { result '{"class":"duration","value":5},"x"' } }
    for question, answer in pairs(answers) do
      all[question] = answer
    end
    local done = host.shell(("python3 tests/lami.py <%s"):format(host.write(json.encode {
      { command = liar(all), trace = "/t" } })))
    assert.equal(0, done.status, done.err)
    local report = json.decode(done.out)[1]
    return table.concat(report.faults, "\n"), report.runs
  end

  it("takes what is right", function()
    local none, runs = faults {}
    assert.equal("", none)
    assert.same({ c = 1 }, runs[1].tables)
    for _, row in ipairs { 'null,"x"', '{"class":"unknown"},null',
      '{"class":"duration","low":1,"high":2},"x"',
      '{"class":"duration","low":"-inf","value":3,"high":3},{"class":"string","value":"x"}' } do
      assert.equal("", faults { ["--output-progress"] = { result(row) } })
    end
  end)

  it("refuses what is not", function()
    for expected, one in pairs {
      ["version.*a note"] = { "--mi-version", "a note\n1.0\n" },
      ["%-version: exit status 1"] = { "--mi-version", "1.0\n", 1 },
      ["no JSON"] = { "--metadata", "warning: x\n" .. metadata },
      ["no class of columns"] = { "--metadata", (metadata:gsub("duration", "time")) },
      ["no title"] = { "--metadata", (metadata:gsub('"title":"C",', "")) },
      ["no table classes"] = { "--metadata",
        '{"mi-version":{"major":1,"minor":0},"title":"T"}' },
      ["a name twice"] = { "--metadata", (metadata:gsub('"title":"T"', '%0,%0')) },
      ["%-%-test%-compatibility"] = { "--test-compatibility", "[]", 1 },
      ["nothing is said"] = { "--test-compatibility", "", 1 },
    } do
      assert.matches(expected, faults { [one[1]] = { one[2], one[3] } })
    end
    for expected, said in pairs {
      ["2 columns"] = result '{"class":"duration","value":5}',
      ["value is None"] = result '{"class":"duration","value":null},"x"',
      ["does not hold"] = result '{"class":"duration","low":1,"value":5,"high":4},"x"',
      ["one bound"] = result '{"class":"duration","low":1,"value":5},"x"',
      ["size where duration"] = result '{"class":"size","value":5},"x"',
      ["5 where duration"] = result '5,"x"',
      ["no class 'd'"] = result('null,"x"', '"d"'),
      ["without a title"] = result('null,"x"', '{"inherit":"c"}'),
      ["NaN"] = result '{"class":"duration","value":NaN},"x"',
      ["too large"] = result '{"class":"duration","value":9223372036854775808},"x"',
      ["no rows"] = (result("x"):gsub("%[%[x%]%]", "[]")),
      ["does not see"] = result 'null,"\xe2\x80\xa8"',
      ["0 tables"] = '1 Done!\n{"results":[]}',
      ["last progress"] = '0 Begin\n{"results":[]}',
      ["progress from 0.5"] = '0.5 x\n0.4 x\n1 Done!\n{"results":[]}',
      ["nothing was printed"] = "1 Done!\n",
    } do
      assert.matches(expected, faults { ["--output-progress"] = { said } })
    end
    assert.matches("exit status 3", faults { ["--output-progress"] = { result "", 3 } })
  end)
end)

-- ---- The original ----

--- The columns of its tables, by command of a family and class. What it has beside that: `summary`,
-- for which there are the tables of all intervals here; per_parent_percentage, numbers instead of a
-- ratio (per_parent_ratio); and what it never fills: aggregated_log, _top and _stats. It tells the
-- standard deviation of per_parent_count as a duration, and gives a number.
local STATS = " number duration duration duration duration"
local their_classes = {
  cputop = { ["per-process"] = "process number string ratio", ["per-cpu"] = "cpu ratio",
    total = "ratio" },
  memtop = { allocd = "process number", freed = "process number", total = "number number" },
  syscallstats = { ["per-tid"] = "syscall" .. STATS .. " string", total = "process number" },
  irqstats = { log = "time-range timestamp cpu irq", ["hard-stats"] = "irq" .. STATS,
    ["soft-stats"] = "irq" .. STATS .. STATS, freq = "duration duration number" },
  schedstats = { log = "timestamp timestamp duration number cpu process process",
    top = "timestamp timestamp duration number cpu process process", total_stats = STATS:sub(2),
    per_tid_stats = "process" .. STATS .. " string", per_prio_stats = "number" .. STATS,
    freq = "duration duration number" },
  iolatencystats = { ["syscall-latency-stats"] = "string" .. STATS,
    ["disk-latency-stats"] = "disk" .. STATS, freq = "duration duration number",
    ["top-syscall"] = "time-range bool duration syscall size process path fd",
    log = "time-range bool duration syscall size process path fd",
    ["per-process-top"] = "process size size size size", ["per-file-top"] = "path size string",
    ["per-process-top-block"] = "process size", ["per-disk-top-sector"] = "disk number",
    ["per-disk-top-request"] = "disk number", ["per-disk-top-rps"] = "disk duration",
    ["per-netif-top"] = "netif size" },
  periodstats = { log = "timestamp timestamp duration string string string",
    top = "timestamp timestamp duration string string string",
    per_period_stats = "string" .. STATS .. " duration",
    freq_duration = "duration duration number", freq_count = "number number number",
    freq_ratio = "number number number",
    per_parent_stats = "string string duration duration duration duration",
    per_parent_count = "string string number number number number" },
}

--- Commands of a family have its tables.
local families = { cputop = { "cputop" }, memtop = { "memtop" }, syscallstats = { "syscallstats" },
  irqstats = { "irqstats", "irqfreq", "irqlog" },
  schedstats = { "schedstats", "schedfreq", "schedlog", "schedtop" },
  iolatencystats = { "iolatencystats", "iolatencyfreq", "iolatencytop", "iolog", "iousagetop" },
  periodstats = { "periodstats", "periodfreq", "periodlog", "periodtop" } }

--- Which classes of theirs are not ours, see above.
local left_out = { summary = true, per_parent_percentage = true, aggregated_log = true,
  aggregated_top = true, aggregated_stats = true }

local is_there = host.shell("command -v lttng-iolog-mi").status == 0

describe("the original's table classes", function()
  for family, members in pairs(families) do
    for _, name in ipairs(members) do
      it("are those of " .. name .. ", with more columns behind theirs", function()
        local ours = client({ command = ("%s/lttng-%s-mi"):format(aliases, name), trace = example,
          runs = {} }).classes
        for class, columns in pairs(their_classes[family]) do
          local all = table.concat(ours[class] or {}, " ")
          assert.equal(columns, all:sub(1, #columns), class)
        end
      end)

      it("are told by its " .. name .. " as they stand here", function()
        if not is_there then
          pending "lttng-analyses is not installed"
          return
        end
        local theirs = json.decode(host.shell(("lttng-%s-mi --metadata"):format(name)).out)
        local n = 0
        for class, one in pairs(theirs["table-classes"]) do
          local columns = {}
          for i, column in ipairs(one["column-descriptions"]) do
            columns[i] = class == "per_parent_count" and i == 6 and "number" or column.class
          end
          if not left_out[class] then
            assert.equal(table.concat(columns, " "), their_classes[family][class], class)
            n = n + 1
          end
        end
        for _ in pairs(their_classes[family]) do
          n = n - 1
        end
        assert.equal(0, n)
      end)
    end
  end
end)

--- A period that it knows, too: it does not know what thread an event is in.
local IRQ = [[--period "irq : $evt.$name == \"irq_handler_entry\" : $evt.$name ==]]
  .. [[ \"irq_handler_exit\" && $evt.cpu_id == $begin.$evt.cpu_id"]]

--- What its commands are asked for, all tables.
local asked = { cputop = "", memtop = "", syscallstats = "",
  irqstats = "--freq --log", schedstats = "--freq --log --top --total --per-tid --per-prio",
  iolatencystats = "--freq --log --top --usage", iolog = "", irqlog = "", schedtop = "",
  periodstats = "--freq --log --top " .. IRQ, periodlog = IRQ }

describe("the original's results", function()
  for _, trace in ipairs(folders) do
    for name, words in pairs(asked) do
      it(("have no table that is not here: %s, %s"):format(name, trace:match "[^/]*$"), function()
        if not is_there then
          pending "lttng-analyses is not installed"
          return
        end
        local quoted = words:gsub("%$", "\\$")
        local said = host.shell(("TZ=UTC timeout 100 lttng-%s-mi --skip-validation %s %s"):format(
          name, quoted, trace)).out
        local theirs = json.decode(said:match "{.*" or "{}", 1, json.null)
        if not theirs or not theirs.results then
          assert.not_equal(example, trace, said)
          return -- It can't read that one, or takes ages.
        end
        local ours = client({ command = ("%s/lttng-%s-mi"):format(aliases, name), trace = trace,
          runs = { { extra = words, expect = "any" } } })
        local n = 0
        for _, one in ipairs(theirs.results) do
          local class = type(one.class) == "table" and one.class.inherit or one.class
          assert.is_true(ours.classes[class] and (ours.runs[1].tables[class] or 0) > 0, class)
          local first = one.data[1]
          for c, cell in ipairs(first) do
            local kind = type(cell) == "table" and cell.class or type(cell)
            assert.is_true(cell == json.null or kind == "unknown"
              or kind == ours.classes[class][c], class)
          end
          n = n + 1
        end
        assert.is_true(n > 0 or trace ~= example)
      end)
    end
  end
end)
