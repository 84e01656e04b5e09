--- How far a long run has come: a bar on a terminal's stderr, or lines for a machine on stdout.
--
-- SPDX-License-Identifier: MIT

local host = require "lttnga.host"
local time = require "lttnga.time"

local progress = {
  -- Whether somebody else has the terminal.
  hidden = false,
}

--- How much of some times is before `now`, from 0 to 1; nil if they are not known. Of several
-- traces each counts while it was recorded: they may be weeks apart.
-- @tparam table self `spans`: a list of { first, last }, ns
local function part_of(self, now)
  local before, all = 0, 0
  for _, span in ipairs(self.spans) do
    local length = math.max(span[2] - span[1], 0)
    before, all = before + math.max(0, math.min(now - span[1], length)), all + length
  end
  return all > 0 and before / all or nil
end

-- ---- On a terminal ----

local Bar = { shows = true }
Bar.__index = Bar

--- A bar over some times; nil if stderr is no terminal.
-- @tparam table spans list of { first, last }, ns of trace time
-- @tparam boolean gmt how to show the time
function progress.new(spans, gmt)
  local columns = host.terminal(2)
  return columns and setmetatable({ spans = spans, gmt = gmt, columns = columns }, Bar) or nil
end

--- Shows that the run has come to `now`.
function Bar:show(now)
  if progress.hidden then
    return
  end
  local clock = time.format(now, { gmt = self.gmt }):sub(1, 12)
  local line = clock
  local part = part_of(self, now)
  if part then
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
    self.shown = nil
  end
end

function Bar.finish()
end

-- ---- For machines ----

--- Lines as LAMI wants them: a number from 0 to 1, and words.
local Lines = { shows = true }
Lines.__index = Lines

local function line(part, words)
  io.stdout:write(("%s %s\n"):format(part, words))
  io.stdout:flush()
end

function Lines:show(now)
  local part = part_of(self, now)
  line(part and ("%.4f"):format(part) or "*", time.format(now, { gmt = self.gmt }))
end

function Lines.clear()
end

function Lines.finish()
  line("1", "Done!")
end

local Nothing = { clear = function() end, finish = function() end }

--- What the options ask for.
-- @tparam table values options of the run
-- @tparam table spans list of { first, last }: what is read, ns; empty if that is not known
function progress.choose(values, spans)
  if values["output-progress"] and values.output == "lami" then
    line("0", "Reading the trace")
    return setmetatable({ spans = spans, gmt = values.gmt }, Lines)
  end
  return not values["no-progress"] and progress.new(spans, values.gmt) or Nothing
end

return progress
