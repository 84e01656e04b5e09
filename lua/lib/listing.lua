--- What a session shows: rows of the model as tables for people, which stay values for programs.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"
local host = require "lttnga.host"
local pretty = require "lttnga.pretty"
local render = require "lttnga.render_text"
local text = require "lttnga.text"
local thread = require "lttnga.thread"
local time = require "lttnga.time"
local units = require "lttnga.units"

local listing = {}

--- A column that says for how long a time has been past.
local function since(title, field)
  return { title, "number", function(row, about)
    return row[field] and about.now and about.now - row[field]
  end, text = text.duration }
end

--- Columns of several lists, see lttnga.columns; functions get what `about` says, not a window.
local name = { "Name", "string", "procname" }
local path = { "File", "path", "path" }
local size = { "Size", "size", "size" }
local process = { "Thread", "process", thread.fields }
local host_column = { "Host", "string", "host" }

local function number(title, field)
  return { title, "number", field }
end

--- Reads the columns of a list.
local function read(given)
  local list = columns.read(given, "a list", function(ok, message, ...)
    assert(ok, ok or message:format(...))
  end)
  for _, column in ipairs(list) do
    column.width = 1
  end
  return list
end

listing.processes = read {
  number("PID", "pid"), number("PPID", "ppid"), number("Threads", "threads"), number("FDs", "fds"),
  { "State", "string", "state" }, since("For", "since"), number("CPU", "cpu"),
  number("Prio", "prio"), { "Syscall", "syscall", "syscall" }, { "Name", "string", "process" },
  host_column,
}

listing.threads = read {
  number("TID", "tid"), number("PID", "pid"), { "State", "string", "state" }, since("For", "since"),
  number("CPU", "cpu"), number("Prio", "prio"), { "Syscall", "syscall", "syscall" },
  since("For", "begin"), name, path, host_column,
}

--- How far a time is ahead.
local function ahead(title, field)
  return { title, "number", function(row, about)
    return row[field] and about.now and row[field] - about.now
  end, text = text.duration }
end

listing.why = read {
  process, { "State", "string", "state" }, since("For", "since"), number("CPU", "cpu"),
  { "Syscall", "syscall", "syscall" }, { "Waits for", "string", "cause" },
  { "Object", "string", function(row) return row.object or row.path end },
  ahead("Ends in", "ends"),
  { "Depends on", "process", { name = "source_procname", tid = "source_tid" },
    with = "source_tid" },
}

listing.fds = read {
  number("FD", "fd"), { "Type", "string", "file_type" }, since("For", "since"), path, host_column,
}

listing.holders = read {
  process, number("PID", "pid"), number("FD", "fd"), since("For", "since"), path, host_column,
}

listing.cpus = read {
  number("CPU", "cpu"), number("TID", "tid"), number("PID", "pid"), number("Prio", "prio"),
  since("For", "since"), { "Syscall", "syscall", "syscall" },
  { "Name", "string", function(row)
    return row.lost and "(events lost)" or row.tid == 0 and "(idle)" or row.procname
  end },
  host_column,
}

listing.disks = read {
  { "Disk", "disk", function(row)
    return row.disk or ("(%d,%d)"):format(row.dev >> 20, row.dev & 0xfffff)
  end },
  number("In flight", "requests"), size, since("Oldest for", "oldest"), host_column,
}

listing.containers = read {
  number("Number", "container_id"), { "Container", "string", "container" },
  { "Inside", "string", "parent" }, number("Threads", "threads"),
  { "Namespace", "string", function(row)
    return row.kind and ("%s:[%d]"):format(row.kind, row.container_ns)
  end },
  { "Cgroup", "path", "cgroup" }, host_column,
}

listing.irqs = read {
  number("CPU", "cpu"), { "Kind", "string", "kind" }, number("Number", "number"),
  { "Name", "string", function(row) return row.softirq or row.name end },
  since("Raised for", "raise"), since("Running for", "begin"), host_column,
}

listing.dirty = read {
  size, since("Oldest for", "since"), number("Pieces", "runs"),
  { "By", "process", thread.fields },
  { "File", "path", function(row)
    return row.path or row.pid and ("unknown (PID %d)"):format(row.pid) or "unknown"
  end },
  host_column,
}

listing.inflight = read {
  since("For", "begin"), { "What", "string", "what" }, process, number("FD", "fd"), size,
  { "Disk", "disk", "disk" },
  -- Where events were lost it can have ended unseen.
  { "May be over", "string", function(row) return row.lost and "yes" or nil end },
  path, host_column,
}

