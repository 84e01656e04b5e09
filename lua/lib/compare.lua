--- Compares result tables: rows of two runs are matched by their keys, and what became of their
-- numbers becomes rows of other tables, the largest change first.
--
-- SPDX-License-Identifier: MIT

local change_text = require "lttnga.change_text"
local columns = require "lttnga.columns"
local compare_parts = require "lttnga.compare_parts"
local compared_rows = require "lttnga.compared_rows"
local judgement = require "lttnga.judgement"
local render = require "lttnga.render_text"

local compare = {}

-- ---- Tables ----

local own_columns = {
  { "Value", "string", "value" },
  { "Before", "number", "before", text = change_text.amount },
  { "After", "number", "after", text = change_text.amount },
  { "Difference", "number", "difference", text = change_text.difference,
    spare = 2 },
  { "Ratio", "number", "ratio", text = change_text.ratio, spare = 3 },
  { "p", "number", "p", text = change_text.p, spare = 1 },
  { "Judgement", "string", "judgement" },
  { "Unit", "string", "unit", hidden = true },
}

local HOST = columns.read({ { "Host", "string" } }, "", assert)[1]
HOST.name = "host"

--- The columns of a comparison of tables.
local function columns_for(of, has_hosts)
  local list = { dynamic = true }
  if has_hosts then
    list[1] = HOST
  end
  for _, key in ipairs(of.keys) do
    list[#list + 1] = key.column
  end
  local own = columns.read(own_columns, "", assert, list)
  own[1].is_key = true
  return table.move(own, 1, #own, #list + 1, list)
end

--- Of what columns a line is shown for a row that is new or gone, without --all: that by which its
-- table is ranked, or a share, or a sum; or else of the first one.
local function main_column(values, by)
  local share, sum
  for _, column in ipairs(values) do
    if by and column.field == by then
      return column
    end
    share = share or column.compare == "share" and column or nil
    sum = sum or column.compare == "sum" and column or nil
  end
  return share or sum or values[1]
end

--- The line that is shown of a row that is new or gone.
local function main_line(row, main)
  local first
  for _, line in ipairs(row.lines) do
    local value = line.before or line.after
    if line.column == main and value ~= 0 then
      return line
    end
    first = first or value ~= 0 and line or nil
  end
  return first or row.lines[1]
end

--- A row of the comparison.
local function cells_of(line, list, n_keys, of, how)
  local entry, is_rate = line.entry_after or line.entry_before, line.column.compare == "sum"
    and not how.totals
  local record = {
    value = line.column.name .. (is_rate and "/s" or ""), before = line.before,
    after = line.after, judgement = line.judgement, p = not line.is_count and line.p or nil,
    class = line.column.class, is_rate = is_rate, line = line,
    unit = change_text.unit(line.column, is_rate),
  }
  if line.before and line.after then
    record.difference = line.after - line.before
    record.ratio = line.before ~= 0 and line.after / line.before or nil
  end
  local row = { record = record }
  for c, column in ipairs(list) do
    if c > n_keys then
      row[c] = record[column.field]
    elseif column == HOST then
      row[c] = how.host or entry.host
    else
      row[c] = entry.cells[of.keys[c - n_keys + #of.keys].column.name]
    end
  end
  return row
end

--- What is to be said of a table. Where there are distributions, these are what is judged: how
-- often something happened is shown, but decides nothing.
local function verdict_of(counts, has_tests)
  local others = counts.noise + counts["too few"] + (has_tests and counts["not judged"] or 0)
  if counts.changed > 0 then
    return "changed"
  elseif counts.new + counts.gone + (has_tests and 0 or counts["not judged"]) > 0 then
    return "not judged"
  elseif counts.mixed > 0 then
    return "mixed"
  end
  return others > 0 and "noise" or counts.small > 0 and "small" or "same"
end

--- Compares one table.
-- @tparam ?table before, after from compared_rows.gather; nil: that side has no such table
-- @tparam table sides before, after: { seconds = how long the time is }
-- @tparam table how alpha, min_effect, totals, all, limit; has_hosts; host: whose rows these are
-- @treturn table title; name; lines; of (its columns, see lttnga.compared_rows); summary: counts of
-- its rows; results: the one that is shown
function compare.table(before, after, sides, how)
  local first = after or before
  local rows, about = judgement.of(before, after, sides, how)
  local list = columns_for(first.of, how.has_hosts or how.host)
  local main = main_column(about.values, first.result.by)
  local shown, total, n_rows = {}, 0, 0
  for _, row in ipairs(rows) do
    local chosen = {}
    local is_lone = row.judgement == "new" or row.judgement == "gone"
    local one = not how.all and is_lone and main_line(row, main) or nil
    for _, line in ipairs(row.lines) do
      if line.is_shown and (not one or line == one) then
        chosen[#chosen + 1] = line
      end
    end
    n_rows, total = n_rows + (chosen[1] and 1 or 0), total + #chosen
    for _, line in ipairs(how.limit > 0 and n_rows > how.limit and {} or chosen) do
      shown[#shown + 1] = cells_of(line, list, #list - #own_columns, first.of, how)
    end
  end
  for _, line in ipairs(about.lines) do
    line.host = how.host or (line.entry_after or line.entry_before).host
  end
  local result = {
    name = first.name, id = first.result.id, class = first.result.class, job = first.result.job,
    columns = list,
    title = first.result.group and first.result.class or first.result.title, dynamic = true,
    rows = shown, total = total, unlimited = false, lines = about.lines,
  }
  return { title = result.title, name = first.name, lines = about.lines, of = first.of,
    results = { result }, summary = { host = how.host, rows = #rows, counts = about.counts,
      has_tests = about.has_tests, verdict = verdict_of(about.counts, about.has_tests) } }
end

--- Compares the results of two runs.
-- @tparam table before, after { results =, seconds = }
-- @tparam table how see compare.table; is_same: whether rows of threads are matched by TID
-- @treturn table list of comparisons, one of each table: `results` are those that are shown
function compare.results(before, after, how)
  local old = compared_rows.gather(before.results, how.is_same, how.has_hosts)
  local new = compared_rows.gather(after.results, how.is_same, how.has_hosts)
  local list, sides = {}, { before = before, after = after }
  local function add(one, other)
    local of = (other or one).result.parts and compare_parts.table or compare.table
    list[#list + 1] = of(one, other, sides, how)
  end
  for _, one in ipairs(new) do
    add(old.by[one.name], one)
  end
  for _, one in ipairs(old) do
    if not new.by[one.name] then
      add(one, nil)
    end
  end
  return list
end

--- The results of a host, and those of the others.
local function divide(results, host)
  local others, own = {}, {}
  for _, result in ipairs(results) do
    table.insert(result.host == host and own or others, result)
  end
  return others, own
end

--- By how much the lines of a table have moved at most: those that are judged as changed, and all.
local function movement_of(lines)
  local changed, moved = 0, 0
  for _, line in ipairs(lines) do
    changed = line.judgement == "changed" and math.max(changed, line.moved) or changed
    moved = line.counts and math.max(moved, line.moved) or moved
  end
  return changed, moved
end

--- Compares each of several hosts with all others together.
-- @tparam table results of all of them
-- @tparam table hosts their names; also by name: for how many seconds each was looked at
-- @tparam table how see compare.table
-- @treturn table list of results that are shown: the hosts with the largest changes first
-- @treturn table list of comparisons, one of each table and host
function compare.by_host(results, hosts, how)
  local all, tables_of, each = 0, {}, {}
  for _, host in ipairs(hosts) do
    all = all + hosts[host]
  end
  for place, host in ipairs(hosts) do
    local others, own = divide(results, host)
    local own_how = setmetatable({ host = host, is_same = false, has_hosts = false },
      { __index = how })
    for _, one in ipairs(compare.results({ results = others, seconds = all - hosts[host],
      n_hosts = #hosts - 1 }, { results = own, seconds = hosts[host] }, own_how)) do
      each[#each + 1] = one
      for _, result in ipairs(one.results) do
        local parts = tables_of[result.name]
        if not parts then
          parts = {}
          tables_of[result.name], tables_of[#tables_of + 1] = parts, parts
        end
        result.place, result.changed, result.moved = place, movement_of(one.lines)
        parts[#parts + 1] = result
      end
    end
  end
  local joined = {}
  for t, parts in ipairs(tables_of) do
    table.sort(parts, function(a, b)
      if a.changed ~= b.changed then
        return a.changed > b.changed
      elseif a.moved ~= b.moved then
        return a.moved > b.moved
      end
      return a.place < b.place
    end)
    local rows, total = {}, 0
    for _, one in ipairs(parts) do
      table.move(one.rows, 1, #one.rows, #rows + 1, rows)
      total = total + one.total
    end
    joined[t] = setmetatable({ rows = rows, total = total }, { __index = parts[1] })
  end
  return joined, each
end

--- The results of comparisons.
-- @tparam table list from compare.results
-- @treturn table
function compare.shown(list)
  local results = {}
  for _, one in ipairs(list) do
    table.move(one.results, 1, #one.results, #results + 1, results)
  end
  return results
end

--- The keys of a line, as text: "Type Read".
-- @tparam table result from compare.results
-- @tparam table line one of its lines
function compare.label(result, line)
  if line.label then
    return line.label
  end
  local entry, parts = line.entry_after or line.entry_before, { line.host }
  for _, key in ipairs(result.of.keys) do
    local column, value = key.column, entry.cells[key.column.name]
    parts[#parts + 1] = ("%s %s"):format(column.title, render.cell(column, value))
  end
  return table.concat(parts, ", ")
end

return compare
