--- Whether two samples differ by more than chance: rank tests, which suppose nothing of how values
-- are distributed, and the correction for testing many of them.
--
-- A sample is { value = sorted list, n = how often each came, total =, exact = }: of values that
-- are counted in ranges (`exact` is false) each stands for its range.
--
-- All p-values are two-sided. They suppose that values do not depend on each other.
--
-- SPDX-License-Identifier: MIT

local accumulators = require "lttnga.accumulators"

local rank_test = {}

--- Samples with more different values are counted in ranges, of at most 0.1 % of their size.
local DISTINCT_MAX = 100000

--- Up to so many values in all, Mann and Whitney's test counts all ways to divide them.
local EXACT_MAX = 40

--- Up to so many terms, tails of distributions are added up.
local TERMS_MAX = 1000

-- ---- Distributions ----

local logs = { [0] = 0 }
for i = 1, 255 do
  logs[i] = logs[i - 1] + math.log(i)
end

--- The logarithm of n! (Stirling's series from 256 on: its error is below 1e-15).
local function log_factorial(n)
  return logs[n] or (n + 0.5) * math.log(n) - n + 0.5 * math.log(2 * math.pi) + 1 / (12 * n)
    - 1 / (360 * n ^ 3)
end

local function log_choose(n, k)
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k)
end

--- The part of the normal distribution that is further from 0 than z, on both sides.
local function both_tails(z)
  local x = math.abs(z) / math.sqrt(2)
  if x < 2 then
    local term, sum, i = x, x, 0
    repeat
      i = i + 1
      term = -term * x * x / i
      sum = sum + term / (2 * i + 1)
    until math.abs(term) < 1e-17
    return 1 - 2 / math.sqrt(math.pi) * sum
  end
  local fraction = x
  for i = 80, 1, -1 do
    fraction = x + i / 2 / fraction
  end
  return math.exp(-x * x) / math.sqrt(math.pi) / fraction
end

--- The p-value of a whole number k of a distribution from `least` to `most`: exact where few terms
-- have to be added up, else normal.
-- @tparam function log_p the logarithm of the probability of a number
local function p_of(k, least, most, mean, variance, log_p)
  if variance <= 0 then
    return 1
  end
  local first, last = k, most
  if k < mean then
    first, last = least, k
  end
  if last - first > TERMS_MAX then
    return both_tails(math.max(math.abs(k - mean) - 0.5, 0) / math.sqrt(variance))
  end
  local sum = 0
  for i = first, last do
    sum = sum + math.exp(log_p(i))
  end
  return math.min(1, 2 * sum)
end

-- ---- Samples ----

local function lowest(value)
  return accumulators.lowest(value)
end

