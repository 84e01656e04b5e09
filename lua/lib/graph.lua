--- Pictures made of text: bars beside values, frequency distributions, heat maps and sparklines,
-- for `text` of a table.
--
-- SPDX-License-Identifier: MIT

local classic = require "lttnga.classic"
local fault = require "lttnga.fault"
local formats = require "lttnga.formats"
local render = require "lttnga.render_text"
local tables = require "lttnga.tables"
local text = require "lttnga.text"

local graph = {}

local function plain(value)
  return math.type(value) == "float" and ("%.2f"):format(value) or tostring(value)
end

--- The number of a column that a picture names; a fault if the table has no such column.
local function column_of(result, name)
  local c, names = tables.find_column(result.columns, name), {}
  for i, column in ipairs(result.columns) do
    names[i] = column.name
  end
  return c or fault.raise("table '%s': its graph uses an unknown column '%s'%s",
    result.id, name, text.did_you_mean(name, names))
end

--- What stands beside bars: columns for lttnga.layout, with the widths of the table, and a function
-- of a row that returns their cells.
local function labels_of(result, spec, about)
  if not spec.show then
    local label = { title = spec.header or "", left = true, cuts = true, keeps = true }
    return { label }, { 0 }, function(row)
      return { text.clean(spec.label(row.record, row)) }
    end
  end
  local all, numbers = render.layout_columns(result, about)
  local by_number, list, widths, chosen = {}, {}, {}, {}
  for i, c in ipairs(numbers) do
    by_number[c] = all[i]
  end
  for i, name in ipairs(spec.show) do
    chosen[i] = column_of(result, name)
    list[i] = by_number[chosen[i]]
    list[i].heading = text.clean(result.columns[chosen[i]].heading)
    widths[i] = result.columns[chosen[i]].width or 0
  end
  list[1].keeps = true
  return list, widths, function(row)
    local cells = {}
    for i, c in ipairs(chosen) do
      cells[i] = render.cell(result.columns[c], row[c], about)
    end
    return cells
  end
end

--- The labels of the classic look: after the bars.
local function classic_bars(result, spec, about, numbers, values)
  local list, widths, cells_of = labels_of(result, spec, about)
  local labels, titles = {}, {}
  for i, row in ipairs(result.rows) do
    labels[i] = text.columns(widths, table.unpack(cells_of(row)))
  end
  for i, column in ipairs(list) do
    titles[i] = column.heading
  end
  local header = spec.show and text.columns(widths, table.unpack(titles)) or spec.header
  return classic.bars(text.clean(result.title), numbers, values, labels, header)
end

