--- Results of an analysis as values of Lua, which can be shown as text all the same.
--
-- SPDX-License-Identifier: MIT

local pretty = require "lttnga.pretty"
local render = require "lttnga.render_text"

local Capture = {}
Capture.__index = Capture

local capture = {}

--- A renderer that keeps what it is given.
-- @tparam table about gmt, date: how times are shown
function capture.new(about)
  local self = setmetatable({ written = {}, results = {} }, Capture)
  self.text = render.new(function(piece) self.written[#self.written + 1] = piece end, about)
  return self
end

--- Rows of sorted tables come one by one, and are wanted in their order: each is kept under a
-- number, which is what is sorted.
function Capture:row_writer(spec)
  local rows = {}
  local write, about, wants_fields = self.text:row_writer(spec)
  about.kept = rows
  return function(row)
    rows[#rows + 1] = { row = row, text = write(row) }
    return tostring(#rows)
  end, about, wants_fields
end

--- The texts of a sorted table's rows, whose rows are put into `list`.
local function in_order(result, list)
  local next_number = result.lines
  return function()
    local number = next_number()
    local kept = number and result.about.kept[tonumber(number)]
    if kept then
      list[#list + 1] = kept.row
      return kept.text
    end
  end
end

--- A table as a value.
local function value_of(result, rows)
  local columns = {}
  for i, column in ipairs(result.columns) do
    columns[i] = column.title
  end
  return { id = result.id, title = result.title, columns = columns, rows = rows }
end

function Capture:window(results, first, last)
  for _, result in ipairs(results) do
    local rows = result.rows
    if result.lines then
      rows = {}
      result.lines = in_order(result, rows)
    end
    self.results[#self.results + 1] = value_of(result, rows)
  end
  self.text:window(results, first, last)
end

function Capture.finish()
end

--- What was captured: a list of { id =, title =, columns = { title, ... }, rows = { { cell, ... } }
-- }, which has each of them under its id, too.
function Capture:tables()
  local tables, written = {}, table.concat(self.written)
  for i, result in ipairs(self.results) do
    tables[i] = result
    tables[result.id] = tables[result.id] or result
  end
  return pretty.shown(tables, function() return (written:gsub("\n$", "")) end)
end

return capture
