/*
 * The scheduler: slices, latencies, sleeps, migrations and priorities.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"

#include <glib.h>

/* A switch from one task to another, which leaves for a reason. */
static void switch_to(struct feed *f, int64_t time, int32_t cpu, int prev, int prev_state, int next)
{
	char *fields = g_strdup_printf("prev_tid=%d prev_comm=p%d prev_prio=20 prev_state=%d "
				       "next_tid=%d next_comm=p%d next_prio=20",
		prev, prev, prev_state, next, next);

	feed(f, time, cpu, "sched_switch", fields);
	g_free(fields);
}

static void wake(struct feed *f, int64_t time, int32_t cpu, const char *event, int tid)
{
	char *fields = g_strdup_printf("comm=p%d tid=%d prio=20 target_cpu=0", tid, tid);

	feed(f, time, cpu, event, fields);
	g_free(fields);
}

static void test_slices(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid procname duration busy prio state");
	feed_stream(f, 100, 0, "stream_begin");
	/* Whoever ran until the first switch did so from the begin: here the CPU was idle. */
	switch_to(f, 150, 0, 0, 0, 5);
	feed_expect(f, "sched_slice 100 150 0 0 swapper/0 50 0 nil runnable\n");
	switch_to(f, 180, 0, 5, 1, 0);
	feed_expect(f, "sched_slice 150 180 0 5 p5 30 1 20 interruptible\n");
	feed_cut(f, 200);
	feed_expect(f, "sched_slice 180 200 0 0 swapper/0 20 0 nil nil\n");
	/* Nothing is told twice. */
	feed_cut(f, 200);
	feed_expect(f, "");
	switch_to(f, 230, 0, 0, 0, 6);
	feed_expect(f, "sched_slice 200 230 0 0 swapper/0 30 0 nil runnable\n");
	/* A window that begins later has nothing of what was before. */
	feed_cut(f, 250);
	feed_expect(f, "sched_slice 230 250 0 6 p6 20 1 20 nil\n");
	feed_free(f);
}

/* The first switch tells who has been running since the trace began, even if never seen before. */
static void test_busy_at_begin(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid procname busy");
	feed_stream(f, 100, 0, "stream_begin");
	feed_stream(f, 90, 1, "stream_begin");
	feed_stream(f, 90, 2, "stream_begin");
	switch_to(f, 150, 0, 7, 0, 5);
	feed_expect(f, "sched_slice 100 150 0 7 p7 1\n");
	/* CPUs of which nothing is known when a window ends: it will be, unless nothing more comes. */
	feed_cut(f, 160);
	feed_expect(f, "sched_slice 150 160 0 5 p5 1\n");
	/* A context tells it, too. */
	feed(f, 170, 1, "syscall_entry_read", "fd=3 count=1 ctx.tid=9");
	feed(f, 175, 2, "kmem_mm_page_alloc", "order=0 page=1 ctx.tid=0");
	feed_cut(f, 180);
	feed_expect(f, "sched_slice 160 180 0 5 p5 1\n"
		       "sched_slice 90 180 1 9 nil 1\n"
		       "sched_slice 90 180 2 0 swapper/2 0\n");
	feed_free(f);
}

/* While events are lost nobody knows who runs; the first switch after that tells since the gap. */
static void test_slices_and_gaps(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid busy");
	feed_stream(f, 100, 0, "stream_begin");
	switch_to(f, 110, 0, 0, 0, 5);
	feed_lost(f, 120, 140, 0, 9);
	switch_to(f, 150, 0, 6, 1, 0);
	feed_expect(f, "sched_slice 100 110 0 0\n"
		       "sched_slice 110 120 5 1\n"
		       "sched_slice 120 140 nil nil\n"
		       "sched_slice 140 150 6 1\n");
	/* A gap at the end of the window, and a stream that ends behind it. */
	feed_lost(f, 160, 190, 0, 9);
	feed_cut(f, 170);
	feed_settle(f, 170);
	feed_expect(f, "sched_slice 150 160 0 0\n"
		       "sched_slice 160 170 nil nil\n");
	switch_to(f, 195, 0, 6, 1, 7);
	feed_stream(f, 220, 0, "stream_end");
	feed_cut(f, 210);
	feed_expect(f, "sched_slice 170 190 nil nil\n"
		       "sched_slice 190 195 6 1\n"
		       "sched_slice 195 210 7 1\n");
	feed_cut(f, 300);
	feed_expect(f, "sched_slice 210 220 7 1\n"
		       "sched_slice 220 300 nil nil\n");
	/* It begins again, somebody else runs. */
	feed_stream(f, 320, 0, "stream_begin");
	switch_to(f, 330, 0, 8, 1, 0);
	feed_expect(f, "sched_slice 300 320 nil nil\n"
		       "sched_slice 320 330 8 1\n");
	feed_free(f);
}

static void test_wakeup_latency(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "wakeup_latency",
		"begin time duration tid procname prio cpu waker_tid waker_procname");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 100, 1, 0, 0, 9);
	switch_to(f, 110, 0, 5, 1, 0);
	/* The first of waking and wakeup counts, and who ran where that was. */
	wake(f, 120, 1, "sched_waking", 5);
	wake(f, 125, 0, "sched_wakeup", 5);
	switch_to(f, 130, 0, 0, 0, 5);
	feed_expect(f, "wakeup_latency 120 130 10 5 p5 20 0 9 p9\n");
	/* One that runs already has not slept. */
	wake(f, 135, 1, "sched_waking", 5);
	switch_to(f, 140, 0, 5, 1, 0);
	switch_to(f, 150, 0, 0, 0, 5);
	feed_expect(f, "");
	/* An interrupt of an idle CPU wakes: there is no waker. */
	switch_to(f, 160, 0, 5, 1, 0);
	wake(f, 170, 0, "sched_waking", 5);
	switch_to(f, 171, 0, 0, 0, 5);
	feed_expect(f, "wakeup_latency 170 171 1 5 p5 20 0 nil nil\n");
	/* The first sight of a thread is its wakeup, which tells its name. */
	wake(f, 180, 1, "sched_wakeup_new", 77);
	switch_to(f, 185, 1, 9, 0, 77);
	feed_expect(f, "wakeup_latency 180 185 5 77 p77 20 1 9 p9\n");
	feed_free(f);
}

