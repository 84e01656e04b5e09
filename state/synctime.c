/*
 * Where the time of a call went that writes files or syncs them. What it does is followed from one
 * event to the next; a sleep counts for what was going on at that moment. docs/pagecache.md has the
 * rules.
 *
 * Structure. A followed call (struct sync_call) is always doing one of three things: it runs, it could
 * run, or it sleeps (`doing`), since `since`. What it sleeps for is not told by any event; it follows
 * from what its disk is doing (waits_for()): of each device it is counted how many requests of each
 * kind (enum load) are in flight, of the call it is counted how many are its own. account() adds the
 * time since `since` to what has been going on, and sets `since` to now.
 *
 * Invariant. Between two calls of account() nothing changes of what waits_for() looks at. So
 *
 *  - account() comes before `doing` changes (leave, wake, enter), and
 *  - account_all() comes before anything changes of what is in flight: a request or a cache flush that
 *    is issued, completed, or forgotten because events are lost.
 *
 * From that it follows that the parts of a call add up to its duration, to the nanosecond.
 *
 * The time of a sleep is collected in `asleep` first, by what was going on, and goes to `parts` at the
 * end of the sleep, as who wakes the caller can tell better what all of it was for: the journal's
 * thread, or a flusher that writes everything for a sync.
 *
 * Whose a request is, is decided once, when it is issued: the issuer's own call, or (a kernel thread
 * submits it) the call that syncs what the page cache says it writes. It keeps the number of the call
 * and its serial number, as the call may return while the request is in flight, and its number may be
 * used again. Where events are lost, nobody knows which requests are still in flight: a new `epoch`
 * begins, and completions of requests from an earlier one count for nothing.
 *
 * Why so, and not at the end of the call from a list of what happened: a call can last minutes and
 * see millions of requests, of which nothing must be kept but sums; and saved states can be made in
 * the midst of it. What it costs is that each request that is issued or completed visits the calls in
 * progress, of which there are a handful.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/synctime.h"

#include "state/call_files.h"
#include "state/errno_names.h"
#include "state/hash.h"
#include "state/image.h"
#include "state/model.h"
#include "state/syscall_table.h"

#include <string.h>

/* Cache flushes in flight on all disks; a disk hardly ever has more than two. */
#define FLUSHES_MAX 64

/* More requests in flight than this are no disk's; which calls wait for them is not found out then. */
#define ADOPTED_MAX 4096

void sync_init(struct sync_model *model)
{
	model->loads = g_hash_table_new_full(number_hash, g_int64_equal, NULL, g_free);
	model->flushes = g_array_new(FALSE, FALSE, sizeof(int64_t));
}

void sync_clear(struct sync_model *model)
{
	g_hash_table_destroy(model->loads);
	g_array_free(model->flushes, TRUE);
}

/* ---- What disks do ---- */

/* How many requests of a kind are in flight on a device, or (VALUE_ABSENT) on all of them. */
static uint32_t in_flight(const struct state *state, int64_t dev, enum load load)
{
	const struct device_load *device;

	if (dev == VALUE_ABSENT)
		return state->sync.n[load];
	device = g_hash_table_lookup(state->sync.loads, &dev);
	return device ? device->n[load] : 0;
}

static void load_change(struct state *state, int64_t dev, enum load load, int by)
{
	struct device_load *device = g_hash_table_lookup(state->sync.loads, &dev);

	if (!device) {
		device = g_new0(struct device_load, 1);
		device->dev = dev;
		g_hash_table_insert(state->sync.loads, &device->dev, device);
	}
	device->n[load] += (uint32_t)by;
	state->sync.n[load] += (uint32_t)by;
	for (int i = 0; i < LOADS; i++)
		if (device->n[i])
			return;
	g_hash_table_remove(state->sync.loads, &dev);
}

/* What a call waits for that sleeps, as far as its disk gives it away. */
static enum sync_part waits_for(const struct state *state, const struct sync_call *call)
{
	if (call->throttled)
		return SYNC_THROTTLED;
	if (call->own)
		return SYNC_DATA;
	if (in_flight(state, call->dev, LOAD_JOURNAL))
		return SYNC_JOURNAL;
	if (in_flight(state, call->dev, LOAD_FLUSH))
		return SYNC_FLUSH;
	if (in_flight(state, call->dev, LOAD_OTHER) || in_flight(state, call->dev, LOAD_DATA))
		return SYNC_OTHERS;
	return SYNC_REST;
}

/* ---- What calls do ---- */

