--- The command line of lttnga-run: finds scripts, reads options, runs, and shows what came out.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local options = require "lttnga.options"
local progress = require "lttnga.progress"
local render_lami = require "lttnga.render_lami"
local render_text = require "lttnga.render_text"
local scripts = require "lttnga.scripts"
local text = require "lttnga.text"
local time = require "lttnga.time"

local cli = {}

local usage = [[
Usage: lttnga-run [options] SCRIPT[,SCRIPT...] [options] TRACE...

Runs analyses over an LTTng kernel trace. SCRIPT is one of --list, with or without .lua, or the path
of your own. TRACE is the folder of a trace, or one with several traces below.

Examples:
  lttnga-run iolatencystats my-trace/
  lttnga-run iolatencystats --timerange [12:18:50,12:18:55.5] --min 1000 my-trace/
  lttnga-run --show iolatencystats > mine.lua; lttnga-run mine.lua my-trace/

Options:
]]

local out = {
  -- Which form errors take; known once the options are read.
  lami = false,
}

local function say(kind, message)
  io.stderr:write(("lttnga-run: %s%s\n"):format(kind, text.clean(message)))
end

local function write(result)
  local ok, message = io.stdout:write(result)
  ok = ok and io.stdout:flush()
  if not ok then
    fault.raise("cannot write the results: %s", message or "the output is closed or full")
  end
end

--- Tells the user of a fault, and returns the exit status.
function cli.fail(problem)
  say("", problem.message)
  for line in (problem.traceback or ""):gmatch("[^\n]+") do
    local tabs, words = line:match("^(\t*)(.*)$")
    io.stderr:write(tabs, text.clean(words), "\n")
  end
  if problem.status == fault.USAGE then
    io.stderr:write("Try 'lttnga-run --help'.\n")
  end
  if out.lami then
    io.stdout:write(render_lami.error("Error: " .. problem.message))
  end
  return problem.status
end

--- Where the run was when it failed: " (at event sched_switch, 12:18:50.432156789)".
local function place()
  local event, now = host.place()
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
    local _, now = host.place()
    return fault.new(130, "interrupted%s; there is no result",
      now and " at " .. time.format(now) .. " of the trace" or "")
  end
  local caught = fault.caught(err, place()) -- no tail call: the traceback counts levels
  return caught
end

-- ---- What needs no trace ----

local function show_help(folder, name)
  if name == true then
    write(usage .. options.describe(options.run) .. "\n" .. options.describe(options.other)
      .. "\n\nOptions of a script: lttnga-run --help SCRIPT\n")
    return
  end
  local script = scripts.load(folder, name)
  local own = options.describe(script.analysis.options)
  write(scripts.heading(script.source) .. "\n\nOptions:\n" .. (own ~= "" and own .. "\n" or "")
    .. options.describe(options.run) .. "\n")
end

