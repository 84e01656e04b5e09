--- A second way to the same numbers: what `babeltrace2` prints, line by line, and some sums.
--
-- `TRACES="folder folder" make check` does so for more traces; none of them may have lost events.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local folders = { (os.getenv("BUILD") or "build") .. "/example-trace" }
for folder in (os.getenv("TRACES") or ""):gmatch("%S+") do
  folders[#folders + 1] = folder
end

local installed = host.shell("command -v babeltrace2").status == 0

--- A table whose missing entries are made.
local function sums()
  return setmetatable({}, { __index = function(all, key)
    local one = { count = 0, sum = 0, pages = 0 }
    all[key] = one
    return one
  end })
end

local function add(one, value)
  one.count, one.sum = one.count + 1, one.sum + value
  one.min = math.min(one.min or value, value)
  one.max = math.max(one.max or value, value)
end

--- What happened between two times, from the text of all events.
local function recompute(folder, first, last)
  local found = { irq = sums(), soft = sums(), raise = sums(), calls = sums(), busy = sums(),
    idle = sums(), memory = sums() }
  local stacks, softirqs, running_softirq, since, running, entered = {}, {}, {}, {}, {}, {}
  local function slice(cpu, tid, to)
    local from = math.max(since[cpu] or first, first)
    to = math.min(to, last)
    if to > from then
      add(found[tid == 0 and "idle" or "busy"][cpu], to - from)
    end
    since[cpu] = to
  end
  for line in io.popen("babeltrace2 --clock-seconds " .. host.quote(folder)):lines() do
    local seconds, ns, name, cpu = line:match("^%[(%d+)%.(%d+)%].* ([%w_]+): { cpu_id = (%d+) }")
    local time = math.tointeger(tonumber(seconds)) * 1000000000 + math.tointeger(tonumber(ns))
    local inside = time >= first and time <= last
    local function field(key)
      local value = line:match("[ {]" .. key .. " = ([^ ,]+)")
      return value and math.tointeger(tonumber(value))
    end
    if name == "irq_handler_entry" then
      stacks[cpu] = stacks[cpu] or {}
      table.insert(stacks[cpu], { irq = field "irq", time = time })
    elseif name == "irq_handler_exit" then
      local stack = stacks[cpu] or {}
      while #stack > 0 do
        local top = table.remove(stack)
        if top.irq == field "irq" then
          if inside then
            add(found.irq[top.irq], time - top.time)
          end
          break
        end
      end
    elseif name:find "softirq_" then
      local vec = field "vec"
      local key = cpu .. " " .. vec
      local one = softirqs[key] or {}
      softirqs[key] = one
      if name:find "raise$" then
        if one.entry then
          one.next = one.next or time
        elseif not one.raise then
          one.raise, one.again, one.during = time, nil, nil
        elseif not one.during then
          -- Raised again. Between the handlers of others, which were all taken at once before
          -- that, it is for another round.
          one.during = running_softirq[cpu]
          one.again = (one.during or not one.again) and time or one.again
        end
      elseif name:find "entry$" then
        one.entry = time
        running_softirq[cpu] = vec
        if not one.raise then
          one.raise, one.again, one.during = one.again, nil, nil
        end
      elseif one.entry then
        if inside then
          add(found.soft[vec], time - one.entry)
          if one.raise then
            add(found.raise[vec], one.entry - one.raise)
          end
        end
        softirqs[key] = one.next and { raise = one.next }
          or { again = one.again, during = one.during }
      end
      if name:find "exit$" then
        running_softirq[cpu] = nil
      end
    elseif name == "sched_switch" then
      slice(cpu, field "prev_tid", time)
      running[cpu] = field "next_tid"
    elseif name == "sched_process_exec" then
      running[cpu] = field "tid"
    elseif name:find "mm_page_" and inside then
      local what = found.memory[name:match("alloc$") or name:match("free$") or "other"]
      add(what, 1)
      what.pages = what.pages + (1 << (field "order" or 0))
    elseif name:find "syscall_entry_" then
      entered[running[cpu] or "?"] = name:match("syscall_entry_(.*)")
    elseif name:find "syscall_exit_" then
      local call = name:match("syscall_exit_(.*)")
      if inside and running[cpu] and entered[running[cpu]] == call then
        add(found.calls[call], 1)
      end
      entered[running[cpu] or "?"] = nil
    end
  end
  for cpu, tid in pairs(running) do
    slice(cpu, tid, last)
  end
  return found
end

-- ---- Who woke ----

local softirqs = { [0] = "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "BLOCK_IOPOLL", "TASKLET",
  "SCHED", "HRTIMER", "RCU" }

--- The kind, number and name of a hard handler, by the begin of its events' names.
local handlers = {
  irq_handler = function(field, text)
    return "irq", field "irq", text:match('[ {]name = "([^"]*)"')
  end,
  timer_hrtimer_expire = function(_, text)
    return "hrtimer", text:match "hrtimer = (%w+)", "timer"
  end,
}

--- What is in progress on a CPU, from the text of its events. Kernels that are not for real time
-- don't switch while a handler runs.
local function follow(cpu, name, text, field)
  local handler, what = name:match("^(.*)_(%a+)$")
  if name == "sched_switch" then
    cpu.stack, cpu.softirq, cpu.sure = {}, nil, true
    cpu.tid, cpu.comm = field "next_tid", text:match('next_comm = "([^"]*)"')
  elseif handlers[handler] then
    local kind, number, title = handlers[handler](field, text)
    if what == "entry" then
      table.insert(cpu.stack, { kind = kind, number = number, name = title })
    elseif #cpu.stack > 0 then
      assert(cpu.stack[#cpu.stack].number == number)
      table.remove(cpu.stack)
    end
  elseif name:find "softirq_entry$" then
    cpu.softirq = field "vec"
  elseif name:find "softirq_exit$" then
    cpu.softirq = nil
  end
end

--- Who wakes in an event, as the columns of schedlog: a text.
local function waker_text(cpu, text)
  local top = cpu.stack[#cpu.stack]
  if top then
    return ("%s %s %s"):format(top.kind, top.kind == "irq" and top.number, top.name)
  elseif cpu.softirq then
    return ("softirq %s"):format(softirqs[cpu.softirq])
  elseif not cpu.sure then
    return "nil"
  elseif cpu.tid == 0 then
    return "irq nil nil"
  end
  return ("thread %d %s"):format(cpu.tid, text:match('procname = "([^"]*)"') or cpu.comm)
end

--- Who woke whom and when, from the text of all events: by time and TID.
local function recompute_wakers(folder)
  local cpus, wakers, early = {}, {}, {}
  for line in io.popen("babeltrace2 --clock-seconds " .. host.quote(folder)):lines() do
    local seconds, ns, name, number, text =
      line:match("^%[(%d+)%.(%d+)%].* ([%w_]+): { cpu_id = (%d+) }(.*)")
    local cpu = cpus[number or -1] or { stack = {} }
    cpus[number or -1] = cpu
    local function field(key)
      return math.tointeger(tonumber(text:match("[ {]" .. key .. " = ([^ ,]+)")))
    end
    if name and name:find "^sched_wak" then
      local tid = text:match("[ {]comm = .*[ {]tid = (%d+)")
      local key = ("%s%s %s"):format(seconds, ns, tid)
      if name == "sched_wakeup" then
        -- Whoever goes to sleep in the moment between the two is woken by the first.
        wakers[key] = wakers[key] or early[tid]
        early[tid] = nil
      else
        wakers[key] = waker_text(cpu, text)
        early[tid] = wakers[key]
      end
    elseif name then
      follow(cpu, name, text, field)
    end
  end
  return wakers
end

--- First and last time of a trace, from the log of its switches.
local function window_of(folder)
  local out = host.run("cputop", "--output", "lami", folder).out
  local range = json.decode(out).results[1]["time-range"]
  return range.begin.value, range["end"].value
end

local function expect(one, count, least, most, what)
  assert.equal(one.count, count, what)
  assert.equal(one.min, least, what)
  assert.equal(one.max, most, what)
end

for _, folder in ipairs(folders) do
  describe("babeltrace2 agrees on " .. folder:match("[^/]*$"), function()
    local found, first, last

    setup(function()
      if installed then
        first, last = window_of(folder)
        found = recompute(folder, first, last)
      end
    end)

    local function compare(what, check)
      it("about " .. what, function()
        if not installed then
          pending("babeltrace2 is not installed")
          return
        end
        check()
      end)
    end

    compare("what threads are called when they allocate", function()
      local expected = setmetatable({}, { __index = function() return 0 end })
      for line in io.popen("babeltrace2 " .. host.quote(folder)):lines() do
        local name = line:match ' kmem_mm_page_alloc: .*procname = "([^"]*)"'
        if name and not line:find("page = 0x0,", 1, true) then
          expected[name] = expected[name] + 1
        end
      end
      assert.is_truthy(next(expected))
      for _, name in ipairs { "bash", "ls", "cat" } do
        local times = 0
        for _, row in ipairs(host.rows("memtop", "--procname", name, "--limit", "0", "--output",
          "json", folder)) do
          times = times + (row.allocated_pages and row.times or 0)
        end
        assert.equal(expected[name], times, name)
      end
    end)

    compare("interrupts", function()
      local seen = 0
      for _, row in ipairs(host.rows("irqstats", "--output", "json", folder)) do
        local irq = row.interrupt
        local one = found[irq.hard and "irq" or "soft"][irq.nr]
        expect(one, row.count, row.min, row.max, irq.name)
        assert.near(one.sum / one.count, row.average, 0.01)
        if not irq.hard then
          local latency = found.raise[irq.nr]
          expect(latency, row.raise_count, row.raise_min, row.raise_max, irq.name)
        end
        seen = seen + 1
      end
      local expected = 0
      for _, kind in ipairs { "irq", "soft" } do
        for _ in pairs(found[kind]) do
          expected = expected + 1
        end
      end
      assert.equal(expected, seen)
      assert.is_true(seen > 3)
    end)

    compare("who used CPUs, to the ns", function()
      local cpus = 0
      for _, row in ipairs(host.rows("cputop", "--output", "json", "--limit", "0", folder)) do
        if row.table == "Per-CPU Usage" then
          local cpu = tostring(row.cpu)
          assert.equal(last - first, found.busy[cpu].sum + found.idle[cpu].sum)
          assert.equal(found.busy[cpu].sum, math.floor(row.cpu_usage * (last - first) + 0.5))
          cpus = cpus + 1
        end
      end
      assert.is_true(cpus > 1)
    end)

    compare("who woke whom", function()
      local wakers, kinds = recompute_wakers(folder), {}
      for _, row in ipairs(host.rows("schedlog", "--output", "json", folder)) do
        local key = ("%d %d"):format(row.wakeup, row.wakee.tid)
        local told = row.waker_context or "nil"
        if row.waker then
          told = ("%s %d %s"):format(told, row.waker.tid, row.waker.name)
        elseif told == "irq" or told == "hrtimer" then
          told = ("%s %s %s"):format(told, told == "irq" and row.irq, row.irq_name)
        elseif told == "softirq" then
          told = ("%s %s"):format(told, row.softirq)
        end
        assert.equal(wakers[key], told, key)
        kinds[row.waker_context or "nil"] = true
      end
      assert.is_true(kinds.thread and kinds.irq and kinds.softirq)
    end)

    compare("pages", function()
      local rows = host.rows("memtop", "--output", "json", folder)
      local total = rows[#rows]
      local alloc, free = found.memory.alloc, found.memory.free
      assert.equal(alloc.pages, total.allocated_pages)
      assert.equal(alloc.count, total.allocations)
      assert.equal(free.pages, total.freed_pages)
      assert.equal(free.count, total.deallocations)
    end)

    compare("system calls", function()
      local counts = {}
      for _, row in ipairs(host.rows("syscallstats", "--output", "json", folder)) do
        local name = row.system_call
        if name and row.count then
          counts[name] = (counts[name] or 0) + row.count
        end
      end
      -- Calls that the tracer knows by number only have names here.
      local names, unnamed = 0, 0
      for name, count in pairs(counts) do
        local one = rawget(found.calls, name)
        unnamed = unnamed + count - (one and one.count or 0)
        names = names + (one and 1 or 0)
        assert.is_true(not one or count >= one.count, name)
      end
      for name in pairs(found.calls) do
        assert.is_true(counts[name] ~= nil or name == "unknown", name)
      end
      -- Here, calls before the first switch of a CPU are known, too.
      assert.near(found.calls.unknown.count + 2, unnamed, 2)
      assert.is_true(names > 10)
    end)
  end)
end
