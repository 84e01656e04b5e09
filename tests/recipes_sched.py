#!/usr/bin/env python3
"""What runqlat, runqslower, offcputime, execsnoop, killsnoop, tcplife and timehist have to say, found out
another way: from the lines that babeltrace2 prints, and what these events mean. Writes JSON.

  tests/recipes_sched.py BEGIN END TRACE...

Only what happens from BEGIN to END (ns since the Epoch) counts; what is before tells who runs, waits, and has
which files open.

SPDX-License-Identifier: MIT
"""

import bisect
import collections
import json
import re
import subprocess
import sys

LINE = re.compile(r"\[(\d+)\.(\d{9})\] (?:[^ {]+ )?([\w:]+): \{ cpu_id = (\d+) \}")
LOST = re.compile(r"discarded \d+ (?:event|packet)s? between \[[\d.]+\] and \[(\d+)\.(\d+)\].*?"
                  r'within stream "[^"]*_(\d+)"')
ADDRESS = re.compile(r"\b(saddr|daddr) = \[ ((?:\[\d+\] = \d+,? ?)*)\]")
ELEMENT = re.compile(r"\[\d+\] = (\d+)")

SIGNALS = dict(enumerate("""HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT
  STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS""".split(), 1))

# Calls that read from and write to the descriptor that this field names.
READS = {"read": "fd", "recvfrom": "fd", "recvmsg": "fd", "readv": "fd", "pread64": "fd"}
WRITES = {"write": "fd", "sendto": "fd", "sendmsg": "fd", "writev": "fd", "pwrite64": "fd"}
# Those that copy from one to another.
COPIES = {"sendfile64": ("in_fd", "out_fd"), "splice": ("fd_in", "fd_out")}

AF_INET, AF_INET6, CLOEXEC, CLONE_FILES = 2, 10, 0o2000000, 0x400
EINPROGRESS, EALREADY = -115, -114
# The number of a call that tracers have no name for.
PIDFD_SEND_SIGNAL = 424


def integer(text, name):
    """An integer field of a line; the last one of that name is the event's own."""
    at = text.rfind(" %s = " % name)
    if at < 0:
        return None
    match = re.compile(r"-?(?:0x[0-9A-Fa-f]+|\d+)").match(text, at + len(name) + 4)
    return int(match.group(), 0) if match else None


def string(text, name):
    at = text.rfind(' %s = "' % name)
    return text[at + len(name) + 5:].split('"', 1)[0] if at >= 0 else None


def address(text, name):
    """An address that a packet's header has, as it is written."""
    for found, inner in ADDRESS.findall(text):
        numbers = [int(n) for n in ELEMENT.findall(inner)]
        if found == name and len(numbers) == 4:
            return ".".join(map(str, numbers))
        if found == name and len(numbers) == 16:
            return numbers
    return None


class Connection:
    """A socket of TCP, whoever has a descriptor for it."""

    def __init__(self, tcp):
        self.tcp, self.holders = tcp, set()
        self.began = self.own = self.peer = self.pid = None
        self.made = self.begun_before = False
        self.sent = self.received = 0


