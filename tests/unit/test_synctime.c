/*
 * Where the time of calls went that write or sync files, and who writes and frees in the background.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"

#include <glib.h>

#define VDA "266338304" /* 254 << 20 | 0 */
#define VDB "266338320" /* 254 << 20 | 16 */

#define PARTS "on_cpu runnable data journal flush others throttled rest duration"

static void switch_to(struct feed *f, int64_t time, int32_t cpu, int prev, int prev_state, int next,
	const char *comm)
{
	char *fields = g_strdup_printf("prev_tid=%d prev_comm=x prev_prio=20 prev_state=%d "
				       "next_tid=%d next_comm=%s next_prio=20",
		prev, prev_state, next, comm);

	feed(f, time, cpu, "sched_switch", fields);
	g_free(fields);
}

static void wake(struct feed *f, int64_t time, int32_t cpu, int tid)
{
	char *fields = g_strdup_printf("comm=app tid=%d prio=20 target_cpu=0", tid);

	feed(f, time, cpu, "sched_waking", fields);
	g_free(fields);
}

/* "app" (TID 5) is inside fsync(3) of /a on CPU 0 since time 100; CPU 1 is idle. */
static struct feed *start(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "lttng_statedump_block_device", "dev=" VDA " diskname=vda");
	switch_to(f, 2, 0, 0, 0, 5, "app");
	switch_to(f, 2, 1, 7, 1, 0, "swapper/1");
	feed_call(f, 10, 0, "openat", "dfd=-100 filename=/a flags=0", "ret=3");
	feed_watch(f, "sync_end", "name path " PARTS);
	feed(f, 100, 0, "syscall_entry_fsync", "fd=3");
	return f;
}

static void issue(struct feed *f, int64_t time, int32_t cpu, int sector, int nr_sector, int rwbs,
	int tid, const char *comm)
{
	char *fields = g_strdup_printf("dev=" VDA " sector=%d nr_sector=%d rwbs=%d tid=%d comm=%s",
		sector, nr_sector, rwbs, tid, comm);

	feed(f, time, cpu, "block_rq_issue", fields);
	g_free(fields);
}

static void complete(struct feed *f, int64_t time, int32_t cpu, int sector, int nr_sector, int rwbs)
{
	char *fields = g_strdup_printf(
		"dev=" VDA " sector=%d nr_sector=%d rwbs=%d error=0", sector, nr_sector, rwbs);

	feed(f, time, cpu, "block_rq_complete", fields);
	g_free(fields);
}

