--- lttnga-record with a fake lttng: which calls it makes, and that no session stays behind.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local script = "record/lttnga-record"

-- What LTTng 2.13 lists, in the order of recording.
local kernel_events = [[sched_switch sched_waking sched_wakeup sched_wakeup_new sched_migrate_task
  sched_pi_setprio sched_process_fork sched_process_exec sched_process_exit sched_process_free
  irq_handler_entry irq_handler_exit irq_softirq_raise irq_softirq_entry irq_softirq_exit
  timer_hrtimer_expire_entry timer_hrtimer_expire_exit
  kmem_mm_page_alloc kmem_mm_page_free mm_vmscan_wakeup_kswapd mm_vmscan_kswapd_wake
  mm_vmscan_kswapd_sleep mm_vmscan_direct_reclaim_begin mm_vmscan_direct_reclaim_end
  block_rq_issue block_rq_complete block_rq_requeue block_bio_remap block_bio_backmerge
  block_dirty_buffer writeback_dirty_page writeback_start writeback_pages_written
  writeback_balance_dirty_pages
  net_dev_queue net_dev_xmit net_if_rx net_if_receive_skb
  workqueue_queue_work workqueue_execute_start workqueue_execute_end]]
local statedump_events = [[lttng_statedump_start lttng_statedump_end lttng_statedump_process_state
  lttng_statedump_file_descriptor lttng_statedump_block_device lttng_statedump_network_interface
  lttng_statedump_interrupt lttng_statedump_cpu_topology]]
local all_events = kernel_events .. " " .. statedump_events

--- The words of a text, as enable-event takes them.
local function list(text)
  return (text:gsub("%s+", ","))
end

--- `text` without some of its words; or with others in their place ("old" = "new").
local function changed(text, changes)
  return (text:gsub("[%w_]+", changes):gsub("%s+", " "))
end

local function shell(...)
  local result = host.shell(...)
  assert.equal(0, result.status, result.err)
  return result.out
end

-- Programs that come before those of the machine, and nothing of LTTng but these.
local bin = host.path("bin")
local fake = shell("pwd"):gsub("\n", "") .. "/tests/fake-lttng"
for _, name in ipairs { "lttng", "lttng-sessiond", "lttng-relayd", "id" } do
  shell(("mkdir -p %s && ln -s %s %s/%s"):format(bin, host.quote(fake), bin, name))
end

local home = host.path("home")
local hostname = shell("uname -n"):gsub("\n", "")

