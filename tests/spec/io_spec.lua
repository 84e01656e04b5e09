--- The analyses of I/O, on traces made for them: every table, options, windows, several scripts.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000

--- Output of a run without errors; small traces lack events for some tables, which is told.
local function out(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  assert.equal("", (result.err:gsub("[^\n]* may be empty: [^\n]*\n", "")))
  return result.out
end

--- Rows by title of the table; cells as plain values.
local function tables(...)
  local found = {}
  for line in out(...):gmatch("[^\n]+") do
    local row = json.decode(line, 1, false)
    found[row.table] = found[row.table] or {}
    table.insert(found[row.table], row)
  end
  return found
end

--- The case that the test suite of lttng-analyses has for I/O (its times are in ms).
local function integration_case()
  local function at(time, name, fields)
    return { time * ms, name, fields }
  end
  return host.trace { streams = { { cpu = 0,
    at(1000, "lttng_statedump_process_state", { tid = 99, pid = 99, ppid = 1, name = "app" }),
    at(1001, "lttng_statedump_file_descriptor",
      { pid = 100, fd = 3, flags = 0, filename = "testfile" }),
    at(1002, "sched_switch", { prev_tid = 0, next_tid = 99, next_comm = "app" }),
    at(1004, "syscall_entry_write", { fd = 4, buf = 0xabcd, count = 10 }),
    at(1005, "syscall_exit_write", { ret = 10 }),
    at(1006, "sched_switch", { prev_tid = 99, next_tid = 100, next_comm = "app2" }),
    at(1008, "syscall_entry_read", { fd = 3, count = 100 }),
    at(1009, "syscall_exit_read", { buf = 0xcafe, ret = 100 }),
    at(1010, "sched_switch", { prev_tid = 100, next_tid = 101, next_comm = "app3" }),
    at(1012, "syscall_entry_read", { fd = 3, count = 100 }),
    at(1013, "syscall_exit_read", { buf = 0xcafe, ret = 42 }),
    at(1015, "block_rq_issue",
      { dev = 264241152, sector = 33, nr_sector = 10, rwbs = 4, tid = 99, comm = "app" }),
    at(1016, "block_rq_complete", { dev = 264241152, sector = 33, nr_sector = 10, error = 0 }),
    at(1017, "block_rq_issue",
      { dev = 8388608, sector = 33, nr_sector = 20, rwbs = 1, tid = 101, comm = "app3" }),
    at(1018, "block_rq_complete", { dev = 8388608, sector = 33, nr_sector = 20, error = 0 }),
    at(1020, "net_dev_xmit", { len = 100, name = "wlan0" }),
    at(1021, "netif_receive_skb", { len = 100, name = "wlan1" }),
    at(1022, "netif_receive_skb", { len = 200, name = "wlan0" }),
    at(1023, "syscall_entry_open", { filename = "test/open/file", flags = 0 }),
    at(1024, "syscall_exit_open", { ret = 42 }),
  } } }
end

describe("iousagetop", function()
  it("calls disks and threads what they were called last", function()
    local events = { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "old" } } }
    local function request(at, rwbs, nr_sector, took, comm)
      events[#events + 1] = { at, "block_rq_issue", { dev = 5, sector = at, nr_sector = nr_sector,
        rwbs = rwbs, tid = 7, comm = comm } }
      events[#events + 1] = { at + took, "block_rq_complete", { dev = 5, sector = at,
        nr_sector = nr_sector, error = 0 } }
    end
    request(2 * ms, 1, 8, 1000000, "old")
    events[#events + 1] = { 4 * ms, "lttng_statedump_block_device", { dev = 5, diskname = "sda" } }
    events[#events + 1] = { 5 * ms, "sched_switch",
      { prev_tid = 7, next_tid = 7, next_comm = "new" } }
    request(6 * ms, 1, 16, 3000000, "new")
    request(10 * ms, 0, 2, 2000000, "new")
    request(13 * ms, 1, 2, 2000000, "old") -- again
    local found = tables("iousagetop", "--output", "json", "--per-tid",
      host.trace { streams = { events } })
    local function only(title)
      assert.equal(1, #found[title], title)
      return found[title][1]
    end
    assert.same({ "sda", 28 }, { only "Disk Requests Sector Count".disk,
      only "Disk Requests Sector Count".sectors })
    assert.equal(4, only "Disk Request Count".requests)
    assert.equal(2000000, only "Disk Request Average Latency".average_latency)
    assert.equal(26 * 512, only "Block I/O Write".size)
    assert.equal(2 * 512, only "Block I/O Read".size)
    assert.equal("old", only "Block I/O Write".process.name)
  end)

  local trace = integration_case()

  it("finds what the original's own test has", function()
    local found = tables("iousagetop", "--output", "json", trace)
    local function values(title, value, label)
      local list = {}
      for i, row in ipairs(found[title] or {}) do
        list[i] = ("%s %s"):format(row[value], label(row))
      end
      return table.concat(list, ", ")
    end
    local function process(row)
      return ("%s (%s)"):format(row.process.name, row.process.pid or "tid=" .. row.process.tid)
    end
    local function name(key)
      return function(row) return row[key] end
    end
    assert.equal("100 app2 (tid=100), 42 app3 (tid=101)",
      values("Per-process I/O Read", "total", process))
    assert.equal("10 app (99)", values("Per-process I/O Write", "total", process))
    assert.equal("100 testfile, 42 unknown (app3)",
      values("Per-file I/O Read", "size", name "path"))
    assert.equal("10 unknown (app)", values("Per-file I/O Write", "size", name "path"))
    assert.equal("5120 app (99)", values("Block I/O Read", "size", process))
    assert.equal("10240 app3 (tid=101)", values("Block I/O Write", "size", process))
    assert.equal("20 (8,0), 10 (252,0)",
      values("Disk Requests Sector Count", "sectors", name "disk"))
    assert.equal("1 (252,0), 1 (8,0)", values("Disk Request Count", "requests", name "disk"))
    assert.equal("1000000 (252,0), 1000000 (8,0)",
      values("Disk Request Average Latency", "average_latency", name "disk"))
    assert.equal("200 wlan0, 100 wlan1",
      values("Network Received Bytes", "size", name "interface"))
    assert.equal("100 wlan0", values("Network Sent Bytes", "size", name "interface"))
  end)

  it("draws it", function()
    local text = out("iousagetop", trace)
    local rule, full = ("#"):rep(80), ("█"):rep(80)
    assert.is_truthy(text:find("\nPer-process I/O Read" .. (" "):rep(69)
      .. "Process                   File       Device     Virtual    Net        Unknown    Local\n"
      .. rule .. "\n" .. full
      .. " 100   B app2 (unknown (tid=100))  " .. ("0   B      "):rep(4) .. "100   B    0   B\n"
      .. ("█"):rep(33) .. (" "):rep(47) .. "  42   B app3 (unknown (tid=101))  ", 1, true), text)
    assert.is_truthy(text:find("\nDisk Requests Sector Count" .. (" "):rep(54 + 12) .. "Disk\n"
      .. rule .. "\n" .. full .. " 20 sectors (8,0)\n", 1, true), text)
    assert.is_truthy(text:find(full .. " 1.00 ms (252,0)\n", 1, true), text)
  end)

  it("shows as many rows as asked, the largest ones, and 0 is all", function()
    for limit, rows in pairs { [1] = 1, [2] = 2, [0] = 2, unlimited = 2,
      [math.maxinteger] = 2 } do
      local found = tables("iousagetop", "--limit=" .. limit, "--output", "json", trace)
      assert.equal(rows, #found["Per-process I/O Read"])
      assert.equal(100, found["Per-process I/O Read"][1].total)
    end
  end)

  it("takes threads for themselves with --per-tid, and ignores bounds of single calls", function()
    local threads = host.trace { streams = { { cpu = 0,
      { 1, "lttng_statedump_process_state",
        { tid = 7, pid = 7, ppid = 1, file_table_address = 1, name = "main" } },
      { 2, "lttng_statedump_process_state",
        { tid = 8, pid = 7, ppid = 1, file_table_address = 1, name = "worker" } },
      { 10, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "main" } },
      { 11, "syscall_entry_read", { fd = 3, count = 10 } },
      { 12, "syscall_exit_read", { ret = 10 } },
      { 20, "sched_switch", { prev_tid = 7, next_tid = 8, next_comm = "worker" } },
      { 21, "syscall_entry_read", { fd = 3, count = 10 } },
      { 22, "syscall_exit_read", { ret = 5 } },
    } } }
    local function rows(...)
      local list = {}
      for i, row in ipairs(tables("iousagetop", "--output", "json", threads, ...)
        ["Per-process I/O Read"]) do
        list[i] = ("%s %s %s %d"):format(row.process.name, row.process.pid,
          row.process.tid or "-", row.total)
      end
      return table.concat(list, ", ")
    end
    assert.equal("main 7 - 15", rows())
    assert.equal("main 7 - 15", rows("--min", "1ns", "--minsize", "8", "--stats"))
    assert.equal("main 7 7 10, worker 7 8 5", rows "--per-tid")
    assert.equal("main 7 - 5", rows("--tid", "8"))
  end)

  it("has one name for a process in all tables, the last one", function()
    local function switch(at, prev, next_tid, comm)
      return { at, "sched_switch", { prev_tid = prev, next_tid = next_tid, next_comm = comm } }
    end
    local trace_of = host.trace { streams = { { cpu = 0,
      { 1, "lttng_statedump_process_state",
        { tid = 7, pid = 7, ppid = 1, file_table_address = 1, name = "sh" } },
      switch(10, 0, 7, "sh"),
      { 11, "syscall_entry_read", { fd = 3, count = 10 } },
      { 12, "syscall_exit_read", { ret = 10 } },
      switch(20, 7, 7, "cat"),
      { 21, "block_rq_issue",
        { dev = 5, sector = 8, nr_sector = 8, rwbs = 1, tid = 7, comm = "cat" } },
      { 22, "block_rq_complete", { dev = 5, sector = 8, nr_sector = 8, error = 0 } },
      switch(30, 7, 7, "tac"),
      { 31, "syscall_entry_write", { fd = 3, count = 10 } },
      { 32, "syscall_exit_write", { ret = 10 } } } } }
    local function names(...)
      local found, list = tables("iousagetop,syscallstats", "--output", "json", trace_of, ...), {}
      for title, rows in pairs(found) do
        if rows[1].process then
          list[#list + 1] = ("%s: %s"):format(title:match "^%S+ %S+ %S+", rows[1].process.name)
        end
      end
      table.sort(list)
      return list
    end
    for _, line in ipairs(names()) do
      assert.matches(": tac$", line)
    end
    assert.is_true(#names() >= 4)
    -- What was asked for by name is what it did under that name.
    for _, line in ipairs(names("--procname", "sh")) do
      assert.matches(": sh$", line)
    end
  end)

  it("does not count what a disk has failed to do, but says so", function()
    local events = { cpu = 0, { 10, "sched_switch", { prev_tid = 0, next_tid = 7 } },
      { 11, "syscall_entry_close", { fd = 9 } }, { 12, "syscall_exit_close", { ret = 0 } } }
    local function request(at, rwbs, nr_sector, ...)
      events[#events + 1] = { at, "block_rq_issue", { dev = 5, sector = at, nr_sector = nr_sector,
        rwbs = rwbs, tid = 7, comm = "app" } }
      local done = 0
      for _, part in ipairs { ... } do
        events[#events + 1] = { at + done + 1, "block_rq_complete", { dev = 5,
          sector = at + done, nr_sector = part[1], error = part[2] } }
        done = done + part[1]
      end
    end
    request(1000, 1, 8, { 8, 0 })
    request(2000, 1, 16, { 16, -5 })
    request(3000, 4, 32, { 24, 0 }, { 8, -5 })
    request(4000, 4, 2, { 2, -61 })
    local found = tables("iousagetop", "--output", "json", host.trace { streams = { events } })
    assert.equal(8 * 512, found["Block I/O Write"][1].size)
    assert.equal(24 * 512, found["Block I/O Read"][1].size)
    assert.equal(32, found["Disk Requests Sector Count"][1].sectors)
    assert.equal(4, found["Disk Request Count"][1].requests)
    local failed = {}
    for i, row in ipairs(found["Disk Request Errors"]) do
      failed[i] = ("%s %s %s %d %d"):format(row.disk, row.operation, row.error, row.requests,
        row.size)
    end
    table.sort(failed)
    assert.same({ "(0,5) read EIO 1 16384", "(0,5) read ENODATA 1 1024",
      "(0,5) write EIO 1 8192" }, failed)
    assert.is_nil(tables("iousagetop", "--output", "json", integration_case())
      ["Disk Request Errors"])
  end)

  it("says who moved data through io_uring, and what reached disks of that", function()
    local events = { cpu = 0 }
    local function add(at, name, fields)
      events[#events + 1] = { at, name, fields }
    end
    local function call(at, id, ret, ...)
      local args = { 3, 1, 1, 0, 0, 0 }
      add(at, "syscall_entry_unknown", { id = id, args = args })
      for _, inside in ipairs { ... } do
        add(table.unpack(inside))
      end
      add(at + 90, "syscall_exit_unknown", { id = id, ret = ret, args = args })
    end
    local function request(at, rwbs, nr_sector, tid, comm)
      return { at, "block_rq_issue", { dev = 5, sector = at, nr_sector = nr_sector, rwbs = rwbs,
        tid = tid, comm = comm } },
        { at + 1, "block_rq_complete", { dev = 5, sector = at, nr_sector = nr_sector, error = 0 } }
    end
    add(1, "lttng_statedump_process_state",
      { tid = 7, pid = 7, ppid = 1, file_table_address = 1, name = "db" })
    add(10, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "db" })
    add(20, "syscall_entry_close", { fd = 9 })
    add(21, "syscall_exit_close", { ret = 0 })
    call(100, 425, 3)
    call(200, 426, 1, request(210, 4, 8, 7, "db"))
    call(400, 426, 1)
    for _, event in ipairs { request(500, 1, 16, 7, "db") } do -- by itself
      add(table.unpack(event))
    end
    add(600, "sched_switch", { prev_tid = 7, next_tid = 9, next_comm = "iou-wrk-7" })
    for _, event in ipairs { request(610, 1, 32, 9, "iou-wrk-7") } do
      add(table.unpack(event))
    end
    local found = tables("iousagetop", "--output", "json", host.trace { streams = { events } })
    local rows = found["Transferred by io_uring (system calls do not report how much)"]
    assert.equal(1, #rows)
    assert.same({ "db", 7, 3, 4096, 32 * 512 }, { rows[1].process.name, rows[1].process.pid,
      rows[1].calls, rows[1].read_from_disks, rows[1].written_to_disks })
    assert.equal(48 * 512, found["Block I/O Write"][1].size)
    assert.is_nil(found["Per-process I/O Read"])
  end)

  it("counts what a splice moves on both sides", function()
    local copies = host.trace { streams = { { cpu = 0,
      { 10, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "cp" } },
      { 11, "syscall_entry_openat", { dfd = -100, filename = "/in", flags = 0 } },
      { 12, "syscall_exit_openat", { ret = 3 } },
      { 13, "syscall_entry_socket", { family = 2, type = 1, protocol = 0 } },
      { 14, "syscall_exit_socket", { ret = 4 } },
      { 15, "syscall_entry_sendfile64", { out_fd = 4, in_fd = 3, count = 100 } },
      { 16, "syscall_exit_sendfile64", { ret = 60 } } } } }
    local found = tables("iousagetop", "--output", "json", copies)
    assert.equal(60, found["Per-process I/O Read"][1].file)
    assert.equal(60, found["Per-process I/O Write"][1].net)
    assert.equal("/in", found["Per-file I/O Read"][1].path)
    assert.equal("socket (cp)", found["Per-file I/O Write"][1].path)
  end)
end)

