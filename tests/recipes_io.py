"""A second way to the numbers of irqtop, syscalls, biolatency, biosnoop, opensnoop, filetop and
fileslower: what `babeltrace2` prints, line by line, and what these events mean to the kernel.

    tests/recipes_io.py LTTNGA_RUN TRACE [TOOL...]

runs each of them and compares. For each it prints how many rows there were, and the first of those
that only one of both has (SHOWN=N: the first N). It fails if there are any, unless events were
lost: then both can only say what they know, which is not the same.

SPDX-License-Identifier: MIT
"""

import collections
import errno
import json
import os
import re
import subprocess
import sys
import tempfile

EVENT = re.compile(r"\[(\d+)\.(\d+)\] \(\S+\) (?:[^\s:]+ )?(\w+): (\{.*)$")
STRING = r'"(?:[^"\\]|\\.)*"'
GROUP = re.compile(
    r"\{ ?((?:[^{}\"]|%s|\{(?:[^{}\"]|%s|\{[^{}]*\})*\})*)\}(?:, |$)" % (STRING, STRING))
FIELD = re.compile(
    r'(\w+) = (?:"((?:[^"\\]|\\.)*)"|\( [^)]*container = (-?\w+) \)|\[ ((?:\[\d+\] = '
    r'[^ ,]+,? )*)\]|([^ ,}\]]+))')
# A counter that falls back is told as a huge number.
LOST = re.compile(r"discarded (?:\d{1,12}|an unknown number of) (?:events|packets) between "
                  r"\[(\d+)\.(\d+)\] and \[(\d+)\.(\d+)\] .*stream \"([^\"]*)\"")

# What a call is to files: R(ead), W(rite), C(opy: both), O(pen), S(ync); its descriptor, and of
# copies the one that is written.
CALLS = {
    "read": "R fd", "pread64": "R fd", "readv": "R fd", "preadv": "R fd", "preadv2": "R fd",
    "recvfrom": "R fd", "recvmsg": "R fd", "write": "W fd", "pwrite64": "W fd", "writev": "W fd",
    "pwritev": "W fd", "pwritev2": "W fd", "sendto": "W fd", "sendmsg": "W fd", "vmsplice": "W fd",
    "sendfile64": "C in_fd out_fd", "sendfile": "C in_fd out_fd", "splice": "C fd_in fd_out",
    "tee": "C fdin fdout", "copy_file_range": "C fd_in fd_out",
    "open": "O", "openat": "O", "openat2": "O", "creat": "O", "open_by_handle_at": "O",
    "fsync": "S fd", "fdatasync": "S fd", "sync_file_range": "S fd", "syncfs": "S fd", "sync": "S",
    "msync": "S",
}

# Calls that LTTng 2.13 tells by number only, on x86-64: their names, and which of their arguments
# are what. (Before LTTng 2.9 a trace does not tell which architecture it is of.)
UNKNOWN = {number: tuple(words.split(" ")) for number, words in {
    13: "rt_sigaction", 15: "rt_sigreturn", 56: "clone flags", 57: "fork", 58: "vfork",
    59: "execve", 101: "ptrace", 125: "capget", 126: "capset", 127: "rt_sigpending",
    156: "_sysctl", 158: "arch_prctl", 187: "readahead", 205: "set_thread_area",
    272: "unshare unshare_flags", 302: "prlimit64", 308: "setns", 310: "process_vm_readv",
    312: "kcmp", 313: "finit_module", 314: "sched_setattr", 315: "sched_getattr",
    316: "renameat2", 317: "seccomp", 318: "getrandom", 319: "memfd_create", 321: "bpf",
    322: "execveat", 323: "userfaultfd", 324: "membarrier", 325: "mlock2",
    326: "copy_file_range fd_in off_in fd_out", 327: "preadv2 fd", 328: "pwritev2 fd",
    329: "pkey_mprotect", 332: "statx", 333: "io_pgetevents", 334: "rseq",
    424: "pidfd_send_signal", 425: "io_uring_setup", 426: "io_uring_enter",
    427: "io_uring_register", 434: "pidfd_open", 435: "clone3", 436: "close_range fd max_fd flags",
    437: "openat2 dfd", 438: "pidfd_getfd", 439: "faccessat2", 441: "epoll_pwait2",
    448: "process_mrelease", 449: "futex_waitv"}.items()}

