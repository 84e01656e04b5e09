--- Traces of user space beside the kernel's: their events are there for those who ask for them,
-- with what the kernel knows of the thread, and for nobody else.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local us = 1000

--- A folder with traces: a kernel's of two CPUs, on which threads 10 and 20 run, and two programs'.
-- @tparam[opt="box"] string hostname of the programs
local function folder(hostname)
  local function switch(at, from, to)
    return { at * us, "sched_switch", { prev_tid = from, prev_comm = "p" .. from, prev_prio = 20,
      prev_state = 1, next_tid = to, next_comm = "p" .. to, next_prio = 20 } }
  end
  local function program(tid, cpu, ...)
    local events = { cpu = cpu }
    for i, event in ipairs { ... } do
      events[i] = { event[1] * us, event[2],
        { msg = event[3], ["ctx.vtid"] = tid } }
    end
    return host.trace { env = { domain = "ust", hostname = hostname or "box" },
      contexts = { vtid = 0 }, streams = { events } }
  end
  local parts = {
    kernel = host.trace { streams = {
      { cpu = 0, switch(100, 0, 10), switch(500, 10, 0) },
      { cpu = 1, switch(100, 0, 20), switch(500, 20, 0) } } },
    ["ust-1"] = program(10, 0, { 50, "lttng_ust_tracef:event", "early begin" },
      { 200, "lttng_ust_tracef:event", "job 1 begin" },
      { 260, "lttng_ust_tracef:event", "job 1 end" }, { 600, "lttng_ust_tracef:event", "late" }),
    ["ust-2"] = program(20, 1, { 210, "lttng_ust_tracef:event", "job 2 begin" },
      { 290, "lttng_ust_tracef:event", "job 2 end" }),
  }
  local path = host.path "session"
  for name, part in pairs(parts) do
    assert.equal(0, host.shell(("mkdir -p %s && cp -r %s %s/%s"):format(path, part, path, name))
      .status)
  end
  return path, parts.kernel
end

describe("a trace of user space", function()
  local all, kernel = folder()

  it("is nothing to those who ask for the kernel", function()
    for _, name in ipairs { "cputop", "schedstates", "iolog", "requests" } do
      local expected = host.run(name, "--no-cache", kernel)
      local result = host.run(name, "--no-cache", all)
      assert.same({ expected.out, expected.err }, { result.out, result.err })
    end
  end)

  it("can be hooked, with the thread that the kernel knows, as long as that is recorded", function()
    local script = host.script [[
      return { title = "x", begin = function(w) w.rows = {} end,
        on = { ["lttng_ust_tracef:event"] = function(w, time, msg, tid, vtid, procname, cpu)
          w.rows[#w.rows + 1] = { msg = msg, who = ("%d %d %s %d"):format(tid, vtid, procname, cpu),
            at = time // 1000 }
        end },
        tables = { { "x", "X", { { "At", "number", "at" }, { "Who", "string", "who" },
          { "Message", "string", "msg" } }, rows = function(w) return w.rows end } } }]]
    for _, reader in ipairs { "native", "babeltrace2" } do
      local texts = {}
      for i, row in ipairs(host.rows(script, "--reader", reader, "--output", "json", "--no-cache",
        all)) do
        texts[i] = ("%d %s %s"):format(row.at, row.who, row.message)
      end
      assert.same({ "200 10 10 p10 0 job 1 begin", "210 20 20 p20 1 job 2 begin",
        "260 10 10 p10 0 job 1 end", "290 20 20 p20 1 job 2 end" }, texts)
    end
  end)

  it("begins and ends requests and periods", function()
    local rows = host.rows("requestslog", "--request", "logger", "--output", "json", "--no-cache",
      all)
    assert.same({ 2, 60 * us, "p10", 10, 80 * us, "p20", 20 }, { #rows, rows[1].duration,
      rows[1].process, rows[1].tid, rows[2].duration, rows[2].process, rows[2].tid })
    rows = host.rows("periodlog", "--output", "json", "--no-cache", "--period",
      'j : $evt.msg =* "* begin" : $evt.msg =* "* end" && $evt.vtid == $begin.$evt.vtid', all)
    assert.same({ 60 * us, 80 * us }, { rows[1].duration, rows[2].duration })
    local result = host.run("why", "--request", "logger", "--no-cache", all)
    assert.matches("its own CPU +80.000 +100.00 %%", result.out)
  end)

  it("is left out if it is of another machine", function()
    local other = folder("elsewhere")
    local expected = host.run("requests", "--request", "logger", "--no-cache", kernel)
    local result = host.run("requests", "--request", "logger", "--no-cache", other)
    assert.matches("elsewhere has only a user%-space trace, which is ignored", result.err)
    assert.equal(expected.out, result.out)
    assert.equal("", host.run("cputop", "--no-cache", other).err)
  end)

  it("is shown by info, trackprocess and sessions", function()
    local info = host.run("info", all)
    assert.equal("", info.err)
    assert.matches("Domain +ust", info.out)
    assert.matches("lttng_ust_tracef:event +4\n", info.out)
    assert.matches("lttng_ust_tracef:event", host.run("trackprocess", "--tid", "20", all).out)
    local result = host.session(all, "until_('lttng_ust_tracef:event', 'vtid == 20')")
    assert.matches("p20 %(20%) lttng_ust_tracef:event: .*job 2 begin", result.out)
  end)
end)
