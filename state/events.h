/*
 * The raw events that the kernel model understands: one declarative list of canonical events and
 * fields, each with the names that tracers have given it over the years.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EVENTS_H
#define LTTNGA_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parts of the model. Only the events of the parts that somebody needs are read at all. */
enum want {
	WANT_THREADS = 1 << 0,
	WANT_FILES = 1 << 1,       /* fd tables and paths; implies WANT_THREADS and WANT_ARGS */
	WANT_IO = 1 << 2,          /* the system calls that do I/O; implies WANT_THREADS */
	WANT_SYSCALLS = 1 << 3,    /* every system call; implies WANT_THREADS */
	WANT_ARGS = 1 << 4,        /* the arguments of system calls */
	WANT_NAMES = 1 << 5,       /* what threads are called */
	WANT_BLOCK = 1 << 6,       /* disk requests */
	WANT_NET = 1 << 7,         /* packets */
	WANT_FILE_TYPES = 1 << 8,  /* what nothing but its traffic tells of a file */
	WANT_SCHED = 1 << 9,       /* who ran when, at which priority; implies WANT_THREADS */
	WANT_WAKEUPS = 1 << 10,    /* who waits for a CPU; implies WANT_SCHED */
	WANT_IRQ = 1 << 11,        /* interrupts, hard and soft */
	WANT_VECTORS = 1 << 12,    /* the interrupt vectors of x86 */
	WANT_MEM = 1 << 13,        /* page allocator */
	WANT_CACHE = 1 << 14,      /* dirty pages, and what calls that write them wait for; implies
				   * WANT_FILES, WANT_BLOCK, WANT_NAMES and WANT_WAKEUPS */
	WANT_WRITEBACK = 1 << 15,  /* rounds of the flushers */
	WANT_RECLAIM = 1 << 16,    /* who frees memory */
	WANT_CONTEXT = 1 << 17,    /* whether a thread did something, or an interrupt */
	WANT_STATES = 1 << 18,     /* what threads do that do not run; implies WANT_WAKEUPS */
	WANT_CAUSE = 1 << 19,      /* why waits end; implies WANT_WAKEUPS, WANT_CONTEXT, WANT_FILES,
				   * WANT_SYSCALLS, WANT_BLOCK, WANT_PACKETS, WANT_NAMES */
	WANT_PACKETS = 1 << 20,    /* what packets' headers tell: who has sent them, who is at the
				   * other end of a socket; implies WANT_CONTEXT */
	WANT_CONTENTION = 1 << 21, /* who waits for locks of the kernel; implies WANT_THREADS */
	WANT_CAPTURES = 1 << 22,   /* no part of it, but what requests have captured, as text */
	WANT_CPU_TIME = 1 << 23,   /* what CPUs spend their time on; implies WANT_SCHED,
				   * WANT_SYSCALLS, WANT_CONTEXT and WANT_NAMES */
	WANT_SIGNALS = 1 << 24,    /* the calls that send signals; implies WANT_THREADS */
	WANT_BLOCK_FLAGS = 1 << 25, /* flags of disk requests, as text */
	WANT_NAMESPACES = 1 << 26,  /* who is in which container; implies WANT_THREADS */
	WANT_RUNTIME = 1 << 27,     /* CPU time as the kernel charges it; implies WANT_THREADS */
	WANT_REMOTE = 1 << 28,      /* who has sent packets on other machines; implies WANT_CAUSE */
};

#define WANT_ALL (~0u)

/*
 * Fields: F(name in C, type, "name|older name"). Types: INT is read into the record, and so are
 * SCHED and PACKET, which are absent unless WANT_SCHED and WANT_PACKETS, and NS, absent unless WANT_NAMESPACES; STR (text), NAME (the text of what a thread is called,
 * absent unless WANT_NAMES) and INTS (an array of integers) are left to the getters. "ctx.NAME" is
 * a context field, and "NAME[2]" an element of an array; for more see source_bind_field().
 */
#define SCHED_SWITCH_FIELDS(F)                           \
	F(sched_switch, prev_tid, INT, "prev_tid")       \
	F(sched_switch, next_tid, INT, "next_tid")       \
	F(sched_switch, ctx_pid, INT, "ctx.pid")         \
	F(sched_switch, next_comm, NAME, "next_comm")    \
	F(sched_switch, prev_comm, NAME, "prev_comm")    \
	F(sched_switch, prev_state, SCHED, "prev_state") \
	F(sched_switch, prev_prio, SCHED, "prev_prio")   \
	F(sched_switch, next_prio, SCHED, "next_prio")   \
	F(sched_switch, ctx_vtid, NS, "ctx.vtid")        \
	F(sched_switch, ctx_vpid, NS, "ctx.vpid")        \
	F(sched_switch, pid_ns, NS, "ctx.pid_ns")        \
	F(sched_switch, cgroup_ns, NS, "ctx.cgroup_ns")  \
	F(sched_switch, mnt_ns, NS, "ctx.mnt_ns")        \
	F(sched_switch, uts_ns, NS, "ctx.uts_ns")        \
	F(sched_switch, net_ns, NS, "ctx.net_ns")

