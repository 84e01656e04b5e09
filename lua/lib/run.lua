--- One run: opens the trace, lets it go through the hooks of all scripts, window by window, and
-- gives what came out to a renderer.
--
-- SPDX-License-Identifier: MIT

local cache = require "lttnga.cache"
local later = require "lttnga.later"
local by_container = later "lttnga.by_container"
local clocks = later "lttnga.clocks"
local common_time = later "lttnga.common_time"
local division = require "lttnga.division"
local fault = require "lttnga.fault"
local gaps = require "lttnga.gaps"
local host = require "lttnga.host"
local inventory = later "lttnga.inventory"
local live = require "lttnga.live"
local machine_list = require "lttnga.machines"
local partial = later "lttnga.partial"
local progress = require "lttnga.progress"
local requests = later "lttnga.requests"
local selection = require "lttnga.selection"
local spans = later "lttnga.spans"
local tables = require "lttnga.tables"
local terminal = require "lttnga.terminal"
local text = require "lttnga.text"
local thread = require "lttnga.thread"
local time = require "lttnga.time"
local together = later "lttnga.together"
local triggers = later "lttnga.triggers"
local windows = require "lttnga.windows"

local run = {
  -- Whether results of a window have been written.
  shown = false,
}

--- Intervals beyond this are a mistake in --refresh.
local WINDOWS_MAX = 1000000

--- Opens traces, whose clocks are corrected or not, see lttnga.clocks.
local function open_as(paths, values, session, corrected)
  local trace, message = host.open(paths, {
    -- How much time the streams of a live session will have in common is not known.
    intersection = not values["no-intersection"] and not session, user = values["user space"],
    reader = values.reader, live = session, clocks = corrected,
    threads = tonumber(values.threads) or 0, -- 0 is "auto"
  })
  if not trace then
    fault.raise("%s", message)
  end
  return trace
end

--- Opens traces as one.
-- @tparam table paths folders
-- @tparam table values options of the run; with "user space" also traces of that
-- @tparam function say takes a kind ("note: ") and a text for the user
function run.open(paths, values, say)
  local session
  live.check_options(paths, values)
  if live.is_url(paths[1] or "") then
    session, paths = live.attach(paths, values, say)
  elseif values.follow then
    session, paths = live.follow(paths, values, say)
  end
  local trace = open_as(paths, values, session)
  local corrected = (values["clock-offset"] or values.sync)
    and clocks.of(trace, values, function(list)
      return open_as(paths, values, session, list)
    end, say)
  if corrected then
    trace:close()
    trace = open_as(paths, values, session, corrected)
  end
  for _, note in ipairs(trace:notes()) do
    say("note: ", note)
  end
  if not trace:is_kernel() then
    fault.raise("%s contains no Linux kernel events that the analyses know", paths[1])
  end
  local traces = trace:traces()
  for _, machine in ipairs(trace:machines()) do
    if not machine_list.has_kernel(traces, machine) then
      say("note: ", ("%s has only a user-space trace, which is ignored"):format(
        machine.name or "an unknown machine"))
    end
  end
  return trace
end

--- What times of day are of, see lttnga.time.
local function ref_of(values, trace)
  local first, last = trace:range()
  return { first = first, last = last, gmt = values.gmt }
end

--- Whether the user has written a time in UTC.
local function is_utc(values)
  for _, name in ipairs { "begin", "end", "timerange" } do
    if (values[name] or ""):find "%d[Zz]" then
      return true
    end
  end
  return false
end

--- The time of a trace, in the user's zone, and how to name another one.
local function range_text(first, last, show)
  return ("%s %s%s"):format(time.format_range(first, last, show), time.zone(first, show.gmt),
    show.gmt and "" or " (times are local, unless you give --gmt or a Z after the time)")
end

