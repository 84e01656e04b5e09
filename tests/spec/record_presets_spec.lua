--- Presets of lttnga-record: which analyses can run with them, what they take, and buffers.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local recorder = require "tests.spec.recorder"

local build = os.getenv "BUILD" or "build"
local all_events, list, shell = recorder.all_events, recorder.list, recorder.shell
local files, proc_of, source = recorder.files, recorder.proc_of, recorder.source
local lines_of, command_for, record = recorder.lines_of, recorder.command_for, recorder.record
local plain, taken_by = recorder.plain, recorder.taken_by

describe("lttnga-record --for", function()
  local help = record("--help").out
  local names = {}
  for path in io.popen("ls lua/analyses/*.lua"):lines() do
    names[path:match "([^/]*)%.lua$"] = true
  end

  --- The names of analyses behind the colon in the help of a preset.
  local function promised(preset)
    local text = help:match("\n      " .. preset .. " .-:(.-)\n      %l") or
      help:match("\n      " .. preset .. " .-:(.-)\n  %-%-")
    local found = {}
    for name in text:gmatch "%l+" do
      found[#found + 1] = names[name] and name or nil
    end
    return found
  end

  --- A trace that has one of each of these events: what `info` says of each analysis.
  local function abilities(events, with_calls)
    local lines, time = {}, 1000
    local function add(name)
      time = time + 10
      lines[#lines + 1] = ("{ %d, %q, { ['ctx.tid'] = 1 } },"):format(time, name)
    end
    for name in events:gmatch "%S+" do
      add(name)
    end
    for _, name in ipairs(with_calls and { "syscall_entry_read", "syscall_exit_read" } or {}) do
      add(name)
    end
    local trace = host.path("trace")
    shell(("%s/tests/mktrace %s %s"):format(build, host.write(
      "return { contexts = { tid = 1 }, env = { hostname = 'box', domain = 'kernel' }, " ..
      "streams = { { cpu = 0, " .. table.concat(lines, "\n") .. " } } }", "trace.lua"), trace))
    local able = {}
    for _, row in ipairs(host.rows("info", "--output", "json", "--limit", "0", "--table",
        "analyses", trace)) do
      able[row.analysis] = row.can_run
    end
    return able
  end

  it("takes the events of presets, and those that several have once", function()
    local all = list(all_events)
    local function check(words, without, calls)
      local events, with_calls = taken_by(words)
      for name in without:gmatch "%S+" do
        assert.is_nil(events:find(name, 1, true), words .. ": " .. name)
      end
      assert.equal(calls, with_calls)
      for name in events:gmatch "%S+" do
        assert.truthy(("," .. all .. ",writeback_wait_on_page,"):find("," .. name .. ",", 1, true))
      end
      return events
    end
    check("", "", true)
    check("--for all", "", true)
    check("--for cpu", "kmem block writeback net_ workqueue mm_vmscan file_descriptor", false)
    check("--for why", "kmem block_dirty writeback mm_vmscan", true)
    local io = check("--for io", "kmem softirq_raise", true)
    assert.equal(check("--for io,cpu", "kmem", true), (check("--for cpu --for io", "kmem", true)))
    assert.equal(io, (check("--for io,io", "kmem", true)))
    assert.equal(check("--for all,io", "", true), (check("", "", true)))
  end)

  it("takes no system calls where none are wanted", function()
    local result = record(plain .. "--for cpu -- true")
    for _, call in ipairs(result.calls) do
      assert.is_nil(call:find("--syscall", 1, true))
    end
    assert.equal("", result.err)
    assert.equal(0, result.status)
  end)

  it("takes what the analyses need that its help promises", function()
    local count = 0
    for _, preset in ipairs { "io", "cpu", "why" } do
      local able = abilities(taken_by("--for " .. preset))
      for _, name in ipairs(promised(preset)) do
        assert.equal("fully", able[name], preset .. ": " .. name)
        count = count + 1
      end
    end
    assert.is_true(count > 35)
    for name, able in pairs(abilities(taken_by "")) do
      assert.equal("fully", able, name)
    end
  end)

  --- The example, as it were if only some events had been recorded.
  local function with_only(events, with_calls)
    local folder, wanted = host.path("trace"), {}
    for name in events:gmatch "%S+" do
      wanted[name] = true
    end
    shell(("mkdir -p %s/kernel && ln -s $(realpath %s/example-trace)/kernel/* %s/kernel/"):format(
      folder, build, folder))
    local metadata = host.read(folder .. "/kernel/metadata")
    shell(("rm %s/kernel/metadata"):format(folder))
    local hidden = 0
    files(folder, { ["kernel/metadata"] = metadata:gsub('(\tname = ")([%w_]+)(";\n\tid = )',
      function(before, name, after)
        local is_call = name:find "^syscall_" or name:find "^compat_syscall_"
        if wanted[name] or is_call and with_calls then
          return nil
        end
        hidden = hidden + 1
        return before .. "Z" .. name:sub(2) .. after
      end) })
    assert.is_true(hidden > 0)
    return folder
  end

  -- What pageflush says of the pages that a call allocated is from memtop's events; and without
  -- system calls it is not known what exactly threads wait for, nor each of their names.
  local apart = { pageflush = "\n[^\n]*pages %l+ during the period[^\n]*" }
  local coarse = { schedstates = true, schedlog = true, schedtop = true, wakers = true,
    runqslower = true, timehist = true }

  it("has the same results as a trace of all events", function()
    for _, preset in ipairs { "io", "cpu", "why" } do
      local some, compared = with_only(taken_by("--for " .. preset)), 0
      for _, name in ipairs(promised(preset)) do
        if name ~= "criticalpath" and not (preset == "cpu" and coarse[name]) then
          local function run(trace)
            local out = host.run_as_is(name, "--no-cache", trace).out
            return apart[name] and out:gsub(apart[name], "") or out
          end
          assert.equal(run(build .. "/example-trace"), run(some), preset .. ": " .. name)
          compared = compared + 1
        end
      end
      assert.is_true(compared >= 7)
    end
  end)
end)

describe("tests/weigh and tools/record-costs", function()
  it("weigh events to the byte", function()
    local out = shell(("%s/tests/weigh %s/example-trace"):format(build, build))
    assert.matches("^trace 2 3%.876\n", out)
    -- 16 + 4 + 4 + 8 + 16 + 4 + 4 bytes of fields; a header of 6; PID and name.
    assert.matches("\nsched_switch 1118 6708 22360 62608\n", out)
    local events = 0
    for count in out:gmatch "\n%S+ (%d+) %d+ %d+ %d+" do
      events = events + tonumber(count)
    end
    assert.equal(29141, events)
  end)

  it("made the table of the script", function()
    local made = shell(("BUILD=%s tools/record-costs light=%s/example-trace"):format(build, build))
    local inside = host.read(source):match("\nCOSTS='\n(.-)'\n")
    local rows = 0
    for group, events, bytes in made:gmatch "(%S+) (%d+) (%d+)\n" do
      assert.truthy(("\n" .. inside):find(("\n%s %s %s "):format(group, events, bytes), 1, true),
        group)
      rows = rows + 1
    end
    assert.equal(8, rows)
  end)
end)

describe("lttnga-record --dry-run and costs", function()
  it("shows what is taken, and less for less", function()
    local function costs(words)
      local _, _, out = taken_by(words)
      local numbers = {}
      for events, megabytes in out:gmatch
          "\n#   [^\n]-([%d,]+) events/s +([%d.]+) MB/s +[%d.]+ GB" do
        numbers[#numbers + 1] = tonumber((events:gsub(",", "")))
        assert.truthy(tonumber(megabytes))
      end
      assert.equal(4, #numbers)
      return numbers, out
    end
    local all, out = costs ""
    assert.matches("^# What %-%-for all takes, ", out)
    for _, words in ipairs { "--for io", "--for why", "--for cpu", "--no-syscalls" } do
      for i, events in ipairs(costs(words)) do
        assert.is_true(events < all[i], words)
      end
    end
    -- The sum of the table's column.
    local sum = 0
    local rows = host.read(source):match "\nCOSTS='\n(.-)'\n"
    for group, events in rows:gmatch "([%w,-]+) (%d+)[^\n]*" do
      sum = sum + (group ~= "start" and tonumber(events) or 0)
    end
    assert.equal(sum, all[1])
  end)
end)

describe("lttnga-record and buffers", function()
  --- The channel's buffers, and what is said of them, on such a machine.
  local function buffers(words, cpus, megabytes, switches)
    local root = host.path("machine")
    files(root, cpus and proc_of(cpus, megabytes, switches) or { ["proc/nothing"] = "" })
    local command, calls = command_for(plain .. words .. " -- true", nil, nil,
      recorder.program_on(root))
    local result = host.shell(command)
    assert.equal(0, result.status, result.err)
    local size, number = lines_of(calls)[3]:match("%-%-subbuf%-size=(%w+) %-%-num%-subbuf=(%w+) ")
    return number .. " x " .. size, result.err
  end

  it("hold what is expected for long enough", function()
    for _, case in ipairs {
      -- words, CPUs, MB, switches; buffers, memory
      { "", 2, 8192, 100, "4 x 8M", "64M" },
      { "", 16, 65536, 100, "4 x 8M", "512M" },
      { "--rate medium", 16, 65536, 9000, "4 x 8M", "512M" },
      { "", 16, 65536, 9000, "4 x 32M", "2048M" },
      { "--rate high", 16, 65536, 100, "4 x 32M", "2048M" },
      { "--rate low", 16, 65536, 9000, "4 x 2M", "128M" },
      { "--for cpu", 16, 65536, 100, "4 x 2M", "128M" },
      { "--hold 60", 2, 8192, 100, "4 x 64M", "512M" },
      { "--snapshot", 2, 8192, 100, "8 x 16M", "288M" },
      -- No more than an eighth of the memory.
      { "", 2, 256, 100, "4 x 4M", "32M" },
      { "--rate high", 64, 8192, 100, "4 x 4M", "1024M" },
      { "--snapshot --hold 600", 4, 16384, 100, "8 x 32M", "1152M" },
      { "", 128, 64, 100, "4 x 64k", "32M" },
      -- One of the two numbers follows from the other.
      { "--subbuf-size 1M", 2, 8192, 100, "32 x 1M", "64M" },
      { "--num-subbuf 16", 2, 8192, 100, "16 x 2M", "64M" },
      { "--subbuf-size 64M", 2, 8192, 100, "2 x 64M", "256M" },
      { "--subbuf-size 3M --num-subbuf 3", 2, 8192, 100, "3 x 3M", "32M" },
    } do
      local found, said = buffers(case[1], case[2], case[3], case[4])
      assert.equal(case[5], found, case[1])
      assert.truthy(said:find(("buffers: %s for each of %d CPUs, %s of memory, for "):format(
        case[5], case[2], case[6]), 1, true), case[1] .. said)
    end
  end)

  it("say for how long, and why for no longer", function()
    local _, said = buffers("", 2, 8192)
    assert.equal("lttnga-record: buffers: 4 x 8M for each of 2 CPUs, 64M of memory, for 13 s at " ..
      "--rate medium\n", said)
    _, said = buffers("--rate high", 2, 256)
    assert.matches("for 1 s at %-%-rate high %(as much as the memory allows%)\n$", said)
  end)

  it("warn of too much", function()
    local _, said = buffers("--subbuf-size 512M --num-subbuf 4", 2, 4096)
    assert.matches("^lttnga%-record: the buffers take 4096M, but only 2048M of " ..
      "memory is free\n", said)
  end)

  it("are made without knowing the machine", function()
    local found, said = buffers("", nil)
    assert.equal("4 x 8M", found)
    assert.matches("buffers: 4 x 8M for each CPU, ", said)
  end)
end)