/* A thread can have run unseen between its wakeup and the switch. */
static void test_wakeup_and_gaps(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "wakeup_latency", "begin duration tid");
	feed_watch(f, "sleep_end", "begin duration tid");
	feed_watch(f, "preempt_latency", "begin duration tid");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 100, 1, 0, 0, 9);
	switch_to(f, 110, 0, 5, 1, 0);
	wake(f, 120, 1, "sched_waking", 5);
	feed_lost(f, 130, 140, 0, 3);
	switch_to(f, 150, 0, 0, 0, 5);
	feed_expect(f, "sleep_end 110 10 5\n");
	/* Who is woken once more has slept once more, since a time that nobody saw. */
	switch_to(f, 151, 0, 5, 1, 0);
	wake(f, 152, 1, "sched_waking", 5);
	feed_lost(f, 153, 154, 0, 3);
	wake(f, 155, 1, "sched_waking", 5);
	switch_to(f, 158, 0, 0, 0, 5);
	feed_expect(f, "sleep_end 151 1 5\n"
		       "wakeup_latency 155 3 5\n");
	/* Nor is it known how long it slept, or waited. */
	switch_to(f, 160, 0, 5, 1, 6);
	feed_lost(f, 165, 170, 0, 3);
	wake(f, 180, 1, "sched_waking", 5);
	feed_expect(f, "");
	switch_to(f, 190, 0, 0, 0, 5);
	feed_expect(f, "wakeup_latency 180 10 5\n");
	switch_to(f, 200, 0, 5, 0, 6);
	feed_lost(f, 205, 207, 0, 3);
	switch_to(f, 210, 0, 6, 1, 5);
	feed_expect(f, "");
	feed_free(f);
}

static void test_preempted_and_sleeping(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "preempt_latency", "begin time duration tid prio");
	feed_watch(f, "sleep_end", "begin time duration tid state waker_tid");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 110, 0, 5, 256, 6); /* preempted */
	switch_to(f, 115, 0, 6, 2, 5);
	feed_expect(f, "preempt_latency 110 115 5 5 20\n");
	wake(f, 140, 0, "sched_waking", 6);
	wake(f, 141, 0, "sched_wakeup", 6);
	feed_expect(f, "sleep_end 115 140 25 6 uninterruptible 5\n");
	switch_to(f, 150, 0, 5, 128, 6);
	wake(f, 160, 0, "sched_waking", 5);
	feed_expect(f, "sleep_end 150 160 10 5 idle 6\n");
	feed_free(f);
}

/* What a thread had waited for its CPU, in slices; and who had the CPU before. */
static void test_waits_of_slices(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "tid duration wait delay");
	feed_watch(f, "wakeup_latency", "tid duration prev_tid prev_procname");
	feed_watch(f, "preempt_latency", "tid duration prev_tid prev_procname");
	feed_watch(f, "off_cpu", "tid begin duration delay state cause waker_tid");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 110, 0, 5, 1, 0);
	wake(f, 140, 0, "sched_waking", 5);
	switch_to(f, 145, 0, 0, 0, 5);
	feed_expect(f, "sched_slice 5 10 nil nil\n"
		       "sched_slice 0 35 nil nil\n"
		       "wakeup_latency 5 5 0 swapper/0\n"
		       "off_cpu 5 110 35 5 interruptible unknown nil\n");
	/* A slice that is cut has had to wait once. */
	feed_cut(f, 150);
	feed_expect(f, "sched_slice 5 5 35 5\n");
	wake(f, 155, 0, "sched_wakeup_new", 6);
	switch_to(f, 160, 0, 5, 0, 6);
	feed_expect(f, "sched_slice 5 10 nil nil\n"
		       "wakeup_latency 6 5 5 p5\n");
	switch_to(f, 170, 0, 6, 2, 5);
	feed_expect(f, "sched_slice 6 10 nil 5\n"
		       "preempt_latency 5 10 6 p6\n"
		       "off_cpu 5 160 10 10 runnable nil nil\n");
	/* Who is woken though it was only preempted has waited once, since then. */
	switch_to(f, 180, 0, 5, 0, 7);
	wake(f, 185, 0, "sched_waking", 5);
	switch_to(f, 190, 0, 7, 1, 5);
	feed_expect(f, "sched_slice 5 10 10 10\n"
		       "sched_slice 7 10 nil nil\n"
		       "preempt_latency 5 10 7 p7\n"
		       "off_cpu 5 180 10 10 runnable nil nil\n");
	/* It was not seen to be woken. */
	switch_to(f, 200, 0, 5, 1, 7);
	switch_to(f, 210, 0, 7, 1, 5);
	feed_expect(f, "sched_slice 5 10 10 10\n"
		       "off_cpu 7 190 10 nil interruptible unknown nil\n"
		       "sched_slice 7 10 10 nil\n"
		       "off_cpu 5 200 10 nil interruptible unknown nil\n");
	/* It may have run where events were lost. */
	switch_to(f, 220, 0, 5, 1, 7);
	feed_lost(f, 221, 222, 0, 3);
	switch_to(f, 230, 0, 7, 1, 5);
	switch_to(f, 240, 0, 5, 1, 7);
	feed_expect(f, "sched_slice 5 10 10 nil\n"
		       "off_cpu 7 210 10 nil interruptible unknown nil\n"
		       "sched_slice 7 1 10 nil\n"
		       "sched_slice nil 1 nil nil\n"
		       "sched_slice 7 8 nil nil\n"
		       "sched_slice 5 10 nil nil\n"
		       "off_cpu 7 230 10 nil interruptible unknown nil\n");
	feed_free(f);
}

