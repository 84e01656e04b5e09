--- Traces that ask for too much: no reader is to try them, whichever was asked for.
--
-- SPDX-License-Identifier: MIT

local ctf = require "tests.spec.ctf"
local host = require "tests.spec.host"

local u32 = ctf.u(32)

--- A trace of one event, whose metadata `change` makes other.
local function trace(change)
  return ctf.write { streams = { { id = 0, events = { { id = 0, name = "sched_switch",
    fields = ctf.struct { { "prev_tid", u32 }, { "next_tid", u32 } } } } } },
    files = { { "chan_0", packets = { {
      { 1000, "sched_switch", { prev_tid = 0, next_tid = 1 } } } } } },
    metadata = function(it) return change(ctf.tsdl(it)) end }
end

--- Structures of two of the one before: 2^n fields of a few lines.
local function doubling(n)
  local parts = { "struct a0 { integer { size = 8; align = 8; } x; };\n" }
  for i = 1, n do
    parts[#parts + 1] = ("struct a%d { struct a%d x; struct a%d y; };\n"):format(i, i - 1, i - 1)
  end
  return table.concat(parts)
end

local function nested(n)
  return ("struct { "):rep(n) .. "string x;" .. (" } x;"):rep(n)
end

--- Both readers, and none: one line, status 1, and no more memory than anybody has.
local function refused(folder, pattern)
  for _, reader in ipairs { "", "--reader native", "--reader babeltrace2" } do
    local build = os.getenv("BUILD") or "build"
    local limit = (os.getenv "SANITIZE" or "") == "" and "ulimit -v 1000000; " or ""
    local result = host.shell(("%stimeout 60 %s/lttnga-run --no-cache %s info %s"):format(limit,
      build, reader, folder))
    assert.equal(1, result.status, result.err)
    assert.equal("", result.out)
    assert.matches("^lttnga%-run: [^\n]*" .. pattern .. "[^\n]*\n$", result.err)
  end
end

describe("what is too much is refused by all readers:", function()
  it("a billion fields", function()
    refused(trace(function(text)
      return (text:gsub("trace {", function() return doubling(30) .. "trace {" end, 1))
        .. "event { id = 7; name = \"v\"; stream_id = 0; fields := struct { struct a30 x; }; };\n"
    end), "too many fields")
  end)

  it("types of any depth", function()
    refused(trace(function(text)
      return text .. "event { id = 7; name = \"v\"; stream_id = 0; fields := struct { "
        .. nested(5000) .. " }; };\n"
    end), "types are nested too deeply")
  end)

  it("ids of classes without end", function()
    refused(trace(function(text)
      return text .. "event { id = 4000000; name = \"v\"; stream_id = 0; fields := struct { }; };\n"
    end), "has too large an id: 4000000")
  end)

  it("metadata that is a comment, mostly", function()
    refused(trace(function(text)
      return text .. "/*" .. ("x"):rep(33 << 20) .. "*/"
    end), "larger than 32 MiB")
  end)

  it("a sequence of 4 billion elements in a few bytes, of events without times", function()
    local path = host.path("sequence")
    host.shell("mkdir " .. path)
    local function write(name, data)
      local file = assert(io.open(path .. "/" .. name, "wb"))
      file:write(data)
      file:close()
    end
    write("metadata", [[/* CTF 1.8 */
typealias integer { size = 32; align = 32; signed = false; } := uint32_t;
trace { major = 1; minor = 8; byte_order = le; packet.header := struct { uint32_t magic; }; };
event { name = tick; fields := struct { uint32_t n; uint32_t a[n]; }; };
]])
    write("stream", ("<I4I4I4"):pack(0xc1fc1fc1, 0xffffffff, 1))
    refused(path, "is not a kernel trace: its events have no timestamps")
  end)
end)
