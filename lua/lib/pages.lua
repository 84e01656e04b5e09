--- Pages of the page cache by the thread that they belong to, and by file.
--
-- SPDX-License-Identifier: MIT

local thread = require "lttnga.thread"

local pages = {}

--- Bytes of a page. (Some machines have larger ones: these count as several.)
pages.SIZE = 4096

--- The number of pages of 4 KiB in a size.
-- @tparam integer size bytes
-- @treturn integer
function pages.count(size)
  return (size + pages.SIZE - 1) // pages.SIZE
end

--- The name of a file for people, also if it is not known. Journals make the file system's own
-- blocks dirty: inodes, bitmaps, directories.
-- @tparam[opt] string path
-- @tparam[opt] string procname of the thread that made its pages dirty
-- @treturn string
function pages.file(path, procname)
  return path or (procname or ""):find("^jbd2?/") and "metadata" or "unknown"
end

local Owners = {}
Owners.__index = Owners

--- Makes an empty collection of pages.
-- @treturn Owners
function pages.owners()
  return setmetatable({ size = 0, by_name = {} }, Owners)
end

--- What tells owners of the same name apart: the TID, or if that is not known, the process.
local function number_of(tid, pid)
  return tid or -1 - (pid or 0)
end

--- The owner of this name and number, which is made if it is new. TIDs are reused: the name mostly
-- tells those apart.
local function owner_of(self, tid, pid, procname)
  local by_tid = self.by_name[procname or ""]
  if not by_tid then
    by_tid = {}
    self.by_name[procname or ""] = by_tid
  end
  local owner = by_tid[number_of(tid, pid)]
  if not owner then
    owner = { process = { tid = tid, name = procname }, size = 0, files = {} }
    by_tid[number_of(tid, pid)] = owner
  end
  return owner, by_tid
end

--- Adds pages of a thread and a file; a negative size takes them away.
-- @tparam[opt] integer tid nil if nothing is known of the thread
-- @tparam[opt] integer pid
-- @tparam[opt] string procname
-- @tparam[opt] string path nil if nothing is known of the file
-- @tparam integer size bytes
function Owners:add(tid, pid, procname, path, size)
  local owner, by_tid = owner_of(self, tid, pid, procname)
  owner.process.pid = pid or owner.process.pid
  path = path or ""
  self.size = self.size + size
  owner.size = owner.size + size
  owner.files[path] = (owner.files[path] or 0) + size
  if owner.files[path] == 0 then
    owner.files[path] = nil
  end
  if owner.size == 0 and not next(owner.files) then
    by_tid[number_of(tid, pid)] = nil
    if not next(by_tid) then
      self.by_name[procname or ""] = nil
    end
  end
end

local function before(a, b)
  if a.size ~= b.size then
    return a.size > b.size
  end
  return a.key < b.key
end

--- Keeps the largest `limit` of what comes, and counts the others.
local function largest(limit)
  local list = { more = 0 }
  return list, function(one)
    local at = #list + 1
    if at > limit then
      list.more = list.more + 1
      if not before(one, list[limit]) then
        return
      end
      at = limit
    end
    while at > 1 and before(one, list[at - 1]) do
      list[at] = list[at - 1]
      at = at - 1
    end
    list[at] = one
  end
end

--- The owners, the largest first.
-- @tparam[opt] integer limit at most so many, and so many files of each
-- @treturn table list of { process =, size =, files = { { path =, size = }, ... } }; `more` is how
-- many there are beside those, `size` the size of all
function Owners:list(limit)
  limit = limit or math.huge
  local list, add = largest(limit)
  list.size = self.size
  for name, by_tid in pairs(self.by_name) do
    for tid, owner in pairs(by_tid) do
      add { key = ("%s %d"):format(name, tid), size = owner.size, owner = owner }
    end
  end
  for i, one in ipairs(list) do
    local files, add_file = largest(limit)
    for path, size in pairs(one.owner.files) do
      add_file { key = path, path = path ~= "" and path or nil, size = size }
    end
    local process = one.owner.process
    list[i] = { size = one.size, files = files,
      process = { tid = process.tid, pid = process.pid, name = process.name } }
  end
  return list
end

--- Goes through the files of a list of owners: `for owner, file in pages.each_file(list) do`.
-- @tparam table list
-- @treturn function
function pages.each_file(list)
  return coroutine.wrap(function()
    for _, owner in ipairs(list) do
      for _, file in ipairs(owner.files) do
        coroutine.yield(owner, file)
      end
    end
  end)
end

--- Writes the first of a list with `write`, and how many more there are.
local function add_some(lines, list, indent, shown, write)
  for i = 1, math.min(shown, #list) do
    write(list[i])
  end
  local more = #list - math.min(shown, #list) + list.more
  if more > 0 then
    lines[#lines + 1] = ("%sand %d more"):format(indent, more)
  end
end

--- Adds lines about owners and their files: "vim (31517): 1 pages", " - blabla : 1 pages".
-- @tparam table lines
-- @tparam string indent
-- @tparam string heading with a %d for the number of pages
-- @tparam table list from list()
-- @tparam integer shown at most so many owners, and files of each
function pages.add_lines(lines, indent, heading, list, shown)
  if list.size == 0 then
    return
  end
  lines[#lines + 1] = indent .. heading:format(pages.count(list.size))
  local deeper = indent .. "      "
  add_some(lines, list, deeper, shown, function(owner)
    lines[#lines + 1] = ("%s%s: %d pages"):format(deeper, thread.label(owner.process),
      pages.count(owner.size))
    add_some(lines, owner.files, deeper .. " ", shown, function(file)
      lines[#lines + 1] = ("%s - %s : %d pages"):format(deeper,
        pages.file(file.path, owner.process.name), pages.count(file.size))
    end)
  end)
end

return pages
