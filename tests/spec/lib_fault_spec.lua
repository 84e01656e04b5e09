--- Checks that faults carry their status and message, and that nothing else passes for one.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"

--- What a function raises.
local function raised(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return err
end

describe("fault", function()
  it("has a status and a formatted message", function()
    local one = fault.new(7, "%s is %d", "x", 3)
    assert.equal(7, one.status)
    assert.equal("x is 3", one.message)
    assert.equal("x is 3", tostring(one))
  end)

  it("is raised for a run that failed", function()
    local err = raised(fault.raise, "no %s", "trace")
    assert.is_true(fault.is(err))
    assert.equal(1, err.status)
    assert.equal("no trace", err.message)
  end)

  it("is raised for a wrong command line", function()
    local err = raised(fault.usage, "no %s", "option")
    assert.is_true(fault.is(err))
    assert.equal(2, err.status)
    assert.equal("no option", err.message)
  end)

  it("has the statuses that it names", function()
    assert.equal(1, fault.RUN)
    assert.equal(2, fault.USAGE)
  end)

  it("leaves percent signs in arguments alone", function()
    assert.equal("100% %s %d", fault.new(1, "%s", "100% %s %d").message)
  end)

  it("does not take other values for faults", function()
    for _, value in ipairs { "text", 1, true, {}, { status = 1, message = "x" }, print } do
      assert.is_false(fault.is(value))
    end
    assert.is_false(fault.is(nil))
    assert.is_false(fault.is(setmetatable({}, {})))
  end)
end)
