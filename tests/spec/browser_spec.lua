--- Pages in a real browser, if there is one: nothing on the console, nothing loaded, nothing that
-- overlaps, tables and pictures that do what they should. See tests/browser.py.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local example = (os.getenv "BUILD" or "build") .. "/example-trace"

--- Uses a page as a person would.
local function use(...)
  local path = host.path "page.html"
  local words = { ... }
  words[#words + 1] = "--output-file=" .. path
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, result.err)
  result = host.shell("python3 tests/browser.py " .. host.quote(path))
  if result.status == 77 then
    pending "there is no Chromium"
  end
  assert.equal(0, result.status, result.out .. result.err)
  assert.is_truthy(result.out:find("ok nothing is loaded", 1, true))
end

--- A table with everything that can be drawn, in a trace whose names do harm.
local all = host.script([[
local names = { "</script><script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "שלום",
  ("long "):rep(800), "<!--", "a;b" }
return { title = "<b>All</b>", on = { sched_switch = function() end }, tables = {
  { "all", "<i>All</i>", { { "When", "timestamp", "at" }, { "Who", "string", "who" },
    { "Size", "size", "size" }, { "Low", "duration", "low" }, { "High", "duration", "high" },
    { "Count", "number", "n" }, { "Stack", "string", "stack" } },
  chart = { { kind = "line", x = "when", y = "size", by = "who" },
    { kind = "area", x = "when", y = { "size", "count" } },
    { kind = "heat", x = "when", y = "low", value = "count" },
    { kind = "histogram", x = "low", y = "count" }, { kind = "bars", x = "who", y = "size" },
    { kind = "bars", y = { "size", "count" } }, { kind = "flame", x = "stack", y = "count" } },
  by = "size", rows = function(w)
    local rows = {}
    for i = 1, 60 do
      local name = names[i % #names + 1]
      rows[i] = { at = w.first + i * (w.last - w.first) // 61, who = name, size = i * 1000,
        low = 1000 << i % 5, high = 2000 << i % 5, n = i, stack = "root;" .. name .. ";leaf " .. i }
    end
    return rows
  end } } }]], "all.lua")

describe("a page in a browser", function()
  it("works: a report", function()
    use("report", example)
  end)

  it("works: over time", function()
    use("cputop,iolatencystats,iolatencyfreq:--freq-uniform", "--refresh", "200ms",
      "--output=html", example)
  end)

  it("works: all pictures, of names that do harm", function()
    use(all, "--output=html", example)
  end)
end)
