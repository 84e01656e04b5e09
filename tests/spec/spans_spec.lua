--- Spans of OpenTelemetry as requests: whose they are, what their time went to, and what is written
-- of that. `CHAIN=folder` names a trace of requests whose program wrote them down
-- (folder.logs/chain.jsonl); LTTNGA_TEST_NPM=1 allows to get OpenTelemetry's SDK from npm.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local us = 1000

--- A list as an attribute's owner has it.
local function attributes(values)
  local list = setmetatable({}, { __jsontype = "array" })
  for key, value in pairs(values or {}) do
    list[#list + 1] = { key = key, value = type(value) == "number"
      and { intValue = tostring(value) } or { stringValue = value } }
  end
  return list
end

--- A span from and to, in us.
local function span(id, name, from, to, values, more)
  local one = { traceId = ("%032x"):format(id), spanId = ("%016x"):format(id), name = name,
    kind = 2, startTimeUnixNano = ("%d"):format(from * us),
    endTimeUnixNano = ("%d"):format(to * us), attributes = attributes(values) }
  for key, value in pairs(more or {}) do
    one[key] = value
  end
  return one
end

local function request(resource, ...)
  return { resourceSpans = { { resource = { attributes = attributes(resource) },
    scopeSpans = { { scope = { name = "test" }, spans = { ... } } } } } }
end

--- Writes requests as the file exporter of a collector does.
local function file(...)
  local lines = {}
  for i, one in ipairs { ... } do
    lines[i] = json.encode(one) .. "\n"
  end
  return host.write(table.concat(lines), "spans.jsonl")
end

