---@meta lttnga.pages

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Owners
local Owners = {}

---Pages of the page cache by the thread that they belong to, and by file.
local pages = {}

---Bytes of a page. (Some machines have larger ones: these count as several.)
---@type integer
pages.SIZE = 4096

---The number of pages of 4 KiB in a size.
---@param size integer bytes
---@return integer
function pages.count(size) end

---The name of a file for people, also if it is not known. Journals make the file system's own
---blocks dirty: inodes, bitmaps, directories.
---@param path? string
---@param procname? string of the thread that made its pages dirty
---@return string
function pages.file(path, procname) end

---Makes an empty collection of pages.
---@return lttnga.Owners
function pages.owners() end

---Adds pages of a thread and a file; a negative size takes them away.
---@param tid? integer nil if nothing is known of the thread
---@param pid? integer
---@param procname? string
---@param path? string nil if nothing is known of the file
---@param size integer bytes
function Owners:add(tid, pid, procname, path, size) end

---The owners, the largest first.
---@param limit? integer at most so many, and so many files of each
---@return table # list of { process =, size =, files = { { path =, size = }, ... } }; `more` is how many there are beside those, `size` the size of all
function Owners:list(limit) end

---Goes through the files of a list of owners: `for owner, file in pages.each_file(list) do`.
---@param list table
---@return function
function pages.each_file(list) end

---Adds lines about owners and their files: "vim (31517): 1 pages", " - blabla : 1 pages".
---@param lines table
---@param indent string
---@param heading string with a %d for the number of pages
---@param list table from list()
---@param shown integer at most so many owners, and files of each
function pages.add_lines(lines, indent, heading, list, shown) end

return pages