--- Begin and end of what the user wants to see, in ns (nil: not limited).
-- @tparam table values options of the run
-- @param trace from run.open
-- @tparam[opt] table names if the user has given it otherwise: option; range, what it is called;
-- late: what to say of the time from which on there is nothing
local function read_range(values, trace, names)
  local ref = ref_of(values, trace)
  local first, last = ref.first, ref.last
  local from, to
  names = names or { option = "timerange", range = "the time range" }
  if values.timerange then
    local message
    from, to, message = time.parse_range(values.timerange, ref)
    if not from then
      fault.usage("--%s: %s", names.option, to or message)
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
        from, ref.from = value, value
      else
        to = value
      end
    end
  end
  local show = { gmt = values.gmt or is_utc(values), date = true }
  if from and to and from > to then
    fault.usage("%s ends (%s) before it starts (%s)", names.range, time.format(to, show),
      time.format(from, show))
  elseif from and last and from > last then
    fault.usage("%s at %s, after the end of the trace, which is %s",
      names.late or names.range .. " starts", time.format(from, show),
      range_text(first, last, show))
  elseif to and first and to < first then
    fault.usage("%s ends at %s, before the start of the trace, which is %s", names.range,
      time.format(to, show), range_text(first, last, show))
  end
  return from, to
end

