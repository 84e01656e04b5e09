--- What each container used, how long it waited for CPUs, and who ran meanwhile.
--
--   lttnga-run containers my-trace/
--   lttnga-run containers --container 'web*' --refresh 1s my-trace/
--
-- A process belongs to the container of the most specific namespace in which it differs from the
-- machine itself, which is the container `host`. Inside is the container around it. Names come from
-- the list that lttnga-record writes beside the trace, or from the trace; a container without a name
-- has its first program and the inode number of its namespace instead (lttnga-run help containers).
-- CPU is what the kernel charged the container's cgroup for, as in cpu.stat (if sched_stat_runtime
-- was recorded, else how long its threads had CPUs). Likely throttled is the time in which a thread
-- was taken off its CPU though it could have gone on, and that CPU was idle for 5 ms or more at a
-- stretch, most often because its cgroup had used up its quota (cpu.max). Only nr_throttled in
-- cpu.stat says so for sure (lttnga-run help containers). Read, Written, Received and Sent are
-- bytes of system calls, on files and on sockets of networks; Disk is what its threads requested
-- from disks: what the kernel writes later, or for a journal, is the host's.
--
--   Timerange: [2026-11-30 11:38:36.010000000, 11:38:36.311000000] UTC, 301.000 ms
--
--   Containers
--                                                                    Likely
--   Container          Inside  Processes      CPU   Waited        throttled  Threads
--   --------------------------------------------------------------------------------
--   hog                host            1  60.0 ms   241 ms           240 ms        1
--   web                host            1  19.0 ms  0.00 us          0.00 us        1
--   host                               1  5.00 ms  10.0 ms                ?        1
--   agent[4026532403]  host            1  1.00 ms  0.00 us          0.00 us        1
--   Columns not shown: Number, First seen, Last seen, Namespace (use --width N for
--     wider lines)
--
--   System calls, files, networks and disks
--                                                                      Disk     Disk
--   Container        Calls      Read  Written  Received      Sent      read  written
--   --------------------------------------------------------------------------------
--   web                  4  4.00 KiB    0   B     0   B  4.00 KiB  8.00 KiB    0   B
--   hog                  0     0   B    0   B     0   B     0   B     0   B    0   B
--   host                 0     0   B    0   B     0   B     0   B     0   B    0   B
--   agent[4…532403]      0     0   B    0   B     0   B     0   B     0   B    0   B
--
--   Who ran while others waited for a CPU
--   Waited  Ran                      Time     Share
--   -----------------------------------------------
--   hog     idle               240.000 ms   99.59 %
--   host    web                 10.000 ms  100.00 %
--   hog     agent[4026532403]    1.000 ms    0.41 %

local analysis = require "lttnga.analysis"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"

--- A CPU may be idle for so long, in ns, though a thread could run there: until it notices that, or
-- its hypervisor lets it. What takes longer is most often a quota. The machine itself has none, and
-- its number is the lowest one.
local NOTICED, MACHINE = 5000000, 1

local waiting = { state = { "woken", "preempted" } }

--- Types of files whose bytes count as read and written; sockets of networks count by themselves,
-- and what stays within the machine (pipes) not at all.
local FILES = { "file", "device", "virtual", "unknown" }

--- Makes rows of totals, one for each container.
local function rows_of(totals, rows, as, split)
  return sums.by(totals, { of = { "container_id" }, as = as, split = split,
    last = { "container", "container_parent", "container_ns" } }, rows)
end

--- Adds to rows how many different values of a field each container has.
local function count(totals, rows, field, name)
  for one in totals:by("container_id", field):each() do
    local row = rows.of[one.container_id]
    row[name] = (row[name] or 0) + (one[field] and 1 or 0)
  end
end

--- What a container is called: one that has a row, or one that a filter leaves out.
local function name_of(w, rows, id)
  local row = rows.of[id] or w.others.of[id]
  return row and row.container or "unknown"
end

--- The bytes that a container's calls moved from or to files.
local function file_bytes(row, io_class)
  local sum = 0
  for _, file_type in ipairs(FILES) do
    sum = sum + (row[io_class .. "_" .. file_type] or 0)
  end
  return sum
end

--- Rows of all containers.
local function container_rows(w)
  local rows = rows_of(w.ran, nil, "ran")
  rows_of(w.charged, rows, "charged")
  rows_of(w.waits, rows, "waited")
  rows_of(w.calls, rows, "in_calls")
  rows_of(w.io, rows, "size", { "io_class", "file_type" })
  count(w.ran, rows, "upid", "processes")
  count(w.ran, rows, "utid", "threads")
  local disk, is_charged = rows_of(w.disk, nil, "transferred", { "op" }), not w.missing.cpu_runtime
  for one in w.calls:by("container_id"):each() do
    rows.of[one.container_id].calls = one.n
  end
  for victim, culprit, time in w.stopped:each() do
    local row = rows.of[victim]
    row.throttled = (row.throttled or 0) + (culprit == "idle" and time or 0)
  end
  for _, row in ipairs(rows) do
    row.container = row.container or "unknown"
    row.cpu = (is_charged and row.charged or not is_charged and row.ran) or 0
    row.throttled = row.container_id > MACHINE and (row.throttled or 0) or nil
    row.inside = row.container_parent and name_of(w, rows, row.container_parent)
    row.file_read, row.file_written = file_bytes(row, "read"), file_bytes(row, "write")
    local blocks = disk.of[row.container_id] or {}
    row.disk_read, row.disk_written = blocks.read, blocks.write
    row.first_seen, row.last_seen = w.first_seen[row.container_id], w.last_seen[row.container_id]
  end
  return rows
