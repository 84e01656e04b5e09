--- lttnga for programs of one's own: require "lttnga" in plain Lua.
--
--     local lttnga = require "lttnga"
--     local trace = lttnga.open "my-trace/"
--     trace:go "12:18:50.43"
--     for _, thread in ipairs(trace:threads()) do print(thread.tid, thread.syscall) end
--     local tables = trace:analyse("iolatencytop", { limit = 5 })
--
-- SPDX-License-Identifier: MIT

local folder = ...

assert(loadfile(folder .. "/lib/search.lua", "t"))(folder)

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local options = require "lttnga.options"
local session = require "lttnga.session"
local text = require "lttnga.text"

local lttnga = { version = host.version }

--- Messages beside results.
local function say(kind, message)
  io.stderr:write(("lttnga: %s%s\n"):format(kind, text.clean(message)))
end

--- The options that make sense here; others are about how results are written, or which part of a
-- trace is read.
local known = options.set(options.run).by_name
local names = { "gmt", "no-intersection", "reader", "threads", "cache", "no-cache" }

--- Checks one option, and reads its value as on the command line.
local function read_option(name, value)
  local option = known[name]
  if not option.value then
    return value or nil
  end
  local read, message = options.reader_of(option)(tostring(value))
  if read == nil then
    fault.raise("%s: %s", name:gsub("-", "_"), message)
  end
  return read
end

--- Options of a run, given as a table.
local function values_of(given)
  local values, allowed = { ["no-progress"] = true, ["for a program"] = true }, {}
  for _, name in ipairs(names) do
    allowed[name] = true
  end
  for name, value in pairs(given or {}) do
    local option = tostring(name):gsub("_", "-")
    if allowed[option] then
      values[option] = read_option(option, value)
    elseif option ~= "quiet" then
      fault.raise("open(): unknown option '%s'%s", tostring(name),
        text.did_you_mean(option, names):gsub("-", "_"))
    end
  end
  return values
end

--- Opens traces as one.
-- @tparam string|table where the folder of a trace, or a list of folders
-- @tparam[opt] table given options as on the command line: gmt, no_intersection, reader, threads,
-- cache, no_cache; quiet: leave out notes and warnings
-- @treturn Session see lttnga.session: go, step, back, until_, ps, threads, fds, ..., analyse, run;
-- close() lets the trace go, as does the end of a block with `local trace <close> = ...`
function lttnga.open(where, given)
  if type(where) ~= "string" and (type(where) ~= "table" or #where == 0) then
    fault.raise("open(): the path of a trace is missing: lttnga.open \"my-trace/\"")
  elseif given ~= nil and type(given) ~= "table" then
    fault.raise("open(): options must be a table: { gmt = true }")
  end
  local quiet = given and given.quiet
  return session.open(type(where) == "table" and where or { where }, values_of(given), {
    folder = folder, say = quiet and function() end or say, on_error = fault.caught,
    flush = function() end,
  })
end

return lttnga
