--- Makes `require "lttnga.NAME"` find lua/lib/NAME.lua. Run with the folder of our Lua files.
--
-- SPDX-License-Identifier: MIT

local folder = ...

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
