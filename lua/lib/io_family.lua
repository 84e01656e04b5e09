--- What the analyses of I/O share: their options, which calls wait for data, and how a call is
-- shown.
--
-- SPDX-License-Identifier: MIT

local of_family = require("lttnga.options").of_family
local ends = require "lttnga.ends"
local text = require "lttnga.text"
local thread = require "lttnga.thread"

local family = {}

--- The analyses of the family, in the order of their results, for `family`: each takes the flags
-- that add the results of the others.
family.members = {
  { flags = { "usage" }, script = "iousagetop" },
  { flags = { "stats", "latencystats" }, script = "iolatencystats" },
  { flags = { "top" }, script = "iolatencytop" },
  { flags = { "freq" }, script = "iolatencyfreq" },
  { flags = { "log" }, script = "iolog" },
}

--- The options of the analysis with a flag: see options.of_family.
family.options_of = of_family({
  { name = "usage", help = "also I/O by process, file and disk (iousagetop)" },
  { name = "stats", help = "also latency statistics (iolatencystats)" },
  { name = "latencystats", help = "same as --stats", of = "stats" },
  { name = "top", help = "also the longest calls (iolatencytop)" },
  { name = "freq", help = "also latency distributions (iolatencyfreq)" },
  { name = "log", help = "also a log of all calls (iolog)" },
}, {
  { "process", "path", "cpu" },
  { "duration", "size", of = { "stats", "top", "freq", "log" } },
  { "limit", of = { "usage", "top", "log" } },
  { "percentiles", of = { "stats" } }, { "frequency", of = { "freq" } },
  { { name = "per-tid", help = "usage by thread instead of by process" }, of = { "usage" } },
})

--- The options that all of them take.
family.options = family.options_of()

--- The classes of calls whose latency counts, in the order in which they are shown. The others do
-- not wait for data: accept waits for a peer, io_uring for other calls.
family.classes = { "open", "read", "write", "sync" }

-- ---- A call as a row ----

--- The columns of a table of calls. Calls that began before the time that is analysed are "out of
-- range".
family.columns = {
  { "Time range", "time-range", { "begin", "time" } }, { "Out of range", "bool", "begin:early" },
  { "Duration", "duration", "duration" }, { "Name", "syscall", "name" }, { "Size", "size", "size" },
  { "Process", "process", thread.fields }, { "Path", "path", "path", unknown = "fd" },
  { "File descriptor", "fd", "fd" }, ends.column,
}

--- The fields of io_end that its rows are made of.
family.fields = { "begin", "time", "duration", "name", "size", "procname", "pid", "tid", "path",
  "fd" }

--- The collect of calls that are still in progress, which have no size yet.
-- @tparam table given the collect of io_end
-- @tparam[opt] string into where to, if elsewhere
-- @tparam[opt] table without list of further fields that io_open does not have
-- @treturn table
function family.open(given, into, without)
  local left_out = { size = true }
  for _, field in ipairs(without or {}) do
    left_out[field] = true
  end
  local open = ends.collect(given, "io_open", left_out)
  open.into = into or open.into
  return open
end

--- The widths of the heading; times with their date are wider.
local HEADING = { -20, -20, -16, -23, -5, -24, -8, -8, 0 }
local DATED_HEADING = { -31, -31, -16, -23, -5, -24, -8, -8, 0 }

--- How such tables look as text, for `text`.
family.text = {
  heading = function(about)
    return text.columns(about.date and DATED_HEADING or HEADING,
      "Begin", "End", "Name", "Duration (usec)", "Size", "Proc", "PID", "TID", "Filename")
  end,
  -- Widths, and what is in the columns: of the texts between bars, the first one whose fields are
  -- all there.
  line = {
    { -41, "[{begin:time}, {still}]{begin:early}|[{begin:time}, {time:time}]{begin:early}",
      "Begin and end", shorter = ends.shorter },
    { -16, "{name}", "Name" },
    { 17, "{more}{duration:us}{begin:early}|{duration:us}{begin:early}", "Duration" },
    { 11, "{size:size}|N/A", "Size", spare = 2 },
    { -25, " {procname}| unknown", "Process" }, { -8, "{pid}|?", "PID", spare = 1 },
    { -8, "{tid}|?", "TID", spare = 3 },
    { 0, "{path} (fd={fd})|{path}|unknown (fd={fd})|N/A", "File", keeps = true },
  },
  footer = function(about)
    return about.marked and "*: begun before the time range" or nil
  end,
}

--- The same with one more column before the file name.
-- @tparam integer width
-- @tparam string title
-- @tparam string cell its template
-- @treturn table for `text` of a table
function family.text_with(width, title, cell)
  local line = table.move(family.text.line, 1, #family.text.line, 1, {})
  table.insert(line, #line, { -width, cell, title })
  return {
    heading = function(about)
      local heading = family.text.heading(about):sub(1, -1 - #"Filename")
      return heading .. ("%-" .. width + 1 .. "s"):format(title) .. "Filename"
    end,
    line = line, footer = family.text.footer,
  }
end

return family
