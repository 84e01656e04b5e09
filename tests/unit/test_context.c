/*
 * Who wakes a thread: another thread, or one of the handlers that interrupt it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"

#include <glib.h>

static void switch_to(
	struct feed *f, int64_t time, int32_t cpu, int prev_tid, int prev_state, int next_tid)
{
	char *fields = g_strdup_printf("prev_tid=%d prev_comm=p%d prev_state=%d next_tid=%d "
				       "next_comm=p%d",
		prev_tid, prev_tid, prev_state, next_tid, next_tid);

	feed(f, time, cpu, "sched_switch", fields);
	g_free(fields);
}

/* A model in which ends of sleeps are watched, and 5 runs on CPU 0; CPU 9 is idle. */
static struct feed *watched(const struct state_config *lacks)
{
	struct state_config config = *lacks;
	struct feed *f;

	config.wants = WANT_ALL;
	config.arch = SYSCALL_ARCH_X86_64;
	f = feed_new_with(&config);
	feed_watch(f, "sleep_end", "context irq irq_name softirq waker_tid waker_procname");
	switch_to(f, 1, 0, 0, 0, 5);
	switch_to(f, 1, 9, 5, 0, 0);
	return f;
}

/* Somebody goes to sleep on CPU 9, and is woken from CPU 0. */
static void wakes(struct feed *f, int64_t time)
{
	switch_to(f, time - 2, 9, 0, 0, 99);
	switch_to(f, time - 1, 9, 99, 1, 0);
	feed(f, time, 0, "sched_waking", "tid=99 comm=p99 prio=20 target_cpu=9");
}

static const struct state_config all;

