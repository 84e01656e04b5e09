/*
 * Who writes dirty pages and frees memory in the background.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/writeback.h"

#include "state/image.h"
#include "state/model.h"

void writeback_clear(struct writeback_model *model)
{
	/* The names go with all strings. */
	g_free(model->wakers);
}

/* A number of pages, if there is one. */
static int64_t not_negative(int64_t pages)
{
	return pages == VALUE_ABSENT ? pages : MAX(pages, 0);
}

/* ---- Writing ---- */

void on_writeback_start(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(
		state, rec, V(rec, writeback_start, ctx_tid), V(rec, writeback_start, ctx_pid));
	int64_t dev = disk_parse_dev(record_string(io->get, rec, F_writeback_start_name));

	if (!thread)
		return;
	/* A round goes on with further files until it tells how many pages it has written. */
	if (!thread->flusher.writes)
		thread->flusher.write_begin = rec->time;
	thread->flusher.writes = true;
	thread->flusher.write_dev = dev;
}

void on_writeback_pages_written(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_of_event(state, rec,
		V(rec, writeback_pages_written, ctx_tid), V(rec, writeback_pages_written, ctx_pid));
	bool begun = thread && thread->flusher.writes;
	int64_t dev = begun ? thread->flusher.write_dev : -1;
	int64_t begin = begun ? thread->flusher.write_begin : VALUE_ABSENT;
	strid disk = dev >= 0 ? disk_name(state, dev) : 0;

	if (emits(io, DERIVED_writeback_end))
		EMIT(io, writeback_end, COMMON_OF(state, rec, thread), .begin = begin,
			.duration = begun ? time_span(begin, rec->time) : VALUE_ABSENT,
			.disk = disk, .dev = dev >= 0 ? dev : VALUE_ABSENT,
			.pages = not_negative(V(rec, writeback_pages_written, pages)));
	strpool_unref(state->strings, disk);
	if (thread)
		thread->flusher.writes = false;
}

/* ---- Freeing ---- */

static const struct waker nobody = {.tid = VALUE_ABSENT, .pid = VALUE_ABSENT, .utid = VALUE_ABSENT};

/* Who has woken kswapd of a node; NULL for impossible ones. */
static struct waker *waker_at(struct state *state, int64_t nid)
{
	struct writeback_model *model = &state->writeback;

	if (nid < 0 || nid >= NODES_MAX)
		return NULL;
	if (!model->wakers) {
		model->wakers = g_new(struct waker, NODES_MAX);
		for (int i = 0; i < NODES_MAX; i++)
			model->wakers[i] = nobody;
	}
	return &model->wakers[nid];
}

void reclaim_wakeup(
	struct state *state, const struct thread *thread, struct context context, int64_t nid)
{
	struct waker *waker = waker_at(state, nid);

	/* The first one counts. */
	if (!waker || waker->woken) {
		context_drop(state->strings, &context);
		return;
	}
	waker->woken = true;
	waker->context = context;
	if (!thread)
		return;
	waker->tid = thread_tid(thread);
	waker->pid = thread_pid(thread);
	waker->utid = thread_utid(thread);
	waker->comm = strpool_ref(state->strings, thread->comm);
}

void reclaim_count_pages(struct state *state, const struct record *rec, int64_t pages)
{
	struct thread *thread = thread_current(state, rec);

	/* Most who free pages are not in need. */
	if (thread && thread->flusher.reclaims)
		thread->flusher.freed += pages;
}

void reclaim_leave(const struct record *rec, struct thread *thread)
{
	thread->flusher.off = rec->time;
}

void reclaim_enter(const struct record *rec, struct thread *thread)
{
	if (thread->flusher.off)
		thread->flusher.asleep =
			time_sum(thread->flusher.asleep, time_span(thread->flusher.off, rec->time));
	thread->flusher.off = 0;
}

static void reclaim_begin(const struct record *rec, struct thread *thread, int64_t nid)
{
	if (!thread || thread->flusher.reclaims)
		return;
	thread->flusher.reclaims = true;
	thread->flusher.reclaim_begin = rec->time;
	thread->flusher.freed = 0;
	thread->flusher.off = thread->flusher.asleep = 0;
	thread->flusher.nid = nid;
}

static void reclaim_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const char *kind, int64_t pages)
{
	struct waker *waker, none = nobody;
	struct flusher *flusher = thread ? &thread->flusher : NULL;

	if (!flusher || !flusher->reclaims)
		return;
	flusher->reclaims = false;
	waker = waker_at(state, flusher->nid) ?: &none;
	if (emits(io, DERIVED_reclaim))
		EMIT(io, reclaim, COMMON_OF(state, rec, thread), .begin = flusher->reclaim_begin,
			.duration = time_span(flusher->reclaim_begin, rec->time),
			.asleep = flusher->asleep, .kind = kind, .nid = flusher->nid,
			WAKER_OF(waker->context, waker->tid, waker->pid, waker->utid, waker->comm),
			.pages = pages != VALUE_ABSENT            ? pages
				 : state->config.wants & WANT_MEM ? flusher->freed
								  : VALUE_ABSENT);
	strpool_unref(state->strings, waker->comm);
	context_drop(state->strings, &waker->context);
	*waker = nobody;
}

void on_mm_vmscan_kswapd_wake(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	reclaim_begin(rec,
		thread_of_event(state, rec, V(rec, mm_vmscan_kswapd_wake, ctx_tid),
			V(rec, mm_vmscan_kswapd_wake, ctx_pid)),
		V(rec, mm_vmscan_kswapd_wake, nid));
}

void on_mm_vmscan_kswapd_sleep(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	reclaim_end(state, rec, io,
		thread_of_event(state, rec, V(rec, mm_vmscan_kswapd_sleep, ctx_tid),
			V(rec, mm_vmscan_kswapd_sleep, ctx_pid)),
		"kswapd", VALUE_ABSENT);
}

void on_mm_vmscan_direct_reclaim_begin(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	(void)io;
	reclaim_begin(rec,
		thread_of_event(state, rec, V(rec, mm_vmscan_direct_reclaim_begin, ctx_tid),
			V(rec, mm_vmscan_direct_reclaim_begin, ctx_pid)),
		VALUE_ABSENT);
}

void on_mm_vmscan_direct_reclaim_end(
	struct state *state, const struct record *rec, const struct state_io *io)
{
	reclaim_end(state, rec, io,
		thread_of_event(state, rec, V(rec, mm_vmscan_direct_reclaim_end, ctx_tid),
			V(rec, mm_vmscan_direct_reclaim_end, ctx_pid)),
		"direct", not_negative(V(rec, mm_vmscan_direct_reclaim_end, nr_reclaimed)));
}

/* ---- Images ---- */

void writeback_image(struct image *image)
{
	struct codec *codec = image->codec;
	bool has = image->state->writeback.wakers != NULL;

	codec_bool(codec, &has);
	for (int64_t i = 0; has && i < NODES_MAX; i++) {
		struct waker *waker = waker_at(image->state, i);

		codec_i64(codec, &waker->tid);
		codec_i64(codec, &waker->pid);
		codec_i64(codec, &waker->utid);
		image_string(image, &waker->comm);
		codec_bool(codec, &waker->woken);
		context_image(image, &waker->context);
	}
}
