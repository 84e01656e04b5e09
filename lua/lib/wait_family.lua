--- What the analyses of waits share: their options, what a wait was for, and how a wait is shown.
--
-- SPDX-License-Identifier: MIT

local ends = require "lttnga.ends"
local fold = require "lttnga.fold"
local options = require "lttnga.options"
local sums = require "lttnga.sums"
local text = require "lttnga.text"
local thread = require "lttnga.thread"

local family = {}

--- The analyses of the family, in the order of their results, for `family`: each takes the flags
-- that add the results of the others.
family.members = {
  { flags = { "stats" }, script = "waits" },
  { flags = { "top" }, script = "waitstop" },
  { flags = { "freq" }, script = "waitsfreq" },
  { flags = { "log" }, script = "waitslog" },
}

--- All causes that there are, as state/cause.c calls them.
local all_causes = { "disk", "net", "timer", "lock", "pipe", "socket", "child", "signal", "thread",
  "work", "rcu", "page", "irq", "queue", "unknown", "lost" }

local is_cause = {}
for _, cause in ipairs(all_causes) do
  is_cause[cause] = true
end

--- Causes separated by commas.
local function read_causes(value)
  local list, message = options.readers.names(value)
  for _, name in ipairs(list or {}) do
    if not is_cause[name] then
      return nil, ("unknown cause '%s'%s; known: %s"):format(name,
        text.did_you_mean(name, all_causes), table.concat(all_causes, ", "))
    end
  end
  return list, message
end

--- The options of the analysis with a flag: see options.of_family.
family.options_of = options.of_family({
  { name = "stats", help = "also waits by cause, thread and object (waits)" },
  { name = "top", help = "also the longest waits (waitstop)" },
  { name = "freq", help = "also wait distributions by cause (waitsfreq)" },
  { name = "log", help = "also a log of all waits (waitslog)" },
}, {
  { "duration", "process", "cpu" }, { "limit", of = { "stats", "top", "log" } },
  { "frequency", of = { "freq" } },
  { { name = "idle", help = "also idle kernel workers (cause work)" } },
  { { name = "cause", value = "CAUSE,...", read = read_causes, words = all_causes,
      help = "only waits with these causes (default: all but work):\n"
        .. table.concat(all_causes, ", ") } },
  { fold.option "process;thread;call;cause;object", of = { "stats" } },
})

--- The fields of sleep_end that say what a wait was for.
family.object_fields = { "path", "disk", "futex", "netif", "irq_name", "softirq",
  "source_procname" }

--- By cause: what the wait is for, as text; nil if that is not known.
local objects = {
  disk = function(wait) return wait.disk end,
  lock = function(wait) return wait.futex and ("futex 0x%x"):format(wait.futex) or wait.path end,
  net = function(wait) return wait.netif end,
  irq = function(wait) return wait.irq_name or wait.softirq end,
  child = function(wait) return wait.source_procname end,
  signal = function(wait) return wait.source_procname end,
  thread = function(wait) return wait.source_procname end,
  work = function(wait) return wait.source_procname end,
  pipe = function(wait) return wait.path end,
  socket = function(wait) return wait.path or wait.netif end,
  page = function(wait) return wait.path end,
}

--- What a wait was for: the disk, the futex, the file, ...
-- @tparam table wait fields of sleep_end
-- @tparam[opt] string cause instead of its own
-- @treturn ?string nil if it is not known
function family.object(wait, cause)
  local object = objects[cause or wait.cause]
  return object and object(wait)
end

