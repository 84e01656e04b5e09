--- Events of the scheduler for traces made by hand: times are in us, and threads have names after
-- their TIDs: p20.
--
-- SPDX-License-Identifier: MIT

local sched = {}

--- A thread gives its CPU to another.
-- @tparam integer prev_state 0: it could go on; 1: it sleeps; 2: it can't be interrupted meanwhile
function sched.switch(at, prev_tid, prev_state, next_tid)
  return { at * 1000, "sched_switch",
    { prev_tid = prev_tid, prev_comm = "p" .. prev_tid, prev_prio = 20, prev_state = prev_state,
      next_tid = next_tid, next_comm = "p" .. next_tid, next_prio = 20 } }
end

--- Whoever runs wakes a thread, which comes to a CPU's queue.
-- @tparam[opt=0] integer target_cpu
-- @tparam[opt="sched_waking"] string name of the event
function sched.waking(at, tid, target_cpu, name)
  return { at * 1000, name or "sched_waking",
    { comm = "p" .. tid, tid = tid, prio = 20, target_cpu = target_cpu or 0 } }
end

return sched