--- The lines of a file; none if there is no file.
local function lines_of(path)
  local lines = {}
  local file = io.open(path)
  for line in file and file:lines() or function() end do
    lines[#lines + 1] = line
  end
  return lines
end

--- How to call the script as a shell does.
-- @param words its arguments, each quoted if that is needed
-- @tparam table fake_ FAKE_* and other variables
-- @treturn string the command
-- @treturn string the file that gets the calls
local function command_for(words, fake_, before)
  local calls = host.path("calls")
  local variables = { PATH = bin .. ":" .. os.getenv("PATH"), HOME = home, FAKE_CALLS = calls,
    FAKE_EVENTS = all_events }
  for name, value in pairs(fake_ or {}) do
    variables[name] = value
  end
  local assignments = {}
  for name, value in pairs(variables) do
    assignments[#assignments + 1] = name .. "=" .. host.quote(value)
  end
  return ("env -u SUDO_UID -u LTTNG_HOME --default-signal=INT,TERM %s %s %s %s"):format(
    table.concat(assignments, " "), before or "", script, words), calls
end

--- Runs it.
-- @treturn table status, out, err, calls: the lines
local function record(words, ...)
  local command, calls = command_for(words, ...)
  local result = host.shell(command)
  result.calls = lines_of(calls)
  return result
end

--- Runs it with no command, and sends it a signal when it says that it records.
-- @tparam[opt] string file that must have something in it before that
local function record_until(signal, words, fake_, file)
  local command, calls = command_for(words, fake_)
  local err = host.path("err")
  local result = host.shell(([[%s 2>%s & pid=$!
    tries=0
    until grep -q "until Ctrl-C" %s && test -s %s || [ $tries -eq 300 ]; do
      tries=$((tries + 1)); sleep 0.01
    done
    kill -%s $pid; wait $pid]]):format(command, err, err, file or err, signal))
  result.err = host.read(err)
  result.calls = lines_of(calls)
  return result
end

--- What is called for a session; `change` has other lines by the first two words of a call.
local function calls_for(session, change)
  change = change or {}
  local at = ("--kernel --session=%s --channel=lttnga"):format(session)
  local calls = {
    change.list or "lttng list --kernel",
    change.create or ("lttng create %s --output=/nowhere/trace"):format(session),
    change.channel or ("lttng enable-channel --kernel --session=%s --subbuf-size=8M --num-subbuf=4 "
      .. "lttnga"):format(session),
    ("lttng enable-event %s %s"):format(at, change.events or list(all_events)),
    change.syscalls or ("lttng enable-event %s --syscall --all"):format(at),
  }
  for _, context in ipairs { "pid", "tid", "procname" } do
    calls[#calls + 1] = ("lttng add-context %s --type=%s"):format(at, context)
  end
  for _, name in ipairs { "start", "stop", "destroy" } do
    calls[#calls + 1] = ("lttng %s %s"):format(name, session)
  end
  return calls
end

local plain = "--session s --output /nowhere/trace "

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
      assert.equal("lttnga-record: there is no command '" .. name .. "'\n", missing.err)
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
    assert.equal("lttnga-record: started lttng-relayd, which keeps running\n" ..
      "lttnga-record: to look at it meanwhile: babeltrace2 --input-format=lttng-live " ..
      "net://localhost/host/" .. hostname .. "/s\n", result.err)
    assert.equal("The trace is on localhost, where its lttng-relayd writes: by default " ..
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
    assert.equal("lttnga-record: not recorded, as this LTTng or Linux does not have them: " ..
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
    assert.equal("lttnga-record: lttng create failed: Session name already exists\n", result.err)
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

  it("passes on that events got lost", function()
    local result = record(plain .. "-- true", { FAKE_STOP = "Warning: 12 events were discarded, " ..
      "please refer to the documentation on channel configuration.\nTracing stopped" })
    assert.equal("lttnga-record: 12 events were discarded, please refer to the documentation on " ..
      "channel configuration.\nlttnga-record: larger buffers lose less: --subbuf-size, " ..
      "--num-subbuf\n", result.err)
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
    assert.equal("lttnga-record: if session s is not one from before: lttng destroy s\n",
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
    assert.matches("recording failed: there is no event to record\n$", result.err)
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
    assert.equal("lttnga-record: recording takes root or a member of the group 'tracing': " ..
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
    assert.matches("^lttnga%-record: no kernel tracer: Unable to list kernel events: Kernel " ..
      "tracer not available %(are LTTng's modules for Linux [^\n]* installed%? Debian package: " ..
      "lttng%-modules%-dkms%)\n$", result.err)
  end)

  it("starts the session daemon if none runs", function()
    local result = record(plain .. "-- true", { FAKE_DAEMON = host.path("daemon") })
    local calls = calls_for("s")
    for i, call in ipairs { "lttng list --kernel", "lttng list", "lttng-sessiond --daemonize" } do
      table.insert(calls, i, call)
    end
    assert.same(calls, result.calls)
    assert.equal("lttnga-record: starting lttng-sessiond, which keeps running\n", result.err)

    result = failing("lttng-sessiond*", { FAKE_DAEMON = host.path("daemon") })
    assert.matches("\nlttnga%-record: lttng%-sessiond does not start\n$", result.err)
    result = failing("", { FAKE_DAEMON = host.path("daemon"), FAKE_USER = "7 tracing" })
    assert.equal("lttnga-record: no session daemon of root runs: start one by " ..
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
    assert.equal("lttnga-record: output folder '" .. folder .. "' is in use: it is not empty\n",
      result.err)
    assert.equal(1, result.status)
    assert.same({}, result.calls)
    assert.equal("lttnga-record: output folder '" .. file .. "' is no folder\n",
      record("--output " .. file .. " -- true").err)
    assert.equal("lttnga-record: HOME is not set, so --output has to be\n",
      record("-- true", nil, "env -u HOME").err)
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
    assert.matches("^lttng%-relayd %-%-daemonize\nlttng create lttnga%-", result.out)
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
      ["sleep 5"] = "'sleep' is no option; a command comes after --",
      ["--live --"] = "no command after --",
      ["--session"] = "option --session takes a value",
      ["--session ''"] = "option --session takes a value",
      ["--output= -- true"] = "option --output takes a value",
      ["--session a/b"] = "LTTng takes no session of the name 'a/b'",
      ["--session auto-x"] = "LTTng takes no session of the name 'auto-x'",
      ["--session=-x"] = "LTTng takes no session of the name '-x'",
      ["--url box"] = "--url takes net://HOST or net6://HOST, not 'box'",
      ["--url net://"] = "--url takes net://HOST or net6://HOST, not 'net://'",
      ["--url file:///tmp"] = "--url takes net://HOST or net6://HOST, not 'file:///tmp'",
      ["--output x --live"] =
        "--output does not go with --live or --url: the relay daemon keeps the trace",
      ["--subbuf-size 8Q"] = "--subbuf-size takes a size as 512k or 8M, not '8Q'",
      ["--subbuf-size M"] = "--subbuf-size takes a size as 512k or 8M, not 'M'",
      ["--num-subbuf 4k"] = "--num-subbuf takes a number, not '4k'",
      ["--num-subbuf 0"] = "--num-subbuf takes a number, not '0'",
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
    for option in host.read(script):match("\nmain%(%) {.*"):gmatch("%-%-[a-z][a-z-]+") do
      assert.matches("\n  [^\n]*" .. option:gsub("%-", "%%-") .. "[ \n]", help)
    end
  end)
end)

describe("the scripts", function()
  it("are what shells take", function()
    for _, path in ipairs { script, "tests/fake-lttng" } do
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
    local result = host.shell("shellcheck " .. script .. " tests/fake-lttng")
    assert.equal(0, result.status, result.out)
  end)

  it("run in more shells than one", function()
    for _, name in ipairs { "dash", "bash --posix" } do
      if os.execute(("command -v %s >/dev/null"):format(name:match("%S+"))) then
        local result = record(plain .. "-- true", nil, name)
        assert.same(calls_for("s"), result.calls)
        assert.equal(0, result.status)
      end
    end
  end)
end)
