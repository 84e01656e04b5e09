--- Who allocated pages of memory, and who freed them. (Pages of 4 KiB on most machines.)
--
--   lttnga-run memtop my-trace/
--   lttnga-run memtop --limit 3 --procname postgres my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Per-TID Memory Allocations                                                                 Process                        Times
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████ 672 pages ls (389)                         470
--   ████████████████████████████████████████████████████                             442 pages dd (390)                         440
--   █████████████████████████████████████                                            317 pages bash (363)                       306
--
--   Per-TID Memory Deallocations                                                               Process                        Times
--   ################################################################################
--   ████████████████████████████████████████████████████████████████████████████████ 143 pages ls (389)                         142
--   ███████████████████████████████████████████████████████████████████████          128 pages unknown (?)                      128
--   ███████████████████████████████████████████████████████████████████████          128 pages lttng (385)                      128
--
--   Total memory usage:
--   - 2396 pages allocated (2169 times)
--   - 1555 pages freed (1531 times)

local analysis = require "lttnga.analysis"
local graph = require "lttnga.graph"
local ordered = require "lttnga.ordered"
local text = require "lttnga.text"
local top = require "lttnga.top"

--- Widths of what is behind the bars; see text.columns.
local WIDTHS = { -25, 10 }

--- Adds pages that came or went at once to a sum.
local function add(sum, pages)
  sum.pages, sum.events = sum.pages + pages, sum.events + 1
end

--- Counts one allocation (`what` is "alloc"), or one time that pages were freed ("free"). Where
-- events were lost, only the process may be known.
local function count(w, what, tid, pid, procname, process_name, pages)
  local thread = w.threads:of(tid or pid and -pid or "unknown")
  local process = thread.process
  process.tid, process.pid = tid, pid or process.pid
  -- All idle CPUs have TID 0: interrupts allocate and free pages there.
  process.name = tid == 0 and "swapper" or procname or process_name or process.name
  add(thread[what], pages)
  add(w[what], pages)
end

local function thread_table(id, title, what, verb)
  return { id, title, needs = { "page_" .. what },
    { { "Process", "process" }, { verb .. " pages", "number" }, { "Times", "number" } },
    text = graph.bars { value = 2, unit = "pages",
      header = text.columns(WIDTHS, "Process", "Times"),
      label = function(row) return text.columns(WIDTHS, graph.process(row[1]), row[3]) end },
    rows = function(w)
      local best = top.new(w.options.limit)
      for _, thread in ipairs(w.threads.list) do
        local sum = thread[what]
        if sum.events > 0 then
          best:add(sum.pages, { thread.process, sum.pages, sum.events })
        end
      end
      return best:rows()
    end }
end

return analysis {
  title = "Memory usage",
  options = { "process", "cpu", "limit", { name = "top", hidden = true } },

  begin = function(w)
    w.alloc, w.free = { pages = 0, events = 0 }, { pages = 0, events = 0 }
    w.threads = ordered.new(function()
      return { process = {}, alloc = { pages = 0, events = 0 }, free = { pages = 0, events = 0 } }
    end)
  end,

  on = {
    page_alloc = function(w, tid, pid, procname, process, pages)
      count(w, "alloc", tid, pid, procname, process, pages)
    end,
    page_free = function(w, tid, pid, procname, process, pages)
      count(w, "free", tid, pid, procname, process, pages)
    end,
  },

  tables = {
    thread_table("allocd", "Per-TID Memory Allocations", "alloc", "Allocated"),
    thread_table("freed", "Per-TID Memory Deallocations", "free", "Freed"),
    { "total", "Total memory usage", needs = { "page_alloc", "page_free" },
      { { "Allocated pages", "number" }, { "Freed pages", "number" },
        { "Allocations", "number" }, { "Deallocations", "number" } },
      rows = function(w)
        return { { w.alloc.pages, w.free.pages, w.alloc.events, w.free.events } }
      end,
      text = function(result)
        local row = result.rows[1]
        return ("Total memory usage:\n- %d pages allocated (%d times)\n"
          .. "- %d pages freed (%d times)\n"):format(row[1], row[3], row[2], row[4])
      end },
  },
}
