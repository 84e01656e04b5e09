--- Checks tables as text: cells of each class, alignment, widths that grow, and safe output.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local columns = require "lttnga.columns"
local log = require "lttnga.log"
local render = require "lttnga.render_text"
local text = require "lttnga.text"

-- 2026-11-23 12:18:50 UTC
local NOON = 1795436330000000000

--- The text of a table with columns, see lttnga.columns, and rows.
local function written(list, rows, opts)
  return render.table({ id = "id", title = "Title", columns = columns.read(list, "T", assert),
    rows = rows }, opts or { gmt = true, classic = true })
end

--- The lines of a text that ends with a newline.
local function lines(value)
  assert.equal("\n", value:sub(-1))
  local list = {}
  for line in value:gmatch("([^\n]*)\n") do
    list[#list + 1] = line
  end
  return list
end

--- How a cell of a class is written, without blanks around it.
local function cell(class, value, opts)
  return (lines(written({ { "C", class } }, { { value } }, opts))[4]:match("^%s*(.-)%s*$"))
end

describe("render_text.table", function()
  it("writes title, heading, a line, and rows", function()
    assert.equal(
      "Title:\n"
      .. "Name                    Count       Min (us)\n"
      .. "--------------------------------------------\n"
      .. "open                        3          1.500\n"
      .. "read                       10       1234.000\n",
      written({ { "Name" }, { "Count", "number" }, { "Min (us)", "duration" } },
        { { "open", 3, 1500 }, { "read", 10, 1234000 } }))
  end)

  it("gives nothing for a table without rows", function()
    assert.equal("", written({ { "C" } }, {}))
  end)

  it("aligns names at the left and numbers at the right", function()
    for _, class in ipairs { "number", "duration", "size", "ratio", "bitrate", "bool", "fd" } do
      local value = class == "bool" or 1
      local rows = lines(written({ { "C", class }, { "D", "number" } }, { { value, 1 } }))
      assert.equal((" "):rep(13) .. "C " .. (" "):rep(13) .. "D", rows[2])
      assert.matches("^ .*%S " .. (" "):rep(13) .. "1$", rows[4])
      assert.equal(29, #rows[4])
    end
    for _, class in ipairs { "string", "syscall", "path", "disk", "part", "netif", "cpu" } do
      local rows = lines(written({ { "C", class }, { "D", "number" } }, { { "x", 1 } }))
      assert.equal("C" .. (" "):rep(13) .. " " .. (" "):rep(13) .. "D", rows[2])
      assert.equal("x" .. (" "):rep(13) .. " " .. (" "):rep(13) .. "1", rows[4])
    end
  end)

  it("leaves no blanks at the end of a last column of names", function()
    local rows = lines(written({ { "N", "number" }, { "C" } }, { { 1, "x" }, { 2, "longer" } }))
    assert.equal((" "):rep(13) .. "N C", rows[2])
    assert.equal((" "):rep(13) .. "1 x", rows[4])
    assert.equal((" "):rep(13) .. "2 longer", rows[5])
  end)

  it("draws a line as wide as the columns", function()
    assert.equal(("-"):rep(14), lines(written({ { "C" } }, { { "x" } }))[3])
    assert.equal(("-"):rep(14 + 1 + 14 + 1 + 14),
      lines(written({ { "C" }, { "D" }, { "E" } }, { { "x" } }))[3])
    assert.equal(("-"):rep(5), lines(written({ { "C", width = 5 } }, { { "x" } }))[3])
  end)

  it("grows a column with its title", function()
    local rows = lines(written({ { "A title that is long", "number" } }, { { 5 } }))
    assert.equal("A title that is long", rows[2])
    assert.equal(("-"):rep(20), rows[3])
    assert.equal((" "):rep(19) .. "5", rows[4])
  end)

  it("grows a column with its cells, and never cuts them", function()
    local long = ("x"):rep(200)
    local rows = lines(written({ { "C" }, { "D", "number" } }, { { "a", 1 }, { long, 2 } }))
    assert.equal(long .. (" "):rep(14) .. "2", rows[5])
    assert.equal("a" .. (" "):rep(199) .. (" "):rep(14) .. "1", rows[4])
    assert.equal(215, #rows[3])
    rows = lines(written({ { "C", "number" } }, { { math.maxinteger }, { 1 } }))
    assert.equal("9223372036854775807", rows[4])
    assert.equal((" "):rep(18) .. "1", rows[5])
  end)

  it("keeps a narrower width that a column asks for", function()
    local rows = lines(written({ { "C", "number", width = 3 }, { "D", width = 2 } },
      { { 1, "x" } }))
    assert.equal("  C D", rows[2])
    assert.equal("------", rows[3])
    assert.equal("  1 x", rows[4])
  end)

  it("counts columns of a terminal, not bytes", function()
    local rows = lines(written({ { "C" }, { "D", "number" } },
      { { "中文", 1 }, { "é", 2 }, { "e\u{301}", 3 }, { ("中"):rep(10), 4 } }))
    for i = 2, #rows do
      assert.equal(20 + 1 + 14, text.width(rows[i]))
    end
    rows = lines(written({ { "中文", "number", width = 1 } }, { { 1 } }))
    assert.equal("----", rows[3])
    assert.equal("   1", rows[4])
  end)

  it("makes texts of a trace safe", function()
    assert.equal("\\x1b[31mred", cell("string", "\27[31mred"))
    assert.equal("a\\x0ab", cell("path", "a\nb"))
    assert.equal("\\xff", cell("syscall", "\xff"))
    assert.equal("a\\x00b", cell("disk", "a\0b"))
    assert.equal("evil\\x1b[2J (5)", cell("process", { name = "evil\27[2J", tid = 5 }))
    assert.equal("\\xe2\\x80\\xae", cell("netif", "\u{202e}"))
    assert.equal("中文", cell("string", "中文"))
  end)

  it("measures texts after they were made safe", function()
    local rows = lines(written({ { "C" }, { "D", "number" } }, { { ("\n"):rep(5), 1 } }))
    assert.equal(("\\x0a"):rep(5) .. (" "):rep(14) .. "1", rows[4])
    assert.equal(35, #rows[3])
  end)

  it("writes what is unknown as ?, and nothing for nil", function()
    for _, class in ipairs {
      "string", "number", "duration", "size", "ratio", "timestamp", "time-range", "process",
      "bool", "path", "irq",
    } do
      assert.equal("?", cell(class, analysis.unknown))
      assert.equal("", cell(class, nil))
    end
    local rows = lines(written({ { "C" }, { "D", "number" }, { "E", "number" } },
      { { nil, analysis.unknown, 3 }, {} }))
    assert.equal((" "):rep(14) .. " " .. (" "):rep(13) .. "? " .. (" "):rep(13) .. "3", rows[4])
    assert.equal("", rows[5])
  end)
end)

describe("render_text's cells", function()
  it("are durations in microseconds", function()
    assert.equal("0.000", cell("duration", 0))
    assert.equal("1234.567", cell("duration", 1234567))
    assert.equal("0.333", cell("duration", 1000 / 3))
    assert.equal("9223372036854775.807", cell("duration", math.maxinteger))
  end)

  it("are sizes", function()
    assert.equal("42   B", cell("size", 42))
    assert.equal("4.00 KiB", cell("size", 4096))
  end)

  it("are ratios in percent", function()
    assert.equal("50.00 %", cell("ratio", 0.5))
    assert.equal("100.00 %", cell("ratio", 1))
    assert.equal("33.33 %", cell("ratio", 1 / 3))
    assert.equal("0.00 %", cell("ratio", 0))
  end)

  it("are times, with or without the date", function()
    assert.equal("12:18:50.000000007", cell("timestamp", NOON + 7))
    assert.equal("2026-11-23 12:18:50.000000000",
      cell("timestamp", NOON, { gmt = true, date = true }))
    assert.equal("[12:18:50.000000000, 12:18:51.000000000]",
      cell("time-range", { NOON, NOON + 1000000000 }))
    assert.equal("[2026-11-23 12:18:50.000000000, 2026-11-23 12:18:51.000000000]",
      cell("time-range", { NOON, NOON + 1000000000 }, { gmt = true, date = true }))
  end)

  it("are processes", function()
    assert.equal("sshd (42)", cell("process", { name = "sshd", tid = 42, pid = 41 }))
    assert.equal("sshd (PID 41)", cell("process", { name = "sshd", pid = 41 }))
    assert.equal("unknown (42)", cell("process", { tid = 42 }))
    assert.equal("sshd (?)", cell("process", { name = "sshd" }))
    assert.equal("swapper/0 (0)", cell("process", { name = "swapper/0", tid = 0 }))
  end)

  it("are numbers and everything else as they are", function()
    assert.equal("5", cell("number", 5))
    assert.equal("-5", cell("number", -5))
    assert.equal("0.5", cell("number", 0.5))
    assert.equal("9007199254740993", cell("number", 9007199254740993))
    assert.equal("true", cell("bool", true))
    assert.equal("false", cell("bool", false))
    assert.equal("3", cell("fd", 3))
    assert.equal("0", cell("cpu", 0))
    assert.equal("x", cell("mixed", "x"))
    assert.equal("7", cell("string", 7))
    assert.equal("100%", cell("string", "100%"))
  end)

  it("are lists, if the column does not say how they look", function()
    assert.equal('[1,"x"]', cell("list", { 1, "x" }))
    assert.equal('[["ENOENT",2]]', cell("counts", { { "ENOENT", 2 } }))
  end)

  it("are interrupts", function()
    -- The same value as render_lami takes.
    local value = cell("irq", { hard = true, nr = 42, name = "eth0" })
    assert.is_nil(value:find("table", 1, true))
    assert.is_truthy(value:find("eth0", 1, true))
    assert.is_truthy(value:find("42", 1, true))
  end)
end)

describe("render_text.window", function()
  local function result(title, rows, own)
    return {
      id = "id", title = title, columns = columns.read({ { "C", "timestamp" } }, "T", assert),
      rows = rows, text = own,
    }
  end

  --- What is written of windows, each a list of tables.
  local function shown(windows, about)
    local parts = {}
    about.classic = true
    local renderer = render.new(function(part) parts[#parts + 1] = part end, about)
    for _, tables in ipairs(windows) do
      renderer:window(tables, NOON, NOON + 1000000000)
    end
    renderer:finish()
    return table.concat(parts), renderer.about
  end

  local about = { gmt = true }
  local heading = "Timerange: [2026-11-23 12:18:50.000000000, 2026-11-23 12:18:51.000000000]\n"

  it("writes the range with its date, then the tables", function()
    assert.equal(heading
      .. "\nA:\nC\n------------------\n12:18:50.000000000\n"
      .. "\nB:\nC\n------------------\n12:18:50.000000001\n",
      (shown({ { result("A", { { NOON } }), result("B", { { NOON + 1 } }) } }, about)))
  end)

  it("leaves out tables without rows", function()
    assert.equal(heading, (shown({ { result("A", {}) } }, about)))
    assert.equal(heading .. "\n" .. heading, (shown({ {}, {} }, about)))
  end)

  it("lets a table write itself", function()
    local given
    local function own(one, opts)
      given = { one, opts }
      return "mine\n"
    end
    local one = result("A", {}, own)
    one.from = 7
    local out = shown({ { one } }, about)
    assert.equal(heading .. "\nmine\n", out)
    assert.equal(one, given[1])
    assert.same({ true, true, 7 }, { given[2].gmt, given[2].classic, given[2].from })
    assert.equal(heading, (shown({ { result("A", {}, function() return "" end) } }, about)))
  end)

  it("writes times with their date if asked", function()
    assert.matches("\n2026%-11%-23 12:18:50%.000000000\n$",
      (shown({ { result("A", { { NOON } }) } }, { gmt = true, date = true })))
  end)

  it("lets a table say how each of its rows looks", function()
    local layout = {
      heading = "H", footer = function(opts) return opts.marked and "(marked)" end,
      row = function(row, opts)
        opts.marked = opts.marked or row[1] == "\27"
        return text.pad_right(text.clean(row[1]), 5) .. "|"
      end,
    }
    local function rows_of(...)
      local rows = {}
      for i, value in ipairs { ... } do
        rows[i] = { "cell", record = { value } }
      end
      return rows
    end
    assert.equal(heading .. "\nA:\nH\n\\x1b |\nb    |\n(marked)\n\nB:\nH\nc    |\n",
      (shown({ { result("A", rows_of("\27", "b"), layout), result("B", rows_of "c", layout),
        result("C", {}, layout) } }, about)))
  end)

  it("tells of a row that looks like nothing", function()
    local ok, message = pcall(shown, { { result("A", { { "cell", record = {} } },
      { heading = "H", row = function() end }) } }, about)
    assert.is_false(ok)
    assert.equal("`row` of a table's `text` must return a string, not a nil", message.message)
  end)

  it("writes rows of logs, as lines that were made as they came, or one by one", function()
    local line = { { 5, "{n}" }, { 0, "{s}" } }
    local function written_with(layout)
      local renderer_spec = { format = layout.line and "text" or "record", line = layout.line,
        columns = { { key = "n", class = "number", parts = { value = "n" } },
          { key = "s", class = "string", parts = { value = "s" } } }, sort = "n" }
      local rows = log.new(renderer_spec)
      rows:add { n = 2, s = "b" }
      rows:add { n = 1, s = "\27" }
      local one = result("A", nil, layout)
      one.log, one.format = rows, renderer_spec.format
      local file <close> = assert(io.tmpfile())
      local renderer = render.new(function(what)
        if type(what) == "string" then
          file:write(what)
        else
          assert(what:write(file))
        end
      end, about)
      renderer:window({ one }, NOON, NOON + 1000000000)
      file:seek "set"
      return file:read "a"
    end
    local expected = heading .. "\nA:\nH\n    1 \\x1b\n    2 b\n"
    assert.equal(expected, written_with { heading = "H", line = line })
    assert.equal(expected, written_with { heading = function() return "H" end,
      row = function(row) return ("%5d %s"):format(row.n, text.clean(row.s)) end })
  end)

  it("says that calls began before the time that was asked for", function()
    local one = result("A", { { 1, record = { at = 5 } } },
      { heading = "H", line = { { 0, "{at}{at:early}" } },
        footer = function(opts) return opts.marked and "(marked)" end })
    one.from = 6
    assert.equal(heading .. "\nA:\nH\n5*\n(marked)\n", (shown({ { one } }, about)))
    one.from = 5
    assert.equal(heading .. "\nA:\nH\n5 \n", (shown({ { one } }, about)))
  end)

  it("draws grids, and nothing of what is for machines", function()
    local grid = result("A", { { NOON } }, "grid")
    grid.heading = "<%s>"
    assert.equal(heading .. "\n<A>\nC\n12:18:50.000000000\n", (shown({ { grid } }, about)))
    assert.equal(heading, (shown({ { result("A", { { NOON } }, "none") } }, about)))
  end)

  it("puts the unit behind the title, and above it what the table has there", function()
    local one = result("A", { { NOON } })
    one.unit, one.above = "usec", "Above"
    assert.equal(heading .. "\nAbove\nA (usec):\nC\n------------------\n12:18:50.000000000\n",
      (shown({ { one } }, about)))
  end)
end)
