--- Flight recorder and archives of lttnga-record.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local recorder = require "tests.spec.recorder"

local shell, bin, files, lines_of = recorder.shell, recorder.bin, recorder.files, recorder.lines_of
local command_for, without_buffers = recorder.command_for, recorder.without_buffers
local record, record_until, calls_for = recorder.record, recorder.record_until, recorder.calls_for
local plain = recorder.plain

--- A folder that comes first in PATH, with a sleep that is no longer than 0.05 s.
local function short_sleep()
  local folder = host.path("bin")
  files(folder, { sleep = "#!/bin/sh\nexec /bin/sleep 0.05\n" })
  shell("chmod +x " .. folder .. "/sleep")
  return folder .. ":" .. bin .. ":" .. os.getenv("PATH")
end

--- The calls without those that come by the clock.
local function without(calls, name)
  local rest, found = {}, 0
  for _, call in ipairs(calls) do
    if call:find(name, 1, true) then
      found = found + 1
    else
      rest[#rest + 1] = call
    end
  end
  return rest, found
end

--- The calls of a flight recorder's session: between start and end, and at the end.
local function snapshots_for(between, options)
  local calls = calls_for("s", { create = "lttng create s --snapshot --output=/nowhere/trace",
    channel = "lttng enable-channel --kernel --session=s --overwrite --subbuf-size=16M " ..
      "--num-subbuf=8 lttnga" })
  local snapshot = "lttng snapshot record --session=s" .. (options or "")
  table.insert(calls, #calls, snapshot)
  for i = 1, between do
    table.insert(calls, 9 + 3 * i - 2, "lttng stop s")
    table.insert(calls, 9 + 3 * i - 1, snapshot)
    table.insert(calls, 9 + 3 * i, "lttng start s")
  end
  return calls
end

describe("lttnga-record --snapshot", function()
  it("takes one at the end", function()
    local result = record(plain .. "--snapshot -- sh -c 'exit 7'")
    assert.same(snapshots_for(0), result.calls)
    assert.equal("", result.err)
    assert.equal(7, result.status)
    assert.same(snapshots_for(0, " --max-size=64M"),
      record(plain .. "--snapshot --max-size 64M -- true").calls)
    result = record_until("INT", plain .. "--snapshot")
    assert.same(snapshots_for(0), result.calls)
    assert.equal(0, result.status)
  end)

  it("takes one when it is asked to", function()
    local command, calls = command_for(plain .. "--snapshot")
    local err = host.path("err")
    -- Once for each signal, even if they come at the same place.
    local result = host.shell(([[%s 2>%s & pid=$!
      wait_for() { tries=0; until [ "$(grep -c "$1" %s)" -ge "$2" ] || [ $tries -eq 300 ]; do
        tries=$((tries + 1)); sleep 0.01; done; }
      wait_for "until Ctrl-C" 1; kill -USR1 $pid; wait_for "took a snapshot" 1
      kill -USR1 $pid; wait_for "took a snapshot" 2; kill -INT $pid; wait $pid]]):format(
      command, err, err))
    assert.equal(0, result.status)
    assert.same(snapshots_for(2), lines_of(calls))
    local said = without_buffers { err = host.read(err) }.err
    assert.matches("^lttnga%-record: recording until Ctrl%-C; a snapshot now: kill %-USR1 %d+\n" ..
      "lttnga%-record: took a snapshot\nlttnga%-record: took a snapshot\n$", said)
  end)

  it("takes one when a command says so", function()
    local done = host.path("done")
    local result = record(plain .. "--snapshot --on 'echo; sleep 0.1; touch " .. done .. "'")
    assert.same(snapshots_for(0), result.calls)
    assert.equal(0, result.status)
    assert.equal("", shell("cat " .. done))
    assert.matches("^The trace is in ", result.out)
    assert.same(snapshots_for(2), record(plain .. "--snapshot --on true --snapshots 3").calls)
  end)

  it("ends with one if the command fails", function()
    local result = record(plain .. "--snapshot --snapshots 5 --on 'exit 3'")
    assert.same(snapshots_for(0), result.calls)
    assert.matches("\nlttnga%-record: the command of %-%-on failed %(exit status 3%)\n$",
      result.err)
    assert.equal(1, result.status)
  end)

  it("ends the command on Ctrl-C, and all that it started", function()
    local pid = host.path("pid")
    local result = record_until("INT",
      plain .. "--snapshot --on 'sleep 100 & echo $! >" .. pid .. "; wait'", nil, pid)
    assert.same(snapshots_for(0), result.calls)
    assert.equal(0, result.status)
    local gone = ([[for i in 1 2 3 4 5 6 7 8 9 0; do
      case $(ps -o stat= -p $(cat %s)) in '' | Z*) exit 0 ;; esac; /bin/sleep 0.02; done
      exit 1]]):format(pid)
    assert.equal(0, host.shell(gone).status)
  end)

  it("takes one when it is asked to while the command runs", function()
    local pid = host.path("pid")
    local command, calls = command_for(plain .. "--snapshot --on 'echo >" .. pid .. "; sleep 0.5'")
    local result = host.shell(([[%s & pid=$!
      until test -s %s; do sleep 0.01; done; sleep 0.05; kill -USR1 $pid; wait $pid]]):format(
      command, pid))
    assert.equal(0, result.status)
    assert.same(snapshots_for(1), lines_of(calls))
  end)

  it("records the state of the machine again and again", function()
    local result = record("--session q --output /nowhere/trace --snapshot -- /bin/sleep 0.4",
      { PATH = short_sleep() })
    local calls, count = without(result.calls, "lttng regenerate statedump --session=q")
    assert.equal(#snapshots_for(0), #calls)
    assert.is_true(count >= 2)
    -- Nothing of that goes on.
    assert.is_nil(shell("ps -eo args"):find("do lttng regenerate statedump --session=q;", 1, true))
  end)

  it("is not what a signal makes of other recordings", function()
    local command, calls = command_for(plain)
    local err = host.path("err")
    host.shell(([[%s 2>%s & pid=$!
      wait_for() { tries=0; until grep -q "$1" %s || [ $tries -eq 300 ]; do
        tries=$((tries + 1)); sleep 0.01; done; }
      wait_for "until Ctrl-C"; kill -USR1 $pid; wait_for snapshots; kill -INT $pid; wait $pid]])
      :format(command, err, err))
    assert.same(calls_for("s"), lines_of(calls))
    assert.matches("\nlttnga%-record: SIGUSR1 ignored: " ..
      "snapshots need %-%-snapshot\n$", host.read(err))
  end)

  it("fails if there is no snapshot", function()
    local result = record(plain .. "--snapshot -- true", { FAKE_FAIL = "lttng snapshot*" })
    assert.equal("lttnga-record: lttng snapshot failed: This is a test\n", result.err)
    assert.equal(1, result.status)
    assert.same(snapshots_for(0), result.calls)
  end)

  it("goes to another machine, too", function()
    local result = record("--session s --snapshot --url net://box -- true")
    assert.equal("lttng create s --snapshot --set-url=net://box", result.calls[2])
    assert.equal(0, result.status)
  end)
end)

describe("lttnga-record --rotate", function()
  it("asks LTTng for archives, by size or by time", function()
    for value, option in pairs { ["1G"] = "--size=1G", ["512M"] = "--size=512M",
        ["30s"] = "--timer=30s", ["10m"] = "--timer=10m", ["1h"] = "--timer=1h" } do
      local result = record(plain .. "--rotate " .. value .. " -- true")
      local calls = calls_for("s")
      table.insert(calls, 9, "lttng enable-rotation --session=s " .. option)
      assert.same(calls, result.calls)
      assert.equal(0, result.status)
    end
    local result = record(plain .. "--rotate 1G -- true", { FAKE_FAIL = "*rotation*" })
    assert.matches("lttng enable%-rotation failed: This is a test\n$", result.err)
    assert.equal("lttng destroy s", result.calls[#result.calls])
    assert.equal(1, result.status)
  end)

  it("keeps the last archives only", function()
    local output = host.path("output")
    local function name(i)
      return ("20261201T1105%02d+0000-20261201T1105%02d+0000-%d"):format(i, i + 1, i)
    end
    -- While it records, and at the end.
    local make, kept = {}, {}
    for i = 1, 11 do
      make[i] = ("%s/archives/%s/kernel"):format(output, name(i))
    end
    local result = record(("--session s --output %s --rotate 1m --keep 3 -- sh -c " ..
      "'mkdir -p %s %s/archives/mine-1 %s/archives/2026T1+1-2026T2+2-x; /bin/sleep 0.3; " ..
      "ls %s/archives; mkdir -p %s/archives/%s'"):format(output, table.concat(make, " "), output,
      output, output, output, name(12)), { PATH = short_sleep() })
    assert.equal(0, result.status)
    for line in result.out:gmatch "[^\n]+" do
      kept[#kept + 1] = line:match "^2026.*-(%d+)$"
    end
    table.sort(kept)
    assert.same({ "10", "11", "9" }, kept)
    local left = {}
    for line in shell("ls " .. output .. "/archives"):gmatch "[^\n]+" do
      left[#left + 1] = line
    end
    table.sort(left)
    assert.same({ name(10), name(11), name(12), "2026T1+1-2026T2+2-x", "mine-1" }, left)
  end)
end)
