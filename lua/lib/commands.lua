--- The commands of a session, and their help.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local pretty = require "lttnga.pretty"
local text = require "lttnga.text"

local commands = {}

--- A command is { name, how it is called, what it does, completes = kinds of its arguments,
-- view = the view that its rows are of (state/inspect.h), more = text }.
commands.list = {
  { group = "Look" },
  { "ps", "ps([TEXT])", "processes: what each is doing, and for how long", view = "thread",
    completes = { "process" },
    more = "TEXT is a part of the name of the process or its main thread; a number is a PID." },
  { "threads", "threads([PID])", "threads of a process, or all", view = "thread",
    completes = { "tid" } },
  { "proc", "proc(TID)", "all that is known about a thread", view = "thread",
    completes = { "tid" } },
  { "why", "why(TID)", "what a thread waits for, what that waits for, and so on",
    completes = { "tid" },
    more = "The last row is what runs, or what a device is working on. What ends a wait is known\n"
      .. "only when it is over: the session looks ahead for that, and comes back." },
  { "fds", "fds(TID)", "open file descriptors of a thread", view = "fd", completes = { "tid" } },
  { "who", "who(PATH)", "threads that have a file open whose name contains PATH",
    view = "fd", completes = { "path" } },
  { "cpus", "cpus()", "what runs on each CPU", view = "cpu" },
  { "disks", "disks()", "disks, and what is in flight on each", view = "disk" },
  { "irqs", "irqs()", "running interrupt handlers, and raised softirqs",
    view = "irq" },
  { "dirty", "dirty()", "files with dirty pages, the oldest first", view = "dirty" },
  { "containers", "containers()", "containers, and how many threads are in each",
    view = "container",
    more = "A thread's own one, and its TID and PID there, are in its row: proc(TID)." },
  { "inflight", "inflight()",
    "calls and disk requests in progress, the oldest first" },
  { "around", "around([MS])", "all events from MS (default: 1) ms before now to MS ms after" },
  { "info", "info()", "facts about the trace, its saved states, and where you are" },
  { "now", "now()", "where you are" },
  { group = "Move" },
  { "go", "go(WHERE)", "go to a time or an event", completes = { "time" },
    more = 'WHERE is "12:18:50.43" (all events until then have been seen), "+10ms" or "-1s" from\n'
      .. 'here, the number of an event (go(20000), or "#20000"), ns since the Epoch, "begin" or\n'
      .. '"end".' },
  { "step", "step([N])", "go forward by N events (default: 1)" },
  { "back", "back([N])", "go back by N events (default: 1)" },
  { "run", "run([ANALYSIS])", "go to the end; or run hooks over the trace, or a part of it",
    more = "ANALYSIS is what a script passes to `analysis` (docs/writing-analyses.md), plus\n"
      .. "`from` and `to`, points of the trace, and `values`, the values of its options. run()\n"
      .. "returns the tables, and the window of the hooks. The session stays where it is:\n\n"
      .. "  _, w = run { begin = function(w) w.n = 0 end,\n"
      .. "    on = { io_end = function(w) w.n = w.n + 1 end }, to = now().time }\n"
      .. "  w.n" },
  { "until_", "until_(EVENT, [CONDITION])",
    "go to the next event for which the condition holds",
    completes = { "hook" },
    more = 'EVENT is a derived event (docs/hooks.md), or one of the trace. CONDITION is an\n'
      .. 'expression, as in --filter (docs/expressions.md), or a function whose parameters name\n'
      .. 'the fields that it gets, as in an analysis:\n\n'
      .. '  until_("io_end", "duration > 50ms")\n'
      .. '  until_("io_end", function(duration, path) return duration > 50e6 end)\n\n'
      .. "If there is none, a message says so, and the session is at the end of the trace." },
  { "back_until", "back_until(EVENT, [CONDITION])", "the same, backward", completes = { "hook" },
    more = "If there is none, it is an error, and the session stays where it is." },
  { group = "Analyse" },
  { "analyse", "analyse(NAME, [OPTIONS, [FROM, [TO]]])",
    "run an analysis over the trace, or a part of it",
    completes = { "analysis", "options", "time", "time" },
    more = 'OPTIONS are those of the command line, without dashes; FROM and TO are as in go().\n'
      .. 'The prompt shows the tables as text; programs get them as values:\n\n'
      .. '  t = analyse("iolatencytop", { limit = 5 }, "-100ms", now().time)\n'
      .. '  t[1].title, t[1].columns, t[1].rows' },
  { "path", "path(CALL) or path(TID, FROM, TO)",
    "where the time of a call went: its critical path",
    completes = { "tid", "time", "time" },
    more = "CALL is an event with begin and time, such as _.event after until_(\"io_end\"). See\n"
      .. "docs/why.md." },
  { group = "Other" },
  { "help", "help([NAME])", "this list; or help on a command, an event or a kind of row",
    completes = { "help" } },
}

