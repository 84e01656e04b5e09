--- Scripts: where analyses are found, and how one is loaded into an environment of its own.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local text = require "lttnga.text"

local scripts = {}

local function readable(path)
  local file = io.open(path, "r")
  if not file then
    return false
  end
  -- A folder can be opened, but not read.
  local ok = file:read(0) or file:seek("end") == 0
  file:close()
  return ok and true or false
end

--- The user's own folder of analyses.
local function user_folder()
  local base = os.getenv("XDG_DATA_HOME")
  if not base or base == "" then
    base = (os.getenv("HOME") or "") .. "/.local/share"
  end
  return base .. "/lttnga/analyses"
end

local function folders(folder)
  return { user_folder(), folder .. "/analyses" }
end

--- Finds a script: as a path, then in the user's folder, then among the stock ones.
-- @tparam string folder where our Lua files are
-- @tparam string name path, or name with or without .lua
-- @treturn string path, or nil
function scripts.find(folder, name)
  if readable(name) then
    return name
  end
  if name:find("/", 1, true) then
    return nil
  end
  for _, place in ipairs(folders(folder)) do
    for _, suffix in ipairs { "", ".lua" } do
      local path = place .. "/" .. name .. suffix
      if readable(path) then
        return path
      end
    end
  end
  return nil
end

--- The heading of a script: its first comment lines, without the dashes.
function scripts.heading(source)
  local lines = {}
  for line in source:gmatch("([^\n]*)\n") do
    local comment = line:match("^%-%-%-?%s?(.*)$")
    if not comment and not line:match("^#!") then
      break
    end
    lines[#lines + 1] = comment
  end
  return (table.concat(lines, "\n"):gsub("%s+$", ""))
end

--- The source of a script.
function scripts.read(path)
  local file, message = io.open(path, "r")
  local source = file and file:read("a")
  if file then
    file:close()
  end
  if not source then
    fault.raise("cannot read %s: %s", path, message or "it is no file")
  end
  return source
end

--- All analyses that can be called by name; the user's own hide stock ones of the same name.
-- @treturn table list of { name, path, summary }, sorted by name
function scripts.list(folder)
  local found, entries = {}, {}
  for _, place in ipairs(folders(folder)) do
    for _, file in ipairs(host.files(place)) do
      local name = file:match("^(.*)%.lua$")
      if name and not found[name] then
        found[name] = true
        local path = place .. "/" .. file
        local summary = scripts.heading(scripts.read(path)):match("^[^\n]*")
        entries[#entries + 1] = { name = name, path = path, summary = summary }
      end
    end
  end
  table.sort(entries, function(a, b) return a.name < b.name end)
  return entries
end

--- The path of a script; a fault with the nearest name if there is none.
function scripts.find_or_fail(folder, name)
  local path = scripts.find(folder, name)
  if path then
    return path
  end
  local names = {}
  for i, entry in ipairs(scripts.list(folder)) do
    names[i] = entry.name
  end
  fault.usage("there is no analysis '%s'%s: --list shows them", name,
    text.did_you_mean((name:gsub("%.lua$", "")), names))
end

--- An environment of its own for a script: the standard library is there, what a script sets stays
-- with it, and reading a name that nobody set is an error.
local function environment()
  return setmetatable({}, {
    __index = function(_, name)
      local value = _G[name]
      if value == nil then
        error(("undefined variable '%s'"):format(tostring(name)), 2)
      end
      return value
    end,
  })
end

--- Loads a script by name.
-- @treturn table { name, path, source, analysis }
function scripts.load(folder, name)
  local path = scripts.find_or_fail(folder, name)
  local source = scripts.read(path)
  local chunk, message = load(source, "@" .. path, "t", environment())
  if not chunk then
    fault.raise("%s", message)
  end
  local ok, made = xpcall(chunk, function(err)
    -- What is wrong with an analysis as a whole has no line: say which script it is.
    if type(err) == "string" and not err:find("^[^\n]*:%d+: ") then
      return fault.new(fault.RUN, "%s: %s", path, err)
    end
    return fault.is(err) and err or fault.new(fault.RUN, "%s", debug.traceback(err, 2))
  end)
  if not ok then
    error(made, 0)
  end
  if type(made) == "table" and not analysis.is(made) and made.on then
    made = analysis(made)
  end
  if not analysis.is(made) then
    fault.raise("%s does not return an analysis: end it with `return analysis { ... }`", path)
  end
  return { name = name, path = path, source = source, analysis = made }
end

return scripts
