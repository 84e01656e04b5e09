--- Columns of text that fit into lines: how wide each becomes, which are shortened, and which left
-- out.
--
-- As far as needed, headings are broken into several lines, texts are shortened in the middle,
-- columns take their shorter form, and columns are left out, from the right on, except those that
-- tell rows apart. Numbers are never cut. Without a width none of this is done.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"

local layout = {}

--- Blanks between columns.
local GAP = 2

--- Texts are not shortened below the first of these, as long as columns have shorter forms; below
-- the second one, as long as there are columns to be left out; nor below the last one.
local COMFORT, ROOM, LEAST = 24, 12, 4

--- The width of bars: what they take at least, and at most; and what a line with them takes where
-- its width is not limited.
local BAR_LEAST, BAR_MOST, LINE = 10, 100, 100

--- The width of the longest word.
local function longest_word(heading)
  local longest = 0
  for word in heading:gmatch("%S+") do
    longest = math.max(longest, text.width(word))
  end
  return longest
end

--- A heading in lines of a width, as far as its words allow.
local function broken(heading, width)
  local lines = {}
  if text.width(heading) <= width then
    return { heading }
  end
  for word in heading:gmatch("%S+") do
    local longer = lines[#lines] and lines[#lines] .. " " .. word
    if longer and text.width(longer) <= width then
      lines[#lines] = longer
    else
      lines[#lines + 1] = word
    end
  end
  return lines
end

local function total(widths, gap)
  local sum = math.max(0, #widths - 1) * gap
  for _, width in ipairs(widths) do
    sum = sum + width
  end
  return sum
end

--- Makes the widest ones narrower until they fit; none below its least width.
local function squeeze(widths, least, room, gap)
  local over = total(widths, gap) - room
  while over > 0 do
    local widest, second = nil, 0
    for i, width in ipairs(widths) do
      if width > least[i] and (not widest or width > widths[widest]) then
        widest, second = i, widest and widths[widest] or 0
      elseif width > least[i] then
        second = math.max(second, width)
      end
    end
    if not widest then
      return
    end
    local by = math.min(over, widths[widest] - least[widest], math.max(1, widths[widest] - second))
    widths[widest], over = widths[widest] - by, over - by
  end
end

--- Joins headings that were broken, as far as there is room.
local function widen(widths, list, room, gap)
  local rest = room - total(widths, gap)
  for i, column in ipairs(list) do
    local more = math.min(math.max(0, text.width(column.title) - widths[i]), rest)
    widths[i], rest = widths[i] + more, rest - more
  end
end

--- Widths of columns in a line of `room`; nil if they don't fit.
local function widths_of(list, room, gap, floor)
  local whole, tight, least = {}, {}, {}
  for i, column in ipairs(list) do
    local word = longest_word(column.title)
    whole[i] = math.max(column.width, text.width(column.title))
    tight[i] = math.max(column.width, word)
    least[i] = column.cuts and math.min(tight[i], math.max(floor < ROOM and 0 or word, floor))
      or tight[i]
  end
  if not room or total(whole, gap) <= room then
    return whole
  elseif total(least, gap) > room then
    return nil
  end
  squeeze(tight, least, room, gap)
  widen(tight, list, room, gap)
  return tight
end

--- The column to leave out next: the last one of those that can be spared first, else of those that
-- need not stay.
local function find_spare(list)
  local last, least, spare
  for i = #list, 1, -1 do
    local rank = list[i].spare
    if rank and (not least or rank < least) then
      least, spare = rank, i
    end
    last = last or not list[i].keeps and i or nil
  end
  return spare or last
end

--- Gives columns their shorter form: all of the next rank. Returns whether there were some.
local function make_shorter(list)
  local first
  for _, column in ipairs(list) do
    local rank = column.shorter and column.shorter.rank
    first = rank and math.min(first or rank, rank) or first
  end
  for i, column in ipairs(first and list or {}) do
    list[i] = column.shorter and column.shorter.rank == first and column.shorter or column
  end
  return first ~= nil
end

--- The start of a range of times.
-- @tparam string cell
-- @treturn string
function layout.begin(cell)
  return cell:match "[^%[,]+" or cell
end

--- A duration with fewer digits: "1.82 s", "12.3 ms".
local function rounded(cell)
  return (cell:gsub("(%d+)(%.%d+)( [mu]?s)", function(whole, fraction, unit)
    return ("%." .. math.max(0, 3 - #whole) .. "f%s"):format(tonumber(whole .. fraction), unit)
  end))
end

--- A column of durations with fewer digits: "1.82 s", "12.3 ms".
-- @tparam table column see layout.choose
-- @treturn table
function layout.rounded_column(column)
  return { title = column.title, left = column.left, keeps = column.keeps, spare = column.spare,
    template = column.template, rank = 2, width = #"1000 ms", take = rounded }
end

--- Chooses columns, and their widths.
-- @tparam table given list of columns: title; width: of the widest cell; cuts: whether cells may be
-- shortened; keeps: whether it must stay; spare: a number if it is to be left out early, the least
-- first; shorter: a column that can take its place, whose `rank` says which do so first, and whose
-- `take` makes its cell of that of the longer one
-- @tparam[opt] integer room the width of a line
-- @tparam[opt] integer gap spaces between columns
-- @treturn table the columns that are left
-- @treturn table their widths
-- @treturn table titles of those that are left out
function layout.choose(given, room, gap)
  local list, dropped, place = table.move(given, 1, #given, 1, {}), {}, {}
  gap = gap or GAP
  local widths = widths_of(list, room, gap, COMFORT)
  while not widths and make_shorter(list) do
    widths = widths_of(list, room, gap, COMFORT)
  end
  for i, column in ipairs(list) do
    place[column] = i
  end
  widths = widths or widths_of(list, room, gap, ROOM)
  local function drop(i)
    local column = table.remove(list, i)
    dropped[#dropped + 1] = not column.is_empty and not column.bar and column or nil
    return widths_of(list, room, gap, ROOM)
  end
  while not widths and #list > 1 and find_spare(list) do
    widths = drop(find_spare(list))
  end
  widths = widths or widths_of(list, room, gap, LEAST)
  while not widths and #list > 1 do
    -- Too many keys: those on the right are lost.
    widths = drop(#list) or widths_of(list, room, gap, LEAST)
  end
  table.sort(dropped, function(a, b) return place[a] < place[b] end)
  for i, column in ipairs(dropped) do
    dropped[i] = column.title
  end
  return list, widths or { room }, dropped
end

--- The headings above columns, one or more lines; the lowest one is full.
-- @tparam table list columns
-- @tparam table widths
-- @tparam[opt] integer gap
-- @treturn table lines
function layout.headings(list, widths, gap)
  local parts, most = {}, 1
  for i, column in ipairs(list) do
    parts[i] = broken(column.title, widths[i])
    most = math.max(most, #parts[i])
  end
  local lines = {}
  for n = 1, most do
    local cells = {}
    for i, column in ipairs(list) do
      local cell = parts[i][n - most + #parts[i]] or ""
      cell = text.shorten(cell, math.max(widths[i], 1))
      cells[i] = column.left and text.pad_right(cell, widths[i]) or text.pad_left(cell, widths[i])
    end
    lines[n] = text.trim(table.concat(cells, (" "):rep(gap or GAP)))
  end
  return lines
end

--- Eighths of a column.
local eighths = { [0] = "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

--- A bar for a share of a width; any share above 0 can be seen.
-- @tparam number part 0 to 1
-- @tparam integer width columns
-- @treturn string
function layout.bar(part, width)
  local n = math.floor(part * width * 8 + 0.5)
  if part > 0 and n == 0 then
    n = 1
  end
  return ("█"):rep(n // 8) .. eighths[n % 8]
end

--- A cell of at most so many columns. What stands in brackets at its end, such as a TID, stays if
-- there is room for some of the rest.
local function shortened(cell, width)
  local behind = cell:match " %([^()]*%)$"
  local before = behind and width - 1 - text.width(behind)
  return before and before >= 2 and text.shorten(cell, width, before) or text.shorten(cell, width)
end

--- Makes the lines of a table.
-- @tparam table columns see layout.choose; left: whether cells are aligned left; bar: cells are
-- numbers from 0 to 1, drawn as bars that take the room that is left
-- @tparam table rows lists of cells: clean texts
-- @tparam table about width, color
-- @treturn table lines of headings
-- @treturn table lines of rows
-- @treturn integer width of the widest line
-- @treturn table titles of the columns that are left out
function layout.table(columns, rows, about)
  local given, bar = {}, nil
  for c, column in ipairs(columns) do
    local width = column.bar and BAR_LEAST or 0
    for _, row in ipairs(column.bar and {} or rows) do
      width = math.max(width, text.width(row[c]))
    end
    given[c] = setmetatable({ at = c, width = math.min(width, text.WIDEST),
      is_empty = width == 0, spare = width == 0 and 0 or column.spare }, { __index = column })
    if column.shorter then
      local own = 0
      for _, row in ipairs(rows) do
        own = math.max(own, text.width(column.shorter.take(row[c])))
      end
      given[c].shorter = setmetatable({ at = c, width = own, is_empty = own == 0,
        spare = given[c].spare }, { __index = column.shorter })
    end
    bar = bar or column.bar
  end
  local list, widths, dropped = layout.choose(given, about.width)
  for i, column in ipairs(list) do
    if column.bar then
      local rest = (about.width or LINE) - total(widths, GAP)
      widths[i] = math.max(math.min(widths[i] + rest, BAR_MOST), BAR_LEAST)
    end
  end
  local lines, whole = {}, total(widths, GAP)
  local wraps = #columns == 2 and list[2] and list[2].cuts and about.width
  for _, row in ipairs(rows) do
    local cells = {}
    for i, column in ipairs(list) do
      local cell = column.take and column.take(row[column.at]) or row[column.at]
      if column.bar then
        cell = text.colored(layout.bar(cell, widths[i]), "bar", about)
      elseif about.width and (column.cuts or #list == 1) and not (wraps and i == 2) then
        cell = shortened(cell, widths[i])
      end
      if column.left and i < #list then
        cell = text.pad_right(cell, widths[i])
      elseif not column.left and not column.bar then
        cell = text.pad_left(cell, widths[i])
      end
      cells[i] = cell
    end
    local line = text.trim(table.concat(cells, (" "):rep(GAP)))
    if wraps then
      local parts = layout.wrap(line, about, widths[1] + GAP)
      table.move(parts, 1, #parts, #lines + 1, lines)
    else
      lines[#lines + 1] = line
    end
  end
  return layout.headings(list, widths), lines, whole, dropped
end

--- The line below a table that names the columns that did not fit.
-- @tparam table dropped their titles
-- @tparam table about
-- @treturn string
function layout.left_out(dropped, about)
  if #dropped == 0 then
    return {}
  end
  return layout.wrap(("Columns not shown: %s (use --width N for wider lines)"):format(
    table.concat(dropped, ", ")), about, 2)
end

--- Breaks a text at spaces into lines that fit.
-- @tparam string line clean
-- @tparam table about width
-- @tparam integer indent spaces before all lines but the first one
-- @treturn table lines
function layout.wrap(line, about, indent)
  local lines, room = {}, about.width
  if not room or text.width(line) <= room then
    return { line }
  end
  for blanks, word in line:gmatch("( *)(%S+)") do
    local longer = (lines[#lines] or "") .. blanks .. word
    if text.width(longer) <= room then
      lines[math.max(1, #lines)] = longer
    else
      lines[#lines + 1] = text.shorten((" "):rep(#lines > 0 and math.min(indent, room // 2) or 0)
        .. word, room)
    end
  end
  return lines
end

-- ---- Lines that somebody else has made ----

--- Whether a line has no cells: it is a rule, or a sentence.
local function is_plain(line)
  return line:match "^(.)%1*$" ~= nil or not line:find("  ", 1, true)
end

--- Whether a line without cells is a sentence, which goes on in the next line if it is too wide.
local function is_sentence(line)
  local _, blanks = line:gsub("%S +%S", "")
  return blanks >= 5 and is_plain(line:match("^ *(.*)$"))
end

--- A sentence in several lines; words that are too wide are shortened.
local function fold_sentence(line, room)
  local indent = line:match("^ *")
  return (text.fold(line, room, indent, indent .. "  "):gsub("[^\n]+", function(part)
    return text.width(part) > room and text.shorten(part, room) or nil
  end))
end

--- The terminal columns that are blank in all lines with cells.
local function blank_columns(list)
  local taken, last = {}, 0
  for _, line in ipairs(list) do
    local at = 0
    for _, code in utf8.codes(is_plain(line) and "" or line) do
      local character = utf8.char(code)
      local width = text.width(character)
      if character ~= " " then
        for c = at + 1, at + width do
          taken[c] = true
        end
      end
      at = at + width
      last = math.max(last, at)
    end
  end
  local blank, run = {}, 0
  for c = 1, last do
    run = taken[c] and 0 or run + 1
    blank[c] = run > GAP
  end
  return blank
end

--- A line without some of its columns.
local function without(line, blank)
  local kept, at = {}, 0
  for _, code in utf8.codes(line) do
    local character = utf8.char(code)
    kept[#kept + 1] = not blank[at + 1] and character or nil
    at = at + text.width(character)
  end
  return table.concat(kept)
end

--- Shortens the longest cell of a line so that the line fits; if that does not help, the line.
local function shorten_cell(line, room)
  local over = text.width(line) - room
  local longest, width, at = nil, 0, 1
  for cell, blanks in (line .. "  "):gmatch("(.-)(   *)") do
    local own = text.width(cell)
    if own > width then
      longest, width = { at, at + #cell - 1 }, own
    end
    at = at + #cell + #blanks
  end
  if not longest or width - over < ROOM then
    return text.shorten(line, room)
  end
  return line:sub(1, longest[1] - 1) .. text.shorten(line:sub(longest[1], longest[2]), width - over)
    .. line:sub(longest[2] + 1)
end

--- Cuts one line at its end if it is too wide.
-- @tparam string line
-- @tparam table about width
-- @treturn string
function layout.cut(line, about)
  return about.width and text.shorten(line, about.width, about.width) or line
end

--- Makes finished lines fit: folds sentences, narrows blank columns, then shortens cells. The
-- renderer does this with whatever `text` of a table returns.
-- @tparam string written
-- @tparam table about width
-- @treturn string
function layout.clip(written, about)
  local room, list, widest = about.width, {}, 0
  for line in (room and written or ""):gmatch("([^\n]*)\n?") do
    list[#list + 1] = line
    widest = math.max(widest, text.width((line:gsub("\27%[%d*m", ""))))
  end
  if widest <= (room or 0) or written:find "\27" or not utf8.len(written) then
    return written
  end
  local blank = blank_columns(list)
  return (written:gsub("[^\n]+", function(line)
    local kept = is_plain(line) and line or without(line, blank)
    if text.width(kept) > room and is_sentence(kept) then
      return fold_sentence(kept, room)
    end
    return text.width(kept) > room and (line:match("^(.)%1*$") and text.shorten(line, room)
      or shorten_cell(kept, room)) or kept
  end))
end

return layout
