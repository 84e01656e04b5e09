--- What analyses of waits for a CPU share, both after a wakeup and after a preemption.
--
-- SPDX-License-Identifier: MIT

local ends = require "lttnga.ends"

local cpu_waits = {}

--- The option that selects waits after a wakeup.
cpu_waits.woken = { name = "woken", help = "only waits after a wakeup" }

--- The option that selects waits after a preemption.
cpu_waits.preempted = { name = "preempted", help = "only waits after a preemption" }

--- The hooks that report them, for `needs` of a table.
cpu_waits.needs = { "wakeup_latency", "preempt_latency" }

--- The fields that events of unfinished waits lack.
local not_yet = { prev_tid = true, prev_pid = true, prev_procname = true }

--- The collects of the selected waits.
-- @tparam table given options
-- @tparam table one a collect without its event
-- @tparam[opt] boolean open include those that have not ended when a window ends, see lttnga.ends
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
