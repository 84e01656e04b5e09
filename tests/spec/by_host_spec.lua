--- --by host: one table for all machines, whose rows say of which they are.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local a, b = host.real_trace "twohosts-a", host.real_trace "twohosts-b"

--- Rows of JSON as texts, without those of the table `trace`, sorted.
local function texts_of(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  local texts = {}
  for line in result.out:gmatch "[^\n]+" do
    if not line:find('"table":"trace"', 1, true) then
      -- Where the column stands does not matter.
      local name = line:match '"host":"([^"]*)"'
      texts[#texts + 1] = line:gsub('"host":"[^"]*",?', ""):gsub('"trace":"[^"]*",?', "")
        .. " " .. name
    end
  end
  table.sort(texts)
  return texts
end

describe("--by host", function()
  it("has the rows of each machine", function()
    for name, limit in pairs { cputop = true, iolog = true, iolatencystats = false,
      syscallstats = true } do
      local words = { name, "--output", "json", "--no-cache", a, b, limit and "--limit=0" or nil }
      local plain = texts_of(table.unpack(words))
      assert.is_true(#plain > 8, name)
      assert.same(plain, texts_of("--by", "host", table.unpack(words)))
    end
  end)

  it("sorts and limits them together, in each window", function()
    local result = host.run("cputop", "--by", "host", "--sort", "migrations", "--limit", "3",
      "--table", "Per-TID Usage", "--width", "100", "--no-cache", a, b)
    assert.equal(0, result.status, result.err)
    local order = {}
    for name, process in result.out:gmatch "\n(host[ab]) +([^ ]+) " do
      order[#order + 1] = name .. " " .. process
    end
    assert.same({ "hostb rcu_preempt", "hosta rcu_preempt", "hostb lab" }, order)
    assert.is_nil(result.out:find("Host: ", 1, true))
    local csv = host.run("cputop", "--by", "host", "--refresh", "3", "--limit", "1", "--output",
      "csv", "--table", "Total CPU Usage", "--no-cache", a, b)
    local _, hosts = csv.out:match("^[^\n]+"):gsub('"Host"', "")
    assert.equal(1, hosts)
  end)

  it("is refused where results are put together later", function()
    local result = host.run("cputop", "--by", "host", "--partial", host.path "part.jsonl", a, b)
    assert.equal(2, result.status)
    assert.truthy(result.err:find("--by host cannot be used with --partial: merge --together", 1,
      true), result.err)
  end)
end)
