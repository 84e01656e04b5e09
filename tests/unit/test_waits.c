/*
 * Why waits end: the rules of state/waits.c, one by one, and what carries over from one context to the
 * next.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"

#include <glib.h>

#define REQUEST "dev=266338304 sector=8 nr_sector=8 rwbs=1 error=0 "
#define S       1
#define D       2
#define IDLE    0x80

/* What a thread is called. */
static const char *name_of(int tid)
{
	return tid == 5    ? "kworker/0:1"
	       : tid == 6  ? "jbd2/vda-8"
	       : tid == 40 ? "irq/30-handler"
			   : "p";
}

static void switch_to(
	struct feed *f, int64_t time, int32_t cpu, int prev_tid, int prev_state, int next_tid)
{
	char *fields = g_strdup_printf("prev_tid=%d prev_comm=%s prev_state=%d next_tid=%d "
				       "next_comm=%s",
		prev_tid, name_of(prev_tid), prev_state, next_tid, name_of(next_tid));

	feed(f, time, cpu, "sched_switch", fields);
	g_free(fields);
}

static void wake(struct feed *f, int64_t time, int32_t cpu, int tid)
{
	char *fields = g_strdup_printf("tid=%d comm=%s prio=20 target_cpu=1", tid, name_of(tid));

	feed(f, time, cpu, "sched_waking", fields);
	g_free(fields);
}

static void dump(struct feed *f, int64_t time, int tid, int pid, int ppid, const char *name)
{
	char *fields = g_strdup_printf("tid=%d pid=%d ppid=%d name=%s", tid, pid, ppid, name);

	feed(f, time, 3, "lttng_statedump_process_state", fields);
	g_free(fields);
}

/*
 * A machine with disk vda. On CPU 0 runs 10 (of process 10); on CPU 1 20 (of process 20), which will
 * sleep; 21 is another thread of 20, and 5 a thread of the kernel's.
 */
static struct feed *machine(const char *fields)
{
	struct feed *f = feed_new();

	dump(f, 1, 10, 10, 1, "app");
	dump(f, 1, 20, 20, 10, "sleeper");
	dump(f, 1, 21, 20, 10, "other");
	dump(f, 1, 5, 5, 2, "kworker/0:1");
	dump(f, 1, 6, 6, 2, "jbd2/vda-8");
	feed(f, 1, 3, "lttng_statedump_block_device", "dev=266338304 diskname=vda");
	switch_to(f, 2, 0, 0, 0, 10);
	switch_to(f, 2, 1, 0, 0, 20);
	feed_watch(f, "sleep_end", fields);
	return f;
}

/* 20 enters a call, and sleeps in it. */
static void sleeps(struct feed *f, int64_t time, int state, const char *call, const char *fields)
{
	char *event = g_strconcat("syscall_entry_", call, NULL);

	feed(f, time, 1, event, fields);
	switch_to(f, time + 1, 1, 20, state, 0);
	g_free(event);
}

/* A disk request is issued by who runs on CPU 1. */
static void issue(struct feed *f, int64_t time, int tid)
{
	char *fields = g_strdup_printf(REQUEST "tid=%d comm=p%d", tid, tid);

	feed(f, time, 1, "block_rq_issue", fields);
	g_free(fields);
}

