--- Who made pages of files dirty, how long they stayed so, and who waited until they were written.
--
--   lttnga-run dirtytop my-trace/
--   lttnga-run dirtytop --limit 3 --procname postgres my-trace/
--
-- Pages (of 4 KiB) that were dirty when the time begins count as still dirty, or flushed, but not
-- as dirtied. Who paid is the thread in whose call they were written, or that waited for it in a
-- sync; kernel threads write in the background. "Unseen" are pages that are clean, since a sync says
-- so (or were too many to be kept), though nobody was seen to write them.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Per-process dirtied pages                                                                  Process                      Flushed    Deleted     Unseen Still dirty
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████ 320 pages dd (PID 390)                     320          0          0          0
--   ██████████████████████                                                            89 pages lttng-consumerd (PID 237)         89          0          0          0
--
--   Dirtied files                                                                              Path
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████ 320 pages f (dd)
--   ██████████████████████                                                            89 pages /traces/tiny/kernel/metadata (lttng-consumerd)
--
--   Time that flushed pages had been dirty (ms)
--   ################################################################################
--         0 ██████████████████████████                                                78
--         1 ███████████████████████████████████████                                  117
--        10 ████████████████████████████████████████████████████████████████████████ 214
--
--   Who waited for pages to be written
--   Process                   Call                Own pages  Of others
--   dd (PID 390)              fsync                     320          0
--   lttng-consumerd (PID 237) sync_file_range            89          0

local analysis = require "lttnga.analysis"
local filters = require "lttnga.filters"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local pages = require "lttnga.pages"
local thread = require "lttnga.thread"

--- From where on each range of ages goes, in ns.
local AGES = { 0, 1000000, 10000000, 100000000, 1000000000, 5000000000, 10000000000, 30000000000,
  60000000000 }

--- A process, or a thread of which that is not known. Numbers are used again: by the name these are
-- told apart, most often.
local function key_of(pid, tid, name)
  return ("%s %s"):format(pid or tid and -tid or "unknown", name)
end

--- Adds to a number of the owner of pages, as it was called when they became dirty.
local function add(w, field, tid, pid, procname, size)
  local owner = w.owners:of(key_of(pid, tid, procname))
  owner.pid, owner.tid, owner.procname = pid, not pid and tid or nil, procname
  owner[field] = owner[field] + size
end

local function add_age(w, age, size)
  local i = #AGES
  while i > 1 and age < AGES[i] do
    i = i - 1
  end
  w.ages[i] = (w.ages[i] or 0) + size
  w.last_age, w.oldest = math.max(w.last_age, i), math.max(w.oldest, age)
end

--- Counts pages as paid for: by a call, or written in the background.
local function pay(w, call_name, call_pid, call_tid, call_procname, procname, owner_pid, owner_tid,
    size)
  local background = not call_name
  -- Workers of the kernel have numbers, and no work of their own: they count together.
  local name = background and (procname or "unknown"):match("^[^/:]+") or call_procname
  local payer = w.payers:of(("%s %s"):format(call_name, background and name
    or key_of(call_pid, call_tid, name)))
  payer.call, payer.procname = call_name, name
  payer.pid, payer.tid = call_pid, not call_pid and call_tid or nil
  local own = not background and (owner_tid == call_tid or owner_pid and owner_pid == call_pid)
  local field = own and "own" or "others"
  payer[field], payer.all = payer[field] + size, payer.all + size
end

--- A column with a number of pages.
local function count(title, field, heading)
  return { title, "number", function(row) return pages.count(row[field]) end, heading = heading,
    width = 10 }
end

--- How the owner of pages is called in events that tell what becomes of them.
local owners = { as = { tid = "owner_tid", pid = "owner_pid", procname = "owner_procname",
  process = "owner_process" } }

return analysis {
  title = "Dirty pages",
  options = { "process", "path", "limit" },
  -- Pages are written by others, too: it is about their owners.
  selects = { page_dirty = {}, page_drop = owners, page_flush = owners },

  -- What is dirty by thread and file, in bytes: from one window to the next.
  run = pages.owners,

  begin = function(w)
    w.owners = ordered.new(function()
      return { dirtied = 0, flushed = 0, deleted = 0, unseen = 0, still = 0 }
    end)
    w.files = ordered.new(function(path) return { path = path, size = 0, users = {} } end)
    w.payers = ordered.new(function() return { own = 0, others = 0, all = 0 } end)
    w.ages, w.last_age, w.oldest = {}, 0, 0
  end,

  on = {
    page_dirty = function(w, earlier, tid, pid, procname, path, size)
      w.run:add(tid, pid, procname, path, size)
      add(w, "dirtied", tid, pid, procname, earlier and 0 or size)
      if not earlier then
        local file = w.files:of(pages.file(path, procname))
        file.size = file.size + size
        file.users[procname or "unknown"] = true
      end
    end,

    page_drop = function(w, owner_tid, owner_pid, owner_procname, path, size, why)
      w.run:add(owner_tid, owner_pid, owner_procname, path, -size)
      add(w, why == "deleted" and why or "unseen", owner_tid, owner_pid, owner_procname, size)
    end,

    page_flush = function(w, owner_tid, owner_pid, owner_procname, path, size, how, duration,
        call_name, call_tid, call_pid, call_procname, procname)
      if how ~= "unknown" then
        w.run:add(owner_tid, owner_pid, owner_procname, path, -size)
        add(w, "flushed", owner_tid, owner_pid, owner_procname, size)
        add_age(w, duration, size)
        pay(w, call_name, call_pid, call_tid, call_procname, procname, owner_pid, owner_tid, size)
      end
    end,
  },

  finish = function(w)
    -- Owners are shown, too, of whose pages nothing has been told in this window.
    for _, dirty in ipairs(w.run:list()) do
      local process = dirty.process
      add(w, "still", process.tid, process.pid, process.name, dirty.size)
    end
  end,

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
      text = graph.frequency("ms", function(ns) return ("%d"):format(ns // 1000000) end) },

    { "payer", "Who waited for pages to be written",
      { { "Process", "process", thread.fields, width = -25, text = thread.known_label },
        { "Call", "syscall", "call", default = "in the background", width = -18, key = true },
        count("Own pages", "own"), count("Pages of others", "others", "Of others") },
      needs = { "page_flush" }, by = "all", text = "grid",
      rows = function(w) return w.payers.list end },
  },
}