/* The time since this was last done is accounted for. */
static void account(const struct state *state, struct sync_call *call, int64_t now)
{
	int64_t *sum = call->doing == SYNC_REST ? &call->asleep[waits_for(state, call)]
						: &call->parts[call->doing];

	*sum = time_sum(*sum, time_span(call->since, now));
	call->since = now;
}

/* What disks do is about to change: all that wait for them account for what has been. */
static void account_all(const struct state *state, int64_t now)
{
	for (guint i = 0; i < state->sync_calls.active->len; i++) {
		struct sync_call *call =
			sync_call_at(state, g_array_index(state->sync_calls.active, uint32_t, i));

		if (call->doing == SYNC_REST)
			account(state, call, now);
	}
}

/* What sleeps are for, as events call it. */
static const char *const part_names[SYNC_PARTS] = {
	[SYNC_DATA] = "data",
	[SYNC_JOURNAL] = "journal",
	[SYNC_FLUSH] = "flush",
	[SYNC_OTHERS] = "others",
	[SYNC_THROTTLED] = "throttled",
	[SYNC_REST] = "rest",
};

/* What most of a sleep was for. */
static enum sync_part main_part(const int64_t *asleep)
{
	enum sync_part most = SYNC_REST;

	for (enum sync_part part = SYNC_DATA; part < SYNC_REST; part++)
		if (asleep[part] > asleep[most])
			most = part;
	return most;
}

/* Tells of a sleep of a thread that is over. */
static void tell_sleep(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, const struct sync_call *call)
{
	const int64_t *asleep = call->asleep;

	if (call->doing == SYNC_REST && call->asleep_since < rec->time &&
		emits(io, DERIVED_sync_wait))
		EMIT(io, sync_wait, COMMON_OF(state, rec, thread), .begin = call->asleep_since,
			.duration = time_span(call->asleep_since, rec->time),
			.name = call_name(state, thread->call.id),
			.what = part_names[main_part(asleep)], .data = asleep[SYNC_DATA],
			.journal = asleep[SYNC_JOURNAL], .flush = asleep[SYNC_FLUSH],
			.others = asleep[SYNC_OTHERS], .throttled = asleep[SYNC_THROTTLED],
			.rest = asleep[SYNC_REST]);
}

/* It is known who ended a sleep (NULL: nobody in particular), and so what it was for. */
static void settle_sleep(struct sync_call *call, const char *waker)
{
	enum sync_part otherwise = SYNC_REST;

	/* Who waits for a journal is woken by who writes it: all of the sleep was for that. */
	if (is_journal(waker)) {
		otherwise = SYNC_JOURNAL;
		call->asleep[SYNC_JOURNAL] =
			time_sum(call->asleep[SYNC_JOURNAL], call->asleep[SYNC_OTHERS]);
		call->asleep[SYNC_OTHERS] = 0;
	} else if (call->everything && is_flusher(waker)) {
		otherwise = SYNC_DATA;
	}
	if (otherwise != SYNC_REST) {
		call->asleep[otherwise] =
			time_sum(call->asleep[otherwise], call->asleep[SYNC_REST]);
		call->asleep[SYNC_REST] = 0;
	}
}

/* The sleep counts for its call. */
static void add_sleep(struct sync_call *call)
{
	for (int i = 0; i < SYNC_PARTS; i++)
		call->parts[i] = time_sum(call->parts[i], call->asleep[i]);
	memset(call->asleep, 0, sizeof(call->asleep));
	call->throttled = false;
}

/* A sleep of a thread, if it sleeps, is over: who ended it as above. */
static void end_sleep(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, struct sync_call *call, const char *waker)
{
	settle_sleep(call, waker);
	tell_sleep(state, rec, io, thread, call);
	add_sleep(call);
}

/* What is written of its file already, by an earlier call or a kernel thread, a sync waits for, too. */
static void adopt_requests(struct state *state, struct sync_call *call, uint32_t index)
{
	GHashTableIter iter;
	gpointer number;

	/* Each call looks at all of them. */
	if (g_hash_table_size(state->block.pending) > ADOPTED_MAX)
		return;
	g_hash_table_iter_init(&iter, state->block.pending);
	while (g_hash_table_iter_next(&iter, NULL, &number)) {
		struct request *request = pool_at(&state->block.pool, GPOINTER_TO_UINT(number));
		bool taken = request->sync &&
			     sync_call_at(state, request->sync)->serial == request->sync_serial;

		if (taken || !request->path || request->epoch != state->sync.epoch ||
			(request->path != call->path &&
				!sync_call_takes_all(call, request->key.dev, request->dev)))
			continue;
		request->sync = index;
		request->sync_serial = call->serial;
		call->own++;
		sync_call_writes(call, request->key.dev);
	}
}

