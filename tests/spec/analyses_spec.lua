--- The stock analyses on real traces: their output is what it was, and what the original says.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv("BUILD") or "build"
local example = build .. "/example-trace"

--- Rows by first cell, of tables by their class without a namespace.
local function tables_of(text)
  local tables = {}
  for _, result in ipairs(assert(json.decode(text)).results) do
    local rows = {}
    for _, row in ipairs(result.data) do
      local cells = {}
      for i, cell in ipairs(row) do
        cells[i] = type(cell) == "table" and (cell.value or cell.name or cell.class) or cell
      end
      rows[cells[1]] = cells
    end
    tables[result.class:match("[^.]*$")] = rows
  end
  return tables
end

describe("iolatencystats", function()
  local ours = host.run("iolatencystats", "--output", "lami", example)

  it("prints what it did before", function()
    local result = host.run("iolatencystats", example)
    assert.equal("", result.err)
    assert.equal(host.read("tests/golden/iolatencystats.txt"), result.out)
    assert.equal(host.read("tests/golden/iolatencystats.json"), ours.out)
  end)

  it("shows its own output in its heading", function()
    local heading = host.run("--help", "iolatencystats").out
    local rows = host.read("tests/golden/iolatencystats.txt"):match("\n\n(.*)\n\n")
    for row in rows:gmatch("[^\n]+") do
      assert.is_truthy(heading:find(row, 1, true), row)
    end
  end)

  it("agrees with the original, where that is installed", function()
    if host.shell("command -v lttng-iolatencystats-mi").status ~= 0 then
      pending("lttng-iolatencystats-mi is not installed")
      return
    end
    local theirs = host.shell("TZ=UTC lttng-iolatencystats-mi --skip-validation " .. example)
    assert.equal(0, theirs.status)
    local one, other = tables_of(ours.out), tables_of(theirs.out)
    local compared = 0
    for class, rows in pairs(one) do
      for name, row in pairs(rows) do
        local row2 = assert(other[class][name], name)
        assert.equal(row2[2], row[2])
        assert.equal(row2[3], row[3])
        assert.equal(row2[5], row[5])
        for _, i in ipairs { 4, 6 } do
          assert.is_true(math.abs(row[i] - row2[i]) <= 1e-9 * math.abs(row2[i]))
        end
        compared = compared + 1
      end
    end
    assert.equal(6, compared)
  end)
end)