#define WAKEUP_FIELDS(F, event)           \
	F(event, ctx_tid, INT, "ctx.tid") \
	F(event, ctx_pid, INT, "ctx.pid") \
	F(event, tid, INT, "tid")         \
	F(event, prio, INT, "prio")       \
	F(event, cpu, INT, "target_cpu")  \
	F(event, comm, NAME, "comm")      \
	F(event, ctx_procname, NAME, "ctx.procname")
#define SCHED_WAKING_FIELDS(F)     WAKEUP_FIELDS(F, sched_waking)
#define SCHED_WAKEUP_FIELDS(F)     WAKEUP_FIELDS(F, sched_wakeup)
#define SCHED_WAKEUP_NEW_FIELDS(F) WAKEUP_FIELDS(F, sched_wakeup_new)

#define SCHED_MIGRATE_TASK_FIELDS(F)                     \
	F(sched_migrate_task, tid, INT, "tid")           \
	F(sched_migrate_task, prio, INT, "prio")         \
	F(sched_migrate_task, orig_cpu, INT, "orig_cpu") \
	F(sched_migrate_task, dest_cpu, INT, "dest_cpu") \
	F(sched_migrate_task, comm, NAME, "comm")

#define SCHED_PI_SETPRIO_FIELDS(F)                   \
	F(sched_pi_setprio, tid, INT, "tid")         \
	F(sched_pi_setprio, oldprio, INT, "oldprio") \
	F(sched_pi_setprio, newprio, INT, "newprio") \
	F(sched_pi_setprio, comm, NAME, "comm")

/* Of LTTng's own events, of CONFIG_LOCK_STAT, or of those that kernels have always. */
#define CONTENTION_FIELDS(F, event)                   \
	F(event, ctx_tid, INT, "ctx.tid")             \
	F(event, ctx_pid, INT, "ctx.pid")             \
	F(event, lock, INT, "lock_addr|lockdep_addr") \
	F(event, flags, INT, "flags")                 \
	F(event, ret, INT, "ret")                     \
	F(event, name, STR, "name")
#define CONTENTION_BEGIN_FIELDS(F) CONTENTION_FIELDS(F, contention_begin)
#define CONTENTION_END_FIELDS(F)   CONTENTION_FIELDS(F, contention_end)

#define SCHED_PROCESS_FORK_FIELDS(F)                            \
	F(sched_process_fork, parent_tid, INT, "parent_tid")    \
	F(sched_process_fork, parent_pid, INT, "parent_pid")    \
	F(sched_process_fork, child_tid, INT, "child_tid")      \
	F(sched_process_fork, child_pid, INT, "child_pid")      \
	F(sched_process_fork, parent_ns, NS, "parent_ns_inum")  \
	F(sched_process_fork, child_ns, NS, "child_ns_inum")    \
	F(sched_process_fork, vtids, INTS, "vtids")             \
	F(sched_process_fork, parent_comm, NAME, "parent_comm") \
	F(sched_process_fork, child_comm, NAME, "child_comm")

#define SCHED_PROCESS_EXEC_FIELDS(F)                           \
	F(sched_process_exec, tid, INT, "tid|pid")             \
	F(sched_process_exec, old_tid, INT, "old_tid|old_pid") \
	F(sched_process_exec, filename, STR, "filename")

#define SCHED_PROCESS_EXIT_FIELDS(F)               \
	F(sched_process_exit, tid, INT, "tid|pid") \
	F(sched_process_exit, comm, NAME, "comm")

#define SCHED_PROCESS_FREE_FIELDS(F) F(sched_process_free, tid, INT, "tid|pid")

#define SIGNAL_GENERATE_FIELDS(F)                   \
	F(signal_generate, ctx_tid, INT, "ctx.tid") \
	F(signal_generate, ctx_pid, INT, "ctx.pid") \
	F(signal_generate, sig, INT, "sig")         \
	F(signal_generate, pid, INT, "pid")

#define STATEDUMP_PROCESS_STATE_FIELDS(F)                                         \
	F(statedump_process_state, tid, INT, "tid")                               \
	F(statedump_process_state, pid, INT, "pid")                               \
	F(statedump_process_state, ppid, INT, "ppid")                             \
	F(statedump_process_state, file_table_address, INT, "file_table_address") \
	F(statedump_process_state, name, NAME, "name")                            \
	F(statedump_process_state, vtid, NS, "vtid")                              \
	F(statedump_process_state, vpid, NS, "vpid")                              \
	F(statedump_process_state, level, NS, "ns_level")                         \
	F(statedump_process_state, inum, NS, "ns_inum")

/* One for each PID namespace that a thread is in, from the deepest to the machine's (level 0). */
#define STATEDUMP_PID_NS_FIELDS(F)                  \
	F(statedump_pid_ns, tid, INT, "tid")        \
	F(statedump_pid_ns, vtid, INT, "vtid")      \
	F(statedump_pid_ns, vpid, INT, "vpid")      \
	F(statedump_pid_ns, level, INT, "ns_level") \
	F(statedump_pid_ns, inum, INT, "ns_inum")

