--- What is in examples/ runs, on the sample trace and on a small one, and the module for other
-- programs with it.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local small = host.small_trace()

--- A trace without calls.
local idle = host.trace { streams = { { cpu = 0,
  { 1000000, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } },
  { 2000000, "sched_switch", { prev_tid = 10, next_tid = 0, next_comm = "idle" } } } } }

--- What a program prints, which must succeed.
local function output(result)
  assert.equal("", result.err)
  assert.equal(0, result.status)
  return result.out
end

--- The sample of output in the first comment of an example: after its calls, up to "...".
local function sample(path)
  local lines = {}
  for line in host.read(path):match("^(.-)\n\n"):gmatch("[^\n]+") do
    line = line:gsub("^%-%- ? ? ?", "")
    lines = line:find("lttnga-run", 1, true) and {} or lines
    lines[#lines + 1] = not line:find("lttnga-run", 1, true) and line ~= "..." and line or nil
  end
  return table.concat(lines, "\n"):match("^%s*(.-)%s*$")
end

describe("examples", function()
  it("are all tested here", function()
    local names = host.shell("ls examples").out
    assert.equal("compare_fsync.lua\nfirst_output.lua\nslow_openat.lua\nsmall_writes.lua\n"
      .. "spans.jsonl\n"
      .. "trace.tar.xz\nwho_woke.lua\nwhy_slow.session.lua\n", names)
  end)

  for _, name in ipairs { "slow_openat", "small_writes", "who_woke" } do
    it("analyse: " .. name, function()
      local path = "examples/" .. name .. ".lua"
      local out = output(host.run(path, example))
      assert.matches("\n%-%-%-", out)
      local result = host.run(path, small)
      assert.equal(0, result.status)
      assert.matches("^Timerange: ", result.out)
      assert.equal(0, host.run(path, idle).status)
    end)
  end

  it("define requests: first_output", function()
    local out = output(host.run("requests", "--request", "examples/first_output.lua", example))
    assert.matches("\nfirst_output +ls %(389%) +%- +1 ", out)
  end)

  it("show what they print", function()
    local out = output(host.run_as_is("examples/who_woke.lua", example))
    assert.equal(1, out:find(sample "examples/who_woke.lua", 1, true))
    out = output(host.shell(("TZ=UTC %s/lttnga-run -i examples/why_slow.session.lua %s </dev/null")
      :format(build, example)))
    assert.is_truthy(out:find(sample "examples/why_slow.session.lua", 1, true))
  end)

  it("go to the slowest call in a session", function()
    local path = "examples/why_slow.session.lua"
    local out = output(host.run("-i", path, example, "-e", "now()"))
    assert.matches("openat of bash %(363%), 73%.828 ms\n", out)
    assert.matches("\n15:36:40%.525753689, event %d+\n$", out)
    local result = host.run("-i", path, small, "-e", "")
    assert.equal(0, result.status, result.err)
    assert.matches("fsync of app %(10%), 0%.500 ms\n", result.out)
    assert.equal("This trace has no I/O call.\n", host.run("-i", path, idle, "-e", "").out)
  end)

  it("compare two traces", function()
    local path = "examples/compare_fsync.lua"
    local out = output(host.lua(path, example, small))
    assert.matches("\n +1 +14%.016 +14%.016 +14%.016  " .. example:gsub("%p", "%%%0") .. "\n", out)
    assert.matches("\n +1 +0%.500 +0%.500 +0%.500  ", out)
    assert.matches("\np99 of the second is 0%.04 times that of the first%.\n$", out)
    local result = host.lua(path, example, idle)
    assert.equal(0, result.status)
    assert.matches("\n +0 +%- +%- +%-  ", result.out)
    assert.matches("\nNothing to compare: %S+ has no fsync%.\n$", result.out)
    assert.equal(2, host.lua(path).status)
    assert.matches("cannot open /nowhere", host.lua(path, "/nowhere", example).err)
  end)
end)

describe("the module", function()
  --- What a program prints that is given the example as its argument.
  local function run(code)
    return output(host.lua(host.write("local lttnga = require 'lttnga'\n" .. code, "program.lua"),
      example))
  end

  it("does what the prompt does", function()
    local out = run [[
      local trace <close> = lttnga.open(arg[1])
      print(trace:go "15:36:40")
      print(trace:ps "bash")
      print(trace:analyse("iolatencystats", {}, "-1s", "end"))
    ]]
    assert.equal(output(host.run("-e", 'go "15:36:40"', "-e", 'ps "bash"', "-e",
      'analyse("iolatencystats", {}, "-1s", "end")', example)), out)
  end)

  it("raises what went wrong", function()
    assert.matches("^false\t%S+%.lua:2: invalid time 'xx': use 12:18:50.43, 2026%-11%-23 12:18:50, "
      .. "%+1s, %-2s, or ns since the Epoch\n$",
      run "print(pcall(function() lttnga.open(arg[1]):go 'xx' end))")
    assert.matches("^false\t%S+%.lua:5: the session is closed\n$", run [[
      local trace = lttnga.open(arg[1])
      trace:close()
      trace:close()
      print(pcall(trace.ps, trace))
    ]])
  end)

  it("takes options as the command line does", function()
    assert.equal("before the first event\n", run [[
      local trace = lttnga.open({ arg[1] }, { no_cache = true, reader = "babeltrace2", gmt = true,
        threads = 1, quiet = true })
      print(trace:now())
    ]])
    assert.matches(":2: open%(%): unknown option 'nocache' %(did you mean 'no_cache'%?%)\n$",
      run "print(pcall(lttnga.open, arg[1], { nocache = true }))")
    assert.matches(":2: reader: must be native or babeltrace2, not 'x'\n$",
      run "print(pcall(lttnga.open, arg[1], { reader = 'x' }))")
  end)
end)
