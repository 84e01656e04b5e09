--- What the pages on sessions show is what a session shows.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"

--- The commands of a page, in order: { prompt =, command =, lines = what is shown }.
local function commands_of(page)
  local commands, command, inside = {}, nil, false
  for line in page:gmatch("([^\n]*)\n") do
    local prompt, typed = line:match("^([%d:.]+)> (.*)$")
    if not prompt then
      prompt, typed = line:match("^(begin)> (.*)$")
    end
    if line:find("^```") then
      inside, command = not inside, nil
    elseif inside and prompt then
      command = { prompt = prompt, command = typed, lines = {} }
      commands[#commands + 1] = command
    elseif inside and command then
      table.insert(command.lines, line)
    end
  end
  return commands
end

--- A pattern for what is shown: "..." stands for lines, or for the end of one.
local function pattern_of(lines)
  local parts = {}
  for i, line in ipairs(lines) do
    local begin = line:match("^(.*)%.%.%.$")
    local text = (begin or line):gsub("%p", "%%%0")
    parts[i] = line == "..." and ".-\n" or text .. (begin and "[^\n]*\n" or "\n")
  end
  return "^" .. table.concat(parts) .. "$"
end

--- Types the commands of a page into a session, and compares what is shown.
local function check(page, least)
  local commands, typed = commands_of(page), {}
  assert.is_true(#commands >= least)
  for _, one in ipairs(commands) do
    typed[#typed + 1] = 'do print("@@" .. session:clock() .. ">") end'
    typed[#typed + 1] = one.command
  end
  local result = host.shell(("%s/lttnga-run -i --gmt --no-cache %s/example-trace <%s"):format(
    build, build, host.write(table.concat(typed, "\n") .. "\n", "commands")))
  assert.equal("", result.err)
  local i = 0
  for prompt, shown in result.out:gsub("@@", "\0"):gmatch("%z([^\n]*)>\n([^\0]*)") do
    i = i + 1
    assert.equal(commands[i].prompt, prompt)
    assert.matches(pattern_of(commands[i].lines), shown)
  end
  assert.equal(#commands, i)
end

describe("docs/session.md", function()
  local page = host.read "docs/session.md"

  it("shows what a session shows", function()
    check(page, 35)
  end)

  it("shows what commands of the command line show", function()
    local command, shown = page:match("    (lttnga%-run %-e [^\n]*)\n\n```\n(.-)```\n")
    local result = host.shell(command:gsub("build/", build .. "/"):gsub("^", build .. "/"))
    assert.equal(shown, result.out)
  end)
end)

--- What a script uses of our libraries: { "stats.new", ... }.
local function uses_of(source)
  local uses = {}
  for name, library in source:gmatch('local ([%w_]+) = require[ (]"lttnga%.([%w_]+)"') do
    for used in source:gmatch("%f[%w_.]" .. name .. "%.([%w_]+)") do
      uses[#uses + 1] = { library = library, used = used }
    end
  end
  return uses
end

describe("docs/expressions.md", function()
  it("has expressions that are some", function()
    local expression = require "lttnga.expression"
    local page, count = host.read "docs/expressions.md", 0
    for source in page:match("| | means | example |\n(.-)\n\n"):gmatch("| ([^|]*) |\n") do
      for one in source:gmatch("`([^`]+)`") do
        count = count + 1
        assert.truthy(expression.parse(one), one)
      end
    end
    assert.is_true(count >= 10)
    for source in page:gmatch("%-%-filter '([^']*)'") do
      assert.truthy(expression.parse(source), source)
    end
  end)
end)

describe("docs/writing-analyses.md", function()
  local page = host.read "docs/writing-analyses.md"

  it("has all libraries, and what stock scripts use of them", function()
    local about = page:match("\n## Libraries\n(.-)\n%*%*Errors")
    local missing = {}
    for name in io.popen("ls lua/analyses"):lines() do
      for _, one in ipairs(uses_of(host.read("lua/analyses/" .. name))) do
        local row = about:match("\n(|[^|]*`" .. one.library .. "`[^\n]*)\n") or ""
        local known = one.library == "analysis" or one.library:find("_family$")
          or row:find("%f[%w_]" .. one.used .. "%f[^%w_]")
        missing[#missing + 1] = not known
          and ("%s: %s.%s"):format(name, one.library, one.used) or nil
      end
    end
    assert.same({}, missing)
  end)

  it("shows what a session shows", function()
    check(page, 5)
  end)

  it("has a script for a session that runs", function()
    local script = page:match("```lua\n(%-%- What the disks had.-)```")
    local result = host.run("-i", host.script(script:gsub("20e6", "10e6")), "-e", "",
      build .. "/example-trace")
    assert.equal("", result.err)
    assert.matches("^15:36:39%.%d+, event %d+\nDisk ", result.out)
  end)

  it("has a program that prints what is shown", function()
    local program, shown = page:match("```lua\n(local lttnga.-)```\n.-```\n(.-)```\n")
    local result = host.lua(host.write(program, "prog.lua"), build .. "/example-trace")
    assert.equal("", result.err)
    assert.equal(shown, result.out)
  end)
end)

--- The parts of docs/architecture.md that say what is in a folder: { ["state/"] = text }.
local function rooms()
  local found, room = {}, nil
  for line in host.read("docs/architecture.md"):gmatch("([^\n]*)\n") do
    if line:find("^##") then
      room = line:match("^### `([%w_/]+/)`")
    end
    if room then
      found[room] = (found[room] or "") .. line .. "\n"
    end
  end
  return found
end

--- The files of a folder that are to be named; a header that has a .c file goes without saying.
local function files_of(folder)
  local there, files = {}, {}
  for name in host.shell("ls " .. folder).out:gmatch("[^\n]+") do
    there[name] = true
  end
  for name in pairs(there) do
    local is_code = name:find("%.[ch]$") or name:find("%.inc$") or name:find("%.lua$")
    if is_code and not (name:find("%.h$") and there[name:gsub("h$", "c")]) then
      files[#files + 1] = name
    end
  end
  table.sort(files)
  return files, there
end

describe("docs/architecture.md", function()
  it("says what each file is for, and of no other", function()
    local wrong, described = {}, rooms()
    local folders = host.shell("find state host lua/lib -type d").out
    for folder in folders:gmatch("[^\n]+") do
      local files, there = files_of(folder)
      local text = described[folder .. "/"]
      if not text and #files > 0 then
        wrong[#wrong + 1] = ("it has no section ### `%s/`"):format(folder)
      end
      for _, name in ipairs(text and files or {}) do
        if not text:find("`" .. name .. "`", 1, true) then
          wrong[#wrong + 1] = ("its section `%s/` does not say what %s is for"):format(folder, name)
        end
      end
      for name in (text or ""):gmatch("`([%w_]+%.%w+)`") do
        if not there[name] then
          wrong[#wrong + 1] = ("its section `%s/` names %s, which is gone"):format(folder, name)
        end
      end
    end
    assert.equal("", table.concat(wrong, "\n"))
  end)
end)
