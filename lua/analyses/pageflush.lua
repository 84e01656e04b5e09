--- What happened in the page cache while a call wrote or synced a file, and where its time went.
--
--   lttnga-run pageflush my-trace/
--   lttnga-run pageflush --latency 20 --procname postgres --path '*/pg_wal/*' my-trace/
--
-- Of calls that sync, and of writes that had to wait, the ones that took longest are shown; with
-- --latency of all that took that long. Pages count from the begin of the time on. `assuming FIFO`
-- marks pages of which it is only likely that they are those that were written; a part of 0.000 ms
-- is one that the call did not wait for, as it was still running: docs/pagecache.md.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Calls that wrote files or synced them (the 1 longest of 2)
--   [15:36:39.079680860 - 15:36:39.093697320] dd (390) fsync(fd = 1 <f>) = 0, 14.016 ms
--                                             on CPU            13.083 ms  93 %  ███████████████████
--                                             runnable           0.220 ms   2 %
--                                             data               0.000 ms   0 %                       2 requests, 1.25 MiB
--                                             journal            0.266 ms   2 %                       2 requests meanwhile, 100.00 KiB by jbd2/vda-8
--                                             cache flush        0.151 ms   1 %                       2 times meanwhile
--                                             rest               0.296 ms   2 %
--                                             320 pages written on disk, by anybody
--                                             320 dirty page(s) were flushed:
--                                                   dd (390): 320 pages
--                                                    - f : 320 pages
--                                             43 active dirty filesystem page(s) (known):
--                                                   jbd2/vda-8 (151): 22 pages
--                                                    - metadata : 22 pages
--                                                   ls (389): 21 pages
--                                                    - ls.txt : 21 pages

local analysis = require "lttnga.analysis"
local chooser = require "lttnga.chooser"
local clock = require "lttnga.time"
local graph = require "lttnga.graph"
local pages = require "lttnga.pages"
local text = require "lttnga.text"
local top = require "lttnga.top"
local units = require "lttnga.units"

--- A write that waits no longer is not shown, unless it wrote to the disk, or --latency is given.
local LONG_WAIT = 1000000 -- ns

--- Owners, and files of each, that are shown in a list.
local SHOWN = 5

--- Pages of nobody.
local NONE = { more = 0 }

--- Of what the time of a call consists: its field in sync_end, and what that is called.
local parts = {
  { "on_cpu", "on CPU" }, { "runnable", "runnable" }, { "data", "data" }, { "journal", "journal" },
  { "flush", "cache flush" }, { "others", "others" }, { "throttled", "throttled" },
  { "rest", "rest" },
}

--- What is dirty, by owner and file, and what has been flushed for the call that each thread is in.
-- Both go on from one window to the next.
local dirty, flushed_by_tid = pages.owners(), {}

-- ---- Which calls, and what is kept of them ----

local function is_wanted(w, io_class, duration, waited, data_requests, tid, procname, path, fd)
  local options = w.options
  local long = options.latency and duration >= options.latency or not options.latency
    and (io_class == "sync" or data_requests > 0 or waited >= LONG_WAIT)
  return long and (not options.fd or fd == options.fd) and w.thread(tid, procname)
    and w.path(path)
end

--- What the call's thread has had written since the call began.
local function flushed_for(tid, begin)
  local flushed = flushed_by_tid[tid]
  flushed_by_tid[tid] = nil
  return flushed and flushed.begin == begin and flushed
end

local function note_flush(call_tid, call_begin, how, tid, pid, procname, path, size)
  local flushed = flushed_by_tid[call_tid]
  if not flushed or flushed.begin ~= call_begin then
    flushed = { begin = call_begin, known = pages.owners(), guessed = pages.owners(), unknown = 0 }
    flushed_by_tid[call_tid] = flushed
  end
  if how == "unknown" then
    flushed.unknown = flushed.unknown + size
  else
    local owners = how == "fifo" and flushed.guessed or flushed.known
    owners:add(tid, pid, procname, path, size)
  end
end

-- ---- How a call is written ----

local INDENT = (" "):rep(42)
local DEEPER = INDENT .. (" "):rep(6)

local function ms(ns)
  return ("%.3f ms"):format(ns / 1000000)
end

