--- HTML: texts from anywhere as what they are, and a page that stands alone and may load nothing.
--
-- SPDX-License-Identifier: MIT

local cells = require "lttnga.cells"
local host = require "lttnga.host"
local text = require "lttnga.text"

local html = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  ["'"] = "&#39;" }

--- A text between tags, or in an attribute: nothing in it is markup.
-- @param value from anywhere, and any bytes: those that are no text, and control characters, become
-- \xNN
-- @treturn string
function html.text(value)
  return (text.clean(tostring(value)):gsub("[&<>\"']", ENTITIES))
end

--- Letters of a name that are shown; of one that is longer the begin and the end.
local SHOWN, BEGIN, END = 56, 36, 18

--- Letters of a name that are kept where it is longer than that.
local KEPT = 4200

--- The letters from one to another of a clean text (UTF-8).
local function letters(value, first, last)
  local to = utf8.offset(value, last + 1)
  return value:sub(utf8.offset(value, first), to and to - 1 or -1)
end

--- A text cut in its middle, clean; whether it was cut.
-- @tparam[opt] integer most letters that are not cut
local function short(value, most)
  value = text.clean(tostring(value))
  local count = #value > SHOWN and utf8.len(value) or 0
  if count <= (most or SHOWN) then
    return value, false
  end
  return letters(value, 1, BEGIN) .. "…" .. letters(value, count - END + 1, count), true
end

--- All of a text, as far as that makes sense.
local function whole(value)
  value = text.clean(tostring(value))
  local count = #value > KEPT and utf8.len(value) or 0
  return count <= KEPT and value
    or ("%s… (%d more characters)"):format(letters(value, 1, KEPT), count - KEPT)
end

--- A name from a trace within a line: isolated, since it may be written from right to left, and of
-- a long one the begin and the end; all of it is in its title.
-- @treturn string HTML
function html.name(value)
  local shown, is_cut = short(value)
  return ('<bdi%s>%s</bdi>'):format(is_cut and ' title="' .. html.text(whole(value)) .. '"' or "",
    html.text(shown))
end

--- The same where there is room for more than a line: long texts open to their full length.
-- @tparam[opt] integer most letters that are not cut
-- @treturn string HTML
function html.cell(value, most)
  local shown, is_cut = short(value, most)
  return not is_cut and "<bdi>" .. html.text(shown) .. "</bdi>"
    or ('<details class="long"><summary><bdi>%s</bdi></summary><bdi>%s</bdi></details>'):format(
      html.text(shown), html.text(whole(value)))
end

--- A text with names in it, a sentence or more: all of it.
-- @treturn string HTML
function html.message(value)
  return "<bdi>" .. html.text(whole(value)) .. "</bdi>"
end

--- A name in an attribute, or in a picture: of a long one the begin and the end.
-- @treturn string HTML
function html.label(value)
  return html.text((short(value)))
end

--- Values as JSON that can stand in a <script>: nothing in it ends that.
-- @param value tables, texts, numbers, see cells.any
function html.data(value)
  return (cells.any(value):gsub("[<>&]", function(letter)
    return ("\\u%04x"):format(letter:byte())
  end):gsub("\xe2\x80([\xa8\xa9])", function(last)
    return last == "\xa8" and "\\u2028" or "\\u2029"
  end))
end

--- The policy of a page: only this style and this script, and nothing that is loaded.
local function policy(style, script)
  return ("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
    .. "form-action 'none'"):format(host.sha256(style), host.sha256(script))
end

--- The start of a page.
-- @tparam string title plain text
-- @tparam string style CSS
-- @tparam string script JavaScript, which html.foot puts at the end
function html.head(title, style, script)
  return table.concat {
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    '<meta http-equiv="Content-Security-Policy" content="', policy(style, script), '">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    '<meta name="color-scheme" content="light dark">\n',
    '<meta name="generator" content="lttnga ', html.text(host.version), '">\n',
    '<title>', html.text(title), '</title>\n<style>', style, '</style>\n</head>\n<body>\n',
  }
end

--- The end of a page.
-- @tparam string script the same as that of the head
function html.foot(script)
  return '<script>' .. script .. '</script>\n</body>\n</html>\n'
end

return html
