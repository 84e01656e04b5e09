--- A run in parts: the trace is divided at saved states, several processes each read one part after
-- the other, and what they have found is merged.
--
-- What starts in one part and ends in another counts in the part in which it ends, as a whole. So
-- all parts together get the same events as one run does, and windows that are merged in the order
-- of the parts have the same results. Windows of --refresh are not divided: each is in one part.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local host = require "lttnga.host"
local windows = require "lttnga.windows"

local parts = {}

--- How large the parts are that each process gets, one after the other. The work is never the same
-- in parts of one size. The last ones are small, so that no process waits long for another one.
local SIZES = { 7, 5, 3, 1 }

--- At least so many windows of --refresh are in a part; it also goes through the one before.
local WINDOWS_LEAST = 4

--- The smallest header of a part in its file: how long that is which follows.
local HEADER = "<I8"

--- The options of trace:run for a part.
local function options_of(options, segment)
  local own = {}
  for name, value in pairs(options) do
    own[name] = value
  end
  own.segment, own.progress, own.make_checkpoints = segment, nil, nil
  return own
end

local function temporary()
  local file, message = host.temporary_file()
  return file or fault.raise("cannot make a temporary file: %s", message)
end

-- ---- Planning ----

--- Where parts end, as shares of the whole, for so many processes.
local function borders(workers)
  local list, all, sum = {}, 0, 0
  for _, size in ipairs(SIZES) do
    all = all + size * workers
  end
  for _, size in ipairs(SIZES) do
    for _ = 1, workers do
      sum = sum + size
      list[#list + 1] = sum / all
    end
  end
  list[#list] = nil
  return list
end

--- The number of the last state before a time; nil if there is none.
-- @tparam table times see parts.divide
-- @tparam integer time
function parts.last_before(times, time)
  local number
  for i, state in ipairs(times) do
    if state.time < time then
      number = i
    end
  end
  return number
end

--- Parts of a single window, divided at saved states.
local function divide_window(times, about)
  local inside = {}
  for i, state in ipairs(times) do
    if state.time >= about.begin and state.time < about.ending then
      inside[#inside + 1] = i
    end
  end
  local list = { { checkpoint = about.from and parts.last_before(times, about.from) or nil } }
  local last = 0
  for _, share in ipairs(borders(about.workers)) do
    -- Before the first state and after the last one is as much as between two.
    local i = math.max(math.floor(share * (#inside + 1) + 0.5), last + 1)
    if i <= #inside then
      list[#list].stop = times[inside[i]].time
      list[#list + 1] = { checkpoint = inside[i], window = about.begin }
      last = i
    end
  end
  return list
end

--- Parts of whole windows. Each part first goes through the window before its own, and does not
-- report that.
local function divide_windows(times, about)
  local length = about.refresh
  local count = (about.ending - about.begin) // length + 1
  local list = { { checkpoint = about.from and parts.last_before(times, about.from) or nil } }
  local n = about.workers * #SIZES
  local each = math.max(WINDOWS_LEAST, (count + n - 1) // n)
  for k = each, count - 1, each do
    local border = about.begin + k * length
    local lead = border - length
    local checkpoint = parts.last_before(times, lead)
    if checkpoint then
      list[#list].stop = border - 1
      list[#list + 1] = { checkpoint = checkpoint, lead = lead, after = border - 1 }
    end
  end
  return list
end

--- Divides a run into parts.
-- @param trace from run.open, which has not been read
-- @tparam table options for trace:run
-- @tparam table about times: of saved states, { time = }; begin, ending: of the run, ns; from: what
-- was asked for, or nil; refresh: how long windows are, or nil; workers: how many processes there
-- are. It gets `plan`: a list for `segment` of trace:run
-- @treturn boolean whether there is something to divide
-- @treturn string why not, or nil
function parts.divide(trace, options, about)
  local seen = parts.look(trace, options)
  if not seen.first then
    return false
  elseif not seen.fits then
    return false, "its saved states lack parts of the model that this needs (this run saves them)"
  end
  about.begin = seen.first
  local divide = about.refresh and divide_windows or divide_window
  about.plan = divide(about.times, about)
  for _, segment in ipairs(about.plan) do
    segment.alone = 2 * about.workers > host.processors()
  end
  return #about.plan > 1
end

-- ---- The processes ----

--- Writes what a part has found out, with its logs behind it.
local function write_part(file, found, logs)
  local packed = host.pack(found)
  assert(file:write(HEADER:pack(#packed), packed))
  for _, log in ipairs(logs) do
    assert(log:save(file, true))
  end
  assert(file:flush())
end

local function read_part(file)
  assert(file:seek("set", 0))
  return host.unpack(file:read((HEADER:unpack(file:read(HEADER:packsize())))))
end

--- Windows of all machines, as they are saved; adds their logs to a list.
local function save_windows(list, jobs, logs)
  local machines = {}
  for number, of in ipairs(list) do
    machines[number] = of and { jobs = {}, renamed = of.renamed }
    for i, w in ipairs(of or {}) do
      local analysis = jobs[i].script.analysis
      machines[number].jobs[i] = windows.save(analysis, w)
      local own = windows.logs(analysis, w)
      table.move(own, 1, #own, #logs + 1, logs)
    end
  end
  return machines
end

--- Lets a run begin with new windows: something may be in the others.
-- @tparam table options for trace:run
function parts.reopen(options)
  options.windows = options.open()
  for number, list in ipairs(options.windows) do
    for i, w in ipairs(list or {}) do
      options.scripts[number][i].window = w
    end
  end
end

--- Goes through a part, in another process.
local function go_through(trace, options, segment, jobs, files)
  local found, logs = { windows = {} }, {}
  local own = options_of(options, segment)
  own.deferred = host.deferred(files.calls)
  parts.reopen(own)
  local newest = own.windows
  function own.open()
    newest = options.open()
    return newest
  end
  function own.close(list, first, last)
    found.windows[#found.windows + 1] = { first = first, last = last,
      machines = save_windows(list, jobs, logs) }
    own.deferred:closed(first)
  end
  found.seen, found.message, found.at = trace:run(own)
  found.filtered, found.streams = own.filtered, trace:streams()
  if found.seen and found.seen.first and not found.seen.closed then
    own.close(newest, found.seen.first)
  end
  write_part(files.file, found, logs)
  assert(own.deferred:flush())
  return true
end

--- What was raised in a process, for the one that put it to work.
local function fault_fields(raised)
  if not fault.is(raised) then
    return { status = fault.RUN, message = tostring(raised) }
  end
  local fields = {}
  for name, value in pairs(raised) do
    fields[name] = value
  end
  return fields
end

--- The files of a part: what it has found, what its scripts write, calls of hooks that it puts off.
local function new_files()
  return { file = temporary(), output = temporary(), calls = temporary() }
end

--- Goes through all parts; each ends in its file, and what its script writes in another one.
local function go(trace, options, about, files)
  local done, message = host.workers(#about.plan, about.workers, function(i)
    host.write_to(files[i].output)
    local ok, raised = xpcall(go_through, options.on_error, trace, options, about.plan[i],
      about.jobs, files[i])
    if not ok then
      files[i].file:seek("set", 0)
      write_part(files[i].file, { failed = fault_fields(raised) }, {})
    end
    return true
  end, about.done)
  if not done then
    fault.raise("%s", message)
  end
end

--- Looks where a run begins.
-- @treturn table first: when the window of the first event begins, or nil if there are none; fits:
-- whether the saved states have all that the run needs
function parts.look(trace, options)
  return trace:run(options_of(options, { scout = true })) or {}
end

-- ---- Putting them together ----

--- What filters have let nothing through: see hooks_push_misses() in host/lua/hooks.h.
local function merge_filtered(into, from)
  for number, list in ipairs(from) do
    into[number] = into[number] or list and {}
    for _, one in ipairs(list or {}) do
      local known
      for _, other in ipairs(into[number]) do
        known = other.script == one.script and other.event == one.event and other or known
      end
      if not known then
        table.insert(into[number], one)
      elseif not one.misses then
        known.misses = nil
      elseif known.misses then
        local tests = {}
        for _, miss in ipairs(known.misses) do
          tests[miss.test] = miss
        end
        for _, miss in ipairs(one.misses) do
          local test = tests[miss.test]
          if not test then
            table.insert(known.misses, miss)
          else
            test.held = test.held or miss.held
            local has = {}
            for _, value in ipairs(test.values) do
              has[value] = true
            end
            for _, value in ipairs(miss.values) do
              test.values[#test.values + 1] = not has[value] and value or nil
            end
          end
        end
      end
    end
  end
end

--- Takes two times together, of which either may be missing, or come from anywhere.
local function merge_times(choose, a, b)
  a, b = math.type(a) == "integer" and a or nil, math.type(b) == "integer" and b or nil
  return a and b and choose(a, b) or a or b
end

--- How much of each stream there was, and what was lost of it.
local function merge_streams(into, from)
  for i, stream in ipairs(from) do
    local all = into[i]
    if all then
      stream.events = stream.events + all.events
      stream.first = merge_times(math.min, stream.first, all.first)
      stream.last = merge_times(math.max, stream.last, all.last)
      stream.lost_events = stream.lost_events + all.lost_events
      stream.lost_packets = stream.lost_packets + all.lost_packets
      stream.lost_begin = all.lost_begin or stream.lost_begin
      stream.lost_end = stream.lost_end or all.lost_end
    end
    into[i] = stream
  end
end

--- Adds what a part has of a window to it.
local function merge_windows(list, saved, jobs, file)
  for number, of in ipairs(saved.machines) do
    for i, one in ipairs(of and of.jobs or {}) do
      local analysis, w = jobs[i].script.analysis, list[number][i]
      windows.merge(analysis, w, one)
      for _, log in ipairs(windows.logs(analysis, w)) do
        log:merge(file)
      end
    end
    parts.rename(list[number], of and of.renamed)
  end
end

--- Notes how threads are called at the end of a part.
-- @tparam table of windows of a machine
-- @tparam[opt] table names by TID
function parts.rename(of, names)
  for tid, name in pairs(names or {}) do
    of.renamed = of.renamed or {}
    of.renamed[tid] = name
  end
end

--- Why a part can't be added to others; nil if it can.
local function fault_of(part)
  if part.seen and part.seen.unfit then
    return "something goes on over its start that cannot be divided"
  end
  for _, saved in ipairs(part.windows or {}) do
    for _, of in ipairs(saved.machines) do
      for _, one in ipairs(of and of.jobs or {}) do
        if one.fault then
          return one.fault
        end
      end
    end
  end
  return nil
end

-- ---- A run, put together ----

local Whole = {}
Whole.__index = Whole

--- Makes what parts are added to, in their order.
-- @tparam table options for trace:run: it gets `filtered`; windows are opened and closed by them
-- @tparam function read is called with what there was in the streams so far, before windows are
-- closed
function parts.whole(options, read)
  options.filtered = {}
  return setmetatable({ options = options, read = read, open = {}, streams = {} }, Whole)
end

--- A part begins.
-- @tparam table part its `filtered` and `streams`
function Whole:begin_part(part)
  merge_filtered(self.options.filtered, part.filtered)
  merge_streams(self.streams, part.streams)
  self.read(self.streams)
end

--- The window that begins at a time, by number of the machine; it is opened if it is new.
-- @tparam integer first
-- @tparam[opt] integer last when it ends; nil: that is not known yet
function Whole:window(first, last)
  local window
  for _, one in ipairs(self.open) do
    window = one.first == first and one or window
  end
  if not window then
    local list = self.open[1] and self.options.open() or self.options.windows
    window = { first = first, list = list, is_over = false }
    for _, of in ipairs(list) do
      for _, w in ipairs(of or {}) do
        w.first = first
      end
    end
    self.open[#self.open + 1] = window
    self:close_over()
  end
  window.last = last or window.last
  return window.list
end

--- Closes windows, in order, that got all that they will get.
function Whole:close_over()
  while #self.open > 1 and self.open[1].is_over do
    local window = table.remove(self.open, 1)
    self.options.close(window.list, window.first, window.last)
  end
end

--- A window got all that the part has for it.
-- @tparam integer first when it begins
-- @tparam table seen of the part, see Whole:end_part
function Whole:over(first, seen)
  for _, window in ipairs(self.open) do
    if window.first == first and window.last and window.last <= (seen.known or math.maxinteger) then
      window.is_over = true
    end
  end
  self:close_over()
end

--- A part ends: windows that are complete are closed, in order.
-- @tparam table seen what trace:run returned
function Whole:end_part(seen)
  self.seen = seen.first and seen or self.seen
  for i = 1, #self.open - 1 do
    local window = self.open[i]
    window.is_over = window.is_over or window.last <= (seen.known or math.maxinteger)
  end
  self:close_over()
end

--- Writes what scripts have written to their standard output.
local function show_output(file)
  assert(file:seek("set", 0))
  for text in file:lines(65536) do
    io.stdout:write(text)
  end
  file:close()
end

--- Adds what a part has found to what those before it have.
-- @tparam table files of the part
-- @param player host.player: makes the calls that it has put off
local function add_part(whole, part, files, jobs, player)
  whole:begin_part(part)
  for _, saved in ipairs(part.windows) do
    merge_windows(whole:window(saved.first, saved.last), saved, jobs, files.file)
  end
  files.file:close()
  assert(files.calls:seek("set", 0))
  player:play(files.calls, function(first)
    return whole:window(first)
  end, function(first)
    whole:over(first, part.seen)
  end)
  files.calls:close()
  whole:end_part(part.seen)
end

--- Goes through the last part again, to the end of the run, while there is another one behind it in
-- which no event has come: then the window before is not over.
local function drop_idle(trace, options, about, files)
  while #about.plan > 1 and (read_part(files[#files].file).seen or {}).idle do
    table.remove(about.plan)
    table.remove(files)
    about.plan[#about.plan].stop = nil
    files[#files] = new_files()
    go(trace, options, setmetatable({ plan = { about.plan[#about.plan] }, done = function() end },
      { __index = about }), { files[#files] })
  end
end

--- Why some part can't be added to others, as parts.run returns it; nil if all can: to be known
-- before windows are closed.
local function first_fault(files)
  for _, one in ipairs(files) do
    local why = fault_of(read_part(one.file))
    if why then
      return { { fault = why } }
    end
  end
  return nil
end

--- Runs parts, and puts together what they have found.
-- @param trace from run.open, which has not been read
-- @tparam table options for trace:run
-- @tparam table about plan: from parts.divide; workers: how many processes at a time; jobs: see
-- run.go; done: is called when a part is done; read: is called with what there was in the streams
-- so far, before windows are closed
-- @treturn table what trace:run returns; or nil, a message, and the time of the last event; or nil,
-- and a table with the field `fault`: why these parts can't be put together
function parts.run(trace, options, about)
  local files, is_done, next_part, failure = {}, {}, 1, nil
  local player = host.player(options.scripts)
  local whole = parts.whole(options, about.read)
  for i = 1, #about.plan do
    files[i] = new_files()
  end
  local function add_next()
    local part = read_part(files[next_part].file)
    show_output(files[next_part].output)
    if part.failed then
      fault.again(part.failed)
    elseif not part.seen then
      failure = { part.message, part.at }
    elseif fault_of(part) then
      failure = { { fault = fault_of(part) } }
    else
      add_part(whole, part, files[next_part], about.jobs, player)
    end
    next_part = next_part + 1
  end
  go(trace, options, setmetatable({ done = function(i)
    about.done(i)
    is_done[i] = true
    -- Which windows are over is known at the end only.
    while not about.refresh and is_done[next_part] and not failure do
      add_next()
    end
  end }, { __index = about }), files)
  if about.refresh then
    drop_idle(trace, options, about, files)
    failure = first_fault(files)
  end
  while next_part <= #files and not failure do
    add_next()
  end
  if failure then
    return nil, table.unpack(failure)
  end
  return whole.seen
end

return parts
