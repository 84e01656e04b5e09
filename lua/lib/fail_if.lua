--- The conditions of --fail-if: "p99 > 1.2x", "max > 50ms", "count/s < 0.8x".
--
-- SPDX-License-Identifier: MIT

local compare = require "lttnga.compare"
local compared_rows = require "lttnga.compared_rows"
local fault = require "lttnga.fault"
local render = require "lttnga.render_text"
local text = require "lttnga.text"
local units = require "lttnga.units"

local fail_if = {}

local compares = {
  [">"] = function(a, b) return a > b end, [">="] = function(a, b) return a >= b end,
  ["<"] = function(a, b) return a < b end, ["<="] = function(a, b) return a <= b end,
}

--- Reads the limit of a condition: a ratio, or what the column can be, by class.
local function read_limit(given, class)
  local ratio = given:match "^([%d.]+)%s*x$"
  if ratio then
    return tonumber(ratio), true
  elseif tonumber(given) then
    return tonumber(given), false
  elseif class == "duration" then
    return units.parse_duration(given, "ns"), false
  elseif class == "size" then
    return units.parse_size(given), false
  elseif class == "ratio" then
    local percent = tonumber(given:match "^([%d.]+)%s*%%$")
    return percent and percent / 100, false
  end
  return nil, false
end

--- Reads conditions.
-- @tparam table list texts
-- @tparam table jobs see run.go: names of columns are those of their tables
-- @treturn table list of { text =, name =, holds =, limits = by class, is_ratio = }
function fail_if.read(list, jobs)
  -- Of the columns of a name, one that is an amount counts.
  local classes, amounts, names = { rows = "number" }, { rows = "number" }, {}
  for _, job in ipairs(jobs) do
    for i in ipairs(job.script.analysis.tables) do
      for _, column in ipairs(job.script.analysis:columns_for(job.values)[i]) do
        local class = compared_rows.is_amount(column) and column.class or nil
        classes[column.name] = classes[column.name] or column.class
        amounts[column.name] = amounts[column.name] or class
      end
    end
  end
  for name in pairs(classes) do
    names[#names + 1] = name
  end
  table.sort(names)
  local conditions = {}
  for i, given in ipairs(list) do
    local name, operator, limit = given:match "^%s*([^<>=%s]+)%s*([<>]=?)%s*(.-)%s*$"
    if not name then
      fault.usage("--fail-if: '%s' must be COLUMN, one of > >= < <=, and a limit: 'p99 > 1.2x'",
        given)
    end
    local column = name:gsub("/s$", "")
    if not classes[column] then
      fault.usage("--fail-if: unknown column '%s'%s", name, text.did_you_mean(column, names))
    elseif not amounts[column] then
      fault.usage("--fail-if: '%s' is no amount, so there is nothing to compare", name)
    end
    local value, is_ratio = read_limit(limit, amounts[column])
    if not value then
      fault.usage("--fail-if: '%s' is neither a ratio (1.2x) nor a limit for '%s'", limit, name)
    end
    conditions[i] = { text = given, name = column, holds = compares[operator], limit = value,
      is_ratio = is_ratio }
  end
  return conditions
end

local is_chance = { noise = true, ["too few"] = true }

--- Whether a condition holds for a line. A sum of what is gone is 0. Ratios need both sides; what
-- was 0 has grown beyond any. What may be chance has none, nor has a small part of a whole.
local function holds(condition, line)
  local after = line.after
  if line.entry_after == nil and line.column.compare == "sum" then
    after = 0
  end
  if not condition.is_ratio then
    return after ~= nil and condition.holds(after, condition.limit)
  elseif line.before == nil or after == nil or is_chance[line.judgement]
    or line.is_part and line.judgement == "small" then
    return false
  end
  local ratio = line.before ~= 0 and after / line.before or after > 0 and math.huge or 1
  return condition.holds(ratio, condition.limit)
end

local function amount(line, value)
  local written = value and render.cell({ class = line.column.class }, value) or "nothing"
  return text.trim((written:gsub(" +", " ")))
end

--- For which lines conditions hold.
-- @tparam table conditions from fail_if.read
-- @tparam table results from compare.results
-- @treturn table messages
-- @treturn table conditions, as texts, of which no row has the column: they can't hold
function fail_if.check(conditions, results)
  local failed, idle = {}, {}
  for _, condition in ipairs(conditions) do
    local is_there = false
    for _, result in ipairs(results) do
      for _, line in ipairs(result.lines) do
        is_there = is_there or line.column.name == condition.name
        if line.column.name == condition.name and holds(condition, line) then
          local label = compare.label(result, line)
          failed[#failed + 1] = ("%s: %s%s: %s, before %s, after %s"):format(result.title, label,
            label ~= "" and "" or "all", condition.text, amount(line, line.before),
            amount(line, line.after))
        end
      end
    end
    idle[#idle + 1] = not is_there and condition.text or nil
  end
  return failed, idle
end

return fail_if
