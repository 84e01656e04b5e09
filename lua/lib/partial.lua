--- Partial results: what the windows of a run have found, as a file of JSON lines that can be
-- merged with others, and read by other programs.
--
-- The first line is the object `meta`: which analysis, with which options, of which trace. Then,
-- for each window of each machine, a line with its number, and what is in it: for each object a
-- line that says what it is, and one for each of its keys, or its value; for a log one for each
-- row. The last line says how many lines there are.
--
-- Values are plain JSON; numbers of more than 64 bits are strings. What JSON does not have is an
-- object with the one member "#": a table with other keys than strings is a list of pairs, and a
-- string that is not UTF-8 is in hexadecimal digits.
--
-- SPDX-License-Identifier: MIT

local accumulators = require "lttnga.accumulators"
local capture = require "lttnga.capture"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local json = require "dkjson"
local parts = require "lttnga.parts"
local windows = require "lttnga.windows"

local partial = {}

--- The version of the format.
partial.VERSION = 1

-- ---- JSON ----

local function is_list(value)
  local n = 0
  for _ in pairs(value) do
    n = n + 1
  end
  return n == #value
end

--- Whether all keys are strings, and it can't be taken for something else.
local function is_object(value)
  for key in pairs(value) do
    if type(key) ~= "string" or not utf8.len(key) then
      return false
    end
  end
  return value["#"] == nil
end

local encode

