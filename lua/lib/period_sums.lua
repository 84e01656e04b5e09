--- Statistics of periods: how long they took, and which share of others those took that are part of
-- them; of all periods, or of each group of captures.
--
-- They are made of what the host has counted, or, for groups and for parts that have parts, of
-- trees (see lttnga.period_trees). Of trees, only what is in periods that ended counts as a part.
--
-- SPDX-License-Identifier: MIT

local family = require "lttnga.period_family"
local ordered = require "lttnga.ordered"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local trees = require "lttnga.period_trees"

local period_sums = {}

--- The figures that parts of a period have: how long they took, which share of it, how many.
period_sums.kinds = { "sum", "share", "count" }

--- The collects, for `collect` of an analysis.
-- @tparam table given values of the options
-- @treturn table
function period_sums.collect(given)
  local list = { { "request_open", "path", "duration", into = "open" } }
  if given["group-by"] then
    return list
  end
  list[2] = { "request_end", "path", "duration", into = "durations" }
  for _, kind in ipairs(period_sums.kinds) do
    list[#list + 1] = { "request_part", "path", "part", kind, into = "all_" .. kind }
    list[#list + 1] = { "request_part", "path", "part", kind, into = "active_" .. kind,
      only = { active = { true } } }
  end
  return list
end

--- The hooks, for `on` of an analysis.
period_sums.on = trees.hooks "gathered"

-- ---- Groups ----

local function of(list, key, make)
  local found = list[key]
  if not found then
    found = make()
    list[key], list[#list + 1] = found, found
  end
  return found
end

--- Adds the parts of a period to the groups that both are in: how many there are below, by path.
-- @tparam table w
-- @tparam table period
-- @tparam table owners groups by name
-- @tparam table groups names by period, see trees.groups
local function add_parts(w, period, owners, groups)
  local found = {}
  local function walk(part)
    for _, name in ipairs(groups[part]) do
      if owners[name] then
        local one = of(found, name .. "\0" .. part.path, function()
          return { group = owners[name], path = part.path, n = 0, sum = 0 }
        end)
        one.n, one.sum = one.n + 1, one.sum + part.duration
      end
    end
    for _, below in ipairs(part.parts) do
      walk(below)
    end
  end
  for _, part in ipairs(period.parts) do
    walk(part)
  end
  for _, one in ipairs(found) do
    local row = of(one.group.parts, period.path .. "\0" .. one.path, function()
      return { path = period.path, part = one.path, sum = stats.new(w.keep),
        share = stats.new(w.keep), count = stats.new(w.keep) }
    end)
    row.sum:add(one.sum)
    row.share:add(period.duration > 0
      and math.floor(one.sum / period.duration * 1000000000 + 0.5) or 0)
    row.count:add(one.n)
  end
end

--- Adds a tree to all groups that its periods are in; without groups, to the sums of all.
local function add_tree(w, root, asked)
  local groups = trees.groups(root, asked)
  trees.walk(root, function(period)
    w.n_wholes[period.path] = (w.n_wholes[period.path] or 0) + 1
    local owners = {}
    for _, name in ipairs(groups[period]) do
      owners[name] = w.whole or w.groups:of(name)
      -- How long all of them took the host has counted.
      if not w.whole then
        of(owners[name].durations, period.path, function() return stats.new(w.keep) end)
          :add(period.duration)
      end
    end
    add_parts(w, period, owners, groups)
  end)
end

--- Whether parts have parts.
local function is_deep(tree)
  for _, one in ipairs(tree) do
    if one.depth > 1 then
      return true
    end
  end
  return false
end

--- Makes the objects of a window.
-- @tparam table w the window
-- @tparam boolean keep keep the values, see stats.new
function period_sums.begin(w, keep)
  w.tree = family.tree(family.definitions(w.options))
  w.keep = keep
  w.durations, w.open, w.wholes = stats.keyed(keep), stats.totals(), stats.totals()
  for _, kind in ipairs(period_sums.kinds) do
    w["active_" .. kind], w["all_" .. kind] = stats.keyed(keep), stats.keyed(keep)
  end
  local asked = w.options["group-by"]
  if asked then
    w.groups = ordered.new(function(name)
      return { name = name, durations = {}, parts = {} }
    end)
  elseif is_deep(w.tree) then
    w.whole = { parts = {} }
  end
  if asked or w.whole then
    w.n_wholes = {}
    w.gathered = trees.new(w.run, function(root) add_tree(w, root, asked) end)
  end
end

-- ---- Results ----

--- Statistics with so many zeros added.
local function with_zeros(w, one, n)
  local all = stats.new(w.keep)
  all:merge(one)
  for _ = 1, n do
    all:add(0)
  end
  return all
end

--- Durations by path, of all or of a group.
local function durations_of(w, group)
  local found = {}
  if group then
    return group.durations
  end
  for _, row in ipairs(sums.by(w.durations, { of = { "path" } })) do
    found[row.path or "None"] = row.stats
  end
  return found
end

--- Statistics of periods, in the order of their definitions; what has never ended is left out.
-- @tparam table w the window
-- @tparam[opt] table group one of period_sums.each_group
-- @treturn table list of { path =, stats =, open = }
function period_sums.periods(w, group)
  local found, open, rows = durations_of(w, group), {}, {}
  for _, row in ipairs(group and {} or sums.by(w.open, { of = { "path" } })) do
    open[row.path or "None"] = row.n
  end
  for _, one in ipairs(w.tree) do
    local own = found[one.path]
    if own and own:count() > 0 and family.is_among(w.options.select, one.name) then
      rows[#rows + 1] = { path = one.path, stats = own, open = open[one.path] or 0 }
    end
  end
  return rows
end

--- The parts that periods had, as far as the options ask for them.
-- @tparam table w the window
-- @tparam string kind one of period_sums.kinds
-- @tparam boolean all also of periods that had no such part
-- @tparam[opt] table group one of period_sums.each_group
-- @treturn table list of { part =, path =, stats = }, by definition of the part, then of the whole
function period_sums.parts(w, kind, all, group)
  local found, rows = {}, {}
  group = group or w.whole
  local function add(path, part, one)
    found[path .. "\0" .. part] = one
  end
  for _, row in ipairs(group and group.parts or {}) do
    add(row.path, row.part, all
      and with_zeros(w, row[kind], w.n_wholes[row.path] - row[kind]:count()) or row[kind])
  end
  local counted = not group and w[(all and "all_" or "active_") .. kind]
  for _, row in ipairs(counted and sums.by(counted, { of = { "path", "part" } }) or {}) do
    add(row.path or "None", row.part, row.stats)
  end
  local wholes = {}
  for _, one in ipairs(w.tree) do
    for depth = one.depth - 1, 0, -1 do
      local whole = wholes[depth]
      local own = found[whole.path .. "\0" .. one.path]
      if own and own:max() and (not all or own:max() > 0)
        and family.is_among(w.options.select, one.name)
        and family.is_among(w.options["aggregate-by"], whole.name) then
        rows[#rows + 1] = { part = one.path, path = whole.path, stats = own }
      end
    end
    wholes[one.depth] = one
  end
  return rows
end

--- The groups, or { false } if there are none.
-- @tparam table w the window
-- @treturn table
function period_sums.each_group(w)
  return w.groups and w.groups.list or { false }
end

return period_sums
