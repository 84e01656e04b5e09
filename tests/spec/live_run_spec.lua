--- Runs over what is being recorded: from a relay, or as it is written to a directory. Window for
-- window, they give the bytes that a run over the finished trace gives.
--
-- TRACES=FOLDER... compares other traces, too.
--
-- SPDX-License-Identifier: MIT

local by_chance = require "tests.spec.by_chance"
local host = require "tests.spec.host"
local relay = require "tests.spec.relay"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- The folders with metadata in a trace.
local function parts_of(trace)
  local list = {}
  local found = host.shell(("find %s -name metadata -printf '%%h\n' | sort"):format(
    host.quote(trace)))
  for folder in found.out:gmatch "[^\n]+" do
    list[#list + 1] = folder
  end
  return list
end

local function words_of(...)
  local words = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #words + 1, words)
  end
  return words
end

local function live(trace, name, relay_words, ...)
  local port = relay.start(table.unpack(words_of({ "--once", "--session", "s", "--hostname",
    "box" }, relay_words, parts_of(trace))))
  return host.run_as_is(table.unpack(words_of({ name, "--no-progress" }, { ... },
    { relay.url(port, "s") })))
end

--- What the same run over the files gives, and without notes of where states are kept.
local function finished(trace, name, ...)
  return host.run_as_is(table.unpack(words_of({ name, "--no-progress", "--no-cache",
    "--no-intersection" }, { ... }, { trace })))
end

local function compare(trace, name, relay_words, ...)
  local files, over = finished(trace, name, ...), live(trace, name, relay_words, ...)
  assert.equal(0, over.status, over.err)
  -- JSON has the path of the trace, and remarks have commands with it.
  local function plain(text)
    return (text:gsub('"net://[^"]*"', ("%q"):format(parts_of(trace)[1]))
      :gsub("\n +lttnga%-run [^\n]*", ""))
  end
  assert.equal(plain(files.out), plain(over.out))
  assert.equal(files.err, over.err)
end

--- One with eighty packets.
local chance = by_chance(7)

local traces = { example, chance }
for folder in (os.getenv "TRACES" or ""):gmatch "%S+" do
  traces[#traces + 1] = folder
end

for _, trace in ipairs(traces) do
  describe("a live session of " .. trace:match "[^/]*$", function()
    after_each(relay.stop_all)

    it("gives the windows of the finished trace", function()
      for _, name in ipairs { "iolatencystats", "cputop", "iolog", "schedstates", "pageflush" } do
        compare(trace, name, {}, "--refresh", "1")
      end
      compare(trace, "overview", {}, "--refresh", "20ms")
      compare(trace, "requests", {}, "--request", "fsync")
      compare(trace, "cputop,iolog", {}, "--refresh", "500ms", "--output", "json")
    end)

    it("gives them whatever pieces it comes in", function()
      for _, words in ipairs { { "--cut", "1" }, { "--cut", "7" }, { "--cut", "4096" },
        { "--late-streams" }, { "--late-streams", "--speed", "20", "--timer", "200000" },
        { "--split-metadata", "3000" }, { "--max-packet", "1000" } } do
        compare(trace, "schedstates", words, "--refresh", "1")
      end
    end)

    it("gives them with beacons and retries in twenty orders", function()
      for seed = 1, 20 do
        compare(trace, "schedstates", { "--seed", seed, seed % 2 == 0 and "--late-streams" or nil },
          "--refresh", "1")
      end
    end)

    it("goes on over a new connection, if it is to", function()
      local result = live(trace, "schedstates",
        { "--drop-after", trace == example and "12" or "60" }, "--refresh", "1", "--retry", "20s")
      assert.equal(0, result.status, result.err)
      assert.equal(finished(trace, "schedstates", "--refresh", "1").out, result.out)
    end)
  end)
end

describe("a live session", function()
  after_each(relay.stop_all)

  it("closes windows that no event follows, once all streams are known to be complete", function()
    local port = relay.start("--once", "--session", "s", "--hostname", "box", "--speed", "10",
      "--stay", "--timer", "200000", example)
    local over = host.run("cputop", "--refresh", "1", "--count", "5", "--output", "csv",
      "--no-progress", relay.url(port, "s"))
    local files = finished(example, "cputop", "--refresh", "1", "--output", "csv")
    assert.equal(0, over.status, over.err)
    -- Four seconds have events, the last one for 0.876 s; nothing happens in the fifth.
    local first_three = files.out:match "^(.-)[^\n]*1795448200097854430,1795448200973702410"
    assert.equal(first_three, over.out:sub(1, #first_three))
    assert.truthy(over.out:find("1795448200097854430,1795448201097854430", 1, true))
    assert.truthy(over.out:find("1795448201097854430,1795448202097854430", 1, true))
  end)

  it("has the events that libbabeltrace2's live source has", function()
    local function started()
      return relay.url(relay.start("--once", "--session", "s", "--hostname", "box",
        "--late-streams", example), "s")
    end
    local theirs = host.shell(("babeltrace2 -c src.ctf.lttng-live --params=%s -c sink.text.pretty "
      .. "--params=clock-seconds=yes | sed 's/^.\\([0-9]*\\)\\.\\([0-9]*\\). ([^)]*) [^ ]* "
      .. "\\([^:]*\\):.*/\\1\\2 \\3/' | sort"):format(host.quote(
      ('inputs=["%s"],session-not-found-action="end"'):format(started()))))
    local script = host.write([[
local analysis = require "lttnga.analysis"
return analysis {
  title = "All events",
  on = { ["*"] = function(time, event_name) io.stderr:write(time, " ", event_name, "\n") end },
  tables = {},
}]], "all.lua")
    local ours = host.shell(("%s/lttnga-run %s --no-progress %s 2>&1 >&- | grep '^[0-9]' | sort")
      :format(build, script, started()))
    local _, lines = theirs.out:gsub("\n", "")
    assert.equal(29141, lines)
    assert.equal(theirs.out, ours.out)
  end)

  it("waits for the kernel's trace where one of user space comes first", function()
    local function user(time)
      return host.trace { env = { domain = "ust", hostname = "box" }, streams = {
        { { time, "lttng_ust_statedump:start" } } } }
    end
    local function over(...)
      local port = relay.start("--once", "--session", "s", "--hostname", "box", ...)
      return host.run_as_is("schedstates", "--no-progress", relay.url(port, "s"))
    end
    local both = over(user(1795448197097854430), table.unpack(parts_of(example)))
    assert.equal("", both.err)
    assert.equal(finished(example, "schedstates").out, both.out)
    relay.assert_refused(over(user(5)), "the recording ended without any kernel events")
  end)

  it("ends with an error when the connection is lost, after what was read", function()
    local result = live(chance, "cputop", { "--drop-after", "60" }, "--refresh", "10ms")
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: relay 127.0.0.1:%d+ closed the connection", result.err)
    local whole = finished(chance, "cputop", "--refresh", "10ms").out
    assert.equal(whole:sub(1, #result.out), result.out)
  end)

  it("is refused in one line if there is no such session, relay or machine", function()
    local port = relay.start("--session", "s", "--hostname", "box", example)
    relay.assert_refused(host.run_as_is("cputop", relay.url(port, "other")),
      ("relay 127.0.0.1:%d has no session 'other' of host 'box' (lttnga-run list"):format(port))
    relay.stop(port)
    relay.assert_refused(host.run_as_is("cputop", relay.url(port, "s")),
      ("cannot connect to relay 127.0.0.1:%d: Connection refused"):format(port))
    local result = host.run_as_is("cputop", relay.url(port))
    relay.assert_refused(result, "names no session")
    result = host.run_as_is("cputop", relay.url(port, "s"), example)
    assert.equal(2, result.status)
    assert.matches("a live session can only be read by itself", result.err)
  end)

  it("refuses what needs a recorded trace", function()
    local port = relay.start("--session", "s", "--hostname", "box", example)
    for words, message in pairs {
      [{ "cputop", "--reader", "babeltrace2" }] = "only the native reader",
      [{ "cputop", "--period", 'a:$evt.$name=="sched_switch"' }] = "need a recorded trace",
      [{ "index" }] = "index needs a recorded trace",
    } do
      words[#words + 1] = relay.url(port, "s")
      local result = host.run_as_is(table.unpack(words))
      assert.is_true(result.status ~= 0)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)

  it("refuses options that do nothing", function()
    for words, message in pairs {
      [{ "cputop", "--patience", "1s" }] = "--patience needs --follow",
      [{ "cputop", "--retry", "1s" }] = "--retry needs a live session",
      [{ "cputop", "--attach-last" }] = "--attach-last needs a live session",
      [{ "cputop", "--keep-to", "x" }] = "need --when",
    } do
      words[#words + 1] = example
      local result = host.run_as_is(table.unpack(words))
      assert.equal(2, result.status)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)

  it("gives partial results", function()
    local port = relay.start("--once", "--session", "s", "--hostname", "box", example)
    local path = host.path "partial.json"
    local result = host.run_as_is("cputop", "--partial", path, relay.url(port, "s"))
    assert.equal("", result.err .. result.out)
    assert.equal(finished(example, "cputop").out, host.run_as_is("merge", path).out)
  end)

  it("is refused while another viewer is attached", function()
    local port = relay.start("--busy", "--session", "s", "--hostname", "box", example)
    relay.assert_refused(host.run_as_is("cputop", relay.url(port, "s")),
      "another viewer is attached")
  end)

  --- Runs a script of sh with $PROGRAM, $URL of a session that never ends, and $OUT, a path.
  local function with_endless_session(script)
    local port = relay.start("--stay", "--session", "s", "--hostname", "box", example)
    return host.shell(("PROGRAM=%s/lttnga-run URL=%s OUT=%s; %s"):format(build,
      relay.url(port, "s"), host.path "out", script))
  end

  it("ends at Ctrl-C, and when it is killed, with the result of what was read", function()
    for _, signal in ipairs { "INT", "TERM", "HUP" } do
      -- In the background of a shell, SIGINT is ignored.
      local result = with_endless_session(([[
        env --default-signal=INT $PROGRAM cputop --refresh 1 $URL >$OUT 2>$OUT.err & pid=$!
        n=0; while ! grep -q Total $OUT && [ $((n += 1)) -lt 500 ]; do sleep 0.02; done
        kill -%s $pid; wait $pid; echo $?; cat $OUT $OUT.err
      ]]):format(signal))
      assert.matches("^0\n", result.out)
      local whole = finished(example, "cputop", "--refresh", "1").out
      -- The first window.
      assert.equal(whole:sub(1, 500), result.out:sub(3, 502))
    end
  end)

  it("leaves nothing in the temporary directory", function()
    local folder = host.path "tmp"
    assert.equal("", host.shell("mkdir " .. folder).err)
    local port = relay.start("--once", "--session", "s", "--hostname", "box", example)
    local result = host.shell(("TMPDIR=%s %s/lttnga-run cputop %s >/dev/null && ls %s"):format(
      folder, build, relay.url(port, "s"), folder))
    assert.equal("", result.err .. result.out)
  end)
end)

describe("a session on what is being recorded", function()
  after_each(relay.stop_all)

  --- Commands, and what they print; on the trace itself "now" is the end.
  local function evaluate(trace, ...)
    local words = { "--no-cache", "--no-intersection" }
    for _, code in ipairs { "go('15:36:38.5')", "print(now())",
      [[print(until_("syscall_exit", "duration > 5ms"))]], "go('15:36:37.5')", "print(now())",
      "print(#threads())", ... } do
      words[#words + 1], words[#words + 2] = "-e", code
    end
    words[#words + 1] = trace
    return host.run_as_is(table.unpack(words))
  end

  it("goes forward and back", function()
    local port = relay.start("--once", "--session", "s", "--hostname", "box", example)
    local live_one = evaluate(relay.url(port, "s"), "go('end')", "print(now())")
    assert.equal("", live_one.err)
    assert.equal(evaluate(example, "go('end')", "print(now())").out, live_one.out)
  end)

  it("waits for what will happen", function()
    local port = relay.start("--once", "--session", "s", "--hostname", "box", "--speed", "0.05",
      parts_of(chance)[1])
    local result = host.run_as_is("-e", "go('end')", "-e",
      "print(until_('syscall_exit', 'time > 60000000') ~= nil)", relay.url(port, "s"))
    assert.equal(0, result.status, result.err)
    assert.matches("true\n$", result.out)
  end)

  it("cannot look for events of the trace itself", function()
    local port = relay.start("--once", "--session", "s", "--hostname", "box", example)
    local result = host.run_as_is("-e", "until_('sched_switch')", relay.url(port, "s"))
    assert.equal(1, result.status)
    assert.matches("can be read only once", result.err)
  end)
end)

describe("--follow", function()
  --- Follows what tests/writer.py writes, with a patience that outlasts what a busy machine lets it
  -- wait.
  local function follow(trace, name, writer, ...)
    local folder, source = host.path "followed", parts_of(trace)[1]
    local words = {}
    for i, word in ipairs { ... } do
      words[i] = host.quote(word)
    end
    local result = host.shell(([[
      python3 tests/writer.py %s %s %s/kernel & writer=$!
      n=0; while [ ! -e %s/kernel/metadata ] && [ $((n += 1)) -lt 500 ]; do sleep 0.02; done
      %s/lttnga-run %s --no-progress --follow --patience 3s %s %s; status=$?
      wait $writer; exit $status
    ]]):format(writer, source, folder, folder, build, name, table.concat(words, " "), folder))
    return result, folder
  end

  it("gives the windows of the finished trace", function()
    for _, trace in ipairs(traces) do
      for _, writer in ipairs { "", "--tear", "--speed 1 --tear" } do
        local result = follow(trace, "schedstates", writer, "--refresh", "20ms")
        local whole = finished(trace, "schedstates", "--refresh", "20ms")
        assert.equal(0, result.status)
        assert.equal(whole.err, result.err)
        assert.equal(whole.out, result.out)
      end
    end
  end)

  it("goes on from chunk to chunk of a session that is rotated", function()
    for _, writer in ipairs { "--rotate 7 --speed 1", "--rotate 30 --tear" } do
      local result = follow(chance, "schedstates", writer, "--refresh", "20ms")
      assert.equal(0, result.status)
      assert.equal(finished(chance, "schedstates", "--refresh", "20ms").out, result.out)
    end
  end)

  it("reports a packet that was not written to its end", function()
    local result = follow(chance, "cputop", "--stop-after 30")
    assert.equal(0, result.status)
    assert.matches("the file ends in the middle of a packet", result.err)
    assert.matches("1 packet lost", result.err)
  end)

  it("reports what becomes shorter, or goes away, while it is read", function()
    for how, words in pairs {
      [": >%s/kernel/chan_0"] = "chan_0 was truncated while it was being read",
      ["rm -r %s"] = "was removed while it was being read",
    } do
      local folder = host.path "followed"
      local result = host.shell(([[
        python3 tests/writer.py --stay 60 %s/kernel %s/kernel & writer=$!
        n=0; while [ ! -e %s/kernel/chan_1 ] && [ $((n += 1)) -lt 500 ]; do sleep 0.02; done
        %s/lttnga-run cputop --follow --patience 2s %s >/dev/null & run=$!
        n=0; while ! grep -q chan_0 /proc/$run/maps && [ $((n += 1)) -lt 1500 ]; do sleep 0.02; done
        sleep 0.2; %s; wait $run; status=$?; kill $writer; exit $status
      ]]):format(example, folder, folder, build, folder, how:format(folder)))
      assert.equal(1, result.status)
      assert.truthy(result.err:find(words, 1, true), result.err)
    end
  end)

  it("counts what was written too late", function()
    local folder = host.path "followed"
    local result = host.shell(([[
      mkdir -p %s/kernel; cp %s/kernel/metadata %s/kernel; cp %s/kernel/chan_0 %s/kernel
      exec 3>>%s/kernel/chan_0
      %s/lttnga-run cputop --follow --patience 300ms --refresh 1 %s >/dev/null 3>&- & run=$!
      sleep 1.2; cp %s/kernel/chan_1 %s/kernel; exec 3>&-; wait $run
    ]]):format(folder, example, folder, example, folder, folder, build, folder, example, folder))
    assert.equal(0, result.status)
    assert.matches("warning: %d+ events were written too late and not counted: %-%-patience",
      result.err)
  end)

  it("needs a directory", function()
    local result = host.run_as_is("cputop", "--follow", host.path "missing")
    assert.equal(1, result.status)
    assert.matches("is not a directory", result.err)
    result = host.run_as_is("cputop", "--follow", example, example)
    assert.equal(2, result.status)
  end)
end)

describe("--when", function()
  local function run(...)
    return host.run_as_is("cputop", "--no-progress", "--limit", "1", ...)
  end

  it("runs a command with the fields of the event in its environment", function()
    local result = run("--when", 'io_end: duration > 1ms and procname == "dd"', "--every", "1us",
      "--do", [[echo "$LTTNGA_TIME $LTTNGA_EVENT $LTTNGA_PROCNAME $LTTNGA_DURATION"]], example)
    local rows, all = {}, host.run_as_is("iolog", "--procname", "dd", "--min", "1000", "--output",
      "json", "--gmt", example)
    for line in result.err:gmatch "[^\n]+" do
      rows[#rows + 1] = line:match "^%d+ io_end dd (%d+)$"
    end
    table.sort(rows)
    local durations = {}
    for duration in all.out:gmatch '"duration":(%d+)' do
      durations[#durations + 1] = duration
    end
    table.sort(durations)
    assert.is_true(#rows > 3)
    assert.same(durations, rows)
  end)

  it("never makes them a part of the command", function()
    local result = run("--when", 'sched_switch: next_comm == "dd"', "--do",
      [[echo "<$LTTNGA_NEXT_COMM>"]], example)
    assert.equal("<dd>\n", result.err)
  end)

  it("says how many events it passed over", function()
    local result = run("--when", "syscall_exit", "--every", "1000s", "--do", "echo $LTTNGA_SKIPPED",
      example)
    assert.equal("0\n", result.err)
  end)

  it("refuses what it does not understand", function()
    for words, message in pairs {
      [{ "--when", "io_end: nosuch > 1", "--do", "x" }] = "--when: io_end: unknown field 'nosuch'",
      [{ "--when", "io_ond", "--do", "x" }] = "neither a derived event nor an event of this trace",
      [{ "--when", "io_end: duration >", "--do", "x" }] = "--when",
      [{ "--when", ": a", "--do", "x" }] = "--when must be",
      [{ "--when", "io_end" }] = "--when needs --do",
      [{ "--do", "x" }] = "need --when",
    } do
      words[#words + 1] = example
      local result = run(table.unpack(words))
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)
end)

describe("--keep", function()
  after_each(relay.stop_all)

  it("writes what was recorded before an event as a trace", function()
    local to = host.path "kept"
    host.shell("mkdir " .. to)
    local result = live(chance, "cputop", {}, "--when", "syscall_exit: duration > 4ms", "--keep",
      "10ms", "--keep-to", to, "--every", "1us", "--do", [[echo "$LTTNGA_TIME $LTTNGA_KEPT"]])
    assert.equal(0, result.status, result.err)
    local found, last = 0, 0
    for time, path in result.err:gmatch "\n(%d+) ([^\n]*%-syscall_exit)" do
      local calls = host.run_as_is("iolog", "--no-cache", "--no-intersection", "--min", "4000",
        "--output", "json", path)
      assert.equal(0, calls.status, calls.err)
      assert.truthy(calls.out:find(('"end":%s[,}]'):format(time)) or calls.out:find(time, 1, true),
        time .. calls.out)
      found, last = found + 1, path
    end
    assert.is_true(found > 0, result.err)
    local size = tonumber(host.shell("du -sb " .. last).out:match "%d+")
    assert.is_true(size > 0)
    assert.equal(0, host.shell("babeltrace2 " .. last .. " >/dev/null").status)
  end)

  it("goes on when something cannot be kept, and says so", function()
    local to = host.path "kept"
    host.shell("mkdir " .. to)
    local result = live(chance, "cputop", {}, "--when", "syscall_exit: duration > 4ms", "--keep",
      "10ms", "--keep-to", to, "--every", "1us", "--do", "rm -rf " .. to)
    assert.equal(0, result.status, result.err)
    assert.equal(finished(chance, "cputop").out, result.out)
    assert.truthy(result.err:find("warning: --keep: cannot write " .. to, 1, true), result.err)
  end)

  it("needs a trigger, a directory, and a trace that is being recorded", function()
    for words, message in pairs {
      [{ "--keep", "1s" }] = "need --when",
      [{ "--when", "io_end", "--keep", "1s" }] = "belong together",
      [{ "--when", "io_end", "--keep", "1s", "--keep-to", "/tmp" }] = "that is being recorded",
      [{ "--when", "io_end", "--keep", "1s", "--keep-to", "/nosuch" }] = "no directory '/nosuch'",
    } do
      words[#words + 1] = example
      local result = host.run_as_is("cputop", table.unpack(words))
      assert.equal(2, result.status)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)
end)
