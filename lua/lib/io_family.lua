--- What the analyses of I/O share: their options, which calls wait for data, how a call is shown,
-- and statistics by disk.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local text = require "lttnga.text"

local family = {}

--- The analyses of the family, in the order of their results: each takes the flags that add the
-- results of the others.
family.members = {
  { flags = { "usage" }, script = "iousagetop" },
  { flags = { "stats", "latencystats" }, script = "iolatencystats" },
  { flags = { "top" }, script = "iolatencytop" },
  { flags = { "freq" }, script = "iolatencyfreq" },
  { flags = { "log" }, script = "iolog" },
}

--- The options that all of them take.
family.options = {
  "duration", "size", "process", "cpu", "limit", "frequency", "percentiles",
  { name = "usage", help = "also who read and wrote how much (iousagetop)" },
  { name = "stats", help = "also statistics of latencies (iolatencystats)" },
  { name = "latencystats", help = "the same" },
  { name = "top", help = "also the calls that took longest (iolatencytop)" },
  { name = "freq", help = "also how latencies are distributed (iolatencyfreq)" },
  { name = "log", help = "also every single call (iolog)" },
  { name = "per-tid", help = "usage of single threads, not of processes" },
}

--- The classes of calls whose latency counts, in the order in which they are shown. Others wait for
-- something else than data: accept for a peer, io_uring for other calls.
family.classes = { "open", "read", "write", "sync" }

-- ---- A call as a row ----

--- The columns of a table of calls.
family.columns = {
  { "Time range", "time-range" }, { "Out of range", "bool" }, { "Duration", "duration" },
  { "Name", "syscall" }, { "Size", "size" }, { "Process", "process" }, { "Path", "path" },
  { "File descriptor", "fd" },
}

--- The fields of io_end that it is made of.
family.fields = { "begin", "time", "duration", "name", "size", "procname", "pid", "tid", "path",
  "fd" }

--- A row of such a table. Out of range are calls that began before the time that is analysed.
-- @tparam table w the window
-- @param ... family.fields
function family.row(w, begin, ended, duration, name, size, procname, pid, tid, path, fd)
  return {
    { begin, ended }, begin < (w.from or begin), duration, name, size,
    { name = procname, pid = pid, tid = tid }, path or (fd and analysis.unknown), fd,
  }
end

--- The same row of a table of fields.
function family.row_of(w, call)
  local row = family.row(w, call.begin, call.time, call.duration, call.name, call.size,
    call.procname, call.pid, call.tid, call.path, call.fd)
  row.fields = call
  return row
end

--- The columns of the heading. Times with their date are wider.
local HEADING = { -20, -20, -16, -23, -5, -24, -8, -8, 0 }
local DATED_HEADING = { -31, -31, -16, -23, -5, -24, -8, -8, 0 }

--- How such tables are written as text, line by line.
family.text = {
  heading = function(about)
    return text.columns(about.date and DATED_HEADING or HEADING,
      "Begin", "End", "Name", "Duration (usec)", "Size", "Proc", "PID", "TID", "Filename")
  end,
  -- Widths, and what is in the columns: of the texts between bars, the first one whose fields are
  -- all there.
  line = {
    { -41, "[{begin:time}, {time:time}]{begin:early}" }, { -16, "{name}" },
    { 17, "{duration:us}{begin:early}" }, { 11, "{size:size}|N/A" },
    { -25, " {procname}| unknown" }, { -8, "{pid}|?" }, { -8, "{tid}|?" },
    { 0, "{path} (fd={fd})|{path}|unknown (fd={fd})|N/A" },
  },
  footer = function(about)
    return about.marked and "*: begun before the time range" or nil
  end,
}

-- ---- Disks ----

local Disks = {}
Disks.__index = Disks

--- Something for each disk: `make()` makes it for one that is new.
function family.disks(make)
  return setmetatable({ make = make, hosts = {}, list = {} }, Disks)
end

--- What there is for a disk, new if it is. Its name may become known later than its number: the
-- last one counts.
-- @tparam string host name of the machine
-- @tparam integer dev its number there
-- @tparam string disk its name at this moment
function Disks:of(host, dev, disk)
  local devs = self.hosts[host or ""]
  if not devs then
    devs = {}
    self.hosts[host or ""] = devs
  end
  local entry = devs[dev]
  if not entry then
    entry = { value = self.make(), host = host }
    devs[dev] = entry
    self.list[#self.list + 1] = entry
  end
  entry.name = disk
  return entry.value
end

--- All disks as a list of { name =, value = }, sorted by name; with the machine's name before it if
-- there are several.
function Disks:sorted()
  local several = next(self.hosts) ~= nil and next(self.hosts, (next(self.hosts))) ~= nil
  local sorted = {}
  for i, entry in ipairs(self.list) do
    sorted[i] = {
      name = several and ("%s:%s"):format(entry.host, entry.name) or entry.name,
      value = entry.value,
    }
  end
  table.sort(sorted, function(a, b) return a.name < b.name end)
  return sorted
end

return family
