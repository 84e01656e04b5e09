--- Who read and wrote how much: processes, files, disks and network interfaces.
--
--   lttnga-run iousagetop my-trace/
--   lttnga-run iousagetop --limit 3 --per-tid --cpu 0 my-trace/
--
-- Disk, Net, Local and Unknown are what is behind the descriptors: something with a path; a
-- connection to another machine; a pipe or a socket within this one; a socket of unknown kind.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Per-process I/O Read                                                                       Process                   Disk       Net        Unknown    Local
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████  1.25 MiB dd (390)                  1.25 MiB   0   B      0   B      0   B
--   █████                                                                            84.99 KiB cat (392)                 84.99 KiB  0   B      0   B      0   B
--
--   Per-process I/O Write                                                                       Process                   Disk       Net        Unknown    Local
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████   1.25 MiB dd (390)                  1.25 MiB   0   B      0   B      0   B
--   ██████████████████████                                                           356.13 KiB lttng-consumerd (237)     356.00 KiB 0   B      4   B      128   B

local analysis = require "lttnga.analysis"
local family = require "lttnga.io_family"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local top = require "lttnga.top"
local units = require "lttnga.units"

local function process_label(process)
  local number = process.pid or ("unknown (tid=%s)"):format(process.tid)
  if process.pid and process.tid then
    number = ("%s, TID %s"):format(number, process.tid)
  end
  return ("%s (%s)"):format(process.name or "unknown", number)
end

local function new_process()
  return {
    process = {}, -- name, pid and tid, see name_owners()
    read = { total = 0, disk = 0, net = 0, unknown = 0, ["local"] = 0 },
    write = { total = 0, disk = 0, net = 0, unknown = 0, ["local"] = 0 },
  }
end

local function new_file(name)
  return { name = name, read = 0, write = 0 } -- and its path
end

--- By what a thread counts: its process, if that is known, or itself (with --per-tid, too).
local function owner(w, pid, tid)
  return not w.options["per-tid"] and pid or -(tid or 0)
end

--- Says what is behind each owner: a process is called what it was called last.
local function name_owners(w, owners, totals)
  for last in totals:by("pid", "tid", "process", "procname"):each("last") do
    local key = owner(w, last.pid, last.tid)
    local process = owners:of(key).process
    if key > 0 then
      process.name, process.pid = last.process or process.name, last.pid
    else
      process.name, process.pid = last.procname or process.name, last.pid or process.pid
      process.tid = last.tid
    end
  end
end

--- The name of a file; what has none of its own is told apart by process.
local function file_name(path, process)
  local anonymous = not path or path:find "^pipe" or path:find "^socket"
    or path:find "^anon_inode"
  if not anonymous then
    return path
  end
  return ("%s (%s)"):format(path or "unknown", process or "unknown")
end

