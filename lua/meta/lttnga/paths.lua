---@meta lttnga.paths

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What a time consists of, by cause and by who was behind it: compositions of critical paths.
local paths = {}

---The collects of a graph (see stats.graph) in `w.graph`, for `collect` of an analysis.
---@type table
paths.collect = {}

---A new graph for these collects. Those of all machines of a run are one, whose paths lead from
---one machine to another.
---@param about table what the function `run` of an analysis gets
---@return lttnga.Graph # see stats.graph
function paths.graph(about) end

---What tables of paths need, for `needs`.
---@type table
paths.needs = {}

---Says what a piece of a path is, and who is behind it.
---@param piece table see stats.graph
---@param utid integer of the thread whose time it is
---@return table # cause: "own" (it ran), "cpu" (another thread ran), "runqueue" (waited for a CPU), or what was waited for; name, tid: who or what; via: the wait that led there; host: the machine where that was, if it is another one
function paths.part_of(piece, utid) end

---Merges parts into one: names who it is only where that is the same.
---@param sum table
---@param part table
function paths.add_who(sum, part) end

---Adds a piece of a path to a composition; the parts of it add up to its time.
---@param composition table list of parts, also by key; each gets `time` (ns) and `count`
---@param piece table see stats.graph
---@param part table from paths.part_of
---@param duration? integer ns, if less than the whole piece
function paths.add(composition, piece, part, duration) end

---Something, and where it is, if that is another machine.
---@param what string
---@param part table or a piece
---@return string
function paths.placed(what, part) end

---A part as text: "disk vda", "CPU of holder (277), behind a lock".
---@param part table
---@return string
function paths.label(part) end

---A wait, as compositions have it, as a noun: "disk sda", "a lock".
---@param wait string the cause, or what led to another thread; "disk NAME" for a disk
---@return string
function paths.wait_label(wait) end

---The same as what a thread does: "waiting for a lock", "running".
---@param wait string
---@return string
function paths.doing(wait) end

---What goes on in parts of one wait: ", while holder runs"; "" if there is nothing to be said.
---@param parts table
---@return string
function paths.meanwhile(parts) end

---The kind of a part: what was waited for, or else its cause.
---@param part table
---@return string
function paths.kind_of(part) end

---Says in words that parts of one kind take longer: "wait 41 ms longer for a lock, most of it
---while holder (277) runs".
---@param rows table of one kind, each with `part` and `difference` (ns), the largest first
---@param total integer of their differences
---@return string
function paths.longer(rows, total) end

---A table of parts as text: what each is, its times, and its share, if it has one.
---@param above table lines above it, of which the first is the title
---@param titles table of the columns
---@param parts table lists of a label and times; `signed`: the last one is a difference
---@param about table width, classic
---@return string
function paths.parts_text(above, titles, parts, about) end

return paths
