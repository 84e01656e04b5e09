--- What analyses of all waits for a CPU share: those after a wakeup, and those of threads that had
-- lost their CPU while they could have gone on.
--
-- SPDX-License-Identifier: MIT

local ends = require "lttnga.ends"

local cpu_waits = {}

--- The option for waits after a wakeup only.
cpu_waits.woken = { name = "woken", help = "only waits after a wakeup" }
--- The option for waits after a preemption only.
cpu_waits.preempted = { name = "preempted",
  help = "only waits of threads that had lost their CPU, but could have gone on" }

--- The hooks that tell them, for `needs` of a table.
cpu_waits.needs = { "wakeup_latency", "preempt_latency" }

--- What the events of waits that are not over yet do not tell.
local not_yet = { prev_tid = true, prev_pid = true, prev_procname = true }

--- The collects of the waits that were asked for.
-- @tparam table given options
-- @tparam table one a collect without its event
-- @tparam[opt] boolean open also those that are not over when a window ends, see lttnga.ends
-- @treturn table
function cpu_waits.collect(given, one, open)
  local list, both = {}, given.woken == given.preempted
  for _, kind in ipairs { "woken", "preempted" } do
    if both or given[kind] then
      local event = kind == "woken" and "wakeup" or "preempt"
      local collect = { event .. "_latency", into = one.into, set = open and ends.over }
      list[#list + 1] = table.move(one, 1, #one, 2, collect)
      list[#list + 1] = open and ends.collect(collect, event .. "_open", not_yet) or nil
    end
  end
  return list
end

return cpu_waits
