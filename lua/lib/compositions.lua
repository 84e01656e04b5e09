--- What the time of many requests consists of: how much of it each wait takes, and, within a wait,
-- what went on meanwhile. Rows have nothing that is of one trace only, such as a TID, so that
-- comparisons can match them.
--
-- There are rows of three levels: "all" is the time as a whole, "wait" what was waited for (or that
-- the thread ran), and "cause" what went on during such a wait. Those of one level add up to the
-- one above.
--
-- SPDX-License-Identifier: MIT

local ordered = require "lttnga.ordered"
local paths = require "lttnga.paths"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

local compositions = {
  -- What comparisons of them are called, and what they are of.
  id = "why-changed", title = "Why requests changed", thing = "request",
}

-- ---- Names ----

--- A thread's name without numbers that are others in another trace: "kworker/0:1" is
-- "kworker/*:*", "worker-12" is "worker-*"; "python3" stays.
-- @tparam ?string name
-- @treturn ?string
function compositions.name(name)
  return name and (name:gsub("%f[%w]%d+%f[%W]", "*"):gsub("%f[%w]%d+(%a)%f[%W]", "*%1"))
end

--- What a part was a wait for: of several that led from one thread to the next, the first one.
local function wait_of(part)
  return part.via or part.cause == "disk" and part.object and "disk " .. part.object or part.cause
end

--- Causes whose parts are told apart by who ran.
local has_who = { cpu = true, runqueue = true }

--- A part as it is in any trace.
-- @tparam table part see paths.part_of
-- @treturn table level, wait, cause, via, name, object
function compositions.stable(part)
  local of_other = part.via or has_who[part.cause]
  local anybody = part.cause == "own" or part.cause == "disk" or part.cause == "net"
    or part.cause == "unknown"
  return { level = "cause", wait = wait_of(part), cause = part.cause, via = part.via,
    name = of_other and not anybody and compositions.name(part.name) or nil,
    object = part.cause == "disk" and part.object or nil }
end

-- ---- Adding up ----

local Composition = {}
Composition.__index = Composition

local function new_row(row)
  row.stats = stats.new(true)
  return row
end

--- Makes one of requests that belong together.
-- @tparam string label what they are called
-- @treturn Composition
function compositions.new(label)
  return setmetatable({ label = label, all = new_row { level = "all", label = label },
    waits = ordered.new(function(wait) return new_row { level = "wait", wait = wait } end),
    causes = {}, cause_of = {} }, Composition)
end

--- Adds a request.
-- @tparam integer duration ns
-- @tparam table parts list of them, see paths.add
function Composition:add(duration, parts)
  local waits, causes = ordered.new(function() return { time = 0 } end), {}
  for _, part in ipairs(parts) do
    local one = compositions.stable(part)
    local key = ("%s\0%s\0%s\0%s"):format(one.cause, one.via, one.name, one.object)
    local row = self.cause_of[key]
    if not row then
      row = new_row(one)
      self.cause_of[key], self.causes[#self.causes + 1] = row, row
    end
    local of = waits:of(one.wait)
    of.time = of.time + part.time
    causes[#causes + 1] = causes[row] == nil and row or nil
    causes[row] = (causes[row] or 0) + part.time
  end
  self.all.stats:add(duration)
  for i, of in ipairs(waits.list) do
    if of.time > 0 then
      self.waits:of(waits.keys[i]).stats:add(of.time)
    end
  end
  for _, row in ipairs(causes) do
    if causes[row] > 0 then
      row.stats:add(causes[row])
    end
  end
end

--- Largest first.
local function by_time(a, b)
  local x, y = a.stats:sum(), b.stats:sum()
  return x > y or x == y and compositions.label(a) < compositions.label(b)
end

--- The rows: the whole, and each wait before its causes. `stats` has the times of the requests that
-- have that part, `average` is per request, also of those that don't.
-- @treturn table list of { level =, wait =, cause =, via =, name =, object =, stats =, requests =,
-- average =, p99 =, share = }
function Composition:rows()
  local rows, all = { self.all }, self.all.stats
  local waits = table.move(self.waits.list, 1, #self.waits.list, 1, {})
  table.sort(waits, by_time)
  table.sort(self.causes, by_time)
  for _, wait in ipairs(waits) do
    rows[#rows + 1] = wait
    for _, cause in ipairs(self.causes) do
      rows[#rows + 1] = cause.wait == wait.wait and cause.stats:count() > 0 and cause or nil
    end
  end
  local sum = all:sum()
  for _, row in ipairs(rows) do
    row.requests = row.stats:count()
    row.average, row.share = row.stats:sum() / all:count(), row.stats:sum() / math.max(1, sum)
  end
  self.all.p99 = all:quantile(0.99)
  return rows
end

-- ---- In words ----

--- What a row is, as text.
-- @tparam table row
-- @treturn string
function compositions.label(row)
  if row.level == "all" then
    return row.label
  elseif row.level == "wait" or not row.name and not row.via then
    return paths.wait_label(row.wait)
  end
  return paths.label { cause = row.cause, name = row.name, object = row.object }
end

--- Says how much more, or less, of a request's time a wait takes: "2.9 ms more waiting for a lock,
-- while holder runs".
-- @tparam table row of the level "wait"
-- @tparam number difference ns
-- @tparam table causes rows of its causes that make up most of that
-- @treturn string
function compositions.reason(row, difference, causes)
  local parts = {}
  for i, cause in ipairs(causes) do
    parts[i] = { cause = cause.cause, via = cause.via, name = cause.name, object = cause.object }
  end
  return ("%s %s %s%s"):format(text.duration(math.floor(math.abs(difference) + 0.5)),
    difference < 0 and "less" or "more", paths.doing(row.wait), paths.meanwhile(parts))
end

return compositions
