--- Checks that command lines are read as documented, and wrong ones refused with a helpful message.
--
-- SPDX-License-Identifier: MIT

local fault = require "lttnga.fault"
local options = require "lttnga.options"

local readers = options.readers

local some = options.set {
  { name = "limit", value = "N", read = readers.count, default = 10, help = "at most N" },
  { name = "min", value = "USEC", read = readers.microseconds },
  { name = "minsize", value = "BYTES", read = readers.size },
  { name = "maxsize", value = "BYTES", read = readers.size },
  { name = "output", value = "FORMAT", read = readers.text, default = "text" },
  { name = "gmt", help = "UTC" },
  { name = "help", short = "h", optional = "SCRIPT" },
  { name = "verbose", short = "v" },
  { name = "tid", short = "t", value = "TID,...", read = readers.numbers },
}

--- Checks that arguments give these values (of those named) and positional arguments.
local function parses(arguments, expected, rest)
  local values, others = options.parse(some, arguments)
  for name, value in pairs(expected) do
    assert.same(value, values[name])
  end
  assert.same(rest or {}, others)
end

--- Checks that a function raises a fault of the command line with this message.
local function refused(expected, f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.is_true(fault.is(err), tostring(err))
  assert.equal(fault.USAGE, err.status)
  assert.equal(expected, err.message)
end

local function refuses(arguments, expected)
  refused(expected, options.parse, some, arguments)
end

describe("options.parse", function()
  it("fills in what is not given", function()
    local values, rest = options.parse(some, {})
    assert.same({ limit = 10, output = "text" }, values)
    assert.same({}, rest)
  end)

  it("reads values after = and as the next argument", function()
    parses({ "--limit=3" }, { limit = 3 })
    parses({ "--limit", "3" }, { limit = 3 })
    parses({ "--output=a=b" }, { output = "a=b" })
    parses({ "--output=" }, { output = "" })
    parses({ "--output", "" }, { output = "" })
    parses({ "--output", "--gmt" }, { output = "--gmt", gmt = nil })
    parses({ "--output=--gmt" }, { output = "--gmt" })
    parses({ "--tid", "-5" }, { tid = { -5 } })
  end)

  it("sorts options from other arguments, wherever they are", function()
    parses({ "script", "--limit", "3", "trace", "--gmt", "other" }, { limit = 3, gmt = true },
      { "script", "trace", "other" })
    parses({ "", "-", "a=b" }, {}, { "", "-", "a=b" })
  end)

  it("takes the last of several", function()
    parses({ "--limit=1", "--limit=2" }, { limit = 2 })
    parses({ "--gmt", "--gmt" }, { gmt = true })
  end)

  it("reads flags", function()
    local values = options.parse(some, { "--gmt" })
    assert.is_true(values.gmt)
    assert.is_nil(values.verbose)
  end)

  it("reads letters", function()
    parses({ "-v" }, { verbose = true })
    parses({ "-t", "5,6" }, { tid = { 5, 6 } })
    parses({ "-h", "x" }, { help = true }, { "x" })
  end)

  it("reads a value that may be left out", function()
    parses({ "--help" }, { help = true })
    parses({ "--help=script" }, { help = "script" })
    parses({ "--help", "script" }, { help = true }, { "script" })
  end)

  it("reads the beginnings of names", function()
    parses({ "--lim=3" }, { limit = 3 })
    parses({ "--l", "3" }, { limit = 3 })
    parses({ "--verb" }, { verbose = true })
    parses({ "--mins=4K" }, { minsize = 4096 })
  end)

  it("prefers a whole name to a longer one", function()
    parses({ "--min=5" }, { min = 5000, minsize = nil })
  end)

  it("refuses beginnings of several names", function()
    refuses({ "--m=5" }, "option --m is ambiguous: --min or --minsize or --maxsize")
    refuses({ "--mi", "5" }, "option --mi is ambiguous: --min or --minsize")
  end)

  it("refuses unknown options, with a hint", function()
    refuses({ "--limt=3" }, "unknown option --limt (did you mean 'limit'?)")
    refuses({ "--limits" }, "unknown option --limits (did you mean 'limit'?)")
    refuses({ "--frobnicate" }, "unknown option --frobnicate")
    refuses({ "--%s%d" }, "unknown option --%s%d")
    refuses({ "--=x" }, "unknown option --=x")
    refuses({ "---gmt" }, "unknown option ---gmt (did you mean 'gmt'?)")
    refuses({ "-x" }, "unknown option -x")
    -- A letter is no beginning of a name.
    refuses({ "-l" }, "unknown option -l")
    refuses({ "a", "--gmt", "--bogus", "b" }, "unknown option --bogus")
  end)

  it("minds capital letters", function()
    refuses({ "--GMT" }, "unknown option --GMT (did you mean 'gmt'?)")
    refuses({ "-V" }, "unknown option -V")
  end)

  it("refuses an option without its value", function()
    refuses({ "--limit" }, "option --limit needs a value: --limit N")
    refuses({ "--lim" }, "option --limit needs a value: --limit N")
    refuses({ "-t" }, "option --tid needs a value: --tid TID,...")
  end)

  it("refuses a flag with a value", function()
    refuses({ "--gmt=yes" }, "option --gmt takes no value")
    refuses({ "--gmt=" }, "option --gmt takes no value")
  end)

  it("refuses values that cannot be read", function()
    refuses({ "--limit=x" }, "--limit: 'x' is not an integer")
    refuses({ "--limit", "-1" }, "--limit: '-1' is negative")
    refuses({ "--limit=" }, "--limit: '' is not an integer")
    refuses({ "--minsize=5x" }, "--minsize: invalid size '5x': use a number with B, KiB, MiB, ... "
      .. "or KB, MB, ...")
    refuses({ "--min=%d" }, "--min: invalid duration '%d': use a number with s, ms, us or ns")
  end)

  it("says what is wrong with a value if its reader does not", function()
    local set = options.set { { name = "depth", value = "N", read = function() end } }
    refused("--depth: invalid value 'x'", options.parse, set, { "--depth", "x" })
  end)

  it("refuses bounds that leave nothing", function()
    local set = options.set(options.groups.duration, options.groups.size)
    refused("--min must not be above --max", options.parse, set,
      { "--min", "10", "--max", "5" })
    refused("--minsize must not be above --maxsize", options.parse, set,
      { "--maxsize", "1", "--minsize", "1KiB" })
    assert.equal(5000, options.parse(set, { "--min", "5", "--max", "5" }).min)
    set = options.set({ { name = "min", value = "USEC", read = options.readers.microseconds,
      default = 10000000 } }, options.groups.duration)
    assert.equal(10000000, options.parse(set, { "--max", "10ms" }).min)
    assert.equal(0, options.parse(set, { "--max", "9ms" }).min)
    refused("--min must not be above --max", options.parse, set, { "--max=9ms", "--min=10ms" })
  end)

  it("ends options at --", function()
    parses({ "--gmt", "--", "--limit", "-x", "--" }, { gmt = true, limit = 10 },
      { "--limit", "-x", "--" })
    parses({ "a", "--", "b" }, {}, { "a", "b" })
    parses({ "--" }, {}, {})
    -- As a value it is just that.
    parses({ "--output", "--", "--gmt" }, { output = "--", gmt = true })
  end)

  it("takes false for a value that was read", function()
    local set = options.set {
      { name = "color", value = "B", read = function(value) return value == "yes" end },
    }
    assert.is_false(options.parse(set, { "--color=no" }).color)
    assert.is_true(options.parse(set, { "--color=yes" }).color)
  end)

  it("leaves the arguments alone", function()
    local arguments = { "x", "--limit", "3", "--", "y" }
    options.parse(some, arguments)
    assert.same({ "x", "--limit", "3", "--", "y" }, arguments)
  end)
end)

describe("options.set", function()
  it("joins lists in order, the first of one name counts", function()
    local a, b, c = { name = "a" }, { name = "b" }, { name = "a", value = "X" }
    local set = options.set({ a }, { b, c })
    assert.same({ a, b }, set.list)
    assert.equal(a, set.by_name.a)
    assert.equal(b, set.by_name.b)
  end)

  it("can be empty", function()
    local values, rest = options.parse(options.set(), { "x" })
    assert.same({}, values)
    assert.same({ "x" }, rest)
  end)

  it("has no two options of one name among ours", function()
    local lists = { options.run, options.spans, options.other }
    for name, group in pairs(options.groups) do
      -- An analysis has one of the two that are called limit.
      lists[#lists + 1] = name ~= "rows" and group or nil
    end
    local count = 0
    for _, list in ipairs(lists) do
      count = count + #list
    end
    assert.equal(count, #options.set(table.unpack(lists)).list)
  end)
end)

describe("options.positionals", function()
  --- Checks the places of positional arguments; those after an unknown option are negative.
  local function places(arguments, expected)
    local found = {}
    for i, one in ipairs(options.positionals(some, arguments)) do
      found[i] = one.after_unknown and -one.index or one.index
    end
    assert.same(expected, found)
  end

  it("leaves out options and their values", function()
    places({}, {})
    places({ "a", "b" }, { 1, 2 })
    places({ "--limit", "3", "a" }, { 3 })
    places({ "--limit=3", "a" }, { 2 })
    places({ "--gmt", "a", "-v", "b" }, { 2, 4 })
    places({ "-t", "5", "a" }, { 3 })
    places({ "--lim", "3", "a" }, { 3 })
    places({ "--help", "a" }, { 2 })
    places({ "--output", "--gmt", "a" }, { 3 })
    places({ "a", "--limit" }, { 1 })
  end)

  it("marks what may be the value of an unknown option", function()
    places({ "--bogus", "a", "b" }, { -2, 3 })
    places({ "--bogus=1", "a" }, { 2 })
    places({ "-x", "a" }, { -2 })
    places({ "--bogus", "--gmt", "a" }, { 3 })
    places({ "--bogus", "--worse", "a", "b" }, { -3, 4 })
  end)

  it("takes everything after --", function()
    places({ "--", "--gmt", "--bogus", "a" }, { 2, 3, 4 })
    places({ "a", "--", "--", "b" }, { 1, 3, 4 })
    places({ "--output", "--", "a" }, { 3 })
  end)

  it("agrees with parse", function()
    local arguments = { "s", "--limit", "3", "-v", "t", "--output=x", "--tid", "1", "--", "-v" }
    local _, rest = options.parse(some, arguments)
    local found = {}
    for i, one in ipairs(options.positionals(some, arguments)) do
      found[i] = arguments[one.index]
    end
    assert.same(rest, found)
  end)
end)

describe("options.readers", function()
  local function wrong(reader, value, expected)
    local read, message = reader(value)
    assert.is_nil(read, value)
    assert.equal(expected, message)
  end

  it("read text as it is", function()
    assert.equal("", readers.text(""))
    assert.equal(" x,y ", readers.text(" x,y "))
  end)

  it("read whole numbers", function()
    assert.equal(0, readers.count("0"))
    assert.equal(7, readers.count("007"))
    assert.equal(math.maxinteger, readers.count("9223372036854775807"))
    assert.equal("integer", math.type(readers.count("5")))
    for _, value in ipairs {
      "", " ", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "1,2", "x", "inf",
    } do
      wrong(readers.count, value, ("'%s' is not an integer"):format(value))
    end
    wrong(readers.count, "-1", "'-1' is negative")
    for _, value in ipairs { "9223372036854775808", "99999999999999999999999" } do
      wrong(readers.count, value, ("'%s' is too large"):format(value))
    end
  end)

  it("read lists of numbers", function()
    assert.same({ 1 }, readers.numbers("1"))
    assert.same({ 1, 2, 3 }, readers.numbers("1,2,3"))
    assert.same({ 3, -1, 3 }, readers.numbers(" 3 , -1,3 "))
    assert.same({ math.mininteger, math.maxinteger },
      readers.numbers("-9223372036854775808,9223372036854775807"))
    wrong(readers.numbers, "", "'' is not an integer")
    wrong(readers.numbers, "1,", "'' is not an integer")
    wrong(readers.numbers, ",1", "'' is not an integer")
    wrong(readers.numbers, "1,,2", "'' is not an integer")
    wrong(readers.numbers, "1,x", "'x' is not an integer")
    wrong(readers.numbers, "1 2", "'1 2' is not an integer")
    wrong(readers.numbers, "1;2", "'1;2' is not an integer")
    wrong(readers.numbers, "1.5", "'1.5' is not an integer")
    wrong(readers.numbers, "--1", "'--1' is not an integer")
    wrong(readers.numbers, "9223372036854775808", "'9223372036854775808' is not an integer")
  end)

  it("read lists of names", function()
    assert.same({ "sshd" }, readers.names("sshd"))
    assert.same({ "sshd", "Web Content", "kworker/0:1" },
      readers.names("sshd, Web Content ,kworker/0:1"))
    assert.same({ "a", "a" }, readers.names("a,a"))
    wrong(readers.names, "", "empty name")
    wrong(readers.names, "a,", "empty name")
    wrong(readers.names, "a,,b", "empty name")
    wrong(readers.names, " , ", "empty name")
  end)

  it("read microseconds, unless there is a unit", function()
    assert.equal(5000, readers.microseconds("5"))
    assert.equal(1500, readers.microseconds("1.5"))
    assert.equal(500, readers.microseconds(".5"))
    assert.equal(1, readers.microseconds("0.001"))
    assert.equal(5000000, readers.microseconds("5ms"))
    assert.equal(1000000000, readers.microseconds("1s"))
    assert.equal(7000, readers.microseconds("7µs"))
    assert.equal(9, readers.microseconds("9ns"))
    assert.equal(0, readers.microseconds("0"))
  end)

  it("refuse what is no duration", function()
    for _, value in ipairs { "", "x", "-1", "1e3", "1.5.2", "5m", "inf", "1,5" } do
      assert.is_nil((readers.microseconds(value)), value)
    end
    wrong(readers.microseconds, "5m", "invalid duration '5m': use a number with s, ms, us or ns")
    assert.is_nil((readers.microseconds("9223372036854775807")))
  end)

  it("cut what is less than a nanosecond of microseconds", function()
    assert.equal(1234, readers.microseconds("1.2345"))
    assert.equal(100, readers.microseconds("0.1000"))
  end)

  it("quote a wrong duration as it was given", function()
    wrong(readers.microseconds, "-1", "invalid duration '-1': use a number with s, ms, us or ns")
    wrong(readers.microseconds, "", "invalid duration '': use a number with s, ms, us or ns")
  end)

  it("read sizes", function()
    assert.equal(42, readers.size("42"))
    assert.equal(4096, readers.size("4KiB"))
    assert.is_nil((readers.size("x")))
  end)
end)

describe("options.groups", function()
  --- What a command line gives with all groups.
  local function values(...)
    local lists = {}
    for _, name in ipairs { "process", "cpu", "duration", "size", "limit" } do
      lists[#lists + 1] = assert(options.groups[name])
    end
    return (options.parse(options.set(table.unpack(lists)), { ... }))
  end

  it("read what analyses filter by", function()
    assert.same({
      tid = { 1, 2 }, procname = { "a", "b c" }, cpu = { 0, 3 }, min = 1500, max = 5000000,
      minsize = 4096, maxsize = 1000000, limit = 0,
    }, values("--tid=1,2", "--procname", "a,b c", "--cpu=0,3", "--min", "1.5", "--max=5ms",
      "--minsize=4K", "--maxsize=1MB", "--limit=0"))
  end)

  it("have few defaults", function()
    assert.same({ limit = 10 }, values())
  end)

  it("name the filters", function()
    local filters = {}
    for _, group in pairs(options.groups) do
      for _, option in ipairs(group) do
        filters[option.name] = option.filter
      end
    end
    assert.same({
      tid = { "tid", "in" }, procname = { "procname", "globs" }, path = { "path", "globs" },
      container = { "container", "containers" },
      cpu = { "cpu", "in" }, min = { "duration", ">=" }, max = { "duration", "<=" },
      minsize = { "size", ">=" }, maxsize = { "size", "<=" },
    }, filters)
  end)
end)

describe("options.describe", function()
  it("has a line for each", function()
    assert.equal("  --limit N                at most N\n"
      .. "  --gmt                    UTC\n"
      .. "  -h, --help [SCRIPT]      this help\n"
      .. "  -V, --version            print it", options.describe {
        { name = "limit", value = "N", help = "at most N" },
        { name = "gmt", help = "UTC" },
        { name = "help", short = "h", optional = "SCRIPT", help = "this help" },
        { name = "version", short = "V", help = "print it" },
      })
  end)

  it("leaves out hidden ones", function()
    assert.equal("  --a                      x", options.describe {
      { name = "secret", hidden = true }, { name = "a", help = "x" },
    })
    assert.equal("", options.describe { { name = "secret", hidden = true } })
  end)

  it("does without help, and without options", function()
    assert.matches("^  %-%-a%s*$", options.describe { { name = "a" } })
    assert.equal("", options.describe {})
  end)

  it("does not cut long ones", function()
    assert.equal("  --a-very-long-name-of-an-option VALUE\n" .. (" "):rep(27) .. "x",
      options.describe { { name = "a-very-long-name-of-an-option", value = "VALUE", help = "x" } })
  end)

  it("describes all of ours", function()
    local lists = { options.run, options.spans, options.other }
    for _, group in pairs(options.groups) do
      lists[#lists + 1] = group
    end
    for _, list in ipairs(lists) do
      for line in options.describe(list):gmatch("[^\n]+") do
        assert.truthy(line:find "^  %-.+  ?%S.*%S$" or line:find "^ +%S.*%S$", line)
        assert.is_true(#line <= 80, line)
      end
    end
  end)
end)

describe("durations and sizes", function()
  --- By their placeholder: the unit of a bare number, and what some texts are.
  local kinds = {
    USEC = { "microseconds", { ["3"] = 3000, ["2ms"] = 2000000, ["150us"] = 150000 } },
    MS = { "milliseconds", { ["3"] = 3000000, ["2ms"] = 2000000, ["150us"] = 150000 } },
    TIME = { "seconds", { ["3"] = 3000000000, ["2ms"] = 2000000, ["150us"] = 150000 } },
    BYTES = { "bytes", { ["3"] = 3, ["4KiB"] = 4096, ["2MB"] = 2000000 } },
  }

  it("take a number or a unit in all options, and the help says which unit a number has", function()
    local scripts, folder = require "lttnga.scripts", "lua"
    local all, n = table.move(options.run, 1, #options.run, 1, {}), 0
    table.move(options.spans, 1, #options.spans, #all + 1, all)
    for _, entry in ipairs(scripts.list(folder)) do
      local list = scripts.load(folder, entry.path).analysis.options
      table.move(list, 1, #list, #all + 1, all)
    end
    for _, option in ipairs(all) do
      local kind = kinds[option.value]
      local is_moment = option.name == "begin" or option.name == "end"
      -- What reads one must be called so, and the other way round.
      assert.equal(kind ~= nil and not is_moment, options.units[option.read] ~= nil, option.name)
      if kind and not is_moment then
        n = n + 1
        for written, value in pairs(kind[2]) do
          assert.equal(value, option.read(written), option.name)
        end
        assert.matches("%(" .. kind[1] .. ", or ", options.help_of(option), option.name)
      end
    end
    assert.is_true(n > 50, tostring(n))
  end)

  it("have their unit before the default, or at the end", function()
    local option = { name = "min", value = "USEC", read = readers.microseconds, help = "x" }
    assert.equal("x (microseconds, or 5ms, 1s)", options.help_of(option))
    option.help = "x (default: 0)"
    assert.equal("x (microseconds, or 5ms, 1s; default: 0)", options.help_of(option))
  end)
end)

describe("options.of_family", function()
  local of = options.of_family(
    { { name = "stats" }, { name = "top" }, { name = "best", of = "top" } },
    { { "cpu" }, { "limit", of = { "top" } }, { { name = "own" }, of = { "stats" } } })

  local function used(flag, ...)
    local list = of(flag)
    local values, _, given = options.parse(options.set(list), { ... })
    return pcall(options.check_used, given, { { list = list, values = values } })
  end

  it("refuses what does nothing, unless another is added that makes something of it", function()
    assert.is_true(used("stats", "--cpu=1"))
    assert.is_true(used("top", "--limit=1"))
    assert.is_true(used("stats", "--own"))
    assert.is_true(used("stats", "--limit=1", "--top"))
    local ok, problem = used("stats", "--limit=1")
    assert.is_false(ok)
    assert.equal("--limit needs --top", problem.message)
    assert.is_false(used("top", "--own"))
    assert.is_true(used(nil, "--own", "--limit=1"))
  end)

  it("says with what an option does something", function()
    local help = options.describe(of "stats")
    assert.matches("%-%-limit N.*default: 10.* %(with%s+%-%-top%)\n", help)
    assert.is_nil(help:find("--stats", 1, true))
    help = options.describe(of "top")
    assert.is_nil(help:find("--best", 1, true))
    assert.matches("%-%-own%s+%(with %-%-stats%)", help)
  end)
end)
