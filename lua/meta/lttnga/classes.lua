---@meta _

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---How the value of an option is read.
---@alias lttnga.Reader
---| '"text"' # anything; the script gets the text itself
---| '"count"' # a whole number, 0 or above; the script gets an integer
---| '"integer"' # a whole number; the script gets an integer
---| '"limit"' # a whole number, 0 or above, or `unlimited`; the script gets an integer; 0 stands for all
---| '"resolution"' # a whole number from 1 to 10000; the script gets an integer
---| '"numbers"' # whole numbers, separated by commas; the script gets a list of integers
---| '"names"' # names, separated by commas; the script gets a list of strings, none empty
---| '"globs"' # globs, separated by commas; `!GLOB` excludes; the script gets a list of strings, for `filters.names`
---| '"item"' # anything; the script gets a list of one string: with `list = true`, one for each time
---| '"interval"' # a duration above 0: in seconds, or with a unit (`100ms`); the script gets ns
---| '"milliseconds"' # a duration: in milliseconds, or with a unit; the script gets ns
---| '"microseconds"' # a duration: in microseconds, or with a unit; the script gets ns
---| '"size"' # a size: in bytes, or with a unit (`4KiB`, `1MB`); the script gets bytes
---| '"width"' # a whole number from 20 to 10000; the script gets an integer; for `--width`

---What the cells of a column are.
---@alias lttnga.Class
---| '"string"' # string, number or boolean
---| '"path"' # string
---| '"syscall"' # string
---| '"disk"' # string
---| '"part"' # string: a partition
---| '"netif"' # string: a network interface
---| '"mixed"' # string, number or boolean
---| '"number"' # number
---| '"ratio"' # number, 1 is all
---| '"duration"' # number, ns
---| '"size"' # number, bytes
---| '"bitrate"' # number, bits or bytes per second
---| '"cpu"' # number
---| '"fd"' # number
---| '"bool"' # boolean
---| '"timestamp"' # integer, ns since the Epoch
---| '"time-range"' # `{ begin, end }`, two timestamps
---| '"process"' # `{ name =, tid =, pid = }`
---| '"irq"' # `{ nr =, name =, hard = }`
---| '"list"' # a list
---| '"counts"' # a list of `{ name, number }`

---What a script gives to `analysis`.
---@class lttnga.Analysis
---@field title string what the analysis is called; required
---@field options? (string|lttnga.Option)[] the options that it takes: names of groups, or options of its own
---@field run? fun(options: table, about: lttnga.About): any `run(options, about)` is called once, when the run starts; what it returns is `w.run` in every window
---@field begin? fun(w: lttnga.Window) `begin(w)` is called when a window opens: make your objects here
---@field on? lttnga.Hooks hooks: functions by the name of their event; an analysis needs `on`, `collect` or `sections`
---@field collect? lttnga.Collect[]|fun(options: table): lttnga.Collect[] a list of collects, or a function of the options that returns one
---@field finish? fun(w: lttnga.Window) `finish(w)` is called when a window closes, before the tables are made
---@field merge? fun(w: lttnga.Window, other: table)|"replay"|boolean `merge(w, other)` adds what a later part of the same window has found, for `--jobs`: `other` has copies of the numbers, strings and tables in that `w`. Objects are merged before it is called, and need no `merge`. `"replay"`: the hooks need all events in order; one process calls them, with what the others have read. `false`: it can't be divided
---@field undivided? fun(options: table): string? `undivided(options)` returns why one process must read the trace with these options, or nil
---@field tables? lttnga.Table[] a list of tables
---@field filters? (string|lttnga.Option)[] which of its option groups filter events before the hooks get them (default: all of them)
---@field selects? table<string, { as?: table<string, string>, unless?: string }> what the filters and `--filter` apply to, see Filters
---@field family? { script: string, flags: string[] }[] the scripts that its flags add to the run: a list of `{ script = "mine", flags = { "mine" } }`, in the order of their results (see `lttnga.io_family`)
---@field intervals? boolean it divides its window itself: `--refresh` makes no windows, but is `w.interval` (see `overview`)
---@field in_order? boolean its hooks are called in the order of time over all machines; without it, in that of each machine only where there are eight machines or more
---@field writes? boolean it writes a file of its own, or the one that is its result: there is nothing to compare (see `timeline`)
---@field trace? boolean it wants `w.trace`; it gets one window for all machines and no `--filter` (see `info`)
---@field requests? fun(options: table): table, table? `requests(options)` returns the definitions of the requests to look for (see `lttnga.definitions`), and settings: `min` and `max` durations in ns, `limit` (how many may be open at once), `what` (the word for messages)
---@field description? string what it does, for readers of the script: nothing shows it
---@field sections? table[] instead of hooks: the sections of a report of other analyses (see `report`)

---What `run` of an analysis gets beside the options.
---@class lttnga.About
---@field name? string name of the machine
---@field label? string the same, numbered if there are several of that name: `web (2)`
---@field number? integer its number, from 1
---@field count? integer how many machines there are
---@field kernel? string release of its kernel
---@field clock? table how its times were corrected: `offset`, `from`, `rate` (lttnga.clocks)
---@field first? integer start of the trace, ns
---@field last? integer end of the trace, ns
---@field from? integer start of the time that is analysed, ns; nil if it is not limited
---@field to? integer end of the time that is analysed, ns; nil if it is not limited
---@field size? integer size of the trace in bytes
---@field shared? table a table that all machines of the run share
---@field session? boolean whether a session or a program runs the analysis
---@field note? fun(text: string) `note(text)` prints a note on stderr

---The window: a table for the script's own values, and these.
---@class lttnga.Window
---@field options? table values of the options by name: `w.options.limit`, `w.options["per-tid"]`; nil if not given and without a default
---@field from? integer start of the time that `--begin` or `--timerange` asked for, ns; else nil
---@field run? any what the function `run` of the analysis returned
---@field interval? integer length of the intervals of `--refresh` in ns, or nil (see `intervals`)
---@field missing? table<string, string[]> the events that the trace lacks: lists of names by hook; a hook that has all its events is not in it
---@field source? table where the data comes from: `paths` (of the traces), `host` (if there are several), `gmt` and `date` (how its times are written), `all` (`--no-intersection`)
---@field first? integer start of the window, ns; from the first event on
---@field last? integer end of the window, ns; once it closes, so in `finish` and `rows`
---@field time? integer how much time of the window is analysed, ns: less than `last - first` with `--during`; once it closes
---@field cpus? integer[] numbers of the recorded CPUs of this machine; once it closes
---@field renamed? table<integer, string> last names by TID of the threads that were renamed, empty with `--procname`; once it closes. Cells of the class `process` use it, except in tables of single events
---@field trace? table if the analysis has `trace = true`: `traces`, `streams`, `classes` (events, with how many there are), `range`, `reader`, `saved`, `analyses`; once it closes
---@field missed? string set it in `finish` if what the user asked for was not there: it becomes a warning if every window has it
---@field [string] any

---An option of a script.
---@class lttnga.Option
---@field name string its name without dashes: `--depth` is `name = "depth"`; required. It can't be the name of an option that every run has
---@field value? string what the help calls its value: `"N"`. Without it the option is a flag, true if given
---@field read? lttnga.Reader|fun(text: string): any, string? how the value is read: a reader or a function of the text that returns the value, or nil and a message (default: `text`)
---@field default? any the value if the option is not given
---@field help? string its line in `--help`
---@field short? string a letter: `short = "f"` for `-f`
---@field list? boolean it can be given several times; the values, which are lists, are joined
---@field least? string name of the option whose value must not be above this one's; its default is 0 if it would be
---@field filter? string[] `{ FIELD, CMP }`: only events whose field compares so with the value reach the hooks; CMP is `in`, `globs`, `>=` or `<=`
---@field only_with? string[] the flags without which it does nothing: giving it alone is an error
---@field choices? string[] the words that it accepts, instead of `read`
---@field words? string|string[] words that Tab offers, if it accepts others, too: a list, or the kind `scripts` or `requests`
---@field hidden? boolean the help leaves it out
---@field optional? string name of a value that may be omitted, in the help; for `--help` itself

---{ EVENT, FIELD, ..., NAME = FIELD, into = NAME }
---@class lttnga.Collect
---@field into string name of the object in the window that is fed: `into = "calls"` feeds `w.calls`; required
---@field only? table `{ FIELD = { VALUE, ... } }`: leaves out events in which the field has another value; strings, integers or booleans
---@field set? table `{ NAME = VALUE }`: fields that are the same for every event; strings, integers or booleans
---@field [integer] string
---@field [string] string

