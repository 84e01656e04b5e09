--- Processes, from when they were forked, or from the program that they executed last, until they
-- exited.

return {
  begin = { { "process_start", where = "not thread" }, { "process_exec" } },
  ["end"] = { "process_exit", where = "tid == pid" },
  key = { "upid" },
  captures = { "tid" },
  again = "replace",
}
