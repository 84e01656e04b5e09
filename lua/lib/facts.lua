--- The tables of `export` and `sql`: made of the derived events (docs/hooks.md), and of what is
-- chosen here. docs/facts.md shows them all (`make docs`).
--
-- A table of facts has the fields of its event as columns, with these differences: `begin` is
-- called `ts` and `duration` is called `dur`; an event without `begin` has `time` as `ts`. Threads,
-- processes, files, disks and hosts are numbers: their names are in tables of their own.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"

local facts = {
  --- Of the tables and their columns: the second number changes when something is added, the first
  -- when something is renamed or removed.
  version = "1.1",
  --- The version of the program that makes them.
  program = host.version,
}

--- Tables of facts:
--
--   { NAME, TEXT, EVENT, also = { EVENTS that are still open, or otherwise alike },
--     without = { FIELDS }, set = { COLUMN = { [EVENT] = VALUE } } }
--
-- `early`: the names in the events are those of when they began. `ends`: it is the end of a thread.
-- `named`: `path` is not a file.
facts.list = {
  { "syscall", "System calls.", "syscall_exit", open = "syscall_open",
    without = { "source_tid", "source_procname" } },
  { "sched", "Which thread had a CPU: one row for each stretch without a context switch. "
    .. "Idle CPUs run utid 0. The rows of a CPU add up to the trace.", "sched_slice" },
  { "thread_state", "What each thread did: it ran, waited for a CPU, or slept.", "thread_state",
    without = { "irq", "irq_name", "softirq", "work", "syscall", "fd", "path", "futex", "disk",
      "sector", "netif", "peer", "source_utid", "source_time", "remote_machine", "remote_utid",
      "remote_time" } },
  { "wakeup", "Threads were woken.", "wakeup" },
  { "wait", "Threads slept, and what for: see why.md.", "sleep_end",
    without = { "remote_machine", "remote_utid", "remote_time" } },
  { "disk_request", "Disk requests.", "disk_request_end", open = "disk_request_open",
    without = { "rwbs", "nr_sector" }, early = true },
  { "irq", "Handlers of hard interrupts.", "irq_end", open = "irq_open" },
  { "softirq", "Handlers of softirqs.", "softirq_end", open = "softirq_open" },
  { "irq_vector", "Handlers of x86's own interrupts (timer, calls from other CPUs).",
    "irq_vector_end", open = "irq_vector_open" },
  { "page_dirty", "Pages of the page cache became dirty.", "page_dirty", early = true },
  { "page_flush", "Dirty pages went to the disk. They were dirty from `ts` on, for `dur`.",
    "page_flush" },
  { "page_drop", "Dirty pages are no longer dirty, or no longer tracked, although no write was "
    .. "seen.", "page_drop" },
  { "sync", "Calls that write or sync a file: where their time went.", "sync_end",
    open = "sync_open" },
  { "writeback", "Kernel threads wrote dirty pages in the background.", "writeback_end" },
  { "reclaim", "Memory was freed because there was too little.", "reclaim" },
  { "net", "Network packets, sent (`direction` is `tx`) or received (`rx`).", "net_tx",
    also = "net_rx", set = { "direction", net_tx = "tx", net_rx = "rx",
      "`tx`: it was sent; `rx`: it was received" } },
  { "contention", "Threads waited for contended kernel locks. Few traces have this.",
    "contention" },
  { "migration", "Threads were moved to other CPUs.", "migration" },
  { "prio_change", "Priorities of threads changed.", "prio_change" },
  { "fork", "Processes and threads were created.", "process_start" },
  { "exec", "Processes executed programs.", "process_exec" },
  { "exit", "Threads exited.", "process_exit", ends = true },
  { "signal", "Calls that send signals.", "signal_send" },
  { "lost", "The tracer lost events or packets.", "lost_events" },
  { "request", "Requests, as --request defines them (requests.md); without that option the table "
    .. "is empty.", "request_end", open = "request_open", without = { "owner" }, early = true,
    named = true },
}

