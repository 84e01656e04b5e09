--- Fuzzer of what C is for Lua, as an analysis: functions of our modules and methods of our objects
-- are called with odd arguments, in hooks and outside of them, on objects of other types, that were
-- collected, or that have metatables which lie. Nothing but an error of Lua may come of it.
--
--     FUZZ_SECONDS=10 FUZZ_SEED=1 FUZZ_TRACE=TRACE lttnga-run tests/fuzz/bindings.lua TRACE
--
-- To be run in a folder of its own: what saves something writes there. Tells how many calls there
-- were.
--
-- SPDX-License-Identifier: MIT

local accumulators = require "lttnga.accumulators"
local analysis = require "lttnga.analysis"
local formats = require "lttnga.formats"
local host = require "lttnga.host"
local log = require "lttnga.log"
local sorted = require "lttnga.sorted"

local seconds = tonumber(os.getenv "FUZZ_SECONDS" or 5)
local seed = tonumber(os.getenv "FUZZ_SEED" or os.time())
local path = os.getenv "FUZZ_TRACE"
math.randomseed(seed)

local random = math.random
local calls, failed = 0, 0

local function pick(list)
  return list[random(#list)]
end

--- Functions of modules, and how often each is called beside others.
local functions = {}
for _, module in ipairs { accumulators, sorted, log, formats } do
  for _, f in pairs(module) do
    if type(f) == "function" then
      table.move({ f, f, f }, 1, 3, #functions + 1, functions)
    end
  end
end
for _, name in ipairs { "cursor", "digest", "hooks", "views", "terminal", "interrupted", "open",
    "temporary_file" } do
  functions[#functions + 1] = host[name]
end

-- ---- Arguments ----

local objects = {}

local function keep(value)
  if type(value) == "userdata" then
    objects[#objects < 40 and #objects + 1 or random(40)] = value
  end
end

local numbers = { 0, 1, 2, 3, -1, 10, 100, 255, 256, 1 << 31, -(1 << 31), 1 << 32, 1 << 62,
  math.maxinteger, math.mininteger, math.mininteger + 1, 0.5, -0.0, 1e300, 0 / 0, 1 / 0, -1 / 0 }

local texts = { "", "a", "key", "name", "duration", "time", "x\0y", "\xff\xfe", ("x"):rep(5000),
  "%s%n", "{name}", "text", "csv", "json", "int", "1", "0x10", "\27[31m", "\u{200b}", "into", "r",
  "set", "babeltrace2", "native", "/dev/null/at/all" }

local value -- below

--- A table: a list, a record, or one that lies about what it is.
local function some_table(depth)
  local made, kind = {}, random(8)
  if depth > 3 then
    return made
  end
  for i = 1, kind <= 4 and random(0, 5) or 0 do
    made[i] = value(depth + 1)
  end
  for _ = 1, random(0, 4) do
    local key = pick { "fields", "rankings", "count", "min", "max", "sum", "n", "sum2",
      "values", "keys", "format", "lines", "sort", "kinds", "scripts", "on", "name", "window",
      "checkpoints", "begin",
      "end", "intersection", "threads", "reader", "entries", "samples", "names", "text", "columns" }
    made[key] = value(depth + 1)
  end
  if kind == 5 then
    setmetatable(made, { __len = function() return pick(numbers) end,
      __index = function() return pick(texts) end })
  elseif kind == 6 then
    setmetatable(made, { __index = function() error "no" end,
      __tostring = function() return 1 end })
  elseif kind == 7 then
    setmetatable(made, { __gc = function() pcall(value, 0) end, __mode = "kv" })
  elseif kind == 8 and #objects > 0 then
    -- What another one has saved, with something changed.
    local ok, saved = pcall(function() return pick(objects):save() end)
    if ok and type(saved) == "table" then
      local key = next(saved)
      if key ~= nil and random(2) == 1 then
        saved[key] = value(depth + 1)
      end
      return saved
    end
  end
  return made
end

local files = { io.stderr }
do
  local closed = io.tmpfile()
  closed:close()
  files[2], files[3] = closed, io.tmpfile()
end

function value(depth)
  depth = depth or 0
  local kind = random(20)
  if kind <= 5 then
    return pick(numbers)
  elseif kind <= 9 then
    return pick(texts)
  elseif kind <= 12 and #objects > 0 then
    return pick(objects)
  elseif kind <= 15 then
    return some_table(depth)
  elseif kind == 16 then
    return random(2) == 1
  elseif kind == 17 then
    return pick { print and function() return value(3) end, error, tostring,
      function() error { } end, coroutine.wrap(function() return 1 end) }
  elseif kind == 18 then
    return files[random(2, 3)]
  elseif kind == 19 then
    return coroutine.create(function() end)
  end
  return nil
end

-- ---- Calls ----

--- A method of an object, now and then one of another type.
local function method()
  local object = pick(objects)
  local meta = debug.getmetatable(random(8) == 1 and pick(objects) or object)
  local methods = type(meta) == "table" and meta.__index
  local names = {}
  for name in pairs(type(methods) == "table" and methods or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  if #names == 0 or random(40) == 1 then
    return type(meta) == "table" and (meta.__gc or meta.__close or meta.__tostring) or nil, object
  end
  return methods[pick(names)], object
end

--- What makes a log that takes rows, or opens the trace.
local function sensible()
  local kind = random(6)
  if kind == 1 then
    return log.new, { format = pick { "text", "csv", "json" }, lines = { "{time} {name}" } }
  elseif kind == 2 and path then
    return host.open, { path }
  elseif kind == 3 then
    return accumulators.stats, true
  elseif kind == 4 then
    return accumulators.top, 3
  elseif kind == 5 then
    return accumulators.keyed, true
  end
  return sorted.new
end

local function call_once()
  local f, first
  if #objects > 0 and random(10) > 2 then
    f, first = method()
  elseif random(2) == 1 then
    f, first = sensible()
  else
    f = pick(functions)
    first = value()
  end
  if not f then
    return
  end
  calls = calls + 1
  local results = table.pack(pcall(f, first, table.unpack({ value(), value(), value(), value() }, 1,
    random(0, 4))))
  failed = failed + (results[1] and 0 or 1)
  for i = 2, results.n do
    keep(results[i])
    if type(results[i]) == "function" and random(3) == 1 then
      for _ = 1, 3 do
        pcall(results[i], first)
      end
    end
  end
  if random(200) == 1 then
    objects[random(40)] = nil
    objects = table.move(objects, 1, #objects, 1, {})
    collectgarbage(pick { "collect", "step", "generational", "incremental" })
  end
end

local last = os.time() + seconds
while os.time() < last do
  for _ = 1, 500 do
    call_once()
  end
end

-- What other finalizers still have when the program ends. (Objects that are made then have none, so
-- whoever looks for leaks must leave it out.)
FINAL = os.getenv "FUZZ_FINAL" and setmetatable({}, { __gc = function() -- luacheck: ignore
  for _ = 1, 500 do
    call_once()
  end
end })

return analysis {
  title = "bindings",
  begin = function(w)
    w.stats, w.totals, w.top = accumulators.stats(true), accumulators.totals(), accumulators.top(2)
    w.group, w.keyed = accumulators.group(true), accumulators.keyed(true)
    for _, object in ipairs { w.stats, w.totals, w.top, w.group, w.keyed } do
      keep(object)
    end
  end,
  collect = {
    { "syscall_exit", "name", "duration", into = "totals" },
    { "syscall_exit", "name", "duration", "procname", into = "top" },
    { "syscall_exit", "name", "duration", into = "group" },
    { "syscall_exit", "name", "duration", into = "keyed" },
    { "syscall_exit", "duration", into = "stats" },
  },
  on = {
    syscall_exit = function(w, event)
      w.last = event
      keep(event)
      for _ = 1, os.time() <= last + seconds and 50 or 0 do
        call_once()
      end
    end,
  },
  tables = { { "calls", "Calls", { { "Calls", "number" }, { "Errors", "number" } },
    rows = function() return { { calls, failed } } end } },
}
