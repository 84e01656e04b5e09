--- What a machine does over time, in intervals: CPUs, threads, disks, page cache, network. What
-- `overview` and pictures are made of.
--
--     begin = function(w) activity.begin(w, { width = 1000000000 }) end,
--     collect = activity.collect,
--     finish = function(w) w.rows = activity.rows(w) end,
--
-- A row is an interval; amounts are those of all of it, times are in ns, and a field is nil if the
-- trace can't tell it:
--
--     begin, time, length         when; how long
--     n_cpus                      CPUs that were recorded
--     unrecorded                  whether nothing is known of it at all: amounts are nil then
--     busy, idle, unknown         what they did (ns of all of them); by CPU in `cpus`
--     user, system                what they did while they were busy: system calls and threads of
--                                 the kernel are `system` (spread evenly over what a thread ran)
--     irq, softirq                handlers of interrupts, whoever was interrupted
--     waiting, blocked            how many threads waited for a CPU; slept uninterruptibly (mean)
--     read, written               bytes that disks have read and written (without failed requests)
--     n_read, n_written           requests that did that; `requests`: of all kinds
--     p99                         of the time that requests took; in `disks`: by name
--     dirty, dirty_most           bytes of the page cache that are dirty: mean, and most
--     received, sent              bytes; by interface in `netifs`
--     forks                       threads and processes that were made
--     slowest                     of calls on files: { name, procname, tid, value = ns, time };
--                                 has_calls: whether there can be one
--     lost_events, lost_packets   what was lost in gaps that end in it; `lost_time`: how long gaps
--                                 were, of all CPUs
--     failed                      how many calls failed so: by "NAME ERROR"
--     reclaim                     how often (n), and for how long (time), memory was freed, as it
--                                 ended: by `direct`, `kswapd`
--     throttled                   how long calls were made to wait for too many dirty pages
--     longest_blocked, longest_queued, longest_irq    { value = ns, time, ... }
--
-- SPDX-License-Identifier: MIT

local stats = require "lttnga.stats"

local activity = {}

local MS = 1000000

--- The series: their kind, and the fields that are kept of the largest.
local series = {
  slices = { "time" }, modes = { "spread" }, states = { "time" }, irqs = { "time" },
  in_flight = { "time" },
  disk_times = { "values" }, disk_sizes = { "sum" }, dirty = { "level" }, throttled = { "sum" },
  net = { "sum" }, forks = { "sum" }, failed = { "sum" }, reclaims = { "sum" },
  naps = { "sum" },
  lost_events = { "sum" }, lost_packets = { "sum" }, gaps = { "time" },
  slowest = { "largest", { "name", "procname", "tid" } },
  longest_blocked = { "largest", { "procname", "tid" } },
  longest_queued = { "largest", { "procname", "tid" } },
  longest_irq = { "largest", { "kind", "name", "cpu" } },
}

