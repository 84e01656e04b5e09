--- Many traces in one run: those of some hundred machines.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"

local MACHINES = 300

local many = host.path("many")
assert(host.shell(("python3 tests/clones.py %s %s %d"):format(host.small_trace(), many,
  MACHINES)).status == 0)

local ms = 1000000

--- The trace of a machine on which two threads take turns, at times of its own, on two CPUs.
local function busy(number)
  local streams = {}
  for cpu = 0, 1 do
    local packet = {}
    for i = 1, 40 do
      local tid = 10 + i % 2
      packet[i] = { (i * 97 + number * 13 + cpu * 31) * ms, "sched_switch",
        { prev_tid = 21 - tid, next_tid = tid, next_comm = "app" } }
    end
    packet.cpu = cpu
    streams[cpu + 1] = packet
  end
  return host.trace { env = { domain = "kernel", hostname = "box" .. number }, streams = streams }
end

describe("the order of machines", function()
  local script = [[
    local analysis = require "lttnga.analysis"
    local times = {}
    return analysis { title = "Order", in_order = %s,
      on = { sched_switch = function(w, time) times[#times + 1] = time end },
      tables = { { "order", "Order", { { "Back", "number" } },
        rows = function()
          local back = 0
          for i = 2, #times do
            back = back + (times[i] < times[i - 1] and 1 or 0)
          end
          return { { back } }
        end } } }]]
  local few, all = {}, {}
  for number = 1, 12 do
    all[number] = busy(number)
    few[number] = number < 8 and all[number] or nil
  end

  local function steps_back(in_order, traces)
    local path = host.script(script:format(in_order))
    return host.rows(path, "--output=json", table.unpack(traces))[1].back
  end

  it("is that of time where a script asks for it, or there are few", function()
    assert.equal(0, steps_back("true", all))
    assert.equal(0, steps_back("nil", few))
    assert.truthy(steps_back("nil", all) > 0)
  end)

  it("does not change a result", function()
    for _, name in ipairs { "schedtop", "cputop", "schedlog", "schedstates" } do
      local source = host.read("lua/analyses/" .. name .. ".lua")
      local ordered = host.script((source:gsub("return analysis {", "%0 in_order = true,")))
      for _, refresh in ipairs { "100ms", "317ms", "1s", "100s" } do
        local free = host.run(name, "--refresh", refresh, table.unpack(all))
        assert.equal(0, free.status, free.err)
        assert.equal(host.run(ordered, "--refresh", refresh, table.unpack(all)).out, free.out)
      end
    end
  end)
end)

describe("the traces of hundreds of machines", function()
  it("give each machine what its trace alone gives", function()
    local all = host.run("iolatencystats", "--no-intersection", many)
    local one = host.run("iolatencystats", "--no-intersection", many .. "/host-0007")
    assert.equal(0, all.status, all.err)
    local head, body = one.out:match("^(Timerange: [^\n]*\n)(.*)$")
    local parts = { head }
    for i = 1, MACHINES do
      parts[#parts + 1] = ("\nHost: host-%04d\n%s"):format(i, body)
    end
    assert.equal(table.concat(parts), all.out)
  end)

  it("are named in every row of the formats for programs", function()
    local rows, seen = host.rows("iolatencystats", "--output=json", "--no-intersection", many), {}
    for _, row in ipairs(rows) do
      assert.equal(many .. "/" .. row.host, row.trace)
      seen[row.host] = true
    end
    local csv = host.run("iolatencystats", "--output=csv", "--no-intersection", many).out
    for i = 1, MACHINES do
      local name = ("host-%04d"):format(i)
      assert.truthy(seen[name], name)
      assert.truthy(csv:find(('"%s","%s/%s","Open",1,'):format(name, many, name), 1, true), name)
    end
  end)

  it("need few files open at the same time", function()
    local result = host.shell(("ulimit -n 64 && %s/lttnga-run iolog --no-intersection %s"):format(
      build, many))
    assert.equal(0, result.status, result.err)
  end)

  it("are refused by the name of the one that can't be read, and what is wrong there", function()
    local path = many .. "/host-0150"
    local metadata = host.read(path .. "/metadata")
    local function write(text)
      local file <close> = assert(io.open(path .. "/metadata", "w"))
      file:write(text)
    end
    local wrong = {
      ["cannot read PATH/metadata: the file is empty\n"] = "",
      ["cannot read PATH: metadata, line 2: [^;\n]+; cannot read PATH: .*\n"] =
        "/* CTF 1.8 */\nstruct {",
    }
    for pattern, text in pairs(wrong) do
      write(text)
      local result = host.run("iolatencystats", many)
      write(metadata)
      assert.equal(1, result.status)
      assert.equal("", result.out)
      local err = result.err:gsub(path:gsub("%p", "%%%0"), "PATH")
      assert.matches("^lttnga%-run: " .. pattern .. "$", err)
    end
  end)
end)
