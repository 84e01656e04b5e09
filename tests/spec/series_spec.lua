--- Values over time: what series of each kind have in their bins is what is recomputed here from
-- all events, one by one.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local ms = 1000000

--- What a script gets to know: it prints a value as JSON, as the one cell of its table.
local function run(body, folder, ...)
  local script = host.script([[
    local kinds = { "time", "sum", "spread", "values", "level", "changes", "largest" }
    local analysis, stats = require "lttnga.analysis", require "lttnga.stats"
    local json = require "dkjson"
    local function list(values, n)
      local full = {}
      for i = 1, n do full[i] = values[i] or false end
      return full
    end
    local function show(w, value)
      return { { json.encode(value) } }
    end
    return analysis { title = "t", ]] .. body .. " }")
  local result = host.run(script, "--output", "csv", folder, ...)
  assert(result.status == 0, result.err)
  return json.decode(host.csv(result.out)[2][2]), result
end

--- A script with every kind of series of a grid, and all that they were fed with.
local everything = [[
  begin = function(w)
    w.grid = stats.grid { width = WIDTH, bins = BINS, within = w }
    w.slices, w.calls = stats.series(w.grid, "time"), stats.series(w.grid, "values")
    w.sizes, w.queues = stats.series(w.grid, "sum"), stats.series(w.grid, "level")
    w.flight = stats.series(w.grid, "changes")
    w.spread = stats.series(w.grid, "spread")
    w.dirty = stats.series(w.grid, "level")
    w.slowest = stats.series(w.grid, "largest", { "name", "procname", "fd" })
    w.all = { slices = {}, calls = {}, queues = {}, flight = {}, dirty = {} }
  end,
  collect = {
    { "sched_slice", "cpu", "busy", "begin", "time", into = "slices" },
    { "syscall_exit", "name", "time", "duration", into = "calls" },
    { "syscall_exit", "name", "procname", "fd", "time", "duration", into = "slowest" },
    { "io_end", "io_class", "time", "size", into = "sizes" },
    { "sched_slice", "cpu", "begin", "time", "duration", into = "spread" },
    { "run_queue", "cpu", "begin", "time", "length", into = "queues" },
    { "disk_request_issue", "disk", "time", set = { change = 1 }, into = "flight" },
    { "disk_request_end", "disk", "time", set = { change = -1 }, into = "flight" },
    { "page_dirty", "time", "dirty", into = "dirty" },
    { "page_flush", "time", "dirty", into = "dirty" },
  },
  on = {
    sched_slice = function(w, cpu, busy, begin, time)
      w.all.slices[#w.all.slices + 1] = { cpu = cpu, busy = tostring(busy), begin = begin,
        time = time }
    end,
    syscall_exit = function(w, name, procname, time, duration, fd)
      w.all.calls[#w.all.calls + 1] = { name = name, time = time, duration = duration,
        procname = procname, fd = fd }
    end,
    run_queue = function(w, cpu, begin, time, length)
      w.all.queues[#w.all.queues + 1] = { cpu = cpu, begin = begin, time = time, length = length }
    end,
    disk_request_end = function(w, disk, begin, time)
      w.all.flight[#w.all.flight + 1] = { disk = disk, begin = begin, time = time }
    end,
    page_dirty = function(w, time, dirty)
      w.all.dirty[#w.all.dirty + 1] = { time = time, dirty = dirty }
    end,
    page_flush = function(w, time, dirty)
      w.all.dirty[#w.all.dirty + 1] = { time = time, dirty = dirty }
    end,
  },
  tables = { { "t", "T", { { "a" } }, rows = function(w)
    w.grid:close(w.first, w.last)
    COARSEN
    local begin, width, n = w.grid:range()
    local found = { begin = begin, width = width, n = n, first = w.first, last = w.last,
      asked = w.grid:asked(), all = w.all, slices = {}, calls = {}, sizes = {}, queues = {},
      flight = {}, dirty = {} }
    for one in w.slices:each() do
      found.slices[one.cpu .. " " .. tostring(one.busy)] = one.curve:time()
    end
    found.every, found.spread = w.slices:all():time(), w.spread:all():sum()
    for one in w.calls:each() do
      local curve = one.curve
      found.calls[one.name] = { n = curve:n(), sum = curve:sum(), max = list(curve:max(), n),
        p90 = list(curve:quantiles(0.9), n), whole = curve:quantile(0.9),
        counts = curve:histogram() }
    end
    for one in w.queues:each() do
      found.queues[tostring(one.cpu)] = { mean = list(one.curve:mean(), n),
        max = list(one.curve:max(), n), known = one.curve:known() }
    end
    for one in w.flight:each() do
      found.flight[one.disk] = { mean = list(one.curve:mean(), n), max = list(one.curve:max(), n) }
    end
    local dirty = w.dirty:all()
    found.dirty = { mean = list(dirty:mean(), n), max = list(dirty:max(), n),
      known = dirty:known() }
    found.slowest = list(w.slowest:all():largest(), n)
    return show(w, found)
  end } } ]]

local function found_with(width, bins, coarsen)
  return (run(everything:gsub("WIDTH", width):gsub("BINS", bins):gsub("COARSEN", coarsen or ""),
    "build/example-trace"))
end

--- The number of the bin of a time; what is at the very end is in the last one.
local function bin(found, time)
  return math.min((time - found.begin) // found.width + 1, found.n)
end

--- Adds what a span has in each bin: calls add(i, ns).
local function spread(found, begin, time, add)
  for i = 1, found.n do
    local from = found.begin + (i - 1) * found.width
    local part = math.min(time, from + found.width) - math.max(begin, from)
    if part > 0 then
      add(i, part)
    end
  end
end

local function zeros(n)
  local list = {}
  for i = 1, n do
    list[i] = 0
  end
  return list
end

local function check(found)
  assert.equal(found.first, found.begin)
  assert.equal((found.last - found.first + found.width - 1) // found.width, found.n)
  -- Times.
  local slices, sum = {}, 0
  for _, slice in ipairs(found.all.slices) do
    local key = slice.cpu .. " " .. slice.busy
    slices[key] = slices[key] or zeros(found.n)
    spread(found, slice.begin, slice.time, function(i, part)
      slices[key][i], sum = slices[key][i] + part, sum + part
    end)
  end
  assert.same(slices, found.slices)
  assert.equal(2 * (found.last - found.first), sum)
  for i = 1, found.n do
    local all = 0
    for _, list in pairs(slices) do
      all = all + list[i]
    end
    assert.equal(all, found.every[i])
    -- Slices are as long as the time that they are spread over.
    assert.equal(all, found.spread[i])
  end
  -- Values.
  local calls, slowest = {}, {}
  for _, call in ipairs(found.all.calls) do
    local i, name = bin(found, call.time), call.name
    calls[name] = calls[name] or { n = zeros(found.n), sum = zeros(found.n), values = {}, all = {} }
    calls[name].n[i] = calls[name].n[i] + 1
    calls[name].sum[i] = calls[name].sum[i] + call.duration
    calls[name].values[i] = calls[name].values[i] or {}
    table.insert(calls[name].values[i], call.duration)
    table.insert(calls[name].all, call.duration)
    if not slowest[i] or call.duration > slowest[i].duration then
      slowest[i] = call
    end
  end
  local function is_near(value, list, q)
    table.sort(list)
    local exact = list[math.max(math.ceil(q * #list), 1)]
    return math.abs(value - exact) <= exact / 64
  end
  local n_calls = 0
  for name, call in pairs(calls) do
    n_calls = n_calls + 1
    assert.same({ call.n, call.sum }, { found.calls[name].n, found.calls[name].sum })
    for i = 1, found.n do
      local list = call.values[i]
      assert.equal(list and math.max(table.unpack(list)) or false, found.calls[name].max[i])
      assert.truthy(not list or is_near(found.calls[name].p90[i], list, 0.9))
    end
    assert.truthy(is_near(found.calls[name].whole, call.all, 0.9))
    -- The histogram.
    for _, one in ipairs(found.calls[name].counts) do
      local count = 0
      for _, value in ipairs(call.all) do
        count = count + (value >= one.from and value < one.to and 1 or 0)
      end
      assert.equal(one.n, count)
      assert.truthy(one.to - one.from <= math.max(one.from / 32, 1))
    end
  end
  assert.truthy(n_calls > 20)
  for i = 1, found.n do
    local one, other = slowest[i], found.slowest[i]
    assert.same(one and { one.duration, one.time, one.name, one.procname, one.fd } or {},
      other and { other.value, other.time, other.name, other.procname, other.fd } or {})
  end
  -- Levels.
  local queues = {}
  for _, queue in ipairs(found.all.queues) do
    local key = tostring(queue.cpu)
    queues[key] = queues[key] or { sum = zeros(found.n), max = {}, known = zeros(found.n) }
    local of = queues[key]
    spread(found, queue.begin, queue.time, function(i, part)
      if queue.length then
        of.sum[i], of.known[i] = of.sum[i] + part * queue.length, of.known[i] + part
        of.max[i] = math.max(of.max[i] or 0, queue.length)
      end
    end)
  end
  for key, of in pairs(queues) do
    assert.same(of.known, found.queues[key].known)
    for i = 1, found.n do
      assert.equal(of.max[i] or false, found.queues[key].max[i])
      assert.near(of.sum[i] / of.known[i], found.queues[key].mean[i], 1e-9)
    end
  end
  local flight = {}
  for _, request in ipairs(found.all.flight) do
    flight[request.disk] = flight[request.disk] or zeros(found.n)
    local of = flight[request.disk]
    spread(found, request.begin, request.time, function(i, part) of[i] = of[i] + part end)
  end
  for disk, of in pairs(flight) do
    for i = 1, found.n do
      local length = math.min(found.width, found.last - found.begin - (i - 1) * found.width)
      assert.near(of[i] / length, found.flight[disk].mean[i], 1e-9)
      assert.truthy(found.flight[disk].max[i] >= found.flight[disk].mean[i])
    end
  end
  local dirty, known, max = zeros(found.n), zeros(found.n), {}
  for k, one in ipairs(found.all.dirty) do
    local after = found.all.dirty[k + 1]
    spread(found, one.time, after and after.time or found.last, function(i, part)
      dirty[i], known[i] = dirty[i] + part * one.dirty, known[i] + part
      max[i] = math.max(max[i] or 0, one.dirty)
    end)
  end
  assert.same(known, found.dirty.known)
  for i = 1, found.n do
    assert.equal(max[i] or false, found.dirty.max[i])
    if known[i] > 0 then
      assert.near(dirty[i] / known[i], found.dirty.mean[i], 1e-3)
    end
  end
end

describe("series", function()
  it("have what happened in each bin", function()
    local found = found_with(200 * ms, 2000)
    assert.same({ 200 * ms, 20, 200 * ms }, { found.width, found.n, found.asked })
    check(found)
    check(found_with(7777777, 2000))
    check(found_with(3600000 * ms, 2000))
  end)

  it("make bins wider rather than more of them, and say so", function()
    local found = found_with(1 * ms, 100)
    assert.same({ 100 * ms, 1 * ms, 39 }, { found.width, found.asked, found.n })
    check(found)
    -- Not round: twice as wide each time.
    found = found_with(1234567, 10)
    assert.equal(1234567 * 512, found.width)
    check(found)
    found = found_with(20 * ms, 500, "w.grid:coarsen(7)")
    assert.equal(140 * ms, found.width)
    check(found)
  end)

  it("make bins wider if they take too much memory", function()
    local width, n, sum = table.unpack((run([[
      begin = function(w)
        w.grid = stats.grid { width = 1000000, within = w, bytes = 20000 }
        w.calls = stats.series(w.grid, "values")
      end,
      collect = { { "syscall_exit", "tid", "time", "duration", into = "calls" } },
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        w.grid:close(w.first, w.last)
        local _, width, n = w.grid:range()
        local sum = 0
        for _, count in ipairs(w.calls:all():n()) do sum = sum + count end
        return show(w, { width, n, sum })
      end } } ]], "build/example-trace")))
    assert.truthy(width > 100 * ms)
    assert.truthy(n < 40)
    local counted = host.run("syscallstats", "--output", "json", "--table", "summary",
      "build/example-trace")
    assert.truthy(sum > 1000, counted.err)
  end)

  it("begin at multiples of their width without a window, and go as far as they go", function()
    local begin, width, n = table.unpack((run([[
      begin = function(w)
        w.grid = stats.grid { width = 250000000 }
        w.busy = stats.series(w.grid, "time")
      end,
      collect = { { "sched_slice", "begin", "time", into = "busy", only = { busy = { true } } } },
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        return show(w, { w.grid:range() })
      end } } ]], "build/example-trace")))
    assert.same({ 1795448197000 * ms, 250 * ms, 16 }, { begin, width, n })
  end)

  it("are saved, and merged", function()
    local body = [[
      begin = function(w)
        for _, kind in ipairs(kinds) do
          w.grid = stats.grid { width = 50000000 }
          w["x_" .. kind] = stats.series(w.grid, kind,
            kind == "largest" and { "procname", "fd" } or nil)
        end
      end,
      collect = {
        { "sched_slice", "cpu", "busy", "begin", "time", into = "x_time" },
        { "syscall_exit", "name", "time", "duration", into = "x_values" },
        { "syscall_exit", "name", "procname", "fd", "time", "duration", into = "x_largest" },
        { "io_end", "io_class", "time", "size", into = "x_sum" },
        { "io_end", "io_class", "begin", "time", "size", into = "x_spread" },
        { "run_queue", "cpu", "begin", "time", "length", into = "x_level" },
        { "disk_request_issue", "disk", "time", set = { change = 1 }, into = "x_changes" },
        { "disk_request_end", "disk", "time", set = { change = -1 }, into = "x_changes" },
      },
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        local results = {}
        for _, kind in ipairs(kinds) do
          local saved = json.encode(w["x_" .. kind]:save(), { keyorder = { "key" } })
          local function again(options, ...)
            local grid = stats.grid(options)
            local copy = stats.series(grid, kind, ...)
            copy:merge(assert(json.decode(saved)))
            return copy, grid
          end
          local kept = kind == "largest" and { "procname", "fd" } or nil
          local copy, grid = again({ width = 50000000 }, kept)
          local same = json.encode(copy:save(), { keyorder = { "key" } }) == saved
          -- In wider bins, and in a grid that is asked for finer ones.
          local _, wide = again({ width = 200000000 }, kept)
          local _, fine = again({ width = 10000000 }, kept)
          local _, few = again({ width = 50000000, bins = 8 }, kept)
          copy:merge(assert(json.decode(saved)))
          local twice = {}
          for one in copy:each() do
            twice[#twice + 1] = kind == "time" and one.curve:time()
              or (kind == "sum" or kind == "values") and one.curve:n() or { 0 }
          end
          local once = {}
          for one in (again({ width = 50000000 }, kept)):each() do
            once[#once + 1] = kind == "time" and one.curve:time()
              or (kind == "sum" or kind == "values") and one.curve:n() or { 0 }
          end
          local doubled = #once == #twice
          for i, line in ipairs(once) do
            for k, value in ipairs(line) do
              doubled = doubled and twice[i][k] == 2 * value
            end
          end
          results[#results + 1] = { kind, same, doubled, (select(2, wide:range())),
            (select(2, fine:range())), (select(2, few:range())) }
        end
        return show(w, results)
      end } } ]]
    for _, result in ipairs((run(body, "build/example-trace"))) do
      assert.same({ true, true, 200 * ms, 50 * ms, 1000 * ms }, { table.unpack(result, 2) },
        result[1])
    end
  end)

  it("refuse what makes no sense", function()
    local messages = (run([[
      on = {},
      tables = { { "t", "T", { { "a" } }, rows = function(w)
        local list = {}
        local function try(...)
          local ok, message = pcall(...)
          list[#list + 1] = not ok and tostring(message):gsub("^.-:%d+: ", "") or "went well"
        end
        local function merge(kind, saved)
          return function() stats.series(stats.grid(), kind):merge(saved) end
        end
        local function entry(bins)
          return { fields = { { "time", "integer" } }, kept = { fields = {} }, events = 1,
            kind = "values", origin = 0, width = 5,
            entries = { { key = {}, last = 1, first = 0, bins = bins } } }
        end
        try(stats.grid, { width = 0 })
        try(stats.grid, { bins = 1 })
        try(stats.series, stats.grid(), "sums")
        try(stats.series, stats.grid(), "sum", { "name" })
        try(function() stats.grid():coarsen(0) end)
        try(function() stats.series(stats.grid(), "sum"):all():quantile(0.5) end)
        try(function() stats.series(stats.grid(), "values"):all():quantile(2) end)
        try(merge("sum", entry {}))
        try(merge("values", entry { { n = 1, sum = 1, max = 1, counts = { 1, 2 } } }))
        try(merge("values", entry { { n = 1, sum = 1, max = 1, counts = { 99999, 1 } } }))
        try(merge("values", entry { { n = 1, sum = 1, max = 1, counts = { 1, 1 } } }))
        try(merge("values", entry { "x" }))
        local wide = entry {}
        wide.width = 1500000000
        try(merge("values", wide))
        return show(w, list)
      end } } ]], "build/example-trace"))
    assert.same({
      "'width' of a grid must be an integer from 1 to 4611686018427387904",
      "'bins' of a grid must be an integer from 8 to 1000000",
      messages[3]:match "^bad argument #2 to .*series' %(invalid option 'sums'%)$",
    }, { table.unpack(messages, 1, 3) })
    for i, message in ipairs(messages) do
      assert.equal(i == 11 and "went well" or nil, message == "went well" and message or nil, i)
    end
  end)

  it("say what they have to be fed with", function()
    for fields, message in pairs {
      ['"cpu", "duration"'] = "a series expects the field 'time'",
      ['"cpu", "time"'] = "the last field of a series must be numeric",
      ['"cpu", "time", "procname"'] = "the last field of a series must be numeric",
    } do
      local script = host.script(([[
        local stats = require "lttnga.stats"
        return require "lttnga.analysis" { title = "t",
          begin = function(w) w.x = stats.series(stats.grid(), "sum") end,
          collect = { { "sched_slice", %s, into = "x" } },
          tables = { { "t", "T", { { "a" } }, rows = function() return {} end } } }]]):format(
        fields))
      local result = host.run(script, "build/example-trace")
      assert.equal(1, result.status)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
  end)
end)
