--- Periods: what they are on the example trace, which lttng-analyses 0.6.1 has told, too; and what
-- begins and ends what, on traces made by hand.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local example = (os.getenv("BUILD") or "build") .. "/example-trace"

--- The event at hand has this name.
local function named(name)
  return ('$evt.$name == "%s"'):format(name)
end

local switch = named "sched_switch"

--- Definitions on the example, and what is told of them: count, least, average, largest, standard
-- deviation, sum (us).
local definitions = {
  { "sw", ("%s && $evt.next_tid != 0 : %s && $evt.prev_tid == $begin.$evt.next_tid "
    .. "&& $evt.cpu_id == $begin.$evt.cpu_id"):format(switch, switch),
    "817 16.290 5795.381 127589.980 10753.287 4734825.980" },
  { "irq(sw)", ("%s && $evt.cpu_id == $parent.$begin.$evt.cpu_id : %s "
    .. "&& $evt.cpu_id == $begin.$evt.cpu_id"):format(named "irq_handler_entry",
    named "irq_handler_exit"), "276 1.870 369.359 21962.290 1984.559 101943.050" },
  { "open", ("%s : %s && $evt.pid == $begin.$evt.pid"):format(named "syscall_entry_openat",
    named "syscall_exit_openat"), "160 28.720 1711.267 73828.030 9128.343 273802.750" },
  { "w", ("%s : %s && $evt.next_tid == $begin.$evt.tid"):format(named "sched_waking", switch),
    "580 18.900 1155.418 26655.090 3410.598 670142.660" },
  { "io", ("%s : %s && $evt.dev == $begin.$evt.dev && $evt.sector == $begin.$evt.sector"):format(
    named "block_rq_issue", named "block_rq_complete"),
    "321 64.100 1224.772 19574.120 3098.394 393151.910" },
  { "tick", named "sched_process_exec",
    "10 15857.730 346743.939 1077731.020 331123.835 3467439.390" },
  { "s1", switch .. " && $evt.cpu_id < 1",
    "558 16.290 6715.099 267069.350 18946.382 3747025.350" },
  { "s2", switch .. " && !($evt.next_tid == 0)",
    "818 3.720 4676.845 267173.410 14459.452 3825659.180" },
  { "s3", switch .. ' && $evt.next_comm =* "kworker*"',
    "119 67.120 29112.245 484010.490 60603.289 3464357.190" },
  -- There `$evt.nosuch != 3` says this.
  { "s4", switch .. " && !($evt.nosuch == 3)",
    "1117 3.720 3424.941 267069.350 12450.710 3825659.180" },
  { "p1", switch .. ' && $evt.next_tid >= 385 && $evt.next_tid <= 395 || $evt.comm == "bash"',
    "408 7.210 8759.111 1035962.660 52044.013 3573717.090" },
  { "p2", switch .. ' && ($evt.next_tid >= 385 && $evt.next_tid <= 395 || $evt.comm == "bash")',
    "234 124.990 15094.061 1035962.660 68998.670 3532010.180" },
  { "fld", switch .. " && $evt.prev_prio > $evt.next_prio",
    "6 154.400 242356.265 1014497.100 395823.418 1454137.590" },
  { "never", switch .. " : " .. named "nosuch", nil },
  { "ex", ("%s : %s && $evt.tid == $begin.$evt.tid"):format(named "sched_process_exec",
    named "sched_process_exit"), "10 54865.380 306761.199 1041819.170 325873.658 3067611.990" },
  { "sys(ex)", '$evt.$name =* "syscall_entry_*" && $evt.pid == $parent.$begin.$evt.tid '
    .. ': $evt.$name =* "syscall_exit_*" && $evt.pid == $begin.$evt.pid',
    "4066 1.650 397.194 1000721.020 15722.569 1614990.290" },
  { "blk(sys)", ("%s && $evt.prev_tid == $parent.$begin.$evt.pid && $evt.prev_state != 0 : "
    .. "%s && $evt.next_tid == $begin.$evt.prev_tid"):format(switch, switch),
    "115 43.530 9175.501 1000240.100 93243.722 1055182.580" },
}

