--- Which system calls each thread made, how long they took, and what they returned.
--
--   lttnga-run syscallstats my-trace/
--   lttnga-run syscallstats --procname postgres --limit 1 --percentiles my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Per-TID syscalls statistics
--   wc (393) (10 of 27)
--   System call      Count      Min  Average      Max    Stdev  Return values
--   --------------------------------------------------------------------------------
--   newfstatat          10  15.5 us  45.3 us   123 us  40.6 us   {'success…OENT': 3}
--   mmap                 8  63.4 us   117 us   215 us  60.0 us   {'success': 8}
--   read                 8  41.0 us  3.96 ms  13.2 ms  5.48 ms   {'success': 8}
--   rt_sigaction         6  2.12 us  7.56 us  18.5 us  6.55 us   {'success': 6}
--   close                6  3.33 us  12.7 us  27.0 us  8.21 us   {'success': 6}
--   access               3  21.0 us  75.4 us   132 us  55.6 us   {'success…OENT': 1}
--   brk                  3  17.0 us  2.29 ms  6.82 ms  3.93 ms   {'success': 3}
--   mprotect             3  59.5 us  2.47 ms  7.17 ms  4.07 ms   {'success': 3}
--   set_robust_list      2  12.8 us  15.1 us  17.3 us  3.18 us   {'success': 2}
--   geteuid              2  2.02 us  5.93 us  9.84 us  5.53 us   {'success': 2}
--
--   Total syscalls: 73

local analysis = require "lttnga.analysis"
local ordered = require "lttnga.ordered"
local render = require "lttnga.render_text"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local text = require "lttnga.text"
local thread = require "lttnga.thread"
local top = require "lttnga.top"

--- "find (22785)", or "httpd (22785, TID: 22790)" for a further thread of a process.
local function label(row)
  local name, pid = row.name or "unknown", row.pid or "?"
  if pid == row.tid then
    return ("%s (%s)"):format(name, pid)
  end
  return ("%s (%s, TID: %s)"):format(name, pid, row.tid or "?")
end

--- How often a call returned what: "{'success': 262, 'EAGAIN': 2}", as it came.
local function returned_text(counts)
  local parts = {}
  for i, one in ipairs(counts) do
    parts[i] = ("'%s': %d"):format(one[1], one[2])
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- What is found under the name of a call of a thread.
local function call_key(total)
  return thread.key(total) .. " " .. total.syscall
end

--- Rows of threads, each with its calls, and these with what they returned.
local function thread_rows(w)
  local threads = sums.by(w.calls, { of = thread.of, key = thread.key, last = thread.last })
  local calls = sums.by(w.calls, { of = { "tid", "pid", "syscall" }, key = call_key })
  for _, row in ipairs(threads) do
    row.calls = {}
  end
  for _, call in ipairs(stats.rows(calls)) do
    table.insert(threads.of[thread.key(call)].calls, call)
    call.returned = {}
  end
  local counts = ordered.new(function() return { n = 0 } end)
  for one in w.calls:by("tid", "pid", "syscall", "error", "error_name"):each() do
    local value = tostring(one.error_name or one.error == 0 and "success" or one.error or "unknown")
    local key = call_key(one)
    local count = counts:of(key .. " " .. value)
    if count.n == 0 then
      count[1] = value
      table.insert(calls.of[key].returned, count)
    end
    count.n = count.n + one.n
    count[2] = count.n
  end
  return threads
end

--- The calls of one thread, below each other, and a line behind them.
local function write_thread(result, about)
  local lines, widths = render.cells(result, about)
  local total = { "Total:", 0 }
  for _, row in ipairs(result.rows) do
    total[2] = total[2] + row[2]
  end
  for c = 3, #result.columns do
    total[c] = ""
  end
  lines[1][1], lines[#lines + 1] = result.title, total
  return text.join(text.grid(widths, lines)) .. ("-"):rep(113) .. "\n"
end

local returned = { "Return values", "counts", "returned", text = returned_text, indent = 1,
  width = -14 }
local name = { "System call", "syscall", "syscall", width = -38,
  text = function(value, about) return about.classic and " - " .. value or value end }

--- Statistics, of which the last is in a narrower column.
local function columns(options)
  local list = stats.columns(name, returned)(options)
  list[#list - 1].width = 10
  return list
end

--- Calls that have not returned: how long they have taken so far.
local open_columns = {
  { "Process", "process", thread.fields, width = -25 },
  { "System call", "syscall", "syscall", width = -25 }, { "Begin", "timestamp", "begin" },
  { "So far", "duration", "duration", width = 18 },
}

local function open_rows(w)
  local rows = {}
  for one in w.open:by("tid", "pid", "procname", "begin", "syscall"):each() do
    rows[#rows + 1] = one
  end
  return rows
end

--- The longest of them: at any time most threads wait in some call.
local OPEN_MAX = 10

local function write_open(result, about)
  local lines, widths = render.cells(result, about)
  local more = #lines - 1 - OPEN_MAX
  if #lines == 1 then
    return ""
  end
  lines = table.move(lines, 1, math.min(#lines, OPEN_MAX + 1), 1, {})
  return result.title .. ":\n" .. text.join(text.grid(widths, lines))
    .. (more > 0 and ("... and %d more\n"):format(more) or "")
end

return analysis {
  title = "System call statistics",
  options = { "process", "path", "cpu", "duration", "percentiles",
    { name = "limit", value = "N", read = "limit", default = 0,
      help = "show at most N threads, in text output N calls (0: all; default: 10 calls)" } },

  begin = function(w)
    w.calls = stats.keyed(w.options.percentiles)
    w.open = stats.totals()
  end,

  collect = {
    { "syscall_exit", "tid", "pid", "procname", "process", "error", "error_name", "duration",
      syscall = "name", into = "calls" },
    -- Of each thread one at most.
    { "syscall_open", "tid", "pid", "procname", "begin", "duration", syscall = "name",
      into = "open" },
  },

  finish = function(w)
    w.all = thread_rows(w)
    w.threads = top.most(w.all, "n", w.options.limit)
  end,

  tables = {
    { "per-tid", "System call statistics", columns, classic = write_thread, flat = "n",
      group = { { "Process", "process", thread.named } }, needs = { "syscall_exit" },
      each = function(w)
        local results = {}
        for i, one in ipairs(w.threads) do
          results[i] = { title = label(one), rows = top.most(one.calls, "n"), group = one,
            above = i == 1 and "Per-TID syscalls statistics (usec)" or nil }
        end
        return results
      end },

    { "total", "Per-TID system call statistics",
      { { "Process", "process", thread.named }, { "Count", "number", "n", compare = "sum" } },
      needs = { "syscall_exit" }, text = "none",
      rows = function(w) return w.threads end },

    { "all", "All system calls", { { "Count", "number", "n", compare = "sum" } },
      needs = { "syscall_exit" },
      rows = function(w)
        local n = 0
        for _, one in ipairs(w.all) do
          n = n + one.n
        end
        return { { n = n } }
      end,
      text = function(result) return ("Total syscalls: %d\n"):format(result.rows[1][1]) end },

    { "open", "Calls still in progress (usec)", open_columns, needs = { "syscall_exit" },
      by = "duration", rows = open_rows, classic = write_open },
  },
}
