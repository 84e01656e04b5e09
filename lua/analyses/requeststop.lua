--- The longest requests.
--
--   lttnga-run requeststop --port 5432 my-trace/
--   lttnga-run requeststop --request fsync --limit 3 my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Longest requests
--   Begin               Duration  Request  Process                Port  Error  Size
--   -------------------------------------------------------------------------------
--   15:36:37.919336850   34.4 ms  fsync    lttng-consumerd (244)     -      0     -
--   15:36:38.394499230   23.4 ms  fsync    lttng-consumerd (244)     -      0     -
--   15:36:37.240860410   17.3 ms  fsync    lttng-consumerd (244)     -      0     -
--   Columns not shown: Captures (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.request_family"
local top = require "lttnga.top"

--- What is kept of a request, beside the name that it is kept by.
local kept = {}
for _, field in ipairs(family.fields) do
  kept[#kept + 1] = field ~= "name" and field or nil
end

return analysis {
  title = "Longest requests",
  options = family.options_of "top",
  family = family.members,
  requests = family.requests,
  selects = family.selects,

  begin = function(w)
    w.longest = top.of_each(w.options.limit)
  end,

  collect = { { into = "longest", set = ends.over, "request_end", "name", "duration",
    table.unpack(kept) } },

  tables = {
    { "top", "Longest requests", family.columns, needs = {}, text = family.text,
      rows = function(w)
        local rows = top.new(w.options.limit)
        for _, one in ipairs(family.definitions(w.options)) do
          for _, row in ipairs(w.longest:rows(one.name)) do
            row.name = one.name
            rows:add(row.duration, row)
          end
        end
        return rows:rows()
      end },
  },
}