--- The fields of waits that are collected to be summed, in addition to the cause.
family.summed = { "tid", "pid", "procname", "process", "syscall" }
table.move(family.object_fields, 1, #family.object_fields, #family.summed + 1, family.summed)
family.summed[#family.summed + 1] = "duration"

--- Waits summed by thread or process, call, cause, and the object waited for, whichever field has
-- that.
-- @tparam object totals
-- @tparam[opt] boolean by_process
-- @treturn table rows
function family.by(totals, by_process)
  local who = by_process and thread.process_keys(totals) or thread.key
  return sums.by(totals, {
    of = { "tid", "pid", "syscall", "cause", table.unpack(family.object_fields) },
    last = { "tid", "pid", "procname", "process" },
    key = function(wait)
      return ("%s\0%s\0%s\0%s"):format(who(wait), wait.syscall, wait.cause, family.object(wait))
    end,
  })
end

--- Adds to such rows the object, and the present names of threads.
function family.name(rows, w)
  for _, row in ipairs(rows) do
    row.object, row.procname = family.object(row), w.renamed[row.tid] or row.procname
    row.process = w.renamed[row.pid] or row.process
  end
  return rows
end

--- Such rows (`w.rows`) as stacks, for fold.table.
-- @tparam string field that has their time
function family.stacks(field)
  return function(w, add)
    for _, row in ipairs(w.rows) do
      local process, label = fold.thread(w, row)
      add(row[field], process, not w.options["per-process"] and label or nil, row.syscall or "-",
        row.cause, row.object)
    end
  end
end

--- Whether a wait counts, by the options: a thread that had nothing to do waits only with --idle.
-- @tparam table given values of the options
-- @tparam string cause
-- @treturn boolean
function family.counts(given, cause)
  if given.cause then
    for _, name in ipairs(given.cause) do
      if name == cause then
        return true
      end
    end
    return false
  end
  return given.idle or cause ~= "work"
end

--- The causes that count, for `only` of a collect.
-- @tparam table given values of the options
-- @treturn table
function family.only(given)
  local causes = {}
  for _, cause in ipairs(all_causes) do
    causes[#causes + 1] = family.counts(given, cause) and cause or nil
  end
  return { cause = causes }
end

-- ---- A wait as a row ----

--- The columns of a table of waits. Waits that began before the time that is analysed are "out of
-- range".
family.columns = {
  { "Begin", "timestamp", "begin" }, { "End", "timestamp", "time" },
  { "Duration", "duration", "duration" }, { "Out of range", "bool", "begin:early" },
  { "TID", "number", "tid" }, { "PID", "number", "pid" }, { "Procname", "string", "procname" },
  { "State", "string", "state" }, { "Cause", "string", "cause" },
  { "Syscall", "syscall", "syscall" }, { "File descriptor", "fd", "fd" },
  { "Path", "path", "path" }, { "Futex", "number", "futex" }, { "Disk", "disk", "disk" },
  { "Sector", "number", "sector" }, { "Interface", "netif", "netif" }, { "Peer", "string", "peer" },
  { "Waker", "process", { name = "waker_procname", tid = "waker_tid", pid = "waker_pid" },
    with = "waker_tid" },
  { "Waker context", "string", "context" }, { "IRQ", "number", "irq" },
  { "IRQ name", "string", "irq_name" }, { "Softirq", "string", "softirq" },
  { "Source", "process", { name = "source_procname", tid = "source_tid" }, with = "source_tid" },
  { "Source time", "timestamp", "source_time" },
}

--- What such tables need, for `needs`.
family.needs = { "sleep_end", "sleep_end.context", "sleep_end.cause" }

--- The fields of sleep_end that their rows are made of.
family.fields = { "time", "begin", "duration", "tid", "pid", "procname", "state", "cause",
  "syscall", "fd", "path", "futex", "disk", "sector", "netif", "peer", "waker_tid", "waker_pid",
  "waker_procname", "context", "irq", "irq_name", "softirq", "source_tid", "source_procname",
  "source_time" }

--- Times with their date are wider.
local HEADING = { -41, 15, -25, -8, -16, -25, 0 }
local DATED_HEADING = { -63, 15, -25, -8, -16, -25, 0 }

--- How such tables look as text, for `text`.
family.text = {
  heading = function(about)
    return text.columns(about.date and DATED_HEADING or HEADING, "Begin and end", "Duration (us)",
      "  Thread", "Cause", "Syscall", "Object", "Waker")
  end,
  -- Widths, and what is in the columns: of the texts between bars, the first one whose fields are
  -- all there.
  line = {
    { -41, "[{begin:time}, {time:time}]", "Begin and end", shorter = ends.shorter },
    { 15, "{duration:us}{begin:early}", "Duration" },
    { -25, "  {procname} ({tid})|  unknown ({tid})|  unknown (?)", "Thread" },
    { -8, "{cause}|?", "Cause" }, { -16, "{syscall}|-", "Syscall", spare = 1 },
    { -25, "{disk}|futex {futex:hex}|{path}|{netif}|-", "Object" },
    { 0, "{waker_procname} ({waker_tid})"
      .. "|irq {irq} ({irq_name}), from {source_procname} ({source_tid})|irq {irq} ({irq_name})"
      .. "|softirq {softirq}, from {source_procname} ({source_tid})|{irq_name}|softirq {softirq}"
      .. "|{context}|unknown", "Waker", keeps = true },
  },
  footer = function(about)
    return about.marked and "*: begun before the time range" or nil
  end,
}

return family