/* What still waits when a window ends. */
static void test_preempt_open(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "preempt_open", "time cpu tid begin duration");
	feed_watch(f, "wakeup_open", "tid begin duration");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 110, 0, 5, 0, 6);
	feed_cut(f, 150);
	feed_expect(f, "preempt_open 150 0 5 110 40\n");
	wake(f, 155, 0, "sched_waking", 5);
	wake(f, 155, 0, "sched_waking", 8);
	feed_cut(f, 160);
	feed_expect(f, "preempt_open 160 0 5 110 50\n"
		       "wakeup_open 8 155 5\n");
	/* It may have run meanwhile. */
	switch_to(f, 161, 1, 0, 0, 8);
	feed_lost(f, 162, 163, 0, 3);
	feed_cut(f, 170);
	feed_expect(f, "");
	feed_free(f);
}

static void test_prev_state(void)
{
	uint32_t old = state_version(3, 16, 0), now = state_version(6, 1, 0);

	g_assert_cmpint(prev_state_of(0, now, 0), ==, PREV_RUNNABLE);
	g_assert_cmpint(prev_state_of(256, now, 0), ==, PREV_RUNNABLE);
	g_assert_cmpint(prev_state_of(1024, old, 0), ==, PREV_RUNNABLE);
	g_assert_cmpint(prev_state_of(1, old, 0), ==, PREV_INTERRUPTIBLE);
	g_assert_cmpint(prev_state_of(130, old, 0), ==, PREV_UNINTERRUPTIBLE); /* killable */
	g_assert_cmpint(prev_state_of(0x402, old, 0), ==, PREV_IDLE);
	g_assert_cmpint(prev_state_of(64, old, 0), ==, PREV_DEAD);
	g_assert_cmpint(prev_state_of(64, now, 0), ==, PREV_PARKED);
	g_assert_cmpint(prev_state_of(128, now, 0), ==, PREV_IDLE);
	g_assert_cmpint(prev_state_of(0x200, VERSION(3, 16, 0), 0), ==, PREV_PARKED);
	g_assert_cmpint(prev_state_of(0x200, VERSION(3, 2, 0), 0), ==, PREV_RUNNABLE);
	/* Tracers that told them one bit too high. */
	g_assert_cmpint(prev_state_of(1, now, VERSION(2, 10, 5)), ==, PREV_RUNNABLE);
	g_assert_cmpint(prev_state_of(2, now, VERSION(2, 10, 5)), ==, PREV_INTERRUPTIBLE);
	g_assert_cmpint(prev_state_of(4, now, VERSION(2, 9, 14)), ==, PREV_UNINTERRUPTIBLE);
	g_assert_cmpint(prev_state_of(0x100, now, VERSION(2, 9, 14)), ==, PREV_RUNNABLE);
	g_assert_cmpint(prev_state_of(2, now, VERSION(2, 9, 15)), ==, PREV_UNINTERRUPTIBLE);
	g_assert_cmpint(prev_state_of(2, now, VERSION(2, 10, 12)), ==, PREV_UNINTERRUPTIBLE);
	g_assert_cmpint(prev_state_of(2, old, VERSION(2, 9, 0)), ==, PREV_UNINTERRUPTIBLE);
	g_assert_cmpint(prev_state_of(32, now, 0), ==, PREV_ZOMBIE);
	g_assert_cmpint(prev_state_of(4, 0, 0), ==, PREV_STOPPED);
	g_assert_cmpint(prev_state_of(-1, now, 0), ==, PREV_UNKNOWN);
	g_assert_cmpint(prev_state_of(VALUE_ABSENT, now, 0), ==, PREV_UNKNOWN);
}

static void test_migration(void)
{
	struct state_config config = {.wants = ~0u, .no_migrations = true};
	struct feed *f = feed_new();

	feed_watch(f, "migration", "time tid procname orig_cpu dest_cpu");
	feed(f, 100, 1, "sched_migrate_task", "comm=x tid=5 prio=20 orig_cpu=1 dest_cpu=0");
	switch_to(f, 110, 0, 0, 0, 5);
	feed_expect(f, "migration 100 5 x 1 0\n");
	feed_free(f);

	/* Without that event: it is seen elsewhere. */
	f = feed_new_with(&config);
	feed_watch(f, "migration", "time tid orig_cpu dest_cpu");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 110, 0, 5, 1, 0);
	switch_to(f, 120, 0, 0, 0, 5);
	switch_to(f, 130, 0, 5, 1, 0);
	feed_expect(f, "");
	switch_to(f, 140, 1, 0, 0, 5);
	feed_expect(f, "migration 140 5 0 1\n");
	feed_free(f);
}

static void test_prio(void)
{
	struct state_config old = {.wants = ~0u, .tracer = state_version(2, 7, 0)};
	struct feed *f = feed_new();

	feed_watch(f, "prio_change", "time tid prio old_prio");
	switch_to(f, 100, 0, 0, 0, 5);
	feed(f, 110, 0, "sched_pi_setprio", "comm=p5 tid=5 oldprio=20 newprio=-51");
	feed(f, 120, 0, "sched_pi_setprio", "comm=x tid=9 oldprio=20 newprio=0");
	feed(f, 130, 0, "sched_pi_setprio", "comm=p5 tid=5 oldprio=-51 newprio=20");
	switch_to(f, 140, 0, 5, 1, 0);
	feed_expect(f, "prio_change 110 5 -51 20\n"
		       "prio_change 120 9 0 20\n"
		       "prio_change 130 5 20 -51\n");
	feed(f, 150, 0, "sched_waking", "comm=p5 tid=5 prio=15 target_cpu=0");
	feed_expect(f, "prio_change 150 5 15 20\n");
	feed_free(f);

	/* Old tracers tell the same priority higher in wakeups than in switches. */
	f = feed_new_with(&old);
	feed_watch(f, "prio_change", "time tid prio");
	switch_to(f, 100, 0, 0, 0, 5);
	switch_to(f, 110, 0, 5, 1, 0);
	feed(f, 120, 0, "sched_wakeup", "comm=p5 tid=5 prio=120 success=1 target_cpu=0");
	switch_to(f, 130, 0, 0, 0, 5);
	feed_expect(f, "");
	/* What is no priority changes nothing, however small it is. */
	feed(f, 900, 0, "sched_waking", "comm=p5 tid=5 prio=-9223372036854775807 target_cpu=0");
	feed_expect(f, "");
	feed_free(f);
}

