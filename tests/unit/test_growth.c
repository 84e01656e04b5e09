/*
 * What hostile traces take: eight times as many events take about eight times as long, whatever they
 * are. If each of them cost as much as there were before, that would be 64 times.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include <glib.h>
#include <time.h>

#define FEW   2000
#define TIMES 8

/* Between TIMES, and a logarithm more, and its square. */
#define MOST 28

/* Feeds an event whose fields have numbers in them. */
static G_GNUC_PRINTF(5, 6) void tell(
	struct feed *f, int64_t time, int32_t cpu, const char *event, const char *format, ...)
{
	char fields[256];
	va_list arguments;

	va_start(arguments, format);
	g_vsnprintf(fields, sizeof(fields), format, arguments);
	va_end(arguments);
	feed(f, time, cpu, event, fields);
}

/* A thread runs. */
static struct feed *begin(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "sched_switch", "prev_tid=0 next_tid=10 next_comm=app");
	return f;
}

/* Of many requests in flight one has been given back. */
static void requeued(int n)
{
	struct feed *f = begin();

	tell(f, 2, 0, "block_rq_issue", "dev=1 sector=1 nr_sector=1 rwbs=1 tid=10");
	tell(f, 3, 0, "block_rq_requeue", "dev=1 sector=1 nr_sector=1");
	for (int i = 0; i < n; i++)
		tell(f, 4 + i, 0, "block_rq_issue", "dev=2 sector=%d nr_sector=8 rwbs=0 tid=10",
			8 * i);
	feed_free(f);
}

/* All requests in flight are given back, and issued again. */
static void all_requeued(int n)
{
	static const char *const events[] = {
		"block_rq_issue", "block_rq_requeue", "block_rq_issue", "block_rq_complete"};
	struct feed *f = begin();

	for (size_t k = 0; k < G_N_ELEMENTS(events); k++)
		for (int i = 0; i < n; i++)
			tell(f, 4 + i, 0, events[k], "dev=2 sector=%d nr_sector=8 rwbs=0 tid=10",
				8 * i);
	g_assert_cmpuint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

/* Threads come and go on a machine whose last CPU has a large number. */
static void exits(int n)
{
	struct feed *f = begin();

	feed(f, 2, 65535, "sched_switch", "prev_tid=0 next_tid=11 next_comm=app");
	for (int i = 0; i < n; i++) {
		tell(f, 3 + i, 0, "sched_process_fork",
			"parent_tid=10 parent_pid=10 child_tid=%d child_pid=%d", 100 + i, 100 + i);
		tell(f, 3 + i, 0, "sched_process_exit", "tid=%d", 100 + i);
		tell(f, 3 + i, 0, "sched_process_free", "tid=%d", 100 + i);
	}
	feed_free(f);
}

/* Each of many processes has a table, while the statedump begins and ends again and again. */
static void statedumps(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++) {
		tell(f, 3 + i, 0, "lttng_statedump_process_state",
			"tid=%d pid=%d ppid=1 file_table_address=%d name=x", 100 + i, 100 + i,
			1 + i);
		feed(f, 3 + i, 0, "lttng_statedump_end", "");
	}
	feed_free(f);
}

/* Children of who has many descriptors close them, or execute a program. */
static void children(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++)
		tell(f, 2, 0, "lttng_statedump_file_descriptor",
			"pid=10 fd=%d flags=%d filename=/x", n - i, i % 2 ? 02000000 : 0);
	for (int i = 0; i < n; i++) {
		tell(f, 3 + i, 0, "sched_process_fork",
			"parent_tid=10 parent_pid=10 child_tid=%d child_pid=%d", 100 + i, 100 + i);
		tell(f, 3 + i, 1, "sched_switch", "prev_tid=0 next_tid=%d", 100 + i);
		if (i % 3 == 0)
			tell(f, 3 + i, 1, "sched_process_exec", "tid=%d old_tid=%d filename=/bin/x",
				100 + i, 100 + i);
		else
			feed_call(f, 3 + i, 1, "close_range",
				i % 3 == 1 ? "fd=3 max_fd=4294967295 flags=0"
					   : "fd=3 max_fd=4294967295 flags=4",
				"ret=0");
		tell(f, 3 + i, 1, "sched_switch", "prev_tid=%d next_tid=0", 100 + i);
	}
	feed_free(f);
}

