--- Checks that the progress bar copes with what is known of a trace.
--
-- SPDX-License-Identifier: MIT

package.loaded["lttnga.host"] = { terminal = function() return 80 end }
local progress = require "lttnga.progress"

describe("a progress bar", function()
  --- What a bar writes.
  local function shown(now, ...)
    local written, stderr = {}, io.stderr
    io.stderr = { -- luacheck: ignore 122
      write = function(_, ...) written[#written + 1] = table.concat { ... } end,
      flush = function() end,
    }
    progress.new({ ... }, true):show(now)
    io.stderr = stderr -- luacheck: ignore 122
    return table.concat(written)
  end

  it("shows how far the run has come", function()
    assert.matches("^\r%[#+ +%]  50 %% 00:00:00%.000\27%[K$", shown(50, { 0, 100 }))
  end)

  it("counts the time of each trace, which may be weeks apart, or overlap", function()
    local week = 7 * 86400 * 1000000000
    assert.matches("%] +50 %% ", shown(week, { 0, 100 }, { week, week + 100 }))
    assert.matches("%] +75 %% ", shown(week + 50, { 0, 100 }, { week, week + 100 }))
    assert.matches("%] +30 %% ", shown(50, { 0, 100 }, { 40, 140 }))
    assert.matches("%]   0 %% ", shown(-1, { 0, 100 }))
    assert.matches("%] 100 %% ", shown(101, { 0, 100 }, { 10, 5 }))
  end)

  it("shows the time alone if nothing is known", function()
    assert.equal("\r00:00:00.000\27[K", shown(50))
    assert.equal("\r00:00:00.000\27[K", shown(50, { 7, 7 }))
  end)
end)
