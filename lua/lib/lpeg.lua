--- LPeg as it is installed: not a file of its name in the current folder, as `require` would take.
--
-- SPDX-License-Identifier: MIT

local lpeg = {}

--- @treturn table the library; or nil and a message
function lpeg.load()
  for path in package.cpath:gmatch "[^;]+" do
    local file = path:find "^/" and package.searchpath("lpeg", path)
    local open = file and package.loadlib(file, "luaopen_lpeg")
    if open then
      return open("lpeg", file)
    end
  end
  return nil, "LPeg is not installed (Debian package: lua-lpeg)"
end

return lpeg
