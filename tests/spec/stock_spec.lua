--- Each stock analysis is where all of them have to be: found by what is in lua/analyses.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local names = {}
for name in host.shell("ls lua/analyses").out:gmatch "([%w_]+)%.lua" do
  names[#names + 1] = name
end

--- Whether a text has a name as a word of its own.
local function has_word(text, name)
  return text:find("%f[%w_]" .. name .. "%f[^%w_]") ~= nil
end

--- The list that ALL=1 stands for, and what comes always.
local bench = host.read "tests/bench":match "\nall=.-\ndone\n"

--- What valgrind looks at.
local steps = host.read "tests/run":match "no leaks under valgrind.*"

local golden = host.shell("ls tests/golden").out
local headings = host.read "tests/spec/analyses_spec.lua"
  :match 'describe%("the heading of an analysis".-\n  } do\n'

describe("the stock analyses", function()
  it("are some", function()
    assert.is_true(#names >= 20)
  end)

  for _, name in ipairs(names) do
    -- What a report shows is what the analyses of its sections do.
    if not host.read("lua/analyses/" .. name .. ".lua"):find "\n  sections = {" then
      it("have output that is kept: " .. name, function()
        assert.matches("%f[^\n\0]" .. name .. "%-[^\n]*example%.txt\n", golden)
      end)

      it("show in their help what is compared with real output: " .. name, function()
        assert.matches("%f[%w]" .. name .. ' = "' .. name .. '[ "]', headings)
      end)
    end

    it("are timed: " .. name, function()
      assert.is_true(has_word(bench, name))
    end)

    it("run under valgrind: " .. name, function()
      assert.is_true(has_word(steps, name))
    end)
  end
end)

describe("the recipes", function()
  for name in ([[irqtop syscalls biolatency biosnoop opensnoop filetop fileslower runqlat runqslower
      offcputime execsnoop killsnoop tcplife timehist]]):gmatch "%S+" do
    it("are at most 40 lines of code: " .. name, function()
      local lines = 0
      for line in host.read("lua/analyses/" .. name .. ".lua"):gmatch "[^\n]+" do
        lines = lines + (line:find "^%s*%-%-" and 0 or 1)
      end
      assert.is_true(lines <= 40, lines)
    end)
  end
end)

describe("help", function()
  it("tells the default of each option that takes a value", function()
    for _, name in ipairs(host.analyses()) do
      local help = host.run("--help", name).out:match("\nOptions:\n(.*)$"):gsub("\n   +", " ")
      for line in help:gmatch("[^\n]+") do
        if line:find "^  %-[^ ]* [^ ]*[A-Z]" or line:find "^  %-%a, %-%-[^ ]* [^ ]*[A-Z]" then
          assert.truthy(line:find("default", 1, true), name .. ": " .. line)
        end
      end
    end
  end)
end)
