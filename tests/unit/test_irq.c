/*
 * Interrupts: handlers, nested and not, softirqs from raise to exit, x86 vectors.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"

#include <glib.h>

static void test_hard(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "irq_end", "begin time duration cpu irq name ret tid");
	feed(f, 90, 0, "sched_switch", "prev_tid=0 next_tid=5 next_comm=x");
	feed(f, 100, 0, "irq_handler_entry", "irq=1 name=i8042");
	feed(f, 110, 0, "irq_handler_exit", "irq=1 ret=1");
	feed_expect(f, "irq_end 100 110 10 0 1 i8042 1 5\n");
	/* One that interrupts another one, and one of the same time on another CPU. */
	feed(f, 200, 0, "irq_handler_entry", "irq=1 name=i8042");
	feed(f, 205, 1, "irq_handler_entry", "irq=9 name=acpi");
	feed(f, 210, 0, "irq_handler_entry", "irq=9 name=acpi");
	feed(f, 215, 1, "irq_handler_exit", "irq=9 ret=0");
	feed(f, 220, 0, "irq_handler_exit", "irq=9 ret=1");
	feed(f, 230, 0, "irq_handler_exit", "irq=1 ret=1");
	feed_expect(f, "irq_end 205 215 10 1 9 acpi 0 nil\n"
		       "irq_end 210 220 10 0 9 acpi 1 5\n"
		       "irq_end 200 230 30 0 1 i8042 1 5\n");
	feed_free(f);
}

static void test_hard_nonsense(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "irq_end", "begin duration irq");
	feed(f, 100, 0, "irq_handler_exit", "irq=1 ret=1");
	feed(f, 110, 0, "irq_handler_entry", "irq=1 name=a"); /* its exit is lost */
	feed(f, 120, 0, "irq_handler_entry", "irq=2 name=b");
	feed(f, 130, 0, "irq_handler_exit", "irq=3 ret=1");
	feed(f, 140, 0, "irq_handler_exit", "irq=2 ret=1");
	feed_expect(f, "irq_end 120 20 2\n");
	feed_lost(f, 150, 160, 0, 3);
	feed(f, 170, 0, "irq_handler_exit", "irq=1 ret=1");
	feed_expect(f, "");
	/* Entries without end. */
	for (int i = 0; i < 1000; i++)
		feed(f, 200 + i, 0, "irq_handler_entry", "irq=7 name=c");
	feed(f, 2000, 0, "irq_handler_exit", "irq=7 ret=1");
	feed_expect(f, "irq_end 1199 801 7\n");
	feed(f, 2000, -1, "irq_handler_entry", "irq=7 name=c");
	feed(f, 2000, 70000, "irq_handler_exit", "irq=7 ret=1");
	feed_expect(f, "");
	feed_free(f);
}

static void test_soft(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "softirq_end", "raise begin time duration raise_latency cpu vec name");
	feed(f, 100, 0, "irq_softirq_raise", "vec=1");
	feed(f, 105, 0, "irq_softirq_raise", "vec=1"); /* it is raised already */
	feed(f, 106, 1, "irq_softirq_raise", "vec=1");
	feed(f, 110, 0, "irq_softirq_entry", "vec=1");
	feed(f, 112, 0, "irq_softirq_raise", "vec=1"); /* for the next one */
	feed(f, 115, 0, "irq_softirq_raise", "vec=1");
	feed(f, 120, 0, "irq_softirq_exit", "vec=1");
	feed(f, 130, 0, "irq_softirq_entry", "vec=1");
	feed(f, 140, 0, "irq_softirq_exit", "vec=1");
	feed(f, 150, 0, "irq_softirq_entry", "vec=1");
	feed(f, 160, 0, "irq_softirq_exit", "vec=1");
	feed(f, 170, 1, "softirq_entry", "vec=1"); /* the name before 2.7 */
	feed(f, 175, 1, "softirq_exit", "vec=1");
	feed_expect(f, "softirq_end 100 110 120 10 10 0 1 TIMER_SOFTIRQ\n"
		       "softirq_end 112 130 140 10 18 0 1 TIMER_SOFTIRQ\n"
		       "softirq_end nil 150 160 10 nil 0 1 TIMER_SOFTIRQ\n"
		       "softirq_end 106 170 175 5 64 1 1 TIMER_SOFTIRQ\n");
	feed_free(f);
}

