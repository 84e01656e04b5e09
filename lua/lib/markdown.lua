--- Pages of the manual, which are Markdown, as text for a terminal: as much of it as they use.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"

local markdown = {}

--- A table whose last column would get less than this has a paragraph for each row.
local LEAST = 24

--- The inline marks of a text, taken out of it.
local function plain(line)
  return (line:gsub("<a [^>]*></a>", ""):gsub("!?%[([^%]]*)%]%([^)]*%)", "%1")
    :gsub("%*%*(.-)%*%*", "%1"):gsub("`([^`]*)`", "%1"):gsub("\\([|*_<>])", "%1"))
end

--- The cells of a row of a table.
local function cells_of(line)
  local cells = {}
  local inside = line:gsub("^%s*|", ""):gsub("|%s*$", ""):gsub("\\|", "\0")
  for cell in (inside .. "|"):gmatch("%s*(.-)%s*|") do
    cells[#cells + 1] = plain((cell:gsub("%z", "|")))
  end
  return cells
end

--- A table as text: in columns, the last of which is folded; or a paragraph for each row.
local function draw_table(rows, width)
  local widths, used, lines = {}, 0, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, text.width(cell))
    end
  end
  for i = 1, #widths - 1 do
    used = used + widths[i] + 2
  end
  local is_wide = used + math.min(widths[#widths], LEAST) > width
  for _, row in ipairs(rows) do
    if is_wide then
      for i, cell in ipairs(row) do
        lines[#lines + 1] = cell ~= "" and text.fold(cell, width, i > 1 and "    " or "") or nil
      end
    else
      local left = {}
      for i = 1, #widths - 1 do
        left[i] = text.pad_right(row[i] or "", widths[i]) .. "  "
      end
      lines[#lines + 1] = text.fold(row[#widths] or "", width, table.concat(left),
        (" "):rep(used))
    end
  end
  return text.join(lines)
end

--- Text of a page.
-- @tparam string page
-- @tparam integer width columns; code is not broken, though
-- @tparam[opt] table about color: whether headings may be in colour
-- @treturn string
function markdown.text(page, width, about)
  local out, paragraph, rows, in_code = {}, {}, {}, false
  local first, rest = "", ""
  local function flush()
    if paragraph[1] then
      out[#out + 1] = text.fold(plain(table.concat(paragraph, " ")), width, first, rest) .. "\n"
    end
    if rows[1] then
      out[#out + 1] = draw_table(rows, width)
    end
    paragraph, rows, first, rest = {}, {}, "", ""
  end
  for line in (page .. "\n"):gmatch("([^\n]*)\n") do
    local level, title = line:match("^(#+)%s+(.*)$")
    local mark, item = line:match("^(%s*[-*]%s+)(%S.*)$")
    if not mark then
      mark, item = line:match("^(%s*%d+%.%s+)(%S.*)$")
    end
    if line:find("^```") then
      flush()
      in_code = not in_code
    elseif in_code then
      out[#out + 1] = "    " .. line .. "\n"
    elseif level then
      flush()
      out[#out + 1] = text.colored(plain(#level == 1 and title:upper() or title), "title",
        about or {}) .. "\n"
    elseif line:find("^%s*|") then
      if not line:find("^[%s|:-]+$") then
        rows[#rows + 1] = cells_of(line)
      end
    elseif line == "" then
      flush()
      out[#out + 1] = "\n"
    elseif not paragraph[1] and line:find("^    ") then
      flush()
      out[#out + 1] = line .. "\n"
    elseif mark then
      flush()
      first, rest, paragraph = mark, (" "):rep(#mark), { item }
    else
      if rows[1] then
        flush()
      end
      paragraph[#paragraph + 1] = line:match("^%s*(.-)%s*$")
    end
  end
  flush()
  return (table.concat(out):gsub("\n\n\n+", "\n\n"):gsub("\n+$", "\n"))
end

return markdown
