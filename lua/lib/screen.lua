--- The live screen: the results of the newest window, drawn in place, and keys to look at them. It
-- is a renderer, see lttnga.tables; what a table looks like is what lttnga.render_text makes of it.
--
-- The C side has the terminal (host/prompt/full_screen.h), and restores it on every way out.
--
-- SPDX-License-Identifier: MIT

local capture = require "lttnga.capture"
local full_screen = require "lttnga.full_screen"
local host = require "lttnga.host"
local live = require "lttnga.live"
local progress = require "lttnga.progress"
local render_text = require "lttnga.render_text"
local tables = require "lttnga.tables"
local text = require "lttnga.text"
local time = require "lttnga.time"

local screen = {
  -- Each window takes the place of the one before.
  draws = true,
}

local Screen = {}
Screen.__index = Screen

local SECOND = 1000000000

--- How often the screen is drawn: at most, and at least, ns.
local SOON, LATE = SECOND // 20, SECOND // 2

--- A session this far back was recorded long ago, or its clock is wrong: that is no lag.
local LAG_MAX = 24 * 3600 * SECOND

--- Rows that are kept of a log, and rows that are shown of a table.
local KEPT, SHOWN = 10000, 1000

--- How many of the largest events analyses keep, so that "+" has some to show.
local LARGEST = 100

--- By how many rows "+" and "-" change a table.
local STEP = 5

--- The screen that has the terminal.
local active

--- Whether results are for a live screen: those of a live session, window by window, on a terminal.
-- @tparam table jobs, values, paths see run.go
-- @treturn boolean
function screen.is_wanted(jobs, values, paths)
  local is_wanted = values.refresh and (values.follow or live.is_url(paths[1] or ""))
    and values.output == "text" and not values.classic and not values["output-file"]
    and not values.partial and os.getenv "TERM" ~= "dumb" and full_screen.size() ~= nil
  for _, job in ipairs(jobs) do
    is_wanted = is_wanted and not job.script.analysis.trace
  end
  return is_wanted or false
end

--- Whether a screen has the terminal.
function screen.is_on()
  return active ~= nil
end

--- Restores the terminal, if a screen has it.
function screen.leave()
  if active then
    full_screen.leave()
    active = nil
  end
end

--- How the results of a job are looked at, before any key.
local function new_view(job, number)
  local values = job.values
  local limit, is_given = values.limit or 0, values["limit given"]
  return { number = number, name = text.clean(job.script.name), sort = values.sort,
    rows = limit > 0 and limit or is_given and math.huge or tables.LIMIT, filter = "", top = 0,
    -- Whether the limit holds for logs, and for tables that are not ranked.
    limits = { [true] = values["limit of logs"], [false] = values["limit of all"] } }
end

