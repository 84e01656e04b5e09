--- The user's folders for our data, saved states and history, as the XDG base directories say.
--
-- SPDX-License-Identifier: MIT

local xdg = {}

--- Where each kind is if the environment does not say.
local usual = { CACHE = "/.cache", DATA = "/.local/share", STATE = "/.local/state" }

local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

--- Our folder for things of a kind, whether it is there or not.
-- @tparam string kind "CACHE", "DATA" or "STATE"
-- @treturn string; nil if the user has none
function xdg.folder(kind)
  local base = variable("XDG_" .. kind .. "_HOME")
  local home = variable("HOME")
  base = base or home and home .. usual[kind]
  return base and base .. "/lttnga"
end

return xdg
