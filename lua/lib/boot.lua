--- The first Lua file that runs: makes `require "lttnga.NAME"` find lua/lib/NAME.lua, runs the
-- command line, and turns whatever goes wrong into one message and an exit status.
--
-- SPDX-License-Identifier: MIT

local folder, arguments = ...

local function search(name)
  local part = name:match("^lttnga%.([%w_]+)$")
  if not part then
    return nil
  end
  local path = folder .. "/lib/" .. part .. ".lua"
  local loader, message = loadfile(path, "t")
  if loader then
    return loader, path
  end
  return "\n\t" .. message
end
table.insert(package.searchers, 2, search)

local host = require "lttnga.host"
local fault = require "lttnga.fault"
local time = require "lttnga.time"

--- Where the run was when it failed: " (at event sched_switch, 12:18:50.432156789)".
local function place()
  local event, now = host.place()
  if not now then
    return ""
  end
  local clock = time.format(now)
  return event and (" (at event %s, %s)"):format(event, clock) or (" (at %s)"):format(clock)
end

-- Runs where the error was raised, so that the traceback still shows it.
local function handler(err)
  if host.interrupted() then
    local _, now = host.place()
    return fault.new(130, "interrupted%s; there is no result",
      now and " at " .. time.format(now) .. " of the trace" or "")
  end
  if fault.is(err) then
    return err
  end
  if type(err) ~= "string" then
    err = ("(error object is a %s value)"):format(type(err))
  end
  return fault.new(1, "%s", debug.traceback(err .. place(), 2))
end

local cli = require "lttnga.cli"
local ok, result = xpcall(cli.main, handler, folder, arguments)
if ok then
  return result
end
return cli.fail(result)
