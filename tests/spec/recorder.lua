--- For specs of lttnga-record: runs it with a fake lttng, on a machine as wanted.
--
-- SPDX-License-Identifier: MIT

local assert = require "luassert"

local host = require "tests.spec.host"

local recorder = {}

-- What LTTng 2.13 lists, in the order of recording.
recorder.kernel_events = [[sched_switch sched_waking sched_wakeup sched_wakeup_new
  sched_process_fork sched_process_exec sched_process_exit sched_process_free
  irq_handler_entry irq_handler_exit irq_softirq_entry irq_softirq_exit
  timer_hrtimer_expire_entry timer_hrtimer_expire_exit sched_migrate_task sched_pi_setprio
  irq_softirq_raise block_rq_issue block_rq_complete block_rq_requeue block_bio_remap
  block_bio_backmerge net_dev_queue net_dev_xmit net_if_rx net_if_receive_skb
  workqueue_queue_work workqueue_execute_start workqueue_execute_end
  block_dirty_buffer writeback_dirty_page writeback_start writeback_pages_written
  writeback_balance_dirty_pages mm_vmscan_wakeup_kswapd mm_vmscan_kswapd_wake
  mm_vmscan_kswapd_sleep mm_vmscan_direct_reclaim_begin mm_vmscan_direct_reclaim_end
  kmem_mm_page_alloc kmem_mm_page_free]]
recorder.statedump_events = [[lttng_statedump_start lttng_statedump_end
  lttng_statedump_process_state lttng_statedump_interrupt lttng_statedump_cpu_topology
  lttng_statedump_file_descriptor lttng_statedump_block_device lttng_statedump_network_interface]]
recorder.all_events = recorder.kernel_events .. " " .. recorder.statedump_events

--- The words of a text, as enable-event takes them.
function recorder.list(text)
  return (text:gsub("%s+", ","))
end

--- `text` without some of its words; or with others in their place ("old" = "new").
function recorder.changed(text, changes)
  return (text:gsub("[%w_]+", changes):gsub("%s+", " "))
end

--- Runs a command of the shell that has to succeed; what it prints.
function recorder.shell(...)
  local result = host.shell(...)
  assert.equal(0, result.status, result.err)
  return result.out
end

-- Programs that come before those of the machine, and nothing of LTTng but these.
recorder.bin = host.path("bin")
local fake = recorder.shell("pwd"):gsub("\n", "") .. "/tests/fake-lttng"
for _, name in ipairs { "lttng", "lttng-sessiond", "lttng-relayd", "id", "df" } do
  recorder.shell(("mkdir -p %s && ln -s %s %s/%s"):format(recorder.bin, host.quote(fake),
    recorder.bin, name))
end

recorder.home = host.path("home")
recorder.hostname = recorder.shell("uname -n"):gsub("\n", "")
recorder.release = recorder.shell("uname -r"):gsub("\n", "")

--- Makes files below a folder, from a table of their texts by name.
function recorder.files(folder, texts)
  for name, text in pairs(texts) do
    recorder.shell(("mkdir -p %s/%s"):format(folder, name:match("^(.*)/") or "."))
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end
end

