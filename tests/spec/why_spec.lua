--- Critical paths of small stories whose right answer is known: who waited for whom is told by
-- events that are made by hand, from the raw ones to what criticalpath prints.
--
-- SPDX-License-Identifier: MIT

local sched = require "tests.spec.sched_events"
local host = require "tests.spec.host"
local json = require "dkjson"

local example = (os.getenv "BUILD" or "build") .. "/example-trace"

--- The kernel's numbers of states.
local S, R = 1, 0

local switch, waking = sched.switch, sched.waking

--- An event at a time in us.
local function at(us, name, fields)
  return { us * 1000, name, fields }
end

--- Interrupts that have nothing to do with it: where none are recorded, it is not sure who wakes.
local others = { { 100, "irq_softirq_entry", { vec = 1 } },
  { 200, "irq_softirq_exit", { vec = 1 } },
  { 300, "timer_hrtimer_expire_entry", { hrtimer = 1 } },
  { 400, "timer_hrtimer_expire_exit", { hrtimer = 1 } },
  { 500, "irq_handler_entry", { irq = 1, name = "i8042" } },
  { 600, "irq_handler_exit", { irq = 1, ret = 1 } } }

--- A trace of one CPU.
local function story(events)
  table.move(events, 1, #events, #others + 1)
  table.move(others, 1, #others, 1, events)
  events.cpu = 0
  return host.trace { streams = { events } }
end

--- The path of a thread, as "TID:state from-to ..." with times in us; like pieces next to each
-- other are one.
local function path_of(trace, tid, from, to)
  local words = { "criticalpath", "--tid", tostring(tid), "--limit", "0", "--output", "json",
    "--table", "path", trace }
  if from then
    table.move({ "--timerange", ("[00:00:00.%06d,00:00:00.%06d]"):format(from, to), "--gmt" }, 1, 3,
      #words + 1, words)
  end
  local result = host.run(table.unpack(words))
  assert.equal(0, result.status, result.err)
  local pieces = {}
  for line in result.out:gmatch "[^\n]+" do
    local row = json.decode(line)
    if row.table ~= "trace" then
      local last = pieces[#pieces]
      if last and last.tid == row.tid and last.state == row.state and last["end"] == row.begin then
        last["end"] = row["end"]
      else
        pieces[#pieces + 1] = row
      end
    end
  end
  local texts = {}
  for i, piece in ipairs(pieces) do
    texts[i] = ("%s:%s %d-%d"):format(piece.tid, piece.state, piece.begin // 1000,
      piece["end"] // 1000)
  end
  return table.concat(texts, ", "), pieces
end

--- Fields of a packet with these numbers; without them it is of no known protocol.
local function packet(number)
  return { skbaddr = 4096 + number, len = 60, name = "eth0" }
end

describe("the path of a thread", function()
  it("that ran, and waited for a CPU, is itself; a wait without a waking is unknown", function()
    local trace = story { switch(10, 1, R, 2), switch(20, 2, 3, 1), switch(30, 1, R, 2),
      switch(40, 2, R, 1) }
    assert.equal("1:preempted 10-20, 1:running 20-30, 1:preempted 30-40",
      (path_of(trace, 1, 10, 40)))
    assert.equal("2:running 10-20, 2:unknown 20-30, 2:running 30-40", (path_of(trace, 2, 10, 40)))
  end)

  --- A client that sends a packet, waits for the answer, and then wakes another thread.
  local function client()
    return story { switch(7, 202, S, 201), switch(10, 201, R, 200),
      at(13, "net_dev_queue", packet(1)), switch(15, 200, S, 201),
      at(50, "irq_handler_entry", { irq = 5, name = "eth0" }),
      at(52, "irq_softirq_raise", { vec = 3 }),
      at(53, "irq_handler_exit", { irq = 5, ret = 1 }), at(60, "irq_softirq_entry", { vec = 3 }),
      at(65, "net_if_receive_skb", packet(2)), waking(70, 200),
      at(72, "irq_softirq_exit", { vec = 3 }), switch(75, 201, R, 200),
      at(80, "syscall_entry_read", { fd = 3, count = 1 }), at(83, "syscall_exit_read", { ret = 1 }),
      waking(90, 202), switch(95, 200, R, 202) }
  end

  it("that waits for another machine has a piece of that, as long as it took", function()
    local text, pieces = path_of(client(), 200, 10, 95)
    assert.equal("200:running 10-15, 200:net 15-70, 200:runnable 70-75, 200:running 75-95", text)
    assert.equal("eth0", pieces[2].detail)
  end)

  it("that waits for a thread is that one's, and unknown before that was seen", function()
    assert.equal("200:unknown 7-10, 200:running 10-15, 200:net 15-70, 200:runnable 70-75, "
      .. "200:running 75-90, 202:runnable 90-95", (path_of(client(), 202, 7, 95)))
  end)

  --- The same, but the interrupt of the network leaves the rest to its thread.
  local function threaded()
    local function dump(tid, name)
      return at(1, "lttng_statedump_process_state", { tid = tid, pid = tid, ppid = 2, name = name })
    end
    local function to_irq(us, prev, state, next)
      local event = switch(us, prev, state, next)
      local fields = event[3]
      fields.prev_comm = prev == 50 and "irq/5-eth0" or fields.prev_comm
      fields.next_comm = next == 50 and "irq/5-eth0" or fields.next_comm
      return event
    end
    return story { dump(50, "irq/5-eth0"), to_irq(2, 201, R, 50), to_irq(3, 50, S, 201),
      switch(10, 201, R, 200), at(13, "net_dev_queue", packet(1)), switch(15, 200, S, 201),
      at(50, "irq_handler_entry", { irq = 5, name = "eth0" }),
      at(53, "irq_handler_exit", { irq = 5, ret = 2 }),
      at(55, "sched_waking", { tid = 50, comm = "irq/5-eth0", prio = 49, target_cpu = 0 }),
      to_irq(60, 201, R, 50), at(65, "net_if_receive_skb", packet(2)), waking(70, 200),
      to_irq(75, 50, S, 200), switch(95, 200, R, 201) }
  end

  it("whose packets a thread of the interrupt receives is the network's still", function()
    assert.equal("200:running 10-15, 200:net 15-70, 200:runnable 70-75, 200:running 75-95",
      (path_of(threaded(), 200, 10, 95)))
    assert.equal("50:irq 15-55, 50:runnable 55-60, 50:running 60-75",
      (path_of(threaded(), 50, 15, 75)))
  end)

  it("goes through a worker to the device that queued its work", function()
    -- A thread in ioctl waits for a graphics chip, as on a public trace of an ARM machine.
    local worker = "kworker/u16:0"
    local trace = host.trace { streams = {
      { cpu = 0, others[1], others[2], others[3], others[4],
        { 600000, "lttng_statedump_process_state", { tid = 6, pid = 6, ppid = 2, name = worker } },
        { 610000, "sched_switch", { prev_tid = 0, prev_comm = "swapper/0", prev_state = R,
          next_tid = 6, next_comm = worker } },
        { 620000, "sched_switch", { prev_tid = 6, prev_comm = worker, prev_state = S,
          next_tid = 338, next_comm = "weston" } },
        { 630000, "syscall_entry_ioctl", { fd = 9, cmd = 1, arg = 0 } },
        { 673139, "sched_switch", { prev_tid = 338, prev_comm = "weston", prev_state = S,
          next_tid = 0, next_comm = "swapper/0" } },
        { 906839, "irq_handler_entry", { irq = 151, name = "RGX" } },
        { 911239, "workqueue_queue_work", { work = 3454028676, req_cpu = 0 } },
        { 920739, "sched_waking", { tid = 6, comm = worker, prio = 20, target_cpu = 0 } },
        { 924139, "irq_handler_exit", { irq = 151, ret = 1 } },
        { 934339, "sched_switch", { prev_tid = 0, prev_comm = "swapper/0", prev_state = R,
          next_tid = 6, next_comm = worker } },
        { 940039, "workqueue_execute_start", { work = 3454028676 } },
        { 951339, "sched_waking", { tid = 338, comm = "weston", prio = 20, target_cpu = 1 } },
        { 957039, "workqueue_execute_end", { work = 3454028676 } },
        { 980000, "sched_switch", { prev_tid = 6, prev_comm = worker, prev_state = S, next_tid = 0,
          next_comm = "swapper/0" } } },
      { cpu = 1,
        { 150, "sched_switch", { prev_tid = 1, prev_comm = "init", prev_state = S, next_tid = 0,
          next_comm = "swapper/1" } },
        { 965639, "sched_switch", { prev_tid = 0, prev_comm = "swapper/1", prev_state = R,
          next_tid = 338, next_comm = "weston" } },
        { 990000, "sched_switch", { prev_tid = 338, prev_comm = "weston", prev_state = S,
          next_tid = 0, next_comm = "swapper/1" } } } } }
    local result = host.run("criticalpath", "--tid", "338", "--limit", "0", "--output", "json",
      "--table", "path", "--gmt", "--timerange", "[00:00:00.000673139,00:00:00.000965639]", trace)
    local pieces = {}
    for line in result.out:gmatch "[^\n]+" do
      local row = json.decode(line)
      pieces[#pieces + 1] = row.table ~= "trace" and ("%d:%s %d-%d %s"):format(row.tid, row.state,
        row.begin, row["end"], row.detail or "-") or nil
    end
    assert.same({ "6:irq 673139-920739 RGX", "6:runnable 920739-934339 -",
      "6:running 934339-951339 -", "338:runnable 951339-965639 -" }, pieces)
  end)
end)

describe("the causes of waits", function()
  --- The distributions that a command prints.
  local function distributions(...)
    local words = { ... }
    table.move({ "--no-cache", "--output", "json", example }, 1, 4, #words + 1, words)
    local lines = {}
    for line in host.run(table.unpack(words)).out:gmatch "[^\n]+" do
      lines[#lines + 1] = line:match '^{"table":"Distribution.*'
    end
    assert.is_true(#lines > 100)
    return lines
  end

  it("do not depend on what else a script asks for", function()
    assert.same(distributions("waits", "--freq"), distributions "waitsfreq")
  end)
end)
