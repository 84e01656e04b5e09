--- Checks that a wrong analysis is refused by an error that names the problem and blames the
-- script, and that windows open, close and fill tables.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local options = require "lttnga.options"
local windows = require "lttnga.windows"

local function nothing() end

--- The least that is an analysis, with more fields.
local function with(fields)
  local given = { title = "T", on = {} }
  for key, value in pairs(fields) do
    given[key] = value
  end
  return given
end

--- A window of an analysis with these options.
local function open(made, values, renderer, from)
  return windows.open(made, values, renderer, from, made.run(values))
end

--- The results of a window.
local function close(made, w)
  return windows.close(made, w)
end

--- A table with columns, for `tables`.
local function showing(...)
  return with { tables = { { "id", "Title", { ... }, rows = nothing } } }
end

--- Runs a script that makes an analysis on its third line; what goes wrong.
local function run(given, ending)
  local source = "local analysis, given = ...\n-- here:\n" .. ending
  local ok, err = pcall(assert(load(source, "@script.lua")), analysis, given)
  assert.is_false(ok)
  assert.equal("string", type(err))
  return err
end

--- Checks the message of the error, wherever it blames.
local function refused(given, expected)
  local err = run(given, "local made = analysis(given)\nreturn made")
  assert.is_truthy(err:find(expected, 1, true), err)
end

