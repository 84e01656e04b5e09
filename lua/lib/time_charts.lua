--- Pictures over time, see lttnga.svg: lines, stacked areas, and maps of how often there was which
-- value. All of a page have the same axis, and are enlarged together.
--
-- What their specs have: from, to (what the axis shows, ns), gmt; at (the begins of steps), at_end
-- (the end of the last one).
--
-- SPDX-License-Identifier: MIT

local html = require "lttnga.html"
local readable = require "lttnga.readable"
local svg = require "lttnga.svg"
local time = require "lttnga.time"

local time_charts = {
  --- Series that can be told apart.
  SERIES = 8,
  --- Steps of a line, and columns of a map: more can't be seen.
  STEPS = 400,
}

--- Heights: of lines, and the least and the largest of maps, in pixels.
local HEIGHT, MAP_LEAST, MAP_MOST = 150, 110, 220

-- ---- The axis ----

local S = 1000000000
local steps = { S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S, 60 * S, 120 * S, 300 * S, 600 * S, 900 * S,
  1800 * S, 3600 * S, 7200 * S, 10800 * S, 21600 * S, 43200 * S, 86400 * S }

--- The least round step that is not below this many ns.
local function time_step(least)
  local step = 1
  while least < S and step < S do
    for _, times in ipairs { 1, 2, 5 } do
      if step * times >= least then
        return step * times
      end
    end
    step = step * 10
  end
  for _, one in ipairs(steps) do
    if one >= least then
      return one
    end
  end
  local day = steps[#steps]
  return (least + day - 1) // day * day
end

--- What local time is ahead of UTC, in ns.
function time_charts.offset(ns, gmt)
  if gmt then
    return 0
  end
  local seconds = ns // S
  local utc = os.date("!*t", seconds)
  utc.isdst = os.date("*t", seconds).isdst
  return (seconds - os.time(utc)) * S
end

--- A time of day on an axis whose ticks are `step` apart.
local function clock(ns, step, gmt)
  local digits = 0
  while digits < 9 and step % 10 ^ (9 - digits) ~= 0 do
    digits = digits + 1
  end
  return time.format(ns, { gmt = gmt }):sub(1, digits > 0 and 9 + digits or 8)
end

--- The axis: marks that are round in local time.
local function axis(spec)
  local marks, from, to = {}, spec.from, spec.to
  local step, offset = time_step(math.max((to - from) // 5, 1)), time_charts.offset(from, spec.gmt)
  for at = ((from + offset) // step + 1) * step - offset, to - 1, step do
    marks[#marks + 1] = { (at - from) / (to - from), clock(at, step, spec.gmt) }
  end
  return svg.x_axis(marks, "times")
end

--- The places of steps along the axis, and of the end of the last one.
local function places_of(spec)
  local x, span = {}, spec.to - spec.from
  for i, ns in ipairs(spec.at) do
    x[i] = svg.fine(math.max(0, svg.WIDTH * (ns - spec.from) / span))
  end
  x[#x + 1] = svg.fine(math.min(svg.WIDTH, svg.WIDTH * (spec.at_end - spec.from) / span))
  return x
end

--- The times of steps for the script, from the start of the axis, in us: a list, or where they
-- are regular the first one and the distance.
local function times_of(spec)
  local at, list = spec.at, {}
  local step = at[2] and at[2] - at[1]
  local regular = step and #at > 3
  for i, ns in ipairs(at) do
    list[i] = (ns - spec.from) // 1000
    regular = regular and (i == 1 or ns - at[i - 1] == step)
  end
  return regular and { first = (at[1] - spec.from) / 1000, step = step / 1000 } or list
end

--- What the script knows of every picture over time.
local function data_of(spec, kind)
  return { kind = kind, class = spec.class, at = times_of(spec), count = #spec.at,
    ["end"] = (spec.at_end - spec.from) / 1000 }
end

-- ---- Lines and areas ----

--- What the colours mean; the script writes values after the names.
local function legend(series, is_area)
  if #series < 2 then
    return '<ul class="legend single"><li><output></output></li></ul>\n'
  end
  local parts = { '<ul class="legend">' }
  for i, one in ipairs(series) do
    local key = is_area and '<rect class="c%d" width="14" height="10" y="1"/>'
      or '<path class="line c%d" d="M0 6H22"/>'
    parts[#parts + 1] = ('<li><svg class="key" aria-hidden="true">%s</svg>%s <output></output>'
      .. '</li>'):format(key:format(i), html.name(one.name))
  end
  return table.concat(parts) .. '</ul>\n'
end

--- What a series is in words.
local function words_of(one, count, class)
  local low, high, sum, n = nil, nil, 0, 0
  for i = 1, count do
    local value = one.values[i]
    if value then
      low, high = math.min(low or value, value), math.max(high or value, value)
      sum, n = sum + value, n + 1
    end
  end
  if not low then
    return "no values"
  elseif low == high then
    return "always " .. readable.value(low, class)
  end
  return ("%s to %s, mean %s"):format(readable.value(low, class), readable.value(high, class),
    readable.value(sum / n, class))
end

--- Series that are put into words.
local SAID = 4

local function say_series(series, count, class)
  local parts = {}
  for i = 1, math.min(#series, SAID) do
    local words = words_of(series[i], count, class)
    parts[i] = #series > 1 and html.name(series[i].name) .. ": " .. words or words
  end
  local more = #series - SAID
  return table.concat(parts, "; ") .. (more > 0 and ("; and %d more"):format(more) or "") .. "."
end

--- A step of `each` steps of a series, from i on: the largest value, or the mean.
local function merged(values, i, each, take_mean)
  local sum, most, n = 0, nil, 0
  for k = i, i + each - 1 do
    local value = values[k]
    if value then
      sum, n, most = sum + value, n + 1, math.max(most or value, value)
    end
  end
  return take_mean and most and sum / n or most
end

--- Steps brought together until there are no more than can be seen.
-- @treturn table spec as it was, or with fewer steps; how many are one
local function thin(spec, take_mean)
  local each = (#spec.at + time_charts.STEPS - 1) // time_charts.STEPS
  if each <= 1 then
    return spec, 1
  end
  local made = setmetatable({ at = {}, series = {} }, { __index = spec })
  for i = 1, #spec.at, each do
    made.at[#made.at + 1] = spec.at[i]
  end
  for s, one in ipairs(spec.series) do
    local values = {}
    for k = 1, #made.at do
      values[k] = merged(one.values, (k - 1) * each + 1, each, take_mean)
    end
    made.series[s] = { name = one.name, values = values }
  end
  return made, each
end

--- A line in steps; none where there is no value.
local function line_path(values, x, scale)
  local parts, last = {}, nil
  for i = 1, #x - 1 do
    local y = values[i] and svg.place(scale(values[i]))
    if y and not last then
      parts[#parts + 1] = ("M%s %s"):format(x[i], y)
    elseif y and y ~= last then
      parts[#parts + 1] = ("H%sV%s"):format(x[i], y)
    elseif last and not y then
      parts[#parts + 1] = "H" .. x[i]
    end
    last = y
  end
  return table.concat(parts) .. (last and "H" .. x[#x] or "")
end

--- What is between two edges in steps.
local function area_path(low, high, x, scale)
  local parts = {}
  for i = 1, #x - 1 do
    parts[i] = ("%s%s %sH%s"):format(i == 1 and "M" or "L", x[i], svg.place(scale(high[i])),
      x[i + 1])
  end
  for i = #x - 1, 1, -1 do
    parts[#parts + 1] = ("L%s %sH%s"):format(x[i + 1], svg.place(scale(low[i])), x[i])
  end
  return table.concat(parts) .. "Z"
end

--- Lines as SVG.
local function draw_lines(spec, x, scale)
  local plot = {}
  for s, one in ipairs(spec.series) do
    plot[s] = ('<path class="line c%d" d="%s"/>'):format(s, line_path(one.values, x, scale))
  end
  return table.concat(plot)
end

--- Areas as SVG, each on those before.
local function draw_areas(spec, x, scale)
  local plot, base = {}, {}
  for i = 1, #spec.at do
    base[i] = 0
  end
  for s, one in ipairs(spec.series) do
    local edge = {}
    for i = 1, #spec.at do
      edge[i] = base[i] + (one.values[i] or 0)
    end
    plot[s] = ('<path class="area c%d" d="%s"/>'):format(s, area_path(base, edge, x, scale))
    base = edge
  end
  return table.concat(plot)
end

--- The largest value of lines, or of sums.
local function most_of(spec, is_area)
  local most = 0
  for i = 1, #spec.at do
    local sum = 0
    for _, one in ipairs(spec.series) do
      sum = is_area and sum + (one.values[i] or 0) or one.values[i] or 0
      most = math.max(most, sum)
    end
  end
  return most
end

--- Values up the side: round ones, and the scale that puts a value at its place.
local function value_axis(most, class, height)
  local marks = svg.ticks(most, class, 4)
  local top = marks[#marks]
  for i, value in ipairs(marks) do
    marks[i] = { value / top, readable.mark(value, class) }
  end
  return marks, function(value) return height * (1 - value / top) end
end

local function over_time(spec, is_area)
  local each
  local says = say_series(spec.series, #spec.at, spec.class)
  spec, each = thin(spec, is_area)
  if each > 1 then
    says = ("%s Each step shows the %s of %d."):format(says, is_area and "mean" or "largest value",
      each)
  end
  local marks, scale = value_axis(most_of(spec, is_area), spec.class, HEIGHT)
  local draw = is_area and draw_areas or draw_lines
  local data = data_of(spec, "time")
  data.values = {}
  for s, one in ipairs(spec.series) do
    data.values[s] = {}
    for i = 1, #spec.at do
      data.values[s][i] = svg.rough(one.values[i])
    end
  end
  return svg.figure(spec, { class = "time", height = HEIGHT, says = says,
    above = legend(spec.series, is_area), y = svg.y_axis(marks, HEIGHT), x = axis(spec),
    plot = svg.grid(marks, HEIGHT) .. draw(spec, places_of(spec), scale)
      .. '<g class="cursor"></g>' }), data
end

--- Lines over time.
-- @tparam table spec see above; series: list of { name =, values = by number of the step, nil if
-- not known }
function time_charts.line(spec)
  return over_time(spec, false)
end

--- The same stacked.
function time_charts.area(spec)
  return over_time(spec, true)
end

-- ---- Maps ----

--- The shades of a map, the classes `h1` to `h7`.
local SHADES = 7

--- Marks beside the rows of a map, as far as there is room.
local function row_marks(bounds, class)
  local marks = {}
  for i = 1, #bounds, math.max(1, (#bounds + 5) // 6) do
    marks[#marks + 1] = { (i - 1) / #bounds, readable.mark(bounds[i].low, class) }
  end
  return marks
end

--- The fields of a map that have something: a list of { column, row, count }, in order; their sum,
-- the largest, and the sum of each row.
local function fields_of(spec)
  local list, total, most, rows = {}, 0, 0, {}
  for column = 1, #spec.at do
    for row = 1, #spec.bounds do
      local count = (spec.counts[column] or {})[row] or 0
      if count > 0 then
        list[#list + 1] = { column, row, count }
        total, most, rows[row] = total + count, math.max(most, count), (rows[row] or 0) + count
      end
    end
  end
  return list, total, most, rows
end

--- Fields as SVG: a path for each shade, which follows the logarithm of the count.
local function draw_fields(spec, list, most, height)
  local x, paths, tall = places_of(spec), {}, height / #spec.bounds
  for _, field in ipairs(list) do
    local shade = most > 1
      and 1 + math.floor((SHADES - 1) * math.log(field[3]) / math.log(most) + 1e-9) or SHADES
    paths[shade] = paths[shade] or {}
    table.insert(paths[shade], ("M%s %sH%sv%sH%sz"):format(x[field[1]],
      svg.place(height - field[2] * tall), x[field[1] + 1], svg.place(tall), x[field[1]]))
  end
  local plot = {}
  for shade = 1, SHADES do
    plot[#plot + 1] = paths[shade] and ('<path class="h%d" d="%s"/>'):format(shade,
      table.concat(paths[shade])) or nil
  end
  return table.concat(plot)
end

--- What the shades mean.
local function shades(most)
  local parts = { '<p class="shades"><span>1</span><svg aria-hidden="true">' }
  for shade = 1, SHADES do
    parts[#parts + 1] = ('<rect class="h%d" x="%d" width="18" height="10"/>'):format(shade,
      (shade - 1) * 18)
  end
  return ('%s</svg><span>%s</span> <output></output></p>\n'):format(table.concat(parts),
    readable.count(most))
end

--- A map: how often there was which value, over time.
-- @tparam table spec see above; bounds: rows, the lowest first, list of { low =, high = }; counts:
-- by number of the column and then of the row, nil for none; class: of the bounds; counted: what is
-- counted, "waits"
function time_charts.heat(spec)
  local height = math.max(MAP_LEAST, math.min(#spec.bounds * 12, MAP_MOST))
  local list, total, most, rows = fields_of(spec)
  local fullest = 1
  for row = 1, #spec.bounds do
    fullest = (rows[row] or 0) > (rows[fullest] or 0) and row or fullest
  end
  local bound, data = spec.bounds[fullest], data_of(spec, "heat")
  data.counted, data.cells, data.rows = spec.counted, list, {}
  for i, one in ipairs(spec.bounds) do
    data.rows[i] = { svg.rough(one.low), svg.rough(one.high) }
  end
  local says = ("%s in total, %s of them from %s to %s (the fullest range).")
    :format(svg.counted(total, spec), readable.count(rows[fullest] or 0),
      readable.value(bound.low, spec.class), readable.value(bound.high, spec.class))
  return svg.figure(spec, { class = "time heat", height = height, says = says,
    above = shades(most), y = svg.y_axis(row_marks(spec.bounds, spec.class), height),
    plot = draw_fields(spec, list, most, height) .. '<g class="cursor"></g>',
    x = axis(spec) }), data
end

return time_charts
