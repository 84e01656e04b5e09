-- Prints lttnga-containers(1), which is what lttnga-containers --help says.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"

page.title("lttnga-containers", 1, "list the containers of this machine with their namespaces")
page.help_of "record/lttnga-containers"
page.see_also("lttnga-record(1)", "lttnga-run(1)")
page.print()
