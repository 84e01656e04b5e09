--- What happened in the page cache while a call wrote or synced a file, and where its time went.
--
--   lttnga-run pageflush my-trace/
--   lttnga-run pageflush --fold my-trace/ | flamegraph.pl --countname ns > pageflush.svg
--   lttnga-run pageflush --latency 20 --procname postgres --path '*/pg_wal/*' my-trace/
--
-- The longest calls that sync, or that write to files on disks, come first, whether they waited,
-- ran, or had no CPU; then calls still in progress at the end of the time range, with what they
-- have done so far. Pages count from the start of the time range. `assuming FIFO` marks pages
-- that were probably, but not certainly, the ones written; a part of 0.000 ms is one that the
-- call did not wait for, as it was still running: docs/pagecache.md. --fold prints folded stacks
-- for flame graphs, of all calls that ended.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Calls that wrote or synced files (the 1 longest of 24)
--   [15:36:39.079680860 - 15:36:39.093697320] dd (390) fsync(fd = 1 <f>) = 0, 14.016
--     ms
--     on CPU            13.083 ms  93 %  ███████████████████
--     runnable           0.220 ms   2 %
--     data               0.000 ms   0 %                       2 requests, 1.25 MiB
--     journal            0.266 ms   2 %                       2 requests …jbd2/vda-8
--     cache flush        0.151 ms   1 %                       2 times meanwhile
--     rest               0.296 ms   2 %
--     320 page(s) written to disk, by any thread
--     320 dirty page(s) were flushed:
--           dd (390): 320 pages
--            - f : 320 pages
--     43 active dirty filesystem page(s) (known):
--           jbd2/vda-8 (151): 22 pages
--            - metadata : 22 pages

local analysis = require "lttnga.analysis"
local clock = require "lttnga.time"
local ends = require "lttnga.ends"
local fold = require "lttnga.fold"
local ordered = require "lttnga.ordered"
local pages = require "lttnga.pages"
local text = require "lttnga.text"
local thread = require "lttnga.thread"
local top = require "lttnga.top"
local units = require "lttnga.units"

--- Owners, and files of each, that are shown in a list.
local SHOWN = 5

--- Of what the time of a call consists: its field in sync_end, and what that is called.
local parts = {
  { "on_cpu", "on CPU" }, { "runnable", "runnable" }, { "data", "data" }, { "journal", "journal" },
  { "flush", "cache flush" }, { "others", "others" }, { "throttled", "throttled" },
  { "rest", "rest" },
}

-- ---- Which calls, and what is kept of them ----

local function is_wanted(w, duration, fd)
  local options = w.options
  return duration >= (options.latency or 0) and (not options.fd or fd == options.fd)
end

--- What has been written for a call, by pages that are known, guessed (FIFO), or unknown.
local function no_pages(begin)
  return { begin = begin, known = pages.owners(), guessed = pages.owners(), unknown = 0 }
end

local NONE = no_pages()

--- What has been written for the call that a thread is in.
local function flushed_for(w, tid, begin)
  local flushed = w.flushed[tid]
  return flushed and flushed.begin == begin and flushed or NONE
end

local function note_flush(w, call_tid, call_begin, how, tid, pid, procname, path, size)
  local flushed = flushed_for(w, call_tid, call_begin)
  flushed = flushed ~= NONE and flushed or no_pages(call_begin)
  w.flushed[call_tid] = flushed
  if how == "unknown" then
    flushed.unknown = flushed.unknown + size
  else
    local owners = how == "fifo" and flushed.guessed or flushed.known
    owners:add(tid, pid, procname, path, size)
  end
end

-- ---- How a call is written ----

local INDENT = (" "):rep(42)

local function ms(ns)
  return ("%.3f ms"):format(ns / 1000000)
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
  if call.open then
    return ("%s(%s), > %s so far"):format(call.name, arguments, ms(call.duration))
  end
  return ("%s(%s) = %s%s, %s"):format(call.name, arguments, call.ret or "?",
    call.error_name and " (" .. call.error_name .. ")" or "", ms(call.duration))
end

