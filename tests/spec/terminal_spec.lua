--- Text on terminals: no line is wider than it may be, whatever is in it; what is in a pipe is
-- whole; colours, and the pager. A terminal is made by `script` (util-linux).
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local text = require "lttnga.text"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"
local small = host.small_trace()

local OPEN = 'open : $evt.$name == "syscall_entry_openat" : $evt.$name == "syscall_exit_openat"'
  .. " && $evt.tid == $begin.$evt.tid"

--- What some analyses have to be told.
local needs = {
  trackprocess = "trackprocess:--procname=*", criticalpath = "criticalpath:--procname=*",
}

--- Command lines that run all stock analyses, several at once.
local function runs()
  local plain, periods, requests = {}, {}, {}
  for name in host.shell("ls lua/analyses").out:gmatch "([%w_]+)%.lua" do
    local list = name:find "^period" and periods or (name:find "^request" or name == "why")
      and requests or name ~= "info" and name ~= "timeline" and name ~= "report"
      and name ~= "export" and plain or {}
    list[#list + 1] = needs[name] or name
  end
  return {
    { table.concat(plain, ",") }, { table.concat(plain, ","), "--refresh", "1" },
    { table.concat(periods, ","), "--period", OPEN,
      "--period-captures", "open : file = $evt.filename : ret = $evt.ret" },
    { table.concat(requests, ","), "--request", "fsync" }, { "info" },
    { "iousagetop", "--limit", "0" }, { "criticalpath" },
    { "netconns,iolatencytop", "--percentiles" },
    { "schedfreq,irqfreq,iolatencyfreq", "--freq-linear" },
  }
end

--- Checks that no line is wider than it may be.
local function check_width(trace, words, width)
  local all = { table.unpack(words) }
  all[#all + 1] = "--width=" .. width
  all[#all + 1] = trace
  local result = host.run_as_is(table.unpack(all))
  assert.equal(0, result.status, result.err)
  for line in result.out:gmatch "[^\n]+" do
    assert.is_true(text.width(line) <= width, ("%d columns: %s"):format(text.width(line), line))
  end
  return result.out
end

--- Names in which nothing is as wide as it is long.
local CJK, MARKS, LONG = "漢字カナ한글", "e\u{301}o\u{308}u\u{302}x", ("x/"):rep(2000)

--- A trace in which threads with such names, and files with long ones, do everything once.
local function odd_trace()
  local events = { cpu = 0 }
  local at = 0
  local function add(name, fields)
    at = at + 100000
    events[#events + 1] = { at, name, fields }
  end
  local names = { "swapper/0", CJK:sub(1, 15), MARKS, "plain" }
  local function switch(from, to, state)
    add("sched_switch", { prev_tid = from, prev_comm = names[from + 1], prev_prio = 20,
      prev_state = state, next_tid = to, next_comm = names[to + 1], next_prio = 20 })
  end
  switch(0, 1, 0)
  for round = 1, 3 do
    for tid = 1, 3 do
      local path = "/" .. (round == 1 and CJK or round == 2 and MARKS or LONG) .. tid
      add("syscall_entry_openat", { dfd = -100, filename = path, flags = 64, mode = 0 })
      add("syscall_exit_openat", { ret = 3 })
      add("syscall_entry_write", { fd = 3, count = 4096 * tid })
      add("syscall_exit_write", { ret = 4096 * tid })
      add("kmem_mm_page_alloc", { page = tid, order = 0 })
      add("syscall_entry_fsync", { fd = 3 })
      add("sched_waking", { tid = tid % 3 + 1, comm = names[tid % 3 + 2], prio = 20,
        target_cpu = 0 })
      add("irq_handler_entry", { irq = 5, name = CJK })
      add("irq_handler_exit", { irq = 5, ret = 1 })
      switch(tid, tid % 3 + 1, 2)
      if round > 1 then
        add("syscall_exit_fsync", { ret = 0 })
      end
    end
  end
  return host.trace { streams = { events } }
end

describe("text", function()
  local odd = odd_trace()

  for _, width in ipairs { 60, 80, 120, 200 } do
    for i, words in ipairs(runs()) do
      it(("has no line that is wider than %d columns: %d %s"):format(width, i,
          table.concat(words, " "):sub(1, 40)), function()
        check_width(example, words, width)
        check_width(odd, words, width)
      end)
    end
  end

  it("has no line that is wider even where there is no room", function()
    for _, words in ipairs(runs()) do
      for _, width in ipairs { 20, 37 } do
        check_width(example, words, width)
      end
    end
  end)

  it("has columns in line, whatever names are like", function()
    local out = check_width(odd, { "cputop" }, 80)
    local places = {}
    for line in out:match("\nPer%-TID.-\n%-+\n(.-)\n\n"):gmatch "[^\n]+" do
      local before = line:match "^(.-) %%"
      places[#places + 1] = text.width(before)
    end
    assert.equal(3, #places)
    assert.same({ places[1], places[1], places[1] }, places)
    assert.matches(MARKS .. " %(2%)", out)
  end)

  it("shortens in the middle what is too long, and says what is left out", function()
    local out = check_width(example, { "iolog", "--tid", "393" }, 80)
    assert.matches("\nBegin +Name +Duration +Process +File\n", out)
    assert.matches("\nColumns not shown: Size, PID, TID %(use %-%-width N for wider lines%)\n", out)
    out = check_width(example, { "iolog", "--tid", "393" }, 200)
    assert.matches("\nBegin and end +Name +Duration +Size +Process +PID +TID +File\n", out)
    out = check_width(odd, { "iousagetop" }, 80)
    assert.matches("\n/x/x/x[x/]*…[x/]*/x/%d ", out)
  end)

  it("is whole in pipes and files", function()
    for _, name in ipairs { "iolog", "iousagetop", "iolatencytop" } do
      local out = host.run_as_is(name, odd).out
      assert.is_truthy(out:find("/" .. LONG .. "1", 1, true), name)
      assert.is_nil(out:find "…")
      assert.is_nil(out:find "Left out")
      assert.is_nil(out:find "\27")
    end
  end)

  it("shows the top, and how many there are", function()
    local out = host.run_as_is("syscallstats", example).out
    assert.matches("\nSystem call statistics %(10 of 336%)\n", out)
    assert.matches("\nSystem call statistics\n", host.run_as_is("syscallstats", "--limit=0",
      example).out)
    assert.matches("\nEvents %(20 of %d+%)\n", host.run_as_is("info", example).out)
    assert.is_nil(host.run_as_is("info", "--limit", "0", example).out:find(" of %d+%)"))
    assert.matches("\nPer%-TID Usage %(3 of 32%)\n", host.run_as_is("cputop", "--limit", "3",
      example).out)
  end)

  it("names the zone, and says how long it is", function()
    local utc = "Timerange: %[2026%-11%-23 15:36:37%.097854430, 15:36:40%.973702410%] UTC, "
      .. "3%.876 s\n"
    assert.matches(utc, host.run_as_is("cputop", example).out)
    local result = host.shell(("TZ=CET-1 %s/lttnga-run cputop --gmt %s"):format(build, example))
    assert.matches(utc, result.out)
    result = host.shell(("TZ=CET-1 %s/lttnga-run cputop %s"):format(build, example))
    assert.matches("^Timerange: %[2026%-11%-23 16:36:37%.097854430, [^]]*%] CET, ", result.out)
    -- What is shown can be given.
    local range = result.out:match "%[.-%]"
    local again = host.shell(("TZ=CET-1 %s/lttnga-run cputop --timerange '%s' %s"):format(build,
      range, example))
    assert.equal(result.out, again.out)
  end)
end)

describe("distributions", function()
  --- Bounds, counts as a list of { text, number }.
  local function rows(out, title)
    local list = {}
    local body = out:match("\n" .. title .. "\n[^\n]*\n%-+\n(.-)\n\n") or out:match("\n" .. title
      .. "\n[^\n]*\n%-+\n(.*)$")
    for line in body:gmatch "[^\n]+" do
      local bound, count = line:match "^ *([%d.]+ %a+) +(%d+)"
      list[#list + 1] = { bound, tonumber(count) }
    end
    return list
  end

  it("have ranges that double, and lose nothing", function()
    local out = host.run_as_is("iolatencyfreq", "--freq-log", example).out
    local list, sum = rows(out, "I/O request latency distribution open"), 0
    for _, row in ipairs(list) do
      sum = sum + row[2]
    end
    assert.equal(184, sum)
    assert.same({ "2 us", "4 us", "8 us" }, { list[1][1], list[2][1], list[3][1] })
    -- The same by the events one by one.
    local calls, counts = host.script [[
      return require "lttnga.analysis" { title = "t", begin = function(w) w.rows = {} end,
        on = { io_end = function(w, io_class, duration)
          w.rows[#w.rows + 1] = { io_class, duration }
        end },
        tables = { { "t", "T", { { "Class" }, { "Duration", "duration" } },
          rows = function(w) return w.rows end } } }]], {}
    for _, call in ipairs(host.rows(calls, "--output", "json", example)) do
      local low = 0
      while call.class == "open" and call.duration >= (low == 0 and 1000 or 2 * low) do
        low = low == 0 and 1000 or 2 * low
      end
      counts[low] = (counts[low] or 0) + 1
    end
    for i, row in ipairs(list) do
      assert.equal(counts[2000 * (1 << (i - 1))] or 0, row[2], row[1])
    end
  end)

  it("are a line each if they are many", function()
    local out = host.run_as_is("iolatencyfreq", example).out
    assert.matches("\nI/O request latency distribution\nOf +Count +P50 +P99 +Max +2 us +4.194 s\n",
      out)
    assert.matches("\nopen +184 +61.240 us +58.918 ms +73.828 ms  [▁▂▃▄▅▆▇█ ]+\n", out)
  end)

  it("are linear if that is asked for, and for machines", function()
    local classic = host.run("iolatencyfreq", "--freq-resolution", "5", example).out
    local linear = host.run_as_is("iolatencyfreq", "--freq-linear", "--freq-resolution", "5",
      example).out
    local list, i = rows(linear, "I/O request latency distribution open"), 0
    for count in classic:match("distribution open[^\n]*\n#+\n(.-\n)\n"):gmatch "(%d+)\n" do
      i = i + 1
      assert.equal(tonumber(count), list[i][2])
    end
    assert.equal(5, #list)
    assert.equal(linear, host.run_as_is("iolatencyfreq", "--freq-resolution", "5", example).out)
    local plain = host.rows("iolatencyfreq", "--output", "json", example)
    assert.equal(120, #plain)
    local log = host.rows("iolatencyfreq", "--output", "json", "--freq-log", example)
    assert.equal(2 * log[2].duration_lower_bound, log[2].duration_upper_bound)
    local both = host.run_as_is("iolatencyfreq", "--freq-log", "--freq-linear", example)
    assert.equal(2, both.status)
  end)
end)

describe("pictures over time", function()
  it("stand behind the intervals", function()
    local out = host.run_as_is("cputop,schedfreq:--total", "--refresh", "500ms", "--width", "80",
      example).out
    assert.matches("\nPer%-CPU Usage: CPU usage over time\n +Least +Most +15:36:37 +15:36:40\n",
      out)
    assert.matches("\nCPU 0 +0.13 %% +100.00 %%  [▁▂▃▄▅▆▇█ ]+\n", out)
    local heat = out:match "\nScheduling latency frequency distribution %- total over time\n(.*)$"
    local sum = 0
    for count in heat:gmatch "\n *[%d.]+ %as +(%d+)" do
      sum = sum + tonumber(count)
    end
    local _, whole = host.run_as_is("schedlog", example).out:gsub("\n%[%d", "")
    assert.is_true(sum > 500 and sum <= whole)
  end)

  it("need some intervals, and are no part of the classic text", function()
    assert.is_nil(host.run_as_is("cputop", "--refresh", "3", example).out:find "over time")
    assert.is_nil(host.run("cputop", "--refresh", "500ms", example).out:find "over time")
  end)
end)

describe("a terminal", function()
  --- What a command shows on a terminal of 70 columns.
  local function shown(command, settings)
    local result = host.shell(("TERM=xterm TZ=UTC %s script -qec %s /dev/null </dev/null"):format(
      settings or "", host.quote("stty cols 70 rows 24; " .. build .. "/lttnga-run " .. command)))
    result.out = result.out:gsub("\r", "")
    return result
  end

  it("has colours and fitting lines", function()
    local result = shown("cputop --no-pager " .. example)
    assert.equal(0, result.status, result.out)
    assert.matches("\27%[1mPer%-TID Usage %(10 of 32%)\27%[0m\n", result.out)
    for line in result.out:gsub("\27%[[%d;]*m", ""):gsub("\27%[K", ""):gmatch "[^\n]+" do
      assert.is_true(text.width(line) <= 70, line)
    end
    for _, plain in ipairs { shown("cputop --no-pager --color never " .. small),
      shown("cputop --no-pager " .. small, "NO_COLOR=1"),
      shown("cputop --no-pager --classic " .. small), shown("cputop --no-pager " .. small,
      "TERM=dumb") } do
      assert.is_nil(plain.out:find "\27%[%d+m")
    end
    assert.matches("\27%[1m", host.run_as_is("cputop", "--color=always", small).out)
    assert.equal(2, host.run_as_is("cputop", "--color=often", small).status)
    assert.equal(2, host.run_as_is("cputop", "--width=5", small).status)
  end)

  it("shows long text by a pager", function()
    local pager = "LTTNGA_PAGER='sed s/^/P:/'"
    local out = shown("iolatencystats " .. small, pager).out
    assert.matches("P:Timerange: ", out)
    assert.matches("P:Open +1 ", out)
    assert.matches("P:Timerange", shown("cputop " .. small, "PAGER='sed s/^/P:/'").out)
    for _, more in ipairs { "--no-pager", "--output csv", "--classic" } do
      out = shown(("cputop %s %s"):format(more, small), pager).out
      assert.is_nil(out:find "P:")
    end
    assert.matches("Timerange: ", shown("cputop " .. small, "LTTNGA_PAGER=").out)
    assert.matches("Timerange: ", shown("cputop " .. small, "LTTNGA_PAGER=/no/such/program").out)
    assert.is_nil(host.shell(("%s TZ=UTC %s/lttnga-run cputop %s"):format(pager, build, small)).out
      :find "P:")
  end)

  it("is told by the exit status how it went, whatever the pager does", function()
    assert.equal(0, shown("trackprocess --procname '*' " .. example,
      "LTTNGA_PAGER='head -1'").status)
    assert.equal(0, shown("iolog " .. example, "LTTNGA_PAGER='cat >/dev/null; false'").status)
    local lost = host.real_trace "lost"
    local result = shown("cputop --refresh 1 " .. lost, "LTTNGA_PAGER='sed s/^/P:/'")
    assert.equal(0, result.status)
    -- What is to be said beside results comes behind the pager.
    assert.matches("P:.*\nlttnga%-run: warning: %d+ events lost", result.out)
    local broken = host.script [[
      return require "lttnga.analysis" { title = "t", on = { io_end = function() end },
        tables = { { "a", "A", { { "A" } }, rows = function() return { { "x" } } end },
          { "b", "B", { { "A" } }, rows = function() error "no" end } } }]]
    assert.equal(1, shown(broken .. " " .. small, "LTTNGA_PAGER='sed s/^/P:/'").status)
  end)
end)
