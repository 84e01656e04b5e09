-- Prints lttnga-run(1).
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"
local help = require "lttnga.help"
local options = require "lttnga.options"

page.title("lttnga-run", 1, "say what was slow on a Linux machine, and why, from an LTTng trace")
page.heading "Synopsis"
for _, line in ipairs(help.synopsis) do
  page.add((page.plain(line):gsub("^lttnga\\?%-run", "*lttnga-run*")), "")
end
page.heading "Description"
for _, paragraph in ipairs(help.description) do
  page.paragraph(paragraph)
end
page.paragraph("Results go to the standard output, everything else to the standard error.")

page.heading "Commands"
for _, command in ipairs(help.commands) do
  page.item(("*%s* %s"):format(command.name, page.plain(command.arguments)),
    table.concat(command.about, " "))
  for _, one in ipairs(command.examples or {}) do
    page.add(("\t%s (%s)"):format(page.plain(one[1]), page.plain(one[2])), "")
  end
  for _, option in ipairs(command.own or {}) do
    page.add("\t" .. page.plain(options.called(option)) .. ": "
      .. page.marked(options.help_of(option)), "")
  end
end

page.heading "Options"
page.paragraph("Options may stand before and after the traces, and can be shortened as long as "
  .. "they stay unambiguous. Those that only some analyses take are in `lttnga-analyses`(7).")
page.subheading "Options of every run"
page.options(options.run)
page.subheading "Parts of a trace: periods and requests"
page.options(options.spans)
page.subheading "Sessions"
page.options(options.session)
page.subheading "Information"
page.options(options.other)
page.subheading "Options that many analyses share"
for _, name in ipairs { "process", "path", "cpu", "duration", "size", "filter", "limit",
    "percentiles", "frequency" } do
  page.options(options.groups[name])
end

page.heading "Exit status"
for _, one in ipairs { { "0", "the run is complete" }, { "1", "the run failed" },
    { "2", "the command line is wrong" } } do
  page.item("*" .. one[1] .. "*", one[2])
end

page.heading "Environment"
for _, one in ipairs {
  { "LTTNGA_PAGER, PAGER", "The pager for long text on a terminal, by default less." },
  { "NO_COLOR", "If set and not empty, text has no colours." },
  { "XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME", "Where the directories below FILES are, if "
    .. "not in ~/.cache, ~/.local/share and ~/.local/state." },
  { "LTTNGA_LUA", "The directory with the Lua files of lttnga, if it has been moved." },
} do
  page.item("*" .. one[1]:gsub("_", "\\_") .. "*", one[2])
end

page.heading "Files"
for _, one in ipairs {
  { "~/.cache/lttnga", "Saved states of traces." },
  { "~/.local/share/lttnga/analyses", "Your own analyses: NAME.lua is run by `lttnga-run NAME`, "
    .. "also in place of a stock analysis of that name." },
  { "~/.local/share/lttnga/requests", "Your own definitions of requests, for --request." },
  { "~/.local/state/lttnga/history", "What you typed in sessions." },
} do
  page.item("_" .. page.plain(one[1]) .. "_", one[2])
end

page.heading "Examples"
for _, example in ipairs(help.examples) do
  page.item("*" .. page.plain(example[1]) .. "*", example[2])
end
page.see_also("lttnga-analyses(7)", "lttnga-hooks(7)", "lttnga-record(1)", "lttnga(3lua)",
  "babeltrace2(1)", "lttng(1)")
page.print()