--- Process 20, "srv", with the threads 20 and 21. 20 runs until 100, sleeps until 300, gets a CPU
-- at 310; 21 runs from 400 to 500, then 20 until 600 (us).
local function trace(hostname)
  local list = { cpu = 0 }
  local function event(at, name, fields)
    list[#list + 1] = { at * us, name, fields }
  end
  local function thread(at, tid, name)
    event(at, "lttng_statedump_process_state", { tid = tid, pid = 20, ppid = 1, name = name,
      type = 0, mode = 0, submode = 0, status = 0, ns_level = 0 })
  end
  local function switch(at, from, state, to, name)
    event(at, "sched_switch", { prev_tid = from, prev_state = state, next_tid = to,
      next_comm = name })
  end
  switch(1, 0, 0, 20, "srv")
  thread(2, 20, "srv")
  thread(3, 21, "srv-2")
  switch(100, 20, 1, 0, "swapper/0")
  event(300, "sched_waking", { tid = 20, comm = "srv", target_cpu = 0 })
  switch(310, 0, 0, 20, "srv")
  switch(400, 20, 0, 21, "srv-2")
  switch(500, 21, 1, 20, "srv")
  switch(600, 20, 1, 0, "swapper/0")
  event(700, "sched_waking", { tid = 20, comm = "srv", target_cpu = 0 })
  return host.trace { env = { hostname = hostname or "box" }, streams = { list } }
end

--- The spans that are found: name -> "process tid begin-end".
local function found(...)
  local rows, result = host.rows("requestslog", "--no-cache", "--output", "json", "--request",
    ...)
  local list = {}
  for _, row in ipairs(rows) do
    list[json.decode(row.captures).span] = ("%s %s %d-%s"):format(row.process, row.tid,
      row.begin // us, row.open and "" or row["end"] // us)
  end
  return list, result.err, rows
end

--- Spans in a file that was written, by name; and those of our own.
local function written(path)
  local theirs, ours = {}, {}
  for line in host.read(path):gmatch "[^\n]+" do
    for _, resource in ipairs(assert(json.decode(line)).resourceSpans) do
      for _, scope in ipairs(resource.scopeSpans) do
        for _, one in ipairs(scope.spans) do
          local values = {}
          for _, attribute in ipairs(one.attributes) do
            values[attribute.key] = attribute.value.stringValue or attribute.value.intValue
          end
          one.values = values
          if scope.scope.name == "lttnga" then
            ours[#ours + 1] = one
          else
            theirs[one.name] = one
          end
        end
      end
    end
  end
  return theirs, ours
end

describe("spans from inside containers are joined", function()
  local containers = require "tests.spec.containers_trace"
  local folder = containers.trace(true)
  local id = ("fedcba9876543210"):rep(4)
  host.shell("sed -i 's,/docker/0123,/docker/" .. id .. ",' "
    .. host.quote(folder .. "/containers.tsv"))
  local start = 1796038716000000

  --- A span in the time in which nginx (TID 200, in web PID 1) runs on CPU 1.
  local function inside(n, name, values)
    return span(n, name, start + 12000, start + 14000, values)
  end

  local function threads(...)
    local list = {}
    local rows, result = host.rows("requestslog", "--no-cache", "--output", "json", "--request",
      "spans:" .. file(...), folder)
    for _, row in ipairs(rows) do
      list[json.decode(row.captures).span] = ("%s %s"):format(row.process, row.tid)
    end
    return list, (result.err:gsub("[^\n]*containers.tsv is ignored[^\n]*\n", ""))
  end

  it("by the name or ID of the container, and the PID in there", function()
    local list, err = threads(
      request({ ["process.pid"] = 1, ["container.name"] = "web" }, inside(1, "name")),
      request({ ["process.pid"] = 1, ["container.id"] = id }, inside(2, "id")),
      request({ ["process.pid"] = 1, ["host.name"] = "web" }, inside(3, "host name")),
      request({ ["process.pid"] = 1, ["k8s.container.name"] = "web" },
        inside(4, "thread", { ["thread.id"] = 1 })),
      request({ ["process.pid"] = 200, ["container.name"] = "web" }, inside(5, "outer PID")),
      request({ ["process.pid"] = 1, ["container.name"] = "hog" },
        span(6, "hog", start + 15000, start + 25000)))
    assert.equal("", err)
    assert.same({ name = "nginx 200", id = "nginx 200", ["host name"] = "nginx 200",
      thread = "nginx 200", ["outer PID"] = "nginx 200", hog = "hog 300" }, list)
  end)

  it("by the name of the program, if several processes have the PID", function()
    local list, err = threads(
      request({ ["process.pid"] = 1, ["process.executable.name"] = "/usr/sbin/nginx" },
        inside(1, "executable")),
      request({ ["process.pid"] = 200 }, inside(2, "outer")))
    assert.equal("", err)
    assert.same({ executable = "nginx 200", outer = "nginx 200" }, list)
  end)

  it("or not at all, if that leaves several", function()
    local list, err = threads(
      request({ ["process.pid"] = 1 }, inside(1, "systemd, nginx or hog")),
      request({ ["process.pid"] = 1, ["host.name"] = "another" }, inside(2, "elsewhere")))
    assert.same({ ["systemd, nginx or hog"] = "nil nil" }, list)
    assert.is_truthy(err:find("2 of 2 spans could not be joined to a thread: 1 of other machines "
      .. "(host.name); 1 whose process.pid is that of several processes", 1, true), err)
  end)
end)

describe("spans are joined", function()
  local folder = trace()

  it("to the thread that they name, or that runs when they end", function()
    local list, err = found("spans:" .. file(
      request({ ["process.pid"] = 20 },
        span(1, "named", 50, 350, { ["thread.id"] = 20 }),
        span(2, "other thread", 420, 480),
        span(3, "number of a runtime", 420, 490, { ["thread.id"] = 7 }),
        span(4, "nobody runs at its end", 320, 605)),
      request({ ["service.name"] = "srv" }, span(5, "by name", 320, 390)),
      request({ ["process.pid"] = 20, ["telemetry.sdk.language"] = "nodejs" },
        span(6, "main thread", 110, 200)),
      request({}, span(7, "by thread alone", 50, 60, { ["thread.id"] = 20 }))), folder)
    assert.same({ named = "srv 20 50-350", ["other thread"] = "srv 21 420-480",
      ["number of a runtime"] = "srv 21 420-490", ["nobody runs at its end"] = "srv 20 320-605",
      ["by name"] = "srv 20 320-390", ["main thread"] = "srv 20 110-200",
      ["by thread alone"] = "srv 20 50-60" }, list)
    assert.equal("", err)
  end)

  it("or it is said why they are not", function()
    local list, err = found("spans:" .. file(
      request({ ["process.pid"] = 999 }, span(1, "no process", 50, 90)),
      request({ ["process.pid"] = 20, ["host.name"] = "box.example" },
        span(2, "asleep", 110, 200), span(3, "too early", 0, 90), span(4, "too late", 900, 950),
        span(5, "not over", 550, 950), span(6, "backwards", 90, 50)),
      request({ ["process.pid"] = 20, ["host.name"] = "other" }, span(7, "elsewhere", 50, 90)),
      request({}, span(8, "nameless", 50, 90))), folder)
    assert.same({ ["no process"] = "nil nil 50-90", nameless = "nil nil 50-90",
      asleep = "srv nil 110-200", ["not over"] = "srv 20 550-" }, list)
    assert.equal("lttnga-run: note: --request: 8 of 8 spans could not be joined to a thread: "
      .. "2 not within the analysed time; 1 of other machines (host.name); 2 without an end, or "
      .. "with one before their begin; 1 that do not say whose they are (process.pid, thread.id, "
      .. "service.name); 1 whose process was not found; 1 whose process is known, but not the "
      .. "thread\n", err)
  end)

  it("or it is said why none of them is", function()
    local path = file(request({ ["process.pid"] = 20, ["host.name"] = "other" },
      span(1, "elsewhere", 50, 90)), request({ ["process.pid"] = 20 }, span(2, "no end", 90, 50)))
    for _, words in ipairs { { "requestslog" }, { "why" }, { "cputop", "--during", "all" } } do
      words[#words + 1] = "--no-cache"
      local result = host.run(words[1], "--request", "spans:" .. path, folder,
        table.unpack(words, 2))
      assert.equal(0, result.status)
      assert.is_truthy(result.err:find("note: --request: 2 of 2 spans could not be joined to a "
        .. "thread: 1 of other machines (host.name); 1 without an end, or with one before their "
        .. "begin\n", 1, true), words[1] .. result.err)
    end
    -- Which of two machines is meant can't be told without host.name.
    local result = host.run("why", "--no-cache", "--request", "spans:" .. file(
      request({ ["process.pid"] = 20 }, span(1, "somewhere", 50, 90))), folder,
      trace("box two"))
    assert.is_truthy(result.err:find("1 of 1 spans could not be joined to a thread: 1 without "
      .. "host.name, and there are several machines", 1, true), result.err)
  end)

  it("in windows of any length", function()
    local path = file(request({ ["process.pid"] = 20 }, span(1, "a", 50, 90),
      span(2, "b", 120, 210, { ["thread.id"] = 20 }), span(3, "c", 420, 480)))
    local rows = host.rows("requests", "--no-cache", "--output", "json", "--refresh", "100us",
      "--request", "spans:" .. path, folder)
    local counts = {}
    for _, row in ipairs(rows) do
      counts[#counts + 1] = ("%d %s"):format(row.window.begin // us, row.group)
    end
    table.sort(counts)
    assert.same({ "1 a", "201 b", "401 c" }, counts)
  end)

  it("and fail, port and name are told", function()
    local _, _, rows = found("spans:" .. file(request({ ["process.pid"] = 20 },
      span(1, "x\27[2J", 50, 90, { ["server.port"] = 80 }, { status = { code = 2 } }))), folder)
    assert.same({ 80, 1, 40 * us }, { rows[1].port, rows[1].error, rows[1].duration })
    assert.is_truthy(rows[1].request:find "%-spans$")
    local result = host.run("requestslog", "--no-cache", "--request", "spans:" .. file(request(
      { ["process.pid"] = 20 }, span(1, "x\27[2J", 50, 90))), folder)
    assert.equal(0, result.status)
    assert.is_nil(result.out:find("\27", 1, true))
  end)
end)

describe("the time of spans", function()
  local folder = trace()
  local source = file(request({ ["process.pid"] = 20 }, span(1, "slow", 50, 350,
    { ["thread.id"] = 20, mine = "kept" }), span(2, "blind", 110, 200),
    span(3, "two threads", 320, 450, { ["thread.id"] = 20 })))

  --- Writes the spans of a file; the path of what is written.
  local function write(from, ...)
    local path = host.path "out.json"
    local result = host.run("why", "--no-cache", "--request", "spans:" .. from, "--spans-to", path,
      folder, ...)
    assert.equal(0, result.status, result.err)
    return path
  end

  it("is what the thread did, and is written beside the spans", function()
    local theirs, ours = written(write(source))
    local slow = theirs.slow
    assert.same({ "kept", "90000", "10000", "20" }, { slow.values.mine,
      slow.values["lttnga.running_ns"], slow.values["lttnga.runnable_ns"],
      slow.values["lttnga.tid"] })
    local sum = 0
    for key, value in pairs(slow.values) do
      sum = sum + (key:find "^lttnga%..*_ns$" and math.tointeger(tonumber(value)) or 0)
    end
    assert.equal(300 * us, sum)
    assert.is_nil(theirs.blind.values["lttnga.running_ns"])
    assert.equal("50000", theirs["two threads"].values["lttnga.runnable_ns"])
    local of_slow = {}
    for _, one in ipairs(ours) do
      assert.is_truthy(one.spanId:find "^%x+$" and #one.spanId == 16)
      of_slow[#of_slow + 1] = one.parentSpanId == slow.spanId and one.traceId == slow.traceId
        and ("%s-%s"):format(one.startTimeUnixNano, one.endTimeUnixNano) or nil
    end
    assert.same({ "100000-300000", "300000-310000" }, of_slow)
  end)

  it("is the same in each run, also of what has been written", function()
    local first = write(source)
    assert.equal(host.read(first), host.read(write(source)))
    assert.equal(host.read(first), host.read(write(first)))
  end)

  it("is told once of a span that is there several times", function()
    local resource = { ["process.pid"] = 20 }
    local slow = span(1, "slow", 50, 350, { ["thread.id"] = 20 })
    local again = file(request(resource, slow, slow), request(resource, slow),
      request(resource, span(3, "two threads", 320, 450, { ["thread.id"] = 20 })))
    local rows = host.rows("requests", "--no-cache", "--output", "json", "--request", "spans:"
      .. again, folder)
    assert.equal(2, #rows)
    for _, row in ipairs(rows) do
      assert.equal(1, row.count)
    end
    local first = write(again)
    local _, ours = written(first)
    local ids, of_slow = {}, 0
    for _, one in ipairs(ours) do
      assert.is_nil(ids[one.spanId])
      ids[one.spanId] = true
      of_slow = of_slow + (one.parentSpanId == slow.spanId and 1 or 0)
    end
    assert.equal(2, of_slow)
    assert.equal(4, select(2, host.read(first):gsub('"lttnga.running_ns"', "")))
    assert.equal(host.read(first), host.read(write(first)))
  end)

  it("replaces what is there when it is complete, or not at all", function()
    local path = host.path "there.jsonl"
    local text = host.read(source)
    -- What is written is longer than a block of 512 bytes, and what is read is not lost.
    assert.equal(0, host.shell(("cp %s %s"):format(source, path)).status)
    local command = ("lttnga-run why --no-cache --request spans:%s --spans-to %s %s"):format(path,
      path, folder)
    local result = host.shell(("trap '' XFSZ; ulimit -f 1; %s/%s >&2"):format(build, command))
    assert.equal(1, result.status)
    assert.is_truthy(result.err:find("File too large", 1, true), result.err)
    assert.equal(text, host.read(path))
    assert.equal("", host.shell(("ls -A %s | grep '[.]new-'"):format(path:match "^(.*)/")).out)
    result = host.shell(("%s/%s"):format(build, command))
    assert.equal(0, result.status, result.err)
    assert.is_truthy(host.read(path):find("lttnga.running_ns", 1, true))
  end)

  it("has the times of the spans, also if the clock of the machine is corrected", function()
    assert.equal(host.read(write(source)),
      host.read(write(source, "--clock-offset", "box=+1.5s")))
  end)

  it("is written only if there are spans", function()
    local result = host.run("why", "--no-cache", "--request", "fsync", "--spans-to",
      host.path "none", folder)
    assert.same({ 2, "lttnga-run: --spans-to needs --request spans:FILE" },
      { result.status, result.err:match "^[^\n]*" })
    result = host.run("why", "--no-cache", "--request", "spans:" .. source, "--spans-to",
      "/nowhere/file", folder)
    assert.equal(1, result.status)
    assert.is_truthy(result.err:find("--spans-to: cannot write /nowhere/file: No such file", 1,
      true))
  end)
end)

describe("a file of spans that is broken", function()
  local folder = trace()
  local good = json.encode(request({ ["process.pid"] = 20 }, span(1, "a", 50, 90))) .. "\n"

  local function message_of(text)
    local path = host.write(text, "bad.json")
    local result = host.run("requests", "--no-cache", "--request", "spans:" .. path, folder)
    assert.equal(1, result.status)
    assert.equal("", result.out)
    return (result.err:gsub("[^ ]*bad%.json", "FILE"):gsub("^lttnga%-run: ", ""):gsub("\n$", ""))
  end

  it("is told in a line", function()
    assert.equal("FILE, line 2: not valid JSON: unterminated object",
      message_of(good .. '{"resourceSpans":['):gsub("unterminated .*", "unterminated object"))
    assert.equal("FILE has no resourceSpans: spans as OTLP JSON are expected", message_of "{}")
    assert.equal("FILE has no resourceSpans: spans as OTLP JSON are expected", message_of "")
    assert.equal("FILE, line 2: not OTLP JSON: an object with resourceSpans is expected",
      message_of(good .. "[1]"))
    assert.equal("FILE, line 1: not OTLP JSON: an object with resourceSpans is expected",
      message_of "7")
    assert.equal("FILE, line 2: traceId of a span must be 32 hexadecimal digits, not 'x\\x1b'",
      message_of(good .. json.encode(request({}, span(1, "a", 50, 90, {},
        { traceId = "x\27" })))))
    assert.equal("FILE, line 1: spanId of a span must be 16 hexadecimal digits, not missing",
      message_of((good:gsub('"spanId":"%x+"', '"x":1'))))
    assert.equal("FILE, line 3: startTimeUnixNano of a span must be nanoseconds since 1970, not "
      .. "'soon'", message_of(((good:gsub('"50000"', '"soon"')):gsub('%[{"', '[\n{"', 1)
        :gsub('"spanId"', '\n"spanId"'))))
    assert.equal("FILE, line 1: resourceSpans is not a list",
      message_of '{"resourceSpans":{"a":1}}')
    assert.equal("FILE, line 1: values are nested too deeply", message_of(("["):rep(1000000)))
  end)

  it("or is not there", function()
    local result = host.run("requests", "--no-cache", "--request", "spans:/nowhere/x", folder)
    assert.same({ 1, "lttnga-run: cannot read spans: /nowhere/x: No such file or directory\n" },
      { result.status, result.err })
    result = host.run("requests", "--no-cache", "--request", "spans", folder)
    assert.equal(2, result.status)
  end)
end)

-- ---- Spans of the SDK for Node.js ----

--- A trace of the process of some spans: its main thread sleeps in each span called "wait".
local function trace_of(path)
  local spans, pid = {}, nil
  for line in host.read(path):gmatch "[^\n]+" do
    local resource = json.decode(line).resourceSpans[1]
    for _, one in ipairs(resource.resource.attributes) do
      pid = one.key == "process.pid" and math.tointeger(tonumber(one.value.intValue)) or pid
    end
    for _, one in ipairs(resource.scopeSpans[1].spans) do
      spans[#spans + 1] = { name = one.name, begin = math.tointeger(one.startTimeUnixNano),
        time = math.tointeger(one.endTimeUnixNano), failed = one.status.code == 2 }
    end
  end
  table.sort(spans, function(a, b) return a.begin < b.begin end)
  local list = { cpu = 0 }
  local function switch(at, from, state, to, name)
    list[#list + 1] = { at, "sched_switch", { prev_tid = from, prev_state = state, next_tid = to,
      next_comm = name } }
  end
  local first, last = spans[1].begin - us, 0
  switch(first, 0, 0, pid, "node")
  list[2] = { first + 1, "lttng_statedump_process_state", { tid = pid, pid = pid, ppid = 1,
    name = "node", type = 0, mode = 0, submode = 0, status = 0, ns_level = 0 } }
  for _, one in ipairs(spans) do
    last = math.max(last, one.time)
    if one.name == "wait" then
      switch(one.begin + 100 * us, pid, 1, 0, "swapper/0")
      list[#list + 1] = { one.time - 200 * us, "sched_waking", { tid = pid, comm = "node",
        target_cpu = 0 } }
      switch(one.time - 100 * us, 0, 0, pid, "node")
    end
  end
  switch(last + us, pid, 1, 0, "swapper/0")
  list[#list + 1] = { last + 2 * us, "sched_waking", { tid = pid, comm = "node", target_cpu = 0 } }
  return host.trace { streams = { list } }, spans, pid
end

--- What a file of the SDK's must give.
local function check_sdk(path)
  local folder, spans, pid = trace_of(path)
  assert.equal(12, #spans)
  local rows, result = host.rows("requestslog", "--no-cache", "--output", "json", "--request",
    "spans:" .. path, folder)
  assert.equal("", result.err)
  assert.equal(#spans, #rows)
  for i, row in ipairs(rows) do
    assert.same({ spans[i].begin, spans[i].time, pid, "node", spans[i].failed and 1 or 0 },
      { row.begin, row["end"], row.tid, row.process, row.error })
  end
  local out = host.path "out.json"
  assert.equal(0, host.run("why", "--no-cache", "--request", "spans:" .. path, "--spans-to", out,
    folder).status)
  local theirs, ours = written(out)
  local wait = theirs.wait
  local duration = math.tointeger(wait.endTimeUnixNano) - math.tointeger(wait.startTimeUnixNano)
  assert.same({ "200000", "100000", ("%d"):format(duration) }, { wait.values["lttnga.running_ns"],
    wait.values["lttnga.runnable_ns"], ("%d"):format(duration) })
  assert.equal("9.5", tostring(theirs["GET /cart"].attributes[3].value.doubleValue))
  local waits = 0
  for _, one in ipairs(ours) do
    waits = waits + (one.parentSpanId == wait.spanId and 1 or 0)
  end
  assert.equal(2, waits)
end

describe("spans of @opentelemetry/sdk-trace-node", function()
  it("are read as it has written them", function()
    check_sdk "tests/otlp/sdk-spans.jsonl"
  end)

  it("are read as it writes them now", function()
    if os.getenv "LTTNGA_TEST_NPM" ~= "1" then
      return pending "LTTNGA_TEST_NPM=1 allows to get @opentelemetry/sdk-trace-node from npm"
    elseif host.shell("command -v node && command -v npm").status ~= 0 then
      return pending "node and npm are not installed"
    end
    local folder = host.path "npm"
    if host.shell(("npm install --prefix %s @opentelemetry/api @opentelemetry/sdk-trace-node "
      .. "@opentelemetry/otlp-transformer @opentelemetry/resources"):format(folder)).status ~= 0
    then
      return pending "npm can't install @opentelemetry/sdk-trace-node"
    end
    assert.equal(0, host.shell(("cp tests/otlp/write-spans.js %s && cd %s && "
      .. "node write-spans.js spans.jsonl"):format(folder, folder)).status)
    check_sdk(folder .. "/spans.jsonl")
  end)
end)

-- ---- Spans whose answers are known ----

describe("spans of requests that a program has written down", function()
  local chain = os.getenv "CHAIN"

  --- Compositions of all requests, but for what they are called.
  local function why(definition, name)
    local lines = {}
    local result = host.run("why", "--no-cache", "--request", definition, "--output", "json", chain)
    for line in result.out:gmatch "[^\n]+" do
      lines[#lines + 1] = not line:find('"table":"trace"', 1, true)
        and line:gsub(name .. ": ", "") or nil
    end
    return lines
  end

  it("consist of what these requests consist of", function()
    if not chain then
      return pending "CHAIN=folder names the trace `chain`"
    end
    local log = host.rows("requestslog", "--no-cache", "--request", "logger", "--limit", "0",
      "--output", "json", chain)
    assert.equal(300, #log)
    local named, bare = {}, {}
    for i, row in ipairs(log) do
      local name = json.decode(row.captures).name:gsub("%s*%d+$", "")
      named[i] = span(i, name, row.begin // us, row["end"] // us, { ["thread.id"] = row.tid })
      bare[i] = span(i, name, row.begin // us, row["end"] // us)
      for _, one in ipairs { named[i], bare[i] } do
        one.startTimeUnixNano = ("%d"):format(row.begin)
        one.endTimeUnixNano = ("%d"):format(row["end"])
      end
    end
    local path = file(request({ ["process.pid"] = log[1].pid }, table.unpack(named)))
    local label = path:match "([^/]*)%.jsonl$":gsub("%p", "%%%0")
    assert.same(why("logger", "logger"), why("spans:" .. path, label))
    -- Who runs at the end tells the thread, but for a request that ends as its thread is switched.
    local rows, result = host.rows("requestslog", "--no-cache", "--limit", "0", "--output", "json",
      "--request", "spans:" .. file(request({ ["process.pid"] = log[1].pid },
        table.unpack(bare))), chain)
    local right = 0
    for i, row in ipairs(rows) do
      right = right + (row.tid == log[i].tid and 1 or 0)
    end
    assert.is_true(right >= 299, result.err)
  end)

  it("last as the program says", function()
    if not chain then
      return pending "CHAIN=folder names the trace `chain`"
    end
    local list, pid = {}, nil
    for line in io.lines(chain .. ".logs/chain.jsonl") do
      local one = json.decode(line)
      if one.kind == "request" then
        list[#list + 1] = span(#list + 1, one.scenario, 0, 0, { ["thread.id"] = one.tid })
        list[#list].startTimeUnixNano = ("%d"):format(one.begin_rt)
        list[#list].endTimeUnixNano = ("%d"):format(one.end_rt)
        pid = one.pid
      end
    end
    local rows, result = host.rows("requests", "--no-cache", "--limit", "0", "--output", "json",
      "--request", "spans:" .. file(request({ ["process.pid"] = pid }, table.unpack(list))), chain)
    assert.same({ 15, "" }, { #rows, result.err })
    for _, row in ipairs(rows) do
      assert.same({ 20, 0 }, { row.count, row.open })
    end
  end)
end)
