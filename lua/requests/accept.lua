--- Accepted connections, until the process closes them or exits.

return {
  begin = { "io_end", where = 'io_class == "accept" and error == 0', time = "time", port = "port" },
  ["end"] = { { "fd_close" }, { "process_exit", where = "tid == pid", key = { "upid" } } },
  key = { "upid", "fd" },
  captures = { "fd", "peer" },
  again = "replace",
}
