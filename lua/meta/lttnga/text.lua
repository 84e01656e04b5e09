---@meta lttnga.text

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---Text for people: widths, padding, suggestions for misspelt names, and texts from a trace made
---safe for a terminal.
local text = {}

---Makes a text safe to print: whatever could control a terminal, changes the direction of writing,
---or is not UTF-8, becomes \xNN.
---@param value string
---@return string
function text.clean(value) end

---The columns that a text takes on a terminal.
---@param value string from text.clean
---@return integer
function text.width(value) end

---Shortens a text to so many columns at most, with dots in its middle.
---@param value string from text.clean
---@param columns integer
---@return string
function text.shorten(value, columns) end

---A number of things: "1 packet", "7 packets".
---@param n integer
---@param word string what one is called
---@return string
function text.plural(n, word) end

---Colours a text, if there are colours.
---@param value string clean, and as wide as it is to be
---@param kind string title, bar or dim
---@param about table color
---@return string
function text.colored(value, kind, about) end

---Puts values into columns with a space between them; each is made safe.
---@param widths table positive ones are padded on the left, negative ones on the right; nothing is cut off
---@param ... any the values
---@return string
function text.columns(widths, ...) end

---Wider columns are not padded.
---@type integer
text.WIDEST = 1000

---Makes lines of cells whose columns are aligned.
---@param widths table the least widths of the columns, see text.columns
---@param rows table lists of cells: texts or numbers, as many as there are widths
---@return table # list of lines, all equally wide
function text.grid(widths, rows) end

---Removes the spaces at the end. (A pattern would try each of many spaces again and again.)
---@param line string
---@return string
function text.trim(line) end

---Joins lines into one text, without the spaces at their ends.
---@param lines table
---@return string
function text.join(lines) end

---Pads a text with spaces on the left.
---@param value string
---@param width integer columns
---@return string # never cut if it is longer
function text.pad_left(value, width) end

---Pads a text with spaces on the right.
---@param value string
---@param width integer columns
---@return string # never cut if it is longer
function text.pad_right(value, width) end

---A duration with its unit: "1.234 ms".
---@param ns integer
---@return string
function text.duration(ns) end

---"open" -> "Open"
---@param value string
---@return string
function text.capitalize(value) end

---The suggestion at the end of a message about an unknown word.
---@param word string
---@param candidates table known words
---@return string # " (did you mean 'x'?)", or "" if none is near
function text.did_you_mean(word, candidates) end

---What there is instead of what was asked for, at the end of a message.
---@param asked table values: numbers or strings
---@param values table those that there are; they are sorted
---@return string # " (did you mean 'x'?)", or some of them: " (found: a, b, and 3 more)"
function text.nearest(asked, values) end

---Breaks a text into lines between its words.
---@param value string
---@param width integer columns; a longer word has a line of its own
---@param first? string what the first line begins with (default: "")
---@param rest? string what the others begin with (default: first)
---@return string # the lines, without a newline at the end
function text.fold(value, width, first, rest) end

---Words as a choice: "a, b or c".
function text.either() end

return text
