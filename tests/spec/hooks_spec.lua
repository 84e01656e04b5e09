--- Scripts run by the host: hooks, their parameters, filters, errors.
--
-- SPDX-License-Identifier: MIT

local helper = require "tests.spec.host"

local trace = helper.small_trace()

--- Runs a script whose hooks are `on`, over the small trace.
local function run_hooks(on, ...)
  return helper.run(helper.script([[
    local analysis = require "lttnga.analysis"
    return analysis {
      title = "test", options = { "duration", "size", "process", "cpu" },
      begin = function(w) w.seen = {} end,
      on = {]] .. on .. [[},
      tables = { { "seen", "Seen", { { "What" } }, rows = function(w)
        local rows = {}
        for i, text in ipairs(w.seen) do rows[i] = { text } end
        return rows
      end } },
    }]]), trace, ...)
end

--- The rows of the table, in one text with bars between.
local function seen(result)
  assert.equal("", result.err)
  assert.equal(0, result.status)
  local rows = result.out:match("%-%-%-\n(.*)$") or ""
  return (rows:gsub("%s*\n", "|"))
end

describe("a hook", function()
  it("gets the fields that its parameters name", function()
    local result = run_hooks [[io_end = function(w, name, io_class, duration, path, size)
      w.seen[#w.seen + 1] =
        table.concat({ name, io_class, duration, path or "-", size or "-" }, " ")
    end]]
    assert.equal("openat open 1000 /etc/hosts -|read read 2000 /etc/hosts 100|"
      .. "read read 4000 /etc/hosts 0|write write 8000 - 10|fsync sync 500000 /etc/hosts -|"
      .. "close close 1000 /etc/hosts -|", seen(result))
  end)

  it("gets integers exact to 64 bits", function()
    local result = run_hooks [[disk_request_end = function(w, begin, time, sector, disk)
      w.seen[1] = math.type(begin) .. " " .. time - begin .. " " .. sector .. " " .. disk
    end]]
    assert.equal("integer 70000 8 (8,0)|", seen(result))
  end)

  it("can take a raw event by its name", function()
    local result = run_hooks [[syscall_entry_read = function(w, fd, count, tid, procname, time, cpu)
      w.seen[#w.seen + 1] = table.concat({ fd, count, tid, procname, time, cpu }, " ")
    end]]
    assert.equal("3 4096 10 app 3000000 0|3 4096 10 app 4000000 0|", seen(result))
  end)

  it("of a raw event believes what the event tells of its task", function()
    local contexts = helper.trace { contexts = { tid = 0, procname = "" }, streams = { { cpu = 0,
      { 1, "timer_start", { ["ctx.tid"] = 7, ["ctx.procname"] = "one", expires = 5 } },
      { 2, "syscall_entry_read", { ["ctx.tid"] = 7, ["ctx.procname"] = "one", fd = 0, count = 1 } },
      { 3, "timer_start", { ["ctx.tid"] = 9, ["ctx.procname"] = "two", expires = 6 } } } } }
    local script = helper.script [[
      return require "lttnga.analysis" { title = "t", options = { "process" },
        begin = function(w) w.rows = {} end,
        on = { timer_start = function(w, tid, procname, event)
          w.rows[#w.rows + 1] = { ("%d %s %d %s"):format(tid, procname, event.tid, event.procname) }
        end },
        tables = { { "t", "T", { { "Row" } }, rows = function(w) return w.rows end } } }]]
    assert.equal("7 one 7 one|9 two 9 two|", seen(helper.run(script, contexts)))
    assert.equal("9 two 9 two|", seen(helper.run(script, contexts, "--tid", "9")))
    assert.equal("7 one 7 one|", seen(helper.run(script, contexts, "--procname", "one")))
  end)

  it("can look at the whole event, and keep a copy", function()
    local result = run_hooks [[io_end = function(w, event)
      w.kept = w.kept or event:copy()
      w.seen = { w.kept.name .. " " .. w.kept.duration .. " " .. event.name }
    end]]
    assert.equal("openat 1000 close|", seen(result))
  end)

  it("may not use the event after the call", function()
    local result = run_hooks [[io_end = function(w, event)
      if w.kept then error(w.kept.name) end
      w.kept = event
    end]]
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: [^\n]*script%.lua:%d+: [^\n]*copy", result.err)
  end)
end)

describe("the event of a hook", function()
  it("is gone too if the hook fails, whoever kept it", function()
    for _, event in ipairs { "io_end", "sched_switch" } do
      local result = run_hooks(event .. [[ = function(event)
        w_kept = setmetatable({ event = event }, { __gc = function(kept)
          io.stderr:write(select(2, pcall(function() return kept.event.time end)), "\n")
        end })
        error "stop"
      end]])
      assert.equal(1, result.status)
      assert.matches("script%.lua:%d+: stop %(at event [^\n]*%)\nstack traceback:\n", result.err)
      assert.matches("this event is no longer valid", result.err)
    end
  end)

  it("may be forgotten by its hook", function()
    assert.equal("gone|", seen(run_hooks [[io_end = function(w, event)
      event = nil
      collectgarbage()
      w.seen[1] = "gone"
    end]]))
  end)

  it("has its method, whatever its fields are called", function()
    local odd = helper.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, next_tid = 1, next_comm = "x" } },
      { 2000, "odd", { copy = 7 } } } } }
    local script = helper.script [[
      return require "lttnga.analysis" { title = "t",
        on = { odd = function(copy, event) print(copy, event:copy().copy) end } }]]
    assert.matches("^7\t7\n", helper.run(script, odd).out)
  end)
