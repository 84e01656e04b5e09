--- A session: a trace as a machine that can be stopped, looked at and wound back. The prompt calls
-- what is here by name; programs make one with lttnga.open().
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cache = require "lttnga.cache"
local fault = require "lttnga.fault"
local gaps = require "lttnga.gaps"
local host = require "lttnga.host"
local listing = require "lttnga.listing"
local options = require "lttnga.options"
local pretty = require "lttnga.pretty"
local progress = require "lttnga.progress"
local run = require "lttnga.run"
local scripts = require "lttnga.scripts"
local selection = require "lttnga.selection"
local text = require "lttnga.text"
local time = require "lttnga.time"
local units = require "lttnga.units"
local why = require "lttnga.why"

local Session = {}
Session.__index = Session

--- Hooks by name: those of derived events have no need of a new reading of the trace.
local derived = {}
for _, hook in ipairs(host.hooks()) do
  derived[hook.name] = hook
end

--- Half a day, ns.
local HALF_DAY = 12 * 3600 * 1000000000

--- Opens a session, which stands before the first event.
-- @tparam table paths folders of traces
-- @tparam table values options of the run
-- @tparam table world see run.go
-- @treturn Session
function Session.open(paths, values, world)
  local self = setmetatable({ paths = paths, values = values, world = world }, Session)
  values["user space"] = true
  self.trace = run.open(paths, values, world.say)
  self.is_live = self.trace:is_growing()
  local first, last = self.trace:range()
  if self.is_live then
    -- Where it has been is gone to from the start.
    self.trace:keep_last(math.maxinteger)
    first = self.trace:traces()[1].begin
    -- Times of day are those that come first.
    last = first and first + HALF_DAY
  end
  self.ref = { first = first, last = last, gmt = values.gmt }
  self.show = { gmt = values.gmt,
    date = last and not self.is_live and time.is_multi_day(first, last, values.gmt) }
  self.show.fields = listing.own_fields(self.trace:classes())
  self.place = not self.is_live and cache.place(paths, values, self.trace) or nil
  if self.place then
    self.place.asked = true -- a session is there to go to and fro
  end
  self.checkpoints = cache.load(self.trace, self.place, world.say)
  if self.checkpoints and not self.checkpoints:info().all then
    self.checkpoints = nil
  end
  self.known = self.checkpoints ~= nil
  if self.known then
    self.checkpoints:mark_used()
  elseif self.trace:can_seek() and not self.is_live then
    self:begin_checkpoints()
  end
  self.model = self.trace:session { checkpoints = self.checkpoints }
  return self
end

--- Has new checkpoints, of which there are none yet.
function Session:begin_checkpoints()
  self.checkpoints = self.trace:new_checkpoints(self.place and self.place.room)
end

--- What stands instead of the trace when a session has been closed.
local CLOSED = setmetatable({}, {
  __index = function() fault.raise("the session is closed") end,
})

--- Goes on with another reading of the trace, and lets that go that it had.
function Session:replace(trace, model)
  self.model:close()
  self.trace:close()
  self.trace, self.model = trace, model
end

--- Lets go what the session has; what it has found out is saved.
function Session:close()
  if self.model == CLOSED then
    return
  end
  self:keep()
  self:replace(CLOSED, CLOSED)
end

Session.__close = Session.close

--- Saves the states that there are, once they are those of the whole trace.
function Session:keep()
  if self.checkpoints and not self.known and not self.tried and self.place
    and self.checkpoints:info().complete and cache.is_worth(self.trace) then
    self.tried = true -- once is enough, if there is no place for it
    self.known = cache.save(self.checkpoints, self.place, self.world.say)
  end
end

--- Goes through the whole trace, and saves its states on purpose.
-- @treturn string what has been done
function Session:index()
  if not self.trace:can_seek() then
    fault.raise("the reader '%s' cannot seek, so saved states would be of no use",
      self.trace:reader())
  elseif self.is_live then
    fault.raise "index needs a recorded trace"
  elseif not self.place then
    fault.raise(self.values["no-cache"] and "index cannot save states with --no-cache"
      or "no directory for saved states: use --cache")
  end
  local already = self.known
  if not already then
    self:advance {}
    if not self.known and not cache.save(self.checkpoints, self.place, self.world.say) then
      fault.raise("no states were saved")
    end
  end
  local info = self.checkpoints:info()
  return ("%s %d states of %d events (%s) in %s"):format(already and "already saved:" or "saved",
    info.count, info.events, text.trim(units.format_size(info.size)), self.place.path)
