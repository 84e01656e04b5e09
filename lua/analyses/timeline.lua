--- A timeline for https://ui.perfetto.dev, or for other programs that read its format.
--
--   lttnga-run timeline my-trace/ > my-trace.pftrace
--   lttnga-run timeline --timerange 15:36:38..15:36:40.5 --output-file part.pftrace my-trace/
--   lttnga-run timeline --tracks calls,disks --gzip -o calls.pftrace.gz my-trace/
--   lttnga-run timeline --request server --critical-path 393 my-trace/ > web.pftrace
--
-- There are tracks for CPUs (the thread that runs; threads with their states, and what woke
-- them), interrupts, system calls with what is known of them, what syncs wait for, disk requests
-- with arrows from the threads that issued them, page flushes, memory, network, and lost events;
-- and on demand for requests (docs/requests.md) and critical paths of threads. --tracks chooses.
--
-- --tid, --procname and --filter choose calls, disk requests and so on; CPUs and counters are
-- shown whole. A call that started before the time range is drawn from its start. Where it is
-- unknown which thread ran, the track shows "(unknown)".
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   What was drawn
--   Tracks  Events
--   --------------
--   calls     5535
--   disks     1309
--
--   /dev/null: 415117 bytes

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local filters = require "lttnga.filters"
local options = require "lttnga.options"
local paths = require "lttnga.paths"
local perfetto = require "lttnga.perfetto"
local requests = require "lttnga.request_family"
local text = require "lttnga.text"

--- What there can be on a timeline. `make` returns objects that collects feed; the fields that these
-- give, and that have no other use, are shown with each slice. One more is three lines:
--
--   { "opens", make = function(t) return { opens = t:slices { "Opens", name = "path" } } end,
--     { "io_end", "begin", "time", "procname", "path", "ret", only = { io_class = { "open" } },
--       into = "opens" } },
local groups = {
  { "cpus",
    make = function(t)
      return { slices = t:kernel "sched_slice", wakeups = t:kernel "wakeup",
        starts = t:kernel "process_start", execs = t:kernel "process_exec" }
    end,
    { "sched_slice", "cpu", "begin", "time", "tid", "pid", "utid", "procname", "process", "prio",
      "busy", "state", into = "slices" },
    { "wakeup", "cpu", "time", "tid", "procname", "prio", "target_cpu", "context", "waker_tid",
      into = "wakeups" },
    { "process_start", "time", "tid", "pid", "utid", "procname", "process", "parent_tid",
      "thread", into = "starts" },
    { "process_exec", "time", "tid", "pid", "utid", "procname", "process", into = "execs" } },

  { "interrupts",
    make = function(t)
      return { irqs = t:kernel "irq_end", softirqs = t:kernel "softirq_end",
        vectors = t:slices { "Interrupt vectors", by = "cpu", name = "name" } }
    end,
    { "irq_end", "cpu", "begin", "time", "tid", "irq", "name", "ret", into = "irqs" },
    { "irq_open", "cpu", "begin", "time", "tid", "irq", "name", set = { open = true },
      into = "irqs" },
    { "softirq_end", "cpu", "begin", "time", "tid", "vec", into = "softirqs" },
    { "softirq_open", "cpu", "begin", "time", "tid", "vec", set = { open = true },
      into = "softirqs" },
    { "irq_vector_end", "cpu", "begin", "time", "name", "vector", into = "vectors" },
    { "irq_vector_open", "cpu", "begin", "time", "name", "vector", set = { open = true },
      into = "vectors" } },

  { "calls",
    make = function(t)
      return { calls = t:slices { "Calls of unknown threads or processes", by = "procname",
        thread = true, name = "name" } }
    end,
    { "syscall_exit", "begin", "time", "tid", "pid", "utid", "procname", "process", "name", "fd",
      "path", "peer", "count", "size", "ret", "error_name", into = "calls" },
    { "syscall_open", "begin", "time", "tid", "pid", "utid", "procname", "process", "name", "fd",
      "path", "peer", "count", set = { open = true }, into = "calls" } },

  { "syncs",
    make = function(t) return { waits = t:slices { thread = true, name = "what" } } end,
    { "sync_wait", "begin", "time", "tid", "pid", "utid", "procname", "process", "what", "data",
      "journal", "flush", "others", "throttled", "rest", into = "waits" } },

  { "disks",
    make = function(t)
      return {
        issues = t:slices { thread = true, name = { "op", "disk" },
          from = { "dev", "sector", "time" } },
        disks = t:slices { "Disks", by = "disk", name = { "op", "size" },
          to = { "dev", "sector", "begin" } },
        in_flight = t:counter { "Requests in flight", by = "disk", value = "in_flight",
          unit = "count" },
        written = t:counter { "Disk bytes per second", by = "disk", rate = "size",
          unit = "bytes" },
      }
    end,
    { "disk_request_issue", "time", "tid", "pid", "utid", "procname", "process", "op", "disk",
      "size", "dev", "sector", into = "issues" },
    { "disk_request_end", "begin", "time", "disk", "op", "size", "dev", "sector", "tid",
      "procname", "error_name", into = "disks" },
    { "disk_request_open", "begin", "time", "disk", "op", "size", "dev", "sector", "tid",
      "procname", set = { open = true }, into = "disks" },
    { "disk_request_issue", "time", "disk", "in_flight", into = "in_flight" },
    { "disk_request_end", "time", "disk", "in_flight", into = "in_flight" },
    { "disk_request_end", "time", "disk", "size", into = "written" } },

  { "pages",
    make = function(t)
      return { dirty = t:counter { "Dirty pages", value = "dirty", unit = "bytes" },
        flushes = t:slices { "Page flushes", by = "disk", name = "owner_procname" },
        writeback = t:slices { "Writeback", by = "disk", name = "procname" } }
    end,
    { "page_dirty", "time", "dirty", into = "dirty" },
    { "page_flush", "time", "dirty", into = "dirty" },
    { "page_drop", "time", "dirty", into = "dirty" },
    { "page_flush", "time", "disk", "owner_procname", "owner_tid", "path", "size", "how", "tid",
      "procname", age = "duration", into = "flushes" },
    { "writeback_end", "begin", "time", "disk", "procname", "tid", "pages", into = "writeback" } },

  { "memory",
    make = function(t)
      return {
        allocated = t:counter { "Pages allocated since the start", add = "pages", less = "freed",
          unit = "count", every = 1000000 },
        reclaim = t:slices { "Reclaim", by = "kind", name = "procname" } }
    end,
    { "page_alloc", "time", "pages", into = "allocated" },
    { "page_free", "time", freed = "pages", into = "allocated" },
    { "reclaim", "begin", "time", "kind", "procname", "tid", "pages", "asleep",
      into = "reclaim" } },

  { "queues",
    make = function(t)
      return { waiting = t:counter { "Threads waiting for a CPU", by = "cpu", value = "length",
        unit = "count" } }
    end,
    { "run_queue", "cpu", "length", time = "begin", into = "waiting" } },

  { "network",
    make = function(t)
      return {
        received = t:counter { "Bytes received per second", by = "netif", rate = "size",
          unit = "bytes" },
        sent = t:counter { "Bytes sent per second", by = "netif", rate = "size", unit = "bytes" },
      }
    end,
    { "net_rx", "time", "netif", "size", into = "received" },
    { "net_tx", "time", "netif", "size", into = "sent" } },

  { "lost",
    make = function(t)
      return { lost = t:slices { "Lost events", by = "cpu", name = { "what", "events" } } }
    end,
    { "lost_events", "begin", "time", "cpu", "events", "packets", set = { what = "lost" },
      into = "lost" } },

  -- These are there if they are asked for.
  { "requests", asked = function(given) return given.request end,
    make = function(t)
      return { requests = t:slices { "Requests", by = "path", name = "procname" } }
    end,
    { "request_end", "begin", "time", "path", "procname", "tid", "number", "captures", "size",
      "error", into = "requests" },
    { "request_open", "begin", "time", "path", "procname", "tid", "number", "captures",
      only = { because = { "end" } }, set = { open = true }, into = "requests" } },

  { "critical-path", asked = function(given) return given["critical-path"] end,
    make = function(t, about)
      return { graph = paths.graph(about), path = t:slices { "Critical paths", by = "of",
        name = { "procname", "state" } } }
    end,
    table.unpack(paths.collect) },
}

