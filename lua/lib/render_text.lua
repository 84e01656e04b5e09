--- Result tables as text for people: columns that fit, durations and sizes with their unit, local
-- time. With --classic it looks as in lttng-analyses, see lttnga.classic.
--
-- A table can choose its look: nothing (title, headings, a line, rows), "grid" (the same; in the
-- classic look no line, and the widths of the columns), "none" (it is for machines), a function
-- that makes the whole text, or { heading =, row = function(row, about) or line = columns for
-- lttnga.log, footer = } for one line at a time. Its `classic` is for that look only.
--
-- SPDX-License-Identifier: MIT

local any_cell = require("lttnga.cells").any
local classic = require "lttnga.classic"
local columns = require "lttnga.columns"
local ends = require "lttnga.ends"
local fault = require "lttnga.fault"
local formats = require "lttnga.formats"
local layout = require "lttnga.layout"
local line_layout = require "lttnga.lines"
local log = require "lttnga.log"
local tables = require "lttnga.tables"
local text = require "lttnga.text"
local thread = require "lttnga.thread"
local time = require "lttnga.time"
local ranked = require("lttnga.top").most
local units = require "lttnga.units"

local render = {}

--- A duration with its unit; in the classic look in microseconds.
local function duration(value, about)
  if about and about.classic then
    return units.us(value)
  end
  return formats.duration(math.tointeger(value) or math.floor(value + 0.5))
end

--- A number: fractions with three decimals, in the classic look with all of them.
local function number(value, about)
  local is_whole = math.type(value) == "integer" or about and about.classic
  return is_whole and tostring(value) or ("%.3f"):format(value)
end

--- How a cell of each class is written; what is not listed is written as it is.
local written_as = {
  duration = duration, number = number,
  size = units.format_size,
  ratio = function(value) return ("%.2f %%"):format(value * 100) end,
  timestamp = function(value, about) return time.format(value, about) end,
  irq = function(value) return ("%d (%s)"):format(value.nr, value.name or "unknown") end,
  process = thread.label, list = any_cell, counts = any_cell,
  ["time-range"] = function(value, about)
    return time.format_range(value[1], value[2], about)
  end,
}

--- Classes whose cells are aligned left.
local left = { string = true, syscall = true, process = true, path = true, disk = true,
  part = true, netif = true, cpu = true, irq = true, ["time-range"] = true, timestamp = true,
  mixed = true, list = true, counts = true }

--- Those of them that are never shortened, since they are not texts.
local whole = { cpu = true, ["time-range"] = true, timestamp = true }

--- The least width of a column in the classic look.
local WIDTH = 14

--- Rows of a table that are shown by default; of ranked ones, lttnga.tables.LIMIT.
local ROWS = 20

--- A cell as text.
-- @tparam table column of the result, see lttnga.columns
-- @tparam any value
-- @tparam[opt] table about gmt, date, classic
-- @tparam[opt] table row what the row was made of
-- @treturn string
function render.cell(column, value, about, row)
  if value == nil then
    return ""
  elseif value == columns.unknown then
    return "?"
  end
  local format = column.text or written_as[column.class]
  local written = text.clean(tostring(format and format(value, about, row) or value))
  return column.indent and (" "):rep(column.indent) .. written or written
end

--- A heading without a unit of times: each of these has its own.
local function without_unit(heading)
  return (heading:gsub(" ?%(us%)", ""):gsub(" ?%(usec%)", ""):gsub(" ?%(times in ms%)", ""))
end

