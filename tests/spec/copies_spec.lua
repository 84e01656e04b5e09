--- What a newcomer does: copies a stock script and adds a column, which is one line; and a
-- renderer, which is one file.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

-- What the analyses of periods look for.
local PERIOD = { "--period", 'p : $evt.$name == "syscall_entry_openat" : '
  .. '$evt.$name == "syscall_exit_openat" && $evt.tid == $begin.$evt.tid' }

--- The stock scripts: what stands in their columns, what that becomes, the title of the table and
-- the name of the new column there, and what its cells are; arguments, if it takes some to fill it.
local edits = {
  cputop = { '"CPU usage", "ratio", "usage" } },', '"CPU usage", "ratio", "usage" }, '
    .. '{ "Thread", "number", "tid" } },', "Per-TID Usage", "thread", "number" },
  dirtytop = { 'count("Still dirty", "still") }', 'count("Still dirty", "still"), '
    .. '{ "Bytes", "size", "dirtied" } }', "Per-process dirtied pages", "bytes", "number" },
  latencymap = { '{ "Count", "number", "n" }', '{ "Count", "number", "n" }, '
    .. '{ "Twice", "number", function(row) return 2 * row.n end }', "Latencies over time", "twice",
    "number" },
  irqtop = { '{ "CPU", "cpu", "cpu" },', '{ "CPU", "cpu", "cpu" }, { "Began", "timestamp", '
    .. '"begin" },', "Longest interrupt handlers", "began", "number" },
  syscalls = { '{ "Calls", "number", "count" },', '{ "Calls", "number", "count" }, '
    .. '{ "Twice", "number", function(row) return 2 * row.count end },', "System calls", "twice",
    "number" },
  biolatency = { 'frequency.columns "Requests",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Requests") },',
    "Disk latency", "width", "number" },
  biosnoop = { '{ "LAT", "duration", "duration" },', '{ "LAT", "duration", "duration" }, '
    .. '{ "TID", "number", "tid" },', "Disk requests", "tid", "number" },
  opensnoop = { '{ "FD", "fd", "fd", width = 3 },', '{ "FD", "fd", "fd", width = 3 }, '
    .. '{ "TID", "number", "tid" },', "Opened files", "tid", "number" },
  filetop = { '{ "TID", "number", "tid", key = true },', '{ "TID", "number", "tid", key = true }, '
    .. '{ "Bytes", "size", "size" },', "Files by bytes read and written", "bytes", "number" },
  fileslower = { '{ "LAT", "duration", "duration" },', '{ "LAT", "duration", "duration" }, '
    .. '{ "Descriptor", "number", "fd" },', "Slow calls on files", "descriptor", "number" },
  report = { "sections = {", 'sections = { { "Mine", "What else there is.", "irqlog" },',
    "Interrupt log", "duration", "number" },
  info = { '{ { "Event" }, { "Count", "number" } }', '{ { "Event" }, { "Count", "number" }, '
    .. '{ "Length", "number", function(row) return #row[1] end } }', "Events", "length", "number" },
  iolatencyfreq = { 'frequency.columns "Requests",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Requests") },',
    "I/O request latency distribution", "width", "number" },
  iolatencystats = { 'stats.columns { "Type", "string", "key" }', 'stats.columns({ "Type", '
    .. '"string", "key" }, { "Twice", "number", function(row) return 2 * row.count end })',
    "Syscalls latency statistics", "twice", "number" },
  iolatencytop = { "family.columns,", '{ { "Began", "timestamp", "begin" }, '
    .. "table.unpack(family.columns) },", "Top system call latencies read", "began", "number" },
  iolog = { "family.columns,", '{ { "Began", "timestamp", "begin" }, '
    .. "table.unpack(family.columns) },", "I/O operations log", "began", "number" },
  iousagetop = { 'size("Total", direction),', 'size("Total", direction), '
    .. '{ "Calls", "number", "n" },', "Per-process I/O Read", "calls", "number" },
  irqfreq = { 'frequency.columns "Interrupts",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Interrupts") },',
    "Handler duration frequency distribution", "width", "number" },
  irqlog = { '{ "CPU", "cpu", "cpu" },', '{ "CPU", "cpu", "cpu" }, '
    .. '{ "Label", "string", "label" },', "Interrupt log", "label", "string" },
  irqstats = { 'stats.columns { "Interrupt", "irq", family.cell }', 'stats.columns({ "Interrupt", '
    .. '"irq", family.cell }, { "Kind", "string", "kind" })', "Hardware interrupt statistics",
    "kind", "string" },
  memtop = { '"Times", "number", "n_" .. what, width = 10 }', '"Times", "number", "n_" .. what, '
    .. 'width = 10 }, { "Key", "mixed", "key" }', "Per-TID Memory Allocations", "key", "number" },
  overview = { '"Forks", "number", "forks" },', '"Forks", "number", "forks" }, '
    .. '{ "CPUs", "number", "n_cpus" },', "Overview", "cpus", "number" },
  pageflush = { '{ "Name", "syscall", "name" },', '{ "Name", "syscall", "name" }, '
    .. '{ "Began", "timestamp", "begin" },', "Calls that wrote or synced files", "began",
    "number" },
  schedfreq = { 'frequency.columns "Latencies",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Latencies") },',
    "Scheduling latency frequency distribution", "width", "number" },
  schedlog = { "family.columns,", '{ { "Target", "number", "tid" }, '
    .. "table.unpack(family.columns) },", "Scheduling log", "target", "number" },
  schedstates = { '"Process", "process", thread.fields, width = -25 } }\n', '"Process", "process", '
    .. 'thread.fields, width = -25 } }\n', "Time of threads", "number", "number",
    lines = { "  return list\n", '  list[#list + 1] = { "Number", "number", "tid" }\n'
      .. "  return list\n" } },
  criticalpath = { '{ "Detail", "string", "detail" },', '{ "Detail", "string", "detail" }, '
    .. '{ "Number", "number", "utid" },', "Critical path", "number", "number", "--tid", "393" },
  locks = { '{ "Waits", "number", "count", width = 7 },', '{ "Waits", "number", "count", '
    .. 'width = 7 }, { "Twice", "number", function(row) return 2 * row.count end },', "Locks",
    "twice", "number" },
  runqueue = { '{ "Max length", "number", "max", width = 11 },', '{ "Max length", "number", "max", '
    .. 'width = 11 }, { "Number", "number", "cpu" },', "Run queues", "number", "number" },
  runqlat = { 'frequency.columns "Count",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Count") },',
    "Run queue latency", "width", "number" },
  runqslower = { '{ "TID", "number", "tid" },', '{ "TID", "number", "tid" }, '
    .. '{ "Number", "number", "tid" },', "Long waits for a CPU", "number", "number" },
  offcputime = { '{ "COUNT", "number", "n" } }', '{ "COUNT", "number", "n" }, '
    .. '{ "Number", "number", "tid" } }', "Off-CPU time", "number", "number" },
  execsnoop = { '{ "RET", "number", "ret" },', '{ "RET", "number", "ret" }, '
    .. '{ "Number", "number", "pid" },', "Executed programs", "number", "number" },
  killsnoop = { '{ "SIGNAL", "string", "signal", hidden = true }', '{ "SIGNAL", "string", '
    .. '"signal", hidden = true }, { "Number", "number", "pid" }', "Signals sent",
    "number", "number", on = "signals" },
  tcplife = { '{ "Open", "bool", "open", hidden = true }', '{ "Open", "bool", "open", '
    .. 'hidden = true }, { "Number", "number", "pid" }', "TCP connections", "number", "number",
    on = "twohosts-a" },
  timehist = { '{ "run time", "duration", "duration" },', '{ "run time", "duration", "duration" }, '
    .. '{ "Number", "number", "tid" },', "Slices of CPU time", "number", "number" },
  containers = { 'count_of("Processes", "processes"),',
    'count_of("Processes", "processes"), { "Own", "number", "container_ns" },',
    "Containers", "own", "number" },
  waits = { 'statistics({ "Cause", "string", "cause", width = -10 },', 'statistics({ "Cause", '
    .. '"string", "cause", width = -10 }, { "Least", "duration", "min" },', "Waits by cause",
    "least", "number" },
  waitsfreq = { 'frequency.columns "Waits",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Waits") },',
    "Distribution of waits for", "width", "number" },
  waitslog = { "family.columns,", '{ { "Target", "number", "tid" }, '
    .. "table.unpack(family.columns) },", "Log of waits", "target", "number" },
  waitstop = { "family.columns,", '{ { "Target", "number", "tid" }, '
    .. "table.unpack(family.columns) },", "Longest waits", "target", "number" },
  wakers = { '{ "Wakeups", "number", "n_latency" },', '{ "Wakeups", "number", "n_latency" }, '
    .. '{ "Number", "number", "tid" },', "Who wakes whom", "number", "number" },
  netconns = { '"Calls", "number", "calls", width = 7 },',
    '"Calls", "number", "calls", width = 7 }, { "Number", "number", "pid" },',
    "Connections", "number", "number", on = "twohosts-a" },
  periodstats = { '{ "Period", "string", "part", key = true },', '{ "Period", "string", "part", '
    .. 'key = true }, { "Number", "number", "count" },', "Period statistics", "open", "number",
    table.unpack(PERIOD) },
  periodtop = { 'family.top_columns "name",', '{ { "Began", "timestamp", "begin" }, '
    .. 'table.unpack(family.columns "name") },', "Period top", "began", "number",
    table.unpack(PERIOD) },
  periodlog = { 'family.columns "path",', '{ { "Began", "timestamp", "begin" }, '
    .. 'table.unpack(family.columns "path") },', "Period log", "began", "number",
    table.unpack(PERIOD) },
  periodfreq = { '"Period duration frequency distribution", frequency.columns "Periods",',
    '"Period duration frequency distribution", { { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Periods") },',
    "Period duration frequency distribution", "width", "number", table.unpack(PERIOD) },
  requests = { '"Count", "number", "count" },', '"Count", "number", "count" }, '
    .. '{ "Total", "duration", function(row) return row.stats:sum() end },', "Requests", "total",
    "number", "--request", "fsync" },
  requeststop = { "family.columns,", '{ { "Began", "timestamp", "begin" }, '
    .. "table.unpack(family.columns) },", "Longest requests", "began", "number", "--request",
    "fsync" },
  why = { '{ "Difference", "duration", "difference" }),', '{ "Difference", "duration", '
    .. '"difference" }, { "Number", "number", "tid" }),', "Why the slow ones are slow", "number",
    "number", "--request", "fsync" },
  requestslog = { "family.columns,", '{ { "Began", "timestamp", "begin" }, '
    .. "table.unpack(family.columns) },", "Request log", "began", "number", "--request", "fsync" },
  requestsfreq = { 'frequency.columns "Requests",', '{ { "Width", "duration", function(row) '
    .. 'return row.high - row.low end }, table.unpack(frequency.columns "Requests") },',
    "Distribution of requests", "width", "number", "--request", "fsync" },
  schedstats = { "width = -25 }, priorities.column)", "width = -25 }, "
    .. '{ "Number", "number", "tid" })', "Scheduling latency stats (per-TID)", "number", "number" },
  schedtop = { "family.columns,", '{ { "Target", "number", "tid" }, '
    .. "table.unpack(family.columns) },", "Scheduling top", "target", "number" },
  syscallstats = { '"Count", "number", "n" } },\n', '"Count", "number", "n" }, '
    .. '{ "Number", "number", "tid" } },\n', "Per-TID system call statistics", "number", "number" },
  timeline = { '{ "Events", "number", width = 12 } },', '{ "Events", "number", width = 12 }, '
    .. '{ "Twice", "number", function(row) return 2 * row[2] end } },', "What was drawn", "twice",
    "number", "--output-file", "/dev/null" },
  export = { '{ "Rows", "number", width = 12 } },', '{ "Rows", "number", width = 12 }, '
    .. '{ "Twice", "number", function(row) return 2 * row[2] end } },', "What was written", "twice",
    "number", "--force", "--to", host.path "tables" },
  trackprocess = { '{ "CPU", "cpu", "cpu" },', '{ "CPU", "cpu", "cpu" }, '
    .. '{ "Number", "number", "tid" },', "Events", "number", "number", "--tid", "393" },
  writeback = { '(row.size) end, width = 10 },', '(row.size) end, width = 10 }, '
    .. '{ "Times", "number", "n" },',
    "Dirty pages written, by the process that dirtied them", "times", "number" },
}

