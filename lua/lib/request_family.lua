--- What the analyses of requests share: their options, what they look for, and how a request is
-- shown.
--
-- SPDX-License-Identifier: MIT

local definitions = require "lttnga.definitions"
local ends = require "lttnga.ends"
local fault = require "lttnga.fault"
local options = require "lttnga.options"
local periods = require "lttnga.period_family"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

local family = {}

--- The analyses of the family, in the order of their results, for `family`: each takes the flags
-- that add the results of the others.
family.members = {
  { flags = { "stats" }, script = "requests" },
  { flags = { "top" }, script = "requeststop" },
  { flags = { "freq" }, script = "requestsfreq" },
  { flags = { "log" }, script = "requestslog" },
}

--- The options of the analysis with a flag: see options.of_family.
family.options_of = options.of_family({
  { name = "stats", help = "also request statistics (requests)" },
  { name = "top", help = "also the longest requests (requeststop)" },
  { name = "freq", help = "also request distributions (requestsfreq)" },
  { name = "log", help = "also a log of all requests (requestslog)" },
}, {
  { { name = "request", value = "NAME", read = options.readers.item, list = true,
      words = "requests",
      help = "which requests: server, accept, process, syscall:NAME, spans:FILE, ..., or the path\n"
        .. "of a file with a definition (docs/requests.md); may be repeated (default: server)" } },
  { "duration", "process" },
  { { name = "port", value = "N,...", read = options.readers.numbers, list = true,
      filter = { "port", "in" }, help = "only requests to these ports (default: all)" } },
  { { name = "group-by", value = "CAPTURE,...", read = options.readers.names, list = true,
      help = "also group by these captures of the definition (default: none)" },
    of = { "stats", "freq" } },
  { "limit", of = { "stats", "top", "log" } },
})

--- Definitions that were loaded, by the text of the option.
local loaded = {}

