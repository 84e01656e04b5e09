--- Pictures made of text: bars beside values, and frequency distributions. What is made here goes
-- into a table's `text`.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local render = require "lttnga.render_text"
local tables = require "lttnga.tables"
local text = require "lttnga.text"

local graph = {}

local RULE = ("#"):rep(80)
local BAR = 80 -- columns of a bar beside a value
local FREQUENCY_BAR = 72

local function bar(value, most, columns)
  local length = most > 0 and math.floor(columns * value / most) or 0
  return ("█"):rep(length) .. (" "):rep(columns - length)
end

local function plain(value)
  return math.type(value) == "float" and ("%.2f"):format(value) or tostring(value)
end

--- The number of a column that a picture names; a fault if the table has none that is called so.
local function column_of(result, name)
  local c, names = tables.find_column(result.columns, name), {}
  for i, column in ipairs(result.columns) do
    names[i] = column.name
  end
  return c or fault.raise("table '%s': its picture names a column '%s' that it does not have%s",
    result.id, name, text.did_you_mean(name, names))
end

--- The columns that stand behind a bar, by their names: titles and cells of a width each.
local function label_maker(result, names, about)
  local list, widths, titles = {}, {}, {}
  for i, name in ipairs(names) do
    list[i] = column_of(result, name)
    local column = result.columns[list[i]]
    widths[i], titles[i] = column.width or 0, column.heading
  end
  return text.columns(widths, table.unpack(titles)), function(row)
    local cells = {}
    for i, c in ipairs(list) do
      cells[i] = render.cell(result.columns[c], row[c], about)
    end
    return text.columns(widths, table.unpack(cells))
  end
end

--- Bars: one line for each row, with a bar, the value, and a label.
-- @tparam table spec value: name of the column with the values; format: function(value) (a plain
-- number if left out); unit: what follows the value; show: names of the columns that stand behind
-- it, below their headings; or label: function(row, cells) that gives what stands there, and
-- header: what stands above that
-- @treturn function(result, about) -> text
function graph.bars(spec)
  local format = spec.format or plain
  return function(result, about)
    if #result.rows == 0 then
      return ""
    end
    local at = column_of(result, spec.value)
    local values, most, width = {}, 0, 0
    for i, row in ipairs(result.rows) do
      values[i] = text.clean(format(row[at]) .. (spec.unit and " " .. spec.unit or ""))
      most = math.max(most, row[at])
      width = math.max(width, text.width(values[i]))
    end
    local title, header, label = text.clean(result.title), spec.header, nil
    if spec.show then
      header, label = label_maker(result, spec.show, about)
    end
    if header then
      title = text.pad_right(title, BAR + width + 2) .. header
    end
    local lines = { text.trim(title), RULE }
    for i, row in ipairs(result.rows) do
      lines[#lines + 1] = text.trim(("%s %s %s"):format(bar(row[at], most, BAR),
        text.pad_left(values[i], width),
        label and label(row) or text.clean(spec.label(row.record, row))))
    end
    return table.concat(lines, "\n") .. "\n"
  end
end

--- A frequency distribution: of rows with the columns "Duration (lower bound)", that of the upper
-- bound, and that of the counts behind it.
-- @tparam string unit of the bounds, in the title
-- @tparam function format writes a bound
-- @treturn function(result) -> text
function graph.frequency(unit, format)
  return function(result)
    if #result.rows == 0 then
      return ""
    end
    local low = column_of(result, "duration_lower_bound")
    local count = low + 2
    local most, width, bounds = 0, 0, 7
    for _, row in ipairs(result.rows) do
      most = math.max(most, row[count])
      width = math.max(width, #tostring(row[count]))
      bounds = math.max(bounds, #format(row[low]))
    end
    local lines = { ("%s (%s)"):format(text.clean(result.title), unit), RULE }
    for _, row in ipairs(result.rows) do
      lines[#lines + 1] = ("%s %s %s"):format(text.pad_left(format(row[low]), bounds),
        bar(row[count], most, FREQUENCY_BAR), text.pad_left(tostring(row[count]), width))
    end
    return table.concat(lines, "\n") .. "\n"
  end
end

return graph