---{ ID, TITLE, COLUMNS, rows = function(w) ... end }
---@class lttnga.Table
---@field rows? fun(w: lttnga.Window): table[] `rows(w)` returns the list of rows
---@field each? fun(w: lttnga.Window): lttnga.Result[] instead of `rows`: `each(w)` returns several results
---@field sorted? string instead of `rows`: name of the object in the window that takes the rows, see Sorted tables
---@field order? string of a sorted table: the field that its rows are sorted by (default: the first one that is collected)
---@field by? string|fun(row: table): number? the field, or a function of the row, by which rows are ranked, the largest first
---@field over? number with `by`: rows that are not above this number are left out
---@field limit? boolean `rows` has applied `--limit` itself
---@field group? lttnga.Column[] of `each`: columns that the rows of one result have in common; formats for programs have them as columns, and not as part of the title (see `syscallstats`)
---@field flat? string of `each` with a `group`: text shows the rows of all results in one table, ranked by this field
---@field class? string of `each`: a title for what the results have in common (default: the title)
---@field unit? string shown in brackets after the title, as in `pages`; not for durations, which have their own
---@field heading? string with `text = "grid"`: the line above the table instead of the title, `%s` is the title
---@field parts? table its rows are parts that add up to a whole, and `compare` says how much of the difference each makes. Rows have `level` (`all`, `wait`, `cause`), `wait`, and `stats` of the things that have the part; `parts` has `id`, `title`, `thing`, `label(row)` and `reason(row, difference, causes)`: `lttnga.compositions`
---@field needs? string[] list of hooks without which the table stays empty: the user is warned if the trace lacks their events. `"HOOK.context"` beside `"HOOK"` also warns that wakers may be wrong, `"HOOK.cause"` that causes may be
---@field optional? boolean most traces lack what it needs: no warning
---@field alone? string shown only with this option, and then without the other tables (`"fold"`)
---@field bare? boolean its text is meant for another program: no time range above it
---@field chart? lttnga.Chart|lttnga.Chart[] its picture on an HTML page, or a list of them
---@field text? string|function|table how it looks as text, see Text
---@field classic? string|function|table the same for `--classic` only; without it, `text` counts there too
---@field [1] string
---@field [2] string
---@field [3] lttnga.Column[]|fun(options: table): lttnga.Column[]

---{ TITLE, CLASS, FIELD }
---@class lttnga.Column
---@field key? boolean rows are told apart by this column (default: by the first one)
---@field default? any the cell if the field is nil
---@field unknown? string|boolean the cell is unknown (`?`) if the field is nil: always, or if the row has this field
---@field with? string for classes of several parts: rows without this field have no cell
---@field unit? string unit of the numbers, in formats for programs
---@field compare? "sum"|"share"|"mean"|"none" what `compare` makes of the numbers: `"sum"` grow with the time that is analysed (sums, counts), `"share"` are parts of one whole, `"mean"` depend neither on time nor on the number of rows, `"none"` are no amounts (a PID, a port): as a key, they tell rows apart within one trace only (default: `"mean"`, but `"none"` for plain numbers of single events)
---@field heading? string a shorter title for text
---@field width? integer least width in text; negative: padded on the right
---@field indent? integer spaces before the heading and the cells in text
---@field text? fun(cell: any, about: table): string `text(cell, about)` returns the cell as text
---@field line? string the same as a template, for rows made in C: `"{name} ({tid})|?"`
---@field hidden? boolean text leaves it out unless `--columns` names it
---@field spare? integer text leaves it out early if lines are short, the least number first; after these go the last columns that are not keys
---@field [1] string
---@field [2] lttnga.Class?
---@field [3] string|table|fun(row: table, w: lttnga.Window): any

---One of the results that `each` of a table returns.
---@class lttnga.Result
---@field title? string its title (default: that of the table)
---@field rows table[] its rows; required
---@field columns? lttnga.Column[] its columns (default: those of the table)
---@field group? table fields for the columns of the table's `group`
---@field above? string text that stands above it
---@field says? string a sentence that stands above its rows on an HTML page
---@field top? boolean its rows are the largest ones already: at most 10 are shown unless `--limit` says otherwise

---A picture of a table on an HTML page.
---@class lttnga.Chart
---@field kind "bars"|"line"|"area"|"histogram"|"heat"|"flame" one of the kinds below; required
---@field x? string a column, see the kinds
---@field y? string|string[] a column or a list of columns, see the kinds
---@field by? string of `line` and `area` with one `y`: a line for each value of this column
---@field value? string of `heat`: the column that says how many
---@field title? string stands above the picture (default: the title of the table)
---@field whole? string of `bars`: the first cell of the row that is as long as a whole bar

---@class lttnga.Drop

---@class lttnga.Counter
local Counter = {}

---draws a value: `time`, and other fields
---@param row table
function Counter:add(row) end

---how many values were drawn
---@return integer
function Counter:drawn() end

---@class lttnga.Culprits
local Culprits = {}

---an iterator: `utid` of the thread that waited; `utid` of the one that ran meanwhile, or `idle`, `unknown` or `others`; for how long (ns)
---@return fun(): integer?
---@return integer|string
---@return integer
function Culprits:each() end

---@class lttnga.Curve
local Curve = {}

---the numbers in the bins from `first` to `last`, or in all, as a list of `{ from =, to =, n = }` (`values`)
---@param first? integer
---@param last? integer
---@return table[]
function Curve:histogram(first, last) end

---for how many ns of each bin the level is known (`level`, `changes`)
---@return integer[]
function Curve:known() end

---the largest of each bin, `{ value =, time =, FIELD = ... }`; nil for bins without any (`largest`)
---@return table<integer, table>
function Curve:largest() end

---the largest number or level of each bin; nil for bins without any (`values`, `level`, `changes`)
---@return table<integer, integer>
function Curve:max() end

---the mean of each bin, of levels over time; nil for bins without any (`values`, `level`, `changes`)
---@return table<integer, number>
function Curve:mean() end

---how many numbers are in each bin (`sum`, `spread`, `values`)
---@return integer[]
function Curve:n() end

---the quantile `q` of the bins from number `first` to `last`, or of all (`values`)
---@param q number
---@param first? integer
---@param last? integer
---@return integer?
function Curve:quantile(q, first, last) end

---the quantile `q` (0 to 1) of each bin; nil for bins without numbers (`values`)
---@param q number
---@return table<integer, integer>
function Curve:quantiles(q) end

---the sum of the numbers in each bin (`sum`, `spread`, `values`)
---@return integer[]
function Curve:sum() end

---ns in each bin (`time`)
---@return integer[]
function Curve:time() end

---@class lttnga.Event
local Event = {}

---all fields in a plain table, which you can keep
---@return table
function Event:copy() end

---the fields that the event has, in its order: `{ name, value, name, value, ..., n = length }`. Contexts are called `ctx.NAME`; integers that need all 64 bits are strings (`0xffff888003c4d000`)
---@return table
function Event:list() end

---@class lttnga.Graph
local Graph = {}

---drops what is about earlier times only (ns)
---@param before integer
function Graph:forget(before) end

---the same graph for one of several machines (its `number` from 1): that is fed with the threads of this machine, and its paths lead to those of others, whose pieces have a `host`
---@param number integer
---@param name string?
---@return lttnga.Graph
function Graph:of(number, name) end

---the critical path of a thread (TID, or `utid`) from one time to another (ns): a list of pieces in order
---@param thread integer
---@param from integer
---@param to integer
---@return table[]
function Graph:path(thread, from, to) end

---an iterator over the pieces of path(): takes less memory
---@param thread integer
---@param from integer
---@param to integer
---@return fun(): table?
function Graph:pieces(thread, from, to) end

---bytes in memory, and in the temporary file
---@return integer
---@return integer
function Graph:size() end

---what is known of each thread of the machine: `{ utid, tid, pid, procname, process, first, last, born, exited }`
---@return table[]
function Graph:threads() end

---@class lttnga.Grid
local Grid = {}

---the width that was asked for, ns
---@return integer
function Grid:asked() end

---shows the time from `from` to `to` (ns), and lets levels go on until then; an event at `to` is in the last bin
---@param from integer
---@param to integer
function Grid:close(from, to) end

---makes one bin of every `n`
---@param n integer
function Grid:coarsen(n) end

---does nothing: series merge their bins
---@param saved table
function Grid:merge(saved) end

---start of the first bin that is shown (ns), width of the bins (ns), and how many there are: bin i starts at start + (i - 1) * width
---@return integer
---@return integer
---@return integer
function Grid:range() end

---an empty one: series save their bins
---@return table
function Grid:save() end

---@class lttnga.Group
local Group = {}

---takes in a number for a key
---@param key any
---@param value integer
function Group:add(key, value) end

---the keys in the order in which they came. Do not change the list
---@return any[]
function Group:keys() end

---takes in what another group has saved
---@param saved table
function Group:merge(saved) end

---the statistics of a key, which is made if it is new
---@param key any
---@return lttnga.Statistics
function Group:of(key) end

---what it holds, as a plain table for merge(); keys must be strings or integers
---@return table
function Group:save() end

---@class lttnga.Kernel
local Kernel = {}

---how many events were drawn
---@return integer
function Kernel:drawn() end

---@class lttnga.Keyed
local Keyed = {}

---the same for each combination of these fields only
---@param ... string
---@return lttnga.Keyed
function Keyed:by(...) end

---an iterator over the combinations of fields, as tables of them, in the order in which they came first; `each("last")` in that in which they came last
---@param order? string
---@return fun(): table?
function Keyed:each(order) end

---takes in what another one has saved
---@param saved table
function Keyed:merge(saved) end

---what has one of these values in a field; without `values`, what has none in it
---@param field string
---@param values? any[]
---@return lttnga.Keyed
function Keyed:only(field, values) end

---what it holds, as a plain table for merge()
---@return table
function Keyed:save() end

---@class lttnga.Largest
local Largest = {}

---takes in what another one has saved
---@param saved table
function Largest:merge(saved) end

---the events of a key as tables of fields, the largest first
---@param key string
---@return table[]
function Largest:rows(key) end

---what it holds, as a plain table for merge()
---@return table
function Largest:save() end

---@class lttnga.Log
local Log = {}

---adds a row, a table of fields; `key`: what it is sorted by
---@param row table
---@param key? integer
function Log:add(row, key) end

---how many rows there are
---@return integer
function Log:count() end

---an iterator over the rows, once, with what they are sorted by
---@return fun(): table?
---@return integer?
function Log:each() end

---whether a row began before the time that was asked for
---@return boolean
function Log:early() end

---takes in the rows that another one has saved
---@param file file*
function Log:merge(file) end

---writes the rows for merge(), once; nil and a message if that fails. `finished`: as they will be written, if they can be
---@param file file*
---@param finished? boolean
---@return true?
---@return string?
function Log:save(file, finished) end

