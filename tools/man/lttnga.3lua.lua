-- Prints lttnga(3lua): the module for Lua programs.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"
local commands = require "lttnga.commands"
local host = require "lttnga.host"
local options = require "lttnga.options"

page.title("lttnga", "3lua", "read LTTng kernel traces from Lua programs")
page.heading "Synopsis"
page.code([[local lttnga = require "lttnga"

local trace = lttnga.open("my-trace/", { gmt = true })
trace:go "12:18:50.43"
print(trace:inflight())
print(trace:analyse("iolatencytop", { limit = 5 }))
trace:close()]])
page.heading "Description"
page.paragraph("The module opens a trace as a session: it can go to any moment of the trace, "
  .. "forward and backward, shows what the machine was doing then, and runs analyses over the "
  .. "trace or parts of it. It is the same session as that of `lttnga-run -i`. It needs Lua 5.4.")
page.paragraph("Errors are raised; their text says what was wrong. Times are integers in "
  .. "nanoseconds since the Epoch, sizes are bytes.")

page.heading "The module"
page.item("*lttnga.open*(_TRACE_[, _OPTIONS_])", "Opens a trace, or a list of traces as one, and "
  .. "returns a session. OPTIONS is a table; its fields are below, with `_` in place of `-`, and "
  .. "`quiet`, which leaves out notes and warnings.")
page.item("*lttnga.version*", "The version, as text.")
page.subheading "Options"
for _, name in ipairs { "gmt", "no-intersection", "reader", "threads", "cache", "no-cache" } do
  local option = options.set(options.run).by_name[name]
  page.item(("*%s*"):format(page.plain((name:gsub("%-", "_")))), options.help_of(option))
end

page.heading "Methods of a session"
for _, command in ipairs(commands.list) do
  if command.group then
    page.subheading(command.group)
  elseif command[1] ~= "help" then
    page.item(("*session:%s*%s"):format(page.plain(command[1]),
      page.plain(command[2]:match("%(.*$") or "()")), command[3])
    if command.more then
      page.add("\t```")
      for line in (command.more .. "\n"):gmatch("([^\n]*)\n") do
        page.add("\t" .. line)
      end
      page.add("\t```", "")
    end
  end
end
page.item("*session:close*()", "Closes the trace. A session can also be a variable that closes "
  .. "itself: local trace <close> = lttnga.open ...")

page.heading "Rows"
page.paragraph("Methods that look at the machine return lists of rows, which are tables with the "
  .. "fields below. Fields that are unknown, or make no sense for a row, are nil.")
for _, view in ipairs(host.views()) do
  page.subheading(view.name)
  page.paragraph(view.doc)
  for _, field in ipairs(view.fields) do
    page.item(("*%s* (%s%s)"):format(page.plain(field.name), field.type,
      field.unit ~= "" and ", " .. field.unit or ""), field.doc)
  end
end
page.see_also("lttnga-run(1)", "lttnga-hooks(7)", "lua5.4(1)")
page.print()
