--- Which processes dirtied pages of files, for how long, and which threads waited for the writes.
--
--   lttnga-run dirtytop my-trace/
--   lttnga-run dirtytop --limit 3 --procname postgres my-trace/
--
-- Pages are 4 KiB. Pages that were already dirty when the time range starts count as flushed or
-- still dirty, but not as dirtied. The thread that waited for pages is the one in whose call they
-- were written, or that waited for this in a sync; kernel threads write in the background.
-- "Unseen" pages are clean because a sync says so (or there were too many to track), although no
-- write of them was seen.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Per-process dirtied pages (2 of 4)
--                               Dirtied                            Still
--   Process                       pages  Flushed  Deleted  Unseen  dirty
--   --------------------------------------------------------------------------------
--   dd (PID 390)              320 pages      320        0       0      0  ██████████
--   lttng-consume… (PID 237)   89 pages       89        0       0      0  ██▊
--
--   Dirtied files (2 of 4)
--   Path                                            Dirtied pages
--   --------------------------------------------------------------------------------
--   f (dd)                                              320 pages  █████████████████
--   /traces/tiny/kernel/metadata (lttng-consumerd)       89 pages  ████▊

local analysis = require "lttnga.analysis"
local filters = require "lttnga.filters"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local pages = require "lttnga.pages"
local thread = require "lttnga.thread"

--- From where on each range of ages goes, in ns.
local AGES = { 0, 1000000, 10000000, 100000000, 1000000000, 5000000000, 10000000000, 30000000000,
  60000000000 }

--- How many processes with this number had exited at a time: it is used again, and pages stay whose
-- they are.
local function exits_before(exits, time)
  local low, high = 0, #exits
  while low < high do
    local middle = (low + high + 1) // 2
    if exits[middle] <= time then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

local NONE = {}

--- Who made pages dirty at a time: a process, or a thread of which that is not known.
local function owner_key(w, tid, pid, begin)
  return ("%s %d"):format(thread.process_key { pid = pid, tid = tid },
    exits_before(w.run.exits[pid or tid] or NONE, begin))
end

--- The row of an owner. It is called as it was when it last made pages dirty.
local function owner_of(w, key, tid, pid, process)
  local owner = w.owners:of(key)
  owner.pid, owner.tid = pid, not pid and tid or nil
  owner.procname = owner.procname or process
  return owner
end

--- Adds to what is still dirty of an owner, from one window to the next.
local function add_still(w, key, tid, pid, process, size)
  local still = w.run.still[key] or { tid = tid, pid = pid, process = process, size = 0 }
  still.process, still.size = size > 0 and process or still.process, still.size + size
  w.run.still[key] = still.size ~= 0 and still or nil
end

--- Pages are clean: the field says what has become of them.
local function clean(w, field, begin, tid, pid, process, size)
  local key = owner_key(w, tid, pid, begin)
  local owner = owner_of(w, key, tid, pid, process)
  owner[field] = owner[field] + size
  add_still(w, key, tid, pid, process, -size)
end

local function add_age(w, age, size)
  local i = #AGES
  while i > 1 and age < AGES[i] do
    i = i - 1
  end
  w.ages[i] = (w.ages[i] or 0) + size
  w.last_age, w.oldest = math.max(w.last_age, i), math.max(w.oldest, age)
end

--- Who paid for pages: by a call; else who wrote them in the background. Workers of a process (of
-- io_uring) write for it; those of the kernel have numbers, and no work of their own: they count
-- together.
-- @treturn table pid, tid, procname, key
local function payer_of(event)
  if event.call_name then
    local pid, tid = event.call_pid, not event.call_pid and event.call_tid or nil
    return { pid = pid, tid = tid, procname = event.call_process,
      key = thread.process_key { pid = pid, tid = tid } }
  elseif event.pid and event.pid ~= event.tid then
    return { pid = event.pid, procname = event.process, key = event.pid }
  end
  local name = (event.procname or "unknown"):match "^[^/:]+"
  return { procname = name, key = name }
end

local function pay(w, event)
  local who = payer_of(event)
  local payer = w.payers:of(("%s %s"):format(event.call_name, who.key))
  payer.call, payer.procname = event.call_name, who.procname or payer.procname
  payer.pid, payer.tid = who.pid, who.tid
  local own = who.pid and event.owner_pid == who.pid or who.tid and event.owner_tid == who.tid
  local field = own and "own" or "others"
  payer[field], payer.all = payer[field] + event.size, payer.all + event.size
end

--- A column with a number of pages.
local function count(title, field, heading)
  return { title, "number", function(row) return pages.count(row[field]) end, heading = heading,
    width = 10, compare = field ~= "still" and "sum" or nil }
end

