--- What a trace contains: who recorded it, when, which events, and which analyses can run.
--
--   lttnga-run info my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Trace
--   What       Value
--   --------------------------------------------------------------------------------
--   Trace      build/example-trace/kernel
--   Domain     kernel
--   Host       labguest
--   Kernel     6.1.0-56-amd64
--   Tracer     lttng-modules 2.13.9
--   Recorded   [2026-11-23 15:36:31.507858750, 2026-11-23 15:36:41.163305490], 9.655
--              s
--   In common  [2026-11-23 15:36:31.688509930, 2026-11-23 15:36:41.161483560], 9.473
--              s (all: --no-intersection)
--   Streams    2, of CPUs 0 1
--   Events     29141
--   Read by    native

local analysis = require "lttnga.analysis"
local text = require "lttnga.text"
local time = require "lttnga.time"
local units = require "lttnga.units"

--- Calls that set the time of day.
local clock_calls = { clock_settime = true, clock_settime32 = true, clock_settime64 = true,
  settimeofday = true, stime = true }

--- That the time of day was set, as far as calls tell; nil if they do not. The times of events go on
-- as before: the tracer asks for the time of day once, when a session begins.
local function clock_set(classes)
  local count = 0
  for _, class in ipairs(classes) do
    local call = class.name:match "syscall_entry_(.*)"
    count = count + (clock_calls[call] and class.events or 0)
  end
  return count > 0 and ("set by %d call%s; event times are not affected"):format(count,
    count == 1 and "" or "s") or nil
end

--- How the clock of a trace was corrected (--clock-offset, --sync); nil if it was not.
local function clock_corrected(trace)
  if trace.offset == 0 and trace.rate == 0 then
    return nil
  end
  local rate = trace.rate ~= 0 and (", rate by %+.3f ppm"):format(trace.rate / 2 ^ 62 * 1e6) or ""
  return ("corrected by %+.9f s"):format(trace.offset / 1000000000) .. rate
end

--- How many lines programs have written into the trace, and what shows them; nil if there are none.
local function marks(classes)
  local count = 0
  for _, class in ipairs(classes) do
    local is_mark = class.name == "lttng_logger" or class.name:find "^lttng_ust_trace%l+:"
    count = count + (is_mark and class.events or 0)
  end
  return count > 0 and ("%d, written by programs (begins and ends: requests --request logger)")
    :format(count) or nil
end

--- A list for each trace, of the streams or classes that are its own.
local function by_trace(traces, list)
  local of = {}
  for number in ipairs(traces) do
    of[number] = {}
  end
  for _, one in ipairs(list) do
    table.insert(of[one.trace], one)
  end
  return of
end

--- How many of the traces are not of user space.
local function count_kernels(traces)
  local n = 0
  for _, trace in ipairs(traces) do
    n = n + (trace.domain == "ust" and 0 or 1)
  end
  return n
end

