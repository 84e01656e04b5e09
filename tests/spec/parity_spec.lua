--- The I/O analyses agree with lttng-analyses, where that is installed: every row of every table,
-- but for what docs/differences.md explains, and only that.
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

--- Lists of rows, sorted, by class and what its title ends with.
local function tables_of(text)
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
        rows[#rows + 1] = (compared[class] or all_cells)(row)
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
        local ours = host.run(words[1], "--output", "lami", "--per-tid", folder,
          table.unpack(words, 2))
        assert.equal(0, ours.status, ours.err)
        local theirs = host.shell(("TZ=UTC lttng-%s-mi --skip-validation %s %s"):format(words[1],
          table.concat(words, " ", 2):gsub("15:36:38.5$", "15:36:38.500000000"), folder))
        assert.equal(0, theirs.status, theirs.out)
        local one, other = tables_of(ours.out), tables_of(theirs.out)
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
