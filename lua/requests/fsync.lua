--- Calls that write to the disk what was written to files before.

return {
  each = { "io_end", where = 'io_class == "sync"', error = "error" },
  captures = { "name", "fd", "path" },
}
