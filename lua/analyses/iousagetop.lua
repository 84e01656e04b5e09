--- How much was read and written, by process, file, disk and network interface.
--
--   lttnga-run iousagetop my-trace/
--   lttnga-run iousagetop --limit 3 --per-tid --cpu 0 my-trace/
--
-- The first tables show what reached the disks, by the process that issued it (kernel threads
-- write for others: writeback shows for whom); the next ones show what calls read and wrote. The
-- columns are kinds of descriptors: File is a file on a disk, as far as is known, Device a
-- device, Virtual a file in memory (/proc, tmpfs), Net a connection to another machine, Local a
-- pipe or socket within this machine, Unknown a socket of unknown kind. System calls do not report
-- how much io_uring reads and writes, so only what reached the disks is shown.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Block I/O Read (2 of 4)
--   Process         Size
--   --------------------------------------------------------------------------------
--   ls (389)  884.00 KiB  ██████████████████████████████████████████████████████████
--   dd (390)   88.00 KiB  █████▊
--
--   Block I/O Write (2 of 4)
--   Process                      Size
--   --------------------------------------------------------------------------------
--   dd (390)                 1.25 MiB  █████████████████████████████████████████████
--   lttng-consumerd (237)  356.00 KiB  ████████████▌

local analysis = require "lttnga.analysis"
local disks = require "lttnga.disks"
local family = require "lttnga.io_family"
local graph = require "lttnga.graph"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local units = require "lttnga.units"

--- Bytes of a sector.
local SECTOR = 512

--- By what a thread counts: its process, if that is known, or itself (with --per-tid, too).
local function owner_of(w)
  return function(total)
    return not w.options["per-tid"] and total.pid or -(total.tid or 0)
  end
end

--- The columns of an owner: a process is called as its first thread.
local owner = {
  pid = "pid",
  tid = function(row) return row.key <= 0 and row.tid or nil end,
  name = function(row) return row[row.key > 0 and "process" or "procname"] end,
}

local function owner_label(process)
  local number = process.pid or ("unknown (tid=%s)"):format(process.tid)
  if process.pid and process.tid then
    number = ("%s, TID %s"):format(number, process.tid)
  end
  return ("%s (%s)"):format(process.name or "unknown", number)
end

--- The name of a file; what has none of its own is told apart by process.
local function file_name(total)
  local path = total.path
  if path and not (path:find "^pipe" or path:find "^socket" or path:find "^anon_inode") then
    return path
  end
  return ("%s (%s)"):format(path or "unknown", total.process or "unknown")
end

