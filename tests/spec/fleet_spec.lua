--- The examples of docs/fleet.md: what they run is what stands there. GNU parallel is used if it is
-- installed; Slurm if LTTNGA_TEST_SLURM is set, and sbatch works.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local build = os.getenv "BUILD" or "build"
local root = io.popen("pwd"):read "l"
local program = build:find "^/" and build or root .. "/" .. build

--- How many machines there are.
local N = 6

--- The blocks of code in the page.
local blocks = {}
for block in host.read "docs/fleet.md":gmatch "\n```sh\n(.-)```\n" do
  blocks[#blocks + 1] = block
end

local function block_with(pattern)
  for _, block in ipairs(blocks) do
    if block:find(pattern) then
      return block
    end
  end
  error("docs/fleet.md has no block with " .. pattern)
end

--- A folder with traces of N machines in /traces, as the page has them.
local function place()
  local folder = host.path "fleet"
  local made = host.shell(("mkdir -p %s/parts && python3 tests/clones.py %s/example-trace "
    .. "%s/traces %d && cd %s && ls -d traces/* > traces.txt && ls traces > hosts.txt")
    :format(folder, build, folder, N, folder))
  assert.equal(0, made.status, made.err)
  return folder
end

--- Runs a block of the page in the folder.
local function run(folder, code, environment)
  local script = host.write((code:gsub("/traces/", folder .. "/traces/"):gsub("/data/",
    folder .. "/")), "block.sh")
  return host.shell(("cd %s && %s PATH=%s:$PATH XDG_CACHE_HOME=%s sh -e %s"):format(folder,
    environment or "", program, folder, script))
end

--- What one run over all traces says, for comparison.
local function whole(folder)
  return host.shell(("cd %s && %s/lttnga-run iolatencystats --no-cache --output json traces/*")
    :format(folder, program)).out
end

--- Rows of tables as a set: the order of machines, and the name of the trace, may differ.
local function rows(out)
  local set = {}
  for line in out:gmatch "[^\n]+" do
    local row = json.decode(line)
    if row and row.table ~= "trace" then
      row.trace = nil
      local keys = {}
      for key, value in pairs(row) do
        keys[#keys + 1] = ("%s=%s"):format(key, tostring(value))
      end
      table.sort(keys)
      set[#set + 1] = table.concat(keys, " ")
    end
  end
  table.sort(set)
  return set
end

local function check(folder, paths)
  local merged = host.shell(("cd %s && %s/lttnga-run merge --output json %s"):format(folder,
    program, paths))
  assert.equal(0, merged.status, merged.err)
  local expected = rows(whole(folder))
  assert.is_true(#expected >= 6 * N)
  assert.same(expected, rows(merged.out))
end

describe("a fleet", function()
  it("is analysed one by one, by GNU parallel", function()
    if host.shell("parallel --version 2>/dev/null | grep -q GNU").status ~= 0 then
      return pending "GNU parallel is not installed"
    end
    local folder = place()
    local result = run(folder, block_with "^parallel")
    assert.equal(0, result.status, result.err)
    assert.matches("host%-0001", result.out)
    check(folder, "*.json")
    assert.matches("^Seq", host.read(folder .. "/log"))
  end)

  it("is analysed by tasks of an array, and what has failed is found", function()
    local folder, script = place(), block_with "SLURM_ARRAY_TASK_ID"
    for i = 1, N do
      if i ~= 3 then
        local result = run(folder, script, "SLURM_ARRAY_TASK_ID=" .. i)
        assert.equal(0, result.status, result.err)
      end
    end
    local merge = block_with("sbatch"):match "%-%-wrap '([^']*)'"
    local result = run(folder, merge)
    assert.equal(1, result.status)
    assert.equal("lttnga-run: 1 missing: traces/host-0003 (--allow-missing shows the others)\n",
      result.err)
    run(folder, script, "SLURM_ARRAY_TASK_ID=3")
    assert.equal(0, run(folder, merge).status)
    check(folder, "parts/*.json")
    -- The same, as Kubernetes counts.
    run(folder, "rm parts/*")
    for i = 0, N - 1 do
      run(folder, "cd /data/\n" .. block_with "JOB_COMPLETION_INDEX", "JOB_COMPLETION_INDEX=" .. i)
    end
    check(folder, "parts/*.json")
  end)

  it("is analysed by Slurm", function()
    if not os.getenv "LTTNGA_TEST_SLURM" then
      return pending "LTTNGA_TEST_SLURM is not set"
    end
    local folder = place()
    local array = block_with("SLURM_ARRAY_TASK_ID"):gsub("1%-200", "1-" .. N)
    host.shell(("cat > %s/array.sh <<'END'\n%sEND"):format(folder, array))
    local result = run(folder, (block_with "sbatch":gsub("sbatch %-%-dep", "sbatch --wait --dep")))
    assert.equal(0, result.status, result.err)
    check(folder, "parts/*.json")
  end)

  it("is asked questions, each with one command", function()
    local folder = place()
    os.execute(("cd %s && mkdir fsync top stats"):format(folder))
    for i = 1, N do
      local name = ("host-%04d"):format(i)
      local result = run(folder, (block_with "fsync/web17":gsub("web17", name)))
      assert.equal(0, result.status, result.err)
    end
    local questions = 0
    for command in host.read "docs/fleet.md":gmatch "`(lttnga%-run merge %-%-together [^`]*)`" do
      local result = run(folder, command)
      assert.equal(0, result.status, result.err)
      assert.matches("\nHost +", result.out)
      questions = questions + 1
    end
    assert.equal(3, questions)
    -- All hosts have the same trace: the slowest call is there once for each.
    local slowest = run(folder, "lttnga-run merge --together --sort duration --limit 10 "
      .. "--output csv top/*.json").out
    assert.matches('"Top system call latencies read","host%-0001"', slowest)
    assert.equal(10, select(2, slowest:gsub('"Top system call latencies read"', "")))
  end)

  it("is not disturbed by runs that are killed", function()
    local folder = place()
    local path = folder .. "/part.json"
    math.randomseed(11)
    local there = 0
    for _ = 1, 100 do
      os.remove(path)
      host.shell(("cd %s; XDG_CACHE_HOME=. timeout -s KILL %.3f %s/lttnga-run iolog --partial "
        .. "part.json traces/host-0001"):format(folder, 0.005 + 0.1 * math.random(), program))
      local file = io.open(path)
      if file then
        file:close()
        there = there + 1
        local merged = host.run("merge", path)
        assert.equal(0, merged.status, merged.err)
      end
    end
    assert.is_true(there < 100)
    os.remove(path)
    -- Nor is anything left that was not complete.
    assert.equal("hosts.txt\nparts\ntraces\ntraces.txt\n",
      host.shell("ls -A " .. folder).out)
  end)

  it("needs room on the disk", function()
    local folder = place()
    local result = host.shell(("cd %s; ulimit -f 8; %s/lttnga-run iolog --no-cache --partial "
      .. "part.json traces/host-0001"):format(folder, program))
    assert.is_true(result.status ~= 0)
    assert.is_nil(io.open(folder .. "/part.json"))
  end)
end)
