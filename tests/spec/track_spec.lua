--- Hooks on every event, and trackprocess, which follows threads through all of them.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

--- TID 10, "shell", forks 20, which becomes "job" and forks 30; 40 has nothing to do with them.
local function family()
  local function switch(at, prev, next_tid, comm)
    return { at, "sched_switch",
      { prev_tid = prev, prev_comm = "x", next_tid = next_tid, next_comm = comm } }
  end
  local function fork(at, parent, comm, child)
    return { at, "sched_process_fork", { parent_comm = comm, parent_tid = parent,
      parent_pid = parent, child_comm = comm, child_tid = child, child_pid = child } }
  end
  local events = { cpu = 0,
    switch(1, 0, 10, "shell"), fork(2, 10, "shell", 20), switch(3, 10, 20, "shell"),
    { 4, "sched_process_exec", { filename = "/bin/job", tid = 20, old_tid = 20 } },
    { 5, "syscall_entry_openat", { dfd = -100, filename = "a \27[31m b", flags = 0 } },
    fork(6, 20, "job", 30), switch(7, 20, 30, "job"),
    { 8, "strange_event", { list = { 1, 2, 3 }, tid = 40, text = "hm" } },
    switch(9, 30, 40, "other"),
    { 10, "syscall_entry_getpid", { arg = 0 } }, { 11, "sched_waking", { comm = "job", tid = 20,
      prio = 20, target_cpu = 0 } },
  }
  for _, event in ipairs(events) do
    event[3]["ctx.nice"] = 0
  end
  return host.trace { contexts = { nice = 0 }, streams = { events } }
end

--- The times (ns) of the events that are shown.
local function times(...)
  local result = host.run("trackprocess", "--gmt", ...)
  assert.equal("", result.err)
  local list = {}
  for time in result.out:gmatch("%] %[00:00:00%.0000000(%d+)%]") do
    list[#list + 1] = tonumber(time)
  end
  return list, result.out
end

describe("trackprocess", function()
  local trace = family()

  it("shows every event with all fields", function()
    local all, out = times(trace)
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, all)
    assert.matches("\n%[    30%] %[00:00:00%.000000008%] strange_event: { cpu_id = 0 }, "
      .. "{ nice = 0 }, { list = %[1, 2, 3%], text = \"hm\", tid = 40 }\n", out)
    -- Whatever is in a name, it does not steer the terminal.
    assert.is_truthy(out:find([[filename = "a \x1b[31m b"]], 1, true))
  end)

  it("follows TIDs", function()
    -- Its own events, those that name it, and both switches.
    assert.same({ 2, 3, 4, 5, 6, 7, 11 }, (times("--tid", "20", trace)))
    assert.same({ 8, 9, 10, 11 }, (times("-t", "40", trace)))
  end)

  it("follows names, from when a thread has had them", function()
    assert.same({ 5, 6, 7, 8, 9, 11 }, (times("--procname", "job", trace)))
    assert.same({ 9, 10, 11 }, (times("-n", "other", trace)))
    assert.same({}, (times("--procname", "nobody", trace)))
  end)

  it("follows children, if that is asked for", function()
    assert.same({ 1, 2, 3 }, (times("--tid", "10", trace)))
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 11 }, (times("--tid", "10", "-f", trace)))
  end)

  it("takes events that lack what they should have, or have it in another way", function()
    local odd = host.trace { contexts = { tid = { 1, 2 }, procname = 5 }, streams = { { cpu = 0,
      { 1, "sched_process_fork", { parent_tid = 10, child_comm = "x", ["ctx.tid"] = { 1, 2 },
        ["ctx.procname"] = 5 } },
      { 2, "sched_process_fork", { parent_tid = 10, child_comm = "x", ["ctx.tid"] = { 1, 2 },
        ["ctx.procname"] = 5 } } } } }
    assert.same({ 1, 2 }, (times(odd)))
    assert.same({ 1, 2 }, (times("--tid", "10", "-f", odd)))
    -- Two traces, whose events of one name have other fields.
    local two = {}
    for i, fields in ipairs { { comm = "job", tid = 20, prio = 20 }, { tid = 20 } } do
      two[i] = host.trace { streams = { { cpu = 0, { i, "sched_waking", fields } } } }
    end
    assert.same({ 1, 2 }, (times("--tid", "20", two[1], two[2])))
    assert.same({}, (times("--tid", "-1", trace)))
  end)

  it("follows on from one window to the next", function()
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 11 },
      (times("--tid", "10", "-f", "--refresh", "3ns", trace)))
  end)

  it("tells texts from numbers, and who did it", function()
    local texts = host.trace { streams = { { cpu = 0,
      { 1, "sched_switch", { prev_tid = 0, prev_comm = "x", next_tid = 7, next_comm = "app" } },
      { 2, "odd", { a = "full", b = [[say "\"]] } },
      { 3, "odd", { a = "", b = "0xab" } },
      { 4, "odd", { a = "0xno", b = "" } } } } }
    local out = host.run("trackprocess", texts).out
    assert.truthy(out:find([[{ a = "full", b = "say \"\\\"" }]], 1, true), out)
    assert.truthy(out:find([[{ a = "", b = ]], 1, true))
    assert.truthy(out:find([[{ a = "0xno", b = "" }]], 1, true))
    local rows = host.run("trackprocess", "--procname", "app", "--output", "json", trace, texts).out
    assert.truthy(rows:find('"process":{"name":"app",', 1, true))
  end)

  it("takes the other filters", function()
    assert.same({ 5, 6 }, (times("--tid", "20", "--begin", "00:00:00.000000005", "--end",
      "00:00:00.000000006", trace)))
    local result = host.run("trackprocess", "--cpu", "1", trace)
    assert.matches("warning: %-%-cpu: the trace has no CPU 1\n", result.err)
    assert.is_nil(result.out:find("sched", 1, true))
  end)
end)

describe("a hook on every event", function()
  it("gets what is asked for", function()
    local script = host.script([[
      local analysis = require "lttnga.analysis"
      return analysis { title = "x", on = { ["*"] = function(event_name, tid, current_tid, cpu)
        print(event_name, tid, current_tid, cpu)
      end } }]])
    local out = host.run(script, family()).out
    assert.matches("^sched_switch\tnil\tnil\t0\nsched_process_fork\t10\t10\t0\n", out)
    assert.matches("\nstrange_event\t40\t30\t0\n", out)
  end)

  it("can list the fields of an event", function()
    local script = host.script([[
      local analysis = require "lttnga.analysis"
      return analysis { title = "x", on = { ["*"] = function(event)
        local list = event:list()
        if event.event_name == "strange_event" then
          print(list.n, list[1], #list[2], list[3], list[4], list[5], list[6], list[7], list[8])
        end
      end,
      process_exec = function(event)
        local list = event:list()
        print(list[1], list[2])
      end } }]])
    local result = host.run(script, family())
    assert.equal("", result.err)
    assert.matches("\n8\tlist\t3\ttext\thm\ttid\t40\tctx.nice\t0\n", result.out)
    assert.matches("^time\t4\n", result.out)
  end)

  it("names no field that no event has", function()
    local script = host.script([[
      local analysis = require "lttnga.analysis"
      return analysis { title = "x", on = { ["*"] = function(filname) end } }]])
    local result = host.run(script, family())
    assert.equal(1, result.status)
    assert.matches("has no field 'filname' %(did you mean 'filename'%?%)", result.err)
  end)
end)
