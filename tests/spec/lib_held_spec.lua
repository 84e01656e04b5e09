--- What waits until the end of a run: it comes back as it was, in memory or in a file.
--
-- SPDX-License-Identifier: MIT

local held = require "lttnga.held"

--- All that something held hands over, and in how many pieces.
local function passed_on(one)
  local parts = {}
  one:pass_on(function(piece) parts[#parts + 1] = piece end)
  return table.concat(parts), #parts
end

--- What has a method write(file, before), as a log.
local function log_of(...)
  local rows = { ... }
  return { write = function(_, file, before)
    for _, row in ipairs(rows) do
      assert(file:write(before or "", row, "\n"))
    end
    return true
  end }
end

describe("what is held", function()
  it("is nothing at first", function()
    assert.equal("", (passed_on(held.new())))
  end)

  it("comes back in its order", function()
    local one = held.new()
    one:put "a"
    one:put "b\0\r\n"
    assert.equal("ab\0\r\n", (passed_on(one)))
  end)

  it("may be logs, with texts before and behind", function()
    local one = held.new()
    one:put "heading\n"
    one:put(log_of("1", "2"), "T,")
    one:put "between\n"
    one:put(log_of "3")
    assert.equal("heading\nT,1\nT,2\nbetween\n3\n", (passed_on(one)))
  end)

  it("may be much", function()
    local one, all = held.new(), {}
    for i = 1, 50 do
      all[i] = (tostring(i) .. " "):rep(20000)
      one:put(all[i])
    end
    local text, pieces = passed_on(one)
    assert.is_true(table.concat(all) == text)
    assert.is_true(pieces > 10)
  end)

  it("is where TMPDIR says, as rows of logs are, and told in a line if it can't be", function()
    local pipe = assert(io.popen([[TMPDIR=/nowhere lua5.4 -e '
      dofile "tests/spec/helper.lua"
      local fault = require "lttnga.fault"
      local function say(f)
        local _, problem = pcall(f)
        print(fault.is(problem) and problem.message)
      end
      say(function() require "lttnga.held".new():put(("x"):rep(2 << 20)) end)
      local log = require "lttnga.log".new { format = "text", line = { { 5, "{a}" } } }
      say(function() for i = 1, 300000 do log:add { a = i } end end)' 2>&1]]))
    local wanted = "cannot write a temporary file in /nowhere: No such file or directory "
      .. "(set TMPDIR to use another directory)"
    assert.equal(wanted .. "\n" .. wanted .. "\n", pipe:read("a"))
    pipe:close()
  end)

  it("is told if it can't be written", function()
    local one = held.new()
    local ok, problem = pcall(one.put, one, { write = function() return nil, "no space" end })
    assert.is_false(ok)
    assert.equal("cannot write a temporary file: no space", problem.message)
  end)
end)
