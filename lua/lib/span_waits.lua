--- Writes spans as OTLP JSON again, with what their time went to as attributes, and the longest
-- waits as child spans, for Jaeger, Tempo and the like.
--
-- SPDX-License-Identifier: MIT

local clocks = require "lttnga.clocks"
local host = require "lttnga.host"
local json = require "dkjson"
local otlp = require "lttnga.otlp"
local paths = require "lttnga.paths"

local waits = {}

--- So many waits of a span become child spans, and only if they take this part of its time.
local MOST, LEAST = 5, 0.01

--- Attributes of this prefix are ours.
local PREFIX = "lttnga."

--- What attributes call causes, where it is not the cause itself.
local names = { own = "running", runqueue = "runnable", cpu = "other_threads",
  queue = "other_requests" }

local function list_of(owner, field)
  if type(owner[field]) ~= "table" or owner[field] == json.null then
    owner[field] = setmetatable({}, { __jsontype = "array" })
  end
  return owner[field]
end

--- Removes what we have written earlier from what is next to the spans of a program.
local function remove_own(resource_spans)
  local kept = setmetatable({}, { __jsontype = "array" })
  for _, one in ipairs(list_of(resource_spans, "scopeSpans")) do
    kept[#kept + 1] = not otlp.is_own(one) and one or nil
  end
  resource_spans.scopeSpans = kept
end

--- The spans of files by definition, trace id and span id.
local function spans_by_id(definitions)
  local files, by_id = {}, {}
  for _, definition in ipairs(definitions) do
    local file = definition.spans and otlp.read(definition.spans)
    files[#files + 1] = file
    for _, one in ipairs(file and file.spans or {}) do
      by_id[("%s %s %s"):format(definition.name, one.trace_id, one.span_id)] = one
    end
  end
  return files, by_id
end

--- Whether there are spans that can be written.
-- @tparam table definitions
-- @treturn boolean
function waits.has_spans(definitions)
  for _, definition in ipairs(definitions) do
    if definition.spans then
      return true
    end
  end
  return false
end

-- ---- Attributes ----

--- Replaces our attributes of a span.
local function set_attributes(span, list)
  local kept = setmetatable({}, { __jsontype = "array" })
  for _, one in ipairs(list_of(span, "attributes")) do
    kept[#kept + 1] = one.key:sub(1, #PREFIX) ~= PREFIX and one or nil
  end
  table.move(list, 1, #list, #kept + 1, kept)
  span.attributes = kept
end

--- What a composition says of a span: a time for each cause, which add up to its duration, and the
-- longest wait.
local function attributes_of(composition, tid)
  local times, order, longest = {}, {}, nil
  for _, part in ipairs(composition) do
    local name = names[part.cause] or part.cause
    if not times[name] then
      order[#order + 1], times[name] = name, 0
    end
    times[name] = times[name] + part.time
    if part.cause ~= "own" and (not longest or part.time > longest.time) then
      longest = part
    end
  end
  table.sort(order)
  local list = {}
  for _, name in ipairs(order) do
    list[#list + 1] = otlp.attribute(PREFIX .. name .. "_ns", times[name])
  end
  list[#list + 1] = longest
    and otlp.attribute(PREFIX .. "longest_wait", paths.label(longest)) or nil
  list[#list + 1] = tid and otlp.attribute(PREFIX .. "tid", tid) or nil
  return list
end

-- ---- Child spans ----

--- A hash of a text (FNV-1a, 64 bits, with its bits mixed).
local function hash(value)
  local h = 0xcbf29ce484222325
  for i = 1, #value do
    h = (h ~ value:byte(i)) * 0x100000001b3
  end
  h = (h ~ (h >> 33)) * 0xff51afd7ed558ccd
  return h ~ (h >> 29)
end

--- An id for a child span that no other span has; the same for the same input.
local function new_id(taken, one, number)
  local try = 0
  while true do
    local id = ("%016x"):format(hash(("%s %s %d %d"):format(one.trace_id, one.span_id, number,
      try)))
    if id:find "[^0]" and not taken[id] then
      taken[id] = true
      return id
    end
    try = try + 1
  end
end

--- The longest waits of a path, in order of time. Pieces alike that follow each other are one.
local function longest(pieces, utid, duration)
  local found, last = {}, nil
  for _, piece in ipairs(pieces) do
    local part = paths.part_of(piece, utid)
    local label = paths.label(part)
    local is_wait = part.cause ~= "own"
    if is_wait and last and last.label == label and last["end"] == piece.begin then
      last["end"] = piece["end"]
    elseif is_wait then
      last = { label = label, part = part, begin = piece.begin, ["end"] = piece["end"],
        place = #found + 1 }
      found[#found + 1] = last
    end
  end
  table.sort(found, function(a, b)
    local x, y = a["end"] - a.begin, b["end"] - b.begin
    return x > y or x == y and a.place < b.place
  end)
  local chosen = {}
  for i = 1, math.min(#found, MOST) do
    chosen[i] = found[i]["end"] - found[i].begin >= LEAST * duration and found[i] or nil
  end
  table.sort(chosen, function(a, b) return a.place < b.place end)
  return chosen
end

local function child_span(one, wait, id, machine)
  local part = wait.part
  local attributes = setmetatable({ otlp.attribute(PREFIX .. "cause", part.cause) },
    { __jsontype = "array" })
  for _, pair in ipairs { { "via", part.via }, { "object", part.object }, { "tid", part.tid },
    { "procname", part.name }, { "host", part.host } } do
    attributes[#attributes + 1] = pair[2] and otlp.attribute(PREFIX .. pair[1], pair[2]) or nil
  end
  return {
    traceId = one.trace_id, spanId = id, parentSpanId = one.span_id, name = wait.label, kind = 1,
    startTimeUnixNano = ("%d"):format(clocks.shown(wait.begin, machine.clock)),
    endTimeUnixNano = ("%d"):format(clocks.shown(wait["end"], machine.clock)),
    attributes = attributes, status = setmetatable({}, { __jsontype = "object" }),
  }
end

--- The list for spans of our own, next to those of a program.
local function own_spans(resource_spans)
  local spans = setmetatable({}, { __jsontype = "array" })
  table.insert(list_of(resource_spans, "scopeSpans"),
    { scope = { name = otlp.SCOPE, version = host.version }, spans = spans })
  return spans
end

-- ---- All of it ----

--- Adds to spans what the trace tells of them, and writes their files, one line for each request of
-- theirs.
-- @tparam string path
-- @tparam table definitions
-- @tparam table requests list of { name, captures, utid, tid, begin, time, composition =, pieces =:
-- functions that return these }, all of one machine
-- @tparam table about the machine, see keys.lua: `shared` has what other machines have added
function waits.write(path, definitions, requests, about)
  local shared = about.shared
  if not shared.spans then
    shared.files, shared.spans = spans_by_id(definitions)
    shared.taken, shared.scopes = {}, {}
    local seen = {}
    for _, file in ipairs(shared.files) do
      for _, one in ipairs(file.spans) do
        shared.taken[one.span_id] = true
        for _, copy in ipairs(one.copies) do
          if not seen[copy.resource_spans] then
            seen[copy.resource_spans] = true
            remove_own(copy.resource_spans)
          end
        end
      end
    end
  end
  for _, request in ipairs(requests) do
    local captures = request.captures and json.decode(request.captures) or {}
    local one = shared.spans[("%s %s %s"):format(request.name, captures.trace_id, captures.span_id)]
    if one and request.utid then
      local list = attributes_of(request.composition(), request.tid)
      for _, copy in ipairs(one.copies) do
        set_attributes(copy.span, list)
      end
      local scopes = shared.scopes
      for i, wait in ipairs(longest(request.pieces(), request.utid,
        request.time - request.begin)) do
        scopes[one.resource_spans] = scopes[one.resource_spans] or own_spans(one.resource_spans)
        table.insert(scopes[one.resource_spans], child_span(one, wait,
          new_id(shared.taken, one, i), about))
      end
    end
  end
  local docs = {}
  for _, file in ipairs(shared.files) do
    for _, doc in ipairs(file.docs) do
      docs[#docs + 1] = doc.value
    end
  end
  otlp.write(path, docs)
end

return waits
