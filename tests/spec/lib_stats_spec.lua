--- Checks statistics against exact arithmetic: large values, many values, small differences.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local columns = require "lttnga.columns"
local stats = require "lttnga.stats"

--- Statistics of a list of values.
local function of(values)
  local one = stats.new()
  for _, value in ipairs(values) do
    one:add(value)
  end
  return one
end

--- Mean and standard deviation by rational numbers of any size.
local EXACT = [[
import sys
from fractions import Fraction
from decimal import Decimal, getcontext
getcontext().prec = 80
values = [int(line) for line in open(sys.argv[1])]
n = len(values)
total = sum(values)
variance = Fraction(n * sum(v * v for v in values) - total * total, n * (n - 1))
root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
print(n, min(values), max(values), total, float(Fraction(total, n)).hex(), float(root).hex())
]]

--- Checks all of the statistics of values against python3.
local function check(values, tolerance)
  local data, program = os.tmpname(), os.tmpname()
  local file = assert(io.open(data, "w"))
  file:write(table.concat(values, "\n"), "\n")
  file:close()
  file = assert(io.open(program, "w"))
  file:write(EXACT)
  file:close()
  local child = assert(io.popen(("python3 %s %s 2>&1"):format(program, data)))
  local output = child:read("a")
  child:close()
  os.remove(data)
  os.remove(program)
  local count, least, largest, sum, mean, stdev =
    output:match("^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)\n$")
  assert.is_truthy(count, output)
  local one = of(values)
  assert.equal(tonumber(count), one:count())
  assert.equal(tonumber(least), one:min())
  assert.equal(tonumber(largest), one:max())
  assert.equal(tonumber(sum), one:sum())
  mean, stdev = tonumber(mean), tonumber(stdev)
  assert.near(mean, one:mean(), math.abs(mean) * 1e-15)
  assert.near(stdev, one:stdev(), stdev * (tolerance or 1e-14))
end

local seed = 7
local function random(n)
  seed = seed * 6364136223846793005 + 1442695040888963407
  return (seed >> 1) % n
end

