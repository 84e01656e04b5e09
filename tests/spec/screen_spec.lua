--- The live screen, in tmux, and --count, against tests/relay.py.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local relay = require "tests.spec.relay"

local build = os.getenv "BUILD" or "build"
local is_sanitized = (os.getenv "SANITIZE" or "") ~= ""
local has_tmux = host.shell("tmux -V").status == 0

--- How long something may take to appear, in tenths of a second.
local TRIES = 200

-- ---- A terminal ----

local folder = host.path "tmux"
local base = ("unset TMUX; TMUX_TMPDIR=%s tmux -L screen -f /dev/null "):format(folder)

local function tmux(...)
  local words = {}
  for i, word in ipairs { ... } do
    words[i] = host.quote(tostring(word))
  end
  local result = host.shell(base .. table.concat(words, " "))
  assert.equal(0, result.status, result.err)
  return result.out
end

local function shown()
  return tmux("capture-pane", "-p")
end

--- Waits until a pattern is on the screen; returns what is there. With `is_gone`, until it is not.
local function sees(pattern, is_gone)
  local out
  for _ = 1, TRIES do
    out = shown()
    if (out:find(pattern) ~= nil) ~= (is_gone or false) then
      return out
    end
    host.shell "sleep 0.1"
  end
  error(("%s on the screen: %s\n%s"):format(is_gone and "still" or "never", pattern, out))
end

local function press(...)
  tmux("send-keys", ...)
end

local function enter(line)
  tmux("send-keys", "-l", "clear; " .. line)
  press "Enter"
end

local function is_alternate()
  return tmux("display-message", "-p", "#{alternate_on}"):match "%d" == "1"
end

local pid_file = host.path "pid"

--- Starts the program in the terminal; its process writes its number first.
local function start(analysis, port, options)
  os.remove(pid_file)
  enter(("sh -c 'ulimit -c 0; echo $$ >%s; exec %s/lttnga-run %s --gmt --refresh 500ms %s %s'; "
    .. "echo status=$?"):format(pid_file, build, analysis, options or "", relay.url(port, "live")))
end

--- Checks that the terminal is as it was before.
local function is_sane()
  enter("stty -g | cmp - " .. folder .. "/before && echo sa''ne")
  sees "^sane\n"
end

--- Waits for the end of the program: its status, and whether the terminal is as it was.
local function ends(status)
  local out = sees(("\nstatus=%d\n"):format(status))
  assert.is_false(is_alternate())
  assert.equal("1", tmux("display-message", "-p", "#{cursor_flag}"):match "%d")
  is_sane()
  return out
end

local function signal(name)
  host.shell(("kill -%s %s"):format(name, host.read(pid_file)))
end

local function live(...)
  return relay.start("--speed", "2", "--timer", "250000", "--stay", "--once", ...)
end

-- ---- A session ----

local SECOND = 1000000000

