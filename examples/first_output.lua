--- How long programs take from when they are executed until they write something.
--
--   lttnga-run requests --request examples/first_output.lua my-trace/

return {
  begin = { "process_exec" },
  ["end"] = { "io_end", where = 'io_class == "write" and size > 0', time = "time" },
  key = { "tid" },
  captures = { "path" },
  again = "replace",
}
