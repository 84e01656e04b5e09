--- The build: whose flags win, what is built anew when, what the library exports, what installing
-- does, and what saved states depend on.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"

local build = os.getenv "BUILD" or "build"

--- Runs make in a folder, without what a make around us, or the environment, says.
-- @tparam string where the folder
-- @tparam string arguments words of the shell
-- @tparam[opt] string environment assignments
local function make_as_it_is(where, arguments, environment)
  return host.shell(('env -i PATH="$PATH" %s make BUILD=%s %s'):format(
    environment or "", where, arguments))
end

--- The same, faster.
local function make(where, arguments, environment)
  return make_as_it_is(where, "LTO= " .. arguments, environment)
end

describe("make", function()
  local where = host.path "build"
  local object = where .. "/state/pool.o"

  --- Whether something would be built anew.
  local function is_old(target, arguments, environment)
    local status = make(where, ("-q %s %s"):format(target, arguments), environment).status
    assert(status <= 1, status)
    return status == 1
  end

  it("builds again only what a change of flags has to do with", function()
    local result = make(where, object)
    assert.equal("", result.err)
    for _, name in ipairs { "link", "version", "checkpoint-key" } do
      make(where, ("%s/%s.stamp"):format(where, name))
    end
    local links, version = where .. "/link.stamp", where .. "/version.stamp"
    for _, target in ipairs { object, links, version } do
      assert.is_false(is_old(target, ""), target)
    end
    for _, flags in ipairs { "CC='gcc -m64'", "CFLAGS=-O1", "CPPFLAGS=-DX='(1, 2)'",
        "LTO=-flto" } do
      assert.is_true(is_old(object, flags), flags)
    end
    for _, flags in ipairs { "CC='gcc -m64'", "CFLAGS=-O1", "LDFLAGS=-Wl,-O1", "LTO=-flto" } do
      assert.is_true(is_old(links, flags), flags)
    end
    assert.is_true(is_old(object, "", "CFLAGS=-O1"))
    assert.is_true(is_old(version, "VERSION=0.2.0"))
    assert.is_false(is_old(object, "VERSION=0.2.0 LDFLAGS=-Wl,-O1"))
    assert.matches(" " .. where:gsub("%p", "%%%0") .. "/host/lua_host%.o\n.* "
      .. where:gsub("%p", "%%%0") .. "/lttnga%.so\n", make(where, "-n all VERSION=0.2.0").out)
  end)

  it("puts the flags of packagers after its own, which stay", function()
    local out = make(where, "-n " .. object, "CPPFLAGS='-DX -I/x' CFLAGS='-O3 -fno-lto'").out
    assert.matches(" %-std=c11 .* %-DX %-I/x %-O3 %-fno%-lto  ?%-MMD %-MP %-c ", out)
    assert.matches(" %-I%. .*%-fPIC .*%-fstack%-protector%-strong .*%-D_FORTIFY_SOURCE=2 ", out)
    out = make(where, "-n all LDFLAGS=-Wl,-O1").out
    assert.matches(" %-Wl,%-z,relro,%-z,now .*%-Wl,%-O1 %-o %S+/lttnga%-run ", out)
  end)

  it("compiles without a warning, however far it is hardened", function()
    for _, flags in ipairs { "CFLAGS=-O0", "CFLAGS=-g", "CFLAGS='-O2 -O0'",
        "CPPFLAGS=-D_FORTIFY_SOURCE=3", "CFLAGS='-O2 -D_FORTIFY_SOURCE=1'",
        "CPPFLAGS=-D_FORTIFY_SOURCE=2 CFLAGS=-O2" } do
      local result = make(where, flags .. " " .. object)
      assert.equal(0, result.status, result.err)
      assert.equal("", result.err, flags)
    end
  end)

  it("takes warnings, and `make check` does not", function()
    local noisy = host.path "noisy"
    local result = make(noisy, ("CFLAGS=-Wlarger-than=4 %s/state/pool.o"):format(noisy))
    assert.equal(0, result.status)
    assert.matches("warning: ", result.err)
    result = host.shell(("BUILD=%s ONLY='no warnings' tests/run"):format(noisy))
    assert.equal(1, result.status)
    assert.matches("^FAILED  no warnings of the compiler\n.*warning: .*0 passed, 1 failed\n$",
      result.out)
    make(noisy, ("CFLAGS=-Wall %s/state/pool.o"):format(noisy))
    result = host.shell(("BUILD=%s ONLY='no warnings' tests/run"):format(noisy))
    assert.equal("ok      no warnings of the compiler\n1 passed, 0 failed\n", result.out)
  end)

  it("asks pkg-config once, and for what compiles only", function()
    local said = host.path "said"
    local script = host.write(("#!/bin/sh\necho >>%s\nexec pkg-config \"$@\"\n"):format(said))
    host.shell("chmod +x " .. script)
    local function calls(goals)
      host.shell((": >%s"):format(said))
      assert.equal(0, make(where, ("-n PKG_CONFIG=%s %s"):format(script, goals)).status, goals)
      return #host.read(said)
    end
    assert.equal(1, calls "all")
    assert.equal(1, calls "check")
    assert.equal(1, calls "install docs")
    assert.equal(0, calls "clean format")
  end)

  it("says what it needs where it is missing", function()
    local result = make(where, "PKG_CONFIG=false all")
    assert.equal(2, result.status)
    assert.matches("The Debian packages to build with are gcc ", result.err)
  end)
end)

