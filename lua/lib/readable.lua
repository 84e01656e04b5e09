--- Values as people read them, where there is no column to keep in line: "1.815 s", "1.5 MiB".
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local units = require "lttnga.units"

local readable = {}

--- A count, exactly.
function readable.count(value)
  return ("%d"):format(value)
end

--- A number: as it is if it is whole; else three digits that count.
function readable.number(value)
  if math.tointeger(value) then
    return readable.count(math.tointeger(value))
  end
  return math.abs(value) >= 1000 and readable.count(math.floor(value + 0.5))
    or ("%.3g"):format(value)
end

local function duration(value)
  if value == 0 then
    return "0"
  end
  return value < 0 and "-" .. text.duration(-value) or text.duration(value)
end

local formats = {
  duration = duration,
  size = function(value) return (units.format_size(value):gsub(" +", " ")) end,
  ratio = function(value) return ("%.2f %%"):format(value * 100) end,
}

--- A value of a class of numbers, see lttnga.columns.
function readable.value(value, class)
  return (formats[class] or readable.number)(value)
end

--- The units of marks on axes: how many there are in one, the least last.
local scales = {
  duration = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" } },
  size = { { 2 ^ 40, "TiB" }, { 2 ^ 30, "GiB" }, { 2 ^ 20, "MiB" }, { 2 ^ 10, "KiB" }, { 1, "B" } },
  number = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" } },
  ratio = { { 0.01, "%" } },
}

--- A value on an axis: "20 ms", "5k".
function readable.mark(value, class)
  for _, scale in ipairs(scales[class] or scales.number) do
    if math.abs(value) >= scale[1] then
      local digits = ("%.4g"):format(value / scale[1])
      return (class == "number" or not scales[class]) and digits .. scale[2]
        or digits .. " " .. scale[2]
    end
  end
  return ("%.3g"):format(value)
end

return readable