--- Threads that open files for a minute, a packet and a window of 500 ms for each half of a second.
-- @tparam[opt=0] integer begin seconds since the Epoch
local function session(begin)
  local packets = {}
  for half = 0, 119 do
    local at = (begin or 0) * SECOND + half * SECOND // 2 + 1000
    local events = {}
    local function add(name, fields)
      events[#events + 1] = { at, name, fields }
      at = at + SECOND // 1000
    end
    for tid = 1, 3 do
      add("sched_switch", { prev_tid = 0, prev_comm = "swapper/0", prev_prio = 20, prev_state = 0,
        next_tid = tid, next_comm = "reader" .. tid, next_prio = 20 })
      for _ = 1, tid do
        add("syscall_entry_openat", { dfd = -100, filename = "/f", flags = 0, mode = 0 })
        at = at + (4 - tid) * SECOND // 100
        add("syscall_exit_openat", { ret = 3 })
      end
      add("sched_switch", { prev_tid = tid, prev_comm = "reader" .. tid, prev_prio = 20,
        prev_state = 1, next_tid = 0, next_comm = "swapper/0", next_prio = 20 })
    end
    if half == 6 then
      add("lttng_statedump_end", {})
    end
    packets[half + 1] = events
  end
  return host.trace { streams = { { cpu = 0, packets = packets } } }
end

local function describe_screen()
  local trace = session()

  setup(function()
    host.shell("mkdir -p " .. folder)
    tmux("new-session", "-d", "-x", "100", "-y", "30", "PS1=shell: sh")
    enter("stty -g >" .. folder .. "/before; echo rea''dy")
    sees "^ready\n"
  end)

  teardown(function()
    host.shell(base .. "kill-server")
  end)

  before_each(function()
    tmux("resize-window", "-x", "100", "-y", "30")
  end)

  after_each(relay.stop_all)

  --- Starts the program, and waits for the first window.
  local function watch(analysis, options)
    start(analysis, live(trace), options)
    sees "\nTimerange: "
    assert.is_true(is_alternate())
  end

  it("draws each window in the place of the one before", function()
    start("cputop", live(trace))
    sees "No interval is complete yet"
    local first = sees "\nTimerange: [^\n]*%.[05]"
    assert.matches("^as of 1970%-01%-01 00:00:%d%d%.%d%d%d, .*lost: 0 events\ncputop", first)
    assert.matches("state incomplete until the statedump", first)
    assert.is_nil(first:find "lag")
    local range = first:match "Timerange: [^\n]*"
    local pattern = range:gsub("%p", "%%%0")
    local second = sees(pattern, true)
    assert.equal(1, select(2, second:gsub("Timerange", "")))
    assert.matches("\nreader3 %(3%)", second)
    sees("incomplete until", true)
    sees " %d+ events/s, "
    press "q"
    local left = ends(0)
    assert.equal(1, select(2, left:gsub("Timerange", "")))
    assert.matches("\nreader3 %(3%)", left)
  end)

  it("shows the lag of what is recorded now", function()
    start("cputop", relay.start("--speed", "1", "--timer", "100000", "--stay", "--once",
      session(os.time())))
    local lag = tonumber(sees("as of %d%d:%d%d:%d%d%.%d%d%d, lag %d+%.%d s, "):match "lag ([%d.]+)")
    assert.is_true(lag < 10, lag)
    press "q"
    ends(0)
    -- The clock of that machine is ahead.
    start("cputop", live(session(os.time() + 120)))
    sees "as of %d%d:%d%d:%d%d%.%d%d%d, lost"
    press "q"
    ends(0)
  end)

  it("fits the window of the terminal, and follows its size", function()
    watch "iolatencytop"
    tmux("resize-window", "-x", "44", "-y", "8")
    local out = sees "lines 1%-5 of %d+"
    for line in out:gmatch "[^\n]+" do
      assert.is_true(utf8.len(line) <= 44, line)
    end
    press "Down"
    sees "lines 2%-6 of"
    press "PageDown"
    sees "lines 6%-10 of"
    press "End"
    sees "lines (%d+)%-(%d+) of %2"
    press "Home"
    sees "lines 1%-5 of"
    tmux("resize-window", "-x", "100", "-y", "30")
    sees "\nBegin +Name +Duration"
    tmux("resize-window", "-x", "8", "-y", "2")
    host.shell "sleep 0.3"
    tmux("resize-window", "-x", "100", "-y", "30")
    sees "\nBegin +Name +Duration"
    press "q"
    ends(0)
  end)

  it("sorts and filters, and shows more or fewer rows", function()
    watch("syscallstats", "--limit 2")
    sees "\nreader3 %(3%) [^\n]*\nreader2"
    press ">"
    sees "sorted by process"
    sees "\nreader1 %(1%) [^\n]*\nreader2"
    press "r"
    sees "sorted by process, reversed"
    sees "\nreader3 %(3%) [^\n]*\nreader2"
    press "<"
    sees("sorted by", true)
    assert.is_nil(shown():find "reader1")
    press "+"
    sees "\nreader1 %(1%)"
    press("-", "-")
    sees("reader2", true)
    press "+"
    sees "reader2"
    press "f"
    sees "\nfilter: _"
    tmux("send-keys", "-l", "Rea")
    sees "\nfilter: Rea_"
    tmux("send-keys", "-l", "der2x")
    sees("reader3", true)
    press("BSpace", "Enter")
    local out = sees "filter: Reader2\n"
    assert.matches("reader2", out)
    assert.is_nil(out:find "reader1")
    press "Escape"
    sees "reader1"
    press "q"
    ends(0)
  end)

  it("shows one analysis after the other, and help", function()
    watch("cputop,iolog:--limit=2,overview")
    sees "%[cputop%] iolog overview"
    press "n"
    sees "cputop %[iolog%] overview"
    sees "I/O operations log %(2 of 6%)"
    press "Tab"
    sees "cputop iolog %[overview%]"
    press "?"
    sees "\nn, Tab +show the next analysis"
    press "h"
    sees "\nWhat stands out"
    press "n"
    sees "%[cputop%] iolog overview"
    press "q"
    ends(0)
  end)

  it("pauses, and goes on with the newest window", function()
    watch "cputop"
    press "Space"
    local range = sees("PAUSED"):match "Timerange: [^\n]*"
    local before = shown():match "as of [%d:. -]*"
    sees(before:gsub("%p", "%%%0"), true)
    host.shell "sleep 1"
    assert.equal(range, shown():match "Timerange: [^\n]*")
    press "s"
    sees "PAUSED   .*sorted by"
    press "Space"
    sees(range:gsub("%p", "%%%0"), true)
    press "q"
    ends(0)
  end)

  it("ends when the session does, and after --count windows", function()
    start("cputop", relay.start("--once", host.small_trace()))
    local out = ends(0)
    assert.matches("Timerange: %[1970%-01%-01 00:00:00%.001", out)
    start("cputop", live(trace), "--count 2")
    out = ends(0)
    assert.matches("Timerange: %[1970%-01%-01 00:00:00%.500001000, 00:00:01%.000001000%]", out)
    assert.equal(1, select(2, out:gsub("Timerange", "")))
  end)

  it("restores the terminal after Ctrl-C and signals", function()
    watch "cputop"
    press "C-c"
    assert.matches("Timerange", ends(0))
    for _, name in ipairs { "TERM", "HUP", "INT" } do
      watch "cputop"
      signal(name)
      assert.matches("Timerange", ends(0))
    end
    -- Sanitizers handle crashes by themselves.
    for name, status in pairs { QUIT = 131, SEGV = not is_sanitized and 139 or nil } do
      watch "cputop"
      signal(name)
      ends(status)
    end
  end)

  it("restores the terminal where nothing looks at Ctrl-C", function()
    local busy = host.script([[
      return require "lttnga.analysis" { title = "Busy", on = { sched_switch = function(time)
        while time > 1000000000 do end
      end }, tables = {
        { "t", "T", { { "N", "number", "n" } }, rows = function() return { { n = 1 } } end } } }
    ]])
    watch(busy)
    sees "00:00:00%.500001000%]"
    host.shell "sleep 1"
    press "C-c"
    host.shell "sleep 0.3"
    assert.is_true(is_alternate())
    press "C-c"
    -- The shell takes that for a Ctrl-C of its own, and goes no further.
    sees "shell:"
    assert.is_false(is_alternate())
    is_sane()
  end)

  it("restores the terminal before it reports what is wrong", function()
    local faulty = host.script([[
      return require "lttnga.analysis" { title = "Faulty", on = { sched_switch = function(time)
        if time > 1000000000 then error("boom") end
      end }, tables = {
        { "t", "T", { { "N", "number", "n" } }, rows = function() return { { n = 1 } } end } } }
    ]], "faulty.lua")
    start(faulty, live(trace))
    assert.matches("lttnga%-run: [^\n]*faulty.lua:2: ", ends(1))
    start("cputop", relay.start("--once", "--speed", "10", "--drop-after", "150", trace))
    -- What was shown stays above that.
    assert.matches("\nTotal CPU Usage: [^\n]*\nlttnga%-run: [^\n]*closed the connection", ends(1))
  end)

  it("gives the terminal back while it is stopped", function()
    watch "cputop"
    press "C-z"
    sees "Stopped"
    assert.is_false(is_alternate())
    enter "fg"
    sees "\ncputop.*\nTimerange: "
    assert.is_true(is_alternate())
    press "q"
    sees "shell:"
    assert.is_false(is_alternate())
  end)

  it("is not used where text is for something else", function()
    for _, option in ipairs { "--classic", "--output csv", "-o /dev/tty" } do
      start("cputop", live(trace), option .. " --count 1")
      assert.is_false(is_alternate())
      ends(0)
    end
  end)
end

describe("the live screen", function()
  if has_tmux then
    describe_screen()
  else
    pending "tmux is not installed"
  end
end)

describe("--count", function()
  local trace = session()

  after_each(relay.stop_all)

  it("ends a live session that is not on a terminal", function()
    local port = live(trace)
    local result = host.run_as_is("cputop", "--refresh", "500ms", "-c", "2",
      relay.url(port, "live"))
    assert.equal(0, result.status, result.err)
    local whole = host.run_as_is("cputop", "--refresh", "500ms", "--no-intersection", trace).out
    assert.equal(2, select(2, result.out:gsub("Timerange", "")))
    assert.equal(whole:sub(1, #result.out), result.out)
    assert.is_nil(result.out:find "\27")
  end)

  it("writes each window at once", function()
    local port = live(trace)
    local out = host.path "out"
    local result = host.shell(("%s/lttnga-run cputop --refresh 500ms -c 3 %s >%s & "
      .. "while ! grep -q Timerange %s; do sleep 0.02; done; kill -0 $! && grep -c Timerange %s; "
      .. "wait $!"):format(build, relay.url(port, "live"), out, out, out))
    assert.equal(0, result.status)
    assert.equal("1\n", result.out)
    assert.equal(3, select(2, host.read(out):gsub("Timerange", "")))
  end)

  it("ends a run over files, in each format", function()
    local function ranges(output)
      return host.run_as_is("cputop", "--refresh", "500ms", "--count", "2", "--output", output,
        trace).out
    end
    assert.equal(2, select(2, ranges("text"):gsub("Timerange", "")))
    local begins, n = {}, 0
    for begin in ranges("json"):gmatch '"begin":(%d+)' do
      n = n + (begins[begin] and 0 or 1)
      begins[begin] = true
    end
    assert.equal(2, n)
    local all = host.run_as_is("cputop", "--refresh", "10s", "--count", "9", trace)
    assert.equal(host.run_as_is("cputop", "--refresh", "10s", trace).out, all.out)
  end)

  it("needs intervals", function()
    for message, words in pairs {
      ["--count needs --refresh"] = { "--count", "2" },
      ["must be above 0"] = { "--count", "0", "--refresh", "1" },
      ["--count cannot be used with --partial"] =
        { "--count", "2", "--refresh", "1", "--partial", "x" },
    } do
      local all = { "cputop", table.unpack(words) }
      all[#all + 1] = trace
      local result = host.run_as_is(table.unpack(all))
      assert.equal(2, result.status)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)
end)
