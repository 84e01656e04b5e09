-- Prints lttnga-analyses(7): every stock analysis, from its heading.
--
-- SPDX-License-Identifier: MIT

local page = dofile "tools/man/page.lua"
local catalogue = require "lttnga.catalogue"
local options = require "lttnga.options"
local scripts = require "lttnga.scripts"

--- Options that lttnga-run(1) explains.
local shared = {}
for _, group in pairs(options.groups) do
  for _, option in ipairs(group) do
    shared[option.name] = option
  end
end

--- The names of options of an analysis that are explained there, and the others.
local function split(list)
  local names, own = {}, {}
  for _, option in ipairs(list) do
    if not option.hidden and shared[option.name] and shared[option.name].help == option.help then
      names[#names + 1] = "--" .. option.name
    else
      own[#own + 1] = option
    end
  end
  return names, own
end

--- A heading as paragraphs; what is indented stays as it is.
local function add_heading(source)
  for part in (scripts.heading(source) .. "\n\n"):gmatch("(.-)\n\n+") do
    if part:find("^  ") then
      page.code(part)
    elseif part ~= "" then
      page.paragraph((part:gsub("\n", " ")))
    end
  end
end

page.title("lttnga-analyses", 7, "the analyses of lttnga-run, and what they answer")
page.heading "Description"
page.paragraph("Each analysis is a Lua script: `lttnga-run --show NAME` prints it, to copy and "
  .. "edit. Options that are only named here are explained in `lttnga-run`(1). The examples are of "
  .. "the sample trace that comes with lttnga.")
for _, topic in ipairs(catalogue.sorted(scripts.list_in { "lua/analyses" })) do
  page.heading(topic.title)
  for _, entry in ipairs(topic) do
    page.subheading(entry.name)
    local script = scripts.load("lua", entry.path)
    add_heading(script.source)
    local aliases = catalogue.aliases_of(entry.name)
    if aliases[1] then
      page.paragraph("Also called as " .. table.concat(aliases, ", ") .. ".")
    end
    local names, own = split(script.analysis.options)
    page.options(own)
    if names[1] then
      page.paragraph("Options: " .. table.concat(names, ", ") .. ".")
    end
  end
end
page.see_also("lttnga-run(1)", "lttnga-hooks(7)")
page.print()
