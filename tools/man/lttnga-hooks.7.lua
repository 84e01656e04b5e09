-- Prints lttnga-hooks(7): what a hook can be attached to.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"
local host = require "lttnga.host"

page.title("lttnga-hooks", 7, "events that analyses of lttnga-run can hook, and their fields")
page.heading "Description"
page.paragraph("A hook is a function in the table `on` of an analysis, by the name of an event. "
  .. "The names of its parameters say which fields it gets. Three more names can stand there: `w`, "
  .. "the window, which is a table of your own; `event`, a view of all fields that is valid during "
  .. "the call; and `selected`, whether the event passes --filter and the like.")
page.paragraph("Fields that an event does not have are nil. Times and durations are integers in "
  .. "nanoseconds, sizes are bytes.")
page.paragraph("Every event of the trace can be hooked by its own name as well, with its fields "
  .. "and contexts as parameters, and `time`, `cpu`, `tid`, `pid` and `procname` of the task that "
  .. "it happened in.")
page.heading "Events"
for _, event in ipairs(host.hooks()) do
  page.subheading(event.name)
  page.paragraph(event.doc)
  if event.requires ~= "" then
    page.paragraph("Needs the events " .. event.requires:gsub("%s+", ", ") .. ".")
  end
  for _, field in ipairs(event.fields) do
    page.item(("*%s* (%s%s)"):format(page.plain(field.name), field.type,
      field.unit ~= "" and ", " .. field.unit or ""), field.doc)
  end
end
page.see_also("lttnga-run(1)", "lttnga-analyses(7)", "lttnga(3lua)")
page.print()