local function encode_pairs(value)
  local list = {}
  for key, one in pairs(value) do
    list[#list + 1] = ("[%s,%s]"):format(encode(key), encode(one))
  end
  table.sort(list)
  return ('{"#":[%s]}'):format(table.concat(list, ","))
end

local function encode_table(value)
  local list = {}
  if is_list(value) then
    for i, one in ipairs(value) do
      list[i] = encode(one)
    end
    return "[" .. table.concat(list, ",") .. "]"
  elseif not is_object(value) then
    return encode_pairs(value)
  end
  for key, one in pairs(value) do
    list[#list + 1] = json.quotestring(key) .. ":" .. encode(one)
  end
  table.sort(list)
  return "{" .. table.concat(list, ",") .. "}"
end

--- A value of plain Lua as JSON.
function encode(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then
    return utf8.len(value) and json.quotestring(value)
      or ('{"#":"%s"}'):format((value:gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
  elseif kind == "integer" then
    return ("%d"):format(value)
  elseif kind == "float" then
    return ("%.17g"):format(value)
  elseif kind == "table" then
    return encode_table(value)
  end
  return tostring(value)
end

--- What JSON does not have, as it was.
local function restore(value)
  if value == math.huge or value == -math.huge then
    error("a number is too large", 0)
  elseif type(value) ~= "table" then
    return value
  end
  local special = value["#"]
  if type(special) == "string" then
    return (special:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
  elseif special then
    local made = {}
    for _, pair in ipairs(special) do
      local key, one = restore(pair[1]), restore(pair[2])
      if key == nil then
        error("a pair has no key", 0)
      end
      made[key] = one
    end
    return made
  end
  for key, one in pairs(value) do
    value[key] = restore(one)
  end
  return value
end

-- ---- Values that are counted ----

--- More different values than these are counted in ranges, of at most 0.1 % of their size.
local DISTINCT_MAX = 10000

--- Counts the values of statistics in ranges.
local function count_in_buckets(stats)
  local counts, order = {}, {}
  for _, value in ipairs(stats.values) do
    local lowest = accumulators.lowest(value)
    counts[lowest] = (counts[lowest] or 0) + 1
    order[#order + 1] = counts[lowest] == 1 and lowest or nil
  end
  table.sort(order)
  stats.buckets = {}
  for i, lowest in ipairs(order) do
    stats.buckets[i] = { lowest, counts[lowest] }
  end
  stats.values = nil
  return stats
end

--- Puts the values of statistics, or what they are counted in, into two lists: `bucket` and `n`.
local function pack_values(stats)
  local counts, order = {}, {}
  for _, value in ipairs(stats.values or {}) do
    counts[value] = (counts[value] or 0) + 1
    order[#order + 1] = counts[value] == 1 and value or nil
  end
  if #order > DISTINCT_MAX then
    return pack_values(count_in_buckets(stats))
  end
  table.sort(order)
  local n = {}
  for i, value in ipairs(order) do
    n[i] = counts[value]
  end
  for i, pair in ipairs(stats.buckets or {}) do
    order[i], n[i] = pair[1], pair[2]
  end
  if stats.values or stats.buckets then
    stats.bucket, stats.n, stats.exact = order, n, stats.values ~= nil
    stats.values, stats.buckets = nil, nil
  end
  return stats
end

--- So many values are kept at most; more are always counted in ranges.
local VALUES_MAX = 10000000

local function unpack_values(stats)
  if not stats.bucket then
    return stats
  end
  if stats.exact then
    stats.values = {}
    for i, value in ipairs(stats.bucket) do
      local n = stats.n[i]
      if math.type(n) ~= "integer" or n < 1 or n > VALUES_MAX - #stats.values then
        error("`bucket` and `n` do not match", 0)
      end
      for _ = 1, n do
        stats.values[#stats.values + 1] = value
      end
    end
  else
    stats.buckets = {}
    for i, value in ipairs(stats.bucket) do
      stats.buckets[i] = { value, stats.n[i] }
    end
  end
  stats.bucket, stats.n, stats.exact = nil, nil, nil
  return stats
end

-- ---- Writing ----

--- The name of a file that is being written, if it has one.
local unfinished

local Writer = {}
Writer.__index = Writer

--- Makes a file of partial results.
-- @tparam string path
-- @tparam table jobs see run.go
function partial.new(path, jobs)
  local file, temporary = host.new_file(path)
  if not file then
    fault.raise("--partial: %s", temporary)
  end
  unfinished = temporary
  return setmetatable({ path = path, temporary = temporary, jobs = jobs, n = 0,
    body = assert(host.temporary_file()), file = file }, Writer)
end

--- What makes the logs of windows: rows are wanted as values.
Writer.renderer = { log_spec = capture.log_spec }

local function check(ok, message)
  return ok or fault.raise("--partial: %s", message)
end

local function put(self, line)
  self.n = self.n + 1
  check(self.body:write(encode(line), "\n"))
end

--- The entries of an object with keys, each on its line; other objects are on one.
local function put_object(self, name, saved)
  if not saved.entries then
    if saved[1] and saved[1].key then
      put(self, { object = name, form = "group" })
      for _, entry in ipairs(saved) do
        local row = pack_values(entry)
        row["in"], row.key = name, { key = row.key }
        put(self, row)
      end
      return
    end
    put(self, { object = name, form = "value", value = saved })
    return
  end
  local head = { object = name, form = "keys" }
  for key, value in pairs(saved) do
    head[key] = key ~= "entries" and value or nil
  end
  head.keys = saved.entries[1] and #saved.entries[1].key or 0
  put(self, head)
  for _, entry in ipairs(saved.entries) do
    local key = {}
    for i, value in ipairs(entry.key) do
      key[saved.fields[i][1]] = value
    end
    local row = pack_values(entry)
    row["in"], row.key = name, key
    put(self, row)
  end
end

--- Lets a run put off the calls that are to be made when files are merged.
-- @tparam table options for trace:run
function Writer:defer(options)
  self.calls = assert(host.temporary_file())
  self.deferred, self.player = host.deferred(self.calls), host.player(options.scripts)
  self.calls_read = 0
  options.deferred = self.deferred
end

--- Adds the calls that have been put off since the last time.
local function put_calls(self)
  check(self.deferred:flush())
  check(self.calls:seek("set", self.calls_read))
  self.player:each(self.calls, function(machine, first, time, hook, event, values)
    put(self, { call = hook, event = event, machine = machine, first = first, time = time,
      values = values })
  end, function() end)
  self.calls_read = check(self.calls:seek("end"))
end

--- Adds the windows of all machines.
-- @tparam table list by number of the machine
-- @tparam integer first when they begin, ns
-- @tparam[opt] integer last when they end, ns; nil: that is not known yet
function Writer:window(list, first, last)
  put_calls(self)
  for number, of in ipairs(list) do
    for i, w in ipairs(of or {}) do
      local analysis = self.jobs[i].script.analysis
      local found = windows.save(analysis, w)
      if found.fault then
        fault.raise("--partial: %s: %s", self.jobs[i].script.name, found.fault)
      end
      put(self, { window = { first = first, last = last }, machine = number, job = i,
        renamed = of.renamed, plain = found.plain })
      for name, saved in pairs(found.objects) do
        put_object(self, name, saved)
      end
      for k, log in ipairs(windows.logs(analysis, w)) do
        put(self, { log = k, early = log:early() })
        for record, key in log:each() do
          put(self, { row = record, key = key })
        end
      end
    end
  end
  put(self, { closed = first })
end

--- Writes the file, all at once: whoever looks for it finds nothing, or all.
-- @tparam table meta what is to be known of it
function Writer:finish(meta)
  meta.version = partial.VERSION
  check(self.file:write(encode { meta = meta }, "\n"))
  check(self.body:seek("set", 0))
  for piece in self.body:lines(1 << 20) do
    check(self.file:write(piece))
  end
  check(self.file:write(encode { lines = self.n + 2 }, "\n"))
  check(host.name_file(self.file, self.temporary, self.path))
  unfinished = nil
end

--- Removes a file that has not been finished, if there is one.
function partial.drop()
  if unfinished then
    os.remove(unfinished)
  end
end

-- ---- Reading ----

local Reader = {}
Reader.__index = Reader

--- What `meta` must have: types, with "?" if it may be absent; `{ TYPE }` for lists; and tables of
-- these, which may be absent if they have the member "?".
local LOSSES = { name = "string", events = "integer", lost_events = "integer",
  lost_packets = "integer", lost_begin = "integer?", lost_end = "integer?", damaged = "integer",
  trace = "integer", cpus = { "integer" }, cpu = "integer?", first_cpu = "integer?",
  from = "integer?", to = "integer?", first = "integer?", last = "integer?" }
local SHAPE = {
  name = "string", hosts = { "string" }, uuids = { "string" }, paths = { "string" },
  command = { script = "string", source = "string", arguments = { "string" } },
  slice = { ["?"] = true, after = "integer?", stop = "integer?" },
  begin = "integer", ["end"] = "integer", filtered = "table",
  seen = { first = "integer?", last = "integer?", known = "integer?", refused = "integer?",
    early = "integer?",
    unrecorded = { { begin = "integer", ["end"] = "integer", time = "integer", holes = "integer",
      switches = "integer", contradicts = "integer" }, ["?"] = true } },
  streams = { LOSSES }, containers = { { { name = "string", ids = "table" } }, ["?"] = true },
  facts = { machines = { { traces = { "integer" }, name = "string?" } },
    traces = { { path = "string", begin = "integer?", ["end"] = "integer?" } },
    classes = { { name = "string" } }, streams = { LOSSES }, missing = "table",
    misses = { "string" }, size = "integer", reader = "string", range = { "integer" } },
}

--- Whether a value has a shape.
local function has_shape(value, shape)
  if type(shape) == "string" then
    local kind = math.type(value) or type(value)
    return kind == shape:gsub("?", "") or value == nil and shape:sub(-1) == "?"
  elseif type(value) ~= "table" then
    return value == nil and shape["?"]
  elseif shape[1] then
    for _, one in ipairs(value) do
      if not has_shape(one, shape[1]) then
        return false
      end
    end
    return is_list(value)
  end
  for name, one in pairs(shape) do
    if name ~= "?" and not has_shape(value[name], one) then
      return false
    end
  end
  return true
end

--- Whether what `meta` says in one place fits the other places.
local function is_consistent(meta)
  local facts, seen = meta.facts, meta.seen
  local function is_trace(number)
    return facts.traces[number] ~= nil
  end
  for _, machine in ipairs(facts.machines) do
    for i = 1, math.max(#machine.traces, 1) do
      if not is_trace(machine.traces[i]) then
        return false
      end
    end
  end
  for _, one in ipairs(facts.traces) do
    if (one.begin == nil) ~= (one["end"] == nil) then
      return false
    end
  end
  for _, list in ipairs { meta.streams, facts.streams } do
    for _, stream in ipairs(list) do
      if not is_trace(stream.trace) or (stream.from == nil) ~= (stream.to == nil)
        or (stream.lost_events > 0 or stream.lost_packets > 0)
        and not (stream.lost_begin and stream.lost_end) then
        return false
      end
    end
  end
  return #meta.streams == #facts.streams and (#facts.range == 2 or #facts.range == 0)
    and (seen.first == nil) == (seen.last == nil)
    and (not seen.first or #(seen.unrecorded or {}) == #facts.machines)
end

--- What is wrong, of what was raised over values that do not fit: without the place in our code,
-- and without Lua's own words.
-- @tparam any raised
-- @treturn string
function partial.words_of(raised)
  local words = tostring(raised):gsub("^%S+%.lua:%d+: ", ""):match "^[^\n]*"
  for _, lua in ipairs { "^attempt to ", "^bad ", "^table index ", "^invalid ", "has no integer",
    "^string ", "^number " } do
    if words:find(lua) then
      return "a value is missing, or of a wrong type"
    end
  end
  return words
end

--- Opens a file of partial results; a fault if it is none, or is not whole.
-- @tparam string path
-- @treturn Reader `meta` is what is known of it
function partial.open(path)
  local file, message = io.open(path, "r")
  if not file then
    fault.raise("%s", message)
  end
  local self = setmetatable({ path = path, file = file, n = 0 }, Reader)
  local first = self:line()
  self.meta = first and first.meta
  if type(self.meta) ~= "table" then
    fault.raise("%s: not a file of partial results (made by --partial)", path)
  elseif self.meta.version ~= partial.VERSION then
    fault.raise("%s: partial results of another version of lttnga (%s)", path,
      tostring(self.meta.program))
  elseif not has_shape(self.meta, SHAPE) or not is_consistent(self.meta) then
    fault.raise("%s:1: damaged: `meta` is incomplete, or contradicts itself", path)
  end
  return self
end

--- The next line; nil at the end.
function Reader:line()
  local line = self.file:read "l"
  if not line then
    return nil
  end
  self.n = self.n + 1
  local value = json.decode(line, 1, nil)
  if type(value) ~= "table" then
    if self.n == 1 then
      return nil
    end
    fault.raise("%s:%d: damaged: not a JSON object", self.path, self.n)
  end
  local ok, restored = pcall(restore, value)
  if not ok or type(restored) ~= "table" then
    fault.raise("%s:%d: damaged: %s", self.path, self.n, ok and "not a JSON object"
      or partial.words_of(restored))
  end
  return restored
end

--- An error if something does not hold.
local function expect(ok, what)
  if not ok then
    error(what, 0)
  end
end

--- Checks what describes an object: its form, and the fields of its keys.
local function check_head(head)
  local form, fields = head.form, head.fields
  expect(type(head.object) == "string", "an object has no name")
  expect(form == "keys" or form == "group" or form == "value", "an object of an unknown form")
  if form == "keys" then
    local has_fields = type(fields) == "table" and math.type(head.keys) == "integer"
    expect(has_fields and head.keys >= 0 and head.keys <= #fields,
      "the object has no list of fields")
    for _, field in ipairs(fields) do
      expect(type(field) == "table" and type(field[1]) == "string" and type(field[2]) == "string",
        "a field has no name or type")
    end
  elseif form == "value" then
    expect(type(head.value) == "table", "the object has no value")
  end
end

--- Checks the line of a key of an object.
local function check_entry(entry, head)
  local key, bucket, n = entry.key, entry.bucket, entry.n
  expect(entry["in"] == head.object, ("the line is not of the object '%s'"):format(head.object))
  expect(type(key) == "table", "the line has no key")
  if head.form == "group" then
    expect(type(key.key) == "string", "the key has no field 'key'")
  end
  local known = {}
  for i = 1, head.form == "keys" and head.keys or 0 do
    known[head.fields[i][1]] = true
  end
  for name in pairs(head.form == "keys" and key or {}) do
    expect(known[name], ("the key has a field '%s' that the object does not have"):format(name))
  end
  if bucket ~= nil then
    expect(type(bucket) == "table" and type(n) == "table" and #bucket == #n,
      "`bucket` and `n` do not match")
  end
end

--- The saved form of the object that a line begins; and the line that follows it.
local function read_object(self, head)
  check_head(head)
  if head.form == "value" then
    return head.value, self:line()
  end
  local saved, line = { entries = {} }, self:line()
  for name, value in pairs(head) do
    saved[name] = name ~= "object" and name ~= "form" and name ~= "keys" and value or nil
  end
  local is_group = head.form == "group"
  local entries = is_group and {} or saved.entries
  while line and line["in"] do
    check_entry(line, head)
    local entry, key = unpack_values(line), line.key
    entry["in"] = nil
    entry.key = is_group and key.key or {}
    for i = 1, is_group and 0 or head.keys do
      local value = key[saved.fields[i][1]]
      entry.key[i] = value ~= nil and value
    end
    entries[#entries + 1] = entry
    line = self:line()
  end
  return is_group and entries or saved, line
end

--- A time in the file; an error if it is none.
local function check_time(time)
  return math.type(time) == "integer" and time or error("a window has no time", 0)
end

--- Makes a call that was put off.
local function read_call(whole, line, player)
  local list = whole:window(check_time(line.first))
  expect(math.type(line.machine) == "integer" and list[line.machine], "no such machine")
  expect(math.type(line.call) == "integer" and type(line.values) == "table", "a call has no hook")
  player:call(line.machine, list[line.machine], check_time(line.time), line.call, line.values)
end

--- Adds what is there of a window.
-- @tparam table about the line that it begins with
-- @treturn ?table the line that follows it
local function read_window(self, whole, jobs, about)
  expect(type(about.window) == "table", "a window has no time")
  local list = whole:window(check_time(about.window.first), about.window.last and check_time(
    about.window.last))
  local of = list[about.machine]
  local w = of and of[about.job]
  if not w then
    fault.raise("%s:%d: damaged: no such machine or job", self.path, self.n)
  end
  local analysis = jobs[about.job].script.analysis
  local found, logs = { objects = {}, plain = about.plain }, windows.logs(analysis, w)
  local line = self:line()
  while line and (line.object or line.log) do
    if line.object then
      local name = line.object
      found.objects[name], line = read_object(self, line)
    else
      local log = logs[line.log]
      expect(log, "the analysis has no such log")
      line = self:line()
      while line and line.row do
        log:add(line.row, line.key)
        line = self:line()
      end
    end
  end
  windows.merge(analysis, w, found)
  parts.rename(of, about.renamed)
  return line
end

--- Reads a file to its end: see Reader:add_to.
local function read_all(self, whole, jobs, player)
  local line = self:line()
  while line and not line.lines do
    if line.window then
      line = read_window(self, whole, jobs, line)
    else
      if line.call then
        read_call(whole, line, player)
      elseif line.closed then
        whole:over(check_time(line.closed), self.meta.seen)
      else
        break
      end
      line = self:line()
    end
  end
  if not line or line.lines ~= self.n then
    fault.raise("%s: not whole: it ends after line %d", self.path, self.n)
  end
  self.file:close()
end

--- Adds what is in the file to a whole. What does not fit is a fault that says where it is.
-- @tparam Whole whole from parts.whole
-- @tparam table jobs see run.go
-- @param player host.player: makes the calls that were put off
function Reader:add_to(whole, jobs, player)
  local ok, raised = pcall(read_all, self, whole, jobs, player)
  if ok then
    return
  elseif fault.is(raised) then
    error(raised, 0)
  end
  fault.raise("%s:%d: damaged: %s", self.path, self.n, partial.words_of(raised))
end

return partial
