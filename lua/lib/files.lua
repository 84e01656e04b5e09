--- What analyses of files share: which calls open one; and what is a file, for those that leave out
-- sockets, pipes and devices unless --all is given.
--
-- SPDX-License-Identifier: MIT

local files = {}

--- The calls that open files; others of the class `open` make sockets, and copies of descriptors.
files.opens = { "open", "openat", "openat2", "creat", "open_by_handle_at" }

--- The option that shows the rest, too. A socket of which nothing tells the kind is known by its
-- name only.
files.option = { name = "all", short = "a", help = "also sockets, pipes and devices",
  filter = { "path", "globs", { "!socket", "!socket:*" }, unless = true } }

--- The values of `file_type` that are wanted, for `only` of a collect; nil if all are.
-- @tparam table options of the command line
function files.types(options)
  return not options.all and { "file", "virtual", "unknown" } or nil
end

return files