local function about_trace(w, trace, streams, classes)
  local cpus, events = {}, 0
  for _, stream in ipairs(streams) do
    table.move(stream.cpus, 1, #stream.cpus, #cpus + 1, cpus)
  end
  table.sort(cpus)
  for _, class in ipairs(classes) do
    events = events + class.events
  end
  local show = { gmt = w.options.gmt, date = true }
  local tracer = trace.tracer_name and trace.tracer_name .. " " .. (trace.tracer_version or "")
  local function range(first, last)
    return ("%s, %.3f s"):format(time.format_range(first, last, show),
      (last - first) / 1000000000)
  end
  -- Analyses look at what all streams have in common: buffers that go round keep it for some longer.
  -- Of several traces this is not known for each; those of user space don't count.
  local first, last = table.unpack(w.trace.range)
  local is_cut = w.kernels == 1 and trace.domain ~= "ust" and first and trace.begin
    and (first > trace.begin or last < trace["end"])
  local saved = w.trace.saved and ("%d (%s), for starting in the middle"):format(
    w.trace.saved.count, text.trim(units.format_size(w.trace.saved.size)))
  return {
    { "Trace", trace.path }, { "Domain", trace.domain }, { "Host", trace.hostname },
    { "Kernel", trace.kernel_release }, { "Tracer", tracer },
    { "Recorded", trace.begin and range(trace.begin, trace["end"]) },
    { "Clock", clock_corrected(trace) }, { "Time of day", clock_set(classes) },
    { "In common", is_cut and range(first, last) .. " (all: --no-intersection)" },
    { "Streams", #cpus > 0 and ("%d, of CPUs %s"):format(#streams, table.concat(cpus, " "))
      or tostring(#streams) },
    { "Events", tostring(events) }, { "Marks", marks(classes) },
    { "Read by", w.trace.reader },
    { "Saved states", saved },
  }
end

--- Names of the contexts that all, or some, classes of events have.
local function contexts(classes)
  local count, names, total = {}, {}, 0
  for _, class in ipairs(classes) do
    total = total + (class.events > 0 and 1 or 0)
    for _, field in ipairs(class.fields) do
      local name = class.events > 0 and field:match "^ctx%.(.*)"
      if name then
        names[#names + 1] = not count[name] and name or nil
        count[name] = (count[name] or 0) + 1
      end
    end
  end
  local rows = {}
  for i, name in ipairs(names) do
    rows[i] = { name, count[name] == total and "all events"
      or ("%d of %d classes of events"):format(count[name], total) }
  end
  return rows
end

--- Events by name, the most frequent first.
local function events(classes)
  local count, names = {}, {}
  for _, class in ipairs(classes) do
    if class.events > 0 then
      names[#names + 1] = not count[class.name] and class.name or nil
      count[class.name] = (count[class.name] or 0) + class.events
    end
  end
  table.sort(names, function(a, b)
    return count[a] > count[b] or count[a] == count[b] and a < b
  end)
  local rows = {}
  for i, name in ipairs(names) do
    rows[i] = { name, count[name] }
  end
  return rows
end

local function lost(w)
  local rows = {}
  for _, stream in ipairs(w.trace.streams) do
    if stream.lost_events > 0 or stream.lost_packets > 0 then
      local all = stream.lost_events + stream.events
      rows[#rows + 1] = { stream.cpu and "CPU " .. stream.cpu or stream.name, stream.lost_events,
        all > 0 and stream.lost_events / all or nil, stream.lost_packets,
        { stream.lost_begin, stream.lost_end } }
    end
  end
  return rows
end

--- Which analyses can run, in a line: "fully: 38; partly: locks, memtop".
local function abilities(analyses)
  local names = { fully = {}, partly = {}, no = {} }
  for _, row in ipairs(analyses) do
    table.insert(names[row[2]], row[1])
  end
  local parts = { ("fully %d"):format(#names.fully) }
  for _, able in ipairs { "partly", "no" } do
    parts[#parts + 1] = names[able][1]
      and ("%s %d (%s)"):format(able == "no" and "not" or able, #names[able],
        table.concat(names[able], ", ")) or nil
  end
  return table.concat(parts, ", ")
end

--- Which analyses can run, by row; for people only those that lack something: the first table says
-- how many do not.
local function analyses(w)
  local rows = {}
  for _, row in ipairs(w.trace.analyses) do
    rows[#rows + 1] = not (w.options["for people"] and row[2] == "fully") and row or nil
  end
  return rows
end

--- What stands in the short form.
local SHORT = { Trace = true, Host = true, Kernel = true, Recorded = true, Clock = true,
  ["Time of day"] = true,
  ["In common"] = true, Streams = true, Events = true, Marks = true }

--- Rows of a table that the short form leaves out.
local function unless_short(rows)
  return function(w)
    return w.options.short and {} or rows(w)
  end
end

return analysis {
  title = "What a trace holds",
  options = { { name = "short", help = "only general information and lost events" } },
  on = {},
  -- Ask for w.trace: what the trace is, and how many events of each class it has.
  trace = true,

  tables = {
    { "trace", "Trace", { { "What" }, { "Value" } },
      each = function(w)
        local results, traces = {}, w.trace.traces
        local streams = by_trace(traces, w.trace.streams)
        local classes = by_trace(traces, w.trace.classes)
        w.kernels = count_kernels(traces)
        for i, trace in ipairs(traces) do
          local rows = {}
          for _, row in ipairs(about_trace(w, trace, streams[i], classes[i])) do
            local wanted = not w.options.short or SHORT[row[1]]
            rows[#rows + 1] = wanted and row[2] and row or nil
          end
          if (w.options.short or w.options["for people"]) and i == #w.trace.traces then
            rows[#rows + 1] = { "Analyses", abilities(w.trace.analyses) }
          end
          results[i] = { title = i > 1 and "Trace " .. i or "Trace", rows = rows }
        end
        return results
      end },
    { "lost", "Lost events", { { "Stream" }, { "Events", "number", compare = "sum" },
        { "Of all", "ratio" }, { "Packets", "number", compare = "sum" },
        { "Between", "time-range" } },
      rows = lost },
    { "contexts", "Contexts", { { "Context" }, { "Of" } },
      rows = unless_short(function(w) return contexts(w.trace.classes) end) },
    { "analyses", "Analyses", { { "Analysis" }, { "Can run" }, { "What is missing" } },
      rows = unless_short(analyses) },
    { "events", "Events", { { "Event" }, { "Count", "number", compare = "sum" } },
      rows = unless_short(function(w) return events(w.trace.classes) end) },
  },
}
