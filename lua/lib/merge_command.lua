--- The command merge: puts partial results together, and shows them.
--
-- Files of one trace are its slices. Each trace has results of its own, as if it had been analysed
-- by itself; with several of them, rows say which host and trace they are of.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local help = require "lttnga.help"
local host = require "lttnga.host"
local options = require "lttnga.options"
local partial = require "lttnga.partial"
local partial_trace = require "lttnga.partial_trace"
local run = require "lttnga.run"
local text = require "lttnga.text"
local together = require "lttnga.together"

local merge = {}

local listed = help.options_of "merge"

--- The options of the command: its own, and those of a run that say how results look.
merge.options = options.set(table.unpack(listed))
merge.looks = options.set(listed[2])

--- Options that results do not depend on.
local others = {}
for _, name in ipairs { "partial", "slice", "jobs", "threads", "reader", "cache", "no-cache",
  "no-progress", "output-progress", "clock-offset", "sync" } do
  others[name] = true
end

--- The arguments on which partial results depend.
-- @tparam table given from options.words
-- @treturn table texts
function merge.settled(given)
  local words = {}
  for _, one in ipairs(given) do
    if not merge.looks.by_name[one.name] and not others[one.name] then
      table.move(one.words, 1, #one.words, #words + 1, words)
    end
  end
  return words
end

-- ---- Which files ----

--- How times were corrected, as text.
local function clocks_of(meta)
  local parts = {}
  for i, one in ipairs(meta.facts.traces) do
    parts[i] = ("%s %s %s"):format(one.offset, one.from, one.rate)
  end
  return table.concat(parts, "\n")
end

--- The options that results depend on, as text.
local function words(meta)
  return table.concat(meta.command.arguments, " ")
end

--- Opens files, by trace: lists in the order of their hosts.
local function open_files(paths)
  local traces, by_key = {}, {}
  for _, path in ipairs(paths) do
    local file = partial.open(path)
    local first = traces[1] and traces[1][1]
    local meta = file.meta
    if first and (meta.command.script ~= first.meta.command.script
      or meta.command.source ~= first.meta.command.source) then
      fault.raise("%s and %s are results of different analyses: %s, %s", first.path, path,
        first.meta.command.script, meta.command.script)
    elseif first and words(meta) ~= words(first.meta) then
      fault.raise("%s and %s were made with different options: '%s' and '%s'", first.path, path,
        words(first.meta), words(meta))
    end
    local key = table.concat(meta.uuids, " ")
    local same = by_key[key] and by_key[key][1]
    if same and clocks_of(meta) ~= clocks_of(same.meta) then
      fault.raise("%s and %s are of one trace, whose times were corrected differently "
        .. "(--clock-offset, --sync)", same.path, path)
    end
    if not by_key[key] then
      by_key[key] = {}
      traces[#traces + 1] = by_key[key]
    end
    table.insert(by_key[key], file)
  end
  table.sort(traces, function(a, b)
    local one, other = a[1].meta, b[1].meta
    if one.name ~= other.name then
      return one.name < other.name
    end
    return table.concat(one.paths, " ") < table.concat(other.paths, " ")
  end)
  return traces
end

--- By what names files are expected.
local function names_of(traces)
  local names = {}
  for _, files in ipairs(traces) do
    for _, file in ipairs(files) do
      names[file.path], names[file.path:match "[^/]*$"] = true, true
      names[file.path:match("[^/]*$"):gsub("%.[^.]*$", "")] = true
      for _, list in ipairs { file.meta.hosts, file.meta.uuids, file.meta.paths } do
        for _, name in ipairs(list) do
          names[name] = true
        end
      end
    end
  end
  return names
end

--- Which of the names in a file are missing.
local function missing_of(traces, path)
  local file, message = io.open(path, "r")
  if not file then
    fault.usage("--expect: %s", message)
  end
  local names, missing = names_of(traces), {}
  for line in file:lines() do
    local name = text.trim(line)
    missing[#missing + 1] = name ~= "" and not names[name] and name or nil
  end
  file:close()
  return missing
end

local function check_expected(traces, values, say)
  local missing = values.expect and missing_of(traces, values.expect) or {}
  if #missing == 0 then
    return
  end
  local message = ("%d missing: %s"):format(#missing, table.concat(missing, ", "))
  if not values["allow-missing"] then
    fault.raise("%s (--allow-missing shows the others)", message)
  end
  say("warning: ", message)
end

-- ---- Results ----

--- A renderer that several runs write to, each with its own host and trace.
local function shared_renderer(module, write, n, values)
  local shared = {}
  return { new = function(_, about)
    about.hosts = n > 1 and {} or about.hosts
    about.machines = about.machines or n > 1
    shared.renderer = shared.renderer
      or values.together and together.new(module, write, about, values.limit)
      or module.new(write, about)
    shared.runs = (shared.runs or 0) + 1
    local warnings, lost = shared.warnings or {}, shared.lost or {}
    shared.warnings, shared.lost = warnings, lost
    return setmetatable({ window = function(_, results, first, last, of)
      shared.renderer:window(results, first, last, values.together and shared.runs or of)
    end, finish = function(_, end_of)
      table.move(end_of.warnings, 1, #end_of.warnings, #warnings + 1, warnings)
      table.move(end_of.lost, 1, #end_of.lost, #lost + 1, lost)
      if shared.trace and end_of.trace then
        local more = end_of.trace.rows
        table.move(more, 1, #more, #shared.trace.rows + 1, shared.trace.rows)
      end
      shared.trace = shared.trace or end_of.trace
      if shared.runs == n then
        end_of.warnings, end_of.lost, end_of.trace = warnings, lost, shared.trace
        shared.renderer:finish(end_of)
      end
    end }, { __index = function(_, name)
      local method = shared.renderer[name]
      return type(method) == "function"
        and function(_, ...) return method(shared.renderer, ...) end or method
    end })
  end }
end

--- What makes a fault of an error that files have caused: their values are not as a run leaves
-- them. What a script of the user's does wrong is no fault of theirs.
local function handler(files, world)
  local paths = {}
  for i, file in ipairs(files) do
    paths[i] = file.path
  end
  return function(err)
    local message = fault.text_of(err)
    local place = message:match "^(.-):%d+: "
    local is_ours = not place or place:sub(1, #world.folder) == world.folder
    if fault.is(err) and not (place and is_ours) or host.interrupted() or not is_ours
      or message == "not enough memory" then
      return world.on_error(err)
    end
    return fault.new(fault.RUN, "%s: damaged: %s", table.concat(paths, ", "),
      partial.words_of(message))
  end
end

--- Merges files.
-- @tparam table paths
-- @tparam table values options of the command
-- @tparam function jobs_of jobs_of(file) returns the jobs that the file's command line made, and
-- its options, those of the look being the command's
-- @tparam table world see run.go; renderer: its module
function merge.go(paths, values, jobs_of, world)
  if #paths == 0 then
    fault.usage("no files given: lttnga-run merge FILE...")
  elseif values.limit and not values.together then
    fault.usage("--limit needs --together: the run that wrote a file has its own --limit")
  end
  local traces = open_files(paths)
  check_expected(traces, values, world.say)
  local jobs, run_values = jobs_of(traces[1][1])
  local own = setmetatable({
    renderer = shared_renderer(world.renderer, world.write, #traces, values),
  }, { __index = world })
  for _, files in ipairs(traces) do
    own.trace = partial_trace.new(files, jobs)
    local ok, raised = xpcall(run.go, handler(files, world), jobs, run_values,
      files[1].meta.paths, own)
    if not ok then
      error(raised, 0)
    end
  end
end

return merge