describe("iolatencytop", function()
  it("says as text what took most of the time of a call", function()
    local example = (os.getenv "BUILD" or "build") .. "/example-trace"
    local words = { "iolatencytop", "--no-cache", "--gmt", "--width", "200", example }
    local text, slept, ran = host.run_as_is(table.unpack(words)).out, 0, 0
    for _, row in ipairs(host.rows("--output=json", table.unpack(words))) do
      local part = row.waited and row.waited / row.duration
      if part and not row.open then
        local most = part < 0.5 and ("CPU %.0f %%"):format(100 * (1 - part))
          or ("%s%s %.0f %%"):format(row.cause, row.disk and " " .. row.disk or "", 100 * part)
        slept, ran = slept + (part < 0.5 and 0 or 1), ran + (part < 0.5 and 1 or 0)
        assert.is_truthy(text:find(("  %s "):format(most), 1, true), most)
      end
    end
    assert.is_true(slept > 3 and ran > 3)
  end)

  it("finds what the original's own test has", function()
    local found = tables("iolatencytop", "--output", "json", integration_case())
    local read = found["Top system call latencies read"]
    assert.equal(2, #read)
    assert.same({ begin = 1008 * ms, ["end"] = 1009 * ms }, read[1].time_range)
    assert.same({ name = "app2", pid = false, tid = 100 }, read[1].process)
    assert.equal("testfile", read[1].path)
    assert.equal(42, read[2].size)
    assert.is_false(read[2].path) -- null: not known
    local open = found["Top system call latencies open"]
    assert.equal("test/open/file", open[1].path)
    assert.equal(42, open[1].file_descriptor)
    assert.is_false(open[1].size)
    assert.equal(1, #found["Top system call latencies write"])
    assert.is_nil(found["Top system call latencies sync"])
  end)

  it("has exactly the longest, and the first of equal ones", function()
    local events = { cpu = 0,
      { 1, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "app" } } }
    for i = 1, 500 do
      events[#events + 1] = { i * 1000, "syscall_entry_read", { fd = i, count = 1 } }
      events[#events + 1] = { i * 1000 + i * 37 % 101, "syscall_exit_read", { ret = 1 } }
    end
    local trace = host.trace { streams = { events } }
    local list = {}
    for i, row in ipairs(tables("iolatencytop", "--output", "json", "--limit", "7", trace)
      ["Top system call latencies read"]) do
      list[i] = row.duration .. ":" .. row.file_descriptor
    end
    -- i * 37 % 101 is 100 for i = 30 (37 * 30 = 1110 = 10 * 101 + 100), and each 101 later.
    assert.equal("100:30 100:131 100:232 100:333 100:434 99:60 99:161", table.concat(list, " "))
  end)
end)

describe("iolog", function()
  local trace = host.trace { streams = {
    { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "early" } },
      { 2 * ms, "syscall_entry_openat", { dfd = -100, filename = "/absent", flags = 0 } },
      { 3 * ms, "syscall_exit_openat", { ret = -2 } },
      { 4 * ms, "syscall_entry_read", { fd = 3, count = 4096 } },
      { 5 * ms, "sched_switch", { prev_tid = 7, next_tid = 0, next_comm = "swapper" } },
      { 9 * ms, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "renamed" } },
      { 10 * ms, "syscall_exit_read", { ret = 1536 } },
      { 11 * ms, "syscall_entry_close", { fd = 3 } },
      { 12 * ms, "syscall_exit_close", { ret = 0 } },
    },
    { cpu = 1,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 8, next_comm = "\27[2J中" } },
      { 6 * ms, "syscall_entry_fsync", { fd = 5 } },
      { 7 * ms + 500, "syscall_exit_fsync", { ret = 0 } },
      { 8 * ms, "syscall_entry_sync", {} },
      { 12 * ms, "syscall_exit_sync", { ret = 0 } },
    },
  } }

  it("is in order of the calls' begin, with the names of their end", function()
    assert.equal(([[
Timerange: [1970-01-01 00:00:00.001000000, 1970-01-01 00:00:00.012000000]

I/O operations log (usec):
Begin                End                  Name             Duration (usec)         Size  %s
[00:00:00.002000000, 00:00:00.003000000]  openat                   1000.000          N/A  %s
[00:00:00.004000000, 00:00:00.010000000]  read                     6000.000     1.50 KiB  %s
[00:00:00.006000000, 00:00:00.007000500]  fsync                    1000.500          N/A  %s
[00:00:00.008000000, 00:00:00.012000000]  sync                     4000.000          N/A  %s
[00:00:00.011000000, 00:00:00.012000000]  close                    1000.000          N/A  %s
]]):format("Proc                     PID      TID      Filename",
      "early                    ?        7        /absent",
      "renamed                  ?        7        unknown (fd=3)",
      "\\x1b[2J中                ?        8        unknown (fd=5)",
      "\\x1b[2J中                ?        8        N/A",
      "renamed                  ?        7        unknown (fd=3)"), out("iolog", trace))
  end)

  it("marks what began before the time that was asked for", function()
    local text = out("iolog", "--begin", "00:00:00.005", "--gmt", trace)
    assert.matches("%]%* read +6000%.000%* +1%.50 KiB", text)
    assert.matches("%]  fsync +1000%.500  ", text)
    assert.matches("\n%*: begun before the time range\n$", text)
    local rows = tables("iolog", "--begin", "5000000", "--output", "json", trace)
      ["I/O operations log"]
    assert.is_true(rows[1].out_of_range)
    assert.is_false(rows[2].out_of_range)
  end)

  it("is valid CSV and JSON, whatever names are", function()
    local csv = out("iolog", "--output", "csv", trace)
    local lines = host.csv(csv)
    assert.equal("Table,Time range begin (ns),Time range end (ns),Out of range,Duration (ns),Name,"
      .. "Size (bytes),Process,Process PID,Process TID,Path,File descriptor,Open",
      table.concat(lines[1], ","))
    assert.equal("I/O operations log,2000000,3000000,false,1000000,openat,,early,,7,/absent,,false",
      table.concat(lines[2], ","))
    assert.is_nil(csv:find("\27"))
    local rows = tables("iolog", "--output", "json", trace)["I/O operations log"]
    assert.equal("\27[2J中", rows[3].process.name)
  end)
