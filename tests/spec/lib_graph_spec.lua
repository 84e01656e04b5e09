--- Pictures made of text, and frequency distributions.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"
local frequency = require "lttnga.frequency"
local pictures = require "lttnga.graph"
local stats = require "lttnga.stats"

local CLASSIC = { classic = true }

--- Bars of the classic look.
local graph = {}
function graph.bars(spec)
  local draw = pictures.bars(spec)
  return function(result) return draw(result, CLASSIC) end
end

local RULE = ("#"):rep(80)

local function bar(n, width)
  return ("█"):rep(n) .. (" "):rep(width - n)
end

local function list(...)
  return columns.read({ ... }, "T", assert)
end

describe("graph.bars", function()
  it("draws the largest value over all columns", function()
    local draw = graph.bars { value = "pages", unit = "pages", header = "Process",
      label = function(record, row) return record.name .. row[1] end }
    assert.equal(table.concat({
      "Pages" .. (" "):rep(80 - 5 + 1 + 9 + 1) .. "Process", RULE,
      bar(80, 80) .. " 200 pages a1", bar(40, 80) .. " 100 pages b2", bar(0, 80) .. "   1 pages c3",
    }, "\n") .. "\n",
      draw { title = "Pages", columns = list({ "No" }, { "Pages", "number" }), rows = {
        { "1", 200, record = { name = "a" } }, { "2", 100, record = { name = "b" } },
        { "3", 1, record = { name = "c" } } } })
  end)

  it("writes floats with two digits, values by a format, and nothing bad", function()
    local draw = graph.bars { value = "n", label = function() return "\27[2J" end }
    assert.equal("T\n" .. RULE .. "\n" .. bar(80, 80) .. " 0.50 \\x1b[2J\n",
      draw { title = "T", columns = list { "N", "number" }, rows = { { 0.5 } } })
    draw = graph.bars { value = "n", label = tostring, format = function(v) return v .. "%" end }
    assert.matches(" 0%% ", draw { title = "T", columns = list { "N", "number" },
      rows = { { 0 } } })
  end)

  it("tells of columns that the table does not have", function()
    local result = { id = "id", title = "T", columns = list { "Size", "number" },
      rows = { { 1 } } }
    local function told(spec)
      local ok, problem = pcall(graph.bars(spec), result)
      assert.is_false(ok)
      return problem.message
    end
    assert.equal("table 'id': its graph uses an unknown column 'sise' (did you "
      .. "mean 'size'?)", told { value = "sise", label = tostring })
    assert.equal("table 'id': its graph uses an unknown column 'frobnicate'",
      told { value = "size", show = { "frobnicate" } })
  end)

  it("shows columns behind the bars, in line", function()
    local draw = graph.bars { value = "n", show = { "name", "size" } }
    assert.equal(table.concat({
      "T" .. (" "):rep(80 + 1 + 2 - 1) .. "Name       Bytes", RULE,
      bar(80, 80) .. " 2 a       4.00 KiB", bar(40, 80) .. " 1 b          1   B",
    }, "\n") .. "\n", (draw({ title = "T", columns = list({ "Name", width = -5 },
      { "N", "number" }, { "Size", "size", width = 10, heading = "Bytes" }),
      rows = { { "a", 2, 4096 }, { "b", 1, 1 } } }, {})))
  end)
end)