end)

describe("a hook", function()
  it("can have as many parameters as Lua allows", function()
    local names = ("tid,"):rep(189)
    assert.equal("10 10|", seen(run_hooks(([[
      io_end = function(w, %s event) collectgarbage() w.seen[1] = tid .. " " .. event.tid end,
      syscall_exit_read = function(%s tid) collectgarbage() end]]):format(names, names))))
  end)

  it("can neither close the trace that is read nor begin another run", function()
    local script = helper.script(([[
      local host = require "lttnga.host"
      local mine = host.open({ %q })
      local function try(what, ...) print(what, select(2, pcall(...))) end
      local hooks = { io_end = function()
        try("close", mine.close, mine)
        try("run", mine.run, mine, { scripts = {} })
        error "stop"
      end }
      try("fails", mine.run, mine, {
        scripts = { { { name = "x", window = {}, on = hooks } } }, windows = { { {} } } })
      print("after", host.cursor())
      mine:close()
      os.exit(0)]]):format(trace))
    local result = helper.run(script)
    assert.equal("", result.err)
    assert.matches("^close\ta trace cannot be closed while it is being read\n"
      .. "run\ta hook cannot start another run\n"
      .. "fails\t[^\n]*script%.lua:%d+: stop\nafter\n$", result.out)
  end)
end)

