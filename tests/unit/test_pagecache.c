/*
 * The page cache: what makes pages dirty, and what cleans them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/model.h"

#include <glib.h>

#define VDA     "266338304" /* 254 << 20 | 0 */
#define DELAYED "-65536"    /* what ext4 has instead of a block that it has not given out yet */

/* "app" (TID 5) runs on CPU 0, a flusher (TID 9) can on CPU 1; page_flush and page_drop are watched. */
static struct feed *start(void)
{
	struct feed *f = feed_new();

	feed(f, 1, 0, "lttng_statedump_block_device", "dev=" VDA " diskname=vda");
	feed(f, 2, 0, "sched_switch", "prev_tid=0 next_tid=5 next_comm=app");
	feed(f, 2, 1, "sched_switch", "prev_tid=0 next_tid=9 next_comm=kworker/u4:1");
	feed_watch(f, "page_flush", "owner_tid path size how call_name");
	feed_watch(f, "page_drop", "owner_tid path size why");
	return f;
}

static void dirty(struct feed *f, int64_t time, int32_t cpu, const char *block, int count)
{
	char *fields = g_strdup_printf("dev=" VDA " sector=%s size=4096", block);

	for (int i = 0; i < count; i++)
		feed(f, time, cpu, "block_dirty_buffer", fields);
	g_free(fields);
}

/* A call of "app" that writes `pages` new pages to a file. */
static void write_new(struct feed *f, int64_t time, int fd, int size, int pages)
{
	char *fields = g_strdup_printf("fd=%d count=%d", fd, size);
	char *ret = g_strdup_printf("ret=%d", size);

	feed(f, time, 0, "syscall_entry_write", fields);
	dirty(f, time + 1, 0, DELAYED, pages);
	feed(f, time + 2, 0, "syscall_exit_write", ret);
	g_free(fields);
	g_free(ret);
}

static void open_file(struct feed *f, int64_t time, int fd, const char *path, int flags)
{
	char *fields = g_strdup_printf("dfd=-100 filename=%s flags=%d", path, flags);
	char *ret = g_strdup_printf("ret=%d", fd);

	feed_call(f, time, 0, "openat", fields, ret);
	g_free(fields);
	g_free(ret);
}

/* A write request of so many pages, from 4 KiB block `block` on. */
static void issue(struct feed *f, int64_t time, int32_t cpu, int block, int pages, int rwbs)
{
	char *fields = g_strdup_printf("dev=" VDA " sector=%d nr_sector=%d rwbs=%d tid=%d comm=%s",
		block * 8, pages * 8, rwbs, cpu == 0 ? 5 : 9, cpu == 0 ? "app" : "kworker/u4:1");

	feed(f, time, cpu, "block_rq_issue", fields);
	g_free(fields);
}

static int64_t dirty_bytes(struct feed *f)
{
	return state_count(feed_state(f)).dirty;
}

/* New pages have no block: an fsync writes those of its file, whatever else is dirty. */
static void test_fsync(void)
{
	struct feed *f = start();

	feed_watch(f, "page_dirty", "tid path size blocks");
	open_file(f, 10, 3, "/a", 0);
	open_file(f, 30, 4, "/b", 0);
	write_new(f, 100, 3, 4097, 2);
	write_new(f, 110, 4, 100, 1);
	feed_expect(f, "page_dirty 5 /a 8192 0\npage_dirty 5 /b 4096 0\n");
	g_assert_cmpint(dirty_bytes(f), ==, 12288);
	feed(f, 120, 0, "syscall_entry_fsync", "fd=4");
	issue(f, 130, 0, 1000, 1, 33);
	feed(f, 140, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "page_flush 5 /b 4096 file fsync\n");
	feed(f, 150, 0, "syscall_entry_fsync", "fd=3");
	issue(f, 160, 0, 2000, 1, 33);
	issue(f, 170, 0, 3000, 2, 33);
	feed(f, 180, 0, "syscall_exit_fsync", "ret=0");
	/* The last page was none that we know of. */
	feed_expect(f, "page_flush 5 /a 4096 file fsync\n"
		       "page_flush 5 /a 4096 file fsync\n"
		       "page_flush nil nil 4096 unknown fsync\n");
	g_assert_cmpint(dirty_bytes(f), ==, 0);
	g_assert_cmpint(state_count(feed_state(f)).dirty_runs, ==, 0);
	feed_free(f);
}