end

-- ---- Where we are ----

--- Where a session stands, as a value: { time = ns, events = n, ended = boolean, event = table }.
-- @tparam[opt] table event that it stopped at; false if there was none
local function place_of(self, event)
  local now, events, ended = self.model:now()
  local place = { time = now, events = events, ended = ended, event = event or nil }
  return pretty.shown(place, function()
    local where = place.time and time.format(place.time, self.show) .. ", " or ""
    if place.events == 0 then
      where = where .. "before the first event"
    else
      where = ("%sevent %s%s"):format(where, place.events, place.ended and " (the last one)" or "")
    end
    if event == false then
      where = "no further event matches: " .. where
    end
    return event and where .. "\n" .. listing.event(event, self.show) or where
  end)
end

--- Where the session stands.
function Session:now()
  return place_of(self)
end

--- The time of day, for the prompt.
function Session:clock()
  local now = self.model:now()
  return now and time.format(now, self.show) or "begin"
end

-- ---- Moving ----

--- Runs on, with a bar if that takes long; see session:run in host/replay/session.h.
function Session:advance(goal)
  self:mend()
  local now = self.model:now()
  local first, last = now or self.ref.first, goal.time or self.ref.last
  local bar = progress.choose(self.values, first and last and { { first, last } } or {})
  goal.progress = bar.shows and function(at) bar:show(at) end or nil
  goal.on_error = self.world.on_error
  local ok, reached, event = pcall(self.model.run, self.model, goal)
  bar:clear()
  if not ok or not reached then
    local _, events, _, broken = self.model:now()
    self.broken = broken and events or nil
    error(ok and event or reached, 0)
  end
  self:keep()
  if reached == "end" and not self.told then
    self.told = true
    gaps.tell(self.trace, self.show, self.world.say)
  end
  return reached, event
end

--- An error (of a hook, or Ctrl-C) has left the model in the middle of an event: makes it stand
-- behind that again, before anything else is done with it.
function Session:mend()
  local events = self.broken
  if events then
    self.broken = nil
    self:seek { events = events, anew = true }
    self:advance { events = events }
  end
end

--- The trace, opened a second time.
function Session:open_again()
  if self.is_live then
    fault.raise("a trace that is being recorded can be read only once: until_() on events of the "
      .. "trace itself, and around(), are for recorded ones")
  end
  return run.open(self.paths, self.values, function() end)
end

--- Begins anew, where the reader can't go back.
function Session:reopen()
  local trace = self:open_again()
  self:replace(trace, trace:session { scripts = self.scripts })
end

--- Goes to the last checkpoint before a target, if that is nearer than where we are.
function Session:seek(target)
  self:mend()
  if not self.trace:can_seek() then
    local now, events = self.model:now()
    if target.anew or (target.events or events) < events
      or target.time and now and target.time < now then
      self:reopen()
    end
    return
  end
  local there, message = self.model:seek(target)
  if not there then
    self.world.say("note: ", message .. "; the trace is read again from the start")
    self:begin_checkpoints()
    self.known = false
    -- The states that are there are not used any more.
    self.model:forget(self.checkpoints)
    self.model:seek(target)
  end
end

--- What a target means: a time in ns, or a number of events.
-- @treturn table { time = ns } or { events = n }
function Session:target(where)
  local now, events = self.model:now()
  if where == "begin" then
    return { events = 0 }
  elseif where == "end" then
    return { time = math.maxinteger }
  elseif math.type(where) == "integer" then
    local is_time = self.ref.first and where >= self.ref.first or where > 1 << 53
    return is_time and { time = where } or { events = where }
  elseif type(where) ~= "string" then
    fault.raise("expected a time (\"12:18:50.43\", \"+10ms\"), an event number, "
      .. "\"begin\" or \"end\"")
  end
  local event = where:match("^%s*#(%d+)%s*$")
  if event then
    return { events = math.tointeger(tonumber(event)) or events }
  end
  local ref = self.ref
  if where:match("^%s*[+-]") then
    local here = now or ref.first or 0
    ref = { from = here, last = here }
  end
  local ns, message = time.parse(where, ref)
  if not ns then
    fault.raise("%s", message)
  end
  return { time = ns }
end

