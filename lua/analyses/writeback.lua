--- What was written to each disk, who had caused it and who submitted it, and who freed memory.
--
--   lttnga-run writeback my-trace/
--   lttnga-run writeback --limit 3 --timerange [12:18:50,12:18:55.5] my-trace/
--
-- Everything counts when it goes to the disk. Dirty pages are known by their blocks, or by the file that a call writes; kernel threads write
-- what has been dirty for longest, which is a guess (FIFO): docs/pagecache.md. Other writes are
-- journals, and calls that go round the page cache (O_DIRECT).
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Written to disks
--   Disk            Written    By blocks      By file         FIFO      Unknown        Other
--   vda            1.35 MiB        0   B     1.25 MiB        0   B        0   B   100.00 KiB
--   vdb          356.00 KiB        0   B   356.00 KiB        0   B        0   B        0   B
--
--   Dirty pages written, by who had made them dirty
--   Disk       Process                        Pages         Size
--   vda        dd (PID 390)                     320     1.25 MiB
--   vdb        lttng-consumerd (PID 237)         89   356.00 KiB
--
--   Dirty pages written, by who submitted them
--   Disk       Process                        Pages         Size
--   vda        dd (PID 390)                     320     1.25 MiB
--   vdb        lttng-consumerd (PID 237)         89   356.00 KiB
--
--   Rounds of the flushers
--   Disk         Rounds      Pages     Total (us)   Longest (us)
--   vda               1          0        298.860        298.860

local analysis = require "lttnga.analysis"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local page_count = require("lttnga.pages").count
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local top = require "lttnga.top"
local units = require "lttnga.units"

--- The disk with this number, with the name that it has now.
local function disk_of(w, dev, name)
  local disk = w.disks:of(dev)
  disk.name = name or disk.name
  return disk
end

local function key_of(dev, pid, tid)
  return ("%s %s"):format(dev, pid or tid and -tid or "unknown")
end

--- Adds to what a process has to do with a disk.
local function add(list, dev, disk, pid, tid, name, size)
  local one = list:of(key_of(dev, pid, tid))
  one.disk, one.size = disk or one.disk, one.size + size
  one.process = { name = name, pid = pid, tid = not pid and tid or nil }
end

local function process_rows(list)
  return function(w)
    local best = top.new(w.options.limit)
    for _, one in ipairs(w[list].list) do
      best:add(one.size, { one.disk or "unknown", one.process, page_count(one.size), one.size })
    end
    return best:rows()
  end
end

--- A table as text: lines in columns, or nothing if there are no rows.
local function grid(widths, titles, cells)
  return function(result)
    local lines = { titles }
    for i, row in ipairs(result.rows) do
      lines[i + 1] = cells(row)
    end
    return #result.rows == 0 and "" or text.clean(result.title) .. "\n"
      .. text.join(text.grid(widths, lines))
  end
end

local function process_table(id, title, list)
  return { id, title,
    { { "Disk", "disk" }, { "Process", "process" }, { "Pages", "number" }, { "Size", "size" } },
    needs = { "page_flush" }, rows = process_rows(list),
    text = grid({ -10, -25, 10, 12 }, { "Disk", "Process", "Pages", "Size" }, function(row)
      return { row[1], graph.process(row[2]), row[3], units.format_size(row[4]) }
    end) }
end

