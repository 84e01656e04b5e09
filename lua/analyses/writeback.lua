--- What was written to each disk, which processes dirtied and submitted it, and memory reclaim.
--
--   lttnga-run writeback my-trace/
--   lttnga-run writeback --limit 3 --timerange 15:36:38..15:36:40.5 my-trace/
--
-- Writes count when they go to the disk. Dirty pages are identified by their blocks, or by the
-- file that a call writes; kernel threads are assumed to write what has been dirty for longest,
-- which is a guess (FIFO): docs/pagecache.md. Other writes are journals, and calls that bypass
-- the page cache (O_DIRECT).
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Written to disks
--   Disk     Written  By blocks     By file   FIFO  Unknown       Other
--   -------------------------------------------------------------------
--   vda     1.35 MiB      0   B    1.25 MiB  0   B    0   B  100.00 KiB
--   vdb   356.00 KiB      0   B  356.00 KiB  0   B    0   B       0   B
--
--   Dirty pages written, by the process that dirtied them
--   Disk  Process                    Pages        Size
--   --------------------------------------------------
--   vda   dd (PID 390)                 320    1.25 MiB
--   vdb   lttng-consumerd (PID 237)     89  356.00 KiB

local analysis = require "lttnga.analysis"
local ordered = require "lttnga.ordered"
local page_count = require("lttnga.pages").count
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"
local top = require "lttnga.top"

local disk_column = { "Disk", "disk", "disk", default = "unknown", width = -10 }

local function size(title, field, heading)
  return { title, "size", field, default = 0, heading = heading, width = 12,
    compare = "sum" }
end

--- Rows of what processes have to do with a disk.
-- @tparam string pid, tid, name the fields that say who it was
local function by_process(w, pid, tid, name)
  return sums.by(w.flushes, {
    of = { "dev", pid, tid }, last = { "disk", pid, name },
    key = function(total)
      return ("%s %s"):format(total.dev,
        thread.process_key { pid = total[pid], tid = total[tid] })
    end,
  })
end

local function process_table(id, title, pid, tid, name)
  local process = { pid = pid, name = name,
    tid = function(row) return not row[pid] and row[tid] or nil end }
  return { id, title,
    { disk_column, { "Process", "process", process, width = -25, key = true },
      { "Pages", "number", function(row) return page_count(row.size) end, width = 10,
        compare = "sum" },
      size("Size", "size") },
    needs = { "page_flush" }, by = "size", text = "grid",
    rows = function(w) return by_process(w, pid, tid, name) end }
end

--- Who woke kswapd most often: "dd 7 times, cp 1 times".
local function wakers_text(row)
  local wakers = {}
  for i, waker in ipairs(top.most(row.wakers.list, "times", 3)) do
    wakers[i] = ("%s %d times"):format(waker.name, waker.times)
  end
  return row.kind == "kswapd" and table.concat(wakers, ", ") or nil
end

-- ---- What later parts of a window have ----

local function join_rounds(round, other)
  round.disk = other.disk or round.disk
  round.count, round.pages = round.count + other.count, round.pages + other.pages
  round.durations:merge(other.durations)
end

local function join_wakers(waker, other)
  waker.times = waker.times + other.times
end

local function join_reclaims(one, other)
  one.kind, one.tid, one.pid, one.procname = other.kind, other.tid, other.pid, other.procname
  one.pages, one.asleep = one.pages + other.pages, one.asleep + other.asleep
  one.durations:merge(other.durations)
  one.wakers:merge(other.wakers)
end

