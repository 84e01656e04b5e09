/*
 * What CPUs spend their time on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include <glib.h>

/* A switch from one task to another, which sleeps. */
static void switch_to(struct feed *f, int64_t time, int32_t cpu, int prev, int next)
{
	char *fields = g_strdup_printf("prev_tid=%d prev_comm=p%d prev_prio=20 prev_state=1 "
				       "next_tid=%d next_comm=p%d next_prio=20",
		prev, prev, next, next);

	feed(f, time, cpu, "sched_switch", fields);
	g_free(fields);
}

static void irq(struct feed *f, int64_t begin, int64_t end, int32_t cpu)
{
	feed(f, begin, cpu, "irq_handler_entry", "irq=9 name=disk");
	feed(f, end, cpu, "irq_handler_exit", "irq=9 ret=1");
}

/* A model of which one CPU has begun at 100, and runs thread 5 since 110. */
static struct feed *new_feed(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "cpu_time", "since time duration cpu tid busy mode syscall");
	feed_stream(f, 100, 0, "stream_begin");
	switch_to(f, 110, 0, 0, 5);
	feed_expect(f, "cpu_time 100 110 10 0 0 0 idle nil\n");
	return f;
}

/* Each slice is told as what it consists of, in the order in which that began. */
static void test_calls(void)
{
	struct feed *f = new_feed();

	/* Between two calls it is in user space; what it did before the first one is not known. */
	feed(f, 115, 0, "syscall_entry_read", "fd=3 count=1");
	feed(f, 122, 0, "syscall_exit_read", "ret=1");
	feed(f, 125, 0, "syscall_entry_write", "fd=3 count=1");
	feed(f, 126, 0, "syscall_exit_write", "ret=1");
	feed(f, 127, 0, "syscall_entry_read", "fd=3 count=1");
	switch_to(f, 130, 0, 5, 6);
	feed_expect(f, "cpu_time 110 130 10 0 5 1 syscall read\n"
		       "cpu_time 110 130 4 0 5 1 user nil\n"
		       "cpu_time 110 130 1 0 5 1 syscall write\n"
		       "cpu_time 110 130 5 0 5 1 nil nil\n");
	/* Another thread returns from one. */
	feed(f, 134, 0, "syscall_exit_futex", "ret=0");
	switch_to(f, 140, 0, 6, 5);
	feed_expect(f, "cpu_time 130 140 6 0 6 1 user nil\n"
		       "cpu_time 130 140 4 0 6 1 nil nil\n");
	/* The call goes on. */
	switch_to(f, 150, 0, 5, 6);
	feed_expect(f, "cpu_time 140 150 10 0 5 1 syscall read\n");
	switch_to(f, 160, 0, 6, 7);
	feed_expect(f, "cpu_time 150 160 10 0 6 1 user nil\n");
	/* One of which nothing is known. */
	switch_to(f, 170, 0, 7, 0);
	feed_expect(f, "cpu_time 160 170 10 0 7 1 nil nil\n");
	feed_free(f);
}

/* The innermost handler has the time. */
static void test_interrupts(void)
{
	struct feed *f = new_feed();

	feed(f, 110, 0, "syscall_exit_futex", "ret=0");
	feed(f, 111, 0, "syscall_entry_read", "fd=3 count=1");
	irq(f, 113, 115, 0);
	feed(f, 120, 0, "irq_softirq_entry", "vec=3");
	irq(f, 122, 125, 0);
	feed(f, 130, 0, "irq_softirq_exit", "vec=3");
	feed(f, 140, 0, "syscall_exit_read", "ret=1");
	switch_to(f, 150, 0, 5, 0);
	feed_expect(f, "cpu_time 110 150 11 0 5 1 user nil\n"
		       "cpu_time 110 150 17 0 5 1 syscall read\n"
		       "cpu_time 110 150 5 0 5 1 irq nil\n"
		       "cpu_time 110 150 7 0 5 1 softirq nil\n");
	/* They do not make an idle CPU busy. */
	irq(f, 160, 164, 0);
	switch_to(f, 170, 0, 0, 5);
	feed_expect(f, "cpu_time 150 170 4 0 0 0 irq nil\n"
		       "cpu_time 150 170 16 0 0 0 idle nil\n");
	/* While it is not known what the thread does, it is known that a handler is none of it. */
	switch_to(f, 171, 0, 5, 7);
	irq(f, 180, 185, 0);
	switch_to(f, 191, 0, 7, 0);
	feed_expect(f, "cpu_time 170 171 1 0 5 1 user nil\n"
		       "cpu_time 171 191 5 0 7 1 irq nil\n"
		       "cpu_time 171 191 15 0 7 1 nil nil\n");
	/* A handler whose exit is missing is over when the thread makes a call. */
	switch_to(f, 200, 0, 0, 5);
	feed(f, 205, 0, "irq_handler_entry", "irq=9 name=disk");
	feed(f, 220, 0, "syscall_entry_read", "fd=3 count=1");
	switch_to(f, 230, 0, 5, 0);
	feed_expect(f, "cpu_time 191 200 9 0 0 0 idle nil\n"
		       "cpu_time 200 230 5 0 5 1 user nil\n"
		       "cpu_time 200 230 15 0 5 1 irq nil\n"
		       "cpu_time 200 230 10 0 5 1 syscall read\n");
	feed_free(f);
}

