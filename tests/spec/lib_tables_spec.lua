--- Tables: what may be said of them, and what becomes of their rows: ranked, sorted, limited,
-- narrowed to some columns.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local render_csv = require "lttnga.render_csv"
local render_text = require "lttnga.render_text"
local tables = require "lttnga.tables"
local windows = require "lttnga.windows"

local host = require "tests.spec.host"

local function nothing() end

--- An analysis with one table.
local function showing(one)
  return analysis { title = "T", on = {}, options = { "limit" }, tables = { one } }
end

--- The results of a table with options as the command line gives them.
-- @tparam[opt] function fill takes the window, before it is closed
local function results_of(one, values, renderer, fill)
  local made = showing(one)
  local w = windows.open(made, values or {}, renderer);
  (fill or nothing)(w)
  return windows.close(made, w)
end

--- The first cells of the rows of a result.
local function firsts(result)
  local list = {}
  for i, row in ipairs(result.rows) do
    list[i] = row[1]
  end
  return list
end

--- What is said of a table that is refused.
local function refused(one)
  local ok, message = pcall(showing, one)
  assert.is_false(ok)
  return (tostring(message):gsub("^[^ ]*_spec%.lua:%d+: ", ""))
end

--- What is said of a result that can't be.
local function fails(one, values, renderer)
  local ok, message = pcall(results_of, one, values, renderer)
  assert.is_false(ok)
  assert.is_true(fault.is(message), tostring(message))
  return (message.message:gsub("^[^ ]*lib_tables_spec%.lua:%d+: ", ""))
end

local columns = {
  { "Name", "string", "name" }, { "Size", "size", "size" }, { "When", "timestamp", "at" },
  { "Who", "process", { name = "comm", tid = "tid" } }, { "Range", "time-range", { "at", "to" } },
}

local rows = {
  { name = "b", size = 5, at = 30, to = 31, comm = "sh", tid = 9 },
  { name = "a", size = 7, at = 10, to = 90, comm = "cat", tid = 2 },
  { name = "d", size = 5, at = 20, to = 22, tid = 7 },
  { name = "c", at = 40, to = 40, comm = "dd" },
}

--- A table of these rows.
local function sample(more)
  local one = { "id", "Title", columns, rows = function() return rows end }
  for key, value in pairs(more or {}) do
    one[key] = value or nil
  end
  return one
end

--- The names of the rows of the table, as they come with options.
local function order(values, more)
  return table.concat(firsts(results_of(sample(more), values)[1]))
end