describe("analysis", function()
  it("takes what has a title and hooks", function()
    local on = { io_end = nothing }
    local made = analysis { title = "T", on = on }
    assert.is_true(analysis.is(made))
    assert.equal("T", made.title)
    assert.equal(on, made.on)
    -- Any table takes --limit, and any hook --filter.
    assert.same({ options.groups.rows[1], options.groups.filter[1] }, made.options)
    assert.is_false(made.has_limit)
    assert.same({}, made.tables)
  end)

  it("takes all of its keys", function()
    assert.is_true(analysis.is(analysis {
      title = "T", description = "D", options = {}, run = nothing, begin = nothing, on = {},
      collect = {}, finish = nothing, tables = {}, family = {}, filters = {}, selects = {},
      trace = true,
    }))
    assert.is_true(analysis.is(analysis { title = "T", collect = function() return {} end }))
  end)

  it("is told from other values", function()
    for _, value in ipairs { {}, 5, "x", true, nothing, analysis, { title = "T", on = {} } } do
      assert.is_false(analysis.is(value))
    end
    assert.is_false(analysis.is(nil))
    assert.is_false(analysis.is(analysis.unknown))
  end)

  it("refuses what is no table", function()
    for _, given in ipairs { 5, "x", true, nothing } do
      refused(given, "analysis() expects a table")
    end
    refused(nil, "analysis() expects a table")
  end)

  it("refuses what lacks hooks or a title", function()
    refused({}, "an analysis needs `on`, `collect` or `sections`")
    refused({ title = "T" }, "an analysis needs `on`, `collect` or `sections`")
    refused({ on = {} }, "an analysis needs a title")
  end)

  it("refuses keys that it does not have, with a hint", function()
    refused(with { finnish = nothing }, "unknown field of an analysis: 'finnish' (did you mean "
      .. "'finish'?)")
    refused(with { table = {} }, "unknown field of an analysis: 'table' (did you mean 'tables'?)")
    refused(with { frobnicate = 1 }, "unknown field of an analysis: 'frobnicate'")
    refused(with { ["%d"] = 1 }, "unknown field of an analysis: '%d'")
    refused(with { 5 }, "unknown field of an analysis: '1'")
    refused(with { [true] = 1 }, "unknown field of an analysis: 'true'")
  end)

  it("refuses values of the wrong type", function()
    refused({ title = 5, on = {} }, "'title' must be a string, not a number")
    refused({ title = "T", on = nothing }, "'on' must be a table, not a function")
    refused({ title = "T", on = false }, "'on' must be a table, not a boolean")
    refused(with { begin = {} }, "'begin' must be a function, not a table")
    refused(with { finish = "x" }, "'finish' must be a function, not a string")
    refused(with { tables = "x" }, "'tables' must be a table, not a string")
    refused(with { options = "x" }, "'options' must be a table, not a string")
    refused(with { description = {} }, "'description' must be a string, not a table")
    refused(with { run = {} }, "'run' must be a function, not a table")
    refused(with { collect = "x" }, "'collect' must be a table or function, not a string")
    refused(with { collect = nothing }, "`collect` must return a list")
    refused(with { collect = { { "io_end" } } },
      "collect 1 must be { EVENT, FIELD, ..., into = NAME }")
  end)

  it("refuses wrong tables", function()
    local message = "table 1 must be { id, title, columns, rows = function(w) }"
    local columns = { { "C" } }
    for _, one in ipairs {
      5, "x", {}, { "id" }, { "id", "T" }, { "id", "T", "x", rows = nothing },
      { 5, "T", columns, rows = nothing }, { "id", 5, columns, rows = nothing },
    } do
      refused(with { tables = { one } }, message)
    end
    refused(with { tables = { { "id", "T", columns, rows = nothing }, 5 } }, "table 2 must be")
    refused(with { tables = { { "id", "T", columns } } }, "table 'id' needs a function `rows`")
    refused(with { tables = { { "id", "T", columns, rows = {} } } },
      "table 'id': `rows` must be a function, not a table")
    refused(with { tables = { { "id", "T", {}, rows = nothing } } }, "table 'id' has no columns")
    refused(with { tables = { { "id", "T", columns, rows = nothing, text = "x" } } },
      "table 'id': `text` must be \"grid\", \"none\", a function, or { heading = text")
    for _, layout in ipairs { {}, { heading = "H" }, { row = nothing }, { heading = 5, line = {} } }
    do
      refused(with { tables = { { "id", "T", columns, rows = nothing, text = layout } } },
        "table 'id': `text` must be a function, or { heading = text")
    end
    refused(with { tables = { { "id", "T", columns, sorted = "log" } } },
      "table 'id' is sorted: its column 'C' must name its field")
    for _, needs in ipairs { "io_end", { 5 }, { io_end = true } } do
      refused(with { tables = { { "id", "T", columns, rows = nothing, needs = needs } } },
        "table 'id': `needs` must be a ")
    end
  end)

  it("refuses wrong columns", function()
    for _, column in ipairs { 5, "C", {}, { 5 }, { class = "number" } } do
      refused(showing(column), "table 'id': column 1 must be { title, class, field }")
    end
    refused(showing { "C", "numbr" },
      "table 'id': column 'C': unknown class 'numbr' (did you mean 'number'?)")
    refused(showing { "C", "frobnicate" },
      "table 'id': column 'C': unknown class 'frobnicate'")
    refused(showing { "C", 5 }, "table 'id': column 'C': unknown class '5'")
    refused(showing({ "C" }, { "D", "%s" }), "table 'id': column 'D': unknown class '%s'")
    for _, width in ipairs { "x", 1.5, {} } do
      refused(showing { "C", width = width },
        "table 'id': column 'C' (string): `width` must be an integer, not ")
    end
  end)

  it("refuses wrong options", function()
    refused(with { options = { "proces" } },
      "unknown option group 'proces' (did you mean 'process'?)")
    refused(with { options = { "frobnicate" } }, "unknown option group 'frobnicate'")
    local message = "an option must be the name of a group, or { name = ..., help = ... }"
    for _, option in ipairs { 5, {}, { name = 5 }, { help = "x" }, nothing } do
      refused(with { options = { option } }, message)
    end
    refused(with { options = { { name = "x", value = "X", read = "bogus" } } },
      "option 'x': unknown `read`")
    refused(with { options = { { name = "x", value = "X", read = 5 } } },
      "option 'x': unknown `read`")
    for _, name in ipairs { "begin", "output", "help", "table", "columns", "sort" } do
      refused(with { options = { { name = name } } },
        "the option name '" .. name .. "' is reserved")
    end
  end)

  --- Checks that the error begins with the place of the call in the script.
  local function blames_line(given)
    local err = run(given, "local made = analysis(given)\nreturn made")
    assert.equal("script.lua:3: ", err:sub(1, 14))
  end

  --- Checks the same if the script ends with the call, as scripts do: the tail call leaves no line
  -- of the script to name, but no other file must be named instead.
  local function blames_no_other(given)
    local place = run(given, "return analysis(given)"):match("^([^:]*):%d+: ")
    assert.is_true(place == nil or place == "script.lua", place)
  end

  local within_table = {
    ["a wrong table"] = with { tables = { 5 } },
    ["a table without rows"] = with { tables = { { "id", "T", { { "C" } } } } },
    ["an unknown group"] = with { options = { "bogus" } },
    ["a wrong option"] = with { options = { 5 } },
  }
  for what, given in pairs(within_table) do
    it("blames the script's line for " .. what, function()
      blames_line(given)
    end)
    it("blames no other file for " .. what, function()
      blames_no_other(given)
    end)
  end

  local elsewhere = {
    ["what is no table"] = 5,
    ["a lack of hooks"] = {},
    ["a lack of a title"] = { on = {} },
    ["an unknown key"] = with { bogus = 1 },
    ["a wrong type"] = with { begin = 5 },
    ["a wrong column"] = showing(5),
    ["an unknown class"] = showing { "C", "bogus" },
  }
  for what, given in pairs(elsewhere) do
    it("blames the script's line for " .. what, function()
      blames_line(given)
    end)
    it("blames no other file for " .. what, function()
      blames_no_other(given)
    end)
  end
end)