/* Threads of the kernel, those that they make, and what a thread does that is dying. */
static void test_kernel(void)
{
	struct feed *f = new_feed();

	feed(f, 111, 0, "lttng_statedump_process_state", "tid=9 pid=9 ppid=2 name=kworker");
	switch_to(f, 112, 0, 5, 9);
	feed(f, 115, 0, "sched_process_fork",
		"parent_comm=kworker parent_tid=9 parent_pid=9 child_comm=kworker child_tid=10 child_pid=10");
	switch_to(f, 120, 0, 9, 10);
	switch_to(f, 121, 0, 10, 9);
	switch_to(f, 122, 0, 9, 10);
	feed_expect(f, "cpu_time 110 112 2 0 5 1 nil nil\n"
		       "cpu_time 112 120 8 0 9 1 kernel nil\n"
		       "cpu_time 120 121 1 0 10 1 kernel nil\n"
		       "cpu_time 121 122 1 0 9 1 kernel nil\n");
	/* What executes a program is no thread of the kernel any more. */
	feed(f, 123, 0, "sched_process_exec", "tid=10 old_tid=10 filename=/sbin/modprobe");
	switch_to(f, 124, 0, 10, 2);
	switch_to(f, 126, 0, 2, 10);
	feed(f, 127, 0, "syscall_entry_exit_group", "error_code=0");
	feed(f, 128, 0, "sched_process_exit", "comm=modprobe tid=10");
	switch_to(f, 130, 0, 10, 5);
	feed_expect(f, "cpu_time 122 124 2 0 10 1 nil nil\n"
		       "cpu_time 124 126 2 0 2 1 kernel nil\n"
		       "cpu_time 126 130 3 0 10 1 syscall exit_group\n"
		       "cpu_time 126 130 1 0 10 1 nil nil\n");
	/* A signal ends one that makes no call. */
	feed(f, 134, 0, "sched_process_exit", "comm=p5 tid=5");
	switch_to(f, 137, 0, 5, 0);
	feed_expect(f, "cpu_time 130 137 3 0 5 1 kernel nil\n"
		       "cpu_time 130 137 4 0 5 1 nil nil\n");
	feed_free(f);
}

/* A new thread is in the call that has made it, until it returns from that. */
static void test_born(void)
{
	struct feed *f = new_feed();

	feed(f, 111, 0, "syscall_entry_clone", "clone_flags=0");
	feed(f, 115, 0, "sched_process_fork",
		"parent_comm=p5 parent_tid=5 parent_pid=5 child_comm=p5 child_tid=8 child_pid=8");
	switch_to(f, 120, 0, 5, 8);
	feed(f, 123, 0, "syscall_exit_clone", "ret=0");
	switch_to(f, 130, 0, 8, 0);
	feed_expect(f, "cpu_time 110 120 9 0 5 1 syscall clone\n"
		       "cpu_time 110 120 1 0 5 1 nil nil\n"
		       "cpu_time 120 130 3 0 8 1 syscall clone\n"
		       "cpu_time 120 130 7 0 8 1 user nil\n");
	feed_free(f);
}

/* Where events are missing, what a thread does is not known until its next call. */
static void test_gaps(void)
{
	struct feed *f = new_feed();

	feed(f, 111, 0, "syscall_entry_read", "fd=3 count=1");
	feed_lost(f, 120, 140, 0, 9);
	switch_to(f, 150, 0, 6, 5);
	switch_to(f, 160, 0, 5, 0);
	feed_expect(f, "cpu_time 110 120 9 0 5 1 syscall read\n"
		       "cpu_time 110 120 1 0 5 1 nil nil\n"
		       "cpu_time 120 140 20 0 nil nil nil nil\n"
		       "cpu_time 140 150 10 0 6 1 nil nil\n"
		       "cpu_time 150 160 10 0 5 1 nil nil\n");
	feed_lost(f, 170, 180, 0, 9);
	feed(f, 185, 0, "syscall_entry_write", "fd=3 count=1");
	switch_to(f, 190, 0, 6, 0);
	feed_expect(f, "cpu_time 160 170 10 0 0 0 idle nil\n"
		       "cpu_time 170 180 10 0 nil nil nil nil\n"
		       "cpu_time 180 190 5 0 6 1 syscall write\n"
		       "cpu_time 180 190 5 0 6 1 nil nil\n");
	feed_free(f);
}

