--- What `--help`, `--list` and `lttnga-run help` print.
--
-- SPDX-License-Identifier: MIT

local catalogue = require "lttnga.catalogue"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local markdown = require "lttnga.markdown"
local options = require "lttnga.options"
local scripts = require "lttnga.scripts"
local terminal = require "lttnga.terminal"
local text = require "lttnga.text"

local help = {}

--- How the program is called.
help.synopsis = {
  "lttnga-run [OPTIONS] SCRIPT[,SCRIPT...] [OPTIONS] TRACE...",
  "lttnga-run TRACE...",
  "lttnga-run -i [SCRIPT] [OPTIONS] TRACE...",
  "lttnga-run COMMAND ...",
}

--- What it does, in paragraphs.
help.description = {
  "Runs analyses over an LTTng kernel trace. SCRIPT is the name of an analysis (--list shows them) "
    .. "or the path of your own, with a slash in it or ending in .lua. Several scripts, separated "
    .. "by commas, share one pass over the trace; options after a colon are for one script only "
    .. "(iolatencytop:--limit=3). TRACE is a trace directory, or a directory with several traces "
    .. "below it.",
  "With a TRACE alone, lttnga-run shows what the trace holds (info --short) and what the "
    .. "machine did (overview). With -i it opens a Lua prompt to move through the trace and look "
    .. "at the machine at any moment; type help there.",
}

--- A part of a whole: 0.05 or 5%.
local function read_part(value)
  local number, percent = value:match "^([%d.]+)%s*(%%?)$"
  number = tonumber(number)
  if not number then
    return nil, ("'%s' must be a number such as 0.05, or 5%%"):format(value)
  end
  return percent == "%" and number / 100 or number
end

--- How probable something may be that is called no chance: not 0, at which nothing is ever told,
-- and at most 1.
local function read_alpha(value)
  local alpha, message = read_part(value)
  if alpha and (alpha <= 0 or alpha > 1) then
    return nil, ("'%s' must be above 0, and at most 1 (100%%)"):format(value)
  end
  return alpha, message
end