---gives only the first `n` rows
---@param n integer
function Log:take(n) end

---the line of a row, which is not added
---@param row table
---@return string
function Log:text(row) end

---writes the rows, once; nil and a message if that fails
---@param file file*
---@param before? string
---@param between? string
---@return true?
---@return string?
function Log:write(file, before, between) end

---@class lttnga.Series
local Series = {}

---the curve of all keys together; of levels the average
---@return lttnga.Curve
function Series:all() end

---the same for each combination of these fields only
---@param ... string
---@return lttnga.Series
function Series:by(...) end

---an iterator over the combinations of fields, as tables of them, in the order in which they came first; `each("last")` in that in which they came last
---@param order? string
---@return fun(): table?
function Series:each(order) end

---takes in what another one has saved
---@param saved table
function Series:merge(saved) end

---what has one of these values in a field; without `values`, what has none in it
---@param field string
---@param values? any[]
---@return lttnga.Series
function Series:only(field, values) end

---what it holds, as a plain table for merge()
---@return table
function Series:save() end

---@class lttnga.Slices
local Slices = {}

---draws a slice: `begin`, `time`, and other fields
---@param row table
function Slices:add(row) end

---how many slices were drawn
---@return integer
function Slices:drawn() end

---@class lttnga.Statistics
local Statistics = {}

---takes in a number
---@param value integer
function Statistics:add(value) end

---how many numbers there are
---@return integer
function Statistics:count() end

---how many numbers are in each of `n` equal parts of the range from `low` to `high`. Only with `keep`
---@param low integer
---@param high integer
---@param n integer
---@return integer[]
function Statistics:histogram(low, high, n) end

---whether the numbers are kept, so that quantile() and histogram() work
---@return boolean
function Statistics:keeps() end

---the largest number; nil if there are none
---@return integer?
function Statistics:max() end

---the mean; nil if there are no numbers
---@return number?
function Statistics:mean() end

---takes in the numbers of other statistics, or of saved ones
---@param other lttnga.Statistics|table
function Statistics:merge(other) end

---the smallest number; nil if there are none
---@return integer?
function Statistics:min() end

---the quantile `q` (0 to 1): the smallest number that a share `q` of them are not above; nil if there are none. Only with `keep`
---@param q number
---@return integer?
function Statistics:quantile(q) end

---what it holds, as a plain table for merge()
---@return table
function Statistics:save() end

---the standard deviation of the sample; nil for fewer than two numbers
---@return number?
function Statistics:stdev() end

---the sum: a float if it does not fit into an integer
---@return number
function Statistics:sum() end

---@class lttnga.Timeline
local Timeline = {}

---an object for a `collect`: a counter below a title, `{ TITLE, by =, value =, add =, less =, rate =, every =, unit = }`, see docs/timeline.md. There is a counter below the title for each value of the field `by`. It shows the field `value` as it is, or the sum of the fields `add` minus that of the fields `less`, or the field `rate` per second. Rates are written every `every` ns, other values at most twice in that time. `unit` is "bytes", "count", "ns", or a text of your own.
---@param spec table
---@return lttnga.Counter
function Timeline:counter(spec) end

---writes what is left; nothing goes on after `last` (ns)
---@param last integer
function Timeline:finish(last) end

---an object for a `collect` of an event that Perfetto has tracks of its own for
---@param event string
---@return lttnga.Kernel
function Timeline:kernel(event) end

---an object for a `collect`: slices below a title, `{ TITLE, by =, name =, thread =, from =, to = }`, see docs/timeline.md. Slices are drawn below the title, on a track for each value of the field `by`; with `thread = true`, on the tracks of threads, and below the title (if there is one) if the thread is not known. The field `name`, or a list of fields, names them. Arrows connect slices in which the fields `from` and `to` have the same values.
---@param spec table
---@return lttnga.Slices
function Timeline:slices(spec) end

---@class lttnga.TimelineFile
local TimelineFile = {}

---how many bytes were written so far, before compression
---@return integer
function TimelineFile:bytes() end

---ends the file; nil and a message if that fails
---@return true?
---@return string?
function TimelineFile:close() end

---the timeline of a machine: `host`, `kernel` (its release), `begin` (start of its trace, ns), `number` (from 1, if there are several)
---@param about table
---@return lttnga.Timeline
function TimelineFile:machine(about) end

---@class lttnga.Totals
local Totals = {}

---the same for each combination of these fields only
---@param ... string
---@return lttnga.Totals
function Totals:by(...) end

---an iterator over the combinations of fields, as tables of them, in the order in which they came first; `each("last")` in that in which they came last
---@param order? string
---@return fun(): table?
function Totals:each(order) end

---takes in what another one has saved
---@param saved table
function Totals:merge(saved) end

---what has one of these values in a field; without `values`, what has none in it
---@param field string
---@param values? any[]
---@return lttnga.Totals
function Totals:only(field, values) end

---what it holds, as a plain table for merge()
---@return table
function Totals:save() end

---Hooks by event: the names of the parameters are the fields that they get. Events of the trace have their own names.
---@class lttnga.Hooks
---@field syscall_exit? function A system call returned. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, compat, ret, error, error_name, io_class, fd, path, file_type, flags, count, size, peer, port, side, opened, address, protocol, waited, cause, disk, source_tid, source_procname
---@field io_end? function A system call that does I/O returned. One that reads one descriptor and writes another (sendfile, splice, ...) comes twice, as `read` and as `write`. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, compat, ret, error, error_name, io_class, fd, path, file_type, flags, count, size, peer, port, side, opened, address, protocol, waited, cause, disk, source_tid, source_procname
---@field syscall_open? function A system call is still in progress when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, compat, io_class, fd, path, file_type, flags, count, peer, port, side, opened, address, protocol
---@field io_open? function A system call that does I/O is still in progress when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, compat, io_class, fd, path, file_type, flags, count, peer, port, side, opened, address, protocol
---@field fd_open? function A file descriptor was opened. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, fd, path, cloexec
---@field fd_close? function A file descriptor was closed or replaced. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, fd, path, side
---@field disk_request_issue? function A request with data was issued to a disk. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, disk, dev, sector, size, op, rwbs, flags, in_flight
---@field disk_request_end? function A disk completed a request. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, disk, dev, sector, nr_sector, size, op, rwbs, flags, error, error_name, transferred, ring, in_flight
---@field disk_request_open? function A disk request is still in flight when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, disk, dev, sector, size, op, rwbs, flags
---@field net_tx? function A packet was sent. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, netif, size, peer, address, protocol, sport, dport, seq, ack, flags, sent, sender_tid, sender_pid, sender_utid, sender_procname
---@field net_rx? function A packet was received. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, netif, size, peer, address, protocol, sport, dport, seq, ack, flags, sent, sender_tid, sender_pid, sender_utid, sender_procname
---@field sched_slice? function A thread left a CPU, or a CPU stopped being idle. A window begins and ends with a slice of each CPU, cut at its border: the slices of a CPU add up to the window. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, busy, prio, state, wait, delay
---@field cpu_time? function What a thread did before it left a CPU: for each slice (sched_slice) one for each call that it was in, one for user space, and so on. Together they are as long as the slice, and are cut where it is. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, since, duration, busy, mode, syscall
---@field cpu_runtime? function The kernel has charged a thread, and its cgroup, for CPU time. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, runtime
---@field wakeup_latency? function A thread that was woken got a CPU. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, prio, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname, cause, prev_tid, prev_pid, prev_procname
---@field preempt_latency? function A thread that had been preempted got a CPU again. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, prio, prev_tid, prev_pid, prev_procname
---@field off_cpu? function A thread is back on a CPU: how long it was off, and what it waited for. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, delay, state, prio, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname, cause, work, syscall, fd, path, futex, disk, sector, netif, peer, source_utid, source_tid, source_procname, source_time, remote_machine, remote_utid, remote_time
---@field sleep_end? function A thread that waited for something was woken. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, state, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname, cause, work, syscall, fd, path, futex, disk, sector, netif, peer, source_utid, source_tid, source_procname, source_time, remote_machine, remote_utid, remote_time, runnable_from
---@field wakeup? function A thread was woken: comes at once, even if it is not known how it slept. wakeup_latency comes when it gets a CPU, sleep_end if it is known how long it slept. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, prio, target_cpu, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname
---@field wakeup_open? function A thread that was woken is still waiting for a CPU when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, prio, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname, cause
---@field preempt_open? function A preempted thread still waits for a CPU when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, prio
---@field thread_state? function What a thread did for some time: it ran, waited for a CPU, or slept. It is cut at the borders of windows: windows add up to the whole. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, state, prio, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname, cause, work, syscall, fd, path, futex, disk, sector, netif, peer, source_utid, source_tid, source_procname, source_time, remote_machine, remote_utid, remote_time
---@field run_queue? function The number of threads that waited for a CPU for some time. A window begins and ends with one for each CPU, cut at its border: those of a CPU add up to the window, and multiplied by `length` to the time that threads waited for it in thread_state. Fields: time, cpu, host, begin, duration, length
---@field migration? function A thread was moved to another CPU; in a trace without sched_migrate_task, it was seen running on another one. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, orig_cpu, dest_cpu
---@field prio_change? function A thread's priority changed. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, prio, old_prio
---@field irq_end? function The handler of a hard interrupt returned. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, irq, name, ret
---@field softirq_end? function The handler of a softirq returned. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, vec, name, raise, raise_latency
---@field irq_vector_end? function The handler of one of x86's own interrupts returned (timer, calls from other CPUs). Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, vector, name
---@field irq_open? function The handler of a hard interrupt is still running when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, irq, name
---@field softirq_open? function The handler of a softirq is still running when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, vec, name, raise, raise_latency
---@field irq_vector_open? function The handler of one of x86's own interrupts is still running when a window ends. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, vector, name
---@field page_alloc? function Pages were allocated. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, order, pages
---@field page_free? function Pages were freed. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, order, pages
---@field contention? function A thread waited for a contended kernel lock, sleeping or spinning. Few traces have the events: `lock_contention_begin` and `lock_contention_end`, or, from kernels with CONFIG_LOCK_STAT, `lock_contended` and `lock_acquired`. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, lock, name, kind, error
---@field page_dirty? function Pages of the page cache became dirty: those of one call, or some of them. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, path, size, dev, blocks, earlier, dirty
---@field page_flush? function Dirty pages went to the disk: those of one thread and one file. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, owner_tid, owner_pid, owner_utid, owner_upid, owner_procname, owner_process, path, size, begin, duration, dirty, how, disk, dev, call_tid, call_pid, call_utid, call_procname, call_process, call_name, call_begin
---@field page_drop? function Dirty pages are no longer dirty, or no longer tracked, although no write was seen. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, owner_tid, owner_pid, owner_utid, owner_upid, owner_procname, owner_process, path, size, begin, duration, dirty, why
---@field sync_open? function A call that writes or syncs a file is still in progress when a window ends: where its time went so far. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, io_class, fd, path, count, on_cpu, runnable, data, journal, flush, others, throttled, rest, data_requests, data_size, journal_requests, journal_size, journal_thread, flushes, written, alloc, alloc_others, freed, freed_others, kswapd, dirty
---@field sync_end? function A call that writes or syncs a file returned: where its time went. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, ret, error, error_name, io_class, fd, path, count, on_cpu, runnable, data, journal, flush, others, throttled, rest, data_requests, data_size, journal_requests, journal_size, journal_thread, flushes, written, alloc, alloc_others, freed, freed_others, kswapd, dirty
---@field sync_wait? function A thread slept in a call that writes or syncs a file: what for. If the call is in progress when a window ends, a sleep that goes on comes later. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, what, data, journal, flush, others, throttled, rest
---@field writeback_end? function A kernel thread wrote dirty pages in the background. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, disk, dev, pages
---@field reclaim? function Memory was freed because there was too little. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, asleep, kind, nid, pages, context, irq, irq_name, softirq, waker_tid, waker_pid, waker_utid, waker_procname
---@field process_start? function A process or thread was created. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, parent_tid, parent_utid, parent_upid, thread, shares_files
---@field process_exec? function A process executed a program. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, path, old_tid, ppid, parent_procname
---@field exec_fail? function An execve or execveat failed. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, path, ret, error, error_name, ppid, parent_procname
---@field signal_send? function A call that sends a signal returned: kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo or pidfd_send_signal. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, sig, signal, target, ret, error, error_name
---@field process_exit? function A thread exited. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid
---@field request_end? function A request or a period ended, as defined on the command line or by the script (requests.md). --min and the like filter them as they filter calls. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, path, number, parent, captures, port, size, error, failed, lost, owner, end_tid, end_utid, end_captures
---@field request_open? function A request began whose end will not be seen. Fields: time, cpu, host, tid, pid, utid, upid, procname, process, container, container_id, container_ns, container_parent, cgroup, vtid, vpid, begin, duration, name, path, number, parent, captures, port, size, error, failed, lost, owner, because
---@field request_part? function A request ended that has parts: one of these for each definition of parts, and of parts of parts. Fields: time, begin, duration, host, number, path, captures, part, count, sum, covered, share, active, owner
---@field lost_events? function The tracer lost events or packets, as its buffers were full. Fields: time, cpu, begin, duration, events, packets
---@field [string] function

