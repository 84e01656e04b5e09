--- Text as in lttng-analyses (--classic): wide columns and bars, times in microseconds. Only what
-- that look alone needs is here.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"

local classic = {}

--- The least width of a column.
local WIDTH = 14

local RULE = ("#"):rep(80)
local BAR = 80 -- columns of a bar beside a value
local FREQUENCY_BAR = 72

--- The line above a table: its title, and the unit of its values.
function classic.heading(result)
  return text.clean(result.title .. (result.unit and (" (%s)"):format(result.unit) or "")) .. ":"
end

--- Writes one table: title, heading, a line, rows.
-- @tparam table result see lttnga.tables
-- @tparam table titles of its columns, clean
-- @tparam table texts lists of the cells of each row, clean
-- @tparam table left by class: whether cells stand at the left
-- @treturn string
function classic.table(result, titles, texts, left)
  local widths, written = {}, {}
  for c, column in ipairs(result.columns) do
    widths[c] = math.max(math.abs(column.width or WIDTH), text.width(titles[c]))
    for _, row in ipairs(texts) do
      widths[c] = math.max(widths[c], text.width(row[c]))
    end
  end
  local function line(of)
    local parts = {}
    for c, column in ipairs(result.columns) do
      local last = c == #result.columns
      if not left[column.class] then
        parts[c] = text.pad_left(of[c], widths[c])
      else
        parts[c] = last and of[c] or text.pad_right(of[c], widths[c])
      end
    end
    return text.trim(table.concat(parts, " "))
  end
  local width = #widths - 1
  for _, w in ipairs(widths) do
    width = width + w
  end
  written[1], written[2], written[3] = classic.heading(result), line(titles), ("-"):rep(width)
  for _, row in ipairs(texts) do
    written[#written + 1] = line(row)
  end
  return table.concat(written, "\n") .. "\n"
end

--- Writes one table as a grid: title, headings and rows in columns that are in line.
-- @tparam table lines, widths see render_text.cells
function classic.grid(result, lines, widths)
  local title = text.clean(result.title)
  local heading = (result.heading or "%s"):gsub("%%s", function() return title end)
  return heading .. "\n" .. text.join(text.grid(widths, lines))
end

local function bar(value, most, columns)
  local length = most > 0 and math.floor(columns * value / most) or 0
  return ("█"):rep(length) .. (" "):rep(columns - length)
end

--- Bars: one line for each row, with a bar, the value, and a label.
-- @tparam string title of the table
-- @tparam table numbers of the bars
-- @tparam table values the same as texts
-- @tparam table labels shown after the values
-- @tparam[opt] string header shown above them
function classic.bars(title, numbers, values, labels, header)
  local most, width = 0, 0
  for i, value in ipairs(values) do
    most, width = math.max(most, numbers[i]), math.max(width, text.width(value))
  end
  if header then
    title = text.pad_right(title, BAR + width + 2) .. header
  end
  local lines = { title, RULE }
  for i, value in ipairs(values) do
    lines[#lines + 1] = ("%s %s %s"):format(bar(numbers[i], most, BAR),
      text.pad_left(value, width), labels[i])
  end
  return text.join(lines)
end

--- A frequency distribution: the lower bound of each range, a bar, and how many are in it.
-- @tparam string title of the table
-- @tparam string unit of the bounds
-- @tparam table bounds texts
-- @tparam table counts
function classic.frequency(title, unit, bounds, counts)
  local most, width, widest = 0, 0, 7
  for i, count in ipairs(counts) do
    most = math.max(most, count)
    width = math.max(width, #tostring(count))
    widest = math.max(widest, #bounds[i])
  end
  local lines = { ("%s (%s)"):format(title, unit), RULE }
  for i, count in ipairs(counts) do
    lines[#lines + 1] = ("%s %s %s"):format(text.pad_left(bounds[i], widest),
      bar(count, most, FREQUENCY_BAR), text.pad_left(tostring(count), width))
  end
  return table.concat(lines, "\n") .. "\n"
end

return classic
