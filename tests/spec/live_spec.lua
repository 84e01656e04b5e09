--- Relay daemons and live sessions: listing them, and copying them to the disk. The relay is
-- tests/relay.py.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"
local relay = require "tests.spec.relay"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local is_sanitized = (os.getenv "SANITIZE" or "") ~= ""

--- Memory that a hostile relay leaves us: sanitizers reserve all that there is.
local bounded = is_sanitized and "" or "ulimit -v 600000; "

--- What relays answer that is not of the protocol, and what is wrong with it.
local hostile = {
  sessions = "number of sessions 4294967295", garbage = "not of the viewer protocol",
  silent = "does not answer", slow = "does not answer", major = "major version 9",
  ["name-length"] = "a name of length 4294967295",
}

local hostile_to_spools = {
  streams = "number of streams 4294967295", metadata = "metadata of length 9223372036854775808",
  ["endless-metadata"] = "it is above 64 MiB",
  ["packet-size"] = "size in bits is 9223372036854775808",
  ["packet-length"] = "length 4294967295", ["packet-longer"] = "a part of a packet of length",
  ["empty-packets"] = "size in bits is 0", backwards = "ends before it begins",
  garbage = "not of the viewer protocol", ["unknown-status"] = "status 99",
  silent = "does not answer", slow = "does not answer",
}

local function list(...)
  return host.run_as_is("list", ...)
end