/* Those of user namespaces as well. */
#define STATEDUMP_NS_FIELDS(F, event)  \
	F(event, tid, INT, "tid")      \
	F(event, inum, INT, "ns_inum") \
	F(event, level, INT, "ns_level")
#define STATEDUMP_USER_NS_FIELDS(F)   STATEDUMP_NS_FIELDS(F, statedump_user_ns)
#define STATEDUMP_CGROUP_NS_FIELDS(F) STATEDUMP_NS_FIELDS(F, statedump_cgroup_ns)
#define STATEDUMP_IPC_NS_FIELDS(F)    STATEDUMP_NS_FIELDS(F, statedump_ipc_ns)
#define STATEDUMP_MNT_NS_FIELDS(F)    STATEDUMP_NS_FIELDS(F, statedump_mnt_ns)
#define STATEDUMP_NET_NS_FIELDS(F)    STATEDUMP_NS_FIELDS(F, statedump_net_ns)
#define STATEDUMP_UTS_NS_FIELDS(F)    STATEDUMP_NS_FIELDS(F, statedump_uts_ns)
#define STATEDUMP_TIME_NS_FIELDS(F)   STATEDUMP_NS_FIELDS(F, statedump_time_ns)

#define SCHED_STAT_RUNTIME_FIELDS(F)               \
	F(sched_stat_runtime, tid, INT, "tid|pid") \
	F(sched_stat_runtime, runtime, INT, "runtime")

#define STATEDUMP_FILE_DESCRIPTOR_FIELDS(F)                                         \
	F(statedump_file_descriptor, file_table_address, INT, "file_table_address") \
	F(statedump_file_descriptor, pid, INT, "pid")                               \
	F(statedump_file_descriptor, fd, INT, "fd")                                 \
	F(statedump_file_descriptor, flags, INT, "flags")                           \
	F(statedump_file_descriptor, filename, STR, "filename")

#define STATEDUMP_BLOCK_DEVICE_FIELDS(F)           \
	F(statedump_block_device, dev, INT, "dev") \
	F(statedump_block_device, diskname, STR, "diskname")

#define STATEDUMP_START_FIELDS(F) F(statedump_start, unused, INT, "")

#define STATEDUMP_END_FIELDS(F) F(statedump_end, unused, INT, "")

#define STATEDUMP_CPU_TOPOLOGY_FIELDS(F) \
	F(statedump_cpu_topology, architecture, STR, "architecture")

/* What each field of a system call is called is in syscall_table.c. */
#define SYSCALL_ENTRY_FIELDS(F)                   \
	F(syscall_entry, ctx_tid, INT, "ctx.tid") \
	F(syscall_entry, ctx_pid, INT, "ctx.pid") \
	F(syscall_entry, fd, INT, "")             \
	F(syscall_entry, fd2, INT, "")            \
	F(syscall_entry, count, INT, "")          \
	F(syscall_entry, flags, INT, "")          \
	F(syscall_entry, pos, INT, "")            \
	F(syscall_entry, path, STR, "")           \
	F(syscall_entry, path2, STR, "")          \
	F(syscall_entry, dport, INT, "dport")     \
	F(syscall_entry, v4addr, INTS, "v4addr")  \
	F(syscall_entry, v6addr, INTS, "v6addr")  \
	F(syscall_entry, fs_type, STR, "type")

#define SYSCALL_EXIT_FIELDS(F)                               \
	F(syscall_exit, ctx_tid, INT, "ctx.tid")             \
	F(syscall_exit, ctx_pid, INT, "ctx.pid")             \
	F(syscall_exit, ret, INT, "ret")                     \
	F(syscall_exit, family, INT, "family")               \
	F(syscall_exit, sport, INT, "sport")                 \
	F(syscall_exit, fds, INTS, "fildes|socket|usockvec") \
	F(syscall_exit, v4addr, INTS, "v4addr")              \
	F(syscall_exit, v6addr, INTS, "v6addr")              \
	F(syscall_exit, cgroup_ns, NS, "ctx.cgroup_ns")      \
	F(syscall_exit, mnt_ns, NS, "ctx.mnt_ns")            \
	F(syscall_exit, uts_ns, NS, "ctx.uts_ns")            \
	F(syscall_exit, ipc_ns, NS, "ctx.ipc_ns")            \
	F(syscall_exit, net_ns, NS, "ctx.net_ns")            \
	F(syscall_exit, user_ns, NS, "ctx.user_ns")          \
	F(syscall_exit, time_ns, NS, "ctx.time_ns")

#define SYSCALL_ENTRY_UNKNOWN_FIELDS(F)                   \
	F(syscall_entry_unknown, ctx_tid, INT, "ctx.tid") \
	F(syscall_entry_unknown, ctx_pid, INT, "ctx.pid") \
	F(syscall_entry_unknown, id, INT, "id")           \
	F(syscall_entry_unknown, arg0, INT, "args[0]")    \
	F(syscall_entry_unknown, arg1, INT, "args[1]")    \
	F(syscall_entry_unknown, arg2, INT, "args[2]")    \
	F(syscall_entry_unknown, arg3, INT, "args[3]")    \
	F(syscall_entry_unknown, arg4, INT, "args[4]")    \
	F(syscall_entry_unknown, arg5, INT, "args[5]")