--- Only the columns that some row has something in, and the first one, with the cells of all rows.
local function used_columns(rows, list, about)
  local cells = columns.cells(rows, list, about, "a list")
  local used, numbers = {}, {}
  for c, column in ipairs(list) do
    local any = c == 1
    for _, row in ipairs(cells) do
      any = any or row[c] ~= nil
    end
    if any then
      used[#used + 1], numbers[#numbers + 1] = column, c
    end
  end
  for r, row in ipairs(cells) do
    cells[r] = {}
    for i, c in ipairs(numbers) do
      cells[r][i] = row[c]
    end
  end
  return used, cells
end

--- A table without a title.
local function draw(list, cells)
  local drawn = render.table({ title = "", columns = list, rows = cells }, { classic = true })
  -- The first line is that of the title.
  return (drawn:gsub("^[^\n]*\n", ""):gsub("\n$", ""))
end

--- Rows with those of which something is known, and how many others there are.
local function split(rows, is_known)
  local known = {}
  for _, row in ipairs(rows) do
    known[#known + 1] = is_known(row) and row or nil
  end
  return known, #rows - #known
end

--- Whether more is known of a thread than that it exists.
function listing.has_state(row)
  return row.state ~= nil or row.syscall ~= nil
end

--- Gives rows a look.
-- @tparam table rows list of tables; stays as it is
-- @tparam table list columns, see above
-- @tparam table about now: the time (ns); show: how times are written; known: function(row) that
-- says which rows have a line of their own, where some have: the others are counted; others: what
-- these are
-- @treturn table rows
function listing.new(rows, list, about)
  return pretty.shown(rows, function()
    if #rows == 0 then
      return "(none)"
    end
    local known, n = rows, 0
    if about.known then
      known, n = split(rows, about.known)
    end
    if n == 0 or n == #rows then
      return draw(used_columns(rows, list, about))
    end
    return ("%s\n(%d more: %s)"):format(draw(used_columns(known, list, about)), n, about.others)
  end)
end

--- The fields of what is shown as one thing, in order, and what they are.
local views = { info = {
  { name = "path" }, { name = "reader" }, { name = "size", unit = "bytes" },
  { name = "begin", unit = "ns" }, { name = "end", unit = "ns" }, { name = "now", unit = "ns" },
  { name = "events" }, { name = "ended" }, { name = "saved_states" },
  { name = "saved_size", unit = "bytes" }, { name = "saved_in" },
} }
for _, view in ipairs(host.views()) do
  views[view.name] = view.fields
end

--- A value of a field for people.
local function field_text(field, value, about)
  if field.unit == "ns" and value ~= 0 then
    local clock = time.format(value, about.show)
    local past = about.now and about.now > value
    return past and clock .. (" (%s ago)"):format(text.duration(about.now - value)) or clock
  elseif field.unit == "bytes" then
    return text.trim(units.format_size(value))
  end
  return text.clean(tostring(value))
end

--- A table of fields that is shown with one of them on each line.
-- @tparam table values
-- @tparam string view whose fields they are
function listing.fields(values, view, about)
  return pretty.shown(values, function()
    local lines = {}
    for _, field in ipairs(views[view]) do
      local value = values[field.name]
      if value ~= nil then
        lines[#lines + 1] = ("%-15s %s"):format(field.name, field_text(field, value, about))
      end
    end
    return table.concat(lines, "\n")
  end)
end

--- Fields that all derived events have, which are shown before their own.
local common = { time = true, cpu = true, tid = true, pid = true, procname = true, host = true,
  process = true, utid = true, upid = true, container = true, container_id = true,
  container_ns = true, container_parent = true, cgroup = true, vtid = true, vpid = true }

--- Fields of derived events that are times; others in ns are durations.
local times = { begin = true, call_begin = true, raise = true, runnable_from = true,
  source_time = true, remote_time = true, sent = true }

--- The fields of derived events, by name: for what they are in, and their order.
local derived = {}
for _, hook in ipairs(host.hooks()) do
  derived[hook.name] = hook.fields
end

--- Values below are no errors, but numbers without a sign that are too large for one.
local LEAST = -4096

--- A value of a field of an event.
local function value_text(field, value, show)
  if type(value) == "string" then
    return ('"%s"'):format(text.clean(value))
  elseif field.unit == "ns" then
    return times[field.name] and time.format(value, show) or text.duration(value):gsub(" ", "")
  elseif field.unit == "" and math.type(value) == "integer" and value < LEAST then
    return ("0x%x"):format(value)
  end
  return tostring(value)
end

--- The fields of the trace's own events by their names, without contexts: those are as good as the
-- same for all of them.
-- @tparam table classes from trace:classes()
function listing.own_fields(classes)
  local raw = {}
  for _, class in ipairs(classes) do
    local fields = {}
    for _, field in ipairs(class.fields) do
      fields[#fields + 1] = not field:find("^ctx%.") and { name = field, unit = "" } or nil
    end
    raw[class.name] = fields
  end
  return raw
end

--- What is shown of an event beside what all events have.
-- @tparam table show `fields`: from listing.own_fields; and how times are written
local function own_fields(event, show)
  local parts, fields = {}, derived[event.event_name]
  for _, field in ipairs(fields or show.fields[event.event_name] or {}) do
    local value = event[field.name]
    local known = fields and (common[field.name] or value == false)
    if value ~= nil and not known and type(value) ~= "table" then
      parts[#parts + 1] = ("%s=%s"):format(field.name, value_text(field, value, show))
    end
  end
  return table.concat(parts, " ")
end

--- The thread in which an event was. Its own field `tid` may be another one's.
local function thread_of(event)
  if event.current_tid then
    local procname = event.current_procname or event.current_tid == 0 and "idle" or nil
    return thread.label { tid = event.current_tid, name = procname }
  end
  return thread.label { tid = event.tid, pid = event.pid, name = event.procname }
end

--- One event on a line.
-- @tparam table event from event:copy(), with `event_name`
function listing.event(event, show)
  local when = event.time and time.format(event.time, show) or ""
  return ("%s CPU %s %s %s: %s"):format(when, event.cpu or "?",
    text.clean(thread_of(event)), text.clean(event.event_name or "?"),
    own_fields(event, show))
end

--- Events around a time.
listing.event_columns = read {
  { "After (us)", "number", function(row, about)
    return about.now and row.time - about.now
  end, text = function(ns) return ("%+.3f"):format(ns / 1000) end },
  number("CPU", "cpu"), { "Thread", "string", thread_of }, { "Event", "string", "event_name" },
  { "Fields", "string", function(row, about)
    return own_fields(row, about.show)
  end },
}

function listing.events(rows, about)
  return listing.new(rows, listing.event_columns, about)
end

return listing
