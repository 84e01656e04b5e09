/*
 * Derived events: what the kernel model reports when something has finished. This one list makes the
 * C structures, the fields that a Lua hook can ask for, and docs/hooks.md.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_DERIVED_H
#define LTTNGA_DERIVED_H

#include "state/events.h"
#include "state/strpool.h"

#include <stdint.h>

/*
 * Fields: F(event, name, type, wants, unit, what it is). Types: INT, an integer (VALUE_ABSENT reaches
 * Lua as nil); STR, an interned string (0 reaches Lua as nil); SYM, a fixed name (NULL likewise).
 * `wants` are parts of the model (enum want) that this field takes beside those of its event.
 */
#define COMMON_FIELDS(F, event, time_doc, whose) \
	COMMON_FIELDS_ON(F, event, time_doc, whose, "CPU on which that happened")
#define COMMON_FIELDS_ON(F, event, time_doc, whose, cpu_doc)                                       \
	F(event, time, INT, 0, "ns", time_doc)                                                     \
	F(event, cpu, INT, 0, "", cpu_doc)                                                         \
	F(event, host, SYM, 0, "", "name of the machine")                                          \
	F(event, tid, INT, 0, "", "TID of " whose)                                                 \
	F(event, pid, INT, 0, "", "PID of " whose)                                                 \
	F(event, utid, INT, 0, "", "number of that thread, unique in the trace (TIDs are reused)") \
	F(event, upid, INT, 0, "", "the same for its process (PIDs are reused)")                   \
	F(event, procname, STR, WANT_NAMES, "", "name of that thread at that moment")              \
	F(event, process, STR, WANT_NAMES, "", "name of its process: that of the main thread")     \
	SPOT_FIELDS(F, event)

/*
 * Where the thread is: the members of struct thread_place. They are one member of the event's structure, so that
 * it costs one step to say nothing of them; F_PLACE says what they are in a list made with F.
 */
#define SPOT_FIELDS(F, event) F##_PLACE(event)
#define PLACE_FIELDS(F, event)                                                                      \
	F(event, container, STR, WANT_NAMESPACES, "",                                               \
		"the thread's container, by its name or its namespace: `web`, `pid:[4026532281]`; " \
		"`host` for the machine itself; nil if not known (containers.md)")                  \
	F(event, container_id, INT, WANT_NAMESPACES, "",                                            \
		"number of that container, unique in the trace (names and namespaces are "          \
		"reused); 1 is the machine itself; 0: not known, or no thread")                     \
	F(event, container_ns, INT, WANT_NAMESPACES, "",                                            \
		"inode number of the namespace by which it is known")                               \
	F(event, container_parent, INT, WANT_NAMESPACES, "",                                        \
		"number of the container around it; nil for the machine itself")                    \
	F(event, cgroup, STR, WANT_NAMESPACES, "",                                                  \
		"path of that container's cgroup: `/docker/4f2...`; nil if not known")              \
	F(event, vtid, INT, WANT_NAMESPACES, "",                                                    \
		"TID in the thread's own PID namespace; nil if not known")                          \
	F(event, vpid, INT, WANT_NAMESPACES, "", "PID there")

#define CALL_FIELDS(F, event)                                                                \
	COMMON_FIELDS(F, event, "when the call returned", "the calling thread")              \
	F(event, begin, INT, 0, "ns", "when the call was entered")                           \
	F(event, duration, INT, 0, "ns", "from entry to return")                             \
	F(event, name, SYM, 0, "", "name of the system call: `openat`")                      \
	F(event, compat, BOOL, 0, "", "whether it is a 32-bit call on a 64-bit kernel")      \
	F(event, ret, INT, 0, "", "value returned")                                          \
	F(event, error, INT, 0, "", "error number (errno) if the call failed, else 0")       \
	F(event, error_name, SYM, 0, "", "its name: `ENOENT`; nil if the call did not fail") \
	F(event, io_class, SYM, 0, "",                                                       \
		"`open`, `read`, `write`, `sync`, `close`, `accept` or "                     \
		"`io_uring`; `copy` for calls that read one descriptor and "                 \
		"write another; nil for those without I/O")                                  \
	F(event, fd, INT, WANT_ARGS, "",                                                     \
		"file descriptor of the call; for those that make one, the "                 \
		"new one")                                                                   \
	F(event, path, STR, WANT_FILES, "",                                                  \
		"file name of the descriptor, or of the file to be opened")                  \
	F(event, file_type, SYM, WANT_FILES | WANT_FILE_TYPES, "",                           \
		"what the descriptor refers to: `file` (it has a path), "                    \
		"`device` (in /dev), `virtual` (in memory or made by the "                   \
		"kernel: tmpfs, /proc), `net`, `local` (a socket, a pipe or "                \
		"the like within the machine), or `unknown`; nil without a "                 \
		"descriptor")                                                                \
	F(event, flags, STR, WANT_ARGS, "",                                                  \
		"flags of an open, as in C: `O_RDONLY`, or several names joined "            \
		"by bars; nil for other calls, and for "                                     \
		"openat2, whose flags are not recorded")                                     \
	F(event, count, INT, WANT_ARGS, "bytes", "requested size")                           \
	F(event, size, INT, 0, "bytes",                                                      \
		"size that was read or written; nil if the call failed or "                  \
		"does not return it")                                                        \
	PEER_FIELDS(F, event)                                                                \
	F(event, waited, INT, WANT_CAUSE, "ns", "how long the thread slept in the call")     \
	F(event, cause, SYM, WANT_CAUSE, "",                                                 \
		"what it slept for longest: `disk`, `lock`, `net`, ..., as "                 \
		"in sleep_end; nil if it did not sleep")                                     \
	F(event, disk, STR, WANT_CAUSE, "", "name of the disk, for `disk`")                  \
	F(event, source_tid, INT, WANT_CAUSE, "",                                            \
		"TID of the thread that ended or caused that wait")                          \
	F(event, source_procname, STR, WANT_CAUSE | WANT_NAMES, "", "name of that thread")

#define D_SYSCALL_EXIT_FIELDS(F) CALL_FIELDS(F, syscall_exit)
#define D_IO_END_FIELDS(F)       CALL_FIELDS(F, io_end)

/* What is known of a socket that a call is about. */
#define WANT_PEER (WANT_FILES | WANT_PACKETS)
#define PEER_FIELDS(F, event)                                                  \
	F(event, peer, STR, WANT_PEER, "",                                     \
		"the other side of the descriptor's connection "               \
		"(`10.0.2.2:5432`, `[fe80::1]:80`), from connect or accept, "  \
		"else from packets that this call or an earlier one sent; "    \
		"nil for other descriptors, and until it is known")            \
	F(event, port, INT, WANT_PEER, "",                                     \
		"the server's port: the other side's if this side connected; " \
		"this side's if it accepted, which only packets show")         \
	F(event, side, SYM, WANT_PEER, "",                                     \
		"`client` if this side connected, `server` if it accepted; "   \
		"if neither was seen, judged by its port and the peer's, "     \
		"else `unknown`. Nil for other descriptors, and for sockets "  \
		"within the machine if neither was seen")                      \
	F(event, opened, INT, WANT_PEER, "ns",                                 \
		"when the socket was created or accepted; nil if that was "    \
		"not seen. Together with the process and the peer it "         \
		"identifies a connection")                                     \
	F(event, address, STR, WANT_PEER, "",                                  \
		"local address and port; nil if no packet showed them")        \
	F(event, protocol, SYM, WANT_PEER, "",                                 \
		"`tcp`, `udp`, ...: from the call that created the socket, "   \
		"or from its packets; nil if neither was seen")

/* What is still going on when a window ends. */
#define OPEN_FIELDS(F, event, whose, begin_doc)                \
	COMMON_FIELDS(F, event, "when the window ends", whose) \
	F(event, begin, INT, 0, "ns", begin_doc)               \
	F(event, duration, INT, 0, "ns", "from then to the end of the window")

#define OPEN_CALL_FIELDS(F, event)                                                         \
	OPEN_FIELDS(F, event, "the calling thread", "when the call was entered")           \
	F(event, name, SYM, 0, "", "name of the system call: `openat`")                    \
	F(event, compat, BOOL, 0, "", "whether it is a 32-bit call on a 64-bit kernel")    \
	F(event, io_class, SYM, 0, "", "as in syscall_exit")                               \
	F(event, fd, INT, WANT_ARGS, "", "file descriptor that the call is about, if any") \
	F(event, path, STR, WANT_FILES, "",                                                \
		"file name of the descriptor, or of the file to be opened")                \
	F(event, file_type, SYM, WANT_FILES | WANT_FILE_TYPES, "", "as in syscall_exit")   \
	F(event, flags, STR, WANT_ARGS, "", "as in syscall_exit")                          \
	F(event, count, INT, WANT_ARGS, "bytes", "requested size")                         \
	PEER_FIELDS(F, event)
