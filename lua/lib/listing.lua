--- What a session shows: rows of the model as tables for people, which stay values for programs.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"
local pretty = require "lttnga.pretty"
local render = require "lttnga.render_text"
local text = require "lttnga.text"
local time = require "lttnga.time"
local units = require "lttnga.units"

local listing = {}

--- How long something has been so: "1.234 ms".
local function span(ns)
  for _, unit in ipairs { { 1000000000, "s" }, { 1000000, "ms" } } do
    if ns >= unit[1] then
      return ("%.3f %s"):format(ns / unit[1], unit[2])
    end
  end
  return ("%.3f us"):format(ns / 1000)
end

--- A cell that says for how long a time has been past.
local function since(field)
  return function(row, about)
    return row[field] and about.now and span(about.now - row[field])
  end
end

--- A cell with a size.
local function size(field)
  return function(row)
    return row[field] and text.trim(units.format_size(row[field]))
  end
end

local function process(row)
  return ("%s (%s)"):format(row.procname or "unknown", row.tid or "?")
end

--- Columns of each list: { title, field or function(row, about) -> cell, class }.
local name = { "Name", "procname", "string" }
local path = { "File", "path", "path" }
local host_column = { "Host", "host", "string" }

listing.processes = {
  { "PID", "pid", "number" }, { "PPID", "ppid", "number" }, { "Threads", "threads", "number" },
  { "FDs", "fds", "number" }, { "State", "state", "string" }, { "For", since "since", "number" },
  { "CPU", "cpu", "number" }, { "Prio", "prio", "number" }, { "Syscall", "syscall", "string" },
  { "Name", "process", "string" }, host_column,
}

listing.threads = {
  { "TID", "tid", "number" }, { "PID", "pid", "number" }, { "State", "state", "string" },
  { "For", since "since", "number" }, { "CPU", "cpu", "number" }, { "Prio", "prio", "number" },
  { "Syscall", "syscall", "string" }, { "For", since "begin", "number" }, name, path, host_column,
}

listing.fds = {
  { "FD", "fd", "number" }, { "Type", "file_type", "string" }, { "For", since "since", "number" },
  path, host_column,
}

listing.holders = {
  { "Thread", process, "process" }, { "PID", "pid", "number" }, { "FD", "fd", "number" },
  { "For", since "since", "number" }, path, host_column,
}

listing.cpus = {
  { "CPU", "cpu", "number" }, { "TID", "tid", "number" }, { "PID", "pid", "number" },
  { "Prio", "prio", "number" }, { "For", since "since", "number" },
  { "Syscall", "syscall", "string" },
  { "Name", function(row)
    return row.lost and "(events are missing)" or row.tid == 0 and "(idle)" or row.procname
  end, "string" },
  host_column,
}

listing.disks = {
  { "Disk", function(row)
    return row.disk or ("(%d,%d)"):format(row.dev >> 20, row.dev & 0xfffff)
  end, "string" },
  { "In flight", "requests", "number" }, { "Size", size "size", "number" },
  { "Oldest for", since "oldest", "number" }, host_column,
}

listing.irqs = {
  { "CPU", "cpu", "number" }, { "Kind", "kind", "string" }, { "Number", "number", "number" },
  { "Name", function(row) return row.softirq or row.name end, "string" },
  { "Raised for", since "raise", "number" }, { "Running for", since "begin", "number" },
  host_column,
}

listing.dirty = {
  { "Size", size "size", "number" }, { "Oldest for", since "since", "number" },
  { "Pieces", "runs", "number" }, { "By", process, "process" },
  { "File", function(row)
    return row.path or row.pid and ("unknown, of PID %d"):format(row.pid) or "unknown"
  end, "string" },
  host_column,
}

listing.inflight = {
  { "For", since "begin", "number" }, { "What", "what", "string" },
  { "Thread", process, "process" }, { "FD", "fd", "number" }, { "Size", size "size", "number" },
  { "Disk", "disk", "string" },
  -- Where events were lost it can have ended unseen.
  { "May be over", function(row) return row.lost and "yes" or nil end, "string" },
  path, host_column,
}

--- A cell as the table has it: text or a number.
local function cell(row, column, about)
  local value = column[2]
  if type(value) == "function" then
    return value(row, about)
  end
  return row[value]
end

--- The columns that some row has something in; the first one always.
local function used_columns(rows, columns, about)
  local used, cells = {}, {}
  for r in ipairs(rows) do
    cells[r] = {}
  end
  for c, column in ipairs(columns) do
    local values, any = {}, c == 1
    for r, row in ipairs(rows) do
      values[r] = cell(row, column, about)
      any = any or values[r] ~= nil
    end
    if any then
      used[#used + 1] = { title = column[1], class = column[3] == "number" and "number" or "string",
        width = 1 }
      for r in ipairs(rows) do
        local value = values[r]
        cells[r][#used] = value ~= nil and tostring(value) or nil
      end
    end
  end
  return used, cells
end

--- A table without a title.
local function draw(columns, cells)
  local drawn = render.table({ title = "", columns = columns, rows = cells }, {})
  -- The first line is that of the title.
  return (drawn:gsub("^[^\n]*\n", ""):gsub("\n$", ""))
end

--- Gives rows a look.
-- @tparam table rows list of tables; stays as it is
-- @tparam table columns see above
-- @tparam table about now: the time (ns); show: how times are written
-- @treturn table rows
function listing.new(rows, columns, about)
  return pretty.shown(rows, function()
    if #rows == 0 then
      return "(none)"
    end
    local used, cells = used_columns(rows, columns, about)
    return draw(used, cells)
  end)
end

--- The fields of what is shown as one thing, in their order, and what they are.
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
    return past and clock .. (" (%s ago)"):format(span(about.now - value)) or clock
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
  process = true }

--- Fields of derived events that are times; others in ns are durations.
local times = { begin = true, call_begin = true, raise = true }

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
    return times[field.name] and time.format(value, show) or span(value):gsub(" ", "")
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
    return process { tid = event.current_tid, procname = procname }
  end
  return process(event)
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
listing.event_columns = {
  { "After (us)", function(row, about)
    return about.now and ("%+.3f"):format((row.time - about.now) / 1000)
  end, "number" },
  { "CPU", "cpu", "number" }, { "Thread", thread_of, "string" },
  { "Event", "event_name", "string" },
  { "Fields", function(row, about)
    return own_fields(row, about.show)
  end, "string" },
}

function listing.events(rows, about)
  return listing.new(rows, listing.event_columns, about)
end

return listing
