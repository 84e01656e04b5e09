--- Which locks threads waited for, how long, and who released them: futexes, files, kernel locks.
--
--   lttnga-run locks my-trace/
--   lttnga-run locks --procname mysqld --min 1ms my-trace/
--
-- A wait counts only if another thread ended it; calls that fail with EAGAIN or time out do not.
-- Condition variables, semaphores and joins look the same as mutexes, so idle threads of a pool come
-- first; leave them out with --max. Addresses are those of one process: a futex that processes share
-- appears once for each. The chain is who waited for whom in the longest wait: "a (10) 9 ms >
-- b (11) 7 ms > c (12)" is a convoy, in which b released what a waited for, but had waited itself
-- for 7 ms, for a lock that c released. Locks of files, mappings and journals are inferred: the
-- thread could not be interrupted, and the one that woke it worked on the same. Contention for locks
-- within the kernel is shown if the trace has lock_contention_begin and lock_contention_end, which
-- lttnga-record does not record.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Locks
--   Lock        Waits  Waiters  Wakers   Total  Average     Max  Longest from
--   --------------------------------------------------------------------------------
--   jbd2/vda-8      1        1       1  418 us   418 us  418 us   15:36:39.092366970
--   Columns not shown: Waiter, Released by, Chain (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local family = require "lttnga.wait_family"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local text = require "lttnga.text"
local thread = require "lttnga.thread"

--- So many threads are named in a chain.
local CHAIN_MAX = 8

--- How calls end that wait no more, without having got what they waited for.
local failures = { "EAGAIN", "ETIMEDOUT", "EINTR", "ERESTARTSYS", "ERESTARTNOINTR",
  "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK" }

-- ---- Waits ----

--- A thread in a chain, with how long it waited.
local function link(wait)
  return ("%s %s"):format(thread.label { name = wait.procname, tid = wait.tid, pid = wait.pid },
    text.duration(wait.duration))
end

--- Who waited for whom: the one whose wait ends now, the one who ended it, and, if that had waited
-- for a lock itself meanwhile, on behalf of whom.
-- @tparam table wait
-- @tparam[opt] table before the last wait of who ended it
-- @treturn table list of texts, the last one being who did not wait
local function chain(wait, before)
  local list = { link(wait) }
  if before and before.time > wait.begin then
    return table.move(before.chain, 1, math.min(#before.chain, CHAIN_MAX - 1), 2, list)
  end
  list[2] = wait.source_tid and thread.label { name = wait.source_procname, tid = wait.source_tid }
  return list
end

--- What is known of a lock.
local function new_lock()
  return { waits = stats.new(), waiters = { n = 0, has = {} }, wakers = { n = 0, has = {} } }
end

--- Counts who was not there before.
local function note(set, who)
  if who and not set.has[who] then
    set.has[who], set.n = true, set.n + 1
  end
end

--- A wait counts: it is clear by now that its call did not fail.
local function add(w, wait)
  -- Files are those of all processes.
  local own = wait.futex or wait.path == "mmap_lock"
  local lock = w.locks:of(("%s %s"):format(own and wait.upid, wait.object))
  lock.object = wait.object
  if own then
    lock.pid, lock.process = wait.pid, wait.process
  end
  lock.waits:add(wait.duration)
  note(lock.waiters, wait.utid)
  note(lock.wakers, wait.source_utid)
  if not lock.longest or wait.duration > lock.longest.duration then
    lock.longest = wait
  end
end

--- A wait for a lock ends, and so the one before it of that thread is over for good.
local function take(w, wait, counts)
  wait.chain = chain(wait, wait.source_utid and w.run[wait.source_utid])
  w.run[wait.utid] = wait
  if w.pending[wait.utid] then
    add(w, w.pending[wait.utid])
  end
  w.pending[wait.utid] = counts and wait or nil
end

--- What is pending is over with the window.
local function settle(w)
  local list = {}
  for _, wait in pairs(w.pending) do
    list[#list + 1] = wait
  end
  table.sort(list, function(a, b)
    return a.time < b.time or a.time == b.time and a.utid < b.utid
  end)
  for _, wait in ipairs(list) do
    add(w, wait)
  end
end

--- Rows of the locks that were waited for.
local function lock_rows(w)
  for _, lock in ipairs(w.locks.list) do
    local longest = lock.longest
    stats.fields(lock.waits, lock)
    lock.total, lock.begin = lock.waits:sum(), longest.begin
    lock.n_waiters, lock.n_wakers = lock.waiters.n, lock.wakers.n
    lock.tid, lock.procname = longest.tid, longest.procname
    lock.releaser_tid, lock.releaser = longest.source_tid, longest.source_procname
    lock.chain = table.concat(longest.chain, " > ")
  end
  return w.locks.list
end

-- ---- Locks of the kernel ----

local function kernel_rows(w)
  local rows = sums.by(w.contentions, { of = { "lock", "name", "kind" },
    key = function(one) return ("%s %s"):format(one.lock, one.name) end })
  for _, row in ipairs(stats.rows(rows)) do
    row.waiters, row.failed = 0, 0
    row.lock = row.lock and ("0x%x"):format(row.lock)
  end
  for one in w.contentions:by("lock", "name", "utid", "error"):each() do
    local row = rows.of[("%s %s"):format(one.lock, one.name)]
    row.failed = row.failed + (one.error ~= 0 and one.n or 0)
  end
  for one in w.contentions:by("lock", "name", "utid"):each() do
    local row = rows.of[("%s %s"):format(one.lock, one.name)]
    row.waiters = row.waiters + 1
  end
  return rows
end

local function statistics(...)
  local list = { ... }
  for _, column in ipairs {
    { "Waits", "number", "count", width = 7, compare = "sum" },
    { "Waiters", "number", "n_waiters", width = 7 },
    { "Wakers", "number", "n_wakers", width = 7 },
    { "Total", "duration", "total", width = 13, compare = "sum" },
    { "Average", "duration", "average", width = 12 }, { "Max", "duration", "max", width = 12 },
  } do
    list[#list + 1] = column
  end
  return list
end

local columns = statistics(
  { "Process", "process", { name = "process", pid = "pid" }, with = "process", key = true,
    width = -22 },
  { "Lock", "string", "object", key = true, width = -22 })
for _, column in ipairs {
  { "Longest from", "timestamp", "begin", indent = 1 },
  { "Waiter", "process", thread.fields, indent = 1, width = -20 },
  { "Released by", "process", { name = "releaser", tid = "releaser_tid" }, with = "releaser_tid",
    indent = 1, width = -20 },
  { "Chain", "string", "chain", indent = 1, width = -10 },
} do
  columns[#columns + 1] = column
end

return analysis {
  title = "Locks",
  options = { "process", "cpu", "duration", "limit" },
  selects = { sleep_end = {}, contention = {} },

  --- The last wait for a lock of each thread.
  run = function() return {} end,

  begin = function(w)
    w.locks, w.pending, w.contentions = ordered.new(new_lock), {}, stats.keyed()
    w.failed = { add = function(_, utid, begin)
      local wait = w.pending[utid]
      if wait and wait.futex and wait.time >= begin then
        w.pending[utid] = nil
      end
    end }
  end,

  collect = {
    { "contention", "lock", "name", "kind", "utid", "error", "duration", into = "contentions" },
    { "syscall_exit", "utid", "begin", into = "failed",
      only = { name = { "futex", "futex_time64" }, error_name = failures } },
  },

  on = {
    sleep_end = function(w, selected, cause, futex, path, time, begin, duration, utid, upid, tid,
        pid, procname, process, source_utid, source_tid, source_procname)
      if cause == "lock" then
        take(w, { futex = futex, path = path, time = time, begin = begin, duration = duration,
          utid = utid, upid = upid, tid = tid, pid = pid, procname = procname, process = process,
          source_utid = source_utid, source_tid = source_tid, source_procname = source_procname,
          object = family.object { cause = cause, futex = futex, path = path } or "unknown",
        }, selected)
      end
    end,
  },

  finish = settle,

  merge = "replay",

  tables = {
    { "locks", "Locks", columns, by = "total", text = "grid", heading = "%s (usec):",
      needs = { "sleep_end", "sleep_end.context", "sleep_end.cause" }, rows = lock_rows },

    { "kernel-locks", "Kernel locks",
      { { "Lock", "string", "lock", key = true, width = -20 },
        { "Name", "string", "name", key = true, width = -20 },
        { "Kind", "string", "kind", width = -14 },
        { "Waits", "number", "count", width = 7, compare = "sum" },
        { "Waiters", "number", "waiters", width = 7 },
        { "Failed", "number", "failed", width = 7, compare = "sum" },
        { "Total", "duration", "total", width = 13, compare = "sum" },
        { "Average", "duration", "average", width = 12 },
        { "Max", "duration", "max", width = 12 } },
      by = "total", text = "grid", heading = "%s (usec):", needs = { "contention" },
      optional = true, rows = kernel_rows },
  },
}