/* What was a pipe when it was last heard of has become a file: its name is not known. */
static void test_no_pipe(void)
{
	struct feed *f = start();

	feed_watch(f, "page_dirty", "tid path size blocks");
	feed(f, 5, 0, "lttng_statedump_process_state", "tid=5 pid=5 vtid=5 vpid=5 name=app");
	feed(f, 6, 0, "lttng_statedump_file_descriptor", "pid=5 fd=1 flags=1 filename=pipe:[1488]");
	write_new(f, 100, 1, 4096, 1);
	write_new(f, 110, 1, 4096, 1);
	feed_expect(f, "page_dirty 5 nil 4096 0\npage_dirty 5 nil 4096 0\n");
	g_assert_cmpint(dirty_bytes(f), ==, 8192);
	feed_free(f);
}

/* The kernel tells a page that is dirty already, too: it counts once. */
static void test_again(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/log", 1);
	for (int i = 0; i < 50; i++)
		write_new(f, 100 + i * 10, 3, 100, i == 40 ? 2 : 1); /* 4000 to 4100 is in two */
	g_assert_cmpint(dirty_bytes(f), ==, 2 * 4096);
	/* To a place of its own, and from the begin again. */
	feed(f, 1000, 0, "syscall_entry_pwrite64", "fd=3 count=4096 pos=4096");
	dirty(f, 1001, 0, DELAYED, 1);
	feed(f, 1002, 0, "syscall_exit_pwrite64", "ret=4096");
	feed_call(f, 1010, 0, "lseek", "fd=3 offset=0 whence=0", "ret=0");
	write_new(f, 1030, 3, 4096, 1);
	g_assert_cmpint(dirty_bytes(f), ==, 2 * 4096);
	write_new(f, 1040, 3, 8192, 2);
	g_assert_cmpint(dirty_bytes(f), ==, 3 * 4096);
	/* With a block it is known exactly. */
	dirty(f, 1100, 0, "77", 2);
	g_assert_cmpint(dirty_bytes(f), ==, 4 * 4096);
	feed_free(f);
}

static void test_blocks(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/db", 0);
	feed(f, 100, 0, "syscall_entry_pwrite64", "fd=3 count=12288 pos=0");
	dirty(f, 101, 0, "500", 1);
	dirty(f, 101, 0, "501", 1);
	dirty(f, 101, 0, "502", 1);
	feed(f, 102, 0, "syscall_exit_pwrite64", "ret=12288");
	g_assert_cmpint(state_count(feed_state(f)).dirty_runs, ==, 1);
	/* Whoever writes them; what is in the middle first. */
	issue(f, 200, 1, 501, 1, 1);
	feed_expect(f, "page_flush 5 /db 4096 blocks nil\n");
	g_assert_cmpint(state_count(feed_state(f)).dirty_runs, ==, 2);
	issue(f, 210, 1, 490, 100, 65);
	feed_expect(f, "page_flush 5 /db 4096 blocks nil\npage_flush 5 /db 4096 blocks nil\n");
	g_assert_cmpint(dirty_bytes(f), ==, 0);
	/* On a partition, whose begin only a remap tells. */
	feed(f, 300, 0, "block_dirty_buffer", "dev=266338305 sector=10 size=4096");
	feed(f, 310, 1, "block_bio_remap",
		"dev=" VDA " sector=2128 nr_sector=8 old_dev=266338305 old_sector=80");
	issue(f, 320, 1, 266, 1, 1);
	feed_expect(f, "page_flush 5 nil 4096 blocks nil\n");
	feed_free(f);
}

