-- Prints docs/facts.md: the tables of `export` and `sql`. Run by `make docs`.
--
-- SPDX-License-Identifier: MIT

local facts = require "lttnga.facts"
local views = require "lttnga.fact_views"

local lines = {
  "# Tables for SQL",
  "",
  "All tables that `lttnga-run export` writes and `lttnga-run sql` asks, with their columns:",
  "version " .. facts.version .. ". `make docs` makes this page from `lua/lib/facts.lua` and",
  "`state/derived.h`. [sql.md](sql.md) has questions that the tables answer.",
  "",
  "## What all tables share",
  "",
  "- **Times** (`ts` and others of type time) are UTC. In Parquet files they are timestamps in",
  "  nanoseconds; in SQLite they are integers, nanoseconds since 1970. Durations (`dur` and",
  "  others) are nanoseconds, sizes are bytes.",
  "- **NULL** is what does not exist or is not known. A call, request or interrupt that had not",
  "  ended when the trace did has no `dur`. `ts` is never NULL: if the start was not seen, `ts` is",
  "  the end, and `dur` is NULL.",
  "- **Threads and processes have numbers**, `utid` and `upid`, which are unique in an export.",
  "  TIDs and PIDs are not, since the kernel reuses them. Another export of the same trace can",
  "  have other numbers. Files, disks and hosts have numbers, too: those of files and disks are",
  "  made of their names.",
  "- **Names change.** `thread` and `process` have a row for each name, with the time from which",
  "  and to which it was so. `from` and `to` are keywords of SQL: write `\"from\"` and `\"to\"`.",
  "- **Rows** are in the order in which things ended, as far as that is known.",
  "- **Selections**: with `--timerange`, `--tid`, `--filter` and the like, tables have the rows",
  "  that these select, as in the analyses. An option has no effect on tables that lack what it",
  "  is about.",
  "",
  "## Files",
  "",
  "In a directory of Parquet files, `TABLE.parquet` is a table. With `--jobs`, several processes",
  "write at the same time: then each of the [facts](#facts-what-happened) is a directory,",
  "`TABLE/part-0001.parquet`, `TABLE/part-0002.parquet` and so on. The parts in the order of their",
  "names have the same rows in the same order as the file that one process writes. A table without",
  "rows has one part. The [dimensions](#dimensions-who-and-what) are files in either case.",
  "",
  "| | without `--jobs` | with `--jobs` |",
  "|---|---|---|",
  "| DuckDB | `from 'tables/syscall.parquet'` | `from 'tables/syscall/*.parquet'` |",
  "| Polars: `scan_parquet` of | `tables/syscall.parquet` | `tables/syscall/*.parquet` |",
  "| pandas, Spark: `read_parquet` of | `tables/syscall.parquet` | `tables/syscall` |",
  "",
  "The views are the same. An SQLite file is always written by one process.",
  "",
  "## Views",
  "",
  "In SQLite each table is a view with more columns, which have the names of threads, files and so",
  "on. In a directory of Parquet files, `views.sql` makes the same views in DuckDB:",
  "",
  "    cd tables/ && duckdb -init views.sql",
  "",
  "A name is that of the moment when the row's event ended (for disk requests, dirty pages and",
  "requests: when it began). Looking up a name takes time, but only in questions that use it:",
  "`utid` is faster to group by than `thread_name`.",
  "",
  "The tables `raw_*` in an SQLite file are internal, and may change.",
  "",
  "## Versions",
  "",
  "The table `trace` says which version an export has. The second number grows when tables or",
  "columns are added; the first one, when some are renamed, removed, or mean something else.",
}

local function add(...)
  table.move({ ... }, 1, select("#", ...), #lines + 1, lines)
end

local function type_of(column)
  return column.unit == "ns" and column.type ~= "time" and "integer, ns"
    or column.unit == "bytes" and "integer, bytes" or column.type
end

local function add_table(one)
  local known = {}
  add("", "### " .. one.name, "", one.doc)
  if one.event then
    local also = one.sources[2]
    add("", ("Made of the event [%s](hooks.md#%s)%s."):format(one.event, one.event,
      also and (" and [%s](hooks.md#%s)"):format(also, also) or ""))
  end
  add("", "| column | type | |", "|---|---|---|")
  for _, column in ipairs(one.columns) do
    known[column.name] = true
    add(("| `%s` | %s | %s |"):format(column.name, type_of(column), (column.doc:gsub("|", "\\|"))))
  end
  local added = {}
  for _, column in ipairs(views.columns(one)) do
    if not known[column.name] then
      added[#added + 1] = ("`%s`: %s"):format(column.name, column.doc)
    end
  end
  if added[1] then
    add("", "The view adds " .. table.concat(added, "; ") .. ".")
  end
end

add("", "## Facts: what happened")
for _, one in ipairs(facts.tables) do
  add_table(one)
end
add("", "## Dimensions: who and what")
for _, one in ipairs(facts.dimensions) do
  add_table(one)
end
add("", "## Events without a table", "", "| event | its contents are in |", "|---|---|")
for _, one in ipairs(facts.left_out) do
  add(("| [%s](hooks.md#%s) | %s |"):format(one[1], one[1], one[2]))
end
print(table.concat(lines, "\n"))
os.exit(0)
