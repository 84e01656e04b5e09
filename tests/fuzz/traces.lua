--- Hostile traces through the whole program: they are well-formed, with events that the model
-- knows, whose fields are of odd types, missing, or say odd things, in any order, with losses;
-- some are two sessions of a machine, or traces of two, behind links, without UUID or CPU. Each is
-- read by analyses, in some of the ways there are. Whatever is in them, there is a result or a line
-- that says why there is none.
--
--     lua5.4 tests/fuzz/traces.lua PROGRAM SECONDS [SEED [COUNT]]
--
-- Prints how many traces were read, and fails if one of them brought the program down, took it more
-- than 20 s and 200 MB (100 s if sanitized), or showed a traceback; what was the most memory, if
-- there is GNU time to tell. What failed is kept, and named.
--
-- SPDX-License-Identifier: MIT

package.path = "./?.lua;" .. package.path
local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local program, seconds, seed, count = arg[1], tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local sanitized = program:find("sanitize", 1, true) ~= nil
seed = seed or os.time()

local function pick(list)
  return list[math.random(#list)]
end

local function chance(percent)
  return math.random(100) <= percent
end

-- ---- What events there are ----

--- Names and fields of all events of the model, as events.h has them.
local function known_events()
  local source = host.read "state/events.h":gsub("\\\n", " ")
  local macros, names = {}, {}
  for macro, rest in source:gmatch "#define ([%u%d_]+_FIELDS)%(F[^%)]*%)([^\n]*)" do
    local list = {}
    for kind, spelling in rest:gmatch 'F%([%w_]+,%s*[%w_]+,%s*(%u+),%s*"([^"]*)"%)' do
      list[#list + 1] = { spelling:match "^[^|]*", kind }
    end
    -- One that is made of another.
    macros[macro] = #list > 0 and list or rest:match "([%u%d_]+_FIELDS)%(F"
  end
  for spelling, macro in source:gmatch 'E%([%w_]+,%s*[%w_ |]+,%s*"([^"]*)",%s*([%u%d_]+)' do
    local list = macros[macro]
    list = type(list) == "string" and macros[list] or list
    for name in spelling:gmatch "[^|]+" do
      names[#names + 1] = { name, type(list) == "table" and list or {} }
    end
  end
  assert(#names > 40, "events.h is written in another way: " .. #names)
  return names
end

local calls = { "openat", "open", "read", "write", "close", "dup2", "fcntl", "socket", "connect",
  "accept4", "fsync", "sync", "fdatasync", "sendto", "recvfrom", "mmap", "munmap", "clone",
  "execve",
  "pipe2", "close_range", "unshare", "rename", "unlink", "ftruncate", "io_uring_enter", "splice",
  "copy_file_range", "unknown", "poll", "futex" }

local entry_fields, exit_fields = { { "filename", "STR" } }, { { "fildes", "INTS" } }
for name in ("fd count flags dfd oldfd newfd cmd arg family type max_fd id length"):gmatch "%S+" do
  entry_fields[#entry_fields + 1] = { name, "INT" }
end
for name in ("ret family id"):gmatch "%S+" do
  exit_fields[#exit_fields + 1] = { name, "INT" }
end

local events = known_events()
for _, call in ipairs(calls) do
  events[#events + 1] = { "syscall_entry_" .. call, entry_fields }
  events[#events + 1] = { "syscall_exit_" .. call, exit_fields }
end

-- ---- Types and values ----

local int_types = { ctf.u(8), ctf.u(32), ctf.i(32), ctf.i(32), ctf.i(32), ctf.u(64), ctf.i(64),
  ctf.i(64), ctf.u(13), ctf.i(5) }

local numbers = { math.mininteger, math.mininteger + 1, math.maxinteger, -1, -2, -100, 1 << 31,
  -(1 << 31), 1 << 32, 65535, 65536, 4194304, 4194305, 512, 4096, 8388608, 266338304, 2000000 }

local texts = { "", "app", "/a", "/dev/vda", "swapper/0", "kworker/u4:0-flush-254:0", "jbd2/vda1-8",
  "iou-wrk-10", "8:0", "x86_64", "\27[31m", "\u{e0041}\u{200b}", "=1+1", '"', "a,b", "\xff", "%s%d",
  ("x"):rep(300), "nil", "-1", "/a/b\nc", "{}" }

local function number(type)
  local value = chance(70) and math.random(0, 24) or chance(90) and pick(numbers)
    or math.random(0)
  local mask = type.size == 64 and -1 or (1 << type.size) - 1
  return value & mask
end

--- A type for a field of some kind; now and then of another kind than it should be.
local function type_for(kind)
  if chance(4) then
    kind = pick { "INT", "STR", "INTS", "REAL", "STRUCT" }
  end
  if kind == "STR" or kind == "NAME" then
    return ctf.str()
  elseif kind == "INTS" then
    return ctf.array(pick { 2, 4, 8 }, pick { ctf.u(8), ctf.u(16), ctf.i(32) })
  elseif kind == "REAL" then
    return ctf.real(64)
  elseif kind == "STRUCT" then
    return ctf.struct { { "a", ctf.u(8) }, { "b", ctf.str() } }
  end
  return pick(int_types)
end

local function value_of(type)
  if type.kind == "int" then
    return number(type)
  elseif type.kind == "string" then
    return pick(texts)
  elseif type.kind == "array" then
    local list = {}
    for i = 1, type.length do
      list[i] = number(type.element)
    end
    return list
  elseif type.kind == "real" then
    return pick { 0.0, -1.5, 1e300, 0 / 0, 1 / 0 }
  end
  return { a = 1, b = "x" }
end

--- The fields of an event class: most of those that it should have, and some others.
local function make_fields(list, tells_cpu)
  local members, seen = {}, { cpu_id = true }
  if tells_cpu and chance(90) then
    members[1] = { "cpu_id", pick { ctf.u(8), ctf.u(32), ctf.i(16) } }
  end
  for _, field in ipairs(list) do
    local name = field[1]:gsub("^ctx%.", ""):gsub("%[%d+%]$", "")
    if chance(93) and not seen[name] and not field[1]:find "^ctx%."
      and name:find "^[%a_][%w_]*$" then
      seen[name] = true
      members[#members + 1] = { name, type_for(field[2]) }
    end
  end
  if chance(3) then
    members[#members + 1] = { "extra", type_for "INT" }
  end
  return ctf.struct(members)
end

-- ---- Traces ----

--- A trace of a machine, whose events begin at some time.
local function make_trace(env, begin)
  local classes, used = {}, {}
  -- CPUs are told by the packets, or else by events, or not at all.
  local tells = pick { "packets", "packets", "packets", "events", "none" }
  local n = math.random(3, 30)
  local common = {}
  for _, name in ipairs { "pid", "tid", "procname" } do
    if chance(25) then
      common[#common + 1] = { name, name == "procname" and ctf.text(17) or ctf.i(32) }
    end
  end
  local function add(event)
    if not used[event[1]] then
      used[event[1]] = true
      classes[#classes + 1] = { id = #classes, name = event[1],
        fields = make_fields(event[2], tells == "events") }
    end
  end
  if chance(80) then
    for _, event in ipairs(events) do
      if event[1] == "sched_switch" then
        add(event)
      end
    end
  end
  for _ = 1, n do
    add(pick(events))
  end
  local files = {}
  local function context()
    local values = {}
    for _, member in ipairs(common) do
      values[member[1]] = member[1] == "procname"
        and (pick { "app", "x", "" } .. ("\0"):rep(17)):sub(1, 17) or number(member[2])
    end
    return values
  end
  for cpu = 0, math.random(0, 2) do
    local packets, lost, now = {}, 0, begin
    for _ = 1, math.random(1, 4) do
      local packet = { from = now }
      for _ = 1, math.random(0, 60) do
        now = now + (chance(90) and math.random(0, 5000) or math.random(0, 100000000))
        local class = pick(classes)
        local fields = {}
        for _, member in ipairs(class.fields) do
          fields[member[1]] = member[1] == "cpu_id" and chance(95) and math.random(0, 3)
            or value_of(member[2])
        end
        packet[#packet + 1] = { now, class.name, fields, common = context(),
          extended = true }
      end
      packet.to = now
      lost = lost + (chance(15) and math.random(1, 1000) or 0)
      packet.set = { events_discarded = lost }
      if #packet == 0 and chance(50) then
        packet.set.uuid = ("\0"):rep(16)
      end
      packets[#packets + 1] = packet
      now = now + (chance(80) and 0 or math.random(0, 1000000000))
    end
    files[#files + 1] = { "chan_" .. cpu, stream = 0, instance = cpu, cpu = cpu, packets = packets }
  end
  local packet_context
  if tells ~= "packets" then
    packet_context = ctf.struct { { "timestamp_begin", ctf.u(64, { clock = true }) },
      { "timestamp_end", ctf.u(64, { clock = true }) }, { "content_size", ctf.u(64) },
      { "packet_size", ctf.u(64) }, { "events_discarded", ctf.u(64) } }
  end
  local bare = chance(8)
  return { streams = { { id = 0, common = #common > 0 and ctf.struct(common) or nil,
    context = packet_context, events = classes } }, files = files, env = env,
    header = bare and false or nil, uuid = bare and false or nil }
end

local function make_env(hostname)
  return { domain = "kernel", hostname = hostname,
    tracer_name = "lttng-modules", tracer_major = 2, tracer_minor = pick { 7, 13, -1 },
    kernel_release = pick { "6.1.0-amd64", "x", "" } }
end

local folders = 0

--- One or two traces in a new folder, some behind links.
local function make_folder()
  local names = { "box", "", "\27[31m", "=1+1", "other" }
  local env, n = make_env(pick(names)), chance(25) and 2 or 1
  local same = chance(50)
  folders = folders + 1
  local parent = ("%s.%d"):format(host.path("traces"), folders)
  local commands = { "mkdir -p " .. parent .. "/in" }
  for i = 1, n do
    local path = ctf.write(make_trace(i == 1 and env or same and env or make_env(pick(names)),
      pick { 1000, 1000, 5000000, 10000000000 }))
    commands[#commands + 1] = ("mv %s %s/%s%d"):format(path, parent, chance(50) and "in/" or "", i)
  end
  if chance(15) then
    commands[#commands + 1] = ("ln -s .. %s/in/up; ln -s nowhere %s/broken"):format(parent, parent)
  end
  if chance(10) then
    commands[#commands + 1] = ("ln -s in %s/again"):format(parent)
  end
  host.shell(table.concat(commands, "; "))
  return parent
end

-- ---- Running ----

-- All analyses, and those that have windows.
local analyses, in_windows = {}, {}
for name in host.shell("ls lua/analyses").out:gmatch "([%w_]+)%.lua" do
  analyses[#analyses + 1] = name == "trackprocess" and "trackprocess:--tid=10" or name
  in_windows[#in_windows + 1] = name ~= "info" and analyses[#analyses] or nil
end

--- An option that chooses what is told; all of them can be wrong for the trace.
local function choice()
  return pick {
    { "--timerange", pick { "1,2", "0..1000000000", "5,4", "99999999999,99999999999999" } },
    { "--begin", pick { "+1s", "-2s", "5000" } }, { "--end", pick { "+10ms", "-1s", "1" } },
    { "--host", pick { "box", "nobody", "box,other" } },
    { "--filter", pick { 'procname == "app"', "tid > 3 and duration > 1us", 'path ~ "/a*"',
      "cpu == 0 or cpu == 1", "nothing > 1" } },
    { "--reader", "babeltrace2" }, { "--threads", "2" }, {}, {}, {} }
end

--- Two of the ways in which a trace is read: all analyses at once, in one of the formats, or in
-- windows; one alone; a session.
local function ways()
  local all, parts = table.concat(analyses, ","), table.concat(in_windows, ",")
  local list = {
    { all, "--output", pick { "text", "csv", "json" } },
    { parts, "--refresh", pick { "0.03", "0.1", "100" } },
    { (pick(analyses):gsub(":", " ")), "--output", "lami" },
    { (pick(in_windows):gsub(":", " ")), "--refresh", "0.01" },
    { "-e", "go('end') ps() cpus() inflight() disks() dirty() irqs() fds(10)", "-e",
      "back() step(3) pcall(proc, 10)", "-e", "threads() who('a') around(5) info() now()" } }
  local chosen = { table.remove(list, math.random(#list)), table.remove(list, math.random(#list)) }
  for _, way in ipairs(chosen) do
    if way[1] ~= "-e" then
      table.move(choice(), 1, 2, #way + 1, way)
    end
  end
  return chosen
end

local function fails(result)
  local text = result.out .. result.err
  if text:find("AddressSanitizer", 1, true) or text:find("runtime error:", 1, true) then
    return "a sanitizer complains"
  elseif result.status > 2 then
    return "status " .. result.status
  elseif result.err:find("traceback", 1, true) then
    return "a traceback"
  elseif result.err:find("mistake of its own", 1, true) or result.err:find("crashed", 1, true) then
    return "the program ends"
  elseif result.err:find("out of memory", 1, true) or result.err:find("enough mem", 1, true) then
    return "out of memory"
  end
end

local limits = sanitized and "" or "ulimit -v 400000; "

-- GNU time writes the most memory that a command had, kB, into a file.
local measured = host.path "memory"
local measure = not sanitized and io.open "/usr/bin/time"
  and "/usr/bin/time -q -f %M -o " .. measured .. " " or ""

local function memory()
  return measure ~= "" and tonumber(host.read(measured):match "%d+") or 0
end

local MOST = 200000
local begin, done, runs, told, failed, most = os.time(), 0, 0, 0, 0, 0
while os.time() - begin < seconds and (not count or done < count) do
  math.randomseed(seed + done)
  local ok, folder = pcall(make_folder)
  if not ok then
    error(("seed %d: %s"):format(seed + done, folder))
  end
  for _, way in ipairs(ways()) do
    local words = {}
    for _, word in ipairs(way) do
      for part in (word:find "^%w+ %-%-" and word or word):gmatch(
          word:find "^%w+ %-%-" and "%S+" or ".+") do
        words[#words + 1] = host.quote(part)
      end
    end
    if chance(50) then
      words[#words + 1] = "--no-intersection"
    end
    local command = ("%s%stimeout %d %s %s --no-cache --no-progress %s"):format(limits, measure,
      sanitized and 100 or 20, program, table.concat(words, " "), folder)
    local result = host.shell(command)
    local why = fails(result) or memory() > MOST and "too much memory"
    most = math.max(most, memory())
    runs = runs + 1
    told = told + (result.status == 0 and 1 or 0)
    if why then
      failed = failed + 1
      local kept = ("%s/fuzz/trace-%d"):format(os.getenv "BUILD" or "build", seed + done)
      os.execute(("mkdir -p %s; cp -r %s/. %s"):format(kept, folder, kept))
      io.stderr:write(("%s: %s\n"):format(why, (command:gsub(folder:gsub("%p", "%%%0"), kept))))
    end
  end
  os.execute("rm -rf " .. folder)
  done = done + 1
end
print(("traces: %d, in %d runs, %d of them with results, from seed %d; %d failed%s"):format(done,
  runs, told, seed, failed,
  most > 0 and ("; %d MB at most"):format(most // 1000) or ""))
os.exit(failed == 0 and 0 or 1, true)
