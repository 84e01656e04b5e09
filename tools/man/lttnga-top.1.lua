-- Prints lttnga-top(1), which is what lttnga-top --help says.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"

page.title("lttnga-top", 1, "show what a machine is doing now")
page.help_of "record/lttnga-top"
page.see_also("lttnga-run(1)", "lttnga-record(1)")
page.print()
