/*
 * Disk requests, from issue to completion.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include <glib.h>

#define VDA "266338304" /* 254 << 20 | 0 */

static struct feed *start(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "lttng_statedump_block_device", "dev=" VDA " diskname=vda");
	feed_watch(f, "disk_request_end", "begin duration disk sector size op error");
	return f;
}

static void test_request(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=16 rwbs=1 tid=5 comm=x");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=16 error=0");
	feed_expect(f, "disk_request_end 100 50 vda 8 8192 write 0\n");
	/* Told again, it is nothing. */
	feed(f, 160, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=16 error=0");
	feed_expect(f, "");
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

/* Flags in the letters of blktrace. */
static void test_flags(void)
{
	static const struct {
		int rwbs;
		const char *text;
	} rows[] = {{0, "R"}, {4, "R"}, {4 | 8, "RA"}, {4 | 64, "RM"}, {1, "W"}, {1 | 32, "WS"},
		{1 | 32 | 64, "WSM"}, {1 | 512, "WF"}, {1 | 32 | 512 | 1024, "FWFS"},
		{1 | 256, "FW"}, {2, "D"}, {2 | 128, "DE"}, {256, "F"}, {32, "NS"}};
	struct feed *f = feed_new();

	feed_watch(f, "disk_request_issue", "flags");
	feed_watch(f, "disk_request_end", "flags");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *issue = g_strdup_printf(
			"dev=" VDA " sector=8 nr_sector=1 rwbs=%d tid=5 comm=x", rows[i].rwbs);
		char *expected = g_strdup_printf(
			"disk_request_issue %s\ndisk_request_end %s\n", rows[i].text, rows[i].text);

		feed(f, 100, 0, "block_rq_issue", issue);
		feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=1 error=0");
		feed_expect(f, expected);
		g_free(issue);
		g_free(expected);
	}
	feed_free(f);
}

static void test_disk_without_name(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=8388624 sector=8 nr_sector=1 rwbs=4 tid=5 comm=x");
	feed(f, 150, 0, "block_rq_complete", "dev=8388624 sector=8 nr_sector=1 errors=0");
	feed_expect(f, "disk_request_end 100 50 (8,16) 8 512 read 0\n");
	feed_free(f);
}

