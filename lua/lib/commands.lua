--- The commands of a session: what there is at the prompt, and what it says of itself.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local pretty = require "lttnga.pretty"
local text = require "lttnga.text"

local commands = {}

--- A command is { name, how it is called, what it does, completes = kinds of its arguments,
-- view = what the rows are that it gives (state/inspect.h), more = text }.
commands.list = {
  { group = "Look" },
  { "ps", "ps([TEXT])", "processes: what each does, and for how long", view = "thread",
    completes = { "process" },
    more = "TEXT is in the name of the process, or of its main thread; a number is a PID." },
  { "threads", "threads([PID])", "threads of a process, or all", view = "thread",
    completes = { "tid" } },
  { "proc", "proc(TID)", "all that is known of a thread", view = "thread",
    completes = { "tid" } },
  { "why", "why(TID)", "what it waits for, what that waits for, and so on", completes = { "tid" },
    more = "The last row is who runs, or what a device works on. Who ends a wait is known when it\n"
      .. "is over: the session looks ahead for that, and comes back." },
  { "fds", "fds(TID)", "its open file descriptors", view = "fd", completes = { "tid" } },
  { "who", "who(PATH)", "threads that have a file open with this in its name",
    view = "fd", completes = { "path" } },
  { "cpus", "cpus()", "who runs where", view = "cpu" },
  { "disks", "disks()", "disks, and what is in flight on each", view = "disk" },
  { "irqs", "irqs()", "interrupt handlers in progress, softirqs that are raised",
    view = "irq" },
  { "dirty", "dirty()", "files with dirty pages, the oldest first", view = "dirty" },
  { "inflight", "inflight()",
    "calls and disk requests in progress, the oldest first" },
  { "around", "around([MS])", "events of all kinds near here, 1 ms to either side" },
  { "info", "info()", "what is known of the trace, and of where we are" },
  { "now", "now()", "where we are" },
  { group = "Move" },
  { "go", "go(WHERE)", "go to a time, or an event", completes = { "time" },
    more = 'WHERE is "12:18:50.43" (all events until then have been seen), "+10ms" or "-1s" from\n'
      .. 'here, the number of an event (go(20000), or "#20000"), ns since the Epoch, "begin" or\n'
      .. '"end".' },
  { "step", "step([N])", "go on by N events, or one" },
  { "back", "back([N])", "go back by N events, or one" },
  { "run", "run([ANALYSIS])", "go on to the end; or run hooks over the trace, or a part of it",
    more = "ANALYSIS is what a script gives to `analysis` (docs/writing-analyses.md), and `from`\n"
      .. "and `to`, points of the trace, and `values`, of its options. The session stays where it\n"
      .. "is; what comes back are its tables, and the window that its hooks had:\n\n"
      .. "  _, w = run { begin = function(w) w.n = 0 end,\n"
      .. "    on = { io_end = function(w) w.n = w.n + 1 end }, to = now().time }\n"
      .. "  w.n" },
  { "until_", "until_(EVENT, [CONDITION])",
    "go on to the next event for which the condition holds",
    completes = { "hook" },
    more = 'EVENT is a derived event (docs/hooks.md), or one of the trace. CONDITION is an\n'
      .. 'expression, as of --filter (docs/expressions.md), or a function, whose parameters name\n'
      .. 'the fields that it wants, as in an analysis:\n\n'
      .. '  until_("io_end", "duration > 50ms")\n'
      .. '  until_("io_end", function(duration, path) return duration > 50e6 end)\n\n'
      .. "If there is none, that is said, and the session is at the end of the trace." },
  { "back_until", "back_until(EVENT, [CONDITION])", "the same, backward", completes = { "hook" },
    more = "If there is none, that is an error, and the session stays where it is." },
  { group = "Analyse" },
  { "analyse", "analyse(NAME, [OPTIONS, [FROM, [TO]]])",
    "run an analysis over the trace, or a part of it",
    completes = { "analysis", "options", "time", "time" },
    more = 'OPTIONS are those of the command line, without dashes; FROM and TO as in go().\n'
      .. 'What it gives is shown as text, and is a table for programs:\n\n'
      .. '  t = analyse("iolatencytop", { limit = 5 }, "-100ms", now().time)\n'
      .. '  t[1].title, t[1].columns, t[1].rows' },
  { "path", "path(CALL) or path(TID, FROM, TO)",
    "what kept a call from being done sooner: its critical path",
    completes = { "tid", "time", "time" },
    more = "CALL is an event that has begin and time, such as _.event of until_(\"io_end\"). See\n"
      .. "docs/why.md." },
  { group = "Other" },
  { "help", "help([NAME])", "this list; more of a command, an event, or what rows have",
    completes = { "help" } },
}

--- The commands by name.
local by_name = {}
for _, command in ipairs(commands.list) do
  if command[1] then
    by_name[command[1]] = command
  end
end

--- What is shown as the text that it is.
local function shown(lines)
  local all = table.concat(lines, "\n")
  return pretty.shown({}, function() return all end)
end

--- Columns of how a command is called.
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
  lines[#lines + 1] = "\nThe name of a command is enough to call it. What it gives is a value: "
    .. "#ps(), fds(12)[1].path\nhelp(\"go\") tells more; also "
    .. "help(\"io_end\"), help(\"sched_switch\") of an event, and\nhelp(\"thread\") "
    .. "of what rows have."
  return shown(lines)
end

--- Adds what the fields of an event, or of a row, are.
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

--- What there is of a raw event in the trace, as a derived one is described; nil if there is none.
-- Its classes in several traces may differ.
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
    doc = "An event of the trace. Hooks get its fields by these names (ctx.NAME as NAME, too),\n"
      .. "time, cpu, event_name, and current_tid, current_pid, current_procname of the thread." }
end

--- What can be asked for.
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

--- Help: of everything, or of a name.
-- @tparam[opt] string name
-- @tparam[opt] Session session whose trace's events can be asked for, too
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