/* Whatever comes, nothing takes less than no time, and nothing falls over. */
static void test_nonsense(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid duration");
	feed_watch(f, "wakeup_latency", "duration");
	feed_stream(f, 100, 0, "stream_begin");
	feed_stream(f, 100, 1, "stream_begin");
	switch_to(f, 110, 0, 0, 0, 5);
	switch_to(f, 120, 1, 0, 0, 5); /* on two CPUs */
	switch_to(f, 130, 1, 5, 1, 0);
	switch_to(f, 140, 0, 5, 1, 0);
	feed_expect(f, "sched_slice 100 110 0 10\n"
		       "sched_slice 100 120 0 20\n"
		       "sched_slice 120 130 5 10\n"
		       "sched_slice 110 140 5 30\n");
	switch_to(f, 150, 0, -7, 1, 99999999); /* impossible TIDs */
	switch_to(f, 160, 0, 99999999, 1, 0);
	feed_expect(f, "sched_slice 140 150 nil 10\n"
		       "sched_slice 150 160 nil 10\n");
	wake(f, 170, 0, "sched_waking", 0);
	wake(f, 170, 0, "sched_waking", -5);
	wake(f, 170, 0, "sched_waking", 99999999);
	/* Time goes back from one CPU to another. */
	wake(f, 190, 1, "sched_waking", 8);
	switch_to(f, 180, 0, 0, 0, 8);
	switch_to(f, 175, 0, 8, 1, 0);
	feed_expect(f, "sched_slice 160 180 0 20\n");
	feed_cut(f, 179);
	feed_expect(f, "");
	feed_settle(f, 179);
	feed_expect(f, "sched_slice 130 179 0 49\n");
	feed(f, 200, -1, "sched_switch", "prev_tid=3 next_tid=4");
	feed(f, 200, 65536, "sched_switch", "prev_tid=3 next_tid=4");
	feed_expect(f, "");
	feed_free(f);
}

/* Once events have been missing, the next switch has to say who ran, before a window gets its part. */
static void test_doubt(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid");
	feed_watch(f, "thread_state", "begin time tid state");
	feed_stream(f, 0, 0, "stream_begin");
	switch_to(f, 10, 0, 0, 0, 5);
	feed_cut(f, 20);
	feed_expect(f, "sched_slice 0 10 0\nthread_state 10 20 5 running\nsched_slice 10 20 5\n");
	switch_to(f, 30, 0, 6, 2, 7);
	feed_expect(f, "sched_slice 20 30 nil\n");
	feed_cut(f, 40);
	feed_expect(f, "thread_state 30 40 6 uninterruptible\n");
	switch_to(f, 50, 0, 7, 1, 0);
	feed_expect(f, "thread_state 30 50 7 running\nsched_slice 30 50 7\n");
	feed_cut(f, 60);
	feed_expect(f, "thread_state 40 60 6 uninterruptible\n"
		       "thread_state 50 60 7 interruptible\n");
	/* It is known to sleep until it is seen to run. */
	switch_to(f, 70, 0, 6, 1, 0);
	feed_expect(f, "thread_state 60 70 6 uninterruptible\nsched_slice 50 70 nil\n");
	feed_free(f);
}

/* Who is woken may run already, on a CPU of which that is not known yet: it does not wait for one then. */
static void test_woken_while_running(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "thread_state", "begin time tid state");
	feed_stream(f, 0, 0, "stream_begin");
	feed_stream(f, 0, 1, "stream_begin");
	switch_to(f, 5, 0, 0, 0, 8);
	switch_to(f, 10, 1, 0, 0, 9);
	switch_to(f, 20, 1, 9, 2, 0);
	feed_lost(f, 30, 40, 1, 3);
	feed_expect(f, "thread_state 10 20 9 running\nthread_state 20 30 9 uninterruptible\n");
	wake(f, 50, 0, "sched_waking", 9);
	feed_cut(f, 60);
	feed_expect(f, "");
	switch_to(f, 70, 1, 9, 2, 0);
	feed_expect(f, "thread_state 40 70 9 running\n");
	/* Known to sleep, it waits from its waking on. */
	wake(f, 80, 0, "sched_waking", 9);
	switch_to(f, 90, 1, 0, 0, 9);
	feed_expect(f, "thread_state 70 80 9 uninterruptible\nthread_state 80 90 9 woken\n");
	feed_free(f);
}

/* Before an exec of a further thread, it becomes the first one, at a time that no event tells. */
static void test_take_over(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid");
	feed_stream(f, 0, 0, "stream_begin");
	feed_stream(f, 0, 1, "stream_begin");
	feed(f, 1, 0, "lttng_statedump_process_state", "tid=6 pid=5 ppid=1 name=x");
	switch_to(f, 10, 0, 0, 0, 6);
	switch_to(f, 10, 1, 0, 0, 5);
	switch_to(f, 20, 1, 5, 32, 0);
	feed_expect(f, "sched_slice 0 10 0\nsched_slice 0 10 0\nsched_slice 10 20 5\n");
	feed_cut(f, 30);
	feed_expect(f, "sched_slice 20 30 0\n");
	feed(f, 40, 0, "kmem_mm_page_alloc", "page=1 order=0 ctx.tid=5");
	switch_to(f, 50, 0, 5, 1, 0);
	feed_expect(f, "sched_slice 10 40 nil\nsched_slice 40 50 5\n");
	feed_free(f);
}

/* A CPU can have several streams; only one of them has its context switches. */
static void test_streams(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid busy");
	feed_stream(f, 0, 0, "stream_begin");
	feed_stream(f, 1, 0, "side_begin");
	switch_to(f, 10, 0, 0, 0, 5);
	feed_stream(f, 20, 0, "side_end");
	switch_to(f, 30, 0, 5, 1, 6);
	feed_lost_aside(f, 40, 50, 0, 3);
	switch_to(f, 60, 0, 6, 1, 0);
	feed_expect(f, "sched_slice 0 10 0 0 0\n"
		       "sched_slice 10 30 0 5 1\n"
		       "sched_slice 30 60 0 6 1\n");
	feed_stream(f, 70, 0, "stream_end");
	feed_cut(f, 80);
	feed_expect(f, "sched_slice 60 70 0 0 0\n"
		       "sched_slice 70 80 0 nil nil\n");
	feed_free(f);
}

