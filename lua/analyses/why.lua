--- Why slow requests are slow: where their time went, compared with typical ones.
-- The time is broken down by cause and culprit.
--
--   lttnga-run why my-trace/
--   lttnga-run why --request fsync --slower 10ms --slowest 3 my-trace/
--   lttnga-run why --tid 393 my-trace/
--   lttnga-run why --request spans:examples/spans.jsonl --spans-to waits.json my-trace/
--
-- Typical requests are between the p40 and p60 of their process and port, slow ones above the p95,
-- or above --slower; fewer than 20 are only listed. Text shows the three groups that lost the most
-- time (--groups). A request's time is broken down along its critical path (docs/why.md), so the
-- parts add up. More in docs/requests.md. Why requests became slower since another trace, compare
-- says (docs/compare.md).
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Why the slow ones are slow - fsync: lttng-consumerd (237)
--   177 requests: 36 typical, 8 slow (above 15.379 ms)
--   the slow ones use 14.551 ms more CPU
--   Time per request                               Typical        Slow   Difference
--   -------------------------------------------------------------------------------
--   all                                         296.085 us   19.132 ms   +18.836 ms
--   its own CPU                                 296.085 us   14.847 ms   +14.551 ms
--   a CPU, where date (388) ran, behind a page    0.000 us    3.318 ms    +3.318 ms
--   a CPU, where rcu_preempt (15) ran             0.000 us  942.356 us  +942.356 us
--
--   fsync: dd (390): 14.016 ms, at 15:36:39.079680860
--   What                                          Time    Share
--   -----------------------------------------------------------
--   its own CPU                              13.083 ms  93.34 %
--   CPU of kworker/u4:0 (9), behind a page  295.920 us   2.11 %
--   CPU of jbd2/vda-8 (151), behind a lock  258.110 us   1.84 %
--   a CPU                                   167.170 us   1.19 %

local analysis = require "lttnga.analysis"
local compositions = require "lttnga.compositions"
local family = require "lttnga.request_family"
local fault = require "lttnga.fault"
local filters = require "lttnga.filters"
local format_time = require("lttnga.time").format
local options = require "lttnga.options"
local ordered = require "lttnga.ordered"
local paths = require "lttnga.paths"
local slow = require "lttnga.slow"
local span_waits = require "lttnga.span_waits"
local text = require "lttnga.text"
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
  if w.options.composition then
    return
  end
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

--- What the time of all requests consists of: of processes of the same name together.
local function compose_groups(w)
  local list = ordered.new(function() return {} end)
  for _, group in ipairs(w.options.composition and w.groups.list or {}) do
    local of = list:of(("%s\0%s\0%s\0%s"):format(group.row.name, group.row.process, group.row.port,
      group.row.group))
    of.row = of.row or group.row
    of.composition = of.composition or compositions.new(family.label_of_all(group.row))
    for _, one in ipairs(group.requests) do
      of.composition:add(one.duration, compose(w, {}, one.utid, one.begin, one.time, one))
    end
  end
  return list.list
end

-- ---- Which groups are shown ----

--- How many groups, and requests of a small group, text shows by default: about a screen.
local SCREEN = 3

--- How much longer the slow requests of a group took than if they had been typical; of a group that
-- is too small to be compared, how long all took.
local function time_lost(group)
  if group.rows then
    return #group.slow * group.rows[1].difference
  end
  local lost = 0
  for _, one in ipairs(group.typical and {} or group.requests) do
    lost = lost + one.duration
  end
  return lost
end

