--- A trace of a machine with three containers: "web" and "hog" have PID namespaces of their own,
-- the third only cgroups of its own. The hog may use 20 ms of each 100 ms, and web makes calls
-- while a thread of the machine waits for its CPU.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local BEGIN = 1796038716000000000
local ms = 1000000

local HOST = { pid = 4026531836, cgroup = 4026531835, net = 4026531840, uts = 4026531838 }
local ids = { web = 4026532301, hog = 4026532302, agent = 4026532403 }

local dump, web = { cpu = 0 }, { cpu = 1 }

local function add(events, at, name, fields)
  events[#events + 1] = { BEGIN + at, name, fields }
end

--- The statedump of a thread, from the deepest PID namespace on.
local function thread(tid, name, pid_ns, cgroup_ns)
  local at = #dump * 1000
  add(dump, at, "lttng_statedump_process_state",
    { tid = tid, pid = tid, ppid = 1, name = name })
  if pid_ns then
    add(dump, at + 1, "lttng_statedump_process_pid_ns",
      { tid = tid, vtid = 1, vpid = 1, ns_level = 1, ns_inum = pid_ns })
  end
  add(dump, at + 2, "lttng_statedump_process_pid_ns",
    { tid = tid, vtid = tid, vpid = tid, ns_level = 0, ns_inum = HOST.pid })
  add(dump, at + 3, "lttng_statedump_process_cgroup_ns",
    { tid = tid, ns_inum = cgroup_ns or HOST.cgroup })
end

thread(1, "systemd")
thread(200, "nginx", ids.web, 4026532401)
thread(300, "hog", ids.hog, 4026532402)
thread(400, "agent", nil, ids.agent)

local function switch(events, at, prev, comm, state, next_tid, next_comm)
  add(events, at, "sched_switch", { prev_tid = prev, prev_comm = comm, prev_prio = 20,
    prev_state = state, next_tid = next_tid, next_comm = next_comm, next_prio = 20 })
end

local function charge(events, at, tid, comm, runtime)
  add(events, at, "sched_stat_runtime", { tid = tid, comm = comm, runtime = runtime })
end

--- A call that takes 100 us.
local function call(at, name, entry, leave)
  add(web, at, "syscall_entry_" .. name, entry)
  add(web, at + ms // 10, "syscall_exit_" .. name, leave)
end

local hog = dump
for i = 0, 2 do
  local at = 10 * ms + i * 100 * ms
  switch(hog, at, 0, "swapper/0", 0, 300, "hog")
  charge(hog, at + 20 * ms, 300, "hog", 20 * ms)
  switch(hog, at + 20 * ms, 300, "hog", 0, 0, "swapper/0")
end
switch(hog, 310 * ms, 0, "swapper/0", 0, 400, "agent")
charge(hog, 311 * ms, 400, "agent", ms)
switch(hog, 311 * ms, 400, "agent", 1, 0, "swapper/0")

switch(web, 10 * ms, 0, "swapper/1", 0, 200, "nginx")
call(11 * ms, "openat", { dfd = -100, filename = "/srv/index", flags = 0 }, { ret = 5 })
call(12 * ms, "read", { fd = 5, count = 8192 }, { ret = 4096 })
call(13 * ms, "socket", { family = 2, type = 1, protocol = 0 }, { ret = 6 })
call(14 * ms, "write", { fd = 6, count = 4096 }, { ret = 4096 })
add(web, 15 * ms, "block_rq_issue", { dev = 8388608, sector = 8, nr_sector = 16, rwbs = 0,
  tid = 200, comm = "nginx" })
add(web, 16 * ms, "block_rq_complete", { dev = 8388608, sector = 8, nr_sector = 16, error = 0 })
add(web, 20 * ms, "sched_waking", { comm = "systemd", tid = 1, prio = 20, target_cpu = 1 })
charge(web, 30 * ms, 200, "nginx", 19 * ms)
switch(web, 30 * ms, 200, "nginx", 1, 1, "systemd")
charge(web, 35 * ms, 1, "systemd", 5 * ms)
switch(web, 35 * ms, 1, "systemd", 1, 0, "swapper/1")
add(web, 320 * ms, "sched_waking", { comm = "agent", tid = 400, prio = 20, target_cpu = 0 })

local made = {}

--- Makes the trace; returns its folder.
-- @tparam[opt] boolean listed with the list that lttnga-record writes
function made.trace(listed)
  local folder = host.trace { streams = { dump, web } }
  if listed then
    made.list(folder)
  end
  return folder
end

--- The same, and another recording of that machine, later; only this has a list.
function made.traces()
  local later = { cpu = 1 }
  switch(later, 1000 * ms, 0, "swapper/1", 0, 200, "nginx")
  switch(later, 1010 * ms, 200, "nginx", 1, 0, "swapper/1")
  local second = host.trace { streams = { later } }
  made.list(second)
  return host.trace { streams = { dump, web } }, second
end

--- Writes the list into a folder.
function made.list(folder)
  local file <close> = assert(io.open(folder .. "/containers.tsv", "w"))
  local columns = { "when", "runtime", "name", "id", "image", "pid", "hostname", "pid_ns",
    "mnt_ns", "net_ns", "uts_ns", "ipc_ns", "user_ns", "cgroup_ns", "time_ns", "cgroup", "pids" }
  local function line(...)
    file:write(table.concat({ ... }, "\t"), "\n")
  end
  local function container(runtime, name, id, pid_ns, cgroup_ns, cgroup)
    line("start", runtime, name, id, "-", "1", "-", pid_ns, "-", "-", "-", "-", "-", cgroup_ns,
      "-", cgroup, "1")
  end
  line(table.unpack(columns))
  container("host", "box", "-", HOST.pid, HOST.cgroup, "/")
  container("docker", "web", ("0123456789abcdef"):rep(4), ids.web, "-", "/docker/0123")
  container("-", "-", "-", ids.hog, "-", "/lxc.payload.hog")
  file:write "what is no line of such a list\n"
end

return made
