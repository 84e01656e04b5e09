--- The command compare: runs an analysis over two traces, two parts of one, or takes what partial
-- results have, and shows what is different.
--
-- SPDX-License-Identifier: MIT

local capture = require "lttnga.capture"
local columns = require "lttnga.columns"
local compare = require "lttnga.compare"
local fail_if = require "lttnga.fail_if"
local fault = require "lttnga.fault"
local help = require "lttnga.help"
local host = require "lttnga.host"
local merge = require "lttnga.merge_command"
local options = require "lttnga.options"
local partial = require "lttnga.partial"
local partial_trace = require "lttnga.partial_trace"
local run = require "lttnga.run"
local stats = require "lttnga.stats"
local tables = require "lttnga.tables"
local terminal = require "lttnga.terminal"
local text = require "lttnga.text"
local time = require "lttnga.time"

local command = {
  -- The exit status if --fail-if holds.
  FAILED = 3,
}

local own_options, look_options = table.unpack(help.options_of "compare")

--- Its options, and those of the runs.
local known = options.set(own_options, options.run)

--- Options of runs that make no sense here.
local refused = { "refresh", "count", "partial", "slice", "follow", "when", "do", "keep", "every",
  "keep-to", "retry", "attach-last", "spans-to" }

local function is_given(given, names)
  for _, name in ipairs(names) do
    if given[name] then
      return name
    end
  end
end

-- ---- The command line ----

