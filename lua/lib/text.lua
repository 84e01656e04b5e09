--- Text for people: widths, padding, names that might have been meant, and texts from a trace made
-- safe for a terminal.
--
-- SPDX-License-Identifier: MIT

local formats = require "lttnga.formats"

local text = {}

--- Makes a text from anywhere safe to print: what could steer a terminal, turns the direction of
-- writing, or is no UTF-8, is written as \xNN.
-- @tparam string value
-- @treturn string
text.clean = formats.clean

--- Columns that a text takes on a terminal.
-- @tparam string value as clean() returns
-- @treturn integer
text.width = formats.width

--- A clean text of so many columns at most: with dots in its middle, if it takes more.
-- @tparam string value
-- @tparam integer columns
-- @treturn string
text.shorten = formats.shorten

--- How texts of each kind look on a terminal.
local codes = { title = "1", bar = "36", dim = "2" }

--- A text in colour, if there are colours.
-- @tparam string value clean, and as wide as it is to be
-- @tparam string kind title, bar or dim
-- @tparam table about color: whether there are
function text.colored(value, kind, about)
  return about.color and value ~= "" and ("\27[%sm%s\27[0m"):format(codes[kind], value) or value
end

--- Values in columns with a blank between them; each is made safe.
-- @tparam table widths of the columns: positive ones are filled up at the left, negative ones at
-- the right; nothing is cut off
-- @param ... the values
-- @treturn string
text.columns = formats.columns

--- Columns of text that are wider are not filled up.
text.WIDEST = 1000

--- Lines of cells in columns that are in line, whatever is in them.
-- @tparam table widths the least ones of the columns, see text.columns
-- @tparam table rows lists of cells: texts or numbers, and as many as there are widths
-- @treturn table list of lines, all of them as wide
function text.grid(widths, rows)
  local real, lines, whole = {}, {}, #widths - 1
  for c, width in ipairs(widths) do
    local most = math.abs(width)
    for _, row in ipairs(rows) do
      most = math.max(most, text.width(text.clean(tostring(row[c]))))
    end
    most = math.min(most, text.WIDEST)
    real[c] = width < 0 and -most or most
    whole = whole + most
  end
  for r, row in ipairs(rows) do
    lines[r] = text.pad_right(text.columns(real, table.unpack(row, 1, #widths)), whole)
  end
  return lines
end

local BLANK = (" "):byte()

--- Without the blanks at its end. (A pattern would look at each of many blanks again and again.)
function text.trim(line)
  local last = #line
  while line:byte(last) == BLANK do
    last = last - 1
  end
  return line:sub(1, last)
end

--- Lines as one text, without the blanks at their ends.
-- @tparam table lines
function text.join(lines)
  local trimmed = {}
  for i, line in ipairs(lines) do
    trimmed[i] = text.trim(line)
  end
  return table.concat(trimmed, "\n") .. "\n"
end

--- Fills up with blanks at the left.
-- @tparam string value
-- @tparam integer width columns
-- @treturn string never cut, if it is longer
function text.pad_left(value, width)
  return (" "):rep(width - text.width(value)) .. value
end

--- Fills up with blanks at the right.
function text.pad_right(value, width)
  return value .. (" "):rep(width - text.width(value))
end

--- How long a time is: "1.234 ms".
-- @tparam integer ns
function text.duration(ns)
  for _, unit in ipairs { { 1000000000, "s" }, { 1000000, "ms" } } do
    if ns >= unit[1] then
      return ("%.3f %s"):format(ns / unit[1], unit[2])
    end
  end
  return ("%.3f us"):format(ns / 1000)
end

--- "open" -> "Open"
function text.capitalize(value)
  return value:sub(1, 1):upper() .. value:sub(2)
end

--- Letters of a word that are compared with other words: the work grows with the square of them.
local LETTERS = 64

--- Edit distance of two words; two letters that changed places count once.
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do
    rows[0][j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    rows[i] = row
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], rows[i - 2][j - 2] + 1)
      end
    end
  end
  return rows[#a][#b]
end

--- The hint that ends a message about an unknown word.
-- @tparam string word
-- @tparam table candidates words that are known
-- @treturn string " (did you mean 'x'?)", or "" if nothing is near
function text.did_you_mean(word, candidates)
  local best, least
  word = word:sub(1, LETTERS)
  for _, candidate in ipairs(candidates) do
    local d = distance(word:lower(), candidate:sub(1, LETTERS):lower())
    -- One that begins like the word is as good as a single slip.
    if #word >= 3 and candidate:sub(1, #word) == word then
      d = math.min(d, 1)
    end
    if d <= math.max(1, #word // 3) and (not least or d < least) then
      best, least = candidate, d
    end
  end
  return best and (" (did you mean '%s'?)"):format(best) or ""
end

--- Breaks a text into lines between its words.
-- @tparam string value
-- @tparam integer width columns; a longer word has a line of its own
-- @tparam[opt=""] string first what the first line begins with
-- @tparam[opt=first] string rest what the others begin with
-- @treturn string the lines, without a newline at the end
function text.fold(value, width, first, rest)
  first = first or ""
  local lines, line = {}, first
  local is_empty, used = true, text.width(first)
  for word in value:gmatch("%S+") do
    local own = text.width(word)
    if not is_empty and used + 1 + own > width then
      lines[#lines + 1] = line
      line, is_empty = rest or first, true
      used = text.width(line)
    end
    line = line .. (is_empty and "" or " ") .. word
    used, is_empty = used + (is_empty and 0 or 1) + own, false
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

--- Words as a choice: "a, b or c".
function text.either(words)
  local last = #words
  return last < 2 and words[1] or table.concat(words, ", ", 1, last - 1) .. " or " .. words[last]
end

return text