/* Whether what is written to a file goes to a disk, or to one as such (/dev/sda). */
static bool is_on_disk(const struct state *state, const struct file *file)
{
	return file->type == FILE_STORED ||
	       (file->type == FILE_DEVICE &&
		       disk_has_path(state, strpool_text(state->strings, file->path)));
}

void sync_follow(struct state *state, const struct record *rec, struct thread *thread,
	const struct syscall_row *row)
{
	struct file file = thread->call.file;
	struct sync_call *call;
	const struct fd *to;

	if (row->io == IO_COPY) {
		to = fd_find(state, thread->files, thread->call.fd2);
		file = to ? to->file : (struct file){0};
	}
	if (row->io != IO_SYNC &&
		((row->io != IO_WRITE && row->io != IO_COPY) || !is_on_disk(state, &file)))
		return;
	thread->call.sync = sync_call_new(state, thread->tid);
	call = sync_call_at(state, thread->call.sync);
	call->doing = SYNC_CPU;
	call->since = rec->time;
	call->syncs = row->io == IO_SYNC;
	call->everywhere = row->cache == CACHE_SETTLE_ALL;
	call->everything = call->everywhere || row->cache == CACHE_SETTLE_DEVICE;
	if (row->cache == CACHE_SETTLE_DEVICE)
		call->cached = cache_device_of(state, file.path);
	call->path = strpool_ref(state->strings, file.path);
	call->alloc_before = state->sync.alloc;
	call->freed_before = state->sync.freed;
	call->flushed_before = state->cache.flushed;
	if (call->syncs)
		adopt_requests(state, call, thread->call.sync);
}

/* What events tell of a call, all its time being accounted for. */
#define SYNC_VALUES(state, call)                                                                \
	.path = (call)->path, .on_cpu = (call)->parts[SYNC_CPU],                                \
	.runnable = (call)->parts[SYNC_RUNNABLE], .data = (call)->parts[SYNC_DATA],             \
	.journal = (call)->parts[SYNC_JOURNAL], .flush = (call)->parts[SYNC_FLUSH],             \
	.others = (call)->parts[SYNC_OTHERS], .throttled = (call)->parts[SYNC_THROTTLED],       \
	.rest = (call)->parts[SYNC_REST], .data_requests = (call)->data_requests,               \
	.data_size = (call)->data_size, .journal_requests = (call)->journal_requests,           \
	.journal_size = (call)->journal_size, .journal_thread = (call)->journal,                \
	.flushes = (call)->flushes,                                                             \
	.written = time_span((call)->flushed_before, (state)->cache.flushed),                   \
	.alloc = (call)->alloc,                                                                 \
	.alloc_others =                                                                         \
		time_span((call)->alloc, time_span((call)->alloc_before, (state)->sync.alloc)), \
	.freed = (call)->freed,                                                                 \
	.freed_others =                                                                         \
		time_span((call)->freed, time_span((call)->freed_before, (state)->sync.freed)), \
	.kswapd = (call)->kswapd, .dirty = (state)->cache.dirty

void sync_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out)
{
	struct call *of = &thread->call;
	struct sync_call *call;

	if (!of->sync)
		return;
	call = sync_call_at(state, of->sync);
	account(state, call, rec->time);
	end_sleep(state, rec, io, thread, call, NULL);
	if (emits(io, DERIVED_sync_end))
		EMIT(io, sync_end, COMMON_OF(state, rec, thread), .begin = of->begin,
			.duration = time_span(of->begin, rec->time),
			.name = call_name(state, of->id), .ret = out->ret, .error = out->error,
			.error_name =
				out->error > 0 ? errno_name(state->config.arch, out->error) : NULL,
			.io_class = io_class_name(out->io), .count = of->count,
			.fd = out->io == IO_COPY ? of->fd2 : out->fd, SYNC_VALUES(state, call));
	sync_call_drop(state, of->sync);
	of->sync = 0;
}

