--- Lines of text that C makes, in columns that fit: `line` of a table, see
-- docs/script-reference.md, if its columns have titles.
--
-- A log is written as it is read, so the widths of its columns can't be measured: they follow from
-- their contents where these are known; else they are those of the table.
--
-- SPDX-License-Identifier: MIT

local layout = require "lttnga.layout"
local text = require "lttnga.text"
local time = require "lttnga.time"

local lines = {}

--- Columns that fields take, by how they are shown, and by their names.
local shows = { duration = 11, size = 11, early = 1, hex = 18 }
local fields = { more = 2, least = 1, still = 4, mark = 1, pid = 7, tid = 7, cpu = 3, prio = 4,
  sector = 10 }

--- The width of what has none.
local WIDTH = 24

--- The widest that numbers are expected to become.
local NUMBER = 7

--- Splits a template into its texts.
local function choices(template)
  local list = {}
  for choice in (template .. "|"):gmatch("(.-)|") do
    list[#list + 1] = choice
  end
  return list
end

--- The width of one text of a template; nil if it can't be known.
local function width_of(choice, about)
  local width, known = 0, true
  local rest = choice:gsub("{([^:}]*):?(%l*)}", function(field, show)
    local own = show == "time" and #time.format(0, about) or shows[show] or fields[field]
    width, known = width + (own or 0), known and own ~= nil
    return ""
  end)
  return known and width + text.width(rest) or nil
end

--- The width of a template; nil if it can't be known.
local function known_width(template, about)
  local width = 0
  for _, choice in ipairs(choices(template)) do
    local own = width_of(choice, about)
    if not own then
      return nil
    end
    width = math.max(width, own)
  end
  return width
end

--- A template for columns that fit: durations with their unit, no spaces at the start.
local function plain(template)
  return (template:gsub(":us}", ":duration}"):gsub("^ +", ""):gsub("| +", "|"))
end

--- Whether the columns of lines have titles.
function lines.has_titles(line)
  return line ~= nil and line[1][3] ~= nil
end

--- The columns of lines, as lttnga.layout takes them.
-- @tparam table line list of { width, template, title, shorter = { template, title }, keeps =,
-- spare = } (see lttnga.layout)
-- @tparam table about gmt, date
-- @tparam boolean is_log whether lttnga.log is to write the rows
function lines.columns(line, about, is_log)
  local list = {}
  for i, given in ipairs(line) do
    local template = plain(given[2])
    local width = known_width(template, about)
    local is_left = given[1] <= 0
    local column = {
      title = given[3]:gsub("^ +", ""), template = template, left = is_left,
      cuts = not width and is_left,
      width = width or not is_left and math.min(given[1], NUMBER)
        or given[1] < 0 and -given[1] or WIDTH,
      keeps = i == 1 or given.keeps, spare = given.spare,
    }
    if given.shorter then
      local own = plain(given.shorter[1])
      column.shorter = { title = given.shorter[2], template = own, left = is_left,
        width = known_width(own, about), keeps = i == 1, rank = 1, take = layout.begin }
    elseif template:find(":duration}", 1, true) and not is_log then
      column.shorter = layout.rounded_column(column)
    end
    list[i] = column
  end
  return list
end

--- Gives the rest of a line to the last column.
local function fill(list, widths, about)
  local rest, last = about.width, list[#list]
  for _, width in ipairs(widths) do
    rest = rest and rest - width
  end
  rest = rest and rest - 2 * (#list - 1)
  if rest and last.cuts then
    widths[#widths] = widths[#widths] + math.max(0, rest)
  end
end

local function chosen(line, about)
  local list, widths, dropped = layout.choose(lines.columns(line, about, true), about.width)
  fill(list, widths, about)
  return list, widths, dropped
end

--- The headings above the columns.
-- @treturn string
-- @treturn table titles of the columns that are left out
function lines.heading(line, about)
  local list, widths, dropped = chosen(line, about)
  return table.concat(layout.headings(list, widths), "\n"), dropped
end

--- The columns as lttnga.log is to write them.
-- @tparam table line as the table says
-- @tparam table about width, gmt, date
function lines.fit(line, about)
  if not lines.has_titles(line) then
    return line
  end
  local list, widths = chosen(line, about)
  local fitted = {}
  for i, column in ipairs(list) do
    local width, template, previous = widths[i], column.template, list[i - 1]
    local most = about.width and column.cuts and width or nil
    -- lttnga.log puts one blank between columns, but two look better.
    if previous and not previous.left and column.left then
      template = " " .. template:gsub("|(.)", "| %1")
      width, most = width + 1, most and most + 1
    elseif not column.left and previous and not previous.left then
      width = width + 1
    end
    if column.left and i < #list then
      width = width + 1
    end
    fitted[i] = { column.left and (i < #list and -width or 0) or width, template, most = most }
  end
  return fitted
end

return lines