---A system call returned.
---@class lttnga.event.syscall_exit: lttnga.Event
---@field time? integer ns; when the call returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from entry to return
---@field name? string name of the system call: `openat`
---@field compat? boolean whether it is a 32-bit call on a 64-bit kernel
---@field ret? integer value returned
---@field error? integer error number (errno) if the call failed, else 0
---@field error_name? string its name: `ENOENT`; nil if the call did not fail
---@field io_class? string `open`, `read`, `write`, `sync`, `close`, `accept` or `io_uring`; `copy` for calls that read one descriptor and write another; nil for those without I/O
---@field fd? integer file descriptor of the call; for those that make one, the new one
---@field path? string file name of the descriptor, or of the file to be opened
---@field file_type? string what the descriptor refers to: `file` (it has a path), `device` (in /dev), `virtual` (in memory or made by the kernel: tmpfs, /proc), `net`, `local` (a socket, a pipe or the like within the machine), or `unknown`; nil without a descriptor
---@field flags? string flags of an open, as in C: `O_RDONLY`, or several names joined by bars; nil for other calls, and for openat2, whose flags are not recorded
---@field count? integer bytes; requested size
---@field size? integer bytes; size that was read or written; nil if the call failed or does not return it
---@field peer? string the other side of the descriptor's connection (`10.0.2.2:5432`, `[fe80::1]:80`), from connect or accept, else from packets that this call or an earlier one sent; nil for other descriptors, and until it is known
---@field port? integer the server's port: the other side's if this side connected; this side's if it accepted, which only packets show
---@field side? string `client` if this side connected, `server` if it accepted; if neither was seen, judged by its port and the peer's, else `unknown`. Nil for other descriptors, and for sockets within the machine if neither was seen
---@field opened? integer ns; when the socket was created or accepted; nil if that was not seen. Together with the process and the peer it identifies a connection
---@field address? string local address and port; nil if no packet showed them
---@field protocol? string `tcp`, `udp`, ...: from the call that created the socket, or from its packets; nil if neither was seen
---@field waited? integer ns; how long the thread slept in the call
---@field cause? string what it slept for longest: `disk`, `lock`, `net`, ..., as in sleep_end; nil if it did not sleep
---@field disk? string name of the disk, for `disk`
---@field source_tid? integer TID of the thread that ended or caused that wait
---@field source_procname? string name of that thread

---A system call that does I/O returned. One that reads one descriptor and writes another (sendfile, splice, ...) comes twice, as `read` and as `write`.
---@class lttnga.event.io_end: lttnga.Event
---@field time? integer ns; when the call returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from entry to return
---@field name? string name of the system call: `openat`
---@field compat? boolean whether it is a 32-bit call on a 64-bit kernel
---@field ret? integer value returned
---@field error? integer error number (errno) if the call failed, else 0
---@field error_name? string its name: `ENOENT`; nil if the call did not fail
---@field io_class? string `open`, `read`, `write`, `sync`, `close`, `accept` or `io_uring`; `copy` for calls that read one descriptor and write another; nil for those without I/O
---@field fd? integer file descriptor of the call; for those that make one, the new one
---@field path? string file name of the descriptor, or of the file to be opened
---@field file_type? string what the descriptor refers to: `file` (it has a path), `device` (in /dev), `virtual` (in memory or made by the kernel: tmpfs, /proc), `net`, `local` (a socket, a pipe or the like within the machine), or `unknown`; nil without a descriptor
---@field flags? string flags of an open, as in C: `O_RDONLY`, or several names joined by bars; nil for other calls, and for openat2, whose flags are not recorded
---@field count? integer bytes; requested size
---@field size? integer bytes; size that was read or written; nil if the call failed or does not return it
---@field peer? string the other side of the descriptor's connection (`10.0.2.2:5432`, `[fe80::1]:80`), from connect or accept, else from packets that this call or an earlier one sent; nil for other descriptors, and until it is known
---@field port? integer the server's port: the other side's if this side connected; this side's if it accepted, which only packets show
---@field side? string `client` if this side connected, `server` if it accepted; if neither was seen, judged by its port and the peer's, else `unknown`. Nil for other descriptors, and for sockets within the machine if neither was seen
---@field opened? integer ns; when the socket was created or accepted; nil if that was not seen. Together with the process and the peer it identifies a connection
---@field address? string local address and port; nil if no packet showed them
---@field protocol? string `tcp`, `udp`, ...: from the call that created the socket, or from its packets; nil if neither was seen
---@field waited? integer ns; how long the thread slept in the call
---@field cause? string what it slept for longest: `disk`, `lock`, `net`, ..., as in sleep_end; nil if it did not sleep
---@field disk? string name of the disk, for `disk`
---@field source_tid? integer TID of the thread that ended or caused that wait
---@field source_procname? string name of that thread

---A system call is still in progress when a window ends.
---@class lttnga.event.syscall_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from then to the end of the window
---@field name? string name of the system call: `openat`
---@field compat? boolean whether it is a 32-bit call on a 64-bit kernel
---@field io_class? string as in syscall_exit
---@field fd? integer file descriptor that the call is about, if any
---@field path? string file name of the descriptor, or of the file to be opened
---@field file_type? string as in syscall_exit
---@field flags? string as in syscall_exit
---@field count? integer bytes; requested size
---@field peer? string the other side of the descriptor's connection (`10.0.2.2:5432`, `[fe80::1]:80`), from connect or accept, else from packets that this call or an earlier one sent; nil for other descriptors, and until it is known
---@field port? integer the server's port: the other side's if this side connected; this side's if it accepted, which only packets show
---@field side? string `client` if this side connected, `server` if it accepted; if neither was seen, judged by its port and the peer's, else `unknown`. Nil for other descriptors, and for sockets within the machine if neither was seen
---@field opened? integer ns; when the socket was created or accepted; nil if that was not seen. Together with the process and the peer it identifies a connection
---@field address? string local address and port; nil if no packet showed them
---@field protocol? string `tcp`, `udp`, ...: from the call that created the socket, or from its packets; nil if neither was seen