--- The groups that are shown, those that lost the most time first; sets w.left_out if that is not
-- all of them.
local function choose_groups(w)
  local list = {}
  for _, group in ipairs(w.groups.list) do
    if group.rows or not group.typical or w.options.slowest then
      list[#list + 1], group.lost = group, time_lost(group)
    end
  end
  table.sort(list, function(a, b)
    return a.lost > b.lost or a.lost == b.lost and a.label < b.label
  end)
  local limit = w.options.groups or w.options["for people"] and SCREEN or 0
  if limit == 0 or #list <= limit then
    return list
  end
  w.left_out = ("%d of %d groups, those that lost the most time (--groups 0 shows all)"):format(
    limit, #list)
  return table.move(list, 1, limit, 1, {})
end

-- ---- Tables ----

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

local function differences_text(result, about)
  local group, list = result.rows[1].record.group, { signed = true }
  for i, row in ipairs(result.rows) do
    local r = row.record
    list[i] = { label(r), r.typical, r.slow, r.difference }
  end
  return paths.parts_text({ result.title, counts(group), group.words },
    { "Time per request", "Typical", "Slow", "Difference" }, list, about)
end

--- What is compared: the groups that have slow requests.
local function compared(w)
  local results = {}
  for _, group in ipairs(w.shown) do
    if group.rows and not w.options.composition then
      for _, row in ipairs(group.rows) do
        row.group = group
      end
      results[#results + 1] = { title = "Why the slow ones are slow - " .. group.label,
        rows = group.rows, group = group,
        says = ("%s: %s; %s"):format(group.label, counts(group), group.words
          or "nothing stands out") }
    end
  end
  if results[1] then
    results[1].above, w.left_out = w.left_out, nil
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
  local results, asked = {}, w.options.slowest
  local small = asked or w.options.composition and 0 or w.options["for people"] and SCREEN
    or slow.FEW
  for _, group in ipairs(w.shown) do
    local limit = group.rows and (asked or 0) or small
    for i = #group.requests, math.max(1, #group.requests - limit + 1), -1 do
      local one = group.requests[i]
      local rows = compose(w, {}, one.utid, one.begin, one.time, one)
      finish_rows(rows, one.duration)
      results[#results + 1] = { rows = rows, group = { label = group.label, begin = one.begin,
        duration = one.duration }, title = ("%s: %s, at %s%s"):format(group.label,
        text.duration(one.duration), format_time(one.begin, w.source),
        limit < #group.requests and i == #group.requests
          and (" (the slowest of %d)"):format(#group.requests) or "") }
    end
  end
  if results[1] then
    results[1].above = w.left_out
  end
  return results
end

--- What the time of all requests of a group consists of.
local function composed(w)
  local results = {}
  for _, of in ipairs(w.composed) do
    results[#results + 1] = { rows = of.composition:rows(), group = of.row,
      title = "Time per request - " .. of.composition.label }
  end
  table.sort(results, function(a, b)
    local x, y = a.rows[1].stats:sum(), b.rows[1].stats:sum()
    return x > y or x == y and a.title < b.title
  end)
  local limit = w.options.groups or w.options["for people"] and SCREEN or 0
  if limit == 0 or #results <= limit then
    return results
  end
  results[1].above = ("%d of %d groups, those that took the most time (--groups 0 shows all)")
    :format(limit, #results)
  return table.move(results, 1, limit, 1, {})
end

local function composed_text(result, about)
  local list, n, above = {}, 0, nil
  for _, row in ipairs(result.rows) do
    local r = row.record
    local name = r.level == "all" and "all" or compositions.label(r)
    n = n + (r.level == "all" and r.requests or 0)
    -- What says the same as the wait that it is of is left out.
    if r.level ~= "cause" or name ~= above then
      list[#list + 1] = { (r.level == "cause" and "  " or "") .. name, r.average, share = r.share }
      above = r.level == "wait" and name or above
    end
  end
  return list[1] and paths.parts_text({ result.title, ("%d request%s"):format(n, n == 1 and "" or
    "s") }, { "Time per request", "Average", "Share" }, list, about) or ""
end

local function times_text(result, about)
  if #result.rows == 0 then
    return ""
  end
  local list = {}
  for i, row in ipairs(result.rows) do
    list[i] = { label(row.record), row.record.time, share = row.record.share }
  end
  return paths.parts_text({ result.title }, { "What", "Time", "Share" }, list, about)
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
      for i, row in ipairs(w.options.composition and rows or {}) do
        rows[i] = compositions.stable(row)
        rows[i].time, rows[i].share, rows[i].part = row.time, row.share, rows[i]
      end
      local name = ("%s (%d)"):format(one.procname or "unknown", one.tid)
      results[#results + 1] = { title = "Where the time of " .. name .. " went", rows = rows,
        group = { label = name, begin = from, duration = to - from } }
    end
  end
  return results
end

--- Writes the spans of this window, and those before it, with what is known of them.
local function write_spans(w)
  if not w.options["spans-to"] then
    return
  end
  local list = {}
  for _, group in ipairs(w.groups.list) do
    for _, one in ipairs(group.requests) do
      one.composition = function()
        return compose(w, {}, one.utid, one.begin, one.time, one)
      end
      one.pieces = function()
        local pieces = {}
        for piece in w.graph:pieces(one.utid, one.begin, one.time) do
          pieces[#pieces + 1] = piece
        end
        return pieces
      end
      list[#list + 1] = one
    end
  end
  table.sort(list, function(a, b) return a.number < b.number end)
  span_waits.write(w.options["spans-to"], family.definitions(w.options), list, w.run.machine)
end

local collect = table.move(paths.collect, 1, #paths.collect, 1, {})
collect[#collect + 1] = working.collect

return analysis {
  title = "Why slow requests are slow",
  options = {
    { name = "request", value = "NAME", read = options.readers.item, list = true,
      words = "requests",
      help = "which requests (docs/requests.md), or spans:FILE; may be repeated\n"
        .. "(default: server)" },
    { name = "period", value = "DEF", read = options.readers.item, list = true,
      help = "periods as requests, NAME : BEGIN : END (docs/periods.md); may be repeated "
        .. "(default: none)" },
    { name = "slower", value = "TIME", read = options.readers.interval,
      help = "requests that took longer than this are slow (default: the p95)" },
    { name = "groups", value = "N", read = options.readers.limit,
      help = "show the N groups that lost the most time; 0 shows all (default: 3 as text, else "
        .. "all)" },
    { name = "composition",
      help = "break down the time of all requests of a group, instead of comparing slow ones with\n"
        .. "typical ones; compare turns it on" },
    { name = "slowest", value = "N", read = options.readers.count,
      help = "break down each of the N slowest requests of a group, too (default: 0; of groups "
        .. "that are too small to be compared, 3 as text, else all)" },
    -- As it was called before: elsewhere --top is a flag.
    { name = "top", value = "N", read = options.readers.count, hidden = true },
    { name = "tid", value = "TID,...", short = "t", read = options.readers.numbers, list = true,
      help = "show where the time of these threads went, instead of requests (default: none)" },
    { name = "procname", value = "NAME,...", short = "n", read = options.readers.globs, list = true,
      filter = { "procname", "globs" },
      help = "only requests of threads with these names: nginx*; not of these: !lttng-*\n"
        .. "(default: all)" },
    { name = "port", value = "N,...", read = options.readers.numbers, list = true,
      filter = { "port", "in" }, help = "only requests to these ports (default: all)" },
    { name = "spans-to", value = "FILE", read = options.readers.text, writes = true,
      help = "write the spans of --request spans:FILE here as OTLP JSON, with what their time went "
        .. "to, and\nthe longest waits as child spans (docs/spans.md) (default: none)" },
    "limit",
  },
  selects = { request_end = {} },

  requests = function(given)
    if given["spans-to"] and (given.tid or not span_waits.has_spans(family.definitions(given))) then
      fault.usage("--spans-to needs --request spans:FILE")
    elseif given.tid then
      return nil
    end
    return family.requests(given)
  end,

  -- What requests waited for may lie before the window in which they end.
  run = function(_, about)
    return { graph = paths.graph(about), ops = working.new(), machine = about }
  end,

  begin = function(w)
    w.options.slowest = w.options.slowest or w.options.top
    w.graph, w.ops = w.run.graph, w.run.ops
    w.groups = ordered.new(function(key)
      return { key = key, requests = {} }
    end)
  end,

  collect = function() return collect end,

  on = {
    request_end = function(w, name, upid, process, pid, port, begin, time, duration, end_tid,
      end_utid, captures, number)
      local group, row = family.key(w, { name = name, upid = upid, process = process, pid = pid,
        port = port, captures = captures })
      local own = w.groups:of(group)
      own.label, own.row = family.label(row), row
      own.requests[#own.requests + 1] = { utid = end_utid, begin = begin, time = time,
        duration = duration, captures = captures, upid = upid, name = name, tid = end_tid,
        number = number }
    end,
  },

  finish = function(w)
    local lacking = {}
    for _, group in ipairs(w.groups.list) do
      finish_group(w, group)
      lacking[#lacking + 1] = not w.options.composition and group.typical and not group.rows
        and group.label or nil
    end
    w.shown, w.composed = choose_groups(w), compose_groups(w)
    w.of_threads = of_threads(w)
    write_spans(w)
    if w.options.tid and not w.of_threads[1] then
      w.missed = filters.no_thread({ tid = w.options.tid }, w.graph:threads())
    elseif not w.options.tid and not w.groups.list[1] then
      w.missed = "no requests found: use --request to look for others"
    elseif lacking[1] then
      w.missed = ("%s%s: either all requests are slow or none: use --slower to set the limit")
        :format(lacking[1], lacking[2] and (" (and %d more)"):format(#lacking - 1) or "")
    end
  end,

  merge = "replay",

  tables = {
    { "composition", "Time per request", {
        { "Level", "string", "level", key = true }, { "Wait", "string", "wait", key = true },
        { "Cause", "string", "cause", key = true }, { "Via", "string", "via", key = true },
        { "Who", "string", "name", key = true }, { "Disk", "disk", "object", key = true },
        { "Requests", "number", "requests", compare = "sum" },
        { "Average", "duration", "average" }, { "P99", "duration", "p99" },
        { "Share", "ratio", "share", compare = "share" } },
      group = { { "Request", "string", "name" }, { "Process", "string", "process" },
        { "Port", "number", "port" }, { "Group", "string", "group" } },
      needs = paths.needs, parts = compositions,
      text = composed_text, each = composed },
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
      columns_with({ "Time", "duration", "time", compare = "sum" },
        { "Share", "ratio", "share", compare = "share" }),
      group = { { "Thread", "string", "label" }, { "Begin", "timestamp", "begin" },
        { "Duration", "duration", "duration", compare = "none" } },
      needs = paths.needs, limit = true,
      text = times_text, each = function(w) return w.of_threads end },
  },
}
