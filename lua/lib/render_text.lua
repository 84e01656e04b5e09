--- Result tables as text for people: aligned columns, microseconds, local clock times.
--
-- A table says how it looks: nothing (title, headings, a line, rows), "grid" (no line, widths as
-- the columns say), "none" (it is for machines), a function that makes the whole text, or
-- { heading =, row = function(row, about) or line = columns of lttnga.log, footer = } for one line
-- at a time.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local fault = require "lttnga.fault"
local log = require "lttnga.log"
local tables = require "lttnga.tables"
local text = require "lttnga.text"
local thread = require "lttnga.thread"
local time = require "lttnga.time"
local units = require "lttnga.units"

local render = {}

--- How a cell of each data class is written; what is not listed is written as it is.
local formats = {
  duration = function(value) return units.us(value) end,
  size = units.format_size,
  ratio = function(value) return ("%.2f %%"):format(value * 100) end,
  timestamp = function(value, about) return time.format(value, about) end,
  irq = function(value) return ("%d (%s)"):format(value.nr, value.name or "unknown") end,
  process = thread.label, list = cells.any, counts = cells.any,
  ["time-range"] = function(value, about)
    return time.format_range(value[1], value[2], about)
  end,
}

--- Classes whose cells stand at the left of their column.
local left = { string = true, syscall = true, process = true, path = true, disk = true,
  part = true, netif = true, cpu = true, irq = true, ["time-range"] = true, timestamp = true,
  mixed = true, list = true, counts = true }

--- The least width of a column, as in the tables of lttng-analyses.
local WIDTH = 14

--- A cell as text.
-- @tparam table column of the table, see lttnga.columns
function render.cell(column, value, about)
  if value == nil then
    return ""
  elseif value == columns.unknown then
    return "?"
  end
  local format = column.text or formats[column.class]
  local written = text.clean(tostring(format and format(value, about) or value))
  return column.indent and (" "):rep(column.indent) .. written or written
end

--- The line above a table: its title, and the unit of what is in it.
local function heading_of(result)
  return text.clean(result.title .. (result.unit and (" (%s)"):format(result.unit) or "")) .. ":"
end

--- Writes one table: title, heading, a line, rows.
-- @tparam table result see lttnga.tables
-- @tparam table about gmt =, date = for times
-- @treturn string empty for a table without rows
function render.table(result, about)
  if #result.rows == 0 then
    return ""
  end
  local titles, widths, written, texts = {}, {}, {}, {}
  for c, column in ipairs(result.columns) do
    titles[c] = text.clean(column.heading)
    widths[c] = math.max(math.abs(column.width or WIDTH), text.width(titles[c]))
  end
  for r, row in ipairs(result.rows) do
    texts[r] = {}
    for c, column in ipairs(result.columns) do
      texts[r][c] = render.cell(column, row[c], about)
      widths[c] = math.max(widths[c], text.width(texts[r][c]))
    end
  end
  local function line(of)
    local parts = {}
    for c, column in ipairs(result.columns) do
      local last = c == #result.columns
      if not left[column.class] then
        parts[c] = text.pad_left(of[c], widths[c])
      else
        parts[c] = last and of[c] or text.pad_right(of[c], widths[c])
      end
    end
    return text.trim(table.concat(parts, " "))
  end
  local width = #widths - 1
  for _, w in ipairs(widths) do
    width = width + w
  end
  written[1], written[2], written[3] = heading_of(result), line(titles), ("-"):rep(width)
  for _, row in ipairs(texts) do
    written[#written + 1] = line(row)
  end
  return table.concat(written, "\n") .. "\n"
end

--- The headings and the cells of a table as lists of texts, and the least widths of its columns.
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

--- Writes one table as a grid: title, headings and rows in columns that are in line.
function render.grid(result, about)
  if #result.rows == 0 then
    return ""
  end
  local lines, widths = render.cells(result, about)
  local title = text.clean(result.title)
  local heading = (result.heading or "%s"):gsub("%%s", function() return title end)
  return heading .. "\n" .. text.join(text.grid(widths, lines))
end

local layouts = { grid = render.grid, none = function() return "" end }

-- ---- Line by line ----

--- How a field of each class looks in a line that lttnga.log makes; what is not listed: as it is.
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
    return ("{%s} ({%s})|{%s} (PID {%s})|{%s} (?)|unknown ({%s})|unknown (?)"):format(of.name,
      of.tid, of.name, of.pid, of.name, of.tid)
  end },
}

