--- What pictures of a page are made of: places, marks of axes, and the figure around. They are SVG
-- that needs no script; what a pointer or a key can ask them is data for page.js.
--
-- Texts are never in a picture that is stretched to the width of the page: axes are pictures of
-- their own beside it, in which places are percentages. Colours are classes (`c1` to `c8`): the
-- policy of the page allows no style in an element.
--
-- Each picture is made by a function of a spec, which gives HTML, and data for the script (or nil).
-- What all specs have: id (of the element), title, class (of values, see lttnga.columns), note (one
-- more sentence, or nil). Names in them can be from a trace.
--
-- SPDX-License-Identifier: MIT

local html = require "lttnga.html"
local readable = require "lttnga.readable"

local svg = {
  --- The width of all that is stretched, in units of its own.
  WIDTH = 1000,
  --- The height of a row of text, in pixels.
  ROW = 18,
}

--- A coordinate, short.
function svg.place(value)
  return (("%.1f"):format(value):gsub("%.0$", ""))
end

--- The same where pictures are enlarged.
function svg.fine(value)
  return (("%.2f"):format(value):gsub("%.?0+$", ""))
end

--- A part of the whole width or height.
function svg.percent(part)
  return (("%.3f"):format(part * 100):gsub("%.?0+$", "")) .. "%"
end

--- A value for the script: four digits tell enough. `false` if it is not known.
function svg.rough(value)
  return value ~= nil and value == value and tonumber(("%.4g"):format(value))
end

--- A number with what is counted: "1 wait", "9 waits"; without, if its column says no more.
function svg.counted(n, spec)
  local what = n == 1 and spec.counted:gsub("s$", "") or spec.counted
  return readable.count(n) .. (spec.counted == "count" and "" or " " .. html.text(what))
end

--- Round values from 0 to what is not below `most`: 1, 2 or 5 times a power of ten; for sizes a
-- power of 2, as they are read.
-- @tparam integer count about how many
function svg.ticks(most, class, count)
  most = most > 0 and most or 1
  local step
  if class == "size" then
    step = 2 ^ math.ceil(math.log(math.max(most / count, 1), 2))
  else
    local power = 10 ^ math.floor(math.log(most / count, 10))
    step = 10 * power
    for _, times in ipairs { 5, 2, 1 } do
      step = times * power * count >= most and times * power or step
    end
  end
  local list = {}
  for i = 0, math.ceil(most / step - 1e-9) do
    list[i + 1] = i * step
  end
  return list
end

--- Marks along the bottom, as a picture of their own.
-- @tparam table marks { part of the width, text }
-- @tparam[opt=""] string class
function svg.x_axis(marks, class)
  local parts = { ('<svg class="x %s" height="18" aria-hidden="true">'):format(class or "") }
  for _, mark in ipairs(marks) do
    parts[#parts + 1] = ('<text x="%s" y="13">%s</text>'):format(svg.percent(mark[1]),
      html.text(mark[2]))
  end
  return table.concat(parts) .. "</svg>"
end

--- Marks up the left side.
-- @tparam table marks { part of the height, text }
function svg.y_axis(marks, height)
  local parts = { ('<svg class="y" width="68" height="%d" aria-hidden="true">'):format(
    height + 12) }
  for _, mark in ipairs(marks) do
    parts[#parts + 1] = ('<text x="62" y="%s">%s</text>'):format(
      svg.place(height * (1 - mark[1]) + 10), html.text(mark[2]))
  end
  return table.concat(parts) .. "</svg>"
end

--- Lines across, at marks.
function svg.grid(marks, height)
  local parts = {}
  for i, mark in ipairs(marks) do
    parts[i] = ("M0 %sH%d"):format(svg.place(height * (1 - mark[1])), svg.WIDTH)
  end
  return ('<path class="grid" d="%s"/>'):format(table.concat(parts))
end

--- What a picture that is stretched has as attributes.
local function stretched(height)
  return ('viewBox="0 0 %d %d" preserveAspectRatio="none"'):format(svg.WIDTH, height)
end

--- A figure: title, what it says in words, picture, axes.
-- @tparam table spec of the picture
-- @tparam table parts class, height, says (HTML), plot (HTML); and as far as there are y, x, above
-- (HTML), role, attributes (of the picture, if it is not stretched)
-- @treturn string HTML
function svg.figure(spec, parts)
  local says = parts.says .. (spec.note and " " .. spec.note or "")
  return table.concat {
    '<figure class="chart ', parts.class, '" id="', spec.id, '">\n<figcaption><strong>',
    html.name(spec.title), '</strong> <span id="', spec.id, '-says">', says,
    '</span></figcaption>\n', parts.above or "", '<div class="frame">', parts.y or "",
    '<svg class="plot" height="', parts.height, '" ', parts.attributes or stretched(parts.height),
    ' role="', parts.role or "img", '" aria-label="', html.label(spec.title),
    '" aria-describedby="', spec.id, '-says">', parts.plot, '</svg>\n', parts.x or "",
    '</div>\n</figure>\n',
  }
end

return svg