static void test_soft_nonsense(void)
{
	struct feed *f = feed_new();
	char fields[32];

	feed_watch(f, "softirq_end", "raise begin time vec name");
	/* The trace begins inside a handler, which raises itself again. */
	feed(f, 100, 0, "irq_softirq_raise", "vec=9");
	feed(f, 110, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "");
	feed(f, 120, 0, "irq_softirq_entry", "vec=9");
	feed(f, 130, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "softirq_end 100 120 130 9 RCU_SOFTIRQ\n");
	/* Numbers that no kernel has, and an exit that is lost. */
	feed(f, 140, 0, "irq_softirq_entry", "vec=12");
	feed(f, 145, 0, "irq_softirq_raise", "vec=12");
	feed(f, 150, 0, "irq_softirq_entry", "vec=12");
	feed(f, 160, 0, "irq_softirq_exit", "vec=12");
	feed_expect(f, "softirq_end 145 150 160 12 nil\n");
	for (int i = 0; i < 10000; i++) {
		g_snprintf(fields, sizeof(fields), "vec=%u", (unsigned int)i * 1000003u);
		feed(f, 1000 + i, 0, "irq_softirq_raise", fields);
	}
	feed(f, 20000, 0, "irq_softirq_entry", fields);
	feed(f, 20001, 0, "irq_softirq_exit", fields);
	feed_expect(f, "softirq_end 10999 20000 20001 1409095405 nil\n");
	feed_lost(f, 20002, 20003, 0, 1);
	feed(f, 20004, 0, "irq_softirq_exit", "vec=12");
	feed_expect(f, "");
	feed_free(f);
}

static void test_vectors(void)
{
	struct feed *f = feed_new();
	struct event_want want;

	feed_watch(f, "irq_vector_end", "begin duration vector name");
	feed_watch(f, "irq_end", "begin duration irq");
	feed(f, 100, 0, "x86_irq_vectors_local_timer_entry", "vector=236");
	/* A device's interrupt with the number of the vector is something else. */
	feed(f, 110, 0, "irq_handler_entry", "irq=236 name=x");
	feed(f, 120, 0, "irq_handler_exit", "irq=236 ret=1");
	feed(f, 130, 0, "x86_irq_vectors_local_timer_exit", "vector=236");
	feed(f, 140, 0, "x86_irq_vectors_call_function_single_entry", "vector=251");
	feed(f, 150, 0, "x86_irq_vectors_call_function_single_exit", "vector=251");
	feed_expect(f, "irq_end 110 10 236\n"
		       "irq_vector_end 100 30 236 local_timer\n"
		       "irq_vector_end 140 10 251 call_function_single\n");
	g_assert_false(state_want(feed_state(f), "x86_irq_vectors_other", &want));
	feed_free(f);
}

static void test_pages(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "page_alloc", "time tid procname order pages");
	feed_watch(f, "page_free", "time tid order pages");
	feed(f, 90, 0, "sched_switch", "prev_tid=0 next_tid=5 next_comm=x");
	feed(f, 100, 0, "kmem_mm_page_alloc", "page=4096 pfn=1 order=0 gfp_flags=0");
	feed(f, 110, 0, "kmem_mm_page_alloc", "page=4096 pfn=1 order=3 gfp_flags=0");
	feed(f, 120, 0, "kmem_mm_page_free", "page=4096 pfn=1 order=3");
	/* There was none to be had. */
	feed(f, 130, 0, "kmem_mm_page_alloc", "page=0 pfn=-1 order=9 gfp_flags=0");
	/* An interrupt of an idle CPU; and one of which nothing is known. */
	feed(f, 140, 0, "sched_switch", "prev_tid=5 next_tid=0 next_comm=swapper/0");
	feed(f, 150, 0, "mm_page_alloc", "page=4096 order=0 gfp_flags=0");
	feed(f, 160, 1, "mm_page_free", "page=4096 order=1");
	/* Nonsense. */
	feed(f, 170, 1, "mm_page_free", "page=4096 order=-1");
	feed(f, 170, 1, "mm_page_free", "page=4096 order=77");
	feed_expect(f, "page_alloc 100 5 x 0 1\n"
		       "page_alloc 110 5 x 3 8\n"
		       "page_free 120 5 3 8\n"
		       "page_alloc 150 0 swapper/0 0 1\n"
		       "page_free 160 nil 1 2\n");
	/* Contexts know better. */
	feed(f, 180, 0, "mm_page_alloc", "page=4096 order=0 ctx.tid=9 ctx.pid=9");
	feed(f, 190, 0, "mm_page_alloc", "page=4096 order=0 ctx.tid=0 ctx.pid=0");
	feed(f, 200, 0, "mm_page_alloc", "page=4096 order=0 ctx.pid=0");
	feed_expect(f, "page_alloc 180 9 nil 0 1\n"
		       "page_alloc 190 0 swapper/0 0 1\n"
		       "page_alloc 200 0 swapper/0 0 1\n");
	feed_free(f);
}

/*
 * The kernel takes all that are raised at once: what is raised again while it runs the handlers of
 * others is for the next round.
 */
