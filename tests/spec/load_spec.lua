--- CSV in other programs: sqlite3, and DuckDB, load it without options, and have all values.
--
-- Optional: sqlite3 may not be there, and DuckDB comes from npm, into a folder of this test, only
-- if LTTNGA_TEST_NPM=1 says so.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000

--- Names that a loader may take for something else.
local NAMES = { "/plain", "/a,b", '/a"b', '"quoted"', "12345", "1e5", "true", "null", "NULL",
  "2026-11-23", "-1", "=1+2", " blanks ", "/a\nb", "/a\rb", "/中", "/\xff", "'", "a;b", "a\tb" }

--- A trace with calls of these names, of which the first many are harmless: loaders guess from
-- these what columns are.
local function odd_trace(harmless)
  local events = { cpu = 0,
    { ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
  for i = 1, harmless + #NAMES do
    local at = ms + i * 1000
    events[#events + 1] = { at, "syscall_entry_openat",
      { dfd = -100, filename = NAMES[i - harmless] or "/plain", flags = 0 } }
    events[#events + 1] = { at + 100, "syscall_exit_openat", { ret = i % 3 == 0 and -2 or i } }
  end
  return host.trace { streams = { events } }
end

local traces = {
  ["the example"] = (os.getenv "BUILD" or "build") .. "/example-trace",
  ["a trace of odd names"] = odd_trace(10), ["one where they come late"] = odd_trace(21000),
}

local function out(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  return result.out
end

--- A value as CSV has it; control characters are shown as what they are.
local function written(value)
  if value == nil then
    return ""
  elseif type(value) ~= "string" then
    return tostring(value)
  end
  return (value:gsub("%c", function(c) return ("\\x%02x"):format(c:byte()) end))
end

--- The cells of calls, as JSON has them, in the order of the columns of CSV.
local function expected(trace)
  local rows = {}
  for line in out("iolog", "--output", "json", trace):gmatch "[^\n]+" do
    local row = json.decode(line)
    if row.table ~= "trace" then
      local cells = {}
      for i, value in ipairs { row.table, row.time_range.begin, row.time_range["end"],
        row.out_of_range, row.duration, row.name, row.size or "", row.process.name or "",
        row.process.pid or "", row.process.tid or "", row.path or "", row.file_descriptor or "" } do
        cells[i] = written(value)
      end
      rows[#rows + 1] = table.concat(cells, "|")
    end
  end
  return rows
end

--- The columns of CSV, in their order.
local COLUMNS = { "Table", "Time range begin (ns)", "Time range end (ns)", "Out of range",
  "Duration (ns)", "Name", "Size (bytes)", "Process", "Process PID", "Process TID", "Path",
  "File descriptor" }

--- Compares what a program has loaded, as JSON objects, with what there is.
local function compare(loaded, trace)
  local rows = expected(trace)
  assert.equal(#rows, #loaded)
  for i, object in ipairs(loaded) do
    local cells = {}
    for c, name in ipairs(COLUMNS) do
      cells[c] = written(object[name])
    end
    assert.equal(rows[i], table.concat(cells, "|"))
  end
end

describe("sqlite3 loads", function()
  for name, trace in pairs(traces) do
    it(name, function()
      if host.shell("command -v sqlite3").status ~= 0 then
        pending "sqlite3 is not installed"
        return
      end
      local file = host.write(out("iolog", "--output", "csv", trace), "iolog.csv")
      local result = host.shell(("sqlite3 -json :memory: '.import --csv %s calls' %s"):format(file,
        "'select * from calls'"))
      assert.equal("", result.err)
      compare(assert(json.decode(result.out)), trace)
    end)
  end
end)

--- Loads a file, and writes what it has as JSON, and what it takes its columns for.
local DUCKDB = [[
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  await db.run(`create table calls as select * from read_csv('${process.argv[2]}')`);
  await db.run(`copy calls to '${process.argv[3]}' (format json)`);
  const types = await db.runAndReadAll('describe calls');
  console.log(types.getRowObjects().map(row => row.column_type).join(' '));
})();
]]

describe("DuckDB loads", function()
  local folder = host.path "duckdb"

  --- Why DuckDB can't be had; nil if it can.
  local function lack()
    if os.getenv "LTTNGA_TEST_NPM" ~= "1" then
      return "LTTNGA_TEST_NPM=1 allows to get DuckDB from npm"
    elseif host.shell("command -v node && command -v npm").status ~= 0 then
      return "node and npm are not installed"
    elseif host.shell(("test -d %s/node_modules || npm install --prefix %s @duckdb/node-api")
      :format(folder, folder)).status ~= 0 then
      return "npm can't install @duckdb/node-api"
    end
  end

  for name, trace in pairs(traces) do
    it(name, function()
      local why = lack()
      if why then
        pending(why)
        return
      end
      local script = folder .. "/load.js"
      assert(assert(io.open(script, "w")):write(DUCKDB)):close()
      local file = host.write(out("iolog", "--output", "csv", trace), "iolog.csv")
      local loaded = host.path "calls.json"
      local result = host.shell(("node %s %s %s"):format(script, file, loaded))
      assert.equal("", result.err)
      -- Numbers are such; those of columns that are empty from top to bottom may be anything.
      local types = {}
      for one in result.out:gmatch "%S+" do
        types[#types + 1] = one
      end
      assert.equal("VARCHAR BIGINT BIGINT BOOLEAN BIGINT VARCHAR", table.concat(types, " ", 1, 6))
      local rows = {}
      for line in host.read(loaded):gmatch "[^\n]+" do
        -- Empty texts are NULL there, quoted or not.
        rows[#rows + 1] = assert(json.decode(line))
      end
      compare(rows, trace)
    end)
  end
end)
