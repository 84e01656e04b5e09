--- lttnga-record with a fake lttng: which calls it makes, and that no session stays behind.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local recorder = require "tests.spec.recorder"

local kernel_events, statedump_events = recorder.kernel_events, recorder.statedump_events
local all_events, list, changed = recorder.all_events, recorder.list, recorder.changed
local shell, bin, home, hostname = recorder.shell, recorder.bin, recorder.home, recorder.hostname
local release, files, proc_of = recorder.release, recorder.files, recorder.proc_of
local source, program_on, script = recorder.source, recorder.program_on, recorder.script
local lines_of, command_for = recorder.lines_of, recorder.command_for
local without_buffers, record = recorder.without_buffers, recorder.record
local record_until, calls_for, plain = recorder.record_until, recorder.calls_for, recorder.plain

describe("lttnga-record", function()
  it("records until it is told to end", function()
    local result = record_until("TERM", plain)
    assert.same(calls_for("s"), result.calls)
    assert.equal("lttnga-record: recording until Ctrl-C\n", result.err)
    assert.equal("The trace is in /nowhere/trace\nlttnga-run info /nowhere/trace\n", result.out)
    assert.equal(0, result.status)
  end)

  it("ends with Ctrl-C too, and leaves nothing behind", function()
    -- A sleep that says who it is.
    local folder, pid = host.path("bin"), host.path("pid")
    shell("mkdir " .. folder)
    local sleep = host.write("#!/bin/sh\necho $$ >" .. pid .. "\nexec /bin/sleep $1\n", "sleep")
    shell(("chmod +x %s && mv %s %s/sleep"):format(sleep, sleep, folder))
    local result = record_until("INT", plain,
      { PATH = folder .. ":" .. bin .. ":" .. os.getenv("PATH") }, pid)
    assert.same(calls_for("s"), result.calls)
    assert.equal(0, result.status)
    local gone = ([[test -s %s && for i in 1 2 3 4 5 6 7 8 9 0; do
      kill -0 $(cat %s) 2>/dev/null || exit 0; /bin/sleep 0.02; done; exit 1]]):format(pid, pid)
    assert.equal(0, host.shell(gone).status)
  end)

  it("records as long as a command runs, and exits as that does", function()
    local result = record(plain .. [[-- sh -c 'echo "$1"; lttng the command; exit 7' sh "a  b"]])
    local calls = calls_for("s")
    table.insert(calls, 10, "lttng the command")
    assert.same(calls, result.calls)
    assert.equal("", result.err)
    assert.matches("^a  b\nThe trace is in ", result.out)
    assert.equal(7, result.status)
  end)

  it("gives the command its input, and no function of its own", function()
    local result = host.shell("echo hello | " .. command_for(plain .. "-- cat"))
    assert.matches("^hello\n", result.out)
    for _, name in ipairs { "say", "/nowhere/say" } do
      local missing = record(plain .. "-- " .. name)
      assert.equal("lttnga-record: command not found: '" .. name .. "'\n", missing.err)
      assert.equal(127, missing.status)
      assert.same({}, missing.calls)
    end
    local useless = record(plain .. "-- " .. host.write("", "useless"))
    assert.equal(126, useless.status)
    assert.same(calls_for("s"), useless.calls)
  end)

  it("does not mind when nobody reads its messages", function()
    local command, calls = command_for(plain .. "-- true", { FAKE_EVENTS = kernel_events .. " x",
      FAKE_FAIL = "lttng add-context*" })
    host.shell(("{ sleep 0.05; %s; } 2>&1 | true"):format(command))
    assert.equal("lttng destroy s", lines_of(calls)[11])
  end)

  it("ends orderly after Ctrl-C during a command", function()
    local result = record(plain .. "-- sh -c 'kill -INT 0; sleep 5'", nil, "setsid -w")
    assert.same(calls_for("s"), result.calls)
    assert.matches("The trace is in /nowhere/trace\n", result.out)
    assert.equal(130, result.status)
  end)

  it("makes names for what has none", function()
    local result = record("-- true")
    local session, output = result.calls[2]:match("^lttng create (%S+) %-%-output=(%S+)$")
    assert.matches("^lttnga%-%d%d%d%d%d%d%d%d%-%d%d%d%d%d%d%-%d+$", session)
    assert.equal(home .. "/lttng-traces/" .. session, output)
    assert.equal("lttng destroy " .. session, result.calls[11])
    assert.matches("info " .. output:gsub("%p", "%%%0") .. "\n$", result.out)

    output = record("--session mine -- true").calls[2]:match("%-%-output=(%S+)$")
    assert.matches("/lttng%-traces/mine%-%d%d%d%d%d%d%d%d%-%d%d%d%d%d%d$", output)
    assert.matches("^/other/lttng%-traces/lttnga%-",
      record("-- true", { LTTNG_HOME = "/other" }).calls[2]:match("%-%-output=(%S+)$"))
  end)

  it("takes options in both ways", function()
    local calls = calls_for("s", {
      channel = "lttng enable-channel --kernel --session=s --subbuf-size=512k --num-subbuf=16 " ..
        "lttnga",
      events = "'" .. list(kernel_events .. " x86_irq_vectors_* " .. statedump_events) .. "'",
    })
    local listed = { FAKE_EVENTS = all_events .. " x86_irq_vectors_local_timer_entry" }
    table.remove(calls, 5)
    local others = " --no-syscalls --irq-vectors -- true"
    assert.same(calls,
      record(plain .. "--subbuf-size 512k --num-subbuf 16" .. others, listed).calls)
    assert.same(calls, record("--session=s --output=/nowhere/trace --subbuf-size=512k " ..
      "--num-subbuf=16" .. others, listed).calls)
  end)

  it("passes names on as they are", function()
    local result = record([[--session "a b'c;\$x" --output "/nowhere/d  e" -- true]])
    local session = [['a b'\''c;$x']]
    assert.equal("lttng create " .. session .. " '--output=/nowhere/d  e'", result.calls[2])
    assert.equal("lttng start " .. session, result.calls[9])
    assert.equal("lttng destroy " .. session, result.calls[11])
    assert.equal("The trace is in /nowhere/d  e\nlttnga-run info '/nowhere/d  e'\n", result.out)
  end)

  it("makes a relative folder absolute, and tells who may read it", function()
    local here = shell("pwd"):gsub("\n", "")
    local result = record("--session s --output trace.of.mine -- true", { SUDO_UID = "1000" })
    assert.equal("lttng create s --output=" .. here .. "/trace.of.mine", result.calls[2])
    assert.matches("\nsudo lttnga%-run info /", result.out)
  end)

  it("records live", function()
    local result = record("--session s --live -- true")
    local calls = calls_for("s", { create = "lttng create s --live --set-url=net://localhost" })
    table.insert(calls, 2, "lttng-relayd --daemonize")
    assert.same(calls, result.calls)
    assert.equal("lttnga-record: started lttng-relayd, which will keep running\n" ..
      "lttnga-record: to watch while recording: lttnga-run cputop --refresh 2 " ..
      "net://localhost/host/" .. hostname .. "/s\n", result.err)
    assert.equal("The trace is on localhost, where its lttng-relayd stores traces: by default " ..
      "~/lttng-traces\nlttnga-run info ~/lttng-traces/" .. hostname .. "/s-*\n", result.out)
    assert.equal(0, result.status)
    -- One runs already.
    result = record("--session s --live -- true", { FAKE_FAIL = "lttng-relayd*" })
    assert.same(calls, result.calls)
    assert.equal(0, result.status)
  end)

  it("sends a trace to another machine", function()
    local result = record("--session s --url net://box:1:2 -- true")
    assert.same(calls_for("s", { create = "lttng create s --set-url=net://box:1:2" }),
      result.calls)
    assert.equal("", result.err)
    assert.matches("The trace is on box, ", result.out)
    result = record("--session s --live --url=net6://[::1]:5/a/b -- true")
    assert.same(calls_for("s", { create = "lttng create s --live '--set-url=net6://[::1]:5/a/b'" }),
      result.calls)
    assert.matches("'net6://[::1]/host/" .. hostname .. "/s'", result.err, 1, true)
    assert.matches("The trace is on [::1], ", result.out, 1, true)
    assert.matches("info ~/lttng-traces/" .. hostname .. "/a/b\n", result.out, 1, true)
  end)
end)

describe("lttnga-record and events", function()
  it("takes old names", function()
    local old = changed(all_events, { irq_softirq_raise = "softirq_raise",
      irq_softirq_entry = "softirq_entry", irq_softirq_exit = "softirq_exit",
      timer_hrtimer_expire_entry = "hrtimer_expire_entry",
      timer_hrtimer_expire_exit = "hrtimer_expire_exit",
      kmem_mm_page_alloc = "mm_page_alloc", kmem_mm_page_free = "mm_page_free",
      net_if_receive_skb = "netif_receive_skb", writeback_dirty_page = "writeback_dirty_folio" })
    local result = record(plain .. "-- true", { FAKE_EVENTS = old })
    assert.same(calls_for("s", { events = list(old) }), result.calls)
    assert.equal("", result.err)
  end)

  it("tells once what there is not", function()
    local some = changed(all_events, { sched_waking = "", kmem_mm_page_alloc = "",
      lttng_statedump_interrupt = "", lttng_statedump_cpu_topology = "" }):gsub(" $", "")
    local result = record(plain .. "--irq-vectors -- true", { FAKE_EVENTS = some })
    assert.same(calls_for("s", { events = list(some) }), result.calls)
    assert.equal("lttnga-record: not recorded, because this LTTng or Linux does not have them: " ..
      "sched_waking, kmem_mm_page_alloc, x86_irq_vectors_*, lttng_statedump_interrupt\n",
      result.err)
    assert.equal(0, result.status)
  end)

  it("takes what only begins like a name for something else", function()
    local result = record(plain .. "-- true",
      { FAKE_EVENTS = changed(all_events, { sched_switch = "sched_switcher my_sched_switch" }) })
    assert.matches("have them: sched_switch\n", result.err)
  end)

  it("asks for the state at the beginning even if that is not listed", function()
    local result = record(plain .. "-- true", { FAKE_EVENTS = kernel_events })
    assert.same(calls_for("s", { events = "'lttng_statedump_*," .. list(kernel_events) .. "'" }),
      result.calls)
    assert.equal("", result.err)
  end)

  it("goes on without those that fail", function()
    local result = record(plain .. "-- true", { FAKE_ERROR = "Event sched_waking: no",
      FAKE_FAIL = "*,sched_waking,*\n*=lttnga sched_waking" })
    local calls = calls_for("s")
    local at = 5
    for name in all_events:gmatch("%S+") do
      table.insert(calls, at, "lttng enable-event --kernel --session=s --channel=lttnga " .. name)
      at = at + 1
    end
    assert.same(calls, result.calls)
    assert.equal("lttnga-record: event sched_waking not recorded: Event sched_waking: no\n",
      result.err)
    assert.equal(0, result.status)
  end)

  it("holds no event for missing that the first call enabled", function()
    local result = record(plain .. "-- true", { FAKE_FAIL = "*,sched_waking,*\n*=lttnga sched_*",
      FAKE_ERROR = "Kernel event sched_waking already enabled (channel lttnga, session s)" })
    assert.equal("", result.err)
  end)

  it("goes on without system calls and contexts", function()
    local result = record(plain .. "-- true", { FAKE_FAIL = "*--syscall*\n*--type=tid",
      FAKE_STATUS = "4" })
    assert.same(calls_for("s"), result.calls)
    assert.equal("lttnga-record: system calls not recorded: This is a test\n" ..
      "lttnga-record: context tid not recorded: This is a test\n", result.err)
    assert.equal(0, result.status)
  end)
end)

describe("lttnga-record and failures", function()
  --- A run of which the calls that match fail: its calls from then on, and status 1.
  local function failing(pattern, more)
    local fake_ = { FAKE_FAIL = pattern }
    for name, value in pairs(more or {}) do
      fake_[name] = value
    end
    local result = record(plain .. "-- echo it runs", fake_)
    assert.equal(1, result.status)
    return result
  end

  it("destroys a session that does not start", function()
    -- Errors of LTTng's library can be above 128.
    local result = failing("lttng start*", { FAKE_STATUS = "141" })
    local calls = calls_for("s")
    table.remove(calls, 10)
    assert.same(calls, result.calls)
    assert.equal("lttnga-record: lttng start failed: This is a test\n", result.err)
    assert.equal("", result.out)
  end)

  it("destroys a session that has no channel", function()
    local result = failing("lttng enable-channel*")
    assert.equal(4, #result.calls)
    assert.equal("lttng destroy s", result.calls[4])
    assert.equal("lttnga-record: lttng enable-channel failed: This is a test\n", result.err)
  end)

  it("leaves a session alone that it did not make", function()
    local result = failing("lttng create*",
      { FAKE_STATUS = "140", FAKE_ERROR = "Session name already exists" })
    assert.equal(2, #result.calls)
    assert.equal("lttnga-record: session 's' already exists: end it with 'lttng destroy s'\n",
      result.err)
    result = failing("lttng create*")
    assert.equal("lttnga-record: lttng create failed: This is a test\n", result.err)
  end)

  it("takes a warning for no failure", function()
    local result = record(plain .. "-- true", { FAKE_FAIL = "lttng create*\nlttng st*",
      FAKE_STATUS = "4" })
    assert.same(calls_for("s"), result.calls)
    assert.equal(0, result.status)
  end)

  it("destroys what it cannot stop, and tells what it cannot destroy", function()
    local result = failing("lttng stop*\nlttng destroy*")
    assert.same(calls_for("s"), result.calls)
    assert.equal("lttnga-record: lttng stop failed: This is a test\n" ..
      "lttnga-record: lttng destroy failed: This is a test\n", result.err)
  end)

  it("passes on what lttng warns of", function()
    local result = record(plain .. "-- true", { FAKE_STOP = "Warning: It is late." })
    assert.equal("lttnga-record: It is late.\n", result.err)
    assert.equal(0, result.status)
  end)

  --- The calls after Ctrl-C at one of them.
  local function interrupted(pattern)
    local result = record(plain .. "-- echo it runs", { FAKE_SIGNAL = pattern }, "setsid -w")
    assert.equal("", result.err)
    return result.calls, result.status, result.out
  end

  it("destroys the session after Ctrl-C in the middle", function()
    local expected = calls_for("s")
    for last, pattern in pairs { [3] = "lttng enable-channel*", [6] = "lttng add-context*" } do
      local calls, status, out = interrupted(pattern)
      assert.equal(last + 1, #calls)
      assert.equal(expected[last], calls[last])
      assert.equal("lttng destroy s", calls[last + 1])
      assert.equal(130, status)
      assert.equal("", out)
    end
    assert.same({ "lttng list --kernel" }, (interrupted "lttng list*"))
  end)

  it("destroys a session whose making was interrupted only if it is its own", function()
    local fake_ = { FAKE_SIGNAL = "lttng create*" }
    local result = record(plain .. "-- echo it runs", fake_, "setsid -w")
    assert.equal(2, #result.calls)
    assert.equal("lttnga-record: session s may have been created: if it is not an " ..
      "older one, run 'lttng destroy s'\n",
      result.err)
    assert.equal(130, result.status)
    result = record("--output /nowhere/trace -- echo it runs", fake_, "setsid -w")
    assert.equal(3, #result.calls)
    assert.matches("^lttng destroy lttnga%-%d+%-%d+%-%d+$", result.calls[3])
    assert.equal("", result.err)
  end)

  it("does not run the command after Ctrl-C, however early", function()
    local calls, status, out = interrupted "lttng start*"
    assert.equal("lttng destroy s", calls[#calls])
    assert.equal(130, status)
    assert.is_nil(out:find("it runs", 1, true))
  end)

  it("does not record nothing", function()
    local result = record(plain .. "-- echo it runs", { FAKE_FAIL = "*enable-event*" })
    assert.equal("lttng destroy s", result.calls[#result.calls])
    assert.matches("recording failed: no event could be enabled\n$", result.err)
    assert.equal(1, result.status)
    assert.equal("", result.out)
  end)

  it("prints paths as they are", function()
    local result = record([[--session s --output '/nowhere/a\tb\cd' -- true]])
    assert.equal("The trace is in /nowhere/a\\tb\\cd\nlttnga-run info '/nowhere/a\\tb\\cd'\n",
      result.out)
  end)

  it("ends what it began even if Ctrl-C comes again", function()
    local calls, status, out = interrupted "lttng [sd][te][os]*"
    assert.same(calls_for("s"), calls)
    assert.equal(0, status)
    assert.matches("The trace is in", out)
  end)

  it("says what to install where there is no lttng", function()
    -- Nothing but what it takes to get there.
    local folder = host.path("bin")
    shell(("mkdir %s && ln -s $(command -v date) %s/"):format(folder, folder))
    local result = host.shell(([[sh=$(command -v sh); PATH=%s; "$sh" %s]]):format(folder, script))
    assert.equal("lttnga-record: lttng is not installed (Debian packages: lttng-tools and " ..
      "lttng-modules-dkms)\n", result.err)
    assert.equal(1, result.status)
  end)

  it("takes root or the group tracing", function()
    local result = failing("", { FAKE_USER = "1000 users tracing-not" })
    assert.equal("lttnga-record: you must be root or a member of the group 'tracing': " ..
      "try sudo\n", result.err)
    assert.same({}, result.calls)
    result = record(plain .. "-- true", { FAKE_USER = "1000 users tracing audio" })
    assert.same(calls_for("s"), result.calls)
    assert.equal(0, result.status)
  end)

  it("wants the kernel's tracer", function()
    local result = failing("lttng list --kernel",
      { FAKE_ERROR = "Unable to list kernel events: Kernel tracer not available" })
    assert.same({ "lttng list --kernel", "lttng list" }, result.calls)
    assert.equal("lttnga-record: no kernel tracer: Unable to list kernel events: Kernel tracer " ..
      "not available: LTTng's modules are not installed (Debian packages: lttng-modules-dkms, " ..
      "and linux-headers-" .. release .. ")\n", result.err)
  end)

  it("starts the session daemon if none runs", function()
    local result = record(plain .. "-- true", { FAKE_DAEMON = host.path("daemon") })
    local calls = calls_for("s")
    for i, call in ipairs { "lttng list --kernel", "lttng list", "lttng-sessiond --daemonize" } do
      table.insert(calls, i, call)
    end
    assert.same(calls, result.calls)
    assert.equal("lttnga-record: starting lttng-sessiond, which will keep running\n", result.err)

    result = failing("lttng-sessiond*", { FAKE_DAEMON = host.path("daemon") })
    assert.matches("\nlttnga%-record: cannot start lttng%-sessiond\n$", result.err)
    result = failing("", { FAKE_DAEMON = host.path("daemon"), FAKE_USER = "7 tracing" })
    assert.equal("lttnga-record: root's session daemon is not running: start it with " ..
      "'sudo lttng-sessiond --daemonize'\n", result.err)
    assert.same({ "lttng list --kernel" }, result.calls)
  end)

  it("keeps off folders that are in use", function()
    local file = host.write("", "file")
    local folder = host.path("folder")
    shell("mkdir " .. folder)
    assert.equal(0, record("--output " .. folder .. " -- true").status)
    shell("touch " .. folder .. "/.hidden")
    local result = record("--output " .. folder .. " -- true")
    assert.equal("lttnga-record: output directory '" .. folder .. "' is not empty\n",
      result.err)
    assert.equal(1, result.status)
    assert.same({}, result.calls)
    assert.equal("lttnga-record: output directory '" .. file .. "' is not a directory\n",
      record("--output " .. file .. " -- true").err)
    assert.equal("lttnga-record: HOME is not set: use --output\n",
      record("-- true", nil, "env -u HOME").err)
  end)
end)

describe("lttnga-record and the versions of LTTng", function()
  it("reads what each of them says", function()
    for _, version in ipairs { "2.13.9", "2.14.3", "2.15.2" } do
      for _, color in ipairs { "never", "always" } do
        local result = record(plain .. "-- true", { FAKE_VERSION = version, FAKE_LOST = "1234",
          LTTNG_TERM_COLOR = color })
        assert.same(calls_for("s"), result.calls)
        assert.matches("^lttnga%-record: 1,234 events were lost, about %d+k: the buffers were " ..
          "full\n", result.err)
        assert.equal(0, result.status)
      end
    end
  end)

  it("chooses the format where there is a choice", function()
    local function formats(format, version)
      return record(plain .. "--trace-format " .. format .. " -- true",
        { FAKE_VERSION = version })
    end
    for _, format in ipairs { "ctf-1.8", "ctf-2" } do
      local result = formats(format, "2.15.0")
      assert.equal("lttng create --list-options", result.calls[2])
      assert.equal("lttng create s --output=/nowhere/trace --trace-format=" .. format,
        result.calls[3])
    end
    local old = formats("ctf-1.8", "2.14.0")
    assert.equal("lttng create s --output=/nowhere/trace", old.calls[3])
    assert.equal(0, old.status)
    old = formats("ctf-2", "2.14.0")
    assert.equal("lttnga-record: this LTTng cannot write CTF 2: install LTTng 2.15 or later\n",
      old.err)
    assert.equal(1, old.status)
    assert.equal(2, #old.calls)
  end)

  it("does not begin where there are no events at all", function()
    for _, version in ipairs { "2.13.9", "2.15.2" } do
      local result = record(plain .. "-- true", { FAKE_VERSION = version, FAKE_EVENTS = "" })
      assert.matches("^lttnga%-record: LTTng lists no kernel events: ", result.err)
      assert.equal(1, result.status)
      assert.same({ "lttng list --kernel" }, result.calls)
    end
  end)
end)

describe("lttnga-record and lost events", function()
  local function lost(words, fake_)
    local result = record(plain .. words .. " -- true", fake_)
    assert.equal(0, result.status)
    return result.err
  end

  it("says what would have held them", function()
    assert.equal("lttnga-record: 12 events were lost, about 1k: the buffers were full\n" ..
      "lttnga-record: next time: --subbuf-size 8M --num-subbuf 8 would have held them (128M of " ..
      "memory)\nlttnga-record: or --for io (about 85% of the bytes), --for why (about 81% of " ..
      "the bytes), --for cpu (about 22% of the bytes), or --snapshot, which does not wait for " ..
      "the disk\n", lost("", { FAKE_LOST = "12" }))
    -- 51 bytes each: three sub-buffers more, if one CPU lost them all.
    assert.matches("\n[^\n]*: %-%-subbuf%-size 8M %-%-num%-subbuf 8 would have held them %(128M",
      lost("", { FAKE_LOST = "487717" }))
    assert.matches("\n[^\n]*: %-%-subbuf%-size 512k %-%-num%-subbuf 128 would have held them ",
      lost("--subbuf-size 512k --num-subbuf 16", { FAKE_LOST = "900000" }))
  end)

  it("says what memory allows", function()
    assert.matches("\n[^\n]*: %-%-subbuf%-size 8M %-%-num%-subbuf 64 would have held some of " ..
      "them %(1024M of memory; more than that would be too much%)\n",
      lost("", { FAKE_LOST = "99000000" }))
    assert.matches("\nlttnga%-record: larger buffers would take too much memory\n",
      lost("--subbuf-size 256M --num-subbuf 2", { FAKE_LOST = "99000000" }))
  end)

  it("names presets that take less than what was recorded", function()
    local err = lost("--for why", { FAKE_LOST = "12" })
    assert.is_nil(err:find("--for io", 1, true))
    assert.matches("or %-%-for cpu %(about %d+%% of the bytes%), or %-%-snapshot", err)
    assert.matches("\nlttnga%-record: or %-%-snapshot, ", lost("--for cpu", { FAKE_LOST = "12" }))
  end)

  it("tells lost packets from lost events", function()
    assert.matches("^lttnga%-record: 3 packets were lost, 24M: they were overwritten before " ..
      "they reached the disk\nlttnga%-record: 5 events were lost, ",
      lost("", { FAKE_LOST = "5", FAKE_PACKETS = "3" }))
    assert.matches("^lttnga%-record: 1 packets were lost, 8192k: [^\n]*\n[^\n]*: next time: ",
      lost("", { FAKE_PACKETS = "1" }))
  end)

  it("takes what a flight recorder overwrites for no loss", function()
    assert.equal("", lost("--snapshot", { FAKE_LOST = "5", FAKE_PACKETS = "3" }))
  end)
end)

describe("lttnga-record's checks", function()
  --- A run on a machine with these files; its output.
  local function on_machine(texts, words, fake_)
    local root = host.path("machine")
    files(root, proc_of(2, 8192))
    files(root, texts)
    local command, calls = command_for(words, fake_, nil, program_on(root))
    local result = host.shell(command)
    result.calls = lines_of(calls)
    return without_buffers(result)
  end
  local no_tracer = { FAKE_FAIL = "lttng list --kernel",
    FAKE_ERROR = "Unable to list kernel events: Kernel tracer not available" }
  local function module_of(kernel)
    return ("lib/modules/%s/updates/dkms/lttng-tracer.ko.xz"):format(kernel)
  end

  it("say why the kernel has no tracer", function()
    local begin = "lttnga-record: no kernel tracer: Unable to list kernel events: Kernel tracer " ..
      "not available: "
    local function why(texts)
      local result = on_machine(texts, plain .. "-- true", no_tracer)
      assert.equal(1, result.status)
      assert.equal(begin, result.err:sub(1, #begin))
      return result.err:sub(#begin + 1)
    end
    assert.equal("LTTng's modules are not installed (Debian packages: lttng-modules-dkms, and " ..
      "linux-headers-" .. release .. ")\n", why {})
    assert.equal("LTTng's modules are installed for Linux 5.0-one 5.0-two, but this is Linux " ..
      release .. ": boot one of these, or install linux-headers-" .. release ..
      " and run 'dkms autoinstall'\n",
      why { [module_of "5.0-one"] = "", [module_of "5.0-two"] = "" })
    local installed = { [module_of(release)] = "", [module_of "5.0-one"] = "",
      ["sys/kernel/security/lockdown"] = "[none] integrity confidentiality\n" }
    assert.equal("LTTng's modules for Linux " .. release .. " are installed, but not loaded: " ..
      "'sudo modprobe lttng-tracer' and dmesg show why\n", why(installed))
    installed["sys/kernel/security/lockdown"] = "none [integrity] confidentiality\n"
    assert.equal("Linux " .. release .. " is locked down (integrity), as with Secure Boot: " ..
      "modules must be signed with a key that it knows\n", why(installed))
  end)

  it("look at the disk", function()
    local function disk(words, free)
      return record("--session s --output /nowhere/a/b " .. words .. " -- true",
        { FAKE_FREE = tostring(free) })
    end
    local full = disk("", 60000)
    assert.equal("lttnga-record: only 58M free for '/nowhere/a/b': too little to record " ..
      "anything\n", full.err)
    assert.equal(1, full.status)
    assert.same({}, full.calls)
    local short = disk("", 1000000)
    assert.matches("^lttnga%-record: 976M free for '/nowhere/a/b': enough for only 20%d s at " ..
      "%-%-rate medium\n$", short.err)
    assert.equal(0, short.status)
    assert.equal("", disk("--rate low", 1000000).err)
    assert.equal("", disk("--rotate 100M --keep 8", 1000000).err)
    assert.equal("lttnga-record: 976M free for '/nowhere/a/b', but --rotate 1G --keep 2 " ..
      "takes 3072M\n", disk("--rotate 1G --keep 2", 1000000).err)
    assert.equal("", disk("--snapshot", 1000000).err)
    assert.equal("lttnga-record: 195M free for '/nowhere/a/b', but snapshots can take 288M: " ..
      "see --max-size\n", disk("--snapshot", 200000).err)
    assert.equal("", disk("--snapshot --max-size 32M", 200000).err)
    assert.equal("", record("--session s --url net://box -- true", { FAKE_FREE = "1" }).err)
  end)

  it("can be all there is to do", function()
    local result = on_machine({}, plain .. "--check", { FAKE_VERSION = "2.15.2" })
    assert.equal([[
ok    LTTng 2.15.2
ok    you are root
ok    a session daemon is running
ok    the kernel tracer is available
ok    LTTng has all events for --for all
ok    no other session is named 's'
ok    output directory '/nowhere/trace'
ok    953G free for '/nowhere/trace': enough for about N minutes at --rate medium
ok    buffers: 4 x 8M for each of 2 CPUs, 64M of memory, for 13 s at --rate medium
]], (result.out:gsub("about %d+ min", "about N min")))
    assert.equal("", result.err)
    assert.equal(0, result.status)
    for _, call in ipairs(result.calls) do
      assert.truthy(call == "lttng --version" or call:find "^lttng list", call)
    end
  end)

  it("say all that is wrong at once", function()
    local folder = host.path("folder")
    files(folder, { file = "" })
    local result = on_machine({}, "--check --session s --for io --trace-format ctf-2 --output " ..
      folder, { FAKE_SESSIONS = "a s", FAKE_FREE = "5", FAKE_USER = "1000 users",
      FAKE_EVENTS = changed(all_events, { sched_waking = "" }) })
    assert.equal(([[
ok    LTTng 2.13.9
NO    you must be root or a member of the group 'tracing': try sudo
ok    a session daemon is running
ok    the kernel tracer is available
note  not recorded, because this LTTng or Linux does not have them: sched_waking
NO    session 's' already exists: end it with 'lttng destroy s'
NO    this LTTng cannot write CTF 2: install LTTng 2.15 or later
NO    output directory '%s' is not empty
NO    only 5k free for '%s': too little to record anything
ok    buffers: 4 x 8M for each of 2 CPUs, 64M of memory, for 15 s at --rate medium
]]):format(folder, folder), result.out)
    assert.equal(1, result.status)
  end)

  it("start nothing", function()
    local daemon = host.path("daemon")
    local result = on_machine({ [module_of(release)] = "" }, plain .. "--check",
      { FAKE_DAEMON = daemon })
    assert.matches("\nok    no session daemon is running: one will be started\n" ..
      "note  LTTng's modules for Linux [^\n]* are installed; which events they have can be " ..
      "checked once a session daemon is running\n",
      result.out)
    assert.equal(0, result.status)
    assert.is_nil(io.open(daemon))
    result = on_machine({}, plain .. "--check", { FAKE_DAEMON = daemon })
    assert.matches("\nNO    LTTng's modules are not installed ", result.out)
    assert.equal(1, result.status)
    result = on_machine({}, plain .. "--check", { FAKE_DAEMON = daemon, FAKE_USER = "7 tracing" })
    assert.matches("\nNO    root's session daemon is not running: ", result.out)
  end)
end)

describe("lttnga-record --dry-run", function()
  --- What it prints, and what that does when it is pasted.
  local function pasted(words)
    local result = record("--dry-run " .. words, { FAKE_USER = "1000 users" })
    assert.equal("", result.err)
    assert.equal(0, result.status)
    assert.same({}, result.calls)
    local calls = host.path("calls")
    shell(("PATH=%s:$PATH FAKE_CALLS=%s sh %s"):format(bin, calls, host.write(result.out)))
    return lines_of(calls), result.out
  end

  it("prints what a run does", function()
    local every = { FAKE_EVENTS = changed(all_events, { net_dev_xmit =
      "writeback_wait_on_page net_dev_xmit" }) .. " x86_irq_vectors_x_entry" }
    for _, words in ipairs {
      plain .. "-- true",
      [[--session "it's  mine" --output '/nowhere/$(date) "x"' --irq-vectors -- true]],
      "--session s --live --no-syscalls --num-subbuf 32 -- true",
      "--session s --url 'net6://[::1]' -- lttng 'a  command' '' \"it's\"",
      plain .. "--for cpu --rate high --hold 20 -- true",
      plain .. "--snapshot --max-size 1M -- true",
      plain .. "--snapshot --for io,cpu --on 'lttng it is \"so\"'",
      plain .. "--snapshot --on 'lttng it is so' --snapshots 3",
      plain .. "--rotate 30s -- true",
      plain .. "--rotate 1G --keep 3 -- true",
    } do
      local run = record(words, every).calls
      assert.equal("lttng list --kernel", table.remove(run, 1))
      assert.same(run, (pasted(words)))
    end
  end)

  it("ends the session whatever the command is", function()
    for _, words in ipairs { "exit 3", "exec true", "return", "if", "A=1 env" } do
      local calls = pasted(plain .. "-- " .. words)
      assert.equal("lttng destroy s", calls[#calls], words)
    end
  end)

  it("says where it would record", function()
    local calls, out = pasted(plain)
    assert.equal(10, #calls)
    assert.matches("\nlttng start s\n# Here it records until Ctrl%-C%.\nlttng stop s\n", out)
  end)

  it("needs nothing", function()
    local folder = host.path("bin")
    shell(("mkdir %s && cd %s && for name in date sed; do ln -s $(command -v $name) .; done")
      :format(folder, folder))
    local result = host.shell(([[sh=$(command -v sh); PATH=%s; "$sh" %s --dry-run --live]])
      :format(folder, script))
    assert.equal("", result.err)
    assert.matches("\nlttng%-relayd %-%-daemonize\nlttng create lttnga%-", result.out)
  end)
end)

describe("lttnga-record's command line", function()
  it("never records when help was asked for", function()
    for _, words in ipairs { "--help", "-V" } do
      assert.same({}, record(words .. " >/dev/full").calls)
    end
  end)

  it("tells what is wrong with it", function()
    for words, message in pairs {
      ["--nothing"] = "unknown option --nothing",
      ["-x"] = "unknown option -x",
      ["--live=yes"] = "unknown option --live=yes",
      ["sleep 5"] = "unexpected argument 'sleep': a command must follow --",
      ["--live --"] = "no command given after --",
      ["--session"] = "option --session needs a value",
      ["--session ''"] = "option --session needs a value",
      ["--output= -- true"] = "option --output needs a value",
      ["--session a/b"] = "LTTng does not allow the session name 'a/b'",
      ["--session auto-x"] = "LTTng does not allow the session name 'auto-x'",
      ["--session=-x"] = "LTTng does not allow the session name '-x'",
      ["--url box"] = "--url must be net://HOST or net6://HOST, not 'box'",
      ["--url net://"] = "--url must be net://HOST or net6://HOST, not 'net://'",
      ["--url file:///tmp"] = "--url must be net://HOST or net6://HOST, not 'file:///tmp'",
      ["--output x --live"] =
        "--output cannot be used with --live or --url: the relay daemon stores the trace",
      ["--subbuf-size 8Q"] = "--subbuf-size must be a size such as 512k or 8M, not '8Q'",
      ["--subbuf-size M"] = "--subbuf-size must be a size such as 512k or 8M, not 'M'",
      ["--num-subbuf 4k"] = "--num-subbuf must be a number, not '4k'",
      ["--num-subbuf 0"] = "--num-subbuf must be a number, not '0'",
      ["--for"] = "option --for needs a value",
      ["--for disk"] = "--for must be io, cpu, why or all, not 'disk'",
      ["--for io,,cpu"] = "--for must be io, cpu, why or all, not ''",
      ["--for 'io cpu'"] = "--for must be io, cpu, why or all, not 'io cpu'",
      ["--rate fast"] = "--rate must be low, medium, high or auto, not 'fast'",
      ["--hold 1m"] = "--hold must be a number, not '1m'",
      ["--on true"] = "--on and --max-size need --snapshot",
      ["--max-size 1M"] = "--on and --max-size need --snapshot",
      ["--snapshot --max-size 1T"] = "--max-size must be a size such as 512k or 8M, not '1T'",
      ["--snapshot --snapshots 2"] = "--snapshots needs --on",
      ["--snapshot --on x --snapshots 0"] = "--snapshots must be a number, not '0'",
      ["--snapshot --on x -- y"] = "--on cannot be used with a command after --",
      ["--snapshot --live"] = "--snapshot cannot be used with --live",
      ["--snapshot --rotate 1G"] =
        "--snapshot cannot be used with --rotate: each snapshot is a trace of its own",
      ["--rotate 100"] =
        "--rotate must be a size such as 512M or 2G, or a time such as 30s, 10m or 1h, not '100'",
      ["--rotate 1d"] =
        "--rotate must be a size such as 512M or 2G, or a time such as 30s, 10m or 1h, not '1d'",
      ["--rotate G"] =
        "--rotate must be a size such as 512M or 2G, or a time such as 30s, 10m or 1h, not 'G'",
      ["--rotate 1G --live"] = "--rotate cannot be used with --live: LTTng does not support it",
      ["--keep 3"] = "--keep needs --rotate: it is the number of archives to keep",
      ["--rotate 1G --keep few"] = "--keep must be a number, not 'few'",
      ["--rotate 1G --keep 3 --url net://x"] =
        "--keep cannot be used with --url: the archives are on the other machine",
      ["--trace-format ctf-3"] = "--trace-format must be ctf-1.8 or ctf-2, not 'ctf-3'",
      ["--check --dry-run"] = "--check cannot be used with --dry-run",
      ["--check -- true"] = "--check cannot be used with a command after --",
    } do
      local result = record(words)
      assert.equal("lttnga-record: " .. message .. "\nTry 'lttnga-record --help'.\n", result.err)
      assert.equal(2, result.status)
      assert.same({}, result.calls)
    end
  end)

  it("has help, and a version once it is installed", function()
    for _, option in ipairs { "-h", "--help" } do
      local result = record(option)
      assert.matches("^Usage: lttnga%-record .*\nExamples:\n", result.out)
      assert.equal("", result.err)
      assert.equal(0, result.status)
      for line in result.out:gmatch("[^\n]+") do
        assert.is_true(#line <= 100, line)
      end
    end
    local version = "lttnga (not installed: run from its sources)\n"
    assert.equal(version, record("-V").out)
    assert.equal(version, record("--version").out)
  end)

  it("explains all options it takes", function()
    local help = record("--help").out
    for option in host.read(source):match("\nmain%(%) {.*"):gmatch("%-%-[a-z][a-z-]+") do
      assert.matches("\n  [^\n]*" .. option:gsub("%-", "%%-") .. "[ \n]", help)
    end
  end)
end)

describe("what documents say of lttnga-record", function()
  local page = host.read "docs/recording.md"

  --- The commands of a text that call it, as a shell would run them in a dry run.
  local function commands_of(text)
    local commands = {}
    for words in text:gmatch "\n +s?u?d?o? ?(lttnga%-record[^\n]*)" do
      words = words:gsub("  +#.*$", ""):gsub("^lttnga%-record", "")
      local dry = words:find "%-%-dry%-run" or words:find "%-%-check"
      commands[#commands + 1] = (dry and "" or "--dry-run") .. words
    end
    return commands
  end

  it("are commands that it takes", function()
    local folder, here, count = host.path("folder"), shell("pwd"):match("[^\n]+"), 0
    shell("mkdir " .. folder)
    local examples = record("--help").out:match "\nExamples:.-\n\n"
    for _, text in ipairs { page, examples } do
      for _, words in ipairs(commands_of(text)) do
        local command = command_for(words, nil, nil, here .. "/" .. source)
        local result = host.shell(("cd %s && %s"):format(folder, command))
        assert.equal("", result.err, words)
        assert.equal(0, result.status, words)
        count = count + 1
      end
    end
    assert.is_true(count >= 35, tostring(count))
  end)

  it("is what presets take", function()
    local rows = shell "tools/record-costs --page"
    assert.truthy(page:find(rows:gsub("^[^\n]*\n[^\n]*\n", ""), 1, true))
  end)

  it("is what it says", function()
    local result = record(plain .. "-- true", { FAKE_LOST = "487717" })
    assert.truthy(page:find("```\nlttnga-record: " .. result.buffers .. "\n```", 1, true))
    assert.truthy(page:find("```\n" .. result.err .. "```", 1, true))
  end)

  it("names all presets and rates", function()
    local help = record("--help").out
    for _, name in ipairs { "io", "cpu", "why", "all", "low", "medium", "high", "auto" } do
      assert.truthy(page:find("\n| `" .. name .. "` |", 1, true), name)
      assert.truthy(help:find("%f[%w]" .. name .. "%f[%W]"), name)
    end
  end)
end)

describe("the scripts", function()
  local all_scripts = { source, "record/lttnga-containers", "tools/record-costs",
    "tests/fake-lttng" }

  it("are what shells take", function()
    for _, path in ipairs(all_scripts) do
      shell("sh -n " .. path)
      if os.execute("command -v dash >/dev/null") then
        shell("dash -n " .. path)
      end
    end
  end)

  it("are what shellcheck takes", function()
    if not os.execute("command -v shellcheck >/dev/null") then
      pending("shellcheck is not installed")
      return
    end
    local result = host.shell("shellcheck " .. table.concat(all_scripts, " "))
    assert.equal(0, result.status, result.out)
  end)

  it("run in more shells than one", function()
    for _, name in ipairs { "dash", "bash --posix" } do
      if os.execute(("command -v %s >/dev/null"):format(name:match("%S+"))) then
        for _, words in ipairs { "-- true", "--for cpu --rate high -- true",
            "--snapshot --on true --snapshots 3", "--snapshot -- true",
            "--rotate 1G --keep 2 -- true", "--check",
            "--dry-run --snapshot --on 'a b' --snapshots 2 --containers" } do
          local fake_ = { FAKE_LOST = "99999999" }
          local here, there = record(plain .. words, fake_), record(plain .. words, fake_, name)
          assert.same(here.calls, there.calls)
          assert.equal(here.out, there.out)
          assert.equal(here.err:gsub("%d+", "N"), (there.err:gsub("%d+", "N")))
          assert.equal(0, there.status)
        end
      end
    end
  end)
end)