--- Splits the command line: its own part, and the analysis behind "--".
-- @tparam table arguments
-- @treturn table values of the own options; paths; called: what names the analysis, or nil; words:
-- the options of the runs
function command.read(arguments)
  local own, called, words, is_behind = {}, nil, {}, false
  for _, argument in ipairs(arguments) do
    if argument == "--" and not is_behind then
      is_behind = true
    elseif not is_behind then
      own[#own + 1] = argument
    elseif not called then
      called = argument:sub(1, 1) ~= "-" and argument
        or fault.usage("the analysis must stand before its options: -- ANALYSIS %s", argument)
    else
      words[#words + 1] = argument
    end
  end
  local values, paths = options.parse(known, own)
  local mine = options.set(own_options).by_name
  for _, one in ipairs(options.words(known, own)) do
    if not mine[one.name] then
      table.move(one.words, 1, #one.words, #words + 1, words)
    end
  end
  if values.by and values.baseline then
    fault.usage "--baseline cannot be used with --by"
  elseif not values.by and (#paths > 2 or #paths == 1 and not values.baseline) or #paths == 0 then
    fault.usage("compare takes two traces, or one and --baseline '[BEGIN,END]'%s",
      #paths > 2 and not is_behind and "; the analysis stands behind --" or "")
  end
  return { values = values, paths = paths, called = called, words = words }
end

--- Refuses options of compare itself that are given behind "--" and are none of the runs.
-- @tparam table set options of the runs
-- @tparam table words
function command.check_words(set, words)
  local own = options.set(own_options).by_name
  for _, word in ipairs(words) do
    local name = word:match "^%-%-([^=]+)"
    if name and own[name] and not set.by_name[name] then
      fault.usage("--%s must stand before --, as it is an option of compare", name)
    end
  end
end

--- Which options of the runs are added: all rows are compared, distributions are kept, and of
-- requests it is what all of them consist of that is compared.
-- @tparam table analyses those that run
-- @tparam table given which options of theirs are given
-- @tparam boolean has_values whether values are there to be kept
-- @treturn table words
function command.added(analyses, given, has_values)
  local words = {}
  for _, analysis in ipairs(analyses) do
    for _, option in ipairs(analysis.options) do
      local is_used = not option.only_with or is_given(given, option.only_with)
      if option.name == "limit" and is_used and not given.limit then
        words[#words + 1] = "--limit=0"
      elseif option.name == "percentiles" and is_used and has_values then
        words[#words + 1] = "--percentiles"
      elseif option.name == "composition" and not given.composition then
        table.move({ "--composition", "--groups=0" }, 1, given.groups and 1 or 2, #words + 1, words)
      end
    end
  end
  return words
end

-- ---- Sides ----

--- Whether a path is a file of partial results.
local function is_partial(path)
  local file <close> = io.open(path, "r")
  local start = file and file:read(8)
  return start == '{"meta":'
end

--- A renderer that keeps what a run gives it.
local function keeper(side)
  return { new = function(_, about)
    side.gmt, side.date = about.gmt, about.date
    return { log_spec = capture.log_spec, window = function(_, results, first, last)
      if side.results then
        fault.usage("compare takes one result of each trace: --period and --request need --during")
      end
      side.results, side.first, side.last = results, first, last
      side.seconds = (results[1] and results[1].time or last - first) / 1e9
    end, finish = function(_, about_end)
      side.warnings, side.lost = about_end.warnings, about_end.lost
    end }
  end }
end

--- Runs an analysis for one side.
-- @tparam table side name, path, file (of partial results) or nil
-- @tparam table asked jobs, values
-- @tparam table world see run.go
local function go(side, asked, world)
  local own = setmetatable({
    range_names = side.range_names, renderer = keeper(side), write = function() end,
    flush = function() end,
    say = function(kind, message) side.said[#side.said + 1] = { kind, message } end,
  }, { __index = world })
  own.trace = side.file and partial_trace.new({ side.file }, asked.jobs)
  run.go(asked.jobs, asked.values, side.file and side.file.meta.paths
    or side.paths or { side.path }, own)
  if not side.results then
    fault.raise("%s: there is no result to compare", side.path)
  end
  side.values, side.hosts, side.n_hosts = asked.values, {}, 0
  for _, result in ipairs(side.results) do
    local name = result.host
    if name and not side.hosts[name] then
      side.hosts[name], side.n_hosts = result.recorded / 1e9, side.n_hosts + 1
      side.hosts[side.n_hosts] = name
    end
  end
end

-- ---- Results ----

local COMPARED = columns.read({
  { "Side", "string", "name" }, { "Trace", "path", "path" }, { "Host", "string", "hosts" },
  { "Begin", "timestamp", "first" }, { "End", "timestamp", "last" },
  { "Length", "duration", "length" },
}, "table 'compared'", assert)
-- No row of a trace has these names here.
COMPARED[2].name, COMPARED[3].name = "trace", "host"

local SUMMARY = columns.read({
  { "Table", "string", "title" }, { "Verdict", "string", "verdict" }, { "Rows", "number", "rows" },
  { "Changed", "number", "changed" }, { "New", "number", "new" }, { "Gone", "number", "gone" },
  { "Not judged", "number", "not judged" }, { "Mixed", "number", "mixed" },
  { "Noise", "number", "noise" },
  { "Too few", "number", "too few" }, { "Small", "number", "small" }, { "Same", "number", "same" },
}, "table 'comparison'", assert)
SUMMARY[1].name = "of"

local function result_of(id, title, list, rows, says)
  return { id = id, class = title, title = title, job = 1, columns = list, dynamic = true,
    total = #rows, rows = columns.cells(rows, list, {}, title), unlimited = false, above = says,
    says = says }
end

local function table_of_sides(sides)
  local rows = {}
  for i, side in ipairs(sides) do
    rows[i] = { name = side.name, path = side.path, hosts = table.concat(side.hosts, ", "),
      first = side.first, last = side.last, length = side.last - side.first }
  end
  local result = result_of("compared", "Compared", COMPARED, rows)
  result.text = "none"
  return result
end

--- The same as lines of text.
local function head(sides, show)
  local lines = {}
  for i, side in ipairs(sides) do
    local dated = { gmt = show.gmt, date = true }
    lines[i] = ("%s %s%s, [%s, %s] %s, %s"):format(side.name == side.path and "-" or text.pad_right(
      text.capitalize(side.name) .. ":", 7),
      text.clean(side.path), side.hosts[1] and (" (%s)"):format(
      text.clean(table.concat(side.hosts, ", "))) or "", time.format(side.first, dated),
      time.format(side.last, show), time.zone(side.first, show.gmt),
      text.duration(side.last - side.first))
  end
  return table.concat(lines, "\n")
end

--- What has to be known to read the numbers.
local function explain(compared, sides, values, how)
  local has_tests, has_others, has_parts, has_sums = false, false, false, false
  for _, one in ipairs(compared) do
    has_tests = has_tests or one.summary.has_tests
    has_others = has_others or not one.summary.has_tests
    has_parts, has_sums = has_parts or one.of_parts, has_sums or not one.of_parts
  end
  local lines = {}
  if has_tests then
    lines[1] = ("Changed: at least %g %% different, and not by chance (rank test, %g %% per table, "
      .. "Holm)."):format(how.min_effect * 100, how.alpha * 100)
  end
  if has_parts then
    lines[#lines + 1] = ("Averages are per request, and those of its waits add up; a wait counts "
      .. "from %g %% of the whole difference on."):format(how.min_effect * 100)
  end
  if has_others then
    lines[#lines + 1] = ("Not judged: a difference of at least %g %% in sums, counts or averages "
      .. "without a distribution; it may be chance."):format(how.min_effect * 100)
  end
  if not has_tests and sides.has_files then
    lines[#lines + 1] = "Partial results have distributions if they were written with "
      .. "--percentiles."
  end
  if values.by then
    lines[#lines + 1] = "After: the host; before: all others together, counts and sums as the mean "
      .. "of them."
  end
  lines[#lines + 1] = has_sums and not values.totals
    and "Counts and sums are per second (/s); --totals compares them as they are." or nil
  return table.concat(lines, " ")
end

local function table_of_tables(compared, above)
  local rows, list = {}, table.move(SUMMARY, 2, #SUMMARY, 2, { SUMMARY[1] })
  if compared[1] and compared[1].summary.host then
    list = table.move(SUMMARY, 1, #SUMMARY, 2, { COMPARED[3] })
  end
  for i, one in ipairs(compared) do
    local row = { title = one.title, hosts = one.summary.host, verdict = one.summary.verdict,
      rows = one.summary.rows }
    for name, count in pairs(one.summary.counts) do
      row[name] = count
    end
    rows[i] = row
  end
  -- Text leaves out what no table has.
  for c, column in ipairs(list) do
    local is_there = column.class ~= "number" or column.field == "rows" or column.field == "changed"
    for _, row in ipairs(rows) do
      is_there = is_there or row[column.field] > 0
    end
    list[c] = is_there and column or setmetatable({ hidden = true }, { __index = column })
  end
  return result_of("comparison", "Comparison", list, rows, above)
end

--- Checks the names in --table, --columns and --sort.
local function check_names(results, values)
  local ids, list = {}, {}
  for _, result in ipairs(results) do
    ids[#ids + 1], ids[#ids + 2] = result.id, result.title
    for _, column in ipairs(result.columns) do
      list[#list + 1] = column.name
    end
  end
  local function check(option, name, names)
    for _, known_name in ipairs(names) do
      if known_name:lower() == name:lower() then
        return
      end
    end
    fault.usage("--%s: unknown name '%s'%s", option, name, text.did_you_mean(name, names))
  end
  for _, name in ipairs(values.columns or {}) do
    check("columns", name, list)
  end
  if values.sort then
    check("sort", values.sort:gsub("^%-", ""), list)
  end
  if values.table then
    check("table", values.table, ids)
  end
end

--- Says what runs had to say: what both say, once.
local function tell(sides, say)
  local times = {}
  for _, side in ipairs(sides) do
    local own = {}
    for _, one in ipairs(side.said) do
      local said = one[1] .. one[2]
      times[said] = (times[said] or 0) + (own[said] and 0 or 1)
      own[said] = true
    end
  end
  for _, side in ipairs(sides) do
    for _, one in ipairs(side.said) do
      local n = times[one[1] .. one[2]]
      if n and n > 0 then
        say(one[1], n == 2 and one[2] or side.name .. ": " .. one[2])
      end
      times[one[1] .. one[2]] = n == 2 and 0 or n and n - 1
    end
  end
end

--- The results that are shown, as --table, --sort and --columns say.
local function chosen(results, values)
  check_names(results, values)
  local list = {}
  for _, result in ipairs(results) do
    local is_wanted = not values.table or values.table:lower() == result.id:lower()
      or values.table:lower() == result.title:lower()
    if is_wanted and values.sort then
      tables.sort(result.rows, result.columns, values.sort)
    end
    if is_wanted and values.columns then
      result = tables.narrow(result, values.columns)
    end
    list[#list + 1] = is_wanted and result or nil
  end
  return list
end

--- What a side is of: the UUIDs of its traces, or, if both are traces, their place.
local function identity_of(side, has_files)
  if side.file then
    return table.concat(side.file.meta.uuids, " ")
  elseif not has_files then
    return host.real_path(side.path) or side.path
  end
  local trace, uuids = run.open({ side.path }, side.values, function() end), {}
  for i, one in ipairs(trace:traces()) do
    uuids[i] = one.uuid or one.path
  end
  trace:close()
  return table.concat(uuids, " ")
end

--- Whether rows of threads are matched by their TIDs.
local function is_same(sides, values)
  if values.match or values.by then
    return values.match == "tid"
  end
  return identity_of(sides[1], sides.has_files) == identity_of(sides[2], sides.has_files)
end

--- The own range of each run: --baseline is that of the first one.
local function ranges(asked, values, paths)
  if not values.baseline then
    return asked.words, table.move(asked.words, 1, #asked.words, 1, {})
  end
  local set, before, after = asked.set, {}, {}
  local is_limited = false
  for _, one in ipairs(options.words(set, asked.words)) do
    local is_range = one.name == "begin" or one.name == "end" or one.name == "timerange"
    is_limited = is_limited or is_range
    if not is_range then
      table.move(one.words, 1, #one.words, #before + 1, before)
    end
    table.move(one.words, 1, #one.words, #after + 1, after)
  end
  before[#before + 1] = "--timerange=" .. values.baseline
  if not is_limited and #paths == 1 then
    after.follows = true
  end
  return before, after
end

--- The options of runs: with partial results those of the run that wrote them, which must be the
-- same as what the command line says, if it says something.
-- @treturn table words
local function settle(sides, called, words, jobs_of)
  local looks, before = {}, nil
  for _, side in ipairs(sides) do
    local meta = side.file and side.file.meta
    if meta then
      local of_file = table.concat(meta.command.arguments, " ")
      local mine = jobs_of(called, words, false)
      if mine.source ~= meta.command.source then
        fault.raise("%s has results of another analysis: %s, not %s", side.path,
          meta.command.script, called)
      elseif #mine.arguments > 0 and table.concat(mine.arguments, " ") ~= of_file then
        fault.raise("%s was made with other options: '%s', not '%s'", side.path, of_file,
          table.concat(mine.arguments, " "))
      elseif before and before ~= of_file then
        fault.raise("the files were made with different options: '%s' and '%s'", before, of_file)
      end
      before = of_file
      looks = table.move(meta.command.arguments, 1, #meta.command.arguments, 1, {})
      for _, one in ipairs(options.words(mine.set, words)) do
        if merge.looks.by_name[one.name] then
          table.move(one.words, 1, #one.words, #looks + 1, looks)
        end
      end
    end
  end
  return before and looks or words
end

--- What is compared: two traces, or files, or one of them twice.
local function open_sides(paths, values)
  local sides = {}
  for i, name in ipairs { "before", "after" } do
    local path = paths[i] or paths[1]
    sides[i] = { name = name, path = path, said = {} }
    sides[i].file = is_partial(path) and partial.open(path) or nil
  end
  sides.has_files = sides[1].file ~= nil or sides[2].file ~= nil
  if values.baseline and sides.has_files then
    fault.usage("--baseline needs traces: partial results have the range of the run that wrote "
      .. "them")
  end
  return sides
end

--- Which analysis is asked for: that of the command line, or of a file.
local function name_of(sides, called)
  for _, side in ipairs(sides) do
    called = called or side.file and side.file.meta.command.script
  end
  return called or fault.usage("no analysis given: lttnga-run compare BEFORE AFTER -- ANALYSIS")
end

--- Runs the analysis for both sides.
local function run_sides(sides, asked, called, jobs_of, world)
  local has_values = not sides.has_files
  local of_before, of_after = ranges(asked, asked.values, asked.paths)
  stats.keep_all(has_values)
  if asked.values.baseline then
    sides[1].range_names = { option = "baseline", range = "the baseline" }
  end
  go(sides[1], jobs_of(called, of_before, has_values), world)
  if asked.values.baseline and sides[1].seconds <= 0 then
    fault.usage("--baseline '%s' has no time in it", asked.values.baseline)
  end
  if of_after.follows then
    of_after[#of_after + 1] = ("--begin=%d"):format(sides[1].last)
    sides[2].range_names = { option = "baseline", range = "the rest of the trace",
      late = "nothing follows the baseline, which ends" }
  end
  go(sides[2], jobs_of(called, of_after, has_values), world)
  tell(sides, world.say)
end

--- Writes results.
-- @tparam table looks how: options of the runs
local function show(results, sides, looks, jobs, world)
  local begin, ending = math.maxinteger, math.mininteger
  for _, side in ipairs(sides) do
    begin, ending = math.min(begin, side.first), math.max(ending, side.last)
  end
  local date, look = time.is_multi_day(begin, ending, looks.gmt), terminal.of(looks)
  local renderer = world.renderer_of(looks, jobs).new(world.write, {
    gmt = looks.gmt, date = date, width = look.width, classic = false, color = look.color,
    spreadsheet = looks["csv-spreadsheet"], jobs = jobs,
    compared = head(sides, { gmt = looks.gmt, date = date }),
  })
  renderer:window(chosen(results, looks), begin, ending)
  local warnings = {}
  for _, side in ipairs(sides) do
    for _, warning in ipairs(side.warnings or {}) do
      warnings[#warnings + 1] = side.name .. ": " .. warning
    end
  end
  renderer:finish { warnings = warnings, lost = {}, single = false }
end

--- What has to be known of how tables are compared.
local function how_of(values, sides)
  return {
    alpha = values.alpha, min_effect = values["min-effect"], totals = values.totals,
    all = values.all, is_same = is_same(sides, values), limit = values.limit or tables.LIMIT,
  }
end

--- Runs the analysis for all hosts: of traces together, of files one after the other.
-- @treturn table results
-- @treturn table hosts see compare.by_host
local function run_hosts(sides, asked, called, jobs_of, world)
  local results, hosts = {}, {}
  stats.keep_all(not sides.has_files)
  for _, side in ipairs(sides) do
    go(side, jobs_of(called, asked.words, not sides.has_files), world)
    for _, host_name in ipairs(side.hosts) do
      if hosts[host_name] then
        fault.raise("%s: there are results of %s already", side.path, host_name)
      end
      hosts[#hosts + 1], hosts[host_name] = host_name,
        side.hosts[host_name]
    end
    for _, result in ipairs(side.results) do
      if result.log then
        capture.keep_rows(result)
      end
      results[#results + 1] = result
    end
  end
  tell(sides, world.say)
  if #hosts < 2 then
    fault.usage("--by host needs several hosts; there is %s", hosts[1] or "none")
  end
  return results, hosts
end

--- What is compared if each host is: all traces at once, or files.
local function open_hosts(paths)
  local sides = { has_files = is_partial(paths[1]) }
  for i, path in ipairs(paths) do
    if is_partial(path) ~= sides.has_files then
      fault.usage("%s: --by host takes traces, or files of partial results, not both", path)
    end
    sides[i] = { name = path, path = path, said = {} }
    sides[i].file = sides.has_files and partial.open(path) or nil
  end
  return sides.has_files and sides
    or { { name = "all", path = table.concat(paths, ", "), paths = paths, said = {} } }
end

--- Says for which rows a condition holds. Returns the exit status.
local function check(conditions, compared, world)
  local failed, idle = fail_if.check(conditions, compared)
  for _, condition in ipairs(idle) do
    world.say("warning: ", ("--fail-if '%s': no row that is compared has this column"):format(
      condition))
  end
  for _, message in ipairs(failed) do
    world.say("failed: ", message)
  end
  return #failed > 0 and command.FAILED or 0
end

--- Compares.
-- @tparam table asked from command.read
-- @tparam function jobs_of jobs_of(called, words, has_values) returns { jobs =, values =, looks =,
-- given =, set =, source =, arguments = } of a run
-- @tparam table world see run.go; renderer_of(values, jobs): the module of the renderer
-- @treturn integer exit status
function command.go(asked, jobs_of, world)
  local values = asked.values
  local sides = values.by and open_hosts(asked.paths) or open_sides(asked.paths, values)
  local called = name_of(sides, asked.called)
  asked.words = settle(sides, called, asked.words, jobs_of)
  local first = jobs_of(called, asked.words, not sides.has_files)
  asked.set = first.set
  local name = is_given(first.given, refused)
  if name then
    fault.usage("--%s cannot be used with compare", name)
  end
  local conditions = fail_if.read(values["fail-if"] or {}, first.jobs)
  local how, shown, each
  if values.by then
    local results, hosts = run_hosts(sides, asked, called, jobs_of, world)
    how = how_of(values, sides)
    shown, each = compare.by_host(results, hosts, how)
  else
    run_sides(sides, asked, called, jobs_of, world)
    how = how_of(values, sides)
    how.has_hosts = sides[1].n_hosts > 1 or sides[2].n_hosts > 1
    each = compare.results(sides[1], sides[2], how)
    shown = compare.shown(each)
  end
  if #each == 0 then
    world.say("note: ", "there are no results to compare")
  end
  local results = { table_of_sides(sides) }
  -- Sentences stand above the tables.
  for _, one in ipairs(shown) do
    results[#results + 1] = one.is_first and one or nil
  end
  results[#results + 1] = table_of_tables(each, explain(each, sides, values, how))
  for _, one in ipairs(shown) do
    results[#results + 1] = not one.is_first and one or nil
  end
  show(results, sides, first.looks, first.jobs, world)
  return check(conditions, each, world)
end

command.options = { own_options, look_options }

return command
