--- A trace with calls that send signals, as in a test of processes that are killed in the middle of
-- calls.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local BEGIN = 1795448251000000000
local us = 1000

--- A call that begins at a time (us since BEGIN), and takes 50 us.
local function call(at, name, entry, leave)
  return { BEGIN + at * us, "syscall_entry_" .. name, entry },
    { BEGIN + (at + 50) * us, "syscall_exit_" .. name, leave }
end

local function switch(at, prev, comm, next_tid, next_comm)
  return { BEGIN + at * us, "sched_switch", { prev_tid = prev, prev_comm = comm, prev_prio = 20,
    prev_state = 1, next_tid = next_tid, next_comm = next_comm, next_prio = 20 } }
end

local events = { cpu = 0, switch(0, 0, "swapper/0", 641, "python3") }

for _, pid in ipairs { 641, 671 } do
  events[#events + 1] = { BEGIN + pid, "lttng_statedump_process_state",
    { tid = pid, pid = pid, ppid = 1, name = pid == 641 and "python3" or "worker" } }
end

local function add(...)
  table.move({ ... }, 1, select("#", ...), #events + 1, events)
end

for i, sig in ipairs { 9, 15, 19, 18 } do
  add(call(i * 166000, "kill", { pid = 641 + i, sig = sig }, { ret = 0 }))
end
add(call(700000, "kill", { pid = 642, sig = 9 }, { ret = -3 }))
add({ BEGIN + 750000 * us, "syscall_entry_unknown", { id = 424, args = { 3, 12, 0, 0, 0, 0 } } },
  { BEGIN + 750010 * us, "signal_generate", { sig = 12, pid = 645 } },
  { BEGIN + 750050 * us, "syscall_exit_unknown", { id = 424, ret = 0 } })
add(switch(800000, 641, "python3", 671, "worker"))
add(call(810000, "tgkill", { tgid = 671, pid = 671, sig = 6 }, { ret = 0 }))
add(call(820000, "rt_sigqueueinfo", { pid = 641, sig = 36 }, { ret = 0 }))
add(call(830000, "kill", { pid = 0, sig = 0 }, { ret = 0 }))
add(switch(900000, 671, "worker", 0, "swapper/0"))

return { folder = host.trace { streams = { events } } }
