--- What is to be said of parts that add up to wholes: how much of the difference between two runs
-- each of them makes, and whether that is a change or may be chance.
--
-- A whole is the mean over things of one kind, such as requests. What a thing lacks is 0 there: so
-- differences of parts add up to that of the whole.
--
-- A line is a number of a whole or a part, as in lttnga.judgement: { level, record, column,
-- entry_before, entry_after, before, after (means over all things), difference, share (of that of
-- the whole), p, judgement, counts, moved }.
--
-- SPDX-License-Identifier: MIT

local judgement = require "lttnga.judgement"
local rank_test = require "lttnga.rank_test"

local part_judgement = {}

--- What is said of what is no noise.
local is_seen = { changed = true, new = true, gone = true }
part_judgement.is_seen = is_seen

-- ---- What there is ----

--- The statistics of the things that have a part.
local function stats_of(entry)
  local of = entry and entry.stats.stats
  return of and of.stats
end

local function count_of(entry)
  local of = stats_of(entry)
  return of and of:count() or 0
end

local function sum_of(entry)
  local of = stats_of(entry)
  return of and of:sum() or 0
end

--- The columns that lines show, by what they show of statistics.
local function columns_of(table_of)
  local list = {}
  for _, value in ipairs(table_of.of.values) do
    list[value.column.field] = value.column
  end
  return list
end

