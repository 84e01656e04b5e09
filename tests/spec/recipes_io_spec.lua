--- The numbers of irqtop, syscalls, biolatency, biosnoop, opensnoop, filetop and fileslower, found
-- in a second way: tests/recipes_io.py makes them of what `babeltrace2` prints, and compares.
--
-- `TRACES="folder folder" make check` does so for more traces.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local example = build .. "/example-trace"

local folders = { example }
for folder in (os.getenv "TRACES" or ""):gmatch "[^%s:]+" do
  folders[#folders + 1] = folder
end

local tools = { "irqtop", "syscalls", "biolatency", "biosnoop", "opensnoop", "filetop",
  "fileslower" }

local installed = host.shell("command -v babeltrace2").status == 0

--- Compares one analysis, or all.
local function compare(folder, ...)
  local words = { "python3", "tests/recipes_io.py", build .. "/lttnga-run", folder, ... }
  for i, word in ipairs(words) do
    words[i] = host.quote(word)
  end
  return host.shell(table.concat(words, " "))
end

for _, folder in ipairs(folders) do
  describe("what the events of " .. folder:match "[^/]*$" .. " say", function()
    it("is what analyses of files, disks, calls and interrupts show", function()
      if not installed then
        pending "there is no babeltrace2"
        return
      end
      local result = compare(folder)
      assert.equal(0, result.status, result.out .. result.err)
      for _, tool in ipairs(tools) do
        local count = ("\n" .. result.out):match("\n" .. tool .. " +(%d+) rows")
        assert.is_true(count and (folder ~= example or tonumber(count) > 0), tool)
      end
    end)
  end)
end

describe("the comparison", function()
  it("finds what is not the same", function()
    if not installed then
      pending "there is no babeltrace2"
      return
    end
    -- A model that forgets the errors of calls, and takes each request for a read.
    local liar = host.write(([[#!/bin/sh
%s/lttnga-run "$@" | sed 's/"ENOENT":[0-9]*/"ENOENT":99/; s/"t":"W"/"t":"R"/'
]]):format(build), "liar")
    assert(host.shell("chmod +x " .. liar).status == 0)
    local program = host.shell(("python3 tests/recipes_io.py %s %s syscalls biosnoop"):format(liar,
      example))
    assert.equal(1, program.status, program.err)
    assert.matches("\nsyscalls +%d+ rows, %d+ only here, %d+ only in the events\n",
      "\n" .. program.out)
    assert.matches("\nbiosnoop +%d+ rows, %d+ only here, %d+ only in the events\n", program.out)
  end)
end)
