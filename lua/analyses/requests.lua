--- How many requests there were, and how long they took, by process and port.
-- Requests are those that servers received on their sockets, or others chosen with --request.
--
--   lttnga-run requests my-trace/
--   lttnga-run requests --request syscall:futex --procname postgres --top my-trace/
--   lttnga-run requests --request fsync my-trace/
--
-- docs/requests.md explains what counts as a request, and how to define others. The time of a
-- server's request is from the end of the read to that of the answer: what passes before, such as
-- connecting, or a pause on an open connection, is not in it (see netconns). `Open` requests had not
-- ended when the trace did.
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Requests
--   Request  Process          PID  Count      P50      P90      P99      Max  Errors
--   --------------------------------------------------------------------------------
--   fsync    lttng-consumerd  237    177   341 us  10.9 ms  23.4 ms  34.4 ms       0
--   fsync    dd               390      1  14.0 ms  14.0 ms  14.0 ms  14.0 ms       0
--   Columns not shown: Rate, Min, Open (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local family = require "lttnga.request_family"
local stats = require "lttnga.stats"
local text = require "lttnga.text"
local units = require "lttnga.units"


local function rows_of(w)
  local rows = family.rows(w, { stats = "durations", size = "sizes", failed = "failed",
    open = "open" })
  local seconds = w.time / 1000000000
  for _, row in ipairs(rows) do
    stats.fields(row.stats, row)
    row.min, row.max = row.stats:min(), row.stats:max()
    row.failed, row.open = row.failed or 0, row.open or 0
    row.rate = seconds > 0 and row.count / seconds or nil
  end
  return rows
end

--- The columns behind what identifies a row.
local numbers = {
  { "Count", "number", "count", compare = "sum" }, { "Rate", "number", "rate", spare = 2 },
  { "Min", "duration", "min", spare = 1 },
  { "P50", "duration", "p50" }, { "P90", "duration", "p90" },
  { "P99", "duration", "p99" }, { "Max", "duration", "max" },
  { "Errors", "number", "failed", compare = "sum" },
  { "Bytes", "size", "size", spare = 3, compare = "sum" }, { "Open", "number", "open", spare = 4 },
}

local WIDTHS = { -13, -26, 6, 6, 8, 11, 11, 11, 11, 11, 6, 11, 5, 0 }

local function us(value)
  return value and units.us(value) or "-"
end

--- What the times of servers cover, for people, who may miss the rest.
local function note_of(w)
  for _, one in ipairs(w.options["for people"] and family.definitions(w.options) or {}) do
    if one.name == "server" then
      return "server: from the end of the read to the end of the answer; netconns shows how long "
        .. "connecting took"
    end
  end
  return nil
end

--- The groups are the last column, if there are any.
local function requests_text(result)
  local grouped = false
  for _, row in ipairs(result.rows) do
    grouped = grouped or row.record.group
  end
  local lines = { "Requests (times in us, rate per second)", text.columns(WIDTHS, "Request",
    "Process", "Port", "Count", "Rate", "Min", "P50", "P90", "P99", "Max", "Errors", "Bytes",
    "Open", grouped and "Group" or "") }
  for _, row in ipairs(result.rows) do
    local r = row.record
    lines[#lines + 1] = text.columns(WIDTHS, r.name, family.who(r), r.port or "-", r.count,
      r.rate and ("%.1f"):format(r.rate) or "-", us(r.min), us(r.p50), us(r.p90), us(r.p99),
      us(r.max), r.failed, r.size and units.format_size(r.size) or "-", r.open, r.group or "")
  end
  return text.join(lines)
end

return analysis {
  title = "Requests",
  options = family.options_of "stats",
  family = family.members,
  requests = family.requests,
  selects = family.selects,

  begin = function(w)
    w.durations, w.sizes = stats.keyed(true), stats.totals()
    w.failed, w.open = stats.totals(), stats.totals()
  end,

  collect = function(given)
    local open = family.collect(given, "request_open", "duration", "open")
    open.only = family.open
    return {
      open, family.collect(given, "request_end", "duration", "durations"),
      family.collect(given, "request_end", "size", "sizes"),
      family.collect(given, "request_end", "failed", "failed"),
    }
  end,

  finish = function(w)
    family.finish(w, w.durations, w.open)
  end,

  tables = {
    { "requests", "Requests",
      function()
        local columns = table.move(family.key_columns, 1, #family.key_columns, 1, {})
        for _, column in ipairs(numbers) do
          columns[#columns + 1] = column
        end
        return columns
      end,
      each = function(w) return { { rows = rows_of(w), above = note_of(w) } } end, limit = true,
      needs = {},
      classic = requests_text },
  },
}
