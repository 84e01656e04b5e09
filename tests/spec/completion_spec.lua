--- Completion of the command line: what the program says, and what shells make of that.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"
local root = host.shell("pwd").out:match "[^\n]+"
local path = ("PATH=%s/%s:%s/record:$PATH "):format(root, build, root)

--- What the program completes, without descriptions, as one text.
local function complete(...)
  local words = { ... }
  for i, word in ipairs(words) do
    words[i] = host.quote(word)
  end
  local result = host.shell(("%s/lttnga-run --complete %s"):format(build, table.concat(words, " ")))
  assert.equal("", result.err)
  assert.equal(0, result.status)
  return (result.out:gsub("\t[^\n]*", ""):gsub("\n", " "):gsub(" $", ""))
end

describe("lttnga-run --complete", function()
  it("knows analyses, their other names, and commands", function()
    assert.equal("iolatencyfreq iolatencystats iolatencytop :folder", complete "iolat")
    assert.equal("iolog,iousagetop", complete "iolog,iou")
    assert.equal("help :folder", complete "hel")
    assert.matches("^biolatency biosnoop containers cputop"
      .. " criticalpath .* index .*help :folder$", complete "")
    assert.matches("strace", complete "str")
    assert.is_nil(complete "":find("strace", 1, true))
  end)

  it("knows the options of an analysis, and those of every run", function()
    assert.equal("--period --period-captures", complete("iolog", "--period"))
    assert.equal("--cause", complete("waits", "--cau"))
    assert.equal("", complete("cputop", "--cau"))
    assert.equal("iolog:--limit", complete "iolog:--li")
    assert.equal("cputop,iolog:--limit", complete "cputop,iolog:--li")
    assert.equal("--cache", complete("index", "--ca"))
    assert.equal("", complete("index", "--freq"))
    assert.equal("", complete("iolog", "--mi-version"))
  end)

  it("knows values", function()
    assert.equal("csv html json lami text", complete("iolog", "--output", ""))
    assert.equal("--output=csv", complete("iolog", "--output=c"))
    assert.equal("text csv json", complete("cache", "--output", ""))
    assert.equal("always", complete("--color", "al"))
    assert.equal("disk,lock disk,lost", complete("waits", "--cause", "disk,l"))
    assert.equal("begin,duration", complete("iolog", "--columns", "begin,dur"))
    assert.equal("fsync", complete("requests", "--request", "fs"))
    assert.equal("log", complete("iolog", "--table", "lo"))
    assert.equal("irqstats", complete("--show", "irqst"))
    assert.equal(":file", complete("iolog", "-o", ""))
    assert.equal(":folder", complete("iolog", "--cache", "x"))
    assert.equal("", complete("iolog", "--begin", ""))
  end)

  it("knows where a trace stands", function()
    assert.equal(":folder", complete("iolog", ""))
    assert.equal(":folder", complete("iolog", "--min", "3", "some"))
    assert.equal(":folder", complete("-i", ""))
  end)

  it("knows what there is help on", function()
    assert.equal("why writeback writing-analyses", complete("help", "w")
      :gsub("waits%S* ", ""):gsub("wake%S* ", ""))
    assert.equal("waits", complete("--help", "waits"):match "^%S+")
  end)

  it("does not run what lies around", function()
    local evil = host.write("error 'run'", "evil.lua")
    assert.equal("--list", complete(evil, "--li"))
  end)

  it("does without the home folder, and with odd words", function()
    for _, words in ipairs { "''", "'--output=' ''", "'\\x1b[31m'", "'a,b,' ", "'%d' '--%s='" } do
      local result = host.shell(("env -u HOME %s/lttnga-run --complete %s"):format(build, words))
      assert.equal("", result.err)
      assert.equal(0, result.status)
    end
  end)
end)

