--- A result table as an HTML table: numbers as people read them, exactly in `title` (by which
-- page.js sorts), names isolated, a bar beside what rows are ranked by.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local html = require "lttnga.html"
local pictures = require "lttnga.pictures"
local readable = require "lttnga.readable"
local render = require "lttnga.render_text"
local time = require "lttnga.time"

local html_table = {}

--- The units of exact values, shown after them.
local units = { duration = " ns", size = " bytes", ratio = "" }

--- Classes of columns that stand at the right, and are sorted as numbers.
local right = { number = true, duration = true, size = true, ratio = true, bitrate = true,
  fd = true, cpu = true, timestamp = true, ["time-range"] = true }

--- A number as HTML, its class, and its exact value if that is not what is shown.
local function number_cell(value, column, about, record)
  local class, digits = column.class, cells.number(value) or ""
  if units[class] then
    return readable.value(value, class), "n", digits .. units[class]
  elseif column.text then
    return html.text(column.text(value, about, record)), "n", digits
  elseif math.type(value) == "integer" then
    return ("%d"):format(value), "n"
  end
  return (math.abs(value) < 1e15 and "%.2f" or "%.3g"):format(value), "n", digits
end

--- Cells of some classes; others are texts.
local writers = {
  timestamp = function(value, _, about)
    return time.format(value, about), "n", ("%d ns"):format(value)
  end,
  ["time-range"] = function(value, _, about)
    return time.format(value[1], about) .. " – " .. time.format(value[2], about), "n",
      ("%d ns to %d ns"):format(value[1], value[2])
  end,
  -- What a layout puts before the name is for its lines.
  syscall = function(value) return html.cell(value) end,
}

--- Classes whose cells can be sentences: these may have several lines, of so many letters in all;
-- from this many bytes on they do.
local sentences = { string = true, list = true, counts = true }
local SENTENCE, WRAPS = 200, 44

--- What is in a cell.
-- @tparam table column see lttnga.columns
-- @treturn string HTML; class, or nil; title, or nil
local function content(value, column, about, record)
  if value == nil then
    return ""
  elseif value == columns.unknown then
    return "?", "u", "unknown"
  elseif writers[column.class] then
    return writers[column.class](value, column, about)
  elseif right[column.class] and type(value) == "number" then
    return number_cell(value, column, about, record)
  end
  local written = render.cell(column, value, about, record):gsub("^ +", "")
  local wraps = sentences[column.class] and #written > WRAPS
  return html.cell(written, wraps and SENTENCE or nil), wraps and "w" or nil
end

--- The attributes for a class and a title.
local function attributes(class, title)
  return (class and (' class="%s"'):format(class) or "")
    .. (title and (' title="%s"'):format(title) or "")
end

--- The headings of columns.
local function write_head(list)
  local parts = {}
  for c, column in ipairs(list) do
    parts[c] = ('<th scope="col"%s>%s</th>'):format(right[column.class] and ' class="n"' or "",
      html.name(column.title))
  end
  return "<thead><tr>" .. table.concat(parts) .. "</tr></thead>\n<tbody>\n"
end

--- The columns that have something in some row, and rows of only these.
local function without_empty(list, rows)
  local kept, numbers = {}, {}
  for c, column in ipairs(list) do
    for _, row in ipairs(rows) do
      if row[c] ~= nil then
        kept[#kept + 1], numbers[#numbers + 1] = column, c
        break
      end
    end
  end
  for r, row in ipairs(#kept < #list and rows or {}) do
    local cells_of = { record = row.record }
    for i, c in ipairs(numbers) do
      cells_of[i] = row[c]
    end
    rows[r] = cells_of
  end
  return kept, rows
end

--- Rows of results, with what all of a result have in common in front.
-- @tparam table results of one table, with the same columns
-- @treturn table columns; rows; how many there are, if these are not all
local function join(results)
  local group, rows, total = results[1].group or {}, {}, 0
  local list = table.move(group, 1, #group, 1, {})
  table.move(results[1].columns, 1, #results[1].columns, #list + 1, list)
  for _, result in ipairs(results) do
    total = total + (result.total or #result.rows)
    for _, row in ipairs(result.rows) do
      local joined = { record = row.record }
      for c = 1, #list do
        if c <= #group then
          joined[c] = result.group_cells and result.group_cells[c]
        else
          joined[c] = row[c - #group]
        end
      end
      rows[#rows + 1] = joined
    end
  end
  list, rows = without_empty(list, rows)
  return list, rows, total
end

--- The number of the column that gets bars, and its largest value; nil if none does.
local function barred(result, list, rows)
  local c = pictures.amounts({ columns = list, ranked = result.ranked }, 1)[1]
  if not c or #rows < 2
    or list[c].class ~= "ratio" and (not result.ranked or list[c].field ~= result.ranked) then
    return nil
  end
  local most = 0
  for _, row in ipairs(rows) do
    most = math.max(most, type(row[c]) == "number" and row[c] == row[c] and row[c] or 0)
  end
  return most > 0 and c or nil, most
end

--- A bar behind a number.
local function write_bar(value, most)
  return ('<svg class="bar" aria-hidden="true"><rect width="%.1f%%" height="100%%"/></svg>'):format(
    100 * math.max(value, 0) / most)
end

--- A row; `most`: the largest value of the column that gets bars, if one does.
local function write_row(row, list, about, bar, most)
  local line = {}
  for c, column in ipairs(list) do
    local shown, class, title = content(row[c], column, about, row.record)
    local behind = c == bar and type(row[c]) == "number" and write_bar(row[c], most) or ""
    line[c] = ("<td%s>%s%s</td>"):format(attributes(class, title), shown, behind)
  end
  return "<tr>" .. table.concat(line) .. "</tr>\n"
end

--- A single row of more columns than this is a list of what they have.
local FACTS = 6

local function write_facts(row, list, about)
  local parts = {}
  for c, column in ipairs(list) do
    local shown, _, title = content(row[c], column, about, row.record)
    parts[c] = ('<div><dt>%s</dt><dd%s>%s</dd></div>\n'):format(html.name(column.title),
      attributes(nil, title), shown)
  end
  return '<dl class="facts">\n' .. table.concat(parts) .. '</dl>\n'
end

--- Writes results that have the same columns as one table.
-- @tparam table results
-- @tparam table page about: how times are shown; rows: as many at most; take(bytes): whether there
-- is still room for so many
-- @tparam string heading the id of what says what the table is
-- @treturn string HTML
function html_table.write(results, page, heading)
  local list, rows, total = join(results)
  if total == 1 and #list > FACTS then
    return write_facts(rows[1], list, page.about)
  end
  local bar, most = barred(results[1], list, rows)
  local parts, shown = { write_head(list) }, 0
  for r = 1, math.min(#rows, page.rows) do
    local written = write_row(rows[r], list, page.about, bar, most)
    if not page:take(#written) then
      break
    end
    parts[#parts + 1], shown = written, r
  end
  local count = shown < total and ("%d of %d rows"):format(shown, total)
    or ("%d row%s"):format(shown, shown == 1 and "" or "s")
  return table.concat {
    '<p class="count"><span class="js tools"></span>', count, '</p>\n',
    '<div class="table" role="region" tabindex="0" aria-labelledby="', heading, '">',
    '<table aria-labelledby="', heading, '">', table.concat(parts), '</tbody></table></div>\n',
  }
end

return html_table
