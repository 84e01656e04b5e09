--- The commands of a session: where they go, what they give, and how that is shown.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local small = host.small_trace()

--- Runs commands with -e on a trace; what they print.
local function run(trace, ...)
  local result = host.session(trace, ...)
  assert.equal(0, result.status, result.err)
  assert.equal("", result.err)
  return result.out
end

--- The same with the classic text, as that of host.run.
local function run_classic(trace, code)
  local result = host.run("-i", "--no-cache", "-e", code, trace)
  assert.equal(0, result.status, result.err)
  return result.out
end

--- Checks that a command fails with a message.
local function fails(message, code)
  local result = host.run("-e", code, small)
  assert.equal("lttnga-run: error: " .. message .. "\n", result.err)
  assert.equal(1, result.status)
end

describe("threads and ps", function()
  it("count those of which nothing but the name is known", function()
    for list, all in pairs { threads = "threads()", ps = "ps()" } do
      local shown = run(example, "go('15:36:38')", all)
      local lines, more = 0, tonumber(shown:match "%((%d+) more: not seen on a CPU so far; ")
      for _ in shown:gmatch "\n *%d+ +%d" do
        lines = lines + 1
      end
      assert.is_true(more > 0 and lines > 0, list)
      assert.equal(lines + more, tonumber((run(example, "go('15:36:38')", "#" .. all)
        :match "\n(%d+)\n$")))
    end
  end)

  it("show all that are asked for, or where there is no other", function()
    assert.is_nil(run(example, "go('15:36:38')", "ps('kthreadd')"):find("more:", 1, true))
    assert.matches("kthreadd", run(example, "go('15:36:38')", "ps('kthreadd')"))
  end)
end)

describe("analyse", function()
  local limits = { "15:36:38", "15:36:39.5" }

  it("says what a report is for", function()
    assert.matches("report makes an HTML page: use lttnga%-run report %-o FILE%.html TRACE",
      host.session(example, "analyse('report')").err)
  end)

  for _, name in ipairs(host.analyses { report = true }) do
    it("gives what " .. name .. " gives", function()
      local is_period = name:find "^period"
      local options = name == "trackprocess" and { "--tid", "388" }
        or is_period and { "--period", 'p : $evt.$name == "sched_switch"' }
        or name == "why" and { "--tid", "388" }
        or name:find "^requests" and { "--request", "fsync" }
        or name == "timeline" and { "--output-file", "/dev/null" }
        or name == "export" and { "--to", host.path "tables" } or {}
      local expected = host.run(name, "--no-cache", "--begin", limits[1], "--end", limits[2],
        example, table.unpack(options))
      assert.equal(0, expected.status, expected.err)
      local given = is_period and "period = [[p : $evt.$name == \"sched_switch\"]]"
        or name == "timeline" and "output_file = '/dev/null'"
        or name == "export" and ("to = '%s'"):format(host.path "tables")
        or options[1] == "--tid" and "tid = 388" or options[1] and "request = 'fsync'" or ""
      assert.equal(expected.out, run_classic(example, ("analyse('%s', { %s }, '%s', '%s')")
        :format(name, given, table.unpack(limits))))
    end)
  end

  it("gives logs as rows", function()
    assert.equal('6\t"openat"\t5000000\n', run(small,
      'l = analyse("iolog").log.rows', "#l, l[1][4], l[4][1][1]"))
  end)

  it("takes a script as it is now", function()
    local path = host.script([[return { title = "Mine", on = {},
      tables = { { "mine", "Mine", { { "A" } }, rows = function() return { { "first" } } end } } }
    ]], "mine.lua")
    local call = ("analyse('%s').mine.rows[1][1]"):format(path)
    assert.equal('"first"\n"later"\n', run(small, call, ([[
      local file = io.open("%s")
      local source = file:read "a"
      file:close()
      file = io.open("%s", "w")
      file:write((source:gsub("first", "later")))
      file:close()
    ]]):format(path, path), call))
  end)

  it("refuses what makes no sense", function()
    fails("the time range ends before it starts",
      'analyse("iolog", {}, "00:00:02", "00:00:01")')
    fails('usage: analyse("iolatencytop", { limit = 5 }, FROM, TO)', 'analyse("iolog", 5)')
    fails("'sort' is for the command line only", 'analyse("iolog", { sort = "duration" })')
    fails("'begin' is for the command line only; to limit the time, use analyse(NAME, OPTIONS, "
      .. "FROM, TO)", 'analyse("iolog", { begin = "now" })')
    fails("table 'a': column 'X': unknown class 'nmber' (did you mean 'number'?)",
      'run { on = {}, tables = { { "a", "A", { { "X", "nmber" } }, rows = print } } }')
  end)
end)

