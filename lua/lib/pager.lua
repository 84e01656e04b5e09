--- Long text on a terminal goes through a pager, as git does it: $LTTNGA_PAGER, else $PAGER, else
-- less. It is started with the first thing that is written, and ends at once what fits on a screen.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"

local Pager = {}
Pager.__index = Pager

local pager = {}

--- The command of the pager; nil if there is none.
-- @tparam table values options of the run
function pager.command(values)
  if values["no-pager"] or values.classic or values.output ~= "text" or not host.terminal(1)
    or os.getenv "TERM" == "dumb" then
    return nil
  end
  local command = os.getenv "LTTNGA_PAGER" or os.getenv "PAGER" or "less"
  return command:find "%S" and command ~= "cat" and command or nil
end

--- Starts a pager. If there is no such program, what it would have shown is written as it is.
-- @tparam string command for the shell
-- @treturn table file: to write to; nil and a message
function pager.start(command)
  local settings = (os.getenv "LESS" and "" or "LESS=FRX; export LESS; ")
    .. (os.getenv "LESSCHARSET" and "" or "LESSCHARSET=utf-8; export LESSCHARSET; ")
  io.stdout:flush()
  local file, message = io.popen(
    ("trap : INT; %s%s; test $? -eq 127 && exec cat; exit 0"):format(settings, command), "w")
  if not file then
    return nil, message
  end
  -- Whoever quits it does not want the rest.
  host.ignore "PIPE"
  file:setvbuf("full", 65536)
  return setmetatable({ file = file }, Pager)
end

--- Waits until it has been quit. Ctrl-C is for the pager meanwhile.
function Pager:close()
  host.ignore "INT"
  self.file:close()
end

return pager
