--- What a time consists of, by cause and by who was behind it: compositions of critical paths.
--
-- SPDX-License-Identifier: MIT

local layout = require "lttnga.layout"
local render = require "lttnga.render_text"
local stats = require "lttnga.stats"
local text = require "lttnga.text"

local paths = {}

--- The collects of a graph (see stats.graph) in `w.graph`, for `collect` of an analysis.
paths.collect = {
  { "thread_state", "utid", "pid", "procname", "process", "begin", "time", "state", "cpu",
    "cause", "work", "syscall", "path", "futex", "disk", "netif", "peer", "irq_name",
    "softirq", "source_utid", "source_time", "remote_machine", "remote_utid", "remote_time",
    into = "graph" },
  { "process_start", "utid", "pid", "procname", "process", "time", "parent_utid",
    into = "graph" },
  { "process_exit", "utid", "time", set = { exits = true }, into = "graph" },
}

--- A new graph for these collects. Those of all machines of a run are one, whose paths lead from
-- one machine to another.
-- @tparam table about what the function `run` of an analysis gets
-- @treturn Graph see stats.graph
function paths.graph(about)
  local shared = about.shared
  if about.count < 2 then
    return stats.graph()
  elseif not shared.graph or shared.has[about.number] then
    shared.graph, shared.has = stats.graph(), {}
  end
  shared.has[about.number] = true
  return shared.graph:of(about.number, about.label)
end

--- What tables of paths need, for `needs`.
paths.needs = { "thread_state", "thread_state.cause" }

--- The name and the TID in "bash (363)".
local function split(detail)
  local name, tid = (detail or ""):match "^(.*) %((%d+)%)$"
  return name or detail, math.tointeger(tonumber(tid))
end

--- Says what a piece of a path is, and who is behind it.
-- @tparam table piece see stats.graph
-- @tparam integer utid of the thread whose time it is
-- @treturn table cause: "own" (it ran), "cpu" (another thread ran), "runqueue" (waited for a CPU),
-- or what was waited for; name, tid: who or what; via: the wait that led there; host: the machine
-- where that was, if it is another one
function paths.part_of(piece, utid)
  local own = piece.utid == utid and not piece.host
  local part = { name = piece.procname, tid = piece.tid, via = piece.cause, host = piece.host }
  if piece.state == "running" then
    part.cause = own and "own" or "cpu"
  elseif piece.state == "runnable" or piece.state == "preempted" then
    part.cause = "runqueue"
    part.name, part.tid = split(piece.detail)
    part.name = part.name ~= "unknown" and part.name or nil
  elseif piece.state == "disk" then
    part.cause = "disk"
    part.call, part.object = (piece.detail or ""):match "^(%S+) (%S+)$"
    part.object = part.object or piece.detail
  else
    part.cause = piece.state
    part.object = piece.detail
  end
  -- Behind the thread that wrote for it there is the disk itself.
  if own or part.via == part.cause then
    part.via = nil
  end
  -- Between two machines.
  if part.cause == "net" then
    part.host = nil
  end
  return part
end

--- Causes that are the same for all threads.
local anybody = { own = true, disk = true, net = true, unknown = true }

--- What identifies a part among those of several paths. Not TIDs: short-lived threads differ.
local function key_of(part)
  return ("%s\0%s\0%s\0%s\0%s"):format(part.cause, part.via,
    not anybody[part.cause] and part.name, part.cause == "disk" and part.object, part.host)
end

--- Merges parts into one: names who it is only where that is the same.
-- @tparam table sum
-- @tparam table part
function paths.add_who(sum, part)
  sum.tid = sum.tid == part.tid and sum.tid or nil
  -- A thread may get another name.
  sum.name = (sum.tid or sum.name == part.name) and part.name or nil
end