static void test_soft_again(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "softirq_end", "vec raise begin raise_latency");
	feed(f, 10, 0, "irq_softirq_raise", "vec=1");
	feed(f, 12, 0, "irq_softirq_raise", "vec=9");
	feed(f, 14, 0, "irq_softirq_raise", "vec=9"); /* means nothing */
	feed(f, 20, 0, "irq_softirq_entry", "vec=1");
	feed(f, 25, 0, "irq_softirq_raise", "vec=9");
	feed(f, 27, 0, "irq_softirq_raise", "vec=9");
	feed(f, 30, 0, "irq_softirq_exit", "vec=1");
	feed(f, 31, 0, "irq_softirq_entry", "vec=9");
	feed(f, 40, 0, "irq_softirq_exit", "vec=9");
	feed(f, 50, 0, "irq_softirq_entry", "vec=9");
	feed(f, 60, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "softirq_end 1 10 20 10\n"
		       "softirq_end 9 12 31 19\n"
		       "softirq_end 9 25 50 25\n");
	/* If it is raised anew before it runs, that is what counts. */
	feed(f, 100, 0, "irq_softirq_raise", "vec=9");
	feed(f, 110, 0, "irq_softirq_raise", "vec=9");
	feed(f, 120, 0, "irq_softirq_entry", "vec=9");
	feed(f, 130, 0, "irq_softirq_exit", "vec=9");
	feed(f, 140, 0, "irq_softirq_raise", "vec=9");
	feed(f, 150, 0, "irq_softirq_entry", "vec=9");
	feed(f, 160, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "softirq_end 9 100 120 20\n"
		       "softirq_end 9 140 150 10\n");
	/* But not if it was raised while it was to run: then it was raised already. */
	feed(f, 200, 0, "irq_softirq_raise", "vec=1");
	feed(f, 202, 0, "irq_softirq_raise", "vec=9");
	feed(f, 210, 0, "irq_softirq_entry", "vec=1");
	feed(f, 215, 0, "irq_softirq_raise", "vec=9");
	feed(f, 220, 0, "irq_softirq_exit", "vec=1");
	feed(f, 221, 0, "irq_softirq_entry", "vec=9");
	feed(f, 225, 0, "irq_softirq_raise", "vec=9");
	feed(f, 230, 0, "irq_softirq_exit", "vec=9");
	feed(f, 240, 0, "irq_softirq_raise", "vec=9");
	feed(f, 250, 0, "irq_softirq_entry", "vec=9");
	feed(f, 260, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "softirq_end 1 200 210 10\n"
		       "softirq_end 9 202 221 19\n"
		       "softirq_end 9 215 250 35\n");
	/* Raised twice in a round in which it does not run: both are for the next one. */
	feed(f, 300, 0, "irq_softirq_raise", "vec=1");
	feed(f, 310, 0, "irq_softirq_entry", "vec=1");
	feed(f, 311, 0, "irq_softirq_raise", "vec=1");
	feed(f, 312, 0, "irq_softirq_raise", "vec=9");
	feed(f, 314, 0, "irq_softirq_raise", "vec=9");
	feed(f, 320, 0, "irq_softirq_exit", "vec=1");
	feed(f, 321, 0, "irq_softirq_entry", "vec=1");
	feed(f, 322, 0, "irq_softirq_exit", "vec=1");
	feed(f, 323, 0, "irq_softirq_entry", "vec=9");
	feed(f, 325, 0, "irq_softirq_raise", "vec=9");
	feed(f, 330, 0, "irq_softirq_exit", "vec=9");
	feed(f, 340, 0, "irq_softirq_entry", "vec=9");
	feed(f, 350, 0, "irq_softirq_exit", "vec=9");
	feed_expect(f, "softirq_end 1 300 310 10\n"
		       "softirq_end 1 311 321 10\n"
		       "softirq_end 9 312 323 11\n"
		       "softirq_end 9 325 340 15\n");
	feed_free(f);
}

/* Names of events that only look like those of vectors. */
static void test_vector_names(void)
{
	static const char *const names[] = {"x86_irq_vectors_entry", "x86_irq_vectors_exit",
		"x86_irq_vectors__entry", "x86_irq_vectors_"};
	struct feed *f = feed_new();
	struct event_want want;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_false(state_want(feed_state(f), names[i], &want));
	g_assert_true(state_want(feed_state(f), "x86_irq_vectors_x_entry", &want));
	feed_free(f);
}

/* A handler that has not returned is open: as long as its CPU tells anything. */
static void test_open_until_the_end(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "irq_open", "time begin duration irq name");
	feed_watch(f, "softirq_open", "duration vec");
	feed_stream(f, 0, 0, "stream_begin");
	feed(f, 10, 0, "irq_handler_entry", "irq=28 name=disk");
	feed_cut(f, 15);
	feed_expect(f, "irq_open 15 10 5 28 disk\n");
	feed_stream(f, 20, 0, "stream_end");
	feed_cut(f, 100);
	feed_expect(f, "irq_open 20 10 10 28 disk\n");
	/* What another stream tells of that CPU later can't have been open then. */
	feed(f, 110, 0, "softirq_entry", "vec=3");
	feed(f, 120, 0, "irq_handler_entry", "irq=29 name=net");
	feed_cut(f, 130);
	feed_expect(f, "irq_open 20 10 10 28 disk\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/irq/hard", test_hard);
	g_test_add_func("/irq/hard-nonsense", test_hard_nonsense);
	g_test_add_func("/irq/soft", test_soft);
	g_test_add_func("/irq/soft-nonsense", test_soft_nonsense);
	g_test_add_func("/irq/vectors", test_vectors);
	g_test_add_func("/mem/pages", test_pages);
	g_test_add_func("/irq/soft-again", test_soft_again);
	g_test_add_func("/irq/vector-names", test_vector_names);
	g_test_add_func("/irq/open-until-the-end", test_open_until_the_end);
	return g_test_run();
}
