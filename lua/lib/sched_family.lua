--- What the analyses of scheduling latencies share: their options, statistics by thread and by
-- priority, and how a latency is shown.
--
-- SPDX-License-Identifier: MIT

local ordered = require "lttnga.ordered"
local priorities = require "lttnga.priorities"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

local family = {}

--- The analyses of the family, in the order of their results: each takes the flags that add the
-- results of the others.
family.members = {
  { flags = { "stats" }, script = "schedstats" },
  { flags = { "freq" }, script = "schedfreq" },
  { flags = { "log" }, script = "schedlog" },
  { flags = { "top" }, script = "schedtop" },
}

--- The options that all of them take.
family.options = {
  "duration", "process", "cpu", "frequency", "percentiles",
  { name = "limit", value = "N", read = "limit", default = 10,
    help = "show at most N of the longest latencies (schedtop; default 10, 0: all)" },
  { name = "total", help = "statistics and distributions of all threads together" },
  { name = "per-tid", help = "of each thread (unless --total or --per-prio are given)" },
  { name = "per-prio", help = "of each priority" },
  { name = "stats", help = "also statistics of latencies (schedstats)" },
  { name = "freq", help = "also how latencies are distributed (schedfreq)" },
  { name = "log", help = "also every single latency (schedlog)" },
  { name = "top", help = "also the longest latencies (schedtop)" },
}

--- Which statistics are asked for: total, per TID, per priority.
-- @tparam table options of the command line
function family.asked(options)
  local others = options.total or options["per-prio"]
  return { total = options.total, prio = options["per-prio"],
    tid = options["per-tid"] or not others }
end

-- ---- Statistics ----

local Latencies = {}
Latencies.__index = Latencies

--- Statistics of latencies: `total`, and by thread, by priority.
-- @tparam boolean keep the values, see stats.new
function family.latencies(keep)
  return setmetatable({
    total = stats.new(keep),
    threads = ordered.new(function() return { process = {}, latencies = stats.new(keep) } end),
    priorities = ordered.new(priorities.new),
    prios = ordered.new(function(prio) return { prio = prio, latencies = stats.new(keep) } end),
  }, Latencies)
end

--- Adds one latency of a thread.
-- @tparam integer tid, pid of the thread
-- @tparam string procname
-- @tparam[opt] integer prio
-- @tparam integer duration ns
function Latencies:add(tid, pid, procname, prio, duration)
  self.total:add(duration)
  local thread = self.threads:of(tid)
  local process = thread.process
  process.tid, process.pid = tid, pid or process.pid
  process.name = procname or process.name
  thread.priorities = thread.priorities or self.priorities:of(tid)
  thread.priorities:seen(prio)
  thread.latencies:add(duration)
  if prio then
    self.prios:of(prio).latencies:add(duration)
  end
end

--- Notes that a thread's priority has changed.
function Latencies:change_prio(tid, prio, old_prio)
  local had = self.priorities:of(tid)
  had:seen(old_prio)
  had:add(prio)
end

--- Threads { process =, latencies =, priorities = } by name, as far as equal ones by TID.
function Latencies:by_name()
  local list = table.move(self.threads.list, 1, #self.threads.list, 1, {})
  local function key(thread)
    return (thread.process.name or ""):lower()
  end
  table.sort(list, function(a, b)
    if key(a) ~= key(b) then
      return key(a) < key(b)
    end
    return a.process.tid < b.process.tid
  end)
  return list
end

--- Priorities { prio =, latencies = }, the highest (lowest number) first.
function Latencies:by_prio()
  local list = table.move(self.prios.list, 1, #self.prios.list, 1, {})
  table.sort(list, function(a, b) return a.prio < b.prio end)
  return list
end

-- ---- A latency as a row ----

--- The columns of a table of latencies.
family.columns = {
  { "Wakeup", "timestamp" }, { "Switch", "timestamp" }, { "Latency", "duration" },
  { "Priority", "number" }, { "CPU", "cpu" }, { "Wakee", "process" }, { "Waker", "process" },
}

--- The fields of wakeup_latency that it is made of.
family.fields = { "time", "begin", "duration", "prio", "cpu", "tid", "pid", "procname",
  "waker_tid", "waker_pid", "waker_procname" }

--- A row of such a table.
-- @tparam table w the window
-- @param ... family.fields
function family.row(_, time, begin, duration, prio, cpu, tid, pid, procname, waker_tid, waker_pid,
    waker_procname)
  return { begin, time, duration, prio, cpu, { name = procname, pid = pid, tid = tid },
    waker_tid and { name = waker_procname, pid = waker_pid, tid = waker_tid } }
end

--- The same row of a table of fields.
function family.row_of(w, one)
  local row = family.row(w, one.time, one.begin, one.duration, one.prio, one.cpu, one.tid, one.pid,
    one.procname, one.waker_tid, one.waker_pid, one.waker_procname)
  row.fields = one
  return row
end

--- Times with their date are wider.
local HEADING = { -20, -19, 15, 10, 4, -26, -27 }
local DATED_HEADING = { -31, -30, 15, 10, 4, -26, -27 }

--- How such tables are written as text, line by line.
family.text = {
  heading = function(about)
    return text.columns(about.date and DATED_HEADING or HEADING,
      "Wakeup", "Switch", "Latency (us)", "Priority", " CPU", "  Wakee", "   Waker")
  end,
  -- Widths, and what is in the columns: of the texts between bars, the first one whose fields are
  -- all there.
  line = {
    { -40, "[{begin:time}, {time:time}]" }, { 15, "{duration:us}" }, { 10, "{prio}|?" },
    { 4, "{cpu}|?" }, { -27, "  {procname} ({tid})|  unknown ({tid})|  unknown (?)" },
    { -27, "  {waker_procname} ({waker_tid})|  unknown ({waker_tid})|  Unknown (N/A)" },
  },
}

return family
