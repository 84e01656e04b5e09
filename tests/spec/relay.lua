--- A relay daemon for a test: tests/relay.py in the background, and what it is asked.
--
-- SPDX-License-Identifier: MIT

local assert = require "luassert"
local host = require "tests.spec.host"

local relay = {}

--- Relays that run, by port.
local running = {}

--- Starts a program that acts as a relay; returns its port.
local function start(program, ...)
  local port_file, log = host.path "port", host.path "relay-err"
  local words = { "python3", program, "--timeout 60 --port-file", port_file }
  for _, word in ipairs { ... } do
    words[#words + 1] = host.quote(tostring(word))
  end
  local started = host.shell(("%s >%s 2>&1 & echo $!; n=0; "
    .. "while [ ! -e %s ] && [ $((n += 1)) -lt 1000 ]; do sleep 0.02; done"):format(
    table.concat(words, " "), log, port_file))
  local pid = started.out:match "^%d+"
  local file <close> = assert(io.open(port_file), host.read(log))
  local port = file:read "n"
  running[port] = pid
  return port
end

--- Starts a relay with these options; returns its port. It ends with relay.stop_all(), or by itself
-- after a minute.
function relay.start(...)
  return start("tests/relay.py", ...)
end

--- The same, with one that repeats a recorded conversation.
function relay.replay(pcap)
  return start("tests/replay.py", pcap)
end

--- Ends a relay. A process that has ended has no command line, even if nobody has waited for it.
function relay.stop(port)
  local pid = running[port]
  host.shell(("kill %s; while grep -q . /proc/%s/cmdline; do sleep 0.02; done"):format(pid, pid))
  running[port] = nil
end

function relay.stop_all()
  for port in pairs(running) do
    relay.stop(port)
  end
end

--- The URL of a relay, or of a session there.
function relay.url(port, session)
  return ("net://127.0.0.1:%d%s"):format(port, session and "/host/box/" .. session or "")
end

--- Asserts that a result is one line on stderr and exit status 1.
function relay.assert_refused(result, words)
  assert.equal("", result.out)
  local line, more = result.err:match "^([^\n]*)\n(.*)$"
  assert.equal("", more, result.err)
  assert.truthy(line:find(words, 1, true), line)
  assert.equal(1, result.status)
end

return relay