class Recount:
    def __init__(self, begin, end, lost):
        self.begin, self.end = begin, end
        # When packets ended that events were lost in, by CPU; what is between the last event and that is missing.
        self.lost, self.last, self.gaps = lost, {}, []
        # Who runs on a CPU, since when; before its first switch a number below 0 stands for them.
        self.running, self.since = {}, {}
        self.left, self.runnable, self.got, self.state = {}, {}, {}, {}
        self.names, self.pids, self.parents, self.exited = {0: "swapper"}, {}, {}, set()
        self.call, self.files, self.cloexec = {}, collections.defaultdict(dict), collections.defaultdict(set)
        self.last_syn, self.softirqs = {}, set()
        self.rows = {"slices": [], "waits": [], "off": [], "execs": [], "fails": [], "signals": [],
                     "connections": []}

    def inside(self, time):
        return self.begin <= time <= self.end

    def note_gap(self, cpu, time):
        """Nobody knows what has happened on a CPU before its event at `time`: events were lost, or it was off line."""
        ends, last = self.lost.get(cpu), self.last.get(cpu, self.begin)
        while ends and ends[0] <= time:
            self.forget(cpu, last, ends.popleft())
        stops = (self.names.get(self.running.get(cpu)) or "").startswith("migration/")
        if stops and time - last > 10000000:
            self.forget(cpu, last, time)
        self.last[cpu] = time

    def forget(self, cpu, begin, end):
        self.gaps.append((begin, end))
        tid = self.running.pop(cpu, None)
        self.since[cpu] = None
        self.got.pop(tid, None)
        self.call.pop(tid, None)

    def judge(self):
        """Notes in rows whether no event of any CPU is missing in the time that they are about."""
        self.gaps.sort()
        longest = max((last - first for first, last in self.gaps), default=0)
        for row in self.rows["slices"] + self.rows["waits"] + self.rows["off"]:
            begin, end = row.pop("about")
            at = bisect.bisect_left(self.gaps, (begin - longest, 0))
            row["certain"] = True
            while at < len(self.gaps) and self.gaps[at][0] <= end and row["certain"]:
                row["certain"] = self.gaps[at][1] < begin
                at += 1

    # ---- The scheduler ----

    def runs(self, cpu):
        return self.running.get(cpu, -1 - cpu)

    def rename(self, old, new):
        """It turns out who has been running on a CPU since its first event."""
        for table in (self.call, self.got):
            if old in table:
                table[new] = table.pop(old)
        for row in self.rows["signals"] + self.rows["fails"]:
            if row["tid"] == old:
                row["tid"], row["pid"] = new, self.pid(new)

    def on_switch(self, time, cpu, text):
        prev, nxt = integer(text, "prev_tid"), integer(text, "next_tid")
        state = integer(text, "prev_state")
        if cpu not in self.running:
            self.rename(-1 - cpu, prev)
        elif self.running[cpu] != prev:
            # Somebody else ran there, which was not seen.
            self.got.pop(prev, None)
            self.since[cpu] = None
        # A context, if there is one, is of who leaves.
        if integer(text, "pid") is not None:
            self.pids[prev] = integer(text, "pid")
        self.names[prev], self.names[nxt] = string(text, "prev_comm"), string(text, "next_comm")
        self.end_slice(time, cpu, prev, state)
        if prev:
            self.left[prev], self.state[prev] = time, state
            self.runnable.pop(prev, None)
            if state & 0x2ff == 0:
                self.runnable[prev] = (time, "preempted")
            if state & 0x30:
                # It will not come back; who has this number next is another one.
                self.exited.add(prev)
                del self.left[prev], self.state[prev]
        self.running[cpu], self.since[cpu] = nxt, time
        if nxt:
            self.get_cpu(time, nxt, prev)

    def get_cpu(self, time, tid, prev):
        left, since = self.left.pop(tid, None), self.runnable.pop(tid, None)
        wait = time - left if left is not None else None
        delay = time - since[0] if since else None
        state = self.state.pop(tid, None)
        self.got[tid] = (time, wait, delay)
        if since and self.inside(time):
            self.rows["waits"].append({"time": time, "tid": tid, "pid": self.pid(tid), "comm": self.names[tid],
                                       "delay": delay, "kind": since[1], "prev_tid": prev,
                                       "prev_comm": self.names[prev] if prev else None,
                                       "about": (since[0], time)})
        if wait is not None and self.inside(time):
            call = self.call.get(tid)
            self.rows["off"].append({"tid": tid, "time": wait, "preempted": state & 0x2ff == 0,
                                     "syscall": call and call["name"], "about": (left, time)})

    def end_slice(self, time, cpu, tid, state):
        since = self.since.get(cpu, self.begin)
        if since is None:
            # Nobody knows who has run.
            return
        begin, end = max(since, self.begin), min(time, self.end)
        got = self.got.pop(tid, None)
        if begin >= end and not (begin == end and state is not None):
            return
        whole = got and got[0] == begin
        self.rows["slices"].append({
            "time": end, "cpu": cpu, "tid": tid, "run": end - begin,
            "wait": got[1] if whole else None, "delay": got[2] if whole else None,
            "about": (begin - max(got[1] or 0, got[2] or 0) if whole else begin, end)})

    def on_waking(self, time, text):
        tid = integer(text, "tid")
        if tid in self.running.values():
            return
        if tid not in self.runnable:
            self.runnable[tid] = (time, "woken")
        self.names.setdefault(tid, string(text, "comm"))

    # ---- Processes ----

    def pid(self, tid):
        return self.pids.get(tid)

    def parent(self, pid):
        """PID and name of the parent of a process; nothing once that has exited."""
        parent = self.parents.get(pid)
        return (parent, self.names.get(parent)) if parent and parent not in self.exited else (None, None)

    def on_fork(self, time, cpu, text):
        parent, child = integer(text, "parent_tid"), integer(text, "child_tid")
        pid, parent_pid = integer(text, "child_pid"), integer(text, "parent_pid")
        self.pids[parent] = parent_pid
        for table in (self.left, self.state, self.runnable, self.call, self.got):
            table.pop(child, None)
        self.exited.discard(child)
        self.pids[child], self.names[child] = pid, string(text, "child_comm")
        if child != pid:
            return
        self.parents[pid] = parent_pid
        self.close_all(pid, time)
        call = self.call.get(parent)
        flags = call and call["name"] == "clone" and integer(call["text"], "clone_flags|flags".split("|")[0]) or 0
        if not flags & CLONE_FILES:
            self.files[pid] = dict(self.files[parent_pid])
            self.cloexec[pid] = set(self.cloexec[parent_pid])
            for fd, connection in self.files[pid].items():
                connection.holders.add((pid, fd))

    def on_exec(self, time, cpu, text):
        tid, old = integer(text, "tid"), integer(text, "old_tid")
        path = string(text, "filename")
        if old != tid:
            if self.running.get(cpu) == old:
                self.end_slice(time, cpu, old, None)
                self.running[cpu], self.since[cpu] = tid, time
            if old in self.call:
                self.call[tid] = self.call.pop(old)
            for table in (self.left, self.state, self.runnable):
                table.pop(tid, None)
        self.exited.discard(tid)
        self.pids[tid] = tid
        self.names[tid] = path.rsplit("/", 1)[-1][:15]
        for fd in list(self.cloexec[tid]):
            self.close(tid, fd, time)
        if self.inside(time):
            ppid, parent = self.parent(tid)
            self.rows["execs"].append({"time": time, "pid": tid, "ppid": ppid, "pcomm": parent, "file": path})

    def on_exit(self, time, cpu, text):
        tid = integer(text, "tid")
        self.exited.add(tid)
        self.call.pop(tid, None)
        if self.pids.get(tid, tid) == tid:
            self.close_all(tid, time)

    # ---- System calls ----

    def on_entry(self, time, cpu, name, text):
        self.call[self.runs(cpu)] = {"name": name, "time": time, "text": text}

    def on_return(self, time, cpu, name, text):
        tid = self.runs(cpu)
        call, ret = self.call.pop(tid, None), integer(text, "ret")
        if name in ("execve", "execveat") and call and ret < 0 and self.inside(time):
            self.rows["fails"].append({"time": time, "tid": tid, "pid": self.pid(tid), "ret": ret,
                                       "file": string(call["text"], "filename")})
        if call and call["name"] == name and self.inside(time):
            self.signal(time, tid, call, ret)
        self.socket_call(time, tid, name, call if call and call["name"] == name else None, text, ret)

    def signal(self, time, tid, call, ret):
        by_descriptor = call["name"] == "unknown" and integer(call["text"], "id") == PIDFD_SEND_SIGNAL
        if by_descriptor:
            sig, target = int(re.search(r"\[1\] = (\w+)", call["text"]).group(1), 0), call.get("target")
        elif call["name"] in ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
            sig, target = integer(call["text"], "sig"), integer(call["text"], "pid")
        else:
            return
        self.rows["signals"].append({
            "time": time, "tid": tid, "pid": self.pid(tid), "comm": self.names.get(tid), "sig": sig,
            "signal": "SIG" + SIGNALS[sig] if sig in SIGNALS else None, "target": target, "ret": ret})

    def on_generate(self, cpu, text):
        call = self.call.get(self.runs(cpu))
        if call and call["name"] == "unknown":
            call.setdefault("target", integer(text, "pid"))

    # ---- Connections ----

    def told_address(self, text):
        """The address that a call tells, beside its port: one of IPv4, or in IPv6 (::ffff:192.0.2.1)."""
        four, six = ([int(n) for n in ELEMENT.findall(match.group(1))] if match else []
                     for match in (re.search(r" %saddr = \[ ((?:\[\d+\] = \d+,? ?)*)" % version, text)
                                   for version in ("v4", "v6")))
        if len(six) == 8 and six[:6] == [0, 0, 0, 0, 0, 0xffff]:
            four = [six[6] >> 8, six[6] & 255, six[7] >> 8, six[7] & 255]
        return ".".join(map(str, four)) if len(four) == 4 else None

    def socket_call(self, time, tid, name, call, text, ret):
        pid = self.pid(tid) or tid
        files = self.files[pid]
        given = call["text"] if call else ""
        if name == "socket" and call and ret >= 0:
            kind = integer(given, "type")
            tcp = integer(given, "family") in (AF_INET, AF_INET6) and kind & 15 == 1
            self.open(pid, ret, Connection(tcp), kind & CLOEXEC)
        elif name == "connect" and call and integer(given, "fd") in files:
            self.connect(time, pid, files[integer(given, "fd")], given, ret)
        elif name in ("accept", "accept4") and ret >= 0:
            listener = files.get(integer(given, "fd")) if call else None
            family = integer(text, "family")
            # Who does not ask for the address is not told the family: packets will tell.
            connection = Connection(listener.tcp if listener else family in (AF_INET, AF_INET6) or None)
            connection.made, connection.pid, connection.began = True, pid, time
            connection.begun_before = not self.inside(time)
            if self.told_address(text):
                connection.peer = (self.told_address(text), integer(text, "sport"))
                connection.own = self.last_syn.get(connection.peer)
            self.open(pid, ret, connection, call and integer(given, "flags") or 0 & CLOEXEC)
        elif name in ("dup", "dup2", "dup3", "fcntl") and call and ret >= 0:
            self.duplicate(time, pid, name, given, ret)
        elif name == "close" and call and ret != -9:
            self.close(pid, integer(given, "fd"), time)
        elif call and ret > 0:
            if name in READS or name in COPIES:
                self.move(time, pid, integer(given, READS.get(name) or COPIES[name][0]), ret, "received")
            if name in WRITES or name in COPIES:
                self.move(time, pid, integer(given, WRITES.get(name) or COPIES[name][1]), ret, "sent")

    def connect(self, time, pid, connection, given, ret):
        if ret not in (0, EINPROGRESS, EALREADY):
            connection.began = None
            return
        connection.pid = pid
        connection.began = connection.began or self.call_begin(given)
        connection.made = connection.made or ret == 0
        if self.told_address(given):
            connection.peer = (self.told_address(given), integer(given, "dport"))

    def call_begin(self, given):
        seconds, ns = LINE.match(given).group(1, 2)
        return int(seconds) * 1000000000 + int(ns)

    def duplicate(self, time, pid, name, given, ret):
        old = integer(given, {"dup": "fildes", "fcntl": "fd"}.get(name, "oldfd"))
        command = integer(given, "cmd")
        connection = self.files[pid].get(old)
        if name == "fcntl" and command == 2 and old in self.files[pid]:
            # F_SETFD
            change = self.cloexec[pid].add if integer(given, "arg") & 1 else self.cloexec[pid].discard
            change(old)
        if name == "fcntl" and command not in (0, 1030) or old == ret:
            return
        self.close(pid, ret, time)
        if connection:
            self.open(pid, ret, connection, command == 1030 or name == "dup3" and integer(given, "flags"))

    def move(self, time, pid, fd, size, direction):
        connection = self.files[pid].get(fd)
        if connection and self.inside(time):
            connection.pid, connection.made = pid, True
            setattr(connection, direction, getattr(connection, direction) + size)
        elif connection:
            connection.begun_before = True

    def open(self, pid, fd, connection, cloexec):
        if fd in self.files[pid]:
            self.close(pid, fd, None)
        self.files[pid][fd] = connection
        connection.holders.add((pid, fd))
        if cloexec:
            self.cloexec[pid].add(fd)

    def close(self, pid, fd, time):
        self.cloexec[pid].discard(fd)
        connection = self.files[pid].pop(fd, None)
        if connection:
            connection.holders.discard((pid, fd))
            if not connection.holders:
                self.end_connection(connection, time, False)

    def close_all(self, pid, time):
        for fd in list(self.files[pid]):
            self.close(pid, fd, time)

    def end_connection(self, connection, time, is_open):
        if not connection.tcp or not connection.made or time is None or not self.inside(time):
            return
        own, peer = connection.own or (None, None), connection.peer or (None, None)
        self.rows["connections"].append({
            "pid": connection.pid, "laddr": own[0], "lport": own[1], "raddr": peer[0], "rport": peer[1],
            "tx": connection.sent, "rx": connection.received, "open": is_open,
            "duration": time - connection.began if connection.began else None,
            "before": connection.begun_before or not connection.began or connection.began < self.begin})

    def on_packet(self, time, cpu, text):
        flags, source, dest = integer(text, "flags"), integer(text, "source_port"), integer(text, "dest_port")
        if "_tcp" not in text or flags is None:
            return
        own, peer = (address(text, "saddr"), source), (address(text, "daddr"), dest)
        if flags & 0x12 == 0x12 and isinstance(peer[0], str):
            self.last_syn[peer] = own
        call = self.call.get(self.runs(cpu))
        if cpu in self.softirqs or not call:
            return
        # A call sends it: that of whose descriptor it is.
        name, pid = call["name"], self.pid(self.runs(cpu)) or self.runs(cpu)
        field = COPIES[name][1] if name in COPIES else "fd"
        connection = field and self.files[pid].get(integer(call["text"], field))
        if connection and not connection.own:
            connection.own, connection.peer, connection.tcp = own, connection.peer or peer, True

    # ---- All of it ----

    def feed(self, lines):
        for text in lines:
            match = LINE.match(text)
            if not match:
                continue
            name, cpu = match.group(3), int(match.group(4))
            time = int(match.group(1)) * 1000000000 + int(match.group(2))
            self.note_gap(cpu, time)
            if name == "sched_switch":
                self.on_switch(time, cpu, text)
            elif name in ("sched_waking", "sched_wakeup", "sched_wakeup_new"):
                self.on_waking(time, text)
            elif "syscall_entry_" in name:
                self.on_entry(time, cpu, name.split("syscall_entry_")[1], text)
            elif "syscall_exit_" in name:
                self.on_return(time, cpu, name.split("syscall_exit_")[1], text)
            elif name == "signal_generate":
                self.on_generate(cpu, text)
            elif name.endswith("softirq_entry"):
                self.softirqs.add(cpu)
            elif name.endswith("softirq_exit"):
                self.softirqs.discard(cpu)
            elif name == "net_dev_queue":
                self.on_packet(time, cpu, text)
            elif name == "sched_process_fork":
                self.on_fork(time, cpu, text)
            elif name == "sched_process_exec":
                self.on_exec(time, cpu, text)
            elif name == "sched_process_exit":
                self.on_exit(time, cpu, text)
            elif name == "lttng_statedump_process_state":
                tid = integer(text, "tid")
                if tid not in self.exited:
                    self.pids[tid] = integer(text, "pid")
                    self.names.setdefault(tid, string(text, "name"))
                    if tid == self.pids[tid]:
                        self.parents[tid] = integer(text, "ppid")
        for cpu, tid in list(self.running.items()):
            self.end_slice(self.end, cpu, tid, None)
        # Some have done something before it was told what they belong to.
        for cpu in list(self.lost):
            self.note_gap(cpu, self.end)
        self.judge()
        self.rows["gaps"] = self.gaps
        known = {row["tid"]: row["pid"] for row in self.rows["waits"] if row["pid"]}
        for row in self.rows["waits"]:
            row["pid"] = row["pid"] or known.get(row["tid"])
        for row in self.rows["signals"] + self.rows["fails"]:
            row["pid"] = row["pid"] or self.pid(row["tid"])
        seen = set()
        for files in list(self.files.values()):
            for connection in files.values():
                if id(connection) not in seen:
                    seen.add(id(connection))
                    self.end_connection(connection, self.end, True)


def main():
    begin, end, traces = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    command = ["babeltrace2", "--clock-seconds", "--no-delta"] + traces
    # Of lost events babeltrace2 tells beside the others: these have to be known first.
    told = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False).stderr
    lost = collections.defaultdict(collections.deque)
    for seconds, ns, cpu in sorted(LOST.findall(told.decode(errors="replace"))):
        lost[int(cpu)].append(int(seconds) * 1000000000 + int(ns))
    recount = Recount(begin, end, lost)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        recount.feed(line.decode(errors="backslashreplace").rstrip("\n") for line in process.stdout)
    json.dump(recount.rows, sys.stdout)


main()
