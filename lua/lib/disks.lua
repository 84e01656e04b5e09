--- Disks: rows of totals or statistics by disk. A disk's name may become known later than its
-- number: it is called what it was called last.
--
-- SPDX-License-Identifier: MIT

local sums = require "lttnga.sums"

local disks = {}

--- A row for each disk, by name; with the machine's name before it if there are several.
-- @tparam object totals, or statistics by keys: collected with the fields host, dev and disk
-- @tparam[opt] string as see sums.by
-- @tparam[opt] table rows from an earlier call, to be added to
-- @treturn table list of rows { disk = name, ... }, see sums.by
function disks.rows(totals, as, rows)
  rows = sums.by(totals, { of = { "host", "dev" }, last = { "disk" }, as = as }, rows)
  local several = false
  for _, row in ipairs(rows) do
    several = several or row.host ~= rows[1].host
  end
  for _, row in ipairs(rows) do
    row.name = several and ("%s:%s"):format(row.host, row.disk) or row.disk
  end
  table.sort(rows, function(a, b)
    if a.name ~= b.name then
      return a.name < b.name
    end
    return a.dev < b.dev
  end)
  return rows
end

--- What disks were called last, by number.
-- @tparam object totals, or statistics by keys: collected with the fields dev and disk
function disks.names(totals)
  local names = {}
  for _, row in ipairs(sums.by(totals, { of = { "dev" }, last = { "disk" } })) do
    names[row.key] = row.disk
  end
  return names
end

return disks
