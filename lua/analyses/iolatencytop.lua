--- The longest open, read, write and sync calls, with their threads and files.
--
--   lttnga-run iolatencytop my-trace/
--   lttnga-run iolatencytop --limit 3 --procname postgres --min 10ms my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Top system call latencies open
--                                                             Waited
--   Begin               Name    Duration  Size  Process  TID  for     File
--   --------------------------------------------------------------------------------
--   15:36:40.451925660  openat   73.8 ms   N/A  bash     363  irq     /out/t… (fd=3)
--   15:36:37.852298180  openat   58.9 ms   N/A  bash     388  irq     /out/t… (fd=3)
--   Columns not shown: PID (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.io_family"
local top = require "lttnga.top"

--- What a call has waited for, beside what other tables of calls show.
local reasons = { "waited", "cause", "disk", "source_tid", "source_procname" }

--- By class the longest calls, with what a row of the table takes.
local call = { "io_end", "io_class", "duration", "begin", "time", "name", "size", "procname", "pid",
  "tid", "path", "fd", into = "slowest", only = { io_class = family.classes }, set = ends.over }
table.move(reasons, 1, #reasons, #call + 1, call)

local columns = table.move(family.columns, 1, #family.columns, 1, {})
table.move({
  { "Waited", "duration", "waited" }, { "Cause", "string", "cause" }, { "Disk", "disk", "disk" },
  { "Waker", "process", { name = "source_procname", tid = "source_tid" }, with = "source_tid" },
}, 1, 4, #columns + 1, columns)

--- The same as text, with the cause of the longest wait before the file's name.
local text = family.text_with(13, "Waited for", "{cause} {disk}|{cause}|-")

return analysis {
  title = "Longest I/O calls",
  options = family.options_of "top",
  family = family.members,

  begin = function(w)
    w.slowest = top.of_each(w.options.limit)
    w.open = top.of_each(w.options.limit)
  end,

  -- Calls in progress when the window ends stand below the others.
  collect = { call, family.open(call, "open", reasons) },

  tables = {
    { "top-syscall", "Top system call latencies", columns, text = text,
      unit = "usec", needs = { "io_end" },
      each = function(w)
        local results = {}
        for i, io_class in ipairs(family.classes) do
          local rows, open = w.slowest:rows(io_class), w.open:rows(io_class)
          results[i] = {
            title = "Top system call latencies " .. io_class,
            rows = table.move(open, 1, #open, #rows + 1, rows),
          }
        end
        return results
      end },
  },
}
