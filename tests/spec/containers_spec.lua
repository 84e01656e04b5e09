--- Containers: the analysis, the fields of events, and --container. What the model knows of
-- namespaces is tested in tests/unit/test_namespaces.c.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local containers = require "tests.spec.containers_trace"

local ms = 1000000

--- Rows of a table of the analysis, by their containers.
local function rows_of(title, ...)
  local of = {}
  for _, row in ipairs(host.rows("containers", "--output", "json", ...)) do
    if row.table == title then
      of[row.container] = row
    end
  end
  return of
end

describe("containers", function()
  local trace, listed = containers.trace(), containers.trace(true)

  it("shows what each used", function()
    local of = rows_of("Containers", trace)
    assert.equal(60 * ms, of["hog[4026532302]"].cpu)
    assert.equal(19 * ms, of["nginx[4026532301]"].cpu)
    -- It has the PID namespace of the machine, but cgroups of its own.
    assert.equal(1 * ms, of["agent[4026532403]"].cpu)
    assert.equal(5 * ms, of.host.cpu)
    assert.equal("host", of["hog[4026532302]"].inside)
    assert.is_nil(of.host.inside)
    assert.equal(1, of.host.number)
    assert.equal(4026532301, of["nginx[4026532301]"].namespace)
    assert.equal(1796038716010000000, of["nginx[4026532301]"].first_seen)
    assert.equal(1796038716030000000, of["nginx[4026532301]"].last_seen)
  end)

  it("shows who was taken off an idle CPU", function()
    local of = rows_of("Containers", trace)
    -- 80 ms three times; 1 ms of the rest another thread runs.
    assert.equal(240 * ms, of["hog[4026532302]"].likely_throttled)
    assert.equal(0, of["nginx[4026532301]"].likely_throttled)
    -- The machine has no quota.
    assert.is_nil(of.host.likely_throttled)
  end)

  it("does not take short gaps for a quota", function()
    local events = { cpu = 0 }
    local function add(at, name, fields)
      events[#events + 1] = { at, name, fields }
    end
    local function switch(at, prev, state, next_tid)
      add(at, "sched_switch", { prev_tid = prev, prev_comm = "app", prev_prio = 20,
        prev_state = state, next_tid = next_tid, next_comm = "app", next_prio = 20 })
    end
    add(1, "lttng_statedump_process_state", { tid = 1, pid = 1, ppid = 0, name = "init" })
    add(2, "lttng_statedump_process_pid_ns", { tid = 1, vtid = 1, vpid = 1, ns_level = 0,
      ns_inum = 4026531836 })
    add(3, "lttng_statedump_process_state", { tid = 7, pid = 7, ppid = 1, name = "app" })
    add(4, "lttng_statedump_process_pid_ns", { tid = 7, vtid = 1, vpid = 1, ns_level = 1,
      ns_inum = 4026532301 })
    add(5, "lttng_statedump_process_pid_ns", { tid = 7, vtid = 7, vpid = 7, ns_level = 0,
      ns_inum = 4026531836 })
    local at = ms
    for _, gap in ipairs { 4.9, 0.1, 3, 5, 4.999999 } do
      switch(at, 0, 0, 7)
      switch(at + ms, 7, 0, 0)
      at = at + ms + math.tointeger(gap * ms)
    end
    switch(at, 0, 0, 7)
    switch(at + ms, 7, 1, 0)
    local row = rows_of("Containers", host.trace { streams = { events } })["app[4026532301]"]
    assert.same({ 5 * ms, math.tointeger(17.999999 * ms) }, { row.likely_throttled, row.waited })
  end)

  it("shows who ran while others waited", function()
    local found
    for _, row in ipairs(host.rows("containers", "--output", "json", trace)) do
      if row.table == "Who ran while others waited for a CPU" and row.waited == "host" then
        assert.is_nil(found)
        found = row
      end
    end
    assert.equal("nginx[4026532301]", found.ran)
    assert.equal(10 * ms, found.time)
  end)

  it("shows calls, files, networks and disks", function()
    local row = rows_of("System calls, files, networks and disks", trace)["nginx[4026532301]"]
    assert.equal(4, row.calls)
    assert.equal(4096, row.read)
    assert.equal(16 * 512, row.disk_read)
    assert.equal(0, row.disk_written)
  end)

  it("shows only what filters leave", function()
    for _, words in ipairs { { "--procname", "nosuch" }, { "--container", "nosuch" } } do
      assert.same({}, rows_of("Containers", words[1], words[2], trace))
    end
    for _, words in ipairs { { "--procname", "nginx" }, { "--tid", "200" },
      { "--container", "nginx*" } } do
      local of = rows_of("Containers", words[1], words[2], trace)
      local name, row = next(of)
      assert.is_nil(next(of, name))
      assert.same({ "nginx[4026532301]", 19 * ms, 1, 1, "host" },
        { name, row.cpu, row.processes, row.threads, row.inside })
    end
    -- Who ran while they waited is whoever it was.
    local waited = {}
    for _, row in ipairs(host.rows("containers", "--output", "json", "--container", "host",
      trace)) do
      waited[#waited + 1] = row.ran and row.waited .. " " .. row.ran
    end
    assert.same({ "host nginx[4026532301]" }, waited)
  end)

  it("are compared by name, and per second", function()
    local function compared(...)
      local of = {}
      for _, row in ipairs(host.rows("compare", "--all", "--no-cache", "--output", "json", ...)) do
        if row.table == "Containers" then
          of[row.container .. " " .. row.value] = row
        end
      end
      return of
    end
    -- The hog runs for 20 ms of each 100 ms.
    local of = compared("--baseline", "[+5ms,+100ms]", trace, "--", "containers", "--timerange",
      "[+105ms,+200ms]")
    local row = of["hog[4026532302] cpu/s"]
    assert.same({ 3, 0.2e9, 0.2e9 }, { row.number, row.before, row.after })
    assert.is_nil(of["hog[4026532302] processes"])
    -- Numbers are those of one trace.
    of = compared(trace, listed, "--", "containers")
    assert.same({ 1, "same" }, { of["host cpu/s"].ratio, of["host cpu/s"].judgement })
    assert.is_nil(of["host cpu/s"].number)
    assert.equal("new", of["web cpu/s"].judgement)
  end)

  it("are called as the list beside the trace says", function()
    local of = rows_of("Containers", listed)
    assert.equal(60 * ms, of.hog.cpu)
    assert.equal(19 * ms, of.web.cpu)
    assert.equal(1 * ms, of["agent[4026532403]"].cpu)
    assert.equal(5 * ms, of.host.cpu)
  end)

  it("are called as the lists beside all traces of a machine say", function()
    local first, second = containers.traces()
    local result = host.run("containers", "--no-cache", first, second)
    assert.equal(0, result.status, result.err)
    assert.is_truthy(result.out:find "web +%d", result.out)
    -- It is no stream that was not understood.
    assert.is_nil(result.err:find("containers.tsv", 1, true), result.err)
  end)

  it("are not looked for in a list without end", function()
    local folder = containers.trace(true)
    local file <close> = assert(io.open(folder .. "/containers.tsv", "r+"))
    local head, rest = file:read "l", file:read "a"
    local none, other = {}, {}
    for column in head:gmatch "[^\t]+" do
      none[#none + 1] = "-"
      other[#other + 1] = column == "pid_ns" and "77" or "-"
    end
    file:seek "set"
    file:write(head, "\n", (table.concat(none, "\t") .. "\n"):rep(1000), rest)
    file:flush()
    assert.is_truthy(rows_of("Containers", folder).web)
    file:seek "set"
    file:write(head, "\n", (table.concat(other, "\t") .. "\n"):rep(1 << 16), rest)
    file:flush()
    local of = rows_of("Containers", folder)
    assert.is_nil(of.web)
    assert.is_truthy(of["nginx[4026532301]"])
  end)

  it("have names from saved states, too", function()
    local cache = host.path "cache"
    assert.equal(0, host.run("index", "--cache", cache, listed).status)
    local jobs = host.run("containers", "--cache", cache, "--jobs", "2", listed)
    assert.equal(host.run("containers", "--no-cache", listed).out, jobs.out)
    -- The list is not a part of the state.
    assert.equal(0, host.shell("rm " .. host.quote(listed .. "/containers.tsv")).status)
    local result = host.run("containers", "--cache", cache, "--begin", "+50ms", listed)
    assert.is_truthy(result.out:find("hog[4026532302]", 1, true))
    assert.is_nil(result.out:find("web", 1, true))
  end)

  it("are fields of events", function()
    local script = host.script [[
      local analysis = require "lttnga.analysis"
      return analysis { title = "Calls", options = { "process" },
        begin = function(w) w.seen = {} end,
        on = { syscall_exit = function(w, name, container, container_id, container_ns, cgroup, vtid,
            vpid, tid)
          w.seen[#w.seen + 1] = { call = table.concat({ name, container, container_id,
            container_ns, cgroup or "-", vtid, vpid, tid }, " ") }
        end },
        tables = { { "calls", "Calls", { { "Call", "string", "call" } },
          rows = function(w) return w.seen end } } }
    ]]
    local result = host.run_as_is(script, "--limit", "1", "--output", "csv", containers.trace(true))
    assert.is_truthy(result.out:find("openat web 3 4026532301 /docker/0123 1 1 200", 1, true)
      or result.out:find("openat web 2 4026532301 /docker/0123 1 1 200", 1, true), result.out)
  end)
end)

describe("events of the trace", function()
  local trace = containers.trace(true)

  it("are filtered by --container", function()
    local function events(...)
      local rows, names = host.rows("trackprocess", "--output", "json", ...), {}
      for i, row in ipairs(rows) do
        names[i] = row.event .. " " .. (row.process.tid or "?")
      end
      return names
    end
    local web = events("--container", "web", trace)
    assert.equal(13, #web)
    for _, one in ipairs(web) do
      assert.is_truthy(one:find " 200$", one)
    end
    assert.same({}, events("--container", "web", "--tid", "300", trace))
    assert.same(web, events("--container", "4026532301", trace))
    assert.same(web, events("--filter", "current_container == 'web'", trace))
  end)

  it("have their container as parameters of hooks", function()
    local script = host.script [[
      local analysis = require "lttnga.analysis"
      return analysis { title = "P", options = {}, begin = function(w) w.seen = {} end,
        on = { sched_stat_runtime = function(w, tid, container, current_container_id,
            current_container_ns)
          w.seen[#w.seen + 1] = { text = table.concat({ tid, container, current_container_id,
            current_container_ns }, " ") }
        end },
        tables = { { "p", "P", { { "Text", "string", "text" } },
          rows = function(w) return w.seen end } } }
    ]]
    local seen = {}
    for _, row in ipairs(host.rows(script, "--output", "json", trace)) do
      seen[row.text] = true
    end
    assert.is_true(seen["200 web 2 4026532301"])
    assert.is_true(seen["300 hog 3 4026532302"])
    assert.is_true(seen["1 host 1 4026531836"])
  end)
end)

describe("a session", function()
  it("lists containers", function()
    local result = host.run("-e", 'go "end" for _, c in ipairs(containers()) do '
      .. 'print(c.container_id, c.container, c.parent, c.kind, c.container_ns, c.threads, '
      .. 'c.cgroup) end',
      "--no-cache", containers.trace(true))
    assert.equal(0, result.status, result.err)
    assert.is_truthy(result.out:find("1\thost\tnil\tpid\t4026531836\t1\tnil\n", 1, true),
      result.out)
    assert.is_truthy(result.out:find("\tweb\thost\tpid\t4026532301\t1\t/docker/0123\n", 1, true))
    assert.is_truthy(result.out:find("\tagent[4026532403]\thost\tcgroup\t4026532403\t1\t", 1,
      true))
    local shown = host.run("-e", 'go "end"', "-e", "containers()", "--no-cache",
      containers.trace(true)).out
    assert.is_truthy(shown:find("Number Container +Inside Threads Namespace +Cgroup"), shown)
    assert.is_truthy(shown:find("hog +host +1 pid:%[4026532302%] +/lxc.payload.hog"), shown)
  end)
end)

describe("tables for SQL", function()
  local trace = containers.trace(true)

  local function ask(question)
    return host.run_as_is("sql", "--no-cache", "--output", "csv", trace, question).out
  end

  it("have the container of each thread", function()
    assert.equal('"container","cpu"\r\n"hog",60000000\r\n"web",20000000\r\n"host",5000000\r\n'
      .. '"agent[4026532403]",1000000\r\n', ask("select container, sum(dur) as cpu from sched "
      .. "where busy group by container_id order by cpu desc"))
    assert.equal('"sum(size)"\r\n4096\r\n', ask("select sum(size) from syscall "
      .. "where container = 'web' and io_class = 'read'"))
  end)

  it("have a table of containers", function()
    local rows = ask("select c.name, c.ns_inum, p.name as inside, c.cgroup from container c "
      .. "left join container p on p.container_id = c.parent_id order by c.name")
    assert.equal('"name","ns_inum","inside","cgroup"\r\n'
      .. '"agent[4026532403]",4026532403,"host",\r\n'
      .. '"hog",4026532302,"host","/lxc.payload.hog"\r\n"host",4026531836,,\r\n'
      .. '"web",4026532301,"host","/docker/0123"\r\n', rows)
  end)
end)

describe("--container", function()
  local trace = containers.trace(true)

  local function count(what)
    local rows, result = host.rows("syscalls", "--output", "json", "--container", what, trace)
    return #rows, result.err
  end

  it("takes names, numbers of namespaces, and exceptions", function()
    assert.equal(4, count "web")
    assert.equal(4, count "w*,nobody")
    assert.equal(4, count "4026532301")
    assert.equal(4, count "pid:[4026532301]")
    assert.equal(4, count "!host")
    assert.equal(0, (count "host"))
    assert.equal(0, (count "!4026532301"))
    assert.equal(0, (count "!web"))
  end)

  it("says if the trace does not tell namespaces", function()
    local plain = host.trace { streams = { { cpu = 0,
      { 1000, "sched_switch", { prev_tid = 0, prev_comm = "swapper/0", prev_prio = 20,
        prev_state = 0, next_tid = 7, next_comm = "app", next_prio = 20 } },
      { 2000, "sched_switch", { prev_tid = 7, prev_comm = "app", prev_prio = 20, prev_state = 1,
        next_tid = 0, next_comm = "swapper/0", next_prio = 20 } } } } }
    local function warns(...)
      return select(2, host.run(...).err:gsub("does not tell in which namespaces threads are", ""))
    end
    assert.equal(1, warns("containers", plain))
    assert.equal(1, warns("cputop", "--container", "web", plain))
    assert.equal(1, warns("cputop,schedtop", "--by", "container", plain))
    assert.equal(0, warns("cputop", plain))
    assert.equal(0, warns("cputop", "--container", "web", trace))
  end)

  it("says which there are", function()
    local _, err = count "wbe"
    assert.is_truthy(err:find("--container: no event has container wbe", 1, true), err)
  end)
end)

--- The trace of real containers, if $TRACES has it.
local folder = (" " .. (os.getenv "TRACES" or "")):match " (%S*/containers)%f[%s\0]"

--- What cgroups used, by their own account (cpu.stat, read at these moments), in us.
local charged = {
  [4026532322] = { "11:38:37.253195050", "11:38:56.524532428", 5684331 - 1856295, 0.01 },
  [4026532386] = { "11:38:37.649360463", "11:38:56.776633426", 2837745 - 958245, 0.01 },
  [4026532272] = { "11:38:37.924626394", "11:38:57.080002068", 966700 - 660305, 0.05 },
}

describe("a trace of real containers", function()
  if not folder then
    pending "has the CPU time of cpu.stat: $TRACES names no trace 'containers'"
    return
  end

  it("has the CPU time of cpu.stat", function()
    for inum, one in pairs(charged) do
      local of = {}
      for _, row in pairs(rows_of("Containers", "--timerange", one[1] .. "," .. one[2], folder)) do
        of[row.namespace or 0] = row
      end
      local difference = math.abs(of[inum].cpu / 1000 - one[3]) / one[3]
      assert.is_true(difference < one[4], ("%d: %f"):format(inum, difference))
    end
  end)

  it("has no throttled time where cpu.stat has none", function()
    local of = {}
    for _, row in pairs(rows_of("Containers", folder)) do
      of[row.namespace or 0] = row.likely_throttled
    end
    -- nr_throttled is 0 for webc, clientc and latec; hogc was throttled for 13.4 s.
    assert.same({ 0, 0, 0 }, { of[4026532272], of[4026532444], of[4026532502] })
    assert.is_true(of[4026532322] > 3e9 and of[4026532322] < 13.5e9)
  end)

  it("has what is missing of cpu.stat with the maker of a container", function()
    -- That of latec, at its end; TID 692 has made it, and was moved to its cgroup at this time.
    local script = host.script [[
      local analysis = require "lttnga.analysis"
      return analysis { title = "P", options = { "process" }, begin = function(w) w.sum = 0 end,
        on = { cpu_runtime = function(w, runtime) w.sum = w.sum + runtime end },
        tables = { { "p", "P", { { "Sum", "duration", "sum" } },
          rows = function(w) return { { sum = w.sum } } end } } }
    ]]
    local before = host.rows(script, "--output", "json", "--tid", "692", "--container", "host",
      "--begin", "11:38:39.313623253", folder)[1].sum
    local own = rows_of("Containers", folder).latec.cpu
    assert.equal(404003999, own)
    assert.equal(53260569, before)
    assert.is_true(math.abs((own + before) / 1000 / 457397 - 1) < 0.001)
  end)

  it("has the bytes of the programs' own logs", function()
    local function bytes(inum, path, ...)
      local rows = host.rows("filetop", "--all", "--output", "json", "--container", inum, "--path",
        path, ...)
      assert.equal(1, #rows)
      return rows[1]
    end
    local writer = bytes("4026532386", "/root/*", "--timerange", "11:38:40,11:38:55", folder)
    assert.equal(7680000, writer.w_bytes)
    assert.equal(176, writer.writes)
    assert.equal(768561, bytes("4026532272", "socket", folder).w_bytes)
  end)

  it("has the PIDs of each side", function()
    local script = host.script [[
      local analysis = require "lttnga.analysis"
      return analysis { title = "P", options = {}, begin = function(w) w.of = {} end,
        on = { sched_slice = function(w, tid, vpid, container_ns)
          w.of[tid] = vpid and container_ns and vpid .. " " .. container_ns
        end },
        tables = { { "p", "P", { { "TID", "number", "tid" }, { "Where", "string", "where" } },
          rows = function(w)
            local rows = {}
            for _, tid in ipairs { 575, 599, 613 } do
              rows[#rows + 1] = { tid = tid, where = w.of[tid] }
            end
            return rows
          end } } }
    ]]
    local rows = host.rows(script, "--output", "json", folder)
    local where = {}
    for i, row in ipairs(rows) do
      where[i] = row.tid .. " " .. row.where
    end
    assert.same({ "575 4 4026532272", "599 4 4026532322", "613 4 4026532386" }, where)
  end)
end)