--- Counts values: `counts` is { [value] = how often }.
local function sample_of(counts, exact)
  local sample = { value = {}, n = {}, total = 0, exact = exact }
  for value in pairs(counts) do
    sample.value[#sample.value + 1] = value
  end
  table.sort(sample.value)
  for i, value in ipairs(sample.value) do
    sample.n[i] = counts[value]
    sample.total = sample.total + counts[value]
  end
  return sample
end

--- A sample counted in ranges.
local function in_ranges(sample)
  if not sample.exact then
    return sample
  end
  local counts = {}
  for i, value in ipairs(sample.value) do
    local low = lowest(value)
    counts[low] = (counts[low] or 0) + sample.n[i]
  end
  return sample_of(counts, false)
end

--- The values that statistics have kept.
-- @tparam Statistics one
-- @treturn ?table a sample; nil if they keep none
function rank_test.sample(one)
  if not one:keeps() then
    return nil
  end
  local saved, counts = one:save(), {}
  for _, value in ipairs(saved.values or {}) do
    counts[value] = (counts[value] or 0) + 1
  end
  for _, pair in ipairs(saved.buckets or {}) do
    counts[pair[1]] = (counts[pair[1]] or 0) + pair[2]
  end
  local sample = sample_of(counts, saved.buckets == nil)
  return #sample.value > DISTINCT_MAX and in_ranges(sample) or sample
end

--- Two samples side by side: list of { how often in a, how often in b }, by value.
-- @tparam table a, b samples
-- @treturn table with n, m: how many values each has
function rank_test.pair(a, b)
  if a.exact ~= b.exact then
    a, b = in_ranges(a), in_ranges(b)
  end
  local pair, i, k = { n = a.total, m = b.total }, 1, 1
  while a.value[i] or b.value[k] do
    local x, y = a.value[i], b.value[k]
    local value = not y and x or not x and y or math.min(x, y)
    pair[#pair + 1] = { x == value and a.n[i] or 0, y == value and b.n[k] or 0 }
    i, k = x == value and i + 1 or i, y == value and k + 1 or k
  end
  return pair
end

-- ---- Tests ----

--- What ranks are counted in: 1, or 2 for halves, which ties of an even number of values have.
local function unit_of(pair)
  for _, tie in ipairs(pair) do
    if (tie[1] + tie[2]) % 2 == 0 then
      return 2
    end
  end
  return 1
end

--- In how many ways `m` of all values have which sum of ranks.
-- @tparam table pair from rank_test.pair
-- @tparam integer m
-- @tparam integer unit from unit_of
-- @treturn table list of how many ways there are, by sum
-- @treturn integer the sum of its first element
local function ways(pair, m, unit)
  -- By how many were taken: a list by sum, and the least sum, which the lowest ranks have.
  local of, least, below, all = { [0] = { 1 } }, { [0] = 0 }, 0, pair.n + pair.m
  for _, tie in ipairs(pair) do
    local t = tie[1] + tie[2]
    local rank = (2 * below + t + 1) * unit // 2
    -- From the most on: what is added to has not been read for this tie then. Fewer than can still
    -- become `m` are of no use.
    for taken = math.min(m, below + t), math.max(1, m - (all - below - t)), -1 do
      local choose = 1
      for k = 0, math.min(t, taken) do
        local from, into = of[taken - k], of[taken]
        if k > 0 and from then
          if not into then
            into, least[taken] = {}, least[taken - k] + k * rank
            of[taken] = into
          end
          local shift = least[taken - k] + k * rank - least[taken]
          for i = #into + 1, shift + #from do
            into[i] = 0
          end
          for i, n in ipairs(from) do
            into[shift + i] = into[shift + i] + n * choose
          end
        end
        choose = choose * (t - k) // (k + 1)
      end
    end
    below = below + t
  end
  return of[m], least[m]
end

--- The p-value of the sum of ranks of `m` values.
local function exact_p(pair, m, ranks)
  local below, above, all, unit = 0, 0, 0, unit_of(pair)
  local list, least = ways(pair, m, unit)
  local sum = math.floor(ranks * unit)
  for i, n in ipairs(list) do
    local s = least + i - 1
    all = all + n
    below = below + (s <= sum and n or 0)
    above = above + (s >= sum and n or 0)
  end
  return math.min(1, 2 * math.min(below, above) / all)
end

--- Mann and Whitney's U test: do values of one sample tend to be larger than those of the other?
-- @tparam table pair from rank_test.pair
-- @treturn number p
-- @treturn number how probable it is that a value of b is larger than one of a; ties count half
function rank_test.mann_whitney(pair)
  local n, m = pair.n, pair.m
  local all, below, ranks, ties = n + m, 0, 0, 0
  for _, tie in ipairs(pair) do
    local t = tie[1] + tie[2]
    ranks = ranks + tie[2] * (below + (t + 1) / 2)
    ties = ties + (t * 1.0) ^ 3 - t
    below = below + t
  end
  if n == 0 or m == 0 then
    return 1, 0.5
  end
  local u = ranks - m * (m + 1) / 2
  local variance = n * m / 12 * (all + 1 - ties / (all * (all - 1.0)))
  if variance <= 0 then
    return 1, 0.5
  elseif all <= EXACT_MAX then
    -- The smaller sample will do: what the ranks of both add up to is known.
    local least = m <= n and ranks or all * (all + 1) / 2 - ranks
    return exact_p(pair, math.min(n, m), least), u / n / m
  end
  return both_tails(math.max(math.abs(u - n * m / 2) - 0.5, 0) / math.sqrt(variance)), u / n / m
end

--- Whether some of n values and of m values have something more often than by chance (Fisher's
-- exact test).
-- @tparam integer k, n how many of the first ones, of how many
-- @tparam integer l, m of the second ones
-- @treturn number p
-- @treturn number above 0 if more of the second ones have it, in parts of each
function rank_test.occurrence(k, n, l, m)
  local all, some = n + m, k + l
  if n == 0 or m == 0 then
    return 1, 0
  end
  local mean = some * m / all
  local variance = all < 2 and 0 or mean * n / all * (all - some) / (all - 1)
  local whole = log_choose(all, m)
  local p = p_of(l, math.max(0, some - n), math.min(some, m), mean, variance, function(i)
    return log_choose(some, i) + log_choose(all - some, m - i) - whole
  end)
  return p, l / m - k / n
end

--- Whether a quantile differs: how many values of each sample are above that of both together
-- (Mood's median test, for any quantile).
-- @tparam table pair from rank_test.pair
-- @tparam number q 0.5 is the median
-- @treturn number p
-- @treturn number above 0 if more of b's values are above it than of a's, in parts of each
function rank_test.quantile(pair, q)
  local n, m, below = pair.n, pair.m, 0
  local all, above_a, above_b = n + m, n, m
  for _, tie in ipairs(pair) do
    if below >= q * all then
      break
    end
    below = below + tie[1] + tie[2]
    above_a, above_b = above_a - tie[1], above_b - tie[2]
  end
  return rank_test.occurrence(above_a, n, above_b, m)
end

--- Whether events that do not depend on each other could have come so often only by chance.
-- @tparam integer n, m how many there were
-- @tparam number t, u in how much time
-- @treturn number p
function rank_test.counts(n, m, t, u)
  local all, part = n + m, u / (t + u)
  if all == 0 or t <= 0 or u <= 0 then
    return 1
  end
  return p_of(m, 0, all, all * part, all * part * (1 - part), function(k)
    return log_choose(all, k) + k * math.log(part) + (all - k) * math.log(1 - part)
  end)
end

--- The least p that samples of this size can have.
-- @tparam table pair
function rank_test.least_p(pair)
  return math.min(1, 2 * math.exp(-log_choose(pair.n + pair.m, pair.m)))
end

--- Corrects p-values for their number (Holm): if nothing differs, the least of them is below alpha
-- with a probability of at most alpha.
-- @tparam table list p-values
-- @treturn table the corrected ones, in the same order
function rank_test.holm(list)
  local order, corrected, before = {}, {}, 0
  for i in ipairs(list) do
    order[i] = i
  end
  table.sort(order, function(a, b)
    return list[a] < list[b] or list[a] == list[b] and a < b
  end)
  for place, i in ipairs(order) do
    before = math.max(before, math.min(1, (#list - place + 1) * list[i]))
    corrected[i] = before
  end
  return corrected
end

return rank_test
