--- Rows of what has ended in a window, and of what is still open when the window ends: calls,
-- wakeups, interrupts. Open ones come from the events *_open, are rows of their own in logs and
-- tops, and count in no statistics.
--
-- SPDX-License-Identifier: MIT

local ends = {}

--- The fields of a row of what has ended, for `set` of a collect.
ends.over = { open = false }

--- The fields of a row of what is open, for `set` of a collect.
ends.open = { open = true, still = "open", more = "> " }

--- The column that says whether a row is open, for machines.
ends.column = { "Open", "bool", "open", hidden = true }

--- A template for `line` of a table: from when to when it was.
ends.range = "[{begin:time}, {still}]|[{begin:time}, {time:time}]"

--- What takes the place of ends.range if lines are short, for `shorter`.
ends.shorter = { "{begin:time}", "Begin" }

--- A template for `line` of a table: how long it took, or has taken so far.
ends.duration = "{more}{duration:us}|{duration:us}"

--- Marks a row (a copy of an event).
-- @tparam table row
-- @tparam table as ends.over or ends.open
-- @treturn table the row
function ends.mark(row, as)
  for key, value in pairs(as) do
    row[key] = value
  end
  return row
end

--- Makes the collect of what is open out of that of what has ended.
-- @tparam table given the collect of the other event
-- @tparam string event name of the event *_open
-- @tparam[opt] table without set of the fields that this event does not have
-- @treturn table
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
