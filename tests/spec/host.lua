--- For specs of the whole program: runs it and catches what it says, and makes traces from
-- descriptions.
--
-- A description is a table:
--     { env = { hostname = "box" }, contexts = { pid = 0 },
--       streams = { { cpu = 0, { time, "event", { field = value } }, ... } } }
-- Fields are integers, texts, lists of integers, or { enum = integer } for one that is kept as an
-- enumeration; context fields are written "ctx.pid". A stream
-- can have `packets` instead of events: { { lost = 3, from = time, to = time, events... }, ... },
-- where `lost` is how many events its header counts as lost; or (in a file for mktrace) a function
-- that gives packet i, and nil after the last one.
--
-- SPDX-License-Identifier: MIT

local json = require "dkjson"

local helper = {}

local build = os.getenv("BUILD") or "build"

local folder = io.popen("mktemp -d"):read("l")
local made = 0

--- A new path below the folder of this test run.
function helper.path(name)
  made = made + 1
  return ("%s/%d-%s"):format(folder, made, name or "file")
end

function helper.write(text, name)
  local path = helper.path(name)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

function helper.read(path)
  local file = assert(io.open(path, "r"))
  local text = file:read("a")
  file:close()
  return text
end

function helper.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The names of all stock analyses, sorted.
-- @tparam[opt] table without names that are left out, as keys
function helper.analyses(without)
  local names, files <close> = {}, io.popen "ls lua/analyses"
  for file in files:lines() do
    local name = file:match "^(.*)%.lua$"
    names[#names + 1] = name and not (without or {})[name] and name or nil
  end
  assert(#names >= 20)
  return names
end

--- What a renderer is given to write with: puts texts, and the rows of logs, into a list.
function helper.writer(parts)
  return function(what, before)
    if type(what) == "string" then
      parts[#parts + 1] = what
    else
      local file <close> = assert(io.tmpfile())
      assert(what:write(file, before))
      file:seek "set"
      parts[#parts + 1] = file:read "a"
    end
  end
end

--- Runs a shell command.
-- @treturn table status, out, err
function helper.shell(command)
  local out, err = helper.path("out"), helper.path("err")
  local _, how, status = os.execute(("export XDG_CACHE_HOME=%s/cache; ( %s ) >%s 2>%s"):format(
    folder, command, out, err))
  if how == "signal" then
    status = 128 + status
  end
  return { status = status, out = helper.read(out), err = helper.read(err) }
end

--- Options with which there is no text, or it is not the classic one.
local not_classic = { ["--output"] = true, ["--output=lami"] = true, ["--output=csv"] = true,
  ["--output=json"] = true, ["--width"] = true, ["--classic"] = true }

--- Runs lttnga-run with arguments, in UTC. The text of analyses is the classic one, whose columns
-- are always the same; helper.run_as_is is without that.
function helper.run(...)
  local words = { ... }
  local name = tostring(words[1])
  local is_classic = (not name:find "^%-" or name == "-i") and name ~= "index" and #words > 1
  for _, word in ipairs(words) do
    is_classic = is_classic and not not_classic[word]
  end
  if is_classic then
    table.insert(words, 2, "--classic")
  end
  return helper.run_as_is(table.unpack(words))
end

--- The same, with these arguments only.
function helper.run_as_is(...)
  local words = { "TZ=UTC", "XDG_DATA_HOME=" .. folder .. "/xdg", build .. "/lttnga-run" }
  for _, word in ipairs { ... } do
    words[#words + 1] = helper.quote(word)
  end
  return helper.shell(table.concat(words, " "))
end

--- Runs an analysis, which has to print JSON and succeed.
-- @treturn table rows of its own tables
-- @treturn table what `run` returns
-- @treturn table rows of the table "trace"
function helper.rows(...)
  local result, rows, about = helper.run(...), {}, {}
  assert(result.status == 0, result.err)
  for line in result.out:gmatch "[^\n]+" do
    local row = assert(json.decode(line))
    local list = row.table == "trace" and about or rows
    list[#list + 1] = row
  end
  return rows, result, about
end

--- One field of a line of CSV, from a place on: its text, whether it is quoted, and where it ends.
local function csv_field(text, at)
  if text:sub(at, at) ~= '"' then
    local field = text:match("^[^,\r\n]*", at)
    return field, false, at + #field
  end
  local parts = {}
  repeat
    local part, ending = text:match('^"([^"]*)()"', at)
    assert(part, "a quoted field does not end")
    parts[#parts + 1] = part
    at = ending + 1
  until text:sub(at, at) ~= '"'
  return table.concat(parts, '"'), true, at
end

--- Reads CSV as RFC 4180 has it.
-- @treturn table list of lines: lists of texts, and `quoted`, for each field whether it is so
function helper.csv(text)
  local lines, at = {}, 1
  while at <= #text do
    local line = { quoted = {} }
    repeat
      line[#line + 1], line.quoted[#line + 1], at = csv_field(text, at)
      local more = text:sub(at, at) == ","
      at = more and at + 1 or at
    until not more
    assert(text:sub(at, at + 1) == "\r\n", "a line does not end with CR LF")
    at, lines[#lines + 1] = at + 2, line
  end
  return lines
end

--- Runs commands in a session.
function helper.session(trace, ...)
  local words = {}
  for _, code in ipairs { ... } do
    words[#words + 1] = "-e"
    words[#words + 1] = code
  end
  words[#words + 1] = trace
  return helper.run(table.unpack(words))
end

--- Runs a Lua program in the plain interpreter, which finds the module "lttnga", in UTC. If that is
-- sanitized, its runtime has to come first.
function helper.lua(path, ...)
  local words = { "TZ=UTC", ("LUA_CPATH='%s/?.so;;'"):format(build) }
  if (os.getenv "SANITIZE" or "") ~= "" then
    words[#words + 1] = "LD_PRELOAD=$(gcc -print-file-name=libasan.so)"
  end
  words[#words + 1] = "lua5.4"
  for _, word in ipairs { path, ... } do
    words[#words + 1] = helper.quote(word)
  end
  return helper.shell(table.concat(words, " "))
end

local function literal(value)
  if type(value) ~= "table" then
    return ("%q"):format(value)
  end
  local parts = {}
  for key, member in pairs(value) do
    parts[#parts + 1] = ("[%s]=%s"):format(literal(key), literal(member))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Writes a trace; returns its folder.
function helper.trace(description)
  description.env = description.env or { domain = "kernel", hostname = "box",
    tracer_name = "lttng-modules", tracer_major = 2, tracer_minor = 13,
    kernel_release = "6.1.0-amd64" }
  local path = helper.path("trace")
  local result = helper.shell(("%s/tests/mktrace %s %s"):format(
    build, helper.write("return " .. literal(description), "description.lua"), path))
  assert(result.status == 0, result.err)
  return path
end

--- A script for lttnga-run; returns its path.
function helper.script(source, name)
  return helper.write(source, name or "script.lua")
end

--- A trace in which TID 10, "app", makes one call of each I/O class and uses a disk.
-- Times are in ns since the Epoch: a call begins each millisecond.
function helper.small_trace()
  local ms = 1000000
  local function call(at, took, name, entry, leave)
    return { at * ms, "syscall_entry_" .. name, entry },
      { at * ms + took, "syscall_exit_" .. name, leave }
  end
  local events = { cpu = 0,
    { 1 * ms, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } }
  local function add(...)
    for _, event in ipairs { ... } do
      events[#events + 1] = event
    end
  end
  add(call(2, 1000, "openat", { dfd = -100, filename = "/etc/hosts", flags = 0 }, { ret = 3 }))
  add(call(3, 2000, "read", { fd = 3, count = 4096 }, { ret = 100 }))
  add(call(4, 4000, "read", { fd = 3, count = 4096 }, { ret = 0 }))
  add(call(5, 8000, "write", { fd = 1, count = 10 }, { ret = 10 }))
  add(call(6, 500000, "fsync", { fd = 3 }, { ret = 0 }))
  add({ 7 * ms, "block_rq_issue",
    { dev = 8388608, sector = 8, nr_sector = 8, rwbs = 1, tid = 10, comm = "app" } })
  add({ 7 * ms + 70000, "block_rq_complete",
    { dev = 8388608, sector = 8, nr_sector = 8, error = 0 } })
  add(call(8, 1000, "close", { fd = 3 }, { ret = 0 }))
  return helper.trace { streams = { events } }
end

local unpacked = {}

--- The folder of a trace in tests/traces, by name.
function helper.real_trace(name)
  if not unpacked[name] then
    local path = helper.path(name)
    assert(helper.shell(("mkdir %s && tar -C %s --strip-components=1 -xJf tests/traces/%s.tar.xz")
      :format(path, path, name)).status == 0)
    unpacked[name] = path
  end
  return unpacked[name]
end

-- What a run leaves behind goes with it.
helper.guard = setmetatable({}, { __gc = function()
  os.execute("rm -rf " .. helper.quote(folder))
end })

return helper