---A system call that does I/O is still in progress when a window ends.
---@class lttnga.event.io_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from then to the end of the window
---@field name? string name of the system call: `openat`
---@field compat? boolean whether it is a 32-bit call on a 64-bit kernel
---@field io_class? string as in syscall_exit
---@field fd? integer file descriptor that the call is about, if any
---@field path? string file name of the descriptor, or of the file to be opened
---@field file_type? string as in syscall_exit
---@field flags? string as in syscall_exit
---@field count? integer bytes; requested size
---@field peer? string the other side of the descriptor's connection (`10.0.2.2:5432`, `[fe80::1]:80`), from connect or accept, else from packets that this call or an earlier one sent; nil for other descriptors, and until it is known
---@field port? integer the server's port: the other side's if this side connected; this side's if it accepted, which only packets show
---@field side? string `client` if this side connected, `server` if it accepted; if neither was seen, judged by its port and the peer's, else `unknown`. Nil for other descriptors, and for sockets within the machine if neither was seen
---@field opened? integer ns; when the socket was created or accepted; nil if that was not seen. Together with the process and the peer it identifies a connection
---@field address? string local address and port; nil if no packet showed them
---@field protocol? string `tcp`, `udp`, ...: from the call that created the socket, or from its packets; nil if neither was seen

---A file descriptor was opened.
---@class lttnga.event.fd_open: lttnga.Event
---@field time? integer ns; when the call that did it returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that did it
---@field pid? integer PID of the thread that did it
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field fd? integer the file descriptor
---@field path? string its file name, or what it is: `socket`, `pipe`
---@field cloexec? boolean whether an exec closes it

---A file descriptor was closed or replaced.
---@class lttnga.event.fd_close: lttnga.Event
---@field time? integer ns; when the call that did it returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that did it
---@field pid? integer PID of the thread that did it
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field fd? integer the file descriptor
---@field path? string its file name, or what it is: `socket`, `pipe`
---@field side? string of a socket, as in syscall_exit; nil for others

---A request with data was issued to a disk.
---@class lttnga.event.disk_request_issue: lttnga.Event
---@field time? integer ns; when the request was (first) issued to the disk
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that issued it
---@field pid? integer PID of the thread that issued it
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field disk? string name of the disk or partition, as known then
---@field dev? integer its number: (major << 20) + minor
---@field sector? integer first sector, on the device that does the work
---@field size? integer bytes; size
---@field op? string `read`, `write`, `discard`, `flush` or `other`
---@field rwbs? integer the kernel's flags of the request
---@field flags? string the same as in disk_request_end
---@field in_flight? integer how many requests of that disk are in flight now

---A disk completed a request.
---@class lttnga.event.disk_request_end: lttnga.Event
---@field time? integer ns; when the disk completed it
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that issued it
---@field pid? integer PID of the thread that issued it
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the request was (first) issued to the disk
---@field duration? integer ns; from issue to completion
---@field disk? string name of the disk or partition: `vda`, or `(major,minor)` if not known
---@field dev? integer its number: (major << 20) + minor
---@field sector? integer first sector, on the device that did the work
---@field nr_sector? integer sectors of 512 bytes
---@field size? integer bytes; nr_sector in bytes
---@field op? string `read`, `write`, `discard`, `flush` or `other`
---@field rwbs? integer the kernel's flags of the request, as LTTng has them
---@field flags? string the same in the letters of blktrace: `R`, `W`, `D` (discard), `N` (other); before them `F` (flush first), after them `F` (FUA), `A` (read ahead), `S` (synchronous), `M` (metadata): `WS`, `RA`, `FWFS`
---@field error? integer error number of the completion, 0 if it succeeded
---@field error_name? string its name: `EIO`; nil if it succeeded
---@field transferred? integer bytes; what was read or written: the size without the part that failed
---@field ring? boolean whether it was requested through io_uring, by a call or by a worker
---@field in_flight? integer how many requests of that disk are still in flight

---A disk request is still in flight when a window ends.
---@class lttnga.event.disk_request_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that issued it
---@field pid? integer PID of the thread that issued it
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the request was (first) issued to the disk
---@field duration? integer ns; from then to the end of the window
---@field disk? string name of the disk or partition, as known then
---@field dev? integer its number: (major << 20) + minor
---@field sector? integer first sector, on the device that does the work
---@field size? integer bytes; size
---@field op? string `read`, `write`, `discard`, `flush` or `other`
---@field rwbs? integer the kernel's flags of the request
---@field flags? string the same as in disk_request_end

---A packet was sent.
---@class lttnga.event.net_tx: lttnga.Event
---@field time? integer ns; when it was sent or received
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that ran on that CPU
---@field pid? integer PID of the thread that ran on that CPU
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field netif? string name of the network interface: `eth0`
---@field size? integer bytes; length of the packet
---@field peer? string the other side: `10.0.2.2:5432`, `[fe80::1]:80`; without a port if the protocol has none; nil if the packet is not IP, or the trace has no headers (LTTng before 2.9)
---@field address? string this side, likewise
---@field protocol? string `tcp`, `udp`, `icmp`, `icmpv6`, `igmp`, `sctp`, `gre`, `esp`; nil for others
---@field sport? integer source port (TCP, UDP)
---@field dport? integer destination port
---@field seq? integer sequence number of its first byte (TCP)
---@field ack? integer sequence number that is expected next (TCP)
---@field flags? integer TCP flags: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK, ...
---@field sent? integer ns; when it was sent, if that was on this machine
---@field sender_tid? integer TID of the thread that sent it; nil if no thread of this machine did (another machine, or an interrupt that answers for TCP), or if it is not known. A packet that is passed from one interface to another keeps its sender
---@field sender_pid? integer PID of that thread
---@field sender_utid? integer its number, as `utid`
---@field sender_procname? string name of that thread

---A packet was received.
---@class lttnga.event.net_rx: lttnga.Event
---@field time? integer ns; when it was sent or received
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that ran on that CPU
---@field pid? integer PID of the thread that ran on that CPU
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field netif? string name of the network interface: `eth0`
---@field size? integer bytes; length of the packet
---@field peer? string the other side: `10.0.2.2:5432`, `[fe80::1]:80`; without a port if the protocol has none; nil if the packet is not IP, or the trace has no headers (LTTng before 2.9)
---@field address? string this side, likewise
---@field protocol? string `tcp`, `udp`, `icmp`, `icmpv6`, `igmp`, `sctp`, `gre`, `esp`; nil for others
---@field sport? integer source port (TCP, UDP)
---@field dport? integer destination port
---@field seq? integer sequence number of its first byte (TCP)
---@field ack? integer sequence number that is expected next (TCP)
---@field flags? integer TCP flags: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK, ...
---@field sent? integer ns; when it was sent, if that was on this machine
---@field sender_tid? integer TID of the thread that sent it; nil if no thread of this machine did (another machine, or an interrupt that answers for TCP), or if it is not known. A packet that is passed from one interface to another keeps its sender
---@field sender_pid? integer PID of that thread
---@field sender_utid? integer its number, as `utid`
---@field sender_procname? string name of that thread

---A thread left a CPU, or a CPU stopped being idle. A window begins and ends with a slice of each CPU, cut at its border: the slices of a CPU add up to the window.
---@class lttnga.event.sched_slice: lttnga.Event
---@field time? integer ns; when it left the CPU
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread; 0 is idle
---@field pid? integer PID of the thread; 0 is idle
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it got the CPU
---@field duration? integer ns; how long it ran
---@field busy? boolean whether it was not idle; nil if that is not known
---@field prio? integer its priority: 20 is nice 0, below 0 is real time
---@field state? string why it left: `runnable` (preempted), `interruptible` or `uninterruptible` (it waits for something), `stopped`, `traced`, `dead`, `zombie`, `parked`, `idle`; nil if it goes on after the window, or if that is not known
---@field wait? integer ns; how long the thread had been off the CPU before; nil if unknown, for a new thread, and for a slice that began in an earlier window
---@field delay? integer ns; the part of it in which the thread was runnable: since it was woken up or preempted; for a new thread, since it was created; nil if unknown, and for a slice that began in an earlier window

---What a thread did before it left a CPU: for each slice (sched_slice) one for each call that it was in, one for user space, and so on. Together they are as long as the slice, and are cut where it is.
---@class lttnga.event.cpu_time: lttnga.Event
---@field time? integer ns; when it left the CPU, or the window ended
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread; 0 is idle
---@field pid? integer PID of the thread; 0 is idle
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field since? integer ns; when it got the CPU, or the window began
---@field duration? integer ns; how much of the time since then it took in total
---@field busy? boolean whether it was not idle; nil if that is not known
---@field mode? string `user` (between calls), `syscall`; `kernel`: the kernel's own threads, and threads that exit without a call; `irq` (hard interrupts, including timers) and `softirq`: their handlers, if they are recorded, whichever thread they interrupted; `idle`; nil if that is not known: for a thread that has not entered a call or returned from one since the first event, or since events were lost
---@field syscall? string name of the call, if `mode` is `syscall`

---The kernel has charged a thread, and its cgroup, for CPU time.
---@class lttnga.event.cpu_runtime: lttnga.Event
---@field time? integer ns; when it was charged
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that ran
---@field pid? integer PID of the thread that ran
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field runtime? integer ns; CPU time since it was charged before: the sum over a cgroup's threads is `usage_usec` of its cpu.stat. Real-time threads are not charged