static void test_partial_completion(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=16 rwbs=4 tid=5 comm=x");
	feed(f, 120, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=4 error=0");
	feed_expect(f, "");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=12 nr_sector=12 error=-5");
	feed_expect(f, "disk_request_end 100 50 vda 8 8192 read 5\n");
	feed_free(f);
}

/* A requeued request is issued again: it has waited since the first time. */
static void test_requeue(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 110, 0, "block_rq_requeue", "dev=" VDA " sector=8 nr_sector=8");
	feed(f, 120, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=8 error=0");
	feed_expect(f, "disk_request_end 100 50 vda 8 4096 read 0\n");
	feed_free(f);
}

/* Without a requeue it is another one: the completion of the first is lost. */
static void test_issue_twice(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 120, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=1 tid=5 comm=x");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=8 error=0");
	feed_expect(f, "disk_request_end 120 30 vda 8 4096 write 0\n");
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

/* LVM on a partition on a disk: the request counts for what it was asked of. */
static void test_remap(void)
{
	struct feed *f = start();

	feed(f, 1, 0, "lttng_statedump_block_device", "dev=265289728 diskname=dm-0");
	feed(f, 90, 0, "block_bio_remap",
		"dev=266338305 sector=100 nr_sector=8 old_dev=265289728 old_sector=0");
	feed(f, 91, 0, "block_bio_remap",
		"dev=" VDA " sector=2148 nr_sector=8 old_dev=266338305 old_sector=100");
	feed(f, 100, 0, "block_rq_issue",
		"dev=" VDA " sector=2148 nr_sector=8 rwbs=1 tid=5 comm=x");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=2148 nr_sector=8 error=0");
	feed_expect(f, "disk_request_end 100 50 dm-0 2148 4096 write 0\n");
	feed_free(f);
}

/* A bio may become several requests, in any order; each is somewhere in it. */
static void test_remap_split(void)
{
	struct feed *f = start();
	static const int at[] = {305152, 310272, 307712, 312832};

	feed_watch(f, "disk_request_issue", "dev disk sector size");
	feed(f, 1, 0, "lttng_statedump_block_device", "dev=266338305 diskname=vda1");
	feed(f, 90, 0, "block_bio_remap",
		"dev=" VDA " sector=305152 nr_sector=8192 old_dev=266338305 old_sector=303104");
	for (int i = 0; i < 4; i++) {
		char *fields =
			g_strdup_printf("dev=" VDA " sector=%d nr_sector=%d rwbs=1 tid=5 comm=x",
				at[i], at[i] == 312832 ? 512 : 2560);

		feed(f, 100 + i, 0, "block_rq_issue", fields);
		g_free(fields);
	}
	/* What comes later was not asked of the partition. */
	feed(f, 110, 0, "block_rq_issue",
		"dev=" VDA " sector=305160 nr_sector=8 rwbs=1 tid=5 comm=x");
	feed_expect(f, "disk_request_issue 266338305 vda1 305152 1310720\n"
		       "disk_request_issue 266338305 vda1 310272 1310720\n"
		       "disk_request_issue 266338305 vda1 307712 1310720\n"
		       "disk_request_issue 266338305 vda1 312832 262144\n"
		       "disk_request_issue 266338304 vda 305160 4096\n");
	feed_free(f);
}

/* Bios may join in one request, in front of it or behind it; later ones replace earlier ones. */
static void test_remap_merged(void)
{
	struct feed *f = start();

	feed_watch(f, "disk_request_issue", "dev sector");
	feed(f, 90, 0, "block_bio_remap",
		"dev=" VDA " sector=50 nr_sector=8 old_dev=1 old_sector=2");
	feed(f, 91, 0, "block_bio_remap",
		"dev=" VDA " sector=58 nr_sector=8 old_dev=1 old_sector=9");
	feed(f, 92, 0, "block_bio_remap",
		"dev=" VDA " sector=42 nr_sector=8 old_dev=1 old_sector=1");
	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=42 nr_sector=20 rwbs=1 tid=5 comm=x");
	feed(f, 101, 0, "block_rq_issue", "dev=" VDA " sector=50 nr_sector=8 rwbs=1 tid=5 comm=x");
	feed(f, 102, 0, "block_rq_issue", "dev=" VDA " sector=62 nr_sector=8 rwbs=1 tid=5 comm=x");
	feed_expect(f, "disk_request_issue 1 42\ndisk_request_issue 266338304 50\n"
		       "disk_request_issue 1 62\n");
	feed(f, 110, 0, "block_bio_remap",
		"dev=" VDA " sector=100 nr_sector=100 old_dev=1 old_sector=1");
	feed(f, 111, 0, "block_bio_remap",
		"dev=" VDA " sector=140 nr_sector=10 old_dev=2 old_sector=1");
	feed(f, 112, 0, "block_rq_issue", "dev=" VDA " sector=145 nr_sector=1 rwbs=1 tid=5 comm=x");
	feed(f, 113, 0, "block_rq_issue", "dev=" VDA " sector=150 nr_sector=1 rwbs=1 tid=5 comm=x");
	feed(f, 114, 0, "block_rq_issue", "dev=" VDA " sector=139 nr_sector=1 rwbs=1 tid=5 comm=x");
	feed(f, 115, 0, "block_rq_issue", "dev=" VDA " sector=200 nr_sector=1 rwbs=1 tid=5 comm=x");
	feed_expect(f, "disk_request_issue 2 145\ndisk_request_issue 1 150\n"
		       "disk_request_issue 1 139\ndisk_request_issue 266338304 200\n");
	/* What can't be is nothing. */
	feed(f, 120, 0, "block_bio_remap",
		"dev=1 sector=-8 nr_sector=8 old_dev=2 old_sector=9223372036854775807");
	feed(f, 121, 0, "block_bio_remap",
		"dev=1 sector=8 nr_sector=8 old_dev=2 old_sector=9223372036854775807");
	feed(f, 122, 0, "block_bio_remap", "dev=1 sector=8 nr_sector=0 old_dev=2 old_sector=8");
	feed(f, 123, 0, "block_rq_issue", "dev=1 sector=8 nr_sector=8 rwbs=1 tid=5 comm=x");
	feed_expect(f, "disk_request_issue 1 8\n");
	feed_free(f);
}

/* Cache flushes have no data, and no sector by which to find them again. */
static void test_without_sectors(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=0 nr_sector=0 rwbs=257 tid=5 comm=x");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=0 nr_sector=0 error=0");
	feed_expect(f, "");
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

static void test_abort(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 110, 0, "block_rq_abort", "dev=" VDA " sector=8 nr_sector=8");
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

/* Remaps whose request never comes do not pile up. */
static void test_memory(void)
{
	struct feed *f = start();
	struct state_counts before = state_count(feed_state(f));

	for (int i = 0; i < 100000; i++) {
		char *fields = g_strdup_printf(
			"dev=" VDA " sector=%d nr_sector=8 old_dev=266338305 old_sector=%d", i * 8,
			i);
		char *request = g_strdup_printf(
			"dev=" VDA " sector=%d nr_sector=8 rwbs=1 tid=5 comm=job%d error=0", i, i);

		feed(f, i, 0, "block_bio_remap", fields);
		feed(f, i, 0, "block_rq_issue", request);
		feed(f, i, 0, "block_rq_complete", request);
		g_free(fields);
		g_free(request);
	}
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, before.requests);
	/* The CPU still knows what it has done last. */
	feed(f, 100000, 0, "sched_switch",
		"prev_tid=5 prev_comm=dd prev_state=1 next_tid=0 next_comm=swapper/0");
	g_assert_cmpint(state_count(feed_state(f)).strings, <=, before.strings + 1);
	feed_free(f);
}