#define SYSCALL_EXIT_UNKNOWN_FIELDS(F)                   \
	F(syscall_exit_unknown, ctx_tid, INT, "ctx.tid") \
	F(syscall_exit_unknown, ctx_pid, INT, "ctx.pid") \
	F(syscall_exit_unknown, ret, INT, "ret")         \
	F(syscall_exit_unknown, id, INT, "id")

#define BLOCK_RQ_ISSUE_FIELDS(F)                       \
	F(block_rq_issue, dev, INT, "dev")             \
	F(block_rq_issue, sector, INT, "sector")       \
	F(block_rq_issue, nr_sector, INT, "nr_sector") \
	F(block_rq_issue, rwbs, INT, "rwbs")           \
	F(block_rq_issue, tid, INT, "tid")             \
	F(block_rq_issue, ctx_pid, INT, "ctx.pid")     \
	F(block_rq_issue, comm, NAME, "comm")

#define BLOCK_RQ_COMPLETE_FIELDS(F)                       \
	F(block_rq_complete, dev, INT, "dev")             \
	F(block_rq_complete, sector, INT, "sector")       \
	F(block_rq_complete, nr_sector, INT, "nr_sector") \
	F(block_rq_complete, rwbs, INT, "rwbs")           \
	F(block_rq_complete, error, INT, "error|errors")

#define BLOCK_RQ_REQUEUE_FIELDS(F)                       \
	F(block_rq_requeue, dev, INT, "dev")             \
	F(block_rq_requeue, sector, INT, "sector")       \
	F(block_rq_requeue, nr_sector, INT, "nr_sector") \
	F(block_rq_requeue, rwbs, INT, "rwbs")

#define BLOCK_RQ_ABORT_FIELDS(F)           \
	F(block_rq_abort, dev, INT, "dev") \
	F(block_rq_abort, sector, INT, "sector")

#define BLOCK_BIO_REMAP_FIELDS(F)                       \
	F(block_bio_remap, dev, INT, "dev")             \
	F(block_bio_remap, sector, INT, "sector")       \
	F(block_bio_remap, nr_sector, INT, "nr_sector") \
	F(block_bio_remap, old_dev, INT, "old_dev")     \
	F(block_bio_remap, old_sector, INT, "old_sector")

#define BLOCK_BIO_BACKMERGE_FIELDS(F)           \
	F(block_bio_backmerge, dev, INT, "dev") \
	F(block_bio_backmerge, sector, INT, "sector")

/*
 * A packet. Its headers are those of LTTng 2.9 and later; addresses are two numbers, the first of which
 * is all of an IPv4 one.
 */
#define NET_HEADER(name)       "network_header." name
#define TRANSPORT_HEADER(name) "network_header.transport_header." name
#define PACKET_FIELDS(F, event)                                  \
	F(event, len, INT, "len")                                \
	F(event, name, STR, "name")                              \
	F(event, skb, PACKET, "skbaddr")                         \
	F(event, version, PACKET, NET_HEADER("version"))         \
	F(event, protocol, PACKET, NET_HEADER("protocol"))       \
	F(event, nexthdr, PACKET, NET_HEADER("nexthdr"))         \
	F(event, saddr, PACKET, NET_HEADER("saddr[0:4]"))        \
	F(event, saddr_low, PACKET, NET_HEADER("saddr[4:8]"))    \
	F(event, daddr, PACKET, NET_HEADER("daddr[0:4]"))        \
	F(event, daddr_low, PACKET, NET_HEADER("daddr[4:8]"))    \
	F(event, sport, PACKET, TRANSPORT_HEADER("source_port")) \
	F(event, dport, PACKET, TRANSPORT_HEADER("dest_port"))   \
	F(event, seq, PACKET, TRANSPORT_HEADER("seq"))           \
	F(event, ack, PACKET, TRANSPORT_HEADER("ack_seq"))       \
	F(event, flags, PACKET, TRANSPORT_HEADER("flags"))
#define NET_DEV_QUEUE_FIELDS(F)      PACKET_FIELDS(F, net_dev_queue)
#define NET_IF_RX_FIELDS(F)          PACKET_FIELDS(F, net_if_rx)
#define NET_IF_RECEIVE_SKB_FIELDS(F) PACKET_FIELDS(F, net_if_receive_skb)

#define NET_DEV_XMIT_FIELDS(F)             \
	F(net_dev_xmit, len, INT, "len")   \
	F(net_dev_xmit, name, STR, "name") \
	F(net_dev_xmit, skb, PACKET, "skbaddr")

#define IRQ_HANDLER_ENTRY_FIELDS(F)           \
	F(irq_handler_entry, irq, INT, "irq") \
	F(irq_handler_entry, name, STR, "name")

#define IRQ_HANDLER_EXIT_FIELDS(F)           \
	F(irq_handler_exit, irq, INT, "irq") \
	F(irq_handler_exit, ret, INT, "ret")

#define SOFTIRQ_RAISE_FIELDS(F) F(softirq_raise, vec, INT, "vec")
#define SOFTIRQ_ENTRY_FIELDS(F) F(softirq_entry, vec, INT, "vec")
#define SOFTIRQ_EXIT_FIELDS(F)  F(softirq_exit, vec, INT, "vec")

