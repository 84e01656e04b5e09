---@meta lttnga.definitions

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Definitions of requests as Lua: lua/requests/NAME.lua, and those of the user. A file returns
---
---    {
---      begin = SIDE, ["end"] = SIDE, drop = SIDE, -- or each = SIDE: one event is one
---      key = { "upid", "fd" },                    -- what both events have, and is the same
---      captures = { "peer", bytes = "size" },      -- fields of the event that begins it
---      end_captures = { "ret" },                   -- of the one that ends it
---      parent = "NAME", parent_key = { "utid" },   -- what it is part of
---      policy = "newest", again = "keep", last = true,
---    }
---
---or { given = function(machines) }, for requests that are known before the trace is read, such as
---spans (see lttnga.otlp), `spans` being the path of their file; or a list of such tables; or a
---function of the word after the colon in --request NAME:WORD that returns one. A side is
---{ EVENT, where = EXPRESSION, time =, port =, size =, error = FIELD,
---strip = { FIELD = TEXT }, key = another key } or a list of sides; EVENT is a derived event or one
---of the trace. A key may name the fields of both sides: { parent_tid = "tid" }.
local definitions = {}

---All definitions; the user's own hide stock ones of the same name.
---@return table # list of { name, path, summary }, sorted by name
function definitions.list() end

---Loads what --request names.
---@param asked string NAME, NAME:ARGUMENT, or the path of a file
---@return table # list of definitions, for `requests` of an analysis
function definitions.load(asked) end

return definitions