--- What stands in the place of a script: { name =, arguments =, summary =, about = paragraphs,
-- own = options, options = names of those options of a run that it takes }.
help.commands = {
  { name = "index", arguments = "TRACE...",
    summary = "save states of a trace, so that sessions and --begin start quickly",
    about = { "Reads a trace once and saves states of it. From then on, sessions and runs with "
      .. "--begin or --timerange start at the nearest state instead of at the start of the trace. "
      .. "States take up to 5 % of the size of the trace, or 1 MiB if that is more." },
    options = { "cache", "no-intersection", "clock-offset", "sync", "reader", "threads",
      "no-progress" } },
  { name = "cache", arguments = "[TRACE...]", summary = "list or remove what is saved of traces",
    about = {
      "Lists what is saved of all traces, or of TRACE: the states that index, sessions and "
        .. "analyses of large traces (16 MiB and more) save, and the tables that sql makes. What "
        .. "is removed is saved again when it is needed.",
      "The limit for all of it is 1 GiB, or $LTTNGA_CACHE_SIZE (5G, or unlimited). What is over "
        .. "the limit is removed automatically: files of other versions of lttnga first, then "
        .. "those of traces that are gone, then the least recently used.",
    },
    own = {
      { name = "remove", help = "remove what is saved of these traces" },
      { name = "prune", help = "remove unusable files, and those over the limit" },
      { name = "clear", help = "remove all of them" },
      { name = "output", value = "FORMAT", choices = { "text", "csv", "json" }, default = "text",
        help = "text, csv, or json (one object per row)" },
    },
    options = { "cache", "columns", "sort", "gmt", "width", "color", "no-pager" } },
  { name = "list", arguments = "net://HOST[:PORT]",
    summary = "list the live sessions of a relay daemon",
    about = {
      "Lists the sessions that are recorded live (lttng create --live) by way of the relay daemon "
        .. "(lttng-relayd) on HOST: their URLs, how often they are flushed (live timer), how many "
        .. "streams they have, and how many viewers are attached. A session has one viewer at a "
        .. "time. PORT is 5344 if you don't give it. net4:// and net6:// use only that version of "
        .. "IP; an IPv6 address is in brackets.",
    },
    own = {
      { name = "output", value = "FORMAT", choices = { "text", "csv", "json" }, default = "text",
        help = "text, csv, or json (one object per row)" },
    },
    options = { "columns", "sort", "width", "color", "no-pager" } },
  { name = "merge", arguments = "FILE...", summary = "put partial results together",
    about = {
      "Shows the results of files that --partial has written: the slices of one trace, or those of "
        .. "many traces. They must be of the same analysis with the same options. Each trace has "
        .. "results of its own; where there are several, rows say which host they are of. "
        .. "--together shows the rows of all hosts in one table.",
      "See lttnga-run help fleet.",
    },
    own = {
      { name = "expect", value = "FILE", read = options.readers.text,
        help = "fail, and list what is missing, unless there are results of each host, trace or "
          .. "file that FILE names, one on a line" },
      { name = "allow-missing", help = "show what there is, even if something is missing" },
      { name = "together", help = "show one table for all hosts instead of one for each, with a "
        .. "column Host; --sort sorts the rows of all hosts" },
      { name = "limit", value = "N", read = options.readers.limit,
        help = "with --together, show at most N rows of each table; 0 shows all (default: as many "
          .. "as for one host)" },
    },
    options = { "output", "output-file", "csv-spreadsheet", "table", "columns", "sort", "gmt",
      "width", "classic", "color", "no-pager" } },
  { name = "compare", arguments = "BEFORE AFTER -- ANALYSIS [OPTIONS]",
    summary = "show what has changed between two traces, or two ranges of one",
    about = {
      "Runs ANALYSIS over two traces and shows which of its rows have changed, the largest change "
        .. "first: each number before and after, the difference and the ratio, rows that are new "
        .. "or gone. Where there are distributions, a rank test tells changes from noise. BEFORE "
        .. "and AFTER can also be files that --partial has written. With one trace, --baseline is "
        .. "the range that the rest of it is compared with. --by host compares each of several "
        .. "machines with the others. With the analysis why, it says which waits made requests "
        .. "slower.",
      "The exit status is 3 if --fail-if holds. See lttnga-run help compare for the manual.",
    },
    examples = {
      { "lttnga-run compare before/ after/ -- iolatencystats", "did I/O become slower?" },
      { "lttnga-run compare --baseline '[+0s,+10s]' my-trace/ -- syscalls --begin +10s",
        "what is different from the first 10 s on?" },
      { "lttnga-run compare before/ after/ -- why --request fsync",
        "why did requests become slower?" },
      { "lttnga-run compare --fail-if 'p99 > 1.2x' good.json my-trace/ -- iolatencystats "
        .. "--percentiles",
        "a check for CI, against results that --partial has saved" },
    },
    own = {
      { name = "by", value = "WHAT", choices = { "host" },
        help = "compare each host of TRACE... with all the others together (host)" },
      { name = "baseline", value = "RANGE", read = options.readers.text,
        help = "the time range of BEFORE, as in --timerange; with one trace, --begin and --end are "
          .. "those of AFTER (default: what follows the baseline)" },
      { name = "alpha", value = "P", read = read_alpha, default = 0.01,
        help = "how probable it may be that a table without any real change has one that is judged "
          .. "as such" },
      { name = "min-effect", value = "PART", read = read_part, default = 0.05,
        help = "the least difference that counts: 0.05 or 5% (default: 5%)" },
      { name = "totals", help = "compare counts and sums as they are, not per second: for traces "
        .. "of the same work" },
      { name = "match", value = "HOW", choices = { "tid", "name" },
        help = "by what rows of threads are matched (default: tid in one trace, else name)" },
      { name = "all", help = "show all values, also noise, small differences, and none" },
      { name = "limit", value = "N", read = options.readers.limit,
        help = "show at most N rows of each table, with all of their values; 0 shows all "
          .. "(default: 10)" },
      { name = "fail-if", value = "COND", read = options.readers.item, list = true,
        help = "exit with status 3 if this holds for a row: a column, > >= < or <=, and a ratio "
          .. "that is not noise (1.2x) or a value (50ms); may be repeated (default: none)" },
    },
    options = { "begin", "end", "timerange", "host", "output", "output-file", "csv-spreadsheet",
      "table", "columns", "sort", "gmt", "width", "color", "no-pager", "jobs", "threads", "reader",
      "no-intersection", "cache", "no-cache", "no-progress" } },
  { name = "sql", arguments = "TRACE... QUESTION",
    summary = "ask tables of a trace in SQL",
    about = {
      "Makes tables of all that happened in a trace, as export does, and answers a question in "
        .. "SQLite's SQL. The tables are kept beside saved states (lttnga-run help cache), so the "
        .. "next question takes no pass over the trace.",
      "QUESTION is a SELECT; or .tables, which lists the tables, or .schema TABLE, which "
        .. "explains its columns (.schema: of all tables). Times (ts) are in ns since 1970, "
        .. "durations (dur) in ns. The tables cannot be changed. Ten questions:",
    },
    examples = {
      { "select name, count(*), sum(dur) from syscall group by name order by 3 desc",
        "which system calls took the most time?" },
      { "select * from syscall order by dur desc limit 10", "the slowest calls" },
      { "select utid, thread_name, sum(dur) from sched where utid > 0 group by 1, 2 "
        .. "order by 3 desc",
        "which threads used the CPUs?" },
      { "select cause, count(*), sum(dur) from wait group by cause order by 3 desc",
        "what did threads wait for?" },
      { "select path, sum(size) from syscall where io_class = 'read' group by path "
        .. "order by 2 desc limit 10", "which files were read most?" },
      { "select error_name, name, count(*) from syscall where error <> 0 group by 1, 2",
        "which calls failed?" },
      { "select disk, op, count(*), avg(dur), max(dur) from disk_request group by 1, 2",
        "how fast were the disks?" },
      { "select name, count(*), max(dur), max(raise_latency) from softirq group by name",
        "softirqs, and how late they were" },
      { "select name, path, dur, data, journal, flush from sync order by dur desc limit 10",
        "where did the time of syncs go?" },
      { "select thread_name, max(dur) from thread_state where state in ('woken', 'preempted') "
        .. "group by utid, thread_name order by 2 desc limit 10",
        "which threads waited longest for a CPU?" },
    },
    own = {
      { name = "request", value = "NAME", read = options.readers.item, list = true,
        words = "requests",
        help = "also these requests, in the table request (lttnga-run help requests); may be "
          .. "repeated (default: none)" },
      { name = "limit", value = "N", read = options.readers.count,
        help = "print at most N rows; 0 is all (default: 1000 as text, else all)" },
      { name = "output", value = "FORMAT", choices = { "text", "csv", "json" }, default = "text",
        help = "text, csv, or json (one object per row)" },
    },
    options = { "csv-spreadsheet", "cache", "no-cache", "no-intersection", "clock-offset", "sync",
      "reader", "threads", "no-progress", "width", "color", "no-pager" } },
  { name = "help", arguments = "[TOPIC]",
    summary = "explain an analysis, a command or an option, or show a page of the manual",
    about = { "TOPIC is the name of an analysis, a command, an option (--min) or a page of the "
      .. "manual." },
    options = {} },
}

