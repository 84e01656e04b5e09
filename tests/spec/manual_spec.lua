--- The manual: pages, help, lists and docs say the same, and every command in the docs runs.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local catalogue = require "lttnga.catalogue"
local options = require "lttnga.options"
local relay = require "tests.spec.relay"

local sample = (os.getenv "BUILD" or "build") .. "/example-trace"
local build = os.getenv "BUILD" or "build"
local root = host.shell("pwd").out:match "[^\n]+"

local function lines_of(text)
  return text:gmatch "[^\n]+"
end

--- All pages of Markdown: paths.
local pages = { "README.md", "CONTRIBUTING.md", "CHANGELOG.md" }
for name in lines_of(host.shell("ls docs/*.md").out) do
  pages[#pages + 1] = name
end

--- The options that a help text lists: names.
local function listed(help)
  local names = {}
  for line in lines_of(help:match "\nOptions:\n(.-)\n\n" or help) do
    local called = line:match "^  (%-.*)$"
    for name in (called and called:match "^(.-)  " or called or ""):gmatch "%-%-([%a][%w-]*)" do
      names[#names + 1] = name
    end
  end
  return names
end

describe("manual pages", function()
  local made = {}
  for path in lines_of(host.shell("ls tools/man/*.lua").out) do
    local name = path:match "([^/]+)%.lua$"
    if name ~= "page" then
      made[name] = host.shell(("%s/lttnga-run %s"):format(build, path)).out
    end
  end

  --- A page as scdoc takes it, without its escapes.
  local function page(name)
    return (made[name]:gsub("\\(.)", "%1"))
  end

  it("are seven", function()
    local count = 0
    for _, text in pairs(made) do
      assert.is_true(#text > 900, _)
      count = count + 1
    end
    assert.equal(7, count)
  end)

  for name, text in pairs(made) do
    it("are without warnings: " .. name, function()
      if not os.execute "command -v scdoc >/dev/null && command -v man >/dev/null" then
        pending "scdoc or man is not installed"
        return
      end
      local path = host.path(name)
      local result = host.shell(([[scdoc <%s >%s && LC_ALL=C.UTF-8 MANWIDTH=80 \
        man --warnings -E UTF-8 -l -Tutf8 -Z %s >/dev/null]]):format(host.write(text), path, path))
      assert.equal("", result.err)
      assert.equal(0, result.status)
    end)
  end

  it("have each option of --help", function()
    local text = page "lttnga-run.1"
    for _, name in ipairs(listed(host.run_as_is("--help").out)) do
      assert.truthy(text:find("*--" .. name .. "*", 1, true), name)
    end
    text = page "lttnga-record.1"
    local names = listed(host.shell("record/lttnga-record --help").out)
    assert.is_true(#names > 8)
    for _, name in ipairs(names) do
      assert.truthy(text:find("*--" .. name .. "*", 1, true), name)
    end
  end)

  it("have each analysis, its other names, and its options", function()
    local text, shared = page "lttnga-analyses.7" .. "\n## ", page "lttnga-run.1"
    for _, name in ipairs(host.analyses()) do
      local part = assert(text:match("\n## " .. name .. "\n(.-)\n##? "), name)
      for _, option in ipairs(listed(host.run_as_is("help", name).out)) do
        assert.truthy(part:find("--" .. option, 1, true), name .. " --" .. option)
        assert.truthy(part:find("*--" .. option .. "*", 1, true)
          or shared:find("*--" .. option .. "*", 1, true), name .. " --" .. option)
      end
      for _, alias in ipairs(catalogue.aliases_of(name)) do
        assert.truthy(part:find(alias, 1, true), alias)
      end
    end
  end)

  it("have each event, and each method", function()
    local text = page "lttnga-hooks.7"
    for name in host.read("docs/hooks.md"):gmatch "\n## (%S+)\n" do
      assert.truthy(text:find("\n## " .. name .. "\n", 1, true), name)
    end
    text = page "lttnga.3lua"
    for name in host.session(build .. "/example-trace", "help()").out:gmatch "\n  ([%l_]+)%(" do
      assert.truthy(name == "help" or text:find("session:" .. name .. "*", 1, true), name)
    end
  end)
end)

describe("the catalogue", function()
  local known = {}
  for _, topic in ipairs(catalogue.topics) do
    for i = 2, #topic do
      assert(not known[topic[i]], topic[i])
      known[topic[i]] = true
    end
  end

  it("has each stock analysis under one topic, and no other", function()
    local there = {}
    for _, name in ipairs(host.analyses()) do
      there[name] = true
    end
    assert.same(there, known)
  end)

  it("has other names, each for one analysis that there is", function()
    local seen = {}
    for _, entry in ipairs(catalogue.aliases) do
      assert.is_true(known[entry[1]], entry[1])
      for i = 2, #entry do
        assert.is_nil(known[entry[i]] or seen[entry[i]], entry[i])
        seen[entry[i]] = true
        assert.truthy(host.read "docs/recipes.md":find("`" .. entry[i], 1, true), entry[i])
        local result = host.run_as_is("help", entry[i])
        assert.equal(0, result.status)
        assert.equal(host.run_as_is("help", entry[1]).out, result.out)
      end
    end
  end)

  it("makes docs/analyses.md", function()
    assert.equal(host.read "docs/analyses.md",
      host.shell(build .. "/lttnga-run tools/analyses-page.lua").out)
  end)
end)

describe("lttnga-run help", function()
  local function help(...)
    local result = host.run_as_is("help", ...)
    assert.equal("", result.err)
    assert.equal(0, result.status)
    return result.out
  end

  it("shows pages of the manual, that fit", function()
    for _, path in ipairs(pages) do
      local name = path:match "^docs/(%l.*)%.md$"
      if name then
        local text = help(name)
        assert.truthy(host.run_as_is("help").out:gsub("%s+", " "):find(name, 1, true), name)
        -- Code is not broken, nor is a long word.
        for line in lines_of(text) do
          local width = utf8.len(line)
          assert.truthy(width <= 80 or line:find "^  " or line:find "^%S+$"
            or line:find "%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S%S",
            name .. ": " .. line)
        end
      end
    end
  end)

  it("explains analyses, commands and options", function()
    assert.matches("^All I/O.*\nOptions:\n", help "iolog")
    assert.equal(help "iousagetop", help "iotop")
    assert.matches("^Usage: lttnga%-run index ", help "index")
    assert.matches("^  %-%-min USEC .*\nAn option of .*iolog", help "--min")
    assert.matches("^  %-r, %-%-refresh TIME ", help "--refresh")
    assert.equal(host.run_as_is("--help").out, help())
  end)

  it("says what it does not know", function()
    local function fails(message, ...)
      local result = host.run_as_is("help", ...)
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.matches(message, result.err)
    end
    fails("no help on 'expresions' %(did you mean 'expressions'%?%)", "expresions")
    fails("unknown option %-%-nothing", "--nothing")
    fails("help takes one topic", "iolog", "cputop")
    fails("no help on '../README'", "../README")
  end)
end)

describe("docs", function()
  it("have a table of contents that names each page", function()
    local contents = host.read "docs/README.md"
    for _, path in ipairs(pages) do
      local name = path:match "^docs/(%l.*)$"
      assert.truthy(not name or contents:find("](" .. name .. ")", 1, true), path)
    end
  end)

  it("have links to what exists", function()
    for _, path in ipairs(pages) do
      local folder, text = path:match "^(.*/)" or "", host.read(path)
      for target in text:gmatch "%]%(([^)%s]+)%)" do
        local file, anchor = target:match "^([^#]*)#?(.*)$"
        if not file:find "^https?:" then
          local whole = file == "" and path or folder .. file
          assert.truthy(io.open(whole), ("%s: %s"):format(path, target))
          local found = anchor == ""
          for title in ("\n" .. host.read(whole)):gmatch "\n#+ ([^\n]+)" do
            found = found or title:lower():gsub("[^%w%s_-]", ""):gsub(" ", "-") == anchor
          end
          assert.truthy(found or host.read(whole):find('<a id="' .. anchor .. '"', 1, true),
            ("%s: %s"):format(path, target))
        end
      end
    end
  end)

  --- All options that there are, with their default, where it is a value.
  local defaults = {}
  for _, list in ipairs { options.run, options.spans, options.session, options.other } do
    for _, option in ipairs(list) do
      defaults[option.name] = options.help_of(option):match "[(;] ?default: ([^)]*)" or ""
    end
  end
  for _, name in ipairs(host.analyses()) do
    for _, option in ipairs(listed(host.run_as_is("help", name).out)) do
      defaults[option] = defaults[option] or ""
    end
  end
  for _, command in ipairs(require "lttnga.help".commands) do
    for _, option in ipairs(command.own or {}) do
      defaults[option.name] = tostring(option.default or "")
    end
  end
  for _, name in ipairs(listed(host.shell("record/lttnga-record --help").out)) do
    defaults[name] = defaults[name] or ""
  end
  -- Of other programs, and of those that only Trace Compass uses.
  for name in ([[countname title inverted colors input-format csv live-start help version
      clock-offset rcfile globals formatted-flame html track-memory enable-event
      component plugin-path names clock-seconds color classic metadata mi-version
      test-compatibility output-progress skip-validation progress-use-size no-color
      dry-run branch depth time std read-globals globals tracefile-size tracefile-count
      switch-timer joblog retries resume-failed array dependency parsable wrap
      period-begin period-end period-begin-key period-end-key period-key-value]]):gmatch "%S+" do
    defaults[name] = defaults[name] or ""
  end

  it("name no option that does not exist, and no other default", function()
    for _, path in ipairs(pages) do
      local text = host.read(path)
      for name in text:gmatch "%f[%-%w]%-%-(%l[%w-]+)" do
        assert.truthy(defaults[name], ("%s: --%s"):format(path, name))
      end
      for name, default in text:gmatch "`%-%-([%w-]+)[^`]*` %(default:? `?([^`)]*)`?%)" do
        local known = defaults[name]:gsub("^the ", "")
        assert.equal(known, default:gsub("^the ", ""):sub(1, #known), path .. ": --" .. name)
        assert.is_true(known ~= "", path .. ": --" .. name)
      end
    end
  end)
end)

-- ---- Commands ----

--- The part of a command up to what a shell does with its output.
local function first_part(command)
  local quoted = nil
  for i = 1, #command do
    local char = command:sub(i, i)
    if quoted then
      quoted = char ~= quoted and quoted or nil
    elseif char == "'" or char == '"' then
      quoted = char
    elseif char:find "[|>;]" or char == "#" and command:sub(i - 1, i - 1) == " " then
      return command:sub(1, i - 1)
    end
  end
  return command
end

--- The commands of a page: those on lines of code, and those in cells of tables.
local function commands_of(text)
  local found, before = {}, ""
  for part in lines_of(text) do
    -- What is quoted can go on in the next line, and so does what ends in a backslash.
    local line = before .. part:match(before == "" and "^(.*)$" or "^%s*(.*)$")
    local _, quotes = line:gsub("'", "")
    local goes_on = quotes % 2 == 1 or line:find "\\$"
    before = line:find "^%s+lttnga%-run " and goes_on and line:gsub("\\$", "") .. " " or ""
    line = before == "" and line or ""
    local command = line:match "^%s*(build/lttnga%-run .*)$" or line:match "^%s*(lttnga%-run .*)$"
      or line:match "^%s*(lttnga%-record .*)$" or line:match "^%s*(lttnga%-run)$"
    if command and not line:find "^%a" then
      found[#found + 1] = command
    elseif line:find "^|" then
      for code in line:gsub("\\|", "|"):gmatch "`(lttnga%-run [^`]*)`" do
        found[#found + 1] = code:find("my-trace/", 1, true) and code or nil
      end
    end
  end
  return found
end

describe("commands in the docs", function()
  local place = host.path "place"
  local built = build:find "^/" and build or root .. "/" .. build
  host.shell(("mkdir %s && cd %s && ln -s %s build && ln -s %s/examples . && ln -s "
    .. "build/example-trace my-trace && mkdir lttng-traces && "
    .. "ln -s ../build/example-trace lttng-traces/auto-20261201"):format(place, place, built, root))

  --- Runs a command as the docs have it.
  local function run(command)
    local words = first_part(command)
    if words:find "^lttnga%-record" then
      words = words:gsub("^lttnga%-record", root .. "/record/lttnga-record --dry-run")
    else
      words = words:gsub("^build/lttnga%-run", "lttnga-run"):gsub("^lttnga%-run",
        built .. "/lttnga-run")
    end
    if words:find "net://" then
      local target, session = words:match "net://[^/%s]+/host/([^/%s]+)/(%S+)"
      local port = relay.start("--hostname", target or "box", "--session", session or "s",
        sample)
      words = words:gsub("net://[^/%s]+", ("net://127.0.0.1:%d"):format(port))
    end
    return host.shell(("cd %s && export TZ=UTC HOME=%s && %s </dev/null"):format(place, place,
      words))
  end

  after_each(relay.stop_all)

  local count = 0
  for _, path in ipairs(pages) do
    it("run: " .. path, function()
      for _, command in ipairs(commands_of(host.read(path))) do
        local result = run(command)
        assert.equal(0, result.status, ("%s: %s\n%s"):format(path, command, result.err))
        count = count + 1
      end
    end)
  end

  it("run: those in the help of analyses", function()
    for _, name in ipairs(host.analyses()) do
      for _, command in ipairs(commands_of((host.read("lua/analyses/" .. name .. ".lua")
          :gsub("\n%-%-", "\n")))) do
        -- Variables such as $OPEN are the reader's.
        local result = command:find "^lttnga%-run " and not command:find '"$%u+"'
          and run(command)
        assert.equal(0, result and result.status or 0, ("%s: %s\n%s"):format(name, command,
          result and result.err))
        count = count + (result and 1 or 0)
      end
    end
    for _, example in ipairs(require "lttnga.help".examples) do
      assert.equal(0, run(example[1]).status, example[1])
    end
  end)

  it("are some", function()
    assert.is_true(count > 200, count)
  end)

  it("show what is printed in docs/start.md", function()
    local shown = 0
    local command, out, at
    for line in lines_of(host.read "docs/start.md") do
      command = line:match "^    (build/lttnga%-run .*)$" or command
      if line == "```" then
        out = not out and run((command:gsub("lttnga%-run", "lttnga-run --width 90"))).out or nil
        at = 1
      elseif out and line ~= "..." then
        local _, last = out:find(line, at, true)
        assert.truthy(last, ("%s: %s\n%s"):format(command, line, out))
        at, shown = last, shown + 1
      end
    end
    assert.is_true(shown > 10)
  end)
end)
