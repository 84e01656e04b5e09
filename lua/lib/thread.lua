--- Threads and processes in tables: who a row is about, and how that is shown.
--
-- SPDX-License-Identifier: MIT

local thread = {}

--- The parts of a column of the class `process`: the fields of a row that say which thread it is.
thread.fields = { name = "procname", tid = "tid", pid = "pid" }

--- The fields that tell threads apart, for `of` of sums.by. A TID may be lost.
thread.of = { "tid", "pid" }
--- The fields of a thread of which the last value counts, for `last` of sums.by: threads are
-- renamed. The row also gets `name`: the thread's, or if it has none, that of its process.
thread.last = { "tid", "pid", "procname", "process", name = function(total)
  return total.procname or total.process
end }

--- The parts of a column of the class `process`, with the `name` that thread.last makes.
thread.named = { name = "name", tid = "tid", pid = "pid" }

--- The key of a thread, for sums.by: its TID; where events were lost only the process may be known.
-- @tparam table row fields tid, pid
-- @treturn any
function thread.key(row)
  return row.tid or row.pid and -row.pid or "unknown"
end

--- The key of a process, for sums.by: its PID, or the thread if that is not known.
-- @tparam table row fields pid, tid
-- @treturn any
function thread.process_key(row)
  return row.pid or row.tid and -row.tid or "unknown"
end

--- Makes a function like `process_key`, for sums.by, that also assigns what a thread did before its
-- process was known to that process.
-- @tparam object totals with the fields tid and pid
-- @treturn function
function thread.process_keys(totals)
  local pids = {}
  for total in totals:by("tid", "pid"):each() do
    pids[total.tid or false] = total.pid or pids[total.tid or false]
  end
  return function(row)
    return row.pid or pids[row.tid or false] or thread.process_key(row)
  end
end

--- A thread as text: "bash (363)".
-- @tparam table process name, tid; pid stands for a TID that is not known
-- @treturn string
function thread.label(process)
  local pid = process.pid and "PID " .. process.pid
  return ("%s (%s)"):format(process.name or "unknown", process.tid or pid or "?")
end

--- The same for rows that may stand for all kernel threads of one name, and have no TID then:
-- "bash (363)", "kworker".
-- @tparam table process name, tid, pid
-- @treturn string
function thread.known_label(process)
  local known = process.pid or process.tid
  return known and thread.label(process) or process.name or "unknown"
end

--- Whether the rows of a table are single events, which show the names of that moment.
local function is_of_events(result)
  for _, column in ipairs(result.columns) do
    if column.class == "time-range" or column.class == "timestamp" then
      return true
    end
  end
  return result.log ~= nil
end

local function rename(cells, list, names)
  for c, column in ipairs(list or {}) do
    local cell = column.class == "process" and cells[c]
    local name = cell and names[cell.tid or cell.pid]
    if name then
      cells[c] = { name = name, tid = cell.tid, pid = cell.pid }
    end
  end
end

--- Gives renamed threads their last name in all results of a window.
-- @tparam table results see lttnga.tables
-- @tparam table names by TID; a process has the name of its first thread
-- @treturn table the results
function thread.rename(results, names)
  for _, result in ipairs(next(names) and results or {}) do
    if not is_of_events(result) then
      rename(result.group_cells or {}, result.group, names)
      for _, row in ipairs(result.rows) do
        rename(row, result.columns, names)
      end
    end
  end
  return results
end

return thread
