--- Makes `require "lttnga.NAME"` find lua/lib/NAME.lua, and nothing else: what LUA_PATH names, or
-- lies in the current folder, may be anybody's. Run with the folder of our Lua files.
--
-- SPDX-License-Identifier: MIT

local folder = ...

--- Modules of others that ours need.
local foreign = { dkjson = true }

--- The folders of package.path that don't depend on the current one.
local function absolute_path()
  local parts = {}
  for part in package.path:gmatch("[^;]+") do
    parts[#parts + 1] = part:find("^/") and part or nil
  end
  return table.concat(parts, ";")
end

local function search(name)
  local part = name:match("^lttnga%.(.*)$")
  local path
  if part then
    path = part:find("^[%w_]+$") and folder .. "/lib/" .. part .. ".lua"
  elseif foreign[name] then
    path = package.searchpath(name, absolute_path())
  else
    return nil
  end
  local loader, message = nil, "not found"
  if path then
    loader, message = loadfile(path, "t")
  end
  if not loader then
    -- Behind this searcher, and require.
    error(("cannot load module '%s': %s"):format(name, message), 3)
  end
  return loader, path
end
table.insert(package.searchers, 2, search)