/* Kernel threads write what has been dirty for longest, file by file; that is a guess. */
static void test_fifo(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/old", 0);
	open_file(f, 30, 4, "/new", 0);
	write_new(f, 100, 3, 4096, 1);
	write_new(f, 110, 4, 4096, 1);
	write_new(f, 120, 3, 4096, 1);
	/* Metadata, and journals, are no part of files. */
	issue(f, 130, 1, 100, 4, 65);
	feed(f, 131, 1, "block_rq_issue",
		"dev=" VDA " sector=4000 nr_sector=8 rwbs=33 tid=151 comm=jbd2/vda-8");
	/* Nor is what goes round the cache, or to another disk. */
	feed(f, 135, 0, "syscall_entry_write", "fd=9 count=4096");
	issue(f, 136, 0, 300, 1, 33);
	feed(f, 137, 0, "syscall_exit_write", "ret=4096");
	feed_expect(f, "");
	feed(f, 139, 1, "block_rq_issue",
		"dev=8388608 sector=80 nr_sector=8 rwbs=1 tid=9 comm=kworker/u4:1");
	feed_expect(f, "page_flush nil nil 4096 unknown nil\n");
	issue(f, 140, 1, 200, 3, 1);
	feed_expect(f, "page_flush 5 /old 8192 fifo nil\npage_flush 5 /new 4096 fifo nil\n");
	issue(f, 150, 1, 210, 1, 1);
	feed_expect(f, "page_flush nil nil 4096 unknown nil\n");
	feed_free(f);
}

/* What goes away without being written. */
static void test_deleted(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/tmp/a", 0);
	write_new(f, 100, 3, 4096, 1);
	feed_call(f, 110, 0, "unlink", "pathname=/tmp/a", "ret=0");
	feed_expect(f, "page_drop 5 /tmp/a 4096 deleted\n");
	write_new(f, 130, 3, 4096, 1);
	feed_call(f, 140, 0, "ftruncate", "fd=3 length=0", "ret=-1");
	feed_expect(f, "");
	feed_call(f, 160, 0, "ftruncate", "fd=3 length=0", "ret=0");
	feed_expect(f, "page_drop 5 /tmp/a 4096 deleted\n");
	write_new(f, 180, 3, 4096, 1);
	open_file(f, 190, 4, "/tmp/a", 512); /* O_TRUNC */
	feed_expect(f, "page_drop 5 /tmp/a 4096 deleted\n");
	/* What is renamed stays, what was there before does not. */
	open_file(f, 210, 5, "/tmp/b", 0);
	write_new(f, 230, 4, 4096, 1);
	write_new(f, 240, 5, 8192, 2);
	feed_call(f, 250, 0, "rename", "oldname=/tmp/b newname=/tmp/a", "ret=0");
	feed_expect(f, "page_drop 5 /tmp/a 4096 deleted\n");
	open_file(f, 270, 6, "/tmp/a", 0);
	feed(f, 290, 0, "syscall_entry_fdatasync", "fd=6");
	issue(f, 291, 0, 40, 2, 33);
	feed(f, 292, 0, "syscall_exit_fdatasync", "ret=0");
	/* As it was called when it became dirty. */
	feed_expect(f, "page_flush 5 /tmp/b 8192 file fdatasync\n");
	feed_free(f);
}

/* After a sync nothing is dirty that was so before, whether it was seen to be written or not. */
static void test_settled(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/a", 0);
	open_file(f, 30, 4, "/b", 0);
	write_new(f, 100, 3, 8192, 2);
	write_new(f, 110, 4, 4096, 1);
	feed_call(f, 120, 0, "fsync", "fd=3", "ret=-5");
	feed_expect(f, "");
	feed_call(f, 140, 0, "fsync", "fd=3", "ret=0");
	feed_expect(f, "page_drop 5 /a 8192 settled\n");
	/* Kernel threads write for who waits in a sync. */
	write_new(f, 200, 3, 4096, 1);
	feed(f, 300, 0, "syscall_entry_sync", "");
	issue(f, 310, 1, 60, 1, 1);
	feed_expect(f, "page_flush 5 /b 4096 fifo sync\n");
	feed(f, 320, 0, "syscall_exit_sync", "ret=0");
	feed_expect(f, "page_drop 5 /a 4096 settled\n");
	/* On the device of the file: there is only one with dirty files. */
	write_new(f, 400, 3, 4096, 1);
	feed(f, 410, 0, "block_dirty_buffer", "dev=8388608 sector=1 size=4096");
	feed_call(f, 420, 0, "syncfs", "fd=3", "ret=0");
	feed_expect(f, "page_drop 5 /a 4096 settled\n");
	g_assert_cmpint(dirty_bytes(f), ==, 4096);
	feed_free(f);
}