--- The wholes of both sides, each with its parts matched.
local function match(before, after)
  local wholes, by, sides = {}, {}, { before = before, after = after }
  for _, side in ipairs { "after", "before" } do
    for _, entry in ipairs(sides[side] or {}) do
      local whole = by[entry.group_code]
      if not whole then
        whole = { code = entry.group_code, rows = {}, by = {} }
        by[entry.group_code], wholes[#wholes + 1] = whole, whole
      end
      local row = whole.by[entry.code]
      if not row then
        row = { record = entry.record, code = entry.code }
        whole.by[entry.code], whole.rows[#whole.rows + 1] = row, row
      end
      row[side] = entry
    end
  end
  table.sort(wholes, function(a, b) return a.code < b.code end)
  return wholes
end

-- ---- Tests ----

local function pair_of(row)
  local a, b = stats_of(row.before), stats_of(row.after)
  a, b = a and rank_test.sample(a), b and rank_test.sample(b)
  return a and b and rank_test.pair(a, b) or nil
end

--- Tests the mean, and the p99, of a whole.
local function test_whole(whole, row)
  local pair = pair_of(row)
  if not pair then
    return
  end
  whole.is_few = rank_test.least_p(pair) > whole.alpha
  local p, part = rank_test.mann_whitney(pair)
  whole.average.p, whole.average.sign = p, part - 0.5
  whole.p99.p, whole.p99.sign = rank_test.quantile(pair, 0.99)
end

--- Tests a part: whether more or fewer things have it, and whether it takes longer where it is. Of
-- what goes in the direction of the mean the smaller p counts, twice as there are two tests.
local function test_part(whole, line, row)
  local k, l = count_of(row.before), count_of(row.after)
  local p, sign = rank_test.occurrence(k, whole.n_before, l, whole.n_after)
  local best = p
  if sign * line.difference <= 0 then
    best = 1
  end
  local pair = k > 0 and l > 0 and pair_of(row)
  if pair then
    local part
    p, part = rank_test.mann_whitney(pair)
    best = (part - 0.5) * line.difference > 0 and math.min(best, p) or best
    best = math.min(1, 2 * best)
  end
  line.p, line.sign = best, line.difference
end

-- ---- Lines ----

local function new_line(whole, row, column, before, after)
  local line = { level = row.record.level, record = row.record, row = row, column = column,
    entry_before = row.before, entry_after = row.after, before = before, after = after }
  if before and after then
    line.difference = after - before
    line.ratio = before ~= 0 and after / before or nil
  end
  whole.lines[#whole.lines + 1] = line
  return line
end

local function by_difference(a, b)
  local x, y = math.abs(a.difference or a.after or a.before),
    math.abs(b.difference or b.after or b.before)
  if x ~= y then
    return x > y
  end
  return a.row.code < b.row.code
end

--- The lines of a whole: its own, and those of its parts, below which there are theirs.
local function fill(whole, columns, alpha)
  local waits, all = {}, nil
  for _, row in ipairs(whole.rows) do
    all = row.record.level == "all" and row or all
  end
  local n, m = count_of(all.before), count_of(all.after)
  local function mean(entry, of)
    return of > 0 and sum_of(entry) / of or nil
  end
  local function p99(entry)
    return count_of(entry) > 0 and stats_of(entry):quantile(0.99) or nil
  end
  whole.n_before, whole.n_after, whole.record, whole.alpha = n, m, all.record, alpha
  whole.lines, whole.waits = {}, {}
  whole.average = new_line(whole, all, columns.average, mean(all.before, n), mean(all.after, m))
  whole.p99 = new_line(whole, all, columns.p99, p99(all.before), p99(all.after))
  whole.medians = { n > 0 and stats_of(all.before):quantile(0.5) or nil,
    m > 0 and stats_of(all.after):quantile(0.5) or nil }
  if n > 0 and m > 0 then
    test_whole(whole, all)
  end
  for _, row in ipairs(whole.rows) do
    if row ~= all then
      local line = new_line(whole, row, columns.average, mean(row.before, n), mean(row.after, m))
      local wait = waits[row.record.wait] or { causes = {} }
      waits[row.record.wait] = wait
      if row.record.level == "wait" then
        line.causes = wait.causes
        whole.waits[#whole.waits + 1] = line
      else
        wait.causes[#wait.causes + 1] = line
      end
    end
  end
  for _, line in ipairs(whole.waits) do
    table.sort(line.causes, by_difference)
    if line.difference and not whole.is_few then
      test_part(whole, line, line.row)
      -- What has one cause is the same as that.
      for _, cause in ipairs(line.causes) do
        if line.causes[2] then
          test_part(whole, cause, cause.row)
        else
          cause.same_as = line
        end
      end
    end
  end
  table.sort(whole.waits, by_difference)
end

--- Corrects the p-values of all tests for their number: wholes and parts are two families, so that
-- many parts do not hide that a whole has changed, and each has a half of alpha.
local function correct(lines)
  for _, is_whole in ipairs { true, false } do
    local tested, list = {}, {}
    for _, line in ipairs(lines) do
      if line.p and not line.same_as and (line.level == "all") == is_whole then
        tested[#tested + 1], list[#list + 1] = line, line.p
      end
    end
    local corrected = rank_test.holm(list)
    for i, line in ipairs(tested) do
      line.p = math.min(1, 2 * corrected[i])
    end
  end
  for _, line in ipairs(lines) do
    if line.same_as then
      line.p, line.sign = line.same_as.p, line.same_as.sign
    end
  end
end

-- ---- Judgements ----

--- How large a difference is: that of a whole in parts of the smaller side; that of a part in parts
-- of the difference of the means, or of the mean if the whole has not changed. So wholes are judged
-- before their parts.
local function effect_of(whole, line)
  local least = math.min(whole.average.before, whole.average.after)
  if line == whole.p99 then
    least = math.min(line.before, line.after)
  elseif line ~= whole.average and (whole.average.judgement == "changed"
    or whole.p99.judgement == "changed") then
    least = math.abs(whole.average.difference)
  end
  return line.difference == 0 and 0 or least > 0 and math.abs(line.difference) / least or math.huge
end

local function judge(whole, line, how)
  local effect = effect_of(whole, line)
  if effect == 0 then
    return "same"
  elseif whole.is_few then
    return "too few"
  elseif not line.p or line.p > how.alpha then
    return "noise"
  elseif line.sign * line.difference <= 0 then
    line.is_mixed = true
    return "mixed"
  elseif effect < how.min_effect then
    return "small"
  elseif line.level == "all" then
    return "changed"
  end
  return line.before == 0 and "new" or line.after == 0 and "gone" or "changed"
end

--- Whether a line that is judged as noise or mixed has changed all the same, since parts of it
-- have that together make most of its difference: ranks of the whole do not show what happens to
-- few things. Its p is then the largest one of these.
local function follows(whole, line, parts, how)
  local sum, p = 0, 0
  if line.judgement ~= "noise" and line.judgement ~= "mixed"
    or effect_of(whole, line) < how.min_effect then
    return false
  end
  for _, part in ipairs(parts) do
    if is_seen[part.judgement] then
      sum, p = sum + part.difference, math.max(p, part.p)
    end
  end
  if sum / line.difference < 0.5 then
    return false
  end
  line.judgement, line.p, line.by_parts = "changed", p, true
  return true
end

--- Judges the parts of a whole; waits after their causes.
local function judge_parts(whole, how)
  for _, wait in ipairs(whole.waits) do
    wait.judgement = judge(whole, wait, how)
    for _, cause in ipairs(wait.causes) do
      cause.judgement = judge(whole, cause, how)
    end
    follows(whole, wait, wait.causes, how)
  end
end

--- Judges a whole that both sides have, and its parts.
local function judge_change(whole, how)
  local before, after = table.unpack(whole.medians)
  whole.average.judgement = judge(whole, whole.average, how)
  whole.p99.judgement = judge(whole, whole.p99, how)
  judge_parts(whole, how)
  if follows(whole, whole.average, whole.waits, how) then
    judge_parts(whole, how)
  end
  whole.is_few_of_them = math.abs(after - before) < how.min_effect * math.min(before, after)
end

local function judge_whole(whole, sides, how)
  local lone = whole.n_before == 0 and "new" or whole.n_after == 0 and "gone" or nil
  if lone and rank_test.counts(whole.n_before, whole.n_after, sides.before.seconds,
    sides.after.seconds) > how.alpha then
    lone = "noise"
  end
  local found = {}
  if not lone then
    judge_change(whole, how)
  end
  for _, line in ipairs(whole.lines) do
    line.judgement = lone or line.judgement
    line.counts = is_seen[line.judgement] or false
    found[line.judgement] = true
  end
  for _, one in ipairs(judgement.all) do
    whole.judgement = whole.judgement or found[one] and one
  end
  whole.is_lone = lone ~= nil
  -- Parts of what is no change are none of it.
  if whole.average.judgement == "changed" then
    for _, line in ipairs(whole.lines) do
      line.share = line ~= whole.p99 and line.difference / whole.average.difference or nil
    end
  end
end

--- How much time of all wholes has moved, for their order.
local function weigh(wholes)
  local all = 0
  for _, whole in ipairs(wholes) do
    whole.time = whole.n_before * (whole.average.before or 0)
      + whole.n_after * (whole.average.after or 0)
    all = all + whole.time
  end
  for _, whole in ipairs(wholes) do
    local mean = math.max(whole.average.before or 0, whole.average.after or 0)
    for _, line in ipairs(whole.lines) do
      line.moved = all > 0 and mean > 0 and math.abs(line.difference or mean) / mean * whole.time
        / all or 0
    end
    whole.moved = whole.average.moved
    for _, line in ipairs(whole.waits) do
      whole.moved = line.counts and math.max(whole.moved, line.moved) or whole.moved
    end
  end
  table.sort(wholes, function(a, b)
    local x = is_seen[a.judgement] and (a.is_lone and 2 or 1) or 3
    local y = is_seen[b.judgement] and (b.is_lone and 2 or 1) or 3
    if x ~= y then
      return x < y
    elseif a.moved ~= b.moved then
      return a.moved > b.moved
    end
    return a.code < b.code
  end)
end

--- What is to be said of the whole table.
local function verdict_of(wholes)
  local found = {}
  for _, whole in ipairs(wholes) do
    found[is_seen[whole.judgement] and whole.is_lone and "not judged" or is_seen[whole.judgement]
      and "changed" or whole.judgement] = true
  end
  for _, one in ipairs { "changed", "not judged", "mixed", "noise" } do
    if found[one] then
      return one
    end
  end
  return found["too few"] and "noise" or found.small and "small" or "same"
end

--- All that is to be said of a table of parts.
-- @tparam ?table before, after a table of compared_rows.gather; nil: that side has no such table
-- @tparam table sides before, after: { seconds = how long the time is }
-- @tparam table how alpha, min_effect
-- @treturn table list of wholes, the largest change first: { record, n_before, n_after (how many
-- things), average, p99 (its lines), waits (lines of its parts, each with `causes`, the largest
-- difference first), lines (all), judgement, is_few, is_lone (whether one side has none) }
-- @treturn table about them: lines; counts (of wholes and parts, by judgement); rows; verdict
function part_judgement.of(before, after, sides, how)
  local about = { lines = {}, counts = {}, rows = 0 }
  local wholes = match(before, after)
  for _, one in ipairs(judgement.all) do
    about.counts[one] = 0
  end
  local columns = columns_of(after or before)
  for _, whole in ipairs(wholes) do
    fill(whole, columns, how.alpha)
    table.move(whole.lines, 1, #whole.lines, #about.lines + 1, about.lines)
  end
  correct(about.lines)
  for _, whole in ipairs(wholes) do
    judge_whole(whole, sides, how)
    for _, line in ipairs(whole.lines) do
      if line ~= whole.p99 then
        local one = line == whole.average and whole.p99.counts and whole.judgement
          or line.judgement
        about.rows, about.counts[one] = about.rows + 1, about.counts[one] + 1
      end
    end
  end
  weigh(wholes)
  about.verdict = verdict_of(wholes)
  return wholes, about
end

return part_judgement