/* A request that was given back may come again larger, or as a part of another. */
static void test_requeue_and_merge(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 110, 0, "block_rq_requeue", "dev=" VDA " sector=8");
	feed(f, 120, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=16 rwbs=4 tid=5 comm=x");
	feed(f, 130, 0, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=8 error=0");
	feed_expect(f, "");
	feed(f, 150, 0, "block_rq_complete", "dev=" VDA " sector=16 nr_sector=8 error=0");
	feed_expect(f, "disk_request_end 100 50 vda 8 8192 read 0\n");

	feed(f, 200, 0, "block_rq_issue", "dev=" VDA " sector=80 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 210, 0, "block_rq_requeue", "dev=" VDA " sector=80");
	feed(f, 220, 0, "block_rq_issue", "dev=" VDA " sector=72 nr_sector=16 rwbs=4 tid=5 comm=x");
	feed(f, 230, 0, "block_rq_complete", "dev=" VDA " sector=72 nr_sector=16 error=0");
	feed(f, 900, 0, "block_rq_issue", "dev=" VDA " sector=80 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 910, 0, "block_rq_complete", "dev=" VDA " sector=80 nr_sector=8 error=0");
	feed_expect(f, "disk_request_end 220 10 vda 72 8192 read 0\n"
		       "disk_request_end 900 10 vda 80 4096 read 0\n");
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

static void test_absurd_requests(void)
{
	struct feed *f = start();

	feed(f, 100, 0, "block_rq_issue",
		"dev=1 sector=9223372036854775807 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 100, 0, "block_rq_issue", "dev=1 sector=-1 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 100, 0, "block_rq_issue",
		"dev=1 sector=8 nr_sector=9223372036854775807 rwbs=4 tid=5 comm=x");
	g_assert_cmpint(state_count(feed_state(f)).requests, ==, 0);
	feed_free(f);
}

/* A ring's worker is a thread that the kernel made silently: its name tells for whom. */
static void test_issuer(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "lttng_statedump_process_state",
		"tid=10 pid=10 ppid=1 file_table_address=1 name=fio");
	feed(f, 2, 0, "lttng_statedump_process_state",
		"tid=11 pid=10 ppid=1 file_table_address=1 name=job");
	feed_watch(f, "disk_request_end", "tid pid procname process");
	feed(f, 10, 0, "sched_switch", "prev_tid=0 next_tid=11 next_comm=job");
	feed(f, 11, 0, "block_rq_issue", "dev=1 sector=8 nr_sector=8 rwbs=1 tid=11 comm=job");
	feed(f, 20, 0, "sched_switch", "prev_tid=11 next_tid=12 next_comm=iou-wrk-11");
	feed(f, 21, 0, "block_rq_issue",
		"dev=1 sector=16 nr_sector=8 rwbs=1 tid=12 comm=iou-wrk-11");
	/* A context tells it outright. */
	feed(f, 30, 0, "sched_switch", "prev_tid=12 next_tid=13 next_comm=iou-sqp-99");
	feed(f, 31, 0, "block_rq_issue",
		"dev=1 sector=24 nr_sector=8 rwbs=1 tid=13 comm=iou-sqp-99 ctx.pid=10");
	feed(f, 40, 0, "sched_switch", "prev_tid=13 next_tid=14 next_comm=kworker/0:1");
	feed(f, 41, 0, "block_rq_issue",
		"dev=1 sector=32 nr_sector=8 rwbs=1 tid=14 comm=kworker/0:1");
	/* Who issued it counts, even if it is gone by then. */
	feed(f, 45, 0, "sched_process_exit", "tid=11 comm=job");
	feed(f, 46, 0, "sched_process_free", "tid=11 comm=job");
	for (int sector = 8; sector <= 32; sector += 8) {
		char *fields = g_strdup_printf("dev=1 sector=%d nr_sector=8 error=0", sector);

		feed(f, 50, 0, "block_rq_complete", fields);
		g_free(fields);
	}
	feed_expect(f, "disk_request_end 11 10 job fio\ndisk_request_end 12 10 iou-wrk-11 fio\n"
		       "disk_request_end 13 10 iou-sqp-99 fio\n"
		       "disk_request_end 14 nil kworker/0:1 kworker/0:1\n");
	feed_free(f);
}

/* How many requests of a disk are in flight is told with each; and at a window's end, which ones. */
static void test_in_flight(void)
{
	struct feed *f = start();

	feed_watch(f, "disk_request_issue", "disk in_flight");
	feed_watch(f, "disk_request_end", "disk in_flight");
	feed_watch(f, "disk_request_open", "time begin duration disk size op tid");
	feed(f, 100, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed(f, 110, 0, "block_rq_issue", "dev=" VDA " sector=16 nr_sector=8 rwbs=1 tid=6 comm=y");
	feed(f, 120, 0, "block_rq_issue", "dev=8388624 sector=8 nr_sector=1 rwbs=4 tid=5 comm=x");
	feed_expect(f, "disk_request_issue vda 1\n"
		       "disk_request_issue vda 2\n"
		       "disk_request_issue (8,16) 1\n");
	feed_cut(f, 125);
	feed_expect(f, "disk_request_open 125 100 25 vda 4096 read 5\n"
		       "disk_request_open 125 110 15 vda 4096 write 6\n"
		       "disk_request_open 125 120 5 (8,16) 512 read 5\n");
	feed(f, 130, 0, "block_rq_complete", "dev=" VDA " sector=16 nr_sector=8 error=0");
	feed(f, 140, 0, "block_rq_abort", "dev=" VDA " sector=8 nr_sector=8");
	feed(f, 150, 0, "block_rq_issue", "dev=" VDA " sector=8 nr_sector=8 rwbs=4 tid=5 comm=x");
	feed_expect(f, "disk_request_end vda 1\n"
		       "disk_request_issue vda 1\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/block/request", test_request);
	g_test_add_func("/block/flags", test_flags);
	g_test_add_func("/block/disk-without-name", test_disk_without_name);
	g_test_add_func("/block/partial-completion", test_partial_completion);
	g_test_add_func("/block/requeue", test_requeue);
	g_test_add_func("/block/issue-twice", test_issue_twice);
	g_test_add_func("/block/remap", test_remap);
	g_test_add_func("/block/remap-split", test_remap_split);
	g_test_add_func("/block/remap-merged", test_remap_merged);
	g_test_add_func("/block/without-sectors", test_without_sectors);
	g_test_add_func("/block/abort", test_abort);
	g_test_add_func("/block/memory", test_memory);
	g_test_add_func("/block/requeue-and-merge", test_requeue_and_merge);
	g_test_add_func("/block/absurd-requests", test_absurd_requests);
	g_test_add_func("/block/issuer", test_issuer);
	g_test_add_func("/block/in-flight", test_in_flight);
	return g_test_run();
}
