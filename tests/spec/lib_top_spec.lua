--- Checks that the largest rows are kept, in order, with ties as they came.
--
-- SPDX-License-Identifier: MIT

local top = require "lttnga.top"

--- The rows of a ranking to which each value was added, as its own row.
local function ranked(limit, values)
  local ranking = top.new(limit)
  for _, value in ipairs(values) do
    ranking:add(value, value)
  end
  return ranking:rows()
end

--- The same by sorting everything; rows are places of arrival, so that ties can be told apart.
local function sorted(limit, values)
  local places = {}
  for i = 1, #values do
    places[i] = i
  end
  table.sort(places, function(a, b)
    if values[a] ~= values[b] then
      return values[a] > values[b]
    end
    return a < b
  end)
  return { table.unpack(places, 1, limit > 0 and math.min(limit, #places) or #places) }
end

local seed = 42
local function random(n)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % n
end

describe("top", function()
  it("gives the largest first", function()
    assert.same({ 5, 4, 3 }, ranked(3, { 3, 1, 4, 2, 5 }))
    assert.same({ 9 }, ranked(1, { 3, 9, 4 }))
  end)

  it("gives all if there are fewer than the limit", function()
    assert.same({ 2, 1 }, ranked(5, { 1, 2 }))
    assert.same({}, ranked(5, {}))
    assert.same({ 3, 2, 1 }, ranked(3, { 1, 2, 3 }))
  end)

  it("keeps ten without a limit", function()
    local values = {}
    for i = 1, 25 do
      values[i] = i
    end
    assert.same({ 25, 24, 23, 22, 21, 20, 19, 18, 17, 16 }, ranked(nil, values))
  end)

  it("keeps all with limit 0", function()
    local values, expected = {}, {}
    for i = 1, 1000 do
      values[i] = i
      expected[i] = 1001 - i
    end
    assert.same(expected, ranked(0, values))
  end)

  it("gives no rows, with limit 0, if there were none", function()
    assert.same({}, ranked(0, {}))
  end)

  it("keeps ties in the order in which they came", function()
    local ranking = top.new(4)
    for i, value in ipairs { 1, 7, 1, 7, 1, 9 } do
      ranking:add(value, "row " .. i)
    end
    assert.same({ "row 6", "row 2", "row 4", "row 1" }, ranking:rows())
  end)

  it("keeps the first of very many equal ones", function()
    local ranking = top.new(3)
    for i = 1, 5000 do
      ranking:add(1, i)
    end
    assert.same({ 1, 2, 3 }, ranking:rows())
  end)

  it("agrees with sorting, for many more rows than the limit", function()
    for _, limit in ipairs { 0, 1, 2, 3, 10, 100, 3000 } do
      for _, range in ipairs { 3, 50, 1000000 } do
        local values, ranking = {}, top.new(limit)
        for i = 1, 3000 do
          values[i] = random(range) - range // 3
          ranking:add(values[i], i)
        end
        assert.same(sorted(limit, values), ranking:rows())
      end
    end
  end)

  it("takes values in rising and in falling order", function()
    local rising, falling = top.new(3), top.new(3)
    for i = 1, 20000 do
      rising:add(i, i)
      falling:add(-i, -i)
    end
    assert.same({ 20000, 19999, 19998 }, rising:rows())
    assert.same({ -1, -2, -3 }, falling:rows())
  end)

  it("does not keep what it does not need", function()
    local ranking = top.new(10)
    for i = 1, 100000 do
      ranking:add(i, i)
      assert(#ranking.entries < 1000)
    end
  end)

  it("can be added to after rows were taken", function()
    local ranking = top.new(2)
    ranking:add(1, "a")
    assert.same({ "a" }, ranking:rows())
    ranking:add(3, "b")
    assert.same({ "b", "a" }, ranking:rows())
    ranking:add(2, "c")
    assert.same({ "b", "c" }, ranking:rows())
    ranking:add(2, "d")
    assert.same({ "b", "c" }, ranking:rows())
    assert.same({ "b", "c" }, ranking:rows())
  end)

  it("tells large integers apart", function()
    assert.same({ math.maxinteger, math.maxinteger - 1, 9007199254740993 },
      ranked(3, { 9007199254740992, math.maxinteger - 1, 9007199254740993, math.maxinteger }))
  end)

  it("ranks floating point numbers and integers together", function()
    assert.same({ 2.5, 2, 1.5 }, ranked(3, { 1.5, 2, 2.5, 1 }))
  end)

  it("keeps any kind of row", function()
    local row, ranking = {}, top.new(3)
    ranking:add(3, row)
    ranking:add(2, false)
    ranking:add(1, "x")
    local rows = ranking:rows()
    assert.equal(row, rows[1])
    assert.is_false(rows[2])
    assert.equal("x", rows[3])
  end)

  it("has rankings that know nothing of each other", function()
    local a, b = top.new(1), top.new(1)
    a:add(1, "a")
    b:add(2, "b")
    assert.same({ "a" }, a:rows())
    assert.same({ "b" }, b:rows())
  end)
end)
