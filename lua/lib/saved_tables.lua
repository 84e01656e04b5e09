--- The tables of `sql` that are saved (lttnga.cache): a file of SQLite for each trace, which says
-- what it was made of.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"
local sqlite = require "lttnga.sqlite"

local saved_tables = {}

--- What changes when the tables of the same trace can: the program, or they themselves.
local function version()
  return ("%s %s %s"):format(host.version, host.model, require "lttnga.facts".version)
end

--- What tells a trace from what it was before; "" if that is not known.
-- @param trace from run.open
function saved_tables.identity(trace)
  local identity = trace:identity()
  return identity ~= "" and host.digest({}, identity) or ""
end

local function quoted(value)
  return "'" .. value:gsub("'", "''") .. "'"
end

--- The statements that make a file say what it is of.
-- @tparam table origin list of paths; whole, user: how they were read; clocks: see
-- clocks.text; identity
function saved_tables.origin_sql(origin)
  local rows = { ("('version', %s)"):format(quoted(version())),
    ("('identity', %s)"):format(quoted(origin.identity)) }
  for _, path in ipairs(origin) do
    rows[#rows + 1] = ("('path', %s)"):format(quoted(path))
  end
  rows[#rows + 1] = origin.clocks and ("('clocks', %s)"):format(quoted(origin.clocks))
  for _, name in ipairs { "whole", "user" } do
    rows[#rows + 1] = origin[name] and ("('%s', 'true')"):format(name) or nil
  end
  return ("create table raw_saved (key text, value text);\ninsert into raw_saved values %s;\n")
    :format(table.concat(rows, ", "))
end

--- What a file is of; nil if it does not say that.
-- @treturn table as above
-- @treturn boolean whether it is of this version of the program
function saved_tables.origin(path)
  local db = sqlite.open(path)
  if not db or not db:ask "select key, value from raw_saved" then
    return nil, false
  end
  local origin, found = {}, {}
  for row in function() return db:row() end do
    local key, value = row[1], row[2]
    found[key] = value
    origin[#origin + 1] = key == "path" and value or nil
  end
  origin.identity, origin.clocks = found.identity, found.clocks
  origin.whole, origin.user = found.whole ~= nil, found.user ~= nil
  return origin, found.version == version()
end

--- The files in a folder, as host.saved_states gives those of states.
function saved_tables.files(folder)
  local files = sqlite.files(folder)
  for _, file in ipairs(files) do
    file.tables = true
    if file.kind == "tables" then
      local origin, is_current = saved_tables.origin(folder .. "/" .. file.name)
      file.origin = origin
      file.kind = is_current and "current" or "other"
    end
  end
  return files
end

saved_tables.remove_saved = sqlite.remove

return saved_tables
