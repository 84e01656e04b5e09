-- Prints docs/hooks.md: what a hook can be attached to. Run by `make docs`.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"

local lines = {
  "# Hooks: events and their fields",
  "",
  "All events that a script can hook, with their fields. `make docs` makes this page from",
  "`state/derived.h`.",
  "",
  "A hook is a function in the table `on` of an analysis, by the name of an event; the names of",
  "its parameters say which fields it gets ([writing-analyses.md](writing-analyses.md)). Three",
  "more names are possible: `w`, the window (a table of your own); `event`, a view of all fields,",
  "valid during the call (`event:copy()` keeps them); and `selected`, whether the event passes",
  "--filter and the option groups: such a hook gets all events. [Expressions](expressions.md) use",
  "the same names of fields. A field that an event does not have is nil. Times and durations are",
  "integer nanoseconds, sizes are bytes.",
  "",
  "Every event of the trace itself can be hooked too, by its own name, with its fields and",
  "contexts as parameters, and `time`, `cpu`, and the `tid`, `pid` and `procname` of the thread in",
  "which it happened.",
}

--- The events that a hook needs, in words: "a|b" is one of the two, "ctx.tid" a context.
local function needs_of(requires)
  local names = {}
  for name in requires:gmatch "%S+" do
    names[#names + 1] = "`" .. name:gsub("|", "` or `") .. "`"
  end
  return (table.concat(names, ", "):gsub("`ctx%.(%w+)`", "the context `%1`"))
end

for _, event in ipairs(host.hooks()) do
  table.move({ "", "## " .. event.name, "", event.doc }, 1, 4, #lines + 1, lines)
  if event.requires ~= "" then
    table.move({ "", "Needs the events " .. needs_of(event.requires) .. "." }, 1, 2,
      #lines + 1, lines)
  end
  table.move({ "", "| field | type | unit | |", "|---|---|---|---|" }, 1, 3, #lines + 1, lines)
  for _, field in ipairs(event.fields) do
    lines[#lines + 1] = ("| `%s` | %s | %s | %s |"):format(
      field.name, field.type, field.unit, field.doc)
  end
end
print(table.concat(lines, "\n"))
os.exit(0)