--- Draws a line for each row, with labels, the value, and a bar that takes the rest of the line.
-- @tparam table spec value: name of the column with the values; format: function(value) (default: a
-- plain number); unit: follows the value; show: names of the columns to show beside it, below their
-- headings; or label: function(row, cells) that returns what to show, and header: the line above
-- @treturn function for `text` of a table
function graph.bars(spec)
  local format = spec.format or plain
  return function(result, about)
    about = about or {}
    if #result.rows == 0 then
      return ""
    end
    local at = column_of(result, spec.value)
    local numbers, values, most = {}, {}, 0
    for i, row in ipairs(result.rows) do
      numbers[i] = row[at]
      values[i] = text.clean(format(row[at]) .. (spec.unit and " " .. spec.unit or ""))
      most = math.max(most, row[at])
    end
    if about.classic then
      return classic_bars(result, spec, about, numbers, values)
    end
    local list, _, cells_of = labels_of(result, spec, about)
    local rows = {}
    table.insert(list, 2, { title = text.clean(result.columns[at].heading), keeps = true })
    list[#list + 1] = { title = "", left = true, bar = true, spare = 1 }
    for i, row in ipairs(result.rows) do
      rows[i] = cells_of(row)
      table.insert(rows[i], 2, values[i])
      rows[i][#list] = most > 0 and numbers[i] / most or 0
    end
    return render.lines(render.title(result, #rows, about), list, rows, about)
  end
end

--- A bound of a range of durations: "1 us", "2.048 ms".
local function bound(ns)
  local number, unit = formats.duration(math.floor(ns + 0.5)):match "^([%d.]+) (%S+)"
  return number:gsub("%.?0+$", "", number:find(".", 1, true) and 1 or 0) .. " " .. unit
end

--- A bound of a range of durations: "1 us", "2.048 ms".
-- @tparam integer ns
-- @treturn string
graph.bound = bound

--- Draws a frequency distribution: the table has the columns "Duration (lower bound)", that of the
-- upper bound, and the counts.
-- @tparam string unit of the bounds, in the title
-- @tparam function format writes a bound
-- @treturn function for `text` of a table
function graph.frequency(unit, format)
  return function(result, about)
    about = about or {}
    if #result.rows == 0 then
      return ""
    end
    local low = column_of(result, "duration_lower_bound")
    local count = low + 2
    local bounds, counts, most, all = {}, {}, 0, 0
    local times = not about.classic and result.columns[low].class == "duration"
    for i, row in ipairs(result.rows) do
      bounds[i] = times and bound(row[low]) or format(row[low])
      counts[i] = row[count]
      most, all = math.max(most, row[count]), all + row[count]
    end
    if about.classic then
      return classic.frequency(text.clean(result.title), unit, bounds, counts)
    end
    local rows = {}
    for i, number in ipairs(counts) do
      rows[i] = { bounds[i], tostring(number),
        ("%.1f %%"):format(all > 0 and 100 * number / all or 0), most > 0 and number / most or 0 }
    end
    return render.lines(render.title(result, #rows, about), {
      { title = times and "From" or ("From (%s)"):format(unit), keeps = true },
      { title = text.clean(result.columns[count].heading), keeps = true }, { title = "Share" },
      { title = "", left = true, bar = true, spare = 1 },
    }, rows, about)
  end
end

-- ---- Many values in little room ----

local sparks = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local shades = { "░", "▒", "▓", "█" }

--- One character for each value, by its size beside the largest one; 0 and nil are spaces.
-- @tparam table values numbers
-- @tparam integer n how many there are
-- @tparam number most the largest one
-- @tparam table marks characters, from small to large
local function marks_of(values, n, most, marks)
  local list = {}
  for i = 1, n do
    local value = values[i] or 0
    list[i] = value > 0 and most > 0
      and marks[math.max(1, math.min(#marks, math.ceil(value / most * #marks)))] or " "
  end
  return table.concat(list)
end

--- A sparkline: a line that goes up and down with the values.
-- @tparam table values numbers
-- @tparam integer n how many there are
-- @tparam number most the largest one
-- @treturn string
function graph.spark(values, n, most)
  return marks_of(values, n, most, sparks)
end

--- A line that is darker where the values are larger, for heat maps.
-- @tparam table values numbers
-- @tparam integer n how many there are
-- @tparam number most the largest one
-- @treturn string
function graph.shade(values, n, most)
  return marks_of(values, n, most, shades)
end

--- Two texts at the ends of a line of some columns; one if there is no room for both.
-- @tparam string first
-- @tparam string last
-- @tparam integer columns
-- @treturn string
function graph.ends(first, last, columns)
  local between = columns - text.width(first) - text.width(last)
  return between < 1 and text.shorten(first, columns) or first .. (" "):rep(between) .. last
end

--- Draws many distributions with the same ranges, a line for each: its columns, and how its values
-- are spread over the ranges. Counts are relative to the largest one of their line.
-- @tparam table result
-- @tparam table about
-- @treturn string
function graph.distributions(result, about)
  local shown = #result.rows
  local list, numbers = render.layout_columns(result, about)
  local ranges, rows = result.rows[1].record.ranges, {}
  -- Each range takes as many columns as let both ends be written above them.
  local first, last = graph.bound(ranges[1].low), graph.bound(ranges[#ranges].high)
  local each = math.max(1, math.ceil((#first + #last + 2) / #ranges))
  local title = graph.ends(first, last, each * #ranges):gsub(" ", "\u{a0}")
  list[#list + 1] = { title = title, left = true, keeps = true }
  for r, row in ipairs(result.rows) do
    local counts, most, wide = row.record.counts, 0, {}
    for i, count in ipairs(counts) do
      most = math.max(most, count)
      for n = 1, each do
        wide[(i - 1) * each + n] = count
      end
    end
    rows[r] = {}
    for i, c in ipairs(numbers) do
      rows[r][i] = render.cell(result.columns[c], row[c], about)
    end
    rows[r][#list] = graph.spark(wide, #wide, most)
  end
  return (render.lines(render.title(result, shown, about), list, rows, about)
    :gsub("\u{a0}", " "))
end

return graph
