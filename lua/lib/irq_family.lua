--- What the analyses of interrupts share: their options, which interrupts are wanted, and
-- statistics by interrupt.
--
-- SPDX-License-Identifier: MIT

local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"

local family = {}

--- The analyses of the family, in the order of their results: each takes the flags that add the
-- results of the others.
family.members = {
  { flags = { "stats" }, script = "irqstats" },
  { flags = { "freq" }, script = "irqfreq" },
  { flags = { "log" }, script = "irqlog" },
}

--- The options that all of them take.
family.options = {
  "duration", "cpu", "frequency", "percentiles",
  { name = "irq", value = "N,...", read = "numbers", list = true,
    help = "only these hard interrupts (and the softirqs of --softirq)" },
  { name = "softirq", value = "N,...", read = "numbers", list = true,
    help = "only these softirqs (and the interrupts of --irq)" },
  { name = "stats", help = "also statistics of durations (irqstats)" },
  { name = "freq", help = "also how durations are distributed (irqfreq)" },
  { name = "log", help = "also every single interrupt (irqlog)" },
}

--- Kinds of interrupts, in the order in which they are shown: of devices, softirqs, and vectors of
-- x86 itself.
family.kinds = { "hard", "soft", "vector" }

local function is_among(list, number)
  for _, one in ipairs(list or {}) do
    if one == number then
      return true
    end
  end
  return false
end

--- A function that tells which interrupts are wanted: wants(kind, number).
-- @tparam table options of the command line: irq, softirq
function family.wanted(options)
  if not options.irq and not options.softirq then
    return function() return true end
  end
  local asked = { hard = options.irq, soft = options.softirq }
  return function(kind, number)
    return is_among(asked[kind], number)
  end
end

local Interrupts = {}
Interrupts.__index = Interrupts

--- Statistics for each interrupt.
-- @tparam table options of the command line
-- @tparam boolean keep the values, see stats.new
function family.interrupts(options, keep)
  local self = setmetatable({ wanted = family.wanted(options), keep = keep }, Interrupts)
  for _, kind in ipairs(family.kinds) do
    self[kind] = ordered.new(function(number)
      return {
        kind = kind, number = number, names = {}, durations = stats.new(keep),
        latencies = kind == "soft" and stats.new(keep) or nil,
      }
    end)
  end
  return self
end

--- Adds a handler's run.
-- @tparam string kind
-- @tparam integer number
-- @tparam string name may be nil; an interrupt that devices share has several
-- @tparam integer duration ns
-- @tparam[opt] integer raise_latency ns
function Interrupts:add(kind, number, name, duration, raise_latency)
  if not self.wanted(kind, number) then
    return
  end
  local one = self[kind]:of(number)
  if name and not one.names[name] then
    one.names[name] = true
    one.names[#one.names + 1] = name
  end
  one.durations:add(duration)
  if raise_latency then
    one.latencies:add(raise_latency)
  end
end

--- Those of a kind, by number: { kind =, number =, name =, durations =, latencies = }.
function Interrupts:sorted(kind)
  local list = table.move(self[kind].list, 1, #self[kind].list, 1, {})
  table.sort(list, function(a, b) return a.number < b.number end)
  for _, one in ipairs(list) do
    one.name = #one.names > 0 and table.concat(one.names, ", ") or "unknown"
  end
  return list
end

--- An interrupt as a cell.
function family.cell(one)
  return { nr = one.number, name = one.name, hard = one.kind ~= "soft" }
end

return family
