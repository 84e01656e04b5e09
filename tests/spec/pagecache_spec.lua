--- The page cache: pageflush, dirtytop and writeback, on a trace made by hand, and on real ones,
-- where a workload has logged what it did.
--
-- `TRACES="folder folder" make check` looks at the sums of more traces.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local VDA = 254 << 20
local DELAYED = -65536 -- what ext4 has instead of a block that it has not given out yet
local us = 1000

local function unpacked(name)
  local folder = host.path(name)
  assert(host.shell(("mkdir %s && tar -C %s --strip-components=1 -xJf tests/traces/%s.tar.xz")
    :format(folder, folder, name)).status == 0)
  return folder
end

--- The rows of a run, by table.
local function tables_of(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  local tables = {}
  for line in result.out:gmatch("[^\n]+") do
    local row = assert(json.decode(line))
    tables[row.table] = tables[row.table] or {}
    table.insert(tables[row.table], row)
  end
  return tables, result
end

--- "app" (7) writes two pages to /data and syncs them, with a journal and a cache flush; "hog" (8)
-- has made three pages of /big dirty, of which a kernel thread has written one.
local function small()
  local function event(at, name, fields)
    return { at * us, name, fields }
  end
  local function switch(at, prev, prev_state, next_tid, comm)
    return event(at, "sched_switch", { prev_tid = prev, prev_prio = 20,
      prev_state = prev_state, next_tid = next_tid, next_comm = comm, next_prio = 20 })
  end
  local function issue(at, sector, nr_sector, rwbs, tid, comm)
    return event(at, "block_rq_issue", { dev = VDA, sector = sector, nr_sector = nr_sector,
      rwbs = rwbs, tid = tid, comm = comm })
  end
  local function complete(at, sector, nr_sector, rwbs)
    return event(at, "block_rq_complete", { dev = VDA, sector = sector, nr_sector = nr_sector,
      rwbs = rwbs, error = 0 })
  end
  local function dirty(at)
    return event(at, "block_dirty_buffer", { dev = VDA, sector = DELAYED, size = 4096 })
  end
  return host.trace { streams = { { cpu = 0,
    event(1, "lttng_statedump_block_device", { dev = VDA, diskname = "vda" }),
    switch(10, 0, 0, 8, "hog"),
    event(11, "syscall_entry_openat", { dfd = -100, filename = "/big", flags = 577 }),
    event(12, "syscall_exit_openat", { ret = 3 }),
    event(20, "syscall_entry_write", { fd = 3, count = 12288 }), dirty(21), dirty(22), dirty(23),
    event(24, "syscall_exit_write", { ret = 12288 }),
    switch(30, 8, 1, 7, "app"),
    event(31, "syscall_entry_openat", { dfd = -100, filename = "/data", flags = 577 }),
    event(32, "syscall_exit_openat", { ret = 4 }),
    event(40, "syscall_entry_write", { fd = 4, count = 4097 }), dirty(41), dirty(42),
    event(43, "syscall_exit_write", { ret = 4097 }),
    switch(50, 7, 0, 9, "kworker/u4:1"), event(50, "writeback_start", { name = "254:0" }),
    issue(51, 8000, 8, 1, 9, "kworker/u4:1"),
    complete(55, 8000, 8, 1), event(56, "writeback_pages_written", { pages = 1 }),
    switch(60, 9, 128, 7, "app"),
    event(100, "syscall_entry_fsync", { fd = 4 }),
    issue(110, 80, 16, 33, 7, "app"), switch(120, 7, 2, 0, "swapper/0"),
    complete(150, 80, 16, 33),
    event(155, "sched_waking", { comm = "app", tid = 7, prio = 20, target_cpu = 0 }),
    switch(160, 0, 0, 7, "app"),
    event(165, "sched_waking", { comm = "jbd2/vda-8", tid = 151, prio = 20, target_cpu = 0 }),
    switch(170, 7, 2, 151, "jbd2/vda-8"), issue(175, 800, 48, 97, 151, "jbd2/vda-8"),
    complete(190, 800, 48, 97), issue(191, 0, 0, 1280, 151, "jbd2/vda-8"),
    complete(211, -1, 0, 1280),
    event(219, "sched_waking", { comm = "app", tid = 7, prio = 20, target_cpu = 0 }),
    switch(220, 151, 1, 7, "app"),
    event(230, "syscall_exit_fsync", { ret = 0 }) } } }
end

-- luacheck: push no max line length
local CALL = [[
Timerange: [1970-01-01 00:00:00.000001000, 1970-01-01 00:00:00.000230000]

Calls that wrote or synced files
[00:00:00.000100000 - 00:00:00.000230000] app (7) fsync(fd = 4 </data>) = 0, 0.130 ms
                                          on CPU             0.040 ms  31 %  ██████
                                          runnable           0.006 ms   5 %  █
                                          data               0.030 ms  23 %  █████                1 request, 8.00 KiB
                                          journal            0.029 ms  22 %  ████                 1 request meanwhile, 24.00 KiB by jbd2/vda-8
                                          cache flush        0.020 ms  15 %  ███                  1 time meanwhile
                                          rest               0.005 ms   4 %  █
                                          2 page(s) written to disk, by any thread
                                          2 dirty page(s) were flushed:
                                                app (7): 2 pages
                                                 - /data : 2 pages
                                          2 active dirty filesystem page(s) (known):
                                                hog (8): 2 pages
                                                 - /big : 2 pages
]]
-- luacheck: pop

describe("pageflush", function()
  it("says whose pages a sync flushed, and where its time went", function()
    local result = host.run("pageflush", "--gmt", "--latency", "0.1", small())
    assert.equal("", (result.err:gsub("[^\n]*no mm_page_alloc[^\n]*\n", "")))
    assert.equal(CALL, result.out)
  end)

  it("tells machines the same", function()
    local tables = tables_of("pageflush", "--output", "json", small())
    local call = tables["Calls that wrote or synced files"][1]
    assert.equal("fsync", call.name)
    assert.equal(130 * us, call.duration)
    assert.equal(call.duration, call.on_cpu + call.runnable + call.data + call.journal
      + call.cache_flush + call.others + call.throttled + call.rest)
    assert.equal(2, call.flushed_pages)
    assert.equal(0, call.guessed_pages)
    assert.equal(2, call.dirty_pages)
    local flushed = tables["Flushed pages"]
    assert.equal(1, #flushed)
    assert.equal("/data", flushed[1].path)
    assert.equal(7, flushed[1].process.tid)
    assert.equal("/big", tables["Pages that were still dirty"][1].path)
  end)

  it("shows what was asked for", function()
    local trace = small()
    local function calls(...)
      local names = {}
      local rows = tables_of("pageflush", "--output", "json", ...)
      for _, row in ipairs(rows["Calls that wrote or synced files"] or {}) do
        names[#names + 1] = row.name .. " " .. row.path
      end
      return names
    end
    assert.same({ "fsync /data", "write /big", "write /data" }, calls(trace))
    assert.same({ "fsync /data", "write /big" }, calls("--latency", "4us", trace))
    assert.same({ "fsync /data" }, calls("--latency", "0.1", trace))
    assert.same({}, calls("--latency", "131us", trace))
    assert.same({ "write /big" }, calls("--procname", "hog", trace))
    assert.same({ "write /big" }, calls("--path", "/b*", trace))
    assert.same({ "write /big" }, calls("--fd", "3", trace))
    assert.matches(" write%(fd = 3 </big>, count = 12288%) = 12288, 0%.004 ms\n",
      host.run("pageflush", "--fd", "3", trace).out)
    assert.same({ "fsync /data" }, calls("--minpages", "2", trace))
    assert.same({}, calls("--minpages", "3", trace))
    assert.same({ "fsync /data" }, calls("--limit", "1", trace))
    local result = host.run("pageflush", "--latency", "long", trace)
    assert.equal(2, result.status)
    assert.matches("invalid duration 'long'", result.err)
  end)

  it("shows the longest calls, the longest first, whether they waited or not", function()
    local function event(at, name, fields)
      return { at * us, name, fields }
    end
    local function switch(at, prev, state, next_tid, comm)
      return event(at, "sched_switch", { prev_tid = prev, prev_prio = 20,
        prev_state = state, next_tid = next_tid, next_comm = comm, next_prio = 20 })
    end
    local events = { cpu = 0, switch(1, 0, 0, 7, "dd"),
      event(2, "syscall_entry_openat", { dfd = -100, filename = "/f", flags = 577 }),
      event(3, "syscall_exit_openat", { ret = 3 }) }
    local function call(begin, name, duration, ...)
      events[#events + 1] = event(begin, "syscall_entry_" .. name, { fd = 3, count = 1 })
      for _, one in ipairs { ... } do
        events[#events + 1] = one
      end
      events[#events + 1] = event(begin + duration, "syscall_exit_" .. name, { ret = 1 })
    end
    call(10, "write", 1)
    call(100, "write", 900) -- runs
    -- It waits for a CPU.
    call(2000, "write", 500, switch(2001, 7, 0, 8, "hog"), switch(2499, 8, 1, 7, "dd"))
    call(3000, "fsync", 700, switch(3001, 7, 2, 0, "swapper/0"), switch(3699, 0, 0, 7, "dd"))
    local out = host.run("pageflush", "--limit", "3", host.trace { streams = { events } }).out
    local found = {}
    for name, ms in out:gmatch " (%w+)%(fd = 3[^\n]* ([%d.]+) ms\n" do
      found[#found + 1] = name .. " " .. ms
    end
    assert.same({ "write 0.900", "fsync 0.700", "write 0.500" }, found)
    assert.matches("%(the 3 longest of 4%)", out)
  end)

  it("shows calls that go on when the time ends below the others, outside of all sums", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "dd", next_prio = 20,
        prev_state = 0, prev_comm = "x", prev_prio = 20 } },
      { 2000, "syscall_entry_openat", { dfd = -100, filename = "/f", flags = 577 } },
      { 3000, "syscall_exit_openat", { ret = 3 } },
      { 4000, "syscall_entry_write", { fd = 3, count = 4 } },
      { 8000, "syscall_exit_write", { ret = 4 } },
      { 1000000, "syscall_entry_fsync", { fd = 3 } },
      { 3000000, "sched_switch", { prev_tid = 7, next_tid = 0, next_comm = "swapper/0",
        next_prio = 20, prev_state = 2, prev_comm = "dd", prev_prio = 20 } },
      { 9000000, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "dd",
        next_prio = 20, prev_state = 0, prev_comm = "x", prev_prio = 20 } },
      { 10000000, "syscall_exit_fsync", { ret = 0 } } } } }
    local out = host.run("pageflush", "--end", "5000000", "--gmt", trace).out
    assert.matches("synced files\n%[00:00:00.000004000 %- 00:00:00.000008000%] dd %(7%) write", out)
    assert.matches("\n%[00:00:00.001000000 %- open%] dd %(7%) fsync%(fd = 3 </f>%), "
      .. "> 4.000 ms so far\n +on CPU +2.000 ms +50 %%.*\n +rest +2.000 ms +50 %%", out)
    local rows = {}
    for line in host.run("pageflush", "--refresh", "5ms", "--output", "json", trace).out
      :gmatch '{"table":"Calls[^\n]+' do
      rows[#rows + 1] = line:match '"name":"(%w+)"' .. " " .. line:match '"duration":(%d+)'
        .. " " .. line:match '"open":(%w+)'
    end
    assert.same({ "write 4000 false", "fsync 4001000 true", "fsync 9000000 false" }, rows)
  end)

  it("says what is missing, and how to record it", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1, "syscall_entry_fsync", { fd = 3 } }, { 2, "syscall_exit_fsync", { ret = 0 } },
      { 3, "sched_switch", { prev_tid = 7, next_tid = 0 } } } } }
    local err = host.run("pageflush", trace).err
    assert.matches("pageflush: .*'Flushed pages'.* may be empty: .* no block_dirty_buffer", err)
    assert.matches("%(lttnga%-record records them%)\n$", err)
  end)
