--- Makes traces of a load that does not change: calls of one thread whose kinds, durations and
-- pauses are drawn from distributions that stay the same, for tests of `compare`.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local stationary = {}

--- A random generator of its own, so that what a seed gives stays the same: xorshift64*.
local function generator(seed)
  local state = seed * 2654435761 + 88172645463325252
  return function()
    state = state ~ (state >> 12)
    state = state ~ (state << 25)
    state = state ~ (state >> 27)
    return (((state * 2685821657736338717) >> 11) + 0.5) / 2.0 ^ 53
  end
end

local function normal(random)
  return math.sqrt(-2 * math.log(random())) * math.cos(2 * math.pi * random())
end

--- Kinds of calls: how often each is made, and how long it takes in ns. Most of it is lognormal;
-- one call in 50 takes 20 times as long, as a call does that waits for a disk.
local kinds = {
  { "read", 0.5, 40000, 0.8 }, { "write", 0.3, 90000, 0.6 }, { "fsync", 0.12, 2000000, 0.9 },
  { "openat", 0.08, 25000, 0.5 },
}

--- Calls, one after the other.
-- @tparam integer seed
-- @tparam integer n how many
-- @tparam[opt] number pause the mean of the pauses between them, ns; the shorter they are, the more
-- does it depend on how long calls take how many of them there are
-- @treturn table list of { name =, pause = before it, duration = }, ns
-- @treturn function the random generator
function stationary.calls(seed, n, pause)
  local random, list = generator(seed), {}
  for i = 1, n do
    local choice, kind = random(), nil
    for _, one in ipairs(kinds) do
      kind = one
      choice = choice - one[2]
      if choice < 0 then
        break
      end
    end
    local duration = kind[3] * math.exp(kind[4] * normal(random))
    if random() < 0.02 then
      duration = duration * 20
    end
    list[i] = { name = kind[1], duration = math.floor(duration),
      pause = math.floor(-math.log(random()) * (pause or 20000000)) }
  end
  return list, random
end

local entries = {
  read = { fd = 3, count = 4096 }, write = { fd = 3, count = 4096 }, fsync = { fd = 3 },
  openat = { dfd = -100, filename = "/etc/hosts", flags = 0 },
}

--- Writes calls as a trace; each is shifted by the time that those before it have taken.
-- @tparam table calls
-- @tparam[opt] string hostname
-- @tparam[opt] integer start ns
-- @treturn string its folder
-- @treturn table when each of them began, ns
function stationary.trace(calls, hostname, start)
  local now, begins = start or 1000000, {}
  local events = { cpu = 0,
    { now, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
  for i, call in ipairs(calls) do
    now = now + call.pause
    begins[i] = now
    events[#events + 1] = { now, "syscall_entry_" .. call.name, entries[call.name] }
    now = now + call.duration
    events[#events + 1] = { now, "syscall_exit_" .. call.name, { ret = 4 } }
    now = now + 1
  end
  local env = hostname and { domain = "kernel", hostname = hostname, tracer_name = "lttng-modules",
    tracer_major = 2, tracer_minor = 13, kernel_release = "6.1.0-amd64" }
  return host.trace { env = env, streams = { events } }, begins
end

--- Divides calls at random.
-- @tparam table calls
-- @tparam function random
-- @treturn table, table the two parts
function stationary.split(calls, random)
  local parts = { {}, {} }
  for _, call in ipairs(calls) do
    table.insert(parts[random() < 0.5 and 1 or 2], call)
  end
  return parts[1], parts[2]
end

return stationary
