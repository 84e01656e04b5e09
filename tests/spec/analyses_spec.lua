--- The stock analyses on real traces: their output is what it was.
--
-- What they print is kept in tests/golden. `GOLDEN=write make check` writes it anew: then read the
-- difference.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"

--- Folders of the traces in tests/traces, by name, and the example.
local traces = { example = build .. "/example-trace" }
for _, name in ipairs { "compat", "lost", "ust-and-kernel" } do
  traces[name] = host.real_trace(name)
end

--- Compares with a file in tests/golden, or writes it.
local function is_golden(name, text)
  local path = "tests/golden/" .. name
  if os.getenv("GOLDEN") == "write" then
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
  end
  assert.equal(host.read(path), text)
end

-- One that has connections.
local network = { ["twohosts-a"] = host.real_trace "twohosts-a" }

-- One that has signals.
local signals = { signals = require("tests.spec.signals").folder }
-- One of three containers.
local containers = require "tests.spec.containers_trace"

-- A period without blanks, since the words below are split at these.
local OPEN = 'open:$evt.$name=="syscall_entry_openat":$evt.$name=="syscall_exit_openat"'
  .. "&&$evt.tid==$begin.$evt.tid"

--- What is kept of each analysis: text for all traces, and for some more options and formats.
local kept = {
  { "iolatencystats" }, { "iolatencystats", "--output", "lami" },
  { "iolatencystats", "--percentiles", "--refresh", "2" },
  { "iolatencytop", "--limit", "3" }, { "iolatencyfreq", "--freq-uniform", "--max", "10ms" },
  { "iousagetop", "--limit", "5" }, { "iolog", "--min", "1ms" },
  { "iousagetop", "--per-tid", "--limit", "4", "--output", "csv" },
  { "iolatencytop", "--limit", "2", "--output", "json" },
  { "cputop", "--limit", "5" }, { "cputop", "--limit", "2", "--refresh", "2", "--output", "csv" },
  { "memtop", "--limit", "5" }, { "syscallstats", "--limit", "3" },
  { "irqstats" }, { "irqstats", "--percentiles", "--output", "lami" },
  { "irqfreq", "--freq-resolution", "4", "--freq-uniform" }, { "irqlog", "--min", "2ms" },
  { "schedstats", "--total", "--per-prio", "--per-tid" },
  { "schedfreq", "--total", "--per-prio", "--freq-resolution", "5" },
  { "schedlog", "--min", "10ms" }, { "schedtop", "--limit", "4", "--output", "json" },
  { "schedtop", "--limit", "4" }, { "schedstates", "--limit", "4" },
  { "wakers", "--limit", "5" }, { "wakers", "--by-process", "--output", "csv" },
  { "locks" }, { "locks", "--output", "csv" },
  { "containers" }, { "containers", "--output", "csv" },
  { "runqueue", "--limit", "4" }, { "runqueue", "--by-process", "--output", "csv" },
  { "waits", "--limit", "4" }, { "waits", "--idle", "--limit", "3", "--output", "lami" },
  { "waits", "--fold" }, { "cputop", "--fold" }, { "pageflush", "--fold" },
  { "criticalpath", "--procname", "wc,sed", "--fold" },
  { "waitstop", "--limit", "4" }, { "waitslog", "--min", "20ms" },
  { "waitslog", "--cause", "disk", "--output", "json" },
  { "waitsfreq", "--freq-resolution", "4" },
  { "criticalpath", "--limit", "4" }, { "criticalpath", "--procname", "wc,sed", "--limit", "8" },
  { "criticalpath", "--tid", "393", "--limit", "3", "--output", "json" },
  { "criticalpath", "--tid", "393", "--limit", "2", "--refresh", "2", "--output", "lami" },
  { "pageflush", "--limit", "3" }, { "pageflush", "--limit", "2", "--output", "lami" },
  { "trackprocess", "--tid", "1" }, { "info" }, { "info", "--short" },
  { "overview" }, { "overview", "--refresh", "1", "--output", "csv" },
  { "dirtytop", "--limit", "4" }, { "writeback", "--limit", "3", "--output", "csv" },
  { "netconns", on = { example = traces.example, ["twohosts-a"] = network["twohosts-a"] } },
  { "netconns", "--refresh", "2", "--output", "csv", on = network },
  { "netconns", "--percentiles", "--output", "json", on = network },
  { "netconns", "--limit", "2", "--output", "lami", on = network },
  { "periodstats", "--period", OPEN, as = "periodstats-open" },
  { "periodstats", "--period", OPEN, "--output", "lami", as = "periodstats-open-lami" },
  { "periodtop", "--period", OPEN, "--limit", "3", "--period-captures", "open:f=$evt.filename",
    as = "periodtop-open" },
  { "periodlog", "--period", OPEN, "--min-duration", "1ms", as = "periodlog-open" },
  { "periodfreq", "--period", OPEN, "--freq-resolution", "4", as = "periodfreq-open" },
  { "requests" }, { "requests", "--request", "fsync", "--refresh", "2", "--output", "csv" },
  { "requests", "--request", "server", on = network },
  { "requeststop", "--request", "disk", "--limit", "4" },
  { "requestslog", "--request", "process", "--output", "json" },
  { "requestsfreq", "--request", "irq", "--group-by", "name" },
  { "why", "--request", "fsync", "--slowest", "1" }, { "why", "--tid", "393", "--output", "json" },
  { "cputop", "--request", "fsync", "--during", "slow", "--limit", "3" },
  { "timeline", "--output-file", "/dev/null", as = "timeline" },
  { "export", "--force", "--to", host.path "tables", as = "export" },
  { "irqtop", "--limit", "5" }, { "irqtop", "--softirq", "1", "--limit", "2", "--output", "json" },
  { "syscalls", "--limit", "6" }, { "syscalls", "--by-process", "--limit", "4" },
  { "syscalls", "--limit", "4", "--refresh", "2", "--output", "csv" },
  { "biolatency" }, { "biolatency", "--per-disk", "--per-flag", "--output", "csv" },
  { "biosnoop", "--min", "5ms" }, { "biosnoop", "--limit", "3", "--output", "lami" },
  { "opensnoop", "--failed" }, { "opensnoop", "--limit", "4", "--output", "json" },
  { "filetop", "--limit", "5" }, { "filetop", "--all", "--limit", "3", "--output", "csv" },
  { "fileslower" }, { "fileslower", "--all", "--min", "50ms", "--output", "json" },
  { "latencymap", "--procname", "dd" }, { "latencymap", "--output", "json", "--limit", "5" },
  { "runqlat" }, { "runqlat", "--per-process", "--output", "csv" },
  { "runqlat", "--per-thread", "--preempted" }, { "runqslower", "--min", "20ms" },
  { "runqslower", "--min", "20ms", "--refresh", "2", "--output", "json" },
  { "offcputime", "--limit", "5" }, { "offcputime", "--fold" },
  { "offcputime", "--per-process", "--idle", "--limit", "3", "--output", "lami" },
  { "execsnoop", "--fails" }, { "execsnoop", "--output", "json" },
  { "killsnoop", on = { example = traces.example, signals = signals.signals } },
  { "killsnoop", "--output", "json", on = signals },
  { "tcplife", on = { example = traces.example, ["twohosts-a"] = network["twohosts-a"] } },
  { "tcplife", "--refresh", "1", "--output", "csv", on = network },
  { "timehist", "--state", "--procname", "dd" },
  { "timehist", "--cpu", "0", "--limit", "20", "--output", "json" },
}

