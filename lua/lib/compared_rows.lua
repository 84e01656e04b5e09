--- The rows of a run for comparisons: which of their columns are keys, which are amounts, and what
-- rows with the same key have together.
--
-- Rows are told apart by their key columns, except times: what happens once has no counterpart.
-- Rows that have the same key are taken together: statistics are merged, sums added up, and of
-- other numbers it is the mean.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local saved = require "lttnga.saved"
local stats = require "lttnga.stats"

local compared_rows = {}

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

--- Whether the numbers of a column are amounts, as far as it says so itself.
function compared_rows.is_amount(column)
  return is_amount[column.class] and column.compare ~= "none"
    and not (column.is_key and not column.compare)
end

--- Whether the numbers of a column can be compared.
local function is_value(column, is_group, of)
  if is_group or not compared_rows.is_amount(column) or is_key(column, is_group, of) then
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
  local of = { is_same = is_same, keys = {}, values = {} }
  of.events = result.log ~= nil or result.is_log or are_events(result)
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
  local codes, cells_of, group_code = { code_of(host) }, {}, nil
  for _, key in ipairs(of.keys) do
    group_code = group_code or not key.group and table.concat(codes, "\0") or nil
    local cells_here = key.group and (group or {}) or row
    local cell = key_cell(cells_here[key.group or key.cell], key, of)
    codes[#codes + 1] = key.column.name .. code_of(cell)
    cells_of[key.column.name] = cell
  end
  local code = table.concat(codes, "\0")
  local entry = into.by[code]
  if not entry then
    entry = { code = code, group_code = group_code or code, cells = cells_of, host = host, rows = 0,
      record = record, values = {}, stats = {} }
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
function compared_rows.gather(results, is_same, has_hosts)
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
      add_row(into, of, row, row.record, result.group_cells, host, result.is_log)
    end
  end
  return all
end

return compared_rows
