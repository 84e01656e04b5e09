--- A source that pauses delivers the same as one that does not; and from each position where it has
-- paused, it can go on as if it had never left: the same source or another one, with one thread or
-- two, with limits or without. tests/seek checks all of that for a trace, and reads damaged
-- positions. TRACES="folder folder..." in the environment are checked, too.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"
local example = build .. "/example-trace"

local function seek(folder, numbers, env)
  return host.shell(("%s %s/tests/seek %s %s"):format(env or "", build, numbers,
    host.quote(folder)))
end

local function passes(folder, numbers, env)
  local result = seek(folder, numbers, env)
  assert.equal("", result.err)
  assert.equal(0, result.status, result.out)
  return result.out
end

--- Traces that come with the sources, unpacked.
local function own_traces()
  local folder = host.path("traces")
  local unpacked = host.shell(("mkdir %s && for file in tests/traces/*.tar.xz; do "
    .. "tar -C %s -xJf $file || exit 1; done && ls -d %s/*"):format(folder, folder, folder))
  assert(unpacked.status == 0, unpacked.err)
  return unpacked.out:gmatch("%S+")
end

-- Streams that lose events after packets, have empty packets, and end at different times.
local function with_gaps()
  local streams = {}
  for cpu = 0, 3 do
    local packets = {}
    for p = 1, 12 do
      local from = (p * 1000 + cpu * 170) * 1000
      local packet = { from = from, to = from + 900000, lost = p > 1 and p % 3 == cpu and p or nil }
      for i = 1, p % 4 == 2 and 0 or 5 * p do
        packet[i] = { from + i * 9000, "tick", { n = i, s = "text " .. i } }
      end
      packets[p] = packet
    end
    streams[cpu + 1] = { cpu = cpu, packets = packets }
  end
  streams[5] = { cpu = 4, { 100, "tick", { n = 0, s = "" } },
    { 20000000, "tick", { n = 1, s = "last" } } }
  return host.trace { streams = streams }
end

-- Streams of several files, as rotation leaves them, of which packets are missing; others are
-- empty, overlap, or end long before what follows.
local function with_missing_packets(seed, header)
  math.randomseed(seed)
  local files = {}
  for cpu = 0, 2 do
    local number, time = 0, 100
    for f = 0, 3 do
      local packets = {}
      for p = 1, 5 do
        local packet = { from = time, number = number, discarded = number * 3 // 2 }
        time = time + math.random(0, 30)
        for n = 1, math.random(0, 6) do
          packet[n] = { time, "tick", { n = n } }
          time = time + math.random(0, 30)
        end
        packet.to = time + math.random(0, 200)
        packets[p] = packet
        number = number + (math.random(3) == 1 and math.random(2, 4) or 1)
        time = time + math.random(0, 120)
      end
      files[#files + 1] = { ("chan_%d_%d"):format(cpu, f), instance = cpu, cpu = cpu,
        packets = packets }
    end
  end
  return ctf.write { streams = { { context = ctf.packet_context(32), header = header,
    events = { { id = 0, name = "tick", fields = ctf.struct { { "n", ctf.u(32) } } } } } },
    files = files }
end

--- Changes one byte of each of a trace's streams.
local function change(folder, share, with)
  for name in host.shell("ls " .. folder).out:gmatch("%S+") do
    local path = folder .. "/" .. name
    if name ~= "metadata" and name ~= "index" then
      local data = host.read(path)
      local at = math.floor(#data * share)
      local file = assert(io.open(path, "w"))
      file:write(data:sub(1, at), string.char(data:byte(at + 1) ~ with), data:sub(at + 2))
      file:close()
    end
  end
end

describe("pauses and positions", function()
  it("change nothing, with all fields bound or none", function()
    passes(example, "20 1000")
    passes(example, "10 200 2", "NOTHING=1 NO_INTERSECTION=1")
  end)

  it("change nothing in real traces", function()
    for folder in own_traces() do
      passes(folder, "8 200")
      passes(folder, "8 0 3", "NO_INTERSECTION=1")
    end
  end)

  it("change nothing where events are lost, or streams have few of them", function()
    local folder = with_gaps()
    for seed = 1, 8 do
      passes(folder, "20 300 " .. seed)
      passes(folder, "20 0 " .. seed, "NO_INTERSECTION=1")
      passes(folder, "20 0 " .. seed, "NOTHING=1 NO_INTERSECTION=1")
    end
    passes(host.small_trace(), "8 100")
  end)

  it("change nothing where packets are missing, between files", function()
    local headers = { ctf.compact(), ctf.large(),
      ctf.struct { { "id", ctf.u(8) }, { "timestamp", ctf.u(27, { clock = true }) } } }
    for seed = 1, 12 do
      local folder = with_missing_packets(seed, headers[seed % 3 + 1])
      passes(folder, "30 200 " .. seed)
      passes(folder, "30 0 " .. seed, "NO_INTERSECTION=1")
    end
  end)

  it("change nothing in damaged traces", function()
    local read = 0
    for i = 1, 16 do
      local folder = with_gaps()
      change(folder, i / 17, 1 << i % 8)
      local result = seek(folder, "10 50 " .. i, "NO_INTERSECTION=1")
      -- What can't be opened can't be read.
      if result.status ~= 3 then
        assert.equal(0, result.status, result.out)
        read = read + 1
      end
    end
    assert.is_true(read > 8)
  end)

  it("pause with the other reader, too", function()
    passes(host.small_trace(), "8 0", "BABELTRACE2=1")
    passes(with_gaps(), "8 0", "BABELTRACE2=1")
  end)

  for folder in (os.getenv("TRACES") or ""):gmatch("%S+") do
    it("change nothing in " .. folder, function()
      passes(folder, "20 1000")
      passes(folder, "20 0 2", "NO_INTERSECTION=1")
      passes(folder, "20 0 3", "NOTHING=1")
    end)
  end
end)

describe("a trace's identity", function()
  local function identity(folder, env)
    return passes(folder, "identity", env)
  end

  it("is the same as long as nothing changes", function()
    local folder = host.small_trace()
    local text = identity(folder)
    assert.matches("\ntrace %x+\nmetadata %d+ %d+%.%d+ %d+%.%d+\n", text)
    assert.equal(text, identity(folder))
  end)

  it("changes with the time of a file, its size, and the metadata", function()
    local folder, seen = host.small_trace(), {}
    local names = host.shell("ls " .. folder).out:gsub("metadata", "")
    local stream = folder .. "/" .. names:match("%S+")
    for _, command in ipairs { "true", "touch -d @1000 " .. stream,
        "truncate -s +4096 " .. stream .. " && touch -d @1000 " .. stream,
        "touch -d @1000 " .. folder .. "/metadata",
        -- Who changes it and puts the time back has changed it.
        "printf x | dd of=STREAM bs=1 seek=300 conv=notrunc && touch -d @1000 STREAM",
        ("chmod g-r %s/metadata && touch -d @1000 %s/metadata"):format(folder, folder),
        ("mv %s %s-2"):format(stream, stream) } do
      assert.equal(0, host.shell((command:gsub("STREAM", stream))).status)
      local text = identity(folder)
      assert.is_nil(seen[text])
      seen[text] = true
    end
    assert.is_nil(seen[identity(folder, "NO_INTERSECTION=1")])
  end)
end)