#define IRQ_VECTOR_ENTRY_FIELDS(F) F(irq_vector_entry, vector, INT, "vector")
#define IRQ_VECTOR_EXIT_FIELDS(F)  F(irq_vector_exit, vector, INT, "vector")

#define HRTIMER_EXPIRE_ENTRY_FIELDS(F) F(hrtimer_expire_entry, hrtimer, INT, "hrtimer")
#define HRTIMER_EXPIRE_EXIT_FIELDS(F)  F(hrtimer_expire_exit, hrtimer, INT, "hrtimer")

#define WORKQUEUE_QUEUE_WORK_FIELDS(F)    F(workqueue_queue_work, work, INT, "work")
#define WORKQUEUE_EXECUTE_START_FIELDS(F) F(workqueue_execute_start, work, INT, "work")
#define WORKQUEUE_EXECUTE_END_FIELDS(F)   F(workqueue_execute_end, work, INT, "work")

#define MM_PAGE_ALLOC_FIELDS(F)                   \
	F(mm_page_alloc, ctx_tid, INT, "ctx.tid") \
	F(mm_page_alloc, ctx_pid, INT, "ctx.pid") \
	F(mm_page_alloc, order, INT, "order")     \
	F(mm_page_alloc, page, INT, "page")

#define MM_PAGE_FREE_FIELDS(F)                   \
	F(mm_page_free, ctx_tid, INT, "ctx.tid") \
	F(mm_page_free, ctx_pid, INT, "ctx.pid") \
	F(mm_page_free, order, INT, "order")

#define BLOCK_DIRTY_BUFFER_FIELDS(F)                   \
	F(block_dirty_buffer, ctx_tid, INT, "ctx.tid") \
	F(block_dirty_buffer, ctx_pid, INT, "ctx.pid") \
	F(block_dirty_buffer, dev, INT, "dev")         \
	F(block_dirty_buffer, sector, INT, "sector")   \
	F(block_dirty_buffer, size, INT, "size")

#define WRITEBACK_DIRTY_FOLIO_FIELDS(F)                   \
	F(writeback_dirty_folio, ctx_tid, INT, "ctx.tid") \
	F(writeback_dirty_folio, ctx_pid, INT, "ctx.pid") \
	F(writeback_dirty_folio, ino, INT, "ino")         \
	F(writeback_dirty_folio, index, INT, "index")     \
	F(writeback_dirty_folio, name, STR, "name")

#define WRITEBACK_START_FIELDS(F)                   \
	F(writeback_start, ctx_tid, INT, "ctx.tid") \
	F(writeback_start, ctx_pid, INT, "ctx.pid") \
	F(writeback_start, name, STR, "name")

#define WRITEBACK_PAGES_WRITTEN_FIELDS(F)                   \
	F(writeback_pages_written, ctx_tid, INT, "ctx.tid") \
	F(writeback_pages_written, ctx_pid, INT, "ctx.pid") \
	F(writeback_pages_written, pages, INT, "pages")

#define WRITEBACK_BALANCE_DIRTY_PAGES_FIELDS(F)                   \
	F(writeback_balance_dirty_pages, ctx_tid, INT, "ctx.tid") \
	F(writeback_balance_dirty_pages, ctx_pid, INT, "ctx.pid") \
	F(writeback_balance_dirty_pages, pause, INT, "pause")

#define MM_VMSCAN_WAKEUP_KSWAPD_FIELDS(F)                   \
	F(mm_vmscan_wakeup_kswapd, ctx_tid, INT, "ctx.tid") \
	F(mm_vmscan_wakeup_kswapd, ctx_pid, INT, "ctx.pid") \
	F(mm_vmscan_wakeup_kswapd, nid, INT, "nid")

#define RECLAIM_FIELDS(F, event)          \
	F(event, ctx_tid, INT, "ctx.tid") \
	F(event, ctx_pid, INT, "ctx.pid")
#define MM_VMSCAN_KSWAPD_WAKE_FIELDS(F)          \
	RECLAIM_FIELDS(F, mm_vmscan_kswapd_wake) \
	F(mm_vmscan_kswapd_wake, nid, INT, "nid")
#define MM_VMSCAN_KSWAPD_SLEEP_FIELDS(F)          \
	RECLAIM_FIELDS(F, mm_vmscan_kswapd_sleep) \
	F(mm_vmscan_kswapd_sleep, nid, INT, "nid")
#define MM_VMSCAN_DIRECT_RECLAIM_BEGIN_FIELDS(F) RECLAIM_FIELDS(F, mm_vmscan_direct_reclaim_begin)
#define MM_VMSCAN_DIRECT_RECLAIM_END_FIELDS(F)          \
	RECLAIM_FIELDS(F, mm_vmscan_direct_reclaim_end) \
	F(mm_vmscan_direct_reclaim_end, nr_reclaimed, INT, "nr_reclaimed")

/*
 * What a source tells by itself of a stream, in the order of the events. The `sub` of such a record
 * is SUB_SIDE if it is a stream without context switches, and its CPU has another one with them.
 */
