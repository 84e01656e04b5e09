--- The analyses agree with lttng-analyses, where that is installed: every row of every table, but
-- for what docs/differences.md explains, and only that.
--
-- `TRACES="folder folder" make check` compares the single calls of more traces, too: their sums
-- differ where there are calls that it does not know.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local folders = { (os.getenv("BUILD") or "build") .. "/example-trace" }
for folder in (os.getenv("TRACES") or ""):gmatch("%S+") do
  folders[#folders + 1] = folder
end

local installed = host.shell("command -v lttng-iolog-mi").status == 0

--- A cell as a text to compare.
local function plain(cell)
  if type(cell) ~= "table" then
    return tostring(cell)
  elseif cell.class == "time-range" then
    return plain(cell.begin) .. "-" .. plain(cell["end"])
  elseif cell.class == "process" then
    return ("%s %s"):format(cell.name, cell.tid)
  end
  local value = cell.value
  if value == nil then
    value = cell.name or cell.path or cell.fd
  end
  -- What is computed may differ in the last digit.
  return math.type(value) == "float" and ("%.9g"):format(value) or tostring(value)
end

--- Calls that the original does not know, or leaves out.
local unknown_to_it = { splice = true, sendfile64 = true, tee = true, creat = true, accept = true,
  accept4 = true, msync = true, syncfs = true, copy_file_range = true, preadv2 = true,
  pwritev2 = true, vmsplice = true, openat2 = true, io_uring_setup = true, io_uring_enter = true,
  io_uring_register = true, recvmmsg = true, sendmmsg = true }

--- How a row of each table is compared; nil if it has no counterpart.
local compared = {}

function compared.log(row)
  if unknown_to_it[row[4].name] then
    return nil
  end
  -- Names of processes and files are those of the moment here, and the last known there.
  return table.concat({ plain(row[1]), plain(row[3]), plain(row[4]), plain(row[5]),
    tostring(row[6].tid), plain(row[8]) }, " ")
end

compared["top-syscall"] = compared.log

--- Rows of nothing are left out here; what is beside the total and the disk's part differs.
compared["per-process-top"] = function(row)
  return row[2].value > 0 and ("%s %d"):format(plain(row[1]), row[2].value) or nil
end
compared["per-process-top-block"] = compared["per-process-top"]
compared["per-netif-top"] = compared["per-process-top"]

compared["disk-latency-stats"] = function(row)
  return row[2].value > 0 and table.concat({ plain(row[1]), plain(row[2]), plain(row[3]),
    plain(row[4]), plain(row[5]), plain(row[6]) }, " ") or nil
end

--- Bounds are computed in another unit there: their last digits differ.
function compared.freq(row)
  return ("%d %s"):format((row[1].value + 0.26) // 1, plain(row[3]))
end

local function all_cells(row)
  local cells = {}
  for i, cell in ipairs(row) do
    cells[i] = plain(cell)
  end
  return table.concat(cells, " ")
end

--- Tables whose last column says what is still open; that is not told there.
local has_open = { log = true, top = true, ["top-syscall"] = true }

--- A row of ours without that; nil if it is open.
local function closed(row, class)
  local open = has_open[class] and row[#row]
  if type(open) == "table" and open.class == "bool" then
    return not open.value and table.move(row, 1, #row - 1, 1, {}) or nil
  end
  return row
end

--- Lists of rows, sorted, by class and what its title ends with.
local function tables_of(text, ours)
  local tables = {}
  for _, result in ipairs(assert(json.decode(text, 1, false), text).results) do
    local class, title = result.class, ""
    if type(class) == "table" then
      class, title = class.inherit, class.title:gsub("[%[%]]", "")
      title = title:match("disk: .*") or title:lower():match("%l+$"):gsub("written", "write")
    end
    class = class:match("[^.]*$")
    local key = class .. " " .. title
    -- Names of files differ.
    if class ~= "per-file-top" then
      local rows = {}
      for _, row in ipairs(result.data) do
        row = ours and closed(row, class) or not ours and row or nil
        rows[#rows + 1] = row and (compared[class] or all_cells)(row)
      end
      table.sort(rows)
      tables[key] = table.concat(rows, "\n")
    end
  end
  return tables
end

local cases = {
  { "iolatencystats" }, { "iolatencystats", "--min", "100" }, { "iolatencystats", "--max", "50" },
  { "iolatencystats", "--minsize", "100", "--maxsize", "4096" },
  { "iolatencystats", "--end", "15:36:39" },
  { "iolatencyfreq" }, { "iolatencyfreq", "--freq-resolution", "7", "--max", "900" },
  { "iolog" }, { "iolog", "--minsize", "1" }, { "iolog", "--min", "20", "--max", "5000" },
  { "iolog", "--end", "15:36:38.5" },
  { "iousagetop", "--limit", "100000" },
}

describe("the original agrees", function()
  for number, folder in ipairs(folders) do
    for _, words in ipairs(number == 1 and cases or { { "iolog" }, { "iolog", "--min", "20" } }) do
      it(("on %s about %s"):format(folder:match("[^/]*$"), table.concat(words, " ")), function()
        if not installed then
          pending("lttng-analyses is not installed")
          return
        end
        local own = words[1] == "iousagetop" and "--per-tid" or "--no-progress"
        local ours = host.run(words[1], "--output", "lami", own, folder, table.unpack(words, 2))
        assert.equal(0, ours.status, ours.err)
        local theirs = host.shell(("TZ=UTC lttng-%s-mi --skip-validation %s %s"):format(words[1],
          table.concat(words, " ", 2):gsub("15:36:38.5$", "15:36:38.500000000"), folder))
        assert.equal(0, theirs.status, theirs.out)
        local one, other = tables_of(ours.out, true), tables_of(theirs.out)
        assert.is_truthy(next(other))
        for key, rows in pairs(other) do
          if rows ~= "" then
            assert.equal(rows, one[key], key)
          end
        end
      end)
    end
  end
end)

-- ---- The other families ----

--- Which cells of a row are compared, by command and class; nil leaves the row out. `ours` tells
-- whose row it is. What is not here is compared as a whole.
local others = {}

--- CPUs are busy there until their first switch, whoever ran, and swapper has a row. Priorities of
-- threads that were seen first as they left a CPU are not known there.
function others.cputop(row, class)
  if class ~= "per-process" or row[1].tid == 0 then
    return nil
  end
  return ("%d %s %s"):format(row[1].tid, plain(row[2]), plain(row[4]))
end

--- Events are counted there, not pages, and who they were is not known of idle CPUs. A name that
-- changes in an exec is known there when that is over: --procname is not compared.
function others.memtop(row, class, ours)
  if class == "total" then
    return nil
  end
  local events = ours and row[3].value or row[2].value
  local tid = row[1].tid or 0
  return tid ~= 0 and events > 0 and ("%d %d"):format(tid, events) or nil
end

--- Calls of the example that its tracer tells by number only.
local unnamed = { unknown = true, arch_prctl = true, getrandom = true, prlimit64 = true,
  rseq = true, statx = true }

--- Calls without a name of their own are one there; each return value counts one too many, and of
-- two values there is no deviation.
function others.syscallstats(row, class, ours)
  if class ~= "per-tid" or unnamed[row[1].name] then
    return nil
  end
  local values = row[7]
  values = type(values) == "table" and values.value or values
  if not ours then
    values = values:gsub(": (%d+)", function(n) return ": " .. tonumber(n) - 1 end)
  end
  local parts = { row[1].name, plain(row[2]), plain(row[3]), ("%.9g"):format(row[4].value),
    plain(row[5]) }
  if row[2].value > 2 then
    parts[#parts + 1] = plain(row[6])
  end
  return table.concat(parts, " ") .. " " .. values
end

--- Softirqs have had another name since LTTng 2.7, which is not known there.
function others.irqstats(row, class)
  if class == "freq" then
    return compared.freq(row)
  end
  local irq = class == "log" and row[4] or row[1]
  if not irq.hard then
    return nil
  end
  local parts = { irq.nr }
  for c = class == "log" and 1 or 2, class == "log" and 3 or 6 do
    parts[#parts + 1] = plain(row[c])
  end
  return table.concat(parts, " ")
end

--- Names are those of the moment here, and at first sight there. Whoever was interrupted is the
-- waker there. A value on a border between two ranges may fall into the one before there, by
-- rounding.
function others.schedstats(row, class)
  if class == "freq" then
    return compared.freq(row)
  end
  local parts, single = {}, class == "log" or class == "top"
  for c, cell in ipairs { table.unpack(row, 1, single and 6 or #row) } do
    parts[c] = type(cell) == "table" and (cell.class == "process" and tostring(cell.tid)
      or cell.class == "cpu" and tostring(cell.id)) or plain(cell)
  end
  return table.concat(parts, " ")
end

--- Tables by class and title without what differs in words: "freq TID: 9" -> sorted rows.
local function other_tables(command, text, ours)
  local tables = {}
  for _, result in ipairs(assert(json.decode(text, 1, false), text).results) do
    local class, title = result.class, ""
    if type(class) == "table" then
      class, title = class.inherit, class.title
      title = title:match("TID: (%d+)") or title:match("Priority: ([%d-]+)")
        or title:match("%((%d+)%)") or ""
    end
    local key, rows = class .. " " .. title, {}
    for _, row in ipairs(result.data) do
      row = ours and closed(row, class) or not ours and row or nil
      rows[#rows + 1] = row and others[command](row, class, ours)
    end
    table.sort(rows)
    tables[key] = #rows > 0 and table.concat(rows, "\n") or nil
  end
  return tables
end

--- The second half of the example: what ran before the first switches is not known there.
local from = { "--begin", "1795448198069513270" }
local ranges = { {}, { "--end", "1795448199981838000" } }
local sets = {
  cputop = { { "--limit", "9999" }, { "--limit", "9999", "--cpu", "0" },
    { "--limit", "9999", "--cpu", "1" }, { "--limit", "9999", "--cpu", "0,1" },
    { "--limit", "1" }, { "--limit", "2" } },
  memtop = { { "--limit", "9999" }, { "--limit", "9999", "--cpu", "0" },
    { "--limit", "9999", "--cpu", "1" }, { "--limit", "9999", "--tid", "389" },
    { "--limit", "9999", "--tid", "363,389,390" } },
  syscallstats = { {}, { "--cpu", "0" }, { "--cpu", "1" }, { "--tid", "389" },
    { "--tid", "363,390" }, { "--procname", "ls,dd" } },
  irqstats = { { "--freq", "--log" }, { "--freq", "--log", "--irq", "26" },
    { "--log", "--min", "10" }, { "--freq", "--max", "100" }, { "--log", "--cpu", "0" },
    { "--freq", "--freq-resolution", "5" } },
  schedstats = { { "--log", "--top", "--total", "--per-tid", "--per-prio" },
    { "--freq", "--per-tid", "--freq-resolution", "5" }, { "--per-tid", "--min", "100", "--log" },
    { "--freq", "--per-prio", "--max", "1000" }, { "--log", "--cpu", "1", "--per-prio" },
    { "--top", "--limit", "5", "--tid", "389,15" }, { "--per-tid", "--procname", "ls" } },
}

describe("the original agrees", function()
  for command, list in pairs(sets) do
    for _, range in ipairs(ranges) do
      for _, set in ipairs(list) do
        local words = table.move(set, 1, #set, #range + 1, { table.unpack(range) })
        table.move(from, 1, 2, #words + 1, words)
        it(("about %s %s"):format(command, table.concat(words, " ")), function()
          if not installed then
            pending("lttng-analyses is not installed")
            return
          end
          local ours = host.run(command, "--output", "lami", folders[1], table.unpack(words))
          local theirs = host.shell(("TZ=UTC lttng-%s-mi --skip-validation %s %s"):format(command,
            table.concat(words, " "), folders[1]))
          assert.equal(0, ours.status, ours.err)
          assert.equal(0, theirs.status, theirs.out)
          local one = other_tables(command, ours.out, true)
          local other = other_tables(command, theirs.out, false)
          assert.is_truthy(next(other))
          for key, rows in pairs(other) do
            assert.equal(rows, one[key], key)
          end
        end)
      end
    end
  end
end)