describe("an analysis' columns", function()
  it("are strings without a class", function()
    local column = analysis(showing { "C" }).tables[1].columns[1]
    assert.equal("C", column.title)
    assert.equal("string", column.class)
  end)

  it("keep what is said of them", function()
    local column = analysis(showing { "C", "size", unit = "B", width = 5, key = true })
      .tables[1].columns[1]
    assert.same({ title = "C", class = "size", unit = "B", width = 5, name = "c",
      heading = "C", is_key = true }, column)
  end)

  it("can have each class of LAMI", function()
    for _, class in ipairs {
      "string", "number", "bool", "ratio", "timestamp", "time-range", "duration", "size",
      "bitrate", "syscall", "process", "path", "fd", "irq", "cpu", "disk", "part", "netif", "mixed",
    } do
      assert.equal(class, analysis(showing { "C", class }).tables[1].columns[1].class)
    end
  end)
end)

describe("an analysis' options", function()
  it("are those of groups, and its own", function()
    local own = { name = "own", help = "x" }
    local made = analysis(with { options = { "duration", own, "limit" } })
    local names = {}
    for i, option in ipairs(made.options) do
      names[i] = option.name
    end
    assert.is_true(made.has_limit)
    assert.same({ "min", "max", "own", "limit", "filter" }, names)
    assert.equal(own, made.options[3])
    assert.equal(options.groups.limit[1], made.options[4])
  end)

  it("are read as text, by name of a reader, or by a function", function()
    local function twice(value)
      return value .. value
    end
    local made = analysis(with { options = {
      { name = "a", value = "X" }, { name = "b", value = "X", read = "count" },
      { name = "c", value = "X", read = twice },
    } })
    local values = options.parse(options.set(made.options), { "--a=1", "--b=1", "--c=1" })
    assert.same({ a = "1", b = 1, c = "11" }, values)
  end)

  it("can be used by two analyses", function()
    local own = { name = "own", value = "X", read = "count" }
    for _ = 1, 2 do
      assert.equal(5, analysis(with { options = { own } }).options[1].read("5"))
    end
  end)

  it("take the places of those of a group that are called like them", function()
    local own = { name = "min", value = "X", default = 5 }
    local made = analysis(with { options = { "duration", own } })
    assert.same({ options.groups.duration[2], own, options.groups.rows[1],
      options.groups.filter[1] }, made.options)
    assert.equal(5, made.defaults.min)
  end)

  it("do not change the groups", function()
    local before = #options.groups.duration
    analysis(with { options = { "duration", { name = "own" } } })
    analysis(with { options = { "duration", "size" } })
    assert.equal(before, #options.groups.duration)
  end)

  it("have no --filter where there is only the trace as a whole", function()
    assert.same(options.groups.rows, analysis(with { trace = true }).options)
  end)
end)

describe("a window", function()
  it("opens with options, and what the script puts there", function()
    local made = analysis(with { begin = function(w) w.count = w.options.start end })
    local values = { start = 7 }
    local w = open(made, values)
    assert.equal(values, w.options)
    assert.equal(7, w.count)
    assert.are_not.equal(w, open(made, values))
  end)

  it("opens without `begin`", function()
    assert.same({ options = { limit = 3 } }, open(analysis(with {}), { limit = 3 }))
  end)

  it("has what the analysis has made for the whole run", function()
    local made = analysis(with { run = function(values) return { count = values.start } end,
      begin = function(w) w.run.count = w.run.count + 1 end })
    local kept = made.run { start = 5 }
    assert.equal(6, windows.open(made, {}, nil, nil, kept).run.count)
    assert.equal(7, windows.open(made, {}, nil, nil, kept).run.count)
  end)

  it("knows the time that was asked for", function()
    assert.equal(5, open(analysis(with {}), {}, nil, 5).from)
  end)

  it("closes: finishes first, then fills tables in order", function()
    local calls = {}
    local function heading() return "Heading" end
    local made = analysis(with {
      finish = function(w)
        calls[#calls + 1] = "finish"
        w.total = w.count * 2
      end,
      tables = {
        { "one", "One", { { "C", "number" } }, text = heading, rows = function(w)
          calls[#calls + 1] = "one"
          return { { w.total } }
        end },
        { "two", "Two", { { "D" }, { "E", "size" } }, rows = function()
          calls[#calls + 1] = "two"
          return {}
        end },
      },
    })
    local w = open(made, {})
    w.count, w.first, w.last = 21, 100, 200
    local results = close(made, w)
    assert.same({ "finish", "one", "two" }, calls)
    assert.equal(2, #results)
    assert.equal("one", results[1].id)
    assert.equal("One", results[1].title)
    assert.equal("C", results[1].columns[1].title)
    assert.equal("Heading", results[1].text())
    assert.same({ { 42, record = { 42 } } }, results[1].rows)
    assert.equal("two", results[2].id)
    assert.equal(2, #results[2].columns)
    assert.same({}, results[2].rows)
    assert.is_nil(results[2].text)
    assert.is_false(results[2].dynamic)
    assert.equal("Two", results[2].class)
  end)

  it("can have several results of one table, and columns that depend on options", function()
    local made = analysis(with { tables = {
      { "each", "Each", { { "C" } }, class = "All", each = function()
        return { { title = "Each a", rows = { { "x" } } },
          { rows = { { 5, 6 } }, columns = { { "N", "number" }, { "M", "number" } } } }
      end },
      { "more", "More", function(o)
        return o.much and { { "A" }, { "B" } } or { { "A" } }
      end, rows = function() return {} end },
    } })
    local results = close(made, open(made, { much = true }))
    assert.same({ "each", "each", "more" }, { results[1].id, results[2].id, results[3].id })
    assert.same({ "Each a", "Each", "More" },
      { results[1].title, results[2].title, results[3].title })
    assert.same({ "All", "All", "More" },
      { results[1].class, results[2].class, results[3].class })
    assert.same({ false, true, true },
      { results[1].dynamic, results[2].dynamic, results[3].dynamic })
    assert.equal("M", results[2].columns[2].title)
    assert.equal(1, #made.tables[2].columns)
    assert.is_false(close(made, open(made, {}))[3].dynamic)
  end)

  it("has tables whose rows come sorted, and are written as they come", function()
    local made = analysis(with { tables = { { "log", "Log", { { "C", "number", "c" } },
      sorted = "log", order = "at" } } })
    local renderer = { log_spec = function(_, one, list)
      assert.equal("log", one.id)
      return { format = "csv", columns = { { key = list[1].name, class = "number",
        parts = { value = "c" } } } }
    end }
    local w = open(made, {}, renderer)
    w.log:add { at = 5, c = 2 }
    w.log:add { at = 4, c = 1 }
    local result = close(made, w)[1]
    assert.equal("csv", result.format)
    assert.equal(2, result.log:count())
    local file <close> = assert(io.tmpfile())
    assert(result.log:write(file, '"Log",'))
    file:seek "set"
    assert.equal('"Log",1\r\n"Log",2\r\n', file:read "a")
    local one = { "log", "Log", { { "C", "string", "c" } }, sorted = "log" }
    refused(with { tables = { one, one } }, "two tables have sorted = 'log'")
    for _, name in ipairs { "options", "from", "run", "first", "last", "cpus", "trace" } do
      refused(with { tables = { { "log", "Log", { { "C", "string", "c" } }, sorted = name } } },
        "`sorted` must not be '" .. name .. "': "
          .. "every window has a field of this name")
    end
  end)

  it("has columns that may depend on an option's default", function()
    local made = analysis(with {
      options = { { name = "depth", value = "N", read = "count", default = 3 } },
      tables = { { "t", "T", function(o)
        return { { o.depth > 3 and "Deep" or "Flat" } }
      end, rows = function() return {} end } },
    })
    assert.equal("Flat", made.tables[1].columns[1].title)
    local result = close(made, open(made, { depth = 5 }))[1]
    assert.equal("Deep", result.columns[1].title)
    assert.is_true(result.dynamic)
    assert.is_false(close(made, open(made, { depth = 2 }))[1].dynamic)
  end)

  it("says what `each` must return", function()
    for _, value in ipairs { 5, "x", { 5 } } do
      local made = analysis(with { tables = { { "t", "T", { { "C" } }, each = function()
        return value
      end } } })
      local ok, message = pcall(close, made, open(made, {}))
      assert.is_false(ok)
      assert.matches("table 't': `each` must return a list", tostring(message))
    end
  end)

  --- What is said of a table that is closed; without the place, which must be in this file.
  local function told(columns, rows, text)
    local made = analysis(with { tables = {
      { "id", "Title", columns, text = text, rows = function() return rows end } } })
    local ok, err = pcall(function()
      local result = close(made, open(made, {}))[1]
      return text and result.text(result, {})
    end)
    if ok then
      return nil
    end
    assert.is_true(fault.is(err), tostring(err))
    return err.message:match("^[^\n]*lib_analysis_spec%.lua:%d+: table 'id': (.*)$") or err.message
  end

  it("takes no rows that are no tables", function()
    local columns = { { "C" } }
    assert.equal("`rows` must return a list of rows, not nil", told(columns, nil))
    assert.equal("`rows` must return a list of rows, not 5", told(columns, 5))
    assert.equal("`rows` must return a list of rows, not a function", told(columns, nothing))
    assert.equal("row 2 must be a table of fields or a list of cells, not a string",
      told(columns, { {}, "x" }))
  end)

  it("takes cells of the column's class, none, and unknown ones", function()
    local process = { name = "x", tid = 1, pid = 1 }
    local right = {
      string = { "x", 5, true }, path = { "/x" }, number = { 5, 1.5 }, duration = { 5, 0.1 },
      timestamp = { 5 }, bool = { true, false }, process = { process, {} },
      ["time-range"] = { { 1, 2 } }, irq = { { nr = 1, name = "x", hard = true } },
    }
    for class, values in pairs(right) do
      for _, value in ipairs(values) do
        assert.is_nil(told({ { "C", class } }, { { value }, {}, { analysis.unknown } }))
      end
    end
    local wrong = {
      string = { {}, nothing, process }, path = { {} }, number = { "5", true, {} },
      duration = { "x" }, timestamp = { 0.5, 5.0, 1e300, "x" }, bool = { 1 },
      process = { "x", { name = {} }, { tid = "1" }, { pid = 3.0 } },
      ["time-range"] = { 5, {}, { 1, "2" }, { 1.0, 2 } },
      irq = { 5, {}, { nr = 1.5 } },
    }
    for class, values in pairs(wrong) do
      for _, value in ipairs(values) do
        assert.matches("^row 2: column 'C' %(" .. class:gsub("%-", "%%-") .. "%): expected ",
          told({ { "C", class } }, { {}, { value } }))
      end
    end
    assert.equal("row 1: column 'C' (size): expected a number, not a table",
      told({ { "B" }, { "C", "size" } }, { { "x", {} } }))
  end)

  it("takes nothing but a string as text", function()
    assert.equal("`text` must return a string, not nil", told({ { "C" } }, {}, nothing))
    assert.is_nil(told({ { "C" } }, {}, function() return "x" end))
  end)

  it("closes without tables", function()
    local made = analysis(with {})
    assert.same({}, close(made, open(made, {})))
  end)

  it("lets through errors of the script", function()
    local made = analysis(with { begin = function() error("mine", 0) end })
    assert.has_error(function() open(made, {}) end, "mine")
    made = analysis(with { finish = function() error("mine too", 0) end })
    assert.has_error(function() close(made, open(made, {})) end, "mine too")
  end)
end)

describe("analysis.unknown", function()
  it("is a value of its own", function()
    assert.is_truthy(analysis.unknown)
    assert.matches("^unknown: ", tostring(analysis.unknown))
    assert.are_not.equal(analysis.unknown, setmetatable({}, { __name = "unknown" }))
  end)
end)