--- Adds definitions to a list, each once.
local function add_definitions(asked, list)
  local is_there, names = {}, {}
  for _, what in ipairs(asked) do
    for _, one in ipairs(is_there[what] and {} or definitions.load(what)) do
      if names[one.name] then
        fault.usage("--request %s: another definition is already named '%s'", what, one.name)
      end
      names[one.name], list[#list + 1] = true, one
    end
    is_there[what] = true
  end
end

--- The definitions that the options ask for, and the periods, if the analysis has --period; the
-- same list for the same options.
-- @tparam table given values of the options
-- @treturn table
function family.definitions(given)
  local asked = given.request or given.period and {} or { "server" }
  local key = table.concat(asked, "\0") .. "\0\0" .. table.concat(given.period or {}, "\0")
  if not loaded[key] then
    local list = {}
    add_definitions(asked, list)
    local own = given.period and periods.definitions(given) or {}
    table.move(own, 1, #own, #list + 1, list)
    loaded[key] = list
  end
  return loaded[key]
end

--- Refuses captures in --group-by that no definition has.
local function check_groups(given)
  local known, names = {}, {}
  for _, one in ipairs(given["group-by"] and family.definitions(given) or {}) do
    for _, capture in ipairs(one.captures) do
      names[#names + 1] = not known[capture.key] and capture.key or nil
      known[capture.key] = true
    end
  end
  for _, name in ipairs(given["group-by"] or {}) do
    if not known[name] then
      table.sort(names)
      fault.usage("--group-by: unknown capture '%s'%s; known: %s", name,
        text.did_you_mean(name, names), names[1] and table.concat(names, ", ") or "none")
    end
  end
end

--- For `requests` of an analysis.
-- @tparam table given values of the options
-- @treturn table
function family.requests(given)
  check_groups(given)
  return family.definitions(given), { what = "--request" }
end

--- For `selects` of an analysis.
family.selects = { request_end = {}, request_open = {} }

-- ---- Groups ----

--- What periods without a name are called.
local NAMELESS = "None"

--- What a request belongs to beside its process and port: what its definition says, and captures
-- that are asked for.
-- @tparam table w window
-- @tparam string name of the definition
-- @tparam ?string source its captures
-- @treturn ?string nil if there is nothing of the kind
local function group_of(w, name, source)
  if not w.group_of then
    w.group_of = {}
    for _, one in ipairs(family.definitions(w.options)) do
      w.group_of[one.name or NAMELESS] = one.group
    end
  end
  local own, asked = w.group_of[name or NAMELESS], w.options["group-by"]
  if not own and not asked then
    return nil
  end
  local captures, parts = periods.captures(source), {}
  local named = own and own(captures)
  if named ~= nil and type(named) ~= "string" and math.type(named) ~= "integer" then
    fault.raise("--request: `group` of '%s' must return a string or nil, not a %s", name,
      type(named))
  end
  parts[1] = named
  for _, key in ipairs(asked or {}) do
    parts[#parts + 1] = ("%s = %s"):format(key, periods.value(captures[key]))
  end
  return table.concat(parts, ", ")
end

--- Whether requests have groups, so that their captures matter.
local function has_groups(given)
  local found = given["group-by"] ~= nil
  for _, one in ipairs(family.definitions(given)) do
    found = found or one.group ~= nil
  end
  return found
end

--- For `only` of a collect of request_open: those that may still end, so not those that began again
-- or were dropped.
family.open = { because = { "end", "parent" } }

--- A collect of requests by what tells groups apart.
-- @tparam table given values of the options
-- @tparam string event
-- @tparam string number the field that is counted
-- @tparam string into
-- @treturn table
function family.collect(given, event, number, into)
  local fields = { event, "name", "upid", "pid", "process", "port", into = into }
  fields[#fields + 1] = has_groups(given) and "captures" or nil
  fields[#fields + 1] = number
  return fields
end

--- What tells groups apart: definition, process, port, and group.
-- @tparam table w the window
-- @tparam table one fields of request_end: name, upid, pid, process, port, captures
-- @treturn string key
-- @treturn table row, with its name, process, pid, port and group
function family.key(w, one)
  local group = group_of(w, one.name, one.captures)
  return ("%s\0%s\0%s\0%s"):format(one.name, one.upid or one.process, one.port, group),
    { name = one.name or NAMELESS, pid = one.pid, process = one.process, port = one.port,
      group = group }
end

--- Rows, one for each definition, process, port and group, those that took the most time first.
-- @tparam table w the window
-- @tparam table from by field of a row: the name of what was collected, statistics or totals
-- @treturn table list of { name =, process =, pid =, port =, group =, stats =, ... }
function family.rows(w, from)
  local rows, of = {}, {}
  local function row_of(one)
    local key, row = family.key(w, one)
    if not of[key] then
      row.stats = stats.new(true)
      of[key], rows[#rows + 1] = row, row
    end
    -- Processes are called as they were in the end.
    of[key].process = row.process or of[key].process
    return of[key]
  end
  for _, field in ipairs { "stats", "size", "failed", "open" } do
    for one in from[field] and w[from[field]]:each() or function() end do
      local row = row_of(one)
      if field == "stats" then
        row.stats:merge(one.stats)
      else
        row[field] = (row[field] or 0) + (field == "open" and one.n or one[field])
      end
    end
  end
  for i, row in ipairs(rows) do
    row.place = i
  end
  table.sort(rows, function(a, b)
    local x, y = a.stats:sum(), b.stats:sum()
    return x > y or x == y and a.place < b.place
  end)
  return rows
end

--- The columns that identify such a row.
family.key_columns = {
  { "Request", "string", "name", key = true }, { "Process", "string", "process", key = true },
  { "PID", "number", "pid", key = true, compare = "none" },
  { "Port", "number", "port", key = true }, { "Group", "string", "group", key = true },
}

--- For `finish` of an analysis: sets w.missed if no request was found.
-- @tparam table w the window
-- @tparam any ... tables with an entry for each group of requests
function family.finish(w, ...)
  local some = false
  for _, collected in ipairs { ... } do
    local first, of, before = collected:each()
    some = some or first(of, before) ~= nil
  end
  w.missed = not some and "no requests found: use --request to look for others" or nil
end

--- Who served the requests of a row: "nginx (319)".
-- @tparam table row
-- @treturn string
function family.who(row)
  return row.process and ("%s (%s)"):format(row.process, row.pid or "?") or "unknown"
end

--- The same after the name of the definition, with port and group: "server: nginx (319) port 80".
-- @tparam table row
-- @treturn string
function family.label(row)
  local port = row.port and (" port %d"):format(row.port) or ""
  local group = row.group and " " .. row.group or ""
  return ("%s: %s%s%s"):format(row.name, family.who(row), port, group)
end

--- The same of all processes of that name: "server: nginx port 80".
-- @tparam table row
-- @treturn string
function family.label_of_all(row)
  local port = row.port and (" port %d"):format(row.port) or ""
  local group = row.group and " " .. row.group or ""
  return ("%s: %s%s%s"):format(row.name, row.process or "unknown", port, group)
end

-- ---- A request as a row ----

--- The columns of a table of requests.
family.columns = {
  { "Begin", "timestamp", "begin" }, { "End", "timestamp", "time" },
  { "Duration", "duration", "duration" }, { "Request", "string", "name" },
  { "Process", "string", "process" }, { "PID", "number", "pid" }, { "TID", "number", "tid" },
  { "Port", "number", "port" }, { "Error", "number", "error" }, { "Bytes", "size", "size" },
  { "Captures", "string", "captures" }, { "Lost events", "number", "lost" },
  { "Open", "bool", "open" },
}

--- The fields of request_end that their rows are made of, beside the duration.
family.fields = { "begin", "time", "name", "process", "pid", "tid", "port", "error",
  "size", "captures", "lost" }

local HEADING = { -41, 15, -14, -28, 6, 6, 11, 0 }
local DATED = { -63, 15, -14, -28, 6, 6, 11, 0 }

--- How such tables look as text, for `text`.
family.text = {
  heading = function(about)
    return text.columns(about.date and DATED or HEADING, "Begin and end", "Duration (us)",
      "Request", "Process", "Port", "Error", "Size", "Captures")
  end,
  line = {
    { -41, ends.range, "Begin and end", shorter = ends.shorter }, { 15, ends.duration, "Duration" },
    { -14, "{name}", "Request" }, { -28, "{process} ({tid})|unknown ({tid})|unknown", "Process" },
    { 6, "{port}|-", "Port" }, { 6, "{error}|-", "Error" }, { 11, "{size:size}|-", "Size" },
    { 0, "{captures}|", "Captures" },
  },
}

return family
