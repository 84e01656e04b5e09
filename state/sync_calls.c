/*
 * Who syncs what: the calls in progress that are followed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/sync_calls.h"

#include "state/image.h"
#include "state/model.h"

void sync_calls_init(struct sync_calls *model)
{
	pool_init(&model->calls, sizeof(struct sync_call));
	model->active = g_array_new(FALSE, FALSE, sizeof(uint32_t));
}

void sync_calls_clear(struct sync_calls *model)
{
	pool_clear(&model->calls);
	g_array_free(model->active, TRUE);
}

struct sync_call *sync_call_at(const struct state *state, uint32_t index)
{
	return pool_at(&state->sync_calls.calls, index);
}

uint32_t sync_call_new(struct state *state, int32_t tid)
{
	struct sync_calls *model = &state->sync_calls;
	uint32_t index = pool_add(&model->calls);
	struct sync_call *call = sync_call_at(state, index);

	call->serial = ++model->serial;
	call->tid = tid;
	call->dev = VALUE_ABSENT;
	call->cached = VALUE_ABSENT;
	if (model->active->len < SYNC_CALLS_MAX)
		g_array_append_val(model->active, index);
	return index;
}

void sync_call_drop(struct state *state, uint32_t index)
{
	GArray *active = state->sync_calls.active;
	struct sync_call *call;

	if (!index)
		return;
	call = sync_call_at(state, index);
	strpool_unref(state->strings, call->path);
	strpool_unref(state->strings, call->journal);
	call->serial = 0;
	for (guint i = 0; i < active->len; i++) {
		if (g_array_index(active, uint32_t, i) == index) {
			g_array_remove_index(active, i);
			break;
		}
	}
	pool_remove(&state->sync_calls.calls, index);
}

void sync_call_move(struct state *state, uint32_t index, int32_t tid)
{
	if (index)
		sync_call_at(state, index)->tid = tid;
}

void sync_call_writes(struct sync_call *call, int64_t dev)
{
	if (!call->everywhere)
		call->dev = dev;
}

bool sync_call_takes_all(const struct sync_call *call, int64_t dev, int64_t upper)
{
	/* Pages are of the partition or of the disk, depending on which event tells of them. */
	bool elsewhere =
		call->cached != VALUE_ABSENT && call->cached != dev && call->cached != upper;

	return call->everything && !elsewhere && sync_call_is_on(call, dev);
}

int64_t sync_asked(const struct state *state, int64_t dev, int64_t upper, strid path)
{
	const GArray *active = state->sync_calls.active;
	int64_t found = VALUE_ABSENT;

	for (guint i = 0; i < active->len; i++) {
		const struct sync_call *call =
			sync_call_at(state, g_array_index(active, uint32_t, i));

		if (call->tid < 0 || !call->syncs)
			continue;
		/* A file can be on several disks (RAID). */
		if (path && call->path == path)
			return call->tid;
		if (found == VALUE_ABSENT && sync_call_takes_all(call, dev, upper))
			found = call->tid;
	}
	return found;
}

/* ---- Images ---- */

static void sync_call_image(struct image *image, uint32_t index, void *item)
{
	struct codec *codec = image->codec;
	struct sync_call *call = item;

	(void)index;
	codec_u64(codec, &call->serial);
	codec_i32(codec, &call->tid);
	codec_u8(codec, &call->doing);
	if (call->doing >= SYNC_PARTS) {
		codec_fail(codec, "the phase of a sync call is unknown");
		call->doing = SYNC_REST;
	}
	codec_bool(codec, &call->throttled);
	codec_bool(codec, &call->syncs);
	codec_bool(codec, &call->everything);
	codec_bool(codec, &call->everywhere);
	codec_bool(codec, &call->kswapd);
	codec_time(codec, &call->since);
	codec_time(codec, &call->asleep_since);
	codec_i64(codec, &call->dev);
	codec_i64(codec, &call->cached);
	image_string(image, &call->path);
	image_string(image, &call->journal);
	for (int i = 0; i < SYNC_PARTS; i++) {
		codec_i64(codec, &call->parts[i]);
		codec_i64(codec, &call->asleep[i]);
	}
	codec_u32(codec, &call->own);
	codec_amount(codec, &call->data_requests);
	codec_amount(codec, &call->data_size);
	codec_amount(codec, &call->journal_requests);
	codec_amount(codec, &call->journal_size);
	codec_amount(codec, &call->flushes);
	codec_amount(codec, &call->alloc);
	codec_amount(codec, &call->freed);
	codec_amount(codec, &call->alloc_before);
	codec_amount(codec, &call->freed_before);
	codec_amount(codec, &call->flushed_before);
}

void sync_calls_image(struct image *image)
{
	struct sync_calls *model = &image->state->sync_calls;
	uint32_t n;

	image_pool(image, &model->calls, IMAGE_CALLS, sync_call_image);
	n = codec_count(image->codec, model->active->len, SYNC_CALLS_MAX);
	g_array_set_size(model->active, n);
	for (uint32_t i = 0; i < n; i++)
		image_number(image, &g_array_index(model->active, uint32_t, i), IMAGE_CALLS);
	codec_u64(image->codec, &model->serial);
}