/* Pages of a mapped file become dirty in faults: ext4 tells each new one twice. */
static void test_mapped(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/m", 0);
	feed_call(f, 30, 0, "mmap", "addr=0 len=8192 prot=3 flags=1 fd=3 offset=0", "ret=4096");
	for (int i = 0; i < 4; i++)
		dirty(f, 100 + i, 0, DELAYED, 2);
	g_assert_cmpint(dirty_bytes(f), ==, 4 * 4096);
	feed_call(f, 200, 0, "getpid", "", "ret=5");
	dirty(f, 300, 0, DELAYED, 2);
	g_assert_cmpint(dirty_bytes(f), ==, 5 * 4096);
	feed(f, 400, 0, "syscall_entry_msync", "start=0 len=8192 flags=4");
	issue(f, 410, 0, 900, 5, 33);
	feed(f, 420, 0, "syscall_exit_msync", "ret=0");
	feed_expect(f, "page_flush 5 /m 20480 file msync\n");
	feed_free(f);
}

/* Kernels that tell of each page by its inode are believed. */
static void test_inodes(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/a", 0);
	feed(f, 100, 0, "syscall_entry_write", "fd=3 count=8192");
	dirty(f, 101, 0, DELAYED, 1);
	feed(f, 102, 0, "writeback_dirty_folio", "name=254:0 ino=12 index=0");
	dirty(f, 103, 0, DELAYED, 1);
	feed(f, 104, 0, "writeback_dirty_folio", "name=254:0 ino=12 index=1");
	dirty(f, 105, 0, DELAYED, 1); /* it is dirty already */
	feed(f, 106, 0, "syscall_exit_write", "ret=8192");
	g_assert_cmpint(dirty_bytes(f), ==, 8192);
	/* A page with a block, and one that a fault makes dirty: the inode tells which file that is. */
	dirty(f, 110, 0, "70", 1);
	feed(f, 111, 0, "writeback_dirty_page", "name=254:0 ino=12 index=5");
	feed(f, 112, 0, "writeback_dirty_page", "name=nonsense ino=12 index=6");
	g_assert_cmpint(dirty_bytes(f), ==, 3 * 4096);
	issue(f, 120, 1, 70, 1, 1);
	feed_expect(f, "page_flush 5 /a 4096 blocks nil\n");
	feed(f, 130, 0, "syscall_entry_fsync", "fd=3");
	issue(f, 131, 0, 80, 2, 33);
	feed(f, 132, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "page_flush 5 /a 8192 file fsync\n");
	feed_free(f);
}

/* What is dirty when the time begins is told then; and nothing is told twice. */
static void test_windows(void)
{
	struct feed *f = start();

	feed_watch(f, "page_dirty", "begin size earlier dirty");
	open_file(f, 10, 3, "/a", 0);
	write_new(f, 100, 3, 4096, 1);
	feed_expect(f, "page_dirty 101 4096 0 4096\n");
	feed_begin_window(f, 200);
	feed_cut(f, 200);
	feed_expect(f, "page_dirty 101 4096 1 4096\n");
	feed(f, 300, 0, "syscall_entry_write", "fd=3 count=4096");
	dirty(f, 301, 0, DELAYED, 1);
	feed_cut(f, 310);
	feed_expect(f, "page_dirty 301 4096 0 8192\n");
	feed(f, 320, 0, "syscall_exit_write", "ret=4096");
	feed_cut(f, 330);
	feed_expect(f, "");
	feed_free(f);
}