--- What a log without a layout of its own looks like: its columns, and the heading above them.
local function plain_layout(list)
  local line, widths, titles = {}, {}, {}
  for c, column in ipairs(list) do
    local parts = part_texts[column.class]
    local width = column.width or parts and parts[1] or left[column.class] and -WIDTH or WIDTH
    local template = line_texts[column.class] or "{%s}|"
    line[c] = { c == #list and width < 0 and 0 or width,
      parts and parts[2](column.field) or template:format(column.field) }
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
local function line_of(record, own, layout, about)
  local line = own and own:text(record) or layout.row(record, about)
  if type(line) ~= "string" then
    fault.raise("`row` of a table's `text` must return a string, not a %s", type(line))
  end
  return line
end

--- Writes the rows of a log that were not made into lines as they came.
local function write_records(result, layout, about, write)
  local own = layout.line and log.new { format = "text", line = layout.line, gmt = about.gmt,
    date = about.date, from = about.from }
  for record in result.log:each() do
    write(line_of(record, own, layout, about) .. "\n")
  end
  note_early(own, about)
end

--- Writes a table that says how each of its lines looks.
local function write_lines(result, layout, about, write)
  local top = type(layout.heading) == "function" and layout.heading(about) or layout.heading
  write(heading_of(result) .. "\n" .. top .. "\n")
  if result.log and result.format == "text" then
    about.marked = result.log:early()
    write(result.log)
  elseif result.log then
    write_records(result, layout, about, write)
  else
    local own = layout.line and log.new { format = "text", line = layout.line, gmt = about.gmt,
      date = about.date, from = about.from }
    for _, row in ipairs(result.rows) do
      write(line_of(row.record, own, layout, about) .. "\n")
    end
    note_early(own, about)
  end
  local footer = layout.footer and layout.footer(about)
  if footer then
    write(footer .. "\n")
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
      machines = about.machines, width = about.width, classic = about.classic or false,
      color = about.color or false },
  }, Text)
end

--- What a log makes of its rows: lines, if the table says of what they consist.
function Text:log_spec(one, list, is_narrowed)
  local layout = not is_narrowed and type(one.text) == "table" and one.text or plain_layout(list)
  if layout.line then
    return { format = "text", line = layout.line, gmt = self.about.gmt, date = self.about.date }
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
  self.write((self.written and "\n" or "") .. ("Timerange: %s\n"):format(
    time.format_range(first, last, { gmt = self.about.gmt, date = true })))
  self.written = true
  if of then
    self.write(period_of(of) .. "\n")
  end
  local host
  for _, result in ipairs(results) do
    if self.about.machines and result.host ~= host then
      host = result.host
      self.write(("\nHost: %s\n"):format(host and text.clean(host) or "all"))
    end
    local layout = layouts[result.text] or result.text
      or result.log and plain_layout(result.columns) or render.table
    if type(layout) == "function" then
      local written = layout(result, self.about)
      local above = result.above and text.clean(result.above) .. "\n" or ""
      self.write(written ~= "" and "\n" .. above .. written or "")
    elseif has_lines(result) then
      local about = setmetatable({ from = result.from }, { __index = self.about })
      self.write("\n")
      write_lines(result, layout, about, self.write)
    end
  end
end

--- The end of the output. Warnings are on stderr.
function Text.finish()
end

return render