--- Errors that tell that something is wrong, and not just how things are found out (ENOENT).
local ERRORS = { "EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "ENOMEM", "EUCLEAN",
  "ESTALE", "EPIPE", "ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "ENETUNREACH", "EHOSTUNREACH",
  "ENOBUFS", "EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "EPERM" }

--- The collects, for `collect` of an analysis.
activity.collect = {
  { "sched_slice", "cpu", "busy", "begin", "time", into = "slices" },
  { "cpu_time", "mode", "time", "duration", begin = "since", into = "modes" },
  { "thread_state", "cpu", "state", "begin", "time", into = "states",
    only = { state = { "woken", "preempted", "uninterruptible" } } },
  { "thread_state", "procname", "tid", "time", "duration", into = "longest_blocked",
    only = { state = { "uninterruptible" } } },
  { "thread_state", "procname", "tid", "time", "duration", into = "longest_queued",
    only = { state = { "woken", "preempted" } } },
  { "irq_end", "begin", "time", set = { kind = "irq" }, into = "irqs" },
  { "softirq_end", "begin", "time", set = { kind = "softirq" }, into = "irqs" },
  { "irq_end", "name", "cpu", "time", "duration", set = { kind = "irq" }, into = "longest_irq" },
  { "softirq_end", "name", "cpu", "time", "duration", set = { kind = "softirq" },
    into = "longest_irq" },
  { "disk_request_end", "disk", "op", "error_name", "time", "duration", into = "disk_times" },
  { "disk_request_end", "disk", "op", "time", "transferred", into = "disk_sizes" },
  { "disk_request_end", "disk", "begin", "time", into = "in_flight" },
  { "page_dirty", "time", "dirty", into = "dirty" },
  { "page_flush", "time", "dirty", into = "dirty" },
  { "page_drop", "time", "dirty", into = "dirty" },
  { "sync_end", "time", "throttled", into = "throttled" },
  { "net_rx", "netif", "time", "size", set = { way = "received" }, into = "net" },
  { "net_tx", "netif", "time", "size", set = { way = "sent" }, into = "net" },
  { "process_start", "time", "tid", into = "forks" },
  { "io_end", "name", "procname", "tid", "time", "duration", into = "slowest",
    only = { file_type = { "file" } } },
  { "io_end", "name", "procname", "tid", "time", "duration", into = "slowest",
    only = { io_class = { "sync" } } },
  { "syscall_exit", "name", "error_name", "time", "duration", into = "failed",
    only = { error_name = ERRORS } },
  { "reclaim", "kind", "time", "duration", into = "reclaims" },
  { "reclaim", "kind", "time", "asleep", into = "naps" },
  { "lost_events", "begin", "time", into = "gaps" },
  { "lost_events", "time", "events", into = "lost_events" },
  { "lost_events", "time", "packets", into = "lost_packets" },
}

--- The hooks that are collected, each once, for `needs` of a table of everything.
activity.needs = {}
do
  local seen = { lost_events = true }
  for _, collect in ipairs(activity.collect) do
    activity.needs[#activity.needs + 1] = not seen[collect[1]] and collect[1] or nil
    seen[collect[1]] = true
  end
end

--- Makes the series in a window.
-- @tparam table w the window
-- @tparam[opt] table options see stats.grid (default: bins of 1 ms)
function activity.begin(w, options)
  options = options or {}
  w.grid = stats.grid { width = options.width or MS, bins = options.bins, within = w }
  for name, one in pairs(series) do
    w[name] = stats.series(w.grid, one[1], one[2])
  end
end

--- Whether the trace has the events that hooks need.
local function has(w, ...)
  for _, name in ipairs { ... } do
    if w.missing[name] then
      return false
    end
  end
  return true
end

--- Adds a list of numbers, value by value, to a field of rows.
local function add(rows, field, values)
  for i, row in ipairs(rows) do
    row[field] = (row[field] or 0) + (values[i] or 0)
  end
end

--- The table that every row has for a named thing, which is made if it is new.
local function parts(rows, field, name, new)
  local list = {}
  for i, row in ipairs(rows) do
    row[field] = row[field] or {}
    row[field][name] = row[field][name] or new()
    list[i] = row[field][name]
  end
  return list
end

-- ---- What there is in rows, by what it takes ----

local function new_cpu()
  return { busy = 0, idle = 0, waiting = 0 }
end

local function add_cpus(w, rows)
  add(rows, "busy", {})
  add(rows, "idle", {})
  for _, cpu in ipairs(w.cpus) do
    parts(rows, "cpus", cpu, new_cpu)
  end
  for one in w.slices:each() do
    if one.busy ~= nil then
      local field, times = one.busy and "busy" or "idle", one.curve:time()
      add(rows, field, times)
      add(parts(rows, "cpus", one.cpu, new_cpu), field, times)
    end
  end
  for _, row in ipairs(rows) do
    row.unknown = row.n_cpus * row.length - row.busy - row.idle
    for _, cpu in pairs(row.cpus or {}) do
      cpu.unknown = row.length - cpu.busy - cpu.idle
    end
  end
end

local function add_states(w, rows)
  add(rows, "waiting", {})
  add(rows, "blocked", {})
  for one in w.states:each() do
    local times = one.curve:time()
    local blocked = one.state == "uninterruptible"
    add(rows, blocked and "blocked" or "waiting", times)
    if not blocked then
      add(parts(rows, "cpus", one.cpu, new_cpu), "waiting", times)
    end
  end
  for _, name in ipairs { "longest_blocked", "longest_queued" } do
    for i, largest in pairs(w[name]:all():largest()) do
      rows[i][name] = largest
    end
  end
  for _, row in ipairs(rows) do
    row.waiting, row.blocked = row.waiting / row.length, row.blocked / row.length
    for _, cpu in pairs(row.cpus or {}) do
      cpu.waiting = cpu.waiting / row.length
    end
  end
end

local function add_irqs(w, rows)
  add(rows, "irq", {})
  add(rows, "softirq", {})
  for one in w.irqs:each() do
    add(rows, one.kind, one.curve:time())
  end
  for i, largest in pairs(w.longest_irq:all():largest()) do
    rows[i].longest_irq = largest
  end
end

--- What modes of cpu_time count as.
local MODES = { user = "user", syscall = "system", kernel = "system", irq = "irq",
  softirq = "softirq" }

--- CPU time by what it was spent on; handlers of interrupts count apart from what they interrupted.
local function add_modes(w, rows)
  for _, row in ipairs(rows) do
    row.user, row.system, row.irq, row.softirq = 0, 0, row.irq and 0, row.irq and 0
  end
  for one in w.modes:each() do
    if MODES[one.mode] and rows[1][MODES[one.mode]] then
      add(rows, MODES[one.mode], one.curve:sum())
    end
  end
end

local function new_disk()
  return { n = 0, failed = 0, errors = {}, in_flight = 0 }
end

local function add_disks(w, rows)
  for _, field in ipairs { "read", "written", "n_read", "n_written", "requests" } do
    add(rows, field, {})
  end
  local as = { read = "read", write = "written" }
  for one in w.disk_sizes:each() do
    if as[one.op] then
      add(rows, as[one.op], one.curve:sum())
      add(rows, "n_" .. as[one.op], one.curve:n())
    end
  end
  for one in w.disk_times:by("disk", "error_name"):each() do
    local disks, n = parts(rows, "disks", one.disk or "?", new_disk), one.curve:n()
    add(disks, "n", n)
    add(rows, "requests", n)
    if one.error_name then
      add(disks, "failed", n)
      for i, disk in ipairs(disks) do
        disk.errors[one.error_name] = n[i] > 0 and n[i] or nil
      end
    end
  end
  for one in w.disk_times:by("disk"):each() do
    local disks = parts(rows, "disks", one.disk or "?", new_disk)
    add(disks, "p99", one.curve:quantiles(0.99))
    add(disks, "max", one.curve:max())
  end
  for one in w.in_flight:each() do
    add(parts(rows, "disks", one.disk or "?", new_disk), "in_flight", one.curve:time())
  end
  local p99 = w.disk_times:all():quantiles(0.99)
  for i, row in ipairs(rows) do
    row.p99 = p99[i]
    for _, disk in pairs(row.disks or {}) do
      disk.in_flight = disk.in_flight / row.length
    end
  end
end

local function add_dirty(w, rows)
  local all = w.dirty:all()
  local mean, most = all:mean(), all:max()
  for i, row in ipairs(rows) do
    row.dirty, row.dirty_most = mean[i], most[i]
  end
end

local function new_netif()
  return { received = 0, sent = 0 }
end

local function add_net(w, rows)
  add(rows, "received", {})
  add(rows, "sent", {})
  for one in w.net:each() do
    add(rows, one.way, one.curve:sum())
    add(parts(rows, "netifs", one.netif or "?", new_netif), one.way, one.curve:sum())
  end
end

local function add_calls(w, rows)
  for i, largest in pairs(w.slowest:all():largest()) do
    rows[i].slowest = largest
  end
  for _, row in ipairs(rows) do
    row.has_calls = true
  end
  for one in w.failed:each() do
    for i, n in ipairs(one.curve:n()) do
      if n > 0 then
        rows[i].failed = rows[i].failed or {}
        rows[i].failed[one.name .. " " .. one.error_name] = n
      end
    end
  end
end

local function new_reclaim()
  return { n = 0, time = 0 }
end

local function add_reclaims(w, rows)
  for one in w.reclaims:each() do
    local list = parts(rows, "reclaim", one.kind, new_reclaim)
    add(list, "n", one.curve:n())
    add(list, "time", one.curve:sum())
  end
  for one in w.naps:each() do
    local slept = one.curve:sum()
    for i, of in ipairs(parts(rows, "reclaim", one.kind, new_reclaim)) do
      of.time = of.time - slept[i]
    end
  end
end

--- What makes fields of rows, and the hooks that it takes.
local makers = {
  { add_cpus, "sched_slice" },
  { add_states, "thread_state" },
  { add_irqs, "irq_end", "softirq_end" },
  { add_modes, "cpu_time" },
  { add_disks, "disk_request_end" },
  { add_dirty, "page_dirty" },
  { add_net, "net_rx", "net_tx" },
  { add_calls, "io_end" },
  { add_reclaims, "reclaim" },
  { function(w, rows) add(rows, "forks", w.forks:all():n()) end, "process_start" },
  { function(w, rows) add(rows, "throttled", w.throttled:all():sum()) end, "sync_end" },
  { function(w, rows)
    add(rows, "lost_events", w.lost_events:all():sum())
    add(rows, "lost_packets", w.lost_packets:all():sum())
    add(rows, "lost_time", w.gaps:all():time())
  end },
}

--- Removes the zeros of intervals in which nothing was recorded: there, nothing is known.
local function forget(row)
  for _, field in ipairs { "busy", "idle", "user", "system", "irq", "softirq", "waiting",
    "blocked", "read", "written", "n_read", "n_written", "requests", "received", "sent", "forks",
    "throttled", "dirty", "dirty_most" } do
    row[field] = row[field] ~= 0 and row[field] or nil
  end
  row.unrecorded = true
end

--- The rows of a window that is closing, in the intervals that its grid has now.
-- @tparam table w the window
-- @treturn table list, see above
function activity.rows(w)
  local begin, width, n = w.grid:range()
  local rows = {}
  for i = 1, n do
    local from = begin + (i - 1) * width
    local to = math.min(from + width, w.last)
    rows[i] = { begin = from, time = to, length = math.max(to - from, 1), n_cpus = #w.cpus }
  end
  for _, maker in ipairs(makers) do
    if has(w, table.unpack(maker, 2)) then
      maker[1](w, rows)
    end
  end
  for _, row in ipairs(rows) do
    if row.busy and row.n_cpus > 0 and row.unknown >= row.n_cpus * row.length then
      forget(row)
    end
  end
  return rows
end

return activity
