--- Result tables as JSON, one object for each row, on a line of its own: for jq and the like.
-- Durations and times are in ns, sizes in bytes. `table` says which table it is; with several
-- windows, `window` says which one; with several traces, `host` and `trace` say whose row it is.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local columns = require "lttnga.columns"
local tables = require "lttnga.tables"

local render = {}

local encode = cells.json

--- An object of the parts of a cell.
local function object_of(...)
  local names = { ... }
  return function(value)
    local members = {}
    for i, name in ipairs(names) do
      members[i] = { name, encode(value[name]) }
    end
    return cells.object(members)
  end
end

--- How values of some data classes are written; others as they are.
local writers = {
  ["time-range"] = function(value)
    return cells.object { { "begin", encode(value[1]) }, { "end", encode(value[2]) } }
  end,
  process = object_of("name", "pid", "tid"),
  irq = object_of("name", "nr", "hard"),
  list = cells.any,
  counts = function(value)
    local members = {}
    for i, pair in ipairs(value) do
      members[i] = { pair[1], encode(pair[2]) }
    end
    return cells.object(members)
  end,
}

local function add_members(list, of, row)
  for c, column in ipairs(of) do
    local value = row[c]
    if value == columns.unknown then
      value = nil
    end
    local write = value ~= nil and writers[column.class] or encode
    list[#list + 1] = { column.name, write(value) }
  end
end

local Json = {}
Json.__index = Json

--- A renderer, see lttnga.tables.
function render.new(write, about)
  return setmetatable({ write = write, about = about }, Json)
end

function Json:log_spec(_, list)
  return { format = "json", columns = tables.log_columns(list), hosts = self.about.hosts ~= nil }
end

--- Writes one result.
-- @tparam[opt] integer first, last begin and end of its window, if there are several
-- @tparam[opt] table of the period that it is of, see lttnga.spans
function Json:result(result, first, last, of)
  local start = ('{"table":%s,'):format(encode(result.group and result.class or result.title))
  if first then
    start = start .. ('"window":{"begin":%d,"end":%d},'):format(first, last)
  end
  if of then
    start = start .. ('"period":{"name":%s,"begin":%d,"duration":%d,"captures":%s,'
      .. '"end_captures":%s},'):format(encode(of.name), of.begin, of.duration,
      of.captures or "null", of.end_captures or "null")
  end
  if result.log then
    self.write(result.log, start)
    return
  end
  local common = {}
  if self.about.hosts and not result.has_hosts then
    common[1] = { "host", encode(result.host or self.about.hosts.host) }
    common[2] = { "trace", encode(result.trace) }
  end
  if result.group then
    add_members(common, result.group, result.group_cells)
  end
  for _, row in ipairs(result.rows) do
    local members = table.move(common, 1, #common, 1, {})
    add_members(members, result.columns, row)
    self.write(start .. cells.object(members):sub(2) .. "\n")
  end
end

function Json:window(results, first, last, of)
  for _, result in ipairs(results) do
    if self.about.windows then
      self:result(result, first, last, of)
    else
      self:result(result)
    end
  end
end

--- The end: the facts about the trace as a whole.
function Json:finish(about)
  if about.trace then
    self:result(about.trace)
  end
end

return render
