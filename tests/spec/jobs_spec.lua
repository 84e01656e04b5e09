--- Runs in parts (--jobs): the same bytes as with one process, whatever the script and the number
-- of parts; and what becomes of scripts that fail, or can't be merged.
--
-- TRACES=FOLDER... compares all stock analyses on other traces, too.
--
-- SPDX-License-Identifier: MIT

local by_chance = require "tests.spec.by_chance"
local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- What the analyses need that look for periods.
local PERIOD = { "--period", 'p : $evt.$name == "syscall_entry_openat" : '
  .. '$evt.$name == "syscall_exit_openat" && $evt.tid == $begin.$evt.tid' }
local OPTIONS = { periodstats = PERIOD, periodfreq = PERIOD, periodlog = PERIOD, periodtop = PERIOD,
  requests = { "--request", "fsync" }, requestsfreq = { "--request", "fsync" },
  requestslog = { "--request", "fsync" }, requeststop = { "--request", "fsync" },
  why = { "--request", "fsync" } }

--- Those that one process does, as it says in a note.
local ORDERED = { info = true, periodfreq = true, periodlog = true, periodstats = true,
  periodtop = true, report = true, requests = true, requestsfreq = true, requestslog = true,
  requeststop = true, timeline = true, trackprocess = true, why = true }

--- Saved states of a trace, for `--cache`.
local function index(trace)
  local folder = host.path "cache"
  local result = host.run("index", "--cache", folder, trace)
  assert.equal(0, result.status, result.err)
  return folder
end

