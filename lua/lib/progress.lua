--- The progress bar of a long run, on a terminal's stderr.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"
local time = require "lttnga.time"

local progress = {}

local Bar = {}
Bar.__index = Bar

--- A bar from `first` to `last` (ns of trace time); nil if stderr is no terminal.
-- @tparam boolean gmt how to show the time
function progress.new(first, last, gmt)
  local columns = host.terminal(2)
  if not columns then
    return nil
  end
  return setmetatable({ first = first, last = last, gmt = gmt, columns = columns }, Bar)
end

--- Shows that the run has come to `now`.
function Bar:show(now)
  local clock = time.format(now, { gmt = self.gmt }):sub(1, 12)
  local line = clock
  if self.first and self.last and self.last > self.first then
    local part = (now - self.first) / (self.last - self.first)
    part = math.max(0, math.min(1, part))
    local width = math.max(10, math.min(60, self.columns - 24))
    local full = math.floor(width * part)
    line = ("[%s%s] %3d %% %s"):format(("#"):rep(full), (" "):rep(width - full),
      math.floor(part * 100), clock)
  end
  io.stderr:write("\r", line, "\27[K")
  io.stderr:flush()
  self.shown = true
end

--- Wipes the bar away.
function Bar:clear()
  if self.shown then
    io.stderr:write("\r\27[K")
    io.stderr:flush()
  end
end

return progress
