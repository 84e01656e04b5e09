---@meta lttnga.event_loops

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Ops
local Ops = {}

---Which request a thread is working on if it serves many at once (an event loop): after a read, on
---the request that it read; between two answers, on the second one.
local loops = {}

---Makes an object for the collect: what threads read from sockets and wrote to them.
---@return lttnga.Ops
function loops.new() end

---The collect, for `collect` of an analysis: it feeds `w.ops`.
---@type table
loops.collect = {}

---Takes in a read or a write.
---@param utid integer
---@param time integer ns
---@param io_class string
---@param fd integer
---@param peer? string
function Ops:add(utid, time, io_class, fd, peer) end

---How long a thread worked on other requests than this one.
---@param ops lttnga.Ops
---@param utid integer
---@param request table its `captures` say whether it is one of a connection: by `fd` and `peer`
---@param from integer ns
---@param to integer ns
---@return function # iterator: name of the connection, ns
function loops.others(ops, utid, request, from, to) end

return loops
