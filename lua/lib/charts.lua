--- Pictures without time, see lttnga.svg: histograms and bars.
--
-- SPDX-License-Identifier: MIT

local html = require "lttnga.html"
local readable = require "lttnga.readable"
local svg = require "lttnga.svg"

local charts = {}

-- ---- Histograms ----

--- The height of a histogram, in pixels.
local HEIGHT = 110

--- From this ratio of the largest to the least bound on the axis is logarithmic.
local WIDE = 20

--- Marks this near to the end of an axis have no room.
local LAST = 0.97

--- Where values are on an axis from low to high, and its marks.
local function linear_axis(low, high, class)
  local marks = {}
  for _, value in ipairs(svg.ticks(high - low, class, 4)) do
    local at = value / (high - low)
    marks[#marks + 1] = at < LAST and { at, readable.mark(low + value, class) } or nil
  end
  return function(value) return (value - low) / (high - low) end, marks, false
end

--- The same, logarithmic: marks are powers of ten.
local function log_axis(low, high, class)
  local span, marks = math.log(high / low), {}
  local function at(value)
    return value <= low and 0 or math.log(value / low) / span
  end
  local first = math.ceil(math.log(low, 10) - 1e-9)
  local last = math.floor(math.log(high, 10) + 1e-9)
  for power = first, last, math.max(1, (last - first + 5) // 6) do
    local where = at(10 ^ power)
    marks[#marks + 1] = where < LAST and { where, readable.mark(10 ^ power, class) } or nil
  end
  return at, marks, true
end

--- The axis of ranges. Nothing has a logarithm if it is 0: a range from there on is as wide as the
-- next one.
local function axis_of(bins, class)
  local low, high = bins[1].low, bins[#bins].high
  local least = low
  if low == 0 then
    local next_bin = bins[2] or { low = 1, high = 2 }
    least = bins[1].high / math.max(2, next_bin.high / next_bin.low)
  end
  if least <= 0 or high / least < WIDE then
    return linear_axis(low, high, class)
  end
  return log_axis(least, high, class)
end

--- The value that such a part of all are not above, as far as ranges tell.
local function quantile(bins, total, part)
  local sum = 0
  for _, bin in ipairs(bins) do
    sum = sum + bin.count
    if sum >= total * part then
      return bin.high
    end
  end
end

--- A histogram in words.
local function say_bins(spec, total, is_log)
  local bins, class = spec.bins, spec.class
  if total == 0 then
    return "No values."
  end
  return ("%s, from %s to %s: p50 up to %s, p99 up to %s.%s"):format(
    svg.counted(total, spec), readable.value(bins[1].low, class),
    readable.value(bins[#bins].high, class), readable.value(quantile(bins, total, 0.5), class),
    readable.value(quantile(bins, total, 0.99), class), is_log and " (Logarithmic axis.)" or "")
end

--- How values are distributed; the axis is logarithmic where they are wide apart.
-- @tparam table spec bins: list of { low =, high =, count = }; class: of the bounds; counted: what
-- is counted
function charts.histogram(spec)
  local bins, total, most = spec.bins, 0, 0
  for _, bin in ipairs(bins) do
    total, most = total + bin.count, math.max(most, bin.count)
  end
  local at, marks, is_log = axis_of(bins, spec.class)
  local counts = svg.ticks(most, "number", 3)
  local top = counts[#counts]
  for i, value in ipairs(counts) do
    counts[i] = { value / top, readable.mark(value, "number") }
  end
  local plot = { svg.grid(counts, HEIGHT) }
  for _, bin in ipairs(bins) do
    local from, to = at(bin.low) * svg.WIDTH, at(bin.high) * svg.WIDTH
    local tall = math.max(HEIGHT * bin.count / top, 1)
    plot[#plot + 1] = bin.count > 0 and ('<rect class="c1" x="%s" y="%s" width="%s" height="%s">'
      .. '<title>%s to %s: %s</title></rect>'):format(svg.place(from), svg.place(HEIGHT - tall),
      svg.place(math.max(to - from - 1.5, 1)), svg.place(tall),
      readable.value(bin.low, spec.class), readable.value(bin.high, spec.class),
      readable.count(bin.count)) or nil
  end
  return svg.figure(spec, { class = "histogram", height = HEIGHT,
    says = say_bins(spec, total, is_log), y = svg.y_axis(counts, HEIGHT),
    plot = table.concat(plot), x = svg.x_axis(marks) })
end

-- ---- Bars ----

--- Which part of the width is for names, and for the longest bar.
local NAMES, BARS = 0.36, 0.4

--- Bars, one below the other.
-- @tparam table spec rows: list of { name, value }; total: how many there are
function charts.bars(spec)
  local most, parts, tall = 0, {}, svg.ROW + 4
  for _, row in ipairs(spec.rows) do
    most = math.max(most, row[2])
  end
  for i, row in ipairs(spec.rows) do
    local y, part = (i - 1) * tall, most > 0 and math.max(row[2], 0) / most * BARS or 0
    parts[#parts + 1] = ('<svg x="0" y="%d" width="35%%" height="%d"><text x="0" y="13">'
      .. '%s</text></svg><rect class="c1" x="%s" y="%d" width="%s" height="%d"/>'
      .. '<text x="%s" y="%d" dx="5">%s</text>'):format(y, svg.ROW, html.label(row[1]),
      svg.percent(NAMES), y, svg.percent(part), svg.ROW, svg.percent(NAMES + part), y + 13,
      readable.value(row[2], spec.class))
  end
  local first = spec.rows[1]
  local says = ("Largest: %s, %s.%s"):format(html.name(first[1]),
    readable.value(first[2], spec.class),
    spec.total > #spec.rows and (" %d of %d shown."):format(#spec.rows, spec.total) or "")
  return svg.figure(spec, { class = "bars", height = #spec.rows * tall, says = says,
    attributes = 'width="100%"', plot = table.concat(parts) })
end

--- What the colours of parts mean.
local function legend(parts)
  local items = {}
  for p, name in ipairs(parts) do
    items[p] = ('<li><svg class="key" aria-hidden="true"><rect class="c%d" width="14" height="10" '
      .. 'y="1"/></svg>%s</li>'):format(p, html.name(name))
  end
  return '<ul class="legend bare">' .. table.concat(items) .. '</ul>\n'
end

--- The largest parts of a bar in words.
local function say_parts(bar, parts, class)
  local order, words = {}, {}
  for p in ipairs(parts) do
    order[p] = p
  end
  table.sort(order, function(a, b)
    return bar.values[a] > bar.values[b] or bar.values[a] == bar.values[b] and a < b
  end)
  for i = 1, math.min(2, #order) do
    local p = order[i]
    words[#words + 1] = bar.values[p] > 0
      and ("%s of %s"):format(readable.value(bar.values[p], class), html.name(parts[p])) or nil
  end
  return ("%s: %s%s"):format(html.name(bar.name), readable.value(bar.total, class),
    #words > 0 and ", of which " .. table.concat(words, ", ") or "")
end

--- Bars that consist of parts.
-- @tparam table spec parts: their names, 8 at most; bars: list of { name =, total =, values = by
-- number of the part }
function charts.stacked(spec)
  local most, drawn, said, tall = 0, {}, {}, 2 * svg.ROW + 2
  for _, bar in ipairs(spec.bars) do
    most = math.max(most, bar.total)
  end
  local scale = most > 0 and 1 / most or 0
  for i, bar in ipairs(spec.bars) do
    local y, at = (i - 1) * tall, 0
    drawn[#drawn + 1] = ('<text x="0" y="%d">%s: %s</text>'):format(y + 13, html.label(bar.name),
      readable.value(bar.total, spec.class))
    y = y + svg.ROW
    for p, name in ipairs(spec.parts) do
      local wide = math.max(bar.values[p], 0) * scale
      drawn[#drawn + 1] = wide > 0 and ('<rect class="c%d part" x="%s" y="%d" width="%s" '
        .. 'height="%d"><title>%s: %s</title></rect>'):format(p, svg.percent(at), y,
        svg.percent(wide), svg.ROW, html.label(name), readable.value(bar.values[p], spec.class))
        or nil
      at = at + wide
    end
    said[i] = say_parts(bar, spec.parts, spec.class)
  end
  return svg.figure(spec, { class = "bars", height = #spec.bars * tall,
    says = table.concat(said, "; ") .. ".", attributes = 'width="100%"', above = legend(spec.parts),
    plot = table.concat(drawn) })
end

return charts
