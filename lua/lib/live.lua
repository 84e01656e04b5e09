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

--- Attaches to a session, and waits until there is something to read.
-- @tparam table paths the URL, and nothing else
-- @tparam table values options of the run
-- @tparam function say takes a kind ("note: ") and a text for the user
-- @return object of host.live
-- @treturn table folders of its traces
function live.attach(paths, values, say)
  local url = paths[1]
  if paths[2] then
    fault.usage("a live session can only be read by itself: %s", paths[2])
  end
  local session, message = host.live(url, values["attach-last"])
  local waits = false
  while session do
    local state
    state, message = session:prepare()
    if state == "ready" then
      return session, session:folders()
    elseif state == "over" then
      fault.raise("%s: the session ended without any events", url)
    elseif host.interrupted() then
      error(fault.new(130, "interrupted while waiting for events of %s", url), 0)
    elseif not state then
      break
    elseif not waits then
      waits = true
      say("note: ", ("waiting for events of %s"):format(url))
    end
  end
  fault.raise("%s", message)
end

return live