describe("stats", function()
  it("are nothing without values", function()
    local one = stats.new()
    assert.equal(0, one:count())
    assert.equal(0, one:sum())
    assert.is_nil(one:min())
    assert.is_nil(one:max())
    assert.is_nil(one:mean())
    assert.is_nil(one:stdev())
  end)

  it("have no deviation with one value", function()
    local one = of { 42 }
    assert.equal(1, one:count())
    assert.equal(42, one:min())
    assert.equal(42, one:max())
    assert.equal(42, one:mean())
    assert.equal(42, one:sum())
    assert.is_nil(one:stdev())
  end)

  it("have the deviation of a sample", function()
    local one = of { 2, 4, 4, 4, 5, 5, 7, 9 }
    assert.equal(8, one:count())
    assert.equal(2, one:min())
    assert.equal(9, one:max())
    assert.equal(5, one:mean())
    assert.equal(40, one:sum())
    assert.near(math.sqrt(32 / 7), one:stdev(), 1e-15)
    assert.equal(math.sqrt(0.5), of({ 1, 2 }):stdev())
    assert.equal(1, of({ 1, 2, 3 }):stdev())
  end)

  it("keep integers what they are", function()
    local one = of { 3, 4 }
    assert.equal("integer", math.type(one:count()))
    assert.equal("integer", math.type(one:min()))
    assert.equal("integer", math.type(one:max()))
    assert.equal("integer", math.type(one:sum()))
    assert.equal("float", math.type(one:mean()))
    assert.equal("float", math.type(one:stdev()))
    assert.equal(3.5, one:mean())
  end)

  it("take zeros and negative values", function()
    local one = of { 0, 0, 0 }
    assert.equal(0, one:mean())
    assert.equal(0, one:stdev())
    one = of { -3, -1, 1, 3 }
    assert.equal(-3, one:min())
    assert.equal(3, one:max())
    assert.equal(0, one:mean())
    assert.near(math.sqrt(20 / 3), one:stdev(), 1e-15)
    one = of { -5, -6 }
    assert.equal(-5.5, one:mean())
    assert.equal(math.sqrt(0.5), one:stdev())
    assert.equal(-11, one:sum())
  end)

  it("have values beyond 32 bits", function()
    local one = of { 5000000000, 5000000001, 5000000002 }
    assert.equal(5000000000, one:min())
    assert.equal(5000000002, one:max())
    assert.equal(5000000001, one:mean())
    assert.equal(1, one:stdev())
  end)

  it("have extremes exact to 64 bits", function()
    local one = of { math.maxinteger, math.mininteger, 0 }
    assert.equal(math.maxinteger, one:max())
    assert.equal(math.mininteger, one:min())
    assert.equal(-1, one:sum())
    assert.equal(9007199254740993, of({ 9007199254740993 }):max())
  end)

  it("have no deviation at all if all are equal", function()
    for _, value in ipairs {
      1, 3, 1234567891, 4294967297, 1795436330432156789, 1 << 62, math.maxinteger,
      math.mininteger, -7,
    } do
      local one = stats.new()
      for _ = 1, 10007 do
        one:add(value)
      end
      assert.equal(0, one:stdev())
      assert.equal(value, one:min())
      assert.equal(value, one:max())
      assert.equal(value + 0.0, one:mean())
    end
  end)

  it("lose nothing beside a large offset", function()
    for _, offset in ipairs { 1000000000000000, 1795436330000000000, 1 << 62, -(1 << 62) } do
      local one = of { offset, offset + 1, offset + 2 }
      assert.equal(1, one:stdev())
      assert.equal(offset + 1.0, one:mean())
    end
  end)

  it("lose nothing over a million values beside a large offset", function()
    local one, offset = stats.new(), 1000000000000000
    for i = 0, 999999 do
      one:add(offset + i % 3)
    end
    -- 333334 zeros, 333333 ones, 333333 twos
    assert.equal(1000000, one:count())
    assert.near(offset + 0.999999, one:mean(), 0.125)
    local n, sum, squares = 1000000, 333333 * 3, 333333 * 5
    assert.near(math.sqrt((n * squares - sum * sum) / n / (n - 1)), one:stdev(), 1e-12)
  end)

  it("do not depend on the order of values", function()
    local values = {}
    for i = 1, 1000 do
      values[i] = random(1 << 61)
    end
    local forth = of(values)
    table.sort(values, function(a, b) return a > b end)
    local back = of(values)
    assert.equal(forth:mean(), back:mean())
    assert.equal(forth:stdev(), back:stdev())
    assert.equal(forth:sum(), back:sum())
  end)

  it("have a sum that is a float if it does not fit", function()
    local one = of { math.maxinteger, 1 }
    assert.equal(2.0 ^ 63, one:sum())
    assert.equal("float", math.type(one:sum()))
    assert.equal(2.0 ^ 62, one:mean())
    assert.equal(math.mininteger, of({ math.mininteger }):sum())
  end)

  it("agree with exact arithmetic", function()
    for _, range in ipairs { 2, 1000, 1 << 33, 1 << 53, 1 << 62 } do
      local values = {}
      for i = 1, 2000 do
        -- Large values, but near to each other: see the pending spec below.
        values[i] = range == 1 << 62 and (1 << 62) - random(1 << 40) or random(range)
      end
      check(values)
    end
    check({ 1, math.maxinteger, 2 })
    check({ math.mininteger, math.maxinteger })
    check({ -1, -2, -4, 1 << 40 })
    check({ 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 << 59 })
  end)

  it("agree with exact arithmetic if all but one are equal", function()
    for _, odd in ipairs { 4, 6, 1 << 61 } do
      local values = { odd }
      for i = 2, 50000 do
        values[i] = 5
      end
      check(values, 1e-10)
    end
  end)

  it("take integers only", function()
    local one = stats.new()
    one:add(3.0)
    assert.equal("integer", math.type(one:max()))
    for _, value in ipairs { 1.5, 0 / 0, 2.0 ^ 63, "x", {}, true } do
      assert.has_error(function() one:add(value) end)
    end
    assert.has_error(function() one:add() end)
    assert.equal(1, one:count())
  end)

  it("have methods for statistics only", function()
    local one = stats.new()
    for _, other in ipairs { {}, 5, "x", io.stdout } do
      assert.has_error(function() one.add(other, 1) end)
      assert.has_error(function() one.count(other) end)
    end
    assert.has_error(function() one.add() end)
  end)
end)