#define D_SYSCALL_OPEN_FIELDS(F) OPEN_CALL_FIELDS(F, syscall_open)
#define D_IO_OPEN_FIELDS(F)      OPEN_CALL_FIELDS(F, io_open)

#define FD_FIELDS(F, event)                                                                     \
	COMMON_FIELDS(F, event, "when the call that did it returned", "the thread that did it") \
	F(event, fd, INT, 0, "", "the file descriptor")                                         \
	F(event, path, STR, 0, "", "its file name, or what it is: `socket`, `pipe`")

#define D_FD_OPEN_FIELDS(F)   \
	FD_FIELDS(F, fd_open) \
	F(fd_open, cloexec, BOOL, 0, "", "whether an exec closes it")
#define D_FD_CLOSE_FIELDS(F)   \
	FD_FIELDS(F, fd_close) \
	F(fd_close, side, SYM, WANT_PEER, "", "of a socket, as in syscall_exit; nil for others")

/* A request that has been issued. */
#define DISK_REQUEST_FIELDS(F, event)                                                  \
	F(event, disk, STR, 0, "", "name of the disk or partition, as known then")     \
	F(event, dev, INT, 0, "", "its number: (major << 20) + minor")                 \
	F(event, sector, INT, 0, "", "first sector, on the device that does the work") \
	F(event, size, INT, 0, "bytes", "size")                                        \
	F(event, op, SYM, 0, "", "`read`, `write`, `discard`, `flush` or `other`")     \
	F(event, rwbs, INT, 0, "", "the kernel's flags of the request")                \
	F(event, flags, STR, WANT_BLOCK_FLAGS, "", "the same as in disk_request_end")

#define D_DISK_REQUEST_ISSUE_FIELDS(F)                                                          \
	COMMON_FIELDS(F, disk_request_issue, "when the request was (first) issued to the disk", \
		"the thread that issued it")                                                    \
	DISK_REQUEST_FIELDS(F, disk_request_issue)                                              \
	F(disk_request_issue, in_flight, INT, 0, "",                                            \
		"how many requests of that disk are in flight now")

#define D_DISK_REQUEST_OPEN_FIELDS(F)                                  \
	OPEN_FIELDS(F, disk_request_open, "the thread that issued it", \
		"when the request was (first) issued to the disk")     \
	DISK_REQUEST_FIELDS(F, disk_request_open)

#define D_DISK_REQUEST_END_FIELDS(F)                                                             \
	COMMON_FIELDS(                                                                           \
		F, disk_request_end, "when the disk completed it", "the thread that issued it")  \
	F(disk_request_end, begin, INT, 0, "ns",                                                 \
		"when the request was (first) issued to the disk")                               \
	F(disk_request_end, duration, INT, 0, "ns", "from issue to completion")                  \
	F(disk_request_end, disk, STR, 0, "",                                                    \
		"name of the disk or partition: `vda`, or `(major,minor)` if "                   \
		"not known")                                                                     \
	F(disk_request_end, dev, INT, 0, "", "its number: (major << 20) + minor")                \
	F(disk_request_end, sector, INT, 0, "", "first sector, on the device that did the work") \
	F(disk_request_end, nr_sector, INT, 0, "", "sectors of 512 bytes")                       \
	F(disk_request_end, size, INT, 0, "bytes", "nr_sector in bytes")                         \
	F(disk_request_end, op, SYM, 0, "", "`read`, `write`, `discard`, `flush` or `other`")    \
	F(disk_request_end, rwbs, INT, 0, "",                                                    \
		"the kernel's flags of the request, as LTTng has them")                          \
	F(disk_request_end, flags, STR, WANT_BLOCK_FLAGS, "",                                    \
		"the same in the letters of blktrace: `R`, `W`, `D` "                            \
		"(discard), `N` (other); before them `F` (flush first), "                        \
		"after them `F` (FUA), `A` (read ahead), `S` (synchronous), "                    \
		"`M` (metadata): `WS`, `RA`, `FWFS`")                                            \
	F(disk_request_end, error, INT, 0, "",                                                   \
		"error number of the completion, 0 if it succeeded")                             \
	F(disk_request_end, error_name, SYM, 0, "", "its name: `EIO`; nil if it succeeded")      \
	F(disk_request_end, transferred, INT, 0, "bytes",                                        \
		"what was read or written: the size without the part that "                      \
		"failed")                                                                        \
	F(disk_request_end, ring, BOOL, WANT_IO, "",                                             \
		"whether it was requested through io_uring, by a call or by "                    \
		"a worker")                                                                      \
	F(disk_request_end, in_flight, INT, 0, "",                                               \
		"how many requests of that disk are still in flight")

/* What it takes to know who sent a packet. */
#define WANT_SENDER (WANT_PACKETS | WANT_CONTEXT)

#define NET_FIELDS(F, event)                                                                       \
	COMMON_FIELDS(F, event, "when it was sent or received", "the thread that ran on that CPU") \
	F(event, netif, STR, 0, "", "name of the network interface: `eth0`")                       \
	F(event, size, INT, 0, "bytes", "length of the packet")                                    \
	F(event, peer, STR, WANT_PACKETS, "",                                                      \
		"the other side: `10.0.2.2:5432`, `[fe80::1]:80`; without a port if "              \
		"the protocol has none; nil if the packet is not IP, or the trace "                \
		"has no headers (LTTng before 2.9)")                                               \
	F(event, address, STR, WANT_PACKETS, "", "this side, likewise")                            \
	F(event, protocol, SYM, WANT_PACKETS, "",                                                  \
		"`tcp`, `udp`, `icmp`, `icmpv6`, `igmp`, `sctp`, `gre`, `esp`; nil for others")    \
	F(event, sport, INT, WANT_PACKETS, "", "source port (TCP, UDP)")                           \
	F(event, dport, INT, WANT_PACKETS, "", "destination port")                                 \
	F(event, seq, INT, WANT_PACKETS, "", "sequence number of its first byte (TCP)")            \
	F(event, ack, INT, WANT_PACKETS, "", "sequence number that is expected next (TCP)")        \
	F(event, flags, INT, WANT_PACKETS, "",                                                     \
		"TCP flags: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK, ...")                              \
	F(event, sent, INT, WANT_SENDER, "ns", "when it was sent, if that was on this machine")    \
	F(event, sender_tid, INT, WANT_SENDER, "",                                                 \
		"TID of the thread that sent it; nil if no thread of this machine "                \
		"did (another machine, or an interrupt that answers for TCP), or if "              \
		"it is not known. A packet that is passed from one interface to "                  \
		"another keeps its sender")                                                        \
	F(event, sender_pid, INT, WANT_SENDER, "", "PID of that thread")                           \
	F(event, sender_utid, INT, WANT_SENDER, "", "its number, as `utid`")                       \
	F(event, sender_procname, STR, WANT_SENDER | WANT_NAMES, "", "name of that thread")
#define D_NET_TX_FIELDS(F) NET_FIELDS(F, net_tx)
#define D_NET_RX_FIELDS(F) NET_FIELDS(F, net_rx)

#define D_SCHED_SLICE_FIELDS(F)                                                                \
	COMMON_FIELDS(F, sched_slice, "when it left the CPU", "the thread; 0 is idle")         \
	F(sched_slice, begin, INT, 0, "ns", "when it got the CPU")                             \
	F(sched_slice, duration, INT, 0, "ns", "how long it ran")                              \
	F(sched_slice, busy, BOOL, 0, "", "whether it was not idle; nil if that is not known") \
	F(sched_slice, prio, INT, 0, "", "its priority: 20 is nice 0, below 0 is real time")   \
	F(sched_slice, state, SYM, 0, "",                                                      \
		"why it left: `runnable` (preempted), `interruptible` or "                     \
		"`uninterruptible` (it waits for something), `stopped`, "                      \
		"`traced`, `dead`, `zombie`, `parked`, `idle`; nil if it "                     \
		"goes on after the window, or if that is not known")                           \
	F(sched_slice, wait, INT, 0, "ns",                                                     \
		"how long the thread had been off the CPU before; nil if "                     \
		"unknown, for a new thread, and for a slice that began in an "                 \
		"earlier window")                                                              \
	F(sched_slice, delay, INT, WANT_WAKEUPS, "ns",                                         \
		"the part of it in which the thread was runnable: since it "                   \
		"was woken up or preempted; for a new thread, since it was "                   \
		"created; nil if unknown, and for a slice that began in an "                   \
		"earlier window")

