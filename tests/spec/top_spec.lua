--- lttnga-top, with a program in place of lttnga-record that serves a recorded trace.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local relay = require "tests.spec.relay"

local build = os.getenv "BUILD" or "build"
local root = host.shell("pwd").out:match "[^\n]+"

--- A folder with lttnga-top, lttnga-run, and an lttnga-record that is this script.
local function install(record)
  local folder = host.path "bin"
  local built = build:find "^/" and build or root .. "/" .. build
  assert.equal("", host.shell(("mkdir %s && ln -s %s/record/lttnga-top %s/lttnga-run %s/"):format(
    folder, root, built, folder)).err)
  local path = folder .. "/lttnga-record"
  local file <close> = assert(io.open(path, "w"))
  file:write("#!/bin/sh\n", record)
  assert.equal("", host.shell("chmod +x " .. path).err)
  return folder
end

--- Serves the sample trace as the session that it is asked for, until it is told to end.
local SERVE = ([[
echo "$@" >"$LOG"
trap 'kill $relay; echo ended >>"$LOG"; exit 0' TERM
cd %s
python3 tests/relay.py --timeout 60 --port 5344 --stay --hostname "$(uname -n)" --session "$3" \
  %s/example-trace &
relay=$!
wait
]]):format(root, build)

local function is_port_free()
  local result = host.shell("python3 -c 'import socket; "
    .. "socket.create_server((\"127.0.0.1\", 5344))'")
  return result.status == 0
end

describe("lttnga-top", function()
  it("records a session, shows it, and ends it", function()
    if not is_port_free() then
      pending "port 5344 of this machine is in use"
      return
    end
    local folder, log = install(SERVE), host.path "log"
    local result = host.shell(("LOG=%s %s/lttnga-top --analyses cputop,iousagetop --refresh 1 -- "
      .. "--count 2 --limit 1"):format(log, folder))
    assert.equal(0, result.status, result.err)
    local _, tables = result.out:gsub("Per%-TID Usage", "")
    assert.equal(2, tables)
    assert.matches("^%-%-live %-%-session lttnga%-top%-%d+\nended\n$", host.read(log))
  end)

  it("shows a session that is being recorded", function()
    local folder = install "exit 1\n"
    local port = relay.start("--once", "--session", "s", "--hostname", "box",
      build .. "/example-trace")
    local result = host.shell(("%s/lttnga-top -a cputop -d 1 %s"):format(folder,
      relay.url(port, "s")))
    relay.stop_all()
    assert.equal("", result.err)
    assert.equal(host.run_as_is("cputop", "--refresh", "1", "--no-intersection", "--no-cache",
      build .. "/example-trace").out, result.out)
  end)

  it("says why nothing can be recorded", function()
    local folder = install "echo 'lttnga-record: no kernel tracer' >&2; exit 1\n"
    local result = host.shell(folder .. "/lttnga-top")
    assert.equal(1, result.status)
    assert.equal("", result.out)
    assert.matches("^  lttnga%-record: no kernel tracer\nlttnga%-top: cannot record a live session",
      result.err)
  end)

  it("refuses what it does not understand", function()
    for words, message in pairs {
      ["--nosuch"] = "unknown option --nosuch", ["-d"] = "-d needs a value",
      ["net://a/host/b/c net://d"] = "only one session can be shown: net://d",
    } do
      local result = host.shell("record/lttnga-top " .. words)
      assert.equal(2, result.status)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)
end)
