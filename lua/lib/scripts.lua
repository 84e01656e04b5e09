--- Scripts: where analyses are found, and how one is loaded into an environment of its own.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local catalogue = require "lttnga.catalogue"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local text = require "lttnga.text"
local xdg = require "lttnga.xdg"

local scripts = {}

--- Sources by path: what comes out of a pipe can be read only once.
local sources = {}

--- The source of a script; nil if it can't be read.
local function read(path)
  local file = not sources[path] and io.open(path, "r")
  if file then
    -- A folder can be opened, but gives nil.
    sources[path] = file:read("a")
    file:close()
  end
  return sources[path]
end

--- Where analyses are looked for: in the user's own folder, then among the stock ones.
local function folders(folder)
  local own, stock = xdg.folder "DATA", folder .. "/analyses"
  return own and { own .. "/analyses", stock } or { stock }
end

--- Finds a script. A name without a slash is looked for in the user's folder, then among the stock
-- ones, and only then, and if it ends in .lua, in the current folder: what lies there can be a
-- stranger's. Last come the names that other tools have for stock ones.
-- @tparam string folder where our Lua files are
-- @tparam string name path, or name with or without .lua
-- @treturn string path, or nil
function scripts.find(folder, name)
  if name:find("/", 1, true) then
    return read(name) and name or nil
  end
  for _, place in ipairs(folders(folder)) do
    for _, suffix in ipairs { "", ".lua" } do
      local path = place .. "/" .. name .. suffix
      if read(path) then
        return path
      end
    end
  end
  if name:find("%.lua$") and read(name) then
    return name
  end
  local known = catalogue.of_alias(name)
  return known and scripts.find(folder, known)
end

--- Whether a file has something in it that can be read.
local function is_there(path)
  local file <close> = io.open(path, "r")
  return file ~= nil and file:read(1) ~= nil
end

--- Names for which a note said that a file of that name does not run.
local told = {}

--- A note, once for each name, if a file of this name lies in the current folder, where it is not
-- looked for.
-- @tparam string name as it was asked for
-- @tparam string path where that was found
-- @treturn string note, or nil
local function note_unused(name, path)
  if told[name] or path == name or name:find("/", 1, true) or not is_there(name) then
    return nil
  end
  told[name] = true
  return ("running the analysis '%s'; to run the file of this name here, use ./%s"):format(
    name, name)
end

--- A source as Lua takes it: without the byte order mark that some editors write, and with an empty
-- line where `#!` says what runs it.
function scripts.plain(source)
  return (source:gsub("^\xef\xbb\xbf", ""):gsub("^#![^\n]*", ""))
end