#define D_CPU_TIME_FIELDS(F)                                                                       \
	COMMON_FIELDS(                                                                             \
		F, cpu_time, "when it left the CPU, or the window ended", "the thread; 0 is idle") \
	F(cpu_time, since, INT, 0, "ns", "when it got the CPU, or the window began")               \
	F(cpu_time, duration, INT, 0, "ns", "how much of the time since then it took in total")    \
	F(cpu_time, busy, BOOL, 0, "", "whether it was not idle; nil if that is not known")        \
	F(cpu_time, mode, SYM, 0, "",                                                              \
		"`user` (between calls), `syscall`; `kernel`: the kernel's own "                   \
		"threads, and threads that exit without a call; `irq` (hard "                      \
		"interrupts, including timers) and `softirq`: their handlers, if "                 \
		"they are recorded, whichever thread they interrupted; `idle`; nil "               \
		"if that is not known: for a thread that has not entered a call or "               \
		"returned from one since the first event, or since events were lost")              \
	F(cpu_time, syscall, SYM, 0, "", "name of the call, if `mode` is `syscall`")

#define D_CPU_RUNTIME_FIELDS(F)                                                             \
	COMMON_FIELDS(F, cpu_runtime, "when it was charged", "the thread that ran")         \
	F(cpu_runtime, runtime, INT, 0, "ns",                                               \
		"CPU time since it was charged before: the sum over a cgroup's threads is " \
		"`usage_usec` of its cpu.stat. Real-time threads are not charged")

/* Who did something, if a thread did, and what interrupted one, if that did. */
#define WAKER_FIELDS(F, event)                                                        \
	F(event, context, SYM, WANT_CONTEXT, "",                                      \
		"what woke it: a `thread`; or an `irq` (hard interrupt), `softirq` "  \
		"or `hrtimer`, whichever thread it interrupted; nil if that is not "  \
		"known. Interrupts that are not recorded (usually x86's vectors), "   \
		"and what the kernel does between handlers (it wakes ksoftirqd), "    \
		"count as the thread; on an idle CPU, as an `irq` without a number")  \
	F(event, irq, INT, WANT_CONTEXT, "",                                          \
		"number of that interrupt; nil if it is not a device's, or was not "  \
		"recorded")                                                           \
	F(event, irq_name, STR, WANT_CONTEXT, "",                                     \
		"its name: of the handler (`virtio0-input.0`), of x86's vector "      \
		"(`call_function_single`), or `timer` of an hrtimer")                 \
	F(event, softirq, SYM, WANT_CONTEXT, "", "name of that softirq: `NET_RX`")    \
	F(event, waker_tid, INT, WANT_CONTEXT, "",                                    \
		"TID of the thread that woke it; nil if no thread did. If the trace " \
		"lacks events of interrupts, `context` is nil and this is the "       \
		"thread that ran there")                                              \
	F(event, waker_pid, INT, WANT_CONTEXT, "", "PID of that thread")              \
	F(event, waker_utid, INT, WANT_CONTEXT, "", "its number, as `utid`")          \
	F(event, waker_procname, STR, WANT_CONTEXT | WANT_NAMES, "", "name of that thread")

#define PREV_FIELDS(F, event)                                               \
	F(event, prev_tid, INT, 0, "",                                      \
		"TID of the thread that had this CPU before; 0 if the CPU " \
		"was idle")                                                 \
	F(event, prev_pid, INT, 0, "", "PID of that thread")                \
	F(event, prev_procname, STR, WANT_NAMES, "",                        \
		"name of that thread; `swapper/0` if the CPU was idle")

/* Why a wait has ended. */
#define WAIT_FIELDS(F, event, over)                                                             \
	F(event, cause, SYM, WANT_CAUSE, "",                                                    \
		"what it waited for: `disk`, `net`, `timer`, `lock`, `pipe`, "                  \
		"`socket` (within this machine), `child`, `signal`, `thread` "                  \
		"(another thread, for an unknown reason), `work` (it had nothing to "           \
		"do), `rcu`, `page`, `irq`, `queue`, `unknown`, or `lost` (events "             \
		"are missing); see why.md" over)                                                \
	F(event, work, SYM, WANT_CAUSE, "",                                                     \
		"if that is `work`: where the work came from, with the same values")            \
	F(event, syscall, SYM, WANT_CAUSE, "", "name of the system call in which it waited")    \
	F(event, fd, INT, WANT_CAUSE, "", "file descriptor that the call is about, if any")     \
	F(event, path, STR, WANT_CAUSE, "",                                                     \
		"the file of that descriptor, or the one that the waker wrote or read: "        \
		"`/var/lib/db`, `pipe`")                                                        \
	F(event, futex, INT, WANT_CAUSE, "", "address of the futex, for `lock`")                \
	F(event, disk, STR, WANT_CAUSE, "", "name of the disk, for `disk`")                     \
	F(event, sector, INT, WANT_CAUSE, "", "first sector of that request")                   \
	F(event, netif, STR, WANT_CAUSE, "", "name of the interface that received the packet")  \
	F(event, peer, STR, WANT_CAUSE, "", "address and port of its sender")                   \
	F(event, source_utid, INT, WANT_CAUSE, "",                                              \
		"number of the thread to follow next: the one that woke it, sent "              \
		"the packet on this machine, or issued the request; nil if none did")           \
	F(event, source_tid, INT, WANT_CAUSE, "", "TID of that thread")                         \
	F(event, source_procname, STR, WANT_CAUSE | WANT_NAMES, "", "name of that thread")      \
	F(event, source_time, INT, WANT_CAUSE, "ns", "when it did that")                        \
	F(event, remote_machine, INT, WANT_CAUSE | WANT_REMOTE, "",                             \
		"for `net`: number of the machine that sent the packet, if that was recorded, " \
		"too, and a thread did it; else nil")                                           \
	F(event, remote_utid, INT, WANT_CAUSE | WANT_REMOTE, "",                                \
		"number of that thread, on that machine")                                       \
	F(event, remote_time, INT, WANT_CAUSE | WANT_REMOTE, "ns", "when it sent the packet")

#define D_WAKEUP_LATENCY_FIELDS(F)                                                    \
	COMMON_FIELDS(F, wakeup_latency, "when the thread got the CPU", "the thread") \
	F(wakeup_latency, begin, INT, 0, "ns", "when it was (first) woken")           \
	F(wakeup_latency, duration, INT, 0, "ns", "from then until it got the CPU")   \
	F(wakeup_latency, prio, INT, 0, "", "its priority then")                      \
	WAKER_FIELDS(F, wakeup_latency)                                               \
	F(wakeup_latency, cause, SYM, WANT_CAUSE, "",                                 \
		"what it had waited for before it was woken, as in sleep_end")        \
	PREV_FIELDS(F, wakeup_latency)

#define D_PREEMPT_LATENCY_FIELDS(F)                                                        \
	COMMON_FIELDS(F, preempt_latency, "when the thread got a CPU again", "the thread") \
	F(preempt_latency, begin, INT, 0, "ns",                                            \
		"when it lost the CPU although it could have gone on")                     \
	F(preempt_latency, duration, INT, 0, "ns", "how long it waited")                   \
	F(preempt_latency, prio, INT, 0, "", "its priority then")                          \
	PREV_FIELDS(F, preempt_latency)

#define D_OFF_CPU_FIELDS(F)                                                        \
	COMMON_FIELDS(F, off_cpu, "when the thread got a CPU again", "the thread") \
	F(off_cpu, begin, INT, 0, "ns", "when it left its CPU")                    \
	F(off_cpu, duration, INT, 0, "ns", "how long it was off the CPU")          \
	F(off_cpu, delay, INT, 0, "ns",                                            \
		"the part of it in which the thread was runnable: since it "       \
		"was woken up or preempted; nil if its wakeup was not seen")       \
	F(off_cpu, state, SYM, 0, "",                                              \
		"`runnable` if it was preempted, else how it slept, as in "        \
		"sleep_end")                                                       \
	F(off_cpu, prio, INT, 0, "", "its priority then")                          \
	WAKER_FIELDS(F, off_cpu)                                                   \
	WAIT_FIELDS(F, off_cpu, "; nil if it was preempted")

