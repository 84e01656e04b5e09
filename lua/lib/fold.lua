--- Folded stacks, of which others make flame graphs: flamegraph.pl, inferno, speedscope, Perfetto,
-- Firefox's profiler. A line is `frame;frame;frame TIME`, the root first, the time in ns.
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
-- With --fold the table is shown alone, and as nothing but these lines; as CSV or JSON it is a
-- table like any other, with the columns `stack` and `time`.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local thread = require "lttnga.thread"

local fold = {}

--- The option that asks for it.
-- @tparam string frames what they are: "process;thread;call"
function fold.option(frames)
  return { name = "fold",
    help = ("folded stacks for flame graphs instead of tables:\n%s NS"):format(frames) }
end

--- A name as a frame: the semicolons in it would be the borders of frames.
local function frame(name)
  name = text.clean(tostring(name)):gsub(";", ":")
  return name ~= "" and name or "unknown"
end

--- The frames of the thread that a row is about, under the names that it and its process had last.
-- @tparam table w the window
-- @tparam table row fields process, procname, tid, pid
-- @treturn string, string process and thread: "postgres", "postgres (373)"
function fold.thread(w, row)
  local process = w.renamed[row.pid] or row.process or row.procname or "unknown"
  return process, thread.label { name = w.renamed[row.tid] or row.procname, tid = row.tid,
    pid = row.pid }
end

--- What the lines are, by name: those that begin alike stand together.
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

--- The lines; of several machines, each below its name.
local function write(result, about)
  local host, lines = about.machines and frame(result.host or "all") .. ";" or "", {}
  for i, row in ipairs(result.rows) do
    lines[i] = ("%s%s %d\n"):format(host, row.record.stack, row.record.time)
  end
  return table.concat(lines)
end

--- Makes a table of stacks.
-- @tparam table given [1]: its title; needs: see docs/writing-analyses.md; stacks: function(w, add)
-- which calls add(time, frame, frame, ...) for each thing that took time (ns), with texts, the root
-- first; frames that are nil are left out, and times of the same frames added up
-- @treturn table for `tables` of an analysis
function fold.table(given)
  return { "folded", given[1],
    { { "Stack", "string", "stack" }, { "Time", "duration", "time" } },
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
