--- Requests that disks completed.

return {
  each = { "disk_request_end", size = "transferred", error = "error" },
  captures = { "disk", "op" },
}