--- Derived events without a table, and where their contents are instead.
facts.left_out = {
  { "io_end", "`syscall`; calls that read one descriptor and write another are there once" },
  { "io_open", "`syscall`, without `dur`" },
  { "disk_request_issue", "`disk_request`" },
  { "fd_open", "`syscall`" }, { "fd_close", "`syscall`" },
  { "cpu_time", "`sched`, `syscall`, `irq`, `softirq`" },
  { "cpu_runtime", "`sched`" },
  { "wakeup_latency", "`thread_state`: `woken`" }, { "wakeup_open", "`thread_state`: `woken`" },
  { "preempt_latency", "`thread_state`: `preempted`" },
  { "preempt_open", "`thread_state`: `preempted`" },
  { "off_cpu", "`thread_state`, `wait`" },
  { "run_queue", "`thread_state`: `woken` and `preempted` by `cpu`" },
  { "sync_wait", "`wait`, and summed up in `sync`" },
  { "exec_fail", "`syscall`: `execve` with an `error`" },
  { "page_alloc", "only the analyses have it (memtop): two rows for each page would be most of "
    .. "the export" },
  { "page_free", "as page_alloc" },
  { "request_part", "`request`: `parent`" },
}

--- Fields that are points in time; others in ns are durations.
facts.times = { ts = true, begin = true, opened = true, sent = true, raise = true,
  source_time = true, remote_time = true, runnable_from = true, call_begin = true }

--- Fields that every table leaves out: other tables have them.
local left_out = { time = true, host = true, tid = true, pid = true, procname = true,
  process = true }

--- Fields of containers: the table `container` has the others. PIDs in containers are for hooks.
for _, name in ipairs { "container", "container_ns", "container_parent", "cgroup", "vtid",
  "vpid" } do
  left_out[name] = true
end

--- What columns are whose fields have a neighbour in the event that tables leave out.
local docs = {
  utid = "number of the thread: see `thread`",
  container_id = "number of the container in which the thread was: see `container`; NULL if not "
    .. "known",
  upid = "number of its process: see `process`",
  waker_utid = "number of the thread that woke it; NULL if no thread did",
  owner_utid = "number of the thread that had made it dirty",
  owner_upid = "number of the process of that thread",
  call_utid = "number of the thread whose call it was written for: the one that submitted it, or "
    .. "that waits for it in a sync; NULL if there is none",
  call_name = "name of that call", call_begin = "when that call was entered",
  sender_utid = "number of the thread that sent it; NULL if no thread of this machine did, or if "
    .. "that is not known",
  parent_utid = "number of the thread that forked or cloned it",
  parent_upid = "number of the process of that thread",
  end_utid = "number of the thread in which it ended",
  runnable_from = "since when it could have run: the end of the wait, or its start if it was woken "
    .. "while it was going to sleep",
}

--- Words of hooks, and what they are here.
local words = { { "%f[%w][nN]il%f[%W]", "NULL" }, { "`duration`", "`dur`" },
  { "sleep_end", "`wait`" }, { "syscall_exit", "`syscall`" },
  { "from then to `time`", "from start to end" },
  { "an earlier window", "an earlier time" }, { "the window", "the exported time" } }

--- What a field is, in the words of SQL.
local function doc_of(field)
  local doc = docs[field.name] or field.doc
  for _, word in ipairs(words) do
    doc = doc:gsub(word[1], word[2])
  end
  return doc
end

--- What fields become that are names of something with a number.
local numbered = {
  path = { "file_id", "file", "number of the file: see `file`" },
  disk = { "disk_id", "disk", "number of the disk: see `disk`" },
}

local events = {}
for _, event in ipairs(host.hooks()) do
  local fields = {}
  for _, field in ipairs(event.fields) do
    fields[field.name] = field
  end
  events[event.name] = { fields = event.fields, by_name = fields, doc = event.doc }
end

local types = { integer = "integer", boolean = "boolean", string = "text" }

--- Whether a field says of a thread what the table `thread` says of its number.
local function is_known(event, name)
  local whose, what = name:match "^(.*)_([a-z]+)$"
  return what ~= "time" and left_out[what] and event.by_name[whose .. "_utid"] ~= nil
end