/* Where a call writes that others have read or opened, and what is new each time. */
static void test_positions(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/a", 1);
	write_new(f, 100, 3, 8192, 2);
	/* Readers do not move the writer. */
	open_file(f, 110, 4, "/a", 0);
	feed_call(f, 130, 0, "lseek", "fd=4 offset=0 whence=0", "ret=0");
	write_new(f, 150, 3, 8192, 2);
	g_assert_cmpint(dirty_bytes(f), ==, 4 * 4096);
	/* creat(2) has no flags, and cuts. */
	feed_call(f, 200, 0, "creat", "pathname=/a mode=420", "ret=5");
	feed_expect(f, "page_drop 5 /a 16384 deleted\n");
	write_new(f, 230, 5, 4096, 1);
	/* Another name for it; the first one goes. */
	feed_call(f, 240, 0, "link", "oldname=/a newname=/c", "ret=0");
	feed_call(f, 260, 0, "unlink", "pathname=/a", "ret=0");
	feed_expect(f, "");
	open_file(f, 280, 6, "/c", 1);
	/* What goes round the cache cleans nothing; nor does what a reader submits. */
	open_file(f, 300, 7, "/c", 16385);
	feed(f, 320, 0, "syscall_entry_pwrite64", "fd=7 count=4096 pos=40960");
	issue(f, 321, 0, 40, 1, 33);
	feed(f, 322, 0, "syscall_exit_pwrite64", "ret=4096");
	feed(f, 330, 0, "syscall_entry_read", "fd=6 count=4096");
	issue(f, 331, 0, 50, 1, 33);
	feed(f, 332, 0, "syscall_exit_read", "ret=4096");
	feed_expect(f, "");
	feed(f, 340, 0, "syscall_entry_fsync", "fd=6");
	issue(f, 341, 0, 60, 1, 33);
	feed(f, 342, 0, "syscall_exit_fsync", "ret=0");
	feed_expect(f, "page_flush 5 /a 4096 file fsync\n");
	feed_free(f);
}

/* Kernel threads that write files make no faults: each of their pages is told once. */
static void test_without_call(void)
{
	struct feed *f = start();

	dirty(f, 100, 1, DELAYED, 10);
	g_assert_cmpint(dirty_bytes(f), ==, 10 * 4096);
	issue(f, 200, 1, 70, 10, 1);
	feed_expect(f, "page_flush 9 nil 40960 fifo nil\n");
	feed_free(f);
}

/* Where pages are told by disk and requests by partition; and a buffer that was dirty already. */
static void test_inodes_apart(void)
{
	struct feed *f = start();

	open_file(f, 10, 3, "/a", 1);
	feed(f, 100, 0, "syscall_entry_write", "fd=3 count=4096");
	feed(f, 101, 0, "writeback_dirty_folio", "name=254:0 ino=12 index=0");
	feed(f, 102, 0, "syscall_exit_write", "ret=4096");
	/* Metadata of the device, in the middle of a call. */
	feed(f, 110, 0, "syscall_entry_write", "fd=3 count=4096");
	dirty(f, 111, 0, "5", 1);
	feed(f, 112, 0, "writeback_dirty_folio", "name=254:0 ino=" VDA " index=5");
	feed(f, 113, 0, "syscall_exit_write", "ret=4096");
	/* This one was dirty: what follows, much later, has nothing to do with it. */
	dirty(f, 120, 0, "5", 1);
	feed(f, 5000000, 0, "writeback_dirty_folio", "name=254:0 ino=13 index=9");
	g_assert_cmpint(dirty_bytes(f), ==, 3 * 4096);
	feed(f, 5000010, 1, "block_bio_remap",
		"dev=" VDA " sector=2128 nr_sector=8 old_dev=266338305 old_sector=80");
	issue(f, 5000020, 1, 266, 1, 1);
	feed_expect(f, "page_flush 5 /a 4096 fifo nil\n");
	issue(f, 5000030, 1, 5, 1, 65);
	feed_expect(f, "page_flush 5 nil 4096 blocks nil\n");
	feed_free(f);
}

