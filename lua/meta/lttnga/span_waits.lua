---@meta lttnga.span_waits

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Writes spans as OTLP JSON again, with what their time went to as attributes, and the longest
---waits as child spans, for Jaeger, Tempo and the like.
local waits = {}

---Whether there are spans that can be written.
---@param definitions table
---@return boolean
function waits.has_spans(definitions) end

---Adds to spans what the trace tells of them, and writes their files, one line for each request of
---theirs.
---@param path string
---@param definitions table
---@param requests table list of { name, captures, utid, tid, begin, time, composition =, pieces =: functions that return these }, all of one machine
---@param about table the machine, see keys.lua: `shared` has what other machines have added
function waits.write(path, definitions, requests, about) end

return waits
