--- What windows of time have to be, for all analyses: what adds up adds up to the whole, to the ns,
-- the byte and the count, and nothing is longer than its window.
--
-- Each table of each analysis is declared below, with all its columns: an analysis, a table or a
-- column that is new has to be, too. `TRACES="folder folder+folder" make check` does so for more
-- traces (those with a + between them are read together).
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local example = (os.getenv("BUILD") or "build") .. "/example-trace"

-- ---- What adds up ----

-- Statistics of values.
local function values(key, extra)
  local of = { by = { key }, add = { "count" }, mean = { average = "count" }, min = { "min" },
    max = { "max" }, not_added = { stdev = "follows from the values" } }
  for name, why in pairs(extra or {}) do
    of.not_added[name] = why
  end
  return of
end

-- How many values are in bins that are the same in all windows, as bounds are asked for.
local function bins(add, ...)
  return { by = { "duration_lower_bound", ... }, add = { add },
    not_added = { duration_upper_bound = "follows from the lower one" } }
end

-- Rows of their own: those that are not open are the same ones, whatever the windows are.
local rows = { rows = true, not_same = { out_of_range = "is about the window" } }

-- What somebody is making dirty is told when it is done, or when a window ends.
local flushes = { rows = true, not_same = { dirty_pages = "may be told at borders only" } }

local function block(add)
  return { by = { "process" }, add = { add } }
end

local process_io = { by = { "process" },
  add = { "total", "file", "device", "virtual", "net", "unknown", "local" } }
local file_io = { by = { "path" }, add = { "size" },
  not_added = { file_descriptor_owners = "is a text: who had it open" } }
local written = { by = { "process" }, add = { "pages", "size" },
  not_added = { disk = "what a partition is called may become known later" } }
-- They are there with --fold.
local folded = { by = { "stack" }, add = { "time" } }
local priorities = "how often a thread got a priority: what it had before counts in each window"

