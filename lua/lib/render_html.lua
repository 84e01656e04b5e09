--- Result tables as a page that opens in a browser: one file that loads nothing, with pictures,
-- tables that can be sorted and filtered, and whatever comes from a trace as text.
--
-- Each job of the run is a section; in a report (lttnga.report) those that belong together are. In
-- a run with several windows tables become series over time. The page stays small however long the
-- trace is: pictures have a most number of steps, tables of rows, and all rows together of bytes.
--
-- SPDX-License-Identifier: MIT

local columns = require "lttnga.columns"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local html = require "lttnga.html"
local html_table = require "lttnga.html_table"
local pictures = require "lttnga.pictures"
local scripts = require "lttnga.scripts"
local tables = require "lttnga.tables"
local text = require "lttnga.text"
local time = require "lttnga.time"
local time_charts = require "lttnga.time_charts"

--- Where the style and the script of pages are; this file is NAME/lib/render_html.lua.
local folder = select(2, ...):match "^(.*)/lib/[^/]*$" .. "/html"

local render = {}

--- Of what has no natural end: tables of one kind, what is said of their rows, traces, remarks.
local MOST = 40

--- Rows of a table; bytes of all rows together, and of all pictures with their data.
local ROWS, BYTES, PICTURES = 500, 900000, 800000

local Page = {}
Page.__index = Page

--- A renderer, see lttnga.tables. Of `about` it takes `jobs` (see run.go), too, and `report`: what
-- lttnga.report has made of sections, or nil.
function render.new(write, about)
  local report = about.report
  return setmetatable({
    write = write, jobs = about.jobs or {}, report = report, rows = report and report.rows or ROWS,
    about = { gmt = about.gmt or false, date = about.date or false },
    windows = about.windows, machines = about.machines, ids = 0,
    left = BYTES, pictures_left = PICTURES,
    entries = {}, known = {}, data_members = {},
  }, Page)
end

--- An id for an element.
function Page:id()
  self.ids = self.ids + 1
  return "e" .. self.ids
end