static void test_disk(void)
{
	struct feed *f = machine("cause disk sector context source_tid source_time");

	issue(f, 10, 20);
	sleeps(f, 11, D, "fsync", "fd=3");
	feed(f, 20, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	feed(f, 21, 0, "block_rq_complete", REQUEST);
	wake(f, 22, 0, 20);
	feed(f, 23, 0, "irq_handler_exit", "irq=28 ret=1");
	feed_expect(f, "sleep_end disk vda 8 irq 20 10\n");
	/* What a handler has done is over with it. */
	switch_to(f, 30, 1, 0, 0, 20);
	switch_to(f, 31, 1, 20, D, 0);
	feed(f, 40, 0, "irq_handler_entry", "irq=1 name=i8042");
	wake(f, 41, 0, 20);
	feed(f, 42, 0, "irq_handler_exit", "irq=1 ret=1");
	feed_expect(f, "sleep_end irq nil nil irq nil nil\n");
	feed_free(f);
}

/* A flush of the disk's cache has no place; an interrupt within a softirq does not take away what that did. */
static void test_disk_flush_and_nested(void)
{
	struct feed *f = machine("cause disk sector netif");

	sleeps(f, 11, D, "fsync", "fd=3");
	feed(f, 20, 0, "irq_softirq_entry", "vec=4");
	feed(f, 21, 0, "block_rq_complete", "dev=266338304 sector=0 nr_sector=0 rwbs=4 error=0");
	feed(f, 22, 0, "irq_handler_entry", "irq=1 name=i8042");
	feed(f, 23, 0, "irq_handler_exit", "irq=1 ret=1");
	wake(f, 24, 0, 20);
	feed(f, 25, 0, "irq_softirq_exit", "vec=4");
	feed_expect(f, "sleep_end disk vda nil nil\n");
	feed_free(f);
}

/* The handler leaves the rest to a worker, which wakes who waits. */
static void test_work(void)
{
	struct feed *f = machine("tid cause work disk source_tid source_time");

	switch_to(f, 5, 1, 20, 0, 5);
	switch_to(f, 6, 1, 5, IDLE, 20);
	issue(f, 10, 20);
	sleeps(f, 11, D, "pread64", "fd=3 count=1 pos=0");
	feed(f, 20, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	feed(f, 21, 0, "block_rq_complete", REQUEST);
	feed(f, 22, 0, "workqueue_queue_work", "work=4096");
	wake(f, 23, 0, 5);
	feed(f, 24, 0, "irq_handler_exit", "irq=28 ret=1");
	switch_to(f, 30, 0, 10, 0, 5);
	feed(f, 31, 0, "workqueue_execute_start", "work=4096");
	wake(f, 32, 0, 20);
	feed(f, 33, 0, "workqueue_execute_end", "work=4096");
	switch_to(f, 34, 0, 5, IDLE, 10);
	feed_expect(f, "sleep_end 5 work disk vda 20 10\n"
		       "sleep_end 20 disk nil vda 5 32\n");
	/* Another work item, queued by a thread: it is not known what it does. */
	switch_to(f, 35, 1, 0, 0, 20);
	switch_to(f, 36, 1, 20, D, 0);
	feed(f, 40, 0, "workqueue_queue_work", "work=8192");
	wake(f, 41, 0, 5);
	switch_to(f, 42, 0, 10, 0, 5);
	feed(f, 43, 0, "workqueue_execute_start", "work=8192");
	wake(f, 44, 0, 20);
	feed_expect(f, "sleep_end 5 work thread nil 10 41\n"
		       "sleep_end 20 thread nil nil 5 44\n");
	feed_free(f);
}

/* The journal has waited for the disk while somebody waited for it; or it has not. */
static void test_journal(void)
{
	struct feed *f = machine("tid cause disk path");

	sleeps(f, 10, D, "fsync", "fd=3");
	switch_to(f, 12, 1, 0, 0, 6);
	issue(f, 13, 6);
	switch_to(f, 14, 1, 6, D, 0);
	feed(f, 20, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	feed(f, 21, 0, "block_rq_complete", REQUEST);
	wake(f, 22, 0, 6);
	feed(f, 23, 0, "irq_handler_exit", "irq=28 ret=1");
	switch_to(f, 24, 1, 0, 0, 6);
	wake(f, 25, 1, 20);
	switch_to(f, 26, 1, 6, S, 20);
	switch_to(f, 27, 1, 20, D, 0);
	feed_expect(f, "sleep_end 6 disk vda nil\nsleep_end 20 disk vda nil\n");
	wake(f, 30, 0, 6);
	switch_to(f, 31, 1, 0, 0, 6);
	wake(f, 32, 1, 20);
	feed_expect(f, "sleep_end 6 work nil nil\nsleep_end 20 lock nil jbd2/vda-8\n");
	feed_free(f);
}

static void test_timers(void)
{
	struct feed *f = machine("cause syscall context");

	sleeps(f, 10, S, "clock_nanosleep", "rqtp=1");
	feed(f, 20, 0, "timer_hrtimer_expire_entry", "hrtimer=4096");
	wake(f, 21, 0, 20);
	feed(f, 22, 0, "timer_hrtimer_expire_exit", "hrtimer=4096");
	switch_to(f, 30, 1, 0, 0, 20);
	feed(f, 31, 1, "syscall_exit_clock_nanosleep", "ret=0");
	sleeps(f, 32, S, "futex", "uaddr=64 op=0 utime=1");
	feed(f, 40, 0, "irq_softirq_entry", "vec=1");
	wake(f, 41, 0, 20);
	feed(f, 42, 0, "irq_softirq_exit", "vec=1");
	switch_to(f, 43, 1, 0, 0, 20);
	switch_to(f, 44, 1, 20, S, 0);
	feed(f, 50, 0, "irq_softirq_entry", "vec=9");
	wake(f, 51, 0, 20);
	feed(f, 52, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "sleep_end timer clock_nanosleep hrtimer\n"
		       "sleep_end timer futex softirq\n"
		       "sleep_end rcu futex softirq\n");
	feed_free(f);
}

/* A futex has an address; the waker need not be in a call for it, as where a thread ends. */
static void test_futex(void)
{
	struct feed *f = machine("cause futex syscall source_tid source_time waker_tid");

	sleeps(f, 10, S, "futex", "uaddr=4660 op=0 utime=0");
	feed(f, 20, 0, "syscall_entry_futex", "uaddr=4660 op=1 utime=0");
	wake(f, 21, 0, 20);
	feed_expect(f, "sleep_end lock 4660 futex 10 21 10\n");
	feed_free(f);
}

/* Pipes and sockets of this machine: written, closed, polled. */
static void test_channels(void)
{
	struct feed *f = machine("cause fd path syscall source_tid");

	feed_call(f, 3, 0, "pipe2", "flags=0", "ret=0 fildes=[3,4]");
	feed(f, 14, 0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 parent_comm=app child_tid=30 child_pid=30 child_comm=app");
	switch_to(f, 20, 1, 20, S, 30);
	feed(f, 21, 1, "syscall_entry_read", "fd=3 count=1");
	switch_to(f, 22, 1, 30, S, 0);
	feed(f, 23, 0, "syscall_entry_write", "fd=4 count=1");
	wake(f, 24, 0, 30);
	feed(f, 25, 0, "syscall_exit_write", "ret=1");
	feed_expect(f, "sleep_end pipe 3 pipe read 10\n");
	/* Where a file is closed for the last time, that comes after the call. */
	switch_to(f, 30, 1, 0, 0, 30);
	switch_to(f, 31, 1, 30, S, 0);
	feed_call(f, 32, 0, "close", "fd=4", "ret=0");
	wake(f, 43, 0, 30);
	feed_expect(f, "sleep_end pipe 3 pipe read 10\n");
	/* Who polls has no descriptor: it is what the waker writes. */
	switch_to(f, 50, 1, 0, 0, 30);
	feed(f, 51, 1, "syscall_exit_read", "ret=0");
	feed(f, 52, 1, "syscall_entry_epoll_wait", "epfd=7 maxevents=1 timeout=-1");
	switch_to(f, 53, 1, 30, S, 0);
	feed_call(f, 54, 0, "socket", "family=1 type=1", "ret=9");
	feed(f, 65, 0, "syscall_entry_write", "fd=9 count=1");
	wake(f, 66, 0, 30);
	feed(f, 67, 0, "syscall_exit_write", "ret=1");
	feed_expect(f, "sleep_end socket nil socket epoll_wait 10\n");
	feed_free(f);
}

/* Packets: of another machine, and of this one. */
static void test_packets(void)
{
#define HEADER                                                                          \
	"len=60 name=lo skbaddr=77 network_header.version=4 network_header.protocol=6 " \
	"network_header.saddr=[127,0,0,1] network_header.daddr=[127,0,0,1] "            \
	"network_header.transport_header.source_port=80 "                               \
	"network_header.transport_header.dest_port=4000"
	struct feed *f = machine("cause netif syscall source_tid source_time");

	sleeps(f, 10, S, "recvfrom", "fd=3 size=1");
	feed(f, 20, 0, "irq_softirq_entry", "vec=3");
	feed(f, 21, 0, "net_if_receive_skb", HEADER);
	wake(f, 22, 0, 20);
	feed(f, 23, 0, "irq_softirq_exit", "vec=3");
	feed_expect(f, "sleep_end net lo recvfrom nil nil\n");
	switch_to(f, 30, 1, 0, 0, 20);
	switch_to(f, 31, 1, 20, S, 0);
	feed(f, 39, 0, "syscall_entry_sendto", "fd=4 len=1");
	feed(f, 40, 0, "net_dev_queue", HEADER);
	feed(f, 41, 0, "net_dev_xmit", "len=60 name=lo skbaddr=77 rc=0");
	feed(f, 42, 0, "irq_softirq_entry", "vec=3");
	feed(f, 43, 0, "net_if_receive_skb", HEADER);
	wake(f, 44, 0, 20);
	feed(f, 45, 0, "irq_softirq_exit", "vec=3");
	feed_expect(f, "sleep_end socket lo recvfrom 10 40\n");
	feed_free(f);
#undef HEADER
}

static void test_processes(void)
{
	struct feed *f = machine("cause syscall source_tid");

	/* 10 is the parent of process 20: it waits for its end. */
	feed(f, 10, 0, "syscall_entry_wait4", "upid=-1");
	switch_to(f, 11, 0, 10, S, 0);
	feed(f, 12, 1, "syscall_entry_exit_group", "error_code=0");
	feed(f, 13, 1, "sched_process_exit", "tid=20 comm=sleeper");
	wake(f, 14, 1, 10);
	feed_expect(f, "sleep_end child wait4 20\n");
	/* A signal is told by who is sent it, or who sends it. */
	switch_to(f, 20, 0, 0, 0, 21);
	feed(f, 21, 0, "syscall_entry_epoll_wait", "epfd=3 maxevents=1 timeout=-1");
	switch_to(f, 22, 0, 21, S, 0);
	switch_to(f, 23, 1, 20, 32, 10);
	feed(f, 24, 1, "syscall_exit_wait4", "ret=20");
	feed(f, 25, 1, "syscall_entry_kill", "pid=20 sig=10");
	wake(f, 26, 1, 21);
	feed_expect(f, "sleep_end signal epoll_wait 10\n");
	feed_free(f);
}

/* Locks of the kernel: of a file, a folder, the mappings of a process; pages. */
static void test_kernel_locks(void)
{
	struct feed *f = machine("cause path syscall fd");

	feed(f, 5, 0, "syscall_entry_openat", "dfd=-100 filename=/d/a flags=64");
	sleeps(f, 10, D, "openat", "dfd=-100 filename=/d/b flags=64");
	wake(f, 20, 0, 20);
	/* The folder that a path begins in is not what the call is about. */
	feed_expect(f, "sleep_end lock /d openat nil\n");
	switch_to(f, 21, 1, 0, 0, 20);
	feed(f, 22, 1, "syscall_exit_openat", "ret=3");
	sleeps(f, 23, D, "munmap", "addr=0 len=1");
	switch_to(f, 30, 0, 10, S, 21);
	wake(f, 31, 0, 20);
	feed_expect(f, "sleep_end lock mmap_lock munmap nil\n");
	switch_to(f, 40, 1, 0, 0, 20);
	switch_to(f, 41, 1, 20, D, 0);
	/* A worker is somebody who writes pages if it has to do with a disk. */
	switch_to(f, 42, 0, 21, S, 5);
	wake(f, 43, 0, 20);
	feed_expect(f, "sleep_end thread nil munmap nil\n");
	switch_to(f, 44, 1, 0, 0, 20);
	feed(f, 45, 1, "syscall_exit_munmap", "ret=0");
	sleeps(f, 46, D, "pread64", "fd=3 count=1 pos=0");
	feed(f, 50, 0, "block_rq_issue", REQUEST "tid=5 comm=kworker/0:1");
	wake(f, 51, 0, 20);
	feed_expect(f, "sleep_end page /d/b pread64 3\n");
	feed_free(f);
}

/* Who has held something has waited for a lock meanwhile: no packet has come. */
static void test_held(void)
{
	struct feed *f = machine("tid cause path netif");

	feed(f, 5, 0, "syscall_entry_openat", "dfd=-100 filename=/d/a flags=64");
	sleeps(f, 10, D, "fsync", "fd=3");
	switch_to(f, 12, 1, 0, 0, 21);
	feed(f, 13, 1, "syscall_entry_openat", "dfd=-100 filename=/d/b flags=64");
	switch_to(f, 14, 1, 21, D, 0);
	wake(f, 20, 0, 21);
	switch_to(f, 21, 1, 0, 0, 21);
	wake(f, 22, 1, 20);
	feed_expect(f, "sleep_end 21 lock /d nil\nsleep_end 20 lock kernel lock nil\n");
	feed_free(f);
}

/* An interrupt that leaves the rest to its thread wakes that when its handler has returned. */
static void test_threaded(void)
{
	struct feed *f = machine("tid cause work context irq irq_name");

	dump(f, 3, 40, 40, 2, "irq/30-handler");
	switch_to(f, 5, 1, 20, S, 40);
	switch_to(f, 6, 1, 40, S, 0);
	feed(f, 10, 0, "irq_handler_entry", "irq=30 name=handler");
	feed(f, 11, 0, "irq_handler_exit", "irq=30 ret=2");
	wake(f, 12, 0, 40);
	feed_expect(f, "sleep_end 40 work irq irq 30 handler\n");
	wake(f, 13, 0, 20);
	feed_expect(f, "sleep_end 20 thread nil thread nil nil\n");
	feed_free(f);
}

/* Where events are missing, the cause may be; a call shows that no handler is in progress. */
static void test_lost(void)
{
	struct feed *f = machine("cause context source_tid");

	sleeps(f, 10, S, "futex", "uaddr=64 op=0 utime=0");
	feed_lost(f, 12, 14, 0, 3);
	wake(f, 15, 0, 20);
	feed_expect(f, "sleep_end lost nil nil\n");
	switch_to(f, 20, 1, 0, 0, 20);
	switch_to(f, 21, 1, 20, S, 0);
	feed(f, 22, 0, "syscall_entry_futex", "uaddr=64 op=1 utime=0");
	wake(f, 23, 0, 20);
	/* It is a call that wakes it; but who makes that? */
	feed_expect(f, "sleep_end lock nil nil\n");
	switch_to(f, 30, 1, 0, 0, 20);
	switch_to(f, 31, 1, 20, S, 0);
	feed(f, 32, 0, "syscall_entry_futex", "uaddr=64 op=1 utime=0 ctx.tid=10");
	wake(f, 33, 0, 20);
	feed_expect(f, "sleep_end lock nil 10\n");
	feed_free(f);
}

/* Who is woken before it sleeps: how it does shows later, and so does why. */
static void test_early(void)
{
	struct feed *f = machine("state cause path");

	feed_call(f, 3, 1, "pipe2", "flags=0", "ret=0 fildes=[3,4]");
	feed(f, 14, 1, "syscall_entry_read", "fd=3 count=1");
	feed_call(f, 15, 0, "socket", "family=1 type=1", "ret=9");
	feed(f, 26, 0, "syscall_entry_write", "fd=9 count=1");
	wake(f, 27, 0, 20);
	switch_to(f, 28, 1, 20, S, 0);
	feed(f, 29, 1, "sched_wakeup", "tid=20 comm=p prio=20 target_cpu=1");
	switch_to(f, 30, 1, 0, 0, 20);
	wake(f, 31, 0, 20);
	switch_to(f, 32, 1, 20, D, 0);
	feed(f, 33, 1, "sched_wakeup", "tid=20 comm=p prio=20 target_cpu=1");
	feed_expect(f, "sleep_end interruptible pipe pipe\n"
		       "sleep_end uninterruptible thread pipe\n");
	feed_free(f);
}

/* Who asks a disk to write its cache, or for a request behind which that is done. */
static void test_flushes(void)
{
	struct feed *f = machine("cause sector source_tid source_time");

	issue(f, 10, 20);
	feed(f, 11, 0, "block_rq_issue",
		"dev=266338304 sector=0 nr_sector=0 rwbs=257 tid=10 comm=p");
	feed(f, 12, 0, "block_rq_complete", REQUEST);
	sleeps(f, 13, D, "fsync", "fd=3");
	feed(f, 20, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	feed(f, 21, 0, "block_rq_complete", "dev=266338304 sector=0 nr_sector=0 rwbs=257 error=0");
	wake(f, 22, 0, 20);
	feed(f, 23, 0, "irq_handler_exit", "irq=28 ret=1");
	feed_expect(f, "sleep_end disk nil 10 11\n");
	switch_to(f, 30, 1, 0, 0, 20);
	feed(f, 31, 1, "block_rq_issue",
		"dev=266338304 sector=16 nr_sector=8 rwbs=97 tid=20 comm=p");
	feed(f, 32, 0, "block_rq_complete", "dev=266338304 sector=16 nr_sector=8 rwbs=97 error=0");
	switch_to(f, 33, 1, 20, D, 0);
	feed(f, 40, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	feed(f, 41, 0, "block_rq_complete", "dev=266338304 sector=16 nr_sector=0 rwbs=97 error=0");
	wake(f, 42, 0, 20);
	feed_expect(f, "sleep_end disk 16 20 31\n");
	feed_free(f);
}

/* A helper program of the kernel's: who waits for the worker that runs it waits for that. */
static void test_helper(void)
{
	struct feed *f = machine("tid cause disk source_tid");

	dump(f, 3, 50, 50, 5, "modprobe");
	sleeps(f, 10, D, "socket", "family=16 type=3");
	switch_to(f, 12, 1, 0, 0, 5);
	switch_to(f, 13, 1, 5, S, 50);
	feed(f, 20, 1, "sched_process_exit", "tid=50 comm=modprobe");
	wake(f, 21, 1, 5);
	switch_to(f, 22, 1, 50, 32, 5);
	wake(f, 23, 1, 20);
	feed_expect(f, "sleep_end 5 child nil 50\nsleep_end 20 child nil 5\n");
	feed_free(f);
}

/* How long calls have slept, and why they did for longest. */
static void test_calls(void)
{
	struct feed *f = machine("cause");

	feed_watch(f, "syscall_exit", "name waited cause disk source_tid");
	issue(f, 10, 20);
	sleeps(f, 11, D, "fsync", "fd=3");
	feed(f, 20, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	feed(f, 21, 0, "block_rq_complete", REQUEST);
	wake(f, 32, 0, 20);
	feed(f, 33, 0, "irq_handler_exit", "irq=28 ret=1");
	switch_to(f, 34, 1, 0, 0, 20);
	switch_to(f, 35, 1, 20, D, 0);
	wake(f, 36, 0, 20);
	switch_to(f, 37, 1, 0, 0, 20);
	feed(f, 38, 1, "syscall_exit_fsync", "ret=0");
	feed_call(f, 40, 1, "getpid", "", "ret=20");
	feed_expect(f, "sleep_end disk\nsleep_end thread\n"
		       "syscall_exit fsync 21 disk vda 20\nsyscall_exit getpid 0 nil nil nil\n");
	feed_free(f);
}

/* Of a sleep whose begin was not seen nothing is known, nor of a waker that has never been blocked. */
static void test_unseen(void)
{
	struct feed *f = machine("cause");

	feed_watch(f, "wakeup_latency", "tid cause");
	wake(f, 10, 0, 21);
	switch_to(f, 12, 1, 20, S, 21);
	feed_expect(f, "wakeup_latency 21 thread\n");
	/* They are of one process, but it may sleep in any way. */
	dump(f, 13, 22, 20, 10, "third");
	wake(f, 14, 1, 22);
	switch_to(f, 15, 1, 21, S, 22);
	feed_expect(f, "wakeup_latency 22 thread\n");
	feed_free(f);
}

/* Calls tell of the same cause as their waits do. */
static void test_call_lost(void)
{
	struct feed *f = machine("cause");

	feed_watch(f, "syscall_exit", "waited cause");
	sleeps(f, 10, S, "futex", "uaddr=64 op=0 utime=0");
	feed_lost(f, 12, 14, 0, 3);
	switch_to(f, 15, 0, 0, 0, 10);
	feed(f, 16, 0, "irq_handler_entry", "irq=5");
	wake(f, 17, 0, 20);
	feed_expect(f, "sleep_end lost\n");
	switch_to(f, 20, 1, 0, 0, 20);
	feed(f, 21, 1, "syscall_exit_futex", "ret=0");
	feed_expect(f, "syscall_exit 6 lost\n");
	feed_free(f);
}

/* A call that turns out to be a thread's has not waited for what another one of it has. */
static void test_call_of_another(void)
{
	struct feed *f = machine("cause");

	feed_watch(f, "syscall_exit", "name tid waited cause");
	sleeps(f, 10, S, "read", "fd=3 count=1");
	wake(f, 20, 0, 20);
	feed_expect(f, "sleep_end thread\n");
	switch_to(f, 21, 1, 0, 0, 20);
	feed_lost(f, 22, 24, 1, 3);
	feed(f, 25, 1, "syscall_entry_fsync", "fd=3");
	switch_to(f, 30, 1, 20, 0, 0);
	switch_to(f, 40, 1, 0, 0, 20);
	feed(f, 41, 1, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "syscall_exit fsync 20 0 nil\n");
	feed_free(f);
}

/* Work items that never begin do not pile up. */
static void test_many(void)
{
	struct feed *f = machine("cause");
	uint32_t strings = state_count(feed_state(f)).strings;

	for (int64_t i = 0; i < 100000; i++) {
		char *fields = g_strdup_printf("work=%" G_GINT64_FORMAT, i);

		feed(f, 10 + i, 0, "workqueue_queue_work", fields);
		g_free(fields);
	}
	g_assert_cmpuint(g_hash_table_size(feed_state(f)->waits.works), <=, 16384);
	g_assert_cmpuint(state_count(feed_state(f)).strings, ==, strings);
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/waits/disk", test_disk);
	g_test_add_func("/waits/disk-flush-and-nested", test_disk_flush_and_nested);
	g_test_add_func("/waits/work", test_work);
	g_test_add_func("/waits/journal", test_journal);
	g_test_add_func("/waits/timers", test_timers);
	g_test_add_func("/waits/futex", test_futex);
	g_test_add_func("/waits/channels", test_channels);
	g_test_add_func("/waits/packets", test_packets);
	g_test_add_func("/waits/processes", test_processes);
	g_test_add_func("/waits/kernel-locks", test_kernel_locks);
	g_test_add_func("/waits/held", test_held);
	g_test_add_func("/waits/threaded", test_threaded);
	g_test_add_func("/waits/lost", test_lost);
	g_test_add_func("/waits/early", test_early);
	g_test_add_func("/waits/flushes", test_flushes);
	g_test_add_func("/waits/helper", test_helper);
	g_test_add_func("/waits/calls", test_calls);
	g_test_add_func("/waits/unseen", test_unseen);
	g_test_add_func("/waits/call-lost", test_call_lost);
	g_test_add_func("/waits/call-of-another", test_call_of_another);
	g_test_add_func("/waits/many", test_many);
	return g_test_run();
}
