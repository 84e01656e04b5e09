--- `lttnga-run sql`: what it answers, what it refuses, what it keeps; and the questions of
-- docs/sql.md.
--
-- Their answers on the page are those of a large trace, one of them that of a trace of containers:
-- they are checked if $TRACES has it (its folder is called "web", or "containers"). On the example,
-- they are those in tests/golden/sql; `GOLDEN=write` writes these anew.
--
-- SPDX-License-Identifier: MIT

local facts = require "lttnga.facts"
local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- Asks a trace, whose tables are kept for all tests.
local cache = host.path "cache"
local function ask(trace, question, ...)
  local words = { "sql", "--cache", cache, ... }
  table.move({ trace, question }, 1, 2, #words + 1, words)
  return host.run_as_is(table.unpack(words))
end

--- The questions of a page: { title =, sql =, answer =, duckdb = or nil }.
local function questions_of(page)
  local list = {}
  -- Each begins with "## ", which nothing else on the page does.
  for title, body in page:gsub("\n## ", "\0"):gmatch "%z(%d+%. [^\n]*)\n([^%z]*)" do
    list[#list + 1] = { title = title, sql = body:match "```sql\n(.-)\n```",
      trace = body:find("of another trace, with five containers", 1, true) and "containers"
        or "web",
      answer = body:match "```text\n(.-)```", duckdb = body:match "```duckdb\n(.-)\n```" }
  end
  return list
end

local page = host.read "docs/sql.md"
local questions = questions_of(page)

describe("docs/sql.md", function()
  it("has twenty-one questions", function()
    assert.equal(21, #questions)
    for _, one in ipairs(questions) do
      assert.is_string(one.sql, one.title)
      assert.is_string(one.answer, one.title)
    end
  end)

  for i, one in ipairs(questions) do
    it("has an answer for the example: " .. one.title, function()
      local result = ask(example, one.sql, "--width", "100")
      assert.equal("", result.err)
      assert.equal(0, result.status)
      local path = ("tests/golden/sql/%02d"):format(i)
      if os.getenv "GOLDEN" == "write" then
        local file <close> = assert(io.open(path, "w"))
        file:write(result.out)
      end
      assert.equal(host.read(path), result.out)
    end)
  end

  local traces = {}
  for trace in (os.getenv "TRACES" or ""):gmatch "%S+" do
    traces[trace:match "([^/]*)/?$"] = trace
  end
  for _, one in ipairs(questions) do
    it("shows the answer: " .. one.title, function()
      if not traces[one.trace] then
        pending(("$TRACES has no trace `%s`"):format(one.trace))
        return
      end
      assert.equal(one.answer, ask(traces[one.trace], one.sql, "--width", "100").out)
    end)
  end
end)

describe("help", function()
  it("has ten questions that have answers", function()
    local count = 0
    local shown = host.run_as_is("help", "sql").out
    for _, command in ipairs(require("lttnga.help").commands) do
      for _, one in ipairs(command.name == "sql" and command.examples or {}) do
        count = count + 1
        local result = ask(example, one[1])
        assert.equal("", result.err)
        assert.is_true(#result.out > 20, one[1])
        assert.is_truthy(shown:find(one[2], 1, true))
      end
    end
    assert.equal(10, count)
  end)
end)

describe("sql", function()
  it("explains its tables", function()
    local shown = ask(example, ".tables", "--output", "json").out
    local names = {}
    for line in shown:gmatch "[^\n]+" do
      names[#names + 1] = json.decode(line).name
    end
    assert.equal(#facts.tables + #facts.dimensions, #names)
    for i, one in ipairs(facts.tables) do
      assert.equal(one.name, names[i])
    end
  end)

  it("explains the columns that there are", function()
    for _, list in ipairs { facts.tables, facts.dimensions } do
      for _, one in ipairs(list) do
        local names = {}
        for line in ask(example, ".schema " .. one.name, "--output", "json").out
          :gmatch "[^\n]+" do
          names[#names + 1] = json.decode(line).name
        end
        local heading = ask(example, "select * from " .. one.name, "--output", "csv").out
          :match "^[^\r]*"
        assert.equal(heading, '"' .. table.concat(names, '","') .. '"')
      end
    end
  end)

  it("fits the terminal", function()
    for _, question in ipairs { ".tables", ".schema", "select * from syscall limit 20" } do
      for line in ask(example, question, "--width", "70").out:gmatch "[^\n]+" do
        assert.is_true(utf8.len(line) <= 70, line)
      end
    end
  end)

  it("answers as text, CSV and JSON", function()
    local question = "select 1 as one, 'a\"b' as two, null as three, 0.5 as four"
    assert.equal('one  two  three  four\n---------------------\n  1  a"b         0.5\n',
      (ask(example, question).out:gsub(" +\n", "\n")))
    assert.equal('"one","two","three","four"\r\n1,"a""b",,0.5\r\n',
      ask(example, question, "--output", "csv").out)
    assert.equal('{"one":1,"two":"a\\"b","three":null,"four":0.5}\n',
      ask(example, question, "--output", "json").out)
    assert.equal("no rows\n", ask(example, "select 1 where 0").out)
  end)

  it("limits rows", function()
    local question = "select name from syscall"
    local all = select(2, ask(example, question, "--output", "csv").out:gsub("\n", "")) - 1
    assert.is_true(all > 1000)
    local text = ask(example, question).out
    assert.matches(("\n%d more rows: use %%-%%-limit\n$"):format(all - 1000), text)
    assert.equal(1000 + 3, select(2, text:gsub("\n", "")))
    assert.equal(all + 2, select(2, ask(example, question, "--limit", "0").out:gsub("\n", "")))
    assert.equal(6, select(2, ask(example, question, "--limit", "5", "--output", "csv").out
      :gsub("\n", "")))
  end)

  it("says in one line what is wrong", function()
    for question, message in pairs {
      ["selec 1"] = 'near "selec": syntax error',
      ["select nix from syscall"] = "no such column: nix",
      ["select 1; select 2"] = "there is more than one statement: ask them one by one",
      [" ; "] = "there is no statement",
      ["select abs(-9223372036854775808)"] = "integer overflow",
    } do
      local result = ask(example, question)
      assert.equal("lttnga-run: sql: " .. message .. "\n", result.err)
      assert.equal(1, result.status)
      assert.equal("", result.out)
    end
    for question, message in pairs {
      [".nix"] = "unknown question '.nix': use .tables, .schema TABLE, or SQL",
      [".schema syscal"] = "there is no table 'syscal' (did you mean 'syscall'?)",
    } do
      local result = ask(example, question)
      assert.equal("lttnga-run: " .. message .. "\nTry 'lttnga-run --help'.\n", result.err)
      assert.equal(2, result.status)
    end
    for _, words in ipairs { {}, { example } } do
      local result = host.run_as_is("sql", table.unpack(words))
      assert.matches("^lttnga%-run: no question given: ", result.err)
      assert.equal(2, result.status)
    end
    local result = host.run_as_is("sql", "select 1")
    assert.matches("^lttnga%-run: no trace given: ", result.err)
    assert.equal(2, result.status)
  end)

  it("changes nothing", function()
    local path = host.path "attached"
    for _, question in ipairs { "delete from raw_text", "drop view syscall",
      "update raw_syscall set dur = 0", "insert into raw_text values (1, 'x')",
      "create table x (y)", "create temp table x (y)", "attach '" .. path .. "' as x", "vacuum",
      "vacuum into '" .. path .. "'", "pragma writable_schema = 1", "pragma query_only = 0",
      "begin", "reindex", "analyze", "detach main", "alter table raw_text rename to x",
      "select load_extension('x')" } do
      local result = ask(example, question)
      assert.equal("lttnga-run: sql: the tables can only be read: use SELECT\n", result.err,
        question)
      assert.equal(1, result.status)
    end
    assert.equal(1, host.shell("test -e " .. path).status)
  end)
end)

-- ---- What is kept ----

--- The files in a folder that have tables.
local function kept(folder)
  local list = {}
  for name in host.shell("ls -A " .. folder).out:gmatch "[^\n]+" do
    list[#list + 1] = name
  end
  return list
end

--- A copy of the example that may be changed; and a folder for its tables.
local function copy()
  local trace = host.path "trace"
  host.shell(("cp -r %s %s"):format(example, trace))
  return trace, host.path "cache"
end

local COUNT = "select count(*) as n from syscall"

local function count(folder, trace)
  local result = host.run_as_is("sql", "--cache", folder, "--output", "json", trace, COUNT)
  assert.equal(0, result.status, result.err)
  return json.decode(result.out).n, result
end

describe("the tables of a trace", function()
  it("are made once", function()
    local trace, folder = copy()
    local first = count(folder, trace)
    local files = kept(folder)
    assert.equal(1, #files)
    assert.matches("^%d+%-trace%-%x+%.db$", files[1])
    local inode = host.shell(("stat -c %%i %s/*"):format(folder)).out
    assert.equal(first, (count(folder, trace)))
    assert.equal(inode, host.shell(("stat -c %%i %s/*"):format(folder)).out)
    assert.same(files, kept(folder))
  end)

  it("are made anew if the trace changes", function()
    local trace, folder = copy()
    count(folder, trace)
    local inode = host.shell(("stat -c %%i %s/*"):format(folder)).out
    host.shell(("find %s -name 'ch*' | head -1 | xargs touch -d yesterday"):format(trace))
    local listed = host.run_as_is("cache", "--cache", folder).out
    assert.matches("trace changed", listed)
    count(folder, trace)
    assert.are_not.equal(inode, host.shell(("stat -c %%i %s/*"):format(folder)).out)
    assert.equal(1, #kept(folder))
  end)

  it("are made anew if they are damaged, or of another version", function()
    local trace, folder = copy()
    local first = count(folder, trace)
    local path = folder .. "/" .. kept(folder)[1]
    host.shell(("truncate -s 5000 %s"):format(path))
    assert.equal(first, (count(folder, trace)))
    host.shell(("sed -i 's/%s /0.0.0 /' %s"):format(require("lttnga.host").version
      :gsub("%.", "\\."), path))
    assert.matches("other version", host.run_as_is("cache", "--cache", folder).out)
    assert.equal(first, (count(folder, trace)))
    assert.matches("  ok\n", host.run_as_is("cache", "--cache", folder).out)
  end)

  it("are listed and removed by cache", function()
    local trace, folder = copy()
    count(folder, trace)
    local row = json.decode(host.run_as_is("cache", "--cache", folder, "--output", "json").out)
    assert.equal("tables", row.holds)
    assert.equal("ok", row.state)
    assert.same({ host.shell("realpath " .. trace).out:match "[^\n]+" }, row.traces)
    host.shell("rm -r " .. trace)
    assert.matches("trace is gone", host.run_as_is("cache", "--cache", folder).out)
    assert.matches("^removed 1 file", host.run_as_is("cache", "--cache", folder, "--prune").out)
    assert.same({}, kept(folder))
  end)

  it("count against the limit", function()
    local trace, folder = copy()
    local result = host.shell(("LTTNGA_CACHE_SIZE=100KiB %s/lttnga-run sql --cache %s %s '%s'")
      :format(build, folder, trace, COUNT))
    assert.matches("^lttnga%-run: note: the tables of this trace are not saved: they take ",
      result.err)
    assert.matches("\n *%d+\n$", result.out)
    assert.same({}, kept(folder))
  end)

  it("are not kept with --no-cache", function()
    local folder = host.path "tmp"
    host.shell("mkdir " .. folder)
    local result = host.shell(("TMPDIR=%s %s/lttnga-run sql --no-cache %s '%s'"):format(folder,
      build, example, COUNT))
    assert.equal("", result.err)
    assert.matches("\n *%d+\n$", result.out)
    assert.same({}, kept(folder))
  end)

  it("of requests are others", function()
    local trace, folder = copy()
    local result = host.run_as_is("sql", "--cache", folder, "--request", "fsync", trace,
      "select count(*) > 0 as found from request")
    assert.equal("", result.err)
    assert.matches("\n *1\n$", result.out)
    assert.equal(1, #kept(folder))
    count(folder, trace)
    assert.equal(2, #kept(folder))
  end)
end)