--- The names of all groups.
local names = {}
for i, group in ipairs(groups) do
  names[i] = group[1]
end

--- A list of groups that was asked for.
local function read_tracks(value)
  local list = options.readers.names(value)
  for _, name in ipairs(list or {}) do
    local known = false
    for _, other in ipairs(names) do
      known = known or name == other
    end
    if not known then
      return nil, ("unknown track '%s'%s; known: %s"):format(name,
        text.did_you_mean(name, names), table.concat(names, ", "))
    end
  end
  return list
end

--- The groups that are drawn.
local function drawn(given)
  local chosen, list = filters.set(given.tracks), {}
  for _, group in ipairs(groups) do
    local is_asked = not given.tracks or chosen[group[1]]
    if group.asked then
      is_asked = group.asked(given)
    end
    list[#list + 1] = is_asked and group or nil
  end
  return list
end

--- Timelines are up to three quarters as large as the traces that they are made of, as far as is known;
-- from so many bytes on that is said.
local LARGE = 100000000

local function tell_size(about)
  local length = about.last and about.last - about.first or 0
  local part = length > 0 and (about.to - about.from) / length or 1
  local size = about.size * 3 / 4 * part
  if size > LARGE then
    about.note(("the timeline may become %.0f MB large (browsers load at most 2 GB, slowly): "
      .. "use --timerange, --tracks or filters to make it smaller"):format(size / 1000000))
  end
end

--- Draws the critical paths that were asked for.
local function draw_paths(w)
  local is_asked = filters.set(w.options["critical-path"])
  for _, one in ipairs(w.graph:threads()) do
    local first, last = one.born and one.first or w.first, one.exited and one.last or w.last
    if is_asked[one.tid] and first < last then
      w.found = true
      for piece in w.graph:pieces(one.utid, first, last) do
        w.path:add { begin = piece.begin, time = piece["end"], of = ("%s (%d)"):format(
          one.procname or "unknown", one.tid), procname = paths.placed(piece.procname, piece),
          tid = piece.tid, state = piece.state, cause = piece.cause, detail = piece.detail,
          cpu = piece.cpu }
      end
    end
  end
end

--- How much is on the tracks of each group; nothing if the standard output is the timeline.
local function drawn_rows(w)
  local rows = {}
  for i, group in ipairs(w.options["output-file"] and drawn(w.options) or {}) do
    local n = 0
    for _, object in pairs(w.objects[group[1]]) do
      n = n + (object.drawn and object:drawn() or 0)
    end
    rows[i] = { group[1], n }
  end
  return rows
end

--- What was written, once all machines have.
local function file_text(result)
  local file, bytes = table.unpack(result.rows[1])
  return file and bytes and ("%s: %d bytes\n"):format(text.clean(file), bytes) or ""
end

return analysis {
  title = "Timeline",
  writes = true,
  -- All machines write to one file.
  in_order = true,
  options = {
    { name = "output-file", value = "FILE", short = "o", read = options.readers.text,
      writes = true,
      help = "write the timeline to this file (default: standard output)" },
    { name = "gzip", help = "compress it with gzip, which Perfetto can read" },
    { name = "tracks", value = "TRACK,...", read = read_tracks, words = names,
      help = "only these tracks: cpus, interrupts, calls, syncs, disks, pages, memory, queues,\n"
        .. "network, lost (default: all that the trace has)" },
    { name = "request", value = "NAME", read = options.readers.item, list = true,
      words = "requests",
      help = "also these requests: server, process, syscall:NAME, spans:FILE, ..., or the path\n"
        .. "of a definition (docs/requests.md); may be repeated (default: none)" },
    { name = "critical-path", value = "TID,...", read = options.readers.numbers,
      help = "also the critical paths of these threads (default: none)" },
    "process", "path", "duration",
  },
  -- CPUs and counters are shown whole.
  selects = { syscall_exit = {}, syscall_open = {}, sync_wait = {}, disk_request_issue = {},
    disk_request_end = {}, disk_request_open = {}, page_flush = {}, request_end = {},
    request_open = {} },

  requests = function(given)
    return given.request and requests.definitions(given) or nil, { what = "--request" }
  end,

  run = function(given, about)
    if given.refresh then
      fault.usage("--refresh cannot be used with timeline: use --timerange to make it shorter")
    elseif about.session and not given["output-file"] then
      fault.raise("a timeline is binary: use { output_file = 't.pftrace' }")
    elseif given.output ~= "text" and not given["output-file"] then
      fault.usage("--output %s needs --output-file, as the timeline itself goes to standard "
        .. "output", given.output)
    end
    local shared = about.shared
    if not shared.file then
      local message
      shared.left = about.count
      shared.file, message = perfetto.open(given["output-file"], { gzip = given.gzip })
      if not shared.file then
        fault.raise("%s", message)
      end
      tell_size(about)
    end
    local timeline = shared.file:machine { host = about.name, kernel = about.kernel,
      begin = about.from or about.first or 0, number = about.count > 1 and about.number or nil }
    return { shared = shared, host = about.name, timeline = timeline, machine = about }
  end,

  begin = function(w)
    w.objects = {}
    for _, group in ipairs(drawn(w.options)) do
      local made = group.make(w.run.timeline, w.run.machine)
      for name, object in pairs(made) do
        w[name] = object
      end
      w.objects[group[1]] = made
    end
    w.recorded = w.run.timeline:slices { "Analysed", name = "what" }
  end,

  collect = function(given)
    local list = {}
    for _, group in ipairs(drawn(given)) do
      table.move(group, 2, #group, #list + 1, list)
    end
    return list
  end,

  finish = function(w)
    if w.path then
      draw_paths(w)
      w.missed = not w.found and ("--critical-path: no thread has tid %s"):format(
        table.concat(w.options["critical-path"], ", ")) or nil
    end
    w.recorded:add { begin = w.first, time = w.last, what = w.run.host or "trace" }
    w.run.timeline:finish(w.last)
    local shared = w.run.shared
    shared.left = shared.left - 1
    if shared.left == 0 then
      w.bytes = shared.file:bytes()
      local ok, message = shared.file:close()
      if not ok then
        fault.raise("%s", message)
      end
    end
  end,

  merge = false,

  tables = {
    { "tracks", "What was drawn",
      { { "Tracks", width = -14 }, { "Events", "number", width = 12, compare = "sum" } },
      needs = { "sched_slice" }, text = "grid", rows = drawn_rows },
    { "file", "Timeline", { { "File", "path" }, { "Bytes", "size", compare = "sum" } },
      needs = {}, bare = true, text = file_text,
      rows = function(w) return { { w.options["output-file"], w.bytes } } end },
  },
}