# The flags of open(2) that have a name, those of several bits first.
OPEN_FLAGS = [("O_CREAT", 0o100), ("O_EXCL", 0o200), ("O_NOCTTY", 0o400), ("O_TRUNC", 0o1000),
              ("O_APPEND", 0o2000), ("O_NONBLOCK", 0o4000), ("O_SYNC", 0o4010000),
              ("O_DSYNC", 0o10000), ("O_ASYNC", 0o20000), ("O_NOATIME", 0o1000000),
              ("O_CLOEXEC", 0o2000000), ("O_PATH", 0o10000000)]
X86_OPEN_FLAGS = [("O_TMPFILE", 0o20200000), ("O_DIRECTORY", 0o200000), ("O_NOFOLLOW", 0o400000),
                  ("O_DIRECT", 0o40000), ("O_LARGEFILE", 0o100000)]
O_CLOEXEC = 0o2000000
CLONE_FILES = 0x400
F_DUPFD, F_SETFD, F_DUPFD_CLOEXEC = 0, 2, 1030
FIONCLEX, FIOCLEX = 0x5450, 0x5451
SECTOR = 512

# Numbers with two names in C, and those that only the kernel has.
ERRORS = {35: "EDEADLK", 95: "EOPNOTSUPP", 512: "ERESTARTSYS", 513: "ERESTARTNOINTR",
          514: "ERESTARTNOHAND", 516: "ERESTART_RESTARTBLOCK"}


def error_name(number):
    return ERRORS.get(number) or errno.errorcode.get(number, str(number))


def number_of(text):
    base = 16 if text.lower().startswith("0x") else 8 if re.fullmatch("0[0-7]+", text) else 10
    value = int(text, base)
    return value - (1 << 64) if value >= 1 << 63 else value


def unescape(text):
    """A text as lttnga writes it: in one that is no UTF-8, what can't be printed is \\xNN."""
    text = re.sub(r"\\x([0-9a-f]{2})|\\(.)", lambda found: chr(int(found[1], 16)) if found[1] else
                  {"n": "\n", "t": "\t", "r": "\r"}.get(found[2], found[2]), text)
    if not re.search("[\udc80-\udcff]", text):
        return text
    return re.sub("[\x00-\x1f\x7f\udc80-\udcff]",
                  lambda found: "\\x%02x" % (ord(found[0]) & 255), text)


def fields_of(text):
    fields = {}
    for name, string, enum, array, plain in FIELD.findall(text):
        if plain or enum:
            try:
                fields[name] = number_of(plain or enum)
            except ValueError:
                fields[name] = plain
        elif array:
            fields[name] = [number_of(item) for item in re.findall(r"= (-?\w+)", array)]
        else:
            fields[name] = unescape(string)
    return fields


class File:
    """What is behind a descriptor: its name, and whether it is no file, as far as is known."""

    def __init__(self, path, cloexec=False, other=False):
        self.path, self.cloexec, self.other = path, cloexec, other

    def copy(self, cloexec):
        return File(self.path, cloexec, self.other)


def file_of_path(path, cloexec=False):
    """A file that was opened by that name, or that a statedump tells."""
    special = re.match(r"(pipe|socket|anon_inode):|/memfd:", path or "")
    device = re.match(r"/dev(/|$)", path or "") and not re.match(
        "/dev/(shm|mqueue|hugepages)(/|$)", path)
    return File(path, cloexec, bool(special or device))


class Thread:
    """Who it is, its descriptors, the call it is in, and when it last left a CPU."""

    def __init__(self, tid, pid=None, comm=None, files=None):
        self.tid, self.pid, self.comm = tid, pid, comm
        self.files = files if files is not None else {}
        self.call, self.left = None, 0
        self.known = files is not None