/* But calls may be in any of them. */
static void test_lost_calls(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "syscall_exit", "tid name duration");
	switch_to(f, 10, 0, 0, 0, 5);
	feed(f, 20, 0, "syscall_entry_read", "fd=3 count=1");
	feed_lost_aside(f, 30, 40, 0, 2);
	feed(f, 50, 0, "syscall_exit_read", "ret=1");
	feed_expect(f, "");
	feed(f, 60, 0, "syscall_entry_read", "fd=3 count=1");
	feed(f, 70, 0, "syscall_exit_read", "ret=1");
	feed_expect(f, "syscall_exit 5 read 10\n");
	feed_free(f);
}

/* A CPU whose stream begins later than the window, and numbers that no CPU has. */
static void test_late_stream(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid busy");
	feed_stream(f, 0, 2, "stream_begin");
	feed_cut(f, 100);
	feed_expect(f, "");
	feed_stream(f, 130, 1, "stream_begin");
	switch_to(f, 150, 1, 4, 1, 0);
	feed_cut(f, 200);
	feed_settle(f, 200);
	feed_expect(f, "sched_slice 100 130 1 nil nil\n"
		       "sched_slice 130 150 1 4 1\n"
		       "sched_slice 150 200 1 0 0\n"
		       "sched_slice 0 200 2 nil nil\n");
	feed_free(f);
}

/* A CPU of which nothing was known is told of once, whatever makes it known. */
static void test_unknown_cpu(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid busy");
	feed_begin_window(f, 100);
	switch_to(f, 150, 0, -7, 0, 0);
	feed_stream(f, 150, 1, "stream_end");
	feed_stream(f, 180, 1, "stream_begin");
	feed_expect(f, "sched_slice 100 150 0 nil nil\n"
		       "sched_slice 100 150 1 nil nil\n"
		       "sched_slice 150 180 1 nil nil\n");
	/* What is before the window is not told with it. */
	feed_stream(f, 190, 2, "stream_end");
	feed_cut(f, 200);
	feed_settle(f, 200);
	feed_expect(f, "sched_slice 150 200 0 0 0\n"
		       "sched_slice 180 200 1 nil nil\n");
	feed_stream(f, 220, 2, "stream_begin");
	feed_expect(f, "sched_slice 200 220 2 nil nil\n");
	feed_free(f);
}

/* A TID that has been given out again: its new owner has not slept since the old one's end. */
static void test_dead(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sleep_end", "begin time tid state");
	switch_to(f, 10, 0, 0, 0, 5);
	switch_to(f, 20, 0, 5, 0x10, 0);
	wake(f, 1000, 0, "sched_wakeup_new", 5);
	feed_expect(f, "");
	switch_to(f, 1010, 0, 0, 0, 5);
	switch_to(f, 1020, 0, 5, 1, 0);
	wake(f, 1030, 0, "sched_waking", 5);
	feed_expect(f, "sleep_end 1020 1030 5 interruptible\n");
	feed_free(f);
}

/* Without sched_migrate_task, being seen elsewhere tells; also if how it came there is lost. */
static void test_seen_elsewhere(void)
{
	struct state_config config = {
		.wants = ~0u, .arch = SYSCALL_ARCH_X86_64, .no_migrations = true};
	struct feed *f = feed_new_with(&config);

	feed_watch(f, "migration", "time tid orig_cpu dest_cpu");
	switch_to(f, 10, 0, 0, 0, 5);
	switch_to(f, 20, 0, 5, 1, 0);
	feed_lost(f, 30, 40, 1, 3);
	switch_to(f, 50, 1, 5, 1, 0);
	feed_expect(f, "migration 50 5 0 1\n");
	switch_to(f, 60, 1, 0, 0, 5);
	feed_expect(f, "");
	feed_free(f);
}

/* A packet can begin long before recording does; then who runs is known since the first event. */
static void test_before_recording(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid busy");
	feed_stream(f, 100, 0, "quiet_begin");
	feed_begin_window(f, 200);
	feed_stream(f, 800, 0, "first_event");
	switch_to(f, 810, 0, 77, 1, 0);
	feed_cut(f, 900);
	feed_expect(f, "sched_slice 200 800 nil nil\n"
		       "sched_slice 800 810 77 1\n"
		       "sched_slice 810 900 0 0\n");
	feed_free(f);
}

#define MS 1000000

/* Between stop and start of a session nothing is known of any CPU, and nobody waits. */
static void test_hole(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid busy");
	feed_watch(f, "thread_state", "begin time tid state");
	feed_stream(f, 0, 0, "stream_begin");
	feed_stream(f, 0, 1, "stream_begin");
	feed_packet_begin(f, 0, 0);
	feed_packet_begin(f, 0, 1);
	switch_to(f, 1 * MS, 0, 6, 1, 5);
	switch_to(f, 1 * MS, 1, 7, 1, 0);
	feed_packet_end(f, 2 * MS, 1, 90 * MS);
	feed_packet_end(f, 3 * MS, 0, 80 * MS);
	/* A window that ends in the hole knows of it. */
	feed_cut(f, 50 * MS);
	feed_expect(f, "thread_state 0 1000000 6 running\n"
		       "sched_slice 0 1000000 0 6 1\n"
		       "thread_state 0 1000000 7 running\n"
		       "sched_slice 0 1000000 1 7 1\n"
		       "thread_state 1000000 3000000 5 running\n"
		       "sched_slice 1000000 3000000 0 5 1\n"
		       "thread_state 1000000 3000000 6 interruptible\n"
		       "sched_slice 1000000 3000000 1 0 0\n"
		       "thread_state 1000000 3000000 7 interruptible\n"
		       "sched_slice 3000000 50000000 0 nil nil\n"
		       "sched_slice 3000000 50000000 1 nil nil\n");
	feed_packet_begin(f, 80 * MS, 0);
	feed_stream(f, 80 * MS, 0, "first_event");
	switch_to(f, 81 * MS, 0, 9, 1, 0);
	feed_packet_begin(f, 90 * MS, 1);
	switch_to(f, 90 * MS, 1, 0, 0, 5);
	feed_expect(f, "sched_slice 50000000 80000000 0 nil nil\n"
		       "thread_state 80000000 81000000 9 running\n"
		       "sched_slice 80000000 81000000 0 9 1\n"
		       "sched_slice 50000000 80000000 1 nil nil\n"
		       "sched_slice 80000000 90000000 1 0 0\n");
	feed_free(f);
}

