--- Critical paths against the log of a workload: a trace of requests that a program made, of which
-- it wrote down who worked on them when. `CHAIN=folder` names the trace, `folder.logs/chain.jsonl`
-- the log. Without it there is nothing to compare with, and this is left out.
--
-- SPDX-License-Identifier: MIT

local host = require "tests.spec.host"
local json = require "dkjson"

local folder = os.getenv "CHAIN"

--- Paths of all requests in one run: from the event "gt KIND N begin" to the one with "end".
local script = [[
  local analysis = require "lttnga.analysis"
  local stats = require "lttnga.stats"
  local stock = dofile "lua/analyses/criticalpath.lua"
  return analysis {
    title = "Paths of requests",
    begin = function(w)
      w.graph, w.open, w.rows = stats.graph(), {}, {}
    end,
    collect = stock:collects { tid = { 1 } },
    on = {
      lttng_logger = function(w, time, msg, current_tid)
        local request, what = msg:match "^gt (%S+ %d+) (%a+)"
        if what == "begin" then
          w.open[request] = { request = request, first = time, tid = current_tid }
        elseif what == "end" then
          w.open[request].last = time
          w.rows[#w.rows + 1] = w.open[request]
        end
      end,
    },
    tables = { { "pieces", "Pieces", { { "Request", "string", "request" },
        { "First", "number", "first" }, { "Last", "number", "last" },
        { "Begin", "number", "begin" }, { "End", "number", "end" }, { "TID", "number", "tid" },
        { "State", "string", "state" }, { "Detail", "string", "detail" } },
      rows = function(w)
        local rows = {}
        for _, one in ipairs(w.rows) do
          for _, piece in ipairs(w.graph:path(one.tid, one.first, one.last)) do
            piece.request, piece.first, piece.last = one.request, one.first, one.last
            rows[#rows + 1] = piece
          end
        end
        return rows
      end } },
  }
]]

--- Kinds of phases that run beside the path: who has been asked works while the one that asked
-- does, or it is a thread of the kernel's that works for who is named.
local beside = { ["j-nested daemon"] = true, ["h-unix daemon"] = true, ["g-direct self"] = true,
  ["g-fsync self"] = true }

--- How much of a time pieces have for which a condition holds, ns.
local function covered(pieces, from, to, holds)
  local sum = 0
  for _, piece in ipairs(pieces) do
    if holds(piece) then
      sum = sum + math.max(0, math.min(piece["end"], to) - math.max(piece.begin, from))
    end
  end
  return sum
end

describe("paths of requests", function()
  if not folder then
    pending("are compared with a log if CHAIN names a trace that has one")
    return
  end

  local paths, phases = {}, {}
  for line in host.run(host.script(script), "--no-cache", "--output", "json", folder).out
    :gmatch "[^\n]+" do
    local row = json.decode(line)
    if row.request then
      paths[row.request] = paths[row.request] or {}
      table.insert(paths[row.request], row)
    end
  end
  for line in io.lines(folder .. ".logs/chain.jsonl") do
    phases[#phases + 1] = json.decode(line)
  end

  it("add up to the ns", function()
    local n = 0
    for _, pieces in pairs(paths) do
      local at = pieces[1].first
      for _, piece in ipairs(pieces) do
        assert.equal(at, piece.begin)
        at = piece["end"]
      end
      assert.equal(pieces[1].last, at)
      n = n + 1
    end
    assert.equal(300, n)
  end)

  it("have the threads that the log names, as far as these can be on them", function()
    local found, all, client = 0, 0, phases[1].tid
    for _, phase in ipairs(phases) do
      local pieces = paths[("%s %d"):format(phase.scenario, phase.req)]
      if phase.kind == "path" and not beside[phase.scenario .. " " .. phase.who] then
        local from, to = phase.begin_rt + 100000, phase.end_rt - 100000
        if to <= from then
          from, to = phase.begin_rt, phase.end_rt
        end
        local own = covered(pieces, from, to, function(piece)
          return piece.tid == phase.tid or piece.detail
            and piece.detail:find(("(%d)"):format(phase.tid), 1, true) ~= nil
        end)
        -- Nobody else is on the path while the client itself works, or could.
        local busy = covered(pieces, from, to, function(piece)
          return piece.tid == client and phase.tid ~= client and (piece.state == "running"
            or piece.state == "runnable" or piece.state == "preempted")
        end)
        local left = to - from - busy
        all = all + 1
        found = found + ((own >= 0.9 * left or left <= 0.1 * (to - from)) and 1 or 0)
      end
    end
    assert.is_true(all > 1000)
    assert.is_true(found >= 0.97 * all, ("%d of %d"):format(found, all))
  end)
end)
