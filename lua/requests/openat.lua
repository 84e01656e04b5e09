--- Attempts to open a file.

return {
  each = { "io_end", where = 'name in { "open", "openat", "openat2", "creat" }', error = "error" },
  captures = { "path" },
}