--- The line above a table: its title, how many rows there are, and their unit.
-- @tparam table result
-- @tparam integer shown how many of its rows are shown
-- @tparam table about
-- @treturn string
function render.title(result, shown, about)
  if about.classic then
    return classic.heading(result)
  end
  local title = result.heading and result.text == "grid" and without_unit(result.heading) or "%s"
  title = title:gsub("%%s", function() return result.title end):gsub(":$", "")
  local unit = result.unit and result.unit ~= "usec" and result.unit ~= "us" and result.unit
  local total = math.max(result.total or 0, result.rows and #result.rows or 0)
  return table.concat(layout.wrap(text.clean(without_unit(title)
    .. (unit and (" (%s)"):format(unit) or "")
    .. (shown < total and (" (%d of %d)"):format(shown, total) or "")), about, 2), "\n")
end

--- How many rows are shown: all, unless there was no --limit.
local function shown_rows(result, about)
  if about.classic or not result.unlimited then
    return #result.rows
  end
  local is_ranked = result.by or result.flat
  return math.min(#result.rows, is_ranked and tables.LIMIT or ROWS)
end

--- Texts of cells, by row.
local function texts_of(result, shown, about)
  local texts = {}
  for r = 1, shown do
    texts[r] = {}
    for c, column in ipairs(result.columns) do
      texts[r][c] = render.cell(column, result.rows[r][c], about, result.rows[r].record)
    end
  end
  return texts
end

--- The columns of a table for lttnga.layout, without hidden ones.
function render.layout_columns(result, about)
  local list, numbers = {}, {}
  for c, column in ipairs(result.columns) do
    if not column.hidden or result.is_chosen then
      local title = text.clean((without_unit(column.heading):gsub("^ +", "")))
      local one = { title = title, left = left[column.class],
        cuts = left[column.class] and not whole[column.class],
        keeps = column.is_key or column.field ~= nil and column.field == result.by,
        spare = column.spare }
      if column.class == "time-range" then
        one.shorter = { title = "Begin", left = true, keeps = one.keeps, rank = 1,
          width = #time.format(0, about), take = layout.begin }
      elseif column.class == "duration" then
        one.shorter = layout.rounded_column(one)
      end
      list[#list + 1], numbers[#numbers + 1] = one, c
    end
  end
  return list, numbers
end

--- Writes title, headings, a rule and rows below each other.
-- @tparam string|table title or a list of it and sentences about the rows
-- @tparam table list columns, see lttnga.layout
-- @tparam table rows texts of their cells
-- @tparam table about
-- @treturn string
function render.lines(title, list, rows, about)
  local headings, lines, width, dropped = layout.table(list, rows, about)
  local above = type(title) == "table" and title or { title }
  local written = { text.colored(above[1], "title", about) }
  for i = 2, #above do
    local parts = layout.wrap(above[i], about, 2)
    table.move(parts, 1, #parts, #written + 1, written)
  end
  table.move(headings, 1, #headings, #written + 1, written)
  written[#written + 1] = text.colored(("-"):rep(math.min(width, about.width or width)), "dim",
    about)
  table.move(lines, 1, #lines, #written + 1, written)
  local rest = layout.left_out(dropped, about)
  table.move(rest, 1, #rest, #written + 1, written)
  return table.concat(written, "\n") .. "\n"
end

--- Writes one table: title, heading, a line, rows.
-- @tparam table result see lttnga.tables
-- @tparam table about gmt =, date = for times; width, color, classic
-- @treturn string empty for a table without rows
function render.table(result, about)
  if #result.rows == 0 then
    return ""
  end
  local shown = shown_rows(result, about)
  local texts = texts_of(result, shown, about)
  if about.classic then
    local titles = {}
    for c, column in ipairs(result.columns) do
      titles[c] = text.clean(column.heading)
    end
    return classic.table(result, titles, texts, left)
  end
  local list, numbers = render.layout_columns(result, about)
  local rows = {}
  for r, row in ipairs(texts) do
    rows[r] = {}
    for i, c in ipairs(numbers) do
      rows[r][i] = row[c]
    end
  end
  return render.lines(render.title(result, shown, about), list, rows, about)
end

--- The headings and the cells of a table as lists of texts, for a `text` of your own.
-- @tparam table result
-- @tparam table about
-- @treturn table lines: the headings, then the rows
-- @treturn table the least widths of the columns
function render.cells(result, about)
  local lines, widths = { {} }, {}
  for c, column in ipairs(result.columns) do
    lines[1][c] = column.heading
    widths[c] = column.width or left[column.class] and -WIDTH or WIDTH
  end
  for r, row in ipairs(result.rows) do
    lines[r + 1] = {}
    for c, column in ipairs(result.columns) do
      lines[r + 1][c] = render.cell(column, row[c], about)
    end
  end
  return lines, widths
end

--- Writes one table as a grid.
function render.grid(result, about)
  if #result.rows == 0 or not about.classic then
    return render.table(result, about)
  end
  return classic.grid(result, render.cells(result, about))
end

local layouts = { grid = render.grid, none = function() return "" end }

-- ---- Line by line ----

--- How a field of each class is written in a line that lttnga.log makes; the others are as they
-- are.
local line_texts = {
  duration = "{%s:us}|", size = "{%s:size}|", timestamp = "{%s:time}|",
}

--- How cells of several parts look there: their least width, and a function of their fields.
local part_texts = {
  ["time-range"] = { -41, function(of)
    return ("[{%s:time}, {%s:time}]|"):format(of["begin"], of["end"])
  end },
  irq = { -WIDTH, function(of) return ("{%s} ({%s})|{%s} (unknown)|"):format(of.nr, of.name,
    of.nr) end },
  process = { -25, function(of)
    local list = {}
    for _, choice in ipairs { "{name} ({tid})", "{name} (PID {pid})", "{name} (?)",
      "unknown ({tid})", "unknown (?)" } do
      local has_all = true
      choice = choice:gsub("{(%l+)}", function(part)
        has_all = has_all and of[part] ~= nil
        return of[part] and ("{%s}"):format(of[part])
      end)
      list[#list + 1] = has_all and choice or nil
    end
    return table.concat(list, "|")
  end },
}

--- The template of a cell of a log that has none of its own: what is still open has taken at least
-- that long.
local function plain_template(column, list)
  local parts = part_texts[column.class]
  if column.line then
    return column.line
  elseif parts then
    return parts[2](column.field)
  elseif column.field == "duration" and list.has_open then
    return ends.duration .. "|"
  end
  local template = line_texts[column.class] or "{%s}|"
  return template:format(column.field) .. (column.unknown and "?" or "")
end

--- What a log without a layout of its own looks like: its columns, and the heading above them.
-- @tparam table list columns
-- @tparam boolean is_chosen whether --columns has named them, so none is hidden
function render.plain_layout(list, is_chosen)
  local line, widths, titles, shown = {}, {}, {}, {}
  for _, column in ipairs(list) do
    shown[#shown + 1] = (is_chosen or not column.hidden) and column or nil
    shown.has_open = shown.has_open or column.field == ends.column[3]
  end
  for c, column in ipairs(shown) do
    local parts = part_texts[column.class]
    local width = column.width or parts and parts[1] or left[column.class] and -WIDTH or WIDTH
    line[c] = { c == #shown and width < 0 and 0 or width, plain_template(column, shown),
      column.heading, keeps = column.is_key, spare = column.spare }
    widths[c], titles[c] = line[c][1], column.heading
  end
  return { line = line, heading = text.columns(widths, table.unpack(titles)) }
end

--- Notes whether a line began before the time that was asked for; a function `row` notes that by
-- itself.
local function note_early(own, about)
  if own then
    about.marked = own:early()
  end
end

--- One line: made by an object of lttnga.log, or by a function of the script.
local function line_of(record, own, look, about)
  local line = own and own:text(record) or look.row(record, about)
  if type(line) ~= "string" then
    fault.raise("`row` of a table's `text` must return a string, not a %s", type(line))
  end
  return line
end

--- What lttnga.log makes lines of.
local function log_spec(line, about)
  return { format = "text", line = line, gmt = about.gmt, date = about.date, from = about.from }
end

--- Rows of a table as lttnga.lines lays them out, where all of them are there.
local function write_table(result, look, about, write)
  local list, cells = line_layout.columns(look.line, about), {}
  local rows = {}
  local shown = shown_rows(result, about)
  for c, column in ipairs(list) do
    cells[c] = log.new(log_spec({ { 0, column.template } }, about))
  end
  for r = 1, shown do
    rows[r] = {}
    for c in ipairs(list) do
      rows[r][c] = text.trim(cells[c]:text(result.rows[r].record))
    end
  end
  for _, own in ipairs(cells) do
    about.marked = about.marked or own:early()
  end
  write(render.lines(render.title(result, shown, about), list, rows, about))
end

--- Writes the rows of a log.
local function write_log(result, look, about, write)
  if result.format == "text" then
    about.marked = result.log:early()
    write(result.log)
    return
  end
  local own = look.line and log.new(log_spec(line_layout.fit(look.line, about), about))
  for record in result.log:each() do
    write(layout.cut(line_of(record, own, look, about), about) .. "\n")
  end
  note_early(own, about)
end

--- Writes rows one by one, as the table says.
local function write_rows(result, look, about, write)
  local own = look.line and log.new(log_spec(look.line, about))
  for _, row in ipairs(result.rows) do
    write(layout.cut(line_of(row.record, own, look, about), about) .. "\n")
  end
  note_early(own, about)
end

--- What stands above lines: a title and headings.
local function write_heading(result, look, about, write)
  local top = type(look.heading) == "function" and look.heading(about) or look.heading
  local dropped
  if not about.classic and line_layout.has_titles(look.line) then
    top, dropped = line_layout.heading(look.line, about)
  end
  local n = result.log and result.log:count() or #result.rows
  write(text.colored(render.title(result, n, about), "title", about)
    .. "\n" .. top:gsub("[^\n]+", function(line) return layout.cut(line, about) end) .. "\n")
  return dropped and table.concat(layout.left_out(dropped, about), "\n") or ""
end

--- Writes a table that says how each of its lines looks.
local function write_lines(result, look, about, write)
  local fits = not about.classic and line_layout.has_titles(look.line)
  if fits and not result.log and #result.rows > 0 then
    write_table(result, look, about, write)
  else
    local below = write_heading(result, look, about, write)
    local put = result.log and write_log or write_rows
    put(result, look, about, write)
    write(below ~= "" and below .. "\n" or "")
  end
  local footer = look.footer and look.footer(about)
  if footer then
    write(layout.clip(footer, about) .. "\n")
  end
end

--- Whether there is something to be shown: of a log, as a rule, its heading.
local function has_lines(result)
  local n = result.log and result.log:count() or #result.rows
  return n > 0 or (result.log or result.is_log) and not result.optional
end

-- ---- The renderer ----

local Text = {}
Text.__index = Text

--- A renderer, see lttnga.tables.
function render.new(write, about)
  return setmetatable({
    write = write, about = { gmt = about.gmt or false, date = about.date or false,
      machines = about.machines, compared = about.compared, width = about.width,
      classic = about.classic or false,
      color = about.color or false },
    -- What follows the windows if they are intervals.
    series = about.windows and not about.periods and not about.classic
      and require "lttnga.series".new() or nil,
  }, Text)
end

--- How a table looks.
local function look_of(one, about)
  return about.classic and one.classic or one.text
end

--- What a log makes of its rows: lines, if the table says of what they consist.
function Text:log_spec(one, list, is_narrowed)
  local look = look_of(one, self.about)
  look = not is_narrowed and type(look) == "table" and look
    or render.plain_layout(list, is_narrowed)
  if look.line then
    return log_spec(self.about.classic and look.line or line_layout.fit(look.line, self.about),
      self.about)
  end
  return { format = "record", columns = tables.log_columns(list) }
end

--- Whether all results that have something are for other programs.
local function are_bare(results)
  local bare = false
  for _, result in ipairs(results) do
    if not result.bare and (result.log or #result.rows > 0) then
      return false
    end
    bare = bare or result.bare
  end
  return bare
end

--- What a window is of: "Period: NAME, 1.234 ms, a = 1".
local function period_of(of)
  local captures = require("lttnga.period_family").capture_lines
  local parts = { of.name, text.duration(of.duration) }
  for _, list in ipairs { captures(of.captures), captures(of.end_captures) } do
    table.move(list, 1, #list, #parts + 1, parts)
  end
  return text.clean("Period: " .. table.concat(parts, ", "))
end

--- The line above a window: its begin and end, in which zone that is, how long it is.
local function range_of(first, last, about)
  if about.classic then
    return "Timerange: " .. time.format_range(first, last, { gmt = about.gmt, date = true })
  end
  local dated = { gmt = about.gmt, date = true }
  local is_long = time.is_multi_day(first, last, about.gmt)
  return table.concat(layout.wrap(("Timerange: [%s, %s] %s, %s"):format(time.format(first, dated),
    time.format(last, { gmt = about.gmt, date = is_long }), time.zone(first, about.gmt),
    text.duration(last - first)), about, 2), "\n")
end

--- Writes one table, behind an empty line.
local function write_result(self, result)
  local about = setmetatable({ from = result.from }, { __index = self.about })
  local look = look_of(result, about)
  look = layouts[look] or look or (result.log or result.is_log)
    and render.plain_layout(result.columns, result.is_chosen) or render.table
  if type(look) == "function" then
    local written = look(result, about)
    written = result.bare and written or layout.clip(written, about)
    local above = result.above and table.concat(layout.wrap(text.clean(about.classic
      and result.above or without_unit(result.above)), about, 2), "\n") .. "\n" or ""
    self.write(written ~= "" and "\n" .. above .. written or "")
  elseif has_lines(result) then
    self.write("\n")
    write_lines(result, look, about, self.write)
  end
end

--- One result of several whose rows are put together, behind what those of each have in common.
local function join(results)
  local first, list, rows = results[1], {}, {}
  local function add(columns_here)
    table.move(columns_here, 1, #columns_here, #list + 1, list)
  end
  add(first.group)
  add(first.columns)
  for _, result in ipairs(results) do
    for _, row in ipairs(result.rows) do
      local cells = table.move(result.group_cells, 1, #first.group, 1, { record = row.record })
      rows[#rows + 1] = table.move(row, 1, #first.columns, #first.group + 1, cells)
    end
  end
  local total
  rows, total = ranked(rows, function(row) return row.record[first.flat] end, first.limit)
  return setmetatable({ title = first.class, columns = list, rows = rows, total = total,
    above = false }, { __index = first })
end

--- Results, with those put together that are `flat`.
-- @tparam table results
-- @treturn table
function render.joined(results)
  local list, run = {}, {}
  for i, result in ipairs(results) do
    local is_flat = result.flat and result.group_cells and not result.is_chosen
    local after = results[i + 1]
    run[#run + 1] = result
    if not (is_flat and after and after.flat and after.id == result.id
        and after.host == result.host) then
      list[#list + 1] = #run > 1 and join(run) or result
      run = {}
    end
  end
  return list
end

--- Writes the results of one window.
-- @tparam table results
-- @tparam integer first, last begin and end of the window
-- @tparam[opt] table of the period that it is of, see lttnga.spans
function Text:window(results, first, last, of)
  if are_bare(results) then
    for _, result in ipairs(results) do
      self.write(#result.rows > 0 and result.text(result, self.about) or "")
    end
    return
  end
  local head = self.about.compared or range_of(first, last, self.about)
  self.write((self.written and "\n" or "") .. head .. "\n")
  self.written = true
  if of then
    self.write(table.concat(layout.wrap(period_of(of), self.about, 2), "\n") .. "\n")
  end
  if self.series then
    self.series:add(results, first, last, self.about)
  end
  local host
  for _, result in ipairs(self.about.classic and results or render.joined(results)) do
    if self.about.machines and result.host ~= host then
      host = result.host
      self.write(("\n%s\n"):format(layout.clip("Host: " .. (host and text.clean(host) or "all"),
        self.about)))
    end
    write_result(self, result)
  end
end

--- The end of the output. Warnings are on stderr.
function Text:finish()
  self.write(self.series and self.series:text(self.about) or "")
end

return render
