--- An analysis' own pass, for measuring: the same events and fields, with the same filters, into an
-- object in C that drops them. What an analysis takes longer than this is its own work.
--
--   OWN_PASS=syscallstats lttnga-run tests/own_pass.lua --threads 1 --no-cache my-trace/
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local scripts = require "lttnga.scripts"
local stats = require "lttnga.stats"

local name = assert(os.getenv "OWN_PASS", "OWN_PASS must be the name of an analysis")
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" or "."
local measured = scripts.load(here .. "/../lua", name).analysis

--- A hook as a collect: its parameters are the fields.
local function collect_of(event, hook)
  local collect = { event, into = "dropped" }
  for i = 1, debug.getinfo(hook, "u").nparams do
    local field = debug.getlocal(hook, i)
    assert(field ~= "event", "a hook that takes whole events has no own pass")
    if field ~= "w" and field ~= "selected" then
      collect[#collect + 1] = field
    end
  end
  return collect
end

local collects = {}
for event, hook in pairs(measured.on) do
  collects[#collects + 1] = collect_of(event, hook)
end
table.sort(collects, function(a, b) return a[1] < b[1] end)
for _, collect in ipairs(measured.collect) do
  local copy = {}
  for key, value in pairs(collect) do
    copy[key] = value
  end
  copy.into = "dropped"
  collects[#collects + 1] = copy
end

return analysis {
  title = "The own pass of " .. name,
  options = measured.options,
  filters = measured.filters,
  begin = function(w) w.dropped = stats.drop() end,
  collect = collects,
  tables = {},
}
