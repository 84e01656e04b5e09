--- Compares result tables: rows of two runs are matched by their keys, and what became of their
-- numbers becomes rows of other tables, the largest change first.
--
-- Rows are told apart by their key columns, except times: what happens once has no counterpart.
-- Rows that have the same key are taken together: statistics are merged, sums added up, and of
-- other numbers it is the mean.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local rank_test = require "lttnga.rank_test"
local readable = require "lttnga.change_text"
local saved = require "lttnga.saved"
local stats = require "lttnga.stats"

local compare = {}

-- ---- Columns ----

local is_time = { timestamp = true, ["time-range"] = true }
local is_amount = { number = true, ratio = true, duration = true, size = true, bitrate = true }

--- Whether rows of a result are single events: they are told apart by their time.
local function are_events(result)
  for _, list in ipairs { result.columns, result.group or {} } do
    for _, column in ipairs(list) do
      if is_time[column.class] and (column.is_key or list == result.group) then
        return true
      end
    end
  end
  return false
end

--- Whether a column tells rows apart.
local function is_key(column, is_group, of)
  if is_time[column.class] or column.compare == "sum" or column.compare == "share" then
    return false
  end
  return (is_group or column.is_key) and (column.compare ~= "none" or of.is_same and not of.events)
end

--- Whether the numbers of a column can be compared.
local function is_value(column, is_group, of)
  if is_group or not is_amount[column.class] or column.compare == "none"
    or is_key(column, is_group, of) or column.is_key and not column.compare then
    return false
  end
  -- Plain numbers of an event are as a rule not amounts: a TID, a sector.
  return not of.events or column.class ~= "number" or column.compare ~= nil
end

--- A key column as it is shown: where threads have other TIDs, a process is a name.
local function key_column(column, of)
  local shown = setmetatable({ is_key = true, hidden = false, spare = false }, { __index = column })
  if column.class == "process" and not of.is_same then
    shown.class, shown.text = "string", false
  end
  return shown
end

