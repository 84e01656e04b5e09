---@meta lttnga.options

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

local options = {}

---The readers of option values, by name.
---@type table<lttnga.Reader, fun(value: string): any, string?>
options.readers = {}

return options
