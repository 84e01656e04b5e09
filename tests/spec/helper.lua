--- Makes the libraries loadable in a plain interpreter: `require "lttnga.NAME"` finds
-- lua/lib/NAME.lua, as in lua/lib/boot.lua, or what is C in $BUILD/lua/lttnga.
--
-- SPDX-License-Identifier: MIT

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local root = here .. "/../.."

local function search(name)
  local part = name:match("^lttnga%.([%w_]+)$")
  if not part then
    return nil
  end
  local path = root .. "/lua/lib/" .. part .. ".lua"
  local loader, message = loadfile(path, "t")
  if loader then
    return loader, path
  end
  return "\n\t" .. message
end
table.insert(package.searchers, 2, search)
package.cpath = (os.getenv("BUILD") or root .. "/build") .. "/lua/?.so;" .. package.cpath
