--- Why slow requests are slow: where their time went, compared with typical ones.
-- The time is broken down by cause and culprit.
--
--   lttnga-run why my-trace/
--   lttnga-run why --request fsync --slower 10ms --top 3 my-trace/
--   lttnga-run why --tid 393 my-trace/
--
-- Typical requests are between the p40 and p60 of their process and port, slow ones above the p95,
-- or above --slower; fewer than 20 are only listed. A request's time is broken down along its
-- critical path (docs/why.md), so the parts add up. More in docs/requests.md.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Why the slow ones are slow - fsync: lttng-consumerd (237)
--   177 requests: 36 typical, 8 slow (above 15.379 ms)
--   the slow ones use 14.551 ms more CPU
--   Time per request (us)                       Typical       Slow  Difference
--   all                                         296.085  19132.191  +18836.107
--   its own CPU                                 296.085  14847.060  +14550.975
--   a CPU, where date (388) ran, behind a page    0.000   3318.428   +3318.428
--   a CPU, where rcu_preempt (15) ran             0.000    942.356    +942.356
--
--   fsync: dd (390): 14.016 ms, at 15:36:39.079680860
--                                           Time (us)    Share
--   its own CPU                             13082.850  93.34 %
--   CPU of kworker/u4:0 (9), behind a page    295.920   2.11 %
--   CPU of jbd2/vda-8 (151), behind a lock    258.110   1.84 %
--   a CPU                                     167.170   1.19 %

local analysis = require "lttnga.analysis"
local family = require "lttnga.request_family"
local filters = require "lttnga.filters"
local options = require "lttnga.options"
local ordered = require "lttnga.ordered"
local paths = require "lttnga.paths"
local slow = require "lttnga.slow"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local units = require "lttnga.units"
local working = require "lttnga.event_loops"

-- ---- Compositions ----

--- What the time of a thread consists of.
local function compose(w, composition, utid, from, to, request)
  if not utid then -- events were lost
    paths.add(composition, {}, { cause = "unknown" }, to - from)
    return composition
  end
  for piece in w.graph:pieces(utid, from, math.max(from, to)) do
    local part = paths.part_of(piece, utid)
    local left = piece.duration
    if part.cause == "own" and request then
      for other, time in working.others(w.ops, utid, request, piece.begin, piece["end"]) do
        paths.add(composition, piece, { cause = "queue", name = other }, time)
        left = left - time
      end
    end
    if left > 0 then
      paths.add(composition, piece, part, left)
    end
  end
  return composition
end

--- The composition of several requests together; nil if there are none.
local function compose_all(w, list)
  local composition, total = {}, 0
  for _, one in ipairs(list) do
    compose(w, composition, one.utid, one.begin, one.time, one)
    total = total + one.time - one.begin
  end
  for _, part in ipairs(composition) do
    part.mean = part.time / #list
  end
  composition.total = #list > 0 and total / #list or nil
  return composition
end

