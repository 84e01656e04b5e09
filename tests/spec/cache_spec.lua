--- Saved states as files: how much room they take, what goes first, and what `lttnga-run cache`
-- says and removes.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

--- Runs lttnga-run with variables set: env { NAME = value }, then its arguments.
local function with(env, ...)
  local words = { "TZ=UTC" }
  for name, value in pairs(env) do
    words[#words + 1] = ("%s=%s"):format(name, host.quote(value))
  end
  words[#words + 1] = build .. "/lttnga-run"
  for _, word in ipairs { ... } do
    words[#words + 1] = host.quote(word)
  end
  return host.shell(table.concat(words, " "))
end

local function shell(format, ...)
  local result = host.shell(format:format(...))
  assert.equal(0, result.status, result.err)
  return result.out
end

--- The names in a folder, hidden ones too.
local function names_in(folder)
  local names = {}
  for name in shell("ls -A %s", folder):gmatch "[^\n]+" do
    names[#names + 1] = name
  end
  return names
end

--- A folder with copies of a small trace, called so; and where their states are to be.
local function traces(...)
  local folder, made = host.path "traces", host.small_trace()
  shell("mkdir -p %s", folder)
  for _, name in ipairs { ... } do
    shell("cp -r %s %s/%s", made, folder, name)
  end
  return folder, host.path "cache"
end

--- Saves the states of a trace; returns the path of the file.
local function index(cache, trace, limit)
  local result = with({ LTTNGA_CACHE_SIZE = limit or "" }, "index", "--cache", cache, trace)
  assert.equal("", result.err)
  assert.equal(0, result.status)
  return (result.out:match " in (%S+%.state)\n$")
end

--- Makes a file look as if it had been used so many days ago.
local function age(path, days)
  shell("touch -d '%d days ago' %s", days, path)
end

--- What is listed, by the last part of the trace's path.
local function list(cache, ...)
  local result = with({}, "cache", "--cache", cache, "--output", "json", ...)
  assert.equal(0, result.status, result.err)
  local rows, order = {}, {}
  for line in result.out:gmatch "[^\n]+" do
    local row = assert(json.decode(line))
    assert.equal("Saved states", row.table)
    local name = (row.traces and row.traces[1] or row.file):match "[^/]*$"
    rows[name], order[#order + 1] = row, name
  end
  return rows, order
end

--- Sets bytes of a file's header, and makes its checksum fit again.
local function change_header(path, change)
  local file <close> = assert(io.open(path, "rb"))
  local bytes = file:read "a"
  local length = ("<I4"):unpack(bytes, 9)
  local header = change(bytes:sub(45, 44 + length))
  assert.equal(length, #header)
  local sum = shell("sha256sum %s", host.write(header, "header")):sub(1, 64)
  local out <close> = assert(io.open(path, "wb"))
  out:write(bytes:sub(1, 12), (sum:gsub("%x%x", function(hex)
    return string.char(tonumber(hex, 16))
  end)), header, bytes:sub(45 + length))
end

--- Makes a file one of another version of the program.
local function make_other(path)
  change_header(path, function(header)
    local place = header:find "%d+%-%d+" -- what stands for the sources of the model
    return header:sub(1, place - 1) .. (header:byte(place) == 49 and "2" or "1")
      .. header:sub(place + 1)
  end)
end

describe("lttnga-run cache", function()
  it("lists what is saved, what was used last first", function()
    local folder, cache = traces("one", "two")
    age(index(cache, folder .. "/one"), 2)
    local path = index(cache, folder .. "/two")
    index(cache, example)
    age(path, 1)
    local rows, order = list(cache)
    assert.same({ "example-trace", "two", "one" }, order)
    assert.same({ shell("realpath %s/two", folder):gsub("\n", "") }, { rows.two.traces[1], 1 })
    assert.equal("ok", rows.two.state)
    assert.equal(tonumber(shell("stat -c %%s %s", path)), rows.two.size)
    assert.equal(path, rows.two.file)
    assert.is_true(math.abs(rows.two.last_used / 1e9 + 86400 - os.time()) < 100)
    local text = with({}, "cache", "--gmt", "--cache", cache).out
    assert.matches("^Saved states\nTrace +Holds +Size +Last used +State\n%-+\n/%S+/example%-trace +"
      .. "states +[%d.]+ KiB +%d+%-%d%d%-%d%d %d%d:%d%d:%d%d%.%d+  ok\n/%S+/two +", text)
    assert.matches("\n3 files, [%d.]+ KiB, in %S+ %(limit: 1%.00 GiB%)\n$", text)
    local csv = host.csv(with({}, "cache", "--cache", cache, "--output", "csv", "--sort", "size",
      "--columns", "size,state").out)
    assert.same({ "Table", "Size (bytes)", "State" }, { table.unpack(csv[1]) })
    assert.equal(4, #csv)
    assert.is_true(tonumber(csv[2][2]) > tonumber(csv[3][2]))
  end)

  it("lists the states of a trace, or of all traces below a folder", function()
    local folder, cache = traces("one", "two")
    for _, name in ipairs { "one", "two" } do
      index(cache, folder .. "/" .. name)
    end
    index(cache, example)
    local _, order = list(cache, folder .. "/one")
    assert.same({ "one" }, order)
    assert.equal(2, #select(2, list(cache, folder)))
    assert.equal(3, #select(2, list(cache, "/")))
    -- The name of a trace is a whole one; links lead to it.
    assert.equal(0, #select(2, list(cache, folder .. "/on")))
    shell("ln -s one %s/link", folder)
    assert.equal(1, #select(2, list(cache, folder .. "/link/../link")))
    local result = with({}, "cache", "--cache", cache, "/nowhere")
    assert.equal(0, result.status)
    assert.matches("note: no saved states of /nowhere\n", result.err)
    assert.matches("^0 files, 0 B, in ", result.out)
  end)

  it("says what has become of traces and files", function()
    local folder, cache = traces("good", "grown", "gone", "other", "old", "cut", "closed")
    local paths = {}
    for _, name in ipairs { "good", "grown", "gone", "other", "old", "cut", "closed" } do
      paths[name] = index(cache, folder .. "/" .. name)
    end
    shell("for f in %s/grown/*; do case $f in *metadata) ;; *) printf x >>$f;; esac; done", folder)
    shell("rm -r %s/gone %s/closed/metadata", folder, folder)
    make_other(paths.other)
    -- A file of an earlier format: what stands behind its number is not known.
    change_header(paths.old, function(header) return "\2" .. header:sub(2) end)
    shell("truncate -s -1 %s", paths.cut)
    shell("printf LTTNGAcp >%s/.new-17-abcdef; printf LTTNGAcp >%s/.new-18-abcdef", cache, cache)
    age(cache .. "/.new-18-abcdef", 1)
    local states = {}
    for name, row in pairs((list(cache))) do
      states[name] = row.state
    end
    assert.same({ good = "ok", grown = "trace changed", gone = "trace is gone",
      other = "other version", [paths.old:match "[^/]*$"] = "other version",
      [paths.cut:match "[^/]*$"] = "damaged",
      closed = "trace cannot be read", [".new-17-abcdef"] = "being written",
      [".new-18-abcdef"] = "left over" }, states)
    local text = with({}, "cache", "--cache", cache).out
    assert.matches("\n%? +states +%d+   B +%S+ %S+  other version\n", text)
    -- That was a look only.
    assert.equal(9, #names_in(cache))
  end)

  it("believes nothing that the head of a file says", function()
    local folder, cache = traces("one")
    local path = index(cache, folder .. "/one")
    local bytes, states = host.read(path), {}
    math.randomseed(7)
    for i = 1, 60 do
      local out <close> = assert(io.open(path, "wb"))
      out:write(bytes)
      out:close()
      change_header(path, function(header)
        local at = i <= #header and i or math.random(#header)
        return header:sub(1, at - 1) .. string.char(math.random(0, 255)) .. header:sub(at + 1)
      end)
      local rows = list(cache)
      local _, row = next(rows)
      states[row.state] = (states[row.state] or 0) + 1
    end
    assert.is_true((states["other version"] or 0) > 5)
    assert.is_true((states["trace is gone"] or 0) + (states.damaged or 0) > 5)
  end)

  it("tells how a trace was read", function()
    local folder, cache = traces("one")
    index(cache, folder .. "/one")
    local result = with({}, "index", "--no-intersection", "--cache", cache, folder .. "/one")
    assert.equal(0, result.status)
    assert.equal(2, #names_in(cache))
    local text = with({}, "cache", "--cache", cache).out
    assert.matches("/one %(%-%-no%-intersection%) +states +%d+   B +%S+ %S+  ok\n", text)
    assert.matches("/one  +states +%d+   B +%S+ %S+  ok\n", text)
  end)

  it("removes the states of traces, also of those that are gone", function()
    local folder, cache = traces("one", "two", "three")
    for _, name in ipairs { "one", "two", "three" } do
      index(cache, folder .. "/" .. name)
    end
    shell("rm -r %s/two", folder)
    local result = with({}, "cache", "--remove", folder .. "/two", folder .. "/one", "--cache",
      cache)
    assert.matches("^removed 2 files %([%d.]+ %S+%)\n$", result.out)
    assert.same({ "three" }, select(2, list(cache)))
    result = with({}, "cache", "--cache", cache, "--remove", folder .. "/three", folder .. "/one")
    assert.equal(1, result.status)
    assert.matches("no saved states of %S+/one\n", result.err)
    assert.same({ "three" }, select(2, list(cache)))
  end)

  it("prunes what is of no use, and what is over the limit", function()
    local folder, cache = traces("good", "used", "grown", "gone", "other")
    local paths = {}
    for i, name in ipairs { "good", "used", "grown", "gone", "other" } do
      paths[name] = index(cache, folder .. "/" .. name)
      age(paths[name], 20 - i)
    end
    shell("rm -r %s/gone; touch %s/grown/metadata; printf LTTNGAcp >%s/.new-18-abcdef", folder,
      folder, cache)
    age(cache .. "/.new-18-abcdef", 1)
    make_other(paths.other)
    assert.matches("^removed 4 files ", with({}, "cache", "--prune", "--cache", cache).out)
    assert.same({ "used", "good" }, select(2, list(cache)))
    local size = list(cache).good.size
    assert.matches("^removed 1 file ", with({ LTTNGA_CACHE_SIZE = tostring(size) }, "cache",
      "--prune", "--cache", cache).out)
    assert.same({ "used" }, select(2, list(cache)))
    assert.equal("removed 0 files (0 B)\n", with({}, "cache", "--prune", "--cache", cache).out)
  end)

  it("sees and removes only what is ours", function()
    local folder, cache = traces("one")
    local path = index(cache, folder .. "/one")
    local outside = index(host.path "cache", example)
    local name = "trace-0123456789abcdef0123.state"
    -- Another content, another name, links, a folder, and names that are nearly ours.
    shell("cd %s; echo letter >%s; cp %s keep.state; cp %s .newer-1-abcdef; cp %s .new-1-abcdefg; "
      .. "ln -s %s link-0123456789abcdef0123.state; mkdir dir-0123456789abcdef0123.state; "
      .. "cp %s x0123456789abcdef0123.state; ln -s %s .new-1-abcdef", cache, name, path, path, path,
      outside, path, outside)
    assert.same({ "one" }, select(2, list(cache)))
    assert.matches("^removed 1 file ", with({}, "cache", "--clear", "--cache", cache).out)
    assert.equal(8, #names_in(cache))
    index(cache, folder .. "/one", "2K")
    assert.equal(9, #names_in(cache))
    assert.is_true(#host.read(outside) > 1000)
  end)

  it("clears all, and is content with an empty folder, and none", function()
    local folder, cache = traces("one", "two")
    index(cache, folder .. "/one")
    index(cache, folder .. "/two")
    shell("printf LTTNGAcp >%s/.new-17-abcdef; : >%s/.new-18-abcdef", cache, cache)
    assert.matches("^removed 4 files ", with({}, "cache", "--clear", "--cache", cache).out)
    assert.same({}, names_in(cache))
    for _, place in ipairs { cache, cache .. "/none" } do
      local result = with({}, "cache", "--cache", place)
      assert.equal("", result.err)
      assert.matches("^0 files, 0 B, in %S+ %(limit: 1%.00 GiB%)\n$", result.out)
      assert.equal("removed 0 files (0 B)\n", with({}, "cache", "--clear", "--cache", place).out)
    end
  end)

  it("refuses what makes no sense", function()
    for _, one in ipairs {
      { "cache %-%-remove needs a trace: lttnga%-run cache %-%-remove TRACE", "--remove" },
      { "%-%-clear is for all traces", "--clear", "trace" },
      { "%-%-prune is for all traces", "--prune", "trace" },
      { "%-%-remove and %-%-clear cannot be used together", "--clear", "--remove", "trace" },
      { "must be text, csv or json, not 'html'", "--output", "html" },
      { "unknown option %-%-refresh", "--refresh", "1" },
      { "unknown name 'siez' %(did you mean 'size'%?%)", "--sort", "siez" },
    } do
      local result = with({}, "cache", table.unpack(one, 2))
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.matches(one[1], result.err)
    end
    local result = with({ LTTNGA_CACHE_SIZE = "much" }, "cache")
    assert.equal(2, result.status)
    assert.matches("LTTNGA_CACHE_SIZE: invalid size 'much': .*; or unlimited\n", result.err)
    result = host.shell(("env -u HOME -u XDG_CACHE_HOME %s/lttnga-run cache"):format(build))
    assert.equal(1, result.status)
    assert.matches("no directory for saved states: neither HOME nor XDG_CACHE_HOME is set",
      result.err)
  end)

  it("is a command unless a script is called so, whatever is in the current folder", function()
    local place = host.path "xdg"
    local here = host.path "here"
    shell("mkdir -p %s/lttnga/analyses %s/cache %s/index", place, here, here)
    shell("cp -r %s %s/cache/; cp -r %s %s/index/", example, here, example, here)
    local run = ("cd %s; XDG_DATA_HOME=%s %s/lttnga-run"):format(here, place,
      shell("realpath %s", build):gsub("\n", ""))
    assert.matches("^0 files, ", shell("%s cache --cache none", run))
    assert.matches("^saved %d+ states", shell("%s index --cache made index/", run))
    assert.matches("^Usage: lttnga%-run cache ", shell("%s cache --help", run))
    assert.matches("^Usage: lttnga%-run cache ", shell("%s --help cache", run))
    -- A folder is a trace if it is named as one.
    assert.matches("Timerange", shell("%s cache/", run))
    local file = assert(io.open(place .. "/lttnga/analyses/cache.lua", "w"))
    file:write([[return require "lttnga.analysis" { title = "Mine", on = {},
      tables = { { "mine", "My cache", { { "Value" } },
        rows = function() return { { "x" } } end } } }]])
    file:close()
    assert.matches("My cache\nValue", shell("%s cache cache/", run))
  end)
end)

describe("saved states", function()
  --- Runs an analysis of a part.
  local function use(cache, trace, env)
    local result = with(env or {}, "iolatencystats", "--cache", cache, "--begin", "00:00:00.004",
      trace)
    assert.equal("", result.err)
    assert.equal(0, result.status)
  end

  it("are marked when they are used, and only then", function()
    local folder, cache = traces("one")
    local trace = folder .. "/one"
    local path = index(cache, trace)
    local function days()
      return (os.time() - tonumber(shell("stat -c %%Y %s", path))) // 86400
    end
    for _, does in ipairs {
      { 0, use, cache, trace },
      { 0, with, {}, "-e", "go 'end'", "--cache", cache, trace },
      { 0, with, {}, "index", "--cache", cache, trace },
      { 9, with, {}, "iolatencystats", "--cache", cache, trace },
      { 9, with, {}, "info", "--cache", cache, trace },
      { 9, with, {}, "cache", "--cache", cache },
      { 9, with, {}, "iolatencystats", "--no-cache", "--begin", "00:00:00.004", trace },
    } do
      age(path, 9)
      does[2](table.unpack(does, 3))
      assert.equal(does[1], days())
    end
  end)

  it("stay within the limit: what was not used for the longest time goes", function()
    local folder, cache = traces("a", "b", "c", "d")
    local paths = {}
    for i, name in ipairs { "a", "b", "c" } do
      paths[name] = index(cache, folder .. "/" .. name)
      age(paths[name], 10 - i)
    end
    local size = list(cache).a.size
    use(cache, folder .. "/a")
    local three = tostring(3 * size + 20)
    index(cache, folder .. "/d", three)
    assert.same({ "d", "a", "c" }, select(2, list(cache)))
    -- What is there already takes no room beside itself.
    shell("rm -r %s/d; cp -r %s/a %s/d", folder, folder, folder)
    local result = with({ LTTNGA_CACHE_SIZE = three }, "index", "--cache", cache, folder .. "/d")
    assert.matches("are removed: .* the trace has changed", result.err)
    assert.same({ "d", "a", "c" }, select(2, list(cache)))
    index(cache, folder .. "/b", tostring(size + 20))
    assert.same({ "b" }, select(2, list(cache)))
  end)

  it("go first if they are of other versions, then if the trace is gone", function()
    local folder, cache = traces("old", "gone", "other", "more", "last")
    local paths = {}
    for i, name in ipairs { "old", "gone", "other" } do
      paths[name] = index(cache, folder .. "/" .. name)
      age(paths[name], 10 - i)
    end
    make_other(paths.other)
    shell("rm -r %s/gone", folder)
    local three = tostring(3 * list(cache).old.size + 20)
    index(cache, folder .. "/more", three)
    assert.same({ "more", "gone", "old" }, select(2, list(cache)))
    index(cache, folder .. "/last", three)
    assert.same({ "last", "more", "old" }, select(2, list(cache)))
  end)

  it("have no limit if that is unlimited", function()
    local folder, cache = traces("one", "two")
    index(cache, folder .. "/one")
    index(cache, folder .. "/two", "unlimited")
    assert.equal(2, #names_in(cache))
    assert.matches("%(no limit%)", with({ LTTNGA_CACHE_SIZE = "unlimited" }, "cache", "--cache",
      cache).out)
  end)

  it("are fewer where they would not fit, and none if that is not enough", function()
    local _, cache = traces()
    local path = index(cache, example)
    local whole, size = list(cache), tonumber(shell("stat -c %%s %s", path))
    shell("rm %s", path)
    index(cache, example, tostring(size // 4))
    local part = list(cache)
    assert.is_true(part["example-trace"].size <= size // 4)
    assert.is_true(part["example-trace"].size > size // 10)
    assert.equal("ok", whole["example-trace"].state)
    assert.matches("Saved states +%d+", with({}, "info", "--cache", cache, example).out)
    shell("rm %s", path)
    for _, limit in ipairs { "0", "300B" } do
      local result = with({ LTTNGA_CACHE_SIZE = limit }, "index", "--cache", cache, example)
      assert.equal(1, result.status)
      assert.matches("note: states of this trace are not saved: they take %d+ B, and all "
        .. "saved states may take %d+ B %(LTTNGA_CACHE_SIZE%)\n.*no states were saved\n",
        result.err)
      assert.same({}, names_in(cache))
    end
  end)

  it("are saved by runs at once, each whole, and within the limit", function()
    local folder, cache = traces("a", "b", "c", "d", "e", "f")
    local size = #host.read(index(cache, folder .. "/a"))
    shell("rm -r %s", cache)
    local commands = {}
    for round = 1, 4 do
      for _, name in ipairs { "a", "b", "c", "d", "e", "f" } do
        commands[#commands + 1] = ("{ %s/lttnga-run index --cache %s %s/%s || echo bad; } >>%s/out "
          .. "2>&1"):format(build, cache, folder, name, folder)
        if round == 3 and name == "c" then
          commands[#commands + 1] = ("%s/lttnga-run cache --clear --cache %s >>%s/cleared"):format(
            build, cache, folder)
        end
      end
    end
    -- As many at once as there are in a line.
    local lines = {}
    for i = 1, #commands, 8 do
      lines[#lines + 1] = table.concat(commands, " & ", i, math.min(i + 7, #commands)) .. " & wait"
    end
    host.shell(("export LTTNGA_CACHE_SIZE=%d; %s"):format(3 * size + 20, table.concat(lines, "\n")))
    local rows, order = list(cache)
    assert.is_true(#order >= 1 and #order <= 3, #order)
    for _, row in pairs(rows) do
      assert.equal("ok", row.state)
    end
    -- What was being written when all was cleared is not there, and that is said.
    local bad = 0
    for line in host.read(folder .. "/out"):gmatch "[^\n]+" do
      bad = bad + (line == "bad" and 1 or 0)
      assert.is_true(line == "bad" or line:find "^saved " ~= nil
        or line:find "^already saved: " ~= nil
        or line:find "cannot be saved: .* No such file" ~= nil
        or line:find "no states were saved" ~= nil, line)
    end
    assert.is_true(bad <= 8, bad)
  end)

  it("leave no partial file where there is no room", function()
    local _, cache = traces()
    -- A file of more than 100 KiB can't be written: where a disk is full the same call fails.
    local result = host.shell(("trap '' XFSZ; ulimit -f 100; %s/lttnga-run index --cache %s %s")
      :format(build, cache, example))
    assert.equal(1, result.status)
    assert.matches("note: states of this trace cannot be saved: .*: File too large\n", result.err)
    assert.equal("", result.out)
    assert.same({}, names_in(cache))
  end)

  it("are free of what killed programs have left, once that is old", function()
    local folder, cache = traces("one")
    shell("mkdir -p %s", cache)
    for name, days in pairs { [".new-1-aaaaaa"] = 1, [".new-2-bbbbbb"] = 0,
        [".new-3-cccccc"] = 1 } do
      shell("printf '%s' >%s/%s", name:find "3" and "" or "LTTNGAcp and more", cache, name)
      age(cache .. "/" .. name, days)
    end
    index(cache, folder .. "/one")
    assert.same({ ".new-2-bbbbbb" }, { names_in(cache)[1] })
    assert.equal(2, #names_in(cache))
  end)
end)

describe("a folder for states that can't be used", function()
  --- A trace of 19 MB: an analysis of the whole saves its states.
  local trace

  setup(function()
    local name, events = ("x"):rep(16000), { cpu = 0 }
    local function add(at, event, fields)
      events[#events + 1] = { 1000000 + at * 1000, event, fields }
    end
    add(0, "sched_switch", { prev_tid = 0, next_tid = 10, next_comm = "app" })
    add(1, "block_rq_issue", { dev = 8388608, sector = 8, nr_sector = 8, rwbs = 1, tid = 10,
      comm = "app" })
    add(2, "block_rq_complete", { dev = 8388608, sector = 8, nr_sector = 8, error = 0 })
    for i = 2, 1200 do
      add(2 * i, "syscall_entry_openat", { dfd = -100, filename = ("/%d/%s"):format(i, name) })
      add(2 * i + 1, "syscall_exit_openat", { ret = i })
    end
    trace = host.trace { streams = { events } }
  end)

  --- Runs it where the folder of all runs is this; what it says.
  local function says(place, ...)
    local result = with({ XDG_CACHE_HOME = place }, ...)
    assert.equal(0, result.status, result.err)
    return result.err, result.out
  end

  it("is not mentioned by runs that save in passing", function()
    local good = host.path "cache"
    assert.equal("", (says(good, "iolatencystats", trace)))
    assert.equal(1, #names_in(good .. "/lttnga"))
    for _, place in ipairs { "/dev/null/x", "/proc/nowhere" } do
      assert.equal("", (says(place, "iolatencystats", trace)))
      assert.equal("", (says(place, "iolatencystats", "--begin", "00:00:00.002", trace)))
    end
    local none = host.shell(("env -u HOME -u XDG_CACHE_HOME %s/lttnga-run iolatencystats %s")
      :format(build, trace))
    assert.equal(0, none.status)
    assert.equal("", none.err)
    -- One that is too small.
    local result = with({ LTTNGA_CACHE_SIZE = "0", XDG_CACHE_HOME = host.path "cache" },
      "iolatencystats", trace)
    assert.equal("", result.err)
  end)

  it("is mentioned where it was asked for, and once by a session", function()
    for _, arguments in ipairs {
      { "iolatencystats", "--cache", "/proc/nowhere", trace },
      { "-e", "go 'end'", "-e", "go 'begin'", "-e", "go 'end'", trace },
    } do
      local err = says("/proc/nowhere", table.unpack(arguments))
      assert.matches("^lttnga%-run: note: states of this trace cannot be saved: [^\n]+\n$", err)
    end
    local result = with({ XDG_CACHE_HOME = "/proc/nowhere" }, "index", trace)
    assert.equal(1, result.status)
    assert.matches("no states were saved", result.err)
  end)

  it("is mentioned by the list", function()
    local _, out = says("/dev/null/x", "cache")
    assert.matches("^0 files, 0 B, in /dev/null/x/lttnga .-\nnothing can be saved there: "
      .. "Not a directory\n$", out)
    local place = host.path "cache"
    shell("mkdir %s; chmod 555 %s", place, place)
    _, out = says(place, "cache")
    assert.equal(shell "id -u" ~= "0\n", out:find "there: Permission denied" ~= nil)
  end)

  it("is not mentioned by runs in passing either if what is there can't be read", function()
    local place = host.path "cache"
    says(place, "iolatencystats", trace)
    local name = names_in(place .. "/lttnga")[1]
    shell("cd %s/lttnga; rm %s; ln -s %s %s", place, name, name, name)
    assert.equal("", (says(place, "iolatencystats", "--begin", "00:00:00.002", trace)))
    assert.matches("are ignored: .*symbolic links", (says(place, "-e", "now()", trace)))
  end)
end)
