--- Which threads allocated and freed pages of memory. (Pages are 4 KiB on most machines.)
--
--   lttnga-run memtop my-trace/
--   lttnga-run memtop --limit 3 --procname postgres my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Per-TID Memory Allocations (3 of 20)
--   Process     Allocated pages  Times
--   --------------------------------------------------------------------------------
--   ls (389)          672 pages    470  ████████████████████████████████████████████
--   dd (390)          442 pages    440  █████████████████████████████
--   bash (363)        317 pages    306  ████████████████████▊
--
--   Per-TID Memory Deallocations (3 of 20)
--   Process                    Freed pages  Times
--   --------------------------------------------------------------------------------
--   ls (389)                     143 pages    142  █████████████████████████████████
--   Client manageme (PID 205)    128 pages    128  █████████████████████████████▌
--   lttng (385)                  128 pages    128  █████████████████████████████▌

local analysis = require "lttnga.analysis"
local graph = require "lttnga.graph"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"

--- What a thread is called. All idle CPUs have TID 0: interrupts allocate and free pages there.
local names = {
  name = function(row) return row.tid == 0 and "swapper" or row.name end,
  tid = "tid", pid = "pid",
}

local function thread_table(id, title, what, verb)
  return { id, title,
    { { "Process", "process", names, width = -25 }, { verb .. " pages", "number", what,
      compare = "sum" },
      { "Times", "number", "n_" .. what, width = 10, compare = "sum" } },
    by = what, over = 0, needs = { "page_" .. what },
    text = graph.bars { value = verb .. " pages", unit = "pages", show = { "process", "times" } },
    rows = function(w) return w.threads end }
end

return analysis {
  title = "Memory usage",
  options = { "process", "cpu", "limit", { name = "top", hidden = true } },

  begin = function(w)
    w.pages = stats.totals()
  end,

  collect = {
    { "page_alloc", "tid", "pid", "procname", "process", "pages", into = "pages",
      set = { what = "alloc" } },
    { "page_free", "tid", "pid", "procname", "process", "pages", into = "pages",
      set = { what = "free" } },
  },

  finish = function(w)
    w.threads = sums.by(w.pages, { of = thread.of, key = thread.key, split = { "what" },
      counts = true, last = thread.last })
  end,

  tables = {
    thread_table("allocd", "Per-TID Memory Allocations", "alloc", "Allocated"),
    thread_table("freed", "Per-TID Memory Deallocations", "free", "Freed"),

    { "total", "Total memory usage", needs = { "page_alloc", "page_free" },
      { { "Allocated pages", "number", "alloc", default = 0, compare = "sum" },
        { "Freed pages", "number", "free", default = 0, compare = "sum" },
        { "Allocations", "number", "n_alloc", default = 0, compare = "sum" },
        { "Deallocations", "number", "n_free", default = 0, compare = "sum" } },
      rows = function(w)
        return { sums.by(w.pages, { of = {}, split = { "what" }, counts = true })[1] or {} }
      end,
      text = function(result)
        local row = result.rows[1]
        return ("Total memory usage:\n- %d pages allocated (%d times)\n"
          .. "- %d pages freed (%d times)\n"):format(row[1], row[3], row[2], row[4])
      end },
  },
}