static void test_nested(void)
{
	struct feed *f = watched(&all);

	wakes(f, 10);
	feed_expect(f, "sleep_end thread nil nil nil 5 p5\n");
	feed(f, 20, 0, "irq_softirq_entry", "vec=3");
	wakes(f, 25);
	feed(f, 30, 0, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	wakes(f, 35);
	feed(f, 40, 0, "timer_hrtimer_expire_entry", "hrtimer=4096");
	wakes(f, 45);
	feed(f, 50, 0, "timer_hrtimer_expire_exit", "hrtimer=4096");
	wakes(f, 55);
	feed(f, 60, 0, "irq_handler_exit", "irq=28 ret=1");
	wakes(f, 65);
	feed(f, 70, 0, "irq_softirq_exit", "vec=3");
	wakes(f, 75);
	feed_expect(f, "sleep_end softirq nil nil NET_RX nil nil\n"
		       "sleep_end irq 28 virtio4-req.0 nil nil nil\n"
		       "sleep_end hrtimer nil timer nil nil nil\n"
		       "sleep_end irq 28 virtio4-req.0 nil nil nil\n"
		       "sleep_end softirq nil nil NET_RX nil nil\n"
		       "sleep_end thread nil nil nil 5 p5\n");
	/* Handlers on other CPUs are others. */
	feed(f, 80, 3, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	wakes(f, 85);
	feed_expect(f, "sleep_end thread nil nil nil 5 p5\n");
	/* The names before LTTng 2.7; a softirq that has no name; a vector of x86. */
	feed(f, 90, 0, "softirq_entry", "vec=77");
	wakes(f, 95);
	feed(f, 100, 0, "hrtimer_expire_entry", "hrtimer=1");
	wakes(f, 105);
	feed(f, 110, 0, "hrtimer_expire_exit", "hrtimer=1");
	feed(f, 111, 0, "softirq_exit", "vec=77");
	feed(f, 112, 0, "x86_irq_vectors_call_function_single_entry", "vector=251");
	wakes(f, 115);
	feed(f, 118, 0, "x86_irq_vectors_call_function_single_exit", "vector=251");
	feed_expect(f, "sleep_end softirq nil nil nil nil nil\n"
		       "sleep_end hrtimer nil timer nil nil nil\n"
		       "sleep_end irq nil call_function_single nil nil nil\n");
	feed_free(f);
}

/* An idle CPU wakes nobody by itself: that was an interrupt, though not one that is recorded. */
static void test_idle(void)
{
	struct feed *f = watched(&all);

	switch_to(f, 10, 0, 5, 1, 0);
	wakes(f, 15);
	feed(f, 20, 0, "irq_softirq_entry", "vec=9");
	wakes(f, 25);
	feed(f, 30, 0, "irq_softirq_exit", "vec=9");
	/* ksoftirqd's are softirqs, too. */
	switch_to(f, 40, 0, 0, 0, 14);
	feed(f, 50, 0, "irq_softirq_entry", "vec=1");
	wakes(f, 55);
	feed(f, 60, 0, "irq_softirq_exit", "vec=1");
	wakes(f, 65);
	feed_expect(f, "sleep_end irq nil nil nil nil nil\n"
		       "sleep_end softirq nil nil RCU nil nil\n"
		       "sleep_end softirq nil nil TIMER nil nil\n"
		       "sleep_end thread nil nil nil 14 p14\n");
	feed_free(f);
}

/* What began before the trace, or in a gap, may be in progress until something shows that it is not. */
static void test_unknown(void)
{
	struct feed *f = watched(&all);

	feed_lost(f, 10, 12, 0, 7);
	feed(f, 13, 0, "syscall_entry_getpid", "ctx.tid=5");
	wakes(f, 20);
	feed(f, 30, 0, "irq_handler_entry", "irq=1 name=a");
	wakes(f, 35);
	feed(f, 40, 0, "irq_handler_exit", "irq=1 ret=1");
	wakes(f, 45);
	switch_to(f, 50, 0, 5, 0, 6);
	wakes(f, 55);
	feed_expect(f, "sleep_end nil nil nil nil nil nil\n"
		       "sleep_end irq 1 a nil nil nil\n"
		       "sleep_end nil nil nil nil nil nil\n"
		       "sleep_end thread nil nil nil 6 p6\n");
	/* A stream without switches loses events: maybe those of interrupts. */
	feed_lost_aside(f, 60, 62, 0, 1);
	wakes(f, 65);
	feed(f, 70, 0, "sched_process_fork",
		"parent_tid=6 parent_pid=6 child_tid=7 child_pid=7 parent_comm=p6 child_comm=p6");
	wakes(f, 75);
	feed_expect(f, "sleep_end nil nil nil nil nil nil\n"
		       "sleep_end thread nil nil nil 6 p6\n");
	feed_free(f);
}

/* No hard interrupt and no timer goes on over a switch: its exit is lost. */
static void test_lost_exits(void)
{
	struct feed *f = watched(&all);

	feed_watch(f, "irq_end", "irq duration");
	feed(f, 10, 0, "irq_handler_entry", "irq=1 name=a");
	feed(f, 11, 0, "timer_hrtimer_expire_entry", "hrtimer=1");
	switch_to(f, 20, 0, 5, 0, 6);
	wakes(f, 25);
	feed_expect(f, "sleep_end thread nil nil nil 6 p6\n");
	/* Which does not change what is told of the interrupt itself. */
	feed(f, 30, 0, "irq_handler_exit", "irq=1 ret=1");
	feed_expect(f, "irq_end 1 20\n");
	feed(f, 40, 0, "irq_softirq_entry", "vec=3");
	feed(f, 50, 0, "sched_process_exit", "tid=6 comm=p6");
	wakes(f, 55);
	feed_expect(f, "sleep_end thread nil nil nil 6 p6\n");
	feed_free(f);
}

/* Real-time kernels: softirqs run in threads, which are preempted. */
static void test_preempted(void)
{
	struct feed *f = watched(&all);

	feed(f, 10, 0, "irq_softirq_entry", "vec=8");
	feed(f, 11, 0, "timer_hrtimer_expire_entry", "hrtimer=1");
	switch_to(f, 20, 0, 5, 0, 6);
	wakes(f, 25);
	feed(f, 30, 0, "irq_handler_entry", "irq=1 name=a");
	wakes(f, 35);
	feed(f, 38, 0, "irq_handler_exit", "irq=1 ret=1");
	switch_to(f, 40, 0, 6, 1, 5);
	wakes(f, 45);
	feed(f, 50, 0, "timer_hrtimer_expire_exit", "hrtimer=1");
	wakes(f, 55);
	switch_to(f, 60, 0, 5, 0, 6);
	switch_to(f, 61, 0, 6, 1, 5);
	wakes(f, 65);
	feed(f, 70, 0, "irq_softirq_exit", "vec=8");
	wakes(f, 75);
	feed_expect(f, "sleep_end thread nil nil nil 6 p6\n"
		       "sleep_end irq 1 a nil nil nil\n"
		       "sleep_end hrtimer nil timer nil nil nil\n"
		       "sleep_end softirq nil nil HRTIMER nil nil\n"
		       "sleep_end softirq nil nil HRTIMER nil nil\n"
		       "sleep_end thread nil nil nil 5 p5\n");
	feed_free(f);
}

/* Traces that lack the events of some interrupts: who ran there is named, but not as sure. */
static void test_not_recorded(void)
{
	static const struct state_config none = {
		.no_irqs = true, .no_softirqs = true, .no_hrtimers = true};
	static const struct state_config timers = {.no_hrtimers = true};
	struct feed *f = watched(&none);

	wakes(f, 10);
	/* Entries without exits tell nothing. */
	feed(f, 11, 0, "irq_handler_entry", "irq=1 name=a");
	feed(f, 12, 0, "irq_softirq_entry", "vec=3");
	feed(f, 13, 0, "timer_hrtimer_expire_entry", "hrtimer=1");
	wakes(f, 20);
	switch_to(f, 30, 0, 5, 1, 0);
	wakes(f, 35);
	feed_expect(f, "sleep_end nil nil nil nil 5 p5\n"
		       "sleep_end nil nil nil nil 5 p5\n"
		       "sleep_end nil nil nil nil nil nil\n");
	feed_free(f);
	f = watched(&timers);
	wakes(f, 10);
	feed(f, 12, 0, "irq_softirq_entry", "vec=3");
	wakes(f, 15);
	feed_expect(f, "sleep_end nil nil nil nil 5 p5\n"
		       "sleep_end softirq nil nil NET_RX nil nil\n");
	feed_free(f);
}

/* A sched_wakeup may be told by the woken thread's CPU, whoever woke it. */
static void test_wakeup(void)
{
	static const struct state_config old = {.no_waking = true};
	struct feed *f = watched(&all);

	switch_to(f, 10, 9, 0, 0, 99);
	switch_to(f, 11, 9, 99, 1, 0);
	feed(f, 12, 0, "sched_wakeup", "tid=99 comm=p99 prio=20 target_cpu=0");
	feed_expect(f, "sleep_end nil nil nil nil nil nil\n");
	feed_free(f);
	f = watched(&old);
	switch_to(f, 10, 9, 0, 0, 99);
	switch_to(f, 11, 9, 99, 1, 0);
	feed(f, 12, 0, "sched_wakeup", "tid=99 comm=p99 prio=20 target_cpu=0");
	feed_expect(f, "sleep_end nil nil nil nil 5 p5\n");
	feed_free(f);
}

/* Who is about to go to sleep can be woken before that is seen: sched_wakeup comes afterwards. */
static void test_early(void)
{
	struct feed *f = watched(&all);

	switch_to(f, 10, 9, 0, 0, 99);
	feed(f, 11, 0, "sched_waking", "tid=99 comm=p99 prio=20 target_cpu=9");
	switch_to(f, 12, 9, 99, 1, 0);
	feed(f, 13, 9, "sched_wakeup", "tid=99 comm=p99 prio=20 target_cpu=9");
	feed_expect(f, "sleep_end thread nil nil nil 5 p5\n");
	/* That one was in time. */
	switch_to(f, 20, 9, 0, 0, 99);
	feed(f, 21, 0, "sched_waking", "tid=99 comm=p99 prio=20 target_cpu=9");
	feed(f, 22, 0, "sched_wakeup", "tid=99 comm=p99 prio=20 target_cpu=9");
	switch_to(f, 23, 9, 99, 1, 0);
	feed(f, 24, 9, "sched_wakeup", "tid=99 comm=p99 prio=20 target_cpu=9");
	feed_expect(f, "sleep_end nil nil nil nil nil nil\n");
	/* And that one has been overtaken. */
	switch_to(f, 30, 9, 0, 0, 99);
	feed(f, 31, 0, "sched_waking", "tid=99 comm=p99 prio=20 target_cpu=9");
	switch_to(f, 32, 9, 99, 0, 0);
	switch_to(f, 33, 9, 0, 0, 99);
	switch_to(f, 34, 9, 99, 1, 0);
	feed(f, 35, 9, "sched_wakeup", "tid=99 comm=p99 prio=20 target_cpu=9");
	feed_expect(f, "sleep_end nil nil nil nil nil nil\n");
	feed_free(f);
}

/* A context tells what a waker is called now. */
static void test_renamed(void)
{
	struct feed *f = watched(&all);

	switch_to(f, 10, 9, 0, 0, 99);
	switch_to(f, 11, 9, 99, 1, 0);
	feed(f, 12, 0, "sched_waking",
		"ctx.tid=5 ctx.procname=renamed tid=99 comm=p99 prio=20 target_cpu=9");
	feed_expect(f, "sleep_end thread nil nil nil 5 renamed\n");
	feed_free(f);
}

/* The same of latencies, and of who wakes kswapd. */
static void test_others(void)
{
	struct feed *f = watched(&all);

	feed_watch(f, "sleep_end", "context");
	feed_watch(f, "wakeup_latency", "context irq irq_name softirq waker_tid");
	feed_watch(f, "reclaim", "context softirq waker_tid");
	feed(f, 10, 0, "irq_handler_entry", "irq=1 name=a");
	wakes(f, 15);
	feed(f, 20, 0, "irq_handler_exit", "irq=1 ret=1");
	switch_to(f, 30, 9, 0, 0, 99);
	feed_expect(f, "sleep_end irq\nwakeup_latency irq 1 a nil nil\n");
	feed(f, 40, 0, "irq_softirq_entry", "vec=3");
	feed(f, 41, 0, "mm_vmscan_wakeup_kswapd", "nid=0 order=0");
	feed(f, 42, 0, "irq_softirq_exit", "vec=3");
	feed(f, 43, 0, "mm_vmscan_wakeup_kswapd", "nid=0 order=0"); /* the first one counts */
	switch_to(f, 50, 0, 5, 0, 43);
	feed(f, 51, 0, "mm_vmscan_kswapd_wake", "nid=0 order=0");
	feed(f, 52, 0, "mm_vmscan_kswapd_sleep", "nid=0");
	feed_expect(f, "reclaim softirq NET_RX nil\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/context/nested", test_nested);
	g_test_add_func("/context/idle", test_idle);
	g_test_add_func("/context/unknown", test_unknown);
	g_test_add_func("/context/lost-exits", test_lost_exits);
	g_test_add_func("/context/preempted", test_preempted);
	g_test_add_func("/context/not-recorded", test_not_recorded);
	g_test_add_func("/context/wakeup", test_wakeup);
	g_test_add_func("/context/early", test_early);
	g_test_add_func("/context/renamed", test_renamed);
	g_test_add_func("/context/others", test_others);
	return g_test_run();
}
