--- How numbers of a comparison look: in the unit of their row, which is that of the column that is
-- compared.
--
-- SPDX-License-Identifier: MIT

local render = require "lttnga.render_text"

local change_text = {}

--- Units of classes, for programs.
local units = { duration = "ns", size = "bytes", bitrate = "per s" }

--- The unit of a value.
-- @tparam table column the one that is compared
-- @tparam boolean is_rate whether it is a number per second
-- @treturn string "" for plain numbers
function change_text.unit(column, is_rate)
  local unit = units[column.class] or ""
  return is_rate and unit .. "/s" or unit
end

--- A number of a class.
local function written(value, about, row)
  local class = row.class
  if class == "number" and math.type(value) == "float" then
    return math.abs(value) >= 1000 and ("%.0f"):format(value) or ("%.4g"):format(value)
  elseif class == "size" then
    value = math.floor(value + 0.5)
  elseif class == "duration" and value < 0 then
    return "-" .. written(-value, about, row)
  end
  local shown = render.cell({ class = class }, value, about)
  return row.is_rate and class ~= "number" and shown:gsub(" +$", "") .. "/s" or shown
end

--- What stood there before, or stands there after.
-- @tparam number value
-- @tparam table about see lttnga.render_text
-- @tparam table row class, is_rate
change_text.amount = written

--- By how much it has changed.
function change_text.difference(value, about, row)
  local shown = written(math.abs(value), about, row):gsub("^ +", "")
  return (value < 0 and "-" or value > 0 and "+" or "") .. shown
end

--- How many times as much it is now.
function change_text.ratio(value)
  return (value >= 100 and "%.0fx" or "%.2fx"):format(value)
end

--- How probable such a difference is by chance.
function change_text.p(value)
  return value < 0.0001 and "<0.0001" or ("%.4f"):format(value)
end

return change_text
