--- Requests: what definitions find, on traces made by hand and, where they are given, on those of
-- real servers: WEB=folder and TWOHOSTS_B=folder name traces with the servers' own logs beside them
-- (folder.logs).
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local us = 1000

--- A trace of one CPU: thread 20 of process "srv" runs from 0 on.
local function trace(add)
  local list = { { 0, "sched_switch", { prev_tid = 0, next_tid = 20, next_comm = "srv" } } }
  local function call(from, to, name, entry, exit)
    list[#list + 1] = { from * us, "syscall_entry_" .. name, entry }
    list[#list + 1] = { to * us, "syscall_exit_" .. name, exit }
  end
  local function event(at, name, fields)
    list[#list + 1] = { at * us, name, fields }
  end
  event(1, "lttng_statedump_process_state",
    { tid = 20, pid = 20, ppid = 1, name = "srv", type = 0, mode = 0, submode = 0, status = 0,
      ns_level = 0 })
  add(call, event)
  list.cpu = 0
  return host.trace { streams = { list } }
end

--- A connection that srv accepts.
local function accept(call, at, fd, port)
  call(at, at + 1, "accept4", { fd = 3, flags = 0 },
    { ret = fd, family = 2, sport = port, v4addr = { 10, 0, 0, 1 }, v6addr = {} })
end

--- What is found, as "name begin-end" with times in us, in order of begin; and what is said.
local function found(folder, ...)
  local rows, result = host.rows("requestslog", "--no-cache", "--output", "json", folder, ...)
  local texts = {}
  for i, row in ipairs(rows) do
    texts[i] = row.open and ("%s %d-"):format(row.request, row.begin // us)
      or ("%s %d-%d"):format(row.request, row.begin // us, row["end"] // us)
  end
  return table.concat(texts, ", "), result.err, rows
end

describe("requests to a server", function()
  it("last from what was read until the last answer before the next is read", function()
    local folder = trace(function(call)
      accept(call, 10, 5, 40000)
      call(20, 22, "read", { fd = 5, count = 100 }, { ret = 60 })
      call(24, 25, "read", { fd = 5, count = 100 }, { ret = 40 }) -- the rest of it
      call(30, 32, "write", { fd = 5, count = 500 }, { ret = 500 })
      call(33, 36, "write", { fd = 5, count = 500 }, { ret = 300 })
      call(40, 41, "read", { fd = 5, count = 100 }, { ret = -11 }) -- nothing there yet
      call(50, 51, "read", { fd = 5, count = 100 }, { ret = 7 })
      call(60, 61, "write", { fd = 5, count = 5 }, { ret = -32 }) -- no answer
      call(62, 64, "write", { fd = 5, count = 5 }, { ret = 5 })
      call(70, 71, "read", { fd = 5, count = 100 }, { ret = 0 }) -- no request
      call(72, 73, "close", { fd = 5 }, { ret = 0 })
    end)
    local log, _, rows = found(folder)
    assert.equal("server 22-36, server 51-64", log)
    assert.same({ 900, 12 }, { rows[1].bytes, rows[2].bytes })
    assert.same({ "srv", 20, 20 }, { rows[1].process, rows[1].pid, rows[1].tid })
  end)

  it("of several connections don't mix, and what a client does is none", function()
    local folder = trace(function(call)
      accept(call, 10, 5, 40000)
      accept(call, 12, 6, 40001)
      call(20, 21, "read", { fd = 5, count = 100 }, { ret = 10 })
      call(22, 23, "read", { fd = 6, count = 100 }, { ret = 10 })
      call(24, 25, "write", { fd = 6, count = 100 }, { ret = 10 })
      call(26, 27, "socket", { family = 2, type = 1 }, { ret = 7 })
      call(28, 29, "connect", { fd = 7, family = 2, dport = 80, v4addr = { 10, 0, 0, 2 },
        v6addr = {} }, { ret = 0 })
      call(30, 31, "read", { fd = 7, count = 100 }, { ret = 10 })
      call(32, 33, "write", { fd = 7, count = 100 }, { ret = 10 })
      call(40, 41, "write", { fd = 5, count = 100 }, { ret = 10 })
      call(50, 51, "read", { fd = 5, count = 100 }, { ret = 10 }) -- goes on
    end)
    assert.equal("server 21-41, server 23-25, server 51-", (found(folder)))
  end)

  it("that are not answered when the connection is closed, or the process exits, are none",
    function()
      local folder = trace(function(call, event)
        accept(call, 10, 5, 40000)
        call(20, 21, "read", { fd = 5, count = 100 }, { ret = 10 })
        call(22, 23, "close", { fd = 5 }, { ret = 0 })
        accept(call, 30, 5, 40001) -- the same descriptor
        call(40, 41, "read", { fd = 5, count = 100 }, { ret = 10 })
        call(42, 43, "write", { fd = 5, count = 100 }, { ret = 10 })
        call(50, 51, "read", { fd = 5, count = 100 }, { ret = 10 })
        event(60, "sched_process_exit", { comm = "srv", tid = 20, prio = 20 })
        event(70, "sched_switch", { prev_tid = 20, next_tid = 0, next_comm = "swapper" })
      end)
      assert.equal("server 41-43", (found(folder)))
      assert.equal("accept 11-23, accept 31-60", (found(folder, "--request", "accept")))
    end)

  it("end with the descriptor, whichever call closes it", function()
    local folder = trace(function(call, event)
      for i, flags in ipairs { 0, 0, 0x80000 } do -- the last one with SOCK_CLOEXEC
        call(10 * i, 10 * i + 1, "accept4", { fd = 3, flags = flags },
          { ret = 4 + i, family = 2, sport = 40000 + i, v4addr = { 10, 0, 0, 1 }, v6addr = {} })
        call(10 * i + 2, 10 * i + 3, "read", { fd = 4 + i, count = 100 }, { ret = 10 })
      end
      call(40, 41, "close_range", { fd = 5, max_fd = 5, flags = 0 }, { ret = 0 })
      call(50, 51, "dup2", { oldfd = 7, newfd = 6 }, { ret = 6 })
      event(60, "sched_process_exec", { tid = 20, old_tid = 20, filename = "/bin/srv" })
      call(70, 71, "write", { fd = 5, count = 9 }, { ret = 9 }) -- another one by now
    end)
    assert.equal("accept 11-41, accept 21-51, accept 31-60", (found(folder, "--request", "accept")))
    assert.equal("", (found(folder)))
  end)

  it("are counted by process and port, with percentiles, errors and bytes", function()
    local folder = trace(function(call)
      accept(call, 10, 5, 40000)
      for i = 1, 100 do
        call(100 * i, 100 * i + 1, "read", { fd = 5, count = 100 }, { ret = 10 })
        call(100 * i + i, 100 * i + 1 + i, "write", { fd = 5, count = 90 }, { ret = 90 })
      end
    end)
    local rows = host.rows("requests", "--no-cache", "--output", "json", folder)
    local row = rows[1]
    assert.same({ 1, 100, 1000, 50000, 90000, 99000, 100000, 0, 10000 }, { #rows, row.count,
      row.min, row.p50, row.p90, row.p99, row.max, row.errors, row.bytes })
    assert.same({ "srv", 20 }, { row.process, row.pid })
    rows = host.rows("requests", "--no-cache", "--output", "json", "--min", "91", folder)
    assert.equal(10, rows[1].count)
    -- Windows have those that end in them.
    local count = 0
    for _, one in ipairs(host.rows("requests", "--no-cache", "--output", "json", "--refresh", "1ms",
      folder)) do
      count = count + one.count
    end
    assert.equal(100, count)
  end)
end)

describe("a definition", function()
  local folder = trace(function(call, event)
    call(10, 15, "openat", { dfd = -100, filename = "/a", flags = 0 }, { ret = 5 })
    call(20, 29, "fsync", { fd = 5 }, { ret = 0 })
    call(30, 31, "openat", { dfd = -100, filename = "/b", flags = 0 }, { ret = -2 })
    call(40, 48, "fsync", { fd = 5 }, { ret = -5 })
    event(50, "lttng_logger", { msg = "order 1 begin" })
    event(52, "lttng_logger", { msg = "order 2 begin" })
    event(54, "lttng_logger", { msg = "order 1 end" })
    event(57, "lttng_logger", { msg = "order 2 end" })
    event(60, "lttng_logger", { msg = "order 2 begin" })
  end)

  it("may be an event that is one by itself", function()
    local log, _, rows = found(folder, "--request", "fsync")
    assert.equal("fsync 20-29, fsync 40-48", log)
    assert.same({ 0, 5 }, { rows[1].error, rows[2].error })
    assert.equal("syscall:fsync,openat 10-15, syscall:fsync,openat 20-29, "
      .. "syscall:fsync,openat 30-31, syscall:fsync,openat 40-48",
      (found(folder, "--request", "syscall:fsync,openat")))
    rows = host.rows("requests", "--no-cache", "--output", "json", "--request", "openat",
      "--group-by", "path", folder)
    assert.same({ "path = /a", 0, "path = /b", 1 },
      { rows[1].group, rows[1].errors, rows[2].group, rows[2].errors })
  end)

  it("may join texts without what they end with", function()
    assert.equal("logger 50-54, logger 52-57, logger 60-", (found(folder, "--request", "logger")))
    assert.matches("Marks +%d+, written by programs .*%-%-request logger",
      host.run_as_is("info", folder).out)
    local rows = host.rows("requests", "--no-cache", "--output", "json", "--request", "logger",
      folder)
    assert.same({ "order", 2, 1 }, { rows[1].group, rows[1].count, rows[1].open })
  end)

  it("may be one's own, of several levels", function()
    local own = host.script([[
      return {
        { name = "pair",
          begin = { "io_end", where = 'name == "openat" and path == "/a"', time = "time" },
          ["end"] = { "io_end", where = 'name == "openat" and path ~ "/[b-z]"', time = "begin" },
          key = { "tid" } },
        { name = "inside", parent = "pair", parent_key = { "tid" },
          each = { "io_end", where = 'io_class == "sync"' }, captures = { "fd", what = "name" } },
      } ]], "own.lua")
    local log, _, rows = found(folder, "--request", own)
    assert.equal("pair 15-30, inside 20-29", log)
    assert.equal('{"fd":5,"what":"fsync"}', rows[2].captures)
  end)

  it("says what is wrong with it", function()
    for source, message in pairs {
      ["return 5"] = "does not return a definition",
      ["return { begin = { 'io_end' } }"] = "a definition needs either `begin` and `end`, or "
        .. "`each`",
      ["return { each = { 'io_end', were = 'x' } }"] = "unknown field 'were' %(did you mean "
        .. "'where'",
      ["return { each = { 'io_end', where = 'nam == 3' } }"] = "io_end has no field 'nam'",
      ["return { each = { 'io_end', where = 'name ==' } }"] = "the expression is incomplete",
      ["return { each = { 'io_end' }, key = { 'tidd' } }"] = "io_end has no field 'tidd'",
      ["return { each = { 'io_end' }, again = 'kep' }"] = "invalid again 'kep' %(did you mean",
      ["return { each = { 'io_end' }, fast = true }"] = "unknown field 'fast'",
      ["return { each = { 5 } }"] = "each must be { EVENT, where = EXPRESSION, ... }",
      ["return { each = { 'io_end', where = 'time > 15:36:00' } }"] = "times cannot be compared",
      ["return { each = { 'io_end', strip = { path = 7 } } }"] = "each: 'strip' must be {",
      ["return { each = { 'io_end' }, captures = { 5 } }"] = "captures must be {",
      ["return { each = { 'sched_switch' } }"] = "each: sched_switch is an event of the trace",
      ["return { each = { 'request_end' } }"] = "requests cannot consist of request_end events",
      ["return { each = { 'io_end' }, begin = { 'io_end' } }"] = "either `begin` and `end`, or "
        .. "`each`",
      ["return { begin = { { 'io_end' }, 7 }, ['end'] = { 'io_end' } }"] = "begin must be {",
      ["return { begin = { 'io_end', 'x' }, ['end'] = { 'io_end' } }"] = "each must be a table",
      ["return nil"] = "does not return a definition",
      [""] = "does not return a definition",
      ["return { each = { 'io_end' }, group = function() return {} end }"] = "must return a string",
      ["x = "] = "own.lua:1: ",
    } do
      local result = host.run("requests", "--request", host.script(source, "own.lua"), folder)
      assert.equal(1, result.status, source)
      assert.matches(message, result.err, source)
    end
    local result = host.run("requests", "--request", "servr", folder)
    assert.equal(2, result.status)
    assert.matches("unknown definition 'servr' %(did you mean 'server'%?%)", result.err)
    assert.matches("needs an argument", host.run("requests", "--request", "syscall", folder).err)
    assert.matches("takes no argument", host.run("requests", "--request", "fsync:5", folder).err)
    result = host.run("requests", "--request", host.script([[
      return { { name = "x", parent = "y", each = { "io_end" } } } ]], "own.lua"), folder)
    assert.equal(2, result.status)
    assert.matches("'x' is part of 'y', which must be defined before it", result.err)
    result = host.run("requests", "--request", "fsync", "--request",
      host.script("return { name = 'fsync', each = { 'io_end' } }", "own.lua"), folder)
    assert.equal(2, result.status)
    assert.matches("another definition is already named 'fsync'", result.err)
    result = host.run("requests", "--request", "fsync", "--group-by", "fdd", folder)
    assert.equal(2, result.status)
    assert.matches("unknown capture 'fdd' %(did you mean 'fd'%?%)", result.err)
  end)

  it("can be chosen by what it has captured", function()
    for what, count in pairs { fsync = 2, nosuch = 0 } do
      local rows = host.rows("requests", "--no-cache", "--output", "json", "--request", "fsync",
        "--filter", ('captures ~ "*\\"%s\\"*"'):format(what), folder)
      assert.equal(count, rows[1] and rows[1].count or 0)
    end
  end)

  it("counts once, however often it is asked for", function()
    assert.equal("fsync 20-29, fsync 40-48",
      (found(folder, "--request", "fsync", "--request", "fsync")))
  end)

  it("warns of fields that the trace lacks", function()
    local own = host.script([[ return { begin = { "lttng_logger", time = "when" },
      ["end"] = { "lttng_logger", size = "bytes" } } ]], "own.lua")
    local _, err = found(folder, "--request", own)
    assert.matches("lttng_logger has no field 'when'", err)
    assert.matches("lttng_logger has no field 'bytes'", err)
  end)

  it("takes the newest of those that are open, or the oldest, or all", function()
    for policy, expected in pairs {
      newest = "own 52-54, own 50-57", oldest = "own 50-54, own 52-57",
      all = "own 50-54, own 52-54",
    } do
      local own = host.script(([[ return { begin = { "lttng_logger", where = 'msg ~ "*begin"' },
        ["end"] = { "lttng_logger", where = 'msg ~ "*end"' }, policy = "%s", name = "own" } ]])
        :format(policy),
        "own.lua")
      local list = {}
      local log = found(folder, "--request", own, "--end", "1970-01-01 00:00:00.000058", "--gmt")
      for one in log:gmatch "[^,]+" do
        list[#list + 1] = one:match "^%s*(.*)$"
      end
      table.sort(list)
      local wanted = {}
      for one in expected:gmatch "[^,]+" do
        wanted[#wanted + 1] = one:match "^%s*(.*)$"
      end
      table.sort(wanted)
      assert.same(wanted, list, policy)
    end
  end)
end)

describe("an analysis in the time of requests", function()
  local example = (os.getenv("BUILD") or "build") .. "/example-trace"

  it("is what it is in that time", function()
    local by_window, order = {}, {}
    for _, row in ipairs(host.rows("cputop", "--no-cache", "--output", "json", "--limit", "0",
      "--request", "openat", "--timerange", "[15:36:37,15:36:39]", example)) do
      local window = row.window
      local key = ("[%d,%d]"):format(window.begin, window["end"])
      if not by_window[key] then
        by_window[key], order[#order + 1] = {}, key
      end
      row.window, row.period = nil, nil
      table.insert(by_window[key], row)
    end
    assert.is_true(#order > 10)
    for i = 1, #order, 5 do
      assert.same(host.rows("cputop", "--no-cache", "--output", "json", "--limit", "0",
        "--timerange", order[i], example), by_window[order[i]])
    end
  end)

  it("may be of all of them together, or of the slow ones", function()
    local whole, parts = 0, 0
    for _, row in ipairs(host.rows("iousagetop", "--no-cache", "--output", "json", "--limit", "0",
      "--request", "fsync", "--table", "Per-process I/O Write", example)) do
      parts = parts + row.total
    end
    local rows, result = host.rows("iousagetop", "--no-cache", "--output", "json", "--limit", "0",
      "--request", "fsync", "--during", "all", "--table", "Per-process I/O Write", example)
    for _, row in ipairs(rows) do
      whole = whole + row.total
    end
    -- No two of them go on at once here.
    assert.equal(parts, whole)
    assert.matches("analysed 178 of 178 requests", result.err)
    result = host.run("cputop", "--no-cache", "--request", "fsync", "--during", "slow", "--slower",
      "20ms", example)
    assert.matches("analysed 2 of 178 requests %(fsync above 20.000 ms%), 57.829 ms",
      result.err)
  end)

  it("has the event that ends it", function()
    for _, row in ipairs(host.rows("iolatencystats", "--no-cache", "--output", "json", "--request",
      "fsync", "--table", "syscall-latency-stats", example)) do
      if row.type == "Sync" then
        assert.same({ 1, row.period.duration }, { row.count, row.max })
      end
    end
    -- As if its time had been asked for.
    local log = host.rows("requestslog", "--no-cache", "--output", "json", "--request", "fsync",
      example)
    local longest = log[1]
    for _, one in ipairs(log) do
      longest = one.duration > longest.duration and one or longest
    end
    local function total(...)
      local sum = 0
      for _, row in ipairs(host.rows("iousagetop", "--no-cache", "--output", "json", "--limit", "0",
        "--table", "Per-process I/O Write", ...)) do
        sum = sum + row.total
      end
      return sum
    end
    local range = ("[%d,%d]"):format(longest.begin, longest["end"])
    assert.equal(total("--timerange", range, example), total("--request", "fsync",
      "--during", "slow", "--slower", ("%dns"):format(longest.duration - 1), example))
  end)

  it("begins where the time that is asked for does, if it has begun before", function()
    local rows = host.rows("cputop", "--no-cache", "--output", "json", "--request", "fsync",
      "--request", "disk", "--begin", "15:36:37.250", "--end", "15:36:37.27", "--table",
      "Total CPU Usage", example)
    local names = {}
    for _, row in ipairs(rows) do
      assert.is_true(row.window.begin % 1000000000 >= 250000000)
      names[row.period.name] = true
    end
    assert.is_true(names.fsync and names.disk)
    assert.is_true(rows[1].period.begin < rows[1].window.begin)
  end)

  it("has overlapping ones in order", function()
    local last = 0
    for _, row in ipairs(host.rows("schedstats", "--total", "--no-cache", "--output", "json",
      "--period", 'w : $evt.$name == "sched_waking" : $evt.$name == "sched_switch" && '
      .. "$evt.next_tid == $begin.$evt.tid", "--timerange", "[15:36:37.4,15:36:37.9]", example)) do
      assert.is_true(row.window.begin >= last)
      last = row.window.begin
    end
    assert.is_true(last > 0)
  end)

  it("is refused where it makes no sense", function()
    for message, words in pairs {
      ["%-%-refresh cannot be used with"] = { "cputop", "--request", "fsync", "--refresh", "1" },
      ["need %-%-period or %-%-request"] = { "cputop", "--during", "all" },
      ["must be all or slow, not 'x'"] = { "cputop", "--request", "fsync", "--during",
        "x" },
      ["cannot be limited to periods"] = { "cputop,requests", "--request", "fsync" },
      ["%-%-slower needs %-%-during slow"] = { "cputop", "--request", "fsync", "--slower",
        "1ms" },
      ["%-%-during has no effect on requests"] = { "requests", "--during", "slow" },
      ["%-%-period has no effect on requests"] = { "requests", "--period", "p : $evt.cpu_id == 0" },
    } do
      words[#words + 1] = example
      local result = host.run(table.unpack(words))
      assert.equal(2, result.status)
      assert.matches(message, result.err, nil, message)
    end
    local result = host.run("cputop", "--request", "logger", example)
    assert.equal(0, result.status)
    assert.matches("no results", result.err)
  end)
end)

-- ---- Why ----

describe("why", function()
  local example = (os.getenv("BUILD") or "build") .. "/example-trace"

  it("shows the groups that lost the most time, and says how many it leaves out", function()
    local function run(...)
      local result = host.run_as_is("why", "--no-cache", "--request", "process", ...)
      assert.equal(0, result.status, result.err)
      local durations = {}
      for duration, unit in result.out:gmatch "\nprocess: [^\n]*: ([%d.]+) (m?s), at " do
        durations[#durations + 1] = duration * (unit == "s" and 1000 or 1)
      end
      return durations, result.out
    end
    local all, text = run("--groups", "0", "--slowest", "20", example)
    assert.is_true(#all > 3)
    assert.is_nil(text:find("of %d+ groups"))
    table.sort(all, function(a, b) return a > b end)
    local some
    some, text = run(example)
    assert.same({ all[1], all[2], all[3] }, some)
    assert.matches(("\n3 of %d groups, "):format(#all), text)
    assert.equal(1, #run("--groups", "1", example))
    -- Other formats have all.
    local groups, n = {}, 0
    for _, row in ipairs(host.rows("why", "--no-cache", "--request", "process", "--output", "json",
      example)) do
      n = n + (groups[row.begin] and 0 or 1)
      groups[row.begin] = true
    end
    assert.equal(#all, n)
  end)

  it("takes --top for --slowest, as before", function()
    local words = { "why", "--no-cache", "--request", "fsync", example }
    local new = host.run_as_is("--slowest=2", table.unpack(words))
    assert.equal(new.out, host.run_as_is("--top=2", table.unpack(words)).out)
    assert.matches("slowest of", new.out)
  end)

  it("has parts that add up: of each request, and of those that are compared", function()
    local parts, of = {}, {}
    local typical, slow, total = 0, 0, nil
    for _, row in ipairs(host.rows("why", "--no-cache", "--output", "json", "--limit", "0",
      "--request", "fsync", "--slowest", "20", example)) do
      if row.table == "Slowest requests" then
        parts[row.begin] = (parts[row.begin] or 0) + row.time
        of[row.begin] = row.duration
      elseif row.cause == "total" then
        total = row
      else
        typical, slow = typical + row.typical, slow + row.slow
      end
    end
    assert.same(of, parts)
    assert.is_true(math.abs(total.typical - typical) < 1 and math.abs(total.slow - slow) < 1)
    local durations = {}
    for i, row in ipairs(host.rows("requestslog", "--no-cache", "--output", "json", "--request",
      "fsync", "--procname", "lttng-consumerd", example)) do
      durations[i] = row.duration
    end
    table.sort(durations)
    -- Above the p95: as many as --during slow takes.
    local sum, n = 0, 0
    for i = math.ceil(0.95 * #durations) + 1, #durations do
      sum, n = sum + durations[i], n + 1
    end
    assert.is_true(math.abs(total.slow - sum / n) < 1)
    local during = host.run("cputop", "--no-cache", "--request", "fsync", "--during", "slow",
      example).err
    local text = host.run("why", "--no-cache", "--request", "fsync", example).out
    assert.equal(8, n)
    assert.matches("analysed 8 of 178 requests %(fsync above 15%.379 ms%)", during)
    assert.matches("8 slow %(above 15%.379 ms%)", text)
  end)

  --- A trace of an event loop: srv serves connections 5 and 6, which it reads one after the other,
  -- works on each for some time, and answers in the same order.
  it("knows when a thread works on another request", function()
    local folder = trace(function(call)
      accept(call, 10, 5, 40000)
      accept(call, 12, 6, 40001)
      for i = 1, 30 do
        local at = 1000 * i
        call(at, at + 10, "read", { fd = 5, count = 100 }, { ret = 10 }) -- and works 100 us
        call(at + 110, at + 120, "read", { fd = 6, count = 100 }, { ret = 10 }) -- and works 200 us
        call(at + 320, at + 330, "write", { fd = 5, count = 100 }, { ret = 10 })
        call(at + 340, at + 350, "write", { fd = 6, count = 100 }, { ret = 10 })
      end
    end)
    local queue, own = {}, {}
    for _, row in ipairs(host.rows("why", "--no-cache", "--output", "json", "--limit", "0",
      "--slowest", "60", folder)) do
      if row.table == "Slowest requests" then
        local list = row.cause == "queue" and queue or own
        list[row.duration] = row.time // us
      end
    end
    -- Connection 5 is served from 10 to 330, but from 120 to 330 the thread works on what it has
    -- read from connection 6, whose request lasts from 120 to 350.
    assert.same({ [320 * us] = 210 }, queue)
    assert.same({ [320 * us] = 110, [230 * us] = 230 }, own)
  end)

  it("compares with those above --slower, where there are both", function()
    local folder = trace(function(call)
      for i = 1, 30 do
        call(1000 * i, 1000 * i + 10 + i, "fsync", { fd = 5 }, { ret = 0 })
      end
    end)
    local function why(slower)
      return host.rows("why", "--no-cache", "--output", "json", "--request", "fsync", "--slower",
        slower, folder)
    end
    local rows = why("38us")
    -- Between the 40th and the 60th percentile: 23 to 28 us; above 38: 39 and 40.
    assert.same({ "total", 25.5 * us, 39.5 * us, 14 * us }, { rows[1].cause, rows[1].typical,
      rows[1].slow, rows[1].difference })
    assert.same({ "own", 14 * us }, { rows[2].cause, rows[2].difference })
    -- What is slow is not typical.
    assert.equal(24 * us, why("25us")[1].typical)
    for _, slower in ipairs { "1us", "1s" } do
      local none, result = why(slower)
      assert.same({}, none)
      assert.matches("fsync: srv %(20%): either all requests are slow or none", result.err)
    end
  end)

  it("is a list where there are few, and says if there are none", function()
    local folder = trace(function(call)
      call(20, 29, "fsync", { fd = 5 }, { ret = 0 })
      call(40, 48, "fsync", { fd = 5 }, { ret = 0 })
    end)
    local rows = host.rows("why", "--no-cache", "--output", "json", "--request", "fsync", folder)
    assert.same({ "Slowest requests", 9 * us, "own", 9 * us },
      { rows[1].table, rows[1].duration, rows[1].cause, rows[1].time })
    assert.equal(2, #rows)
    local result = host.run("why", folder)
    assert.matches("no requests found", result.err)
  end)
end)

-- ---- Requests whose causes are known ----

describe("why the slow requests of a workload are slow", function()
  local folder = os.getenv "CHAIN"
  if not folder then
    pending("is compared with its log if CHAIN names a trace that has one")
    return
  end

  --- Rows of each kind, and its phases in the log: of typical requests, and of slow ones.
  local kinds, words = {}, {}
  for _, row in ipairs(host.rows("why", "--request", "logger", "--limit", "0", "--no-cache",
    "--output", "json", folder)) do
    local kind = row.group:match "gt (%S+)$"
    kinds[kind] = kinds[kind] or {}
    table.insert(kinds[kind], row)
  end
  for title, said in host.run("why", "--request", "logger", "--no-cache", folder).out
    :gmatch "Why [^\n]*gt (%S+)\n[^\n]*\n(the slow ones [^\n]*)" do
    words[title] = said
  end

  --- What most of the typical time is, beside the own CPU.
  local function main(kind)
    local most
    for _, row in ipairs(kinds[kind]) do
      if row.cause ~= "own" and row.cause ~= "total"
        and (not most or row.typical > most.typical) then
        most = row
      end
    end
    return ("%s %s %s"):format(most.cause, most.via or "-", most.who and most.who.name or "-")
  end

  it("is the cause that was built in", function()
    for kind, cause in pairs {
      ["b-cpu"] = "cpu lock b-holder", ["b-timer"] = "timer lock b-holder",
      ["e-preempt"] = "runqueue - e-fifo", ["e-wake"] = "runqueue - e-fifo",
      ["d-wait"] = "cpu child d-child", ["h-unix"] = "cpu socket h-daemon",
      -- That thread gets other names later.
      ["f-timer"] = "timer - i-sigtimer", ["i-sigtimer"] = "timer - i-sigtimer",
      ["b-disk"] = "timer lock b-holder", ["a-tcp"] = "cpu socket a-worker",
    } do
      assert.equal(cause, main(kind), kind)
    end
    -- The holder's nap and CPU exceed its disk.
    local of = {}
    for _, row in ipairs(kinds["b-disk"]) do
      of[row.cause] = (of[row.cause] or 0) + row.typical
    end
    assert.is_true(of.timer + of.cpu > of.disk)
  end)

  it("is what differs in the log, too", function()
    --- By kind and request what each phase took, us.
    local log, durations = {}, {}
    for line in host.read(folder .. ".logs/chain.jsonl"):gmatch "[^\n]+" do
      local row = json.decode(line)
      local key = row.scenario .. " " .. row.req
      if row.kind == "request" then
        durations[row.scenario] = durations[row.scenario] or {}
        table.insert(durations[row.scenario], { key = key, duration = row.dur_us })
      elseif row.kind == "path" then
        local phase = row.who .. " " .. row.what
        log[key] = log[key] or {}
        log[key][phase] = (log[key][phase] or 0) + row.dur_us
      end
    end
    for kind, one in pairs {
      ["b-timer"] = { "holder timer", "timer" }, ["b-cpu"] = { "holder cpu", "cpu" },
      ["e-preempt"] = { "fifo preempted", "runqueue" }, ["f-timer"] = { "self timer", "timer" },
      ["i-sigtimer"] = { "waiter timer", "timer" },
    } do
      local list = durations[kind]
      table.sort(list, function(a, b) return a.duration < b.duration end)
      local typical = 0
      for i = 9, 12 do
        typical = typical + (log[list[i].key][one[1]] or 0) / 4
      end
      local expected = (log[list[20].key][one[1]] or 0) - typical
      local ours = 0
      for _, row in ipairs(kinds[kind]) do
        ours = ours + (row.cause == one[2] and row.difference or 0)
      end
      assert.is_true(math.abs(ours / us - expected) < 0.1 * expected + 300,
        ("%s: %.0f, %.0f"):format(kind, ours / us, expected))
    end
    assert.matches("^the slow ones wait %S+ ms longer for a lock, while b%-holder %(%d+%) sleeps$",
      words["b-timer"])
    assert.matches("^the slow ones wait %S+ ms longer for a CPU, while e%-fifo %(%d+%) runs there$",
      words["e-preempt"])
  end)
end)

-- ---- Real servers ----

--- Rows of requests by a column, added up.
local function counts(folder, key)
  local sums = {}
  for _, row in ipairs(host.rows("requests", "--no-cache", "--output", "json", folder)) do
    sums[row[key]] = (sums[row[key]] or 0) + row.count
  end
  return sums
end

describe("requests to real servers", function()
  local web, twohosts = os.getenv "WEB", os.getenv "TWOHOSTS_B"

  it("are those of nginx' own log, of postgres and of redis", function()
    if not web then
      pending("WEB does not name a trace")
      return
    end
    local sums = counts(web, "process")
    local _, lines = host.read(web .. ".logs/access.log"):gsub("\n", "")
    assert.equal(lines, sums.nginx)
    assert.same({ 1447, 1201 }, { sums.postgres, sums["redis-server"] })
  end)

  it("take as long as the server itself says", function()
    if not twohosts then
      pending("TWOHOSTS_B does not name a trace")
      return
    end
    local ours, logged = {}, 0
    for line in host.run("requestslog", "--no-cache", "--procname", "srv", "--output", "json",
      twohosts).out:gmatch "[^\n]+" do
      local row = json.decode(line)
      ours[#ours + 1] = row.table == "Request log" and row or nil
    end
    local writes = {}
    for line in host.run("iolog", "--no-cache", "--procname", "srv", "--filter",
      'io_class == "write" and side == "server"', "--output", "json", twohosts).out
      :gmatch "[^\n]+" do
      local row = json.decode(line)
      writes[#writes + 1] = row.time_range and row.time_range.begin
    end
    for from, to in host.read(twohosts .. ".logs/srv.log")
      :gmatch "req %d+ [^\n]*recv_real=(%d+)[^\n]*send_real=(%d+)" do
      local begin, last = math.tointeger(tonumber(from)), math.tointeger(tonumber(to))
      local near, nearest
      for _, row in ipairs(ours) do
        near = math.abs(row.begin - begin) < 1000000 and row or near
      end
      -- It takes its time behind the read, and before the first write.
      assert.is_true(begin > near.begin and begin - near.begin < 500000)
      for _, time in ipairs(writes) do
        nearest = time > last and (not nearest or time < nearest) and time or nearest
      end
      assert.is_true(nearest - last < 50000 and nearest < near["end"])
      logged = logged + 1
    end
    -- The last one says goodbye.
    assert.same({ 100, 101 }, { logged, #ours })
  end)
end)
