--- --filter, and names that are globs: what passes is what the rows themselves say.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"
local example = build .. "/example-trace"
local ms = 1000000

describe("--filter", function()
  local all = host.rows("iolog", "--output", "json", example)

  it("lets pass what its words say", function()
    for source, holds in pairs {
      ['procname == "dd"'] = function(row) return row.process.name == "dd" end,
      ['procname != "dd"'] = function(row) return row.process.name ~= "dd" end,
      ["duration >= 1.5ms and duration < 20ms"] = function(row)
        return row.duration >= 1500000 and row.duration < 20 * ms
      end,
      ['path ~ "/lib/*" or size > 4KiB'] = function(row)
        return row.path and row.path:find "^/lib/" or row.size and row.size > 4096
      end,
      ["not (tid in { 390, 393 }) and size != nil"] = function(row)
        return row.process.tid ~= 390 and row.process.tid ~= 393 and row.size
      end,
      ['path !~ "*e*"'] = function(row) return not (row.path and row.path:find "e") end,
      ["time < 15:36:39Z"] = nil,
    } do
      local expected = {}
      for _, row in ipairs(all) do
        expected[#expected + 1] = holds(row) and row or nil
      end
      assert.is_true(#expected > 0 and #expected < #all, source)
      assert.same(expected, host.rows("iolog", "--output", "json", "--filter", source, example),
        source)
    end
  end)

  it("is the same as the options that select", function()
    for options, source in pairs {
      ["--tid=390,393"] = "tid in { 390, 393 }",
      ["--procname=dd"] = 'procname == "dd"',
      ["--procname=[dl]?*,!ltt*"] = 'procname ~ "[dl]?*" and procname !~ "ltt*"',
      ["--procname=!dd"] = 'procname != "dd"',
      ["--path=/lib/*,!*libc*"] = 'path ~ "/lib/*" and not (path ~ "*libc*")',
      ["--cpu=1"] = "cpu == 1",
      ["--min=50"] = "duration >= 50us",
      ["--maxsize=1K"] = "size == nil or size <= 1KiB",
    } do
      local expected = host.rows("iolog", "--output", "json", "--filter", source, example)
      assert.is_true(#expected > 0 and #expected < #all, source)
      assert.same(expected, host.rows("iolog", "--output", "json", options, example), options)
    end
  end)

  it("is the same as flags that select, and those that select unless they are given", function()
    local body = [[return require "lttnga.analysis" {
      title = "T",
      options = {
        { name = "failed", filter = { "error", ">", 0 } },
        { name = "all", filter = { "path", "globs", { "!/lib/*" }, unless = true } },
      },
      collect = { { "io_end", "time", "path", "name", into = "log" } },
      tables = { { "log", "T", { { "Time", "timestamp", "time" }, { "Path", "path", "path" },
        { "Name", "string", "name" } }, sorted = "log" } },
    }]]
    local script = host.script(body)
    local function rows(...)
      return host.rows(script, "--output", "json", example, ...)
    end
    local whole, own = rows("--all"), rows()
    assert.is_true(#own > 0 and #own < #whole)
    assert.same(rows("--all", "--filter", 'path !~ "/lib/*"'), own)
    local failed = rows("--all", "--failed")
    assert.is_true(#failed > 0 and #failed < #whole)
    assert.same(rows("--all", "--filter", "error > 0"), failed)
  end)

  it("takes what an event lacks for nil, and says so", function()
    local result = host.run("iousagetop", "--filter", 'path ~ "/lib/*"', example)
    assert.equal("lttnga-run: note: --filter: disk_request_end, net_rx, net_tx have no field "
      .. "'path': it "
      .. "counts as nil there\n", result.err)
    assert.matches("/lib/x86", result.out)
    assert.is_nil(result.out:find("vda", 1, true))
  end)

  it("is of one analysis, where it stands behind its name", function()
    local rows = host.rows('iolog:--filter=procname in {"dd", "wc"},iolatencytop', "--output",
      "json", example)
    local names, tops = {}, 0
    for _, row in ipairs(rows) do
      if row.table == "I/O operations log" then
        names[row.process.name] = true
      else
        tops = tops + 1
      end
    end
    assert.same({ dd = true, wc = true }, names)
    assert.is_true(tops > 0)
  end)

  it("is refused where it can't be understood, and where nothing is selected", function()
    for source, message in pairs {
      ["tid = 1"] = "--filter: syntax error at '= 1': use == to test for equality",
      ["procnam == 'x'"] = "--filter: unknown field 'procnam' (did you mean 'procname'?)",
      ["procname == dd"] = "--filter: unknown field 'dd' (did you mean 'fd'?)",
      ["duration > 5"] = "--filter: 'duration' is a duration, not 5: use 5ns",
    } do
      local result = host.run("iolog", "--filter", source, example)
      assert.equal(2, result.status)
      assert.is_truthy(result.err:find(message, 1, true), result.err)
    end
    -- Another analysis may know the field.
    assert.matches("%-%-filter: cputop: unknown field 'size'",
      host.run("iolog,cputop", "--filter", "size > 5", example).err)
    assert.matches("unknown option %-%-filter", host.run("info", "--filter", "x", example).err)
  end)

  it("takes no LPeg from the current folder", function()
    local folder = host.path("folder")
    os.execute(("mkdir %s && echo 'os.exit(9)' | tee %s/lpeg.lua >%s/lpeg.so"):format(folder,
      folder, folder))
    local result = host.shell(("b=$(realpath %s) && cd %s && $b/lttnga-run iolog "
      .. "--filter 'tid == 390' $b/example-trace | wc -l"):format(build, folder))
    assert.equal("", result.err)
    assert.is_true(tonumber(result.out) > 10)
  end)

  it("tells the nearest, if nothing passes", function()
    for option, message in pairs {
      ["--procname=ddd"] = "--procname: no event has procname ddd (did you mean 'dd'?)",
      ["--procname=xyz*"] = "--procname: no event has procname xyz* (found: ",
      ["--tid=39000"] = "--tid: no event has tid 39000 (found: 396, 395, 394",
      ["--path=/lib/nothing"] = "--path: no event has path /lib/nothing (found: ",
      ['--filter=procname == "ddd"'] = "--filter: no event has procname ddd (did you mean 'dd'?)",
      ['--filter=procname == "dd" and duration > 1000s'] = "no event matches --filter",
      ["--min=1000s"] = "no event matches --min",
      ["--filter=tid > pid and tid < pid"] = "no event matches ",
    } do
      local result = host.run("iolog", option, example)
      assert.equal(0, result.status)
      assert.is_truthy(result.err:find("warning: " .. message, 1, true), result.err)
    end
    assert.matches("no event matches all of %-%-min, %-%-procname",
      host.run("iolog", "--procname=dd", "--min=1000s", example).err)
    -- What follows from that is not reported, too.
    assert.equal("", (host.run("requests", "--request", "fsync", "--procname=ddd", example).err
      :gsub("[^\n]*no event has procname ddd [^\n]*\n", "")))
    -- Where nothing is needed, nothing is missed.
    assert.equal("", host.run("iolog", "--procname=!xyz", example).err)
    assert.equal("", host.run("iolog", "--filter", 'procname == "ddd" or tid == 390', example).err)
  end)

  it("goes on to the next window", function()
    local rows = host.rows("iolog", "--refresh", "1", "--output", "json", "--procname=dd", example)
    assert.same(#host.rows("iolog", "--output", "json", "--procname=dd", example), #rows)
  end)
end)

describe("--filter of cputop", function()
  it("keeps the time of which it is not known who ran, if that may be it", function()
    local function switch(at, prev, next_tid, comm)
      return { at * ms, "sched_switch", { prev_tid = prev, prev_comm = "x", prev_prio = 20,
        prev_state = 1, next_tid = next_tid, next_comm = comm, next_prio = 20 } }
    end
    local function stream(cpu)
      return { cpu = cpu, packets = {
        { from = 0, to = 100 * ms, switch(0, 0, 7, "job"), switch(50, 7, 0, "swapper") },
        { lost = 4, from = 100 * ms, to = 200 * ms, switch(100, 0, 7, "job") },
        { from = 200 * ms, to = 400 * ms, switch(200, 8, 0, "swapper"),
          switch(400, 0, 7, "job") } } }
    end
    local trace = host.trace { streams = { stream(0), stream(1) } }
    local function cpus(source)
      local list = {}
      for _, row in ipairs((host.rows("cputop", "--output", "json", "--filter", source, trace))) do
        if row.table == "Per-CPU Usage" then
          list[#list + 1] = ("%.4f %.4f"):format(row.cpu_usage, row.unknown)
        end
      end
      return list
    end
    assert.same({ "0.1250 0.2500", "0.1250 0.2500" }, cpus "tid == 7")
    assert.same({ "0.0000 0.2500", "0.0000 0.2500" }, cpus "tid == 8")
    assert.same({ "0.0000 0.0000", "0.1250 0.2500" }, cpus "tid == 7 and cpu == 1")
    assert.same({ "0.0000 0.0000", "0.1250 0.2500" }, cpus "not (tid != 7 or cpu == 0)")
  end)
end)

describe("--filter of raw events", function()
  local trace = host.trace { streams = { { cpu = 0,
    { 1, "sched_switch", { prev_tid = 0, prev_comm = "x", next_tid = 10, next_comm = "shell" } },
    { 2, "sched_process_fork", { parent_comm = "shell", parent_tid = 10, parent_pid = 10,
      child_comm = "shell", child_tid = 20, child_pid = 20 } },
    { 3, "sched_switch", { prev_tid = 10, prev_comm = "shell", next_tid = 20, next_comm = "job" } },
    { 4, "strange_event", { tid = 40, text = "hm" } },
    { 5, "strange_event", { tid = 41, text = "ha" } },
    { 6, "sched_switch", { prev_tid = 20, prev_comm = "job", next_tid = 0, next_comm = "y" } },
  } } }

  local function times(...)
    local result = host.run("trackprocess", "--gmt", ...)
    assert.equal("", result.err)
    local list = {}
    for time in result.out:gmatch("%[00:00:00%.0000000(%d+)%]") do
      list[#list + 1] = tonumber(time)
    end
    return list
  end

  it("looks at their own fields, and at the thread in which they were", function()
    assert.same({ 4 }, times("--filter", "tid == 40", trace))
    assert.same({ 5 }, times("--filter", 'text ~ "?a"', trace))
    assert.same({ 4, 5, 6 }, times("--filter", "current_tid == 20 and time > 3ns", trace))
    assert.same({ 4, 5 }, times("--filter", 'event_name ~ "strange*"', trace))
    assert.same({ 1, 2, 3, 6 }, times("--filter", "text == nil", trace))
  end)

  it("does not keep an analysis from learning of the others", function()
    assert.same({ 4, 5 },
      times("--procname", "shell", "-f", "--filter", 'event_name == "strange_event"', trace))
    assert.same({ 4, 5 }, times("--procname", "sh*", "-f", "--filter", "text != nil", trace))
  end)

  it("names fields that no event has", function()
    local result = host.run("trackprocess", "--filter", "txt == 'x'", trace)
    assert.matches("unknown field 'txt' %(did you mean 'text'%?%)", result.err)
  end)
end)

describe("a hook with a parameter `selected`", function()
  it("sees all events, and is told", function()
    local script = host.write([[
      return require "lttnga.analysis" {
        title = "t", options = { "process" },
        begin = function(w) w.yes, w.no = 0, 0 end,
        on = { io_end = function(w, selected)
          w[selected and "yes" or "no"] = w[selected and "yes" or "no"] + 1
        end },
        tables = { { "n", "N", { { "Yes", "number", "yes" }, { "No", "number", "no" } },
          rows = function(w) return { w } end } },
      }]], "script.lua")
    local all = host.rows(script, "--output", "json", example)[1]
    local some = host.rows(script, "--output", "json", "--procname", "dd", example)[1]
    assert.equal(0, all.no)
    assert.equal(all.yes, some.yes + some.no)
    assert.is_true(some.yes > 0 and some.no > 0)
  end)
end)

describe("an expression that is none", function()
  it("is an error for the host, whatever it is", function()
    local program = host.write(([[
      require "lttnga"
      local host = require "lttnga.host"
      local function try(code)
        local trace = assert(host.open({ "%s" }, {}))
        local ok, message = pcall(trace.run, trace, { scripts = { { { name = "x", window = {},
          on = { io_end = function(tid) end }, filter = { io_end = code } } } } })
        trace:close()
        print(ok or (message:gsub("^.-: ", "")))
      end
      local many = {}
      for i = 1, 65 do many[i] = "f" .. i end
      local test = { kind = "range", field = 1, yes = -1, no = 0 }
      try { fields = { "tid" }, entry = 1, test }
      try { fields = { "tid" }, entry = 2, test }
      try { fields = { "tid" }, entry = -2, test }
      try { fields = {}, entry = 1, test }
      try { fields = { "tid" }, entry = 1, { kind = "range", field = 2 } }
      try { fields = { "tid" }, entry = 1, { kind = "range", field = 1, yes = 1 } }
      try { fields = { "tid" }, entry = 1, { kind = "odd", field = 1 } }
      try { fields = { "tid" }, entry = 1, { kind = "below", field = 1, other = 0 } }
      try { fields = { {} }, entry = 0 }
      try { fields = { "tid" }, entry = 1, { kind = "among", field = 1, integers = { "x" } } }
      try { fields = { "tid" }, entry = 1, { kind = "texts", field = 1, globs = { {} } } }
      try { fields = many, entry = 0 }
      try { fields = { "nothing", "tid" }, entry = 1, { kind = "equal", field = 1, other = 2 } }
      try { fields = { "tid" }, entry = 1, { kind = "texts", field = 1, globs = { "*" } } }
      try { fields = { "procname" }, entry = 1, { kind = "range", field = 1, low = 1 } }
      try {}
    ]]):format(example), "program.lua")
    local result = host.lua(program)
    assert.equal("", result.err)
    local lines = {}
    for line in result.out:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.equal(16, #lines)
    for i, line in ipairs(lines) do
      assert.equal(i == 1 or i >= 13, line == "true", i .. ": " .. line)
    end
  end)
end)
