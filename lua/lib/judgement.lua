--- What is to be said of rows of two runs that have the same key: each of their numbers before and
-- after, and whether that is a change or may be chance.
--
-- A line is one number of a row: { row, column, entry_before, entry_after (see
-- lttnga.compared_rows), before, after, p, judgement, counts = whether it is more than noise,
-- is_shown, moved = by what part of all there is }.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"
local rank_test = require "lttnga.rank_test"
local stats = require "lttnga.stats"

local judgement = {}

local quantiles = { p50 = 0.5, p90 = 0.9, p99 = 0.99, p99_9 = 0.999 }

--- What can be said, the strongest first.
judgement.all = { "changed", "new", "gone", "not judged", "mixed", "noise", "too few", "small",
  "same" }

-- ---- Values ----

--- What sums are divided by, on one side: its time, or, if they are compared as they are, how many
-- hosts they are of.
local function measure_of(side, how)
  return how.totals and (side.n_hosts or 1) or side.seconds
end

--- What a value is, on one side: a number per second if it grows with time; nil if it is unknown.
local function value_of(entry, column, side, how)
  local known = entry and entry.values[column.name]
  if not known or known.n == 0 then
    return nil
  end
  local value = known.sum
  local of = entry.rows > 1 and known.field and entry.stats[known.field]
  if of then
    value = stats.fields(of.stats, {})[known.what]
  elseif column.compare ~= "sum" and column.compare ~= "share" and known.n > 1 then
    value = known.sum / known.n
  end
  if value and column.compare == "sum" then
    local measure = measure_of(side, how)
    return measure == 1 and value or measure > 0 and value / measure or nil
  end
  return value
end

--- Statistics of a value, on one side, and what the value shows of them.
local function stats_of(entry, column)
  local known = entry and entry.values[column.name]
  local of = known and known.field and entry.stats[known.field]
  return of and of.stats or nil, known and known.what
end

local function sample_of(cache, one)
  if one and cache[one] == nil then
    cache[one] = rank_test.sample(one) or false
  end
  return one and cache[one] or nil
end

--- By how much the larger one is above the smaller one, in parts of that.
local function effect_of(before, after)
  local least = math.min(math.abs(before), math.abs(after))
  if before == after then
    return 0
  end
  return least > 0 and math.abs(after - before) / least or math.huge
end

--- How often something happened, if that is what a column counts; nil if it does not. Of what adds
-- up several at once, chance makes larger differences than of these.
local function count_of(entry, column)
  if column.class ~= "number" or column.compare ~= "sum" then
    return nil
  elseif not entry then
    return 0
  end
  local known = entry.values[column.name]
  return known and known.n > 0 and math.type(known.sum) == "integer" and known.sum >= 0
    and known.sum or nil
end

--- Tests a value; nil if there is nothing to test: no distribution, or none was kept.
-- @treturn ?number p
-- @treturn ?integer 1 if it went up, -1 if down
-- @treturn ?boolean whether there are too few values to tell
local function test(line, context)
  local a, what = stats_of(line.entry_before, line.column)
  local b, other = stats_of(line.entry_after, line.column)
  what = what or other
  local cache = context.samples
  local n, m = count_of(line.entry_before, line.column), count_of(line.entry_after, line.column)
  if n and m then
    line.is_count, line.is_whole = true, what == "count"
    return rank_test.counts(n, m, measure_of(context.before, context.how),
      measure_of(context.after, context.how)), m > n and 1 or -1
  end
  line.what = what
  local x, y = sample_of(cache, a), sample_of(cache, b)
  if not (x and y) or not (what == "average" or quantiles[what]) then
    return nil
  elseif x.total == 0 or y.total == 0 then
    return nil
  end
  line.weight = (x.total / context.before.seconds + y.total / context.after.seconds) / 2
  local key = ("%p %p"):format(a, b)
  local pair = context.pairs[key] or rank_test.pair(x, y)
  context.pairs[key] = pair
  local p, sign
  if what == "average" then
    p, sign = rank_test.mann_whitney(pair)
    sign = sign - 0.5
  else
    p, sign = rank_test.quantile(pair, quantiles[what])
  end
  return p, sign > 0 and 1 or sign < 0 and -1 or 0, rank_test.least_p(pair) > context.how.alpha
