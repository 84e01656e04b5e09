--- Texts that go out sorted by a number, however many they are.
--
-- SPDX-License-Identifier: MIT

local sorted = require "lttnga.sorted"

local function texts(object)
  local list = {}
  for text in object:each() do
    list[#list + 1] = text
  end
  return list
end

describe("sorted", function()
  it("gives nothing of nothing", function()
    assert.same({}, texts(sorted.new()))
  end)

  it("sorts by number, equal ones as they came, whatever the texts are", function()
    local object = sorted.new()
    object:add(3, "c")
    object:add(-1, "")
    object:add(math.maxinteger, "last")
    object:add(3, "a\0b\n")
    object:add(math.mininteger, "first")
    object:add(2, "b")
    assert.same({ "first", "", "b", "c", "a\0b\n", "last" }, texts(object))
  end)

  it("takes no more once it is read, and is read once", function()
    local object = sorted.new()
    object:add(1, "a")
    assert.same({ "a" }, texts(object))
    assert.same({}, texts(object))
    assert.has_error(function() object:add(2, "b") end, "these strings are being read")
    assert.has_error(function() object:add(1.5, "b") end)
  end)

  it("sorts more than it holds in memory", function()
    local object = sorted.new()
    local n = 700000
    -- A permutation: 7 and n have no common divisor but 7 itself is no divisor of n + 1.
    for i = 0, n - 1 do
      local key = i * 1009 % n
      object:add(key, ("%d:%s"):format(key, ("x"):rep(key % 30)))
    end
    local expected = 0
    for text in object:each() do
      local key, rest = text:match("^(%d+):(x*)$")
      assert(tonumber(key) == expected and #rest == expected % 30, text)
      expected = expected + 1
    end
    assert.equal(n, expected)
  end)

  it("keeps the order of equal numbers over all of it", function()
    local object = sorted.new()
    local long = ("y"):rep(1000)
    for i = 1, 30000 do
      object:add(i % 2, i .. long)
    end
    local last, half = 0, 0
    for text in object:each() do
      local i = tonumber(text:match("^%d+"))
      if i % 2 == 1 and last % 2 == 0 and last > i then
        half, last = half + 1, 0
      end
      assert(i > last or half == 1 and last == 0, text:sub(1, 10))
      last = i
    end
    assert.equal(1, half)
  end)

  it("says where it has no room", function()
    local command = [[TMPDIR=/nowhere lua5.4 -e '
      dofile "tests/spec/helper.lua"
      local object = require "lttnga.sorted".new()
      for i = 1, 300000 do assert(object:add(i, "x")) end' 2>&1]]
    local pipe = io.popen(command)
    local said = pipe:read("a")
    pipe:close()
    assert.matches("cannot write a temporary file in /nowhere: No such file", said)
  end)
end)
