--- --by container: rows of each container, which are those that --container lets through.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local containers = require "tests.spec.containers_trace"

local trace = containers.trace(true)

local function text_of(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local list = {}
  for name, one in pairs(value) do
    list[#list + 1] = ("%s=%s"):format(name, text_of(one))
  end
  table.sort(list)
  return table.concat(list, " ")
end

--- Rows as texts: all, or those of a container, without it.
local function texts_of(rows, container)
  local texts = {}
  for _, row in ipairs(rows) do
    if not container or row.container == container then
      row.container = nil
      texts[#texts + 1] = text_of(row)
    end
  end
  table.sort(texts)
  return texts
end

--- Rows of an analysis without those of the table `trace`.
local function rows_of(...)
  local list = {}
  for _, row in ipairs((host.rows(...))) do
    list[#list + 1] = row.table ~= "trace" and row or nil
  end
  return list
end

describe("--by container", function()
  it("has the rows that --container has", function()
    for _, name in ipairs { "cputop", "syscallstats", "iolatencystats", "iousagetop", "schedstats",
      "iolog" } do
      local all, n = rows_of(name, "--by", "container", "--output", "json", trace), 0
      for _, container in ipairs { "host", "web", "hog", "agent[4026532403]" } do
        local by = texts_of(all, container)
        local one = texts_of(rows_of(name, "--container", container, "--output", "json", trace))
        n = n + #by
        if by[1] then
          assert.same(one, by, name .. " " .. container)
        end
      end
      assert.is_true(n > 0, name)
    end
  end)

  it("adds up to the whole", function()
    local sum, whole = 0, nil
    for _, row in ipairs(rows_of("syscallstats", "--by", "container", "--output", "json", trace)) do
      sum = sum + (row.table == "All system calls" and row.count or 0)
    end
    for _, row in ipairs(rows_of("syscallstats", "--output", "json", trace)) do
      whole = row.table == "All system calls" and row.count or whole
    end
    assert.equal(4, sum)
    assert.equal(whole, sum)
  end)

  it("has a column for it in all formats", function()
    local function out(format)
      return host.run_as_is("cputop", "--by", "container", "--output", format, trace).out
    end
    assert.is_truthy(out "text":find("\nContainer +Process"))
    assert.is_truthy(out "csv":find('"Container","Process', 1, true))
    assert.is_truthy(out "lami":find('{"title":"Container","class":"string"}', 1, true))
    assert.is_truthy(out "html":find("Container", 1, true))
  end)

  it("works in intervals, with filters, limits and --sort", function()
    local seen = {}
    for _, row in ipairs(rows_of("cputop", "--by", "container", "--refresh", "100ms", "--table",
      "total", "--output", "json", trace)) do
      seen[row.container] = (seen[row.container] or 0) + 1
    end
    assert.same({ host = 4, web = 4, hog = 4, ["agent[4026532403]"] = 4,
      unknown = 4 }, seen)
    local some = rows_of("cputop", "--by", "container", "--container", "w*,hog", "--limit", "1",
      "--table", "per-process", "--output", "json", trace)
    assert.equal(1, #some)
    assert.equal("hog", some[1].container)
  end)

  it("is the same in several processes, and from partial results", function()
    local cache, part = host.path "cache", host.path "part"
    local whole = host.run("syscallstats", "--by", "container", trace).out
    assert.equal(0, host.run("index", "--cache", cache, trace).status)
    assert.equal(whole, host.run("syscallstats", "--by", "container", "--cache", cache, "--jobs",
      "2", trace).out)
    local files = {}
    for i = 1, 2 do
      files[i] = part .. i
      assert.equal(0, host.run("syscallstats", "--by", "container", "--partial", files[i],
        "--slice", i .. "/2", trace).status)
    end
    assert.equal(whole, host.run("merge", files[1], files[2]).out)
    host.shell("sed -i 's/\"containers\":\\[/\"containers\":[7,/' " .. host.quote(files[1]))
    local damaged = host.run("merge", files[1], files[2])
    assert.equal(1, damaged.status)
    assert.is_truthy(damaged.err:find("damaged", 1, true), damaged.err)
  end)

  it("can be compared", function()
    local result = host.run("compare", trace, trace, "--", "cputop", "--by", "container")
    assert.equal(0, result.status, result.err)
    assert.is_truthy(result.out:find("Total CPU Usage", 1, true), result.out)
  end)

  it("shows what there is if no event passes", function()
    local result = host.run("syscallstats", "--by", "container", "--container", "wbe", trace)
    assert.equal(0, result.status)
    assert.is_truthy(result.err:find("no event has container wbe", 1, true), result.err)
  end)

  it("is refused where it makes no sense", function()
    local function refuses(words, ...)
      local result = host.run(...)
      assert.equal(2, result.status)
      assert.is_truthy(result.err:find(words, 1, true), result.err)
    end
    refuses("irqstats does not tell containers apart", "irqstats", "--by", "container", trace)
    refuses("containers has a row for each container anyway", "containers", "--by", "container",
      trace)
    refuses("runqueue needs run_queue", "runqueue", "--by", "container", trace)
    refuses("timeline writes events", "timeline", "--by", "container", trace)
    refuses("--fold has no rows", "cputop", "--fold", "--by", "container", trace)
    refuses("cannot be used with --period or --request", "cputop", "--by", "container", "--request",
      "process", trace)
    refuses("needs a recorded trace", "cputop", "--by", "container", "--follow", trace)
    refuses("must be container or host", "cputop", "--by", "cpu", trace)
  end)
end)
