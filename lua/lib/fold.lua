--- Folded stacks for flame graphs: flamegraph.pl, inferno, speedscope, Perfetto and Firefox's
-- profiler read them. A line is `frame;frame;frame TIME`, the root first, the time in ns.
--
--     options = { fold.option "process;thread;call" },
--     tables  = {
--       fold.table { "CPU time", needs = { "cpu_time" }, stacks = function(w, add)
--         for row in w.spent:by("process", "tid", "syscall"):each() do
--           local process, label = fold.thread(w, row)
--           add(row.duration, process, label, row.syscall)
--         end
--       end },
--     },
--
-- With --fold this table alone is shown, as nothing but these lines. As CSV or JSON it is a table
-- like any other, with the columns `stack` and `time`.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local thread = require "lttnga.thread"

local fold = {}

--- The option --fold.
-- @tparam string frames what the frames are: "process;thread;call"
-- @treturn table for `options`
function fold.option(frames)
  return { name = "fold",
    help = ("folded stacks for flame graphs instead of tables:\n%s NS"):format(frames) }
end

--- A name as a frame: semicolons would separate frames.
local function frame(name)
  name = text.clean(tostring(name)):gsub(";", ":")
  return name ~= "" and name or "unknown"
end

--- The first two frames of a thread: its process and itself, by their last names.
-- @tparam table w the window
-- @tparam table row process, procname, tid, pid
-- @treturn string the process: "postgres"
-- @treturn string the thread: "postgres (373)"
function fold.thread(w, row)
  local process = w.renamed[row.pid] or row.process or row.procname or "unknown"
  return process, thread.label { name = w.renamed[row.tid] or row.procname, tid = row.tid,
    pid = row.pid }
end

--- The lines, sorted by name: those that start alike stand together.
local function rows_of(stacks)
  local rows = {}
  return rows, function(time, ...)
    local frames = {}
    for i = 1, select("#", ...) do
      local name = select(i, ...)
      frames[#frames + 1] = name ~= nil and frame(name) or nil
    end
    local stack = table.concat(frames, ";")
    if time > 0 and not stacks[stack] then
      stacks[stack] = { stack = stack, time = 0 }
      rows[#rows + 1] = stacks[stack]
    end
    if time > 0 then
      stacks[stack].time = stacks[stack].time + time
    end
  end
end

--- The lines as text; with several machines, each below the machine's name.
local function write(result, about)
  local host, lines = about.machines and frame(result.host or "all") .. ";" or "", {}
  for i, row in ipairs(result.rows) do
    lines[i] = ("%s%s %d\n"):format(host, row.record.stack, row.record.time)
  end
  return table.concat(lines)
end

--- Makes a table of stacks.
-- @tparam table given [1]: its title; needs: as of any table; stacks: function(w, add) which calls
-- add(time, frame, frame, ...) for whatever took time: ns, then strings, the root first. Frames
-- that are nil are left out, and times of the same frames are added up
-- @treturn table for `tables`
function fold.table(given)
  return { "folded", given[1],
    { { "Stack", "string", "stack" }, { "Time", "duration", "time", compare = "sum" } },
    needs = given.needs, optional = true, alone = "fold", bare = true, text = write,
    chart = { kind = "flame", x = "stack", y = "time" },
    rows = function(w)
      local rows, add = rows_of {}
      given.stacks(w, add)
      table.sort(rows, function(a, b) return a.stack < b.stack end)
      return rows
    end }
end

return fold