--- Runs an analysis, and compares what it says.
local function check_run(words, name, folder, more, as)
  local all = { table.unpack(words) }
  table.move(more, 1, #more, #all + 1, all)
  all[#all + 1] = folder
  local result = host.run_as_is(table.unpack(all))
  assert.equal(0, result.status, result.err)
  -- Warnings and notes too, but not where the trace happens to be.
  local said = (result.err .. result.out):gsub(folder:gsub("%p", "%%%0"), "TRACE")
  is_golden(("%s-%s.txt"):format(as, name), said)
end

for _, words in ipairs(kept) do
  local called = table.concat(words, " ")
  local as = words.as or called:gsub("%-%-", ""):gsub(" ", "-")
  local is_text = not called:find "%-%-output "
  describe(called .. " prints what it did before", function()
    for name, folder in pairs(words.on or traces) do
      it("on the trace " .. name, function()
        check_run(words, name, folder, is_text and { "--classic" } or {}, as)
      end)
    end
  end)
  local narrow = is_text and not called:find "%-%-fold"
  for name, folder in pairs(narrow and (words.on or { example = traces.example }) or {}) do
    it(called .. " prints what it did on 80 columns, on the trace " .. name, function()
      check_run(words, name, folder, { "--width", "80" }, as .. "-width-80")
    end)
  end
end

describe("the heading of an analysis", function()
  for name, call in pairs {
    iolatencystats = "iolatencystats", iolatencytop = "iolatencytop --limit 2",
    iolatencyfreq = "iolatencyfreq --max 1ms --freq-resolution 5", iolog = "iolog --tid 393",
    iousagetop = "iousagetop --limit 2", cputop = "cputop --limit 3", memtop = "memtop --limit 3",
    syscallstats = "syscallstats --tid 393", irqstats = "irqstats",
    irqfreq = "irqfreq --irq 29 --freq-resolution 5", irqlog = "irqlog --irq 29",
    schedstats = "schedstats --procname dd,ls,wc", schedlog = "schedlog --tid 393",
    schedfreq = "schedfreq --total --freq-resolution 5", schedtop = "schedtop --limit 3",
    schedstates = "schedstates --limit 3", runqueue = "runqueue --limit 3",
    pageflush = "pageflush --limit 1 --procname dd", waits = "waits --procname dd",
    waitstop = "waitstop --limit 3", waitslog = "waitslog --procname dd",
    waitsfreq = "waitsfreq --cause disk --freq-resolution 5",
    criticalpath = "criticalpath --tid 393 --limit 6",
    wakers = "wakers --limit 4", locks = "locks",
    dirtytop = "dirtytop --limit 2", writeback = "writeback --limit 2",
    trackprocess = "trackprocess --tid 393 --timerange [15:36:40.295,15:36:40.2957]",
    info = "info", overview = "overview", netconns = "netconns --limit 2",
    periodstats = "periodstats --period " .. OPEN,
    periodtop = "periodtop --limit 3 --period-captures open:file=$evt.filename:ret=$evt.ret "
      .. "--period " .. OPEN,
    periodlog = "periodlog --period-captures open:file=$evt.filename:ret=$evt.ret --period "
      .. OPEN,
    periodfreq = "periodfreq --freq-resolution 4 --period " .. OPEN,
    requests = "requests --request fsync", requeststop = "requeststop --request fsync --limit 3",
    why = "why --request fsync --limit 4", requestslog = "requestslog --request fsync",
    requestsfreq = "requestsfreq --request fsync", latencymap = "latencymap --procname dd",
    irqtop = "irqtop --limit 3", syscalls = "syscalls --limit 6", biolatency = "biolatency",
    biosnoop = "biosnoop --tid 390 --limit 6", opensnoop = "opensnoop --tid 388",
    filetop = "filetop --limit 4", fileslower = "fileslower --procname bash,ls,dd,cat,wc",
    timeline = "timeline -o /dev/null --tracks calls,disks",
    export = "export --limit 2 --force --to " .. host.path "tables",
    runqlat = "runqlat", runqslower = "runqslower --min 25ms",
    offcputime = "offcputime --limit 5", execsnoop = "execsnoop --limit 4",
    containers = "containers",
    killsnoop = "killsnoop", tcplife = "tcplife", timehist = "timehist --procname wc",
  } do
    it("shows real output: " .. name, function()
      local words = {}
      for word in call:gmatch("%S+") do
        words[#words + 1] = word
      end
      local other = { netconns = network["twohosts-a"], tcplife = network["twohosts-a"],
        killsnoop = signals.signals, containers = containers.trace(true) }
      words[#words + 1] = other[name] or traces.example
      words[#words + 1] = "--width=80"
      local printed = host.run_as_is(table.unpack(words)).out
        :gsub(traces.example:gsub("%p", "%%%0"), "build/example-trace")
      local heading = host.run("--help", name).out:match("^(.-)\n\nOptions:")
      local shown = heading:match("(Timerange:.*)$"):gsub("\n  ", "\n")
      assert.equal(shown, printed:sub(1, #shown))
    end)
  end

  it("and the README's, too", function()
    local readme = host.read("README.md")
    local rows = host.read("tests/golden/iolatencystats-width-80-example.txt"):match "\n\n(.*)\n\n"
    for row in rows:gmatch("[^\n]+") do
      assert.is_truthy(readme:find(row, 1, true), row)
    end
  end)
end)

--- Streams of the trace "lost" have packets of this size.
local PACKET = 4096

--- The packets from `first` to `last` of each stream of "lost" as a trace of its own, in `folder`.
local function cut(folder, first, last, suffix)
  assert(host.shell(([[mkdir -p %s && cp %s/kernel/metadata %s && for cpu in 0 1 2 3; do
    tail -c +%d %s/kernel/chan_$cpu | head -c %d >%s/chan_${cpu}%s; done]]):format(
      folder, traces.lost, folder, (first - 1) * PACKET + 1, traces.lost,
      (last - first + 1) * PACKET, folder, suffix or "")).status == 0)
end

describe("a trace gives the same", function()
  local whole = host.run("iolatencystats", traces.lost)

  local function is_whole(folder)
    local result = host.run("iolatencystats", folder)
    assert.equal(0, result.status, result.err)
    assert.equal(whole.out, result.out)
    assert.equal(whole.err, result.err)
  end

  it("in several files per stream", function()
    local folder = host.path("files")
    cut(folder, 1, 20, "_0")
    cut(folder, 21, 45, "_1")
    cut(folder, 46, 60, "_2")
    is_whole(folder)
  end)

  it("in archived chunks", function()
    local folder = host.path("chunks")
    cut(folder .. "/archives/20261123T155008-0/kernel", 1, 20)
    cut(folder .. "/archives/20261123T155009-1/kernel", 21, 45)
    cut(folder .. "/archives/20261123T155010-2/kernel", 46, 60)
    is_whole(folder)
  end)

  it("in snapshots that overlap", function()
    local folder = host.path("snapshots")
    cut(folder .. "/first-0/kernel", 1, 40)
    cut(folder .. "/second-1/kernel", 21, 60)
    is_whole(folder)
  end)

  it("if it is named twice", function()
    assert.equal(whole.out, host.run("iolatencystats", traces.lost, traces.lost).out)
  end)
end)