end

--- Rows of pairs: how long threads of one container waited while those of another ran.
local function pair_rows(w)
  local rows = {}
  for victim, culprit, time in w.culprits:each() do
    local waited = w.containers.of[victim].waited
    rows[#rows + 1] = { container = name_of(w, w.containers, victim), container_id = victim,
      culprit = type(culprit) == "string" and culprit or name_of(w, w.containers, culprit),
      culprit_id = type(culprit) == "number" and culprit or nil, time = time,
      share = waited > 0 and time / waited or 0 }
  end
  return rows
end

local function size(title, field)
  return { title, "size", field, default = 0, width = 11, compare = "sum" }
end

--- The name tells containers apart in any trace; the number, within one.
local container = { "Container", "string", "container", key = true, width = -20 }

local function number(title, field, hidden)
  return { title, "number", field, key = true, hidden = hidden, spare = not hidden and 1 or nil,
    compare = "none" }
end

--- How many there were: that grows with the time, but is no rate.
local function count_of(title, field, spare)
  return { title, "number", field, default = 0, spare = spare, compare = "none" }
end

local function time_of(title, field)
  return { title, "duration", field, default = 0, width = 12, compare = "sum" }
end

return analysis {
  title = "Containers",
  options = { "process", "cpu", "limit" },
  -- Whoever waits, all may be culprits.
  selects = { thread_state = {}, cpu_runtime = {}, syscall_exit = {}, io_end = {},
    disk_request_end = {} },

  begin = function(w)
    w.charged, w.ran, w.waits, w.calls = stats.totals(), stats.totals(), stats.totals(),
      stats.totals()
    w.slices = stats.totals()
    w.io, w.disk, w.culprits, w.stopped = stats.totals(), stats.totals(), stats.culprits(),
      stats.culprits(NOTICED)
    w.first_seen, w.last_seen = {}, {}
  end,

  on = {
    sched_slice = function(w, container_id, begin, time)
      if container_id > 0 then
        w.first_seen[container_id] = w.first_seen[container_id] or begin
        w.last_seen[container_id] = time
      end
    end,
  },

  collect = {
    { "cpu_runtime", "container_id", "container", "container_parent", "container_ns", "runtime",
      into = "charged" },
    { "thread_state", "container_id", "container", "container_parent", "container_ns", "upid",
      "utid", "duration", into = "ran", only = { state = { "running" } } },
    { "sched_slice", "container_id", "container", "duration", into = "slices",
      only = { busy = { true } } },
    { "thread_state", "container_id", "container", "container_parent", "container_ns", "duration",
      into = "waits", only = waiting },
    { "syscall_exit", "container_id", "container", "container_parent", "container_ns", "duration",
      into = "calls" },
    { "io_end", "container_id", "container", "container_parent", "container_ns", "io_class",
      "file_type", "size", into = "io", only = { io_class = { "read", "write" } } },
    { "disk_request_end", "container_id", "container", "container_parent", "container_ns", "op",
      "transferred", into = "disk", only = { op = { "read", "write" } } },
    { "thread_state", "cpu", "begin", "time", victim = "container_id", into = "culprits",
      only = waiting },
    { "sched_slice", "cpu", "begin", "time", "busy", culprit = "container_id",
      into = "culprits" },
    { "thread_state", "cpu", "begin", "time", victim = "container_id", into = "stopped",
      only = { state = { "preempted" } } },
    { "sched_slice", "cpu", "begin", "time", "busy", culprit = "container_id", into = "stopped" },
  },

  finish = function(w)
    w.others = sums.by(w.slices, { of = { "container_id" }, last = { "container" } })
    w.containers = container_rows(w)
  end,

  merge = "replay",

  tables = {
    { "containers", "Containers",
      { container, number("Number", "container_id"),
        { "Inside", "string", "inside", width = -12, spare = 5 },
        count_of("Processes", "processes"), time_of("CPU", "cpu"), time_of("Waited", "waited"),
        { "Likely throttled", "duration", "throttled", unknown = true, width = 12,
          compare = "sum" },
        { "First seen", "timestamp", "first_seen", spare = 4 },
        { "Last seen", "timestamp", "last_seen", spare = 3 },
        { "Namespace", "number", "container_ns", spare = 2, compare = "none" },
        count_of("Threads", "threads", 6) },
      text = "grid", by = "cpu", needs = { "sched_slice" },
      rows = function(w) return w.containers end },

    { "container-io", "System calls, files, networks and disks",
      { container, number("Number", "container_id", true),
        { "Calls", "number", "calls", default = 0, width = 8, compare = "sum" },
        size("Read", "file_read"), size("Written", "file_written"),
        size("Received", "read_net"), size("Sent", "write_net"),
        size("Disk read", "disk_read"), size("Disk written", "disk_written") },
      text = "grid", by = "calls", needs = { "syscall_exit" },
      rows = function(w) return w.containers end },

    { "container-culprits", "Who ran while others waited for a CPU",
      { { "Waited", "string", "container", key = true, width = -20 },
        number("Waited number", "container_id", true),
        { "Ran", "string", "culprit", key = true, width = -20 },
        number("Ran number", "culprit_id", true),
        { "Time", "duration", "time", width = 14, compare = "sum" },
        { "Share", "ratio", "share", width = 8, compare = "share" } },
      text = "grid", by = "time", needs = { "thread_state" }, rows = pair_rows },
  },
}