--- A renderer, see lttnga.tables.
function screen.new(write, about)
  local self = setmetatable({ write = write, about = about, views = {}, at = 1, typed = "",
    drawn = 0, log_spec = capture.log_spec }, Screen)
  for i, job in ipairs(about.jobs) do
    -- What only looks for the events of --when has nothing to show.
    self.views[#self.views + 1] = job.script.analysis.tables[1] and new_view(job, i) or nil
  end
  -- Options of one job may be looked up in those of another.
  for _, job in ipairs(about.jobs) do
    for _, name in ipairs { "limit", "limit of logs" } do
      local most = job.values[name] or 0
      job.values[name] = most > 0 and math.max(most, LARGEST) or job.values[name]
    end
  end
  return self
end

--- Takes the terminal.
-- @tparam object trace that is about to be read
function Screen:enter(trace)
  progress.hidden = true
  self.trace, active = trace, self
  full_screen.enter()
  self:draw()
end

--- Leaves it, once the trace has been read, or can't be read any further. What was shown last
-- stays, as text.
function Screen:leave()
  screen.leave()
  self.is_over = true
  self:finish()
  io.stdout:flush()
end

--- The options that results are made with: all rows, of which the screen chooses.
-- @tparam table values
-- @treturn table
function Screen.options_of(_, values)
  return setmetatable({ limit = 0, ["limit of all"] = 0 }, { __index = values })
end

-- ---- What is shown of a window ----

local function view_of(self)
  return self.views[self.at]
end

--- Whether a text is in any cell of a row.
local function matches(row, list, wanted, about)
  for c, column in ipairs(list) do
    if render_text.cell(column, row[c], about):lower():find(wanted, 1, true) then
      return true
    end
  end
  return false
end

--- A result as the user wants to see it; nil: not at all. What a script makes of rows that are not
-- a list, such as a distribution, stays as it is.
local function seen_of(result, view, about)
  if type(result.text) == "function" and not result.limited then
    return result
  end
  local rows, wanted = {}, view.filter:lower()
  for _, row in ipairs(result.rows) do
    rows[#rows + 1] = (wanted == "" or matches(row, result.columns, wanted, about)) and row or nil
  end
  if not rows[1] and wanted ~= "" then
    return nil
  end
  if view.sort then
    tables.sort(rows, result.columns, view.sort)
  end
  local is_limited = result.limited or view.limits[result.is_log or false]
  for i = #rows, (is_limited and math.min(view.rows, SHOWN) or SHOWN) + 1, -1 do
    rows[i] = nil
  end
  return setmetatable({ rows = rows, unlimited = false }, { __index = result })
end

--- The results of the analysis that is looked at.
local function results_of(self, view)
  local list = {}
  for _, result in ipairs(self.shown.results) do
    list[#list + 1] = result.job == view.number and result or nil
  end
  return list
end

--- What is shown of a window, as text.
local function text_of(self, width)
  local view, parts = view_of(self), {}
  local about = { gmt = self.about.gmt, date = self.about.date, machines = self.about.machines,
    width = width, color = self.about.color }
  local renderer = render_text.new(function(piece) parts[#parts + 1] = piece end, about)
  local list = {}
  for _, result in ipairs(results_of(self, view)) do
    list[#list + 1] = seen_of(result, view, about)
  end
  renderer:window(list, self.shown.first, self.shown.last)
  return table.concat(parts)
end

--- The columns by which the user can sort, in order.
local function sortable(self, view)
  local names, seen = {}, {}
  for _, result in ipairs(self.shown and results_of(self, view) or {}) do
    for _, column in ipairs(result.columns) do
      names[#names + 1] = not column.hidden and not seen[column.name] and column.name or nil
      seen[column.name] = true
    end
  end
  return names
end

-- ---- Keys ----

local function sort_by(self, step)
  local view = view_of(self)
  local names, sort = sortable(self, view), view.sort or ""
  local at = 0
  for i, name in ipairs(names) do
    at = name == sort:gsub("^%-", "") and i or at
  end
  -- Without a column, rows are in the order of the analysis.
  view.sort = names[(at + step) % (#names + 1)]
end

local function turn(self)
  local view = view_of(self)
  if view.sort then
    view.sort = view.sort:find "^%-" and view.sort:sub(2) or "-" .. view.sort
  end
end

local function change_rows(self, step)
  local view = view_of(self)
  if view.rows < math.huge then
    view.rows = math.max(1, view.rows + step)
  elseif step < 0 then
    view.rows = LARGEST
  end
end

local function scroll(self, lines)
  view_of(self).top = view_of(self).top + lines
end

local function pause(self)
  self.is_paused = not self.is_paused
  self.shown = not self.is_paused and self.newest or self.shown
end

local function next_view(self)
  self.at = self.at % #self.views + 1
end

local function help(self)
  self.helps = not self.helps
end

local function ask_filter(self)
  self.asks = true
end

local function page(self)
  return math.max(1, (self.room or 2) - 1)
end

--- What keys do: { keys, how they are called, what they do (nil: it is said elsewhere), function }
local actions = {
  { { "q" }, "q", "quit", function() host.stop() end },
  { { " " }, "Space", "pause, and continue", pause },
  { { "s", ">" }, "s, >", "sort by the next column", function(self) sort_by(self, 1) end },
  { { "<" }, "<", "sort by the column before", function(self) sort_by(self, -1) end },
  { { "r" }, "r", "reverse the order", turn },
  { { "f", "/" }, "f, /", "show only rows with a text; Esc shows all again", ask_filter },
  { { "+", "=" }, "+", "show more rows of a top", function(self) change_rows(self, STEP) end },
  { { "-" }, "-", "show fewer", function(self) change_rows(self, -STEP) end },
  { { "n", "\t" }, "n, Tab", "show the next analysis, if there are several", next_view },
  { { "up", "k" }, "Up, Down", "scroll by a line", function(self) scroll(self, -1) end },
  { { "down", "j" }, nil, nil, function(self) scroll(self, 1) end },
  { { "page up" }, "PgUp, PgDn", "scroll by a page", function(self) scroll(self, -page(self)) end },
  { { "page down" }, nil, nil, function(self) scroll(self, page(self)) end },
  { { "home" }, "Home, End", "go to the top, to the bottom",
    function(self) scroll(self, -math.huge) end },
  { { "end" }, nil, nil, function(self) scroll(self, math.huge) end },
  { { "\27" }, nil, nil, function(self)
    self.helps, view_of(self).filter = false, ""
  end },
  { { "h", "?" }, "h, ?", "this help", help },
}

local action_of = {}
for _, action in ipairs(actions) do
  for _, key in ipairs(action[1]) do
    action_of[key] = action[4]
  end
end

--- What terminals send for keys that are no characters.
local sequences = {
  ["\27[A"] = "up", ["\27OA"] = "up", ["\27[B"] = "down", ["\27OB"] = "down",
  ["\27[5~"] = "page up", ["\27[6~"] = "page down", ["\27[H"] = "home", ["\27OH"] = "home",
  ["\27[1~"] = "home", ["\27[F"] = "end", ["\27OF"] = "end", ["\27[4~"] = "end",
}

--- Takes a key while the text of a filter is typed.
local function type_filter(self, key)
  local view = view_of(self)
  if key == "\n" or key == "\r" then
    self.asks = false
  elseif key == "\27" then
    self.asks, view.filter = false, ""
  elseif key == "\127" or key == "\b" then
    view.filter = view.filter:gsub(utf8.charpattern .. "$", "")
  elseif key == "\21" then
    view.filter = ""
  elseif not key:find "^%c" and not sequences[key] then
    view.filter = view.filter .. key
  end
end

local function press(self, key)
  local action = action_of[sequences[key] or key]
  if self.asks then
    type_filter(self, key)
  elseif action then
    -- Only the key that shows the help, and those that end, do not hide it.
    self.helps = self.helps and action == help
    action(self)
  end
end

--- The first key in some bytes, and what is behind it.
local function split_key(bytes)
  local key = bytes:match "^\27%[[%d;]*[%a~]" or bytes:match "^\27O%a"
    or bytes:match("^" .. utf8.charpattern) or bytes:sub(1, 1)
  return key, bytes:sub(#key + 1)
end

--- Does what keys ask for; whether there were any.
local function take_keys(self)
  local new = full_screen.keys()
  local bytes, any = self.typed .. new, false
  self.typed = ""
  while bytes ~= "" do
    if new ~= "" and bytes:find "^\27[%[O]?[%d;]*$" then
      -- More of it may come; if not, it was the key Esc.
      self.typed = bytes
      break
    end
    local key, rest = split_key(bytes)
    press(self, key)
    bytes = rest
    any = true
  end
  return any
end

-- ---- The lines around it ----

--- Counts what has been read up to now.
local function count(self, now)
  local events, lost_events, lost_packets, late, before = 0, 0, 0, 0, self.counted
  if before and now - before.now < SECOND then
    return
  end
  for _, stream in ipairs(self.trace:streams()) do
    events, lost_events = events + stream.events, lost_events + stream.lost_events
    lost_packets, late = lost_packets + stream.lost_packets, late + (stream.late or 0)
  end
  self.counted = { now = now, events = events, lost_events = lost_events,
    lost_packets = lost_packets, late = late,
    rate = before and (events - before.events) * SECOND / (now - before.now) }
  if self.state == "" then
    return
  end
  self.state = "no statedump: names of threads and files are incomplete"
  for _, class in ipairs(self.trace:classes()) do
    if class.name == "lttng_statedump_end" then
      self.state = class.events > 0 and "" or "state incomplete until the statedump"
      break
    end
  end
end

--- How far the trace has been read, what comes in, and what was lost.
local function status_line(self)
  local counted, parts = self.counted, {}
  if not self.as_of then
    return "waiting for events"
  end
  local lag = full_screen.now() - self.as_of
  local is_old = lag > LAG_MAX
  parts[1] = "as of " .. time.format(self.as_of, { gmt = self.about.gmt,
    date = is_old or self.about.date }):sub(1, -7)
  parts[#parts + 1] = not is_old and lag >= 0 and ("lag %.1f s"):format(lag / SECOND) or nil
  if counted then
    parts[#parts + 1] = counted.rate and ("%.0f events/s"):format(counted.rate) or nil
    parts[#parts + 1] = ("lost: %d events"):format(counted.lost_events)
    parts[#parts + 1] = counted.lost_packets > 0 and ("%d packets"):format(counted.lost_packets)
      or nil
    parts[#parts + 1] = counted.late > 0 and ("%d written too late"):format(counted.late) or nil
  end
  return table.concat(parts, ", ")
end

--- What is looked at, and how.
local function view_line(self)
  local view, parts = view_of(self), {}
  for i, one in ipairs(self.views) do
    parts[i] = self.views[2] and i == self.at and ("[%s]"):format(one.name) or one.name
  end
  parts = { table.concat(parts, " ") }
  parts[#parts + 1] = self.is_paused and "PAUSED" or nil
  parts[#parts + 1] = self.state ~= "" and self.state or nil
  parts[#parts + 1] = view.sort and "sorted by " .. view.sort:gsub("^%-(.*)", "%1, reversed") or nil
  parts[#parts + 1] = view.filter ~= "" and not self.asks and "filter: " .. text.clean(view.filter)
    or nil
  return table.concat(parts, "   ")
end

--- What the last line says.
local function bottom_line(self, first, last, n)
  if self.asks then
    return "filter: " .. text.clean(view_of(self).filter) .. "_"
  end
  return (n > last - first + 1 and ("lines %d-%d of %d  "):format(first, last, n) or "")
    .. "q quit  space pause  s sort  f filter  +/- rows" .. (self.views[2] and "  n next" or "")
    .. "  h help"
end

local function help_lines()
  local lines = { "Keys", "" }
  for _, action in ipairs(actions) do
    lines[#lines + 1] = action[3] and ("%-12s %s"):format(action[2], action[3]) or nil
  end
  return lines
end

-- ---- Drawing ----

--- A line without what could move the cursor, cut at the width.
-- @treturn string
-- @treturn integer its width
local function fit(line, width)
  local plain = line:gsub("\27%[%d*m", "")
  if plain:find "%c" then
    plain = text.clean(plain)
    line = plain
  end
  local columns = text.width(plain)
  if columns > width then
    line = text.shorten(plain, width, width)
    columns = text.width(line)
  end
  return line, columns
end

--- The lines between those at the top and the bottom.
local function body_of(self, width)
  if self.helps then
    return help_lines()
  elseif not self.shown then
    return { "", "No interval is complete yet." }
  end
  local lines = {}
  for line in text_of(self, math.max(width, 20)):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = line
  end
  return lines
end

--- Draws all, with one write; nothing is cleared first, so that nothing flickers.
function Screen:draw()
  local width, height = full_screen.size()
  if not width or active ~= self then
    return
  end
  if not self.body or self.width ~= width then
    self.body, self.width = body_of(self, width), width
  end
  local view, body, room = view_of(self), self.body, math.max(height - 3, 0)
  view.top = math.max(0, math.min(view.top, #body - room))
  local top = self.helps and 0 or math.tointeger(view.top)
  local last = math.min(top + room, #body)
  local lines = { status_line(self), view_line(self) }
  table.move(body, top + 1, last, 3, lines)
  lines[math.max(height, 1)] = bottom_line(self, top + 1, last, #body)
  local parts = {}
  for y = 1, height do
    local line, columns = fit(lines[y] or "", width)
    if y < 3 or y == height then
      line = text.colored(line, y < 3 and "title" or "dim", self.about)
    end
    -- In a line that is full, the cursor still is on its last column.
    parts[y] = ("\27[%d;1H%s%s"):format(y, line, columns < width and "\27[K" or "")
  end
  full_screen.write(table.concat(parts))
  self.room, self.is_new = room, false
  self.drawn = host.monotonic()
end

--- Looks at keys and the clock, and draws if something has changed; called again and again.
-- @tparam[opt] integer now up to which time the trace has been read, ns
function Screen:tick(now)
  local is_changed = take_keys(self)
  is_changed = full_screen.resized() or is_changed
  -- Before there is anything to read, no time is known.
  if now and now > 0 and now < math.maxinteger then
    self.as_of = math.max(now, self.as_of or now)
    count(self, self.as_of)
  end
  self.body = not is_changed and not self.is_new and self.body or nil
  local waited = host.monotonic() - self.drawn
  if is_changed or waited >= (self.is_new and SOON or LATE) then
    self:draw()
  end
end

-- ---- The renderer ----

--- The rows of a log, which gives them only once; not all of them, if there are many.
local function keep_rows(result)
  local total = result.log:count()
  capture.keep_rows(result, KEPT)
  result.total = total
end

function Screen:window(results, first, last)
  -- The window that is cut off by the end is shown if there is no other.
  if self.is_over and self.shown then
    return
  end
  for _, result in ipairs(results) do
    if result.log then
      keep_rows(result)
    end
  end
  self.newest = { results = render_text.joined(results), first = first, last = last }
  if not self.is_paused then
    self.shown, self.is_new = self.newest, true
  end
  if not self.is_over then
    self:tick()
  end
end

function Screen:finish()
  if self.shown and not self.is_left then
    self.is_left = true
    self.write(text_of(self, full_screen.size()))
  end
end

return screen
