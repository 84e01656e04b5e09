--- `lttnga-run list`: the sessions of a relay daemon.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local help = require "lttnga.help"
local host = require "lttnga.host"
local options = require "lttnga.options"
local render_text = require "lttnga.render_text"
local tables = require "lttnga.tables"
local terminal = require "lttnga.terminal"

local command = {}

command.analysis = analysis {
  title = "Live sessions", on = {}, selects = {},
  tables = {
    { "live-sessions", "Live sessions", {
      { "Session", "string", "url" },
      { "Live timer", "duration", function(session) return session.live_timer * 1000 end },
      { "Streams", "number", "streams" },
      { "Viewers", "number", "viewers" },
      { "Hostname", "string", "target", hidden = true },
      { "Name", "string", "name", hidden = true },
      { "CTF", "number", "ctf", unknown = true, hidden = true },
    }, rows = function(w) return w.sessions end },
  },
}

--- The options that it takes: those of its help, and those that its table has.
local listed = help.options_of "list"
command.options = options.set(listed[1], listed[2], command.analysis.options)

--- Lists the sessions of a relay.
-- @tparam table values of command.options
-- @tparam table words the URL
-- @tparam table world write: takes results; say: takes a kind and a text for the user
function command.go(values, words, world)
  local url = words[1]
  if not url or words[2] then
    fault.usage("list takes one relay: lttnga-run list net://HOST[:PORT]")
  end
  local parts, message = host.relay_url(url)
  if not parts then
    fault.usage("%s", message)
  end
  local sessions, name = host.relay_sessions(url)
  if not sessions then
    fault.raise("%s", name)
  elseif not sessions[1] then
    world.say("note: ", ("relay %s has no live session%s"):format(name,
      parts.session and " of that name" or ""))
  end
  local one, columns = command.analysis.tables[1], command.analysis:columns_for(values)[1]
  local result = tables.fill(one, columns, { options = values, sessions = sessions })[1]
  local about = terminal.of(values)
  if values.output ~= "text" then
    local renderer = require("lttnga.render_" .. values.output).new(world.write, about)
    renderer:window({ result })
    renderer:finish {}
    return
  end
  result.unlimited = false -- a list is whole
  world.write(render_text.table(result, about))
end

return command
