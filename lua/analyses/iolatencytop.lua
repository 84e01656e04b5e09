--- The longest open, read, write and sync calls, with their threads and files.
--
--   lttnga-run iolatencytop my-trace/
--   lttnga-run iolatencytop --limit 3 --procname postgres --min 10ms my-trace/
--
-- `Mostly` is what took at least half of the time: sleeping, with what the call slept for longest
-- (docs/why.md has the causes), or CPU: it ran, or waited for a CPU (runqslower shows how long).
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Top system call latencies open
--   Begin               Name    Duration  Size  Process  TID  Mostly    File
--   --------------------------------------------------------------------------------
--   15:36:40.451925660  openat   73.8 ms   N/A  bash     363  CPU 97 %  /out… (fd=3)
--   15:36:37.852298180  openat   58.9 ms   N/A  bash     388  CPU 86 %  /out… (fd=3)
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

--- The same as text, with what took most of the time before the file's name.
local text = family.text_with(13, "Mostly", "{mostly}|-")
local classic = family.text_with(13, "Waited for", "{cause} {disk}|{cause}|-")

--- What took most of a call's time: if it slept for half of it, or more, what it slept for longest,
-- and how much it slept; else a CPU, on which it ran, or for which it waited. nil if that is unknown.
local function mostly(w, row)
  if not row.waited or row.duration == 0 or w.missing["io_end.cause"] then
    return nil
  end
  local asleep = row.waited / row.duration
  if asleep < 0.5 then
    return ("CPU %.0f %%"):format(100 * (1 - asleep))
  end
  return ("%s %.0f %%"):format(row.disk and row.cause .. " " .. row.disk or row.cause, 100 * asleep)
end

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
    { "top-syscall", "Top system call latencies", columns, text = text, classic = classic,
      unit = "usec", needs = { "io_end" },
      each = function(w)
        local results = {}
        for i, io_class in ipairs(family.classes) do
          local rows, open = w.slowest:rows(io_class), w.open:rows(io_class)
          for _, row in ipairs(rows) do
            row.mostly = mostly(w, row)
          end
          results[i] = {
            title = "Top system call latencies " .. io_class,
            rows = table.move(open, 1, #open, #rows + 1, rows),
          }
        end
        return results
      end },
  },
}