class Request:
    """What a disk has to do."""

    def __init__(self, begin, event, thread):
        self.begin, self.left, self.size = begin, event["nr_sector"], event["nr_sector"]
        self.sector, self.dev, self.rwbs = event["sector"], event["dev"], event["rwbs"]
        self.comm, self.pid = event.get("comm"), thread.pid
        self.top, self.given_back = self.dev, False


def flags_of(rwbs):
    """The letters of blktrace, from LTTng's bits."""
    letters = "F" if rwbs & 1024 else ""
    letters += ("D" if rwbs & 2 else "W" if rwbs & 1 else "R" if rwbs & 4 or rwbs == 0
                else "F" if rwbs & 256 else "N")
    for bit, letter in ((128, "E"), (512, "F"), (8, "A"), (32, "S"), (64, "M")):
        letters += letter if rwbs & bit else ""
    return letters


class Softirqs:
    """Raised ones of a CPU. The kernel takes all that are raised at once, and runs their handlers
    by number; what is raised from then on is for the next round. That moment is not in the trace:
    it is somewhere before the first handler's entry. So what was raised twice before that may have
    been raised for both rounds: it was, if a second round comes and there was no later raise."""

    def __init__(self):
        self.raised, self.taken, self.twice = {}, {}, {}
        self.last, self.running = -1, None

    def raise_(self, vec, time):
        # Between two handlers may be between two rounds.
        of = self.taken if vec in self.taken and not self.running else self.raised
        of.setdefault(vec, []).append(time)

    def enter(self, vec, time):
        if vec not in self.taken or vec <= self.last:
            for v, times in self.taken.items():
                self.raised[v] = times + self.raised.get(v, [])
            self.taken, self.raised = self.raised, {}
        # Those of lower numbers would have come before this one, if they had been taken.
        for v in [v for v in self.taken if v < vec]:
            self.raised[v] = self.taken.pop(v) + self.raised.get(v, [])
        times = self.taken.pop(vec, None) or self.twice.get(vec) or [None]
        self.twice[vec], self.last, self.running = times[1:], vec, (vec, time, times[0])