--- The columns of a result that count, by what they are for.
local function columns_of(result, is_same)
  local of = { is_same = is_same, events = result.log ~= nil or are_events(result), keys = {},
    values = {} }
  for g, column in ipairs(result.group or {}) do
    if is_key(column, true, of) then
      of.keys[#of.keys + 1] = { column = key_column(column, of), from = column, group = g }
    end
  end
  for c, column in ipairs(result.columns) do
    if is_key(column, false, of) then
      of.keys[#of.keys + 1] = { column = key_column(column, of), from = column, cell = c }
    elseif is_value(column, false, of) then
      of.values[#of.values + 1] = { column = column, cell = c }
    end
  end
  return of
end

-- ---- Keys ----

--- A text that no other cell has.
local function code_of(value)
  if value == nil or value == columns.unknown then
    return value == nil and "-" or "?"
  elseif type(value) == "table" then
    value = cells.any(value)
  end
  local written = tostring(value)
  return ("%s%d:%s"):format(math.type(value) or type(value), #written, written)
end

--- A cell of a key, as it is compared and shown.
local function key_cell(value, key, of)
  if key.from.class == "process" and not of.is_same and type(value) == "table" then
    return value.name or "unknown"
  end
  return value
end

-- ---- Gathering ----

--- The name of a field of statistics, and which ones it is of: "raise_p99" is p99 of raise_stats.
local names = { "count", "total", "min", "average", "max", "stdev", "p50", "p90", "p99", "p99_9" }
local quantiles = { p50 = 0.5, p90 = 0.9, p99 = 0.99, p99_9 = 0.999 }

--- Statistics of a row that a column shows a number of.
-- @treturn string what it shows; the field of the statistics; nil if there are none
local function distribution_of(record, field)
  for _, name in ipairs(type(field) == "string" and record and names or {}) do
    local before = field:sub(-#name) == name and field:sub(1, -#name - 1)
    local one = before and record[before .. "stats"]
    if one and saved.is_object(one) and type(one.quantile) == "function" then
      return name, before .. "stats"
    end
  end
end

local function number_of(value)
  return type(value) == "number" and value == value and math.abs(value) ~= math.huge and value
    or nil
end

local function add_value(entry, value, cell, record, is_event)
  local name = value.column.name
  local known = entry.values[name] or { sum = 0, n = 0 }
  entry.values[name] = known
  local number = number_of(cell)
  if number then
    known.sum, known.n = known.sum + number, known.n + 1
  end
  local what, field = distribution_of(record, value.column.field)
  known.what, known.field = known.what or what, known.field or field
  if field and not entry.merged[field] then
    entry.merged[field] = true
    local of = entry.stats[field]
    if of then
      if not of.is_own then
        of = { is_own = true, stats = stats.new(of.stats:keeps()) }
        of.stats:merge(entry.stats[field].stats)
        entry.stats[field] = of
      end
      if record[field]:keeps() == of.stats:keeps() then
        of.stats:merge(record[field])
      end
    else
      entry.stats[field] = { stats = record[field] }
    end
  elseif is_event and math.type(number) == "integer" and not value.column.compare then
    entry.stats[name] = entry.stats[name] or { stats = stats.new(true) }
    entry.stats[name].stats:add(number)
    known.what, known.field = "average", name
  end
end

--- Adds a row to what has its key.
-- @tparam table group cells that a result's rows have in common, or nil
local function add_row(into, of, row, record, group, host, judges)
  local codes, cells_of = { code_of(host) }, {}
  for _, key in ipairs(of.keys) do
    local cells_here = key.group and (group or {}) or row
    local cell = key_cell(cells_here[key.group or key.cell], key, of)
    codes[#codes + 1] = key.column.name .. code_of(cell)
    cells_of[key.column.name] = cell
  end
  local code = table.concat(codes, "\0")
  local entry = into.by[code]
  if not entry then
    entry = { code = code, cells = cells_of, host = host, rows = 0, values = {}, stats = {} }
    into.by[code], into[#into + 1] = entry, entry
  end
  entry.rows, entry.merged = entry.rows + 1, {}
  for _, value in ipairs(of.values) do
    add_value(entry, value, row[value.cell], record, judges)
  end
end

--- Names of a table: what results must have in common to be compared.
local function name_of(result)
  return ("%s\0%s\0%s"):format(result.job, result.id, result.group and result.class
    or result.title)
end

--- Takes the rows of results together.
-- @tparam table results of one run
-- @tparam boolean is_same whether both runs are of one trace
-- @tparam boolean has_hosts whether rows are told apart by their host
-- @treturn table by name and in order: { result =, of = its columns, by =, entries... }
function compare.gather(results, is_same, has_hosts)
  local all = { by = {} }
  for _, result in ipairs(results) do
    local name = name_of(result)
    local into, of = all.by[name], columns_of(result, is_same)
    if not into then
      into = { name = name, result = result, of = of, by = {} }
      all.by[name], all[#all + 1] = into, into
    end
    local host = has_hosts and (result.host or "unknown") or nil
    if result.log then
      local w = { from = result.from }
      for record in result.log:each() do
        local row = {}
        for c, column in ipairs(result.columns) do
          row[c] = columns.cell(record, column, c, w)
        end
        add_row(into, of, row, record, nil, host, true)
      end
    end
    for _, row in ipairs(result.log and {} or result.rows) do
      add_row(into, of, row, row.record, result.group_cells, host, false)
    end
  end
  return all
end

-- ---- Values ----

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
  if value and column.compare == "sum" and not how.totals then
    return side.seconds > 0 and value / side.seconds or nil
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
    return rank_test.counts(n, m, context.before.seconds, context.after.seconds), m > n and 1 or -1
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
  elseif line.p and (line.p > how.alpha or line.sign ~= (line.after > line.before and 1 or -1)) then
    return "noise"
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
  local lone = is_empty(row.before) and "new" or is_empty(row.after) and "gone" or nil
  if lone and is_empty(row.before) == is_empty(row.after) then
    lone = nil
  end
  local found, by_chance = {}, lone ~= nil
  for _, line in ipairs(row.lines) do
    local is_chance = line.is_count and line.p > how.alpha
    if line.is_whole then
      by_chance = by_chance and is_chance
      break
    end
    by_chance = by_chance and is_chance
  end
  for _, line in ipairs(row.lines) do
    if lone then
      line.judgement = by_chance and "noise" or lone
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
  for _, judgement in ipairs { "changed", "new", "gone", "not judged", "noise", "too few",
    "small" } do
    if found[judgement] then
      return judgement
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

-- ---- Tables ----

local own_columns = {
  { "Value", "string", "value" },
  { "Before", "number", "before", text = readable.amount },
  { "After", "number", "after", text = readable.amount },
  { "Difference", "number", "difference", text = readable.difference },
  { "Ratio", "number", "ratio", text = readable.ratio },
  { "p", "number", "p", text = readable.p },
  { "Judgement", "string", "judgement" },
  { "Unit", "string", "unit", hidden = true },
}

local HOST = columns.read({ { "Host", "string" } }, "", assert)[1]

--- The columns of a comparison of tables.
local function columns_for(of, has_hosts)
  local list = { dynamic = true }
  if has_hosts then
    list[1] = HOST
    HOST.name = "host"
  end
  for _, key in ipairs(of.keys) do
    list[#list + 1] = key.column
  end
  local own = columns.read(own_columns, "", assert, list)
  own[1].is_key = true
  return table.move(own, 1, #own, #list + 1, list)
end

--- The new and gone row's line that is shown without --all: of what its table is ranked by, or else
-- of the first sum.
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

--- A row of the comparison.
local function cells_of(line, list, n_keys, of, how)
  local entry, is_rate = line.entry_after or line.entry_before, line.column.compare == "sum"
    and not how.totals
  local record = {
    value = line.column.name .. (is_rate and "/s" or ""), before = line.before, after = line.after,
    judgement = line.judgement, p = line.p and not line.is_count and line.p or nil,
    class = line.column.class, is_rate = is_rate, line = line,
    unit = readable.unit(line.column, is_rate),
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
      row[c] = entry.host
    else
      row[c] = entry.cells[of.keys[c - n_keys + #of.keys].column.name]
    end
  end
  return row
end

--- What is to be said of a table: the strongest that is said of a row.
local function verdict_of(counts)
  for _, verdict in ipairs { "changed", "not judged", "new", "gone", "noise", "too few",
    "small" } do
    if counts[verdict] > 0 then
      return (verdict == "new" or verdict == "gone") and "not judged" or verdict
    end
  end
  return "same"
end

--- Compares one table.
-- @tparam ?table before, after from compare.gather; nil: that side has no such table
-- @tparam table sides before, after: { seconds = how long the time is }
-- @tparam table how alpha, min_effect, totals, all, limit; has_hosts
-- @treturn table a result; `lines` are all of its lines; `summary` counts its rows
function compare.table(before, after, sides, how)
  local first = after or before
  local context = { before = sides.before, after = sides.after, how = how, samples = {},
    pairs = {} }
  local values, rows, lines = values_of(before, after), match(before, after), {}
  local counts = { changed = 0, new = 0, gone = 0, ["not judged"] = 0, noise = 0, ["too few"] = 0,
    small = 0, same = 0 }
  for _, row in ipairs(rows) do
    row.lines = lines_of(row, values, context)
    table.move(row.lines, 1, #row.lines, #lines + 1, lines)
  end
  local has_tests = false
  for _, line in ipairs(lines) do
    has_tests = has_tests or line.p ~= nil and not line.is_count
  end
  correct(lines)
  for _, row in ipairs(rows) do
    row.judgement = judge_row(row, how)
    counts[row.judgement] = counts[row.judgement] + 1
  end
  weigh(lines)
  order(rows)
  local list = columns_for(first.of, how.has_hosts)
  local n_keys = #list - #own_columns
  local main, shown, total, n_rows = main_column(values, first.result.by), {}, 0, 0
  for _, row in ipairs(rows) do
    local chosen = {}
    for _, line in ipairs(row.lines) do
      local is_lone = line.judgement == "new" or line.judgement == "gone"
      if line.is_shown and (how.all or not is_lone or line.column == main) then
        chosen[#chosen + 1] = line
      end
    end
    n_rows, total = n_rows + (chosen[1] and 1 or 0), total + #chosen
    for _, line in ipairs(how.limit > 0 and n_rows > how.limit and {} or chosen) do
      shown[#shown + 1] = cells_of(line, list, n_keys, first.of, how)
    end
  end
  return {
    id = first.result.id, class = first.result.class, job = first.result.job, columns = list,
    title = first.result.group and first.result.class or first.result.title, dynamic = true,
    rows = shown, total = total, unlimited = false, lines = lines, of = first.of,
    summary = { rows = #rows, counts = counts, has_tests = has_tests,
      verdict = verdict_of(counts) },
  }
end

--- Compares the results of two runs.
-- @tparam table before, after { results =, seconds = }
-- @tparam table how see compare.table; is_same: whether rows of threads are matched by TID
-- @treturn table list of results
function compare.results(before, after, how)
  local old = compare.gather(before.results, how.is_same, how.has_hosts)
  local new = compare.gather(after.results, how.is_same, how.has_hosts)
  local results, sides = {}, { before = before, after = after }
  for _, one in ipairs(new) do
    results[#results + 1] = compare.table(old.by[one.name], one, sides, how)
  end
  for _, one in ipairs(old) do
    if not new.by[one.name] then
      results[#results + 1] = compare.table(one, nil, sides, how)
    end
  end
  return results
end

--- The keys of a line, as text: "Type Read".
-- @tparam table result from compare.table
-- @tparam table line one of its lines
function compare.label(result, line)
  local entry, parts = line.entry_after or line.entry_before, { line.entry_after and
    line.entry_after.host or line.entry_before and line.entry_before.host }
  for _, key in ipairs(result.of.keys) do
    local column, value = key.column, entry.cells[key.column.name]
    parts[#parts + 1] = ("%s %s"):format(column.title,
      require("lttnga.render_text").cell(column, value))
  end
  return table.concat(parts, ", ")
end

return compare
