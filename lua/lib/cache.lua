--- Saved states of traces: where they are, when they are used, and when new ones are made.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"
local xdg = require "lttnga.xdg"

local cache = {}

--- Smaller traces are read from the beginning faster than anything else could be done.
local SMALL = 16 * 1024 * 1024

--- The folder for checkpoints; nil if there is none.
local function folder(values)
  if values["no-cache"] then
    return nil
  elseif values.cache then
    return values.cache
  end
  return xdg.folder "CACHE"
end

--- The file with the checkpoints of a trace.
-- @tparam table paths folders of the traces
-- @tparam table values options of the run
-- @param trace from run.open: with traces of user space its streams are others
-- @treturn string; nil if there is no place for it
function cache.path(paths, values, trace)
  local place = folder(values)
  if not place then
    return nil
  end
  local all = values["no-intersection"] and "all\n" or "common\n"
  for _, one in ipairs(trace:traces()) do
    if one.domain == "ust" then
      all = all .. "user\n"
      break
    end
  end
  local name = paths[1]:gsub("/+$", ""):match("([^/]*)$"):gsub("[^%w._-]", "_")
  return ("%s/%s-%s.state"):format(place, name:sub(1, 64), host.digest(paths, all):sub(1, 20))
end

--- The checkpoints of a trace in that file.
-- @param trace from run.open
-- @tparam string path from cache.path, or nil
-- @tparam function say takes a kind and a text for the user
-- @treturn object; nil if there are none that are of use
function cache.load(trace, path, say)
  if not path or not trace:can_seek() then
    return nil
  end
  local checkpoints, why, message = trace:read_checkpoints(path)
  if why == "unreadable" then
    say("note: ", ("what was saved of this trace is not used: %s"):format(message))
  elseif not checkpoints and why ~= "none" then
    os.remove(path)
    say("note: ", ("what was saved of this trace is thrown away: %s"):format(message))
  end
  return checkpoints
end

--- Whether a run is worth saving.
function cache.is_worth(trace)
  return trace:can_seek() and trace:size() >= SMALL
end

--- Saves states; that this fails costs nothing but time.
-- @treturn boolean whether they have been saved
function cache.save(checkpoints, path, say)
  local ok, message = checkpoints:write(path)
  if not ok then
    say("note: ", ("the state of the trace can't be saved: %s"):format(message))
  end
  return ok
end

return cache