end)

describe("pageflush's names", function()
  --- Calls that write so many pages to a file and sync it: { tid, name, path, new, synced }.
  local function calls(list)
    local events, at = { cpu = 0 }, 0
    local function add(name, fields)
      at = at + 10 * us
      events[#events + 1] = { at, name, fields }
    end
    local before = 0
    for _, call in ipairs(list) do
      add("sched_switch", { prev_tid = before, prev_prio = 20, prev_state = 1,
        next_tid = call.tid, next_comm = call.name, next_prio = 20 })
      before = call.tid
      add("syscall_entry_openat", { dfd = -100, filename = call.path, flags = 577 })
      add("syscall_exit_openat", { ret = 3 })
      add("syscall_entry_write", { fd = 3, count = call.new * 4096 })
      for _ = 1, call.new do
        add("block_dirty_buffer", { dev = VDA, sector = DELAYED, size = 4096 })
      end
      add("syscall_exit_write", { ret = call.new * 4096 })
      add("syscall_entry_fsync", { fd = 3 })
      add("block_rq_issue", { dev = VDA, sector = at, nr_sector = 8, rwbs = 33, tid = call.tid,
        comm = call.name })
      -- One of them fails: what it has not written stays dirty.
      add("syscall_exit_fsync", { ret = -5 })
      if call.exits then
        add("sched_process_exit", { comm = call.name, tid = call.tid, prio = 20 })
      end
    end
    return host.trace { streams = { events } }
  end

  it("take globs for what a shell does", function()
    local list = {}
    for i, path in ipairs { "f0", "f9", "fa", "f-", "a/f0", "[x", "x*", "xyz", ".", "f%d" } do
      list[i] = { tid = 10 + i, name = "app", path = path, new = 1 }
    end
    local trace = calls(list)
    local function found(glob)
      local paths = {}
      for _, row in ipairs(tables_of("pageflush", "--output", "json", "--path", glob,
          trace)["Calls that wrote or synced files"] or {}) do
        paths[#paths + 1] = row.name == "fsync" and row.path or nil
      end
      return table.concat(paths, " ")
    end
    assert.equal("f0 f9", found("f[0-9]"))
    assert.equal("f0 f9 fa", found("f[a-z0-9]"))
    assert.equal("f0 f9 f-", found("f[!a%]"))
    assert.equal("f-", found("f[-]"))
    assert.equal("f0 f9 fa f-", found("f?"))
    assert.equal("f0 a/f0", found("*f0"))
    assert.equal("[x", found("[x"))
    assert.equal("x*", found("x[*]"))
    assert.equal("x* xyz", found("x*"))
    assert.equal(".", found("."))
    assert.equal("f%d", found("*%d"))
    assert.equal("", found("f[a"))
  end)

  it("tell a TID's owners apart", function()
    local trace = calls { { tid = 8, name = "first", path = "/a", new = 3, exits = true },
      { tid = 8, name = "second", path = "/b", new = 2 } }
    local tables = tables_of("dirtytop", "--output", "json", trace)
    local rows = {}
    for _, row in ipairs(tables["Per-process dirtied pages"]) do
      rows[row.process.name] = { row.dirtied_pages, row.flushed_pages, row.still_dirty }
    end
    assert.same({ first = { 3, 1, 2 }, second = { 2, 1, 1 } }, rows)
    local left = tables_of("pageflush", "--output", "json", "--procname", "second",
      trace)["Pages that were still dirty"]
    assert.same({ "first", "/a", 2 }, { left[1].process.name, left[1].path, left[1].pages })
  end)

  it("are not all shown, nor all calls", function()
    local list = {}
    for i = 1, 12 do
      list[i] = { tid = 10 + i, name = "app" .. i, path = "/f" .. i, new = 2 }
    end
    local out = host.run("pageflush", calls(list)).out
    assert.matches("\nCalls that wrote or synced files %(the 10 longest of 24%)\n", out)
    assert.matches("\n +and 5 more\n", out)
    assert.equal(12, select(2, host.run("pageflush", "--limit", "0", calls(list)).out
      :gsub("%) fsync%(", "")))
  end)
end)

describe("dirtytop", function()
  it("says who made pages dirty, for how long, and who waited", function()
    local tables = tables_of("dirtytop", "--output", "json", small())
    local hog, app = table.unpack(tables["Per-process dirtied pages"])
    assert.same({ "hog", 3, 1, 0, 2 }, { hog.process.name, hog.dirtied_pages, hog.flushed_pages,
      hog.deleted_pages, hog.still_dirty })
    assert.same({ "app", 2, 2, 0 }, { app.process.name, app.dirtied_pages, app.flushed_pages,
      app.still_dirty })
    local files = tables["Dirtied files"]
    assert.same({ "/big", 3, "hog" }, { files[1].path, files[1].dirtied_pages, files[1].processes })
    local ages = tables["Time that flushed pages had been dirty"]
    assert.equal(1, #ages)
    assert.equal(3, ages[1].pages)
    local own, background = table.unpack(tables["Processes that waited for pages to be written"])
    assert.same({ "app", "fsync", 2, 0 },
      { own.process.name, own.call, own.own_pages, own.pages_of_others })
    assert.same({ "kworker", "in the background", 0, 1 }, { background.process.name,
      background.call, background.own_pages, background.pages_of_others })
  end)

  it("tells what was dirty before the time begins from what became so", function()
    local tables = tables_of("dirtytop", "--output", "json", "--gmt", "--begin", "00:00:00.000035",
      small())
    local rows = {}
    for _, row in ipairs(tables["Per-process dirtied pages"]) do
      rows[row.process.name] = { row.dirtied_pages, row.flushed_pages, row.still_dirty }
    end
    assert.same({ hog = { 0, 1, 2 }, app = { 2, 2, 0 } }, rows)
  end)

  it("goes on from one window to the next", function()
    local tables = tables_of("dirtytop", "--output", "json", "--refresh", "50us", small())
    local sum, still = 0, {}
    for _, row in ipairs(tables["Per-process dirtied pages"]) do
      sum = sum + row.dirtied_pages
      still[row.process.name] = row.still_dirty
    end
    assert.equal(5, sum)
    assert.same({ hog = 2, app = 0 }, still)
  end)
end)

describe("writeback", function()
  it("says what was written where, for whom, and by whom", function()
    local tables = tables_of("writeback", "--output", "json", small())
    local disk = tables["Written to disks"][1]
    assert.same({ "vda", 8192 + 4096 + 24576, 0, 8192, 4096, 0, 24576 }, { disk.disk, disk.written,
      disk.known_by_blocks, disk.known_by_file, disk.guessed, disk.unknown_pages,
      disk.other_writes })
    local caused = tables["Dirty pages written, by the process that dirtied them"]
    assert.same({ "app", 2, "hog", 1 },
      { caused[1].process.name, caused[1].pages, caused[2].process.name, caused[2].pages })
    local round = tables["Flusher rounds"][1]
    assert.same({ "vda", 1, 1, 6 * us },
      { round.disk, round.rounds, round.pages, round.total_duration })
    -- In windows everything counts when it goes to the disk.
    local other = 0
    for _, row in ipairs(tables_of("writeback", "--output", "json", "--refresh", "3us",
        small())["Written to disks"]) do
      assert.is_true(row.other_writes >= 0)
      other = other + row.other_writes
    end
    assert.equal(24576, other)
  end)
end)

-- ---- Real traces ----

--- What must be so whatever a trace holds: a ledger of what is dirty, by owner and file.
local ledger = [[
  local analysis = require "lttnga.analysis"
  local owners, sum, dirty, sync = {}, 0, 0, 0
  local function add(tid, path, size, now)
    local key = tostring(tid) .. " " .. tostring(path)
    owners[key] = (owners[key] or 0) + size
    sum, dirty = sum + size, now
    assert(owners[key] >= 0, "more has gone than came: " .. key)
  end
  return analysis { title = "ledger", on = {
    page_dirty = function(tid, path, size, dirty) add(tid, path, size, dirty) end,
    page_drop = function(owner_tid, path, size, dirty, why)
      assert(why == "deleted" or why == "settled")
      add(owner_tid, path, -size, dirty)
    end,
    page_flush = function(owner_tid, path, size, dirty, how, owner_procname)
      if how == "unknown" then
        assert(not owner_tid and not path and not owner_procname)
      else
        add(owner_tid, path, -size, dirty)
      end
    end,
    sync_end = function(on_cpu, runnable, data, journal, flush, others, throttled, rest, duration)
      local parts = { on_cpu, runnable, data, journal, flush, others, throttled, rest }
      local total = 0
      for _, part in ipairs(parts) do
        assert(part >= 0)
        total = total + part
      end
      assert(total == duration)
      sync = sync + 1
    end,
  }, tables = { { "x", "X", { { "Sum", "number" }, { "Dirty", "number" }, { "Calls", "number" } },
    rows = function() return { { sum, dirty, sync } } end } } }
]]

local traces = { (os.getenv("BUILD") or "build") .. "/example-trace" }
for _, name in ipairs { "vim-sync", "compat", "lost", "ust-and-kernel" } do
  traces[#traces + 1] = unpacked(name)
end
for folder in (os.getenv("TRACES") or ""):gmatch("%S+") do
  traces[#traces + 1] = folder
end

describe("what is dirty", function()
  for _, folder in ipairs(traces) do
    it("adds up on " .. folder:match("[^/]*$"), function()
      local script = host.script(ledger)
      local tables = tables_of(script, "--output", "json", folder)
      local row = tables.X[1]
      assert.equal(row.dirty, row.sum)
      assert.is_true(row.calls > 0)
      -- The same from the middle on.
      local range = json.decode(host.run("cputop", "--output", "lami", folder).out)
        .results[1]["time-range"]
      local middle = (range.begin.value + range["end"].value) // 2
      row = tables_of(script, "--output", "json", "--begin", tostring(middle), folder).X[1]
      assert.equal(row.dirty, row.sum)
    end)
  end
end)

describe("a workload's own log", function()
  --- What it did, in its order: { call =, file =, size = }.
  local function logged(folder)
    local steps = {}
    for line in io.lines(folder .. "/dirty.log") do
      local call, file, size = line:match("^%S+ %d+ (%l[%l_]*) (%S+) ?(%d*)")
      if call and call ~= "start" then
        steps[#steps + 1] = { call = call, file = file, size = tonumber(size) }
      end
    end
    return steps
  end

  it("agrees with pageflush about the pages of each sync", function()
    local folder = unpacked("vim-sync")
    local rows = tables_of("pageflush", "--output", "json", "--procname", "python3", "--limit", "0",
      folder .. "/kernel")["Calls that wrote or synced files"]
    local flushed = {}
    for _, row in ipairs(rows) do
      flushed[#flushed + 1] = not row.name:find("write", 1, true) and row or nil
    end
    table.sort(flushed, function(a, b) return a.time_range.begin < b.time_range.begin end)
    local at, appended, compared = 0, 0, 0
    local size
    for _, step in ipairs(logged(folder)) do
      if step.call == "write" or step.call == "pwrite" then
        size = step.size
      elseif step.call == "fsync" or step.call == "fdatasync" or step.call == "sync_file_range"
        or step.call == "msync" then
        at = at + 1
        local row = flushed[at]
        assert.equal(step.call, row.name)
        local pages = size and (size + 4095) // 4096
        if step.call == "fdatasync" then
          -- Each appends 777 bytes: to one page, or to the end of one and the begin of the next.
          pages = (appended + 776) // 4096 - appended // 4096 + 1
          appended = appended + 777
        elseif step.call == "msync" then
          pages = 64
        end
        assert.equal(pages, row.flushed_pages, step.call .. " " .. step.file)
        assert.equal(0, row.guessed_pages)
        assert.equal(pages * 4096, row.data_size)
        assert.is_true(row.journal_size > 0 or step.call == "sync_file_range")
        if step.call ~= "msync" then
          assert.equal(step.file, row.path)
        end
        compared = compared + 1
      end
    end
    assert.equal(#flushed, at)
    assert.equal(6 + 8 + 30 + 1, compared)
  end)
end)
