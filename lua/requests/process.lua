--- Processes, from fork, or from the last program that they executed, until they exit.

return {
  begin = { { "process_start", where = "not thread" }, { "process_exec" } },
  ["end"] = { "process_exit", where = "tid == pid" },
  key = { "upid" },
  captures = { "tid" },
  again = "replace",
}