--- Goes to a point of the trace, forward or backward.
-- @param where see Session:target; all events up to a time have been seen then
-- @treturn table where that is
function Session:go(where)
  local target = self:target(where)
  self:seek(target)
  self:advance(target)
  return place_of(self)
end

--- Checks a number that may be left out.
local function number_or(value, default, usage)
  if value == nil then
    return default
  end
  return type(value) == "number" and value == value and math.abs(value) < 1 << 53 and value
    or fault.raise("%s", usage)
end

--- Goes on by some events.
function Session:step(n)
  local _, events = self.model:now()
  return self:go_to_event(events + number_or(n, 1, "step(N): N must be a number") // 1 | 0)
end

--- Goes back by some events.
function Session:back(n)
  local _, events = self.model:now()
  return self:go_to_event(events - number_or(n, 1, "back(N): N must be a number") // 1 | 0)
end

function Session:go_to_event(n)
  local target = { events = math.max(n, 0) }
  self:seek(target)
  self:advance(target)
  return place_of(self)
end

--- Makes an analysis. This is a tail call, so that messages do not name this place, but the one
-- that called `run`.
local function analysis_of(given)
  return analysis(given)
end

--- Goes on to the end of the trace; or, with an analysis, runs that over the trace, or a part of
-- it, and stays where it is.
-- @tparam[opt] table given what a script gives to `analysis` (`on`, `collect`, `begin`, `tables`,
-- ...); and values: of its options; from, to: points of the trace, see Session:target
-- @treturn table where that is; or the analysis' tables, and the window that its hooks had
function Session:run(given)
  if given == nil then
    self:advance {}
    return place_of(self)
  elseif type(given) ~= "table" or not scripts.is_analysis(given) then
    fault.raise("usage: run { on = { EVENT = function(w, FIELD, ...) ... end } }")
  end
  local own, limits = {}, { from = given.from, to = given.to }
  for key, value in pairs(given) do
    own[key] = key ~= "from" and key ~= "to" and key ~= "values" and value or nil
  end
  own.title = own.title or "run"
  local ok, made = pcall(analysis_of, own)
  if not ok then
    fault.raise("%s", tostring(made))
  end
  local script = { name = own.title, analysis = made }
  return self:capture(script, given.values, limits.from, limits.to)
end


--- The condition that always holds: mistakes in the name of its event are those of the command.
local always = load("return function() return true end", "=until_")()

--- What a condition may be.
local conditions = { ["nil"] = true, ["string"] = true, ["function"] = true }

--- Hooks for a single event: those for which a function or an expression holds, or all.
function Session:watch(hook, condition)
  if type(hook) ~= "string" or not conditions[type(condition)] then
    fault.raise("usage: until_(\"EVENT\", function(FIELD, ...) return ... end)")
  end
  local one = { name = "until_", window = {}, on = { [hook] = always } }
  if type(condition) == "function" then
    one.on[hook] = condition
  elseif condition then
    local code, message = selection.of_event(condition, hook,
      { classes = function() return self.trace:classes() end, ref = self.ref })
    if not code then
      fault.raise("%s", message)
    end
    one.filter = { [hook] = code }
  end
  return { one }
end

--- Makes a model anew that knows the hooks of raw events, at the place where we are.
function Session:rebind(hooks)
  local _, events = self.model:now()
  local trace = self:open_again()
  self:replace(trace, trace:session { checkpoints = self.checkpoints, scripts = hooks })
  self.scripts = hooks
  self:go_to_event(events)
end

--- What to give session:run as its hooks.
function Session:hooks(hook, condition)
  local hooks = self:watch(hook, condition)
  if derived[hook] then
    return hooks
  end
  self:rebind(hooks)
  return true
end

--- Says in which thread a raw event was that the session has just stopped at: its own field `tid`
-- may be another one's.
function Session:note_thread(event)
  if not event or derived[event.event_name] then
    return event
  elseif event.event_name == "sched_switch" then
    event.current_tid, event.current_procname = event.prev_tid, event.prev_comm
    return event
  end
  for _, cpu in ipairs(self:view "cpu") do
    if cpu.cpu == event.cpu and (not cpu.host or cpu.host == event.host) then
      event.current_tid, event.current_procname = cpu.tid, cpu.procname
    end
  end
  return event
end

--- Goes on to the next event for which a condition holds.
-- @tparam string hook a derived event, or a raw one
-- @tparam[opt] function|string condition its parameters name fields, as those of hooks do; or an
-- expression (docs/expressions.md)
-- @treturn table where that is, with the event as a field; without it if there is no such event:
-- then the session is at the end
function Session:until_(hook, condition)
  local hooks = self:hooks(hook, condition)
  local _, event = self:advance { hooks = hooks }
  return place_of(self, self:note_thread(event) or false)
end

--- The last event between two, by number, for which hooks say that this is it; nil if none is.
function Session:last_between(from, to, hooks)
  local found
  self:go_to_event(from)
  while true do
    local reached = self:advance { hooks = hooks, events = to }
    local _, events = self.model:now()
    if reached ~= "hook" or events > to then
      return found
    end
    found = events
  end
end

--- Goes back to the last event before this one for which a condition holds.
function Session:back_until(hook, condition)
  local hooks = self:hooks(hook, condition)
  local _, here = self.model:now()
  local borders = { 0 }
  for _, one in ipairs(self.checkpoints and self.checkpoints:times() or {}) do
    borders[#borders + 1] = one.events < here and one.events or nil
  end
  local to = here - 1
  for i = #borders, 1, -1 do
    local found = to > borders[i] and self:last_between(borders[i], to, hooks)
    if found then
      self:go_to_event(found - 1)
      local _, event = self:advance { hooks = hooks, events = found }
      return place_of(self, self:note_thread(event))
    end
    to = borders[i]
  end
  self:go_to_event(here)
  fault.raise("no event matches before %s", self:clock())
end

-- ---- Looking ----

--- Rows of a view.
-- @tparam string name see host/replay/session.h
-- @treturn table list
function Session:view(name, of)
  self:mend()
  return self.model:view(name, of)
end

--- All that the model holds, as bytes: the same state has the same.
function Session:image()
  self:mend()
  return self.model:image()
end

--- A list that the prompt shows as a table; of threads without a state only `others` is said.
function Session:list(rows, columns, others)
  return listing.new(rows, columns, { now = self.model:now(), show = self.show,
    known = others and listing.has_state, others = others })
end

--- What is said of threads and processes of which nothing but their name is known.
local UNSEEN = "not seen on a CPU so far; %s shows one of them"

--- Whether a thread, or its process, has a text in its name, or a number as its PID.
local function is_called(thread, pid, pattern)
  if type(pattern) ~= "string" then
    return pattern == pid
  end
  for _, name in ipairs { thread.process or "", thread.procname or "" } do
    if name:find(pattern, 1, true) then
      return true
    end
  end
  return false
end

--- Processes: one row for each, that of its main thread.
-- @tparam[opt] string|number pattern only those with this in the name of a thread, or with this PID
-- @treturn table list of the main threads' rows, with `threads`, their number
function Session:ps(pattern)
  local processes, by_pid = {}, {}
  for _, thread in ipairs(self:view "thread") do
    local pid = thread.pid or thread.tid
    -- Traces of several machines have a process of that number each.
    local key = (thread.host or "") .. "\0" .. pid
    local process = by_pid[key] or { main = thread, threads = 0, shown = pattern == nil }
    if not thread.exited then
      if process.threads == 0 then
        by_pid[key], processes[#processes + 1] = process, process
      end
      process.threads = process.threads + 1
      process.main = thread.tid == pid and thread or process.main
      process.shown = process.shown or is_called(thread, pid, pattern)
    end
  end
  local rows = {}
  for _, process in ipairs(processes) do
    process.main.threads = process.threads
    rows[#rows + 1] = process.shown and process.main or nil
  end
  return self:list(rows, listing.processes, not pattern and UNSEEN:format 'ps("NAME")' or nil)
end

--- Threads of a process, or all.
function Session:threads(pid)
  if pid ~= nil and math.type(pid) ~= "integer" then
    fault.raise("threads(PID): PID must be a number; find it with ps(\"NAME\")")
  end
  local rows = {}
  for _, thread in ipairs(self:view "thread") do
    if pid == nil or thread.pid == pid or thread.tid == pid then
      rows[#rows + 1] = thread
    end
  end
  return self:list(rows, listing.threads, not pid and UNSEEN:format "proc(TID)" or nil)
end

--- All that is known of a thread.
function Session:proc(tid)
  if math.type(tid) ~= "integer" then
    fault.raise("proc(TID): TID must be a number; find it with threads()")
  end
  for _, thread in ipairs(self:view "thread") do
    if thread.tid == tid then
      return listing.fields(thread, "thread", { now = self.model:now(), show = self.show })
    end
  end
  fault.raise("thread %s does not exist at this time", tostring(tid))
end

--- Why a thread does not go on: what it waits for, and what that waits for, and so on.
-- @tparam integer tid
-- @treturn table list of rows, see lttnga.why
function Session:why(tid)
  if math.type(tid) ~= "integer" then
    fault.raise("why(TID): TID must be a number; find it with threads()")
  end
  local rows = why.chain(self, tid)
  if not rows then
    fault.raise("thread %s does not exist at this time", tostring(tid))
  end
  return self:list(rows, listing.why)
end

--- What kept a thread from being done sooner: the critical path of a call, or of some time.
-- @tparam table|integer what an event that has `begin`, such as a call; or a TID
-- @param[opt] from, to points of the trace, if it is a TID
-- @treturn table what criticalpath gives
function Session:path(what, from, to)
  local tid = what
  if type(what) == "table" then
    what = what.event or what
    tid, from, to = what.tid, from or what.begin, to or what.time
  end
  if math.type(tid) ~= "integer" or from == nil or to == nil then
    fault.raise("usage: path(CALL), with an event that has a begin, or path(TID, FROM, TO)")
  end
  return self:analyse("criticalpath", { tid = tid, limit = 0 }, from, to)
end

--- Open descriptors of a thread.
function Session:fds(tid)
  if math.type(tid) ~= "integer" then
    fault.raise("fds(TID): TID must be a number; find it with threads()")
  end
  return self:list(self:view("fd", tid), listing.fds)
end

--- Who has a file open: threads by TID; of threads that share their descriptors, each one.
-- @tparam string part of the file's name
-- @treturn table list of rows of fds(), with tid, pid and procname
function Session:who(part)
  if type(part) ~= "string" then
    fault.raise("who(\"PATH\"): PATH must be a string")
  end
  local rows = {}
  for _, thread in ipairs(self:view "thread") do
    for _, fd in ipairs(thread.fds and thread.fds > 0 and self:view("fd", thread.tid) or {}) do
      if fd.path and fd.path:find(part, 1, true) then
        fd.tid, fd.pid, fd.procname = thread.tid, thread.pid, thread.procname
        rows[#rows + 1] = fd
      end
    end
  end
  return self:list(rows, listing.holders)
end

function Session:cpus()
  return self:list(self:view "cpu", listing.cpus)
end

function Session:disks()
  return self:list(self:view "disk", listing.disks)
end

function Session:irqs()
  return self:list(self:view "irq", listing.irqs)
end

--- Files with dirty pages, the oldest first.
function Session:dirty()
  return self:list(self:view "dirty", listing.dirty)
end

--- Containers that there are now, the machine itself first.
-- @treturn table list of rows, with `parent`, the name of the container around it
function Session:containers()
  local rows, names = self:view "container", {}
  local function key(row, id)
    return ("%s\0%d"):format(row.host or "", id)
  end
  for _, row in ipairs(rows) do
    names[key(row, row.container_id)] = row.container
  end
  for _, row in ipairs(rows) do
    row.parent = row.parent_id and names[key(row, row.parent_id)]
  end
  return self:list(rows, listing.containers)
end

--- What is in progress, the oldest first: system calls and disk requests.
function Session:inflight()
  local rows = {}
  for _, thread in ipairs(self:view "thread") do
    if thread.syscall then
      rows[#rows + 1] = {
        begin = thread.begin, what = thread.syscall, tid = thread.tid, pid = thread.pid,
        procname = thread.procname, path = thread.path, size = thread.count, fd = thread.fd,
        lost = thread.lost, host = thread.host,
      }
    end
  end
  for _, request in ipairs(self:view "request") do
    rows[#rows + 1] = {
      begin = request.begin, what = "disk " .. request.op, tid = request.tid, pid = request.pid,
      procname = request.procname, path = request.path, size = request.size,
      disk = request.disk, sector = request.sector, lost = request.lost, host = request.host,
    }
  end
  table.sort(rows, function(a, b)
    if a.begin ~= b.begin then
      return a.begin < b.begin
    end
    return (a.tid or -1) < (b.tid or -1)
  end)
  return self:list(rows, listing.inflight)
end

--- What is known of the trace.
function Session:info()
  local saved = self.checkpoints and self.checkpoints:info()
  local now, events, ended = self.model:now()
  return listing.fields({
    path = self.paths[1], reader = self.trace:reader(),
    size = self.trace:size() > 0 and self.trace:size() or nil,
    begin = self.ref.first, ["end"] = self.ref.last, now = now, events = events, ended = ended,
    saved_states = saved and saved.count, saved_size = saved and saved.size,
    saved_in = self.known and self.place.path or nil,
  }, "info", { now = now, show = self.show })
end

--- How many events are listed at most.
local AROUND_MAX = 100000

--- Events of all kinds near here.
-- @tparam[opt=1] number ms how far to either side
-- @treturn table list of copies of the events, see "event:copy()" in docs/hooks.md, with
-- current_tid and current_procname of the thread that they were in
function Session:around(ms)
  local now = self.model:now() or self.ref.first
  if not now then
    fault.raise("no current time: go somewhere first")
  end
  ms = number_or(ms, 1, "around(MS): MS must be a number of milliseconds")
  local span = math.floor(ms * 1000000)
  local rows, more = {}, 0
  local trace = self:open_again()
  local hooks = {
    ["*"] = function(event, current_tid, current_procname)
      if #rows == AROUND_MAX then
        more = more + 1
        return
      end
      local row = event:copy()
      row.current_tid, row.current_procname = current_tid, current_procname
      rows[#rows + 1] = row
    end,
  }
  local hooked, opened = {}, {}
  for number in ipairs(trace:machines()) do
    hooked[number] = { { name = "around", window = {}, filter = {}, on = hooks } }
    opened[number] = { {} }
  end
  trace:run {
    begin = now - span, ["end"] = now + span, on_error = self.world.on_error,
    checkpoints = self.checkpoints, scripts = hooked, windows = opened,
  }
  trace:close()
  if more > 0 then
    self.world.say("note: ", ("only the first %d of %d events are listed"):format(AROUND_MAX,
      AROUND_MAX + more))
  end
  return listing.events(rows, { now = now, show = self.show })
end

-- ---- Analysing ----

--- Arguments of a command line for options that are given as a table.
local function arguments_of(opts)
  local names, arguments = {}, {}
  for name in pairs(opts) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = opts[name]
    if type(value) == "table" then
      local items = {}
      for i, item in ipairs(value) do
        items[i] = tostring(item)
      end
      value = table.concat(items, ",")
    end
    local option = "--" .. tostring(name):gsub("_", "-")
    if value == true then
      arguments[#arguments + 1] = option
    elseif value ~= false then
      arguments[#arguments + 1] = option .. "=" .. tostring(value)
    end
  end
  return arguments
end

--- Runs an analysis over the trace, or a part of it. The session stays where it is.
-- @tparam string name as on the command line
-- @tparam[opt] table opts its options: { limit = 5, procname = { "a", "b" } }
-- @param[opt] from, to points of the trace, see Session:target; the whole trace if left out
-- @treturn table list of { id =, title =, columns = { title, ... }, rows = { { cell, ... } } },
-- also by id; the prompt shows them as text
function Session:analyse(name, opts, from, to)
  if type(name) ~= "string" or opts ~= nil and type(opts) ~= "table" then
    fault.raise("usage: analyse(\"iolatencytop\", { limit = 5 }, FROM, TO)")
  end
  scripts.forget()
  local script, note = scripts.load(self.world.folder, name)
  if note then
    self.world.say("note: ", note)
  end
  return (self:capture(script, opts, from, to))
end

--- The options that say which part of a trace is looked at.
local is_range = { begin = true, ["end"] = true, timerange = true }

--- Refuses options that do nothing: flags that add other analyses are for the command line.
local function check_used(script, values, given)
  local list = script.analysis.options
  options.check_used(given, { { list = list, values = values } })
  for _, member in ipairs(script.analysis.family or {}) do
    for _, flag in ipairs(member.flags) do
      if given[flag] and not options.set(list).by_name[flag].hidden then
        fault.raise("'%s' has no effect here: use analyse(\"%s\")", flag, member.script)
      end
    end
  end
end

--- Values of a script's options. Those of every run are the session's.
function Session:values_for(script, opts)
  if script.analysis.sections then
    fault.raise("%s makes an HTML page: use lttnga-run %s -o FILE.html TRACE", script.name,
      script.name)
  end
  local all = options.set(options.run).by_name
  local own = options.set(script.analysis.options).by_name
  for name in pairs(opts) do
    local option = tostring(name):gsub("_", "-")
    if all[option] and not own[option] then
      fault.raise("'%s' is for the command line only%s", tostring(name), is_range[option]
        and "; to limit the time, use analyse(NAME, OPTIONS, FROM, TO)" or "")
    end
  end
  local values, rest, given = options.parse(options.set(script.analysis.options),
    arguments_of(opts))
  if rest[1] then
    fault.raise("%s has no option '%s'", script.name, rest[1])
  end
  check_used(script, values, given)
  for _, option in ipairs(options.run) do
    if values[option.name] == nil then
      values[option.name] = self.values[option.name]
    end
  end
  script.analysis:note_limits(values, given.limit)
  return values
end

--- Runs an analysis that has been loaded over the whole trace, with options that have been read.
-- @tparam table values of the options, by name
-- @tparam table given see options.parse
-- @treturn table see Session:analyse
function Session:present(script, values, given)
  check_used(script, values, given)
  script.analysis:note_limits(values, given.limit)
  return (run.capture(script, values, {}, self:opened()))
end

--- What run.capture needs to know of a session.
function Session:opened()
  return {
    paths = self.paths, values = self.values, checkpoints = self.checkpoints, world = self.world,
  }
end

--- Runs a script that has been loaded.
function Session:capture(script, opts, from, to)
  local limits = {}
  for key, where in pairs { begin = from, ["end"] = to } do
    limits[key] = where == "begin" and self.ref.first or self:target(where).time
    if not limits[key] and where ~= "begin" then
      fault.raise("an analysis must start and end at a time, not at an event number")
    end
  end
  if limits.begin and limits["end"] and limits.begin > limits["end"] then
    fault.raise("the time range ends before it starts")
  end
  local own = self:values_for(script, opts or {})
  return run.capture(script, own, limits, self:opened())
end

-- ---- What the prompt completes ----

--- The classes of events that the trace has.
-- @treturn table list, see host/trace_object.c
function Session:classes()
  return self.trace:classes()
end

--- What the values of options are.
local option_kinds = { tid = "tid", procname = "procname", path = "path", cpu = "cpu" }

--- The names of the options of an analysis, as analyse() takes them; none if there is no such one.
function Session:option_names(name)
  local ok, script = pcall(scripts.load, self.world.folder, name or "")
  local names, flags = {}, {}
  for _, member in ipairs(ok and script.analysis.family or {}) do
    for _, flag in ipairs(member.flags) do
      flags[flag] = true
    end
  end
  for _, option in ipairs(ok and script.analysis.options or {}) do
    local is_used = not option.hidden and not option.only_with and not flags[option.name]
    names[#names + 1] = is_used and option.name:gsub("-", "_") or nil
  end
  return names
end

--- Values that can stand for an argument.
-- @tparam string kind "tid", "path", "process", "procname", "cpu", "hook", "analysis", "options" or
-- "time"
-- @tparam[opt] table call of "options": texts[1], the analysis; key, whose values are meant, not
-- the names of options
function Session:candidates(kind, call)
  local found = {}
  if kind == "options" and call and call.key then
    return option_kinds[call.key] and self:candidates(option_kinds[call.key]) or {}
  elseif kind == "options" then
    found = self:option_names(call and call.texts[1])
  elseif kind == "cpu" then
    for _, cpu in ipairs(self:view "cpu") do
      found[#found + 1] = tostring(cpu.cpu)
    end
  elseif kind == "tid" then
    for _, thread in ipairs(self:view "thread") do
      found[#found + 1] = tostring(thread.tid)
    end
  elseif kind == "hook" then
    for name in pairs(derived) do
      found[#found + 1] = name
    end
    for _, class in ipairs(self.trace:classes()) do
      found[#found + 1] = class.name
    end
  elseif kind == "analysis" then
    for _, entry in ipairs(scripts.list(self.world.folder)) do
      found[#found + 1] = entry.name
    end
  elseif kind == "time" then
    found = { "begin", "end", self:clock() }
  elseif kind == "path" or kind == "process" or kind == "procname" then
    local seen = {}
    for _, row in ipairs(kind == "path" and self:who "" or self:view "thread") do
      local name = kind == "path" and row.path or kind == "process" and row.process
        or row.procname
      found[#found + 1] = name and not seen[name] and name or nil
      seen[name or ""] = true
    end
  end
  table.sort(found)
  return found
end

return Session
