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
local chooser = require "lttnga.chooser"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local pages = require "lttnga.pages"
local text = require "lttnga.text"
local top = require "lttnga.top"

--- From where on each range of ages goes, in ns.
local AGES = { 0, 1000000, 10000000, 100000000, 1000000000, 5000000000, 10000000000, 30000000000,
  60000000000 }

--- What is dirty by thread and file, in bytes: from one window to the next.
local dirty = pages.owners()

local function milliseconds(ns)
  return ("%d"):format(ns // 1000000)
end

--- A process, or a thread of which that is not known. Numbers are used again: by the name these are
-- told apart, most often.
local function key_of(pid, tid, name)
  return ("%s %s"):format(pid or tid and -tid or "unknown", name)
end

local function new_owner()
  return { process = {}, dirtied = 0, flushed = 0, deleted = 0, unseen = 0, still = 0 }
end

--- The owner of pages, as it was called when they became dirty.
local function owner_of(w, pid, tid, procname)
  local owner = w.owners:of(key_of(pid, tid, procname))
  local known = owner.process
  known.pid, known.tid, known.name = pid, not pid and tid or nil, procname
  return owner
end

local function add_age(w, age, size)
  for i = #AGES, 1, -1 do
    if age >= AGES[i] then
      w.ages[i] = w.ages[i] + size
      w.oldest = math.max(w.oldest, age)
      return
    end
  end
end

--- Counts pages as paid for: by a call, or written in the background.
local function pay(w, call_name, call_pid, call_tid, call_procname, procname, owner_pid, owner_tid,
    size)
  local background = not call_name
  -- Workers of the kernel have numbers, and no work of their own: they count together.
  local name = background and (procname or "unknown"):match("^[^/:]+") or call_procname
  local payer = w.payers:of(("%s %s"):format(call_name, background and name
    or key_of(call_pid, call_tid, name)))
  payer.call = call_name
  payer.process = { name = name, pid = call_pid, tid = not call_pid and call_tid or nil }
  local own = not background and (owner_tid == call_tid or owner_pid and owner_pid == call_pid)
  payer.own = payer.own + (own and size or 0)
  payer.others = payer.others + (own and 0 or size)
end

local WIDTHS = { -25, 10, 10, 10, 10 }

return analysis {
  title = "Dirty pages",
  options = { "process", "limit" },
  -- Pages are written by others, too: their owners are chosen here.
  filters = {},

  begin = function(w)
    w.is_wanted = chooser.threads(w.options)
    w.owners = ordered.new(new_owner)
    w.files = ordered.new(function(path) return { path = path, size = 0, users = {} } end)
    w.payers = ordered.new(function() return { own = 0, others = 0 } end)
    w.ages, w.oldest = {}, 0
    for i = 1, #AGES do
      w.ages[i] = 0
    end
  end,

  on = {
    page_dirty = function(w, earlier, tid, pid, procname, path, size)
      if not w.is_wanted(tid, procname) then
        return
      end
      dirty:add(tid, pid, procname, path, size)
      local owner = owner_of(w, pid, tid, procname)
      if earlier then
        return
      end
      owner.dirtied = owner.dirtied + size
      local file = w.files:of(pages.file(path, procname))
      file.size = file.size + size
      file.users[procname or "unknown"] = true
    end,

    page_drop = function(w, owner_tid, owner_pid, owner_procname, path, size, why)
      if not w.is_wanted(owner_tid, owner_procname) then
        return
      end
      dirty:add(owner_tid, owner_pid, owner_procname, path, -size)
      local owner = owner_of(w, owner_pid, owner_tid, owner_procname)
      if why == "deleted" then
        owner.deleted = owner.deleted + size
      else
        owner.unseen = owner.unseen + size
      end
    end,

    page_flush = function(w, owner_tid, owner_pid, owner_procname, path, size, how, duration,
        call_name, call_tid, call_pid, call_procname, procname)
      if how == "unknown" or not w.is_wanted(owner_tid, owner_procname) then
        return
      end
      dirty:add(owner_tid, owner_pid, owner_procname, path, -size)
      local owner = owner_of(w, owner_pid, owner_tid, owner_procname)
      owner.flushed = owner.flushed + size
      add_age(w, duration, size)
      pay(w, call_name, call_pid, call_tid, call_procname, procname, owner_pid, owner_tid, size)
    end,
  },

  finish = function(w)
    -- Owners are shown, too, of whose pages nothing has been told in this window.
    for _, owner in ipairs(dirty:list()) do
      local process = owner.process
      local known = owner_of(w, process.pid, process.tid, process.name)
      known.still = known.still + owner.size
    end
  end,

  tables = {
    { "process", "Per-process dirtied pages",
      { { "Process", "process" }, { "Dirtied pages", "number" }, { "Flushed pages", "number" },
        { "Deleted pages", "number" }, { "Cleaned unseen", "number" },
        { "Still dirty", "number" } },
      needs = { "page_dirty", "page_flush", "page_drop" },
      rows = function(w)
        local best = top.new(w.options.limit)
        for _, owner in ipairs(w.owners.list) do
          best:add(owner.dirtied, { owner.process, pages.count(owner.dirtied),
            pages.count(owner.flushed), pages.count(owner.deleted), pages.count(owner.unseen),
            pages.count(owner.still) })
        end
        return best:rows()
      end,
      text = graph.bars { value = 2, unit = "pages",
        header = text.columns(WIDTHS, "Process", "Flushed", "Deleted", "Unseen", "Still dirty"),
        label = function(row)
          return text.columns(WIDTHS, graph.process(row[1]), row[3], row[4], row[5], row[6])
        end } },

    { "file", "Dirtied files",
      { { "Path", "path" }, { "Dirtied pages", "number" }, { "Processes" } },
      needs = { "page_dirty" },
      rows = function(w)
        local best = top.new(w.options.limit)
        for _, file in ipairs(w.files.list) do
          local users = {}
          for name in pairs(file.users) do
            users[#users + 1] = name
          end
          table.sort(users)
          best:add(file.size, { file.path, pages.count(file.size), table.concat(users, ", ") })
        end
        return best:rows()
      end,
      text = graph.bars { value = 2, unit = "pages", header = "Path",
        label = function(row) return ("%s (%s)"):format(row[1], row[3]) end } },

    { "age", "Time that flushed pages had been dirty",
      { { "Duration (lower bound)", "duration" }, { "Duration (upper bound)", "duration" },
        { "Pages", "number" } },
      needs = { "page_flush" },
      rows = function(w)
        local rows = {}
        for i, age in ipairs(AGES) do
          rows[i] = { age, AGES[i + 1] or math.max(w.oldest, age), pages.count(w.ages[i]) }
        end
        while #rows > 0 and rows[#rows][3] == 0 do
          rows[#rows] = nil
        end
        return rows
      end,
      text = graph.frequency("ms", milliseconds) },

    { "payer", "Who waited for pages to be written",
      { { "Process", "process" }, { "Call", "syscall" }, { "Own pages", "number" },
        { "Pages of others", "number" } },
      needs = { "page_flush" },
      rows = function(w)
        local best = top.new(w.options.limit)
        for _, payer in ipairs(w.payers.list) do
          best:add(payer.own + payer.others, { payer.process, payer.call or "in the background",
            pages.count(payer.own), pages.count(payer.others) })
        end
        return best:rows()
      end,
      text = function(result)
        local lines = { { "Process", "Call", "Own pages", "Of others" } }
        for i, row in ipairs(result.rows) do
          local process = row[1]
          local known = process.pid or process.tid
          lines[i + 1] = { known and graph.process(process) or process.name or "unknown", row[2],
            row[3], row[4] }
        end
        return #result.rows == 0 and "" or text.clean(result.title) .. "\n"
          .. text.join(text.grid({ -25, -18, 10, 10 }, lines))
      end },
  },
}