/* Where nothing is recorded any more, nothing is known to be still open. */
static void test_open_in_hole(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "syscall_open", "duration tid name");
	feed_watch(f, "wakeup_open", "duration tid");
	feed_stream(f, 0, 0, "stream_begin");
	feed_packet_begin(f, 0, 0);
	switch_to(f, 1 * MS, 0, 6, 1, 5);
	feed(f, 2 * MS, 0, "syscall_entry_read", "fd=3 count=1");
	wake(f, 2 * MS, 0, "sched_waking", 6);
	feed_packet_end(f, 3 * MS, 0, 90 * MS);
	feed_cut(f, 3 * MS - 1);
	feed_expect(f, "syscall_open 999999 5 read\n"
		       "wakeup_open 999999 6\n");
	feed_cut(f, 50 * MS);
	feed_expect(f, "");
	feed_free(f);
}

/* Packets that the tracer's timer ends: an idle machine has no events, and no packets. */
static void test_quiet(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid");
	feed_stream(f, 0, 0, "stream_begin");
	feed_packet_begin(f, 0, 0);
	switch_to(f, 1 * MS, 0, 6, 1, 0);
	feed_packet_end(f, 2 * MS, 0, 90 * MS);
	feed_packet_begin(f, 90 * MS, 0);
	switch_to(f, 90 * MS, 0, 0, 0, 5);
	/* So has one that is busy, for a moment. */
	feed_packet_end(f, 91 * MS, 0, 91 * MS + 50);
	feed_packet_begin(f, 91 * MS + 50, 0);
	switch_to(f, 92 * MS, 0, 5, 1, 0);
	feed_expect(f, "sched_slice 0 1000000 6\n"
		       "sched_slice 1000000 90000000 0\n"
		       "sched_slice 90000000 92000000 5\n");
	feed_free(f);
}

/* That a thread is woken is told at once, and once: where, by whom, and to which CPU it came. */
static void test_wakeup(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "wakeup", "time cpu tid target_cpu context waker_tid");
	switch_to(f, 10, 0, 0, 0, 5);
	switch_to(f, 10, 1, 6, 1, 0);
	feed(f, 20, 0, "sched_waking", "comm=p6 tid=6 prio=20 target_cpu=1");
	feed(f, 21, 0, "sched_wakeup", "comm=p6 tid=6 prio=20 target_cpu=1");
	/* Of this one nothing is known but that. */
	feed(f, 30, 0, "sched_waking", "comm=p8 tid=8 prio=20 target_cpu=0");
	/* It runs: that is none. */
	feed(f, 40, 1, "sched_waking", "comm=p5 tid=5 prio=20 target_cpu=0");
	feed_expect(f, "wakeup 20 0 6 1 thread 5\n"
		       "wakeup 30 0 8 0 thread 5\n");
	feed_free(f);
}

/* A CPU that goes off line leaves its packet with the thread that stops it. */
static void test_off_line(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time cpu tid");
	feed_stream(f, 0, 0, "stream_begin");
	feed_stream(f, 0, 1, "stream_begin");
	feed_packet_begin(f, 0, 0);
	feed_packet_begin(f, 0, 1);
	feed(f, 1 * MS, 1, "sched_switch",
		"prev_tid=0 prev_prio=20 prev_state=0 next_tid=20 next_prio=-100");
	feed_packet_end(f, 2 * MS, 1, 90 * MS);
	feed_packet_begin(f, 90 * MS, 1);
	feed_stream(f, 90 * MS, 1, "first_event");
	switch_to(f, 91 * MS, 1, 0, 0, 5);
	feed_expect(f, "sched_slice 0 1000000 1 0\n"
		       "sched_slice 1000000 2000000 1 20\n"
		       "sched_slice 2000000 90000000 1 nil\n"
		       "sched_slice 90000000 91000000 1 0\n");
	feed_free(f);
}

/* Nothing runs on a CPU that is off line: a call goes on in a thread that sleeps, wherever it wakes. */
static void test_call_while_off_line(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sleep_end", "begin duration tid");
	feed_watch(f, "syscall_exit", "begin duration tid name");
	feed_stream(f, 0, 0, "stream_begin");
	feed_stream(f, 0, 1, "stream_begin");
	feed_packet_begin(f, 0, 0);
	feed_packet_begin(f, 0, 1);
	switch_to(f, 0, 0, 7, 1, 0);
	switch_to(f, 0, 1, 7, 1, 5);
	feed(f, 500, 1, "syscall_entry_read", "fd=3 count=1");
	feed(f, 1 * MS, 1, "sched_switch",
		"prev_tid=5 prev_prio=20 prev_state=1 next_tid=20 next_prio=-100");
	feed_packet_end(f, 2 * MS, 1, 90 * MS);
	wake(f, 50 * MS, 0, "sched_waking", 5);
	switch_to(f, 51 * MS, 0, 0, 0, 5);
	feed(f, 52 * MS, 0, "syscall_exit_read", "ret=1");
	feed_expect(f, "sleep_end 1000000 49000000 5\n"
		       "syscall_exit 500 51999500 5 read\n");
	feed_free(f);
}