---A thread that was woken got a CPU.
---@class lttnga.event.wakeup_latency: lttnga.Event
---@field time? integer ns; when the thread got the CPU
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread
---@field pid? integer PID of the thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it was (first) woken
---@field duration? integer ns; from then until it got the CPU
---@field prio? integer its priority then
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread
---@field cause? string what it had waited for before it was woken, as in sleep_end
---@field prev_tid? integer TID of the thread that had this CPU before; 0 if the CPU was idle
---@field prev_pid? integer PID of that thread
---@field prev_procname? string name of that thread; `swapper/0` if the CPU was idle

---A thread that had been preempted got a CPU again.
---@class lttnga.event.preempt_latency: lttnga.Event
---@field time? integer ns; when the thread got a CPU again
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread
---@field pid? integer PID of the thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it lost the CPU although it could have gone on
---@field duration? integer ns; how long it waited
---@field prio? integer its priority then
---@field prev_tid? integer TID of the thread that had this CPU before; 0 if the CPU was idle
---@field prev_pid? integer PID of that thread
---@field prev_procname? string name of that thread; `swapper/0` if the CPU was idle

---A thread is back on a CPU: how long it was off, and what it waited for.
---@class lttnga.event.off_cpu: lttnga.Event
---@field time? integer ns; when the thread got a CPU again
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread
---@field pid? integer PID of the thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it left its CPU
---@field duration? integer ns; how long it was off the CPU
---@field delay? integer ns; the part of it in which the thread was runnable: since it was woken up or preempted; nil if its wakeup was not seen
---@field state? string `runnable` if it was preempted, else how it slept, as in sleep_end
---@field prio? integer its priority then
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread
---@field cause? string what it waited for: `disk`, `net`, `timer`, `lock`, `pipe`, `socket` (within this machine), `child`, `signal`, `thread` (another thread, for an unknown reason), `work` (it had nothing to do), `rcu`, `page`, `irq`, `queue`, `unknown`, or `lost` (events are missing); see why.md; nil if it was preempted
---@field work? string if that is `work`: where the work came from, with the same values
---@field syscall? string name of the system call in which it waited
---@field fd? integer file descriptor that the call is about, if any
---@field path? string the file of that descriptor, or the one that the waker wrote or read: `/var/lib/db`, `pipe`
---@field futex? integer address of the futex, for `lock`
---@field disk? string name of the disk, for `disk`
---@field sector? integer first sector of that request
---@field netif? string name of the interface that received the packet
---@field peer? string address and port of its sender
---@field source_utid? integer number of the thread to follow next: the one that woke it, sent the packet on this machine, or issued the request; nil if none did
---@field source_tid? integer TID of that thread
---@field source_procname? string name of that thread
---@field source_time? integer ns; when it did that
---@field remote_machine? integer for `net`: number of the machine that sent the packet, if that was recorded, too, and a thread did it; else nil
---@field remote_utid? integer number of that thread, on that machine
---@field remote_time? integer ns; when it sent the packet

---A thread that waited for something was woken.
---@class lttnga.event.sleep_end: lttnga.Event
---@field time? integer ns; when the thread was woken
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that was woken
---@field pid? integer PID of the thread that was woken
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it left its CPU
---@field duration? integer ns; how long it slept
---@field state? string how it slept: `interruptible`, `uninterruptible` (most often for a disk), `stopped`, `traced`, `parked`, `idle`
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread
---@field cause? string what it waited for: `disk`, `net`, `timer`, `lock`, `pipe`, `socket` (within this machine), `child`, `signal`, `thread` (another thread, for an unknown reason), `work` (it had nothing to do), `rcu`, `page`, `irq`, `queue`, `unknown`, or `lost` (events are missing); see why.md
---@field work? string if that is `work`: where the work came from, with the same values
---@field syscall? string name of the system call in which it waited
---@field fd? integer file descriptor that the call is about, if any
---@field path? string the file of that descriptor, or the one that the waker wrote or read: `/var/lib/db`, `pipe`
---@field futex? integer address of the futex, for `lock`
---@field disk? string name of the disk, for `disk`
---@field sector? integer first sector of that request
---@field netif? string name of the interface that received the packet
---@field peer? string address and port of its sender
---@field source_utid? integer number of the thread to follow next: the one that woke it, sent the packet on this machine, or issued the request; nil if none did
---@field source_tid? integer TID of that thread
---@field source_procname? string name of that thread
---@field source_time? integer ns; when it did that
---@field remote_machine? integer for `net`: number of the machine that sent the packet, if that was recorded, too, and a thread did it; else nil
---@field remote_utid? integer number of that thread, on that machine
---@field remote_time? integer ns; when it sent the packet
---@field runnable_from? integer ns; since when it could have run: `time`, or `begin` if it was woken while it was going to sleep

---A thread was woken: comes at once, even if it is not known how it slept. wakeup_latency comes when it gets a CPU, sleep_end if it is known how long it slept.
---@class lttnga.event.wakeup: lttnga.Event
---@field time? integer ns; when the thread was woken
---@field cpu? integer CPU on which the waker ran
---@field host? string name of the machine
---@field tid? integer TID of the thread that was woken
---@field pid? integer PID of the thread that was woken
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field prio? integer its priority then
---@field target_cpu? integer CPU whose queue it was put on; nil if the event does not say
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread

---A thread that was woken is still waiting for a CPU when a window ends.
---@class lttnga.event.wakeup_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that waits
---@field pid? integer PID of the thread that waits
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it was (first) woken
---@field duration? integer ns; from then to the end of the window
---@field prio? integer its priority then
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread
---@field cause? string what it had waited for before it was woken, as in sleep_end

---A preempted thread still waits for a CPU when a window ends.
---@class lttnga.event.preempt_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that waits
---@field pid? integer PID of the thread that waits
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it was preempted
---@field duration? integer ns; from then to the end of the window
---@field prio? integer its priority then

---What a thread did for some time: it ran, waited for a CPU, or slept. It is cut at the borders of windows: windows add up to the whole.
---@class lttnga.event.thread_state: lttnga.Event
---@field time? integer ns; when that, or the window, ended
---@field cpu? integer CPU on which it ran, or on whose queue it waited (a thread that is moved to another queue meanwhile waits twice); for a sleep, the one on which it had run
---@field host? string name of the machine
---@field tid? integer TID of the thread
---@field pid? integer PID of the thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it, or the window, began
---@field duration? integer ns; how long it lasted within the window
---@field state? string `running`; `woken` or `preempted`: it could have run, but had no CPU; how it slept: `interruptible`, `uninterruptible` (most often for a disk), `stopped`, `traced`, `parked`, `idle`
---@field prio? integer its priority then
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread
---@field cause? string what it waited for: `disk`, `net`, `timer`, `lock`, `pipe`, `socket` (within this machine), `child`, `signal`, `thread` (another thread, for an unknown reason), `work` (it had nothing to do), `rcu`, `page`, `irq`, `queue`, `unknown`, or `lost` (events are missing); see why.md; nil if it did not wait, or is still waiting
---@field work? string if that is `work`: where the work came from, with the same values
---@field syscall? string name of the system call in which it waited
---@field fd? integer file descriptor that the call is about, if any
---@field path? string the file of that descriptor, or the one that the waker wrote or read: `/var/lib/db`, `pipe`
---@field futex? integer address of the futex, for `lock`
---@field disk? string name of the disk, for `disk`
---@field sector? integer first sector of that request
---@field netif? string name of the interface that received the packet
---@field peer? string address and port of its sender
---@field source_utid? integer number of the thread to follow next: the one that woke it, sent the packet on this machine, or issued the request; nil if none did
---@field source_tid? integer TID of that thread
---@field source_procname? string name of that thread
---@field source_time? integer ns; when it did that
---@field remote_machine? integer for `net`: number of the machine that sent the packet, if that was recorded, too, and a thread did it; else nil
---@field remote_utid? integer number of that thread, on that machine
---@field remote_time? integer ns; when it sent the packet

---The number of threads that waited for a CPU for some time. A window begins and ends with one for each CPU, cut at its border: those of a CPU add up to the window, and multiplied by `length` to the time that threads waited for it in thread_state.
---@class lttnga.event.run_queue: lttnga.Event
---@field time? integer ns; when that changed, or the window ended
---@field cpu? integer the CPU
---@field host? string name of the machine
---@field begin? integer ns; when it, or the window, began
---@field duration? integer ns; how long it lasted within the window
---@field length? integer how many threads waited on its queue, beside the one that ran; nil if that is not known. A thread that has waited since before its first event is not counted

---A thread was moved to another CPU; in a trace without sched_migrate_task, it was seen running on another one.
---@class lttnga.event.migration: lttnga.Event
---@field time? integer ns; when it was moved
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that was moved
---@field pid? integer PID of the thread that was moved
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field orig_cpu? integer CPU on which it ran or was queued
---@field dest_cpu? integer CPU to which it was moved

---A thread's priority changed.
---@class lttnga.event.prio_change: lttnga.Event
---@field time? integer ns; when that was seen
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread
---@field pid? integer PID of the thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field prio? integer its priority: 20 is nice 0, below 0 is real time
---@field old_prio? integer its priority before

---The handler of a hard interrupt returned.
---@class lttnga.event.irq_end: lttnga.Event
---@field time? integer ns; when the handler returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the interrupted thread
---@field pid? integer PID of the interrupted thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the handler was called
---@field duration? integer ns; how long it took, including what interrupted it
---@field irq? integer number of the interrupt
---@field name? string name of the handler: `virtio0-input.0`
---@field ret? integer what it returned: 0 (not its interrupt), 1 (handled), 2 (wakes a thread)

