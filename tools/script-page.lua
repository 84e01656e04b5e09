-- Prints docs/script-reference.md with its lists made anew: they stand between the comments
-- <!-- LIST --> and <!-- end -->, and are made from lua/lib/keys.lua, the comments of lua/lib, and
-- those of methods in host/. Run by `make docs`.
--
-- SPDX-License-Identifier: MIT

local comments = dofile "tools/doc_comments.lua"
local keys = require "lttnga.keys"
local options = require "lttnga.options"

local WIDTH = 100

local function code(text)
  return "`" .. text .. "`"
end

--- A cell of a table: bars would end it.
local function cell(text)
  return (text:gsub("|", "\\|"))
end

--- A table of Markdown.
local function rows_of(heading, list, row)
  local lines = { "| " .. table.concat(heading, " | ") .. " |",
    "|" .. ("---|"):rep(#heading) }
  for _, one in ipairs(list) do
    local cells = {}
    for i, text in ipairs(row(one)) do
      cells[i] = cell(text)
    end
    lines[#lines + 1] = "| " .. table.concat(cells, " | ") .. " |"
  end
  return table.concat(lines, "\n")
end

local function key_row(key)
  return { code(key[1]), key[2], key[3] }
end

local blocks = {}

for _, name in ipairs { "analysis", "about", "window", "option", "table", "result", "column",
    "text", "line", "chart" } do
  blocks[name] = function()
    return rows_of({ "key", "type", "meaning" }, keys[name], key_row)
  end
end

function blocks.collect()
  return rows_of({ "key", "meaning" }, keys.collect, function(key)
    return { code(key[1]), key[3] }
  end)
end

function blocks.readers()
  return rows_of({ "`read =`", "the user writes", "the script gets" }, keys.readers, key_row)
end

function blocks.groups()
  local list = {}
  for name, group in pairs(options.groups) do
    -- These two every analysis has by itself.
    list[#list + 1] = name ~= "filter" and name ~= "rows" and { name, group } or nil
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return rows_of({ "group", "options", "filters events by" }, list, function(one)
    local names, fields = {}, {}
    for i, option in ipairs(one[2]) do
      names[i] = code("--" .. option.name .. (option.value and " " .. option.value or ""))
      fields[#fields + 1] = option.filter and not fields[option.filter[1]]
        and code(option.filter[1]) or nil
      fields[option.filter and option.filter[1] or 0] = true
    end
    return { code(one[1]), table.concat(names, ", "), table.concat(fields, ", ") }
  end)
end

function blocks.sinks()
  return rows_of({ "object", "takes", "for" }, keys.sinks, function(one)
    return { one[1]:find "`" and one[1] or code(one[1]), one[3], one[4] }
  end)
end

function blocks.series()
  return rows_of({ "kind", "takes", "the curve has" }, keys.series, key_row)
end

function blocks.classes()
  return rows_of({ "class", "cell", "as text", "as LAMI" }, keys.classes, function(class)
    return { code(class[1]), class[2], class[3], class[4] }
  end)
end

function blocks.forms()
  return rows_of({ "form", "shows the field" }, keys.forms, function(form)
    return { code("{FIELD" .. (form[1] == "" and "" or ":" .. form[1]) .. "}"), form[2] }
  end)
end

function blocks.chart_kinds()
  return rows_of({ "kind", "needs", "`x`", "`y`" }, keys.chart_kinds, function(kind)
    local needs = {}
    for i, name in ipairs(kind[2]) do
      needs[i] = code(name)
    end
    return { code(kind[1]), table.concat(needs, ", "), kind[3], kind[4] }
  end)
end

-- ---- Functions ----

--- Breaks a text at spaces, each line after an indent.
local function wrap(text, first, rest)
  local lines, line = {}, first
  for word in text:gmatch "%S+" do
    local longer = line .. (line:find "%S$" and " " or "") .. word
    if utf8.len(longer) > WIDTH and line:find "%S" then
      lines[#lines + 1] = line
      line = rest .. word
    else
      line = longer
    end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

--- Paragraphs, and what is indented, of the lines of a comment.
local function paragraphs(lines)
  local list, is_open = {}, false
  for _, line in ipairs(lines) do
    local is_code = line:find "^    " ~= nil
    if line == "" then
      is_open = false
    elseif is_open and list[#list].is_code == is_code then
      list[#list].text = list[#list].text .. (is_code and "\n" or " ") .. line
    else
      list[#list + 1] = { text = line, is_code = is_code }
      is_open = true
    end
  end
  -- Code with empty lines in it is one piece.
  for i = #list, 2, -1 do
    if list[i].is_code and list[i - 1].is_code then
      list[i - 1].text = list[i - 1].text .. "\n\n" .. table.remove(list, i).text
    end
  end
  return list
end

local function type_of(given)
  local kind = given:gsub("lttnga%.", ""):gsub("^%?(.*)$", "%1?")
  return kind
end

--- "stats.new([keep]) -> Statistics".
local function signature(one, class)
  local parts, returns = {}, {}
  for i, parameter in ipairs(one.parameters) do
    parts[i] = parameter.optional and ("[%s]"):format(parameter.name) or parameter.name
  end
  for i, value in ipairs(one.returns) do
    returns[i] = value.type == "self" and class or type_of(value.type)
  end
  local called = one.is_method and one.name or ("%s.%s"):format(one.owner, one.name)
  local list = one.is_value and "" or ("(%s)"):format(table.concat(parts, ", "))
  return code(called .. list) .. (#returns > 0 and " → " .. code(table.concat(returns, ", ")) or "")
end

local function describe(one, class)
  local list = paragraphs(one.text)
  local first = list[1].text:gsub("^%u%f[%U]", string.lower)
  local lines = { wrap(signature(one, class) .. ": " .. first, "- ", "  ") }
  for i = 2, #list do
    lines[#lines + 1] = ""
    lines[#lines + 1] = list[i].is_code and ("  " .. list[i].text:gsub("\n(.)", "\n  %1"))
      or wrap(list[i].text, "  ", "  ")
  end
  if #list > 1 then
    lines[#lines + 1] = ""
  end
  -- Parameters of methods that are made in C are in their text.
  for _, parameter in ipairs(one.parameters) do
    lines[#lines + 1] = one.owner and wrap(("%s: %s%s"):format(code(parameter.name),
      type_of(parameter.type), parameter.text ~= "" and ", " .. parameter.text or ""),
      "  - ", "    ") or nil
  end
  for _, value in ipairs(one.returns) do
    lines[#lines + 1] = value.text ~= ""
      and wrap(("returns %s: %s"):format(type_of(value.type), value.text), "  - ", "    ") or nil
  end
  return table.concat(lines, "\n")
end

local methods = comments.methods()

--- The methods of a class, some perhaps by a library.
local function describe_class(class, own)
  local lines = {}
  for _, one in ipairs(methods[class] or {}) do
    lines[#lines + 1] = describe(one, class)
  end
  for _, one in ipairs(own or {}) do
    if one.is_method and one.owner == class then
      lines[#lines + 1] = describe(one, class)
    end
  end
  return table.concat(lines, "\n")
end

--- A library: what is at its head, its functions, or those that are named, and the methods of its
-- own objects.
function blocks.library(name, chosen)
  local library = comments.library(name)
  local parts, classes = {}, {}
  for _, part in ipairs(paragraphs(library.text)) do
    parts[#parts + 1] = (part.is_code and part.text or wrap(part.text, "", "")) .. "\n"
  end
  for _, one in ipairs(library.functions) do
    local is_wanted = not chosen or (" " .. chosen .. " "):find(" " .. one.name .. " ", 1, true)
    if one.owner == library.exports and is_wanted then
      one.owner = name
      parts[#parts + 1] = describe(one)
    elseif one.is_method and not chosen and not methods[one.owner] and not classes[one.owner] then
      classes[one.owner] = true
      classes[#classes + 1] = one.owner
    end
  end
  for _, class in ipairs(classes) do
    parts[#parts + 1] = ("\n`%s` has\n"):format(class)
    parts[#parts + 1] = describe_class(class, library.functions)
  end
  return table.concat(parts, "\n")
end

--- The methods of an object, those that a library adds among them.
function blocks.object(class, library)
  return describe_class(class, library and comments.library(library).functions)
end

local file <close> = assert(io.open "docs/script-reference.md")
local page = file:read "a"
io.write((page:gsub("(<!%-%- (%l[%l_]*) ?([%w_]*):? ?([%w_ ]-) %-%->\n).-(<!%-%- end %-%->)",
  function(begin, list, name, rest, ending)
    local made = assert(blocks[list], list)(name, rest ~= "" and rest or nil)
    return begin .. "\n" .. made .. "\n\n" .. ending
  end)))
os.exit(0)
