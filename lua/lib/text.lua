--- Text for people: widths, padding, suggestions for misspelt names, and texts from a trace made
-- safe for a terminal.
--
-- SPDX-License-Identifier: MIT

local formats = require "lttnga.formats"

local text = {}

--- Makes a text safe to print: whatever could control a terminal, changes the direction of writing,
-- or is not UTF-8, becomes \xNN.
-- @tparam string value
-- @treturn string
text.clean = formats.clean

--- The columns that a text takes on a terminal.
-- @tparam string value from text.clean
-- @treturn integer
text.width = formats.width

--- Shortens a text to so many columns at most, with dots in its middle.
-- @tparam string value from text.clean
-- @tparam integer columns
-- @treturn string
text.shorten = formats.shorten

--- How texts of each kind look on a terminal.
local codes = { title = "1", bar = "36", dim = "2" }

--- A number of things: "1 packet", "7 packets".
-- @tparam integer n
-- @tparam string word what one is called
-- @treturn string
function text.plural(n, word)
  return ("%d %s%s"):format(n, word, n == 1 and "" or "s")
end

--- Colours a text, if there are colours.
-- @tparam string value clean, and as wide as it is to be
-- @tparam string kind title, bar or dim
-- @tparam table about color
-- @treturn string
function text.colored(value, kind, about)
  return about.color and value ~= "" and ("\27[%sm%s\27[0m"):format(codes[kind], value) or value
end

--- Puts values into columns with a space between them; each is made safe.
-- @tparam table widths positive ones are padded on the left, negative ones on the right; nothing is
-- cut off
-- @tparam any ... the values
-- @treturn string
text.columns = formats.columns

--- Wider columns are not padded.
text.WIDEST = 1000

--- Makes lines of cells whose columns are aligned.
-- @tparam table widths the least widths of the columns, see text.columns
-- @tparam table rows lists of cells: texts or numbers, as many as there are widths
-- @treturn table list of lines, all equally wide
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

--- Removes the spaces at the end. (A pattern would try each of many spaces again and again.)
-- @tparam string line
-- @treturn string
function text.trim(line)
  local last = #line
  while line:byte(last) == BLANK do
    last = last - 1
  end
  return line:sub(1, last)
end

--- Joins lines into one text, without the spaces at their ends.
-- @tparam table lines
-- @treturn string
function text.join(lines)
  local trimmed = {}
  for i, line in ipairs(lines) do
    trimmed[i] = text.trim(line)
  end
  return table.concat(trimmed, "\n") .. "\n"
end

--- Pads a text with spaces on the left.
-- @tparam string value
-- @tparam integer width columns
-- @treturn string never cut if it is longer
function text.pad_left(value, width)
  return (" "):rep(width - text.width(value)) .. value
end

--- Pads a text with spaces on the right.
-- @tparam string value
-- @tparam integer width columns
-- @treturn string never cut if it is longer
function text.pad_right(value, width)
  return value .. (" "):rep(width - text.width(value))
end

--- A duration with its unit: "1.234 ms".
-- @tparam integer ns
-- @treturn string
function text.duration(ns)
  for _, unit in ipairs { { 1000000000, "s" }, { 1000000, "ms" } } do
    if ns >= unit[1] then
      return ("%.3f %s"):format(ns / unit[1], unit[2])
    end
  end
  return ("%.3f us"):format(ns / 1000)
end

--- "open" -> "Open"
-- @tparam string value
-- @treturn string
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

--- The suggestion at the end of a message about an unknown word.
-- @tparam string word
-- @tparam table candidates known words
-- @treturn string " (did you mean 'x'?)", or "" if none is near
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

--- How many of the existing values a message names if none is near.
local NAMED = 5

--- What there is instead of what was asked for, at the end of a message.
-- @tparam table asked values: numbers or strings
-- @tparam table values those that there are; they are sorted
-- @treturn string " (did you mean 'x'?)", or some of them: " (found: a, b, and 3 more)"
function text.nearest(asked, values)
  local names, word = {}, tostring(asked[1]):gsub("[*?]", "")
  if math.type(asked[1]) == "integer" then
    table.sort(values, function(a, b) return math.abs(a - asked[1]) < math.abs(b - asked[1]) end)
  else
    table.sort(values)
  end
  for i, value in ipairs(values) do
    names[i] = tostring(value)
  end
  local hint = text.did_you_mean(word, names)
  if hint ~= "" or not names[1] then
    return hint
  end
  return (" (found: %s%s)"):format(table.concat(names, ", ", 1, math.min(#names, NAMED)),
    #names > NAMED and (", and %d more"):format(#names - NAMED) or "")
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
