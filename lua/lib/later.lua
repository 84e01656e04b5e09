--- Loads modules when something in them is first used: reading all of our files takes longer than
-- analysing a small trace, and most runs need half of them.
--
--     local later = require "lttnga.later"
--     local help = later "lttnga.help"
--
-- SPDX-License-Identifier: MIT

--- What stands for a module until it is needed.
-- @tparam string name as for require
-- @treturn table what reads and writes of the module's functions and values go through
return function(name)
  return setmetatable({}, {
    __index = function(stand_in, key)
      local value = require(name)[key]
      -- Functions stay what they are; what may change is asked for again.
      if type(value) == "function" then
        rawset(stand_in, key, value)
      end
      return value
    end,
    __newindex = function(_, key, value)
      require(name)[key] = value
    end,
  })
end