return analysis {
  title = "Writeback",
  options = { "limit" },

  begin = function(w)
    w.writes, w.flushes = stats.totals(), stats.totals()
    w.rounds = ordered.new(function()
      return { durations = stats.new(), count = 0, pages = 0 }
    end, join_rounds)
    w.reclaims = ordered.new(function()
      return { durations = stats.new(), pages = 0, asleep = 0,
        wakers = ordered.new(function(name) return { name = name, times = 0 } end, join_wakers) }
    end, join_reclaims)
  end,

  collect = {
    { "disk_request_issue", "dev", "disk", "size", into = "writes", only = { op = { "write" } } },
    { "page_flush", "dev", "disk", "how", "owner_pid", "owner_tid", "owner_process", "pid", "tid",
      "process", "size", into = "flushes" },
  },

  on = {
    writeback_end = function(w, dev, disk, duration, pages)
      local round = w.rounds:of(dev or "unknown")
      round.disk = disk or round.disk
      round.count, round.pages = round.count + 1, round.pages + (pages or 0)
      if duration then
        round.durations:add(duration)
      end
    end,

    reclaim = function(w, kind, nid, tid, pid, procname, duration, asleep, pages, waker_procname,
      irq_name, softirq, context)
      local one = w.reclaims:of(("%s %s %s"):format(kind, nid, tid))
      one.kind, one.tid, one.pid, one.procname = kind, tid, pid, procname
      one.durations:add(duration)
      one.asleep = one.asleep + asleep
      one.pages = one.pages + (pages or 0)
      local waker = one.wakers:of(waker_procname or irq_name or softirq or context or "unknown")
      waker.times = waker.times + 1
    end,
  },

  tables = {
    { "disk", "Written to disks",
      { disk_column, size("Written", "written"), size("Known by blocks", "blocks", "By blocks"),
        size("Known by file", "file", "By file"), size("Guessed", "fifo", "FIFO"),
        size("Unknown pages", "unknown", "Unknown"),
        size("Other writes", function(row)
          return (row.written or 0) - (row.flushed or 0)
        end, "Other") },
      needs = { "disk_request_issue", "page_flush" }, text = "grid",
      rows = function(w)
        local rows = sums.by(w.writes, { of = { "dev" }, last = { "disk" }, as = "written" })
        sums.by(w.flushes, { of = { "dev" }, last = { "disk" }, split = { "how" },
          as = "flushed" }, rows)
        table.sort(rows, function(a, b) return (a.disk or "unknown") < (b.disk or "unknown") end)
        return rows
      end },

    process_table("caused", "Dirty pages written, by the process that dirtied them", "owner_pid",
      "owner_tid", "owner_process"),
    process_table("submitted", "Dirty pages written, by the process that submitted them", "pid",
      "tid", "process"),

    { "rounds", "Flusher rounds",
      { disk_column, { "Rounds", "number", "count", width = 8, compare = "sum" },
        { "Pages", "number", "pages", width = 10, compare = "sum" },
        { "Total duration", "duration", function(row) return row.durations:sum() end,
          heading = "Total (us)", compare = "sum" },
        { "Longest", "duration", function(row) return row.durations:max() or 0 end,
          heading = "Longest (us)" } },
      needs = { "writeback_end" }, text = "grid",
      rows = function(w) return w.rounds.list end },

    { "reclaim", "Memory freed because there was too little",
      { { "Process", "process", thread.fields, width = -25 },
        { "Kind", "string", "kind", width = -8, key = true },
        { "Runs", "number", function(row) return row.durations:count() end, width = 8,
          compare = "sum" },
        { "Pages", "number", "pages", width = 10, compare = "sum" },
        { "Total duration", "duration", function(row) return row.durations:sum() end,
          heading = "Total (us)", compare = "sum" },
        { "Asleep", "duration", "asleep", heading = "Asleep (us)", compare = "sum" },
        { "Longest", "duration", function(row) return row.durations:max() end,
          heading = "Longest (us)" },
        { "Woken by", "string", wakers_text, width = -20, indent = 1 } },
      needs = { "reclaim", "reclaim.context" }, optional = true, text = "grid",
      by = function(row) return row.durations:sum() end,
      rows = function(w) return w.reclaims.list end },
  },
}
