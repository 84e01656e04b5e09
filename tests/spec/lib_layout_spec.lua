--- Columns that fit into lines: which are shortened, which left out, and headings of several lines.
--
-- SPDX-License-Identifier: MIT

local layout = require "lttnga.layout"

--- Titles and widths of what is chosen, and what is left out.
local function chosen(list, room)
  local columns, widths, dropped = layout.choose(list, room)
  local parts = {}
  for i, column in ipairs(columns) do
    parts[i] = ("%s %d"):format(column.title, widths[i])
  end
  return table.concat(parts, ", "), table.concat(dropped, ", ")
end

describe("layout.choose", function()
  local list = {
    { title = "Name", width = 40, left = true, cuts = true, keeps = true },
    { title = "Size of it", width = 6 }, { title = "Spare", width = 5, spare = 1 },
    { title = "Took", width = 10,
      shorter = { title = "Took", width = 7, rank = 1, take = tostring } },
  }

  it("takes what is there if lines are not limited, or long", function()
    assert.equal("Name 40, Size of it 10, Spare 5, Took 10", (chosen(list)))
    assert.equal("Name 40, Size of it 10, Spare 5, Took 10", (chosen(list, 71)))
  end)

  it("breaks headings, shortens texts, takes shorter forms, leaves out, in this order", function()
    assert.equal("Name 40, Size of it 9, Spare 5, Took 10", (chosen(list, 70)))
    assert.equal("Name 32, Size of it 6, Spare 5, Took 10", (chosen(list, 59)))
    assert.equal("Name 24, Size of it 6, Spare 5, Took 10", (chosen(list, 51)))
    assert.equal("Name 26, Size of it 6, Spare 5, Took 7", (chosen(list, 50)))
    assert.equal("Name 12, Size of it 6, Spare 5, Took 7", (chosen(list, 36)))
    assert.same({ "Name 18, Size of it 6, Took 7", "Spare" }, { chosen(list, 35) })
    assert.same({ "Name 12, Size of it 6", "Spare, Took" }, { chosen(list, 20) })
    assert.same({ "Name 10", "Size of it, Spare, Took" }, { chosen(list, 10) })
  end)

  it("is as wide as a line at most, whatever there is", function()
    for room = 20, 90 do
      local _, widths = layout.choose(list, room)
      local sum = -2
      for _, width in ipairs(widths) do
        sum = sum + width + 2
      end
      assert.is_true(sum <= room)
    end
  end)
end)

describe("layout.headings", function()
  it("are several lines, the lowest of which is full", function()
    assert.same({ "      Size", "Name    of" },
      layout.headings({ { title = "Name", left = true }, { title = "Size of" } }, { 4, 4 }))
  end)
end)

describe("layout.wrap", function()
  it("breaks at blanks, and indents", function()
    assert.same({ "one two", "  three", "  four" },
      layout.wrap("one two three four", { width = 7 }, 2))
    assert.same({ "one two" }, layout.wrap("one two", {}, 2))
    assert.same({ "a…f" }, layout.wrap("abcdef", { width = 3 }, 2))
  end)
end)

describe("layout.clip", function()
  it("makes blank columns narrower before it shortens cells", function()
    assert.equal("Title that is no cell\nab  12\nc    3\n",
      layout.clip("Title that is no cell\nab                   12\nc                     3\n",
        { width = 21 }))
    assert.equal("a long te…rst cell  12\n",
      layout.clip("a long text in the first cell  12\n", { width = 22 }))
    assert.equal("as it is\n", layout.clip("as it is\n", {}))
  end)
end)