local function check_refresh(refresh, first, last)
  if refresh and first and (last - first) // refresh >= WINDOWS_MAX then
    fault.usage("--refresh: too many intervals: %d (at most %d)",
      (last - first) // refresh + 1, WINDOWS_MAX)
  end
end

-- ---- What was asked for and does not exist ----

--- Warns of CPUs that were asked for and are not in the trace.
local function warn_of_cpus(jobs, trace, warnings)
  local there, absent, told = {}, {}, {}
  for _, stream in ipairs(trace:streams()) do
    for _, cpu in ipairs(stream.cpus) do
      there[cpu] = true
    end
  end
  for _, job in ipairs(jobs) do
    for _, cpu in ipairs(job.values.cpu or {}) do
      if not there[cpu] and not told[cpu] then
        told[cpu] = true
        absent[#absent + 1] = tostring(cpu)
      end
    end
  end
  if #absent > 0 then
    warnings[#warnings + 1] = ("--cpu: the trace has no CPU %s"):format(table.concat(absent, ", "))
  end
end

--- Warns if what was asked for selects nothing on any machine, and says what there is.
local function warn_of_misses(jobs, machines, filtered, warnings)
  local told = {}
  for i, job in ipairs(jobs) do
    local counts = {}
    -- Of each container there is something.
    for _, machine in ipairs(job.container and {} or machines) do
      local own = {}
      for _, one in ipairs(filtered[machine.number]) do
        own[#own + 1] = one.script == i and one or nil
      end
      for _, message in ipairs(selection.misses(job.selected, own)) do
        counts[message] = (counts[message] or 0) + 1
        if counts[message] == #machines then
          -- What an analysis would say by itself follows from this.
          job.missed = false
        end
        if counts[message] == #machines and not told[message] then
          told[message] = true
          warnings[#warnings + 1] = message
        end
      end
    end
  end
end

--- What asks for containers: an option, or an analysis that shows them; nil if nothing does.
local function asks_for_containers(jobs, values)
  if values.by == "container" then
    return "--by container"
  end
  for _, job in ipairs(jobs) do
    if job.values.container then
      return "--container"
    end
    for _, one in ipairs(job.script.analysis.tables) do
      if tables.find_column(one.columns, "container") then
        return job.script.name
      end
    end
  end
end

--- Whether a class tells of namespaces: in the statedump, or by its contexts.
local function tells_namespaces(class)
  if class.name:find "^lttng_statedump_process_%a+_ns$" then
    return true
  end
  for _, field in ipairs(class.fields) do
    if field:find "^ctx%.%a+_ns$" or field == "ns_inum" then
      return true
    end
  end
  return false
end

--- Warns if containers are asked for, and the trace can't tell them.
local function warn_of_containers(jobs, values, trace, warnings)
  local who = asks_for_containers(jobs, values)
  for _, class in ipairs(who and trace:classes() or {}) do
    if tells_namespaces(class) then
      return
    end
  end
  warnings[#warnings + 1] = who and who .. ": the trace does not tell in which namespaces threads "
    .. "are: it has neither lttng_statedump_process_*_ns nor a context such as pid_ns or cgroup_ns "
    .. "(lttnga-record --containers records them)" or nil
end

-- ---- The run ----

--- The CPUs of each machine that were recorded, in order: lists by number of the machine.
local function cpus_of(trace, machines)
  local of_trace, cpus, seen = {}, {}, {}
  for _, machine in ipairs(machines) do
    cpus[machine.number], seen[machine.number] = {}, {}
    for _, number in ipairs(machine.traces) do
      of_trace[number] = machine.number
    end
  end
  for _, stream in ipairs(trace:streams()) do
    local number = of_trace[stream.trace]
    for _, cpu in ipairs(number and stream.cpus or {}) do
      local list = cpus[number]
      list[#list + 1] = not seen[number][cpu] and cpu or nil
      seen[number][cpu] = true
    end
  end
  for _, list in pairs(cpus) do
    table.sort(list)
  end
  return cpus
end

--- What windows of each machine get beside events: see lttnga.keys.
local function facts_of(machines, values, limits, missing)
  local facts = {}
  for m, machine in ipairs(machines) do
    facts[m] = {
      interval = values.refresh or nil, missing = missing,
      source = {
        paths = limits.paths, host = machines.several and machine.name or nil,
        gmt = limits.show.gmt, date = limits.show.date, all = values["no-intersection"],
      },
    }
  end
  return facts
end

--- Opens windows: by number of the machine a list of them by job; false for those left out.
-- @tparam table facts of each of the machines, see windows.open
local function open_windows(machines, jobs, renderer, from, facts, is_part)
  local opened = {}
  for number = 1, machines.n do
    opened[number] = false
  end
  for m, machine in ipairs(machines) do
    local list = {}
    for i, job in ipairs(jobs) do
      list[i] = windows.open(job.script.analysis, job.values, renderer, from, job.runs[m],
        facts[m], is_part)
    end
    opened[machine.number] = list
  end
  return opened
end

--- The results of a job's window; only those of --table, if it was given.
local function close_window(job, w, only, renderer)
  local results = {}
  w.options = renderer.options_of and renderer:options_of(w.options) or w.options
  for _, result in ipairs(windows.close(job.script.analysis, w)) do
    local is_wanted = not only or result.id == only or result.title == only
      or result.class == only
    if is_wanted and (not job.tables or job.tables[result.id]) then
      result.title = job.label and ("%s (%s)"):format(result.title, job.label) or result.title
      results[#results + 1] = result
    end
  end
  return results
end

--- Whether there is only one table: then it needs no other beside it.
local function is_single(jobs, only)
  if only then
    return only ~= "trace"
  end
  local count = 0
  for _, job in ipairs(jobs) do
    count = count + #job.script.analysis.tables
  end
  return count == 1
end

--- Whether the table "trace" is wanted. One of an analysis can be called so, too: that of info.
local function wants_trace(jobs, values)
  local only = values.table
  for _, job in ipairs(only and jobs or {}) do
    for _, one in ipairs(job.script.analysis.tables) do
      if one.id == only then
        return false
      end
    end
  end
  return values.output ~= "text" and (not only or only == "trace")
end

--- Whether rows say whose they are, if there are several traces: a host, if all are of one; see
-- lttnga.tables.
local function hosts_of(trace)
  local traces, machines = trace:traces(), trace:machines()
  return #traces > 1 and { host = #machines == 1 and machines[1].name or nil } or nil
end

--- A function that gives the classes of a trace, which are listed when they are first needed.
local function classes_of(trace)
  local classes
  return function()
    classes = classes or trace:classes()
    return classes
  end
end

--- What requests the jobs look for, as a plan; nil if none does. Each job's hooks get its own only:
-- `job.owner`, if there are several. Also messages: what they need and the trace does not have.
local function plan_requests(jobs, classes, machines)
  local all, owners, limit, warnings = {}, {}, nil, {}
  for _, job in ipairs(jobs) do
    local find = job.script.analysis.requests
    local definitions, settings
    if find then
      definitions, settings = find(job.values)
      settings = settings or {}
    end
    local key = definitions
      and ("%p %s %s"):format(definitions, settings.min, settings.max)
    if definitions and not owners[key] then
      owners[#owners + 1] = key
      owners[key] = #owners
      for _, definition in ipairs(definitions) do
        all[#all + 1] = setmetatable({ owner = #owners, min = settings.min, max = settings.max },
          { __index = definition })
      end
      limit = settings.limit or limit
      local what = settings.what or "request"
      for _, message in ipairs(requests.misses(definitions, classes(), what)) do
        local known = false
        for _, warning in ipairs(warnings) do
          known = known or warning == message
        end
        warnings[#warnings + 1] = not known and message or nil
      end
    end
    job.owner = key and owners[key]
  end
  for _, job in ipairs(#owners < 2 and jobs or {}) do
    job.owner = nil
  end
  return #owners > 0 and requests.plan(all, classes(), limit, machines) or nil,
    warnings
end

--- When each trace was recorded, as far as it is read, for the progress bar.
local function spans_of(trace, first, last)
  local list = {}
  for _, one in ipairs(first and last and trace:traces() or {}) do
    if one.begin and one.domain ~= "ust" then
      list[#list + 1] = { math.max(one.begin, first), math.min(one["end"], last) }
    end
  end
  return list
end

--- What the function `run` of an analysis gets.
-- @tparam table machine one of machines.chosen()
-- @tparam table shared the same for all machines
local function about_machine(trace, machines, machine, limits, shared, say)
  local first, last = trace:range()
  return {
    name = machine.host, label = machine.name, number = machine.number, count = #machines,
    kernel = machine.kernel,
    clock = machine.clock, first = first, last = last, from = limits.begin, to = limits.ending,
    size = trace:size(),
    shared = shared, session = limits.is_captured,
    note = function(message) say("note: ", message) end,
  }
end

--- What is selected for a job that is of one container, by number of the machine.
local function selected_on(machines, job, about)
  local list = {}
  for _, machine in ipairs(machines) do
    about.containers = job.container.ids[machine.number] or {}
    list[machine.number] = selection.of(job.script.analysis, job.values, about)
  end
  about.containers = nil
  return list
end

--- Reads a trace and reports it: everything in a run except opening the trace.
-- @param trace from run.open
-- @tparam table jobs see run.go
-- @tparam table values options of the run
-- @tparam table limits from, to (ns or nil); checkpoints: to begin at, or nil; make_checkpoints:
-- how many bytes new ones may take, or nil: makes none; show: how times are written
-- @param renderer object of a renderer
-- @tparam table world see run.go
-- @treturn table what trace:run was given: `made_checkpoints` if it has made some; `windows`
local function go_through(trace, jobs, values, limits, renderer, world)
  local from, to = limits.from, limits.to
  local bar = progress.choose(values, spans_of(trace, limits.begin, limits.ending))
  local warnings, missing = {}, trace:missing()
  local machines = machine_list.chosen(trace, values)
  local about = { classes = classes_of(trace), ref = ref_of(values, trace) }
  local counts, whole, in_order = false, false, false
  local plan, misses = plan_requests(jobs, about.classes, machines)
  -- Partial results do not have all classes.
  misses = trace.misses and trace:misses() or misses
  table.move(misses, 1, #misses, 1, warnings)
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    if job.check then
      job.check(trace, about.classes, world.say)
    end
    job.runs = {}
    local shared = {}
    for m, machine in ipairs(machines) do
      job.runs[m] = analysis.run(job.values,
        about_machine(trace, machines, machine, limits, shared, world.say))
    end
    about.script = #jobs > 1 and job.script.name or nil
    about.owner = job.owner
    local selected, notes = selection.of(analysis, job.values, about)
    job.selected = selected
    job.selected_on = job.container and selected_on(machines, job, about)
    for _, note in ipairs(job.is_more and {} or notes) do
      world.say("note: ", note)
    end
    local own = job.is_more and {} or inventory.warnings(job.script, missing)
    job.lacks = own
    table.move(own, 1, #own, #warnings + 1, warnings)
    counts = counts or analysis.trace
    in_order = in_order or analysis.in_order or false
    whole = whole or analysis.trace
  end
  -- An analysis of the trace as a whole has one window for all machines.
  if whole and #jobs == 1 then
    machines = { machines[1], n = machines.n }
  end
  local facts = facts_of(machines, values, limits, missing)
  local divided = division.parts_of(jobs, values, limits, plan, world.say)
  local is_part = divided ~= nil or limits.partial ~= nil
  local opened = open_windows(machines, jobs, renderer, from, facts, is_part)
  local hooked = {}
  for number, list in ipairs(opened) do
    hooked[number] = list and {}
    for i, job in ipairs(list and jobs or {}) do
      local analysis = job.script.analysis
      local collects = analysis:collects(job.values)
      hooked[number][i] = {
        name = job.script.name, window = list[i], on = analysis.on,
        collect = collects, filter = job.selected_on and job.selected_on[number] or job.selected,
        deferred = windows.deferred(analysis, collects, list[i]),
      }
    end
  end

  local run_first, run_last
  local n_windows = 0

  --- How long a machine was recorded in the time that results are of: others may have been before.
  local function recorded(machine, window_first, window_last)
    return common_time.length(trace, machine, limits.united and limits.spans
      or { { window_first, window_last } })
  end

  local function close_windows(list, window_first, window_last)
    if n_windows == values.count then
      return
    end
    n_windows = n_windows + 1
    if limits.partial then
      limits.partial:window(list, window_first, window_last)
      return
    end
    local results = {}
    local of = limits.labels and (limits.labels[window_first] or limits.labels[window_last])
    local cpus = cpus_of(trace, machines)
    run_first, run_last = run_first or window_first, window_last
    for m, machine in ipairs(machines) do
      local length = machines[2] and (recorded(machine, window_first, window_last) or 0)
      for i, job in ipairs(jobs) do
        local w = list[machine.number][i]
        w.first, w.last, w.cpus = window_first, window_last, cpus[machine.number]
        w.time = limits.united or window_last - window_first
        -- With a filter by name it is that name's part that is shown.
        w.renamed = not job.values.procname and list[machine.number].renamed or {}
        if job.script.analysis.trace and m == 1 then
          w.trace = {
            reader = trace:reader(), range = { trace:range() },
            traces = trace:traces(), streams = trace:streams(), classes = trace:classes(),
            analyses = inventory.analyses(world.folder, missing), saved = limits.saved_info,
          }
        end
        for _, result in ipairs(m > 1 and job.script.analysis.trace and {}
          or thread.rename(close_window(job, w, values.table, renderer), w.renamed)) do
          if not (job.script.analysis.trace and machines.n > 1) then
            result.host = machines.n > 1 and machine.name or machine.host
            result.trace = machine.path
          end
          result.job, result.time, result.recorded = job.of or i, w.time, length or w.time
          result.container = job.container and job.container.name
          results[#results + 1] = result
        end
        -- What was missed in all windows was missed.
        job.missed = job.missed ~= false and w.missed or false
      end
    end
    renderer:window(results, window_first, window_last, of)
    world.flush()
    run.shown = values.output ~= "lami"
    if n_windows == values.count then
      host.stop()
    end
  end

  local options = {
    begin = from, ["end"] = to, scripts = hooked, windows = opened, count = counts,
    on_error = world.on_error, refresh = limits.refresh, checkpoints = limits.checkpoints,
    make_checkpoints = limits.make_checkpoints, requests = plan, spans = limits.spans,
    misses = misses,
    in_order = in_order,
    open = function()
      -- Spans that are one window share it.
      opened = limits.united and opened
        or open_windows(machines, jobs, renderer, from, facts, is_part)
      return opened
    end,
    close = function(list, window_first, window_last)
      if limits.united then
        return
      end
      bar:clear()
      close_windows(list, window_first, window_last)
    end,
    progress = bar.shows and function(now) bar:show(now) end or nil,
  }
  if divided then
    local opened_trace = trace
    function divided.read(streams)
      trace = streams and division.trace_read(opened_trace, streams) or opened_trace
    end
    function divided.done(i)
      if bar.shows then
        bar:show(divided.plan[i].stop or divided.ending)
      end
    end
  end
  if limits.partial then
    limits.partial:defer(options)
  end
  if renderer.enter then
    options.count, options.waiting = true, function(now) renderer:tick(now) end
    options.progress = options.waiting
    renderer:enter(trace)
  end
  options.segment = division.slice_of(trace, options, limits, plan)
  local seen, message, at = division.read(trace, options, divided, world.say)
  bar:clear()
  if renderer.leave then
    renderer:leave()
  end
  if not seen then
    fault.raise("%s%s", message,
      at and "; the last event before that was at " .. time.format(at, limits.show) or "")
  end
  if options.unfit then
    world.say("note: ", options.unfit .. "; the trace was read from the start")
  end
  warn_of_cpus(jobs, trace, warnings)
  warn_of_misses(jobs, machines, options.filtered, warnings)
  -- Partial results do not have all classes.
  if not world.trace then
    warn_of_containers(jobs, values, trace, warnings)
  end
  local lost = gaps.tell(trace, limits.show, world.say)
  gaps.tell_unrecorded(seen.unrecorded or {}, seen.unrecorded and machines or {}, limits.show,
    world.say)
  for _, warning in ipairs(warnings) do
    world.say("warning: ", warning)
  end
  if (seen.early or 0) > 0 then
    world.say("note: ", ("%s between machines arrived before %s sent, as their clocks tell: "
      .. "--sync aligns them"):format(text.plural(seen.early, "packet"),
      seen.early == 1 and "it was" or "they were"))
  end
  -- Partial results do not tell; the runs that made them have.
  local unjoined = plan and plan.left and not trace.misses
    and require "lttnga.otlp".note(plan.left, seen.given)
  if unjoined then
    world.say("note: ", "--request: " .. unjoined)
  end
  if (seen.refused or 0) > 0 then
    warnings[#warnings + 1] = ("%s ignored: at most %d may be open at once"):format(
      text.plural(seen.refused, "request"), plan.limit)
    world.say("warning: ", warnings[#warnings])
  end
  if not seen.first and not limits.slice then
    fault.raise("the trace contains no events")
  end
  bar:finish()
  if limits.united then
    local list = limits.spans
    close_windows(opened, list[1] and list[1][1] or seen.first,
      list[1] and list[#list][2] or seen.last)
  elseif seen.first and not seen.closed then
    local is_last = not limits.slice or not limits.slice.stop
    close_windows(opened, seen.first, is_last and seen.last or nil)
  end
  if limits.partial then
    limits.partial:finish(division.meta_of(trace, jobs, limits, seen, options, values.command))
    return options
  end
  for _, job in ipairs(jobs) do
    if job.missed then
      world.say("warning: ", job.missed)
      warnings[#warnings + 1] = job.missed
    end
  end
  renderer:finish { warnings = warnings, lost = lost, single = is_single(jobs, values.table),
    trace = wants_trace(jobs, values)
      and require "lttnga.trace_table".result(trace, run_first,
        values.count and run_last or seen.last) or nil }
  options.windows = opened[machines[1].number]
  return options
end

--- Whether an analysis has an option of its own.
local function has_option(analysis, name)
  for _, option in ipairs(analysis.options) do
    if option.name == name then
      return true
    end
  end
  return false
end

--- Whether jobs are to be run in the time of periods or requests; a fault if what is asked for of
-- these makes no sense. Analyses that look for them themselves have options of these names.
local function asks_for_spans(jobs, values)
  local owner = {}
  for _, name in ipairs { "period", "request", "slower" } do
    for _, job in ipairs(jobs) do
      if has_option(job.script.analysis, name) then
        owner[name] = job.script.name
      end
    end
  end
  local finder = owner.period or owner.request
  for _, name in ipairs { "period", "period-captures", "request", "during", "slower" } do
    local own = owner[name == "period-captures" and "period" or name]
    if values[name] and finder and not own then
      fault.usage("--%s has no effect on %s, which finds %s itself", name, finder,
        owner.period and "periods" or "requests")
    end
  end
  local asked = (values.period or values.request) and not finder
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    if finder and (values.period or values.request) and not has_option(analysis, "period")
      and not has_option(analysis, "request") or asked and analysis.trace then
      fault.usage("%s cannot be limited to periods or requests%s", job.script.name,
        finder and (" together with %s"):format(finder) or "")
    end
  end
  if not asked and (values.during or values.slower and not owner.slower) then
    fault.usage("--during and --slower need --period or --request")
  elseif asked and values.refresh then
    fault.usage("--refresh cannot be used with --period or --request")
  elseif asked and values.slower and values.during ~= "slow" then
    fault.usage("--slower needs --during slow")
  end
  return asked
end

--- Runs jobs in the time of periods, see lttnga.spans.
local function go_in_spans(jobs, values, paths, limits, renderer, world)
  spans.go(values, renderer, world, function(own, to, how)
    local trace = run.open(paths, values, function() end)
    go_through(trace, how.jobs or jobs, how.values or values,
      setmetatable(own, { __index = limits }), to,
      setmetatable({ say = how.say, flush = how.flush }, { __index = world }))
    trace:close()
  end)
end

--- The jobs for each container that --by container asks for.
-- @param trace from run.open, or of partial results, which have that already
local function jobs_by_container(jobs, values, paths, trace, limits, world)
  local lists = trace.containers and trace:containers() or by_container.find(jobs,
    function(finders, renderer)
      local first = run.open(paths, values, function() end)
      local own = { from = limits.from, to = limits.to, begin = limits.begin,
        ending = limits.ending, checkpoints = limits.checkpoints, show = limits.show,
        paths = paths }
      go_through(first, finders, setmetatable({ refresh = false, count = false, partial = false,
        slice = false, table = false, output = "text" }, { __index = values }), own, renderer,
        setmetatable({ say = function() end, flush = function() end }, { __index = world }))
      first:close()
    end)
  return by_container.jobs(jobs, lists), lists
end

--- How times of a trace are written, and text as a whole, see lttnga.terminal.
local function show_of(values, first, last)
  local show = terminal.of(values)
  show.gmt, show.date = values.gmt, first and time.is_multi_day(first, last, values.gmt)
  return show
end

--- The limits of a run, and where it can begin.
local function limits_of(paths, trace, values, from, to, checkpoints)
  local first, last = trace:range()
  local begin, ending = from or first, to or last
  if first then
    begin, ending = math.max(begin, first), math.min(ending, last)
  end
  return {
    from = from, to = to, begin = begin, ending = ending, checkpoints = checkpoints,
    show = show_of(values, first, last), paths = paths,
  }
end

--- How long windows are: as --refresh says, unless all scripts divide theirs by themselves.
-- @tparam table jobs
-- @tparam table values
-- @tparam boolean is_drawn whether each window is drawn in place
local function window_length(jobs, values, is_drawn)
  local own, whole = true, nil
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    own = own and not is_drawn and (analysis.intervals or analysis.trace)
    whole = whole or analysis.trace and job.script.name
  end
  if values.refresh and whole and (not own or #jobs == 1) then
    fault.usage("--refresh: %s always covers the whole trace", whole)
  end
  return not own and values.refresh or nil
end

--- Derived events by name.
local is_derived = {}
for _, hook in ipairs(host.hooks()) do
  is_derived[hook.name] = true
end

--- Whether hooks are on events of the trace itself, which user space may have, too.
local function wants_user_space(jobs, values)
  local wanted = values.period ~= nil
  local function look(definitions)
    for _, definition in ipairs(definitions or {}) do
      for _, sides in ipairs { definition.begins, definition.ends } do
        for _, side in ipairs(sides) do
          wanted = wanted or not side.event
        end
      end
    end
  end
  for _, job in ipairs(jobs) do
    local analysis = job.script.analysis
    wanted = wanted or analysis.trace or false
    for name in pairs(analysis.on) do
      wanted = wanted or not is_derived[name]
    end
    look(not wanted and analysis.requests and analysis.requests(job.values))
  end
  look(not wanted and values.request and require "lttnga.request_family".definitions(values))
  return wanted
end

--- Runs scripts over traces, and writes their results.
-- @tparam table jobs list of { script = from scripts.load, values = its options, label = or nil }
-- @tparam table values options of the run
-- @tparam table paths folders of the traces
-- @tparam table world folder: where our Lua files are; say, see run.open; write: takes results;
-- flush: no more of them for now; on_error: the message handler; renderer: a module; classes: for
-- LAMI, see render_lami.classes; range_names: see read_range
function run.go(jobs, values, paths, world)
  if values.when then
    jobs = table.move(jobs, 1, #jobs, 1, {})
    jobs[#jobs + 1] = triggers.job(values)
  elseif values["do"] or values.every or values.keep or values["keep-to"] then
    fault.usage "--do, --keep and --every need --when"
  end
  values["user space"] = wants_user_space(jobs, values)
  local trace = world.trace or run.open(paths, values, world.say)
  local from, to = read_range(values, trace, world.range_names)
  to = to ~= math.maxinteger and to or nil
  local is_live = values.follow or live.is_url(paths[1])
  local place = not world.trace and not is_live and cache.place(paths, values, trace) or nil
  local worth = cache.is_worth(trace)
  local asks = from or worth or values.jobs or values.slice or jobs[1].script.analysis.trace
  local checkpoints = asks and cache.load(trace, place, world.say) or nil
  if checkpoints and from then
    checkpoints:mark_used()
  end
  local limits = limits_of(paths, trace, values, from, to, checkpoints)
  limits.saved_info = checkpoints and checkpoints:info()
  if not values["no-intersection"] and not is_live and not jobs[1].script.analysis.trace then
    local note = common_time.note(trace, from, to, limits.show)
    if note then
      world.say("note: ", note)
    end
  end
  -- Only a run over the whole trace makes checkpoints of all of it. Where those that there are have
  -- all parts of the model that it needs, it makes none.
  limits.make_checkpoints = worth and place and not from and not to and place.room or nil
  check_refresh(values.refresh, from or limits.begin, to or limits.ending)
  limits.refresh = window_length(jobs, values, world.renderer.draws)
  local in_spans = asks_for_spans(jobs, values)
  limits.slice = division.read_slice(values, limits, ref_of(values, trace))
  local asked, renders = jobs, world.renderer
  if values.by == "host" and (values.partial or world.trace) then
    fault.usage "--by host cannot be used with --partial: merge --together puts hosts together"
  elseif values.by == "container" then
    by_container.check(jobs, values, is_live)
    jobs, limits.containers = jobs_by_container(jobs, values, paths, trace, limits, world)
    if world.trace then
      trace.jobs = jobs
    end
  end
  if values.by then
    renders = together.renderer(renders, asked, values.by)
  end
  if values.partial then
    division.check_partial(jobs, values, limits, in_spans)
    limits.partial = partial.new(values.partial, jobs)
    limits.make_checkpoints = not limits.slice and limits.make_checkpoints or nil
  end
  local renderer = limits.partial and limits.partial.renderer
    or renders.new(world.write, {
    gmt = limits.show.gmt, date = limits.show.date,
    width = limits.show.width, classic = limits.show.classic, color = limits.show.color,
    windows = limits.refresh ~= nil or in_spans and not values.during,
    periods = in_spans and not values.during,
    hosts = hosts_of(trace), machines = machine_list.chosen(trace, values).several,
    spreadsheet = values["csv-spreadsheet"], jobs = asked,
    report = world.report, classes = world.classes,
  })
  if in_spans and is_live then
    fault.usage("--period and --request need a recorded trace: a live one can be read only once")
  elseif in_spans then
    limits.make_checkpoints = nil
    trace:close()
    go_in_spans(jobs, values, paths, limits, renderer, world)
    return
  end
  local options = go_through(trace, jobs, values, limits, renderer, world)
  if options.unfit then
    os.remove(place.path)
  elseif options.made_checkpoints and options.made_checkpoints:info().complete then
    cache.save(options.made_checkpoints, place, world.say)
  end
  trace:close()
end

--- Runs one analysis over a part of a trace, for a program: nothing is written.
-- @tparam table script from scripts.load
-- @tparam table opened paths, values, checkpoints: those of a session; world: see run.go
-- @tparam table own_values options of the script
-- @tparam table limits begin, end: ns or nil
-- @treturn table its tables, see lttnga.capture; and the (last) window
function run.capture(script, own_values, limits, opened)
  local trace = run.open(opened.paths, opened.values, function() end)
  local whole = limits_of(opened.paths, trace, opened.values, limits.begin, limits["end"],
    opened.checkpoints)
  whole.is_captured = true
  -- A text is a value of Lua here, which may go anywhere.
  whole.show.color = nil
  local capture = require "lttnga.capture"
  local renderer = capture.new(whole.show)
  local options = go_through(trace, { { script = script, values = own_values } }, opened.values,
    whole, renderer, opened.world)
  trace:close()
  return renderer:tables(), options.windows[1]
end

return run
