--- Both readers make the same of real traces: all classes, streams, gaps and records with all their
-- fields, as tests/dump writes them. TRACES="folder folder..." in the environment compares those,
-- too.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv("BUILD") or "build"

local common, all = "what its streams have in common", "all of it"

-- Traces on which the readers differ, by the names of their folders: where, and why. The native
-- reader has to read them all the same.
local exceptions = {
  torn = { [common] = true, [all] = true,
    why = "libbabeltrace2 refuses the whole trace if the last packet of a stream is cut" },
  ["many-threads"] = { [common] = true,
    why = "of LTTng before 2.11 libbabeltrace2 does not believe the ends of packets: a stream ends "
      .. "with its last event" },
}

--- Traces that come with the sources: the name and the folder of each.
local function own_traces()
  local traces = { { "example", build .. "/example-trace" } }
  local folder = host.path("traces")
  local unpacked = host.shell(("mkdir %s && for file in tests/traces/*.tar.xz; do "
    .. "tar -C %s -xJf $file || exit 1; done && ls %s"):format(folder, folder, folder))
  assert(unpacked.status == 0, unpacked.err)
  for name in unpacked.out:gmatch("%S+") do
    traces[#traces + 1] = { name, folder .. "/" .. name }
  end
  return traces
end

-- Traces as the other specs make them.
local made = {
  ["one stream"] = host.small_trace,
  ["two streams, lost events, contexts"] = function()
    return host.trace { contexts = { pid = 0, procname = "" }, streams = {
      { cpu = 0, packets = {
        { { 1000, "a", { x = 1, s = "text", ["ctx.pid"] = 1, ["ctx.procname"] = "init" } } },
        { lost = 7, to = 9000,
          { 5000, "a", { x = -1, s = "", ["ctx.pid"] = 2, ["ctx.procname"] = "" } } },
        { from = 10000, to = 11000 } } },
      { cpu = 3, { 900, "b", { list = { 1, 2, 3 }, e = { enum = 5 }, ["ctx.pid"] = 0,
        ["ctx.procname"] = "swapper" } },
        { 9900, "a", { x = math.mininteger + 1, s = ("long"):rep(1000), ["ctx.pid"] = 0,
          ["ctx.procname"] = "x" } } } } }
  end,
  ["many streams"] = function()
    local streams = {}
    for cpu = 0, 39 do
      streams[cpu + 1] = { cpu = cpu }
      for n = 0, 9 do
        streams[cpu + 1][n + 1] = { 100 + 7 * cpu + 50 * n, "tick", { n = n } }
      end
    end
    return host.trace { streams = streams }
  end,
}

--- What a reader makes of a trace, as a checksum: there may be much of it. It must not fail.
local function read(reader, folder, env)
  local result = host.shell(("{ %s %s/tests/dump %s %s || echo failed >&2; } | md5sum"):format(env,
    build, reader, host.quote(folder)))
  assert.is_nil(result.err:match("[^\n]*\nfailed\n"))
  return result.out
end

local function compares(name, folder)
  for what, env in pairs { [common] = "", [all] = "NO_INTERSECTION=1" } do
    it(("%s, %s, is the same for both readers"):format(name, what), function()
      local native = read("native", folder, env)
      if not (exceptions[name] or {})[what] then
        assert.equal(read("babeltrace2", folder, env), native,
          ("compare: %s %s/tests/dump native|babeltrace2 %s"):format(env, build, folder))
      end
    end)
  end
end

describe("a trace", function()
  for _, trace in ipairs(own_traces()) do
    compares(trace[1], trace[2])
  end
  for name, make in pairs(made) do
    compares(name, make())
  end
  for folder in (os.getenv("TRACES") or ""):gmatch("%S+") do
    compares(folder:match("([^/]+)/*$"), folder)
  end
end)
