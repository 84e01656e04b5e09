--- The state of the model at a time: the same however it was reached, saved or not, and whatever
-- happens to the file that it was saved in.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- Runs Lua in a session; what it prints.
local function session(code, trace, ...)
  local result = host.run("-i", host.script(code, "session.lua"), trace or example, "-e", "", ...)
  assert.equal(0, result.status, result.err)
  return result.out, result.err
end

--- The only file below a folder.
local function saved_in(folder)
  local result = host.shell(("ls -A %s"):format(folder))
  return folder .. "/" .. assert(result.out:match("^(%S+)\n$"), result.out)
end

--- A folder in which the states of a trace are saved.
local function index(trace)
  local folder = host.path("cache")
  local result = host.run("index", "--cache", folder, trace or example)
  assert.equal(0, result.status, result.err)
  assert.equal("", result.err)
  return folder, saved_in(folder), result.out
end

describe("the state at a time", function()
  it("is the same from the beginning, from a saved state, and backwards", function()
    local folder = index()
    local out = session([[
      local host = require "lttnga.host"
      local first, last = session.ref.first, session.ref.last
      assert(session.checkpoints:info().complete and session.checkpoints:info().count > 5)
      math.randomseed(5)
      local backward = {}
      for i = 1, 40 do
        local time = first + (last - first) * i // 40 - math.random(0, (last - first) // 50)
        go(time)
        local here = session:image()
        -- Another one that has no saved states.
        local other = assert(host.open(session.paths, { threads = i % 2 + 1 })):session {}
        other:run { time = time }
        assert(other:image() == here, time)
        assert(select(2, other:now()) == now().events)
        backward[i] = { time, here, now().events }
      end
      for i = 40, 1, -1 do
        go(backward[i][1])
        assert(session:image() == backward[i][2])
        assert(now().events == backward[i][3])
      end
      print "same"
    ]], example, "--cache", folder)
    assert.equal("same\n", out)
  end)

  it("is the same by number of the event, forward and back", function()
    local out = session [[
      go "begin"
      local images = {}
      for i = 1, 30 do
        step(97)
        images[i] = session:image()
        assert(now().events == 97 * i)
      end
      for i = 29, 1, -1 do
        back(97)
        assert(session:image() == images[i], i)
      end
      step(97 * 2 - 1)
      step()
      assert(session:image() == images[3])
      go "end"
      local events, whole = now().events, session:image()
      back(1000)
      run()
      assert(now().events == events and session:image() == whole and now().ended)
      print "same"
    ]]
    assert.equal("same\n", out)
  end)

  it("is the same after an error of a hook", function()
    local code = [[
      go "end"
      go(now().events // 2)
      local n, image, count = now().events, session:image(), 0
      local ok, message = pcall(until_, "io_end", function(duration)
        count = count + 1
        return count == 20 and duration.oops
      end)
      assert(not ok and tostring(message):find "attempt to index a number value", message)
      local m, here = now().events, session:image()
      assert(m > n and now().events == m)
      go "begin"
      go(m)
      assert(session:image() == here)
      go(n)
      assert(session:image() == image)
      print "same"
    ]]
    assert.equal("same\n", session(code))
    assert.equal("same\n", session(code, example, "--reader", "babeltrace2"))
  end)

  it("is the same whichever reader there is", function()
    local code = [[
      for i = 1, 5 do
        go(session.ref.first + (session.ref.last - session.ref.first) * i // 6)
        print(#ps(), #inflight(), #cpus(), now().time, now().events)
        for _, one in ipairs(threads()) do
          print(one.tid, one.pid, one.procname, one.state, one.since, one.syscall, one.fds)
        end
      end
      go "begin"
      print(now().events, #threads())
    ]]
    local native, message = session(code)
    local other = session(code, example, "--reader", "babeltrace2")
    assert.equal("", message)
    assert.equal(native, other)
  end)

  it("is found by an event that one looks for, in both directions", function()
    local out = session [[
      local ends = {}
      local _, w = session:run { begin = function(w) w.n = 0 end, on = {
        io_end = function(w, time, duration)
          if duration > 300000 then
            w.n = w.n + 1
            ends[w.n] = time
          end
        end } }
      assert(w.n == #ends and #ends > 3, #ends)
      local function slow(duration) return duration > 300000 end
      for i = 1, #ends do
        local place = until_("io_end", slow)
        assert(place.time == ends[i] and place.event.time == ends[i], i)
        assert(place.event.event_name == "io_end")
      end
      assert(until_("io_end", slow).event == nil)
      assert(now().ended)
      for i = #ends, 1, -1 do
        local place = back_until("io_end", slow)
        assert(place.time == ends[i] and place.event.time == ends[i], i)
      end
      assert(not pcall(back_until, "io_end", slow))
      assert(now().time == ends[1])
      -- A raw event, by its own fields.
      local place = until_("sched_switch", function(next_comm, time)
        return next_comm ~= "swapper/0" and time > ends[2]
      end)
      assert(place.event.event_name == "sched_switch" and place.time > ends[2])
      print "found"
    ]]
    assert.equal("found\n", out)
  end)

  it("costs memory once, however often raw events are looked for", function()
    if (os.getenv "SANITIZE" or "") ~= "" then
      pending("the sanitizers keep what is freed")
    end
    local out = session([[
      local function resident()
        return tonumber(io.open "/proc/self/status":read "a":match "VmRSS:%s*(%d+)")
      end
      for _ = 1, 5 do
        until_ "sched_switch"
      end
      local before = resident()
      for _ = 1, 60 do
        until_ "sched_switch"
      end
      print((resident() - before) // 1024 < 20, resident() - before)
    ]], example, "--no-cache")
    assert.matches("^true", out)
  end)
end)

describe("an analysis of a part of a trace", function()
  local names = "cputop,iolatencystats,iousagetop,irqstats,memtop,schedstats,syscallstats,pageflush"
  local begin = session("print(session.ref.first + (session.ref.last - session.ref.first) // 2)")
    :match "%d+"

  local function analyse(...)
    return host.run(names, "--begin", begin, example, ...)
  end
  local expected = analyse("--no-cache")

  --- Checks that an analysis gives what it should; returns what it says beside.
  local function check(folder)
    local result = analyse("--cache", folder)
    assert.equal(0, result.status, result.err)
    assert.equal(expected.out, result.out)
    return result.err
  end

  it("is the same from a saved state", function()
    assert.equal(0, expected.status)
    local folder, path, told = index()
    assert.matches("^saved %d+ states of %d+ events %(.-%) in " .. path:gsub("%p", "%%%0") .. "\n$",
      told)
    assert.equal(expected.err, check(folder))
    local again = host.run("index", "--cache", folder, example)
    assert.matches("^already saved: %d+ states", again.out)
    assert.matches("Saved states +%d+", host.run("info", "--cache", folder, example).out)
    assert.matches("%-rw%-%-%-%-%-%-%-", host.shell("ls -l " .. path).out)
  end)

  it("is the same for analyses that want a part of the state only", function()
    local folder = index()
    for _, name in ipairs { "iolatencystats", "iolog", "cputop", "schedstates", "irqstats",
        "memtop", "dirtytop", "writeback" } do
      local whole = host.run(name, "--begin", begin, "--no-cache", example)
      local part = host.run(name, "--begin", begin, "--cache", folder, example)
      assert.equal(0, part.status, part.err)
      assert.is_true(#whole.out > 100)
      assert.equal(whole.out, part.out)
      assert.equal(whole.err, part.err)
    end
  end)

  it("tells the texts apart that the saved state has", function()
    local ms = 1000000
    local streams = {}
    -- Two processes, whose files were open before.
    for cpu = 0, 1 do
      local events = { cpu = cpu, { ms + cpu, "sched_switch", { prev_tid = 0,
        next_tid = 10 + cpu, next_comm = "app" .. cpu } } }
      local function call(at, name, entry, ret)
        events[#events + 1] = { at, "syscall_entry_" .. name, entry }
        events[#events + 1] = { at + 9, "syscall_exit_" .. name, { ret = ret } }
      end
      call(2 * ms + cpu * 100, "openat", { dfd = -100, filename = "/file" .. cpu }, 3)
      for i = 3, 400 do
        call(i * ms + cpu * 100, "read", { fd = 3, count = 100 }, 10)
      end
      streams[cpu + 1] = { cpu = cpu, packets = {} }
      -- Small packets, so that there are places for checkpoints.
      for i = 1, #events, 50 do
        local packet = table.move(events, i, math.min(i + 49, #events), 1, {})
        table.insert(streams[cpu + 1].packets, packet)
      end
    end
    local trace = host.trace { streams = streams }
    local folder = index(trace)
    local count = session("print(session.checkpoints:info().count)", trace, "--cache", folder)
    assert.is_true(tonumber(count) > 1, count)
    local out = {}
    for i, cache in ipairs { "--no-cache", "--cache=" .. folder } do
      local result = host.run("iolog,iousagetop:--per-tid", "--gmt", "--begin", "00:00:00.300",
        cache, trace)
      assert.equal(0, result.status, result.err)
      out[i] = result.out
    end
    assert.matches("app1 +%? +11 +/file1 %(fd=3%)", out[1])
    assert.equal(out[1], out[2])
  end)

  it("is the same for a session", function()
    local out = session(([[
      local t = analyse("iolatencystats", {}, %s)
      print(t[1].id, t[1].columns[1], t[1].rows[1][2])
      print(getmetatable(t).__pretty())
    ]]):format(begin))
    local table_of = host.run("iolatencystats", "--begin", begin, example).out
    assert.equal(table_of, out:match "^[^\n]*\n(.*)$")
    assert.matches("^syscall%-latency%-stats\tType\t%d+\n", out)
  end)

  it("is right whatever is wrong with the file", function()
    local folder, path = index()
    local bytes = host.read(path)
    local function write(text)
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
    end
    local told = 0
    math.randomseed(11)
    for i = 1, 60 do
      local at = i <= 20 and math.random(1, 200) or math.random(1, #bytes)
      if i % 3 == 0 then
        write(bytes:sub(1, at))
      else
        write(bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ (1 << math.random(0, 7)))
          .. bytes:sub(at + 1))
      end
      local err = check(folder)
      told = told + (err:find("note: ", 1, true) and 1 or 0)
    end
    -- Damage in a state that is not needed is not seen.
    assert.is_true(told >= 25, told)
    -- A file of another version: its header is as it should be otherwise.
    local length = ("<I4"):unpack(bytes, 9)
    local header = bytes:sub(45, 44 + length)
    local place = header:find("%d+%-%d+") -- what stands for the sources of the model
    header = header:sub(1, place - 1) .. (header:byte(place) == 49 and "2" or "1")
      .. header:sub(place + 1)
    local sum = host.shell("sha256sum " .. host.write(header, "header")).out:sub(1, 64)
    write(bytes:sub(1, 12) .. sum:gsub("%x%x", function(hex)
      return string.char(tonumber(hex, 16))
    end) .. header .. bytes:sub(45 + length))
    assert.matches("note: .- it was saved by another version of lttnga", check(folder))
    -- It has been thrown away.
    assert.equal(expected.err, check(folder))
    write(bytes .. "more")
    assert.matches("note: .- it is incomplete", check(folder))
    -- What is not ours stays as it is, and is not replaced.
    for _, text in ipairs { "", "my letters to grandma" } do
      write(text)
      assert.matches("note: .- are ignored: .- it is not a file of saved states", check(folder))
      local refused = host.run("index", "--cache", folder, example)
      assert.equal(1, refused.status)
      assert.matches("a file that lttnga did not write is in the way", refused.err)
      assert.equal(text, host.read(path))
    end
    os.remove(path)
    assert.equal(expected.err, check(folder))
    host.shell(("mkdir -p %s/x"):format(path))
    assert.matches("note: .- it is not a file of saved states", check(folder))
    local result = host.run("index", "--cache", folder, example)
    assert.equal(1, result.status)
    assert.matches("cannot be saved", result.err)
    -- One that can't be read may be good.
    host.shell(("rm -r %s; ln -s %s %s"):format(path, path, path))
    assert.matches("note: .- are ignored: .-symbolic links", check(folder))
    assert.matches(" are ignored: ", check(folder))
  end)

  it("can be had of a trace too short for a state", function()
    local trace = host.small_trace()
    local folder = index(trace)
    local result = host.run("index", "--cache", folder, trace)
    assert.equal("", result.err)
    assert.matches("^already saved: 0 states of %d+ events", result.out)
  end)

  it("does not believe the states of another trace", function()
    local other = host.small_trace()
    local folder, path = index(other)
    local own_folder, own = index()
    host.shell(("cp %s %s"):format(path, own))
    assert.matches("note: .- it belongs to another trace, or the trace has changed",
      check(own_folder))
    -- It has been thrown away. Rebuilt, and good again.
    host.shell(("cp %s %s"):format(path, own))
    local result = host.run("index", "--cache", own_folder, example)
    assert.equal(0, result.status)
    assert.matches("note: ", result.err)
    assert.equal(expected.err, check(own_folder))
    assert.is_truthy(folder)
  end)

  it("is the same while others write, and are killed", function()
    local folder = host.path("cache")
    local command = ("%s/lttnga-run index --cache %s %s"):format(build, folder, example)
    host.shell(("for i in 1 2 3 4; do %s & done; wait"):format(command))
    assert.equal(expected.err, check(folder))
    local path = saved_in(folder)
    for i = 1, 12 do
      host.shell(("rm -f %s; timeout -s KILL 0.%02d %s"):format(path, 1 + i, command))
      assert.equal(expected.err, check(folder))
    end
  end)

  it("needs no place to save to", function()
    for _, place in ipairs { "/dev/null/x", "/proc/nowhere" } do
      assert.equal(expected.err, check(place))
      local result = host.run("index", "--cache", place, example)
      assert.equal(1, result.status)
      assert.equal("", result.out)
      assert.matches("cannot be saved: ", result.err)
    end
  end)
end)
