--- Compares tables whose rows are parts of wholes, such as what the time of requests consists of: a
-- sentence for each whole that says why it has changed, and a table of its parts, by how much of
-- the difference each of them makes.
--
-- SPDX-License-Identifier: MIT

local change_text = require "lttnga.change_text"
local columns = require "lttnga.columns"
local layout = require "lttnga.layout"
local part_judgement = require "lttnga.part_judgement"
local render = require "lttnga.render_text"
local text = require "lttnga.text"

local compare_parts = {}

-- ---- Sentences ----

local function duration(ns)
  return text.duration(math.floor(ns + 0.5))
end

local function p_text(p)
  return p < 0.0001 and "p < 0.0001" or ("p = %s"):format(change_text.p(p))
end

local function from_to(line)
  return ("%s -> %s"):format(duration(line.before), duration(line.after))
end

--- The most that a sentence names.
local MOST = 3

--- Causes within a wait that make up most of its difference.
local function main_causes(wait)
  local list, sum = {}, 0
  for _, cause in ipairs(wait.causes) do
    local part = cause.difference / wait.difference
    if part >= 0.1 and sum < 0.8 and #list < MOST then
      list[#list + 1], sum = cause.record, sum + part
    end
  end
  return list
end

--- The waits that have changed, and, of the others, the causes: in lists of the line, its wait, and
-- the causes that are named.
local function changes(whole)
  local list = {}
  for _, wait in ipairs(whole.waits) do
    list[#list + 1] = wait.counts and { wait, wait, main_causes(wait) } or nil
    for _, cause in ipairs(wait.counts and {} or wait.causes) do
      list[#list + 1] = cause.counts and { cause, wait, { cause.record } } or nil
    end
  end
  table.sort(list, function(a, b)
    local x, y = math.abs(a[1].difference), math.abs(b[1].difference)
    return x > y or x == y and a[1].row.code < b[1].row.code
  end)
  return list
end

--- What has changed of a whole: "2.9 ms more waiting for disk sda (91 %), 0.1 ms less running"; nil
-- if nothing has.
-- @tparam table whole see lttnga.part_judgement
-- @tparam table parts what names rows: see `parts` in lttnga.keys
local function reasons(whole, parts)
  local words, left = {}, whole.average.difference
  for i, one in ipairs(changes(whole)) do
    if i <= MOST then
      local line, wait, causes = table.unpack(one)
      words[i] = parts.reason(wait.record, line.difference, causes)
        .. (line.share and (" (%.0f %%)"):format(100 * line.share) or "")
      left = left - line.difference
    end
  end
  if words[1] and math.abs(left) >= 0.05 * math.abs(whole.average.difference) and left ~= 0 then
    words[#words + 1] = ("%s %s otherwise"):format(duration(math.abs(left)),
      left < 0 and "less" or "more")
  end
  return words[1] and table.concat(words, ", ")
end

--- What is said of a mean that is judged as no change.
local function unchanged(line)
  if line.judgement == "same" then
    return ("took as long as before: %s on the average"):format(duration(line.after))
  elseif line.judgement == "small" then
    return ("took about as long as before: %s on the average, a small difference"):format(
      from_to(line))
  end
  return ("took as long as before, as far as can be told: %s on the average may be chance (%s)")
    :format(from_to(line), p_text(line.p))
end

--- Of what there is on one side only.
local function lone_sentence(whole, thing)
  local mean, is_new = whole.average, whole.n_before == 0
  local n = math.max(whole.n_before, whole.n_after)
  return ("%d %s%s %s, none %s: %s on the average%s"):format(n, thing, n == 1 and "" or "s",
    is_new and "after" or "before", is_new and "before" or "after",
    duration(mean.before or mean.after),
    whole.judgement == "noise" and "; that may be chance" or "")
end

--- What a whole does on the average.
local function sentence_on_mean(whole)
  local mean = whole.average
  if mean.by_parts then
    local most = mean.is_mixed and (mean.difference > 0 and "became faster" or "became slower")
      or whole.is_few_of_them and "took as long as before"
    return ("became %s %s on the average%s (%s; p99 %s)"):format(
      duration(math.abs(mean.difference)), mean.difference > 0 and "slower" or "faster",
      most and ", though most " .. most or "", from_to(mean), from_to(whole.p99))
  elseif mean.judgement == "changed" then
    return ("became %s %s on the average (%s, %s; p99 %s)"):format(
      duration(math.abs(mean.difference)), mean.difference > 0 and "slower" or "faster",
      from_to(mean), p_text(mean.p), from_to(whole.p99))
  elseif mean.is_mixed then
    return ("took %s %s on the average (%s), though most became %s (%s)"):format(
      duration(math.abs(mean.difference)), mean.difference > 0 and "longer" or "less",
      from_to(mean), mean.difference > 0 and "faster" or "slower", p_text(mean.p))
  end
  return unchanged(mean)
end

--- A sentence on a whole.
local function sentence(whole, parts)
  local mean, p99, things = whole.average, whole.p99, parts.thing .. "s"
  if whole.is_lone then
    return lone_sentence(whole, parts.thing)
  elseif whole.is_few and mean.judgement == "too few" then
    return ("too few %s to tell (%d before, %d after): %s on the average"):format(things,
      whole.n_before, whole.n_after, from_to(mean))
  end
  local words, why = things .. " " .. sentence_on_mean(whole), reasons(whole, parts)
  if mean.judgement == "changed" then
    return ("%s%s"):format(words, why and ": " .. why or "; no cause of that stands out")
  elseif p99.judgement == "changed" then
    words = ("%s, but the slowest became %s: p99 %s (%s)"):format(words,
      p99.difference > 0 and "slower" or "faster", from_to(p99), p_text(p99.p))
  end
  return why and ("%s; what they wait for has changed: %s"):format(words, why) or words
end

-- ---- Tables ----

local HOST = columns.read({ { "Host", "string" } }, "", assert)[1]
HOST.name = "host"

--- The key columns of wholes, or of all rows.
local function key_columns(of, has_hosts, is_whole)
  local list = { dynamic = true, has_hosts and HOST or nil }
  for _, key in ipairs(of.keys) do
    list[#list + 1] = (key.group or not is_whole) and key.column or nil
  end
  return list
end

--- Adds columns to those of keys.
local function with_columns(list, own)
  local read = columns.read(own, "", assert, list)
  list.n_keys = #list
  return table.move(read, 1, #read, #list + 1, list)
end

--- The columns of the table of wholes, after how many there are.
local whole_columns = {
  { "Before", "duration", "before" }, { "After", "duration", "after" },
  { "Difference", "duration", "difference", text = change_text.difference },
  { "Ratio", "number", "ratio", text = change_text.ratio },
  { "p", "number", "p", text = change_text.p },
  { "P99 before", "duration", "p99_before" }, { "P99 after", "duration", "p99_after" },
  { "P99 p", "number", "p99_p", text = change_text.p },
  { "Judgement", "string", "judgement" }, { "Why", "string", "why" },
}

--- The columns of the table of parts.
local part_columns = {
  { "Value", "string", "value" },
  { "Before", "number", "before", text = change_text.amount },
  { "After", "number", "after", text = change_text.amount },
  { "Difference", "number", "difference", text = change_text.difference },
  { "Ratio", "number", "ratio", text = change_text.ratio },
  { "Part", "ratio", "share" },
  { "p", "number", "p", text = change_text.p },
  { "Judgement", "string", "judgement" },
  { "Unit", "string", "unit", hidden = true },
}

--- A row of a table: the keys of an entry, then what the record has.
local function cells_of(record, list, entry, host)
  local row = { record = record }
  for c, column in ipairs(list) do
    if column == HOST then
      row[c] = host or entry.host
    elseif c <= list.n_keys then
      row[c] = entry.cells[column.name]
    else
      row[c] = record[column.field]
    end
  end
  return row
end

--- A line as a row.
local function row_of(line, list, whole, host)
  local record = { value = line.column.name, before = line.before, after = line.after,
    difference = line.difference, ratio = line.ratio, share = line.share, p = line.p,
    judgement = line.judgement, class = "duration", unit = change_text.unit(line.column),
    whole = whole }
  return cells_of(record, list, line.entry_after or line.entry_before, host)
end

--- Adds the rows of a whole: its own, then each wait before its causes.
local function add_rows(rows, whole, list, host)
  local function add(line)
    rows[#rows + 1] = row_of(line, list, whole, host)
  end
  add(whole.average)
  add(whole.p99)
  for _, wait in ipairs(whole.waits) do
    add(wait)
    for _, cause in ipairs(wait.causes) do
      add(cause)
    end
  end
end

-- ---- Text ----

local function text_of_line(label, line, about)
  local shape = { class = "duration" }
  return { text.clean(label), line.before and change_text.amount(line.before, about, shape) or "",
    line.after and change_text.amount(line.after, about, shape) or "",
    line.difference and change_text.difference(line.difference, about, shape) or "",
    line.share and (("%.1f %%"):format(100 * line.share):gsub("^%-0.0", "0.0")) or "",
    line.p and change_text.p(line.p) or "", line.judgement or "" }
end

--- Sums of lines that are not shown.
local function rest_of(lines)
  local rest = { before = 0, after = 0, difference = 0 }
  for _, line in ipairs(lines) do
    rest.before, rest.after = rest.before + (line.before or 0), rest.after + (line.after or 0)
    rest.difference = rest.difference + (line.difference or 0)
    rest.share = line.share and (rest.share or 0) + line.share
  end
  return rest
end

--- The causes of a wait that are worth a line: those that make a tenth of the difference, or all.
local function shown_causes(wait, label, parts, how)
  local list = {}
  for _, cause in ipairs(wait.causes) do
    local is_large = math.abs(cause.difference or 0) >= 0.1 * math.abs(wait.difference or 0)
    if how.all or is_large and #list < MOST then
      list[#list + 1] = cause
    end
  end
  local is_same = #wait.causes == 1 and parts.label(wait.causes[1].record) == label
  return is_same and {} or list
end

local COLUMNS = { "Before", "After", "Difference", "Part", "p", "Judgement" }

--- The table of a whole: its waits, and below each its main causes, then what is left of them.
local function whole_text(whole, title, parts, how, about)
  local list, rows = { { title = "Average", left = true, cuts = true, keeps = true } }, {}
  for i, name in ipairs(COLUMNS) do
    list[i + 1] = { title = name, left = i == #COLUMNS, keeps = i < 4 }
    list[i + 1].shorter = i < 4 and layout.rounded_column(list[i + 1]) or nil
  end
  rows[1] = text_of_line("all", whole.average, about)
  local shown, left = {}, {}
  for i, wait in ipairs(whole.waits) do
    local is_shown = (how.limit == 0 or i <= how.limit) and (how.all or wait.judgement ~= "same")
    table.insert(is_shown and shown or left, wait)
  end
  for _, wait in ipairs(shown) do
    local label = parts.label(wait.record)
    rows[#rows + 1] = text_of_line(label, wait, about)
    for _, cause in ipairs(shown_causes(wait, label, parts, how)) do
      rows[#rows + 1] = text_of_line("  " .. parts.label(cause.record), cause, about)
    end
  end
  if left[1] then
    rows[#rows + 1] = text_of_line(("%d other%s"):format(#left, left[2] and "s" or ""),
      rest_of(left), about)
  end
  rows[#rows + 1] = text_of_line("p99 of all", whole.p99, about)
  return render.lines({ table.concat(layout.wrap(text.clean(("%s - %s%s"):format(title,
    whole.host and whole.host .. ", " or "", parts.label(whole.record))), about, 2), "\n"),
    ("%d before, %d after"):format(whole.n_before, whole.n_after) }, list, rows, about)
end

--- The wholes of rows, each once, in their order.
local function wholes_of(rows)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    local whole = row.record.whole
    if not seen[whole] then
      seen[whole], list[#list + 1] = true, whole
    end
  end
  return list
end

local function look_of_parts(title, parts, how)
  return function(result, about)
    local blocks = {}
    for i, whole in ipairs(wholes_of(result.rows)) do
      blocks[i] = whole_text(whole, title, parts, how, about)
    end
    return table.concat(blocks, "\n")
  end
end

local function look_of_wholes(result, about)
  local lines = {}
  for _, row in ipairs(result.rows) do
    local r = row.record
    local wrapped = layout.wrap(text.clean((r.whole.host and r.whole.host .. ", " or "") .. r.why),
      about, 2)
    table.move(wrapped, 1, #wrapped, #lines + 1, lines)
  end
  if lines[1] and result.total > #result.rows then
    lines[#lines + 1] = ("(%d of %d; --limit 0 shows all)"):format(#result.rows, result.total)
  end
  return lines[1] and table.concat(lines, "\n") .. "\n" or ""
end

-- ---- Comparing ----

local function result_of(first, about, id, title, list, rows)
  return { id = id, class = title, title = title, job = first.result.job, columns = list,
    dynamic = true, rows = rows, total = #rows, unlimited = false, lines = about.lines,
    name = first.name .. "\0" .. id }
end

--- Whether there are too few things to tell.
local function is_trifle(whole)
  return whole.is_few or whole.is_lone and whole.judgement == "noise"
end

--- Names the lines of a whole, for messages.
local function name_lines(whole, parts)
  local name = (whole.host and whole.host .. ", " or "") .. parts.label(whole.record)
  for _, line in ipairs(whole.lines) do
    line.host, line.is_part = whole.host, line.level ~= "all"
    line.label = line.is_part and ("%s, %s"):format(name, parts.label(line.record)) or name
  end
end

--- A whole as a row of the table of wholes.
local function whole_row(whole, list, parts, host)
  local mean, p99 = whole.average, whole.p99
  local record = { n_before = whole.n_before, n_after = whole.n_after, before = mean.before,
    after = mean.after, difference = mean.difference, ratio = mean.ratio, p = mean.p,
    p99_before = p99.before, p99_after = p99.after, p99_p = p99.p, class = "duration",
    judgement = whole.judgement, whole = whole,
    why = ("%s: %s."):format(parts.label(whole.record), sentence(whole, parts)) }
  return cells_of(record, list, mean.entry_after or mean.entry_before, host)
end

--- The wholes that are shown: those that are not the same, and of which there are enough, if there
-- are such.
local function shown_wholes(wholes, how)
  local list, trifles = {}, {}
  for _, whole in ipairs(wholes) do
    if how.all or whole.judgement ~= "same" and not is_trifle(whole) then
      list[#list + 1] = whole
    elseif whole.judgement ~= "same" then
      trifles[#trifles + 1] = whole
    end
  end
  return list[1] and list or trifles
end

--- Compares a table of parts.
-- @tparam ?table before, after from compared_rows.gather; nil: that side has no such table
-- @tparam table sides before, after: { seconds = how long the time is }
-- @tparam table how alpha, min_effect, all, limit; has_hosts; host: whose rows these are
-- @treturn table title; name; lines; of; summary; results: the tables that are shown
function compare_parts.table(before, after, sides, how)
  local first = after or before
  local parts, has_hosts = first.result.parts, how.has_hosts or how.host
  local things, title = text.capitalize(parts.thing) .. "s", first.result.class
  local of_wholes = with_columns(key_columns(first.of, has_hosts, true), table.move(whole_columns,
    1, #whole_columns, 3, { { things .. " before", "number", "n_before" },
      { things .. " after", "number", "n_after" } }))
  local of_parts = with_columns(key_columns(first.of, has_hosts, false), part_columns)
  local wholes, about = part_judgement.of(before, after, sides, how)
  for _, whole in ipairs(wholes) do
    local mean = whole.average
    whole.host = how.host or (mean.entry_after or mean.entry_before).host
    name_lines(whole, parts)
  end
  local shown, whole_rows, part_rows = shown_wholes(wholes, how), {}, {}
  for i, whole in ipairs(shown) do
    if how.limit == 0 or i <= how.limit then
      whole_rows[i] = whole_row(whole, of_wholes, parts, how.host)
      if how.all or part_judgement.is_seen[whole.judgement] and not whole.is_lone then
        add_rows(part_rows, whole, of_parts, how.host)
      end
    end
  end
  local said = result_of(first, about, parts.id, parts.title, of_wholes, whole_rows)
  local detailed = result_of(first, about, first.result.id, title, of_parts, part_rows)
  said.total, said.text, said.is_first = #shown, look_of_wholes, true
  detailed.text = look_of_parts(title, parts, how)
  return { title = title, name = first.name, lines = about.lines, of = first.of,
    results = { said, detailed }, of_parts = true, summary = { host = how.host, rows = about.rows,
      counts = about.counts, has_tests = #about.lines > 0, verdict = about.verdict } }
end

return compare_parts