describe("the number of an event", function()
  it("is that of all events of the trace", function()
    assert.equal("29141\t29141\n", run(example, "local n; run(); "
      .. "for _, row in ipairs(analyse('info')[1].rows) do "
      .. "if row[1] == 'Events' then n = row[2] end end; return now().events, tonumber(n)"))
  end)

  it("is the same whatever one has looked for", function()
    local out = run(example, [[
      local last
      go "15:36:37.2"
      for i = 1, 100 do
        local here = now()
        local place = until_ "timer_hrtimer_expire_exit"
        assert(place.time >= here.time and place.events > here.events)
        assert(not last or place.events > last.events)
        last = place
        assert(back().events == place.events - 1)
        assert(step().time == place.time)
      end
      go(last.time)
      assert(now().events >= last.events)
      local before = back_until "timer_hrtimer_expire_exit"
      assert(before.events <= last.events)
      return "same"
    ]])
    assert.equal('"same"\n', out)
  end)
end)

describe("the end", function()
  it("is the last event, at its time, whichever way one comes there", function()
    -- Its packets end 5 s after the last event.
    local s = 1000000000
    local trace = host.trace { streams = { { cpu = 0, packets = {
      { from = s, to = 10 * s, { s, "sched_switch", { prev_tid = 0, next_tid = 7 } },
        { 5 * s, "sched_switch", { prev_tid = 7, next_tid = 0 } } } } } } }
    local expected = "00:00:05.000000000, event 2 (the last one)\n"
    for _, way in ipairs { "", "go '00:00:03'", "go '00:00:07'", "go '+20s'", "go(2)",
      "go '00:00:07'; go 'begin'", "go 'end'; go '00:00:06'", "run()" } do
      local out = host.session(trace, way ~= "" and way or "now()", "go 'end'").out
      assert.equal(expected, out:match("[^\n]*\n$"), way)
    end
  end)
end)

describe("what a command gives", function()
  it("can be printed", function()
    for _, command in ipairs { "ps()", "cpus()", "now()", "proc(10)", "help()", "info()",
      'analyse("iolatencystats")', "around(1)", 'until_("io_end")' } do
      local out = run(small, 'go "00:00:00.0045"', "print(" .. command .. ")")
      assert.equal(run(small, 'go "00:00:00.0045"', command), out)
      assert.is_nil(out:find("table: ", 1, true))
    end
  end)

  it("is an event with its fields in order, and times as one reads them", function()
    local out = run(small, 'until_("io_end", function(io_class) return io_class == "sync" end)')
    assert.equal("00:00:00.006500000, event 11\n00:00:00.006500000 CPU 0 app (10) io_end: "
      .. 'begin=00:00:00.006000000 duration=500.000us name="fsync" ret=0 error=0 '
      .. 'io_class="sync" fd=3 path="/etc/hosts" file_type="file" waited=0.000us\n', out)
  end)

  it("tells of no other thread than that in which an event was", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1000000, "sched_switch",
        { prev_tid = 0, prev_comm = "idle", next_tid = 10, next_comm = "app" } },
      { 2000000, "sched_wakeup", { comm = "other", tid = 20, prio = 20, target_cpu = 0 } },
      { 3000000, "sched_switch",
        { prev_tid = 10, prev_comm = "app", next_tid = 0, next_comm = "idle" } },
    } } }
    assert.matches(" CPU 0 app %(10%) sched_wakeup: .*tid=20", run(trace, 'until_ "sched_wakeup"'))
    assert.matches("\n +%+0%.000 +0 +app %(10%) +sched_wakeup .*tid=20",
      run(trace, 'go "00:00:00.002"', "around(0.1)"))
    assert.matches(" CPU 0 app %(10%) sched_switch: ",
      run(trace, 'go "00:00:00.002"', 'until_ "sched_switch"'))
  end)

  it("says that there is no such event any more", function()
    assert.equal("no further event matches: 00:00:00.008001000, event 15 (the last one)\n",
      run(small, 'until_("io_end", function() end)'))
  end)

  it("is of one process", function()
    assert.equal("1\t1\t0\t0\n", run(small,
      'go "end"; return #ps(10), #ps("app"), #ps("none"), #ps(11)'))
  end)
