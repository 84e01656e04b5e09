--- Why a thread does not go on at a moment: what it waits for, what that waits for, and so on,
-- until somebody runs, a device works, or nothing more is known.
--
-- Who ends a wait is known once it is over. So the session looks ahead, up to that waking, and
-- notes all waits that go on at the moment and end by then: those are the chain.
--
-- SPDX-License-Identifier: MIT

local family = require "lttnga.wait_family"

local why = {}

--- The waits that go on at a moment, by TID, as they end: until that of one thread has.
-- @tparam Session session, which is where that is afterwards
-- @tparam table target the thread, whose machine's waits these are
-- @tparam integer moment ns
-- @treturn table fields of sleep_end by TID
local function waits_from(session, target, moment)
  local waits = {}
  session:until_("sleep_end", function(host, tid, begin, time, cause, work, syscall, path,
      futex, disk, netif, peer, irq_name, softirq, source_tid, source_procname, source_time)
    if target.host and host ~= target.host then
      return false
    end
    if begin <= moment and not waits[tid] then
      waits[tid] = { time = time, cause = cause, work = work, syscall = syscall, path = path,
        futex = futex, disk = disk, netif = netif, peer = peer, irq_name = irq_name,
        softirq = softirq, source_tid = source_tid, source_procname = source_procname,
        source_time = source_time }
    end
    return tid == target.tid and begin <= moment
  end)
  return waits
end

--- The thread with a TID at the moment, all threads of its machine by TID, and who runs where
-- there. Of several machines that have one it is the first, as in proc(TID).
local function picture(session, tid)
  local threads, cpus, first = {}, {}, nil
  local all = session:view "thread"
  for _, thread in ipairs(all) do
    first = first or thread.tid == tid and not thread.exited and thread
  end
  for _, thread in ipairs(first and all or {}) do
    if thread.host == first.host and not thread.exited then
      threads[thread.tid] = thread
    end
  end
  for _, cpu in ipairs(first and session:view "cpu" or {}) do
    if cpu.host == first.host then
      cpus[cpu.cpu] = cpu
    end
  end
  return first, threads, cpus
end

--- A link of the chain: a thread as it is at the moment.
local function link_of(thread, wait)
  local row = { tid = thread.tid, pid = thread.pid, procname = thread.procname, cpu = thread.cpu,
    state = thread.state, since = thread.since, syscall = thread.syscall, path = thread.path }
  if wait then
    row.cause, row.ends = wait.cause == "work" and wait.work or wait.cause, wait.time
    row.object = family.object(wait, row.cause) or wait.peer
    -- That it has issued a request itself is no news.
    if wait.source_tid ~= thread.tid then
      row.source_tid, row.source_procname = wait.source_tid, wait.source_procname
    end
  end
  return row
end

--- The TID of the next link; nil if the chain ends here.
local function next_of(row, wait, cpus, moment)
  local sleeps = row.state ~= "running" and row.state ~= "runnable"
  if row.state == "runnable" then
    local cpu = cpus[row.cpu]
    return cpu and cpu.tid ~= 0 and cpu.tid ~= row.tid and cpu.tid or nil
  end
  -- What was sent, or asked of a disk, before the moment is on its way.
  return sleeps and wait and wait.source_time and wait.source_time > moment and wait.source_tid
    or nil
end

--- The chain from a thread on, at the moment at which a session stands.
-- @tparam Session session; it stays there
-- @tparam integer tid
-- @treturn table list of rows: tid, pid, procname, state, since, cpu, syscall, path; and of a wait
-- whose end was found cause, object, ends (when, ns), source_tid, source_procname; nil if there is
-- no such thread
function why.chain(session, tid)
  local here = session:now()
  local first, threads, cpus = picture(session, tid)
  local waits = {}
  if not first then
    return nil
  end
  if first.state ~= "running" and first.state ~= "runnable" then
    waits = waits_from(session, first, here.time)
    session:go_to_event(here.events)
    -- It may have been at a time after that event.
    if session:now().time < here.time then
      session:go(here.time)
    end
  end
  local rows, seen = {}, {}
  while tid and threads[tid] and not seen[tid] do
    seen[tid] = true
    local row = link_of(threads[tid], waits[tid])
    rows[#rows + 1] = row
    tid = next_of(row, waits[tid], cpus, here.time)
  end
  return rows
end

return why