end

--- The lines of a row: one for each of its values.
local function lines_of(row, values, context)
  local lines = {}
  for _, column in ipairs(values) do
    local line = { row = row, column = column, entry_before = row.before, entry_after = row.after,
      before = value_of(row.before, column, context.before, context.how),
      after = value_of(row.after, column, context.after, context.how) }
    if line.before or line.after then
      line.p, line.sign, line.is_few = test(line, context)
      lines[#lines + 1] = line
    end
  end
  return lines
end

--- How many rows there are of a key that single events have.
local ROWS = columns.read({ { "Rows", "number", "rows", compare = "sum" } }, "", assert)[1]

--- The values that a table has on either side.
local function values_of(before, after)
  local list, seen = {}, {}
  for _, one in ipairs { after or before, before or after } do
    if one.of.events and not seen[ROWS.name] then
      seen[ROWS.name], list[1] = true, ROWS
    end
    for _, value in ipairs(one.of.values) do
      if not seen[value.column.name] then
        seen[value.column.name], list[#list + 1] = true, value.column
      end
    end
  end
  return list
end

--- The rows of both sides, matched.
local function match(before, after)
  local rows = {}
  for _, entry in ipairs(after or {}) do
    rows[#rows + 1] = { after = entry, before = before and before.by[entry.code] }
  end
  for _, entry in ipairs(before or {}) do
    if not (after and after.by[entry.code]) then
      rows[#rows + 1] = { before = entry }
    end
  end
  for _, row in ipairs(rows) do
    for _, entry in ipairs { row.before or row.after, row.after or row.before } do
      entry.values[ROWS.name] = entry.values[ROWS.name] or { sum = entry.rows, n = 1 }
    end
  end
  return rows
end

-- ---- Judgements ----

--- Corrects the p-values of tests for their number: counts are a family of their own.
local function correct(lines)
  for _, counts in ipairs { false, true } do
    local family, list = {}, {}
    for _, line in ipairs(lines) do
      if line.p and not line.is_few and (line.is_count or false) == counts then
        family[#family + 1], list[#list + 1] = line, line.p
      end
    end
    local corrected = rank_test.holm(list)
    for i, line in ipairs(family) do
      line.p = corrected[i]
    end
  end
end

--- What is to be said of a line whose row exists on both sides.
local function judge_change(line, how)
  local effect = effect_of(line.before, line.after)
  if effect == 0 then
    return "same"
  elseif line.is_count then
    -- Events that depend on each other vary more: what is not chance even without that is unknown.
    return line.p > how.alpha and "noise" or effect < how.min_effect and "small" or "not judged"
  elseif line.is_few then
    return "too few"
  elseif line.p and line.p > how.alpha then
    return "noise"
  elseif line.p and line.sign ~= (line.after > line.before and 1 or -1) then
    -- Values tend to go the other way than the number: that is no chance, but not its change.
    return "mixed"
  elseif effect < how.min_effect then
    return "small"
  end
  return line.p and "changed" or "not judged"
end

--- Whether nothing happened on a side that has the row all the same.
local function is_empty(entry)
  for _, of in pairs(entry and entry.stats or {}) do
    if of.stats:count() > 0 then
      return false
    end
  end
  return entry == nil or next(entry.stats) ~= nil
end

local is_seen = { changed = true, new = true, gone = true, ["not judged"] = true }

--- What numbers say of a distribution beside what is tested, if that has changed; "min" and "stdev"
-- are shown with --all only.
local is_extreme = { min = true, max = true, stdev = true }

--- Which lines are shown, and which of them count: what follows from the other numbers of a
-- distribution does not, if those have not changed.
local function choose_lines(row, how)
  local tested, changed, moved, lone = {}, {}, {}, nil
  for _, line in ipairs(row.lines) do
    local known = (line.entry_after or line.entry_before).values[line.column.name]
    local field = known and known.field
    line.field = field
    if field and line.p then
      tested[field] = tested[field] or not line.is_count
      changed[field] = changed[field] or line.judgement == "changed"
      moved[field] = moved[field] or is_seen[line.judgement]
      lone = lone or field
    end
  end
  for _, line in ipairs(row.lines) do
    local field, is_idle = line.field, false
    if field and tested[field] and is_extreme[line.what] then
      is_idle = not changed[field] or line.what ~= "max"
    elseif field and tested[field] and line.what == "total" then
      is_idle = not moved[field]
    elseif not field and lone and tested[lone] and line.column.compare == "share" then
      is_idle = not moved[lone]
    end
    line.counts = is_seen[line.judgement] and not is_idle
    line.is_shown = how.all or line.counts
  end
end

--- Judges the lines of a row.
-- @treturn string what is to be said of the row
local function judge_row(row, how)
  local is_new, is_gone = is_empty(row.before), is_empty(row.after)
  local lone = is_new and "new" or is_gone and "gone" or nil
  if is_new and is_gone then
    lone = "same"
  end
  local found, by_chance = {}, lone ~= nil
  for _, line in ipairs(row.lines) do
    local is_chance = line.is_count and line.p > how.alpha
    if line.is_whole then
      by_chance = lone ~= nil and is_chance
      break
    end
    by_chance = by_chance and is_chance
  end
  for _, line in ipairs(row.lines) do
    if lone then
      line.judgement = by_chance and lone ~= "same" and "noise" or lone
    elseif line.before == nil or line.after == nil then
      line.judgement = "not judged"
    else
      line.judgement = judge_change(line, how)
    end
  end
  choose_lines(row, how)
  for _, line in ipairs(row.lines) do
    found[line.judgement] = found[line.judgement] or line.counts or not is_seen[line.judgement]
  end
  for _, one in ipairs(judgement.all) do
    if found[one] then
      return one
    end
  end
  return "same"
end

--- What part of all there is has moved, for the order of rows.
local function weigh(lines)
  local whole = {}
  for _, line in ipairs(lines) do
    local most = math.max(math.abs(line.before or 0), math.abs(line.after or 0))
    whole[line.column] = (whole[line.column] or 0) + most * (line.weight or 1)
  end
  for _, line in ipairs(lines) do
    local all = whole[line.column]
    line.moved = all > 0 and math.abs((line.after or 0) - (line.before or 0)) * (line.weight or 1)
      / all or 0
  end
end

--- Rows in the order in which they are shown: judged changes, then what moved most.
local function order(rows)
  for place, row in ipairs(rows) do
    row.place, row.rank, row.moved = place, 3, 0
    for _, line in ipairs(row.lines) do
      local rank = not line.counts and 3 or line.judgement == "changed" and 1 or 2
      if rank < row.rank then
        row.rank, row.moved = rank, line.moved
      elseif rank == row.rank then
        row.moved = math.max(row.moved, line.moved)
      end
    end
  end
  table.sort(rows, function(a, b)
    if a.rank ~= b.rank then
      return a.rank < b.rank
    elseif a.moved ~= b.moved then
      return a.moved > b.moved
    end
    return a.place < b.place
  end)
end

--- All that is to be said of the rows of a table.
-- @tparam ?table before, after a table of compared_rows.gather; nil: that side has no such table
-- @tparam table sides before, after: { seconds = how long the time is; n_hosts = how many hosts it
-- is the mean of (nil: 1) }
-- @tparam table how alpha, min_effect, totals, all
-- @treturn table rows in the order in which they are shown: { lines =, judgement = }
-- @treturn table about them: lines; values (columns); counts (of rows, by judgement); has_tests
-- (whether there were distributions to be tested)
function judgement.of(before, after, sides, how)
  local context = { before = sides.before, after = sides.after, how = how, samples = {},
    pairs = {} }
  local about = { lines = {}, values = values_of(before, after), has_tests = false, counts = {} }
  local rows, lines = match(before, after), about.lines
  for _, one in ipairs(judgement.all) do
    about.counts[one] = 0
  end
  for _, row in ipairs(rows) do
    row.lines = lines_of(row, about.values, context)
    table.move(row.lines, 1, #row.lines, #lines + 1, lines)
  end
  for _, line in ipairs(lines) do
    about.has_tests = about.has_tests or line.p ~= nil and not line.is_count
  end
  correct(lines)
  for _, row in ipairs(rows) do
    row.judgement = judge_row(row, how)
    about.counts[row.judgement] = about.counts[row.judgement] + 1
  end
  weigh(lines)
  order(rows)
  return rows, about
end

return judgement