--- Adds a piece of a path to a composition; the parts of it add up to its time.
-- @tparam table composition list of parts, also by key; each gets `time` (ns) and `count`
-- @tparam table piece see stats.graph
-- @tparam table part from paths.part_of
-- @tparam[opt] integer duration ns, if less than the whole piece
function paths.add(composition, piece, part, duration)
  local key = key_of(part)
  local sum = composition[key]
  if not sum then
    sum = part
    sum.key, sum.time, sum.count = key, 0, 0
    composition[key], composition[#composition + 1] = sum, sum
  end
  paths.add_who(sum, part)
  sum.time, sum.count = sum.time + (duration or piece.duration), sum.count + 1
end

-- ---- In words ----

--- Something, and where it is, if that is another machine.
-- @tparam string what
-- @tparam table part or a piece
-- @treturn string
function paths.placed(what, part)
  return part.host and ("%s on %s"):format(what or "unknown", part.host) or what
end
local placed = paths.placed

local function who(part)
  return placed(part.tid and ("%s (%d)"):format(part.name or "unknown", part.tid)
    or part.name or "unknown", part)
end

--- What the wait was for that led to another thread.
local through = { lock = "a lock", net = "the network", child = "a child", pipe = "a pipe",
  socket = "a socket", signal = "a signal", disk = "a disk",
  timer = "a timer", work = "work in the kernel", page = "a page", thread = "another thread" }

--- What is waited for if no other thread is behind it, or that it is no wait.
local nouns = { own = "its own CPU", runqueue = "a CPU", cpu = "another thread",
  net = "the network", irq = "another device", rcu = "RCU", work = "work",
  queue = "other requests of its thread", unknown = "unknown" }

local labels = {
  own = function() return "its own CPU" end,
  cpu = function(part) return "CPU of " .. who(part) end,
  runqueue = function(part)
    return part.name and ("a CPU, where %s ran"):format(who(part)) or placed("a CPU", part)
  end,
  disk = function(part) return placed("disk " .. (part.object or "?"), part) end,
  timer = function(part) return "a timer of " .. who(part) end,
  net = function() return "the network" end,
  queue = function(part) return "other requests: " .. (part.name or "?") end,
  unknown = function() return "unknown" end,
}

--- A part as text: "disk vda", "CPU of holder (277), behind a lock".
-- @tparam table part
-- @treturn string
function paths.label(part)
  local label = labels[part.cause] and labels[part.cause](part)
    or ("%s of %s"):format(part.cause, who(part))
  if part.cause == "disk" and part.call then
    label = ("%s (%s)"):format(label, part.call)
  end
  return part.via and ("%s, behind %s"):format(label, through[part.via] or part.via) or label
end

--- What goes on meanwhile, in words, after a wait for another thread.
local meanwhile = {
  cpu = function(part) return who(part) .. " runs" end,
  runqueue = function(part)
    return part.name and ("%s runs on the CPU that is needed"):format(who(part))
      or "no CPU is free"
  end,
  disk = function(part) return placed("disk " .. (part.object or "?"), part) .. " works" end,
  timer = function(part) return who(part) .. " sleeps" end,
  net = function() return "another thread waits for the network" end,
}

--- Without that.
local own = {
  own = "use %s more CPU", timer = "sleep %s longer", cpu = "wait %s longer for other threads",
  queue = "wait %s longer while their thread works on other requests",
  net = "wait %s longer for the network",
  runqueue = "wait %s longer for a CPU", disk = "wait %s longer for a disk",
}

--- "a, b and c"
local function listed(list)
  local last = #list
  return last == 1 and list[1]
    or table.concat(list, ", ", 1, last - 1) .. " and " .. list[last]
end

--- What goes on in parts of one kind, in a few words; nil if the kind says it all.
local function going_on(parts)
  local words = {}
  if parts[1].via then
    for i, part in ipairs(parts) do
      words[i] = meanwhile[part.cause] and meanwhile[part.cause](part) or paths.label(part)
    end
    return "while " .. listed(words)
  elseif parts[1].cause == "runqueue" or parts[1].cause == "cpu" then
    for _, part in ipairs(parts) do
      words[#words + 1] = part.name and who(part) or nil
    end
    return words[1] and ("while %s %s%s"):format(listed(words), words[2] and "run" or "runs",
      parts[1].cause == "cpu" and "" or " there") or nil
  elseif parts[1].cause == "disk" then
    for i, part in ipairs(parts) do
      words[i] = paths.label(part)
    end
    return listed(words)
  end
  return nil
end

--- What is done during a kind of wait, where that is not "waiting for" it.
local doing = { own = "running", timer = "sleeping", unknown = "of unknown time" }

--- A wait, as compositions have it, as a noun: "disk sda", "a lock".
-- @tparam string wait the cause, or what led to another thread; "disk NAME" for a disk
-- @treturn string
function paths.wait_label(wait)
  return nouns[wait] or through[wait] or wait
end

--- The same as what a thread does: "waiting for a lock", "running".
-- @tparam string wait
-- @treturn string
function paths.doing(wait)
  return doing[wait] or "waiting for " .. paths.wait_label(wait)
end

--- What goes on in parts of one wait: ", while holder runs"; "" if there is nothing to be said.
-- @tparam table parts
-- @treturn string
function paths.meanwhile(parts)
  local words = parts[1] and (parts[1].via or parts[1].cause ~= "disk") and going_on(parts)
  return words and ", " .. words or ""
end

--- The kind of a part: what was waited for, or else its cause.
-- @tparam table part
-- @treturn string
function paths.kind_of(part)
  return part.via and "via " .. part.via or part.cause
end

--- Says in words that parts of one kind take longer: "wait 41 ms longer for a lock, most of it
-- while holder (277) runs".
-- @tparam table rows of one kind, each with `part` and `difference` (ns), the largest first
-- @tparam integer total of their differences
-- @treturn string
function paths.longer(rows, total)
  local part, time = rows[1].part, text.duration(math.floor(total + 0.5))
  local words = part.via and "wait %s longer for " .. (through[part.via] or part.via)
    or own[part.cause] or "wait %s longer for " .. part.cause
  words = words:format(time)
  local parts = {}
  for i, row in ipairs(rows) do
    -- The largest, or what makes up for the most.
    if i <= 3 and row.difference > 0.1 * total and (i == 1 or rows[1].difference < 0.5 * total) then
      parts[#parts + 1] = row.part
    end
  end
  local what = parts[1] and going_on(parts)
  if not what then
    return words
  end
  local is_most = rows[1].difference < 0.9 * total and rows[1].difference >= 0.5 * total
  return ("%s, %s%s"):format(words, is_most and "most of it " or "", what)
end

--- A table of parts as text: what each is, its times, and its share, if it has one.
-- @tparam table above lines above it, of which the first is the title
-- @tparam table titles of the columns
-- @tparam table parts lists of a label and times; `signed`: the last one is a difference
-- @tparam table about width, classic
-- @treturn string
function paths.parts_text(above, titles, parts, about)
  local list, rows = {}, {}
  for c, title in ipairs(titles) do
    local unit = c == 1 and about.classic and " (us)" or ""
    list[c] = { title = title .. unit, left = c == 1, cuts = c == 1, keeps = true }
    list[c].shorter = c > 1 and title ~= "Share" and layout.rounded_column(list[c]) or nil
  end
  for r, part in ipairs(parts) do
    rows[r] = { text.clean(part[1]) }
    for c = 2, #part do
      local ns = math.floor(part[c] + 0.5)
      local sign = ns < 0 and "-" or ns > 0 and c == #part and parts.signed and "+" or ""
      rows[r][c] = sign .. render.cell({ class = "duration" }, math.abs(ns), about)
    end
    rows[r][#part + 1] = part.share and render.cell({ class = "ratio" }, part.share)
  end
  above[1] = table.concat(layout.wrap(text.clean(above[1]), about, 2), "\n")
  return render.lines(above, list, rows, about)
end

return paths
