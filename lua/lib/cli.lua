--- The command line of lttnga-run: finds scripts, reads options, and decides what is to be done.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local later = require "lttnga.later"
local help = later "lttnga.help"
local host = require "lttnga.host"
local live = require "lttnga.live"
local inventory = later "lttnga.inventory"
local options = require "lttnga.options"
local pager = later "lttnga.pager"
local partial = later "lttnga.partial"
local progress = require "lttnga.progress"
local run = require "lttnga.run"
local screen = later "lttnga.screen"
local scripts = require "lttnga.scripts"
local text = require "lttnga.text"
local time = require "lttnga.time"
local xdg = require "lttnga.xdg"

-- Kept here: what scripts do to it must not keep the message back.
local tostring = tostring

local cli = {}

--- How results can be written: the files render_NAME.lua, of which one is loaded when it is needed.
local function renderer_names(folder)
  local names = {}
  for _, file in ipairs(host.files(folder .. "/lib")) do
    names[#names + 1] = file:match("^render_(%w+)%.lua$")
  end
  table.sort(names)
  return names
end

local out = {
  -- Which form errors take; known once the options are read.
  lami = false,
  -- Whether nothing may be on stderr: LAMI's questions mix it with stdout.
  quiet = false,
  -- The pager that results are for, the one that runs, and what is to be said once it has ended.
  command = nil, pager = nil, held = {},
}

--- Says what had to wait for the terminal.
local function say_held()
  io.stderr:write(table.concat(out.held))
  out.held = {}
end

--- Whether a module that is loaded later has been: what nobody used has nothing to end.
local function is_used(name)
  return package.loaded["lttnga." .. name] ~= nil
end

local function say(kind, message)
  local line = ("lttnga-run: %s%s\n"):format(kind, text.clean(message))
  if out.pager or is_used "screen" and screen.is_on() then
    out.held[#out.held + 1] = line
  elseif not out.quiet then
    say_held()
    io.stderr:write(line)
  end
end

local function check_written(ok, message)
  if not ok and out.pager then
    error(fault.new(0, "the pager was quit"), 0)
  elseif not ok then
    fault.raise("cannot write the results: %s", message or "the output is closed or full")
  end
end

--- The file of --output-file: { path =, is_new =, file = once something is written }; nil: stdout.
local sink

--- Where results go: to the file that was asked for, which replaces what was there once there is
-- something to be written; to a pager, or stdout.
local function destination()
  if sink and not sink.file then
    local file, message = io.open(sink.path, "w")
    if not file then
      fault.raise("--output-file: %s", message)
    end
    sink.file = file
  end
  return sink and sink.file or out.pager and out.pager.file or io.stdout
end

--- Notes where results are to be written, and finds out whether that is possible.
local function check_sink(path)
  local before = io.open(path, "r")
  local file, message = io.open(path, "a")
  if before then
    before:close()
  end
  if not file then
    fault.usage("--output-file: %s", message)
  end
  file:close()
  sink = { path = path, is_new = not before }
end

--- Lets go of a file that did not become a result.
local function drop_sink()
  if sink and sink.is_new and not sink.file then
    os.remove(sink.path)
  end
end

--- Writes results.
-- @param result a text, or an object with a method write(file, before), as a log
-- @tparam[opt] string before what that puts before each row
local function write(result, before)
  if out.command and result ~= "" then
    out.pager, out.command = pager.start(out.command), nil
    progress.hidden = out.pager ~= nil
  end
  local file = destination()
  if type(result) == "string" then
    check_written(file:write(result))
  else
    check_written(result:write(file, before))
  end
end

local function flush()
  check_written(destination():flush())
end

--- Waits until the pager has been quit, if there is one, and says what had to wait.
local function end_pager()
  local running = out.pager
  out.command = nil
  if running then
    running:close()
    out.pager = nil
  end
  say_held()
end

--- Tells the user of a fault, and returns the exit status.
function cli.fail(problem)
  if is_used "screen" then
    screen.leave()
  end
  drop_sink()
  if is_used "partial" then
    partial.drop()
  end
  end_pager()
  if problem.status == 0 then
    return 0
  end
  say("", tostring(problem))
  for line in (problem.traceback or ""):gmatch("[^\n]+") do
    local tabs, words = line:match("^(\t*)(.*)$")
    io.stderr:write(tabs, text.clean(words), "\n")
  end
  -- What is wrong in a script is no mistake of the command line.
  local status = problem.where and fault.RUN or problem.status
  if status == fault.USAGE and not out.quiet then
    io.stderr:write("Try 'lttnga-run --help'.\n")
  end
  if out.lami then
    io.stdout:write(require "lttnga.render_lami".error("Error: " .. problem.message))
  end
  return status
end

--- Where the run was when it failed: " (at event sched_switch, 12:18:50.432156789)".
local function place()
  local event, now = host.cursor()
  if not now then
    return ""
  end
  local clock = time.format(now)
  return event and (" (at event %s, %s)"):format(event, clock) or (" (at %s)"):format(clock)
end

--- The message handler: makes a fault of what was raised. Runs where that was raised, so that the
-- traceback still shows it.
function cli.on_error(err)
  if host.interrupted() then
    local _, now = host.cursor()
    return fault.new(130, "interrupted%s; %s",
      now and " at " .. time.format(now) .. " of the trace" or "",
      run.shown and "the results above cover the intervals before" or "no results")
  end
  local caught = fault.caught(err, place()) -- no tail call: the traceback counts levels
  return caught
end

local function tell_note(note)
  if note then
    say("note: ", note)
  end
end

--- Loads a script that the user has named, and tells what there is to know about that.
local function load_script(folder, name)
  local script, note = scripts.load(folder, name)
  tell_note(note)
  return script
end

-- ---- Which scripts ----

--- The script's name in "iolatencytop:--limit=3".
local function name_of(part)
  return part:match("^(.-):%-") or part
end

--- How many parts, from one on, are together the path of a script; 1 if none is.
local function count_parts(folder, parts, first)
  local whole = ""
  for i = first, #parts do
    whole = whole .. (i > first and "," or "") .. parts[i]
    if scripts.find(folder, name_of(whole)) then
      return i - first + 1
    end
  end
  return 1
end

--- Splits a list of scripts at its commas. One in the value of an option is left alone, and so is
-- one in the path of a script, if there is none of the shorter name.
local function split_scripts(folder, names)
  local words, parts, i = {}, {}, 1
  for word in (names .. ","):gmatch("(.-),") do
    words[#words + 1] = word
  end
  while words[i] do
    local n = count_parts(folder, words, i)
    local part, last = table.concat(words, ",", i, i + n - 1), parts[#parts]
    if last and last:find(":%-[^=]*=[^:]*$") and not scripts.find(folder, name_of(part)) then
      parts[#parts] = last .. "," .. part
    else
      parts[#parts + 1] = part
    end
    i = i + n
  end
  return parts
end

-- ---- Reading the command line ----

--- Which of the arguments names the scripts. Options of a script may stand before it, and then
-- their values look like arguments: the first one that can be found is taken.
local function find_script_argument(folder, arguments)
  local groups = {}
  for _, group in pairs(options.groups) do
    table.move(group, 1, #group, #groups + 1, groups)
  end
  local set = options.set(options.run, options.spans, options.other, groups)
  local found = options.positionals(set, arguments)
  for _, positional in ipairs(found) do
    local first = split_scripts(folder, arguments[positional.index])[1]
    if not positional.after_unknown or scripts.find(folder, name_of(first)) then
      return positional.index
    end
  end
  return nil
end

--- Whether a path is a folder: that can be opened, but not read.
local function is_folder(path)
  local file <close> = io.open(path)
  return file ~= nil and file:read(0) == nil and file:seek("end") ~= 0
end

--- What "iolatencytop:--limit=3:--tid=4,iousagetop" asks for: scripts, each with its own arguments.
local function read_scripts(folder, names)
  local asked = {}
  for _, part in ipairs(split_scripts(folder, names)) do
    local name = name_of(part)
    local own = {}
    -- Each begins with ":-"; a colon may be in a value, such as the name of a thread.
    for argument in (part:sub(#name + 1):gsub(":%-", "\0-") .. "\0"):gmatch("%z(%-[^%z]*)%f[%z]") do
      own[#own + 1] = argument
    end
    if name == "" then
      fault.usage("'%s' contains an empty script name", names)
    end
    asked[#asked + 1] = {
      script = load_script(folder, name), arguments = own, called = part,
    }
  end
  return asked
end

--- The options of a script: those of the command line as it reads them, with its own put over them.
-- @tparam table lists all options of the command line
local function own_values(one, arguments, lists)
  local list = one.script.analysis.options
  local values, _, given = options.parse(options.set(list, table.unpack(lists)), arguments)
  local own = setmetatable({}, { __index = values })
  local read, rest, own_given = options.parse(options.set(list), one.arguments, own)
  if rest[1] then
    fault.usage("%s has no option '%s'", one.script.name, rest[1])
  end
  options.check_used(own_given, { { list = list, values = read } })
  one.script.analysis:note_limits(read, given.limit or own_given.limit)
  options.note_people(read, setmetatable(own_given, { __index = given }))
  return read, given
end

--- Refuses options that do nothing for any of the scripts.
local function check_used(asked, values, given)
  local scripts_of = {}
  for i, one in ipairs(asked) do
    scripts_of[i] = { list = one.script.analysis.options, values = values[i] }
  end
  options.check_used(given, scripts_of)
end

--- The options of a script that a flag has added: what was meant for tops does not cut logs off.
local function values_of_added(values)
  return setmetatable({ ["limit of logs"] = false }, { __index = values })
end

local function has_flag(member, values)
  for _, flag in ipairs(member.flags) do
    if values[flag] then
      return true
    end
  end
  return false
end

local function plain_name(script)
  return (script.name:match("([^/]*)$"):gsub("%.lua$", ""))
end

--- The members of a script's family that its options ask for, itself among them, in their order.
-- @tparam table named scripts that are asked for by name, anyway
local function family_of(folder, script, values, named)
  local found, is_there = {}, false
  for _, member in ipairs(script.analysis.family or {}) do
    if member.script == plain_name(script) then
      found[#found + 1], is_there = script, true
    elseif has_flag(member, values) and not named[member.script] then
      found[#found + 1] = load_script(folder, member.script)
    end
  end
  if not is_there then
    table.insert(found, 1, script)
  end
  return found
end

--- What is to be run: a list of { script =, values =, label = }; the label tells those apart that
-- are asked for more than once.
local function make_jobs(folder, asked, arguments, lists)
  local jobs, named = {}, {}
  for _, one in ipairs(asked) do
    local name = plain_name(one.script)
    named[name] = (named[name] or 0) + 1
  end
  local values, given = {}, nil
  for i, one in ipairs(asked) do
    values[i], given = own_values(one, arguments, lists)
  end
  check_used(asked, values, given)
  for i, one in ipairs(asked) do
    local own = values[i]
    -- Sections of a report tell the same analysis apart.
    local is_named = not one.section and named[plain_name(one.script)] > 1
    for _, script in ipairs(family_of(folder, one.script, own, named)) do
      jobs[#jobs + 1] = {
        script = script, values = script == one.script and own or values_of_added(own),
        label = is_named and script == one.script and one.called or nil,
        section = one.section, tables = one.tables,
      }
    end
  end
  return jobs
end

-- ---- Which part of the result ----

--- The names that there are, each once, for the end of a message.
local function listed(names)
  local list, seen = {}, {}
  for _, name in ipairs(names) do
    list[#list + 1] = not seen[name] and not name:find("%u") and name or nil
    seen[name] = true
  end
  return ("; known: %s"):format(table.concat(list, ", "))
end

--- Checks that a name is one of those that the tables have; returns it as it is there.
local function check_name(option, name, names)
  local found = nil
  for _, known in ipairs(names) do
    if known == name then
      return known
    end
    found = found or known:lower() == name:lower() and known or nil
  end
  if found then
    return found
  end
  local hint = text.did_you_mean(name, names)
  fault.usage("--%s: unknown name '%s'%s", option, name, hint ~= "" and hint or listed(names))
end

--- Checks --table, --columns and --sort.
local function check_choice(jobs, values)
  if not (values.table or values.columns or values.sort) then
    return
  end
  local ids, names = { values.output ~= "text" and values.output ~= "lami" and "trace" or nil }, {}
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    for i, one in ipairs(analysis.tables) do
      ids[#ids + 1] = one.id
      ids[#ids + 1] = one.title
      ids[#ids + 1] = one.class
      for _, column in ipairs(analysis:columns_for(job.values)[i]) do
        names[#names + 1] = column.name
        names[#names + 1] = column.title
      end
    end
  end
  if values.table then
    values.table = check_name("table", values.table, ids)
  end
  for _, name in ipairs(values.columns or {}) do
    check_name("columns", name, names)
  end
  if values.sort then
    check_name("sort", (values.sort:gsub("^%-", "")), names)
  end
end

--- Checks options that ask for a table that is shown alone: each script has such a one, and what is
-- written is not that of several windows, which the text does not tell apart.
local function check_alone(jobs, values)
  local asked, other
  for _, job in ipairs(jobs) do
    local option
    for _, one in ipairs(job.script.analysis.tables) do
      option = option or one.alone and job.values[one.alone] and one.alone
    end
    asked, other = asked or option, other or not option and job.script.name
  end
  if not asked or values.output ~= "text" then
    return
  elseif other then
    fault.usage("--%s cannot be printed together with %s", asked, other)
  elseif values.refresh or not values.during and (values.period or values.request) then
    fault.usage("--%s with several intervals needs --output csv or json", asked)
  end
end

--- Whether an option is among arguments.
local function is_given(arguments, name)
  for _, argument in ipairs(arguments) do
    if argument == name or argument:sub(1, #name + 1) == name .. "=" then
      return true
    end
  end
  return false
end

-- ---- The machine interface ----

--- The names under which `make install COMPAT=1` installs us: lttng-iolog is lttnga-run iolog,
-- lttng-track-process is lttnga-run trackprocess, with the text that these had, and lttng-iolog-mi
-- speaks LAMI.
local function read_program_name(arguments)
  local name = (arguments[0] or ""):match("([^/]*)$"):match("^lttng%-(.+)$")
  if name and name:find("%-mi$") then
    name = name:gsub("%-mi$", "")
    table.insert(arguments, 1, "--output=lami")
  elseif name then
    table.insert(arguments, 1, "--classic")
  end
  if name then
    table.insert(arguments, 1, (name:gsub("%-", "")))
  end
  -- Only what reads LAMI asks for progress like that.
  if is_given(arguments, "--output-progress") and not is_given(arguments, "--output") then
    table.insert(arguments, 1, "--output=lami")
  end
end

--- The classes of tables that scripts can give: options of a run may ask for any of their families.
local function classes_of(folder, list)
  local specs = {}
  local function add(analysis)
    table.move(analysis.tables, 1, #analysis.tables, #specs + 1, specs)
  end
  for _, script in ipairs(list) do
    add(script.analysis)
    for _, member in ipairs(script.analysis.family or {}) do
      add(scripts.load(folder, member.script).analysis)
    end
  end
  return require "lttnga.render_lami".classes(specs)
end

--- @tparam table list scripts that tell what the result is: those that run, or a report
-- @tparam table classes from classes_of
local function show_metadata(list, classes)
  local titles, texts = {}, {}
  for i, script in ipairs(list) do
    titles[i] = script.analysis.title
    texts[i] = scripts.heading(script.source):match("^[^\n]*")
  end
  write(require "lttnga.render_lami".metadata(table.concat(titles, ", "),
    table.concat(texts, " "), classes, host.version))
end

--- Nothing is said if the trace can be analysed, by one of the scripts at least.
local function test_compatibility(jobs, values, paths)
  local missing, why = run.open(paths, values, say):missing(), {}
  for _, job in ipairs(jobs) do
    if inventory.can_run(job.script.analysis, missing) then
      return
    end
    why[#why + 1] = table.concat(inventory.warnings(job.script, missing), "; ")
  end
  fault.raise("%s", table.concat(why, "; "))
end

--- Help on an analysis; on the program if none is named.
local function show_help(folder, name)
  if not name then
    return write(help.program(folder))
  elseif help.options_of(name) and not scripts.find(folder, name) then
    return write(help.command(name))
  end
  write(help.script(load_script(folder, name_of(split_scripts(folder, name)[1]))))
end

--- lttnga-run help [TOPIC]: an option is a topic, too.
local function show_topic(folder, arguments)
  local topic, values = arguments[1], { output = "text" }
  if arguments[2] then
    fault.usage("help takes one topic, not '%s'", table.concat(arguments, " "))
  end
  out.command = pager.command(values)
  write(topic and help.topic(folder, topic, values) or help.program(folder))
end

--- Does what asks for no run; false if there is nothing of the kind.
local function answer(folder, name, values)
  if values.help then
    show_help(folder, values.help ~= true and values.help or name)
  elseif values.list then
    write(help.list(folder))
  elseif values.show then
    local path, note = scripts.find_or_fail(folder, values.show)
    tell_note(note)
    write(scripts.source(path))
  elseif values.version then
    write("lttnga " .. host.version .. "\n")
  elseif values["mi-version"] then
    write("1.0\n")
  else
    return false
  end
  return true
end

--- What must be known before the arguments are read: errors take the form that was asked for,
-- whatever is wrong with the rest.
local function look_ahead(arguments)
  for i, argument in ipairs(arguments) do
    out.lami = out.lami or argument == "--output=lami"
      or argument == "--output" and arguments[i + 1] == "lami"
    out.quiet = out.quiet or argument == "--test-compatibility"
  end
  out.lami = out.lami or out.quiet
end

-- ---- Sessions ----

--- Whether the arguments ask for a session.
local function asks_for_session(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "-i" or argument == "--interactive" or argument == "-e"
      or argument:find("^%-%-eval") then
      return true
    end
  end
  return false
end

--- What a session, and an index, need of us.
local function world_of(folder)
  return { folder = folder, say = say, write = write, flush = flush, on_error = cli.on_error }
end

--- The command line of a session: a script that is an analysis has options of its own.
-- @treturn table values; table paths; table|nil the analysis, from scripts.load, if its options
-- were given; table which options were
local function read_session(folder, arguments)
  local plain = options.set(options.session, options.run)
  local ok, values, paths = pcall(options.parse, plain, arguments)
  if ok then
    return values, paths
  end
  local problem, lists = values, { options.session, options.run }
  for _, group in pairs(options.groups) do
    lists[#lists + 1] = group
  end
  for _, positional in ipairs(options.positionals(options.set(table.unpack(lists)), arguments)) do
    local name = arguments[positional.index]
    local path = scripts.find(folder, name)
    -- Commands are not run to see whether they are an analysis.
    if path and scripts.source(path):find("analysis", 1, true) then
      local script = scripts.load(folder, name)
      local own, rest, given = options.parse(options.set(options.session, options.run,
        script.analysis.options), arguments)
      return own, rest, script, given
    end
  end
  error(problem, 0)
end

--- Runs a script at the begin of a session: commands, or an analysis, whose tables are shown.
-- @tparam table env the globals of the session
local function run_script(folder, name, env)
  local path, note = scripts.find_or_fail(folder, name)
  tell_note(note)
  local chunk, message = load(scripts.plain(scripts.source(path)), "@" .. path, "t", env)
  if not chunk then
    fault.raise("%s", message)
  end
  local made = chunk()
  if scripts.is_analysis(made) then
    env.result = env.analyse(path)
    write(tostring(env.result) .. "\n")
  end
end

--- A session. Returns the exit status.
local function interactive(folder, arguments)
  local values, paths, loaded, given = read_session(folder, arguments)
  local script = #paths > 1 and scripts.find(folder, paths[1]) and table.remove(paths, 1)
  if #paths == 0 then
    fault.usage("no trace given: lttnga-run -i TRACE")
  end
  for _, name in ipairs { "begin", "end", "timerange", "refresh" } do
    if values[name] then
      fault.usage("--%s cannot be used with a session: see help(\"go\"), help(\"analyse\")",
        name)
    end
  end
  if values.output ~= "text" then
    fault.usage("--output cannot be used with a session")
  end
  local session = require "lttnga.session".open(paths, values, world_of(folder))
  local commands = require "lttnga.commands"
  local env, completes = commands.environment(session)
  setmetatable(env, { __index = _G })
  if script and loaded then
    env.result = session:present(loaded, values, given)
    write(tostring(env.result) .. "\n")
  elseif script then
    run_script(folder, script, env)
  end
  local state = xdg.folder "STATE"
  local status = require "lttnga.repl".run {
    env = env, prompt = function() return session:clock() .. "> " end, codes = values.eval,
    banner = ("lttnga %s: type help for help; quit, or Ctrl-D, to leave"):format(
      host.version),
    arguments = completes,
    complete = function(...) return commands.candidates(session, ...) end,
    hint = function(name)
      if scripts.find(folder, name) then
        return (": use analyse(\"%s\") to run that analysis"):format(name)
      end
      local hint = scripts.hint(name, env)
      return hint ~= "" and hint or nil
    end,
    on_error = cli.on_error, say = say, history = state and state .. "/history",
  }
  session:close()
  return status
end

--- Makes and saves the states of a trace.
local function make_index(folder, arguments)
  local values, paths = options.parse(
    options.set(options.run, options.spans, options.other), arguments)
  if #paths == 0 then
    fault.usage("no trace given: lttnga-run index TRACE")
  end
  write(require "lttnga.session".open(paths, values, world_of(folder)):index() .. "\n")
end

--- Lists and removes the states of traces.
local function manage_cache(_, arguments)
  local command = require "lttnga.cache_command"
  local values, paths, given = options.parse(command.options, arguments)
  command.analysis:note_limits(values, given.limit)
  check_choice({ { script = { analysis = command.analysis }, values = values } }, values)
  out.command = pager.command(values)
  command.go(values, paths, { write = write, say = say })
end

--- Lists the sessions of a relay.
local function list_sessions(_, arguments)
  local command = require "lttnga.list_command"
  local values, words, given = options.parse(command.options, arguments)
  command.analysis:note_limits(values, given.limit)
  check_choice({ { script = { analysis = command.analysis }, values = values } }, values)
  out.command = pager.command(values)
  command.go(values, words, { write = write, say = say })
end

--- Asks tables of traces.
local function ask_tables(folder, arguments)
  local command = require "lttnga.sql_command"
  local values, words = options.parse(command.options, arguments)
  out.command = pager.command(values)
  local world = world_of(folder)
  command.go(values, words, world)
end

--- Checks --output, and what belongs to some of its values only.
local function check_output(folder, values)
  local names, is_known = renderer_names(folder), false
  for _, name in ipairs(names) do
    is_known = is_known or name == values.output
  end
  if not is_known then
    fault.usage("--output: must be %s, not '%s'", text.either(names), values.output)
  elseif values["csv-spreadsheet"] and values.output ~= "csv" then
    fault.usage("--csv-spreadsheet needs --output csv")
  elseif values.output == "html" and not values["output-file"] and host.terminal(1) then
    fault.usage("an HTML page is not written to a terminal: use -o FILE.html, or > FILE.html")
  end
end

--- What is to be run, if it is a report: the scripts of its sections.
-- @treturn table the report, or nil; the scripts with arguments
local function read_report(folder, asked, arguments)
  local report
  for _, one in ipairs(asked) do
    report = report or one.script.analysis.sections and one.script
  end
  if not report then
    return nil, asked
  elseif asked[2] or asked[1].arguments[1] then
    fault.usage("%s makes a report and must be the only script; put its options after it",
      report.name)
  end
  if not is_given(arguments, "--output") then
    table.insert(arguments, 1, "--output=html")
  end
  return require "lttnga.report".read(report, function(names)
    return read_scripts(folder, names)
  end, is_given(arguments, "--refresh") or is_given(arguments, "-r"))
end

--- Whether a job writes a file by itself: --output-file is its own then, and results are on stdout.
local function writes_itself(jobs)
  for _, job in ipairs(jobs) do
    if options.set(job.script.analysis.options).by_name["output-file"] then
      return true
    end
  end
  return false
end

--- What partial results are to know of the command line that made them.
local function command_of_run(script, asked, arguments, set)
  local sources = {}
  for i, one in ipairs(asked) do
    sources[i] = host.sha256(one.script.source)
  end
  return { script = script, source = table.concat(sources, " "),
    arguments = require "lttnga.merge_command".settled(options.words(set, arguments)) }
end

--- Puts partial results together.
local function merge_partials(folder, arguments)
  local merge = require "lttnga.merge_command"
  local values, paths = options.parse(merge.options, arguments)
  check_output(folder, values)
  out.command = pager.command(values)
  --- What a file says of the run that wrote it is no part of this command line.
  local function read_file(file)
    local asked = read_scripts(folder, file.meta.command.script)
    local lists = { options.run, options.spans, options.other }
    for _, one in ipairs(asked) do
      lists[#lists + 1] = one.script.analysis.options
    end
    options.parse(options.set(table.unpack(lists)), file.meta.command.arguments)
    return asked, lists
  end
  local function jobs_of(file)
    local command = file.meta.command
    local ok, asked, lists = pcall(read_file, file)
    if not ok then
      fault.raise("%s: %s", file.path, tostring(asked))
    end
    local all = table.move(command.arguments, 1, #command.arguments, 1, {})
    for _, one in ipairs(options.words(merge.looks, arguments)) do
      table.move(one.words, 1, #one.words, #all + 1, all)
    end
    local run_values = options.parse(options.set(table.unpack(lists)), all)
    local jobs = make_jobs(folder, asked, all, lists)
    check_choice(jobs, run_values)
    return jobs, run_values
  end
  local world = world_of(folder)
  world.renderer = require("lttnga.render_" .. values.output)
  merge.go(paths, values, jobs_of, world)
end

--- Compares the results of two runs.
local function compare_results(folder, arguments)
  local command = require "lttnga.compare_command"
  local read = command.read(arguments)
  --- The jobs of one of the runs.
  local function jobs_of(called, words, has_values)
    local asked = read_scripts(folder, called)
    local lists, analyses = { options.run, options.spans, options.other }, {}
    for i, one in ipairs(asked) do
      local analysis = one.script.analysis
      lists[#lists + 1], analyses[i] = analysis.options, analysis
      if analysis.sections or analysis.writes or analysis.trace and asked[2] then
        fault.usage("%s cannot be compared", one.script.name)
      end
    end
    local set = options.set(table.unpack(lists))
    command.check_words(set, words)
    local _, rest, given = options.parse(set, words)
    if rest[1] then
      fault.usage("compare takes the traces before --, not '%s' behind it", rest[1])
    end
    local of_run = command_of_run(called, asked, words, set)
    local all = table.move(words, 1, #words, 1, {})
    local added = command.added(analyses, given, has_values)
    table.move(added, 1, #added, #all + 1, all)
    local values = options.parse(set, all)
    local of_runs = setmetatable({ columns = false, sort = false, table = false },
      { __index = values })
    local jobs = make_jobs(folder, asked, all, lists)
    for _, job in ipairs(jobs) do
      job.values = setmetatable({ columns = false, sort = false }, { __index = job.values })
    end
    return { jobs = jobs, values = of_runs, looks = values, given = given, set = set,
      source = of_run.source, arguments = of_run.arguments }
  end
  local world = world_of(folder)
  function world.renderer_of(values, jobs)
    check_output(folder, values)
    if values.output == "lami" then
      fault.usage("--output lami cannot be used with compare")
    end
    if values["output-file"] and not writes_itself(jobs) then
      check_sink(values["output-file"])
    else
      out.command = pager.command(values)
    end
    return require("lttnga.render_" .. values.output)
  end
  return command.go(read, jobs_of, world)
end

--- What is not an analysis though it stands in its place: functions of the folder and the arguments
-- after its name.
local commands = { index = make_index, cache = manage_cache, list = list_sessions,
  merge = merge_partials, compare = compare_results, sql = ask_tables, help = show_topic }

--- The command that an argument names, unless the user has an analysis of that name.
local function command_of(folder, argument)
  return commands[argument] and not scripts.find(folder, argument) and commands[argument]
end

--- Runs a command line.
-- @tparam string folder where our Lua files are
-- @tparam table arguments texts; [0] is the program's name
-- @treturn integer exit status
function cli.main(folder, arguments)
  io.stdout:setvbuf("full", 65536)
  if arguments[1] == "--complete" then
    write(require "lttnga.complete".lines(folder, { table.unpack(arguments, 2) }))
    flush()
    return 0
  end
  read_program_name(arguments)
  look_ahead(arguments)
  local is_help = command_of(folder, arguments[1]) == show_topic
  if not is_help and asks_for_session(arguments) then
    local status = interactive(folder, arguments)
    flush()
    return status
  end
  local at = is_help and 1 or find_script_argument(folder, arguments)
  local command = at and command_of(folder, arguments[at])
  if command then
    local name, status = table.remove(arguments, at), nil
    if not is_help and (is_given(arguments, "--help") or is_given(arguments, "-h")) then
      write(help.command(name))
    else
      status = command(folder, arguments)
    end
    flush()
    end_pager()
    return status or 0
  elseif at and (host.is_packed(arguments[at]) or live.is_url(arguments[at])
    or not scripts.find(folder, arguments[at]) and is_folder(arguments[at])) then
    table.insert(arguments, at, "info:--short,overview")
  end
  if not at or arguments[at - 1] == "--help" or arguments[at - 1] == "-h" then
    -- Without a script there is nothing to run.
    local name = at and table.remove(arguments, at)
    local values = options.parse(options.set(options.other, options.run, options.spans), arguments)
    if not answer(folder, name, values) then
      fault.usage("no analysis given: lttnga-run SCRIPT TRACE; --list shows the analyses")
    end
    flush()
    return 0
  end
  local called = table.remove(arguments, at)
  local asked = read_scripts(folder, called)
  local name = asked[1].script.name
  local report
  report, asked = read_report(folder, asked, arguments)
  local lists = { options.run, options.spans, options.other }
  for _, one in ipairs(asked) do
    lists[#lists + 1] = one.script.analysis.options
  end
  local values, paths = options.parse(options.set(table.unpack(lists)), arguments)
  if answer(folder, name, values) then
    flush()
    return 0
  end
  check_output(folder, values)
  if values.slice and not values.partial then
    fault.usage("--slice needs --partial")
  elseif values.partial then
    values.command = command_of_run(called, asked, arguments, options.set(table.unpack(lists)))
  end
  if values.count and not values.refresh then
    fault.usage("--count needs --refresh")
  elseif values.count and values.partial then
    fault.usage("--count cannot be used with --partial")
  end
  if values.timerange and (values.begin or values["end"]) then
    fault.usage("--timerange cannot be used with --begin or --end")
  end
  local jobs = make_jobs(folder, asked, arguments, lists)
  check_choice(jobs, values)
  if not report then
    check_alone(jobs, values)
  end
  local named = {}
  for i, one in ipairs(asked) do
    named[i] = one.script
  end
  local classes = (values.metadata or values.output == "lami")
    and classes_of(folder, report and report.scripts or named) or nil
  if values.metadata then
    show_metadata(report and { report.script } or named, classes)
  elseif #paths == 0 then
    fault.usage("no trace given: lttnga-run %s TRACE", name)
  elseif values["test-compatibility"] then
    test_compatibility(jobs, values, paths)
  else
    local renderer = require("lttnga.render_" .. values.output)
    if values["output-file"] and not writes_itself(jobs) then
      check_sink(values["output-file"])
    elseif not report and values.refresh and screen.is_wanted(jobs, values, paths) then
      renderer = screen
    else
      out.command = pager.command(values)
    end
    local world = {
      folder = folder, say = say, write = write, flush = flush, on_error = cli.on_error,
      renderer = renderer, report = report, classes = classes,
    }
    local function go(list)
      run.go(list, values, paths, world)
    end
    if report then
      require "lttnga.report".go(report, jobs, go, say, cli.on_error)
    else
      go(jobs)
    end
  end
  flush()
  end_pager()
  return 0
end

return cli