--- A run, with options of the analysis.
local function run(name, folder, trace, ...)
  local words = { name, "--cache", folder, "--no-progress" }
  for _, list in ipairs { OPTIONS[name] or {}, { ... } } do
    table.move(list, 1, #list, #words + 1, words)
  end
  words[#words + 1] = trace
  return host.run_as_is(table.unpack(words))
end

--- The messages without the note that one process reads the trace, and whether it was there.
local function without_note(err)
  local rest, n = err:gsub("lttnga%-run: note: %-%-jobs: [^\n]*\n", "")
  return rest, n > 0
end

local function compare(name, folder, trace, ...)
  local whole = run(name, folder, trace, ...)
  assert.equal(0, whole.status, name .. ": " .. whole.err)
  for _, jobs in ipairs(select("#", ...) == 0 and { "2", "3", "16" } or { "7" }) do
    local parts = run(name, folder, trace, "--jobs", jobs, ...)
    local err, noted = without_note(parts.err)
    assert.equal(whole.out, parts.out, name .. " --jobs " .. jobs)
    assert.equal(whole.err, err)
    assert.equal(0, parts.status)
    if trace == example then
      assert.equal(ORDERED[name] or false, noted, name .. ": " .. parts.err)
    end
  end
end

local traces = { example, by_chance(7) }
for folder in (os.getenv "TRACES" or ""):gmatch "%S+" do
  traces[#traces + 1] = folder
end

for _, trace in ipairs(traces) do
  describe("--jobs on " .. trace:match "[^/]*$", function()
    local folder = index(trace)

    for _, name in ipairs(host.analyses { info = true, report = true, timeline = true,
      export = true }) do
      it("gives the same bytes: " .. name, function()
        compare(name, folder, trace)
        compare(name, folder, trace, "--output", "csv")
      end)
    end

    it("gives the same windows", function()
      for _, name in ipairs { "cputop", "iolatencystats", "iolog", "schedstates", "syscallstats",
        "overview", "schedlog", "dirtytop", "netconns", "runqueue", "tcplife" } do
        compare(name, folder, trace, "--refresh", "20ms")
        compare(name, folder, trace, "--refresh", "20ms", "--begin", "+30ms", "--output", "json")
      end
    end)

    it("gives the same part of the trace", function()
      for _, name in ipairs { "cputop", "iolog", "schedstates", "syscallstats", "overview",
        "timehist", "dirtytop", "iousagetop" } do
        compare(name, folder, trace, "--begin", "+20ms", "--end", "+1s")
      end
    end)

    it("gives the same with filters, and says the same of those that match nothing", function()
      compare("iolog", folder, trace, "--procname", "wc,t11", "--min", "50")
      compare("syscallstats", folder, trace, "--percentiles", "--cpu", "1")
      compare("iolatencystats", folder, trace, "--tid", "999999")
      compare("iolatencystats", folder, trace, "--filter", 'procname == "nobody" and duration > 1s')
    end)

    it("gives the same for several analyses at once", function()
      compare("cputop,iolog,irqstats", folder, trace)
      compare("cputop,iolog,irqstats", folder, trace, "--output", "json")
      compare("pageflush,cputop,locks", folder, trace, "--refresh", "20ms")
    end)
  end)
end

describe("--jobs", function()
  local folder = index(example)

  --- A script that counts calls in plain Lua.
  local function counter(merge, body)
    return host.script(([[
      local analysis = require "lttnga.analysis"
      return analysis {
        title = "Calls", begin = function(w) w.n = 0 end,
        on = { syscall_exit = function(w, name, time) w.n = w.n + 1 %s end },
        %s
        tables = { { "calls", "Calls", { { "Calls", "number", "n" } },
          rows = function(w) return { { n = w.n } } end } },
      }
    ]]):format(body or "", merge or ""), "counter.lua")
  end

  local MERGE = "merge = function(w, other) w.n = w.n + other.n end,"

  it("merges plain Lua as the script says; without that, one process goes through all", function()
    local whole = run(counter(), folder, example)
    local merged = run(counter(MERGE), folder, example, "--jobs", "3")
    assert.equal("", merged.err)
    assert.equal(whole.out, merged.out)
    local other = run(counter(), folder, example, "--jobs", "3")
    assert.equal("lttnga-run: note: --jobs: one process reads the trace: w.n is plain Lua, and the "
      .. "analysis has no function `merge`\n", other.err)
    assert.equal(whole.out, other.out)
    other = run(counter "merge = false,", folder, example, "--jobs", "3")
    assert.matches("can't be divided", other.err)
    assert.equal(whole.out, other.out)
  end)

  --- A script whose hooks need all events in order, of the trace and of the model.
  local function in_order(body)
    return host.script(([[
      local analysis = require "lttnga.analysis"
      return analysis {
        title = "Turns", options = { "process" }, merge = "replay",
        run = function() return { turns = 0 } end,
        begin = function(w) w.sizes = { sum = 0, add = function(self, size, error_name)
          self.sum = self.sum + (size or 0) + (error_name and 1000000 or 0)
          end } end,
        collect = { { "io_end", "size", "error_name", into = "sizes" } },
        on = {
          sched_switch = function(w, next_comm, prev_tid, time)
            w.run.name = next_comm
            w.log:add { time = time, text = ("%%s %%d"):format(next_comm, prev_tid) }
          end,
          syscall_exit = function(selected, name, w, event, error_name)
            local turn = event:copy().name .. tostring(event.tid) .. tostring(selected)
              .. tostring(error_name) .. w.sizes.sum
            w.run.turns = w.run.turns + (w.run.last ~= turn and 1 or 0)
            w.run.last = turn
            %s
          end,
        },
        finish = function(w) w.rows = { { turns = w.run.turns, name = w.run.name,
          size = w.sizes.sum } } end,
        tables = {
          { "turns", "Turns", { { "Turns", "number", "turns" }, { "Name", "string", "name" },
            { "Size", "number", "size" } }, rows = function(w) return w.rows end },
          { "log", "Log", { { "Time", "timestamp", "time" }, { "Text", "string", "text" } },
            sorted = "log", order = "time", text = "none" },
        },
      }
    ]]):format(body or ""), "in_order.lua")
  end

  it("calls hooks that need all events in order in one process", function()
    for _, options in ipairs { {}, { "--refresh", "20ms" }, { "--tid", "390", "--output", "csv" },
      { "--begin", "+50ms", "--output", "json" } } do
      local whole = run(in_order(), folder, example, table.unpack(options))
      assert.equal(0, whole.status, whole.err)
      options[#options + 1], options[#options + 2] = "--jobs", "3"
      local parts = run(in_order(), folder, example, table.unpack(options))
      assert.equal("", parts.err)
      assert.equal(whole.out, parts.out)
    end
  end)

  it("says when such a hook failed", function()
    local script = in_order 'if w.run.turns == 30 then error "mine" end'
    local whole = run(script, folder, example)
    local parts = run(script, folder, example, "--jobs", "3")
    assert.equal(1, parts.status)
    assert.equal("", parts.out)
    local place = whole.err:match "[^\n]*mine[^\n]*":gsub("at event [%w_]+, ", "at ")
    assert.equal(place, parts.err:match "[^\n]*mine[^\n]*")
  end)

  it("refuses to replay raw events as a whole", function()
    local script = host.script([[
      return require "lttnga.analysis" { title = "Raw", merge = "replay",
        on = { sched_switch = function(w, event) w.n = event.time end },
        tables = { { "n", "N", { { "N", "number", "n" } }, rows = function() return {} end } } }
    ]], "raw.lua")
    local result = run(script, folder, example, "--jobs", "3")
    assert.equal(1, result.status)
    assert.matches("raw.lua:2: hook 'sched_switch' can't be replayed: name the fields in place of "
      .. "`event`", result.err, 1, true)
  end)

  it("starts again if it turns out on the way that parts can't be merged", function()
    local trace = by_chance(7)
    local own = index(trace)
    local first = host.run("info", "--output", "json", "--no-cache", trace).out:match
      '"begin":(%d+)'
    -- Nothing is wrong with the first parts.
    local script = counter(nil, ("if time < %d then w.n = 0 end"):format(first + 30000000))
    local whole, parts = run(script, own, trace), run(script, own, trace, "--jobs", "3")
    local err, noted = without_note(parts.err)
    assert.is_true(noted, parts.err)
    assert.matches("events lost", err)
    assert.equal(whole.err, err)
    assert.equal(whole.out, parts.out)
    -- Nor has anything been printed by then.
    whole = run(script, own, trace, "--refresh", "1ms")
    parts = run(script, own, trace, "--jobs", "3", "--refresh", "1ms")
    assert.is_true(select(2, without_note(parts.err)), parts.err)
    assert.equal(whole.out, parts.out)
  end)

  it("says where a script has failed, as always", function()
    local script = counter(MERGE, 'if w.n == 20 then error("no more") end')
    local whole, parts = run(script, folder, example), run(script, folder, example, "--jobs", "3")
    assert.equal(1, parts.status)
    assert.equal("", parts.out)
    assert.equal(whole.err:match "[^\n]*: no more", parts.err:match "[^\n]*: no more")
    assert.matches("counter.lua:%d+: no more %(at event syscall_exit_", parts.err)
  end)

  it("fails if a process dies", function()
    -- Its own number: that of a parent is another one once the process is gone.
    local script = counter(MERGE, [[if w.n == 20 then
      local pid = io.open("/proc/self/stat"):read "n"
      os.execute(("kill -9 %d 2>/dev/null"):format(pid))
    end]])
    local parts = run(script, folder, example, "--jobs", "3")
    assert.equal(1, parts.status)
    assert.equal("", parts.out)
    assert.matches("^lttnga%-run: the process for part %d+ of %d+ was killed by signal 9",
      parts.err)
  end)

  it("fails if a process ends before its part does, however well it says it went", function()
    local script = counter(MERGE, "if w.n == 20 then os.exit(true, true) end")
    local parts = run(script, folder, example, "--jobs", "3")
    assert.equal(1, parts.status)
    assert.equal("", parts.out)
    assert.matches("^lttnga%-run: the process for part %d+ of %d+ failed\n$", parts.err)
  end)

  it("gives the same bytes with two threads in each process", function()
    for _, name in ipairs { "iolog", "syscallstats", "schedlog" } do
      local whole = run(name, folder, example)
      local parts = run(name, folder, example, "--jobs", "2", "--threads", "2")
      assert.equal(whole.out, parts.out)
      assert.equal(whole.err, parts.err)
    end
  end)

  --- The processes of a session that are still there.
  local function processes(session)
    local found, list <close> = {}, io.popen "ls /proc"
    for pid in list:lines() do
      local file <close> = pid:find "^%d+$" and io.open("/proc/" .. pid .. "/stat") or nil
      local state, of = ((file and file:read "a" or ""):match ".*%) (.*)" or "")
        :match "^(%a) %d+ %d+ (%d+)"
      found[#found + 1] = of == session and state ~= "Z" and pid or nil
    end
    return found
  end

  it("leaves nothing behind when it is killed, or one of its processes", function()
    math.randomseed(3)
    local own, out = host.path "tmp", host.path "out"
    os.execute(("mkdir %s %s"):format(own, out))
    local program = build .. "/lttnga-run"
    local names, whole, dead = { "iolog", "cputop", "schedlog" }, {}, 0
    for _, name in ipairs(names) do
      whole[name] = run(name, folder, example).out
    end
    -- How long a run takes on this machine, now: at some time in it there is a kill.
    local span = tonumber(host.shell(([[
      begin=$(date +%%s%%N); %s iolog --jobs 3 --cache %s --no-progress %s >/dev/null
      echo $(($(date +%%s%%N) - begin))]]):format(program, folder, example)).out) / 1e9
    local i = 0
    while i < 10 or dead == 0 and i < 50 do
      i = i + 1
      local name, is_partial = names[math.random(#names)], i % 2 == 0
      -- A process that has stopped has not ended yet: only then it is killed.
      local kill = i % 4 < 2 and "kill -9 $parent" or [[
        for child in $(cat /proc/$parent/task/$parent/children); do
          kill -STOP $child && sleep 0.01
          if grep -q ' T ' /proc/$child/stat; then kill -9 $child; echo worker; break; fi
        done]]
      local result = host.shell(([[
        TMPDIR=%s setsid %s %s --jobs 3 --cache %s --no-progress %s %s >%s/stdout 2>%s/stderr &
        parent=$!; sleep %.3f
        { %s; } 2>/dev/null
        wait $parent 2>/dev/null; status=$?; echo $parent; exit $status]]):format(own, program,
        name, folder, example, is_partial and "--partial " .. out .. "/p.json" or "", out, out,
        span * math.random(), kill))
      local about = ("%d: %s\n%s\n%s"):format(i, name, result.out, result.err)
      local session, waited = result.out:match "(%d+)\n$", os.time()
      while #processes(session) > 0 and os.time() - waited < 10 do
        os.execute "sleep 0.01"
      end
      assert.same({}, processes(session), about)
      assert.equal("", host.shell("ls -A " .. own).out, about)
      assert.equal("", host.shell("ls -A " .. out .. " | grep -vxE 'stdout|stderr|p.json'").out,
        about)
      dead = dead + (result.status ~= 0 and 1 or 0)
      -- One that had handed over its last part is not missed.
      if result.out:find "worker" and result.status ~= 0 then
        assert.equal(1, result.status, about)
        assert.matches("^lttnga%-run: the process for part %d+ of %d+ was killed by signal 9",
          host.read(out .. "/stderr"))
      end
      local file = io.open(out .. "/p.json")
      if file then
        file:close()
        assert.equal(whole[name], host.run_as_is("merge", out .. "/p.json").out, about)
      elseif result.status == 0 then
        assert.is_false(is_partial, about)
        assert.equal(whole[name], host.read(out .. "/stdout"), about)
      end
      os.remove(out .. "/p.json")
    end
    assert.is_true(dead > 0)
  end)

  it("loses nothing that scripts print", function()
    local script = counter(MERGE, "print(time)")
    local whole, parts = run(script, folder, example), run(script, folder, example, "--jobs", "3")
    assert.equal(whole.out, parts.out)
  end)

  it("needs saved states, and says how to get them", function()
    local result = run("cputop", host.path "empty", example, "--jobs", "2")
    assert.equal(0, result.status)
    assert.equal("lttnga-run: note: --jobs: one process reads the trace: it has no saved states "
      .. "(`lttnga-run index` makes them)\n", result.err)
  end)

  it("takes a number, or auto", function()
    assert.equal(0, run("cputop", folder, example, "--jobs", "auto").status)
    for _, bad in ipairs { "0", "-1", "many", "1025", "" } do
      local result = run("cputop", folder, example, "--jobs", bad)
      assert.equal(2, result.status)
      assert.matches("^lttnga%-run: %-%-jobs: must be auto or an integer from 1 to 1024",
        result.err)
    end
  end)
end)

describe("values as bytes", function()
  local code = [[
    local host = require "lttnga.host"
    local function same(a, b)
      if type(a) ~= "table" or type(b) ~= "table" then
        return a == b and math.type(a) == math.type(b)
      end
      for k, v in pairs(a) do
        if not same(v, b[k]) then return false end
      end
      for k in pairs(b) do
        if a[k] == nil then return false end
      end
      return true
    end
  ]]

  local function session(text)
    return host.run("-i", host.script(code .. text, "pack.lua"), example, "-e", "", "--no-cache")
  end

  it("come back as they were", function()
    local result = session [[
      for _, value in ipairs { 0, 1, -1, 63, 64, math.maxinteger, math.mininteger, 0.5, -1e300, "",
        "a\0b", ("x"):rep(300), true, false, {}, { 1, 2, 3 }, { 1, nil, 3 },
        { a = { b = { 1.5 } } },
        { [0] = 1, [-5] = 2, [2.5 // 1 | 0] = "k" } } do
        assert(same(value, host.unpack(host.pack(value))), tostring(value))
      end
      assert(host.unpack(host.pack(nil)) == nil)
      print "same"
    ]]
    assert.equal("same\n", result.out, result.err)
  end)

  it("must be plain, and are believed only if they make sense", function()
    local result = session [[
      assert(not pcall(host.pack, { print }))
      local deep = {}
      for _ = 1, 100 do deep = { deep } end
      assert(not pcall(host.pack, deep))
      local bytes = host.pack { 1, "two", { three = 3.5, four = { true, false } }, -4 }
      for i = 0, #bytes - 1 do
        assert(not pcall(host.unpack, bytes:sub(1, i)), i)
      end
      assert(not pcall(host.unpack, bytes .. "x"))
      math.randomseed(1)
      for _ = 1, 20000 do
        local at = math.random(#bytes)
        pcall(host.unpack, bytes:sub(1, at - 1) .. string.char(math.random(0, 255))
          .. bytes:sub(at + 1))
      end
      print "fine"
    ]]
    assert.equal("fine\n", result.out, result.err)
  end)
end)
