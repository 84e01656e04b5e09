--- The machine interface, as Trace Compass uses it: the same invocations, read as strictly.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local example = (os.getenv("BUILD") or "build") .. "/example-trace"

--- Where `make install COMPAT=1` has put it; the names that it has made.
local prefix = host.path("installed")
local installed = host.shell(("make -s -o all install COMPAT=1 PREFIX=%s BUILD=%s"):format(
  prefix, os.getenv("BUILD") or "build"))
local names = {}
for name in host.shell("ls " .. prefix .. "/bin").out:gmatch("%S+") do
  names[name] = true
end

--- Runs an installed command as the client does: stderr is mixed into stdout where `mixed` says so.
local function client(name, mixed, ...)
  local words = { "TZ=UTC", prefix .. "/bin/" .. name }
  for _, word in ipairs { ... } do
    words[#words + 1] = host.quote(word)
  end
  return host.shell(table.concat(words, " ") .. (mixed and " 2>&1" or ""))
end

--- Column classes that the client accepts.
local classes = {}
for class in ([[string number bool float int ratio timestamp time-range duration size bitrate
  syscall process path fd irq cpu disk part netif unknown mixed]]):gmatch("%S+") do
  classes[class] = true
end

--- What a data object of each class must have; a value of `true` is one of any type.
local shapes = {
  number = { value = "number" }, ratio = { value = "number" }, duration = { value = "number" },
  size = { value = "number" }, timestamp = { value = "number" }, bool = { value = "boolean" },
  syscall = { name = "string" }, disk = { name = "string" }, netif = { name = "string" },
  process = { name = "string" }, path = { path = "string" }, fd = { fd = "number" },
  ["time-range"] = { begin = "table", ["end"] = "table" }, unknown = {},
  cpu = { id = "number" }, irq = { nr = "number", hard = "boolean", name = "string" },
}

local function check_cell(cell, class)
  if cell == json.null then
    return
  elseif type(cell) ~= "table" then
    assert(class == "string" and type(cell) == "string", tostring(cell))
    return
  end
  assert(cell.class == class or cell.class == "unknown", cell.class)
  for key, kind in pairs(shapes[cell.class]) do
    assert(type(cell[key]) == kind, cell.class .. "." .. key)
  end
  if class == "time-range" then
    check_cell(cell.begin, "timestamp")
    check_cell(cell["end"], "timestamp")
    assert(math.type(cell.begin.value) == "integer")
  end
end

--- Lines before the first one with a brace are progress; the rest is one object.
local function read_results(text)
  local progress, rest = text:match("^(.-)(%s*{.*)$")
  for line in (progress or ""):gmatch("[^\n]+") do
    assert.matches("^[%d.*]+ ", line)
  end
  return assert(json.decode(rest, 1, json.null)), progress
end

local commands = { "cputop", "iolatencyfreq", "iolatencystats", "iolatencytop", "iolog",
  "iousagetop", "irqfreq", "irqlog", "irqstats", "memtop", "schedfreq", "schedlog", "schedstats",
  "schedtop", "syscallstats" }

describe("make install COMPAT=1", function()
  it("makes the old names of the analyses there are", function()
    assert.equal(0, installed.status, installed.err)
    for _, name in ipairs(commands) do
      assert.is_true(names["lttng-" .. name] and names["lttng-" .. name .. "-mi"], name)
    end
    assert.is_nil(names["lttng-info-mi"])
    local result = client("lttng-iolatencystats", false, "--no-progress", "--skip-validation",
      example)
    assert.equal(host.run("iolatencystats", example).out, result.out)
  end)

  it("is not what plain `make install` does", function()
    local plain = host.path("plain")
    host.shell(("make -s -o all install PREFIX=%s BUILD=%s"):format(plain,
      os.getenv("BUILD") or "build"))
    assert.equal("lttnga-record\nlttnga-run\n", host.shell("ls " .. plain .. "/bin").out)
  end)
end)

for _, name in ipairs(commands) do
  describe("lttng-" .. name .. "-mi", function()
    local command = "lttng-" .. name .. "-mi"
    local metadata

    it("--mi-version", function()
      local result = client(command, true, "--mi-version")
      assert.equal(0, result.status)
      assert.matches("^%d+%.%d+\n$", result.out)
    end)

    it("--metadata", function()
      local result = client(command, true, "--metadata")
      assert.equal(0, result.status)
      metadata = assert(json.decode((result.out:gsub("\n", ""))))
      assert.equal("string", type(metadata.title))
      assert.is_truthy(next(metadata["table-classes"]))
      for _, class in pairs(metadata["table-classes"]) do
        assert.equal("string", type(class.title))
        for _, column in ipairs(class["column-descriptions"]) do
          assert.equal("string", type(column.title))
          assert.is_true(classes[column.class], column.class)
        end
      end
    end)

    it("--test-compatibility", function()
      local result = client(command, true, "--test-compatibility", example)
      assert.equal("", result.out)
      assert.equal(0, result.status)
      local bare = host.trace { streams = { { cpu = 0,
        { 1, "sched_process_exit", { comm = "app", tid = 7 } } } } }
      for _, trace in ipairs { "/nowhere", bare } do
        result = client(command, true, "--test-compatibility", trace)
        assert.equal("string", type(json.decode(result.out)["error-message"]))
        assert.equal(1, result.status)
      end
    end)

    it("--output-progress, with begin and end in ns, the trace last", function()
      local result = client(command, false, "--output-progress", "--begin", "1795448198000000000",
        "--end", "1795448199000000000", "--cpu", "0,1", example)
      assert.equal(0, result.status)
      local results, progress = read_results(result.out)
      assert.matches("^0 ", progress)
      assert.matches("\n1 Done!$", progress)
      assert.is_truthy(#results.results > 0)
      for _, one in ipairs(results.results) do
        local class = one.class
        if type(class) == "table" then
          assert.equal("string", type(class.title))
          class = class.inherit
        end
        local columns = metadata["table-classes"][class]["column-descriptions"]
        check_cell(one["time-range"], "time-range")
        assert.is_true(one["time-range"].begin.value >= 1795448198000000000)
        assert.is_true(one["time-range"]["end"].value <= 1795448199000000000)
        for _, row in ipairs(one.data) do
          assert.equal(#columns, #row)
          for i, cell in ipairs(row) do
            check_cell(cell, columns[i].class)
          end
        end
      end
    end)

    it("tells errors on stdout for itself and on stderr for the user", function()
      local result = client(command, false, "--output-progress", "/nowhere")
      assert.equal(1, result.status)
      local said = json.decode(result.out:match("{.*"))["error-message"]
      assert.equal("Error: cannot open /nowhere: No such file or directory", said)
      assert.equal("lttnga-run: cannot open /nowhere: No such file or directory\n", result.err)
    end)

    it("gives as much as an analysis under its own name", function()
      local result = client(command, false, "--cpu", "1", example)
      local own = host.run(name, "--output", "lami", "--cpu", "1", example)
      assert.equal(own.out, result.out)
    end)
  end)
end

describe("results that have to be held until the end", function()
  it("are not lost where there is no room for them", function()
    -- No file may be written: what is held in memory is still there, and whole.
    local result = host.shell(("( trap '' XFSZ; ulimit -f 0; %s/bin/lttng-iolatencystats-mi %s ) "
      .. "| cat"):format(prefix, example))
    assert.matches('"class":"disk%-latency%-stats"', result.out)
  end)
end)

describe("the families' table classes", function()
  it("are those of the original", function()
    local metadata = json.decode(host.run("iolog", "--metadata").out)
    local function columns(class)
      local list = {}
      for i, column in ipairs(metadata["table-classes"][class]["column-descriptions"]) do
        list[i] = column.class
      end
      return table.concat(list, " ")
    end
    assert.equal("string number duration duration duration duration",
      columns "syscall-latency-stats")
    assert.equal("disk number duration duration duration duration", columns "disk-latency-stats")
    assert.equal("duration duration number", columns "freq")
    -- One more: what is still open.
    assert.equal("time-range bool duration syscall size process path fd bool", columns "log")
    -- Four more: what it waited for, and who ended that.
    assert.equal(columns "log" .. " duration string disk process", columns "top-syscall")
    -- Three more: device, virtual, local.
    assert.equal("process size size size size size size size", columns "per-process-top")
    assert.equal("path size string", columns "per-file-top")
    assert.equal("process size", columns "per-process-top-block")
    assert.equal("disk number", columns "per-disk-top-sector")
    assert.equal("disk number", columns "per-disk-top-request")
    assert.equal("disk duration", columns "per-disk-top-rps")
    assert.equal("netif size", columns "per-netif-top")
  end)
end)