--- A picture and its data, if there is still room for it.
-- @tparam string|nil id of the picture
-- @tparam string|nil made HTML; nil if there is nothing to be drawn
-- @tparam[opt] table data
-- @treturn string HTML
function Page:picture(id, made, data)
  local written = data and html.data(data) or ""
  local bytes = #(made or "") + #written
  if bytes > self.pictures_left then
    return '<p class="note">Chart not shown: the page has reached its size limit.</p>\n'
  end
  self.pictures_left = self.pictures_left - bytes
  if data then
    self.data_members[#self.data_members + 1] = ('"%s":%s'):format(id, written)
  end
  return made
end

--- Whether there is still room for so many bytes of rows.
function Page:take(bytes)
  self.left = bytes <= self.left and self.left - bytes or -1
  return self.left >= 0
end

-- ---- Gathering ----

function Page.log_spec(_, _, list)
  return { format = "record", columns = tables.log_columns(list) }
end

--- The first rows of a log, which gives them only once.
local function keep_rows(result, most)
  local records, log = {}, result.log
  result.total, result.log = log:count(), nil
  for record in log:each() do
    if #records == most then
      break
    end
    records[#records + 1] = record
  end
  result.rows = columns.cells(records, result.columns, { from = result.from }, result.title)
end

--- What is gathered of a table of a job, on one machine.
local function entry_of(self, result)
  local key = ("%s\0%s\0%s"):format(result.job, result.host or "", result.id)
  local entry = self.known[key]
  if not entry then
    entry = { job = result.job, id = result.id, host = result.host, class = result.class,
      results = {} }
    self.known[key], self.entries[#self.entries + 1] = entry, entry
  end
  return entry
end

--- What tells the rows of windows apart.
local INTERVAL = columns.read({ { "Interval", "time-range" } }, "", assert)[1]
local PERIOD = columns.read({ { "Period", "string" } }, "", assert)[1]

local over_time = { line = true, area = true, heat = true }

--- Whether a table has times of its own: it is drawn from its rows, in whichever window they are.
local function has_times(result)
  return result.charts ~= nil and over_time[result.charts[1].kind] ~= nil
end

--- Columns and cells in front of those of a result's rows.
local function front_of(result, first, last, of)
  local list, front = {}, {}
  if not has_times(result) then
    list[1], front[1] = INTERVAL, { first, last }
  end
  if of then
    list[#list + 1], front[#front + 1] = PERIOD, of.name
  end
  local before, group = #list, result.group or {}
  for c = 1, #group do
    list[before + c] = group[c]
    front[before + c] = result.group_cells and result.group_cells[c]
  end
  return list, front
end

--- Puts rows of a window behind those of the ones before: as many as are shown.
local function add_rows(self, entry, result, first, last, of)
  local list, front = front_of(result, first, last, of)
  local all = entry.results[1]
  if not all then
    all = { title = result.class, rows = {}, total = 0,
      charts = has_times(result) and result.charts or nil,
      columns = table.move(result.columns, 1, #result.columns, #list + 1,
        table.move(list, 1, #list, 1, {})) }
    entry.results[1] = all
  end
  all.total = all.total + (result.total or #result.rows)
  local most = all.charts and time_charts.STEPS * time_charts.SERIES or self.rows
  for r = 1, math.min(#result.rows, most - #all.rows) do
    local row = table.move(front, 1, #list, 1, {})
    all.rows[#all.rows + 1] = table.move(result.rows[r], 1, #result.columns, #list + 1, row)
  end
end

--- Adds what one window has of a table.
local function add_window(self, entry, results, first, last, of)
  entry.series = entry.series or pictures.series()
  for _, result in ipairs(results) do
    add_rows(self, entry, result, first, last, of)
  end
  if not has_times(results[1]) then
    entry.series:add(results, first, last, self.about)
  end
end

function Page:window(results, first, last, of)
  self.from, self.to = math.min(self.from or first, first), math.max(self.to or last, last)
  local by_entry, order = {}, {}
  for _, result in ipairs(results) do
    if result.log then
      keep_rows(result, self.rows)
    end
    local entry = entry_of(self, result)
    if not by_entry[entry] then
      by_entry[entry], order[#order + 1] = {}, entry
    end
    table.insert(by_entry[entry], result)
  end
  for _, entry in ipairs(order) do
    if self.windows then
      add_window(self, entry, by_entry[entry], first, last, of)
    else
      local list = by_entry[entry]
      table.move(list, 1, #list, #entry.results + 1, entry.results)
    end
  end
end

-- ---- A table ----

--- Results with a group are one table if they have the same columns; others are each its own.
-- Those without rows are left out.
local function gather(results)
  local lists, open = {}, nil
  for _, result in ipairs(results) do
    if #result.rows > 0 and result.group and open and #open[1].columns == #result.columns then
      open[#open + 1] = result
    elseif #result.rows > 0 then
      lists[#lists + 1] = { result }
      open = result.group and lists[#lists] or nil
    end
  end
  return lists
end

--- What results say about their rows.
local function write_says(results)
  local parts = {}
  for _, result in ipairs(results) do
    parts[#parts + 1] = result.says and #parts < MOST
      and "<li>" .. html.message(result.says) .. "</li>\n" or nil
  end
  return #parts == 0 and "" or '<ul class="says">\n' .. table.concat(parts) .. "</ul>\n"
end

--- Kinds of pictures that say it all: their rows are folded up below them.
local tells_all = { flame = true, histogram = true, heat = true }

--- A table of a job: its pictures, its rows.
-- @tparam table section { title, id }: a heading that only repeats it is left out
local function write_entry(self, entry, section)
  local first = entry.results[1]
  local drawn = (not self.windows or first and first.charts) and pictures.of(entry.results, self)
    or entry.series:draw(self)
  local parts = {}
  local where = self.machines and (" on <bdi>%s</bdi>"):format(html.text(entry.host or "all")) or ""
  local lists = gather(entry.results)
  for i, list in ipairs(table.move(lists, 1, math.min(#lists, MOST), 1, {})) do
    local title, has_pictures = #list > 1 and entry.class or list[1].title, i == 1 and #drawn > 0
    local is_same = i == 1 and title == section.title and where == ""
    local heading = is_same and section.heading or self:id()
    local is_shut = has_pictures and list[1].charts and tells_all[list[1].charts[1].kind]
    parts[#parts + 1] = table.concat {
      '<div class="block', has_pictures and " wide" or "", '">\n', is_same and ""
        or ('<h3 id="%s">%s%s</h3>\n'):format(heading, html.name(title), where),
      write_says(list),
      has_pictures and ('<div class="charts%s">\n%s</div>\n'):format(#drawn > 1 and " many" or "",
        table.concat(drawn)) or "",
      is_shut and '<details><summary>Show as table</summary>\n' or "",
      html_table.write(list, self, heading), is_shut and '</details>\n' or "", '</div>\n',
    }
  end
  return table.concat(parts) .. (#lists > MOST
    and ('<p class="note">%d of %d tables shown.</p>\n'):format(MOST, #lists) or "")
end

-- ---- A section ----

--- The sections of the page: { title =, text =, jobs = their numbers }.
local function sections_of(self)
  if self.report then
    return self.report.sections
  end
  local list = {}
  for j, job in ipairs(self.jobs) do
    list[j] = { title = job.label or job.script.analysis.title, jobs = { j },
      text = (scripts.heading(job.script.source):match "^(.-[.?!])%f[%s\0]" or "")
        :gsub("%s+", " ") }
  end
  return list
end

--- What a section says beside its tables: what it lacks, what failed.
local function write_notes(self, section)
  local parts, seen = {}, {}
  local function add(class, message)
    if message and not seen[message] then
      seen[message] = true
      parts[#parts + 1] = ('<p class="%s">%s</p>\n'):format(class, html.message(message))
    end
  end
  for _, message in ipairs(section.failed or {}) do
    add("failed", message)
  end
  for _, number in ipairs(section.jobs) do
    local job = self.jobs[number]
    for _, message in ipairs(job.lacks or {}) do
      add("note", text.capitalize(message) .. ".")
    end
    add("failed", job.failed and ("%s failed: %s"):format(job.script.name, job.failed))
    add("note", job.missed and text.capitalize(job.missed) .. ".")
  end
  return table.concat(parts)
end

--- What was gathered of a section: by jobs, and in the order in which tables were asked for.
local function entries_of(self, section)
  local wanted, list, places = {}, {}, {}
  for _, number in ipairs(section.jobs) do
    wanted[number] = true
  end
  for i, entry in ipairs(self.entries) do
    if wanted[entry.job] then
      local asked = self.jobs[entry.job].tables
      list[#list + 1], places[entry] = entry, { entry.job, asked and asked[entry.id] or 0, i }
    end
  end
  table.sort(list, function(a, b)
    for k, place in ipairs(places[a]) do
      if place ~= places[b][k] then
        return place < places[b][k]
      end
    end
    return false
  end)
  return list
end

--- A section's tables; an error of one does not lose the others.
local function write_tables(self, section, heading)
  local parts = {}
  for _, entry in ipairs(entries_of(self, section)) do
    local ok, made = pcall(write_entry, self, entry, { title = section.title, heading = heading })
    parts[#parts + 1] = ok and made or ('<p class="failed">%s cannot be shown: %s</p>\n'):format(
      html.name(entry.class), html.message(fault.text_of(made)))
  end
  local written = table.concat(parts)
  return written ~= "" and '<div class="blocks">\n' .. written .. '</div>\n'
    or '<p class="empty">No data in the trace.</p>\n'
end

local function write_section(self, section, id)
  return table.concat {
    '<section id="', id, '" aria-labelledby="', id, '-h">\n<h2 id="', id, '-h">',
    html.name(section.title), '</h2>\n',
    section.text and '<p class="lead">' .. html.message(section.text) .. '</p>\n' or "",
    write_notes(self, section), write_tables(self, section, id .. "-h"), '</section>\n',
  }
end

-- ---- The page ----

--- What a stream has lost, or could not be read of, in words; nil for other rows of "trace".
local function loss_of(row)
  local of = row.cpu and ("CPU %d"):format(row.cpu) or ("stream %s"):format(row.stream)
  if row.what == "damage" then
    return ("%s: %d damaged packets"):format(of, row.packets)
  elseif row.what ~= "lost" then
    return nil
  end
  local parts = { row.events > 0 and ("%d events"):format(row.events) or nil }
  parts[#parts + 1] = row.packets > 0 and ("%d packets"):format(row.packets) or nil
  return ("%s: %s"):format(of, table.concat(parts, ", "))
end

--- The facts of the page: traces, machines, time, lost events, as a list of { term, HTML }.
local function facts_of(self, about)
  local list, lost, seen = {}, {}, {}
  for _, row in ipairs(about.trace and about.trace.rows or {}) do
    local one = row.record
    if one.what == "trace" and #list < MOST then
      list[#list + 1] = { "Trace", html.cell(one.path) }
      list[#list + 1] = one.hostname and not seen[one.hostname]
        and { "Machine", html.cell(one.hostname) } or nil
      seen[one.hostname or ""] = true
    end
    lost[#lost + 1] = loss_of(one)
  end
  if self.from then
    local zone = self.about.gmt and "UTC" or os.date("%Z", self.from // 1000000000)
    list[#list + 1] = { "Time", html.text(("%s %s"):format(time.format_range(self.from, self.to,
      { gmt = self.about.gmt, date = true }), zone)) }
    list[#list + 1] = { "Length", html.text(text.duration(self.to - self.from)) }
  end
  list[#list + 1] = { "Lost", #lost == 0 and "nothing" or html.message(table.concat(lost, "; ")) }
  return list
end

local function write_facts(list)
  local parts = {}
  for i, one in ipairs(list) do
    parts[i] = ('<div><dt>%s</dt><dd>%s</dd></div>\n'):format(html.text(one[1]), one[2])
  end
  return '<dl class="facts">\n' .. table.concat(parts) .. '</dl>\n'
end

local function write_warnings(warnings)
  local parts = {}
  for i = 1, math.min(#warnings, MOST) do
    parts[i] = '<li>' .. html.message(text.capitalize(warnings[i])) .. '</li>\n'
  end
  return #parts == 0 and ""
    or ('<details class="warnings"><summary>%d warning%s</summary>\n<ul>\n%s</ul></details>\n')
      :format(#warnings, #warnings == 1 and "" or "s", table.concat(parts))
end

local function write_nav(sections)
  local parts = {}
  for i, section in ipairs(sections) do
    parts[i] = ('<li><a href="#s%d">%s</a></li>\n'):format(i, html.name(section.title))
  end
  return #parts < 2 and ""
    or '<nav aria-label="Sections">\n<ol>\n' .. table.concat(parts) .. '</ol>\n</nav>\n'
end

--- A file that is put into each page.
local function asset(name)
  local file <close> = io.open(folder .. "/" .. name, "r")
  return file and file:read "a" or fault.raise("cannot read %s/%s", folder, name)
end

local DAY = 86400000000000

--- What the script has to know of times: the time of day at which axes begin, and their length.
local function clock_of(self)
  local from, to = self.from or 0, self.to or 0
  return { base = (from + time_charts.offset(from, self.about.gmt)) % DAY,
    span = math.max(to - from, 1) }
end

--- What a page with pictures over time can be asked.
local HINT = '<p class="hint js">Drag in a chart over time to zoom all of them. Keys: arrows '
  .. 'show values, + and - zoom, Escape resets.</p>\n'

function Page:finish(about)
  local style, script = asset "page.css", asset "page.js"
  local sections = sections_of(self)
  local title = self.report and self.report.title or #sections == 1 and sections[1].title
    or "Analyses"
  local written = {}
  for i, section in ipairs(sections) do
    written[i] = write_section(self, section, "s" .. i)
  end
  self.data_members[#self.data_members + 1] = '"clock":' .. html.data(clock_of(self))
  self.write(html.head(title, style, script))
  self.write(table.concat {
    '<a class="skip" href="#main">Skip to content</a>\n<header>\n<div class="title"><h1>',
    html.name(title), '</h1><button type="button" id="theme" class="js">Dark</button></div>\n',
    write_facts(facts_of(self, about)), write_warnings(about.warnings),
    #self.data_members > 1 and HINT or "", '</header>\n',
    write_nav(sections), '<main id="main" tabindex="-1">\n',
  })
  for _, one in ipairs(written) do
    self.write(one)
  end
  self.write(table.concat {
    '</main>\n<footer><p>Made by lttnga ', html.text(host.version),
    '. Point at a number to see its exact value.</p></footer>\n',
    '<script type="application/json" id="data">{', table.concat(self.data_members, ","),
    '}</script>\n',
  })
  self.write(html.foot(script))
end

return render
