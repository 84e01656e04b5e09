-- Prints docs/analyses.md: all stock analyses by topic. Run by `make docs`.
--
-- SPDX-License-Identifier: MIT

local catalogue = require "lttnga.catalogue"
local scripts = require "lttnga.scripts"

local lines = {
  "# Analyses",
  "",
  "Made by `make docs` from the first comment of each script. `lttnga-run help NAME` shows all of",
  "that comment: examples, options, and real output.",
}
for _, topic in ipairs(catalogue.sorted(scripts.list_in { "lua/analyses" })) do
  table.move({ "", "## " .. topic.title, "", "| analysis | what it answers | also called |",
    "|---|---|---|" }, 1, 5, #lines + 1, lines)
  for _, entry in ipairs(topic) do
    local aliases = catalogue.aliases_of(entry.name)
    lines[#lines + 1] = ("| `%s` | %s | %s |"):format(entry.name,
      (entry.summary:gsub("|", "\\|"):gsub("%.$", "")),
      aliases[1] and "`" .. table.concat(aliases, "`, `") .. "`" or "")
  end
end
print(table.concat(lines, "\n"))
os.exit(0)
