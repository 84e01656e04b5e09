--- What irqtop, syscalls, biolatency, biosnoop, opensnoop, filetop and fileslower show, of events
-- made for it. Whether their numbers are right in real traces, recipes_io_spec asks.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000

--- A trace of one CPU on which TID 10, "app", runs from 1 ms on: events at ms.
local function trace_of(...)
  local events = { cpu = 0,
    { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
  for _, event in ipairs { ... } do
    events[#events + 1] = { math.floor(event[1] * ms), event[2], event[3] }
  end
  return host.trace { streams = { events } }
end

--- A call as two events: begin, length (ms), name, entry, exit.
local function call(list, at, took, name, entry, leave)
  list[#list + 1] = { at, "syscall_entry_" .. name, entry }
  list[#list + 1] = { at + took, "syscall_exit_" .. name, leave }
end

--- Rows of an analysis: the columns that are named, in one line each.
local function rows_of(columns, ...)
  local rows = {}
  for i, row in ipairs((host.rows(...))) do
    local cells = {}
    for name in columns:gmatch "%S+" do
      local cell = row[name]
      cells[#cells + 1] = type(cell) == "table" and json.encode(cell) or tostring(cell)
    end
    rows[i] = table.concat(cells, " ")
  end
  return rows
end

local function text_of(...)
  local result = host.run_as_is(...)
  assert.equal(0, result.status, result.err)
  return result.out
end

describe("disk requests", function()
  local VDA, VDB = 8388608, 8388624

  local function issue(at, dev, sector, rwbs, nr_sector)
    return { at, "block_rq_issue", { dev = dev, sector = sector, nr_sector = nr_sector or 8,
      rwbs = rwbs, tid = 10, comm = "app" } }
  end

  local function complete(at, dev, sector, nr_sector)
    return { at, "block_rq_complete", { dev = dev, sector = sector, nr_sector = nr_sector or 8,
      error = 0 } }
  end

  local trace = trace_of(
    issue(2, VDA, 100, 4), issue(2.5, VDB, 100, 33), complete(3, VDB, 100), complete(3.5, VDA, 100),
    -- It has no data.
    issue(4, VDA, 0, 1280, 0), complete(4.5, VDA, 0, 0),
    issue(5, VDA, 200, 33), complete(5.1, VDA, 200, 3), complete(5.25, VDA, 203, 5),
    issue(6, VDA, 300, 33),
    { 7.5, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "x" } })

  it("are told by biosnoop as they are completed, and those in flight at the end", function()
    assert.same({
      "3000000 app (8,16) WS 100 4096 500000 false",
      "3500000 app (8,0) R 100 4096 1500000 false",
      "5250000 app (8,0) WS 200 4096 250000 false",
      "7500000 app (8,0) WS 300 4096 1500000 true",
    }, rows_of("time comm disk t sector bytes lat open", "biosnoop", "--output", "json", trace))
    local lines = text_of("biosnoop", "--gmt", trace)
    assert.matches("\nTIME +COMM +PID +DISK +T +SECTOR +BYTES +LAT\n", lines)
    assert.matches("\n00:00:00%.005250000  app +%?  %(8,0%) +WS +200 +4%.00 KiB +250%.000 us\n",
      lines)
    assert.matches(" 4%.00 KiB +> 1%.500 ms\n$", lines)
    assert.matches("\n +LAT +Open\n.* > 1%.500 ms +true\n$",
      text_of("biosnoop", "--columns", "lat,open", trace))
  end)

  it("are counted by biolatency in ranges that double, by disk and by flags", function()
    local bounds = "duration_lower_bound duration_upper_bound requests"
    assert.same({ "128000 256000 1", "256000 512000 1", "512000 1024000 0", "1024000 2048000 1" },
      rows_of(bounds, "biolatency", "--output", "json", trace))
    assert.same({ "(8,16) nil 256000 1", "(8,0) nil 128000 1", "(8,0) nil 256000 0",
      "(8,0) nil 512000 0", "(8,0) nil 1024000 1" },
      rows_of("disk flags duration_lower_bound requests", "biolatency", "-D", "--output", "json",
        trace))
    assert.same({ "nil WS 128000 1", "nil WS 256000 1", "nil R 1024000 1" },
      rows_of("disk flags duration_lower_bound requests", "biolatency", "--per-flag", "--output",
        "json", trace))
    assert.same({ "(8,16) WS 256000 1", "(8,0) R 1024000 1", "(8,0) WS 128000 1" },
      rows_of("disk flags duration_lower_bound requests", "biolatency", "-F", "-D", "--output",
        "json", trace))
    assert.matches("\nDisk latency: all disks\n +From  Requests", text_of("biolatency", trace))
    assert.matches("\nDisk latency: %(8,0%) WS\n", text_of("biolatency", "-D", "-F", trace))
    -- Few ranges are not divided.
    local lines = text_of("biolatency", "--max", "600us", trace)
    assert.matches("\n128 us +1 [^\n]*\n256 us +1 [^\n]*\n$", lines)
  end)

  it("have the name that a disk gets later", function()
    local named = trace_of(issue(2, VDA, 100, 4), complete(3, VDA, 100),
      { 4, "lttng_statedump_block_device", { dev = VDA, diskname = "vda" } },
      issue(5, VDA, 100, 1), complete(6, VDA, 100))
    assert.same({ "vda R", "vda W" },
      rows_of("disk flags", "biolatency", "-D", "-F", "--output", "json", named))
    assert.same({ "(8,0)", "vda" }, rows_of("disk", "biosnoop", "--output", "json", named))
  end)
end)

describe("calls of files", function()
  local list = {}
  call(list, 2, 1, "openat", { dfd = -100, filename = "/etc/a", flags = 0 }, { ret = 3 })
  call(list, 4, 12, "openat", { dfd = -100, filename = "/etc/b", flags = 65 }, { ret = -2 })
  call(list, 17, 1, "openat", { dfd = -100, filename = "", flags = 0 }, { ret = 4 })
  call(list, 19, 20, "dup", { fildes = 3 }, { ret = 5 })
  call(list, 40, 1, "socket", { family = 2, type = 1, protocol = 0 }, { ret = 6 })
  call(list, 42, 1, "openat", { dfd = -100, filename = "/dev/tty", flags = 2 }, { ret = 7 })
  call(list, 44, 11, "read", { fd = 3, count = 100 }, { ret = 60 })
  call(list, 56, 1, "read", { fd = 5, count = 100 }, { ret = 0 })
  call(list, 58, 1, "read", { fd = 3, count = 100 }, { ret = -5 })
  call(list, 60, 12, "read", { fd = 6, count = 100 }, { ret = 5 })
  call(list, 73, 1, "write", { fd = 7, count = 100 }, { ret = 100 })
  call(list, 75, 13, "write", { fd = 9, count = 100 }, { ret = 30 })
  call(list, 89, 10, "fsync", { fd = 3 }, { ret = 0 })
  call(list, 100, 14, "sync", {}, { ret = 0 })
  call(list, 115, 9, "fsync", { fd = 3 }, { ret = 0 })
  call(list, 125, 11, "sendfile64", { in_fd = 3, out_fd = 6, count = 10 }, { ret = 10 })
  list[#list + 1] = { 140, "syscall_entry_write", { fd = 3, count = 8 } }
  list[#list + 1] = { 155, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "x" } }
  local trace = trace_of(table.unpack(list))

  it("are told by opensnoop if they open one", function()
    local columns = "time comm fd err flags path"
    assert.same({ "3000000 app 3 nil O_RDONLY /etc/a",
      "16000000 app nil ENOENT O_WRONLY|O_CREAT /etc/b", "18000000 app 4 nil O_RDONLY nil",
      "43000000 app 7 nil O_RDWR /dev/tty" },
      rows_of(columns, "opensnoop", "--output", "json", trace))
    for _, flag in ipairs { "-x", "--failed" } do
      assert.same({ "16000000 app nil ENOENT O_WRONLY|O_CREAT /etc/b" },
        rows_of(columns, "opensnoop", flag, "--output", "json", trace))
    end
    local lines = text_of("opensnoop", "--gmt", trace)
    assert.matches("\nTIME +PID +COMM +FD +ERR +FLAGS +PATH\n", lines)
    assert.matches("\n00:00:00%.018000000 +%?  app +4 +O_RDONLY +%?\n", lines)
    assert.matches("  app +ENOENT +O_WRONLY|O_CREAT +/etc/b\n", lines)
  end)

  it("are added up by filetop, without those that failed, and without what is no file", function()
    local columns = "tid comm reads writes r_bytes w_bytes t file"
    -- Descriptor 9 may be a file.
    assert.same({ "10 app 3 0 70 0 file /etc/a", "10 app 0 1 0 30 unknown nil" },
      rows_of(columns, "filetop", "--output", "json", trace))
    assert.same({ "10 app 0 1 0 100 device /dev/tty", "10 app 3 0 70 0 file /etc/a",
      "10 app 0 1 0 30 unknown nil", "10 app 1 1 5 10 net socket" },
      rows_of(columns, "filetop", "-a", "--output", "json", trace))
    assert.matches("\n 10 +app +0 +1 +0   B +30   B +unknown +%?\n", text_of("filetop", trace))
  end)

  it("are told by fileslower if they took 10 ms, or --min", function()
    local columns = "time comm tid d bytes lat filename open"
    local slow = { "16000000 app 10 O nil 12000000 /etc/b false",
      "55000000 app 10 R 60 11000000 /etc/a false", "88000000 app 10 W 30 13000000 nil false",
      "99000000 app 10 S nil 10000000 /etc/a false", "114000000 app 10 S nil 14000000 nil false",
      "136000000 app 10 R 10 11000000 /etc/a false", "155000000 app 10 W nil 15000000 /etc/a true" }
    assert.same(slow, rows_of(columns, "fileslower", "--output", "json", trace))
    local function sorted(rows, ...)
      rows = table.move({ ... }, 1, select("#", ...), #rows + 1, table.move(rows, 1, #rows, 1, {}))
      table.sort(rows)
      return rows
    end
    assert.same(sorted(slow, "72000000 app 10 R 5 12000000 socket false",
      "136000000 app 10 W 10 11000000 socket false"),
      sorted(rows_of(columns, "fileslower", "--all", "--output", "json", trace)))
    assert.same({ slow[3], slow[5], slow[7] },
      rows_of(columns, "fileslower", "--min", "13ms", "--output", "json", trace))
    assert.same(sorted(slow, "124000000 app 10 S nil 9000000 /etc/a false"),
      sorted(rows_of(columns, "fileslower", "--min", "9ms", "--output", "json", trace)))
    assert.equal(12, #rows_of(columns, "fileslower", "--min", "0", "--output", "json", trace))
    assert.matches("> 15%.000 ms  /etc/a\n$", text_of("fileslower", trace))
    -- The default of --min is not in the way of --max.
    local quick = rows_of(columns, "fileslower", "--max", "9ms", "--output", "json", trace)
    assert.same(rows_of(columns, "fileslower", "--min", "0", "--max", "9ms", "--output", "json",
      trace), quick)
    assert.truthy(#quick > 0)
    assert.matches("%-%-min must not be above %-%-max",
      host.run("fileslower", "--min", "10ms", "--max", "9ms", trace).err)
  end)

  it("are counted by syscalls, with the time of all, and with errors", function()
    local columns = "syscall calls errors total min avg max errors_by_name"
    assert.same({ 'read 4 1 25000000 1000000 6250000 12000000 {"EIO":1}',
      "dup 1 0 20000000 20000000 20000000 20000000 {}",
      "fsync 2 0 19000000 9000000 9500000 10000000 {}",
      'openat 4 1 15000000 1000000 3750000 12000000 {"ENOENT":1}' },
      rows_of(columns, "syscalls", "--limit", "4", "--output", "json", trace))
    local shares, sum = rows_of("share", "syscalls", "--output", "json", trace), 0
    for i, share in ipairs(shares) do
      sum, shares[i] = sum + tonumber(share), ("%.6f"):format(share)
    end
    assert.equal(("%.6f"):format(25 / 119), shares[1])
    assert.is_true(math.abs(sum - 1) < 1e-9)
    local stddev = rows_of("stddev", "syscalls", "--limit", "3", "--output", "json", trace)
    assert.equal("nil", stddev[2])
    assert.equal(("%.9f"):format(0.5 / 9.5), ("%.9f"):format(stddev[3]))
    assert.matches("\nread +21%.01 %% +4 +1 [^\n]* EIO 1\n", text_of("syscalls", trace))
  end)
end)

describe("syscalls --by-process", function()
  it("has a row for each process and call, and one of those that nobody knows", function()
    local events = { cpu = 0 }
    local function add(at, event, fields, pid)
      fields["ctx.pid"] = pid
      events[#events + 1] = { at * ms, event, fields }
    end
    for i, tid in ipairs { 11, 12, 21 } do
      add(10 * i, "sched_switch", { prev_tid = 0, next_tid = tid, next_comm = "t" .. tid }, 0)
      add(10 * i + 1, "syscall_entry_getpid", {}, tid // 10 * 10)
      add(10 * i + 1 + i, "syscall_exit_getpid", { ret = 1 }, tid // 10 * 10)
    end
    local trace = host.trace { contexts = { pid = 0 }, streams = { events } }
    local rows = {}
    for i, row in ipairs((host.rows("syscalls", "--by-process", "--output", "json", trace))) do
      rows[i] = ("%d %s %d %d"):format(row.process.pid, row.syscall, row.calls, row.total)
    end
    assert.same({ "10 getpid 2 3000000", "20 getpid 1 3000000" }, rows)
    local list = {}
    call(list, 2, 1, "getpid", {}, { ret = 1 })
    local unknown = trace_of(table.unpack(list))
    assert.same({ "{} getpid 1" }, rows_of("process syscall calls", "syscalls", "--by-process",
      "--output", "json", unknown))
    assert.matches("\nunknown %(%?%) +getpid ", text_of("syscalls", "--by-process", unknown))
  end)
end)

describe("irqtop", function()
  local trace = trace_of(
    { 2, "irq_handler_entry", { irq = 7, name = "disk" } },
    { 3, "irq_handler_exit", { irq = 7, ret = 1 } },
    { 3.5, "irq_softirq_raise", { vec = 3 } }, { 4, "irq_softirq_entry", { vec = 3 } },
    { 7, "irq_softirq_exit", { vec = 3 } },
    { 8, "irq_softirq_entry", { vec = 1 } }, { 10, "irq_softirq_exit", { vec = 1 } },
    { 11, "irq_handler_entry", { irq = 8, name = "net" } },
    { 11.5, "irq_handler_exit", { irq = 8, ret = 1 } },
    { 12, "irq_handler_entry", { irq = 9, name = "late" } },
    { 14.5, "timer_hrtimer_cancel", { hrtimer = 1 } })
  local columns = "duration cpu type interrupt raise_latency open"

  it("has the longest of all kinds, and those in progress at the end", function()
    local rows = host.rows("irqtop", "--output", "json", trace)
    local found = {}
    for i, row in ipairs(rows) do
      found[i] = ("%s %s %d %s %s"):format(row.duration, row.type, row.interrupt.nr,
        row.raise_latency, row.open)
    end
    assert.same({ "3000000 SoftIRQ 3 500000 false", "2500000 IRQ 9 nil true",
      "2000000 SoftIRQ 1 nil false", "1000000 IRQ 7 nil false", "500000 IRQ 8 nil false" }, found)
    assert.matches(" > 2%.500 ms +0  IRQ +9 +late\n", text_of("irqtop", trace))
  end)

  it("has as many as are asked for, and of those that are", function()
    assert.equal(2, #rows_of(columns, "irqtop", "--limit", "2", "--output", "json", trace))
    assert.equal(2, #rows_of(columns, "irqtop", "--irq", "7,8", "--output", "json", trace))
    assert.equal(3, #rows_of(columns, "irqtop", "--irq", "7,8", "--softirq", "1", "--output",
      "json", trace))
    assert.equal(1, #rows_of(columns, "irqtop", "--min", "3ms", "--output", "json", trace))
    -- With the flag of another analysis it has its own limit.
    local many = {}
    for i = 1, 30 do
      many[2 * i - 1] = { 2 * i, "irq_handler_entry", { irq = i % 2, name = "x" } }
      many[2 * i] = { 2 * i + i / 100, "irq_handler_exit", { irq = i % 2, ret = 1 } }
    end
    local tops = 0
    for _, row in ipairs((host.rows("irqstats", "--top", "--output", "json",
      trace_of(table.unpack(many))))) do
      tops = tops + (row.table == "Longest interrupt handlers" and 1 or 0)
    end
    assert.equal(10, tops)
  end)
end)
