--- The session: reads Lua from the terminal, a pipe or the command line, runs it piece by piece,
-- and shows what comes out.
--
-- SPDX-License-Identifier: MIT

local completion = require "lttnga.completion"
local fault = require "lttnga.fault"
local host = require "lttnga.host"
local pretty = require "lttnga.pretty"
local prompt = require "lttnga.prompt"
local text = require "lttnga.text"

local repl = {}

--- What chunks are called in messages.
local NAME, CODE_NAME = "=(prompt)", "=-e"

--- The prompt while a command is incomplete.
local MORE = "...> "

--- Columns of what goes to no terminal.
local WIDTH = 80

--- What quit() raises.
local QUIT = setmetatable({}, { __tostring = function() return "quit" end })

-- ---- The globals ----

--- Tables to look names up in: `env`, and what it takes from its metatable.
local function names_of(env, inherited)
  local names = {}
  for _, place in ipairs { env, type(inherited) == "table" and inherited or {} } do
    for name in next, place do
      if type(name) == "string" then
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

--- Makes the reading of a name that is not there an error.
-- @treturn what env inherited until now: the __index of its metatable
-- @tparam[opt] function hint takes a name; what may be meant, for the end of a message, or nil
local function make_strict(env, hint)
  local meta = debug.getmetatable(env)
  local inherited = meta and meta.__index
  local assigned = { _ = true }
  local function find(name)
    if type(inherited) == "function" then
      return inherited(env, name)
    end
    return inherited and inherited[name]
  end
  setmetatable(env, {
    __index = function(_, name)
      local value = find(name)
      if value == nil and not assigned[name] then
        name = tostring(name)
        error(("undefined variable '%s'%s"):format(name, hint and hint(name)
          or text.did_you_mean(name, names_of(env, inherited))), 2)
      end
      return value
    end,
    __newindex = function(_, name, value)
      assigned[name] = true
      rawset(env, name, value)
    end,
  })
  return inherited
end

--- Like print, but the text can't control the terminal.
local function clean_print(...)
  local parts = table.pack(...)
  for i = 1, parts.n do
    parts[i] = tostring(parts[i]):gsub("[^\n\t]+", text.clean)
  end
  io.stdout:write(table.concat(parts, "\t"), "\n")
end

local Session = {}
Session.__index = Session

local function new_session(world)
  local env = world.env
  local session = setmetatable({ env = env, world = world, ended = false }, Session)
  local function quit()
    session.ended = true
    error(QUIT, 0)
  end
  local inherited = make_strict(env, world.hint)
  for name, own in pairs { print = clean_print, quit = quit, exit = quit } do
    if rawget(env, name) == nil or rawget(env, name) == _G[name] then
      rawset(env, name, own)
    end
  end
  session.completion = completion.new(env, type(inherited) == "table" and inherited or nil,
    world.arguments, world.complete)
  return session
end

-- ---- Running a command ----

--- Whether more lines could make it right. A string does not go on in the next line.
local function is_incomplete(message)
  return message:find("<eof>$") ~= nil and not message:find("unfinished string near", 1, true)
end

--- As load(), but the message is a text: what the compiler raises when there is too much of
-- something has been through the handler of errors.
local function compile(source, name, env)
  local chunk, message = load(source, name, "t", env)
  if chunk then
    return chunk
  end
  return nil, fault.is(message) and message.message or tostring(message)
end

--- A suggestion for a line that is not Lua: a command followed by an argument, as in a shell.
function Session:meant(source)
  local word, rest = source:match("^%s*([%a_][%w_]*)%s+([^%s=~<>,(].*)$")
  if not word then
    return ""
  elseif type(rawget(self.env, word)) == "function" then
    local is_number = rest:find "^%-?%d+%s*$"
    return ("; write %s(%s)"):format(word, is_number and rest
      or pretty.quote((rest:gsub("^[\"']?(.-)[\"']?%s*$", "%1"))))
  end
  return text.did_you_mean(word, names_of(self.env))
end

--- Compiles a command: as an expression, else as statements. The name of a function alone calls it.
-- @tparam string source
-- @tparam string name of the chunk
-- @tparam[opt=1] integer line where it begins
-- @treturn function, or nil, a message, and whether more of it could make it right
function Session:compile(source, name, line)
  local word = source:match("^%s*([%a_][%w_]*)%s*$")
  if word and type(rawget(self.env, word)) == "function" then
    source = word .. "()"
  end
  source = ("\n"):rep((line or 1) - 1) .. source
  local chunk, as_value = compile("return " .. source, name, self.env)
  if chunk then
    return chunk
  end
  local message
  chunk, message = compile(source, name, self.env)
  if chunk then
    return chunk
  elseif is_incomplete(as_value) then
    message = as_value
  end
  local incomplete = is_incomplete(message)
  return nil, incomplete and message or message .. self:meant(source), incomplete
end