--- The first of a list, each as `write` says, and how many more there are.
local function add_some(lines, list, indent, write)
  for i = 1, math.min(SHOWN, #list) do
    write(list[i])
  end
  local more = #list - math.min(SHOWN, #list) + list.more
  if more > 0 then
    lines[#lines + 1] = ("%sand %d more"):format(indent, more)
  end
end

--- Owners and their files: "vim (31517): 1 pages", " - blabla : 1 pages".
local function add_owners(lines, size, what, list)
  if size == 0 then
    return
  end
  lines[#lines + 1] = ("%s%d %s:"):format(INDENT, pages.count(size), what)
  add_some(lines, list, DEEPER, function(owner)
    lines[#lines + 1] = ("%s%s: %d pages"):format(DEEPER, graph.process(owner.process),
      pages.count(owner.size))
    add_some(lines, owner.files, DEEPER .. " ", function(file)
      local name = pages.file(file.path, owner.process.name)
      lines[#lines + 1] = ("%s - %s : %d pages"):format(DEEPER, name, pages.count(file.size))
    end)
  end)
end

--- "1 request", "2 requests"
local function number_of(n, word)
  return ("%d %s%s"):format(n, word, n == 1 and "" or "s")
end

--- What belongs to a part of the time.
local function about_part(field, call)
  if field == "data" and call.data_requests > 0 then
    return ("%s, %s"):format(number_of(call.data_requests, "request"),
      units.format_size(call.data_size))
  elseif field == "journal" and call.journal_requests > 0 then
    return ("%s meanwhile, %s by %s"):format(number_of(call.journal_requests, "request"),
      units.format_size(call.journal_size), call.journal_thread or "unknown")
  elseif field == "flush" and call.flushes > 0 then
    return number_of(call.flushes, "time") .. " meanwhile"
  end
  return ""
end

--- Where the time went: "journal  5.633 ms  70 %  ████████████ 2 requests, 28.00 KiB by jbd2/vda-8".
local function add_time(lines, call)
  for _, part in ipairs(parts) do
    local time, about = call[part[1]], about_part(part[1], call)
    local share = call.duration > 0 and time / call.duration or 0
    if time > 0 or about ~= "" then
      local bar = text.pad_right(("█"):rep(math.floor(20 * share + 0.5)), 20)
      lines[#lines + 1] = text.trim(("%s%-12s %14s %3.0f %%  %s %s"):format(INDENT, part[2],
        ms(time), 100 * share, bar, about))
    end
  end
end

local function call_text(call)
  local arguments = call.fd and ("fd = %d <%s>"):format(call.fd, call.path or "unknown")
    or call.path or ""
  if call.count and call.io_class ~= "sync" then
    arguments = arguments .. ", count = " .. call.count
  end
  return ("%s(%s) = %s%s, %s"):format(call.name, arguments, call.ret or "?",
    call.error_name and " (" .. call.error_name .. ")" or "", ms(call.duration))
end

--- "34760 pages allocated during the period (and 12 by others)"
local function add_memory(lines, verb, own, others)
  if own and own > 0 then
    lines[#lines + 1] = ("%s%d pages %s during the period%s"):format(INDENT, own, verb,
      others > 0 and (" (and %d by others)"):format(others) or "")
  end
end

local function add_call(lines, row, about)
  local call = row.call
  lines[#lines + 1] = ("[%s - %s] %s %s"):format(clock.format(call.begin, about),
    clock.format(call.time, about), graph.process(row[4]), call_text(call))
  add_time(lines, call)
  add_memory(lines, "allocated", call.alloc, call.alloc_others)
  if call.kswapd then
    lines[#lines + 1] = INDENT .. "woke up kswapd during the period"
  end
  if call.written > 0 then
    lines[#lines + 1] = ("%s%d pages written on disk, by anybody"):format(INDENT,
      pages.count(call.written))
  end
  add_memory(lines, "freed", call.freed, call.freed_others)
  add_owners(lines, call.known_size, "dirty page(s) were flushed", call.known)
  add_owners(lines, call.guessed_size, "dirty page(s) were flushed (assuming FIFO)", call.guessed)
  if call.unknown > 0 then
    lines[#lines + 1] = ("%s%d page(s) were flushed of which nothing is known"):format(INDENT,
      pages.count(call.unknown))
  end
  add_owners(lines, call.dirty_size, "active dirty filesystem page(s) (known)", call.still_dirty)
end

local function write_calls(result, about)
  local first = result.rows[1]
  local lines = { result.title }
  if first and #result.rows < first.call.of then
    lines[1] = ("%s (the %d longest of %d)"):format(result.title, #result.rows, first.call.of)
  end
  for _, row in ipairs(result.rows) do
    add_call(lines, row, about)
  end
  for i, line in ipairs(lines) do
    lines[i] = text.clean(line)
  end
  return #result.rows > 0 and table.concat(lines, "\n") .. "\n" or ""
end

--- Rows of the pages of each call: flushed, or still dirty.
local function page_rows(w, lists)
  local rows = {}
  for _, row in ipairs(w.calls) do
    for _, list in ipairs(lists) do
      for _, owner in ipairs(row.call[list[1]]) do
        for _, file in ipairs(owner.files) do
          rows[#rows + 1] = { row[1], owner.process, file.path, pages.count(file.size), list[2] }
        end
      end
    end
  end
  return rows
end

--- The row of a call, cell by cell as in the columns below.
local function call_row(call)
  local function known(value)
    return value == nil and analysis.unknown or value
  end
  return {
    call = call,
    { call.begin, call.time }, call.duration, call.name,
    { name = call.procname, tid = call.tid, pid = call.pid }, known(call.path), known(call.fd),
    known(call.ret), call.on_cpu, call.runnable, call.data, call.journal, call.flush, call.others,
    call.throttled, call.rest, call.data_requests, call.data_size, call.journal_requests,
    call.journal_size, call.flushes, call.flushed_pages, pages.count(call.guessed_size),
    pages.count(call.written), pages.count(call.dirty_size), known(call.alloc),
    known(call.alloc_others), known(call.freed), known(call.freed_others), call.kswapd or false,
  }
end

local function silent()
  return ""
end

local function milliseconds(value)
  return units.parse_duration(value, "ms")
end

local function a_number(value)
  local number = math.tointeger(tonumber(value))
  if not number then
    return nil, ("'%s' is not a whole number"):format(value)
  end
  return number
end

return analysis {
  title = "What calls flushed",
  options = {
    "process", "limit",
    { name = "latency", value = "MS", read = milliseconds,
      help = "all calls that took at least this long (milliseconds, or 500us, 1s)" },
    { name = "path", value = "GLOB", read = "text", help = "only of these files: '/var/lib/*.db'" },
    { name = "fd", value = "N", read = a_number, help = "only of this file descriptor" },
    { name = "minpages", value = "N", read = a_number, default = 0,
      help = "only calls that flushed at least so many pages" },
  },
  -- Pages are of others, too: calls are chosen here.
  filters = {},

  begin = function(w)
    w.thread, w.path = chooser.threads(w.options), chooser.paths(w.options.path)
    w.count = 0
    w.longest = top.new(w.options.limit)
  end,

  on = {
    page_dirty = function(tid, pid, procname, path, size)
      dirty:add(tid, pid, procname, path, size)
    end,

    page_drop = function(owner_tid, owner_pid, owner_procname, path, size)
      dirty:add(owner_tid, owner_pid, owner_procname, path, -size)
    end,

    page_flush = function(owner_tid, owner_pid, owner_procname, path, size, how, call_tid,
        call_begin)
      if how ~= "unknown" then
        dirty:add(owner_tid, owner_pid, owner_procname, path, -size)
      end
      if call_tid then
        note_flush(call_tid, call_begin, how, owner_tid, owner_pid, owner_procname, path, size)
      end
    end,

    sync_end = function(w, event, io_class, begin, duration, on_cpu, runnable, data_requests, tid,
        procname, path, fd)
      -- Where events were lost it may not be known whose call it was.
      local flushed = tid and flushed_for(tid, begin)
      if not tid or not is_wanted(w, io_class, duration, duration - on_cpu - runnable,
          data_requests, tid, procname, path, fd) then
        return
      end
      local known, guessed = flushed and flushed.known, flushed and flushed.guessed
      local known_size, guessed_size = known and known.size or 0, guessed and guessed.size or 0
      local unknown = flushed and flushed.unknown or 0
      local count = pages.count(known_size + guessed_size + unknown)
      if count < w.options.minpages then
        return
      end
      w.count = w.count + 1
      if not w.longest:takes(duration) then
        return
      end
      local call = event:copy()
      call.known, call.known_size = known and known:list() or NONE, known_size
      call.guessed, call.guessed_size = guessed and guessed:list() or NONE, guessed_size
      call.unknown, call.flushed_pages = unknown, count
      call.still_dirty, call.dirty_size = dirty:list(SHOWN), dirty.size
      w.longest:add(duration, call)
    end,
  },

  finish = function(w)
    w.calls = {}
    for i, call in ipairs(w.longest:rows()) do
      call.of = w.count
      w.calls[i] = call_row(call)
    end
    table.sort(w.calls, function(a, b) return a.call.begin < b.call.begin end)
  end,

  tables = {
    { "calls", "Calls that wrote files or synced them",
      { { "Time range", "time-range" }, { "Duration", "duration" }, { "Name", "syscall" },
        { "Process", "process" }, { "Path", "path" }, { "File descriptor", "fd" },
        { "Return value", "number" }, { "On CPU", "duration" }, { "Runnable", "duration" },
        { "Data", "duration" }, { "Journal", "duration" }, { "Cache flush", "duration" },
        { "Others", "duration" }, { "Throttled", "duration" }, { "Rest", "duration" },
        { "Data requests", "number" }, { "Data size", "size" }, { "Journal requests", "number" },
        { "Journal size", "size" }, { "Cache flushes", "number" }, { "Flushed pages", "number" },
        { "Guessed pages", "number" }, { "Written pages", "number" }, { "Dirty pages", "number" },
        { "Allocated pages", "number" }, { "Allocated by others", "number" },
        { "Freed pages", "number" }, { "Freed by others", "number" }, { "Woke kswapd", "bool" } },
      needs = { "sync_end", "page_flush", "page_dirty", "page_drop" },
      rows = function(w) return w.calls end,
      text = write_calls },

    { "flushed", "Flushed pages",
      { { "Time range", "time-range" }, { "Process", "process" }, { "Path", "path" },
        { "Pages", "number" }, { "How" } },
      needs = { "sync_end", "page_flush" }, text = silent,
      rows = function(w) return page_rows(w, { { "known", "known" }, { "guessed", "fifo" } }) end },

    { "dirty", "Pages that were still dirty",
      { { "Time range", "time-range" }, { "Process", "process" }, { "Path", "path" },
        { "Pages", "number" }, { "How" } },
      needs = { "sync_end", "page_dirty" }, text = silent,
      rows = function(w) return page_rows(w, { { "still_dirty", "known" } }) end },
  },
}