#define D_SLEEP_END_FIELDS(F)                                                                 \
	COMMON_FIELDS(F, sleep_end, "when the thread was woken", "the thread that was woken") \
	F(sleep_end, begin, INT, 0, "ns", "when it left its CPU")                             \
	F(sleep_end, duration, INT, 0, "ns", "how long it slept")                             \
	F(sleep_end, state, SYM, 0, "",                                                       \
		"how it slept: `interruptible`, `uninterruptible` (most often for a disk), "  \
		"`stopped`, `traced`, `parked`, `idle`")                                      \
	WAKER_FIELDS(F, sleep_end)                                                            \
	WAIT_FIELDS(F, sleep_end, "")                                                         \
	F(sleep_end, runnable_from, INT, 0, "ns",                                             \
		"since when it could have run: `time`, or `begin` if it was woken "           \
		"while it was going to sleep")

#define D_WAKEUP_FIELDS(F)                                                                    \
	COMMON_FIELDS_ON(F, wakeup, "when the thread was woken", "the thread that was woken", \
		"CPU on which the waker ran")                                                 \
	F(wakeup, prio, INT, 0, "", "its priority then")                                      \
	F(wakeup, target_cpu, INT, 0, "",                                                     \
		"CPU whose queue it was put on; nil if the event does not say")               \
	WAKER_FIELDS(F, wakeup)

#define D_THREAD_STATE_FIELDS(F)                                                                 \
	COMMON_FIELDS_ON(F, thread_state, "when that, or the window, ended", "the thread",       \
		"CPU on which it ran, or on whose queue it waited (a thread that is "            \
		"moved to another queue meanwhile waits twice); for a sleep, the "               \
		"one on which it had run")                                                       \
	F(thread_state, begin, INT, 0, "ns", "when it, or the window, began")                    \
	F(thread_state, duration, INT, 0, "ns", "how long it lasted within the window")          \
	F(thread_state, state, SYM, 0, "",                                                       \
		"`running`; `woken` or `preempted`: it could have run, but had no CPU; how it "  \
		"slept: `interruptible`, `uninterruptible` (most often for a disk), `stopped`, " \
		"`traced`, `parked`, `idle`")                                                    \
	F(thread_state, prio, INT, 0, "", "its priority then")                                   \
	WAKER_FIELDS(F, thread_state)                                                            \
	WAIT_FIELDS(F, thread_state, "; nil if it did not wait, or is still waiting")

#define D_RUN_QUEUE_FIELDS(F)                                                         \
	F(run_queue, time, INT, 0, "ns", "when that changed, or the window ended")    \
	F(run_queue, cpu, INT, 0, "", "the CPU")                                      \
	F(run_queue, host, SYM, 0, "", "name of the machine")                         \
	F(run_queue, begin, INT, 0, "ns", "when it, or the window, began")            \
	F(run_queue, duration, INT, 0, "ns", "how long it lasted within the window")  \
	F(run_queue, length, INT, 0, "",                                              \
		"how many threads waited on its queue, beside the one that ran; nil " \
		"if that is not known. A thread that has waited since before its "    \
		"first event is not counted")

#define D_WAKEUP_OPEN_FIELDS(F)                                                           \
	OPEN_FIELDS(F, wakeup_open, "the thread that waits", "when it was (first) woken") \
	F(wakeup_open, prio, INT, 0, "", "its priority then")                             \
	WAKER_FIELDS(F, wakeup_open)                                                      \
	F(wakeup_open, cause, SYM, WANT_CAUSE, "",                                        \
		"what it had waited for before it was woken, as in sleep_end")

#define D_PREEMPT_OPEN_FIELDS(F)                                                       \
	OPEN_FIELDS(F, preempt_open, "the thread that waits", "when it was preempted") \
	F(preempt_open, prio, INT, 0, "", "its priority then")

#define D_MIGRATION_FIELDS(F)                                                         \
	COMMON_FIELDS(F, migration, "when it was moved", "the thread that was moved") \
	F(migration, orig_cpu, INT, 0, "", "CPU on which it ran or was queued")       \
	F(migration, dest_cpu, INT, 0, "", "CPU to which it was moved")

#define D_PRIO_CHANGE_FIELDS(F)                                                              \
	COMMON_FIELDS(F, prio_change, "when that was seen", "the thread")                    \
	F(prio_change, prio, INT, 0, "", "its priority: 20 is nice 0, below 0 is real time") \
	F(prio_change, old_prio, INT, 0, "", "its priority before")

#define D_IRQ_END_FIELDS(F)                                                                   \
	COMMON_FIELDS(F, irq_end, "when the handler returned", "the interrupted thread")      \
	F(irq_end, begin, INT, 0, "ns", "when the handler was called")                        \
	F(irq_end, duration, INT, 0, "ns", "how long it took, including what interrupted it") \
	F(irq_end, irq, INT, 0, "", "number of the interrupt")                                \
	F(irq_end, name, STR, 0, "", "name of the handler: `virtio0-input.0`")                \
	F(irq_end, ret, INT, 0, "",                                                           \
		"what it returned: 0 (not its interrupt), 1 (handled), 2 (wakes a "           \
		"thread)")

#define D_SOFTIRQ_END_FIELDS(F)                                                                \
	COMMON_FIELDS(F, softirq_end, "when the handler returned",                             \
		"the interrupted thread, or of ksoftirqd")                                     \
	F(softirq_end, begin, INT, 0, "ns", "when the handler was called")                     \
	F(softirq_end, duration, INT, 0, "ns", "how long it took")                             \
	F(softirq_end, vec, INT, 0, "", "its number")                                          \
	F(softirq_end, name, SYM, 0, "", "its name: `TIMER_SOFTIRQ`; nil for unknown numbers") \
	F(softirq_end, raise, INT, 0, "ns", "when it was (first) raised; nil if not seen")     \
	F(softirq_end, raise_latency, INT, 0, "ns", "from then until the handler was called")

#define D_IRQ_VECTOR_END_FIELDS(F)                                                              \
	COMMON_FIELDS(F, irq_vector_end, "when the handler returned", "the interrupted thread") \
	F(irq_vector_end, begin, INT, 0, "ns", "when the handler was called")                   \
	F(irq_vector_end, duration, INT, 0, "ns",                                               \
		"how long it took, including what interrupted it")                              \
	F(irq_vector_end, vector, INT, 0, "", "number of the vector")                           \
	F(irq_vector_end, name, SYM, 0, "", "its name: `local_timer`")

#define D_IRQ_OPEN_FIELDS(F)                                                              \
	OPEN_FIELDS(F, irq_open, "the interrupted thread", "when the handler was called") \
	F(irq_open, irq, INT, 0, "", "number of the interrupt")                           \
	F(irq_open, name, STR, 0, "", "name of the handler: `virtio0-input.0`")

#define D_SOFTIRQ_OPEN_FIELDS(F)                                                                \
	OPEN_FIELDS(F, softirq_open, "the interrupted thread, or of ksoftirqd",                 \
		"when the handler was called")                                                  \
	F(softirq_open, vec, INT, 0, "", "its number")                                          \
	F(softirq_open, name, SYM, 0, "", "its name: `TIMER_SOFTIRQ`; nil for unknown numbers") \
	F(softirq_open, raise, INT, 0, "ns", "when it was (first) raised; nil if not seen")     \
	F(softirq_open, raise_latency, INT, 0, "ns", "from then until the handler was called")

#define D_IRQ_VECTOR_OPEN_FIELDS(F)                                                              \
	OPEN_FIELDS(F, irq_vector_open, "the interrupted thread", "when the handler was called") \
	F(irq_vector_open, vector, INT, 0, "", "number of the vector")                           \
	F(irq_vector_open, name, SYM, 0, "", "its name: `local_timer`")

#define PAGE_FIELDS(F, event, whose)                                     \
	COMMON_FIELDS(F, event, "when that happened", whose)             \
	F(event, order, INT, 0, "", "they are 2^order contiguous pages") \
	F(event, pages, INT, 0, "", "number of pages")
#define D_PAGE_ALLOC_FIELDS(F) \
	PAGE_FIELDS(           \
		F, page_alloc, "the thread that allocated them; 0 is an idle CPU (an interrupt)")
#define D_PAGE_FREE_FIELDS(F) \
	PAGE_FIELDS(F, page_free, "the thread that freed them; 0 is an idle CPU (an interrupt)")