--- Examples: { command, what for }.
help.examples = {
  { "lttnga-run my-trace/", "what did the machine do, and what stands out?" },
  { "lttnga-run iolatencytop --min 5ms --procname 'postgres' my-trace/", "its slowest calls" },
  { "lttnga-run cputop --timerange 15:36:38..15:36:40.5 my-trace/", "who used the CPUs then?" },
  { "lttnga-run iolatencytop:--limit=3,iousagetop --refresh 1 my-trace/",
    "two analyses, each second" },
  { "lttnga-run iolog --output json my-trace/ | jq 'select(.duration > 1e9)'", "for programs" },
  { "lttnga-run --show iolatencystats > mine.lua; lttnga-run mine.lua my-trace/",
    "edit your own copy" },
}

--- The width of help: that of the terminal, but not wider than is good to read.
local function width_of_help()
  return math.max(40, math.min(host.terminal(1) or 80, 100))
end

local function fold(value)
  return text.fold(value, width_of_help()) .. "\n"
end

--- Paragraphs of the synopsis: its first line begins with "Usage:".
local function usage_text(lines)
  return "Usage: " .. table.concat(lines, "\n       ") .. "\n\n"
end

local function paragraphs(list)
  local folded = {}
  for i, one in ipairs(list) do
    folded[i] = fold(one)
  end
  return table.concat(folded, "\n")