/* Only the events of calls are missing. */
static void test_gaps_aside(void)
{
	struct feed *f = new_feed();

	feed(f, 111, 0, "syscall_entry_read", "fd=3 count=1");
	feed_lost_aside(f, 120, 130, 0, 2);
	feed(f, 135, 0, "syscall_exit_read", "ret=1");
	switch_to(f, 140, 0, 5, 6);
	feed_expect(f, "cpu_time 110 140 9 0 5 1 syscall read\n"
		       "cpu_time 110 140 5 0 5 1 user nil\n"
		       "cpu_time 110 140 16 0 5 1 nil nil\n");
	feed_free(f);
}

/* A switch tells that it was another thread: then nothing is known of what it did. */
static void test_doubt(void)
{
	struct feed *f = new_feed();

	feed(f, 111, 0, "syscall_entry_read", "fd=3 count=1");
	switch_to(f, 120, 0, 6, 5);
	feed_expect(f, "cpu_time 110 120 10 0 nil nil nil nil\n");
	/* A context does, too; since then it is known. */
	feed(f, 125, 0, "syscall_entry_read", "fd=3 count=1 ctx.tid=7");
	feed(f, 127, 0, "syscall_exit_read", "ret=1 ctx.tid=7");
	switch_to(f, 130, 0, 7, 0);
	feed_expect(f, "cpu_time 120 125 5 0 nil nil nil nil\n"
		       "cpu_time 125 130 2 0 7 1 syscall read\n"
		       "cpu_time 125 130 3 0 7 1 user nil\n");
	feed_free(f);
}

/* Windows cut what goes on; also if it is told later, for it was not known who runs. */
static void test_windows(void)
{
	struct feed *f = new_feed();

	feed(f, 111, 0, "syscall_entry_read", "fd=3 count=1");
	feed_cut(f, 120);
	feed_expect(f, "cpu_time 110 120 9 0 5 1 syscall read\n"
		       "cpu_time 110 120 1 0 5 1 nil nil\n");
	feed(f, 121, 0, "syscall_exit_read", "ret=1");
	feed_lost(f, 130, 140, 0, 9);
	feed_expect(f, "cpu_time 120 130 1 0 5 1 syscall read\n"
		       "cpu_time 120 130 9 0 5 1 user nil\n");
	feed(f, 145, 0, "syscall_exit_read", "ret=1");
	feed_cut(f, 150);
	feed(f, 152, 0, "syscall_entry_write", "fd=3 count=1");
	feed_cut(f, 160);
	feed(f, 161, 0, "syscall_exit_write", "ret=1");
	feed_expect(f, "");
	switch_to(f, 165, 0, 6, 0);
	feed_expect(f, "cpu_time 130 140 10 0 nil nil nil nil\n"
		       "cpu_time 140 150 5 0 6 1 user nil\n"
		       "cpu_time 140 150 5 0 6 1 nil nil\n"
		       "cpu_time 150 160 2 0 6 1 user nil\n"
		       "cpu_time 150 160 8 0 6 1 syscall write\n"
		       "cpu_time 160 165 1 0 6 1 syscall write\n"
		       "cpu_time 160 165 4 0 6 1 user nil\n");
	/* After the end of its stream nothing is known. */
	feed_stream(f, 170, 0, "stream_end");
	feed_cut(f, 180);
	feed_settle(f, 180);
	feed_expect(f, "cpu_time 165 170 5 0 0 0 idle nil\n"
		       "cpu_time 170 180 10 0 nil nil nil nil\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cpu-time/calls", test_calls);
	g_test_add_func("/cpu-time/interrupts", test_interrupts);
	g_test_add_func("/cpu-time/kernel", test_kernel);
	g_test_add_func("/cpu-time/born", test_born);
	g_test_add_func("/cpu-time/gaps", test_gaps);
	g_test_add_func("/cpu-time/gaps-aside", test_gaps_aside);
	g_test_add_func("/cpu-time/doubt", test_doubt);
	g_test_add_func("/cpu-time/windows", test_windows);
	return g_test_run();
}