end)

describe("commands", function()
  it("say what they want", function()
    fails("step(N): N must be a number", "step 'x'")
    fails("step(N): N must be a number", "step(1 / 0)")
    fails("back(N): N must be a number", "back {}")
    fails("around(MS): MS must be a number of milliseconds", "around 'x'")
    fails('threads(PID): PID must be a number; find it with ps("NAME")', "threads 'bash'")
    fails("proc(TID): TID must be a number; find it with threads()", "proc()")
    fails('help("NAME"): the name of a command, an event or a row, in quotes', "help(ps)")
  end)

  it("are for the whole trace", function()
    for _, option in ipairs { "--begin=1", "--end=1", "--timerange=[1,2]", "--refresh=1",
      "--output=csv" } do
      local result = host.run("-e", "now()", option, small)
      assert.matches("^lttnga%-run: " .. option:match("^[^=]*"):gsub("%-", "%%-")
        .. " cannot be used with a session", result.err)
      assert.equal(2, result.status)
    end
  end)

  it("are listed in lines that fit", function()
    for line in run(small, "help"):gmatch("[^\n]+") do
      assert.is_true(#line <= 100, line)
    end
  end)
end)

describe("until_ with an expression", function()
  it("stops where it holds", function()
    for with, without in pairs {
      ['until_("io_end", "duration > 50ms and procname == \\"bash\\"")'] =
        'until_("io_end", function(duration, procname) '
        .. 'return duration > 50e6 and procname == "bash" end)',
      ['until_("sched_switch", "next_comm ~ \\"d?\\"")'] =
        'until_("sched_switch", function(next_comm) return next_comm == "dd" end)',
    } do
      assert.equal(run(example, without), run(example, with))
      assert.equal(run(example, "go 'end'", (without:gsub("until_", "back_until"))),
        run(example, "go 'end'", (with:gsub("until_", "back_until"))))
    end
    fails("io_end: unknown field 'durtion' (did you mean 'duration'?)",
      "until_('io_end', 'durtion > 50ms')")
    fails("syntax error at '= 5': use == to test for equality", "until_('io_end', 'fd = 5')")
  end)
end)

describe("a mistake at the prompt", function()
  it("is told with what may be meant", function()
    for code, message in pairs {
      ["stpe()"] = "-e:1: undefined variable 'stpe' (did you mean 'step'?)",
      ["iolatencytop"] = "-e:1: undefined variable 'iolatencytop': use "
        .. "analyse(\"iolatencytop\") to run that analysis",
      ["stats.new()"] = "-e:1: undefined variable 'stats': stats = require \"lttnga.stats\"",
      ["go 12:18:50"] = "-e:1: syntax error near '12'; write go(\"12:18:50\")",
      ["ps bash"] = "-e:1: syntax error near 'bash'; write ps(\"bash\")",
      ["proc 10"] = "-e:1: syntax error near '10'; write proc(10)",
      ["stpe 3"] = "-e:1: syntax error near '3' (did you mean 'step'?)",
      ["help('sched_swich')"] = "there is no help on 'sched_swich' (did you mean 'sched_switch'?)",
      ["analyse('iolog', { stats = true })"] =
        "'stats' has no effect here: use analyse(\"iolatencystats\")",
      ["analyse('iolog', { percentiles = true })"] =
        "--percentiles needs --stats",
    } do
      fails(message, code)
    end
  end)
end)

describe("help", function()
  it("has the fields of events of the trace", function()
    local out = run(small, "help 'sched_switch'")
    assert.matches("^An event of the trace%.", out)
    assert.matches("\n  prev_tid +integer\n", out)
    assert.matches("\n  next_comm +string\n", out)
  end)
end)

describe("who", function()
  it("tells who has a file open", function()
    local out = run(small, "go '+3ms'", "#who 'hosts'", "who('/etc/hosts')[1].tid",
      "who('/etc/hosts')[1].fd", "who('/etc/nothing')",
      "table.concat(session:candidates 'path', ' ')")
    assert.matches("\n1\n10\n3\n%(none%)\n.*/etc/hosts", out)
    fails('who("PATH"): PATH must be a string', "who(1)")
  end)

  it("has the names that can be completed", function()
    assert.matches('"sched_switch"', run(small, "session:candidates 'hook'"))
    local options = run(small,
      "table.concat(session:candidates('options', { texts = { 'iolog' } }), ' ')")
    assert.equal('"container cpu filter limit max maxsize min minsize path procname tid"\n',
      options)
    assert.matches('"10"', run(small, "go 'end'",
      "session:candidates('options', { texts = { 'iolog' }, key = 'tid' })"))
    assert.matches('"app"', run(small, "go 'end'", "session:candidates 'process'"))
  end)
end)

describe("ps", function()
  it("finds processes by the name of any thread, and shows their main threads", function()
    local rows = run(example, 'go "+8s"', 'p = ps "Rotation"', "#p", "p[1].tid", "p[1].threads",
      "#ps(205)", "ps(205)[1].procname", "#ps 'nobody'")
    assert.matches("\n1\n205\n17\n1\n\"lttng%-sessiond\"\n0\n$", rows)
  end)

  it("has no part of the trace before its begin", function()
    local result = host.run("-e", 'analyse("iolatencystats", {}, nil, "begin")', example)
    assert.equal(0, result.status, result.err)
    assert.is_nil(result.out:find("read", 1, true))
  end)
end)

describe("two machines in one session", function()
  it("are told apart, even if they have the same name", function()
    local apart = host.run("cputop", small, host.small_trace())
    assert.matches("Host: box\n.*Host: box %(2%)\n", apart.out)
    local other = host.small_trace()
    -- Logs call them as tables do.
    local hosts = {}
    for _, row in ipairs(host.rows("iolog", "--output", "json", "--no-cache", small, other)) do
      hosts[row.host] = true
    end
    assert.same({ box = true, ["box (2)"] = true }, hosts)
    local result = host.run("-e", 'go "end"', "-e", "#ps 'app'", "-e", "ps('app')[1].host", "-e",
      "ps('app')[2].host", small, other)
    assert.equal(0, result.status, result.err)
    assert.matches('\n2\n"box"\n"box %(2%)"\n$', result.out)
  end)
end)

describe("until_", function()
  it("names the command if there is no such event", function()
    fails("until_:1: neither a derived event nor an event of this trace: 'sched_swich' "
      .. "(did you mean 'sched_switch'?)", 'until_("sched_swich")')
  end)
end)

describe("a session through libbabeltrace2", function()
  it("looks for events of the trace backward, too", function()
    local function last_switch(...)
      local result = host.run("-e", 'go "15:36:39"', "-e",
        'back_until("sched_switch").event.time', example, ...)
      assert.equal(0, result.status, result.err)
      return result.out
    end
    assert.equal(last_switch(), last_switch("--reader", "babeltrace2"))
  end)
end)

describe("what is missing from a trace", function()
  it("is told at its end, once", function()
    local path = host.trace { streams = { { cpu = 0, packets = {
      { from = 1000, to = 2000, { 1000, "tick", { n = 1 } }, { 1500, "sched_switch",
        { prev_tid = 0, next_tid = 10, next_comm = "app" } } },
      { from = 3000, to = 4000, lost = 7, { 3500, "tick", { n = 2 } } },
    } } } }
    local result = host.run("-e", 'go "end"', "-e", 'go "begin"', "-e", "run()", path)
    assert.equal(0, result.status, result.err)
    local _, told = result.err:gsub("7 events lost %([%d.]+ %%%): results", "")
    assert.equal(1, told, result.err)
  end)
end)

describe("what is in progress", function()
  it("may be over if events were lost since", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      { from = 100, to = 200, { 150, "tick", { n = 1 } } },
      { from = 1000, to = 2000, lost = 7,
        { 1000, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
        { 1100, "block_rq_issue", { dev = 1, sector = 8, nr_sector = 8, rwbs = 1, tid = 10 } } },
      { from = 3000, to = 4000,
        { 3500, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
        { 3600, "block_rq_issue", { dev = 1, sector = 99, nr_sector = 8, rwbs = 1, tid = 10 } } },
    } } } }
    local result = host.run("-e", 'go "end" local a, b = table.unpack(inflight())'
      .. " print(a.lost, b.lost)", trace)
    assert.equal("true\tfalse\n", result.out, result.err)
  end)