/* A worker of a ring dirties and writes pages of its process, for the thread that waits in the call. */
static void test_ring(void)
{
	struct feed *f = start();

	feed(f, 1, 0, "lttng_statedump_process_state",
		"tid=5 pid=5 ppid=1 file_table_address=1 name=app");
	feed(f, 20, 0, "sched_switch", "prev_tid=0 next_tid=5 next_comm=app");
	feed_call(f, 30, 0, "io_uring_setup", "", "ret=3");
	feed_call(f, 50, 0, "mmap", "addr=0 len=8 prot=3 flags=1 fd=3", "ret=4096");
	feed(f, 100, 0, "syscall_entry_io_uring_enter", "fd=3");
	/* What the call does by itself; then the worker goes on. */
	dirty(f, 101, 0, "-65536", 1);
	feed(f, 102, 0, "sched_switch", "prev_tid=5 prev_state=1 next_tid=7 next_comm=iou-wrk-5");
	for (int i = 0; i < 4; i++)
		dirty(f, 110 + i, 0, "-65536", 1);
	g_assert_cmpint(dirty_bytes(f), ==, 5 * 4096);
	feed_watch(f, "page_flush",
		"owner_tid owner_pid owner_process path size how call_tid call_name call_process pid "
		"process");
	feed(f, 120, 0, "block_rq_issue",
		"dev=" VDA " sector=800 nr_sector=24 rwbs=33 tid=7 comm=iou-wrk-5");
	feed_expect(f, "page_flush 5 5 app nil 4096 fifo 5 io_uring_enter app 5 app\n"
		       "page_flush 7 5 app nil 8192 fifo 5 io_uring_enter app 5 app\n");
	/* Nobody waits any more. */
	feed(f, 130, 0, "sched_switch", "prev_tid=7 prev_state=0 next_tid=5 next_comm=app");
	feed(f, 131, 0, "syscall_exit_io_uring_enter", "ret=1");
	feed(f, 140, 0, "sched_switch", "prev_tid=5 prev_state=1 next_tid=7 next_comm=iou-wrk-5");
	feed(f, 150, 0, "block_rq_issue",
		"dev=" VDA " sector=900 nr_sector=16 rwbs=33 tid=7 comm=iou-wrk-5");
	feed_expect(f, "page_flush 7 5 app nil 8192 fifo nil nil nil 5 app\n");
	g_assert_cmpint(dirty_bytes(f), ==, 0);
	feed_free(f);
}

/* There is room for so many; the oldest ones go, and that is told. */
static void test_room(void)
{
	struct feed *f = start();
	char fields[80];

	for (int i = 0; i < PAGE_RUNS_MAX + 10; i++) {
		g_snprintf(fields, sizeof(fields), "dev=" VDA " sector=%d size=4096", 2 * i);
		feed(f, 100 + i, 0, "block_dirty_buffer", fields);
		if (i == PAGE_RUNS_MAX - 1)
			feed_expect(f, "");
	}
	g_assert_cmpint(state_count(feed_state(f)).dirty_runs, ==, PAGE_RUNS_MAX);
	g_assert_cmpint(dirty_bytes(f), ==, (int64_t)PAGE_RUNS_MAX * 4096);
	issue(f, 1000000, 1, 20, 1, 1);
	feed_expect(f, "page_drop 5 nil 4096 forgotten\npage_drop 5 nil 4096 forgotten\n"
		       "page_drop 5 nil 4096 forgotten\npage_drop 5 nil 4096 forgotten\n"
		       "page_drop 5 nil 4096 forgotten\npage_drop 5 nil 4096 forgotten\n"
		       "page_drop 5 nil 4096 forgotten\npage_drop 5 nil 4096 forgotten\n"
		       "page_drop 5 nil 4096 forgotten\npage_drop 5 nil 4096 forgotten\n"
		       "page_flush 5 nil 4096 blocks nil\n");
	feed_free(f);
}

/* Writing what is in the middle makes two of one: that needs room, too. */
static void test_room_for_rests(void)
{
	struct feed *f = start();
	char fields[80];

	for (int i = 0; i < PAGE_RUNS_MAX - 1; i++) {
		g_snprintf(fields, sizeof(fields), "dev=" VDA " sector=%d size=4096", 2 * i);
		feed(f, 100 + i, 0, "block_dirty_buffer", fields);
	}
	for (int i = 0; i < 3; i++) {
		g_snprintf(fields, sizeof(fields), "dev=8388608 sector=%d size=4096", i);
		feed(f, 2000000 + i, 0, "block_dirty_buffer", fields);
	}
	feed(f, 2000003, 1, "block_rq_issue",
		"dev=8388608 sector=8 nr_sector=8 rwbs=65 tid=9 comm=kworker/u4:1");
	feed_expect(f, "page_flush 5 nil 4096 blocks nil\npage_drop 5 nil 4096 forgotten\n");
	g_assert_cmpint(state_count(feed_state(f)).dirty_runs, ==, PAGE_RUNS_MAX);
	feed_free(f);
}

