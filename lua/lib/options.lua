--- Options of the command line: what there is, what each means, and reading them.
--
-- An option is a table:
--     { name = "limit", value = "N", read = reader, default = 10, help = "..." }
-- Without `value` it is a flag. `read(text)` gives the value, or nil and a message. `choices` are
-- the words that it takes, where those are all: they are its reader, too. `least` names the option
-- whose value must not be above that of this one; its default is 0 if it would be. A `list` option
-- may be given several times. `only_with` are flags without which it does nothing. `default` is
-- shown in the help; where nil has a meaning of its own, the help says "(default: ...)" itself.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local text = require "lttnga.text"
local units = require "lttnga.units"

local options = {}

--- Readers of option values: text -> value, or nil and what is wrong with it.
local readers = {}
options.readers = readers

function readers.text(value)
  return value
end

--- A whole number, not negative.
function readers.count(value)
  local number = value:match("^%d+$") and math.tointeger(tonumber(value))
  if not number then
    return nil, ("'%s' is %s"):format(value, value:find("^%-%d+$") and "negative"
      or value:find("^%d+$") and "too large" or "not an integer")
  end
  return number
end

--- A whole number.
function readers.integer(value)
  local number = math.tointeger(tonumber(value))
  if not number then
    return nil, ("'%s' is not an integer"):format(value)
  end
  return number
end

--- A duration in milliseconds, or with a unit (500us); in ns.
function readers.milliseconds(value)
  return units.parse_duration(value, "ms")
end

--- Which part of how many: "3/50", as { number =, of = }; or a range of time without its end:
-- "[12:18,12:19)", as { first =, ending = }, texts, "" for one that is left out.
local function read_slice(value)
  local first, ending = value:match "^%s*%[%s*([^,]-)%s*,%s*([^,]-)%s*%)%s*$"
  if first then
    return { first = first, ending = ending }
  end
  local n, of = value:match "^(%d+)/(%d+)$"
  n, of = math.tointeger(tonumber(n)), math.tointeger(tonumber(of))
  if not n or not of or n < 1 or n > of or of > 1000000 then
    return nil, ("must be K/N, such as 3/50, or '[BEGIN,END)', not '%s'"):format(value)
  end
  return { number = n, of = of }
end

--- How many processes, or as many as there are CPUs.
local function read_jobs(value)
  local number = value == "auto" and require("lttnga.host").processors() or readers.count(value)
  if not number or number < 1 or number > 1024 then
    return nil, ("must be auto or an integer from 1 to 1024, not '%s'"):format(value)
  end
  return number
end

--- A whole number above 0, and not absurdly large.
function readers.resolution(value)
  local number = readers.count(value)
  if not number or number < 1 or number > 10000 then
    return nil, ("must be an integer from 1 to 10000, not '%s'"):format(value)
  end
  return number
end

--- How many rows to show: 0, or "unlimited", is all.
function readers.limit(value)
  if value == "unlimited" then
    return 0
  end
  return readers.count(value)
end

--- How many intervals.
local function read_windows(value)
  local number, message = readers.count(value)
  if number == 0 then
    return nil, "must be above 0, not '0'"
  end
  return number, message
end

--- A machine, and by how much its clock is to be shifted.
local function read_clock_offset(value)
  return require("lttnga.clocks").read_offset(value)
end

--- A duration in seconds, or with a unit (100ms), above 0; in ns.
function readers.interval(value)
  local ns, message = units.parse_duration(value, "s")
  if ns == 0 then
    return nil, ("must be above 0, not '%s'"):format(value)
  end
  return ns, message
end

--- A text of its own, in a list.
function readers.item(value)
  return { value }
end

