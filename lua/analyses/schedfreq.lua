--- How the times are distributed that threads waited for a CPU after they had been woken.
--
--   lttnga-run schedfreq --total my-trace/
--   lttnga-run schedfreq --tid 2092 --max 1ms --freq-resolution 50 my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 2026-11-23 15:36:40.973702410]
--
--   Scheduling latency frequency distribution - total (µs)
--   ################################################################################
--      18.900 ████████████████████████████████████████████████████████████████████████ 540
--    5346.138 ████                                                                      32
--   10673.376 █                                                                         11
--   16000.614                                                                            3
--   21327.852                                                                            5

local analysis = require "lttnga.analysis"
local family = require "lttnga.sched_family"
local frequency = require "lttnga.frequency"

local TITLE = "Scheduling latency frequency distribution"

return analysis {
  title = "Scheduling latency distributions",
  options = family.options,
  family = family.members,

  begin = function(w)
    w.waits = family.latencies(true)
  end,

  on = {
    wakeup_latency = function(w, tid, pid, procname, prio, duration)
      w.waits:add(tid, pid, procname, prio, duration)
    end,
  },

  tables = {
    { "freq", TITLE, frequency.columns "Latencies", needs = { "wakeup_latency" },
      text = frequency.text,
      each = function(w)
        local asked, results = family.asked(w.options), {}
        local function add(list)
          local tables = frequency.tables(TITLE .. " -", list, w.options,
            { low = w.options.min, high = w.options.max })
          table.move(tables, 1, #tables, #results + 1, results)
        end
        if asked.total then
          add { { name = "total", stats = w.waits.total } }
        end
        local threads, prios = {}, {}
        for i, thread in ipairs(asked.tid and w.waits:by_name() or {}) do
          threads[i] = { stats = thread.latencies,
            name = ("TID: %d (%s)"):format(thread.process.tid,
              thread.process.name or "unknown") }
        end
        for i, one in ipairs(asked.prio and w.waits:by_prio() or {}) do
          prios[i] = { name = ("Priority: %d"):format(one.prio), stats = one.latencies }
        end
        add(threads)
        add(prios)
        return results
      end },
  },
}
