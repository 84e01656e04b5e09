--- Objects that are fed with fields of events, without a call of Lua: `collect`.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local ms = 1000000

--- TID 10, "app", reads and writes: sizes and durations in us as told.
local function trace()
  local events = { cpu = 0,
    { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
  local calls = {
    { "read", 3, 100, 5 }, { "write", 4, 10, 3 }, { "read", 3, 50, 7 }, { "read", 5, -9, 2 },
    { "read", 3, 0, 5 }, { "fsync", 4, 0, 90 }, { "write", 4, 1, 4 },
  }
  for i, call in ipairs(calls) do
    events[#events + 1] = { (i + 1) * ms, "syscall_entry_" .. call[1],
      { fd = call[2], count = 4096 } }
    events[#events + 1] = { (i + 1) * ms + call[4] * 1000, "syscall_exit_" .. call[1],
      { ret = call[3] } }
  end
  return host.trace { streams = { events } }
end

local folder = trace()

--- Runs an analysis given as text, whose rows are what `rows` says; returns its output as CSV.
local function run(body, ...)
  local script = host.script([[
    local accumulators, stats = require "lttnga.accumulators", require "lttnga.stats"
    return require "lttnga.analysis" { title = "t", ]] .. body .. " }")
  return host.run(script, "--output", "csv", folder, ...)
end

--- The rows of the one table.
local function rows_of(body, ...)
  local result = run(body, ...)
  assert.equal(0, result.status, result.err)
  local rows = {}
  for i, line in ipairs(host.csv(result.out)) do
    rows[i - 1] = i > 1 and table.concat(line, ",", 2) or nil
  end
  return rows
end

describe("a log without lines of its own", function()
  local small = host.small_trace()
  local script = host.script [[
    return require "lttnga.analysis" {
      title = "Log",
      options = {},
      collect = { { "io_end", "time", "procname", "tid", "duration", "ret", into = "log",
        set = { more = "> " } } },
      tables = {
        { "log", "Log", { { "Process", "process", { name = "procname", tid = "tid" } },
          { "Took so very much time", "duration", "duration", line = "{more}{duration:us}" },
          { "Returned", "number", "ret", line = "{none}|{ret}!", width = -10 },
          { "Also", "number", "tid", hidden = true } }, sorted = "log" },
      },
    }
  ]]

  it("looks as its columns say, but for those that are hidden", function()
    local result = host.run_as_is(script, "--limit", "1", "--no-cache", small)
    -- What a line names has to be collected.
    assert.matches("a line uses {none}, which is not collected", result.err)
    script = host.script((host.read(script):gsub("{none}|", "")))
    result = host.run_as_is(script, "--limit", "1", "--no-cache", "--width", "44", small)
    assert.matches("\nLog\n +Took so very\nProcess +much time  Returned\n"
      .. "app %(10%) +> %d+%.%d+ us  %d+!\n", result.out)
    assert.matches("\napp %(10%) +> %d+%.%d+ %d+!\n",
      host.run(script, "--limit", "1", "--no-cache", small).out)
    result = host.run_as_is(script, "--limit", "1", "--columns", "also", "--no-cache", small)
    assert.matches("\n +Also\n +10\n", result.out)
    assert.matches('"returned":%d+,"also":10}', host.run(script, "--output", "json", "--no-cache",
      small).out)
  end)
end)

describe("collect", function()
  it("is the same as a hook", function()
    local tables = [[ tables = { { "t", "T", { { "a" }, { "b", "number" }, { "c", "number" } },
      rows = function(w)
        local rows = {}
        for i, key in ipairs(w.calls:keys()) do
          rows[i] = { key, w.calls:of(key):count(), w.calls:of(key):sum() }
        end
        return rows
      end } } ]]
    local begin = "begin = function(w) w.calls = stats.group() end, "
    local hooked = rows_of(begin .. [[ on = { io_end = function(w, io_class, duration)
      w.calls:add(io_class, duration) end }, ]] .. tables)
    assert.same({ "read,4,19000", "write,2,7000", "sync,1,90000" }, hooked)
    assert.same(hooked, rows_of(begin .. [[
      collect = { { "io_end", "io_class", "duration", into = "calls" } }, ]] .. tables))
    assert.same({ "read,4,19000", "sync,1,90000" }, rows_of(begin .. [[
      collect = { { "io_end", "io_class", "duration", into = "calls",
        only = { io_class = { "read", "sync" }, name = { read = true, fsync = true } } } }, ]]
      .. tables))
    -- Keys that are no fixed texts.
    assert.same({ "app,7,116000" }, rows_of(begin .. [[
      collect = { { "io_end", "procname", "duration", into = "calls" } }, ]] .. tables))
  end)

  it("makes statistics for several keys, and of fewer keys", function()
    local tables = [[ tables = { { "t", "T", { { "class" }, { "fd", "number" }, { "n", "number" },
        { "min", "number" }, { "mean", "number" }, { "max", "number" }, { "median", "number" } },
      rows = function(w)
        local rows = {}
        for one in %s do
          local its = one.stats
          assert(one.n == its:count() and its:keeps())
          rows[#rows + 1] = { one.io_class or "none", one.fd or -1, one.n, its:min(), its:mean(),
            its:max(), its:quantile(0.5) }
        end
        return rows
      end } } ]]
    local keyed = [[ begin = function(w) w.calls = stats.keyed(true) end,
      collect = { { "io_end", "io_class", "fd", "duration", into = "calls" } }, ]]
    assert.same({ "read,3,3,5000,5666.666666666667,7000,5000", "write,4,2,3000,3500,4000,3000",
      "read,5,1,2000,2000,2000,2000", "sync,4,1,90000,90000,90000,90000" },
      rows_of(keyed .. tables:format "w.calls:each()"))
    assert.same({ "read,-1,4,2000,4750,7000,5000", "write,-1,2,3000,3500,4000,3000",
      "sync,-1,1,90000,90000,90000,90000" },
      rows_of(keyed .. tables:format "w.calls:by('io_class'):each()"))
    assert.same({ "read,-1,4,2000,4750,7000,5000", "sync,-1,1,90000,90000,90000,90000",
      "write,-1,2,3000,3500,4000,3000" },
      rows_of(keyed .. tables:format "w.calls:by('io_class'):each('last')"))
    assert.same({ "none,4,3,3000,32333.333333333332,90000,4000" },
      rows_of(keyed .. tables:format "w.calls:only('fd', { 4 }):by('fd'):each()"))
  end)

  it("drops what it gets, for measuring", function()
    assert.same({ "1" }, rows_of [[ begin = function(w) w.x = stats.drop() end,
      collect = { { "io_end", "name", "duration", into = "x" } },
      tables = { { "t", "T", { { "a" } }, rows = function() return { { "1" } } end } } ]])
    local own = host.shell(("OWN_PASS=iolatencystats %s/lttnga-run tests/own_pass.lua %s"):format(
      os.getenv "BUILD" or "build", folder))
    assert.equal(0, own.status, own.err)
  end)

  it("saves what it has gathered, and merges it", function()
    local function rows(make, collect, show)
      return rows_of(([[ begin = function(w) w.x = %s end, collect = { %s },
        tables = { { "t", "T", { { "a" } }, rows = function(w)
          local json = require "dkjson"
          local function saved() return assert(json.decode(json.encode(w.x:save()))) end
          local function all(x)
            local rows = {}
            %s
            return rows
          end
          local twice = %s
          twice:merge(saved())
          local same = json.encode(w.x:save()) == json.encode(twice:save())
          twice:merge(saved())
          local rows = all(twice)
          for i, row in ipairs(rows) do rows[i] = { row } end
          rows[#rows + 1] = { same and "same" or json.encode(twice:save()) }
          return rows
        end } } ]]):format(make, collect, show, make))
    end
    assert.same({ "read app 3 6 300", "write app 4 4 22", "same" }, rows(
      "stats.totals()", '{ "io_end", "io_class", who = "procname", "fd", "size", into = "x" }', [[
        for one in x:each() do
          rows[#rows + 1] = ("%s %s %d %d %d"):format(one.io_class, one.who, one.fd, one.n,
            one.size)
        end]]))
    assert.same({ "read 3 6 5000 7000 5000", "write 4 4 3000 4000 3000", "read 5 2 2000 2000 2000",
      "sync 4 2 90000 90000 90000", "same" }, rows("stats.keyed(true)",
      '{ "io_end", "io_class", "fd", "duration", into = "x" }', [[
        for one in x:each() do
          rows[#rows + 1] = ("%s %s %d %d %d %d"):format(one.io_class, one.fd, one.n,
            one.stats:min(), one.stats:max(), one.stats:quantile(0.5))
        end]]))
    assert.same({ "read 7000", "read 7000", "read 5000", "same" }, rows("accumulators.top(3)",
      '{ "io_end", "io_class", "duration", "size", into = "x" }', [[
        for _, row in ipairs(x:rows("read")) do
          rows[#rows + 1] = ("%s %d"):format(row.io_class, row.duration)
        end]]))
  end)

  it("feeds statistics, and any object with a method add", function()
    assert.same({ "7,116000,5,161" }, rows_of [[
      begin = function(w)
        w.durations = stats.new()
        w.mine = { n = 0, sum = 0, add = function(self, size, fd)
          if size and fd then
            self.n, self.sum = self.n + 1, self.sum + size
          end
        end }
      end,
      collect = {
        { "io_end", "duration", into = "durations" }, { "io_end", "size", "fd", into = "mine" },
      },
      tables = { { "t", "T", { { "a", "number" }, { "b", "number" }, { "c", "number" },
        { "d", "number" } }, rows = function(w)
          return { { w.durations:count(), w.durations:sum(), w.mine.n, w.mine.sum } }
        end } } ]])
  end)

  it("obeys filters, and begins anew with each window", function()
    local body = [[ options = { "duration" },
      begin = function(w) w.durations = stats.new() end,
      collect = { { "io_end", "duration", into = "durations" } },
      tables = { { "t", "T", { { "n", "number" } },
        rows = function(w) return { { w.durations:count() } } end } } ]]
    assert.same({ "4" }, rows_of(body, "--min", "5"))
    local result = run(body, "--refresh", "4ms")
    assert.equal(0, result.status, result.err)
    local counts = {}
    for count in result.out:gmatch ",(%d+)\r\n" do
      counts[#counts + 1] = count
    end
    assert.same({ "3", "4" }, counts)
  end)

  it("adds up a number for each combination of fields", function()
    assert.same({ "read 3 3 150", "write 4 2 11", "last read", "last write" }, rows_of [[
      begin = function(w) w.sizes = stats.totals() end,
      collect = { { "io_end", "io_class", "fd", "size", into = "sizes" } },
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        local rows = {}
        for one in w.sizes:each() do
          if one.size > 0 then
            rows[#rows + 1] = { ("%s %d %d %d"):format(one.io_class, one.fd, one.n, one.size) }
          end
        end
        for one in w.sizes:each("last") do
          if one.size > 0 then
            rows[#rows + 1] = { "last " .. one.io_class }
          end
        end
        return rows
      end } } ]])
  end)

  it("regroups totals, and leaves some out", function()
    -- The sums, calls, and the order of both, by what the totals are asked for.
    local function totals(of)
      return rows_of([[
        begin = function(w) w.sizes = stats.totals() end,
        collect = { { "io_end", "io_class", "fd", "name", "size", into = "sizes" } },
        tables = { { "t", "T", { { "a" } }, rows = function(w)
          local rows = {}
          local totals = ]] .. of .. [[
          for _, order in ipairs { "first", "last" } do
            for one in totals:each(order) do
              local cells = {}
              for _, field in ipairs { "io_class", "fd", "name" } do
                cells[#cells + 1] = one[field] and tostring(one[field])
              end
              rows[#rows + 1] = { ("%s n=%d %d"):format(table.concat(cells, " "), one.n, one.size) }
            end
          end
          return rows
        end } } ]])
    end
    -- A call that failed has no size: it is not added, and fsync has none either.
    assert.same({ "read n=3 150", "write n=2 11", "read n=3 150", "write n=2 11" },
      totals "w.sizes:by('io_class')")
    assert.same({ "3 n=3 150", "4 n=2 11", "3 n=3 150", "4 n=2 11" }, totals "w.sizes:by('fd')")
    assert.same({ " n=5 161", " n=5 161" }, totals "w.sizes:by()")
    assert.same({ "write n=2 11", "write n=2 11" },
      totals "w.sizes:only('io_class', { 'write', 'fsync' }):by('io_class')")
    assert.same({}, totals "w.sizes:only('name', {})")
    assert.same({}, totals "w.sizes:only('name')") -- all have one
    assert.same({ "read n=3 150", "read n=3 150" },
      totals "w.sizes:by('name', 'io_class'):only('name', { 'read' }):by('io_class')")
  end)

  it("regroups totals of nothing, and says what it can't", function()
    local function fails(of, pattern)
      local result = run([[
        begin = function(w) w.sizes = stats.totals() end,
        collect = { { "io_end", "io_class", "fd", "size", into = "sizes" } },
        tables = { { "t", "T", { { "a" } }, rows = function(w)
          local totals = ]] .. of .. " return {} end } }")
      assert.equal(1, result.status)
      assert.matches(pattern, result.err)
    end
    fails("w.sizes:by('sighs')", "the key has no field 'sighs'")
    fails("w.sizes:by('size')", "the key has no field 'size'")
    fails("w.sizes:only('fd', { 'x' })", "the values of 'fd' must be integers")
    fails("w.sizes:only('io_class', { 1 })", "the values of 'io_class' must be strings")
    fails("w.sizes:only('io_class', 'read')", "table expected, got string")
    assert.same({}, rows_of [[
      begin = function(w) w.sizes = stats.totals() end,
      collect = { { "io_end", "io_class", "size", into = "sizes",
        only = { io_class = { "sync" } } } },
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        local rows = {}
        for one in w.sizes:by("io_class"):only("io_class", { "read" }):each() do
          rows[#rows + 1] = { one.io_class }
        end
        return rows
      end } } ]])
  end)

  it("may go on with one object from window to window", function()
    local result = run([[
      begin = (function()
        local total = stats.totals()
        return function(w) w.total = total end
      end)(),
      collect = { { "io_end", "tid", "duration", into = "total" } },
      tables = { { "t", "T", { { "n", "number" } }, rows = function(w)
        for one in w.total:each() do
          return { { one.n } }
        end
      end } } ]], "--refresh", "4ms")
    assert.equal(0, result.status, result.err)
    local counts = {}
    for count in result.out:gmatch ",(%d+)\r\n" do
      counts[#counts + 1] = count
    end
    assert.same({ "3", "7" }, counts)
  end)

  it("may go on with what was made of an object", function()
    for _, made in ipairs { 'keep:by("name")', 'keep:only("name", { "read", "write" })' } do
      local result = run(([[
        begin = (function()
          local keep
          return function(w)
            keep = keep and %s or stats.totals()
            w.total = keep
          end
        end)(),
        collect = { { "io_end", "name", "size", into = "total" } },
        tables = { { "t", "T", { { "name" }, { "n", "number" } }, rows = function(w)
          local rows = {}
          for one in w.total:each() do
            rows[#rows + 1] = { one.name, one.n }
          end
          return rows
        end } } ]]):format(made), "--refresh", "4ms")
      assert.equal(0, result.status, result.err)
      assert.matches('"read",2\r\n.*"write",1\r\n.*"read",3\r\n.*"write",2\r\n', result.out)
    end
  end)

  it("adds up by machine, whatever traces are open meanwhile", function()
    local folders = {}
    for i = 1, 4 do
      folders[i] = host.trace {
        env = { domain = "kernel", hostname = "host" .. i, tracer_name = "lttng-modules",
          tracer_major = 2, tracer_minor = 13, kernel_release = "6.1.0-amd64" },
        streams = { { cpu = 0,
          { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
          { 2 * ms, "syscall_entry_read", { fd = 3, count = 9 } },
          { 3 * ms, "syscall_exit_read", { ret = 9 } } } },
      }
    end
    local result = host.lua(host.script [[
      local lttnga, stats = require "lttnga", require "lttnga.stats"
      local sum, expected = stats.totals(), {}
      math.randomseed(1)
      for i = 1, 200 do
        local which, junk = math.random(4), {}
        for k = 1, math.random(50) do
          junk[k] = ("x"):rep(math.random(600)) .. i .. k
        end
        local trace = lttnga.open(arg[which], { no_cache = true })
        trace:run { begin = function(w) w.sum = sum end,
          collect = { { "io_end", "host", "duration", into = "sum" } }, tables = {} }
        trace:close()
        expected["host" .. which] = (expected["host" .. which] or 0) + 1
        if i % 2 == 0 then
          collectgarbage()
        end
      end
      for one in sum:by "host":each() do
        assert(one.n == expected[one.host], one.host .. ": " .. one.n)
        expected[one.host] = nil
      end
      print(next(expected) == nil)
    ]], table.unpack(folders))
    assert.equal("true\n", result.out, result.err)
  end)

  it("adds up for thousands of combinations, with fields that are not there", function()
    local events = { cpu = 0 }
    for i = 1, 3000 do
      events[#events + 1] = { i * ms, "sched_switch",
        { prev_tid = i, next_tid = i + 1, next_comm = "t" .. i % 700 } }
    end
    local path = host.trace { streams = { events } }
    local script = host.script [[
      return require "lttnga.analysis" { title = "t",
        begin = function(w) w.times = require("lttnga.stats").totals() end,
        collect = { { "sched_slice", "procname", "state", "duration", into = "times" } },
        tables = { { "t", "T", { { "n", "number" }, { "events", "number" }, { "sum", "number" },
          { "first" } }, rows = function(w)
            local n, events, sum, first = 0, 0, 0, nil
            for one in w.times:each() do
              n, events, sum = n + 1, events + one.n, sum + one.duration
              first = first or one.procname or "nil"
            end
            return { { n, events, sum, first } }
          end } } }]]
    local result = host.run(script, "--output", "csv", path)
    assert.equal(0, result.status, result.err)
    local n, events_seen, sum = result.out:match '"T",(%d+),(%d+),(%d+),'
    assert.is_true(tonumber(n) >= 700 and tonumber(n) <= 710, n)
    assert.equal("2999", events_seen)
    assert.equal(tostring(2999 * ms), sum)
  end)

  it("tells texts apart whose numbers in the model are used again", function()
    -- Nobody else has these files open: their names are forgotten each time.
    local events = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
    local function call(at, name, entry, ret)
      events[#events + 1] = { at, "syscall_entry_" .. name, entry }
      events[#events + 1] = { at + 9, "syscall_exit_" .. name, { ret = ret } }
    end
    for i = 2, 101 do
      call(i * ms, "openat", { dfd = -100, filename = i % 2 == 0 and "/even" or "/odd" }, 3)
      call(i * ms + 100, "read", { fd = 3, count = 100 }, i % 2 == 0 and 1 or 100)
      call(i * ms + 200, "close", { fd = 3 }, 0)
    end
    local script = host.script [[
      local stats = require "lttnga.stats"
      return require "lttnga.analysis" { title = "t",
        begin = function(w) w.sizes = stats.totals() end,
        collect = {
          { "io_end", "path", "size", into = "sizes", only = { io_class = { "read" } } },
          { "io_end", "begin", "path", "fd", into = "log", only = { io_class = { "close" } } },
        },
        tables = {
          { "t", "T", { { "Path" }, { "Size", "number" } }, rows = function(w)
            local rows = {}
            for total in w.sizes:each() do
              rows[#rows + 1] = { total.path, total.size }
            end
            return rows
          end },
          { "log", "Log", { { "A", "string", "begin" } }, sorted = "log",
            text = { heading = "=", line = { { 0, "{path}" } } } },
        } } ]]
    local result = host.run(script, host.trace { streams = { events } })
    assert.equal(0, result.status, result.err)
    assert.matches("/even +50\n/odd +5000\n", result.out)
    assert.equal(("/even\n/odd\n"):rep(50), result.out:match "Log:\n=\n(.*)$")
  end)

  it("knows more fixed texts than it remembers at once", function()
    local events, names = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }, {}
    for i = 1, 130 do
      names[i] = ("call%03d"):format(i)
    end
    for i = 2, 4 do
      for k, name in ipairs(names) do
        events[#events + 1] = { i * ms + k * 1000, "syscall_entry_" .. name, { fd = 3 } }
        events[#events + 1] = { i * ms + k * 1000 + k, "syscall_exit_" .. name, { ret = 0 } }
      end
    end
    local script = host.script [[
      local stats = require "lttnga.stats"
      return require "lttnga.analysis" { title = "t",
        begin = function(w)
          w.all, w.some, w.sums = stats.group(), stats.group(), stats.totals()
        end,
        collect = {
          { "syscall_exit", "name", "duration", into = "all" },
          { "syscall_exit", "name", "duration", into = "some",
            only = { name = { "call007", "call130", "none" } } },
          { "syscall_exit", "name", "duration", into = "sums" },
        },
        tables = { { "t", "T", { { "Name" }, { "Sum", "number" } }, rows = function(w)
          local rows = {}
          for total in w.sums:each() do
            local all = w.all:of(total.name)
            assert(all:count() == 3 and all:sum() == total.duration)
            rows[#rows + 1] = { total.name, total.duration }
          end
          for _, name in ipairs(w.some:keys()) do
            rows[#rows + 1] = { name, w.some:of(name):sum() }
          end
          return rows
        end } } } ]]
    local result = host.run(script, "--output", "csv", host.trace { streams = { events } })
    assert.equal(0, result.status, result.err)
    local expected, rows = { "Table,Name,Sum" }, {}
    for k, name in ipairs(names) do
      expected[#expected + 1] = ("T,%s,%d"):format(name, 3 * k)
    end
    table.move({ "T,call007,21", "T,call130,390" }, 1, 2, #expected + 1, expected)
    for i, line in ipairs(host.csv(result.out)) do
      rows[i] = table.concat(line, ",")
    end
    assert.same(expected, rows)
  end)

  it("keeps the events with the largest numbers for each key", function()
    local function top(limit)
      return rows_of(([[
        begin = function(w) w.top = accumulators.top(%d) end,
        collect = { { "io_end", "io_class", "duration", "size", "name", "begin", into = "top" } },
        tables = { { "t", "T", { { "a" } }, rows = function(w)
          local rows = {}
          for _, key in ipairs { "read", "write", "none" } do
            for _, one in ipairs(w.top:rows(key)) do
              rows[#rows + 1] = { one.name .. " " .. one.duration .. " " .. tostring(one.size)
                .. " " .. one.begin }
            end
          end
          return rows
        end } } ]]):format(limit))
    end
    local reads = { "read 7000 50 4000000", "read 5000 100 2000000", "read 5000 0 6000000",
      "read 2000 nil 5000000" }
    local writes = { "write 4000 1 8000000", "write 3000 10 3000000" }
    assert.same({ reads[1], reads[2], writes[1], writes[2] }, top(2))
    assert.same({ reads[1], reads[2], reads[3], reads[4], writes[1], writes[2] }, top(0))
  end)

  it("gives what is always the same where it is named", function()
    local rows = rows_of [[
      begin = function(w) w.top = accumulators.top(2) end,
      collect = { { "io_end", "of", "duration", "name", into = "top", set = { of = "all" } } },
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        local rows = {}
        for i, one in ipairs(w.top:rows "all") do
          rows[i] = { one.of .. " " .. one.name .. " " .. one.duration }
        end
        return rows
      end } } ]]
    assert.same({ "all fsync 90000", "all read 7000" }, rows)
  end)

  it("says what is wrong with it", function()
    local function fails(pattern, body)
      local result = run(body .. [[ tables = { { "t", "T", { { "a" } },
        rows = function() return {} end } } ]])
      assert.equal(1, result.status)
      assert.equal("", result.out)
      assert.matches(pattern, result.err)
      assert.is_nil(result.err:find "traceback")
    end
    fails("unknown derived event 'io_ent' %(did you mean 'io_end'%?%)",
      [[ collect = { { "io_ent", "duration", into = "x" } }, ]])
    fails("io_end has no field 'duratoin' %(did you mean 'duration'%?%)",
      [[ collect = { { "io_end", "duratoin", into = "x" } }, ]])
    fails("collect of 'io_end': the window has no object 'x': create it in `begin`",
      [[ collect = { { "io_end", "duration", into = "x" } }, ]])
    fails("collect of 'io_end': a group of statistics expects a string field and a numeric "
      .. "field", [[
      begin = function(w) w.x = stats.group() end,
      collect = { { "io_end", "duration", into = "x" } }, ]])
    fails("collect of 'io_end': statistics expect one numeric field", [[
      begin = function(w) w.x = stats.new() end,
      collect = { { "io_end", "name", into = "x" } }, ]])
    fails("'kind' has another type in another collect", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "duration", into = "x", set = { kind = 1 } },
        { "io_end", "duration", into = "x", set = { kind = "a" } } }, ]])
    fails("collect of 'io_end': field 'fd' is given twice", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "fd", "duration", fd = "tid", into = "x" } }, ]])
    fails("collect of 'io_end': field 'fd' is given twice", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "fd", "duration", set = { fd = 3 }, into = "x" } }, ]])
    fails("collect of 'io_end': field 'of' is given twice", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "of", "of", "duration", set = { of = 3 }, into = "x" } }, ]])
    fails("io_end has no field 'of'", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "of", "duration", set = { off = 3 }, into = "x" } }, ]])
    fails("io_end has no field 'nr'", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "duration", fd = "nr", into = "x" } }, ]])
    fails("`set` must be { NAME = VALUE, ... }, with strings, integers or booleans", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "duration", set = { fd = {} }, into = "x" } }, ]])
    fails("the last field of totals must be numeric", [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "duration", "name", into = "x" } }, ]])
    fails("a top expects a string field, a numeric field", [[
      begin = function(w) w.x = accumulators.top() end,
      collect = { { "io_end", "duration", "name", into = "x" } }, ]])
    fails("the values in `only` must be of the field's type", [[
      begin = function(w) w.x = stats.new() end,
      collect = { { "io_end", "duration", into = "x", only = { fd = { "3" } } } }, ]])
    fails("collect 1 must be { EVENT, FIELD, ..., into = NAME }",
      [[ collect = { { "io_end", "duration" } }, ]])
  end)
