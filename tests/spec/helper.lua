--- Makes the libraries loadable in a plain interpreter: `require "lttnga.NAME"` finds
-- lua/lib/NAME.lua, or what is C in $BUILD/lua/lttnga.
--
-- SPDX-License-Identifier: MIT

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local root = here .. "/../.."

assert(loadfile(root .. "/lua/lib/search.lua", "t"))(root .. "/lua")
package.cpath = (os.getenv("BUILD") or root .. "/build") .. "/lua/?.so;" .. package.cpath