--- Columns by what they are: `by` names the rows, `add` are sums, `mean` sums divided by a count,
-- `share` are parts of the window, `min` and `max` are those of all windows; `not_added` says why
-- the others are none of that.
local TABLES = {
  cputop = {
    ["Per-TID Usage"] = { by = { "process" }, add = { "migrations" },
      share = { "cpu_usage" }, not_added = { priorities = priorities } },
    ["Per-CPU Usage"] = { by = { "cpu" }, share = { "cpu_usage", "unknown" } },
    ["Total CPU Usage"] = "is the mean of what CPUs have",
    ["CPU time as stacks"] = folded,
  },
  dirtytop = {
    ["Per-process dirtied pages"] = { by = { "process" },
      add = { "dirtied_pages", "flushed_pages", "deleted_pages", "cleaned_unseen" },
      not_added = { still_dirty = "is so at the end of the window" } },
    ["Dirtied files"] = { by = { "path" }, add = { "dirtied_pages" },
      not_added = { processes = "is a text: who made them dirty" } },
    ["Time that flushed pages had been dirty"] = { by = {}, add = { "pages" }, not_added = {
      duration_lower_bound = "pages made dirty at once are one, but not over a border",
      duration_upper_bound = "the last one is the oldest page of the window" } },
    ["Processes that waited for pages to be written"] = { by = { "process", "call" },
      add = { "own_pages", "pages_of_others" } },
  },
  latencymap = { ["Latencies over time"] = { by = { "what", "duration_lower_bound" },
    add = { "count" }, not_added = { time = "the columns of a map are parts of its window",
      duration_upper_bound = "follows from the lower one" } } },
  biolatency = { ["Disk latency"] = bins("requests", "disk", "flags") },
  biosnoop = { ["Disk requests"] = rows },
  fileslower = { ["Slow calls on files"] = rows },
  filetop = { ["Files by bytes read and written"] = { by = { "tid", "file" },
    add = { "reads", "writes", "r_bytes", "w_bytes" }, not_added = {
      comm = "is what the thread is called at the window's end",
      t = "may become known later" } } },
  irqtop = { ["Longest interrupt handlers"] = rows },
  opensnoop = { ["Opened files"] = rows },
  syscalls = { ["System calls"] = { by = { "process", "syscall" },
    add = { "calls", "errors", "total" }, mean = { avg = "calls" }, min = { "min" },
    max = { "max" }, counts = "errors_by_name", not_added = {
      share = "is of all in the window", stddev = "follows from the values" } } },
  iolatencyfreq = { ["I/O request latency distribution"] = "bins are those of a window's values" },
  iolatencystats = {
    ["Syscalls latency statistics"] = values "type",
    ["Disk latency statistics"] = values "name",
  },
  iolatencytop = {
    ["Top system call latencies open"] = rows, ["Top system call latencies read"] = rows,
    ["Top system call latencies write"] = rows, ["Top system call latencies sync"] = rows,
  },
  iolog = { ["I/O operations log"] = rows },
  iousagetop = {
    ["Block I/O Read"] = block "size", ["Block I/O Write"] = block "size",
    ["Per-process I/O Read"] = process_io, ["Per-process I/O Write"] = process_io,
    ["Per-file I/O Read"] = file_io, ["Per-file I/O Write"] = file_io,
    ["Disk Requests Sector Count"] = { by = { "disk" }, add = { "sectors" } },
    ["Disk Request Count"] = { by = { "disk" }, add = { "requests" } },
    ["Disk Request Average Latency"] = { by = { "disk" },
      not_added = { average_latency = "iolatencystats has the sum" } },
    ["Transferred by io_uring (system calls do not report how much)"] = { by = { "process" },
      add = { "calls", "read_from_disks", "written_to_disks" } },
    ["Disk Request Errors"] = { by = { "disk", "operation", "error" },
      add = { "requests", "size" } },
    ["Network Received Bytes"] = { by = { "interface" }, add = { "size" } },
    ["Network Sent Bytes"] = { by = { "interface" }, add = { "size" } },
  },
  irqfreq = { ["Handler duration frequency distribution"] = bins("interrupts", "interrupt") },
  irqlog = { ["Interrupt log"] = rows },
  irqstats = {
    ["Hardware interrupt statistics"] = values "interrupt",
    ["Software interrupt statistics"] = { by = { "interrupt" }, add = { "count", "raise_count" },
      mean = { average = "count", raise_average = "raise_count" }, min = { "min", "raise_min" },
      max = { "max", "raise_max" },
      not_added = { stdev = "follows from the values", raise_stdev = "follows from the values" } },
    ["Interrupt vector statistics"] = values "interrupt",
  },
  locks = {
    ["Locks"] = { by = { "process", "lock" }, add = { "waits", "total" },
      mean = { average = "waits" }, max = { "max" }, not_added = {
        waiters = "are different ones", wakers = "are different ones",
        longest_from = "is of the longest wait", waiter = "is of the longest wait",
        released_by = "is of the longest wait", chain = "is of the longest wait" } },
    ["Kernel locks"] = { by = { "lock", "name" }, add = { "waits", "failed", "total" },
      mean = { average = "waits" }, max = { "max" },
      not_added = { kind = "is a text", waiters = "are different ones" } },
  },
  containers = {
    ["Containers"] = { by = { "number" }, add = { "waited", "throttled" },
      min = { "first_seen" }, max = { "last_seen" }, not_added = {
        processes = "are different ones", threads = "are different ones",
        cpu = "a thread's container may become known in the middle of a slice",
        inside = "is a name", namespace = "is the container's",
        container = "may become known later" } },
    ["System calls, files, networks and disks"] = { by = { "number" },
      add = { "calls", "read", "written", "received", "sent", "disk_read", "disk_written" },
      not_added = { container = "may become known later" } },
    ["Who ran while others waited for a CPU"] = { by = { "waited_number", "ran_number", "ran" },
      add = { "time" }, not_added = { share = "is of the window",
        waited = "may become known later" } },
  },
  memtop = {
    ["Per-TID Memory Allocations"] = { by = { "process" }, add = { "allocated_pages", "times" } },
    ["Per-TID Memory Deallocations"] = { by = { "process" }, add = { "freed_pages", "times" } },
    ["Total memory usage"] = { by = {},
      add = { "allocated_pages", "freed_pages", "allocations", "deallocations" } },
  },
  criticalpath = {
    ["Threads that waited longest"] = { by = { "process" }, add = { "waits", "waited" },
      max = { "longest" } },
  },
  netconns = {
    ["Connections"] = { by = { "process", "opened", "file_descriptor" },
      add = { "received", "sent", "calls", "answers" }, mean = { average_answer = "answers" },
      max = { "longest_answer" }, not_added = { peer = "may become known later",
        port = "may become known later", side = "may become known later",
        time_to_connect = "is the connection's", closed = "is known in the end" } },
    ["Connections by process, side and port"] = { by = { "process" },
      add = { "failed", "received", "sent", "answers" }, mean = { average = "answers" },
      min = { "min" }, max = { "max", "longest_connect" },
      not_added = { side = "may become known later", port = "may become known later",
        connections = "those that did something in the window" } },
  },
  pageflush = {
    ["Calls that wrote or synced files"] = flushes,
    ["Calls that wrote or synced files, as stacks"] = folded, ["Flushed pages"] = rows,
    ["Pages that were still dirty"] = "may be told at borders only",
  },
  waits = {
    ["Waits by cause"] = { by = { "cause" }, add = { "count", "total" }, mean = { mean = "count" },
      max = { "max" }, not_added = { share = "is of all in the window",
        p99 = "follows from the values" } },
    ["Waits by thread, call and object"] = { by = { "process", "cause", "syscall", "object" },
      add = { "count", "total" }, mean = { mean = "count" }, max = { "max" },
      not_added = { p99 = "follows from the values" } },
    ["Waits as stacks"] = folded,
  },
  waitsfreq = { ["Distribution of waits for"] = bins("waits", "cause") },
  waitslog = { ["Log of waits"] = rows },
  waitstop = { ["Longest waits"] = rows },
  runqlat = { ["Run queue latency"] = { by = { "duration_lower_bound", "thread" },
    add = { "count" }, not_added = { duration_upper_bound = "follows from the lower one",
      process = "may become known later" } } },
  runqslower = { ["Long waits for a CPU"] = rows },
  offcputime = {
    ["Off-CPU time"] = { by = { "tid", "cause", "syscall", "object" }, add = { "time", "count" },
      not_added = { comm = "is what the thread is called at the end" } },
    ["Off-CPU time as stacks"] = folded,
  },
  execsnoop = { ["Executed programs"] = rows },
  killsnoop = { ["Signals sent"] = rows },
  tcplife = { ["TCP connections"] = rows },
  timehist = { ["Slices of CPU time"] = { by = { "cpu", "task_name" },
    add = { "wait_time", "sch_delay", "run_time" },
    not_added = { time = "a slice ends with its window" } } },
  runqueue = {
    ["Run queues"] = { by = { "cpu" }, add = { "waited" }, max = { "max_length" },
      share = { "unknown" }, not_added = { mean_length = "is of the time that is known",
        not_empty = "is of the time that is known" } },
    ["Length of a run queue"] = { by = { "cpu", "length" }, add = { "time" },
      not_added = { share = "is of the time that is known" } },
    ["Waits for a CPU"] = bins "waits",
    ["Who waited for a CPU"] = { by = { "process" }, add = { "woken", "preempted", "waits" },
      max = { "longest" }, not_added = { who_ran_instead = "is a text" } },
    ["Who ran while others waited"] = { by = { "waited", "ran" }, add = { "time" },
      not_added = { share = "is of what the one has waited" } },
  },
  schedfreq = {
    ["Scheduling latency frequency distribution"] = bins("latencies", "thread", "priority") },
  schedlog = { ["Scheduling log"] = rows },
  schedstates = { ["Time of threads"] = { by = { "process" },
    add = { "running", "woken", "preempted", "blocked", "asleep", "other" },
    not_added = { blocked_for = "is known when a wait is over",
      asleep_for = "is known when a wait is over" } } },
  schedstats = {
    ["Scheduling latency stats (total)"] = values(nil),
    ["Scheduling latency stats (per-TID)"] = values("process", { priorities = priorities }),
    ["Scheduling latency stats (per-prio)"] = values "prio",
  },
  schedtop = { ["Scheduling top"] = rows },
  syscallstats = {
    ["System call statistics"] = { by = { "process", "system_call" }, add = { "count" },
      mean = { average = "count" }, min = { "min" }, max = { "max" }, counts = "return_values",
      not_added = { stdev = "follows from the values" } },
    ["Per-TID system call statistics"] = { by = { "process" }, add = { "count" } },
    ["All system calls"] = { by = {}, add = { "count" } },
    ["Calls still in progress (usec)"] = "is so at the end of the window",
  },
  trackprocess = { Events = rows },
  periodstats = {
    ["Period tree"] = "is what was asked for",
    ["Period statistics"] = { by = { "period" }, add = { "count", "runtime" },
      mean = { average = "count" }, min = { "min" }, max = { "max" },
      not_added = { stdev = "follows from the values", open = "is so at the end" } },
  },
  periodtop = { ["Period top"] = rows },
  periodlog = { ["Period log"] = rows },
  periodfreq = { ["Period duration frequency distribution"] = bins("periods", "period") },
  requests = { ["Requests"] = { by = { "request", "process", "pid", "port" },
    add = { "count", "errors", "bytes" }, min = { "min" }, max = { "max" },
    not_added = { rate = "is per second", p50 = "follows from the values", group = "there is none",
      p90 = "follows from the values", p99 = "follows from the values",
      open = "is so at the end" } } },
  requeststop = { ["Longest requests"] = rows },
  requestslog = { ["Request log"] = rows },
  requestsfreq = { ["Distribution of requests"] = bins("requests", "request", "process", "pid") },
  wakers = { ["Who wakes whom"] = {
    by = { "waker", "waker_context", "irq", "irq_name", "softirq", "wakee" },
    add = { "wakeups", "latency", "sleeps", "slept" }, mean = { average_latency = "wakeups" },
    max = { "max_latency", "longest_sleep" }, counts = "causes",
    not_added = { p99_latency = "follows from the values" } } },
  why = {
    ["Why the slow ones are slow"] = "is of requests",
    ["Slowest requests"] = "is of requests",
    ["Where the time of threads went"] = "calls threads as they are called at the window's end",
  },
  writeback = {
    ["Written to disks"] = { by = { "disk" }, add = { "written", "known_by_blocks",
      "known_by_file", "guessed", "unknown_pages", "other_writes" } },
    ["Dirty pages written, by the process that dirtied them"] = written,
    ["Dirty pages written, by the process that submitted them"] = written,
    ["Flusher rounds"] = { by = { "disk" }, add = { "rounds", "pages", "total_duration" },
      max = { "longest" } },
    ["Memory freed because there was too little"] = { by = { "process", "kind" },
      add = { "runs", "pages", "total_duration", "asleep" }, max = { "longest" },
      not_added = { woken_by = "is a text" } },
  },
}