--- Numbers separated by commas.
function readers.numbers(value)
  local list = {}
  for item in (value .. ","):gmatch("%s*(.-)%s*,") do
    local number = item:match("^%-?%d+$") and math.tointeger(tonumber(item))
    if not number then
      return nil, ("'%s' is not an integer"):format(item)
    end
    list[#list + 1] = number
  end
  return list
end

--- Globs separated by commas; "!" before one excludes what it matches.
function readers.globs(value)
  local list, message = readers.names(value)
  for _, item in ipairs(list or {}) do
    if item == "!" then
      return nil, "a name must follow '!'"
    end
  end
  return list, message
end

--- Names separated by commas.
function readers.names(value)
  local list = {}
  for item in (value .. ","):gmatch("%s*(.-)%s*,") do
    if item == "" then
      return nil, "empty name"
    end
    list[#list + 1] = item
  end
  return list
end

--- A duration in microseconds, or with a unit (5ms); in ns.
function readers.microseconds(value)
  return units.parse_duration(value, "us")
end

--- A size in bytes, or with a unit (4KiB); in bytes.
readers.size = units.parse_size

--- A reader of one word out of a list.
local function one_of(choices)
  return function(value)
    for _, choice in ipairs(choices) do
      if choice == value then
        return value
      end
    end
    return nil, ("must be %s, not '%s'"):format(text.either(choices), value)
  end
end

--- The groups of options that analyses share: a script names those that it honours. Those that have
-- a `filter`, a field and how it is compared, are applied before the script's hooks are called: see
-- lttnga.selection.
options.groups = {
  process = {
    { name = "tid", value = "TID,...", short = "t", read = readers.numbers, list = true,
      filter = { "tid", "in" }, help = "only these threads (default: all)" },
    { name = "procname", value = "NAME,...", short = "n", read = readers.globs, list = true,
      filter = { "procname", "globs" },
      help = "only threads whose name matches a glob: nginx*; !lttng-* excludes (default: all)" },
    { name = "container", value = "NAME,...", read = readers.globs, list = true,
      filter = { "container", "containers" },
      help = "only threads in containers whose name matches a glob, or with this number (inode) of "
        .. "their namespace; !host excludes the machine itself (lttnga-run help containers; "
        .. "default: all)" },
  },
  path = {
    { name = "path", value = "GLOB,...", read = readers.globs, list = true,
      filter = { "path", "globs" },
      help = "only files whose path matches a glob: /var/log/*; !*.gz excludes (default: all)" },
  },
  cpu = {
    { name = "cpu", value = "N,...", read = readers.numbers, list = true, filter = { "cpu", "in" },
      help = "only what happened on these CPUs (default: all)" },
  },
  duration = {
    { name = "min", value = "USEC", read = readers.microseconds, filter = { "duration", ">=" },
      help = "only what took at least this long (default: 0)" },
    { name = "max", value = "USEC", read = readers.microseconds, filter = { "duration", "<=" },
      least = "min", help = "only what took at most this long (default: no limit)" },
  },
  size = {
    { name = "minsize", value = "BYTES", read = readers.size, filter = { "size", ">=" },
      help = "only what transferred at least this much (default: 0)" },
    { name = "maxsize", value = "BYTES", read = readers.size, filter = { "size", "<=" },
      least = "minsize", help = "only what transferred at most this much (default: no limit)" },
  },
  limit = {
    { name = "limit", value = "N", read = readers.limit, default = 10,
      help = "show at most N rows; 0 shows all (default: 10; logs show all)" },
  },
  frequency = {
    { name = "freq-linear",
      help = "ranges of equal width in distributions (default: text and html double the width "
        .. "from range to range; csv, json and lami have equal ranges)" },
    { name = "freq-log", help = "ranges that double, in csv, json and lami, too" },
    { name = "freq-resolution", value = "N", read = readers.resolution, default = 20,
      help = "number of ranges of equal width; implies --freq-linear" },
    { name = "freq-uniform", help = "use the same ranges for all distributions" },
    { name = "freq-series", help = "like --freq-uniform, and in lami as one table" },
  },
  -- Of all analyses that have hooks.
  filter = {
    { name = "filter", value = "EXPR", read = readers.text,
      help = "only events that match an expression: 'duration > 1ms and path ~ \"/var/*\"' "
        .. "(lttnga-run help expressions; default: all)" },
  },
  -- Of analyses that have no limit of their own.
  rows = {
    { name = "limit", value = "N", read = readers.limit,
      help = "show at most N rows of each table (default: all)" },
  },
  percentiles = {
    { name = "percentiles", help = "add p50, p90, p99 and p99.9" },
  },
}

--- The options of a family of analyses, of which each takes the flags that add the results of
-- others: what one of them makes nothing of is only for those that are added.
-- @tparam table flags { name =, help =, of = flag that it is another name of, or nil }
-- @tparam table shared lists of groups and options; `of`: the flags of those that make something of
-- them, if not all
-- @treturn function(flag): the options of the one that has this flag; without one those of any
function options.of_family(flags, shared)
  local function add(list, option, only_with)
    local copy = {}
    for key, value in pairs(option) do
      copy[key] = value
    end
    copy.only_with = only_with
    list[#list + 1] = copy
  end
  return function(own)
    local list = {}
    for _, some in ipairs(shared) do
      local is_own = not some.of or not own
      for _, flag in ipairs(some.of or {}) do
        is_own = is_own or flag == own
      end
      for _, one in ipairs(some) do
        for _, option in ipairs(options.groups[one] or { one }) do
          add(list, option, not is_own and some.of or nil)
        end
      end
    end
    for _, flag in ipairs(flags) do
      list[#list + 1] = { name = flag.name, help = flag.help,
        hidden = own and (flag.name == own or flag.of == own) or nil }
    end
    return list
  end
end

--- What an option does nothing without, for a script: its flags, or nil if it does something.
local function lacks(list, name, values)
  local option = options.set(list).by_name[name]
  for _, flag in ipairs(option and option.only_with or {}) do
    if values[flag] then
      return nil
    end
  end
  return option and option.only_with
end

--- Refuses options that were given and do nothing.
-- @tparam table given see options.parse
-- @tparam table scripts for which they are: { list = options, values = by name }
function options.check_used(given, scripts)
  for name in pairs(given) do
    local used, flags = false, nil
    for _, script in ipairs(scripts) do
      local lacking = lacks(script.list, name, script.values)
      used, flags = used or not lacking, flags or lacking
    end
    if not used and flags then
      fault.usage("--%s needs --%s", name, table.concat(flags, " or --"))
    end
  end
end

--- Notes what is done for people only, who get text that is not classic: for them the ranges of
-- distributions double, unless they ask for something else.
-- @tparam table values options of a script
-- @tparam table given see options.parse
function options.note_people(values, given)
  local is_linear = given["freq-linear"] or given["freq-resolution"]
  if given["freq-linear"] and given["freq-log"] then
    fault.usage("--freq-linear cannot be used with --freq-log")
  end
  values["for people"] = values.output == "text" and not values.classic
  values["freq-log given"] = given["freq-log"]
  local doubles = values["for people"] or values.output == "html"
  values["freq-log"] = given["freq-log"] or doubles and not is_linear or nil
end

--- The width of lines, in columns; a table does not fit into fewer than 20.
function readers.width(value)
  local number = readers.count(value)
  if not number or number < 20 or number > 10000 then
    return nil, ("must be an integer from 20 to 10000, not '%s'"):format(value)
  end
  return number
end

--- Options of every run.
options.run = {
  { name = "begin", value = "TIME", read = readers.text,
    help = "start of the time range: 12:18, 12:18:50.43[Z], 2026-11-23 12:18:50, ns since the "
      .. "Epoch; +1s is 1 s after the start of the recording, which info shows and which may be "
      .. "before the first event; -2s is 2 s before its end (default: the start of the trace)" },
  { name = "end", value = "TIME", read = readers.text,
    help = "end of the time range; +1s is 1 s after --begin (default: the end of the trace)" },
  { name = "timerange", value = "B,E", read = readers.text,
    help = "start and end of the time range, as B,E or B..E (default: the whole trace)" },
  { name = "refresh", value = "TIME", short = "r", read = readers.interval,
    help = "print a result for each interval of this length (default: one result; overview "
      .. "prints a line for each); of a live session, on a terminal: draw the newest in place "
      .. "(lttnga-run help live)" },
  { name = "by", value = "WHAT", choices = { "container", "host" },
    help = "container: rows are of one container each, which stands before them (lttnga-run help "
      .. "containers); host: one table for all machines, whose rows say of which they are "
      .. "(default: rows are of all containers, tables of one machine)" },
  { name = "count", value = "N", short = "c", read = read_windows,
    help = "with --refresh, end after N intervals (default: at the end of the trace)" },
  { name = "gmt", help = "show and read times in UTC, not in local time" },
  { name = "output", value = "FORMAT", read = readers.text, default = "text",
    help = "text, csv, json (one object per row), html (a page for a browser), or lami "
      .. "(for Trace Compass)" },
  { name = "output-file", value = "FILE", short = "o", read = readers.text, writes = true,
    help = "write the result to FILE (default: stdout)" },
  { name = "width", value = "N", read = readers.width,
    help = "text: fit lines into N columns (default: the width of the terminal; no limit in a "
      .. "pipe)" },
  { name = "color", value = "WHEN", choices = { "auto", "always", "never" }, default = "auto",
    help = "text: use colours; auto does on a terminal if NO_COLOR is not set" },
  { name = "no-pager", help = "text: don't start a pager ($LTTNGA_PAGER, $PAGER, or less)" },
  { name = "classic", help = "text as lttng-analyses prints it: wide, durations in microseconds" },
  { name = "host", value = "NAME,...", read = readers.globs,
    help = "with traces of several machines, only these: web*; !db1 excludes (default: all)" },
  { name = "clock-offset", value = "HOST=TIME", read = read_clock_offset, list = true,
    help = "shift all times of one of several machines: web1=+1.5ms, web1=-7.4s; may be repeated "
      .. "(seconds, or 100ms, 50us; lttnga-run help fleet; default: none)" },
  { name = "sync",
    help = "align the clocks of several machines, by the TCP packets that they exchanged "
      .. "(lttnga-run help fleet)" },
  { name = "table", value = "ID", read = readers.text,
    help = "print only this table; `trace` has the time range and lost events (default: all)" },
  { name = "columns", value = "NAME,...", read = readers.names,
    help = "print only these columns, by their names in json (default: all)" },
  { name = "sort", value = "NAME", read = readers.text,
    help = "sort rows by this column, numbers from high to low; -NAME reverses the order. The tops "
      .. "(iolatencytop, irqtop, ...) choose the longest before they sort: to choose by another "
      .. "column, sort the log (iolog --sort size --limit 10) (default: the order of the "
      .. "analysis)" },
  { name = "csv-spreadsheet",
    help = "csv: protect a spreadsheet from texts that look like formulas" },
  { name = "no-intersection",
    help = "also read the time in which only some of the streams were recorded" },
  { name = "follow",
    help = "read a trace that is being written to a directory on this machine, until nobody writes "
      .. "it any more, or Ctrl-C (lttnga-run help live)" },
  { name = "patience", value = "TIME", read = readers.interval,
    help = "with --follow: how long to wait for a stream of which nothing is written "
      .. "(default: 2s)" },
  { name = "when", value = "EVENT[: EXPR]", read = readers.text,
    help = "run the command of --do for each EVENT that EXPR (see --filter) is true of, such as "
      .. "'io_end: duration > 100ms' (lttnga-run help live)" },
  { name = "do", value = "COMMAND", read = readers.text, writes = true,
    help = "with --when: a command for sh, with the fields of the event in its environment "
      .. "($LTTNGA_DURATION, ...)" },
  { name = "keep", value = "TIME", read = readers.interval,
    help = "with --when, of a trace that is being recorded: write what was recorded in the last "
      .. "TIME to the directory of --keep-to, as a trace (lttnga-run help live)" },
  { name = "keep-to", value = "DIR", read = readers.text, writes = true,
    help = "with --keep: where each of these traces gets a directory" },
  { name = "every", value = "TIME", read = readers.interval,
    help = "with --when: run at most one command in this time (default: 1s)" },
  { name = "retry", value = "TIME", read = readers.interval,
    help = "of a live session: try for so long to reach a relay daemon again when the connection "
      .. "is lost (default: not at all)" },
  { name = "attach-last",
    help = "of a live session (net://...) only what is recorded from now on (default: all of it)" },
  { name = "reader", value = "NAME", choices = require("lttnga.host").readers,
    help = "decode the trace with the native reader or babeltrace2 (default: native, if it can)" },
  { name = "threads", value = "N", choices = { "auto", "1", "2" }, default = "auto",
    help = "decode in a second thread (2) or in the same one (1)" },
  { name = "partial", value = "FILE", read = readers.text, writes = true,
    help = "write what was found to FILE, as JSON lines for `lttnga-run merge`, instead of results "
      .. "(lttnga-run help fleet)" },
  { name = "slice", value = "PART", read = read_slice,
    help = "with --partial, only what ends in this part of the time: K/N, part K of N equal ones, "
      .. "or '[BEGIN,END)', without END itself. BEGIN and END are written as in --begin; +1s "
      .. "always counts from the start of the recording. The first part has no BEGIN, the last one "
      .. "no END" },
  { name = "jobs", value = "N", read = read_jobs,
    help = "analyse the parts of the trace between saved states in N processes, or as many as "
      .. "there are CPUs (auto); each takes as much memory as one run" },
  { name = "cache", value = "DIR", read = readers.text,
    help = "keep saved states of traces in DIR, up to $LTTNGA_CACHE_SIZE or 1 GiB in all "
      .. "(default: ~/.cache/lttnga)" },
  { name = "no-cache", help = "neither use saved states nor save any" },
  { name = "no-progress", help = "no progress bar" },
  { name = "output-progress", hidden = true }, -- LAMI: progress as lines on stdout
  { name = "no-color", hidden = true },
  { name = "skip-validation", hidden = true },
  { name = "progress-use-size", hidden = true },
}

--- Options of runs over parts of a trace, and of the analyses that look for these themselves.
options.spans = {
  { name = "period", value = "DEF", read = readers.item, list = true,
    help = "print a result for each of these periods, NAME[(PARENT)] : BEGIN [: END] "
      .. "(lttnga-run help periods); may be repeated (default: none)" },
  { name = "period-captures", value = "DEF", read = readers.item, list = true,
    help = "values of a period to show, NAME : AT BEGIN [: AT END]; may be repeated "
      .. "(default: none)" },
  { name = "request", value = "NAME", read = readers.item, list = true, words = "requests",
    help = "print a result for each of these requests: server, process, syscall:NAME, ..., or "
      .. "the path of a definition (lttnga-run help requests); may be repeated (default: none)" },
  { name = "during", value = "WHICH", choices = { "all", "slow" },
    help = "print one result: for the time of all periods or requests (all), or of the slow ones "
      .. "(slow) (default: a result for each of them)" },
  { name = "slower", value = "TIME", read = readers.interval,
    help = "with --during slow, those that took longer than this (default: the p95)" },
}

--- Options that ask for something else than a run.
options.other = {
  { name = "help", short = "h", optional = "SCRIPT", help = "this help, or that of an analysis" },
  { name = "list", help = "list the analyses" },
  { name = "show", value = "SCRIPT", read = readers.text, words = "scripts",
    help = "print the source of an analysis, to copy and edit (default: none)" },
  { name = "version", short = "V", help = "print the version" },
  -- LAMI: questions of a machine.
  { name = "mi-version", hidden = true },
  { name = "metadata", hidden = true },
  { name = "test-compatibility", hidden = true },
}

--- Options that ask for a session, see repl.lua.
options.session = {
  { name = "interactive", short = "i", help = "open a Lua prompt to look around in the trace" },
  { name = "eval", value = "CODE", short = "e", read = readers.item, list = true,
    help = "run CODE in a session instead of a prompt; may be repeated (default: none)" },
}

--- A set of options to look names up in.
-- @tparam table ... lists of options
function options.set(...)
  local set = { list = {}, by_name = {} }
  for _, list in ipairs { ... } do
    for _, option in ipairs(list) do
      if not set.by_name[option.name] then
        set.by_name[option.name] = option
        set.list[#set.list + 1] = option
      end
    end
  end
  return set
end

--- The options that are called so, or whose names begin like that, or that have this letter.
local function find_all(set, name, short)
  if set.by_name[name] then
    return { set.by_name[name] }
  end
  local found = {}
  for _, option in ipairs(set.list) do
    if short and option.short == name or not short and option.name:sub(1, #name) == name then
      found[#found + 1] = option
    end
  end
  return found
end

--- Finds an option by its name, by an unambiguous beginning of it, or by its letter; or nil.
local function find(set, name, short)
  local found = find_all(set, name, short)
  return #found == 1 and found[1] or nil
end

local function names_of(list)
  local names = {}
  for i, option in ipairs(list) do
    names[i] = option.name
  end
  return names
end

--- Why there is no option that find() could have found.
local function why_not(set, name, short)
  local dashes, found = short and "-" or "--", find_all(set, name, short)
  if #found > 1 then
    return ("option %s%s is ambiguous: --%s"):format(dashes, name,
      table.concat(names_of(found), " or --"))
  end
  local hint = text.did_you_mean(name, names_of(set.list))
  for _, group in pairs(options.groups) do
    for _, option in ipairs(group) do
      if option.name == name then
        hint = ": others have it, but this cannot be limited that way"
      end
    end
  end
  return ("unknown option %s%s%s"):format(dashes, name, hint)
end

--- Splits an argument into the option's name and what is after "=".
-- @treturn name (nil if it is no option), value or nil, whether it is a single letter
local function split(argument)
  local name, value = argument:match("^%-%-([^=]+)=(.*)$")
  if not name then
    name = argument:match("^%-%-(.+)$")
  end
  if name then
    return name, value, false
  end
  name = argument:match("^%-(%a)$")
  return name, nil, true
end

--- The arguments that are no options nor values of options, as far as `set` knows them.
-- @treturn list of { index = place in `arguments`, after_unknown = boolean }
function options.positionals(set, arguments)
  local found, skip, unknown, ended = {}, false, false, false
  for i, argument in ipairs(arguments) do
    local name, value, short = split(argument)
    if skip then
      skip = false
    elseif argument == "--" and not ended then
      ended = true
    elseif ended or not name then
      found[#found + 1] = { index = i, after_unknown = unknown }
      unknown = false
    else
      local option = find(set, name, short)
      skip = option and option.value and not value
      unknown = not option and not value
    end
  end
  return found
end

--- The options of a command line, as they were given.
-- @tparam table set from options.set
-- @tparam table arguments texts
-- @treturn table list of { name =, words = } in order
function options.words(set, arguments)
  local list, i = {}, 1
  while arguments[i] and arguments[i] ~= "--" do
    local name, value, short = split(arguments[i])
    local option = name and find(set, name, short)
    if option then
      local words = { arguments[i] }
      if option.value and not value then
        i = i + 1
        words[2] = arguments[i]
      end
      list[#list + 1] = { name = option.name, words = words }
    end
    i = i + 1
  end
  return list
end

--- What reads an option's value.
function options.reader_of(option)
  return option.read or one_of(option.choices)
end

local function read_value(option, value)
  local read, message = options.reader_of(option)(value)
  if read == nil then
    message = message and tostring(message) or ("invalid value '%s'"):format(value)
    fault.usage("--%s: %s", option.name, message)
  end
  return read
end

--- Refuses lower bounds above the upper ones. One that is only a default gives way.
local function check_bounds(set, values, given)
  for _, option in ipairs(set.list) do
    local least, most = option.least and values[option.least], values[option.name]
    if least and most and least > most then
      if given[option.least] or least ~= set.by_name[option.least].default then
        fault.usage("--%s must not be above --%s", option.least, option.name)
      end
      values[option.least] = 0
    end
  end
end

--- Reads a command line.
-- @tparam table set from options.set
-- @tparam table arguments texts
-- @tparam[opt] table values to begin with, instead of the defaults
-- @treturn table values by option name; table positional arguments; table by name of the options:
-- whether they were given
function options.parse(set, arguments, values)
  local rest, given = {}, {}
  if not values then
    values = {}
    for _, option in ipairs(set.list) do
      values[option.name] = option.default
    end
  end
  local i = 1
  while arguments[i] do
    local argument = arguments[i]
    local name, value, short = split(argument)
    if argument == "--" then
      table.move(arguments, i + 1, #arguments, #rest + 1, rest)
      break
    elseif not name then
      rest[#rest + 1] = argument
    else
      local option = find(set, name, short)
      if not option then
        fault.usage("%s", why_not(set, name, short))
      elseif option.value then
        if not value then
          i = i + 1
          value = arguments[i]
        end
        if not value then
          fault.usage("option --%s needs a value: --%s %s", option.name, option.name, option.value)
        end
        local read = read_value(option, value)
        if option.list and given[option.name] then
          read = table.move(read, 1, #read, #values[option.name] + 1, values[option.name])
        end
        values[option.name], given[option.name] = read, true
      elseif value and not option.optional then
        fault.usage("option --%s takes no value", option.name)
      else
        values[option.name], given[option.name] = value or true, true
      end
    end
    i = i + 1
  end
  check_bounds(set, values, given)
  return values, rest, given
end

--- What a number without a unit is in, by reader, and examples with one.
options.units = {
  [readers.microseconds] = "microseconds, or 5ms, 1s",
  [readers.milliseconds] = "milliseconds, or 500us, 1s",
  [readers.interval] = "seconds, or 100ms, 50us",
  [readers.size] = "bytes, or 4KiB, 1MB",
}

--- What an option does, in which unit it takes a number, and its default.
function options.help_of(option)
  local help, only_with = option.help or "", option.only_with
  local units_of = option.value and options.units[option.read]
  if units_of then
    local before, after = help:match "^(.*)%((default:.*)$"
    help = before and ("%s(%s; %s"):format(before, units_of, after)
      or ("%s (%s)"):format(help, units_of)
  end
  if option.default ~= nil and not help:find("default", 1, true) then
    help = ("%s (default: %s)"):format(help, tostring(option.default))
  end
  return only_with and ("%s (with --%s)"):format(help, table.concat(only_with, " or --")) or help
end

--- How options are called: "-r, --refresh TIME".
function options.called(option)
  local value = option.value and " " .. option.value
    or option.optional and " [" .. option.optional .. "]" or ""
  return (option.short and ("-%s, "):format(option.short) or "") .. "--" .. option.name .. value
end

--- Where the explanations of options begin.
local COLUMN = 27

--- Lines of help for a list of options.
-- @tparam table list
-- @tparam[opt=80] integer width columns
function options.describe(list, width)
  local lines, indent = {}, (" "):rep(COLUMN)
  for _, option in ipairs(list) do
    if not option.hidden then
      local left = ("  %s "):format(text.pad_right(options.called(option), COLUMN - 3))
      if #left > COLUMN then
        lines[#lines + 1] = text.trim(left)
        left = indent
      end
      lines[#lines + 1] = text.fold(options.help_of(option), width or 80, left, indent)
    end
  end
  return table.concat(lines, "\n")
end

return options
