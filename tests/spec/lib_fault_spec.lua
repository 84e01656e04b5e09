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

  it("has a text for whatever was raised", function()
    assert.equal("x", fault.text_of("x"))
    assert.equal("module 'x' not found: no a; no b", fault.text_of(
      "module 'x' not found: no a\n\tno b"))
    assert.equal("42", fault.text_of(42))
    assert.equal("error without a message", fault.text_of(nil))
    assert.equal("error without a message (a table)", fault.text_of({}))
    assert.equal("mine", fault.text_of(setmetatable({}, { __tostring = function()
      return "mine"
    end })))
    assert.equal("error without a message (a table)",
      fault.text_of(setmetatable({}, { __tostring = function() return {} end })))
    assert.equal("error without a message (a table)",
      fault.text_of(setmetatable({}, { __name = "named" })))
  end)

  it("is made of an error, with a traceback", function()
    local _, caught = xpcall(function() error("x\ny", 0) end, function(err)
      local caught = fault.caught(err, " (here)")
      return caught
    end)
    assert.is_true(fault.is(caught))
    assert.equal(1, caught.status)
    assert.equal("x\ny (here)", caught.message)
    assert.matches("^stack traceback:\n\t%[C%]: in function 'error'\n", caught.traceback)
    assert.equal(caught, fault.caught(caught))
  end)

  it("does not take other values for faults", function()
    for _, value in ipairs { "text", 1, true, {}, { status = 1, message = "x" }, print } do
      assert.is_false(fault.is(value))
    end
    assert.is_false(fault.is(nil))
    assert.is_false(fault.is(setmetatable({}, {})))
  end)
end)