---The handler of a softirq returned.
---@class lttnga.event.softirq_end: lttnga.Event
---@field time? integer ns; when the handler returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the interrupted thread, or of ksoftirqd
---@field pid? integer PID of the interrupted thread, or of ksoftirqd
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the handler was called
---@field duration? integer ns; how long it took
---@field vec? integer its number
---@field name? string its name: `TIMER_SOFTIRQ`; nil for unknown numbers
---@field raise? integer ns; when it was (first) raised; nil if not seen
---@field raise_latency? integer ns; from then until the handler was called

---The handler of one of x86's own interrupts returned (timer, calls from other CPUs).
---@class lttnga.event.irq_vector_end: lttnga.Event
---@field time? integer ns; when the handler returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the interrupted thread
---@field pid? integer PID of the interrupted thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the handler was called
---@field duration? integer ns; how long it took, including what interrupted it
---@field vector? integer number of the vector
---@field name? string its name: `local_timer`

---The handler of a hard interrupt is still running when a window ends.
---@class lttnga.event.irq_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the interrupted thread
---@field pid? integer PID of the interrupted thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the handler was called
---@field duration? integer ns; from then to the end of the window
---@field irq? integer number of the interrupt
---@field name? string name of the handler: `virtio0-input.0`

---The handler of a softirq is still running when a window ends.
---@class lttnga.event.softirq_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the interrupted thread, or of ksoftirqd
---@field pid? integer PID of the interrupted thread, or of ksoftirqd
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the handler was called
---@field duration? integer ns; from then to the end of the window
---@field vec? integer its number
---@field name? string its name: `TIMER_SOFTIRQ`; nil for unknown numbers
---@field raise? integer ns; when it was (first) raised; nil if not seen
---@field raise_latency? integer ns; from then until the handler was called

---The handler of one of x86's own interrupts is still running when a window ends.
---@class lttnga.event.irq_vector_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the interrupted thread
---@field pid? integer PID of the interrupted thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the handler was called
---@field duration? integer ns; from then to the end of the window
---@field vector? integer number of the vector
---@field name? string its name: `local_timer`

---Pages were allocated.
---@class lttnga.event.page_alloc: lttnga.Event
---@field time? integer ns; when that happened
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that allocated them; 0 is an idle CPU (an interrupt)
---@field pid? integer PID of the thread that allocated them; 0 is an idle CPU (an interrupt)
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field order? integer they are 2^order contiguous pages
---@field pages? integer number of pages

---Pages were freed.
---@class lttnga.event.page_free: lttnga.Event
---@field time? integer ns; when that happened
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that freed them; 0 is an idle CPU (an interrupt)
---@field pid? integer PID of the thread that freed them; 0 is an idle CPU (an interrupt)
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field order? integer they are 2^order contiguous pages
---@field pages? integer number of pages

---A thread waited for a contended kernel lock, sleeping or spinning. Few traces have the events: `lock_contention_begin` and `lock_contention_end`, or, from kernels with CONFIG_LOCK_STAT, `lock_contended` and `lock_acquired`.
---@class lttnga.event.contention: lttnga.Event
---@field time? integer ns; when it got the lock or gave up
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread; 0 is an idle CPU (an interrupt)
---@field pid? integer PID of the thread; 0 is an idle CPU (an interrupt)
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it found the lock taken
---@field duration? integer ns; how long it waited
---@field lock? integer address of the lock
---@field name? string its name, in traces with lockdep's events: `&mm->mmap_lock`
---@field kind? string `mutex`, `spinlock`, `rwlock read`, `rwlock write`, `rwsem read`, `rwsem write`, `percpu rwsem`, `rt mutex`, `rt rwlock` or `semaphore`; nil in traces with lockdep's events
---@field error? integer error number if it gave up, else 0

---Pages of the page cache became dirty: those of one call, or some of them.
---@class lttnga.event.page_dirty: lttnga.Event
---@field time? integer ns; when it is reported: at the latest when the call returns
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that made pages dirty
---@field pid? integer PID of the thread that made pages dirty
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the first of them became dirty
---@field path? string the file; for pages that became dirty without a call (mmap), the one that the process mapped last; nil if that is not known
---@field size? integer bytes; size
---@field dev? integer number of the device
---@field blocks? boolean whether its place on the device is known; false for new parts of a file
---@field earlier? boolean whether they were dirty already when the analysed time (or the window) began
---@field dirty? integer bytes; what is dirty now in total, as far as known

---Dirty pages went to the disk: those of one thread and one file.
---@class lttnga.event.page_flush: lttnga.Event
---@field time? integer ns; when the request went to the disk
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that submitted it
---@field pid? integer PID of the thread that submitted it
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field owner_tid? integer TID of the thread that had made it dirty
---@field owner_pid? integer PID of that thread
---@field owner_utid? integer its number, as `utid`
---@field owner_upid? integer the number of its process, as `upid`
---@field owner_procname? string name of that thread at that moment
---@field owner_process? string name of its process
---@field path? string the file; nil if that is not known
---@field size? integer bytes; size
---@field begin? integer ns; when it became dirty (the oldest of it, to 1 ms)
---@field duration? integer ns; how long it was dirty
---@field dirty? integer bytes; what is still dirty in total, as far as known
---@field how? string how that is known: `blocks` (these blocks were dirty), `file` (a call writes its own file), `fifo` (guessed: a kernel thread writes what has been dirty for longest), `unknown` (dirty since before the trace began, for example)
---@field disk? string name of the disk or partition
---@field dev? integer its number
---@field call_tid? integer TID of the thread whose call it was written for: the one that submitted it, or that waits for it in a sync; nil if there is none
---@field call_pid? integer PID of that thread
---@field call_utid? integer its number, as `utid`
---@field call_procname? string name of that thread
---@field call_process? string name of its process
---@field call_name? string name of that call
---@field call_begin? integer ns; when that call was entered

---Dirty pages are no longer dirty, or no longer tracked, although no write was seen.
---@class lttnga.event.page_drop: lttnga.Event
---@field time? integer ns; when that happened
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread whose call did that; nil for `forgotten`
---@field pid? integer PID of the thread whose call did that; nil for `forgotten`
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field owner_tid? integer TID of the thread that had made it dirty
---@field owner_pid? integer PID of that thread
---@field owner_utid? integer its number, as `utid`
---@field owner_upid? integer the number of its process, as `upid`
---@field owner_procname? string name of that thread at that moment
---@field owner_process? string name of its process
---@field path? string the file; nil if that is not known
---@field size? integer bytes; size
---@field begin? integer ns; when it became dirty (the oldest of it, to 1 ms)
---@field duration? integer ns; how long it was dirty
---@field dirty? integer bytes; what is still dirty in total, as far as known
---@field why? string `deleted` (the file was deleted or truncated), `settled` (a sync shows that it is clean, although no write was seen), `forgotten` (there was too much to keep)

---A call that writes or syncs a file is still in progress when a window ends: where its time went so far.
---@class lttnga.event.sync_open: lttnga.Event
---@field time? integer ns; when the window ends
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from then to the end of the window
---@field name? string name of the system call: `fsync`
---@field io_class? string `sync`, `write` or `copy`
---@field fd? integer file descriptor that is written or synced
---@field path? string its file name
---@field count? integer bytes; requested size
---@field on_cpu? integer ns; time that it ran; this and the fields up to `rest` add up to the duration
---@field runnable? integer ns; could have run, but had no CPU
---@field data? integer ns; waited for data that was written for it
---@field journal? integer ns; waited for the file system's journal
---@field flush? integer ns; waited for a disk to flush its cache
---@field others? integer ns; waited while the disk worked for others
---@field throttled? integer ns; was throttled because it had dirtied too many pages
---@field rest? integer ns; waited for something else, such as a lock
---@field data_requests? integer disk requests with its data
---@field data_size? integer bytes; size of these
---@field journal_requests? integer disk requests of the journal meanwhile
---@field journal_size? integer bytes; size of these
---@field journal_thread? string name of the thread that wrote it
---@field flushes? integer how often a disk had to flush its cache
---@field written? integer bytes; dirty pages written meanwhile, of any thread
---@field alloc? integer pages; memory that the thread allocated meanwhile
---@field alloc_others? integer pages; the same for other threads
---@field freed? integer pages; memory that the thread freed meanwhile
---@field freed_others? integer pages; the same for other threads
---@field kswapd? boolean whether it woke kswapd, to free memory
---@field dirty? integer bytes; what is still dirty in total, as far as known

---A call that writes or syncs a file returned: where its time went.
---@class lttnga.event.sync_end: lttnga.Event
---@field time? integer ns; when the call returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from entry to return
---@field name? string name of the system call: `fsync`
---@field ret? integer value returned
---@field error? integer error number (errno) if the call failed, else 0
---@field error_name? string its name; nil if the call did not fail
---@field io_class? string `sync`, `write` or `copy`
---@field fd? integer file descriptor that is written or synced
---@field path? string its file name
---@field count? integer bytes; requested size
---@field on_cpu? integer ns; time that it ran; this and the fields up to `rest` add up to the duration
---@field runnable? integer ns; could have run, but had no CPU
---@field data? integer ns; waited for data that was written for it
---@field journal? integer ns; waited for the file system's journal
---@field flush? integer ns; waited for a disk to flush its cache
---@field others? integer ns; waited while the disk worked for others
---@field throttled? integer ns; was throttled because it had dirtied too many pages
---@field rest? integer ns; waited for something else, such as a lock
---@field data_requests? integer disk requests with its data
---@field data_size? integer bytes; size of these
---@field journal_requests? integer disk requests of the journal meanwhile
---@field journal_size? integer bytes; size of these
---@field journal_thread? string name of the thread that wrote it
---@field flushes? integer how often a disk had to flush its cache
---@field written? integer bytes; dirty pages written meanwhile, of any thread
---@field alloc? integer pages; memory that the thread allocated meanwhile
---@field alloc_others? integer pages; the same for other threads
---@field freed? integer pages; memory that the thread freed meanwhile
---@field freed_others? integer pages; the same for other threads
---@field kswapd? boolean whether it woke kswapd, to free memory
---@field dirty? integer bytes; what is still dirty in total, as far as known

