--- The machines that traces were recorded on: what they are called, and which of them are analysed.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local filters = require "lttnga.filters"

local machines = {}

--- Whether the kernel of a machine was recorded, not only its user space.
-- @tparam table traces from trace:traces()
-- @tparam table machine from trace:machines()
function machines.has_kernel(traces, machine)
  for _, number in ipairs(machine.traces) do
    if traces[number].domain ~= "ust" then
      return true
    end
  end
  return false
end

--- All machines whose kernels were recorded, each with `name`, `host` (nil: not known), `number`,
-- `traces`, `kernel` (its release), `path` (of its trace, if there is only one), `clock` (how its
-- times are corrected, see lttnga.clocks). Two of the same name are numbered.
-- @param trace from run.open
-- @treturn table `n`: how many there are, with those of user space alone
function machines.all(trace)
  local all, names = {}, {}
  local list, traces = trace:machines(), trace:traces()
  for number, machine in ipairs(list) do
    all[#all + 1] = machines.has_kernel(traces, machine) and machine or nil
    local name = machine.name or "unknown"
    names[name] = (names[name] or 0) + 1
    machine.host = machine.name
    machine.name = names[name] == 1 and name or ("%s (%d)"):format(name, names[name])
    machine.number = number
    machine.path = not machine.traces[2] and traces[machine.traces[1]].path or nil
    machine.clock = traces[machine.traces[1]]
    for _, one in ipairs(machine.traces) do
      machine.kernel = machine.kernel or traces[one].kernel_release
    end
  end
  all.n = #list
  return all
end

--- What an option names: machines by globs; a fault if there are none.
-- @tparam table all from machines.all
-- @tparam string option its name
-- @tparam string|table globs see filters.names
function machines.named(all, option, globs)
  local chosen, known = {}, {}
  local is_asked = filters.names(globs)
  for i, machine in ipairs(all) do
    known[i] = machine.name
    chosen[#chosen + 1] = is_asked(machine.name) and machine or nil
  end
  if #chosen == 0 and #all > 0 then
    fault.usage("--%s: no machine matches%s; known: %s", option,
      type(globs) == "string" and " " .. globs or "", table.concat(known, ", "))
  end
  return chosen
end

--- The machines that are analysed: all, or those of --host.
-- @param trace from run.open
-- @tparam table values options of the run
-- @treturn table also `n` as above, and `several`: whether they are
function machines.chosen(trace, values)
  local all = machines.all(trace)
  local chosen = machines.named(all, "host", values.host)
  chosen.n, chosen.several = all.n, #chosen > 1
  return chosen
end

return machines
