--- Requests that a program sends to servers, with their answers: on one socket, from when the first
-- bytes are to be written until the last bytes are read before the next write.
--
-- The socket was connected by the process, or by the one that started it. What is written while an
-- answer is due belongs to the same request. What is never answered does not count.

return {
  begin = { "io_end", where = 'io_class == "write" and side == "client" and size > 0',
    time = "begin", port = "port", size = "size" },
  ["end"] = { "io_end", where = 'io_class == "read" and side == "client" and size > 0',
    time = "time", port = "port", size = "size" },
  drop = { { "fd_close" }, { "process_exit", where = "tid == pid", key = { "upid" } } },
  key = { "upid", "fd" },
  captures = { "fd", "peer" },
  again = "keep", last = true,
}