--- The column of a field of an event; nil if it has none.
local function column_of(entry, event, field)
  local name = field.name
  if left_out[name] or is_known(event, name) or name == "dev" and event.by_name.disk then
    return nil
  end
  for _, other in ipairs(entry.without or {}) do
    if name == other then
      return nil
    end
  end
  local as = numbered[name]
  if as and not (name == "path" and entry.named) then
    return { name = as[1], field = name, type = "integer", kind = as[2], doc = as[3] }
  end
  local is_time = facts.times[name] and field.unit == "ns"
  return { name = name, field = name, type = is_time and "time" or types[field.type],
    kind = name == "container_id" and "container" or name:find "u[tp]id$" and "entity"
      or "value", unit = field.unit, doc = doc_of(field) }
end

--- Reads an entry of the list above.
local function read(entry)
  local event = events[entry[3]]
  local has_begin = event.by_name.begin
  local made = { name = entry[1], doc = entry[2], event = entry[3], ends = entry.ends,
    early = entry.early, has_dur = event.by_name.duration ~= nil,
    has_thread = event.by_name.utid ~= nil }
  local ts = has_begin or event.by_name.time
  local columns = { { name = "ts", field = ts.name, type = "time", kind = "value", unit = "ns",
    required = true, doc = doc_of(ts) } }
  local dur = event.by_name.duration
  if dur then
    columns[2] = { name = "dur", field = "duration", type = "integer", kind = "value",
      unit = "ns", doc = doc_of(dur) .. (entry.open and "; NULL if it had not ended" or "") }
  end
  local rest = {}
  for _, field in ipairs(event.fields) do
    if field.name == "procname" then
      rest[#rest + 1] = { name = "unknown_name", field = "procname", type = "text",
        kind = "unnumbered", doc = "name of the thread if utid is NULL and its name is known" }
    end
    local column = field ~= ts and field ~= dur and column_of(entry, event, field)
    if column then
      rest[#rest + 1] = column
    end
  end
  local at = rest[1] and rest[1].name == "cpu" and 2 or 1
  table.insert(rest, at, { name = "host_id", type = "integer", kind = "host", required = true,
    doc = "number of the machine: see `host`" })
  for _, name in ipairs(entry.open and { entry.open } or {}) do
    for _, field in ipairs(events[name].fields) do
      if not event.by_name[field.name] then
        rest[#rest + 1] = column_of(entry, events[name], field)
      end
    end
  end
  if entry.set then
    rest[#rest + 1] = { name = entry.set[1], field = entry.set[1], type = "text", kind = "value",
      doc = entry.set[2] }
  end
  table.move(rest, 1, #rest, #columns + 1, columns)
  made.columns = columns
  made.sources = { entry[3], entry.open or entry.also }
  made.open, made.set = entry.open, entry.set
  return made
end

--- Tables that say what the numbers in facts are. `field`: see host/output/export_entities.h; those
-- of `host` and `trace` come from the script.
facts.dimensions = {
  { name = "thread", doc = "Threads: one row for each name that a thread had. Idle CPUs are one "
    .. "thread, utid 0, called `swapper`.",
    columns = {
      { name = "utid", field = "number", type = "integer", required = true,
        doc = "number of the thread, unique in the export" },
      { name = "host_id", field = "host", type = "integer", required = true,
        doc = "number of the machine" },
      { name = "tid", field = "id", type = "integer", doc = "TID, which the kernel reuses" },
      { name = "upid", field = "of", type = "integer", doc = "number of its process" },
      { name = "name", field = "name", type = "text", doc = "its name; NULL if not known" },
      { name = "from", field = "from", type = "time", required = true,
        doc = "since when it had this name, as far as that was seen" },
      { name = "to", field = "to", type = "time", required = true,
        doc = "until when: then, it has the next name, or nothing more was seen of it" },
    } },
  { name = "process", doc = "Processes: one row for each name that a process had, which is that "
    .. "of its main thread.",
    columns = {
      { name = "upid", field = "number", type = "integer", required = true,
        doc = "number of the process, unique in the export" },
      { name = "host_id", field = "host", type = "integer", required = true,
        doc = "number of the machine" },
      { name = "pid", field = "id", type = "integer", doc = "PID, which the kernel reuses" },
      { name = "parent_upid", field = "of", type = "integer",
        doc = "number of the process that created it; NULL if that was not seen" },
      { name = "name", field = "name", type = "text", doc = "its name; NULL if not known" },
      { name = "from", field = "from", type = "time", required = true, doc = "as in `thread`" },
      { name = "to", field = "to", type = "time", required = true, doc = "as in `thread`" },
    } },
  { name = "container", doc = "Containers, the machine itself among them: one row for each name "
    .. "that one had (containers.md).",
    columns = {
      { name = "container_id", field = "number", type = "integer", required = true,
        doc = "number of the container, unique in the export; 1 is the (first) machine" },
      { name = "host_id", field = "host", type = "integer", required = true,
        doc = "number of the machine" },
      { name = "ns_inum", field = "id", type = "integer",
        doc = "inode number of the namespace by which it is known, which the kernel reuses" },
      { name = "parent_id", field = "of", type = "integer",
        doc = "number of the container around it; NULL for a machine" },
      { name = "name", field = "name", type = "text",
        doc = "its name, or its namespace; `host` for the machine" },
      { name = "cgroup", field = "cgroup", type = "text",
        doc = "path of its cgroup, as far as it is known; NULL if not" },
      { name = "from", field = "from", type = "time", required = true, doc = "as in `thread`" },
      { name = "to", field = "to", type = "time", required = true, doc = "as in `thread`" },
    } },
  { name = "file", doc = "Files, and what else is behind descriptors, by their names.",
    columns = {
      { name = "file_id", field = "number", type = "integer", required = true,
        doc = "number of the file, unique in the export" },
      { name = "host_id", field = "host", type = "integer", required = true,
        doc = "number of the machine" },
      { name = "path", field = "name", type = "text", required = true,
        doc = "its path, or what it is: `socket`, `pipe`" },
    } },
  { name = "disk", doc = "Disks and partitions.",
    columns = {
      { name = "disk_id", field = "number", type = "integer", required = true,
        doc = "number of the disk, unique in the export" },
      { name = "host_id", field = "host", type = "integer", required = true,
        doc = "number of the machine" },
      { name = "name", field = "name", type = "text", required = true,
        doc = "its name: `vda`, or `(major,minor)` if not known" },
      { name = "dev", field = "id", type = "integer",
        doc = "its number in the kernel: major << 20 | minor; NULL if not known" },
    } },
  { name = "host", doc = "The machines whose traces these are.",
    columns = {
      { name = "host_id", type = "integer", required = true, doc = "number of the machine" },
      { name = "name", type = "text", doc = "its name; NULL if not known" },
      { name = "kernel", type = "text", doc = "version of its kernel; NULL if not known" },
    } },
  { name = "trace", doc = "What was exported: one row for each machine. This table is written "
    .. "last.",
    columns = {
      { name = "host_id", type = "integer", required = true, doc = "number of the machine" },
      { name = "path", type = "text", required = true,
        doc = "where the traces were, separated by `, `" },
      { name = "begin", type = "time", doc = "start of the exported time" },
      { name = "end", type = "time", doc = "end of the exported time" },
      { name = "filter", type = "text",
        doc = "what --filter and the like selected; NULL if everything was exported" },
      { name = "schema_version", type = "text", required = true,
        doc = "version of these tables, as docs/facts.md has it" },
      { name = "program_version", type = "text", required = true, doc = "version of lttnga" },
    } },
}

facts.tables = {}
for i, entry in ipairs(facts.list) do
  facts.tables[i] = read(entry)
end
for _, dimension in ipairs(facts.dimensions) do
  facts[dimension.name] = dimension
end

--- What a `collect` has to give to a table.
-- @treturn table list of collects
function facts.collects(one)
  local list = {}
  for _, event in ipairs(one.sources) do
    local collect, given = { event, into = one.name }, {}
    local function give(field)
      if field and events[event].by_name[field] and not given[field] then
        given[field] = true
        collect[#collect + 1] = field
      end
    end
    give "time"
    for _, field in ipairs { "begin", "tid", "pid", "utid", "upid", "procname", "process",
      "container_id", "container", "container_ns", "container_parent", "cgroup" } do
      give(one.has_thread and field or field == "begin" and field or nil)
    end
    for _, column in ipairs(one.columns) do
      -- What is still open has no duration yet.
      if not (column.name == "dur" and event == one.open) then
        give(column.field)
      end
    end
    give "dev"
    if one.set then
      collect.set = { [one.set[1]] = one.set[event] }
    end
    list[#list + 1] = collect
  end
  return list
end

return facts