#define SUB_SIDE 1
/* Shorter times without packets are those in which a tracer goes from one to the next, ns. */
#define QUIET_MIN (10 * 1000000)

/* A packet ends; `next`: when the one after it begins, ns, VALUE_ABSENT if that is not known yet. */
#define PACKET_BEGIN_FIELDS(F) F(packet_begin, unused, INT, "")
#define PACKET_END_FIELDS(F)   F(packet_end, next, INT, "")

/* A stream is between two packets, and the next one does not begin before `next`, ns: more is known by now. */
#define PACKET_WAIT_FIELDS(F) F(packet_wait, next, INT, "")

/* The first event of a stream, or after a time without packets, comes next: of whatever class. */
#define FIRST_EVENT_FIELDS(F) F(first_event, unused, INT, "")

#define STREAM_BEGIN_FIELDS(F) F(stream_begin, unused, INT, "")
#define STREAM_END_FIELDS(F)   F(stream_end, unused, INT, "")

#define GAP_BEGIN_FIELDS(F) F(gap_begin, count, INT, "")

#define LOST_EVENTS_FIELDS(F)          \
	F(lost_events, count, INT, "") \
	F(lost_events, begin, INT, "") \
	F(lost_events, end, INT, "")

#define LOST_PACKETS_FIELDS(F)          \
	F(lost_packets, count, INT, "") \
	F(lost_packets, begin, INT, "") \
	F(lost_packets, end, INT, "")

