--- What a script can write: the keys of an analysis, of its options, tables, columns, pictures and
-- collects, and what it finds in its window. The checks of scripts, docs/script-reference.md and
-- the definitions for editors (lua/meta) are made from these lists.
--
-- An entry is { NAME, TYPE, MEANING }. The type is a type of Lua, several joined by " or ", or
-- "any". The meaning is Markdown. A fourth member is the type for editors, if that is more precise.
--
-- SPDX-License-Identifier: MIT

local keys = {}

--- The types of the keys of a list.
-- @tparam table list of { NAME, TYPE, MEANING }
-- @treturn table by name: list of types, or true if any will do
function keys.types(list)
  local types = {}
  for _, key in ipairs(list) do
    if key[2] == "any" then
      types[key[1]] = true
    else
      local some = {}
      for one in key[2]:gsub(" or ", " "):gmatch("%S+") do
        some[#some + 1] = one
      end
      types[key[1]] = some
    end
  end
  return types
end

--- The names in a list, sorted.
-- @tparam table list of { NAME, ... }
-- @treturn {string,...}
function keys.names(list)
  local names = {}
  for i, key in ipairs(list) do
    names[i] = key[1]
  end
  table.sort(names)
  return names
end

-- ---- The analysis ----

keys.analysis = {
  { "title", "string", "what the analysis is called; required" },
  { "options", "table", "the options that it takes: names of [groups](#options), or options of its "
    .. "own", "(string|lttnga.Option)[]" },
  { "run", "function", "`run(options, about)` is called once, when the run starts; what it returns "
    .. "is `w.run` in every window", "fun(options: table, about: lttnga.About): any" },
  { "begin", "function", "`begin(w)` is called when a window opens: make your objects here",
    "fun(w: lttnga.Window)" },
  { "on", "table", "[hooks](hooks.md): functions by the name of their event; an analysis needs "
    .. "`on`, `collect` or `sections`", "lttnga.Hooks" },
  { "collect", "table or function", "a list of [collects](#collects), or a function of the options "
    .. "that returns one", "lttnga.Collect[]|fun(options: table): lttnga.Collect[]" },
  { "finish", "function", "`finish(w)` is called when a window closes, before the tables are made",
    "fun(w: lttnga.Window)" },
  { "merge", "function, string or boolean", "`merge(w, other)` adds what a later part of the same "
    .. "window has found, for `--jobs`: `other` has copies of the numbers, strings and tables in "
    .. "that `w`. Objects are merged before it is called, and need no `merge`. `\"replay\"`: the "
    .. "hooks need all events in order; one process calls them, with what the others have read. "
    .. "`false`: it can't be divided",
    "fun(w: lttnga.Window, other: table)|\"replay\"|boolean" },
  { "undivided", "function", "`undivided(options)` returns why one process must read the trace "
    .. "with these options, or nil", "fun(options: table): string?" },
  { "tables", "table", "a list of [tables](#tables)", "lttnga.Table[]" },
  { "filters", "table", "which of its option groups filter events before the hooks get them "
    .. "(default: all of them)", "(string|lttnga.Option)[]" },
  { "selects", "table", "what the filters and `--filter` apply to, see [Filters](#filters)",
    "table<string, { as?: table<string, string>, unless?: string }>" },
  { "family", "table", "the scripts that its flags add to the run: a list of `{ script = \"mine\", "
    .. "flags = { \"mine\" } }`, in the order of their results (see `lttnga.io_family`)",
    "{ script: string, flags: string[] }[]" },
  { "intervals", "boolean", "it divides its window itself: `--refresh` makes no windows, but is "
    .. "`w.interval` (see `overview`)" },
  { "in_order", "boolean", "its hooks are called in the order of time over all machines; without "
    .. "it, in that of each machine only where there are eight machines or more, unless fields are "
    .. "wanted that tell of others (`remote_utid`)" },
  { "writes", "boolean", "it writes a file of its own, or the one that is its result: there is "
    .. "nothing to compare (see `timeline`)" },
  { "trace", "boolean", "it wants `w.trace`; it gets one window for all machines and no `--filter` "
    .. "(see `info`)" },
  { "requests", "function", "`requests(options)` returns the definitions of the requests to look "
    .. "for (see `lttnga.definitions`), and settings: `min` and `max` durations in ns, `limit` "
    .. "(how many may be open at once), `what` (the word for messages)",
    "fun(options: table): table, table?" },
  { "description", "string", "what it does, for readers of the script: nothing shows it" },
  { "sections", "table", "instead of hooks: the sections of a report of other analyses (see "
    .. "`report`)", "table[]" },
}

--- What the function `run` gets as its second parameter.
keys.about = {
  { "name", "string", "name of the machine" },
  { "label", "string", "the same, numbered if there are several of that name: `web (2)`" },
  { "number", "integer", "its number, from 1" },
  { "count", "integer", "how many machines there are" },
  { "kernel", "string", "release of its kernel" },
  { "clock", "table", "how its times were corrected: `offset`, `from`, `rate` (lttnga.clocks)" },
  { "first", "integer", "start of the trace, ns" },
  { "last", "integer", "end of the trace, ns" },
  { "from", "integer", "start of the time that is analysed, ns; nil if it is not limited" },
  { "to", "integer", "end of the time that is analysed, ns; nil if it is not limited" },
  { "size", "integer", "size of the trace in bytes" },
  { "shared", "table", "a table that all machines of the run share" },
  { "session", "boolean", "whether a session or a program runs the analysis" },
  { "note", "function", "`note(text)` prints a note on stderr", "fun(text: string)" },
}

--- What a window has beside what the script puts there. None of these names can be `sorted`.
keys.window = {
  { "options", "table", "values of the options by name: `w.options.limit`, "
    .. "`w.options[\"per-tid\"]`; nil if not given and without a default" },
  { "from", "integer", "start of the time that `--begin` or `--timerange` asked for, ns; else "
    .. "nil" },
  { "run", "any", "what the function `run` of the analysis returned" },
  { "interval", "integer", "length of the intervals of `--refresh` in ns, or nil (see "
    .. "`intervals`)" },
  { "missing", "table", "the events that the trace lacks: lists of names by hook; a hook that has "
    .. "all its events is not in it", "table<string, string[]>" },
  { "source", "table", "where the data comes from: `paths` (of the traces), `host` (if there are "
    .. "several), `gmt` and `date` (how its times are written), `all` (`--no-intersection`)" },
  { "first", "integer", "start of the window, ns; from the first event on" },
  { "last", "integer", "end of the window, ns; once it closes, so in `finish` and `rows`" },
  { "time", "integer", "how much time of the window is analysed, ns: less than `last - first` with "
    .. "`--during`; once it closes" },
  { "cpus", "table", "numbers of the recorded CPUs of this machine; once it closes", "integer[]" },
  { "renamed", "table", "last names by TID of the threads that were renamed, empty with "
    .. "`--procname`; once it closes. Cells of the class `process` use it, except in tables of "
    .. "single events", "table<integer, string>" },
  { "trace", "table", "if the analysis has `trace = true`: `traces`, `streams`, `classes` (events, "
    .. "with how many there are), `range`, `reader`, `saved`, `analyses`; once it closes" },
  { "missed", "string", "set it in `finish` if what the user asked for was not there: it becomes a "
    .. "warning if every window has it" },
}

-- ---- Options ----

keys.option = {
  { "name", "string", "its name without dashes: `--depth` is `name = \"depth\"`; required. It "
    .. "can't be the name of an option that every run has" },
  { "value", "string", "what the help calls its value: `\"N\"`. Without it the option is a flag, "
    .. "true if given" },
  { "read", "string or function", "how the value is read: a [reader](#readers) or a function of "
    .. "the text that returns the value, or nil and a message (default: `text`)",
    "lttnga.Reader|fun(text: string): any, string?" },
  { "default", "any", "the value if the option is not given" },
  { "help", "string", "its line in `--help`" },
  { "short", "string", "a letter: `short = \"f\"` for `-f`" },
  { "list", "boolean", "it can be given several times; the values, which are lists, are joined" },
  { "least", "string", "name of the option whose value must not be above this one's; its default "
    .. "is 0 if it would be" },
  { "filter", "table", "`{ FIELD, CMP }`: only events whose field compares so with the value reach "
    .. "the hooks; CMP is `in`, `globs`, `>=` or `<=`", "string[]" },
  { "only_with", "table", "the flags without which it does nothing: giving it alone is an error",
    "string[]" },
  { "choices", "table", "the words that it accepts, instead of `read`",
    "string[]" },
  { "words", "string or table", "words that Tab offers, if it accepts others, too: a list, or the "
    .. "kind `scripts` or `requests`", "string|string[]" },
  { "hidden", "boolean", "the help leaves it out" },
  { "writes", "boolean", "its value says where to write, or what to start: it is refused with "
    .. "`--partial`, and in files of partial results" },
  { "optional", "string", "name of a value that may be omitted, in the help; for `--help` itself" },
}

--- What `read` of an option can be: name, what the user writes, what the script gets.
keys.readers = {
  { "text", "anything", "the text itself" },
  { "count", "a whole number, 0 or above", "an integer" },
  { "integer", "a whole number", "an integer" },
  { "limit", "a whole number, 0 or above, or `unlimited`", "an integer; 0 stands for all" },
  { "resolution", "a whole number from 1 to 10000", "an integer" },
  { "numbers", "whole numbers, separated by commas", "a list of integers" },
  { "names", "names, separated by commas", "a list of strings, none empty" },
  { "globs", "globs, separated by commas; `!GLOB` excludes", "a list of strings, for "
    .. "`filters.names`" },
  { "item", "anything", "a list of one string: with `list = true`, one for each time" },
  { "interval", "a duration above 0: in seconds, or with a unit (`100ms`)", "ns" },
  { "milliseconds", "a duration: in milliseconds, or with a unit", "ns" },
  { "microseconds", "a duration: in microseconds, or with a unit", "ns" },
  { "size", "a size: in bytes, or with a unit (`4KiB`, `1MB`)", "bytes" },
  { "width", "a whole number from 20 to 10000", "an integer; for `--width`" },
}

-- ---- Collects ----

--- What a collect can have beside the event, its fields, and fields under other names.
keys.collect = {
  { "into", "string", "name of the object in the window that is fed: `into = \"calls\"` feeds "
    .. "`w.calls`; required" },
  { "only", "table", "`{ FIELD = { VALUE, ... } }`: leaves out events in which the field has "
    .. "another value; strings, integers or booleans" },
  { "set", "table", "`{ NAME = VALUE }`: fields that are the same for every event; strings, "
    .. "integers or booleans" },
}

--- Objects that a collect can feed: how one is made, the class of the object (see the methods in
-- docs/script-reference.md), what it takes, what it is for.
keys.sinks = {
  { "stats.new([keep])", "Statistics", "a number", "count, sum, minimum, maximum, mean, standard "
    .. "deviation; with `keep` also quantiles" },
  { "stats.group([keys, [keep]])", "Group", "a string and a number", "the same for each string" },
  { "stats.keyed([keep])", "Keyed", "any fields; the last one is the number", "the same for each "
    .. "combination of the other fields" },
  { "stats.totals()", "Totals", "any fields; the last one is the number", "sum and count (`n`) for "
    .. "each combination of the other fields" },
  { "stats.series(grid, kind, [kept])", "Series", "`time` (and `begin`), any fields; the last one "
    .. "is the number", "values over time for each combination of the other fields, see "
    .. "[Series](#series)" },
  { "stats.culprits()", "Culprits", "`sched_slice` with `culprit`, `thread_state` with `victim`",
    "who ran while others waited for a CPU (see `runqueue`)" },
  { "stats.graph([limit])", "Graph", "`thread_state`, `process_start`, `process_exit`", "what "
    .. "threads did and waited for, and critical paths (see `criticalpath`)" },
  { "stats.drop()", "Drop", "anything", "nothing: to measure what the events alone cost" },
  { "top.of_each([limit])", "Largest", "a string, a number, any further fields", "the events with "
    .. "the largest numbers for each string" },
  { "`sorted = \"NAME\"` of a table", "Log", "any fields; the first one is a number, unless "
    .. "`order` names another", "a row for each event, however many there are" },
  { "timeline:slices {...}", "Slices", "`time` (and `begin`), any fields", "slices of a "
    .. "[timeline](timeline.md)" },
  { "timeline:counter {...}", "Counter", "`time` and a number, or numbers", "a counter of a "
    .. "timeline" },
  { "timeline:kernel(EVENT)", "Kernel", "all fields that the event is drawn from", "what Perfetto "
    .. "has tracks of its own for" },
  { "machine:facts(TABLE)", "Facts", "`time`, and the fields of the table's columns", "rows of a "
    .. "table for SQL (see `export`)" },
}

--- Kinds of series: what they take, what the curve has.
keys.series = {
  { "time", "`begin`, `time`", "`time()`: how much of that time is in each bin, exact to the ns" },
  { "sum", "`time`, a number", "`n()`, `sum()`" },
  { "spread", "`begin`, `time`, a number", "the same, of a number that is spread evenly over that "
    .. "time" },
  { "values", "`time`, a number", "the same, and `max()`, `mean()`, `quantiles(q)`, `quantile(q, "
    .. "first, last)`, `histogram(first, last)`" },
  { "level", "`time`, a number; `begin` if the level holds from `begin` to `time`, else it holds "
    .. "from `time` until the next one", "`mean()` over time, `max()`, `known()`: for how much of "
    .. "the bin the level is known" },
  { "changes", "`time`, `change`", "the same; `change` says by how much the level changes" },
  { "largest", "`time`, a number", "`largest()`: the event with the largest number, with the "
    .. "fields that `stats.series(grid, \"largest\", { FIELD, ... })` names" },
}

-- ---- Tables ----

keys.table = {
  { "rows", "function", "`rows(w)` returns the list of rows", "fun(w: lttnga.Window): table[]" },
  { "each", "function", "instead of `rows`: `each(w)` returns [several results](#each)",
    "fun(w: lttnga.Window): lttnga.Result[]" },
  { "sorted", "string", "instead of `rows`: name of the object in the window that takes the rows, "
    .. "see [Sorted tables](#sorted)" },
  { "order", "string", "of a sorted table: the field that its rows are sorted by (default: the "
    .. "first one that is collected)" },
  { "by", "string or function", "the field, or a function of the row, by which rows are ranked, "
    .. "the largest first", "string|fun(row: table): number?" },
  { "over", "number", "with `by`: rows that are not above this number are left out" },
  { "limit", "boolean", "`rows` has applied `--limit` itself" },
  { "group", "table", "of `each`: columns that the rows of one result have in common; formats for "
    .. "programs have them as columns, and not as part of the title (see `syscallstats`)",
    "lttnga.Column[]" },
  { "flat", "string", "of `each` with a `group`: text shows the rows of all results in one table, "
    .. "ranked by this field" },
  { "class", "string", "of `each`: a title for what the results have in common (default: the "
    .. "title)" },
  { "unit", "string", "shown in brackets after the title, as in `pages`; not for durations, which "
    .. "have their own" },
  { "heading", "string", "with `text = \"grid\"`: the line above the table instead of the title, "
    .. "`%s` is the title" },
  { "parts", "table", "its rows are parts that add up to a whole, and "
    .. "[`compare`](compare.md#why-requests-became-slower) says how much of the difference each "
    .. "makes. Rows have `level` (`all`, `wait`, `cause`), `wait`, and `stats` of the things that "
    .. "have the part; `parts` has `id`, `title`, `thing`, `label(row)` and `reason(row, "
    .. "difference, causes)`: `lttnga.compositions`" },
  { "needs", "table", "list of hooks without which the table stays empty: the user is warned if "
    .. "the trace lacks their events. `\"HOOK.context\"` beside `\"HOOK\"` also warns that wakers "
    .. "may be wrong, `\"HOOK.cause\"` that causes may be", "string[]" },
  { "optional", "boolean", "most traces lack what it needs: no warning" },
  { "alone", "string", "shown only with this option, and then without the other tables "
    .. "(`\"fold\"`)" },
  { "bare", "boolean", "its text is meant for another program: no time range above it" },
  { "chart", "table", "its [picture](#pictures) on an HTML page, or a list of them",
    "lttnga.Chart|lttnga.Chart[]" },
  { "text", "string or function or table", "how it looks as text, see [Text](#text)" },
  { "classic", "string or function or table", "the same for `--classic` only; without it, `text` "
    .. "counts there too" },
}

--- Members of a result that `each` returns.
keys.result = {
  { "title", "string", "its title (default: that of the table)" },
  { "rows", "table", "its rows; required", "table[]" },
  { "columns", "table", "its columns (default: those of the table)", "lttnga.Column[]" },
  { "group", "table", "fields for the columns of the table's `group`" },
  { "above", "string", "text that stands above it" },
  { "says", "string", "a sentence that stands above its rows on an HTML page" },
  { "top", "boolean", "its rows are the largest ones already: at most 10 are shown unless "
    .. "`--limit` says otherwise" },
}

keys.column = {
  { "key", "boolean", "rows are told apart by this column (default: by the first one)" },
  { "default", "any", "the cell if the field is nil" },
  { "unknown", "string or boolean", "the cell is unknown (`?`) if the field is nil: always, or if "
    .. "the row has this field" },
  { "with", "string", "for classes of several parts: rows without this field have no cell" },
  { "unit", "string", "unit of the numbers, in formats for programs" },
  { "compare", "string", "what [`compare`](compare.md) makes of the numbers: `\"sum\"` grow with "
    .. "the time that is analysed (sums, counts), `\"share\"` are parts of one whole, `\"mean\"` "
    .. "depend neither on time nor on the number of rows, `\"none\"` are no amounts (a PID, a "
    .. "port): as a key, they tell rows apart within one trace only (default: `\"mean\"`, but "
    .. "`\"none\"` for plain numbers of single events)",
    "\"sum\"|\"share\"|\"mean\"|\"none\"" },
  { "heading", "string", "a shorter title for text" },
  { "width", "integer", "least width in text; negative: padded on the right" },
  { "indent", "integer", "spaces before the heading and the cells in text" },
  { "text", "function", "`text(cell, about)` returns the cell as text",
    "fun(cell: any, about: table): string" },
  { "line", "string", "the same as a template, for rows made in C: `\"{name} ({tid})|?\"`" },
  { "hidden", "boolean", "text leaves it out unless `--columns` names it" },
  { "spare", "integer", "text leaves it out early if lines are short, the least number first; "
    .. "after these go the last columns that are not keys" },
}

--- Classes of columns: what a cell is, how text shows it, what LAMI makes of it.
keys.classes = {
  { "string", "string, number or boolean", "as it is, control characters escaped", "a plain "
    .. "string" },
  { "path", "string", "the same", "`path` (`path`)" },
  { "syscall", "string", "the same", "`syscall` (`name`)" },
  { "disk", "string", "the same", "`disk` (`name`)" },
  { "part", "string: a partition", "the same", "`part` (`name`)" },
  { "netif", "string: a network interface", "the same", "`netif` (`name`)" },
  { "mixed", "string, number or boolean", "the same", "a plain value" },
  { "number", "number", "as it is; fractions with three digits", "`number` (`value`)" },
  { "ratio", "number, 1 is all", "`12.50 %`", "`ratio` (`value`)" },
  { "duration", "number, ns", "`1.815 s`, `12.345 ms`, `3.210 us`; `1.82 s` if lines are short",
    "`duration` (`value`)" },
  { "size", "number, bytes", "`42   B`, `1.50 KiB`", "`size` (`value`)" },
  { "bitrate", "number, bits or bytes per second", "as it is", "`bitrate` (`value`)" },
  { "cpu", "number", "as it is", "`cpu` (`id`)" },
  { "fd", "number", "as it is", "`fd` (`fd`)" },
  { "bool", "boolean", "`true`, `false`", "`bool` (`value`)" },
  { "timestamp", "integer, ns since the Epoch", "`12:18:50.432156789`, with the date if the trace "
    .. "is longer than a day", "`timestamp` (`value`)" },
  { "time-range", "`{ begin, end }`, two timestamps", "`[BEGIN, END]`; `BEGIN` if lines are short",
    "`time-range` (`begin`, `end`)" },
  { "process", "`{ name =, tid =, pid = }`", "`name (tid)`; `name (pid)` without a TID",
    "`process` (`name`, `tid`, `pid`)" },
  { "irq", "`{ nr =, name =, hard = }`", "`nr (name)`", "`irq` (`nr`, `name`, `hard`)" },
  { "list", "a list", "what the column's `text` returns, else JSON", "a plain string; `--output "
    .. "json` has a list" },
  { "counts", "a list of `{ name, number }`", "what the column's `text` returns, else JSON", "a "
    .. "plain string; `--output json` has an object" },
}

-- ---- Text ----

--- Members of `text = { ... }` of a table.
keys.text = {
  { "heading", "string or function", "the line above the rows, or a function of `about`; required",
    "string|fun(about: table): string" },
  { "row", "function", "`row(row, about)` returns the line of a row; `row` or `line` is required",
    "fun(row: table, about: table): string" },
  { "line", "table", "the [columns of a line](#lines), which is then made in C", "table[]" },
  { "footer", "function", "`footer(about)` returns a line below the rows, or nil",
    "fun(about: table): string?" },
}

--- Members of a column of `line`, after its width, its template and its title.
keys.line = {
  { "shorter", "table", "`{ TEMPLATE, TITLE }`: what takes its place if lines are short",
    "string[]" },
  { "keeps", "boolean", "it is never left out" },
  { "spare", "integer", "as of [columns](#columns)" },
}

--- How {FIELD:FORM} is written in a template.
keys.forms = {
  { "", "as it is" },
  { "time", "a time of day" },
  { "us", "a duration in microseconds; in columns with a title as `duration`" },
  { "duration", "a duration with its unit" },
  { "size", "a size with its unit" },
  { "hex", "an address: `0xffff888003c4d000`" },
  { "early", "`*` if that time is before `w.from`, else a space" },
}

-- ---- Pictures ----

keys.chart = {
  { "kind", "string", "one of the kinds below; required",
    "\"bars\"|\"line\"|\"area\"|\"histogram\"|\"heat\"|\"flame\"" },
  { "x", "string", "a column, see the kinds" },
  { "y", "string or table", "a column or a list of columns, see the kinds", "string|string[]" },
  { "by", "string", "of `line` and `area` with one `y`: a line for each value of this column" },
  { "value", "string", "of `heat`: the column that says how many" },
  { "title", "string", "stands above the picture (default: the title of the table)" },
  { "whole", "string", "of `bars`: the first cell of the row that is as long as a whole bar" },
}

--- Kinds of pictures: what they need, what `x` and `y` are.
keys.chart_kinds = {
  { "bars", { "y" }, "the column with the names (default: the key columns)", "the length of the "
    .. "bars; with a list each column is a bar made up of the rows" },
  { "line", { "x", "y" }, "a column of times: `timestamp` or `time-range`", "a column, or a list "
    .. "of columns that are a line each" },
  { "area", { "x", "y" }, "the same", "the same, stacked" },
  { "histogram", { "x" }, "lower bounds of ranges; the next column has the upper bounds if it is "
    .. "of the same class", "the counts (default: all columns of numbers)" },
  { "heat", { "x", "y", "value" }, "a column of times", "lower bounds of ranges" },
  { "flame", { "x", "y" }, "stacks: frames joined by `;`, the root first", "the value of each "
    .. "stack" },
}

return keys