#define D_CONTENTION_FIELDS(F)                                                       \
	COMMON_FIELDS(F, contention, "when it got the lock or gave up",              \
		"the thread; 0 is an idle CPU (an interrupt)")                       \
	F(contention, begin, INT, 0, "ns", "when it found the lock taken")           \
	F(contention, duration, INT, 0, "ns", "how long it waited")                  \
	F(contention, lock, INT, 0, "", "address of the lock")                       \
	F(contention, name, STR, 0, "",                                              \
		"its name, in traces with lockdep's events: `&mm->mmap_lock`")       \
	F(contention, kind, SYM, 0, "",                                              \
		"`mutex`, `spinlock`, `rwlock read`, `rwlock write`, `rwsem read`, " \
		"`rwsem write`, `percpu rwsem`, `rt mutex`, `rt rwlock` or "         \
		"`semaphore`; nil in traces with lockdep's events")                  \
	F(contention, error, INT, 0, "", "error number if it gave up, else 0")

#define OWNER_FIELDS(F, event)                                                            \
	F(event, owner_tid, INT, 0, "", "TID of the thread that had made it dirty")       \
	F(event, owner_pid, INT, 0, "", "PID of that thread")                             \
	F(event, owner_utid, INT, 0, "", "its number, as `utid`")                         \
	F(event, owner_upid, INT, 0, "", "the number of its process, as `upid`")          \
	F(event, owner_procname, STR, 0, "", "name of that thread at that moment")        \
	F(event, owner_process, STR, 0, "", "name of its process")                        \
	F(event, path, STR, 0, "", "the file; nil if that is not known")                  \
	F(event, size, INT, 0, "bytes", "size")                                           \
	F(event, begin, INT, 0, "ns", "when it became dirty (the oldest of it, to 1 ms)") \
	F(event, duration, INT, 0, "ns", "how long it was dirty")                         \
	F(event, dirty, INT, 0, "bytes", "what is still dirty in total, as far as known")

#define D_PAGE_DIRTY_FIELDS(F)                                                                   \
	COMMON_FIELDS(F, page_dirty, "when it is reported: at the latest when the call returns", \
		"the thread that made pages dirty")                                              \
	F(page_dirty, begin, INT, 0, "ns", "when the first of them became dirty")                \
	F(page_dirty, path, STR, 0, "",                                                          \
		"the file; for pages that became dirty without a call (mmap), the "              \
		"one that the process mapped last; nil if that is not known")                    \
	F(page_dirty, size, INT, 0, "bytes", "size")                                             \
	F(page_dirty, dev, INT, 0, "", "number of the device")                                   \
	F(page_dirty, blocks, BOOL, 0, "",                                                       \
		"whether its place on the device is known; false for new parts of a "            \
		"file")                                                                          \
	F(page_dirty, earlier, BOOL, 0, "",                                                      \
		"whether they were dirty already when the analysed time (or the "                \
		"window) began")                                                                 \
	F(page_dirty, dirty, INT, 0, "bytes", "what is dirty now in total, as far as known")

#define D_PAGE_FLUSH_FIELDS(F)                                                        \
	COMMON_FIELDS(F, page_flush, "when the request went to the disk",             \
		"the thread that submitted it")                                       \
	OWNER_FIELDS(F, page_flush)                                                   \
	F(page_flush, how, SYM, 0, "",                                                \
		"how that is known: `blocks` (these blocks were dirty), `file` (a "   \
		"call writes its own file), `fifo` (guessed: a kernel thread writes " \
		"what has been dirty for longest), `unknown` (dirty since before "    \
		"the trace began, for example)")                                      \
	F(page_flush, disk, STR, 0, "", "name of the disk or partition")              \
	F(page_flush, dev, INT, 0, "", "its number")                                  \
	F(page_flush, call_tid, INT, 0, "",                                           \
		"TID of the thread whose call it was written for: the one that "      \
		"submitted it, or that waits for it in a sync; nil if there is none") \
	F(page_flush, call_pid, INT, 0, "", "PID of that thread")                     \
	F(page_flush, call_utid, INT, 0, "", "its number, as `utid`")                 \
	F(page_flush, call_procname, STR, 0, "", "name of that thread")               \
	F(page_flush, call_process, STR, 0, "", "name of its process")                \
	F(page_flush, call_name, SYM, 0, "", "name of that call")                     \
	F(page_flush, call_begin, INT, 0, "ns", "when that call was entered")

#define D_PAGE_DROP_FIELDS(F)                                                       \
	COMMON_FIELDS(F, page_drop, "when that happened",                           \
		"the thread whose call did that; nil for `forgotten`")              \
	OWNER_FIELDS(F, page_drop)                                                  \
	F(page_drop, why, SYM, 0, "",                                               \
		"`deleted` (the file was deleted or truncated), `settled` (a sync " \
		"shows that it is clean, although no write was seen), `forgotten` " \
		"(there was too much to keep)")

/* Where the time of a call went that writes or syncs, and what went on meanwhile. */
#define SYNC_FIELDS(F, event)                                                                    \
	F(event, on_cpu, INT, 0, "ns",                                                           \
		"time that it ran; this and the fields up to `rest` add up to the "              \
		"duration")                                                                      \
	F(event, runnable, INT, 0, "ns", "could have run, but had no CPU")                       \
	F(event, data, INT, 0, "ns", "waited for data that was written for it")                  \
	F(event, journal, INT, 0, "ns", "waited for the file system's journal")                  \
	F(event, flush, INT, 0, "ns", "waited for a disk to flush its cache")                    \
	F(event, others, INT, 0, "ns", "waited while the disk worked for others")                \
	F(event, throttled, INT, 0, "ns", "was throttled because it had dirtied too many pages") \
	F(event, rest, INT, 0, "ns", "waited for something else, such as a lock")                \
	F(event, data_requests, INT, 0, "", "disk requests with its data")                       \
	F(event, data_size, INT, 0, "bytes", "size of these")                                    \
	F(event, journal_requests, INT, 0, "", "disk requests of the journal meanwhile")         \
	F(event, journal_size, INT, 0, "bytes", "size of these")                                 \
	F(event, journal_thread, STR, 0, "", "name of the thread that wrote it")                 \
	F(event, flushes, INT, 0, "", "how often a disk had to flush its cache")                 \
	F(event, written, INT, 0, "bytes", "dirty pages written meanwhile, of any thread")       \
	F(event, alloc, INT, WANT_MEM, "pages", "memory that the thread allocated meanwhile")    \
	F(event, alloc_others, INT, WANT_MEM, "pages", "the same for other threads")             \
	F(event, freed, INT, WANT_MEM, "pages", "memory that the thread freed meanwhile")        \
	F(event, freed_others, INT, WANT_MEM, "pages", "the same for other threads")             \
	F(event, kswapd, BOOL, 0, "", "whether it woke kswapd, to free memory")                  \
	F(event, dirty, INT, 0, "bytes", "what is still dirty in total, as far as known")
#define D_SYNC_END_FIELDS(F)                                                              \
	COMMON_FIELDS(F, sync_end, "when the call returned", "the calling thread")        \
	F(sync_end, begin, INT, 0, "ns", "when the call was entered")                     \
	F(sync_end, duration, INT, 0, "ns", "from entry to return")                       \
	F(sync_end, name, SYM, 0, "", "name of the system call: `fsync`")                 \
	F(sync_end, ret, INT, 0, "", "value returned")                                    \
	F(sync_end, error, INT, 0, "", "error number (errno) if the call failed, else 0") \
	F(sync_end, error_name, SYM, 0, "", "its name; nil if the call did not fail")     \
	F(sync_end, io_class, SYM, 0, "", "`sync`, `write` or `copy`")                    \
	F(sync_end, fd, INT, 0, "", "file descriptor that is written or synced")          \
	F(sync_end, path, STR, 0, "", "its file name")                                    \
	F(sync_end, count, INT, 0, "bytes", "requested size")                             \
	SYNC_FIELDS(F, sync_end)
#define D_SYNC_WAIT_FIELDS(F)                                                                      \
	COMMON_FIELDS(F, sync_wait, "when the sleep ended, or the call did", "the calling thread") \
	F(sync_wait, begin, INT, 0, "ns", "when the thread went to sleep")                         \
	F(sync_wait, duration, INT, 0, "ns", "how long it slept")                                  \
	F(sync_wait, name, SYM, 0, "", "name of the system call: `fsync`")                         \
	F(sync_wait, what, SYM, 0, "",                                                             \
		"what most of that was for: `data`, `journal`, `flush`, `others`, "                \
		"`throttled` or `rest`, as in sync_end")                                           \
	F(sync_wait, data, INT, 0, "ns",                                                           \
		"for data; this and the next fields add up to the duration, and "                  \
		"over all sleeps to those of sync_end")                                            \
	F(sync_wait, journal, INT, 0, "ns", "likewise")                                            \
	F(sync_wait, flush, INT, 0, "ns", "likewise")                                              \
	F(sync_wait, others, INT, 0, "ns", "likewise")                                             \
	F(sync_wait, throttled, INT, 0, "ns", "likewise")                                          \
	F(sync_wait, rest, INT, 0, "ns", "likewise")