--- Who used which of these files, and by which descriptor first: a list of texts for each name.
local function owners_of(w, files)
  local owners, paths, seen = {}, {}, {}
  for _, file in ipairs(files) do
    owners[file.name], seen[file.name] = {}, {}
    paths[#paths + 1] = file.path
  end
  local function note(calls)
    for call in calls:each() do
      local name, key = file_name(call.path, call.process), owner(w, call.pid, call.tid)
      if owners[name] and not seen[name][key] then
        seen[name][key] = true
        table.insert(owners[name], ("fd %s in %s"):format(call.fd,
          process_label(w.processes:of(key).process)))
      end
    end
  end
  note(w.calls:only("path", paths))
  note(w.calls:only("path")) -- those without a path
  return owners
end

--- The entries with the largest values, without those of zero.
local function largest(w, entries, value)
  local best = top.new(w.options.limit)
  for _, entry in ipairs(entries) do
    if value(entry) > 0 then
      best:add(value(entry), entry)
    end
  end
  return best:rows()
end

--- A row for each entry of a list.
local function rows_of(entries, row)
  local rows = {}
  for i, entry in ipairs(entries) do
    rows[i] = row(entry)
  end
  return rows
end

-- ---- How the tables look ----

local function sizes_label(row)
  local parts = { ("%-25s"):format(process_label(row[1])) }
  for i = 3, 6 do
    parts[#parts + 1] = ("%-10s"):format(units.format_size(row[i]))
  end
  return table.concat(parts, " ")
end

local function first_cell(row)
  return row[1]
end

local function process_table(title, direction)
  return { "per-process-top", title, class = "Per-process I/O", needs = { "io_end" },
    { { "Process", "process" }, { "Total", "size" }, { "Disk", "size" }, { "Net", "size" },
      { "Unknown", "size" }, { "Local", "size" } },
    text = graph.bars { value = 2, format = units.format_size, label = sizes_label,
      header = ("%-25s %-10s %-10s %-10s %s"):format(
        "Process", "Disk", "Net", "Unknown", "Local") },
    rows = function(w)
      local processes = largest(w, w.processes.list,
        function(one) return one[direction].total end)
      return rows_of(processes, function(one)
        local sizes = one[direction]
        return { one.process, sizes.total, sizes.disk, sizes.net, sizes.unknown, sizes["local"] }
      end)
    end }
end

local function file_table(title, direction)
  return { "per-file-top", title, class = "Per-file I/O", needs = { "io_end" },
    { { "Path", "path" }, { "Size", "size" }, { "File descriptor owners", "string" } },
    text = graph.bars { value = 2, format = units.format_size, label = first_cell,
      header = "Path" },
    rows = function(w)
      local files = largest(w, w.files.list, function(file) return file[direction] end)
      local owners = owners_of(w, files)
      return rows_of(files, function(file)
        return { file.name, file[direction], table.concat(owners[file.name], ", ") }
      end)
    end }
end

local function block_table(title, direction)
  return { "per-process-top-block", title, class = "Per-process block I/O",
    needs = { "disk_request_end" },
    { { "Process", "process" }, { "Size", "size" } },
    text = graph.bars { value = 2, format = units.format_size, header = "Process",
      label = function(row) return process_label(row[1]) end },
    rows = function(w)
      local issuers = largest(w, w.issuers.list, function(one) return one[direction].total end)
      return rows_of(issuers, function(one) return { one.process, one[direction].total } end)
    end }
end

local function disk_table(id, title, column, value, options)
  options.value, options.label, options.header = 2, first_cell, "Disk"
  return { id, title, needs = { "disk_request_end" },
    { { "Disk", "disk" }, column }, text = graph.bars(options),
    rows = function(w)
      local entries = {}
      for i, disk in ipairs(w.disks:sorted()) do
        entries[i] = { disk.name, value(disk.value) }
      end
      return largest(w, entries, function(entry) return entry[2] end)
    end }
end

local function netif_table(title, direction)
  return { "per-netif-top", title, class = "Per-interface network I/O",
    needs = { "net_" .. direction },
    { { "Interface", "netif" }, { "Size", "size" } },
    text = graph.bars { value = 2, format = units.format_size, label = first_cell,
      header = "Interface" },
    rows = function(w)
      local netifs = largest(w, w.netifs.list, function(one) return one[direction] end)
      return rows_of(netifs, function(one) return { one.name, one[direction] } end)
    end }
end

local function milliseconds(ns)
  return ("%.2f ms"):format(ns / 1000000)
end

return analysis {
  title = "I/O usage",
  options = family.options,
  family = family.members,
  -- How much was read and written does not depend on how long single calls took.
  filters = { "process", "cpu" },

  begin = function(w)
    w.calls, w.received, w.sent = stats.totals(), stats.totals(), stats.totals()
    w.sectors, w.times, w.blocks = stats.totals(), stats.totals(), stats.totals()
    w.processes, w.issuers = ordered.new(new_process), ordered.new(new_process)
    w.files = ordered.new(new_file)
    w.disks = family.disks(function() return { requests = 0, sectors = 0, time = 0 } end)
    w.netifs = ordered.new(function(name) return { name = name, rx = 0, tx = 0 } end)
  end,

  collect = {
    -- The size, added up for each combination of the fields before it.
    { "io_end", "io_class", "pid", "tid", "process", "procname", "path", "file_type", "fd", "size",
      into = "calls", only = { io_class = { "read", "write" } } },
    { "net_rx", "netif", "size", into = "received" },
    { "net_tx", "netif", "size", into = "sent" },
    { "disk_request_end", "host", "dev", "disk", "nr_sector", into = "sectors" },
    { "disk_request_end", "host", "dev", "disk", "duration", into = "times" },
    { "disk_request_end", "op", "pid", "tid", "process", "procname", "size", into = "blocks",
      only = { op = { "read", "write" } } },
  },

  finish = function(w)
    for packets in w.received:each() do
      local one = w.netifs:of(packets.netif or "unknown")
      one.rx = one.rx + packets.size
    end
    for packets in w.sent:each() do
      local one = w.netifs:of(packets.netif or "unknown")
      one.tx = one.tx + packets.size
    end
    for calls in w.calls:by("io_class", "file_type", "pid", "tid"):each() do
      local sizes = w.processes:of(owner(w, calls.pid, calls.tid))[calls.io_class]
      sizes.total = sizes.total + calls.size
      sizes[calls.file_type] = sizes[calls.file_type] + calls.size
    end
    name_owners(w, w.processes, w.calls)
    for calls in w.calls:by("io_class", "path", "process"):each() do
      local file = w.files:of(file_name(calls.path, calls.process))
      file.path = calls.path
      file[calls.io_class] = file[calls.io_class] + calls.size
    end
    -- A disk, too, is called what it was called last.
    for requests in w.sectors:each("last") do
      local disk = w.disks:of(requests.host, requests.dev, requests.disk)
      disk.sectors = disk.sectors + requests.nr_sector
    end
    for requests in w.times:each("last") do
      local disk = w.disks:of(requests.host, requests.dev, requests.disk)
      disk.requests, disk.time = disk.requests + requests.n, disk.time + requests.duration
    end
    for requests in w.blocks:by("op", "pid", "tid"):each() do
      local sizes = w.issuers:of(owner(w, requests.pid, requests.tid))[requests.op]
      sizes.total = sizes.total + requests.size
    end
    name_owners(w, w.issuers, w.blocks)
  end,

  tables = {
    process_table("Per-process I/O Read", "read"),
    process_table("Per-process I/O Write", "write"),
    file_table("Per-file I/O Read", "read"),
    file_table("Per-file I/O Write", "write"),
    block_table("Block I/O Read", "read"),
    block_table("Block I/O Write", "write"),
    disk_table("per-disk-top-sector", "Disk Requests Sector Count", { "Sectors", "number" },
      function(disk) return disk.sectors end, { unit = "sectors" }),
    disk_table("per-disk-top-request", "Disk Request Count", { "Requests", "number" },
      function(disk) return disk.requests end, { unit = "requests" }),
    disk_table("per-disk-top-rps", "Disk Request Average Latency",
      { "Average latency", "duration" },
      function(disk) return disk.time / disk.requests end, { format = milliseconds }),
    netif_table("Network Received Bytes", "rx"),
    netif_table("Network Sent Bytes", "tx"),
  },
}
