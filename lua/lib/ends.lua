--- Rows of what has ended in the window, and of what is still open when it ends: calls, wakeups,
-- interrupts. Those that are open come from the events *_open, stand in logs and tops as rows of
-- their own, and count in no statistics.
--
-- SPDX-License-Identifier: MIT

local ends = {
  -- What is collected as `set` with events of what has ended, and of what is open.
  over = { open = false },
  open = { open = true, still = "open", more = "> " },
  -- The column that says so, for machines.
  column = { "Open", "bool", "open", hidden = true },
  -- Cells of lines of text (see docs/writing-analyses.md): from when to when, what of that is shown
  -- where lines are short, and how long.
  shorter = { "{begin:time}", "Begin" },
  range = "[{begin:time}, {still}]|[{begin:time}, {time:time}]",
  duration = "{more}{duration:us}|{duration:us}",
}

--- The copy of an event as a row.
-- @tparam table row
-- @tparam table as ends.over or ends.open
function ends.mark(row, as)
  for key, value in pairs(as) do
    row[key] = value
  end
  return row
end

--- A collect of what is open, beside one of what has ended.
-- @tparam table given a collect of the other event
-- @tparam string event its name
-- @tparam[opt] table without set of fields that this event does not have
function ends.collect(given, event, without)
  local one = { set = {} }
  for key, value in pairs(given) do
    if math.type(key) ~= "integer" then
      one[key] = value
    end
  end
  for _, field in ipairs(given) do
    if not (without and without[field]) then
      one[#one + 1] = field
    end
  end
  one[1], one.set = event, ends.mark(ends.mark({}, given.set or {}), ends.open)
  return one
end

return ends