--- A line, if a number is not 0.
local function add_pages(lines, number, format, ...)
  if number and number > 0 then
    lines[#lines + 1] = INDENT .. format:format(number, ...)
  end
end

--- "34760 pages allocated during the period (and 12 by others)"
local function add_memory(lines, verb, own, others)
  add_pages(lines, own, "%d pages %s during the period%s", verb,
    (others or 0) > 0 and (" (and %d by others)"):format(others) or "")
end

local function add_call(lines, call, about)
  local who = thread.label { name = call.procname, tid = call.tid, pid = call.pid }
  lines[#lines + 1] = ("[%s - %s] %s %s"):format(clock.format(call.begin, about),
    call.still or clock.format(call.time, about), who, call_text(call))
  add_time(lines, call)
  add_memory(lines, "allocated", call.alloc, call.alloc_others)
  if call.kswapd then
    lines[#lines + 1] = INDENT .. "woke up kswapd during the period"
  end
  add_pages(lines, pages.count(call.written), "%d page(s) written to disk, by any thread")
  add_memory(lines, "freed", call.freed, call.freed_others)
  pages.add_lines(lines, INDENT, "%d dirty page(s) were flushed:", call.known, SHOWN)
  pages.add_lines(lines, INDENT, "%d dirty page(s) were flushed (assuming FIFO):", call.guessed,
    SHOWN)
  add_pages(lines, pages.count(call.unknown), "%d page(s) of unknown origin were flushed")
  pages.add_lines(lines, INDENT, "%d active dirty filesystem page(s) (known):", call.dirty, SHOWN)
end

local function write_calls(result, about)
  local lines, first = { result.title }, result.rows[1]
  local shown, of = 0, first and first.record.of
  for _, row in ipairs(result.rows) do
    shown = shown + (row.record.open and 0 or 1)
  end
  if first and shown < of then
    lines[1] = ("%s (the %d longest of %d)"):format(result.title, shown, of)
  end
  for _, row in ipairs(result.rows) do
    add_call(lines, row.record, about)
  end
  for i, line in ipairs(lines) do
    lines[i] = text.clean(line)
  end
  return first and table.concat(lines, "\n") .. "\n" or ""
end

-- ---- Tables for machines ----

--- A table of the pages of each call that is over, by file: flushed, or still dirty.
local function page_table(id, title, needs, lists)
  return { id, title,
    { { "Time range", "time-range", { "begin", "time" } }, { "Process", "process", "process" },
      { "Path", "path", "path" }, { "Pages", "number", "pages", compare = "sum" },
      { "How", "string", "how" } },
    needs = needs, text = "none",
    rows = function(w)
      local rows = {}
      for _, call in ipairs(w.calls) do
        for _, list in ipairs(lists) do
          for owner, file in pages.each_file(call[list[1]]) do
            rows[#rows + 1] = { begin = call.begin, time = call.time, process = owner.process,
              path = file.path, pages = pages.count(file.size), how = list[2] }
          end
        end
      end
      return rows
    end }
end

--- A column with a number of pages of a list, or of a size.
local function page_count(title, field)
  return { title, "number", function(call)
    return pages.count(type(call[field]) == "table" and call[field].size or call[field])
  end }
end

local function time(title, field)
  return { title, "duration", field }
end

local function number(title, field)
  return { title, "number", field, unknown = true }
end

--- Adds where the time of a call went to that of others like it.
local function add_spent(w, call)
  local sum = w.spent:of(("%s\0%s"):format(call.process, call.name))
  sum.process, sum.name = call.process or "unknown", call.name
  for _, part in ipairs(parts) do
    sum[part[1]] = (sum[part[1]] or 0) + call[part[1]]
  end
end

--- Where the time of all calls that are over went, as stacks.
local function stacks(w, add)
  for _, sum in ipairs(w.spent.list) do
    for _, part in ipairs(parts) do
      add(sum[part[1]], sum.process, sum.name, part[2])
    end
  end
end

--- Keeps a call, if it is one of the longest that are wanted. What is told of one that is still
-- open is what has been so far.
local function note_call(w, longest, event, begin, duration, tid, fd, as)
  local flushed = flushed_for(w, tid or 0, begin)
  local count = pages.count(flushed.known.size + flushed.guessed.size + flushed.unknown)
  -- Where events were lost it may not be known whose call it was.
  if not tid or not is_wanted(w, duration, fd) or count < w.options.minpages then
    return
  end
  w.count = w.count + (as.open and 0 or 1)
  if w.options.fold and not as.open then
    add_spent(w, event)
  end
  if longest:takes(duration) then
    local call = ends.mark(event:copy(), as)
    call.known, call.guessed = flushed.known:list(), flushed.guessed:list()
    call.unknown, call.flushed_pages = flushed.unknown, count
    call.dirty = w.dirty:list(SHOWN)
    longest:add(duration, call)
  end
end

return analysis {
  title = "What calls flushed",
  options = {
    "process", "path", "limit",
    { name = "latency", value = "MS", read = "milliseconds",
      help = "only calls that took at least this long (default: 0)" },
    { name = "fd", value = "N", read = "integer",
      help = "only calls on this file descriptor (default: all)" },
    { name = "minpages", value = "N", read = "integer", default = 0,
      help = "only calls that flushed at least this many pages" },
    fold.option "process;call;where the time went",
  },
  -- Pages are of others, too: it is about the calls.
  selects = { sync_end = {}, sync_open = {} },

  -- What is dirty, by owner and file, and what has been flushed for the call that each thread is in.
  run = function() return { dirty = pages.owners(), flushed = {} } end,

  begin = function(w)
    w.dirty, w.flushed = w.run.dirty, w.run.flushed
    w.count, w.spent = 0, ordered.new(function() return {} end)
    w.longest, w.open = top.new(w.options.limit), top.new(w.options.limit)
  end,

  collect = {
    { "page_dirty", "tid", "pid", "procname", "path", "size", into = "dirty" },
  },

  on = {
    page_drop = function(w, owner_tid, owner_pid, owner_procname, path, size)
      w.dirty:add(owner_tid, owner_pid, owner_procname, path, -size)
    end,

    page_flush = function(w, owner_tid, owner_pid, owner_procname, path, size, how, call_tid,
        call_begin)
      if how ~= "unknown" then
        w.dirty:add(owner_tid, owner_pid, owner_procname, path, -size)
      end
      if call_tid then
        note_flush(w, call_tid, call_begin, how, owner_tid, owner_pid, owner_procname, path, size)
      end
    end,

    sync_end = function(w, event, begin, duration, tid, fd)
      note_call(w, w.longest, event, begin, duration, tid, fd, ends.over)
      w.flushed[tid or 0] = nil
    end,

    -- Those that go on when the window ends stand below the others.
    sync_open = function(w, event, begin, duration, tid, fd)
      note_call(w, w.open, event, begin, duration, tid, fd, ends.open)
    end,
  },

  finish = function(w)
    w.calls = w.longest:rows()
    local open = w.open:rows()
    w.all = table.move(open, 1, #open, #w.calls + 1, table.move(w.calls, 1, #w.calls, 1, {}))
    for _, call in ipairs(w.all) do
      call.of = w.count
    end
  end,

  merge = "replay",

  tables = {
    { "calls", "Calls that wrote or synced files",
      { { "Time range", "time-range", { "begin", "time" } }, time("Duration", "duration"),
        { "Name", "syscall", "name" }, { "Process", "process", thread.fields },
        { "Path", "path", "path", unknown = true },
        { "File descriptor", "fd", "fd", unknown = true },
        number("Return value", "ret"), time("On CPU", "on_cpu"),
        time("Runnable", "runnable"), time("Data", "data"), time("Journal", "journal"),
        time("Cache flush", "flush"), time("Others", "others"),
        time("Throttled", "throttled"), time("Rest", "rest"),
        number("Data requests", "data_requests"), { "Data size", "size", "data_size" },
        number("Journal requests", "journal_requests"), { "Journal size", "size", "journal_size" },
        number("Cache flushes", "flushes"), number("Flushed pages", "flushed_pages"),
        page_count("Guessed pages", "guessed"), page_count("Written pages", "written"),
        page_count("Dirty pages", "dirty"), number("Allocated pages", "alloc"),
        number("Allocated by others", "alloc_others"), number("Freed pages", "freed"),
        number("Freed by others", "freed_others"),
        { "Woke kswapd", "bool", function(call) return call.kswapd or false end }, ends.column },
      needs = { "sync_end", "page_flush", "page_dirty", "page_drop" }, text = write_calls,
      rows = function(w) return w.all end },

    page_table("flushed", "Flushed pages", { "sync_end", "page_flush" },
      { { "known", "known" }, { "guessed", "fifo" } }),
    page_table("dirty", "Pages that were still dirty", { "sync_end", "page_dirty" },
      { { "dirty", "known" } }),

    fold.table { "Calls that wrote or synced files, as stacks", needs = { "sync_end" },
      stacks = stacks },
  },
}