class Machine:
    """What happened between two times."""

    def __init__(self, first, last, unnamed):
        self.first, self.last, self.unnamed = first, last, unnamed
        self.threads, self.current, self.tables = {}, {}, {}
        self.stand_ins, self.forgotten = collections.defaultdict(lambda: Thread(None)), {}
        self.disks, self.requests, self.remaps = {}, {}, {}
        self.irqs, self.softirqs = collections.defaultdict(list), collections.defaultdict(Softirqs)
        self.rows, self.served = collections.defaultdict(list), []
        self.calls = collections.defaultdict(list)
        self.failed = collections.defaultdict(collections.Counter)
        self.top = collections.defaultdict(lambda: [0, 0, 0, 0])
        self.time, self.lost, self.is_x86 = 0, 0, False

    # ---- Who runs ----

    def thread(self, tid):
        if tid not in self.threads:
            self.threads[tid] = Thread(tid)
        return self.threads[tid]

    def forget(self, cpu):
        """Events of a CPU are lost: nobody knows what went on there."""
        running = self.threads.get(self.current.get(cpu))
        if running:
            running.call = None
        self.current[cpu], self.stand_ins[cpu] = None, Thread(None)
        self.forgotten[cpu] = self.time
        self.irqs[cpu], self.softirqs[cpu] = [], Softirqs()

    def event(self, time, name, cpu, context, event):
        self.time = time
        tid = context.get("tid", self.current.get(cpu))
        # Whoever runs there: a call that begins and ends without a switch is one.
        thread = self.stand_ins[cpu] if tid is None else self.thread(tid) if tid else Thread(0)
        if context.get("pid") and tid != 0:
            thread.pid = context["pid"]
        if "procname" in context and tid != 0:
            thread.comm = context["procname"]
        name = name.removeprefix("compat_")
        handler = getattr(self, "on_" + name, None)
        if handler:
            handler(cpu, thread, event)
        elif name.startswith("syscall_entry_"):
            self.enter(thread, name[14:], event)
        elif name.startswith("syscall_exit_"):
            self.exit(thread, name[13:], event)

    def inside(self):
        return self.first <= self.time <= self.last

    def on_sched_switch(self, cpu, thread, event):
        previous, stand_in = self.thread(event["prev_tid"]), self.stand_ins.pop(cpu, None)
        previous.left = self.time
        if stand_in and self.current.get(cpu) is None:
            # That was who ran.
            previous.call = stand_in.call
        self.current[cpu] = tid = event["next_tid"]
        if tid:
            self.thread(tid).comm = event["next_comm"]
            if self.forgotten.get(cpu, 0) > self.thread(tid).left:
                # It may have run here meanwhile, unseen.
                self.thread(tid).call = None

    def on_sched_process_fork(self, cpu, thread, event):
        parent, tid = self.thread(event["parent_tid"]), event["child_tid"]
        parent.pid, parent.comm = event.get("parent_pid", parent.pid), event["parent_comm"]
        flags = 0
        if parent.call and parent.call[0] in ("clone", "clone3"):
            flags = parent.call[2].get("flags", 0)
            if parent.call[0] == "clone3" and event["child_pid"] == parent.pid:
                flags = CLONE_FILES
        files = parent.files if flags & CLONE_FILES else {
            fd: file.copy(file.cloexec) for fd, file in parent.files.items()}
        self.threads[tid] = Thread(tid, event["child_pid"], event["child_comm"], files)

    def on_sched_process_exec(self, cpu, thread, event):
        if event["old_tid"] != event["tid"]:
            old = self.thread(event["old_tid"])
            self.threads.pop(event["old_tid"])
            old.tid, self.current[cpu] = event["tid"], event["tid"]
            self.threads[event["tid"]] = thread = old
        thread.files = {fd: file for fd, file in thread.files.items() if not file.cloexec}
        # Of its process it is the first thread now, and the only one.
        thread.pid = event["tid"]
        if event["filename"]:
            thread.comm = os.path.basename(event["filename"])[:15]

    def on_sched_process_exit(self, cpu, thread, event):
        thread.files = {}

    def on_lttng_statedump_process_state(self, cpu, thread, event):
        one = self.thread(event["tid"])
        one.pid, one.comm = event["pid"], event["name"]
        if event["type"] == 0 and not one.known and "file_table_address" in event:
            # Who shares descriptors has the same table.
            one.files = self.tables.setdefault(event["file_table_address"], one.files)

    def on_lttng_statedump_file_descriptor(self, cpu, thread, event):
        table = self.tables.setdefault(event["file_table_address"], {})
        table.setdefault(event["fd"], file_of_path(
            event["filename"], bool(event["flags"] & O_CLOEXEC)))

    # ---- System calls ----

    def enter(self, thread, name, event):
        base = thread.files.get(event.get("dfd"))
        path = event.get("filename", event.get("pathname"))
        if name in ("openat", "openat2") and path is not None and base and base.path and \
                not path.startswith("/"):
            while path.startswith("./"):
                path = path[2:]
            path = base.path if path in ("", ".") else base.path.rstrip("/") + "/" + path
        kind, *fds = CALLS.get(name, "- ").split(" ")
        fds = [event.get(fd) for fd in fds]
        files = [thread.files.get(fd) for fd in fds]
        thread.call = (name, self.time, event, kind, path, list(zip(files, fds)))

    def name_of(self, number):
        """The name of a call, and those of its arguments."""
        return self.is_x86 and UNKNOWN.get(number) or ["unknown_%d" % number]

    def on_syscall_entry_unknown(self, cpu, thread, event):
        name, *args = self.name_of(event["id"])
        named = dict(zip(args, event["args"]))
        for fd in ("fd", "fd_in", "fd_out", "dfd"):
            if fd in named and isinstance(named[fd], int):
                named[fd] = (named[fd] & 0xffffffff) - (1 << 32 if named[fd] & 0x80000000 else 0)
        self.enter(thread, name, named)

    def on_syscall_exit_unknown(self, cpu, thread, event):
        self.exit(thread, self.name_of(event["id"])[0], event)

    def exit(self, thread, name, event):
        call, thread.call = thread.call, None
        ret = event["ret"]
        failed = -ret if -4095 <= ret < 0 else 0
        if call and call[0] != name:
            call = None
        if not call and name in ("socket", "accept", "accept4") and not failed:
            thread.files[ret] = File("socket", False, True)
        if call and self.time in self.unnamed:
            call = (*call[:4], None, call[5])
        if call:
            self.change_files(thread, call, ret, failed, event)
        if not call or not self.inside():
            return
        duration = self.time - call[1]
        key = thread.pid, name
        self.calls[key].append(duration)
        if failed:
            self.failed[key][error_name(failed)] += 1
        kind, path, files = call[3:]
        # What was not known when the call began may be since.
        files = [file or thread.files.get(fd) for file, fd in files]
        if kind == "O":
            flags = call[2].get("flags") if name != "creat" else 0o1101
            self.rows["opensnoop"].append((
                self.time, thread.pid, thread.comm, None if failed else ret,
                error_name(failed) if failed else None, flags_text(flags, self.is_x86), path))
            self.slow(thread, "O", None, duration, file_of_path(path))
        elif kind == "S":
            # A sync of something that is no file takes no time worth telling.
            self.slow(thread, "S", None, duration, files[0] if files else None, True)
        elif kind in ("R", "W", "C"):
            size = None if failed else ret
            for side, file in zip("RW" if kind == "C" else kind, files):
                self.slow(thread, side, size, duration, file)
                if size is not None and not (file and file.other):
                    row = self.top[thread, file and file.path]
                    row[0 if side == "R" else 1] += 1
                    row[2 if side == "R" else 3] += size

    def slow(self, thread, side, size, duration, file, always=False):
        if duration >= 10000000 and (always or not (file and file.other)):
            self.rows["fileslower"].append((
                self.time, thread.comm, thread.tid, side, size, duration, file and file.path))

    def change_files(self, thread, call, ret, failed, event):
        name, _, args, _, path, _ = call
        files = thread.files
        if name == "close" and failed != errno.EBADF:
            files.pop(args["fd"], None)
        if failed:
            return
        if name in ("open", "openat", "openat2", "creat", "open_by_handle_at"):
            files[ret] = file_of_path(path, bool((args.get("flags") or 0) & O_CLOEXEC))
        elif name in ("dup", "dup2", "dup3"):
            old = files.get(args["fildes" if name == "dup" else "oldfd"])
            if name == "dup" or args["oldfd"] != ret:
                if old:
                    files[ret] = old.copy(bool(args.get("flags", 0) & O_CLOEXEC))
                else:
                    files.pop(ret, None)
        elif name == "fcntl" and args["cmd"] in (F_DUPFD, F_DUPFD_CLOEXEC):
            old = files.get(args["fd"])
            files.pop(ret, None)
            if old:
                files[ret] = old.copy(args["cmd"] == F_DUPFD_CLOEXEC)
        elif name == "fcntl" and args["cmd"] == F_SETFD and args["fd"] in files:
            files[args["fd"]] = files[args["fd"]].copy(bool(args["arg"] & 1))
        elif name == "ioctl" and args["cmd"] in (FIOCLEX, FIONCLEX) and args["fd"] in files:
            files[args["fd"]] = files[args["fd"]].copy(args["cmd"] == FIOCLEX)
        elif name in ("pipe", "pipe2"):
            for fd in event.get("fildes", ()):
                files[fd] = File("pipe", bool(args.get("flags", 0) & O_CLOEXEC), True)
        elif name == "socketpair":
            for fd in event.get("socket", ()):
                files[fd] = File("socket", bool(args.get("type", 0) & O_CLOEXEC), True)
        elif name in ("socket", "accept", "accept4"):
            files[ret] = File("socket", bool((args.get("flags") or args.get("type") or 0)
                                             & O_CLOEXEC), True)
        elif name in ("epoll_create", "epoll_create1", "eventfd", "eventfd2", "signalfd",
                      "signalfd4", "timerfd_create", "inotify_init", "inotify_init1",
                      "io_uring_setup", "memfd_create", "pidfd_open", "userfaultfd",
                      "perf_event_open"):
            if not (name.startswith("signalfd") and args.get("ufd", -1) != -1):
                cloexec = name in ("io_uring_setup", "pidfd_open") or \
                    bool((args.get("flags") or 0) & O_CLOEXEC)
                files[ret] = File(name, cloexec, True)
        elif name == "close_range":
            top = args["max_fd"] & 0xffffffff
            if args["flags"] & 2:
                thread.files = files = dict(files)
            for fd in [fd for fd in files if args["fd"] <= fd <= top]:
                if args["flags"] & 4:
                    files[fd] = files[fd].copy(True)
                else:
                    del files[fd]
        elif name == "unshare" and args.get("unshare_flags", 0) & CLONE_FILES:
            thread.files = dict(files)

    # ---- Disks ----

    def on_lttng_statedump_block_device(self, cpu, thread, event):
        self.disks[event["dev"]] = event["diskname"]

    def disk_name(self, dev):
        return self.disks.get(dev) or "(%d,%d)" % (dev >> 20, dev & 0xfffff)

    def on_block_bio_remap(self, cpu, thread, event):
        top = self.remaps.pop((event["old_dev"], event["old_sector"]), event["old_dev"])
        if event["nr_sector"]:
            self.remaps[event["dev"], event["sector"]] = top

    def on_block_rq_issue(self, cpu, thread, event):
        key = event["dev"], event["sector"]
        top = self.remaps.pop(key, event["dev"])
        if not event["nr_sector"]:
            return
        request = self.requests.get(key)
        if request and request.given_back:
            request.given_back, request.left = False, event["nr_sector"]
            request.size = event["nr_sector"]
            return
        self.requests[key] = request = Request(self.time, event, self.thread(event["tid"]))
        request.top = top

    def on_block_rq_requeue(self, cpu, thread, event):
        if (event["dev"], event["sector"]) in self.requests:
            self.requests[event["dev"], event["sector"]].given_back = True

    def on_block_rq_complete(self, cpu, thread, event):
        request = self.requests.get((event["dev"], event["sector"]))
        if not request or not event["nr_sector"]:
            return
        del self.requests[event["dev"], event["sector"]]
        if event["nr_sector"] < request.left:
            request.left -= event["nr_sector"]
            self.requests[event["dev"], event["sector"] + event["nr_sector"]] = request
            return
        if self.inside():
            flags, latency = flags_of(request.rwbs), self.time - request.begin
            self.rows["biosnoop"].append((
                self.time, request.comm, request.pid, self.disk_name(request.top), flags,
                request.sector, request.size * SECTOR, latency))
            self.served.append((request.top, flags, latency))

    # ---- Interrupts ----

    def on_irq_handler_entry(self, cpu, thread, event):
        self.irqs[cpu].append((event["irq"], self.time, event["name"]))

    def on_irq_handler_exit(self, cpu, thread, event):
        while self.irqs[cpu]:
            irq, begin, name = self.irqs[cpu].pop()
            if irq == event["irq"]:
                self.interrupt("IRQ", irq, begin, cpu, name, None)
                return

    def interrupt(self, kind, number, begin, cpu, name, latency):
        if self.inside():
            self.rows["irqtop"].append((
                begin, self.time, self.time - begin, cpu, kind, number, latency))

    def on_irq_softirq_raise(self, cpu, thread, event):
        self.softirqs[cpu].raise_(event["vec"], self.time)

    def on_irq_softirq_entry(self, cpu, thread, event):
        self.softirqs[cpu].enter(event["vec"], self.time)

    def on_irq_softirq_exit(self, cpu, thread, event):
        running, self.softirqs[cpu].running = self.softirqs[cpu].running, None
        if running and running[0] == event["vec"]:
            vec, begin, raised = running
            self.interrupt("SoftIRQ", vec, begin, cpu, None,
                           None if raised is None else begin - raised)


