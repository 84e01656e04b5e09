--- What programs have marked themselves: a line "NAME begin" and one "NAME end", written to
-- /proc/lttng-logger (the event lttng_logger).

return {
  begin = { "lttng_logger", where = 'msg ~ "* begin"', strip = { msg = " begin" } },
  ["end"] = { "lttng_logger", where = 'msg ~ "* end"', strip = { msg = " end" } },
  key = { "msg" },
  captures = { name = "msg" },
  -- "order 17" is one of "order".
  group = function(captures)
    return (captures.name:gsub("%s*%d+$", ""))
  end,
}