--- Runs code of a shell; the lines that it prints, in one.
local function run(shell, code)
  if not os.execute(("command -v %s >/dev/null"):format(shell:match "%S+")) then
    pending(shell .. " is not installed")
    return nil
  end
  local result = host.shell(path .. shell .. " " .. host.write(code, "script"))
  assert.equal("", result.err)
  return (result.out:gsub("\t[^\n]*", ""):gsub("\n", " "):gsub(" $", ""))
end

--- What the shells are to show, by what is typed.
local expected = {
  ["lttnga-run iolat"] = "iolatencyfreq iolatencystats iolatencytop",
  ["lttnga-run iolog --outp"] = "--output --output-file",
  ["lttnga-run iolog --output c"] = "csv",
  ["lttnga-run waits --cause disk,l"] = "disk,lock disk,lost",
  ["lttnga-run iolog exampl"] = "examples/",
}

describe("bash", function()
  it("completes", function()
    if not os.execute "test -e /usr/share/bash-completion/bash_completion" then
      pending "bash-completion is not installed"
      return
    end
    for line, words in pairs(expected) do
      local said = run("bash", ([[
        source /usr/share/bash-completion/bash_completion
        source completion/lttnga.bash
        compopt() { :; }
        COMP_LINE=%s; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE)
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _lttnga_run
        printf '%%s\n' "${COMPREPLY[@]}"]]):format(host.quote(line)))
      assert.equal(words:gsub("/$", ""), said, line)
    end
  end)

  it("leaves out what readline takes for a word of its own", function()
    if os.execute "test -e /usr/share/bash-completion/bash_completion" then
      assert.equal("csv", run("bash", [[
        source /usr/share/bash-completion/bash_completion
        source completion/lttnga.bash
        compopt() { :; }
        COMP_LINE="lttnga-run iolog --output=c"; COMP_POINT=${#COMP_LINE}
        COMP_WORDS=(lttnga-run iolog --output = c); COMP_CWORD=4
        _lttnga_run
        printf '%s\n' "${COMPREPLY[@]}"]]))
    end
  end)

  it("keeps names of folders with blanks in one piece", function()
    if os.execute "test -e /usr/share/bash-completion/bash_completion" then
      local folder = host.path "folders"
      host.shell(("mkdir -p '%s/my trace' '%s/my *'"):format(folder, folder))
      assert.equal(("%s/my *|%s/my trace|"):format(folder, folder), run("bash", ([[
        source /usr/share/bash-completion/bash_completion
        source completion/lttnga.bash
        compopt() { :; }
        COMP_LINE="lttnga-record --output %s/my"; COMP_POINT=${#COMP_LINE}
        COMP_WORDS=(lttnga-record --output %s/my); COMP_CWORD=2
        _lttnga_record
        mapfile -t COMPREPLY < <(printf '%%s\n' "${COMPREPLY[@]}" | sort)
        printf '%%s|' "${COMPREPLY[@]}"]]):format(folder, folder)))
    end
  end)
end)

describe("fish", function()
  it("completes", function()
    for line, words in pairs(expected) do
      local said = run("fish --no-config", ("source completion/lttnga-run.fish; complete -C %s")
        :format(host.quote(line)))
      assert.equal(said and words, said, line)
    end
  end)

  it("completes what lttnga-record takes", function()
    local said = run("fish --no-config",
      "source completion/lttnga-record.fish; complete -C 'lttnga-record --dry'")
    assert.equal(said and "--dry-run", said)
  end)
end)

describe("zsh", function()
  it("completes", function()
    for line, words in pairs(expected) do
      local said = run("zsh -f", ([[
        _files() { print -l -- ${PREFIX}*(N/:s,$,/,) }
        _describe() { print -l -- ${(P)${@[-1]}%%%%:*} }
        words=(${(z):-%s}); CURRENT=$#words; PREFIX=$words[-1]
        complete_it() { %s
        }
        complete_it]]):format(host.quote(line), host.read "completion/_lttnga-run"))
      assert.equal(said and words:gsub("/$", ""), said and said:gsub("^ ", ""):gsub("/$", ""),
        line)
    end
  end)
end)
