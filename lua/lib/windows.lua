--- Windows of time of an analysis: they open, take what hooks collect, and close with results.
--
-- SPDX-License-Identifier: MIT

local tables = require "lttnga.tables"

local windows = {}

--- The logs of each window, by number of the table.
local logs_of = setmetatable({}, { __mode = "k" })

--- Opens a window.
-- @tparam Analysis analysis
-- @tparam table values options by name
-- @tparam object renderer says what logs make of their rows
-- @tparam[opt] integer from start of the time that was asked for, ns
-- @tparam any run what the function `run` of the analysis returned
-- @tparam[opt] table facts what else is known: interval, missing, source (see lttnga.keys)
-- @treturn table the window
function windows.open(analysis, values, renderer, from, run, facts)
  local w, logs = { options = values, from = from, run = run }, {}
  for name, fact in pairs(facts or {}) do
    w[name] = fact
  end
  for i, one in ipairs(analysis.tables) do
    if one.sorted then
      logs[i] = { tables.open_log(one, analysis:columns_for(values)[i], values, renderer, from) }
      w[one.sorted] = logs[i][1]
    end
  end
  logs_of[w] = logs
  analysis.begin(w)
  return w
end

--- Closes a window.
-- @treturn table list of results, see lttnga.tables
function windows.close(analysis, w)
  analysis.finish(w)
  local results, lists = {}, analysis:columns_for(w.options)
  local shown = tables.shown(analysis.tables, w.options)
  for i, one in ipairs(analysis.tables) do
    if shown[i] then
      local filled = tables.fill(one, lists[i], w, table.unpack(logs_of[w][i] or {}))
      table.move(filled, 1, #filled, #results + 1, results)
    end
  end
  return results
end

return windows
