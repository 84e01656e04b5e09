--- Completion of the command line, for the shells: what could stand in place of the word that is
-- being typed. The scripts in completion/ call `lttnga-run --complete WORD...`, the last word is
-- that one. A candidate is a line, with a tab and a description where there is one; a line
-- ":folder" or ":file" stands for those that the shell knows.
--
-- SPDX-License-Identifier: MIT

local catalogue = require "lttnga.catalogue"
local definitions = require "lttnga.definitions"
local help = require "lttnga.help"
local host = require "lttnga.host"
local options = require "lttnga.options"
local scripts = require "lttnga.scripts"
local text = require "lttnga.text"

local complete = {}

--- Adds candidates that begin with a word, each once.
-- @tparam table found list of lines, is added to; also what is in it, as keys
-- @tparam string word
-- @tparam table list texts, or { text, description }
-- @tparam[opt=""] string before what stands before each of them in the word that is typed
local function add(found, word, list, before)
  for _, one in ipairs(list) do
    local name, about = one, nil
    if type(one) == "table" then
      name, about = one[1], one[2]
    end
    if name:sub(1, #word) == word and not name:find("%c") and not found[name] then
      found[name] = true
      found[#found + 1] = (before or "") .. name .. (about and "\t" .. text.clean(about) or "")
    end
  end
end

--- Analyses, and their other names, if something of a name is typed.
local function runnable(folder, word)
  local list = {}
  for _, entry in ipairs(scripts.list(folder)) do
    list[#list + 1] = { entry.name, entry.summary }
    for _, alias in ipairs(word ~= "" and catalogue.aliases_of(entry.name) or {}) do
      list[#list + 1] = { alias, "the same as " .. entry.name }
    end
  end
  return list
end

local function commands()
  local list = {}
  for i, command in ipairs(help.commands) do
    list[i] = { command.name, command.summary }
  end
  return list
end

--- Ids, or names of columns, of the tables of a script.
local function of_tables(script, get)
  local list = {}
  for i, spec in ipairs(script and script.analysis.tables or {}) do
    get(list, spec, i)
  end
  return list
end

--- The words that options take, by the kind that an option names as its `words`, or by its name.
local kinds = {
  scripts = function(folder) return runnable(folder, "") end,
  requests = function()
    local list = {}
    for i, one in ipairs(definitions.list()) do
      list[i] = { one.name, one.summary }
    end
    return list
  end,
  output = function(folder)
    local list = {}
    for _, file in ipairs(host.files(folder .. "/lib")) do
      list[#list + 1] = file:match("^render_(%w+)%.lua$")
    end
    table.sort(list)
    return list
  end,
  table = function(_, script)
    return of_tables(script, function(list, spec)
      list[#list + 1] = { spec.id, spec.title }
    end)
  end,
  columns = function(_, script)
    local seen = {}
    return of_tables(script, function(list, spec)
      for _, column in ipairs(spec.columns or {}) do
        if column.name and not seen[column.name] then
          list[#list + 1], seen[column.name] = column.name, true
        end
      end
    end)
  end,
}
kinds.sort = kinds.columns

--- Options whose values are paths.
local paths = { ["output-file"] = ":file", cache = ":folder", to = ":file",
  ["spans-to"] = ":file" }

--- Values of an option.
local function add_values(found, option, word, folder, script, before)
  local kind = kinds[option.words] or kinds[option.name]
  local list = option.choices or type(option.words) == "table" and option.words
    or kind and kind(folder, script) or {}
  -- Of a list it is the last one that is typed.
  local done = option.value and option.value:find(",...", 1, true) and word:match("^.*,") or ""
  add(found, word:sub(#done + 1), list, before .. done)
  found[#found + 1] = paths[option.name]
end

--- The option that a word names, with or without its value.
local function option_of(set, word)
  local name = word:match("^%-%-([^=]+)")
  if name then
    return set.by_name[name]
  end
  local letter = word:match("^%-(%a)$")
  for _, option in ipairs(letter and set.list or {}) do
    if option.short == letter then
      return option
    end
  end
  return nil
end

local function add_options(found, word, list, before)
  local names = {}
  for _, option in ipairs(list) do
    if not option.hidden then
      names[#names + 1] = { "--" .. option.name, (options.help_of(option):gsub("%s+", " ")) }
    end
  end
  add(found, word, names, before)
end

--- The script that a list of them ends with; a path is not loaded, as that would run it.
local function script_of(folder, word)
  local name = word:match("([^,]*)$"):match("^([%w_.-]+)")
  if not name or word:find("/", 1, true) or not scripts.find(folder, name) then
    return nil
  end
  local ok, script = pcall(scripts.load, folder, name)
  return ok and script or nil
end

--- What the words before say: the script or command, as far as there is one, and the option that
-- waits for its value.
local function read(folder, words)
  local all = { options.run, options.spans, options.session, options.other }
  for _, group in pairs(options.groups) do
    all[#all + 1] = group
  end
  local set = options.set(table.unpack(all))
  local found = { session = false }
  for i = 1, #words - 1 do
    local word = words[i]
    local option = option_of(set, word)
    if found.waiting then
      found.waiting = nil
    elseif word == "--" and found.name == "compare" then
      -- The analysis stands behind it.
      found.name, found.script, found.is_behind = nil, nil, true
      set = options.set(table.unpack(all))
    elseif word:find("^%-") then
      found.session = found.session or option and (option.name == "interactive")
      found.waiting = option and option.value and not word:find("=", 1, true) and option or nil
      found.help = found.help or option and option.name == "help"
    elseif not found.name then
      found.name = word
      found.script = script_of(folder, word)
      local own = found.script and { found.script.analysis.options } or help.options_of(word) or {}
      set = options.set(own[1] or {}, table.unpack(all))
    end
  end
  found.set = set
  return found
end

--- Inside "iolog:--limit=3,iol": the last script of the list.
-- @tparam[opt] boolean is_behind only analyses can stand there
local function add_scripts(found, word, folder, is_behind)
  local before, last = word:match("^(.*,)([^,]*)$")
  before, last = before or "", last or word
  local own, option = last:match("^(.*:)(%-[^:]*)$")
  local script = own and script_of(folder, own:match("^[^:]*"))
  if script then
    return add_options(found, option, script.analysis.options, before .. own)
  end
  add(found, last, runnable(folder, last), before)
  if before == "" and not is_behind then
    add(found, last, commands())
    found[#found + 1] = ":folder"
  end
end

--- Candidates.
-- @tparam string folder where our Lua files are
-- @tparam table words the command line without the program's name; the last one is being typed
-- @treturn string lines
function complete.lines(folder, words)
  local found, word = {}, words[#words] or ""
  local before = read(folder, words)
  local command = before.name and not before.script and before.name
  local name, value = word:match("^(%-%-[^=]+=)(.*)$")
  if before.waiting then
    add_values(found, before.waiting, word, folder, before.script, "")
  elseif command == "help" or before.help and not before.name then
    add(found, word, runnable(folder, word))
    add(found, word, commands())
    add(found, word, help.pages(folder))
  elseif name and option_of(before.set, name) then
    add_values(found, option_of(before.set, name), value, folder, before.script, name)
  elseif word:find("^%-") then
    local lists = help.options_of(command)
      or { before.script and before.script.analysis.options or {}, options.run, options.spans,
        options.session, not before.script and options.other or {} }
    add_options(found, word, options.set(table.unpack(lists)).list)
  elseif before.name or before.session then
    found[#found + 1] = ":folder"
  else
    add_scripts(found, word, folder, before.is_behind)
  end
  return found[1] and table.concat(found, "\n") .. "\n" or ""
end

return complete