/* What must be so whatever has happened: everything is counted once, and nothing overlaps. */
static void check_runs(struct state *state)
{
	const struct page_run *before = NULL;
	int64_t dirty = 0, delayed = 0, of_files = 0;
	uint32_t runs = 0;

	for (GTreeNode *node = g_tree_node_first(state->cache.places); node;
		node = g_tree_node_next(node)) {
		uint32_t index = GPOINTER_TO_UINT(g_tree_node_value(node));
		const struct page_run *run = run_at(state, index);

		g_assert_cmpint(run->place.begin, <, run->end);
		g_assert_true(!before || before->place.space < run->place.space ||
			      before->end <= run->place.begin);
		dirty += run->end - run->place.begin;
		if (run_is_delayed(run))
			delayed += run->end - run->place.begin;
		before = run;
		runs++;
	}
	g_assert_cmpint(dirty, ==, state->cache.dirty);
	g_assert_cmpint(runs, ==, state->cache.n_runs);
	for (uint32_t index = state->cache.oldest; index; index = run_at(state, index)->newer)
		runs--;
	g_assert_cmpint(runs, ==, 0);
	for (int64_t dev = 1; dev <= 2; dev++) {
		uint32_t file = file_oldest(state, dev);

		for (; file; file = file_at(state, file)->newer) {
			g_assert_cmpint(file_at(state, file)->delayed, >, 0);
			of_files += file_at(state, file)->delayed;
		}
	}
	g_assert_cmpint(of_files, ==, delayed);
}

/* A text with its "%d" filled in; to be freed. */
static char *fill(const char *text, const int *numbers)
{
	char **parts = g_strsplit(text, "%d", -1);
	GString *filled = g_string_new(parts[0]);

	for (int i = 1; parts[i]; i++)
		g_string_append_printf(filled, "%d%s", numbers[i - 1], parts[i]);
	g_strfreev(parts);
	return g_string_free(filled, FALSE);
}

/* Anything, in any order. */
static void test_random(void)
{
	static const struct {
		const char *event;
		const char *fields; /* with numbers to choose */
		int n[3];           /* how many there are to choose from, each */
	} events[] = {
		{"block_dirty_buffer", "dev=%d sector=%d size=4096", {2, 40}},
		{"block_dirty_buffer", "dev=%d sector=%d size=1024", {2, 160}},
		{"block_dirty_buffer", "dev=%d sector=-65536 size=4096", {2}},
		{"block_dirty_buffer", "dev=%d sector=-65536 size=512", {2}},
		{"syscall_entry_write", "fd=%d count=%d", {4, 9000}},
		{"syscall_exit_write", "ret=%d", {9000}},
		{"syscall_entry_pwrite64", "fd=%d count=%d pos=%d", {4, 9000, 90000}},
		{"syscall_exit_pwrite64", "ret=%d", {9000}},
		{"syscall_entry_openat", "dfd=-100 filename=/%d flags=%d", {4, 1025}},
		{"syscall_exit_openat", "ret=%d", {4}},
		{"syscall_entry_fsync", "fd=%d", {4}},
		{"syscall_exit_fsync", "ret=%d", {1}},
		{"syscall_entry_sync", "x=%d", {1}},
		{"syscall_exit_sync", "ret=%d", {1}},
		{"syscall_entry_unlink", "pathname=/%d", {4}},
		{"syscall_exit_unlink", "ret=%d", {1}},
		{"syscall_entry_rename", "oldname=/%d newname=/%d", {4, 4}},
		{"syscall_exit_rename", "ret=%d", {1}},
		{"block_rq_issue", "dev=%d sector=%d nr_sector=%d rwbs=1 tid=9 comm=kworker/u4:1",
			{2, 320, 64}},
		{"block_rq_issue", "dev=%d sector=%d nr_sector=%d rwbs=33 tid=5 comm=app",
			{2, 320, 64}},
		{"block_rq_complete", "dev=%d sector=%d nr_sector=%d error=0", {2, 320, 64}},
	};
	struct feed *f = start();
	int64_t time = 1000;

	for (int i = 0; i < 20000; i++) {
		int k = g_test_rand_int_range(0, G_N_ELEMENTS(events)), n[3] = {0};
		char *fields;

		for (int j = 0; j < 3 && events[k].n[j]; j++)
			n[j] = g_test_rand_int_range(0, events[k].n[j]) + (j == 0);
		fields = fill(events[k].fields, n);
		time += g_test_rand_int_range(0, 100000);
		feed(f, time, g_test_rand_int_range(0, 2), events[k].event, fields);
		g_free(fields);
		if (i % 64 == 0)
			feed_cut(f, time);
		if (i % 16 == 0)
			check_runs(feed_state(f));
	}
	feed_free(f);
}