/* Events: E(canonical name, parts of the model that need it, "name|older name", fields). */
#define RAW_EVENTS(E)                                                                             \
	E(sched_switch, WANT_THREADS, "sched_switch", SCHED_SWITCH_FIELDS)                        \
	E(sched_waking, WANT_WAKEUPS, "sched_waking", SCHED_WAKING_FIELDS)                        \
	E(sched_wakeup, WANT_WAKEUPS, "sched_wakeup", SCHED_WAKEUP_FIELDS)                        \
	E(sched_wakeup_new, WANT_WAKEUPS, "sched_wakeup_new", SCHED_WAKEUP_NEW_FIELDS)            \
	E(sched_migrate_task, WANT_SCHED, "sched_migrate_task", SCHED_MIGRATE_TASK_FIELDS)        \
	E(sched_pi_setprio, WANT_SCHED, "sched_pi_setprio", SCHED_PI_SETPRIO_FIELDS)              \
	E(sched_process_fork, WANT_THREADS, "sched_process_fork", SCHED_PROCESS_FORK_FIELDS)      \
	E(sched_process_exec, WANT_THREADS, "sched_process_exec", SCHED_PROCESS_EXEC_FIELDS)      \
	E(sched_process_exit, WANT_THREADS, "sched_process_exit", SCHED_PROCESS_EXIT_FIELDS)      \
	E(sched_process_free, WANT_THREADS, "sched_process_free", SCHED_PROCESS_FREE_FIELDS)      \
	E(signal_generate, WANT_SIGNALS, "signal_generate", SIGNAL_GENERATE_FIELDS)               \
	E(statedump_process_state, WANT_THREADS, "lttng_statedump_process_state",                 \
		STATEDUMP_PROCESS_STATE_FIELDS)                                                   \
	E(statedump_pid_ns, WANT_NAMESPACES, "lttng_statedump_process_pid_ns",                    \
		STATEDUMP_PID_NS_FIELDS)                                                          \
	E(statedump_user_ns, WANT_NAMESPACES, "lttng_statedump_process_user_ns",                  \
		STATEDUMP_USER_NS_FIELDS)                                                         \
	E(statedump_cgroup_ns, WANT_NAMESPACES, "lttng_statedump_process_cgroup_ns",              \
		STATEDUMP_CGROUP_NS_FIELDS)                                                       \
	E(statedump_ipc_ns, WANT_NAMESPACES, "lttng_statedump_process_ipc_ns",                    \
		STATEDUMP_IPC_NS_FIELDS)                                                          \
	E(statedump_mnt_ns, WANT_NAMESPACES, "lttng_statedump_process_mnt_ns",                    \
		STATEDUMP_MNT_NS_FIELDS)                                                          \
	E(statedump_net_ns, WANT_NAMESPACES, "lttng_statedump_process_net_ns",                    \
		STATEDUMP_NET_NS_FIELDS)                                                          \
	E(statedump_uts_ns, WANT_NAMESPACES, "lttng_statedump_process_uts_ns",                    \
		STATEDUMP_UTS_NS_FIELDS)                                                          \
	E(statedump_time_ns, WANT_NAMESPACES, "lttng_statedump_process_time_ns",                  \
		STATEDUMP_TIME_NS_FIELDS)                                                         \
	E(sched_stat_runtime, WANT_RUNTIME, "sched_stat_runtime", SCHED_STAT_RUNTIME_FIELDS)      \
	E(statedump_file_descriptor, WANT_FILES, "lttng_statedump_file_descriptor",               \
		STATEDUMP_FILE_DESCRIPTOR_FIELDS)                                                 \
	E(statedump_block_device, WANT_BLOCK, "lttng_statedump_block_device",                     \
		STATEDUMP_BLOCK_DEVICE_FIELDS)                                                    \
	E(statedump_start, WANT_FILES, "lttng_statedump_start", STATEDUMP_START_FIELDS)           \
	E(statedump_end, WANT_FILES, "lttng_statedump_end", STATEDUMP_END_FIELDS)                 \
	E(statedump_cpu_topology, WANT_FILES, "lttng_statedump_cpu_topology",                     \
		STATEDUMP_CPU_TOPOLOGY_FIELDS)                                                    \
	E(syscall_entry, WANT_IO | WANT_SYSCALLS, "", SYSCALL_ENTRY_FIELDS)                       \
	E(syscall_exit, WANT_IO | WANT_SYSCALLS, "", SYSCALL_EXIT_FIELDS)                         \
	E(syscall_entry_unknown, WANT_FILES, "", SYSCALL_ENTRY_UNKNOWN_FIELDS)                    \
	E(syscall_exit_unknown, WANT_FILES, "", SYSCALL_EXIT_UNKNOWN_FIELDS)                      \
	E(block_rq_issue, WANT_BLOCK, "block_rq_issue", BLOCK_RQ_ISSUE_FIELDS)                    \
	E(block_rq_complete, WANT_BLOCK, "block_rq_complete", BLOCK_RQ_COMPLETE_FIELDS)           \
	E(block_rq_requeue, WANT_BLOCK, "block_rq_requeue", BLOCK_RQ_REQUEUE_FIELDS)              \
	E(block_rq_abort, WANT_BLOCK, "block_rq_abort", BLOCK_RQ_ABORT_FIELDS)                    \
	E(block_bio_remap, WANT_BLOCK, "block_bio_remap", BLOCK_BIO_REMAP_FIELDS)                 \
	E(block_bio_backmerge, WANT_BLOCK, "block_bio_backmerge", BLOCK_BIO_BACKMERGE_FIELDS)     \
	E(net_dev_queue, WANT_PACKETS, "net_dev_queue", NET_DEV_QUEUE_FIELDS)                     \
	E(net_dev_xmit, WANT_NET | WANT_FILE_TYPES | WANT_PACKETS, "net_dev_xmit",                \
		NET_DEV_XMIT_FIELDS)                                                              \
	E(net_if_rx, WANT_PACKETS, "net_if_rx|netif_rx", NET_IF_RX_FIELDS)                        \
	E(net_if_receive_skb, WANT_NET | WANT_PACKETS, "net_if_receive_skb|netif_receive_skb",    \
		NET_IF_RECEIVE_SKB_FIELDS)                                                        \
	E(irq_handler_entry, WANT_IRQ | WANT_CONTEXT, "irq_handler_entry",                        \
		IRQ_HANDLER_ENTRY_FIELDS)                                                         \
	E(irq_handler_exit, WANT_IRQ | WANT_CONTEXT, "irq_handler_exit", IRQ_HANDLER_EXIT_FIELDS) \
	E(softirq_raise, WANT_IRQ, "irq_softirq_raise|softirq_raise", SOFTIRQ_RAISE_FIELDS)       \
	E(softirq_entry, WANT_IRQ | WANT_CONTEXT, "irq_softirq_entry|softirq_entry",              \
		SOFTIRQ_ENTRY_FIELDS)                                                             \
	E(softirq_exit, WANT_IRQ | WANT_CONTEXT, "irq_softirq_exit|softirq_exit",                 \
		SOFTIRQ_EXIT_FIELDS)                                                              \
	E(irq_vector_entry, WANT_VECTORS | WANT_CONTEXT, "", IRQ_VECTOR_ENTRY_FIELDS)             \
	E(irq_vector_exit, WANT_VECTORS | WANT_CONTEXT, "", IRQ_VECTOR_EXIT_FIELDS)               \
	E(hrtimer_expire_entry, WANT_CONTEXT, "timer_hrtimer_expire_entry|hrtimer_expire_entry",  \
		HRTIMER_EXPIRE_ENTRY_FIELDS)                                                      \
	E(hrtimer_expire_exit, WANT_CONTEXT, "timer_hrtimer_expire_exit|hrtimer_expire_exit",     \
		HRTIMER_EXPIRE_EXIT_FIELDS)                                                       \
	E(workqueue_queue_work, WANT_CAUSE, "workqueue_queue_work", WORKQUEUE_QUEUE_WORK_FIELDS)  \
	E(workqueue_execute_start, WANT_CAUSE, "workqueue_execute_start",                         \
		WORKQUEUE_EXECUTE_START_FIELDS)                                                   \
	E(workqueue_execute_end, WANT_CAUSE, "workqueue_execute_end",                             \
		WORKQUEUE_EXECUTE_END_FIELDS)                                                     \
	E(mm_page_alloc, WANT_MEM, "kmem_mm_page_alloc|mm_page_alloc", MM_PAGE_ALLOC_FIELDS)      \
	E(mm_page_free, WANT_MEM, "kmem_mm_page_free|mm_page_free", MM_PAGE_FREE_FIELDS)          \
	E(block_dirty_buffer, WANT_CACHE, "block_dirty_buffer", BLOCK_DIRTY_BUFFER_FIELDS)        \
	E(writeback_dirty_folio, WANT_CACHE, "writeback_dirty_folio|writeback_dirty_page",        \
		WRITEBACK_DIRTY_FOLIO_FIELDS)                                                     \
	E(writeback_start, WANT_WRITEBACK, "writeback_start", WRITEBACK_START_FIELDS)             \
	E(writeback_pages_written, WANT_WRITEBACK, "writeback_pages_written",                     \
		WRITEBACK_PAGES_WRITTEN_FIELDS)                                                   \
	E(writeback_balance_dirty_pages, WANT_CACHE,                                              \
		"writeback_balance_dirty_pages|balance_dirty_pages",                              \
		WRITEBACK_BALANCE_DIRTY_PAGES_FIELDS)                                             \
	E(mm_vmscan_wakeup_kswapd, WANT_CACHE | WANT_RECLAIM, "mm_vmscan_wakeup_kswapd",          \
		MM_VMSCAN_WAKEUP_KSWAPD_FIELDS)                                                   \
	E(mm_vmscan_kswapd_wake, WANT_RECLAIM, "mm_vmscan_kswapd_wake",                           \
		MM_VMSCAN_KSWAPD_WAKE_FIELDS)                                                     \
	E(mm_vmscan_kswapd_sleep, WANT_RECLAIM, "mm_vmscan_kswapd_sleep",                         \
		MM_VMSCAN_KSWAPD_SLEEP_FIELDS)                                                    \
	E(mm_vmscan_direct_reclaim_begin, WANT_RECLAIM, "mm_vmscan_direct_reclaim_begin",         \
		MM_VMSCAN_DIRECT_RECLAIM_BEGIN_FIELDS)                                            \
	E(mm_vmscan_direct_reclaim_end, WANT_RECLAIM, "mm_vmscan_direct_reclaim_end",             \
		MM_VMSCAN_DIRECT_RECLAIM_END_FIELDS)                                              \
	E(contention_begin, WANT_CONTENTION,                                                      \
		"contention_begin|lock_contention_begin|lock_contended", CONTENTION_BEGIN_FIELDS) \
	E(contention_end, WANT_CONTENTION, "contention_end|lock_contention_end|lock_acquired",    \
		CONTENTION_END_FIELDS)                                                            \
	E(packet_begin, 0, "", PACKET_BEGIN_FIELDS)                                               \
	E(packet_end, 0, "", PACKET_END_FIELDS)                                                   \
	E(packet_wait, 0, "", PACKET_WAIT_FIELDS)                                                 \
	E(first_event, 0, "", FIRST_EVENT_FIELDS)                                                 \
	E(stream_begin, 0, "", STREAM_BEGIN_FIELDS)                                               \
	E(stream_end, 0, "", STREAM_END_FIELDS)                                                   \
	E(gap_begin, 0, "", GAP_BEGIN_FIELDS)                                                     \
	E(lost_events, 0, "", LOST_EVENTS_FIELDS)                                                 \
	E(lost_packets, 0, "", LOST_PACKETS_FIELDS)