#define D_SYNC_OPEN_FIELDS(F)                                                        \
	OPEN_FIELDS(F, sync_open, "the calling thread", "when the call was entered") \
	F(sync_open, name, SYM, 0, "", "name of the system call: `fsync`")           \
	F(sync_open, io_class, SYM, 0, "", "`sync`, `write` or `copy`")              \
	F(sync_open, fd, INT, 0, "", "file descriptor that is written or synced")    \
	F(sync_open, path, STR, 0, "", "its file name")                              \
	F(sync_open, count, INT, 0, "bytes", "requested size")                       \
	SYNC_FIELDS(F, sync_open)

#define D_WRITEBACK_END_FIELDS(F)                                                           \
	COMMON_FIELDS(F, writeback_end, "when it ended", "the kernel thread that wrote")    \
	F(writeback_end, begin, INT, 0, "ns", "when it began; nil if that was not seen")    \
	F(writeback_end, duration, INT, 0, "ns", "how long it took")                        \
	F(writeback_end, disk, STR, 0, "", "name of the disk or partition, if it is known") \
	F(writeback_end, dev, INT, 0, "", "its number")                                     \
	F(writeback_end, pages, INT, 0, "", "pages that it submitted, of all files")

#define D_RECLAIM_FIELDS(F)                                                                       \
	COMMON_FIELDS(F, reclaim, "when it ended", "the thread that freed memory")                \
	F(reclaim, begin, INT, 0, "ns", "when it began")                                          \
	F(reclaim, duration, INT, 0, "ns", "how long it took")                                    \
	F(reclaim, asleep, INT, 0, "ns", "how much of that it slept: kswapd naps in between")     \
	F(reclaim, kind, SYM, 0, "",                                                              \
		"`kswapd` (a run of the kernel's own thread), or `direct` (a thread that needed " \
		"memory had to free some first)")                                                 \
	F(reclaim, nid, INT, 0, "", "NUMA node of kswapd")                                        \
	F(reclaim, pages, INT, WANT_MEM, "", "pages freed")                                       \
	WAKER_FIELDS(F, reclaim)

#define D_PROCESS_START_FIELDS(F)                                                              \
	COMMON_FIELDS(F, process_start, "when it was forked", "the new thread")                \
	F(process_start, parent_tid, INT, 0, "", "TID of the thread that forked or cloned it") \
	F(process_start, parent_utid, INT, 0, "", "its number, as `utid`")                     \
	F(process_start, parent_upid, INT, 0, "",                                              \
		"unique number of the parent process, as `upid`")                              \
	F(process_start, thread, BOOL, 0, "",                                                  \
		"whether it is a further thread of an existing process")                       \
	F(process_start, shares_files, BOOL, 0, "", "whether it shares the parent's descriptors")

#define PARENT_FIELDS(F, event)                                                                  \
	F(event, ppid, INT, 0, "", "PID of the parent of its process; nil once that has exited") \
	F(event, parent_procname, STR, WANT_NAMES, "", "name of the parent")

#define D_PROCESS_EXEC_FIELDS(F)                                                                  \
	COMMON_FIELDS(F, process_exec, "when the new program took over", "the thread (new name)") \
	F(process_exec, path, STR, 0, "", "file that was executed")                               \
	F(process_exec, old_tid, INT, 0, "",                                                      \
		"TID before; differs if a thread other than the main one "                        \
		"called exec")                                                                    \
	PARENT_FIELDS(F, process_exec)

#define D_EXEC_FAIL_FIELDS(F)                                                           \
	COMMON_FIELDS(F, exec_fail, "when the call returned", "the calling thread")     \
	F(exec_fail, begin, INT, 0, "ns", "when the call was entered")                  \
	F(exec_fail, duration, INT, 0, "ns", "from entry to return")                    \
	F(exec_fail, name, SYM, 0, "", "name of the system call: `execve`, `execveat`") \
	F(exec_fail, path, STR, 0, "", "file that it tried to execute")                 \
	F(exec_fail, ret, INT, 0, "", "value returned: the error number, negated")      \
	F(exec_fail, error, INT, 0, "", "error number (errno)")                         \
	F(exec_fail, error_name, SYM, 0, "", "its name: `ENOENT`")                      \
	PARENT_FIELDS(F, exec_fail)

#define D_SIGNAL_SEND_FIELDS(F)                                                              \
	COMMON_FIELDS(F, signal_send, "when the call returned", "the calling thread")        \
	F(signal_send, begin, INT, 0, "ns", "when the call was entered")                     \
	F(signal_send, duration, INT, 0, "ns", "from entry to return")                       \
	F(signal_send, name, SYM, 0, "", "name of the system call: `kill`, `tgkill`, ...")   \
	F(signal_send, sig, INT, 0, "",                                                      \
		"number of the signal; 0 only checks whether the process "                   \
		"exists")                                                                    \
	F(signal_send, signal, SYM, 0, "",                                                   \
		"its name: `SIGTERM`; nil for 0 and for numbers without a "                  \
		"name")                                                                      \
	F(signal_send, target, INT, 0, "",                                                   \
		"the target as passed to the call: a PID (for `tkill` and "                  \
		"`tgkill` a TID) in the caller's PID namespace; 0 or below "                 \
		"is a process group. For `pidfd_send_signal` the PID, if the "               \
		"trace has signal_generate")                                                 \
	F(signal_send, ret, INT, 0, "", "value returned")                                    \
	F(signal_send, error, INT, 0, "", "error number (errno) if the call failed, else 0") \
	F(signal_send, error_name, SYM, 0, "", "its name: `ESRCH`; nil if the call did not fail")

#define D_PROCESS_EXIT_FIELDS(F) \
	COMMON_FIELDS(F, process_exit, "when it exited", "the thread that exited")

#define D_LOST_EVENTS_FIELDS(F)                                                             \
	F(lost_events, time, INT, 0, "ns", "when the gap ends")                             \
	F(lost_events, cpu, INT, 0, "", "CPU whose buffer lost them")                       \
	F(lost_events, begin, INT, 0, "ns", "when the gap begins at the earliest")          \
	F(lost_events, duration, INT, 0, "ns", "length of the gap")                         \
	F(lost_events, events, INT, 0, "", "events lost; nil if whole packets are missing") \
	F(lost_events, packets, INT, 0, "", "packets lost; nil if single events are missing")

/* What the host tells of requests, see host/requests/matcher.h: the model knows nothing of them. */
#define REQUEST_FIELDS(F, event, time_doc)                                                          \
	COMMON_FIELDS_ON(                                                                           \
		F, event, time_doc, "the thread in which it began", "CPU on which it began")        \
	F(event, begin, INT, 0, "ns", "when it began")                                              \
	F(event, duration, INT, 0, "ns", "from then to `time`")                                     \
	F(event, name, SYM, 0, "", "name of its definition; nil if that has none")                  \
	F(event, path, SYM, 0, "",                                                                  \
		"the same, after the names of those that it is part of: "                           \
		"`outer/inner`")                                                                    \
	F(event, number, INT, 0, "", "its number, in the order in which they began, from 1")        \
	F(event, parent, INT, 0, "", "number of the one that it is part of, if any")                \
	F(event, captures, STR, WANT_CAPTURES, "",                                                  \
		"what was captured when it began, as JSON: `{\"tid\":7}`; nil if there is nothing") \
	F(event, port, INT, 0, "", "the server's port, if it is about a connection")                \
	F(event, size, INT, 0, "bytes", "what was read and written for it, if that is known")       \
	F(event, error, INT, 0, "", "error number (errno) if it failed; 0 if not, or not known")    \
	F(event, failed, INT, 0, "", "1 if it failed, else 0")                                      \
	F(event, lost, INT, 0, "", "events (or packets) lost meanwhile, on any CPU")                \
	F(event, owner, INT, 0, "", "number of the script whose definition it is, from 1")

#define D_REQUEST_END_FIELDS(F)                                                    \
	REQUEST_FIELDS(F, request_end, "when it ended")                            \
	F(request_end, end_tid, INT, 0, "", "TID of the thread in which it ended") \
	F(request_end, end_utid, INT, 0, "", "its number, as `utid`")              \
	F(request_end, end_captures, STR, WANT_CAPTURES, "",                       \
		"what was captured when it ended, as JSON")

