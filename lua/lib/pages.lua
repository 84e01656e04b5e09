--- Pages of the page cache by the threads that they belong to, and by file.
--
-- SPDX-License-Identifier: MIT

local pages = {}

--- Bytes of a page. (Some machines have larger ones: these count as several.)
pages.SIZE = 4096

--- How many pages a size takes.
-- @tparam integer size bytes
function pages.count(size)
  return (size + pages.SIZE - 1) // pages.SIZE
end

local Owners = {}
Owners.__index = Owners

--- No pages yet.
function pages.owners()
  return setmetatable({ size = 0, by_tid = {} }, Owners)
end

--- Adds pages of a thread and a file, or takes them away (a negative size).
-- @tparam[opt] integer tid of the thread; nil is one that nothing is known of
-- @tparam[opt] integer pid
-- @tparam[opt] string procname
-- @tparam[opt] string path nil is a file that nothing is known of
-- @tparam integer size bytes
function Owners:add(tid, pid, procname, path, size)
  local owner = self.by_tid[tid or -1]
  if not owner then
    owner = { process = {}, size = 0, files = {} }
    self.by_tid[tid or -1] = owner
  end
  local process = owner.process
  process.tid, process.pid, process.name = tid, pid or process.pid, procname or process.name
  path = path or ""
  self.size = self.size + size
  owner.size = owner.size + size
  owner.files[path] = (owner.files[path] or 0) + size
  if owner.files[path] == 0 then
    owner.files[path] = nil
  end
  if owner.size == 0 and not next(owner.files) then
    self.by_tid[tid or -1] = nil
  end
end

local function by_size(a, b)
  if a.size ~= b.size then
    return a.size > b.size
  end
  return a.key < b.key
end

--- Owners { process =, size =, files = { { path =, size = }, ... } }, the largest first, and so are
-- the files of each.
function Owners:list()
  local list = {}
  for tid, owner in pairs(self.by_tid) do
    local files = {}
    for path, size in pairs(owner.files) do
      files[#files + 1] = { key = path, path = path ~= "" and path or nil, size = size }
    end
    table.sort(files, by_size)
    local process = owner.process
    list[#list + 1] = { key = tid, size = owner.size, files = files,
      process = { tid = process.tid, pid = process.pid, name = process.name } }
  end
  table.sort(list, by_size)
  return list
end

return pages