--- The heading of a script: its first comment lines, without the dashes.
function scripts.heading(source)
  local lines = {}
  for line in scripts.plain(source):gsub("^\n", ""):gmatch("([^\n]*)\n") do
    local comment = line:match("^%-%-%-?%s?(.-)%s*$")
    if not comment then
      break
    end
    lines[#lines + 1] = text.clean((comment:gsub("\t", "  ")))
  end
  return (table.concat(lines, "\n"):gsub("%s+$", ""))
end

--- The summary of a script: the first sentence of its heading.
function scripts.summary(source)
  local paragraph = scripts.heading(source):match("^(.-)\n\n") or scripts.heading(source)
  paragraph = paragraph:gsub("\n", " ")
  return paragraph:match("^.-[^.]%.%f[%s\0]") or paragraph
end

--- Lets scripts be read again: they may have been changed since.
function scripts.forget()
  sources = {}
end

--- The source of a script that was found.
function scripts.source(path)
  return sources[path]
end

--- All scripts in some folders; those of an earlier one hide others of the same name. What can't be
-- read, or is hidden, is none.
-- @treturn table list of { name, path, summary }, sorted by name
function scripts.list_in(places)
  local found, entries = {}, {}
  for _, place in ipairs(places) do
    for _, file in ipairs(host.files(place)) do
      local name = file:match("^([^.].*)%.lua$")
      local path = place .. "/" .. file
      local source = name and not found[name] and read(path)
      if source then
        found[name] = true
        entries[#entries + 1] = { name = name, path = path, summary = scripts.summary(source) }
      end
    end
  end
  table.sort(entries, function(a, b) return a.name < b.name end)
  return entries
end

--- All analyses that can be called by name; the user's own hide stock ones of the same name.
-- @treturn table see scripts.list_in
function scripts.list(folder)
  return scripts.list_in(folders(folder))
end

--- Looks for a script.
-- @treturn string path; a fault with the nearest name if there is none
-- @treturn string note that the user should be told, or nil
function scripts.find_or_fail(folder, name)
  local path, is_path = scripts.find(folder, name), name:find("/", 1, true)
  if path then
    return path, note_unused(name, path)
  elseif is_path then
    fault.usage("no such script or trace: %s", name)
  elseif is_there(name) then
    fault.usage("unknown analysis '%s'; to run the file of this name here, use ./%s", name, name)
  end
  local names = {}
  for i, entry in ipairs(scripts.list(folder)) do
    names[i] = entry.name
  end
  table.move({ "cache", "help", "index" }, 1, 3, #names + 1, names)
  fault.usage("unknown analysis '%s'%s; see --list", name,
    text.did_you_mean((name:gsub("%.lua$", "")), names))
end

--- The libraries of which each script has a copy: what it changes there stays with it, too.
local libraries = { "coroutine", "debug", "io", "math", "os", "string", "table", "utf8" }

--- A suggestion for a name that was not set, for the end of a message.
-- @tparam string name
-- @tparam table known the names that there are, as keys
-- @tparam[opt=""] string before put before an assignment
function scripts.hint(name, known, before)
  if name:find("^[%a_]+$") and pcall(require, "lttnga." .. name) then
    return (": %s%s = require \"lttnga.%s\""):format(before or "", name, name)
  end
  local names = {}
  for key in pairs(known) do
    names[#names + 1] = type(key) == "string" and key or nil
  end
  table.sort(names)
  return text.did_you_mean(name, names)
end

--- An environment of its own for a script: the standard library is there, what a script sets stays
-- with it, and reading a name that was not set is an error.
local function environment()
  local own = {}
  own._G = own
  for _, name in ipairs(libraries) do
    own[name] = {}
    for key, value in pairs(_G[name]) do
      own[name][key] = value
    end
  end
  return setmetatable(own, {
    __index = function(_, name)
      local value = _G[name]
      if value == nil then
        name = tostring(name)
        error(("undefined variable '%s'%s"):format(name, scripts.hint(name, _G, "local ")), 2)
      end
      return value
    end,
  })
end

--- Whether what a script returns is an analysis, or makes one.
function scripts.is_analysis(made)
  return analysis.is(made)
    or type(made) == "table" and (made.on or made.collect or made.sections) ~= nil
end

--- Runs a file that has been found, in an environment of its own.
-- @tparam string path
-- @return what it returns; a fault if it goes wrong
function scripts.run_file(path)
  local source = read(path) or sources[path]
  if not source then
    fault.usage("cannot open %s: no such file", path)
  end
  local chunk, message = load(scripts.plain(source), "@" .. path, "t", environment())
  if not chunk then
    fault.raise("%s", message)
  end
  local ok, made = xpcall(chunk, function(err)
    -- What is wrong with an analysis as a whole has no line: say which script it is.
    if type(err) == "string" and not err:find("^.-:%d+: ") then
      return fault.new(fault.RUN, "%s: %s", path, err)
    end
    local caught = fault.caught(err) -- no tail call: the traceback counts levels
    return caught
  end)
  if not ok then
    error(made, 0)
  end
  return made
end

--- As analysis(), but a mistake has no place of ours before it: this is a tail call.
local function analysis_of(given)
  return analysis(given)
end

--- Loads a script by name.
-- @treturn table { name, path, source, analysis }
-- @treturn string note that the user should be told, or nil
function scripts.load(folder, name)
  local path, note = scripts.find_or_fail(folder, name)
  local source, made = sources[path], scripts.run_file(path)
  if type(made) == "table" and not analysis.is(made) and scripts.is_analysis(made) then
    local ok, what = pcall(analysis_of, made)
    made = ok and what or fault.raise("%s: %s", path, tostring(what))
  end
  if not analysis.is(made) then
    fault.raise("%s does not return an analysis: end it with `return analysis { ... }`", path)
  end
  local known = catalogue.of_alias(name)
  return {
    name = known and path:find("/" .. known .. ".lua", 1, true) and known or name,
    path = path, source = source, analysis = made,
  }, note
end

return scripts
