--- The analyses that answer what tools of bcc and perf do: their numbers, found out another way by
-- tests/recipes_sched.py from what `babeltrace2` prints; and what becomes of them where something
-- is missing, or only a part is wanted.
--
-- `TRACES="folder folder" make check` compares more traces. Where events were lost, or CPUs were
-- off line, what is certain must be there all the same.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"
local sched = require "tests.spec.sched_events"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

local folders = { example, host.real_trace "twohosts-a", require("tests.spec.signals").folder }
for folder in (os.getenv "TRACES" or ""):gmatch "%S+" do
  folders[#folders + 1] = folder
end

local installed = host.shell("command -v babeltrace2 && command -v python3").status == 0

--- The rows of an analysis, see host.rows.
local function rows_of(name, ...)
  return host.rows(name, "--output", "json", "--no-cache", ...)
end

-- ---- Two lists of rows ----

--- Fields of a row as one text; what is null, or nothing, is "-".
local function text_of(row, names)
  local parts = {}
  for i, name in ipairs(names) do
    local value = row[name]
    if name:find(".", 1, true) then
      local outer, inner = name:match "^(.*)%.(.*)$"
      value = row[outer] and row[outer] ~= json.null and row[outer][inner]
    end
    parts[i] = (value == nil or value == json.null) and "-" or tostring(value)
  end
  return table.concat(parts, " ")
end

local function counted(rows, names)
  local counts, n = {}, 0
  for _, row in ipairs(rows) do
    local key = text_of(row, names)
    counts[key], n = (counts[key] or 0) + 1, n + 1
  end
  return counts, n
end

--- What is in the first list more often than in the second.
local function beyond(first, second)
  local list = {}
  for key, count in pairs(first) do
    if count > (second[key] or 0) then
      list[#list + 1] = key
    end
  end
  table.sort(list)
  return list
end

--- Both lists have the same rows; where events were lost, ours has those that are certain.
local function are_same(rows, names, others, their_names, lost)
  local ours, theirs = counted(rows, names), counted(others, their_names)
  local lacking = beyond(theirs, ours)
  assert.equal(0, #lacking, ("%d are not among ours: %s"):format(#lacking, lacking[1]))
  local more = lost and {} or beyond(ours, theirs)
  assert.equal(0, #more, ("%d are only among ours: %s"):format(#more, more[1]))
end

local function those(rows, pass)
  local list = {}
  for _, row in ipairs(rows) do
    list[#list + 1] = pass(row) and row or nil
  end
  return list
end

--- Ranges that double from 1 us on, of rows with a field `delay`, by another field.
local function ranges_of(waits, field)
  local list = {}
  for _, wait in ipairs(waits) do
    local high = 1000
    while wait.delay >= high do
      high = high * 2
    end
    list[#list + 1] = { high = high, of = field and wait[field] }
  end
  return list
end

--- Rows of a distribution, each as often as it counts.
local function repeated(rows)
  local list = {}
  for _, row in ipairs(rows) do
    for _ = 1, row.count do
      list[#list + 1] = row
    end
  end
  return list
end

local function is_not_open(row) return not row.open end

-- ---- Comparing ----

for _, folder in ipairs(installed and folders or {}) do
  describe(("of %s the same are found out from the text of babeltrace2:"):format(
    folder:gsub("/$", ""):match "[^/]*$"), function()
    local function here(name, ...)
      local words = { ... }
      words[#words + 1] = folder
      return rows_of(name, table.unpack(words))
    end
    local slices, _, about = here "timehist"
    local range
    for _, row in ipairs(about) do
      range = row.what == "range" and row or range
    end
    local result = host.shell(("python3 tests/recipes_sched.py %d %d %s"):format(range.begin,
      range["end"], host.quote(folder)))
    assert(result.status == 0, result.err)
    local theirs = assert(json.decode(result.out))
    local lost = #theirs.gaps > 0
    for name, list in pairs(lost and theirs or {}) do
      theirs[name] = those(list, function(row) return row.certain ~= false end)
    end

    it("timehist", function()
      are_same(slices, { "time", "cpu", "task_name.tid", "run_time", "wait_time", "sch_delay" },
        theirs.slices, { "time", "cpu", "tid", "run", "wait", "delay" }, lost)
    end)

    it("runqslower", function()
      local rows = those(here("runqslower", "--min", "0"), is_not_open)
      are_same(rows, { "time", "comm", "tid", "lat", "prev_tid" },
        theirs.waits, { "time", "comm", "tid", "delay", "prev_tid" }, lost)
      for _, kind in ipairs { "woken", "preempted" } do
        rows = those(here("runqslower", "--min", "0", "--" .. kind), is_not_open)
        are_same(rows, { "time", "tid", "lat" }, those(theirs.waits, function(wait)
          return wait.kind == kind
        end), { "time", "tid", "delay" }, lost)
      end
    end)

    if not lost then
      it("runqlat", function()
        are_same(repeated(here "runqlat"), { "duration_upper_bound" },
          ranges_of(theirs.waits), { "high" })
        are_same(repeated(here("runqlat", "-L")), { "duration_upper_bound", "thread.tid" },
          ranges_of(theirs.waits, "tid"), { "high", "of" })
        are_same(repeated(here("runqlat", "-P")), { "duration_upper_bound", "process.pid" },
          ranges_of(theirs.waits, "pid"), { "high", "of" })
      end)

      it("offcputime", function()
        local function summed(rows, key)
          local sums, list = {}, {}
          for _, row in ipairs(rows) do
            local id = key(row)
            sums[id] = sums[id] or { id = id, time = 0, n = 0 }
            sums[id].time, sums[id].n = sums[id].time + row.time, sums[id].n + (row.count or 1)
          end
          for _, one in pairs(sums) do
            list[#list + 1] = one
          end
          return list
        end
        local rows = here("offcputime", "--idle", "--limit", "0")
        are_same(summed(rows, function(row)
          return ("%d %s"):format(row.tid, row.cause == "preempted")
        end), { "id", "time", "n" }, summed(theirs.off, function(row)
          return ("%d %s"):format(row.tid, row.preempted)
        end), { "id", "time", "n" })
        -- Calls that the tracer has a number for only have no name there.
        local unnamed = {}
        for _, row in ipairs(theirs.off) do
          unnamed[row.tid] = unnamed[row.tid] or row.syscall == "unknown"
        end
        local function is_named(row) return not unnamed[row.tid] end
        local function by_call(row) return text_of(row, { "tid", "syscall" }) end
        are_same(summed(those(rows, is_named), by_call), { "id", "time", "n" },
          summed(those(theirs.off, is_named), by_call), { "id", "time", "n" })
      end)

      it("execsnoop", function()
        local rows = here("execsnoop", "--fails")
        are_same(those(rows, function(row) return row.ret == 0 end),
          { "time", "pcomm", "pid", "ppid", "file" }, theirs.execs,
          { "time", "pcomm", "pid", "ppid", "file" })
        are_same(those(rows, function(row) return row.ret ~= 0 end),
          { "time", "pid", "ret", "file" }, theirs.fails, { "time", "pid", "ret", "file" })
      end)

      it("killsnoop", function()
        local rows = here "killsnoop"
        are_same(rows, { "time", "pid", "comm", "sig", "tpid", "result" }, theirs.signals,
          { "time", "pid", "comm", "sig", "target", "ret" })
        for _, row in ipairs(theirs.signals) do
          row.signal = row.signal ~= json.null and row.signal or nil
        end
        local function is_named(row) return row.sig < 32 end
        are_same(those(rows, is_named), { "sig", "signal" }, those(theirs.signals, is_named),
          { "sig", "signal" })
      end)

      it("tcplife", function()
        local names = { "pid", "laddr", "lport", "raddr", "rport", "tx", "rx", "duration", "open" }
        are_same(those(here "tcplife", function(row) return not row.begun_before end), names,
          those(theirs.connections, function(row) return not row.before end), names)
      end)
    end
  end)
end

-- ---- Parts, and what is missing ----

local switch, waking = sched.switch, sched.waking

--- p20 and p21 on one CPU: p20 is preempted at 200 us for 100 us, and waits 30 us after a wakeup.
local function two_threads(...)
  return host.trace { streams = { { cpu = 0, switch(0, 0, 0, 20), switch(200, 20, 0, 21),
    switch(300, 21, 1, 20), switch(400, 20, 1, 0), ... } } }
end

describe("runqlat", function()
  local trace = two_threads(waking(500, 21), switch(530, 0, 0, 21), switch(600, 21, 1, 0))

  --- How many waits there are, and where the ranges that they are in end.
  local function waits(...)
    local list = {}
    for _, row in ipairs(repeated((rows_of("runqlat", trace, ...)))) do
      list[#list + 1] = row.duration_upper_bound
    end
    return list
  end

  it("counts waits after a wakeup, and those after a preemption, or one of both", function()
    assert.same({ 32000, 128000 }, waits())
    assert.same({ 32000 }, waits "--woken")
    assert.same({ 128000 }, waits "--preempted")
    assert.same({ 32000, 128000 }, waits("--woken", "--preempted"))
  end)

  it("counts those of some threads, processes, CPUs, and durations", function()
    assert.same({ 128000 }, waits("--tid", "20"))
    assert.same({ 32000 }, waits("--procname", "p21"))
    assert.same({ 128000 }, waits("--min", "50"))
    assert.same({ 32000 }, waits("--filter", "duration < 50us"))
    assert.same({}, waits("--cpu", "1"))
    assert.same({ 32000 }, waits("--begin", "400000"))
  end)

  it("names threads whose process is unknown", function()
    local process = rows_of("runqlat", "-P", "--tid", "21", trace)[1].process
    assert.same({ name = "p21" }, process)
    assert.is_nil(rows_of("runqlat", trace)[1].process)
  end)

  it("shows PIDs that are unknown as such, as offcputime does", function()
    assert.matches("\nRun queue latency %- p21 %(PID %?%)\n",
      host.run_as_is("runqlat", "-P", "--tid", "21", trace).out)
    assert.matches("\np21 +%? +", host.run_as_is("offcputime", "-P", trace).out)
  end)

  it("says what the trace lacks", function()
    local without = two_threads(switch(530, 0, 0, 21))
    local rows, result = rows_of("runqlat", without)
    assert.equal(1, #repeated(rows))
    assert.matches("will be incomplete: the trace has no sched_waking", result.err)
  end)
end)

describe("runqslower", function()
  it("shows those that are not over, whatever they are for", function()
    local trace = two_threads(waking(500, 21), switch(530, 0, 0, 21), switch(540, 21, 0, 22),
      waking(600, 20), switch(700, 22, 1, 23))
    local rows = rows_of("runqslower", "--min", "50us", trace)
    local seen = {}
    for i, row in ipairs(rows) do
      seen[i] = ("%s %d %s"):format(row.comm, row.lat, row.open)
    end
    assert.same({ "p20 100000 false", "p20 100000 true", "p21 160000 true" }, seen)
    assert.matches("p20 +20 +> 100%.000 us", host.run_as_is("runqslower", "--min", "50us",
      trace).out)
  end)

  it("shows what took 10 ms, if nothing else is said", function()
    local trace = host.trace { streams = { { cpu = 0, switch(0, 0, 0, 20), switch(1, 20, 0, 21),
      switch(10000, 21, 0, 20), switch(20000, 20, 1, 21) } } }
    local rows = rows_of("runqslower", trace)
    assert.equal(1, #rows)
    assert.same({ 10000000, "p20", 20 }, { rows[1].lat, rows[1].prev_comm, rows[1].prev_tid })
  end)
end)

describe("timehist", function()
  local function slices(trace, ...)
    local list = {}
    for i, row in ipairs((rows_of("timehist", trace, ...))) do
      list[i] = text_of(row, { "task_name.name", "run_time", "wait_time", "sch_delay", "state" })
    end
    return list
  end

  it("shows what each slice had waited, once", function()
    local trace = two_threads(waking(500, 20), switch(530, 0, 0, 20), switch(600, 20, 2, 0))
    local all = { "swapper/0 0 - - -", "p20 200000 - - -", "p21 100000 - - -",
      "p20 100000 100000 100000 -", "swapper/0 130000 - - -", "p20 70000 130000 30000 -" }
    assert.same(all, slices(trace))
    assert.same({ all[1], all[2], "p21 50000 - - -", "p21 50000 - - -", all[4],
      "swapper/0 100000 - - -", "swapper/0 30000 - - -", all[6] },
      slices(trace, "--refresh", "250us"))
    assert.same({ all[2], all[4], all[6] }, slices(trace, "--tid", "20"))
    assert.same({ all[2], all[3], all[4], all[6] }, slices(trace, "--filter", "busy"))
    assert.same({ "p20 200000 - - runnable", "p21 100000 - - interruptible" },
      slices(trace, "-S", "--filter", "busy", "--limit", "2"))
  end)

  it("tells nothing of time that nobody knows of", function()
    local trace = host.trace { streams = { { cpu = 0, packets = {
      { from = 0, to = 320000, lost = 5, switch(0, 0, 0, 20), switch(200, 20, 1, 21) },
      { from = 330000, to = 900000, switch(400, 21, 1, 20), switch(500, 20, 1, 0) } } } } }
    -- Who ran while events were lost is not shown, and who waited then may have run.
    assert.same({ "swapper/0 0 - - -", "p20 200000 - - -", "p21 80000 - - -", "p20 100000 - - -" },
      slices(trace))
  end)

  it("tells what it can without wakeups", function()
    local rows, result = rows_of("timehist", (two_threads()))
    assert.equal(4, #rows)
    assert.equal(100000, rows[4].sch_delay)
    assert.matches("will be incomplete: the trace has no sched_waking", result.err)
  end)
end)

describe("offcputime", function()
  local trace = two_threads(waking(500, 21), switch(530, 0, 0, 21), switch(600, 21, 1, 0))

  it("is all the time off the CPU, with what it was for", function()
    local rows = rows_of("offcputime", trace)
    assert.equal(2, #rows)
    assert.same({ "p21", 230000, 1 }, { rows[1].comm, rows[1].time, rows[1].count })
    assert.same({ "p20", "preempted", 100000 }, { rows[2].comm, rows[2].cause, rows[2].time })
    assert.equal(1, #(rows_of("offcputime", "--min", "200us", trace)))
  end)

  it("of processes is that of their threads", function()
    local rows = rows_of("offcputime", "--per-process", "--idle", "--limit", "0",
      example)
    local all = rows_of("offcputime", "--idle", "--limit", "0", example)
    local sums = { 0, 0 }
    for i, list in ipairs { rows, all } do
      for _, row in ipairs(list) do
        sums[i] = sums[i] + row.time
      end
    end
    assert.equal(sums[1], sums[2])
    assert.is_true(#rows < #all)
  end)
end)

--- Events of a socket on CPU 0, at times in ms.
local ms = 1000000
local function call(at, name, entry, leave)
  return { at * ms, "syscall_entry_" .. name, entry }, { at * ms + 1000, "syscall_exit_" .. name,
    leave }
end

describe("tcplife", function()
  local function events(...)
    local list = { cpu = 0, { ms, "sched_switch", { prev_tid = 0, prev_comm = "swapper/0",
      prev_prio = 20, prev_state = 0, next_tid = 20, next_comm = "srv", next_prio = 20 } },
      { ms, "lttng_statedump_process_state", { tid = 20, pid = 20, ppid = 1, name = "srv" } } }
    table.move({ ... }, 1, select("#", ...), #list + 1, list)
    return host.trace { streams = { list } }
  end

  local function lives(trace, ...)
    local list = {}
    for i, row in ipairs((rows_of("tcplife", trace, ...))) do
      list[i] = text_of(row, { "pid", "raddr", "rport", "tx", "rx", "duration", "begun_before",
        "open" })
    end
    return list
  end

  local function made()
    local list = {}
    local function add(...)
      table.move({ ... }, 1, select("#", ...), #list + 1, list)
    end
    add(call(2, "socket", { family = 2, type = 1, protocol = 0 }, { ret = 3 }))
    add(call(10, "accept", { fd = 3 }, { ret = 4, family = 2, sport = 4000,
      v4addr = { 10, 0, 0, 1 }, v6addr = {} }))
    add(call(11, "read", { fd = 4, count = 100 }, { ret = 7 }))
    return add, list
  end

  it("follows a connection to the process that closes it last", function()
    local add, list = made()
    add({ 12 * ms, "sched_process_fork", { parent_tid = 20, parent_pid = 20, parent_comm = "srv",
      child_tid = 21, child_pid = 21, child_comm = "srv" } })
    add(call(13, "close", { fd = 4 }, { ret = 0 }))
    add({ 14 * ms, "sched_switch", { prev_tid = 20, prev_comm = "srv", prev_prio = 20,
      prev_state = 1, next_tid = 21, next_comm = "srv", next_prio = 20 } })
    add(call(15, "write", { fd = 4, count = 100 }, { ret = 50 }))
    add({ 30 * ms, "sched_process_exit", { tid = 21, comm = "srv" } })
    assert.same({ "21 10.0.0.1 4000 50 7 19999000 false false" },
      lives(events(table.unpack(list))))
    -- In each window that it goes on in it is a row of its own.
    assert.same({ "20 10.0.0.1 4000 0 0 999000 false true",
      "21 10.0.0.1 4000 50 7 10999000 false true", "21 10.0.0.1 4000 50 7 19999000 false false" },
      lives(events(table.unpack(list)), "--refresh", "10ms"))
    -- What was before the time that is asked for is not known.
    assert.same({ "21 10.0.0.1 4000 50 0 19999000 true false" },
      lives(events(table.unpack(list)), "--begin", tostring(14 * ms)))
    assert.matches("> +50 +B +> +0 +B +19%.999 ms", (host.run_as_is("tcplife", "--no-cache",
      "--begin", tostring(14 * ms), events(table.unpack(list))).out:gsub(">", "> ")))
  end)

  it("ends one that an exec closes", function()
    local add, list = made()
    add(call(12, "fcntl", { fd = 4, cmd = 2, arg = 1 }, { ret = 0 }))
    add({ 20 * ms, "sched_process_exec", { filename = "/bin/x", tid = 20, old_tid = 20 } })
    add({ 25 * ms, "sched_process_exit", { tid = 20, comm = "x" } })
    assert.same({ "20 10.0.0.1 4000 0 7 9999000 false false" }, lives(events(table.unpack(list))))
  end)

  it("leaves out what is no connection, or none of TCP", function()
    local trace = events(call(2, "socket", { family = 2, type = 2, protocol = 0 }, { ret = 3 }))
    assert.same({}, lives(trace))
    local list = {}
    local function add(...)
      table.move({ ... }, 1, select("#", ...), #list + 1, list)
    end
    add(call(2, "socket", { family = 2, type = 2, protocol = 0 }, { ret = 3 }))
    add(call(3, "connect", { fd = 3, family = 2, dport = 53, v4addr = { 10, 0, 0, 1 },
      v6addr = {} }, { ret = 0 }))
    add(call(4, "write", { fd = 3, count = 5 }, { ret = 5 }))
    add(call(5, "socket", { family = 2, type = 1, protocol = 0 }, { ret = 4 }))
    add(call(6, "connect", { fd = 4, family = 2, dport = 80, v4addr = { 10, 0, 0, 1 },
      v6addr = {} }, { ret = -111 }))
    add(call(7, "close", { fd = 4 }, { ret = 0 }))
    assert.same({}, lives(events(table.unpack(list))))
  end)
end)

describe("execsnoop and killsnoop", function()
  it("need no context switches to tell of programs, but calls for what failed", function()
    local trace = host.trace { streams = { { cpu = 0, { ms, "sched_process_exec",
      { filename = "/bin/x", tid = 20, old_tid = 20 } } } } }
    local rows = rows_of("execsnoop", trace)
    assert.same({ 20, "/bin/x" }, { rows[1].pid, rows[1].file })
    assert.matches("%? +20 +%? +0 +/bin/x", host.run_as_is("execsnoop", trace).out)
    local _, result = rows_of("killsnoop", trace)
    assert.matches("may be empty: the trace has no", result.err)
  end)

  it("select", function()
    local trace = require("tests.spec.signals").folder
    assert.equal(3, #(rows_of("killsnoop", "--procname", "worker", trace)))
    assert.equal(2, #(rows_of("killsnoop", "--filter", "sig == 9", trace)))
    assert.equal(1, #(rows_of("killsnoop", "--filter", "error != 0", trace)))
    assert.equal(2, #(rows_of("execsnoop", "--path", "*/date,*/ls", "--end",
      "15:36:37.99", "--gmt", example)))
  end)
end)
