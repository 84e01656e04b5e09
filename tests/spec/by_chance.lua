--- A trace with many packets, made by chance.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

--- Two CPUs on which threads switch, call, are woken and interrupted by chance; some packets count
-- lost events.
local function by_chance(seed)
  math.randomseed(seed)
  local spec = { env = { hostname = "box" }, streams = {} }
  for cpu = 0, 1 do
    local now, packets, current, in_call = 1000000 * (cpu + 1), {}, 0, {}
    for p = 1, 40 do
      local packet = { from = now, lost = p > 3 and math.random(5) == 1 and math.random(9) or nil }
      for _ = 1, 40 do
        now = now + math.random(90000)
        local what = math.random(6)
        if what <= 2 then
          local to = 10 * (cpu + 1) + math.random(0, 4)
          to = to % 10 == 0 and 0 or to
          if to ~= current then
            packet[#packet + 1] = { now, "sched_switch", { prev_tid = current,
              prev_comm = "t" .. current, prev_prio = 20, prev_state = math.random(0, 2),
              next_tid = to, next_comm = "t" .. to, next_prio = 20 } }
            current = to
          end
        elseif what == 3 then
          local tid = 10 * (cpu + 1) + math.random(4)
          packet[#packet + 1] = { now, "sched_waking", { comm = "t" .. tid, tid = tid, prio = 20,
            target_cpu = cpu } }
        elseif current ~= 0 and in_call[current] then
          packet[#packet + 1] = { now, "syscall_exit_" .. in_call[current],
            { ret = math.random(-2, 100) } }
          in_call[current] = nil
        elseif current ~= 0 then
          in_call[current] = math.random(2) == 1 and "read" or "fsync"
          packet[#packet + 1] = { now, "syscall_entry_" .. in_call[current],
            { fd = math.random(3, 5), count = 10 } }
        end
      end
      packet.to = now
      packets[p] = packet
    end
    spec.streams[#spec.streams + 1] = { cpu = cpu, packets = packets }
  end
  return host.trace(spec)
end

return by_chance