describe("filters", function()
  local on = [[io_end = function(w, name) w.seen[#w.seen + 1] = name end]]

  it("include their bounds", function()
    assert.equal("read|read|write|", seen(run_hooks(on, "--min", "2", "--max", "8")))
    assert.equal("openat|write|fsync|close|",
      seen(run_hooks(on, "--minsize", "10", "--maxsize", "99")))
  end)

  it("look at the thread and the CPU", function()
    for option, message in pairs {
      ["--tid=11"] = "--tid: no event has tid 11 (did you mean '10'?)",
      ["--procname=other"] = "--procname: no event has procname other (found: app)",
      ["--procname=ap"] = "--procname: no event has procname ap (did you mean 'app'?)",
    } do
      local none = run_hooks(on, option)
      assert.equal("lttnga-run: warning: " .. message .. "\n", none.err)
      none.err = ""
      assert.equal("", seen(none))
    end
    local absent = run_hooks(on, "--cpu", "1")
    assert.equal("lttnga-run: warning: --cpu: the trace has no CPU 1\n", absent.err)
    absent.err = ""
    assert.equal("", seen(absent))
    assert.equal("openat|read|read|write|fsync|close|",
      seen(run_hooks(on, "--tid", "9,10", "--procname=app,x", "--cpu", "0")))
  end)

  it("look at the time, begin and end included", function()
    assert.equal("read|read|write|",
      seen(run_hooks(on, "--timerange", "[00:00:00.003,00:00:00.005008]")))
    assert.equal("read|read|write|", seen(run_hooks(on, "--begin", "3000000", "--end", "5008000")))
    assert.equal("openat|read|read|",
      seen(run_hooks(on, "--end", "1970-01-01 00:00:00.005007999")))
  end)
end)

--- The message of a run that must fail with `status`: one line, and perhaps a traceback.
local function failure(result, status)
  assert.equal(status, result.status)
  assert.equal("", result.out)
  local first = result.err:match("^lttnga%-run: ([^\n]*)\n")
  assert.truthy(first, result.err)
  return first, result.err
end

describe("a script with a mistake", function()
  local function fails(source)
    return failure(helper.run(helper.script(source), trace), 1)
  end

  it("in a hook ends the run with place, event and time, and a traceback", function()
    local first, all = failure(run_hooks("\nio_end = function(w, duration)\n  w.x.y = 1\nend"), 1)
    assert.matches("script%.lua:7: attempt to index a nil value", first)
    assert.matches("%(at event syscall_exit_openat, 00:00:00%.002001000%)$", first)
    assert.matches("stack traceback:", all)
  end)

  it("names an unknown hook, field or option group", function()
    assert.matches("script%.lua:%d+: .*'io_edn' %(did you mean 'io_end'%?%)",
      (failure(run_hooks "io_edn = function() end", 1)))
    assert.matches("script%.lua:%d+: io_end has no field 'durtion' %(did you mean 'duration'%?%)",
      (failure(run_hooks "io_end = function(w, durtion) end", 1)))
    assert.matches("script%.lua:%d+: event sched_switch has no field 'next_tib' .*'next_tid'",
      (failure(run_hooks "sched_switch = function(w, next_tib) end", 1)))
    for _, on in ipairs { "io_edn = function() end", "io_end = function(w, durtion) end" } do
      assert.matches("^lttnga%-run: [^\n]*\n$", run_hooks(on).err)
    end
    assert.matches("script%.lua: unknown option group 'durations' %(did you mean 'duration'%?%)",
      (fails [[return require "lttnga.analysis" {
        title = "x", on = {}, options = { "durations" } }]]))
  end)

  it("has a hook that is none: one line says so", function()
    local mistakes = {
      ["io_end = function(...) end"] =
        "script%.lua:%d+: hook 'io_end' must name its parameters: '%.%.%.' is not supported",
      ["io_end = 42"] = "script%.lua: hook 'io_end' must be a Lua function, not a number",
      ["io_end = print"] = "script%.lua: hook 'io_end' must be a Lua function, not a C function",
      ["[1] = function() end"] = "script%.lua: the keys of `on` must be names of events",
      ["io_end = load(string.dump(function(tid) return tid end, true))"] =
        "script%.lua: hook 'io_end' has no parameter names",
    }
    for on, message in pairs(mistakes) do
      local result = run_hooks(on)
      assert.equal(1, result.status)
      assert.matches("^lttnga%-run: %S*" .. message .. "[^\n]*\n$", result.err)
    end
  end)

  it("fills a table with what is no cell: one line says so", function()
    local result = helper.run(helper.script [[return require "lttnga.analysis" { title = "t",
      on = {},
      tables = { { "id", "Title", { { "C" } }, rows = function() return { { print } } end } } }]],
      trace)
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: %S*script%.lua:3: table 'id': row 1: column 'C' %(string%): "
      .. "expected a string, not a function\n$", result.err)
  end)

  it("is wrong in a table that it returns as it is: one line says so", function()
    local result = helper.run(helper.script [[return { title = "t", on = {}, tables = {
      { "id", "Title", { { "C" } }, rows = function() return {} end, ordr = "C" } } }]], trace)
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: %S*script%.lua: table 'id': unknown field 'ordr' "
      .. "%(did you mean 'order'%?%)\n$", result.err)
  end)

  it("fills a table with more cells than there are columns", function()
    local result = helper.run(helper.script [[return require "lttnga.analysis" { title = "t",
      on = {},
      tables = { { "id", "Title", { { "C" }, { "D" } },
        rows = function() return { { "a" }, { "a", "b", "c" } } end } } }]], trace)
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: %S*script%.lua:4: table 'id': row 2 has 3 cells, but there are 2 "
      .. "columns\n$", result.err)
  end)

  it("uses a module of ours that it has not asked for, or misspells a name", function()
    for name, hint in pairs {
      stats = ": local stats = require \"lttnga.stats\"", prnt = " (did you mean 'print'?)",
      nothing = "",
    } do
      local first = failure(run_hooks("io_end = function(w) return " .. name .. ".x end"), 1)
      assert.truthy(first:find("script.lua:5: undefined variable '" .. name .. "'" .. hint
        .. " (at event ", 1, true), first)
    end
  end)

  it("has a traceback that ends in its own file, however deep it was", function()
    for _, depth in ipairs { 1, 15, 18, 25, 60, 100000 } do
      local _, all = failure(run_hooks("io_end = function()\nlocal function f(n)\n"
        .. "local x = n > 0 and f(n - 1) or nil + 1\nreturn x end\nlocal x = f(" .. depth
        .. ")\nend"), 1)
      local lines = {}
      for line in all:match("stack traceback:\n(.*)$"):gmatch("[^\n]+") do
        assert.truthy(line:find "script.lua:%d+: in " or line:find "^\t... %(skipping %d+ levels")
        lines[#lines + 1] = line
      end
      assert.equal(math.min(depth + 2, 22), #lines)
      assert.matches("script%.lua:9: in function <[^\n]*script%.lua:5>$", lines[#lines])
    end
  end)

  it("raises what is no text", function()
    local errors = {
      ["error({})"] = "error without a message %(a table%)",
      ["error()"] = "error without a message",
      ["error(42)"] = "42",
      ["error(setmetatable({}, { __tostring = function() return 'mine\\n' end }))"] = "mine\\x0a",
    }
    for raise, message in pairs(errors) do
      local first, all = failure(run_hooks("io_end = function() " .. raise .. " end"), 1)
      assert.matches("^" .. message .. " %(at event ", first)
      assert.matches("\nstack traceback:\n", all)
      assert.matches("^" .. message .. "$", (fails(raise)))
    end
  end)

  it("takes more memory than there is", function()
    local script = helper.script [[
      return require "lttnga.analysis" { title = "t",
        on = { io_end = function() io.open("/dev/null"):read(1 << 62) end } }]]
    local result = helper.shell(("ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 "
      .. "%s/lttnga-run %s %s"):format(os.getenv("BUILD") or "build", script, trace))
    assert.equal(1, result.status)
    assert.matches("lttnga%-run: not enough memory\n", result.err)
  end)

  it("has a newline in its name", function()
    local first = failure(helper.run(helper.script("x.y = 1", "new\nline.lua"), trace), 1)
    assert.matches("^[^:]*new\\x0aline%.lua:1: undefined variable 'x'$", first)
  end)

  it("breaks what all share: even then the run fails as it should", function()
    local result = run_hooks [[io_end = function()
      getmetatable("").__index.find = nil
      error "boom"
    end]]
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: ", result.err)
    assert.equal("", result.out)
  end)

  it("has a syntax error, an undefined variable, or returns nothing", function()
    assert.matches("script%.lua:2: <name> expected", (fails "local x = 1\nlocal = 2"))
    assert.matches("script%.lua:1: undefined variable 'pirnt'", (fails "pirnt(1)"))
    assert.matches("script%.lua does not return an analysis", (fails "local x = 1"))
  end)

  it("does not exist", function()
    local first = failure(helper.run("iolatencystat", trace), 2)
    assert.matches("unknown analysis 'iolatencystat' %(did you mean 'iolatencystats'%?%)", first)
    first = failure(helper.run("/nowhere/x.lua", trace), 2)
    assert.matches("no such script or trace: /nowhere/x%.lua", first)
  end)
end)

describe("docs/hooks.md", function()
  it("is what the list of derived events says", function()
    assert.equal(helper.read("docs/hooks.md"), helper.run("tools/hooks-page.lua").out)
  end)
end)

describe("docs/state.md", function()
  it("is what the lists of views and commands say", function()
    assert.equal(helper.read("docs/state.md"), helper.run("tools/state-page.lua").out)
  end)
end)

describe("the README's example", function()
  local build = os.getenv("BUILD") or "build"

  it("is the file in examples, and prints what is shown", function()
    local readme = helper.read("README.md")
    local source = helper.read("examples/slow_openat.lua")
    assert.is_truthy(readme:find(source, 1, true))
    local result = helper.run_as_is("examples/slow_openat.lua", build .. "/example-trace")
    assert.equal("", result.err)
    assert.is_truthy(readme:find(result.out, 1, true))
    result = helper.run_as_is("iolatencystats", build .. "/example-trace")
    assert.is_truthy(readme:find(result.out, 1, true))
  end)
end)

describe("scripts", function()
  it("do not see each other's variables", function()
    local one = helper.script [[shared = 1
      return require "lttnga.analysis" { title = "one", on = {} }]]
    local two = helper.script [[
      return require "lttnga.analysis" { title = "two", on = {},
        begin = function() return shared end }]]
    local result = helper.run(one .. "," .. two, trace)
    assert.matches("undefined variable 'shared'", result.err)
  end)

  it("change libraries for themselves only", function()
    local result = helper.run(helper.script [[
      string.format, _G.table.concat, debug.traceback, io.stderr, os.date = nil, nil, nil, nil, nil
      return require "lttnga.analysis" { title = "t", on = {},
        tables = { { "t", "T", { { "D", "duration" } },
          rows = function() return { { 1000 } } end } } }]] .. ",iolatencystats", trace)
    assert.equal("", result.err)
    assert.matches("\nT:\n.*\n +1%.000\n.*Syscalls latency", result.out)
  end)

  it("share one pass, and results come in the order asked", function()
    local mine = helper.script [[local a = require "lttnga.analysis"
      return a { title = "mine", on = { io_end = function(w) w.n = (w.n or 0) + 1 end },
        tables = { { "n", "My table", { { "N", "number" } },
          rows = function(w) return { { w.n } } end } } }]]
    local result = helper.run(mine .. ",iolatencystats", trace)
    assert.matches("My table.*\n *6\n.*Syscalls latency", result.out)
  end)

  it("need events that the trace may not have: that is told", function()
    local bare = helper.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, next_tid = 1, next_comm = "x" } } } } }
    local result = helper.run("iolatencystats", bare)
    assert.equal(0, result.status)
    assert.matches("warning: iolatencystats: 'Syscalls latency statistics' may be "
      .. "empty: the trace has no syscall_entry, no syscall_exit events", result.err)
    assert.matches("'Disk latency statistics' may be empty: "
      .. "the trace has no block_rq_issue, no block_rq_complete events", result.err)
  end)
end)
