--- Tables for SQL: what is in them is what the analyses tell, in every format, and they are whole
-- or not there. tests/parquet.py reads Parquet files, with nothing of ours.
--
-- TRACES=FOLDER... exports other traces in parts, too.
--
-- With LTTNGA_TEST_NPM=1 DuckDB reads them, too, and compares them with what the analyses print; so
-- does hyparquet.
--
-- SPDX-License-Identifier: MIT

local facts = require "lttnga.facts"
local host = require "tests.spec.host"
local json = require "dkjson"
local sqlite = require "lttnga.sqlite"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- Exports a trace to a new path.
local function export(name, ...)
  local path = host.path(name)
  local result = host.run_as_is("export", "--no-cache", "--to", path, ...)
  assert.equal(0, result.status, result.err)
  return path, result
end

--- A Parquet file: what it says of itself, checked.
local function about(path)
  local result = host.shell("python3 tests/parquet.py " .. host.quote(path))
  assert.equal("", result.err)
  return json.decode(result.out)
end

--- The files of a table in a folder.
local function files_of(folder, name)
  local files = {}
  for path in host.shell(("ls %s/%s.parquet %s/%s/* 2>&-"):format(folder, name, folder, name)).out
    :gmatch "[^\n]+" do
    files[#files + 1] = path
  end
  return files
end

--- The rows of a table in a folder: lists of values.
local function rows_of(folder, name)
  local result = host.shell("python3 tests/parquet.py --rows "
    .. table.concat(files_of(folder, name), " "))
  assert.equal("", result.err)
  local rows = {}
  for line in result.out:gmatch "[^\n]+" do
    rows[#rows + 1] = line
  end
  return rows
end

--- What SQLite answers: a line of JSON for each row.
local function ask(path, question)
  local db = assert(sqlite.open(path))
  local names = assert(db:ask(question))
  local lines = {}
  for row in function() return db:row() end do
    local cells = {}
    for i = 1, #names do
      cells[i] = row[i] == nil and "null" or json.encode(row[i])
    end
    lines[#lines + 1] = "[" .. table.concat(cells, ", ") .. "]"
  end
  return lines
end

--- All tables.
local function all()
  local list = table.move(facts.tables, 1, #facts.tables, 1, {})
  return table.move(facts.dimensions, 1, #facts.dimensions, #list + 1, list)
end

--- The columns of a table as SQL.
local function columns_of(one)
  local names = {}
  for i, column in ipairs(one.columns) do
    -- SQLite has no booleans.
    names[i] = column.type == "boolean" and ([[case when "%s" then 'true' when not "%s" then ]]
      .. [['false' end as "%s"]]):format(column.name, column.name, column.name)
      or ('"%s"'):format(column.name)
  end
  return table.concat(names, ", ")
end

local function sorted(list)
  table.sort(list)
  return list
end

describe("the tables of the example", function()
  local folder = export("tables", example)
  local file = export("tables.db", example)

  for _, one in ipairs(all()) do
    it("are whole: " .. one.name, function()
      local found = about(("%s/%s.parquet"):format(folder, one.name))
      local expected = {}
      for i, column in ipairs(one.columns) do
        expected[i] = { name = column.name, type = column.type,
          required = column.required or false, encodings = found.columns[i].encodings }
      end
      assert.same(expected, found.columns)
      assert.same({ ["lttnga.table"] = one.name, ["lttnga.time_zone"] = "UTC" }, found.metadata)
    end)

    it("are the same in SQLite: " .. one.name, function()
      local rows = rows_of(folder, one.name)
      local other = ask(file, ("select %s from %s"):format(columns_of(one), one.name))
      assert.equal(#rows, #other)
      for i, line in ipairs(rows) do
        local text = other[i]:gsub('"true"', "true"):gsub('"false"', "false")
        -- The path of a file can be "true".
        if line ~= text then
          assert.same(json.decode(line), json.decode(text))
        end
      end
    end)
  end

  it("have the calls of iolog, one by one", function()
    local expected = {}
    for _, row in ipairs(host.rows("iolog", "--no-cache", "--limit", "0", "--output", "json",
      example)) do
      if not row.open then
        expected[#expected + 1] = ("%d|%d|%s|%s|%s|%s|%s"):format(row.time_range.begin,
          row.duration, row.name, row.size or "", row.process.name, row.process.tid,
          row.path or "")
      end
    end
    local db = assert(sqlite.open(file))
    assert(db:ask [[select ts, dur, name, size, thread_name, tid, path from syscall
      where io_class <> 'copy' and dur]])
    local found = {}
    for row in function() return db:row() end do
      for i = 1, 7 do
        row[i] = tostring(row[i] == nil and "" or row[i])
      end
      found[#found + 1] = table.concat(row, "|", 1, 7)
    end
    assert.is_true(#found > 100)
    assert.same(sorted(expected), sorted(found))
  end)

  --- Sums of an analysis, and a question that must give the same: lists of lines.
  local function compare(question, name, line, ...)
    local expected, found = {}, {}
    for _, row in ipairs(host.rows(name, "--no-cache", "--limit", "0", "--output", "json",
      ...)) do
      expected[#expected + 1] = line(row)
    end
    local db = assert(sqlite.open(file))
    local names = assert(db:ask(question))
    for row in function() return db:row() end do
      for i = 1, #names do
        row[i] = tostring(row[i] == nil and "" or row[i])
      end
      found[#found + 1] = table.concat(row, "|", 1, #names)
    end
    assert.is_true(#found > 0)
    assert.same(sorted(expected), sorted(found))
  end

  it("have the sums of syscalls", function()
    compare([[select name, count(*), sum(error <> 0), sum(dur), max(dur) from syscall where dur
      group by name]], "syscalls", function(row)
      return ("%s|%d|%d|%d|%d"):format(row.syscall, row.calls, row.errors, row.total, row.max)
    end, example)
  end)

  it("have the interrupts of irqstats", function()
    compare([[select irq, name, count(*), max(dur) from irq where dur group by irq, name]],
      "irqstats", function(row)
      return row.interrupt.hard
        and ("%d|%s|%d|%d"):format(row.interrupt.nr, row.interrupt.name, row.count, row.max) or nil
    end, example)
  end)

  it("have the waits of waits", function()
    compare([[select cause, count(*), sum(dur), max(dur) from wait where cause <> 'work'
      group by cause]], "waits", function(row)
      return row.table == "Waits by cause"
        and ("%s|%d|%d|%d"):format(row.cause, row.count, row.total, row.max) or nil
    end, example)
  end)

  it("add up to the trace on each CPU", function()
    local lines = ask(file, [[select cpu, sum(dur) = (select "end" - "begin" from trace), count(*)
      = count(distinct ts) from sched group by cpu]])
    assert.is_true(#lines > 0)
    for _, line in ipairs(lines) do
      assert.matches("^%[%d+, 1, 1%]$", line)
    end
  end)

  it("have no number without a row that says what it is", function()
    for _, one in ipairs(facts.tables) do
      for _, column in ipairs(one.columns) do
        local key = column.kind == "entity" and column.name:match "u[tp]id$"
          or column.name:match "^[a-z]+_id$"
        local of = ({ utid = "thread", upid = "process", file_id = "file", disk_id = "disk",
          host_id = "host" })[key]
        -- Threads that did nothing have no row.
        if of and (column.name == key) then
          assert.same({ "[0]" }, ask(file, ("select count(*) from %s where %s not in (select %s "
            .. "from %s)"):format(one.name, column.name, key, of)), one.name .. "." .. column.name)
        end
      end
    end
  end)
end)

describe("the list of tables", function()
  it("has every derived event, or says where else its contents are", function()
    local known, count = {}, 0
    for _, one in ipairs(facts.tables) do
      for _, event in ipairs(one.sources) do
        known[event] = true
      end
    end
    for _, one in ipairs(facts.left_out) do
      assert.is_nil(known[one[1]], one[1])
      known[one[1]] = true
    end
    for _, hook in ipairs(require("lttnga.host").hooks()) do
      assert.is_true(known[hook.name], hook.name)
      known[hook.name], count = nil, count + 1
    end
    assert.is_nil(next(known))
    assert.is_true(count > 40)
  end)

  it("knows which fields are points in time", function()
    for _, hook in ipairs(require("lttnga.host").hooks()) do
      for _, field in ipairs(hook.fields) do
        if field.unit == "ns" and field.name ~= "time" and field.name ~= "since" then
          local is_time = field.doc:find "^when" or field.doc:find "^since when"
          assert.equal(is_time ~= nil, facts.times[field.name] == true,
            hook.name .. "." .. field.name)
        end
      end
    end
  end)
end)

-- ---- Names and numbers ----

local BEGIN = 1795448251000000000
local ms = 1000000

local function switch(at, prev, comm, next_tid, next_comm)
  return { BEGIN + at * ms, "sched_switch", { prev_tid = prev, prev_comm = comm, prev_prio = 20,
    prev_state = 1, next_tid = next_tid, next_comm = next_comm, next_prio = 20 } }
end

--- A call of the thread that runs, from one time to another.
local function call(from, to, name, entry, leave)
  return { BEGIN + from * ms, "syscall_entry_" .. name, entry },
    { BEGIN + to * ms, "syscall_exit_" .. name, leave }
end

local function list(...)
  local events = {}
  for _, one in ipairs { ... } do
    table.move(one, 1, #one, #events + 1, events)
  end
  events.cpu = 0
  return events
end

describe("names", function()
  it("are those of the moment", function()
    local trace = host.trace { env = { hostname = "box" }, streams = { list(
      { switch(0, 0, "swapper/0", 10, "bash") },
      { { BEGIN + 1 * ms, "lttng_statedump_process_state", { tid = 10, pid = 10, ppid = 1,
        name = "bash" } } },
      { call(2, 3, "getpid", {}, { ret = 10 }) },
      { switch(4, 10, "bash", 0, "swapper/0"), switch(5, 0, "swapper/0", 10, "ls") },
      { call(6, 7, "getpid", {}, { ret = 10 }) },
      { switch(8, 10, "ls", 0, "swapper/0") }) } }
    local file = export("names.db", trace)
    assert.same({ '["bash"]', '["ls"]' }, ask(file,
      "select thread_name from syscall where name = 'getpid' order by ts"))
    assert.same({ '["bash", "swapper"]', '["ls", "swapper"]' }, ask(file, [[select name,
      (select name from thread where utid = 0) from thread where tid = 10 order by "from"]]))
    assert.same({ "[1]" }, ask(file, [[select a."to" = b."from" from thread a, thread b
      where a.name = 'bash' and b.name = 'ls']]))
  end)

  it("of threads with the same TID are told apart", function()
    local function life(at, name)
      return { { BEGIN + at * ms, "sched_process_fork", { parent_tid = 10, parent_pid = 10,
        child_tid = 30, child_pid = 30, child_comm = name } },
        switch(at + 1, 10, "bash", 30, name), { BEGIN + (at + 2) * ms, "syscall_entry_getpid", {} },
        { BEGIN + (at + 3) * ms, "syscall_exit_getpid", { ret = 30 } },
        { BEGIN + (at + 4) * ms, "sched_process_exit", { tid = 30, comm = name, prio = 20 } },
        switch(at + 5, 30, name, 10, "bash"),
        { BEGIN + (at + 6) * ms, "sched_process_free", { tid = 30, comm = name, prio = 20 } } }
    end
    local trace = host.trace { env = { hostname = "box" }, streams = {
      list({ switch(0, 0, "swapper/0", 10, "bash") }, life(10, "one"), life(20, "two")) } }
    local file = export("reused.db", trace)
    assert.same({ '[30, "one"]', '[30, "two"]' }, ask(file,
      "select tid, thread_name from syscall where name = 'getpid' order by ts"))
    assert.same({ "[2, 2]" }, ask(file,
      "select count(distinct utid), count(distinct upid) from syscall where name = 'getpid'"))
    assert.same({ "[2]" }, ask(file, "select count(*) from fork where parent_upid = 10"))
  end)

  it("of strangers are UTF-8, and whole", function()
    local names = { "a'b\"c", "\xff\xfe", "tab\tnl\n", "\xe2\x82", "€", "; drop table", "x" }
    local events = { cpu = 0 }
    for i, name in ipairs(names) do
      events[#events + 1] = switch(i, i > 1 and 100 + i - 1 or 0, names[i - 1] or "swapper/0",
        100 + i, name)
    end
    local trace = host.trace { env = { hostname = "b\xfeox" }, streams = { events } }
    local folder, file = export("names", trace), export("names.db", trace)
    local expected = { "a'b\"c", "\u{fffd}\u{fffd}", "tab\tnl\n", "\u{fffd}", "€",
      "; drop table", "x" }
    for i, line in ipairs(ask(file, "select name from thread where tid > 100 order by tid")) do
      -- How many characters stand for broken ones is not ours.
      local name = json.decode(line)[1]
      local function some(text)
        return (text:gsub("\u{fffd}", "?"):gsub("?+", "?"))
      end
      assert.equal(some(expected[i]), some(name))
    end
    -- The last one did not run.
    assert.equal(#names, #rows_of(folder, "thread"))
    assert.equal(1, #rows_of(folder, "host"))
  end)

  it("of several machines have numbers of their own", function()
    local function machine(name)
      return host.trace { env = { hostname = name }, streams = { list(
        { switch(0, 0, "swapper/0", 10, name) },
        { { BEGIN + 1 * ms, "lttng_statedump_process_state", { tid = 10, pid = 10, ppid = 1,
          name = name } } },
        { call(2, 3, "getpid", {}, { ret = 10 }) }) } }
    end
    local file = export("hosts.db", machine "one", machine "two")
    assert.same({ '["one", 10, "one", 1]', '["two", 10, "two", 1]' }, ask(file, [[select host, tid,
      thread_name, (select count(*) from thread t where t.utid = s.utid) from syscall s
      where name = 'getpid' order by host]]))
    assert.same({ '["one"]', '["two"]' }, ask(file, "select host from trace order by host"))
  end)
end)

-- ---- What is selected ----

describe("options", function()
  it("select rows, and are noted", function()
    local file = export("dd.db", "--procname", "dd", example)
    assert.same({ '["dd"]' }, ask(file, "select distinct thread_name from syscall"))
    assert.same({ '["procname dd"]' }, ask(file, "select filter from trace"))
  end)

  it("cut the time", function()
    local file = export("cut.db", "--timerange", "15:36:38..15:36:39", "--gmt", example)
    assert.same({ "[1000000000]" }, ask(file, [[select "end" - "begin" from trace]]))
    for _, line in ipairs(ask(file, "select sum(dur) from sched group by cpu")) do
      assert.equal("[1000000000]", line)
    end
  end)

  it("look for requests", function()
    local file = export("requests.db", "--request", "fsync", example)
    local count = 0
    for _, row in ipairs(host.rows("requestslog", "--request", "fsync", "--limit", "0",
      "--output", "json", example)) do
      count = count + (row.duration and 1 or 0)
    end
    assert.same({ ("[%d]"):format(count) },
      ask(file, "select count(*) from request where dur is not null"))
  end)

  it("must make sense", function()
    for message, words in pairs {
      ["export needs --to DIR or --to FILE.db"] = { example },
      ["--refresh cannot be used with export: use --timerange to export a part"] = { "--to",
        host.path "x", "--refresh", "1", example },
      ["--to cannot be used with --partial"] = { "--to", host.path "x", "--partial",
        host.path "y", example },
    } do
      local result = host.run_as_is("export", table.unpack(words))
      assert.equal("lttnga-run: " .. message .. "\nTry 'lttnga-run --help'.\n", result.err)
      assert.equal(2, result.status)
    end
  end)
end)

-- ---- In parts ----

local traces = { example }
for trace in (os.getenv "TRACES" or ""):gmatch "%S+" do
  traces[#traces + 1] = trace
end

--- A folder with saved states of traces.
local function index(...)
  local folder = host.path "cache"
  local result = host.run_as_is("index", "--cache", folder, ...)
  assert.equal(0, result.status, result.err)
  return folder
end

--- Exports with saved states, by so many processes.
local function export_parts(name, folder, jobs, ...)
  local path = host.path(name)
  local result = host.run_as_is("export", "--cache", folder, "--jobs", jobs, "--to", path, ...)
  assert.equal(0, result.status, result.err)
  return path, result
end

--- The rows of all tables of a folder, in their order.
local function all_rows(folder)
  local files = {}
  for _, one in ipairs(all()) do
    local found = files_of(folder, one.name)
    assert.is_true(#found > 0, one.name)
    table.move(found, 1, #found, #files + 1, files)
  end
  local result = host.shell("python3 tests/parquet.py --rows " .. table.concat(files, " "))
  assert.equal("", result.err)
  return result.out
end

--- Compares two exports: the same rows of each table, facts in the same order.
local function compare_tables(whole, parts)
  if all_rows(whole) == all_rows(parts) then
    return
  end
  for _, one in ipairs(all()) do
    local expected, found = rows_of(whole, one.name), rows_of(parts, one.name)
    if not one.event then
      expected, found = sorted(expected), sorted(found)
    end
    assert.same(expected, found, one.name)
  end
end

for _, trace in ipairs(traces) do
  describe("--jobs on " .. trace:match "[^/]*$", function()
    local folder = index(trace)

    it("gives the same tables, in parts", function()
      local whole, result = export("whole", trace)
      for _, jobs in ipairs { "2", "3", "7" } do
        local path, other = export_parts("parts", folder, jobs, trace)
        assert.equal(result.out, other.out)
        assert.equal(result.err, other.err)
        compare_tables(whole, path)
        assert.is_true(#files_of(path, "syscall") > 1)
      end
    end)

    it("gives the same part of the trace", function()
      local whole = export("whole", "--begin", "+100ms", "--end", "+1s", "--procname", "!bash",
        trace)
      compare_tables(whole, (export_parts("parts", folder, "3", "--begin", "+100ms", "--end",
        "+1s", "--procname", "!bash", trace)))
    end)
  end)
end

describe("--jobs", function()
  local folder = index(example)

  it("makes a directory for each table of facts, whether it is divided or not", function()
    local parts = export_parts("parts", folder, "2", example)
    local whole = host.path "whole"
    local result = host.run_as_is("export", "--no-cache", "--jobs", "2", "--to", whole, example)
    assert.matches("note: %-%-jobs: one process reads the trace", result.err)
    for _, one in ipairs(facts.tables) do
      local found, files = rows_of(parts, one.name), files_of(parts, one.name)
      for i, path in ipairs(files) do
        assert.equal(("%s/%s/part-%04d.parquet"):format(parts, one.name, i), path)
      end
      assert.same({ ["lttnga.table"] = one.name, ["lttnga.time_zone"] = "UTC" },
        about(files[#files]).metadata)
      -- A table without rows is there, too.
      assert.is_true(#files == 1 or #files > 1 and #found >= #files)
      assert.same({ ("%s/%s/part-0001.parquet"):format(whole, one.name) },
        files_of(whole, one.name))
    end
    for _, one in ipairs(facts.dimensions) do
      assert.same({ ("%s/%s.parquet"):format(parts, one.name) }, files_of(parts, one.name))
    end
    compare_tables(whole, parts)
    assert.equal(host.read(whole .. "/views.sql"), host.read(parts .. "/views.sql"))
    assert.matches("from 'syscall/%*%.parquet' f;", host.read(parts .. "/views.sql"))
    assert.equal("", host.shell(("find %s %s -name '*new-*'"):format(whole, parts)).out)
  end)

  it("gives the same tables of several machines", function()
    local function machine(name)
      return host.trace { env = { hostname = name }, streams = { list(
        { switch(0, 0, "swapper/0", 10, name) }, { call(2, 3, "getpid", {}, { ret = 10 }) },
        { switch(4, 10, name, 0, "swapper/0"), switch(30, 0, "swapper/0", 11, "other") },
        { call(32, 33, "getpid", {}, { ret = 11 }) }, { switch(40, 11, "other", 10, name) }) } }
    end
    local one, two = machine "one", machine "two"
    local states = index(one, two, example)
    local path, result = export_parts("parts", states, "3", one, two, example)
    compare_tables(export("whole", one, two, example), path)
    assert.equal("", result.err)
  end)

  it("begins anew with one process if another script can't be divided", function()
    local script = host.script [[
      local analysis = require "lttnga.analysis"
      return analysis { title = "Count", begin = function(w) w.n = 0 end,
        on = { syscall_exit = function(w) w.n = w.n + 1 end },
        tables = { { "n", "N", { { "N", "number" } },
          rows = function(w) return { { w.n } } end } } }
    ]]
    local path = host.path "parts"
    local result = host.run_as_is("export," .. script, "--cache", folder, "--jobs", "3", "--to",
      path, example)
    assert.matches("note: %-%-jobs: one process reads the trace: w%.n is plain Lua", result.err)
    assert.equal(1, #files_of(path, "syscall"))
    assert.equal("", host.shell(("find %s -name '*new-*'"):format(path)).out)
    compare_tables(export("whole", example), path)
  end)

  it("is for Parquet files only", function()
    local path, result = export_parts("parts.db", folder, "2", example)
    assert.equal("lttnga-run: note: --jobs: one process reads the trace: one process writes an "
      .. "SQLite file\n", result.err)
    assert.same({ "[1]" }, ask(path, "select count(*) from trace"))
  end)

  it("replaces an export with --force, if there is nothing else in it", function()
    local path = export_parts("parts", folder, "2", example)
    local function again(...)
      return host.run_as_is("export", "--cache", folder, "--force", "--to", path, ...).err
    end
    assert.equal("", again(example))
    assert.equal("", again("--jobs", "2", example))
    for _, name in ipairs { "syscall/notes.txt", "syscall/other.parquet", "more/other.parquet" } do
      local file = path .. "/" .. name
      host.shell(("mkdir -p %s/more; echo PAR1PAR1PAR1 >%s"):format(path, file))
      assert.matches("the directory has other files in it", again(example))
      assert.equal("PAR1PAR1PAR1\n", host.read(file))
      os.remove(file)
      os.remove(path .. "/more")
    end
    -- What is behind a link is not in it.
    host.shell(("cd %s; mv syscall ../else; ln -s ../else syscall"):format(path))
    assert.matches("the directory has other files in it", again(example))
    assert.is_true(#files_of(path, "syscall") > 0)
  end)
end)

-- ---- Whole, or not there ----

--- What is in the folder of a path, beside it.
local function beside(path)
  return host.shell(("ls -A %s"):format(host.quote(path:match "^(.*)/"))).out
end

describe("what is there", function()
  local function refused(path, why)
    local result = host.run_as_is("export", "--no-cache", "--to", path, example)
    assert.equal(("lttnga-run: cannot write %s: %s\n"):format(path, why), result.err)
    assert.equal(1, result.status)
  end

  it("is not overwritten", function()
    local folder = host.path "full"
    host.shell(("mkdir %s; echo mine >%s/file"):format(folder, folder))
    refused(folder, "the directory has other files in it")
    refused(folder .. "/file",
      "it is not a directory; a name that ends in .db makes an SQLite file")
    local file = host.write("mine", "mine.db")
    refused(file, "there is a file that is not an export")
    assert.equal("mine", host.read(file))
    assert.equal("mine\n", host.read(folder .. "/file"))
    refused("/nix/da", "No such file or directory")
  end)

  it("is replaced with --force, if it is an export", function()
    for _, name in ipairs { "again", "again.db" } do
      local path = export(name, "--procname", "dd", example)
      refused(path, "there is an export already; --force replaces it")
      local result = host.run_as_is("export", "--no-cache", "--force", "--to", path, example)
      assert.equal("", result.err)
      local count = name == "again" and #rows_of(path, "syscall")
        or tonumber(ask(path, "select count(*) from syscall")[1]:match "%d+")
      assert.is_true(count > 500)
      assert.is_nil(beside(path):find "%.new%-")
    end
  end)

  it("is not replaced with --force if there is something else in it", function()
    for _, name in ipairs { "notes.txt", "other.parquet" } do
      local path = export("mixed", example)
      host.shell(("echo PAR1PAR1PAR1 >%s/%s"):format(path, name))
      local result = host.run_as_is("export", "--no-cache", "--force", "--to", path, example)
      assert.matches("the directory has other files in it", result.err)
      assert.equal(1, result.status)
      assert.equal("PAR1PAR1PAR1\n", host.read(path .. "/" .. name))
    end
  end)

  it("may be an empty folder", function()
    local path = host.path "empty"
    host.shell("mkdir " .. path)
    assert.equal(0, host.run_as_is("export", "--to", path .. "/", example).status)
    assert.is_true(#rows_of(path, "trace") == 1)
  end)
end)

describe("an export that fails", function()
  --- Runs a shell command that exports to $to; whether it is there then.
  local function try(name, command)
    local place = host.path "place"
    local path = place .. "/" .. name
    host.shell("mkdir " .. place)
    local result = host.shell(("program=%s trace=%s to=%s; %s"):format(build .. "/lttnga-run",
      example, path, command))
    return result, host.shell("test -e " .. path).status == 0, path
  end

  --- Whether an export has all that it should.
  local function check_whole(path)
    if path:find "%.db$" then
      assert.same({ "[1]" }, ask(path, "select count(*) from trace"))
      return
    end
    local files = {}
    for _, one in ipairs(all()) do
      local found = files_of(path, one.name)
      assert.is_true(#found > 0, one.name)
      table.move(found, 1, #found, #files + 1, files)
    end
    local result = host.shell("python3 tests/parquet.py " .. table.concat(files, " "))
    assert.equal("", result.err)
    assert.equal(#files, select(2, result.out:gsub("\n", "\n")))
  end

  for _, name in ipairs { "tables", "tables.db" } do
    it("leaves nothing if files can't be larger: " .. name, function()
      for _, blocks in ipairs { 0, 1, 8, 64, 256 } do
        -- A limit is like a full disk, if its signal is ignored.
        local result, is_there, path = try(name, ("trap '' XFSZ; ulimit -f %d; $program export "
          .. "--no-cache --to $to $trace 2>$to.err; s=$?; ulimit -f unlimited 2>&-; exit $s")
          :format(blocks))
        assert.equal(is_there and 0 or 1, result.status)
        assert.is_false(is_there and blocks < 256)
        assert.is_nil(beside(path):find "%.new%-")
      end
    end)

    it("leaves nothing that looks whole if it is killed: " .. name, function()
      for i = 1, 12 do
        local _, is_there, path = try(name, ("$program export --no-cache --to $to $trace & "
          .. "sleep %.3f; kill -9 $!; wait"):format(0.02 * i))
        if is_there then
          check_whole(path)
        end
      end
    end)
  end

  describe("in parts", function()
    local words = ("export --cache %s --jobs 2"):format(index(example))

    it("leaves nothing if files can't be larger", function()
      for _, blocks in ipairs { 0, 1, 8, 24, 256 } do
        local result, is_there, path = try("tables", ("trap '' XFSZ; ulimit -f %d; $program %s "
          .. "--to $to $trace 2>&1; s=$?; ulimit -f unlimited 2>&-; exit $s"):format(blocks, words))
        assert.equal(is_there and 0 or 1, result.status, result.out)
        assert.is_false(is_there and blocks < 256)
        assert.is_nil(beside(path):find "%.new%-")
      end
    end)

    it("leaves nothing that looks whole if it is killed", function()
      for i = 1, 12 do
        local _, is_there, path = try("tables", ("$program %s --to $to $trace & sleep %.3f; "
          .. "kill -9 $!; wait"):format(words, 0.02 * i))
        if is_there then
          check_whole(path)
        end
      end
    end)

    it("leaves nothing if one of its processes is killed", function()
      local killed, i = 0, 0
      -- On a busy machine it takes longer until there is one.
      while i < 12 or killed == 0 and i < 100 do
        i = i + 1
        local result, is_there, path = try("tables", ("$program %s --to $to $trace 2>&1 & "
          .. "sleep %.3f; kill -9 $(cat /proc/$!/task/$!/children) 2>&-; wait $!")
          :format(words, 0.01 * i))
        assert.is_nil(beside(path):find "%.new%-")
        if is_there then
          check_whole(path)
        else
          assert.matches("the process for part %d+ of %d+ was killed by signal 9", result.out)
          killed = killed + 1
        end
      end
      assert.is_true(killed > 0)
    end)
  end)

  it("says so in one line", function()
    for _, name in ipairs { "tables", "tables.db" } do
      local result = try(name, "trap '' XFSZ; ulimit -f 8; "
        .. "$program export --no-cache --to $to $trace 2>&1 >/dev/null | tail -1")
      assert.matches("^lttnga%-run: cannot write %S+: %a+ ", result.out)
    end
  end)
end)

-- ---- Foreign readers ----

describe("DuckDB", function()
  local folder = host.path "npm"

  --- Why packages of npm can't be had; nil if they can.
  local function lack()
    if os.getenv "LTTNGA_TEST_NPM" ~= "1" then
      return "LTTNGA_TEST_NPM=1 allows to get DuckDB and hyparquet from npm"
    elseif host.shell("command -v node && command -v npm").status ~= 0 then
      return "node and npm are not installed"
    elseif host.shell(("test -d %s/node_modules || npm install --prefix %s @duckdb/node-api "
      .. "hyparquet hyparquet-compressors"):format(folder, folder)).status ~= 0 then
      return "npm can't install @duckdb/node-api"
    end
  end

  for _, trace in ipairs(traces) do
    it("finds the same in an export in parts: " .. trace:match "[^/]*$", function()
      local why = lack()
      if why then
        pending(why)
        return
      end
      local whole, parts = export("whole", trace), export_parts("parts", index(trace), "3", trace)
      local result = host.shell(("NODE_PATH=%s node tests/duckdb/same.mjs %s %s"):format(folder,
        whole, parts))
      assert.equal(0, result.status, result.out .. result.err)
      result = host.shell(("NODE_PATH=%s node tests/duckdb/questions.mjs %s/lttnga-run %s "
        .. "%s docs/sql.md"):format(folder, build, trace, parts))
      assert.equal(0, result.status, result.out .. result.err)
    end)

    it("answers the questions of docs/sql.md as SQLite does: " .. trace:match "[^/]*$", function()
      local why = lack()
      if why then
        pending(why)
        return
      end
      local tables = export("tables", trace)
      local result = host.shell(("NODE_PATH=%s node tests/duckdb/questions.mjs %s/lttnga-run %s "
        .. "%s docs/sql.md"):format(folder, build, trace, tables))
      assert.equal(0, result.status, result.out .. result.err)
    end)

    it("finds what the analyses print: " .. trace:match "[^/]*$", function()
      local why = lack()
      if why then
        pending(why)
        return
      end
      local tables = export("tables", "--request", "fsync", trace)
      local result = host.shell(("NODE_PATH=%s node tests/duckdb/compare.mjs %s/lttnga-run %s "
        .. "%s fsync"):format(folder, build, trace, tables))
      assert.equal(0, result.status, result.out .. result.err)
    end)
  end

  it("and hyparquet read the same", function()
    local why = lack()
    if why then
      pending(why)
      return
    end
    local tables = export("tables", example)
    local result = host.shell(("NODE_PATH=%s node tests/duckdb/hyparquet.mjs %s")
      :format(folder, tables))
    assert.equal(0, result.status, result.out .. result.err)
    assert.equal(#all(), select(2, result.out:gsub("\n", "\n")))
  end)
end)
