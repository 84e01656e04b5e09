--- lttnga-containers, by itself and called by lttnga-record.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local recorder = require "tests.spec.recorder"

local all_events, list, shell = recorder.all_events, recorder.list, recorder.shell
local bin, hostname, files = recorder.bin, recorder.hostname, recorder.files
local proc_of, program_on, lines_of = recorder.proc_of, recorder.program_on, recorder.lines_of
local command_for, without_buffers = recorder.command_for, recorder.without_buffers
local record, calls_for, plain = recorder.record, recorder.calls_for, recorder.plain

describe("lttnga-containers", function()
  local web, job = ("a1"):rep(32), ("b2"):rep(32)

  --- The files of a process: its cgroup, and links for its namespaces.
  local function process(root, pid, cgroup, namespaces)
    files(root, { [("proc/%d/cgroup"):format(pid)] = cgroup })
    shell(("mkdir -p %s/proc/%d/ns"):format(root, pid))
    for kind, number in pairs(namespaces) do
      shell(("ln -s '%s:[%d]' %s/proc/%d/ns/%s"):format(kind, number, root, pid, kind))
    end
  end

  --- A machine with programs that know containers: the lister there, and PATH.
  local function containers_on(programs)
    local root, folder = host.path("machine"), host.path("bin")
    files(root, proc_of(2, 8192))
    local home_ns = { pid = 1, mnt = 2, net = 3, uts = 4, ipc = 5, user = 6, cgroup = 7 }
    local function ns(pid, mnt)
      return { pid = pid, mnt = mnt, net = 3, uts = mnt, ipc = 5, user = 6, cgroup = 7, time = 8 }
    end
    process(root, 1, "0::/init.scope\n", home_ns)
    local of_web = "0::/system.slice/docker-" .. web .. ".scope\n"
    process(root, 40, "1:name=systemd:/\n" .. of_web, ns(100, 101))
    process(root, 41, of_web, ns(100, 101))
    -- Of the host's PID namespace.
    process(root, 50, "0::/kubepods.slice/cri-containerd-" .. job .. ".scope\n", ns(1, 201))
    process(root, 60, "0::/user.slice\n", ns(300, 301))
    process(root, 9, "0::/user.slice\n", ns(300, 301))
    process(root, 70, "0::/machine.slice/machine-build.scope/payload\n", ns(400, 401))
    process(root, 80, "0::/system.slice/cron.service\n", home_ns)
    local texts = {}
    for name, text in pairs(programs) do
      texts[name] = "#!/bin/sh\n" .. text
    end
    files(folder, texts)
    shell("mkdir -p " .. folder .. " && chmod -R +x " .. folder)
    return program_on(root, "record/lttnga-containers"),
      "PATH=" .. folder .. ":" .. os.getenv "PATH", root
  end

  local docker = ([[case $1 in
    ps) echo %s ;;
    inspect) printf '40\t%%s\t/web-1\tnginx:1.25\n' "$4" ;;
    esac
    ]]):format(web)

  --- Rows of a table with tabs, by the names in the first line.
  local function rows_of(text)
    local names, rows = nil, {}
    for line in text:gmatch "[^\n]+" do
      local row, i = {}, 0
      for value in (line .. "\t"):gmatch "(.-)\t" do
        i = i + 1
        row[names and names[i] or i] = value
      end
      if names then
        rows[#rows + 1] = row
      else
        names = row
      end
    end
    return rows, names
  end

  it("lists those that a runtime knows, and those that none does", function()
    local lister, path = containers_on { docker = docker, nsenter = "echo web-host\n" }
    local result = host.shell(path .. " " .. lister .. " start")
    assert.equal("", result.err)
    assert.equal(0, result.status)
    local rows, names = rows_of(result.out)
    assert.same({ "when", "runtime", "name", "id", "image", "pid", "hostname", "pid_ns", "mnt_ns",
      "net_ns", "uts_ns", "ipc_ns", "user_ns", "cgroup_ns", "time_ns", "cgroup", "pids" }, names)
    assert.same({ when = "start", runtime = "host", name = hostname, id = "-", image = "-",
      pid = "1", hostname = hostname, pid_ns = "1", mnt_ns = "2", net_ns = "3", uts_ns = "4",
      ipc_ns = "5", user_ns = "6", cgroup_ns = "7", time_ns = "-", cgroup = "/init.scope",
      pids = "-" }, rows[1])
    assert.same({ when = "start", runtime = "docker", name = "web-1", id = web,
      image = "nginx:1.25", pid = "40", hostname = "web-host", pid_ns = "100", mnt_ns = "101",
      net_ns = "3", uts_ns = "101", ipc_ns = "5", user_ns = "6", cgroup_ns = "7", time_ns = "8",
      cgroup = "/system.slice/docker-" .. web .. ".scope", pids = "40,41" }, rows[2])
    local others = {}
    for i = 3, #rows do
      local row = rows[i]
      others[row.pid] = ("%s %s %s %s"):format(row.runtime, row.id, row.pid_ns, row.pids)
    end
    assert.same({ ["50"] = "kubernetes " .. job .. " 1 50", ["9"] = "- - 300 60,9",
      ["70"] = "machinectl machine-build 400 70" }, others)
    assert.same(#rows, 5)
    -- Without the heading.
    local again = host.shell(path .. " " .. lister .. " stop").out
    assert.matches("^stop\thost\t", again)
  end)

  it("takes no host name for columns or lines, and no monitor for part of a container", function()
    local lister, path, root = containers_on { docker = docker,
      nsenter = "printf 'a\\tb\\nhost\\tfake\\n'\n" }
    process(root, 39, "0::/machine.slice/libpod-conmon-" .. web .. ".scope\n", { pid = 1, mnt = 2 })
    local rows = rows_of(host.shell(path .. " " .. lister).out)
    assert.equal("a?b?host?fake", rows[2].hostname)
    assert.equal("40,41", rows[2].pids)
    assert.equal(5, #rows)
  end)

  it("asks all runtimes", function()
    local function first(programs)
      local lister, path = containers_on(programs)
      return rows_of(host.shell(path .. " " .. lister).out)[2]
    end
    local row = first { podman = docker }
    assert.equal("podman web-1 40", row.runtime .. " " .. row.name .. " " .. row.pid)
    row = first { crictl = ([[case $1 in
      ps) echo %s ;;
      inspect) printf '50\t%%s\tshop/cart-7/cart\tcart:3\n\n' %s ;;
      esac
      ]]):format(job, job) }
    assert.equal("crictl shop/cart-7/cart 50 " .. job, row.runtime .. " " .. row.name .. " " ..
      row.pid .. " " .. row.id)
    row = first { incus = "printf '40,web\\n0,stopped\\n'\n" }
    assert.equal("incus web 40 - 40,41", ("%s %s %s %s %s"):format(row.runtime, row.name, row.pid,
      row.id, row.pids))
    row = first { ["lxc-ls"] = "echo box\n", ["lxc-info"] = "echo 60\n" }
    assert.equal("lxc-ls box 60 9", ("%s %s %s %s"):format(row.runtime, row.name, row.pid,
      row.pids:match "9$"))
    row = first { machinectl = [[case $1 in
      list) printf 'vm1 vm qemu\nbuild container systemd-nspawn debian\n' ;;
      show) echo 70 ;;
      esac
      ]] }
    assert.equal("machinectl build 70", row.runtime .. " " .. row.name .. " " .. row.pid)
  end)

  it("has nothing to say without containers", function()
    local root = host.path("machine")
    process(root, 1, "0::/init.scope\n", { pid = 1 })
    process(root, 5, "0::/a.service\n", { pid = 1 })
    local lister = program_on(root, "record/lttnga-containers")
    local result = host.shell("PATH=/usr/bin:/bin " .. lister .. " start")
    assert.equal("", result.out)
    assert.equal(1, result.status)
    assert.matches("^Usage: lttnga%-containers ", host.shell(lister .. " --help").out)
    assert.equal(2, host.shell(lister .. " --nothing").status)
  end)

  it("guesses no container where namespaces cannot be seen", function()
    local root = host.path("machine")
    process(root, 5, "0::/a.service\n", { pid = 77 })
    local lister = program_on(root, "record/lttnga-containers")
    assert.equal(1, host.shell("PATH=/usr/bin:/bin " .. lister .. " start").status)
  end)

  --- A run of lttnga-record beside that.
  local function recorded(words, programs)
    local lister, path, root = containers_on(programs)
    local output = host.path("output")
    local folder = host.path("program")
    shell(("mkdir %s && cp %s %s/lttnga-containers && cp %s %s/lttnga-record"):format(folder,
      lister, folder, program_on(root), folder))
    local command, calls = command_for(("--session s --output %s %s -- true"):format(output, words),
      { PATH = path:match "=(.-):" .. ":" .. bin .. ":" .. os.getenv "PATH" }, nil,
      folder .. "/lttnga-record")
    local result = host.shell(command)
    result.calls = lines_of(calls)
    return without_buffers(result), output .. "/containers.tsv", folder
  end

  it("is what lttnga-record writes beside the trace, at the start and at the end", function()
    local result, file = recorded("", { docker = docker })
    assert.equal(0, result.status)
    assert.equal("lttnga-record: containers: " .. file .. "\n", result.err)
    local rows = rows_of(host.read(file))
    local when = {}
    for _, row in ipairs(rows) do
      when[row.when .. " " .. row.pid] = row.name
    end
    assert.equal("web-1", when["start 40"])
    assert.equal("web-1", when["stop 40"])
    -- Nobody asked for more.
    for _, call in ipairs(result.calls) do
      assert.is_nil(call:find("_ns", 1, true))
    end
  end)

  it("is written only if it is wanted", function()
    local _, file = recorded("--no-containers", { docker = docker })
    assert.is_nil(io.open(file))
    local result
    result, file = recorded("--containers", {})
    assert.truthy(io.open(file))
    assert.equal(0, result.status)
  end)

  it("comes with namespaces", function()
    local namespaces = " lttng_statedump_process_pid_ns lttng_statedump_process_cgroup_ns"
    local result = record(plain .. "--containers -- true",
      { FAKE_EVENTS = all_events .. namespaces, FAKE_FAIL = "*--type=cgroup_ns" })
    local calls = calls_for("s", { events = list(all_events .. namespaces),
      channel = "lttng enable-channel --kernel --session=s --subbuf-size=16M --num-subbuf=4 " ..
        "lttnga" })
    for i, name in ipairs { "vpid", "vtid", "pid_ns", "mnt_ns", "uts_ns", "cgroup_ns" } do
      table.insert(calls, 8 + i,
        "lttng add-context --kernel --session=s --channel=lttnga --type=" .. name)
    end
    assert.same(calls, result.calls)
    assert.equal("lttnga-record: cannot find the program 'lttnga-containers': containers " ..
      "will have no names\n" ..
      "lttnga-record: context cgroup_ns not recorded: This is a test\n", result.err)
  end)

  it("is part of a dry run", function()
    local result, file, folder = recorded("--dry-run", { docker = docker })
    local calls = host.path("calls")
    shell(("PATH=%s:$PATH FAKE_CALLS=%s sh %s"):format(bin, calls, host.write(result.out)))
    assert.equal("", result.err)
    assert.truthy(result.out:find("\ncontainers=$(" .. folder .. "/lttnga-containers start)\n", 1,
      true))
    assert.matches("^when\truntime\t.*\nstop\t", host.read(file))
  end)
