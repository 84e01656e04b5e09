---@meta lttnga.top

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---@class lttnga.Top
local Top = {}

---The N largest of many values.
local top = {}

---Makes an object for a `collect` that keeps the events with the largest numbers for each key: it
---takes a string, a number, and any fields to keep.
---@param limit? integer how many to keep for each key; 0 keeps all (default: 10)
---@return lttnga.Largest
function top.of_each(limit) end

---Makes a ranking that hooks fill.
---@param limit? integer how many rows to keep; 0 keeps all (default: 10)
---@return lttnga.Top
function top.new(limit) end

---Whether a row with this value would be among the largest so far: saves making rows in vain.
---@param value number
---@return boolean
function Top:takes(value) end

---Adds a row if it is among the largest so far.
---@param value number what it is ranked by
---@param row any
function Top:add(value, row) end

---The rows, the largest first; equal ones in the order in which they came.
---@return table
function Top:rows() end

---What it holds, as plain Lua, for merge().
---@return table
function Top:save() end

---Adds what a later one has saved: that of a later part of the window.
---@param rows table
function Top:merge(rows) end

---The rows of a list with the largest values, the largest first; equal ones in their order.
---@param rows table
---@param by string|function the field, or a function of the row
---@param limit? integer how many; 0: all (default: 0)
---@param over? number leave out rows that are not above this
---@return table # rows
---@return integer # how many there are without the limit
function top.most(rows, by, limit, over) end

return top
