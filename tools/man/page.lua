-- What the manual pages share: text of ours as scdoc takes it. Each page is a script,
-- tools/man/NAME.SECTION.lua, that `make man` runs and that prints the page.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"

local page = { lines = {} }

--- A text in which nothing is markup.
function page.plain(value)
  return (value:gsub("[\\*_#|%[%]~^]", "\\%0"):gsub("^%-", "\\-"))
end

--- A text with the marks of Markdown: `code` is bold.
function page.marked(value)
  local out, at = {}, 1
  value = value:gsub("%*%*(.-)%*%*", "`%1`"):gsub("%[([^%]]*)%]%([^)]*%)", "%1")
  for before, code, after in value:gmatch("([^`]*)`([^`]*)`()") do
    -- scdoc has no bold inside of a word.
    local is_word = not before:find("%w$") and not value:sub(after, after):find("%w")
    code = page.plain(code)
    out[#out + 1] = page.plain(before) .. (is_word and code ~= "" and "*" .. code .. "*" or code)
    at = after
  end
  out[#out + 1] = page.plain(value:sub(at))
  return table.concat(out)
end

--- Adds lines as they are.
function page.add(...)
  for _, line in ipairs { ... } do
    page.lines[#page.lines + 1] = line
  end
end

--- Begins a page.
function page.title(name, section, summary)
  page.add(('%s(%s) "lttnga %s" "lttnga manual"'):format(name, section, host.version), "", "# NAME",
    "", ("%s - %s"):format(name, page.plain(summary)))
end

function page.heading(title)
  page.add("", "# " .. page.plain(title:upper()), "")
end

function page.subheading(title)
  page.add("", "## " .. page.plain(title), "")
end

--- A paragraph.
function page.paragraph(value)
  page.add(page.marked(value), "")
end

--- Text as it is, in the lines that it has.
function page.code(value)
  page.add("```", value, "```", "")
end

--- Something, and what it means, indented.
function page.item(name, about)
  page.add(name, "\t" .. page.marked(about:gsub("%s+", " ")), "")
end

--- An option and what it does.
function page.option(option)
  local options = require "lttnga.options"
  local called = options.called(option)
  local names, value = called:match("^(.-%-%-[%w-]+) ?(.*)$")
  names = page.plain(names):gsub("^\\%-", "-"):gsub("[^%s,]+", "*%0*")
  page.item(names .. (value ~= "" and " " .. page.plain(value):gsub("%S+", "_%0_") or ""),
    options.help_of(option))
end

function page.options(list)
  for _, option in ipairs(list) do
    if not option.hidden then
      page.option(option)
    end
  end
end

--- A table: rows of texts, the first row is the heading.
function page.table(rows)
  for i, row in ipairs(rows) do
    for c, cell in ipairs(row) do
      cell = cell == "" and " " or page.marked(cell)
      page.add((c == 1 and "|" or ":") .. "[ " .. (i == 1 and "*" .. cell .. "*" or cell))
    end
  end
  page.add("")
end

function page.see_also(...)
  page.heading "See also"
  local names = {}
  for i, name in ipairs { ... } do
    names[i] = name:gsub("^(.-)%(", "*%1*(")
  end
  page.add(table.concat(names, ", "))
end

--- An option: "  -h, --help          this help".
local function read_option(line)
  local called, about = line:match("^  (%-.-)  +(%S.*)$")
  if not called then
    called, about = line:match("^  (%-.*)$"), ""
  end
  return called, about
end

--- An option of a help text.
-- @tparam table option called =, about =, and a list of the words that it takes: { name, about }
local function add_option(option)
  local name = page.plain(option.called):gsub("^\\%-", "-")
  page.item(name:gsub("%-[%-%w]+", "*%0*"):gsub("%f[%S]%u%S*", "_%0_"), option.about)
  for _, word in ipairs(option) do
    page.add("\t*" .. word[1] .. "*", "\t\t" .. page.marked(word[2]), "")
  end
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
  local option
  for line in rest:gmatch("[^\n]+") do
    local called, about = read_option(line)
    local word, meaning = line:match("^      (%l+)  +(%S.*)$")
    local last = option and option[#option]
    if called then
      if option then
        add_option(option)
      end
      option = { called = called, about = about }
    elseif word then
      option[#option + 1] = { word, meaning }
    elseif last then
      last[2] = last[2] .. " " .. line:match("^%s*(.*)$")
    else
      option.about = option.about .. " " .. line:match("^%s*(.*)$")
    end
  end
  add_option(option)
end

--- What the --help of a program says: its synopsis, description, and sections.
function page.help_of(program)
  local pipe <close> = assert(io.popen(program .. " --help"))
  local help, name = pipe:read("a"):gsub("\n+$", ""), program:match "[^/]*$"
  page.heading "Synopsis"
  for line in help:match("^Usage: (.-)\n\n"):gmatch "[^\n]+" do
    local words = line:match("^%s*(.*)$"):sub(#name + 1)
    page.add("*" .. name .. "*" .. page.plain(words), "")
  end
  page.heading "Description"
  for block in (help:gsub("^.-\n\n", "") .. "\n\n"):gmatch("(.-)\n\n") do
    add_block(block)
  end
end

--- Prints the page.
function page.print()
  io.write(table.concat(page.lines, "\n"):gsub("\n\n\n+", "\n\n"), "\n")
  os.exit(0)
end

return page
