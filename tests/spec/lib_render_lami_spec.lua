--- Checks tables as LAMI: cells of each class, exact integers, and what else a run has to tell.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local json = require "dkjson"
local columns = require "lttnga.columns"
local log = require "lttnga.log"
local render = require "lttnga.render_lami"

--- A table with columns of these classes.
local function result(classes, rows, id)
  local list = {}
  for i, class in ipairs(classes) do
    list[i] = { title = "C" .. i, class = class }
  end
  return { id = id or "id", class = "T", title = "T", columns = list, rows = rows }
end

--- What is written of windows, each a list of tables.
local function results_of(windows, about)
  local parts = {}
  local renderer = render.new(function(text) parts[#parts + 1] = text end)
  for _, tables in ipairs(windows) do
    renderer:window(tables, tables.first or 1, tables.last or 2)
  end
  renderer:finish(about)
  return table.concat(parts)
end

local function about(fields)
  fields = fields or {}
  return { warnings = fields.warnings or {}, lost = fields.lost or {} }
end

--- The text of a run with one table.
local function written(classes, rows)
  return results_of({ { result(classes, rows) } }, about())
end

--- The JSON of a single cell.
local function cell(class, value)
  return written({ class }, { { value } }):match('"data":%[%[(.*)%]%]}%],"lost"')
end

--- Whether python3, which is strict about it, can read a text as JSON.
local function is_json(value)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(value)
  file:close()
  local ok = os.execute(("python3 -m json.tool %s >/dev/null 2>&1"):format(path))
  os.remove(path)
  return ok == true
end

describe("render_lami", function()
  it("writes one line, in a fixed order", function()
    local one = result({ "string", "number" }, { { "open", 3 }, { "read", 4 } })
    local window = { one, first = 1795436330000000000, last = 1795436330000000001 }
    assert.equal('{"results":[{"class":"id","time-range":{"class":"time-range",'
      .. '"begin":{"class":"timestamp","value":1795436330000000000},'
      .. '"end":{"class":"timestamp","value":1795436330000000001}},'
      .. '"data":[["open",{"class":"number","value":3}],["read",{"class":"number","value":4}]]}],'
      .. '"lost":[],"warnings":[]}\n', results_of({ window }, about()))
  end)

  it("writes empty lists if there is nothing", function()
    local nothing = '{"results":[],"lost":[],"warnings":[]}\n'
    assert.equal(nothing, results_of({}, about()))
    assert.equal(nothing, results_of({ {} }, about()))
    assert.equal(nothing, results_of({ {}, {} }, about()))
  end)

  it("leaves out tables without rows", function()
    local parsed = json.decode(results_of({
      { result({ "number" }, {}, "a"), result({ "number" }, { { 1 } }, "b") },
      { result({ "number" }, {}, "c") },
    }, about()))
    assert.equal(1, #parsed.results)
    assert.equal("b", parsed.results[1].class)
  end)

  it("writes the tables of all windows in order", function()
    local function one(id)
      return result({ "number" }, { { 1 } }, id)
    end
    local parsed = json.decode(results_of({
      { one "a", one "b", one "c" }, { one "d", one "e" },
    }, about()))
    local ids = {}
    for i, table_object in ipairs(parsed.results) do
      ids[i] = table_object.class
    end
    assert.same({ "a", "b", "c", "d", "e" }, ids)
  end)

  it("says which table it is where one class has several, or columns depend on options", function()
    local one = result({ "duration" }, { { 1 } }, "freq")
    one.title = "T open"
    local other = result({ "number" }, { { 1 } }, "freq")
    other.dynamic, other.columns[1].unit = true, "calls"
    local parsed = json.decode(results_of({ { one, other } }, about()))
    assert.same({ inherit = "freq", title = "T open" }, parsed.results[1].class)
    assert.same({ title = "T", ["column-descriptions"] = {
      { title = "C1", class = "number", unit = "calls" } } }, parsed.results[2].class)
  end)

  it("tells all of a class that the metadata do not have, or have of another script", function()
    local function spec(id, classes, title)
      local one = result(classes, {}, id)
      one.class, one.title = title, title
      return one
    end
    local classes = render.classes { spec("log", { "number" }, "A log"),
      spec("log", { "path" }, "Another log"), spec("top", { "path" }, "Top") }
    local metadata = json.decode(render.metadata("T", "D", classes, "1.2.3"))["table-classes"]
    assert.same({ title = "A log",
      ["column-descriptions"] = { { title = "C1", class = "number" } } }, metadata.log)
    assert.equal("Top", metadata.top.title)
    local parts = {}
    local renderer = render.new(function(text) parts[#parts + 1] = text end,
      { classes = classes })
    local mine, other, untold = spec("log", { "number" }, "A log"),
      spec("log", { "path" }, "Another log"), spec("more", { "number" }, "More")
    local renamed = spec("log", { "number" }, "A log of vda")
    for _, one in ipairs { mine, other, untold, renamed } do
      one.rows = { { one.columns[1].class == "path" and "/x" or 1 } }
    end
    renderer:window({ mine, other, untold, renamed }, 1, 2)
    renderer:finish(about())
    local results = json.decode(table.concat(parts)).results
    assert.equal("log", results[1].class)
    assert.same({ title = "Another log",
      ["column-descriptions"] = { { title = "C1", class = "path" } } }, results[2].class)
    assert.equal("More", results[3].class.title)
    assert.same({ inherit = "log", title = "A log of vda" }, results[4].class)
  end)

  it("writes the rows of logs", function()
    local parts = {}
    local renderer = render.new(function(text) parts[#parts + 1] = text end)
    local list = columns.read({ { "C1", "number", "n" }, { "C2", "string", "s" } }, "T", assert)
    local function opened()
      local spec = renderer:log_spec({}, list)
      spec.sort = "at"
      return log.new(spec)
    end
    local full = opened()
    full:add { at = 2, s = "b" }
    full:add { at = 1, n = 1, s = "a" }
    renderer:window({
      { id = "x", class = "T", title = "T", columns = list, log = full, format = "lami" },
      { id = "y", class = "T", title = "T", columns = list, log = opened(), format = "lami" },
    }, 1, 2)
    renderer:finish(about())
    local parsed = json.decode(table.concat(parts), 1, "null")
    assert.equal(1, #parsed.results)
    assert.same({ { { class = "number", value = 1 }, "a" }, { "null", "b" } },
      parsed.results[1].data)
  end)

  it("tells where events were lost", function()
    local line = results_of({}, about { lost = {
      { name = "chan_1", cpu = 1, lost_events = 5, lost_packets = 2, lost_begin = 10,
        lost_end = math.maxinteger },
      { name = "chan", lost_events = 1, lost_packets = 0, lost_begin = 3, lost_end = 4 },
    } })
    assert.equal('{"results":[],"lost":[{"stream":"chan_1","cpu":1,"events":5,"packets":2,'
      .. '"time-range":{"class":"time-range","begin":{"class":"timestamp","value":10},'
      .. '"end":{"class":"timestamp","value":9223372036854775807}}},'
      .. '{"stream":"chan","events":1,"packets":0,'
      .. '"time-range":{"class":"time-range","begin":{"class":"timestamp","value":3},'
      .. '"end":{"class":"timestamp","value":4}}}],"warnings":[]}\n', line)
  end)

  it("tells warnings", function()
    assert.equal('{"results":[],"lost":[],"warnings":["one","\\"two\\"\\n"]}\n',
      results_of({}, about { warnings = { "one", '"two"\n' } }))
  end)

  it("can be read by others", function()
    assert.is_true(is_json(written({ "string", "process", "number", "size" }, {
      { "中文 \0\1\27\127 \"\\/", { name = "a\tb", tid = 1 }, math.mininteger, 0.1 },
      { "\u{2028}\u{202e}\u{9b}\u{feff}\u{1f600}", analysis.unknown, nil, 1e300 },
    })))
    assert.is_false(is_json("{"))
  end)

  it("writes valid UTF-8 even for texts that are not", function()
    assert.is_true(is_json(written({ "string", "path", "process" },
      { { "a\xffb", "/tmp/\xe9", { name = "\xc3", tid = 1 } } })))
    assert.is_true(is_json(results_of({}, about { warnings = { "\xff" } })))
    assert.is_true(is_json(render.error("cannot read \xff")))
  end)
end)

describe("render_lami's cells", function()
  it("are plain texts", function()
    assert.equal('"x"', cell("string", "x"))
    assert.equal('""', cell("string", ""))
    assert.equal('"7"', cell("string", 7))
    assert.equal('"中文"', cell("string", "中文"))
    assert.equal('"a\\"\\\\\\n\\u001b\\u0000"', cell("string", 'a"\\\n\27\0'))
  end)

  it("are values of a class", function()
    for _, class in ipairs { "number", "ratio", "timestamp", "duration", "size", "bitrate" } do
      assert.equal(('{"class":"%s","value":5}'):format(class), cell(class, 5))
      assert.equal(('{"class":"%s","value":0}'):format(class), cell(class, 0))
      assert.equal(('{"class":"%s","value":-5}'):format(class), cell(class, -5))
      assert.equal(('{"class":"%s","value":0.5}'):format(class), cell(class, 0.5))
    end
    assert.equal('{"class":"bool","value":true}', cell("bool", true))
    assert.equal('{"class":"bool","value":false}', cell("bool", false))
  end)

  it("are names of a class", function()
    for _, class in ipairs { "syscall", "disk", "part", "netif" } do
      assert.equal(('{"class":"%s","name":"x"}'):format(class), cell(class, "x"))
    end
    assert.equal('{"class":"path","path":"/dev/null"}', cell("path", "/dev/null"))
    assert.equal('{"class":"disk","name":"8"}', cell("disk", 8))
    assert.equal('{"class":"fd","fd":3}', cell("fd", 3))
    assert.equal('{"class":"cpu","id":0}', cell("cpu", 0))
  end)

  it("are time ranges", function()
    assert.equal('{"class":"time-range","begin":{"class":"timestamp","value":5},'
      .. '"end":{"class":"timestamp","value":6}}', cell("time-range", { 5, 6 }))
  end)

  it("are processes, as far as they are known", function()
    assert.equal('{"class":"process","name":"sshd","pid":41,"tid":42}',
      cell("process", { tid = 42, pid = 41, name = "sshd" }))
    assert.equal('{"class":"process","name":"sshd"}', cell("process", { name = "sshd" }))
    assert.equal('{"class":"process","tid":0}', cell("process", { tid = 0 }))
    assert.equal('{"class":"unknown"}', cell("process", {}))
  end)

  it("writes lists as texts, if the column does not say how they look", function()
    assert.equal('"[1,2]"', cell("list", { 1, 2 }))
  end)

  it("are processes without what else their table has", function()
    local process = { name = "sshd", tid = 42, secret = "x" }
    assert.equal('{"class":"process","name":"sshd","tid":42}', cell("process", process))
    assert.same({ name = "sshd", tid = 42, secret = "x" }, process)
  end)

  it("are interrupts", function()
    local parsed = json.decode(cell("irq", { hard = false, nr = 42, name = "eth0" }))
    assert.equal("irq", parsed.class)
    assert.is_false(parsed.hard)
    assert.equal(42, parsed.nr)
    assert.equal("eth0", parsed.name)
  end)

  it("are what a script says if mixed", function()
    assert.equal('"x"', cell("mixed", "x"))
    assert.equal("5", cell("mixed", 5))
    assert.equal("true", cell("mixed", true))
  end)

  it("are null for nil, and of class unknown if unknown", function()
    for _, class in ipairs {
      "string", "number", "bool", "duration", "time-range", "process", "irq", "path", "mixed",
    } do
      assert.equal("null", cell(class, nil))
      assert.equal('{"class":"unknown"}', cell(class, analysis.unknown))
    end
    assert.equal('[[null,{"class":"number","value":1},null],[null,null,null]]',
      written({ "string", "number", "size" }, { { nil, 1, nil }, {} })
        :match('"data":(.*)}%],"lost"'))
  end)

  it("are integers exact to 64 bits", function()
    for _, value in ipairs {
      math.maxinteger, math.maxinteger - 1, math.mininteger, 9007199254740993,
      1795436330432156789, 1 << 62,
    } do
      for _, class in ipairs { "number", "duration", "timestamp", "size" } do
        local written_cell = cell(class, value)
        assert.equal(('{"class":"%s","value":%d}'):format(class, value), written_cell)
        assert.equal(value, json.decode(written_cell).value)
      end
      assert.equal(('{"class":"process","pid":%d,"tid":%d}'):format(value, value),
        cell("process", { pid = value, tid = value }))
    end
  end)

  it("are floating point numbers with a point", function()
    assert.near(1 / 3, json.decode(cell("duration", 1 / 3)).value, 1e-13)
    assert.near(1e300, json.decode(cell("number", 1e300)).value, 1e287)
    -- Clients refuse an object without a value.
    for _, class in ipairs { "number", "ratio", "duration", "size" } do
      assert.equal("null", cell(class, 0 / 0))
      assert.equal("null", cell(class, math.huge))
      assert.equal("null", cell(class, -math.huge))
    end
  end)

  it("are as many as columns, whatever a row has", function()
    assert.equal('[[{"class":"number","value":1}]]',
      written({ "number" }, { { 1, 2, 3 } }):match('"data":(.*)}%],"lost"'))
  end)
end)

describe("render_lami.error", function()
  it("tells a message", function()
    assert.equal('{"error-message":"Error: no \\"trace\\""}\n',
      render.error('Error: no "trace"'))
    assert.equal('{"error-message":""}\n', render.error(""))
    assert.equal('{"error-message":"a\\nb"}\n', render.error("a\nb"))
  end)
end)
