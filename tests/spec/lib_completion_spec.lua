--- Checks what Tab offers at the prompt: names that are there, values where they are known, and
-- nothing that would have to be called.
--
-- SPDX-License-Identifier: MIT

local completion = require "lttnga.completion"

local function nothing() end

local Base = { close = nothing, limit = 5 }
local Object = { __index = setmetatable({ open = nothing, step = nothing }, { __index = Base }) }

local env = {
  ps = nothing, procs = nothing, fds = nothing, go = nothing, analyse = nothing,
  thread = setmetatable({ tid = 5, state = { name = "x", names = {} } }, Object),
  word = "text", _hidden = 1, ["not a name"] = 1,
  trap = setmetatable({}, { __index = error, __pairs = error }),
}

local values = {
  tid = { 1, 12, 123, 124, 99 },
  analysis = { "iolog", "iolatencytop", "cputop" },
  options = { "limit", "procname" }, ["options procname"] = { "bash", "cat" },
  ["options tid"] = { 12, 34 },
  name = { 'a"b', "it's", "esc\27", "back\\slash" },
}

local tab = completion.new(env, { print = nothing, string = string },
  { fds = { "tid", "name" }, analyse = { "analysis", "options" }, ["thread.open"] = { "tid" } },
  function(kind, _, call)
    if kind == "options" then
      assert.equal("iolog", call.texts[1])
    end
    return values[call.key and kind .. " " .. call.key or kind]
  end)

--- Checks the candidates at "|", and what of the line they replace; or only the first ones.
local function offers(line, replaced, expected, is_begin)
  local before, after = line:match("^(.-)|(.*)$")
  local list, start = tab:candidates(before, after)
  list = is_begin and table.move(list, 1, #expected, 1, {}) or list
  table.sort(list)
  assert.same(expected, list)
  assert.equal(replaced, before:sub(start))
end

describe("completion", function()
  it("offers names, and what is called with a bracket", function()
    offers("p|", "p", { "print(", "procs(", "ps(" })
    offers("x = ps() + pr|", "pr", { "print(", "procs(" })
    offers("wor|", "wor", { "word" })
    offers("ps|(1)", "ps", { "ps" })
    offers("nothing_like_that|", "nothing_like_that", {})
    offers("tra|", "tra", { "trap" })
  end)

  it("offers all names where nothing is typed, but no keyword and nothing hidden", function()
    offers("|", "", { "analyse(", "fds(", "go(", "print(", "procs(", "ps(", "string", "thread",
      "trap", "word" })
    offers("_|", "_", { "_hidden" })
  end)

  it("offers the keys of a table that is an argument, and their values", function()
    offers("analyse('iolog', { |", "", { "limit = ", "procname = " })
    offers("analyse('iolog', {pro|", "pro", { "procname = " })
    offers("analyse('iolog', { limit = 3, pro|", "pro", { "procname = " })
    offers("analyse('iolog', { procname = |", "", { '"bash"', '"cat"' }, true)
    offers("analyse('iolog', { procname = 'b|", "b", { "bash'" })
    offers("analyse('iolog', { limit = 3, tid = 3|", "3", { "34" })
    offers("analyse('iolog', { limit = p|", "p", { "print(", "procs(", "ps(" })
    offers("f({ pro|", "pro", { "procs(" })
  end)

  it("offers keywords", function()
    offers("whi|", "whi", { "while" })
    offers("for i = 1, 2 d|", "d", { "do" })
  end)

  it("offers fields and methods, also of what metatables name", function()
    offers("thread.st|", "st", { "state", "step(" })
    offers("thread.state.n|", "n", { "name", "names" })
    offers("thread . state . n|", "n", { "name", "names" })
    offers("thread.state.|", "", { "name", "names" })
    offers("thread:|", "", { "close(", "open(", "step(" })
    offers("thread.li|", "li", { "limit" })
    offers("word:rep|", "rep", { "rep(" })
    offers("string.gs|", "gs", { "gsub(" })
    offers("print(thread.t|)", "t", { "tid" })
  end)

  it("offers nothing of what it would have to call, or does not know", function()
    offers("ps().|", "", {})
    offers("trap.x|", "x", {})
    offers("trap.x.|", "", {})
    offers("none.x|", "x", {})
    offers("('x'):re|", "re", {})
    offers("thread[1].x|", "x", {})
    offers("word.|", "", { "byte(", "char(", "dump(", "find(", "format(", "gmatch(", "gsub(",
      "len(", "lower(", "match(", "pack(", "packsize(", "rep(", "reverse(", "sub(", "unpack(",
      "upper(" })
  end)

  it("offers values of arguments", function()
    offers("fds(12|", "12", { "12", "123", "124" })
    offers("fds(|", "", { "1", "12", "123", "124", "99" })
    offers("fds( 9|)", "9", { "99" })
    offers("x = { fds(9|", "9", { "99" })
    offers("thread:open(99|", "99", { "99" })
    offers("go(12|", "12", {})
    offers("ps(fds(1, 2), 12|", "12", {})
    offers("fds(ps(1, 2), go(), 1|", "1", {})
    offers("analyse(|", "", { '"cputop"', '"iolatencytop"', '"iolog"' })
    offers("analyse(iol|", "iol", { '"iolatencytop"', '"iolog"' })
  end)

  it("offers values of strings, with the quote that is missing", function()
    offers('analyse("iol|', "iol", { 'iolatencytop"', 'iolog"' })
    offers('analyse("iol|")', "iol", { "iolatencytop", "iolog" })
    offers('analyse "c|', "c", { 'cputop"' })
    offers("analyse 'c|", "c", { "cputop'" })
    offers("analyse{'c|", "c", {})
    offers("print('c|", "c", {})
    offers("return 'c|", "c", {})
    offers([[fds(1, "a|]], "a", { [[a\"b"]] })
    offers([[fds(1, "a\"|]], [[a\"]], { [[a\"b"]] })
    offers([[fds(1, 'i|]], "i", { [[it\'s']] })
    offers([[fds(1, "e|]], "e", { [[esc\x1b"]] })
    offers([[fds("(", "b|]], "b", { [[back\\slash"]] })
  end)

  it("offers nothing in comments and long strings, and goes on after them", function()
    offers("ps() -- p|", "", {})
    offers("--[[ p|", "", {})
    offers("x = [==[ ]] p|", "", {})
    offers("--[[ ( ]] pr|", "pr", { "print(", "procs(" })
    offers("x = [[ ( ]] .. pr|", "pr", { "print(", "procs(" })
    offers("-- fds(\npr|", "pr", { "print(", "procs(" })
    offers("x = 'it\\'s (' .. pr|", "pr", { "print(", "procs(" })
  end)

  it("survives any line", function()
    local marks = { "(", ")", "{", "}", "[", "]", "[[", "]]", "--", "'", '"', "\\", ".", ":", ",",
      "ps", "thread", "1", "1.5", "..", "...", "::", " ", "\n", "=", "µ", "\0", "fds" }
    math.randomseed(1)
    for _ = 1, 5000 do
      local parts = {}
      for i = 1, math.random(12) do
        parts[i] = marks[math.random(#marks)]
      end
      local line = table.concat(parts)
      local list, start = tab:candidates(line, "")
      assert(type(list) == "table" and start >= 1 and start <= #line + 1, line)
    end
  end)
end)
