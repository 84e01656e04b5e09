--- The same events in several channels of a session: each counts once. Per CPU and class one
-- channel is believed, others only outside of its time.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local u, i, struct = ctf.u, ctf.i, ctf.struct
local u32 = u(32)

local switch = { id = 0, name = "sched_switch", fields = struct { { "prev_tid", i(32) },
  { "next_tid", i(32) } } }
local entry = { id = 1, name = "irq_handler_entry", fields = struct { { "irq", i(32) } } }
local leave = { id = 2, name = "irq_handler_exit", fields = struct { { "irq", i(32) },
  { "ret", i(32) } } }
local alloc = { id = 3, name = "kmem_mm_page_alloc", fields = struct { { "order", u32 } } }

--- Interrupts at these times (us), which take 1 us each; `late` is how much later (ns) this channel
-- notes them.
local function interrupts(times, late, others)
  local events = {}
  for _, time in ipairs(times) do
    events[#events + 1] = { 1000 * time + late, "irq_handler_entry", { irq = 4 } }
    events[#events + 1] = { 1000 * (time + 1) + late, "irq_handler_exit", { irq = 4, ret = 1 } }
  end
  for _, event in ipairs(others or {}) do
    events[#events + 1] = event
  end
  table.sort(events, function(a, b) return a[1] < b[1] end)
  return events
end

local function packet(from, to, events)
  events.from, events.to = 1000 * from, 1000 * to
  return events
end

--- Two channels on CPU 0: the first one has more classes.
local function trace(first, second, cpu)
  return { streams = { { id = 0, events = { switch, entry, leave, alloc } },
    { id = 1, events = { entry, leave } } },
    files = { { "chan_0", stream = 0, cpu = 0, packets = first },
      { "other_0", stream = 1, cpu = cpu or 0, packets = second } } }
end

local function count(folder, ...)
  local result = host.run("irqstats", "--no-intersection", folder, ...)
  assert.equal(0, result.status, result.err)
  return tonumber(result.out:match("\n4: +%S* +(%d+) ")), result.err, result.out
end

describe("events in two channels", function()
  local both = { 10, 20, 30, 40 }
  local runs = { { 5000, "sched_switch", { prev_tid = 0, next_tid = 5 } } }

  it("count once, and that is said", function()
    for _, reader in ipairs { "native", "babeltrace2" } do
      for late = -300, 300, 600 do
        local n, err = count(ctf.write(trace({ packet(1, 60, interrupts(both, 0, runs)) },
          { packet(1, 60, interrupts(both, late)) })), "--reader", reader)
        assert.equal(4, n)
        assert.matches("note: irq_handler_entry and irq_handler_exit are recorded in several "
          .. "channels or sessions at once: each event counts once\n", err)
      end
    end
  end)

  it("count where only one of them was recording", function()
    for _, reader in ipairs { "native", "babeltrace2" } do
      local n = count(ctf.write(trace({ packet(15, 35, interrupts({ 20, 30 }, 0)) },
        { packet(1, 60, interrupts(both, 200)) })), "--reader", reader)
      assert.equal(4, n)
    end
  end)

  it("are not copies on two CPUs, nor one after the other", function()
    local n, err = count(ctf.write(trace({ packet(1, 60, interrupts(both, 0)) },
      { packet(1, 60, interrupts(both, 200)) }, 1)))
    assert.equal(8, n)
    assert.equal("", err:match("[^\n]*at once[^\n]*") or "")
    n, err = count(ctf.write(trace({ packet(1, 15, interrupts({ 10 }, 0)) },
      { packet(15, 60, interrupts({ 20, 30, 40 }, 200)) })))
    assert.equal(4, n)
    assert.equal("", err:match("[^\n]*at once[^\n]*") or "")
  end)

  it("leave what only one of them has", function()
    local folder = ctf.write(trace({ packet(1, 60, interrupts(both, 0,
      { runs[1], { 25000, "kmem_mm_page_alloc", { order = 0 } } })) },
      { packet(1, 60, interrupts(both, 200)) }))
    local out = host.run("memtop", "--no-intersection", folder).out
    assert.matches("1 pages allocated %(1 times%)", out)
    assert.equal(4, (count(folder)))
  end)
end)
