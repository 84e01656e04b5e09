--- Clocks of several machines: shifted by hand (--clock-offset).
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms, second = 1000000, 1000000000

--- When the machines begin, on their own clocks.
local BEGIN = 1000 * second

--- A machine on which "app" reads, and two threads take turns; `later` ns later than others.
local function machine(name, later)
  local streams = {}
  for cpu = 0, 1 do
    local events = { cpu = cpu }
    for i = 1, 40 do
      local tid, at = 10 + i % 2, BEGIN + later + i * 50 * ms + cpu * 7 * ms
      events[#events + 1] = { at, "sched_switch", { prev_tid = i > 1 and 21 - tid or 0,
        next_tid = tid, prev_state = 0, next_comm = "app" } }
      events[#events + 1] = { at + ms, "syscall_entry_read", { fd = 3, count = i } }
      events[#events + 1] = { at + 3 * ms, "syscall_exit_read", { ret = i } }
    end
    streams[cpu + 1] = events
  end
  return host.trace { env = { domain = "kernel", hostname = name, kernel_release = "6.1.0-amd64",
    tracer_name = "lttng-modules", tracer_major = 2, tracer_minor = 13 }, streams = streams }
end

local SHIFT = -7412594465
local here, there, shifted = machine("a", 0), machine("b", 0), machine("b", SHIFT)

--- What an analysis prints, but for paths of traces.
local function output(...)
  local result = host.run(...)
  assert.equal(0, result.status, result.err)
  return (result.out:gsub("/tmp/[^\"%s]*", "TRACE")), result.err
end

describe("--clock-offset", function()
  -- Times written as the shifted clock would have told them are an independent way to the same.
  for _, reader in ipairs { "native", "babeltrace2" } do
    it("gives what a trace with these times gives, with " .. reader, function()
      for _, name in ipairs { "iolog", "iolatencystats", "schedlog", "schedtop", "cputop",
        "waits" } do
        for _, options in ipairs { {}, { "--refresh", "333ms" },
          { "--begin", "00:16:33.2", "--end", "00:16:40.9" },
          { "--timerange", "+1s,+2s" }, { "--no-intersection" } } do
          local common = { name, "--reader", reader, "--no-cache", "--output", "json" }
          table.move(options, 1, #options, #common + 1, common)
          local asked = table.move(common, 1, #common, 1, {})
          table.move({ here, shifted }, 1, 2, #common + 1, common)
          table.move({ "--clock-offset", "b=-7.412594465s", here, there }, 1, 4, #asked + 1, asked)
          assert.equal(output(table.unpack(common)), output(table.unpack(asked)))
        end
      end
    end)
  end

  it("leaves other machines alone, and adds up to the ns", function()
    local plain = host.rows("iolog", "--no-cache", "--output", "json", here, there)
    local rows = host.rows("iolog", "--no-cache", "--output", "json", "--clock-offset", "a=+1.5ms",
      here, there)
    local times = {}
    for _, row in ipairs(plain) do
      local key = ("%s %d"):format(row.host,
        row.time_range.begin + (row.host == "a" and 1500000 or 0))
      times[key] = (times[key] or 0) + 1
    end
    for _, row in ipairs(rows) do
      local key = ("%s %d"):format(row.host, row.time_range.begin)
      assert.truthy(times[key], key)
      times[key] = times[key] > 1 and times[key] - 1 or nil
    end
    assert.equal(#plain, #rows)
    assert.is_nil(next(times))
  end)

  it("takes several, globs, and numbers without a unit or a sign", function()
    local function begins(...)
      local words, list = { ... }, {}
      table.move({ here, there }, 1, 2, #words + 1, words)
      for _, row in ipairs(host.rows("iolog", "--no-cache", "--output", "json",
        table.unpack(words))) do
        list[row.host] = math.min(list[row.host] or math.maxinteger, row.time_range.begin)
      end
      return list
    end
    local plain = begins()
    assert.same({ a = plain.a + 2 * second, b = plain.b - 1000 },
      begins("--clock-offset", "a=2", "--clock-offset", "b=-1us"))
    assert.same({ a = plain.a + 2 * ms, b = plain.b + 2 * ms }, begins("--clock-offset=*=2ms"))
  end)

  it("refuses what it can't be", function()
    for option, message in pairs {
      ["c=1s"] = "--clock-offset: no machine matches c; known: a, b",
      ["a=soon"] = "--clock-offset: invalid duration 'soon'",
      ["a"] = "--clock-offset: must be HOST=OFFSET, such as web1=+1.5ms, not 'a'",
      ["a=--1s"] = "--clock-offset: invalid duration '-1s'",
      ["a=99999999999s"] = "--clock-offset: '99999999999s' is too long",
    } do
      local result = host.run("cputop", "--clock-offset", option, here, there)
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
    local twice = host.run("cputop", "--clock-offset", "a=1s", "--clock-offset", "[ab]=2s", here,
      there)
    assert.equal(2, twice.status)
    assert.truthy(twice.err:find("a has two offsets (a and [ab])", 1, true), twice.err)
    -- Nothing wraps around.
    for _, reader in ipairs { "native", "babeltrace2" } do
      local far = host.run("iolog", "--reader", reader, "--clock-offset", "a=9223372036s", here)
      assert.equal(2, far.status)
      assert.truthy(far.err:find("times of a would be before 1677 or after 2262", 1, true), far.err)
    end
  end)

  it("tells two machines of one name apart as --host does", function()
    local function begins(...)
      local first = {}
      local _, _, about = host.rows("cputop", "--no-cache", "--output", "json", ...)
      for _, row in ipairs(about) do
        first[row.trace or ""] = row.what == "trace" and row.begin or nil
      end
      return first
    end
    -- They have no boot ID, and the same events at the same time.
    local late = machine("b", 10 * ms)
    local plain = begins(there, late)
    assert.same({ [there] = plain[there], [late] = plain[late] + 100 * second },
      begins("--clock-offset", "b (2)=100s", there, late))
  end)

  it("keeps saved states of other clocks apart", function()
    local cache = host.path "cache"
    local function run(...)
      return (output("iolatencystats", "--cache", cache, "--begin", "00:16:41", ...))
    end
    local offset = "--clock-offset=b=-250ms"
    local plain, moved = run(here, there), run(offset, here, there)
    assert.not_equal(plain, moved)
    for _ = 1, 2 do
      for _, words in ipairs { { here, there }, { offset, here, there } } do
        local made = host.run("index", "--cache", cache, table.unpack(words))
        assert.equal(0, made.status, made.err)
      end
      assert.equal(plain, run(here, there))
      assert.equal(moved, run(offset, here, there))
    end
    local listed = host.run("cache", "--cache", cache, "--output", "json")
    local corrected = {}
    for line in listed.out:gmatch "[^\n]+" do
      local row = json.decode(line)
      assert.equal("ok", row.state)
      corrected[#corrected + 1] = tostring(row.corrected_clocks)
    end
    table.sort(corrected)
    assert.same({ "false", "true" }, corrected)
    assert.matches(" %(with corrected clocks%) +states ",
      host.run("cache", "--cache", cache, "--width", "300").out)
  end)

  it("holds in sessions, sql, info, and partial results", function()
    local session = host.run("--clock-offset=a=-90s", "-e", "go '+1s'", here)
    assert.equal(0, session.status, session.err)
    assert.truthy(session.out:find("00:15:1", 1, true), session.out)
    local info = output("info", "--clock-offset=b=-90s", here, there)
    assert.truthy(info:find("corrected by -90.000000000 s", 1, true), info)
    local function calls(...)
      return (output("sql", "--output", "csv", ...))
    end
    local question = "select host, min(ts) from syscall group by host order by host"
    local plain, moved = calls(here, there, question),
      calls("--clock-offset=b=-90s", here, there, question)
    assert.equal(plain, calls(here, there, question))
    assert.not_equal(plain, moved)
    local file = host.path "part.json"
    output("iolatencystats", "--partial", file, "--clock-offset=b=-90s", here, there)
    assert.equal(output("iolatencystats", "--clock-offset=b=-90s", here, there),
      output("merge", file))
    -- Machines have clocks of their own; the parts of one have the same.
    local own, other, later = host.path "own.json", host.path "other.json", host.path "later.json"
    output("iolatencystats", "--partial", own, "--clock-offset=b=-90s", there)
    output("iolatencystats", "--partial", other, here)
    assert.equal(output("iolatencystats", "--clock-offset=b=-90s", here, there):match "Host: b.*",
      output("merge", own, other):match "Host: b.*")
    output("iolatencystats", "--partial", later, "--slice", "2/2", there)
    local refused = host.run("merge", own, later)
    assert.equal(1, refused.status)
    assert.matches("are of one trace, whose times were corrected differently", refused.err)
  end)

  it("shifts a trace that is followed", function()
    local one = host.rows("iolog", "--no-cache", "--output", "json", "--follow", "--patience",
      "300ms", "--clock-offset", "a=+1.5ms", here)
    local plain = host.rows("iolog", "--no-cache", "--no-intersection", "--output", "json", here)
    assert.equal(#plain, #one)
    assert.equal(plain[1].time_range.begin + 1500000, one[1].time_range.begin)
    assert.equal(plain[#plain].time_range.begin + 1500000, one[#one].time_range.begin)
  end)
end)