/* Tells where the time of a thread's call has gone that is still in progress. */
static void tell_open(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread)
{
	const struct call *of = &thread->call;
	/* It goes on as it is. */
	struct sync_call call = *sync_call_at(state, of->sync);
	struct record at = {.time = MAX(rec->time, call.since), .cpu = thread->cpu};
	struct outcome out;

	account(state, &call, at.time);
	add_sleep(&call);
	call_find_open(state, thread, &out);
	EMIT(io, sync_open, COMMON_OF(state, &at, thread), .begin = of->begin,
		.duration = time_span(of->begin, at.time), .name = call_name(state, of->id),
		.io_class = io_class_name(out.io), .count = of->count,
		.fd = out.io == IO_COPY ? of->fd2 : out.fd, SYNC_VALUES(state, &call));
	call_drop_outcome(state, &out);
}

void sync_tell_open(struct state *state, const struct record *rec, const struct state_io *io)
{
	if (!emits(io, DERIVED_sync_open))
		return;
	for (struct thread *thread = thread_after(state, 0); thread;
		thread = thread_after(state, thread->tid)) {
		int64_t until = thread_known_until(state, thread, rec->time);

		if (thread->call.sync && !thread->exited && thread->call.begin <= until)
			tell_open(state, &(struct record){.time = until}, io, thread);
	}
}

void sync_leave(
	struct state *state, const struct record *rec, const struct thread *thread, bool sleeps)
{
	struct sync_call *call;

	if (!thread->call.sync)
		return;
	call = sync_call_at(state, thread->call.sync);
	account(state, call, rec->time);
	call->doing = sleeps ? SYNC_REST : SYNC_RUNNABLE;
	call->asleep_since = rec->time;
}

void sync_wake(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, const char *waker)
{
	struct sync_call *call;

	if (!thread->call.sync)
		return;
	call = sync_call_at(state, thread->call.sync);
	if (call->doing != SYNC_REST)
		return;
	account(state, call, rec->time);
	end_sleep(state, rec, io, thread, call, waker);
	call->doing = SYNC_RUNNABLE;
}

void sync_enter(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread)
{
	struct sync_call *call;

	if (!thread->call.sync)
		return;
	call = sync_call_at(state, thread->call.sync);
	account(state, call, rec->time);
	if (call->doing == SYNC_REST)
		end_sleep(state, rec, io, thread, call, NULL);
	call->doing = SYNC_CPU;
}

/* ---- Requests ---- */

/* All calls that may wait for this device have seen a request of its journal, or a cache flush. */
static void count_for_all(struct state *state, int64_t dev, int64_t journal, strid comm)
{
	for (guint i = 0; i < state->sync_calls.active->len; i++) {
		struct sync_call *call =
			sync_call_at(state, g_array_index(state->sync_calls.active, uint32_t, i));

		if (!sync_call_is_on(call, dev))
			continue;
		if (journal < 0) {
			call->flushes++;
			continue;
		}
		call->journal_requests++;
		call->journal_size += journal;
		if (!call->journal || is_journal(strpool_text(state->strings, comm))) {
			strpool_unref(state->strings, call->journal);
			call->journal = strpool_ref(state->strings, comm);
		}
	}
}

void sync_issue(struct state *state, const struct record *rec, const struct state_io *io,
	struct request *request, const struct thread *issuer)
{
	const char *comm = strpool_text(state->strings, request->comm);
	int64_t size = request->nr_sector * SECTOR_SIZE;
	bool writes = request->rwbs != VALUE_ABSENT && request->rwbs & RWBS_WRITE &&
		      !(request->rwbs & RWBS_DISCARD);
	bool meta = writes && (request->rwbs & RWBS_META || is_journal(comm));
	struct cleaned cleaned = {0};
	const struct thread *asked = NULL;
	struct sync_call *call;

	account_all(state, rec->time);
	request->load = LOAD_OTHER;
	request->epoch = state->sync.epoch;
	if (writes) {
		cleaned = cache_flush(state, rec, io, request, issuer, meta);
		request->path = cleaned.path;
		/* Blocks that were dirty are no part of a journal, which is written right away. */
		if (meta && cleaned.blocks == 0)
			request->load = LOAD_JOURNAL;
		else if (issuer && issuer->call.sync)
			asked = issuer;
		else if (!meta)
			asked = cleaned.asked;
	}
	if (asked && asked->call.sync) {
		call = sync_call_at(state, asked->call.sync);
		sync_call_writes(call, request->key.dev);
		call->own++;
		call->data_requests++;
		call->data_size += size;
		request->load = LOAD_DATA;
		request->sync = asked->call.sync;
		request->sync_serial = call->serial;
	}
	load_change(state, request->key.dev, request->load, 1);
	if (request->load == LOAD_JOURNAL)
		count_for_all(state, request->key.dev, size, request->comm);
}

