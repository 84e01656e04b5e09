--- What servers were asked, and answered: on one socket, from bytes that were read until the bytes
-- that were written before the next ones were read.
--
-- The socket is one that the process, or who has started it, has accepted. What is read while an
-- answer is due belongs to the same request: of several in one read (pipelining) there is one. What
-- is read and never answered is none.

return {
  begin = { "io_end", where = 'io_class == "read" and side == "server" and size > 0',
    time = "time", port = "port", size = "size" },
  ["end"] = { "io_end", where = 'io_class == "write" and side == "server" and size > 0',
    time = "time", port = "port", size = "size" },
  drop = { { "io_end", where = 'io_class == "close" and error == 0' },
    { "process_exit", where = "tid == pid", key = { "upid" } } },
  key = { "upid", "fd" },
  captures = { "fd", "peer" },
  again = "keep", last = true,
}
