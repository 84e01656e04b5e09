/*
 * Images of the model: what is read back is what was written, and whatever else is read is refused,
 * or is a model that can go on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tests/unit/feed.h"

#include "state/codec.h"
#include "state/model.h"

#include <string.h>

/* How many damaged images are looked at. */
#define DAMAGED 10000

/* Events that leave something of each kind in the model. */
static const struct {
	int32_t cpu;
	const char *event, *fields;
} story[] = {
	{0, "sched_switch",
		"prev_tid=0 prev_comm=swapper/0 next_tid=10 next_comm=app prev_state=0 prev_prio=20 "
		"next_prio=20"},
	{1, "sched_switch",
		"prev_tid=0 prev_comm=swapper/1 next_tid=20 next_comm=db prev_state=0 prev_prio=20 "
		"next_prio=20"},
	{0, "sched_process_fork",
		"parent_tid=10 parent_pid=10 child_tid=11 child_pid=11 parent_comm=app "
		"child_comm=app"},
	{0, "syscall_entry_openat", "dfd=-100 filename=/var/log/a flags=577 mode=420"},
	{0, "syscall_exit_openat", "ret=3"},
	{0, "syscall_entry_openat", "dfd=-100 filename=/etc/hosts flags=0 mode=0"},
	{0, "syscall_exit_openat", "ret=4"},
	{1, "syscall_entry_socket", "family=2 type=1 protocol=0"},
	{1, "syscall_exit_socket", "ret=5"},
	{0, "syscall_entry_write", "fd=3 count=8192"},
	{0, "block_dirty_buffer", "dev=8388608 sector=10 size=4096"},
	{0, "block_dirty_buffer", "dev=8388608 sector=-65536 size=4096"},
	{0, "syscall_exit_write", "ret=8192"},
	{0, "irq_handler_entry", "irq=24 name=virtio0"},
	{0, "irq_softirq_raise", "vec=3"},
	{0, "irq_softirq_entry", "vec=3"},
	{1, "irq_softirq_raise", "vec=1"},
	{0, "block_bio_remap", "dev=8388608 sector=200 nr_sector=8 old_dev=8388609 old_sector=8"},
	{1, "block_rq_issue",
		"dev=8388608 sector=400 nr_sector=16 rwbs=4 tid=20 comm=db bytes=8192"},
	{0, "sched_waking", "tid=30 prio=20 comm=waiter"},
	{0, "mm_vmscan_wakeup_kswapd", "nid=0 zid=2 order=0"},
	{0, "mm_page_alloc", "page=1 pfn=1 order=0 gfp_flags=0 migratetype=0"},
	{1, "syscall_entry_fsync", "fd=5"},
	{0, "syscall_entry_fsync", "fd=3"},
	{0, "block_rq_issue",
		"dev=8388608 sector=80 nr_sector=8 rwbs=1 tid=10 comm=app bytes=4096"},
	{0, "statedump_block_device", "dev=8388608 diskname=vda"},
	{0, "lttng_statedump_process_pid_ns",
		"tid=30 vtid=1 vpid=1 vppid=0 ns_level=1 ns_inum=4026532301"},
	{0, "lttng_statedump_process_pid_ns",
		"tid=30 vtid=30 vpid=30 vppid=0 ns_level=0 ns_inum=4026531836"},
	{0, "lttng_statedump_process_cgroup_ns", "tid=30 ns_inum=4026532302"},
	{0, "sched_process_fork",
		"parent_tid=30 parent_pid=30 child_tid=31 child_pid=31 parent_ns_inum=4026532301 "
		"child_ns_inum=4026532303 vtids=[31,2,1] parent_comm=app child_comm=app"},
};

static struct feed *tell(unsigned int wants)
{
	struct feed *feed_ =
		feed_new_with(&(struct state_config){.wants = wants, .arch = SYSCALL_ARCH_X86_64});

	for (size_t i = 0; i < G_N_ELEMENTS(story); i++)
		feed_try(feed_, 1000 + 10 * (int64_t)i, story[i].cpu, story[i].event,
			story[i].fields);
	return feed_;
}

static GByteArray *save(const struct state *state)
{
	GByteArray *bytes = g_byte_array_new();
	struct codec codec = codec_writer(bytes, 5000);

	state_save(state, &codec);
	g_assert_null(codec.failed);
	return bytes;
}

/* Reads bytes as a model that has been asked for the same classes; NULL if they make no sense. */
static struct state *load(const struct feed *feed_, const uint8_t *bytes, size_t n)
{
	struct state *state = feed_new_state(feed_);
	struct codec codec = codec_reader(bytes, n, 5000);
	bool ok = state_load(state, &codec);

	codec_end(&codec);
	if (ok && !codec.failed)
		return state;
	g_assert_nonnull(codec.failed);
	state_free(state);
	return NULL;
}

