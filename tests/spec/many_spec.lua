--- Many traces in one run: those of some hundred machines.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"

local MACHINES = 300

local many = host.path("many")
assert(host.shell(("python3 tests/clones.py %s %s %d"):format(host.small_trace(), many,
  MACHINES)).status == 0)

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
