-- Whether fsync was slower in the second trace than in the first: counts and percentiles of each.
-- A stand-alone program: it loads lttnga as a module.
--
--   LUA_CPATH="build/?.so;;" lua5.4 examples/compare_fsync.lua build/example-trace build/example-trace
--
--       fsyncs   p50 (ms)   p99 (ms)   max (ms)  trace
--            1     14.016     14.016     14.016  build/example-trace
--            1     14.016     14.016     14.016  build/example-trace
--   p99 of the second is 1.00 times that of the first.
--
-- fdatasync counts, too. A trace without any such call is reported.

local lttnga = require "lttnga"
local stats = require "lttnga.stats"

--- How long the calls of fsync and fdatasync of a trace took: statistics.
local function fsyncs(path)
  local trace <close> = lttnga.open(path)
  local _, w = trace:run {
    begin = function(w) w.calls = stats.new(true) end,
    collect = {
      { "io_end", "duration", into = "calls", only = { name = { "fsync", "fdatasync" } } },
    },
  }
  return w.calls
end

local function ms(ns)
  return ("%.3f"):format(ns / 1e6)
end

if #arg ~= 2 then
  io.stderr:write("usage: lua5.4 compare_fsync.lua TRACE TRACE\n")
  os.exit(2)
end
local p99 = {}
print(("%10s %10s %10s %10s  %s"):format("fsyncs", "p50 (ms)", "p99 (ms)", "max (ms)", "trace"))
for i, path in ipairs(arg) do
  local calls = fsyncs(path)
  if calls:count() == 0 then
    print(("%10d %10s %10s %10s  %s"):format(0, "-", "-", "-", path))
  else
    p99[i] = calls:quantile(0.99)
    print(("%10d %10s %10s %10s  %s"):format(calls:count(), ms(calls:quantile(0.5)), ms(p99[i]),
      ms(calls:max()), path))
  end
end
for i, path in ipairs(arg) do
  if not p99[i] then
    print(("Nothing to compare: %s has no fsync."):format(path))
  end
end
if p99[1] and p99[2] then
  print(("p99 of the second is %.2f times that of the first."):format(p99[2] / p99[1]))
end
