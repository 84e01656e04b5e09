--- Pictures made of text: bars beside values, and frequency distributions. What is made here goes
-- into a table's `text`.
--
-- SPDX-License-Identifier: MIT

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

--- A thread as a label: "bash (363)".
-- @tparam table process name =, tid =, and pid =, which stands for a TID that is not known
function graph.process(process)
  local pid = process.pid and "PID " .. process.pid
  return ("%s (%s)"):format(process.name or "unknown", process.tid or pid or "?")
end

--- Bars: one line for each row.
-- @tparam table spec value: number of the column with the values; label: function(row) that gives
-- what stands behind the value; header: what stands above the labels; format: function(value) (a
-- plain number if left out); unit: what follows the value
-- @treturn function(result) -> text
function graph.bars(spec)
  local format = spec.format or plain
  return function(result)
    if #result.rows == 0 then
      return ""
    end
    local values, most, width = {}, 0, 0
    for i, row in ipairs(result.rows) do
      local value = row[spec.value]
      values[i] = text.clean(format(value) .. (spec.unit and " " .. spec.unit or ""))
      most = math.max(most, value)
      width = math.max(width, text.width(values[i]))
    end
    local title = text.clean(result.title)
    local lines = { title, RULE }
    if spec.header then
      lines[1] = text.pad_right(title, BAR + width + 2) .. spec.header
    end
    for i, row in ipairs(result.rows) do
      lines[#lines + 1] = text.trim(("%s %s %s"):format(bar(row[spec.value], most, BAR),
        text.pad_left(values[i], width), text.clean(spec.label(row))))
    end
    return table.concat(lines, "\n") .. "\n"
  end
end

--- A frequency distribution, of rows { low, high, count }.
-- @tparam string unit of the bounds, in the title
-- @tparam function format writes a bound
-- @treturn function(result) -> text
function graph.frequency(unit, format)
  return function(result)
    if #result.rows == 0 then
      return ""
    end
    local most, width, bounds = 0, 0, 7
    for _, row in ipairs(result.rows) do
      most = math.max(most, row[3])
      width = math.max(width, #tostring(row[3]))
      bounds = math.max(bounds, #format(row[1]))
    end
    local lines = { ("%s (%s)"):format(text.clean(result.title), unit), RULE }
    for _, row in ipairs(result.rows) do
      lines[#lines + 1] = ("%s %s %s"):format(text.pad_left(format(row[1]), bounds),
        bar(row[3], most, FREQUENCY_BAR), text.pad_left(tostring(row[3]), width))
    end
    return table.concat(lines, "\n") .. "\n"
  end
end

return graph
