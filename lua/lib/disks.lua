--- Rows by disk. A disk's name may become known later than its number: rows have its last name.
--
-- SPDX-License-Identifier: MIT

local sums = require "lttnga.sums"

local disks = {}

--- Makes a row for each disk, sorted by name; with several machines the name starts with that of
-- the machine.
-- @tparam Totals|Keyed totals collected with the fields host, dev and disk
-- @tparam[opt] string as name of the sum, see sums.by
-- @tparam[opt] table rows from an earlier call, to add to
-- @treturn table list of rows: `name`, `disk`, `dev`, `host`, and those of sums.by
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
-- @tparam object totals or statistics by keys: collected with the fields dev and disk
function disks.names(totals)
  local names = {}
  for _, row in ipairs(sums.by(totals, { of = { "dev" }, last = { "disk" } })) do
    names[row.key] = row.disk
  end
  return names
end

return disks