end)

describe("a mistake in a session's script", function()
  it("is told with its line, and without what has called the script", function()
    local script = host.script("go 'begin'\ngo 'nonsense'", "wrong.lua")
    local result = host.run("-i", script, "-e", "", example)
    assert.equal(1, result.status)
    assert.equal("lttnga-run: " .. script .. ":2: invalid time 'nonsense': use 12:18:50.43, "
      .. "2026-11-23 12:18:50, +1s, -2s, or ns since the Epoch\n", result.err)
    script = host.script("local function f(t)\n  return t.x\nend\nprint(f(nil))", "wrong.lua")
    result = host.run("-i", script, "-e", "", example)
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: %S+:2: attempt to index a nil value %(local 't'%)\n"
      .. "stack traceback:\n\t%S+:2: in local 'f'\n\t%S+:4: in [^\n]+\n$", result.err)
  end)

  it("is told whatever the script has done to the libraries", function()
    local script = host.script("_G.tostring = nil\ngo 'nonsense'", "wrong.lua")
    local result = host.run("-i", script, "-e", "", example)
    assert.equal(1, result.status)
    assert.matches("wrong%.lua:2: invalid time 'nonsense'", result.err)
  end)

  it("is told so wherever the program's own files are", function()
    local folder = host.path "lua-" .. ("x"):rep(80)
    host.shell(("cp -r lua %s"):format(folder))
    local script = host.script("local t = nil\nprint(t.x)", "wrong.lua")
    local result = host.shell(("LTTNGA_LUA=%s %s/lttnga-run -i %s --no-cache -e '' %s"):format(
      folder, os.getenv "BUILD" or "build", script, example))
    assert.equal(1, result.status)
    assert.matches("stack traceback:\n\t[^\n]+wrong.lua:2: in [^\n]+\n$", result.err)
  end)
end)

describe("info", function()
  it("tells which part is looked at of a single trace", function()
    local function common(...)
      return host.run("info", "--no-cache", ...).out:match "In common +%[[^\n]+"
    end
    assert.matches("9.473 s %(all: %-%-no%-intersection%)$", common(example))
    assert.is_nil(common(example, "--no-intersection"))
    assert.is_nil(common(example, small))
  end)
end)