---A thread slept in a call that writes or syncs a file: what for. If the call is in progress when a window ends, a sleep that goes on comes later.
---@class lttnga.event.sync_wait: lttnga.Event
---@field time? integer ns; when the sleep ended, or the call did
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the thread went to sleep
---@field duration? integer ns; how long it slept
---@field name? string name of the system call: `fsync`
---@field what? string what most of that was for: `data`, `journal`, `flush`, `others`, `throttled` or `rest`, as in sync_end
---@field data? integer ns; for data; this and the next fields add up to the duration, and over all sleeps to those of sync_end
---@field journal? integer ns; likewise
---@field flush? integer ns; likewise
---@field others? integer ns; likewise
---@field throttled? integer ns; likewise
---@field rest? integer ns; likewise

---A kernel thread wrote dirty pages in the background.
---@class lttnga.event.writeback_end: lttnga.Event
---@field time? integer ns; when it ended
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the kernel thread that wrote
---@field pid? integer PID of the kernel thread that wrote
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it began; nil if that was not seen
---@field duration? integer ns; how long it took
---@field disk? string name of the disk or partition, if it is known
---@field dev? integer its number
---@field pages? integer pages that it submitted, of all files

---Memory was freed because there was too little.
---@class lttnga.event.reclaim: lttnga.Event
---@field time? integer ns; when it ended
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that freed memory
---@field pid? integer PID of the thread that freed memory
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it began
---@field duration? integer ns; how long it took
---@field asleep? integer ns; how much of that it slept: kswapd naps in between
---@field kind? string `kswapd` (a run of the kernel's own thread), or `direct` (a thread that needed memory had to free some first)
---@field nid? integer NUMA node of kswapd
---@field pages? integer pages freed
---@field context? string what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` or `hrtimer`, whichever thread it interrupted; nil if that is not known. Interrupts that are not recorded (usually x86's vectors), and what the kernel does between handlers (it wakes ksoftirqd), count as the thread; on an idle CPU, as an `irq` without a number
---@field irq? integer number of that interrupt; nil if it is not a device's, or was not recorded
---@field irq_name? string its name: of the handler (`virtio0-input.0`), of x86's vector (`call_function_single`), or `timer` of an hrtimer
---@field softirq? string name of that softirq: `NET_RX`
---@field waker_tid? integer TID of the thread that woke it; nil if no thread did. If the trace lacks events of interrupts, `context` is nil and this is the thread that ran there
---@field waker_pid? integer PID of that thread
---@field waker_utid? integer its number, as `utid`
---@field waker_procname? string name of that thread

---A process or thread was created.
---@class lttnga.event.process_start: lttnga.Event
---@field time? integer ns; when it was forked
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the new thread
---@field pid? integer PID of the new thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field parent_tid? integer TID of the thread that forked or cloned it
---@field parent_utid? integer its number, as `utid`
---@field parent_upid? integer unique number of the parent process, as `upid`
---@field thread? boolean whether it is a further thread of an existing process
---@field shares_files? boolean whether it shares the parent's descriptors

---A process executed a program.
---@class lttnga.event.process_exec: lttnga.Event
---@field time? integer ns; when the new program took over
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread (new name)
---@field pid? integer PID of the thread (new name)
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field path? string file that was executed
---@field old_tid? integer TID before; differs if a thread other than the main one called exec
---@field ppid? integer PID of the parent of its process; nil once that has exited
---@field parent_procname? string name of the parent

---An execve or execveat failed.
---@class lttnga.event.exec_fail: lttnga.Event
---@field time? integer ns; when the call returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from entry to return
---@field name? string name of the system call: `execve`, `execveat`
---@field path? string file that it tried to execute
---@field ret? integer value returned: the error number, negated
---@field error? integer error number (errno)
---@field error_name? string its name: `ENOENT`
---@field ppid? integer PID of the parent of its process; nil once that has exited
---@field parent_procname? string name of the parent

---A call that sends a signal returned: kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo or pidfd_send_signal.
---@class lttnga.event.signal_send: lttnga.Event
---@field time? integer ns; when the call returned
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the calling thread
---@field pid? integer PID of the calling thread
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when the call was entered
---@field duration? integer ns; from entry to return
---@field name? string name of the system call: `kill`, `tgkill`, ...
---@field sig? integer number of the signal; 0 only checks whether the process exists
---@field signal? string its name: `SIGTERM`; nil for 0 and for numbers without a name
---@field target? integer the target as passed to the call: a PID (for `tkill` and `tgkill` a TID) in the caller's PID namespace; 0 or below is a process group. For `pidfd_send_signal` the PID, if the trace has signal_generate
---@field ret? integer value returned
---@field error? integer error number (errno) if the call failed, else 0
---@field error_name? string its name: `ESRCH`; nil if the call did not fail

---A thread exited.
---@class lttnga.event.process_exit: lttnga.Event
---@field time? integer ns; when it exited
---@field cpu? integer CPU on which that happened
---@field host? string name of the machine
---@field tid? integer TID of the thread that exited
---@field pid? integer PID of the thread that exited
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there

---A request or a period ended, as defined on the command line or by the script (requests.md). --min and the like filter them as they filter calls.
---@class lttnga.event.request_end: lttnga.Event
---@field time? integer ns; when it ended
---@field cpu? integer CPU on which it began
---@field host? string name of the machine
---@field tid? integer TID of the thread in which it began
---@field pid? integer PID of the thread in which it began
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it began
---@field duration? integer ns; from then to `time`
---@field name? string name of its definition; nil if that has none
---@field path? string the same, after the names of those that it is part of: `outer/inner`
---@field number? integer its number, in the order in which they began, from 1
---@field parent? integer number of the one that it is part of, if any
---@field captures? string what was captured when it began, as JSON: `{"tid":7}`; nil if there is nothing
---@field port? integer the server's port, if it is about a connection
---@field size? integer bytes; what was read and written for it, if that is known
---@field error? integer error number (errno) if it failed; 0 if not, or not known
---@field failed? integer 1 if it failed, else 0
---@field lost? integer events (or packets) lost meanwhile, on any CPU
---@field owner? integer number of the script whose definition it is, from 1
---@field end_tid? integer TID of the thread in which it ended
---@field end_utid? integer its number, as `utid`
---@field end_captures? string what was captured when it ended, as JSON

---A request began whose end will not be seen.
---@class lttnga.event.request_open: lttnga.Event
---@field time? integer ns; until when no end was seen
---@field cpu? integer CPU on which it began
---@field host? string name of the machine
---@field tid? integer TID of the thread in which it began
---@field pid? integer PID of the thread in which it began
---@field utid? integer number of that thread, unique in the trace (TIDs are reused)
---@field upid? integer the same for its process (PIDs are reused)
---@field procname? string name of that thread at that moment
---@field process? string name of its process: that of the main thread
---@field container? string the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; `host` for the machine itself; nil if not known (containers.md)
---@field container_id? integer number of that container, unique in the trace (names and namespaces are reused); 1 is the machine itself; 0: not known, or no thread
---@field container_ns? integer inode number of the namespace by which it is known
---@field container_parent? integer number of the container around it; nil for the machine itself
---@field cgroup? string path of that container's cgroup: `/docker/4f2...`; nil if not known
---@field vtid? integer TID in the thread's own PID namespace; nil if not known
---@field vpid? integer PID there
---@field begin? integer ns; when it began
---@field duration? integer ns; from then to `time`
---@field name? string name of its definition; nil if that has none
---@field path? string the same, after the names of those that it is part of: `outer/inner`
---@field number? integer its number, in the order in which they began, from 1
---@field parent? integer number of the one that it is part of, if any
---@field captures? string what was captured when it began, as JSON: `{"tid":7}`; nil if there is nothing
---@field port? integer the server's port, if it is about a connection
---@field size? integer bytes; what was read and written for it, if that is known
---@field error? integer error number (errno) if it failed; 0 if not, or not known
---@field failed? integer 1 if it failed, else 0
---@field lost? integer events (or packets) lost meanwhile, on any CPU
---@field owner? integer number of the script whose definition it is, from 1
---@field because? string why it has no end: `parent` (what it is part of has ended), `again` (it began again, and the definition keeps only the newest), `dropped` (an event says so: a connection was closed), or `end` (of the analysed time)

---A request ended that has parts: one of these for each definition of parts, and of parts of parts.
---@class lttnga.event.request_part: lttnga.Event
---@field time? integer ns; when the whole ended
---@field begin? integer ns; when it began
---@field duration? integer ns; from begin to end
---@field host? string name of the machine
---@field number? integer number of the whole
---@field path? string path of its definition
---@field captures? string what was captured when it began, as JSON
---@field part? string path of the definition of its parts
---@field count? integer how many of these ended in it
---@field sum? integer ns; how long they took in total
---@field covered? integer ns; for how long there was at least one of them, ended or not: never more than `duration`
---@field share? integer `sum` as a share of `duration`, times 1,000,000,000
---@field active? boolean whether there was any at all
---@field owner? integer number of the script whose definition it is

---The tracer lost events or packets, as its buffers were full.
---@class lttnga.event.lost_events: lttnga.Event
---@field time? integer ns; when the gap ends
---@field cpu? integer CPU whose buffer lost them
---@field begin? integer ns; when the gap begins at the earliest
---@field duration? integer ns; length of the gap
---@field events? integer events lost; nil if whole packets are missing
---@field packets? integer packets lost; nil if single events are missing