--- The commands by name.
local by_name = {}
for _, command in ipairs(commands.list) do
  if command[1] then
    by_name[command[1]] = command
  end
end

--- A value that the prompt shows as text.
local function shown(lines)
  local all = table.concat(lines, "\n")
  return pretty.shown({}, function() return all end)
end

--- The width of the column with the calls.
local CALL = 27

local function overview()
  local lines = {}
  for _, command in ipairs(commands.list) do
    if command.group then
      lines[#lines + 1] = (#lines > 0 and "\n" or "") .. command.group .. ":"
    else
      local call = command[2]
      if #call > CALL then
        lines[#lines + 1] = "  " .. call
        call = ""
      end
      lines[#lines + 1] = ("  %-" .. CALL .. "s %s"):format(call, command[3])
    end
  end
  lines[#lines + 1] = "\nThe name of a command is enough to call it. It returns a value: "
    .. "#ps(), fds(12)[1].path\nhelp(\"go\") explains a command, help(\"io_end\") and "
    .. "help(\"sched_switch\") an event,\nhelp(\"thread\") the fields of rows."
  return shown(lines)
end

--- Adds the fields of an event or a row.
local function add_fields(lines, named)
  lines[#lines + 1] = named.doc .. "\n"
  for _, field in ipairs(named.fields) do
    lines[#lines + 1] = text.trim(("  %-16s %-8s %s%s"):format(field.name, field.type,
      field.unit ~= "" and ("(%s) "):format(field.unit) or "", field.doc))
  end
  return lines
end

local function find_named(list, name)
  for _, one in ipairs(list) do
    if one.name == name then
      return one
    end
  end
end

--- A raw event of the trace, described like a derived one; nil if there is none. Its classes may
-- differ between traces.
local function raw_event(session, name)
  local fields, seen = {}, {}
  for _, class in ipairs(session and session:classes() or {}) do
    for i, field in ipairs(class.name == name and class.fields or {}) do
      if not seen[field] then
        seen[field] = true
        fields[#fields + 1] = { name = field, type = class.types[i], unit = "", doc = "" }
      end
    end
    seen[0] = seen[0] or class.name == name
  end
  return seen[0] and { fields = fields,
    doc = "An event of the trace. Hooks get its fields by these names (ctx.NAME also as NAME),\n"
      .. "time, cpu, event_name, and current_tid, current_pid, current_procname of the thread." }
end

--- The names that help knows.
local function help_names(session)
  local names = {}
  for name in pairs(by_name) do
    names[#names + 1] = name
  end
  local seen = {}
  for _, class in ipairs(session and session:classes() or {}) do
    names[#names + 1] = not seen[class.name] and class.name or nil
    seen[class.name] = true
  end
  for _, list in ipairs { host.hooks(), host.views() } do
    for _, one in ipairs(list) do
      names[#names + 1] = one.name
    end
  end
  table.sort(names)
  return names
end

--- Help on everything, or on a name.
-- @tparam[opt] string name
-- @tparam[opt] Session session the events of its trace are known, too
function commands.help(name, session)
  if name == nil then
    return overview()
  elseif type(name) ~= "string" then
    fault.raise("help(\"NAME\"): the name of a command, an event or a row, in quotes")
  end
  local command = by_name[name]
  if command then
    local lines = { command[2], "  " .. command[3] }
    lines[#lines + 1] = command.more and "\n" .. command.more or nil
    if command.view then
      lines[#lines + 1] = ""
      add_fields(lines, find_named(host.views(), command.view))
    end
    return shown(lines)
  end
  local named = find_named(host.hooks(), name) or find_named(host.views(), name)
    or raw_event(session, name)
  if not named then
    fault.raise("there is no help on '%s'%s", tostring(name),
      text.did_you_mean(tostring(name), help_names(session)))
  end
  return shown(add_fields({}, named))
end

--- The functions of the prompt.
-- @tparam Session session
-- @treturn table functions by name; table kinds of their arguments by name
function commands.environment(session)
  local env, completes = {}, {}
  for name, command in pairs(by_name) do
    env[name] = function(...)
      return session[name](session, ...)
    end
    completes[name] = command.completes
  end
  env.help = function(name)
    return commands.help(name, session)
  end
  env.session = session
  return env, completes
end

--- Values for the completion of an argument; see lttnga.completion.
function commands.candidates(session, kind, _, call)
  if kind == "help" then
    return help_names(session)
  end
  return session:candidates(kind, call)
end

return commands
