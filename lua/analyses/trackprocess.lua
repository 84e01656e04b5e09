--- All events of some threads, and those about them, with all fields in the order of time.
--
--   lttnga-run trackprocess --procname sshd --follow-child my-trace/
--   lttnga-run trackprocess --tid 363,388 --timerange [15:36:40.3,15:36:40.5] my-trace/
--
-- A thread that has had one of the names is followed from then on, whatever it is called later.
-- Without --tid and --procname it is every event of the trace. With a time range, what happened
-- before it is not looked at: children count from there on.
--
--   Timerange: [2026-11-23 15:36:40.295022450, 2026-11-23 15:36:40.295601040]
--
--   Events:
--   [   TID] [Time] event: { cpu_id }, { contexts }, { fields }
--   [   393] [15:36:40.295022450] sched_wakeup: { cpu_id = 1 }, { pid = 393, procname = "wc" }, { comm = "rcu_preempt", tid = 15, prio = 20, target_cpu = 0 }
--   [   393] [15:36:40.295028320] irq_softirq_exit: { cpu_id = 1 }, { pid = 393, procname = "wc" }, { vec = 9 }
--   [   393] [15:36:40.295601040] syscall_entry_openat: { cpu_id = 1 }, { pid = 393, procname = "wc" }, { dfd = -100, filename = "/etc/ld.so.cache", flags = 524288, mode = 0 }

local analysis = require "lttnga.analysis"
local chooser = require "lttnga.chooser"
local clock = require "lttnga.time"
local text = require "lttnga.text"

--- Fields by which events are about threads, and those that tell their names.
local about_fields = {
  { tid = "tid", name = "comm" }, { tid = "tid", name = "name" },
  { tid = "prev_tid", name = "prev_comm" }, { tid = "next_tid", name = "next_comm" },
  { tid = "parent_tid", name = "parent_comm" }, { tid = "child_tid", name = "child_comm" },
}

--- All of these.
local thread_fields = {}
for _, pair in ipairs(about_fields) do
  thread_fields[pair.tid], thread_fields[pair.name] = true, true
end

--- A value as text: { a = 1 } and [1, 2] are what structures and arrays look like.
local function value_text(value)
  if type(value) == "string" and not value:find("^0x%x+$") then
    return '"' .. value:gsub('[\\"]', "\\%0") .. '"'
  elseif type(value) ~= "table" then
    return value == nil and "?" or tostring(value)
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = value_text(item)
  end
  if #parts > 0 or next(value) == nil then
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = name .. " = " .. value_text(value[name])
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

--- All fields: "{ pid = 363, procname = "bash" }, { fd = 3, count = 4096 }", contexts first.
local function fields_text(event)
  local contexts, fields, list = {}, {}, event:list()
  for i = 1, list.n, 2 do
    local context = list[i]:match("^ctx%.(.*)")
    local into = context and contexts or fields
    into[#into + 1] = ("%s = %s"):format(context or list[i], value_text(list[i + 1]))
  end
  local parts = {}
  for _, one in ipairs { contexts, fields } do
    if #one > 0 then
      parts[#parts + 1] = "{ " .. table.concat(one, ", ") .. " }"
    end
  end
  return table.concat(parts, ", ")
end

--- The fields of an event that are about threads, by name; what it does not have is not there.
local function threads_of(event)
  local fields, list = {}, event:list()
  for i = 1, list.n, 2 do
    if thread_fields[list[i]] then
      fields[list[i]] = list[i + 1]
    end
  end
  return fields
end

--- Whether an event is about a thread that is followed; learns who is to be, by name.
local function is_about(w, fields)
  local concerned = false
  for _, pair in ipairs(about_fields) do
    local tid = fields[pair.tid]
    if tid then
      if w.names[fields[pair.name] or ""] then
        w.tids[tid] = true
      end
      concerned = concerned or w.tids[tid]
    end
  end
  return concerned
end

--- The TIDs of threads that are followed.
local followed

return analysis {
  title = "Events of processes",
  options = { "process", "cpu",
    { name = "follow-child", short = "f",
      help = "also the children of threads that are followed" } },
  -- Which threads are wanted changes as the trace goes on: that is found out here.
  filters = { "cpu" },

  begin = function(w)
    local options = w.options
    -- Who is followed in one window is so in the next one.
    followed = followed or chooser.set(options.tid)
    w.tids, w.names = followed, chooser.set(options.procname)
    w.all = not options.tid and not options.procname
  end,

  on = {
    ["*"] = function(w, event, time, cpu, event_name, current_tid, current_pid, current_procname)
      -- A context can be anything in a trace.
      current_tid = math.type(current_tid) == "integer" and current_tid or nil
      current_pid = math.type(current_pid) == "integer" and current_pid or nil
      current_procname = type(current_procname) == "string" and current_procname or nil
      local wanted = w.all
      if not wanted then
        local fields = threads_of(event)
        if w.names[current_procname or ""] and current_tid then
          w.tids[current_tid] = true
        end
        wanted = current_tid and w.tids[current_tid]
        -- Both are to be looked at: names are learned on the way.
        wanted = is_about(w, fields) or wanted
        if fields.child_tid and w.options["follow-child"] and w.tids[fields.parent_tid or -1] then
          w.tids[fields.child_tid] = true
        end
      end
      if wanted then
        local process = { name = current_procname, tid = current_tid, pid = current_pid }
        w.log:add(time, { time, process, cpu, event_name, fields_text(event) })
      end
    end,
  },

  tables = {
    -- Rows go to w.log as they come.
    { "events", "Events", { { "Time", "timestamp" }, { "Process", "process" }, { "CPU", "cpu" },
        { "Event" }, { "Fields" } },
      sorted = "log",
      text = {
        heading = "[   TID] [Time] event: { cpu_id }, { contexts }, { fields }",
        row = function(row, about)
          return text.clean(("[%6s] [%s] %s: { cpu_id = %s }%s"):format(row[2].tid or "?",
            clock.format(row[1], about), row[4], row[3] or "?",
            row[5] ~= "" and ", " .. row[5] or ""))
        end,
      } },
  },
}
