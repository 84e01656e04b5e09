--- One thread that decodes ahead of the other one: the result is the same.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"
local example = build .. "/example-trace"

--- Streams that take turns, each with many packets of many calls.
-- @tparam function call(cpu, packet, i) gives a call's name, and the fields of its entry and exit
local function trace_of(cpus, packets, calls, call)
  local streams = {}
  for cpu = 0, cpus - 1 do
    local stream = { cpu = cpu, packets = {} }
    for p = 1, packets do
      local packet = { { p * calls * 100000 + 50000 + cpu * 7, "sched_switch",
        { prev_tid = 0, next_tid = 10 + cpu, next_comm = "app" } } }
      for i = 1, calls do
        local at = (p * calls + i) * 100000 + cpu * 7
        local name, entry, exit = call(cpu, p, i)
        packet[#packet + 1] = { at, "syscall_entry_" .. name, entry }
        packet[#packet + 1] = { at + 5000, "syscall_exit_" .. name, exit }
      end
      stream.packets[p] = packet
    end
    streams[cpu + 1] = stream
  end
  return host.trace { streams = streams }
end

local function made()
  return trace_of(5, 20, 40, function(cpu, _, i)
    return "read", { fd = cpu, count = i }, { ret = i }
  end)
end

--- A trace of 19 MB, for which there is a second thread by itself, after a while.
local function large()
  local name = ("x"):rep(16000)
  return trace_of(2, 60, 10, function(cpu, p, i)
    return "openat", { dfd = -100, filename = ("/%d-%d-%d/%s"):format(cpu, p, i, name) },
      { ret = i + 2 }
  end)
end

describe("two threads", function()
  it("are used for large traces, when a part has been read", function()
    local folder = large()
    local one = host.run("iolog", "--no-cache", "--threads", "1", folder)
    local by_itself = host.run("iolog", "--no-cache", folder)
    assert.equal(one.err, by_itself.err)
    assert.is_true(#one.out > 19000000)
    assert.is_true(one.out == by_itself.out)
    local processors = host.shell("nproc").out:match "%d+"
    local result = host.run("--no-cache", "-e", [[
      local function threads()
        return tonumber(io.open "/proc/self/status":read "a":match "Threads:%s*(%d+)")
      end
      local first, last, all = session.ref.first, session.ref.last, {}
      go(first + (last - first) // 10)
      all[1] = threads()
      go "end"
      all[2] = threads()
      local events, whole = now().events, session:image()
      go "begin"
      run()
      assert(now().events == events and session:image() == whole)
      print(table.concat(all, " "))
    ]], folder)
    assert.equal(tonumber(processors) > 1 and "1 2\n" or "1 1\n", result.out, result.err)
  end)

  it("read the same as one", function()
    for _, folder in ipairs { example, made() } do
      local one = host.shell(("THREADS=1 %s/tests/dump native %s"):format(build, folder))
      local two = host.shell(("THREADS=2 %s/tests/dump native %s"):format(build, folder))
      assert.equal(0, two.status, two.err)
      assert.is_true(#one.out > 100000)
      assert.is_true(one.out == two.out)
    end
  end)

  it("analyse the same as one, with limits and windows", function()
    for _, options in ipairs { {}, { "--refresh", "500ms" },
        { "--timerange", "[15:36:38.5,15:36:39.5]" } } do
      local function run(threads)
        return host.run("iousagetop,iolog,cputop,irqstats", "--threads", threads, example,
          table.unpack(options))
      end
      local one, two = run("1"), run("2")
      assert.equal(0, two.status, two.err)
      assert.equal(one.out, two.out)
      assert.equal(one.err, two.err)
    end
  end)

  it("end with a script that fails, and with a number that is none", function()
    local script = host.script [[
      return require "lttnga.analysis" { title = "t",
        on = { io_end = function() error("no") end } }]]
    local result = host.run(script, "--threads", "2", example)
    assert.equal(1, result.status)
    assert.matches("script.lua:2: no", result.err)
    result = host.run("iolatencystats", "--threads", "3", example)
    assert.equal(2, result.status)
    assert.matches("%-%-threads: must be auto, 1 or 2, not '3'", result.err)
  end)
end)
