-- Prints lttnga-record(1), which is what lttnga-record --help says.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"

local pipe <close> = assert(io.popen "record/lttnga-record --help")
local help = pipe:read("a"):gsub("\n+$", "")

--- An option: "  -h, --help          this help".
local function read_option(line)
  local called, about = line:match("^  (%-.-)  +(%S.*)$")
  if not called then
    called, about = line:match("^  (%-.*)$"), ""
  end
  return called, about
end

local function add_option(called, about)
  local name = page.plain(called):gsub("^\\%-", "-")
  page.item(name:gsub("%-[%-%w]+", "*%0*"):gsub("%f[%S]%u%S*", "_%0_"), about)
end

--- One block between empty lines.
local function add_block(block)
  local title = block:match("^(%u[^\n]*):\n")
  local rest = title and block:gsub("^[^\n]*\n", "") or block
  if title then
    page.heading(title)
  end
  if not rest:find("^ ") then
    return page.paragraph((rest:gsub("\n", " ")))
  elseif not rest:find("^  %-") then
    return page.code(rest)
  end
  local called, about
  for line in rest:gmatch("[^\n]+") do
    local next_called, next_about = read_option(line)
    if next_called then
      if called then
        add_option(called, about)
      end
      called, about = next_called, next_about
    else
      about = about .. " " .. line:match("^%s*(.*)$")
    end
  end
  add_option(called, about)
end

page.title("lttnga-record", 1, "record a kernel trace with all that the analyses of lttnga need")
page.heading "Synopsis"
page.add((page.plain(help:match("^Usage: ([^\n]*)")):gsub("^lttnga\\?%-record", "*lttnga-record*")))
page.heading "Description"
for block in (help:gsub("^[^\n]*\n\n", "") .. "\n\n"):gmatch("(.-)\n\n") do
  add_block(block)
end
page.see_also("lttnga-run(1)", "lttng(1)", "lttng-create(1)", "lttng-enable-channel(1)")
page.print()
