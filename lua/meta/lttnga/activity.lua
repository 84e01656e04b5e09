---@meta lttnga.activity

-- Made by `make docs`: see tools/luals.lua.
--
-- SPDX-License-Identifier: MIT

---What a machine does over time, in intervals: CPUs, threads, disks, page cache, network. What
---`overview` and pictures are made of.
---
---    begin = function(w) activity.begin(w, { width = 1000000000 }) end,
---    collect = activity.collect,
---    finish = function(w) w.rows = activity.rows(w) end,
---
---A row is an interval; amounts are those of all of it, times are in ns, and a field is nil if the
---trace can't tell it:
---
---    begin, time, length         when; how long
---    n_cpus                      CPUs that were recorded
---    unrecorded                  whether nothing is known of it at all: amounts are nil then
---    busy, idle, unknown         what they did (ns of all of them); by CPU in `cpus`
---    user, system                what they did while they were busy: system calls and threads of
---                                the kernel are `system` (spread evenly over what a thread ran)
---    irq, softirq                handlers of interrupts, whoever was interrupted
---    waiting, blocked            how many threads waited for a CPU; slept uninterruptibly (mean)
---    read, written               bytes that disks have read and written (without failed requests)
---    n_read, n_written           requests that did that; `requests`: of all kinds
---    p99                         of the time that requests took; in `disks`: by name
---    dirty, dirty_most           bytes of the page cache that are dirty: mean, and most
---    received, sent              bytes; by interface in `netifs`
---    forks                       threads and processes that were made
---    slowest                     of calls on files: { name, procname, tid, value = ns, time };
---                                has_calls: whether there can be one
---    lost_events, lost_packets   what was lost in gaps that end in it; `lost_time`: how long gaps
---                                were, of all CPUs
---    failed                      how many calls failed so: by "NAME ERROR"
---    reclaim                     how often (n), and for how long (time), memory was freed, as it
---                                ended: by `direct`, `kswapd`
---    throttled                   how long calls were made to wait for too many dirty pages
---    longest_blocked, longest_queued, longest_irq    { value = ns, time, ... }
local activity = {}

---The collects, for `collect` of an analysis.
---@type table
activity.collect = {}

---The hooks that are collected, each once, for `needs` of a table of everything.
---@type table
activity.needs = {}

---Makes the series in a window.
---@param w table the window
---@param options? table see stats.grid (default: bins of 1 ms)
function activity.begin(w, options) end

---The rows of a window that is closing, in the intervals that its grid has now.
---@param w table the window
---@return table # list, see above
function activity.rows(w) end

return activity
