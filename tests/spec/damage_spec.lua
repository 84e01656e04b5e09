--- Damaged traces: a wrong result is never shown as if it were one. The native reader leaves out
-- what is damaged, and says so; libbabeltrace2 reads some damage without a word, or does not
-- survive it, and what we find ends the run.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local ms = 1000000

local function trace()
  local events = { cpu = 3,
    { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
  for i = 1, 9 do
    events[#events + 1] = { 10 * i * ms, "syscall_entry_read", { fd = 0, count = 1 } }
    events[#events + 1] = { 10 * i * ms + 1000, "syscall_exit_read", { ret = 1 } }
  end
  return host.trace { streams = { events } }
end

local function stream_file(folder)
  local names = host.shell("ls " .. folder).out
  return folder .. "/" .. names:gsub("metadata", ""):match("%S+")
end

--- Puts `after` in the place of `before`, which must be there just once.
local function replace(path, before, after)
  local data = host.read(path)
  local at, to = data:find(before, 1, true)
  assert.is_truthy(at)
  assert.is_nil(data:find(before, to + 1, true))
  local file = assert(io.open(path, "w"))
  file:write(data:sub(1, at - 1), after, data:sub(to + 1))
  file:close()
end

local function fails(pattern, ...)
  local result = host.run("iolatencystats", "--reader", "babeltrace2", ...)
  assert.equal(1, result.status)
  assert.equal("", result.out)
  assert.matches("^lttnga%-run: [^\n]*\n$", result.err)
  assert.matches(pattern, result.err)
end

--- The native reader gives a result, and one warning that matches, besides that of lost packets.
local function warns(pattern, ...)
  local result = host.run("iolatencystats", "--reader", "native", ...)
  assert.equal(0, result.status, result.err)
  assert.matches("Syscalls latency statistics", result.out)
  assert.matches("warning: 1 packet of CPU 3 is damaged; the rest of it is skipped: [^\n]*"
    .. pattern, result.err)
  assert.matches("CPU 3: 1 packet lost between 00:00:00%.0%d+ and 00:00:00%.090001000",
    result.err)
  return result.out
end

describe("a stream whose time", function()
  it("goes beyond its end is damaged", function()
    local folder = trace()
    replace(stream_file(folder), ("<i8"):pack(30 * ms), ("<i8"):pack(30000 * ms))
    fails("stream of CPU 3 of .*: damaged: an event is 29%.90.* after the end"
      .. ".*; the last event before that was at", folder)
    local out = warns(", byte %d+: an event is later than the end of its packet", folder)
    -- The first two calls are before it.
    assert.matches("Read +2 ", out)
  end)

  it("goes back is damaged", function()
    local folder = trace()
    replace(stream_file(folder), ("<i8"):pack(30 * ms), ("<i8"):pack(5 * ms))
    fails("damaged: time goes back by 0%.015", folder)
    assert.matches("Read +2 ", warns(", byte %d+: time goes back", folder))
  end)

  it("is beyond 64 bits is damaged", function()
    local folder = trace()
    replace(stream_file(folder), ("<i8"):pack(30 * ms), ("<i8"):pack(-2))
    fails("cannot continue reading the stream of CPU 3", folder)
    warns(", byte %d+: a timestamp is out of range", folder)
  end)
end)

describe("in the folder of a trace", function()
  it("a file that is no stream is named", function()
    local folder = trace()
    os.execute("echo hello >" .. folder .. "/notes.txt")
    fails("/notes%.txt is not a stream of events", folder)
    local result = host.run("iolatencystats", folder)
    assert.equal(0, result.status)
    assert.matches("^lttnga%-run: note: [^\n]*/notes%.txt is ignored: not a stream", result.err)
    assert.matches("Read +9 ", result.out)
  end)

  it("a stream of a few bytes is damage", function()
    local folder = trace()
    os.execute("truncate -s 40 " .. stream_file(folder))
    fails("cannot read .*%(a stream is truncated%)", folder)
    local result = host.run("iolatencystats", folder)
    assert.equal(1, result.status)
    assert.matches("contains no events", result.err)
  end)

  it("metadata may be no file at all", function()
    local folder = host.path("pipe")
    os.execute(("mkdir %s && mkfifo %s/metadata"):format(folder, folder))
    fails("metadata: not a regular file", folder)
  end)

  it("metadata may be such that the library crashes: a line says so", function()
    local folder = host.path("clock")
    host.shell(("cp -r %s/example-trace %s && sed -i 's/freq = /breq = /' %s/kernel/metadata")
      :format(os.getenv("BUILD") or "build", folder, folder))
    local result = host.run("iolatencystats", "--reader", "babeltrace2", folder)
    assert.equal("", result.out)
    -- libbabeltrace2 2.0.4 divides by the frequency; one that looks at it would refuse the trace.
    if result.status ~= 1 then
      assert.equal(128 + 8, result.status)
      assert.matches("lttnga%-run: crashed while reading the trace, which may be damaged\n",
        result.err)
    else
      assert.matches("^lttnga%-run: cannot read", result.err)
    end
    -- It has no word to say about it: a clock without a frequency ticks in ns.
    assert.equal(0, host.run("iolatencystats", folder).status)
  end)

  it("a folder that can't be read is left out", function()
    local folder = host.path("session")
    os.execute(("mkdir %s && cp -r %s %s/kernel && mkdir -m 000 %s/lost+found"):format(
      folder, trace(), folder, folder))
    -- Root reads everything; then there is nothing to see.
    if host.shell("ls " .. folder .. "/lost+found").status ~= 0 then
      local result = host.run("iolatencystats", folder)
      assert.equal(0, result.status, result.err)
      assert.matches("lost%+found.*: Permission denied %(ignored%)", result.err)
    end
    os.execute("chmod 700 " .. folder .. "/lost+found")
  end)
end)

describe("of several traces", function()
  it("the damaged one is named", function()
    local good, bad = trace(), trace()
    replace(stream_file(bad), ("<i8"):pack(30 * ms), ("<i8"):pack(5 * ms))
    fails("cannot continue reading the stream of CPU 3 of " .. bad:gsub("%p", "%%%0") .. ":",
      good, bad)
    warns(bad:gsub("%p", "%%%0") .. "/", good, bad)
  end)
end)