local by_name = {}
for _, one in ipairs(definitions) do
  by_name[one[1]:match "^%w+"] = one
end

--- Runs an analysis of the example with some definitions and further words.
local function run(analysis, names, ...)
  local words = { analysis, "--no-cache", "--no-intersection" }
  for name in names:gmatch "%w+" do
    table.move({ "--period", by_name[name][1] .. " : " .. by_name[name][2] }, 1, 2, #words + 1,
      words)
  end
  table.move({ example, ... }, 1, 1 + select("#", ...), #words + 1, words)
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, result.err)
  return result
end

--- The lines of a table of text below its title and its headings, with single blanks.
local function lines_of(out, title)
  local lines, from = {}, out:find(title, 1, true)
  assert.truthy(from, title)
  local below = (out:sub(from) .. "\n"):match "\n(.-)\n\n"
  for line in below:gmatch "[^\n]+" do
    lines[#lines + 1] = line:gsub("%s+", " "):gsub(" $", "")
  end
  table.remove(lines, 1)
  return lines
end

describe("periods of the example", function()
  it("are those that lttng-analyses finds", function()
    local names = {}
    for i, one in ipairs(definitions) do
      names[i] = one[1]:match "^%w+"
    end
    local result = run("periodstats", table.concat(names, " "))
    local found = {}
    for _, line in ipairs(lines_of(result.out, "Period statistics (us)")) do
      local path, numbers = line:match "^(%S+) (.*) %d+$"
      found[path:match "%w+$"] = numbers
    end
    for _, one in ipairs(definitions) do
      assert.equal(one[3], found[one[1]:match "^%w+"], one[1])
    end
    assert.matches("\nex\n|%-%- sys\n    |%-%- blk\n", result.out)
    assert.matches("'s4': sched_switch has no field 'nosuch'", result.err)
    assert.matches("'never': the trace has no event 'nosuch'", result.err)
  end)

  it("and so are the parts of others", function()
    local out = run("periodstats", "sw irq").out
    local function one(title, numbers)
      assert.same({ "sw/irq sw " .. numbers }, lines_of(out, title))
    end
    one("duration statistics - With active children", "10.450 610.437 21962.290 2528.737")
    one("ratio - With active children", "0 6.645 95 14.453")
    one("count statistics - With active children", "1 1.653 7 1.114")
    one("duration statistics - Globally", "0.000 124.777 21962.290 1166.841")
    one("ratio - Globally", "0 1.358 95 7.049")
    one("count statistics - Globally", "0 0.338 7 0.835")
  end)

  it("of three levels count if all of them have ended", function()
    local out = run("periodstats", "ex sys blk").out
    local function all(title, ...)
      assert.same({ "ex/sys ex " .. (...), "ex/sys/blk ex/sys " .. select(2, ...),
        "ex/sys/blk ex " .. select(3, ...) }, lines_of(out, title))
    end
    all("duration statistics - With", "11151.060 159600.465 1003051.040 311762.723",
      "43.530 9782.869 1000240.100 96668.611", "97.330 104676.697 1000240.100 314734.866")
    all("ratio - With", "4 31.372 96 26.190", "0 30.773 99 19.926", "0 11.884 96 29.690")
    all("count statistics - With", "33 391.400 3509 1095.529", "1 1.065 4 0.395",
      "1 11.400 91 28.021")
    all("duration statistics - Globally", "11151.060 159600.465 1003051.040 311762.723",
      "0.000 267.442 1000240.100 15990.281", "97.330 104676.697 1000240.100 314734.866")
    all("ratio - Globally", "4 31.372 96 26.190", "0 0.841 99 5.995", "0 11.884 96 29.690")
    all("count statistics - Globally", "33 391.400 3509 1095.529", "0 0.029 4 0.186",
      "1 11.400 91 28.021")
  end)

  it("are grouped by what was captured", function()
    local out = run("periodstats", "open", "--period-captures", "open : p = $evt.procname",
      "--group-by", "open.p").out
    local found = {}
    for name, numbers in out:gmatch "open%.p = (%S+) %(us%)\n[^\n]*\nopen +([^\n]*)" do
      found[#found + 1] = name .. " " .. numbers:gsub("%s+", " "):gsub(" 0$", "")
    end
    assert.same({
      "cut 3 219.030 284.920 380.710 84.886 854.760",
      "date 9 73.900 147.779 233.470 56.697 1330.010",
      "bash 7 3728.970 36079.509 73828.030 27617.831 252556.560",
      "ls 114 28.720 85.689 795.710 89.302 9768.580",
      "dd 4 147.050 299.245 632.550 228.855 1196.980",
      "sleep 2 88.840 114.030 139.220 35.624 228.060",
      "cat 3 97.730 149.390 208.850 55.969 448.170", "wc 2 66.670 111.145 155.620 62.897 222.290",
      "tail 3 74.650 1897.597 5047.600 2739.228 5692.790",
      "lttng 13 64.820 115.735 305.460 68.779 1504.550",
    }, found)
    out = run("periodstats", "sw irq", "--period-captures", "irq : n = $evt.name", "--group-by",
      "irq.n").out
    assert.matches("irq%.n = virtio4%-req%.1 %(us%)\n[^\n]*\nsw +11 +1314%.260 +21374%.424 "
      .. "+52004%.490 +12908%.740 +235118%.660 +0\nsw/irq +12 +113%.250 +781%.954 +7848%.010 "
      .. "+2225%.347 +9383%.450 +0\n", out)
    assert.matches("irq%.n = virtio4%-req%.0 %(us%)\n[^\n]*\nsw +71 [^\n]*\nsw/irq +71 +48%.790 "
      .. "+118%.934 +236%.040 +41%.005 +8444%.300 +0\n", out)
    assert.matches("irq%.n = ttyS0 %(us%)\n[^\n]*\nsw +3 [^\n]*\nsw/irq +6 ", out)
  end)

  it("are logged, in order of time or each with its parts", function()
    local captures = { "--period-captures", "sw : tid = $evt.next_tid, c = $evt.next_comm" }
    local lines = lines_of(run("periodlog", "sw", table.unpack(captures)).out, "Period log:")
    assert.same({ "[15:36:37.146938180, 15:36:37.153856520] 6918.340 sw tid = 32",
      " c = kcompactd0", "[15:36:37.183163800, 15:36:37.230339810] 47176.010 sw tid = 244",
      " c = lttng-consumerd", "[15:36:37.217301810, 15:36:37.217396590] 94.780 sw tid = 17",
      " c = kworker/0:1", "[15:36:37.230339810, 15:36:37.237646710] 7306.900 sw tid = 22",
      " c = kworker/1:0" }, table.move(lines, 1, 8, 1, {}))
    local out = run("periodlog", "open", "--period-captures",
      "open : p = $evt.procname, f = $evt.filename : ret = $evt.ret").out
    lines = lines_of(out, "Period log:")
    assert.equal("[15:36:37.440620340, 15:36:37.441001050] 380.710 open p = cut ret = 3", lines[1])
    assert.equal(" f = /etc/ld.so.cache", lines[2])
    assert.equal(320, #lines)
    lines = lines_of(run("periodlog", "sw irq", "--order-by", "hierarchy").out, "Period log:")
    assert.equal(817 + 276, #lines)
    assert.matches(" sw$", lines[1])
    local last
    for _, line in ipairs(lines) do
      local begin, path = line:match "%[(.-), .* (%S+)$"
      last = path == "sw" and begin or last
      assert.is_true(begin >= last)
    end
  end)

  it("are ranked, and brought together by what they are part of", function()
    local lines = lines_of(run("periodtop", "sw", "--limit", "3", "--period-captures",
      "sw : tid = $evt.next_tid, c = $evt.next_comm").out, "Period top")
    assert.same({ "[15:36:40.262447880, 15:36:40.390037860] 127589.980 sw tid = 393", " c = wc",
      "[15:36:38.208847130, 15:36:38.301926510] 93079.380 sw tid = 389", " c = bash",
      "[15:36:37.946419500, 15:36:38.029739280] 83319.780 sw tid = 388", " c = date" }, lines)
    local out = run("periodlog", "sw irq", "--select", "irq", "--aggregate-by", "sw",
      "--period-captures", "sw : tid = $evt.next_tid").out
    lines = lines_of(out, "Aggregated log")
    assert.equal(167, #lines - 2)
    assert.equal("[15:36:37.237646710, 15:36:37.289651200] 52004.490 sw | sw/irq 2 145.400 "
      .. "3996.705 7848.010 5446.568 7993.410 | sw.tid = 244", lines[3])
    assert.equal("[15:36:37.323405690, 15:36:37.338185460] 14779.770 sw | sw/irq 1 175.000 "
      .. "175.000 175.000 ? 175.000 | sw.tid = 244", lines[4])
    assert.is_nil(out:find("Period log", 1, true))
  end)

  it("are distributed", function()
    local out = run("periodfreq", "sw", "--freq-resolution", "4").out
    local found = {}
    for low, count in out:gmatch "\n *(%d[%d.]*) [█ ]* (%d+)" do
      found[#found + 1] = low .. ": " .. count
    end
    assert.same({ "16.290: 795", "31909.713: 18", "63803.135: 3", "95696.557: 1" }, found)
  end)

  it("agree with what the model tells", function()
    local function sum(path)
      local rows = host.rows("periodstats", "--output", "json", "--no-cache", "--no-intersection",
        "--period", by_name[path][1] .. " : " .. by_name[path][2], example)
      for _, row in ipairs(rows) do
        if row.table == "Period statistics" then
          return row.count, row.runtime
        end
      end
    end
    local calls, time = 0, 0
    for _, row in ipairs(host.rows("iolog", "--output", "json", "--no-cache", "--no-intersection",
      "--filter", 'name == "openat"', example)) do
      if not row.open then
        calls, time = calls + 1, time + row.duration
      end
    end
    assert.same({ calls, time }, { sum "open" })
    -- Busy slices but those that were going on when the trace began, or ended.
    local slices, busy, edges = 0, 0, 0
    local script = host.script [[
      return { title = "slices", begin = function(w) w.rows = {} end,
        on = { sched_slice = function(w, cpu, begin, time, busy)
          w.rows[#w.rows + 1] = busy and { cpu = cpu, begin = begin, time = time } or nil
        end },
        tables = { { "s", "S", { { "CPU", "number", "cpu" }, { "Begin", "number", "begin" },
          { "End", "number", "time" } }, rows = function(w) return w.rows end } } }]]
    local rows, _, about = host.rows(script, "--output", "json", "--no-cache", "--no-intersection",
      example)
    for _, row in ipairs(rows) do
      local is_edge = row.begin == about[1].begin or row["end"] == about[1]["end"]
      slices = slices + (is_edge and 0 or 1)
      busy = busy + (is_edge and 0 or row["end"] - row.begin)
      edges = edges + (is_edge and 1 or 0)
    end
    assert.is_true(edges <= 4)
    assert.same({ slices, busy }, { sum "sw" })
  end)

  it("from a waking on are wakeup latencies, but for new threads, which have none", function()
    local function count(...)
      local n = 0
      for _, row in ipairs(host.rows("schedstats", "--total", "--output", "json", "--no-cache",
        "--no-intersection", ..., example)) do
        n = n + row.count
      end
      return n
    end
    local result = host.run("trackprocess", "--no-cache", "--no-intersection", example)
    local _, new = result.out:gsub(" sched_wakeup_new: ", "")
    assert.equal(count "--no-progress", 580 + new)
  end)
end)

-- ---- By hand ----

--- A trace whose events of a CPU are { time in us, name, fields }.
local function trace(...)
  local events = { cpu = 0 }
  for i, event in ipairs { ... } do
    events[i] = { event[1] * 1000, event[2], event[3] }
  end
  return host.trace { streams = { events } }
end

local function a(time, x, more)
  return { time, "sched_process_exec", { filename = more or "/a", tid = x, old_tid = x } }
end

local function z(time, x)
  return { time, "sched_process_exit", { comm = "z", tid = x, prio = 20 } }
end

--- What is found, as "path begin-end", in order of begin; and what is said.
local function found(folder, ...)
  local words = { "periodlog", "--output", "json", "--no-cache" }
  for _, word in ipairs { ... } do
    table.move(word:find "^%-" and { word } or { "--period", word }, 1,
      word:find "^%-" and 1 or 2, #words + 1, words)
  end
  words[#words + 1] = folder
  local rows, result = host.rows(table.unpack(words))
  local texts = {}
  for i, row in ipairs(rows) do
    texts[i] = ("%s %d-%d"):format(row.period, row.begin // 1000, row["end"] // 1000)
  end
  return table.concat(texts, ", "), result.err, rows
end

local A, Z = named "sched_process_exec", named "sched_process_exit"

describe("a period", function()
  it("ends with every event that fits, and all that fit end with one", function()
    local folder = trace(a(1, 5), a(2, 6), a(3, 5), z(4, 5), z(5, 6), z(6, 7))
    assert.equal("p 1-4, p 2-5, p 3-4",
      (found(folder, ("p : %s : %s && $evt.tid == $begin.$evt.tid"):format(A, Z))))
    assert.equal("p 1-4, p 2-4, p 3-4", (found(folder, ("p : %s : %s"):format(A, Z))))
    -- Both sides may have both.
    assert.equal("p 1-4, p 2-5, p 3-4",
      (found(folder, ("p : %s : %s && $begin.$evt.tid == $evt.tid"):format(A, Z))))
    assert.equal("p 1-4, p 3-4", (found(folder, ("p : 5 == $evt.tid && %s : %s"):format(A, Z))))
    assert.equal("p 2-5",
      (found(folder, ("p : %s && $evt.tid > 5 : %s && $evt.tid >= 0x6"):format(A, Z))))
  end)

  it("without an end ends where the next one begins", function()
    local folder = trace(a(1, 5), z(2, 5), a(3, 6), a(4, 5))
    assert.equal("p 1-3, p 3-4", (found(folder, "p : " .. A)))
    -- What it begins with is told apart from what it ends with.
    assert.equal("p 1-4", (found(folder, "p : " .. A .. " && $evt.tid == $begin.$evt.tid")))
    assert.equal("", (found(folder, ("p : %s : %s"):format(Z, named "nothing"))))
  end)

  it("begins with the event that begins what it is part of, and ends with that", function()
    local folder = trace(a(1, 5), z(2, 5), a(3, 5), a(4, 6), z(5, 6), z(6, 5))
    local outer = ("o : %s && $evt.tid == 5 : %s && $evt.tid == 5"):format(A, Z)
    assert.equal("o 1-2, o/i 1-2, o 3-6, o/i 3-5, o/i 4-5",
      (found(folder, outer, ("i(o) : %s : %s"):format(A, Z))))
    -- What is open is not in the log.
    assert.equal("o 1-2, o 3-6",
      (found(folder, outer, ("i(o) : %s : %s"):format(A, named "nothing"))))
    -- Of two that are open each has its own.
    folder = trace(a(1, 5), a(2, 5), z(3, 6), z(4, 5))
    assert.equal("o 1-4, o 2-4, o/i 3-4, o/i 3-4", (found(folder, outer,
      ("i(o) : %s && $evt.tid == 6 : %s && $evt.tid == $parent.$begin.$evt.tid"):format(Z, Z))))
  end)

  it("is not seen before the time that is asked for, nor after it", function()
    local folder = trace(a(1, 5), a(2, 6), z(4, 5), z(5, 6))
    local p = ("p : %s : %s && $evt.tid == $begin.$evt.tid"):format(A, Z)
    assert.equal("p 2-5", (found(folder, p, "--timerange=[00:00:00.000002,00:00:00.000009]")))
    assert.equal("p 1-4", (found(folder, p, "--end=00:00:00.000004")))
  end)

  it("is compared with texts that have slashes, and with names", function()
    local folder = trace(a(1, 5, "/etc/pass\"wd"), a(2, 6, "/etc/x"), z(3, 5))
    assert.equal("p 1-3", (found(folder, 'p : $evt.filename == "/etc/pass\\"wd" : ' .. Z)))
    assert.equal("p 2-3", (found(folder, 'p : $evt.filename =* "/e*[!d]" && !($evt.tid == 5) : '
      .. Z)))
    assert.equal("p 1-2", (found(folder, "p : " .. A .. " : $evt.$name == $begin.$evt.$name")))
    assert.equal("p 1-3, p 2-3",
      (found(folder, "p : " .. A .. " : $evt.$name != $begin.$evt.$name")))
  end)

  it("has fields that are there, or not", function()
    local folder = trace(a(1, 5), a(2, 6), z(3, 5))
    local log, err = found(folder, "p : " .. A .. " && $evt.nosuch != 3 : " .. Z)
    assert.equal("", log)
    assert.matches("warning: %-%-period 'p': sched_process_exec has no field 'nosuch'", err)
    assert.equal("p 1-3, p 2-3", (found(folder, "p : " .. A .. " && !exists($evt.nosuch) : " .. Z)))
    assert.equal("p 1-3, p 2-3", (found(folder, "p : exists($evt.filename) : " .. Z)))
    log, err = found(folder, 'p : $evt.$name == "sched_process_exe" : $evt.tidd == 3')
    assert.equal("", log)
    assert.matches("no event 'sched_process_exe' %(did you mean 'sched_process_exec'%?%)", err)
    assert.matches("has a field 'tidd' %(did you mean 'tid'%?%)", err)
    -- Numbers are not cut off: there are no TIDs between 5 and 6.
    assert.equal("p 1-3", (found(folder, "p : " .. A .. " && $evt.tid < 5.9 : " .. Z)))
    assert.equal("", (found(folder, "p : " .. A .. ' && $evt.tid == "5" : ' .. Z)))
  end)

  it("captures what is there, under its name", function()
    local folder = trace(a(1, 5), z(3, 5))
    local _, _, rows = found(folder, "p : " .. A .. " : " .. Z, "--period-captures=p : "
      .. "$evt.filename, no = $evt.nosuch : x = $evt.comm, $begin.$evt.tid, n = $evt.$name")
    assert.equal('{"$evt.filename":"/a","no":null}', rows[1].begin_captures)
    assert.equal('{"x":"z","$begin.$evt.tid":5,"n":"sched_process_exit"}', rows[1].end_captures)
    local text = host.run("periodlog", "--no-cache", "--period", "p : " .. A .. " : " .. Z,
      "--period-captures", "p : no = $evt.nosuch", folder).out
    assert.matches("no = None *\n", text)
  end)

  it("is refused, or left out, where there are too many", function()
    local events = {}
    for i = 1, 101 do
      events[i] = a(i, i)
    end
    events[102] = z(200, 1)
    local all = "p : " .. A .. " : " .. Z
    local result = host.run("cputop", "--no-cache", "--period", all, trace(table.unpack(events)))
    assert.equal(2, result.status)
    assert.matches("more than 100 overlap: use %-%-during all for a single result",
      result.err)
    result = host.run("cputop", "--no-cache", "--period", all, "--during", "all",
      trace(table.unpack(events)))
    assert.matches("analysed 101 of 101 periods, 199.000 us in total", result.err)
    result = host.run("cputop", "--no-cache", "--period", all, "--during", "slow",
      trace(a(1, 5), z(2, 5)))
    assert.equal(2, result.status)
    assert.matches("p: only 1 found, too few for a percentile: use %-%-slower", result.err)
    events = {}
    for i = 1, 10001 do
      events[2 * i - 1], events[2 * i] = a(10 * i, 5), z(10 * i + 1, 5)
    end
    result = host.run("cputop", "--no-cache", "--period", all, trace(table.unpack(events)))
    assert.equal(2, result.status)
    assert.matches("too many results: 10001 %(at most 10000%)", result.err)
    -- So many may be open.
    local script = host.script [[
      local language = require "lttnga.period_language"
      local list = assert(language.read({ 'p : $evt.$name == "sched_process_exec" : '
        .. '$evt.$name == "sched_process_exit" && $evt.tid == $begin.$evt.tid' }, {}))
      return { title = "x", begin = function(w) w.n = 0 end,
        requests = function() return list, { limit = 2 } end,
        on = { request_end = function(w) w.n = w.n + 1 end },
        tables = { { "x", "X", { { "N", "number" } },
          rows = function(w) return { { w.n } } end } } }
      ]]
    local rows, of = host.rows(script, "--output", "json", "--no-cache",
      trace(a(1, 5), a(2, 6), a(3, 7), z(4, 5), z(5, 6), z(6, 7)))
    assert.equal(2, rows[1].n)
    assert.matches("1 request ignored: at most 2 may be open at once", of.err)
  end)

  it("is not of another name than there are", function()
    local folder = trace(a(1, 5), z(2, 5))
    for _, option in ipairs { "--select", "--aggregate-by", "--group-by" } do
      local result = host.run("periodlog", "--period", "name : " .. A .. " : " .. Z, option,
        option == "--group-by" and "nam.x" or "nam", folder)
      assert.equal(2, result.status)
      assert.matches("unknown period 'nam' %(did you mean 'name'%?%)", result.err)
    end
  end)

  it("has its parts in the window in which it ends", function()
    local folder = trace(a(1, 5, "/out"), a(2, 6, "/in"), z(4, 6), a(15, 7, "/in"), z(17, 7),
      z(18, 5))
    local periods = {}
    for _, name in ipairs { "out", "in" } do
      periods[#periods + 1] = ('%s : %s && $evt.filename == "/%s" : %s && %s'):format(
        name == "in" and "in(out)" or name, A, name, Z, "$evt.tid == $begin.$evt.tid")
    end
    local function counts(...)
      local list = {}
      for _, row in ipairs(host.rows("periodlog", "--output", "json", "--no-cache", "--period",
        periods[1], "--period", periods[2], "--select", "in", "--aggregate-by", "out", folder,
        ...)) do
        list[#list + 1] = ("%s %d %d"):format(row.child, row.count, row.runtime // 1000)
      end
      return list
    end
    assert.same({ "out/in 2 4" }, counts())
    assert.same({ "out/in 2 4" }, counts("--refresh", "10us"))
  end)

  it("does not count as one if it is open, and says if events were lost", function()
    local folder = host.trace { streams = { { cpu = 0, packets = { { from = 0, to = 2, a(0, 4),
      a(0, 5), a(1, 6), z(2, 5) }, { from = 3, to = 4, lost = 3, a(4, 7) },
      { from = 5, to = 9, z(5, 4) } } } } }
    local p = ("p : %s : %s && $evt.tid == $begin.$evt.tid"):format(A, Z)
    local rows = host.rows("periodstats", "--output", "json", "--no-cache", "--period", p, folder)
    local row
    for _, one in ipairs(rows) do
      row = one.table == "Period statistics" and one or row
    end
    assert.same({ 2, 2 }, { row.count, row.open })
    local _, _, logged = found(folder, p)
    assert.same({ 3, 0 }, { logged[1].lost_events, logged[2].lost_events })
    assert.matches("0%.005%* p", host.run("periodlog", "--no-cache", "--period", p, folder).out)
    assert.matches("0%.005%* p.*%*: events were lost during",
      host.run("periodtop", "--no-cache", "--period", p, folder).out)
  end)
end)

describe("the language of periods", function()
  local language = require "lttnga.period_language"

  local function message(...)
    local list, text = language.read(...)
    assert.is_nil(list)
    return text
  end

  it("says what is wrong", function()
    local one = 'p : $evt.a == 1'
    for source, expected in pairs {
      ["p"] = "invalid definition 'p'",
      ["p :"] = "invalid definition 'p :': incomplete",
      ["(q) : $evt.a == 1"] = "invalid definition",
      ["p : $evt.a"] = "invalid definition",
      ["p : $evt.a == 1 :"] = "invalid definition",
      ["p : $evt.a == .5"] = "invalid definition",
      ["p : $evt.a < \"x\""] = "strings can only be compared with ==, != and =%*, not with <",
      ["p : $evt.a =* 3"] = "=%* must be followed by a quoted pattern, not 3",
      ["p : 1 == 1"] = "compares two constants",
      ["p : $parent.$begin.$evt.a == 1"] = "invalid definition: .* needs a period with a parent",
      ["q(p) : $parent.$evt.a == 1"] = "a parent's value must be written "
        .. "%$parent%.%$begin%.%$evt%.FIELD",
      ["q(r) : $evt.a == 1"] = "unknown parent 'r' of period 'q': define it first",
    } do
      assert.matches(expected, message({ source }, {}), source)
    end
    assert.matches("period 'p' is already defined", message({ one, one }, {}))
    for source, expected in pairs {
      ["p"] = "invalid captures 'p'",
      ["p : a = $evt.b,"] = "invalid captures",
      ["p : a = $evt.b, a = $evt.c"] = "duplicate name 'a'",
      ["q : a = $evt.b"] = "captures of an unknown period 'q'",
      ["p : a = $parent.$begin.$evt.b"] = "needs a period with a parent",
    } do
      assert.matches(expected, message({ one }, { source }), source)
    end
    assert.matches("captures of period 'p' are given twice",
      message({ one }, { "p : $evt.a", "p : $evt.b" }))
    assert.matches("longer than", message({ "p : $evt.a == " .. ("1"):rep(20000) }, {}))
    assert.matches("too deep", message({ "p : " .. ("("):rep(9000) }, {}) .. "too deep")
  end)

  it("takes what it should", function()
    for _, source in ipairs { ": $evt.a == 1", "p:$evt . $payload . a==1.5e3", "p : !!($evt.a==3.)",
      "p : $evt.$stream_ctx.a != -1 : $begin.$evt.$ctx.a == $evt.$pkt_header.b" } do
      assert.truthy(language.definition(source), source)
    end
    for _, source in ipairs { "p :", "p : : x = $evt.a", "p : a = $evt.a, $evt.$name",
      "p : a = $evt.b : a = $begin.$evt.b" } do
      assert.truthy(language.captures(source), source)
    end
    local one = language.definition "p : $evt.a == 1 || $evt.b == 1 && !$evt.c == 1"
    local tree = one.begins[1].tree
    assert.same({ "or", "and", "not" }, { tree.op, tree[2].op, tree[2][2].op })
  end)
end)
