--- Result tables as text for people: aligned columns, microseconds, local clock times.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local log = require "lttnga.log"
local text = require "lttnga.text"
local time = require "lttnga.time"
local units = require "lttnga.units"

local render = {}

--- How a cell of each data class is written; what is not listed is written as it is.
local formats = {}

function formats.duration(value)
  return units.us(value)
end

formats.size = units.format_size

function formats.ratio(value)
  return ("%.2f %%"):format(value * 100)
end

function formats.timestamp(value, opts)
  return time.format(value, opts)
end

function formats.irq(value)
  return ("%d (%s)"):format(value.nr, value.name or "unknown")
end

formats["time-range"] = function(value, opts)
  return time.format_range(value[1], value[2], opts)
end

function formats.process(value)
  return ("%s (%s)"):format(value.name or "unknown", value.tid or value.pid or "?")
end

--- Classes whose cells stand at the left of their column.
local left = { string = true, syscall = true, process = true, path = true, disk = true,
  part = true, netif = true, cpu = true, irq = true, ["time-range"] = true, timestamp = true,
  mixed = true }

--- The least width of a column, as in the tables of lttng-analyses.
local WIDTH = 14

local function cell(column, value, opts)
  if value == nil then
    return ""
  elseif value == analysis.unknown then
    return "?"
  end
  local format = formats[column.class]
  return text.clean(format and format(value, opts) or tostring(value))
end

--- The line above a table: its title, and the unit of what is in it.
local function heading(result)
  return text.clean(result.title .. (result.unit and (" (%s)"):format(result.unit) or "")) .. ":"
end

--- Writes one table: title, heading, a line, rows.
-- @tparam table result from Analysis:close
-- @tparam table opts gmt =, date = for times
-- @treturn string empty for a table without rows
function render.table(result, opts)
  if #result.rows == 0 then
    return ""
  end
  local columns = result.columns
  local titles, widths, written, cells = {}, {}, {}, {}
  for c, column in ipairs(columns) do
    titles[c] = text.clean(column.title)
    widths[c] = math.max(column.width or WIDTH, text.width(titles[c]))
  end
  for r, row in ipairs(result.rows) do
    cells[r] = {}
    for c, column in ipairs(columns) do
      cells[r][c] = cell(column, row[c], opts)
      widths[c] = math.max(widths[c], text.width(cells[r][c]))
    end
  end
  local function line(of)
    local parts = {}
    for c, column in ipairs(columns) do
      local last = c == #columns
      if not left[column.class] then
        parts[c] = text.pad_left(of(c), widths[c])
      else
        parts[c] = last and of(c) or text.pad_right(of(c), widths[c])
      end
    end
    return text.trim(table.concat(parts, " "))
  end
  written[1] = heading(result)
  written[2] = line(function(c) return titles[c] end)
  local width = #columns - 1
  for _, w in ipairs(widths) do
    width = width + w
  end
  written[3] = ("-"):rep(width)
  for _, row in ipairs(cells) do
    written[#written + 1] = line(function(c) return row[c] end)
  end
  return table.concat(written, "\n") .. "\n"
end

--- The line of one row, as the table says. What a `line` names are fields of row.fields.
local function line_of(layout, row, about)
  if layout.line then
    about.lines = about.lines or log.new(layout.line, about)
    return about.lines:text(row.fields)
  end
  local line = layout.row(row, about)
  if type(line) ~= "string" then
    fault.raise("`row` of a table's `text` must return a string, not a %s", type(line))
  end
  return line
end

--- The lines of a table that says itself how each of its rows looks.
-- @tparam table result with `rows`, with `lines` that are written already, or with a `log`
-- @tparam function write takes text, or what writes itself to a file
local function write_lines(result, layout, about, write)
  local top = type(layout.heading) == "function" and layout.heading(about) or layout.heading
  write(heading(result) .. "\n" .. top .. "\n")
  for _, row in ipairs(result.rows or {}) do
    write(line_of(layout, row, about) .. "\n")
  end
  if result.lines then
    for line in result.lines do
      write(line .. "\n")
    end
  end
  if result.log then
    write(result.log)
  end
  about.marked = about.marked or about.lines and about.lines:early()
  local footer = layout.footer and layout.footer(about)
  if footer then
    write(footer .. "\n")
  end
end

local Text = {}
Text.__index = Text

--- A renderer.
-- @tparam function write takes text, or what writes itself to a file (a log)
-- @tparam table about gmt, date: how times are shown
function render.new(write, about)
  return setmetatable({
    write = write,
    about = { gmt = about.gmt or false, date = about.date or false },
  }, Text)
end

--- A function that writes the rows of a table, one by one; what it notes of them; and whether it
-- takes them as fields, too.
function Text:row_writer(spec)
  local about = self:line_about(spec.from)
  return function(row)
    return line_of(spec.text, row, about)
  end, about, spec.text.line ~= nil
end

--- How lines that are made in C show times; earlier than `from` is marked.
function Text:line_about(from)
  return { gmt = self.about.gmt, date = self.about.date, from = from }
end

--- Writes the results of one window.
-- @tparam table results list of tables, from Analysis:close
function Text:window(results, first, last)
  self.write((self.written and "\n" or "") .. ("Timerange: %s\n"):format(
    time.format_range(first, last, { gmt = self.about.gmt, date = true })))
  self.written = true
  for _, result in ipairs(results) do
    local layout = result.text or render.table
    if type(layout) == "function" then
      local written = layout(result, self.about)
      local above = result.above and text.clean(result.above) .. "\n" or ""
      self.write(written ~= "" and "\n" .. above .. written or "")
    elseif result.lines or result.log or #result.rows > 0 then
      self.write("\n")
      write_lines(result, layout, result.about or self:line_about(result.from), self.write)
    end
  end
end

--- The end of the output. Warnings are on stderr.
function Text.finish()
end

return render
