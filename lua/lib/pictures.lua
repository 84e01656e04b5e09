--- From result tables to pictures: what `chart` of a table asks for (see lttnga.chart_field), of
-- the rows that there are.
--
-- SPDX-License-Identifier: MIT

local charts = require "lttnga.charts"
local flame_chart = require "lttnga.flame_chart"
local html = require "lttnga.html"
local render = require "lttnga.render_text"
local tables = require "lttnga.tables"
local time_charts = require "lttnga.time_charts"

local pictures = {}

--- Bars in a picture; pictures of one table that has several results; rows of a map.
local BARS, PICTURES, BOUNDS = 15, 16, 64

-- ---- Rows and columns ----

--- A cell as a number; nil if it is none.
local function number(value)
  return type(value) == "number" and value == value and math.abs(value) < math.huge and value or nil
end

--- Classes of columns of numbers that say how much, and don't name something.
local amounts = { number = true, duration = true, size = true, ratio = true, bitrate = true }

--- Those that are numbers without a unit.
local bare = { number = true, cpu = true, fd = true }

--- The label of a row: the cells of its key columns. (Where no column is said to be one the
-- first is; if that says how much, it does not tell rows apart.)
-- @treturn string
function pictures.key_of(row, list, about)
  local parts = {}
  for c, column in ipairs(list) do
    if column.is_key and row[c] ~= nil and (bare[column.class] or not amounts[column.class]) then
      local cell = render.cell(column, row[c], about)
      parts[#parts + 1] = bare[column.class] and ("%s %s"):format(column.title, cell) or cell
    end
  end
  return table.concat(parts, ", ")
end

--- The columns whose numbers are worth a picture: first what rows are ranked by, or a ratio; then
-- others, so many at most.
-- @treturn table list of numbers of columns
function pictures.amounts(result, most)
  local list, taken = {}, {}
  local function take(fits)
    for c, column in ipairs(result.columns) do
      if #list < most and not taken[c] and not column.is_key and amounts[column.class]
        and fits(column) then
        list[#list + 1], taken[c] = c, true
      end
    end
  end
  take(function(column) return result.ranked and column.field == result.ranked end)
  take(function(column) return column.class == "ratio" and column.name ~= "unknown" end)
  take(function(column) return column.class ~= "ratio" end)
  for c, column in ipairs(result.columns) do
    list[1] = list[1] or amounts[column.class] and column.class ~= "number" and c or nil
  end
  return list
end

--- Begin and end of a cell that is a time; no end if it is a moment, nothing if it is none.
local function times(value)
  if type(value) == "table" and math.type(value[1]) == "integer" then
    return value[1], value[2]
  end
  return math.type(value) == "integer" and value or nil
end

--- Rows that have a time, in order.
local function in_order(rows, x)
  local list, places = {}, {}
  for i, row in ipairs(rows) do
    if times(row[x]) then
      list[#list + 1], places[row] = row, i
    end
  end
  table.sort(list, function(a, b)
    local first, second = times(a[x]), times(b[x])
    return first < second or first == second and places[a] < places[b]
  end)
  return list
end

--- The numbers of columns that a chart names; nil if one is not there (--columns).
local function find_all(result, names)
  local found = {}
  for i, name in ipairs(type(names) == "table" and names or { names }) do
    found[i] = tables.find_column(result.columns, name)
    if not found[i] then
      return nil
    end
  end
  return found
end

--- The times of rows, each once, and those at which nothing follows a row that says where it ends;
-- the number of the step that begins at a time; where the last one ends: where its row says so,
-- else as far on as others are apart.
local function steps_of(rows, x, page)
  local at, places, last = {}, {}, nil
  for _, row in ipairs(rows) do
    local begin, ending = times(row[x])
    if last and last < begin then
      at[#at + 1] = last
    end
    if not places[begin] then
      at[#at + 1] = begin
      places[begin] = #at
    end
    last = ending
  end
  if not last and #at > 0 then
    local apart = #at > 1 and (at[#at] - at[1]) // (#at - 1) or page.to - at[1]
    last = math.max(math.min(at[#at] + apart, page.to), at[#at] + 1)
  end
  return at, places, last
end

--- What all pictures over time have in common.
local function new_spec(page, title, class)
  return { id = page:id(), title = title, class = class, from = page.from,
    to = math.max(page.to, page.from + 1), gmt = page.about.gmt }
end

-- ---- Lines and areas ----

--- Those of several series that can be told apart: the largest ones; of stacked ones the others as
-- one.
-- @treturn table list of series; a sentence if there were more
local function largest(series, steps, is_area)
  if #series <= time_charts.SERIES then
    return series
  end
  local sums, places = {}, {}
  for i, one in ipairs(series) do
    sums[one], places[one] = 0, i
    for k = 1, steps do
      sums[one] = sums[one] + (one.values[k] or 0)
    end
  end
  local ranked = table.move(series, 1, #series, 1, {})
  table.sort(ranked, function(a, b)
    return sums[a] > sums[b] or sums[a] == sums[b] and places[a] < places[b]
  end)
  local kept = table.move(ranked, 1, time_charts.SERIES - (is_area and 1 or 0), 1, {})
  if not is_area then
    return kept, ("The %d largest of %d are shown."):format(#kept, #ranked)
  end
  local others = { name = ("%d others"):format(#ranked - #kept), values = {} }
  for i = #kept + 1, #ranked do
    for k = 1, steps do
      local value = ranked[i].values[k]
      others.values[k] = value and (others.values[k] or 0) + value or others.values[k]
    end
  end
  kept[#kept + 1] = others
  return kept
end

--- Series of columns, or of one column by the values of another.
local function series_of(result, rows, x, ys, by, places, page)
  local list, known = {}, {}
  for _, row in ipairs(rows) do
    for _, y in ipairs(ys) do
      local name = by and render.cell(result.columns[by], row[by], page.about)
        or result.columns[y].title
      if not known[name] then
        known[name] = { name = name, values = {} }
        list[#list + 1] = known[name]
      end
      known[name].values[places[times(row[x])]] = number(row[y])
    end
  end
  return list
end

--- Whether a value of some series is not 0.
local function has_something(list)
  for _, one in ipairs(list) do
    for _, value in pairs(one.values) do
      if value ~= 0 then
        return true
      end
    end
  end
  return false
end

local function draw_over_time(chart, result, page, title)
  local ys, x = find_all(result, chart.y), tables.find_column(result.columns, chart.x)
  local by = chart.by and tables.find_column(result.columns, chart.by)
  if not ys or not x or chart.by and not by then
    return nil
  end
  local rows = in_order(result.rows, x)
  local at, places, last = steps_of(rows, x, page)
  if #at == 0 then
    return nil
  end
  local list = series_of(result, rows, x, ys, by, places, page)
  if not has_something(list) then
    return nil, ('<p class="empty">%s: no data.</p>\n'):format(html.name(title))
  end
  local spec = new_spec(page, title, result.columns[ys[1]].class)
  spec.at, spec.at_end = at, last
  spec.series, spec.note = largest(list, #at, chart.kind == "area")
  return spec.id, time_charts[chart.kind](spec)
end

-- ---- Distributions ----

--- The column with the upper bounds of ranges, if there is one.
local function upper_of(result, x)
  local column = result.columns[x + 1]
  return column and column.class == result.columns[x].class and column.class ~= "number" and x + 1
    or nil
end

--- The ranges of a table's rows, in order, and how many are in each.
local function bins_of(result, x, y)
  local bins, of, upper = {}, {}, upper_of(result, x)
  for _, row in ipairs(result.rows) do
    local low, count = number(row[x]), number(row[y])
    if low and count then
      if not of[low] then
        of[low] = { low = low, high = upper and number(row[upper]), count = 0 }
        bins[#bins + 1] = of[low]
      end
      of[low].count = of[low].count + count
    end
  end
  table.sort(bins, function(a, b) return a.low < b.low end)
  for i, bin in ipairs(bins) do
    local high = bin.high or bins[i + 1] and bins[i + 1].low
    bin.high = high and high > bin.low and high or bin.low + math.max(math.abs(bin.low), 1)
  end
  return bins
end

--- The columns of a distribution: of the bounds; a list of those of counts.
local function columns_of(chart, result)
  local x = tables.find_column(result.columns, chart.x)
  if not x or chart.y then
    return x, chart.y and find_all(result, chart.y) or {}
  end
  local counts = {}
  for c, column in ipairs(result.columns) do
    counts[#counts + 1] = c ~= x and column.class == "number" and c or nil
  end
  return x, counts
end

local function draw_histogram(chart, result, page, title)
  local x, counts = columns_of(chart, result)
  local drawn = {}
  for _, y in ipairs(counts) do
    local bins, counted = bins_of(result, x, y), result.columns[y].title
    drawn[#drawn + 1] = #bins > 0 and charts.histogram { id = page:id(), bins = bins,
      class = result.columns[x].class, counted = counted:lower(),
      title = #counts > 1 and ("%s: %s"):format(title, counted) or title } or nil
  end
  return nil, #drawn > 0 and table.concat(drawn) or nil
end

--- Ranges in order, of upper bounds by lower ones; their numbers by the lower bound.
local function bounds_of(uppers)
  local list, places = {}, {}
  for low, high in pairs(uppers) do
    list[#list + 1] = { low = low, high = high }
  end
  table.sort(list, function(a, b) return a.low < b.low end)
  local all = {}
  for _, one in ipairs(list) do
    local before = all[#all]
    -- Ranges that double; empty ones are missing.
    while before and before.low > 0 and before.high == 2 * before.low and before.high < one.low do
      before = { low = before.high, high = 2 * before.high }
      all[#all + 1] = before
    end
    all[#all + 1] = one
    places[one.low] = #all
  end
  return all, places
end

--- Whether ranges are too many for a map, or some lie within others.
local function is_unfit(bounds)
  for i = 2, #bounds do
    if bounds[i].low < bounds[i - 1].high - 1 then
      return true
    end
  end
  return #bounds > BOUNDS
end

local function draw_heat(chart, result, page, title)
  local found = find_all(result, { chart.x, chart.y, chart.value })
  if not found then
    return nil
  end
  local x, y, value = table.unpack(found)
  local rows, uppers, upper = {}, {}, upper_of(result, y)
  for _, row in ipairs(in_order(result.rows, x)) do
    if number(row[y]) and number(row[value]) then
      rows[#rows + 1] = row
      uppers[row[y]] = upper and number(row[upper]) or row[y]
    end
  end
  local at, places, last = steps_of(rows, x, page)
  local bounds, numbers = bounds_of(uppers)
  if #at == 0 or #at > 2 * time_charts.STEPS or is_unfit(bounds) then
    return nil
  end
  local counts = {}
  for _, row in ipairs(rows) do
    local column, at_row = places[times(row[x])], numbers[row[y]]
    counts[column] = counts[column] or {}
    counts[column][at_row] = (counts[column][at_row] or 0) + row[value]
  end
  local spec = new_spec(page, title, result.columns[y].class)
  spec.at, spec.at_end, spec.bounds, spec.counts = at, last, bounds, counts
  spec.counted = result.columns[value].title:lower()
  return spec.id, time_charts.heat(spec)
end

-- ---- Bars and flames ----

--- The names of rows, as parts of bars, and their values in some columns; without the row of the
-- whole, whose values are those of the whole bars.
local function parts_of(result, ys, chart, page)
  local parts, whole = {}, nil
  for _, row in ipairs(result.rows) do
    local name = pictures.key_of(row, result.columns, page.about)
    if chart.whole and render.cell(result.columns[1], row[1], page.about) == chart.whole then
      whole = row
    else
      local part = { name = name, sum = 0 }
      for i, y in ipairs(ys) do
        part[i] = math.max(number(row[y]) or 0, 0)
        part.sum = part.sum + part[i]
      end
      parts[#parts + 1] = part
    end
  end
  return parts, whole
end

--- Bars of columns: each consists of the rows, and of what these don't make up of the whole.
local function draw_stacked(chart, result, page, title)
  local ys = find_all(result, chart.y)
  if not ys then
    return nil
  end
  local parts, whole = parts_of(result, ys, chart, page)
  local names, bars = {}, {}
  for p = 1, math.min(#parts, time_charts.SERIES - 1) do
    names[p] = parts[p].name
  end
  for i, y in ipairs(ys) do
    local bar, sum = { name = result.columns[y].title, values = {}, total = 0 }, 0
    for p, part in ipairs(parts) do
      bar.total = bar.total + part[i]
      bar.values[p] = p <= #names and part[i] or nil
      sum = sum + (bar.values[p] or 0)
    end
    bar.total = whole and number(whole[y]) or bar.total
    bar.rest, bars[i] = bar.total - sum, bar
  end
  local shown = #names
  for _, bar in ipairs(bars) do
    -- What rounding leaves is no part.
    names[shown + 1] = names[shown + 1] or bar.rest > bar.total / 1e6 and "others" or nil
    bar.values[shown + 1] = math.max(bar.rest, 0)
  end
  return nil, #names > 0 and charts.stacked { id = page:id(), title = title, parts = names,
    bars = bars, class = result.columns[ys[1]].class } or nil
end

local function draw_bars(chart, result, page, title)
  if type(chart.y) == "table" then
    return draw_stacked(chart, result, page, title)
  end
  local y = tables.find_column(result.columns, chart.y)
  local x = chart.x and tables.find_column(result.columns, chart.x)
  local rows = {}
  for _, row in ipairs(y and result.rows or {}) do
    local value = number(row[y])
    local name = x and render.cell(result.columns[x], row[x], page.about)
      or pictures.key_of(row, result.columns, page.about)
    rows[#rows + 1] = value and #rows < BARS and { name, value } or nil
  end
  return nil, #rows > 0 and charts.bars { id = page:id(), title = title, rows = rows,
    total = #result.rows, class = result.columns[y].class } or nil
end

local function draw_flame(chart, result, page, title)
  local found, rows = find_all(result, { chart.x, chart.y }), {}
  for _, row in ipairs(found and result.rows or {}) do
    local stack, value = row[found[1]], number(row[found[2]])
    rows[#rows + 1] = type(stack) == "string" and value and value > 0 and { stack, value } or nil
  end
  return nil, #rows > 0 and flame_chart.draw { id = page:id(), title = title, rows = rows,
    class = result.columns[found[2]].class } or nil
end

-- ---- Of one window ----

local kinds = {
  line = draw_over_time, area = draw_over_time, histogram = draw_histogram, heat = draw_heat,
  bars = draw_bars, flame = draw_flame,
}

--- The pictures of results of one table, in one window.
-- @tparam table results of the same table
-- @tparam table page from, to: what time axes show (ns); about: gmt; id(): a new one; picture(id,
-- html, data): the HTML, or what stands there instead if there is no room
-- @treturn table list of HTML
function pictures.of(results, page)
  local drawn, all = {}, 0
  for _, result in ipairs(results) do
    for _, chart in ipairs(#result.rows > 0 and result.charts or {}) do
      all = all + 1
      if all <= PICTURES then
        drawn[#drawn + 1] = page:picture(kinds[chart.kind](chart, result, page,
          chart.title or result.title))
      end
    end
  end
  if all > PICTURES then
    drawn[#drawn + 1] = ('<p class="note">%d of %d charts shown.</p>\n'):format(PICTURES, all)
  end
  return drawn
end

-- ---- Of several windows ----

local Series = {}
Series.__index = Series

--- Things that are followed (of more than that the lesser half is forgotten), and columns of them.
local FOLLOWED, COLUMNS = 400, 4

--- What is gathered of a table, window by window.
function pictures.series()
  return setmetatable({ windows = {}, each = 1, names = {}, things = {}, uppers = {} }, Series)
end

--- Two neighbours as one: the larger value of lines, the sum of distributions.
local function halve(self)
  local windows, kept = self.windows, {}
  for i = 1, #windows, 2 do
    local one, other = windows[i], windows[i + 1]
    kept[#kept + 1] = { one[1], (other or one)[2],
      parts = one.parts + (other and other.parts or 0) }
  end
  for _, thing in pairs(self.things) do
    for c, values in pairs(thing) do
      local made = {}
      for i = 1, #windows, 2 do
        local a, b = values[i], values[i + 1]
        made[(i + 1) // 2] = a and b and (self.is_map and a + b or math.max(a, b)) or a or b
      end
      thing[c] = made
    end
  end
  self.windows, self.each = kept, self.each * 2
end

--- Lets the lesser half of things go.
local function forget(self)
  local most = {}
  for name, thing in pairs(self.things) do
    most[name] = 0
    for _, value in pairs(thing[self.columns[1]] or {}) do
      most[name] = math.max(most[name], value)
    end
  end
  table.sort(self.names, function(a, b)
    return most[a] > most[b] or most[a] == most[b] and a < b
  end)
  for i = #self.names, FOLLOWED // 2 + 1, -1 do
    self.things[self.names[i]], self.names[i] = nil, nil
  end
end

local function thing_of(self, name)
  if not self.things[name] then
    self.things[name] = {}
    self.names[#self.names + 1] = name
  end
  return self.things[name]
end

--- Adds a row's numbers to those of its name.
local function add_numbers(self, name, row, step)
  local thing = thing_of(self, name)
  for _, c in ipairs(self.columns) do
    thing[c] = thing[c] or {}
    local value, known = number(row[c]), thing[c][step]
    thing[c][step] = value and known and math.max(value, known) or value or known
  end
end

local function add_rows(self, result, step, about, has_others)
  self.columns = self.columns or pictures.amounts(result, COLUMNS)
  for _, row in ipairs(result.rows) do
    local name = pictures.key_of(row, result.columns, about)
    if has_others then
      name = name ~= "" and ("%s: %s"):format(result.title, name) or result.title
    end
    add_numbers(self, name, row, step)
  end
  if #self.names > FOLLOWED then
    forget(self)
  end
end

--- Ranges are rows of a map, if they are the same in all windows.
local function add_ranges(self, result, step)
  local x, counts = columns_of(result.charts[1], result)
  self.x, self.y = x, counts[1]
  for _, bin in ipairs(counts[1] and bins_of(result, x, counts[1]) or {}) do
    local thing = thing_of(self, result.title)
    self.uppers[result.title] = self.uppers[result.title] or {}
    self.uppers[result.title][bin.low] = bin.high
    thing[bin.low] = thing[bin.low] or {}
    thing[bin.low][step] = bin.count > 0 and (thing[bin.low][step] or 0) + bin.count or nil
  end
end

--- Adds the results of a window.
-- @tparam table results of the same table
-- @tparam integer first, last begin and end of the window, ns
function Series:add(results, first, last, about)
  local open = self.windows[#self.windows]
  if open and open.parts < self.each then
    open[2], open.parts = last, open.parts + 1
  else
    if #self.windows >= 2 * time_charts.STEPS then
      halve(self)
    end
    self.windows[#self.windows + 1] = { first, last, parts = 1 }
  end
  local chart = results[1].charts and results[1].charts[1]
  self.is_map, self.sample = chart and chart.kind == "histogram", self.sample or results[1]
  for _, result in ipairs(results) do
    if self.is_map then
      add_ranges(self, result, #self.windows)
    else
      add_rows(self, result, #self.windows, about, #results > 1)
    end
  end
end

local function spec_of(self, page, title, class)
  local spec = new_spec(page, title, class)
  spec.at = {}
  for i, window in ipairs(self.windows) do
    spec.at[i], spec.at_end = window[1], window[2]
  end
  return spec
end

--- The counts of a map by column and row.
local function counts_of(thing, numbers)
  local counts = {}
  for low, values in pairs(thing) do
    for step, count in pairs(values) do
      counts[step] = counts[step] or {}
      counts[step][numbers[low]] = count
    end
  end
  return counts
end

local function draw_maps(self, page)
  local drawn, differ = {}, false
  for _, title in ipairs(self.names) do
    local bounds, numbers = bounds_of(self.uppers[title])
    if is_unfit(bounds) or #self.windows > time_charts.STEPS then
      differ = true
    elseif #drawn < PICTURES then
      local spec = spec_of(self, page, title, self.sample.columns[self.x].class)
      spec.bounds, spec.counts = bounds, counts_of(self.things[title], numbers)
      spec.counted = self.sample.columns[self.y].title:lower()
      drawn[#drawn + 1] = page:picture(spec.id, time_charts.heat(spec))
    end
  end
  if differ then
    drawn[#drawn + 1] = '<p class="note">No map over time: the ranges differ between '
      .. 'intervals.</p>\n'
  end
  return drawn
end

--- The series of a column.
local function lines_of(self, c)
  local series = {}
  for _, name in ipairs(self.names) do
    local values = self.things[name][c]
    series[#series + 1] = values and next(values) and { values = values,
      name = name == "" and self.sample.columns[c].title or name } or nil
  end
  return series
end

--- The pictures of a table over all windows.
-- @treturn table list of HTML
function Series:draw(page)
  local drawn = {}
  while self.is_map and #self.windows > time_charts.STEPS do
    halve(self)
  end
  if self.is_map then
    return draw_maps(self, page)
  end
  for _, c in ipairs(self.columns or {}) do
    local column, series = self.sample.columns[c], lines_of(self, c)
    if #series > 0 then
      local spec = spec_of(self, page, ("%s: %s"):format(self.sample.class, column.title),
        column.class)
      spec.series, spec.note = largest(series, #self.windows, false)
      spec.note = self.each > 1 and ("%sEach step covers %d intervals."):format(
        spec.note and spec.note .. " " or "", self.each) or spec.note
      drawn[#drawn + 1] = page:picture(spec.id, time_charts.line(spec))
    end
  end
  return drawn
end

return pictures