return analysis {
  title = "Writeback",
  options = { "limit" },

  begin = function(w)
    w.disks = ordered.new(function()
      return { written = 0, blocks = 0, file = 0, fifo = 0, unknown = 0 }
    end)
    local function new_sum() return { size = 0 } end
    w.caused, w.submitted = ordered.new(new_sum), ordered.new(new_sum)
    w.rounds = ordered.new(function() return { durations = stats.new(), count = 0, pages = 0 } end)
    w.reclaims = ordered.new(function()
      return { durations = stats.new(), pages = 0, asleep = 0,
        wakers = ordered.new(function(name) return { name = name, times = 0 } end) }
    end)
  end,

  on = {
    disk_request_issue = function(w, dev, disk, op, size)
      if op == "write" then
        local one = disk_of(w, dev, disk)
        one.written = one.written + size
      end
    end,

    page_flush = function(w, dev, disk, how, size, owner_pid, owner_tid, owner_process, pid, tid,
        procname)
      local one = disk_of(w, dev, disk)
      one[how] = one[how] + size
      add(w.submitted, dev, disk, pid, tid, procname, size)
      add(w.caused, dev, disk, owner_pid, owner_tid, owner_process, size)
    end,

    writeback_end = function(w, dev, disk, duration, pages)
      local round = w.rounds:of(dev or "unknown")
      round.disk = disk or round.disk
      round.count, round.pages = round.count + 1, round.pages + (pages or 0)
      if duration then
        round.durations:add(duration)
      end
    end,

    reclaim = function(w, kind, nid, tid, pid, procname, duration, asleep, pages, waker_procname)
      local one = w.reclaims:of(("%s %s %s"):format(kind, nid, tid))
      one.kind, one.process = kind, { name = procname, pid = pid, tid = tid }
      one.durations:add(duration)
      one.asleep = one.asleep + asleep
      one.pages = one.pages + (pages or 0)
      local waker = one.wakers:of(waker_procname or "unknown")
      waker.times = waker.times + 1
    end,
  },

  tables = {
    { "disk", "Written to disks",
      { { "Disk", "disk" }, { "Written", "size" }, { "Known by blocks", "size" },
        { "Known by file", "size" }, { "Guessed", "size" }, { "Unknown pages", "size" },
        { "Other writes", "size" } },
      needs = { "disk_request_issue", "page_flush" },
      rows = function(w)
        local rows = {}
        for i, one in ipairs(w.disks.list) do
          local pages = one.blocks + one.file + one.fifo + one.unknown
          rows[i] = { one.name or "unknown", one.written, one.blocks, one.file, one.fifo,
            one.unknown, one.written - pages }
        end
        table.sort(rows, function(a, b) return a[1] < b[1] end)
        return rows
      end,
      text = grid({ -10, 12, 12, 12, 12, 12, 12 },
        { "Disk", "Written", "By blocks", "By file", "FIFO", "Unknown", "Other" }, function(row)
          local cells = { row[1] }
          for i = 2, 7 do
            cells[i] = units.format_size(row[i])
          end
          return cells
        end) },

    process_table("caused", "Dirty pages written, by who had made them dirty", "caused"),
    process_table("submitted", "Dirty pages written, by who submitted them", "submitted"),

    { "rounds", "Rounds of the flushers",
      { { "Disk", "disk" }, { "Rounds", "number" }, { "Pages", "number" },
        { "Total duration", "duration" }, { "Longest", "duration" } },
      needs = { "writeback_end" },
      rows = function(w)
        local rows = {}
        for i, round in ipairs(w.rounds.list) do
          rows[i] = { round.disk or "unknown", round.count, round.pages,
            round.durations:sum(), round.durations:max() or 0 }
        end
        return rows
      end,
      text = grid({ -10, 8, 10, 14, 14 }, { "Disk", "Rounds", "Pages", "Total (us)",
        "Longest (us)" }, function(row)
          return { row[1], row[2], row[3], units.us(row[4]), units.us(row[5]) }
        end) },

    { "reclaim", "Memory freed because there was too little",
      { { "Process", "process" }, { "Kind" }, { "Runs", "number" }, { "Pages", "number" },
        { "Total duration", "duration" }, { "Asleep", "duration" }, { "Longest", "duration" },
        { "Woken by" } },
      needs = { "reclaim" }, optional = true,
      rows = function(w)
        local best = top.new(w.options.limit)
        for _, one in ipairs(w.reclaims.list) do
          local wakers = top.new(3)
          for _, waker in ipairs(one.wakers.list) do
            wakers:add(waker.times, ("%s %d times"):format(waker.name, waker.times))
          end
          best:add(one.durations:sum(), { one.process, one.kind, one.durations:count(), one.pages,
            one.durations:sum(), one.asleep, one.durations:max(),
            one.kind == "kswapd" and table.concat(wakers:rows(), ", ") or nil })
        end
        return best:rows()
      end,
      text = grid({ -25, -8, 8, 10, 14, 14, 14, -20 }, { "Process", "Kind", "Runs", "Pages",
        "Total (us)", "Asleep (us)", "Longest (us)", " Woken by" }, function(row)
          return { graph.process(row[1]), row[2], row[3], row[4], units.us(row[5]),
            units.us(row[6]), units.us(row[7]), " " .. (row[8] or "") }
        end) },
  },
}
