--- All that happened as tables for SQL: in Parquet files, or in one SQLite file.
--
--   lttnga-run export --to all/ my-trace/
--   lttnga-run export --to part.db --timerange 15:36:38..15:36:40.5 my-trace/
--   lttnga-run export --to nginx/ --procname nginx my-trace/
--   duckdb -c "select name, count(*) from 'all/syscall.parquet' group by all"
--   cd all/ && duckdb -init views.sql
--   sqlite3 part.db "select name, count(*) from syscall group by name"
--
-- --to DIR writes a Parquet file for each table: DuckDB, Polars, pandas, Spark and many others
-- read them. With --jobs, tables of facts are directories of files, TABLE/part-0001.parquet and so
-- on. --to FILE.db (or .sqlite, .sqlite3) writes one SQLite file. docs/facts.md describes the
-- tables and their columns; docs/sql.md answers twenty questions with them.
--
-- The result appears when it is complete: if the export fails, or is killed, there is none. An
-- export that exists is replaced with --force only.
--
-- Options that select (--tid, --procname, --filter, ...) leave rows out, of all tables that have
-- what they are about.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   What was written (2 of 16)
--   Table    Rows
--   -------------
--   syscall  5535
--   sched    1121

local analysis = require "lttnga.analysis"
local exporter = require "lttnga.exporter"
local facts = require "lttnga.facts"
local fault = require "lttnga.fault"
local options = require "lttnga.options"
local requests = require "lttnga.request_family"
local views = require "lttnga.fact_views"

--- Whether a path is that of an SQLite file.
local function is_sqlite(path)
  return path:find "%.db$" or path:find "%.sqlite3?$"
end

--- Whether tables of facts are directories.
local function in_parts(given)
  return (given.jobs or 1) > 1 and not is_sqlite(given.to)
end

--- What everything is fed to; made once for all machines.
local function open(given, shared, count)
  local message
  shared.left = count
  shared.file, message = exporter.open(given.to, { sqlite = is_sqlite(given.to) ~= nil,
    replace = given.force or false, parts = in_parts(given) })
  if not shared.file then
    fault.raise("%s", message)
  end
end

local collects = {}
for _, one in ipairs(facts.tables) do
  local list = facts.collects(one)
  table.move(list, 1, #list, #collects + 1, collects)
end

--- What was selected, as it was asked for.
local function filter_text(given)
  local list = {}
  for _, name in ipairs { "filter", "procname", "tid", "cpu", "min", "max", "minsize", "maxsize",
    "disk", "netif", "file" } do
    local value = given[name]
    if value and value ~= "" then
      list[#list + 1] = ("%s %s"):format(name,
        type(value) == "table" and table.concat(value, ",") or tostring(value))
    end
  end
  return list[1] and table.concat(list, "; ") or nil
end

return analysis {
  title = "Export",
  writes = true,
  options = {
    { name = "to", value = "PATH", read = options.readers.text, writes = true,
      help = "write a directory of Parquet files (with --jobs, tables of facts are directories\n"
        .. "in it); or, if it ends in .db, .sqlite or .sqlite3, an SQLite file (no default)" },
    { name = "force", help = "replace an export that exists" },
    { name = "request", value = "NAME", read = options.readers.item, list = true,
      words = "requests",
      help = "also these requests: server, process, syscall:NAME, ..., or the path of a\n"
        .. "definition (docs/requests.md); may be repeated (default: none)" },
    "process", "cpu",
  },

  requests = function(given)
    return given.request and requests.definitions(given) or nil, { what = "--request" }
  end,

  run = function(given, about)
    if not given.to then
      fault.usage "export needs --to DIR or --to FILE.db"
    elseif given.refresh then
      fault.usage "--refresh cannot be used with export: use --timerange to export a part"
    end
    local shared = about.shared
    if not shared.file then
      open(given, shared, about.count)
    end
    return { shared = shared, about = about,
      machine = shared.file:machine(about.number, facts) }
  end,

  begin = function(w)
    w.machine = w.run.machine
    w.machine:begin()
    for _, one in ipairs(facts.tables) do
      w[one.name] = w.machine:facts(one)
    end
  end,

  collect = collects,
  undivided = function(given)
    return is_sqlite(given.to) and "one process writes an SQLite file"
  end,

  finish = function(w)
    local about, shared = w.run.about, w.run.shared
    w.machine:finish()
    shared.file:add(facts.host, { host_id = about.number, name = about.name,
      kernel = about.kernel })
    shared.file:add(facts.trace, { host_id = about.number,
      path = table.concat(w.source.paths, ", "), begin = w.first, ["end"] = w.last,
      filter = filter_text(w.options), schema_version = facts.version,
      program_version = facts.program })
    shared.left = shared.left - 1
    w.written = {}
    for _, one in ipairs(facts.tables) do
      local rows = shared.file:rows(one)
      w.written[#w.written + 1] = rows > 0 and { one.name, rows } or nil
    end
    if shared.left == 0 then
      local sql = views.sql(is_sqlite(w.options.to) and "sqlite" or "duckdb", in_parts(w.options))
      local ok, message = shared.file:close(sql .. (w.options["more sql"] or ""))
      if not ok then
        fault.raise("%s", message)
      end
    end
  end,

  tables = {
    { "tables", "What was written",
      { { "Table", width = -14 }, { "Rows", "number", width = 12, compare = "sum" } },
      needs = { "sched_slice" }, text = "grid", rows = function(w) return w.written end },
  },
}