void sync_complete(struct state *state, const struct record *rec, const struct request *request)
{
	struct sync_call *call;

	if (request->epoch != state->sync.epoch)
		return;
	account_all(state, rec->time);
	load_change(state, request->key.dev, request->load, -1);
	if (!request->sync)
		return;
	call = sync_call_at(state, request->sync);
	if (call->serial == request->sync_serial)
		call->own--;
}

void sync_flush_begin(struct state *state, const struct record *rec, int64_t dev)
{
	account_all(state, rec->time);
	if (state->sync.flushes->len == FLUSHES_MAX)
		sync_forget_requests(state, rec);
	g_array_append_val(state->sync.flushes, dev);
	load_change(state, dev, LOAD_FLUSH, 1);
	count_for_all(state, dev, -1, 0);
}

void sync_flush_end(struct state *state, const struct record *rec, int64_t dev)
{
	GArray *flushes = state->sync.flushes;

	for (guint i = 0; i < flushes->len; i++) {
		if (g_array_index(flushes, int64_t, i) != dev)
			continue;
		account_all(state, rec->time);
		load_change(state, dev, LOAD_FLUSH, -1);
		g_array_remove_index(flushes, i);
		return;
	}
}

void sync_forget_requests(struct state *state, const struct record *rec)
{
	struct sync_model *model = &state->sync;
	const GArray *active = state->sync_calls.active;

	account_all(state, rec->time);
	model->epoch++;
	g_hash_table_remove_all(model->loads);
	memset(model->n, 0, sizeof(model->n));
	g_array_set_size(model->flushes, 0);
	for (guint i = 0; i < active->len; i++)
		sync_call_at(state, g_array_index(active, uint32_t, i))->own = 0;
}

/* ---- Memory ---- */

void sync_count_pages(
	struct state *state, const struct thread *thread, int64_t pages, bool allocated)
{
	struct sync_call *call =
		thread && thread->call.sync ? sync_call_at(state, thread->call.sync) : NULL;

	*(allocated ? &state->sync.alloc : &state->sync.freed) += pages;
	if (call)
		*(allocated ? &call->alloc : &call->freed) += pages;
}

void on_writeback_balance_dirty_pages(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *thread =
		thread_of_event(state, rec, V(rec, writeback_balance_dirty_pages, ctx_tid),
			V(rec, writeback_balance_dirty_pages, ctx_pid));

	(void)io;
	if (thread && thread->call.sync)
		sync_call_at(state, thread->call.sync)->throttled =
			V(rec, writeback_balance_dirty_pages, pause) > 0;
}

void on_mm_vmscan_wakeup_kswapd(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	const struct thread *thread = task_of_event(state, rec,
		V(rec, mm_vmscan_wakeup_kswapd, ctx_tid), V(rec, mm_vmscan_wakeup_kswapd, ctx_pid));
	struct context context = irq_context(state, rec, &thread);

	(void)io;
	if (thread && thread->call.sync)
		sync_call_at(state, thread->call.sync)->kswapd = true;
	reclaim_wakeup(state, thread, context, V(rec, mm_vmscan_wakeup_kswapd, nid));
}

/* ---- Images ---- */

/* What each device does, ascending by number. */
static void loads_image(struct image *image)
{
	struct sync_model *model = &image->state->sync;
	GArray *devs = image_keys(model->loads);
	uint32_t n = codec_count(image->codec, devs->len, UINT32_MAX);

	for (uint32_t i = 0; i < n && !image->codec->failed; i++) {
		struct device_load *device = image_reads(image)
						     ? g_new0(struct device_load, 1)
						     : g_hash_table_lookup(model->loads,
							       &g_array_index(devs, int64_t, i));

		codec_i64(image->codec, &device->dev);
		for (int k = 0; k < LOADS; k++) {
			codec_u32(image->codec, &device->n[k]);
			if (image_reads(image))
				model->n[k] += device->n[k];
		}
		if (image_reads(image))
			g_hash_table_replace(model->loads, &device->dev, device);
	}
	g_array_unref(devs);
}

void sync_image(struct image *image)
{
	struct codec *codec = image->codec;
	struct sync_model *model = &image->state->sync;
	uint32_t n;

	loads_image(image);
	codec_u64(codec, &model->epoch);
	n = codec_count(codec, model->flushes->len, FLUSHES_MAX);
	g_array_set_size(model->flushes, n);
	for (uint32_t i = 0; i < n; i++)
		codec_i64(codec, &g_array_index(model->flushes, int64_t, i));
	codec_amount(codec, &model->alloc);
	codec_amount(codec, &model->freed);
}