describe("make check ONLY=", function()
  local where = host.path "only"

  it("builds what the steps of that name take", function()
    local function built(only)
      local out, list = make(where, "-n check ONLY=" .. host.quote(only)).out, {}
      for name in out:gmatch "LINK %S+/([^/\n]+)" do
        list[#list + 1] = name
      end
      table.sort(list)
      return table.concat(list, " ")
    end
    assert.equal("test_fd", built "test_fd")
    assert.equal("dump lttnga-run lttnga.so mktrace seek spool weigh", built "io_spec")
    assert.equal("lttnga-run lttnga.so", built "format of")
  end)

  it("runs these, and says if there are none", function()
    local result = host.shell("ONLY=units_spec BUILD=" .. build .. " tests/run")
    assert.matches("^ok      spec: lib_units_spec\n1 passed, 0 failed\n$", result.out)
    result = host.shell("ONLY=\"it's\" BUILD=" .. build .. " tests/run")
    assert.equal(1, result.status)
    assert.equal("No step matches ONLY='it's'\n", result.err)
  end)
end)

describe("make install", function()
  local copy

  --- A copy of what was built, with manual pages and of another version: that is not to be what
  -- other specs test.
  local function another()
    if not copy then
      copy = host.path "built"
      host.shell(("cp -a %s %s"):format(build, copy))
      local result = make_as_it_is(copy, "-s man VERSION=9.8.7")
      assert.equal("", result.err)
    end
    return copy
  end

  it("takes folders with spaces, and tells the version to all", function()
    local root = host.path "a root"
    local words = ("-s %%s DESTDIR=%s PREFIX='/my programs' VERSION=9.8.7"):format(host.quote(root))
    local result = make_as_it_is(another(), words:format "-o all install")
    assert.equal("", result.err)
    local function run(command)
      return host.shell(("cd '%s/my programs/bin' && %s"):format(root, command)).out
    end
    assert.equal("lttnga 9.8.7\n", run "./lttnga-record --version")
    assert.matches("\n  iolog +%S", run "./lttnga-run --list")
    assert.matches("^EXPRESSIONS", run "./lttnga-run help expressions")
    assert.equal("lttnga-containers\nlttnga-record\nlttnga-run\nlttnga-top\n", run "ls")
    assert.equal("lttnga.so\n", run "ls ../lib/lua/5.4")
    assert.equal("lttnga-containers.1\nlttnga-record.1\nlttnga-run.1\nlttnga-top.1\n",
      run "ls ../share/man/man1")
    assert.equal("lttnga.3lua\n", run "ls ../share/man/man3")
    assert.matches("lttnga 9%.8%.7", run "cat ../share/man/man1/lttnga-run.1")
    assert.equal("lttnga-record\nlttnga-run\n", run "ls ../share/bash-completion/completions")

    assert.equal("", host.shell(
      ("diff -r '%s/my programs/share/lttnga/lua/meta' lua/meta"):format(root)).out)

    result = make_as_it_is(another(), words:format "uninstall")
    assert.equal("", result.err)
    assert.equal("", host.shell(("find '%s' ! -type d"):format(root)).out)
  end)

  it("has a place for libraries of several architectures, and other names", function()
    local root = host.path "multiarch"
    local words = ("-s -o all -o man %%s DESTDIR=%s PREFIX=/usr LIBDIR=/usr/lib/some-linux "
      .. "COMPAT=1"):format(root)
    local result = make(another(), words:format "install")
    assert.equal("", result.err)
    result = host.shell(([[cd / && LUA_CPATH='%s/usr/lib/some-linux/lua/5.4/?.so' lua5.4 -e '
      local trace = require "lttnga".open("%s/example-trace", { quiet = true })
      trace:go "end"
      print(#trace:cpus())']]):format(root,
      build:find "^/" and build or host.shell("pwd").out:match "[^\n]+" .. "/" .. build))
    assert.equal("", result.err)
    assert.equal("2\n", result.out)
    assert.equal("1.0\n", host.shell(root .. "/usr/bin/lttng-iolog-mi --mi-version").out)
    -- What else has that name is not ours.
    host.shell(("rm %s/usr/bin/lttng-iolog && touch %s/usr/bin/lttng-iolog"):format(root, root))
    assert.equal("", make(another(), words:format "uninstall").err)
    assert.equal(root .. "/usr/bin/lttng-iolog\n",
      host.shell(("find %s ! -type d"):format(root)).out)
  end)

  it("makes a tarball that builds without git", function()
    if not os.execute "git rev-parse HEAD >/dev/null 2>&1" then
      pending "this is no git repository"
      return
    end
    local where = host.path "dist"
    local result = make(where, "-s dist VERSION=9.8.7")
    assert.equal(where .. "/lttnga-9.8.7.tar.gz\n", result.out)
    result = host.shell(([[cd %s && tar -xzf lttnga-9.8.7.tar.gz && cd lttnga-9.8.7 &&
      env -i PATH="$PATH" GIT_DIR=/nowhere make -n LTO= all man >/dev/null && ls debian/rules]])
      :format(where))
    assert.equal("", result.err)
    assert.equal("debian/rules\n", result.out)
  end)

  it("needs no other place for the version", function()
    local version = host.read "Makefile":match "\nVERSION%s*=%s*(%S+)"
    assert.equal("Makefile\n", host.shell(("grep -rlF -w %s Makefile host lua record state tools")
      :format(version)).out)
  end)
end)

describe("the library", function()
  it("exports what Lua opens it by, and nothing else", function()
    local out = host.shell("nm -D --defined-only " .. build .. "/lttnga.so").out
    local names = {}
    for kind, name in out:gmatch "%x+ (%a) (%S+)" do
      names[#names + 1] = kind .. " " .. name
    end
    assert.same({ "T luaopen_lttnga" }, names)
  end)
end)

describe("saved states", function()
  --- A copy of the sources, to change.
  local copy = host.path "copy"
  host.shell(("mkdir -p %s && cp -r state host tools %s"):format(copy, copy))

  --- The keys before and after a comment has been added to each file, one after the other.
  local function keys(files)
    local result = host.shell(([[cd %s && tools/checkpoint-key && for file in $(%s | sort); do
      printf '/* x */' >>$file; echo "$(tools/checkpoint-key) $file"; done]]):format(copy, files))
    return result.out:gmatch "(%S+) ?([^\n]*)\n"
  end

  it("depend on each source of the model and of what reads traces", function()
    local count, last = 0, nil
    for key, file in keys "find state host/ctf host/source host/replay -type f" do
      assert.matches("^%d+%-%d+$", key)
      assert.are_not.equal(last, key, file)
      count, last = count + 1, key
    end
    assert.is_true(count > 60, count)
  end)

  it("do not depend on others", function()
    local first
    for key, file in keys "find host/lua host/output -type f" do
      first = first or key
      assert.equal(first, key, file)
    end
  end)

  it("are refused by a program with another key", function()
    local key = host.shell("tools/checkpoint-key").out:match "%S+"
    local program = host.read(build .. "/lttnga-run")
    local at = assert(program:find(key, 1, true), "another key has been built in")
    assert.is_nil(program:find(key, at + 1, true))
    local other = host.write(program:sub(1, at - 1)
      .. (key:sub(1, 1) == "1" and "2" or "1") .. program:sub(at + 1), "lttnga-run")
    host.shell("chmod +x " .. other)
    local cache, trace = host.path "cache", build .. "/example-trace"
    local function run(path)
      return host.shell(("LTTNGA_LUA=lua %s info --cache %s %s"):format(path, cache, trace))
    end
    assert.equal(0, host.run("index", "--cache", cache, trace).status)
    assert.matches("Saved states +%d", run(build .. "/lttnga-run").out)
    local result = run(other)
    assert.matches("note: .- it was saved by another version of lttnga", result.err)
    assert.equal(0, result.status)
  end)
end)