def flags_text(flags, is_x86):
    if flags is None:
        return None
    names, rest = [("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")[flags & 3]], flags & ~3
    for name, bits in OPEN_FLAGS + (X86_OPEN_FLAGS if is_x86 else []):
        if rest & bits == bits:
            names.append(name)
            rest &= ~bits
    return "|".join(names + (["0x%x" % rest] if rest else []))


# ---- Reading the trace ----

# What else a line may tell is about memory, or timers: left out before it is taken apart.
WANTED = re.compile(r" ((compat_)?syscall_|sched_switch|sched_process_(fork|exec|exit)|irq_|"
                    r"lttng_statedump_(process_state|file_desc|block)|block_(rq_|bio_remap))")


def gaps_of(messages):
    """When each CPU has lost events, from what babeltrace2 says: (end, cpu), in order."""
    gaps = []
    for found in LOST.finditer(messages):
        cpu = re.search(r"_(\d+)(?:_\d+)?$", found[5])
        gaps.append((int(found[3]) * 10**9 + int(found[4]), int(cpu[1])))
    return sorted(gaps)


def tells_architecture(trace):
    """Whether the tracer is young enough for that; other machines than x86 are not expected."""
    for folder, _, names in os.walk(trace):
        if "metadata" in names:
            with open(os.path.join(folder, "metadata"), "rb") as file:
                minor = re.search(rb'tracer_minor = "?(\d+)', file.read())
                return not minor or int(minor[1]) >= 9
    return True


