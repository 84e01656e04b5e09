--- Rows of totals: one for each thread, file, disk, ..., with a sum for each kind of thing that it
-- did.
--
--     begin   = function(w) w.calls = stats.totals() end,
--     collect = { { "io_end", "tid", "pid", "procname", "io_class", "size", into = "calls" } },
--     finish  = function(w)
--       w.threads = sums.by(w.calls, { of = { "tid" }, split = { "io_class" },
--         last = { "pid", "procname" } })
--     end
--
-- gives rows { tid = 363, procname = "bash", size = 5000, read = 4096, write = 904, n = 7, ... }.
--
-- SPDX-License-Identifier: MIT

local sums = {}

--- The names of several lists, each once.
local function joined(...)
  local names, seen = {}, {}
  for _, list in ipairs { ... } do
    for _, name in ipairs(list) do
      names[#names + 1] = not seen[name] and name or nil
      seen[name] = true
    end
  end
  return names
end

--- The key of a row if the script gives none: the values of the fields that the row is about.
local function plain_key(of)
  if #of == 1 then
    return function(total) return total[of[1]] or "unknown" end
  end
  return function(total)
    local parts = {}
    for i, name in ipairs(of) do
      parts[i] = tostring(total[name])
    end
    return table.concat(parts, "\0")
  end
end

--- The name of the field that was added up: the one that is in no list.
local function sum_name(total, names)
  local known = { n = true, stats = true }
  for _, name in ipairs(names) do
    known[name] = true
  end
  for name in pairs(total) do
    if not known[name] then
      return name
    end
  end
end

local function add(row, name, value)
  row[name] = (row[name] or 0) + value
end

--- Adds a total to the row of its key. The first one becomes the row, which saves a table.
-- @tparam string name of the number that was added up
local function add_total(rows, key, total, spec, name)
  local row, value, n, part = rows.of[key], total[name], total.n, nil
  local is_new = row == nil
  if is_new then
    row = total
    row.key, rows.of[key], rows[#rows + 1] = key, row, row
    if name then
      row[name] = nil
    end
  elseif total.stats and row.stats then
    row.stats:merge(total.stats)
  end
  if value then
    add(row, spec.as or name, value)
  end
  if not is_new then
    add(row, "n", n)
    row.stats = row.stats or total.stats
  end
  for _, field in ipairs(spec.split or {}) do
    part = (part and part .. "_" or "") .. tostring(total[field] or "unknown")
    total[field] = nil
    add(row, part, value)
    if spec.counts then
      add(row, "n_" .. part, n)
    end
  end
end

--- The values of the last fields, and what functions make of them.
local function last_of(total, last)
  local known = {}
  for i, field in pairs(last) do
    if type(field) == "function" then
      known[i] = field(total)
    else
      known[field] = total[field]
    end
  end
  return known
end

--- Makes rows of totals, or of statistics by keys, in the order in which they came first.
-- The specification has
--
--     of      the fields that a row is about
--     key     function(total) that returns what tells rows apart, if these fields alone do not; a
--             total for which it returns nil is left out
--     split   fields whose values name further sums: { "io_class", "file_type" } gives `read`,
--             `read_disk`, ...; with `counts = true` also `n_read`, ..., the numbers of events
--     as      the name of the sum (default: that of the field that was added up)
--     last    fields of which the row has the last known value, as names change; with
--             `name = function(total)` what it returns
-- @tparam Totals|Keyed totals from stats.totals or stats.keyed
-- @tparam table spec
-- @tparam[opt] table rows from an earlier call, to add to
-- @treturn table list of rows: tables of these fields, the sums, `n` (the number of events), and
-- for statistics `stats`; `rows.of[key]` is the row of a key
function sums.by(totals, spec, rows)
  rows = rows or { of = {} }
  local key_of = spec.key or plain_key(spec.of)
  local names, name = joined(spec.of, spec.split or {}), nil
  for total in totals:by(table.unpack(names)):each() do
    local key = key_of(total)
    if key ~= nil then
      name = name or sum_name(total, names)
      add_total(rows, key, total, spec, name)
    end
  end
  if spec.last then
    names = joined(spec.of, spec.last)
    for total in totals:by(table.unpack(names)):each("last") do
      local row = rows.of[key_of(total)]
      for field, value in pairs(row and last_of(total, spec.last) or {}) do
        row[field] = value
      end
    end
  end
  return rows
end

--- Adds to rows what part they have of a sum: the field `share`, from 0 to 1.
-- @tparam table rows
-- @tparam string field what is added up
-- @treturn table the rows
function sums.share(rows, field)
  local all = 0
  for _, row in ipairs(rows) do
    all = all + row[field]
  end
  for _, row in ipairs(rows) do
    row.share = all > 0 and row[field] / all or 0
  end
  return rows
end

--- Adds to rows how often they had which value, for a column of the class "counts": a list of
-- { value, count }, the most frequent first. The field `n_...` has how many these are.
-- @tparam table rows from sums.by
-- @tparam object totals or statistics by keys
-- @tparam table spec of, key: as for sums.by; what: the field whose values are counted; otherwise:
-- what counts instead where it has none; as: the field of the row
function sums.count(rows, totals, spec)
  local key_of, counts = spec.key or plain_key(spec.of), {}
  for _, row in ipairs(rows) do
    row[spec.as], row["n_" .. spec.as], counts[row] = {}, 0, {}
  end
  for total in totals:by(table.unpack(joined(spec.of, { spec.what }))):each() do
    local row, value = rows.of[key_of(total)], total[spec.what] or spec.otherwise
    if row and value then
      local count = counts[row][value]
      if not count then
        count = { value, 0 }
        counts[row][value] = count
        table.insert(row[spec.as], count)
      end
      count[2] = count[2] + total.n
      add(row, "n_" .. spec.as, total.n)
    end
  end
  for _, row in ipairs(rows) do
    table.sort(row[spec.as], function(a, b)
      return a[2] > b[2] or a[2] == b[2] and a[1] < b[1]
    end)
  end
end

--- Such a cell as text: "disk 12, lock 3".
function sums.counts_text(counts)
  local parts = {}
  for i, one in ipairs(counts) do
    parts[i] = ("%s %d"):format(one[1], one[2])
  end
  return table.concat(parts, ", ")
end

return sums
