--- The critical path of a thread: what its time depended on, wait by wait.
--
--   lttnga-run criticalpath --tid 393 my-trace/
--   lttnga-run criticalpath --procname 'postgres*' --timerange 15:36:38..15:36:38.2 my-trace/
--   lttnga-run criticalpath my-trace/
--   lttnga-run criticalpath --tid 393 --fold my-trace/ | flamegraph.pl --countname ns > path.svg
--
-- Each piece of the path belongs to one thread, which runs or waits for a CPU (the detail is then
-- the thread that ran there instead). If no thread can be followed further, the piece is what was
-- waited for: a disk, a timer, another machine. The pieces add up to the requested time, as far
-- as the thread existed. Cause is what the previous thread on the path was waiting for. A thread
-- that spins in user space counts as running. With traces of several machines (--sync if their
-- clocks differ) the path leads from the thread that receives a packet to the one that sent it.
--
-- Without --tid or --procname, the threads that waited longest are listed.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Critical path of wc (393)
--   Begin               Duration  TID  Procname  State      Detail      CPU
--   -----------------------------------------------------------------------
--   15:36:40.221157660   64.5 us  363  bash      running                1
--   15:36:40.221222150   16.5 ms  393  bash      runnable   bash (363)  1
--   15:36:40.237731870   24.1 ms  393  wc        running                1
--   15:36:40.261818280    630 us  393  wc        preempted  bash (363)  1
--   15:36:40.262447880    128 ms  393  wc        running                1
--   15:36:40.390037860    304 us  393  wc        preempted  cat (392)   1
--   Columns not shown: End (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local clock = require "lttnga.time"
local family = require "lttnga.wait_family"
local fault = require "lttnga.fault"
local filters = require "lttnga.filters"
local fold = require "lttnga.fold"
local options = require "lttnga.options"
local ordered = require "lttnga.ordered"
local paths = require "lttnga.paths"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local text = require "lttnga.text"
local thread = require "lttnga.thread"

--- From when to when a path goes: as long as the thread existed in the window.
local function life(w, one)
  return one.born and one.first or w.first, one.exited and one.last or w.last
end

--- The threads that were asked for, in the order of their TIDs.
local function asked_threads(w)
  local is_asked, list = filters.threads(w.options), {}
  for _, one in ipairs(w.threads) do
    if one.first < one.last and is_asked(one.tid, one.procname) then
      list[#list + 1] = one
    end
  end
  table.sort(list, function(a, b)
    if a.tid ~= b.tid then
      return a.tid < b.tid
    end
    return a.utid < b.utid
  end)
  return list
end

--- Adds a piece to the sum of those like it.
local function add_to(list, piece)
  local key = ("%d %s %s %s"):format(piece.utid or -1, piece.state, piece.cause, piece.host)
  local sum = list:of(key)
  sum.tid, sum.pid, sum.procname = piece.tid, piece.pid, piece.procname
  sum.host, sum.machine = piece.host, piece.machine
  sum.state, sum.cause = piece.state, piece.cause
  sum.count, sum.duration = sum.count + 1, sum.duration + piece.duration
  sum.max = math.max(sum.max, piece.duration)
end

--- A path: its pieces, as many of them as are shown, and their sums.
local function path_of(w, one)
  local first, last = life(w, one)
  local found = ordered.new(function() return { count = 0, duration = 0, max = 0 } end)
  local path = { thread = one, first = first, last = last, pieces = {}, sums = found.list }
  local limit, machine = w.options["limit of logs"] or 0, w.run.machine
  for piece in w.graph:pieces(one.utid, first, math.max(first, last)) do
    piece.machine = piece.host or machine.count > 1 and machine.label or nil
    path.crosses = path.crosses or piece.host ~= nil
    add_to(found, piece)
    if limit == 0 or #path.pieces < limit then
      path.pieces[#path.pieces + 1] = piece
    end
  end
  for _, sum in ipairs(path.sums) do
    sum.process = not sum.host and w.processes[sum.pid] or nil
    sum.share = sum.duration / (last - first)
  end
  return path
end

--- The names of processes: those of their first threads, which need not have been seen.
local function process_names(w)
  local names = {}
  for _, one in ipairs(w.threads) do
    if one.pid and (one.tid == one.pid or not names[one.pid]) then
      names[one.pid] = one.tid == one.pid and one.procname or one.process
    end
  end
  return names
end

-- ---- As text ----

local function label(row)
  local who = thread.label { name = row.procname, tid = row.tid, pid = row.pid }
  return row.host and ("%s on %s"):format(who, row.host) or who
end

local function us(ns)
  return ("%.3f"):format(ns / 1000)
end

--- Times with their date are wider.
local WIDTHS, DATED = { -19, -19, 15, -27, -12 }, { -30, -30, 15, -27, -12 }

local function line(about, ...)
  return text.trim(text.columns(about.date and DATED or WIDTHS, ...))
end

local pieces_text = {
  heading = function(about)
    return line(about, "From", "To", "Duration (us)", "  Thread", "State", "Detail")
  end,
  row = function(row, about)
    return line(about, clock.format(row.begin, about), clock.format(row["end"], about),
      us(row.duration), "  " .. text.clean(label(row)), row.state,
      text.clean(row.detail or ""))
  end,
}

local SUM_WIDTHS, BAR = { -16, -25, -12, -8, 14, 9, 7, 14 }, 20

local sums_text = {
  heading = text.columns(SUM_WIDTHS, "Process", "Thread", "State", "Cause", "Time (us)", "Share",
    "Count", "Max (us)"),
  row = function(row)
    local bar = ("█"):rep(math.floor(row.share * BAR + 0.5))
    return text.trim(text.columns(SUM_WIDTHS, text.clean(row.process or "unknown"),
      text.clean(label(row)), row.state, row.cause or "-", us(row.duration),
      ("%.2f %%"):format(row.share * 100), tostring(row.count), us(row.max)) .. " " .. bar)
  end,
}

--- The fields of a thread, each a column of its own, and told apart by all of them.
local function thread_columns(key)
  return { "TID", "number", "tid", key = key, compare = "none" },
  { "PID", "number", "pid", hidden = true, compare = "none" },
    { "Procname", "string", "procname", key = key }
end

--- Where that is: text shows it only if there are several machines, and longer than most if a path
-- leads to another one.
local function machine_column(several, crosses)
  return { "Machine", "string", "machine", hidden = not several, spare = crosses and 4 or 2 }
end

local function piece_columns(several, crosses)
  local tid, pid, procname = thread_columns()
  return { { "Begin", "timestamp", "begin", key = true },
    { "End", "timestamp", "end", spare = 1 },
    { "Duration", "duration", "duration", compare = "sum" },
    machine_column(several, crosses), tid, pid, procname, { "State", "string", "state" },
    { "Cause", "string", "cause", spare = crosses and 3 or nil }, { "Detail", "string", "detail" },
    { "CPU", "cpu", "cpu", spare = 2 } }
end

local function sum_columns(several, crosses)
  local tid, pid, procname = thread_columns(true)
  return { machine_column(several, crosses), { "Process", "string", "process", spare = 1 },
    tid, pid, procname,
    { "State", "string", "state", key = true }, { "Cause", "string", "cause", key = true },
    { "Duration", "duration", "duration", compare = "sum" },
    { "Share", "ratio", "share", compare = "share" },
    { "Count", "number", "count", compare = "sum" }, { "Max", "duration", "max" } }
end

--- Paths as stacks: what a thread did or waited for; below a cause, what others did meanwhile.
local function stacks(w, add)
  for _, path in ipairs(w.paths) do
    local one, whose = path.thread, label(path.thread)
    for piece in w.graph:pieces(one.utid, path.first, math.max(path.first, path.last)) do
      if piece.utid == one.utid and not piece.host then
        add(piece.duration, whose, piece.state, piece.detail)
      else
        add(piece.duration, whose, piece.cause, label(piece), piece.state, piece.detail)
      end
    end
  end
end

--- Whose path it is.
local group = { { "Thread", "process", thread.fields } }

--- One result for each path.
local function of_each(title, member, columns)
  return function(w)
    local results, several = {}, w.run.machine.count > 1
    for i, path in ipairs(w.paths) do
      results[i] = { title = title:format(label(path.thread)), rows = path[member],
        group = path.thread, columns = several and columns(true, path.crosses) or nil }
    end
    return results
  end
end

local needs = { "thread_state", "thread_state.cause" }

--- What is offered if no thread is asked for; having nothing to do is no wait.
local waits = { "sleep_end", "tid", "pid", "procname", "duration", into = "waits",
  only = family.only {} }

return analysis {
  title = "Critical paths",
  options = {
    { name = "tid", value = "TID,...", short = "t", read = options.readers.numbers, list = true,
      help = "the paths of these threads (default: list the threads that waited longest)" },
    { name = "procname", value = "NAME,...", short = "n", read = options.readers.globs, list = true,
      help = "the paths of threads with these names: nginx*; not with these: !lttng-*\n"
        .. "(default: as --tid)" },
    "limit", fold.option "thread;cause;other thread;state;detail",
  },
  -- Paths lead anywhere: nothing selects events.
  filters = {},
  selects = {},

  run = function(_, about) return { machine = about } end,

  begin = function(w)
    w.graph, w.waits = paths.graph(w.run.machine), stats.keyed()
    w.is_asked = w.options.tid or w.options.procname
  end,

  collect = function(given)
    if not given.tid and not given.procname then
      if given.fold then
        fault.usage("--fold needs --tid or --procname")
      end
      return { waits }
    end
    return paths.collect
  end,

  finish = function(w)
    w.threads, w.paths = w.graph:threads(), {}
    w.processes = process_names(w)
    for i, one in ipairs(w.is_asked and asked_threads(w) or {}) do
      w.paths[i] = path_of(w, one)
    end
    w.missed = w.is_asked and not w.paths[1] and filters.no_thread(w.options, w.threads) or nil
  end,

  merge = "replay",

  tables = {
    { "path", "Critical path", piece_columns(false), group = group, needs = needs,
      classic = pieces_text, each = of_each("Critical path of %s", "pieces", piece_columns) },
    { "sum", "Where the time went", sum_columns(false), group = group, needs = needs,
      classic = sums_text, by = "duration",
      each = of_each("Where the time of %s went", "sums", sum_columns) },
    { "threads", "Threads that waited longest",
      { { "Process", "process", thread.fields, width = -25 },
        { "Waits", "number", "count", width = 10, compare = "sum" },
        { "Waited", "duration", "waited", heading = "Waited (us)", compare = "sum" },
        { "Longest", "duration", "max", heading = "Longest (us)" } },
      needs = { "sleep_end" }, text = "grid", by = "waited", optional = true,
      heading = "%s (--tid TID shows the critical path of one):",
      rows = function(w)
        local rows = stats.rows(sums.by(w.waits, { of = { "tid" }, last = { "pid", "procname" } }))
        for _, row in ipairs(rows) do
          row.waited = row.stats:sum()
        end
        return rows
      end },
    fold.table { "Critical paths as stacks", needs = needs, stacks = stacks },
  },
}
