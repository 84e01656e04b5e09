--- Columns: what may be said of them, what is refused, and how records become cells.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local columns = require "lttnga.columns"
local fault = require "lttnga.fault"

--- Columns as they are read.
local function read(...)
  return columns.read({ ... }, "table 't'", function(ok, message, ...)
    if not ok then
      error(message:format(...), 0)
    end
  end)
end

--- What is said of columns that are refused.
local function refused(...)
  local ok, message = pcall(read, ...)
  assert.is_false(ok)
  return message
end

--- The one cell of a row in a column.
local function cell(column, row, w)
  local made = columns.cells({ row }, read(column), w or {}, "here")
  return made[1][1]
end

--- What is said of a row that does not fit a column.
local function unfit(column, row)
  local ok, message = pcall(cell, column, row)
  assert.is_false(ok)
  assert.is_true(fault.is(message))
  return message.message
end

describe("a column", function()
  it("has a title, and all else by default", function()
    local one = read({ "The title" })[1]
    assert.same({ title = "The title", class = "string", name = "the_title",
      heading = "The title", is_key = true }, one)
  end)

  it("has a heading and an indent in text", function()
    assert.equal("Short", read({ "Long", heading = "Short" })[1].heading)
    assert.equal("   Long", read({ "Long", indent = 3 })[1].heading)
    assert.equal("   Short", read({ "Long", heading = "Short", indent = 3 })[1].heading)
  end)

  it("is the key if it says so, or else the first one is", function()
    local function keys(...)
      local list = {}
      for i, one in ipairs(read(...)) do
        list[i] = one.is_key
      end
      return list
    end
    assert.same({ true, false, false }, keys({ "A" }, { "B" }, { "C" }))
    assert.same({ false, true, true }, keys({ "A" }, { "B", key = true }, { "C", key = true }))
  end)

  it("has a name for machines, each once", function()
    local function names(...)
      local list, made = {}, {}
      for i, title in ipairs { ... } do
        list[i] = { title }
      end
      for i, one in ipairs(read(table.unpack(list))) do
        made[i] = one.name
      end
      return made
    end
    assert.same({ "out_of_range", "duration_us", "a_b", "größe" },
      names("Out of range", "Duration (us)", "  A -- b! ", "größe"))
    assert.same({ "priority_minus_5", "priority_5", "a_5" },
      names("Priority: -5", "Priority: 5", "a-5"))
    assert.same({ "a", "column_2", "column_3" }, names("A", "a", "?!"))
    -- What JSON has in each row is taken.
    assert.same({ "column_1", "column_2", "column_3", "column_4" },
      names("Table", "Window", "Host", "Trace"))
    assert.same({ "column_2", "column_2_" }, names("Column 2", "Table"))
    assert.same({ "column_1" }, names("\xff"))
  end)

  it("is refused if it makes no sense", function()
    for _, one in ipairs { 5, "C", {}, { 5 }, { class = "number" } } do
      assert.equal("table 't': column 1 must be { title, class, field }", refused(one))
    end
    assert.equal("table 't': column 'C': unknown class 'numbr' (did you mean 'number'?)",
      refused { "C", "numbr" })
    for said, wrong in pairs {
      ["`width` must be an integer, not 0.5"] = { width = 0.5 },
      ["`indent` must be an integer, not a string"] = { indent = "x" },
      ["`text` must be a function, not a string"] = { text = "x" },
      ["`unit` must be a string, not 5"] = { unit = 5 },
      ["`heading` must be a string, not 5"] = { heading = 5 },
      ["`with` must be a string, not 5"] = { with = 5 },
      ["`unknown` must be a string or a boolean, not 5"] = { unknown = 5 },
      ["`key` must be a boolean, not 5"] = { key = 5 },
    } do
      wrong[1] = "C"
      assert.equal("table 't': column 'C' (string): " .. said, refused(wrong))
    end
    assert.equal("table 't': column 'C' (string): unknown field 'wdith' (did you mean 'width'?)",
      refused { "C", wdith = 5 })
    assert.equal("table 't': column 'C' (process): unknown part 'nam' (did you mean 'name'?)",
      refused { "C", "process", { nam = "comm" } })
    assert.equal("table 't': column 'C' (process): part 'tid' must be a field name or a "
      .. "function, not 5", refused { "C", "process", { tid = 5 } })
    for what, field in pairs { ["5"] = 5, ["a boolean"] = true, ["a table"] = {} } do
      assert.equal(("table 't': column 'C' (size): the field must be a name or a function, "
        .. "not %s"):format(what), refused { "C", "size", field })
    end
    assert.equal("table 't' has no columns", refused())
    for _, list in ipairs { 5, "x" } do
      assert.has_error(function() columns.read(list, "table 't'", assert) end)
    end
  end)

  it("is refused at the line of the script", function()
    local script = assert(load([[
      local analysis = ...
      local made = analysis { title = "T", on = {}, tables = {
        { "t", "T", { { "C", "size", 5 } }, rows = print } } }
      return made]], "@mine.lua"))
    local _, message = pcall(script, analysis)
    -- Where a call that has several lines is, is up to Lua.
    assert.matches("^mine%.lua:[23]: table 't': column 'C' %(size%): the field must be a name",
      message)
  end)

  it("has one of the classes", function()
    local names = columns.class_names()
    assert.is_true(#names >= 20)
    local sorted = table.move(names, 1, #names, 1, {})
    table.sort(sorted)
    assert.same(sorted, names)
    for _, name in ipairs(names) do
      assert.equal(name, read({ "C", name })[1].class)
    end
  end)
end)

describe("a cell", function()
  it("is the row's field of that name", function()
    assert.equal(5, cell({ "C", "number", "n" }, { n = 5 }))
    assert.is_nil(cell({ "C", "number", "n" }, { m = 5 }))
    assert.is_false(cell({ "C", "bool", "b" }, { b = false }))
  end)

  it("is what a function returns", function()
    local w = { factor = 3 }
    assert.equal(15, cell({ "C", "number", function(row, own)
      assert.equal(w, own)
      return row.n * own.factor
    end }, { n = 5 }, w))
    assert.is_nil(cell({ "C", "number", function() end }, {}))
    assert.is_false(cell({ "C", "bool", function() return false end }, { true }))
  end)

  it("has several parts, each a field or a function", function()
    assert.same({ name = "sh", tid = 7 },
      cell({ "C", "process", { name = "comm", tid = "tid", pid = "pid" } },
        { comm = "sh", tid = 7 }))
    assert.same({ name = "sh!", pid = 3 }, cell({ "C", "process", {
      name = function(row, w) return row.comm .. w.mark end, pid = "pid" } },
      { comm = "sh", pid = 3, tid = 9 }, { mark = "!" }))
    assert.same({ 1, 5 }, cell({ "C", "time-range", { "from", "to" } }, { from = 1, to = 5 }))
    assert.same({ 1, 5 },
      cell({ "C", "time-range", { ["begin"] = "from", ["end"] = "to" } }, { from = 1, to = 5 }))
    assert.same({ nr = 3, hard = false },
      cell({ "C", "irq", { nr = "n", name = "name", hard = "h" } }, { n = 3, h = false }))
  end)

  it("is at the column's place in a row that is a list", function()
    local list = read({ "A" }, { "B", "number" })
    local made = columns.cells({ { "a", 5 }, { nil, 6 } }, list, {}, "x")
    assert.same({ "a", 5 }, { made[1][1], made[1][2] })
    assert.same({ nil, 6 }, { made[2][1], made[2][2] })
    -- Both kinds of columns in one table.
    made = columns.cells({ { "a", n = 5 } }, read({ "A" }, { "B", "number", "n" }), {}, "x")
    assert.same({ "a", 5 }, { made[1][1], made[1][2] })
  end)

  it("keeps the row that it was made of", function()
    local row = { n = 5 }
    assert.equal(row, columns.cells({ row }, read { "C", "number", "n" }, {}, "x")[1].record)
    assert.same({ n = 5 }, row)
  end)

  it("is not there without another field", function()
    local column = { "C", "process", { name = "comm", tid = "tid" }, with = "tid" }
    assert.is_nil(cell(column, { comm = "sh" }))
    assert.same({ name = "sh", tid = 7 }, cell(column, { comm = "sh", tid = 7 }))
    assert.is_nil(cell({ "C", "number", "n", with = "m", default = 0 }, { n = 5 }))
    -- `false` is a value, too.
    assert.equal(5, cell({ "C", "number", "n", with = "is" }, { n = 5, is = false }))
  end)

  it("is a default where the field has no value", function()
    assert.equal(0, cell({ "C", "number", "n", default = 0 }, {}))
    assert.equal(5, cell({ "C", "number", "n", default = 0 }, { n = 5 }))
    assert.is_false(cell({ "C", "bool", "b", default = true }, { b = false }))
    assert.is_false(cell({ "C", "bool", "b", default = false }, {}))
    assert.equal("none", cell({ "C", "string", function() end, default = "none" }, {}))
  end)

  it("is unknown, always or if the row has another field", function()
    assert.equal(columns.unknown, cell({ "C", "path", "path", unknown = "fd" }, { fd = 3 }))
    assert.is_nil(cell({ "C", "path", "path", unknown = "fd" }, {}))
    assert.equal("/a", cell({ "C", "path", "path", unknown = "fd" }, { path = "/a", fd = 3 }))
    assert.equal(columns.unknown, cell({ "C", "duration", "d", unknown = true }, {}))
    assert.equal(columns.unknown, cell({ "C", "duration", "d" }, { d = analysis.unknown }))
  end)

  it("is whether a time is before the one that was asked for", function()
    local column = { "C", "bool", "begin:early" }
    assert.is_true(cell(column, { begin = 5 }, { from = 6 }))
    assert.is_false(cell(column, { begin = 6 }, { from = 6 }))
    assert.is_false(cell(column, { begin = 5 }, {}))
    assert.is_false(cell(column, {}, { from = 6 }))
    -- A script may have a field that is called so.
    assert.is_true(cell(column, { ["begin:early"] = true, begin = 9 }, { from = 6 }))
  end)

  it("may be a list, or counts", function()
    local list = { { prio = 20, times = 3 }, "x" }
    assert.equal(list, cell({ "C", "list", "l" }, { l = list }))
    assert.equal(list, cell({ "C", "counts", "l" }, { l = list }))
  end)

  it("must be of the column's class", function()
    assert.equal("here: row 1: column 'C' (number): expected a number, not a string",
      unfit({ "C", "number", "n" }, { n = "5" }))
    assert.equal("here: row 1: column 'C' (timestamp): expected an integer (ns), not 0.5",
      unfit({ "C", "timestamp", "n" }, { n = 0.5 }))
    assert.equal("here: row 1: column 'C' (bool): expected a boolean, not 1",
      unfit({ "C", "bool", "n" }, { n = 1 }))
    assert.equal("here: row 1: column 'C' (time-range): expected { begin, end } in integer ns, not "
      .. "a table", unfit({ "C", "time-range", { "from", "to" } }, { from = 1 }))
    assert.equal("here: row 1: column 'C' (process): expected { name =, tid =, pid = }, not a "
      .. "table", unfit({ "C", "process", { tid = "tid" } }, { tid = "7" }))
    assert.equal("here: row 1: column 'C' (irq): expected { nr =, name =, hard = }, not a table",
      unfit({ "C", "irq", { name = "n" } }, { n = "x" }))
    assert.equal("here: row 1: column 'C' (list): expected a list or table of strings and numbers, "
      .. "not a string", unfit({ "C", "list", "l" }, { l = "x" }))
    assert.equal("here: row 1: column 'C' (number): expected a number, not a table",
      unfit({ "C", "number", "n", default = {} }, {}))
  end)

  it("is of a row that is a table", function()
    local list = read { "C" }
    for what, row in pairs { ["a string"] = "x", ["5"] = 5, ["a function"] = print } do
      local ok, message = pcall(columns.cells, { {}, row }, list, {}, "here")
      assert.is_false(ok)
      assert.equal("here: row 2 must be a table of fields or a list of cells, not " .. what,
        message.message)
    end
  end)
end)

describe("what a cell is sorted by", function()
  local function rank(value, class)
    return columns.rank_of(value, { class = class or "string" })
  end

  it("is a number or a text", function()
    assert.equal(5, rank(5, "number"))
    assert.equal("a", rank "a")
    assert.same({ 1, 0 }, { rank(true, "bool"), rank(false, "bool") })
    assert.equal(3, rank({ 3, 9 }, "time-range"))
    assert.equal("sh", rank({ name = "sh", tid = 7 }, "process"))
    assert.equal(7, rank({ tid = 7, pid = 6 }, "process"))
    assert.equal(6, rank({ pid = 6 }, "process"))
    assert.equal("eth", rank({ name = "eth", nr = 3 }, "irq"))
    assert.equal(3, rank({ nr = 3 }, "irq"))
  end)

  it("is nothing for what has no order", function()
    assert.is_nil(rank(nil))
    assert.is_nil(rank(columns.unknown))
    assert.is_nil(rank({}, "process"))
    assert.is_nil(rank({ { prio = 5 } }, "list"))
  end)
end)
