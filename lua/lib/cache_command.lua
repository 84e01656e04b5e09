--- `lttnga-run cache`: lists what is saved of traces, and removes it.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local cache = require "lttnga.cache"
local fault = require "lttnga.fault"
local help = require "lttnga.help"
local host = require "lttnga.host"
local options = require "lttnga.options"
local render_text = require "lttnga.render_text"
local tables = require "lttnga.tables"
local terminal = require "lttnga.terminal"
local text = require "lttnga.text"

local command = {}

--- What is done instead of listing.
local removing = { "remove", "prune", "clear" }

--- How the states of a list are called, see cache.list.
local called = {
  good = "ok", other = "other version", damaged = "damaged", gone = "trace is gone",
  changed = "trace changed", unreadable = "trace cannot be read", unfinished = "being written",
  left = "left over",
}

--- What is of no use, and nobody works on.
local useless = { other = true, damaged = true, gone = true, changed = true, left = true }

--- The traces of a file; how they were read, if that was not as usual, stands behind them.
local function traces_text(origin)
  return table.concat(origin, ", ") .. (origin.whole and " (--no-intersection)" or "")
    .. (origin.user and " (with user space)" or "")
    .. (origin.clocks and " (with corrected clocks)" or "")
end

command.analysis = analysis {
  title = "Saved states", on = {}, selects = {},
  tables = {
    { "saved-states", "Saved states", {
      { "Traces", "list", "origin", unknown = true, heading = "Trace", text = traces_text },
      { "Holds", "string", function(file) return file.tables and "tables" or "states" end },
      { "Size", "size", "size" },
      { "Last used", "timestamp", "used", spare = 1 },
      { "State", "string", function(file) return called[file.state] end },
      { "No intersection", "bool", function(file) return file.origin and file.origin.whole end,
        hidden = true },
      { "User space", "bool", function(file) return file.origin and file.origin.user end,
        hidden = true },
      { "Corrected clocks", "bool", function(file)
        return file.origin and file.origin.clocks ~= nil
      end, hidden = true },
      { "File", "path", "path", hidden = true },
    }, rows = function(w) return w.files end },
  },
}

--- The options that it takes: those of its help, and those that its table has.
local listed = help.options_of "cache"
command.options = options.set(listed[1], listed[2], command.analysis.options)

--- Whether a file is of a trace, or of one below that folder.
local function is_of(file, folder)
  local below = folder == "/" and folder or folder .. "/"
  for _, path in ipairs(file.origin or {}) do
    if path == folder or path:sub(1, #below) == below then
      return true
    end
  end
  return false
end

--- The files that are of any of some traces; all if none is named.
-- @treturn table list of files; list of the traces that none is of
local function select_files(files, paths)
  if not paths[1] then
    return files, {}
  end
  local taken, chosen, unknown = {}, {}, {}
  for _, path in ipairs(paths) do
    local folder, any = host.real_path(path), false
    for _, file in ipairs(files) do
      if is_of(file, folder) then
        taken[file], any = true, true
      end
    end
    unknown[#unknown + 1] = not any and path or nil
  end
  for _, file in ipairs(files) do
    chosen[#chosen + 1] = taken[file] and file or nil
  end
  return chosen, unknown
end

--- How many files, in words.
local function files_text(n)
  return n == 1 and "1 file" or n .. " files"
end

local function size_of(files)
  local size = 0
  for _, file in ipairs(files) do
    size = size + file.size
  end
  return size
end

-- ---- Listing ----

--- How much there is, of how much.
local function summary(folder, files, trouble)
  local limit = cache.limit()
  local of = limit == math.maxinteger and "no limit" or "limit: " .. cache.size_text(limit)
  return ("%s, %s, in %s (%s)\n"):format(files_text(#files), cache.size_text(size_of(files)),
    text.clean(folder), of)
    .. (trouble and ("nothing can be saved there: %s\n"):format(trouble) or "")
end

local function list(folder, files, values, world, trouble)
  local one, columns = command.analysis.tables[1], command.analysis:columns_for(values)[1]
  local result = tables.fill(one, columns, { options = values, files = files })[1]
  local about = terminal.of(values)
  about.gmt, about.date = values.gmt, true
  if values.output ~= "text" then
    local renderer = require("lttnga.render_" .. values.output).new(world.write, about)
    renderer:window({ result })
    renderer:finish {}
    return
  end
  result.unlimited = false -- a list is whole
  local written = render_text.table(result, about)
  world.write(written .. (written ~= "" and "\n" or "") .. summary(folder, files, trouble))
end

-- ---- Removing ----

--- Removes files, and returns how many, and their size.
local function remove(folder, files)
  local removed, size = 0, 0
  for _, file in ipairs(files) do
    local ok, message = cache.remove(folder, file)
    if not ok then
      fault.raise("%s", message)
    end
    removed, size = removed + 1, size + file.size
  end
  return removed, size
end

--- Removes what is of no use, then what is over the limit.
local function prune(folder, files)
  local chosen = {}
  for _, file in ipairs(files) do
    chosen[#chosen + 1] = useless[file.state] and file or nil
  end
  local removed, size = remove(folder, chosen)
  local more, their_size = cache.make_room(folder, cache.limit())
  return removed + more, size + their_size
end

-- ---- The command ----

--- Refuses what does not go together.
local function check(values, paths)
  local asked
  for _, name in ipairs(removing) do
    if values[name] then
      if asked then
        fault.usage("--%s and --%s cannot be used together", asked, name)
      end
      asked = name
    end
  end
  if asked == "remove" and not paths[1] then
    fault.usage("cache --remove needs a trace: lttnga-run cache --remove TRACE")
  elseif asked and asked ~= "remove" and paths[1] then
    fault.usage("--%s is for all traces; --remove removes the states of '%s'", asked, paths[1])
  end
end

--- Lists or removes saved states.
-- @tparam table values of command.options
-- @tparam table paths traces
-- @tparam table world write: takes results; say: takes a kind and a text for the user
function command.go(values, paths, world)
  check(values, paths)
  local folder = cache.folder(values)
  if not folder then
    fault.raise("no directory for saved states: neither HOME nor XDG_CACHE_HOME is set; use "
      .. "--cache")
  end
  local files, trouble = cache.list(folder)
  local chosen, unknown = select_files(files, paths)
  if values.remove and unknown[1] then
    fault.raise("no saved states of %s", unknown[1])
  end
  for _, path in ipairs(unknown) do
    world.say("note: ", ("no saved states of %s"):format(path))
  end
  local removed, size
  if values.prune then
    removed, size = prune(folder, files)
  elseif values.remove or values.clear then
    removed, size = remove(folder, chosen)
  else
    list(folder, chosen, values, world, trouble)
    return
  end
  world.write(("removed %s (%s)\n"):format(files_text(removed), cache.size_text(size)))
end

return command
