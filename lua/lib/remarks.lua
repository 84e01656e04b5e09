--- What stands out in what a machine did, each in a line, with the command that shows more. The
-- rules are data: the table in docs/overview.md is made from this list.
--
-- Each rule is applied to each interval (usually of 1 s). It has
--
--     name      for machines, and docs
--     each      function(row) -> the things that it is about, by name, each with remarks of its
--               own; without it: the row itself
--     figure    function(thing, row) -> the number that counts, or nil
--     least     a remark is made if the number is at least this,
--     seconds   for so long (without it: in any interval)
--     says      what was found, for the docs, and `measure`: in which figure, with `least` as text
--     text      function(found) -> the remark; found has `rows` (those in which the rule applied),
--               `things` of these, `key`, and most(f), mean(f), sum(f) of a function of both
--     command   the analysis that shows more, or function(found) -> it, and its options
--
-- Successive intervals make one remark, even if one between them is below.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"
local thread = require "lttnga.thread"
local time = require "lttnga.time"
local units = require "lttnga.units"

local remarks = {}

local SECOND, MS = 1000000000, 1000000

--- "1 request", "2,345 requests".
local function count(n, word)
  local digits = ("%.0f"):format(n)
  digits = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return ("%s %s%s"):format(digits, word, n == 1 and "" or "s")
end

local function percent(ratio)
  return ("%.0f %%"):format(100 * ratio)
end

local function size(bytes)
  return text.trim(units.format_size(math.floor(bytes)))
end

local function name_of(one)
  return thread.label { name = one.procname, tid = one.tid }
end