/* It writes its data, and waits for that; then it has to wait for a CPU. */
static void test_data(void)
{
	struct feed *f = start();

	feed_watch(f, "sync_end", "name path " PARTS " data_requests data_size");
	issue(f, 110, 0, 80, 16, 33, 5, "app");
	switch_to(f, 120, 0, 5, 2, 0, "swapper/0");
	complete(f, 150, 1, 80, 16, 33);
	wake(f, 160, 1, 5);
	switch_to(f, 165, 0, 0, 0, 6, "other");
	switch_to(f, 180, 0, 6, 0, 5, "app");
	switch_to(f, 190, 0, 5, 0, 6, "other"); /* preempted */
	switch_to(f, 195, 0, 6, 0, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 35 25 30 0 0 0 0 10 100 1 8192\n");
	feed_free(f);
}

/* A window that ends tells what has been so far, the sleep in progress with it, and changes nothing. */
static void test_open(void)
{
	struct feed *f = start();

	feed_watch(f, "sync_open", "name fd path " PARTS " data_requests");
	feed_cut(f, 105);
	feed_expect(f, "sync_open fsync 3 /a 5 0 0 0 0 0 0 0 5 0\n");
	issue(f, 110, 0, 80, 16, 33, 5, "app");
	switch_to(f, 120, 0, 5, 2, 0, "swapper/0");
	feed_cut(f, 140);
	feed_expect(f, "sync_open fsync 3 /a 20 0 20 0 0 0 0 0 40 1\n");
	complete(f, 150, 1, 80, 16, 33);
	feed_cut(f, 155);
	feed_expect(f, "sync_open fsync 3 /a 20 0 30 0 0 0 0 5 55 1\n");
	wake(f, 160, 1, 5);
	feed_cut(f, 170);
	feed_expect(f, "sync_open fsync 3 /a 20 10 30 0 0 0 0 10 70 1\n");
	switch_to(f, 180, 0, 0, 0, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_cut(f, 210);
	feed_expect(f, "sync_end fsync /a 40 20 30 0 0 0 0 10 100\n");
	feed_free(f);
}

/* A journal is waited for by sleeping until its thread wakes us; the disk's cache is apart. */
static void test_journal(void)
{
	struct feed *f = start();

	feed_watch(f, "sync_end",
		"name path " PARTS " journal_requests journal_size journal_thread flushes");
	wake(f, 105, 0, 151);
	switch_to(f, 110, 0, 5, 2, 151, "jbd2/vda-8");
	issue(f, 120, 0, 800, 48, 97, 151, "jbd2/vda-8");
	switch_to(f, 125, 0, 151, 2, 0, "swapper/0");
	complete(f, 140, 1, 800, 48, 97);
	feed(f, 150, 1, "block_rq_issue",
		"dev=" VDA " sector=0 nr_sector=0 rwbs=1280 tid=43 comm=kworker/1:1H");
	feed(f, 170, 1, "block_rq_complete", "dev=" VDA " sector=-1 nr_sector=0 rwbs=1280 error=0");
	issue(f, 172, 1, 848, 8, 97, 43, "kworker/1:1H");
	complete(f, 180, 1, 848, 8, 97);
	feed(f, 181, 1, "block_rq_complete", "dev=" VDA " sector=848 nr_sector=0 rwbs=97 error=0");
	switch_to(f, 185, 0, 0, 0, 151, "jbd2/vda-8");
	wake(f, 190, 0, 5);
	switch_to(f, 195, 0, 151, 1, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 15 5 0 60 20 0 0 0 100 2 28672 jbd2/vda-8 1\n");
	feed_free(f);
}

/* The journal's thread only runs where an interrupt wakes the caller: it has not done that. */
static void test_bystander(void)
{
	struct feed *f = start();

	feed_watch(f, "sync_end", "name path " PARTS);
	switch_to(f, 45, 1, 0, 0, 151, "jbd2/vda-8");
	issue(f, 50, 1, 8, 8, 4, 99, "reader");
	switch_to(f, 110, 0, 5, 2, 0, "swapper/0");
	feed(f, 150, 1, "irq_handler_entry", "irq=28 name=virtio4-req.0");
	complete(f, 160, 1, 8, 8, 4);
	wake(f, 162, 1, 5);
	feed(f, 165, 1, "irq_handler_exit", "irq=28 ret=1");
	switch_to(f, 170, 0, 0, 0, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 40 8 0 0 0 50 0 2 100\n");
	feed_free(f);
}

/* What others have asked of the disk before, and what nothing tells of. */
static void test_others(void)
{
	struct feed *f = start();

	issue(f, 50, 1, 8, 8, 4, 99, "reader");
	switch_to(f, 110, 0, 5, 2, 0, "swapper/0");
	complete(f, 150, 1, 8, 8, 4);
	wake(f, 170, 1, 5);
	switch_to(f, 170, 0, 0, 0, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 40 0 0 0 0 40 0 20 100\n");
	/* On another disk it is none of our business, once ours is known. */
	feed(f, 300, 0, "syscall_entry_fsync", "fd=3");
	issue(f, 300, 0, 80, 8, 33, 5, "app");
	complete(f, 300, 1, 80, 8, 33);
	feed(f, 300, 1, "block_rq_issue",
		"dev=8388608 sector=8 nr_sector=8 rwbs=1 tid=99 comm=writer");
	switch_to(f, 310, 0, 5, 2, 0, "swapper/0");
	switch_to(f, 360, 0, 0, 0, 5, "app"); /* nobody was seen to wake it */
	feed(f, 400, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 50 0 0 0 0 0 0 50 100\n");
	feed_free(f);
}

/* A sync of everything waits for kernel threads; what they write is its data. */
static void test_everything(void)
{
	struct feed *f = start();

	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 100 0 0 0 0 0 0 0 100\n");
	feed_watch(f, "sync_end", "name path " PARTS " data_requests written");
	feed(f, 210, 0, "syscall_entry_write", "fd=3 count=4096");
	feed(f, 211, 0, "block_dirty_buffer", "dev=" VDA " sector=-65536 size=4096");
	feed(f, 212, 0, "syscall_exit_write", "ret=4096");
	feed_expect(f, "sync_end write /a 2 0 0 0 0 0 0 0 2 0 0\n");
	feed(f, 300, 0, "syscall_entry_sync", "");
	switch_to(f, 310, 0, 5, 2, 0, "swapper/0");
	switch_to(f, 320, 1, 0, 0, 9, "kworker/u4:1");
	issue(f, 330, 1, 80, 8, 1, 9, "kworker/u4:1");
	complete(f, 360, 0, 80, 8, 1);
	wake(f, 380, 1, 5);
	switch_to(f, 380, 0, 0, 0, 5, "app");
	feed(f, 400, 0, "syscall_exit_sync", "ret=0");
	feed_expect(f, "sync_end sync nil 30 0 70 0 0 0 0 0 100 1 4096\n");
	feed_free(f);
}

/* A request of a flusher, on whichever disk; it is done at once. */
static void write_back(struct feed *f, int64_t time, const char *dev, int sector, int pages)
{
	char *fields = g_strdup_printf(
		"dev=%s sector=%d nr_sector=%d rwbs=1 tid=9 comm=kworker/u4:1 error=0", dev, sector,
		pages * 8);

	feed(f, time, 1, "block_rq_issue", fields);
	feed(f, time, 1, "block_rq_complete", fields);
	g_free(fields);
}

/* The app makes pages of descriptor `fd` dirty, whose file is on a disk. */
static void make_dirty(struct feed *f, int64_t time, int fd, const char *dev, int pages)
{
	char *entry = g_strdup_printf("fd=%d count=%d", fd, pages * 4096);
	char *buffer = g_strdup_printf("dev=%s sector=-65536 size=4096", dev);
	char *exit = g_strdup_printf("ret=%d", pages * 4096);

	feed(f, time, 0, "syscall_entry_write", entry);
	for (int i = 0; i < pages; i++)
		feed(f, time, 0, "block_dirty_buffer", buffer);
	feed(f, time, 0, "syscall_exit_write", exit);
	g_free(entry);
	g_free(buffer);
	g_free(exit);
}

/* Dirty pages on two disks: a sync of everything waits for both, in whatever order they are written. */
static void test_two_disks(void)
{
	struct feed *f = start();

	feed(f, 110, 0, "syscall_exit_fsync", "ret=0");
	feed_call(f, 120, 0, "openat", "dfd=-100 filename=/mnt/b flags=0", "ret=4");
	make_dirty(f, 140, 3, VDA, 8);
	make_dirty(f, 150, 4, VDB, 2);
	feed_expect(f, "sync_end fsync /a 10 0 0 0 0 0 0 0 10\n"
		       "sync_end write /a 0 0 0 0 0 0 0 0 0\n"
		       "sync_end write /mnt/b 0 0 0 0 0 0 0 0 0\n");
	feed_watch(f, "sync_end", "name data flush data_requests data_size flushes");
	feed_watch(f, "page_flush", "path size how call_tid call_name");
	feed(f, 200, 0, "syscall_entry_sync", "");
	switch_to(f, 200, 0, 5, 2, 0, "swapper/0");
	write_back(f, 210, VDB, 80, 1);
	write_back(f, 220, VDA, 80, 6);
	write_back(f, 230, VDB, 88, 1);
	write_back(f, 240, VDA, 128, 2);
	/* The cache of the one, then that of the other. */
	feed(f, 250, 1, "block_rq_issue",
		"dev=" VDA " sector=0 nr_sector=0 rwbs=1280 tid=43 comm=k");
	feed(f, 260, 1, "block_rq_complete", "dev=" VDA " sector=-1 nr_sector=0 rwbs=1280 error=0");
	feed(f, 270, 1, "block_rq_issue",
		"dev=" VDB " sector=0 nr_sector=0 rwbs=1280 tid=43 comm=k");
	feed(f, 290, 1, "block_rq_complete", "dev=" VDB " sector=-1 nr_sector=0 rwbs=1280 error=0");
	switch_to(f, 300, 0, 0, 0, 5, "app");
	feed(f, 300, 0, "syscall_exit_sync", "ret=0");
	feed_expect(f, "page_flush /mnt/b 4096 fifo 5 sync\n"
		       "page_flush /a 24576 fifo 5 sync\n"
		       "page_flush /mnt/b 4096 fifo 5 sync\n"
		       "page_flush /a 8192 fifo 5 sync\n"
		       "sync_end sync 0 30 4 40960 2\n");
	feed_free(f);
}

/* A sync of one file system has nothing to do with what goes on with another disk. */
static void test_syncfs(void)
{
	struct feed *f = start();

	feed(f, 110, 0, "syscall_exit_fsync", "ret=0");
	feed_call(f, 120, 0, "openat", "dfd=-100 filename=/mnt/b flags=0", "ret=4");
	make_dirty(f, 140, 3, VDA, 2);
	make_dirty(f, 150, 4, VDB, 4);
	/* One request of each disk is under way already. */
	feed(f, 160, 1, "block_rq_issue",
		"dev=" VDB " sector=8 nr_sector=8 rwbs=1 tid=9 comm=kworker/u4:1");
	feed(f, 161, 1, "block_rq_issue",
		"dev=" VDA " sector=8 nr_sector=8 rwbs=1 tid=9 comm=kworker/u4:1");
	feed_expect(f, "sync_end fsync /a 10 0 0 0 0 0 0 0 10\n"
		       "sync_end write /a 0 0 0 0 0 0 0 0 0\n"
		       "sync_end write /mnt/b 0 0 0 0 0 0 0 0 0\n");
	feed_watch(f, "sync_end", "name data others rest data_requests");
	feed_watch(f, "page_flush", "path size how call_tid");
	feed(f, 200, 0, "syscall_entry_syncfs", "fd=4");
	switch_to(f, 200, 0, 5, 2, 0, "swapper/0");
	feed(f, 220, 1, "block_rq_complete", "dev=" VDB " sector=8 nr_sector=8 error=0");
	write_back(f, 230, VDA, 80, 1);
	write_back(f, 240, VDB, 80, 3);
	feed(f, 250, 1, "block_rq_complete", "dev=" VDA " sector=8 nr_sector=8 error=0");
	switch_to(f, 260, 0, 0, 0, 5, "app");
	feed(f, 260, 0, "syscall_exit_syncfs", "ret=0");
	feed_expect(f, "page_flush /a 4096 fifo nil\n"
		       "page_flush /mnt/b 12288 fifo 5\n"
		       "sync_end syncfs 20 0 40 1\n");
	feed_free(f);
}

/* Writing too much makes a thread wait; memory, and who frees it. */
static void test_write(void)
{
	struct feed *f = start();

	feed(f, 110, 0, "syscall_exit_fsync", "ret=0");
	feed_watch(
		f, "sync_end", "name path " PARTS " alloc alloc_others freed freed_others kswapd");
	feed_expect(f, "sync_end fsync /a 10 0 0 0 0 0 0 0 10\n");
	feed(f, 200, 0, "syscall_entry_write", "fd=3 count=4096");
	feed(f, 201, 0, "kmem_mm_page_alloc", "page=1 order=2");
	feed(f, 202, 1, "kmem_mm_page_alloc", "page=1 order=0");
	feed(f, 203, 0, "mm_vmscan_wakeup_kswapd", "nid=0 order=0");
	feed(f, 205, 0, "writeback_balance_dirty_pages", "pause=20");
	switch_to(f, 210, 0, 5, 2, 43, "kswapd0");
	feed(f, 215, 0, "kmem_mm_page_free", "page=1 order=0");
	switch_to(f, 220, 0, 43, 1, 0, "swapper/0");
	wake(f, 230, 1, 5);
	switch_to(f, 230, 0, 0, 0, 5, "app");
	feed(f, 240, 0, "syscall_exit_write", "ret=4096");
	feed_expect(f, "sync_end write /a 20 0 0 0 0 0 20 0 40 4 1 0 1 1\n");
	/* What is no file is of no interest. */
	feed_call(f, 300, 0, "socket", "family=2 type=1 protocol=0", "ret=4");
	feed_call(f, 320, 0, "write", "fd=4 count=10", "ret=10");
	feed_expect(f, "");
	feed_free(f);
}

/* What an earlier call has sent to the disk is its data, too; that of other files is not. */
static void test_earlier(void)
{
	struct feed *f = start();

	feed(f, 110, 0, "syscall_exit_fsync", "ret=0");
	feed_call(f, 120, 0, "openat", "dfd=-100 filename=/b flags=0", "ret=4");
	feed(f, 140, 0, "syscall_entry_write", "fd=3 count=4096");
	feed(f, 141, 0, "block_dirty_buffer", "dev=" VDA " sector=-65536 size=4096");
	feed(f, 142, 0, "syscall_exit_write", "ret=4096");
	feed(f, 150, 0, "syscall_entry_sync_file_range", "fd=3 nbytes=4096");
	issue(f, 151, 0, 80, 8, 33, 5, "app");
	feed(f, 152, 0, "syscall_exit_sync_file_range", "ret=0");
	feed_expect(f, "sync_end fsync /a 10 0 0 0 0 0 0 0 10\n"
		       "sync_end write /a 2 0 0 0 0 0 0 0 2\n"
		       "sync_end sync_file_range /a 2 0 0 0 0 0 0 0 2\n");
	feed(f, 200, 0, "syscall_entry_fsync", "fd=3");
	switch_to(f, 210, 0, 5, 2, 0, "swapper/0");
	complete(f, 240, 1, 80, 8, 33);
	wake(f, 240, 1, 5);
	switch_to(f, 240, 0, 0, 0, 5, "app");
	feed(f, 250, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 20 0 30 0 0 0 0 0 50\n");
	issue(f, 300, 1, 8, 8, 1, 9, "kworker/u4:1");
	feed(f, 310, 0, "syscall_entry_fsync", "fd=4");
	switch_to(f, 310, 0, 5, 2, 0, "swapper/0");
	complete(f, 340, 1, 8, 8, 1);
	wake(f, 340, 1, 5);
	switch_to(f, 340, 0, 0, 0, 5, "app");
	feed(f, 350, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /b 10 0 0 0 0 30 0 0 40\n");
	feed_free(f);
}

/* What is given back to the queue, and being preempted before one has to wait. */
static void test_corners(void)
{
	struct feed *f = start();

	feed(f, 110, 1, "block_rq_issue",
		"dev=" VDA " sector=0 nr_sector=0 rwbs=1280 tid=43 comm=kworker/1:1H");
	feed(f, 111, 1, "block_rq_requeue", "dev=" VDA " sector=0 nr_sector=0 rwbs=1280");
	feed(f, 112, 1, "block_rq_issue",
		"dev=" VDA " sector=0 nr_sector=0 rwbs=1280 tid=43 comm=kworker/1:1H");
	feed(f, 113, 1, "block_rq_complete", "dev=" VDA " sector=-1 nr_sector=0 rwbs=1280 error=0");
	switch_to(f, 120, 0, 5, 2, 0, "swapper/0");
	wake(f, 150, 1, 5);
	switch_to(f, 150, 0, 0, 0, 5, "app");
	feed(f, 160, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 30 0 0 0 0 0 0 30 60\n");
	feed(f, 200, 0, "syscall_entry_write", "fd=3 count=4096");
	feed(f, 205, 0, "writeback_balance_dirty_pages", "pause=20");
	switch_to(f, 210, 0, 5, 0, 6, "other");
	switch_to(f, 220, 0, 6, 1, 5, "app");
	switch_to(f, 230, 0, 5, 2, 0, "swapper/0");
	wake(f, 280, 1, 5);
	switch_to(f, 280, 0, 0, 0, 5, "app");
	feed(f, 300, 0, "syscall_exit_write", "ret=4096");
	feed_expect(f, "sync_end write /a 40 10 0 0 0 0 50 0 100\n");
	/* A request whose end was lost is not waited for for ever. */
	issue(f, 400, 1, 800, 8, 97, 151, "jbd2/vda-8");
	feed_lost(f, 410, 420, 1, 3);
	feed(f, 500, 0, "syscall_entry_fsync", "fd=3");
	switch_to(f, 510, 0, 5, 2, 0, "swapper/0");
	switch_to(f, 590, 0, 0, 0, 5, "app");
	feed(f, 600, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_end fsync /a 20 0 0 0 0 0 0 80 100\n");
	feed_free(f);
}

/* Lost events: a call on that CPU is given up, and so are all cache flushes. */
static void test_gap(void)
{
	struct feed *f = start();

	feed(f, 110, 1, "block_rq_issue",
		"dev=" VDA " sector=0 nr_sector=0 rwbs=1280 tid=43 comm=kworker/1:1H");
	feed_lost(f, 120, 130, 1, 5);
	switch_to(f, 140, 0, 5, 2, 0, "swapper/0");
	switch_to(f, 180, 0, 0, 0, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	/* Whether it was still in flight is not known. */
	feed_expect(f, "sync_end fsync /a 60 0 0 0 0 0 0 40 100\n");
	feed(f, 300, 0, "syscall_entry_fsync", "fd=3");
	feed_lost(f, 310, 320, 0, 5);
	switch_to(f, 330, 0, 5, 1, 0, "swapper/0");
	feed(f, 340, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "");
	feed_free(f);
}

static void test_flushers(void)
{
	struct feed *f = feed_new();

	feed_watch(f, "writeback_end", "tid begin duration disk pages");
	feed(f, 1, 0, "lttng_statedump_block_device", "dev=" VDA " diskname=vda");
	switch_to(f, 2, 0, 0, 0, 9, "kworker/u4:1");
	feed(f, 100, 0, "writeback_start", "name=254:0");
	feed(f, 110, 0, "writeback_start", "name=254:0");
	feed(f, 150, 0, "writeback_pages_written", "pages=12");
	feed(f, 160, 0, "writeback_pages_written", "pages=0");
	feed(f, 170, 0, "writeback_start", "name=what");
	feed(f, 180, 0, "writeback_pages_written", "pages=3");
	feed_expect(f, "writeback_end 9 100 50 vda 12\n"
		       "writeback_end 9 nil nil nil 0\n"
		       "writeback_end 9 170 10 nil 3\n");
	feed_free(f);
}

static void test_reclaim(void)
{
	struct feed *f = feed_new();

	feed_watch(
		f, "reclaim", "tid kind nid begin duration asleep pages waker_tid waker_procname");
	switch_to(f, 2, 0, 0, 0, 5, "app");
	feed(f, 10, 0, "mm_vmscan_wakeup_kswapd", "nid=0 order=0");
	switch_to(f, 20, 0, 5, 0, 43, "kswapd0");
	feed(f, 30, 0, "mm_vmscan_kswapd_wake", "nid=0 order=0");
	feed(f, 40, 0, "kmem_mm_page_free", "page=1 order=1");
	feed(f, 50, 0, "mm_vmscan_kswapd_wake", "nid=0 order=3"); /* it goes on */
	switch_to(f, 52, 0, 43, 1, 0, "swapper/0");
	switch_to(f, 57, 0, 0, 0, 43, "kswapd0");
	switch_to(f, 58, 0, 43, 0, 5, "app"); /* preempted */
	switch_to(f, 59, 0, 5, 0, 43, "kswapd0");
	feed(f, 60, 0, "kmem_mm_page_free", "page=1 order=0");
	feed(f, 70, 0, "mm_vmscan_kswapd_sleep", "nid=0");
	feed(f, 80, 0, "kmem_mm_page_free", "page=1 order=0");
	feed(f, 90, 0, "mm_vmscan_kswapd_sleep", "nid=0");
	feed_expect(f, "reclaim 43 kswapd 0 30 40 5 3 5 app\n");
	switch_to(f, 100, 0, 43, 1, 5, "app");
	feed(f, 110, 0, "mm_vmscan_direct_reclaim_begin", "order=0");
	feed(f, 130, 0, "mm_vmscan_direct_reclaim_end", "nr_reclaimed=32");
	feed(f, 140, 0, "mm_vmscan_direct_reclaim_end", "nr_reclaimed=32");
	feed_expect(f, "reclaim 5 direct nil 110 20 0 32 nil nil\n");
	feed(f, 150, 0, "mm_vmscan_wakeup_kswapd", "nid=-1 order=0");
	feed(f, 150, 0, "mm_vmscan_wakeup_kswapd", "nid=99999999 order=0");
	feed(f, 160, 0, "mm_vmscan_kswapd_wake", "nid=99999999 order=0");
	feed(f, 170, 0, "mm_vmscan_kswapd_sleep", "nid=99999999");
	feed_expect(f, "reclaim 5 kswapd 99999999 160 10 0 0 nil nil\n");
	feed_free(f);
}

/* Each sleep of a call is told when it ends, with what it was for: together they are what the call tells. */
static void test_waits(void)
{
	struct feed *f = start();

	feed_watch(f, "sync_wait", "begin duration what data journal flush others throttled rest");
	feed_watch(f, "sync_end", "data journal others rest duration");
	issue(f, 110, 0, 80, 16, 33, 5, "app");
	switch_to(f, 120, 0, 5, 2, 0, "swapper/0");
	complete(f, 150, 1, 80, 16, 33);
	wake(f, 150, 1, 5);
	switch_to(f, 160, 0, 0, 0, 5, "app");
	switch_to(f, 170, 0, 5, 2, 0, "swapper/0");
	wake(f, 190, 1, 5);
	switch_to(f, 190, 0, 0, 0, 5, "app");
	feed(f, 200, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "sync_wait 120 30 data 30 0 0 0 0 0\n"
		       "sync_wait 170 20 rest 0 0 0 0 0 20\n"
		       "sync_end 30 0 0 20 100\n");
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/synctime/data", test_data);
	g_test_add_func("/synctime/open", test_open);
	g_test_add_func("/synctime/journal", test_journal);
	g_test_add_func("/synctime/bystander", test_bystander);
	g_test_add_func("/synctime/others", test_others);
	g_test_add_func("/synctime/everything", test_everything);
	g_test_add_func("/synctime/two-disks", test_two_disks);
	g_test_add_func("/synctime/syncfs", test_syncfs);
	g_test_add_func("/synctime/write", test_write);
	g_test_add_func("/synctime/earlier", test_earlier);
	g_test_add_func("/synctime/corners", test_corners);
	g_test_add_func("/synctime/gap", test_gap);
	g_test_add_func("/writeback/flushers", test_flushers);
	g_test_add_func("/writeback/reclaim", test_reclaim);
	g_test_add_func("/synctime/waits", test_waits);
	return g_test_run();
}
