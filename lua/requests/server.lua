--- Requests to servers, with their answers: on one socket, from the first bytes read until the last
-- bytes written before the next read.
--
-- The socket was accepted by the process, or by the one that started it. What is read while an
-- answer is due belongs to the same request: several in one read (pipelining) count as one. What is
-- never answered does not count.

return {
  begin = { "io_end", where = 'io_class == "read" and side == "server" and size > 0',
    time = "time", port = "port", size = "size" },
  ["end"] = { "io_end", where = 'io_class == "write" and side == "server" and size > 0',
    time = "time", port = "port", size = "size" },
  drop = { { "fd_close" }, { "process_exit", where = "tid == pid", key = { "upid" } } },
  key = { "upid", "fd" },
  captures = { "fd", "peer" },
  again = "keep", last = true,
}
