--- Relay daemons and live sessions: listing them, against tests/relay.py.
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