-- What the analyses of periods look for.
local PERIOD = { "--period", 'p : $evt.$name == "syscall_entry_openat" : '
  .. '$evt.$name == "syscall_exit_openat" && $evt.tid == $begin.$evt.tid' }
local REQUEST = { "--request", "fsync" }

--- What else the command line needs to show all rows.
local OPTIONS = {
  periodstats = PERIOD, periodtop = PERIOD, periodlog = PERIOD,
  periodfreq = { "--min", "0", "--max", "100s", table.unpack(PERIOD) },
  why = { "--tid", "393" }, requests = REQUEST, requeststop = REQUEST,
  requestslog = REQUEST, requestsfreq = REQUEST,
  irqfreq = { "--min", "0", "--max", "100s" },
  waitsfreq = { "--min", "0", "--max", "100s" }, biolatency = { "--per-disk", "--per-flag" },
  fileslower = { "--min", "0", "--all" }, filetop = { "--all" },
  schedfreq = { "--min", "0", "--max", "100s", "--per-tid", "--per-prio" },
  schedstats = { "--total", "--per-tid", "--per-prio" },
  runqlat = { "--per-thread" }, runqslower = { "--min", "1ms" }, execsnoop = { "--fails" },
}
local NO_LIMIT = { biolatency = true,
  waitsfreq = true, irqfreq = true, irqstats = true, iolatencyfreq = true, iolatencystats = true,
  memtop = false, periodstats = true, periodfreq = true, requestsfreq = true,
  schedfreq = true, schedstats = true }