--- The user's own levels of a traceback, if there are several: one says no more than the message.
local function own_levels(traceback)
  local levels = {}
  for line in (traceback or ""):gmatch("[^\n]+") do
    local level = line:match("^\t(%(prompt%):.*)$") or line:match("^\t(%-e:.*)$")
    levels[#levels + 1] = level and "  " .. text.clean(level) .. "\n"
  end
  return #levels > 1 and table.concat(levels) or ""
end

--- Tells of an error; returns the exit status that it stands for.
function Session:tell(problem)
  io.stdout:flush()
  if type(problem) == "string" then
    problem = fault.new(fault.RUN, "%s", problem)
  elseif not fault.is(problem) then
    problem = fault.new(fault.RUN, "%s", fault.text_of(problem))
  end
  local is_interrupted = problem.status == 130
  self.world.say(is_interrupted and "" or "error: ", problem.message)
  io.stderr:write(own_levels(problem.traceback))
  return is_interrupted and 130 or fault.RUN
end

--- Shows what a command gave.
local function show(env, values)
  rawset(env, "_", values[1])
  io.stdout:write(pretty.values(values, host.terminal(1) or WIDTH), "\n")
end

--- Calls a function so that Ctrl-C and errors end only that.
-- @treturn table its results; or nil and the exit status
function Session:call(f, ...)
  local function on_error(err)
    return err == QUIT and QUIT or self.world.on_error(err)
  end
  local results = table.pack(prompt.call(f, on_error, ...))
  if results[1] then
    return table.pack(table.unpack(results, 2, results.n))
  elseif results[1] == nil then
    io.stderr:write("\n") -- the terminal has written ^C
    return nil, self:tell(fault.new(130, "interrupted"))
  elseif results[2] == QUIT then
    return nil, 0
  end
  return nil, self:tell(results[2])
end

--- Runs a chunk and shows what it returns. Returns an exit status.
function Session:execute(chunk)
  local values, status = self:call(chunk)
  if values and values.n > 0 and not self.ended then
    values, status = self:call(show, self.env, values)
  end
  local ok, message = io.stdout:flush()
  if not ok then
    return self:tell("cannot write: " .. (message or "the output is closed or full"))
  end
  return values and 0 or status
end

-- ---- Where commands come from ----

--- Commands of the command line, each a whole one. Returns an exit status.
function Session:run_codes(codes)
  local status = 0
  for _, code in ipairs(codes) do
    local chunk, message = self:compile(code, CODE_NAME)
    status = chunk and self:execute(chunk) or not chunk and self:tell(message) or 0
    if status ~= 0 or self.ended then
      break
    end
  end
  return status
end

--- Commands from a pipe or a file: one a line, or several lines if the first one is incomplete.
-- Returns an exit status.
function Session:run_pipe(input)
  local pending, first, number = nil, 1, 0
  local problem
  for line in input:lines() do
    number = number + 1
    first = pending and first or number
    pending = pending and pending .. "\n" .. line or line
    local chunk, message, incomplete = self:compile(pending, NAME, first)
    problem = message
    if not incomplete then
      pending = nil
      local status = chunk and self:execute(chunk) or not chunk and self:tell(message) or 0
      if status ~= 0 or self.ended then
        return status
      end
    end
  end
  return pending and self:tell(problem) or 0
end

--- Takes a line of the terminal. Returns what it is a part of, if that is incomplete.
function Session:take_line(pending, line)
  local source = pending and pending .. "\n" .. line or line
  local chunk, message, incomplete = self:compile(source, NAME)
  if incomplete then
    return source
  elseif chunk then
    self:execute(chunk)
  else
    self:tell(message)
  end
  return nil
end

--- Adds a line to the history, also in the file: a session may end in many ways.
function Session:remember(line)
  prompt.remember(line)
  if self.world.history then
    prompt.save_history(self.world.history)
  end
end

--- Commands from the terminal, until quit() or Ctrl-D.
function Session:run_terminal()
  local pending
  prompt.complete(function(line, cursor)
    local earlier = pending and pending .. "\n" or ""
    local list, start = self.completion:candidates(earlier .. line:sub(1, cursor),
      line:sub(cursor + 1))
    return list, start - #earlier
  end)
  while not self.ended do
    local line, why = prompt.read(pending and MORE or self.world.prompt())
    if line then
      self:remember(line)
      pending = self:take_line(pending, line)
    elseif why == "interrupted" then
      pending = nil
    elseif pending then
      local _, message = self:compile(pending, NAME)
      self:tell(message)
      pending = nil
    else
      self.ended = true
    end
  end
end

--- Starts a session at the terminal. Returns what must be closed at its end.
local function open_terminal(world)
  io.stdout:setvbuf("line")
  prompt.session(true)
  if world.history then
    prompt.load_history(world.history)
  end
  if world.banner then
    io.stdout:write((world.banner:gsub("\n?$", "\n")))
  end
  io.stdout:flush()
  return setmetatable({}, { __close = function() prompt.session(false) end })
end

--- Runs a session.
--
-- A line that is an expression is shown, else it is run as statements; the name of a function alone
-- calls it. Lines that are incomplete go on with the next one. `_` is what was shown last. Globals
-- that are assigned are kept in env, and reading one that does not exist is an error. At the
-- terminal an error, or Ctrl-C, ends only the command; else the session, with status 1.
-- @tparam table world
-- env: the globals, table; functions such as ps. `quit`, `exit` and `print` are added
-- prompt: function that returns what stands before the line
-- banner: text for the terminal, or nil
-- codes: list of commands to run instead of those from stdin, or nil
-- arguments: { name = { kind, ... } }: what the arguments of functions are, for completion
-- complete: function(kind, prefix) that returns a list of values, or nil
-- hint: function(name) that says what may be meant by a name that there is not, or nil
-- on_error: message handler, see cli.on_error
-- say: function(kind, message), see cli.lua
-- history: path of the file with the lines of earlier sessions, or nil
-- @treturn integer exit status
function repl.run(world)
  local session = new_session(world)
  if world.codes then
    return session:run_codes(world.codes)
  elseif not host.terminal(0) then
    return session:run_pipe(io.stdin)
  end
  local _ <close> = open_terminal(world)
  session:run_terminal()
  return 0
end

return repl