/* Many sync at once, while many requests are in flight. */
static void syncs(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++) {
		tell(f, 2, 0, "sched_switch", "prev_tid=10 next_tid=%d", 100 + i);
		feed(f, 2, 0, "syscall_entry_sync", "");
		tell(f, 2, 0, "sched_switch", "prev_tid=%d prev_state=2 next_tid=10", 100 + i);
	}
	for (int i = 0; i < n; i++)
		tell(f, 3 + i, 0, "block_rq_issue", "dev=2 sector=%d nr_sector=8 rwbs=1 tid=10",
			8 * i);
	for (int i = 0; i < n; i++)
		feed_call(f, 3 + n + i, 0, "fsync", "fd=3", "ret=0");
	feed_free(f);
}

/* Threads wait for locks of the kernel, more than there can be at once. */
static void contended(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++)
		tell(f, 2 + i, 0, "contention_begin", "lock_addr=%d flags=1", i);
	for (int i = 0; i < n; i++)
		tell(f, 2 + n + i, 0, "contention_end", "lock_addr=%d ret=0", i);
	feed_free(f);
}

/* Interrupts that never end, each of which has done something. */
static void deeds(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++) {
		tell(f, 2 + i, 0, "irq_handler_entry", "irq=%d name=irq%d", i, i);
		tell(f, 2 + i, 0, "net_if_receive_skb", "skbaddr=%d len=1 name=if%d", i, i);
		tell(f, 2 + i, 0, "sched_waking", "tid=%d comm=c%d prio=20 target_cpu=0", 100 + i,
			i);
	}
	feed_free(f);
}

/* Each packet has another peer, each socket another number. */
static void packets(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++) {
		tell(f, 2 + 3 * i, 0, "syscall_entry_socket", "family=2 type=1 protocol=0");
		tell(f, 3 + 3 * i, 0, "syscall_exit_socket", "ret=%d", i + 3);
		tell(f, 4 + 3 * i, 0, "net_dev_queue", "skbaddr=%d len=1 name=if%d", i, i);
	}
	feed_free(f);
}

/* Each TID is forked, queues work, and waits for one CPU after the other. */
static void forked(int n)
{
	struct feed *f = begin();

	for (int i = 0; i < n; i++) {
		tell(f, 2 + i, 0, "sched_process_fork",
			"parent_tid=10 parent_pid=10 child_comm=c child_tid=%d child_pid=%d",
			100 + i, 100 + i);
		tell(f, 2 + i, 0, "workqueue_queue_work", "work=%d", i);
		tell(f, 2 + i, 0, "sched_waking", "tid=%d comm=c prio=20 target_cpu=%d", 100 + i,
			i % 7);
		tell(f, 2 + i, 0, "sched_migrate_task", "tid=%d prio=20 orig_cpu=0 dest_cpu=%d",
			100 + i, i % 5);
	}
	feed_free(f);
}

/* What it takes, CPU time in s: the least of a few. */
static double least(void (*story)(int n), int n)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		clock_t start = clock();

		story(n);
		best = MIN(best, (double)(clock() - start) / CLOCKS_PER_SEC);
		/* What is slow anyway need not be measured as well. */
		if (best > 1)
			break;
	}
	return best;
}

static void test(gconstpointer data)
{
	void (*story)(int n) = *(void (*const *)(int n))data;

	g_assert_cmpfloat(least(story, TIMES * FEW), <, MOST * MAX(least(story, FEW), 1e-3));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*story)(int n);
	} stories[] = {
		{"/growth/requeued", requeued},
		{"/growth/all-requeued", all_requeued},
		{"/growth/exits", exits},
		{"/growth/statedumps", statedumps},
		{"/growth/children", children},
		{"/growth/syncs", syncs},
		{"/growth/contended", contended},
		{"/growth/deeds", deeds},
		{"/growth/packets", packets},
		{"/growth/forked", forked},
	};

	/* Models that are written and read back take another time. */
	g_unsetenv("FEED_RELOADS");
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(stories); i++)
		g_test_add_data_func(stories[i].name, &stories[i].story, test);
	return g_test_run();
}
