--- Calls that flush files to the disk: fsync, fdatasync, sync and others.

return {
  each = { "io_end", where = 'io_class == "sync"', error = "error" },
  captures = { "name", "fd", "path" },
}
