--- OpenTelemetry spans in files of OTLP JSON: one or several ExportTraceServiceRequests, such as
-- the file exporter of a collector writes them, one in each line.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local clocks = require "lttnga.clocks"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local json = require "dkjson"
local text = require "lttnga.text"

local otlp = {
  -- The scope of the spans that lttnga writes itself.
  SCOPE = "lttnga",
}

-- ---- Broken files ----

--- The number of the line of a place.
local function line_of(source, at)
  local _, breaks = source:sub(1, at - 1):gsub("\n", "")
  return breaks + 1
end

--- Where a span is, as far as its id tells, or else its document.
local function line_of_span(doc, span)
  local id = type(span) == "table" and type(span.spanId) == "string" and span.spanId
  local at = id and doc.source:find('"spanId"%s*:%s*"' .. id:gsub("%p", "%%%0") .. '"', doc.at)
  return line_of(doc.source, at or doc.at)
end

local function broken(doc, span, message, ...)
  fault.raise("%s, line %d: %s", doc.path, line_of_span(doc, span), text.clean(message:format(...)))
end

-- ---- Values ----

--- A list in a field; without the field, an empty one.
local function list_in(doc, owner, field, span)
  local list = owner[field]
  if list == nil or list == json.null then
    return {}
  elseif type(list) ~= "table" or #list == 0 and next(list) ~= nil then
    broken(doc, span, "%s is not a list", field)
  end
  return list
end

--- A whole number that is written as a text, as 64 bits are in JSON, or as a number; nil if it is
-- none.
local function integer(value)
  if type(value) == "string" and not value:find "^%-?%d+$" then
    return nil
  end
  return math.tointeger(tonumber(value))
end

--- The value of an attribute: text, number or boolean; nil for others.
local function plain(value)
  if type(value) ~= "table" then
    return nil
  elseif value.intValue ~= nil then
    return integer(value.intValue)
  end
  for _, kind in ipairs { "stringValue", "boolValue", "doubleValue" } do
    if value[kind] ~= nil and type(value[kind]) ~= "table" then
      return value[kind]
    end
  end
  return nil
end

--- Attributes by their keys.
local function attributes(doc, owner, span)
  local found = {}
  for _, one in ipairs(type(owner) == "table" and list_in(doc, owner, "attributes", span) or {}) do
    if type(one) ~= "table" or type(one.key) ~= "string" then
      broken(doc, span, "an attribute has no key")
    end
    found[one.key] = plain(one.value)
  end
  return found
end

--- A number among attributes, which some write as a text; nil if there is none.
local function number_in(found, key)
  local value = found[key]
  return value ~= nil and type(value) ~= "boolean" and integer(value) or nil
end

local function text_in(found, key)
  return type(found[key]) == "string" and found[key] ~= "" and found[key] or nil
end

-- ---- Spans ----

--- An id of so many hexadecimal digits.
local function id_in(doc, span, field, digits)
  local id = span[field]
  if type(id) ~= "string" or #id ~= digits or id:find "%X" then
    broken(doc, span, "%s of a span must be %d hexadecimal digits, not %s", field, digits,
      type(id) == "string" and "'" .. id .. "'" or id == nil and "missing" or type(id))
  end
  return id:lower()
end

--- A time in ns since the epoch; nil if it is not set.
local function time_in(doc, span, field)
  local value = span[field]
  if value == nil or value == json.null then
    return nil
  end
  local time = integer(value)
  if not time or time < 0 then
    broken(doc, span, "%s of a span must be nanoseconds since 1970, not %s", field,
      type(value) == "string" and "'" .. value .. "'" or type(value))
  end
  return time > 0 and time or nil
end

local KINDS = { "internal", "server", "client", "producer", "consumer" }

--- The kind of a span in a word: a number, or the name of one.
local function kind_of(span)
  local kind = span.kind
  return KINDS[kind] or type(kind) == "string" and kind:match "^SPAN_KIND_(%u+)$" and
    kind:match "^SPAN_KIND_(%u+)$":lower() or nil
end

local function has_failed(span)
  local code = type(span.status) == "table" and span.status.code
  return code == 2 or code == "STATUS_CODE_ERROR"