#define D_REQUEST_OPEN_FIELDS(F)                                                      \
	REQUEST_FIELDS(F, request_open, "until when no end was seen")                 \
	F(request_open, because, SYM, 0, "",                                          \
		"why it has no end: `parent` (what it is part of has ended), "        \
		"`again` (it began again, and the definition keeps only the "         \
		"newest), `dropped` (an event says so: a connection was closed), or " \
		"`end` (of the analysed time)")

#define D_REQUEST_PART_FIELDS(F)                                                                  \
	F(request_part, time, INT, 0, "ns", "when the whole ended")                               \
	F(request_part, begin, INT, 0, "ns", "when it began")                                     \
	F(request_part, duration, INT, 0, "ns", "from begin to end")                              \
	F(request_part, host, SYM, 0, "", "name of the machine")                                  \
	F(request_part, number, INT, 0, "", "number of the whole")                                \
	F(request_part, path, SYM, 0, "", "path of its definition")                               \
	F(request_part, captures, STR, WANT_CAPTURES, "",                                         \
		"what was captured when it began, as JSON")                                       \
	F(request_part, part, SYM, 0, "", "path of the definition of its parts")                  \
	F(request_part, count, INT, 0, "", "how many of these ended in it")                       \
	F(request_part, sum, INT, 0, "ns", "how long they took in total")                         \
	F(request_part, covered, INT, 0, "ns",                                                    \
		"for how long there was at least one of them, ended or not: never "               \
		"more than `duration`")                                                           \
	F(request_part, share, INT, 0, "", "`sum` as a share of `duration`, times 1,000,000,000") \
	F(request_part, active, BOOL, 0, "", "whether there was any at all")                      \
	F(request_part, owner, INT, 0, "", "number of the script whose definition it is")

/* Raw events without which fields that take WANT_CONTEXT can be wrong, as of events below. */
#define CONTEXT_REQUIRES                                                              \
	"sched_waking irq_handler_entry irq_handler_exit softirq_entry softirq_exit " \
	"hrtimer_expire_entry hrtimer_expire_exit"

/* The same for fields that take WANT_CAUSE. */
#define CAUSE_REQUIRES "syscall_entry syscall_exit block_rq_issue block_rq_complete"

/*
 * Events: E(name, parts of the model it needs, raw events without which it is blind, doc, fields).
 * "a|b" needs one of the two; "ctx.tid" is a TID in every event.
 */