-- Tells of the trace as a whole; draws it as a whole.
local NO_WINDOWS = { info = true, overview = true, timeline = true, report = true,
  export = true }

-- ---- Rows ----

--- Runs an analysis; its lines of JSON, without those of the trace.
local function lines_of(name, folders, ...)
  local words = { name, "--no-cache", "--no-progress", "--output", "json" }
  if not NO_LIMIT[name] then
    table.move({ "--limit", "0" }, 1, 2, #words + 1, words)
  end
  for _, list in ipairs { OPTIONS[name] or {}, { ... }, folders } do
    table.move(list, 1, #list, #words + 1, words)
  end
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, name .. ": " .. result.err)
  local lines, about = {}, {}
  for line in result.out:gmatch("[^\n]+") do
    local list = line:find('^{"table":"trace"') and about or lines
    -- Threads are called as they are at the end of the window.
    list[#list + 1] = (line:gsub('"stack":"[^;]*;[^;"]* %(', '"stack":"('))
  end
  return lines, about, result
end

--- Begin and end of the whole.
local function range_of(about)
  for _, line in ipairs(about) do
    local row = json.decode(line)
    if row.what == "range" then
      return row.begin, row["end"]
    end
  end
end

--- What a cell says, as a part of a key. Threads are renamed, and their process may become known.
local function text_of(value)
  if value == nil or value == json.null then
    return "-"
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  return tostring(value.tid or value.nr and ("%s %s"):format(value.nr, value.hard) or value.pid
    and "PID " .. value.pid or value.name)
end

local function whole(number)
  return math.tointeger(number) or math.tointeger(math.floor(number + 0.5))
end

local MERGES = { add = function(a, b) return a + b end, min = math.min, max = math.max }

local Sums = {}
Sums.__index = Sums

function Sums:merge(key, value, how)
  self[key] = self[key] and value and MERGES[how or "add"](self[key], value) or self[key] or value
end

--- Adds a row, as its table is declared; returns the columns that are not.
function Sums:row(row, of, window)
  local key = { row.host or "", row.table }
  for _, name in ipairs(of.by) do
    key[#key + 1] = text_of(row[name])
  end
  key = table.concat(key, "|")
  local seen = { table = true, window = true, host = true, trace = true }
  local function each(how, take)
    for name, more in pairs(of[how] or {}) do
      name, more = math.type(name) and more or name, more
      seen[name] = true
      local value = row[name]
      if value ~= nil and value ~= json.null then
        take(("%s: %s %s"):format(key, how, name), value, more)
      end
    end
  end
  each("by", function() end)
  each("not_added", function() end)
  each("add", function(id, value) self:merge(id, value) end)
  each("mean", function(id, value, count) self:merge(id, whole(value * row[count])) end)
  each("share", function(id, value)
    assert(value >= 0 and value <= 1, id .. " is not between 0 and 100 %")
    self:merge(id, whole(value * (window["end"] - window.begin)))
  end)
  -- Where there are no values, they are 0.
  for _, how in ipairs { "min", "max" } do
    each(how, function(id, value) self:merge(id, row.count ~= 0 and value or nil, how) end)
  end
  seen[of.counts or ""] = true
  for name, count in pairs(of.counts and row[of.counts] or {}) do
    self:merge(("%s: %s"):format(key, name), count)
  end
  for name in pairs(row) do
    assert(seen[name], ("%s: what about the column '%s'?"):format(row.table, name))
  end
end

--- What the lines of an analysis add up to: sums by name, and how often there is each row.
local function sums_of(name, lines, first, last)
  local sums, range = setmetatable({}, Sums), { begin = first, ["end"] = last }
  for _, line in ipairs(lines) do
    -- No title has anything that JSON escapes.
    local title = line:match '^{"table":"([^"]*)"'
    local of = TABLES[name] and TABLES[name][title]
    assert(of, ("%s: what about the table '%s'?"):format(name, title))
    if of.rows then
      if not line:find('"open":true', 1, true) then
        line = line:gsub('"window":%b{},', "", 1)
        for column in pairs(of.not_same) do
          line = line:gsub(('"%s":[^,]*,'):format(column), "", 1)
        end
        sums:merge(line, 1)
      end
    elseif type(of) == "table" then
      local row = json.decode(line)
      sums:row(row, of, row.window or range)
    end
  end
  return sums
end

--- What is different in two results.
local function differences(one, other)
  local list = {}
  for key, value in pairs(one) do
    if value ~= (other[key] or 0) then
      list[#list + 1] = ("%s: %s, in windows %s"):format(key, value, other[key] or "nothing")
    end
  end
  for key, value in pairs(other) do
    if value ~= 0 and one[key] == nil then
      list[#list + 1] = ("%s: nothing, in windows %s"):format(key, value)
    end
  end
  table.sort(list)
  return list
end

-- ---- Time of CPUs ----

local CPUS = [[
local analysis = require "lttnga.analysis"
return analysis {
  title = "Time of CPUs",
  options = {},
  begin = function(w) w.times, w.spent = {}, {} end,
  on = {
    sched_slice = function(w, cpu, busy, duration)
      local one = w.times[cpu] or { cpu = cpu, busy = 0, idle = 0, unknown = 0 }
      w.times[cpu] = one
      local what = busy == nil and "unknown" or busy and "busy" or "idle"
      one[what] = one[what] + duration
    end,
    cpu_time = function(w, cpu, mode, syscall, duration)
      local key = ("%d %s %s"):format(cpu, mode, syscall)
      w.spent[key] = w.spent[key] or { cpu = cpu, what = ("%s %s"):format(mode, syscall), time = 0 }
      w.spent[key].time = w.spent[key].time + duration
    end,
  },
  tables = {
    { "spent", "Spent", { { "CPU", "cpu", "cpu" }, { "On", "string", "what" },
      { "Time", "duration", "time" } },
      rows = function(w)
        local rows = {}
        for _, one in pairs(w.spent) do
          rows[#rows + 1] = one
        end
        return rows
      end },
    { "cpus", "CPUs", { { "CPU", "cpu", "cpu" }, { "Busy", "duration", "busy" },
      { "Idle", "duration", "idle" }, { "Unknown", "duration", "unknown" } },
      rows = function(w)
        local rows = {}
        for _, one in pairs(w.times) do
          rows[#rows + 1] = one
        end
        table.sort(rows, function(a, b) return a.cpu < b.cpu end)
        return rows
      end },
  },
}
]]

--- The time of each CPU in each window, { cpu =, busy =, idle =, unknown = }: all of the window.
-- And what that was spent on, which is as much: { ["host cpu mode syscall"] = sum of all windows }.
local function cpus_of(folders, ...)
  local script = host.script(CPUS)
  local words = { script, "--no-cache", "--no-progress", "--output", "json" }
  for _, list in ipairs { { ... }, folders } do
    table.move(list, 1, #list, #words + 1, words)
  end
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, result.err)
  local cpus, parts, spent, spent_in, first, last = {}, {}, {}, {}, nil, nil
  local function window_of(row)
    local window = row.window or { begin = first, ["end"] = last }
    return window, ("%s %d %d"):format(row.host, row.cpu, window.begin)
  end
  for line in result.out:gmatch("[^\n]+") do
    local row = json.decode(line)
    if row.table == "CPUs" then
      cpus[#cpus + 1] = row
    elseif row.table == "Spent" then
      parts[#parts + 1] = row
    elseif row.what == "range" then
      first, last = row.begin, row["end"]
    end
  end
  for _, row in ipairs(parts) do
    local key = ("%s %d %s"):format(row.host, row.cpu, row.on)
    local _, of = window_of(row)
    spent[key] = (spent[key] or 0) + row.time
    spent_in[of] = (spent_in[of] or 0) + row.time
  end
  for _, cpu in ipairs(cpus) do
    local window, key = window_of(cpu)
    local where = ("CPU %d of %s from %d to %d"):format(cpu.cpu, cpu.host or "the machine",
      window.begin, window["end"])
    assert.equal(window["end"] - window.begin, cpu.busy + cpu.idle + cpu.unknown, where)
    assert.equal(window["end"] - window.begin, spent_in[key], where)
  end
  return cpus, result, first, last, spent
end

local function folders_of(spec)
  local folders = {}
  for folder in spec:gmatch("[^+]+") do
    folders[#folders + 1] = folder
  end
  return folders
end

local traces = { example }
for spec in (os.getenv("TRACES") or ""):gmatch("%S+") do
  traces[#traces + 1] = spec
end

for _, spec in ipairs(traces) do
  describe("windows of " .. spec:gsub("[^+]*/", ""), function()
    local folders = folders_of(spec)

    it("are busy, idle or unknown for all their time, and each CPU is in all of them", function()
      local whole_of, _, first, last, whole_spent = cpus_of(folders)
      for _, parts in ipairs { 3, 41 } do
        local sums = {}
        local cpus, _, _, _, spent = cpus_of(folders, "--refresh",
          (last - first) // parts + 1 .. "ns")
        assert.same(whole_spent, spent)
        assert.equal(#whole_of * parts, #cpus)
        for _, cpu in ipairs(cpus) do
          local key = (cpu.host or "") .. " " .. cpu.cpu
          local sum = sums[key] or { 0, 0, 0 }
          sums[key] = { sum[1] + cpu.busy, sum[2] + cpu.idle, sum[3] + cpu.unknown }
        end
        for _, cpu in ipairs(whole_of) do
          assert.same({ cpu.busy, cpu.idle, cpu.unknown },
            sums[(cpu.host or "") .. " " .. cpu.cpu])
        end
      end
    end)

    local asked = host.analyses(NO_WINDOWS)
    asked[#asked + 1] = "syscalls --by-process"
    for _, name in ipairs { "cputop", "waits", "pageflush", "offcputime" } do
      asked[#asked + 1] = name .. " --fold"
    end
    for _, one in ipairs(asked) do
      it("add up to the whole: " .. one, function()
        local name, option = one:match "^(%S+) ?(.*)$"
        option = option ~= "" and option or "--no-progress"
        local lines, about = lines_of(name, folders, option)
        local first, last = range_of(about)
        local all = sums_of(name, lines, first, last)
        for _, parts in ipairs { 2, 7, 83 } do
          local width = (last - first) // parts + 1
          lines = lines_of(name, folders, option, "--refresh", width .. "ns")
          local list = differences(all, sums_of(name, lines, first, last))
          assert.equal(0, #list, ("%d windows of %d ns: %d differ\n%s"):format(parts, width, #list,
            table.concat(list, "\n", 1, math.min(#list, 5))))
        end
      end)
    end
  end)
end

describe("windows of the example", function()
  local _, about = lines_of("cputop", { example })
  local first, last = range_of(about)

  it("have no state that is longer than they are", function()
    local width = 37 * 1000000
    local n = 0
    for _, line in ipairs((lines_of("schedstates", { example }, "--refresh", width .. "ns"))) do
      local row = json.decode(line)
      local all = row.running + row.woken + row.preempted + row.blocked + row.asleep + row.other
      assert.is_true(all <= row.window["end"] - row.window.begin, line)
      n = n + 1
    end
    assert.is_true(n > 1000)
  end)

  it("are what was asked for, in every format", function()
    local from, to = first + 123456789, first + 323456780
    local range = { "--timerange", ("%d,%d"):format(from, to), "--no-cache", "--gmt" }
    local function run(format)
      return host.run("cputop", "--output", format, range[1], range[2], range[3], range[4],
        example).out
    end
    assert.matches((',"range",[^\n]*,%d,%d,'):format(from, to), run "csv")
    assert.matches(('"what":"range"[^\n]*"begin":%d,"end":%d,'):format(from, to), run "json")
    assert.matches(('"begin":{"class":"timestamp","value":%d},"end":{"class":"timestamp",'
      .. '"value":%d}'):format(from, to), run "lami")
    local seconds = os.date("!%H:%M:%S", from // 1000000000)
    assert.matches(("Timerange: %%[%%d+-%%d+-%%d+ %s.%09d, "):format(seconds, from % 1000000000),
      run "text")
    assert.equal(to - from, (function()
      local _, _, a, b = cpus_of({ example }, range[1], range[2])
      return b - a
    end)())
  end)

  it("may be empty: a result, whatever is asked", function()
    for _, name in ipairs(host.analyses(NO_WINDOWS)) do
      for _, format in ipairs { "text", "csv", "json", "lami" } do
        -- No event is there.
        local result = host.run(name, "--output", format, "--no-cache", "--timerange",
          ("%d,%d"):format(first + 1, first + 2), example)
        assert.equal(0, result.status, name .. ": " .. result.err)
      end
    end
  end)

  it("are the same one by one, as far as the borders are", function()
    local width = (last - first) // 10
    -- The end of a range belongs to it, that of a window to the next one.
    for _, name in ipairs { "memtop", "irqstats", "schedstates", "syscallstats",
      "iolatencystats" } do
      local all = sums_of(name, lines_of(name, { example }, "--refresh", width .. "ns", "--end",
        tostring(first + 10 * width - 1)))
      local one_by_one = setmetatable({}, Sums)
      for i = 0, 9 do
        local of = sums_of(name, lines_of(name, { example }, "--timerange",
          ("%d,%d"):format(first + i * width, first + (i + 1) * width - 1)))
        for key, value in pairs(of) do
          one_by_one:merge(key, value, key:match ": (m[ai][nx]) " or "add")
        end
      end
      local list = differences(all, one_by_one)
      -- A range ends 1 ns before the next one begins, which counts in none of them.
      if name == "schedstates" then
        for key, value in pairs(all) do
          assert.near(value, one_by_one[key] or 0, 10)
        end
      else
        assert.equal(0, #list, name .. "\n" .. table.concat(list, "\n", 1, math.min(#list, 5)))
      end
    end
  end)
end)

-- ---- Time that nothing recorded ----

local ms = 1000000

local function switch(at, prev, next_tid, next_prio)
  return { at * ms, "sched_switch", { prev_tid = prev, prev_comm = "t" .. prev, prev_prio = 20,
    prev_state = 1, next_tid = next_tid, next_comm = "t" .. next_tid,
    next_prio = next_prio or 20 } }
end

--- A packet from one time to another, ms.
local function packet(from, to, ...)
  return { from = from * ms, to = to * ms, ... }
end

--- What CPUs did in all, in ms: { [cpu] = { busy, idle, unknown } }; windows of 70 ms add up to it.
local function time_of(...)
  local folders, whole_of = { ... }, {}
  local cpus, result, first, last = cpus_of(folders)
  for _, cpu in ipairs(cpus) do
    whole_of[cpu.cpu] = { cpu.busy / ms, cpu.idle / ms, cpu.unknown / ms }
  end
  local sums = {}
  for _, cpu in ipairs((cpus_of(folders, "--refresh", "70ms"))) do
    local sum = sums[cpu.cpu] or { 0, 0, 0 }
    sums[cpu.cpu] = { sum[1] + cpu.busy / ms, sum[2] + cpu.idle / ms, sum[3] + cpu.unknown / ms }
  end
  for cpu, sum in pairs(sums) do
    for i = 1, 3 do
      assert.near(whole_of[cpu][i], sum[i], 1e-6)
    end
  end
  return whole_of, result.err, (last - first) / ms
end

--- How often a text has another one.
local function count(text, part)
  return select(2, text:gsub(part, ""))
end

describe("time that nothing recorded is unknown", function()
  it("while recording is stopped", function()
    local function stream(cpu, tid)
      return { cpu = cpu, packets = {
        packet(1000, 1100, switch(1000, 0, tid), switch(1050, tid, tid + 1)),
        packet(3600, 4000, switch(3700, tid + 1, 0), switch(4000, 0, tid)) } }
    end
    local trace = host.trace { streams = { stream(0, 7), stream(1, 17) } }
    local times, err, all = time_of(trace)
    assert.equal(3000, all)
    -- Until 1100 it is known who ran; whoever did so at 3700 has since recording went on.
    assert.equal(2600, times[0][3])
    assert.same(times[0], times[1])
    assert.same({ 100, 300, 2600 }, times[0])
    assert.equal(1, count(err, "what happened then is unknown"), err)
    local states = lines_of("schedstates", { trace })
    for _, line in ipairs(states) do
      assert.is_true(json.decode(line).running <= 400 * ms, line)
    end
  end)

  it("between sessions of one machine", function()
    local function session(at, tid)
      return host.trace { streams = { { cpu = 0, packets = { packet(at, at + 300,
        switch(at, 0, tid), switch(at + 100, tid, 0), switch(at + 300, 0, tid)) } } } }
    end
    local times, err, all = time_of(session(1000, 7), session(3000, 8))
    assert.equal(2300, all)
    assert.same({ 200, 400, 1700 }, times[0])
    assert.equal(1, count(err, "what happened then is unknown"), err)
  end)

  it("before the first event, however long its packet has begun before", function()
    local function machine(name, first)
      return host.trace { env = { domain = "kernel", hostname = name }, streams = { { cpu = 0,
        packets = { packet(1000, 4000, switch(first, 0, 7), switch(first + 500, 7, 0),
          switch(4000, 0, 7)) } } } }
    end
    local one, two = machine("one", 1000), machine("two", 3000)
    local found = {}
    for _, cpu in ipairs((cpus_of { one, two })) do
      found[cpu.host] = { cpu.busy / ms, cpu.idle / ms, cpu.unknown / ms }
    end
    assert.same({ one = { 500, 2500, 0 }, two = { 500, 500, 2000 } }, found)
    -- Alone, it has no such time.
    assert.same({ [0] = { 500, 500, 0 } }, (time_of(two)))
  end)

  it("while a CPU is off line", function()
    local trace = host.trace { streams = {
      { cpu = 0, packets = { packet(1000, 2000, switch(1000, 0, 7), switch(1500, 7, 0),
        switch(2000, 0, 7)) } },
      { cpu = 1, packets = {
        packet(1000, 1200, switch(1000, 0, 17), switch(1200, 17, 18, -100)),
        packet(1700, 2000, switch(1700, 0, 17), switch(2000, 17, 0)) } } } }
    local times = time_of(trace)
    assert.same({ 500, 500, 0 }, times[0])
    assert.same({ 500, 0, 500 }, times[1])
    -- Whatever is asked for: it is known by then what the CPU was about.
    local cpus = cpus_of({ trace }, "--timerange", "1300000000,1600000000")
    assert.same({ 300 * ms, 0 }, { cpus[2].unknown, cpus[2].busy })
  end)

  it("where not all switches are recorded", function()
    local events = {}
    -- Only those are that have an odd thread on one side.
    for at = 1000, 1990, 10 do
      events[#events + 1] = switch(at, at % 20 == 0 and 8 or 7, at % 20 == 0 and 7 or 6)
    end
    local trace = host.trace { streams = { { cpu = 0, table.unpack(events) } } }
    local times, err = time_of(trace)
    assert.near(500, times[0][1], 10)
    assert.near(490, times[0][3], 10)
    assert.equal(1, count(err, "not all were recorded"), err)
    for _, width in ipairs { "3ms", "15ms", "200ms" } do
      for _, line in ipairs((lines_of("cputop", { trace }, "--refresh", width))) do
        local row = json.decode(line)
        assert.is_true(row.cpu_usage + (row.unknown or 0) <= 1 + 1e-9, line)
      end
    end
  end)
end)
