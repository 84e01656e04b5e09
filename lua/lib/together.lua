--- Results of several hosts, or containers, together: one table instead of one for each of them,
-- whose rows say whose they are.
--
-- Rows are put together, not what they were made of: each row is of one host, or container. They
-- are sorted, and cut off, as those of one are.
--
-- SPDX-License-Identifier: MIT

local capture = require "lttnga.capture"
local columns = require "lttnga.columns"
local fault = require "lttnga.fault"
local tables = require "lttnga.tables"

local together = {}

--- The column that all tables get, before their own.
local HOST = columns.read({ { "Host", "string" } }, "hosts", assert)[1]
HOST.name = "host"
local CONTAINER = columns.read({ { "Container", "string", key = true, width = -20 } },
  "containers", assert)[1]
CONTAINER.name = "container"

local Together = {}
Together.__index = Together

--- A renderer, see lttnga.tables, that passes on all results at the end.
-- @tparam table module that of the renderer
-- @tparam function write
-- @tparam table about see lttnga.tables; jobs: see run.go
-- @tparam[opt] integer limit how many rows a table has at most; 0: all; nil: as that of one host
function together.new(module, write, about, limit)
  if about.windows then
    fault.usage("--together: these results are of intervals (--refresh)")
  end
  about.machines = nil
  return setmetatable({ renderer = module.new(write, about), jobs = about.jobs, tables = {},
    by_table = {}, runs = {}, limit = limit }, Together)
end

Together.log_spec = capture.log_spec

--- The name of a host; those of several traces that have the same one are numbered.
local function name_of(self, host, run)
  local name = host or "unknown"
  local runs = self.runs[name] or {}
  self.runs[name] = runs
  for number, known in ipairs(runs) do
    if known == run then
      return number == 1 and name or ("%s (%d)"):format(name, number)
    end
  end
  runs[#runs + 1] = run
  return name_of(self, host, run)
end

--- What results must have in common to become one: title, columns, and what their rows share.
local function key_of(result)
  local words = { result.title }
  for _, column in ipairs(result.columns) do
    words[#words + 1] = column.title
  end
  for i, column in ipairs(result.group or {}) do
    words[#words + 1] = tostring(columns.rank_of(result.group_cells[i], column))
  end
  return table.concat(words, "\0")
end

--- Takes the results of a trace.
-- @tparam table results
-- @tparam integer first, last begin and end of the window, ns
-- @tparam integer run number of the trace
function Together:window(results, first, last, run)
  self.first = math.min(self.first or first, first)
  self.last = math.max(self.last or last, last)
  for _, result in ipairs(results) do
    if result.log then
      capture.keep_rows(result)
    end
    local id = ("%d %s"):format(result.job, result.id)
    local of = self.by_table[id]
    if not of then
      of = { by_key = {} }
      self.by_table[id] = of
      self.tables[#self.tables + 1] = of
    end
    local key = key_of(result)
    if not of.by_key[key] then
      of.by_key[key] = {}
      of[#of + 1] = of.by_key[key]
    end
    table.insert(of.by_key[key], { result = result, whose = name_of(self, result.host, run) })
  end
end

--- What a result has that is of one host only, or of its log.
local OF_ONE = { above = true, charts = true, host = true, says = true, trace = true,
  format = true, is_log = true }

--- One result of those of several hosts, or containers.
-- @tparam table parts list of { result =, whose = }
-- @tparam table column says whose rows they are
-- @tparam table values options of the job
-- @tparam[opt] integer limit
-- @tparam[opt] table kept what all have in common of what is else of one
local function join(parts, column, values, limit, kept)
  local first, list, rows, total = parts[1].result, { column }, {}, 0
  list.dynamic = true
  table.move(first.columns, 1, #first.columns, 2, list)
  for _, part in ipairs(parts) do
    for _, row in ipairs(part.result.rows) do
      rows[#rows + 1] = table.move(row, 1, #first.columns, 2, { part.whose, record = row.record })
    end
    total = total + (part.result.total or #part.result.rows)
  end
  tables.order(rows, list, first, values)
  local joined = {}
  for name, value in pairs(first) do
    joined[name] = (not OF_ONE[name] or kept and kept[name]) and value or nil
  end
  for _, look in ipairs { "text", "classic" } do
    joined[look] = (first[look] == "grid" or first[look] == "none") and first[look] or nil
  end
  joined.columns, joined.dynamic, joined.has_hosts = list, true, not kept
  -- Without an order over all hosts, a limit would leave out the last ones.
  local is_ordered = values.sort or first.by
  joined.rows, joined.total = tables.cut(rows, limit or is_ordered and first.most or 0), total
  return joined
end

--- The end: writes all results.
function Together:finish(about)
  local results = {}
  for _, of in ipairs(self.tables) do
    for _, parts in ipairs(of) do
      results[#results + 1] = join(parts, HOST, self.jobs[parts[1].result.job].values, self.limit)
    end
  end
  if self.first then
    self.renderer:window(results, self.first, self.last)
  end
  self.renderer:finish(about)
end

-- ---- Within a run ----

--- What is told apart, by the value of --by: the column, whose a result is, and what else tells
-- results apart and is kept.
local kinds = {
  container = {
    column = CONTAINER, whose = function(result) return result.container end,
    apart = function(result) return result.host or "" end, kept = { host = true, trace = true },
  },
  host = {
    column = HOST, whose = function(result) return result.host or "unknown" end,
    apart = function() return "" end,
  },
}

--- The results of one window, together.
-- @tparam table results each with `container`, its name, or none, and `host`
-- @tparam table jobs by number of the job, see run.go
-- @tparam table kind see `kinds`
-- @treturn table results
local function of_window(results, jobs, kind)
  local of_tables, by_table, joined = {}, {}, {}
  for _, result in ipairs(results) do
    if result.log then
      capture.keep_rows(result)
    end
    local id = ("%s\0%d\0%s"):format(kind.apart(result), result.job, result.id)
    if not by_table[id] then
      by_table[id] = { by_key = {} }
      of_tables[#of_tables + 1] = by_table[id]
    end
    local of, key = by_table[id], key_of(result)
    if not of.by_key[key] then
      of.by_key[key] = {}
      of[#of + 1] = of.by_key[key]
    end
    table.insert(of.by_key[key], { result = result, whose = kind.whose(result) })
  end
  for _, of in ipairs(of_tables) do
    for _, parts in ipairs(of) do
      joined[#joined + 1] = join(parts, kind.column, jobs[parts[1].result.job].values, nil,
        kind.kept)
    end
  end
  return joined
end

--- A module of a renderer that gets the results of containers, or of hosts, together.
-- @tparam table module that of the renderer
-- @tparam table jobs see run.go
-- @tparam string by what is told apart: "container" or "host"
function together.renderer(module, jobs, by)
  local kind = kinds[by]
  return { draws = module.draws, new = function(write, about)
    about.machines = kind.column ~= HOST and about.machines or nil
    local renderer = module.new(write, about)
    return setmetatable({
      log_spec = capture.log_spec,
      window = function(_, results, first, last, of)
        renderer:window(of_window(results, jobs, kind), first, last, of)
      end,
    }, { __index = function(_, name)
      local method = renderer[name]
      return type(method) == "function" and function(_, ...) return method(renderer, ...) end
        or method
    end })
  end }
end

return together
