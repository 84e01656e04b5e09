--- Results for machines, by the whole program: CSV that loads, JSON lines with structure, which
-- table, which columns, how sorted, how many rows.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000
local small = host.small_trace()

--- Output of a run without errors; small traces lack events for some tables, which is told.
local function out(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  return result.out, result.err
end

--- The rows of JSON, and those of the table "trace".
local function rows_of(...)
  local rows, trace = {}, {}
  for line in out(...):gmatch "[^\n]+" do
    local row = assert(json.decode(line, 1, json.null))
    local into = row.table == "trace" and trace or rows
    into[#into + 1] = row
  end
  return rows, trace
end

--- The blocks of CSV, each a list of lines, the first of which is a heading.
local function blocks_of(...)
  local blocks, text = {}, out(...)
  for block in (text .. "\r\n"):gmatch "(.-\r\n)\r\n" do
    blocks[#blocks + 1] = host.csv(block)
  end
  return blocks, text
end

--- The first field of the lines of a block, each once.
local function tables_in(block)
  local names, seen = {}, {}
  for i = 2, #block do
    if not seen[block[i][1]] then
      seen[block[i][1]] = true
      names[#names + 1] = block[i][1]
    end
  end
  return table.concat(names, ", ")
end

--- The machine of a trace, and a call on it.
local function machine(name, at, options)
  local more = options or {}
  return host.trace { env = { domain = "kernel", hostname = name, tracer_name = "lttng-modules",
    tracer_major = 2, tracer_minor = 13, kernel_release = "6.1.0-amd64" },
    streams = { { cpu = 0,
      { at * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = more.comm or "app" } },
      { at * ms + 1000, "syscall_entry_openat",
        { dfd = -100, filename = more.path or "/etc/hosts", flags = 0 } },
      { at * ms + 2000, "syscall_exit_openat", { ret = 3 } },
      { at * ms + 3000, "syscall_entry_read", { fd = 3, count = 4096 } },
      { at * ms + 5000, "syscall_exit_read", { ret = more.size or 100 } },
      { 100 * ms, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper/0" } },
    } } }
end

describe("CSV", function()
  it("quotes all texts, and no numbers", function()
    for _, analysis in ipairs { "iolog", "iousagetop", "syscallstats", "cputop", "iolatencytop" } do
      local blocks = blocks_of(analysis, "--output", "csv", small)
      assert.is_true(#blocks > 0, analysis)
      for _, block in ipairs(blocks) do
        for i, line in ipairs(block) do
          assert.equal(#block[1], #line)
          for k, field in ipairs(line) do
            local is_plain = field == "" or field == "true" or field == "false"
              or tonumber(field) ~= nil
            -- A text that looks like a number is quoted, too.
            assert.is_true(line.quoted[k] or i > 1 and is_plain, field)
          end
        end
      end
    end
  end)

  it("quotes texts of every kind so that they come back", function()
    local names = { 'a"b', "a,b", "=1+2", "5", "", " x ", "a\r\nb", "中", '"', '""' }
    for _, name in ipairs(names) do
      local trace = machine("box", 1, { path = "/" .. name })
      local row = rows_of("iolog", "--output", "json", trace)[1]
      local line = blocks_of("iolog", "--output", "csv", trace)[1][2]
      local path = line[#line - 2]
      assert.is_true(line.quoted[#line - 2])
      -- Control characters are shown as what they are, so that a line stays a line.
      assert.equal(("/" .. name):gsub("\r\n", "\\x0d\\x0a"), path)
      assert.equal("/" .. name, row.path)
    end
  end)

  it("has one heading a table, however many windows there are", function()
    local blocks, text = blocks_of("iolog,iolatencystats", "--refresh", "2ms", "--output", "csv",
      small)
    local headings, seen = 0, {}
    for line in text:gmatch '"Table",[^\r]*' do
      headings = headings + 1
      assert.is_nil(seen[line])
      seen[line] = true
    end
    assert.equal(#blocks, headings)
    local names = {}
    for i, block in ipairs(blocks) do
      names[i] = tables_in(block)
    end
    assert.same({ "I/O operations log", "Syscalls latency statistics", "Disk latency statistics",
      "trace" }, names)
    -- All windows are there, with their limits before the rest.
    assert.same({ "Table", "Window begin (ns)", "Window end (ns)" },
      { table.unpack(blocks[1][1], 1, 3) })
    local begins = {}
    for i = 2, #blocks[1] do
      local begin = tonumber(blocks[1][i][2])
      begins[#begins + 1] = begin ~= begins[#begins] and begin or nil
      assert.is_true(begin <= tonumber(blocks[1][i][3]))
    end
    assert.is_true(#begins >= 3)
    assert.same("Table", blocks[4][1][1])
    assert.equal("What", blocks[4][1][2]) -- the trace has no windows
  end)

  it("puts tables of the same columns below one heading", function()
    local blocks = blocks_of("iolatencytop", "--output", "csv", small)
    assert.equal(1, #blocks)
    assert.equal("Top system call latencies open, Top system call latencies read, "
      .. "Top system call latencies write, Top system call latencies sync", tables_in(blocks[1]))
    blocks = blocks_of("iousagetop", "--output", "csv", small)
    assert.equal("Per-process I/O Read, Per-process I/O Write", tables_in(blocks[2]))
  end)

  it("has the table \"trace\" where there are several, at the end", function()
    local blocks = blocks_of("iolog", "--output", "csv", small)
    assert.equal(1, #blocks)
    assert.equal("I/O operations log", tables_in(blocks[1]))
    blocks = blocks_of("iousagetop", "--output", "csv", small)
    assert.equal("trace", tables_in(blocks[#blocks]))
    assert.equal("range", blocks[#blocks][2][2])
    -- One of several is one.
    blocks = blocks_of("iousagetop", "--table", "per-file-top", "--output", "csv", small)
    assert.equal(1, #blocks)
    blocks = blocks_of("iolog", "--table", "trace", "--output", "csv", small)
    assert.equal(1, #blocks)
    assert.equal("trace", tables_in(blocks[1]))
  end)

  it("says what rows have in common in columns before the rest", function()
    local blocks = blocks_of("syscallstats", "--table", "per-tid", "--output", "csv", small)
    assert.same({ "Table", "Process", "Process PID", "Process TID", "System call", "Count" },
      { table.unpack(blocks[1][1], 1, 6) })
    assert.same({ "System call statistics", "app", "", "10", "read", "2" },
      { table.unpack(blocks[1][2], 1, 6) })
  end)

  it("has a heading for a log without rows", function()
    assert.matches('^"Table",[^\n]*"File descriptor","Open"\r\n$',
      (out("iolog", "--tid", "4711", "--output", "csv", small)))
  end)

  it("is told in full or not at all where there is no room", function()
    local result = host.shell(("( trap '' XFSZ; ulimit -f 0; %s/lttnga-run iousagetop,iolog "
      .. "--no-cache --output csv %s ) 2>&1 | cat"):format(os.getenv "BUILD" or "build", small))
    assert.matches("cannot write a temporary file: File too large", result.out)
  end)
end)

describe("--csv-spreadsheet", function()
  it("makes texts harmless that begin like a formula, and never numbers", function()
    local trace = machine("box", 1, { comm = "=1+2", path = "-x", size = -9 })
    local function line(...)
      return blocks_of("iolog", "--output", "csv", trace, ...)[1][2]
    end
    local plain, safe = line(), line "--csv-spreadsheet"
    assert.equal("=1+2", plain[8])
    assert.equal("'=1+2", safe[8])
    assert.equal("-x", plain[11])
    assert.equal("'-x", safe[11])
    for i, field in ipairs(safe) do
      if not safe.quoted[i] then
        assert.equal(plain[i], field)
      end
    end
    for _, first in ipairs { "=", "+", "-", "@" } do
      local one = machine("box", 1, { comm = first .. "x" })
      local blocks = blocks_of("cputop", "--table", "per-process", "--output", "csv",
        "--csv-spreadsheet", one)
      assert.equal("'" .. first .. "x", blocks[1][2][2])
    end
  end)

  it("leaves negative numbers alone", function()
    local trace = host.trace { streams = { { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, prev_comm = "swapper/0", prev_prio = 20,
        prev_state = 0, next_tid = 5, next_comm = "x", next_prio = 20 } },
      { 2 * ms, "sched_wakeup", { comm = "-rt", tid = 30, prio = -51, target_cpu = 0 } },
      { 3 * ms, "sched_switch", { prev_tid = 5, prev_comm = "x", prev_prio = 20,
        prev_state = 1, next_tid = 30, next_comm = "-rt", next_prio = -51 } },
      { 4 * ms, "sched_switch", { prev_tid = 30, prev_comm = "-rt", prev_prio = -51,
        prev_state = 1, next_tid = 0, next_comm = "swapper/0", next_prio = 20 } } } } }
    local text = out("schedlog", "--output", "csv", "--csv-spreadsheet", trace)
    assert.matches(',%-51,', text)
    assert.matches('"\'%-rt"', text)
    assert.is_nil(text:find("'-51", 1, true))
  end)

  it("is for CSV only", function()
    local result = host.run("iolog", "--csv-spreadsheet", small)
    assert.equal(2, result.status)
    assert.matches("%-%-csv%-spreadsheet needs %-%-output csv", result.err)
  end)
end)

describe("JSON", function()
  it("has a line for each row, and the trace at the end", function()
    local rows, trace = rows_of("iolog", "--output", "json", small)
    assert.equal(6, #rows)
    assert.same({ begin = 2 * ms, ["end"] = 2 * ms + 1000 }, rows[1].time_range)
    assert.same({ name = "app", pid = json.null, tid = 10 }, rows[1].process)
    assert.equal(2, #trace)
    assert.equal("range", trace[1].what)
    assert.same({ 1 * ms, 8 * ms + 1000 }, { trace[1].begin, trace[1]["end"] })
    assert.same({ "trace", "box", small }, { trace[2].what, trace[2].host, trace[2].trace })
    local lines = {}
    for line in out("iolog", "--output", "json", small):gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.matches('^{"table":"trace",', lines[#lines])
  end)

  it("has numbers, lists and objects for what is one", function()
    local call = rows_of("syscallstats", "--table", "per-tid", "--output", "json", small)[1]
    assert.equal("System call statistics", call.table)
    assert.same({ name = "app", pid = json.null, tid = 10 }, call.process)
    assert.equal("read", call.system_call)
    assert.same({ success = 2 }, call.return_values)
    local usage = rows_of("cputop", "--table", "per-process", "--output", "json", small)[1]
    assert.same("table", type(usage.priorities))
    local freq = rows_of("iolatencyfreq", "--output", "json", "--freq-resolution", "2", small)[1]
    assert.equal("I/O request latency distribution", freq.table)
    assert.equal("read", freq.class)
  end)

  it("has windows where there are some", function()
    local rows, trace = rows_of("iolog,cputop", "--refresh", "2ms", "--output", "json", small)
    local windows, last = 0, nil
    for _, row in ipairs(rows) do
      assert.is_true(row.window.begin < row.window["end"])
      assert.is_true(not last or row.window.begin >= last)
      windows = windows + (row.window.begin ~= last and 1 or 0)
      last = row.window.begin
    end
    assert.equal(4, windows)
    assert.is_nil(trace[1].window)
    -- The whole time, not that of the last window.
    assert.same({ 1 * ms, 8 * ms + 1000 }, { trace[1].begin, trace[1]["end"] })
    assert.is_nil(rows_of("iolog", "--output", "json", small)[1].window)
  end)

  it("tells the time that was looked at", function()
    local _, trace = rows_of("iolog", "--output", "json", "--begin", tostring(3 * ms), "--end",
      tostring(6 * ms), small)
    -- From the first event in it to the last one.
    assert.same({ 3 * ms, 6 * ms }, { trace[1].begin, trace[1]["end"] })
  end)
end)

describe("the table \"trace\"", function()
  local lossy = host.trace { streams = { { cpu = 3, packets = {
    { { 1 * ms, "irq_handler_entry", { irq = 1, name = "x" } } },
    { lost = 5, to = 6 * ms, { 3 * ms, "irq_handler_exit", { irq = 1, ret = 1 } } },
    { { 7 * ms, "irq_handler_entry", { irq = 1, name = "x" } },
      { 8 * ms, "irq_handler_exit", { irq = 1, ret = 1 } } },
  } } } }

  it("has what was lost, by stream", function()
    local _, trace = rows_of("irqlog", "--output", "json", lossy)
    assert.equal(3, #trace)
    local lost = trace[3]
    assert.same({ "lost", "box", 3, 5, 0 },
      { lost.what, lost.host, lost.cpu, lost.events, lost.packets })
    assert.equal(lossy, lost.trace)
    assert.is_true(lost.begin < lost["end"])
    assert.is_string(lost.stream)
    -- The same in CSV, beside several tables or alone.
    local blocks = blocks_of("irqstats", "--output", "csv", lossy)
    assert.equal("lost", blocks[#blocks][4][2])
    local alone = blocks_of("irqlog", "--table", "trace", "--output", "csv", lossy)
    assert.same(blocks[#blocks], alone[1])
  end)

  it("has what could not be read", function()
    local path = host.path "damaged"
    assert(host.shell(("cp -r %s/example-trace %s && chmod -R u+w %s"):format(
      os.getenv "BUILD" or "build", path, path)).status == 0)
    -- Cut in the middle of a stream.
    local file = host.shell(("find %s -name 'chan*_0*' -size +8k | head -n 1"):format(path)).out
      :match "[^\n]+"
    local bytes = host.read(file)
    local handle = assert(io.open(file, "w"))
    handle:write(bytes:sub(1, #bytes * 2 // 3 - 100))
    handle:close()
    local _, trace = rows_of("iolog", "--output", "json", path)
    local damage
    for _, row in ipairs(trace) do
      damage = row.what == "damage" and row or damage
    end
    assert.is_truthy(damage)
    assert.is_true(damage.packets >= 1)
    assert.is_string(damage.message)
    assert.equal(json.null, damage.events)
  end)

  it("is only for machines", function()
    local text = out("irqstats", lossy)
    assert.is_nil(text:find("trace", 1, true))
    assert.equal(2, host.run("irqstats", "--table", "trace", lossy).status)
    assert.is_nil(out("irqstats", "--output", "lami", lossy):find('"trace"', 1, true))
  end)
end)

describe("several traces", function()
  local one, other = machine("one", 1, { comm = "first" }), machine("two", 1.5, { comm = "second" })
  local twin = machine("one", 2, { comm = "third" })

  it("give each row of a log its own host and trace", function()
    local rows, trace = rows_of("iolog", "--output", "json", one, other)
    assert.equal(4, #rows)
    for _, row in ipairs(rows) do
      assert.same(row.process.name == "first" and { "one", one } or { "two", other },
        { row.host, row.trace })
    end
    -- The range is not of one of them.
    assert.same({ json.null, json.null }, { trace[1].host, trace[1].trace })
    local machines = {}
    for _, row in ipairs(trace) do
      machines[row.what == "trace" and row.host or 1] = row.trace
    end
    assert.same({ one, other }, { machines.one, machines.two })
    local lines = blocks_of("iolog", "--output", "csv", one, other)[1]
    assert.same({ "Table", "Host", "Trace", "Time range begin (ns)" },
      { table.unpack(lines[1], 1, 4) })
    for i = 2, #lines do
      assert.equal(#lines[1], #lines[i])
      local is_first = lines[i][10] == "first"
      assert.same(is_first and { "one", one } or { "two", other }, { lines[i][2], lines[i][3] })
    end
  end)

  it("give others the host that they are of", function()
    local rows, hosts = rows_of("iolatencystats", "--output", "json", one, other), {}
    for _, row in ipairs(rows) do
      assert.same(json.null, row.trace)
      hosts[row.host] = true
    end
    assert.same({ one = true, two = true }, hosts)
    -- Without a boot ID these may be two machines of one name.
    rows, hosts = rows_of("iolatencystats", "--output", "json", one, twin), {}
    for _, row in ipairs(rows) do
      hosts[row.host] = true
    end
    assert.same({ one = true, ["one (2)"] = true }, hosts)
    for _, name in ipairs { "one", "one (2)" } do
      for _, row in ipairs((rows_of("iolatencystats", "--host", name, "--output", "json", one,
        twin))) do
        assert.equal(name, row.host)
      end
    end
    local lines = blocks_of("iolatencystats", "--output", "csv", one, twin)[1]
    assert.same({ "Table", "Host", "Trace" }, { table.unpack(lines[1], 1, 3) })
    assert.same({ "one", "" }, { lines[2][2], lines[2][3] })
  end)

  it("say nothing of hosts where there is one trace", function()
    local rows = rows_of("iolog", "--output", "json", one)
    assert.same({ nil, nil }, { rows[1].host, rows[1].trace })
    assert.equal("Time range begin (ns)", blocks_of("iolog", "--output", "csv", one)[1][1][2])
  end)

  it("change nothing in text", function()
    assert.is_nil(out("iolog", one, other):find(one, 1, true))
  end)

  it("give rows that scripts add to a log no host", function()
    local rows = rows_of("trackprocess", "--output", "json", one, other)
    assert.is_true(#rows > 8)
    assert.is_truthy(rows[1].event)
  end)
end)

describe("--table", function()
  it("takes an ID, or a title, whatever its case is", function()
    for _, name in ipairs { "per-file-top", "Per-file I/O Read", "Per-file I/O" } do
      local rows, trace = rows_of("iousagetop", "--table", name, "--output", "json", small)
      assert.is_true(#rows > 0, name)
      for _, row in ipairs(rows) do
        assert.matches("^Per%-file I/O ", row.table)
      end
      assert.same({}, trace)
    end
    assert.is_truthy(out("iousagetop", "--table", "per-file-top", small)
      :find("Per-file I/O Read", 1, true))
    assert.is_nil(out("iousagetop", "--table", "per-file-top", small)
      :find("Per-process", 1, true))
    assert.is_truthy(out("iousagetop", "--table", "PER-FILE-TOP", small):find("Per-file", 1, true))
  end)

  it("takes the trace alone", function()
    local rows, trace = rows_of("iousagetop", "--table", "trace", "--output", "json", small)
    assert.same({}, rows)
    assert.equal("range", trace[1].what)
    -- But for an analysis that has a table of this name.
    rows, trace = rows_of("info", "--table", "trace", "--output", "json", small)
    assert.equal("Trace", rows[1].table)
    assert.same({}, trace)
  end)

  it("of info lists as text only the analyses that lack something", function()
    local able, text = { fully = 0, no = 0, partly = 0 }, host.run_as_is("info", "--table",
      "analyses", "--limit", "0", small).out
    for _, row in ipairs((rows_of("info", "--table", "analyses", "--output", "json", small))) do
      able[row.can_run] = able[row.can_run] + 1
      assert.equal(row.can_run ~= "fully", text:find("\n" .. row.analysis .. " ", 1, true) ~= nil)
    end
    assert.is_true(able.fully > 0 and able.no > 0)
    assert.matches(("Analyses +fully %d, "):format(able.fully), host.run_as_is("info", small).out)
  end)
end)

describe("--columns", function()
  it("gives these only, in this order, of results and logs, in every format", function()
    local rows = rows_of("iolog", "--columns", "duration,name", "--output", "json", small)
    assert.equal('{"table":"I/O operations log","duration":1000,"name":"openat"}',
      (out("iolog", "--columns", "duration,name", "--output", "json", small):match "^[^\n]*"))
    assert.equal(6, #rows)
    assert.equal('"Table","Duration (ns)","Name"\r\n"I/O operations log",1000,"openat"\r\n',
      (out("iolog", "--columns", "Duration,NAME", "--output", "csv", small)
        :match "^[^\n]*\n[^\n]*\n"))
    local text = out("iolog", "--columns", "name,duration", small)
    assert.matches("\nName +Duration *\nopenat +1%.000\nread +2%.000\n", text)
    text = out("iolatencystats", "--columns", "count", small)
    assert.matches("\n +Count\n%-+\n +1\n +2\n", text)
    local lami = json.decode((out("iolog", "--columns", "name", "--output", "lami", small)))
    assert.same({ { title = "Name", class = "syscall" } },
      lami.results[1].class["column-descriptions"])
    assert.same({ { { class = "syscall", name = "openat" } } }, { lami.results[1].data[1] })
  end)

  it("leaves out tables that have none of them", function()
    local rows = rows_of("cputop", "--columns", "migrations", "--output", "json", small)
    for _, row in ipairs(rows) do
      assert.equal("Per-TID Usage", row.table)
    end
  end)
end)

describe("--sort", function()
  --- A column of all rows.
  local function column(name, ...)
    local list = {}
    for i, row in ipairs((rows_of("--output", "json", ...))) do
      list[i] = row[name]
    end
    return list
  end

  it("sorts results and logs", function()
    assert.same({ "fsync", "write", "read", "read", "openat", "close" },
      column("name", "iolog", "--sort", "duration", small))
    assert.same({ "openat", "close", "read", "read", "write", "fsync" },
      column("name", "iolog", "--sort", "-duration", small))
    assert.same({ "close", "fsync", "write", "read", "read", "openat" },
      column("name", "iolog", "--sort=-time_range", small))
    assert.same({ "Open", "Read", "Sync", "Write" },
      column("type", "iolatencystats", "--table", "syscall-latency-stats", "--sort", "type", small))
  end)

  it("takes the limit behind it", function()
    assert.same({ "fsync", "write" },
      column("name", "iolog", "--sort", "duration", "--limit", "2", small))
  end)

  it("can't sort logs by texts", function()
    local result = host.run("iolog", "--sort", "name", small)
    assert.equal(2, result.status)
    assert.matches("'I/O operations log' can only be sorted by numbers and times, not by 'name'",
      result.err)
  end)
end)

describe("a name that there is not", function()
  it("is refused with what may be meant", function()
    for _, case in ipairs {
      { "table", "per-file-tap", "did you mean 'per%-file%-top'%?" },
      { "columns", "path,sise", "unknown name 'sise' %(did you mean 'size'%?%)" },
      { "sort", "-sise", "unknown name 'sise' %(did you mean 'size'%?%)" },
      { "sort", "frobnicate", "unknown name 'frobnicate'; known: process, size, [^\n]*\n" },
    } do
      local result = host.run("iousagetop", "--" .. case[1], case[2], small)
      assert.equal(2, result.status)
      assert.matches("^lttnga%-run: %-%-" .. case[1] .. ": ", result.err)
      assert.matches(case[3], result.err)
      assert.equal("", result.out)
    end
  end)

  it("is not an empty one", function()
    for _, value in ipairs { "", "a,,b", "name," } do
      local result = host.run("iolog", "--columns", value, small)
      assert.equal(2, result.status)
      assert.matches("%-%-columns: empty name", result.err)
    end
  end)

  it("may be that of a table which a flag has added", function()
    local result = host.run("iousagetop", "--table", "log", small)
    assert.equal(2, result.status)
    assert.equal(0, host.run("iousagetop", "--log", "--table", "log", small).status)
  end)
end)

describe("--limit", function()
  --- How many rows there are, by table.
  local function counts(...)
    local found = {}
    for _, row in ipairs((rows_of("--output", "json", ...))) do
      found[row.table] = (found[row.table] or 0) + 1
    end
    return found
  end

  it("cuts a log that was named, and not one that a flag has added", function()
    assert.equal(6, counts("iolog", small)["I/O operations log"])
    assert.equal(3, counts("iolog", "--limit", "3", small)["I/O operations log"])
    assert.equal(6, counts("iolog", "--limit", "0", small)["I/O operations log"])
    assert.equal(6, counts("iousagetop", "--limit", "3", "--log", small)["I/O operations log"])
    assert.equal(6, counts("iolatencytop:--limit=1:--log", small)["I/O operations log"])
    assert.equal(2, counts("iolog:--limit=2,iousagetop", small)["I/O operations log"])
    -- Not by the default that tops have.
    local many = host.trace { streams = { (function()
      local events = { cpu = 0,
        { 1, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
      for i = 1, 30 do
        events[#events + 1] = { i * ms, "syscall_entry_read", { fd = 3, count = 1 } }
        events[#events + 1] = { i * ms + 9, "syscall_exit_read", { ret = 1 } }
      end
      return events
    end)() } }
    assert.equal(30, counts("iolog", many)["I/O operations log"])
    assert.equal(10, counts("iolatencytop", many)["Top system call latencies read"])
  end)

  it("is for tables that rank their rows, and for others where an analysis has none", function()
    local events = { cpu = 0 }
    for i = 1, 12 do
      events[#events + 1] = { i * ms, "irq_handler_entry", { irq = i, name = "x" } }
      events[#events + 1] = { i * ms + 1000 * i, "irq_handler_exit", { irq = i, ret = 1 } }
    end
    local trace = host.trace { streams = { events } }
    assert.equal(12, counts("irqstats", trace)["Hardware interrupt statistics"])
    assert.equal(3, counts("irqstats", "--limit", "3", trace)["Hardware interrupt statistics"])
    assert.equal(3, counts("irqlog", "--limit", "3", trace)["Interrupt log"])
    -- cputop has a limit: it is for its threads, and not for its CPUs.
    local cpus = { streams = {} }
    for cpu = 0, 3 do
      cpus.streams[cpu + 1] = { cpu = cpu,
        { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10 + cpu, next_comm = "x" } },
        { 9 * ms, "sched_switch", { prev_tid = 10 + cpu, next_tid = 0, next_comm = "swapper" } } }
    end
    local found = counts("cputop", "--limit", "2", host.trace(cpus))
    assert.same({ 2, 4 }, { found["Per-TID Usage"], found["Per-CPU Usage"] })
  end)

  it("of an analysis of its own counts in its own way", function()
    -- Of syscallstats it is threads, of which each has all its calls.
    local events = { cpu = 0 }
    for i = 1, 4 do
      events[#events + 1] = { i * 10 * ms, "sched_switch",
        { prev_tid = i - 1, next_tid = i, next_comm = "t" .. i } }
      for k, call in ipairs { "read", "write", "close" } do
        events[#events + 1] = { (i * 10 + k) * ms, "syscall_entry_" .. call, { fd = 3 } }
        events[#events + 1] = { (i * 10 + k) * ms + 9, "syscall_exit_" .. call, { ret = 0 } }
      end
    end
    local trace = host.trace { streams = { events } }
    assert.equal(12, counts("syscallstats", trace)["System call statistics"])
    assert.equal(6, counts("syscallstats", "--limit", "2", trace)["System call statistics"])
    assert.equal(2, counts("syscallstats", "--limit", "2", trace)["Per-TID system call statistics"])
  end)
end)

describe("limits in a session", function()
  --- How many rows the first table of an analysis has.
  local function count(call)
    local result = host.session(small, ("print(#analyse(%s)[1].rows)"):format(call))
    assert.equal(0, result.status, result.err)
    return tonumber(result.out:match "%d+\n$")
  end

  it("are those of the command line", function()
    assert.equal(6, count '"iolog"')
    assert.equal(2, count '"iolog", { limit = 2 }')
    assert.equal(6, count '"iolog", { limit = 0 }')
    assert.equal(4, count '"iolatencystats"')
    -- These rank nothing.
    local result = host.session(small, 'analyse("iolatencystats", { limit = 2 })')
    assert.matches("%-%-limit needs %-%-usage", result.err)
    assert.equal(1, count '"cputop", { limit = 1 }')
  end)
end)

describe("state that outlives windows", function()
  it("is what is dirty, in dirtytop", function()
    -- A page is dirty from the first window on, and is written in the last one.
    local folder = (os.getenv "BUILD" or "build") .. "/example-trace"
    local still, dirtied, flushed = {}, 0, 0
    for _, row in ipairs((rows_of("dirtytop", "--table", "process", "--limit", "0", "--refresh",
      "0.2", "--output", "json", folder))) do
      local begin = row.window.begin
      still[#still + 1] = still[begin] == nil and begin or nil
      still[begin] = (still[begin] or 0) + row.still_dirty
      dirtied, flushed = dirtied + row.dirtied_pages, flushed + row.flushed_pages
    end
    assert.is_true(#still > 5)
    local whole = { dirtied = 0, flushed = 0, still = 0 }
    for _, row in ipairs((rows_of("dirtytop", "--table", "process", "--limit", "0", "--output",
      "json", folder))) do
      whole.dirtied = whole.dirtied + row.dirtied_pages
      whole.flushed = whole.flushed + row.flushed_pages
      whole.still = whole.still + row.still_dirty
    end
    -- What windows say adds up to the whole, and at the end the same is still dirty.
    assert.same({ whole.dirtied, whole.flushed, whole.still },
      { dirtied, flushed, still[still[#still]] })
    -- A run after another one begins anew.
    assert.equal(out("dirtytop", "--refresh", "0.5", folder),
      out("dirtytop", "--refresh", "0.5", folder))
  end)

  it("is not that of another script of the run", function()
    local folder = (os.getenv "BUILD" or "build") .. "/example-trace"
    local once = rows_of("dirtytop", "--table", "process", "--refresh", "1", "--output", "json",
      folder)
    local twice = rows_of("dirtytop,dirtytop:--limit=100", "--table", "process", "--refresh", "1",
      "--output", "json", folder)
    local first = {}
    for _, row in ipairs(twice) do
      if row.table == "Per-process dirtied pages (dirtytop)" then
        row.table = "Per-process dirtied pages"
        first[#first + 1] = row
      end
    end
    assert.same(once, first)
  end)
end)

describe("statistics by keys", function()
  it("stay what they are when they are merged", function()
    local script = host.script [[
      local stats, sums = require "lttnga.stats", require "lttnga.sums"
      return require "lttnga.analysis" { title = "t",
        begin = function(w) w.calls = stats.keyed() end,
        collect = { { "io_end", "tid", "name", "duration", into = "calls" } },
        tables = { { "t", "T", { { "N", "number", "n" }, { "Sum", "number", "sum" } },
          rows = function(w)
            local rows = {}
            for i = 1, 3 do
              local all = sums.by(w.calls, { of = { "tid", "name" },
                key = function() return "all" end })
              rows[i] = { n = all[1].stats:count(), sum = all[1].stats:sum() }
            end
            return rows
          end } } }]]
    local rows = rows_of(script, "--output", "json", small)
    assert.equal(3, #rows)
    for _, row in ipairs(rows) do
      assert.same({ 6, 1000 + 2000 + 4000 + 8000 + 500000 + 1000 }, { row.n, row.sum })
    end
  end)
end)
