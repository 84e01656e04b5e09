-- Why the slowest I/O call of a trace was slow: what its thread did, who woke it, and what the machine
-- was doing just before it ended. Commands of a session, as a script; the prompt comes afterwards.
--
--   lttnga-run -i examples/why_slow.session.lua build/example-trace
--   lttnga-run -i examples/why_slow.session.lua build/example-trace </dev/null    # without the prompt
--
--   The slowest call: openat of bash (363), 73.828 ms
--   =================================================
--   file: /out/traces/tiny.txt
--   just before it ended: 15:36:40.525753689, event 25706
--
--   What was the thread doing, up to then?
--   ======================================
--   Timerange: [2026-11-23 15:36:40.451925660, 15:36:40.525753690] UTC, 73.828 ms
--
--   Time of threads
--   Process       Running       Woken  Preempted   Blocked    Asleep     Other  Blocked for  Asleep for
--   ---------------------------------------------------------------------------------------------------
--   bash (363)  71.036 ms  616.090 us   0.000 us  2.176 ms  0.000 us  0.000 us  irq 100%
--
--   Who ended its last wait?
--   ========================
--   15:36:40.521923480, event 25684
--   15:36:40.521923480 CPU 0 bash (363) sleep_end: begin=15:36:40.521704020 duration=219.460us state="uninterruptible" context="irq" irq=34 irq_name="virtio1-requests" cause="irq" syscall="openat" runnable_from=15:36:40.521923480
--
--   Who had the CPUs?
--   =================
--   CPU TID PID Prio      For Syscall Name
--   ----------------------------------------
--     0   0          3.854 ms         (idle)
--     1 363 363   20 3.792 ms openat  bash
--
--   ...

--- The longest call on files; or of all, which may just have waited for somebody's words.
local function slowest_call(wanted)
  local longest, call = 0, nil
  run { on = { io_end = function(event, duration, file_type)
    if duration > longest and (not wanted or file_type == wanted) then
      longest, call = duration, event:copy()
    end
  end } }
  return call
end

local function heading(text)
  print(("\n%s\n%s"):format(text, ("="):rep(#text)))
end

local call = slowest_call "file" or slowest_call()
if not call then
  print "This trace has no I/O call."
  return
end

go(call.time - 1)
heading(("The slowest call: %s of %s (%s), %.3f ms"):format(call.name, call.procname or "?",
  call.tid, call.duration / 1e6))
print(("file: %s\njust before it ended: %s"):format(call.path or "?", now()))

heading "What was the thread doing, up to then?"
print(analyse("schedstates", { tid = call.tid }, call.begin, call.time))

heading "Who ended its last wait?"
local found, wait = pcall(back_until, "sleep_end", function(tid, time)
  return tid == call.tid and time >= call.begin
end)
print(found and wait or "It did not wait.")

go(call.time - 1)
heading "Who had the CPUs?"
print(cpus())
heading "What else was in progress?"
print(inflight())
heading "The disks"
print(disks())