end)

--- Processes in namespaces of their own, where we may make such.
describe("lttnga-containers", function()
  --- Starts a shell in new namespaces, and waits until it sleeps.
  -- @treturn ?integer PID of its first process; nil if that is not allowed here
  -- @treturn integer PID of what to end
  local function start(name)
    local ready = host.path("ready")
    local inside = ("hostname %s && echo $$ > %s && exec sleep 100"):format(name, ready)
    local maker = host.shell(("unshare --pid --mount-proc --uts --net --fork --kill-child sh -c "
      .. "'%s' > %s.log 2>&1 & echo $!"):format(inside, ready)).out:match "%d+"
    for _ = 1, 50 do
      if io.open(ready) or not io.open("/proc/" .. maker .. "/status") then
        break
      end
      host.shell "sleep 0.1"
    end
    local file = io.open(ready) and io.open(("/proc/%s/task/%s/children"):format(maker, maker))
    local child = file and file:read "a":match "%d+"
    return math.tointeger(child), math.tointeger(maker)
  end

  local function inum(pid, kind)
    return host.shell(("readlink /proc/%s/ns/%s"):format(pid, kind)).out:match "%[(%d+)%]"
  end

  local pid, maker

  after_each(function()
    if maker then
      host.shell(("kill -9 %d 2> /dev/null"):format(maker))
    end
  end)

  it("sees real namespaces, and names that a trace then has", function()
    pid, maker = start "c-real"
    if not pid then
      pending "namespaces can't be made here (unshare needs root)"
      return
    end
    assert.matches("^NSpid:%s+" .. pid .. "%s+1\n",
      host.shell(("grep NSpid: /proc/%d/status"):format(pid)).out)
    local programs = host.path "programs"
    files(programs, { docker = ("#!/bin/sh\ncase $1 in ps) echo %s ;;\n"
      .. "inspect) printf '%d\\t%%s\\t/real\\timage:1\\n' %s ;; esac\n"):format(("ab"):rep(32),
      pid, ("ab"):rep(32)) })
    shell("chmod +x " .. programs .. "/docker")
    for _, known in ipairs { true, false } do
      local list_of = ("PATH=%s$PATH record/lttnga-containers start"):format(
        known and programs .. ":" or "")
      local result = host.shell(list_of)
      -- Without the namespaces of the machine itself, only runtimes tell what is a container.
      if not known and not inum(1, "pid") then
        break
      end
      assert.equal(0, result.status, result.err)
      local names, row = {}, nil
      for line in result.out:gmatch "[^\n]+" do
        local values, i = {}, 0
        for value in (line .. "\t"):gmatch "(.-)\t" do
          i = i + 1
          if not names.done then
            names[i] = value
          else
            values[names[i]] = value
          end
        end
        row = values.pid_ns == inum(pid, "pid") and values or row
        names.done = true
      end
      assert.is_table(row, result.out)
      for _, kind in ipairs { "pid", "mnt", "net", "uts", "ipc", "user", "cgroup" } do
        assert.equal(inum(pid, kind), row[kind .. "_ns"], kind)
      end
      assert.equal(tostring(pid), row.pid)
      assert.equal(known and "real" or "-", row.name)
      assert.equal(known and "c-real" or "-", row.hostname)
      -- What a trace of this machine would tell of that process.
      local function dumped(tid, name, ...)
        local events = { { tid * 1000, "lttng_statedump_process_state",
          { tid = tid, pid = tid, ppid = 1, name = name } } }
        for i, level in ipairs { ... } do
          events[#events + 1] = { tid * 1000 + i, "lttng_statedump_process_pid_ns",
            { tid = tid, vtid = level[1], vpid = level[1], ns_level = level[2],
              ns_inum = math.tointeger(tonumber(level[3])) } }
        end
        return events
      end
      local stream = dumped(1, "init", { 1, 0, inum("self", "pid") })
      for _, event in ipairs(dumped(pid, "sleep", { 1, 1, inum(pid, "pid") },
        { pid, 0, inum("self", "pid") })) do
        stream[#stream + 1] = event
      end
      stream.cpu = 0
      local trace = host.trace { streams = { stream } }
      files(trace, { ["containers.tsv"] = result.out })
      local shown = host.run("-e", 'go "end" for _, c in ipairs(containers()) do '
        .. 'print(c.container, c.container_ns, c.threads) end print(proc(' .. pid .. ').vpid)',
        "--no-cache", trace).out
      assert.is_truthy(shown:find(("%s\t%s\t1\n"):format(known and "real"
        or ("sleep[%s]"):format(inum(pid, "pid")), inum(pid, "pid")), 1, true), shown)
      assert.is_truthy(shown:find "\n1\n", shown)
    end
  end)
end)
