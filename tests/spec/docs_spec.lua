--- What pages show is what the program shows, and what they list is what there is.
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

  it("shows what a session shows", function()
    check(page, 5)
  end)

  it("begins with the script that is an example, and what that prints", function()
    local script = page:match("```lua\n(.-)```")
    assert.truthy(host.read("examples/small_writes.lua"):find(script, 1, true))
    local command, shown = page:match("    build/lttnga%-run ([^\n]*)\n\n```\n(.-)```\n")
    local result = host.shell(("%s/lttnga-run %s"):format(build,
      command:gsub("build/", build .. "/")))
    assert.equal("", result.err)
    assert.equal(shown, result.out)
  end)

  it("has commands that work", function()
    local count = 0
    for command in page:gmatch("\n    t?i?m?e? ?build/lttnga%-run ([^\n]*)") do
      local result = host.shell(("%s/lttnga-run %s </dev/null"):format(build,
        command:gsub("build/", build .. "/")))
      assert.equal("", result.err, command)
      assert.equal(0, result.status, command)
      local _, lines = result.out:gsub("\n", "")
      assert.is_true(lines > 1 or command:find "^%-i" ~= nil, command)
      count = count + 1
    end
    assert.is_true(count >= 9)
  end)

  it("has messages as they are", function()
    local script = page:match("```lua\n(.-)```")
    local changes = {
      { "duration%)", "duraton)" }, { "by = ", "bye = " },
      { "w.writes:rows%(%)", "sums.by(w.writes)" },
      { "w.writes:rows%(%)", "{ { key = 1 }, { key = {} } }" },
      { "w.writes:add%b()", "w.most = w.most + duration" },
    }
    local count = 0
    local rows = page:match "| mistake | message |\n(.-)\n\n"
    for message in rows:gmatch "| `(mine%.lua:[^`]*)`" do
      count = count + 1
      local from, to = table.unpack(changes[count])
      local path = host.write((script:gsub(from, to, 1)), "mine.lua")
      local err = host.run(path, build .. "/example-trace").err
      assert.equal("lttnga-run: " .. message,
        (err:gsub("/[^ ]*mine%.lua", "mine.lua"):match "[^\n]*"))
    end
    assert.equal(#changes, count)
  end)

  it("has a test of a script that passes", function()
    local program, shown = page:match("```lua\n(local lttnga.-)```\n.-```\n(.-)```\n")
    local result = host.lua(host.write(program, "test.lua"), build .. "/example-trace")
    assert.equal("", result.err)
    assert.equal(shown, result.out)
  end)
end)

