--- A report: sections, each of some analyses with options, all in one run. An analysis that has
-- `sections` instead of hooks is one: a list of
--
--     { "Title", "One sentence: what it tells.", "SCRIPT", "SCRIPT:--option=value",
--       { "SCRIPT", tables = { "ID", ... } }, ... }
--
-- Scripts are named as on the command line; of their tables all are shown, or those that `tables`
-- names, in that order. A section that fails says so, and loses no other.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local text = require "lttnga.text"

local report = {}

--- Rows of each table.
local ROWS = 100

--- Checks `sections` of an analysis.
-- @tparam function check check(condition, format, ...) raises an error of the script
function report.check(sections, check)
  check(#sections > 0, "`sections` must be a list of { title, text, script, ... }")
  for i, section in ipairs(sections) do
    check(type(section) == "table" and type(section[1]) == "string"
      and type(section[2]) == "string" and #section >= 3,
      "section %d must be { title, text, script, ... }", i)
    for part = 3, #section do
      local script = section[part]
      check(type(script) == "string" or type(script) == "table" and type(script[1]) == "string"
        and type(script.tables) == "table", "section '%s': a script must be a name, or "
        .. "{ name, tables = { id, ... } }", section[1])
    end
  end
end

--- The tables of a script that are shown, by id: the place of each; nil: all, as they come.
local function chosen(ids, script)
  local known, names, set = {}, {}, ids and {}
  for i, one in ipairs(script.analysis.tables) do
    known[one.id], names[i] = true, one.id
  end
  for place, id in ipairs(ids or {}) do
    if not known[id] then
      fault.raise("%s has no table '%s'%s", script.name, id, text.did_you_mean(id, names))
    end
    set[id] = place
  end
  return set
end

--- A script with its arguments, as a list of what cli.lua reads of it.
local function read_part(part, read)
  local name, ids = part, nil
  if type(part) == "table" then
    name, ids = part[1], part.tables
  end
  local asked = read(name)
  for _, one in ipairs(asked) do
    one.tables = chosen(ids, one.script)
  end
  return asked
end

--- The runs of a report.
-- @tparam table script of the report, from scripts.load
-- @tparam function read "SCRIPT:--option=value" -> list of scripts with arguments, see cli.lua
-- @tparam boolean windows whether the run has several: what tells of the trace as a whole has none
-- @treturn table the report: script, title, rows, sections: { title, text, failed = messages,
-- jobs }, scripts: all that its sections name
-- @treturn table list of scripts with arguments, each with `section` and `tables`
function report.read(script, read, windows)
  local made = { script = script, title = script.analysis.title, rows = ROWS, sections = {},
    scripts = {} }
  local all = {}
  for i, given in ipairs(script.analysis.sections) do
    local section = { title = given[1], text = given[2], failed = {}, jobs = {} }
    for part = 3, #given do
      local ok, asked = pcall(read_part, given[part], read)
      for _, one in ipairs(ok and asked or {}) do
        one.section = i
        made.scripts[#made.scripts + 1] = one.script
        all[#all + 1] = not (windows and one.script.analysis.trace) and one or nil
      end
      section.failed[#section.failed + 1] = not ok and tostring(asked) or nil
    end
    made.sections[i] = section
  end
  if not all[1] then
    fault.raise("no section of %s can be run: %s", script.name,
      made.sections[1].failed[1] or "it always covers the whole trace")
  end
  return made, all
end

--- Tells sections their jobs.
local function number(made, jobs)
  for _, section in ipairs(made.sections) do
    section.jobs = {}
  end
  for j, job in ipairs(jobs) do
    table.insert(made.sections[job.section].jobs, j)
  end
end

--- The job in whose script something went wrong; nil if it is of none.
local function culprit(problem, jobs)
  local told = tostring(problem) .. "\n" .. (fault.is(problem) and problem.traceback or "")
  for j, job in ipairs(jobs) do
    local file = job.script.path:match "[^/]*$"
    if told:find(file .. ":", 1, true) then
      return j
    end
  end
end

--- Runs the jobs of a report; without those whose scripts fail, and these sections say so.
-- @tparam table made from report.read
-- @tparam table jobs those of its scripts, each with `section`
-- @tparam function go takes jobs, and runs them
-- @tparam function say tells the user of a kind ("warning: ") and a message
-- @tparam function on_error the message handler
function report.go(made, jobs, go, say, on_error)
  while true do
    number(made, jobs)
    local ok, problem = xpcall(go, on_error, jobs)
    local bad = not ok and not host.interrupted() and culprit(problem, jobs)
    if ok then
      return
    elseif not bad then
      error(problem, 0)
    end
    local failed = table.remove(jobs, bad)
    table.insert(made.sections[failed.section].failed, tostring(problem))
    say("warning: ", tostring(problem))
  end
end

return report
