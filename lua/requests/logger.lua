--- What programs mark themselves: lines "NAME begin" and "NAME end", written to
-- /proc/lttng-logger (the event lttng_logger), or by lttng_ust_tracef() and tracelog().

local events = { "lttng_logger", "lttng_ust_tracef:event" }
for _, level in ipairs { "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO",
  "DEBUG_SYSTEM", "DEBUG_PROGRAM", "DEBUG_PROCESS", "DEBUG_MODULE", "DEBUG_UNIT",
  "DEBUG_FUNCTION", "DEBUG_LINE", "DEBUG" } do
  events[#events + 1] = "lttng_ust_tracelog:TRACE_" .. level
end

--- One side: a line that ends with a word, without that.
local function side(word)
  local list = {}
  for i, event in ipairs(events) do
    list[i] = { event, where = ('msg ~ "* %s"'):format(word), strip = { msg = " " .. word } }
  end
  return list
end

return {
  begin = side "begin", ["end"] = side "end",
  key = { "msg" },
  captures = { name = "msg" },
  -- "order 17" is one of "order".
  group = function(captures)
    return (captures.name:gsub("%s*%d+$", ""))
  end,
}
