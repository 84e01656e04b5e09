--- Views over the tables of an export: with the names of what is only a number there. SQLite and
-- DuckDB get the same ones.
--
-- SPDX-License-Identifier: MIT

local facts = require "lttnga.facts"

local views = {}

--- How each dialect writes what they write differently.
--
-- text: a column of a text. table_of: a table; `in_parts`: it is a directory. moment: ns since the
-- Epoch of a column. latest: the last name that something had at a moment.
local dialects = {
  sqlite = {
    text = function(column)
      return ("(select text from raw_text where id = %s)"):format(column)
    end,
    table_of = function(name) return "raw_" .. name end,
    moment = function(column) return column end,
    latest = '(select %s from raw_%s e where e.%s = %s and e."from" <= %s'
      .. ' order by e."from" desc limit 1)',
  },
  duckdb = {
    text = function(column) return column end,
    table_of = function(name, in_parts)
      return (in_parts and "'%s/*.parquet'" or "'%s.parquet'"):format(name)
    end,
    moment = function(column) return ("epoch_ns(%s)"):format(column) end,
    latest = '(select arg_max(%s, e."from") from \'%s.parquet\' e where e.%s = %s'
      .. ' and epoch_ns(e."from") <= %s)',
  },
}

--- After all times.
local NEVER = "9223372036854775807"

--- A column of our own as it is called in SQL.
local function quoted(name)
  return ('"%s"'):format(name)
end

--- What a view has beside the columns of its table: names.
-- @treturn table list of { name =, sql =, type =, doc = }
local function names_of(one, dialect)
  local list, has = {}, {}
  for _, column in ipairs(one.columns) do
    has[column.name] = true
  end
  local function add(name, sql, doc, type)
    if not has[name] then
      has[name] = true
      list[#list + 1] = { name = name, sql = sql, doc = doc, type = type or "text" }
    end
  end
  local function number(id, what, key, column)
    return ("(select min(e.%s) from %s e where e.%s = f.%s)"):format(id, dialect.table_of(what),
      key, quoted(column))
  end
  local now = dialect.moment "f.ts"
  if one.has_dur and not one.early then
    now = ("%s + coalesce(f.dur, 0)"):format(now)
  end
  local function name(what, key, column, moment)
    return dialect.latest:format(dialect.text "e.name", what, key, "f." .. quoted(column), moment)
  end
  local function text_of(what, key, column)
    return ("(select %s from %s e where e.%s = f.%s)"):format(dialect.text("e." .. column),
      dialect.table_of(what), key, key)
  end
  for _, column in ipairs(one.event and one.columns or {}) do
    local whose, process_of = column.name:match "^(.*)_utid$", column.name:match "^(.*)_upid$"
    if column.name == "utid" then
      add("tid", number("tid", "thread", "utid", "utid"), "TID of the thread", "integer")
      add("thread_name", ("coalesce(%s, %s)"):format(name("thread", "utid", "utid", now),
        dialect.text "f.unknown_name"), "its name then")
    elseif column.name == "upid" then
      add("pid", number("pid", "process", "upid", "upid"), "PID of its process", "integer")
      add("process_name", name("process", "upid", "upid", now), "the name of that then")
    elseif column.name == "container_id" then
      -- Names are found out later than that a container is there.
      add("container", name("container", "container_id", "container_id", NEVER),
        "the last name of the container")
    elseif whose then
      local doc = ("of `%s`"):format(column.name)
      add(whose .. "_tid", number("tid", "thread", "utid", column.name), "TID " .. doc, "integer")
      -- What had made pages dirty was called so when it did.
      add(whose .. "_name", name("thread", "utid", column.name,
        whose == "owner" and dialect.moment "f.ts" or now), "name " .. doc .. " then")
    elseif process_of then
      local doc = ("of `%s`"):format(column.name)
      add(process_of .. "_pid", number("pid", "process", "upid", column.name), "PID " .. doc,
        "integer")
    elseif column.kind == "file" then
      add("path", text_of("file", "file_id", "path"), "path of `file_id`")
    elseif column.kind == "disk" then
      add("disk", text_of("disk", "disk_id", "name"), "name of `disk_id`")
    end
  end
  if one.name ~= "host" then
    add("host", text_of("host", "host_id", "name"), "name of the machine")
  end
  return list
end

--- The columns of a view: those of its table, and names.
-- @treturn table list of { name =, type =, doc = }
function views.columns(one)
  local list = {}
  for _, columns in ipairs { one.columns, names_of(one, dialects.sqlite) } do
    table.move(columns, 1, #columns, #list + 1, list)
  end
  return list
end

local function view_of(one, dialect, in_parts)
  local list = {}
  local function show(sql, name)
    list[#list + 1] = ("%s as %s"):format(sql, quoted(name))
  end
  for _, column in ipairs(one.columns) do
    local from = "f." .. quoted(column.name)
    show(column.type == "text" and dialect.text(from) or from, column.name)
  end
  for _, column in ipairs(names_of(one, dialect)) do
    show(column.sql, column.name)
  end
  return ("create view %s as select\n  %s\nfrom %s f;\n"):format(quoted(one.name),
    table.concat(list, ",\n  "), dialect.table_of(one.name, in_parts))
end

--- What makes tables fast to ask in SQLite: what is looked up by its number, and facts by time.
local function indexes()
  local list = {
    'create unique index host_id on raw_host (host_id);\n',
    'create unique index file_id on raw_file (file_id);\n',
    'create unique index disk_id on raw_disk (disk_id);\n',
    'create index thread_utid on raw_thread (utid, "from");\n',
    'create index process_upid on raw_process (upid, "from");\n',
    'create index container_id on raw_container (container_id, "from");\n',
  }
  for _, one in ipairs(facts.tables) do
    list[#list + 1] = ("create index %s_ts on raw_%s (ts);\n"):format(one.name, one.name)
    if one.has_thread then
      list[#list + 1] = ("create index %s_utid on raw_%s (utid, ts);\n"):format(one.name,
        one.name)
    end
  end
  return table.concat(list)
end

--- The statements that make the views, and in SQLite the indexes.
-- @tparam string dialect "sqlite" or "duckdb"
-- @tparam[opt] boolean in_parts whether tables of facts are directories
function views.sql(dialect, in_parts)
  local list = {}
  for _, one in ipairs(facts.tables) do
    list[#list + 1] = view_of(one, dialects[dialect], in_parts)
  end
  for _, one in ipairs(facts.dimensions) do
    list[#list + 1] = view_of(one, dialects[dialect])
  end
  return (dialect == "sqlite" and indexes() or "") .. table.concat(list)
end

return views
