--- All interrupts, in the order in which their handlers ended.
--
--   lttnga-run irqlog my-trace/
--   lttnga-run irqlog --softirq 3 --min 100 --output csv my-trace/
--
--   Timerange: [2026-11-23 15:36:37.097854430, 15:36:40.973702410] UTC, 3.876 s
--
--   Interrupt log
--   Begin                    Duration  CPU  Type           #  Name
--   15:36:37.249867960       7.848 ms    1  IRQ           29  virtio4-req.1
--   15:36:37.281708620     145.400 us    1  IRQ           29  virtio4-req.1
--   15:36:37.919105360     167.850 us    1  IRQ           29  virtio4-req.1
--   15:36:37.986033670     183.570 us    1  IRQ           29  virtio4-req.1
--   15:36:38.004431470      80.600 us    1  IRQ           29  virtio4-req.1
--   15:36:38.021661570     148.340 us    1  IRQ           29  virtio4-req.1
--   15:36:38.039206730     118.040 us    1  IRQ           29  virtio4-req.1
--   15:36:38.063576850     113.250 us    1  IRQ           29  virtio4-req.1
--   15:36:38.095051850     163.950 us    1  IRQ           29  virtio4-req.1
--   15:36:38.111010860     121.410 us    1  IRQ           29  virtio4-req.1
--   15:36:38.126960940     132.640 us    1  IRQ           29  virtio4-req.1
--   15:36:38.137647240     120.720 us    1  IRQ           29  virtio4-req.1
--   15:36:38.167052200     120.270 us    1  IRQ           29  virtio4-req.1

local analysis = require "lttnga.analysis"
local ends = require "lttnga.ends"
local family = require "lttnga.irq_family"

return analysis {
  title = "Interrupt log",
  options = family.options_of "log",
  family = family.members,

  collect = function(options)
    return family.collect_all(options, "log", { "time", "begin", "duration", "cpu", "name" },
      { "time", "begin", "duration", "cpu", "name", "raise" })
  end,

  tables = {
    -- Interrupts go to w.log as their handlers end.
    { "log", "Interrupt log",
      { { "Time range", "time-range", { "begin", "time" } },
        { "Raised", "timestamp", "raise", unknown = "is_soft" }, { "CPU", "cpu", "cpu" },
        { "Interrupt", "irq", family.cell }, { "Duration", "duration", "duration" },
        { "Kind", "string", "kind" }, ends.column },
      needs = { "irq_end", "softirq_end" }, sorted = "log",
      text = family.text {
        { -22, " {name} (raised at {raise:time})| unknown (raised at {raise:time})| {name}"
          .. "| unknown", "Name", " Name" },
      } },
  },
}