#define DERIVED_EVENTS(E)                                                                         \
	E(syscall_exit, WANT_SYSCALLS, "sched_switch|ctx.tid syscall_entry syscall_exit",         \
		"A system call returned.", D_SYSCALL_EXIT_FIELDS)                                 \
	E(io_end, WANT_IO, "sched_switch|ctx.tid syscall_entry syscall_exit",                     \
		"A system call that does I/O returned. One that reads one "                       \
		"descriptor and writes another (sendfile, splice, ...) comes "                    \
		"twice, as `read` and as `write`.",                                               \
		D_IO_END_FIELDS)                                                                  \
	E(syscall_open, WANT_SYSCALLS, "sched_switch|ctx.tid syscall_entry syscall_exit",         \
		"A system call is still in progress when a window ends.", D_SYSCALL_OPEN_FIELDS)  \
	E(io_open, WANT_IO, "sched_switch|ctx.tid syscall_entry syscall_exit",                    \
		"A system call that does I/O is still in progress when a "                        \
		"window ends.",                                                                   \
		D_IO_OPEN_FIELDS)                                                                 \
	E(fd_open, WANT_FILES, "sched_switch|ctx.tid syscall_entry syscall_exit",                 \
		"A file descriptor was opened.", D_FD_OPEN_FIELDS)                                \
	E(fd_close, WANT_FILES, "sched_switch|ctx.tid syscall_entry syscall_exit",                \
		"A file descriptor was closed or replaced.", D_FD_CLOSE_FIELDS)                   \
	E(disk_request_issue, WANT_BLOCK | WANT_THREADS, "block_rq_issue",                        \
		"A request with data was issued to a disk.", D_DISK_REQUEST_ISSUE_FIELDS)         \
	E(disk_request_end, WANT_BLOCK | WANT_THREADS, "block_rq_issue block_rq_complete",        \
		"A disk completed a request.", D_DISK_REQUEST_END_FIELDS)                         \
	E(disk_request_open, WANT_BLOCK | WANT_THREADS, "block_rq_issue block_rq_complete",       \
		"A disk request is still in flight when a window ends.",                          \
		D_DISK_REQUEST_OPEN_FIELDS)                                                       \
	E(net_tx, WANT_NET | WANT_THREADS, "net_dev_xmit", "A packet was sent.", D_NET_TX_FIELDS) \
	E(net_rx, WANT_NET | WANT_THREADS, "net_if_receive_skb", "A packet was received.",        \
		D_NET_RX_FIELDS)                                                                  \
	E(sched_slice, WANT_SCHED, "sched_switch",                                                \
		"A thread left a CPU, or a CPU stopped being idle. A window "                     \
		"begins and ends with a slice of each CPU, cut at its "                           \
		"border: the slices of a CPU add up to the window.",                              \
		D_SCHED_SLICE_FIELDS)                                                             \
	E(cpu_time, WANT_CPU_TIME, "sched_switch syscall_entry syscall_exit",                     \
		"What a thread did before it left a CPU: for each slice "                         \
		"(sched_slice) one for each call that it was in, one for "                        \
		"user space, and so on. Together they are as long as the "                        \
		"slice, and are cut where it is.",                                                \
		D_CPU_TIME_FIELDS)                                                                \
	E(cpu_runtime, WANT_RUNTIME, "sched_stat_runtime",                                        \
		"The kernel has charged a thread, and its cgroup, for CPU time.",                 \
		D_CPU_RUNTIME_FIELDS)                                                             \
	E(wakeup_latency, WANT_WAKEUPS, "sched_switch sched_waking|sched_wakeup",                 \
		"A thread that was woken got a CPU.", D_WAKEUP_LATENCY_FIELDS)                    \
	E(preempt_latency, WANT_SCHED, "sched_switch",                                            \
		"A thread that had been preempted got a CPU again.", D_PREEMPT_LATENCY_FIELDS)    \
	E(off_cpu, WANT_WAKEUPS, "sched_switch sched_waking|sched_wakeup",                        \
		"A thread is back on a CPU: how long it was off, and what it "                    \
		"waited for.",                                                                    \
		D_OFF_CPU_FIELDS)                                                                 \
	E(sleep_end, WANT_WAKEUPS, "sched_switch sched_waking|sched_wakeup",                      \
		"A thread that waited for something was woken.", D_SLEEP_END_FIELDS)              \
	E(wakeup, WANT_WAKEUPS, "sched_switch sched_waking|sched_wakeup",                         \
		"A thread was woken: comes at once, even if it is not known "                     \
		"how it slept. wakeup_latency comes when it gets a CPU, "                         \
		"sleep_end if it is known how long it slept.",                                    \
		D_WAKEUP_FIELDS)                                                                  \
	E(wakeup_open, WANT_WAKEUPS, "sched_switch sched_waking|sched_wakeup",                    \
		"A thread that was woken is still waiting for a CPU when a "                      \
		"window ends.",                                                                   \
		D_WAKEUP_OPEN_FIELDS)                                                             \
	E(preempt_open, WANT_SCHED, "sched_switch",                                               \
		"A preempted thread still waits for a CPU when a window ends.",                   \
		D_PREEMPT_OPEN_FIELDS)                                                            \
	E(thread_state, WANT_STATES, "sched_switch sched_waking|sched_wakeup",                    \
		"What a thread did for some time: it ran, waited for a CPU, "                     \
		"or slept. It is cut at the borders of windows: windows add "                     \
		"up to the whole.",                                                               \
		D_THREAD_STATE_FIELDS)                                                            \
	E(run_queue, WANT_STATES, "sched_switch sched_waking|sched_wakeup",                       \
		"The number of threads that waited for a CPU for some time. "                     \
		"A window begins and ends with one for each CPU, cut at its "                     \
		"border: those of a CPU add up to the window, and multiplied "                    \
		"by `length` to the time that threads waited for it in "                          \
		"thread_state.",                                                                  \
		D_RUN_QUEUE_FIELDS)                                                               \
	E(migration, WANT_SCHED, "sched_migrate_task|sched_switch",                               \
		"A thread was moved to another CPU; in a trace without "                          \
		"sched_migrate_task, it was seen running on another one.",                        \
		D_MIGRATION_FIELDS)                                                               \
	E(prio_change, WANT_SCHED, "sched_switch", "A thread's priority changed.",                \
		D_PRIO_CHANGE_FIELDS)                                                             \
	E(irq_end, WANT_IRQ | WANT_THREADS, "irq_handler_entry irq_handler_exit",                 \
		"The handler of a hard interrupt returned.", D_IRQ_END_FIELDS)                    \
	E(softirq_end, WANT_IRQ | WANT_THREADS, "softirq_entry softirq_exit",                     \
		"The handler of a softirq returned.", D_SOFTIRQ_END_FIELDS)                       \
	E(irq_vector_end, WANT_VECTORS | WANT_THREADS, "irq_vector_entry irq_vector_exit",        \
		"The handler of one of x86's own interrupts returned (timer, "                    \
		"calls from other CPUs).",                                                        \
		D_IRQ_VECTOR_END_FIELDS)                                                          \
	E(irq_open, WANT_IRQ | WANT_THREADS, "irq_handler_entry irq_handler_exit",                \
		"The handler of a hard interrupt is still running when a "                        \
		"window ends.",                                                                   \
		D_IRQ_OPEN_FIELDS)                                                                \
	E(softirq_open, WANT_IRQ | WANT_THREADS, "softirq_entry softirq_exit",                    \
		"The handler of a softirq is still running when a window "                        \
		"ends.",                                                                          \
		D_SOFTIRQ_OPEN_FIELDS)                                                            \
	E(irq_vector_open, WANT_VECTORS | WANT_THREADS, "irq_vector_entry irq_vector_exit",       \
		"The handler of one of x86's own interrupts is still running "                    \
		"when a window ends.",                                                            \
		D_IRQ_VECTOR_OPEN_FIELDS)                                                         \
	E(page_alloc, WANT_MEM | WANT_THREADS, "mm_page_alloc", "Pages were allocated.",          \
		D_PAGE_ALLOC_FIELDS)                                                              \
	E(page_free, WANT_MEM | WANT_THREADS, "mm_page_free", "Pages were freed.",                \
		D_PAGE_FREE_FIELDS)                                                               \
	E(contention, WANT_CONTENTION, "contention_begin contention_end",                         \
		"A thread waited for a contended kernel lock, sleeping or "                       \
		"spinning. Few traces have the events: "                                          \
		"`lock_contention_begin` and `lock_contention_end`, or, from "                    \
		"kernels with CONFIG_LOCK_STAT, `lock_contended` and "                            \
		"`lock_acquired`.",                                                               \
		D_CONTENTION_FIELDS)                                                              \
	E(page_dirty, WANT_CACHE, "block_dirty_buffer|writeback_dirty_folio",                     \
		"Pages of the page cache became dirty: those of one call, or "                    \
		"some of them.",                                                                  \
		D_PAGE_DIRTY_FIELDS)                                                              \
	E(page_flush, WANT_CACHE, "block_dirty_buffer|writeback_dirty_folio block_rq_issue",      \
		"Dirty pages went to the disk: those of one thread and one "                      \
		"file.",                                                                          \
		D_PAGE_FLUSH_FIELDS)                                                              \
	E(page_drop, WANT_CACHE, "block_dirty_buffer|writeback_dirty_folio syscall_exit",         \
		"Dirty pages are no longer dirty, or no longer tracked, "                         \
		"although no write was seen.",                                                    \
		D_PAGE_DROP_FIELDS)                                                               \
	E(sync_open, WANT_CACHE | WANT_CONTEXT,                                                   \
		"sched_switch syscall_entry syscall_exit block_rq_issue "                         \
		"block_rq_complete",                                                              \
		"A call that writes or syncs a file is still in progress "                        \
		"when a window ends: where its time went so far.",                                \
		D_SYNC_OPEN_FIELDS)                                                               \
	E(sync_end, WANT_CACHE | WANT_CONTEXT,                                                    \
		"sched_switch syscall_entry syscall_exit block_rq_issue "                         \
		"block_rq_complete",                                                              \
		"A call that writes or syncs a file returned: where its time "                    \
		"went.",                                                                          \
		D_SYNC_END_FIELDS)                                                                \
	E(sync_wait, WANT_CACHE | WANT_CONTEXT,                                                   \
		"sched_switch syscall_entry syscall_exit block_rq_issue "                         \
		"block_rq_complete",                                                              \
		"A thread slept in a call that writes or syncs a file: what "                     \
		"for. If the call is in progress when a window ends, a sleep "                    \
		"that goes on comes later.",                                                      \
		D_SYNC_WAIT_FIELDS)                                                               \
	E(writeback_end, WANT_WRITEBACK | WANT_THREADS | WANT_BLOCK, "writeback_pages_written",   \
		"A kernel thread wrote dirty pages in the background.", D_WRITEBACK_END_FIELDS)   \
	E(reclaim, WANT_RECLAIM | WANT_THREADS,                                                   \
		"mm_vmscan_kswapd_wake|mm_vmscan_direct_reclaim_begin",                           \
		"Memory was freed because there was too little.", D_RECLAIM_FIELDS)               \
	E(process_start, WANT_FILES, "sched_process_fork", "A process or thread was created.",    \
		D_PROCESS_START_FIELDS)                                                           \
	E(process_exec, WANT_THREADS, "sched_process_exec", "A process executed a program.",      \
		D_PROCESS_EXEC_FIELDS)                                                            \
	E(exec_fail, WANT_FILES | WANT_NAMES, "sched_switch|ctx.tid syscall_entry syscall_exit",  \
		"An execve or execveat failed.", D_EXEC_FAIL_FIELDS)                              \
	E(signal_send, WANT_SIGNALS, "sched_switch|ctx.tid syscall_entry syscall_exit",           \
		"A call that sends a signal returned: kill, tkill, tgkill, "                      \
		"rt_sigqueueinfo, rt_tgsigqueueinfo or pidfd_send_signal.",                       \
		D_SIGNAL_SEND_FIELDS)                                                             \
	E(process_exit, WANT_THREADS, "sched_process_exit", "A thread exited.",                   \
		D_PROCESS_EXIT_FIELDS)                                                            \
	E(request_end, 0, "",                                                                     \
		"A request or a period ended, as defined on the command line "                    \
		"or by the script (requests.md). --min and the like filter "                      \
		"them as they filter calls.",                                                     \
		D_REQUEST_END_FIELDS)                                                             \
	E(request_open, 0, "", "A request began whose end will not be seen.",                     \
		D_REQUEST_OPEN_FIELDS)                                                            \
	E(request_part, 0, "",                                                                    \
		"A request ended that has parts: one of these for each "                          \
		"definition of parts, and of parts of parts.",                                    \
		D_REQUEST_PART_FIELDS)                                                            \
	E(lost_events, 0, "", "The tracer lost events or packets, as its buffers were full.",     \
		D_LOST_EVENTS_FIELDS)

enum derived_kind {
#define X_EVENT(event, wants, requires, doc, fields) DERIVED_##event,
	DERIVED_EVENTS(X_EVENT)
#undef X_EVENT
		DERIVED_KINDS
};

/* One structure for each event: struct derived_io_end { int64_t time; int64_t cpu; ... }. */
#define X_TYPE_INT                                    int64_t
#define X_TYPE_STR                                    strid
#define X_TYPE_SYM                                    const char *
#define X_TYPE_BOOL                                   int64_t
#define X_FIELD(event, field, type, wants, unit, doc) X_TYPE_##type field;
#define X_FIELD_PLACE(event)                          struct thread_place place;
/* In which container a thread is. */
struct thread_place {
	PLACE_FIELDS(X_FIELD, place)
};
#define X_EVENT(event, wants, requires, doc, fields) \
	struct derived_##event {                     \
		fields(X_FIELD)                      \
	};
DERIVED_EVENTS(X_EVENT)
#undef X_EVENT
#undef X_FIELD_PLACE
#undef X_FIELD

enum derived_type { DERIVED_INT, DERIVED_STR, DERIVED_SYM, DERIVED_BOOL };

struct derived_field {
	const char *name;
	enum derived_type type;
	size_t offset;      /* in the event's structure */
	unsigned int wants; /* parts of the model that it takes beside those of its event */
	const char *unit;
	const char *doc;
};

struct derived_event {
	const char *name;
	const char *doc;
	unsigned int wants;   /* parts of the model it needs (enum want) */
	const char *requires; /* see above: canonical raw events, separated by spaces */
	const struct derived_field *fields;
	unsigned int n_fields;
};

/* The list above as data, by enum derived_kind. */
extern const struct derived_event derived_events[DERIVED_KINDS];

/* The number of the derived event called `name`, or -1. */
int derived_lookup(const char *name);

/* The field called `name` of an event, or NULL. */
const struct derived_field *derived_field(enum derived_kind kind, const char *name);

#endif
