--- The terminal that text is written to: how wide it is, whether it takes colours.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"

local terminal = {}

--- Whether colours are wanted: asked for, or on a terminal without NO_COLOR.
local function has_color(when)
  if when == "always" or when == "never" then
    return when == "always"
  end
  local asked_none = os.getenv "NO_COLOR"
  return host.terminal(1) ~= nil and (asked_none or "") == "" and os.getenv "TERM" ~= "dumb"
end

--- How text is to look, by the options.
-- @tparam table values options of the run
-- @treturn table width: columns of a line (nil: not limited, as in a pipe or a file); classic:
-- whether text looks as in lttng-analyses; color: whether it may have colours
function terminal.of(values)
  -- What a program gets as a value need not be for the terminal that it is on.
  local is_fixed = values.classic or values["for a program"]
  local is_file = values["output-file"] ~= nil
  return {
    width = values.width or not (is_fixed or is_file) and host.terminal(1) or nil,
    classic = values.classic or false,
    color = not is_fixed and has_color((values["no-color"]
      or is_file and values.color ~= "always") and "never" or values.color),
  }
end

return terminal