/* Switches that a filter has left out: between two that contradict each other nobody knows. */
static void test_contradictions(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "sched_slice", "begin time tid busy");
	feed_stream(f, 0, 0, "stream_begin");
	switch_to(f, 10, 0, 5, 1, 9);
	switch_to(f, 100, 0, 5, 1, 9);
	feed(f, 150, 0, "syscall_entry_read", "fd=3 count=1 ctx.tid=5");
	switch_to(f, 170, 0, 5, 1, 9);
	feed_expect(f, "sched_slice 0 10 5 1\n"
		       "sched_slice 10 100 nil nil\n"
		       "sched_slice 100 150 nil nil\n"
		       "sched_slice 150 170 5 1\n");
	g_assert_cmpuint(feed_contradictions(f), ==, 1);
	feed_free(f);
}

/* What threads do that do not run is cut at the borders of windows; each has its part. */
static void test_states(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "thread_state", "begin time duration tid state");
	feed_stream(f, 0, 0, "stream_begin");
	feed_begin_window(f, 5);
	switch_to(f, 10, 0, 5, 2, 6);
	switch_to(f, 20, 0, 6, 0, 7);
	feed_expect(f, "thread_state 5 10 5 5 running\n"
		       "thread_state 10 20 10 6 running\n");
	feed_cut(f, 100);
	feed_expect(f, "thread_state 20 100 80 7 running\n"
		       "thread_state 10 100 90 5 uninterruptible\n"
		       "thread_state 20 100 80 6 preempted\n");
	wake(f, 130, 0, "sched_waking", 5);
	feed_cut(f, 200);
	feed_expect(f, "thread_state 100 130 30 5 uninterruptible\n"
		       "thread_state 100 200 100 7 running\n"
		       "thread_state 130 200 70 5 woken\n"
		       "thread_state 100 200 100 6 preempted\n");
	switch_to(f, 250, 0, 7, 1, 5);
	feed_expect(f, "thread_state 200 250 50 7 running\n"
		       "thread_state 200 250 50 5 woken\n");
	/* Where events are missing, who waits for a CPU may get one; who sleeps elsewhere does not. */
	feed_lost(f, 260, 270, 1, 3);
	feed_cut(f, 300);
	feed_expect(f, "thread_state 200 260 60 6 preempted\n"
		       "thread_state 250 300 50 7 interruptible\n");
	switch_to(f, 310, 0, 5, 1, 0);
	feed_expect(f, "thread_state 250 310 60 5 running\n");
	feed_free(f);
}

/* A thread that was on two CPUs, as it seems: when it leaves the second one, it has not waited. */
static void test_states_of_two(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "thread_state", "begin time duration tid state");
	feed_begin_window(f, 5);
	switch_to(f, 10, 0, 0, 0, 5);
	switch_to(f, 10, 1, 0, 0, 5);
	switch_to(f, 20, 1, 5, 1, 0);
	switch_to(f, 30, 0, 5, -1, 0);
	feed_cut(f, 100);
	feed_expect(f, "thread_state 10 20 10 5 running\n"
		       "thread_state 10 30 20 5 running\n");
	feed_free(f);
}

/* Two CPUs, on which 5 and 6 run since 10. */
static struct feed *feed_two(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "run_queue", "cpu begin time length");
	feed_watch(f, "thread_state", "cpu begin time tid state");
	feed_begin_window(f, 0);
	for (int cpu = 0; cpu < 2; cpu++)
		feed_stream(f, 0, cpu, "stream_begin");
	for (int cpu = 0; cpu < 2; cpu++)
		switch_to(f, 10, cpu, 0, 0, 5 + cpu);
	return f;
}

/* Who waits for a CPU does so on the queue of one, and may be moved to another's meanwhile. */
static void test_queues(void)
{
	struct feed *f = feed_two();

	/* It slept on the second CPU, and is put on the queue of the first one. */
	switch_to(f, 20, 1, 6, 1, 7);
	feed(f, 30, 1, "sched_waking", "comm=p6 tid=6 prio=20 target_cpu=1");
	feed(f, 30, 1, "sched_migrate_task", "comm=p6 tid=6 prio=20 orig_cpu=1 dest_cpu=0");
	feed(f, 31, 1, "sched_wakeup", "comm=p6 tid=6 prio=20 target_cpu=0");
	feed_expect(f, "thread_state 1 10 20 6 running\n"
		       "thread_state 1 20 30 6 interruptible\nrun_queue 1 0 30 0\n"
		       "run_queue 0 0 30 0\n");
	/* The first one is preempted, and the other one moved while it waits. */
	switch_to(f, 40, 0, 5, 0, 8);
	feed(f, 50, 0, "sched_migrate_task", "comm=p6 tid=6 prio=20 orig_cpu=0 dest_cpu=1");
	feed_expect(f, "thread_state 0 10 40 5 running\nrun_queue 0 30 40 1\n"
		       "thread_state 0 30 50 6 woken\nrun_queue 0 40 50 2\nrun_queue 1 30 50 0\n");
	/* It gets the first CPU anyway: nobody has told that it was moved back. */
	switch_to(f, 60, 0, 8, 1, 6);
	feed_expect(f, "thread_state 0 40 60 8 running\nthread_state 1 50 60 6 woken\n"
		       "run_queue 1 50 60 1\n");
	feed_cut(f, 70);
	feed_expect(f, "thread_state 0 60 70 6 running\nthread_state 1 20 70 7 running\n"
		       "run_queue 0 50 70 1\nrun_queue 1 60 70 0\n"
		       "thread_state 0 40 70 5 preempted\nthread_state 0 60 70 8 interruptible\n");
	feed_free(f);
}