--- /proc of a machine: with so many CPUs, megabytes of memory, and context switches a second and
-- CPU (100).
function recorder.proc_of(cpus, megabytes, switches)
  local stat = {}
  for cpu = 1, cpus do
    stat[cpu] = ("cpu%d 1 2 3\n"):format(cpu - 1)
  end
  return {
    ["proc/stat"] = ("cpu 1 2 3\n%sintr 5\nctxt %d\n"):format(table.concat(stat),
      (switches or 100) * cpus * 1000),
    ["proc/uptime"] = "1000.52 1500.30\n",
    ["proc/meminfo"] = ("MemTotal: %d kB\nMemFree: 5 kB\nMemAvailable: %d kB\n"):format(
      megabytes * 1024, megabytes * 1024 // 2),
  }
end

-- A machine, and the program as it is there.
local machine = host.path("machine")
recorder.source = "record/lttnga-record"

--- The program on a machine: its path.
function recorder.program_on(root, name)
  name = name or recorder.source
  local text = host.read(name):gsub("\nROOT=\n", "\nROOT=" .. root .. "\n")
  local path = host.write(text, name:match("[^/]*$"))
  recorder.shell("chmod +x " .. path)
  return path
end

recorder.files(machine, recorder.proc_of(2, 8192))
recorder.script = recorder.program_on(machine)

--- The lines of a file; none if there is no file.
function recorder.lines_of(path)
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
-- @tparam[opt] string before what comes before it: the shell, say
-- @tparam[opt] string program another copy of it, from program_on()
-- @treturn string the command
-- @treturn string the file that gets the calls
function recorder.command_for(words, fake_, before, program)
  local calls = host.path("calls")
  local variables = { PATH = recorder.bin .. ":" .. os.getenv("PATH"), HOME = recorder.home,
    FAKE_CALLS = calls, FAKE_EVENTS = recorder.all_events }
  for name, value in pairs(fake_ or {}) do
    variables[name] = value
  end
  local assignments = {}
  for name, value in pairs(variables) do
    assignments[#assignments + 1] = name .. "=" .. host.quote(value)
  end
  return ("env -u SUDO_UID -u LTTNG_HOME --default-signal=INT,TERM %s %s %s %s"):format(
    table.concat(assignments, " "), before or "", program or recorder.script, words), calls
end

--- Takes what is said of buffers out of what a run has said: `buffers`.
function recorder.without_buffers(result)
  result.err = result.err:gsub("lttnga%-record: (buffers: [^\n]*)\n", function(line)
    result.buffers = line
    return ""
  end)
  return result
end

--- Runs it.
-- @treturn table status, out, err, calls: the lines; buffers
function recorder.record(words, ...)
  local command, calls = recorder.command_for(words, ...)
  local result = host.shell(command)
  result.calls = recorder.lines_of(calls)
  return recorder.without_buffers(result)
end

--- Runs it with no command, and sends it a signal when it says that it records.
-- @tparam[opt] string file that must have something in it before that
function recorder.record_until(signal, words, fake_, file)
  local command, calls = recorder.command_for(words, fake_)
  local err = host.path("err")
  local result = host.shell(([[%s 2>%s & pid=$!
    tries=0
    until grep -q "until Ctrl-C" %s && test -s %s || [ $tries -eq 300 ]; do
      tries=$((tries + 1)); sleep 0.01
    done
    kill -%s $pid; wait $pid]]):format(command, err, err, file or err, signal))
  result.err = host.read(err)
  result.calls = recorder.lines_of(calls)
  return recorder.without_buffers(result)
end

--- What is called for a session; `change` has other lines by the first two words of a call.
function recorder.calls_for(session, change)
  change = change or {}
  local at = ("--kernel --session=%s --channel=lttnga"):format(session)
  local calls = {
    change.list or "lttng list --kernel",
    change.create or ("lttng create %s --output=/nowhere/trace"):format(session),
    change.channel or ("lttng enable-channel --kernel --session=%s --subbuf-size=8M --num-subbuf=4 "
      .. "lttnga"):format(session),
    ("lttng enable-event %s %s"):format(at, change.events or recorder.list(recorder.all_events)),
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

-- Words that most runs begin with.
recorder.plain = "--session s --output /nowhere/trace "

--- What a dry run would record.
-- @treturn string the events, with blanks between
-- @treturn boolean whether system calls
-- @treturn string all that it prints
function recorder.taken_by(words)
  local out = recorder.record("--dry-run --session s " .. words .. " -- true").out
  local events = out:match "%-%-channel=lttnga ([%w_,]+)\n"
  return events:gsub(",", " "), out:find("--syscall --all", 1, true) ~= nil, out
end

return recorder
