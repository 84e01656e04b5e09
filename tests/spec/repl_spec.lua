--- Sessions without a terminal: commands of the command line and of a pipe, what they show, and how
-- errors end them. At a terminal they are tested by tests/tmux.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local trace = host.small_trace()

--- Runs commands with -e.
local function run_codes(...)
  return host.session(trace, ...)
end

--- Runs lines from a pipe.
local function run_lines(...)
  local path = host.write(table.concat({ ... }, "\n") .. "\n", "commands")
  return host.shell(("%s/lttnga-run -i %s <%s"):format(os.getenv("BUILD") or "build", trace, path))
end

--- Both of them, one after the other.
local function each_way(...)
  local one, other = run_codes(...), run_lines(...)
  assert.same({ one.status, one.out }, { other.status, other.out })
  one.err = one.err:gsub("%-e:%d+:", "(prompt):N:")
  assert.equal(one.err, (other.err:gsub("%(prompt%):%d+:", "(prompt):N:")))
  return one
end

local function shows(expected, ...)
  local result = each_way(...)
  assert.equal("", result.err)
  assert.equal(expected, result.out)
  assert.equal(0, result.status)
end

--- Checks that commands fail: what was shown before, and the message.
local function fails(expected, message, ...)
  local result = each_way(...)
  assert.equal(expected, result.out)
  assert.equal("lttnga-run: error: " .. message .. "\n", result.err)
  assert.equal(1, result.status)
end

describe("a session", function()
  it("shows what expressions are, and runs statements", function()
    shows("2\n", "1 + 1")
    shows('1\tnil\t"a"\n', "1, nil, 'a'")
    shows("nil\n", "nil")
    shows("{ 1, a = 2 }\n", "{ 1, a = 2 }")
    shows("", "x = 5", "local y = 6", "(function() end)()", "-- a comment", "", "  ")
    shows("5\n", "x = 5", "x")
    shows("7\n", "return 7")
    shows("4\n8\n", "2 * 2", "_ * 2")
    shows("nil\n1\n", "_", "1")
  end)

  it("calls a function of its own whose name stands alone", function()
    shows("5\n5\n", "function f() return 5 end", "f", " f ")
    shows("<function>\n", "string.rep")
    assert.equal("(none)\n", run_codes("ps").out)
    assert.equal(run_codes("ps()").out, run_codes("ps").out)
  end)

  it("keeps globals in its own table", function()
    shows("true\ttrue\n", "x = 1", "x == _ENV.x, rawget(_G, 'x') == nil")
    shows("nil\nnil\n", "x = nil", "x", "y = 1", "y = nil", "y")
  end)

  it("prints nothing that could steer the terminal", function()
    shows("\\x1b[31m\t5\nb\n", "print('\\27[31m', 5 .. '\\nb')")
    shows('"\\x1b[31m"\n', "'\\27[31m'")
  end)

  it("ends when it is told to", function()
    for _, command in ipairs { "quit", "exit", "quit()", "exit ( )", "pcall(quit)",
      "if true then quit() end" } do
      shows("1\n", "1", command, "2")
    end
  end)

  it("ends with status 1 after an error", function()
    fails("1\n", "(prompt):N: boom", "1", "error('boom')", "2")
    fails("", "boom", "error('boom', 0)")
    fails("", "error without a message (a table)", "error({})")
    fails("1\n", "(prompt):N: unexpected symbol near ')'", "1", ")", "2")
    fails("", "(prompt):N: unfinished string near <eof>", 'x = "a')
    local result = each_way("1 + 1", ("("):rep(250))
    assert.equal("2\n", result.out)
    assert.matches("^lttnga%-run: error: [^\n]*C stack overflow[^\n]*\n$", result.err)
    fails("", "(prompt):N: \\x1b", "error('\\27')")
    fails("", "(prompt):N: attempt to index a nil value (field 'x')", "a = {}", "a.x.y = 1")
    fails("", "(prompt):N: bad", "setmetatable({}, { __tostring = function() error('bad') end })")
  end)

  it("shows its own levels of an error that came from further down", function()
    local result = run_lines("function f()", "  error('boom')", "end",
      "function g() f() end", "x = 1; g()")
    assert.equal(1, result.status)
    assert.matches("^lttnga%-run: error: %(prompt%):2: boom\n  %(prompt%):2: in [^\n]+\n"
      .. "  %(prompt%):4: in [^\n]+\n  %(prompt%):5: in main chunk\n$", result.err)
  end)

  it("refuses names that are not there, and guesses what was meant", function()
    fails("", "(prompt):N: undefined variable 'pss' (did you mean 'ps'?)", "pss()")
    fails("", "(prompt):N: undefined variable 'pritn' (did you mean 'print'?)", "pritn(1)")
    fails("", "(prompt):N: undefined variable 'qwertyuiop'", "qwertyuiop")
    fails("", "(prompt):N: undefined variable 'mine_2' (did you mean 'mine_1'?)", "mine_1 = 1",
      "mine_2")
  end)

  it("wants whole commands on the command line", function()
    local result = run_codes("for i = 1, 2 do")
    assert.equal("lttnga-run: error: -e:1: 'end' expected near <eof>\n", result.err)
    assert.equal(1, result.status)
    assert.equal("1\n2\n", run_codes("for i = 1, 2 do\nprint(i)\nend").out)
  end)

  it("puts lines of a pipe together", function()
    local result = run_lines("for i = 1, 2 do", "", "  print(i)", "end", "1 +", "2", "x = [[a",
      "b]]", "x")
    assert.equal("", result.err)
    assert.equal('1\n2\n3\n"a\\nb"\n', result.out)
    result = run_lines("5", "f(")
    assert.equal("5\n", result.out)
    assert.equal("lttnga-run: error: (prompt):2: unexpected symbol near <eof>\n", result.err)
    assert.equal(1, result.status)
  end)

  it("tells the line of a pipe", function()
    assert.matches("%(prompt%):4: boom", run_lines("1", "do", "end", "error('boom')").err)
    assert.matches("%(prompt%):3: boom", run_lines("1", "do", "error('boom')", "end").err)
  end)

  it("ends by SIGINT when it is interrupted", function()
    for _, command in ipairs { "while true do end", "'a', (function() while true do end end)()" } do
      local script = ("(sleep 1; kill -INT $$) & exec %s/lttnga-run -e %s %s"):format(
        os.getenv("BUILD") or "build", host.quote(command), trace)
      local result = host.shell("sh -c " .. host.quote(script))
      assert.equal(130, result.status)
      assert.equal("lttnga-run: interrupted; no results\n", result.err)
    end
  end)

  it("says when its output has nowhere to go", function()
    local result = host.shell(("%s/lttnga-run -e '(\"x\"):rep(100)' -e 2 %s >/dev/full"):format(
      os.getenv("BUILD") or "build", trace))
    assert.equal("lttnga-run: error: cannot write: No space left on device\n",
      result.err:match("^[^\n]*\n"))
    assert.equal(1, result.status)
  end)
end)