end)

describe("iolatencyfreq", function()
  local events = { cpu = 0,
    { 1, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "app" } } }
  for i = 0, 10 do
    local name = i % 2 == 0 and "read" or "write"
    events[#events + 1] = { (i + 1) * 100000, "syscall_entry_" .. name, { fd = 1, count = 1 } }
    events[#events + 1] =
      { (i + 1) * 100000 + 1000 * (i + 1), "syscall_exit_" .. name, { ret = 1 } }
  end
  local trace = host.trace { streams = { events } }

  local function run(...)
    local result = host.run("iolatencyfreq", trace, "--freq-resolution", "2", ...)
    assert.equal(0, result.status, result.err)
    return result.out
  end

  it("has a table for each class, each with its own range or all with one", function()
    local text = run()
    assert.is_truthy(text:find("I/O request latency distribution read (µs)\n" .. ("#"):rep(80)
      .. "\n  1.000 " .. ("█"):rep(72) .. " 3\n  6.000 " .. ("█"):rep(72) .. " 3\n", 1, true), text)
    assert.is_truthy(text:find("\n  2.000 " .. ("█"):rep(48) .. (" "):rep(24) .. " 2\n", 1, true))
    assert.is_nil(text:find("open", 1, true))
    assert.is_truthy(run("--freq-uniform"):find("\n  1.000 " .. ("█"):rep(48), 1, true))
  end)

  it("is one table for machines with --freq-series", function()
    local csv = run("--freq-series", "--output", "csv")
    assert.equal('"Table","Duration (lower bound) (ns)","Duration (upper bound) (ns)","read",'
      .. '"write"\r\n"I/O request latency distributions",1000,6000,3,2\r\n'
      .. '"I/O request latency distributions",6000,11000,3,3\r\n', csv)
    local lami = json.decode(run("--freq-series", "--output", "lami"))
    assert.same({ title = "write", class = "number" },
      lami.results[1].class["column-descriptions"][4])
  end)

  it("refuses numbers of ranges that make no sense", function()
    for _, value in ipairs { "0", "-1", "x", "10001" } do
      assert.equal(2, host.run("iolatencyfreq", trace, "--freq-resolution", value).status)
    end
  end)
end)

describe("the family", function()
  local trace = host.small_trace()

  it("shows several results for one command, in its order", function()
    local text = out("iolatencystats", "--log", "--top", "--usage", "--freq", trace)
    local last = 0
    for _, title in ipairs { "Per-process I/O Read", "Syscalls latency statistics",
      "Top system call latencies", "I/O request latency distribution", "I/O operations log" } do
      local at = text:find(title, 1, true)
      assert.is_truthy(at and at > last, title)
      last = at
    end
    assert.equal(out("iolatencystats", trace), out("iolatencystats", "--stats", trace))
    assert.equal(out("iolatencystats,iolatencytop", trace), out("iolatencytop", "--stats", trace))
  end)

  it("has percentiles on demand", function()
    local text = out("iolatencystats", "--percentiles", trace)
    assert.matches("Stdev +P50 +P90 +P99 +P99%.9\n", text)
    assert.matches("\nRead +2 +2%.000 +3%.000 +4%.000 +1%.414 +2%.000 +4%.000 +4%.000 +4%.000\n",
      text)
  end)

  it("gives each script its own options", function()
    local both = out("iolatencytop:--limit=1,iolatencystats:--max=2us", trace)
    local _, rows = both:gsub("%]  read ", "")
    assert.equal(1, rows)
    assert.matches("\nRead +1 ", both)
    local lists = out("iolatencystats:--tid=99:--tid=10", "--min", "1", trace)
    assert.matches("\nRead +2 ", lists)
    for _, wrong in ipairs { "iolatencytop:--nothing", "iolatencytop:--begin=5", ",iolog" } do
      assert.equal(2, host.run(wrong, trace).status)
    end
    -- Colons and commas may be in values.
    assert.matches("\nRead +2 ", out("iolatencystats:--tid=99,10,iolatencytop", trace))
    local none = host.run("iolatencystats:--procname=app:x,iolog", trace)
    assert.matches("\nRead +0 ", none.out)
    assert.matches("no event has procname app:x", none.err, 1, true)
  end)

  it("shows each member once, and tells the same script with other options apart", function()
    assert.equal(out("iolatencystats,iolatencytop", trace),
      out("iolatencystats,iolatencytop", "--top", trace))
    local found = tables("iolatencytop:--limit=1,iolatencytop:--limit=2", "--output", "json", trace)
    assert.equal(1, #found["Top system call latencies read (iolatencytop:--limit=1)"])
    assert.equal(2, #found["Top system call latencies read (iolatencytop:--limit=2)"])
  end)

  it("lets scripts have options of the same name, each in its own way", function()
    local function script(read, default)
      return host.script(([[return require "lttnga.analysis" { title = "t", on = {},
        options = { { name = "depth", value = "N", read = "%s", default = %s } },
        tables = { { "t", "T", { { "Type" } }, rows = function(w)
          return { { math.type(w.options.depth) or type(w.options.depth) } } end } } }]])
        :format(read, default), read .. ".lua")
    end
    local one, other = script("count", "3"), script("text", "'7'")
    assert.matches("integer\n.*string\n", out(one .. "," .. other, trace))
    assert.matches("integer\n.*string\n", out(one .. "," .. other, "--depth", "5", trace))
  end)
end)

describe("--refresh", function()
  local trace = host.small_trace()

  it("gives a result for each interval, without gaps, and nothing is lost between", function()
    local found = {}
    for line in out("iolatencystats", "--refresh", "2ms", "--output", "json", trace)
      :gmatch("[^\n]+") do
      local row = json.decode(line)
      if row.type == "Read" then
        found[#found + 1] = row
      end
    end
    -- From 1 ms to 8.001 ms: four intervals. The reads are at 3 and 4 ms, on a descriptor from
    -- the first.
    assert.equal(4, #found)
    local counts = {}
    for i, row in ipairs(found) do
      counts[i] = row.count
      assert.equal((2 * i - 1) * ms, row.window.begin)
      assert.equal(i < 4 and (2 * i + 1) * ms or 8 * ms + 1000, row.window["end"])
    end
    assert.same({ 0, 2, 0, 0 }, counts)
  end)

  it("has an event on the border in the later interval", function()
    local text = out("iolog", "--refresh", "2.001ms", trace)
    local _, windows = text:gsub("Timerange: ", "")
    assert.equal(4, windows)
    -- The exit of openat is at 2.001 ms, the first border at 3.001 ms: 1 ms + 2.001 ms.
    local first = text:match("^(.-)\n\nTimerange")
    assert.matches("openat", first)
    -- A read is still open then.
    assert.is_nil(first:find("%d%] +read"))
  end)

  it("shows intervals without any event, too", function()
    local gap = host.trace { streams = { { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "app" } },
      { 10 * ms, "sched_switch", { prev_tid = 7, next_tid = 0, next_comm = "swapper" } } } } }
    local result = host.run("iolatencystats", "--refresh", "1ms", gap)
    local _, windows = result.out:gsub("Timerange: ", "")
    assert.equal(10, windows)
  end)

  it("keeps every window's tables for machines", function()
    local lami = json.decode(out("iolatencystats", "--refresh", "2ms", "--output", "lami", trace))
    local begins = {}
    for _, result in ipairs(lami.results) do
      if result.class == "syscall-latency-stats" then
        begins[#begins + 1] = result["time-range"].begin.value
      end
    end
    assert.same({ 1 * ms, 3 * ms, 5 * ms, 7 * ms }, begins)
  end)

  it("counts intervals of what was asked for, with the trace's end as the last one", function()
    local text = out("iolatencystats", "--begin", "0", "--end", "9223372036854775807",
      "--refresh", "2ms", trace)
    local _, windows = text:gsub("Timerange: ", "")
    assert.equal(5, windows)
    text = out("iolatencystats", "--begin", "0", "--end", "14000000", "--refresh", "2ms", trace)
    _, windows = text:gsub("Timerange: ", "")
    assert.equal(7, windows)
    assert.equal(2, host.run("iolatencystats", "--end", "1999-01-01 00:00:00", "--refresh", "2ms",
      trace).status)
    assert.equal(2, host.run("info", "--refresh", "1", trace).status)
  end)

  it("refuses intervals that make no sense", function()
    for value, pattern in pairs { ["0"] = "must be above 0", x = "invalid duration",
      ["-1"] = "invalid duration", ["1ns"] = "too many intervals: 7001001" } do
      local result = host.run("iolatencystats", "--refresh=" .. value, trace)
      assert.equal(2, result.status)
      assert.matches(pattern, result.err)
      assert.equal("", result.out)
    end
  end)
end)

describe("a call before the first switch of its CPU", function()
  it("is that of whoever runs there", function()
    local events = { cpu = 0 }
    for i, one in ipairs {
      { "syscall_entry_write", { fd = 1, count = 10 } },
      { "syscall_exit_write", { ret = 10 } },
      { "syscall_entry_read", { fd = 0, count = 10 } },
      { "sched_switch", { prev_tid = 8, prev_comm = "early", next_tid = 0, next_comm = "idle" } },
      { "sched_switch", { prev_tid = 0, prev_comm = "idle", next_tid = 8, next_comm = "early" } },
      { "syscall_exit_read", { ret = 10 } },
    } do
      local fields = one[2]
      fields["ctx.pid"], fields["ctx.procname"] = i == 5 and 0 or 7, i == 5 and "idle" or "early"
      events[i] = { i * ms, one[1], fields }
    end
    local rows = host.rows("iolog", "--output", "json",
      host.trace { contexts = { pid = 0, procname = "" }, streams = { events } })
    assert.same({ "write", "early", 7, 1 * ms },
      { rows[1].name, rows[1].process.name, rows[1].process.pid, rows[1].duration })
    assert.same({ "read", 8, 7, 3 * ms },
      { rows[2].name, rows[2].process.tid, rows[2].process.pid, rows[2].duration })
    assert.equal(2, #rows)
  end)
end)

describe("info", function()
  it("tells what a trace is and what can be done with it", function()
    local trace = host.small_trace()
    local text = host.run("info", trace).out
    assert.matches("\nHost +box\n", text)
    assert.matches("\nTracer +lttng%-modules 2%.13\n", text:gsub("2%.13%.%d", "2.13"))
    assert.matches("\nStreams +1, of CPUs 0\n", text)
    assert.matches("\nEvents +15\n", text)
    assert.matches("\niolog +fully\n", text:gsub(" +\n", "\n"))
    assert.matches("\nsyscall_entry_read +2\n", text)
    local bare = host.trace { streams = { { cpu = 0,
      { 1, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "app" } } } } }
    text = host.run("info", bare).out
    assert.matches("\niolog +no +syscall_entry, syscall_exit\n", text)
    assert.matches("\niousagetop +no +block_rq_complete, block_rq_issue, net_dev_xmit, ", text)
  end)
end)