describe("a table", function()
  it("is refused if it makes no sense", function()
    assert.equal("table 'id': unknown field 'frobnicate'", refused(sample { frobnicate = {} }))
    assert.equal("table 'id': unknown field 'ordre' (did you mean 'order'?)",
      refused(sample { ordre = "x" }))
    for field, wrong in pairs {
      by = { 5, "must be a string or a function, not 5" },
      limit = { 5, "must be a boolean, not 5" },
      over = { "x", "must be a number, not a string" },
      each = { {}, "must be a function, not a table" },
    } do
      assert.equal(("table 'id': `%s` %s"):format(field, wrong[2]),
        refused(sample { [field] = wrong[1] }))
    end
    assert.equal("table 'id': `text` must be \"grid\", \"none\", a function, or { heading = text, "
      .. "row = function(row, about) }, not 'gird'", refused(sample { text = "gird" }))
    assert.equal("table 'id' (group) has no columns", refused(sample { group = {} }))
  end)

  it("is refused if it is sorted, and has what only functions of Lua can show", function()
    for wanted, column in pairs {
      ["must name its field"] = { "F", "number", nothing },
      ["must name the fields of its parts"] = { "F", "process", "a" },
      ["cannot be a list"] = { "F", "list", "a" },
      ["cannot have `default`"] = { "F", "number", "a", default = 0 },
      ["cannot have `text`"] = { "F", "number", "a", text = nothing },
      ["cannot have `indent`"] = { "F", "number", "a", indent = 2 },
      ["must have `unknown = FIELD`"] = { "F", "number", "a", unknown = true },
      ["cannot have `with`"] = { "F", "number", "a", with = "b" },
      ["cannot have `unknown`"] = { "F", "time-range", { "a", "b" }, unknown = true },
    } do
      assert.equal("table 'id' is sorted: its column 'F' " .. wanted,
        refused { "id", "T", { column }, sorted = "log" })
    end
    assert.equal("table 'id' is sorted: its column 'F' must name the fields of its parts",
      refused { "id", "T", { { "F", "process", { name = nothing } } }, sorted = "log" })
    for _, layout in ipairs { "grid", nothing } do
      assert.equal("table 'id' is sorted: its `text` must be \"none\", or { heading = text, line "
        .. "= { ... } }", refused(sample { sorted = "log", text = layout, rows = false }))
    end
    assert.equal("table 'id' is sorted: it cannot have `rows`", refused(sample { sorted = "log" }))
    assert.equal("table 'id': its column 'F' can't have `line`: it is not sorted",
      refused { "id", "T", { { "F", "number", "a", line = "{a}" } }, rows = nothing })
  end)

  it("is told, not shown in our files, if its log can't be made", function()
    local many = {}
    for i = 1, 70 do
      many[i] = { "C" .. i, "number", "f" .. i }
    end
    assert.equal("table 'id': the columns of a log have too many fields", (fails({ "id", "T", many,
      sorted = "log" }, {}, render_csv.new(nothing, {}))))
  end)

  it("may have the same columns as another one", function()
    assert.equal(columns, sample()[3])
    assert.equal(5, #showing(sample()).tables[1].columns)
    assert.equal(5, #showing(sample()).tables[1].columns)
  end)
end)

describe("the rows of a table", function()
  it("are those of the script, as cells", function()
    local result = results_of(sample())[1]
    assert.same({ "b", "a", "d", "c" }, firsts(result))
    assert.equal(rows[1], result.rows[1].record)
    assert.same({ "id", "Title", "Title", false },
      { result.id, result.title, result.class, result.dynamic })
    assert.is_nil(result.rows[4][2])
  end)

  it("are ranked by a field, equal ones in their order", function()
    assert.equal("abdc", order({}, { by = "size" }))
    assert.equal("cbda", order({}, { by = "at" }))
  end)

  it("are ranked by a function", function()
    assert.equal("adbc", order({}, { by = function(row) return -row.at end }))
  end)

  it("are ranked by numbers only, and what is none is like what is not there", function()
    assert.equal("table 'id': `by` must be a number, not a string", fails(sample { by = "name" }))
    local list = {}
    for i = 1, 100 do
      list[i] = { name = tostring(i), ratio = i % 3 == 0 and 0 / 0 or i }
    end
    local result = results_of({ "id", "T", { { "N", "string", "name" } }, by = "ratio",
      rows = function() return list end })[1]
    assert.same({ "100", "98", "97", "95" }, table.move(firsts(result), 1, 4, 1, {}))
    assert.equal("3", result.rows[68][1])
  end)

  it("must be tables, where they are ranked, too", function()
    assert.equal("table 'id': row 1 must be a table of fields or a list of cells, not 5",
      fails(sample { by = "size", rows = function() return { 5 } end }))
  end)

  it("are left out if they are not over a number", function()
    assert.equal("abd", order({}, { by = "size", over = 0 }))
    assert.equal("a", order({}, { by = "size", over = 5 }))
  end)

  it("are limited where they are ranked, or the table says so", function()
    assert.equal("ab", order({ limit = 2 }, { by = "size" }))
    assert.equal("ba", order({ limit = 2 }, { limit = true }))
    assert.equal("badc", order({ limit = 0 }, { limit = true }))
    assert.equal("badc", order({ limit = 9 }, { limit = true }))
    assert.equal("badc", order { limit = 2 })
  end)

  it("are limited in other tables if the limit is for these", function()
    assert.equal("ba", order { limit = 9, ["limit of all"] = 2 })
    assert.equal("abdc", order({ limit = 9, ["limit of all"] = 2 }, { by = "size" }))
  end)

  it("are not changed", function()
    local before = table.move(rows, 1, #rows, 1, {})
    order({ sort = "name", limit = 1, columns = { "name" } }, { by = "size" })
    assert.same(before, rows)
  end)
end)

describe("--sort", function()
  it("takes numbers from the largest on, and what has none last", function()
    assert.equal("abdc", order { sort = "size" })
    assert.equal("bdac", order { sort = "-size" })
    assert.equal("abdc", order { sort = "SIZE" })
  end)

  it("takes what is no number like what is not there", function()
    local list = {}
    for i = 1, 100 do
      list[i] = { name = tostring(i), size = i % 3 == 0 and 0 / 0 or i, at = i, to = i }
    end
    local function of(sort)
      return firsts(results_of(sample { rows = function() return list end }, { sort = sort })[1])
    end
    assert.equal("1", of("-size")[1])
    assert.equal("100", of("size")[1])
    assert.equal("99", of("size")[100])
    assert.equal("99", of("-size")[100])
  end)

  it("takes texts and times from the first on", function()
    assert.equal("abcd", order { sort = "name" })
    assert.equal("dcba", order { sort = "-name" })
    assert.equal("adbc", order { sort = "when" })
    assert.equal("cbda", order { sort = "-when" })
    assert.equal("adbc", order { sort = "range" })
    assert.equal("cbda", order { sort = "-range" })
  end)

  it("takes processes by their names, and numbers before them", function()
    assert.equal("dacb", order { sort = "who" })
    assert.equal("bcad", order { sort = "-who" })
  end)

  it("goes before the rank, and the limit comes after", function()
    assert.equal("ad", order({ sort = "when", limit = 2 }, { by = "size" }))
    assert.equal("ad", order({ sort = "when", limit = 2 }, { limit = true }))
    assert.equal("adb", order({ sort = "when", limit = 3 }, { by = "size", over = 0 }))
  end)

  it("leaves tables alone that have no such column", function()
    assert.equal("badc", order { sort = "other" })
    assert.equal("abdc", order({ sort = "other" }, { by = "size" }))
    assert.equal("ab", order({ sort = "other", limit = 2 }, { by = "size" }))
  end)
end)

describe("--columns", function()
  it("gives these only, in this order", function()
    local result = results_of(sample(), { columns = { "when", "Name" } })[1]
    assert.same({ "When", "Name" }, { result.columns[1].title, result.columns[2].title })
    assert.same({ 30, "b" }, { result.rows[1][1], result.rows[1][2] })
    assert.equal(2, #result.rows[1])
    assert.equal(rows[1], result.rows[1].record)
    assert.is_true(result.dynamic)
  end)

  it("gives each only once", function()
    assert.equal(2, #results_of(sample(), { columns = { "when", "Name", "When", "name" } })[1]
      .columns)
  end)

  it("leaves out tables that have none of them", function()
    assert.same({}, results_of(sample(), { columns = { "other" } }))
    assert.equal(1, #results_of(sample(), { columns = { "other", "name" } })[1].columns)
  end)

  it("goes with the sort by a column that is not shown", function()
    local result = results_of(sample(), { columns = { "name" }, sort = "when" })[1]
    assert.same({ "a", "d", "b", "c" }, firsts(result))
  end)

  it("gives a table of its own to texts that need all columns", function()
    local function text_of(layout)
      return results_of(sample { text = layout }, { columns = { "name" } })[1].text
    end
    assert.is_nil(text_of(function() return "" end))
    assert.is_nil(text_of { heading = "H", row = tostring })
    assert.equal("grid", text_of "grid")
    assert.equal("none", text_of "none")
  end)
end)

describe("`each`", function()
  local function parts(list, more)
    local one = sample(more)
    one.rows, one.each = nil, function() return list end
    return one
  end

  it("gives several tables, each with its own title, columns and rows", function()
    local results = results_of(parts({
      { title = "A", rows = { rows[1], rows[2] }, above = "Above" },
      { rows = { { 5 } }, columns = { { "N", "number" } } }, { rows = {} } }, { class = "All" }))
    assert.same({ "A", "Title", "Title" },
      { results[1].title, results[2].title, results[3].title })
    assert.same({ "All", "All", "All" }, { results[1].class, results[2].class, results[3].class })
    assert.same({ false, true, false },
      { results[1].dynamic, results[2].dynamic, results[3].dynamic })
    assert.equal("Above", results[1].above)
    assert.equal(5, results[2].rows[1][1])
    assert.same({}, results[3].rows)
  end)

  it("says of each what its rows have in common", function()
    local group = { { "Class", "string", "class" }, { "Prio", "number", "prio", default = 0 } }
    local results = results_of(parts({ { rows = {}, group = { class = "read" } }, { rows = {} } },
      { group = group }))
    assert.equal("Class", results[1].group[1].title)
    assert.same({ "read", 0 }, { results[1].group_cells[1], results[1].group_cells[2] })
    assert.is_nil(results[2].group)
    -- No name for machines is there twice.
    local twice = results_of(parts({ { rows = {}, group = {} } }, { group = { { "Name" } } }))[1]
    assert.same({ "name", "column_1" }, { twice.group[1].name, twice.columns[1].name })
    -- Without columns for it nothing is said.
    assert.is_nil(results_of(parts { { rows = {}, group = { class = "x" } } })[1].group)
  end)

  it("ranks, sorts, limits and narrows each of them", function()
    local list = { { title = "A", rows = rows }, { title = "B", rows = { rows[2], rows[3] } } }
    local function all(values, more)
      local names = {}
      for i, result in ipairs(results_of(parts(list, more), values)) do
        names[i] = table.concat(firsts(result))
      end
      return table.concat(names, " ")
    end
    assert.equal("ab ad", all({ limit = 2 }, { by = "size" }))
    assert.equal("adbc ad", all({ sort = "when" }))
    assert.equal("a a", all({ limit = 1, sort = "name" }, { limit = true }))
    assert.equal(1, #results_of(parts(list), { columns = { "name" } })[2].columns)
  end)

  it("says what it must return", function()
    for _, value in ipairs { 5, "x" } do
      assert.matches("^table 'id': `each` must return a list, not ", fails(parts(value)))
    end
    assert.equal("table 'id': `each` must return a list of { title =, rows = }, not of 5",
      fails(parts { 5 }))
    assert.equal("table 'id': `rows` must return a list of rows, not nil", fails(parts { {} }))
    assert.equal("table 'id': column 'C': unknown class 'x'",
      fails(parts { { rows = {}, columns = { { "C", "x" } } } }))
    assert.equal("table 'id': row 1: column 'Prio' (number): expected a number, not a string",
      fails(parts({ { rows = {}, group = { prio = "x" } } },
        { group = { { "Prio", "number", "prio" } } })))
  end)
end)

describe("columns that are a function of the options", function()
  local function dynamic()
    return { "id", "Title", function(options)
      return options.more and { columns[1], columns[2] } or { columns[1] }
    end, rows = function() return rows end }
  end

  it("are what it returns", function()
    local plain, more = results_of(dynamic())[1], results_of(dynamic(), { more = true })[1]
    assert.same({ 1, false }, { #plain.columns, plain.dynamic })
    assert.same({ 2, true }, { #more.columns, more.dynamic })
    assert.equal(5, more.rows[1][2])
  end)

  it("are asked for once for some options", function()
    local calls = 0
    local made = showing { "id", "Title", function()
      calls = calls + 1
      return { columns[1] }
    end, rows = function() return {} end }
    local before, values = calls, {}
    for _ = 1, 3 do
      windows.close(made, windows.open(made, values))
    end
    assert.equal(before + 1, calls)
  end)

  it("must be columns", function()
    assert.matches("table 'id' has no columns", refused { "id", "T", nothing, rows = nothing })
  end)
end)

describe("a table whose rows are a log", function()
  local function log_of(more)
    local one = sample(more)
    one.rows, one.sorted, one.order = nil, "log", more and more.order or "at"
    return one
  end

  local function fill(w)
    for _, row in ipairs(rows) do
      w.log:add(row)
    end
  end

  --- What is written of it.
  local function written(render, values, more)
    local parts = {}
    local renderer = render.new(host.writer(parts), { gmt = true, classic = true })
    local results = results_of(log_of(more), values, renderer, fill)
    renderer:window(results, 1, 2)
    return table.concat(parts)
  end

  --- The first cells of its rows.
  local function order_of(values, more)
    local names = {}
    for name in written(render_csv, values, more):gmatch '"Title","(%a)"' do
      names[#names + 1] = name
    end
    return table.concat(names)
  end

  it("is sorted as it says, or as is asked", function()
    assert.equal("adbc", order_of {})
    assert.equal("adbc", order_of { sort = "when" })
    assert.equal("cbda", order_of { sort = "-when" })
    assert.equal("cbda", order_of { sort = "-range" })
    assert.equal("adbc", order_of { sort = "other" })
    -- What has no size comes last, whichever way round.
    assert.equal("abdc", order_of { sort = "size" })
    assert.equal("bdac", order_of { sort = "-size" })
  end)

  it("is sorted by numbers and times only", function()
    for _, name in ipairs { "name", "-name", "who" } do
      local ok, message = pcall(order_of, { sort = name })
      assert.is_false(ok)
      assert.equal(2, message.status)
      assert.equal(("--sort: 'Title' can only be sorted by numbers and times, not by '%s'"):format(
        (name:gsub("%-", ""))), message.message)
    end
  end)

  it("is cut off only where the limit is for logs", function()
    assert.equal("adbc", order_of { limit = 2 })
    assert.equal("ad", order_of { ["limit of logs"] = 2 })
    assert.equal("cb", order_of { ["limit of logs"] = 2, sort = "-when" })
    assert.equal("adbc", order_of { ["limit of logs"] = 0 })
    assert.equal("adbc", order_of { ["limit of logs"] = false })
  end)

  it("is narrowed to some columns", function()
    assert.equal('"Table","Size (bytes)","Name"\r\n"Title",7,"a"\r\n"Title",5,"d"\r\n'
      .. '"Title",5,"b"\r\n"Title",,"c"\r\n', written(render_csv, { columns = { "size", "name" } }))
    assert.equal("", written(render_csv, { columns = { "other" } }))
    -- Sorted by what is not shown.
    assert.equal('"Table","Name"\r\n"Title","c"\r\n',
      written(render_csv, { columns = { "name" }, sort = "-when", ["limit of logs"] = 1 }))
  end)

  it("is narrowed in text, too, whatever its own lines are", function()
    local text = written(render_text, { columns = { "name", "size" } },
      { text = { heading = "H", line = { { 5, "{at}" } } } })
    assert.equal("\nTitle:\nName                     Size\na                       7   B\n",
      text:match "^[^\n]*\n(\n.-\n)d")
    assert.is_nil(text:find("H\n", 1, true))
    -- What it looks like by itself.
    text = written(render_text, {}, { text = { heading = "H", line = { { 5, "{at}" } } } })
    assert.equal("\nTitle:\nH\n   10\n   20\n   30\n   40\n", text:match "^[^\n]*\n(.*)$")
  end)

  it("has plain columns in text if it says nothing of it", function()
    local text = written(render_text, {})
    local lines = {}
    for line in text:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.equal("Title:", lines[2])
    assert.matches("^Name +Size When +Who +Range", lines[3])
    assert.matches("^a +7   B 00:00:00.000000010 +cat %(2%) +%[00:00:00%.000000010, ", lines[4])
    assert.matches("^d +5   B .* unknown %(7%) ", lines[5])
    assert.matches("^c + .* dd %(%?%) ", lines[7])
  end)

  it("says what the columns of logs are in C", function()
    local list = showing(log_of()).tables[1].columns
    local specs = tables.log_columns(list)
    assert.same({ key = "name", class = "string", parts = { value = "name" } }, specs[1])
    assert.same({ key = "who", class = "process", parts = { name = "comm", tid = "tid" } },
      specs[4])
    assert.same({ key = "range", class = "time-range",
      parts = { ["begin"] = "at", ["end"] = "to" } }, specs[5])
  end)
end)