enum event_kind {
	EV_none,
#define X_EVENT(event, wants, names, fields) EV_##event,
	RAW_EVENTS(X_EVENT)
#undef X_EVENT
		EVENT_KINDS
};

/*
 * The position of each field in a record's values: F_sched_switch_prev_tid is 1, and so on. The first
 * one of each event is the name of who runs, as a context tells it.
 */
#define F_PROCNAME                         0
#define X_FIELD(event, field, type, names) F_##event##_##field,
#define X_EVENT(event, wants, names, fields) \
	enum { F_##event##_procname = F_PROCNAME, fields(X_FIELD) F_##event##_COUNT };
RAW_EVENTS(X_EVENT)
#undef X_EVENT
#undef X_FIELD

/* The largest number of fields of one event: events.c checks it. */
#define EVENT_FIELDS_MAX 16

enum field_type {
	FIELD_INT,
	FIELD_SCHED,
	FIELD_PACKET,
	FIELD_NS,
	FIELD_STR,
	FIELD_NAME,
	FIELD_INTS
};

/* What the model wants to know of one event class. Everything in it is static or the state's. */
struct event_want {
	enum event_kind kind;
	uint16_t sub;       /* goes into each record: which system call, see syscall.h */
	unsigned int wants; /* the parts of the model that need it (enum want) */
	unsigned int n_fields;
	struct {
		const char *names; /* "name|older name"; "" if this class has no such field */
		enum field_type type;
	} fields[EVENT_FIELDS_MAX];
};

/*
 * Looks `name` up in the list above, by any of the names it has had (system calls are not in it:
 * state_want() knows them too). Returns false if the model has no use for it.
 */
bool event_lookup(const char *name, struct event_want *want);

/* Fills `want` with the fields of `kind`, as listed above. */
void event_fields(enum event_kind kind, struct event_want *want);

/* Whether a source tells such records by itself. */
bool event_kind_is_of_stream(enum event_kind kind);

/* The canonical name of a kind ("sched_switch"). */
const char *event_kind_name(enum event_kind kind);

/* Whether `name` is one of the alternatives in `names` ("a|b|c"). */
bool name_among(const char *name, const char *names);

#endif
