---@meta lttnga.files

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What analyses of files share: which calls open one; and what is a file, for those that leave out
---sockets, pipes and devices unless --all is given.
local files = {}

---The calls that open files; others of the class `open` make sockets, and copies of descriptors.
---@type table
files.opens = {}

---The option that shows the rest, too. A socket of which nothing tells the kind is known by its
---name only.
---@type table
files.option = {}

---The values of `file_type` that are wanted, for `only` of a collect; nil if all are.
---@param options table of the command line
function files.types(options) end

return files