static void test_nonsense(void)
{
	static const char *const odd[] = {"dev=-1 sector=1 size=4096", "dev=1 sector=1 size=0",
		"dev=1 sector=1 size=-4096", "dev=1 sector=1 size=9223372036854775807",
		"dev=1 sector=9223372036854775807 size=4096", "sector=1 size=4096",
		"dev=1 size=4096", "dev=1 sector=1", "dev=1 sector=8796093022207 size=1048576",
		"dev=1 sector=8796093022206 size=1048576"};
	struct feed *f = start();

	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++)
		feed(f, 100, 0, "block_dirty_buffer", odd[i]);
	feed(f, 110, 0, "syscall_entry_pwrite64", "fd=3 count=1 pos=9223372036854775807");
	dirty(f, 111, 0, DELAYED, 3);
	feed(f, 112, 0, "syscall_exit_pwrite64", "ret=9223372036854775807");
	feed(f, 120, 0, "syscall_entry_pwrite64", "fd=3 count=1 pos=-5");
	dirty(f, 121, 0, DELAYED, 3);
	feed(f, 122, 0, "syscall_exit_pwrite64", "ret=1");
	feed_call(f, 130, 0, "lseek", "fd=3 offset=0 whence=0", "ret=9223372036854775807");
	write_new(f, 150, 3, 1, 3);
	feed(f, 160, 70000, "block_dirty_buffer", "dev=1 sector=1 size=4096");
	feed(f, 170, -1, "block_dirty_buffer", "dev=1 sector=-1 size=512");
	feed(f, 180, 0, "writeback_dirty_folio", "name=254:0 ino=-1 index=1");
	feed(f, 180, 0, "writeback_dirty_folio", "name=254:0 ino=1 index=9223372036854775807");
	g_assert_cmpint(dirty_bytes(f), >, 0);
	feed(f, 190, 0, "syscall_entry_sync", "");
	feed(f, 200, 0, "syscall_exit_sync", "ret=0");
	g_assert_cmpint(dirty_bytes(f), ==, 0);
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pagecache/fsync", test_fsync);
	g_test_add_func("/pagecache/no-pipe", test_no_pipe);
	g_test_add_func("/pagecache/again", test_again);
	g_test_add_func("/pagecache/blocks", test_blocks);
	g_test_add_func("/pagecache/fifo", test_fifo);
	g_test_add_func("/pagecache/deleted", test_deleted);
	g_test_add_func("/pagecache/settled", test_settled);
	g_test_add_func("/pagecache/mapped", test_mapped);
	g_test_add_func("/pagecache/inodes", test_inodes);
	g_test_add_func("/pagecache/windows", test_windows);
	g_test_add_func("/pagecache/positions", test_positions);
	g_test_add_func("/pagecache/without-call", test_without_call);
	g_test_add_func("/pagecache/inodes-apart", test_inodes_apart);
	g_test_add_func("/pagecache/ring", test_ring);
	g_test_add_func("/pagecache/room", test_room);
	g_test_add_func("/pagecache/room-for-rests", test_room_for_rests);
	g_test_add_func("/pagecache/random", test_random);
	g_test_add_func("/pagecache/nonsense", test_nonsense);
	return g_test_run();
}