end

local function read_span(doc, span, resource, resource_spans)
  if type(span) ~= "table" then
    broken(doc, span, "a span is not an object")
  end
  local own = attributes(doc, span, span)
  return {
    span = span, resource_spans = resource_spans, resource = resource,
    trace_id = id_in(doc, span, "traceId", 32), span_id = id_in(doc, span, "spanId", 16),
    name = type(span.name) == "string" and span.name or "",
    kind = kind_of(span), failed = has_failed(span),
    begin = time_in(doc, span, "startTimeUnixNano"), time = time_in(doc, span, "endTimeUnixNano"),
    tid = number_in(own, "thread.id") or number_in(resource, "thread.id"),
    port = number_in(own, "server.port") or number_in(own, "net.host.port"),
  }
end

--- Whether a scope is our own: what it has is not of the program.
function otlp.is_own(scope_spans)
  return type(scope_spans.scope) == "table" and scope_spans.scope.name == otlp.SCOPE
end

--- Adds a span, or a copy of one that is there: exporters that try again write spans twice.
local function add_span(found, one)
  local id = ("%s %s %s %s"):format(one.trace_id, one.span_id, one.begin, one.time)
  local first = found.by_id[id]
  if first then
    first.copies[#first.copies + 1] = one
  else
    one.copies, found.by_id[id] = { one }, one
    found.spans[#found.spans + 1] = one
  end
end

--- Adds the spans of a document.
local function add_spans(doc, found)
  for _, of_resource in ipairs(list_in(doc, doc.value, "resourceSpans")) do
    if type(of_resource) ~= "table" then
      broken(doc, nil, "resourceSpans has something that is not an object")
    end
    local resource = attributes(doc, of_resource.resource)
    for _, of_scope in ipairs(list_in(doc, of_resource, "scopeSpans")) do
      if type(of_scope) ~= "table" then
        broken(doc, nil, "scopeSpans has something that is not an object")
      end
      for _, span in ipairs(otlp.is_own(of_scope) and {} or list_in(doc, of_scope, "spans")) do
        add_span(found, read_span(doc, span, resource, of_resource))
      end
    end
  end
end

-- ---- Files ----

--- Decodes what begins at a place; and where it ends.
local function decode(path, source, at)
  local is_fine, value, after, message = pcall(json.decode, source, at, json.null)
  if not is_fine then
    fault.raise("%s, line %d: values are nested too deeply", path, line_of(source, at))
  elseif message then
    local what, line = message:match "^(.*) at line (%d+)"
    fault.raise("%s, line %d: not valid JSON: %s", path, line or line_of(source, at),
      text.clean(what or message))
  elseif type(value) ~= "table" or value[1] ~= nil then
    fault.raise("%s, line %d: not OTLP JSON: an object with resourceSpans is expected", path,
      line_of(source, at))
  end
  return value, after
end

local function read_file(path)
  local file, message = io.open(path, "rb")
  local source
  if file then
    source, message = file:read "a"
    file:close()
  end
  if not source then
    fault.raise("cannot read spans: %s", message:find(path, 1, true) and message
      or ("%s: %s"):format(path, message))
  end
  return source
end

--- Files that have been read, by path.
local files = {}

--- Reads the spans of a file, once.
-- @tparam string path
-- @treturn table `docs`, each with its `value`; `spans`: list of { span =, resource_spans =: these
-- as they were read; resource =: attributes by key; trace_id, span_id, name, kind; begin, time: ns
-- or nil; failed; tid, port; copies: list of all with the same ids }
function otlp.read(path)
  if files[path] then
    return files[path]
  end
  local source = read_file(path)
  local found = { path = path, docs = {}, spans = {}, by_id = {} }
  local at, is_trace = source:find "%S", false
  while at do
    local value, after = decode(path, source, at)
    local doc = { path = path, source = source, at = at, value = value }
    is_trace = is_trace or value.resourceSpans ~= nil
    found.docs[#found.docs + 1] = doc
    add_spans(doc, found)
    at = source:find("%S", after)
  end
  if not is_trace then
    fault.raise("%s has no resourceSpans: spans as OTLP JSON are expected", path)
  end
  for _, doc in ipairs(found.docs) do
    doc.source = nil
  end
  files[path] = found
  return found
end

-- ---- Writing ----

--- What is written first, as people expect it.
local first_keys = { "key", "value", "resource", "scope", "traceId", "spanId", "parentSpanId",
  "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes" }

local rank = {}
for i, key in ipairs(first_keys) do
  rank[key] = i
end

local function by_rank(a, b)
  local x, y = rank[a] or #first_keys + 1, rank[b] or #first_keys + 1
  return x < y or x == y and a < b
end

--- Adds a value as JSON to a list of texts: the same text for the same value.
local function encode(value, out)
  if value == json.null then
    out[#out + 1] = "null"
  elseif type(value) ~= "table" then
    out[#out + 1] = cells.json(value)
  elseif value[1] ~= nil or (getmetatable(value) or {}).__jsontype == "array" then
    out[#out + 1] = "["
    for i, item in ipairs(value) do
      out[#out + 1] = i > 1 and "," or nil
      encode(item, out)
    end
    out[#out + 1] = "]"
  else
    local keys = {}
    for key in pairs(value) do
      keys[#keys + 1] = key
    end
    table.sort(keys, by_rank)
    out[#out + 1] = "{"
    for i, key in ipairs(keys) do
      out[#out + 1] = (i > 1 and "," or "") .. cells.json(key) .. ":"
      encode(value[key], out)
    end
    out[#out + 1] = "}"
  end
end

--- Writes documents to a file, one in each line. Nil and a message if that fails.
local function put(file, docs)
  for _, value in ipairs(docs) do
    local out = {}
    encode(value, out)
    out[#out + 1] = "\n"
    local ok, message = file:write(table.concat(out))
    if not ok then
      return nil, message
    end
  end
  return true
end

--- Writes documents, one in each line, all at once: if that fails, what is there stays.
-- @tparam string path
-- @tparam table docs values
function otlp.write(path, docs)
  local file, temporary = host.new_file(path)
  if not file then
    fault.raise("--spans-to: %s", temporary)
  end
  local ok, message = put(file, docs)
  if ok then
    ok, message = host.name_file(file, temporary, path)
  end
  if not ok then
    if temporary then
      os.remove(temporary)
    end
    fault.raise("--spans-to: %s", message:find(path, 1, true) and message
      or ("cannot write %s: %s"):format(path, message))
  end
end

--- An attribute; whole numbers are texts in OTLP JSON.
-- @tparam string key
-- @tparam any value text, integer or boolean
function otlp.attribute(key, value)
  if math.type(value) == "integer" then
    return { key = key, value = { intValue = ("%d"):format(value) } }
  elseif type(value) == "boolean" then
    return { key = key, value = { boolValue = value } }
  end
  return { key = key, value = { stringValue = tostring(value) } }
end

-- ---- As requests ----

--- The machine that a span is of, among those that were recorded; nil and why, if that is not
-- known. And the name of what may be one of its containers, or another machine.
local function machine_of(one, machines)
  local name = text_in(one.resource, "k8s.node.name") or text_in(one.resource, "host.name")
  for _, machine in ipairs(name and machines or {}) do
    if machine.host == name or (machine.host or ""):match "^[^.]+" == name:match "^[^.]+" then
      return machine
    end
  end
  -- In a container, that is the container's own name.
  if name and #machines == 1 and not text_in(one.resource, "k8s.node.name") then
    return machines[1], nil, name
  elseif name then
    return nil, "elsewhere"
  elseif #machines > 1 then
    return nil, "which_machine"
  end
  return machines[1]
end

--- Names of programs, and folders.
local function base(name)
  return name and name:match "([^/\\]*)$"
end

--- What the container of a span may be called.
-- @tparam[opt] string guest see machine_of
-- @treturn ?table names, if there are any
local function containers_of(one, guest)
  local names = { guest }
  for _, key in ipairs { "container.name", "k8s.container.name", "k8s.pod.name" } do
    names[#names + 1] = text_in(one.resource, key)
  end
  return names[1] and names or nil
end

--- What the host gets of a span: see host/requests/given.h.
local function to_given(one, machine, guest)
  local pid = number_in(one.resource, "process.pid")
  local service = text_in(one.resource, "service.name")
  local captures = {}
  for _, pair in ipairs { { "kind", one.kind }, { "service", service }, { "span", one.name },
    { "span_id", one.span_id }, { "trace_id", one.trace_id } } do
    captures[#captures + 1] = pair[2] and ('"%s":%s'):format(pair[1], cells.json(pair[2])) or nil
  end
  return {
    machine = machine.number, begin = clocks.corrected(one.begin, machine.clock),
    ["end"] = clocks.corrected(one.time, machine.clock), pid = pid, tid = one.tid,
    process = base(text_in(one.resource, "process.executable.name")) or service,
    -- JavaScript runs in the main thread.
    main = text_in(one.resource, "telemetry.sdk.language") == "nodejs",
    port = one.kind == "server" and one.port or nil, error = one.failed and 1 or 0,
    containers = containers_of(one, guest), container_id = text_in(one.resource, "container.id"),
    guest = guest ~= nil, captures = "{" .. table.concat(captures, ",") .. "}",
  }
end

--- What requests are called that are spans of a file: as the file, without what its name ends in.
function otlp.label(path)
  local name = base(path)
  return text.clean(name:match "^(.+)%.jsonl?$" or name)
end

--- Spans as requests that are known before the trace is read: `given` of a definition.
-- @tparam string path
-- @treturn function of the machines of a run; it returns a list for the host, and what was left
-- out: how many by reason
function otlp.given(path)
  return function(machines)
    local list, left = {}, { all = 0 }
    for _, one in ipairs(otlp.read(path).spans) do
      local machine, why, guest = machine_of(one, machines)
      if not one.begin or not one.time or one.time < one.begin then
        machine, why = nil, "no_end"
      end
      left.all = left.all + 1
      if machine then
        list[#list + 1] = to_given(one, machine, guest)
        local is_named = list[#list].pid or list[#list].tid or list[#list].process
        left.nameless = (left.nameless or 0) + (is_named and 0 or 1)
      else
        left[why] = (left[why] or 0) + 1
      end
    end
    return list, left
  end
end

--- Why spans are not joined to a thread, and what is done with them.
local reasons = {
  { "outside", "%d not within the analysed time" },
  { "elsewhere", "%d of other machines (host.name)" },
  { "ambiguous", "%d whose process.pid is that of several processes, in containers "
    .. "(container.name or container.id tell which)" },
  { "which_machine", "%d without host.name, and there are several machines" },
  { "no_end", "%d without an end, or with one before their begin" },
  { "nameless", "%d that do not say whose they are (process.pid, thread.id, service.name)" },
  { "no_process", "%d whose process was not found" },
  { "no_thread", "%d whose process is known, but not the thread" },
}

--- Says how many spans could not be joined, and why; nil if all were.
-- @tparam table left what otlp.given's functions returned
-- @tparam[opt] table seen `given` of what trace:run returned; nil if no span reached it
-- @treturn ?string
function otlp.note(left, seen)
  seen = seen or { outside = 0, no_thread = 0, ambiguous = 0, elsewhere = 0, no_process = 0 }
  local counts, words, sum = setmetatable({}, { __index = left }), {}, 0
  for _, name in ipairs { "outside", "no_thread", "ambiguous" } do
    counts[name] = seen[name]
  end
  counts.elsewhere = (left.elsewhere or 0) + seen.elsewhere
  -- Those that say nothing are not found either.
  counts.no_process = math.max(0, seen.no_process - (left.nameless or 0))
  counts.nameless = math.min(left.nameless or 0, seen.no_process)
  for _, reason in ipairs(reasons) do
    local n = counts[reason[1]] or 0
    if n > 0 then
      words[#words + 1], sum = reason[2]:format(n), sum + n
    end
  end
  return sum > 0 and ("%d of %d spans could not be joined to a thread: %s"):format(sum, left.all,
    table.concat(words, "; ")) or nil
end

return otlp
