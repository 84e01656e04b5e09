--- Live sessions: what a relay daemon hands on is copied to a folder, and read from there.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"

local live = {}

--- Whether a path is the URL of a relay, not of a folder.
-- @tparam string path
-- @treturn boolean
function live.is_url(path)
  return path:find "^net[46]?://" ~= nil
end

--- Refuses options that do nothing for what is read.
-- @tparam table paths
-- @tparam table values options of the run
function live.check_options(paths, values)
  local is_session = live.is_url(paths[1] or "")
  if values.sync and (is_session or values.follow) then
    fault.usage "--sync needs recorded traces: a live one can be read only once"
  elseif values.follow and is_session then
    fault.usage "--follow takes a directory, not a live session"
  elseif values.patience and not values.follow then
    fault.usage "--patience needs --follow"
  elseif (values.retry or values["attach-last"]) and not is_session then
    fault.usage("--%s needs a live session (net://...)", values.retry and "retry" or "attach-last")
  end
end

local function check_reader(values)
  if values.reader == "babeltrace2" then
    fault.usage "--reader: only the native reader reads what is being recorded"
  end
end

--- So many times it is asked for events before that is told: about a second.
local PATIENCE = 40

--- Waits until a session has something to read.
-- @param session object of host.live, or nil
-- @tparam ?string message why there is none
-- @tparam string name of what is waited for
-- @tparam function say takes a kind ("note: ") and a text for the user
-- @return the session
-- @treturn table folders of its traces
local function wait(session, message, name, say)
  local tries = 0
  while session do
    local state
    state, message = session:prepare()
    if state == "ready" then
      return session, session:folders()
    elseif state == "over" then
      fault.raise("%s: the recording ended without any kernel events", name)
    elseif host.interrupted() then
      error(fault.new(130, "interrupted while waiting for events of %s", name), 0)
    elseif not state then
      break
    end
    tries = tries + 1
    if tries == PATIENCE then
      say("note: ", ("waiting for events of %s"):format(name))
    end
  end
  fault.raise("%s", message)
end

--- A stream of which nothing has come for so long does not hold back the others, ns.
local PATIENT = 2000000000

--- Follows what is being written to a folder, as live.attach.
-- @tparam table paths the folder, and nothing else
-- @tparam table values options of the run
-- @tparam function say
function live.follow(paths, values, say)
  check_reader(values)
  if paths[2] then
    fault.usage("--follow takes one directory: %s", paths[2])
  end
  local session, message = host.follow(paths[1], values.patience or PATIENT)
  return wait(session, message, paths[1], say)
end

--- Attaches to a session, and waits until there is something to read.
-- @tparam table paths the URL, and nothing else
-- @tparam table values options of the run
-- @tparam function say takes a kind ("note: ") and a text for the user
-- @return object of host.live
-- @treturn table folders of its traces
function live.attach(paths, values, say)
  check_reader(values)
  local url = paths[1]
  if paths[2] then
    fault.usage("a live session can only be read by itself: %s", paths[2])
  end
  local session, message = host.live(url, values["attach-last"], values.retry)
  return wait(session, message, url, say)
end

return live
