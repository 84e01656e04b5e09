--- Rows look the same for machines, whether Lua writes them (rows of a table) or C does (a log).
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local windows = require "lttnga.windows"

local host = require "tests.spec.host"

--- Columns of every class that rows of a log can have, and values for their fields.
local columns = {
  { "Text", "string", "text" }, { "Path", "path", "path", unknown = "fd" },
  { "Call", "syscall", "call" }, { "Disk", "disk", "disk", unknown = "is" },
  { "Number", "number", "number" }, { "Ratio", "ratio", "ratio" },
  { "Duration", "duration", "duration", unit = "ns" }, { "Size", "size", "size" },
  { "When", "timestamp", "at" }, { "CPU", "cpu", "cpu" }, { "FD", "fd", "fd" },
  { "Is", "bool", "is" }, { "Mixed", "mixed", "mixed" },
  { "Range", "time-range", { "at", "to" } },
  { "Thread", "process", { name = "text", tid = "tid", pid = "pid" } },
  { "Other", "process", { name = "path", tid = "tid" }, with = "tid" },
  { "Interrupt", "irq", { nr = "number", name = "call", hard = "is" } },
}

local texts = { "", "plain", 'a"b', "a,b", "=1+2", "-3", "@x", "+", "\27[31m", "a\nb", "中", "\xff",
  "\\", "/", "\0x", "\u{2028}", "'", "\t", "\127", "\u{9b}" }
local numbers = { 0, -1, 5, math.maxinteger, math.mininteger + 1 }
local reals = { 0.1, 1 / 3, -2.5, 1e300, 5e-324, 0.0, 100.0, 0 / 0, 1 / 0 }

local seed = 1
local function pick(list)
  seed = seed * 6364136223846793005 + 1442695040888963407
  return list[(seed >> 33) % (#list + 1) + 1] -- nil, now and then
end

--- A row; `number` and `at` are there always: an interrupt has a number, a range its ends.
local function random_row(i)
  local row = { at = i, to = i + (pick(numbers) or 0) % 1000, number = pick(numbers) or 7,
    text = pick(texts), path = pick(texts), call = pick(texts), disk = pick(texts),
    ratio = pick(reals), duration = pick(numbers), size = pick(numbers), cpu = pick { 0, 1, 255 },
    fd = pick { 0, 3 }, tid = pick { 1, 99 }, pid = pick { 1, 98 }, mixed = pick { 5, "x", 1.5 } }
  if pick { 1, 2 } == 1 then
    row.is = i % 2 == 0
  end
  return row
end

local rows = {}
for i = 1, 400 do
  rows[i] = random_row(i)
end

--- What a renderer makes of a table with these rows.
local function written(name, about, more)
  local render, parts = require("lttnga.render_" .. name), {}
  local renderer = render.new(host.writer(parts), about)
  local one = { "id", "Title", columns }
  for key, value in pairs(more) do
    one[key] = value
  end
  local made = analysis { title = "T", on = {}, tables = { one } }
  local w = windows.open(made, {}, renderer)
  for _, row in ipairs(w.log and rows or {}) do
    w.log:add(row)
  end
  renderer:window(windows.close(made, w), 1, 2)
  renderer:finish { warnings = {}, lost = {}, single = true }
  return table.concat(parts)
end

describe("rows of a table and of a log look the same", function()
  for _, case in ipairs { { "csv", {} }, { "csv", { spreadsheet = true } },
    { "csv", { windows = true } }, { "json", {} }, { "json", { windows = true } }, { "lami", {} } }
  do
    local about = next(case[2]) and " with " .. next(case[2]) or ""
    it("in " .. case[1] .. about, function()
      local lines = {}
      for which, more in pairs {
        rows = { rows = function() return rows end }, log = { sorted = "log", order = "at" },
      } do
        lines[which] = {}
        -- LAMI is one line.
        local text = written(case[1], case[2], more):gsub("%],%[", "],\n[")
        for line in text:gmatch "[^\n]+" do
          table.insert(lines[which], line)
        end
      end
      assert.is_true(#lines.rows >= #rows)
      assert.equal(#lines.rows, #lines.log)
      for i, line in ipairs(lines.rows) do
        assert.equal(line, lines.log[i])
      end
    end)
  end
end)
