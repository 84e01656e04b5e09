--- Totals brought together: what sums.by makes of what totals and keyed statistics give. These are
-- made in C of events; here they are tables with the methods that count.
--
-- SPDX-License-Identifier: MIT

local disks = require "lttnga.disks"
local stats = require "lttnga.stats"
local sums = require "lttnga.sums"
local thread = require "lttnga.thread"

--- What by() gives of entries: for each combination of these fields, in the order in which they
-- came, or came last, a total with the sum of `sum`, or merged statistics.
local function combined(entries, names, sum, order)
  local found, list = {}, {}
  for place, entry in ipairs(entries) do
    local key, total = {}, { n = 0, [sum] = sum ~= "stats" and 0 or nil }
    for i, name in ipairs(names) do
      key[i], total[name] = tostring(entry[name]), entry[name]
    end
    key = table.concat(key, "\0")
    if not found[key] then
      found[key], list[#list + 1] = total, total
    end
    total = found[key]
    total.n, total.place = total.n + 1, place
    if sum == "stats" then
      total.stats = total.stats or stats.new()
      total.stats:add(entry.stats)
    else
      total[sum] = total[sum] + entry[sum]
    end
  end
  if order == "last" then
    table.sort(list, function(a, b) return a.place < b.place end)
  end
  for _, total in ipairs(list) do
    total.place = nil
  end
  return list
end

--- Totals of entries: tables of fields, of which one is added up.
local function totals_of(entries, sum)
  local totals = {}
  function totals.by(_, ...)
    local names = { ... }
    return { each = function(_, order)
      local list, i = combined(entries, names, sum, order), 0
      return function()
        i = i + 1
        return list[i]
      end
    end }
  end
  return totals
end

local calls = totals_of({
  { tid = 1, pid = 1, name = "sh", class = "read", kind = "disk", size = 10 },
  { tid = 2, pid = 2, name = "cat", class = "read", kind = "net", size = 20 },
  { tid = 1, pid = 1, name = "bash", class = "write", kind = "disk", size = 5 },
  { tid = 1, pid = 1, class = "read", kind = "disk", size = 1 },
  { pid = 3, name = "lost", class = "read", size = 7 },
}, "size")

describe("sums.by", function()
  it("has a row for each combination of the fields, as they came first", function()
    local rows = sums.by(calls, { of = { "tid" } })
    assert.equal(3, #rows)
    assert.same({ key = 1, tid = 1, size = 16, n = 3 }, rows[1])
    assert.same({ key = 2, tid = 2, size = 20, n = 1 }, rows[2])
    assert.same({ key = "unknown", size = 7, n = 1 }, rows[3])
    assert.equal(rows[1], rows.of[1])
    assert.equal(rows[3], rows.of.unknown)
  end)

  it("tells rows apart by several fields, also where one is not there", function()
    local rows = sums.by(calls, { of = { "tid", "pid" } })
    assert.equal(3, #rows)
    assert.same({ nil, 3, 7 }, { rows[3].tid, rows[3].pid, rows[3].size })
    assert.equal(rows[2], rows.of["2\0002"])
  end)

  it("tells rows apart by a key, and leaves out what has none", function()
    local rows = sums.by(calls, { of = { "tid", "class" }, key = function(total)
      return total.class == "read" and total.tid or nil
    end })
    assert.equal(2, #rows)
    assert.same({ 1, 11, 2 }, { rows[1].key, rows[1].size, rows[1].n })
    assert.same({ 2, 20, 1 }, { rows[2].key, rows[2].size, rows[2].n })
    rows = sums.by(calls, { of = { "tid" }, key = function() return "all" end })
    assert.same({ 1, 43, 5 }, { #rows, rows[1].size, rows[1].n })
    assert.same({}, { table.unpack(sums.by(calls, { of = { "tid" }, key = function() end })) })
    -- `false` is a key, as are tables.
    assert.equal(1, #sums.by(calls, { of = { "tid" }, key = function() return false end }))
  end)

  it("splits sums by the texts of fields", function()
    local rows = sums.by(calls, { of = { "tid" }, split = { "class", "kind" }, counts = true })
    assert.same({ key = 1, tid = 1, size = 16, n = 3, read = 11, n_read = 2, read_disk = 11,
      n_read_disk = 2, write = 5, n_write = 1, write_disk = 5, n_write_disk = 1 }, rows[1])
    assert.same({ key = "unknown", size = 7, n = 1, read = 7, n_read = 1, read_unknown = 7,
      n_read_unknown = 1 }, rows[3])
    assert.equal(5, #sums.by(calls, { of = { "tid", "class", "kind", "name" } }))
  end)

  it("calls the sum as it is told", function()
    local rows = sums.by(calls, { of = { "tid" }, as = "bytes", split = { "class" } })
    assert.same({ key = 1, tid = 1, bytes = 16, n = 3, read = 11, write = 5 }, rows[1])
  end)

  it("has the last value that was known of fields", function()
    local rows = sums.by(calls, { of = { "tid" }, last = { "name", "pid" } })
    assert.same({ "bash", 1 }, { rows[1].name, rows[1].pid })
    assert.same({ "cat", 2 }, { rows[2].name, rows[2].pid })
    assert.same({ "lost", 3 }, { rows[3].name, rows[3].pid })
    assert.equal(16, rows[1].size)
  end)

  it("has the last value that functions make of them", function()
    local rows = sums.by(calls, { of = { "tid" }, last = { "name", "pid",
      label = function(total) return total.name and total.name .. "/" .. total.pid end } })
    assert.same({ "bash/1", "cat/2", "lost/3" }, { rows[1].label, rows[2].label, rows[3].label })
  end)

  it("finds the rows of last values by the key", function()
    local rows = sums.by(calls, { of = { "tid", "pid" }, last = { "name" },
      key = function(total) return total.tid end })
    assert.equal(2, #rows)
    assert.same({ "bash", "cat" }, { rows[1].name, rows[2].name })
  end)

  it("adds to rows of an earlier call", function()
    local more = totals_of({ { tid = 2, size = 100 }, { tid = 9, size = 1 } }, "size")
    local rows = sums.by(calls, { of = { "tid" } })
    assert.equal(rows, sums.by(more, { of = { "tid" } }, rows))
    assert.equal(4, #rows)
    assert.same({ 120, 2 }, { rows[2].size, rows[2].n })
    assert.same({ 9, 1, 1 }, { rows[4].tid, rows[4].size, rows[4].n })
    -- As another sum of the same rows.
    sums.by(more, { of = { "tid" }, as = "other" }, rows)
    assert.same({ 120, 100, 3 }, { rows[2].size, rows[2].other, rows[2].n })
  end)

  it("merges statistics", function()
    local keyed = totals_of({ { tid = 1, name = "a", stats = 5 },
      { tid = 1, name = "b", stats = 7 },
      { tid = 2, name = "a", stats = 9 } }, "stats")
    local rows = sums.by(keyed, { of = { "tid" }, last = { "name" } })
    assert.same({ 2, 12, 2, "b" },
      { rows[1].stats:count(), rows[1].stats:sum(), rows[1].n, rows[1].name })
    assert.same({ 1, 9 }, { rows[2].stats:count(), rows[2].stats:sum() })
    assert.is_nil(rows[1].size)
    -- Of rows whose key is another one than the fields.
    rows = sums.by(keyed, { of = { "tid" }, key = function() return "all" end })
    assert.same({ 1, 3, 21, 3 },
      { #rows, rows[1].stats:count(), rows[1].stats:sum(), rows[1].n })
  end)

  it("gives no rows of nothing", function()
    local rows = sums.by(totals_of({}, "size"), { of = { "tid" }, split = { "a" }, last = { "b" } })
    assert.same({ of = {} }, rows)
  end)
end)

describe("disks.rows", function()
  it("has a row for each disk, by the name that it had last", function()
    local rows = disks.rows(totals_of({
      { host = "box", dev = 8, sectors = 1 }, { host = "box", dev = 9, disk = "sdb", sectors = 2 },
      { host = "box", dev = 8, disk = "sda", sectors = 4 },
    }, "sectors"))
    assert.equal(2, #rows)
    assert.same({ "sda", 8, 5, 2 }, { rows[1].name, rows[1].dev, rows[1].sectors, rows[1].n })
    assert.same({ "sdb", 9, 2, 1 }, { rows[2].name, rows[2].dev, rows[2].sectors, rows[2].n })
  end)

  it("names the machine where there are several", function()
    local rows = disks.rows(totals_of({ { host = "b", dev = 8, disk = "sda", size = 1 },
      { host = "a", dev = 8, disk = "sda", size = 2 } }, "size"), "bytes")
    assert.same({ "a:sda", 2, "b:sda", 1 },
      { rows[1].name, rows[1].bytes, rows[2].name, rows[2].bytes })
  end)
end)

describe("sums.share", function()
  it("is the part of a sum", function()
    local rows = { { time = 3 }, { time = 1 }, { time = 0 } }
    assert.equal(rows, sums.share(rows, "time"))
    assert.same({ 0.75, 0.25, 0.0 }, { rows[1].share, rows[2].share, rows[3].share })
    assert.equal(0, sums.share({ { time = 0 } }, "time")[1].share)
  end)
end)

describe("sums.count", function()
  local function counted(spec)
    spec.of, spec.as = { "tid" }, "found"
    local rows = sums.by(calls, { of = { "tid" } })
    sums.count(rows, calls, spec)
    return { rows[1].found, rows[2].found, rows[3].found },
      { rows[1].n_found, rows[2].n_found, rows[3].n_found }
  end

  it("says how often there was which value, the most frequent first", function()
    local found, n = counted { what = "class" }
    assert.same({ { { "read", 2 }, { "write", 1 } }, { { "read", 1 } }, { { "read", 1 } } }, found)
    assert.same({ 3, 1, 1 }, n)
    assert.equal("read 2, write 1", sums.counts_text(found[1]))
    assert.equal("", sums.counts_text {})
  end)

  it("counts what has no value only if it is to be called something", function()
    local found, n = counted { what = "name" }
    assert.same({ { { "bash", 1 }, { "sh", 1 } }, { { "cat", 1 } }, { { "lost", 1 } } }, found)
    assert.same({ 2, 1, 1 }, n)
    found, n = counted { what = "name", otherwise = "?" }
    assert.same({ { "?", 1 }, { "bash", 1 }, { "sh", 1 } }, found[1])
    assert.same({ 3, 1, 1 }, n)
  end)
end)

describe("a thread", function()
  it("is found by its TID, or its process", function()
    assert.equal(7, thread.key { tid = 7, pid = 3 })
    assert.equal(-3, thread.key { pid = 3 })
    assert.equal("unknown", thread.key {})
    assert.equal(3, thread.process_key { tid = 7, pid = 3 })
    assert.equal(-7, thread.process_key { tid = 7 })
    assert.equal("unknown", thread.process_key {})
  end)

  it("is written with its name, and a number", function()
    assert.equal("sh (7)", thread.label { name = "sh", tid = 7, pid = 3 })
    assert.equal("sh (PID 3)", thread.label { name = "sh", pid = 3 })
    assert.equal("unknown (?)", thread.label {})
    assert.equal("kworker", thread.known_label { name = "kworker" })
    assert.equal("sh (7)", thread.known_label { name = "sh", tid = 7 })
    assert.equal("unknown", thread.known_label {})
  end)

  it("has the name of its process where it has none", function()
    local rows = sums.by(totals_of({ { tid = 7, pid = 3, process = "main", size = 1 },
      { tid = 8, pid = 3, procname = "worker", process = "main", size = 1 } }, "size"),
      { of = thread.of, key = thread.key, last = thread.last })
    assert.same({ "main", "worker" }, { rows[1].name, rows[2].name })
  end)
end)