/* A CPU that can't be is nobody's queue; where events of any are missing, no queue is known. */
static void test_queues_unknown(void)
{
	struct feed *f = feed_two();

	switch_to(f, 20, 1, 6, 0, 7);
	feed(f, 30, 0, "sched_migrate_task", "comm=p6 tid=6 prio=20 orig_cpu=1 dest_cpu=9");
	feed(f, 30, 0, "sched_migrate_task", "comm=p6 tid=6 prio=20 orig_cpu=1 dest_cpu=-1");
	feed_lost(f, 40, 50, 0, 3);
	feed_cut(f, 60);
	feed_expect(f, "thread_state 1 10 20 6 running\nrun_queue 1 0 20 0\n"
		       "thread_state 0 10 40 5 running\n"
		       "thread_state 1 20 40 6 preempted\nrun_queue 1 20 40 1\n"
		       "run_queue 0 0 40 0\n"
		       "run_queue 0 40 50 nil\nrun_queue 1 40 50 nil\n"
		       "run_queue 0 50 60 0\nrun_queue 1 50 60 0\n");
	feed_free(f);
}

/* A lock of the kernel is waited for until the thread gets it, or gives up; in an interrupt, too. */
static void test_contention(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "contention", "begin duration tid lock kind error");
	switch_to(f, 10, 0, 0, 0, 5);
	feed(f, 20, 0, "contention_begin", "lock_addr=100 flags=33");
	feed(f, 22, 0, "contention_begin", "lock_addr=200 flags=1");
	feed(f, 25, 0, "contention_end", "lock_addr=200 ret=0");
	/* What was spun for is slept for. */
	feed(f, 30, 0, "contention_begin", "lock_addr=100 flags=32");
	switch_to(f, 40, 0, 5, 2, 0);
	feed(f, 50, 0, "contention_begin", "lock_addr=300 flags=3");
	feed(f, 55, 0, "contention_end", "lock_addr=300 ret=0");
	switch_to(f, 60, 1, 0, 0, 5);
	feed(f, 70, 1, "contention_end", "lock_addr=100 ret=-4");
	feed(f, 80, 1, "contention_end", "lock_addr=100 ret=0");
	feed_expect(f, "contention 22 3 5 200 spinlock 0\n"
		       "contention 50 5 0 300 rwlock read 0\n"
		       "contention 20 50 5 100 mutex 4\n");
	/* More than can be; and one whose end may have been lost. */
	for (int i = 0; i < 6; i++) {
		char *fields = g_strdup_printf("lock_addr=%d flags=0", 400 + i);

		feed(f, 90 + i, 1, "contention_begin", fields);
		g_free(fields);
	}
	feed(f, 100, 1, "contention_end", "lock_addr=405 ret=0");
	feed(f, 101, 1, "contention_end", "lock_addr=400 ret=0");
	feed_expect(f, "contention 95 5 5 405 semaphore 0\n");
	feed(f, 110, 1, "contention_begin", "lock_addr=500 flags=16");
	feed_lost(f, 120, 130, 0, 3);
	feed(f, 140, 1, "contention_end", "lock_addr=500 ret=0");
	feed_expect(f, "");
	feed_free(f);
}

/* What goes on when a window ends is told apart from what has ended. */
static void test_open(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "wakeup_open", "begin time duration tid");
	feed_watch(f, "syscall_open", "begin duration tid name fd");
	feed_watch(f, "io_open", "duration tid io_class");
	feed_stream(f, 0, 0, "stream_begin");
	switch_to(f, 10, 0, 0, 0, 5);
	feed(f, 20, 0, "syscall_entry_read", "fd=3 count=1");
	switch_to(f, 30, 0, 5, 1, 0);
	feed_cut(f, 40);
	feed_expect(f, "syscall_open 20 20 5 read 3\n"
		       "io_open 20 5 read\n");
	wake(f, 50, 0, "sched_waking", 5);
	feed_cut(f, 60);
	feed_expect(f, "syscall_open 20 40 5 read 3\n"
		       "io_open 40 5 read\n"
		       "wakeup_open 50 60 10 5\n");
	/* After a gap it may have gone on. */
	feed_lost(f, 70, 80, 0, 3);
	feed_cut(f, 90);
	feed_expect(f, "");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sched/slices", test_slices);
	g_test_add_func("/sched/busy-at-begin", test_busy_at_begin);
	g_test_add_func("/sched/unknown-cpu", test_unknown_cpu);
	g_test_add_func("/sched/states-of-two", test_states_of_two);
	g_test_add_func("/sched/slices-and-gaps", test_slices_and_gaps);
	g_test_add_func("/sched/wakeup-latency", test_wakeup_latency);
	g_test_add_func("/sched/wakeup-and-gaps", test_wakeup_and_gaps);
	g_test_add_func("/sched/preempted-and-sleeping", test_preempted_and_sleeping);
	g_test_add_func("/sched/waits-of-slices", test_waits_of_slices);
	g_test_add_func("/sched/preempt-open", test_preempt_open);
	g_test_add_func("/sched/prev-state", test_prev_state);
	g_test_add_func("/sched/migration", test_migration);
	g_test_add_func("/sched/prio", test_prio);
	g_test_add_func("/sched/nonsense", test_nonsense);
	g_test_add_func("/sched/streams", test_streams);
	g_test_add_func("/sched/lost-calls", test_lost_calls);
	g_test_add_func("/sched/late-stream", test_late_stream);
	g_test_add_func("/sched/dead", test_dead);
	g_test_add_func("/sched/seen-elsewhere", test_seen_elsewhere);
	g_test_add_func("/sched/before-recording", test_before_recording);
	g_test_add_func("/sched/hole", test_hole);
	g_test_add_func("/sched/open-in-hole", test_open_in_hole);
	g_test_add_func("/sched/quiet", test_quiet);
	g_test_add_func("/sched/off-line", test_off_line);
	g_test_add_func("/sched/call-while-off-line", test_call_while_off_line);
	g_test_add_func("/sched/wakeup", test_wakeup);
	g_test_add_func("/sched/contradictions", test_contradictions);
	g_test_add_func("/sched/states", test_states);
	g_test_add_func("/sched/queues", test_queues);
	g_test_add_func("/sched/queues-unknown", test_queues_unknown);
	g_test_add_func("/sched/contention", test_contention);
	g_test_add_func("/sched/open", test_open);
	g_test_add_func("/sched/doubt", test_doubt);
	g_test_add_func("/sched/take-over", test_take_over);
	g_test_add_func("/sched/woken-while-running", test_woken_while_running);
	return g_test_run();
}
