-- Prints lttnga-record(1), which is what lttnga-record --help says.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"

page.title("lttnga-record", 1, "record a kernel trace with all that the analyses of lttnga need")
page.help_of "record/lttnga-record"
page.see_also("lttnga-run(1)", "lttnga-containers(1)", "lttng(1)", "lttng-create(1)",
  "lttng-enable-channel(1)")
page.print()
