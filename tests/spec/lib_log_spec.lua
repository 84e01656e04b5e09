--- Rows of logs in every format.
--
-- SPDX-License-Identifier: MIT

local log = require "lttnga.log"

--- What a log writes.
local function written(one, before, between)
  local file <close> = assert(io.tmpfile())
  assert(one:write(file, before, between))
  file:seek("set")
  return file:read("a")
end

--- One cell of a class in each format: csv, json, lami.
local function cells(class, parts, record, more)
  local got = {}
  for i, format in ipairs { "csv", "json", "lami" } do
    local column = { key = "k", class = class, parts = parts, unknown = more and more.unknown }
    got[i] = log.new({ format = format, columns = { column }, from = more and more.from,
      spreadsheet = more and more.spreadsheet }):text(record)
  end
  got[2] = assert(got[2]:match('^"k":(.*)}$'))
  got[3] = assert(got[3]:match("^%[(.*)%]$"))
  return got
end

local function value(class, v, more)
  return cells(class, { value = "v" }, { v = v }, more)
end

describe("a row of a log", function()
  it("is a table of fields", function()
    local one = log.new { format = "text", line = { { 5, "{a}" } } }
    for _, row in ipairs { 5, "x" } do
      local ok, message = pcall(one.add, one, row, { 5 })
      assert.is_false(ok)
      assert.equal("a row of a log must be a table of fields, { FIELD = value, ... }", message)
    end
  end)

  it("has each data class in its form", function()
    assert.same({ '"a"', '"a"', '"a"' }, value("string", "a"))
    assert.same({ "5", "5", '"5"' }, value("string", 5))
    assert.same({ "true", "true", '"true"' }, value("string", true))
    assert.same({ "5", "5", "5" }, value("mixed", 5))
    assert.same({ '"/a"', '"/a"', '{"class":"path","path":"/a"}' }, value("path", "/a"))
    assert.same({ '"vda"', '"vda"', '{"class":"disk","name":"vda"}' }, value("disk", "vda"))
    assert.same({ "8", "8", '{"class":"disk","name":"8"}' }, value("disk", 8))
    assert.same({ '"read"', '"read"', '{"class":"syscall","name":"read"}' },
      value("syscall", "read"))
    assert.same({ "7", "7", '{"class":"duration","value":7}' }, value("duration", 7))
    assert.same({ "0.1", "0.1", '{"class":"ratio","value":0.1}' }, value("ratio", 0.1))
    for _, none in ipairs { 0 / 0, 1 / 0, -1 / 0 } do
      assert.same({ "", "null", "null" }, value("ratio", none))
    end
    assert.same({ "3", "3", '{"class":"cpu","id":3}' }, value("cpu", 3))
    assert.same({ "3", "3", '{"class":"fd","fd":3}' }, value("fd", 3))
    assert.same({ "false", "false", '{"class":"bool","value":false}' }, value("bool", false))
    assert.same({ "1,2", '{"begin":1,"end":2}', '{"class":"time-range",'
      .. '"begin":{"class":"timestamp","value":1},"end":{"class":"timestamp","value":2}}' },
      cells("time-range", { begin = "b", ["end"] = "e" }, { b = 1, e = 2 }))
    local process = { name = "n", pid = "p", tid = "t" }
    assert.same({ '"sh",1,2', '{"name":"sh","pid":1,"tid":2}',
      '{"class":"process","name":"sh","pid":1,"tid":2}' },
      cells("process", process, { n = "sh", p = 1, t = 2 }))
    assert.same({ ",,2", '{"name":null,"pid":null,"tid":2}', '{"class":"process","tid":2}' },
      cells("process", process, { t = 2 }))
    assert.same({ ",,", '{"name":null,"pid":null,"tid":null}', '{"class":"unknown"}' },
      cells("process", process, {}))
    local irq, range = { name = "n", nr = "i", hard = "h" }, { begin = "b", ["end"] = "e" }
    assert.equal('{"class":"unknown","name":"x"}', cells("irq", irq, { n = "x" })[3])
    assert.matches('^{"class":"unknown",', cells("time-range", range, { b = 1 })[3])
    assert.same({ '"x",4,true', '{"name":"x","nr":4,"hard":true}',
      '{"class":"irq","name":"x","hard":true,"nr":4}' },
      cells("irq", { name = "n", nr = "i", hard = "h" }, { n = "x", i = 4, h = true }))
  end)

  it("tells what is not there from what is not known", function()
    assert.same({ "", "null", "null" }, value("path"))
    assert.same({ "", "null", "null" }, value("path", nil, { unknown = "fd" }))
    assert.same({ "", "null", '{"class":"unknown"}' },
      cells("path", { value = "v" }, { fd = 3 }, { unknown = "fd" }))
    assert.same({ '"a"', '"a"', '{"class":"path","path":"a"}' },
      cells("path", { value = "v" }, { fd = 3, v = "a" }, { unknown = "fd" }))
    assert.same({ "false", "false", '{"class":"bool","value":false}' },
      cells("bool", { value = "v:early" }, { v = 3 }))
    assert.same({ "true", "true", '{"class":"bool","value":true}' },
      cells("bool", { value = "v:early" }, { v = 3 }, { from = 4 }))
  end)

  it("has odd texts in a form that can be read back", function()
    local function texts(text, more)
      local got = value("mixed", text, more)
      assert.equal(got[2], got[3])
      return { got[1], got[2] }
    end
    assert.same({ '""', '""' }, texts "")
    assert.same({ '"a ""b"", c"', '"a \\"b\\", c"' }, texts 'a "b", c')
    assert.same({ '"\\x0a\\x09\\x00\\x7f\\"', '"\\n\\t\\u0000\\u007f\\\\"' },
      texts "\n\t\0\127\\")
    assert.same({ '"ü\\xe2\\x80\\xa8"', '"ü\\u2028"' }, texts "ü\u{2028}")
    assert.same({ '"\\xff""x"', '"\\\\xff\\"x"' }, texts '\xff"x')
    assert.same({ '"😀"', '"😀"' }, texts "😀")
    for _, text in ipairs { "=1+1", "+1", "-1", "@a" } do
      assert.same({ '"' .. text .. '"', '"' .. text .. '"' }, texts(text))
      assert.same({ '"\'' .. text .. '"', '"' .. text .. '"' }, texts(text, { spreadsheet = true }))
    end
    assert.same({ "-1", "-1" }, texts(-1, { spreadsheet = true }))
    -- What begins with a control character is shown with its number: no formula.
    assert.equal('"\\x09=1"', texts("\t=1", { spreadsheet = true })[1])
    assert.same({ '"a=b"', '"a=b"' }, texts("a=b", { spreadsheet = true }))
  end)

  it("has numbers of 64 bits", function()
    for _, number in ipairs { math.maxinteger, math.mininteger, 0, -1 } do
      local one = log.new { format = "csv", sort = "key",
        columns = { { key = "k", class = "number", parts = { value = "v" } } } }
      one:add { key = 1, v = number }
      assert.equal(number .. "\r\n", written(one))
    end
  end)
end)