--- What stands in code in the first column of the list between <!-- NAME --> and <!-- end -->.
local function listed(page, name)
  local names = {}
  for row in page:match("<!%-%- " .. name .. " %-%->(.-)<!%-%- end"):gmatch("\n| `([^`]*)`") do
    names[#names + 1] = not row:find "=" and row or nil
  end
  table.sort(names)
  return names
end

local function sorted_keys(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The words of a C array of texts, whose declaration begins so.
local function c_list(path, declaration)
  local names = {}
  local source = host.read(path)
  local _, at = source:find(declaration, 1, true)
  for name in source:match("^.-{(.-)}", assert(at, declaration)):gmatch '"([^"]*)"' do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

describe("docs/script-reference.md", function()
  local page = host.read "docs/script-reference.md"
  local keys = require "lttnga.keys"

  it("is as the code is (make docs)", function()
    assert.equal(page, host.run("tools/script-page.lua").out)
  end)

  it("has all classes of columns", function()
    local columns = require "lttnga.columns"
    assert.same(columns.class_names(), listed(page, "classes"))
    -- How LAMI has them.
    local writers = host.read "lua/lib/render_lami.lua"
    for _, class in ipairs(keys.classes) do
      local name = class[4]:match "^`([^`]*)`"
      assert.is_true(not name or name == class[1] and writers:find(name, 1, true) ~= nil, class[1])
    end
  end)

  it("has all readers of options, groups, and keys of an option", function()
    local options = require "lttnga.options"
    assert.same(sorted_keys(options.readers), listed(page, "readers"))
    local groups, used = {}, { value = true }
    for name, group in pairs(options.groups) do
      groups[#groups + 1] = name ~= "filter" and name ~= "rows" and name or nil
      for _, option in ipairs(group) do
        for key in pairs(option) do
          used[key] = true
        end
      end
    end
    table.sort(groups)
    assert.same(groups, listed(page, "groups"))
    for _, list in ipairs { options.run, options.spans, options.other, options.session } do
      for _, option in ipairs(list) do
        for key in pairs(option) do
          used[key] = true
        end
      end
    end
    used.only_with = true
    assert.same(sorted_keys(used), listed(page, "option"))
  end)

  it("has all keys of collects, kinds of series, and forms of fields", function()
    assert.same(c_list("host/lua/collect.c", "own_keys[] ="), listed(page, "collect"))
    assert.same(c_list("host/accumulate/series.c", "kind_names[] ="), listed(page, "series"))
    local forms = {}
    for i, form in ipairs(keys.names(keys.forms)) do
      forms[i] = form
    end
    assert.same(c_list("host/output/line_text.c", "names[LINE_SHOWS] ="), forms)
  end)

  it("has all objects that a collect can feed", function()
    local collectors = host.shell("grep -hE '^static const struct collector_type' host/*/*.c").out
    assert.equal(select(2, collectors:gsub("\n", "")), #keys.sinks)
    for _, sink in ipairs(keys.sinks) do
      assert.truthy(sink[2] == "Drop" or page:find(("<!-- object %s"):format(sink[2]), 1, true)
        or sink[2] == "Kernel" or sink[2] == "Facts", sink[2])
    end
  end)

  it("has all methods of the objects that scripts get", function()
    local missing, count = {}, 0
    for path in host.shell("ls host/accumulate/*.c host/output/log.c host/perfetto/*object.c").out
        :gmatch "[^\n]+" do
      local source = host.read(path)
      for list in source:gmatch "\nstatic const luaL_Reg %w*_?methods%[%] = (%b{})" do
        for name in list:gmatch '{"(%w+)", ' do
          count = count + 1
          missing[#missing + 1] = not page:find("\n%- `" .. name .. "%(") and path .. ": " .. name
            or nil
        end
      end
    end
    assert.same({}, missing)
    assert.is_true(count > 40)
  end)

  it("has all libraries, and what stock scripts use of them", function()
    local missing = {}
    local by_itself = { analysis = true, options = true, perfetto = true, exporter = true,
      facts = true, fact_views = true }
    for name in host.shell("ls lua/analyses/*.lua examples/*.lua").out:gmatch "[^\n]+" do
      for _, one in ipairs(uses_of(host.read(name))) do
        local about = page:match("<!%-%- library " .. one.library .. "[ :].-<!%-%- end") or ""
        local known = by_itself[one.library] or one.used == "md"
          or about:find(("\n- `%s.%s%%f[^%%w_]"):format(one.library, one.used))
        missing[#missing + 1] = not known
          and ("%s: %s.%s"):format(name, one.library, one.used) or nil
      end
    end
    assert.same({}, missing)
  end)
end)

describe("docs/facts.md", function()
  it("has the tables that there are", function()
    assert.equal(host.read "docs/facts.md", host.run("tools/facts-page.lua").out)
  end)

  it("has links that lead somewhere", function()
    local hooks = host.read "docs/hooks.md"
    for name in host.read("docs/facts.md"):gmatch "%(hooks%.md#([%w_]+)%)" do
      assert.truthy(hooks:find("\n## " .. name .. "\n", 1, true), name)
    end
  end)
end)

describe("lua/meta", function()
  local there = host.path "meta"
  local files = {}
  for name in host.shell("ls lua/meta/lttnga").out:gmatch "[^\n]+" do
    files[name] = host.read("lua/meta/lttnga/" .. name)
  end

  it("is as the code is (make docs)", function()
    local result = host.shell(("META=%s %s/lttnga-run tools/luals.lua && diff -r %s lua/meta")
      :format(there, build, there))
    assert.equal("", result.err .. result.out)
  end)

  it("is Lua, with annotations that LuaLS knows", function()
    local known = { meta = true, class = true, field = true, param = true, ["return"] = true,
      type = true, alias = true, overload = true }
    for name, source in pairs(files) do
      assert(load(source, name, "t"))
      assert.matches("^%-%-%-@meta [%w_.]+\n", source)
      for tag in source:gmatch "\n%-%-%-@(%w+)" do
        assert.is_true(known[tag], ("%s: @%s"):format(name, tag))
      end
      -- Parameters are those of the function below.
      local names = {}
      for line in source:gmatch "[^\n]+" do
        names[#names + 1] = line:match "^%-%-%-@param ([%w_.]+)%??"
        local list = line:match "^function [%w_.:]+%((.-)%) end"
        assert.equal(list and table.concat(names, ", "), list, name)
        names = list and {} or names
      end
    end
  end)

  it("names no class that there is not", function()
    local classes = {}
    for _, source in pairs(files) do
      for class in source:gmatch "\n%-%-%-@class ([%w_.]+)" do
        classes[class] = true
      end
      for alias in source:gmatch "\n%-%-%-@alias ([%w_.]+)" do
        classes[alias] = true
      end
    end
    local unknown = {}
    for name, source in pairs(files) do
      for line in source:gmatch "\n%-%-%-@[pr][ae][rt][au][mr]n? [^\n]*" do
        local kind = line:match "^\n%-%-%-@return ([^#\n]*)" or line:match "@param %S+ (%S+)"
        for class in kind:gmatch "lttnga%.[%w_.]+" do
          unknown[#unknown + 1] = not classes[class] and name .. ": " .. class or nil
        end
      end
    end
    assert.same({}, unknown)
    -- All hooks have a class for their event.
    for _, event in ipairs(require("lttnga.host").hooks()) do
      assert.is_true(classes["lttnga.event." .. event.name])
    end
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
