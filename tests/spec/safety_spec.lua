--- Traces and scripts of strangers: whatever they do, there is a result, or one line that says what
-- is wrong.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"
local us = 1000

--- Runs the program in a shell that has been told something first.
local function run_after(first, ...)
  local words = {}
  for i, word in ipairs { build .. "/lttnga-run", ... } do
    words[i] = host.quote(word)
  end
  return host.shell(("%s; %s"):format(first, table.concat(words, " ")))
end

describe("of a trace", function()
  it("fields may lie deep in each other", function()
    local depth = 60
    local structs = { "struct s0 { integer { size = 8; align = 8; } a; };" }
    for i = 1, depth - 1 do
      structs[i + 1] = ("struct s%d { struct s%d a; };"):format(i, i - 1)
    end
    local folder = ctf.write { streams = { { id = 0, events = {
        { id = 0, name = "deep", fields = ctf.struct { { "x", ctf.u(8) } } },
        { id = 1, name = "sched_switch", fields = ctf.struct { { "next_tid", ctf.u(32) } } } } } },
      files = { { "chan_0", stream = 0, instance = 0, cpu = 0, packets = { { from = 1 * us,
        to = 9 * us, { 2 * us, "deep", { x = 7 } } } } } },
      metadata = function(trace)
        local text, n = ctf.tsdl(trace):gsub("integer {[^{}]*} _?x;",
          ("struct s%d x;"):format(depth - 1))
        assert.equal(1, n)
        return (text:gsub("\n", "\n" .. table.concat(structs, "\n") .. "\n", 1))
      end }
    local script = host.script [[
      return require "lttnga.analysis" { title = "deep",
        on = { deep = function(w, event)
          local at, n = event:copy().x, 0
          while type(at) == "table" do
            at, n = at.a, n + 1
          end
          w.text = n .. " " .. at
        end },
        tables = { { "t", "T", { { "Text", "string" } },
          rows = function(w) return { { w.text } } end } } }
    ]]
    local result = host.run(script, "--no-cache", folder)
    assert.equal(0, result.status, result.err)
    assert.matches("\n" .. depth .. " 7\n", result.out)
  end)

  it("events may be lost just before somebody frees memory who is not known", function()
    local folder = host.trace { streams = { { cpu = 0, packets = {
      { { 1 * us, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" } } },
      { lost = 5, { 9 * us, "mm_vmscan_direct_reclaim_begin", { order = 0 } },
        { 10 * us, "mm_page_free", { page = 1, order = 3 } },
        { 11 * us, "mm_vmscan_direct_reclaim_end", { nr_reclaimed = 5 } } },
    } } } }
    local result = host.run("writeback", "--no-cache", folder)
    assert.equal(0, result.status, result.err)
    assert.matches("direct +1 +5 ", result.out)
  end)
end)

describe("a script", function()
  local function run(source)
    return host.run(host.script(source), "--no-cache", host.small_trace())
  end

  it("can't get at the metatables of our objects, nor end them", function()
    local result = run [[
      local acc = require "lttnga.accumulators"
      local sorted = require "lttnga.sorted"
      return require "lttnga.analysis" { title = "x",
        begin = function(w)
          w.n, w.refused = 0, 0
          w.t, w.top, w.s = acc.totals(), acc.top(2), acc.stats(true)
        end,
        collect = { { "syscall_exit", "name", "duration", into = "t" },
          { "syscall_exit", "name", "duration", "procname", into = "top" },
          { "syscall_exit", "duration", into = "s" } },
        on = { syscall_exit = function(w)
          for _, object in ipairs { w.t, w.top, w.s, acc.group(true), sorted.new() } do
            w.n = w.n + (type(getmetatable(object)) == "string" and 1 or 0)
            local meta = debug.getmetatable(object)
            if meta.__gc then
              w.refused = w.refused + (pcall(meta.__gc, object) and 0 or 1)
            end
          end
        end },
        tables = { { "t", "T", { { "N" }, { "Refused" }, { "Count" } },
          rows = function(w) return { { w.n, w.refused, w.s:count() } } end } } }
    ]]
    assert.equal(0, result.status, result.err)
    assert.matches("\n30 +24 +6\n", result.out)
  end)

  it("can use what the collector has ended: it is told so", function()
    local result = run [[
      local acc = require "lttnga.accumulators"
      local last = setmetatable({}, { __gc = function(self)
        for _, object in ipairs(self) do
          local ok, message = pcall(object[1], object[2], "key", 1)
          io.stderr:write(tostring(ok), " ", tostring(message), "\n")
        end
      end })
      local group, stats, totals = acc.group(true), acc.stats(true), acc.totals()
      group:add("key", 1)
      last[1], last[2] = { group.add, group }, { stats.add, stats }
      last[3] = { totals.save, totals }
      return require "lttnga.analysis" { title = "x", on = {}, tables = {} }
    ]]
    assert.equal(0, result.status, result.err)
    local count = select(2, result.err:gsub("false [^\n]+", ""))
    assert.equal(3, count, result.err)
  end)

  it("can't make the program believe in lists that are not there", function()
    local result = run [[
      local list = setmetatable({ "/nowhere" }, { __len = function() return (1 << 61) - 1 end })
      local trace, message = require "lttnga.host".open(list)
      print(trace, message)
      return require "lttnga.analysis" { title = "x", on = {}, tables = {} }
    ]]
    assert.equal(0, result.status, result.err)
    assert.matches("nil\t[^\n]*/nowhere", result.out)
  end)
end)

describe("a file in the current folder", function()
  local trace = host.small_trace()

  --- Runs the program in a folder where `files` lie, { name = source }.
  local function run_among(files, ...)
    local folder = host.path("here")
    os.execute("mkdir -p " .. folder .. "/" .. "lttnga")
    for name, source in pairs(files) do
      local file = assert(io.open(folder .. "/" .. name, "w"))
      file:write(source)
      file:close()
    end
    local program = host.shell("realpath " .. build .. "/lttnga-run").out:gsub("\n", "")
    local words = { program }
    for _, word in ipairs { ... } do
      words[#words + 1] = word
    end
    return host.shell(("cd %s; export LUA_PATH='./?.lua;./?/init.lua;;'; %s"):format(
      folder, table.concat(words, " ")))
  end

  local evil = 'print "EVIL"; os.exit(0)'
  local names = { "iolatencystats", "iolog", "index", "info", "cputop" }

  --- Whatever is asked for, nothing of these runs.
  local function check_stock(expected, ...)
    local files = {}
    for _, name in ipairs(names) do
      files[name], files[name .. ".lua"] = evil, evil
    end
    for _, name in ipairs { "dkjson", "lttnga/cli", "lttnga/session", "lttnga/render_json" } do
      files[name .. ".lua"] = evil
    end
    local result = run_among(files, ...)
    assert.is_nil(result.out:find("EVIL"), result.out)
    assert.matches(expected, result.out .. result.err)
    return result
  end

  it("does not run in the place of a stock analysis", function()
    local result = check_stock("Syscalls latency", "iolatencystats", "--no-cache", trace)
    assert.equal("lttnga-run: note: running the analysis 'iolatencystats'; to run the file of "
      .. "this name here, use ./iolatencystats\n", result.err)
    check_stock("Syscalls latency", "iolatencystats.lua", "--no-cache", trace)
    check_stock('"table"', "iolatencystats", "--output", "json", "--no-cache", trace)
    check_stock("Syscalls latency", "cputop,iolatencystats", "--no-cache", trace)
    check_stock("openat", "iolatencytop", "--log", "--no-cache", trace)
    check_stock("Usage: lttnga%-run index", "index", "--help")
    check_stock("Options", "--help", "iolatencystats")
    check_stock("Options", "iolatencystats", "--help")
    check_stock("lttnga.analysis", "--show", "iolatencystats")
    check_stock("Syscalls latency", "-e", [['print(analyse "iolatencystats")']], "--no-cache",
      trace)
    check_stock("Syscalls latency", "-i", "iolatencystats", "--no-cache", trace, "</dev/null")
  end)

  it("does not run under the names of lttng-analyses", function()
    local link = host.path("link")
    local program = host.shell("realpath " .. build .. "/lttnga-run").out:gsub("\n", "")
    os.execute(("mkdir %s; ln -s %s %s/lttng-iolatencystats-mi"):format(link, program, link))
    local here = host.path("mi")
    os.execute("mkdir " .. here)
    local file = assert(io.open(here .. "/iolatencystats", "w"))
    file:write(evil)
    file:close()
    local result = host.shell(("cd %s; %s/lttng-iolatencystats-mi --metadata"):format(here, link))
    assert.equal(0, result.status, result.err)
    assert.matches("table%-classes", result.out)
  end)

  it("runs by its path, or by a name of its own that ends in .lua", function()
    local script = 'return require "lttnga.analysis" { title = "mine", on = {}, tables = {} }'
    assert.equal(0, run_among({ ["mine.lua"] = script }, "mine.lua", "--no-cache", trace).status)
    assert.equal(0, run_among({ cputop = script }, "./cputop", "--no-cache", trace).status)
    local result = run_among({ mine = script }, "mine", "--no-cache", trace)
    assert.equal(2, result.status)
    assert.matches("unknown analysis 'mine'; to run the file of this name here, use %./mine",
      result.err)
  end)

  it("may be what the output goes to", function()
    local result = run_among({}, "cputop", "--no-cache", trace, "> cputop && cat cputop")
    assert.equal(0, result.status, result.err)
    assert.equal("", result.err)
    assert.matches("Per%-TID", result.out)
  end)

  it("is no module of ours", function()
    local result = run_among({ ["lttnga/mine.lua"] = "return {}",
      ["x.lua"] = 'require "lttnga.mine"' }, "x.lua", "--no-cache", trace)
    assert.equal(1, result.status)
    assert.matches("x.lua:1: cannot load module 'lttnga.mine'", result.err)
  end)
end)

describe("the program ends with one line", function()
  it("without memory", function()
    if (os.getenv "SANITIZE" or "") ~= "" then
      return -- sanitizers need more than there is here
    end
    local script = host.script [[
      local acc = require "lttnga.accumulators"
      local totals = acc.group(true), 0
      return require "lttnga.analysis" { title = "x",
        on = { syscall_exit = function() for i = 1, 1000000 do totals:add(i, i) end end },
        tables = {} }
    ]]
    local trace = host.small_trace()
    local result = run_after("ulimit -v 100000", script, "--no-cache", trace)
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: [^\n]*not enough memory[^\n]*\n", result.err)
    -- GLib has no way to say it to whoever wants memory.
    -- With less, the loader of libraries fails in its own ways.
    for limit = 16000, 40000, 500 do
      result = run_after("ulimit -v " .. limit, "cputop", "--no-cache", "--threads", "1",
        build .. "/example-trace")
      assert.is_true(result.status <= 1 or result.status == 127, result.err)
      assert.is_nil(result.err:find("GLib", 1, true))
    end
  end)

  it("when a file may not become larger", function()
    local result = run_after("ulimit -f 1", "iolog", "--no-cache", build .. "/example-trace")
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: cannot write the results: File too large\n$", result.err)
  end)

  it("and accuses libbabeltrace2 of what that has done only", function()
    local script = host.script 'os.execute "kill -ABRT $PPID"'
    local result = run_after("true", script, "--no-cache", host.small_trace())
    assert.equal(1, result.status)
    assert.equal("lttnga-run: internal error (see above): please report it\n",
      result.err)
  end)
end)

describe("what programs hand over", function()
  it("may be no trace at all, or a list that says it has no end", function()
    local script = host.write([[
      require "lttnga"
      local host = require "lttnga.host"
      print(host.open {})
      local endless = setmetatable({ "/a" }, { __index = function() return "/a" end })
      print(host.digest(endless, "x") == host.digest({ "/a" }, "x"))
      ]], "program.lua")
    local result = host.lua(script)
    assert.equal("nil\tno trace to read\ntrue\n", result.out)
  end)
end)
