--- Options of the command line: what there is, what each means, and reading them.
--
-- An option is a table:
--     { name = "limit", value = "N", read = reader, default = 10, help = "..." }
-- Without `value` it is a flag. `read(text)` gives the value or nil and a message. `least` names
-- the option whose value must not be above that of this one. The values of a `list` option that is
-- given several times come together. `only_with` are flags without which it would do nothing.
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
    return nil, ("'%s' is %s"):format(value, value:find("^%-%d+$") and "below 0"
      or value:find("^%d+$") and "too large" or "not a whole number")
  end
  return number
end

--- A whole number.
function readers.integer(value)
  local number = math.tointeger(tonumber(value))
  if not number then
    return nil, ("'%s' is not a whole number"):format(value)
  end
  return number
end

--- A duration in milliseconds, or with a unit (500us); in ns.
function readers.milliseconds(value)
  return units.parse_duration(value, "ms")
end

--- A whole number above 0, and not absurdly large.
function readers.resolution(value)
  local number = readers.count(value)
  if not number or number < 1 or number > 10000 then
    return nil, ("'%s' is not a whole number from 1 to 10000"):format(value)
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

--- A duration in seconds, or with a unit (100ms), above 0; in ns.
function readers.interval(value)
  local ns, message = units.parse_duration(value, "s")
  if ns == 0 then
    return nil, ("'%s' is no time at all"):format(value)
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
      return nil, ("'%s' is not a whole number"):format(item)
    end
    list[#list + 1] = number
  end
  return list
end

--- Globs separated by commas; behind a "!" is what is not wanted.
function readers.globs(value)
  local list, message = readers.names(value)
  for _, item in ipairs(list or {}) do
    if item == "!" then
      return nil, "behind '!' a name is missing"
    end
  end
  return list, message
end

--- Names separated by commas.
function readers.names(value)
  local list = {}
  for item in (value .. ","):gmatch("%s*(.-)%s*,") do
    if item == "" then
      return nil, "a name is empty"
    end
    list[#list + 1] = item
  end
  return list
end

--- A duration in microseconds, or with a unit (5ms); in ns.
function readers.microseconds(value)
  return units.parse_duration(value, "us")
end

--- Who decodes the trace.
function readers.reader(value)
  local known = require("lttnga.host").readers
  for _, name in ipairs(known) do
    if name == value then
      return value
    end
  end
  return nil, ("'%s' is neither %s"):format(value, table.concat(known, " nor "))
end

--- How many threads read the trace; 0 is "auto".
function readers.threads(value)
  local threads = ({ auto = 0, ["1"] = 1, ["2"] = 2 })[value]
  if not threads then
    return nil, ("'%s' is none of 1, 2 and auto"):format(value)
  end
  return threads
end

--- A size in bytes, or with a unit (4KiB); in bytes.
readers.size = units.parse_size

--- The groups of options that analyses share: a script names those that it honours. Those that have
-- a `filter`, a field and how it is compared, are applied before the script's hooks are called: see
-- lttnga.selection.
options.groups = {
  process = {
    { name = "tid", value = "TID,...", short = "t", read = readers.numbers, list = true,
      filter = { "tid", "in" }, help = "only these threads (default: all)" },
    { name = "procname", value = "NAME,...", short = "n", read = readers.globs, list = true,
      filter = { "procname", "globs" },
      help = "only threads with these names: nginx*; not with these: !lttng-* (default: all)" },
  },
  path = {
    { name = "path", value = "GLOB,...", read = readers.globs, list = true,
      filter = { "path", "globs" },
      help = "only files with these names: /var/log/*; not with these: !*.gz (default: all)" },
  },
  cpu = {
    { name = "cpu", value = "N,...", read = readers.numbers, list = true, filter = { "cpu", "in" },
      help = "only what happened on these CPUs (default: all)" },
  },
  duration = {
    { name = "min", value = "USEC", read = readers.microseconds, filter = { "duration", ">=" },
      help = "only what took at least this long (us, or 5ms, 1s; default: 0)" },
    { name = "max", value = "USEC", read = readers.microseconds, filter = { "duration", "<=" },
      least = "min", help = "only what took at most this long (default: no limit)" },
  },
  size = {
    { name = "minsize", value = "BYTES", read = readers.size, filter = { "size", ">=" },
      help = "only what transferred at least this much (bytes, or 4KiB; default: 0)" },
    { name = "maxsize", value = "BYTES", read = readers.size, filter = { "size", "<=" },
      least = "minsize", help = "only what transferred at most this much (default: no limit)" },
  },
  limit = {
    { name = "limit", value = "N", read = readers.limit, default = 10,
      help = "show at most N rows (0: all; default: 10, of logs all)" },
  },
  frequency = {
    { name = "freq-linear",
      help = "all ranges of a distribution are equal (default: for people each is twice the one\n"
        .. "before, for machines they are equal)" },
    { name = "freq-log", help = "each range is twice the one before, for machines, too" },
    { name = "freq-resolution", value = "N", read = readers.resolution, default = 20,
      help = "number of equal ranges; with it they are equal" },
    { name = "freq-uniform", help = "the same ranges for all frequency distributions" },
    { name = "freq-series", help = "the same, and for machines as one table" },
  },
  -- Of all analyses that have hooks.
  filter = {
    { name = "filter", value = "EXPR", read = readers.text,
      help = "only events for which this holds (docs/expressions.md; default: all):\n"
        .. "'duration > 1ms and path ~ \"/var/*\"'" },
  },
  -- Of analyses that have no limit of their own.
  rows = {
    { name = "limit", value = "N", read = readers.limit,
      help = "show at most N rows of each table (default: all)" },
  },
  percentiles = {
    { name = "percentiles", help = "also the values that 50, 90, 99 and 99.9 % are not above" },
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
      fault.usage("--%s does nothing here without --%s", name, table.concat(flags, " or --"))
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
    fault.usage("--freq-linear and --freq-log can't be used together")
  end
  values["for people"] = values.output == "text" and not values.classic
  values["freq-log given"] = given["freq-log"]
  local doubles = values["for people"] or values.output == "html"
  values["freq-log"] = given["freq-log"] or doubles and not is_linear or nil
end

--- What --during takes.
function readers.during(value)
  if value ~= "all" and value ~= "slow" then
    return nil, ("'%s' is neither all nor slow"):format(value)
  end
  return value
end

--- How many columns lines may take; below 20 there is nothing to be shown.
function readers.width(value)
  local number = readers.count(value)
  if not number or number < 20 or number > 10000 then
    return nil, ("'%s' is not a whole number from 20 to 10000"):format(value)
  end
  return number
end

--- When there are colours.
function readers.color(value)
  if value ~= "always" and value ~= "never" and value ~= "auto" then
    return nil, ("'%s' is none of auto, always and never"):format(value)
  end
  return value
end

--- Options of every run.
options.run = {
  { name = "begin", value = "TIME", read = readers.text,
    help = "leave out what is before: 12:18, 12:18:50.43[Z], 2026-11-23 12:18:50, ns since the\n"
      .. "Epoch; +1s: after the begin, -2s: before the end of the trace (default: nothing)" },
  { name = "end", value = "TIME", read = readers.text,
    help = "leave out what is after (default: nothing)" },
  { name = "timerange", value = "B,E", read = readers.text,
    help = "both at once: B,E or B..E (default: the whole trace)" },
  { name = "refresh", value = "TIME", short = "r", read = readers.interval,
    help = "a result for each interval of this length (seconds, or 100ms; default: one result);"
      .. " overview: a line" },
  { name = "gmt", help = "times are UTC, not local" },
  { name = "output", value = "FORMAT", read = readers.text, default = "text",
    help = "text (default), csv, json (a line for each row), html (a page for a browser) or lami\n"
      .. "(for Trace Compass)" },
  { name = "output-file", value = "FILE", short = "o", read = readers.text,
    help = "where to write the result (default: stdout)" },
  { name = "width", value = "N", read = readers.width,
    help = "text: lines take N columns at most (default: those of the terminal; none in a pipe)" },
  { name = "color", value = "WHEN", read = readers.color, default = "auto",
    help = "text: colours always, never, or auto: on a terminal, without NO_COLOR\n"
      .. "(default: auto)" },
  { name = "no-pager", help = "text is not shown by $LTTNGA_PAGER, $PAGER or less on a terminal" },
  { name = "classic", help = "text as lttng-analyses has it: wide, and in microseconds" },
  { name = "host", value = "NAME,...", read = readers.globs,
    help = "of traces of several machines, only these: web*; not these: !db1 (default: all)" },
  { name = "table", value = "ID", read = readers.text,
    help = "only this table of the result (or trace: what time, what is lost; default: all)" },
  { name = "columns", value = "NAME,...", read = readers.names,
    help = "only these columns, called as with --output json (default: all)" },
  { name = "sort", value = "NAME", read = readers.text,
    help = "sort rows by this column: numbers from the largest on; -NAME: turned round\n"
      .. "(default: as the analysis has them)" },
  { name = "csv-spreadsheet",
    help = "csv: no text is one that a spreadsheet takes for a formula" },
  { name = "no-intersection",
    help = "also the time when only some of the streams were recorded" },
  { name = "reader", value = "NAME", read = readers.reader,
    help = "who decodes the trace: native (the default, if it can), or babeltrace2" },
  { name = "threads", value = "N", read = readers.threads,
    help = "2: one thread decodes while the other one analyses; 1, or auto (the default)" },
  { name = "cache", value = "DIR", read = readers.text,
    help = "where the states of traces are saved, in all 1 GiB, or $LTTNGA_CACHE_SIZE\n"
      .. "(default: ~/.cache/lttnga)" },
  { name = "no-cache", help = "neither use saved states nor save them" },
  { name = "no-progress", help = "no progress bar" },
  { name = "output-progress", hidden = true }, -- LAMI: progress as lines on stdout
  { name = "no-color", hidden = true },
  { name = "skip-validation", hidden = true },
  { name = "progress-use-size", hidden = true },
}

--- Options of runs over parts of a trace, and of the analyses that look for these themselves.
options.spans = {
  { name = "period", value = "DEF", read = readers.item, list = true,
    help = "print a result for each of these periods, NAME[(PARENT)] : BEGIN [: END]\n"
      .. "(docs/periods.md); may be repeated (default: none)" },
  { name = "period-captures", value = "DEF", read = readers.item, list = true,
    help = "values of a period to show, NAME : AT BEGIN [: AT END]; may be repeated\n"
      .. "(default: none)" },
  { name = "request", value = "NAME", read = readers.item, list = true,
    help = "print a result for each of these requests: server, process, syscall:NAME, ..., or\n"
      .. "the path of a definition (docs/requests.md); may be repeated (default: none)" },
  { name = "during", value = "WHICH", read = readers.during,
    help = "all or slow: print one result, for the time of all these periods or requests, or of\n"
      .. "the slow ones (default: a result for each)" },
  { name = "slower", value = "TIME", read = readers.interval,
    help = "those that took longer than this are slow (seconds, or 50ms; default: the p95)" },
}

--- Options that ask for something else than a run.
options.other = {
  { name = "help", short = "h", optional = "SCRIPT", help = "this help, or that of a script" },
  { name = "list", help = "the analyses there are" },
  { name = "show", value = "SCRIPT", read = readers.text,
    help = "print a script's source, to copy and edit" },
  { name = "version", short = "V", help = "print the version" },
  -- LAMI: questions of a machine.
  { name = "mi-version", hidden = true },
  { name = "metadata", hidden = true },
  { name = "test-compatibility", hidden = true },
}

--- Options that ask for a session, see repl.lua.
options.session = {
  { name = "interactive", short = "i", help = "a prompt of Lua, to look at the trace in steps" },
  { name = "eval", value = "CODE", short = "e", read = readers.item, list = true,
    help = "run this in a session, instead of what is typed; may be repeated" },
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
    return ("option %s%s could be --%s"):format(dashes, name,
      table.concat(names_of(found), " or --"))
  end
  return ("unknown option %s%s%s"):format(dashes, name,
    text.did_you_mean(name, names_of(set.list)))
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

local function read_value(option, value)
  local read, message = option.read(value)
  if read == nil then
    message = message and tostring(message) or ("'%s' is not what it takes"):format(value)
    fault.usage("--%s: %s", option.name, message)
  end
  return read
end

local function check_bounds(set, values)
  for _, option in ipairs(set.list) do
    local least, most = option.least and values[option.least], values[option.name]
    if least and most and least > most then
      fault.usage("--%s is above --%s: nothing can be both", option.least, option.name)
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
  check_bounds(set, values)
  return values, rest, given
end

--- What is said of an option, its default included.
local function help_of(option)
  local help, only_with = option.help or "", option.only_with
  if option.default ~= nil and not help:find("default", 1, true) then
    help = ("%s (default: %s)"):format(help, tostring(option.default))
  end
  return only_with and ("%s (with --%s)"):format(help, table.concat(only_with, " or --")) or help
end

--- Further lines of help are below the first one.
local INDENT = "\n" .. (" "):rep(27)

--- Lines of help for a list of options.
function options.describe(list)
  local lines = {}
  for _, option in ipairs(list) do
    if not option.hidden then
      local left = "--" .. option.name .. (option.value and " " .. option.value or "")
      if option.optional then
        left = left .. " [" .. option.optional .. "]"
      end
      if option.short then
        left = "-" .. option.short .. ", " .. left
      end
      lines[#lines + 1] = ("  %-24s %s"):format(left, (help_of(option):gsub("\n", INDENT)))
    end
  end
  return table.concat(lines, "\n")
end

return options
