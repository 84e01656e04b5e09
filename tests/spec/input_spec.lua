--- Traces as people have them, and what is no trace: one clear line, and the right exit status.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"
local example = build .. "/example-trace"
local small = host.small_trace()

--- A copy of a trace, to be spoilt.
local function copy(trace)
  local path = host.path("copy")
  assert(host.shell(("cp -r %s %s"):format(trace, path)).status == 0)
  return path
end

local function fails(status, pattern, ...)
  local result = host.run(...)
  assert.equal(status, result.status, result.err)
  assert.equal("", result.out)
  assert.matches("^lttnga%-run: [^\n]*\n", result.err)
  assert.matches(pattern, result.err)
  -- One line, and for the command line's faults the hint to --help.
  local _, lines = result.err:gsub("\n", "")
  assert.equal(status == 2 and 2 or 1, lines, result.err)
end

describe("a trace", function()
  local expected = host.run("iolatencystats", small).out

  it("may be one of several folders below, under any name", function()
    local parent = host.path("session")
    os.execute(("mkdir -p %s/deep/er && cp -r %s %s/deep/er/any-name")
      :format(parent, small, parent))
    local result = host.run("iolatencystats", parent)
    assert.equal(0, result.status)
    assert.equal(expected, result.out)
  end)

  it("may be one of several of the same machine", function()
    local early = host.trace { streams = { { cpu = 0,
      { 1, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } } } }
    assert.equal(0, host.run("iolatencystats", early, small, "--no-intersection").status)
  end)

  it("of user space is nothing that analyses of the kernel know of", function()
    local ust = host.trace { env = { domain = "ust", hostname = "box" },
      streams = { { cpu = 0, { 5, "app:event", { x = 1 } } } } }
    local result = host.run("iolatencystats", small, ust)
    assert.equal(0, result.status)
    assert.equal(expected, result.out)
    assert.equal("", result.err)
    fails(1, "only a user%-space trace", "iolatencystats", ust)
  end)

  it("may be behind symbolic links, which may lead in circles, or to a whole disk", function()
    local parent = host.path("linked")
    os.execute(("mkdir -p %s/in && ln -s %s %s/in/a-link && ln -s .. %s/in/up && ln -s %s %s/in/z")
      :format(parent, small, parent, parent, small, parent))
    local result = host.run("iolatencystats", parent)
    assert.equal(expected, result.out)
    assert.equal("", result.err)
    -- Named twice it is read once.
    assert.equal(expected, host.run("iolatencystats", parent, small).out)
    local folders = {}
    for n = 1, 5000 do
      folders[n] = ("%s/many/%d"):format(parent, n)
    end
    for n = 1, 5000, 500 do
      os.execute("mkdir -p " .. table.concat(folders, " ", n, n + 499))
    end
    os.execute(("mkdir %s/other && cp -r %s %s/other/trace && ln -s ../many %s/other/all"):format(
      parent, small, parent, parent))
    result = host.run("iolatencystats", parent .. "/other")
    assert.equal(expected, result.out)
    assert.matches("symbolic links lead to more than 4096 directories", result.err)
  end)

  it("of which much is left out, since not all CPUs have it, is said to be", function()
    local s = 1000000000
    local streams = { { cpu = 0 }, { cpu = 1 } }
    for n = 1, 10 do
      table.insert(streams[1], { n * s, "sched_waking", { tid = n } })
    end
    table.insert(streams[2], { 8 * s, "sched_switch", { prev_tid = 0, next_tid = 20 } })
    table.insert(streams[2], { 10 * s, "sched_switch", { prev_tid = 20, next_tid = 0 } })
    local trace = host.trace { streams = streams }
    local note = "^lttnga%-run: note: only 2.0 of 9.0 s are read: CPU 1 was recorded only from "
      .. "00:00:08.000000000; use %-%-no%-intersection to read everything\n$"
    assert.matches(note, host.run("cputop", trace).err)
    -- Nothing of what was asked for is left out, or all of it is read.
    assert.equal("", host.run("cputop", "--begin", "00:00:08.5", trace).err)
    assert.equal("", host.run("cputop", "--no-intersection", trace).err)
    assert.matches("only 1.0 of 2.0 s are read", host.run("cputop", "--timerange",
      "[00:00:07,00:00:09]", trace).err)
  end)

  it("shows that the time of day was set, as far as calls tell", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, next_tid = 7, next_comm = "date" } },
      { 2000, "syscall_entry_clock_settime", { which_clock = 0 } },
      { 3000, "syscall_exit_clock_settime", { ret = 0 } } } } }
    assert.matches("Time of day +set by 1 call; event times are not affected\n",
      host.run("info", trace).out)
    assert.is_nil(host.run("info", small).out:match("Time of day"))
  end)

  it("of perf is refused by its name, or left out", function()
    local perf = host.trace { env = { domain = "kernel", host = "box", tracer_name = "perf" },
      streams = { { cpu = 0, { 5, "sched:sched_switch", { prev_pid = 1 } } } } }
    fails(1, "contains only a perf trace: the analyses need an LTTng kernel trace",
      "iolatencystats", perf)
    local result = host.run("iolatencystats", small, perf)
    assert.equal(expected, result.out)
    assert.matches("^lttnga%-run: note: [^\n]* is a perf trace and is ignored\n$", result.err)
  end)

  it("is merged in order of time, however many streams it has", function()
    -- Each entry is on the CPU of its number, and each exit on another one.
    local streams = {}
    for cpu = 0, 39 do
      streams[cpu + 1] = { cpu = cpu,
        { 100 + cpu, "sched_switch", { prev_tid = 0, next_tid = 1000 + cpu, next_comm = "a" } },
        { 200 + cpu, "syscall_entry_read", { fd = 0, count = 1 } },
        { 250 + cpu, "sched_switch",
          { prev_tid = 1000 + cpu, next_tid = 0, next_comm = "swapper" } },
        { 300 + cpu, "sched_switch",
          { prev_tid = 0, next_tid = 1000 + (cpu + 1) % 40, next_comm = "a" } },
        { 400 + cpu, "syscall_exit_read", { ret = 1 } } }
    end
    local trace = host.trace { streams = streams }
    local result = host.run("iolatencystats", trace, "--no-intersection")
    -- 39 of them end 199 ns after their entry; the last goes to CPU 39 and ends after 239 ns.
    assert.matches("Read +40 +0%.199 +0%.200 +0%.239 ", result.out)
  end)

  it("tells lost events with CPU, time and number", function()
    local trace = host.trace { streams = { { cpu = 3, packets = {
      { { 1000, "sched_switch", { prev_tid = 0, next_tid = 1, next_comm = "x" } } },
      { lost = 7, to = 9000,
        { 5000, "sched_switch", { prev_tid = 1, next_tid = 0, next_comm = "x" } } },
    } } } }
    local result = host.run("iolatencystats", trace)
    assert.equal(0, result.status)
    assert.matches("7 events lost %([%d.]+ %%%): results may", result.err)
    assert.matches("CPU 3: 7 events lost %([%d.]+ %%%) between 00:00:00.000005000 and "
      .. "00:00:00.000009000",
      result.err)
    result = host.run("iolatencystats", "--output", "lami", trace)
    assert.matches('"lost":%[{"stream":[^}]*"cpu":3,"events":7,"packets":0,', result.out)
  end)

  it("is read between the limits only, but known from its begin", function()
    local result = host.run("iolatencystats", small, "--begin", "00:00:00.006", "--gmt")
    assert.matches("^Timerange: %[1970%-01%-01 00:00:00%.006000000, ", result.out)
    assert.matches("Open +0 .*Sync +1 ", result.out)
  end)

  it("without streams in common is refused, and read with --no-intersection", function()
    local apart = host.trace { streams = {
      { cpu = 0, { 1000, "sched_switch", { prev_tid = 0, next_tid = 1, next_comm = "x" } } },
      { cpu = 1, { 9000, "sched_switch", { prev_tid = 0, next_tid = 1, next_comm = "x" } } } } }
    fails(1, "no time in common: use %-%-no%-intersection", "iolatencystats", apart)
    assert.equal(0, host.run("iolatencystats", "--no-intersection", apart).status)
  end)

  it("has integers as enumerations, or as bytes in network order", function()
    local odd = host.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = { enum = 0 }, next_tid = { enum = 7 }, next_comm = "x",
        prev_state = { enum = 33 } } },
      { 2000, "syscall_entry_connect", { fd = { enum = 5 }, family = { enum = 2 },
        dport = { 31, 144 }, v4addr = { 192, 0, 2, 1 } } },
      { 3000, "syscall_exit_connect", { ret = 0 } },
      { 4000, "syscall_entry_openat", { filename = "/a", flags = { enum = 524288 } } },
      { 5000, "syscall_exit_openat", { ret = 6 } } } } }
    local script = host.script [[
      return require "lttnga.analysis" { title = "t", begin = function(w) w.rows = {} end,
        on = {
          sched_switch = function(w, prev_state, next_comm)
            w.rows[1] = { ("%d %s"):format(prev_state, next_comm) }
          end,
          syscall_entry_connect = function(w, dport)
            w.rows[2] = { #dport .. " bytes" }
          end,
          fd_open = function(w, tid, fd, path, cloexec)
            w.rows[#w.rows + 1] = { ("%d %d %s %s"):format(tid, fd, path, cloexec) }
          end,
        },
        tables = { { "t", "T", { { "Row" } }, rows = function(w) return w.rows end } } }]]
    local result = host.run(script, odd)
    assert.equal("", result.err)
    assert.matches("\n33 x\n2 bytes\n7 5 192%.0%.2%.1:8080 false\n7 6 /a true\n", result.out)
  end)

  it("cannot steer the terminal by its names", function()
    local evil = host.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, next_tid = 1, next_comm = "\27[31m" } },
      { 2000, "syscall_entry_openat", { dfd = 0, filename = "/\27]0;x\7\n", flags = 0 } },
      { 3000, "syscall_exit_openat", { ret = 3 } } } } }
    local script = host.script [[
      return require "lttnga.analysis" { title = "t",
        on = { io_end = function(w, path, procname) w.row = { path, procname } end },
        tables = { { "t", "T", { { "Path", "path" }, { "Name" } },
          rows = function(w) return { w.row } end } } }]]
    local result = host.run(script, evil)
    assert.is_nil(result.out:find("[\27\7]"))
    assert.matches("/\\x1b%]0;x\\x07\\x0a +\\x1b%[31m", result.out)
  end)

  it("cannot steer the terminal by its names in any analysis", function()
    local bad = "\27[2J\n\7 %d;"
    local function name(tid)
      return bad:format(tid):sub(1, 15)
    end
    local function switch(at, prev, state, next_tid)
      return { at, "sched_switch", { prev_tid = prev, prev_comm = name(prev), prev_prio = 20,
        prev_state = state, next_tid = next_tid, next_comm = name(next_tid), next_prio = 20 } }
    end
    local function waking(at, tid)
      return { at, "sched_waking", { tid = tid, comm = name(tid), prio = 20, target_cpu = 0 } }
    end
    local function futex(at, op)
      return { at, "syscall_entry_futex", { uaddr = 64, op = op, val = 1, utime = 0, uaddr2 = 0,
        val3 = 0 } }
    end
    local evil = host.trace { streams = {
      { cpu = 0, switch(0, 0, 0, 10), futex(1000, 128), switch(2000, 10, 1, 30),
        switch(20000, 30, 0, 10), { 21000, "syscall_exit_futex", { ret = 0 } },
        { 22000, "syscall_entry_openat", { dfd = -100, filename = "/\27]0;x\7\n/a", flags = 64,
          mode = 0 } },
        switch(23000, 10, 2, 30), switch(40000, 30, 0, 10), { 41000, "syscall_exit_openat",
          { ret = 3 } }, { 42000, "irq_handler_entry", { irq = 5, name = "\27[31mirq" } },
        waking(42500, 20), { 43000, "irq_handler_exit", { irq = 5, ret = 1 } },
        { 44000, "syscall_entry_read", { fd = 3, count = 10 } },
        { 45000, "syscall_exit_read", { ret = 10 } } },
      { cpu = 1, switch(1, 0, 0, 20), futex(10000, 129), waking(11000, 10),
        { 12000, "syscall_exit_futex", { ret = 1 } },
        { 13000, "syscall_entry_openat", { dfd = -100, filename = "/\27]0;x\7\n/b", flags = 64,
          mode = 0 } }, waking(30000, 10), switch(31000, 20, 1, 0), switch(44000, 0, 0, 20),
        { 44500, "net_if_receive_skb", { skbaddr = 1, len = 2, name = "\27[1mif" } } },
    } }
    local runs = { { "waits", "--fold" }, { "waits", "--top", "--log", "--freq" },
      { "criticalpath", "--tid", "10" }, { "runqueue", "--by-process" },
      { "wakers", "--by-process" } }
    for _, one in ipairs(host.analyses()) do
      runs[#runs + 1] = { one }
      -- What is for Perfetto is no text.
      if runs[#runs][1] == "timeline" then
        runs[#runs] = { "timeline", "--output-file", "/dev/null" }
      elseif runs[#runs][1] == "export" then
        runs[#runs] = { "export", "--force", "--to", host.path "tables" }
      end
    end
    for _, words in ipairs(runs) do
      for _, look in ipairs { "--classic", "--width=50" } do
        local result = host.run_as_is(words[1], look, "--no-cache", evil, table.unpack(words, 2))
        assert.equal(0, result.status, words[1] .. result.err)
        assert.is_nil((result.out .. result.err):find "[\27\7\r]", table.concat(words, " "))
      end
    end
    local folded = host.run("waits", "--fold", "--no-cache", evil).out
    for line in folded:gmatch "[^\n]+" do
      assert.matches("^[^;%c]+;[^;%c]+;[^;%c]+;[^;%c]+;[^;%c]+ %d+$", line)
    end
    assert.matches("lock", folded)
    local said = host.session(evil, "go(5000)", "why(10)", "threads()")
    assert.equal(0, said.status, said.err)
    assert.matches("futex", said.out)
    assert.is_nil(said.out:find "[\27\7\r]")
  end)
end)

describe("a trace in an archive", function()
  -- How each kind is made, if its program is there; and the command that unpacks "A" into "F".
  local kinds = {
    { ".tar", "tar -cf", "mkdir F && tar -xf A -C F" },
    { ".tar.gz", "tar -czf", "mkdir F && tar -xzf A -C F" },
    { ".tgz", "tar -czf", "mkdir F && tar -xzf A -C F" },
    { ".tar.bz2", "tar -cjf", "mkdir F && tar -xjf A -C F", needs = "bzip2" },
    { ".tbz2", "tar -cjf", "mkdir F && tar -xjf A -C F", needs = "bzip2" },
    { ".tar.xz", "tar -cJf", "mkdir F && tar -xJf A -C F", needs = "xz" },
    { ".txz", "tar -cJf", "mkdir F && tar -xJf A -C F", needs = "xz" },
    { ".tar.zst", "tar --zstd -cf", "mkdir F && tar --zstd -xf A -C F", needs = "zstd" },
    { ".tzst", "tar --zstd -cf", "mkdir F && tar --zstd -xf A -C F", needs = "zstd" },
    { ".tar.lz4", "tar -I lz4 -cf", "mkdir F && tar -I lz4 -xf A -C F", needs = "lz4" },
    { ".zip", "zip -qr", "unzip -q A -d F", needs = "zip" },
    { ".7z", "7z a", "7z x A -oF", needs = "7z" },
    { ".TAR.GZ", "tar -czf", "mkdir F && tar -xzf A -C F" },
  }
  local expected = host.run("iolatencystats", small).out

  --- Makes an archive of a trace; whether that was possible.
  local function pack(kind, path)
    local command = ("cd %s && %s %s ."):format(small, kind[2], host.quote(path))
    local made = host.shell(command).status == 0
    assert.truthy(made or kind.needs, command)
    if not made then
      os.execute("echo >" .. host.quote(path))
    end
    return made
  end

  it("is not read, but the message has the command that unpacks it, for each kind", function()
    for _, kind in ipairs(kinds) do
      local folder = host.path("packed")
      local path = folder .. kind[1]
      local made = pack(kind, path)
      local command = kind[3]:gsub("[AF]", { A = path, F = folder })
      for _, words in ipairs { { "iolatencystats", path }, { path }, { "-i", path } } do
        fails(1, ": " .. path:gsub("%p", "%%%0") .. " is an archive: unpack it %("
          .. command:gsub("%p", "%%%0") .. "%) and name the directory instead\n",
          table.unpack(words))
      end
      if made and host.shell("command -v " .. command:match("^%l*")).status == 0 then
        assert.equal(0, host.shell(command).status, command)
        assert.equal(expected, host.run("iolatencystats", folder).out)
      end
    end
  end)

  it("has a name that the shell and tar don't misunderstand", function()
    local parent = host.path("names")
    os.execute("mkdir " .. parent)
    for _, name in ipairs { "it's $(touch gone); a 'trace'", "host:trace", "-rf", "a*b?[c]" } do
      pack(kinds[1], parent .. "/" .. name .. ".tar")
      local err = host.shell(("run=$(realpath %s/lttnga-run); cd %s && $run iolog ./%s"):format(
        build, parent, host.quote(name .. ".tar"))).err
      local command = err:match("unpack it %((.*)%) and name")
      assert.equal(0, host.shell(("cd %s && %s"):format(parent, command)).status, command)
      assert.equal(expected, host.run("iolatencystats", parent .. "/" .. name).out)
    end
    assert.is_nil(io.open(parent .. "/gone"))
  end)

  it("may be all that a directory contains, or lie beside traces", function()
    local parent = host.path("only-packed")
    os.execute("mkdir -p " .. parent .. "/below")
    pack(kinds[2], parent .. "/below/one.tar.gz")
    fails(1, "contains no trace, only 1 archive: unpack it first %(mkdir .*/below/one && tar %-xzf "
      .. ".*/below/one%.tar%.gz %-C .*/below/one%)\n", "iolatencystats", parent)
    pack(kinds[2], parent .. "/two.tar.gz")
    fails(1, "contains no trace, only 2 archives: unpack them first %(mkdir", "iolatencystats",
      parent)
    os.execute(("cp -r %s %s/below/one"):format(small, parent))
    local result = host.run("iolatencystats", parent)
    assert.equal(expected, result.out)
    assert.matches("^lttnga%-run: note: .*/two%.tar%.gz is an archive and is ignored\n$",
      result.err)
    -- What was unpacked is not missed.
    os.execute(("cp -r %s %s/two"):format(host.trace { streams = {} }, parent))
    assert.is_nil(host.run("iolatencystats", parent).err:find("archive"))
  end)
end)

describe("what is no trace", function()
  it("is told in a line", function()
    fails(1, "cannot open /nowhere", "iolatencystats", "/nowhere")
    fails(1, "is not a directory", "iolatencystats", "Makefile")
    local empty = host.path("empty")
    os.execute("mkdir " .. empty)
    fails(1, "is not a trace: it contains no file", "iolatencystats", empty)
    os.execute("touch " .. empty .. "/metadata")
    fails(1, "metadata: the file is empty", "iolatencystats", empty)
  end)

  it("has metadata of rubbish, or cut short, or of CTF 2", function()
    local path = copy(example)
    os.execute(("head -c 3000 /dev/urandom >%s/kernel/metadata"):format(path))
    fails(1, "cannot read .*/kernel", "iolatencystats", path)
    os.execute(("head -c 20000 %s/kernel/metadata >%s/kernel/metadata"):format(example, path))
    fails(1, "metadata is truncated", "iolatencystats", path)
    os.execute(([[printf '\036{"type":"preamble","version":2}' >%s/kernel/metadata]]):format(path))
    fails(1, "is a CTF 2 trace, which libbabeltrace2 .* cannot read: install",
      "iolatencystats", "--reader=babeltrace2", path)
  end)

  it("has a stream that is cut, or rubbish in the middle of one", function()
    local path = copy(example)
    os.execute(("truncate -s 300000 %s/kernel/chan_1"):format(path))
    fails(1, "cannot read .*chan_1' %(it is truncated or damaged", "iolatencystats",
      "--reader=babeltrace2", path)
    local result = host.run("iolatencystats", path)
    assert.equal(0, result.status)
    assert.matches("chan_1, byte 299%d+: the file ends in the middle of a packet", result.err)
    path = copy(example)
    os.execute(("dd if=/dev/zero of=%s/kernel/chan_1 bs=1000 seek=400 count=200 conv=notrunc 2>&1")
      :format(path))
    fails(1, "cannot continue reading .*%(its data is damaged%); the last event before that was "
      .. "at 15:36:39",
      "iolatencystats", "--reader=babeltrace2", path)
    result = host.run("iolatencystats", path)
    assert.equal(0, result.status)
    assert.matches("CPU 1 is damaged.*CPU 1: 1 packet lost between 15:36:39", result.err)
  end)

  it("has no events of the kernel", function()
    local other = host.trace { streams = { { cpu = 0, { 5, "my_event", { x = 1 } } } } }
    fails(1, "contains no Linux kernel events that the analyses know", "iolatencystats", other)
  end)

  it("cannot be read", function()
    local path = copy(small)
    os.execute("chmod 000 " .. path .. "/metadata")
    -- Root reads everything; then there is nothing to see.
    if host.shell("cat " .. path .. "/metadata").status ~= 0 then
      fails(1, "cannot read .*metadata: Permission denied", "iolatencystats", path)
    end
  end)
end)

describe("the command line", function()
  it("counts from the start of the recording that info shows", function()
    local folder = (os.getenv "BUILD" or "build") .. "/example-trace"
    for _, of in ipairs { { "In common" }, { "Recorded", "--no-intersection" } } do
      local shown = host.run_as_is("info", "--short", "--gmt", "--width=200", folder, of[2]).out
        :match("\n" .. of[1] .. " +%[([^,]*), ")
      local begin = host.run_as_is("iolatencystats", "--gmt", "--no-cache", "--timerange=+0s,+1ms",
        folder, of[2]).out:match "^Timerange: %[([^,]*), "
      assert.equal(shown, begin)
      assert.truthy(begin)
    end
  end)

  it("is refused with a hint where it is wrong", function()
    fails(2, "unknown analysis 'smal'", "smal")
    fails(2, "unknown analysis 'indx' %(did you mean 'index'%?%)", "indx", small)
    fails(2, "%-%-limit: '%-1' is negative", "iolatencytop", "--limit", "-1", small)
    fails(2, "%-%-percentiles needs %-%-stats", "iolog", "--percentiles",
      small)
    fails(2, "%-%-cause: unknown cause 'lok' %(did you mean 'lock'%?%)", "waits", "--cause",
      "disk,lok", small)
    fails(2, "no analysis given", "--gmt")
    fails(2, "no trace given", "iolatencystats")
    fails(2, "unknown option %-%-mni %(did you mean 'min'%?%)",
      "iolatencystats", "--mni", "3", small)
    fails(2, "%-%-min: invalid duration 'x'", "iolatencystats", "--min", "x", small)
    fails(2, "%-%-tid: 'a' is not an integer", "iolatencystats", "--tid", "1,a", small)
    fails(2, "option %-%-end needs a value", "iolatencystats", small, "--end")
    fails(2, "%-%-begin: invalid time of day '12:60:00'",
      "iolatencystats", "--begin", "12:60:00", small)
    fails(2, "%-%-timerange: invalid time range 'x'", "iolatencystats", "--timerange", "x", small)
    fails(2, "after the end of the trace", "iolatencystats", "--begin", "00:00:01", small)
    fails(2, "before the start of the trace", "iolatencystats", "--end", "5", small)
    fails(2, "after the end of the trace, which is %[1970[^%]]*%] %u+ %(times are local, unless "
      .. "you give %-%-gmt", "iolatencystats", "--begin", "00:00:01", small)
    for _, zone in ipairs { "--gmt", "--begin=2000-01-01 00:00:00Z" } do
      fails(2, "starts at 2000%-01%-01 00:00:00.0+, after the end of the trace, which is "
        .. "%[1970[^%]]*%] UTC\n", "iolatencystats", "--begin=2000-01-01 00:00:00", zone, small)
    end
    fails(2, "ends .* before it starts", "iolatencystats", "--begin", "9", "--end", "8", small)
    fails(2, "%-%-output: must be csv, html, json, lami or text, not 'xml'",
      "iolatencystats", "--output", "xml", small)
    fails(2, "%-%-min must not be above %-%-max", "iolatencystats", "--min", "10", "--max", "5",
      small)
    for _, name in ipairs { "--begin", "--end" } do
      fails(2, "%-%-timerange cannot be used with %-%-begin or %-%-end",
        "iolatencystats", "--timerange", "[1,9000000]", name, "5", small)
    end
  end)

  it("tells what a trace holds, if there is nothing else", function()
    local told = host.run_as_is("info:--short,overview", small)
    assert.equal(0, told.status)
    assert.equal(told.out, host.run_as_is(small).out)
    assert.equal(told.out, host.run_as_is("--gmt", small).out)
    assert.equal(host.run("info:--short,overview", "--output", "json", small).out,
      host.run("--output", "json", small).out)
  end)

  it("takes a script whose path has commas, also beside others", function()
    local folder = host.path("a,b")
    os.execute("mkdir " .. host.quote(folder))
    local path = folder .. "/my,own.lua"
    os.execute(("cp lua/analyses/iolatencytop.lua %s"):format(host.quote(path)))
    local expected = host.run("iolatencytop", "--limit", "1", small).out
    assert.equal(expected, host.run(path, "--limit", "1", small).out)
    assert.equal(expected, host.run(path .. ":--limit=1", small).out)
    assert.equal(host.run("iolatencystats,iolatencytop", small).out,
      host.run("iolatencystats," .. path, small).out)
    assert.matches("The longest open, read", host.run("--help", path).out)
  end)

  it("runs an analysis with its options at the begin of a session", function()
    local expected = host.run("iolatencytop", "--limit", "1", "--tid=10", small).out
    for _, words in ipairs {
      { "-i", "iolatencytop", "--limit", "1", "--tid=10", "-e", "quit", small },
      { "-i", "--limit", "1", "iolatencytop", "-e", "quit", "--tid", "10", small },
    } do
      local result = host.run(table.unpack(words))
      assert.equal("", result.err)
      assert.equal(expected, result.out)
    end
    fails(2, "unknown option %-%-limt", "-i", "iolatencytop", "--limt", "1", "-e", "quit", small)
    fails(1, "'stats' has no effect here: use analyse%(\"iolatencystats\"%)",
      "-i", "iolog", "--stats", "-e", "quit", small)
    -- Commands are not run to find out what they are.
    local script = host.script("print('run')", "commands.lua")
    fails(2, "unknown option %-%-limit", "-i", script, "--limit", "1", "-e", "quit", small)
  end)

  it("takes options before and after, and abbreviated", function()
    local one = host.run_as_is("--min", "3", "iolatencystats", small)
    assert.equal(0, one.status)
    assert.equal(one.out, host.run_as_is("iolatencystats.lua", small, "--min=3").out)
    assert.equal(one.out, host.run_as_is("iolatencystats", "--no-prog", small, "--min", "3us").out)
  end)

  it("shows help, lists, sources and versions", function()
    assert.matches("^Usage: lttnga%-run .*%-%-timerange", host.run("--help").out)
    assert.matches("^How long open.*%-%-minsize", host.run("--help", "iolatencystats").out)
    assert.matches("\n  iolatencystats +How long", "\n" .. host.run("--list").out)
    assert.equal(host.read("lua/analyses/iolatencystats.lua"),
      host.run("--show", "iolatencystats").out)
    assert.matches("^lttnga %d+%.%d+%.%d+\n$", host.run("--version").out)
  end)

  it("lists what can be read in the user's folder, safe to print", function()
    local xdg = host.path("xdg")
    local mine = xdg .. "/lttnga/analyses"
    assert.equal(0, host.shell(([[mkdir -p %s/folder.lua && cd %s && ln -s /nowhere dangling.lua
      printf '\357\273\277#!/usr/bin/lttnga-run\n-- Mine: \033[31m.\n' >good.lua
      echo '-- Evil.' >"$(printf 'e\033vil.lua')"; echo '-- Hidden.' >.hidden.lua]])
      :format(mine, mine)).status)
    local program = ("XDG_DATA_HOME=%s %s/lttnga-run "):format(xdg, build)
    local result = host.shell(program .. "--list")
    assert.equal("", result.err)
    assert.matches("\n  e\\x1bvil +Evil%.\n", "\n" .. result.out)
    assert.matches("\n  good +Mine: \\x1b%[31m%.\n", "\n" .. result.out)
    assert.matches("\n  iolatencystats ", result.out)
    assert.is_nil(result.out:find("dangling") or result.out:find("folder")
      or result.out:find("hidden"))
    result = host.shell(program .. "goood " .. small)
    assert.equal(2, result.status)
    assert.matches("did you mean 'good'", result.err)
  end)

  it("takes a script from a pipe", function()
    local result = host.shell(("cat lua/analyses/iolatencystats.lua | TZ=UTC %s/lttnga-run "
      .. "/dev/stdin %s"):format(build, small))
    assert.equal("", result.err)
    assert.equal(host.run_as_is("iolatencystats", small).out, result.out)
  end)

  it("takes a script with a byte order mark and a first line for the shell", function()
    fails(1, "script%.lua:3: unexpected symbol near '='",
      host.script("\xef\xbb\xbf#!/usr/bin/env lttnga-run\n\nlocal x = = 1\n"), small)
  end)

  it("tells errors in JSON too where that was asked for", function()
    local result = host.run("iolatencystats", "--output", "lami", "/nowhere")
    assert.equal(1, result.status)
    assert.matches('^{"error%-message":"Error: cannot open /nowhere[^\n]*"}\n$', result.out)
  end)
end)

describe("the world around", function()
  it("may close the output early, or have no room for it", function()
    local program = build .. "/lttnga-run iolatencystats " .. small
    assert.equal("Timerange",
      host.shell(program .. " | head -c 9").out)
    local full = host.shell(program .. " >/dev/full")
    assert.equal(1, full.status)
    assert.matches("cannot write the results", full.err)
  end)

  it("may interrupt: then there is no half of a result", function()
    local function interrupted(body, message)
      local script = host.script([[
        return require "lttnga.analysis" { title = "t",
          on = { io_end = function() ]] .. body .. [[ end },
          tables = { { "t", "T", { { "A" } }, rows = function() return { { "x" } } end } } }]])
      local result = host.shell(
        ("timeout --foreground --preserve-status -s INT 1 %s/lttnga-run %s %s")
          :format(build, script, small))
      assert.equal(130, result.status)
      assert.equal("", result.out)
      assert.matches("^lttnga%-run: interrupted" .. message, result.err)
    end
    interrupted("while true do end", " at 00:00:00%.002001000 of the trace; no results\n$")
    interrupted("coroutine.wrap(function() while true do end end)()", "; [^\n]*no results?\n$")
    interrupted("while true do pcall(string.rep, 'x', 9) end", "[^\n]*; [^\n]*no results?\n$")
  end)
end)
