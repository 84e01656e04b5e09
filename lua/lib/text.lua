--- Text for people: widths, padding, names that might have been meant, and texts from a trace made
-- safe for a terminal.
--
-- SPDX-License-Identifier: MIT

local text = {}

--- Ranges of characters that take two columns of a terminal (East Asian, emoji).
local wide = {
  { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff }, { 0x3400, 0x4dbf },
  { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
  { 0xfe30, 0xfe4f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff },
  { 0x20000, 0x3fffd },
}

--- Characters that take none: combining marks, zero-width ones.
local narrow = {
  { 0x0300, 0x036f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d },
  { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
}

--- Characters that must not reach a terminal: controls, and those that turn the direction of
-- writing, with which a name can look like another one.
local unsafe = {
  { 0x00, 0x1f }, { 0x7f, 0x9f }, { 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
  { 0x2066, 0x2069 }, { 0xfeff, 0xfeff },
}

local function within(code, ranges)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then
      return true
    end
  end
  return false
end

--- Columns that a text takes on a terminal.
-- @tparam string value valid UTF-8, as clean() returns
-- @treturn integer
function text.width(value)
  if not value:find("[\x80-\xff]") then
    return #value
  end
  local columns = 0
  for _, code in utf8.codes(value) do
    columns = columns + (within(code, wide) and 2 or within(code, narrow) and 0 or 1)
  end
  return columns
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

--- "open" -> "Open"
function text.capitalize(value)
  return value:sub(1, 1):upper() .. value:sub(2)
end

local function escape(bytes)
  return (bytes:gsub(".", function(byte)
    return ("\\x%02x"):format(byte:byte())
  end))
end

--- Makes a text from anywhere safe to print: what could steer a terminal, or is no UTF-8, is
-- written as \xNN.
-- @tparam string value
-- @treturn string
function text.clean(value)
  if not value:find("[^\x20-\x7e]") then
    return value
  end
  local parts, at = {}, 1
  while at <= #value do
    local length, bad = utf8.len(value, at)
    local good = length and #value or bad - 1
    for _, code in utf8.codes(value:sub(at, good)) do
      local char = utf8.char(code)
      parts[#parts + 1] = within(code, unsafe) and escape(char) or char
    end
    if not length then
      parts[#parts + 1] = escape(value:sub(bad, bad))
      good = bad
    end
    at = good + 1
  end
  return table.concat(parts)
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

return text
