--- Makes the libraries loadable in a plain interpreter: `require "lttnga.NAME"` finds
-- lua/lib/NAME.lua, or what is C in $BUILD/lttnga.so.
--
-- SPDX-License-Identifier: MIT

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local root = here .. "/../.."

assert(loadfile(root .. "/lua/lib/search.lua", "t"))(root .. "/lua")
local build = os.getenv("BUILD") or root .. "/build"
package.cpath = build .. "/?.so;" .. package.cpath

-- What is C is registered by the library. One that is sanitized is for those specs only that run
-- where its runtime is. What it loads for itself is not for the specs, which may put something else
-- there.
if (os.getenv "SANITIZE" or "") == "" or (os.getenv "LD_PRELOAD" or "") ~= "" then
  require "lttnga"
  for name in pairs(package.loaded) do
    if name:find "^lttnga" then
      package.loaded[name] = nil
    end
  end
end
