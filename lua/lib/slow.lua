--- Which of several durations are slow: those that are longer than a limit, or than the p95.
--
-- SPDX-License-Identifier: MIT

local slow = {}

--- Of fewer, no percentile says which are slow.
slow.FEW = 20

--- The limit above which durations are slow.
-- @tparam table sorted durations (ns), the least first
-- @tparam[opt] integer given ns, if the user has said it
-- @treturn ?integer ns: what was given, or the p95 (the least duration that at least 95 % are not
-- above); nil if there are too few for that
function slow.limit(sorted, given)
  if not given and #sorted < slow.FEW then
    return nil
  end
  return given or sorted[(#sorted * 95 + 99) // 100]
end

return slow