describe("graph.bars that fit", function()
  local draw = pictures.bars { value = "n", show = { "name", "size" } }
  local result = { title = "T", columns = list({ "Name" }, { "N", "number" },
    { "Size", "size", heading = "Bytes" }),
    rows = { { "漢字 a", 200, 4096 }, { "b", 100, 1 }, { "c", 0, 1 } } }

  it("stand behind labels and numbers, in line, and take what is left", function()
    for _, width in ipairs { 40, 60, 80, 100 } do
      local lines = {}
      for line in draw(result, { width = width }):gmatch "[^\n]+" do
        lines[#lines + 1] = line
      end
      assert.equal("Name      N     Bytes", lines[2])
      assert.equal("漢字 a  200  4.00 KiB  " .. ("█"):rep(width - 23), lines[4])
      assert.matches("^b       100     1   B  [█▌]+$", lines[5])
      assert.equal("c         0     1   B", lines[6])
    end
  end)

  it("show the least of something, and eighths", function()
    local lines = draw({ title = "T", columns = result.columns,
      rows = { { "a", 8 * 77, 1 }, { "b", 1, 1 }, { "c", 8 * 11 + 1, 1 } } }, { width = 95 })
    assert.matches("\nb .*  ▏\n", lines)
    assert.matches("\nc .*  " .. ("█"):rep(11) .. "▏\n", lines)
  end)

  it("are left out before numbers are", function()
    local lines = draw(result, { width = 24 })
    assert.is_nil(lines:find("█", 1, true))
    assert.matches("\n漢字 a  200  4.00 KiB\n", lines)
    assert.is_nil(lines:find "Left out")
  end)

  it("are coloured on terminals only", function()
    assert.matches("\27%[36m[█▌]+\27%[0m\n", draw(result, { width = 60, color = true }))
    assert.is_nil(draw(result, { width = 60 }):find "\27")
  end)
end)

describe("sparklines and shades", function()
  it("show values beside the largest one, and nothing as nothing", function()
    assert.equal("▁▄█  ", pictures.spark({ 1, 4, 8, 0 }, 5, 8))
    assert.equal("░▓█ ", pictures.shade({ 0.1, 3, 4 }, 4, 4))
    assert.equal("  ", pictures.spark({ 0, 0 }, 2, 0))
  end)

  it("have their bounds at their ends", function()
    assert.equal("a   b", pictures.ends("a", "b", 5))
    assert.equal("12…4", pictures.ends("12:34", "56:78", 4))
    assert.equal("1 us", pictures.bound(1000))
    assert.equal("1.024 ms", pictures.bound(1024000))
    assert.equal("40 ms", pictures.bound(40000000))
    assert.equal("0 us", pictures.bound(0))
  end)
end)

describe("frequency", function()
  local function of(...)
    local one = stats.new(true)
    for _, value in ipairs { ... } do
      one:add(value)
    end
    return one
  end

  --- What is in the columns of a distribution.
  local function cells(rows)
    local made = {}
    for i, row in ipairs(rows) do
      made[i] = { row.low, row.high, row.count }
    end
    return made
  end

  it("counts in equal ranges, the last one with its end", function()
    local rows = frequency.rows(of(0, 1000, 2000, 9000, 10000, 10000), 5)
    assert.same({ { 0, 2000, 2 }, { 2000, 4000, 1 }, { 4000, 6000, 0 }, { 6000, 8000, 0 },
      { 8000, 10000, 3 } }, cells(rows))
  end)

  it("has no rows without a range", function()
    assert.same({}, frequency.rows(of(), 20))
    assert.same({}, frequency.rows(of(7, 7, 7), 20))
  end)

  it("counts in given bounds, and leaves out what is outside", function()
    assert.same({ { 0, 5, 1 }, { 5, 10, 2 } },
      cells(frequency.rows(of(-1, 4, 5, 10, 11), 2, 0, 10)))
  end)

  it("loses no value by rounding", function()
    local one = stats.new(true)
    for i = 1, 1000 do
      one:add(i * 333333333333 + 7)
    end
    for _, resolution in ipairs { 1, 3, 7, 20, 999 } do
      local total = 0
      for _, row in ipairs(frequency.rows(one, resolution)) do
        total = total + row.count
      end
      assert.equal(1000, total)
    end
  end)

  it("gives one table each, or with the same bounds, or one for all", function()
    local all = { { name = "a", stats = of(0, 10), group = "group of a" },
      { name = "b", stats = of(5, 20) },
      { name = "none", stats = of() } }
    local options = { ["freq-resolution"] = 2, output = "lami" }
    local results = frequency.tables("T", all, options)
    assert.same({ "T a", "T b" }, { results[1].title, results[2].title })
    assert.same({ { 0, 5, 1 }, { 5, 10, 1 } }, cells(results[1].rows))
    assert.equal("group of a", results[1].group)
    options["freq-uniform"] = true
    results = frequency.tables("T", all, options)
    assert.same({ { 0, 10, 1 }, { 10, 20, 1 } }, cells(results[1].rows))
    options["freq-series"] = true
    results = frequency.tables("T", all, options)
    assert.equal(1, #results)
    assert.equal("Ts", results[1].title)
    assert.same({ "a", "number" }, { table.unpack(results[1].columns[3], 1, 2) })
    local made = {}
    for i, row in ipairs(columns.cells(results[1].rows, list(table.unpack(results[1].columns)), {},
      "T")) do
      made[i] = { table.unpack(row, 1, 4) }
    end
    assert.same({ { 0, 10, 1, 1 }, { 10, 20, 1, 1 } }, made)
    options.output = "text"
    assert.equal(2, #frequency.tables("T", all, options))
  end)

  it("divides ranges that double if they are few, unless that is not wanted", function()
    local all, options = { { name = "a", stats = of(1000, 2500) } }, { ["for people"] = true }
    local function bounds(range)
      local lows = {}
      for i, row in ipairs(frequency.tables("T", all, options, range)[1].rows) do
        lows[i] = row.low
      end
      return lows
    end
    assert.same({ 1000, 1250, 1500, 1750, 2000, 2500 }, bounds { log = true })
    assert.same({ 1000, 2000 }, bounds { log = true, whole = true })
  end)

  it("is drawn with bars of 72 columns", function()
    local text = frequency.text({ title = "D", columns = list(table.unpack(frequency.columns "N")),
      rows = { { 0, 1500, 4 }, { 1500, 3000, 10 } } }, CLASSIC)
    assert.equal("D (µs)\n" .. RULE .. "\n  0.000 " .. bar(28, 72) .. "  4\n  1.500 "
      .. bar(72, 72) .. " 10\n", text)
  end)
end)
