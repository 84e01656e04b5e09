--- Makes traces of a service whose requests consist of what a test says: how long each ran, waited
-- for its disk, for a lock, and for its CPU. Times are exact, so that a comparison can be, too.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local service = {}

--- From a waking until the thread runs, ns: that is waiting for a CPU, too.
service.LATENCY = 1000

local S, D, R = 1, 2, 0

--- Writes requests as a trace: those with the parts `disk`, `lock` or `hog` wait that long (ns),
-- `run` is the rest. `name` is what they are (default: "req").
-- @tparam table requests list of { run =, disk =, lock =, hog =, name =, pause = before it }, ns
-- @tparam[opt] table as what is different in another trace: tid (of the service; others follow it),
-- app, holder, hog (names), disk (device number), hostname
-- @treturn string its folder
-- @treturn table when each request begins and ends: list of { begin, end }, ns
function service.trace(requests, as)
  as = as or {}
  local tid, app = as.tid or 10, as.app or "app"
  local names = { [0] = "swapper/0", [tid] = app, [tid + 1] = as.holder or "holder",
    [tid + 2] = as.hog or "hog" }
  local dev = as.disk or 8388608
  local here, there, now, times = { cpu = 0 }, { cpu = 1 }, 1000000, {}
  local function at(list, name, fields)
    list[#list + 1] = { now, name, fields }
  end
  local function switch(list, prev, state, next)
    at(list, "sched_switch", { prev_tid = prev, prev_comm = names[prev], prev_prio = 20,
      prev_state = state, next_tid = next, next_comm = names[next], next_prio = 20 })
  end
  local function wake(list, who)
    at(list, "sched_waking", { comm = names[who], tid = who, prio = 20, target_cpu = 0 })
  end
  --- The service sleeps, and runs again once something has woken it.
  local function sleep(state, duration, list, wakes)
    switch(here, tid, state, 0)
    now = now + duration - service.LATENCY
    wakes(list)
    now = now + service.LATENCY
    switch(here, 0, R, tid)
  end
  -- Events of all kinds of interrupts: with these it is known what wakes.
  for _, one in ipairs { { "irq_softirq_entry", { vec = 1 } }, { "irq_softirq_exit", { vec = 1 } },
    { "timer_hrtimer_expire_entry", { hrtimer = 1 } },
    { "timer_hrtimer_expire_exit", { hrtimer = 1 } },
    { "irq_handler_entry", { irq = 1, name = "i8042" } },
    { "irq_handler_exit", { irq = 1, ret = 1 } } } do
    at(here, one[1], one[2])
    now = now + 100
  end
  for i = tid, tid + 2 do
    at(here, "lttng_statedump_process_state", { tid = i, pid = i, ppid = 1, name = names[i],
      type = 0, mode = 0, submode = 0, status = 0, ns_level = 0 })
  end
  switch(here, 0, R, tid)
  switch(there, 0, R, tid + 1)
  for i, one in ipairs(requests) do
    now = now + (one.pause or 10000)
    local name = ("%s %d"):format(one.name or "req", i)
    at(here, "lttng_logger", { msg = name .. " begin" })
    times[i] = { now }
    if one.disk then
      at(here, "block_rq_issue", { dev = dev, sector = 8 * i, nr_sector = 8, bytes = 4096,
        rwbs = 0, tid = tid, comm = app })
      sleep(D, one.disk, here, function(list)
        at(list, "irq_handler_entry", { irq = 5, name = "disk" })
        at(list, "block_rq_complete", { dev = dev, sector = 8 * i, nr_sector = 8, error = 0 })
        wake(list, tid)
        at(list, "irq_handler_exit", { irq = 5, ret = 1 })
      end)
    end
    if one.lock then
      at(here, "syscall_entry_futex", { uaddr = 4096, op = 0, val = 0, utime = 0, uaddr2 = 0,
        val3 = 0 })
      sleep(S, one.lock, there, function(list) wake(list, tid) end)
      at(here, "syscall_exit_futex", { ret = 0, uaddr = 4096, uaddr2 = 0 })
    end
    if one.hog then
      switch(here, tid, R, tid + 2)
      now = now + one.hog
      switch(here, tid + 2, S, tid)
    end
    now = now + (one.run or 0)
    at(here, "lttng_logger", { msg = name .. " end" })
    times[i][2] = now
  end
  now = now + 10000
  switch(here, tid, S, 0)
  switch(there, tid + 1, S, 0)
  return host.trace { env = { domain = "kernel", hostname = as.hostname or "box",
    tracer_name = "lttng-modules", tracer_major = 2, tracer_minor = 13,
    kernel_release = "6.1.0-amd64" }, streams = { here, there } }, times
end

return service
