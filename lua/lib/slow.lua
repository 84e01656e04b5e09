--- Which of several durations are slow: those above a limit, or above the p95.
--
-- SPDX-License-Identifier: MIT

local slow = {}

--- The least number of durations of which a percentile says which are slow.
slow.FEW = 20

--- The limit above which durations are slow.
-- @tparam table sorted durations (ns), the shortest first
-- @tparam[opt] integer given ns, if the user has set a limit
-- @treturn ?integer ns: what was given, or the p95; nil if there are fewer than slow.FEW
function slow.limit(sorted, given)
  if not given and #sorted < slow.FEW then
    return nil
  end
  return given or sorted[(#sorted * 95 + 99) // 100]
end

return slow
