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

--- Prints the page.
function page.print()
  io.write(table.concat(page.lines, "\n"):gsub("\n\n\n+", "\n\n"), "\n")
  os.exit(0)
end

return page