--- The sessions that are listed, as JSON has them.
local function rows(...)
  local result, found = list("--output", "json", ...), {}
  assert.equal(0, result.status, result.err)
  for line in result.out:gmatch "[^\n]+" do
    found[#found + 1] = assert(json.decode(line))
  end
  return found, result
end

describe("lttnga-run list", function()
  after_each(relay.stop_all)

  it("lists sessions as text", function()
    local port = relay.start("--hostname", "box", "--session", "web", "--session", "a b",
      "--timer", "250000", example, host.small_trace())
    local result = list(relay.url(port))
    assert.equal("", result.err)
    assert.equal(([[
Live sessions
Session                             Live timer  Streams  Viewers
----------------------------------------------------------------
net://127.0.0.1:%d/host/box/web  250.000 ms        3        0
net://127.0.0.1:%d/host/box/a b  250.000 ms        2        0
]]):format(port, port), result.out)
  end)

  it("lists them for programs", function()
    for minor, ctf in pairs { [4] = false, [13] = false, [15] = 1, [99] = 1 } do
      local port = relay.start("--minor", minor, "--hostname", "box", "--session", "web", "--busy",
        example)
      local found = rows(relay.url(port))
      assert.same({ { table = "Live sessions", session = relay.url(port, "web"),
        live_timer = 1000000000, streams = 3, viewers = 1, hostname = "box", name = "web",
        ctf = ctf or nil } }, found)
      local csv = host.csv(list("--output", "csv", relay.url(port)).out)
      assert.equal(relay.url(port, "web"), csv[2][2])
    end
  end)

  it("lists one session that is named", function()
    local port = relay.start("--session", "a", "--session", "b", example, example)
    assert.equal("b", rows(relay.url(port, "b"))[1].name)
    local result = list(relay.url(port, "c"))
    assert.equal(("lttnga-run: note: relay 127.0.0.1:%d has no live session of that name\n")
      :format(port), result.err)
    assert.equal("", result.out)
    assert.equal(0, result.status)
  end)

  it("reports that there is no session", function()
    local port = relay.start()
    local found, result = rows(relay.url(port))
    assert.same({}, found)
    assert.equal(("lttnga-run: note: relay 127.0.0.1:%d has no live session\n"):format(port),
      result.err)
  end)

  it("reads names of any length, and shows no control characters", function()
    local name = ("x"):rep(1000)
    local port = relay.start("--minor", "15", "--session", name, example)
    assert.equal(name, rows(relay.url(port))[1].name)
    port = relay.start("--hostile", "names", example)
    local result = list(relay.url(port))
    assert.equal("", result.err)
    assert.truthy(result.out:find([[/host/\x1b[31mred\x07xxxx]], 1, true), result.out)
    assert.falsy(result.out:find "[\x1b\x07]")
  end)

  it("reads answers that come byte by byte", function()
    local port = relay.start("--cut", "1", "--session", "a", "--session", "b", example, example)
    assert.equal(2, #rows(relay.url(port)))
  end)

  it("reports a relay that is not there, in one line", function()
    local port = relay.start(example)
    relay.stop(port)
    relay.assert_refused(list(relay.url(port)),
      ("lttnga-run: cannot connect to relay 127.0.0.1:%d: Connection refused"):format(port))
    relay.assert_refused(list(("net6://[::1]:%d"):format(port)),
      ("cannot connect to relay [::1]:%d: "):format(port))
  end)

  it("refuses what is no URL of a relay", function()
    for _, words in ipairs { {}, { "box" }, { "net://box:0" }, { "net://box/host/a" },
      { "net://a", "net://b" }, { "net://::1" } } do
      local result = list(table.unpack(words))
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.truthy(result.err:find "net://HOST" or result.err:find(words[1], 1, true), result.err)
    end
  end)

  it("stops waiting at Ctrl-C", function()
    local port = relay.start("--hostile", "silent", example)
    local result = host.shell(("%s/lttnga-run list %s & sleep 1; kill -INT $!; wait $!"):format(
      build, relay.url(port)))
    assert.equal("lttnga-run: interrupted; no results\n", result.err)
    assert.equal(130, result.status)
  end)

  it("reports a connection that is closed", function()
    local port = relay.start("--drop-after", "1", example)
    relay.assert_refused(list(relay.url(port)),
      ("relay 127.0.0.1:%d closed the connection"):format(port))
  end)

  for kind, words in pairs(hostile) do
    it("refuses a hostile relay: " .. kind, function()
      local port = relay.start("--hostile", kind, "--minor", kind == "name-length" and 15 or 13,
        example)
      local begin = os.time()
      relay.assert_refused(host.shell(("%s %s/lttnga-run list %s"):format(bounded, build,
        relay.url(port))), words)
      assert.is_true(os.time() - begin <= 5)
    end)
  end
end)

--- Copies a session with tests/spool. Returns the result, and the folder.
local function spool(port, how)
  local folder = host.path "spool"
  return host.shell(("%s %s/tests/spool %s %s %s"):format(bounded, build, relay.url(port, "s"),
    folder, how or "")), folder
end

--- Starts a relay with a session, and copies that.
local function copy(trace, ...)
  return spool(relay.start("--session", "s", "--once", trace, ...))
end

--- Asserts that a copy has the files of a trace: all bytes of metadata and of streams.
local function assert_same_files(trace, result, folder)
  assert.equal("", result.err)
  assert.equal(0, result.status)
  local compared = host.shell(("diff -r --exclude=index %s %s"):format(trace, folder))
  assert.equal("", compared.out .. compared.err)
end

--- All that a reader makes of a trace.
local function dump(folder)
  local result = host.shell(("%s/tests/dump native %s"):format(build, folder))
  assert.equal(0, result.status, result.err)
  return (result.out:gsub("^(trace 0: )%S+", "%1"))
end

--- The bytes that a result of spool reports, and those of the files.
local function sizes(result, folder)
  local reported, found = {}, {}
  for file, size in result.out:gmatch "([^\n]+): %d+ packets, (%d+) bytes" do
    reported[#reported + 1] = tonumber(size) > 0 and file .. " " .. size or nil
  end
  local files = host.shell(("find %s -type f ! -name metadata -printf '%%p %%s\n'"):format(folder))
  for line in files.out:gmatch "[^\n]+" do
    found[#found + 1] = line
  end
  table.sort(reported)
  table.sort(found)
  return reported, found
end

describe("a spool", function()
  after_each(relay.stop_all)

  it("has what was recorded, to the byte", function()
    for _, trace in ipairs { example, host.small_trace(), host.real_trace "ust-and-kernel" } do
      assert_same_files(trace, copy(trace))
      assert_same_files(trace, copy(trace, "--minor", 15))
    end
  end)

  it("has it at the pace of the recording, too", function()
    assert_same_files(example, copy(example, "--speed", 20, "--timer", 100000))
    assert_same_files(example, copy(example, "--speed", 20, "--late-streams"))
  end)

  it("has it whatever pieces it comes in", function()
    assert_same_files(example, copy(example, "--cut", 4096))
    assert_same_files(example, copy(example, "--cut", 7, "--max-packet", 100000))
    local small = host.small_trace()
    assert_same_files(small, copy(small, "--cut", 1, "--max-packet", 1))
  end)

  it("has it with beacons, retries and streams in twenty orders", function()
    local trace = host.real_trace "ust-and-kernel"
    for seed = 1, 20 do
      local also = seed % 2 == 0 and "--late-streams" or "--minor=4"
      assert_same_files(trace, copy(trace, "--seed", seed, also))
    end
  end)

  it("can be read when metadata comes in pieces, and when streams have several files", function()
    local result, folder = copy(example, "--split-metadata", 3000, "--late-streams", "--seed", 1)
    assert.equal("", result.err)
    assert.equal(dump(example), dump(folder))
    local trace = host.real_trace "vim-sync"
    result, folder = copy(trace)
    assert.equal("", result.err)
    assert.equal(dump(trace), dump(folder))
  end)

  it("can start with what is recorded from now on", function()
    local all = copy(example, "--elapsed", 2).out
    local port = relay.start("--session", "s", "--elapsed", 2, "--speed", 50, example)
    local result, folder = spool(port, "last")
    assert.equal(0, result.status, result.err)
    local some, found = sizes(result, folder)
    assert.same(some, found)
    assert.truthy(#all > 0 and result.out ~= all)
  end)

  it("copies CTF 2 if the relay speaks 2.15, and is refused otherwise", function()
    local ctf = require "tests.spec.ctf"
    local event = { id = 0, name = "e", fields = ctf.struct { { "n", ctf.u(32) } } }
    local trace = ctf.write({
      streams = { { id = 0, events = { event } } },
      files = { { "chan_0", stream = 0, instance = 0, cpu = 0, packets = {
        { from = 1, to = 9, { 2, "e", { n = 1 } } }, { from = 10, to = 20, { 12, "e", { n = 2 } } },
      } } },
    }, "json")
    local result, folder = copy(trace, "--minor", 15)
    assert_same_files(trace, result, folder)
    relay.assert_refused(copy(trace), "session s: the relay has no such session")
  end)

  it("has whole packets when the connection is lost, and goes on over a new one", function()
    local small, answers, is_whole = host.small_trace(), 0, false
    while not is_whole do
      answers = answers + 1
      local port = relay.start("--session", "s", "--drop-after", answers, small)
      local result, folder = spool(port)
      is_whole = result.status == 0
      assert.same(sizes(result, folder))
      assert.equal(is_whole and "" or ("relay 127.0.0.1:%d closed the connection\n"):format(port),
        result.err)
      relay.stop(port)
    end
    assert.is_true(answers > 8)
    for after = 5, 20, 5 do
      local port = relay.start("--session", "s", "--drop-after", after, "--drops", 3, "--seed",
        after, example)
      assert_same_files(example, spool(port, "retry"))
      relay.stop(port)
    end
  end)

  it("has what a real relay sent to a viewer that attached before there were streams", function()
    local port, folder = relay.replay "tests/traces/live.pcap.xz", host.path "spool"
    assert.equal("live-kernel", rows(relay.url(port))[1].name)
    local result = host.shell(("%s/tests/spool %s/host/labguest/live-kernel %s"):format(build,
      relay.url(port), folder))
    assert.equal("", result.err)
    assert.equal(([[
%s/kernel/chan_0: 31 packets, 991232 bytes
%s/kernel/chan_1: 31 packets, 1286144 bytes
]]):format(folder, folder), result.out)
    assert.equal("46915\n", host.shell(("babeltrace2 %s | wc -l"):format(folder)).out)
  end)

  it("is refused while another viewer is attached", function()
    relay.assert_refused(copy(example, "--busy"), "session s: another viewer is attached")
  end)

  for kind, words in pairs(hostile_to_spools) do
    it("is nothing that a hostile relay can harm: " .. kind, function()
      local begin = os.time()
      local result, folder = copy(example, "--hostile", kind)
      assert.equal(1, result.status)
      assert.truthy(result.err:find(words, 1, true), result.err)
      assert.equal(1, select(2, result.err:gsub("\n", "")))
      assert.is_true(os.time() - begin <= 5)
      assert.same(sizes(result, folder))
    end)
  end
end)
