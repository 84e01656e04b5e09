--- Results of an analysis as values of Lua, which can be shown as text all the same.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"
local pretty = require "lttnga.pretty"
local render = require "lttnga.render_text"
local tables = require "lttnga.tables"

local Capture = {}
Capture.__index = Capture

local capture = {}

--- A renderer that keeps what it is given.
-- @tparam table about gmt, date: how times are shown
function capture.new(about)
  local self = setmetatable({ written = {}, results = {}, about = about }, Capture)
  self.text = render.new(function(piece) self.written[#self.written + 1] = piece end, about)
  return self
end

--- Rows of logs are wanted as values, too: of the fields of columns, and those of lines of text.
function capture.log_spec(_, one, list, is_narrowed)
  local line = {}
  for _, look in ipairs { one.text or render.plain_layout(list, is_narrowed), one.classic or {} } do
    local more = type(look) == "table" and look.line or {}
    table.move(more, 1, #more, #line + 1, line)
  end
  return { format = "record", columns = tables.log_columns(list), line = line[1] and line or nil }
end

Capture.log_spec = capture.log_spec

--- The rows of a log, which gives them only once, as a list of tables of fields.
-- @tparam table result it gets `rows` instead
-- @tparam[opt] integer most how many of them, the first ones; nil: all
function capture.keep_rows(result, most)
  local records, kept = {}, result.log
  for record in kept:each() do
    if #records == most then
      break
    end
    records[#records + 1] = record
  end
  result.log, result.is_log = nil, true
  result.rows = columns.cells(records, result.columns, { from = result.from }, result.title)
end

--- A table as a value.
local function value_of(result)
  local titles = {}
  for i, column in ipairs(result.columns) do
    titles[i] = column.title
  end
  return { id = result.id, title = result.title, columns = titles, rows = result.rows }
end

function Capture:window(results, first, last)
  for _, result in ipairs(results) do
    if result.log then
      capture.keep_rows(result)
    end
    self.results[#self.results + 1] = value_of(result)
  end
  self.text:window(results, first, last)
end

function Capture.finish()
end

--- What was captured: a list of { id =, title =, columns = { title, ... }, rows = { { cell, ...,
-- record = fields } } }, which has each of them under its id, too.
function Capture:tables()
  local list, written = {}, table.concat(self.written)
  for i, result in ipairs(self.results) do
    list[i] = result
    list[result.id] = list[result.id] or result
  end
  return pretty.shown(list, function() return (written:gsub("\n$", "")) end)
end

return capture
