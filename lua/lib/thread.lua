--- Threads and processes in tables: who a row is about, and how that is written.
--
-- SPDX-License-Identifier: MIT

local thread = {}

--- The fields of a row that say which thread it is about, for a column of the class "process".
thread.fields = { name = "procname", tid = "tid", pid = "pid" }

--- How a thread is told apart from others, and what counts of it last, for sums.by. Its TID may be
-- lost, threads are renamed, and where a thread has no name it has that of its process.
thread.of = { "tid", "pid" }
thread.last = { "tid", "pid", "procname", "process", name = function(total)
  return total.procname or total.process
end }

--- The parts of a cell that is a thread, with the name that sums.by has made of `last`.
thread.named = { name = "name", tid = "tid", pid = "pid" }

--- What a thread is found by: its TID; where events were lost, only the process may be known.
-- @tparam table row fields tid, pid
function thread.key(row)
  return row.tid or row.pid and -row.pid or "unknown"
end

--- A process by its PID, or a thread of which that is not known.
-- @tparam table row fields pid, tid
function thread.process_key(row)
  return row.pid or row.tid and -row.tid or "unknown"
end

--- A function like `process_key`, for sums.by: it also assigns what a thread did before its process
-- was known to that process.
-- @tparam object totals with the fields tid and pid
function thread.process_keys(totals)
  local pids = {}
  for total in totals:by("tid", "pid"):each() do
    pids[total.tid or false] = total.pid or pids[total.tid or false]
  end
  return function(row)
    return row.pid or pids[row.tid or false] or thread.process_key(row)
  end
end

--- A thread as a label: "bash (363)".
-- @tparam table process name =, tid =, and pid =, which stands for a TID that is not known
function thread.label(process)
  local pid = process.pid and "PID " .. process.pid
  return ("%s (%s)"):format(process.name or "unknown", process.tid or pid or "?")
end

--- A label of threads of which there may be no number, if they are all kernel threads of one name:
-- "bash (363)", "kworker".
function thread.known_label(process)
  local known = process.pid or process.tid
  return known and thread.label(process) or process.name or "unknown"
end

--- Whether the rows of a table are single events, which tell what was so at that moment.
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

--- Threads that were renamed are called in all results of a window as they were called last.
-- @tparam table results see lttnga.tables
-- @tparam table names by TID; a process is called as its first thread
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