static void test_whole(void)
{
	struct feed *feed_ = tell(WANT_ALL);
	GByteArray *bytes = save(feed_state(feed_)), *again;
	struct state *state = load(feed_, bytes->data, bytes->len);
	struct state_counts before = state_count(feed_state(feed_)), after;

	g_assert_nonnull(state);
	after = state_count(state);
	g_assert_cmpuint(before.threads, ==, after.threads);
	g_assert_cmpuint(before.files, ==, after.files);
	g_assert_cmpuint(before.fds, ==, after.fds);
	g_assert_cmpuint(before.requests, ==, after.requests);
	g_assert_cmpuint(before.dirty_runs, ==, after.dirty_runs);
	g_assert_cmpint(before.dirty, ==, after.dirty);
	g_assert_cmpuint(before.strings, ==, after.strings);
	g_assert_cmpuint(after.requests, ==, 2);
	g_assert_cmpuint(after.dirty_runs, >, 0);
	g_assert_cmpuint(after.fds, ==, 3);
	again = save(state);
	g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
	/* Of each beginning of it something is missing. */
	for (guint i = 0; i < bytes->len; i++)
		g_assert_null(load(feed_, bytes->data, i));
	g_byte_array_unref(bytes);
	g_byte_array_unref(again);
	state_free(state);
	feed_free(feed_);
}

/* What can't be saved goes on as it was. */
static void test_failed(void)
{
	struct feed *feed_ = tell(WANT_ALL);
	GByteArray *before = save(feed_state(feed_)), *after, *lost = g_byte_array_new();
	struct codec codec = codec_writer(lost, 5000);

	codec_fail(&codec, "there is no room");
	state_save(feed_state(feed_), &codec);
	after = save(feed_state(feed_));
	g_assert_cmpmem(before->data, before->len, after->data, after->len);
	g_byte_array_unref(before);
	g_byte_array_unref(after);
	g_byte_array_unref(lost);
	feed_free(feed_);
}

/* Bytes are changed at random: what a model accepts all the same can go on, and be freed. */
static void read_damaged(unsigned int wants)
{
	struct feed *whole = tell(WANT_ALL), *feed_ = tell(wants);
	GByteArray *bytes = save(feed_state(whole));
	GRand *random = g_rand_new_with_seed(3);
	unsigned int accepted = 0;

	for (int i = 0; i < DAMAGED; i++) {
		uint8_t *copy = g_memdup2(bytes->data, bytes->len);
		struct state *state;

		for (int k = g_rand_int_range(random, 1, 4); k > 0; k--)
			copy[g_rand_int_range(random, 0, (gint32)bytes->len)] =
				(uint8_t)g_rand_int_range(
					random, 0, g_rand_boolean(random) ? 256 : 40);
		state = load(feed_, copy, bytes->len);
		if (state) {
			struct feed *other = feed_adopt(feed_, state);

			for (size_t k = 0; k < G_N_ELEMENTS(story); k++)
				feed_try(other, 6000 + 10 * (int64_t)k, story[k].cpu,
					story[k].event, story[k].fields);
			/* What has left out a part is not written again. */
			if (wants == WANT_ALL)
				g_byte_array_unref(save(feed_state(other)));
			feed_free(other);
			accepted++;
		}
		g_free(copy);
	}
	g_test_message("%u of %d were accepted", accepted, DAMAGED);
	g_assert_cmpuint(accepted, <, DAMAGED);
	g_rand_free(random);
	g_byte_array_unref(bytes);
	feed_free(feed_);
	feed_free(whole);
}

static void test_damaged(void)
{
	read_damaged(WANT_ALL);
}

/* A model that does not want the page cache leaves it out. */
static void test_damaged_part(void)
{
	struct feed *whole = tell(WANT_ALL), *part = tell(WANT_ALL & ~WANT_CACHE);
	GByteArray *bytes = save(feed_state(whole));
	struct state *state = load(part, bytes->data, bytes->len);

	g_assert_nonnull(state);
	g_assert_cmpuint(state_count(state).dirty_runs, ==, 0);
	g_assert_cmpuint(state_count(state).fds, ==, 3);
	state_free(state);
	g_byte_array_unref(bytes);
	feed_free(part);
	feed_free(whole);
	read_damaged(WANT_ALL & ~WANT_CACHE);
}

/* Numbers that no events can have made are refused: sums of them would be beyond 64 bits. */
static void test_impossible(void)
{
	struct feed *f = tell(WANT_ALL);
	struct state *state = feed_state(f);
	struct request *request = pool_at(&state->block.pool, 1);
	struct page_run *run = pool_at(&state->cache.runs, state->cache.oldest);
	struct sync_call *call = pool_at(
		&state->sync_calls.calls, g_array_index(state->sync_calls.active, uint32_t, 0));
	struct {
		int64_t *number, value;
	} const all[] = {
		{&request->nr_sector, INT64_MIN},
		{&request->nr_sector, 0},
		{&request->left, -1},
		{&request->failed, INT64_MAX},
		{&request->key.sector, INT64_MAX},
		{&run->told, INT64_MIN},
		{&call->alloc, INT64_MAX},
		{&call->data_size, INT64_MIN},
		{&state->sync.freed, INT64_MAX},
		{&state->cache.flushed, INT64_MIN},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		int64_t right = *all[i].number;
		GByteArray *bytes;

		*all[i].number = all[i].value;
		bytes = save(state);
		g_assert_null(load(f, bytes->data, bytes->len));
		g_byte_array_unref(bytes);
		*all[i].number = right;
	}
	feed_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/image/whole", test_whole);
	g_test_add_func("/image/failed", test_failed);
	g_test_add_func("/image/damaged", test_damaged);
	g_test_add_func("/image/damaged-part", test_damaged_part);
	g_test_add_func("/image/impossible", test_impossible);
	return g_test_run();
}