--- Who used a file, and by which descriptor first: "fd 3 in cat (392), fd 1 in dd (390)".
local function file_owners(row, w)
  local list, seen = {}, {}
  for call in w.calls:only("path", row.path and { row.path }):each() do
    local key = w.owner_of(call)
    if file_name(call) == row.key and not seen[key] then
      seen[key] = true
      local one = w.owners.of[key]
      local process = { name = owner.name(one), tid = owner.tid(one), pid = one.pid }
      list[#list + 1] = ("fd %s in %s"):format(call.fd, owner_label(process))
    end
  end
  return table.concat(list, ", ")
end

local function size(title, field)
  return { title, "size", field, default = 0, width = -10, compare = "sum" }
end

local function process_table(title, direction)
  return { "per-process-top", title, class = "Per-process I/O", needs = { "io_end" },
    { { "Process", "process", owner, text = owner_label, width = -25 }, size("Total", direction),
      size("File", direction .. "_file"), size("Device", direction .. "_device"),
      size("Virtual", direction .. "_virtual"), size("Net", direction .. "_net"),
      size("Unknown", direction .. "_unknown"), size("Local", direction .. "_local") },
    by = direction, over = 0, rows = function(w) return w.owners end,
    text = graph.bars { value = "total", format = units.format_size,
      show = { "process", "file", "device", "virtual", "net", "unknown", "local" } } }
end

--- A table of one size, or another number, for each thing.
local function simple_table(id, title, class, needs, first, value, rows, show)
  show.value, show.show = value[1], { first[1] }
  return { id, title, { first, value }, class = class, needs = needs, by = value[3], over = 0,
    rows = function(w) return w[rows] end, text = graph.bars(show) }
end

local function file_table(title, direction)
  local path = { "Path", "path", "key" }
  local one = simple_table("per-file-top", title, "Per-file I/O", { "io_end" }, path,
    { "Size", "size", direction, compare = "sum" }, "files", { format = units.format_size })
  one[3][3] = { "File descriptor owners", "string", file_owners }
  return one
end

local function block_table(title, direction)
  local process = { "Process", "process", owner, text = owner_label }
  return simple_table("per-process-top-block", title, "Per-process block I/O",
    { "disk_request_end" }, process, { "Size", "size", direction, compare = "sum" }, "issuers",
    { format = units.format_size })
end

--- What processes moved through io_uring, as far as disks tell.
local ring_table = { "per-process-top-ring",
  "Transferred by io_uring (system calls do not report how much)",
  { { "Process", "process", owner, text = owner_label, width = -25 },
    { "Calls", "number", "calls", width = 8, compare = "sum" },
    { "Read from disks", "size", "read", unknown = true, width = 16, compare = "sum" },
    { "Written to disks", "size", "write", unknown = true, width = 17, compare = "sum" } },
  class = "Per-process io_uring I/O", needs = { "io_end" }, by = "calls", text = "grid",
  rows = function(w) return w.rings end }

--- What disks could not do.
local error_table = { "per-disk-errors", "Disk Request Errors",
  { { "Disk", "disk", "name", width = -10 },
    { "Operation", "string", "op", width = -10, key = true },
    { "Error", "string", function(row) return row.error_name or tostring(row.error) end,
      width = -10, key = true },
    { "Requests", "number", "n", width = 9, compare = "sum" },
    { "Size", "size", "failed", width = 12, compare = "sum" } },
  class = "Disk request errors", needs = { "disk_request_end" }, optional = true, by = "n",
  text = "grid", rows = function(w) return w.errors end }

local function disk_table(id, title, value, show)
  return simple_table(id, title, nil, { "disk_request_end" }, { "Disk", "disk", "name" }, value,
    "disks", show)
end

local function netif_table(title, direction)
  return simple_table("per-netif-top", title, "Per-interface network I/O", { "net_" .. direction },
    { "Interface", "netif", "key" }, { "Size", "size", direction, compare = "sum" }, "netifs",
    { format = units.format_size })
end

local function milliseconds(ns)
  return ("%.2f ms"):format(ns / 1000000)
end

--- Who made calls of io_uring, and what disks read and wrote for that.
local function rings(w)
  local spec = { of = { "pid", "tid" }, key = w.owner_of,
    last = { "pid", "tid", "process", "procname" } }
  local rows = sums.by(w.ring_calls, spec)
  for _, row in ipairs(rows) do
    row.calls = row.n
  end
  spec.of, spec.split = { "pid", "tid", "ring" }, { "op" }
  spec.key = function(total) return total.ring and w.owner_of(total) or nil end
  sums.by(w.blocks, spec, rows)
  for _, row in ipairs(rows) do
    local known = #w.disks > 0
    row.read, row.write = known and (row.read or 0) or nil, known and (row.write or 0) or nil
  end
  return rows
end

--- Requests that failed, by disk and error.
local function errors(w)
  local rows = sums.by(w.failed, { of = { "host", "dev", "op", "error" }, as = "failed",
    last = { "disk", "error_name" },
    key = function(total)
      return total.error ~= 0 and ("%s %d %s %d"):format(total.host, total.dev, total.op,
        total.error) or nil
    end })
  local names = {}
  for _, disk in ipairs(w.disks) do
    names[("%s %d"):format(disk.host, disk.dev)] = disk.name
  end
  for _, row in ipairs(rows) do
    row.name = names[("%s %d"):format(row.host, row.dev)]
  end
  return rows
end

return analysis {
  title = "I/O usage",
  options = family.options_of "usage",
  family = family.members,
  -- How much was read and written does not depend on how long single calls took.
  filters = { "process", "path", "cpu" },

  begin = function(w)
    w.calls, w.blocks, w.disk_work = stats.totals(), stats.totals(), stats.totals()
    w.ring_calls, w.failed = stats.totals(), stats.totals()
    w.received, w.sent = stats.totals(), stats.totals()
    w.requests = stats.keyed()
  end,

  collect = {
    -- The size, added up for each combination of the fields before it.
    { "io_end", "io_class", "pid", "tid", "process", "procname", "path", "file_type", "fd", "size",
      into = "calls", only = { io_class = { "read", "write" } } },
    { "net_rx", "netif", "size", into = "received" },
    { "net_tx", "netif", "size", into = "sent" },
    { "disk_request_end", "host", "dev", "disk", "transferred", into = "disk_work" },
    { "disk_request_end", "host", "dev", "disk", "duration", into = "requests" },
    { "disk_request_end", "op", "pid", "tid", "process", "procname", "ring", "transferred",
      into = "blocks", only = { op = { "read", "write" } } },
    { "disk_request_end", "host", "dev", "disk", "op", "error", "error_name", "size",
      into = "failed" },
    { "io_end", "pid", "tid", "process", "procname", "duration", into = "ring_calls",
      only = { io_class = { "io_uring" } } },
  },

  finish = function(w)
    w.owner_of = owner_of(w)
    local by_owner = { of = { "pid", "tid" }, key = w.owner_of, split = { "io_class", "file_type" },
      last = { "pid", "tid", "process", "procname" } }
    w.owners = sums.by(w.calls, by_owner)
    by_owner.split = { "op" }
    w.issuers = sums.by(w.blocks, by_owner)
    w.files = sums.by(w.calls, { of = { "path", "process" }, key = file_name,
      split = { "io_class" } })
    w.netifs = sums.by(w.received, { of = { "netif" }, as = "rx" })
    sums.by(w.sent, { of = { "netif" }, as = "tx" }, w.netifs)
    w.disks = disks.rows(w.disk_work, "transferred", disks.rows(w.requests))
    for _, disk in ipairs(w.disks) do
      disk.sectors = disk.transferred // SECTOR
      disk.requests = disk.stats:count()
      disk.latency = disk.stats:sum() / disk.requests
    end
    w.rings, w.errors = rings(w), errors(w)
  end,

  tables = {
    block_table("Block I/O Read", "read"),
    block_table("Block I/O Write", "write"),
    process_table("Per-process I/O Read", "read"),
    process_table("Per-process I/O Write", "write"),
    ring_table,
    file_table("Per-file I/O Read", "read"),
    file_table("Per-file I/O Write", "write"),
    disk_table("per-disk-top-sector", "Disk Requests Sector Count",
      { "Sectors", "number", "sectors", compare = "sum" }, { unit = "sectors" }),
    disk_table("per-disk-top-request", "Disk Request Count",
      { "Requests", "number", "requests", compare = "sum" }, { unit = "requests" }),
    disk_table("per-disk-top-rps", "Disk Request Average Latency",
      { "Average latency", "duration", "latency" }, { format = milliseconds }),
    error_table,
    netif_table("Network Received Bytes", "rx"),
    netif_table("Network Sent Bytes", "tx"),
  },
}