--- What has the most, of a table of numbers by name: names and numbers, the largest first.
local function ranked(numbers)
  local list = {}
  for name, number in pairs(numbers) do
    list[#list + 1] = { name = name, n = number }
  end
  table.sort(list, function(a, b) return a.n > b.n or a.n == b.n and a.name < b.name end)
  return list
end

--- Adds up tables of numbers by name.
local function sum_by_name(tables)
  local sums = {}
  for _, one in ipairs(tables) do
    for name, n in pairs(one or {}) do
      sums[name] = (sums[name] or 0) + n
    end
  end
  return sums
end

--- For how long something was so.
local function length_of(rows)
  local length = 0
  for _, row in ipairs(rows) do
    length = length + row.length
  end
  return length
end

--- Of the largest that are found, the largest: a field of things.
local function largest(found, field)
  local best
  for _, thing in ipairs(found.things) do
    local one = thing[field]
    best = one and (not best or one.value > best.value) and one or best
  end
  return best
end

--- Errors that are worse than others: something is broken, or there is no more of it.
local kinds_of_errors = { EIO = "broken", EROFS = "broken", EUCLEAN = "broken",
  ENOSPC = "exhausted", EDQUOT = "exhausted", EMFILE = "exhausted", ENFILE = "exhausted",
  ENOMEM = "exhausted" }

--- How many calls failed with errors of a kind: in all, and by "NAME ERROR".
local function failures(row, wanted)
  local some, n = {}, 0
  for name, times in pairs(row.failed or {}) do
    if (kinds_of_errors[name:match "%S+$"] or "other") == wanted then
      some[name], n = times, n + times
    end
  end
  return n, some
end

local function failures_text(found, wanted)
  local lists = {}
  for i, row in ipairs(found.rows) do
    lists[i] = select(2, failures(row, wanted))
  end
  local list, parts, rest = ranked(sum_by_name(lists)), {}, 0
  for i, one in ipairs(list) do
    if i <= 3 then
      parts[#parts + 1] = ("%s %s"):format(one.name, count(one.n, "time"))
    else
      rest = rest + one.n
    end
  end
  return "calls failed: " .. table.concat(parts, ", ")
    .. (rest > 0 and (", others %s"):format(count(rest, "time")) or "")
end

--- Which part of the time CPUs were busy, as far as that is known.
local function busy_of(_, row)
  return row.n_cpus > 0 and (row.busy or 0) / (row.n_cpus * row.length) or 0
end

--- How much of the time of CPUs nothing is known.
local function cpus_of(row)
  return row.cpus
end

local function disks_of(row)
  return row.disks
end

--- How idle the idlest other CPU is, where threads wait for a busy one.
local function imbalance(cpu, row)
  local idlest = 0
  for _, other in pairs(row.cpus) do
    idlest = other ~= cpu and math.max(idlest, other.idle / row.length) or idlest
  end
  return cpu.busy >= 0.9 * row.length and cpu.waiting >= 0.5 and idlest or nil
end

--- The rules, in the order in which remarks of the same time stand.
remarks.rules = {
  { name = "lost", says = "events were lost", measure = "total length of the gaps", least = 1,
    as = "1 ns",
    figure = function(row) return math.max(row.lost_time, row.lost_events + row.lost_packets) end,
    text = function(found)
      local parts = {}
      for _, what in ipairs { { "lost_events", "event" }, { "lost_packets", "packet" } } do
        local n = found.sum(function(row) return row[what[1]] end)
        parts[#parts + 1] = n > 0 and count(n, what[2]) or nil
      end
      return ("%s lost: what happened then is unknown"):format(
        #parts > 0 and table.concat(parts, " and ") or "events")
    end,
    command = { "info", whole = true } },

  { name = "unrecorded", says = "nothing was recorded on any CPU",
    measure = "share of the interval for which nothing is known", least = 1, as = "100 %",
    seconds = 0.5,
    figure = function(row) return row.unrecorded and row.lost_time == 0 and 1 or nil end,
    text = function(found)
      return ("nothing was recorded for %s"):format(text.duration(length_of(found.rows)))
    end,
    command = { "info", whole = true } },

  { name = "cpu-unknown", says = "a CPU was offline, or not recorded",
    measure = "share of its time that is unknown", least = 0.5, as = "50 %", seconds = 0.5,
    each = cpus_of,
    figure = function(cpu, row)
      return cpu.unknown and row.lost_time == 0 and not row.unrecorded
        and cpu.unknown / row.length or nil
    end,
    text = function(found)
      return ("CPU %d was offline, or not recorded, for %s"):format(found.key,
        text.duration(found.sum(function(cpu) return cpu.unknown end)))
    end,
    command = "cputop" },

  { name = "cpu-queue", says = "threads waited because all CPUs were busy",
    measure = "waiting threads per CPU (CPUs: 80 % busy)", least = 1, as = "1", seconds = 2,
    figure = function(row)
      return row.waiting and busy_of(nil, row) >= 0.8
        and row.waiting / row.n_cpus or nil
    end,
    text = function(found)
      return ("%.1f threads waited for a CPU (%s, %s busy)"):format(
        found.mean(function(row) return row.waiting end), count(found.rows[1].n_cpus, "CPU"),
        percent(found.mean(busy_of)))
    end,
    command = "runqueue" },

  { name = "cpu-one", says = "threads waited for one CPU while another one was idle",
    measure = "idle time of the other CPU (this one: 90 % busy, 0.5 threads waiting)", least = 0.5,
    as = "50 %", seconds = 2,
    each = cpus_of, figure = imbalance,
    text = function(found)
      return ("CPU %d was %s busy, and %.1f threads waited for it, while another CPU was %s idle")
        :format(found.key, percent(found.mean(function(cpu, row) return cpu.busy / row.length end)),
          found.mean(function(cpu) return cpu.waiting end), percent(found.mean(imbalance)))
    end,
    command = "runqueue" },

  { name = "cpu-limit",
    says = "threads waited although CPUs were idle, as with cgroup CPU limits",
    measure = "waiting threads (CPUs: 50 % idle)", least = 0.9, as = "0.9", seconds = 2,
    figure = function(row)
      local known = row.waiting and row.busy and row.unknown < 0.1 * row.length * row.n_cpus
      return known and busy_of(nil, row) <= 0.5 and row.waiting or nil
    end,
    text = function(found)
      return ("%.1f threads waited for a CPU while CPUs were %s idle (a cgroup limit?)"):format(
        found.mean(function(row) return row.waiting end),
        percent(1 - found.mean(busy_of)))
    end,
    command = "runqueue" },

  { name = "interrupts", says = "CPUs were busy with interrupts",
    measure = "share of CPU time spent in handlers", least = 0.2, as = "20 %", seconds = 1,
    figure = function(row)
      return row.irq and row.n_cpus > 0
        and (row.irq + row.softirq) / (row.n_cpus * row.length) or nil
    end,
    text = function(found)
      local function part(field)
        return percent(found.mean(function(row) return row[field] / (row.n_cpus * row.length) end))
      end
      return ("interrupt handlers took %s of the CPU time, softirqs %s"):format(
        part "irq", part "softirq")
    end,
    command = "irqstats" },

  { name = "irq-long", says = "an interrupt handler took a long time", measure = "its duration",
    least = 50 * MS, as = "50 ms",
    figure = function(row) return row.longest_irq and row.longest_irq.value end,
    text = function(found)
      local one = largest(found, "longest_irq")
      return ("%s %s took %s on CPU %d"):format(one.kind, one.name or "?",
        text.duration(one.value), one.cpu)
    end,
    command = { "irqlog", "--min", "50ms" } },

  { name = "disk-errors", says = "requests to a disk failed", measure = "failed requests",
    least = 1, as = "1", each = disks_of,
    figure = function(disk) return disk.failed end,
    text = function(found)
      local lists = {}
      for i, disk in ipairs(found.things) do
        lists[i] = disk.errors
      end
      local parts = {}
      for _, one in ipairs(ranked(sum_by_name(lists))) do
        parts[#parts + 1] = one.name
      end
      return ("%s: %s failed (%s)"):format(found.key,
        count(found.sum(function(disk) return disk.failed end), "request"),
        table.concat(parts, ", "))
    end,
    command = "iousagetop" },

  { name = "disk-slow", says = "a disk was slow", measure = "p99 latency (of at least 20 requests)",
    least = 100 * MS, as = "100 ms", each = disks_of,
    figure = function(disk) return disk.n >= 20 and disk.p99 or nil end,
    text = function(found)
      return ("%s: p99 of %s up to %s, longest %s"):format(found.key,
        count(found.sum(function(disk) return disk.n end), "request"),
        text.duration(found.most(function(disk) return disk.p99 end)),
        text.duration(found.most(function(disk) return disk.max end)))
    end,
    command = "iolatencystats" },

  { name = "disk-queue", says = "requests queued up at a disk",
    measure = "requests in flight (mean)", least = 16, as = "16", seconds = 1, each = disks_of,
    figure = function(disk) return disk.in_flight end,
    text = function(found)
      return ("%s: %.0f requests in flight"):format(found.key,
        found.mean(function(disk) return disk.in_flight end))
    end,
    command = "iousagetop" },

  { name = "throttled", says = "writes were throttled: too many pages were dirty",
    measure = "total time they waited", least = 200 * MS, as = "200 ms",
    figure = function(row) return row.throttled end,
    text = function(found)
      return ("writing calls were throttled for %s, with %s dirty"):format(
        text.duration(found.sum(function(row) return row.throttled end)),
        size(found.most(function(row) return row.dirty_most or 0 end)))
    end,
    command = "pageflush" },

  { name = "reclaim", says = "threads had to reclaim memory before they got any",
    measure = "direct reclaims", least = 1, as = "1",
    figure = function(row) return row.reclaim and row.reclaim.direct and row.reclaim.direct.n end,
    text = function(found)
      return ("memory was short: threads had to reclaim some themselves %s, for %s"):format(
        count(found.sum(function(row) return row.reclaim.direct and row.reclaim.direct.n or 0 end),
          "time"),
        text.duration(found.sum(function(row)
          return row.reclaim.direct and row.reclaim.direct.time or 0
        end)))
    end,
    command = "writeback" },

  { name = "kswapd", says = "memory was short: kswapd reclaimed some",
    measure = "time kswapd was awake, in runs that ended", least = 50 * MS,
    as = "50 ms",
    figure = function(row)
      return row.reclaim and row.reclaim.kswapd and row.reclaim.kswapd.time
    end,
    text = function(found)
      local function sum(field)
        return found.sum(function(row) return row.reclaim.kswapd[field] end)
      end
      return ("memory was short: kswapd reclaimed some %s, active for %s"):format(
        count(sum "n", "time"), text.duration(sum "time"))
    end,
    command = "writeback" },

  { name = "blocked", says = "a thread was in uninterruptible sleep for a long time",
    measure = "the longest sleep", least = SECOND, as = "1 s",
    figure = function(row) return row.longest_blocked and row.longest_blocked.value end,
    text = function(found)
      local one = largest(found, "longest_blocked")
      return ("%s was blocked (uninterruptible) for %s"):format(name_of(one),
        text.duration(one.value))
    end,
    command = function(found)
      local one = largest(found, "longest_blocked")
      return { "waitstop", "--tid", tostring(one.tid), from = one.time - one.value }
    end },

  { name = "cpu-starved", says = "a thread waited for a CPU for a long time",
    measure = "the longest wait", least = 500 * MS, as = "500 ms",
    figure = function(row) return row.longest_queued and row.longest_queued.value end,
    text = function(found)
      local one = largest(found, "longest_queued")
      return ("%s could have run, but waited for a CPU for %s"):format(name_of(one),
        text.duration(one.value))
    end,
    command = function(found)
      local one = largest(found, "longest_queued")
      return { "runqslower", "--tid", tostring(one.tid), from = one.time - one.value }
    end },

  { name = "slow-call", says = "a call on a file took a long time", measure = "its duration",
    least = SECOND, as = "1 s",
    figure = function(row) return row.slowest and row.slowest.value end,
    text = function(found)
      local one = largest(found, "slowest")
      return ("%s of %s took %s"):format(one.name, name_of(one), text.duration(one.value))
    end,
    command = "iolatencytop" },

  { name = "forks", says = "many threads and processes were created", measure = "forks per second",
    least = 100, as = "100",
    figure = function(row) return row.forks and row.forks * SECOND / row.length end,
    text = function(found)
      return ("%s or processes created in %s"):format(
        count(found.sum(function(row) return row.forks end), "thread"),
        text.duration(length_of(found.rows)))
    end,
    command = { "syscallstats", "--filter", 'name ~ "clone*" or name ~ "*fork"' } },

  { name = "io-errors", says = "calls failed with EIO, EROFS or EUCLEAN", measure = "failed calls",
    least = 1, as = "1",
    figure = function(row) return (failures(row, "broken")) end,
    text = function(found) return failures_text(found, "broken") end,
    command = "syscallstats" },

  { name = "exhausted", says = "calls failed because a resource ran out (ENOSPC, EDQUOT, EMFILE, "
      .. "ENFILE, ENOMEM)",
    measure = "failed calls", least = 1, as = "1",
    figure = function(row) return (failures(row, "exhausted")) end,
    text = function(found) return failures_text(found, "exhausted") end,
    command = "syscallstats" },

  { name = "failing", says = "many calls failed with unusual errors", measure = "failed calls",
    least = 50, as = "50",
    figure = function(row) return (failures(row, "other")) end,
    text = function(found) return failures_text(found, "other") end,
    command = "syscallstats" },
}

-- ---- Finding them ----

--- What a rule is about in a row: things by name.
local function things_of(rule, row)
  if rule.each then
    return rule.each(row) or {}
  end
  return { [""] = row }
end

--- What has been found in some rows, as `text` and `command` of a rule take it.
local function found_of(key, rows, things)
  local found = { key = key, rows = rows, things = things, from = rows[1].begin,
    to = rows[#rows].time }
  function found.sum(f)
    local sum = 0
    for i, thing in ipairs(things) do
      sum = sum + f(thing, rows[i])
    end
    return sum
  end
  function found.mean(f)
    return found.sum(f) / #things
  end
  function found.most(f)
    local most
    for i, thing in ipairs(things) do
      local value = f(thing, rows[i])
      most = (not most or value > most) and value or most
    end
    return most
  end
  return found
end

--- The times at which a rule applies to one thing.
local function find(rule, key, rows, add)
  local some, things, last = {}, {}, nil
  local function close()
    if #some > 0 and length_of(some) >= (rule.seconds or 0) * SECOND * 0.99 then
      add(rule, found_of(key, some, things))
    end
    some, things = {}, {}
  end
  for i, row in ipairs(rows) do
    local thing = things_of(rule, row)[key]
    local figure = thing and rule.figure(thing, row)
    if figure and figure >= rule.least then
      if last and i > last + 2 then
        close()
      end
      some[#some + 1], things[#things + 1], last = row, thing, i
    end
  end
  close()
end

--- The names of all things that a rule is about, in order.
local function keys_of(rule, rows)
  local keys, seen = {}, {}
  for _, row in ipairs(rows) do
    for key in pairs(things_of(rule, row)) do
      keys[#keys + 1] = not seen[key] and key or nil
      seen[key] = true
    end
  end
  table.sort(keys)
  return keys
end

-- ---- The command to run next ----

--- A word as a shell takes it.
local function quoted(word)
  return word:find "^[%w%./_:=,+-]+$" and word or "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A time for an option: to the ms, which is before it, or (`up`) after it.
local function written(ns, source, up)
  local ms = (ns + (up and MS - 1 or 0)) // MS * MS
  return (time.format(ms, source):gsub("000000$", ""):gsub(" ", "T"))
end

--- Words as a shell takes them, in a line.
local function words_of(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = quoted(word)
  end
  return table.concat(list, " ")
end

--- A command line for a part of the time of a window.
-- @tparam table source w.source
-- @tparam string|table command the analysis and its options; `whole`: it takes no time range;
-- `from`: when it starts, if not with the remark
-- @tparam integer from ns
-- @tparam integer to ns
-- @treturn string
function remarks.command(source, command, from, to)
  local given = type(command) == "table" and command or { command }
  local words = { "lttnga-run" }
  table.move(given, 1, #given, 2, words)
  local function add(...)
    table.move({ ... }, 1, select("#", ...), #words + 1, words)
  end
  if source.gmt and not given.whole then
    add "--gmt"
  end
  if source.host then
    add("--host", source.host)
  end
  if source.all then
    add "--no-intersection"
  end
  if not given.whole then
    add("--timerange", ("%s..%s"):format(written(math.min(given.from or from, from), source),
      written(to, source, true)))
  end
  for _, path in ipairs(source.paths) do
    add(path:find "^%-" and "./" .. path or path)
  end
  return words_of(words)
end

--- Ranks the remarks of each rule: those with the largest figure first, then the longest.
local function rank(list)
  local by_weight, n = table.move(list, 1, #list, 1, {}), {}
  table.sort(by_weight, function(a, b)
    local x, y = a.time - a.begin, b.time - b.begin
    if a.figure ~= b.figure then
      return a.figure > b.figure
    end
    return x > y or x == y and a.order < b.order
  end)
  for _, one in ipairs(by_weight) do
    n[one.rule] = (n[one.rule] or 0) + 1
    one.rank = n[one.rule]
  end
end

--- What stands out in rows of lttnga.activity, in order of time.
-- @tparam table rows
-- @tparam table source w.source
-- @treturn table list of { rule, begin, time, text, command, rank = among those of the rule }
function remarks.of(rows, source)
  local list = {}
  local function add(rule, found)
    local command = rule.command
    list[#list + 1] = {
      rule = rule.name, begin = found.from, time = found.to, text = rule.text(found),
      figure = found.most(rule.figure),
      command = remarks.command(source, type(command) == "function" and command(found) or command,
        found.from, found.to),
      order = #list,
    }
  end
  for _, rule in ipairs(remarks.rules) do
    for _, key in ipairs(keys_of(rule, rows)) do
      find(rule, key, rows, add)
    end
  end
  rank(list)
  table.sort(list, function(a, b)
    return a.begin < b.begin or a.begin == b.begin and a.order < b.order
  end)
  return list
end

--- The rules as lines of a table of Markdown, for the docs.
function remarks.markdown()
  local lines = { "| rule | meaning | measured in each interval | at least | for | shown by |",
    "|---|---|---|---|---|---|" }
  for _, rule in ipairs(remarks.rules) do
    local command = rule.command
    if type(command) == "function" then
      local one = { value = 0, time = 0, tid = "TID" }
      command = command(found_of("", { { begin = 0, time = 0 } }, {
        { longest_blocked = one, longest_queued = one } }))
    end
    lines[#lines + 1] = ("| `%s` | %s | %s | %s | %s | `%s` |"):format(rule.name, rule.says,
      rule.measure, rule.as, rule.seconds and ("%g s"):format(rule.seconds) or "",
      type(command) == "table" and words_of(command) or command)
  end
  return table.concat(lines, "\n") .. "\n"
end

return remarks