--- A group's typical and slow requests.
local function choose(w, group)
  local list = group.requests
  table.sort(list, function(a, b)
    if a.duration ~= b.duration then
      return a.duration < b.duration
    end
    return a.begin < b.begin
  end)
  if #list < slow.FEW then
    return
  end
  local durations = {}
  for i, one in ipairs(list) do
    durations[i] = one.duration
  end
  group.limit, group.typical, group.slow = slow.limit(durations, w.options.slower), {}, {}
  for i, one in ipairs(list) do
    if one.duration > group.limit then
      group.slow[#group.slow + 1] = one
    elseif i > 0.4 * #list and i <= 0.6 * #list then
      group.typical[#group.typical + 1] = one
    end
  end
end

-- ---- What differs ----

--- Rows of a group: each cause, what that took of typical and of slow ones, the largest difference
-- first; and all together.
local function differences(group)
  local rows, of = {}, {}
  for _, name in ipairs { "typical", "slow" } do
    for _, part in ipairs(group["of_" .. name]) do
      local row = of[part.key]
      if not row then
        row = { part = part, cause = part.cause, via = part.via, name = part.name, tid = part.tid,
          object = part.object, typical = 0, slow = 0, key = part.key }
        of[part.key], rows[#rows + 1] = row, row
      end
      paths.add_who(row, part)
      row[name] = row[name] + part.mean
    end
  end
  for _, row in ipairs(rows) do
    row.difference = row.slow - row.typical
  end
  table.sort(rows, function(a, b)
    if a.difference ~= b.difference then
      return a.difference > b.difference
    end
    return a.key < b.key
  end)
  return rows
end

--- A kind of difference that is at least this part of all stands out; a second one is told if it is
-- at least that part.
local FIRST, SECOND = 0.4, 0.25

--- The sentence that says what differs; nil if nothing stands out.
local function sentence(rows, total)
  local kinds = ordered.new(function() return { rows = {}, difference = 0 } end)
  for _, row in ipairs(rows) do
    local kind = kinds:of(paths.kind_of(row.part))
    kind.rows[#kind.rows + 1], kind.difference = row, kind.difference + row.difference
  end
  local list = kinds.list
  for i, kind in ipairs(list) do
    kind.place = i
  end
  table.sort(list, function(a, b)
    return a.difference > b.difference or a.difference == b.difference and a.place < b.place
  end)
  local first, second = list[1], list[2]
  if not first or total <= 0 or first.difference < FIRST * total then
    return nil
  elseif first.rows[1].cause == "unknown" then
    return "what makes the slow ones longer is mostly unknown: events were lost"
  end
  local words = "the slow ones " .. paths.longer(first.rows, first.difference)
  if second and second.difference >= SECOND * total then
    words = ("%s; and %s"):format(words, paths.longer(second.rows, second.difference))
  end
  return words
end

local function finish_group(w, group)
  choose(w, group)
  if not group.typical or not group.slow[1] or not group.typical[1] then
    return
  end
  group.of_typical, group.of_slow = compose_all(w, group.typical), compose_all(w, group.slow)
  group.rows = differences(group)
  local total = group.of_slow.total - group.of_typical.total
  group.words = sentence(group.rows, total)
  table.insert(group.rows, 1, { cause = "total", typical = group.of_typical.total,
    slow = group.of_slow.total, difference = total })
end

-- ---- Tables ----

local function us(value)
  return units.us(math.floor(value + 0.5))
end

local WIDTHS = { -60, 14, 14, 14 }

local group_columns = { { "Group", "string", "label" } }

local who_columns = { { "Cause", "string", "cause", key = true },
  { "Via", "string", "via", key = true },
  { "Who", "process", { name = "name", tid = "tid" }, with = "name", key = true },
  { "Object", "string", "object", key = true } }

--- Some columns behind those that tell who it was.
local function columns_with(...)
  local list = table.move(who_columns, 1, #who_columns, 1, {})
  return table.move({ ... }, 1, select("#", ...), #list + 1, list)
end

local function label(row)
  return row.part and paths.label(row.part) or "all"
end

--- How many requests a group has.
local function counts(group)
  return ("%d requests: %d typical, %d slow (above %s)"):format(#group.requests, #group.typical,
    #group.slow, text.duration(group.limit))
end

local function differences_text(result)
  local group = result.rows[1].record.group
  local lines = { result.title, counts(group) }
  lines[#lines + 1] = group.words
  lines[#lines + 1] = text.columns(WIDTHS, "Time per request (us)", "Typical", "Slow", "Difference")
  for _, row in ipairs(result.rows) do
    local r = row.record
    lines[#lines + 1] = text.columns(WIDTHS, text.clean(label(r)), us(r.typical), us(r.slow),
      (r.difference > 0 and "+" or "") .. us(r.difference))
  end
  return text.join(lines)
end

--- What is compared: the groups that have slow requests.
local function compared(w)
  local results = {}
  for _, group in ipairs(w.groups.list) do
    if group.rows then
      for _, row in ipairs(group.rows) do
        row.group = group
      end
      results[#results + 1] = { title = "Why the slow ones are slow - " .. group.label,
        rows = group.rows, group = group,
        says = ("%s: %s; %s"):format(group.label, counts(group), group.words
          or "nothing stands out") }
    end
  end
  return results
end

--- Makes rows of a composition: the largest part first, with its share of the time.
local function finish_rows(rows, time)
  table.sort(rows, function(a, b)
    if a.time ~= b.time then
      return a.time > b.time
    end
    return a.key < b.key
  end)
  for _, row in ipairs(rows) do
    row.part, row.share = row, row.time / math.max(1, time)
  end
end

--- Paths of the slowest ones of each group, or of all where there are few.
local function slowest(w)
  local results = {}
  for _, group in ipairs(w.groups.list) do
    local few = not group.typical
    local limit = few and (w.options.top or slow.FEW) or w.options.top or 0
    for i = #group.requests, math.max(1, #group.requests - limit + 1), -1 do
      local one = group.requests[i]
      local rows = compose(w, {}, one.utid, one.begin, one.time, one)
      finish_rows(rows, one.duration)
      results[#results + 1] = { rows = rows, group = { label = group.label, begin = one.begin,
        duration = one.duration }, title = ("%s: %s, at %s"):format(group.label,
        text.duration(one.duration), require("lttnga.time").format(one.begin, w.show)) }
    end
  end
  return results
end

local function times_text(result)
  if #result.rows == 0 then
    return ""
  end
  local lines = { result.title, text.columns({ -60, 14, 9 }, "", "Time (us)", "Share") }
  for _, row in ipairs(result.rows) do
    local r = row.record
    lines[#lines + 1] = text.columns({ -60, 14, 9 }, text.clean(label(r)), us(r.time),
      ("%.2f %%"):format(100 * r.share))
  end
  return text.join(lines)
end

--- Of threads that were asked for: what their time in the window consists of.
local function of_threads(w)
  local results, is_asked = {}, filters.threads({ tid = w.options.tid })
  for _, one in ipairs(w.options.tid and w.graph:threads() or {}) do
    local from = one.born and one.first or w.first
    local to = one.exited and one.last or w.last
    if from < to and is_asked(one.tid, one.procname) then
      local rows = compose(w, {}, one.utid, from, to)
      finish_rows(rows, to - from)
      local name = ("%s (%d)"):format(one.procname or "unknown", one.tid)
      results[#results + 1] = { title = "Where the time of " .. name .. " went", rows = rows,
        group = { label = name, begin = from, duration = to - from } }
    end
  end
  return results
end

local collect = table.move(paths.collect, 1, #paths.collect, 1, {})
collect[#collect + 1] = working.collect

return analysis {
  title = "Why slow requests are slow",
  options = {
    { name = "request", value = "NAME", read = options.readers.item, list = true,
      words = "requests",
      help = "which requests (docs/requests.md); may be repeated (default: server)" },
    { name = "slower", value = "TIME", read = options.readers.interval,
      help = "requests that took longer than this are slow (seconds, or 50ms; default: the p95)" },
    { name = "top", value = "N", read = options.readers.count,
      help = "also break down each of the N slowest requests of a group (default: 0)" },
    { name = "tid", value = "TID,...", short = "t", read = options.readers.numbers, list = true,
      help = "show where the time of these threads went, instead of requests (default: none)" },
    { name = "procname", value = "NAME,...", short = "n", read = options.readers.globs, list = true,
      filter = { "procname", "globs" },
      help = "only requests of threads with these names: nginx*; not of these: !lttng-*\n"
        .. "(default: all)" },
    { name = "port", value = "N,...", read = options.readers.numbers, list = true,
      filter = { "port", "in" }, help = "only requests to these ports (default: all)" },
    "limit",
  },
  selects = { request_end = {} },

  requests = function(given)
    if given.tid then
      return nil
    end
    return family.requests(given)
  end,

  -- What requests waited for may lie before the window in which they end.
  run = function() return { graph = stats.graph(), ops = working.new() } end,

  begin = function(w)
    w.graph, w.ops = w.run.graph, w.run.ops
    w.groups = ordered.new(function(key)
      return { key = key, requests = {} }
    end)
  end,

  collect = function() return collect end,

  on = {
    request_end = function(w, name, upid, process, pid, port, begin, time, duration, end_utid,
      captures)
      local group, row = family.key(w, { name = name, upid = upid, process = process, pid = pid,
        port = port, captures = captures })
      local own = w.groups:of(group)
      own.label = family.label(row)
      own.requests[#own.requests + 1] = { utid = end_utid, begin = begin, time = time,
        duration = duration, captures = captures, upid = upid }
    end,
  },

  finish = function(w)
    local lacking = {}
    for _, group in ipairs(w.groups.list) do
      finish_group(w, group)
      lacking[#lacking + 1] = group.typical and not group.rows and group.label or nil
    end
    table.sort(w.groups.list, function(a, b) return a.label < b.label end)
    w.of_threads = of_threads(w)
    if w.options.tid and not w.of_threads[1] then
      w.missed = "--tid: no such thread"
    elseif not w.options.tid and not w.groups.list[1] then
      w.missed = "no requests found: use --request to look for others"
    elseif lacking[1] then
      w.missed = ("%s%s: either all requests are slow or none: use --slower to set the limit")
        :format(lacking[1], lacking[2] and (" (and %d more)"):format(#lacking - 1) or "")
    end
  end,

  tables = {
    { "why", "Why the slow ones are slow",
      columns_with({ "Typical", "duration", "typical" }, { "Slow", "duration", "slow" },
        { "Difference", "duration", "difference" }),
      group = group_columns, needs = paths.needs, limit = true,
      chart = { kind = "bars", y = { "typical", "slow" }, whole = "total" },
      text = differences_text, each = compared },
    { "top", "Slowest requests",
      columns_with({ "Time", "duration", "time" }, { "Share", "ratio", "share" }),
      group = { { "Group", "string", "label" }, { "Begin", "timestamp", "begin" },
        { "Duration", "duration", "duration" } },
      needs = paths.needs, limit = true,
      text = times_text, each = slowest },
    { "threads", "Where the time of threads went",
      columns_with({ "Time", "duration", "time" }, { "Share", "ratio", "share" }),
      group = { { "Thread", "string", "label" }, { "Begin", "timestamp", "begin" },
        { "Duration", "duration", "duration" } },
      needs = paths.needs, limit = true,
      text = times_text, each = function(w) return w.of_threads end },
  },
}