local function show_list(folder)
  local lines = {}
  for _, entry in ipairs(scripts.list(folder)) do
    lines[#lines + 1] = ("%-18s %s"):format(text.clean(entry.name), entry.summary)
  end
  write(table.concat(lines, "\n") .. "\n")
end

-- ---- Reading the command line ----

--- Which of the arguments names the scripts. Options of a script may stand before it, and then
-- their values look like arguments: the first one that can be found is taken.
local function find_script_argument(folder, arguments)
  local groups = {}
  for _, group in pairs(options.groups) do
    table.move(group, 1, #group, #groups + 1, groups)
  end
  local set = options.set(options.run, options.other, groups)
  local found = options.positionals(set, arguments)
  for _, positional in ipairs(found) do
    if not positional.after_unknown or scripts.find(folder, arguments[positional.index]) then
      return positional.index
    end
  end
  return nil
end

local function load_scripts(folder, names)
  local loaded = {}
  for name in (names .. ","):gmatch("(.-),") do
    if name == "" then
      fault.usage("'%s' names an empty script", names)
    end
    loaded[#loaded + 1] = scripts.load(folder, name)
  end
  return loaded
end

--- Begin and end of what the user wants to see, in ns (nil: not limited).
local function read_range(values, trace)
  local first, last = trace:range()
  local ref = { first = first, last = last, gmt = values.gmt }
  local from, to
  if values.timerange then
    local message
    from, to, message = time.parse_range(values.timerange, ref)
    if not from then
      fault.usage("--timerange: %s", to or message)
    end
  else
    for _, name in ipairs { "begin", "end" } do
      local value, message
      if values[name] then
        value, message = time.parse(values[name], ref)
        if not value then
          fault.usage("--%s: %s", name, message)
        end
      end
      if name == "begin" then
        from = value
      else
        to = value
      end
    end
  end
  local show = { gmt = values.gmt, date = true }
  if from and to and from > to then
    fault.usage("the time range ends (%s) before it begins (%s)", time.format(to, show),
      time.format(from, show))
  elseif from and last and from > last then
    fault.usage("the time range begins at %s, after the end of the trace (%s)",
      time.format(from, show), time.format(last, show))
  elseif to and first and to < first then
    fault.usage("the time range ends at %s, before the begin of the trace (%s)",
      time.format(to, show), time.format(first, show))
  end
  return from, to
end

-- ---- What the user should know of the trace ----

local function plural(n, word)
  return ("%d %s%s"):format(n, word, n == 1 and "" or "s")
end

local function lost_streams(trace)
  local lost = {}
  for _, stream in ipairs(trace:streams()) do
    if stream.lost_events > 0 or stream.lost_packets > 0 then
      lost[#lost + 1] = stream
    end
  end
  return lost
end

--- "7 events lost, 1 packet missing": whole packets are those that were overwritten, or not copied.
local function describe_lost(events, packets)
  local what = {}
  if events > 0 then
    what[#what + 1] = plural(events, "event") .. " lost"
  end
  if packets > 0 then
    what[#what + 1] = plural(packets, "packet") .. " missing"
  end
  return table.concat(what, ", ")
end

local function tell_lost(lost, show)
  local events, packets = 0, 0
  for _, stream in ipairs(lost) do
    events, packets = events + stream.lost_events, packets + stream.lost_packets
  end
  if #lost == 0 then
    return
  end
  say("warning: ", describe_lost(events, packets) .. ": results may be incomplete")
  for _, stream in ipairs(lost) do
    say("", ("  %s: %s between %s and %s"):format(
      stream.cpu and "CPU " .. stream.cpu or "stream " .. stream.name,
      describe_lost(stream.lost_events, stream.lost_packets),
      time.format(stream.lost_begin, show), time.format(stream.lost_end, show)))
  end
end

--- Warnings about hooks that can't be called for want of events.
local function missing_warnings(loaded, missing)
  local warnings = {}
  for _, script in ipairs(loaded) do
    for _, one in ipairs(missing) do
      if script.analysis.on[one.hook] then
        local what = {}
        for _, result in ipairs(script.analysis.tables) do
          for _, need in ipairs(result.needs or {}) do
            if need == one.hook then
              what[#what + 1] = ("'%s'"):format(result.title)
            end
          end
        end
        warnings[#warnings + 1] = ("%s: %s cannot be filled: the trace has no %s events"):format(
          script.name, #what > 0 and table.concat(what, ", ") or "hook " .. one.hook,
          table.concat(one.events, ", no "))
      end
    end
  end
  return warnings
end

-- ---- The run ----

local function open_trace(paths, values)
  local trace, message = host.open(paths, { intersection = not values["no-intersection"] })
  if not trace then
    fault.raise("%s", message)
  end
  for _, note in ipairs(trace:notes()) do
    say("note: ", note)
  end
  if not trace:is_kernel() then
    fault.raise("%s has no event of the Linux kernel that the analyses know", paths[1])
  end
  return trace
end

local function run(loaded, values, paths)
  local trace = open_trace(paths, values)
  local from, to = read_range(values, trace)
  local first, last = trace:range()
  local bar = not values["no-progress"] and progress.new(from or first, to or last, values.gmt)
  local windows, hooked = {}, {}
  for i, script in ipairs(loaded) do
    windows[i] = script.analysis:open(values)
    hooked[i] = {
      name = script.name, window = windows[i], on = script.analysis.on,
      filter = script.analysis:filter(values),
    }
  end
  local seen, message, at = trace:run {
    begin = from, ["end"] = to, scripts = hooked,
    progress = bar and function(now) bar:show(now) end or nil, on_error = cli.on_error,
  }
  if bar then
    bar:clear()
  end
  if not seen then
    fault.raise("%s%s", message,
      at and "; the last event before that was at " .. time.format(at, { gmt = values.gmt }) or "")
  end
  local show = { gmt = values.gmt,
    date = seen.first and time.is_multi_day(seen.first, seen.last, values.gmt) }
  local lost = lost_streams(trace)
  local warnings = missing_warnings(loaded, seen.missing)
  tell_lost(lost, show)
  for _, warning in ipairs(warnings) do
    say("warning: ", warning)
  end
  if not seen.first then
    fault.raise("the trace has no events in the time range")
  end
  local results = {}
  for i, script in ipairs(loaded) do
    windows[i].first, windows[i].last = seen.first, seen.last
    results[i] = script.analysis:close(windows[i])
  end
  if values.output == "lami" then
    write(render_lami.results({ results }, { warnings = warnings, lost = lost }))
  else
    write(render_text.window(results, {
      first = seen.first, last = seen.last, gmt = values.gmt, date = show.date,
    }))
  end
  trace:close()
end

--- Runs a command line.
-- @tparam string folder where our Lua files are
-- @tparam table arguments texts
-- @treturn integer exit status
function cli.main(folder, arguments)
  -- Errors take the form that was asked for, whatever is wrong with the rest.
  for i, argument in ipairs(arguments) do
    out.lami = out.lami or argument == "--output=lami"
      or argument == "--output" and arguments[i + 1] == "lami"
  end
  local at = find_script_argument(folder, arguments)
  local alone = options.set(options.other, options.run)
  if not at or arguments[at - 1] == "--help" or arguments[at - 1] == "-h" then
    -- Without a script there is nothing to run: --help, --list and the like.
    local name = at and table.remove(arguments, at)
    local values = options.parse(alone, arguments)
    if values.help then
      show_help(folder, name or values.help)
    elseif values.list then
      show_list(folder)
    elseif values.show then
      write(scripts.source(scripts.find_or_fail(folder, values.show)))
    elseif values.version then
      write("lttnga " .. host.version .. "\n")
    else
      fault.usage("which analysis? lttnga-run SCRIPT TRACE, and --list shows what there is")
    end
    return 0
  end
  local loaded = load_scripts(folder, table.remove(arguments, at))
  local lists = { options.run, options.other }
  for _, script in ipairs(loaded) do
    lists[#lists + 1] = script.analysis.options
  end
  local values, paths = options.parse(options.set(table.unpack(lists)), arguments)
  if values.help then
    show_help(folder, loaded[1].name)
    return 0
  elseif values.output ~= "text" and values.output ~= "lami" then
    fault.usage("--output: '%s' is neither text nor lami", values.output)
  elseif values.timerange and (values.begin or values["end"]) then
    fault.usage("--timerange is --begin and --end at once: it can't stand beside them")
  elseif #paths == 0 then
    fault.usage("which trace? lttnga-run %s TRACE", loaded[1].name)
  end
  run(loaded, values, paths)
  return 0
end

return cli