describe("a log", function()
  local columns = {
    { key = "at", class = "timestamp", parts = { value = "t" } },
    { key = "name", class = "string", parts = { value = "name" } },
  }

  local function filled(spec)
    spec.columns = spec.columns or columns
    local one = log.new(spec)
    for i, t in ipairs { 5, 2, 9, 2 } do
      one:add { t = t, name = "n" .. i, host = "h", trace = "/tr" }
    end
    return one
  end

  it("writes rows in order, with something around them", function()
    assert.equal('"T",2,"n2"\r\n"T",2,"n4"\r\n"T",5,"n1"\r\n"T",9,"n3"\r\n',
      written(filled { format = "csv" }, '"T",'))
    assert.equal('{"table":"T","at":9,"name":"n3"}\n{"table":"T","at":5,"name":"n1"}\n',
      written(filled { format = "json", descending = true, limit = 2 }, '{"table":"T",'))
    assert.equal('[{"class":"timestamp","value":2},"n2"],[{"class":"timestamp","value":2},"n4"]',
      written(filled { format = "lami", limit = 2 }))
    assert.equal("2 n2\n2 n4\n5 n1\n9 n3\n",
      written(filled { line = { { 0, "{t}" }, { 0, "{name}" } } }))
    local one = filled { format = "csv" }
    one:take(1)
    assert.equal(4, one:count())
    assert.equal('2,"n2"\r\n', written(one))
  end)

  it("shows a field of a text as that asks for", function()
    for show, shown in pairs { ["{v}"] = "61440", ["{v:us}"] = "61.440", ["{v:hex}"] = "0xf000",
      ["{v:size}"] = "60.00 KiB" } do
      local one = log.new { line = { { 0, show } } }
      one:add { v = 61440 }
      assert.equal(shown .. "\n", written(one))
    end
  end)

  it("tells where rows come from", function()
    assert.equal('"h","/tr",2,"n2"\r\n',
      written(filled { format = "csv", hosts = true, limit = 1 }))
    assert.equal('{"host":"h","trace":"/tr","at":2,"name":"n2"}\n',
      written(filled { format = "json", hosts = true, limit = 1 }, "{"))
    assert.equal('[{"class":"timestamp","value":2},"n2"]',
      written(filled { format = "lami", hosts = true, limit = 1 }))
  end)

  it("gives records, with texts as they came", function()
    for _, format in ipairs { "record", "csv", "json", "lami" } do
      local one = log.new { format = format, sort = "t", columns = {
        { key = "t", class = "number", parts = { value = "t" } },
        { key = "x", class = "mixed", parts = { value = "x" } } } }
      local given = { "a\n", '"\xff', 5, 1.5, true, false, ("long"):rep(100), math.mininteger,
        "z\0" }
      for i, x in ipairs(given) do
        one:add { t = i, x = x }
      end
      one:add { t = 10 }
      local i = 0
      for record in one:each() do
        i = i + 1
        assert.same({ t = i, x = given[i] }, record)
      end
      assert.equal(10, i)
    end
  end)

  it("is saved and merged", function()
    local function log_of(format, rows)
      local one = log.new { format = format, sort = "t", columns = {
        { key = "t", class = "number", parts = { value = "t" } },
        { key = "x", class = "mixed", parts = { value = "x" } } } }
      for _, row in ipairs(rows) do
        one:add(row)
      end
      return one
    end
    local function saved(one)
      local file = assert(io.tmpfile())
      assert(one:save(file))
      file:seek("set")
      return file
    end
    local rows = { { t = 3, x = "a\n" }, { t = 1, x = 1.5 }, { t = 2, x = true },
      { t = 2, x = math.mininteger }, { t = math.maxinteger }, { t = -4, x = ("l"):rep(1000) },
      { t = 3, x = "z\0" } }
    local whole = written(log_of("json", rows))
    for split = 0, #rows do
      local first = log_of("json", { table.unpack(rows, 1, split) })
      first:merge(saved(log_of("csv", { table.unpack(rows, split + 1) })))
      assert.equal(#rows, first:count())
      assert.equal(whole, written(first))
    end
    -- Of other fields, those that are known are taken.
    local other = log.new { format = "csv",
      columns = { { key = "x", class = "mixed", parts = { value = "x" } } } , sort = "t" }
    other:merge(saved(log_of("csv", { rows[1] })))
    assert.equal('"a\\x0a"\r\n', written(other))
    local texts = log.new { format = "csv", sort = "t",
      columns = { { key = "x", class = "process", parts = { name = "x" } } } }
    assert.has_error(function() texts:merge(saved(log_of("csv", { rows[2] }))) end,
      "'x' of a saved log must not be a number")
    -- Whatever is wrong with a file is an error.
    local bytes = saved(log_of("csv", rows)):read("a")
    math.randomseed(1)
    for i = 0, #bytes - 1, 7 do
      for _, damaged in ipairs { bytes:sub(1, i),
        bytes:sub(1, i) .. string.char(math.random(0, 255)) .. bytes:sub(i + 2) } do
        local file = assert(io.tmpfile())
        file:write(damaged)
        file:seek("set")
        local one = log_of("csv", {})
        local ok = pcall(one.merge, one, file)
        assert.is_false(ok and #damaged < #bytes)
        written(one)
      end
    end
  end)

  it("is saved as it will be written, and merged in order", function()
    local function log_of(format)
      return log.new { format = format, sort = "t", from = 5, columns = {
        { key = "t", class = "number", parts = { value = "t" } },
        { key = "x", class = "string", parts = { value = "x" } },
        { key = "e", class = "bool", parts = { value = "t:early" } } } }
    end
    local function finished(one, before)
      local file = assert(io.tmpfile())
      file:write(before)
      assert(one:save(file, true))
      file:write "behind"
      file:seek("set", #before)
      return file
    end
    math.randomseed(2)
    for _, format in ipairs { "csv", "json", "lami" } do
      local whole, merged, parts = log_of(format), log_of(format), {}
      for i = 1, 5000 do
        local row = { t = math.random(-50, 3000), x = ("y"):rep(math.random(0, 60)) .. i }
        local part = 1 + i // 1100
        parts[part] = parts[part] or log_of(format)
        parts[part]:add(row)
        whole:add(row)
      end
      parts[#parts + 1] = log_of(format)
      for i, part in ipairs(parts) do
        local file = finished(part, ("b"):rep(i * 4001))
        merged:merge(file)
        assert.equal("behind", file:read "a")
      end
      assert.equal(5000, merged:count())
      assert.is_true(merged:early())
      assert.equal(written(whole, "before "), written(merged, "before "))
    end
    -- Rows of both kinds are not mixed.
    local one = log_of "csv"
    one:add { t = 1 }
    assert.has_error(function() one:merge(finished(log_of "csv", "")) end,
      "finished rows can only be added to others that are")
    one = log_of "csv"
    one:add { t = 1 }
    local bytes = finished(one, ""):read "a"
    for i = 0, #bytes - 7 do
      local file = assert(io.tmpfile())
      file:write(bytes:sub(1, i))
      file:seek "set"
      assert.is_false(pcall(log_of("csv").merge, log_of "csv", file))
      file:seek "set"
      file:write(bytes:sub(1, i), string.char(math.random(0, 255)), bytes:sub(i + 2, -7))
      file:seek "set"
      local other = log_of "csv"
      if pcall(other.merge, other, file) then
        written(other)
      end
    end
  end)

  it("knows whether something is early", function()
    local one = log.new { format = "csv", from = 3,
      columns = { { key = "e", class = "bool", parts = { value = "t:early" } } } }
    one:add { t = 3 }
    assert.is_false(one:early())
    one:add { t = 2 }
    assert.is_true(one:early())
    assert.equal("true\r\nfalse\r\n", written(one))
  end)

  it("says what is wrong with it", function()
    local function fails(pattern, spec, record)
      local ok, message = pcall(function()
        local one = log.new(spec)
        one:add(record)
      end)
      assert.is_false(ok)
      assert.matches(pattern, message)
    end
    fails("unknown log format 'xml'", { format = "xml" })
    fails("a log needs `columns`", { format = "csv" })
    fails("column 'k' of a log: unknown class 'tim'",
      { format = "csv", columns = { { key = "k", class = "tim", parts = {} } } })
    fails("column 'k' of a log: unknown part 'val'",
      { format = "csv", columns = { { key = "k", class = "fd", parts = { val = "x" } } } })
    fails("'name' in a row of a log must be a string, not a number",
      { format = "csv", sort = "t",
        columns = { { key = "k", class = "process", parts = { name = "name" } } } },
      { t = 1, name = 5 })
    fails("'t' in a row of a log must be an integer, not a string",
      { format = "csv", sort = "x", columns = columns }, { x = 1, t = "a" })
    fails("rows of a log are sorted by 't', which must be an integer, not a nil",
      { format = "csv", columns = columns }, { name = "a" })
    local one = filled { format = "csv" }
    written(one)
    assert.is_false(pcall(one.add, one, { t = 1 }))
    assert.is_false(pcall(one.write, one, io.stdout))
  end)
end)
