--- Which system calls each thread made, how long they took, and what they returned.
--
--   lttnga-run syscallstats my-trace/
--   lttnga-run syscallstats --procname postgres --limit 1 --percentiles my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Per-TID syscalls statistics (usec)
--   wc (393)                                        Count            Min        Average            Max      Stdev  Return values
--    - newfstatat                                      10         15.480         45.337        122.680     40.648  {'success': 7, 'ENOENT': 3}
--    - mmap                                             8         63.350        117.405        215.370     60.027  {'success': 8}
--    - read                                             8         40.970       3955.410      13215.850   5481.055  {'success': 8}
--    - rt_sigaction                                     6          2.120          7.560         18.500      6.549  {'success': 6}

local analysis = require "lttnga.analysis"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local top = require "lttnga.top"
local units = require "lttnga.units"

--- "find (22785)", or "httpd (22785, TID: 22790)" for a further thread of a process.
local function label(process)
  local name, pid = process.name or "unknown", process.pid or "?"
  if pid == process.tid then
    return ("%s (%s)"):format(name, pid)
  end
  return ("%s (%s, TID: %s)"):format(name, pid, process.tid or "?")
end

--- How often a call returned what: "{'success': 262, 'EAGAIN': 2}", as it came.
local function return_values(call)
  local parts = {}
  for i, value in ipairs(call.returned.list) do
    parts[i] = ("'%s': %d"):format(value.name, value.count)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- The entries with the largest counts first, and how many they are together.
local function by_count(entries, limit, count)
  local best, total = top.new(limit), 0
  for _, entry in ipairs(entries) do
    total = total + count(entry)
    best:add(count(entry), entry)
  end
  return best:rows(), total
end

local function calls_of(thread)
  return by_count(thread.calls.list, 0, function(call) return call.durations:count() end)
end

--- Threads with the numbers of their calls, the busiest first.
local function busiest(w)
  return by_count(w.threads.list, w.options.limit, function(thread) return thread.count end)
end

--- The columns of durations are between "Count" and "Return values".
local function columns(options)
  local list = stats.columns("System call", "syscall")(options)
  list[#list + 1] = { "Return values" }
  return list
end

local function write_thread(result)
  local last = #result.columns
  local heading, widths, total = { result.title }, { -38 }, 0
  for c = 2, last do
    heading[c] = result.columns[c].title
    widths[c] = c == last and -14 or c == last - 1 and 10 or 14
  end
  heading[last] = " " .. heading[last]
  local rows = { heading }
  for _, row in ipairs(result.rows) do
    local cells = { " - " .. row[1], tostring(row[2]) }
    for c = 3, last - 1 do
      cells[c] = row[c] == analysis.unknown and "?" or units.us(row[c])
    end
    cells[last] = " " .. row[last]
    rows[#rows + 1] = cells
    total = total + row[2]
  end
  rows[#rows + 1] = { "Total:", total }
  for c = 3, last do
    rows[#rows][c] = ""
  end
  local lines = text.grid(widths, rows)
  lines[#lines + 1] = ("-"):rep(113)
  return text.join(lines)
end

return analysis {
  title = "System call statistics",
  options = { "process", "cpu", "duration", "percentiles",
    { name = "limit", value = "N", read = "limit", default = 0,
      help = "show at most N threads (default 0: all)" } },

  begin = function(w)
    w.threads = ordered.new(function()
      return {
        process = {}, count = 0,
        calls = ordered.new(function(name)
          return {
            name = name, durations = stats.new(w.options.percentiles),
            returned = ordered.new(function(value) return { name = value, count = 0 } end),
          }
        end),
      }
    end)
  end,

  on = {
    syscall_exit = function(w, tid, pid, procname, process, name, duration, error, error_name)
      -- Where events were lost, only the process may be known.
      local thread = w.threads:of(tid or pid and -pid or "unknown")
      local known = thread.process
      known.tid, known.pid = tid, pid or known.pid
      known.name = procname or process or known.name
      thread.count = thread.count + 1
      local call = thread.calls:of(name)
      call.durations:add(duration)
      local value = call.returned:of(error_name or error == 0 and "success" or error or "unknown")
      value.count = value.count + 1
    end,
  },

  tables = {
    { "per-tid", "System call statistics", columns, text = write_thread,
      needs = { "syscall_exit" },
      each = function(w)
        local results = {}
        for i, thread in ipairs((busiest(w))) do
          local rows = {}
          for r, call in ipairs((calls_of(thread))) do
            rows[r] = stats.row(call.name, call.durations)
            table.insert(rows[r], return_values(call))
          end
          results[i] = { title = label(thread.process), rows = rows,
            above = i == 1 and "Per-TID syscalls statistics (usec)" or nil }
        end
        return results
      end },

    { "total", "Per-TID system call statistics",
      { { "Process", "process" }, { "Count", "number" } }, needs = { "syscall_exit" },
      rows = function(w)
        local rows = {}
        for i, thread in ipairs((busiest(w))) do
          rows[i] = { thread.process, thread.count }
        end
        return rows
      end,
      text = function() return "" end },

    { "all", "All system calls", { { "Count", "number" } }, needs = { "syscall_exit" },
      rows = function(w)
        local _, total = busiest(w)
        return { { total } }
      end,
      text = function(result) return ("Total syscalls: %d\n"):format(result.rows[1][1]) end },
  },
}
