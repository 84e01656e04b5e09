--- Flame graphs hanging from their root, see lttnga.svg: of folded stacks, what part of all each
-- frame is. page.js enlarges frames, and searches.
--
-- SPDX-License-Identifier: MIT

local html = require "lttnga.html"
local readable = require "lttnga.readable"
local svg = require "lttnga.svg"

local flame_chart = {}

--- Frames of a picture, the least part of all that one must be, and how deep a stack is shown.
local FRAMES, LEAST, DEEPEST = 1000, 0.0005, 80

local function new_node(name)
  return { name = name, value = 0, children = {}, list = {} }
end

--- The tree of folded stacks: { name =, value =, children = by name, list = of them }.
local function tree_of(rows)
  local root = new_node "all"
  for _, row in ipairs(rows) do
    local node, depth = root, 0
    root.value = root.value + row[2]
    for frame in row[1]:gmatch "[^;]+" do
      depth = depth + 1
      if depth >= DEEPEST then
        break
      end
      local child = node.children[frame]
      if not child then
        child = new_node(frame)
        node.children[frame], node.list[#node.list + 1] = child, child
      end
      child.value = child.value + row[2]
      node = child
    end
  end
  return root
end

--- The frames below some others: { node =, from =, depth = }, the largest of each first.
local function below(frames)
  local list = {}
  for _, one in ipairs(frames) do
    table.sort(one.node.list, function(a, b)
      return a.value > b.value or a.value == b.value and a.name < b.name
    end)
    local from = one.from
    for _, child in ipairs(one.node.list) do
      list[#list + 1] = { node = child, from = from, depth = one.depth + 1 }
      from = from + child.value
    end
  end
  return list
end

--- The frames that are shown, level by level, so that of too many the deepest are left out; and how
-- many are left out of those that could have been shown.
local function frames_of(root)
  local shown, left_out = {}, 0
  local level = { { node = root, from = 0, depth = 0 } }
  while #level > 0 do
    local kept = {}
    for _, one in ipairs(level) do
      if one.node.value / root.value >= LEAST and #shown < FRAMES then
        kept[#kept + 1], shown[#shown + 1] = one, one
      else
        left_out = left_out + 1
      end
    end
    level = below(kept)
  end
  return shown, left_out
end

--- The colour of a frame, the classes `f1` to `f6`: the same name has the same everywhere.
local function shade_of(name)
  local sum = 0
  for i = 1, math.min(#name, 64) do
    sum = (sum * 31 + name:byte(i)) % 65521
  end
  return 1 + sum % 6
end

--- A frame as SVG: a name that is too long is cut off.
local function draw_frame(one, total, class)
  local node = one.node
  local name, part = html.label(node.name), node.value / total
  local value = ("%s, %s"):format(readable.value(node.value, class), readable.value(part, "ratio"))
  return ('<svg class="f" x="%s" y="%d" width="%s" height="%d" tabindex="%d" role="treeitem" '
    .. 'aria-level="%d"><title>%s: %s</title><rect class="f%d" width="100%%" height="100%%"/>'
    .. '<text x="4" y="13">%s</text></svg>'):format(
    svg.percent(one.from / total), one.depth * svg.ROW, svg.percent(part), svg.ROW - 1,
    one.depth == 0 and 0 or -1, one.depth + 1, name, value,
    one.depth == 0 and 0 or shade_of(node.name), name)
end

local TOOLS = '<p class="tools js"><label>Search <input type="search" class="find"></label> '
  .. '<button type="button" class="reset">Reset</button> <output></output> '
  .. '<span class="hint">Click a frame or press Enter to zoom; arrow keys move, Escape '
  .. 'goes back.</span></p>\n'

--- A flame graph.
-- @tparam table spec rows: list of { "root;frame;frame", value above 0 }, at least one
function flame_chart.draw(spec)
  local root = tree_of(spec.rows)
  local frames, left_out = frames_of(root)
  local parts, deepest = {}, 0
  for i, one in ipairs(frames) do
    parts[i] = draw_frame(one, root.value, spec.class)
    deepest = math.max(deepest, one.depth)
  end
  local widest = root.list[1] or root
  local says = ("%s in total; largest: %s (%s).%s"):format(readable.value(root.value, spec.class),
    html.name(widest.name), readable.value(widest.value / root.value, "ratio"), left_out > 0
    and (" %d frame%s too small to show."):format(left_out, left_out == 1 and " is" or "s are")
    or "")
  return svg.figure(spec, { class = "flame", height = (deepest + 1) * svg.ROW, says = says,
    attributes = 'width="100%"', role = "tree", plot = table.concat(parts), above = TOOLS })
end

return flame_chart
