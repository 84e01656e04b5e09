--- Checks that the progress bar copes with what is known of a trace.
--
-- SPDX-License-Identifier: MIT

package.loaded["lttnga.host"] = { terminal = function() return 80 end }
local progress = require "lttnga.progress"

describe("a progress bar", function()
  --- What a bar writes.
  local function shown(first, last)
    local written, stderr = {}, io.stderr
    io.stderr = { -- luacheck: ignore 122
      write = function(_, ...) written[#written + 1] = table.concat { ... } end,
      flush = function() end,
    }
    progress.new(first, last, true):show(50)
    io.stderr = stderr -- luacheck: ignore 122
    return table.concat(written)
  end

  it("shows how far the run has come", function()
    assert.matches("^\r%[#+ +%]  50 %% 00:00:00%.000\27%[K$", shown(0, 100))
  end)

  it("shows the time alone if begin or end is not known", function()
    assert.equal("\r00:00:00.000\27[K", shown(nil, 100))
    assert.equal("\r00:00:00.000\27[K", shown(0, nil))
    assert.equal("\r00:00:00.000\27[K", shown(nil, nil))
  end)
end)
