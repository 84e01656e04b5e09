---@meta lttnga.fold

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Folded stacks for flame graphs: flamegraph.pl, inferno, speedscope, Perfetto and Firefox's
---profiler read them. A line is `frame;frame;frame TIME`, the root first, the time in ns.
---
---    options = { fold.option "process;thread;call" },
---    tables  = {
---      fold.table { "CPU time", needs = { "cpu_time" }, stacks = function(w, add)
---        for row in w.spent:by("process", "tid", "syscall"):each() do
---          local process, label = fold.thread(w, row)
---          add(row.duration, process, label, row.syscall)
---        end
---      end },
---    },
---
---With --fold this table alone is shown, as nothing but these lines. As CSV or JSON it is a table
---like any other, with the columns `stack` and `time`.
local fold = {}

---The option --fold.
---@param frames string what the frames are: "process;thread;call"
---@return table # for `options`
function fold.option(frames) end

---The first two frames of a thread: its process and itself, by their last names.
---@param w table the window
---@param row table process, procname, tid, pid
---@return string # the process: "postgres"
---@return string # the thread: "postgres (373)"
function fold.thread(w, row) end

---Makes a table of stacks.
---@param given table [1]: its title; needs: as of any table; stacks: function(w, add) which calls add(time, frame, frame, ...) for whatever took time: ns, then strings, the root first. Frames that are nil are left out, and times of the same frames are added up
---@return table # for `tables`
function fold.table(given) end

return fold
