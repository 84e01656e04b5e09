-- Prints docs/state.md: what the commands of a session return. Run by `make docs`.
--
-- SPDX-License-Identifier: MIT

local commands = require "lttnga.commands"
local host = require "lttnga.host"

--- Commands whose rows have more than those of a view, or are made from several.
local more = {
  ps = "One row for each process: that of its main thread, or of the first known one, with "
    .. "`threads`, the number of its threads.",
  who = "Rows as of `fds()`, with `tid`, `pid` and `procname` of the thread.",
  proc = "A single row, not a list.",
  inflight = "System calls and disk requests together. A row has `begin`, `what` (the name of the "
    .. "call, or `disk read`, `disk write`, ...), `tid`, `pid`, `procname`, `path`, `size`, "
    .. "`lost`; of a call also `fd`, of a request `disk` and `sector`.",
  around = "Copies of events, as `event:copy()` makes them in a hook ([hooks.md](hooks.md)), with "
    .. "`current_tid` and `current_procname` of the thread in which they happened. At most "
    .. "100,000.",
  info = "A table: `path`, `reader`, `size` of the trace in bytes; `begin` and `end` of the time "
    .. "that its streams have in common, as far as its files show; `now`, `events`, `ended` as in "
    .. "`now()`; `saved_states`, the number of saved states, `saved_size`, and `saved_in`, the "
    .. "file that they are in, if there is one.",
  now = "A table: `time` in ns, nil before the first event; `events`, how many there have been; "
    .. "`ended`, whether there are no more; `event`, at which `until_` or `back_until` stopped. "
    .. "All commands that move return this.",
}

local lines = {
  "# State: what a session shows",
  "",
  "What the commands of a session ([session.md](session.md)) return. `make docs` makes this page",
  "from `state/inspect.h` and `lua/lib/commands.lua`.",
  "",
  "The commands return lists of rows, which are tables: `threads()[1].tid`. They are values of",
  "that moment, and do not change when the session moves on. Fields that are not known, or make no",
  "sense for a row, are nil. Times are integer nanoseconds since the Epoch, sizes are bytes. The",
  "prompt shows only some fields of a row.",
  "",
  "If there is more than one machine, each row also has the machine's name, `host`.",
}

local function add(...)
  for _, line in ipairs { ... } do
    lines[#lines + 1] = line
  end
end

--- A link to a heading.
local function link_to(view)
  return ("[%s](#%s)"):format(view, view)
end

add("", "| command | | rows |", "|---|---|---|")
for _, command in ipairs(commands.list) do
  local name = command[1]
  if name and (command.view or more[name]) then
    local rows = command.view and link_to(command.view) or "see below"
    add(("| `%s` | %s | %s |"):format(command[2], command[3], rows))
  end
end
for _, command in ipairs(commands.list) do
  local name = command[1]
  if name and more[name] then
    add("", ("`%s`: %s"):format(name, more[name]))
  end
end
add("", "`inflight()` is made from [thread](#thread) and [request](#request). For the rows of a",
  "view as they are, call `session:view(\"request\")` or `session:view(\"fd\", TID)`.")
for _, view in ipairs(host.views()) do
  add("", "## " .. view.name, "", view.doc, "", "| field | type | unit | |", "|---|---|---|---|")
  for _, field in ipairs(view.fields) do
    add(("| `%s` | %s | %s | %s |"):format(field.name, field.type, field.unit, field.doc))
  end
end
print(table.concat(lines, "\n"))
os.exit(0)
