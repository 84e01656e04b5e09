--- Hostile traces through the whole program: they are well-formed, with events that the model
-- knows, whose fields are of odd types, missing, or say odd things, in any order, with losses;
-- each is read by every analysis. Whatever is in them, there is a result or a line that says why
-- there is none.
--
--     lua5.4 tests/fuzz/traces.lua PROGRAM SECONDS [SEED [COUNT]]
--
-- Prints how many traces were read, and fails if one of them brought the program down, took it more
-- than 20 s or (unless it is sanitized) 200 MB, or showed a traceback. What failed is kept, and
-- named.
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
local function make_fields(list)
  local members, seen = {}, {}
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

local function make_trace()
  local classes, used = {}, {}
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
      classes[#classes + 1] = { id = #classes, name = event[1], fields = make_fields(event[2]) }
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
    local packets, lost, now = {}, 0, 1000
    for _ = 1, math.random(1, 4) do
      local packet = { from = now }
      for _ = 1, math.random(0, 60) do
        now = now + (chance(90) and math.random(0, 5000) or math.random(0, 100000000))
        local class = pick(classes)
        local fields = {}
        for _, member in ipairs(class.fields) do
          fields[member[1]] = value_of(member[2])
        end
        packet[#packet + 1] = { now, class.name, fields, common = context(),
          extended = true }
      end
      packet.to = now
      lost = lost + (chance(15) and math.random(1, 1000) or 0)
      packet.set = { events_discarded = lost }
      packets[#packets + 1] = packet
      now = now + (chance(80) and 0 or math.random(0, 1000000000))
    end
    files[#files + 1] = { "chan_" .. cpu, stream = 0, instance = cpu, cpu = cpu, packets = packets }
  end
  return { streams = { { id = 0, common = #common > 0 and ctf.struct(common) or nil,
    events = classes } }, files = files,
    env = { domain = "kernel", hostname = pick { "box", "", "\27[31m", "=1+1" },
      tracer_name = "lttng-modules", tracer_major = 2, tracer_minor = pick { 7, 13, -1 },
      kernel_release = pick { "6.1.0-amd64", "x", "" } } }
end

-- ---- Running ----

local analyses = {}
for name in host.shell("ls lua/analyses").out:gmatch "([%w_]+)%.lua" do
  analyses[#analyses + 1] = name == "trackprocess" and "trackprocess:--tid=10" or name
end

--- The ways in which a trace is read: all analyses at once, in one of the formats; one alone; a
-- session.
local function ways()
  local all = table.concat(analyses, ",")
  local list = {
    { all, "--output", pick { "text", "csv", "json" } },
    { all, "--refresh", pick { "0.001", "0.1", "100" } },
    { (pick(analyses):gsub(":", " ")), "--output", "lami" } }
  list[#list + 1] = { "-e", "go('end') ps() cpus() requests() disks() dirty() irqs() fds(10)", "-e",
    "back() step(3) thread(10)" }
  return list
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
local begin, done, runs, failed = os.time(), 0, 0, 0
while os.time() - begin < seconds and (not count or done < count) do
  math.randomseed(seed + done)
  local ok, folder = pcall(function() return ctf.write(make_trace()) end)
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
    local command = ("%stimeout 20 %s %s --no-cache --no-progress %s"):format(limits, program,
      table.concat(words, " "), folder)
    local why = fails(host.shell(command))
    runs = runs + 1
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
print(("traces: %d, in %d runs, from seed %d; %d failed"):format(done, runs, seed, failed))
os.exit(failed == 0 and 0 or 1, true)
