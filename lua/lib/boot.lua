--- The first Lua file that runs: makes `require "lttnga.NAME"` find lua/lib/NAME.lua, runs the
-- command line, and turns whatever goes wrong into one message and an exit status.
--
-- SPDX-License-Identifier: MIT

local folder, arguments = ...

assert(loadfile(folder .. "/lib/search.lua", "t"))(folder)

-- Rows of long tables are made and thrown away, and what has to stay is little beside the model in
-- C: four times as much memory costs less than looking for garbage twice as often.
collectgarbage("incremental", 400)

local cli = require "lttnga.cli"
local fault = require "lttnga.fault"

local ok, result = xpcall(cli.main, cli.on_error, folder, arguments)
if ok then
  return result
end
-- Out of memory does not go through the handler, nor does what goes wrong in the handler itself.
if not fault.is(result) then
  result = fault.new(fault.RUN, "%s", fault.text_of(result))
end
return cli.fail(result)