--- How the owner of pages is called in events that tell what becomes of them.
local owners = { as = { tid = "owner_tid", pid = "owner_pid", procname = "owner_procname",
  process = "owner_process" } }

return analysis {
  title = "Dirty pages",
  options = { "process", "path", "limit" },
  -- Pages are written by others, too: it is about their owners.
  selects = { page_dirty = {}, page_drop = owners, page_flush = owners },

  -- What is dirty by owner, and when processes exited: from one window to the next.
  run = function() return { still = {}, exits = {} } end,

  begin = function(w)
    w.owners = ordered.new(function()
      return { dirtied = 0, flushed = 0, deleted = 0, unseen = 0, still = 0 }
    end)
    w.files = ordered.new(function(path) return { path = path, size = 0, users = {} } end)
    w.payers = ordered.new(function() return { own = 0, others = 0, all = 0 } end)
    w.ages, w.last_age, w.oldest = {}, 0, 0
  end,

  on = {
    process_exit = function(w, time, tid, pid)
      if tid and (tid == pid or not pid) then
        local exits = w.run.exits[tid] or {}
        w.run.exits[tid] = exits
        exits[#exits + 1] = time
      end
    end,

    page_dirty = function(w, earlier, begin, tid, pid, procname, process, path, size)
      local key = owner_key(w, tid, pid, begin)
      local owner = owner_of(w, key, tid, pid, process)
      owner.procname = process or owner.procname
      add_still(w, key, tid, pid, process, size)
      if not earlier then
        owner.dirtied = owner.dirtied + size
        local file = w.files:of(pages.file(path, procname))
        file.size = file.size + size
        file.users[process or "unknown"] = true
      end
    end,

    page_drop = function(w, owner_tid, owner_pid, owner_process, begin, size, why)
      clean(w, why == "deleted" and why or "unseen", begin, owner_tid, owner_pid, owner_process,
        size)
    end,

    page_flush = function(w, event, owner_tid, owner_pid, owner_process, begin, size, how,
        duration)
      if how ~= "unknown" then
        clean(w, "flushed", begin, owner_tid, owner_pid, owner_process, size)
        add_age(w, duration, size)
        pay(w, event)
      end
    end,
  },

  finish = function(w)
    -- Owners are shown, too, of whose pages nothing has been told in this window.
    for _, key in ipairs(filters.sorted(w.run.still)) do
      local still = w.run.still[key]
      owner_of(w, key, still.tid, still.pid, still.process).still = still.size
    end
  end,

  merge = "replay",

  tables = {
    { "process", "Per-process dirtied pages",
      { { "Process", "process", thread.fields, width = -25 }, count("Dirtied pages", "dirtied"),
        count("Flushed pages", "flushed", "Flushed"), count("Deleted pages", "deleted", "Deleted"),
        count("Cleaned unseen", "unseen", "Unseen"), count("Still dirty", "still") },
      needs = { "page_dirty", "page_flush", "page_drop" }, by = "dirtied",
      rows = function(w) return w.owners.list end,
      text = graph.bars { value = "dirtied_pages", unit = "pages",
        show = { "process", "flushed_pages", "deleted_pages", "cleaned_unseen", "still_dirty" } } },

    { "file", "Dirtied files",
      { { "Path", "path", "path" }, count("Dirtied pages", "size"),
        { "Processes", "string", function(row)
          return table.concat(filters.sorted(row.users), ", ")
        end } },
      needs = { "page_dirty" }, by = "size",
      rows = function(w) return w.files.list end,
      text = graph.bars { value = "dirtied_pages", unit = "pages", header = "Path",
        label = function(row, cells) return ("%s (%s)"):format(row.path, cells[3]) end } },

    { "age", "Time that flushed pages had been dirty",
      { { "Duration (lower bound)", "duration", "low" },
        { "Duration (upper bound)", "duration", "high" }, count("Pages", "size") },
      needs = { "page_flush" },
      rows = function(w)
        local rows = {}
        for i = 1, w.last_age do
          rows[i] = { low = AGES[i], high = AGES[i + 1] or w.oldest, size = w.ages[i] or 0 }
        end
        return rows
      end,
      chart = { kind = "histogram", x = "duration_lower_bound" },
      text = graph.frequency("ms", function(ns) return ("%d"):format(ns // 1000000) end) },

    { "payer", "Processes that waited for pages to be written",
      { { "Process", "process", thread.fields, width = -25, text = thread.known_label },
        { "Call", "syscall", "call", default = "in the background", width = -18, key = true },
        count("Own pages", "own"), count("Pages of others", "others", "Of others") },
      needs = { "page_flush" }, by = "all", text = "grid",
      rows = function(w) return w.payers.list end },
  },
}
