--- All events of chosen threads, and events about them, with all fields, in order of time.
--
--   lttnga-run trackprocess --procname sshd --follow-child my-trace/
--   lttnga-run trackprocess --tid 363,388 --timerange [15:36:40.3,15:36:40.5] my-trace/
--
-- A thread that had one of the names is followed from then on, whatever its name is later.
-- Without --tid or --procname, all events of the trace are shown; of some containers with
-- --container. With a time range, events before it are not considered: children count from its
-- start on.
--
--   Timerange: [2026-11-23 15:36:40.295000000, 15:36:40.295700000] UTC, 700.000 us
--
--   Events
--   [   TID] [Time] event: { cpu_id }, { contexts }, { fields }
--   [   393] [15:36:40.295022450] sched_wakeup: { cpu_id = 1 }, { pid = 393, procna…
--   [   393] [15:36:40.295028320] irq_softirq_exit: { cpu_id = 1 }, { pid = 393, pr…
--   [   393] [15:36:40.295601040] syscall_entry_openat: { cpu_id = 1 }, { pid = 393…

local analysis = require "lttnga.analysis"
local clock = require "lttnga.time"
local filters = require "lttnga.filters"
local options = require "lttnga.options"
local text = require "lttnga.text"
local values = require "lttnga.values"

--- Fields by which events are about threads, and those that tell their names.
local about_fields = {
  { tid = "tid", name = "comm" }, { tid = "tid", name = "name" },
  { tid = "prev_tid", name = "prev_comm" }, { tid = "next_tid", name = "next_comm" },
  { tid = "parent_tid", name = "parent_comm" }, { tid = "child_tid", name = "child_comm" },
}

--- Whether an event is about a thread that is followed; learns who is to be, by name.
local function is_about(w, fields)
  local concerned = false
  for _, pair in ipairs(about_fields) do
    local tid = fields[pair.tid]
    if tid and w.names and w.names(fields[pair.name]) then
      w.run[tid] = true
    end
    concerned = concerned or tid and w.run[tid]
  end
  return concerned
end

--- Whether an event is wanted: one of a thread that is followed, or about one.
local function is_wanted(w, event, tid, procname)
  if w.all then
    return true
  end
  local fields = values.by_name(event)
  if tid and w.names and w.names(procname) then
    w.run[tid] = true
  end
  -- Both are to be looked at: names are learned on the way.
  local about = is_about(w, fields)
  if fields.child_tid and w.options["follow-child"] and w.run[fields.parent_tid or -1] then
    w.run[fields.child_tid] = true
  end
  return about or tid and w.run[tid]
end

return analysis {
  title = "Events of processes",
  options = { "process", "cpu",
    { name = "follow-child", short = "f",
      help = "also follow children of followed threads" } },
  -- Which threads are wanted changes as the trace goes on: that is found out here, from all events.
  filters = { options.groups.process[3], "cpu" },

  -- The TIDs of threads that are followed: who is so in one window is so in the next one.
  run = function(given) return filters.set(given.tid) end,

  begin = function(w)
    w.names = w.options.procname and filters.names(w.options.procname)
    w.all = not w.options.tid and not w.options.procname
  end,

  on = {
    ["*"] = function(w, event, selected, time, cpu, event_name, current_tid, current_pid,
        current_procname)
      -- A context can be anything in a trace.
      local tid, pid = values.integer(current_tid), values.integer(current_pid)
      local procname = values.string(current_procname)
      if is_wanted(w, event, tid, procname) and selected then
        w.log:add { time = time, tid = tid, pid = pid, procname = procname, cpu = cpu,
          event = event_name, fields = values.text(event) }
      end
    end,
  },

  merge = false,

  tables = {
    -- Rows go to w.log as they come.
    { "events", "Events",
      { { "Time", "timestamp", "time" },
        { "Process", "process", { name = "procname", tid = "tid", pid = "pid" } },
        { "CPU", "cpu", "cpu" }, { "Event", "string", "event" }, { "Fields", "string", "fields" } },
      sorted = "log", order = "time",
      text = {
        heading = "[   TID] [Time] event: { cpu_id }, { contexts }, { fields }",
        row = function(row, about)
          return text.clean(("[%6s] [%s] %s: { cpu_id = %s }%s"):format(row.tid or "?",
            clock.format(row.time, about), row.event, row.cpu or "?",
            row.fields ~= "" and ", " .. row.fields or ""))
        end,
      } },
  },
}
