--- The stock analyses by topic, and the names under which other tools have them: --list, the manual
-- and the reference page are made of it.
--
-- SPDX-License-Identifier: MIT

local catalogue = {}

--- Topics, in the order in which people need them: { title, analysis, ... }.
catalogue.topics = {
  { "Start here", "overview", "info", "report", "timeline", "export" },
  { "What was slow, and why", "requests", "requeststop", "requestsfreq", "requestslog", "why",
    "criticalpath", "pageflush" },
  { "System calls", "syscalls", "syscallstats", "iolatencystats", "iolatencytop", "iolatencyfreq",
    "iolog", "latencymap" },
  { "Files", "filetop", "fileslower", "opensnoop", "dirtytop" },
  { "Disks", "iousagetop", "biolatency", "biosnoop", "writeback" },
  { "CPUs and the scheduler", "cputop", "schedstates", "runqueue", "runqlat", "runqslower",
    "schedstats", "schedtop", "schedfreq", "schedlog", "timehist" },
  { "Waits and locks", "waits", "waitstop", "waitsfreq", "waitslog", "offcputime", "locks",
    "wakers" },
  { "Interrupts", "irqtop", "irqstats", "irqfreq", "irqlog" },
  { "Memory", "memtop" },
  { "Network", "netconns", "tcplife" },
  { "Processes and containers", "containers", "execsnoop", "killsnoop", "trackprocess" },
  { "Periods that you define", "periodstats", "periodtop", "periodfreq", "periodlog" },
}

--- The title for the user's own analyses, which no topic names.
catalogue.own = "Your own"

--- Names of tools whose question an analysis of another name answers: { analysis, name, ... }.
catalogue.aliases = {
  { "overview", "vmstat", "sar" },
  { "cputop", "top", "pidstat", "mpstat" },
  { "iousagetop", "iotop", "biotop" },
  { "syscalls", "strace", "syscount" },
  { "iolatencyfreq", "ext4dist", "xfsdist", "btrfsdist", "nfsdist" },
  { "fileslower", "ext4slower", "xfsslower", "btrfsslower", "nfsslower" },
  { "pageflush", "syncsnoop" },
  { "irqstats", "hardirqs", "softirqs" },
  { "runqueue", "runqlen" },
  { "wakers", "wakeuptime" },
  { "locks", "klockstat" },
  { "netconns", "tcptop", "tcpconnlat" },
}

--- The analysis that answers the question of a tool; nil if there is none.
function catalogue.of_alias(name)
  for _, entry in ipairs(catalogue.aliases) do
    for i = 2, #entry do
      if entry[i] == name then
        return entry[1]
      end
    end
  end
  return nil
end

--- All other names of an analysis.
-- @treturn table list, empty if it has none
function catalogue.aliases_of(name)
  for _, entry in ipairs(catalogue.aliases) do
    if entry[1] == name then
      return { table.unpack(entry, 2) }
    end
  end
  return {}
end

--- Puts analyses under their topics.
-- @tparam table entries list of { name =, ... }
-- @treturn table list of { title =, list of entries }, without topics that are empty
function catalogue.sorted(entries)
  local by_name, topics = {}, {}
  for _, entry in ipairs(entries) do
    by_name[entry.name] = entry
  end
  for _, topic in ipairs(catalogue.topics) do
    local found = { title = topic[1] }
    for i = 2, #topic do
      found[#found + 1], by_name[topic[i]] = by_name[topic[i]], nil
    end
    topics[#topics + 1] = found[1] and found
  end
  local own = { title = catalogue.own }
  for _, entry in ipairs(entries) do
    own[#own + 1] = by_name[entry.name]
  end
  topics[#topics + 1] = own[1] and own
  return topics
end

return catalogue
