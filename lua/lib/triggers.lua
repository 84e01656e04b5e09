--- What is done when an event matches: `--when 'EVENT: EXPRESSION' --do COMMAND`.
--
-- With `--keep TIME --keep-to DIR`, what was recorded in that time is written to DIR as a trace,
-- each time with its own name.
--
-- The fields of the event are in the environment of the command, never in its text: names come from
-- whoever ran the programs that were traced.
--
-- SPDX-License-Identifier: MIT

local analysis = require "lttnga.analysis"
local clock = require "lttnga.time"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local selection = require "lttnga.selection"

local triggers = {}

--- At most one command is run in this time, ns, unless --every has another one.
local EVERY = 1000000000

--- The event and the expression of --when.
local function read_when(text)
  local event, source = text:match "^%s*([%a_][%w_]*)%s*:%s*(.-)%s*$"
  if not event then
    event = text:match "^%s*([%a_][%w_]*)%s*$"
  end
  if not event or source == "" then
    fault.usage("--when must be 'EVENT: EXPRESSION', such as 'io_end: duration > 100ms', not '%s'",
      text)
  end
  return event, source
end

--- Derived events by name.
local is_derived = {}
for _, hook in ipairs(host.hooks()) do
  is_derived[hook.name] = true
end

--- Whether there is such an event.
local function is_known(event, classes)
  for _, class in ipairs(classes) do
    if class.name == event then
      return true
    end
  end
  return is_derived[event] or false
end

--- A value as a variable of the environment has it.
local function as_text(value)
  return type(value) == "table" and "" or tostring(value):gsub("%z", "")
end

--- The environment of a command: LTTNGA_EVENT, and LTTNGA_NAME for each field that has a value.
local function environment(name, fields)
  local list = { "LTTNGA_EVENT=" .. name }
  for field, value in pairs(fields) do
    list[#list + 1] = ("LTTNGA_%s=%s"):format(field:upper():gsub("[^%w]", "_"), as_text(value))
  end
  table.sort(list)
  return list
end

--- Writes what was recorded before an event; returns where, or nil if that is not possible.
local function keep(self, fields)
  local name = clock.format(fields.time, { gmt = true, date = true }):gsub(" ", "T"):gsub(":", "")
  local folder = ("%s/%s-%s"):format(self.to, name, self.event)
  -- Several events at one time.
  self.same = folder == self.folder and self.same + 1 or 1
  self.folder = folder
  if self.same > 1 then
    folder = ("%s-%d"):format(folder, self.same)
  end
  local ok, message = self.trace:keep(folder)
  if not ok then
    self.say("warning: ", ("--keep: %s"):format(message))
    return nil
  end
  self.say("note: ", ("kept %s"):format(folder))
  return folder
end

--- Does what is to be done for an event, if that was not done a moment ago. What goes wrong does
-- not end the run: the next event may be the one that matters.
local function fire(self, fields)
  local now = host.monotonic()
  if self.last and now - self.last < self.every then
    self.skipped = self.skipped + 1
    return
  end
  self.last = now
  local list = environment(self.event, fields)
  local folder = self.to and keep(self, fields)
  if folder then
    list[#list + 1] = "LTTNGA_KEPT=" .. folder
  end
  list[#list + 1] = ("LTTNGA_SKIPPED=%d"):format(self.skipped)
  self.skipped = 0
  local ok, message = true, nil
  if self.command then
    ok, message = host.spawn(self.command, list)
  end
  if not ok then
    self.say("warning: ", ("--do: %s"):format(message))
  end
end

--- The job that looks for the events of --when, for run.go.
-- @tparam table values options of the run: when, do, every
-- @treturn table script, values
function triggers.job(values)
  local event, source = read_when(values.when)
  local command = values["do"]
  if not command and not values.keep then
    fault.usage "--when needs --do COMMAND, or --keep TIME --keep-to DIR"
  elseif (values.keep == nil) ~= (values["keep-to"] == nil) then
    fault.usage "--keep TIME and --keep-to DIR belong together"
  elseif values.keep and not select(2, host.real_path(values["keep-to"] .. "/.")) then
    fault.usage("--keep-to: there is no directory '%s'", values["keep-to"])
  end
  local self = { event = event, command = command, every = values.every or EVERY, skipped = 0,
    to = values["keep-to"] }
  --- What was recorded until then has the state of the machine.
  local function note_state(w, time)
    if w.run.to then
      w.run.trace:keep_last(values.keep, time)
    end
  end
  local one = analysis {
    title = "Trigger", filters = {}, selects = { [event] = {} },
    on = {
      [event] = function(w, event) -- luacheck: ignore 431
        fire(w.run, event:copy())
      end,
      lttng_statedump_end = event ~= "lttng_statedump_end" and note_state or nil,
    },
    run = function() return self end,
    merge = false,
    tables = {},
  }
  return {
    script = { name = "--when", analysis = one },
    values = setmetatable({ filter = source }, { __index = values }),
    --- Checks the expression, when the events of the trace are known.
    check = function(trace, classes, say)
      self.trace, self.say = trace, say
      if self.to and not trace:is_growing() then
        fault.usage "--keep needs a trace that is being recorded: a live session, or --follow"
      elseif self.to then
        trace:keep_last(values.keep)
      end
      if not is_known(event, classes()) then
        fault.usage("--when: neither a derived event nor an event of this trace: '%s'", event)
      end
      local ok, message = selection.of_event(source or "true", event, { classes = classes })
      if source and not ok then
        fault.usage("--when: %s", message)
      end
    end,
  }
end

return triggers