end

--- The names of all pages of the manual, sorted.
-- @tparam string folder where our Lua files are; the pages are beside it
function help.pages(folder)
  local names = {}
  for _, file in ipairs(host.files(folder .. "/../docs")) do
    names[#names + 1] = file:match("^(%l[%w-]*)%.md$")
  end
  table.sort(names)
  return names
end

local function command_of(name)
  for _, command in ipairs(help.commands) do
    if command.name == name then
      return command
    end
  end
  return nil
end

--- The lists of options of a command; nil if there is no such command.
function help.options_of(name)
  local command, list = command_of(name), {}
  for i, option in ipairs(command and command.options or {}) do
    list[i] = options.set(options.run).by_name[option]
  end
  return command and { command.own or {}, list }
end

--- Questions, each below what it is for.
local function questions(list)
  local lines = {}
  for i, one in ipairs(list) do
    lines[i] = ("\n  %s\n%s\n"):format(one[2], (text.fold(one[1], width_of_help() - 4)
      :gsub("^", "    "):gsub("\n", "\n    ")))
  end
  return table.concat(lines)
end

--- Help on a command.
function help.command(name)
  local command, list = command_of(name), options.set(table.unpack(help.options_of(name))).list
  return usage_text { ("lttnga-run %s %s%s"):format(name, list[1] and "[OPTIONS] " or "",
    command.arguments) } .. paragraphs(command.about)
    .. questions(command.examples or {})
    .. (list[1] and "\nOptions:\n" .. options.describe(list, width_of_help()) .. "\n" or "")
end

--- All help on the program as such.
function help.program(folder)
  local parts = { usage_text(help.synopsis), paragraphs(help.description), "\nCommands:\n" }
  for _, command in ipairs(help.commands) do
    parts[#parts + 1] = text.fold(command.summary, width_of_help(),
      ("  %-24s "):format(command.name .. " " .. command.arguments), (" "):rep(27)) .. "\n"
  end
  parts[#parts + 1] = "\nExamples:\n"
  for _, example in ipairs(help.examples) do
    parts[#parts + 1] = "  " .. example[1] .. "\n"
  end
  parts[#parts + 1] = "\nOptions:\n"
  local lists = {}
  for i, list in ipairs { options.run, options.spans, options.session, options.other } do
    lists[i] = options.describe(list, width_of_help())
  end
  parts[#parts + 1] = table.concat(lists, "\n") .. "\n\n"
  parts[#parts + 1] = fold("An analysis has options of its own: lttnga-run help ANALYSIS.")
  local pages = help.pages(folder)
  if pages[1] then
    parts[#parts + 1] = fold(("Pages of the manual (lttnga-run help PAGE): %s."):format(
      table.concat(pages, ", ")))
  end
  return table.concat(parts)
end

--- The names of options, but those that are in another list, too.
local function names_of(list, others)
  local known, names = options.set(others).by_name, {}
  for _, option in ipairs(list) do
    names[#names + 1] = not option.hidden and not known[option.name] and "--" .. option.name or nil
  end
  return table.concat(names, ", ")
end

--- The heading of a script, its prose folded; what is indented stays as it is.
local function heading_of(source)
  local parts = {}
  for part in (scripts.heading(source) .. "\n\n"):gmatch("(.-)\n\n+") do
    parts[#parts + 1] = ("\n" .. part):find("\n%-? ") and part
      or text.fold(part, width_of_help())
  end
  return table.concat(parts, "\n\n")
end

--- Help on an analysis.
-- @tparam table script from scripts.load
function help.script(script)
  local aliases = catalogue.aliases_of(script.name)
  return heading_of(script.source)
    .. "\n\nOptions:\n" .. options.describe(script.analysis.options, width_of_help()) .. "\n\n"
    .. text.fold(names_of(options.set(options.run, options.spans).list, script.analysis.options),
      width_of_help(), "Options of every analysis: ", "  ")
    .. ".\n" .. fold "lttnga-run help explains these."
    .. (aliases[1] and fold("Also called as: " .. table.concat(aliases, ", ") .. ".") or "")
end

--- The list of all analyses, by topic, and of the names that other tools have for them.
function help.list(folder)
  local lines, width = {}, width_of_help()
  for _, topic in ipairs(catalogue.sorted(scripts.list(folder))) do
    lines[#lines + 1] = (lines[1] and "\n" or "") .. topic.title
    for _, entry in ipairs(topic) do
      lines[#lines + 1] = text.fold(entry.summary, width,
        ("  %s "):format(text.pad_right(text.clean(entry.name), 16)), (" "):rep(19))
    end
  end
  lines[#lines + 1] = "\nNames of other tools"
  for _, entry in ipairs(catalogue.aliases) do
    lines[#lines + 1] = text.fold(table.concat(entry, ", ", 2), width,
      ("  %-16s "):format(entry[1]), (" "):rep(19))
  end
  return table.concat(lines, "\n") .. "\n"
end

--- An option as it was asked for, and which analyses have it; nil if there is none of that name.
local function help_on_option(folder, name)
  local everywhere = options.set(options.run, options.spans, options.session, options.other)
  for _, one in ipairs(options.set(everywhere.list, options.groups.process).list) do
    name = one.short == name and one.name or name
  end
  local option, where = everywhere.by_name[name], {}
  if not option then
    for _, entry in ipairs(scripts.list(folder)) do
      local ok, script = pcall(scripts.load, folder, entry.name)
      local own = ok and options.set(script.analysis.options).by_name[name]
      option = option or own
      where[#where + 1] = own and entry.name or nil
    end
  end
  if not option or option.hidden then
    return nil
  end
  return options.describe({ option }, width_of_help()) .. "\n"
    .. (where[1] and "\n" .. fold("An option of " .. table.concat(where, ", ") .. ".") or "")
end

--- A page of the manual; nil if there is none of that name.
local function page_of(folder, name, values)
  local file <close> = name:find("^%l[%w-]*$") and io.open(folder .. "/../docs/" .. name .. ".md")
  return file and markdown.text(file:read("a"), width_of_help(), terminal.of(values))
end

--- Help on whatever has that name: a command, an analysis, an option, or a page of the manual.
-- @tparam string folder
-- @tparam string topic
-- @tparam table values options of the run
function help.topic(folder, topic, values)
  if command_of(topic) and not scripts.find(folder, topic) then
    return help.command(topic)
  elseif topic:find("^%-") then
    return help_on_option(folder, topic:match("^%-+(.*)$"))
      or fault.usage("unknown option %s: lttnga-run help lists the options", topic)
  end
  local script = scripts.find(folder, topic) and scripts.load(folder, topic)
  local page = page_of(folder, script and script.name or topic, values)
  if script then
    return help.script(script) .. (page and "\n" .. page or "")
  elseif page then
    return page
  end
  local names = help.pages(folder)
  for _, entry in ipairs(scripts.list(folder)) do
    names[#names + 1] = entry.name
  end
  for _, command in ipairs(help.commands) do
    names[#names + 1] = command.name
  end
  fault.usage("there is no help on '%s'%s: lttnga-run help lists the topics", topic,
    text.did_you_mean(topic, names))
end

return help