def first_switches(lines):
    """Who ran on each CPU before its first switch."""
    before = {}
    for line in lines:
        if " sched_switch: " in line:
            cpu = int(re.search(r"cpu_id = (\d+)", line)[1])
            if cpu not in before:
                before[cpu] = int(re.search(r"prev_tid = (\d+)", line)[1])
    return before


def recompute(trace, first, last, unnamed):
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape") as file:
        done = subprocess.run(["babeltrace2", "--clock-seconds", trace], stdout=file,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit("babeltrace2: " + done.stderr)
        gaps = gaps_of(done.stderr)
        machine = Machine(first, last, unnamed)
        machine.lost = len(gaps)
        file.seek(0)
        machine.is_x86 = tells_architecture(trace)
        machine.current.update(first_switches(file) if not gaps else {})
        file.seek(0)
        for line in file:
            if not WANTED.search(line, 30, 120):
                continue
            seconds, ns, name, rest = EVENT.match(line).groups()
            time = int(seconds) * 10**9 + int(ns)
            while gaps and gaps[0][0] < time:
                machine.forget(gaps.pop(0)[1])
            groups = [fields_of(group) for group in GROUP.findall(rest)]
            context = {}
            for group in groups[1:-1]:
                context.update(group)
            machine.event(time, name, groups[0]["cpu_id"], context, groups[-1])
    return machine


# ---- Comparing ----

class Ours:
    """What lttnga-run says."""

    def __init__(self, program, trace):
        self.program, self.trace = program, trace

    def rows(self, *words):
        result = subprocess.run([self.program, *words, "--no-progress", "--no-cache", "--output",
                                 "json", self.trace], capture_output=True, check=False,
                                env={**os.environ, "TZ": "UTC"})
        if result.returncode != 0:
            sys.exit("%s: %s" % (" ".join(words), result.stderr.decode()))
        about, rows = None, []
        for line in result.stdout.decode("utf-8", "surrogateescape").splitlines():
            row = json.loads(line)
            if row["table"] != "trace":
                rows.append(row)
            elif row["what"] == "range":
                about = row
        return rows, about


def doubling(ns):
    low = 0
    high = 1000
    while ns >= high:
        low, high = high, high * 2
    return low


def rounded(number):
    return None if number is None else "%.5g" % number


def compare(tool, ours, theirs):
    """Two lists of rows, which have to be the same, in whatever order; how many are not."""
    counts = collections.Counter(ours)
    counts.subtract(theirs)
    more = sorted((row for row, n in counts.items() if n > 0), key=str)
    less = sorted((row for row, n in counts.items() if n < 0), key=str)
    print("%-24s %7d rows" % (tool, len(theirs)), end="")
    print(", %d only here, %d only in the events" % (len(more), len(less)) if more or less else "")
    for title, rows in (("only here", more), ("only in the events", less)):
        for row in rows[:int(os.environ.get("SHOWN", "5"))]:
            print("    %s: %s" % (title, row))
    return len(more) + len(less)


def call_row(name, durations, errors, total):
    count, whole = len(durations), sum(durations)
    mean = whole / count
    spread = None
    if count > 1 and mean > 0:
        spread = (sum((d - mean)**2 for d in durations) / (count - 1) / count)**0.5 / mean
    return (name, rounded(whole / total), count, sum(errors.values()), whole, min(durations),
            rounded(mean), max(durations), rounded(spread), tuple(sorted(errors.items())))


def calls_of(machine, by_process):
    """Rows as those of syscalls."""
    calls = {key: list(durations) for key, durations in machine.calls.items()}
    if not by_process:
        calls, errors = collections.defaultdict(list), collections.defaultdict(collections.Counter)
        for (_, name), durations in machine.calls.items():
            calls[name] += durations
        for (_, name), counts in machine.failed.items():
            errors[name].update(counts)
    else:
        errors = machine.failed
    total = sum(sum(durations) for durations in calls.values())
    return [call_row(key, durations, errors[key], total) for key, durations in calls.items()]


def histogram(rows, *columns):
    return [(*key, n) for key, n in collections.Counter(
        (*(row[c] for c in columns), doubling(row[-1])) for row in rows).items()]


def main(program, trace, *tools):
    ours = Ours(program, trace)
    opens, about = ours.rows("opensnoop")
    # Where LTTng could not read a name it is empty, for which babeltrace2 2.0.4 prints an earlier
    # one: which these are, only we can tell.
    unnamed = {row["time"] for row in opens if row["path"] is None}
    machine = recompute(trace, about["begin"], about["end"], unnamed)
    theirs = machine.rows

    def over(tool, *words):
        return [row for row in ours.rows(tool, *words)[0] if not row.get("open")]

    def irqtop():
        return compare("irqtop", [
            (row["time_range"]["begin"], row["time_range"]["end"], row["duration"], row["cpu"],
             row["type"], row["interrupt"]["nr"], row["raise_latency"])
            for row in over("irqtop", "--limit", "0") if row["type"] != "Vector"],
                       theirs["irqtop"])

    def syscalls():
        wrong = 0
        for words in ((), ("--by-process",)):
            wrong += compare(" ".join(("syscalls", *words)), [
                (((row["process"] or {}).get("pid"), row["syscall"]) if words else
                 row["syscall"], rounded(row["share"]), row["calls"], row["errors"],
                 row["total"], row["min"], rounded(row["avg"]), row["max"], rounded(row["stddev"]),
                 tuple(sorted((row["errors_by_name"]).items())))
                for row in over("syscalls", "--limit", "0", *words)],
                             calls_of(machine, bool(words)))
        return wrong

    def biolatency():
        wrong = 0
        # A disk is called what it was called last.
        served = [(machine.disk_name(dev), *rest) for dev, *rest in machine.served]
        for words, keys, columns in (((), (), ()), (("--per-disk",), ("disk",), (0,)),
                                     (("--per-flag",), ("flags",), (1,)),
                                     (("-D", "-F"), ("disk", "flags"), (0, 1))):
            wrong += compare(" ".join(("biolatency", *words)), [
                (*(row[key] for key in keys), row["duration_lower_bound"], row["requests"])
                for row in over("biolatency", *words) if row["requests"]],
                             histogram(served, *columns))
        return wrong

    def log(tool, columns, *words):
        return lambda: compare(tool, [
            tuple(row[column] for column in columns.split()) for row in over(tool, *words)],
                               theirs[tool])

    theirs["filetop"] = [(thread.tid or None, thread.comm, *counts, path)
                         for (thread, path), counts in machine.top.items()]
    checks = {
        "irqtop": irqtop, "syscalls": syscalls, "biolatency": biolatency,
        "biosnoop": log("biosnoop", "time comm pid disk t sector bytes lat"),
        "opensnoop": log("opensnoop", "time pid comm fd err flags path"),
        "filetop": log("filetop", "tid comm reads writes r_bytes w_bytes file", "--limit", "0"),
        "fileslower": log("fileslower", "time comm tid d bytes lat filename"),
    }
    wrong = sum([checks[tool]() for tool in tools or checks])
    if machine.lost:
        print("events were lost %d times: not all can be the same" % machine.lost)
    return 0 if wrong == 0 or machine.lost else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
