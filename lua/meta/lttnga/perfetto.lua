---@meta lttnga.perfetto

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

local perfetto = {}

---Opens a file for timelines; stdout if the path is nil.
---@param path? string
---@param options? { gzip: boolean }
---@return lttnga.TimelineFile?
---@return string? # message
function perfetto.open(path, options) end

return perfetto