describe("stats.group", function()
  it("has given keys first, then others as they come", function()
    local group = stats.group { "open", "read" }
    group:add("write", 5)
    group:add("read", 1)
    group:add("close", 2)
    group:add("write", 7)
    local keys = {}
    for i, row in ipairs(group:rows()) do
      keys[i] = row.key
    end
    assert.same({ "open", "read", "write", "close" }, keys)
  end)

  it("has a row for each key", function()
    local group = stats.group { "open" }
    group:add("read", 1)
    group:add("read", 2)
    group:add("read", 3)
    local rows = group:rows()
    assert.equal(2, #rows)
    assert.same({ key = "read", count = 3, total = 6, min = 1, average = 2.0, max = 3,
      stdev = 1.0, stats = group:of "read" }, rows[2])
  end)

  it("has zeros and an unknown deviation without values", function()
    local group = stats.group { "open" }
    assert.same({ key = "open", count = 0, total = 0, min = 0, average = 0, max = 0,
      stats = group:of "open" }, group:rows()[1])
  end)

  it("has an unknown deviation with one value", function()
    local group = stats.group()
    group:add("x", 9)
    local list = columns.read(stats.columns({ "Key", "string", "key" })({}), "T", assert)
    local function cells()
      return columns.cells(group:rows(), list, {}, "T")[1]
    end
    assert.same({ "x", 1, 9, 9.0, 9 }, { table.unpack(cells(), 1, 5) })
    assert.is_true(rawequal(cells()[6], analysis.unknown))
    group:add("x", 9)
    assert.equal(0, cells()[6])
  end)

  it("labels its keys", function()
    local group = stats.group { 8388608, 2 }
    group:add(2, 5)
    local names = { [2] = "sda" }
    local rows = group:rows(function(key) return names[key] end)
    -- A key without a label stands for itself.
    assert.equal(8388608, rows[1].key)
    assert.equal("sda", rows[2].key)
  end)

  it("has no rows without keys", function()
    assert.same({}, stats.group():rows())
    assert.same({}, stats.group({}):rows())
  end)

  it("keeps a key that is given twice once", function()
    assert.equal(1, #stats.group({ "a", "a" }):rows())
  end)

  it("takes any key", function()
    local key, group = {}, stats.group()
    group:add(key, 1)
    group:add(false, 2)
    group:add(1, 3)
    group:add("1", 4)
    local rows = group:rows()
    assert.equal(4, #rows)
    assert.equal(key, rows[1].key)
    assert.is_false(rows[2].key)
    assert.equal(3, rows[3].min)
    assert.equal(4, rows[4].min)
  end)

  it("gives the statistics of a key", function()
    local group = stats.group()
    local one = group:of("x")
    one:add(5)
    group:add("x", 7)
    assert.equal(2, one:count())
    assert.equal(one, group:of("x"))
    assert.equal(1, #group:keys())
  end)

  it("knows a key by its text, wherever that is kept", function()
    local group = stats.group()
    for i = 1, 1000 do
      local key = ("x"):rep(100) .. i % 2 -- made anew: long texts are not interned
      group:add(key, i)
      group:add("short" .. i % 40, i)
      if i % 100 == 0 then
        collectgarbage()
      end
    end
    assert.equal(42, #group:keys())
    assert.equal(500, group:of(("x"):rep(100) .. 0):count())
    assert.equal(25, group:of("short7"):count())
    assert.has_error(function() group:add(nil, 1) end)
    assert.has_error(function() group:add("x", 1.5) end)
    assert.has_error(function() group.add(stats.new(), "x", 1) end)
    assert.has_error(function() group.add(io.stdout, "x", 1) end)
  end)

  it("leaves the given list alone", function()
    local keys = { "a" }
    local group = stats.group(keys)
    group:add("b", 1)
    assert.same({ "a" }, keys)
  end)
end)

describe("percentiles", function()
  local function keeping(n, value)
    local one = stats.new(true)
    for i = 1, n do
      one:add(value(i))
    end
    return one
  end

  it("are values that there were", function()
    local one = keeping(100, function(i) return (i * 37 % 100 + 1) * 10 end)
    assert.equal(10, one:quantile(0))
    assert.equal(500, one:quantile(0.5))
    assert.equal(900, one:quantile(0.9))
    assert.equal(990, one:quantile(0.99))
    assert.equal(1000, one:quantile(0.999))
    assert.equal(1000, one:quantile(1))
  end)

  it("are exact at the ends of what 64 bits hold", function()
    local one = stats.new(true)
    for _, value in ipairs { math.maxinteger, math.mininteger, 0, -1, 1 } do
      one:add(value)
    end
    assert.equal(math.mininteger, one:quantile(0.1))
    assert.equal(-1, one:quantile(0.4))
    assert.equal(0, one:quantile(0.5))
    assert.equal(math.maxinteger, one:quantile(1))
  end)

  it("agree with sorting, after further values too", function()
    local values, one = {}, stats.new(true)
    for i = 1, 100000 do
      values[i] = i * 7919 % 100003 - 50000
      one:add(values[i])
      if i == 50000 then
        one:quantile(0.5)
      end
    end
    table.sort(values)
    for _, q in ipairs { 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.99999 } do
      assert.equal(values[math.ceil(q * #values)], one:quantile(q))
    end
  end)

  it("of more than 10 million values are within 0.1 %", function()
    local n = 10000100
    local one = keeping(n, function(i) return i * 999 - 5000 end)
    for _, q in ipairs { 0.000001, 0.01, 0.5, 0.9, 0.99, 0.999 } do
      local exact = math.ceil(q * n) * 999 - 5000
      local near = one:quantile(q)
      assert.is_true(math.abs(near - exact) <= 0.001 * math.abs(exact), q .. " " .. near)
    end
    assert.equal(one:min(), one:quantile(0))
    assert.equal(one:max(), one:quantile(1))
    local total = 0
    for _, count in ipairs(one:histogram(one:min(), one:max(), 7)) do
      assert.is_true(math.abs(count - n / 7) < 0.002 * n)
      total = total + count
    end
    assert.equal(n, total)
  end)

  it("need values that are kept, and a part of one", function()
    assert.is_false(stats.new():keeps())
    assert.is_true(stats.new(true):keeps())
    assert.is_nil(stats.new(true):quantile(0.5))
    assert.has_error(function() stats.new():quantile(0.5) end,
      "these statistics do not keep their values")
    assert.has_error(function() stats.new(true):quantile(1.5) end)
    assert.has_error(function() stats.new(true):histogram(1, 1, 3) end)
    assert.has_error(function() stats.new(true):histogram(1, 2, 0) end)
  end)

  it("are columns where they are asked for", function()
    local group = stats.group({ "a", "b" }, true)
    group:add("a", 5)
    group:add("a", 7)
    local key = { "Key", "string", "key" }
    local list = stats.columns(key)({ percentiles = true })
    assert.equal("P99.9", list[10][1])
    assert.same({ key = "a", count = 2, total = 12, min = 5, average = 6.0, max = 7,
      stdev = math.sqrt(2), p50 = 5, p90 = 7, p99 = 7, p99_9 = 7,
      stats = group:of "a" }, group:rows()[1])
    list = columns.read(list, "T", assert)
    assert.equal(10, #columns.cells(group:rows(), list, {}, "T")[2])
    assert.equal(6, #stats.columns(key)({}))
  end)
end)

describe("stats.columns", function()
  it("fit the rows of a group", function()
    local first, last = { "Type", "string", "key" }, { "Last", "string", "last" }
    local list = stats.columns(first, last)({})
    assert.equal(7, #list)
    assert.equal(first, list[1])
    assert.equal(last, list[7])
    assert.same({ "Count", "number", "count", compare = "sum" }, list[2])
    for i, title in ipairs { "Min", "Average", "Max", "Stdev" } do
      assert.same({ title, "duration", title:lower() }, { table.unpack(list[i + 2], 1, 3) })
    end
    -- A list for each table: a script may change its own.
    assert.are_not.equal(list, stats.columns(first, last)({}))
  end)

  it("are filled by the statistics of rows", function()
    local one = stats.new()
    one:add(4)
    one:add(6)
    local row = { name = "a", stats = one }
    assert.equal(row, stats.fields(one, row))
    assert.same({ name = "a", stats = one, count = 2, total = 10, min = 4, average = 5.0, max = 6,
      stdev = math.sqrt(2) }, row)
    local rows = { { stats = one }, { stats = stats.new() } }
    assert.equal(rows, stats.rows(rows))
    assert.same({ 2, 0 }, { rows[1].count, rows[2].count })
    assert.is_nil(rows[2].stdev)
  end)

  it("say how well an average is known", function()
    local row = stats.fields(of { 4, 6 })
    assert.equal(math.sqrt(2) / math.sqrt(2) / 5, stats.spread(row))
    assert.is_nil(stats.spread(stats.fields(of { 4 })))
    assert.is_nil(stats.spread(stats.fields(of {})))
    assert.is_nil(stats.spread(stats.fields(of { 0, 0 })))
  end)
end)

describe("saved statistics", function()
  local json = require "dkjson"

  --- What is saved, as it comes back from JSON.
  local function saved(one)
    return assert(json.decode(json.encode(one:save())))
  end

  local function filled(values, keep)
    local one = stats.new(keep)
    for _, value in ipairs(values) do
      one:add(value)
    end
    return one
  end

  local extreme = { math.mininteger, math.maxinteger, math.maxinteger, -1, 0, 1, 7, 7, 12345 }

  it("are merged as if all values had been added to one", function()
    for _, keep in ipairs { false, true } do
      for split = 0, #extreme do
        local one = filled({ table.unpack(extreme, 1, split) }, keep)
        one:merge(saved(filled({ table.unpack(extreme, split + 1) }, keep)))
        local whole = filled(extreme, keep)
        for _, method in ipairs { "count", "min", "max", "sum", "mean", "stdev" } do
          assert.equal(whole[method](whole), one[method](one))
        end
        assert.same(whole:save(), one:save())
        if keep then
          assert.equal(whole:quantile(0.4), one:quantile(0.4))
        end
      end
    end
    assert.same({ count = 0, sum = "0", squares = "0" }, saved(stats.new()))
    assert.equal("85070591730234615865843651857942052864",
      filled({ math.mininteger }):save().squares)
  end)

  it("count in ranges if they have many values", function()
    local one = stats.new(true)
    for i = 1, 10000001 do
      one:add(i * (i % 2 == 0 and 1 or -3))
    end
    local other = stats.new(true)
    other:add(-5)
    other:merge(saved(one))
    one:add(-5)
    assert.same(one:save(), other:save())
    for _, q in ipairs { 0, 0.1, 0.5, 0.9, 1 } do
      assert.equal(one:quantile(q), other:quantile(q))
    end
  end)

  it("of a group keep the order of its keys", function()
    local group = stats.group({ "b", "a" })
    group:add("a", 1)
    local other = stats.group({ "x" })
    other:add("a", 2)
    other:add(5, 3)
    group:merge(saved(other))
    assert.same({ "b", "a", "x", 5 }, group:keys())
    assert.equal(3, group:of("a"):sum())
    assert.equal(3, group:of(5):sum())
  end)

  it("are refused if they make no sense", function()
    local function refused(change, keep)
      local table = filled({ 1, 2, 3 }, keep):save()
      change(table)
      local one = filled({ 5 }, keep)
      local ok, message = pcall(one.merge, one, table)
      assert.is_false(ok)
      assert.matches("saved data is invalid", message)
      return one
    end
    for name, values in pairs {
      count = { false, -1, 2.5, math.maxinteger, "3", 0 }, min = { false, 9, "1" },
      max = { false, 0, {} },
      sum = { false, 6, "", "x", "1e3", "6\0", ("9"):rep(100), "99999999999", "-9" },
      squares = { false, 14, "", "-1", ("9"):rep(40) },
    } do
      for _, value in ipairs(values) do
        refused(function(table) table[name] = value or nil end)
      end
    end
    for _, values in ipairs { 1, {}, { 1, 2 }, { 1, 2, 3, 3 }, { 1, 2, 4 }, { 1, 2, "3" } } do
      local one = refused(function(table) table.values = values end, true)
      assert.equal(1, one:count())
      assert.equal(5, one:quantile(0.5))
    end
    for _, buckets in ipairs { 1, {}, { 1, 2, 3 }, { { 1, 2 } }, { { 1, 4 } }, { { 1, -3 } },
      { { 1, 0 }, { 1, 3 } }, { { 2049, 3 } }, { { 1 }, { 1, 3 } } } do
      refused(function(table) table.values, table.buckets = nil, buckets end, true)
    end
    assert.has_error(function() stats.new():merge(5) end)
    for _, group in ipairs { { 5 }, { {} }, { { key = 1.5 } }, { { key = "a", count = 1 } } } do
      assert.has_error(function() stats.group():merge(group) end)
    end
  end)

  it("are refused if they are of more than can be counted on", function()
    local most = math.maxinteger // 2
    local table = { count = most, min = 1, max = 1, sum = ("%d"):format(most), squares = "1" }
    local one, other = stats.new(), stats.new()
    one:merge(table)
    one:add(1)
    other:merge(table)
    assert.equal(most + 1, one:count())
    assert.has_error(function() one:merge(table) end)
    assert.has_error(function() one:merge(other) end)
    assert.equal(most + 1, one:count())
  end)

  it("of keys are refused if there are more than there were events", function()
    for _, make in ipairs { stats.totals, stats.keyed } do
      local entries = {}
      for i, n in ipairs { 3, 2 } do
        entries[i] = { key = { i }, last = i, n = n, count = n, min = 0, max = 0, squares = "0",
          sum = make == stats.keyed and "0" or 0 }
      end
      local table = { fields = { { "tid", "integer" }, { "size", "integer" } }, entries = entries }
      for events, is_good in pairs { [5] = true, [4] = false, [math.maxinteger] = false } do
        table.events = events
        local one = make()
        assert.equal(is_good, (pcall(one.merge, one, table)))
      end
    end
  end)
end)
