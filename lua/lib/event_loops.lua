--- Which request a thread is working on if it serves many at once (an event loop): after a read, on
-- the request that it read; between two answers, on the second one.
--
-- SPDX-License-Identifier: MIT

local json = require "dkjson"

local loops = {}

local Ops = {}
Ops.__index = Ops

--- Makes an object for the collect: what threads read from sockets and wrote to them.
-- @treturn Ops
function loops.new()
  return setmetatable({ by_thread = {} }, Ops)
end

--- The collect, for `collect` of an analysis: it feeds `w.ops`.
loops.collect = { "io_end", "utid", "time", "io_class", "fd", "peer", into = "ops",
  only = { io_class = { "read", "write" }, side = { "server" } } }

--- Takes in a read or a write.
-- @tparam integer utid
-- @tparam integer time ns
-- @tparam string io_class
-- @tparam integer fd
-- @tparam[opt] string peer
function Ops:add(utid, time, io_class, fd, peer)
  if not utid or not fd then -- events were lost
    return
  end
  local own = self.by_thread[utid]
  if not own then
    own = { times = {}, fds = {}, reads = {}, peers = {} }
    self.by_thread[utid] = own
  end
  local n = #own.times + 1
  own.times[n], own.fds[n], own.reads[n] = time, fd, io_class == "read"
  own.peers[fd] = peer or own.peers[fd]
end

--- The first place in a sorted list whose value is not below another one.
local function place(list, value)
  local low, high = 1, #list + 1
  while low < high do
    local middle = (low + high) // 2
    if list[middle] < value then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

--- The descriptor of a request's connection; false if it has none.
local function fd_of(request)
  if request.fd == nil then
    local captures = request.captures and json.decode(request.captures) or {}
    request.fd = captures.peer and captures.fd or false
  end
  return request.fd
end

--- How long a thread worked on other requests than this one.
-- @tparam Ops ops
-- @tparam integer utid
-- @tparam table request its `captures` say whether it is one of a connection: by `fd` and `peer`
-- @tparam integer from ns
-- @tparam integer to ns
-- @treturn function iterator: name of the connection, ns
function loops.others(ops, utid, request, from, to)
  local own = ops.by_thread[utid]
  local fd, sums, names = own and fd_of(request), {}, {}
  if not fd then
    return function() end
  end
  local at, i = from, place(own.times, from + 1)
  while at < to do
    local till = math.min(own.times[i] or math.maxinteger, to)
    -- On what was read last; or else on what is written next.
    local of = own.reads[i - 1] and own.fds[i - 1]
      or own.times[i] and not own.reads[i] and own.fds[i] or nil
    if of and of ~= fd then
      if not sums[of] then
        names[#names + 1] = of
      end
      sums[of] = (sums[of] or 0) + till - at
    end
    at, i = till, i + 1
  end
  local n = 0
  return function()
    n = n + 1
    local of = names[n]
    if of then
      return own.peers[of] and ("fd %d (%s)"):format(of, own.peers[of]) or ("fd %d"):format(of),
        sums[of]
    end
  end
end

return loops
