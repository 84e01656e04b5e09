--- Each TCP connection, with its peer, bytes and duration, like bcc's tcplife.
--
--   lttnga-run tcplife my-trace/
--   lttnga-run tcplife --procname nginx --output csv my-trace/
--
-- A connection starts with connect or accept, and ends when the last process that has it closes it
-- (in bcc, when the kernel has closed it). TX and RX are the bytes that system calls transferred,
-- without sendmmsg, recvmmsg and io_uring, which do not report sizes. ">" means at least: the
-- connection was open before the time range, or still is at its end. Failed connects are left out;
-- netconns counts them. LADDR and LPORT come from packets; they are "?" without these.
--
--   Timerange: [2026-11-30 11:42:03.731536930, 11:42:08.613722370] UTC, 4.882 s
--
--   TCP connections
--   COMM            RADDR           RPORT            TX            RX       DURATION
--   cli             192.168.77.2     7101      1.56 KiB    118.75 KiB     893.811 ms
--   cli             192.168.77.2     7101      1.56 KiB    118.75 KiB     783.363 ms
--   cli             192.168.77.2     7101      1.56 KiB    118.75 KiB     802.390 ms
--   cli             192.168.77.2     7101      1.62 KiB    138.34 KiB     789.117 ms
--   Columns not shown: PID, LADDR, LPORT (use --width N for wider lines)

local analysis = require "lttnga.analysis"
local connections = require "lttnga.connections"

--- Adds a connection that has ended, or is open when the window ends.
local function add(w, life)
  if life.protocol == "tcp" and life.is_made then
    local laddr, lport = connections.split(life.address)
    local raddr, rport = connections.split(life.peer)
    local open, time = not life.ended, life.ended or w.last
    w.log:add { pid = life.pid, process = life.process, laddr = laddr, lport = lport,
      raddr = raddr, rport = rport, sent = life.sent, received = life.received,
      begin = life.began, time = time, duration = time - (life.began or life.first),
      open = open, before = not life.is_whole, more = (open or not life.began) and "> " or nil,
      least = (open or not life.is_whole) and ">" or nil }
  end
end

return analysis {
  title = "TCP connections",
  options = { "process", "cpu" },
  selects = connections.selects, run = connections.run,
  begin = function(w) connections.begin(w, { life = add }) end,
  collect = connections.collect, on = connections.on, finish = connections.finish,

  merge = "replay",

  tables = {
    { "connections", "TCP connections",
      { { "PID", "number", "pid", spare = 3, line = "{pid}|?" },
        { "COMM", "string", "process", width = -14 },
        { "LADDR", "string", "laddr", width = -15, spare = 1, line = "{laddr}|?" },
        { "LPORT", "number", "lport", spare = 2, width = 5, line = "{lport}|?" },
        { "RADDR", "string", "raddr", width = -15, line = "{raddr}|?" },
        { "RPORT", "number", "rport", width = 5, line = "{rport}|?" },
        { "TX", "size", "sent", line = "{least}{sent:size}|{sent:size}" },
        { "RX", "size", "received", line = "{least}{received:size}|{received:size}" },
        { "DURATION", "duration", "duration", line = "{more}{duration:us}|{duration:us}" },
        { "Began", "timestamp", "begin", hidden = true },
        { "Ended", "timestamp", "time", hidden = true },
        { "Begun before", "bool", "before", hidden = true },
        { "Open", "bool", "open", hidden = true } },
      sorted = "log", order = "time", needs = { "io_end" } },
  },
}
