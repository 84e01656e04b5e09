--- Pages for a browser: what comes from a trace is text, whatever it is; nothing is loaded; numbers
-- are those of other formats; pages stay small; what a table says of its picture is checked.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000
local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- What is in a page, by tests/page.py: no problems.
local function read(path)
  local result = host.shell("python3 tests/page.py " .. host.quote(path))
  assert.equal(0, result.status, result.err)
  local page = assert(json.decode(result.out))
  assert.same({}, page.problems)
  return page
end

--- The page of a run that succeeds; its HTML; what was said meanwhile.
local function page_of(...)
  local path = host.path "page.html"
  local words = { ... }
  if not table.concat(words, " "):find("report", 1, true) and not words[1]:find "%.lua$" then
    table.insert(words, "--output=html")
  end
  words[#words + 1] = "--output-file=" .. path
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, result.err)
  assert.equal("", result.out)
  return read(path), host.read(path), result.err
end

--- The tables of a page with this heading.
local function tables_called(page, heading)
  local list = {}
  for _, one in ipairs(page.tables) do
    list[#list + 1] = one.heading == heading and one or nil
  end
  return list
end

--- The text of the cells of a table, row by row.
local function texts(one)
  local rows = {}
  for r, row in ipairs(one.rows) do
    rows[r] = {}
    for c, cell in ipairs(row) do
      rows[r][c] = cell.text
    end
  end
  return rows
end

-- ---- What is in a trace ----

local long = "/long/" .. ("<b>é</b>"):rep(500)

--- Names that do harm where they are not taken for what they are.
local hostile = {
  "<script>alert(1)</script>", "</script><script>alert(2)</script>", "<!-- ",
  "--><img src=x onerror=alert(3)>", '"><svg onload=alert(4)>', "' onmouseover='alert(5)",
  "&lt;b&gt; &amp; &#x3c;", "]]>", "</td></tr></table>", "</title></style></bdi>",
  "{{7*7}} ${7*7} `x`", "javascript:alert(6)", "שלום עולם", "مرحبا (42)", "a\\u003c/script",
  "\226\128\168line\226\128\169",
}

--- Those that are not shown as they are, as they could steer what shows them.
local cleaned = { ["a\226\128\174b"] = "a\\xe2\\x80\\xaeb", ["\27[31mred"] = "\\x1b[31mred",
  ["bad\255\254"] = "bad\\xff\\xfe" }

--- A trace in which files and threads are called so.
local function hostile_trace()
  local events = { cpu = 0, { 1 * ms, "sched_switch",
    { prev_tid = 0, next_tid = 10, next_comm = "<i>app</i>" } } }
  local names = table.move(hostile, 1, #hostile, 1, { long })
  for name in pairs(cleaned) do
    names[#names + 1] = name
  end
  names[#names + 1] = long
  for i, name in ipairs(names) do
    local at = (2 + i) * ms
    events[#events + 1] = { at, "syscall_entry_openat", { dfd = -100, filename = name, flags = 0 } }
    events[#events + 1] = { at + 1000 * i, "syscall_exit_openat", { ret = 3 } }
    events[#events + 1] = { at + 500000, "sched_switch",
      { prev_tid = 10, next_tid = 11, next_comm = name:sub(1, 200) } }
    events[#events + 1] = { at + 900000, "sched_switch",
      { prev_tid = 11, next_tid = 10, next_comm = "<i>app</i>" } }
  end
  return host.trace { streams = { events }, env = { domain = "kernel",
    hostname = "</h1><script>alert(7)</script>", tracer_name = "lttng-modules", tracer_major = 2,
    tracer_minor = 13, kernel_release = "<b>6.1</b>" } }
end

local trace = hostile_trace()

describe("what comes from a trace", function()
  local page, source = page_of("iolog", trace)

  it("is text, and all of it", function()
    local paths = {}
    for _, row in ipairs(texts(page.tables[1])) do
      for _, cell in ipairs(row) do
        paths[cell] = true
      end
    end
    for _, name in ipairs(hostile) do
      local shown = name:find "\226\128\168" and "\\xe2\\x80\\xa8line\\xe2\\x80\\xa9" or name
      assert.is_true(paths[shown], name)
    end
    for _, shown in pairs(cleaned) do
      assert.is_true(paths[shown], shown)
    end
    assert.is_true(paths[long])
  end)

  it("is no markup anywhere, with pictures, in reports, and over time", function()
    for _, words in ipairs { { "iolog" }, { "cputop,iousagetop,syscallstats,waits,info" },
      { "report" }, { "cputop,syscallstats,iolatencyfreq:--freq-uniform", "--refresh", "2ms" } } do
      words[#words + 1] = trace
      local one, html = page_of(table.unpack(words))
      -- tests/page.py has found no element or attribute that is not ours.
      assert.is_nil(html:find("<script>alert", 1, true))
      assert.is_nil(html:find("<img", 1, true))
      assert.is_nil(html:find("<i>", 1, true))
      assert.is_truthy(one.text:find("</h1><script>alert(7)</script>", 1, true))
    end
  end)

  it("is no markup in data for the script either", function()
    local _, html = page_of("cputop", "--refresh", "2ms", trace)
    local data = html:match '<script type="application/json" id="data">(.-)</script>'
    assert.is_nil(data:find "[<>&]")
    assert.is_table(json.decode(data))
  end)

  it("is isolated where it may be written from right to left", function()
    assert.is_truthy(source:find("<bdi>שלום עולם</bdi>", 1, true))
  end)

  it("is shortened where it is long, and can be opened", function()
    local short, whole = source:match('<details class="long"><summary><bdi>([^<]*)</bdi>'
      .. '</summary><bdi>([^<]*)</bdi></details>')
    assert.equal("/long/&lt;b&gt;é", short:sub(1, #"/long/&lt;b&gt;é"))
    assert.is_truthy(short:find("…", 1, true))
    assert.equal(long, (whole:gsub("&lt;", "<"):gsub("&gt;", ">")))
  end)

  it("of 100 kB does not fill the page", function()
    local huge = host.trace { streams = { { cpu = 0,
      { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
      { 2 * ms, "syscall_entry_openat", { dfd = -100, filename = ("é"):rep(50000), flags = 0 } },
      { 3 * ms, "syscall_exit_openat", { ret = 3 } } } } }
    local one = page_of("iolog", huge)
    assert.is_true(one.bytes < 120000)
    assert.is_truthy(one.text:find "%(%d+ more characters%)")
  end)
end)

-- ---- Numbers ----

--- The name of a column for machines, as columns.lua makes it of a plain title.
local function name_of(title)
  return (title:lower():gsub("%f[%w-]%-(%d)", "minus_%1"):gsub("[^%w]+", "_"):gsub("^_", "")
    :gsub("_$", ""))
end

--- Compares a cell of a page with that of JSON.
local function same(cell, value, where)
  if value == nil then
    assert.is_true(cell.text == "" or cell.text == "?", where)
  elseif type(value) == "number" then
    local shown = tonumber((cell.title or cell.text):match "^%S+")
    assert.equal(value, shown, where)
  elseif type(value) == "string" or type(value) == "boolean" then
    assert.equal((tostring(value):gsub("^ +", "")), cell.text, where)
  elseif value.begin then
    assert.equal(("%d ns to %d ns"):format(value.begin, value["end"]), cell.title, where)
  elseif value.name then
    assert.is_truthy(cell.text:find(value.name, 1, true), where)
  end
end

describe("numbers", function()
  for _, call in ipairs { "cputop", "iolatencystats", "iolatencytop", "iousagetop", "irqstats",
    "syscallstats:--limit=0", "runqueue", "schedstats", "memtop", "iolog", "waits", "writeback",
    "dirtytop", "iolatencyfreq:--freq-log", "iolatencyfreq:--freq-linear", "latencymap",
    "requests:--request=fsync", "info" } do
    it("are those of JSON: " .. call, function()
      local page, by_table, count = page_of(call, example), {}, 0
      for _, row in ipairs((host.rows(call, "--output", "json", example))) do
        by_table[row.table] = by_table[row.table] or {}
        table.insert(by_table[row.table], row)
      end
      for _, one in ipairs(page.tables) do
        local rows = by_table[one.heading]
        assert.is_table(rows, one.heading)
        assert.equal(math.min(#rows, 500), #one.rows, one.heading)
        for r, row in ipairs(one.rows) do
          for c, cell in ipairs(row) do
            local name = name_of(one.columns[c].text)
            same(cell, rows[r][name], ("%s, row %d: %s"):format(one.heading, r, name))
            count = count + 1
          end
        end
        by_table[one.heading] = nil
      end
      assert.is_nil(next(by_table), next(by_table))
      assert.is_true(count > 0)
    end)
  end

  it("are those of JSON where a table has one row, as a list of facts", function()
    local page = page_of("overview", example)
    local row = host.rows("overview", "--table", "overview-total", "--output", "json", example)[1]
    local facts, count = {}, 0
    for _, one in ipairs(page.facts) do
      facts[name_of(one.term.text)] = one.value
    end
    for name, value in pairs(row) do
      if name ~= "table" then
        assert.is_table(facts[name], name)
        same(facts[name], value, name)
        count = count + 1
      end
    end
    assert.is_true(count > 20)
  end)

  it("of a picture's values over time are those of the table", function()
    local page = page_of("cputop", "--refresh", "1", example)
    local rows = host.rows("cputop", "--refresh", "1", "--output", "json", example)
    local busy = {}
    for _, row in ipairs(rows) do
      if row.table == "Per-CPU Usage" and row.cpu == 0 then
        busy[#busy + 1] = row.cpu_usage
      end
    end
    for _, chart in ipairs(page.charts) do
      if chart.text:find("^Per%-CPU Usage: CPU usage") then
        local values = page.data[chart.id].values[1]
        assert.equal(#busy, #values)
        for i, value in ipairs(values) do
          assert.is_true(math.abs(value - busy[i]) <= 0.0005 * busy[i], i)
        end
        return
      end
    end
    error "there is no picture"
  end)

  it("of a map are those of its table", function()
    local page = page_of("latencymap", example)
    local sums, n = {}, 0
    for _, row in ipairs((host.rows("latencymap", "--output", "json", example))) do
      sums["Latencies over time: " .. row.what] = (sums["Latencies over time: " .. row.what] or 0)
        + row.count
    end
    for _, chart in ipairs(page.charts) do
      local sum = 0
      for _, cell in ipairs(page.data[chart.id].cells) do
        sum = sum + cell[3]
      end
      local title = chart.text:match "^(Latencies over time: [%w: ]-) +%d"
      assert.equal(sums[title], sum, chart.text)
      n = n + 1
    end
    assert.is_true(n >= 5)
  end)
end)

-- ---- Size ----

describe("a page", function()
  it("has maps of distributions over time, as their ranges double", function()
    local page = page_of("iolatencyfreq", "--refresh", "500ms", example)
    local maps = 0
    for _, chart in ipairs(page.charts) do
      maps = maps + (chart.class:find "heat" and 1 or 0)
    end
    assert.is_true(maps >= 5)
  end)

  it("stays small with thousands of windows", function()
    local page = page_of("cputop,iolatencystats,syscallstats,iolatencyfreq:--freq-uniform,runqueue",
      "--refresh", "2ms", example)
    assert.is_true(page.bytes < 2000000, page.bytes)
    assert.is_truthy(page.text:find "500 of %d+ rows")
    for _, one in pairs(page.data) do
      assert.is_true((one.count or 0) <= 800)
    end
  end)

  it("stays small with long names in many rows", function()
    local events = { cpu = 0, { 1 * ms, "sched_switch",
      { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
    for i = 1, 1000 do
      events[#events + 1] = { (1 + i) * ms, "syscall_entry_openat",
        { dfd = -100, filename = ("%04d"):format(i) .. ("x"):rep(4000), flags = 0 } }
      events[#events + 1] = { (1 + i) * ms + 1000, "syscall_exit_openat", { ret = 3 } }
    end
    local page = page_of("iolog", host.trace { streams = { events } })
    assert.is_true(page.bytes < 2000000)
    local shown, all = page.text:match "(%d+) of (%d+) rows"
    assert.equal("1000", all)
    assert.equal(tonumber(shown), #page.tables[1].rows)
  end)

  it("says what was lost, and what it is of", function()
    local page = page_of("iolatencystats", host.real_trace "lost")
    assert.is_truthy(page.text:find "CPU 0: %d+ events")
    assert.is_truthy(page.text:find("labguest", 1, true))
    page = page_of("iolatencystats", example)
    assert.is_truthy(page.text:find("nothing", 1, true))
  end)

  it("says whose rows are whose, with several machines", function()
    local function machine(name)
      return host.trace { env = { domain = "kernel", hostname = name, tracer_name = "lttng-modules",
        tracer_major = 2, tracer_minor = 13, kernel_release = "6.1" }, streams = { { cpu = 0,
        { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
        { 5 * ms, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "swapper/0" } } } } }
    end
    local page = page_of("cputop", machine "a<b", machine "c")
    local hosts = {}
    for _, heading in ipairs(page.headings) do
      hosts[#hosts + 1] = heading:match "^Per%-CPU Usage on (.*)$"
    end
    table.sort(hosts)
    assert.same({ "a<b", "c" }, hosts)
  end)

  it("is the same bytes each time", function()
    local _, first = page_of("report", example)
    local _, second = page_of("report", example)
    assert.equal(first, second)
  end)
end)

-- ---- Pictures ----

--- A script with one table that has a picture.
local function script(chart, more)
  return host.script(([[
return { title = "Own", on = { sched_switch = function() end }, tables = { { "own", "Own <table>",
  { { "When", "timestamp", "at" }, { "Who", "string", "who" }, { "Size", "size", "size" },
    { "Low", "duration", "low" }, { "High", "duration", "high" }, { "Count", "number", "n" },
    { "Stack", "string", "stack" } },
  chart = %s, %s rows = function(w)
    local rows = {}
    for i = 1, 20 do
      rows[i] = { at = w.first + (i - 1) * (w.last - w.first) // 20,
        who = i %% 2 == 0 and "a<b" or "c", size = i * 1000,
        low = 1000 << i %% 5, high = 2000 << i %% 5, n = i,
        stack = "root;<f" .. i %% 3 .. ">;leaf " .. i }
    end
    return rows
  end } } }]]):format(chart, more or ""), "own.lua")
end

describe("a chart", function()
  for kind, given in pairs {
    line = '{ kind = "line", x = "when", y = "size" }',
    ["lines of columns"] = '{ kind = "line", x = "when", y = { "size", "count" } }',
    ["lines by what is in a column"] = '{ kind = "line", x = "when", y = "size", by = "who" }',
    area = '{ kind = "area", x = "when", y = "size", by = "who" }',
    bars = '{ kind = "bars", x = "who", y = "size" }',
    ["stacked bars"] = '{ kind = "bars", y = { "size", "count" } }',
    histogram = '{ kind = "histogram", x = "low", y = "count" }',
    heat = '{ kind = "heat", x = "when", y = "low", value = "count" }',
    flame = '{ kind = "flame", x = "stack", y = "count" }',
    several = '{ { kind = "line", x = "when", y = "size" }, { kind = "bars", y = "size" } }',
  } do
    it("is drawn, and said in words: " .. kind, function()
      local page = page_of(script(given), "--output=html", example)
      assert.equal(kind == "several" and 2 or 1, #page.charts)
      for _, chart in ipairs(page.charts) do
        assert.is_true(chart.marks > 1)
        assert.matches("Own <table> +%w", chart.text)
      end
    end)
  end

  it("of one thing says so", function()
    local chart = '{ kind = "histogram", x = "low", y = "waits" }'
    for rows, says in pairs { ["{ low = 1000, n = 1 }"] = "1 wait, from 1.000 us",
      ["{ low = 1000, n = 1 }, { low = 2000, n = 1 }"] = "2 waits, from 1.000 us" } do
      local _, html = page_of(host.script(([[
        return { title = "Own", on = { sched_switch = function() end }, tables = { { "own", "Own",
          { { "Low", "duration", "low" }, { "Waits", "number", "n" } }, chart = %s,
          rows = function() return { %s } end } } }]]):format(chart, rows), "one.lua"),
        "--output=html", example)
      assert.is_truthy(html:find(says, 1, true), says)
    end
  end)

  it("has a width that is exact, in a flame graph", function()
    local _, html = page_of(script '{ kind = "flame", x = "stack", y = "count" }', "--output=html",
      example)
    -- Of 210 in all, the stacks with <f0> have 3 + 6 + 9 + 12 + 15 + 18.
    assert.is_truthy(html:find('width="30%%"[^>]*><title>&lt;f0&gt;: 63, 30.00 %%</title>'))
  end)

  for what, given in pairs {
    ["`kind` must be one of area, bars, flame, heat, histogram, line (did you mean 'line'?)"] =
      '{ kind = "lin", x = "when", y = "size" }',
    ["chart: unknown column 'sise' (did you mean 'size'?)"] =
      '{ kind = "line", x = "when", y = "sise" }',
    ["chart: line needs `y`, the name of a column"] = '{ kind = "line", x = "when" }',
    ["chart: unknown field 'z' (did you mean 'x'?)"] =
      '{ kind = "line", x = "when", y = "size", z = "size" }',
    ["chart: `x` of line must be a column of times, not 'who'"] =
      '{ kind = "line", x = "who", y = "size" }',
    ["chart: `by` must be a string, not a number"] =
      '{ kind = "line", x = "when", y = "size", by = 7 }',
    ["chart 2: `kind` must be one of"] = '{ { kind = "bars", y = "size" }, { } }',
    ["table 'own': `chart` must be a table, not a string"] = '"line"',
  } do
    it("is checked when the script is loaded: " .. what, function()
      local result = host.run(script(given), example)
      assert.equal(1, result.status)
      assert.is_truthy(result.err:find(what, 1, true), result.err)
    end)
  end

  it("whose column was not asked for is not drawn", function()
    local page = page_of(script '{ kind = "line", x = "when", y = "size" }', "--output=html",
      "--columns", "who,count", example)
    assert.equal(0, #page.charts)
    assert.equal(2, #page.tables[1].columns)
  end)
end)

-- ---- Reports ----

--- A report with these sections.
local function report(sections)
  return host.script(([[
local analysis = require "lttnga.analysis"
return analysis { title = "Mine", sections = { %s } }]]):format(sections), "mine.lua")
end

describe("a report", function()
  it("has all sections, and what they tell", function()
    local page = page_of("report", example)
    local source = host.read "lua/analyses/report.lua"
    local n = 0
    for title in source:gmatch '\n    { "([^"]+)",' do
      n = n + 1
      assert.is_truthy(table.concat(page.headings, "\n"):find(title, 1, true), title)
    end
    assert.is_true(n > 8)
    assert.is_true(#page.charts > 10)
    assert.is_true(page.bytes < 2000000)
  end)

  it("is one pass, and its other formats are those of the list of analyses", function()
    local mine = report [[ { "One", "What it is.", "iolatencystats", "cputop:--limit=3" } ]]
    assert.equal(host.run_as_is("iolatencystats,cputop:--limit=3", example).out,
      host.run(mine, "--output", "text", example).out)
    assert.equal(host.run("iolatencystats,cputop:--limit=3", "--output=json", example).out,
      host.run(mine, "--output", "json", example).out)
  end)

  it("has flame graphs, whose whole is that of their stacks", function()
    local _, html = page_of("report", example)
    for _, call in ipairs { "cputop", "waits" } do
      local whole = 0
      for line in host.run(call, "--fold", example).out:gmatch "[^\n]+" do
        whole = whole + tonumber(line:match " (%d+)$")
      end
      local shown = ("all: %.3f s, 100.00 %%"):format(whole / 1e9)
      assert.is_truthy(html:find("<title>" .. shown .. "</title>", 1, true), shown)
    end
    assert.equal(0, host.run("report", "--output", "text", example).status)
  end)

  it("has tables that are asked for", function()
    local page = page_of(report [[ { "One", "Text.", { "cputop", tables = { "per-cpu" } } } ]],
      example)
    assert.equal(1, #page.tables)
    assert.equal("Per-CPU Usage", page.tables[1].heading)
  end)

  it("goes on where a section fails: at the begin, in a hook, at the end", function()
    local bad = {
      host.script('return { title = "A", on = { } ', "syntax.lua"),
      host.script('return { title = "B", on = { io_end = function() error "in a hook" end } }',
        "hook.lua"),
      host.script([[return { title = "C", on = { io_end = function() end }, tables = { { "c", "C",
        { { "X" } }, rows = function() return nothing.at.all end } } }]], "rows.lua"),
      "nosuch",
    }
    local sections = {}
    for i, path in ipairs(bad) do
      sections[i] = ('{ "Bad %d", "Text.", "%s" },'):format(i, path)
    end
    local page, _, err = page_of(report(table.concat(sections) .. '{ "Good", "Text.", "cputop" }'),
      example)
    assert.is_truthy(page.text:find("in a hook", 1, true))
    assert.is_truthy(page.text:find("undefined variable 'nothing'", 1, true))
    assert.is_truthy(page.text:find("unknown analysis 'nosuch'", 1, true))
    assert.is_truthy(page.text:find("syntax.lua", 1, true))
    assert.equal(1, #tables_called(page, "Per-TID Usage"))
    assert.is_truthy(err:find("in a hook", 1, true))
  end)

  it("says in a section why that can't be", function()
    local page = page_of("report", host.trace { streams = { { cpu = 0,
      { 1 * ms, "syscall_entry_openat", { dfd = -100, filename = "/x", flags = 0 } },
      { 2 * ms, "syscall_exit_openat", { ret = 3 } } } } })
    assert.is_truthy(page.text:find "may be empty: the trace has no .*sched_switch")
  end)

  it("says which table there is not", function()
    local section = '{ "One", "Text.", { "cputop", tables = { "per-cpus" } } }'
    local message = "cputop has no table 'per-cpus' (did you mean 'per-cpu'?)"
    local page = page_of(report(section .. ', { "Two", "Text.", "irqstats" }'), example)
    assert.is_truthy(page.text:find(message, 1, true))
    local result = host.run(report(section), example)
    assert.equal(1, result.status)
    assert.is_truthy(result.err:find("can be run: " .. message, 1, true))
  end)

  it("is a list of sections, or is refused", function()
    for given, message in pairs {
      [""] = "`sections` must be a list",
      ['{ "A", "B" }'] = "section 1 must be { title, text, script, ... }",
      ['{ "A", "B", { "cputop" } }'] = "section 'A': a script must be a name, or",
    } do
      local result = host.run(report(given), example)
      assert.equal(1, result.status)
      assert.is_truthy(result.err:find(message, 1, true), result.err)
    end
  end)

  it("stands alone", function()
    for _, scripts in ipairs { "report,cputop", "cputop,report" } do
      local result = host.run(scripts, example)
      assert.equal(2, result.status)
      assert.matches("report makes a report and must be the only script", result.err)
    end
  end)

  it("takes options of the run, and over time leaves out what is of the whole trace", function()
    local page = page_of("report", "--timerange", "15:36:38,15:36:39", example)
    assert.is_truthy(page.text:find("[2026-11-23 15:36:38.000000000, "
      .. "2026-11-23 15:36:39.000000000]", 1, true))
    page = page_of("report", "--refresh", "1", example)
    assert.is_true(page.bytes < 2000000)
    assert.equal(0, #tables_called(page, "Contexts"))
  end)
end)

-- ---- Where it is written ----

describe("--output-file", function()
  it("has what would be on stdout, in any format", function()
    for _, format in ipairs { "text", "csv", "json", "html", "lami" } do
      local path = host.path "result"
      local direct = host.run("iolog", "--output", format, example)
      local result = host.run("iolog", "--output", format, "-o", path, example)
      assert.equal(0, result.status, result.err)
      assert.equal("", result.out)
      assert.equal(direct.out, host.read(path), format)
    end
  end)

  it("can't be written: says why, before the trace is read", function()
    local result = host.run("cputop", "-o", "/nonexistent/x.html", example)
    assert.equal(2, result.status)
    assert.matches("%-%-output%-file: /nonexistent/x.html: No such file or directory", result.err)
  end)

  it("is left alone by a run that fails", function()
    local path, bad = host.path "kept", host.script [[
      return { title = "T", on = { io_end = function() error "no" end } }]]
    assert.equal(1, host.run(bad, "--output=html", "-o", path, example).status)
    assert.is_nil(io.open(path, "r"))
    host.shell(("echo kept >%s"):format(path))
    assert.equal(1, host.run(bad, "--output=html", "-o", path, example).status)
    assert.equal("kept\n", host.read(path))
  end)
end)

describe("a page on a terminal", function()
  it("is refused, with what to do", function()
    local run = host.shell(("script -qec %s /dev/null </dev/null"):format(host.quote(
      build .. "/lttnga-run report " .. example)))
    assert.equal(2, run.status)
    assert.matches("an HTML page is not written to a terminal: use %-o FILE.html, or > FILE.html",
      run.out)
  end)
end)