end)

describe("an object that is fed by several", function()
  local function log(collect, extra)
    local script = host.script(([[
      local stats = require "lttnga.stats"
      return require "lttnga.analysis" { title = "t", %s
        collect = { %s },
        tables = { { "log", "Log", { { "A", "string", "begin" } }, sorted = "log",
          text = { heading = "=", line = { { 0, "{begin} {name}" } } } } } }]]):format(
        extra or "", collect))
    return host.run(script, folder)
  end

  it("gets the fields of all, and a group what each gives", function()
    local one = '{ "io_end", "begin", "name", into = "log" }'
    local twice = log(one .. ', { "io_end", "begin", "procname", "name", into = "log" }')
    assert.equal(0, twice.status, twice.err)
    assert.equal(log(one .. ", " .. one).out, twice.out)
    local rows = rows_of [[
      begin = function(w) w.x = stats.totals() end,
      collect = {
        { "io_end", "duration", into = "x", number = "fd", set = { kind = "io", ok = true },
          only = { fd = { 4, 5 } } },
        { "syscall_exit", "duration", "name", into = "x", set = { kind = "call" },
          only = { fd = { 5 }, io_class = { "read" } } } },
      tables = { { "t", "T", { { "of" } }, rows = function(w)
        local rows = {}
        for one in w.x:each() do
          rows[#rows + 1] = { ("%s %s %s %s %d %d"):format(one.kind, one.ok, one.number, one.name,
            one.duration, one.n) }
        end
        return rows
      end } } ]]
    table.sort(rows)
    assert.same({ "call nil nil read 2000 1", "io true 4 nil 97000 3", "io true 5 nil 2000 1" },
      rows)
  end)

  it("knows the machine and its trace", function()
    local rows = rows_of [[
      begin = function(w) w.x = stats.totals() end,
      collect = { { "io_end", "host", where = "trace", "duration", into = "x" } },
      tables = { { "t", "T", { { "of" } }, rows = function(w)
        local rows = {}
        for one in w.x:each() do
          rows[#rows + 1] = { ("%s %s %d"):format(one.host, one.where, one.n) }
        end
        return rows
      end } } ]]
    assert.equal(1, #rows)
    assert.equal("box " .. folder .. " 7", rows[1])
  end)

  it("tells a log where rows come from, in every format", function()
    local rows = rows_of [[
      begin = function(w)
        w.x = require("lttnga.log").new { format = "csv", hosts = true, limit = 2, columns = {
          { key = "n", class = "number", parts = { value = "number" } },
          { key = "k", class = "string", parts = { value = "kind" } },
          { key = "d", class = "duration", parts = { value = "duration" } } } }
      end,
      collect = { { "io_end", "begin", "duration", number = "fd", set = { kind = "a" },
        into = "x", only = { fd = { 4 } } } },
      tables = { { "t", "T", { { "of" } }, rows = function(w)
        local rows = {}
        for one in w.x:each() do
          rows[#rows + 1] = { ("%s %s %d %s %d"):format(one.host, one.trace, one.number, one.kind,
            one.duration) }
        end
        return rows
      end } } ]]
    assert.same({ "box " .. folder .. " 4 a 3000", "box " .. folder .. " 4 a 90000" }, rows)
  end)

  it("makes no difference between texts that are fixed and others", function()
    -- Names that stay what they are, and those that do not, in either order.
    for _, order in ipairs { { "procname", "name" }, { "name", "procname" } } do
      local rows = rows_of(([[ begin = function(w) w.x = stats.group() end,
        collect = { { "io_end", "%s", "duration", into = "x" },
          { "io_end", "%s", "duration", into = "x" } },
        tables = { { "t", "T", { { "k" }, { "n", "number" } }, rows = function(w)
          local rows = {}
          for i, key in ipairs(w.x:keys()) do
            rows[i] = { key, w.x:of(key):count() }
          end
          table.sort(rows, function(a, b) return a[1] < b[1] end)
          return rows
        end } } ]]):format(order[1], order[2]))
      assert.same({ "app,7", "fsync,1", "read,4", "write,2" }, rows)
    end
  end)

  it("is not read or used otherwise meanwhile", function()
    local result = log('{ "io_end", "begin", "name", into = "log" }',
      "on = { io_end = function(w) w.log:text { begin = 1, name = 'x' } end },")
    assert.equal(1, result.status)
    assert.matches("rows cannot be added to a log that is collected", result.err)
    result = log('{ "io_end", "begin", "name", into = "log" }',
      "on = { io_end = function(w) w.log:write(io.stderr) end },")
    assert.equal(1, result.status)
    assert.matches("this log has already been written", result.err)
  end)

  it("does not overflow", function()
    local events = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
    for i = 2, 4 do
      events[#events + 1] = { i * ms, "syscall_entry_read", { fd = 3, count = 1 } }
      events[#events + 1] = { i * ms + 9, "syscall_exit_read", { ret = math.maxinteger } }
    end
    local result = host.run("iousagetop", host.trace { streams = { events } })
    assert.equal(0, result.status, result.err)
    assert.matches("8.00 EiB app", result.out)
  end)
end)

describe("a line of a log", function()
  local function log(columns, fields, ...)
    local script = host.script(([[
      return require "lttnga.analysis" { title = "t",
        collect = { { "io_end", into = "log", %s } },
        tables = { { "log", "Log", { { "A", "string", "begin" } }, sorted = "log",
          text = { heading = "=", line = %s } } } }]]):format(fields, columns))
    local result = host.run(script, folder, ...)
    return result.status == 0 and result.out:match "Log:\n=\n(.*)$" or result.err, result.status
  end

  it("has columns, and the first text whose fields are there", function()
    local out = log([[{ { 7, "{name}" }, { -9, "{duration:us}" }, { 10, "{size:size}|none" },
      { 0, "fd={fd}" } }]], [["begin", "name", "duration", "size", "fd"]])
    assert.equal("   read 5.000        100   B fd=3", out:match "^[^\n]*")
    assert.matches("\n   read 2.000           none fd=5\n", out)
  end)

  it("shows times, marks what began early, and is sorted by its first field", function()
    local out = log([[{ { 0, "{begin:time}{begin:early}" } }]], [["begin"]], "--gmt",
      "--begin", "00:00:00.003000001", "--end", "00:00:00.0050001")
    assert.equal("00:00:00.003000000*\n00:00:00.004000000 \n", out)
    out = log([[{ { 0, "{duration} {begin:time}" } }]], [["duration", "begin"]], "--gmt")
    assert.matches("^2000 00:00:00.005000000\n3000 .*\n90000 00:00:00.007000000\n$", out)
  end)

  it("shows what is there though its key is not, and times that are far from it", function()
    local events = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
      { 2 * ms, "syscall_entry_sync", {} }, { 3 * ms, "syscall_exit_sync", { ret = 0 } },
      { 4 * ms, "syscall_entry_read", { fd = 0, count = 1 } },
      { 5 * ms, "syscall_exit_read", { ret = math.maxinteger } } }
    local script = host.script [[
      return require "lttnga.analysis" { title = "t",
        collect = { { "io_end", "fd", "ret", "error", into = "log" } },
        tables = { { "log", "Log", { { "A", "string", "begin" } }, sorted = "log",
          text = { heading = "=", line = {
            { 0, "{ret:time}|no ret" }, { 0, "{error:time}|no error" }, { 0, "{fd:time}|no fd" } },
        } } } }]]
    local result = host.run(script, "--gmt", host.trace { streams = { events } })
    assert.equal("00:00:00.000000000 00:00:00.000000000 no fd\n" ..
      "23:47:16.854775807 00:00:00.000000000 00:00:00.000000000\n",
      result.out:match "Log:\n=\n(.*)$", result.err)
  end)

  it("takes little memory for each of many windows", function()
    if (os.getenv "SANITIZE" or "") ~= "" then
      pending("the sanitizers keep what is freed")
    end
    local script = host.script [[
      local analysis = dofile "lua/analyses/iolog.lua"
      local finish = analysis.finish
      local n, peak = 0, 0
      analysis.finish = function(w)
        n = n + 1
        if n % 1000 == 0 then
          local resident = io.open "/proc/self/status":read "a":match "VmRSS:%s*(%d+)"
          peak = math.max(peak, tonumber(resident))
          io.stderr:write(("%d windows, %d KB\n"):format(n, peak))
        end
        return finish(w)
      end
      return analysis ]]
    local result = host.run(script, "--refresh", "200us",
      (os.getenv "BUILD" or "build") .. "/example-trace")
    assert.equal(0, result.status, result.err)
    local kilobytes = tonumber(result.err:match "windows, (%d+) KB\n$")
    assert.is_true(kilobytes < 40000, result.err)
  end)

  it("says what is wrong with it", function()
    local out, status = log([[{ { 3, "{size:secs}" } }]], [["begin", "size"]])
    assert.matches("each at most 100 times", (log(([[{ { 3, "%s" } }]]):format(("{fd}"):rep(101)),
      [["begin", "fd"]])))
    assert.not_equal(0, status)
    assert.matches("invalid column '{size:secs}' of a line", out)
    assert.matches("a line uses {size}, which is not collected", (log([[{ { 3, "{size}" } }]],
      [["begin"]])))
    assert.matches("a line shows {name} as a number, but it is a string",
      (log([[{ { 3, "{name:us}" } }]], [["begin", "name"]])))
    assert.matches("the first field, which lines are sorted by, must be numeric",
      (log([[{ { 3, "{name}" } }]], [["name"]])))
  end)

  it("shows texts safely, however many there are, and however long", function()
    local events = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
    local shown = {}
    -- More than are kept as words; twice, so that some are.
    for round = 1, 2 do
      for i = 1, 18000 do
        local name, clean, columns = "/" .. i, "/" .. i, nil
        if i % 100 == 0 then
          name, clean = "/\27" .. i, "/\\x1b" .. i
        elseif i % 100 == 1 then
          name, clean = "/漢" .. i, "/漢" .. i
          columns = #clean - 1
        elseif i % 1000 == 2 then
          name = "/" .. ("x"):rep(600) .. i
          clean = name
        end
        local at = ms * 2 + (round * 18000 + i) * 1000
        events[#events + 1] = { at, "syscall_entry_openat", { dfd = -100, filename = name } }
        events[#events + 1] = { at + 9, "syscall_exit_openat", { ret = 3 } }
        local fill = (" "):rep(12 - (columns or #clean))
        shown[#shown + 1] = ("%s%s %s%s|\n"):format(clean, fill, fill, clean)
      end
    end
    local script = host.script [[
      return require "lttnga.analysis" { title = "t",
        collect = { { "io_end", "begin", "path", into = "log" } },
        tables = { { "log", "Log", { { "A", "string", "begin" } }, sorted = "log",
          text = { heading = "=", line = { { -12, "{path}" }, { 12, "{path}" } } } } } }]]
    local result = host.run(script, host.trace { streams = { events } })
    assert.equal(0, result.status, result.err)
    local out = result.out:match("Log:\n=\n(.*)$"):gsub("\n", "|\n")
    assert.equal(#table.concat(shown), #out)
    assert.is_true(table.concat(shown) == out)
  end)

  it("does not keep texts that are longer than any file's name", function()
    local events = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
    for i = 2, 3 do
      events[#events + 1] = { i * ms, "syscall_entry_openat",
        { dfd = -100, filename = "/" .. ("x"):rep(9 << 20) } }
      events[#events + 1] = { i * ms + 9, "syscall_exit_openat", { ret = i } }
    end
    local result = host.run("iolog", host.trace { streams = { events } })
    assert.equal(0, result.status, result.err)
    assert.is_true(#result.out > 2 * 4096 and #result.out < 2 * 66000, #result.out)
  end)
end)