--- Replaces a text where it is first; nothing if it is not there.
local function replace(source, old, new)
  local from, to = source:find(old, 1, true)
  return from and source:sub(1, from - 1) .. new .. source:sub(to + 1)
end

--- How many lines of a text are not those of another one.
local function lines_changed(one, other)
  local there, count = {}, 0
  for line in other:gmatch "[^\n]*" do
    there[line] = true
  end
  for line in one:gmatch "[^\n]*" do
    count = count + (there[line] and 0 or 1)
  end
  return count
end

describe("a copy of a stock script", function()
  for name in host.shell("ls lua/analyses").out:gmatch "([%w_]+)%.lua" do
    it("has one more column by one line: " .. name, function()
      -- What comparisons make of columns is left out, so that the texts above are short.
      local edit = edits[name]
      local source = host.read("lua/analyses/" .. name .. ".lua"):gsub(',%s+compare = "%l+"', "")
      assert.is_truthy(edit, "this spec does not know how to add a column to it")
      local changed = replace(source, table.unpack(edit.lines or edit, 1, 2))
      assert.is_truthy(changed, "there is no such text in the script")
      assert.equal(1, lines_changed(changed, source))
      local script = host.script(changed, "mine.lua")
      local more = { table.unpack(edit, 6) }
      local trace = edit.on == "signals" and require("tests.spec.signals").folder
        or edit.on and host.real_trace(edit.on) or example
      local result = host.run(script, "--output", "json", trace, table.unpack(more))
      assert.equal(0, result.status, result.err)
      local rows, found = 0, nil
      for line in result.out:gmatch "[^\n]+" do
        local row = json.decode(line)
        if row.table == edit[3] then
          rows, found = rows + 1, found == nil and row[edit[4]] or found
        end
      end
      assert.is_true(rows > 0, "there is no such table")
      assert.equal(edit[5], type(found))
      -- People see it too, or see at least what they saw before.
      for _, format in ipairs { "text", "csv", "lami" } do
        result = host.run(script, "--output", format, trace, table.unpack(more))
        assert.equal(0, result.status, result.err)
        assert.is_true(#result.out > 100)
      end
    end)
  end
end)

describe("a renderer", function()
  local folder = host.path "lua"
  assert(host.shell("cp -r lua " .. folder).status == 0)

  local function run(...)
    local words = {}
    for i, word in ipairs { ... } do
      words[i] = host.quote(word)
    end
    return host.shell(("TZ=UTC LTTNGA_LUA=%s %s/lttnga-run --no-cache %s"):format(folder, build,
      table.concat(words, " ")))
  end

  it("is one file", function()
    assert.equal(2, run("iolog", "--output", "xyz", example).status)
    local file = assert(io.open(folder .. "/lib/render_xyz.lua", "w"))
    file:write [[
      local tables = require "lttnga.tables"
      local Xyz = {}
      Xyz.__index = Xyz
      function Xyz:log_spec(one, list)
        self.log = one.id
        return { format = "record", columns = tables.log_columns(list) }
      end
      function Xyz:window(results, first, last)
        self.write(("window of %d ns\n"):format(last - first))
        for _, result in ipairs(results) do
          local n = result.rows and #result.rows or 0
          if result.log then
            for record in result.log:each() do
              n = n + (record.name and 1 or 0)
            end
          end
          self.write(("%s: %d rows of %d columns\n"):format(result.id, n, #result.columns))
        end
      end
      function Xyz:finish(about)
        self.write(("end, %s, log %s\n"):format(about.trace.id, self.log))
      end
      return { new = function(write) return setmetatable({ write = write }, Xyz) end }
    ]]
    file:close()
    local result = run("iolog", "--output", "xyz", example)
    assert.equal("", result.err)
    assert.matches("^window of 3875847980 ns\nlog: 83%d rows of 9 columns\nend, trace, log log\n$",
      result.out)
    result = run("iolatencystats", "--output", "xyz", "--refresh", "2", example)
    assert.matches("^window of 2000000000 ns\nsyscall%-latency%-stats: 4 rows of 6 columns\n"
      .. "disk%-latency%-stats: %d rows of 6 columns\nwindow of .*\nend, trace, log nil\n$",
      result.out)
    -- It is among those that --output names.
    assert.matches("%-%-output: must be csv, html, json, lami, text or xyz, not 'xml'",
      run("iolog", "--output", "xml", example).err)
  end)
end)
